"""The verbs of `lts backtest`, and `lts report`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

backtests = typer.Typer(help="Run backtests and look at what they left.", no_args_is_help=True)

ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}
SHOWN = ("strategy", "data", "sample", "instrument", "timeframe", "load_config", "out", "report", "fail_under")


def _ids(incomplete: str) -> list[str]:
    """Return the ids that a word may become, for the shell's completion."""
    from lts.errors import LtsError
    from lts.research.kept import LAST, results

    try:
        return [name for name in (LAST, *results().ids()) if name.startswith(incomplete)]
    except LtsError:
        return []


def _strategies(incomplete: str) -> list[str]:
    from lts.errors import LtsError
    from lts.plugins import known

    try:
        return [name for name in known("strategies") if name.startswith(incomplete)]
    except LtsError:
        return []


Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Which = Annotated[str, typer.Argument(metavar="ID|last", help="Id, its beginning, or last; a folder.", autocompletion=_ids)]


@backtests.command(
    "run",
    context_settings=ANYTHING,
    epilog="Examples: lts backtest run --sample eurusd_h1 --strategy sma_cross --fast 20; lts backtest run --data hours.csv "
    "--instrument EUR_USD --timeframe H1 --side mid --spread 1 --tz UTC",
)
def backtest_run(
    context: typer.Context,
    strategy: Annotated[str | None, typer.Option(help="Plug-in, or module:Class.", autocompletion=_strategies)] = None,
    data: Annotated[str | None, typer.Option(metavar="FILE", help="Bars: CSV, parquet or Arrow.")] = None,
    sample: Annotated[str | None, typer.Option(help="eurusd_h1 or ecb, in place of --data.")] = None,
    catalog: Annotated[bool, typer.Option("--catalog", help="Bars that `lts data list` shows, in place of --data.")] = False,
    instrument: Annotated[str | None, typer.Option(help="As EUR_USD.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="Time frame of the file, M1 ... D1.")] = None,
    load_config: Annotated[str | None, typer.Option("--load_config", metavar="FILE", help="JSON or TOML.")] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Keep the result there, not among the results.")] = None,
    report: Annotated[str | None, typer.Option(metavar="FILE", help="Write the report there too.")] = None,
    fail_under: Annotated[str | None, typer.Option(metavar="sharpe=0.5,...", help="Leave with 7 below these.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Keep the tables as CSV too.")] = False,
    json: Json = False,
) -> None:
    """Run one backtest and keep its result: [OPTIONS] [--any_parameter value] ...

    Parameters are those of the strategy (--fast 20) and of the market: with --data, --sample or --catalog the names of lts.Costs,
    lts.Account and lts.run (--commission_per_lot 7), otherwise those of the configured broker. `lts config show` with the
    same words lists them all, `lts plugins` the strategies.
    """
    from lts.cli.backtest import backtest

    given = (strategy, data, sample, instrument, timeframe, load_config, out, report, fail_under)
    words = [f"--{name}={value}" for name, value in zip(SHOWN, given, strict=True) if value is not None]
    flags = [name for name, wanted in (("--catalog", catalog), ("--csv", csv), ("--json", json)) if wanted]
    backtest([*context.args, *words, *flags])


@backtests.command("list", epilog="Example: lts backtest list --limit 5")
def backtest_list(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    json: Json = False,
) -> None:
    """List the kept results, newest first."""
    from lts.cli.kept import list_results

    list_results(limit, wants_json=json)


@backtests.command("show", epilog="Example: lts backtest show last --csv trades")
def backtest_show(
    which: Which,
    csv: Annotated[str | None, typer.Option(metavar="TABLE", help="Write trades, fills, orders or equity as CSV.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Write the path of its report too.")] = False,
    json: Json = False,
) -> None:
    """Show a kept result."""
    from lts.cli.kept import show

    show(which, csv, wants_json=json, wants_report=report)


@backtests.command("compare", epilog="Example: lts backtest compare last 20240506-1300")
def backtest_compare(
    which: Annotated[list[str], typer.Argument(metavar="ID ID ...", help="Two or more results.", autocompletion=_ids)],
    json: Json = False,
) -> None:
    """Show results side by side, and what differs in what they were made of."""
    from lts.cli.kept import compare_results

    compare_results(which, wants_json=json)


@backtests.command("rerun", epilog="Example: lts backtest rerun last")
def backtest_rerun(which: Which, json: Json = False) -> None:
    """Run a result again: 0 if all numbers are equal to the byte, 4 if its data have changed, 7 if the numbers differ."""
    from lts.cli.kept import rerun_result

    rerun_result(which, wants_json=json)


def report_verb(
    which: Which,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there; else beside the result.")] = None,
    json: Json = False,
) -> None:
    """Write the report of a kept result and print its path."""
    from lts.cli.kept import report

    report(which, out, wants_json=json)
