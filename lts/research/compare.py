"""Results side by side: their statistics, and what differs in what they were made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError
from lts.research.kept import folder_of
from lts.research.loaded import read_about

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

UNSHOWN = ("outcome", "command", "columns", "blocks", "notes", "terms")  # digests and words that follow from the rest


@dataclass(frozen=True)
class Comparison:
    """Several results side by side.

    Attributes
    ----------
    stats : pandas.DataFrame
        A row a statistic, a column a result; nan where a result has none.
    recipes : pandas.DataFrame
        A row a setting that is not the same in all of them, a column a result.
    """

    stats: pd.DataFrame
    recipes: pd.DataFrame

    def __str__(self) -> str:
        differ = self.recipes.to_string() if len(self.recipes) else "nothing"
        return f"{self.stats.to_string()}\n\nwhat differs in the recipes:\n{differ}"


def compare(*which: str | Path) -> Comparison:
    """Return results side by side.

    Parameters
    ----------
    which : str or Path, two or more
        Folders, ids, beginnings of ids, or "last".

    Raises
    ------
    ParameterError, ResultError
        Fewer than two different results, one that is not there, or one that is damaged.
    """
    import pandas as pd

    folders = dict.fromkeys(folder_of(one) for one in which)
    if len(folders) < 2:
        raise ParameterError(f"compare: was given {len(folders)} results; it must be two or more different ones.")
    names = _names(list(folders))
    found = {name: read_about(folder) for name, folder in zip(names, folders, strict=True)}
    stats = pd.DataFrame({name: pd.Series(about["stats"], dtype=float) for name, about in found.items()})
    order = dict.fromkeys(key for about in found.values() for key in about["stats"])
    flat = {name: dict(_flat(about["recipe"])) for name, about in found.items()}
    keys = dict.fromkeys(key for recipe in flat.values() for key in recipe)
    rows = {key: [recipe.get(key) for recipe in flat.values()] for key in keys}
    differ = {key: values for key, values in rows.items() if any(value != values[0] for value in values)}
    recipes = pd.DataFrame.from_dict(differ, orient="index", columns=names, dtype=object)
    return Comparison(stats.reindex(list(order)), recipes)


def _names(folders: list[Path]) -> list[str]:
    """Return the folders' names, or their paths where two have the same name."""
    short = [folder.name for folder in folders]
    return short if len(set(short)) == len(short) else [str(folder) for folder in folders]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of everything in a recipe that a person compares."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield path, value[:12] if path.endswith(("fingerprint", "code")) and isinstance(value, str) else value
        return
    for key, one in inner:
        if key not in UNSHOWN:
            yield from _flat(one, f"{path}.{key}" if path else str(key))
