"""Walk-forward: windows by hand, honest choices, and one equity out of sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lts
from lts.errors import ParameterError
from lts.research.walk_forward.windows import Window, windows

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


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"train": 5_000}, "2,500 bars.* hold no test window after train=5000"),
        ({"test": 0}, "test: was 0; it must be above 0"),
        ({"train": "2 fortnights"}, "train: was '2 fortnights'; it must be a number of bars, or a span"),
        ({"train": "2M"}, "train='2M', test=300.*all be spans of time, or all numbers"),
        ({"purge": 800}, "purge: leaves none of the training rows 0 to 800"),
        ({"objective": "sharp"}, "objective: was 'sharp'.*did you mean 'sharpe'|objective: was 'sharp'"),
        ({"trade_from": "2015-02-01"}, "trade_from was stated"),
        (
            {"embargo": 50, "anchored": True, "objective": "profit_factor"},
            "'profit_factor' beside an embargo; it must be one of sharpe",
        ),
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
    bars_of = [(t.window.train[0][1] - t.window.train[0][0], t.window.test[1] - t.window.test[0]) for t in walk.turns]
    inside = np.mean([t.profit / n for t, (n, _) in zip(walk.turns, bars_of, strict=True)])
    outside = np.mean([t.result.headline["net_profit"] / n for t, (_, n) in zip(walk.turns, bars_of, strict=True)])
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


def test_the_picture_has_a_panel_for_each_parameter(walk):
    figure = walk.plot()
    assert len(figure.axes) == 1 + len(GRID)
    assert "Out of sample" in figure.axes[0].get_title(loc="left")
