"""Putting bars into a folder of the catalogue: years are merged, judged, written, and then counted in one step."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from lts.data import catalog_files as files
from lts.data import catalog_sources as sources
from lts.data.catalog_rows import Added, Merged, Rows, join, merge, refuse_differences, refuse_overlaps
from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    from pathlib import Path

    from lts.data.bars import Bars
    from lts.instruments import Instrument

CONFLICTS = ("error", "keep", "replace")


def add(root: Path, bars: Bars, on_conflict: str) -> Added:
    """Put bars into the catalogue in a folder; `Catalog.add` says the rest."""
    check_conflict(on_conflict)
    if not len(bars):
        raise BarsError(f"catalogue, add: {bars!r} has no bars; it must have at least one.")
    folder = files.series_folder(root, bars.instrument.name, bars.timeframe)
    with files.locked(root):
        stored = files.read_series(folder) or files.Series(bars.instrument, bars.timeframe, (), ())
        files.sweep(folder, {part.file for part in stored.parts})  # what a writer that died has left
        where = said(root, stored)
        series = replace(stored, instrument=_terms(stored.instrument, bars.instrument, on_conflict, where))
        merged = _merge(folder, series, bars, on_conflict, where)
        for year, part in merged.items():
            if part.counts.new or part.counts.replaced:
                made = files.write_part(folder, year, part.rows, series.instrument, series.timeframe)
                series = files.with_part(series, made)
        counts = Added(*(sum(column) for column in zip(*(part.counts for part in merged.values()), strict=True)))
        if counts.replaced or bars.fingerprint not in {source["fingerprint"] for source in stored.sources}:
            series = replace(series, sources=(*series.sources, sources.entry(bars, counts)))
        if series != stored:
            files.write_series(folder, series)
    return counts


def check_conflict(on_conflict: str) -> None:
    """Refuse a word that is no rule for conflicts."""
    if on_conflict not in CONFLICTS:
        hint = near_miss(str(on_conflict), CONFLICTS)
        raise ParameterError(f"on_conflict: was {on_conflict!r}; it must be 'error', 'keep' or 'replace'.{hint}")


def said(root: Path, series: files.Series) -> str:
    """Return how messages name a series."""
    return f"catalogue {root.name}, {series.instrument.name} {series.timeframe}"


def _merge(folder: Path, series: files.Series, bars: Bars, on_conflict: str, where: str) -> dict[int, Merged]:
    """Return the years that the bars touch, merged; nothing is written."""
    made, olds = {}, []
    stored = {part.year: part for part in series.parts}
    for year, given in Rows.of(bars).years().items():
        old = _whole(folder, stored[year]) if year in stored else given.span(0, 0)
        made[year] = merge(old, given, replace=on_conflict == "replace")
        refuse_overlaps(old, given, made[year].rows, series.timeframe, where)
        olds.append(old)
    if on_conflict == "error":
        differing = np.concatenate([merged.differing for merged in made.values()])
        refuse_differences(join(olds), Rows.of(bars), differing, bars.instrument, where)
    return made


def _whole(folder: Path, part: files.Part) -> Rows:
    """Return a year's bars for the one writer, under whose hands nothing vanishes."""
    try:
        return files.read_part(folder, part)
    except FileNotFoundError as error:
        raise files.damaged(folder / part.file, "it is gone") from error


def _terms(stored: Instrument, given: Instrument, on_conflict: str, where: str) -> Instrument:
    """Return the instrument that a series goes on with."""
    if stored.precision != given.precision:
        raise BarsError(
            f"{where}: the new bars have {given.precision} decimals, the stored ones {stored.precision}; all bars of a series must "
            "lie on one grid. Read them with the stored instrument, or use another folder."
        )
    if stored == given or on_conflict == "keep":
        return stored
    if on_conflict == "replace":
        return given
    a, b = asdict(stored), asdict(given)
    other = ", ".join(f"{name} was {b[name]!r}, is {a[name]!r}" for name in a if a[name] != b[name])
    raise BarsError(
        f"{where}: the instrument of the new bars differs from the stored one: {other}; a series has one. "
        "Choose on_conflict='keep' (what is stored) or 'replace'."
    )
