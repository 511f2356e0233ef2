"""The catalogue: bars that are kept, by instrument and time frame, as parquet files that any program can read.

Files are the truth (lts/data/catalog_files.py says how they lie), duckdb answers queries over them. What is read back is what was
put in: the fingerprints are equal.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data import catalog_files as files
from lts.data import catalog_read as reading
from lts.data.catalog_add import add
from lts.data.catalog_rows import Added
from lts.data.home import home
from lts.data.timeframes import duration
from lts.errors import BarsError, ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from lts.data.bars import Bars
    from lts.instruments import Instrument

__all__ = ["Added", "Catalog"]


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

        Stamps that are stored already with the same points and volume are counted and left. Two processes may add at once. Each
        addition writes the files of the years it changes anew, so add days or months at a time, not single bars.

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
        return add(self.folder, bars, on_conflict)

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
        ParameterError
            An unknown time frame; a start or end that is no time.
        """
        for which, value in (("start", start), ("end", end)):
            if isinstance(value, (int, float, np.number)):
                raise ParameterError(f"catalogue, {which}: was {value!r}; it must be a time such as '2012-05' or a datetime.")
        name, folder = self._find(instrument, timeframe)

        def read() -> Bars:
            series = files.read_series(folder)
            if series is None:
                raise reading.missing(self.folder, name, timeframe)
            return reading.read_span(self.folder, folder, series, start, end)

        return reading.settled(self.folder, read)

    def list(self) -> pd.DataFrame:
        """Return what is stored, a row a series.

        Columns: instrument, timeframe, bars, first and last (opens, UTC), coverage (stored bars as a share of those that the
        trading weeks between first and last could have, holidays not left out), size (bytes on disk), gaps (holes inside trading
        weeks), sources (files or makers, each once). A series whose `series.json` is damaged is left out and named in a
        DataWarning.
        """
        return reading.settled(self.folder, lambda: reading.overview(self.folder))

    def sql(self, query: str) -> pd.DataFrame:
        """Return the answer to a SELECT over the view `bars`: instrument, timeframe, time (UTC), the eight prices, volume.

        The query can read the bars and nothing else, and write nothing. Volume that a source did not have is NULL. Times have
        microseconds.

        Raises
        ------
        ParameterError
            What is no SELECT, or what duckdb refuses; its words are kept.
        BarsError
            A damaged file, by name.

        Examples
        --------
        >>> int(Catalog("nowhere").sql("SELECT count(*) AS bars FROM bars").bars[0])
        0
        """
        if not isinstance(query, str):
            raise ParameterError(f"sql: was {query!r}; it must be a text, one SELECT over the view bars.")
        return reading.settled(self.folder, lambda: reading.ask(self.folder, query))

    def remove(self, instrument: str | Instrument, timeframe: str) -> int:
        """Remove a series, by its name and time frame; return how many bars it had (0 where its `series.json` was damaged).

        Raises
        ------
        BarsError
            There is none; says what there is.
        """
        name, folder = self._find(instrument, timeframe)
        if (name, timeframe) not in files.known(self.folder):
            raise reading.missing(self.folder, name, timeframe)
        with files.locked(self.folder):
            try:
                series = files.read_series(folder)
            except BarsError:
                series = None
            files.remove_series(folder)
        return 0 if series is None else series.bars

    def _find(self, instrument: str | Instrument, timeframe: str) -> tuple[str, Path]:
        """Return the name and the folder of a series, whether it is there or not."""
        name = reading.pair_name(instrument)
        duration(timeframe)  # refuses an unknown one
        return name, files.series_folder(self.folder, name, timeframe)
