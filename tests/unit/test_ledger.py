"""The trial ledger: what counts as one set, what is counted, and what it says of a Sharpe ratio."""

from __future__ import annotations

import math
import os
import sqlite3
from math import sqrt

import numpy as np
import pytest

import lts
from lts import go, stay
from lts.research import ledger
from lts.research.ledger import keys, store, writing
from lts.research.ledger.data import SMALL, data_of, quick_key
from lts.research.ledger.trials import Trials
from lts.research.stats import evidence
from lts.research.stats.daily import DAYS, daily_returns
from lts.research.stats.skill import above

SmaCross, Donchian = lts.strategies.SmaCross, lts.strategies.Donchian
FLIP = 1.0


class Coin(lts.Strategy):
    """Long or short after a fixed number of bars; reads a global."""

    bars: int = 5
    lucky: bool = True
    units: float = 1_000

    def decide(self, view):
        return go(self.units * FLIP) if view.position.units == 0 else stay()


class Plain(lts.Strategy):
    def decide(self, view):  # noqa: ARG002
        return stay()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LTS_LEDGER", "on")
    yield tmp_path / "home"
    store.close()


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=1_500, seed=7)


def cross(fast=5, slow=20, **more):
    return SmaCross(fast=fast, slow=slow, **more)


# what counts


def test_each_set_counts_once_however_often_it_runs(bars):
    for fast in (3, 4, 3, 3, 5, 4):
        lts.run(cross(fast), bars)
    assert ledger.trials(bars).count == 3


def test_bars_with_the_same_bytes_are_the_same_data_and_others_are_not(bars):
    lts.run(cross(3), bars)
    lts.run(cross(4), lts.synthetic_bars("EUR_USD", "H1", n=1_500, seed=7))
    lts.run(cross(3), bars[:1_400])
    assert (ledger.trials(bars).count, ledger.trials(bars.fingerprint).count, ledger.trials(bars[:1_400]).count) == (2, 2, 1)
    assert ledger.trials(lts.synthetic_bars("EUR_USD", "H1", n=1_500, seed=8)).count == 0


def test_costs_account_and_path_are_no_new_trial(bars):
    lts.run(cross(), bars)
    before = ledger.trials(bars)
    lts.run(cross(), bars, costs=lts.Costs.seed())
    lts.run(cross(), bars, account=lts.Account(balance=99_000), intrabar="best", close_at_end=False)
    assert ledger.trials(bars) == before  # and the first Sharpe ratio stays


def test_another_start_of_trading_is_another_trial(bars):
    lts.run(cross(), bars)
    late = str(np.datetime64(int(bars.time[700]), "ns"))
    lts.run(cross(), bars, trade_from=late)
    lts.run(cross(6), bars, trade_from=late)
    lts.run(cross(7), bars, trade_from=str(np.datetime64(int(bars.time[0]), "ns")))  # the first bar: nothing is cut
    assert (ledger.trials(bars).count, ledger.trials(bars, trade_from=late).count) == (2, 2)
    between = str(np.datetime64(int(bars.time[699]) + 10**9, "ns"))  # leads to the same first bar
    assert ledger.trials(bars, trade_from=between).count == 2
    assert ledger.trials(bars.fingerprint, trade_from=int(bars.time[700])).count == 2


def test_what_lts_runs_for_itself_is_no_trial(bars, tmp_path):
    with ledger.paused():
        result = lts.run(cross(), bars)
    for again in (result.rerun(costs=lts.Costs.seed()), lts.replay(cross(9), bars)):
        assert len(again.equity) == len(bars)
    assert result.profit_worst <= result.profit_best
    lts.rerun(result.save(tmp_path / "kept", report=False))
    assert ledger.trials(bars).count == 0


def test_a_portfolio_is_a_trial_of_its_own(bars):
    other = lts.synthetic_bars("GBP_USD", "H1", n=1_500, seed=8)
    both = {"EUR_USD": (cross(), bars), "GBP_USD": (cross(), other)}
    lts.run_portfolio(both)
    lts.run_portfolio(both, costs=lts.Costs.seed())
    lts.run_portfolio(both, allocation={"EUR_USD": 0.5})
    lts.run_portfolio({"EUR_USD": (cross(), bars), "GBP_USD": (cross(6), other)})
    assert ledger.trials([bars, other]).count == 3
    assert (ledger.trials(bars).count, ledger.trials(other).count) == (0, 0)
    (row,) = ledger.table_rows()
    assert (row.instrument, row.bars, row.trials) == ("EUR_USD+GBP_USD", 3_000, 3)


def test_one_pair_alone_is_the_same_trial_by_either_road(bars):
    lts.run(cross(), bars)
    lts.run_portfolio({"EUR_USD": (cross(), bars)})
    assert ledger.trials(bars).count == 1


# which set


def test_a_set_is_known_by_all_its_parameters_defaults_included():
    mine = keys.keys(SmaCross, [{"fast": 20}])
    assert mine == keys.key(SmaCross()) == keys.keys(SmaCross, [{}]) == keys.keys(SmaCross, {"fast": np.array([20])})
    assert mine == keys.keys(SmaCross, [SmaCross().values]) == keys.keys(SmaCross, [{"fast": 20.0, "units": 10_000}])
    assert mine != keys.keys(SmaCross, [{"fast": 21}])


def test_columns_and_mappings_give_the_same_keys():
    sets = [{"bars": n, "lucky": n % 2 == 0, "units": n / 7} for n in range(50)]
    columns = {name: [each[name] for each in sets] for name in sets[0]}
    made = keys.keys(Coin, sets)
    assert made == keys.keys(Coin, columns) == b"".join(keys.key(Coin(**each)) for each in sets)
    assert len({made[i : i + keys.SIZE] for i in range(0, len(made), keys.SIZE)}) == 50


def test_minus_zero_and_integers_of_any_size_have_keys():
    assert keys.key(Coin(units=-0.0)) == keys.key(Coin(units=0.0))
    huge = [keys.key(Coin(bars=10**n)) for n in (18, 19, 20)]
    assert len(set(huge)) == 3
    assert huge[2] == keys.keys(Coin, [{"bars": 10**20}])


def test_a_strategy_without_parameters_is_one_set(bars):
    lts.run(Plain(), bars)
    lts.run(Plain(), bars)
    ledger.record(bars, Plain, [{}], [math.nan], 60)
    assert ledger.trials(bars).count == 1


def test_changed_code_is_another_trial_also_where_only_a_global_has_changed(monkeypatch):
    first = keys.key(Coin())
    monkeypatch.setitem(Coin.decide.__globals__, "FLIP", -1.0)
    second = keys.key(Coin())
    monkeypatch.setitem(Coin.decide.__globals__, "FLIP", 1.0)
    assert (keys.key(Coin()), second != first) == (first, True)
    swapped = type("Coin", (Coin,), {"decide": lambda *_: stay()})
    assert keys.key(swapped()) != first


def test_a_renamed_strategy_with_the_same_code_is_no_new_trial():
    own = ("__annotations__", "__module__", "bars", "lucky", "units", "decide")
    renamed = type("Renamed", (lts.Strategy,), {name: vars(Coin)[name] for name in own})
    assert keys.key(renamed()) == keys.key(Coin())


def test_as_many_classes_as_a_long_session_makes_leave_little(monkeypatch):
    monkeypatch.setattr(keys, "MOST", 3)
    monkeypatch.setattr(keys, "_codes", {})
    for _ in range(10):
        keys.key(type("Coin", (Coin,), {})())
    assert len(keys._codes) == 3


# which bars


@pytest.mark.parametrize("column", ["time", "matrix", "volume", "none"])
def test_a_quick_key_sees_a_change_of_one_value(column):
    big = lts.synthetic_bars("EUR_USD", "M1", n=SMALL + 5_000, seed=1)
    parts = {"time": big.time.copy(), "matrix": big.points.matrix.copy(), "volume": np.zeros(len(big))}
    bars_of = lambda: lts.Bars.from_points("EUR_USD", "M1", parts["time"].copy(), parts["matrix"].copy(), parts["volume"].copy())  # noqa: E731
    before = quick_key(bars_of())
    if column != "none":
        parts[column].reshape(-1)[12_345] += 1
    assert (quick_key(bars_of()) == before) == (column == "none")


def test_many_bars_are_known_again_without_their_fingerprint(monkeypatch):
    make = lambda: lts.synthetic_bars("EUR_USD", "H1", n=SMALL + 1, seed=1)  # noqa: E731
    first, second, third = make(), make(), make()
    lts.run(cross(), first)
    lts.run(cross(6), second)
    assert "fingerprint" in first.kept
    assert "fingerprint" not in second.kept  # the ledger knew it by its quick key
    assert data_of(second, known=writing.known) == data_of(third, known=writing.known)
    assert ledger.trials(third).count == ledger.trials(first.fingerprint).count == 2
    monkeypatch.setenv("LTS_LEDGER", "off")
    lts.run(cross(), fourth := make())
    assert not {"fingerprint", "quick"} & fourth.kept.keys()  # nothing is worked out for a ledger that is off


# the switch


@pytest.mark.parametrize("word", ["off", "OFF", "0", "false", "no"])
def test_one_switch_turns_it_off(bars, home, monkeypatch, word):
    monkeypatch.setenv("LTS_LEDGER", word)
    result = lts.run(cross(), bars)
    ledger.record(bars, SmaCross, [{}], [0.1], 60)
    assert not home.exists()
    assert math.isnan(result.stats["trials"])
    assert math.isnan(result.stats["dsr"])
    assert result.reasons["dsr"] == result.reasons["trials"] == f"the trial ledger is off (LTS_LEDGER={word.lower()})"
    assert ledger.trials(bars).reason == result.reasons["dsr"]
    assert math.isnan(ledger.trials(bars).count)


def test_a_strange_word_leaves_it_on_and_says_so(bars, monkeypatch):
    monkeypatch.setenv("LTS_LEDGER", "offf")
    with pytest.warns(lts.LedgerWarning, match="LTS_LEDGER: was 'offf'; it must be on or off"):
        lts.run(cross(), bars)
    assert ledger.trials(bars).count == 1


def test_paused_counts_nothing_for_a_while(bars):
    with ledger.paused("because of a demonstration"):
        result = lts.run(cross(), bars)
        assert result.reasons | {"x": ""} | {"dsr": "because of a demonstration"} == result.reasons | {"x": ""}
    lts.run(cross(6), bars)
    assert ledger.trials(bars).count == 1


# many sets at once


def test_a_sweep_is_recorded_at_once_and_its_sets_are_those_of_runs(bars):
    ratios = np.random.default_rng(1).normal(0.02, 0.05, 300)
    sets = [{"fast": 1 + n % 30, "slow": 40 + n // 30} for n in range(300)]
    ledger.record(bars, SmaCross, sets, ratios, 63)
    ledger.record(bars, SmaCross, sets[:100], ratios[:100] + 1, 63, "optimize")  # known, so the first ratios stay
    lts.run(cross(1, 40), bars)
    found = ledger.trials(bars)
    assert (found.count, found.rated) == (300, 300)
    assert found.variance == pytest.approx(np.var(ratios, ddof=1), rel=1e-12)
    assert found.best == ratios.max()


def test_a_million_sets_take_tens_of_megabytes(bars, home):
    n = 1_000_000
    ratios = np.random.default_rng(2).normal(0, 0.05, n)
    ledger.record(bars.fingerprint, SmaCross, {"fast": np.arange(n) % 1_000 + 1, "slow": np.arange(n) // 1_000 + 2}, ratios, 200)
    found = ledger.trials(bars)
    assert found.count == found.rated == n
    assert found.variance == pytest.approx(np.var(ratios, ddof=1), rel=1e-12)
    store.close()
    assert sum(path.stat().st_size for path in home.iterdir()) < 40e6


def test_a_set_without_a_ratio_counts_and_gets_one_when_it_has_one(bars):
    ledger.record(bars, SmaCross, [{"fast": 3}, {"fast": 4}, {"fast": 5}], [math.nan, 0.1, 0.3], 63)
    found = ledger.trials(bars)
    assert (found.count, found.rated) == (3, 2)
    assert found.variance == pytest.approx(0.02)
    ledger.record(bars, SmaCross, [{"fast": 3}], [0.2], 63)
    assert ledger.trials(bars) == Trials(3, pytest.approx(0.01), 3, 0.3)


def test_ratios_that_are_close_together_lose_no_digits(bars):
    ratios = 1.0 + np.arange(10) * 1e-9
    ledger.record(bars, SmaCross, {"fast": np.arange(10)}, ratios, 63)
    assert ledger.trials(bars).variance == pytest.approx(np.var(ratios - 1, ddof=1), rel=1e-6)


def test_nothing_to_record_leaves_nothing(bars, home):
    ledger.record(bars, SmaCross, [], [], 0)
    assert not (home / store.NAME).exists()
    assert ledger.trials(bars) == Trials(0)
    assert not (home / store.NAME).exists()  # asking makes none


# what it says of a Sharpe ratio


def test_the_published_deflated_ratio():
    # Bailey and Lopez de Prado 2014, example: annual SR 2.5, 1,250 days, 100 trials, V 0.5 a year, skew -3, kurtosis 10
    sr, bar = 2.5 / sqrt(250), evidence.luck(Trials(100, 0.5 / 250, 100))
    assert bar == pytest.approx(0.11317200186513214, rel=1e-12)
    spread = 1 + 3 * sr + (10 - 1) / 4 * sr**2
    assert above(sr - bar, spread, 1_250) == pytest.approx(0.9003968344493904, rel=1e-12)


def test_with_one_set_the_deflated_ratio_is_the_probabilistic_one(bars):
    stats = lts.run(cross(), bars).stats
    assert (stats["trials"], stats["sharpe_by_luck"], stats["dsr"]) == (1, 0, stats["psr"])


def test_dsr_counts_every_set_and_how_their_ratios_spread(bars):
    results = [lts.run(cross(fast), bars) for fast in range(3, 9)]
    ratios = [r.mean() / r.std(ddof=1) for r in map(daily_returns, results)]
    last = results[-1].stats
    bar = evidence.luck(Trials(6, float(np.var(ratios, ddof=1)), 6))
    assert last["trials"] == 6
    assert last["sharpe_by_luck"] == pytest.approx(bar * sqrt(DAYS), rel=1e-12)
    assert last["dsr"] == pytest.approx(evidence.deflated(daily_returns(results[-1]), bar), rel=1e-12)
    assert last["dsr"] < last["psr"]


def test_a_ledger_that_grows_is_asked_once_by_each_result(bars):
    result = lts.run(cross(), bars)
    assert result.stats["trials"] == 1
    lts.run(cross(6), bars)
    assert (result.stats["trials"], lts.run(cross(), bars).stats["trials"]) == (1, 2)


def test_a_result_that_was_not_recorded_is_one_of_the_trials_all_the_same(bars):
    with ledger.paused():
        result = lts.run(cross(11), bars)
    lts.run(cross(), bars)
    lts.run(cross(6), bars)
    recorded = ledger.trials(bars)
    own = result.stats["sharpe"] / sqrt(DAYS)
    ratios = [lts.run(cross(fast), bars).stats["sharpe"] / sqrt(DAYS) for fast in (5, 6)]
    found = ledger.seen(result)
    assert (recorded.count, result.stats["trials"], found.count) == (2, 3, 3)
    assert found.variance == pytest.approx(np.var([*ratios, own], ddof=1), rel=1e-12)
    assert ledger.trials(bars) == recorded


def test_too_few_ratios_have_no_spread(bars):
    ledger.record(bars, SmaCross, [{"fast": 3}], [math.nan], 63)
    result = lts.run(cross(), bars)
    assert result.stats["trials"] == 2
    assert result.reasons["dsr"] == "of 2 sets fewer than two have a Sharpe ratio, so their spread is unknown"
    assert result.reasons["sharpe_by_luck"] == result.reasons["dsr"]


def test_a_run_without_trades_counts_and_says_why_it_has_no_dsr(bars):
    lts.run(cross(), bars)
    result = lts.run(Plain(), bars)
    assert result.stats["trials"] == 2
    assert result.reasons["dsr"] == "no daily return differs from another"


def test_a_saved_result_keeps_what_it_said_when_it_is_run_again(bars, tmp_path):
    folder = lts.run(cross(), bars).save(tmp_path / "kept", report=False)
    lts.run(cross(6), bars)
    done = lts.rerun(folder)
    assert done.equal
    said = lts.load_result(folder).stats
    assert said["trials"] == done.result.stats["trials"] == 1
    assert said.to_numpy().tobytes() == done.result.stats.to_numpy().tobytes()


def test_a_saved_result_without_a_ledger_says_so_when_it_is_run_again(bars, tmp_path):
    with ledger.paused("nobody counted"):
        folder = lts.run(cross(), bars).save(tmp_path / "kept", report=False)
    assert lts.rerun(folder).result.reasons["dsr"] == "nobody counted"


# looking and clearing


def test_what_was_tried_is_listed_by_bars_and_by_strategy(bars):
    lts.run(cross(), bars)
    ledger.record(bars, Donchian, [{"entry": 20}, {"entry": 30}], [0.1, 0.2], 62)
    other = bars[:1_000]
    lts.run(cross(), other)
    first, second = ledger.table_rows()
    assert (first.fingerprint, first.trials) == (other.fingerprint, 1)
    assert (second.instrument, second.timeframe, second.bars, second.trials) == ("EUR_USD", "H1", 1_500, 3)
    assert (second.first, second.last) == (bars.time[0], bars.time[-1] + bars.duration)
    assert second.best_sharpe == pytest.approx(0.2 * sqrt(DAYS))
    told = {(t.strategy, t.kind): (t.trials, t.fewest_days) for t in ledger.tried(bars.fingerprint)}
    assert told == {("SmaCross", "run"): (1, told["SmaCross", "run"][1]), ("Donchian", "sweep"): (2, 62)}
    frame = ledger.table()
    assert list(frame["trials"]) == [1, 3]
    assert frame.loc[bars.fingerprint, "first"].value == bars.time[0]


def test_a_fingerprint_alone_is_enough_and_bars_bring_what_they_are_called(bars):
    ledger.record(bars.fingerprint, SmaCross, [{}], [0.1], 60)
    assert ledger.table_rows()[0].instrument == ""
    lts.run(cross(), bars)
    assert [(row.instrument, row.trials) for row in ledger.table_rows()] == [("EUR_USD", 2)]


def test_clearing_must_be_meant(bars):
    lts.run(cross(), bars)
    lts.run(cross(), bars[:1_000])
    with pytest.raises(lts.ParameterError, match="confirm was False; it must be True"):
        ledger.clear()
    assert ledger.clear(bars.fingerprint, confirm=True) == 1
    assert (ledger.trials(bars).count, ledger.trials(bars[:1_000]).count) == (0, 1)
    assert (ledger.clear(confirm=True), ledger.table_rows()) == (1, [])


def test_clearing_nothing_makes_no_file(home):
    assert ledger.clear(confirm=True) == 0
    assert ledger.aside() is None
    assert not home.exists()


def test_every_process_finds_a_whole_sqlite_file(bars, home):
    lts.run(cross(), bars)
    db = sqlite3.connect(home / store.NAME)
    try:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("SELECT length(key) FROM trials").fetchall() == [(keys.SIZE,)]
    finally:
        db.close()


def test_no_test_writes_where_its_user_keeps_things(monkeypatch):
    monkeypatch.undo()
    assert os.environ["LTS_LEDGER"] == "off"
    assert "lts-home-" in os.environ["LTS_HOME"]
