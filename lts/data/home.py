"""The folder of everything that LTS keeps: bars in the catalogue, results of runs."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return `LTS_HOME`, else the platform's folder for a user's data; nothing is made there."""
    named = os.environ.get("LTS_HOME")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir("lts"))
