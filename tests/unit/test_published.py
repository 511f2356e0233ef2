"""Worked examples that brokers published or that were recorded at their servers, to the published digit (rules Q2-Q4, O4, phase a).

Left out: the margin table of OANDA One (sided prices), because the house values margin at mid, as v20 does.
"""

from __future__ import annotations

from math import trunc
from typing import NamedTuple

import numpy as np
import pytest

from lts.instruments import Instrument, instrument
from lts.sim.costs import AnnualSwap, Costs, PointsSwap, margin_rate, swap_table
from lts.sim.rates import Conversion, conversion
from lts.words import Account
from tests.flat import flat_bars

MONDAY = "2024-03-04T22:00"  # a daily bar that opens at 17:00 New York


def factor(pair: Instrument) -> float:
    """Q1: micro per point and step at a rate of 1."""
    return 10.0 ** (6 - pair.precision - pair.units_precision)


def money(x: float, f: float) -> int:
    """Q2: a posting, micro."""
    return int(np.rint(float(x) * f))


def known(pair: str | Instrument, account: str, source: str | Instrument, quote: tuple[float, float], mode: str) -> Conversion:
    """The conversion of a bar that opens when `source` has just closed at `quote` (bid, ask)."""
    bid, ask = quote
    rates = {source if isinstance(source, str) else source.name: flat_bars(source, "D1", MONDAY, [bid, bid], [ask, ask])}
    return conversion(flat_bars(pair, "D1", MONDAY, [1.0, 1.0]), account, rates, mode=mode)


def closing(pair: Instrument, units: int, entry: float, leave: float, rates: Conversion) -> tuple[float, float]:
    """O4: (profit at mid, conversion cost) of a closed trade without costs, account currency."""
    q = units * (pair.points(leave) - pair.points(entry))
    profit = money(q, factor(pair) * rates.mid[-1])
    side = rates.gain[-1] if q >= 0 else rates.loss[-1]
    return profit / 1e6, (profit - money(q, factor(pair) * side)) / 1e6


# --- margin ---------------------------------------------------------------------------------------------------------------------


def test_margin_example_of_oandas_v20_page() -> None:
    # OANDA, margin calculations: GBP 50,000, buy 1,000,000 EUR/GBP at 0.8568 (0.8566 / 0.8568), margin rate 3.33333 %
    pair, account = Instrument("EUR_GBP", margin_rate=0.0333333), Account(50_000, "GBP")
    rate = conversion(flat_bars(pair, "D1", MONDAY, [0.8566]), account.currency)
    assert rate.constant
    steps, entry, mid2, f = 1_000_000, pair.points(0.8568), pair.points(0.8566) + pair.points(0.8568), factor(pair) * rate.mid[0]
    unrealised = money(mid2 * steps - 2 * steps * entry, 0.5 * f)
    used = money(steps * mid2, (0.5 * f) * margin_rate(account, pair))
    value = money(account.balance, 1e6) + unrealised
    assert unrealised / 1e6 == -100
    assert value / 1e6 == 49_900
    assert round(used / 1e6, 2) == 28_556.64
    assert round((value - used) / 1e6, 2) == 21_343.36
    assert round(100 * account.closeout * used / value, 2) == 28.61
    assert value > account.closeout * used  # far from a close-out


def test_initial_margin_recorded_at_rate_1() -> None:
    # recorded v20 trade: 100 EUR_USD at 1.13387, mid 1.13380, margin rate 1: initialMarginRequired 113.3800
    pair = Instrument("EUR_USD", margin_rate=1.0)
    assert money(100 * 2 * pair.points(1.13380), 0.5 * factor(pair) * margin_rate(Account(), pair)) / 1e6 == 113.38


# --- profit and its conversion --------------------------------------------------------------------------------------------------


class RoundTrip(NamedTuple):
    """A closed trade and what the account was credited with; `rates` (source, (bid, ask), mode) at the moment of the exit."""

    source: str
    pair: str
    account: str
    units: int
    entry: float
    leave: float
    rates: tuple[str, tuple[float, float], str] | None
    credit: float
    digits: int


ROUND_TRIPS = [
    RoundTrip("OANDA, profit and loss", "EUR_USD", "USD", -10_000, 0.9521, 0.9505, None, 16.00, 2),
    RoundTrip("OANDA CA, profit and loss: gain", "USD_CAD", "CAD", -10_000, 1.35000, 1.34900, None, 10.00, 2),
    RoundTrip("OANDA CA, profit and loss: loss", "USD_CAD", "CAD", -10_000, 1.35000, 1.35100, None, -10.00, 2),
    RoundTrip(
        "OANDA US, conversion: 100 GBP",
        "EUR_GBP",
        "USD",
        10_000,
        0.85,
        0.86,
        ("GBP_USD", (1.29530, 1.29550), "markup"),
        128.8923,
        4,
    ),
    RoundTrip("the same at the bid", "EUR_GBP", "USD", 10_000, 0.85, 0.86, ("GBP_USD", (1.29530, 1.29550), "sided"), 129.53, 4),
    RoundTrip(
        "recorded v20, AUD home, gain",
        "AUD_USD",
        "AUD",
        100_000,
        0.79353,
        0.79411,
        ("AUD_USD", (0.79411, 0.79423), "sided"),
        73.0267,
        4,
    ),
    RoundTrip(
        "recorded v20, AUD home, loss",
        "AUD_USD",
        "AUD",
        10_000,
        0.79423,
        0.79269,
        ("AUD_USD", (0.79269, 0.79285), "sided"),
        -19.4275,
        4,
    ),
]


@pytest.mark.parametrize("trip", ROUND_TRIPS, ids=lambda trip: trip.source)
def test_a_closed_trade_credits_what_the_broker_published(trip: RoundTrip) -> None:
    if trip.rates is None:
        rates = conversion(flat_bars(trip.pair, "D1", MONDAY, [1.0]), trip.account)
    else:
        source, quote, mode = trip.rates
        rates = known(trip.pair, trip.account, source, quote, mode)
    profit, cost = closing(instrument(trip.pair), trip.units, trip.entry, trip.leave, rates)
    assert round(profit - cost, trip.digits) == trip.credit


def test_conversion_example_of_oanda_singapore() -> None:
    # 100 USD of profit on a GBP account at 0.77000 / 0.77005, fee 0.5 %: rate 0.766174875, credited 76.61 (cut, not rounded)
    rates = known("EUR_USD", "GBP", Instrument("USD_GBP"), (0.77000, 0.77005), "markup")
    assert rates.gain[-1] == pytest.approx(0.766174875, rel=1e-15)
    profit, cost = closing(instrument("EUR_USD"), 10_000, 1.0900, 1.1000, rates)
    assert round(profit, 4) == 77.0025
    assert trunc((profit - cost) * 100) / 100 == 76.61


def test_conversion_cost_example_of_oanda_us() -> None:
    # 100 GBP of profit on a USD account at 1.29530 / 1.29550: the fee costs 0.64 USD against the bid
    marked, sided = (known("EUR_GBP", "USD", "GBP_USD", (1.29530, 1.29550), mode).gain[-1] for mode in ("markup", "sided"))
    assert marked == pytest.approx(1.288923, rel=1e-15)
    assert round(100 * sided - 100 * marked, 2) == 0.64


def test_conversion_factors_recorded_for_a_euro_account() -> None:
    # recorded v20, EUR home, EUR_USD 1.12157 / 1.12170: positiveUnits 0.89150397, negativeUnits 0.89160730
    rates = known("EUR_USD", "EUR", "EUR_USD", (1.12157, 1.12170), "sided")
    assert round(rates.gain[-1], 8) == 0.89150397
    assert round(rates.loss[-1], 8) == 0.89160730


def test_half_spread_cost_recorded() -> None:
    # recorded v20: 100 units at 1.11626 / 1.11640, halfSpreadCost 0.0070
    pair = instrument("EUR_USD")
    assert money(100 * (pair.points(1.11640) - pair.points(1.11626)), 0.5 * factor(pair)) / 1e6 == 0.0070


# --- financing ------------------------------------------------------------------------------------------------------------------


def booked(costs: Costs, price: float, units: int, bars: int = 2) -> list[float]:
    """Phase a: what each bar with nights posts to one open EUR_USD trade, USD."""
    pair = instrument("EUR_USD")
    days = flat_bars(pair, "D1", MONDAY, [price] * bars)
    _, weights = swap_table(costs, days, pair, conversion(days, "USD"))
    side = weights[:, 0] if units > 0 else weights[:, 1]
    return [float(np.rint(float(abs(units)) * w)) / 1e6 for w in side]


def test_financing_example_of_oanda() -> None:
    # OANDA, financing: long 100,000 EUR/USD, 1.15826 at 17:00, -3.00 % a year of 365 days: -9.52 USD
    (night,) = booked(Costs(swap=AnnualSwap(long=-0.03, short=0.01)), 1.15826, 100_000)
    assert round(night, 2) == -9.52


def test_points_swap_example_of_metatrader() -> None:
    # 2 lots of EURUSD at 7 points: 14.00 USD
    assert booked(Costs(swap=PointsSwap(long=7, short=-9)), 1.1, 200_000) == [14.00]
    assert booked(Costs(swap=PointsSwap(long=7, short=-9)), 1.1, -200_000) == [-18.00]


def test_flat_swap_of_the_seed() -> None:
    # 10 USD a lot and night, whatever the side: Tuesday, Wednesday (three), Thursday, Friday
    for units in (100_000, -100_000):
        assert booked(Costs.seed(), 1.1, units, bars=5) == [-10.0, -30.0, -10.0, -10.0]
