"""The ready-made pieces for `decide`: sizes, exits, sessions; each alone, and several in one strategy."""

from __future__ import annotations

from math import isnan, nan
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lts
from lts.strategies import Strategy, go, param, stay
from lts.strategies.pieces import (
    HOUR,
    break_even,
    gained_pips,
    lot_units,
    new_york_hour,
    partial_target,
    risk_units,
    session,
    time_exit,
    utc_hour,
    volatility_units,
)
from tests.flat import flat_bars, ns

PIP = 0.0001
sensible = st.floats(1e-6, 1e9)

# sizes


def test_lots_are_units():
    assert lot_units(0.02) == 2000
    assert lot_units(-1.5) == -150_000
    assert lot_units(2, 100) == 200


def test_risk_size_loses_the_share_at_the_stop():
    # 1 % of 10,000 is 100; 50 pips of 0.0001 are 0.005 a unit; 100 / 0.005 = 20,000
    assert risk_units(10_000, 0.01, 50, PIP) == pytest.approx(20_000)
    assert risk_units(10_000, 0.01, 50, PIP, 5_000) == 5_000


@given(equity=sensible, risk=st.floats(1e-6, 1), stop=st.floats(0.1, 1e4), pip=st.floats(1e-6, 1))
def test_risk_size_holds_whatever_the_account(equity, risk, stop, pip):
    assert risk_units(equity, risk, stop, pip) * stop * pip == pytest.approx(equity * risk)


def test_volatility_size_has_the_wanted_deviation():
    # 10 % of 10,000 a year is 1,000; 8 % of 1.25 is 0.10 a unit; 1,000 / 0.10 = 10,000
    assert volatility_units(10_000, 0.10, 0.08, 1.25) == pytest.approx(10_000)
    assert volatility_units(10_000, 0.10, 0.08, 1.25, 4_000) == 4_000


@pytest.mark.parametrize("wrong", [0.0, -1.0, nan])
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("size", [risk_units, volatility_units])
def test_a_size_that_cannot_be_computed_is_zero(size, place, wrong):
    given_ = [10_000.0, 0.01, 50.0, PIP]
    given_[place] = wrong
    assert size(*given_) == 0.0


# profit in pips


@pytest.mark.parametrize(
    ("units", "price", "expected"), [(1000, 1.1010, 10), (1000, 1.0990, -10), (-1000, 1.0990, 10), (-1000, 1.1010, -10)]
)
def test_profit_in_pips_follows_the_side(units, price, expected):
    assert gained_pips(units, 1.1, price, PIP) == pytest.approx(expected)


def test_flat_has_no_profit_in_pips():
    assert isnan(gained_pips(0, nan, 1.1, PIP))


# break even


def test_stop_moves_to_the_entry_at_the_distance_and_not_before():
    assert break_even(1000, 1.1, 1.098, 1.1010, 10, PIP) == 1.1  # 1.1010 - 1.1 is 0.00099999... in floats
    assert isnan(break_even(1000, 1.1, 1.098, 1.10099, 10, PIP))
    assert break_even(-1000, 1.1, 1.102, 1.0990, 10, PIP) == 1.1
    assert isnan(break_even(-1000, 1.1, 1.102, 1.09901, 10, PIP))


def test_stop_that_is_there_or_better_stays():
    assert isnan(break_even(1000, 1.1, 1.1, 1.1020, 10, PIP))
    assert isnan(break_even(1000, 1.1, 1.1005, 1.1020, 10, PIP))
    assert isnan(break_even(-1000, 1.1, 1.1, 1.0980, 10, PIP))
    assert isnan(break_even(-1000, 1.1, 1.0995, 1.0980, 10, PIP))


def test_no_stop_yet_becomes_one_at_the_entry():
    assert break_even(1000, 1.1, nan, 1.1020, 10, PIP) == 1.1


def test_flat_has_nothing_to_protect():
    assert isnan(break_even(0, nan, nan, 1.1, 10, PIP))


@given(points=st.integers(50_000, 250_000), pips=st.integers(1, 200), side=st.sampled_from((1, -1)))
def test_a_distance_reached_to_the_point_counts_and_a_point_less_does_not(points, pips, side):
    entry, there, short = points / 1e5, (points + side * 10 * pips) / 1e5, (points + side * (10 * pips - 1)) / 1e5
    assert break_even(side, entry, nan, there, pips, PIP) == entry
    assert isnan(break_even(side, entry, nan, short, pips, PIP))


# partial target


def test_a_share_is_taken_at_the_distance():
    assert partial_target(10_000, 10_000, 1.1, 1.1010, 10, PIP) == 5_000
    assert partial_target(-10_000, 10_000, 1.1, 1.0990, 10, PIP) == -5_000
    assert partial_target(10_000, 10_000, 1.1, 1.1010, 10, PIP, 0.3) == pytest.approx(7_000)
    assert partial_target(10_000, 10_000, 1.1, 1.1009, 10, PIP) == 10_000


@given(
    units=st.integers(-20_000, 20_000).map(float),
    price=st.floats(1.0, 1.2),
    share=st.floats(0, 1),
    whole=st.integers(-20_000, 20_000).map(float),
)
def test_a_partial_target_never_adds_never_turns_and_is_taken_once(units, price, share, whole):
    there = partial_target(units, whole, 1.1, price, 10, PIP, share)
    assert abs(there) <= abs(units)
    assert there * units >= 0
    assert partial_target(there, whole, 1.1, price, 10, PIP, share) == there


# time


def test_a_trade_leaves_when_it_is_old_enough():
    entry = ns("2014-01-06")
    assert not time_exit(entry, entry, HOUR)
    assert not time_exit(entry, entry + HOUR - 1, HOUR)
    assert time_exit(entry, entry + HOUR, HOUR)


def test_flat_is_never_too_old():
    assert not time_exit(0, ns("2014-01-06"), HOUR)


@pytest.mark.parametrize(("text", "hour"), [("2014-01-06T00:00", 0), ("2014-07-07T23:59:59", 23), ("1969-12-31T22:00", 22)])
def test_utc_hour_reads_the_clock(text, hour):
    assert utc_hour(ns(text)) == hour


def test_a_session_may_go_over_midnight():
    assert [h for h in range(24) if session(h, 8, 17)] == list(range(8, 17))
    assert [h for h in range(24) if session(h, 22, 2)] == [0, 1, 22, 23]
    assert all(session(h, 5, 5) for h in range(24))
    assert not session(nan, 5, 5)
    assert not session(nan, 8, 17)


def test_new_york_hours_follow_daylight_saving():
    stamps = ["2014-01-06T22:00", "2014-03-07T22:00", "2014-03-10T21:00", "2014-07-07T21:30"]
    bars = flat_bars("EUR_USD", "M30", stamps, [1.1] * 4)
    hours = new_york_hour(bars)
    assert hours.dtype == np.float64
    assert hours.tolist() == [17, 17, 17, 17]


# several in one strategy


class Demonstration(Strategy):
    """Buys or sells with the last bar in New York hours: sized by risk, half out at a target, stop to the entry, out by age."""

    stop_pips: float = param(20, low=1)
    target_pips: float = param(10, low=1)
    hours: int = param(5, low=1)

    class Memory(NamedTuple):
        whole: float = 0.0

    def features(self, bars):
        return {"ny": new_york_hour(bars), "pip": np.full(len(bars), bars.instrument.pip)}

    def decide(self, view):
        units, entry, now = view.position.units, view.position.price, view.now
        if units != 0:
            if time_exit(view.position.entry_time, now.time, self.hours * HOUR):
                return go(0)
            price = now.bid_close if units > 0 else now.ask_close
            level = break_even(units, entry, view.position.stop_loss, price, self.target_pips, now.pip)
            return go(partial_target(units, view.memory.whole, entry, price, self.target_pips, now.pip), stop_loss=level)
        if not session(now.ny, 3, 17) or utc_hour(now.time) == 12:
            return stay()
        size = risk_units(view.account.equity, 0.01, self.stop_pips, now.pip, 100_000)
        side = 1 if now.bid_close > view.prev.bid_close else -1
        view.memory.whole = size
        return go(side * size, stop_pips=self.stop_pips)


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=4000, seed=11)


@pytest.fixture(scope="module")
def demonstrated(bars):
    return lts.run(Demonstration(), bars)


def test_pieces_give_the_same_compiled_and_interpreted(bars, demonstrated):
    again = lts.run(Demonstration(), bars, jit=False)
    assert len(again.trades) > 100
    assert demonstrated.trades.equals(again.trades)
    assert demonstrated.orders.equals(again.orders)


def test_entries_keep_their_session(demonstrated):
    orders = demonstrated.orders
    decided = orders.loc[orders["type"] == "MARKET", "time"]
    assert set(decided.dt.tz_convert("America/New_York").dt.hour) == set(range(3, 17))
    assert 12 not in set(decided.dt.hour)


def test_entries_risk_their_share(demonstrated):
    # 1 % of 10,000 is 100, a stop of 20 pips 0.002 a unit
    assert abs(demonstrated.orders.iloc[0]["units"]) == 50_000


def test_half_is_taken_and_the_rest_is_stopped_at_the_entry(demonstrated):
    halved = [rows for _, rows in demonstrated.trades.groupby("trade") if len(rows) == 2]
    assert len(halved) > 10
    for rows in halved:
        first, second = rows["units"].abs()
        assert abs(first - second) <= 1
        assert rows.iloc[0]["reason"] == "MARKET"
    stopped = [rows.iloc[1]["pips"] for rows in halved if rows.iloc[1]["reason"] == "STOP_LOSS"]
    assert max(stopped) == 0
    assert sum(pips == 0 for pips in stopped) > len(stopped) // 2  # the others were passed at an open


def test_no_trade_outlives_its_hours(bars, demonstrated):
    entry, leave = (demonstrated.trades[name].dt.as_unit("ns").astype("int64").to_numpy() for name in ("entry_time", "exit_time"))
    old = np.searchsorted(bars.time, entry + 5 * HOUR)  # at this bar's close it is old enough; it leaves at the next open
    assert (leave <= bars.time[np.minimum(old + 1, len(bars) - 1)]).all()
