"""Walks written: two tables as parquet and one JSON file.

walk.json has schema 1: `schema`, `class`, `code`, `objective`, `complete`, `notes`, `stats` (null: none), `efficiency`,
`rank_correlation`, `stability` by parameter, the market of the first test window (`lts.research.recipe.about_market`), `versions`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.recipe import about_class, about_market, versions
from lts.research.saved import keep

if TYPE_CHECKING:
    from pathlib import Path

    from lts.research.walk_forward.outcome import WalkForward

SCHEMA = 1
OWN = frozenset({"walk.json", "windows.parquet", "equity.parquet"})


def save(walk: WalkForward, folder: str | Path) -> Path:
    """Write a walk into a folder and return it; the folder appears complete or not at all.

    A walk that is there already is replaced; files in it that are none of a walk's stay.

    Raises
    ------
    ParameterError
        The path is a file, or a folder that holds something other than a walk.
    ResultError
        The folder cannot be written.
    """
    return keep(folder, lambda work: _fill(walk, work), OWN, ("walk", "walk.json"))


def _fill(walk: WalkForward, work: Path) -> None:
    walk.windows.to_parquet(work / "windows.parquet")
    walk.equity.to_frame().to_parquet(work / "equity.parquet")
    (work / "walk.json").write_text(json.dumps(about(walk), indent=1, allow_nan=False), encoding="utf-8")


def about(walk: WalkForward) -> dict[str, Any]:
    """Return what is told of a walk beside its tables, in plain JSON values."""
    first = walk.results[0]
    market = about_market(first.setup, first._again, stated=first._stated_costs)  # noqa: SLF001  (the two rooms are one house)
    told = {**about_class(walk.cls), "objective": walk.objective, "complete": walk.complete, "notes": list(walk.notes)}
    return {"schema": SCHEMA, **told, **measured(walk), "market": market, "versions": versions()}


def measured(walk: WalkForward) -> dict[str, Any]:
    """Return the numbers of a walk; those that are none are null."""
    numbers = {"efficiency": walk.efficiency, "rank_correlation": walk.rank_correlation}
    return {
        "stats": _finite(walk.stats.to_dict()),
        **_finite(numbers),
        "stability": {str(name): _finite(row) for name, row in walk.stability.to_dict(orient="index").items()},
    }


def _finite(numbers: dict[Any, Any]) -> dict[str, float | None]:
    return {str(name): float(value) if np.isfinite(value) else None for name, value in numbers.items()}
