"""Sweeps: each row is a run, whoever runs it; features once; errors stay in their rows; Ctrl-C keeps what is done."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lts
from lts.errors import CompileError, ParameterError
from lts.research.sweep.memo import Memo
from lts.research.sweep.table import HEADLINE
from lts.sim.indicators import bollinger, ema, sma
from lts.sim.indicators.machine import ASKED
from lts.strategies import Bollinger, DefaultStrategy, Donchian, EmaCross, Momentum, RsiReversion, SmaCross
from tests.sweep_rules import CALLS, Counted, Derived, Failing, Whole, Writing, trade_count

GRIDS = {
    SmaCross: {"fast": [3, 8, 20], "slow": [10, 30], "stop_pips": [0, 15.5]},
    EmaCross: {"fast": [3, 8], "slow": [30, 10], "target_pips": [0, 25]},
    Donchian: {"entry": [10, 30], "units": [1000, 25_000]},
    Bollinger: {"window": [10, 30], "width": [1.0, 2.5]},
    RsiReversion: {"window": [5, 14], "stop_pips": [0, 30]},
    Momentum: {"window": [20, 60], "hold": [1, 5, 24]},
    DefaultStrategy: {"stop_loss_pips": [10, 40], "take_profit_pips": [10, 60]},
}
every = pytest.mark.parametrize("cls", GRIDS, ids=lambda cls: cls.__name__)


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=1500, seed=3)


@pytest.fixture(autouse=True)
def _no_calls():
    CALLS.clear()


def swept(cls, bars, grid, **how):
    return lts.sweep(cls, bars, grid, **{"progress": False, "workers": 1, **how})


def same_as_run(found, **market):
    """Hold every row against `run`, to the byte; return how many were held."""
    held = 0
    for label, row in found.table.iterrows():
        if row["error"]:
            continue
        result = lts.run(found.strategy(label), found.bars, **market)
        wanted = np.array([result.headline[name] for name in HEADLINE])
        assert row[list(HEADLINE)].to_numpy(float).tobytes() == wanted.tobytes(), (label, result.headline)
        held += 1
    return held


# a row is a run


@every
def test_every_row_is_what_run_says_to_the_byte(cls, bars):
    found = swept(cls, bars, GRIDS[cls])
    assert same_as_run(found) >= len(found) // 2
    assert set(HEADLINE) == set(lts.run(cls(), bars).headline)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_rows_are_runs_under_all_market_options(data):
    cls = data.draw(st.sampled_from([SmaCross, Bollinger, Momentum, Counted]))
    bars = lts.synthetic_bars("EUR_USD", "H1", n=data.draw(st.integers(60, 400)), seed=data.draw(st.integers(0, 5)))
    numbers = st.floats(0, 20).map(lambda x: round(x, 1))
    market = {
        "costs": lts.Costs(
            spread_pips=data.draw(st.none() | numbers), commission_per_lot=data.draw(numbers), slippage_pips=data.draw(numbers),
            swap_long=-data.draw(numbers), slippage_random_pips=data.draw(st.sampled_from([0, 2])),
        ),
        "account": lts.Account(balance=data.draw(st.sampled_from([200, 10_000])), leverage=data.draw(st.sampled_from([None, 500]))),
        "intrabar": data.draw(st.sampled_from(["worst", "best", "ohlc"])),
        "stale_open": data.draw(st.sampled_from(["open", "worst"])),
        "close_at_end": data.draw(st.booleans()),
        "trade_from": data.draw(st.sampled_from([None, str(bars.time[30].astype("datetime64[ns]"))])),
    }  # fmt: skip
    grid = {"units": [1000, data.draw(st.sampled_from([5_000, 90_000]))]}
    if "stop_pips" in cls.parameters:
        grid["stop_pips"] = [0, data.draw(numbers)]
    grid |= {"window": [5, 12]} if "window" in cls.parameters else {"fast": [2, 5], "slow": [9]}
    found = swept(cls, bars, grid, **market)
    assert same_as_run(found, **market) == len(found)


def test_rows_are_runs_with_finer_bars_and_rates():
    fine = lts.synthetic_bars("GBP_JPY", "M15", n=2000, seed=4)
    bars = fine.resample("H1")
    market = {"detail": fine, "rates": {"JPY": 0.0065}}
    found = swept(Counted, bars, {"window": [5, 20], "stop_pips": [5, 20]}, **market)
    assert same_as_run(found, **market) == 4


def test_a_rule_that_fills_its_book_leaves_nothing_to_the_next_set():
    """Orders and trades beyond the first room: the memory grows, and the sets after it begin in the grown one."""
    bars = lts.synthetic_bars("EUR_USD", "H1", n=6000, seed=6)
    found = swept(Counted, bars, {"window": [1, 2, 300, 2]})
    assert found.table["trades"].max() > 1024
    assert same_as_run(found) == 4
    assert found.table.iloc[1][list(HEADLINE)].equals(found.table.iloc[3][list(HEADLINE)].rename(1))


def test_run_strategy_and_returns_of_a_row_are_the_runs_own(bars):
    found = swept(SmaCross, bars, {"fast": [3, 5], "slow": [10, 20]})
    best = found.best()
    assert found.strategy(best) == SmaCross(fast=best["fast"], slow=best["slow"]) == found.strategy(best.name)
    assert found.run(best).headline == lts.run(found.strategy(best), bars).headline
    days = found.returns()
    for row in range(4):
        assert days[row].tobytes() == lts.research.stats.daily_returns(found.run(row)).tobytes()
    assert found.returns([2, 0]).tobytes() == days[[2, 0]].tobytes()
    assert found.returns([]).shape == (0, days.shape[1])


# who runs it


def test_the_table_does_not_depend_on_workers_or_the_order_of_work(bars):
    grid = {"stop_pips": [0, 10, 20], "fast": range(2, 30, 3), "slow": [12, 25, 60]}
    one = swept(SmaCross, bars, grid)
    for workers in (2, 5):
        assert swept(SmaCross, bars, grid, workers=workers).table.equals(one.table)
    turned = swept(SmaCross, bars, dict(reversed(grid.items())))
    both = [t.table.sort_values(list(grid)).reset_index(drop=True) for t in (one, turned)]
    assert both[0].equals(both[1][list(both[0])])


def test_a_list_of_sets_gives_the_rows_of_the_grid(bars):
    grid = swept(SmaCross, bars, {"fast": [3, 5], "slow": [10, 20]})
    listed = swept(SmaCross, bars, [{"fast": f, "slow": s} for f in (3, 5) for s in (10, 20)])
    assert listed.table.equals(grid.table)
    partly = swept(SmaCross, bars, [{"fast": 3}, {"slow": 50}])
    assert partly.table[["fast", "slow"]].to_numpy().tolist() == [[3, 100], [20, 50]]


def test_where_keeps_what_is_meant(bars):
    found = swept(SmaCross, bars, {"fast": [3, 10, 20], "slow": [10, 20]}, where=lambda p: p["fast"] < p["slow"])
    assert found.table[["fast", "slow"]].to_numpy().tolist() == [[3, 10], [3, 20], [10, 20]]
    assert found.complete
    assert (found.table["error"] == "").all()


# features


def test_features_are_computed_once_for_sets_that_agree_in_what_they_read(bars):
    swept(Counted, bars, {"stop_pips": [0, 10, 20], "window": [5, 9], "units": [1, 2]})
    assert sorted(CALLS) == [(5, None), (9, None)]


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_parameter_that_is_read_only_sometimes_counts_only_then(bars, workers):
    found = swept(Counted, bars, {"band": [1.0, 40.0], "window": [5, 9], "wide": [False, True]}, workers=workers)
    assert sorted(CALLS, key=str) == sorted([(5, None), (9, None), (5, 1.0), (5, 40.0), (9, 1.0), (9, 40.0)], key=str)
    assert same_as_run(found) == 8


def test_asking_for_all_values_reads_all(bars):
    swept(Whole, bars, {"stop_pips": [0, 10], "window": [5, 9]})
    assert len(CALLS) == 4


def test_what_a_constructor_worked_out_reads_all(bars):
    found = swept(Derived, bars, {"window": [4, 5, 10], "stop_pips": [0, 10]})
    assert len(CALLS) == 6
    assert same_as_run(found) == 6


def test_a_strategy_may_write_into_what_an_indicator_gave_it(bars):
    found = swept(Writing, bars, {"window": [5, 9, 5]})
    assert (found.table["error"] == "").all()
    assert same_as_run(found) == 3


def test_an_indicator_is_computed_once_for_the_same_columns(bars):
    memo, values = Memo(bars), bars.points.bid_close
    held = ASKED.set(memo)
    try:
        first, again = sma(values, 20), sma(bars.points.bid_close, 20)
        bands = bollinger(values, 20), bollinger(bars.points.bid_close, window=20)
        chained = ema(sma(values, 20), 5), ema(first, 5)
        own = sma(values * 1, 20)
    finally:
        ASKED.reset(held)
    assert again is first
    assert first.tobytes() == sma(values, 20).tobytes() == own.tobytes()
    assert not first.flags.writeable
    assert own.flags.writeable  # nobody promised that its input stays as it is
    assert memo.writable(first).flags.writeable
    assert [a.tobytes() for a in bands[0]] == [a.tobytes() for a in bollinger(values, 20)]
    assert chained[0] is chained[1]
    assert sma(values, 20) is not sma(values, 20)


def test_the_memo_is_bounded(bars):
    memo = Memo(bars, room=3 * 8 * len(bars))
    for window in range(1, 10):
        memo(sma.__wrapped__, (bars.points.bid_close, window), {})
    assert len(memo._answers) == len(memo._parts) == 3
    again = memo(sma.__wrapped__, (bars.points.bid_close, 1), {})
    assert again.tobytes() == sma(bars.points.bid_close, 1).tobytes()


# what goes wrong


def test_sets_that_raise_carry_their_error_and_the_others_finish(bars):
    found = swept(Failing, bars, {"window": [5, 7, 13, -1, 9], "stop_pips": [0, 10]})
    errors = found.table["error"].tolist()
    assert [bool(e) for e in errors] == [False, False, True, True, True, True, True, True, False, False]
    assert errors[2] == "RuntimeError: seven is unlucky"
    assert errors[4] == "ValueError: thirteen is refused"
    assert "Failing window: was -1; it must lie in [1, ]" in errors[6]
    assert found.table.loc[2:7, list(HEADLINE)].isna().all(axis=None)
    assert found.table["path"].tolist() == ["loop"] * 2 + [""] * 6 + ["loop"] * 2
    assert same_as_run(found) == 4
    assert found.complete
    assert "6 with an error" in repr(found)
    assert np.isnan(found.returns([3])).all()


def test_where_all_sets_fail_nothing_is_best(bars):
    found = swept(Failing, bars, {"window": [7, 13]})
    with pytest.raises(ParameterError, match="no set of 2 has a number in 'sharpe'.*seven is unlucky"):
        found.best()
    with pytest.raises(ParameterError, match="evidence: no set of 2 has daily returns; one must.*seven is unlucky"):
        found.evidence()


def test_a_rule_that_cannot_be_compiled_is_no_row(bars):
    class Odd(Counted):
        def decide(self, view):
            return view.now.nothing_like_it

    with pytest.raises(CompileError, match="nothing_like_it"):
        swept(Odd, bars, {"window": [5, 9]})


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({}, "holds no parameter; it must hold at least one set of fast, slow"),
        ([], "holds no set"),
        ({"fast": []}, "holds no value of fast"),
        ({"fats": [1]}, "SmaCross has no parameter 'fats'; it has fast, .* Did you mean 'fast'"),
        ([{"fast": 3}, {"slwo": 9}], "SmaCross has no parameter 'slwo'.*'slow'"),
        ({"fast": 5}, r"SmaCross fast: was 5; it must be a list of values. Write \[5\]"),
        ({"fast": "5,6"}, "fast: was '5,6'; it must be a list"),
        ({"fast": (x for x in (1, 2))}, "fast: was generator, which has no length"),
        ({"fast": [5, "6"]}, "fast: was '6'; it must be a finite int"),
        ({"fast": [5.5]}, "fast: was 5.5; it must be a finite int"),
        ({"stop_pips": [np.nan]}, "stop_pips: was nan; it must be a finite float"),
        ([{"fast": [1]}], r"fast: was \[1\]; it must be a finite int"),
        ([5], "set 0: was 5; it must be a mapping"),
        ("fast", "grid: was 'fast'; it must be a mapping"),
        (None, "grid: was None; it must be a mapping"),
    ],
)
def test_a_grid_that_is_none_is_refused(bars, grid, said):
    with pytest.raises(ParameterError, match=said):
        swept(SmaCross, bars, grid)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"where": 5}, "where: was 5; it must be a function"),
        ({"where": lambda p: p["fats"]}, "where: raised KeyError: 'fats' for {'fast': 3}"),
        ({"where": lambda _: False}, "where: kept none of 1 sets"),
        ({"objective": "sharp"}, "objective: was 'sharp'.*Did you mean 'sharpe'"),
        ({"workers": 0}, "workers: was 0; it must be None or a whole number of at least 1"),
        ({"workers": "tcp://x"}, "workers: was 'tcp://x'.*engine='dask'"),
        ({"engine": "thread"}, "engine: was 'thread'.*Did you mean 'threads'"),
        ({"progress": 3}, "progress: was 3; it must be True, False or a function"),
        ({"intrabar": "good"}, "intrabar: was 'good'"),
    ],
)
def test_other_arguments_that_cannot_be_right_are_refused(bars, how, said):
    with pytest.raises(ParameterError, match=said):
        swept(SmaCross, bars, {"fast": [3]}, **how)


def test_an_instance_is_no_class(bars):
    with pytest.raises(ParameterError, match=r"was SmaCross\(fast=20.*Take its class"):
        swept(SmaCross(), bars, {"fast": [3]})


def test_a_billion_sets_are_refused_with_what_they_would_cost_and_never_built(bars):
    grid = {"fast": range(1, 1001), "slow": range(1001, 2001), "stop_pips": range(1000)}
    with pytest.raises(ParameterError, match=r"1,000,000,000 sets x 1,500 bars: up to \d+ hours on 2 workers.*GiB.*confirm=True"):
        swept(SmaCross, bars, grid, workers=2)


def test_an_enormous_sweep_begins_when_it_is_confirmed(bars, monkeypatch):
    monkeypatch.setattr("lts.research.sweep.plan.MOST_SECONDS", 1e-9)
    with pytest.raises(ParameterError, match="confirm=True"):
        swept(SmaCross, bars, {"fast": [3]})
    assert len(swept(SmaCross, bars, {"fast": [3]}, confirm=True)) == 1


# Ctrl-C and progress


@pytest.mark.parametrize("workers", [1, 3])
def test_ctrl_c_returns_what_is_done(bars, workers):
    seen = []

    def interrupt(progress):
        seen.append(progress)
        if len(seen) == 3:
            raise KeyboardInterrupt

    grid = {"window": range(2, 42), "stop_pips": [0, 10]}
    found = swept(Counted, bars, grid, workers=workers, progress=interrupt)
    whole = swept(Counted, bars, grid)
    assert 0 < len(found) < 80
    assert not found.complete
    assert f"{len(found)} of 80 sets, interrupted" in repr(found)
    assert found.table.equals(whole.table.loc[found.table.index])
    assert found.run(found.table.index[-1]).headline["trades"] == found.table["trades"].iloc[-1]


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_inside_a_set_keeps_the_sets_before_it(bars, workers):
    counted = []

    def objective(result):
        counted.append(result)
        if len(counted) == 5:
            raise KeyboardInterrupt
        return 1.0

    found = swept(Counted, bars, {"window": range(2, 42)}, objective=objective, workers=workers)
    assert 4 <= len(found) < 40
    assert not found.complete
    assert (found.table["error"] == "").all()


def test_progress_tells_rate_time_left_and_the_best_so_far(bars):
    seen = []
    found = swept(Counted, bars, {"window": range(2, 42)}, progress=seen.append)
    last = seen[-1]
    assert [p.done for p in seen] == sorted({p.done for p in seen})
    assert (last.done, last.total, last.left) == (40, 40, 0.0)
    assert (last.row, last.best) == (found.best().name, found.best()["sharpe"])
    assert last.rate > 0
    assert "40 of 40 sets" in str(last)
    assert f"best sharpe {last.best:.4g} (set {last.row})" in str(last)


# the table


def test_an_objective_of_ones_own_is_a_column_and_decides(bars):
    found = swept(Counted, bars, {"window": [3, 30, 9]}, objective=trade_count)
    assert found.objective == "objective"
    assert found.table["objective"].equals(found.table["trades"].rename("objective"))
    assert found.best()["window"] == 3
    assert same_as_run(found) == 3


def test_an_objective_that_raises_stands_in_its_row(bars):
    def objective(result):
        return 1 / (result.strategies[0].window - 9)

    found = swept(Counted, bars, {"window": [3, 9]}, objective=objective)
    assert found.table["error"].tolist() == ["", "ZeroDivisionError: division by zero"]


def test_best_knows_what_is_better_small(bars):
    found = swept(SmaCross, bars, {"fast": [3, 5, 8], "slow": [10, 20]})
    table = found.table
    assert found.best().name == table["sharpe"].idxmax()
    assert found.best("max_drawdown").name == table["max_drawdown"].idxmin()
    assert found.best("spread_cost")["spread_cost"] == table["spread_cost"].min()
    assert found.best("net_profit", n=3)["net_profit"].tolist() == sorted(table["net_profit"], reverse=True)[:3]
    assert found.best("sharpe", n=100)["sharpe"].is_monotonic_decreasing
    for how, said in (
        (("sharp", None), "no statistic 'sharp'.*'sharpe'"),
        (("fast", None), "no statistic 'fast'"),
        ((None, 0), "n: was 0"),
    ):
        with pytest.raises(ParameterError, match=said):
            found.best(*how)


def test_no_number_never_wins_and_the_first_of_equal_ones_does(bars):
    found = swept(Counted, bars, {"window": [1500, 5, 5]})  # the first never trades
    assert np.isnan(found.table["sharpe"][0])
    assert found.best().name == found.best("psr").name == 1
    assert found.best(n=3).index.tolist() == [1, 2]


def test_a_row_that_is_none_is_refused(bars):
    found = swept(Counted, bars, {"window": [5, 9]})
    for row in (2, -1, "best", True):
        with pytest.raises(ParameterError, match=f"has no row {row!r}; its table has 2 of 2 sets"):
            found.strategy(row)
    with pytest.raises(ParameterError, match="has no 'window'"):
        found.run(found.best().drop("window"))


def test_a_parameter_with_the_name_of_a_statistic_is_refused(bars):
    class Clash(Counted):
        sharpe: int = 1

    with pytest.raises(ParameterError, match="parameter 'sharpe' has the name of a column"):
        swept(Clash, bars, {"sharpe": [1, 2]})


def test_a_plateau_is_the_mean_over_the_set_and_the_sets_one_step_away(bars):
    found = swept(SmaCross, bars, {"fast": [9, 3, 6], "slow": [12, 40], "stop_pips": [20.0]})
    found.table["sharpe"] = [5.0, 1.0, 2.0, np.nan, 8.0, 3.0]  # fast 9, 9, 3, 3, 6, 6; slow 12, 40, ...
    # fast in order is 3, 6, 9: the set (9, 12) has the neighbours (6, 12) and (9, 40): (5 + 8 + 1) / 3
    wanted = [14 / 3, 9 / 3, 10 / 2, np.nan, 18 / 4, 12 / 3]
    assert np.allclose(found.plateau(), wanted, equal_nan=True)
    assert found.plateau("trades").name == "plateau of trades"


def test_a_plateau_counts_only_neighbours_that_were_run(bars):
    found = swept(SmaCross, bars, {"fast": [3, 6, 9], "slow": [12, 40]}, where=lambda p: (p["fast"], p["slow"]) != (6, 12))
    found.table["sharpe"] = [1.0, 2.0, 3.0, 4.0, 5.0]  # (3, 12), (3, 40), (6, 40), (9, 12), (9, 40)
    assert np.allclose(found.plateau(), [3 / 2, 6 / 3, 10 / 3, 9 / 2, 12 / 3])
