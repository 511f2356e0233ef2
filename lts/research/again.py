"""Results run again: the same bars, strategies and settings, and the proof that the same numbers come out."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import LtsError, ResultError
from lts.research.code import code_digest
from lts.research.kept import folder_of
from lts.research.loaded import TABLES, read_about, read_table
from lts.research.recipe import outcome, versions
from lts.research.restore import KeptBars, options_of, rates_of, sources_of, strategy_of
from lts.research.run import execute
from lts.research.setup import prepare
from lts.research.stats.evidence import STUDY

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from lts.research.result import Result
    from lts.strategies.base import Strategy


@dataclass(frozen=True)
class Rerun:
    """A result that was made again.

    Attributes
    ----------
    folder : Path
        Where the first one is kept.
    result : Result
        The second one, complete.
    equal : bool
        Equity at every close and every fill, trade and order are the same, to the byte.
    differences : tuple of str
        What differs in the numbers; empty if `equal`.
    changes : tuple of str
        What has changed since, in code and versions, whether it matters or not.
    """

    folder: Path
    result: Result
    equal: bool
    differences: tuple[str, ...]
    changes: tuple[str, ...]

    def __str__(self) -> str:
        counts = outcome(self.result)["counts"]
        size = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        said = f"equal to the byte: {size}" if self.equal else "the numbers differ:"
        return "\n".join([f"{self.folder.name}: {said}", *(f"  {text}" for text in (*self.differences, *self.changes))])


def rerun(which: str | Path) -> Rerun:
    """Run a saved result again and compare every number.

    Parameters
    ----------
    which : str or Path
        The folder of a result, an id, the beginning of one, or "last".

    Raises
    ------
    BarsError
        The data are gone or have changed; says what changed. Nothing was run.
    PluginError
        A strategy's class is gone, or was never importable.
    ParameterError, ResultError
        There is no such result, or it is damaged.
    """
    folder = folder_of(which)
    about = read_about(folder)
    recipe = about["recipe"]
    try:
        bars = KeptBars(folder)
        data = [bars.open(entry) for entry in recipe["data"]]
        detail = {name: bars.open(entry) for name, entry in recipe["detail"].items()}
        sources = sources_of(recipe["rates"], bars)
        bars.refuse_changed()  # before anything is made of them: all that has changed is said at once
        rates = rates_of(recipe["rates"], sources)
        strategies = [strategy_of(entry) for entry in recipe["strategies"]]
        factors = [entry["factor"] for entry in recipe["strategies"]]
        stated, before, changes = recipe["costs_stated"], _outcome_of(recipe), tuple(_changes(recipe, strategies))
        setup = prepare(data, options_of(recipe), rates, detail)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, LtsError):
            raise
        raise ResultError(
            f"rerun {folder.name!r}: its recipe is damaged ({type(error).__name__}: {error}). Save it again."
        ) from error
    again = {"rates": rates, "detail": detail or None}
    result = execute(setup, strategies, factors, again, stated_costs=stated, jit=True)
    result.study = _study(about) or result.study
    differences = _differences(folder, before, result)
    return Rerun(folder, result, not differences, tuple(differences), changes)


def _study(about: dict[str, Any]) -> dict[str, float | str]:
    """Return what was told about the search at that time, for a report made later to say the same; empty where nothing was."""
    told = {name: about["stats"][name] for name in STUDY if name in about["stats"]}
    if len(told) < len(STUDY):
        return {}
    return {name: str(about["reasons"].get(name, "was not told")) if value is None else value for name, value in told.items()}


def _outcome_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return the outcome that a recipe states, all of it; KeyError where some is missing."""
    stated = recipe["outcome"]
    counts = {name: stated["counts"][name] for name in ("closes", *TABLES)}
    return {name: stated[name] for name in ("equity", *TABLES, "final_balance")} | {"counts": counts}


def _changes(recipe: dict[str, Any], strategies: list[Strategy]) -> list[str]:
    """Return what has changed in code and versions since."""
    said, now = [], versions()
    before = recipe["versions"]
    said += [f"{name} was {old}, is {now.get(name)}" for name, old in before.items() if now.get(name) != old]
    same = platform.python_version_tuple()[:2] == tuple(before["python"].split(".")[:2])
    for entry, strategy in zip(recipe["strategies"], strategies, strict=True):
        digest = code_digest(type(strategy))
        if not same:
            said.append(f"code of {entry['class']}: cannot be compared, for it was compiled by another Python")
        elif digest != entry["code"]:
            said.append(f"code of {entry['class']}: has changed")
    return said


def _differences(folder: Path, before: dict[str, Any], result: Result) -> list[str]:
    """Return what differs in the numbers, with the first row of each table that does."""
    after = outcome(result)
    tables = [name for name in (*TABLES, "equity") if after[name] != before[name]]
    said = [_first_difference(folder, name, before["counts"], result) for name in tables]
    if after["final_balance"] != before["final_balance"]:
        said.append(f"final balance was {before['final_balance']}, is {after['final_balance']}")
    return said


def _first_difference(folder: Path, name: str, counts: dict[str, int], result: Result) -> str:
    try:
        old = read_table(folder, name)
    except ResultError:
        return f"{name}: differ; {name}.parquet is gone or damaged, so where cannot be said"
    new: pd.DataFrame = result.equity.to_frame() if name == "equity" else getattr(result, name)
    old = old[["equity"]] if name == "equity" else old
    was = counts["closes" if name == "equity" else name]
    said = [] if was == len(new) else [f"were {was:,}, are {len(new):,}"]
    rows = min(len(old), len(new))
    shared = [column for column in new.columns if column in old.columns]
    differ = {c: _unlike(old[c].to_numpy()[:rows], new[c].to_numpy()[:rows]) for c in shared}
    first = min((int(np.argmax(d)) for d in differ.values() if d.any()), default=None)
    if first is not None:
        cells = [f"{c} was {old[c].iloc[first]}, is {new[c].iloc[first]}" for c, d in differ.items() if d[first]]
        said.append(f"the first that differs is row {first}: {', '.join(cells)}")
    return f"{name}: {'; '.join(said) or 'differ in what the table does not show'}"


def _unlike(old: Any, new: Any) -> Any:
    """Return where two columns differ; nan equals nan."""
    return (old != new) & ~((old != old) & (new != new))  # noqa: PLR0124  (nan is the one value unlike itself)
