"""Which of two values is better: of costs and falls the smaller one; nan never."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL = frozenset({
    "max_drawdown", "max_drawdown_money", "spread_cost", "slippage_cost", "commission", "conversion_cost", "ambiguous_bars",
    "margin_closeouts", "bars_below_zero", "same_bar_nights", "fills_after_closure",
})  # fmt: skip


def merit(values: NDArray[np.float64], by: str) -> NDArray[np.float64]:
    """Return values turned so that more is better; nan stays nan."""
    return -values if by in SMALL else values


def ranked(values: NDArray[np.float64], by: str) -> NDArray[np.intp]:
    """Return the places of the values that are numbers, the best first; equal ones in their order."""
    turned = merit(values, by)
    places = np.flatnonzero(~np.isnan(turned))
    return places[np.argsort(-turned[places], kind="stable")]


def first_best(values: NDArray[np.float64], by: str) -> int | None:
    """Return the place of the best value, the first of equal ones; None where there is no number."""
    turned = merit(values, by)
    return None if np.isnan(turned).all() else int(np.nanargmax(turned))
