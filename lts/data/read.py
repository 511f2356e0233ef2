"""Read bars from files, frames and arrays in vendors' layouts; nothing is dropped, filled or repaired without a name and a count.

Sources: parquet, Arrow, or text (also gzipped, or alone in a zip) with tabs, commas or semicolons, with or without a line of names;
pandas, polars, pyarrow, dicts of arrays. Columns are matched by meaning, in any case and order. Two sources of one side each are
joined by stamp. Text may be day first, have its day in the file's name and milliseconds since midnight, or need `layout`: a name in
lts.data.layouts.LAYOUTS, or the fields separator, header, columns, stamp, decimal_comma. "skip" is the role of a column not needed.

Zones: "UTC", "UTC-5", "+02:00", "America/New_York", "America/New_York-05:00" (those clocks less five hours), or periods, as in
[(None, "Europe/Berlin"), ("2014-11-24", "Europe/Athens")]. Integers need unit="s", "ms", "us", "ns" (since 1970; UTC unless tz is
given) or "ms_of_day".

Sides: a mid gets bid = mid - spread / 2 rounded down to the point, ask = bid + spread; a bid gets ask = bid + spread; an ask gets
bid = ask - spread. A spread is pips, "profile" (the house's own plausible numbers by hour of the week), a profile that
`spread_profile` measured, or a column of pips (MetaTrader's <SPREAD>: points).

Scale: None takes prices as they are where their level is plausible for the instrument, else divides by the one power of ten that
makes it so. Prices within 0.001 tick of the grid are rounded to it and counted.

Faults and their policies, the default first:
  nulls error|drop                    unreadable error|drop (texts that are no time or number)
  ambiguous error|earlier|later|order|drop, nonexistent error|forward|drop (local clocks that are set back or forward)
  unsorted error|sort                 duplicates error|first|last
  impossible error|drop (nan, infinite, not positive, a range that misses open or close)
  off_grid error|round                unmatched error|drop|spread (a stamp in one of two files)
  outside_week keep|drop              crossed widen|keep|drop|error (widen: the ask is raised to the bid, price by price)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lts.data import columns as names
from lts.data import sides as both
from lts.data.bars import Bars
from lts.data.faultlog import FaultLog, policies
from lts.data.grid import Quotes, judge_ranges, scale_of, to_grid
from lts.data.layouts import Layout, as_layout, positions
from lts.data.order import ascending, judge_week, require_timeframe
from lts.data.origin import of_files
from lts.data.rows import Clock, extract
from lts.data.source import Table, open_table
from lts.data.timeframes import duration
from lts.errors import ParameterError, near_miss
from lts.instruments import Instrument
from lts.instruments import instrument as find_instrument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lts.data.origin import Origin


def read_bars(
    source: Any,
    *,
    instrument: str | Instrument,
    timeframe: str,
    side: str | None = None,
    spread: Any = None,
    tz: Any = None,
    on_fault: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    layout: Any = None,
    date: str | None = None,
    scale: float | None = None,
    unit: str | None = None,
    **fault_policies: str,
) -> Bars:
    """Read bars; the module's text lists layouts, zones and policies.

    Parameters
    ----------
    source : path, frame, pyarrow Table, dict of arrays; or two, as (bid, ask) or {"bid": ..., "ask": ...}
    instrument, timeframe : str
        "EUR_USD"; "S5" ... "W1", with which the stamps must agree.
    side : "both", "bid", "ask", "mid" or None
        Needed where the columns do not say it.
    spread : float, "profile", SpreadProfile, column or None
        Pips, for sources of one side.
    tz : str, tzinfo or sequence of (start, zone)
        Whose clocks stamps without a zone show.
    on_fault : mapping
        Fault to policy; also as keywords.
    columns : mapping or sequence
        Role to column, or the roles of all columns in order.
    layout : str, dict or Layout
        What of a text file's form cannot be found out.
    date, unit : str
        Day of times of day; what integer stamps count.
    scale : float
        What prices must be divided by; None: found out.

    Raises
    ------
    BarsError
        What cannot be right; names the row (from 0, a line of names not counted) and the value.
    ParameterError
        A parameter out of range or in contradiction to the source.
    """
    pair = find_instrument(instrument)
    length = duration(timeframe)
    log = FaultLog(policies=policies(on_fault, fault_policies), checked=True)
    stated = {
        "side": side,
        "spread": spread,
        "tz": tz,
        "columns": columns,
        "layout": layout,
        "date": date,
        "scale": scale,
        "unit": unit,
    }
    faults = {**(on_fault or {}), **fault_policies} or None
    origin = of_files("file", source, instrument=pair, timeframe=timeframe, on_fault=faults, **stated)
    clock = Clock(tz, unit, date)
    reader = _Reader(pair, clock, as_layout(layout), columns, scale, log)
    two = _two(source)
    if two is not None:
        if side not in (None, "both"):
            raise ParameterError(f"side: was {side!r} and two sources were given; it must be 'both' or left out.")
        quotes = reader.pair(two, spread, length)
    else:
        quotes = reader.single(source, side, spread, length)
    require_timeframe(quotes.time, length, timeframe, log)
    return _build(quotes, pair, timeframe, log, origin)


def _build(quotes: Quotes, pair: Instrument, timeframe: str, log: FaultLog, origin: Origin | None) -> Bars:
    quotes, raw = both.judge_crossed(quotes, pair, log)
    volume = quotes.extra.get("volume")
    notes = (*log.notes, *log.said())
    return Bars.from_points(pair, timeframe, quotes.time, both.matrix_of(quotes), volume, notes, log, raw, origin)


class _Reader:
    """What stays the same for the one or two sources of a reading."""

    def __init__(self, pair: Instrument, clock: Clock, layout: Layout, columns: Any, scale: float | None, log: FaultLog) -> None:
        if columns is not None and not hasattr(columns, "items"):
            layout, columns = replace(layout, columns=positions(columns)), None
        self.instrument, self.clock, self.layout, self.columns, self.scale, self.log = pair, clock, layout, columns, scale, log

    def single(self, source: Any, side: str | None, spread: Any, length: int) -> Quotes:
        """Return both sides of one source."""
        table = self._open(source)
        found = names.find(table.frame.columns, "bars", self.columns, table.where)
        in_points = _choose_spread(found, spread, table)
        sides = names.sides_of(found, side, table.where)
        quotes = self._quotes(table, found, sides)
        quotes = judge_week(quotes, length, self.log)
        return both.complete(quotes, self.instrument, spread, in_points, self.log)

    def pair(self, two: tuple[Any, Any], spread: Any, length: int) -> Quotes:
        """Return the join of a source of bids and one of asks."""
        found = []
        for side, source in zip(("bid", "ask"), two, strict=True):
            table = self._open(source)
            columns = names.find(table.frame.columns, "bars", self.columns, table.where)
            columns.pop("spread", None)
            found.append(self._quotes(table, columns, names.sides_of(columns, side, table.where)))
            self.log.where = table.where
        return judge_week(both.join(found[0], found[1], self.instrument, spread, self.log), length, self.log)

    def _open(self, source: Any) -> Table:
        table = open_table(source, self.layout, "bars")
        self.log.where = table.where
        self.log.rows += table.frame.height
        return table

    def _quotes(self, table: Table, found: dict[str, str], sides: dict[str, tuple[str, ...]]) -> Quotes:
        roles = [role for group in sides.values() for role in group]
        rows = extract(table, found, roles, self.clock, self.log)
        scale = scale_of(rows.values[roles[3]], self.instrument, self.scale, self.log)
        quotes = to_grid(rows, sides, self.instrument, scale, self.log)
        return ascending(judge_ranges(quotes, self.instrument, self.log), self.log, unique=True)


def _choose_spread(found: dict[str, str], spread: Any, table: Table) -> bool:
    """Keep the role "spread" only where the caller names a column; return whether the column counts points."""
    column = found.pop("spread", None)
    if not isinstance(spread, str) or spread == "profile":
        return False
    by_name = {names.normal(name): name for name in table.frame.columns}
    name = spread if spread in table.frame.columns else by_name.get(names.normal(spread))
    if name is None:
        raise ParameterError(
            f"spread: was {spread!r}, no column of {table.where}; it must be pips, 'profile', a SpreadProfile or one of "
            f"{table.frame.columns}.{near_miss(spread, [*table.frame.columns, 'profile'])}"
        )
    found["spread"] = name
    return name == column and name.strip().startswith("<")  # <SPREAD> is MetaTrader's, in points


def _two(source: Any) -> tuple[Any, Any] | None:
    """Return (bid, ask) where two sources were given."""
    if isinstance(source, (tuple, list)):
        if len(source) == 2:
            return source[0], source[1]
        raise ParameterError(f"source: was a {type(source).__name__} of {len(source)}; two files are given as (bid, ask).")
    if isinstance(source, dict) and {str(k).lower() for k in source} == {"bid", "ask"}:
        lower = {str(k).lower(): v for k, v in source.items()}
        return lower["bid"], lower["ask"]
    return None
