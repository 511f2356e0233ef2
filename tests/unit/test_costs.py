"""Costs: what is impossible, and the numbers that the market makes of the rest (rules L3, O5, phase a)."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lts.errors import ParameterError, RatesError
from lts.instruments import INSTRUMENTS, Instrument, instrument
from lts.sim.costs import AnnualSwap, Costs, PointsSwap, apply_spread, commission_rates, margin_rate, slippage_points, swap_table
from lts.sim.rates import conversion
from lts.words import Account
from tests.flat import flat_bars, ns

EUR_USD, USD_JPY = instrument("EUR_USD"), instrument("USD_JPY")
SPRING, AUTUMN = "2024-03-04", "2024-10-28"  # Mondays; New York changes its clocks on the Sundays 2024-03-10 and 2024-11-03
pips = st.floats(0, 1000)
pairs = st.sampled_from(list(INSTRUMENTS.values()))


def table(costs: Costs, bars: Any, currency: str = "USD", **kwargs: Any) -> tuple[np.ndarray, np.ndarray]:
    return swap_table(costs, bars, bars.instrument, conversion(bars, currency, **kwargs))


# --- what no broker could charge ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "spread_pips",
        "commission_per_lot",
        "slippage_pips",
        "commission_per_million",
        "commission_fraction",
        "commission_minimum",
        "slippage_spread",
        "slippage_random_pips",
    ],
)
@pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf"), 1e12, "2", True])
def test_impossible_costs_are_refused_by_name(name: str, wrong: object) -> None:
    with pytest.raises(ParameterError, match=rf"Costs {name}: was .* it must be a finite number from 0"):
        Costs(**{name: wrong})


@pytest.mark.parametrize("wrong", [float("nan"), float("-inf"), "10", None])
@pytest.mark.parametrize("side", ["swap_long", "swap_short"])
def test_a_swap_may_be_negative_but_must_be_a_number(side: str, wrong: object) -> None:
    assert getattr(Costs(**{side: -12.5}), side) == -12.5
    with pytest.raises(ParameterError, match=f"Costs {side}"):
        Costs(**{side: wrong})


def test_a_swap_stated_in_two_ways_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"stated twice.*Leave one"):
        Costs(swap_long=-10, swap=AnnualSwap(-0.03, 0.01))


@pytest.mark.parametrize("wrong", [(1, 1, 3, 1, 1), (1, 1, 3, 1, 1, 0, -1), (1, 1, 3, 1, 1, 0, 0.5), "1131100", 7])
def test_the_nights_are_seven_whole_numbers(wrong: Any) -> None:
    with pytest.raises(ParameterError, match=r"Costs nights: .* seven whole numbers"):
        Costs(nights=wrong)


@pytest.mark.parametrize("wrong", [-1, 1.5, 2**63, True])
def test_the_seed_of_drawn_slippage_is_a_whole_number(wrong: Any) -> None:
    with pytest.raises(ParameterError, match="slippage_seed"):
        Costs(slippage_seed=wrong)


def test_a_swap_that_is_no_swap_is_refused() -> None:
    with pytest.raises(ParameterError, match="AnnualSwap"):
        Costs(swap=-0.03)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="days"):
        AnnualSwap(-0.03, 0.01, days=0)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"2024-13-01": 0.1}, {"2024-01-01": float("nan")}, {"2024-01-01": 1, date(2024, 1, 1): 2}, "x", True, None, {None: 0.1}],
)
@pytest.mark.parametrize("model", [AnnualSwap, PointsSwap])
def test_dated_rates_that_cannot_be_read_are_refused(model: Any, wrong: object) -> None:
    with pytest.raises(ParameterError, match=f"{model.__name__} short"):
        model(0.0, wrong)


def test_costs_of_the_seed_and_none_at_all() -> None:
    assert Costs.seed() == Costs(2.0, 7.0, 1.0, -10.0, -10.0)
    assert Costs.zero() == Costs(spread_pips=0)
    assert Costs() != Costs.zero()


def test_costs_can_be_compared_kept_as_keys_and_sent_to_another_process() -> None:
    full = Costs(1.5, swap={"EUR_USD": AnnualSwap({"2020-01-01": -0.01}, 0.0)}, slippage_seed=7)
    sent = pickle.loads(pickle.dumps(full))  # noqa: S301 - made on this very line
    assert sent == full
    assert {full: 1}[sent] == 1


# --- spread, slippage, commission, margin ---------------------------------------------------------------------------------------


def test_a_stated_spread_replaces_every_ask() -> None:
    matrix = flat_bars(EUR_USD, "H1", SPRING, [1.1, 1.2], [1.2, 1.2001]).points.matrix
    wide = apply_spread(matrix, Costs(spread_pips=1.2), EUR_USD)
    assert wide.dtype == np.int32
    assert wide.flags.c_contiguous
    assert (wide[:4] == matrix[:4]).all()
    assert (wide[4:] == matrix[:4] + 12).all()


def test_without_a_stated_spread_the_prices_are_the_same_object() -> None:
    matrix = flat_bars(EUR_USD, "H1", SPRING, [1.1]).points.matrix
    assert apply_spread(matrix, Costs(), EUR_USD) is matrix


def test_a_spread_beyond_the_integers_is_refused() -> None:
    matrix = np.full((8, 1), 2**31 - 5, dtype=np.int32)
    with pytest.raises(ParameterError, match="2\\*\\*31"):
        apply_spread(matrix, Costs(spread_pips=1), EUR_USD)


@given(pips, pairs)
def test_spread_and_slippage_are_rounded_against_the_trader(number: float, pair: Instrument) -> None:
    exact = number * pair.points_per_pip
    spread = Costs(spread_pips=number).spread_points(pair)
    fixed, _, most = slippage_points(Costs(slippage_pips=number, slippage_random_pips=number), pair)
    assert spread == fixed
    assert exact - 2e-9 <= fixed < exact + 1
    assert exact - 1 < most <= exact + 2e-9


@pytest.mark.parametrize("pair", [EUR_USD, Instrument("EUR_USD", precision=6)], ids=["10 points a pip", "100 points a pip"])
def test_whole_points_written_as_pips_stay_what_they_are(pair: Instrument) -> None:
    for points in range(300):  # 0.57 x 100 is 56.99999999999999
        number = points / pair.points_per_pip
        assert slippage_points(Costs(slippage_pips=number, slippage_random_pips=number), pair) == (points, 0.0, points)


@given(st.floats(0, 500), st.floats(0, 500), pairs)
def test_more_costs_never_become_less(a: float, b: float, pair: Instrument) -> None:
    low, high = sorted((a, b))

    def all_of(number: float) -> list[float]:
        costs = Costs(
            number,
            number,
            number,
            commission_per_million=number,
            commission_minimum=number,
            commission_fraction=number / 1000,
            slippage_spread=number,
            slippage_random_pips=number,
        )
        spread = costs.spread_points(pair)
        assert spread is not None
        return [spread, *slippage_points(costs, pair), *commission_rates(costs, pair)]

    assert all(x <= y for x, y in zip(all_of(low), all_of(high), strict=True))


def test_half_of_the_round_turn_is_paid_at_each_fill() -> None:
    assert commission_rates(Costs(commission_per_lot=7), EUR_USD) == (35.0, 0.0, 0.0)  # 100,000 steps: 3.50 in micro


def test_commission_per_million_is_a_fraction_and_both_add() -> None:
    per_step, fraction, least = commission_rates(
        Costs(commission_per_million=20, commission_fraction=1e-5, commission_minimum=0.5), EUR_USD
    )
    assert per_step == 0
    assert fraction == pytest.approx(3e-5, rel=1e-15)
    assert least == 500_000


def test_a_finer_step_pays_its_share() -> None:
    fine = Instrument("EUR_USD", precision=4, units_precision=2)
    bars = flat_bars(fine, "D1", "2024-03-04T22:00", [1.1, 1.1])
    assert commission_rates(Costs(commission_per_lot=7), fine)[0] == 0.35
    assert table(Costs(swap_long=-10, swap_short=4), bars)[1].tolist() == [[-1.0, 0.4]]


def test_leverage_replaces_the_margin_rate() -> None:
    assert margin_rate(Account(), EUR_USD) == EUR_USD.margin_rate
    assert margin_rate(Account(leverage=50), EUR_USD) == 0.02


# --- swap -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("monday", [SPRING, "2024-03-11", AUTUMN, "2024-11-04", "2024-06-03"])
@pytest.mark.parametrize("hours", [1, 4, 24])
def test_seven_nights_a_week_also_when_the_clocks_change(monday: str, hours: int) -> None:
    timeframe = {1: "H1", 4: "H4", 24: "D1"}[hours]
    bars = flat_bars(EUR_USD, timeframe, monday, [1.1] * (7 * 24 // hours + 1))
    _, weights = table(Costs(swap_long=-5, swap_short=2), bars)
    assert weights.sum(axis=0).tolist() == [7 * -50.0, 7 * 20.0]


@pytest.mark.parametrize(
    ("wednesday", "cutoff"),
    [("2024-03-06", "22:00"), ("2024-03-13", "21:00"), ("2024-10-30", "21:00"), ("2024-11-06", "22:00")],
)
def test_the_threefold_night_is_booked_by_the_bar_that_opens_at_17_new_york(wednesday: str, cutoff: str) -> None:
    bars = flat_bars(EUR_USD, "H1", f"{wednesday}T12:00", [1.1] * 12)
    rows, weights = table(Costs(swap_long=-5), bars)
    assert bars.time[rows].tolist() == [ns(f"{wednesday}T{cutoff}")]
    assert weights.tolist() == [[-150.0, 0.0]]


def test_each_side_has_its_own_sign() -> None:
    bars = flat_bars(EUR_USD, "D1", f"{SPRING}T22:00", [1.1] * 2)  # the second bar opens at Tuesday's cut-off
    for costs in (Costs(swap_long=-10, swap_short=10), Costs(swap=PointsSwap(-1, 1)), Costs(swap=AnnualSwap(-0.03, 0.03))):
        _, weights = table(costs, bars)
        assert weights[0, 0] < 0 < weights[0, 1]
        assert weights[0, 0] == -weights[0, 1]


def test_the_night_before_the_first_bar_is_not_booked_and_no_swap_is_no_table() -> None:
    one = flat_bars(EUR_USD, "D1", "2024-03-06T22:00", [1.1])
    assert len(table(Costs.seed(), one)[0]) == 0
    two = flat_bars(EUR_USD, "D1", "2024-03-06T22:00", [1.1, 1.1])
    rows, weights = table(Costs(), two)
    assert (rows.shape, weights.shape, rows.dtype) == ((0,), (0, 2), np.int64)
    assert len(table(Costs.seed(), one[:0])[0]) == 0


def test_nights_over_a_hole_are_booked_together_at_its_end() -> None:
    bars = flat_bars(EUR_USD, "H1", ["2024-03-05T12:00", "2024-03-08T12:00"], [1.1, 1.1])  # Tuesday, Wednesday, Thursday: 1 + 3 + 1
    rows, weights = table(Costs(swap_long=-10, swap_short=0), bars)
    assert rows.tolist() == [1]
    assert weights.tolist() == [[-500.0, 0.0]]


def test_the_table_of_nights_can_be_replaced() -> None:
    bars = flat_bars(EUR_USD, "H1", SPRING, [1.1] * 168)
    _, weights = table(Costs(swap_long=-10, nights=(1,) * 7), bars)
    assert weights[:, 0].tolist() == [-100.0] * 7
    assert len(table(Costs(swap_long=-10, nights=(0,) * 7), bars)[0]) == 0


def test_an_annual_rate_uses_the_last_mid_that_was_closed_at_the_cut_off() -> None:
    # the bar that opens at 20:00 spans the cut-off (22:00) and closes at another price; 16:00 to 20:00 is the last one known
    bars = flat_bars(EUR_USD, "H4", f"{SPRING}T16:00", [1.10, 1.30, 1.40], [1.12, 1.32, 1.42])
    rows, weights = table(Costs(swap=AnnualSwap(long=-0.0365, short=0.0)), bars)
    assert rows.tolist() == [2]
    assert weights[0, 0] == pytest.approx(-0.0001 * 1.11 * 1e6, rel=1e-14)


def test_a_bar_that_ends_at_the_cut_off_is_known_there() -> None:
    bars = flat_bars(EUR_USD, "H1", f"{SPRING}T20:00", [1.10, 1.20, 1.30])
    _, weights = table(Costs(swap=AnnualSwap(long=0.0365, short=0.0)), bars)
    assert weights[0, 0] == pytest.approx(0.0001 * 1.20 * 1e6, rel=1e-14)


def test_an_annual_rate_uses_the_stated_spread() -> None:
    bars = flat_bars(EUR_USD, "H1", f"{SPRING}T21:00", [1.10, 1.10], [1.3, 1.3])
    _, weights = table(Costs(spread_pips=200, swap=AnnualSwap(long=0.0365, short=0.0)), bars)
    assert weights[0, 0] == pytest.approx(0.0001 * 1.11 * 1e6, rel=1e-14)


def test_before_the_first_close_an_annual_rate_uses_the_open_known_then() -> None:
    bars = flat_bars(EUR_USD, "D1", f"{SPRING}T00:00", [1.10, 1.30])
    _, weights = table(Costs(swap=AnnualSwap(long=0.0365, short=0.0)), bars)
    assert weights[0, 0] == pytest.approx(0.0001 * 1.10 * 1e6, rel=1e-14)


DATES = {"2024-03-05": -0.01, "2024-03-07": -0.02}


@pytest.mark.parametrize(
    "dated",
    [
        DATES,
        dict(reversed(DATES.items())),
        {date(2024, 3, 5): -0.01, date(2024, 3, 7): -0.02},
        {datetime(2024, 3, 5, tzinfo=UTC): -0.01, datetime(2024, 3, 7): -0.02},  # noqa: DTZ001 - without a zone means UTC
        {ns("2024-03-05"): -0.01, np.int64(ns("2024-03-07")): -0.02},
        {np.datetime64("2024-03-05"): -0.01, np.datetime64("2024-03-07"): np.float64(-0.02)},
        pd.Series([-0.01, -0.02], index=pd.DatetimeIndex(["2024-03-05", "2024-03-07"])),
    ],
)
def test_a_dated_rate_holds_from_its_date_on(dated: Any) -> None:
    bars = flat_bars(EUR_USD, "D1", f"{SPRING}T22:00", [1.0] * 5)  # books Tuesday, Wednesday (3), Thursday, Friday
    _, weights = table(Costs(swap=AnnualSwap(dated, 0.0)), bars)
    assert (weights[:, 0] * 365 / 1e6).tolist() == pytest.approx([-0.01, -0.03, -0.02, -0.02])
    assert AnnualSwap(dated, 0.0) == AnnualSwap(DATES, 0.0)


def test_a_rate_dated_at_the_very_cut_off_holds_for_it() -> None:
    bars = flat_bars(EUR_USD, "D1", f"{SPRING}T22:00", [1.0] * 2)
    _, weights = table(Costs(swap=PointsSwap({"2024-01-01": 1, "2024-03-05T22:00": 2, "2024-03-05T22:00:01": 3}, 0)), bars)
    assert weights.tolist() == [[20.0, 0.0]]


def test_a_night_before_the_first_date_is_an_error() -> None:
    bars = flat_bars(EUR_USD, "D1", f"{SPRING}T22:00", [1.0] * 5)
    with pytest.raises(RatesError, match=r"AnnualSwap long of EUR_USD: at 2024-03-05T22:00 UTC .* from 2024-03-06T00:00"):
        table(Costs(swap=AnnualSwap({"2024-03-06": 0.01}, 0.0)), bars)


def test_points_convert_at_the_rate_of_the_bar_that_books_them() -> None:
    bars = flat_bars(USD_JPY, "D1", f"{SPRING}T22:00", [150.0, 160.0, 170.0], [150.2, 160.2, 170.2])
    rows, weights = table(Costs(swap=PointsSwap(long=12, short=-20)), bars, mode="sided")
    assert rows.tolist() == [1, 2]  # each known rate is the close of the bar before
    expected = [[12 * 0.001 / 150.2 * 1e6, -20 * 0.001 / 150.0 * 1e6], [36 * 0.001 / 160.2 * 1e6, -60 * 0.001 / 160.0 * 1e6]]
    assert weights.ravel().tolist() == pytest.approx(np.ravel(expected).tolist(), rel=1e-14)


def test_an_annual_rate_converts_at_the_rate_known_at_the_cut_off() -> None:
    eur_gbp = instrument("EUR_GBP")
    bars = flat_bars(eur_gbp, "H4", f"{SPRING}T16:00", [0.85] * 3)  # cut-off 22:00, booked at 00:00
    rates = {"GBP_USD": flat_bars("GBP_USD", "H1", f"{SPRING}T15:00", [1.25] * 7 + [1.50] * 8)}  # 1.50 is known from 23:00 on
    _, weights = table(Costs(swap=AnnualSwap(0.0365, -0.0365)), bars, rates=rates, mode="markup")
    assert weights.tolist() == [pytest.approx([0.0001 * 0.85 * 1.25 * 0.995 * 1e6, -0.0001 * 0.85 * 1.25 * 1.005 * 1e6], rel=1e-14)]


def test_a_table_of_swaps_has_one_for_each_instrument() -> None:
    costs = Costs(swap={"EUR_USD": PointsSwap(1, -1), "USD_JPY": PointsSwap(2, -2)})
    bars = flat_bars(EUR_USD, "D1", f"{SPRING}T22:00", [1.0] * 2)
    assert table(costs, bars)[1].tolist() == [[10.0, -10.0]]
    with pytest.raises(ParameterError, match="no entry for 'GBP_USD'"):
        costs.swap_model(instrument("GBP_USD"))


@given(st.floats(-1, 1), st.floats(-1, 1), st.sampled_from([SPRING, AUTUMN, "2024-12-20"]), st.integers(2, 400))
def test_a_higher_rate_never_pays_less(a: float, b: float, start: str, n: int) -> None:
    low, high = sorted((a, b))
    bars = flat_bars(USD_JPY, "H1", start, [150.0] * n, [150.3] * n)
    _, annual = table(Costs(swap=AnnualSwap(low, high)), bars, mode="sided")
    _, points = table(Costs(swap=PointsSwap(low, high)), bars, mode="markup")
    _, flat = table(Costs(swap_long=low, swap_short=high), bars)
    for weights in (annual, points, flat):
        assert (weights[:, 0] <= weights[:, 1]).all()
        assert (np.sign(weights[:, 0]) * np.sign(low) >= 0).all()
