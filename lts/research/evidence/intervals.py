"""An interval around every ratio: what other orders of the same days, and other draws of the same trades, would have given."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError
from lts.research.evidence.matrix import returns_of
from lts.research.stats.daily import DAYS
from lts.research.stats.facts import Facts
from lts.research.stats.ratios import sharpe
from lts.research.stats.resample import checked_block, drawn_days
from lts.research.stats.risk import downside
from lts.sim.checks import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from lts.research.result import Result

    Float64 = NDArray[np.float64]

SEED = 1994


def intervals(
    result: Result | Any, *, resamples: int = 1_000, level: float = 0.95, block: float | None = None, seed: int = SEED
) -> pd.DataFrame:
    """Return a bootstrap interval for every ratio of a result, or of daily returns alone.

    Parameters
    ----------
    result : Result or (d,)
        A result, or the daily returns of one set; of returns alone the ratios of trades are nan.
    resamples : int
    level : float
        Share of the resamples between the ends.
    block : float or None
        Mean stretch of days that stay together; None: the cube root of the days.
    seed : int

    Returns
    -------
    pandas.DataFrame
        By id: value, low, high, and reason where there are none. sharpe, sortino, omega, volatility, cagr, calmar, max_drawdown of
        daily returns by the stationary bootstrap (here `value` too is taken at days, 260 a year); win_rate, profit_factor,
        payoff_ratio, expectancy of trades drawn one by one. A resample without a number (no day lost) is left out.

    Raises
    ------
    ParameterError
        A level that is not between 0 and 1, a block longer than the days, returns that are no row of finite numbers.

    References
    ----------
    Politis, D. and Romano, J. (1994), The stationary bootstrap; Efron, B. (1979), Bootstrap methods, Annals of Statistics 7(1), for
    the trades, and his percentile interval.
    """
    import pandas as pd

    if not 0 < level < 1:
        raise ParameterError(f"intervals, level: was {level!r}; it must lie between 0 and 1, such as 0.95.")
    if (whole(resamples) or 0) < 1:
        raise ParameterError(f"intervals, resamples: was {resamples!r}; it must be a whole number of at least 1.")
    random = np.random.default_rng(seed)
    r, why, profit = _parts(result)
    rows = {**_daily(r, why, resamples, level, block, random), **_trades(profit, resamples, level, random)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high", "reason"]).rename_axis("id")


def _parts(given: Any) -> tuple[Float64, str, Float64 | None]:
    """Return (daily returns, why nothing can be said of them, profits of the trades or None)."""
    from lts.research.result import Result

    if isinstance(given, Result):
        facts = Facts(given)
        return facts.days.returns, facts.why_no_returns, facts.profit
    table = returns_of("intervals", given)
    if len(table) > 1:
        raise ParameterError(f"intervals, returns: has shape {table.shape}; it must be the days of one set. Give it one row.")
    return table[0], "" if np.ptp(table) > 0 else "no daily return differs from another", None


def _daily(r: Float64, why: str, resamples: int, level: float, block: float | None, random: np.random.Generator) -> dict[str, Any]:
    if why:
        return dict.fromkeys(DAILY, (np.nan, np.nan, np.nan, why))
    drawn = r[drawn_days(len(r), resamples, checked_block("intervals", block, len(r)), random)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: _row(measure(r[None, :]), measure(drawn), level) for name, measure in DAILY.items()}


def _trades(profit: Float64 | None, resamples: int, level: float, random: np.random.Generator) -> dict[str, Any]:
    if profit is None:
        return dict.fromkeys(TRADES, (np.nan, np.nan, np.nan, "daily returns have no trades"))
    if len(profit) < 2:
        return dict.fromkeys(TRADES, (np.nan, np.nan, np.nan, "an interval needs two closed trades"))
    drawn = profit[random.integers(0, len(profit), (resamples, len(profit)))]
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: _row(measure(profit[None, :]), measure(drawn), level) for name, measure in TRADES.items()}


def _row(own: Float64, drawn: Float64, level: float) -> tuple[float, float, float, str]:
    value = float(own[0]) if np.isfinite(own[0]) else np.nan
    usable = drawn[np.isfinite(drawn)]
    if len(usable) < 0.95 * len(drawn):
        return value, np.nan, np.nan, "most resamples have no such number"
    low, high = np.quantile(usable, [(1 - level) / 2, (1 + level) / 2])
    return value, float(low), float(high), ""


def _fall(r: Float64) -> Float64:
    """Return the deepest fall of the growth of daily returns from its peak, (k,)."""
    worth = np.cumprod(np.hstack([np.ones((len(r), 1)), 1 + r]), axis=1)
    return np.asarray(np.max(1 - worth / np.maximum.accumulate(worth, axis=1), axis=1))


def _growth(r: Float64) -> Float64:
    """Return growth a year of daily returns, (k,)."""
    return np.asarray(np.exp(np.log1p(r).mean(axis=1) * DAYS) - 1)


def _gain(x: Float64) -> Float64:
    return np.asarray(np.maximum(x, 0).sum(axis=1))


def _loss(x: Float64) -> Float64:
    return np.asarray(-np.minimum(x, 0).sum(axis=1))


DAILY: dict[str, Callable[[Float64], Float64]] = {
    "sharpe": sharpe,
    "sortino": lambda r: r.mean(axis=1) * sqrt(DAYS) / downside(r),
    "omega": lambda r: _gain(r) / _loss(r),
    "volatility": lambda r: r.std(axis=1, ddof=1) * sqrt(DAYS),
    "cagr": _growth,
    "max_drawdown": _fall,
    "calmar": lambda r: _growth(r) / _fall(r),
}
TRADES: dict[str, Callable[[Float64], Float64]] = {
    "win_rate": lambda p: np.asarray((p > 0).mean(axis=1)),
    "profit_factor": lambda p: _gain(p) / _loss(p),
    "payoff_ratio": lambda p: _gain(p) / (p > 0).sum(axis=1) / (_loss(p) / (p < 0).sum(axis=1)),
    "expectancy": lambda p: np.asarray(p.mean(axis=1)),
}
