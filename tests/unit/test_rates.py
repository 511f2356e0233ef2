"""Conversion to the account's currency: what was known when, from which source, at which side (rule Q1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lts.data.bars import Bars
from lts.errors import ParameterError, RatesError
from lts.instruments import Instrument
from lts.sim.rates import RatesSettings, conversion
from tests.flat import flat_bars, ns

DAY = 86_400_000_000_000
START = "2024-03-04T00:00"
EUR_GBP = flat_bars("EUR_GBP", "H1", START, [0.85] * 6)
GBP_USD = flat_bars("GBP_USD", "H1", START, [1.20, 1.21, 1.22, 1.23, 1.24, 1.25], [1.22, 1.23, 1.24, 1.25, 1.26, 1.27])


def test_the_accounts_own_currency_needs_no_rate() -> None:
    found = conversion(EUR_GBP, "GBP", mode="markup")
    assert found.constant
    for rates in (found.mid, found.gain, found.loss, found.mark):
        assert rates.tolist() == [1.0]
    assert [side.tolist() for side in found.at(np.array([0, 1]))] == [[1.0, 1.0]] * 3


def test_events_know_closes_before_the_open_and_marks_closes_before_the_close() -> None:
    found = conversion(EUR_GBP, "USD", {"GBP_USD": GBP_USD})
    assert found.mid.tolist() == [1.21, 1.21, 1.22, 1.23, 1.24, 1.25]  # before the first close: the first open, known at its time
    assert found.mark.tolist() == [1.21, 1.22, 1.23, 1.24, 1.25, 1.26]
    assert not found.constant


def test_a_longer_conversion_bar_counts_when_it_has_ended() -> None:
    daily = flat_bars("GBP_USD", "D1", "2024-03-02T00:00", [1.1, 1.2, 1.3])  # ends 03-03, 03-04, 03-05
    hourly = flat_bars("EUR_GBP", "H1", "2024-03-03T22:00", [0.85] * 4)
    found = conversion(hourly, "USD", {"GBP_USD": daily})
    assert found.mid.tolist() == [1.1, 1.1, 1.2, 1.2]
    assert found.mark.tolist() == [1.1, 1.2, 1.2, 1.2]


def test_before_the_first_close_the_first_open_is_known() -> None:
    time = np.array([ns(START)], dtype=np.int64)
    points = np.array([[120_000], [130_000], [110_000], [125_000], [120_010], [130_010], [110_010], [125_010]], dtype=np.int32)
    one = Bars.from_points("GBP_USD", "D1", time, points)
    found = conversion(EUR_GBP, "USD", {"GBP_USD": one}, mode="sided")
    assert found.gain.tolist() == [1.2] * 6
    assert found.loss.tolist() == [1.2001] * 6


def test_the_future_of_the_source_does_not_change_what_was_known() -> None:
    changed = flat_bars("GBP_USD", "H1", START, [1.20, 1.21, 1.22, 9.0, 9.0, 9.0], [1.22, 1.23, 1.24, 9.0, 9.0, 9.0])
    one, two = (conversion(EUR_GBP, "USD", {"GBP_USD": source}) for source in (GBP_USD, changed))
    assert one.mid[:4].tolist() == two.mid[:4].tolist()  # the bar of row 3 ends at the open of row 4
    assert one.mark[:3].tolist() == two.mark[:3].tolist()


def test_direct_and_inverse_pairs_take_the_side_that_is_worse() -> None:
    direct = conversion(EUR_GBP, "USD", {"GBP_USD": GBP_USD}, mode="sided")
    assert (direct.mid[-1], direct.gain[-1], direct.loss[-1]) == (1.25, 1.24, 1.26)
    usd_jpy = flat_bars("USD_JPY", "H1", START, [150.0] * 3, [150.5] * 3)
    inverse = conversion(usd_jpy, "USD", mode="sided")
    assert (inverse.mid[-1], inverse.gain[-1], inverse.loss[-1]) == (1 / 150.25, 1 / 150.5, 1 / 150.0)


def test_a_cross_through_usd_multiplies_its_legs_side_by_side() -> None:
    eur_jpy = flat_bars("EUR_JPY", "H1", START, [160.0] * 6)
    rates = {"USD_JPY": flat_bars("USD_JPY", "H1", START, [150.0] * 6, [150.5] * 6), "GBP_USD": GBP_USD}
    found = conversion(eur_jpy, "GBP", rates, mode="sided")
    assert found.mid[-1] == (1 / 150.25) * (1 / 1.25)
    assert found.gain[-1] == (1 / 150.5) * (1 / 1.26)
    assert found.loss[-1] == (1 / 150.0) * (1 / 1.24)


def test_the_mark_up_is_taken_once_and_only_from_a_conversion() -> None:
    found = conversion(EUR_GBP, "USD", {"GBP_USD": GBP_USD}, mode="markup", markup=0.01)
    assert found.gain[-1] == 1.25 * 0.99
    assert found.loss[-1] == 1.25 * 1.01
    assert found.mark[-1] == 1.26  # marks stay at mid


@pytest.mark.parametrize(("pair", "account"), [("EUR_USD", "EUR"), ("USD_JPY", "USD")])
def test_a_run_converts_by_its_own_closes(pair: str, account: str) -> None:
    bars = flat_bars(pair, "H1", START, [2.0, 4.0, 8.0])
    found = conversion(bars, account)
    assert found.mid.tolist() == [1 / 2.0, 1 / 2.0, 1 / 4.0]
    assert found.mark.tolist() == [1 / 2.0, 1 / 4.0, 1 / 8.0]


def test_the_other_bars_of_a_portfolio_are_a_source_and_stated_ones_go_first() -> None:
    assert conversion(EUR_GBP, "USD", extra=(GBP_USD,)).mid[-1] == 1.25
    stated = flat_bars("GBP_USD", "H1", START, [2.0] * 6)
    assert conversion(EUR_GBP, "USD", {"GBP_USD": stated}, extra=(GBP_USD,)).mid[-1] == 2.0


def test_a_number_is_constant_and_may_be_a_leg() -> None:
    found = conversion(EUR_GBP, "USD", {"GBP": 1.27}, mode="markup")
    assert found.constant
    assert (found.mid[0], found.gain[0], found.loss[0], found.mark[0]) == (1.27, 1.27 * 0.995, 1.27 * 1.005, 1.27)
    assert found.rows(np.array([0, 5]))[0].tolist() == [1.27, 1.27]
    assert found.at(np.array([0, 5]))[1].tolist() == [1.27 * 0.995] * 2
    eur_jpy = flat_bars("EUR_JPY", "H1", START, [160.0] * 2)
    leg = conversion(eur_jpy, "CHF", {"USD": 0.9, "USD_JPY": flat_bars("USD_JPY", "H1", START, [150.0] * 2)})
    assert leg.mid.tolist() == [1 / 150 * 0.9] * 2


@pytest.mark.parametrize("key", ["GBP_USD", "GBPUSD", "gbp/usd", "GBP-USD"])
def test_every_usual_spelling_names_a_source(key: str) -> None:
    assert conversion(EUR_GBP, "USD", {key: GBP_USD}).mid[-1] == 1.25


def test_a_missing_rate_is_an_error_that_says_what_to_pass() -> None:
    with pytest.raises(RatesError, match=r"EUR_GBP on an account in USD.*rates=\{'GBP_USD': bars\}.*rates=\{'GBP': number\}"):
        conversion(EUR_GBP, "USD")
    eur_jpy = flat_bars("EUR_JPY", "H1", START, [160.0])
    with pytest.raises(RatesError, match=r"rates=\{'USD_JPY': bars, 'USD_CHF': bars\}"):
        conversion(eur_jpy, "CHF")
    with pytest.raises(RatesError, match=r"rates=\{'USD_CHF': bars\}"):
        conversion(eur_jpy, "CHF", extra=(flat_bars("USD_JPY", "H1", START, [150.0]),))


def test_a_rate_older_than_max_age_is_an_error_that_names_it() -> None:
    late = flat_bars("EUR_GBP", "H1", ["2024-03-04T06:00", "2024-03-11T06:00", "2024-03-11T07:00"], [0.85] * 3)
    assert conversion(late[:2], "USD", {"GBP_USD": GBP_USD}, max_age=7 * DAY + DAY // 24).mark[1] == 1.26
    assert conversion(late[:2], "USD", {"GBP_USD": GBP_USD}, max_age="8D").mid[1] == 1.26
    with pytest.raises(RatesError, match=r"EUR_GBP by GBP_USD: at 2024-03-11 07:00:00 UTC .* 7 days 1 hours old; .* 7 days"):
        conversion(late, "USD", {"GBP_USD": GBP_USD})


def test_a_rate_before_the_source_begins_is_an_error() -> None:
    early = flat_bars("EUR_GBP", "H1", "2024-03-03T23:00", [0.85] * 2)
    with pytest.raises(RatesError, match=r"the GBP_USD bars begin 2024-03-04 00:00:00 UTC"):
        conversion(early, "USD", {"GBP_USD": GBP_USD})
    with pytest.raises(RatesError, match="bars were empty"):
        conversion(EUR_GBP, "USD", {"GBP_USD": GBP_USD[:0]})


def test_a_price_of_nothing_is_an_error() -> None:
    with pytest.raises(RatesError, match="0 / 0 points"):
        conversion(EUR_GBP, "USD", {"GBP_USD": flat_bars("GBP_USD", "H1", START, [1.2, 0.0, 1.2, 1.2, 1.2, 1.2])})


@pytest.mark.parametrize(
    ("rates", "says"),
    [
        ({"GBP": 0.0}, "above 0"),
        ({"GBP": float("nan")}, "above 0"),
        ({"GBP_USD": 1.27}, "belongs to one currency"),
        ({"EUR_USD": GBP_USD}, "holds bars of GBP_USD"),
        ({"GBP_USD": "file.csv"}, "was a str"),
        ({"GBP": True}, "was a bool"),
        ({"GBP": 1.27, "GBP_USD": GBP_USD}, "given once"),
        ({1: GBP_USD}, "holds bars of GBP_USD"),
    ],
)
def test_sources_that_cannot_be_right_are_refused(rates: Any, says: str) -> None:
    with pytest.raises(RatesError, match=says):
        conversion(EUR_GBP, "USD", rates)


@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "middle"},
        {"markup": -0.1},
        {"markup": 1.0},
        {"markup": float("nan")},
        {"max_age": -1},
        {"max_age": "soon"},
        {"max_age": 1.5},
    ],
)
def test_settings_that_cannot_be_right_are_refused(settings: Any) -> None:
    with pytest.raises(ParameterError, match=r"was .*must be"):
        conversion(EUR_GBP, "USD", {"GBP": 1.27}, **settings)


def test_a_mode_misspelt_gets_a_near_miss() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'markup'"):
        RatesSettings(mode="mark_up")


@pytest.mark.parametrize(
    "week", ["7D", "168h", "1w", "10080min", "604800 s", 7 * DAY, np.timedelta64(7, "D"), timedelta(7), pd.Timedelta("7D"), None]
)
def test_an_age_may_be_written_in_many_ways(week: Any) -> None:
    assert RatesSettings(max_age=week).max_age == 7 * DAY


def test_settings_are_stated_in_one_place() -> None:
    settings = RatesSettings({"GBP_USD": GBP_USD}, "markup", markup=0.01, max_age="1D")
    assert conversion(EUR_GBP, "USD", settings).gain[-1] == 1.25 * 0.99
    with pytest.raises(ParameterError, match="beside a RatesSettings"):
        conversion(EUR_GBP, "USD", settings, mode="sided")


def test_a_moment_between_bars_can_be_asked_for() -> None:
    found = conversion(EUR_GBP, "USD", {"GBP_USD": GBP_USD})
    assert found.at(np.array([ns("2024-03-04T01:59"), ns("2024-03-04T02:00")]))[0].tolist() == [1.21, 1.22]


points = st.integers(50_000, 500_000)
spreads = st.integers(0, 200)


@given(st.lists(st.tuples(points, spreads), min_size=1, max_size=30), st.floats(0, 0.5), st.sampled_from(["USD", "JPY", "CHF"]))
def test_gains_never_convert_better_than_mid_nor_losses_worse(quotes: list[tuple[int, int]], markup: float, account: str) -> None:
    n = len(quotes)
    bid, ask = [p / 1e5 for p, _ in quotes], [(p + s) / 1e5 for p, s in quotes]
    bars = flat_bars("EUR_GBP", "H1", START, [0.85] * n)
    rates = {
        "GBP_USD": flat_bars("GBP_USD", "H1", START, bid, ask),
        "USD_JPY": flat_bars("USD_JPY", "H1", START, [100 * x for x in bid], [100 * x for x in ask]),
        "CHF_USD": flat_bars(Instrument("CHF_USD"), "H1", START, bid, ask),
    }
    mid = conversion(bars, account, rates)
    sided = conversion(bars, account, rates, mode="sided")
    marked = conversion(bars, account, rates, mode="markup", markup=markup)
    assert (mid.gain == mid.mid).all()
    assert (mid.loss == mid.mid).all()
    slack = 1e-15
    for found in (sided, marked):
        assert (found.gain <= mid.mid * (1 + slack)).all()
        assert (mid.mid <= found.loss * (1 + slack)).all()
        assert (found.mark == mid.mark).all()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True), st.sampled_from(["M15", "H1", "D1"]))
def test_the_rate_is_the_last_close_that_had_ended(hours: list[int], timeframe: str) -> None:
    source = flat_bars("GBP_USD", timeframe, START, [1 + i / 1000 for i in range(500)])
    stamps = [str(np.datetime64(START) + np.timedelta64(h, "h")) for h in sorted(hours)]
    run = flat_bars("EUR_GBP", "H1", stamps, [0.85] * len(stamps))
    found = conversion(run, "USD", {"GBP_USD": source}, max_age="60D")
    for moments, rates in ((run.time, found.mid), (run.time + run.duration, found.mark)):
        for moment, rate in zip(moments, rates, strict=True):
            ended = [i for i in range(500) if source.time[i] + source.duration <= moment]
            place = ended[-1] if ended else 0
            assert rate == source.points.bid_close[place] / 1e5
