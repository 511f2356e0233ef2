"""Ratios of many resamples at once: of daily returns (k, d), of profits of trades (k, c). k numbers each, nan or inf where none is.

The formulas are those of `lts.explain(id)`, looked at by days, 260 a year.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from lts.research.stats.daily import DAYS
from lts.research.stats.ratios import sharpe
from lts.research.stats.risk import downside

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]
    Measure = Callable[[Float64], Float64]


def worth(r: Float64) -> Float64:
    """Return what 1 grows to, day by day, (k, d + 1)."""
    return np.asarray(np.cumprod(np.hstack([np.ones((len(r), 1)), 1 + r]), axis=1))


def drops(value: Float64) -> Float64:
    """Return how far values are below their running peak."""
    return np.asarray(np.maximum.accumulate(value, axis=1) - value)


def falls(value: Float64) -> Float64:
    """Return how far values are below their running peak, as a fraction of it."""
    peak = np.maximum.accumulate(value, axis=1)
    return np.asarray((peak - value) / peak)


def deepest(value: Float64) -> Float64:
    """Return the deepest of the falls of values, (k,)."""
    return np.asarray(falls(value).max(axis=1))


def growth(r: Float64) -> Float64:
    """Return growth a year."""
    return np.asarray(np.expm1(np.log1p(r).mean(axis=1) * DAYS))


def recovery(r: Float64) -> Float64:
    """Return what was earned over the deepest fall in money."""
    value = worth(r)
    return np.asarray((value[:, -1] - 1) / drops(value).max(axis=1))


def ulcer(r: Float64) -> Float64:
    """Return growth over the root mean square of the falls."""
    return np.asarray(growth(r) / np.sqrt(np.mean(falls(worth(r))[:, 1:] ** 2, axis=1)))


def tails(r: Float64) -> Float64:
    """Return the good tail over the bad one."""
    low, high = np.quantile(r, [0.05, 0.95], axis=1)
    return np.asarray(high / np.abs(low))


def straight(r: Float64) -> tuple[Float64, Float64]:
    """Return (linear_correlation, k_ratio)."""
    g = np.cumsum(np.hstack([np.zeros((len(r), 1)), np.log1p(r)]), axis=1)
    t = np.arange(g.shape[1]) - (g.shape[1] - 1) / 2
    g -= g.mean(axis=1, keepdims=True)
    stt, sgg, stg = float(np.sum(t * t)), np.sum(g * g, axis=1), np.sum(t * g, axis=1)
    error = np.sqrt(np.maximum(sgg - stg**2 / stt, 0) / (g.shape[1] - 2) / stt)
    return np.asarray(stg / np.sqrt(stt * sgg)), np.asarray(stg / stt * sqrt(DAYS) / r.shape[1] / error)


def months_ratio(first: NDArray[np.intp]) -> Measure:
    """Return gain_to_pain for months that begin at these days: a resample's days are laid into the calendar as it was."""

    def measure(r: Float64) -> Float64:
        monthly = np.expm1(np.add.reduceat(np.log1p(r), first, axis=1))
        return np.asarray(monthly.sum(axis=1) / loss(monthly))

    return measure


def gain(x: Float64) -> Float64:
    """Return the sum of what is above 0."""
    return np.asarray(np.maximum(x, 0).sum(axis=1))


def loss(x: Float64) -> Float64:
    """Return the sum of what is below 0, as a positive number."""
    return np.asarray(-np.minimum(x, 0).sum(axis=1))


def payoff(profit: Float64) -> Float64:
    """Return the mean win over the mean loss."""
    return np.asarray(gain(profit) / (profit > 0).sum(axis=1) / (loss(profit) / (profit < 0).sum(axis=1)))


def kelly(profit: Float64) -> Float64:
    """Return win_rate - (1 - win_rate) / payoff_ratio."""
    share = (profit > 0).mean(axis=1)
    return np.asarray(share - (1 - share) / payoff(profit))


def sqn(profit: Float64) -> Float64:
    """Return the system quality number."""
    return np.asarray(sqrt(min(profit.shape[1], 100)) * profit.mean(axis=1) / profit.std(axis=1, ddof=1))


DAILY: dict[str, Measure] = {
    "sharpe": sharpe,
    "sortino": lambda r: np.asarray(r.mean(axis=1) * sqrt(DAYS) / downside(r)),
    "omega": lambda r: gain(r) / loss(r),
    "volatility": lambda r: np.asarray(r.std(axis=1, ddof=1) * sqrt(DAYS)),
    "tail_ratio": tails,
    "cagr": growth,
    "max_drawdown": lambda r: deepest(worth(r)),
    "calmar": lambda r: growth(r) / deepest(worth(r)),
    "ulcer_performance_index": ulcer,
    "recovery_factor": recovery,
    "linear_correlation": lambda r: straight(r)[0],
    "k_ratio": lambda r: straight(r)[1],
}
TRADES: dict[str, Measure] = {
    "win_rate": lambda p: np.asarray((p > 0).mean(axis=1)),
    "profit_factor": lambda p: gain(p) / loss(p),
    "payoff_ratio": payoff,
    "expectancy": lambda p: np.asarray(p.mean(axis=1)),
    "sqn": sqn,
    "kelly": kelly,
}
