"""`make bench`: build what is missing, measure, write RESULTS.md and results.json.

With --quick the page goes to .cache/bench: fewer bars and repetitions, figures to look at and not to quote. With --only as well:
a page that is not whole.
"""

from __future__ import annotations

import argparse
import compileall
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import environments, jobs, machine, processes, startup
from benchmarks.page import page
from benchmarks.paths import CACHE, ROOT, WARM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.environments import Environment

EVERYTHING = ("A", "C", "B", "parts")  # the three rules, and what LTS's own time goes into


class Plan(NamedTuple):
    """How long to look."""

    rounds: int
    quick: bool
    seconds: float  # of repetitions in each process
    again: int  # warm processes of the cold-start table
    only: tuple[str, ...]  # what is measured


def main() -> None:
    """Measure everything."""
    asked = _arguments()
    plan = Plan(asked.rounds, asked.quick, 0.3 if asked.quick else 2.0, 1 if asked.quick else 3, tuple(asked.only))
    wanted = _wanted(plan)
    names = {job.where for job in wanted} - {"lts"}
    places = {"lts": environments.ours(), **{name: environments.peer(name) for name in jobs.PEERS if name in names}}
    for name, place in places.items():
        print(f"{name}: {place.failure or ', '.join(f'{k} {v}' for k, v in place.versions.items())}", flush=True)
    for folder in ("lts", "benchmarks"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    sizes = [str(n) for n in jobs.sizes(wanted, quick=plan.quick)]
    subprocess.run([sys.executable, "-m", "benchmarks.workload", *sizes], cwd=ROOT, check=True)
    before = machine.load()
    print(f"load {before}", flush=True)
    measured = _measured(places, plan)
    _write(plan, {"run": _run(plan, asked.date, before), "machine": machine.describe(), **_kept(places), **measured})


def _wanted(plan: Plan) -> list[jobs.Job]:
    """Return all jobs that are asked for."""
    alone = [*([jobs.SAME_SETS] if "B" in plan.only else []), *(jobs.PARTS if "parts" in plan.only else [])]
    return [*(job for several in jobs.rules(plan.only).values() for job in several), *alone]


def _measured(places: dict[str, Environment], plan: Plan) -> dict[str, Any]:
    """Measure what is asked for, by the names of results.json."""
    found: dict[str, Any] = {}
    if "A" in plan.only:
        found["cold"] = dict(cold_starts(places, plan))  # on all cores, as a user's process has them
    found |= {name: steady(several, places, plan) for name, several in jobs.rules(plan.only).items()}
    if "B" in plan.only:
        found["same_sets"] = one(jobs.SAME_SETS, places, plan)
    if "parts" in plan.only:
        found["parts"] = {job.name: one(job, places, plan) for job in jobs.PARTS}
        found["start"] = {name: startup.best_of_five(words) for name, words, _ in startup.CASES}
    return found


def one(job: jobs.Job, places: dict[str, Environment], plan: Plan) -> dict[str, Any]:
    """Run one job once, in its environment, and say what came of it."""
    place, bars, sets = places[job.where], *((job.quick_bars, job.quick_sets) if plan.quick else (job.bars, job.sets))
    size = {"bars": bars, **({"sets": sets} if sets else {})}
    if place.python is None:
        return {"failed": f"not installed: {place.failure}", **size}
    if not processes.keep_to(job.cores) and job.cores > 1:
        return {"failed": f"needs {job.cores} cores", **size}
    found = processes.measure(place.python, job.target, bars, seconds=plan.seconds, caches=WARM, sets=sets, threads=job.cores)
    short = {name: value for name, value in found.items() if name != "runs_s"}
    print(f"{job.name}: {json.dumps(short)}", flush=True)
    return {**size, **found}


def steady(several: tuple[jobs.Job, ...], places: dict[str, Environment], plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Run the jobs in turn, round by round, and return each one's rounds."""
    found: dict[str, list[dict[str, Any]]] = {job.name: [] for job in several}
    for number in range(plan.rounds):
        print(f"round {number + 1} of {plan.rounds}", flush=True)
        for job in several:
            found[job.name].append(one(job, places, plan))
    return found


def cold_starts(places: dict[str, Environment], plan: Plan) -> Iterable[tuple[str, dict[str, Any]]]:
    """Time whole processes, one engine after the other."""
    for job in jobs.RULE_A:
        place = places[job.where]
        if not job.cold or (plan.quick and job.name in jobs.SLOW_TO_COMPILE):
            continue
        if place.python is None:
            yield job.name, {"failed": f"not installed: {place.failure}"}
            continue
        bars = min(jobs.COLD_BARS, job.quick_bars if plan.quick else job.bars)
        found = processes.cold(place.python, job.target, bars, again=plan.again)
        print(f"{job.name}, whole process: {json.dumps(found)}", flush=True)
        yield job.name, found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description="LTS beside its peers.")
    parser.add_argument("--rounds", type=int, default=3, help="how often every engine has its turn (3)")
    parser.add_argument("--quick", action="store_true", help="fewer bars; writes to .cache/bench")
    parser.add_argument("--date", help="what the page says; else the day of the commit")
    parser.add_argument("--only", nargs="+", choices=EVERYTHING, default=EVERYTHING, help="these alone; writes to .cache/bench")
    asked = parser.parse_args()
    if asked.rounds < 1:
        parser.error(f"--rounds: was {asked.rounds}; it must be at least 1.")
    return asked


def _run(plan: Plan, date: str | None, before: str) -> dict[str, Any]:
    from lts import __version__

    day, commit = machine.committed()
    return {
        "lts": __version__,
        "commit": commit,
        "date": date or day,
        "mode": f"{plan.rounds} round(s){', quick: not to be quoted' if plan.quick else ''}{_part(plan)}",
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "again": plan.again,
        "load_before": before,
        "load_after": machine.load(),
        "core": "Jobs ran on one core, where they do not say two."
        if processes.keep_to(1)
        else "The system could not keep the jobs on one core.",
    }


def _part(plan: Plan) -> str:
    return "" if set(plan.only) == set(EVERYTHING) else f", only {' '.join(plan.only)}"


def _kept(places: dict[str, Environment]) -> dict[str, Any]:
    return {"environments": {name: {"versions": place.versions, "failure": place.failure} for name, place in places.items()}}


def _write(plan: Plan, found: dict[str, Any]) -> None:
    folder = CACHE if plan.quick or _part(plan) else Path(__file__).parent
    text = page(found)
    (folder / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (folder / "RESULTS.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nwritten to {(folder / 'RESULTS.md').relative_to(ROOT)}")


if __name__ == "__main__":
    main()
