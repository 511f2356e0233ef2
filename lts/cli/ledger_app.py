"""The verbs of `lts ledger`."""

from __future__ import annotations

from typing import Annotated

import typer

ledger = typer.Typer(
    help="Look at the trial ledger: every set of parameters ever run, by bars. LTS_LEDGER=off keeps none.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Which = Annotated[str | None, typer.Argument(metavar="[FINGERPRINT]", help="Of the bars, or its beginning; left out: all.")]


@ledger.command("show", epilog="Example: lts ledger show; lts ledger show 3f9a")
def ledger_show(which: Which = None, json: Json = False) -> None:
    """List the bars that have seen trials: how many, the best Sharpe ratio; of one, by strategy."""
    from lts.cli.ledger import show

    show(which, wants_json=json)


@ledger.command("path")
def ledger_path(json: Json = False) -> None:
    """Write where the ledger is kept."""
    from lts.cli.ledger import where

    where(wants_json=json)


@ledger.command("clear", epilog="Example: lts ledger clear 3f9a --yes")
def ledger_clear(
    which: Which = None,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, forget them.")] = False,
) -> None:
    """Forget trials: those on some bars, or all. DSR no longer counts them, and says too much from then on."""
    from lts.cli.ledger import clear

    clear(which, yes=yes)


@ledger.command("aside")
def ledger_aside() -> None:
    """Move the file aside, damaged or not, and write its new path; the next run begins a new ledger."""
    from lts.cli.ledger import aside

    aside()
