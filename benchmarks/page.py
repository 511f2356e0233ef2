"""RESULTS.md from what was measured."""

from __future__ import annotations

from typing import Any

from benchmarks import jobs, tables, texts
from benchmarks.summary import rows

PLAIN_PYTHON = ("raptorbt class", "backtesting.py next()", "nautilus_trader on_bar", "backtrader next()")


def page(found: dict[str, Any]) -> str:
    """Return the page; `found` is what results.json holds."""
    against_a = {job.name: jobs.BASE_A for job in jobs.RULE_A}
    against_c = {job.name: jobs.BASE_BARS if job.name in PLAIN_PYTHON else jobs.BASE_C for job in jobs.RULE_C}
    inside = found["parts"]
    same = inside["same"].get("parts", {})
    sections = [
        texts.HEAD.format(**found["run"], **found["machine"]),
        _versions(found["environments"]),
        texts.RULE_A,
        tables.steady(rows(jobs.RULE_A, found["rule_a"], against_a), same.get("A", {})),
        texts.GAP,
        _gap(inside),
        texts.RULES,
        _parts(inside["rules"], "ns a bar"),
        texts.RULE_C,
        tables.steady(rows(jobs.RULE_C, found["rule_c"], against_c), same.get("C", {})),
        texts.COLD.format(again=found["run"]["again"]),
        tables.cold(found["cold"], jobs.BASE_A),
        texts.START,
        tables.parts(found["start"], "ms"),
        _frames(inside["frames"]),
        texts.HOW.format(rounds=found["run"]["rounds"], seconds=found["run"]["seconds"]),
        texts.SEMANTICS,
    ]
    return "\n\n".join(section.strip("\n") for section in sections) + "\n"


def _versions(environments: dict[str, dict[str, Any]]) -> str:
    lines = []
    for name, one in environments.items():
        versions = ", ".join(f"{package} {number}" for package, number in one["versions"].items())
        lines.append([name, versions or f"not installed: {one['failure']}"])
    return tables.table(("environment", "versions"), lines).replace("---:", "---")


def _gap(inside: dict[str, dict[str, Any]]) -> str:
    sides = [(owner, inside[key]) for owner, key in (("limit", "limit"), ("LTS", "run"))]
    shown = {
        f"{owner}: {name}": value
        for owner, one in sides
        for name, value in one.get("parts", {"not measured": one.get("failed")}).items()
    }
    return tables.parts(shown, "ms")


def _parts(one: dict[str, Any], unit: str) -> str:
    return tables.parts(one["parts"], unit) if "parts" in one else f"failed: {one['failed']}"


def _frames(one: dict[str, Any]) -> str:
    if "parts" not in one:
        return f"{texts.FRAMES.format(trades=0)}\nfailed: {one['failed']}"
    shown = {name: value for name, value in one["parts"].items() if name != "trades"}
    return f"{texts.FRAMES.format(trades=one['parts']['trades'])}\n{tables.parts(shown, 'ms')}"
