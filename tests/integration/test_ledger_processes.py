"""Many processes, threads and children of a fork write into one ledger: no set is lost and none counts twice."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lts
from lts.research import ledger
from lts.research.ledger import store

SmaCross = lts.strategies.SmaCross
# Each process records its own single sets, one at a time, and all record the same sweep, as soon as it is told to.
WORK = """
import sys, numpy as np, lts
from lts.research import ledger
own = int(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for i in range(60):
    ledger.record("f" * 64, lts.strategies.SmaCross, [{"fast": 1_000 * own + i}], [0.1], 60, "run")
n = np.arange(30_000)
ledger.record("f" * 64, lts.strategies.SmaCross, {"slow": 100_000 + n}, n / 1e6, 60)
for i in range(60):
    ledger.record("f" * 64, lts.strategies.SmaCross, [{"fast": 1_000 * own + 100 + i}], [0.1], 60, "run")
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LTS_LEDGER", "on")
    yield tmp_path / "home"
    store.close()


def check_whole(home):
    store.close()
    db = sqlite3.connect(home / store.NAME)
    try:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM trials WHERE batch NOT IN (SELECT id FROM batches)").fetchone() == (0,)
    finally:
        db.close()


def test_processes_at_the_same_time_lose_nothing(home):
    command = [sys.executable, "-W", "ignore", "-c", WORK]
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen([*command, str(own)], **piped) for own in range(1, 5)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        worker.communicate()
    assert [worker.returncode for worker in workers] == [0] * 4
    assert ledger.trials("f" * 64).count == 4 * 120 + 30_000
    check_whole(home)


MAKE = """
import sys, lts
from lts.research.ledger import store, writing
print("ready", flush=True)
for line in sys.stdin:
    writing.record("f" * 64, lts.strategies.SmaCross, [{"fast": int(sys.argv[1])}], [0.1], 60)
    writing.flush(60.0)
    store.close()
    print("done", flush=True)
"""


def test_a_ledger_that_several_processes_make_at_once_is_made_once(home):
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen([sys.executable, "-W", "error", "-c", MAKE, str(own)], **piped) for own in range(1, 4)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for turn in range(1, 31):
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        assert [worker.stdout.readline() for worker in workers] == ["done\n"] * 3
        assert ledger.trials("f" * 64).count == 3, turn
        store.close()
        for path in list(home.iterdir()):
            path.unlink()
    for worker in workers:
        worker.communicate()


def test_threads_share_one_connection(home):
    begin = threading.Barrier(8)

    def work(own):
        begin.wait()
        for i in range(40):
            ledger.record("a" * 64, SmaCross, [{"fast": 100 * own + i + 1}], [0.1], 60)
            assert ledger.trials("a" * 64).count >= i + 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert ledger.trials("a" * 64).count == 320
    check_whole(home)


def test_a_fork_records_by_a_connection_of_its_own(home):
    ledger.record("b" * 64, SmaCross, [{"fast": 1}], [0.1], 60)
    command = (
        "import os, lts\n"
        "from lts.research import ledger\n"
        "from lts.research.ledger import store\n"
        "ledger.record('b' * 64, lts.strategies.SmaCross, [{'fast': 2}], [0.1], 60)\n"
        "before = store._Open.db\n"
        "child = os.fork()\n"
        "ledger.record('b' * 64, lts.strategies.SmaCross, [{'fast': 3 if child else 4}], [0.1], 60)\n"
        "assert (store._Open.db is before) == bool(child)\n"
        "if child:\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
        "    ledger.record('b' * 64, lts.strategies.SmaCross, [{'fast': 5}], [0.1], 60)\n"
        "    assert ledger.trials('b' * 64).count == 5\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", command], check=True)
    assert ledger.trials("b" * 64).count == 5
    check_whole(home)


def test_a_run_that_is_killed_leaves_what_it_recorded(home):
    command = (
        "import os, signal, lts\n"
        "from lts.research import ledger\n"
        "ledger.record('c' * 64, lts.strategies.SmaCross, [{'fast': 2}], [0.1], 60)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", command], check=False)
    assert done.returncode == -9
    assert ledger.trials("c" * 64).count == 1
    check_whole(home)


def test_what_another_process_moved_aside_is_not_written_to(home):
    ledger.record("d" * 64, SmaCross, [{"fast": 1}], [0.1], 60)
    subprocess.run([sys.executable, "-m", "lts", "ledger", "aside"], check=True, stdout=subprocess.DEVNULL)
    assert ledger.trials("d" * 64).count == 0
    ledger.record("d" * 64, SmaCross, {"fast": np.arange(2, 5)}, np.zeros(3), 60)
    assert ledger.trials("d" * 64).count == 3
    assert sorted(path.name for path in home.glob("*.sqlite")) == ["ledger.aside-1.sqlite", "ledger.sqlite"]
    check_whole(home)
