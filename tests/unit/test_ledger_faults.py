"""A ledger that is locked, damaged, somebody else's or nowhere: no run fails or waits for it, one warning says what to do."""

from __future__ import annotations

import logging
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import pytest

import lts
from lts.research import ledger
from lts.research.ledger import store, switch, writing

NOBODY = 65_534
CUTS = {"garbage": b"no database at all " * 500, "one byte": b"x", "zeros": bytes(8_192)}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LTS_LEDGER", "on")
    monkeypatch.setattr(switch, "_said", set())
    monkeypatch.setattr(writing._Waiting, "batches", [])
    monkeypatch.setattr(writing._Waiting, "lost", None)
    monkeypatch.setattr(store._Open, "patience", store.PATIENCE)
    yield tmp_path / "home"
    store.close()


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=1_500, seed=7)


def run(bars, fast=5):
    return lts.run(lts.strategies.SmaCross(fast=fast, slow=20), bars)


def troubled(bars, match):
    """Run twice; one warning must come, the results be whole, and dsr nan with that reason."""
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = [run(bars, fast) for fast in (5, 6)]
        for result in results:
            assert len(result.equity) == len(bars)
            assert math.isfinite(result.stats["sharpe"])
            assert math.isnan(result.stats["dsr"])
            assert math.isnan(result.stats["trials"])
    assert time.perf_counter() - began < 60  # whatever the machine is busy with; what is waited for is held below
    told = [w for w in caught if w.category is lts.LedgerWarning]
    assert len(told) == 1
    assert told[0].filename == __file__  # the caller's line, not ours
    assert match in str(told[0].message)
    assert all(match in result.reasons[name] for result in results for name in ("dsr", "trials", "sharpe_by_luck"))
    return str(told[0].message)


def whole_file(home, bars):
    run(bars)
    store.close()
    return home / store.NAME


@pytest.mark.parametrize("what", CUTS)
def test_a_file_that_is_no_database_is_left_as_it_is(bars, home, what):
    home.mkdir()
    (home / store.NAME).write_bytes(CUTS[what])
    said = troubled(bars, "is damaged")
    assert str(home / store.NAME) in said
    assert "`lts ledger aside` moves it out of the way" in said
    assert (home / store.NAME).read_bytes() == CUTS[what]
    with pytest.raises(lts.LedgerError, match="is damaged"):
        ledger.table()
    with pytest.raises(lts.LedgerError, match="is damaged"):
        ledger.clear(confirm=True)
    assert (home / store.NAME).read_bytes() == CUTS[what]


@pytest.mark.parametrize("left", [0.3, 0.6, 0.95])
def test_a_file_that_was_cut_short_is_left_as_it_is(bars, home, left):
    path = whole_file(home, bars)
    part = path.read_bytes()[: int(left * path.stat().st_size)]
    path.write_bytes(part)
    troubled(bars, "is damaged")
    assert path.read_bytes() == part


def test_a_page_that_was_overwritten_is_found_when_it_is_read(bars, home):
    path = whole_file(home, bars)
    content = bytearray(path.read_bytes())
    content[4_096:] = b"\xff" * (len(content) - 4_096)
    path.write_bytes(content)
    troubled(bars, "is damaged")
    assert path.read_bytes() == content


def test_only_an_explicit_word_moves_a_damaged_file_and_the_next_run_begins_anew(bars, home):
    home.mkdir()
    (home / store.NAME).write_bytes(CUTS["garbage"])
    assert ledger.aside() == home / "ledger.aside-1.sqlite"
    assert run(bars).stats["trials"] == 1
    assert ledger.aside() == home / "ledger.aside-2.sqlite"
    assert (home / "ledger.aside-1.sqlite").read_bytes() == CUTS["garbage"]
    moved = sqlite3.connect(home / "ledger.aside-2.sqlite")
    try:
        assert moved.execute("SELECT count(*) FROM trials").fetchone() == (1,)
    finally:
        moved.close()
    assert ledger.trials(bars).count == 0


def test_trials_are_counted_again_once_they_can_be_recorded(bars, home, monkeypatch):
    home.mkdir()
    (home / store.NAME).write_bytes(CUTS["garbage"])
    troubled(bars, "is damaged")
    ledger.aside()
    assert math.isnan(ledger.trials(bars).count)  # what was run last is nowhere
    run(bars)
    assert ledger.trials(bars).count == 1
    monkeypatch.setenv("LTS_LEDGER", "off")
    assert "off" in ledger.trials(bars).reason


def test_an_empty_file_is_an_empty_ledger(bars, home):
    home.mkdir()
    (home / store.NAME).touch()
    assert ledger.trials(bars).count == 0
    assert run(bars).stats["trials"] == 1


def test_a_newer_schema_is_refused_with_what_to_do(bars, home):
    path = whole_file(home, bars)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version=7")
    db.close()
    assert troubled(bars, "has schema 7; this lts knows 1. Update lts.").count("Update lts") == 1


def test_a_database_of_another_program_is_left_alone(bars, home):
    home.mkdir()
    db = sqlite3.connect(home / store.NAME)
    db.execute("CREATE TABLE trials (mine TEXT)")
    db.close()
    before = (home / store.NAME).read_bytes()
    troubled(bars, "is a database of another program")
    assert (home / store.NAME).read_bytes() == before


def test_a_folder_in_its_place(bars, home):
    (home / store.NAME).mkdir(parents=True)
    assert "Set LTS_HOME to a folder" in troubled(bars, "cannot be opened or written")


def test_a_home_that_is_a_file(bars, home):
    home.write_text("a file")
    troubled(bars, "cannot be opened or written")
    assert home.read_text() == "a file"


@pytest.fixture
def shut(monkeypatch):
    """Yield a folder that this process cannot write, also where it runs as root."""
    folder = Path(tempfile.mkdtemp(prefix="lts-shut-"))
    monkeypatch.setenv("LTS_HOME", str(folder))
    user = os.geteuid()
    yield folder
    os.seteuid(user)
    store.close()
    folder.chmod(0o755)
    shutil.rmtree(folder)


def close_door(folder):
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(NOBODY)


def test_a_folder_that_cannot_be_written(bars, shut):
    run(bars, 3)  # compiles while it may
    ledger.aside().unlink()
    close_door(shut)
    assert "LTS_HOME" in troubled(bars, "cannot be opened or written")
    assert list(shut.iterdir()) == []


def test_a_ledger_in_a_folder_that_became_read_only(bars, shut):
    whole_file(shut, bars)
    before = (shut / store.NAME).read_bytes()
    close_door(shut)
    troubled(bars, "cannot be opened or written")
    assert (shut / store.NAME).read_bytes() == before


HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode=EXCLUSIVE")
db.execute("BEGIN EXCLUSIVE")
db.execute("CREATE TABLE IF NOT EXISTS held (x)")
print("held", flush=True)
sys.stdin.read()
db.execute("ROLLBACK")
db.close()
"""


@pytest.fixture
def holder(home):
    """Yield a function that starts a process which holds the file until the function that it returns is called."""
    started = []

    def hold():
        home.mkdir(exist_ok=True)
        process = subprocess.Popen([sys.executable, "-c", HOLD, home / store.NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"held\n"
        return process.communicate

    yield hold
    for process in started:
        process.communicate()


@pytest.mark.parametrize("there", [False, True])
def test_a_locked_file_is_waited_for_once_and_nothing_is_lost(bars, home, holder, there):
    if there:
        whole_file(home, bars)
    free = holder()
    said = troubled(bars, "is locked by another program")
    assert "Sets wait in memory" in said
    assert (writing.waiting(), store._Open.patience) == (2, 0.0)  # and no further run waits for the lock
    began = time.perf_counter()
    for _ in range(20):
        ledger.record(bars, lts.strategies.SmaCross, [{"fast": 7}], [0.1], 60)
    assert time.perf_counter() - began < 20 * store.PATIENCE
    free()
    assert ledger.trials(bars).count == 3  # 5 and 6, and 7; the first run's 5 once
    assert (writing.waiting(), store._Open.patience) == (0, store.PATIENCE)


def test_what_waits_is_written_at_the_end_of_the_process(bars, home, holder):
    free = holder()
    code = (
        "import sys, warnings, lts; warnings.simplefilter('ignore')\n"
        "bars = lts.synthetic_bars('EUR_USD', 'H1', n=1_500, seed=7)\n"
        "lts.run(lts.strategies.SmaCross(fast=5, slow=20), bars)\n"
        "from lts.research.ledger import writing; assert writing.waiting() == 1\n"
        "print('ran', flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ran\n"
    free()
    process.communicate()
    assert process.returncode == 0
    assert ledger.trials(bars).count == 1
    assert (home / store.NAME).is_file()


def test_where_warnings_are_errors_a_run_is_whole_all_the_same(bars, home, caplog):
    home.mkdir()
    (home / store.NAME).write_bytes(CUTS["garbage"])
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING, "lts.ledger"):
        warnings.simplefilter("error")
        result = run(bars)
    assert len(result.equity) == len(bars)
    assert [record.name for record in caplog.records] == ["lts.ledger"]


def test_a_file_that_vanishes_is_made_again(bars, home):
    run(bars)
    shutil.rmtree(home)
    assert run(bars, 6).stats["trials"] == 1


def test_an_interrupted_recording_leaves_the_ledger_usable(bars, monkeypatch):
    run(bars)

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_rows", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(bars, 6)
    assert run(bars, 7).stats["trials"] == 3  # 6 had been run, waited, and is written now
