"""The catalogue: what is put in comes back, what differs is refused, what is broken is named."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lts
from lts.data.bars import Bars, RawQuotes
from lts.data.catalog import Added, Catalog
from lts.data.home import home
from lts.data.timeframes import NAMES
from lts.errors import BarsError, DataWarning, InstrumentError, ParameterError
from tests.bar_sets import good, read
from tests.small import table

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3_600_000_000_000
DAY = 24 * HOUR
NEW_YEAR = 1_704_067_200_000_000_000  # 2024-01-01 00:00 UTC, a Monday
PRICES = [(1.1, 1.2, 1.0, 1.15), (1.15, 1.3, 1.1, 1.2), (1.2, 1.25, 1.15, 1.22)]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "bars")


def files(catalog: Catalog) -> dict[str, bytes]:
    """Return what lies in the folder, the lock aside."""
    return {
        str(path.relative_to(catalog.folder)): path.read_bytes()
        for path in sorted(catalog.folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def parquet(catalog: Catalog) -> list[Path]:
    return sorted(catalog.folder.rglob("*.parquet"))


def hours(n: int, seed: int = 1) -> Bars:
    return lts.synthetic_bars("EUR_USD", "H1", n, seed, "2023-12-18")


# what is put in comes back


@st.composite
def any_bars(draw: st.DrawFn) -> Bars:
    """Bars of any stamps, points and volumes that can be, over several years, some with quotes as they came."""
    timeframe = draw(st.sampled_from([*NAMES]))
    steps = draw(st.lists(st.integers(1, 9_000), max_size=30))
    start = draw(st.integers(-(2**60), 2**60))
    time = start + np.cumsum([0, *steps]).astype(np.int64) * NAMES[timeframe]
    time = time[(time > start) | (np.arange(len(time)) == 0)]
    n = len(time)
    matrix = draw(arrays.arrays(np.int32, (8, n), elements=st.integers(-(2**31), 2**31 - 1)))
    volume = draw(arrays.arrays(np.float64, n, elements=st.floats(allow_nan=True, allow_infinity=True, width=64)))
    index = np.flatnonzero(draw(arrays.arrays(np.bool_, n))).astype(np.int64)
    raw = draw(arrays.arrays(np.int32, (8, len(index)), elements=st.integers(-(2**31), 2**31 - 1)))
    return Bars.from_points("USD_JPY", timeframe, time, matrix, volume, ("a note",), raw=RawQuotes(index, raw))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bars=any_bars())
def test_what_is_read_back_is_what_was_put_in(bars: Bars, tmp_path_factory: pytest.TempPathFactory) -> None:
    catalog = Catalog(tmp_path_factory.mktemp("bars"))
    assert catalog.add(bars) == Added(len(bars), 0, 0, 0)
    back = catalog.bars("USD_JPY", bars.timeframe)
    assert back.fingerprint == bars.fingerprint
    raw = back.raw or RawQuotes(np.empty(0, np.int64), np.empty((8, 0), np.int32))
    assert raw.index.tolist() == bars.raw.index.tolist()
    assert raw.matrix.tolist() == bars.raw.matrix.tolist()
    assert catalog.add(back, on_conflict="error") == Added(0, len(bars), 0, 0)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(1, 999), overlap=st.integers(0, 300))
def test_pieces_in_any_order_make_the_whole(cut: int, overlap: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    whole, catalog = hours(1_000), Catalog(tmp_path_factory.mktemp("bars"))
    second, first = whole[max(0, cut - overlap) :], whole[:cut]
    catalog.add(second)
    added = catalog.add(first)
    assert added == Added(1_000 - len(second), len(first) + len(second) - 1_000, 0, 0)
    assert catalog.bars("EUR_USD", "H1").fingerprint == whole.fingerprint


def test_notes_side_faults_and_crossed_quotes_come_back(catalog: Catalog) -> None:
    columns = good(300)
    columns["ask_close"][7] = columns["bid_close"][7] - 0.0004
    columns["ask_low"][7] = columns["ask_close"][7]
    bars = read({name: np.append(values, values[-1:]) for name, values in columns.items()}, duplicates="first")
    catalog.add(bars)
    back = catalog.bars("EUR_USD", "H1")
    assert back.notes == bars.notes
    there, here = back.quality.as_dict(), bars.quality.as_dict()
    assert here["faults"]["duplicates"]["count"] == 1
    assert here["crossed"]["crossed_closes"] == 1
    assert {**there, "source": ""} == {**here, "source": ""}


def test_an_own_instrument_comes_back_whole(catalog: Catalog) -> None:
    mine = lts.Instrument("ABC_XYZ", precision=3, pip_location=-2, lot=10.0, margin_rate=0.5)
    bars = Bars.from_points(mine, "D1", np.array([NEW_YEAR]), np.full((8, 1), 5, np.int32))
    catalog.add(bars)
    assert catalog.bars("ABC_XYZ", "D1").instrument == mine
    assert catalog.bars(mine, "D1").fingerprint == bars.fingerprint


def test_years_are_files_and_adding_touches_only_its_own(catalog: Catalog) -> None:
    whole = hours(1_000)
    catalog.add(whole[:"2024-01-05"])
    before = files(catalog)
    years = [path.parent.name for path in parquet(catalog)]
    assert years == ["year=2023", "year=2024"]
    catalog.add(whole["2024-01-06":])
    after = files(catalog)
    kept = [name for name in before if "year=2023" in name]
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert [path.parent.name for path in parquet(catalog)] == years


def test_other_programs_read_the_files_by_their_folders(catalog: Catalog) -> None:
    import duckdb

    catalog.add(hours(1_000))
    pattern = f"{catalog.folder}/*/*/*/*.parquet"
    found = duckdb.sql(f"SELECT instrument, timeframe, year, count(*) FROM '{pattern}' GROUP BY ALL ORDER BY year").fetchall()  # noqa: S608
    assert [row[:3] for row in found] == [("EUR_USD", "H1", 2023), ("EUR_USD", "H1", 2024)]
    assert sum(row[3] for row in found) == 1_000


def test_an_origin_gives_the_same_bars_after_more_were_added(catalog: Catalog) -> None:
    whole = hours(1_000)
    catalog.add(whole[:500])
    bars = catalog.bars("EUR_USD", "H1")
    catalog.add(whole)
    origin = dict(bars.origin)
    assert origin.pop("kind") == "catalog"
    again = Catalog(origin.pop("folder")).bars(**origin)
    assert again.fingerprint == bars.fingerprint == whole[:500].fingerprint


# merging


def test_identical_bars_are_counted_and_nothing_is_written(catalog: Catalog) -> None:
    bars = table(PRICES)
    assert catalog.add(bars) == Added(new=3, identical=0, kept=0, replaced=0)
    before = files(catalog)
    assert catalog.add(bars) == Added(new=0, identical=3, kept=0, replaced=0)
    assert files(catalog) == before


def test_other_values_for_a_stamp_are_refused_and_the_first_is_shown(catalog: Catalog) -> None:
    catalog.add(table(PRICES, spread=1))
    before = files(catalog)
    other = [PRICES[0], (1.15, 1.3, 1.1, 1.21), (1.2, 1.25, 1.15, 1.23), (1.2, 1.25, 1.15, 1.22)]
    with pytest.raises(BarsError) as refused:
        catalog.add(table(other, spread=1))
    assert (
        "catalogue bars, EUR_USD H1, 2024-01-08 01:00 UTC: the new bar was bid 1.15000 1.30000 1.10000 1.21000 ask 1.15001 1.30001 "
        "1.10001 1.21001 volume nan, the stored one is bid 1.15000 1.30000 1.10000 1.20000 ask 1.15001 1.30001 1.10001 1.20001 "
        "volume nan; the same stamp must hold the same values (2 of 3 common stamps differ; nothing was added)"
    ) in str(refused.value)
    assert "on_conflict='keep'" in str(refused.value)
    assert files(catalog) == before


@pytest.mark.parametrize(
    ("rule", "counts", "close"),
    [
        ("keep", Added(new=1, identical=1, kept=1, replaced=0), 1.15),
        ("replace", Added(new=1, identical=1, kept=0, replaced=1), 1.11),
    ],
)
def test_a_rule_says_which_of_two_bars_stays(catalog: Catalog, rule: str, counts: Added, close: float) -> None:
    catalog.add(table(PRICES[:2]))
    assert catalog.add(table([(1.1, 1.2, 1.0, 1.11), *PRICES[1:]]), on_conflict=rule) == counts
    assert catalog.bars("EUR_USD", "H1").bid_close.tolist() == [close, 1.2, 1.22]


def test_another_volume_is_another_bar(catalog: Catalog) -> None:
    bars = table(PRICES)
    catalog.add(bars)
    counted = Bars.from_points("EUR_USD", "H1", bars.time, bars.points.matrix, np.array([1.0, np.nan, np.nan]))
    with pytest.raises(BarsError, match="volume 1, the stored one is .* volume nan"):
        catalog.add(counted)


def test_a_conflict_in_one_year_leaves_the_other_years_as_they_were(catalog: Catalog) -> None:
    whole = hours(1_000)
    catalog.add(whole["2024":])
    matrix = whole.points.matrix.copy()
    matrix[:, -1] += 1
    before = files(catalog)
    with pytest.raises(BarsError, match="nothing was added"):
        catalog.add(Bars.from_points("EUR_USD", "H1", whole.time, matrix, whole.volume))
    assert files(catalog) == before


def test_days_that_end_at_other_hours_are_no_one_series(catalog: Catalog) -> None:
    minutes = lts.synthetic_bars("EUR_USD", "H1", 500, 1)
    catalog.add(minutes.resample("D1"))
    with pytest.raises(
        BarsError, match="stored bar of 2015-01-04 22:00 UTC opens inside the new bar of 2015-01-04 00:00 UTC, in 42 places"
    ):
        catalog.add(minutes.resample("D1", anchor="utc"))


def test_a_week_of_167_hours_is_no_overlap(catalog: Catalog) -> None:
    weeks = lts.synthetic_bars("EUR_USD", "H1", 3_000, 1).resample("W1")  # 2015, the clocks were set forward on 8 March
    assert np.diff(weeks.time).min() == 167 * HOUR
    short = int(np.argmin(np.diff(weeks.time))) + 1
    catalog.add(weeks[:short])
    catalog.add(weeks[short:])
    assert catalog.bars("EUR_USD", "W1").fingerprint == weeks.fingerprint


def test_another_tick_is_refused(catalog: Catalog) -> None:
    bars = table(PRICES)
    catalog.add(bars)
    coarse = replace(bars.instrument, precision=4)
    other = Bars.from_points(coarse, "H1", bars.time, bars.points.matrix)
    for rule in ("error", "keep", "replace"):
        with pytest.raises(BarsError, match="4 decimals, the stored ones 5"):
            catalog.add(other, on_conflict=rule)


def test_other_terms_of_the_instrument_follow_the_rule(catalog: Catalog) -> None:
    bars = table(PRICES)
    catalog.add(bars)
    mine = Bars.from_points(replace(bars.instrument, lot=1000.0), "H1", bars.time, bars.points.matrix)
    with pytest.raises(BarsError, match=r"lot was 1000\.0, is 100000\.0"):
        catalog.add(mine)
    catalog.add(mine, on_conflict="keep")
    assert catalog.bars("EUR_USD", "H1").instrument.lot == 100_000
    catalog.add(mine, on_conflict="replace")
    assert catalog.bars("EUR_USD", "H1").instrument.lot == 1_000


def test_no_bars_and_unknown_rules_are_refused(catalog: Catalog) -> None:
    bars = table(PRICES)
    with pytest.raises(BarsError, match="no bars"):
        catalog.add(bars[:0])
    with pytest.raises(ParameterError, match="was 'replce'.*Did you mean 'replace'"):
        catalog.add(bars, on_conflict="replce")


Row = tuple[tuple[int, ...], float, "tuple[int, ...] | None"]


@st.composite
def some_rows(draw: st.DrawFn) -> dict[int, Row]:
    """Return a few rows by stamp: points, volume, quotes as they came; few values, so that stamps meet and agree."""
    eight = st.tuples(*[st.integers(1, 2)] * 8)
    row = st.tuples(eight, st.sampled_from([1.0, float("nan")]), st.none() | eight)
    return draw(st.dictionaries(st.integers(0, 6), row, min_size=1))


def as_bars(rows: dict[int, Row]) -> Bars:
    stamps = sorted(rows)
    raw = [place for place, stamp in enumerate(stamps) if rows[stamp][2] is not None]
    return Bars.from_points(
        "EUR_USD", "H1", NEW_YEAR - 3 * HOUR + HOUR * np.array(stamps, np.int64),
        np.array([rows[stamp][0] for stamp in stamps], np.int32).T, np.array([rows[stamp][1] for stamp in stamps]),
        raw=RawQuotes(np.array(raw, np.int64), np.array([rows[stamps[i]][2] for i in raw], np.int32).reshape(-1, 8).T),
    )  # fmt: skip


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=some_rows(), new=some_rows(), rule=st.sampled_from(["error", "keep", "replace"]))
def test_merging_is_what_a_dictionary_does(
    old: dict[int, Row], new: dict[int, Row], rule: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    catalog, stored = Catalog(tmp_path_factory.mktemp("bars")), as_bars(old)
    catalog.add(stored)
    both = old.keys() & new.keys()
    other = {stamp for stamp in both if repr(old[stamp][:2]) != repr(new[stamp][:2])}
    if other and rule == "error":
        with pytest.raises(BarsError, match=rf"\({len(other)} of {len(both)} common stamps differ"):
            catalog.add(as_bars(new), rule)
        expected = old
    else:
        counts = (len(new) - len(both), len(both) - len(other), *((0, len(other)) if rule == "replace" else (len(other), 0)))
        assert catalog.add(as_bars(new), rule) == counts
        winners = other if rule == "replace" else set()
        expected = {**new, **{stamp: row for stamp, row in old.items() if stamp not in winners}}
    found, wanted = catalog.bars("EUR_USD", "H1"), as_bars(expected)
    assert found.fingerprint == wanted.fingerprint
    raw = found.raw or RawQuotes(np.empty(0, np.int64), np.empty((8, 0), np.int32))
    assert raw.index.tolist() == wanted.raw.index.tolist()
    assert raw.matrix.tolist() == wanted.raw.matrix.tolist()


# asking


def test_a_span_is_cut_as_bars_are_cut(catalog: Catalog) -> None:
    whole = hours(1_000)
    catalog.add(whole)
    for start, end in [("2023", "2023"), ("2024-01-03", None), (None, "2023-12-29 13"), ("2023-12-29", "2024-01-02")]:
        assert catalog.bars("EUR_USD", "H1", start, end).fingerprint == whole[start:end].fingerprint
    stamp = pd.Timestamp(int(whole.time[400]), tz="UTC").tz_convert("Asia/Tokyo")
    assert catalog.bars("EUR_USD", "H1", stamp, stamp).time.tolist() == [whole.time[400]]


def test_only_sources_within_the_span_are_told(catalog: Catalog) -> None:
    whole = hours(1_000)
    for part, note in ((whole[:500], "early"), (whole[500:], "late")):
        catalog.add(Bars.from_points("EUR_USD", "H1", part.time, part.points.matrix, part.volume, (note,)))
    assert catalog.bars("EUR_USD", "H1").notes == ("early", "late")
    assert catalog.bars("EUR_USD", "H1", None, "2023-12-25").notes == ("early",)


@pytest.mark.parametrize("start", [5, 5.0, np.int64(5), "yesterday"])
def test_a_start_that_is_no_time_is_refused(catalog: Catalog, start: object) -> None:
    catalog.add(table(PRICES))
    with pytest.raises(ParameterError, match="time"):
        catalog.bars("EUR_USD", "H1", start)


def test_what_is_missing_is_answered_with_what_there_is(catalog: Catalog) -> None:
    with pytest.raises(BarsError, match="EUR_USD H1 was asked for; nothing is stored there yet"):
        catalog.bars("EUR_USD", "H1")
    catalog.add(table(PRICES))
    catalog.add(table(PRICES, timeframe="M5"))
    catalog.add(table(PRICES, pair="GBP_USD"))
    with pytest.raises(BarsError, match=r"EUR_USD H4 was asked for; it has EUR_USD M5 H1; GBP_USD H1\..* Or resample H1"):
        catalog.bars("EURUSD", "H4")
    with pytest.raises(BarsError, match="Did you mean 'EUR_USD'"):
        catalog.bars("EUR_USX", "H1")
    with pytest.raises(BarsError, match=r"from 2030 to 2031; it has 3 bars, 2024-01-08 00:00 to 2024-01-08 02:00 UTC"):
        catalog.bars("EUR_USD", "H1", "2030", "2031")
    with pytest.raises(ParameterError, match="'H5' is unknown"):
        catalog.bars("EUR_USD", "H5")


@pytest.mark.parametrize("name", ["EUR_USD'; DROP VIEW bars; --", "../../EUR_USD", "EUR_USD/..", "", "EUR*", "EU̲R_USD", "EUR_USDX"])
def test_names_that_are_none_are_refused(catalog: Catalog, name: str) -> None:
    for call in (catalog.bars, catalog.remove):
        with pytest.raises(InstrumentError, match="it must be like 'EUR_USD'"):
            call(name, "H1")
        with pytest.raises(ParameterError, match="timeframe"):
            call("EUR_USD", f"H1{name}x")


def test_the_list_counts_bars_holes_and_bytes_in_utc(catalog: Catalog) -> None:
    time = NEW_YEAR - 2 * HOUR + HOUR * np.array([0, 1, 4, 5, 8])  # holes of two bars each; one lies at the turn of the year
    matrix = np.full((8, 5), 110_000, np.int32)
    catalog.add(Bars.from_points("EUR_USD", "H1", time + DAY, matrix))
    catalog.add(lts.samples.ecb("EUR_GBP"))
    found = catalog.list()
    assert list(found.columns) == ["instrument", "timeframe", "bars", "first", "last", "coverage", "size", "gaps", "sources"]
    assert found["instrument"].tolist() == ["EUR_GBP", "EUR_USD"]
    row = found.iloc[1]
    assert (row["timeframe"], row["bars"], row["gaps"]) == ("H1", 5, 2)
    assert row["coverage"] == pytest.approx(5 / 9)
    assert row["first"] == pd.Timestamp("2024-01-01 22:00", tz="UTC")
    assert row["last"] == pd.Timestamp("2024-01-02 06:00", tz="UTC")
    assert row["size"] == sum(path.stat().st_size for path in parquet(catalog) if "EUR_USD" in str(path))
    assert str(found["first"].dtype) == "datetime64[ns, UTC]"


def test_a_missing_week_is_a_gap_of_one(catalog: Catalog) -> None:
    weeks = lts.synthetic_bars("EUR_USD", "H1", 1_000, 1).resample("W1")
    there = np.arange(len(weeks)) != 3
    catalog.add(Bars.from_points("EUR_USD", "W1", weeks.time[there], weeks.points.matrix[:, there]))
    row = catalog.list().iloc[0]
    assert (row["gaps"], row["coverage"]) == (1, pytest.approx((len(weeks) - 1) / len(weeks)))


def test_holes_between_years_count(catalog: Catalog) -> None:
    start = NEW_YEAR + 366 * DAY  # 2025-01-01, a Wednesday
    time = start + HOUR * np.array([-2, 1])
    catalog.add(Bars.from_points("EUR_USD", "H1", time, np.full((8, 2), 110_000, np.int32)))
    assert len(parquet(catalog)) == 2
    assert catalog.list()["gaps"].tolist() == [1]
    assert catalog.list()["coverage"].tolist() == [0.5]


def test_an_empty_catalogue_lists_nothing_and_makes_nothing(catalog: Catalog) -> None:
    found = catalog.list()
    assert len(found) == 0
    assert str(found["first"].dtype) == "datetime64[ns, UTC]"
    assert len(catalog.sql("SELECT * FROM bars")) == 0
    assert not catalog.folder.exists()
    assert repr(catalog) == f"Catalog({str(catalog.folder)!r}, 0 series)"


def test_remove_takes_one_series_and_leaves_other_files(catalog: Catalog) -> None:
    catalog.add(table(PRICES))
    catalog.add(table(PRICES, timeframe="M5"))
    mine = next(catalog.folder.glob("*/timeframe=H1")) / "my notes.txt"
    mine.write_text("mine", encoding="utf-8")
    assert catalog.remove("EURUSD", "H1") == 3
    assert mine.read_text(encoding="utf-8") == "mine"
    assert catalog.list()["timeframe"].tolist() == ["M5"]
    assert len(parquet(catalog)) == 1
    with pytest.raises(BarsError, match="it has EUR_USD M5"):
        catalog.remove("EUR_USD", "H1")
    catalog.add(table(PRICES))
    assert len(catalog.bars("EUR_USD", "H1")) == 3


# the folder


def test_the_usual_folder_is_below_the_home_of_lts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LTS_HOME", str(tmp_path))
    assert home() == tmp_path
    assert Catalog().folder == tmp_path / "bars"
    monkeypatch.setenv("LTS_HOME", "~/lts here")
    assert "~" not in str(home())
    monkeypatch.delenv("LTS_HOME")
    assert home().name == "lts"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "bars").write_text("x", encoding="utf-8")
    with pytest.raises(ParameterError, match="is a file; it must be a folder"):
        Catalog(tmp_path / "bars")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("x", encoding="utf-8")
    catalog = Catalog(tmp_path / "occupied" / "bars")
    with pytest.raises(BarsError, match="occupied/bars: cannot be written .*set LTS_HOME"):
        catalog.add(table(PRICES))


def test_a_folder_that_cannot_be_written_is_named(catalog: Catalog) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser can write anywhere")
    catalog.folder.mkdir()
    catalog.folder.chmod(0o500)
    with pytest.raises(BarsError, match="cannot be written"):
        catalog.add(table(PRICES))


def test_foreign_files_are_ignored(catalog: Catalog) -> None:
    catalog.add(table(PRICES))
    series = parquet(catalog)[0].parent.parent
    (series / "year=2024" / "mine.parquet").write_bytes(b"no parquet")
    (series / "year=2024" / "bars-0123456789abcdef.parquet").write_bytes(b"left by a crash")
    for name in ("instrument=EUR'USD/timeframe=H1", "instrument=EUR_USD/timeframe=H5", "else"):
        (catalog.folder / name).mkdir(parents=True)
        (catalog.folder / name / "series.json").write_text("{", encoding="utf-8")
    assert len(catalog.bars("EUR_USD", "H1")) == len(catalog.sql("SELECT * FROM bars")) == 3
    assert len(catalog.list()) == 1
    catalog.add(table([*PRICES, PRICES[0]]))
    assert (series / "year=2024" / "mine.parquet").exists()
    assert not (series / "year=2024" / "bars-0123456789abcdef.parquet").exists()


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "gone", "foreign"])
def test_a_damaged_file_is_named_and_the_others_work(catalog: Catalog, damage: str) -> None:
    whole = hours(1_000)
    catalog.add(whole)
    catalog.add(table(PRICES, pair="GBP_USD"))
    path = next(path for path in parquet(catalog) if "year=2023" in str(path))
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "foreign":
        pd.DataFrame({"a": [1]}).to_parquet(path)
    else:
        middle = len(data) // 2 if damage == "cut" else 100
        flipped = data[:middle] + bytes(b ^ 255 for b in data[middle : middle + 9]) + data[middle + 9 :]
        path.write_bytes({"cut": data[:middle], "empty": b"", "flipped": flipped}[damage])
    with pytest.raises(BarsError, match=rf"{path.name}: cannot be read .*Remove the series"):
        catalog.bars("EUR_USD", "H1")
    with pytest.raises(BarsError, match=rf"{path.name}: cannot be read"):
        catalog.add(whole)
    with pytest.raises(BarsError, match=rf"{path.name}: cannot be read"):
        catalog.sql("SELECT max(COLUMNS(*)) FROM bars")
    assert catalog.bars("EUR_USD", "H1", "2024").fingerprint == whole["2024":].fingerprint
    assert len(catalog.bars("GBP_USD", "H1")) == 3
    assert len(catalog.list()) == 2
    catalog.remove("EUR_USD", "H1")
    catalog.add(whole)
    assert catalog.bars("EUR_USD", "H1").fingerprint == whole.fingerprint


@pytest.mark.parametrize("said", ["{", "[]", "{}", '{"form": 99, "lts": "9.9"}', "null"])
def test_a_damaged_series_is_named_and_the_others_work(catalog: Catalog, said: str) -> None:
    catalog.add(table(PRICES))
    catalog.add(table(PRICES, pair="GBP_USD"))
    path = catalog.folder / "instrument=EUR_USD" / "timeframe=H1" / "series.json"
    path.write_text(said, encoding="utf-8")
    with pytest.raises(BarsError, match=r"timeframe=H1/series\.json"):
        catalog.bars("EUR_USD", "H1")
    with pytest.warns(DataWarning, match=r"left out: .*EUR_USD/timeframe=H1/series\.json"):
        assert catalog.list()["instrument"].tolist() == ["GBP_USD"]
    assert len(catalog.bars("GBP_USD", "H1")) == 3
    assert catalog.remove("EUR_USD", "H1") == 0
    assert len(catalog.list()) == 1


def test_a_series_cannot_name_files_elsewhere(catalog: Catalog) -> None:
    catalog.add(table(PRICES))
    path = catalog.folder / "instrument=EUR_USD" / "timeframe=H1" / "series.json"
    name = f"year=2024/{parquet(catalog)[0].name}"
    path.write_text(path.read_text(encoding="utf-8").replace(name, f"../../{name}"), encoding="utf-8")
    with pytest.raises(BarsError, match=r"series\.json: cannot be read"):
        catalog.bars("EUR_USD", "H1")
