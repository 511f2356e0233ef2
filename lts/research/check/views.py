"""Bars as a strategy would see them: cut off, or with other quotes from some bar on; made in microseconds, columns when asked for.

A check evaluates features tens of thousands of times, and most rules read one column of eight. So nothing is copied before it is
read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.data.bars import PRICES, Bars, PointColumns, RawQuotes

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from lts.data.bars import Float, Int32

    Column = Callable[[int], Int32]


class LazyPoints(PointColumns):
    """Columns of points that are made when they are read."""

    __slots__ = ("_column", "_rows")

    def __init__(self, column: Column) -> None:
        self._column = column
        self._rows: dict[int, Int32] = {}

    def _row(self, row: int) -> Int32:
        found = self._rows.get(row)
        if found is None:
            found = self._rows[row] = _locked(self._column(row))
        return found

    @property
    def matrix(self) -> Int32:  # type: ignore[override]
        """All eight columns, int32 [8, n]."""
        if -1 not in self._rows:
            import numpy as np

            self._rows[-1] = _locked(np.stack([self._row(row) for row in range(len(PRICES))]))
        return self._rows[-1]


def cut(bars: Bars, start: int, stop: int) -> Bars:
    """Return bars[start:stop] as views of the same arrays; prices are those of `bars`, to the byte."""
    part = slice(start, stop)
    points = LazyPoints(lambda row: bars.points._row(row)[part])  # noqa: SLF001  (one house)
    made = _like(bars, points, bars.time[part], bars.volume[part])
    made._cache = _Prices(lambda row: bars._price(row)[part])  # noqa: SLF001
    if bars.raw is not None:
        inside = (bars.raw.index >= start) & (bars.raw.index < stop)
        made.raw = RawQuotes(bars.raw.index[inside] - start, bars.raw.matrix[:, inside])
    return made


def other(bars: Bars, column: Column, volume: Float) -> Bars:
    """Return bars with the same stamps and other quotes: `column(row)` gives a row of points."""
    points, scale = LazyPoints(column), bars.instrument.scale
    made = _like(bars, points, bars.time, _locked(volume))
    made._cache = _Prices(lambda row: _locked(points._row(row) / scale))  # noqa: SLF001
    return made


class _Prices(dict[str, Any]):
    """What is kept with bars; the eight prices are taken from elsewhere when they are first asked for."""

    def __init__(self, price: Callable[[int], Float]) -> None:
        super().__init__()
        self._price = price

    def __contains__(self, name: object) -> bool:
        return name in PRICES or super().__contains__(name)

    def __missing__(self, name: str) -> Any:
        if name not in PRICES:
            raise KeyError(name)
        self[name] = made = self._price(PRICES.index(name))
        return made


def _like(bars: Bars, points: PointColumns, time: NDArray[np.int64], volume: Float) -> Bars:
    made = object.__new__(Bars)
    made.instrument, made.timeframe, made.duration = bars.instrument, bars.timeframe, bars.duration
    made.time, made.volume, made.points = time, volume, points
    made.notes, made.raw, made.origin = bars.notes, None, None
    made._log, made._cache = bars._log, {}  # noqa: SLF001
    return made


def _locked(array: Any) -> Any:
    view = array.view()
    view.setflags(write=False)
    return view
