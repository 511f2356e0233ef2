"""The verbs of `lts stats`: what each statistic means."""

from __future__ import annotations

from typing import Annotated, Any

import typer

stats = typer.Typer(help="Explain statistics.", no_args_is_help=True)

Whose = Annotated[str | None, typer.Option(help="lts, empyrical or mt5; left out: the first of them that has it.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def _ids(incomplete: str) -> list[str]:
    from lts.research.explain import DEFINITIONS

    return [name for name in DEFINITIONS if name.startswith(incomplete)]


@stats.command("explain", epilog="Example: lts stats explain sharpe")
def stats_explain(
    name: Annotated[str, typer.Argument(metavar="ID", help="As sharpe.", autocompletion=_ids)],
    convention: Whose = None,
    json: Json = False,
) -> None:
    """Say what a statistic means, its unit and its formula."""
    from lts.cli.show import as_json
    from lts.research.explain import explain

    definition: Any = explain(name, convention)
    if json:
        as_json(definition._asdict())
    else:
        print(definition)


@stats.command("list")
def stats_list(
    convention: Annotated[str, typer.Option(help="lts, empyrical or mt5.")] = "lts",
    json: Json = False,
) -> None:
    """List all statistics with unit and meaning."""
    from lts.cli.show import as_json, table
    from lts.research.explain import definitions

    found: list[Any] = list(definitions(convention).values())
    if json:
        as_json([definition._asdict() for definition in found])
    else:
        table((definition.id, definition.unit, definition.meaning) for definition in found)
