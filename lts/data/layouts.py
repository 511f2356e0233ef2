"""Layouts of text files: separator, header or none, decimal comma, the columns of vendors' headerless files.

Sources: files of QuantConnect Lean, MetaTrader, HistData, Dukascopy and TrueFX as their users publish them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIDE = ("open", "high", "low", "close")
_LEAN = ("time", *(f"bid_{p}" for p in _SIDE), "bid_volume", *(f"ask_{p}" for p in _SIDE), "ask_volume")


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out; None is found out from its first lines.

    Parameters
    ----------
    separator : str or None
        One character.
    header : bool or None
        Whether the first line holds names.
    columns : tuple of str or None
        What each column of a headerless file means: time, date, open, bid_open, bid, volume, skip, ...
    stamp : str or None
        Format of the stamps in strftime's letters ("%d/%m/%Y %H:%M"), for stamps that can be read in two ways.
    decimal_comma : bool or None
        Whether 1,30584 is a price.
    """

    separator: str | None = None
    header: bool | None = None
    columns: tuple[str, ...] | None = None
    stamp: str | None = None
    decimal_comma: bool | None = None


LAYOUTS = {
    "lean": Layout(",", False, _LEAN),
    "lean_tick": Layout(",", False, ("time", "bid", "ask")),
    "ohlc": Layout(header=False, columns=("time", *_SIDE)),
    "ohlcv": Layout(header=False, columns=("time", *_SIDE, "volume")),
    "histdata": Layout(";", False, ("time", *_SIDE, "volume")),
    "histdata_tick": Layout(",", False, ("time", "bid", "ask", "volume")),
    "metatrader4": Layout(",", False, ("date", "time", *_SIDE, "volume")),
    "dukascopy_tick": Layout(",", False, ("time", "bid", "ask", "bid_volume", "ask_volume")),
    "truefx": Layout(",", False, ("symbol", "time", "bid", "ask")),
}


def as_layout(layout: object) -> Layout:
    """Return a Layout from None, a name in LAYOUTS, a dict of Layout's fields, or a Layout.

    Raises
    ------
    ParameterError
        An unknown name or field.
    """
    if layout is None:
        return Layout()
    if isinstance(layout, Layout):
        return layout
    if isinstance(layout, str):
        if layout in LAYOUTS:
            return LAYOUTS[layout]
        raise ParameterError(f"layout: {layout!r} is unknown; it must be one of {', '.join(LAYOUTS)}.{near_miss(layout, LAYOUTS)}")
    if isinstance(layout, dict):
        known = Layout.__dataclass_fields__
        for key in layout:
            if key not in known:
                raise ParameterError(f"layout: {key!r} is no field; it must be one of {', '.join(known)}.{near_miss(key, known)}")
        given: dict[str, Any] = dict(layout)
        if given.get("columns") is not None:
            given["columns"] = tuple(given["columns"])
        return Layout(**given)
    raise ParameterError(f"layout: was {layout!r}; it must be None, a name, a dict of fields or lts.data.layouts.Layout.")


def positions(columns: Any) -> tuple[str, ...]:
    """Return the roles of all columns in the file's order, from what the caller passed as `columns`.

    Raises
    ------
    ParameterError
        No sequence of texts.
    """
    if isinstance(columns, str) or not hasattr(columns, "__iter__") or not all(isinstance(name, str) for name in columns):
        raise ParameterError(
            f"columns: was {columns!r}; it must be a dict of role to column, or a list of roles in the file's order."
        )
    return tuple(columns)


_STAMP = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{1,2}:\d{2}")
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?$")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")


def sniff(lines: Sequence[str], layout: Layout, kind: str, where: str) -> Layout:
    """Fill in what a layout leaves open.

    Parameters
    ----------
    lines : sequence of str
        The first lines that are not empty, at least one.
    kind : str
        "bars" or "ticks".

    Raises
    ------
    BarsError
        A headerless file whose columns are of no known layout.
    """
    separator = layout.separator or next((c for c in "\t;|" if c in lines[0]), ",")
    rows = [[cell.strip().strip('"') for cell in line.split(separator)] for line in lines]
    header = layout.header if layout.header is not None else not any(_is_value(cell) for cell in rows[0])
    comma = layout.decimal_comma
    if comma is None:
        comma = separator != "," and any(re.fullmatch(r"-?\d+,\d+", cell) for row in rows for cell in row)
    columns = layout.columns
    if not header and columns is None:
        columns = _headerless(rows[0], kind, where)
    return replace(layout, separator=separator, header=header, columns=columns, decimal_comma=comma)


def _is_value(cell: str) -> bool:
    return bool(_NUMBER.match(cell) or _STAMP.match(cell)) or bool(re.match(r"\d{8} \d", cell))


def _headerless(cells: Sequence[str], kind: str, where: str) -> tuple[str, ...]:
    """Return the columns of a file without names, by their number and the looks of the first line."""
    clock = len(cells) > 1 and bool(_CLOCK.match(cells[1]))
    stamps: tuple[str, ...] = ("date", "time") if clock else ("time",)
    if cells and not _is_value(cells[0]):
        stamps, cells = ("symbol", *stamps), cells[1:]
    rest = len(cells) - 1 - clock
    known: dict[int, tuple[str, ...]]
    if kind == "ticks":
        known = {2: ("bid", "ask"), 3: ("bid", "ask", "volume"), 4: ("bid", "ask", "bid_volume", "ask_volume")}
    else:
        known = {4: _SIDE, 5: (*_SIDE, "volume"), 10: _LEAN[1:]}
    if rest in known:
        return (*stamps, *known[rest])
    raise BarsError(
        f"{where}: has no line of names and {len(cells)} columns ({', '.join(cells[:6])} ...); {kind} without names are known with "
        f"{', '.join(str(n + 1) for n in known)}. Name them with columns=['time', 'bid_open', ...], 'skip' for what is not needed."
    )
