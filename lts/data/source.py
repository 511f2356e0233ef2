"""Sources: a path, a frame or a dict of arrays becomes one polars frame."""

from __future__ import annotations

import gzip
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts.data.layouts import Layout, sniff
from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

_NULLS = ["NA", "N/A", "n/a", "null", "NULL", "None", "#N/A", "NaT"]
_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass
class Table:
    """A source as a frame, and what its wrapping says."""

    frame: pl.DataFrame
    where: str  # for messages
    text: bool = False  # from a text file
    day: str | None = None  # YYYY-MM-DD in the file's name
    stamp: str | None = None  # format of stamps, when stated
    comma: bool = False  # 1,30584 is a price


def open_table(source: object, layout: Layout, kind: str) -> Table:
    """Open a source.

    Parameters
    ----------
    source : path, pandas or polars frame, pyarrow Table, or dict of arrays
        A path may be parquet, Arrow IPC (feather), or text, also gzipped or the only file in a zip.
    kind : str
        "bars" or "ticks".

    Raises
    ------
    BarsError
        Nothing there, not readable, or no rows.
    """
    if isinstance(source, (str, Path)):
        table = _open_path(Path(source).expanduser(), layout, kind)
    else:
        table = Table(_open_memory(source), f"the {type(source).__name__}", stamp=layout.stamp)
    if table.frame.height == 0:
        raise BarsError(f"{table.where}: was empty; it must have at least one row.")
    return table


def _open_path(path: Path, layout: Layout, kind: str) -> Table:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise BarsError(f"{path}: {what}; source must be a file, a frame or a dict of arrays.{near_miss(path.name, names)}")
    import polars as pl

    with path.open("rb") as file:
        magic = file.read(6)
    found = _DAY.search(path.name)
    day = "-".join(found.groups()) if found else None
    try:
        if magic.startswith(b"PAR1"):
            return Table(pl.read_parquet(path), path.name, day=day, stamp=layout.stamp)
        if magic == b"ARROW1":
            return Table(pl.read_ipc(path), path.name, day=day, stamp=layout.stamp)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BarsError(f"{path.name}: cannot be read ({_first_line(error)}); it must be a whole parquet or Arrow file.") from error
    try:
        data = _unpack(path, magic)
    except (OSError, EOFError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise BarsError(f"{path.name}: cannot be unpacked ({_first_line(error)}); it must be a whole file.") from error
    full = sniff(_first_lines(data, path.name), layout, kind, path.name)
    return Table(_parse(data, full, path.name), path.name, text=True, day=day, stamp=layout.stamp, comma=bool(full.decimal_comma))


def _first_lines(data: bytes, where: str) -> list[str]:
    start = data[:65_536].decode("utf-8-sig", errors="ignore")
    lines = [line for line in start.splitlines() if line.strip()][:20]
    if not lines or "\0" in start:
        raise BarsError(f"{where}: was {'no text' if lines else 'empty'}; it must be parquet, Arrow or text with at least one row.")
    return lines


def _unpack(path: Path, magic: bytes) -> bytes:
    """Return the file's text as UTF-8 bytes."""
    if magic.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as packed:
            names = [n for n in packed.namelist() if not n.endswith("/")]
            if len(names) != 1:
                raise BarsError(
                    f"{path.name}: holds {len(names)} files; a zip must hold one. Unpack it and read the file that is meant."
                )
            data = packed.read(names[0])
    elif magic.startswith(b"\x1f\x8b"):
        data = gzip.decompress(path.read_bytes())
    else:
        data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # MetaTrader writes UTF-16
        data = data.decode("utf-16").encode()
    return data


def _parse(data: bytes, layout: Layout, where: str) -> pl.DataFrame:
    import polars as pl

    options: dict[str, Any] = {
        "separator": layout.separator,
        "has_header": layout.header,
        "decimal_comma": bool(layout.decimal_comma),
        "null_values": _NULLS,
    }
    try:
        try:
            frame = pl.read_csv(data, infer_schema_length=1000, **options)
        except pl.exceptions.ComputeError:  # a text among numbers: keep texts, so that its row can be named
            frame = pl.read_csv(data, infer_schema=False, **options)
    except pl.exceptions.PolarsError as error:
        raise BarsError(
            f"{where}: cannot be read as a table ({_first_line(error)}); every line must have the same columns."
        ) from error
    return frame if layout.columns is None else _name(frame, layout.columns, where)


def _name(frame: pl.DataFrame, columns: tuple[str, ...], where: str) -> pl.DataFrame:
    if len(columns) != frame.width:
        raise ParameterError(
            f"{where}, columns: {len(columns)} were named and the file has {frame.width}; there must be one name for each."
        )
    unique = [f"skip_{i}" if name == "skip" else name for i, name in enumerate(columns)]
    return frame.rename(dict(zip(frame.columns, unique, strict=True)))


def _open_memory(source: object) -> pl.DataFrame:
    """Return a frame, an Arrow table or a dict of arrays as a polars frame."""
    import polars as pl

    library = type(source).__module__.partition(".")[0]
    try:
        if isinstance(source, pl.DataFrame):
            return source
        if isinstance(source, pl.LazyFrame):
            return source.collect()
        if library == "pandas":
            return _from_pandas(source)
        if library == "pyarrow":
            found = pl.from_arrow(source)
            return found if isinstance(found, pl.DataFrame) else found.to_frame()
        if hasattr(source, "items"):
            return _from_arrays(source)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, (BarsError, ParameterError)):
            raise
        raise BarsError(f"the {type(source).__name__}: cannot be read as a table ({_first_line(error)}).") from error
    raise ParameterError(
        f"source: was a {type(source).__name__}; "
        "it must be a path, a pandas or polars DataFrame, a pyarrow Table or a dict of arrays."
    )


def _from_pandas(source: Any) -> pl.DataFrame:
    import pandas as pd
    import polars as pl

    frame = source.to_frame() if isinstance(source, pd.Series) else source
    if isinstance(frame.columns, pd.MultiIndex):
        raise BarsError(f"the DataFrame: its columns have levels ({list(frame.columns[:2])} ...); they must be plain names.")
    if not isinstance(frame.index, pd.RangeIndex):
        stamps = isinstance(frame.index, pd.DatetimeIndex)
        name = frame.index.name or ("time" if stamps else "index")
        if str(name) not in {str(c) for c in frame.columns}:
            frame = frame.reset_index(names=name)
    frame = frame.rename(columns=str)
    return pl.from_pandas(frame)


def _from_arrays(source: Mapping[str, Any] | Any) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    columns: dict[str, Any] = {}
    for name, values in source.items():
        array = values
        if isinstance(array, np.ndarray) and array.dtype.kind == "M":
            array = array.astype("datetime64[us]" if np.datetime_data(array.dtype)[0] not in ("ns", "ms", "us") else array.dtype)
        elif isinstance(array, np.ndarray) and array.dtype.kind == "O":
            array = list(array)
        elif hasattr(array, "to_list") and not isinstance(array, pl.Series):
            array = pl.Series(str(name), array.to_list() if array.dtype.kind == "O" else _plain(array), strict=False)
        columns[str(name)] = array
    sizes = {name: len(values) for name, values in columns.items()}
    if len(set(sizes.values())) > 1:
        raise BarsError(f"the dict: its arrays have different lengths ({sizes}); they must have one.")
    return pl.DataFrame(columns, strict=False)


def _plain(series: Any) -> Any:
    """Return a pandas Series or Index as a polars Series."""
    import pandas as pd
    import polars as pl

    return pl.from_pandas(pd.Series(series).reset_index(drop=True))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
