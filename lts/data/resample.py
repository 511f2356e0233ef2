"""Longer bars from shorter ones, with days and weeks that end where the market's do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts import calendar
from lts.data.bars import Bars
from lts.data.origin import then
from lts.data.timeframes import NAMES, duration
from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Int64 = NDArray[np.int64]

ANCHORS = ("new_york", "utc")
_SATURDAY_START = 2 * calendar.DAY  # 1970-01-03 00:00 UTC: UTC weeks end with Friday
_OPENS, _HIGHS, _LOWS, _CLOSES = (0, 4), (1, 5), (2, 6), (3, 7)  # rows of a points matrix


class Resampled(NamedTuple):
    """Bars made of bars, and how much each rests on."""

    bars: Bars
    sources: NDArray[np.int32]  # [n] source bars in each bar, at least 1
    finished: bool  # the source reaches the end of the last bar (or the week's close inside it)


def resample(bars: Bars, timeframe: str, anchor: str = "new_york") -> Bars:
    """Make longer bars; see `resample_counted`, which also returns the count of source bars."""
    return resample_counted(bars, timeframe, anchor).bars


def resample_counted(bars: Bars, timeframe: str, anchor: str = "new_york") -> Resampled:
    """Make longer bars, each from the source bars that open inside it; a span without any has no bar.

    Up to H1 bars are aligned to UTC hours. From H2 to W1 with anchor "new_york" they are counted from 17:00 New York, as OANDA
    does: a day is stamped 17:00 of the date before, a week Friday 17:00 of the week before. With "utc" days start at 00:00 UTC and
    weeks on Saturday 00:00 UTC. Volume is the sum of what is stated, nan if nothing is. UTC days may be made into weeks by either
    anchor: nothing trades between Friday's 17:00 New York and the end of that UTC day.

    Parameters
    ----------
    bars : Bars
        Source.
    timeframe : str
        A whole multiple of the source's, or the source's own if its bars already are aligned so.
    anchor : "new_york" or "utc"
        Where days and weeks end.

    Raises
    ------
    ParameterError
        Unknown anchor or time frame; a shorter time frame; no whole multiple.
    BarsError
        A source bar reaches over the end of the bar it opens in, so it cannot be divided between the two.

    Source: candle alignment of OANDA's v20 instrument page (dailyAlignment 17, America/New_York, weeklyAlignment Friday).
    """
    _check(bars.timeframe, timeframe, anchor)
    start = bar_start(bars.time, timeframe, anchor)
    origin = then(bars.origin, "resample", timeframe, {"anchor": anchor})
    if len(start) == 0:
        none = Bars.from_points(bars.instrument, timeframe, start, bars.points.matrix, bars.volume, bars.notes, origin=origin)
        return Resampled(none, np.empty(0, np.int32), finished=True)
    _refuse_straddling(bars, start, timeframe, anchor)
    first = np.flatnonzero(np.diff(start, prepend=start[0] - 1))
    count = np.diff(first, append=len(start)).astype(np.int32)
    matrix = _aggregate(bars.points.matrix, first)
    finished = int(bars.time[-1]) + bars.duration >= _trading_end(int(start[-1]), timeframe, anchor)
    notes = [f"of {count.min()} to {count.max()} source bars each (median {np.median(count):g})"]
    notes += [] if finished else ["the last bar is unfinished"]
    note = f"resampled from {bars.timeframe} to {timeframe}, anchor {anchor}: {'; '.join(notes)}"
    volume = _sum_stated(bars.volume, first)
    made = Bars.from_points(bars.instrument, timeframe, start[first], matrix, volume, (*bars.notes, note), origin=origin)
    return Resampled(made, count, finished)


def bar_start(time: Int64, timeframe: str, anchor: str = "new_york") -> Int64:
    """Return the open of the bar that each time lies in, nanoseconds UTC; parameters as in `resample_counted`."""
    length = duration(timeframe)
    if timeframe == "W1":
        if anchor == "utc":
            return _floor(time - _SATURDAY_START, length) + _SATURDAY_START
        day = calendar.day_index(time)
        return calendar.day_start(day - np.mod(day - 2, 7))  # day 2, 1970-01-03, was a Saturday: it began on Friday 17:00
    if anchor == "utc" or length <= calendar.HOUR:
        return _floor(time, length)
    day_start = calendar.day_start(calendar.day_index(time))
    return day_start if timeframe == "D1" else day_start + _floor(time - day_start, length)


def _floor(time: Int64, length: int) -> Int64:
    return np.asarray(np.floor_divide(time, length) * length)


def _next_start(start: Int64, timeframe: str, anchor: str) -> Int64:
    """Return the end of bars, which is the next one's open: on days of 23 or 25 hours not simply `start` plus the length."""
    length = duration(timeframe)
    slack = 2 * calendar.HOUR if length >= calendar.DAY else 0
    return bar_start(start + length + slack, timeframe, anchor)


def _check(source: str, target: str, anchor: str) -> None:
    if anchor not in ANCHORS:
        raise ParameterError(f"resample, anchor: was {anchor!r}; it must be 'new_york' or 'utc'.{near_miss(anchor, ANCHORS)}")
    have, want = duration(source), duration(target)
    if want < have or want % have:
        why = "shorter than" if want < have else "no whole multiple of"
        fitting = ", ".join(name for name, length in NAMES.items() if length >= have and length % have == 0)
        raise ParameterError(f"resample, timeframe: {target} is {why} the source's {source}; it must be one of {fitting}.")


def _refuse_straddling(bars: Bars, start: Int64, timeframe: str, anchor: str) -> None:
    """Refuse a source bar that reaches over the end of its bar while the market is open there."""
    last = bars.time + (bars.duration - 1)
    bins, inverse = np.unique(start, return_inverse=True)
    end = _next_start(bins, timeframe, anchor)
    bad = (last >= end[inverse]) & calendar.in_week(end)[inverse]
    if bad.any():
        row = int(np.argmax(bad))
        stamp = np.datetime64(int(bars.time[row]), "ns").astype("datetime64[s]")
        cure = "Pass anchor='utc', or start from shorter bars." if anchor == "new_york" else "Start from shorter bars."
        raise BarsError(
            f"resample, row {row}: the {bars.timeframe} bar opened at {stamp}Z reaches over the end of its {timeframe} bar "
            f"({int(bad.sum())} of {len(bad)} bars do); source bars must lie within one bar ({anchor}). {cure}"
        )


def _trading_end(start: int, timeframe: str, anchor: str) -> int:
    """Return when trading in the bar ends: its own end, or a Friday's 17:00 New York before that."""
    end = int(_next_start(np.array([start], dtype=np.int64), timeframe, anchor)[0])
    cutoffs = calendar.cutoffs(start, end)
    closes = cutoffs[calendar.weekdays(cutoffs) == 4]
    return int(closes[0]) if len(closes) else end


def _aggregate(matrix: NDArray[np.int32], first: NDArray[np.intp]) -> NDArray[np.int32]:
    made = np.empty((8, len(first)), dtype=np.int32)
    last = np.append(first[1:], matrix.shape[1]) - 1
    for row in _OPENS:
        made[row] = matrix[row][first]
    for row in _HIGHS:
        made[row] = np.maximum.reduceat(matrix[row], first)
    for row in _LOWS:
        made[row] = np.minimum.reduceat(matrix[row], first)
    for row in _CLOSES:
        made[row] = matrix[row][last]
    return made


def _sum_stated(volume: NDArray[np.float64], first: NDArray[np.intp]) -> NDArray[np.float64]:
    stated = np.isfinite(volume)
    total = np.add.reduceat(np.where(stated, volume, 0.0), first)
    return np.where(np.add.reduceat(stated.astype(np.int64), first) > 0, total, np.nan)
