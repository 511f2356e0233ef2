"""RESULTS.md from what was measured."""

from __future__ import annotations

from typing import Any

from benchmarks import jobs, tables, texts
from benchmarks.summary import rows

PLAIN_PYTHON = ("raptorbt class", "backtesting.py next()", "nautilus_trader on_bar", "backtrader next()")


def page(found: dict[str, Any]) -> str:
    """Return the page; `found` is what results.json holds. What was not measured is left out."""
    measured = [
        *(
            section
            for name, made in (("rule_a", _rule_a), ("rule_b", _sweep), ("rule_c", _rule_c))
            if name in found
            for section in made(found)
        ),
        *(_whole_processes(found) if "cold" in found else []),
        *(_inside(found) if "parts" in found else []),
    ]
    how = texts.HOW.format(rounds=found["run"]["rounds"], seconds=found["run"]["seconds"])
    head = [texts.HEAD.format(**found["run"], **found["machine"]), _versions(found["environments"])]
    return "\n\n".join(section.strip("\n") for section in (*head, *measured, how, texts.SEMANTICS)) + "\n"


def _rule_a(found: dict[str, Any]) -> list[str]:
    against = {job.name: jobs.BASE_A for job in jobs.RULE_A}
    made = [texts.RULE_A, tables.steady(rows(jobs.RULE_A, found["rule_a"], against), _same(found).get("A", {}))]
    if "parts" not in found:
        return made
    return [*made, texts.GAP, _gap(found["parts"]), texts.RULES, _parts(found["parts"]["rules"], "ns a bar")]


def _sweep(found: dict[str, Any]) -> list[str]:
    against = {job.name: jobs.BASE_B for job in jobs.RULE_B}
    beside = found.get("same_sets", {}).get("parts", {})
    return [texts.RULE_B, tables.swept(rows(jobs.RULE_B, found["rule_b"], against), beside), texts.SIZES]


def _rule_c(found: dict[str, Any]) -> list[str]:
    against = {job.name: jobs.BASE_BARS if job.name in PLAIN_PYTHON else jobs.BASE_C for job in jobs.RULE_C}
    return [texts.RULE_C, tables.steady(rows(jobs.RULE_C, found["rule_c"], against), _same(found).get("C", {}))]


def _same(found: dict[str, Any]) -> dict[str, Any]:
    same: dict[str, Any] = found.get("parts", {}).get("same", {}).get("parts", {})
    return same


def _whole_processes(found: dict[str, Any]) -> list[str]:
    return [texts.COLD.format(again=found["run"]["again"]), tables.cold(found["cold"], jobs.BASE_A)]


def _inside(found: dict[str, Any]) -> list[str]:
    return [texts.START, tables.parts(found["start"], "ms"), _frames(found["parts"]["frames"])]


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
