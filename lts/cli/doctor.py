"""`lts doctor`: what this machine has, and whether LTS can work with it."""

from __future__ import annotations

import platform
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lts._version import __version__
from lts.cli.exits import CHECK_FAILED
from lts.cli.show import as_json, table

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES = ("numpy", "numba", "llvmlite", "pandas", "polars", "pyarrow", "matplotlib")


class Finding(NamedTuple):
    """One look: what was looked at, whether it is well, what was found."""

    name: str
    ok: bool
    found: str


def doctor(*, warm: bool, wants_json: bool) -> None:
    """Look at versions, the compiler, the cache folder, data and plug-ins; leave with 7 if something is amiss.

    Parameters
    ----------
    warm : bool
        Also compile the market once, so that later processes find it ready.
    """
    looks = [_compiler, _cache, _sample, _plugins] + ([_backtest] if warm else [])
    findings = [*_versions(), *(_look(look) for look in looks)]
    if wants_json:
        as_json([finding._asdict() for finding in findings])
    else:
        table((f.name, "ok" if f.ok else "FAILED", f.found) for f in findings)
    if not all(finding.ok for finding in findings):
        raise SystemExit(CHECK_FAILED)


def _look(look: Callable[[], str]) -> Finding:
    """Return what a look found; whatever it raises is its finding."""
    name = look.__name__.lstrip("_")
    try:
        return Finding(name, ok=True, found=look())
    except Exception as error:  # noqa: BLE001  (a doctor reports every illness)
        return Finding(name, ok=False, found=f"{type(error).__name__}: {error}")


def _versions() -> list[Finding]:
    found = [Finding("lts", ok=True, found=__version__), Finding("python", ok=True, found=platform.python_version())]
    for package in PACKAGES:
        try:
            found.append(Finding(package, ok=True, found=version(package)))
        except PackageNotFoundError:
            found.append(Finding(package, ok=False, found="is not installed"))
    return found


def _compiler() -> str:
    import numba

    compiled = numba.njit(lambda x: x + 1)
    if compiled(1) != 2:
        raise ArithmeticError("a compiled 1 + 1 was not 2")
    return (
        "interprets (NUMBA_DISABLE_JIT)" if not hasattr(compiled, "signatures") else f"compiles, {numba.get_num_threads()} threads"
    )


def _cache() -> str:
    from lts.sim.loop import cache_folder

    folder = Path(cache_folder())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        return f"{folder} can be written"


def _sample() -> str:
    from lts.data.samples import eurusd_h1

    return repr(eurusd_h1())


def _plugins() -> str:
    from lts.plugins import KINDS, known, load

    return ", ".join(f"{load(kind, name).__name__} ({name})" for kind in KINDS for name in known(kind))


def _backtest() -> str:
    """Run each shape of the market once: what it compiles stays on disk."""
    from lts.data.synthetic import synthetic_bars
    from lts.research.ledger import paused
    from lts.research.run import run
    from lts.strategies import SmaCross

    bars = synthetic_bars("EUR_USD", "H1", n=2_000, seed=1)
    with paused():
        result = run(SmaCross(), bars)
    return f"{result.stats['trades']:.0f} trades on {len(bars):,} generated bars"
