"""The verbs of `lts data`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(help="Look at bars in files.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
File = Annotated[Path, typer.Argument(help="CSV, parquet or Arrow file of bars.")]
Pair = Annotated[str, typer.Option(help="Instrument, as EUR_USD.")]
Frame = Annotated[str, typer.Option(help="Time frame of the file, M1 ... D1.")]
Side = Annotated[str | None, typer.Option(help="both, bid, ask or mid.")]
Spread = Annotated[str | None, typer.Option(help="Pips, a profile or a column, where one side is missing.")]
Zone = Annotated[str | None, typer.Option(help="Zone of stamps that do not say it, as UTC.")]


@data.command("check")
def data_check(
    file: File,
    instrument: Pair,
    timeframe: Frame,
    side: Side = None,
    spread: Spread = None,
    tz: Zone = None,
    json: Json = False,
) -> None:
    """Report what a file of bars holds and what is wrong with it."""
    from lts.cli.data import check, read

    check(read(file, instrument, timeframe, side, spread, tz), wants_json=json)


@data.command("resample")
def data_resample(
    file: File,
    to: Annotated[str, typer.Argument(help="Longer time frame, as D1.")],
    out: Annotated[Path, typer.Argument(help="File to write, .parquet or .csv.")],
    instrument: Pair,
    timeframe: Frame,
    side: Side = None,
    spread: Spread = None,
    tz: Zone = None,
) -> None:
    """Make bars of a longer time frame."""
    from lts.cli.data import read, resample

    resample(read(file, instrument, timeframe, side, spread, tz), to, out)
