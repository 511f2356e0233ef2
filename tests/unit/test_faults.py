"""The fifteen faults that real files have, and the textbook ones put into good bars: each found, named and counted."""

from __future__ import annotations

import numpy as np
import pytest

from lts.data.faultlog import POLICIES
from lts.data.read import read_bars
from lts.data.ticks import read_ticks
from lts.errors import BarsError
from tests.bar_sets import good, plain, read, stamps

WEEKS = 24 * 5 * 30
MT5 = [(None, "Europe/Berlin"), ("2014-11-24", "Europe/Athens")]


def bars_file(shared_data, name, **options):
    pair, timeframe, _ = name.split("_", 2)
    return read_bars(shared_data / "bars" / f"{name}.parquet", instrument=pair, timeframe=timeframe, **options)


def warned(bars, *words):
    return any(all(word in warning for word in words) for warning in bars.quality.warnings)


# ---------------------------------------------------------------- 1 to 15 of the design page


def test_fault_01_opens_that_copy_the_close_are_warned_of(shared_data):
    bars = bars_file(shared_data, "EURUSD_H1_oanda")
    assert bars.quality.opens["inside_weeks"] > 0.999
    assert bars.quality.opens["at_week_opens"] > 0.999
    assert warned(bars, "equal the previous close", "stale_open")
    assert not warned(bars_file(shared_data, "EURUSD_M1_oanda"), "equal the previous close")


@pytest.mark.parametrize("side", ["bid", "ask", "mid"])
def test_fault_01_is_found_behind_a_made_side(side):
    columns = plain(good(WEEKS))
    columns["open"][1:] = columns["close"][:-1]
    columns["high"] = np.maximum(columns["high"], columns["open"])
    columns["low"] = np.minimum(columns["low"], columns["open"])
    bars = read(columns, side=side, spread="profile")
    assert bars.quality.opens["inside_weeks"] == 1.0


def server_clock(time):
    """Return stamps as a server shows them that goes from Berlin's clock to Athens'."""
    import pandas as pd

    index = pd.DatetimeIndex(time.astype("datetime64[ns]")).tz_localize("UTC")
    early, late = (index.tz_convert(zone).tz_localize(None) for zone in ("Europe/Berlin", "Europe/Athens"))
    return np.where(late < pd.Timestamp("2014-11-24"), early, late)


def test_fault_02_a_zone_that_changes_inside_the_file_is_a_table_of_periods():
    time = stamps(WEEKS * 3, start="2014-01-06")
    columns = {**good(WEEKS * 3), "time": server_clock(time)}
    assert np.array_equal(read(columns, tz=MT5).time, time)
    wrong = read(columns, tz="Europe/Berlin")
    assert warned(wrong, "weeks", "the zone")


def test_fault_02_lean_hours_are_new_york_less_five_then_utc_less_five(shared_data):
    tz = [(None, "America/New_York-05:00"), ("2009-09-20", "UTC-5")]
    path = shared_data / "raw_samples" / "lean_hour_fxcm_utc-5_eurusd.csv"
    bars = read_bars(path, instrument="EUR_USD", timeframe="H1", tz=tz, crossed="keep")
    same = bars_file(shared_data, "EURUSD_H1_fxcm", crossed="keep")[: len(bars)]
    assert np.array_equal(bars.time, same.time)
    assert np.array_equal(bars.points.matrix, same.points.matrix)


@pytest.mark.parametrize(("tz", "hours"), [("UTC", "17"), ("UTC+1", "16"), ("UTC-3", "20")])
def test_fault_02_a_wrong_zone_shows_in_the_hour_at_which_weeks_open(tz, hours):
    bars = read(good(WEEKS * 2), tz=tz)
    assert bars.quality.week["opens_january"] == bars.quality.week["opens_july"] == int(hours)
    assert warned(bars, f"January at {hours}:00 and in July at {hours}:00") == (hours != "17")


def test_fault_03_an_hour_missing_on_all_days_is_found(shared_data):
    bars = bars_file(shared_data, "USDSGD_M1_dukascopy2016")
    assert bars.quality.holes["absent_by_hour_utc"][0] == 1.0
    assert max(bars.quality.holes["absent_by_hour_utc"][1:]) < 0.2
    assert warned(bars, "hour 0 UTC is missing on all days")


def test_fault_03_an_hour_missing_by_new_york_clocks_is_found():
    columns = good(WEEKS * 2)
    keep = ((columns["time"] - np.timedelta64(5, "h")).astype("datetime64[h]").astype(np.int64) % 24) != 3
    winter = {k: v[keep & (columns["time"] < np.datetime64("2014-03-01"))] for k, v in columns.items()}
    assert warned(read(winter), "hour 3 New York is missing")
    assert not warned(read(columns), "missing")


def test_fault_04_an_outage_is_found(shared_data):
    bars = bars_file(shared_data, "EURGBP_D1_oanda")
    assert bars.quality.holes["longest"][0]["from"].startswith("2016-12-10")
    assert warned(bars, "outage", "2016-12-16")


def test_fault_05_crossed_quotes_are_widened_counted_and_kept(shared_data):
    bars = bars_file(shared_data, "EURUSD_H1_fxcm")
    kept = bars_file(shared_data, "EURUSD_H1_fxcm", crossed="keep")
    assert bars.quality.crossed["crossed_closes"] == kept.quality.crossed["crossed_closes"] == 2503
    assert bars.quality.crossed["crossed_rows"] == bars.quality.faults["crossed"].count == len(bars.raw.index) == 7082
    assert (bars.points.matrix[4:] >= bars.points.matrix[:4]).all()
    assert np.array_equal(bars.raw.matrix, kept.points.matrix[:, bars.raw.index])
    assert np.array_equal(bars.points.matrix[:4], kept.points.matrix[:4])
    assert len(bars_file(shared_data, "EURUSD_H1_fxcm", crossed="drop")) == len(bars) - 7082
    with pytest.raises(BarsError, match="row 0: .*bid .* and ask"):
        bars_file(shared_data, "EURUSD_H1_fxcm", crossed="error")


def test_fault_06_quotes_outside_the_week_are_counted_and_may_be_dropped(shared_data):
    bars = bars_file(shared_data, "EURUSD_H1_fxcm")
    assert bars.quality.week["outside"] == bars.quality.faults["outside_week"].count == 337
    dropped = bars_file(shared_data, "EURUSD_H1_fxcm", outside_week="drop")
    assert len(dropped) == len(bars) - 337
    assert dropped.quality.week["outside"] == 0


def test_fault_07_utc_days_make_six_bars_a_week_and_the_last_is_unfinished(shared_data):
    bars = bars_file(shared_data, "EURUSD_D1_mt", spread=1)
    sundays = (bars.time // 86_400_000_000_000 + 3) % 7 == 6
    assert 0.15 < sundays.mean() < 0.18
    assert bars.quality.week["outside"] == 0  # the Sunday bar holds hours of the week
    assert bars.quality.last_bar["state"] == "looks unfinished"


def test_fault_08_points_and_rounding_noise_come_to_the_grid(shared_data):
    path = shared_data / "raw_samples" / "mt5_points_dateonly_eurusd_d1.csv"
    bars = read_bars(path, instrument="EUR_USD", timeframe="D1", tz="UTC", side="bid", spread=1)
    assert bars.points.bid_open[0] == 130_584
    assert bars.bid_open[0] == 1.30584
    assert "divided by 100,000" in bars.notes[0]
    assert bars.quality.as_dict()["rounding_noise"] > 0
    yen = shared_data / "raw_samples" / "mt5_points_servertime_usdjpy_h1.csv"
    bars = read_bars(yen, instrument="USD_JPY", timeframe="H1", tz=MT5, side="bid", spread=1)
    assert bars.bid_open[0] == 81.121
    assert np.array_equal(bars.time, bars_file(shared_data, "USDJPY_H1_mt5", spread=1)[: len(bars)].time)


def test_fault_08_noise_is_counted_and_prices_off_the_grid_are_refused():
    columns = good(50)
    columns["bid_open"][7] += 3e-9
    assert read(columns).quality.as_dict()["rounding_noise"] == 1
    assert np.array_equal(read(columns).points.matrix, read(good(50)).points.matrix)
    columns["bid_open"][9] += 4e-6
    with pytest.raises(BarsError, match=r"row 9: bid_open was 1\.\d+ at .*between ticks of 1e-05"):
        read(columns)
    bars = read(columns, off_grid="round")
    assert bars.quality.faults["off_grid"].count == 1
    assert np.array_equal(bars.points.matrix, read(good(50)).points.matrix)


def test_fault_09_one_side_is_never_taken_for_both(shared_data):
    with pytest.raises(BarsError, match="the bid only and no spread"):
        bars_file(shared_data, "EURUSD_D1_mt")
    bars = bars_file(shared_data, "EURUSD_D1_mt", spread="profile")
    assert bars.quality.side == "bid"
    assert (bars.points.ask_close > bars.points.bid_close).all()
    assert "(made, not quoted)" in str(bars.quality)


def test_fault_10_irregular_minutes_are_counted(shared_data):
    bars = bars_file(shared_data, "USDSGD_M1_dukascopy2014")
    assert 0.10 < bars.quality.runs["flat"] / len(bars) < 0.105
    assert bars.quality.holes["absent_bars"] > 25_000
    columns = good(100)
    for name in columns.keys() - {"time", "volume"}:
        columns[name][40:55] = columns[name][39]
    stuck = read(columns)
    assert stuck.quality.runs["stuck_runs_of_10"] == 1
    assert stuck.quality.runs["longest_stuck"] == 16
    assert warned(stuck, "equal bars")


def test_fault_11_spreads_are_told_by_the_hour(shared_data):
    spread = bars_file(shared_data, "USDSGD_M1_dukascopy2014").quality.spread
    assert spread["pips"]["median"] == 1.9
    assert spread["pips"]["max"] == 40.0
    assert spread["by_hour_new_york"][17]["median"] == 5.4
    assert spread["by_hour_new_york"][9]["median"] == 1.8


def test_fault_12_true_shocks_stay_and_are_listed(shared_data):
    bars = bars_file(shared_data, "USDCHF_H1_mt5", spread="profile")
    assert bars.quality.moves[0]["time"] == "2015-01-15 09:00"
    assert bars.quality.moves[0]["percent"] == pytest.approx(-16.6, abs=0.05)
    assert bars.quality.faults.keys() <= {"outside_week"}


def test_fault_13_volume_is_what_the_source_says_and_nan_without():
    columns = good(10)
    columns["volume"][3] = np.nan
    assert np.array_equal(read(columns).volume, columns["volume"], equal_nan=True)
    for wrong in (-1.0, np.inf):
        columns["volume"][5] = wrong
        with pytest.raises(BarsError, match=f"row 5: volume was {wrong}"):
            read(columns)


def test_fault_14_ticks_of_one_stamp_keep_the_order_of_the_file(shared_data):
    ticks = read_ticks(shared_data / "ticks" / "EURUSD_ticks_oanda_201405.parquet", instrument="EUR_USD")
    assert ticks.same_stamp == 992
    bars, same = ticks.to_bars("M1"), bars_file(shared_data, "EURUSD_M1_oanda")
    place = np.searchsorted(same.time, bars.time)
    assert np.array_equal(same.time[place], bars.time)
    assert np.array_equal(same.points.matrix[:, place], bars.points.matrix)


LAYOUTS = [
    ("lean_hour_fxcm_utc-5_eurusd.csv", "EUR_USD", "H1", {"tz": "UTC-5"}, 400),
    ("lean_minute_quote_20140505_eurusd.csv", "EUR_USD", "M1", {"tz": "UTC"}, 300),
    ("mt5_points_dateonly_eurusd_d1.csv", "EUR_USD", "D1", {"tz": "UTC", "side": "bid", "spread": 1}, 199),
    ("mt5_points_servertime_usdjpy_h1.csv", "USD_JPY", "H1", {"tz": "Europe/Berlin", "side": "bid", "spread": 1}, 599),
    ("mt_tabs_gbpusd_h4.csv", "GBP_USD", "H4", {"tz": "UTC", "side": "bid", "spread": "profile"}, 299),
]


@pytest.mark.parametrize(("name", "pair", "timeframe", "options", "rows"), LAYOUTS)
def test_fault_15_every_layout_of_bars_is_read(shared_data, name, pair, timeframe, options, rows):
    bars = read_bars(shared_data / "raw_samples" / name, instrument=pair, timeframe=timeframe, **options)
    assert len(bars) == rows
    assert bars.quality.level["plausible"]


def test_fault_15_days_in_the_name_are_found(shared_data):
    path = shared_data / "raw_samples" / "lean_minute_quote_20140505_eurusd.csv"
    bars = read_bars(path, instrument="EUR_USD", timeframe="M1", tz="UTC")
    same = bars_file(shared_data, "EURUSD_M1_oanda")
    place = np.searchsorted(same.time, bars.time)
    assert np.array_equal(same.points.matrix[:, place], bars.points.matrix)


def test_fault_15_bid_and_ask_in_two_files_are_joined(shared_data):
    raw = shared_data / "raw_samples"
    two = {side: raw / f"split_sides_gbpusd_m1_{side}.csv" for side in ("bid", "ask")}
    bars = read_bars(two, instrument="GBP_USD", timeframe="M1")
    same = bars_file(shared_data, "GBPUSD_M1_fxcm")[: len(bars)]
    assert np.array_equal(bars.time, same.time)
    assert np.array_equal(bars.points.matrix, same.points.matrix)


# ---------------------------------------------------------------- the textbook faults, put into good bars


def test_repeated_stamps():
    columns = good(30)
    columns["time"][11] = columns["time"][10]
    with pytest.raises(BarsError, match="row 11: stamp 2014-01-06 10:00 UTC is also that of row 10"):
        read(columns)
    first, last = (read(columns, duplicates=policy) for policy in ("first", "last"))
    assert len(first) == len(last) == 29
    clean = read(good(30)).points.bid_close
    assert first.points.bid_close[10] == clean[10]
    assert last.points.bid_close[10] == clean[11]
    assert first.quality.faults["duplicates"].count == 1


def test_unsorted_stamps():
    columns = good(30)
    order = np.random.default_rng(3).permutation(30)
    shuffled = {k: v[order] for k, v in columns.items()}
    with pytest.raises(BarsError, match=r"row \d+: stamp .* follows"):
        read(shuffled)
    assert read(shuffled, unsorted="sort").fingerprint == read(columns).fingerprint


def test_nulls():
    import polars as pl

    frame = (
        pl.DataFrame(good(30)).with_row_index("i").with_columns(pl.when(pl.col("i") != 4).then(pl.col("ask_low")).alias("ask_low"))
    )
    with pytest.raises(BarsError, match="row 4: ask_low was empty"):
        read(frame)
    bars = read(frame, on_fault={"nulls": "drop"})
    assert len(bars) == 29
    assert bars.quality.faults["nulls"].first_row == 4


def test_nan_in_pandas_is_a_null_and_in_arrays_impossible():
    import pandas as pd

    columns = good(30)
    columns["bid_high"][6] = np.nan
    with pytest.raises(BarsError, match="row 6: bid_high was empty"):
        read(pd.DataFrame(columns))
    with pytest.raises(BarsError, match="row 6: bid_high was nan"):
        read(columns)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, -1.3])
def test_prices_that_cannot_be(value):
    columns = good(30)
    columns["ask_open"][8] = value
    with pytest.raises(BarsError, match=rf"row 8: ask_open was {value} at 2014-01-06 08:00"):
        read(columns)
    bars = read(columns, impossible="drop")
    assert len(bars) == 29
    assert bars.quality.faults["impossible"].count == 1


@pytest.mark.parametrize(("name", "by"), [("bid_high", -0.01), ("bid_low", 0.01), ("ask_close", 0.01), ("ask_open", -0.01)])
def test_ranges_that_miss_their_open_or_close(name, by):
    columns = good(30)
    columns[name][8] += by
    with pytest.raises(BarsError, match=r"row 8: (bid|ask) open, high, low, close were .* at 2014-01-06 08:00"):
        read(columns)
    assert len(read(columns, impossible="drop")) == 29


def test_texts_among_numbers(tmp_path):
    import polars as pl

    path = tmp_path / "bars.csv"
    pl.DataFrame(good(3_000)).write_csv(path)
    lines = path.read_text().splitlines()
    lines[2_001] = lines[2_001].replace(lines[2_001].split(",")[2], "n.a.")
    lines[2_501] = "someday" + lines[2_501][26:]
    path.write_text("\n".join(lines))
    with pytest.raises(BarsError, match="row 2000: bid_high was 'n.a.'.*2 rows"):
        read(path)
    bars = read(path, unreadable="drop")
    assert len(bars) == 2_998
    assert bars.quality.faults["unreadable"].count == 2


def test_all_rows_that_one_policy_touched_are_counted():
    columns = good(30)
    columns["bid_open"][4] = np.nan
    columns["bid_high"][9] = columns["bid_low"][9] - 0.01
    touch = read(columns, impossible="drop").quality.faults["impossible"]
    assert (touch.count, touch.first_row) == (2, 4)


def test_policies_that_leave_nothing_are_refused():
    columns = good(3)
    columns["bid_low"][:] = -1
    with pytest.raises(BarsError, match=r"no row is left of 3 \(impossible: 3\)"):
        read(columns, impossible="drop")


def test_every_error_names_a_cure_that_exists():
    columns = good(30)
    columns["time"][11] = columns["time"][10]
    with pytest.raises(BarsError, match="on_fault={'duplicates': 'first' or 'last'}"):
        read(columns)
    assert all(known[0] in {"error", "keep", "widen"} for known in POLICIES.values())
