"""`lts.check` catches every rule that knows the future, and leaves every honest one alone."""

from __future__ import annotations

import pytest

import lts
from tests.planted import BARS, CLEAN, FAULTS, ODD_BAR, SHIPPED, rule


def test_there_are_thirty_of_each():
    assert len({f.__name__ for f in FAULTS}) >= 30
    assert len({f.__name__ for f in CLEAN}) >= 30


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
def test_a_rule_that_knows_the_future_is_caught(fault):
    report = lts.check(rule(fault), BARS)
    assert not report.causal
    assert not report.passed
    assert any(item.status == "failed" for item in report.items[:2])


@pytest.mark.parametrize("honest", CLEAN, ids=lambda f: f.__name__)
def test_an_honest_rule_raises_no_alarm(honest):
    report = lts.check(rule(honest), BARS)
    assert report.causal
    assert report.warm_up_ok
    assert report.passed
    assert report.faults == ()
    assert report.item("causality").status == "passed"  # every bar examined


@pytest.mark.parametrize("strategy", SHIPPED, ids=repr)
def test_a_shipped_strategy_raises_no_alarm(strategy):
    report = lts.check(strategy, BARS, costs=lts.Costs.seed())
    assert report.passed
    assert report.examined.either >= len(BARS) - 1


@pytest.mark.parametrize(
    ("name", "ahead"),
    [
        ("shifted_by_minus_one", 1),
        ("polars_shift", 2),
        ("centred_window", 10),
        ("a_single_bar", 1),
        ("bars_captured_in_a_closure", 1),
    ],
)
def test_it_says_how_far_a_rule_looks(name, ahead):
    report = lts.check(rule(next(f for f in FAULTS if f.__name__ == name)), BARS)
    assert [fault.ahead for fault in report.faults] == [ahead]


def test_it_names_the_only_bar_that_is_wrong():
    report = lts.check(rule(next(f for f in FAULTS if f.__name__ == "a_single_bar")), BARS)
    (fault,) = report.faults
    assert (fault.feature, fault.row) == ("x", ODD_BAR)
    assert fault.time == str(BARS.to_pandas().index[ODD_BAR].tz_localize(None))
    assert fault.old == BARS.bid_close[ODD_BAR + 1] - BARS.bid_close[ODD_BAR]
    assert f"bar {ODD_BAR:,}" in str(report)


def test_scaling_by_the_whole_sample_is_said_to_need_all_of_it():
    report = lts.check(rule(next(f for f in FAULTS if f.__name__ == "full_sample_scaling")), BARS)
    assert report.faults[0].whole
    assert "to the end of the data" in str(report)


@pytest.mark.long
@pytest.mark.parametrize("strategy", SHIPPED, ids=repr)
def test_75_000_bars_take_at_most_a_minute(strategy):
    bars = lts.synthetic_bars("EUR_USD", "H1", n=75_000, seed=3)
    report = lts.check(strategy, bars, costs=lts.Costs.seed())
    assert report.passed
    assert report.examined.changed >= 0.999 * 75_000
    assert report.examined.cut == 75_000
    assert report.seconds < 60


@pytest.mark.long
@pytest.mark.parametrize("strategy", SHIPPED, ids=repr)
def test_a_year_of_real_hours_raises_no_alarm(strategy):
    report = lts.check(strategy, lts.samples.eurusd_h1())
    assert report.passed
    assert report.item("causality").status == "passed"
