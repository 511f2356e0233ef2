"""The machine in words: processor, memory, system, load. No host, no path."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

from benchmarks.paths import ROOT


def describe() -> dict[str, str]:
    """Return what a reader needs in order to place the figures; "unknown" where the system does not say."""
    memory = re.search(r"MemTotal:\s+(\d+) kB", _text("/proc/meminfo"))
    model = re.search(r"model name\s*:\s*(.+)", _text("/proc/cpuinfo"))
    system = re.search(r'PRETTY_NAME="(.+)"', _text("/etc/os-release"))
    return {
        "processor": model[1] if model else platform.machine() or "unknown",
        "cores": str(os.cpu_count() or "unknown"),
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "unknown",
        "system": f"{system[1]}, {platform.system()} {platform.release().split('-')[0]}" if system else platform.system(),
        "python": platform.python_version(),
    }


def load() -> str:
    """Return processes that wanted a core in the last minute, on average; more than one beside a benchmark disturbs it."""
    return f"{os.getloadavg()[0]:.2f}"


def committed() -> tuple[str, str]:
    """Return (day, short name) of the commit that is measured, with a plus where files were changed since."""
    day, name = _git("log", "-1", "--format=%cs"), _git("log", "-1", "--format=%h")
    return day or "unknown", (name or "unknown") + ("+" if _git("status", "--porcelain", "--", "lts", "benchmarks/*.py") else "")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607  (from PATH)
    return done.stdout.strip()


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
