"""Ticks: single quotes of both sides, in the order in which they came, and the bars that they make."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data import columns as names
from lts.data import sides as both
from lts.data import spans
from lts.data.bars import Bars, RawQuotes
from lts.data.faultlog import FaultLog, policies
from lts.data.grid import scale_of, to_grid
from lts.data.layouts import as_layout, positions
from lts.data.order import ascending
from lts.data.origin import Origin, of_files, then
from lts.data.resample import bar_start
from lts.data.rows import Clock, extract
from lts.data.source import open_table
from lts.errors import BarsError, ParameterError, near_miss
from lts.instruments import Instrument
from lts.instruments import instrument as find_instrument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]
    Float = NDArray[np.float64]

VOLUMES = ("ticks", "size")


class Ticks:
    """Quotes of one instrument; made by `read_ticks`, never changed.

    Attributes
    ----------
    time : int64 [n]
        Nanoseconds UTC, ascending; equal stamps keep the order of the file.
    instrument : Instrument
        The pair.
    matrix : int32 [2, n]
        Bid and ask in points.
    size : float64 [n]
        Sum of the quoted bid and ask sizes, in the source's unit; nan where it has none.
    raw : RawQuotes or None
        Crossed quotes before they were widened.
    notes : tuple of str
        What was made or repaired, and how many ticks share a stamp.
    faults : dict
        Fault to what its policy touched.
    origin : dict or None
        How the same ticks can be had again, see `lts.data.origin`.
    """

    def __init__(
        self,
        instrument: Instrument,
        time: Int64,
        matrix: Int32,
        size: Float,
        log: FaultLog,
        raw: RawQuotes | None,
        origin: Origin | None = None,
    ) -> None:
        self.instrument, self.time, self.matrix, self.size, self.raw = instrument, time, matrix, size, raw
        self._log, self.faults, self.origin = log, dict(log.touched), origin
        self.notes = (*log.notes, *log.said())
        for array in (time, matrix, size):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.time)

    def __repr__(self) -> str:
        if not len(self):
            return f"Ticks({self.instrument.name}, no ticks)"
        return f"Ticks({self.instrument.name}, {len(self):,} ticks, {spans.text(self.time[0])} to {spans.text(self.time[-1])} UTC)"

    def __getitem__(self, key: slice | str) -> Ticks:
        """Return the ticks of a span, as bars["2014-05-06"] does."""
        start, stop = spans.bounds(key, self.time)
        part, raw = slice(start, stop), None
        if self.raw is not None:
            a, b = np.searchsorted(self.raw.index, [start, stop])
            raw = RawQuotes(self.raw.index[a:b] - start, self.raw.matrix[:, a:b])
        origin = then(self.origin, "rows", start, stop)  # not by time: several ticks may share a stamp
        return Ticks(self.instrument, self.time[part], self.matrix[:, part], self.size[part], self._log, raw, origin)

    @property
    def bid(self) -> Float:
        """Bids, price."""
        return np.asarray(self.matrix[0] / self.instrument.scale)

    @property
    def ask(self) -> Float:
        """Asks, price."""
        return np.asarray(self.matrix[1] / self.instrument.scale)

    @property
    def same_stamp(self) -> int:
        """How many ticks bear the stamp of the tick before them."""
        return int(np.count_nonzero(np.diff(self.time) == 0))

    def to_bars(self, timeframe: str, *, anchor: str = "new_york", volume: str = "ticks") -> Bars:
        """Make bars of both sides: first, highest, lowest and last quote of each span; a span without ticks has no bar.

        Parameters
        ----------
        timeframe : str
            "S5" ... "W1"; from H2 on counted from 17:00 New York, or from 00:00 UTC with anchor "utc".
        volume : "ticks" or "size"
            Count the ticks of each bar, or sum their sizes (nan where none is stated).

        Raises
        ------
        BarsError
            There are no ticks.
        ParameterError
            An unknown time frame, anchor or volume.
        """
        if volume not in VOLUMES:
            raise ParameterError(f"to_bars, volume: was {volume!r}; it must be 'ticks' or 'size'.{near_miss(volume, VOLUMES)}")
        if anchor not in ("new_york", "utc"):
            raise ParameterError(
                f"to_bars, anchor: was {anchor!r}; it must be 'new_york' or 'utc'.{near_miss(anchor, ('new_york', 'utc'))}"
            )
        if not len(self):
            raise BarsError("to_bars: there are no ticks; bars need at least one.")
        start = bar_start(self.time, timeframe, anchor)
        first = np.flatnonzero(np.diff(start, prepend=start[0] - 1))
        last = np.append(first[1:], len(start)) - 1
        made = []
        for quotes in self.matrix:
            made += [quotes[first], np.maximum.reduceat(quotes, first), np.minimum.reduceat(quotes, first), quotes[last]]
        counts = (last - first + 1).astype(np.float64)
        sizes = counts if volume == "ticks" else np.add.reduceat(self.size, first)
        note = f"made of {len(self):,} ticks, {counts.min():.0f} to {counts.max():.0f} a bar; volume: {volume}"
        notes, origin = (*self.notes, note), then(self.origin, "to_bars", timeframe, {"anchor": anchor, "volume": volume})
        return Bars.from_points(
            self.instrument, timeframe, start[first], np.stack(made), sizes, notes, quality=self._log, origin=origin
        )

    def to_pandas(self) -> pd.DataFrame:
        """Return a frame: index `time` (UTC), columns bid, ask, size."""
        import pandas as pd

        index = pd.DatetimeIndex(self.time.astype("datetime64[ns]"), name="time").tz_localize("UTC")
        return pd.DataFrame({"bid": self.bid, "ask": self.ask, "size": self.size}, index=index)


def read_ticks(
    source: Any,
    *,
    instrument: str | Instrument,
    spread: Any = None,
    tz: Any = None,
    on_fault: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    layout: Any = None,
    date: str | None = None,
    scale: float | None = None,
    unit: str | None = None,
    **fault_policies: str,
) -> Ticks:
    """Read ticks.

    Parameters
    ----------
    source, tz, on_fault, columns, layout, date, scale, unit
        As in `read_bars`; the columns are a stamp, bid and ask, and perhaps sizes. Repeated stamps are no fault of ticks.
    spread : float, "profile" or SpreadProfile
        For sources of one side only.

    Raises
    ------
    BarsError
        What cannot be right; names the row and the value.
    ParameterError
        A parameter out of range or in contradiction to the source.
    """
    pair = find_instrument(instrument)
    log = FaultLog(policies=policies(on_fault, fault_policies), checked=True)
    shape, roles = as_layout(layout), columns
    if roles is not None and not hasattr(roles, "items"):
        shape, roles = replace(shape, columns=positions(roles)), None
    table = open_table(source, shape, "ticks")
    log.where, log.rows = table.where, table.frame.height
    found = names.find(table.frame.columns, "ticks", roles, table.where)  # type: ignore[arg-type]
    found.pop("spread", None)
    sides: dict[str, tuple[str, ...]] = {side: (side,) for side in ("bid", "ask") if side in found}
    if not sides:
        raise BarsError(
            f"{table.where}, columns: neither 'bid' nor 'ask' is there; ticks need one. Name it with columns={{'bid': ...}}."
        )
    rows = extract(table, found, list(sides), Clock(tz, unit, date), log)
    quoted = rows.values[next(iter(sides))]  # noqa: PD011 - a dict of arrays, not a frame
    divisor = scale_of(quoted, pair, scale, log)
    quotes = ascending(to_grid(rows, sides, pair, divisor, log), log, unique=False)
    if "bid" not in found or "ask" not in found or spread is not None:
        quotes = both.complete(quotes, pair, spread, in_points=False, log=log)
    quotes, raw = both.judge_crossed(quotes, pair, log)
    stated = {"spread": spread, "tz": tz, "columns": columns, "layout": layout, "date": date, "scale": scale, "unit": unit}
    faults = {**(on_fault or {}), **fault_policies} or None
    origin = of_files("ticks", source, instrument=pair, on_fault=faults, **stated)
    ticks = Ticks(pair, quotes.time, both.matrix_of(quotes), _size(quotes.extra, len(quotes)), log, raw, origin)
    if ticks.same_stamp:
        ticks.notes = (*ticks.notes, f"{ticks.same_stamp:,} ticks share the stamp of the tick before; their order is the file's")
    return ticks


def _size(extra: Mapping[str, Float], n: int) -> Float:
    """Return the sum of bid and ask sizes, or the one volume there is."""
    if "bid_volume" in extra and "ask_volume" in extra:
        return extra["bid_volume"] + extra["ask_volume"]
    one = next((extra[role] for role in ("volume", "bid_volume", "ask_volume") if role in extra), None)
    return np.full(n, np.nan) if one is None else one.copy()
