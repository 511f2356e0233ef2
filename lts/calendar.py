"""The trading week: days and weeks that end at 17:00 New York, nights between bars, closures.

All times are int64 nanoseconds UTC. Days are numbered from 1970-01-01 by the New York date on which they end: day d runs from
17:00 of the date before (included) to 17:00 of date d (excluded). Everything is arithmetic on that number.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from lts.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Int64 = NDArray[np.int64]
    Bool = NDArray[np.bool_]

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
WEEK = 7 * DAY
CLOSE_HOUR = 17
NEW_YORK = "America/New_York"
WEIGHTS = (
    1,
    1,
    3,
    1,
    1,
    0,
    0,
)  # nights booked at the cut-offs of Monday ... Sunday: spot settles two days on, so Wednesday has the weekend
_THURSDAY = 3  # of 1970-01-01, Monday = 0
_SATURDAY = 2  # the first day number that is a Saturday


def utc_offset(time: ArrayLike, zone: str = NEW_YORK) -> Int64:
    """Return how far local clocks are ahead of UTC.

    Parameters
    ----------
    time : int64 [n]
        Nanoseconds UTC, years 1900 to 2200.
    zone : str
        IANA name.

    Returns
    -------
    int64 [n]
        Nanoseconds; -5 or -4 hours for New York.

    Raises
    ------
    ParameterError
        An unknown zone.
    """
    stamps = np.asarray(time, dtype=np.int64)
    if stamps.size == 0:
        return np.zeros(stamps.shape, dtype=np.int64)
    first, last = (datetime.fromtimestamp(int(t) // SECOND, UTC).year for t in (stamps.min(), stamps.max()))
    changes = [change for year in range(first, last + 1) for change in _changes(zone, year)]
    at = np.array([c[0] for c in changes], dtype=np.int64)
    ahead = np.array([c[1] for c in changes], dtype=np.int64)
    return np.asarray(ahead[np.searchsorted(at, stamps, side="right") - 1])


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """Return (time, offset) for the start of a year and each change in it, nanoseconds."""
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ParameterError(f"zone: {zone!r} is unknown; it must be an IANA name such as 'America/New_York'.") from error

    def ahead(second: int) -> int:
        return round((datetime.fromtimestamp(second, tz).utcoffset() or timedelta(0)).total_seconds())

    start, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 1))
    found = [(start, ahead(start))]
    step = 7 * 86_400  # no zone changed twice in a week since 1970
    for low in range(start, end, step):
        high = min(low + step, end)
        if ahead(high) != ahead(low):
            found.append(_bisect(ahead, low, high))
    return tuple((second * SECOND, offset * SECOND) for second, offset in found if second < end)


def _bisect(ahead: Callable[[int], int], low: int, high: int) -> tuple[int, int]:
    """Return the first second with the offset of `high`, and that offset."""
    new = ahead(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if ahead(middle) == new else (middle, high)
    return high, new


def day_index(time: ArrayLike) -> Int64:
    """Return the number of the New York trading day (17:00 to 17:00) that each time lies in."""
    stamps = np.asarray(time, dtype=np.int64)
    return np.asarray(np.floor_divide(stamps + utc_offset(stamps) + (24 - CLOSE_HOUR) * HOUR, DAY))


def week_index(time: ArrayLike) -> Int64:
    """Return the number of the week that each time lies in; weeks turn on Fridays at 17:00 New York."""
    return np.asarray(np.floor_divide(day_index(time) - _SATURDAY, 7))


def day_start(day: ArrayLike) -> Int64:
    """Return the first nanosecond UTC of numbered trading days: 17:00 New York of the date before."""
    local: Int64 = np.asarray(day, dtype=np.int64) * DAY - (24 - CLOSE_HOUR) * HOUR
    return local - utc_offset(local + 5 * HOUR)  # the clocks change at night, so an hour's error of the guess does no harm


def day_weekday(day: ArrayLike) -> Int64:
    """Return the weekday (Monday = 0) of numbered days."""
    return np.asarray(np.mod(np.asarray(day, dtype=np.int64) + _THURSDAY, 7))


def hour(time: ArrayLike) -> Int64:
    """Return the hour on New York clocks, 0 to 23."""
    stamps = np.asarray(time, dtype=np.int64)
    return np.asarray(np.mod(np.floor_divide(stamps + utc_offset(stamps), HOUR), 24))


def hour_of_week(time: ArrayLike) -> Int64:
    """Return hours since Sunday 17:00 New York by its clocks: 0 to 119 inside the trading week, to 167 at the weekend."""
    stamps = np.asarray(time, dtype=np.int64)
    local = np.floor_divide(stamps + utc_offset(stamps), HOUR)
    return np.asarray(np.mod(local - (3 * 24 + CLOSE_HOUR), 7 * 24))  # 1970-01-04 was a Sunday


def cutoffs(start: int, end: int) -> Int64:
    """Return every calendar day's 17:00 New York, c, with start < c <= end, nanoseconds UTC, ascending."""
    if end <= start:
        return np.empty(0, dtype=np.int64)
    first, last = day_index([start, end])
    return day_start(np.arange(first + 1, last + 1, dtype=np.int64))


def weekdays(time: ArrayLike) -> Int64:
    """Return the weekday on New York clocks, Monday = 0; of a cut-off, the day that ends with it in commerce."""
    stamps = np.asarray(time, dtype=np.int64)
    return day_weekday(np.floor_divide(stamps + utc_offset(stamps), DAY))


def nights(time: ArrayLike, weights: Sequence[int] = WEIGHTS) -> NDArray[np.int32]:
    """Count the nights of financing between each bar and the one before it.

    Parameters
    ----------
    time : int64 [n]
        Bar opens, ascending.
    weights : seven int
        Nights booked at 17:00 New York of Monday ... Sunday.

    Returns
    -------
    int32 [n]
        Sum of the weights of the cut-offs c with time[t-1] < c <= time[t]; 0 for the first bar.

    Raises
    ------
    ParameterError
        Not seven weights, or a negative one.
    """
    if len(weights) != 7 or min(weights) < 0:
        raise ParameterError(
            f"weights: were {tuple(weights)!r}; they must be seven numbers of nights, Monday to Sunday, none negative."
        )
    before = np.concatenate([[0], np.cumsum(weights)]).astype(np.int64)
    # booked[t] = nights before the day of t began; the cut-off that ends day d belongs to weekday d
    day = day_index(time) + _THURSDAY
    booked = np.floor_divide(day, 7) * before[7] + before[np.mod(day, 7)]
    return np.asarray(np.diff(booked, prepend=booked[:1]), dtype=np.int32)


def closures(time: ArrayLike, duration: int) -> Bool:
    """Mark the first bar after each closure of the market.

    Parameters
    ----------
    time : int64 [n]
        Bar opens, ascending.
    duration : int
        Length of a bar, nanoseconds.

    Returns
    -------
    bool [n]
        True where a Friday's 17:00 New York, w, lies in time[t-1] < w <= time[t], or where more than a day passed between the end
        of bar t-1 and bar t. False for the first bar.
    """
    stamps = np.asarray(time, dtype=np.int64)
    found = np.zeros(len(stamps), dtype=np.bool_)
    found[1:] = np.diff(stamps) > DAY + duration
    if len(stamps) > 1:
        first, last = week_index(stamps[[0, -1]])
        found[np.searchsorted(stamps, day_start(7 * np.arange(first + 1, last + 1) + _SATURDAY))] = True
    return found


def in_week(time: ArrayLike) -> Bool:
    """Return whether the market is open at each time: Sunday 17:00 (included) to Friday 17:00 (excluded), New York."""
    return np.asarray(day_weekday(day_index(time)) < 5)


def holiday(time: ArrayLike) -> Bool:
    """Return whether each time lies in the trading day of December 25 or January 1, when the market is shut or all but empty."""
    date = day_index(time).astype("datetime64[D]")
    month_start = date.astype("datetime64[M]")
    month = month_start.astype(np.int64) % 12
    number = (date - month_start.astype("datetime64[D]")).astype(np.int64)
    return np.asarray(((month == 11) & (number == 24)) | ((month == 0) & (number == 0)))
