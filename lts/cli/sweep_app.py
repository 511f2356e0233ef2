"""The verb `lts sweep`."""

from __future__ import annotations

from typing import Annotated

import typer

from lts.cli.backtest_app import Json, _strategies

SHOWN = ("strategy", "data", "sample", "instrument", "timeframe", "load_config")
ENGINES = ("threads", "processes", "dask")


def _objectives(incomplete: str) -> list[str]:
    from lts.research.sweep.table import HEADLINE

    return [name for name in HEADLINE if name.startswith(incomplete)]


def _engines(incomplete: str) -> list[str]:
    return [name for name in ENGINES if name.startswith(incomplete)]


def sweep_verb(
    context: typer.Context,
    strategy: Annotated[str | None, typer.Option(help="Plug-in, or module:Class.", autocompletion=_strategies)] = None,
    grid: Annotated[list[str] | None, typer.Option(metavar="NAME=5:50:5|50,100", help="Values of a parameter; once each.")] = None,
    objective: Annotated[str, typer.Option(help="What is best by.", autocompletion=_objectives)] = "sharpe",
    top: Annotated[int, typer.Option(min=1, help="Show so many sets.")] = 10,
    data: Annotated[str | None, typer.Option(metavar="FILE", help="Bars: CSV, parquet or Arrow.")] = None,
    sample: Annotated[str | None, typer.Option(help="eurusd_h1 or ecb, in place of --data.")] = None,
    catalog: Annotated[bool, typer.Option("--catalog", help="Bars that `lts data list` shows, in place of --data.")] = False,
    instrument: Annotated[str | None, typer.Option(help="As EUR_USD.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="Time frame of the file, M1 ... D1.")] = None,
    load_config: Annotated[str | None, typer.Option("--load_config", metavar="FILE", help="JSON or TOML.")] = None,
    workers: Annotated[str | None, typer.Option(help="How many; with dask also a scheduler's address.")] = None,
    engine: Annotated[str, typer.Option(help="threads, processes or dask.", autocompletion=_engines)] = "threads",
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Keep the sweep there; lts.load_sweep reads it.")] = None,
    heatmap: Annotated[
        str | None, typer.Option(metavar="FILE", help="Draw the first two parameters there, as .png or .svg.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Write the whole table as CSV.")] = False,
    json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", help="Run also what may take more than half a day.")] = False,
) -> None:
    """Run a strategy with many sets of parameters and show the best: [OPTIONS] --grid fast=5:50:5 [--any_parameter value] ...

    A span first:last:step includes both ends. Other parameters are those of `lts backtest run`: of the strategy (--units 1000) and
    of the market (--commission_per_lot 7). The best of many sets is the best by luck as well: its evidence is shown.
    """
    from lts.cli.sweep import Wanted, sweep

    given = (strategy, data, sample, instrument, timeframe, load_config)
    words = [f"--{name}={value}" for name, value in zip(SHOWN, given, strict=True) if value is not None]
    flags = ["--catalog"] if catalog else []
    wanted = Wanted(tuple(grid or ()), objective, top, workers, engine, out, heatmap, csv=csv, json=json, yes=yes)
    sweep([*context.args, *words, *flags], wanted)
