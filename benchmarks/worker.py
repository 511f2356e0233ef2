"""One measurement in one process: prints one line of JSON. `python -m benchmarks.worker MODULE:FUNCTION --bars 1000000`."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.task import Outcome, Task

MOST = 15  # repetitions


def main() -> None:
    """Prepare, run once, then again for as long as was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--sets", type=int, default=0, help="of a sweep; the function is told, 0: it is none")
    parser.add_argument("--seconds", type=float, default=0.0, help="of repetitions; 0: the first run alone")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(json.dumps(measure(asked.target, asked.bars, asked.seconds, asked.sets)))


def measure(target: str, n: int, seconds: float, sets: int = 0) -> dict[str, Any]:
    """Return what the named function takes on the first `n` bars, for so many sets of parameters if it is a sweep.

    Returns
    -------
    dict
        first_s, runs_s (seconds of each repetition), median_s, min_s, peak_mib (of the process, after the first run, or of a
        child if one had more), what the outcome says, and sets if it is a sweep; or, from a function that measures by itself,
        its own figures under "parts".
    """
    from benchmarks.workload import Data

    module, _, name = target.partition(":")
    made = getattr(import_module(module), name)(Data(n), *([sets] if sets else []))
    if isinstance(made, dict):
        return {"parts": made, "peak_mib": _peak()}
    first, outcome = once(made)
    found: dict[str, Any] = {"bars": n, "first_s": first, "peak_mib": _peak(), **outcome._asdict()}
    if sets:
        found["sets"] = sets
    runs: list[float] = []
    while seconds and len(runs) < MOST and sum(runs) < seconds:
        runs.append(once(made)[0])
    if runs:
        found |= {"runs_s": runs, "median_s": statistics.median(runs), "min_s": min(runs)}
    return found


def once(task: Task) -> tuple[float, Outcome]:
    """Return seconds and outcome of one run; what comes before it is not timed."""
    given = () if task.before is None else (task.before(),)
    start = time.perf_counter()
    outcome = task.run(*given)
    return time.perf_counter() - start, outcome


def _peak() -> float:
    """Return the peak of resident memory, MiB (Linux counts in KiB): of this process or of its largest child."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


if __name__ == "__main__":
    main()
