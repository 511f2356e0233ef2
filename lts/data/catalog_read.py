"""Reading from a folder of the catalogue: spans of a series, what there is, and words for what there is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from warnings import warn

import numpy as np

from lts.data import catalog_files as files
from lts.data import catalog_sources as sources
from lts.data import spans
from lts.data.bars import Bars
from lts.data.catalog_add import said
from lts.data.catalog_rows import join
from lts.data.timeframes import NAMES
from lts.errors import BarsError, DataWarning, InstrumentError, near_miss
from lts.instruments import Instrument

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Stored = list[tuple[Path, files.Series]]

Answer = TypeVar("Answer")
COLUMNS = ("instrument", "timeframe", "bars", "first", "last", "coverage", "size", "gaps", "sources")
_TRIES = 2  # of a reader without a lock


def pair_name(instrument: str | Instrument) -> str:
    """Return a name in the catalogue's form, "EUR_USD", of listed and of custom instruments."""
    if isinstance(instrument, Instrument):
        return instrument.name
    found = re.fullmatch(r"\s*([A-Z0-9]{3})[_/. -]?([A-Z0-9]{3})\s*", str(instrument).upper())
    if found is None:
        raise InstrumentError(f"catalogue, instrument: was {instrument!r}; it must be like 'EUR_USD', three signs each.")
    return f"{found[1]}_{found[2]}"


def settled(root: Path, read: Callable[[], Answer]) -> Answer:
    """Return what `read` returns; where a writer takes a file away meanwhile, again, and the last time while writers wait.

    Raises
    ------
    BarsError
        A file is gone that ought to be there.
    """
    for _ in range(_TRIES):
        try:
            return read()
        except FileNotFoundError:
            continue
    with files.still(root):
        try:
            return read()
        except FileNotFoundError as error:
            raise files.damaged(Path(error.filename or root), "it is gone") from error


def read_span(root: Path, folder: Path, series: files.Series, start: Any, end: Any) -> Bars:
    """Return the stored bars of a span; only the files of its years are opened."""
    key = slice(start, end)
    begin = spans.bounds(key, np.array([part.last for part in series.parts]))[0]
    stop = spans.bounds(key, np.array([part.first for part in series.parts]))[1]
    parts = series.parts[begin:stop]
    rows = join([files.read_part(folder, part) for part in parts]) if parts else None
    rows = None if rows is None else rows.span(*spans.bounds(key, rows.time))
    if rows is None or not len(rows):
        have = f"{spans.text(series.parts[0].first)} to {spans.text(series.parts[-1].last)} UTC"
        asked = f"from {'the first' if start is None else start} to {'the last' if end is None else end}"
        raise BarsError(
            f"{said(root, series)}: no bars were found {asked}; it has {series.bars:,} bars, {have}. "
            "Ask for a span inside, or import what is missing: lts data import."
        )
    first, last = int(rows.time[0]), int(rows.time[-1])
    used = sources.within(series.sources, first, last)
    origin = {
        "kind": "catalog", "folder": str(root.absolute()), "instrument": series.instrument.name,
        "timeframe": series.timeframe, "start": spans.text(first), "end": spans.text(last),
    }  # fmt: skip
    return Bars.from_points(
        series.instrument, series.timeframe, rows.time, rows.matrix, rows.volume, notes=sources.notes(used),
        quality=sources.log(used, said(root, series)), raw=rows.raw, origin=origin,
    )  # fmt: skip


def readable(root: Path) -> Stored:
    """Return folder and series of all whose `series.json` can be read; warn of the others."""
    found = []
    for pair, timeframe in files.known(root):
        folder = files.series_folder(root, pair, timeframe)
        try:
            series = files.read_series(folder)
        except BarsError as error:
            warn(f"left out: {error}", DataWarning, stacklevel=3)
            continue
        if series is not None:
            found.append((folder, series))
    return found


def overview(root: Path) -> pd.DataFrame:
    """Return a row a series; `Catalog.list` names the columns."""
    import pandas as pd

    frame = pd.DataFrame([_row(series) for _, series in readable(root)], columns=list(COLUMNS))
    for name in ("first", "last"):
        stamps = frame[name].to_numpy(np.int64).astype("datetime64[ns]")
        frame[name] = pd.DatetimeIndex(stamps).tz_localize("UTC")
    return frame.astype({"bars": "int64", "size": "int64", "gaps": "int64", "coverage": "float64"})


def _row(series: files.Series) -> tuple[Any, ...]:
    gaps, absent = series.holes()
    named = tuple(dict.fromkeys(map(sources.name, series.sources)))
    return (
        series.instrument.name, series.timeframe, series.bars, series.parts[0].first, series.parts[-1].last,
        series.bars / (series.bars + absent), sum(part.size for part in series.parts), gaps, named,
    )  # fmt: skip


def ask(root: Path, query: str) -> pd.DataFrame:
    """Return the answer to a SELECT; a file that is gone or damaged is told by its name."""
    from lts.data.catalog_sql import UnansweredError, answer, refused

    stored = readable(root)
    _look(stored)
    try:
        return answer(query, stored)
    except UnansweredError as error:
        _look(stored)
        for folder, series in stored:
            for part in series.parts:
                files.read_part(folder, part)
        raise refused(error) from error


def _look(stored: Stored) -> None:
    """Refuse a file that is gone, or of another size than the one that was written."""
    for folder, series in stored:
        for part in series.parts:
            size = (folder / part.file).stat().st_size
            if size != part.size:
                raise files.damaged(folder / part.file, f"it has {size:,} bytes, {part.size:,} were written")


def missing(root: Path, pair: str, timeframe: str) -> BarsError:
    """Return the error that says what there is instead."""
    stored = files.known(root)
    if not stored:
        return BarsError(
            f"catalogue {root}: {pair} {timeframe} was asked for; nothing is stored there yet. "
            "Put bars in with lts data import, lts data sample or lts.Catalog(folder).add(bars)."
        )
    own = [frame for name, frame in stored if name == pair]
    shorter = [frame for frame in own if NAMES[timeframe] > NAMES[frame] and NAMES[timeframe] % NAMES[frame] == 0]
    cure = near_miss(pair, {name for name, _ in stored}) if not own else f" Or resample {shorter[-1]}." if shorter else ""
    have = "; ".join(f"{name} {' '.join(f for n, f in stored if n == name)}" for name in dict(stored))
    return BarsError(
        f"catalogue {root}: {pair} {timeframe} was asked for; it has {have}. Ask for one of these, or put it in with "
        f"lts data import.{cure}"
    )
