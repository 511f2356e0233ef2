"""Queries over the catalogue: prices as they are, and nothing but the bars within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lts
from lts.data.bars import PRICES, Bars
from lts.data.catalog import Catalog
from lts.errors import ParameterError
from tests.small import table

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [(1.1, 1.2, 1.0, 1.15), (1.15, 1.3, 1.1, 1.2)]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    made = Catalog(tmp_path / "bars")
    made.add(table(ROWS, spread=2))
    made.add(table([(150.1, 150.2, 150.0, 150.123)], pair="USD_JPY", timeframe="M5"))
    return made


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_prices_are_the_floats_of_bars_and_times_are_utc(catalog: Catalog) -> None:
    found = catalog.sql("SELECT * FROM bars ORDER BY instrument, time")
    assert list(found.columns) == ["instrument", "timeframe", "time", *PRICES, "volume"]
    assert found["instrument"].tolist() == ["EUR_USD", "EUR_USD", "USD_JPY"]
    assert found["timeframe"].tolist() == ["H1", "H1", "M5"]
    assert found["bid_close"].tolist() == [1.15, 1.2, 150.123]
    assert found["ask_close"].tolist()[:2] == [1.15002, 1.20002]
    assert found["time"].tolist()[1] == pd.Timestamp("2024-01-08 01:00", tz="UTC")
    assert found["volume"].isna().all()


def test_every_float_is_that_of_bars(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), lts.synthetic_bars("EUR_USD", "M5", 20_000, 3, "2015-12-20")
    catalog.add(bars)
    found = catalog.sql("SELECT * FROM bars ORDER BY time")
    frame = bars.to_pandas()
    assert (found["time"].to_numpy("datetime64[ns]").astype(np.int64) == bars.time).all()
    for name in (*PRICES, "volume"):
        assert found[name].to_numpy().tobytes() == frame[name].to_numpy().tobytes()


def test_volume_that_is_not_stated_does_not_spoil_sums(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), table(ROWS)
    catalog.add(Bars.from_points("EUR_USD", "H1", bars.time, bars.points.matrix, np.array([5.0, np.nan])))
    assert catalog.sql("SELECT sum(volume) AS v, count(volume) AS n FROM bars").iloc[0].tolist() == [5.0, 1]


def test_days_and_hours_are_cut_in_utc(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    found = catalog.sql("SELECT hour(max(time)) AS h, CAST(max(time) AS VARCHAR) AS t FROM bars WHERE instrument = 'EUR_USD'")
    assert found.iloc[0].tolist() == [1, "2024-01-08 01:00:00+00"]


@pytest.mark.parametrize("query", ["WITH a AS (FROM bars) SELECT count(*) FROM a", "FROM bars", "DESCRIBE bars", "VALUES (1)"])
def test_what_asks_is_answered(catalog: Catalog, query: str) -> None:
    assert len(catalog.sql(query))


@pytest.mark.parametrize(
    "query",
    [
        "COPY bars TO '{out}'",
        "COPY (SELECT 1) TO '{own}'",
        "COPY bars TO '{out}' (FORMAT parquet)",
        "EXPORT DATABASE '{out}'",
        "ATTACH '{out}' AS x",
        "CREATE TABLE x AS FROM bars",
        "INSERT INTO bars VALUES (1)",
        "DROP VIEW bars",
        "SET enable_external_access = true",
        "PRAGMA enable_object_cache",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT 1; COPY bars TO '{out}'",
        "EXPLAIN ANALYZE COPY bars TO '{out}'",
        "SELECT * FROM query('COPY bars TO ''{out}''')",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_blob('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM glob('{secret}*')",
        "SELECT * FROM read_parquet('{own}')",
        "SELECT * FROM parquet_scan('https://127.0.0.1:9/x.parquet')",
        "SELECT getenv('HOME')",
        "SELECT * FROM catalog",
        "SELECT * FROM frame",
        "",
        "-- nothing",
    ],
)
def test_a_query_writes_nothing_and_reads_nothing_else(catalog: Catalog, tmp_path: Path, query: str) -> None:
    secret, out = tmp_path / "secret.csv", tmp_path / "out"
    secret.write_text("word\nhidden\n", encoding="utf-8")
    frame = pd.DataFrame({"word": ["hidden"]})
    before = everything(tmp_path)
    own = next(path for path in before if path.suffix == ".parquet")
    with pytest.raises(ParameterError, match="one SELECT") as refused:
        catalog.sql(query.format(out=out, secret=secret, own=own))
    assert "hidden" not in str(refused.value)
    assert everything(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bars", "secret.csv"]
    assert len(frame) == 1


def test_mistakes_are_told_in_the_words_of_the_database(catalog: Catalog) -> None:
    with pytest.raises(ParameterError, match=r"clse[\s\S]*bid_close"):
        catalog.sql("SELECT bid_clse FROM bars")
    with pytest.raises(ParameterError, match="syntax error"):
        catalog.sql("SELEC")
    with pytest.raises(ParameterError, match="abc"):
        catalog.sql("SELECT CAST('abc' AS INTEGER)")
    with pytest.raises(ParameterError, match="was 5"):
        catalog.sql(5)
