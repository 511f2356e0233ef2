"""One virtual environment for each peer, from a list of pinned names; none is built twice, none that fails is forgotten."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.paths import CACHE, ROOT

COMMON = ("numpy", "numba", "pandas")
_VERSIONS = """
import importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


class Environment(NamedTuple):
    """Where a peer can be run, or why it cannot."""

    python: Path | None
    failure: str = ""
    versions: dict[str, str] = {}  # noqa: RUF012  (read only)


def ours() -> Environment:
    """Return the environment that runs this."""
    from lts import __version__

    python = Path(sys.executable)
    return Environment(python, versions={"lts": __version__, **_versions(python, COMMON)})


def peer(name: str) -> Environment:
    """Return a peer's environment, built if it is missing or not of this list and this Python."""
    wanted = Path(__file__).with_name("peers") / f"{name}.txt"
    text = wanted.read_text(encoding="utf-8")
    folder = CACHE / name
    python, stamp = folder / "bin" / "python", folder / ".fresh"
    fresh = hashlib.sha256(f"{text}{sys.version}".encode()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != fresh:
        failure = _build(folder, python, wanted)
        if failure:
            return Environment(None, failure)
        stamp.write_text(fresh, encoding="utf-8")
    return Environment(python, versions=_versions(python, re.findall(r"^[\w.-]+", text, re.MULTILINE)))


def _build(folder: Path, python: Path, wanted: Path) -> str:
    """Build, and return "" or the last thing that was complained about."""
    print(f"{folder.name}: installing", flush=True)
    # Wheels only: a peer that needs a compiler here is one that does not install here.
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--only-binary=:all:"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], [*pip, "-r", str(wanted)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return complaint(done.stderr)
    return ""


def complaint(stderr: str) -> str:
    """Return the last error of a text, without the paths of this machine."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(ERROR|\w*(Error|Exception|Interrupt)\b)", line)]
    last = (errors or lines or ["said nothing"])[-1]
    return re.sub(r"(?<![\w.])/[\w./+~-]+", "...", last.replace(str(ROOT), "."))[:200]


def _versions(python: Path, names: tuple[str, ...] | list[str]) -> dict[str, str]:
    done = subprocess.run([str(python), "-c", _VERSIONS, *names], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found
