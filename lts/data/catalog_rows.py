"""Rows of the catalogue: bars as arrays, their parquet form, and what two sets of them make together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts.calendar import HOUR
from lts.data.bars import PRICES, Bars, RawQuotes
from lts.data.spans import text
from lts.data.timeframes import duration
from lts.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from lts.instruments import Instrument

    Int64 = NDArray[np.int64]
    Int32 = NDArray[np.int32]
    Float = NDArray[np.float64]
    Bool = NDArray[np.bool_]

RAW = tuple(f"raw_{name}" for name in PRICES)


@dataclass(frozen=True)
class Rows:
    """Bars of one series: stamps ascending, whole points, volume, and the quotes that the crossed policy changed."""

    time: Int64  # [n] nanoseconds UTC
    matrix: Int32  # [8, n] points, rows as in PRICES
    volume: Float  # [n]
    raw_index: Int64  # [k] places in time, ascending
    raw_matrix: Int32  # [8, k]

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def of(cls, bars: Bars) -> Rows:
        """Return the rows of bars; the arrays are shared."""
        raw = RawQuotes(np.empty(0, np.int64), np.empty((8, 0), np.int32)) if bars.raw is None else bars.raw
        return cls(bars.time, bars.points.matrix, bars.volume, np.asarray(raw.index, np.int64), np.asarray(raw.matrix, np.int32))

    def take(self, order: NDArray[np.intp]) -> Rows:
        """Return the rows at these places."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[order] = np.arange(len(order))
        moved = place[self.raw_index]
        kept = np.flatnonzero(moved >= 0)
        kept = kept[np.argsort(moved[kept])]
        matrix = np.ascontiguousarray(self.matrix[:, order])
        return Rows(self.time[order], matrix, self.volume[order], moved[kept], self.raw_matrix[:, kept])

    def span(self, start: int, stop: int) -> Rows:
        """Return the rows from place `start` up to `stop`."""
        a, b = np.searchsorted(self.raw_index, [start, stop])
        part = slice(start, stop)
        raw = self.raw_index[a:b] - start, self.raw_matrix[:, a:b]
        return Rows(self.time[part], self.matrix[:, part], self.volume[part], *raw)

    @property
    def raw(self) -> RawQuotes | None:
        """What `Bars.raw` holds."""
        return RawQuotes(self.raw_index, self.raw_matrix) if len(self.raw_index) else None

    def digest(self) -> str:
        """Return 16 hexadecimal digits over all of it: equal rows, equal text."""
        made = hashlib.sha256()
        volume = np.where(np.isnan(self.volume), np.nan, self.volume)  # nan has many bit patterns
        for array in (self.time, self.matrix, volume, self.raw_index, self.raw_matrix):
            made.update(np.ascontiguousarray(array).data)
        return made.hexdigest()[:16]

    def years(self) -> dict[int, Rows]:
        """Return the rows by the UTC year of their opens."""
        year = self.time.astype("datetime64[ns]").astype("datetime64[Y]").astype(np.int64) + 1970
        found, first = np.unique(year, return_index=True)
        return {int(y): self.span(int(a), int(b)) for y, a, b in zip(found, first, [*first[1:], len(year)], strict=True)}


def join(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts, one after the other."""
    ends = np.cumsum([0, *(len(part) for part in parts)])
    return Rows(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.matrix for part in parts], axis=1),
        np.concatenate([part.volume for part in parts]),
        np.concatenate([part.raw_index + end for part, end in zip(parts, ends, strict=False)]),
        np.concatenate([part.raw_matrix for part in parts], axis=1),
    )


def schema() -> pa.Schema:
    """Return the columns of a file: `time` in nanoseconds UTC, prices in whole points, volume, crossed quotes as they came."""
    import pyarrow as pa

    prices = [(name, pa.int32()) for name in (*PRICES, *RAW)]
    return pa.schema([("time", pa.timestamp("ns", "UTC")), *prices[:8], ("volume", pa.float64()), *prices[8:]])


def to_table(rows: Rows) -> pa.Table:
    """Return the rows as an Arrow table of `schema`."""
    import pyarrow as pa

    form = schema()
    absent = np.ones(len(rows), dtype=np.bool_)
    absent[rows.raw_index] = False
    arrays = [pa.array(rows.time).cast(form.field("time").type), *(pa.array(row) for row in rows.matrix), pa.array(rows.volume)]
    for row in rows.raw_matrix:
        full = np.zeros(len(rows), dtype=np.int32)
        full[rows.raw_index] = row
        arrays.append(pa.array(full, mask=absent))
    return pa.table(arrays, schema=form)


def from_table(table: pa.Table) -> Rows:
    """Return the rows of an Arrow table of `schema`."""
    import pyarrow as pa

    time = table["time"].cast(pa.int64()).to_numpy()
    matrix = np.stack([table[name].to_numpy() for name in PRICES])
    given = ~np.asarray(table[RAW[0]].is_null().to_numpy(), dtype=np.bool_)
    index = np.flatnonzero(given).astype(np.int64)
    raw = np.stack([table[name].drop_null().to_numpy() for name in RAW]).astype(np.int32)
    return Rows(np.asarray(time, np.int64), np.asarray(matrix, np.int32), table["volume"].to_numpy(), index, raw)


class Added(NamedTuple):
    """What became of the bars that were added."""

    new: int  # stamps that were not stored
    identical: int  # stored already, the same
    kept: int  # stored already with other values, which stayed
    replaced: int  # stored already with other values, which were overwritten


class Merged(NamedTuple):
    """Two sets of rows as one."""

    rows: Rows
    counts: Added
    differing: Int64  # [m] stamps


def merge(old: Rows, new: Rows, *, replace: bool) -> Merged:
    """Return the union by stamp; where both have a stamp with other points or volume, the new one's if `replace`.

    Crossed quotes as they came are no part of the comparison: the stored ones stay unless their bar is replaced.
    """
    if not len(old):
        return Merged(new, Added(len(new), 0, 0, 0), new.time[:0])
    place, met = _places(new.time, old.time)
    at_old, at_new = place[met], np.flatnonzero(met)
    a, b = old.volume[at_old], new.volume[at_new]
    same = (old.matrix[:, at_old] == new.matrix[:, at_new]).all(axis=0) & ((a == b) | (np.isnan(a) & np.isnan(b)))
    other = int(np.count_nonzero(~same))
    counts = Added(len(new) - len(same), len(same) - other, 0 if replace else other, other if replace else 0)
    if not counts.new and not counts.replaced:
        return Merged(old, counts, old.time[at_old[~same]])
    from_old = np.ones(len(old), dtype=np.bool_)
    from_new = ~met
    if replace:
        from_old[at_old[~same]] = False
        from_new[at_new[~same]] = True
    places = np.concatenate([np.flatnonzero(from_old), len(old) + np.flatnonzero(from_new)])
    stacked = join([old, new])
    rows = stacked.take(places[np.argsort(stacked.time[places], kind="stable")])
    return Merged(rows, counts, old.time[at_old[~same]])


def _places(time: Int64, among: Int64) -> tuple[NDArray[np.intp], Bool]:
    """Return where each stamp stands or would stand among others, and whether it does; both ascend, the others are not empty."""
    place = np.searchsorted(among, time)
    return place, among[np.minimum(place, len(among) - 1)] == time


def refuse_overlaps(old: Rows, new: Rows, merged: Rows, timeframe: str, where: str) -> None:
    """Refuse a new bar that opens inside a stored one, or the other way round: their days end at other hours.

    Bars of more than an hour may be one shorter, for clocks are set forward.
    """
    if not len(old) or merged is old:
        return
    least = duration(timeframe)
    least -= HOUR if least > HOUR else 0
    stored, given = _places(merged.time, old.time)[1], _places(merged.time, new.time)[1]
    together = (stored[1:] & stored[:-1]) | (given[1:] & given[:-1])
    bad = np.flatnonzero((np.diff(merged.time) < least) & ~together)
    if bad.size:
        i = int(bad[0])
        first, second = (f"{'stored' if stored[k] else 'new'} bar of {text(int(merged.time[k]))} UTC" for k in (i, i + 1))
        raise BarsError(
            f"{where}: the {second} opens inside the {first}, in {bad.size:,} places; bars of a series must not overlap. "
            "Are the days of one anchored to New York and those of the other to UTC? Use another folder for one of them."
        )


def refuse_differences(stored: Rows, given: Rows, stamps: Int64, pair: Instrument, where: str) -> None:
    """Refuse when stamps have other values than those stored, and show the first."""
    if len(stamps) == 0:
        return
    stamp = int(stamps[0])
    raise BarsError(
        f"{where}, {text(stamp)} UTC: the new bar was {_shown(given, stamp, pair)}, the stored one is "
        f"{_shown(stored, stamp, pair)}; the same stamp must hold the same values ({len(stamps):,} of "
        f"{int(np.isin(given.time, stored.time).sum()):,} common stamps differ; nothing was added). "
        "Choose on_conflict='keep' (what is stored) or 'replace'."
    )


def _shown(rows: Rows, stamp: int, pair: Instrument) -> str:
    i = int(np.searchsorted(rows.time, stamp))
    prices = [f"{point / pair.scale:.{pair.precision}f}" for point in rows.matrix[:, i].tolist()]
    return f"bid {' '.join(prices[:4])} ask {' '.join(prices[4:])} volume {rows.volume[i]:g}"
