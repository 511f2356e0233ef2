"""When generated bars open: the trading week less what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts import calendar
from lts.data.resample import bar_start
from lts.data.timeframes import duration
from lts.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.faults import Faults

    Bool = NDArray[np.bool_]
    Int64 = NDArray[np.int64]

_LAST = int(np.datetime64("2200-01-01", "ns").astype(np.int64))


def bar_opens(timeframe: str, n: int, start: int, faults: Faults, *, missing: float, seed: int) -> Int64:
    """Return the opens of n bars of the trading week, without Christmas and New Year's Day.

    Parameters
    ----------
    start : int
        Nanoseconds UTC; no bar opens before.
    missing : float
        Share of bars left out at random, after the holes that `faults` asks for.

    Raises
    ------
    ParameterError
        The bars would reach beyond the year 2199.
    """
    length = duration(timeframe)
    span = int(n * length * 1.6 / (1.0 - missing)) + 3 * calendar.WEEK
    kept = np.empty(0, dtype=np.int64)
    while len(kept) < n:
        if start + span >= _LAST:
            raise ParameterError(
                f"synthetic_bars, n: {n} bars of {timeframe} would reach beyond 2199; n must be smaller or start earlier."
            )
        opens = _grid(timeframe, start, span, faults)
        draws = np.random.Generator(np.random.PCG64([seed, 1])).random(len(opens))
        kept = opens[draws >= missing]
        span += span // 2
    return np.ascontiguousarray(kept[:n])


def _grid(timeframe: str, start: int, span: int, faults: Faults) -> Int64:
    step = min(duration(timeframe), calendar.HOUR)
    first = -(-start // step) * step
    time = np.arange(first, first + span, step, dtype=np.int64)
    time = time[_open(time, faults)]
    anchor = "utc" if faults.utc_days else "new_york"
    starts = time if step == duration(timeframe) else bar_start(time, timeframe, anchor)
    starts = starts[np.diff(starts, prepend=starts[:1] - 1) > 0]
    return starts[starts >= start]


def _open(time: Int64, faults: Faults) -> Bool:
    """Return whether there are quotes at each time, under the faults that make or remove them."""
    trading = calendar.in_week(time) & ~calendar.holiday(time)
    if faults.outside_week:  # on every other Sunday from 14:00 New York
        early = (calendar.hour_of_week(time) >= 165) & (calendar.week_index(time) % 2 == 0)
        trading |= early & ~calendar.holiday(time)
    if faults.missing_hour:
        trading &= time // calendar.HOUR % 24 != 0
    if faults.outage:
        trading &= ~_outage(time)
    return trading


def _outage(time: Int64) -> Bool:
    """Return what an outage takes: the third week, and three Fridays from 03:00 New York."""
    week = calendar.week_index(time) - calendar.week_index(time[:1])
    friday = (calendar.hour_of_week(time) >= 4 * 24 + 10) & (week >= 4) & (week <= 6)
    return np.asarray((week == 2) | friday)
