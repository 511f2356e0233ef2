"""Ratios: what was earned for what was risked."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.stats.daily import DAYS, SAMPLING, months
from lts.research.stats.definition import define
from lts.research.stats.money import benchmark_returns, cagr
from lts.research.stats.risk import downside
from lts.research.stats.value import Value, because, dot, over, when

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.facts import Facts

DEFINITIONS = define(
    "ratios",
    SAMPLING,
    """
sharpe | mean daily return over its deviation, a year | ratio | mean(r) / std(r, ddof=1) * sqrt(260) | Sharpe 1994, Journal of
    Portfolio Management 21(1), the ex post ratio
sortino | mean daily return over its downside deviation, a year | ratio | mean(r) / sqrt(mean(min(r, 0)**2)) * sqrt(260) |
    Sortino and Price 1994, Journal of Investing 3(3)
calmar | growth a year over the deepest drawdown | ratio | cagr / max_drawdown | Young 1991, Futures, October; here over the
    whole run
omega | what days gained over what days lost | ratio | sum(r > 0) / -sum(r < 0) | Keating and Shadwick 2002, Journal of
    Performance Measurement 6(3), threshold 0
gain_to_pain | sum of monthly returns over the sum of the losing months | ratio | sum(m) / -sum(m < 0), m = returns of calendar
    months, the first and last may be parts | Schwager 2012, Hedge Fund Market Wizards, appendix A
information_ratio | mean daily return beyond the benchmark's over its deviation, a year | ratio | mean(r - b) / std(r - b,
    ddof=1) * sqrt(260), b = daily returns of the first instrument's mid | Grinold and Kahn 2000, Active Portfolio Management,
    chapter 5
ulcer_performance_index | growth a year over the ulcer index | ratio | cagr / ulcer_index | Martin and McCann 1989, The
    Investor's Guide to Fidelity Funds, chapter on the Ulcer Index; no risk-free rate
linear_correlation | how straight the growth was | correlation, -1 to 1 | corr(t, g), g = log equity by days, t = 0, 1, ... d
k_ratio | slope of growth over that slope's standard error, for any number of days | ratio | slope / error(slope) * sqrt(260) /
    d, least squares of g on t | Kestner 2013, The K-ratio, revised form of Quantitative Trading Strategies 2003, chapter 4
""",
)
_STRAIGHT = ("linear_correlation", "k_ratio")


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    calmar = over(cagr(facts), facts.result.drawdown[0], "equity never fell below a peak")
    ulcer = over(cagr(facts), facts.ulcer_index, "equity never fell below a peak")
    found: dict[str, Value] = {"calmar": calmar, "gain_to_pain": gain_to_pain(facts), "ulcer_performance_index": ulcer}
    if facts.why_no_returns:
        return because(facts.why_no_returns, DEFINITIONS) | found
    r = facts.days.returns
    active = r - benchmark_returns(facts)
    return found | {
        "sharpe": float(sharpe(r)),
        "sortino": sortino(r),
        "omega": over(float(r[r > 0].sum()), float(-r[r < 0].sum()), "no day lost"),
        "information_ratio": when(
            np.ptp(active) > 0, "returns differ from the benchmark's by the same on every day", lambda: float(sharpe(active))
        ),
        **straightness(r),
    }


def sharpe(r: NDArray[np.float64]) -> Any:
    """Return the yearly Sharpe ratio of daily returns that vary; of (..., d) returns, (...) ratios."""
    return r.mean(-1) / r.std(-1, ddof=1) * sqrt(DAYS)


def sortino(r: NDArray[np.float64]) -> Value:
    """Return the yearly Sortino ratio of daily returns."""
    return over(r.mean() * sqrt(DAYS), downside(r), "no day lost")


def gain_to_pain(facts: Facts) -> Value:
    """Return the sum of monthly returns over the sum of the losing months."""
    if facts.days.ruined:
        return facts.why_no_returns
    m = months(facts.days)[1]
    return over(float(m.sum()), float(-m[m < 0].sum()), "no month lost")


def straightness(r: NDArray[np.float64]) -> dict[str, Value]:
    """Return linear_correlation and k_ratio of the growth that daily returns make."""
    if len(r) < 3:
        return because("a line needs at least three days", _STRAIGHT)
    g = np.concatenate([[0.0], np.cumsum(np.log1p(r))])
    t = np.arange(len(g)) - len(r) / 2  # centred
    stt, sgg, stg = dot(t, t), dot(g - g.mean(), g - g.mean()), dot(t, g)
    if sgg == 0:
        return because("equity by days ends every day where it began", _STRAIGHT)
    rest = sgg - stg**2 / stt  # sum of squared residuals; what rounding leaves of none is none
    error = sqrt(rest / (len(g) - 2) / stt) if rest > 1e-12 * sgg else 0.0
    k_ratio = over(stg / stt * sqrt(DAYS) / len(r), error, "growth lies on a line")
    return {"linear_correlation": stg / sqrt(stt * sgg), "k_ratio": k_ratio}
