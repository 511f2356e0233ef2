"""Statistics against empyrical-reloaded, scipy, and a slow bootstrap."""

from __future__ import annotations

from math import atan, pi, sqrt

import empyrical
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

import lts
from lts.research.stats import daily_returns, statistics
from lts.research.stats.evidence import interval, resampled_sums
from lts.research.stats.facts import Facts
from lts.research.stats.money import benchmark_returns
from lts.research.stats.student import incomplete_beta, two_sided
from tests.bent import with_equity, with_profits

SIMPLE = (
    "cum_returns_final", "annual_return", "annual_volatility", "sharpe_ratio", "calmar_ratio", "stability_of_timeseries",
    "max_drawdown", "omega_ratio", "sortino_ratio", "downside_risk", "tail_ratio", "value_at_risk", "conditional_value_at_risk",
)  # fmt: skip
HOURS = 24
growth = st.lists(st.floats(-0.2, 0.25), min_size=2, max_size=40)


def by_days(returns, prices=None):
    """Return a result whose equity changes once a day by these returns, after the cut-off."""
    equity = np.repeat(10_000 * np.cumprod([1.0, *(1 + np.asarray(returns))]), HOURS)
    return with_equity(equity, None if prices is None else np.repeat(prices, HOURS))


def same(found, expected):
    """Hold two numbers equal to 1e-12; what is no number for the package must be nan here."""
    if np.isfinite(expected):
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)
    else:
        assert np.isnan(found)


@settings(max_examples=80, deadline=None)
@given(growth)
def test_empyrical_of_any_equity(returns):
    result = by_days(returns)
    r = daily_returns(result)
    assume(np.ptp(r) > 1e-9)
    found, _ = statistics(result, "empyrical")
    for name in SIMPLE:
        with np.errstate(all="ignore"):
            same(found[name], getattr(empyrical, name)(r))
    # mean((r - mean)**4) of returns that hardly differ loses digits in either package
    assert found["skew"] == pytest.approx(scipy_stats.skew(r), rel=1e-9, abs=1e-9)
    assert found["kurtosis"] == pytest.approx(scipy_stats.kurtosis(r), rel=1e-9, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(growth, st.integers(0, 1_000))
def test_empyrical_against_a_benchmark(returns, seed):
    prices = 1.1 + np.random.default_rng(seed).normal(0, 5e-3, len(returns) + 1).cumsum().clip(-0.5, 0.5)
    result = by_days(returns, prices)
    r, b = daily_returns(result), benchmark_returns(Facts(result))
    assume(np.ptp(r) > 1e-9)
    found, _ = statistics(result, "empyrical")
    same(found["alpha"], empyrical.alpha(r, b))
    same(found["beta"], empyrical.beta(r, b))
    same(found["excess_sharpe"], empyrical.excess_sharpe(r, b))


@settings(max_examples=60, deadline=None)
@given(growth)
def test_risk_and_ratios_of_any_equity(returns):
    result = by_days(returns)
    r = daily_returns(result)
    assume(np.ptp(r) > 1e-6)
    found, _ = statistics(result)
    with np.errstate(all="ignore"):
        same(found["sharpe"], empyrical.sharpe_ratio(r, annualization=260))
        same(found["sortino"], empyrical.sortino_ratio(r, annualization=260))
        same(found["volatility"], empyrical.annual_volatility(r, annualization=260))
        same(found["downside_deviation"], empyrical.downside_risk(r, annualization=260))
        same(found["omega"], empyrical.omega_ratio(r))
    same(found["var95"], -empyrical.value_at_risk(r))
    same(found["cvar95"], -empyrical.conditional_value_at_risk(r))
    assert found["skew"] == pytest.approx(scipy_stats.skew(r), rel=1e-9, abs=1e-9)
    assert found["excess_kurtosis"] == pytest.approx(scipy_stats.kurtosis(r), rel=1e-9, abs=1e-9)
    if len(r) >= 3:
        line = scipy_stats.linregress(np.arange(len(r) + 1), np.append(0, np.cumsum(np.log1p(r))))
        assert found["linear_correlation"] == pytest.approx(line.rvalue, abs=1e-9)
        if abs(line.rvalue) < 0.999_999:
            assert found["k_ratio"] == pytest.approx(line.slope / line.stderr * sqrt(260) / len(r), rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(growth)
def test_the_probabilistic_sharpe_ratio_as_its_paper_has_it(returns):
    result = by_days(returns)
    r = daily_returns(result)
    assume(np.ptp(r) > 1e-6)
    found, _ = statistics(result)
    n, sr = len(r), r.mean() / r.std(ddof=1)
    variance = (1 - scipy_stats.skew(r) * sr + (scipy_stats.kurtosis(r, fisher=False) - 1) / 4 * sr**2) / (n - 1)
    assume(variance > 1e-9)
    assert found["sharpe_se"] == pytest.approx(sqrt(260 * variance), rel=1e-6)
    assert found["psr"] == pytest.approx(scipy_stats.norm.cdf(sr / sqrt(variance)), abs=1e-9)
    if sr > 1e-6:  # a track of that length has a PSR of 95 %, by definition
        needed = found["min_track_record"]
        assert scipy_stats.norm.cdf(sr * sqrt(needed - 1) / sqrt(variance * (n - 1))) == pytest.approx(0.95)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-500, 500), min_size=2, max_size=12))
def test_the_mean_trade_is_students_test(profits):
    assume(len(set(profits)) > 1)
    found, _ = statistics(with_profits(*profits))
    expected = scipy_stats.ttest_1samp(profits, 0)
    assert found["mean_trade_t"] == pytest.approx(expected.statistic, abs=1e-12)
    assert found["mean_trade_p"] == pytest.approx(expected.pvalue, abs=1e-12)


@given(st.floats(-60, 60), st.integers(1, 200_000))
@example(t=1.5, freedom=200_000)
def test_students_distribution(t, freedom):
    assume(abs(t) > 1e-6)  # nearer to 0 scipy's own answer is 1, whatever t
    assert two_sided(t, freedom) == pytest.approx(2 * scipy_stats.t.sf(abs(t), freedom), rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("t", [0.0, 4.94e-9, 1e-7, 1e-3])
def test_students_distribution_near_zero_with_one_degree_of_freedom_is_cauchys(t):
    assert 1 - two_sided(t, 1) == pytest.approx(2 * atan(t) / pi, rel=1e-6, abs=1e-15)


def test_the_incomplete_beta_function_at_its_ends():
    assert (incomplete_beta(0, 2, 3), incomplete_beta(1, 2, 3)) == (0, 1)


def slow_bootstrap(r, resamples, block, random):
    """Resample day by day, as the paper tells it: go on to the next day, or with probability 1 / block begin anywhere."""
    found = np.zeros(resamples)
    for i in range(resamples):
        at = np.zeros(len(r), np.int64)
        for t in range(len(r)):
            at[t] = random.integers(len(r)) if t == 0 or random.random() < 1 / block else (at[t - 1] + 1) % len(r)
        found[i] = r[at].mean() / r[at].std(ddof=1) * sqrt(260)
    return found


def test_the_bootstrap_agrees_with_one_that_goes_day_by_day():
    noise = np.random.default_rng(2).normal(0.0005, 0.01, 261)
    r = noise[1:] + 0.5 * noise[:-1]  # days that lean on the day before
    expected = np.quantile(slow_bootstrap(r, 1_000, round(260 ** (1 / 3)), np.random.default_rng(3)), [0.025, 0.975])
    found = interval(r)
    # an end of the interval is known to about 0.1 from 1,000 resamples; the interval is 4 wide
    assert found["sharpe_low95"] == pytest.approx(expected[0], abs=0.3)
    assert found["sharpe_high95"] == pytest.approx(expected[1], abs=0.3)


@given(st.integers(2, 300), st.integers(1, 20))
def test_a_resample_has_as_many_days_as_the_run(n, block):
    total, squares = resampled_sums(np.full(n, 2.0), 20, block)
    assert (total == 2 * n).all()
    assert (squares == 4 * n).all()


def test_the_interval_is_the_same_every_time_and_holds_the_ratio():
    result = lts.run(lts.strategies.EmaCross(), lts.synthetic_bars("EUR_USD", "H1", n=5_000, seed=1))
    one, two = statistics(result)[0], statistics(result)[0]
    assert one["sharpe_low95"] == two["sharpe_low95"]
    assert one["sharpe_low95"] < one["sharpe"] < one["sharpe_high95"]
