"""Processes and a cluster give the table that threads give; a worker that is killed loses nothing."""

from __future__ import annotations

import os
import pickle
import signal
import sys

import distributed
import numpy as np
import pytest

import lts
from lts.errors import LtsError, ParameterError
from lts.research.sweep import cluster
from lts.research.sweep.bench import Bench, Job
from lts.research.sweep.grid import build
from lts.research.sweep.processes import read, write
from lts.strategies import SmaCross
from tests.sweep_rules import Counted, Failing, trade_count

GRID = {"window": [5, 7, *range(13, 33)], "stop_pips": [0.0, 12.5]}


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=1500, seed=3)


@pytest.fixture(scope="module")
def wanted(bars):
    return lts.sweep(Failing, bars, GRID, workers=1, progress=False)


@pytest.fixture(scope="module")
def client():
    """Return a cluster of two worker processes on this machine, for all tests of this file."""
    with distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as made:
        yield made


def test_processes_give_the_table_of_threads(bars, wanted):
    seen = []
    found = lts.sweep(Failing, bars, GRID, workers=2, engine="processes", progress=seen.append)
    assert found.table.equals(wanted.table)
    assert found.table["error"].nunique() == 3  # none, in features, in check
    assert seen[-1].done == len(found) == 44
    with pytest.raises(ZeroDivisionError):
        lts.sweep(Failing, bars, GRID, workers=1, engine="processes", progress=lambda _: 1 // 0)


def test_processes_share_the_bars_and_are_sent_none(bars, tmp_path):
    fine = lts.synthetic_bars("EUR_USD", "M15", n=6000, seed=3)
    space = build(SmaCross, {"fast": [3]}, None).space
    given = {"detail": fine, "rates": {"EUR_USD": bars}, "costs": lts.Costs(commission_per_lot=7)}
    write(Job(space, bars, given, trade_count), tmp_path)
    assert (tmp_path / "job").stat().st_size < 4096
    job = read(tmp_path)
    assert job.bars.fingerprint == bars.fingerprint
    assert job.given["detail"].fingerprint == fine.fingerprint
    assert job.given["rates"]["EUR_USD"] is job.bars
    base = job.bars.points.matrix
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert (job.objective, job.space.cls, job.given["costs"]) == (trade_count, SmaCross, given["costs"])


def test_what_cannot_be_handed_to_a_process_is_refused(bars):
    class Local(Counted):
        pass

    with pytest.raises(ParameterError, match="the job of Local cannot be handed to other processes.*engine='threads'"):
        lts.sweep(Local, bars, {"window": [5]}, engine="processes", workers=1)
    with pytest.raises(ParameterError, match="the job of Counted cannot be handed"):
        lts.sweep(Counted, bars, {"window": [5]}, engine="processes", workers=1, objective=lambda _: 1.0)


def dying(result):
    """Leave the process in the middle of a set."""
    os._exit(len(result.trades) and 3)


def test_a_process_that_dies_is_said(bars):
    with pytest.raises(LtsError, match="engine='processes': a worker ended by itself"):
        lts.sweep(Counted, bars, {"window": [5, 9]}, engine="processes", workers=1, objective=dying)


def test_ctrl_c_ends_processes_and_keeps_what_is_done(bars, wanted):
    def interrupt(_):
        raise KeyboardInterrupt

    found = lts.sweep(Failing, bars, GRID, workers=1, engine="processes", progress=interrupt)
    assert 0 < len(found) < 44
    assert found.table.equals(wanted.table.loc[found.table.index])


def test_a_cluster_gives_the_table_of_threads(bars, wanted, client):
    found = lts.sweep(Failing, bars, GRID, workers=client, engine="dask", progress=False)
    assert found.table.equals(wanted.table)
    by_address = lts.sweep(Failing, bars, GRID, workers=client.scheduler.address, engine="dask", progress=False)
    assert by_address.table.equals(wanted.table)
    assert client.run(lambda: len(sys.modules["lts.research.sweep.cluster"]._jobs)) == dict.fromkeys(client.nthreads(), 0)


def test_a_cluster_takes_functions_and_classes_of_a_notebook(bars, client):
    class Local(Counted):
        pass

    found = lts.sweep(
        Local, bars, {"window": [5, 9]}, workers=client, engine="dask", progress=False, objective=lambda r: len(r.trades)
    )
    assert found.table["objective"].tolist() == lts.sweep(Counted, bars, {"window": [5, 9]}).table["trades"].tolist()


def test_a_worker_that_is_killed_loses_nothing(bars, client):
    grid = {"window": range(2, 202), "stop_pips": [0, 10, 20]}
    seen = []

    def kill_once(progress):
        seen.append(progress)
        if len(seen) == 1:
            os.kill(client.cluster.workers[0].pid, signal.SIGKILL)  # one worker process of this test's own cluster

    found = lts.sweep(Counted, bars, grid, workers=client, engine="dask", progress=kill_once)
    assert seen[0].done < 600  # it died in the middle
    assert found.table.equals(lts.sweep(Counted, bars, grid, workers=1, progress=False).table)
    assert (found.table["error"] == "").all()


def test_ctrl_c_ends_a_cluster_and_keeps_what_is_done(bars, wanted, client):
    def interrupt(_):
        raise KeyboardInterrupt

    found = lts.sweep(Failing, bars, GRID, workers=client, engine="dask", progress=interrupt)
    assert 0 < len(found) < 44
    assert found.table.equals(wanted.table.loc[found.table.index])


def test_a_chunk_that_is_lost_again_and_again_is_said(bars, client):
    space = build(Counted, {"window": [5]}, None).space
    crew = cluster.Cluster(Job(space, bars, {}, None), client)
    crew._name = "lts-sweep-nobody-knows"
    crew.give(0, np.zeros((1, 1), np.int32))
    with pytest.raises(LtsError, match="a chunk of 1 sets was lost 6 times.*has no job 'lts-sweep-nobody-knows'"):
        crew.finished()


def test_workers_that_are_none_are_refused(bars):
    with pytest.raises(ParameterError, match="workers: was 2.5"):
        lts.sweep(Counted, bars, {"window": [5]}, workers=2.5, engine="dask")
    with pytest.raises(ParameterError, match="workers: was .'a'.; with engine='dask' it must be None"):
        lts.sweep(Counted, bars, {"window": [5]}, workers=["a"], engine="dask")


def test_without_the_library_it_is_said_how_to_get_it(bars, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ParameterError, match=r"distributed is not installed.*pip install lts\[cluster\]"):
        lts.sweep(Counted, bars, {"window": [5]}, engine="dask")


def test_a_part_can_be_sent(bars):
    grid = build(Counted, {"window": [5, 9]}, None)
    part = Bench(Job(grid.space, bars, {}, None)).run(grid.codes(slice(None)))
    again = pickle.loads(pickle.dumps(part))  # noqa: S301  (our own)
    assert [v.tobytes() for v in again.stats.values()] == [v.tobytes() for v in part.stats.values()]
