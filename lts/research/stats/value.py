"""A statistic's value: a number, or in its place the reason why there is none. No number is ever invented."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

Value: TypeAlias = float | str  # text = why it cannot be computed

NO_TRADE = "there is no closed trade"
NO_WIN = "no trade won"
NO_LOSS = "no trade lost"


def dot(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Return sum(x * y). Not `@`: its threads cost 40 ms on a busy machine, and may add in another order."""
    return float(np.einsum("i,i->", x, y))


def over(top: Value, bottom: Value, why: str) -> Value:
    """Return top / bottom; a reason that either carries; `why` where the bottom is not above 0."""
    if isinstance(top, str):
        return top
    if isinstance(bottom, str):
        return bottom
    return float(top) / float(bottom) if bottom > 0 else why


def times(value: Value, factor: float) -> Value:
    """Return value x factor, or the reason that the value carries."""
    return value if isinstance(value, str) else value * factor


def when(ok: object, why: str, compute: Callable[[], float]) -> Value:
    """Return what `compute` returns if `ok`, else `why`."""
    return float(compute()) if ok else why


def because(why: str, ids: Iterable[str]) -> dict[str, Value]:
    """Return the same reason for every id."""
    return dict.fromkeys(ids, why)


def split(values: Mapping[str, Value]) -> tuple[dict[str, float], dict[str, str]]:
    """Return (numbers by id, nan where there is none; the reasons by id)."""
    numbers: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for name, value in values.items():
        number = nan if isinstance(value, str) else float(value)
        numbers[name] = number if isfinite(number) else nan
        if not isfinite(number):
            reasons[name] = value if isinstance(value, str) else "the number is too large to be written"
    return numbers, reasons
