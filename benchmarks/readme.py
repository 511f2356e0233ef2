"""The README's table of speed, from results.json: `python -m benchmarks.readme` prints it, a test looks for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import jobs, tables
from benchmarks.page import PLAIN_PYTHON
from benchmarks.summary import Row, rows


def lines(found: dict[str, Any]) -> list[str]:
    """Return the rows that the README shows of the rules that were measured, a job a line."""
    shown = []
    for name, several in jobs.rules("ABC").items():
        if name in found:
            against = {job.name: _base(name, job.name) for job in several}
            shown += [_line(row, sweep=name == "rule_b") for row in rows(several, found[name], against)]
    return shown


def _base(rule: str, job: str) -> str:
    if job in PLAIN_PYTHON:
        return jobs.BASE_BARS
    return {"rule_a": jobs.BASE_A, "rule_b": jobs.BASE_B, "rule_c": jobs.BASE_C}[rule]


def _line(row: Row, *, sweep: bool) -> str:
    times = f"{tables.figure(row.ratio.middle)}x" if row.ratio else f"failed: {row.failed}"
    if sweep:
        speed = tables.three(1e9 / row.ns_a_bar) if row.ns_a_bar else ""
        return f"| {row.name} | {row.sets:,} x {row.bars:,} | {speed} | {times} | {row.peak_mib:,.0f} |"
    return f"| {row.name} | {tables.figure(row.ns_a_bar)} | {times} |"


if __name__ == "__main__":
    print(*lines(json.loads(Path(__file__).with_name("results.json").read_text(encoding="utf-8"))), sep="\n")
