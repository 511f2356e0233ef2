"""Risk: how much daily returns vary, and how bad the bad days were."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.stats.daily import DAYS, SAMPLING
from lts.research.stats.definition import define
from lts.research.stats.value import Value, because, over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.facts import Facts

DEFINITIONS = define(
    "risk",
    SAMPLING,
    """
volatility | deviation of daily returns, a year | fraction a year | std(r, ddof=1) * sqrt(260)
downside_deviation | deviation of returns below 0, a year, over all days | fraction a year | sqrt(mean(min(r, 0)**2)) *
    sqrt(260) | Sortino and Price 1994, Journal of Investing 3(3)
var95 | loss that one day in twenty reaches or passes, as it happened | fraction of equity, positive = loss | -quantile(r,
    0.05), linear between days | Jorion 2007, Value at Risk, 3rd edition, chapter 10: historical simulation
cvar95 | mean loss of the worst twentieth of days | fraction of equity, positive = loss | -mean of the floor(0.05 * (n - 1)) + 1
    lowest r | Rockafellar and Uryasev 2000, Journal of Risk 2(3)
skew | lopsidedness of daily returns; negative = the large days are losses | ratio | mean(z**3), z = (r - mean(r)) / std(r,
    ddof=0)
excess_kurtosis | weight of the tails beyond the normal distribution's | ratio, normal = 0 | mean(z**4) - 3
tail_ratio | good tail over bad tail | ratio | quantile(r, 0.95) / abs(quantile(r, 0.05))
best_day | highest daily return | fraction | max(r)
worst_day | lowest daily return | fraction | min(r)
""",
)


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    if facts.why_no_returns:
        return because(facts.why_no_returns, DEFINITIONS)
    r = facts.days.returns
    low, high = (float(q) for q in np.quantile(r, [0.05, 0.95]))
    skew, kurtosis = moments(r)
    return {
        "volatility": float(np.std(r, ddof=1)) * sqrt(DAYS),
        "downside_deviation": float(downside(r)) * sqrt(DAYS),
        "var95": -low,
        "cvar95": -mean_of_worst(r, 0.05),
        "skew": float(skew),
        "excess_kurtosis": float(kurtosis) - 3,
        "tail_ratio": over(high, abs(low), "the 5 % quantile of daily returns is 0"),
        "best_day": float(r.max()),
        "worst_day": float(r.min()),
    }


def downside(r: NDArray[np.float64]) -> Any:
    """Return the root mean square of returns below 0, over all of them; of (..., d) returns, (...) values."""
    return np.sqrt(np.mean(np.minimum(r, 0) ** 2, axis=-1))


def mean_of_worst(r: NDArray[np.float64], share: float) -> float:
    """Return the mean of the lowest returns, the one at the quantile included."""
    last = int((len(r) - 1) * share)
    return float(np.mean(np.partition(r, last)[: last + 1]))


def moments(r: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return (skewness, kurtosis) of the sample, 0 and 3 for a normal one; of (..., d) returns, (...) values."""
    z = (r - r.mean(-1, keepdims=True)) / r.std(-1, keepdims=True)
    square = z * z
    return np.mean(square * z, axis=-1), np.mean(square * square, axis=-1)
