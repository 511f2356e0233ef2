"""Sweeps written: the table as parquet and one JSON file, no pickle; read back, a sweep's sets can run again.

sweep.json has schema 1: `schema`, `names`, `objective`, `sets` (of the grid), and `recipe`: `class`, `code`, the market
(`lts.research.recipe.about_market`), `versions`. Under `bars/` lie the bars without an origin, by fingerprint.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts.errors import LtsError, ParameterError, PluginError, ResultError
from lts.research.recipe import about_class, about_market, versions
from lts.research.restore import KeptBars, options_of, rates_of, sources_of
from lts.research.saved import keep, keep_from_memory
from lts.research.sweep.table import Sweep
from lts.strategies.base import Strategy

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
OWN = frozenset({"sweep.json", "table.parquet", "bars"})


def save(sweep: Sweep, folder: str | Path) -> Path:
    """Write a sweep into a folder and return it; the folder appears complete or not at all.

    A sweep that is there already is replaced; files in it that are none of a sweep's stay.

    Raises
    ------
    ParameterError
        The path is a file, or a folder that holds something other than a sweep.
    ResultError
        The folder cannot be written.
    """
    return keep(folder, lambda work: _fill(sweep, work), OWN, ("sweep", "sweep.json"))


def _fill(sweep: Sweep, work: Path) -> None:
    bench = sweep.bench
    recipe = {**about_class(sweep.cls), **about_market(bench.setup, bench.again, stated=bench.stated), "versions": versions()}
    about = {"schema": SCHEMA, "names": list(sweep.names), "objective": sweep.objective, "sets": sweep.sets, "recipe": recipe}
    sweep.table.to_parquet(work / "table.parquet")
    keep_from_memory(bench.setup.bars, bench.again, work / "bars")
    (work / "sweep.json").write_text(json.dumps(about, indent=1, allow_nan=False), encoding="utf-8")


def load_sweep(folder: str | Path) -> Sweep:
    """Read a saved sweep. Its sets can run again where class and bars can still be had; only then are they looked for.

    Raises
    ------
    ParameterError
        There is none.
    ResultError
        It is damaged, or of another schema.
    """
    import pandas as pd

    path = Path(folder).expanduser()
    where = f"load_sweep {str(folder)!r}"
    try:
        about = json.loads((path / "sweep.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ParameterError(f"{where}: has no sweep.json; it must be a folder written by sweep.save(...).") from error
    except (OSError, ValueError) as error:
        raise ResultError(f"{where}: sweep.json is damaged ({error}); it must be whole. Save the sweep again.") from error
    schema = about.get("schema") if isinstance(about, dict) else None
    if schema != SCHEMA:
        newer = isinstance(schema, int) and schema > SCHEMA
        raise ResultError(
            f"{where}: has schema {schema!r}; this lts reads {SCHEMA}. {'Update lts.' if newer else 'Sweep again and save that.'}"
        )
    try:
        table: pd.DataFrame = pd.read_parquet(path / "table.parquet")
        wanted = [*about["names"], about["objective"], "path", "error"]
        missing = [name for name in wanted if name not in table.columns]
        return _Loaded(path, about, table) if not missing else _damaged(where, f"the table has no {missing[0]!r}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, LtsError):
            raise
        return _damaged(where, f"{type(error).__name__}: {error}")


def _damaged(where: str, why: str) -> Sweep:
    raise ResultError(f"{where}: is damaged ({why}); it must be whole. Save the sweep again.")


class _Loaded(Sweep):
    """A sweep that was read back: class and bars are looked for when a set is to run again."""

    def __init__(self, folder: Path, about: dict[str, Any], table: pd.DataFrame) -> None:
        super().__init__(
            None,
            table,
            names=tuple(about["names"]),
            objective=str(about["objective"]),
            sets=int(about["sets"]),
            bars=None,
            given={},
        )
        self._folder, self._recipe = folder, about["recipe"]
        self._name = str(self._recipe["class"]).rpartition(".")[2].rpartition(":")[2]

    def _restore(self) -> None:
        recipe = self._recipe
        try:
            kept = KeptBars(self._folder)
            data = [kept.open(entry) for entry in recipe["data"]]
            detail = {name: kept.open(entry) for name, entry in recipe["detail"].items()}
            sources = sources_of(recipe["rates"], kept)
            kept.refuse_changed()
            options, rates = options_of(recipe), rates_of(recipe["rates"], sources)
            cls = class_of(recipe["class"])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, LtsError):
                raise
            raise ResultError(
                f"load_sweep {self._folder.name!r}: its recipe is damaged ({type(error).__name__}: {error}). Save it again."
            ) from error
        self._cls, self._bars = cls, data[0]
        self._given = {
            "costs": options.costs if recipe["costs_stated"] else None, "account": options.account, "intrabar": options.intrabar,
            "detail": next(iter(detail.values()), None), "stale_open": options.stale_open, "close_at_end": options.close_at_end,
            "rates": rates, "trade_from": recipe["trade_from"],
        }  # fmt: skip


def class_of(name: str) -> type[Strategy]:
    """Return the strategy class that a recipe names.

    Raises
    ------
    PluginError
        There is none.
    """
    module, _, inner = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in inner.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise PluginError(
            f"sweep: strategy {name!r} cannot be imported ({type(error).__name__}: {error}); it must be where it was. Put the "
            "class into a module that can be imported."
        ) from error
    if not (isinstance(found, type) and issubclass(found, Strategy)):
        raise PluginError(f"sweep: strategy {name!r} was {found!r}; it must be a Strategy.")
    return found
