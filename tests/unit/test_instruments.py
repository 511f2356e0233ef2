"""Instruments: the grid of prices and units."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lts.errors import InstrumentError
from lts.instruments import INSTRUMENTS, Instrument, instrument

names = st.sampled_from(sorted(INSTRUMENTS))


@pytest.mark.parametrize("spelling", ["EUR_USD", "EURUSD", "EUR/USD", "eurusd", "eur-usd", " EUR USD "])
def test_every_usual_spelling_finds_the_pair(spelling: str) -> None:
    assert instrument(spelling) is INSTRUMENTS["EUR_USD"]


def test_an_instrument_serves_where_a_name_does() -> None:
    mine = Instrument("ABC_DEF", precision=2, pip_location=-2)
    assert instrument(mine) is mine


@pytest.mark.parametrize("wrong", ["EUR_USB", "EURUS", "", "EUR_USD_X"])
def test_an_unknown_name_is_refused_with_a_way_out(wrong: str) -> None:
    with pytest.raises(InstrumentError, match=r"is unknown; it must be one of .*lts\.Instrument"):
        instrument(wrong)


def test_a_near_miss_is_named() -> None:
    with pytest.raises(InstrumentError, match="Did you mean 'EUR_USD'"):
        instrument("EURUSB")


@pytest.mark.parametrize(
    ("name", "precision", "pip", "margin"),
    [
        ("EUR_USD", 5, 0.0001, 0.03333333333333),
        ("USD_JPY", 3, 0.01, 0.03333333333333),
        ("EUR_HUF", 3, 0.01, 0.05),
        ("USD_THB", 3, 0.01, 0.05),
        ("HKD_JPY", 5, 0.0001, 0.05),
        ("AUD_USD", 5, 0.0001, 0.05),
        ("USD_SGD", 5, 0.0001, 0.05),
        ("XAU_USD", 3, 0.01, 0.05),
        ("XAG_USD", 5, 0.0001, 0.10),
    ],
)
def test_grid_and_margin_are_the_published_ones(name: str, precision: int, pip: float, margin: float) -> None:
    found = instrument(name)
    assert (found.precision, found.pip, found.margin_rate) == (precision, pip, margin)


@given(names, st.integers(1, 2**31 - 1))
def test_points_and_prices_convert_without_loss(name: str, points: int) -> None:
    found = instrument(name)
    assert found.points(found.price(points)) == points
    assert found.round_price(found.price(points)) == found.price(points)


@given(names, st.integers(0, 10_000))
def test_whole_pips_are_whole_points(name: str, pips: int) -> None:
    found = instrument(name)
    assert found.pips_to_points(pips) == pips * found.points_per_pip
    assert found.points_to_pips(found.pips_to_points(pips)) == pips
    assert isclose(found.pips(pips * found.pip), pips)


@given(st.floats(-1e8, 1e8), st.integers(0, 1))
def test_units_are_cut_toward_zero(units: float, decimals: int) -> None:
    found = Instrument("ABC_DEF", units_precision=decimals)
    cut = found.round_units(units)
    assert abs(cut) <= abs(units) + 1e-9
    assert abs(units - cut) < 10**-decimals
    assert found.round_units(cut) == cut


def test_a_pip_of_a_lot_is_ten_of_the_quote_currency() -> None:
    assert isclose(instrument("EUR_USD").pip_value(100_000), 10.0)
    assert isclose(instrument("USD_JPY").pip_value(-100_000, rate=0.01), -10.0)
    assert instrument("EUR_USD").units(0.1) == 10_000
    assert instrument("EUR_USD").lots(10_000) == 0.1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "EURUSD"},
        {"name": "EUR_USD", "base": "GBP"},
        {"name": "EUR_USD", "precision": 7},
        {"name": "EUR_USD", "pip_location": -6},
        {"name": "EUR_USD", "units_precision": 2},
        {"name": "EUR_USD", "min_units": 0.0},
        {"name": "EUR_USD", "max_units": 0.5},
        {"name": "EUR_USD", "lot": float("nan")},
        {"name": "EUR_USD", "margin_rate": 0.0},
    ],
)
def test_an_impossible_instrument_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InstrumentError, match="it must be"):
        Instrument(**wrong)  # type: ignore[arg-type]


def test_the_pip_is_never_smaller_than_the_tick() -> None:
    for found in INSTRUMENTS.values():
        assert found.points_per_pip >= 1
        assert found.tick <= found.pip
        assert found.name == f"{found.base}_{found.quote}"
