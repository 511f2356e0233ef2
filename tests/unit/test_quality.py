"""The quality report: measures against plain loops, warnings, printing, speed."""

from __future__ import annotations

import json
import time as clock

import numpy as np
import pytest

from lts import calendar
from lts.data import measures
from lts.data.bars import Bars
from lts.data.read import read_bars
from lts.errors import BarsError
from tests.bar_sets import PRICES, good, plain, read, stamps

HOUR = 3_600_000_000_000


@pytest.fixture(scope="module")
def bars():
    columns = good(3_000, seed=5)
    keep = np.random.default_rng(5).random(3_000) > 0.03
    return read({k: v[keep] for k, v in columns.items()})


def test_absent_bars_are_those_that_a_walk_over_the_open_hours_misses(bars):
    every = np.arange(bars.time[0], bars.time[-1] + 1, HOUR)
    missing = set(every[calendar.in_week(every)].tolist()) - set(bars.time.tolist())
    assert bars.quality.holes["absent_bars"] == len(missing)
    hours = np.array([t // HOUR % 24 for t in missing])
    shares = bars.quality.holes["absent_by_hour_utc"]
    assert max(range(24), key=lambda h: shares[h] or 0) in np.flatnonzero(np.bincount(hours, minlength=24) > 2)


def test_lengths_of_holes_add_up(bars):
    holes = bars.quality.holes
    assert sum(holes["by_length_bars"].values()) == holes["holes"]
    assert holes["longest"][0]["open_hours"] == max(hole["open_hours"] for hole in holes["longest"])


def test_weekends_are_no_holes_in_summer_or_winter():
    bars = read(good(24 * 5 * 52))
    assert bars.quality.holes["absent_bars"] == 0
    assert bars.quality.week["outside"] == 0
    assert bars.quality.week["share_at_17"] == 1.0


def test_a_bar_after_an_outage_within_the_week_is_no_week_open():
    columns = good(24 * 5 * 12)
    days = columns["time"].astype("datetime64[D]")
    keep = (days != np.datetime64("2014-01-13")) & (days != np.datetime64("2014-01-20"))
    week = read({k: v[keep] for k, v in columns.items()}).quality.week
    assert week["weeks"] == read(columns).quality.week["weeks"]
    assert week["share_at_17"] == 1.0


def test_open_time_is_what_a_walk_counts():
    first = int(np.datetime64("2014-03-03", "ns").astype(np.int64))
    hours = first + np.arange(24 * 21) * HOUR  # the clocks change in these weeks
    walked = np.concatenate([[0], np.cumsum(calendar.in_week(hours))])[:-1] * HOUR
    assert np.array_equal(measures.open_before(hours) - measures.open_before(hours[:1]), walked)


def test_quantiles_of_the_spread_are_those_of_numpy(bars):
    random = np.random.default_rng(2)
    matrix = bars.points.matrix.copy()
    matrix[7] = matrix[3] + random.gamma(2.0, 8.0, len(bars)).astype(np.int32)
    made = Bars.from_points("EUR_USD", "H1", bars.time, matrix)
    pips = (matrix[7] - matrix[3]) / 10
    found = made.quality.spread
    for name, q in (("p5", 0.05), ("median", 0.5), ("p95", 0.95), ("p99.9", 0.999), ("max", 1.0)):
        assert found["pips"][name] == np.quantile(pips, q, method="inverted_cdf")
    nine = calendar.hour(bars.time) == 9
    assert found["by_hour_new_york"][9]["median"] == np.quantile(pips[nine], 0.5, method="inverted_cdf")


def test_huge_spreads_are_measured_too(bars):
    matrix = bars.points.matrix.copy()
    matrix[7, 5] = 2_000_000
    made = Bars.from_points("EUR_USD", "H1", bars.time, matrix)
    assert made.quality.spread["pips"]["max"] == (2_000_000 - matrix[3, 5]) / 10
    assert made.quality.spread["pips"]["median"] == bars.quality.spread["pips"]["median"]


def test_the_largest_moves_come_first(bars):
    matrix = bars.points.matrix.copy()
    matrix[:, 700:] += 20_000
    move = Bars.from_points("EUR_USD", "H1", bars.time, matrix).quality.moves[0]
    assert np.datetime64(move["time"], "ns").astype(np.int64) == bars.time[700]
    assert 10 < move["percent"] < 20


def test_a_last_bar_of_little_volume_looks_unfinished():
    columns = good(300)
    columns["volume"][:] = 100
    assert read(columns).quality.last_bar["state"] == "unknown"
    columns["volume"][-1] = 10
    assert read(columns).quality.last_bar == {"state": "looks unfinished", "reason": "its volume is 10% of the usual"}
    assert read(columns)[:-3].resample("D1").quality.last_bar["state"] == "unfinished"


def test_locked_and_crossed_closes_are_told_apart():
    columns = good(60)
    for name in PRICES[4:]:
        columns[name] = columns[name.replace("ask", "bid")].copy()
    columns["ask_close"][5] -= 0.0001
    columns["ask_low"][5] -= 0.01
    bars = read(columns)
    assert bars.quality.crossed == {"crossed_closes": 1, "crossed_rows": 1, "locked_closes": 59}
    assert bars.quality.spread["pips"]["p5"] == 0.0
    assert min(bars.points.ask_close - bars.points.bid_close) == 0


def test_the_report_is_plain_data_and_prints(bars):
    found = json.loads(json.dumps(bars.quality.as_dict()))
    assert found["rows"] == len(bars)
    assert found["policies"]["crossed"] == "widen"
    text = str(bars.quality)
    for word in ("EUR_USD H1", "holes", "week", "crossed", "opens", "flat", "level", "last bar", "spread", "moves"):
        assert word in text
    assert "warnings" in repr(bars.quality)


def test_one_bar_has_a_report():
    bars = read({k: v[:1] for k, v in good(3).items()})
    assert "1 bars" in str(bars.quality)
    json.dumps(bars.quality.as_dict())


def test_bars_that_were_not_read_have_a_report():
    bars = read(good(50))
    made = Bars.from_points("EUR_USD", "H1", bars.time, bars.points.matrix)
    assert made.quality.as_dict()["checked"] is False
    assert "source" not in str(made.quality).split()


def test_bars_far_apart_do_not_cost_a_table_of_all_hours():
    bars = read({**plain(good(3)), "time": np.array(["1990-01-01", "2020-06-01", "2150-01-05"], "M8[ns]")}, side="bid", spread=1)
    started = clock.perf_counter()
    str(bars.quality)
    assert clock.perf_counter() - started < 0.5
    assert bars.quality.holes["absent_by_hour_utc"] is None


def test_stamps_beyond_the_calendar_are_refused():
    columns = {**good(2), "time": np.array(["1850-01-01", "2020-06-01"], "M8[us]")}
    with pytest.raises(BarsError, match="row 0: stamp was"):
        read(columns)


def test_generated_faults_are_all_warned_of():
    from lts.data.synthetic import synthetic_bars

    for switch, word in (
        ({"stale_opens": True}, "previous close"),
        ({"missing_hour": True}, "hour 0 UTC"),
        ({"crossed": 0.1}, "crossed"),
    ):
        found = synthetic_bars("EUR_USD", "M5", n=20_000, **switch).quality.warnings
        assert any(word in warning for warning in found), (switch, found)
    assert not any("previous close" in w or "missing" in w for w in synthetic_bars("EUR_USD", "M5", n=20_000).quality.warnings)


@pytest.mark.long
def test_checks_run_at_a_million_bars_a_second(tmp_path):
    import polars as pl

    n = 1_000_000
    columns = {**good(n, step=60), "time": stamps(n, step=60).astype("datetime64[ns]")}
    columns = {k: v if k in {"time", "volume"} else v % 0.2 + 1.2 for k, v in columns.items()}
    for side in ("bid", "ask"):
        parts = np.round(np.stack([columns[f"{side}_{p}"] for p in ("open", "high", "low", "close")]), 5)
        columns[f"{side}_open"], columns[f"{side}_close"] = parts[0], parts[3]
        columns[f"{side}_high"], columns[f"{side}_low"] = parts.max(axis=0), parts.min(axis=0)
    path = tmp_path / "bars.parquet"
    pl.DataFrame(columns).write_parquet(path)
    best = {}
    for _ in range(3):
        started = clock.perf_counter()
        bars = read_bars(path, instrument="EUR_USD", timeframe="M1", tz="UTC")
        middle = clock.perf_counter()
        str(bars.quality)
        for name, took in (("read", middle - started), ("report", clock.perf_counter() - middle)):
            best[name] = min(took, best.get(name, 99.0))
    assert len(bars) == n
    assert best["report"] < 1.0, best
    assert best["read"] < 2.0, best
