"""The catalogue: bars that are kept, by instrument and time frame, as parquet files that any program can read.

Files are the truth (lts/data/catalog_files.py says how they lie), duckdb answers queries over them. What is read back is what was put
in: the fingerprints are equal.
"""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data import catalog_files as files
from lts.data import catalog_sources as sources
from lts.data import spans
from lts.data.bars import Bars
from lts.data.catalog_rows import Added, Merged, Rows, join, merge, refuse_differences, refuse_overlaps
from lts.data.home import home
from lts.data.timeframes import NAMES, duration
from lts.errors import BarsError, DataWarning, InstrumentError, ParameterError, near_miss
from lts.instruments import Instrument

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

CONFLICTS = ("error", "keep", "replace")
_TRIES = 5  # a reader's, when writers replace files under its hands


class Catalog:
    """Bars kept in a folder.

    Parameters
    ----------
    folder : path or None
        None: `bars` in the folder of all that LTS keeps (`LTS_HOME`, else the platform's folder for user data). It is made when
        something is added.

    Raises
    ------
    ParameterError
        The folder is a file.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = home() / "bars" if folder is None else Path(folder).expanduser()
        if self.folder.exists() and not self.folder.is_dir():
            raise ParameterError(f"catalogue folder {self.folder}: is a file; it must be a folder. Name another.")

    def __repr__(self) -> str:
        return f"Catalog({str(self.folder)!r}, {len(files.known(self.folder))} series)"

    def add(self, bars: Bars, on_conflict: str = "error") -> Added:
        """Put bars in; all of them or, after an error or a crash, none.

        Stamps that are stored already with the same points and volume are counted and left. Two processes may add at once.

        Parameters
        ----------
        bars : Bars
            At least one bar.
        on_conflict : "error", "keep" or "replace"
            What to do where a stamp is stored with other values; the same goes for the terms of the instrument (lot, margin rate).

        Returns
        -------
        Added
            Counts: new, identical, kept, replaced.

        Raises
        ------
        BarsError
            No bars; other values for a stamp (the first is shown); bars that overlap stored ones; another tick than the stored one;
            a folder that cannot be written.
        ParameterError
            Another word for `on_conflict`.
        """
        if on_conflict not in CONFLICTS:
            hint = near_miss(str(on_conflict), CONFLICTS)
            raise ParameterError(f"on_conflict: was {on_conflict!r}; it must be 'error', 'keep' or 'replace'.{hint}")
        if not len(bars):
            raise BarsError(f"catalogue, add: {bars!r} has no bars; it must have at least one.")
        folder = files.series_folder(self.folder, bars.instrument.name, bars.timeframe)
        with files.locked(self.folder):
            stored = files.read_series(folder) or files.Series(bars.instrument, bars.timeframe, (), ())
            series = replace(stored, instrument=_terms(stored.instrument, bars.instrument, on_conflict, self._where(stored)))
            merged = self._merge(folder, series, bars, on_conflict)
            for year, part in merged.items():
                if part.counts.new or part.counts.replaced:
                    made = files.write_part(folder, year, part.rows, series.instrument, series.timeframe)
                    series = files.with_part(series, made)
            counts = Added(*(sum(column) for column in zip(*(part.counts for part in merged.values()), strict=True)))
            if bars.fingerprint not in {source["fingerprint"] for source in stored.sources} or counts.replaced:
                series = replace(series, sources=(*series.sources, sources.entry(bars, counts)))
            if series != stored:
                files.write_series(folder, series)
        return counts

    def _merge(self, folder: Path, series: files.Series, bars: Bars, on_conflict: str) -> dict[int, Merged]:
        """Return the years that the bars touch, merged; nothing is written."""
        where, made = self._where(series), {}
        stored = {part.year: part for part in series.parts}
        differing = []
        for year, given in Rows.of(bars).years().items():
            old = _whole(folder, stored[year]) if year in stored else given.span(0, 0)
            merged = merge(old, given, replace=on_conflict == "replace")
            refuse_overlaps(old, given, merged.rows, series.timeframe, where)
            made[year] = merged
            differing.append((old, merged.differing))
        if on_conflict == "error":
            olds = join([old for old, _ in differing])
            refuse_differences(olds, Rows.of(bars), np.concatenate([d for _, d in differing]), bars.instrument, where)
        return made

    def bars(self, instrument: str | Instrument, timeframe: str, start: Any = None, end: Any = None) -> Bars:
        """Return the bars of a series, or of a span of it.

        Parameters
        ----------
        instrument : str or Instrument
            "EUR_USD", "EURUSD", "eur/usd"; only the name counts, for the catalogue knows the rest.
        timeframe : str
            As stored; for a longer one resample.
        start, end : str, datetime or None
            As in bars[start:end]: both included, UTC, "2012" stands for the whole year. What of the span is stored is returned.

        Raises
        ------
        BarsError
            Nothing is stored there; says what is. Or a damaged file, by name.
        """
        for end_name, value in (("start", start), ("end", end)):
            if isinstance(value, (int, float, np.number)):
                raise ParameterError(f"catalogue, {end_name}: was {value!r}; it must be a time such as '2012-05' or a datetime.")
        folder = files.series_folder(self.folder, _name(instrument), _timeframe(timeframe))

        def read() -> Bars:
            series = files.read_series(folder)
            if series is None:
                raise self._missing(_name(instrument), timeframe)
            return self._span(folder, series, start, end)

        return _settled(read)

    def _span(self, folder: Path, series: files.Series, start: Any, end: Any) -> Bars:
        key = slice(start, end)
        begin = spans.bounds(key, np.array([part.last for part in series.parts]))[0]
        stop = spans.bounds(key, np.array([part.first for part in series.parts]))[1]
        parts = series.parts[begin:stop]
        rows = join([files.read_part(folder, part) for part in parts]) if parts else None
        if rows is not None:
            rows = rows.span(*spans.bounds(key, rows.time))
        if rows is None or not len(rows):
            have = f"{spans.text(series.parts[0].first)} to {spans.text(series.parts[-1].last)} UTC"
            asked = f"from {'the first' if start is None else start} to {'the last' if end is None else end}"
            raise BarsError(
                f"{self._where(series)}: no bars were found {asked}; it has {series.bars:,} bars, {have}. "
                "Ask for a span inside, or import what is missing: lts data import."
            )
        first, last = int(rows.time[0]), int(rows.time[-1])
        used = sources.within(series.sources, first, last)
        origin = {
            "kind": "catalog", "folder": str(self.folder.absolute()), "instrument": series.instrument.name,
            "timeframe": series.timeframe, "start": spans.text(first), "end": spans.text(last),
        }  # fmt: skip
        return Bars.from_points(
            series.instrument, series.timeframe, rows.time, rows.matrix, rows.volume, notes=sources.notes(used),
            quality=sources.log(used, self._where(series)), raw=rows.raw, origin=origin,
        )  # fmt: skip

    def list(self) -> pd.DataFrame:
        """Return what is stored, a row a series.

        Columns: instrument, timeframe, bars, first and last (opens, UTC), coverage (stored bars / bars that the trading weeks between
        first and last could have, holidays not left out), size (bytes on disk), gaps (holes inside trading weeks), sources (files or
        makers, each once). A series whose `series.json` is damaged is named in a DataWarning and left out.
        """
        import pandas as pd

        rows = [_row(series) for _, series in self._readable()]
        columns = ("instrument", "timeframe", "bars", "first", "last", "coverage", "size", "gaps", "sources")
        frame = pd.DataFrame(rows, columns=list(columns))
        for name in ("first", "last"):
            frame[name] = pd.DatetimeIndex(frame[name].to_numpy(np.int64).astype("datetime64[ns]")).tz_localize("UTC")
        return frame.astype({"bars": "int64", "size": "int64", "gaps": "int64", "coverage": "float64"})

    def sql(self, query: str) -> pd.DataFrame:
        """Return the answer to a SELECT over the view `bars`: instrument, timeframe, time (UTC), the eight prices, volume.

        The query can read the bars and nothing else, and write nothing. Volume that a source did not have is NULL. Times have
        microseconds.

        Raises
        ------
        ParameterError
            What is no SELECT, or what duckdb refuses; its words are kept.
        BarsError
            A damaged file.

        Examples
        --------
        >>> Catalog("nowhere").sql("SELECT count(*) AS bars FROM bars").bars[0]
        np.int64(0)
        """
        from lts.data.catalog_sql import query as ask

        if not isinstance(query, str):
            raise ParameterError(f"sql: was {query!r}; it must be a text such as 'SELECT count(*) FROM bars'.")

        def read() -> pd.DataFrame:
            stored = self._readable()
            for folder, series in stored:
                for part in series.parts:
                    (folder / part.file).stat()  # a file that is gone is told by its name
            try:
                return ask(query, stored)
            except OSError as error:  # what Arrow meets in a file
                raise self._damage(stored, error) from error

        return _settled(read)

    def remove(self, instrument: str | Instrument, timeframe: str) -> int:
        """Remove a series, by its name and time frame; return how many bars it had (0 where its `series.json` was damaged).

        Raises
        ------
        BarsError
            There is none; says what there is.
        """
        name = _name(instrument)
        folder = files.series_folder(self.folder, name, _timeframe(timeframe))
        if (name, timeframe) not in files.known(self.folder):
            raise self._missing(name, timeframe)
        with files.locked(self.folder):
            try:
                series = files.read_series(folder)
            except BarsError:
                series = None
            (folder / "series.json").unlink(missing_ok=True)
            files.sweep(folder, set())
            for path in (folder, folder.parent):
                if path.is_dir() and not any(path.iterdir()):  # other people's files stay
                    path.rmdir()
        return 0 if series is None else series.bars

    def _readable(self) -> list[tuple[Path, files.Series]]:
        """Return folder and series of all whose `series.json` can be read; warn of the others."""
        found = []
        for pair, timeframe in files.known(self.folder):
            folder = files.series_folder(self.folder, pair, timeframe)
            try:
                series = files.read_series(folder)
            except BarsError as error:
                _warn(f"left out: {error}")
                continue
            if series is not None:
                found.append((folder, series))
        return found

    def _where(self, series: files.Series) -> str:
        return f"catalogue {self.folder.name}, {series.instrument.name} {series.timeframe}"

    def _missing(self, pair: str, timeframe: str) -> BarsError:
        """Return the error that says what there is instead."""
        stored = files.known(self.folder)
        if not stored:
            return BarsError(
                f"catalogue {self.folder}: {pair} {timeframe} was asked for; nothing is stored there yet. "
                "Put bars in with lts data import, lts data sample or lts.Catalog(folder).add(bars)."
            )
        own = [frame for name, frame in stored if name == pair]
        shorter = [frame for frame in own if NAMES[timeframe] > NAMES[frame] and NAMES[timeframe] % NAMES[frame] == 0]
        cure = f" Or resample {shorter[-1]}." if shorter else near_miss(pair, {name for name, _ in stored}) if not own else ""
        have = "; ".join(f"{name} {' '.join(f for n, f in stored if n == name)}" for name in dict(stored))
        return BarsError(
            f"catalogue {self.folder}: {pair} {timeframe} was asked for; it has {have}. Ask for one of these, or put it in with "
            f"lts data import.{cure}"
        )

    def _damage(self, stored: list[tuple[Path, files.Series]], error: OSError) -> BarsError:
        """Find the file that a query could not read."""
        for folder, series in stored:
            for part in series.parts:
                try:
                    files.read_part(folder, part)
                except BarsError as found:
                    return found
        return BarsError(f"catalogue {self.folder}: cannot be read ({error}); all files must be as LTS wrote them. Try again.")


def _settled(read: Callable[[], Any]) -> Any:
    """Read until no writer replaced a file meanwhile.

    Raises
    ------
    BarsError
        A file is gone that ought to be there.
    """
    for attempt in range(_TRIES):
        try:
            return read()
        except FileNotFoundError as error:
            if attempt == _TRIES - 1:
                raise files.damaged(Path(str(error.filename)), "it is gone") from error
    raise AssertionError  # the last attempt returns or raises


def _whole(folder: Path, part: files.Part) -> Rows:
    """Return a year's bars for the one writer, under whose hands nothing vanishes."""
    try:
        return files.read_part(folder, part)
    except FileNotFoundError as error:
        raise files.damaged(folder / part.file, "it is gone") from error


def _name(instrument: str | Instrument) -> str:
    """Return a name in the catalogue's form, "EUR_USD", of listed and of custom instruments."""
    if isinstance(instrument, Instrument):
        return instrument.name
    text = str(instrument).upper()
    found = re.fullmatch(r"\s*([A-Z0-9]{3})[_/. -]?([A-Z0-9]{3})\s*", text)
    if found is None:
        raise InstrumentError(f"catalogue, instrument: was {instrument!r}; it must be like 'EUR_USD', three signs each.")
    return f"{found[1]}_{found[2]}"


def _timeframe(name: str) -> str:
    duration(name)
    return name


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


def _row(series: files.Series) -> tuple[Any, ...]:
    gaps, absent = series.holes()
    named = tuple(dict.fromkeys(map(sources.name, series.sources)))
    return (
        series.instrument.name, series.timeframe, series.bars, series.parts[0].first, series.parts[-1].last,
        series.bars / (series.bars + absent), sum(part.size for part in series.parts), gaps, named,
    )  # fmt: skip


def _warn(text: str) -> None:
    from warnings import warn

    warn(text, DataWarning, stacklevel=4)
