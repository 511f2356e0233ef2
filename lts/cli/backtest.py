"""`lts backtest run`, and the seed's `lts --load_config FILE --any_parameter value`: one backtest from a configuration."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.cli.exits import CHECK_FAILED, UsageError
from lts.cli.pairs import named, read_pairs
from lts.cli.progress import working
from lts.cli.show import as_json, remarks, say, table
from lts.errors import ConfigError, InstrumentError, LtsError, ParameterError, near_miss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lts.config import Config
    from lts.research.result import Result

HEAD = (
    "initial_balance", "final_balance", "net_profit", "total_return", "cagr", "max_drawdown", "sharpe", "trades", "win_rate",
    "profit_factor", "spread_cost", "slippage_cost", "commission", "swap", "margin_closeouts",
)  # fmt: skip


class Wanted(NamedTuple):
    """What is to be done with the result; all else on the command line is configuration."""

    json: bool = False
    csv: bool = False
    out: str = ""
    report: str = ""
    fail_under: str = ""


def backtest(words: Sequence[str]) -> None:
    """Run the configured strategy at the configured broker, keep the result and write its summary.

    Parameters
    ----------
    words : sequence of str
        Options as typed: those of `Wanted`, `--load_config FILE`, and any parameter of the plug-ins; see `lts.cli.pairs.named`.

    Raises
    ------
    UsageError, ConfigError, PluginError, BarsError, ResultError
        As the exit codes tell.
    """
    from lts.config import resolve
    from lts.research.ledger import paused

    pairs = named(read_pairs(words))
    wanted = _wanted(pairs)
    limits = _limits(wanted.fail_under)
    config = resolve(pairs, os.environ)
    quiet = config.house["quiet_mode"].value
    for note in () if quiet else config.notes:
        say(note)
    strategy, broker = config.make("strategy"), config.make("broker")
    _check_names(limits)  # with the strategy's module loaded: it may register statistics
    with remarks(quiet=quiet), paused(ledger_off(config)):
        result = _run(strategy, broker, quiet=quiet)
        result.study  # noqa: B018  (what the ledger knows of it, and what is wrong with the ledger)
    try:
        folder = _kept(result, wanted, ["lts", "backtest", "run", *_masked(words)])
    except LtsError:
        _show(result, "", wants_json=wanted.json)  # the numbers are there, only the folder is not
        raise
    for text in () if quiet else (*result.notes, f"kept in {folder}"):
        say(text)
    _show(result, folder.name, wants_json=wanted.json)
    if wanted.report:
        _write_report(result, folder, wanted.report)
    _judge(limits, result)


def ledger_off(config: Config) -> str:
    """Return why nothing is counted; empty where it is."""
    ledger = config.house["ledger"]
    return "" if ledger.value else f"the trial ledger is off (ledger, {ledger.source})"


def _wanted(pairs: dict[str, str]) -> Wanted:
    """Take what concerns the result out of the pairs."""
    found: dict[str, Any] = {name: pairs.pop(name) for name in Wanted._fields if name in pairs}
    for name in ("json", "csv"):
        if found.setdefault(name, "false") not in ("true", "false"):
            raise UsageError(f"Command line: --{name} was {found[name]!r}; it takes no value.")
        found[name] = found[name] == "true"
    for name in ("out", "report", "fail_under"):
        if found.get(name) == "true":
            raise UsageError(f"Command line: --{name.replace('_', '-')} has no value; it must have one.")
    return Wanted(**found)


def _limits(text: str) -> dict[str, float]:
    """Return the least values of statistics, from "sharpe=0.5,trades=30"."""
    limits: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, value = (word.strip() for word in part.partition("="))
        try:
            least = float(value)
        except ValueError:
            least = math.nan
        if not math.isfinite(least):
            raise UsageError(f"Command line: --fail-under was {part!r}; it must be a statistic and a number, as sharpe=0.5.")
        if name in limits:
            raise UsageError(f"Command line: --fail-under states {name} twice; it must be stated once. Delete one of the two.")
        limits[name] = least
    return limits


def _check_names(limits: Mapping[str, float]) -> None:
    from lts.research.explain import DEFINITIONS

    for name in limits:
        if name not in DEFINITIONS:
            hint = near_miss(name, DEFINITIONS)
            raise UsageError(f"Command line: --fail-under names {name!r}; it must name a statistic, see `lts stats list`.{hint}")


def _judge(limits: Mapping[str, float], result: Result) -> None:
    """Leave with 7 where a statistic is below its limit, or is nan."""
    below = [name for name, least in limits.items() if not result.stats[name] >= least]
    for name in below:
        why = f" ({result.reasons.get(name, 'not defined')})" if math.isnan(result.stats[name]) else ""
        say(f"{name} was {result.stats[name]:.6g}{why}; it must be at least {limits[name]:g}")
    if below:
        raise SystemExit(CHECK_FAILED)


def _run(strategy: Any, broker: Any, *, quiet: bool) -> Result:
    """Backtest; what a plug-in's parameters make impossible is the configuration's fault."""
    from lts.research.run import run

    try:
        bars, costs, account = broker.bars(), broker.costs(), broker.account()
        options = broker.options() if hasattr(broker, "options") else {}
        if not quiet:
            say(f"{strategy!r} on {bars!r}")
        with working("running", quiet=quiet):
            return run(strategy, bars, costs=costs, account=account, **options)
    except (ParameterError, InstrumentError) as error:
        raise ConfigError(f"Configuration of {type(broker).__name__}: {error}") from error


def _kept(result: Result, wanted: Wanted, command: Sequence[str]) -> Path:
    """Write the result where it is wanted: into the folder of results, or into --out."""
    from lts.research.kept import keep
    from lts.research.saved import save

    formats = ("parquet", "csv") if wanted.csv else ("parquet",)
    if wanted.out:
        return save(result, wanted.out, formats=formats, report=False, command=command)
    return keep(result, formats=formats, command=command)


def _write_report(result: Result, folder: Path, path: str) -> None:
    """Write the same page that `lts report` would."""
    from lts.research.report import report
    from lts.research.saved import readable_recipe

    report(result, path, recipe=readable_recipe(folder))


def _masked(words: Sequence[str]) -> list[str]:
    """Return the words with the values of secrets masked; the seed's own keys name some."""
    from lts.config.values import MASK, SECRET

    shown: list[str] = []
    hide = False
    for word in words:
        name, equals, _ = word.partition("=")
        option = word.startswith("--")
        if hide and not option:
            shown.append(MASK)
        else:
            shown.append(f"{name}={MASK}" if option and equals and SECRET.search(name) else word)
        hide = option and not equals and bool(SECRET.search(name))
    return shown


def _show(result: Result, name: str, *, wants_json: bool) -> None:
    from lts.research.headline import headline_of

    stats = {str(key): value for key, value in result.stats.items()}
    if wants_json:
        as_json({"id": name or None, **stats, "reasons": result.reasons, "notes": result.notes})
    else:
        told = headline_of(stats, result.reasons).lines()
        table([*([("id", name)] if name else []), *told, *((key, stats[key]) for key in HEAD if key in stats)])
