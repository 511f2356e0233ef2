"""Indicators: batch = live to the byte, meaning = TA-Lib's, sums exact, nan heals."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import lts
from lts.sim import indicators as ind
from lts.sim.indicators.machine import BUILDERS
from tests.indicator_cases import BAR, CASES, call, cut, floats, live, same, table, walk

WHOLE = ["sma", "wma", "rolling_sum", "rolling_std", "zscore", "linreg_slope", "bollinger"]
WINDOWS = {  # bars a value depends on: functions of their window alone
    **dict.fromkeys(["sma", "wma", "cci", "zscore", "bollinger", "donchian", "williams_r"], 5),
    **dict.fromkeys(["rolling_sum", "rolling_min", "rolling_max", "linreg_slope", "realised_volatility", "aroon"], 6),
    **dict.fromkeys(["momentum", "roc"], 5),
    "rolling_median": 4,
    "log_returns": 4,
    "rolling_std": 7,
    "true_range": 2,
    "stochastic": 8,
}


@st.composite
def histories(draw):
    n = draw(st.integers(0, 70))
    columns = floats(walk(n, draw(st.integers(0, 10_000))))
    for at in draw(st.lists(st.integers(0, max(n - 1, 0)), max_size=3)):
        if n:
            columns[draw(st.sampled_from(["high", "low", "close", "volume"]))][at] = draw(
                st.sampled_from([np.nan, np.inf, -np.inf])
            )
    first = draw(st.integers(0, n))
    return columns, first, draw(st.integers(first, n))


def test_every_public_indicator_is_tested_and_can_go_on_live():
    public = {name for name in ind.__all__ if name[0].islower() and name != "stream"}
    assert public == set(CASES) == {f.__name__ for f in BUILDERS}
    assert lts.indicators is ind


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=25, deadline=None)
@given(history=histories())
def test_a_series_cut_anywhere_goes_on_with_the_same_bytes(name, history):
    columns, first, second = history
    assert same(live(name, columns, first, second, whole=False), table(call(name, columns)))


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=25, deadline=None)
@given(n=st.integers(0, 70), seed=st.integers(0, 10_000), data=st.data())
def test_whole_points_cut_anywhere_go_on_with_the_same_bytes(name, n, seed, data):
    columns = walk(n, seed)
    first = data.draw(st.integers(0, n))
    second = data.draw(st.integers(first, n))
    made = table(call(name, columns))
    assert same(live(name, columns, first, second, whole=True), made)
    assert same(table(call(name, {k: v.astype(float) for k, v in columns.items()})), made)  # the type of the array means nothing
    assert same(table(call(name, {k: v.astype(np.int64) for k, v in columns.items()})), made)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("shape", [floats, dict])
def test_where_a_series_began_does_not_matter_to_a_window(name, shape):
    columns, reach = shape(walk(160, 3)), WINDOWS[name]
    everything = table(call(name, columns))
    for start in range(0, 100, 7):
        assert same(table(call(name, cut(columns, slice(start, None))))[:, reach - 1 :], everything[:, start + reach - 1 :])


@pytest.mark.parametrize("name", sorted(set(CASES) - {"session_vwap"}))
@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_after_a_hole_an_indicator_starts_anew(name, hole):
    columns = floats(walk(90, 5))
    for inputs in CASES[name][0]:
        spoilt = {k: v.copy() for k, v in columns.items()}
        spoilt[inputs][40] = hole
        made = table(call(name, spoilt))
        assert same(made[:, :40], table(call(name, columns))[:, :40])
        assert np.isnan(made[:, 40]).all()
        assert same(made[:, 41:], table(call(name, cut(columns, slice(41, None)))))


def test_a_missing_volume_spoils_its_session_only():
    columns = floats(walk(60, 5))
    clean = call("session_vwap", columns)
    columns["volume"][17] = np.nan
    made = call("session_vwap", columns)
    assert np.isnan(made[17:26]).all()
    assert same(made[:17], clean[:17])
    assert same(made[26:], clean[26:])


def test_a_negative_volume_counts_as_missing():
    assert_array_equal(ind.session_vwap([1.0, 3.0, 5.0], [1, 1, -1], [0, 0, 0]), [1.0, 2.0, np.nan])


ORACLES = {  # name: (inputs, TA-Lib's, ours)
    "sma": (("close",), talib.SMA, ind.sma),
    "wma": (("close",), talib.WMA, ind.wma),
    "ema": (("close",), talib.EMA, ind.ema),
    "dema": (("close",), talib.DEMA, ind.dema),
    "tema": (("close",), talib.TEMA, ind.tema),
    "kama": (("close",), talib.KAMA, ind.kama),
    "rolling_sum": (("close",), talib.SUM, ind.rolling_sum),
    "rolling_min": (("close",), talib.MIN, ind.rolling_min),
    "rolling_max": (("close",), talib.MAX, ind.rolling_max),
    "linreg_slope": (("close",), talib.LINEARREG_SLOPE, ind.linreg_slope),
    "momentum": (("close",), talib.MOM, ind.momentum),
    "roc": (("close",), talib.ROC, ind.roc),
    "rsi": (("close",), talib.RSI, ind.rsi),
    "atr": (BAR, talib.ATR, ind.atr),
    "natr": (BAR, talib.NATR, ind.natr),
    "williams_r": (BAR, talib.WILLR, ind.williams_r),
    "true_range": (BAR, lambda h, lo, c, _w: talib.TRANGE(h, lo, c), lambda h, lo, c, _w: ind.true_range(h, lo, c)),
    "donchian": (
        ("high", "low"),
        lambda h, lo, w: [talib.MAX(h, w), talib.MIN(lo, w)],
        lambda h, lo, w: ind.donchian(h, lo, w)[1:],
    ),
    "aroon": (("high", "low"), lambda h, lo, w: talib.AROON(h, lo, w)[::-1], ind.aroon),
    "macd": (("close",), lambda c, w: talib.MACD(c, w, 2 * w + 1, 5), lambda c, w: ind.macd(c, w, 2 * w + 1, 5)),
    "bollinger": (
        ("close",),
        lambda c, w: [talib.BBANDS(c, w, 1.7, 1.7)[i] for i in (1, 0, 2)],
        lambda c, w: ind.bollinger(c, w, 1.7),
    ),
    "stochastic": (
        BAR,
        lambda h, lo, c, w: talib.STOCH(h, lo, c, w, 3, 0, 4, 0),
        lambda h, lo, c, w: ind.stochastic(h, lo, c, w, smooth_k=3, smooth_d=4),
    ),
    "adx": (BAR, lambda h, lo, c, w: [f(h, lo, c, w) for f in (talib.ADX, talib.PLUS_DI, talib.MINUS_DI)], ind.adx),
}
PER_CENT = {"rsi", "stochastic", "adx", "williams_r", "aroon", "roc", "natr"}


@pytest.mark.parametrize("window", [2, 3, 14, 50])
@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("unit", [1, 100_000])
def test_meaning_is_that_of_talib(name, window, unit):
    inputs, theirs, ours = ORACLES[name]
    columns = walk(1500, window)
    wanted = table(theirs(*[columns[i] / unit for i in inputs], window))
    found = table(ours(*[columns[i] / unit if unit > 1 else columns[i] for i in inputs], window))
    assert_array_equal(np.isnan(found), np.isnan(wanted))
    level = 100.0 if name in PER_CENT else 110_000 / unit  # differences of levels keep the levels' rounding in TA-Lib
    assert_allclose(found, wanted, rtol=1e-9, atol=1e-11 * level if name == "bollinger" else 1e-12 * level)


@pytest.mark.parametrize("window", [2, 3, 14, 50])
def test_deviation_and_channel_index_are_those_of_talib(window):
    # TA-Lib's own sums of squares carry rounding of the level, so the walk stays near 0 here
    columns = {k: (v - 110_000).astype(float) for k, v in walk(1500, window).items() if k in BAR}
    wanted = talib.STDDEV(columns["close"], window)
    found = ind.rolling_std(columns["close"], window)
    assert_array_equal(np.isnan(found), np.isnan(wanted))
    assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
    wanted = talib.CCI(columns["high"], columns["low"], columns["close"], window)
    found = ind.cci(columns["high"], columns["low"], columns["close"], window)
    assert_array_equal(np.isnan(found), np.isnan(wanted))
    flat = np.abs(found) < 1e-6  # TA-Lib gives rounding noise there
    assert_allclose(found[~flat], wanted[~flat], rtol=1e-9)


def test_wilder_is_the_mean_of_the_first_and_then_a_nth_part():
    assert_array_equal(ind.wilder([1.0, 2.0, 6.0, 6.0], 3), [np.nan, np.nan, 3.0, (3.0 * 2 + 6) / 3])


def test_composites_are_what_they_are_made_of():
    c = floats(walk(300, 9))
    high, low, close = c["high"], c["low"], c["close"]
    bands = ind.keltner(high, low, close, 20, width=1.5, atr_window=10)
    reach = 1.5 * ind.atr(high, low, close, 10)
    middle = np.where(np.isnan(reach), np.nan, ind.ema(close, 20))
    assert_array_equal(bands.middle, middle)
    assert_array_equal(bands.upper, middle + reach)
    assert_array_equal(bands.lower, middle - reach)
    assert_array_equal(ind.bollinger(close, 9).middle, ind.sma(close, 9))
    assert_array_equal(ind.donchian(high, low, 9).middle, 0.5 * (ind.rolling_max(high, 9) + ind.rolling_min(low, 9)))
    assert_allclose(ind.zscore(close, 9), (close - ind.sma(close, 9)) / ind.rolling_std(close, 9), rtol=1e-12)
    assert_array_equal(ind.rolling_median(close, 8), pd.Series(close).rolling(8).median().to_numpy())
    returns = ind.log_returns(close)
    assert_allclose(returns[1:], np.diff(np.log(close)), atol=1e-15)
    rms = np.sqrt(pd.Series(returns**2).rolling(10).mean().to_numpy() * 252)
    assert_allclose(ind.realised_volatility(close, 10, 252), rms, rtol=1e-9)


def test_adx_stays_where_nothing_moves():
    assert_array_equal(ind.adx([5, 7, 7, 7], [4, 5, 5, 5], [4, 6, 6, 6], 1).adx, [np.nan, 100.0, 100.0, 100.0])


def test_a_value_outside_the_exact_limbs_is_forgotten_with_its_window():
    live = ind.stream(ind.sma, 3)
    live.extend([1.1, 1e12, 1e-14])
    assert live.state[6] == 2
    assert live.extend([1.1, 1.2, 1.3])[-1] == (1.1 + 1.2 + 1.3) / 3
    assert live.state[6] == 0


def test_session_vwap_begins_anew_with_each_session():
    made = ind.session_vwap([10, 20, 30, 40], [0, 1, 3, 2], [1, 1, 1, 2])
    assert_array_equal(made, [np.nan, 20.0, (20 + 90) / 4, 40.0])


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(
        st.one_of(st.floats(-1e9, 1e9), st.floats(0.5, 2.0), st.floats(-1e-11, 1e-11), st.floats(1e11, 1e15)),
        min_size=1,
        max_size=40,
    ),
    window=st.integers(1, 12),
)
def test_a_mean_of_floats_is_the_exact_mean_rounded_once(values, window):
    made = ind.sma(values, window)
    for t in range(window - 1, len(values)):
        part = [Fraction(v) for v in values[t - window + 1 : t + 1]]
        exact = sum(part) / window
        slack = Fraction(2) ** -98 * max(abs(v) for v in part)  # heavy cancellation leaves this much of the largest
        assert abs(Fraction(made[t]) - exact) <= abs(Fraction(float(exact)) - exact) + slack


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=40), window=st.integers(2, 12))
def test_sums_of_whole_points_are_exact(values, window):
    column = np.array(values, np.int32)
    weights = range(1, window + 1)
    for t in range(window - 1, len(values)):
        part = values[t - window + 1 : t + 1]
        assert ind.sma(column, window)[t] == float(Fraction(sum(part), window))
        assert ind.rolling_sum(column, window)[t] == sum(part)
        weighted = Fraction(sum(w * v for w, v in zip(weights, part, strict=True)), sum(weights))
        assert ind.wma(column, window)[t] == float(weighted)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("window", [1, 2, 20, 1023, 1024, 1025, 1976, 1977, 2999, 3000])
def test_a_mean_over_a_long_history_of_whole_points_is_numpys(window, dtype):
    column = np.random.default_rng(window).integers(-(2**31), 2**31, 3000).astype(dtype)
    sums = np.concatenate([[0], np.cumsum(column, dtype=np.int64)])
    assert_array_equal(ind.sma(column, window)[window - 1 :], (sums[window:] - sums[:-window]) / window)
    assert np.isnan(ind.sma(column, window)[: window - 1]).all()


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=40), window=st.integers(2, 12))
def test_deviation_of_whole_points_is_exact_up_to_the_root(values, window):
    made = ind.rolling_std(np.array(values, np.int32), window)
    for t in range(window - 1, len(values)):
        part = values[t - window + 1 : t + 1]
        square = window * sum(v * v for v in part) - sum(part) ** 2
        assert made[t] == pytest.approx(math.sqrt(square) / window, rel=4e-16, abs=0)


def test_flat_prices_have_their_price_as_mean_and_no_deviation():
    for price in (1.1, 0.1, 3.3e-5, 151.237):
        flat = np.full(60, price)
        assert_array_equal(ind.sma(flat, 7)[6:], price)
        assert_array_equal(ind.wma(flat, 7)[6:], price)
        assert_array_equal(ind.ema(flat, 7)[6:], ind.ema(flat, 7)[6])
        assert_array_equal(ind.linreg_slope(flat, 7)[6:], 0.0)
        assert_array_equal(ind.rolling_std(flat, 7)[6:], 0.0)
        assert_array_equal(ind.zscore(flat, 7)[6:], 0.0)
        assert_array_equal(ind.cci(flat, flat, flat, 7)[6:], 0.0)
        assert_array_equal(ind.stochastic(flat, flat, flat, 7, smooth_k=1, smooth_d=1).k[6:], 0.0)
        assert_array_equal(ind.williams_r(flat, flat, flat, 7)[6:], 0.0)
        assert_array_equal(ind.rsi(flat, 7)[7:], 0.0)
        assert_array_equal(ind.adx(flat, flat, flat, 7).adx[13:], 0.0)
        assert_array_equal(ind.kama(flat, 7)[7:], price)
