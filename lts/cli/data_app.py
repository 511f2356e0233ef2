"""The verbs of `lts data`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(help="Bars in files and in the catalogue.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
File = Annotated[
    Path | None, typer.Argument(help="CSV, parquet or Arrow file of bars; left out: the catalogue.", show_default=False)
]
Pair = Annotated[str, typer.Option(help="Instrument, as EUR_USD.")]
Frame = Annotated[str, typer.Option(help="Time frame of the bars, M1 ... D1.")]
Side = Annotated[str | None, typer.Option(help="both, bid, ask or mid.")]
Spread = Annotated[str | None, typer.Option(help="Pips, a profile or a column, where one side is missing.")]
Zone = Annotated[str | None, typer.Option(help="Zone of stamps that do not say it, as UTC.")]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--on-fault", "--on_fault", metavar="FAULT=POLICY", help="What to do with a fault, as duplicates=first; may be repeated."
    ),
]
Form = Annotated[str | None, typer.Option(help="Layout of a text file that does not say it, as histdata.")]
Where = Annotated[Path | None, typer.Option("--catalog", help="Folder of the catalogue; left out: the usual one (LTS_HOME).")]
Into = Annotated[Path | None, typer.Option("--into", help="Folder of the catalogue; left out: the usual one (LTS_HOME).")]


@data.command(
    "import", epilog="Example: lts data import hours/*.csv --instrument EUR_USD --timeframe H1 --side mid --spread 1 --tz UTC"
)
def data_import(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="CSV, parquet or Arrow files of bars, or patterns.")],
    instrument: Pair,
    timeframe: Frame,
    side: Side = None,
    spread: Spread = None,
    tz: Zone = None,
    on_fault: Faults = None,
    layout: Form = None,
    on_conflict: Annotated[
        str,
        typer.Option("--on-conflict", "--on_conflict", help="Bars stored with other values: error, keep (the stored) or replace."),
    ] = "error",
    into: Into = None,
    json: Json = False,
) -> None:
    """Put the bars of files into the catalogue."""
    from lts.cli.data import Reading
    from lts.cli.data_import import import_files

    how = Reading(instrument, timeframe, side, spread, tz, on_fault or (), layout)
    import_files(files, how, into, on_conflict, wants_json=json)


@data.command("list", epilog="Example: lts data list --json")
def data_list(catalog: Where = None, json: Json = False) -> None:
    """List what the catalogue holds."""
    from lts.cli.data import show_list

    show_list(catalog, wants_json=json)


@data.command(
    "check", epilog="Examples: lts data check hours.parquet --instrument EUR_USD --timeframe H1; the same without the file"
)
def data_check(
    instrument: Pair,
    timeframe: Frame,
    file: File = None,
    side: Side = None,
    spread: Spread = None,
    tz: Zone = None,
    on_fault: Faults = None,
    layout: Form = None,
    catalog: Where = None,
    json: Json = False,
) -> None:
    """Report what bars of a file, or of the catalogue, hold and what is wrong with them."""
    from lts.cli.data import Reading, check, read_either

    how = Reading(instrument, timeframe, side, spread, tz, on_fault or (), layout)
    check(read_either(file, catalog, how), wants_json=json)


@data.command("resample", epilog="Example: lts data resample catalog D1 days.parquet --instrument EUR_USD --timeframe H1")
def data_resample(
    file: Annotated[Path, typer.Argument(help="CSV, parquet or Arrow file of bars, or the word catalog.")],
    to: Annotated[str, typer.Argument(help="Longer time frame, as D1.")],
    instrument: Pair,
    timeframe: Frame,
    out: Annotated[
        Path | None, typer.Argument(help="File to write, .parquet or .csv; left out: the catalogue.", show_default=False)
    ] = None,
    side: Side = None,
    spread: Spread = None,
    tz: Zone = None,
    on_fault: Faults = None,
    layout: Form = None,
    anchor: Annotated[str, typer.Option(help="Where days and weeks end: new_york (17:00) or utc.")] = "new_york",
    catalog: Where = None,
    into: Into = None,
    json: Json = False,
) -> None:
    """Make bars of a longer time frame."""
    from lts.cli.data import Reading, read_either, resample

    how = Reading(instrument, timeframe, side, spread, tz, on_fault or (), layout)
    resample(read_either(file, catalog, how), to, anchor, out, into, wants_json=json)


@data.command("sample", epilog="Examples: lts data sample; lts data sample ecb --instrument GBP_JPY --out days.csv")
def data_sample(
    name: Annotated[
        str | None, typer.Argument(help="eurusd_h1, ecb or synthetic; left out: list them.", show_default=False)
    ] = None,
    instrument: Annotated[str, typer.Option(help="Pair, for ecb and synthetic.")] = "EUR_USD",
    timeframe: Annotated[str, typer.Option(help="Time frame, for synthetic.")] = "M1",
    spread: Annotated[float | None, typer.Option(help="Pips; left out: the sample's usual.")] = None,
    n: Annotated[int, typer.Option(help="Bars, for synthetic.")] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Seed, for synthetic: the same gives the same.")] = 7,
    out: Annotated[Path | None, typer.Option(help="File to write, .parquet or .csv; left out: the catalogue.")] = None,
    into: Into = None,
    json: Json = False,
) -> None:
    """List the samples, or take one."""
    from lts.cli.data_import import Wish, sample

    sample(name, Wish(instrument, timeframe, spread, n, seed), out, into, wants_json=json)


@data.command("sql", epilog='Example: lts data sql "select year(time), avg(ask_close - bid_close) from bars group by 1"')
def data_sql(
    query: Annotated[str, typer.Argument(help="SELECT over the view bars: instrument, timeframe, time, bid_open ... volume.")],
    catalog: Where = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
) -> None:
    """Ask the catalogue in SQL; nothing is written."""
    from lts.cli.data import sql

    sql(query, catalog, wants_json=json, wants_csv=csv)
