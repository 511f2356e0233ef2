"""Results: money that adds up, statistics by hand, saving, tracing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import lts
from lts.errors import DataWarning, ParameterError
from lts.research.explain import DEFINITIONS
from tests.small import scripted, table

FLAT = (1.1000, 1.1000, 1.1000, 1.1000)


def week(n: int = 24 * 12, seed: int = 3) -> lts.Bars:
    return lts.synthetic_bars("EUR_USD", "H1", n=n, seed=seed)


def cross(**changes: float) -> lts.Strategy:
    return lts.strategies.SmaCross(**({"fast": 3, "slow": 9, "stop_pips": 15, "target_pips": 20} | changes))


COSTS = lts.Costs(commission_per_lot=7, slippage_pips=0.3, swap_long=-6, swap_short=2)


def test_one_trade_by_hand():
    # bought 10,000 at the ask open of bar 1 (1.10020), sold at the bid open of bar 3 (1.10200): 18 pips = 18 USD
    bars = table(
        [FLAT, (1.1000, 1.1010, 1.0995, 1.1005), (1.1005, 1.1030, 1.1005, 1.1020), (1.1020, 1.1020, 1.1020, 1.1020)], spread=20
    )
    result = lts.run(scripted(lts.go(10_000), lts.stay(), lts.close()), bars, costs=lts.Costs(commission_per_lot=7))
    trade = result.trades.iloc[0]
    assert (trade.entry_price, trade.exit_price, trade.units, trade.reason) == (1.1002, 1.1020, 10_000, "MARKET")
    assert trade.pips == pytest.approx(18.0, abs=1e-12)
    assert trade.commission == 0.70  # 7 USD a lot round turn, a tenth of a lot
    assert trade.spread_cost == 2.0  # half of 2 pips at each side
    assert trade.price_profit == 20.0
    assert trade.profit == 20.0 - 2.0 - 0.70
    assert result.balance.iloc[-1] == 10_000 + trade.profit
    # mae: bid 1.0995 of bar 1 is 7 pips below the entry; mfe: bid 1.1030 of bar 2 is 28 pips above it
    assert (trade.mae, trade.mfe) == (7.0, 28.0)
    # marked at the bid: bar 1 closes 1.10050, 3 pips above 1.10020, half of the commission paid
    assert result.equity.iloc[1] == 10_000 + 3.0 - 0.35


def test_net_profit_is_price_profit_less_costs():
    result = lts.run(cross(), week(2_000), costs=COSTS)
    total = result.totals
    assert total["price_profit"] - total["spread_cost"] - total["slippage_cost"] - total["commission"] + total["swap"] - total[
        "conversion_cost"
    ] == (result.final_micro - result.setup.terms.balance)
    assert result.logs["trades"]["profit"].sum() == result.final_micro - result.setup.terms.balance


def test_balance_by_close_counts_swap_on_the_night():
    bars = week(24 * 5)
    result = lts.run(scripted(lts.go(100_000)), bars, costs=lts.Costs(swap_long=-6.0), close_at_end=False)
    nights = lts.run(scripted(lts.go(100_000)), bars, costs=lts.Costs(), close_at_end=False)
    paid = nights.equity - result.equity
    assert paid.iloc[-1] > 0
    assert np.array_equal((result.balance - 10_000).to_numpy(), -paid.to_numpy())


def test_balance_ends_at_the_final_balance_and_equals_equity_when_flat():
    result = lts.run(cross(), week(3_000), costs=COSTS)
    assert result.balance.iloc[-1] == result.final_micro / 1e6
    held = np.zeros(len(result.equity), bool)
    for entry, leave in zip(result.logs["trades"]["entry_row"], result.logs["trades"]["exit_row"], strict=True):
        held[entry:leave] = True
    flat = ~held
    assert flat.any()
    assert np.array_equal(result.balance.to_numpy()[flat], result.equity.to_numpy()[flat])
    assert result.stats["exposure_time"] == held.mean()


def test_drawdown_is_measured_from_the_running_peak():
    # equity at closes: 10,000, then +100, then -100 (1.2 USD of a pip is not needed: 100,000 units, 10 USD a pip)
    bars = table([FLAT, (1.1, 1.1010, 1.1, 1.1010), (1.1010, 1.1010, 1.0990, 1.0990), (1.0990, 1.0990, 1.0990, 1.0990)])
    stats = lts.run(scripted(lts.go(100_000)), bars).stats
    assert stats["max_drawdown_money"] == 200.0
    assert stats["max_drawdown"] == 200.0 / 10_100.0
    assert stats["final_balance"] == 9_900.0


def test_daily_returns_are_sampled_at_17_new_york_and_a_day_without_a_bar_returns_nothing():
    # hourly bars from Monday 2024-01-08 00:00 UTC; 17:00 New York is 22:00 UTC; the bar that ends there is row 21
    rows = [(1.1 + i * 1e-4, 1.1 + i * 1e-4, 1.1 + i * 1e-4, 1.1 + i * 1e-4) for i in range(50)]
    result = lts.run(scripted(lts.go(100_000)), table(rows), close_at_end=False)
    from lts.research.stats import daily_returns

    # bought at row 1 (1.1001): equity at the close of row i is 10,000 + (i - 1) * 10; the data end on
    # Wednesday 02:00, and its day is cut there
    marks = [10_000, 10_000 + 20 * 10, 10_000 + 44 * 10, 10_000 + 48 * 10]
    expected = [b / a - 1 for a, b in pairwise(marks)]
    assert daily_returns(result) == pytest.approx(expected, abs=1e-15)


def test_ratios_are_nan_where_nothing_varies():
    stats = lts.run(scripted(), table([FLAT] * 60)).stats
    assert stats[["sharpe", "sortino", "psr", "win_rate", "profit_factor", "expectancy", "calmar"]].isna().all()
    assert stats["trades"] == 0


def test_every_statistic_is_explained():
    assert set(lts.run(scripted(), table([FLAT] * 3)).stats.index) == set(DEFINITIONS)
    with pytest.raises(ParameterError, match="'sharp'.*Did you mean 'sharpe'"):
        lts.explain("sharp")


def test_profit_worst_and_best_are_complete_runs():
    # bar 1 opens at 1.1000 and reaches both 1.0990 (stop) and 1.1010 (target); 10,000 units, 10 pips = 10 USD
    bars = table([FLAT, (1.1, 1.1010, 1.0990, 1.1), FLAT])
    stats = lts.run(scripted(lts.go(10_000, stop_pips=10, target_pips=10)), bars).stats
    assert (stats["ambiguous_bars"], stats["net_profit"], stats["profit_worst"], stats["profit_best"]) == (1, -10.0, -10.0, 10.0)


def test_saved_result_reads_back_equal(tmp_path):
    result = lts.run(cross(), week(), costs=COSTS)
    saved = lts.load_result(result.save(tmp_path / "r"))
    for name in ("trades", "fills", "orders"):
        pd.testing.assert_frame_equal(getattr(saved, name), getattr(result, name))
    assert np.array_equal(saved.equity, result.equity)
    assert np.array_equal(saved.balance, result.balance)
    pd.testing.assert_series_equal(saved.stats, result.stats)
    assert [s["repr"] for s in saved.recipe["strategies"]] == [repr(cross())]


def test_saving_over_something_else_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(ParameterError, match="holds no result"):
        lts.run(scripted(), table([FLAT] * 3)).save(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
    with pytest.raises(ParameterError, match="must be a folder written by"):
        lts.load_result(tmp_path / "nowhere")


def test_trace_shows_the_decision_and_what_it_became():
    bars = table([FLAT] * 4)
    told = lts.trace(lts.run(scripted(lts.stay(), lts.go(5_000, stop_pips=9)), bars), "2024-01-08 01:30")
    assert told.seen[0].decision.units == 5_000
    assert told.next_fills.units.tolist() == [5_000]
    assert told.fills.empty
    text = str(told)
    assert "go (market)" in text
    assert "stop_pips=9" in text
    assert "2024-01-08 01:00:00" in text
    with pytest.raises(ParameterError, match="no bar of the run holds"):
        lts.trace(lts.run(scripted(), bars), "2025-01-01")


def test_trade_from_warms_features_up_and_decides_nothing_before():
    bars = week(600)
    whole = lts.run(cross(), bars, costs=COSTS)
    late = lts.run(cross(), bars, costs=COSTS, trade_from=str(np.datetime64(int(bars.time[300]), "ns")))
    assert len(late.equity) == 300
    assert late.trades.entry_time.min() > pd.Timestamp(int(bars.time[300]), tz="UTC")
    assert late.logs["trades"]["entry_row"][0] == 301  # the averages are warm, so the first close decides
    assert whole.logs["trades"]["entry_row"][0] < 20
    again = lts.replay(cross(), bars, costs=COSTS, trade_from=str(np.datetime64(int(bars.time[300]), "ns")))
    assert np.array_equal(again.equity_micro, late.equity_micro)


def test_opens_that_copy_the_close_are_reported():
    bars = lts.synthetic_bars("EUR_USD", "H1", n=400, seed=1, stale_opens=True)
    with pytest.warns(DataWarning, match="copy the previous close"):
        result = lts.run(cross(), bars)
    assert any("copy the previous close" in note for note in result.notes)
    assert any("stale_open='worst'" in note for note in lts.run(cross(), bars, stale_open="worst").notes)


def test_unstated_costs_are_said():
    assert any("costs: none stated" in note for note in lts.run(scripted(), table([FLAT] * 3)).notes)


def test_portfolio_shares_one_account():
    pairs = ("EUR_USD", "GBP_USD", "AUD_USD")
    sleeves = {pair: (cross(), lts.synthetic_bars(pair, "H1", n=500, seed=i)) for i, pair in enumerate(pairs)}
    both = lts.run_portfolio(sleeves, costs=COSTS, account=lts.Account(balance=50_000))
    alone = [lts.run(s, b, costs=COSTS, account=lts.Account(balance=50_000)) for s, b in sleeves.values()]
    # margin is plentiful, so sleeves do not disturb each other and profits add up exactly
    assert both.final_micro - 50_000_000_000 == sum(r.final_micro - 50_000_000_000 for r in alone)
    assert len(both.trades) == sum(len(r.trades) for r in alone)


def test_allocation_scales_the_units_of_a_sleeve():
    bars = week(200)
    half = lts.run_portfolio({"EUR_USD": (cross(units=10_000), bars)}, allocation={"EUR_USD": 0.5})
    assert np.array_equal(half.equity_micro, lts.run(cross(units=5_000), bars).equity_micro)
    slow = lts.run_portfolio({"EUR_USD": (cross(units=10_000), bars)}, allocation={"EUR_USD": 0.5}, jit=False)
    assert np.array_equal(half.equity_micro, slow.equity_micro)


def test_mixed_timeframes_are_refused():
    sleeves = {"EUR_USD": (cross(), week(50)), "GBP_USD": (cross(), lts.synthetic_bars("GBP_USD", "M30", n=50, seed=1))}
    with pytest.raises(lts.BarsError, match="H1, M30"):
        lts.run_portfolio(sleeves)


def test_notes_of_a_portfolio_name_their_bars():
    rule = lts.strategies.SmaCross(fast=2, slow=3, units=1_000)
    pairs = {name: lts.samples.ecb(name) for name in ("EUR_USD", "GBP_USD")}
    notes = lts.run_portfolio({name: (rule, bars) for name, bars in pairs.items()}).notes
    for name, bars in pairs.items():
        assert [note for note in notes if note.startswith(f"{name}: ")] == [f"{name}: {note}" for note in bars.notes]
    assert lts.run(rule, pairs["EUR_USD"]).notes[: len(pairs["EUR_USD"].notes)] == pairs["EUR_USD"].notes
