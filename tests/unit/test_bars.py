"""Bars: exact prices on one grid, spans, frames, fingerprints."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from lts.data.bars import Bars
from lts.errors import BarsError, ParameterError
from tests.bar_sets import PRICES, good, read


@pytest.fixture(scope="module")
def bars():
    return read(good(2_000))


def test_prices_are_points_over_ten_to_the_precision(bars):
    for row, name in enumerate(PRICES):
        assert np.array_equal(getattr(bars, name), bars.points.matrix[row] / 1e5)
        assert np.array_equal(getattr(bars.points, name), bars.points.matrix[row])
    assert bars.points.matrix.dtype == np.int32
    assert bars.points.matrix.flags.c_contiguous


def test_bars_cannot_be_changed(bars):
    for array in (bars.time, bars.volume, bars.points.matrix, bars.points.bid_close, bars.bid_close):
        with pytest.raises(ValueError, match="read-only"):
            array[..., 0] = 0


def test_the_source_may_be_changed_afterwards():
    columns = good(50)
    bars = read(columns)
    before = bars.fingerprint, bars.time.copy(), bars.volume.copy()
    for column in columns.values():
        column[:] = column[::-1].copy()
    assert bars.fingerprint == before[0]
    assert np.array_equal(bars.time, before[1])
    assert np.array_equal(bars.volume, before[2])


def test_a_text_stands_for_its_whole_period(bars):
    month = bars["2014-02"]
    assert str(month.time[0].astype("datetime64[ns]")).startswith("2014-02")
    assert str(month.time[-1].astype("datetime64[ns]")).startswith("2014-02")
    assert len(bars["2014":"2014"]) == len(bars)
    assert len(bars["2014-01-07"]) == 24
    assert len(bars["2014-01-07 13"]) == len(bars["2014-01-07 13:00"]) == 1


def test_spans_partition_the_bars(bars):
    months = [bars[f"2014-0{m}"] for m in range(1, 6)]
    assert sum(map(len, months)) == len(bars)
    assert len(bars[:"2014-01"]) + len(bars["2014-02":]) == len(bars)


def test_numbers_slice_like_arrays(bars):
    assert np.array_equal(bars[10:20].time, bars.time[10:20])
    assert np.array_equal(bars[-5:].points.matrix, bars.points.matrix[:, -5:])
    assert len(bars[5:2]) == 0


def test_datetimes_are_instants(bars):
    moment = datetime(2014, 1, 7, 13, tzinfo=UTC)
    assert len(bars[moment:moment]) == 1
    assert bars[moment:moment].time[0] == pd.Timestamp(moment).value
    assert len(bars[pd.Timestamp("2014-01-07 08:00", tz="America/New_York") :]) == len(bars[moment:])
    assert len(bars[np.datetime64("2014-01-07T13:00") : moment]) == 1


@pytest.mark.parametrize("key", [5, slice(None, None, 2), "soon", slice("2014", "x"), slice(1.5, 2)])
def test_what_is_no_span_is_refused(bars, key):
    with pytest.raises(ParameterError, match=r"bars\["):
        _ = bars[key]


def test_an_empty_span_is_no_bars_and_its_report_says_so(bars):
    none = bars["1990":"1991"]
    assert len(none) == 0
    assert "no bars" in repr(none)
    assert none.quality.warnings == ("there are no bars",)
    assert "0 bars" in str(none.quality)


def test_a_slice_keeps_the_raw_quotes_of_its_rows():
    columns = good(100)
    columns["ask_close"][[10, 60]] = columns["bid_close"][[10, 60]] - 0.0001
    columns["ask_low"][[10, 60]] = columns["ask_close"][[10, 60]] - 0.001
    bars = read(columns)
    assert bars.raw.index.tolist() == [10, 60]
    assert bars[50:].raw.index.tolist() == [10]
    assert bars[50:].quality.crossed["crossed_closes"] == 1


def test_to_pandas_has_utc_index_and_nine_columns(bars):
    frame = bars.to_pandas()
    assert list(frame.columns) == [*PRICES, "volume"]
    assert str(frame.index.tz) == "UTC"
    again = read(frame, tz=None)
    assert again.fingerprint == bars.fingerprint


def test_fingerprint_changes_with_every_part(bars):
    parts = {"time": bars.time, "matrix": bars.points.matrix, "volume": bars.volume}

    def made(instrument="EUR_USD", timeframe="H1", **changed):
        return Bars.from_points(instrument, timeframe, **{**parts, **changed}).fingerprint

    bumped = parts["matrix"].copy()
    bumped[3, 7] += 1
    prints = {
        made(), made("GBP_USD"), made(timeframe="M30"), made(time=bars.time + 1), made(matrix=bumped), made(volume=bars.volume + 1),
    }  # fmt: skip
    assert len(prints) == 6
    assert made() == bars.fingerprint
    assert len(bars.fingerprint) == 64


def test_bars_pickle(bars):
    again = pickle.loads(pickle.dumps(bars))  # noqa: S301 - its own bytes
    assert again.fingerprint == bars.fingerprint
    assert again.quality.as_dict() == bars.quality.as_dict()
    assert not again.time.flags.writeable


def test_resample_keeps_extremes(bars):
    days = bars.resample("D1")
    assert days.points.bid_high.max() == bars.points.bid_high.max()
    assert days.volume.sum() == bars.volume.sum()


def test_missing_volume_is_nan():
    columns = good(5)
    del columns["volume"]
    assert np.isnan(read(columns).volume).all()


@pytest.mark.parametrize("name", ["time", "matrix", "volume"])
def test_from_points_refuses_wrong_shapes_and_types(bars, name):
    parts = {"time": bars.time, "matrix": bars.points.matrix, "volume": bars.volume}
    for wrong in (parts[name][..., 1:] if name != "time" else parts[name].astype(np.float64), parts[name].astype(np.float32)):
        with pytest.raises(BarsError, match="from_points"):
            Bars.from_points("EUR_USD", "H1", **{**parts, name: wrong})


def test_bars_are_not_made_by_hand():
    with pytest.raises(ParameterError, match="read_bars"):
        Bars()


def test_repr_names_pair_frame_count_and_span(bars):
    assert repr(bars).startswith("Bars(EUR_USD H1, 2,000 bars, 2014-01-06 00:00 to ")
