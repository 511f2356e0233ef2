"""Origins: bars know how they can be had again, in values that JSON has."""

from __future__ import annotations

import json
import pickle
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import lts
from lts.data.layouts import Layout
from lts.data.origin import reopen, then
from lts.data.spread import SpreadProfile
from lts.instruments import Instrument
from tests.small import table

TEXT = "when;o;h;l;c\n" + "".join(f"0{day}.03.2024 {hour:02}:00;1,1;1,2;1,05;1,15\n" for day in (4, 5) for hour in range(24))
TICKS = "".join(f"EUR/USD,20240304 10:{i // 60:02}:{i // 2 % 30 * 2:02}.000,1.1{i % 10},1.2{i % 10}\n" for i in range(600))


@pytest.fixture
def hours(tmp_path):
    path = tmp_path / "hours.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def same(bars):
    """Return the bars of an origin that went through JSON, and hold them equal to the first."""
    again = reopen(json.loads(json.dumps(bars.origin, allow_nan=False)))
    assert again.fingerprint == bars.fingerprint
    assert (again.notes, again.origin, again.instrument) == (bars.notes, bars.origin, bars.instrument)
    return again


def read(path, **more):
    columns = dict(zip(("time", "open", "high", "low", "close"), ("when", "o", "h", "l", "c"), strict=True))
    given = {"instrument": "EUR_USD", "timeframe": "H1", "side": "mid", "spread": 2, "tz": "UTC", "columns": columns}
    return lts.read_bars(path, **(given | {"layout": {"stamp": "%d.%m.%Y %H:%M"}} | more))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"spread": np.float64(1.5), "tz": ZoneInfo("Europe/Berlin"), "on_fault": {"outside_week": "drop"}, "crossed": "keep"},
        {"spread": "profile", "tz": [(None, "UTC"), ("2024-03-05", "+01:00")], "unsorted": "sort", "duplicates": "first"},
        {
            "spread": SpreadProfile(np.arange(168.0), "mine"),
            "layout": Layout(";", True, stamp="%d.%m.%Y %H:%M", decimal_comma=True),
        },
        {"instrument": Instrument("EUR_USD", lot=1_000.0, pip_location=-3), "scale": 1.0},
    ],
    ids=["plain", "zone", "periods", "profile", "instrument"],
)
def test_a_file_is_read_again_with_the_same_arguments(hours, more):
    assert same(read(hours, **more)).origin["source"] == str(hours)


def test_a_relative_path_is_written_out(hours, monkeypatch):
    monkeypatch.chdir(hours.parent)
    bars = read("hours.csv")
    monkeypatch.chdir("/")
    same(bars)


def test_two_files_of_one_side_each_are_read_again(hours, tmp_path):
    asks = tmp_path / "asks.csv"
    asks.write_text(TEXT.replace("1,2;1,05;1,15", "1,21;1,06;1,16"), encoding="utf-8")
    given = {"side": None, "spread": None}
    assert same(read((hours, asks), **given)).origin["source"] == {"bid": str(hours), "ask": str(asks)}
    same(read({"BID": hours, "ASK": asks}, **given))


def test_what_was_done_afterwards_is_done_again(hours):
    bars = read(hours)
    for made in (bars["2024-03-04 10":], bars[5:9], bars[5:5], bars.resample("H4"), bars[3:].resample("D1", anchor="utc")[:1]):
        same(made)


def test_samples_and_generated_bars_are_made_again():
    same(lts.samples.ecb("GBP_JPY", spread=3.0))
    same(lts.samples.ecb(Instrument("EUR_SEK", precision=4, pip_location=-4)))
    same(lts.synthetic_bars("USD_JPY", "M5", n=300, seed=3, price=110.0, crossed=0.05, shock=-0.1, volume="none"))


def test_the_sample_of_hours_does_not_name_this_machines_folders():
    pytest.importorskip("gym_anytrading")
    assert same(lts.samples.eurusd_h1()).origin == {"kind": "sample", "sample": "eurusd_h1", "spread": 1.0}


def test_bars_of_the_catalogue_are_had_again_when_it_has_grown(tmp_path):
    bars = lts.synthetic_bars("EUR_USD", "H1", n=600, seed=3)
    catalog = lts.Catalog(tmp_path)
    catalog.add(bars[:500])
    found = [
        catalog.bars("EUR_USD", "H1"),
        catalog.bars("EUR_USD", "H1", "2015-01-07", "2015-01-14"),
        catalog.bars("EUR_USD", "H1")[9:],
    ]
    catalog.add(bars[500:])
    for made in found:
        assert reopen(json.loads(json.dumps(made.origin))).fingerprint == made.fingerprint


def test_bars_of_ticks_are_made_again(tmp_path):
    path = tmp_path / "ticks.csv"
    path.write_text(TICKS, encoding="utf-8")
    ticks = lts.read_ticks(path, instrument="EUR_USD", tz="UTC", layout="truefx", off_grid="round", unsorted="sort")
    assert ticks.same_stamp > 0
    same(ticks.to_bars("M1", volume="size"))
    same(ticks[101:307].to_bars("S10"))  # between two ticks of one stamp


def test_bars_of_arrays_have_no_origin():
    bars = table([(1.1, 1.1, 1.1, 1.1)] * 30)
    for made in (bars, bars[3:], bars.resample("H4"), lts.read_bars(bars.to_pandas(), instrument="EUR_USD", timeframe="H1")):
        assert made.origin is None
    one = bars.to_pandas().filter(like="bid").rename(columns=lambda name: name.removeprefix("bid_"))
    assert lts.read_bars((one, one), instrument="EUR_USD", timeframe="H1").origin is None
    assert then(None, "cut", 1, 2) is None


def test_an_argument_that_json_cannot_hold_leaves_no_origin(hours):
    from datetime import UTC

    assert read(hours, tz=UTC).origin is None


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ({"kind": "flie", "source": "x"}, "'flie'.*Did you mean 'file'"),
        ({}, "of kind None"),
        ({"kind": "file", "source": "nowhere.csv", "instrument": "EUR_USD", "timeframe": "H1"}, "does not exist"),
        ({"kind": "synthetic", "n": 10, "colour": 1}, "colour"),
        ({"kind": "sample", "sample": "gold"}, "'gold'"),
        ({"kind": "sample", "sample": "ecb", "colour": 1}, "cannot be read"),
        ({"kind": "synthetic", "n": 10, "then": [["fold", 1]]}, "the step 'fold'"),
    ],
)
def test_an_origin_that_leads_nowhere_is_refused(origin, said):
    with pytest.raises(lts.InputError, match=said):
        reopen(origin)


def test_pickled_bars_keep_their_origin():
    bars = lts.synthetic_bars("EUR_USD", "H1", n=40)[3:30]
    assert pickle.loads(pickle.dumps(bars)).origin == bars.origin  # noqa: S301  (our own bytes)
