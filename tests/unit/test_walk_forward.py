"""Walk-forward: windows by hand, honest choices, and one equity out of sample."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lts
from lts import go
from lts.errors import ParameterError
from lts.research.walk_forward.windows import Window, windows


class Long(lts.Strategy):
    """Always long."""

    units: float = 10_000.0

    def decide(self, view):  # noqa: ARG002  (the interface)
        return go(self.units)


GRID = {"fast": [3, 5, 8], "slow": [20, 40], "stop_pips": [0, 30]}
COSTS = lts.Costs(commission_per_lot=7, swap_long=-5)
HOW = {"train": 800, "test": 300, "costs": COSTS, "progress": False, "workers": 1}


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=2_500, seed=8)


@pytest.fixture(scope="module")
def walk(bars):
    return lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **HOW)


def spans(bars, train, test, *, anchored=False, purge=0, embargo=0):
    return windows(bars, train, test, anchored=anchored, purge=purge, embargo=embargo)


# windows


def test_rolling_windows_by_hand(bars):
    assert spans(bars[:1_000], 400, 250) == [
        Window(((0, 400),), (400, 650)),
        Window(((250, 650),), (650, 900)),
        Window(((500, 900),), (900, 1_000)),  # what is left
    ]


def test_anchored_windows_with_purge_and_embargo_by_hand(bars):
    assert spans(bars[:1_000], 400, 250, anchored=True, purge=30, embargo=40) == [
        Window(((0, 370),), (400, 650)),
        Window(((0, 620),), (650, 900)),
        Window(((0, 650), (690, 870)), (900, 1_000)),  # without the 40 bars after the first test window
    ]


def test_windows_follow_the_calendar(bars):
    found = spans(bars, "2M", "3w", purge="1D")
    times = bars.to_pandas().index
    first = found[0]
    assert str(times[first.test[0]])[:16] == "2015-03-04 22:00"  # two months after 2015-01-04 22:00
    assert times[first.train[0][1]] >= times[first.test[0]] - np.timedelta64(24, "h")
    assert times[first.train[0][1] - 1] < times[first.test[0]] - np.timedelta64(24, "h")
    assert [a.test[1] for a in found[:-1]] == [b.test[0] for b in found[1:]]
    assert found[-1].test[1] == len(bars)


def test_spans_of_time_and_of_bars_go_together(bars):
    hours = bars[:1_000]
    (first, *_) = found = spans(hours, 400, "1w", purge="1D", embargo=10, anchored=True)
    opens, stamp = hours.time[400], np.timedelta64(7, "D").astype("timedelta64[ns]").astype(np.int64)
    assert first.test == (400, int(np.searchsorted(hours.time, opens + stamp)))
    assert first.train == ((0, int(np.searchsorted(hours.time, opens - stamp // 7))),)
    assert found[1].test[0] == first.test[1]
    assert found[2].train[:2] == ((0, first.test[1]), (first.test[1] + 10, found[1].test[1]))[:2] or len(found[2].train) == 2


def test_a_test_window_in_a_hole_is_left_out(bars):
    keep = np.r_[0:600, 1_400:2_000]
    holed = lts.Bars.from_points("EUR_USD", "H1", bars.time[keep], np.ascontiguousarray(bars.points.matrix[:, keep]))
    found = spans(holed, "3w", "1w", anchored=True)
    assert [window.test[1] - window.test[0] > 0 for window in found] == [True] * len(found)
    assert [a.test[1] for a in found[:-1]] == [b.test[0] for b in found[1:]]
    with pytest.raises(ParameterError, match=r"training window of train='3w' before .* holds 0 bars.*before or after the hole"):
        spans(holed, "3w", "1w")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"train": 5_000}, "2,500 bars from 2015-01-04 22:00 to 2015-05-.* hold no test window after train=5000"),
        ({"train": "90y"}, "hold no test window after train='90y'"),
        ({"train": "9999y"}, "hold no test window after train='9999y'"),
        ({"test": 0}, "test: was 0; it must be above 0"),
        ({"train": "2 fortnights"}, "train: was '2 fortnights'; it must be a number of bars, or a span"),
        ({"test": True}, "test: was True; it must be a number of bars"),
        ({"train": -5}, "train: was -5; it must be a number of bars"),
        ({"purge": 800}, "purge: was 800, and the training window of train=800 before .* holds 800 bars: none is left"),
        ({"embargo": 500, "test": 200}, "embargo: was 500, and the training window of train=800 before .*: none is left"),
        ({"objective": "sharp"}, "objective: was 'sharp'.*sharpe.*plateau. Did you mean 'sharpe'"),
        ({"embargo": 50, "objective": "profit_factor"}, "'profit_factor' beside an embargo.*one of sharpe.*or no embargo"),
    ],
)
def test_a_walk_that_cannot_be_is_refused(bars, given, message):
    with pytest.raises(ParameterError, match=message):
        lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **(HOW | given))


# honesty


def test_each_window_is_what_run_says_with_the_balance_that_was_left(bars, walk):
    account, stitched = lts.Account(), []
    for turn in walk.turns:
        first, end = turn.window.test
        rule = lts.strategies.SmaCross(**turn.parameters)
        since = np.datetime64(int(bars.time[first]), "ns")
        alone = lts.run(rule, bars[:end], costs=COSTS, account=account, trade_from=since)
        stitched.append(alone.equity_micro)
        account = replace(account, balance=alone.final_micro / 1e6)
    assert np.concatenate(stitched).tobytes() == np.concatenate([r.equity_micro for r in walk.results]).tobytes()
    assert walk.equity.index.is_monotonic_increasing
    assert walk.stats["final_balance"] == account.balance
    assert walk.stats["trades"] == sum(len(r.trades) for r in walk.results)


def test_the_statistics_of_one_window_are_those_of_its_result(bars):
    found = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **(HOW | {"test": 5_000}))
    alone = found.results[0].headline
    assert found.stats.index.tolist() == list(alone)
    assert found.stats.to_numpy().tobytes() == np.array(list(alone.values())).tobytes()


def test_the_statistics_are_those_of_the_stitched_equity(walk):
    equity = np.r_[10_000.0, walk.equity.to_numpy()]
    peak = np.maximum.accumulate(equity)
    assert walk.stats["max_drawdown"] == pytest.approx(((peak - equity) / peak).max(), rel=1e-12)
    assert walk.stats["net_profit"] == pytest.approx(sum(r.headline["net_profit"] for r in walk.results), abs=1e-6)
    opens, last = walk.windows["test_start"].iloc[0], walk.equity.index[-1]
    begin = opens.tz_convert("America/New_York").normalize()
    cuts = pd.date_range(begin, periods=200, freq="B") + pd.DateOffset(hours=17)
    cuts = cuts[cuts > opens]
    days = walk.equity.asof(cuts[: int((cuts < last).sum()) + 1]).fillna(10_000.0).to_numpy()
    r = np.diff(np.r_[10_000.0, days]) / np.r_[10_000.0, days[:-1]]
    assert walk.stats["sharpe"] == pytest.approx(r.mean() / r.std(ddof=1) * np.sqrt(260), rel=1e-9)


def test_a_choice_is_the_best_of_its_training_window(bars, walk):
    turn = walk.turns[2]
    ((head, tail),) = turn.window.train
    since = np.datetime64(int(bars.time[head]), "ns")
    found = lts.sweep(
        lts.strategies.SmaCross, bars[:tail], GRID, costs=COSTS, trade_from=since, progress=False, account=found_account(walk, 2)
    )
    assert turn.parameters == found.best("sharpe")[list(GRID)].to_dict()
    assert turn.inside == found.best("sharpe")["sharpe"]


def found_account(walk, k):
    return walk.results[k].setup.options.account


def test_what_comes_after_a_window_changes_nothing_before(bars, walk):
    first = walk.turns[2].window.test[0]
    points = bars.points.matrix.copy()
    points[:, first:] = points[:, first:][:, ::-1]  # another future
    points[:, first:] = np.sort(points[:, first:].reshape(2, 4, -1), axis=0).reshape(8, -1)
    points[1::4, first:] = points[:, first:].reshape(2, 4, -1).max(axis=1)
    points[2::4, first:] = points[:, first:].reshape(2, 4, -1).min(axis=1)
    other = lts.walk_forward(lts.strategies.SmaCross, lts.Bars.from_points("EUR_USD", "H1", bars.time, points), GRID, **HOW)
    for turn, changed in zip(walk.turns[:3], other.turns[:3], strict=True):
        assert (turn.parameters, turn.inside, turn.profit) == (changed.parameters, changed.inside, changed.profit)
    for turn, changed in zip(walk.turns[:2], other.turns[:2], strict=True):
        assert turn.result.equity_micro.tobytes() == changed.result.equity_micro.tobytes()
    assert walk.turns[2].result.equity_micro.tobytes() != other.turns[2].result.equity_micro.tobytes()


def test_on_a_driftless_walk_the_best_of_the_past_earns_nothing_after_it():
    inside, outside = [], []
    for seed in range(12):
        path = lts.synthetic_bars("EUR_USD", "H1", n=3_000, seed=100 + seed)
        found = lts.walk_forward(
            lts.strategies.SmaCross, path, {"fast": [2, 3, 5, 8, 12], "slow": [20, 30, 50]}, train=1_000, test=500,
            costs=lts.Costs.zero(), progress=False, workers=1,
        )  # fmt: skip
        inside += [turn.inside for turn in found.turns]
        outside += found.windows["sharpe"].dropna().tolist()
    assert np.mean(inside) > 5 * np.std(inside) / np.sqrt(len(inside))
    assert abs(np.mean(outside)) < 3 * np.std(outside) / np.sqrt(len(outside))


# what it says


def test_stability_and_efficiency_by_hand(walk):
    fast = walk.windows["fast"].to_numpy(float)
    assert walk.stability.loc["fast", "mean"] == fast.mean()
    assert walk.stability.loc["fast", "kept"] == np.mean(fast[1:] == fast[:-1])
    trained, tested = sum(t.window.train[0][1] - t.window.train[0][0] for t in walk.turns), 1_700  # the last window has 200
    inside, outside = sum(t.profit for t in walk.turns) / trained, sum(r.headline["net_profit"] for r in walk.results) / tested
    assert trained == 6 * 800
    assert walk.efficiency == pytest.approx(outside / inside)
    assert -1 <= walk.rank_correlation <= 1
    assert "out of sample: net profit" in str(walk)


def test_an_embargo_pools_the_pieces(bars):
    found = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **HOW, anchored=True, embargo=100)
    assert [len(turn.window.train) for turn in found.turns][:3] == [1, 1, 2]
    turn = found.turns[2]
    pieces = [
        lts.sweep(lts.strategies.SmaCross, bars[:b], GRID, costs=COSTS, account=found_account(found, 2), progress=False,
                  trade_from=np.datetime64(int(bars.time[a]), "ns") if a else None)
        for a, b in turn.window.train
    ]  # fmt: skip
    r = np.concatenate([piece.returns() for piece in pieces], axis=1)
    sharpe = r.mean(axis=1) / r.std(axis=1, ddof=1) * np.sqrt(260)
    assert turn.inside == pytest.approx(sharpe.max())
    assert turn.parameters == pieces[0].table.loc[int(sharpe.argmax()), list(GRID)].to_dict()


def test_a_plateau_may_choose(bars):
    found = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **HOW, objective="plateau")
    ((_, tail),) = found.turns[0].window.train
    first = lts.sweep(lts.strategies.SmaCross, bars[:tail], GRID, costs=COSTS, progress=False)
    assert found.turns[0].inside == first.plateau("sharpe").max()


def test_a_plateau_looks_at_all_pieces(bars):
    found = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **HOW, anchored=True, embargo=100, objective="plateau")
    pooled = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **HOW, anchored=True, embargo=100)
    assert all(a.inside < b.inside for a, b in zip(found.turns, pooled.turns, strict=True))  # a mean is below the best
    _, _, turn = found.turns[:3]
    pieces = [
        lts.sweep(lts.strategies.SmaCross, bars[:b], GRID, costs=COSTS, account=found_account(found, 2), progress=False,
                  trade_from=np.datetime64(int(bars.time[a]), "ns") if a else None)
        for a, b in turn.window.train
    ]  # fmt: skip
    r = np.concatenate([piece.returns() for piece in pieces], axis=1)
    pieces[0].table["sharpe"] = r.mean(axis=1) / r.std(axis=1, ddof=1) * np.sqrt(260)
    assert turn.inside == pytest.approx(pieces[0].plateau("sharpe").max())


def test_a_function_may_choose(bars):
    def modest(result):
        return -float(result.headline["trades"])

    found = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **HOW, objective=modest)
    assert found.objective == "modest"
    assert set(found.windows["fast"]) == {8}
    assert set(found.windows["slow"]) == {40}


def test_parameters_that_were_not_varied_are_not_judged(bars):
    grid = {"fast": [3, 5], "slow": [20], "units": [1_000.0]}
    found = lts.walk_forward(lts.strategies.SmaCross, bars, grid, **HOW)
    assert found.stability.index.tolist() == ["fast"]
    assert set(found.windows["units"]) == {1_000.0}
    listed = lts.walk_forward(lts.strategies.SmaCross, bars, [{"fast": 3, "slow": 20}, {"fast": 5, "slow": 20}], **HOW)
    assert listed.varied == ("fast",)
    one = lts.walk_forward(lts.strategies.SmaCross, bars, {"fast": [5]}, **HOW)
    assert str(one).count("\n\n") == 1  # no table of what did not vary
    assert len(one.plot().axes) == 1


# the ends that are not the end of the data


def test_progress_says_which_window_it_is(bars):
    told = []
    found = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **(HOW | {"progress": told.append}))
    parts = [f"window {k + 1} of {len(found.windows)}" for k in range(len(found.windows))]
    assert list(dict.fromkeys(progress.part for progress in told)) == parts
    assert str(told[-1]).startswith(f"{parts[-1]}: {told[-1].total} of {told[-1].total} sets, best ")


def test_ctrl_c_leaves_the_windows_that_are_done(bars, walk):
    told = []

    def interrupt(progress):
        told.append(progress.done == progress.total)
        if sum(told) == 3:
            raise KeyboardInterrupt

    found = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **(HOW | {"progress": interrupt}))
    assert len(found.turns) in (2, 3)
    assert not found.complete
    assert f"interrupted: {len(found.turns)} of 6 windows are done" in str(found)
    assert found.windows.equals(walk.windows.head(len(found.turns)))


def test_ctrl_c_in_a_sweep_that_is_finished_all_the_same_ends_the_walk(bars, monkeypatch):
    from lts.research.sweep import run as sweeping

    once, calls = sweeping.collect, []

    def pressed(*how):
        found = once(*how)
        calls.append(found)
        found.stopped = len(calls) == 2
        return found

    monkeypatch.setattr(sweeping, "collect", pressed)
    found = lts.walk_forward(lts.strategies.SmaCross, bars, GRID, **HOW)
    assert (len(found.turns), found.complete) == (1, False)


def test_ctrl_c_in_the_first_window_leaves_nothing(bars):
    def interrupt(_):
        raise KeyboardInterrupt

    grid = GRID | {"target_pips": range(200)}
    with pytest.raises(KeyboardInterrupt):
        lts.walk_forward(lts.strategies.SmaCross, bars, grid, **(HOW | {"progress": interrupt}))


def test_a_lost_balance_ends_the_walk(bars):
    jump = bars.points.matrix.copy()
    jump[:, 1_250:] -= 30_000  # a gap of 3,000 pips against every long
    gapped = lts.Bars.from_points("EUR_USD", "H1", bars.time, jump)
    account = lts.Account(balance=1_000, leverage=500)
    found = lts.walk_forward(Long, gapped, {"units": [10_000.0]}, **(HOW | {"account": account}), objective="net_profit")
    assert (len(found.turns), found.complete) == (2, True)  # nothing is left to do
    assert found.stats["final_balance"] < 0
    assert "after window 2 of 6; the walk ends there" in str(found)


def test_a_window_without_a_number_names_itself(bars):
    said = r"on the 800 bars that train, the last of 2015-02-19, no set has a number in 'sharpe'.*2 of 2 have an error"
    with pytest.raises(ParameterError, match=said):
        lts.walk_forward(lts.strategies.SmaCross, bars, {"fast": [50, 60], "slow": [40]}, **HOW)


# what is kept and counted


def test_a_walk_is_kept_as_tables_and_json(walk, tmp_path):
    folder = walk.save(tmp_path / "walk")
    assert pd.read_parquet(folder / "windows.parquet").equals(walk.windows)
    assert pd.read_parquet(folder / "equity.parquet").iloc[:, 0].equals(walk.equity)
    told = json.loads((folder / "walk.json").read_text())
    assert told["stats"]["net_profit"] == walk.stats["net_profit"]
    assert (told["class"], told["complete"], told["efficiency"]) == ("lts.strategies.sma_cross:SmaCross", True, walk.efficiency)
    assert walk.save(folder) == folder
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("")
    with pytest.raises(ParameterError, match="holds no walk; choose a new or empty folder"):
        walk.save(tmp_path / "other")


def test_the_picture_has_a_panel_for_each_parameter(walk):
    figure = walk.plot()
    assert len(figure.axes) == 1 + len(GRID)
    assert "EUR/USD, out of sample, 6 windows" in figure.axes[0].get_title(loc="left")
