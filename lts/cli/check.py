"""`lts check`: one strategy on its bars, looked at for what makes backtests lie."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from lts.cli.exits import CHECK_FAILED, UsageError
from lts.cli.pairs import named, read_pairs
from lts.cli.progress import working
from lts.cli.show import as_json, remarks, say
from lts.errors import ConfigError, InstrumentError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lts.research.check import CheckReport


def check(words: Sequence[str]) -> None:
    """Check the configured strategy at the configured broker, and leave with 7 where the check fails.

    Parameters
    ----------
    words : sequence of str
        Options as typed: `--seconds`, `--json`, `--load_config FILE`, and any parameter of the plug-ins.

    Raises
    ------
    UsageError, ConfigError, PluginError, BarsError
        As the exit codes tell.
    """
    from lts.config import resolve
    from lts.research.check import SECONDS

    pairs = named(read_pairs(words))
    wants_json = pairs.pop("json", "false") == "true"
    seconds = _seconds(pairs.pop("seconds", str(SECONDS)))
    config = resolve(pairs, os.environ)
    quiet = config.house["quiet_mode"].value
    for note in () if quiet else config.notes:
        say(note)
    with remarks(quiet=quiet):
        report = _run(config.make("strategy"), config.make("broker"), seconds, quiet=quiet)
    if wants_json:
        as_json(report.as_dict())
    else:
        print(report)
    if not report.passed:
        raise SystemExit(CHECK_FAILED)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise UsageError(f"Command line: --seconds was {text!r}; it must be a number above 0.")
    return seconds


def _run(strategy: object, broker: object, seconds: float, *, quiet: bool) -> CheckReport:
    """Check; what a plug-in's parameters make impossible is the configuration's fault."""
    from typing import Any, cast

    from lts.research.check import check as look

    market = cast("Any", broker)
    try:
        bars, costs, account = market.bars(), market.costs(), market.account()
        options = market.options() if hasattr(market, "options") else {}
        if not quiet:
            say(f"checking {strategy!r} on {bars!r}, up to {seconds:g} s for causality")
        with working("checking", quiet=quiet):
            return look(cast("Any", strategy), bars, seconds=seconds, costs=costs, account=account, **options)
    except (ParameterError, InstrumentError) as error:
        raise ConfigError(f"Configuration of {type(broker).__name__}: {error}") from error
