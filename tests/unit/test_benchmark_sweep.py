"""The sweep of the benchmarks: the same sets for everybody, the same results; no clock is looked at."""

import numpy as np
import pytest

import lts
from benchmarks import grids, jobs, limit_sweep, ours, ours_sweep, readme, summary, workload

QUICK = {"median_s": 2.0, "min_s": 1.5, "bars": 100, "first_s": 9.0, "peak_mib": 50.0, "trades": 7, "final": 990.5}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bars")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workload, "path", lambda n: folder / f"{n}.npz")
        patch.setattr(workload, "ALL_BARS", 10_000)
        workload.write([10_000])
        yield workload.Data(10_000)


def test_a_grid_is_all_exits_of_as_many_pairs_as_it_takes():
    assert [len(values) for values in grids.axes(1_000).values()] == [10, 10, 5, 2]
    assert [len(values) for values in grids.axes(100).values()] == [10, 1, 5, 2]
    assert [len(values) for values in grids.axes(24_000).values()] == [10, 10, 40, 6]
    with pytest.raises(ValueError, match="was asked for 150 sets"):
        grids.axes(150)


def test_few_sets_are_spread_over_the_thousand():
    assert len(set(grids.some(1_000))) == 1_000
    few = grids.some(20)
    assert set(few) < set(grids.some(1_000))
    assert {one.fast for one in few} == set(grids.FASTS)
    assert len(set(grids.square(9))) == 9
    assert len({one[:2] for one in grids.exits(20)}) == 2


@pytest.mark.parametrize("job", jobs.RULE_B, ids=lambda job: job.name)
def test_every_job_of_the_sweep_can_have_its_sets(job):
    for sets in (job.sets, job.quick_sets):
        chosen = grids.square(sets) if job.where == "backtesting" else grids.some(sets)
        assert len(chosen) == sets


def test_the_loop_by_hand_and_single_runs_come_to_the_same_cent(data):
    bars, chosen = ours.bars_of(data), grids.some(10)
    each = [
        ours.run(lts.strategies.SmaCross(fast=fast, slow=slow, units=workload.UNITS, target_pips=target, stop_pips=stop), bars)
        for fast, slow, target, stop in chosen
    ]
    found = limit_sweep.one_by_one(data, 10).run()
    assert found.trades == sum(one.trades for one in each) > 1_000
    assert found.final == pytest.approx(np.mean([one.final for one in each]), abs=1e-6)


def test_a_sweep_comes_to_what_the_loop_by_hand_comes_to(data):
    expected, found = limit_sweep.one_by_one(data, 20).run(), ours_sweep.listed(ours.bars_of(data), grids.some(20))
    assert found.trades == expected.trades
    assert found.final == pytest.approx(expected.final, abs=1e-6)


def test_the_rule_in_its_own_decide_comes_to_the_same(data):
    task = ours_sweep.own_decide(data, 20)
    found, expected = task.run(task.before()), ours_sweep.listed(ours.bars_of(data), grids.exits(20))
    assert found.trades == expected.trades > 2_000
    assert found.final == expected.final
    assert found.path == "loop"


def test_money_and_ratios_and_threads_are_the_same_sweep(data):
    tasks = [made(data, 100) for made in (ours_sweep.money, ours_sweep.ratios, ours_sweep.two_threads)]
    first, *others = [task.run(task.before()) for task in tasks]
    assert first.trades > 10_000
    assert [one[:2] for one in others] == [first[:2]] * 2


def test_a_sweep_is_compared_per_bar_and_set():
    base = [{**QUICK, "bars": 1_000, "sets": 50}]
    assert summary.ratio([{**QUICK, "sets": 5}], base) == (100.0, 100.0, 100.0)
    assert summary.row(jobs.RULE_B[0], 100, [{**QUICK, "sets": 5}]).ns_a_bar == pytest.approx(4e6)


def test_the_readme_shows_a_line_a_job():
    rounds = {job.name: [{**QUICK, "sets": 1_000, "bars": 1_000_000}] for job in jobs.RULE_B}
    shown = readme.lines({"rule_b": rounds})
    assert shown[1] == f"| {jobs.BASE_B} | 1,000 x 1,000,000 | 500,000,000 | 1.00x | 50 |"
    assert len(shown) == len(jobs.RULE_B)
