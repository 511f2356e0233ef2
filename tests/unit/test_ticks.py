"""Ticks: order, sides, and the bars they make."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lts.data.read import read_bars
from lts.data.ticks import read_ticks
from lts.errors import BarsError, ParameterError

START = int(np.datetime64("2014-05-06T10:00", "ns").astype(np.int64))


def quotes(seconds, bids, spread=12):
    bids = np.asarray(bids, dtype=np.int64)
    time = (START + np.asarray(seconds, dtype=np.int64) * 10**9).astype("datetime64[ns]")
    return {"time": time, "bid": bids / 1e5, "ask": (bids + spread) / 1e5}


def read(columns, **options):
    return read_ticks(columns, **{"instrument": "EUR_USD", "tz": "UTC", **options})


@given(st.lists(st.tuples(st.integers(0, 1_000), st.integers(130_000, 140_000), st.integers(0, 50)), min_size=1, max_size=60))
def test_bars_of_ticks_are_what_a_walk_makes(ticks):
    ticks = sorted(ticks, key=lambda tick: tick[0])
    seconds, bids, spreads = (np.array(part) for part in zip(*ticks, strict=True))
    bars = read({**quotes(seconds, bids), "ask": (bids + spreads) / 1e5}).to_bars("M1")
    walked = {}
    for second, bid, spread in ticks:
        walked.setdefault(second // 60, []).append((bid, bid + spread))
    assert bars.time.tolist() == [START + minute * 60 * 10**9 for minute in walked]
    for place, group in enumerate(walked.values()):
        expected = []
        for side in zip(*group, strict=True):
            expected += [side[0], max(side), min(side), side[-1]]
        assert bars.points.matrix[:, place].tolist() == expected
        assert bars.volume[place] == len(group)


def test_ticks_of_one_stamp_keep_their_order():
    ticks = read(quotes([5, 5, 5, 7], [135_010, 135_030, 135_020, 135_000]))
    assert ticks.matrix[0].tolist() == [135_010, 135_030, 135_020, 135_000]
    assert ticks.same_stamp == 2
    assert "2 ticks share the stamp" in ticks.notes[-1]


def test_sorting_is_stable():
    columns = quotes([9, 5, 5, 7], [135_000, 135_010, 135_030, 135_020])
    with pytest.raises(BarsError, match="row 1: stamp .* follows"):
        read(columns)
    ticks = read(columns, unsorted="sort")
    assert ticks.matrix[0].tolist() == [135_010, 135_030, 135_020, 135_000]
    assert ticks.faults["unsorted"].count == 1


def test_a_span_without_ticks_has_no_bar():
    bars = read(quotes([0, 600], [135_000, 135_010])).to_bars("M1")
    assert len(bars) == 2
    assert bars.quality.holes["absent_bars"] == 9


@pytest.mark.parametrize("timeframe", ["S5", "M5", "H1", "H4", "D1", "W1"])
def test_bars_of_ticks_are_bars_of_their_minutes(timeframe):
    random = np.random.default_rng(4)
    seconds = np.sort(random.integers(0, 8 * 3600, 900))
    ticks = read(quotes(seconds, 135_000 + np.cumsum(random.integers(-9, 10, 900))))
    source = "S5" if timeframe == "S5" else "M1"
    assert np.array_equal(ticks.to_bars(timeframe).points.matrix, ticks.to_bars(source).resample(timeframe).points.matrix)
    assert np.array_equal(ticks.to_bars(timeframe).time, ticks.to_bars(source).resample(timeframe).time)


def test_volume_counts_ticks_or_sums_sizes():
    columns = {**quotes([1, 2, 70], [135_000] * 3), "bid_volume": [1.0, 2.0, 4.0], "ask_volume": [0.5, 0.5, 0.5]}
    ticks = read(columns)
    assert ticks.to_bars("M1").volume.tolist() == [2, 1]
    assert ticks.to_bars("M1", volume="size").volume.tolist() == [4.0, 4.5]
    assert np.isnan(read(quotes([1], [135_000])).to_bars("M1", volume="size").volume[0])
    with pytest.raises(ParameterError, match="volume: was 'sizes'.*'size'"):
        ticks.to_bars("M1", volume="sizes")


def test_crossed_ticks_are_widened_counted_and_kept():
    columns = quotes([1, 2, 3], [135_000, 135_010, 135_020])
    columns["ask"][1] = 1.35005
    ticks = read(columns)
    assert ticks.matrix[1].tolist() == [135_012, 135_010, 135_032]
    assert ticks.raw.index.tolist() == [1]
    assert ticks.raw.matrix.tolist() == [[135_010], [135_005]]
    assert ticks[1:].raw.index.tolist() == [0]
    assert len(read(columns, crossed="drop")) == 2
    with pytest.raises(BarsError, match="row 1: quote: bid 1.3501 and ask 1.35005"):
        read(columns, crossed="error")


def test_one_side_needs_a_spread():
    columns = quotes([1, 2], [135_000, 135_010])
    del columns["ask"]
    with pytest.raises(BarsError, match="the bid only"):
        read(columns)
    assert read(columns, spread=1.5).matrix[1].tolist() == [135_015, 135_025]
    with pytest.raises(BarsError, match="neither 'bid' nor 'ask'"):
        read({"time": columns["time"], "price": columns["bid"]})


def test_ticks_are_sliced_framed_and_frozen():
    ticks = read(quotes([0, 60, 120], [135_000, 135_010, 135_020]))
    assert len(ticks["2014-05-06 10:01"]) == 1
    assert len(ticks[:2]) == 2
    assert list(ticks.to_pandas().columns) == ["bid", "ask", "size"]
    assert ticks.ask.tolist() == [1.35012, 1.35022, 1.35032]
    assert repr(ticks).startswith("Ticks(EUR_USD, 3 ticks")
    with pytest.raises(ValueError, match="read-only"):
        ticks.matrix[0, 0] = 1
    with pytest.raises(BarsError, match="no ticks"):
        ticks[:0].to_bars("M1")
    with pytest.raises(ParameterError, match="anchor"):
        ticks.to_bars("D1", anchor="london")


@pytest.mark.parametrize(("name", "pair", "tz", "rows"), [
    ("dukascopy_ticks_usdsgd_2016062404.csv", "USD_SGD", "UTC", 300),
    ("lean_tick_20140505_eurusd.csv", "EUR_USD", "UTC", 300),
])  # fmt: skip
def test_raw_layouts_of_ticks_are_read(shared_data, name, pair, tz, rows):
    ticks = read_ticks(shared_data / "raw_samples" / name, instrument=pair, tz=tz)
    assert len(ticks) == rows
    assert (ticks.matrix[1] >= ticks.matrix[0]).all()


def test_truefx_lines_are_read(tmp_path):
    path = tmp_path / "USDJPY.csv"
    path.write_text("USD/JPY,20130101 22:00:00.295,86.655,86.728\nUSD/JPY,20130101 22:02:35.907,86.657,86.728\n")
    ticks = read_ticks(path, instrument="USD_JPY", tz="UTC")
    assert ticks.matrix.tolist() == [[86_655, 86_657], [86_728, 86_728]]
    assert ticks.time[0] % 10**9 == 295_000_000


@pytest.mark.parametrize(("ticks", "bars", "crossed"), [
    ("EURUSD_ticks_oanda_201405", "EURUSD_M1_oanda", "widen"),
    ("USDSGD_ticks_dukascopy_20160623", "USDSGD_M1_dukascopy2016", "widen"),
])  # fmt: skip
def test_bars_of_shared_ticks_equal_the_shared_bars(shared_data, ticks, bars, crossed):
    made = read_ticks(shared_data / "ticks" / f"{ticks}.parquet", instrument=ticks[:6], crossed=crossed).to_bars(
        "M1", volume="size"
    )
    same = read_bars(shared_data / "bars" / f"{bars}.parquet", instrument=ticks[:6], timeframe="M1")
    place = np.searchsorted(same.time, made.time)
    assert np.array_equal(same.time[place], made.time)
    assert np.array_equal(same.points.matrix[:, place], made.points.matrix)
    assert np.allclose(same.volume[place], made.volume, equal_nan=True)
