"""Bars: two sides of open, high, low and close on one tick grid, with the stamps of their opens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data import spans
from lts.data.faultlog import FaultLog
from lts.data.origin import then
from lts.data.timeframes import duration
from lts.errors import BarsError, ParameterError
from lts.instruments import Instrument, instrument

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from lts.data.quality import Quality

    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]
    Float = NDArray[np.float64]

PRICES = ("bid_open", "bid_high", "bid_low", "bid_close", "ask_open", "ask_high", "ask_low", "ask_close")


@dataclass(frozen=True, eq=False)
class RawQuotes:
    """Quotes as the source had them, for the rows that the crossed policy changed."""

    index: Int64  # [k] places in the bars
    matrix: Int32  # [8, k] points, rows as in PRICES


class PointColumns:
    """Prices in whole points of the tick: `matrix` int32 [8, n], rows in the order of PRICES, and each row by its name."""

    __slots__ = ("matrix",)

    def __init__(self, matrix: Int32) -> None:
        self.matrix = matrix

    def _row(self, row: int) -> Int32:
        return np.asarray(self.matrix[row])

    @property
    def bid_open(self) -> Int32:
        """Bid at the bar's first quote, points."""
        return self._row(0)

    @property
    def bid_high(self) -> Int32:
        """Highest bid, points."""
        return self._row(1)

    @property
    def bid_low(self) -> Int32:
        """Lowest bid, points."""
        return self._row(2)

    @property
    def bid_close(self) -> Int32:
        """Bid at the bar's last quote, points."""
        return self._row(3)

    @property
    def ask_open(self) -> Int32:
        """Ask at the bar's first quote, points."""
        return self._row(4)

    @property
    def ask_high(self) -> Int32:
        """Highest ask, points."""
        return self._row(5)

    @property
    def ask_low(self) -> Int32:
        """Lowest ask, points."""
        return self._row(6)

    @property
    def ask_close(self) -> Int32:
        """Ask at the bar's last quote, points."""
        return self._row(7)


class Bars:
    """Bars of one instrument and time frame; made by `read_bars`, `Ticks.to_bars`, `resample` or `from_points`, never changed.

    Attributes
    ----------
    time : int64 [n]
        Nanoseconds UTC, the bar's open, strictly ascending.
    instrument, timeframe, duration
        The pair, the name ("H1"), the length in nanoseconds.
    points : PointColumns
        Prices in whole points, int32; exact.
    bid_open ... ask_close : float64 [n]
        Prices: points / 10**precision.
    volume : float64 [n]
        As the source had it, nan where it had none. Sources count different things; never compare them.
    raw : RawQuotes or None
        Crossed quotes before they were widened.
    notes : tuple of str
        How sides were made, what was repaired, whether the bars are generated.
    origin : dict or None
        How the same bars can be had again (`lts.data.origin.reopen`); None for bars that came from memory.
    """

    def __init__(self, *_: object, **__: object) -> None:
        raise ParameterError(
            "Bars(...): was called; bars must come from a reader. Use lts.read_bars(source, ...), or Bars.from_points."
        )

    time: Int64
    instrument: Instrument
    timeframe: str
    duration: int
    points: PointColumns
    volume: Float
    raw: RawQuotes | None
    notes: tuple[str, ...]
    origin: dict[str, Any] | None
    _log: FaultLog
    _cache: dict[str, Any]

    @classmethod
    def from_points(
        cls,
        instrument: str | Instrument,
        timeframe: str,
        time: Int64,
        matrix: Int32,
        volume: Float | None = None,
        notes: tuple[str, ...] = (),
        quality: FaultLog | None = None,
        raw: RawQuotes | None = None,
        origin: dict[str, Any] | None = None,
    ) -> Bars:
        """Wrap arrays that are known to be right; only shapes and types are looked at.

        Parameters
        ----------
        time : int64 [n]
            Nanoseconds UTC, bar opens, strictly ascending.
        matrix : int32 [8, n]
            Points, rows in the order of PRICES.
        volume : float64 [n] or None
            None: nan everywhere.
        quality : FaultLog or None
            What reading touched; shown in `quality`.
        origin : dict or None
            How to have them again; plain values only, for it is saved as JSON.

        Raises
        ------
        BarsError
            A shape or type that does not fit.
        """
        stamps, prices = np.asarray(time), np.asarray(matrix)
        _require_array("time", stamps, np.dtype(np.int64), (stamps.size,))
        _require_array("matrix", prices, np.dtype(np.int32), (8, stamps.size))
        sizes = np.full(stamps.size, np.nan) if volume is None else np.asarray(volume)
        _require_array("volume", sizes, np.dtype(np.float64), (stamps.size,))
        bars = object.__new__(cls)
        bars.instrument, bars.timeframe, bars.duration = _instrument(instrument), timeframe, duration(timeframe)
        bars.time, bars.volume = _frozen(stamps), _frozen(sizes)
        bars.points = PointColumns(_frozen(prices))
        bars.notes, bars.raw, bars.origin = tuple(notes), raw, origin
        bars._log = FaultLog() if quality is None else quality
        bars._cache = {}
        return bars

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.instrument, self.timeframe, self.time, self.points.matrix, self.volume, self.notes, self._log, self.raw)
        return (Bars.from_points, (*parts, self.origin))

    def __len__(self) -> int:
        return len(self.time)

    @property
    def kept(self) -> dict[str, Any]:
        """What was worked out of these bars and is wanted again; nobody's to change."""
        return self._cache

    def __repr__(self) -> str:
        if not len(self):
            return f"Bars({self.instrument.name} {self.timeframe}, no bars)"
        first, last = (spans.text(int(t)) for t in (self.time[0], self.time[-1]))
        return f"Bars({self.instrument.name} {self.timeframe}, {len(self):,} bars, {first} to {last} UTC)"

    def __getitem__(self, key: slice | str) -> Bars:
        """Return the bars of a span: bars["2010":"2012"] (both ends included, UTC), bars["2014-05"], bars[100:200]."""
        return self._cut(*spans.bounds(key, self.time))

    def _cut(self, start: int, stop: int) -> Bars:
        part = slice(start, stop)
        raw = None
        if self.raw is not None:
            a, b = np.searchsorted(self.raw.index, [start, stop])
            raw = RawQuotes(self.raw.index[a:b] - start, self.raw.matrix[:, a:b])
        matrix, time = self.points.matrix[:, part], self.time[part]
        origin = then(self.origin, "cut", int(time[0]) if len(time) else 0, int(time[-1]) + 1 if len(time) else 0)
        return Bars.from_points(
            self.instrument, self.timeframe, time, matrix, self.volume[part], self.notes, self._log, raw, origin
        )

    def _price(self, row: int) -> Float:
        name = PRICES[row]
        if name not in self._cache:
            self._cache[name] = _frozen(self.points.matrix[row] / self.instrument.scale)
        found: Float = self._cache[name]
        return found

    @property
    def bid_open(self) -> Float:
        """Bid at the bar's first quote, price."""
        return self._price(0)

    @property
    def bid_high(self) -> Float:
        """Highest bid, price."""
        return self._price(1)

    @property
    def bid_low(self) -> Float:
        """Lowest bid, price."""
        return self._price(2)

    @property
    def bid_close(self) -> Float:
        """Bid at the bar's last quote, price."""
        return self._price(3)

    @property
    def ask_open(self) -> Float:
        """Ask at the bar's first quote, price."""
        return self._price(4)

    @property
    def ask_high(self) -> Float:
        """Highest ask, price."""
        return self._price(5)

    @property
    def ask_low(self) -> Float:
        """Lowest ask, price."""
        return self._price(6)

    @property
    def ask_close(self) -> Float:
        """Ask at the bar's last quote, price."""
        return self._price(7)

    @property
    def quality(self) -> Quality:
        """The quality report of these bars: printable, `as_dict()`, `warnings`; computed when first read."""
        if "quality" not in self._cache:
            from lts.data.quality import Quality

            self._cache["quality"] = Quality(self, self._log)
        found: Quality = self._cache["quality"]
        return found

    @property
    def fingerprint(self) -> str:
        """SHA-256 over instrument, precision, time frame, stamps, points and volume: equal data, equal text."""
        if "fingerprint" not in self._cache:
            digest = hashlib.sha256(f"{self.instrument.name}|{self.instrument.precision}|{self.timeframe}|{len(self)}|".encode())
            digest.update(_bytes(self.time, "<i8"))
            digest.update(_bytes(self.points.matrix, "<i4"))
            one_nan = np.where(np.isnan(self.volume), np.nan, self.volume)  # nan has many bit patterns
            digest.update(_bytes(one_nan, "<f8"))
            self._cache["fingerprint"] = digest.hexdigest()
        found: str = self._cache["fingerprint"]
        return found

    def resample(self, timeframe: str, **options: Any) -> Bars:
        """Return coarser bars; see `lts.data.resample.resample` for the anchors."""
        from lts.data.resample import resample

        return resample(self, timeframe, **options)

    def to_pandas(self) -> pd.DataFrame:
        """Return a frame: index `time` (UTC, nanoseconds), the eight prices and volume, float64."""
        import pandas as pd

        index = pd.DatetimeIndex(self.time.astype("datetime64[ns]"), name="time").tz_localize("UTC")
        columns = {name: self._price(row) for row, name in enumerate(PRICES)}
        return pd.DataFrame({**columns, "volume": self.volume}, index=index)


def _instrument(name: str | Instrument) -> Instrument:
    return instrument(name)


def _bytes(array: NDArray[Any], dtype: str) -> memoryview:
    """Return an array's bytes in one order on every machine, without a copy where they are so already."""
    return np.ascontiguousarray(array, dtype=dtype).data


def _frozen(array: Any) -> Any:
    """Return a C-contiguous read-only view; the caller's own array stays writable."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def _require_array(name: str, array: NDArray[Any], dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise BarsError(f"Bars.from_points, {name}: was {array.dtype} {list(array.shape)}; it must be {dtype} {list(shape)}.")
