"""Oscillators: momentum, roc, rsi, macd, stochastic, williams_r, cci."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lts.errors import ParameterError
from lts.sim.indicators.averages import exponential, smoother
from lts.sim.indicators.kernels import extremes, path, smooth
from lts.sim.indicators.machine import Array, Stream, bars, column, streams
from lts.sim.indicators.windows import part

BAR = ("high", "low", "close")


class Macd(NamedTuple):
    """Line, its signal, and line less signal, each (n,) float64 in the unit of the prices."""

    line: Array
    signal: Array
    histogram: Array


class Stochastic(NamedTuple):
    """The smoothed place in the range and its mean, each (n,) float64 from 0 to 100."""

    k: Array
    d: Array


def _lagged(name: str, lag: int) -> Array:
    state = np.zeros(3 + bars(name, "lag", lag))
    state[0] = lag
    return state


def _momentum(lag: int = 10) -> Stream:
    return Stream("momentum", _lagged("momentum", lag), path.momentum_update, path.momentum_scan)


@streams(_momentum)
def momentum(values: npt.ArrayLike, lag: int = 10) -> Array:
    """Return the change over `lag` bars.

    Parameters
    ----------
    values : (n,) numbers
    lag : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of `values`; nan for the first `lag` bars.

    Notes
    -----
    x[t] - x[t-lag]. A value that is not finite gives nan and starts it anew: nan until `lag` good values stand before this one.
    O(n).

    Raises
    ------
    ParameterError
        `lag` out of range, or `values` not one column of numbers.
    """
    return column(_momentum(lag).extend(values))


def _roc(lag: int = 10) -> Stream:
    return Stream("roc", _lagged("roc", lag), path.roc_update, path.roc_scan)


@streams(_roc)
def roc(values: npt.ArrayLike, lag: int = 10) -> Array:
    """Return the change over `lag` bars in per cent.

    Parameters
    ----------
    values : (n,) numbers
    lag : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        Per cent; nan for the first `lag` bars; 0 after a 0.

    Notes
    -----
    100 * (x[t] - x[t-lag]) / x[t-lag]. A value that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `lag` out of range, or `values` not one column of numbers.
    """
    return column(_roc(lag).extend(values))


def _rsi(window: int = 14) -> Stream:
    n = bars("rsi", "window", window)
    return Stream("rsi", np.array([*smoother(n), *smoother(n), 0.0, 0.0]), smooth.rsi_update, smooth.rsi_scan)


@streams(_rsi)
def rsi(values: npt.ArrayLike, window: int = 14) -> Array:
    """Return the share of rises in all moves.

    Parameters
    ----------
    values : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000 (TA-Lib: from 2).

    Returns
    -------
    (n,) float64
        0 to 100, 0 where nothing moved; nan for the first `window` bars.

    Notes
    -----
    100 * rises / (rises + falls), each Wilder's mean of the moves up and of the moves down, the same as Wilder's 100 - 100/(1 +
    rises/falls). Forgets its start as `wilder` does: a millionth of it is left after 14*window bars. A value that is not finite
    gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.

    References
    ----------
    Wilder, J. W. (1978), New Concepts in Technical Trading Systems, chapter VI.
    """
    return column(_rsi(window).extend(values))


def _macd(fast: int = 12, slow: int = 26, signal: int = 9) -> Stream:
    quick, late, last = bars("macd", "fast", fast), bars("macd", "slow", slow), bars("macd", "signal", signal)
    if quick >= late:
        raise ParameterError(f"macd fast: was {fast}; it must be below slow, which was {slow}. Change one of them.")
    state = np.array([*exponential(quick), *exponential(late), *exponential(last), 0.0])
    return Stream("macd", state, smooth.macd_update, smooth.macd_scan, result=Macd, kernel_outputs=3)


@streams(_macd)
def macd(values: npt.ArrayLike, fast: int = 12, slow: int = 26, signal: int = 9) -> Macd:
    """Return the difference of two EMAs, the EMA of that, and the difference of these.

    Parameters
    ----------
    values : (n,) numbers
    fast, slow : int
        Bars of the two EMAs, fast < slow <= 2,000,000. (TA-Lib exchanges them silently where fast > slow.)
    signal : int
        Bars of the signal's EMA.

    Returns
    -------
    Macd of (n,) float64
        line, signal, histogram in the unit of `values`; all three nan for the first slow + signal - 2 bars.

    Notes
    -----
    line = EMA(fast) - EMA(slow); signal = EMA(line); histogram = line - signal. As in TA-Lib the fast EMA is seeded by the mean of
    the `fast` values that end at bar slow - 1. Forgets its start as `ema` does. A value that is not finite gives nan and starts it
    anew. O(n).

    Raises
    ------
    ParameterError
        A parameter out of range, or `values` not one column of numbers.

    References
    ----------
    Appel, G. (1979), The Moving Average Convergence-Divergence Trading Method; Aspray, T. (1986) for the histogram.
    """
    made: Macd = _macd(fast, slow, signal).extend(values)
    return made


def _stochastic(window: int = 14, *, smooth_k: int = 3, smooth_d: int = 3) -> Stream:
    n = bars("stochastic", "window", window)
    k, d = bars("stochastic", "smooth_k", smooth_k), bars("stochastic", "smooth_d", smooth_d)
    means = [float(k), 0.0, 0.0, *[0.0] * k, float(d), 0.0, 0.0, *[0.0] * d]
    state = np.array([*part(n), *part(n), *means])
    update, scan = extremes.stochastic_update, extremes.stochastic_scan
    return Stream("stochastic", state, update, scan, BAR, result=Stochastic, kernel_outputs=2)


@streams(_stochastic)
def stochastic(
    high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, window: int = 14, *, smooth_k: int = 3, smooth_d: int = 3
) -> Stochastic:
    """Return where the close lies in the range of the last `window` bars, smoothed once (%K) and twice (%D).

    Parameters
    ----------
    high, low, close : (n,) numbers
    window : int
        Bars of the range, from 1 to 2,000,000.
    smooth_k, smooth_d : int
        Bars of the means that make %K and %D. smooth_k = 1 is the fast stochastic.

    Returns
    -------
    Stochastic of (n,) float64
        k and d, 0 to 100; both nan for the first window + smooth_k + smooth_d - 3 bars.

    Notes
    -----
    raw = 100 * (close - lowest) / (highest - lowest), 0 where both are equal; k = mean of raw; d = mean of k. The same as TA-Lib's
    STOCH with simple means. A bar with a value that is not finite gives nan until it has left every window. O(n*(smooth_k +
    smooth_d)), whatever the window.

    Raises
    ------
    ParameterError
        A parameter out of range, or columns of different length.

    References
    ----------
    Lane, G. C. (1984), Lane's Stochastics, Technical Analysis of Stocks & Commodities 2(3).
    """
    made: Stochastic = _stochastic(window, smooth_k=smooth_k, smooth_d=smooth_d).extend(high, low, close)
    return made


def _williams_r(window: int = 14) -> Stream:
    state = np.array(part(bars("williams_r", "window", window)) * 2)
    return Stream("williams_r", state, extremes.williams_update, extremes.williams_scan, BAR)


@streams(_williams_r)
def williams_r(high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, window: int = 14) -> Array:
    """Return how far the close lies below the highest high, in per cent of the range.

    Parameters
    ----------
    high, low, close : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000 (TA-Lib: from 2).

    Returns
    -------
    (n,) float64
        -100 to 0, 0 where highest and lowest are equal; nan for the first window - 1 bars.

    Notes
    -----
    -100 * (highest - close) / (highest - lowest). A bar with a value that is not finite makes the window nan until it has left it.
    O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or columns of different length.

    References
    ----------
    Williams, L. (1973), How I Made One Million Dollars Last Year Trading Commodities.
    """
    return column(_williams_r(window).extend(high, low, close))


def _cci(window: int = 20) -> Stream:
    n = bars("cci", "window", window)
    state = np.zeros(3 + 2 * n)
    state[0] = n
    return Stream("cci", state, path.cci_update, path.cci_scan, BAR)


@streams(_cci)
def cci(high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, window: int = 20) -> Array:
    """Return the commodity channel index: how far the typical price lies from its mean, in mean deviations.

    Parameters
    ----------
    high, low, close : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000 (TA-Lib: from 2).

    Returns
    -------
    (n,) float64
        A pure number, 0 in a flat window; nan for the first window - 1 bars.

    Notes
    -----
    With tp = (high + low + close)/3: (tp - mean) / (0.015 * mean of |tp - mean|), mean over the window. Whole points stay exact up
    to the last division. A bar with a value that is not finite makes the window nan until it has left it. O(n*window).

    Raises
    ------
    ParameterError
        `window` out of range, or columns of different length.

    References
    ----------
    Lambert, D. R. (1980), Commodity Channel Index: Tool for Trading Cyclic Trends, Commodities 9(10).
    """
    return column(_cci(window).extend(high, low, close))
