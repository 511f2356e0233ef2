"""Statistics: by hand on small runs, nan with a reason wherever a number would be invented."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lts
from lts.errors import ParameterError
from lts.research.explain import CONVENTIONS
from lts.research.stats import daily, headline, monthly, statistics
from lts.research.stats.drawdowns import drawdowns
from lts.research.stats.facts import running_peak
from tests.bent import FLAT, rows, with_equity, with_profits
from tests.parity import Noise
from tests.small import scripted, table

COSTS = lts.Costs(commission_per_lot=7, slippage_pips=0.3, swap_long=-6, swap_short=2)
IN_OUT = [lts.go(1_000), lts.close()]
DEGENERATE = {
    "one bar": lambda: lts.run(scripted(), table([FLAT])),
    "no trade": lambda: lts.run(scripted(), table([FLAT] * 60)),
    "one day, one trade": lambda: lts.run(scripted(*IN_OUT), table(rows(1.1, 1.1, 1.11, 1.11))),
    "never closed": lambda: lts.run(scripted(*IN_OUT), table(rows(1.1, 1.1)), close_at_end=False),
    "only wins": lambda: lts.run(scripted(*IN_OUT * 30), table(rows(*[1.1 + i * 1e-3 for i in range(70)]))),
    "only losses": lambda: lts.run(scripted(*IN_OUT * 30), table(rows(*[1.1 - i * 1e-3 for i in range(70)]))),
    "nothing won, nothing lost": lambda: with_profits(0, 0, 0),
    "one win, one loss": lambda: with_profits(5, -5),
    "ruin to nothing": lambda: with_equity([10_000] * 30 + [0] * 30),
    "below zero": lambda: with_equity([10_000] * 30 + [-500] * 30 + [-400] * 30),
    "below zero and back": lambda: with_equity([10_000] * 30 + [-500] * 30 + [9_000] * 30),
    "ruined on the last day": lambda: with_equity([10_000] * 30 + [10_100] * 30 + [-1]),
    "refused for margin": lambda: lts.run(scripted(lts.go(4_000_000)), table([FLAT] * 60)),
    "a gap through the close-out": lambda: lts.run(scripted(lts.go(400_000)), table(rows(1.1, 1.1, 1.1, *[0.9] * 60))),
}  # fmt: skip


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", DEGENERATE)
def test_what_cannot_be_computed_is_nan_with_a_reason(name, convention):
    found, reasons = statistics(DEGENERATE[name](), convention)
    assert list(found.index) == list(CONVENTIONS[convention])
    assert found.dtype == np.float64
    assert not np.isinf(found).any()
    assert set(found[found.isna()].index) == set(reasons)
    assert all(len(reason) > 10 for reason in reasons.values())


@pytest.mark.parametrize(
    ("name", "id_", "reason"),
    [
        ("no trade", "win_rate", "there is no closed trade"),
        ("no trade", "sharpe", "no daily return differs from another"),
        ("one day, one trade", "sharpe", "there is one day only; a spread needs two"),
        ("one day, one trade", "mean_trade_t", "a spread of profits needs two closed trades"),
        ("only wins", "profit_factor", "no trade lost"),
        ("only wins", "calmar", "equity never fell below a peak"),
        ("only losses", "payoff_ratio", "no trade won"),
        ("only losses", "short_win_rate", "no trade had sold"),
        ("ruin to nothing", "cagr", "the final balance is not above zero"),
        ("below zero", "sharpe", "equity was at or below zero on 2024-01-09; returns mean nothing from there on"),
        ("below zero and back", "gain_to_pain", "equity was at or below zero on 2024-01-09; returns mean nothing from there on"),
        ("one win, one loss", "runs_z", "one win and one loss are too few to count runs"),
        ("refused for margin", "min_margin_level", "no close had a trade open"),
    ],
)
def test_the_reason_says_what_is_missing(name, id_, reason):
    assert statistics(DEGENERATE[name]())[1][id_] == reason


def test_what_is_known_without_trades_is_a_number():
    found, _ = statistics(DEGENERATE["no trade"]())
    known = ["net_profit", "total_return", "cagr", "trades", "exposure_time", "max_drawdown", "ulcer_index", "pips"][:-1]
    assert (found[known] == 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_headline_is_part_of_the_statistics(seed):
    result = lts.run(Noise(seed=seed, units=50_000), lts.synthetic_bars("EUR_USD", "H1", n=1_500, seed=seed), costs=COSTS)
    whole = statistics(result)[0]
    for name, value in headline(result).items():
        assert value == whole[name] or (np.isnan(value) and np.isnan(whole[name])), name
    asked = {
        "initial_balance",
        "final_balance",
        "net_profit",
        "total_return",
        "cagr",
        "sharpe",
        "sortino",
        "psr",
        "calmar",
        "max_drawdown",
    }
    asked |= {
        "max_drawdown_money",
        "trades",
        "win_rate",
        "profit_factor",
        "expectancy",
        "exposure_time",
        *result.totals,
        *result.counts,
    }
    assert set(headline(result)) == asked


def test_an_unknown_convention_is_refused():
    with pytest.raises(ParameterError, match=r"convention: was 'mt4'; it must be one of lts, empyrical, mt5\. Did you mean 'mt5'"):
        statistics(DEGENERATE["one bar"](), "mt4")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1_000, 30_000), min_size=25, max_size=200))
def test_drawdown_by_brute_force(equity):
    equity = np.round([10_000, *equity], 6)
    result = with_equity(equity[1:])
    found, _ = statistics(result)
    falls = [(max(equity[: i + 1]) - value) / max(equity[: i + 1]) for i, value in enumerate(equity)]
    assert found["max_drawdown"] == pytest.approx(max(falls), abs=1e-12)
    assert found["ulcer_index"] == pytest.approx(sqrt(np.mean(np.square(falls[1:]))), abs=1e-12)
    assert found["time_under_water"] == np.mean(np.array(falls[1:]) > 0)
    assert found["current_drawdown"] == pytest.approx(falls[-1], abs=1e-12)
    table_ = drawdowns(result, n=1_000)
    assert len(table_) == found["drawdowns"]
    assert table_["depth"].mean() == pytest.approx(found["average_drawdown"], nan_ok=True)


@pytest.mark.parametrize("n", [1, 1_023, 1_024, 1_025, 2_048, 5_000])
@pytest.mark.parametrize("drift", [-3.0, 0.0, 3.0])
def test_the_running_peak_goes_block_by_block(n, drift):
    worth = 100_000 + np.cumsum(np.random.default_rng(n).normal(drift, 10, n)).astype(np.int64)
    assert np.array_equal(running_peak(worth, 100_000), np.maximum(np.maximum.accumulate(worth), 100_000))


def test_the_worst_drawdowns_by_hand():
    # closes at 01:00, 02:00 ... of Monday 2024-01-08; the run starts at 00:00 with 10,000
    result = with_equity([9_900, 10_000, 10_500, 10_290, 10_395, 10_080, 10_500, 10_600, 10_494])
    found = drawdowns(result)
    hour = lambda h: f"2024-01-08 {h:02d}:00:00+00:00"  # noqa: E731
    # 10,500 -> 10,080 = 4 % from 03:00 over 06:00 to 07:00; 10,000 -> 9,900 = 1 % from the start; 10,600 -> 10,494 = 1 %, open
    assert found["peak_time"].astype(str).tolist() == [hour(3), hour(0), hour(8)]
    assert found["trough_time"].astype(str).tolist() == [hour(6), hour(1), hour(9)]
    assert found["recovery_time"].map(str).tolist() == [hour(7), hour(2), "NaT"]
    assert found["depth"].tolist() == pytest.approx([0.04, 0.01, 0.01])
    assert found["money"].tolist() == pytest.approx([420, 100, 106])
    assert found["days"].tolist() == pytest.approx([4 / 24, 2 / 24, 1 / 24])
    assert len(drawdowns(result, n=1)) == 1
    stats = statistics(result)[0]
    assert stats["longest_drawdown_days"] == pytest.approx(4 / 24)
    assert stats["average_drawdown"] == pytest.approx(0.02)
    assert stats["time_under_water"] == 5 / 9
    assert stats["absolute_drawdown"] == 100
    assert stats["recovery_factor"] == pytest.approx(494 / 420)


def test_no_drawdown_is_an_empty_table():
    assert drawdowns(with_equity([10_000] * 3)).empty


def test_trades_by_hand():
    # bought 1st, 3rd, 5th; sold 2nd, 4th, 6th
    found, reasons = statistics(with_profits(30, -10, 20, 50, -40, -10))
    assert (found["trades"], found["long_trades"], found["short_trades"]) == (6, 3, 3)
    assert (found["gross_profit"], found["gross_loss"]) == (100, -60)
    assert found["win_rate"] == 0.5
    assert found["long_win_rate"] == pytest.approx(2 / 3)
    assert found["short_win_rate"] == pytest.approx(1 / 3)
    assert found["profit_factor"] == pytest.approx(100 / 60)
    assert found["expectancy"] == pytest.approx(40 / 6)
    assert (found["average_win"], found["average_loss"]) == (pytest.approx(100 / 3), -20)
    assert found["payoff_ratio"] == pytest.approx(5 / 3)
    assert found["kelly"] == pytest.approx(0.5 - 0.5 / (5 / 3))  # 0.2
    assert (found["best_trade"], found["worst_trade"]) == (50, -40)
    assert (found["max_consecutive_wins"], found["max_consecutive_wins_money"]) == (2, 70)
    assert (found["max_consecutive_losses"], found["max_consecutive_losses_money"]) == (2, -50)
    # runs: + - ++ -- = 4; w = l = 3, n = 6: m = 2*9/6 + 1 = 4, s**2 = 3 * 2 / 5 = 1.2; (4 - 4) / s = 0
    assert found["runs_z"] == 0
    spread = np.std([30, -10, 20, 50, -40, -10], ddof=1)
    assert found["sqn"] == pytest.approx(sqrt(6) * (40 / 6) / spread)
    assert found["mean_holding_hours"] == 1
    assert "profit_mae_correlation" in reasons  # prices stood still: no excursion varies


def test_a_trade_without_profit_is_neither_won_nor_lost():
    found, _ = statistics(with_profits(10, 0, 10, -5))
    assert (found["win_rate"], found["max_consecutive_wins"], found["average_loss"]) == (0.5, 1, -5)


def test_months_are_new_york_months():
    # hours from Monday 2024-01-08 00:00 UTC; 17:00 New York of January 31 is 22:00 UTC, the close of hour 23 * 24 + 21
    equity = np.full(28 * 24, 10_000.0)
    equity[23 * 24 + 21 :] = 11_000  # the close at 22:00 still belongs to January
    equity[23 * 24 + 22 :] = 12_100
    found = monthly(with_equity(equity))
    assert found.index.astype(str).tolist() == ["2024-01", "2024-02"]
    assert found.tolist() == pytest.approx([0.1, 0.1])


def test_days_are_indexed_by_their_end():
    found = daily(with_equity([10_000] * 21 + [10_100] * 24 + [10_201] * 10))
    # 22:00 UTC is the close of hour 21; the third day ends after the data
    assert found.index.astype(str).tolist() == [f"2024-01-{d:02d} 22:00:00+00:00" for d in (8, 9, 10)]
    assert found.tolist() == pytest.approx([0.01, 0.01, 0.0])


def test_coverage_is_what_the_trading_week_holds():
    # Sunday 2024-01-07 22:00 UTC to Friday 22:00 is one week of 120 hours; the second week follows after 48 closed ones
    start = np.datetime64("2024-01-07T22:00", "ns").astype(np.int64)
    hours = np.r_[0:120, 168:288]
    kept = np.delete(hours, np.s_[30:54])  # a day is missing: 216 of 240
    matrix = np.full((8, len(kept)), 110_000, np.int32)
    bars = lts.Bars.from_points("EUR_USD", "H1", start + kept * 3_600 * 10**9, matrix)
    assert statistics(lts.run(scripted(), bars, stale_open="worst"))[0]["coverage"] == pytest.approx(0.9)


def test_costs_and_the_spread_that_breaks_even():
    bars = lts.synthetic_bars("EUR_USD", "H1", n=4_000, seed=3)
    rule = lts.strategies.SmaCross(fast=3, slow=9, stop_pips=0, target_pips=0)
    at = {
        spread: statistics(lts.run(rule, bars, costs=lts.Costs(spread_pips=spread, commission_per_lot=7, swap_long=-6)))[0]
        for spread in (0, 1, 3)
    }
    assert at[1]["mean_spread_pips"] == pytest.approx(1)
    assert at[0]["spread_cost"] == 0
    # the same trades at the same mids: net profit falls in a line as the spread widens, and all three know where it is zero
    a_pip = at[0]["net_profit"] - at[1]["net_profit"]
    assert at[1]["net_profit"] - at[3]["net_profit"] == pytest.approx(2 * a_pip)
    for found in at.values():
        assert found["break_even_spread"] == pytest.approx(at[0]["net_profit"] / a_pip)
    paid = at[1]["spread_cost"] + at[1]["commission"] - at[1]["swap"]
    assert at[1]["total_cost"] == pytest.approx(paid)
    assert at[1]["price_profit"] - paid == pytest.approx(at[1]["net_profit"])


def test_slippage_turnover_and_nights_by_hand():
    # bought 10,000 at the open of hour 1, sold at that of hour 60: two nights, Monday's and Tuesday's; half a pip lost at each
    bars = table([FLAT] * 62)
    says = [lts.go(10_000), *[lts.stay()] * 58, lts.close()]
    found, _ = statistics(lts.run(scripted(*says), bars, costs=lts.Costs(slippage_pips=0.5)))
    assert found["swap_nights"] == 2
    assert found["mean_slippage_pips"] == pytest.approx(0.5)
    assert found["pips"] == pytest.approx(-1)
    years = 62 / 24 / 365.25
    assert found["turnover"] == pytest.approx((11_000.5 + 10_999.5) / 9_999.5 / years, rel=1e-4)
    assert found["max_exposure"] == pytest.approx(11_000)
    assert found["max_margin_used"] == pytest.approx(11_000 * bars.instrument.margin_rate)
    assert found["max_leverage"] == pytest.approx(11_000 / 9_999.5)
    assert found["min_margin_level"] == pytest.approx(9_999.5 / (11_000 * bars.instrument.margin_rate))


def test_wednesday_counts_three_nights():
    says = [lts.go(1_000), *[lts.stay()] * 80]  # Monday 01:00 to the end on Thursday 10:00: Monday, Tuesday, Wednesday
    assert statistics(lts.run(scripted(*says), table([FLAT] * 82)))[0]["swap_nights"] == 5


def test_refusals_are_counted():
    found, _ = statistics(DEGENERATE["refused for margin"]())
    assert (found["refused_orders"], found["refused_for_margin"]) == (1, 1)


def test_holding_the_instrument_itself_has_beta_one_and_its_return():
    prices = 1.1 + np.cumsum(np.random.default_rng(5).normal(0, 5e-4, 24 * 40)).round(5)
    result = with_equity(10_000 * prices / prices[0], prices)
    found, _ = statistics(result)
    assert found["benchmark_return"] == pytest.approx(prices[-1] / prices[0] - 1, rel=1e-4)
    assert found["beta"] == pytest.approx(1, abs=1e-3)
    assert found["alpha"] == pytest.approx(0, abs=1e-3)
