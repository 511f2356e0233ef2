"""A recipe turned back into bars, strategies and settings; data that have changed are refused with what changed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lts.data.origin import reopen
from lts.errors import BarsError, LtsError, ParameterError, PluginError
from lts.research.loaded import kept_bars
from lts.research.recipe import blocks, columns, iso, stamp_of
from lts.research.setup import Options
from lts.sim.costs import AnnualSwap, Costs, PointsSwap
from lts.sim.dated import Dated
from lts.sim.rates import RatesSettings
from lts.strategies.base import Strategy
from lts.words import Account

if TYPE_CHECKING:
    from pathlib import Path

    from lts.data.bars import Bars


class KeptBars:
    """Bars by what a recipe says about them; collects what has changed, so that all of it is said at once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.changed, self._known = folder, list[str](), dict[str, Any]()

    def open(self, entry: dict[str, Any]) -> Any:
        """Return the bars, or None where they are gone or others."""
        known = entry["fingerprint"]
        if known not in self._known:
            self._known[known] = self._reopened(entry)
        return self._known[known]

    def _reopened(self, entry: dict[str, Any]) -> Bars | None:
        where = f"{entry['instrument']} {entry['timeframe']} ({_place(entry['origin'])})"
        try:
            bars = kept_bars(self.folder, entry) if entry["origin"] is None else reopen(entry["origin"])
        except (LtsError, OSError, ValueError) as error:
            self.changed.append(f"{where}: cannot be had again: {error}")
            return None
        found = changes_of(entry, bars)
        if found:
            self.changed.append(f"{where}: {'; '.join(found)}")
        return bars

    def refuse_changed(self) -> None:
        """Raise where any bars are others than they were."""
        if self.changed:
            listed = "\n  ".join(self.changed)
            raise BarsError(
                f"rerun {self.folder.name!r}: was refused, for its data have changed; they must be those of the first run.\n"
                f"  {listed}\nBring the data back, or run anew on what there is."
            )


def changes_of(entry: dict[str, Any], bars: Bars) -> list[str]:
    """Return what has changed between what a recipe says about bars and bars; empty where they are the same."""
    terms = {name: value for name, value in entry["terms"].items() if getattr(bars.instrument, name) != value}
    said = [f"the instrument's {name} was {value}, is {getattr(bars.instrument, name)}" for name, value in terms.items()]
    if bars.fingerprint == entry["fingerprint"]:
        return said
    ends = (bars.time[0], bars.time[-1]) if len(bars) else (None, None)
    now = {"bars": len(bars), "first": ends[0] and iso(int(ends[0])), "last": ends[1] and iso(int(ends[1]))}
    said += [f"{what} was {entry[what]}, is {value}" for what, value in now.items() if value != entry[what]]
    said += [f"timeframe was {entry['timeframe']}, is {bars.timeframe}"] if entry["timeframe"] != bars.timeframe else []
    digests = columns(bars)
    said.append(f"columns that differ: {', '.join(n for n, digest in entry['columns'].items() if digests.get(n) != digest)}")
    size, before = entry["blocks"]["size"], entry["blocks"]["digests"]
    after = blocks(bars, size)
    first = next((i for i, digest in enumerate(before) if i >= len(after) or after[i] != digest), len(before))
    if first < len(after):
        a, b = first * size, min((first + 1) * size, len(bars)) - 1
        said.append(f"the first difference lies between {iso(int(bars.time[a]))} and {iso(int(bars.time[b]))}")
    return said


def _place(origin: dict[str, Any] | None) -> str:
    if origin is None:
        return "kept beside the result"
    return " ".join(str(origin[key]) for key in ("kind", "source", "sample", "folder") if key in origin)


def strategy_of(entry: dict[str, Any]) -> Strategy:
    """Return a strategy of the class that a recipe names; PluginError where there is none."""
    module, _, name = entry["class"].partition(":")
    cure = "Put the class into a module that can be imported, run it from there, and save that."
    if module == "__main__" or "<locals>" in name:
        where = "a script or notebook" if module == "__main__" else "a function"
        raise PluginError(f"rerun: strategy {entry['class']!r} was made in {where}; it must be importable to run again. {cure}")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise PluginError(
            f"rerun: strategy {entry['class']!r} cannot be imported ({type(error).__name__}: {error}); "
            f"it must be where it was. {cure}"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Strategy)):
        raise PluginError(f"rerun: strategy {entry['class']!r} was {found!r}; it must be a Strategy. {cure}")
    try:
        return found(**entry["parameters"])
    except ParameterError as error:
        raise PluginError(f"rerun: strategy {entry['class']!r} refuses its parameters of that time: {error}") from error


def options_of(recipe: dict[str, Any]) -> Options:
    """Return the options of a run as a recipe states them."""
    costs = dict(recipe["costs"])
    swap = costs.pop("swap")
    model = None if swap is None else _swap(swap) if "kind" in swap else {name: _swap(one) for name, one in swap.items()}
    made = Costs(**{**costs, "nights": tuple(costs["nights"]), "swap": model})
    start = recipe["trade_from"]
    return Options(
        made, Account(**recipe["account"]), recipe["intrabar"], recipe["stale_open"], recipe["close_at_end"],
        None if start is None else stamp_of(start),
    )  # fmt: skip


def _swap(stated: dict[str, Any]) -> AnnualSwap | PointsSwap:
    given = {name: _dated(value) for name, value in stated.items() if name != "kind"}
    models: dict[str, type[AnnualSwap | PointsSwap]] = {"AnnualSwap": AnnualSwap, "PointsSwap": PointsSwap}
    return models[stated["kind"]](**given)


def _dated(value: Any) -> Any:
    return Dated(tuple(value["times"]), tuple(value["values"])) if isinstance(value, dict) else value


def sources_of(stated: dict[str, Any] | None, bars: KeptBars) -> dict[str, Any]:
    """Return the sources of conversion rates that a recipe states: numbers, and bars, None where they are gone."""
    sources = {} if stated is None else stated["sources"]
    return {name: bars.open(source) if isinstance(source, dict) else source for name, source in sources.items()}


def rates_of(stated: dict[str, Any] | None, sources: dict[str, Any]) -> RatesSettings | None:
    """Return the conversion rates that a recipe states, of sources that have been opened."""
    return None if stated is None else RatesSettings(sources, stated["mode"], stated["markup"], stated["max_age"])
