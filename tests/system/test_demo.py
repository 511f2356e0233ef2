"""`lts demo` does the main job on real input, as a user would start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def test_demo_runs_on_real_data_and_its_costs_add_up(tmp_path):
    pytest.importorskip("gym_anytrading", reason="the sample of real hours needs the extra 'samples'")
    command = [sys.executable, "-m", "lts", "demo", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path, env=os.environ | {"COLUMNS": "200"}
    )
    assert done.returncode == 0, done.stderr
    assert "gave the same bytes" in done.stdout
    assert str(tmp_path / "out") in done.stdout
    folders = sorted((tmp_path / "out").iterdir())
    assert len(folders) == 6
    for folder in folders:
        assert (folder / "overview.png").stat().st_size > 20_000
        stats = json.loads((folder / "result.json").read_text())["stats"]
        parts = (
            stats["price_profit"]
            - stats["spread_cost"]
            - stats["slippage_cost"]
            - stats["commission"]
            + stats["swap"]
            - stats["conversion_cost"]
        )
        assert parts == pytest.approx(stats["net_profit"], abs=1e-6)
        assert f"{stats['net_profit']:,.2f}" in done.stdout
