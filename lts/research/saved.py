"""Results written: a folder of parquet tables and one JSON file, no pickle. `lts.research.loaded` reads it.

result.json has schema 2: `schema`, `created` (UTC; null where `save` was not told), `recipe` (`lts.research.recipe`), `stats` (id
to number), `reasons` (why a statistic is null), `notes`. JSON has no nan: a number that is none is null. Beside it lie trades,
fills, orders and equity as parquet (as CSV too if asked for), report.html, and under `bars/` the bars without an origin, by
fingerprint.

Decision: bars without an origin lie in the result's own folder, not in one store for all. A result can then be moved, copied and
deleted as a whole; the price is a copy of the bars in each result that came from memory.
"""

from __future__ import annotations

import json
import math
import secrets
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError, ResultError, near_miss
from lts.research.loaded import SCHEMA, TABLES, load_result, read_about
from lts.research.recipe import recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from lts.data.bars import Bars
    from lts.research.result import Result

__all__ = ["about_result", "checked_formats", "load_result", "recipe", "save", "write"]

OWN = {"result.json", "report.html", "bars", *(f"{name}.{kind}" for name in (*TABLES, "equity") for kind in ("parquet", "csv"))}
FORMATS = ("parquet", "csv")


def save(
    result: Result,
    folder: str | Path,
    *,
    formats: Sequence[str] = ("parquet",),
    report: bool = True,
    command: Sequence[str] | None = None,
) -> Path:
    """Write a result into a folder and return it; the folder appears complete or not at all.

    A result that is there already is replaced; files in it that are none of a result's stay.

    Parameters
    ----------
    formats : sequence of "parquet", "csv"
        Parquet is always written; `("csv",)` writes the tables as CSV beside it.
    report : bool
        Write report.html too; a picture of everything takes a second or two.
    command : sequence of str or None
        The words of the command line that asked for the run, for the recipe.

    Raises
    ------
    ParameterError
        The path is a file, or a folder that holds something other than a result; an unknown format.
    ResultError
        The folder cannot be written.
    """
    csv = "csv" in checked_formats(formats)
    about = {"created": None, **about_result(result, command)}
    path = keep(folder, lambda work: _fill(result, about, work, csv=csv), OWN, ("result", "result.json"))
    if report:
        add_report(result, path)
    return path


def add_report(result: Result, folder: Path) -> Path:
    """Write report.html into the folder of a saved result; what goes wrong with it leaves the result whole.

    Raises
    ------
    ResultError
        It cannot be written.
    """
    from lts.research.report import report

    part = folder / f".{secrets.token_hex(4)}.html"
    try:
        report(result, part, recipe=readable_recipe(folder))
        return part.replace(folder / "report.html")
    except OSError as error:
        raise ResultError(
            f"report in {str(folder)!r}: cannot be written ({error.strerror or error}); the folder must be yours, with room in it. "
            "Save the result elsewhere."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def readable_recipe(folder: Path) -> dict[str, Any]:
    """Return the recipe of a saved result for its report; unlike the result it knows the command line, here as typed."""
    found: dict[str, Any] = read_about(folder)["recipe"]
    return {**found, "command": shlex.join(found["command"])} if found["command"] else found


def checked_formats(formats: Sequence[str]) -> Sequence[str]:
    """Return formats of tables that are known."""
    for name in formats:
        if name not in FORMATS:
            raise ParameterError(f"save, formats: was {name!r}; it must be one of {', '.join(FORMATS)}.{near_miss(name, FORMATS)}")
    return formats


def about_result(result: Result, command: Sequence[str] | None = None) -> dict[str, Any]:
    """Return what result.json holds of a result, without schema and time."""
    stats = {str(name): float(value) for name, value in result.stats.items()}
    unsaid = "is not defined for this run"
    reasons = {name: result.reasons.get(name, unsaid) for name, value in stats.items() if not math.isfinite(value)}
    return {
        "recipe": recipe(result, command),
        "stats": {name: value if math.isfinite(value) else None for name, value in stats.items()},
        "reasons": reasons,
        "notes": list(result.notes),
    }


def write(result: Result, about: dict[str, Any], targets: Sequence[Path], *, csv: bool) -> Path | None:
    """Write a result into a folder of its own beside the target, then give it the first name of `targets` that can be had.

    Returns that name, or None where all were taken.

    Raises
    ------
    ResultError
        A folder or file cannot be written; nothing is left behind.
    """
    return place(lambda work: _fill(result, about, work, csv=csv), targets, OWN, replace=False)


def keep(folder: str | Path, fill: Callable[[Path], None], own: AbstractSet[str], kind: tuple[str, str]) -> Path:
    """Have a folder filled and return it; one that is there already is replaced if it holds the same kind of thing.

    `kind` is a word for that and the file by which it is known.

    Raises
    ------
    ParameterError
        The path is a file, or a folder that holds something else.
    ResultError
        The folder cannot be written.
    """
    path, (word, sign) = Path(folder).expanduser(), kind
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not (path / sign).exists()):
        raise ParameterError(f"save {str(path)!r}: is there already and holds no {word}; choose a new or empty folder.")
    if place(fill, [path], own, replace=True) is None:
        raise ResultError(f"save {str(path)!r}: others write there all the time; it must be left alone. Choose another folder.")
    return path


def place(fill: Callable[[Path], None], targets: Sequence[Path], own: AbstractSet[str], *, replace: bool) -> Path | None:
    """Have a folder of its own filled beside the target, then give it the first name of `targets` that can be had.

    Files in a folder that is replaced stay, but for those of `own` names.

    Returns that name, or None where all were taken.

    Raises
    ------
    ResultError
        A folder or file cannot be written; nothing is left behind.
    """
    parent = targets[0].parent
    work = parent / f".{targets[0].name}.{secrets.token_hex(4)}.part"
    try:
        work.mkdir(parents=True)
        fill(work)
        return next((path for path in targets if _take(work, path, own, replace=replace)), None)
    except OSError as error:
        raise ResultError(
            f"save {str(targets[0])!r}: cannot be written ({error.strerror or error}); it must be a folder of yours with room in "
            "it. Name another folder, or set LTS_HOME to one."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _fill(result: Result, about: dict[str, Any], work: Path, *, csv: bool) -> None:
    curves = result.equity.to_frame()
    curves["balance"] = result.balance
    for name, frame in (*((name, getattr(result, name)) for name in TABLES), ("equity", curves)):
        frame.to_parquet(work / f"{name}.parquet")
        if csv:
            frame.to_csv(work / f"{name}.csv", index=name == "equity")
    again = result._again  # noqa: SLF001  (the two rooms are one house)
    keep_from_memory(result.setup.bars, again, work / "bars")
    text = json.dumps({"schema": SCHEMA, **about}, indent=1, allow_nan=False)
    (work / "result.json").write_text(text, encoding="utf-8")


def _take(work: Path, path: Path, own: AbstractSet[str], *, replace: bool) -> bool:
    """Give the finished folder its name; False where the name is taken."""
    for _ in range(8):  # others may save to the same place at the same time: the last one stays
        try:
            work.rename(path)  # over nothing, or over an empty folder
        except OSError:
            if not path.is_dir() or not any(path.iterdir()):
                raise
        else:
            return True
        if not replace:
            return False
        old = path.parent / f".{path.name}.{secrets.token_hex(4)}.old"
        try:
            path.rename(old)
        except FileNotFoundError:
            continue
        for entry in old.iterdir():
            if entry.name not in own:
                entry.rename(work / entry.name)
        shutil.rmtree(old)
    return False


def keep_from_memory(own: Iterable[Bars], again: Mapping[str, Any], folder: Path) -> None:
    """Write the bars of a run that have no origin: its own, finer ones, those of rates."""
    detail, rates = again["detail"], again["rates"]
    finer = detail.values() if hasattr(detail, "values") else [detail]
    sources = getattr(rates, "sources", rates) or {}
    for bars in (*own, *finer, *sources.values()):
        if hasattr(bars, "fingerprint") and bars.origin is None:
            _keep_bars(bars, folder)


def _keep_bars(bars: Bars, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from lts.data.bars import PRICES

    folder.mkdir(exist_ok=True)
    prices = dict(zip(PRICES, bars.points.matrix, strict=True))
    pq.write_table(pa.table({"time": bars.time, **prices, "volume": bars.volume}), folder / f"{bars.fingerprint}.parquet")
