"""Evidence: published numbers to 1e-12, arch as an oracle, and what must hold for any table of returns."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import isinf, isnan, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lts
from lts import evidence
from lts.errors import ParameterError
from lts.research.evidence.measures import DAILY
from lts.research.evidence.snooping import long_run_variance
from lts.research.stats.resample import drawn_days, times_drawn

EXACT = {"rel": 1e-12, "abs": 1e-12}


def noise(sets, days, seed=0):
    return np.random.default_rng(seed).standard_normal((sets, days)) * 0.01


# published numbers


def test_the_probability_that_a_sharpe_ratio_is_above_none():
    given_ = {"skew": -2.448, "kurtosis": 10.164}
    assert evidence.probabilistic_sharpe(1.585 / sqrt(12), 24, **given_) == pytest.approx(0.91323430688486018, **EXACT)
    assert evidence.probabilistic_sharpe(1.585 / sqrt(12), 24) == pytest.approx(0.982, abs=5e-4)


def test_the_deflated_sharpe_ratio_of_the_paper():
    assert evidence.expected_max_normal(100) == pytest.approx(2.5306028932016846, **EXACT)
    assert evidence.expected_max_sharpe(100, 0.5 / 250) == pytest.approx(0.11317200186513214, **EXACT)
    shape = {"skew": -3, "kurtosis": 10}
    found = evidence.deflated_sharpe(2.5 / sqrt(250), 1250, trials=100, variance=0.5 / 250, **shape)
    assert found == pytest.approx(0.9003968344493904, **EXACT)


def test_the_shortest_track_record_and_backtest():
    assert evidence.min_track_record(2 / sqrt(250), benchmark=1 / sqrt(250)) / 250 == pytest.approx(2.7311878017281761, **EXACT)
    assert evidence.min_backtest_length(45) == pytest.approx(4.9980870044434038, **EXACT)


# what must hold


@given(st.floats(-0.5, 0.5), st.integers(2, 5_000), st.floats(1, 1e6), st.floats(0, 0.05), st.floats(-1, 1), st.floats(2.5, 12))
def test_many_trials_deflate_and_one_does_not(sharpe, days, trials, variance, skew, kurtosis):
    shape = {"skew": skew, "kurtosis": kurtosis}
    alone = evidence.probabilistic_sharpe(sharpe, days, **shape)
    if isnan(alone):
        return
    one, many, more = (
        evidence.deflated_sharpe(sharpe, days, trials=n, variance=variance, **shape) for n in (1, trials, 10 * trials)
    )
    assert one == alone
    assert 0 <= more <= many + 1e-12
    assert many <= alone + 1e-12


def test_very_many_trials_have_an_expected_best():
    few, many = evidence.expected_max_normal(1e9), evidence.expected_max_normal(1e18)
    assert 6 < few < many < 10


def test_a_track_record_of_that_length_has_that_confidence():
    days = evidence.min_track_record(0.07, benchmark=0.02, skew=-0.4, kurtosis=5, confidence=0.9)
    assert evidence.probabilistic_sharpe(0.07, days, benchmark=0.02, skew=-0.4, kurtosis=5) == pytest.approx(0.9)
    assert isinf(evidence.min_track_record(0.01, benchmark=0.02))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evidence.probabilistic_sharpe(0.1, 1), "observations: was 1"),
        (lambda: evidence.probabilistic_sharpe(float("nan"), 10), "sharpe: was nan"),
        (lambda: evidence.expected_max_sharpe(0, 0.1), "trials: was 0"),
        (lambda: evidence.expected_max_sharpe(2, -1), "variance: was -1"),
        (lambda: evidence.min_backtest_length(10, 0), "sharpe: was 0"),
        (lambda: evidence.min_track_record(0.1, confidence=1), "confidence: was 1"),
        (lambda: evidence.pbo(noise(1, 100)), r"shape \(1, 100\)"),
        (lambda: evidence.pbo(noise(3, 100), splits=7), "splits: was 7"),
        (lambda: evidence.spa(np.full((2, 9), np.nan)), "set 0, day 0: was nan"),
        (lambda: evidence.spa([["a"]]), "must hold numbers"),
        (lambda: evidence.spa(noise(2, 50), block=0), "block: was 0"),
        (lambda: evidence.reality_check(noise(2, 50), resamples=0), "resamples: was 0"),
        (lambda: evidence.spa(noise(2, 50), resamples=1.5), "resamples: was 1.5"),
        (lambda: evidence.spa(noise(2, 50), seed=-1), "seed: was -1"),
        (lambda: evidence.pbo(noise(3, 100), splits=2.0), "splits: was 2.0"),
        (lambda: evidence.reality_check(noise(2, 50), benchmark=np.zeros(3)), r"benchmark: has shape \(3,\)"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ParameterError, match=message):
        call()


# overfitting


def test_on_noise_the_probability_of_overfitting_is_a_half():
    random = np.random.default_rng(0)
    found = [evidence.pbo(random.standard_normal((100, 1_000)), splits=8).pbo for _ in range(200)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.03)


def test_one_true_signal_is_found():
    random = np.random.default_rng(1)
    tables = random.standard_normal((40, 100, 1_000))
    tables[:, 0] += 0.15
    assert np.mean([evidence.pbo(table, splits=8).pbo for table in tables]) < 0.2


def test_sixteen_parts_have_12_870_halves():
    found = evidence.pbo(noise(5, 160))
    assert len(found.logits) == len(found.chosen) == 12_870


def test_overfitting_by_hand():
    # Four days, two parts. Set 0 earns 2, 1 | -1, -2 and set 1 the reverse, so whoever is best in one half is worst in the other.
    table = np.array([[2, 1, -1, -2], [-2, -1, 1, 2]]) / 100
    found = evidence.pbo(table, splits=2)
    assert (found.pbo, found.loss) == (1, 1)
    assert found.logits == pytest.approx([log((1 / 3) / (2 / 3))] * 2)
    assert sorted(found.chosen.tolist()) == [0, 1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_scale_and_order_of_the_sets_do_not_matter(seed, scale):
    table = noise(6, 64, seed)
    order = np.random.default_rng(seed).permutation(6)
    found, other = evidence.pbo(table, splits=8), evidence.pbo(table[order] * scale, splits=8)
    assert other.pbo == found.pbo
    assert (order[other.chosen] == found.chosen).all()
    one, two = (evidence.spa(t, resamples=100) for t in (table, table[order] * scale))
    assert one[:3] == pytest.approx(two[:3])
    assert order[two.best] == one.best


@pytest.mark.parametrize("sets", [2, 3, 5])
def test_noise_of_few_sets_is_a_half_too(sets):
    random = np.random.default_rng(sets)
    found = [evidence.pbo(random.standard_normal((sets, 160)), splits=8).pbo for _ in range(400)]
    assert np.mean(found) == pytest.approx(0.5, abs=4 * np.std(found) / 20)


def test_sets_that_are_one_are_neither_over_nor_underfitted():
    assert evidence.pbo(np.repeat(noise(1, 160), 4, axis=0), splits=8).pbo == 0.5


def test_halves_are_those_of_the_days_themselves():
    table = noise(7, 83, 9)  # parts of unequal length
    found = evidence.pbo(table, splits=4)
    edges = np.linspace(0, 83, 5).astype(int)
    parts = [np.arange(a, b) for a, b in pairwise(edges)]
    for row, taken in enumerate(combinations(range(4), 2)):
        own = np.concatenate([parts[k] for k in taken])
        other = np.setdiff1d(np.arange(83), own)
        inside, outside = (table[:, days].mean(axis=1) / table[:, days].std(axis=1, ddof=1) for days in (own, other))
        best = int(inside.argmax())
        assert found.chosen[row] == best
        assert found.inside[row] == pytest.approx(inside[best], **EXACT)
        assert found.outside[row] == pytest.approx(outside[best], **EXACT)
        rank = (outside <= outside[best]).sum() / 8
        assert found.logits[row] == pytest.approx(log(rank / (1 - rank)), **EXACT)


# snooping


def test_resamples_are_stretches_that_go_round():
    drawn = drawn_days(50, 200, 10, np.random.default_rng(1))
    assert drawn.shape == (200, 50)
    goes_on = (np.diff(drawn, axis=1) % 50) == 1
    assert goes_on.mean() == pytest.approx(0.9 + 0.1 / 50, abs=0.01)  # nine in ten go on; one in ten begins anywhere
    weights = times_drawn(50, 200, 10, np.random.default_rng(1))
    assert (weights.sum(axis=1) == 50).all()
    assert (weights == np.array([np.bincount(row, minlength=50) for row in drawn])).all()


@pytest.mark.parametrize("block", [1, 4, 20])
def test_errors_of_means_are_archs(block):
    from arch.bootstrap import SPA

    table = noise(7, 120, 3) + np.linspace(-0.002, 0.002, 7)[:, None]
    oracle = SPA(np.zeros(120), -table.T, block_size=block, reps=10, seed=1)
    oracle.compute()
    assert long_run_variance(table, block) == pytest.approx(oracle._loss_diff_var)


@pytest.mark.parametrize("edge", [0.0, 0.0015, 0.004])
def test_the_tests_agree_with_arch(edge):
    from arch.bootstrap import SPA

    table = noise(12, 300, 5) + np.linspace(-0.003, edge, 12)[:, None]
    # arch does not divide means by their errors; given returns that are divided already, it is Hansen's test.
    unit = table / np.sqrt(long_run_variance(table, 7))[:, None]
    oracle, plain = (SPA(np.zeros(300), -t.T, block_size=7, reps=4_000, seed=1) for t in (unit, table))
    oracle.compute()
    plain.compute()
    found = evidence.spa(table, block=7, resamples=4_000)
    assert found[:3] == pytest.approx([oracle.pvalues[name] for name in ("lower", "consistent", "upper")], abs=0.03)
    assert evidence.reality_check(table, block=7, resamples=4_000).p == pytest.approx(plain.pvalues["upper"], abs=0.03)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(2, 80))
def test_hansens_three_p_values_are_in_order(seed, sets, days):
    found = evidence.spa(noise(sets, days, seed), resamples=60)
    assert 0 <= found.lower <= found.consistent <= found.upper <= 1
    assert 0 <= evidence.reality_check(noise(sets, days, seed), resamples=60).p <= 1


def p_values(count, seed):
    random = np.random.default_rng(seed)
    tables = random.standard_normal((count, 10, 250))
    how = {"block": 1, "resamples": 400}
    found = [(evidence.spa(t, seed=k, **how).consistent, evidence.reality_check(t, seed=k, **how).p) for k, t in enumerate(tables)]
    return np.array(found).T


def uniform(p):
    from scipy.stats import kstest

    return kstest(p, "uniform").pvalue


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 600), st.floats(-0.95, 0.99))
def test_the_stretch_that_suits_a_series_is_archs(seed, days, memory):
    from arch.bootstrap import optimal_block_length

    from lts.research.evidence.block import suited

    series = np.zeros(days)
    for day, shock in enumerate(np.random.default_rng(seed).standard_normal(days)):
        series[day] = memory * series[day - 1] + shock
    assert suited(series) == pytest.approx(float(optimal_block_length(series)["stationary"].iloc[0]), rel=1e-9, abs=1e-9)


def test_the_stretch_of_many_sets_is_their_median():
    slow = np.cumsum(noise(3, 400, 3), axis=1)
    assert evidence.block_length(noise(9, 400)) < 2
    assert evidence.block_length(slow) > 20
    assert evidence.block_length(np.vstack([noise(9, 400), slow, np.zeros((50, 400))])) < 2
    assert evidence.block_length(noise(9, 27)) == 3  # a few days: their cube root
    assert evidence.block_length(np.zeros((2, 125))) == 5


def test_without_any_edge_p_values_are_uniform():
    assert all(uniform(p) > 0.01 for p in p_values(300, 11))


@pytest.mark.long
def test_without_any_edge_many_p_values_are_uniform():
    assert all(uniform(p) > 0.01 for p in p_values(2_000, 12))


def test_at_the_usual_stretch_five_in_a_hundred_are_about_five():
    tables = np.random.default_rng(13).standard_normal((300, 10, 250))
    ask = [(evidence.spa(t, resamples=300, seed=k).consistent, evidence.reality_check(t, resamples=300, seed=k).p)
           for k, t in enumerate(tables)]  # fmt: skip
    assert all(0.02 <= share <= 0.08 for share in (np.array(ask) < 0.05).mean(axis=0))


def test_an_edge_is_found():
    table = noise(50, 1_000, 2)
    table[17] += 0.0015
    assert evidence.spa(table).best == evidence.reality_check(table).best == 17
    assert evidence.spa(table).consistent < 0.01
    assert evidence.reality_check(table).p < 0.01


def test_a_hopeless_crowd_does_not_weigh_hansens_test_down():
    table = np.vstack([noise(1, 500, 4) + 0.0011, noise(200, 500, 5) * 3 - 0.015])
    assert evidence.spa(table).consistent < 0.05 < evidence.reality_check(table).p


def test_sets_that_did_nothing_are_no_evidence():
    found = evidence.spa(np.zeros((3, 40)))
    assert isnan(found.consistent)
    assert evidence.evidence_of(np.zeros((3, 40))).reasons["dsr"] == "no set's daily returns differ from another day's"


def test_no_p_value_is_0():
    table = noise(3, 200) + np.array([[0.0], [0.0], [0.02]])
    assert evidence.reality_check(table, resamples=99).p == evidence.spa(table, resamples=99).consistent == 0.01


# all of it


def test_evidence_stands_side_by_side():
    table = noise(40, 400, 6)
    table[5] += 0.002
    found = evidence.evidence_of(table, trials=400)
    assert (found.sets, found.days, found.trials, found.best) == (40, 400, 400, 5)
    r = table[5]
    assert found.sharpe == pytest.approx(r.mean() / r.std(ddof=1) * sqrt(260))
    assert found.sharpe_low < found.sharpe < found.sharpe_high
    assert found.dsr < found.psr
    assert found.dsr_effective == pytest.approx(found.dsr, abs=0.02)  # independent sets: nothing to take off
    assert found.spa < 0.05
    assert found.naive_p <= found.reality_check
    assert found.pbo < 0.2
    assert "400 tried" in str(found)
    assert found.to_frame().loc["pbo", "value"] == found.pbo


def test_sets_that_are_alike_amount_to_few():
    table = np.repeat(noise(1, 200, 7), 50, axis=0) + noise(50, 200, 8) * 1e-3
    assert evidence.evidence_of(table).effective_trials == pytest.approx(1, abs=0.01)
    assert evidence.evidence_of(noise(50, 200, 8)).effective_trials == pytest.approx(50, abs=1)


def test_a_short_table_says_what_it_cannot_tell():
    found = evidence.evidence_of(noise(4, 20))
    assert isnan(found.pbo)
    assert found.reasons["pbo"] == "needs two sets and 32 days; there are 4 and 20"


def test_the_luck_of_many_cannot_be_told_from_one():
    one, many = evidence.evidence_of(noise(1, 300, 3) + 0.001), evidence.evidence_of(noise(1, 300, 3) + 0.001, trials=400)
    assert one.dsr == one.psr == many.psr
    assert isnan(many.dsr)
    assert "of 400 sets tried only one is known here" in many.reasons["dsr"]
    assert "none: of 400 sets tried" in str(many)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(3, 60), st.floats(1, 1e6))
def test_every_number_is_one_or_has_a_reason(seed, sets, days, trials):
    random = np.random.default_rng(seed)
    table = noise(sets, days, seed) * random.integers(0, 2, (sets, 1)) * random.integers(0, 2, (sets, days))
    found = evidence.evidence_of(table, trials=trials)
    values = {name: value for name, value in found._asdict().items() if name != "reasons"}
    assert {name for name, value in values.items() if isnan(value)} == set(found.reasons)
    assert not any(isinf(value) for value in values.values())
    for name in ("psr", "dsr", "dsr_effective", "pbo", "reality_check", "spa", "naive_p"):
        assert isnan(values[name]) or 0 <= values[name] <= 1
    assert str(found)


def test_sets_that_did_nothing_are_not_the_best_of_losers():
    table = np.vstack([np.zeros((30, 300)), noise(10, 300, 9) * 0.01 - 0.002])
    found = evidence.evidence_of(table)
    assert found.best >= 30
    assert found.sharpe < 0
    assert found.sharpe_by_luck == evidence.evidence_of(table[30:], trials=40).sharpe_by_luck  # nor do they make luck smaller
    assert isnan(found.min_track_record)
    assert found.reasons["min_track_record"] == "the Sharpe ratio is not above 0, so no length would do"


def test_a_constant_return_is_no_infinite_ratio():
    table = np.vstack([np.full((1, 300), 0.0007), noise(4, 300, 9) * 0.01])
    assert evidence.evidence_of(table).best > 0
    assert evidence.pbo(table, 8).inside.max() < 1


def test_where_nothing_varies_nothing_is_told():
    found = evidence.evidence_of(np.zeros((3, 100)))
    unknown = {name for name, value in found.to_frame()["value"].items() if isnan(value)}
    assert unknown == set(found.reasons) == {
        "sharpe", "sharpe_low", "sharpe_high", "sharpe_by_luck", "psr", "dsr", "dsr_effective", "min_track_record", "pbo",
        "spa_lower", "spa", "spa_upper",
    }  # fmt: skip
    assert isnan(evidence.pbo(np.zeros((3, 100))).pbo)


@pytest.mark.parametrize("trials", [0, -3, float("nan"), True, "many"])
def test_trials_must_be_a_count(trials):
    with pytest.raises(lts.ParameterError, match=f"trials: was {trials!r}"):
        evidence.evidence_of(noise(3, 50), trials=trials)


def test_many_sets_are_tested_a_few_at_a_time(monkeypatch):
    from lts.research.evidence import snooping

    table = noise(60, 200, 3)
    whole = [*evidence.spa(table), *evidence.reality_check(table)]
    monkeypatch.setattr(snooping, "CELLS", 7_000)
    assert [*evidence.spa(table), *evidence.reality_check(table)] == pytest.approx(whole)


# of one result


@pytest.fixture(scope="module")
def result():
    return lts.run(lts.strategies.SmaCross(5, 20), lts.synthetic_bars("EUR_USD", "H1", n=6_000, seed=2))


def test_every_ratio_has_an_interval_around_it(result):
    found = evidence.intervals(result)
    assert found["reason"].eq("").all()
    assert (found["low"] < found["high"]).all()
    stats = result.stats
    looked_at_closes = {"calmar", "cagr", "max_drawdown", "recovery_factor", "ulcer_performance_index"}
    for name in set(found.index) - looked_at_closes:
        assert found.loc[name, "value"] == pytest.approx(stats[name], rel=1e-9), name
    for name in looked_at_closes:
        assert found.loc[name, "value"] == pytest.approx(stats[name], rel=0.5), name
    inside = (found["low"] <= found["value"]) & (found["value"] <= found["high"])
    assert set(found.index[~inside]) <= {"linear_correlation", "k_ratio"}  # of a path: another order is another line
    other = stats[["sharpe_low95", "sharpe_high95"]].tolist()
    assert found.loc["sharpe", ["low", "high"]].tolist() == pytest.approx(other, abs=0.2)


def test_an_interval_widens_with_its_level(result):
    narrow, wide = (evidence.intervals(result, level=level) for level in (0.5, 0.99))
    assert (wide["low"] < narrow["low"]).all()
    assert (wide["high"] > narrow["high"]).all()


def test_without_trades_there_is_no_interval():
    quiet = lts.run(lts.strategies.SmaCross(5, 20, units=0), lts.synthetic_bars("EUR_USD", "H1", n=500, seed=2))
    found = evidence.intervals(quiet)
    assert found[["value", "low", "high"]].isna().all(axis=None)
    assert "closed trades" in found.loc["win_rate", "reason"]


def test_rotating_positions_by_hand():
    result = lts.run(lts.strategies.SmaCross(2, 5, units=1_000), lts.synthetic_bars("EUR_USD", "H1", n=120, seed=9))
    found = evidence.permutation_test(result)
    bars = result.bars
    mid = (bars.bid_close + bars.ask_close) / 2
    fills = result.fills
    held = np.zeros(len(bars))
    at = result.logs["fills"]["row"] + (result.logs["fills"]["place"] != 0)
    np.add.at(held, np.minimum(at, len(bars) - 1), np.where(at < len(bars), fills["units"].to_numpy(), 0))
    held, change = np.cumsum(held)[1:], np.diff(mid)
    earned = [float(np.sum(held * np.roll(change, -k))) for k in range(len(change))]
    assert found.earned == pytest.approx(earned[0])
    assert found.p == pytest.approx(np.mean(np.array(earned) >= earned[0] - 1e-12))
    assert (found.mean, found.deviation) == pytest.approx((np.mean(earned), np.std(earned)))


def test_knowing_the_next_change_is_timing():
    class Knows(lts.SignalStrategy):
        def signals(self, bars):
            mid = bars.points.bid_close
            return np.append(np.sign(np.diff(mid)), 0)

    bars = lts.synthetic_bars("EUR_USD", "H1", n=2_000, seed=4)
    assert evidence.permutation_test(lts.run(Knows(), bars)).p < 0.01


def test_days_alone_have_the_same_intervals(result):
    days, whole = evidence.intervals(lts.research.stats.daily_returns(result)), evidence.intervals(result)
    assert days.index.equals(whole.index)
    same = list(DAILY)
    assert days.loc[same].equals(whole.loc[same])
    assert days.loc["gain_to_pain", "reason"] == "days without dates have no months"
    assert days.loc["win_rate", "reason"] == "daily returns have no trades"
    assert evidence.intervals(np.zeros(50)).loc["sharpe", "reason"] == "no daily return differs from another"


@pytest.mark.parametrize(
    ("given_", "how", "message"),
    [
        (noise(2, 50), {}, r"shape \(2, 50\); it must be the days of one set"),
        (["a", "b"], {}, "must hold numbers"),
        (noise(1, 50), {"resamples": 0}, "resamples: was 0"),
        (noise(1, 50), {"level": 1}, "level: was 1"),
    ],
)
def test_intervals_of_what_is_no_days_are_refused(given_, how, message):
    with pytest.raises(ParameterError, match=message):
        evidence.intervals(given_, **how)
