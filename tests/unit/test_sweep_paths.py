"""Which path ran a set is in the table, and makes no difference to anything else."""

from __future__ import annotations

import pytest

import lts
from lts.research.sweep.table import HEADLINE
from tests.slow_cross import SlowCross

BARS = lts.synthetic_bars("EUR_USD", "H1", n=3_000, seed=5)
GRID = {"fast": [3, 5, 8], "slow": [20, 30], "stop_pips": [0, 10, 25], "target_pips": [15, 0], "units": [1_000.0, 20_000.0]}
COSTS = lts.Costs(commission_per_lot=7, slippage_pips=0.3, swap_long=-6, swap_short=2)


def numbers(found):
    return found.table[list(HEADLINE)].to_numpy(float).tobytes()


@pytest.mark.parametrize("engine", ["threads", "processes"])
@pytest.mark.parametrize("workers", [1, 2])
def test_the_fast_path_says_what_the_loop_says(engine, workers):
    how = {"costs": COSTS, "progress": False, "engine": engine, "workers": workers}
    fast, slow = (lts.sweep(cls, BARS, GRID, **how) for cls in (lts.strategies.SmaCross, SlowCross))
    assert set(fast.table["path"]) == {"grid"}
    assert set(slow.table["path"]) == {"loop"}
    assert numbers(fast) == numbers(slow)


def test_sets_that_meet_the_margin_run_on_the_loop():
    how = {"costs": COSTS, "progress": False, "account": lts.Account(balance=900, closeout=0.95)}
    fast, slow = (lts.sweep(cls, BARS, GRID, **how) for cls in (lts.strategies.SmaCross, SlowCross))
    assert set(fast.table["path"]) == {"grid", "loop"}
    assert (slow.table["margin_closeouts"] > 0).any()
    assert numbers(fast) == numbers(slow)


def test_refused_sets_stand_between_fast_ones():
    found = lts.sweep(lts.strategies.SmaCross, BARS, {"fast": [3, 25, 8], "slow": [20], "stop_pips": [5, -1]}, progress=False)
    assert found.table["path"].tolist() == ["grid", "", "", "", "grid", ""]
    assert found.table["error"].str.contains("fast must be below slow").tolist() == [False, False, True, False, False, False]
    assert "stop_pips: was -1" in found.table["error"][3]
    alone = lts.run(lts.strategies.SmaCross(8, 20, stop_pips=5), BARS).headline
    assert found.table.loc[4, list(HEADLINE)].astype(float).to_dict() == alone


def test_without_ratios_the_money_is_the_same():
    bare, whole = (lts.sweep(lts.strategies.SmaCross, BARS, GRID, ratios=ratios, progress=False).table for ratios in (False, True))
    ratios = ["sharpe", "sortino", "psr"]
    assert bare[ratios].isna().all(axis=None)
    assert whole[ratios].notna().all(axis=None)
    assert bare.drop(columns=ratios).equals(whole.drop(columns=ratios))


@pytest.mark.parametrize("ratios", [True, False])
@pytest.mark.parametrize("sizes", [{"units": [0.0, 1e12]}, {"stop_pips": [20_000.0]}])
def test_a_grid_that_the_fast_path_cannot_have_at_all_runs_on_the_loop(sizes, ratios):
    found = lts.sweep(lts.strategies.SmaCross, BARS, {"fast": [3], "slow": [20], **sizes}, ratios=ratios, workers=1, progress=False)
    assert set(found.table["path"]) == {"loop"}
    assert set(found.table["error"]) == {""}
    name, values = next(iter(sizes.items()))
    alone = [lts.run(lts.strategies.SmaCross(3, 20, **{name: value}), BARS).headline for value in values]
    assert found.table["final_balance"].tolist() == [one["final_balance"] for one in alone]
