"""`lts sweep`: a configured strategy over a grid of its parameters."""

from __future__ import annotations

import os
import sys
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.cli.backtest import ledger_off
from lts.cli.exits import INTERRUPTED, UsageError
from lts.cli.pairs import named, read_pairs
from lts.cli.pictures import drawable, unwritable
from lts.cli.show import as_json, remarks, say, table
from lts.errors import ConfigError, InstrumentError, ParameterError, near_miss

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lts.config import Config
    from lts.data.bars import Bars
    from lts.research.optimize import Optimization
    from lts.research.sweep import Sweep

COLUMNS = ("net_profit", "sharpe", "max_drawdown", "trades", "profit_factor")
MOST = 1_000_000  # values of one span
WEIGHED = 5_000  # sets whose evidence is shown: up to 4 s for a year


class Wanted(NamedTuple):
    """What is to be swept, and what is to be done with it."""

    grid: tuple[str, ...]
    objective: str
    top: int
    workers: str | None
    engine: str
    out: str | None
    heatmap: str | None
    csv: bool
    json: bool
    yes: bool


def sweep(words: Sequence[str], wanted: Wanted) -> None:
    """Sweep, and write the best sets.

    Raises
    ------
    UsageError, ConfigError, PluginError, BarsError, ResultError
        As the exit codes tell.
    """
    from lts.config import resolve
    from lts.research.ledger import paused

    config = resolve(named(read_pairs(words)), os.environ)
    quiet = config.house["quiet_mode"].value
    for note in () if quiet else config.notes:
        say(note)
    grid = grid_of(config, wanted.grid)
    if wanted.heatmap:
        drawable("--heatmap", wanted.heatmap, "map.png")
        _two(name for name, values in grid.items() if len(set(values)) > 1)
    with remarks(quiet=quiet), paused(ledger_off(config)):
        found = _run(config, grid, wanted, quiet=quiet)
    if wanted.out:
        folder = found.save(wanted.out)
        if not quiet:
            say(f"kept in {folder}")
    if wanted.heatmap:
        _draw(found, wanted.heatmap, wanted.objective)
    if not quiet:
        say(repr(found))
    _show(found, wanted)
    if not found.complete:
        raise SystemExit(INTERRUPTED)


def grid_of(config: Config, texts: Sequence[str]) -> dict[str, list[Any]]:
    """Return the grid: what --grid states, and the strategy's other parameters that were stated as single values.

    Raises
    ------
    UsageError
        No grid, a parameter twice, an unknown one, values that are none.
    """
    cls = config.plugins["strategy"]
    known = getattr(cls, "parameters", {})
    if not texts:
        raise UsageError(f"Command line: --grid was not stated; it must be, as --grid {next(iter(known), 'name')}=1:10:1.")
    grid: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not values:
            raise UsageError(
                f"Command line: --grid was {text!r}; it must be a parameter and its values, as fast=5:50:5 or slow=50,100."
            )
        if name not in known:
            raise UsageError(f"Command line: --grid names {name!r}; {cls.__name__} has {', '.join(known)}.{near_miss(name, known)}")
        if name in grid:
            raise UsageError(f"Command line: --grid states {name} twice; it must be stated once. Write its values with commas.")
        grid[name] = [value for part in values.split(",") for value in _values(name, part.strip(), known[name].type)]
    for name, setting in config.settings["strategy"].items():
        if setting.source == "plug-in default":
            continue
        if name in grid:
            raise UsageError(f"Command line: {name} was stated by --grid and by {setting.source}; it must be stated once.")
        grid[name] = [setting.value]
    return grid


def _values(name: str, text: str, kind: type) -> list[Any]:
    """Return the values of "5", "5:50:5" (both ends included) or "true"."""
    where = f"Command line: --grid {name}"
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise UsageError(f"{where}: was {text!r}; it must be true or false.")
        return [text.lower() == "true"]
    try:
        numbers = [Decimal(part) for part in text.split(":")]
    except InvalidOperation:
        numbers = []
    if len(numbers) not in {1, 2, 3} or not all(number.is_finite() for number in numbers):
        raise UsageError(f"{where}: was {text!r}; it must be a number, or a span first:last:step.")
    first, last, step = numbers[0], numbers[-1 if len(numbers) < 3 else 1], numbers[2] if len(numbers) == 3 else Decimal(1)
    if step <= 0 or last < first:
        raise UsageError(f"{where}: was {text!r}; first must not be above last, and the step must be above 0.")
    count = int((last - first) / step) + 1
    if count > MOST:
        raise UsageError(f"{where}: was {text!r}, which is {count:,} values; at most {MOST:,} can be stated. Take a wider step.")
    made = [first + k * step for k in range(count)]
    if kind is int and any(value != int(value) for value in made):
        raise UsageError(f"{where}: was {text!r}; its values must be whole numbers.")
    return [kind(value) for value in made]


def workers_of(text: str | None) -> Any:
    """Return what --workers says: a number, an address, or nothing."""
    return int(text) if text is not None and text.isdecimal() else text


def market_of(config: Config) -> tuple[Bars, dict[str, Any]]:
    """Return the configured bars, and costs, account and options as `run` takes them.

    Raises
    ------
    ConfigError
        What the configured broker refuses.
    """
    broker = config.make("broker")
    try:
        options = broker.options() if hasattr(broker, "options") else {}
        return broker.bars(), {"costs": broker.costs(), "account": broker.account(), **options}
    except (ParameterError, InstrumentError) as error:
        raise ConfigError(f"Configuration of {type(broker).__name__}: {error}") from error


def _run(config: Config, grid: Mapping[str, list[Any]], wanted: Wanted, *, quiet: bool) -> Sweep:
    from lts.research.sweep import sweep as run

    bars, market = market_of(config)
    cls = config.plugins["strategy"]
    if not quiet:
        say(f"{cls.__name__} over {', '.join(grid)} on {bars!r}")
    try:
        return run(
            cls, bars, grid, objective=wanted.objective, workers=workers_of(wanted.workers), engine=wanted.engine,
            progress=not quiet, confirm=wanted.yes, **market,
        )  # fmt: skip
    except ParameterError as error:
        raise UsageError(str(error).replace("pass confirm=True", "add --yes").replace("with confirm=True", "with --yes")) from error


def _draw(found: Sweep, path: str, objective: str) -> None:
    varied = [name for name in found.names if found.table[name].nunique() > 1]
    if len(varied) < 2 and not found.complete:
        say("no heatmap is drawn: the sets that are done do not vary two parameters")
        return
    first, second = _two(varied)
    try:
        found.heatmap(first, second, objective).savefig(path)
    except (OSError, ValueError) as error:
        raise unwritable("--heatmap", path, error, "map.png") from error


def _two(varied: Iterable[str]) -> tuple[str, str]:
    """Return the first two of the varied parameters, which a heatmap shows."""
    names = list(varied)
    if len(names) < 2:
        raise UsageError(f"Command line: --heatmap needs two varied parameters; {', '.join(names) or 'none'} was varied.")
    return names[0], names[1]


def _show(found: Sweep, wanted: Wanted) -> None:
    if wanted.csv:
        found.table.to_csv(sys.stdout, index_label="set")
        return
    best, many = found.best(n=wanted.top), len(found) > WEIGHED
    if wanted.json:
        rows = [{"set": label, **row} for label, row in best.to_dict(orient="index").items()]
        failed = int((found.table["error"] != "").sum())
        told = {"sets": found.sets, "run": len(found), "failed": failed, "objective": found.objective, "best": rows}
        as_json(told if many else {**told, "evidence": weighed(found)})
        return
    columns = dict.fromkeys([*found.names, found.objective, *COLUMNS])
    table(
        [("set", *columns), *((label, *row) for label, row in zip(best.index, best[list(columns)].to_numpy(object), strict=True))]
    )
    if many:
        say(f"the evidence of {len(found):,} sets takes a while: load_sweep(folder).evidence() in Python, after --out folder")
        return
    print(f"\n{found.evidence()}")


def weighed(found: Sweep | Optimization) -> dict[str, Any]:
    """Return the evidence of a sweep or a search as --json writes it."""
    return {name: value for name, value in found.evidence()._asdict().items() if name != "reasons"}
