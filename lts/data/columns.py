"""Columns by meaning: which column of a source is the stamp, which are prices of which side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PARTS = ("open", "high", "low", "close")
SIDES = ("bid", "ask", "mid")

# best first: a source with several has a reason for the first
_TIME = (
    "timestamp", "datetime", "date_time", "time", "date", "gmt_time", "time_utc", "utc_time", "utc", "local_time", "open_time",
    "bar_time", "stamp", "ts", "dt", "index", "unnamed_0", "",
)  # fmt: skip
_VOLUME = ("volume", "tick_volume", "tickvolume", "tickvol", "vol", "ticks", "tick_count", "tickcount", "v")


def normal(name: str) -> str:
    """Return a column's name in lower case with single underscores: "<DATE>" is "date", "Bid.Open" is "bid_open"."""
    return re.sub(r"[^a-z0-9]+", "_", str(name).strip().lower()).strip("_")


def _spellings(side: str, part: str) -> tuple[str, ...]:
    letter, s = part[0], side[0]
    return (
        f"{side}_{part}", f"{part}_{side}", f"{side}{part}", f"{part}{side}", f"{side}_{letter}", f"{side}{letter}",
        f"{s}_{part}", f"{part}_{s}", f"{s}{letter}",
    )  # fmt: skip


def _spelt(kind: str) -> dict[str, tuple[str, ...]]:
    """Return role: names, best first."""
    roles: dict[str, tuple[str, ...]] = {"time": _TIME, "volume": _VOLUME, "spread": ("spread",)}
    if kind == "ticks":
        roles |= {"bid": ("bid", "bid_price", "bidprice", "b"), "ask": ("ask", "ask_price", "askprice", "offer", "a")}
        roles |= {f"{s}_volume": (f"{s}_volume", f"{s}volume", f"{s}_size", f"{s}size", f"{s}_vol") for s in ("bid", "ask")}
        return roles
    roles |= {part: (part, f"{part}_price", part[0]) for part in PARTS}
    roles |= {f"{side}_{part}": _spellings(side, part) for side in SIDES for part in PARTS}
    return roles


def find(names: Sequence[str], kind: str, stated: Mapping[str, str] | None, where: str) -> dict[str, str]:
    """Return role to column name, for every role that a column plays.

    Parameters
    ----------
    names : sequence of str
        The source's columns.
    kind : str
        "bars" or "ticks".
    stated : mapping or None
        Role to column where the names do not say it; these win.

    Raises
    ------
    BarsError
        Two columns of one meaning, or no stamp.
    ParameterError
        An unknown role, or a stated column that is not there.
    """
    roles = _spelt(kind)
    by_name: dict[str, list[str]] = {}
    for name in names:
        by_name.setdefault(normal(name), []).append(name)
    found: dict[str, str] = {}
    for role, spellings in roles.items():
        for spelling in spellings:
            same = by_name.get(spelling, [])
            if len(same) > 1 and role not in (stated or {}):
                raise BarsError(
                    f"{where}, columns: {same} all mean {role!r}; one must. Choose with columns={{{role!r}: {same[0]!r}}}."
                )
            if same:
                found[role] = same[0]
                break
    found |= _stated(names, {**roles, "date": ("date",)}, stated, where)
    if "time" not in found:
        raise BarsError(f"{where}, columns: no stamp among {list(names)}; there must be one. Name it with columns={{'time': ...}}.")
    if "date" not in found and normal(found["time"]) == "time" and by_name.get("date"):
        found["date"] = by_name["date"][0]
    return found


def _stated(
    names: Sequence[str], roles: Mapping[str, tuple[str, ...]], stated: Mapping[str, str] | None, where: str
) -> dict[str, str]:
    if stated is not None and not hasattr(stated, "items"):
        raise ParameterError(
            f"columns: was {stated!r}; it must be a dict such as {{'open': 'first'}}, or for files without names a list of roles."
        )
    for role, name in (stated or {}).items():
        if role not in roles:
            raise ParameterError(f"columns: {role!r} is no role; it must be one of {', '.join(roles)}.{near_miss(role, roles)}")
        if name not in names:
            raise ParameterError(f"columns, {role}: {where} has no column {name!r}; it has {list(names)}.{near_miss(name, names)}")
    return dict(stated or {})


def sides_of(found: Mapping[str, str], side: str | None, where: str) -> dict[str, tuple[str, ...]]:
    """Return the sides to read, each with its roles for open, high, low, close.

    Parameters
    ----------
    found : mapping
        Role to column, from `find`.
    side : str or None
        What the caller says: "both", "bid", "ask", "mid" or None.

    Raises
    ------
    BarsError
        Missing prices, or a side that nobody states.
    ParameterError
        A side that contradicts the columns.
    """
    if side not in (None, "both", *SIDES):
        raise ParameterError(
            f"side: was {side!r}; it must be 'both', 'bid', 'ask' or 'mid'.{near_miss(str(side), ('both', *SIDES))}"
        )
    whole = {s: tuple(f"{s}_{p}" for p in PARTS) for s in SIDES if all(f"{s}_{p}" in found for p in PARTS)}
    plain = all(part in found for part in PARTS)
    if "bid" in whole and "ask" in whole and side in (None, "both"):
        return {s: whole[s] for s in ("bid", "ask")}
    if side in whole:
        return {str(side): whole[str(side)]}
    if side == "both":
        raise ParameterError(
            f"side: was 'both' and {where} has {_has(whole, found)}; it must have bid_open ... ask_close. "
            "Name one side and a spread, or pass two files {'bid': path, 'ask': path}."
        )
    if plain and side is not None and not whole:
        return {side: PARTS}
    if len(whole) == 1 and side is None:
        return {s: whole[s] for s in whole}
    if side is not None and whole:
        raise ParameterError(f"side: was {side!r} and the columns of {where} are {' and '.join(whole)}; it must agree with them.")
    if plain:
        raise BarsError(
            f"{where}, side: its prices are of no named side; it must be 'bid', 'ask' or 'mid'. "
            "Pass side=... as the vendor states it."
        )
    missing = _missing(found)
    raise BarsError(
        f"{where}, columns: {missing!r} is missing; bars need open, high, low and close. Name it with columns={{{missing!r}: ...}}."
    )


def _has(whole: Mapping[str, object], found: Mapping[str, str]) -> str:
    return f"only {' and '.join(whole)}" if whole else f"the columns {list(found.values())}"


def _missing(found: Mapping[str, str]) -> str:
    for side in ("", *(f"{s}_" for s in SIDES)):
        if any(f"{side}{p}" in found for p in PARTS):
            return next((f"{side}{p}" for p in PARTS if f"{side}{p}" not in found), "open")
    return "open"
