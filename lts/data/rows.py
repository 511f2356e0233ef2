"""Rows: a frame's columns as arrays, each row with its number in the source, so that every message can name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data import columns as names
from lts.data.spans import text
from lts.data.stamps import read_stamps
from lts.data.zones import periods, to_utc
from lts.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from lts.data.faultlog import FaultLog
    from lts.data.source import Table

    Int64 = NDArray[np.int64]
    Float = NDArray[np.float64]
    Bool = NDArray[np.bool_]


@dataclass
class Rows:
    """Arrays of one length.

    Attributes
    ----------
    row : int64 [n]
        Numbers in the source, from 0; a line of names is not counted.
    time : int64 [n]
        Nanoseconds UTC.
    values : dict of float64 [n]
        By role: "bid_open", "open", "bid", "volume", "spread"; volume may be nan.
    """

    row: Int64
    time: Int64
    values: dict[str, Float]

    def take(self, which: Any) -> Rows:
        """Return the rows of a mask or of an index."""
        return Rows(self.row[which], self.time[which], {role: v[which] for role, v in self.values.items()})

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True)
class Clock:
    """What the caller says about stamps."""

    tz: Any = None
    unit: str | None = None
    date: str | None = None


def extract(table: Table, found: dict[str, str], prices: Sequence[str], clock: Clock, log: FaultLog) -> Rows:
    """Return stamps in UTC and numbers, with nulls and unreadable cells judged.

    Parameters
    ----------
    table : Table
        The source.
    found : dict
        Role to column.
    prices : sequence of str
        Roles that must have a value in every row.

    Raises
    ------
    BarsError
        By policy; and for stamps of no stated zone or unit.
    """
    frame = table.frame
    row = np.arange(frame.height, dtype=np.int64)
    keep = _without_nulls(frame, found, ["time", *(["date"] if "date" in found else []), *prices], row, log)
    frame, row = _filter(frame, row, keep)
    _require_rows(row, log)
    optional = [r for r in ("volume", "bid_volume", "ask_volume", "spread") if r in found]
    values, unreadable, words = _floats(frame, {r: found[r] for r in [*prices, *optional]}, table.comma)
    dates = frame[found["date"]] if "date" in found else None
    stamps = read_stamps(
        frame[found["time"]],
        dates,
        unit=clock.unit,
        date=_day(table, frame[found["time"]], clock),
        layout=table.stamp,
        text=table.text,
        where=log.where,
    )

    def cell(index: int) -> str:
        if stamps.unreadable[index]:
            return f"stamp was {frame[found['time']][index]!r}"
        return str(words(index))

    if log.judge("unreadable", unreadable | stamps.unreadable, row, cell) is not None:
        good = ~(unreadable | stamps.unreadable)
    else:
        good = np.ones(len(row), dtype=np.bool_)
    time, kept = _utc(stamps.time, stamps.zoned, good, found["time"], clock, row, log)
    rows = Rows(row, time, values).take(kept) if not kept.all() else Rows(row, time, values)
    _require_rows(rows.row, log)
    return rows


def _require_rows(row: Int64, log: FaultLog) -> None:
    if len(row) == 0:
        raise BarsError(
            f"{log.where}: no row is left of {log.rows:,} ({', '.join(log.touched) or 'none was there'}); at least one must be."
        )


def _day(table: Table, series: pl.Series, clock: Clock) -> str | None:
    """Return the day that times of day belong to: the caller's, or the one in the name of a file of milliseconds."""
    if clock.date is not None:
        try:
            day = str(np.datetime64(clock.date).astype("datetime64[D]").item())
        except (TypeError, ValueError) as error:
            raise BarsError(f"date: was {clock.date!r}; it must be a day such as '2014-05-05'.") from error
        return day
    if table.text and table.day and clock.unit in (None, "ms_of_day") and series.dtype.is_integer():
        highest: Any = series.max()
        lowest: Any = series.min()
        days = len(str(lowest)) == 8 and str(lowest)[:2] in ("19", "20", "21")  # 20120201 is a date
        return table.day if highest < 86_400_000 and not days else None
    return None


def _filter(frame: pl.DataFrame, row: Int64, keep: Bool) -> tuple[pl.DataFrame, Int64]:
    if keep.all():
        return frame, row
    import polars as pl

    return frame.filter(pl.Series(keep)), row[keep]


def _without_nulls(frame: pl.DataFrame, found: dict[str, str], roles: Sequence[str], row: Int64, log: FaultLog) -> Bool:
    bad = np.zeros(frame.height, dtype=np.bool_)
    for role in roles:
        if frame[found[role]].null_count():
            bad |= frame[found[role]].is_null().to_numpy()

    def empty(index: int) -> str:
        return next(f"{found[r]} was empty" for r in roles if frame[found[r]][index] is None)

    log.judge("nulls", bad, row, empty)
    return np.asarray(~bad)


def _floats(frame: pl.DataFrame, found: dict[str, str], comma: bool) -> tuple[dict[str, Float], Bool, Any]:
    """Return float arrays by role, the rows with a text that is no number, and a function that names it."""
    import polars as pl

    values: dict[str, Float] = {}
    bad = np.zeros(frame.height, dtype=np.bool_)
    texts: list[tuple[str, Bool]] = []
    for role, name in found.items():
        series = frame[name]
        if series.dtype == pl.String:
            series = series.str.strip_chars()
            if comma:
                series = series.str.replace(",", ".", literal=True)
        elif not (series.dtype.is_numeric() or series.dtype == pl.Null):
            raise BarsError(f"column {name!r}: holds {series.dtype}; {role} must be numbers.")
        numbers = series.cast(pl.Float64, strict=False)
        if series.dtype == pl.String:
            wrong = (numbers.is_null() & series.is_not_null()).to_numpy()
            texts.append((name, wrong))
            bad |= wrong
        values[role] = np.array(numbers.to_numpy(), dtype=np.float64)  # a copy: the caller may go on changing the source

    def words(index: int) -> str:
        name = next(n for n, wrong in texts if wrong[index])
        return f"{name} was {frame[name][index]!r}"

    return values, bad, words


def _utc(local: Int64, zoned: bool, good: Bool, column: str, clock: Clock, row: Int64, log: FaultLog) -> tuple[Int64, Bool]:
    """Return stamps in UTC and the rows to keep."""
    if zoned:
        if clock.tz is not None and clock.tz != "UTC":
            log.notes.append(f"tz={clock.tz!r} was not used: the stamps state their zone")
        return local, good
    tz = clock.tz
    if tz is None and (
        clock.unit in ("s", "ms", "us", "ns") or names.normal(column) in ("gmt_time", "time_utc", "utc_time", "utc")
    ):
        tz = "UTC"
    if tz is None:
        raise BarsError(
            f"{log.where}, {column}: stamps have no zone (first {text(int(local[0]))}); tz must say which clocks they show. "
            "Pass tz='UTC', 'UTC-5', '+02:00', 'America/New_York' or a table of (start, zone)."
        )
    out = np.zeros_like(local)
    keep = good.copy()
    zones = periods(tz, log.where)
    if good.all():
        return to_utc(local, zones, row, log)
    out[good], keep[good] = to_utc(local[good], zones, row[good], log)
    return out, keep
