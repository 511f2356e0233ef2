"""Pieces of outside data: at the close of which bar each row becomes known, and the same with the later rows changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lts.data.bars import Bars
from lts.research.check.views import other

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Rows = NDArray[np.intp]
    Stamps = NDArray[np.int64]

FEWEST = 20  # rows; shorter tables are settings
MOSTLY = 0.9
LIFTS = (400, 1500, 100, 900)  # points on open, high, low, close of a changed bar: valid, and no difference between two stays


class Leaf(Protocol):
    """A table whose rows become known one after the other."""

    def changed(self, mask: Mask) -> Any:
        """Return a copy with every row changed that becomes known at a close in `mask` (n + 1; the last: after all bars)."""


def leaf_of(value: Any, bars: Bars) -> Leaf | None:
    """Return a piece of data as rows that become known in time; None for what is no table of that kind."""
    if isinstance(value, Bars):
        return _OfBars(value, bars) if len(value) >= FEWEST else None
    if isinstance(value, np.ndarray):
        same = value.ndim in (1, 2) and len(value) == len(bars) >= FEWEST and value.dtype.kind in "biuf"
        return _OfArray(value, np.arange(len(bars))) if same else None
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series):
        return _of_pandas(value, bars)
    return _of_polars(value, bars)


class _OfBars:
    """Other bars: each known at its close."""

    def __init__(self, own: Bars, bars: Bars) -> None:
        self._own = own
        self._known = np.searchsorted(bars.time + bars.duration, own.time + own.duration)

    def changed(self, mask: Mask) -> Bars:
        rows, own = mask[self._known], self._own

        def column(row: int) -> NDArray[np.int32]:
            lift = LIFTS[row % 4] + 50 * (row // 4)
            return own.points._row(row) + (rows * lift).astype(np.int32)  # noqa: SLF001  (one house)

        return other(own, column, np.where(rows, own.volume * 10 + 1, own.volume))


class _OfArray:
    """An array with one row a bar."""

    def __init__(self, own: NDArray[Any], known: Rows) -> None:
        self._own, self._known = own, known

    def changed(self, mask: Mask) -> NDArray[Any]:
        return _altered(self._own, mask[self._known])


class _OfPandas:
    """A pandas table with stamps."""

    def __init__(self, own: Any, known: Rows) -> None:
        self._own, self._known = own, known

    def changed(self, mask: Mask) -> Any:
        rows, own = mask[self._known], self._own
        if own.ndim == 1:
            return type(own)(_altered(own.to_numpy(), rows), index=own.index, name=own.name)
        made = own.copy()
        for place, kind in enumerate(own.dtypes):
            if getattr(kind, "kind", "O") in "biuf":
                made.isetitem(place, _altered(own.iloc[:, place].to_numpy(), rows))
        return made


class _OfPolars:
    """A polars table with stamps."""

    def __init__(self, own: Any, known: Rows) -> None:
        self._own, self._known = own, known

    def changed(self, mask: Mask) -> Any:
        import polars as pl

        rows, own = mask[self._known], self._own
        if isinstance(own, pl.Series):
            return pl.Series(own.name, _altered(own.to_numpy(), rows))
        altered = [
            pl.Series(name, _altered(own[name].to_numpy(), rows))
            for name in own.columns
            if own[name].to_numpy().dtype.kind in "biuf"
        ]
        return own.with_columns(altered)


def _altered(own: NDArray[Any], rows: Mask) -> NDArray[Any]:
    """Return numbers with some rows changed: far from what they were, never missing."""
    made = np.array(own)
    part = made[rows]
    if made.dtype.kind == "b":
        made[rows] = ~part
    elif made.dtype.kind == "f":
        made[rows] = np.where(np.isnan(part), 0.0, part) * -3 + 1
    else:
        made[rows] = part + 1
    return made


def _of_pandas(value: Any, bars: Bars) -> Leaf | None:
    import pandas as pd

    if len(value) < FEWEST:
        return None
    stamps: Any = value.index if isinstance(value.index, pd.DatetimeIndex) else None
    if stamps is None and value.ndim == 2:
        dated = [i for i, kind in enumerate(value.dtypes) if pd.api.types.is_datetime64_any_dtype(kind)]
        stamps = pd.DatetimeIndex(value.iloc[:, dated[0]]) if dated else None
    if stamps is None:
        return _OfPandas(value, np.arange(len(bars))) if len(value) == len(bars) else None
    if stamps.tz is not None:
        stamps = stamps.tz_convert("UTC").tz_localize(None)
    numbers = [value.to_numpy()] if value.ndim == 1 else [value.iloc[:, i].to_numpy() for i in range(value.shape[1])]
    return _OfPandas(value, _known(stamps.to_numpy().astype("datetime64[ns]").astype(np.int64), numbers, bars))


def _of_polars(value: Any, bars: Bars) -> Leaf | None:
    import polars as pl

    if len(value) < FEWEST:
        return None
    if isinstance(value, pl.Series):
        return _OfPolars(value, np.arange(len(bars))) if len(value) == len(bars) and value.dtype.is_numeric() else None
    dated = [name for name, kind in value.schema.items() if kind == pl.Datetime]
    if not dated:
        return _OfPolars(value, np.arange(len(bars))) if len(value) == len(bars) else None
    stamps = value[dated[0]].dt.epoch("ns").to_numpy().astype(np.int64)
    numbers = [value[name].to_numpy() for name, kind in value.schema.items() if kind.is_numeric()]
    return _OfPolars(value, _known(stamps, numbers, bars))


def _known(stamps: Stamps, numbers: list[NDArray[Any]], bars: Bars) -> Rows:
    """Return the bar at whose close each row is known, n where that is after all bars.

    A stamp may mean the beginning or the end of what its row tells. A table on the bars' own stamps tells of those bars; one whose
    numbers are the last close, the high or the low of the bars from its stamp to the next is known when those are over; any other
    is believed: known at its stamp.
    """
    order = np.argsort(stamps, kind="stable")
    row = np.searchsorted(bars.time, stamps)
    there = np.minimum(row, len(bars) - 1)
    if (bars.time[there] == stamps).mean() >= MOSTLY and len(stamps) >= MOSTLY * len(bars):
        return row
    found = np.searchsorted(bars.time + bars.duration, stamps)
    ends = _ends(stamps[order], bars)
    if any(_tells(np.asarray(column)[order], stamps[order], bars) for column in numbers if column.dtype.kind == "f"):
        found[order] = ends
    return found


def _ends(stamps: Stamps, bars: Bars) -> Rows:
    """Return the last bar that opens before the next stamp."""
    following = np.append(stamps[1:], np.iinfo(np.int64).max)
    return np.asarray(np.searchsorted(bars.time, following) - 1)


def _tells(column: NDArray[Any], stamps: Stamps, bars: Bars) -> bool:
    """Tell whether a column holds what the bars from each stamp to the next did, and not what those before it did."""
    first = np.searchsorted(bars.time, stamps)
    inside = (first < len(bars)) & (np.append(first[1:], len(bars)) > first)
    if inside.sum() < FEWEST:
        return False
    at = first[inside]
    for side in ("bid", "ask"):
        close, high, low = (getattr(bars, f"{side}_{part}") for part in ("close", "high", "low"))
        last = np.append(at[1:], len(bars)) - 1
        for told in (close[last], np.maximum.reduceat(high, at), np.minimum.reduceat(low, at)):
            now = np.isclose(column[inside], told, rtol=1e-9, atol=0).mean()
            before = np.isclose(column[inside][1:], told[:-1], rtol=1e-9, atol=0).mean()
            if now >= MOSTLY and before < MOSTLY:
                return True
    return False
