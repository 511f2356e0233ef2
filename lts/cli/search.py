"""`lts optimize` and `lts walkforward`: searches that choose their own sets, or choose again and again."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.cli.backtest import ledger_off
from lts.cli.exits import INTERRUPTED, UsageError
from lts.cli.pairs import named, read_pairs
from lts.cli.pictures import drawable, unwritable
from lts.cli.show import as_json, remarks, say, table
from lts.cli.sweep import COLUMNS, grid_of, market_of, weighed, workers_of
from lts.errors import ParameterError, near_miss

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure

    from lts.config import Config
    from lts.research.optimize import Optimization
    from lts.research.walk_forward import WalkForward


class Search(NamedTuple):
    """What `lts optimize` was asked for."""

    ranges: tuple[str, ...]
    n: int
    objective: str
    seed: int
    storage: str | None
    study: str | None
    top: int
    workers: str | None
    engine: str
    plot: str | None
    csv: bool
    json: bool


class Walk(NamedTuple):
    """What `lts walkforward` was asked for."""

    grid: tuple[str, ...]
    train: str
    test: str
    purge: str
    embargo: str
    objective: str
    workers: str | None
    engine: str
    out: str | None
    plot: str | None
    anchored: bool
    json: bool


def optimize(words: Sequence[str], wanted: Search) -> None:
    """Search, and write the best sets and their evidence.

    Raises
    ------
    UsageError, ConfigError, PluginError, BarsError
        As the exit codes tell.
    """
    from lts.research.ledger import paused

    config, quiet = _configured(words)
    drawable("--plot", wanted.plot, "walk.png")
    with paused(ledger_off(config)):
        found = _search(config, wanted, quiet=quiet)
        _draw(found.plot, wanted.plot)
        if not quiet:
            say(repr(found))
        if wanted.csv:
            found.table.to_csv(sys.stdout, index_label="set")
        else:
            _show(found, wanted)
    if not found.complete:
        raise SystemExit(INTERRUPTED)


def _search(config: Config, wanted: Search, *, quiet: bool) -> Optimization:
    from lts.research.optimize import optimize as run

    cls, (bars, market) = config.plugins["strategy"], market_of(config)
    ranges = ranges_of(config, wanted.ranges)
    if not quiet:
        say(f"{cls.__name__} over {', '.join(ranges)}: {wanted.n:,} sets on {bars!r}")

    def search() -> Optimization:
        return run(
            cls, bars, ranges, objective=wanted.objective, n=wanted.n, seed=wanted.seed, storage=wanted.storage, study=wanted.study,
            workers=workers_of(wanted.workers), engine=wanted.engine, progress=not quiet, **market,
        )  # fmt: skip

    found: Optimization = _asked(search, quiet=quiet)
    return found


def _show(found: Optimization, wanted: Search) -> None:
    best = found.best(n=wanted.top)
    if wanted.json:
        rows = [{"set": label, **row} for label, row in best.to_dict(orient="index").items()]
        as_json({"run": len(found), "objective": found.objective, "best": rows, "evidence": weighed(found)})
        return
    columns = list(dict.fromkeys([*found.names, found.objective, *COLUMNS]))
    table([("set", *columns), *((label, *row) for label, row in zip(best.index, best[columns].to_numpy(object), strict=True))])
    print(f"\n{found.evidence()}")


def walkforward(words: Sequence[str], wanted: Walk) -> None:
    """Walk, and write the windows.

    Raises
    ------
    UsageError, ConfigError, PluginError, BarsError
        As the exit codes tell.
    """
    from lts.research.ledger import paused
    from lts.research.walk_forward.saved import measured

    config, quiet = _configured(words)
    drawable("--plot", wanted.plot, "walk.png")
    with paused(ledger_off(config)):
        found = _walk(config, wanted, quiet=quiet)
    if wanted.out:
        folder = _asked(lambda: found.save(wanted.out or ""), quiet=quiet)
        if not quiet:
            say(f"kept in {folder}")
    _draw(found.plot, wanted.plot)
    if wanted.json:
        windows = found.windows.to_dict(orient="records")
        as_json({"windows": windows, "complete": found.complete, "notes": found.notes, **measured(found)})
    else:
        print(found)
    if not found.complete:
        raise SystemExit(INTERRUPTED)


def _walk(config: Config, wanted: Walk, *, quiet: bool) -> WalkForward:
    from lts.research.walk_forward import walk_forward as run

    cls, (bars, market) = config.plugins["strategy"], market_of(config)
    grid = grid_of(config, wanted.grid)
    for name, usual in (("trade_from", None), ("close_at_end", True)):
        if market.pop(name, usual) != usual:
            raise UsageError(
                f"Command line: {name} was stated; the windows of a walk say when trading begins and ends. Leave it out."
            )
    spans: dict[str, Any] = {name: _span(getattr(wanted, name)) for name in ("train", "test", "purge", "embargo")}
    if not quiet:
        say(f"{cls.__name__} over {', '.join(grid)} on {bars!r}: {wanted.train} to choose, {wanted.test} to trade")

    def walk() -> WalkForward:
        return run(
            cls, bars, grid, **spans, anchored=wanted.anchored, objective=wanted.objective, workers=workers_of(wanted.workers),
            engine=wanted.engine, progress=not quiet, **market,
        )  # fmt: skip

    found: WalkForward = _asked(walk, quiet=quiet)
    return found


def ranges_of(config: Config, texts: Sequence[str]) -> dict[str, Any]:
    """Return the ranges: what --range states, and the strategy's other parameters that were stated as single values.

    Raises
    ------
    UsageError
        No range, a parameter twice, an unknown one, values that are none.
    """
    cls = config.plugins["strategy"]
    known = getattr(cls, "parameters", {})
    if not texts:
        raise UsageError(f"Command line: --range was not stated; it must be, as --range {next(iter(known), 'name')}=1:10.")
    ranges: dict[str, Any] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not values:
            raise UsageError(f"Command line: --range was {text!r}; it must be a parameter and its range, as fast=5:50.")
        if name not in known:
            raise UsageError(
                f"Command line: --range names {name!r}; {cls.__name__} has {', '.join(known)}.{near_miss(name, known)}"
            )
        if name in ranges:
            raise UsageError(f"Command line: --range states {name} twice; it must be stated once.")
        ranges[name] = _range(text, values, known[name].type)
    for name, setting in config.settings["strategy"].items():
        if setting.source == "plug-in default":
            continue
        if name in ranges:
            raise UsageError(f"Command line: {name} was stated by --range and by {setting.source}; it must be stated once.")
        ranges[name] = [setting.value]
    return ranges


def _range(text: str, values: str, kind: type) -> Any:
    if kind is bool:
        words = [word.strip().lower() for word in values.split(",")]
        if not set(words) <= {"true", "false"}:
            raise UsageError(f"Command line: --range was {text!r}; its values must be true and false, as hedged=true,false.")
        return [word == "true" for word in words]
    try:
        if values.count(":") > 2:
            raise ValueError(values)  # noqa: TRY301  (said below)
        if ":" in values:
            return tuple(_number(word, kind) for word in values.split(":"))
        return [_number(word, kind) for word in values.split(",")]
    except ValueError as error:
        raise UsageError(f"Command line: --range was {text!r}; it must hold numbers, as fast=5:50:5 or slow=50,100.") from error


def _number(text: str, kind: type) -> Any:
    return int(text) if kind is int else float(text)


def _span(text: str) -> str | int:
    return int(text) if text.isdecimal() else text


def _configured(words: Sequence[str]) -> tuple[Config, bool]:
    from lts.config import resolve

    config = resolve(named(read_pairs(words)), os.environ)
    quiet = bool(config.house["quiet_mode"].value)
    for note in () if quiet else config.notes:
        say(note)
    return config, quiet


def _asked(work: Callable[[], Any], *, quiet: bool) -> Any:
    try:
        with remarks(quiet=quiet):
            return work()
    except ParameterError as error:
        raise UsageError(str(error)) from error


def _draw(picture: Callable[[], Figure], path: str | None) -> None:
    if path is None:
        return
    try:
        picture().savefig(path)
    except (OSError, ValueError) as error:
        raise unwritable("--plot", path, error, "walk.png") from error
