"""Resampling against pandas, and against a vendor's own days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lts import calendar
from lts.calendar import DAY, HOUR
from lts.data.bars import PRICES, Bars
from lts.data.resample import bar_start, resample, resample_counted
from lts.data.timeframes import NAMES, duration
from lts.errors import BarsError, ParameterError
from lts.instruments import instrument

if TYPE_CHECKING:
    from pathlib import Path

SUMMER = int(np.datetime64("2014-06-01", "ns").astype(np.int64))  # a Sunday
AUTUMN = int(np.datetime64("2014-10-30", "ns").astype(np.int64))  # the clocks change on November 2


def make(time: np.ndarray, timeframe: str, seed: int = 1) -> Bars:
    """Return bars with random prices and volume."""
    random = np.random.default_rng(seed)
    n = len(time)
    mid = 100_000 + np.cumsum(random.integers(-20, 21, n))
    ends = mid + random.integers(-15, 16, n)
    high, low = np.maximum(mid, ends) + random.integers(0, 9, n), np.minimum(mid, ends) - random.integers(0, 9, n)
    bid = np.stack([mid, high, low, ends])
    volume = np.where(random.random(n) < 0.1, np.nan, random.integers(1, 99, n).astype(float))
    return Bars.from_points("EUR_USD", timeframe, time.astype(np.int64), np.concatenate([bid, bid + 12]).astype(np.int32), volume)


def traded(start: int, days: int, step: int) -> np.ndarray:
    """Return the opens of bars inside the trading week."""
    time = np.arange(start, start + days * DAY, step, dtype=np.int64)
    return time[calendar.in_week(time)]


def pandas_says(bars: Bars, key: np.ndarray) -> pd.DataFrame:
    """Return open, high, low and close by group, worked by pandas."""
    frame = pd.DataFrame(bars.points.matrix.T, columns=list(PRICES))
    frame["volume"] = bars.volume
    rules = {name: {"open": "first", "high": "max", "low": "min", "close": "last"}[name[4:]] for name in PRICES}
    grouped = frame.groupby(key).agg(rules)
    grouped["volume"] = frame.groupby(key)["volume"].sum(min_count=1)
    grouped["count"] = frame.groupby(key).size()
    return grouped


def local_key(time: np.ndarray, timeframe: str) -> np.ndarray:
    """Return the group of each bar by pandas' own clocks: New York wall time moved so that 17:00 is midnight."""
    shifted = pd.DatetimeIndex(time.astype("datetime64[ns]")).tz_localize("UTC").tz_convert("America/New_York").tz_localize(
        None
    ) + pd.Timedelta("7h")
    if timeframe == "W1":
        return np.asarray((shifted.normalize() - pd.to_timedelta((shifted.day_of_week + 2) % 7, unit="D")).asi8)
    return np.asarray(shifted.floor({"D1": "1D", "H4": "4h", "H12": "12h", "H8": "8h", "H1": "1h", "M15": "15min"}[timeframe]).asi8)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([SUMMER, AUTUMN, AUTUMN + 90 * DAY]),
    st.sampled_from(
        [("M5", "M15"), ("M5", "H1"), ("M15", "H4"), ("H1", "H8"), ("H1", "H12"), ("H1", "D1"), ("H1", "W1"), ("H4", "D1")]
    ),
    st.integers(0, 2**32),
    st.floats(0.3, 1.0),
)
def test_resampling_equals_pandas_on_new_york_clocks(start: int, frames: tuple[str, str], seed: int, kept: float) -> None:
    source, target = frames
    time = np.unique(bar_start(traded(start, 16, duration("M5")), source))
    time = time[np.random.default_rng(seed).random(len(time)) < kept]
    bars = make(time, source, seed)
    made, count, _ = resample_counted(bars, target)
    expected = pandas_says(bars, local_key(time, target))
    assert np.array_equal(made.points.matrix.T, expected[list(PRICES)].to_numpy())
    np.testing.assert_array_equal(made.volume, expected["volume"].to_numpy())
    assert count.tolist() == expected["count"].tolist()
    assert (np.diff(made.time) > 0).all()


def test_hourly_bars_become_the_vendors_own_days(shared_data: Path) -> None:
    frames = [pd.read_parquet(shared_data / "bars" / f"EURUSD_{name}_oanda.parquet") for name in ("H1", "D1")]
    hours, days = (frame.set_index("time").mul(1e5).round().astype("int32") for frame in frames)
    stamps = hours.index.tz_localize(None).to_numpy().astype("datetime64[ns]").astype(np.int64)
    bars = Bars.from_points("EUR_USD", "H1", stamps, np.ascontiguousarray(hours[list(PRICES)].to_numpy().T))
    made = resample(bars, "D1", anchor="utc")
    assert np.array_equal(made.time, days.index.tz_localize(None).to_numpy().astype("datetime64[ns]").astype(np.int64))
    assert np.array_equal(made.points.matrix.T, days[list(PRICES)].to_numpy())


def test_days_are_stamped_1700_new_york_of_the_evening_before() -> None:
    made = resample(make(traded(AUTUMN, 10, HOUR), "H1"), "D1")
    stamps = made.time.astype("datetime64[ns]").astype("datetime64[h]").astype(str).tolist()
    assert stamps[:4] == ["2014-10-29T21", "2014-10-30T21", "2014-11-02T22", "2014-11-03T22"]


def test_four_hour_bars_start_at_1700_new_york() -> None:
    made = resample(make(traded(AUTUMN, 10, HOUR), "H1"), "H4")
    assert set(calendar.hour(made.time).tolist()) == {17, 21, 1, 5, 9, 13}
    utc = resample(make(traded(AUTUMN, 10, HOUR), "H1"), "H4", anchor="utc")
    assert set((utc.time // HOUR % 24).tolist()) == {0, 4, 8, 12, 16, 20}


@pytest.mark.parametrize("anchor", ["new_york", "utc"])
@pytest.mark.parametrize("start", [SUMMER, AUTUMN, SUMMER + 180 * DAY])
def test_six_utc_days_become_one_week(anchor: str, start: int) -> None:
    hours = make(traded(start, 60, HOUR), "H1")
    days = resample(hours, "D1", anchor="utc")
    made, count, _ = resample_counted(days, "W1", anchor)
    assert count[1:-1].tolist() == [6] * (len(count) - 2)
    direct = resample(hours, "W1", anchor)
    assert np.array_equal(made.points.matrix, direct.points.matrix)
    assert np.array_equal(made.time, direct.time)


def test_days_made_in_two_steps_equal_days_made_in_one() -> None:
    minutes = make(traded(AUTUMN, 20, duration("M15")), "M15")
    assert resample(resample(minutes, "H4"), "D1").fingerprint == resample(minutes, "D1").fingerprint


def test_a_span_without_bars_has_no_bar() -> None:
    time = traded(SUMMER, 20, HOUR)
    outage = (time < SUMMER + 3 * DAY) | (time >= SUMMER + 9 * DAY)
    made, count, _ = resample_counted(make(time[outage], "H1"), "D1")
    assert (count >= 1).all()
    assert count.sum() == outage.sum()
    assert calendar.in_week(made.time).all()


@pytest.mark.parametrize(("dropped", "finished"), [(0, True), (1, False), (5, False)])
def test_an_unfinished_last_bar_is_flagged(dropped: int, finished: bool) -> None:
    time = traded(SUMMER, 6, HOUR)  # to Friday's close
    made = resample_counted(make(time[: len(time) - dropped], "H1"), "W1")
    assert made.finished is finished
    assert ("unfinished" in made.bars.notes[-1]) is not finished


def test_a_utc_friday_is_finished_when_the_market_closes() -> None:
    assert resample_counted(make(traded(SUMMER, 6, HOUR), "H1"), "D1", "utc").finished


@pytest.mark.parametrize(("source", "target"), [("H1", "M30"), ("D1", "H12"), ("M4", "M10"), ("H8", "H12"), ("H3", "H4")])
def test_shorter_frames_and_frames_that_do_not_divide_are_refused(source: str, target: str) -> None:
    with pytest.raises(ParameterError, match=f"{target} is .* the source's {source}; it must be one of {source}"):
        resample(make(traded(SUMMER, 3, duration(source)), source), target)


@pytest.mark.parametrize(("source", "target"), [("H4", "D1"), ("D1", "D1"), ("H2", "H4"), ("H12", "D1")])
def test_utc_bars_that_reach_over_1700_new_york_are_refused(source: str, target: str) -> None:
    utc = np.arange(SUMMER, SUMMER + 10 * DAY, duration(source), dtype=np.int64)
    bars = make(utc[calendar.in_week(utc)], source)
    with pytest.raises(BarsError, match=r"row \d+: the .* bar opened at 2014-.*reaches over the end .*anchor='utc'"):
        resample(bars, target)
    assert len(resample(bars, target, anchor="utc")) > 0


def test_bars_of_the_same_frame_stay_what_they_are() -> None:
    bars = make(traded(SUMMER, 9, HOUR), "H1")
    assert resample(bars, "H1").fingerprint == bars.fingerprint


def test_no_bars_make_no_bars() -> None:
    assert len(resample(make(np.empty(0, dtype=np.int64), "H1"), "D1")) == 0


def test_volume_stays_unstated_when_no_source_bar_states_it() -> None:
    time = traded(SUMMER, 4, HOUR)
    bars = Bars.from_points("EUR_USD", "H1", time, make(time, "H1").points.matrix)
    assert np.isnan(resample(bars, "D1").volume).all()


def test_a_wrong_anchor_or_frame_is_named_with_its_near_miss() -> None:
    bars = make(traded(SUMMER, 3, HOUR), "H1")
    with pytest.raises(ParameterError, match="Did you mean 'new_york'"):
        resample(bars, "D1", anchor="newyork")
    with pytest.raises(ParameterError, match=r"'h4' is unknown.*Did you mean 'H4'"):
        resample(bars, "h4")


def test_frames_are_named_by_their_length() -> None:
    assert len(NAMES) == 21
    assert (NAMES["S5"], NAMES["M1"], NAMES["H1"], NAMES["D1"], NAMES["W1"]) == (5 * 10**9, 60 * 10**9, HOUR, DAY, 7 * DAY)
    assert instrument("EUR_USD").scale == 100_000
