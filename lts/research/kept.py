"""The folder of kept results: every run of the command line, and what `keep` is given, below `LTS_HOME`/results."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.data.home import home
from lts.errors import ParameterError, ResultError, near_miss
from lts.research.loaded import read_about
from lts.research.saved import about_result, add_report, checked_formats, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from lts.research.result import Result

LAST = "last"
FIGURES = ("net_profit", "sharpe", "max_drawdown", "trades")


class Kept(NamedTuple):
    """One folder among the kept results; `fault` says why nothing else is known about it, else it is empty."""

    id: str
    folder: Path
    created: str = ""
    strategy: str = ""
    instrument: str = ""
    net_profit: float | None = None
    sharpe: float | None = None
    max_drawdown: float | None = None
    trades: float | None = None
    fault: str = ""


@dataclass(frozen=True)
class Results:
    """The kept results, newest first: iterate, `find`, `table()`."""

    folder: Path

    def __iter__(self) -> Iterator[Kept]:
        return iter(self.newest())

    def __len__(self) -> int:
        return len(self.ids())

    def __repr__(self) -> str:
        return f"Results({len(self)} in {str(self.folder)!r})"

    def ids(self) -> list[str]:
        """Return the names of the folders, the latest first; hidden ones are no results but work in progress."""
        try:
            return sorted((p.name for p in self.folder.iterdir() if p.is_dir() and not p.name.startswith(".")), reverse=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ResultError(
                f"results {str(self.folder)!r}: cannot be read ({error.strerror}); it must be a folder of yours. Set LTS_HOME."
            ) from error

    def newest(self, limit: int | None = None) -> list[Kept]:
        """Return what is known about the newest results; damaged and foreign folders are among them and say so."""
        names = self.ids()
        if limit is not None:  # all of the second that the limit cuts through, for its order is not in the names
            names = names[:limit] + [n for n in names[limit:] if limit and n[:15] == names[limit - 1][:15]]
        rows = [self._row(name) for name in names]
        return sorted(rows, key=lambda row: (row.id[:15], row.created), reverse=True)[:limit]

    def find(self, name: str) -> Path:
        """Return the folder of a result by its id, the beginning of its id, or "last".

        Raises
        ------
        ParameterError
            No result, or several, are called so.
        """
        names = self.ids()
        if name == LAST:
            return self._last(names)
        found = [name] if name in names else [n for n in names if name and n.startswith(name)]
        if len(found) > 1:
            listed = ", ".join(found[:5]) + (" ..." if len(found) > 5 else "")
            raise ParameterError(f"result {name!r}: fits {len(found)} results: {listed}; it must fit one. Write more of it.")
        if not found:
            hint = near_miss(name, [*names, LAST])
            raise ParameterError(
                f"result {name!r}: is not among the {len(names)} in {str(self.folder)!r}; it must be an id, the beginning of one, "
                f"or {LAST!r}. See `lts backtest list`.{hint}"
            )
        return self.folder / found[0]

    def _last(self, names: list[str]) -> Path:
        for _, second in groupby(names, key=lambda name: name[:15]):  # within a second the names are in no order
            whole = [row for row in map(self._row, second) if not row.fault]
            if whole:
                return max(whole, key=lambda row: row.created).folder
        raise ParameterError(f"results {str(self.folder)!r}: holds no whole result; there must be one. Run a backtest first.")

    def table(self, limit: int | None = None) -> pd.DataFrame:
        """Return the results as a frame, newest first, index `id`."""
        import pandas as pd

        return pd.DataFrame(self.newest(limit), columns=Kept._fields).set_index("id")

    def _row(self, name: str) -> Kept:
        folder = self.folder / name
        try:
            about = read_about(folder)
            recipe, stats = about["recipe"], about["stats"]
            rules = "+".join(dict.fromkeys(_short(s["class"]) for s in recipe["strategies"]))
            pairs = "+".join(bars["instrument"] for bars in recipe["data"])
            figures = {figure: stats.get(figure) for figure in FIGURES}
            return Kept(name, folder, about["created"] or "", rules, pairs, **figures)
        except ParameterError:
            return Kept(name, folder, fault="has no result.json, so it is none of LTS's results")
        except ResultError as error:
            return Kept(name, folder, fault=str(error).partition(": ")[2])
        except (KeyError, TypeError, AttributeError) as error:
            return Kept(name, folder, fault=f"result.json is damaged: {type(error).__name__} {error}")


def results(folder: str | Path | None = None) -> Results:
    """Return the kept results, newest first.

    Parameters
    ----------
    folder : path or None
        None: `LTS_HOME`/results.
    """
    return Results(Path(folder).expanduser() if folder is not None else home() / "results")


def folder_of(which: str | Path) -> Path:
    """Return the folder of a result: "last", a path that holds a result.json, or what `Results.find` knows.

    Raises
    ------
    ParameterError
        No result, or several, are called so; or `which` is neither text nor a path.
    """
    if not isinstance(which, str | Path):
        raise ParameterError(f"result: was {which!r}; it must be an id, {LAST!r} or a folder. Save it, and name where.")
    if which == LAST:
        return results().find(LAST)
    path = Path(which).expanduser()
    if (path / "result.json").is_file():
        return path
    if path.name == "result.json" and path.is_file():
        return path.parent
    if isinstance(which, Path) or len(path.parts) > 1:
        raise ParameterError(
            f"result {str(which)!r}: has no result.json; it must be a folder written by result.save(...), or an id."
        )
    return results().find(which)


def keep(
    result: Result,
    *,
    now: datetime | None = None,
    formats: Sequence[str] = ("parquet",),
    report: bool = False,
    command: Sequence[str] | None = None,
) -> Path:
    """Write a result into a new folder among the kept ones and return it; its name is the id.

    Parameters
    ----------
    now : datetime or None
        The time in the id; None: the clock's.
    formats, command
        As in `lts.research.saved.save`.
    report : bool
        Write report.html too; `lts report ID` makes it later as well.

    Raises
    ------
    ResultError
        `LTS_HOME` cannot be written.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    about = {"created": moment.isoformat(timespec="microseconds"), **about_result(result, command)}
    recipe = about["recipe"]
    rule, pair = (_word(_short(recipe["strategies"][0]["class"])), _word(recipe["data"][0]["instrument"]))
    more = f"-and-{len(recipe['data']) - 1}" if len(recipe["data"]) > 1 else ""
    stem = f"{moment:%Y%m%d-%H%M%S}-{rule}-{pair}{more}"
    folder = results().folder
    targets = [folder / f"{stem}-{mark}" for mark in _marks(about)]
    path = write(result, about, targets, csv="csv" in checked_formats(formats))
    if path is None:
        raise ResultError(f"keep {stem!r}: {len(targets)} results of this second are there already. Try again.")
    if report:
        add_report(result, path)
    return path


def _marks(about: dict[str, Any]) -> list[str]:
    """Return sixteen times four hexadecimal digits: the first says what came out, the others are for equal results of a second."""
    import hashlib

    digest = hashlib.blake2b(json.dumps(about["recipe"], sort_keys=True, default=str).encode(), digest_size=32).hexdigest()
    return [digest[i : i + 4] for i in range(0, 64, 4)]


def _short(name: str) -> str:
    return name.rpartition(":")[2].rpartition(".")[2]


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())[:20] or "x"
