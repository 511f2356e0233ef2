"""The statistics of empyrical, from the same daily returns, by its own formulas: 252 days a year, drawdown at day ends only."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.stats.definition import define
from lts.research.stats.money import benchmark_returns
from lts.research.stats.risk import downside, mean_of_worst, moments
from lts.research.stats.value import Value, because, dot, over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.facts import Facts

    Float64 = NDArray[np.float64]

YEAR = 252  # trading days
DEFINITIONS = define(
    "empyrical",
    "daily: equity at 17:00 New York, Monday to Friday, from the initial balance; 252 days a year; names and formulas of"
    " empyrical-reloaded 0.7.1",
    """
cum_returns_final | return of the whole run | fraction | prod(1 + r) - 1 | empyrical.cum_returns_final
annual_return | growth a year, years counted in days of returns | fraction | prod(1 + r) ** (252 / n) - 1 |
    empyrical.annual_return
annual_volatility | deviation of daily returns, a year | fraction a year | std(r, ddof=1) * sqrt(252) |
    empyrical.annual_volatility
sharpe_ratio | mean daily return over its deviation, a year | ratio | mean(r) / std(r, ddof=1) * sqrt(252) |
    empyrical.sharpe_ratio
calmar_ratio | growth a year over the deepest drawdown at day ends | ratio | annual_return / -max_drawdown |
    empyrical.calmar_ratio
stability_of_timeseries | how straight the growth was | fraction | squared correlation of cumsum(log(1 + r)) with time |
    empyrical.stability_of_timeseries
max_drawdown | deepest fall from the running peak, at day ends | fraction, <= 0 | min(v / cummax(v) - 1), v = 1, then cumprod(1
    + r) | empyrical.max_drawdown
omega_ratio | what days gained over what days lost | ratio | sum(r > 0) / -sum(r < 0) | empyrical.omega_ratio
sortino_ratio | mean daily return over its downside risk, a year | ratio | mean(r) * 252 / downside_risk |
    empyrical.sortino_ratio
downside_risk | deviation of returns below 0, a year, over all days | fraction a year | sqrt(mean(min(r, 0)**2)) * sqrt(252) |
    empyrical.downside_risk
skew | lopsidedness of daily returns | ratio | mean(z**3), z = (r - mean(r)) / std(r, ddof=0) | empyrical takes scipy.stats.skew
kurtosis | weight of the tails beyond the normal distribution's | ratio, normal = 0 | mean(z**4) - 3 | empyrical takes
    scipy.stats.kurtosis
tail_ratio | good tail over bad tail | ratio | abs(quantile(r, 0.95)) / abs(quantile(r, 0.05)) | empyrical.tail_ratio
value_at_risk | daily return that one day in twenty falls to or below | fraction, negative = loss | quantile(r, 0.05) |
    empyrical.value_at_risk
conditional_value_at_risk | mean return of the worst twentieth of days | fraction, negative = loss | mean of the floor(0.05 * (n
    - 1)) + 1 lowest r | empyrical.conditional_value_at_risk
alpha | return a year that beta does not explain | fraction a year | (1 + mean(r - beta * b)) ** 252 - 1, b = daily returns of
    the first instrument's mid | empyrical.alpha
beta | how much of the benchmark's daily return shows in the strategy's | ratio | cov(r, b) / var(b) | empyrical.beta
excess_sharpe | mean daily return beyond the benchmark's over its deviation, not a year | ratio | mean(r - b) / std(r - b,
    ddof=1) | empyrical.excess_sharpe
""",
    "empyrical",
)


def values(facts: Facts) -> dict[str, Value]:
    """Return the convention's statistics."""
    if facts.why_no_returns:
        return because(facts.why_no_returns, DEFINITIONS)
    r = facts.days.returns
    n, mean, deviation, risk = len(r), float(r.mean()), float(r.std(ddof=1)), downside(r) * sqrt(YEAR)
    low, high = (float(q) for q in np.percentile(r, [5, 95]))
    skew, kurtosis = moments(r)
    grown = np.cumprod(1 + r)
    annual = float(grown[-1] ** (YEAR / n)) - 1
    drawdown = deepest(grown)
    return {
        "cum_returns_final": float(grown[-1]) - 1,
        "annual_return": annual,
        "annual_volatility": deviation * sqrt(YEAR),
        "sharpe_ratio": mean / deviation * sqrt(YEAR),
        "calmar_ratio": over(annual, -drawdown, "equity never fell below a peak at a day's end"),
        "stability_of_timeseries": stability(r),
        "max_drawdown": drawdown,
        "omega_ratio": over(float(r[r > 0].sum()), float(-r[r < 0].sum()), "no day lost"),
        "sortino_ratio": over(mean * YEAR, risk, "no day lost"),
        "downside_risk": risk,
        "skew": skew,
        "kurtosis": kurtosis - 3,
        "tail_ratio": over(abs(high), abs(low), "the 5 % quantile of daily returns is 0"),
        "value_at_risk": low,
        "conditional_value_at_risk": mean_of_worst(r, 0.05),
        **against(r, benchmark_returns(facts)),
    }


def deepest(grown: NDArray[Any]) -> float:
    """Return the lowest value / running peak - 1, from a value of 1."""
    value = np.append(1.0, grown)
    peak = np.maximum.accumulate(value)
    return float(((value - peak) / peak).min())


def stability(r: Float64) -> Value:
    """Return the squared correlation of log growth with time."""
    g = np.cumsum(np.log1p(r))
    t, g = np.arange(len(g)) - (len(g) - 1) / 2, g - g.mean()
    return over(dot(t, g) ** 2, dot(t, t) * dot(g, g), "equity ends every day where it began")


def against(r: Float64, b: Float64) -> dict[str, Value]:
    """Return alpha, beta and excess_sharpe against a benchmark's daily returns."""
    apart, active = b - b.mean(), r - b
    variance = float(np.mean(apart**2))
    still = "the first instrument's daily returns do not differ"
    beta: Value = float(np.mean(apart * r)) / variance if variance >= 1e-30 else still
    alpha: Value = beta if isinstance(beta, str) else (1 + float(np.mean(r - beta * b))) ** YEAR - 1
    spread = float(active.std(ddof=1)) if np.ptp(active) > 0 else 0.0
    return {
        "alpha": alpha,
        "beta": beta,
        "excess_sharpe": over(float(active.mean()), spread, "returns differ from the benchmark's by a constant"),
    }
