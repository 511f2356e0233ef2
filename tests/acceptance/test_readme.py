"""The README is executed: its code runs, its links lead somewhere, its commands exist, its table is what the demo prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.main import get_command

import lts
from benchmarks import jobs, readme
from lts.cli import demo
from lts.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
INDENTED = [line[4:] for line in TEXT.splitlines() if line.startswith("    ")]
SAID = [
    *re.findall(r"`([^`\n]+)`", TEXT),
    *(line for line in INDENTED if re.match(r"(make|lts|\.venv|\$)", line)),
]  # code in a line


@pytest.fixture
def samples():
    pytest.importorskip("gym_anytrading", reason="the sample of real hours needs the extra 'samples'")


@pytest.mark.usefixtures("samples")
def test_every_code_block_runs_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(BLOCKS) >= 3
    namespace: dict[str, object] = {"__name__": "readme"}
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), namespace)  # noqa: S102  (the README is ours)
    assert [path.name for path in tmp_path.iterdir()] == ["run.html"]


@pytest.mark.usefixtures("samples")
def test_the_table_is_what_the_demo_prints():
    hours = demo.jobs()[0]
    printed = [
        demo._row(label, lts.run(hours.strategies[0], hours.bars, costs=costs, account=demo.ACCOUNT))
        for label, costs in demo.ladder().items()
    ]
    start = INDENTED.index(repr(hours.strategies[0]))
    assert INDENTED[start + 2 : start + 2 + len(printed)] == printed


def test_the_tables_of_speed_are_what_was_measured():
    found = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    section = TEXT.partition("## Speed\n")[2].partition("\n## ")[0]
    shown = [line for line in section.splitlines() if re.search(r"\d+x \|", line)]
    assert [line for line in shown if line not in readme.lines(found)] == []
    for rule, base in (("rule_a", jobs.BASE_A), ("rule_b", jobs.BASE_B), ("rule_c", jobs.BASE_C)):
        assert any(line.startswith(f"| {base} |") for line in shown) == (rule in found), rule
    cold = found["cold"][jobs.BASE_A]
    assert f"takes {cold['warm_s']:.2f} s; {cold['empty_s']:.1f} s when" in section


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert len(links) > 20
    assert [link for link in links if not (ROOT / link).is_file()] == []


@pytest.mark.usefixtures("samples")
def test_the_evidence_is_what_a_sweep_says():
    bars = demo.jobs()[0].bars
    found = lts.sweep(lts.strategies.SmaCross, bars, demo.GRID, costs=demo.COSTS, account=demo.ACCOUNT, progress=False)
    said = str(found.evidence()).splitlines()
    start = INDENTED.index(said[0])
    assert INDENTED[start : start + len(said)] == said


@pytest.mark.parametrize("name", ["overview", "report", "sweep"])
def test_the_picture_is_small_enough_to_be_committed(name):
    assert 30_000 < (ROOT / "images" / f"{name}.png").stat().st_size < 150_000


def test_every_make_target_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {found[1] for said in SAID if (found := re.match(r"make ([a-z-]+)", said))}
    assert named == {"demo", "test", "test-long", "bench", "lint"}
    assert {name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()


def test_every_lts_command_exists():
    known = get_command(app)
    verbs = [found[1].split() for said in SAID if (found := re.search(r"(?:^|\\)lts ((?:[a-z]+ ?)+)", said))]
    verbs_of_the_house = {"demo", "backtest", "report", "stats", "data", "config", "plugins", "doctor", "version"}
    assert verbs_of_the_house | {"sweep", "optimize", "walkforward", "check", "ledger"} == {first for first, *_ in verbs}
    for first, *rest in verbs:
        command = known.commands[first]  # type: ignore[attr-defined]
        assert not rest or rest[0] in command.commands, (first, rest)


def test_every_file_and_name_in_code_exists():
    for name in {found for said in SAID for found in re.findall(r"\blts\.([A-Za-z_]+)\b(?!\.py)", said)}:
        assert hasattr(lts, name), name
    for path in {found for said in SAID for found in re.findall(r"requirements\\[a-z]+\.txt", said)}:
        assert (ROOT / path.replace("\\", "/")).is_file(), path
