"""Statistics of one's own: registered once, they stand everywhere."""

from __future__ import annotations

import numpy as np
import pytest

import lts
from lts.errors import ParameterError
from lts.research.explain import DEFINITIONS, GROUPS
from lts.research.stats import statistics
from lts.research.stats.custom import forget
from tests.bent import with_equity

SAID = {"unit": "fraction", "formula": "mean((peak - equity) / peak)", "meaning": "mean drawdown at closes"}


@pytest.fixture
def pain():
    @lts.statistic("pain", **SAID, source="Becker and Moore 2006")
    def pain(result):
        """Return the mean fall from the running peak."""
        equity = result.equity_micro
        return float(np.mean(1 - equity / np.maximum.accumulate(equity)))

    yield pain
    forget("pain")


def test_it_stands_in_stats_and_is_explained(pain):
    result = with_equity([10_000, 9_000, 10_000, 8_000])
    assert result.stats["pain"] == pytest.approx((0.1 + 0.2) / 4) == pain(result)
    assert list(result.stats.index)[-1] == "pain"
    told = lts.explain("pain")
    assert (told.unit, told.source, told.group) == ("fraction", "Becker and Moore 2006", "custom")
    assert GROUPS["custom"] == ("pain",)
    assert "pain" not in statistics(result, "mt5")[0]
    assert "pain" not in result.headline


def test_forgotten_it_is_gone(pain):
    del pain
    forget("pain")
    assert "pain" not in DEFINITIONS
    assert "custom" not in GROUPS
    assert "pain" not in with_equity([10_000] * 2).stats
    lts.statistic("pain", **SAID)(lambda _result: 1.0)  # the name is free again


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda _result: 1 / 0, "its function raised ZeroDivisionError: division by zero"),
        (lambda _result: float("inf"), "its function returned inf"),
        (lambda _result: "much", "its function raised ValueError: could not convert string to float: 'much'"),
    ],
)
def test_one_that_fails_is_nan_and_the_others_are_not(function, reason):
    lts.statistic("bad", **SAID)(function)
    try:
        result = with_equity([10_000, 9_000])
        assert np.isnan(result.stats["bad"])
        assert result.reasons["bad"] == reason
        assert result.stats["max_drawdown"] == pytest.approx(0.1)
    finally:
        forget("bad")


def test_it_may_look_at_the_other_statistics():
    lts.statistic("twice", **SAID)(lambda result: 2 * result.stats["max_drawdown"])
    try:
        result = with_equity([10_000, 9_000])
        assert result.stats["twice"] == pytest.approx(0.2)
        assert list(result.stats.index)[-1] == "twice"
    finally:
        forget("twice")


@pytest.mark.parametrize("name", ["sharpe", "Pain", "my pain", "1st", ""])
def test_a_taken_or_malformed_id_is_refused(name):
    with pytest.raises(ParameterError, match=f"'{name}'.*(is taken|must be lower-case)"):
        lts.statistic(name, **SAID)


def test_a_missing_text_is_refused():
    with pytest.raises(ParameterError, match="'pain', unit: was ' '; it must say something"):
        lts.statistic("pain", unit=" ", formula="x", meaning="y")


def test_one_of_the_house_cannot_be_forgotten():
    with pytest.raises(ParameterError, match="'sharpe': is not a registered statistic; registered are none"):
        forget("sharpe")


def test_a_cell_that_runs_again_replaces_its_own_statistic():
    said = {"unit": "ratio", "formula": "f"}
    for value in (1.0, 2.0):

        @lts.statistic("mine_again", meaning=f"is {value}", **said)
        def mine(_result, value=value):
            return value

    def other(_result):
        return 3.0

    try:
        with pytest.raises(ParameterError, match="'mine_again': is taken"):
            lts.statistic("mine_again", meaning="another", **said)(other)
        bars = lts.synthetic_bars("EUR_USD", "H1", n=20, seed=3)
        found = lts.run(lts.strategies.SmaCross(fast=2, slow=3), bars)
        assert found.stats["mine_again"] == 2.0
        assert list(found.stats.index).count("mine_again") == 1
        assert lts.explain("mine_again").meaning == "is 2.0"
        assert mine(None) == 2.0
    finally:
        forget("mine_again")
