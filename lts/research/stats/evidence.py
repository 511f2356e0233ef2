"""Evidence: how much of the Sharpe ratio and of the mean trade could be chance."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.stats.daily import DAYS, SAMPLING
from lts.research.stats.definition import define
from lts.research.stats.resample import stretches, usual_block
from lts.research.stats.risk import moments
from lts.research.stats.skill import above, estimate_variance, expected_max_sharpe, track_record
from lts.research.stats.student import two_sided
from lts.research.stats.value import Value, because

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.ledger.trials import Trials
    from lts.research.stats.facts import Facts

DEFINITIONS = define(
    "evidence",
    SAMPLING + "; the mean trade: every closed trade",
    """
psr | probability that the true Sharpe ratio is above 0 | probability | normal cdf of SR*sqrt(n-1)/sqrt(1 - skew*SR +
    (kurtosis-1)/4*SR**2), SR a day | Bailey and Lopez de Prado 2012, Journal of Risk 15(2), probabilistic Sharpe ratio
sharpe_se | standard error of the Sharpe ratio, for returns of any skew and kurtosis | ratio, a year | sqrt((1 - skew*SR +
    (kurtosis-1)/4*SR**2) / (n-1)) * sqrt(260), SR a day | Mertens 2002; Bailey and Lopez de Prado 2012, Journal of Risk 15(2),
    standard deviation of the estimate
sharpe_low95 | lower end of the 95 % interval of the Sharpe ratio | ratio, a year | 2.5 % quantile of the Sharpe ratios of 1,000
    resamples by the stationary bootstrap, mean block round(n**(1/3)) days, fixed seed | Politis and Romano 1994, Journal of the
    American Statistical Association 89, section 2
sharpe_high95 | upper end of the 95 % interval of the Sharpe ratio | ratio, a year | 97.5 % quantile of the same resamples |
    Politis and Romano 1994, Journal of the American Statistical Association 89, section 2
min_track_record | days needed to call the Sharpe ratio above 0 with 95 % confidence | days, 260 a year | 1 + (1 - skew*SR +
    (kurtosis-1)/4*SR**2) * (1.645 / SR)**2, SR a day | Bailey and Lopez de Prado 2012, Journal of Risk 15(2), minimum track
    record length
trials | different sets of parameters that the ledger has seen on these bars, this one among them, when the statistics were first
    asked for | count | sets, by fingerprint of the bars, code of the strategy and parameters; costs and account make no other set
    | lts.ledger
sharpe_by_luck | Sharpe ratio to be expected of the best of so many sets if none had any skill | ratio, a year | sqrt(260 * V) *
    ((1 - g) * z(1 - 1/N) + g * z(1 - 1/(N*e))), N trials, V variance of their Sharpe ratios a day, z normal quantile, g = 0.5772;
    0 for N = 1 | Bailey and Lopez de Prado 2014, Journal of Portfolio Management 40(5), expected maximum
dsr | probability that the true Sharpe ratio is above what the luckiest of all sets tried on these bars would show without skill;
    with one set the same as psr | probability | psr against sharpe_by_luck in place of 0 | Bailey and Lopez de Prado 2014,
    Journal of Portfolio Management 40(5), deflated Sharpe ratio
mean_trade_t | mean profit of a trade over its standard error | ratio | mean(profit) / std(profit, ddof=1) * sqrt(c), c trades |
    Student 1908, Biometrika 6(1); takes trades for independent
mean_trade_p | probability of a mean at least as far from 0 if the true mean were 0 | probability, two-sided | Student's t with
    c - 1 degrees of freedom beyond abs(mean_trade_t) | Student 1908, Biometrika 6(1); takes trades for independent
""",
)
NO_ERROR = "skew and Sharpe ratio are so large that its standard error has no real value"
RESAMPLES, SEED = 1_000, 1994
_OF_TRADES = ("mean_trade_t", "mean_trade_p")
STUDY = ("trials", "sharpe_by_luck", "dsr")  # facts about the search that a result came from, not about its run


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    trades = mean_trade(facts.profit)
    if facts.why_no_returns:
        return because(facts.why_no_returns, DEFINITIONS) | facts.result.study | trades
    return {**error(facts.days.returns), **interval(facts.days.returns), **facts.result.study, **trades}


def study(facts: Facts) -> dict[str, Value]:
    """Return trials, sharpe_by_luck and dsr, as the ledger stands now."""
    from lts.research.ledger.reading import seen  # here, for to explain a statistic must not load a compiler

    found = seen(facts.result)
    if found.reason:
        return because(found.reason, STUDY)
    best = luck(found)
    told: dict[str, Value] = {"trials": found.count, "sharpe_by_luck": best if isinstance(best, str) else best * sqrt(DAYS)}
    return {**told, "dsr": facts.why_no_returns or (best if isinstance(best, str) else deflated(facts.days.returns, best))}


def luck(found: Trials) -> Value:
    """Return the Sharpe ratio a day that the best of all sets tried would show without skill."""
    if found.count == 1:
        return 0.0
    if found.rated < 2:
        return f"of {found.count:,.0f} sets fewer than two have a Sharpe ratio, so their spread is unknown"
    return expected_max_sharpe(found.count, found.variance)


def deflated(r: NDArray[np.float64], benchmark: float) -> Value:
    """Return the probability that the true Sharpe ratio a day is above a benchmark."""
    sr, variance = (float(x) for x in spread(r))
    if variance <= 0:
        return NO_ERROR
    return above(sr - benchmark, variance, len(r))


def error(r: NDArray[np.float64]) -> dict[str, Value]:
    """Return psr, sharpe_se and min_track_record."""
    n = len(r)
    sr, variance = (float(x) for x in spread(r))
    if variance <= 0:
        return because(NO_ERROR, ("psr", "sharpe_se", "min_track_record"))
    return {
        "psr": above(sr, variance, n),
        "sharpe_se": sqrt(variance / (n - 1) * DAYS),
        "min_track_record": track_record(sr, variance, 0.95) if sr > 0 else "the Sharpe ratio is not above 0: no length would do",
    }


def spread(r: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return (Sharpe ratio a day, variance of sqrt(n - 1) times its estimate) of returns that vary; of (..., n), (...) each."""
    sr = r.mean(-1) / r.std(-1, ddof=1)
    skew, kurtosis = moments(r)
    return sr, estimate_variance(sr, skew, kurtosis)


def interval(r: NDArray[np.float64]) -> dict[str, Value]:
    """Return sharpe_low95 and sharpe_high95."""
    total, squares, n = *resampled_sums(r - r.mean(), RESAMPLES, usual_block(len(r))), len(r)
    variance = (squares - total**2 / n) / (n - 1)
    usable = variance > 1e-12 * r.var()
    if usable.mean() < 0.95:
        return because("too few different days: most resamples do not vary", ("sharpe_low95", "sharpe_high95"))
    sharpe = (total[usable] / n + r.mean()) / np.sqrt(variance[usable]) * sqrt(DAYS)
    low, high = np.quantile(sharpe, [0.025, 0.975])
    return {"sharpe_low95": float(low), "sharpe_high95": float(high)}


def resampled_sums(r: NDArray[np.float64], resamples: int, block: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sums of r and of r**2 of stationary bootstrap resamples, (resamples,) each.

    Sums come from running sums, so the work is one step a stretch (`resample.stretches`), not a day.
    """
    start, length = stretches(len(r), resamples, block, np.random.default_rng(SEED))
    first = np.concatenate([[0.0], np.cumsum(np.tile(r, 2))])
    second = np.concatenate([[0.0], np.cumsum(np.tile(r * r, 2))])
    stop = start + length
    return (first[stop] - first[start]).sum(axis=1), (second[stop] - second[start]).sum(axis=1)


def mean_trade(profit: NDArray[np.float64]) -> dict[str, Value]:
    """Return mean_trade_t and mean_trade_p."""
    if len(profit) < 2:
        return because("a spread of profits needs two closed trades", _OF_TRADES)
    if np.ptp(profit) == 0:
        return because("no trade's profit differs from another's", _OF_TRADES)
    t = float(profit.mean() / profit.std(ddof=1)) * sqrt(len(profit))
    return {"mean_trade_t": t, "mean_trade_p": two_sided(t, len(profit) - 1)}
