"""Files of the catalogue.

    instrument=EUR_USD/timeframe=H1/series.json                       what is stored, and where it came from
    instrument=EUR_USD/timeframe=H1/year=2017/bars-<digest>.parquet   a year's bars, by the UTC year of their opens

Decision: `series.json` names the files that count, and replacing it is the one step that changes a series. A year's new file gets a
new name, so a crash at any moment leaves the old state or the new one, and readers need no lock unless writers take their files
away again and again; files that no `series.json` names are removed by the next writer. Writers hold a lock on `.lock` in the
catalogue's folder, which the system frees when they die.
Rejected: renaming over the years one by one, which a crash could leave half done; a database file, which only its program reads.
Other files in the folder are ignored.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lts._version import __version__
from lts.calendar import HOUR
from lts.data import measures
from lts.data.catalog_rows import Rows, from_table, schema, to_table
from lts.data.timeframes import NAMES, duration
from lts.errors import BarsError, InstrumentError
from lts.instruments import Instrument

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

FORM = 1  # of series.json
PAIR = re.compile(r"[A-Z0-9]{3}_[A-Z0-9]{3}")
_FILE = re.compile(r"year=-?\d{1,4}/bars-[0-9a-f]{16}\.parquet")
_GROUP = 131_072  # rows; queries over a span skip the other groups


@dataclass(frozen=True)
class Part:
    """A year's file."""

    file: str  # below the series' folder
    year: int
    bars: int
    first: int  # nanoseconds UTC
    last: int
    size: int  # bytes
    holes: int
    absent: int  # bars missing inside trading weeks


@dataclass(frozen=True)
class Series:
    """All that is stored of an instrument's time frame."""

    instrument: Instrument
    timeframe: str
    parts: tuple[Part, ...]  # by year
    sources: tuple[dict[str, Any], ...]  # as added

    @property
    def bars(self) -> int:
        """Number of bars."""
        return sum(part.bars for part in self.parts)

    def holes(self) -> tuple[int, int]:
        """Return the number of holes inside trading weeks, and of the bars they lack; those between years included."""
        found = [(part.holes, part.absent) for part in self.parts]
        for a, b in zip(self.parts, self.parts[1:], strict=False):
            found.append(holes(np.array([a.last, b.first]), duration(self.timeframe)))
        return sum(h for h, _ in found), sum(n for _, n in found)


def holes(time: NDArray[np.int64], length: int) -> tuple[int, int]:
    """Return the number of holes inside trading weeks, and of the bars they lack."""
    at = np.flatnonzero(np.diff(time) > length)
    shut = measures.open_before(time[at + 1]) - measures.open_before(time[at] + length)
    absent = shut // min(length, measures.OPEN_HOURS * HOUR)  # a week is open for 120 of its hours
    return int(np.count_nonzero(absent > 0)), int(absent[absent > 0].sum())


def series_folder(root: Path, pair: str, timeframe: str) -> Path:
    """Return the folder of a series; both names are checked."""
    if not PAIR.fullmatch(pair) or timeframe not in NAMES:
        raise InstrumentError(f"catalogue: {pair!r} {timeframe!r} names no series; it must be like 'EUR_USD' 'H1'.")
    return root / f"instrument={pair}" / f"timeframe={timeframe}"


def known(root: Path) -> list[tuple[str, str]]:
    """Return instrument and time frame of each series, in order: pairs by name, time frames by length."""
    found = []
    for path in root.glob("instrument=*/timeframe=*/series.json"):
        pair, timeframe = path.parts[-3].partition("=")[2], path.parts[-2].partition("=")[2]
        if PAIR.fullmatch(pair) and timeframe in NAMES:
            found.append((pair, timeframe))
    return sorted(found, key=lambda series: (series[0], NAMES[series[1]]))


def read_series(folder: Path) -> Series | None:
    """Return what a series' folder holds, None where there is none.

    Raises
    ------
    BarsError
        `series.json` cannot be read.
    """
    path = folder / "series.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["form"] > FORM:
            raise BarsError(
                f"{path}: was written by LTS {said['lts']}, this is {__version__}; it must be read by that. Update LTS."
            )
        parts = tuple(Part(**part) for part in said["parts"])
        if not all(_FILE.fullmatch(part.file) for part in parts):
            raise ValueError("a file name that the catalogue does not give")  # noqa: TRY301  (told like any other damage)
        return Series(Instrument(**said["instrument"]), said["timeframe"], parts, tuple(said["sources"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InstrumentError) as error:
        if isinstance(error, BarsError):
            raise
        raise BarsError(
            f"{path}: cannot be read ({type(error).__name__}: {error}); it must be as LTS wrote it. "
            "Remove the series and import it again."
        ) from error


def write_series(folder: Path, series: Series) -> None:
    """Make a series what is stated, in one step, and remove the files that it no longer names."""
    said = {
        "form": FORM, "lts": __version__, "instrument": asdict(series.instrument), "timeframe": series.timeframe,
        "parts": [asdict(part) for part in series.parts], "sources": list(series.sources),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False, default=str).encode()
    temporary = folder / "series.json.new"
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / "series.json")
    _keep_folder(folder)
    sweep(folder, {part.file for part in series.parts})


def sweep(folder: Path, wanted: set[str]) -> None:
    """Remove the catalogue's own files that are not wanted, and the years that are empty then."""
    (folder / "series.json.new").unlink(missing_ok=True)
    for path in [*folder.glob("year=*/bars-*.parquet"), *folder.glob("year=*/bars-*.parquet.new")]:
        name = f"{path.parent.name}/{path.name}"
        if name not in wanted and _FILE.fullmatch(name.removesuffix(".new")):
            path.unlink()
    for year in folder.glob("year=*"):
        if year.is_dir() and not any(year.iterdir()):
            year.rmdir()


def remove_series(folder: Path) -> None:
    """Remove a series; other people's files stay, and the folders they lie in."""
    (folder / "series.json").unlink(missing_ok=True)
    sweep(folder, set())
    for path in (folder, folder.parent):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def write_part(folder: Path, year: int, rows: Rows, instrument: Instrument, timeframe: str) -> Part:
    """Write a year's bars under a name of their own; nothing counts them until `write_series` does."""
    import pyarrow.parquet as pq

    file = f"year={year}/bars-{rows.digest()}.parquet"
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"instrument": instrument.name, "precision": instrument.precision, "timeframe": timeframe, "lts": __version__}
    table = to_table(rows).replace_schema_metadata({"lts": json.dumps(about)})
    temporary = path.with_name(f"{path.name}.new")
    whole = [name for name in table.column_names if name != "volume"]
    with temporary.open("wb") as sink:
        pq.write_table(
            table, sink, compression="zstd", row_group_size=_GROUP, write_page_checksum=True, use_dictionary=["volume"],
            column_encoding=dict.fromkeys(whole, "DELTA_BINARY_PACKED"),
        )  # fmt: skip
        sink.flush()
        os.fsync(sink.fileno())
    temporary.replace(path)
    _keep_folder(path.parent)
    first, last, size = int(rows.time[0]), int(rows.time[-1]), path.stat().st_size
    return Part(file, year, len(rows), first, last, size, *holes(rows.time, duration(timeframe)))


def read_part(folder: Path, part: Part) -> Rows:
    """Return a year's bars.

    Raises
    ------
    FileNotFoundError
        It is gone.
    BarsError
        It is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / part.file
    try:
        with path.open("rb") as file:
            table = pq.ParquetFile(file, page_checksum_verification=True).read(columns=schema().names)
        rows = from_table(table.cast(schema()))
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise damaged(path, str(error).splitlines()[0]) from error
    if (len(rows), *rows.time[[0, -1]].tolist()) != (part.bars, part.first, part.last):
        raise damaged(path, f"{len(rows):,} bars, {part.bars:,} were written")
    return rows


def damaged(path: Path, why: str) -> BarsError:
    """Return the error that names a file which is not as it was written."""
    return BarsError(
        f"{path}: cannot be read ({why}); it must be as LTS wrote it. "
        "Remove the series with lts.Catalog(folder).remove(instrument, timeframe) and import it again."
    )


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Be the only writer of the catalogue; wait until that is so.

    Raises
    ------
    BarsError
        The folder cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / ".lock").open("a")
    except OSError as error:
        raise unwritable(root, error) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        except OSError as error:
            raise unwritable(root, error) from error


@contextmanager
def still(root: Path) -> Iterator[None]:
    """Let writers wait; where no writer ever was there is nothing to wait for."""
    try:
        lock = (root / ".lock").open("rb")
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def unwritable(root: Path, error: OSError) -> BarsError:
    """Return the error that says why nothing can be kept."""
    return BarsError(
        f"catalogue folder {root}: cannot be written ({error.strerror or error}); it must be a folder of yours with space left. "
        "Name another, or set LTS_HOME."
    )


def _keep_folder(folder: Path) -> None:
    """Make new names in a folder outlive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def with_part(series: Series, part: Part) -> Series:
    """Return the series with a year's file in place of the one it had."""
    parts = {**{known.year: known for known in series.parts}, part.year: part}
    return replace(series, parts=tuple(parts[year] for year in sorted(parts)))
