"""The README is executed: its code runs, its links lead somewhere, its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_code_block_runs_in_order():
    pytest.importorskip("gym_anytrading", reason="the sample of real hours needs the extra 'samples'")
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) >= 3
    namespace: dict[str, object] = {"__name__": "readme"}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)  # noqa: S102  (the README is ours)


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert len(links) > 10
    missing = [link for link in links if not link.startswith("http") and not (ROOT / link).exists()]
    assert missing == []


def test_every_make_target_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`?make ([a-z-]+)`?", TEXT)) - {"for"}
    assert named >= {"demo", "test", "test-long", "bench", "lint"}
    assert {name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()


def test_every_lts_command_exists():
    from typer.main import get_command

    from lts.cli.app import app

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    line = next(line for line in TEXT.splitlines() if line.strip().startswith("lts demo |"))
    assert {part.split()[0] for part in line.replace("lts ", "").split("|")} <= known
    assert {"backtest", "data"} <= known
