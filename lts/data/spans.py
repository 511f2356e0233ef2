"""Spans of time: bars["2010":"2012"] and the texts of stamps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Int64 = NDArray[np.int64]


def text(stamp: int) -> str:
    """Return a stamp in nanoseconds UTC as "2014-05-06 13:00", with seconds and fractions only where it has them."""
    units = {"m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
    unit = next(name for name, length in units.items() if int(stamp) % length == 0)
    return str(np.datetime64(int(stamp), "ns").astype(f"datetime64[{unit}]")).replace("T", " ")


def bounds(key: Any, time: Int64) -> tuple[int, int]:
    """Return the first and the past-the-last place of a span.

    Parameters
    ----------
    key : slice of int, slice of times, or one time
        A text stands for the whole of its period: "2012" is that year, "2012-05-06 13" that hour, UTC. Both ends are included.
        datetime, Timestamp and datetime64 are instants; without a zone they are UTC.
    time : int64 [n]
        Nanoseconds UTC, ascending.

    Raises
    ------
    ParameterError
        A step, a single number, or a text that is no time.
    """
    if isinstance(key, slice):
        if key.step not in (None, 1):
            raise ParameterError(
                f"bars[...:{key.step}]: a step leaves holes; it must be 1. To thin bars out use bars.resample(...)."
            )
        if all(end is None or isinstance(end, (int, np.integer)) for end in (key.start, key.stop)):
            start, stop, _ = key.indices(len(time))
            return start, max(start, stop)
        return _between(key.start, key.stop, time)
    if isinstance(key, (int, np.integer)):
        raise ParameterError(
            f"bars[{key}]: was a number; it must be a span or a time. "
            f"Use bars[{key}:{int(key) + 1}], or an array such as bars.bid_close[{key}]."
        )
    return _between(key, key, time)


def _between(first: Any, last: Any, time: Int64) -> tuple[int, int]:
    start = 0 if first is None else int(np.searchsorted(time, _period(first)[0], side="left"))
    stop = len(time) if last is None else int(np.searchsorted(time, _period(last)[1], side="left"))
    return start, max(start, stop)


def _period(key: Any) -> tuple[int, int]:
    """Return a period's first nanosecond and the first one after it."""
    zone = getattr(key, "tzinfo", None)
    if zone is not None:  # datetime and pandas.Timestamp share these words
        key = key.astimezone(_utc()).replace(tzinfo=None)
    try:
        if isinstance(key, str) and "T" not in key:
            key = key.strip().replace(" ", "T", 1)
        moment = np.datetime64(key)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"bars[{key!r}]: is no time; it must be a text such as '2012', '2012-05' or '2012-05-06 13:00' (UTC), or a datetime."
        ) from error
    if np.isnat(moment):
        raise ParameterError("bars[...]: was NaT; it must be a time.")
    if not isinstance(key, str):
        moment = moment.astype("datetime64[ns]")
    return int(moment.astype("datetime64[ns]").astype(np.int64)), int((moment + 1).astype("datetime64[ns]").astype(np.int64))


def _utc() -> Any:
    from datetime import UTC

    return UTC
