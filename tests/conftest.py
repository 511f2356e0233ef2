"""What several tests share."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.done import Done

# No test may touch what its user keeps, nor count as a trial of his: said before anything is imported, for other processes too.
HOME = tempfile.mkdtemp(prefix="lts-home-")
os.environ |= {"LTS_HOME": HOME, "LTS_LEDGER": "off"}

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of shared market data (`LTS_DATA`, else beside the repository), or skip."""
    folder = Path(os.environ.get("LTS_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "bars").is_dir():
        pytest.skip(f"no market data in {folder.name!r}: set LTS_DATA to the folder that holds bars/")
    return folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Give the test a home and a ledger of its own, and no setting from the environment."""
    from lts.research.ledger import store

    for name in [name for name in os.environ if name.startswith("LTS_") and name != "LTS_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LTS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    store.close()


@pytest.fixture
def run(capsys, home):  # noqa: ARG001  (it stands in the environment)
    """Run the command line in this process."""
    from lts.cli import main

    def call(*words):
        try:
            code = main([str(word) for word in words])
        except SystemExit as left:
            code = left.code
        printed = capsys.readouterr()
        return Done(code or 0, printed.out, printed.err)

    return call


def pytest_unconfigure():
    shutil.rmtree(HOME, ignore_errors=True)
