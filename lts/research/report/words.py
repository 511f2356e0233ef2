"""How a report writes: tables of finished texts, numbers with a real minus, moments in UTC."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.plots.style import number

if TYPE_CHECKING:
    from collections.abc import Sequence

NONE = "none"
WHOLE = ("count", "nights", "days", "calendar days", "hours")  # units whose whole numbers need no decimals
PERCENT = ("fraction", "probability")  # units that people read in percent


class Table(NamedTuple):
    """A table as it stands on the page; every cell is text. The first column and those in `left` are words, the others numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    left: frozenset[int] = frozenset()


def money(value: float) -> str:
    """Return money with two decimals."""
    return number(value + 0.0, ",.2f")


def percent(value: float, decimals: int = 2) -> str:
    """Return a fraction in percent."""
    text = number(100 * value, f",.{decimals}f")
    return text if text == NONE else f"{text} %"


def amount(value: float, unit: str) -> str:
    """Return a statistic as its unit asks for."""
    if not isfinite(value):
        return NONE
    if unit.startswith(PERCENT):
        return percent(value)
    if unit.startswith("account currency"):
        return money(value)
    if unit.startswith(WHOLE) and value == round(value):
        return number(value, ",.0f")
    size = abs(value)
    return number(value + 0.0, ",.1f" if size >= 1000 else ",.2f" if size >= 1 or value == 0 else ".3f" if size >= 0.01 else ".2g")


def moment(time: Any, *, seconds: bool = False) -> str:
    """Return a moment, UTC, to the minute or the second; "none" where there is none."""
    stamp = np.datetime64(time, "ns")
    if np.isnat(stamp):
        return NONE
    return str(stamp.astype("datetime64[s]" if seconds else "datetime64[m]")).replace("T", " ")


def day(time: Any) -> str:
    """Return a date, UTC; "none" where there is none."""
    stamp = np.datetime64(time, "ns")
    return NONE if np.isnat(stamp) else str(stamp.astype("datetime64[D]"))


def lower(name: object) -> str:
    """Return the name of a reason or status as words."""
    return str(name).replace("_", " ").lower()


def sentence(text: str) -> str:
    """Return a remark as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
