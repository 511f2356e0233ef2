"""`lts.check`: views and other futures are what they say; each item measures what it names; a limited time is spent well."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import lts
from lts.cli import main
from lts.data.bars import PRICES
from lts.research import check as room
from lts.research.check import cuts, market, outside, plan, views, worlds
from lts.research.check.probe import Probe
from lts.research.report import page
from lts.strategies.base import go
from tests.planted import BARS, Planted, centred_window, future_join, move, pandas_expanding, rule, series
from tests.small import table

SMA = lts.strategies.SmaCross(fast=5, slow=20, stop_pips=30, target_pips=30)


def valid(bars):
    p = bars.points
    for side in ("bid", "ask"):
        opened, high, low, close = (getattr(p, f"{side}_{part}") for part in ("open", "high", "low", "close"))
        if not (
            low.min() >= 1 and (low <= opened).all() and (low <= close).all() and (high >= opened).all() and (high >= close).all()
        ):
            return False
    return bool((p.ask_close >= p.bid_close).all() and (p.ask_open >= p.bid_open).all())


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (0, 2_400), (17, 900), (2_399, 2_400)])
def test_a_cut_is_the_same_as_a_slice(start, stop):
    seen, true = views.cut(BARS, start, stop), BARS[start:stop]
    assert seen.fingerprint == true.fingerprint
    for name in PRICES:
        assert getattr(seen, name).tobytes() == getattr(true, name).tobytes()
        assert getattr(seen.points, name).tobytes() == getattr(true.points, name).tobytes()
    assert (len(seen), seen.timeframe, seen.instrument) == (len(true), true.timeframe, true.instrument)
    assert seen.to_pandas().equals(true.to_pandas())
    assert seen.resample("D1").fingerprint == true.resample("D1").fingerprint
    assert seen[:1].fingerprint == true[:1].fingerprint


def test_what_a_strategy_sees_it_cannot_change():
    for bars in (views.cut(BARS, 0, 50), worlds.Worlds(BARS).after(20, "random")):
        for array in (bars.time, bars.volume, bars.bid_close, bars.points.ask_low, bars.points.matrix):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


@pytest.mark.parametrize("kind", worlds.KINDS)
@pytest.mark.parametrize("last", [0, 700, 2_398])
def test_another_future_is_valid_and_leaves_the_past(kind, last):
    other = worlds.Worlds(BARS).after(last, kind)
    assert valid(other)
    assert (other.points.matrix[:, : last + 1] == BARS.points.matrix[:, : last + 1]).all()
    assert (other.volume[: last + 1] == BARS.volume[: last + 1]).all()
    assert (other.points.matrix[:, last + 1 :] != BARS.points.matrix[:, last + 1 :]).any()
    assert (other.volume[last + 1 :] != BARS.volume[last + 1 :]).any()


@pytest.mark.parametrize("kind", ["jump", "flat"])
def test_a_comb_changes_its_teeth_and_nothing_else(kind):
    starts = np.arange(3, len(BARS), 100)
    other, changed = worlds.Worlds(BARS).runs(starts, 24, kind)
    assert valid(other)
    assert changed.sum() == 24 * len(starts) - max(0, starts[-1] + 24 - len(BARS))
    assert changed[starts].all()
    assert not changed[starts - 1].any()
    assert (other.points.matrix[:, ~changed] == BARS.points.matrix[:, ~changed]).all()
    assert (other.points.bid_close[starts] != BARS.points.bid_close[starts]).mean() > 0.9


def test_a_jump_goes_against_the_move_that_came():
    starts = np.array([100, 200, 300])
    other, _ = worlds.Worlds(BARS).runs(starts, 24, "jump")
    came = BARS.points.bid_close[starts] - BARS.points.bid_close[starts - 1]
    went = other.points.bid_close[starts] - BARS.points.bid_close[starts - 1]
    assert (np.sign(came) * np.sign(went) <= 0).all()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 30])
def test_a_history_of_a_few_bars_is_no_trouble(count):
    report = lts.check(SMA, BARS[:count])
    assert report.passed
    assert "bars" in str(report)


def test_a_rule_without_features_has_nothing_to_look_ahead_with():
    class Bare(lts.Strategy):
        def decide(self, view):
            return go(1_000.0) if view.now.bid_close > view.prev.bid_close else go(-1_000.0)

    report = lts.check(Bare(), BARS[:500])
    assert report.causal
    assert "no features" in report.item("causality").text
    assert "no features" in report.item("delay").text


def test_a_short_time_is_said_and_spent_on_ends_of_weeks_first():
    def slow(bars):
        return series(bars).expanding(5).apply(lambda v: v[-1] - v.mean(), raw=True)

    report = lts.check(rule(slow), BARS, seconds=0.3)
    e = report.examined
    assert report.causal
    assert 0 < e.either < len(BARS) - 1
    assert report.item("causality").status == "warning"
    assert f"{e.either:,} of {len(BARS):,} bars examined" in str(report)
    gaps = np.diff(BARS.time)[cuts.order(BARS)[:18]]
    assert (gaps > 24 * 3600 * 10**9).all()


def test_every_bar_has_its_turn_once():
    assert sorted(cuts.order(BARS).tolist()) == list(range(len(BARS)))


def test_equal_bars_that_give_other_features_are_no_causal_rule():
    calls = []

    def counting(bars):
        calls.append(1)
        return move(bars) * len(calls)

    report = lts.check(rule(counting), BARS)
    assert report.item("repeatable").status == "failed"
    assert not report.causal


def test_a_rule_that_raises_in_the_middle_fails():
    def touchy(bars):
        if len(bars) % 7 == 0 and len(bars) > 1_000:
            raise RuntimeError("the seventh")
        return move(bars)

    item = lts.check(rule(touchy), BARS).item("causality")
    assert item.status == "failed"
    assert "RuntimeError: the seventh" in item.text


def test_a_rule_that_refuses_short_histories_is_told_apart():
    def long(bars):
        if len(bars) < 60:
            raise ValueError("needs 60 bars")
        return move(bars)

    item = lts.check(rule(long), BARS).item("causality")
    assert item.status == "passed"
    assert "histories of up to 59 bars it refuses: ValueError: needs 60 bars" in item.text


def test_the_order_of_a_sum_is_said_and_not_failed():
    def summed(bars):
        return move(bars) + 1e-18 * len(bars)  # a last digit that hangs on the length

    report = lts.check(rule(summed), BARS)
    assert report.causal
    assert "rounding" in report.item("causality").text


# ---- data beside the bars ---------------------------------------------------------------------------------------------------


def test_the_twin_says_the_same_and_the_original_keeps_its_data():
    strategy = rule(future_join)
    found = outside.outside_of(strategy, BARS)
    probe = Probe(strategy, BARS, found)
    nothing = np.zeros(len(BARS), np.bool_)
    assert probe.first(probe.whole(BARS, nothing), len(BARS), 0.0) == []
    assert probe.first(probe.whole(BARS, ~nothing, beyond=True), len(BARS)) != []
    assert probe.first(probe.whole(BARS), len(BARS), 0.0) == []


def test_data_in_a_dictionary_and_in_a_class_are_found():
    tables = {"days": BARS.resample("D1")}

    class Held(Planted):
        curve = np.asarray(BARS.bid_close)

        def features(self, bars):
            first = np.where(np.arange(len(bars)) > 30, tables["days"].bid_close[0], np.nan)  # known when the first day is over
            return {"x": self.curve[: len(bars)] - first}

    found = outside.outside_of(Held(), BARS)
    assert len(found.leaves) == 2
    assert set(found.names) == {"Held.curve", "tables"}
    assert lts.check(Held(), BARS).causal


# ---- warm-up ----------------------------------------------------------------------------------------------------------------


def test_a_window_settles_when_it_is_full():
    item = lts.check(lts.strategies.SmaCross(fast=5, slow=50), BARS).item("warm_up")
    assert (item.status, item.figure) == ("passed", 49.0)


def test_an_exponential_memory_settles_when_it_has_forgotten():
    def exponential(bars):
        return series(bars).ewm(span=30, adjust=False).mean()

    # (1 - 2/31)**k of a difference of some hundredths falls below 1e-9 of 1.2 after 250 to 280 bars
    item = lts.check(rule(exponential), BARS).item("warm_up")
    assert 230 <= item.figure <= 300
    assert "to 1e-09 of their size" in item.text


def test_trading_long_before_a_window_is_full_fails():
    def early(bars):
        s = series(bars)
        return s - s.rolling(600, min_periods=1).mean()

    report = lts.check(rule(early), BARS)
    assert report.causal
    assert not report.warm_up_ok
    assert not report.passed
    assert "set trade_from" in report.item("warm_up").text


def test_what_never_forgets_is_a_warning():
    report = lts.check(rule(pandas_expanding), BARS)
    assert report.warm_up_ok
    assert report.item("warm_up").status == "warning"
    assert "where the history begins" in report.item("warm_up").text


# ---- money ------------------------------------------------------------------------------------------------------------------


def test_costs_are_scaled_but_for_swap_that_is_received():
    costs = lts.Costs(
        spread_pips=1.5, commission_per_lot=7, slippage_pips=0.5, commission_minimum=2, slippage_seed=9,
        swap=lts.AnnualSwap(long={"2015-01-01": -0.03, "2016-01-01": 0.01}, short=0.02),
    )  # fmt: skip
    twice = market.scaled(costs, 2.0)
    assert (twice.spread_pips, twice.commission_per_lot, twice.slippage_pips, twice.commission_minimum) == (3.0, 14.0, 1.0, 4.0)
    assert twice.swap.long.values == (-0.06, 0.01)
    assert (twice.swap.short, twice.slippage_seed) == (0.02, 9)
    flat = market.scaled(lts.Costs(swap_long=-10, swap_short=4), 0.5)
    assert (flat.swap_long, flat.swap_short) == (-5.0, 4.0)


def test_wider_bars_keep_their_bids():
    bars = table([(1.1, 1.2, 1.0, 1.1)] * 3, spread=15)
    wide = market.wider(bars, 2.0)
    assert (wide.points.matrix[:4] == bars.points.matrix[:4]).all()
    assert (wide.points.matrix[4:] - wide.points.matrix[:4] == 30).all()
    assert market.wider(bars, 1.0).fingerprint == bars.fingerprint


def test_shaken_bars_are_valid_and_the_same_for_a_seed():
    shaken = market.shaken(BARS, 3, 0.05)
    assert valid(shaken)
    assert shaken.fingerprint == market.shaken(BARS, 3, 0.05).fingerprint
    assert shaken.fingerprint != market.shaken(BARS, 4, 0.05).fingerprint
    assert (np.diff(shaken.points.matrix, axis=0) == np.diff(BARS.points.matrix, axis=0)).all()  # a bar moves as one


def test_a_late_feature_is_the_one_of_the_bar_before():
    late = market.late({"x": np.array([1.0, 2.0, 3.0])})["x"]
    assert np.array_equal(late, [np.nan, 1.0, 2.0], equal_nan=True)


def test_the_items_are_those_of_runs_made_by_hand():
    costs = lts.Costs(spread_pips=1.0, commission_per_lot=7)
    report = lts.check(SMA, BARS, costs=costs)
    base = lts.run(SMA, BARS, costs=costs)
    twice = lts.run(SMA, BARS, costs=lts.Costs(spread_pips=2.0, commission_per_lot=14))
    assert report.item("costs").figure == pytest.approx(twice.stats["net_profit"], abs=1e-9)
    assert report.item("ambiguous_bars").figure == base.trades["ambiguous"].mean()
    assert report.item("break_even_spread").figure == base.stats["break_even_spread"]


def test_a_rule_that_never_trades_says_so():
    report = lts.check(lts.strategies.Donchian(entry=599), BARS[:600])
    assert report.passed
    assert "no trade was closed" in report.item("noise").text
    assert np.isnan(report.item("costs").figure)


# ---- the whole --------------------------------------------------------------------------------------------------------------


def test_a_report_is_a_table_a_frame_and_plain_values():
    report = lts.check(SMA, BARS[:800])
    names = ["repeatable", "causality", "warm_up", "costs", "delay", "ambiguous_bars", "break_even_spread", "noise"]
    assert [item.name for item in report.items] == names
    assert list(report.to_frame().index) == names
    plain = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert plain["passed"] is True
    assert plain["examined"]["bars"] == 800
    assert str(report).startswith("check passed")
    with pytest.raises(KeyError, match="noises"):
        report.item("noises")


def test_every_sleeve_of_a_portfolio_is_examined():
    other = lts.synthetic_bars("GBP_USD", "H1", n=800, seed=9)
    result = lts.run_portfolio({"EUR_USD": (SMA, BARS[:800]), "GBP_USD": (rule(centred_window), other)})
    report = room.check_result(result)
    assert not report.causal
    assert report.item("causality").text.startswith("sleeve 1: every bar examined")
    assert report.examined.bars == 1_600


@pytest.mark.parametrize("seconds", [0, -1, np.nan, "long", None])
def test_seconds_must_be_a_number_above_zero(seconds):
    with pytest.raises(lts.ParameterError, match=re.escape(f"check, seconds: was {seconds!r}")):
        lts.check(SMA, BARS, seconds=seconds)


def test_unknown_words_are_refused():
    with pytest.raises(TypeError, match="cost"):
        lts.check(SMA, BARS, cost=lts.Costs())


@pytest.mark.parametrize(("cost", "count"), [(1e-4, 2048), (2e-3, 128), (2.1e-3, 128), (0.1, 8), (0.9, 0)])
def test_a_steady_plan_takes_large_steps(cost, count):
    assert plan.steps(1.0, cost) == count


# ---- the badge --------------------------------------------------------------------------------------------------------------


def test_a_report_carries_the_badge_and_keeps_its_bytes():
    run = lambda: lts.run(lts.strategies.EmaCross(), BARS)  # noqa: E731
    text = page(run())
    assert text == page(run())
    assert "Check: <b>passed</b>" in text
    assert "Every bar examined" in text


def test_a_badge_names_what_failed():
    text = page(lts.run(rule(centred_window), BARS))
    assert "Check: <b>failed</b>" in text
    assert "Failed: causality." in text
    assert "looks 10 bars ahead" in text


def test_a_page_without_a_check_says_so(tmp_path):
    result = lts.run(SMA, BARS[:500])
    assert "Check: <b>not run</b>" in result.report(tmp_path / "a.html", check=False).read_text(encoding="utf-8")
    assert "Check: <b>passed</b>" in result.report(tmp_path / "b.html").read_text(encoding="utf-8")


def test_a_strategy_that_cannot_be_asked_again_costs_no_report():
    asked = []

    def once(bars):
        if asked:
            raise RuntimeError("asked before")
        asked.append(1)
        return move(bars)

    text = page(lts.run(rule(once), BARS[:500]))
    assert "Check: <b>not run</b>" in text
    assert "RuntimeError: asked before" in text


# ---- the command line -------------------------------------------------------------------------------------------------------


def verb(*words):
    with pytest.raises(SystemExit) as left:
        main(["check", *words])
    return left.value.code or 0


def test_the_verb_prints_the_table(capsys):
    assert (
        verb("--sample", "ecb", "--strategy", "sma_cross", "--fast", "5", "--slow", "20", "--start", "2020", "--end", "2022") == 0
    )
    out, err = capsys.readouterr()
    assert out.startswith("check passed")
    assert "causality" in out
    assert "checking SmaCross(fast=5" in err


def test_the_verb_leaves_with_seven_and_says_why_as_json(capsys, tmp_path, monkeypatch):
    (tmp_path / "seer_for_check.py").write_text(
        "import numpy as np\nfrom lts import SignalStrategy\n\n\nclass Seer(SignalStrategy):\n    def signals(self, bars):\n"
        "        return np.append(np.sign(np.diff(bars.bid_close)), 0.0)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert verb("--sample", "ecb", "--start", "2020", "--end", "2022", "--strategy", "seer_for_check:Seer", "--json") == 7
    found = json.loads(capsys.readouterr().out)
    assert found["causal"] is False
    assert found["faults"][0]["ahead"] == 1


@pytest.mark.parametrize("word", ["0", "soon", "-3", "nan", "inf"])
def test_the_verb_refuses_impossible_seconds(capsys, word):
    assert verb("--sample", "ecb", f"--seconds={word}") == 2
    assert repr(word) in capsys.readouterr().err
