"""The verbs `lts optimize` and `lts walkforward`."""

from __future__ import annotations

from typing import Annotated

import typer

from lts.cli.backtest_app import Json, _strategies
from lts.cli.sweep_app import SHOWN, _engines, _objectives

Strategy = Annotated[str | None, typer.Option(help="Plug-in, or module:Class.", autocompletion=_strategies)]
Objective = Annotated[str, typer.Option(help="What is best by.", autocompletion=_objectives)]
Data = Annotated[str | None, typer.Option(metavar="FILE", help="Bars: CSV, parquet or Arrow.")]
Sample = Annotated[str | None, typer.Option(help="eurusd_h1 or ecb, in place of --data.")]
Stored = Annotated[bool, typer.Option("--catalog", help="Bars that `lts data list` shows, in place of --data.")]
Pair = Annotated[str | None, typer.Option(help="As EUR_USD.")]
Frame = Annotated[str | None, typer.Option(help="Time frame of the file, M1 ... D1.")]
Load = Annotated[str | None, typer.Option("--load_config", metavar="FILE", help="JSON or TOML.")]
Workers = Annotated[str | None, typer.Option(help="How many; with dask also a scheduler's address.")]
Engine = Annotated[str, typer.Option(help="threads, processes or dask.", autocompletion=_engines)]
Picture = Annotated[str | None, typer.Option(metavar="FILE", help="Draw it there, as .png or .svg.")]


def _walked(incomplete: str) -> list[str]:
    return [*_objectives(incomplete), *(["plateau"] if "plateau".startswith(incomplete) else [])]


def optimize_verb(
    context: typer.Context,
    strategy: Strategy = None,
    ranges: Annotated[list[str] | None, typer.Option("--range", metavar="NAME=5:50:5|a,b", help="What to choose from.")] = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Different sets to run in all.")] = 200,
    objective: Objective = "sharpe",
    seed: Annotated[int, typer.Option(help="The same seed, the same table.")] = 0,
    storage: Annotated[str | None, typer.Option(metavar="FILE", help="SQLite file of the study; it goes on where it was.")] = None,
    study: Annotated[str | None, typer.Option(help="Name of the study in that file.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Show so many sets.")] = 10,
    data: Data = None,
    sample: Sample = None,
    catalog: Stored = False,
    instrument: Pair = None,
    timeframe: Frame = None,
    load_config: Load = None,
    workers: Workers = None,
    engine: Engine = "threads",
    plot: Picture = None,
    csv: Annotated[bool, typer.Option("--csv", help="Write the whole table as CSV.")] = False,
    json: Json = False,
) -> None:
    """Search for the best parameters with Optuna: [OPTIONS] --range fast=5:50 [--any_parameter value] ...

    Other parameters are those of `lts backtest run`. The best of many sets is the best by luck as well: its evidence is shown.
    """
    from lts.cli.search import Search, optimize

    given = (strategy, data, sample, instrument, timeframe, load_config)
    words = [f"--{name}={value}" for name, value in zip(SHOWN, given, strict=True) if value is not None]
    wanted = Search(tuple(ranges or ()), n, objective, seed, storage, study, top, workers, engine, plot, csv=csv, json=json)
    optimize([*context.args, *words, *(["--catalog"] if catalog else [])], wanted)


def walkforward_verb(
    context: typer.Context,
    strategy: Strategy = None,
    grid: Annotated[list[str] | None, typer.Option(metavar="NAME=5:50:5|50,100", help="Values of a parameter; once each.")] = None,
    train: Annotated[str, typer.Option(help="2y, 6M, 3w, 90D, 12h, or a number of bars.")] = "2y",
    test: Annotated[str, typer.Option(help="The same.")] = "6M",
    anchored: Annotated[bool, typer.Option("--anchored", help="Every training window begins at the first bar.")] = False,
    purge: Annotated[str, typer.Option(help="Left out at the end of each training window.")] = "0",
    embargo: Annotated[str, typer.Option(help="Left out of later training after each test window.")] = "0",
    objective: Annotated[str, typer.Option(help="What is best by; or plateau.", autocompletion=_walked)] = "sharpe",
    data: Data = None,
    sample: Sample = None,
    catalog: Stored = False,
    instrument: Pair = None,
    timeframe: Frame = None,
    load_config: Load = None,
    workers: Workers = None,
    engine: Engine = "threads",
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Keep windows, equity and numbers there.")] = None,
    plot: Picture = None,
    json: Json = False,
) -> None:
    """Choose on each training window, trade on the test window after it: [OPTIONS] --grid fast=5:50:5 [--any_parameter value] ...

    Grid and other parameters are stated as for `lts sweep`.
    """
    from lts.cli.search import Walk, walkforward

    given = (strategy, data, sample, instrument, timeframe, load_config)
    words = [f"--{name}={value}" for name, value in zip(SHOWN, given, strict=True) if value is not None]
    wanted = Walk(
        tuple(grid or ()), train, test, purge, embargo, objective, workers, engine, out, plot, anchored=anchored, json=json
    )
    walkforward([*context.args, *words, *(["--catalog"] if catalog else [])], wanted)
