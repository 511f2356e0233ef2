"""Jobs as processes of their own: the same environment for each, one after the other, on as many cores as it may have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

from benchmarks.environments import complaint
from benchmarks.paths import CACHE, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 300  # seconds, then a job has failed
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
_GIVEN = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()  # cores, before any were left aside


def keep_to(cores: int) -> bool:
    """Keep this process and its children on the last cores that it was given; False where the system cannot do that."""
    if len(_GIVEN) < cores:
        return False
    os.sched_setaffinity(0, sorted(_GIVEN)[-cores:])
    return True


def surroundings(caches: Path, threads: int = 1) -> dict[str, str]:
    """Return the variables of a job: caches below one folder, a home of its own, bytecode written, so many threads."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    home = CACHE / "home"
    home.mkdir(parents=True, exist_ok=True)
    folders = {"HOME": home, "LTS_CACHE": caches / "lts", "NUMBA_CACHE_DIR": caches / "numba", "MPLCONFIGDIR": home / "matplotlib"}
    return {**kept, **dict.fromkeys(THREADS, str(threads)), **{name: str(folder) for name, folder in folders.items()}}


def measure(
    python: Path, target: str, bars: int, *, seconds: float, caches: Path, sets: int = 0, threads: int = 1
) -> dict[str, Any]:
    """Run one job and return what it printed, with `process_s` of wall time, or {"failed": why}."""
    asked = {"--bars": bars, "--sets": sets, "--seconds": seconds}
    command = [
        str(python),
        "-m",
        "benchmarks.worker",
        f"benchmarks.{target}",
        *(str(word) for pair in asked.items() for word in pair),
    ]
    start = time.perf_counter()
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=surroundings(caches, threads), capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {PATIENCE} s"}
    taken = time.perf_counter() - start
    return {**reply(done.stdout, done.stderr, done.returncode), "process_s": taken}


def reply(stdout: str, stderr: str, code: int) -> dict[str, Any]:
    """Return the line of JSON that a worker printed last (a peer may have printed before it), or {"failed": why}."""
    lines = [line for line in stdout.splitlines() if line.startswith("{")]
    if code == 0 and lines:
        found: dict[str, Any] = json.loads(lines[-1])
        return found
    return {"failed": f"exit {code}: {complaint(stderr)}"}


def cold(python: Path, target: str, bars: int, *, again: int) -> dict[str, Any]:
    """Return whole-process seconds with an empty cache, and the median of `again` with the cache that this left."""
    caches = CACHE / "cold"
    shutil.rmtree(caches, ignore_errors=True)
    runs = [measure(python, target, bars, seconds=0.0, caches=caches) for _ in range(1 + again)]
    shutil.rmtree(caches, ignore_errors=True)
    failed = next((run["failed"] for run in runs if "failed" in run), "")
    if failed:
        return {"failed": failed}
    warm = sorted(runs[1:], key=lambda run: run["process_s"])[again // 2]
    return {"bars": bars, "empty_s": runs[0]["process_s"], "warm_s": warm["process_s"], "peak_mib": warm["peak_mib"]}
