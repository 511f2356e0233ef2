"""What the verbs of `lts data` do: bars in files and in the catalogue, looked at, put together, asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.cli.exits import UsageError
from lts.cli.show import as_json, say, table
from lts.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from lts.data.bars import Bars

CATALOGUE = ("catalog", "catalogue")  # in the place of a file


class Reading(NamedTuple):
    """What the options say about a file of bars, as typed."""

    instrument: str
    timeframe: str
    side: str | None = None
    spread: str | None = None
    tz: str | None = None
    on_fault: Sequence[str] = ()
    layout: str | None = None


def read(path: Path, how: Reading) -> Bars:
    """Return the bars of a file; what the options say is what `lts.read_bars` is told."""
    from lts.data.read import read_bars

    return read_bars(
        path, instrument=how.instrument, timeframe=how.timeframe, side=how.side, spread=_spread(how.spread), tz=how.tz,
        on_fault=faults(how.on_fault), layout=how.layout,
    )  # fmt: skip


def read_either(file: Path | None, catalog: Path | None, how: Reading) -> Bars:
    """Return the bars of a file, or of the catalogue where no file or the word `catalog` is given."""
    if file is not None and (str(file) not in CATALOGUE or file.exists()):
        if catalog is not None:
            raise UsageError(f"--catalog {catalog}: stands beside the file {file}; bars come from one of them. Delete the other.")
        return read(file, how)
    from lts.data.catalog import Catalog

    told = [name for name in ("side", "spread", "tz", "on_fault", "layout") if getattr(how, name)]
    if told:
        option = told[0].replace("_", "-")
        raise UsageError(f"--{option}: is for reading files; bars of the catalogue were read before. Delete it, or name a file.")
    return Catalog(catalog).bars(how.instrument, how.timeframe)


def check(bars: Bars, *, wants_json: bool) -> None:
    """Write what is known about the bars' quality."""
    if wants_json:
        as_json(bars.quality.as_dict())
    else:
        print(bars.quality)


def resample(bars: Bars, timeframe: str, anchor: str, out: Path | None, into: Path | None, *, wants_json: bool) -> None:
    """Write the bars of a longer time frame to a file, by its ending, or into the catalogue."""
    require_one_end(out, into)
    keep(bars.resample(timeframe, anchor=anchor), out, into, wants_json=wants_json)


def keep(bars: Bars, out: Path | None, into: Path | None, *, wants_json: bool = False) -> None:
    """Write bars to a file, or put them into the catalogue, and say so."""
    if out is not None:
        write(bars, out)
        said: dict[str, Any] = {
            "file": str(out),
            "instrument": bars.instrument.name,
            "timeframe": bars.timeframe,
            "bars": len(bars),
        }
        words = f"{len(bars):,} {bars.timeframe} bars written to {out}"
    else:
        from lts.data.catalog import Catalog

        catalog = Catalog(into)
        added = catalog.add(bars)
        said = {"folder": str(catalog.folder), "instrument": bars.instrument.name, "timeframe": bars.timeframe, **added._asdict()}
        words = f"{bars.instrument.name} {bars.timeframe}: {added.new:,} bars put into {catalog.folder}"
        words += f", {added.identical:,} were there" if added.identical else ""
    if wants_json:
        as_json(said)
    say(words)


def write(bars: Bars, out: Path) -> None:
    """Write bars to a parquet or CSV file, by its ending.

    Raises
    ------
    ParameterError
        An ending that is neither, or a place that cannot be written.
    """
    if out.suffix not in {".parquet", ".csv"}:
        raise ParameterError(f"{out}: ends in {out.suffix!r}; it must end in .parquet or .csv.")
    frame = bars.to_pandas()
    try:
        if out.suffix == ".csv":
            frame.to_csv(out)
        else:
            frame.to_parquet(out)
    except OSError as error:
        raise ParameterError(f"{out}: cannot be written ({error}); it must lie in a folder that can be. Name another.") from error


def show_list(folder: Path | None, *, wants_json: bool) -> None:
    """Write what the catalogue holds, a row a series; times are UTC."""
    from lts.data.catalog import Catalog

    catalog = Catalog(folder)
    found = catalog.list()
    if wants_json:
        as_json(_records(found))
    elif found.empty:
        say(f"{catalog.folder} holds no bars yet; put some in with lts data import or lts data sample")
    else:
        heads = ("instrument", "timeframe", "bars", "first (UTC)", "last (UTC)", "coverage", "gaps", "size", "sources")
        table([heads, *map(_series, found.itertuples())])


def _series(row: Any) -> tuple[str, ...]:
    named = ", ".join(row.sources[:2]) + (f" and {len(row.sources) - 2} more" if len(row.sources) > 2 else "")
    first, last = (f"{stamp:%Y-%m-%d %H:%M}" for stamp in (row.first, row.last))
    size = f"{row.size / 1e6:.1f} MB" if row.size >= 1e6 else f"{row.size / 1e3:.0f} kB"
    return (row.instrument, row.timeframe, f"{row.bars:,}", first, last, f"{row.coverage:.1%}", f"{row.gaps:,}", size, named)


def sql(query: str, folder: Path | None, *, wants_json: bool, wants_csv: bool) -> None:
    """Write the answer to a SELECT over the view `bars`."""
    from lts.data.catalog import Catalog

    if wants_json and wants_csv:
        raise UsageError("--json --csv: were both stated; the answer has one form. Delete one of the two.")
    found = Catalog(folder).sql(query)
    if wants_json:
        as_json(_records(found))
    elif wants_csv:
        found.to_csv(sys.stdout, index=False)
    else:
        rows = found.astype(object).where(found.notna(), "")
        table([tuple(found.columns), *rows.itertuples(index=False, name=None)])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as JSON can hold them: what is absent becomes null."""
    rows = frame.astype(object).where(frame.notna(), None)
    return [dict(zip(map(str, frame.columns), row, strict=True)) for row in rows.itertuples(index=False, name=None)]


def faults(words: Sequence[str]) -> dict[str, str]:
    """Return policies by fault from words such as `duplicates=first`.

    Raises
    ------
    UsageError
        A word of another form.
    """
    for word in words:
        if "=" not in word:
            raise UsageError(f"--on-fault {word!r}: names no policy; it must be FAULT=POLICY, as duplicates=first.")
    return {fault: policy for fault, _, policy in (word.partition("=") for word in words)}


def require_one_end(out: Path | None, into: Path | None) -> None:
    """Refuse bars that would go to two places."""
    if out is not None and into is not None:
        raise UsageError(f"--into {into}: stands beside the file {out}; bars go to one of them. Delete the other.")


def _spread(text: str | None) -> str | float | None:
    """Return a number of pips, or the name of a profile or column."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
