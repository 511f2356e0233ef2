"""Several writers at once, and writers that die: no row is lost, and the old state stays or the new one is there."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import lts
from lts.data import catalog_files
from lts.data.bars import Bars
from lts.data.catalog import Catalog
from lts.errors import BarsError

# Each writer adds its own third bars, a few at a time, in the same years; `-` first shows that it is ready.
WRITER = """
import sys, lts
from lts.data.bars import Bars
bars, catalog = lts.synthetic_bars("EUR_USD", "H1", 600, 1, "2023-12-18"), lts.Catalog(sys.argv[1])
print("-", flush=True)
sys.stdin.readline()
for start in range(int(sys.argv[2]), 600, 60):
    part = slice(start, start + 60, 3)
    matrix = bars.points.matrix[:, part].copy()
    catalog.add(Bars.from_points("EUR_USD", "H1", bars.time[part].copy(), matrix, bars.volume[part].copy()))
"""


def whole() -> Bars:
    return lts.synthetic_bars("EUR_USD", "H1", 600, 1, "2023-12-18")


def state(folder: Path) -> dict[str, str]:
    """Return the fingerprint of each series."""
    catalog, rows = Catalog(folder), Catalog(folder).list().itertuples()
    return {f"{row.instrument} {row.timeframe}": catalog.bars(row.instrument, row.timeframe).fingerprint for row in rows}


def test_processes_that_add_at_once_lose_no_row(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, str(k)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for k in range(3)
    ]
    for writer in writers:
        assert writer.stdout.readline() == "-\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    catalog = Catalog(tmp_path)
    assert catalog.bars("EUR_USD", "H1").fingerprint == whole().fingerprint
    assert len(list(tmp_path.rglob("*.parquet"))) == 2  # one a year; what was superseded is gone


def test_readers_see_a_whole_state_while_writers_write(tmp_path: Path) -> None:
    bars, catalog = whole(), Catalog(tmp_path)
    catalog.add(bars[:20])
    prints = {bars[:n].fingerprint for n in range(20, 601, 20)}

    def write() -> None:
        for n in range(40, 601, 20):
            catalog.add(bars[:n])

    def look() -> list[str]:
        seen = []
        while not writing.done():
            seen.append(Catalog(tmp_path).bars("EUR_USD", "H1").fingerprint)
            assert len(Catalog(tmp_path).sql("SELECT * FROM bars")) % 20 == 0
        return seen

    with ThreadPoolExecutor(3) as pool:
        writing = pool.submit(write)
        looking = [pool.submit(look) for _ in range(2)]
        writing.result()
        for reader in looking:
            assert set(reader.result()) <= prints


class Death(BaseException):
    """A process that ends in the middle."""


@pytest.mark.parametrize("steps", range(12))
def test_a_writer_that_dies_at_any_step_leaves_the_old_state_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    bars, catalog = whole(), Catalog(tmp_path)
    catalog.add(bars[:400])
    before, after = {"EUR_USD H1": bars[:400].fingerprint}, {"EUR_USD H1": bars.fingerprint}
    assert state(tmp_path) == before
    calls = []

    def dying(real):
        def call(*args, **kwargs):
            calls.append(real)
            if len(calls) > steps:
                raise Death
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:  # every change of a name in the folder, and every write to disk
        patch.setattr(Path, "replace", dying(Path.replace))
        patch.setattr(Path, "unlink", dying(Path.unlink))
        patch.setattr(catalog_files.os, "fsync", dying(catalog_files.os.fsync))
        try:
            catalog.add(Bars.from_points("EUR_USD", "H1", bars.time, bars.points.matrix, bars.volume, ("second",)))
            done = True
        except Death:
            done = False
    found = state(tmp_path)
    assert found == after if done else found in (before, after)
    catalog.add(bars)
    assert state(tmp_path) == after
    assert list(tmp_path.rglob("*.new")) == []
    assert len(list(tmp_path.rglob("*.parquet"))) == 2


def test_a_lock_dies_with_the_process_that_held_it(tmp_path: Path) -> None:
    code = """
import sys, pathlib
from lts.data.catalog_files import locked
with locked(pathlib.Path(sys.argv[1])):
    print("-", flush=True)
    sys.stdin.readline()
"""
    holder = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "-\n"
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(Catalog(tmp_path).add, whole())
        holder.kill()
        holder.communicate()
        assert adding.result(timeout=60).new == 600


def test_a_full_disk_leaves_the_old_state_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bars, catalog = whole(), Catalog(tmp_path)
    catalog.add(bars[:400])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(catalog_files.os, "fsync", full)
        with pytest.raises(BarsError, match=r"cannot be written \(No space left on device\)"):
            catalog.add(bars)
    assert state(tmp_path) == {"EUR_USD H1": bars[:400].fingerprint}
