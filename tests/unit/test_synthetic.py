"""Generated bars: what they look like, and that each switch makes its fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lts import calendar
from lts.calendar import DAY, HOUR
from lts.data.resample import resample
from lts.data.synthetic import synthetic_bars
from lts.data.walk import exp
from lts.errors import ParameterError

if TYPE_CHECKING:
    from lts.data.bars import Bars

MINUTE = 60 * calendar.SECOND


def assert_sound(bars: Bars) -> None:
    """Assert what every Bars promises."""
    p = bars.points
    assert (np.diff(bars.time) >= bars.duration - 2 * HOUR * (bars.duration >= DAY)).all()
    assert (p.matrix > 0).all()
    for side in (p.matrix[:4], p.matrix[4:]):
        assert (side[1] >= side[[0, 3]].max(axis=0)).all()
        assert (side[2] <= side[[0, 3]].min(axis=0)).all()
    assert (p.matrix[4:] >= p.matrix[:4]).all()


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["EUR_USD", "USD_JPY", "XAU_USD", "XAG_USD", "HKD_JPY", "EUR_HUF"]),
    st.sampled_from(["S5", "M1", "M15", "H1", "H4", "D1", "W1"]),
    st.integers(1, 400),
    st.integers(0, 2**40),
)
def test_bars_are_sound_and_repeat_with_their_seed(name: str, timeframe: str, n: int, seed: int) -> None:
    bars = synthetic_bars(name, timeframe, n, seed)
    assert len(bars) == n
    assert_sound(bars)
    assert bars.fingerprint == synthetic_bars(name, timeframe, n, seed).fingerprint
    assert bars.notes[0].startswith("generated: ")
    assert np.isfinite(bars.volume).all()


def test_a_seed_gives_these_bytes_on_every_machine() -> None:
    assert synthetic_bars("EUR_USD", "M1", 5_000).fingerprint[:16] == "b49e37e8d2e1d609"
    assert synthetic_bars(n=100, seed=8).fingerprint != synthetic_bars(n=100, seed=9).fingerprint


def test_the_exponential_is_exact_to_rounding() -> None:
    x = np.linspace(-20, 20, 10_001)
    np.testing.assert_allclose(exp(x), np.exp(x), rtol=4e-15)


@pytest.mark.parametrize("timeframe", ["M1", "H1", "H4", "D1"])
def test_nothing_is_quoted_outside_the_week_or_at_christmas(timeframe: str) -> None:
    bars = synthetic_bars("EUR_USD", timeframe, 3_000, start="2015-12-20")
    assert calendar.in_week(bars.time).all()
    assert not calendar.holiday(bars.time).any()


def test_longer_bars_lie_where_resampling_puts_them() -> None:
    for timeframe in ("H4", "D1"):
        bars = synthetic_bars("EUR_USD", timeframe, 300)
        assert resample(bars, timeframe).fingerprint == bars.fingerprint


def test_microstructure_is_that_of_real_minutes() -> None:
    bars = synthetic_bars(n=300_000)
    spread = (bars.points.ask_close - bars.points.bid_close) / 10
    hours = calendar.hour(bars.time)
    typical = [np.median(spread[hours == h]) for h in range(24)]
    assert 1.8 < typical[17] / typical[9] < 3.8
    assert np.argmax(typical) == 17
    assert spread.max() <= 40
    moves = np.diff(np.log(bars.bid_close))
    inside = np.diff(bars.time) <= 3 * MINUTE
    busy, quiet = (np.median(np.abs(moves[inside & (hours[1:] == h)])) for h in (9, 18))
    assert busy > 1.5 * quiet
    assert 0.06 < moves.std() * np.sqrt(260 * 24 * 60) < 0.11
    body = np.clip(moves[inside], -0.002, 0.002)  # without shocks
    assert (body**4).mean() / (body**2).mean() ** 2 > 6  # fat tails
    closed = calendar.closures(bars.time, bars.duration)
    gaps = np.abs(bars.points.bid_open[1:] - bars.points.bid_close[:-1])
    assert np.median(gaps[closed[1:]]) > 5 * np.median(gaps[~closed[1:]] + 1)
    absent = 1 - len(bars) / np.count_nonzero(calendar.in_week(np.arange(bars.time[0], bars.time[-1], MINUTE)))
    assert 0.01 < absent < 0.03
    assert np.abs(moves).max() > 0.005


def test_stale_opens_copy_every_close() -> None:
    bars = synthetic_bars(n=20_000, stale_opens=True)
    p = bars.points
    assert np.array_equal(p.bid_open[1:], p.bid_close[:-1])
    assert np.array_equal(p.ask_open[1:], p.ask_close[:-1])
    assert_sound(bars)
    plain = synthetic_bars(n=20_000).points
    assert 0.1 < (plain.bid_open[1:] == plain.bid_close[:-1]).mean() < 0.9


def test_a_zone_change_moves_the_week_by_hours() -> None:
    good, bad = (synthetic_bars("EUR_USD", "H1", 12_000, zone_change=switch) for switch in (False, True))
    shift = (bad.time - good.time) // HOUR
    assert set(shift[:6_000].tolist()) == {1, 2}
    assert set(shift[6_000:].tolist()) == {2, 3}
    assert np.array_equal(good.points.matrix, bad.points.matrix)
    assert (np.diff(bad.time) > 0).all()


def test_a_missing_hour_is_missing_every_day() -> None:
    hours = set((synthetic_bars("USD_SGD", "M1", 20_000, missing_hour=True).time // HOUR % 24).tolist())
    assert hours == set(range(1, 24))


def test_an_outage_takes_a_week_and_three_fridays() -> None:
    bars = synthetic_bars("EUR_USD", "H1", 1_500, outage=True)
    hours = np.bincount(calendar.week_index(bars.time) - calendar.week_index(bars.time[:1]))
    assert hours[:9].tolist() == [120, 120, 0, 120, 106, 106, 106, 120, 120]


def test_crossed_quotes_are_widened_and_kept_raw() -> None:
    bars = synthetic_bars(n=20_000, crossed=0.2)
    assert bars.raw is not None
    assert 0.18 < len(bars.raw.index) / len(bars) < 0.22
    assert (bars.raw.matrix[4:] < bars.raw.matrix[:4]).all()
    assert (bars.points.matrix[4:, bars.raw.index] == bars.points.matrix[:4, bars.raw.index]).all()
    assert_sound(bars)


def test_quotes_outside_the_week_come_before_sundays_open() -> None:
    bars = synthetic_bars("EUR_USD", "M15", 5_000, outside_week=True)
    outside = ~calendar.in_week(bars.time)
    assert 0 < outside.mean() < 0.03
    assert set(calendar.hour(bars.time[outside]).tolist()) == {14, 15, 16}
    assert set(calendar.weekdays(bars.time[outside]).tolist()) == {6}


def test_utc_days_come_six_a_week() -> None:
    bars = synthetic_bars("EUR_USD", "D1", 300, utc_days=True, start="2015-03-01")
    assert (bars.time % DAY == 0).all()
    assert np.bincount(calendar.week_index(bars.time) - calendar.week_index(bars.time[:1]))[1:20].tolist() == [6] * 19


def test_a_wrong_scale_is_a_hundredfold() -> None:
    good, bad = (synthetic_bars("USD_JPY", "H1", 100, wrong_scale=switch) for switch in (False, True))
    assert np.array_equal(bad.points.matrix, good.points.matrix * 100)


def test_one_side_has_no_spread() -> None:
    bars = synthetic_bars(n=1_000, one_side=True)
    assert np.array_equal(bars.points.matrix[:4], bars.points.matrix[4:])


def test_flat_and_stuck_bars_do_not_move() -> None:
    flat = synthetic_bars(n=20_000, flat=0.1).points
    assert 0.09 < (flat.bid_high == flat.bid_low).mean() < 0.12
    stuck = synthetic_bars(n=20_000, stuck=0.1).points.matrix
    assert 0.08 < (np.diff(stuck) == 0).all(axis=0).mean() < 0.11


def test_spread_regimes_are_steps_and_then_a_market() -> None:
    p = synthetic_bars(n=40_000, spread_regimes=True).points
    spread = p.ask_close - p.bid_close
    assert set(spread[:20_000].tolist()) == {10, 14, 100}
    assert len(set(spread[20_000:].tolist())) > 20


def test_a_shock_is_one_bar_and_lasts() -> None:
    good, bad = (synthetic_bars("USD_CHF", "H1", 1_001, shock=shock) for shock in (0.0, -0.166))
    assert np.array_equal(good.points.matrix[:, :500], bad.points.matrix[:, :500])
    ratio = bad.bid_close / good.bid_close
    np.testing.assert_allclose(ratio[500:], 1 - 0.166, atol=2e-5)
    assert bad.bid_low[500] / bad.bid_high[500] < 0.85
    assert_sound(bad)


def test_volume_counts_what_is_asked() -> None:
    ticks, millions, none = (synthetic_bars(n=500, volume=kind).volume for kind in ("ticks", "millions", "none"))
    assert (ticks == np.floor(ticks)).all()
    assert (ticks >= 1).all()
    np.testing.assert_allclose(millions, ticks * 0.75, atol=0.01)
    assert np.isnan(none).all()


def test_an_unfinished_bar_breaks_off_at_its_open() -> None:
    last = synthetic_bars("EUR_USD", "D1", 50, unfinished=True).points.matrix[:, -1]
    assert len(set(last[:4].tolist())) == len(set(last[4:].tolist())) == 1


def test_every_fault_is_written_on_the_bars() -> None:
    bars = synthetic_bars(n=100, stale_opens=True, flat=0.5)
    assert bars.notes[1:] == ("fault put in: stale_opens=True", "fault put in: flat=0.5")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"n": 0}, "n: was 0"),
        ({"missing": 1.0}, "missing: was 1.0"),
        ({"volatility": -1.0}, "volatility"),
        ({"shocks_per_year": float("nan")}, "shocks_per_year"),
        ({"spread_pips": 0.0}, "spread_pips"),
        ({"price": float("inf")}, "price"),
        ({"start": "yesterday"}, "start: was 'yesterday'"),
        ({"start": "1912-01-01"}, "1970 to 2199"),
        ({"crossed": 1.5}, "crossed: was 1.5"),
        ({"volume": "euros"}, "ticks, millions, none"),
        ({"shock": -1.0}, "shock"),
        ({"stale_open": True}, "Did you mean 'stale_opens'"),
        ({"timeframe": "D1", "missing_hour": True}, "needs H1 or shorter"),
        ({"timeframe": "M1", "utc_days": True}, "needs H2 to W1"),
        ({"timeframe": "W1", "n": 100_000}, "beyond 2199"),
        ({"price": 20_000.0, "wrong_scale": True}, "must stay between"),
        ({"price": 30_000.0}, "must stay between"),
    ],
)
def test_what_cannot_be_generated_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        synthetic_bars(**({"n": 50} | wrong))  # type: ignore[arg-type]


def test_a_pair_of_unknown_level_needs_a_price() -> None:
    from lts.instruments import Instrument

    odd = Instrument("ABC_DEF")
    with pytest.raises(ParameterError, match="Pass price="):
        synthetic_bars(odd, n=10)
    assert abs(synthetic_bars(odd, n=10, price=2.0).bid_open[0] - 2.0) < 0.01
