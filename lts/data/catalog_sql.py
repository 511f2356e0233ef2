"""SQL over the catalogue: one view `bars`, answered by duckdb, which is given the bars and can reach nothing else.

The connection has no access to files, network, extensions or Python's variables, and its settings are locked; the bars reach it as
Arrow data sets that are opened here. Prices are points / 10**precision in double precision, as in `Bars`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lts.data.bars import PRICES
from lts.data.catalog_rows import schema
from lts.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd

    from lts.data.catalog_files import Series

COLUMNS = ("instrument", "timeframe", "time", *PRICES, "volume")
_CLOSED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}
_EMPTY = "SELECT NULL::VARCHAR instrument, NULL::VARCHAR timeframe, NULL::TIMESTAMPTZ AS time, {} WHERE false"


class UnansweredError(Exception):
    """A query that is right and still failed: perhaps for a damaged file."""


def answer(text: str, stored: Sequence[tuple[Path, Series]]) -> pd.DataFrame:
    """Return the answer to one SELECT over the view `bars` of these series (folder and series).

    Raises
    ------
    ParameterError
        SQL that duckdb refuses, or anything that is no single SELECT.
    UnansweredError
        What went wrong afterwards.
    """
    import duckdb

    with duckdb.connect(":memory:", config=dict(_CLOSED)) as connection:
        _open(connection, stored)
        try:
            _require_select(connection, text)
            frame: pd.DataFrame = connection.sql(text).to_arrow_table().to_pandas()
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException) as error:
            raise refused(error) from error
        except duckdb.Error as error:
            raise UnansweredError(str(error)) from error
    return frame


def refused(error: Exception) -> ParameterError:
    """Return the error that tells duckdb's words and what a query can ask."""
    columns = ", ".join(COLUMNS)
    return ParameterError(f"sql: {str(error).strip()}\nThe query must be one SELECT over the view bars ({columns}); time is UTC.")


def _open(connection: duckdb.DuckDBPyConnection, stored: Sequence[tuple[Path, Series]]) -> None:
    """Make the view, then let nothing be changed."""
    import pyarrow.dataset as ds

    checked = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    form = ds.ParquetFileFormat(default_fragment_scan_options=checked)
    selects = []
    for number, (folder, series) in enumerate(stored):
        files = [str(folder / part.file) for part in series.parts]
        connection.register(f"points_{number}", ds.dataset(files, schema=schema(), format=form))
        scale = f"1e{series.instrument.precision}"
        prices = ", ".join(f"{name} / {scale} AS {name}" for name in PRICES)
        selects.append(
            f"SELECT '{series.instrument.name}' AS instrument, '{series.timeframe}' AS timeframe, "  # noqa: S608  (both are checked)
            f"time::TIMESTAMPTZ AS time, {prices}, nullif(volume, 'nan'::DOUBLE) AS volume FROM points_{number}"
        )
    nothing = _EMPTY.format(", ".join(f"NULL::DOUBLE {name}" for name in (*PRICES, "volume")))
    connection.execute(f"CREATE VIEW bars AS {' UNION ALL '.join(selects or [nothing])}")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET lock_configuration = true")


def _require_select(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Refuse what does not ask: nothing could be written, but an answer of nothing would hide that."""
    kinds = [statement.type.name for statement in connection.extract_statements(text)]
    if kinds not in (["SELECT"], ["EXPLAIN"]):
        found = " and ".join(kinds) or "nothing"
        raise ParameterError(f"sql: was {found}; it must be one SELECT, for the catalogue is only read here.")
