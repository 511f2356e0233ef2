"""`lts backtest list|show|compare|rerun` and `lts report`: what is done with kept results."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts.cli.exits import CHECK_FAILED, UsageError
from lts.cli.progress import working
from lts.cli.show import as_json, remarks, say, table
from lts.errors import ResultError, near_miss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lts.research.kept import Kept

TABLES = ("trades", "fills", "orders", "equity")
COLUMNS = ("id", "when", "strategy", "instrument", "net_profit", "sharpe", "max_drawdown", "trades")


def list_results(limit: int, *, wants_json: bool) -> None:
    """Write the kept results, newest first; damaged folders are named with what is wrong."""
    from lts.research.kept import results

    found = results().newest(limit)
    if wants_json:
        as_json([row._asdict() | {"folder": str(row.folder)} for row in found])
    elif found:
        table([COLUMNS, *(_cells(row) for row in found)])
    else:
        say(f"no results in {results().folder}; `lts backtest run` keeps one")


def show(which: str, csv: str | None, *, wants_json: bool, wants_report: bool) -> None:
    """Write what is kept about a result: its recipe in short and all statistics, or result.json, or one table as CSV."""
    from lts.research.headline import headline_of
    from lts.research.kept import folder_of
    from lts.research.loaded import read_about

    folder = folder_of(which)
    if csv is not None:
        if wants_json or wants_report:
            raise UsageError("Command line: --csv was stated beside --json or --report; it must be alone, for it writes a table.")
        _write_csv(folder, csv)
        return
    about = read_about(folder)
    page = {"report": str(_page(folder))} if wants_report else {}
    if wants_json:
        as_json({"id": folder.name, "folder": str(folder), **page, **about})
        return
    told = headline_of(about["stats"], about["reasons"]).lines()
    table([("id", folder.name), *told, *page.items(), *_summary(about), *_figures(about)])
    for note in about["notes"]:
        say(note)


def compare_results(names: Sequence[str], *, wants_json: bool) -> None:
    """Write the statistics of results side by side, and what differs in their recipes."""
    from lts.research.compare import compare

    found = compare(*names)
    ids = list(found.stats.columns)
    if wants_json:
        as_json({"stats": found.stats.to_dict(), "recipes": found.recipes.to_dict()})
        return
    table([("statistic", *ids), *((name, *row) for name, row in zip(found.stats.index, found.stats.to_numpy(), strict=True))])
    print()
    if len(found.recipes):
        table([("recipe", *ids), *((name, *row) for name, row in zip(found.recipes.index, found.recipes.to_numpy(), strict=True))])
    else:
        print("the recipes are the same")


def rerun_result(which: str, *, wants_json: bool) -> None:
    """Run a result again and say whether the numbers are equal; leave with 7 if not."""
    from lts.research.again import rerun

    with remarks(), working("running again"):
        done = rerun(which)
    if wants_json:
        as_json({"id": done.folder.name, "equal": done.equal, "differences": done.differences, "changes": done.changes})
    else:
        print(done)
    if not done.equal:
        raise SystemExit(CHECK_FAILED)


def report(which: str, out: Path | None, *, wants_json: bool) -> None:
    """Write the path of a result's report, made by running it again where there is none yet.

    Raises
    ------
    BarsError
        It must be made and its data have changed.
    ResultError
        It must be made and other numbers come out, or it cannot be written.
    """
    from lts.research.kept import folder_of

    page = _page(folder_of(which))
    if out is not None:
        try:
            page = Path(shutil.copyfile(page, out))
        except OSError as error:
            raise ResultError(f"report {str(out)!r}: cannot be written ({error.strerror}). Name another file.") from error
    if wants_json:
        as_json({"report": str(page)})
    else:
        print(page)


def _page(folder: Path) -> Path:
    """Return the report of a result, made where there is none yet."""
    from lts.research.again import rerun
    from lts.research.saved import add_report

    page = folder / "report.html"
    if page.is_file():
        return page
    with remarks(), working("running again for the report"):
        done = rerun(folder)
        if not done.equal:
            raise ResultError(
                f"report {folder.name!r}: running it again gave other numbers, so there would be a report of something else. "
                "See `lts backtest rerun`, and run anew."
            )
        return add_report(done.result, folder)


def _write_csv(folder: Path, name: str) -> None:
    from lts.research.loaded import read_table

    if name not in TABLES:
        raise UsageError(f"Command line: --csv was {name!r}; it must be one of {', '.join(TABLES)}.{near_miss(name, TABLES)}")
    read_table(folder, name).to_csv(sys.stdout, index=name == "equity")


def _cells(row: Kept) -> tuple[Any, ...]:
    if row.fault:
        return (row.id, "", f"({row.fault})", "", "", "", "", "")
    figures = ("" if v is None else v for v in (row.net_profit, row.sharpe, row.max_drawdown, row.trades))
    return (row.id, row.created[:16].replace("T", " "), row.strategy, row.instrument, *figures)


def _summary(about: dict[str, Any]) -> list[tuple[str, Any]]:
    recipe = about["recipe"]
    rows = [("created", about["created"] or "unknown")]
    rows += [("strategy", strategy["repr"]) for strategy in recipe["strategies"]]
    rows += [
        ("data", f"{b['instrument']} {b['timeframe']}, {b['bars']:,} bars, {b['first']} to {b['last']}") for b in recipe["data"]
    ]
    return rows + ([("command", shlex.join(recipe["command"]))] if recipe["command"] else [])


def _figures(about: dict[str, Any]) -> list[tuple[str, Any]]:
    reasons = about["reasons"]
    return [(k, f"none: {reasons.get(k, 'not defined')}" if v is None else v) for k, v in about["stats"].items()]
