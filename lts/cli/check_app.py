"""The verb `lts check`."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
SHOWN = ("strategy", "data", "sample", "instrument", "timeframe", "load_config", "seconds")


def check_verb(
    context: typer.Context,
    strategy: Annotated[str | None, typer.Option(help="Plug-in, or module:Class.")] = None,
    data: Annotated[str | None, typer.Option(metavar="FILE", help="Bars: CSV, parquet or Arrow.")] = None,
    sample: Annotated[str | None, typer.Option(help="eurusd_h1 or ecb, in place of --data.")] = None,
    catalog: Annotated[bool, typer.Option("--catalog", help="Bars that `lts data list` shows, in place of --data.")] = False,
    instrument: Annotated[str | None, typer.Option(help="As EUR_USD.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="Time frame of the file, M1 ... D1.")] = None,
    load_config: Annotated[str | None, typer.Option("--load_config", metavar="FILE", help="JSON or TOML.")] = None,
    seconds: Annotated[str | None, typer.Option(metavar="S", help="At most so long for causality; 30 unless stated.")] = None,
    json: Json = False,
) -> None:
    """Check a strategy for knowledge of the future, warm-up, costs, delay and noise: [OPTIONS] [--any_parameter value] ...

    Leaves with 7 where the check fails. Data, market and the strategy's parameters are stated as for `lts backtest run`.
    """
    from lts.cli.check import check

    given = (strategy, data, sample, instrument, timeframe, load_config, seconds)
    words = [f"--{name}={value}" for name, value in zip(SHOWN, given, strict=True) if value is not None]
    flags = [name for name, wanted in (("--catalog", catalog), ("--json", json)) if wanted]
    check([*context.args, *words, *flags])
