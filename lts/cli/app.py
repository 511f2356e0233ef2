"""The verbs. Nothing heavy is imported here, so that `lts --help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lts._version import __version__
from lts.cli.backtest_app import ANYTHING, backtests, report_verb
from lts.cli.check_app import check_verb
from lts.cli.data_app import data
from lts.cli.exits import MEANINGS
from lts.cli.ledger_app import ledger
from lts.cli.search_app import optimize_verb, walkforward_verb
from lts.cli.stats_app import stats
from lts.cli.sweep_app import sweep_verb

SEED = "The seed's form works too: lts --load_config my_config.json [--any_parameter value]"
CODES = "Exit codes: " + ", ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items())

app = typer.Typer(
    help="Forex trading systems: backtest, replay, trade.",
    epilog=f"{SEED}\n\n{CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text: loading rich takes 0.3 s of the 0.4 s that a boxed help would take
    context_settings={"help_option_names": ["-h", "--help"]},
)
config = typer.Typer(help="Show the configuration.", no_args_is_help=True)
app.add_typer(backtests, name="backtest")
app.add_typer(data, name="data")
app.add_typer(config, name="config")
app.add_typer(ledger, name="ledger")
app.add_typer(stats, name="stats")
app.command(
    "check", context_settings=ANYTHING, epilog="Example: lts check --sample eurusd_h1 --strategy sma_cross --fast 20 --slow 100"
)(check_verb)
app.command(
    "sweep",
    context_settings=ANYTHING,
    epilog="Example: lts sweep --sample eurusd_h1 --strategy sma_cross --grid fast=5:50:5 --grid slow=50,100 --heatmap map.png",
)(sweep_verb)
app.command(
    "optimize",
    context_settings=ANYTHING,
    epilog="Example: lts optimize --sample eurusd_h1 --strategy sma_cross --range fast=5:50 --range slow=50:200:10 --n 200",
)(optimize_verb)
app.command(
    "walkforward",
    context_settings=ANYTHING,
    epilog="Example: lts walkforward --sample eurusd_h1 --strategy sma_cross --grid fast=5:50:5 --train 4M --test 1M",
)(walkforward_verb)
app.command("report", epilog="Example: lts report last --out report.html")(report_verb)

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def _version(value: bool) -> None:  # a callback's parameter is positional
    if value:
        print(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Write the version.")] = False,
) -> None:
    """Forex trading systems: backtest, replay, trade."""


@app.command("version")
def version_verb(json: Json = False) -> None:
    """Write the version."""
    from lts.cli.show import as_json

    if json:
        as_json({"lts": __version__})
    else:
        print(__version__)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("out/demo"),
) -> None:
    """Backtest on real data and show what each cost takes: the main job in one go."""
    from lts.cli.demo import demo as play

    play(out)


@app.command()
def doctor(
    json: Json = False,
    warm: Annotated[bool, typer.Option("--warm", help="Compile the market ahead.")] = False,
) -> None:
    """Look at versions, compiler, cache folder, data and plug-ins."""
    from lts.cli.doctor import doctor as look

    look(warm=warm, wants_json=json)


@app.command()
def plugins(json: Json = False) -> None:
    """List the plug-ins with their parameters."""
    from lts.cli.settings import show_plugins

    show_plugins(wants_json=json)


@config.command("show", context_settings=ANYTHING)
def config_show(context: typer.Context, json: Json = False) -> None:
    """Show every setting and who stated it: [--load_config FILE] [--any_parameter value] ..."""
    from lts.cli.settings import show_config

    show_config(context.args, wants_json=json)
