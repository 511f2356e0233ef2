"""What several tests share."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

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


def pytest_unconfigure():
    shutil.rmtree(HOME, ignore_errors=True)
