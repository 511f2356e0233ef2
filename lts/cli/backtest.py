"""`lts backtest run`, and the seed's `lts --load_config FILE --any_parameter value`: one backtest from a configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lts.cli.pairs import read_pairs
from lts.cli.show import as_json, say, table
from lts.errors import ConfigError, InstrumentError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lts.research.result import Result

HEAD = (
    "initial_balance", "final_balance", "net_profit", "total_return", "cagr", "max_drawdown", "sharpe", "trades", "win_rate",
    "profit_factor", "spread_cost", "slippage_cost", "commission", "swap", "margin_closeouts",
)  # fmt: skip


def backtest(words: Sequence[str]) -> None:
    """Run the configured strategy at the configured broker and write the summary.

    Parameters
    ----------
    words : sequence of str
        Options as typed: `--load_config FILE`, `--json`, `--out DIR` (saves the result), and any parameter of the plug-ins.

    Raises
    ------
    UsageError, ConfigError, PluginError, BarsError
        As the exit codes tell.
    """
    from lts.config import resolve

    pairs = read_pairs(words)
    wants_json, out = pairs.pop("json", "false") == "true", pairs.pop("out", "")
    config = resolve(pairs, os.environ)
    quiet = config.house["quiet_mode"].value
    for note in () if quiet else config.notes:
        say(note)
    result = _run(config.make("strategy"), config.make("broker"), quiet=quiet)
    if out:
        result.save(out)
    _show(result, wants_json=wants_json)


def _run(strategy: Any, broker: Any, *, quiet: bool) -> Result:
    """Backtest; what a plug-in's parameters make impossible is the configuration's fault."""
    from lts.research.run import run

    try:
        bars, costs, account = broker.bars(), broker.costs(), broker.account()
        if not quiet:
            say(f"{strategy!r} on {bars!r}")
        return run(strategy, bars, costs=costs, account=account)
    except (ParameterError, InstrumentError) as error:
        raise ConfigError(f"Configuration of {type(broker).__name__}: {error}") from error


def _show(result: Result, *, wants_json: bool) -> None:
    stats = {str(name): value for name, value in result.stats.items()}
    if wants_json:
        as_json(stats)
    else:
        table((name, stats[name]) for name in HEAD if name in stats)
