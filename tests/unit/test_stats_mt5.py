"""MetaTrader 5's definitions on a case worked by hand."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest

import lts
from lts.research.stats import statistics
from tests.bent import FLAT, rows, with_equity, with_profits
from tests.small import scripted, table

# deposit 10,000; balance 10,100  10,300  9,800  9,700  9,900  9,400  9,600  9,750  9,750
PROFITS = (100, 200, -500, -100, 200, -500, 200, 150, 0)


@pytest.fixture(scope="module")
def found():
    return statistics(with_profits(*PROFITS), "mt5")[0]


def test_profit(found):
    assert found["initial_deposit"] == 10_000
    assert found["total_net_profit"] == -250
    assert (found["gross_profit"], found["gross_loss"]) == (850, -1_100)
    assert found["profit_factor"] == pytest.approx(850 / 1_100)
    assert found["expected_payoff"] == pytest.approx(-250 / 9)


def test_drawdown(found):
    # the peak is 10,300, the lowest balance after it 9,400: 900, 8.738 % of the peak; 600 below the deposit
    for of in ("balance", "equity"):  # prices stand still, so equity is the balance
        assert found[f"{of}_drawdown_absolute"] == 600
        assert found[f"{of}_drawdown_maximal"] == 900
        assert found[f"{of}_drawdown_maximal_percent"] == pytest.approx(100 * 900 / 10_300)
        assert found[f"{of}_drawdown_relative"] == pytest.approx(100 * 900 / 10_300)
        assert found[f"{of}_drawdown_relative_money"] == 900
    assert found["recovery_factor"] == pytest.approx(-250 / 900)


def test_the_deepest_in_money_is_not_the_deepest_in_percent():
    # 10,000 -> 8,000 is 2,000 and 20 %; 40,000 -> 34,000 is 6,000 and 15 %
    found = statistics(with_equity([10_000, 8_000, 40_000, 34_000]), "mt5")[0]
    assert (found["equity_drawdown_maximal"], found["equity_drawdown_maximal_percent"]) == (6_000, pytest.approx(15))
    assert (found["equity_drawdown_relative"], found["equity_drawdown_relative_money"]) == (pytest.approx(20), 2_000)
    assert found["equity_drawdown_absolute"] == 2_000


def test_counts(found):
    assert (found["total_trades"], found["total_deals"]) == (9, 18)
    # bought: 100 -500 200 200 0; sold: 200 -100 -500 150
    assert (found["long_trades"], found["long_trades_won"]) == (5, 60)
    assert (found["short_trades"], found["short_trades_won"]) == (4, 50)
    assert (found["profit_trades"], found["profit_trades_percent"]) == (5, pytest.approx(500 / 9))
    assert (found["loss_trades"], found["loss_trades_percent"]) == (3, pytest.approx(300 / 9))
    assert (found["largest_profit_trade"], found["largest_loss_trade"]) == (200, -500)
    assert (found["average_profit_trade"], found["average_loss_trade"]) == (170, pytest.approx(-1_100 / 3))


def test_series(found):
    # + +, - -, +, -, + +: the two series of two wins earned 300 and 350; the series of losses lost 600 and 500
    assert (found["maximum_consecutive_wins"], found["maximum_consecutive_wins_money"]) == (2, 350)
    assert (found["maximum_consecutive_losses"], found["maximum_consecutive_losses_money"]) == (2, -600)
    assert (found["maximal_consecutive_profit"], found["maximal_consecutive_profit_count"]) == (350, 2)
    assert (found["maximal_consecutive_loss"], found["maximal_consecutive_loss_count"]) == (-600, 2)
    assert found["average_consecutive_wins"] == pytest.approx(5 / 3)
    assert found["average_consecutive_losses"] == pytest.approx(3 / 2)


def test_a_short_series_may_earn_most():
    found = statistics(with_profits(10, 10, -1, 500, -2, -2, -900), "mt5")[0]
    assert (found["maximum_consecutive_wins"], found["maximum_consecutive_wins_money"]) == (2, 20)
    assert (found["maximal_consecutive_profit"], found["maximal_consecutive_profit_count"]) == (500, 1)
    assert (found["maximal_consecutive_loss"], found["maximal_consecutive_loss_count"]) == (-904, 3)


def test_z_score(found):
    # N = 8 with W = 5, L = 3, R = 5, P = 2 * 5 * 3 = 30: (8 * 4.5 - 30) / sqrt(30 * 22 / 7) = 6 / 9.7101 = 0.6179
    z = 6 / sqrt(30 * 22 / 7)
    assert found["z_score"] == pytest.approx(z)
    assert found["z_score"] == pytest.approx(0.6179, abs=5e-5)
    assert found["z_score_probability"] == pytest.approx(100 * erf(z / sqrt(2)))


def test_growth_and_line(found):
    balance = np.array([10_000, 10_100, 10_300, 9_800, 9_700, 9_900, 9_400, 9_600, 9_750, 9_750], float)
    assert found["ahpr"] == pytest.approx(np.mean(balance[1:] / balance[:-1]))
    assert found["ghpr"] == pytest.approx((9_750 / 10_000) ** (1 / 9))
    slope, level = np.polyfit(np.arange(10), balance, 1)
    rest = balance - level - slope * np.arange(10)
    assert found["lr_correlation"] == pytest.approx(np.corrcoef(np.arange(10), balance)[0, 1])
    assert found["lr_standard_error"] == pytest.approx(sqrt((rest @ rest) / 8))


def test_sharpe_counts_closes_at_which_equity_changed():
    # hourly bars: 252 * 24 a year; changes +1 %, -1 %, +2 % in logs
    equity = 10_000 * np.exp([0, 0.01, 0.01, 0.0, 0.02, 0.02])
    found = statistics(with_equity(equity), "mt5")[0]
    g = [0.01, -0.01, 0.02]
    assert found["sharpe_ratio"] == pytest.approx(np.mean(g) / np.std(g) * sqrt(252 * 24), rel=1e-6)


def test_excursions_holding_and_margin():
    # 1: bought 10,000 at 1.1000, out at 1.1010 an hour later; 2: bought at 1.1010, out at 1.1000 three hours later
    bars = table(
        [FLAT, (1.1, 1.1010, 1.0990, 1.1010), *rows(1.1010, 1.1010), (1.1010, 1.1040, 1.1010, 1.1010), *rows(1.1010, 1.1, 1.1)]
    )
    says = [lts.go(10_000), lts.close(), lts.go(10_000), lts.stay(), lts.stay(), lts.close()]
    result = lts.run(scripted(*says), bars)
    found, reasons = statistics(result, "mt5")
    assert result.trades["profit"].tolist() == [10, -10]
    assert (found["minimal_holding_hours"], found["maximal_holding_hours"], found["average_holding_hours"]) == (1, 3, 2)
    # in money: mfe 10 and 30, mae -10 and -10 (the exit counts); profit falls as mfe rises
    assert found["correlation_profits_mfe"] == -1
    assert "correlation_profits_mae" in reasons
    rate = bars.instrument.margin_rate
    assert found["margin_level"] == pytest.approx(100 * 10_010 / (11_010 * rate))


def test_a_trade_closed_in_parts_is_held_until_its_last():
    bars = table([FLAT] * 8)
    says = [lts.go(3_000), lts.go(2_000), lts.stay(), lts.go(0)]
    found = statistics(lts.run(scripted(*says), bars), "mt5")[0]
    assert found["total_trades"] == 2
    assert found["average_holding_hours"] == 3  # from the open of hour 1 to that of hour 4


def test_geometric_mean_of_nothing_is_a_reason():
    _, reasons = statistics(with_profits(-10_000, 5), "mt5")
    assert reasons["ghpr"] == "the balance was at or below zero"
