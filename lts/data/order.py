"""Order of stamps: unsorted and repeated ones, rows outside the week, steps that belie the time frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.calendar import DAY, in_week
from lts.data.faultlog import at
from lts.data.grid import require_left
from lts.data.spans import text
from lts.errors import BarsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.faultlog import FaultLog
    from lts.data.grid import Quotes

    Int64 = NDArray[np.int64]
    Bool = NDArray[np.bool_]

_ENOUGH = 50  # rows from which on steps can contradict the time frame


def ascending(quotes: Quotes, log: FaultLog, *, unique: bool) -> Quotes:
    """Return rows with ascending stamps; `unique` also judges repeated ones (bars; ticks may share a stamp).

    Raises
    ------
    BarsError
        By policy.
    """
    time = quotes.time
    back = np.zeros(len(time), dtype=np.bool_)
    back[1:] = time[1:] < time[:-1]

    def before(index: int) -> str:
        return f"stamp {text(time[index])} UTC follows {text(time[index - 1])}"

    if log.judge("unsorted", back, quotes.row, before) == "sort":
        quotes = quotes.take(np.argsort(time, kind="stable"))
    if not unique:
        return quotes
    stamps = quotes.time
    same = np.zeros(len(stamps), dtype=np.bool_)
    same[1:] = stamps[1:] == stamps[:-1]

    def repeated(index: int) -> str:
        return f"stamp {text(stamps[index])} UTC is also that of row {quotes.row[index - 1]}"

    policy = log.judge("duplicates", same, quotes.row, repeated)
    if policy == "first":
        return quotes.take(~same)
    if policy == "last":
        last = np.ones(len(stamps), dtype=np.bool_)
        last[:-1] = ~same[1:]
        return quotes.take(last)
    return quotes


def outside_week(time: Int64, duration: int) -> Bool:
    """Return the bars of which no part lies inside Sunday 17:00 to Friday 17:00 New York."""
    if duration >= 2 * DAY:
        return np.zeros(len(time), dtype=np.bool_)
    outside = ~in_week(time)
    places = np.flatnonzero(outside)
    outside[places] = ~in_week(time[places] + duration - 1)
    return np.asarray(outside)


def judge_week(quotes: Quotes, duration: int, log: FaultLog) -> Quotes:
    """Judge rows outside the trading week."""
    bad = outside_week(quotes.time, duration)
    if log.judge("outside_week", bad, quotes.row, lambda i: f"stamp was {at(quotes.time[i]).removeprefix('at ')}") == "drop":
        quotes = quotes.take(~bad)
        require_left(len(quotes), log)
    return quotes


def require_timeframe(time: Int64, duration: int, timeframe: str, log: FaultLog) -> None:
    """Refuse a time frame that the steps between stamps contradict.

    Raises
    ------
    BarsError
        Most steps are shorter, or none is shorter than twice the time frame.
    """
    steps = np.diff(time)
    if steps.size == 0:
        return
    short = steps < duration
    shortest = int(steps.min())
    wrong = 2 * np.count_nonzero(short) > steps.size or (steps.size >= _ENOUGH and shortest >= 2 * duration)
    if wrong:
        first = int(np.argmax(short)) if short.any() else 0
        seconds = shortest / 1e9
        raise BarsError(
            f"{log.where}, timeframe: was {timeframe!r} and the shortest step is {seconds:,g} s (after {text(time[first])} UTC); "
            f"steps must be {duration / 1e9:,g} s or more, and not all twice that. Pass the time frame that the source has."
        )
