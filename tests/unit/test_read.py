"""Reading: layouts, sources, columns, zones, sides, scales."""

from __future__ import annotations

import gzip
import zipfile

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lts.data.read import read_bars
from lts.data.spread import SpreadProfile, built_in, spread_profile
from lts.errors import BarsError, ParameterError
from lts.instruments import instrument
from tests.bar_sets import PRICES, good, plain, read, stamps

# ---------------------------------------------------------------- the same bars from everywhere


def frames():
    columns = good(60)
    pandas = pd.DataFrame(columns)
    return {
        "dict": columns,
        "lists": {k: v.tolist() if k != "time" else list(v.astype("datetime64[us]").astype(object)) for k, v in columns.items()},
        "pandas column": pandas,
        "pandas index": pandas.set_index("time"),
        "pandas zoned": pandas.drop(columns="time").set_index(pandas["time"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")),
        "polars": pl.DataFrame(columns),
        "polars lazy": pl.DataFrame(columns).lazy(),
        "pyarrow": pa.table(columns),
        "pyarrow zoned": pa.table({**columns, "time": pa.array(columns["time"]).cast(pa.timestamp("us", "UTC"))}),
    }


@pytest.mark.parametrize("kind", list(frames()))
def test_every_kind_of_source_gives_the_same_bars(kind):
    assert read(frames()[kind]).fingerprint == read(good(60)).fingerprint


def write(columns, path, separator=",", header=True, form="%Y-%m-%d %H:%M:%S", quote="necessary", **options):
    pl.DataFrame(columns).write_csv(
        path, separator=separator, include_header=header, datetime_format=form, quote_style=quote, **options
    )
    return path


FORMS = [
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.6f", "%Y.%m.%d %H:%M", "%Y%m%d %H%M%S", "%Y%m%d %H:%M", "%d.%m.%Y %H:%M:%S%.3f",
    "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S+00:00",
    "%d.%m.%Y %H:%M:%S%.3f GMT+0000", "%Y-%m-%dT%H:%M:%SZ", "%m/%d/%Y %I:%M %p",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_stamps_are_read_in_every_form(tmp_path, form):
    columns = good(400)
    path = write(columns, tmp_path / "bars.csv", form=form)
    assert read(path).fingerprint == read(columns).fingerprint


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quote", ["necessary", "always"])
def test_every_separator_is_found(tmp_path, separator, quote):
    path = write(good(40), tmp_path / "bars.txt", separator=separator, quote=quote)
    assert read(path).fingerprint == read(good(40)).fingerprint


def test_decimal_commas_are_found(tmp_path):
    path = write(good(40), tmp_path / "bars.csv", separator=";", decimal_comma=True)
    assert "," in path.read_text().splitlines()[1]
    assert read(path).fingerprint == read(good(40)).fingerprint


def test_packed_and_utf16_text_is_read(tmp_path):
    path = write(good(40), tmp_path / "bars.csv")
    expected = read(path).fingerprint
    (tmp_path / "bars.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    with zipfile.ZipFile(tmp_path / "bars.zip", "w") as packed:
        packed.write(path, "bars.csv")
    (tmp_path / "utf16.csv").write_bytes(path.read_text().encode("utf-16"))
    (tmp_path / "bom.csv").write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    for name in ("bars.csv.gz", "bars.zip", "utf16.csv", "bom.csv"):
        assert read(tmp_path / name).fingerprint == expected


def test_parquet_and_arrow_files_are_read(tmp_path):
    table = pa.table(good(40))
    pq.write_table(table, tmp_path / "bars.parquet")
    pl.DataFrame(good(40)).write_ipc(tmp_path / "bars.arrow")
    for name in ("bars.parquet", "bars.arrow"):
        assert read(tmp_path / name).fingerprint == read(good(40)).fingerprint


def test_columns_may_come_in_any_order_and_case(tmp_path):
    columns = plain(good(40))
    seed = {"DATE_TIME": columns["time"], **{k.upper(): columns[k] for k in ("open", "low", "high", "close")}}
    path = write(seed, tmp_path / "base_d2.csv")
    expected = read(columns, side="bid", spread=1)
    assert read(path, side="bid", spread=1).fingerprint == expected.fingerprint


@pytest.mark.parametrize("names", [
    ["Gmt time", "Open", "High", "Low", "Close", "Volume"],
    ["Datetime", "open", "high", "low", "close", "tick_volume"],
    ["timestamp", "o", "h", "l", "c", "v"],
    ["<DATE>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<TICKVOL>"],
    ["Date", "BidOpen", "BidHigh", "BidLow", "BidClose", "TickQty"],
    ["time", "bid.o", "bid.h", "bid.l", "bid.c", "volume"],
])  # fmt: skip
def test_columns_are_known_by_meaning(names):
    columns = good(30)
    wanted = ["time", "bid_open", "bid_high", "bid_low", "bid_close", "volume"]
    bars = read({new: columns[old] for new, old in zip(names, wanted, strict=True)}, side="bid", spread=1)
    assert np.array_equal(bars.points.bid_high, read(columns).points.bid_high)
    assert np.isnan(bars.volume).all() == ("TickQty" in names)


def test_metatrader_export_joins_date_and_time_and_counts_spread_in_points(tmp_path):
    columns = plain(good(60))
    text = columns["time"].astype("datetime64[s]").astype(str)
    table = {
        "<DATE>": [t[:10].replace("-", ".") for t in text], "<TIME>": [t[11:] for t in text],
        **{f"<{k.upper()}>": columns[k] for k in ("open", "high", "low", "close")}, "<TICKVOL>": 5, "<VOL>": 0, "<SPREAD>": 14,
    }  # fmt: skip
    path = write(pl.DataFrame(table), tmp_path / "mt5.csv", separator="\t")
    bars = read(path, side="bid", spread="<SPREAD>")
    assert set(bars.points.ask_close - bars.points.bid_close) == {14}
    assert np.array_equal(bars.time, stamps(60))
    assert set(bars.volume) == {5.0}


def test_columns_of_a_file_without_names_are_told_by_number(tmp_path):
    columns = plain(good(40))
    path = write(columns, tmp_path / "EURUSD.csv", header=False)
    assert len(read(path, side="bid", spread=1)) == 40
    path = write({**columns, "x": np.ones(40), "y": np.ones(40)}, tmp_path / "wide.csv", header=False)
    with pytest.raises(BarsError, match="no line of names and 7 columns"):
        read(path, side="bid", spread=1)
    named = read(path, side="bid", spread=1, columns=["time", "open", "high", "low", "close", "skip", "skip"])
    assert len(named) == 40


def test_stated_columns_win():
    columns = plain(good(20))
    columns["last"] = columns.pop("close")
    with pytest.raises(BarsError, match="'close' is missing"):
        read(columns, side="bid", spread=1)
    assert len(read(columns, side="bid", spread=1, columns={"close": "last"})) == 20
    with pytest.raises(ParameterError, match="has no column 'lst'.*'last'"):
        read(columns, side="bid", spread=1, columns={"close": "lst"})
    with pytest.raises(ParameterError, match="no role.*'close'"):
        read(columns, side="bid", spread=1, columns={"closes": "last"})


def test_two_columns_of_one_meaning_are_refused():
    columns = plain(good(20))
    with pytest.raises(BarsError, match="all mean 'open'"):
        read({**columns, "OPEN": columns["open"]}, side="bid", spread=1)


# ---------------------------------------------------------------- stamps and zones


def test_unzoned_stamps_need_a_zone():
    with pytest.raises(BarsError, match="stamps have no zone.*2014-01-06 00:00.*tz="):
        read(good(5), tz=None)


def test_integers_need_a_unit():
    for unit, factor in (("s", 10**9), ("ms", 10**6), ("us", 10**3), ("ns", 1)):
        columns = {**good(20), "time": stamps(20) // factor}
        with pytest.raises(BarsError, match="no stated unit.*unit='s'"):
            read(columns)
        assert read(columns, unit=unit, tz=None).fingerprint == read(good(20)).fingerprint


@pytest.mark.parametrize("resolution", ["s", "ms", "us", "ns", "h"])
def test_every_resolution_of_datetime64_is_read(resolution):
    columns = {**good(20), "time": good(20)["time"].astype(f"datetime64[{resolution}]")}
    assert read(columns).fingerprint == read(good(20)).fingerprint


@pytest.mark.parametrize(("tz", "hours"), [
    ("UTC", 0), ("UTC-5", 5), ("+02:00", -2), ("-0330", 3.5), ("GMT+1", -1), ("America/New_York", 5),
    ("America/New_York-05:00", 10),
    ("Etc/GMT-2", -2), ([("2000-01-01", "UTC"), ("2014-01-06", "UTC+3")], -3),
])  # fmt: skip
def test_zones_in_every_spelling(tz, hours):
    moved = read(good(48), tz=tz).time - read(good(48)).time
    assert set(moved) == {int(hours * 3600e9)}


def test_a_zone_that_is_no_zone_names_the_nearest():
    with pytest.raises(ParameterError, match="'America/New_Yrok' is unknown.*New_York"):
        read(good(5), tz="America/New_Yrok")
    for wrong in (5, [], [("2014", "UTC"), ("2013", "UTC")], [("UTC",)], [(None, "UTC"), (None, "UTC")], "UTC+40"):
        with pytest.raises(ParameterError, match="tz"):
            read(good(5), tz=wrong)


def test_rows_before_the_first_period_are_refused():
    with pytest.raises(BarsError, match="row 0.*before tz's first start"):
        read(good(48), tz=[("2014-01-07", "UTC")])


def test_days_in_the_name_give_the_date_of_milliseconds(tmp_path):
    columns = good(20)
    milliseconds = (stamps(20) - stamps(1)[0]) // 1_000_000
    body = {"ms": milliseconds, **{k: columns[k] for k in PRICES[:4]}, "z": 0, **{k: columns[k] for k in PRICES[4:]}, "y": 0}
    path = write(pl.DataFrame(body), tmp_path / "20140106_eurusd_hour_quote.csv", header=False)
    assert np.array_equal(read(path).time, stamps(20))
    other = path.rename(tmp_path / "eurusd.csv")
    with pytest.raises(BarsError, match="no stated unit"):
        read(other)
    assert np.array_equal(read(other, date="2014-01-06").points.matrix, read(columns).points.matrix)


def test_slashes_that_no_row_explains_are_refused(tmp_path):
    path = write(good(48), tmp_path / "bars.csv", form="%d/%m/%Y %H:%M")
    with pytest.raises(BarsError, match="day first or month first"):
        read(path)
    assert len(read(path, layout={"stamp": "%d/%m/%Y %H:%M"})) == 48


LOCAL = ["2014-11-02 00:00", "2014-11-02 01:00", "2014-11-02 01:00", "2014-11-02 02:00"]


def local(texts):
    columns = {k: v[: len(texts)] for k, v in good(10).items()}
    return {**columns, "time": np.array(texts, dtype="datetime64[ns]")}


def test_an_hour_shown_twice_is_refused_or_resolved():
    with pytest.raises(BarsError, match="row 1: 2014-11-02 01:00 in America/New_York"):
        read(local(LOCAL), tz="America/New_York")
    bars = read(local(LOCAL), tz="America/New_York", ambiguous="order")
    assert set(np.diff(bars.time)) == {3600 * 10**9}
    assert len(read(local(LOCAL), tz="America/New_York", ambiguous="drop")) == 2
    one = local([LOCAL[1]])
    earlier, later = (read(one, tz="America/New_York", ambiguous=p).time[0] for p in ("earlier", "later"))
    assert later - earlier == 3600 * 10**9
    assert bars.quality.faults["ambiguous"].count == 2


def test_an_hour_never_shown_is_refused_or_resolved():
    skipped = local(["2014-03-09 01:00", "2014-03-09 02:00", "2014-03-09 04:00"])
    with pytest.raises(BarsError, match="row 1: 2014-03-09 02:00.*never showed"):
        read(skipped, tz="America/New_York")
    bars = read(skipped, tz="America/New_York", nonexistent="forward")
    assert np.diff(bars.time).tolist() == [3600 * 10**9, 3600 * 10**9]
    assert len(read(skipped, tz="America/New_York", nonexistent="drop")) == 2


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo"])
def test_local_stamps_agree_with_pandas(zone):
    time = pd.date_range("2012-01-01", "2015-01-01", freq="30min", tz="UTC")
    wall = time.tz_convert(zone).tz_localize(None)
    unique = ~wall.duplicated(keep=False)
    columns = {**good(int(unique.sum()), step=1800), "time": wall[unique].to_numpy()}
    assert np.array_equal(read(columns, tz=zone, timeframe="M30").time, time[unique].as_unit("ns").asi8)


# ---------------------------------------------------------------- sides and spreads


def test_a_side_must_be_named():
    columns = plain(good(5))
    with pytest.raises(BarsError, match="of no named side"):
        read(columns, spread=1)
    with pytest.raises(BarsError, match="the bid only and no spread.*spread=1.2"):
        read(columns, side="bid")


def test_missing_sides_come_from_the_spread():
    columns = good(50)
    points = read(columns).points
    bid = read(plain(columns), side="bid", spread=1.5)
    assert np.array_equal(bid.points.matrix[:4], points.matrix[:4])
    assert np.array_equal(bid.points.matrix[4:], points.matrix[:4] + 15)
    ask = read(plain(columns, "ask"), side="ask", spread=1.5)
    assert np.array_equal(ask.points.matrix[4:], points.matrix[4:])
    assert np.array_equal(ask.points.matrix[:4], points.matrix[4:] - 15)
    mid = read(plain(columns), side="mid", spread=1.5)
    assert np.array_equal(mid.points.matrix[:4], points.matrix[:4] - 8)  # 7.5 rounded down
    assert np.array_equal(mid.points.matrix[4:], points.matrix[:4] + 7)
    assert "spread: 1.5 pips" in mid.notes[0]
    assert mid.quality.side == "mid"


@pytest.mark.parametrize("tenths", range(0, 60, 7))
def test_a_spread_is_whole_points_whatever_its_float(tenths):
    assert set(np.diff(read(plain(good(3)), side="bid", spread=tenths / 10).points.matrix[[3, 7], :], axis=0)[0]) == {tenths}
    assert set(read(plain(good(3)), side="bid", spread=1.25).points.ask_open - read(good(3)).points.bid_open) == {13}


def test_half_points_of_mids_are_no_fault():
    columns = good(50, spread=13)
    mids = {"time": columns["time"]}
    for part in ("open", "high", "low", "close"):
        mids[part] = (columns[f"bid_{part}"] + columns[f"ask_{part}"]) / 2
    bars = read(mids, side="mid", spread=1.3)
    assert np.array_equal(bars.points.matrix, read(columns).points.matrix)


def test_columns_that_name_sides_decide():
    columns = good(20)
    only = {k: v for k, v in columns.items() if not k.startswith("ask")}
    assert read(only, spread=1).quality.side == "bid"
    assert read(columns, side="ask", spread=1).quality.side == "ask"
    with pytest.raises(ParameterError, match="'both'.*only bid"):
        read(only, side="both")
    with pytest.raises(ParameterError, match="side: was 'ask'"):
        read(only, side="ask", spread=1)
    with pytest.raises(ParameterError, match="has both sides"):
        read(columns, spread=1)
    with pytest.raises(ParameterError, match="side: was 'bids'.*'bid'"):
        read(columns, side="bids")


def test_the_built_in_profile_is_wider_at_the_days_end():
    profile = built_in(instrument("EUR_USD"))
    nine, five = profile.pips[16 + 24], profile.pips[24]
    assert 2 <= five / nine <= 3
    bars = read(plain(good(500)), side="bid", spread="profile")
    assert len(set(bars.points.ask_close - bars.points.bid_close)) > 3
    assert "built-in profile" in bars.notes[0]


def test_a_measured_profile_gives_the_spreads_back():
    bars = read(good(500, spread=17))
    profile = spread_profile(bars)
    assert set(profile.pips) == {1.7}
    assert np.array_equal(read(plain(good(500, spread=17)), side="bid", spread=profile).points.matrix, bars.points.matrix)
    with pytest.raises(BarsError, match="the bid only"):
        spread_profile(read(plain(good(5)), side="bid", spread=1))


def test_a_spread_may_be_a_column():
    columns = {**plain(good(20)), "spread": np.linspace(1, 2, 20).round(1)}
    bars = read(columns, side="bid", spread="spread")
    assert np.array_equal(bars.points.ask_close - bars.points.bid_close, np.rint(columns["spread"] * 10))
    columns["spread"][3] = np.nan
    with pytest.raises(BarsError, match="row 3, spread: was"):
        read(columns, side="bid", spread="spread")
    with pytest.raises(ParameterError, match="'sprd', no column"):
        read(columns, side="bid", spread="sprd")


@pytest.mark.parametrize("spread", [-1, np.nan, np.inf, True, [1]])
def test_a_spread_that_is_none_is_refused(spread):
    with pytest.raises(ParameterError, match="spread"):
        read(plain(good(5)), side="bid", spread=spread)
    with pytest.raises(ParameterError, match="SpreadProfile"):
        SpreadProfile(np.full(168, -1.0), "x")


def test_two_files_are_joined_by_stamp(tmp_path):
    columns = good(40)
    bid = write(plain(columns), tmp_path / "bid.csv")
    ask = write(plain(columns, "ask"), tmp_path / "ask.csv")
    expected = read({k: v for k, v in columns.items() if k != "volume"}).fingerprint
    for source in ({"bid": bid, "ask": ask}, (bid, ask), {"bid": plain(columns), "ask": plain(columns, "ask")}):
        assert read(source).fingerprint == expected


def test_unmatched_stamps_are_counted_never_dropped_silently():
    columns = good(40)
    bid = {k: np.delete(v, [3, 5]) for k, v in plain(columns).items()}
    ask = {k: np.delete(v, [9]) for k, v in plain(columns, "ask").items()}
    with pytest.raises(BarsError, match=r"is in the ask only.*3 rows"):
        read((bid, ask))
    dropped = read((bid, ask), unmatched="drop")
    assert len(dropped) == 37
    assert dropped.quality.faults["unmatched"].count == 3
    filled = read((bid, ask), unmatched="spread", spread=1.2)
    assert np.array_equal(filled.points.matrix, read(columns).points.matrix)
    assert "2 bids made" in filled.notes[0]
    with pytest.raises(BarsError, match="no spread was named"):
        read((bid, ask), unmatched="spread")


# ---------------------------------------------------------------- scales and the grid


def test_whole_points_are_found_and_noted():
    columns = plain(good(30))
    points = {k: v if k == "time" else np.rint(v * 1e5) for k, v in columns.items()}
    bars = read(points, side="bid", spread=1)
    assert bars.fingerprint == read(columns, side="bid", spread=1).fingerprint
    assert "divided by 100,000" in bars.notes[0]


def test_a_level_that_cannot_be_is_refused():
    with pytest.raises(BarsError, match="scale: the median price.*USD_JPY must lie between"):
        read(good(30), instrument="USD_JPY")
    with pytest.raises(BarsError, match="scale"):
        read(good(30, level=9_000_000))
    assert read(good(30, level=9_000_000), scale=1).quality.level["plausible"] is False


def test_prices_that_fit_as_they_are_are_not_divided():
    columns = {k: v if k in {"time", "volume"} else np.rint(v * 1e5 / 50) for k, v in good(30).items()}
    gold = read(columns, instrument="XAU_USD")
    assert gold.bid_close[0] == columns["bid_close"][0]  # 2,700; as tenths 270 would be a price as well


@pytest.mark.parametrize("scale", [0, -1, np.nan, True, "points"])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(ParameterError, match="scale"):
        read(good(5), scale=scale)


def test_points_beyond_int32_are_refused():
    columns = good(5)
    for name in PRICES:
        columns[name] = columns[name] + 30_000
    with pytest.raises(BarsError, match=r"row \d.*points; at most 2,147,483,647"):
        read(columns, scale=1)


# ---------------------------------------------------------------- what is refused as a whole


def test_nothing_is_refused_and_one_row_is_enough(tmp_path):
    empty = {k: v[:0] for k, v in good(3).items()}
    for source in (empty, pd.DataFrame(empty), pl.DataFrame(empty), write(empty, tmp_path / "names.csv")):
        with pytest.raises(BarsError, match="was empty"):
            read(source)
    (tmp_path / "none.csv").write_text("")
    with pytest.raises(BarsError, match="empty"):
        read(tmp_path / "none.csv")
    assert len(read({k: v[:1] for k, v in good(3).items()})) == 1


def test_sources_that_are_none_are_refused(tmp_path):
    (tmp_path / "EURUSD.csv").write_text("x")
    with pytest.raises(BarsError, match="does not exist.*'EURUSD.csv'"):
        read(tmp_path / "EURUDS.csv")
    with pytest.raises(BarsError, match="is a folder"):
        read(tmp_path)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(BarsError, match="cannot be read"):
        read(tmp_path / "broken.parquet")
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b and no more")
    with pytest.raises(BarsError, match="cannot be unpacked"):
        read(tmp_path / "broken.gz")
    for source in (5, None, np.ones(3), [1, 2, 3]):
        with pytest.raises(ParameterError, match="source"):
            read(source)
    with pytest.raises(BarsError, match="different lengths"):
        read({**good(5), "volume": np.ones(4)})


def test_the_time_frame_must_agree_with_the_stamps():
    with pytest.raises(BarsError, match="timeframe: was 'D1'.*3,600 s"):
        read(good(80), timeframe="D1")
    with pytest.raises(BarsError, match="timeframe: was 'M1'"):
        read(good(80), timeframe="M1")
    with pytest.raises(ParameterError, match="'H5' is unknown"):
        read(good(5), timeframe="H5")


def test_unknown_policies_name_the_nearest():
    with pytest.raises(ParameterError, match="'duplicate' is no fault.*'duplicates'"):
        read(good(5), on_fault={"duplicate": "first"})
    with pytest.raises(ParameterError, match="duplicates: was 'frist'.*'first'"):
        read(good(5), duplicates="frist")
    with pytest.raises(ParameterError, match="on_fault: was"):
        read(good(5), on_fault="drop")
    with pytest.raises(ParameterError, match="layout: 'leen' is unknown.*'lean'"):
        read(good(5), layout="leen")


# ---------------------------------------------------------------- real files

SOME = ("EURUSD_H1_fxcm", "EURUSD_M1_oanda", "USDJPY_H1_mt5", "USDCHF_D1_mt", "USDCHF_H4_mt")


def reads_whole(path):
    pair, timeframe, _ = path.stem.split("_", 2)
    table = pq.read_table(path)
    one = "ask_open" not in table.column_names
    bars = read_bars(path, instrument=pair, timeframe=timeframe, spread="profile" if one else None, crossed="keep")
    assert len(bars) == table.num_rows
    for row, name in enumerate(PRICES[:4] if one else PRICES):
        assert np.allclose(table[name].to_numpy(), bars.points.matrix[row] / bars.instrument.scale, rtol=0, atol=1e-9)
    assert np.array_equal(table["time"].to_numpy().astype("datetime64[ns]").astype(np.int64), bars.time)
    assert bars.quality.level["plausible"]
    assert str(bars.quality)


@pytest.mark.parametrize("name", SOME)
def test_shared_files_read(shared_data, name):
    reads_whole(shared_data / "bars" / f"{name}.parquet")


@pytest.mark.long
def test_every_shared_file_reads(shared_data):
    files = sorted((shared_data / "bars").glob("*.parquet"))
    assert len(files) > 20
    for path in files:
        reads_whole(path)
