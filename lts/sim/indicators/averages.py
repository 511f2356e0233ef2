"""Averages: sma, wma, ema, wilder, dema, tema, kama."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lts.sim.indicators.kernels import path, smooth
from lts.sim.indicators.machine import Array, Stream, bars, column, is_whole, streams
from lts.sim.indicators.windows import linear


def smoother(window: int, factor: float = 0.0) -> list[float]:
    """Return the start of one smoother: factor 0 is Wilder's."""
    return [float(window), 0.0, 0.0, factor]


def exponential(window: int) -> list[float]:
    """Return the start of an EMA."""
    return smoother(window, 2.0 / (window + 1.0))


def _sma(window: int, *, whole: bool = False) -> Stream:
    return linear("sma", bars("sma", "window", window), whole=whole, mean=True)


@streams(_sma)
def sma(values: npt.ArrayLike, window: int) -> Array:
    """Return the mean of the last `window` values.

    Parameters
    ----------
    values : (n,) numbers
        Whole points (an integer array, `bars.points.bid_close`) are summed in int64, exactly. Floats are summed exactly too, where
        they lie between 5e-13 and 2**31, at about twenty times the time.
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of `values`; nan for the first window - 1 bars.

    Notes
    -----
    mean[t] = (x[t-window+1] + ... + x[t]) / window, rounded once: two means cross where exact arithmetic says so.
    A value that is not finite makes the window nan until it has left it. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.

    Examples
    --------
    >>> sma([1, 2, 6, 4], 2)
    array([nan, 1.5, 4. , 5. ])
    """
    return column(_sma(window, whole=is_whole(values)).extend(values))


def _wma(window: int, *, whole: bool = False) -> Stream:
    n = bars("wma", "window", window)
    return linear("wma", n, whole=whole, a=1, b=1, divisor=n * (n + 1) // 2)


@streams(_wma)
def wma(values: npt.ArrayLike, window: int) -> Array:
    """Return the mean of the last `window` values with weights 1 (oldest) to window (newest).

    Parameters
    ----------
    values : (n,) numbers
        Integer arrays are summed exactly in int64.
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of `values`; nan for the first window - 1 bars.

    Notes
    -----
    sum of (i + 1) * x[t-window+1+i] over i = 0 .. window-1, divided by window*(window + 1)/2, rounded once.
    A value that is not finite makes the window nan until it has left it. Integers O(n), floats O(n*window).

    Raises
    ------
    ParameterError
        `window` out of range, values not one column of numbers, or integers so large that int64 cannot hold the sum.
    """
    return column(_wma(window, whole=is_whole(values)).extend(values))


def _ema(window: int) -> Stream:
    return Stream("ema", np.array(exponential(bars("ema", "window", window))), smooth.smooth_update, smooth.smooth_scan)


@streams(_ema)
def ema(values: npt.ArrayLike, window: int) -> Array:
    """Return the exponential mean with factor 2/(window + 1).

    Parameters
    ----------
    values : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of `values`; nan for the first window - 1 bars.

    Notes
    -----
    ema[window-1] = mean of the first `window` values; then ema[t] = ema[t-1] + (x[t] - ema[t-1]) * 2/(window + 1), as TA-Lib.
    It never forgets: after k further bars the start still weighs about exp(-2k/(window + 1)), a millionth at k = 7*(window + 1).
    A value that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.

    References
    ----------
    Appel, G. (2005), Technical Analysis: Power Tools for Active Investors; Hunter, J. S. (1986), J. Quality Technology 18(4).
    """
    return column(_ema(window).extend(values))


def _wilder(window: int) -> Stream:
    return Stream("wilder", np.array(smoother(bars("wilder", "window", window))), smooth.smooth_update, smooth.smooth_scan)


@streams(_wilder)
def wilder(values: npt.ArrayLike, window: int) -> Array:
    """Return Wilder's mean (RMA): the exponential mean with factor 1/window.

    Parameters
    ----------
    values : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of `values`; nan for the first window - 1 bars.

    Notes
    -----
    The mean of the first `window` values; then rma[t] = (rma[t-1]*(window - 1) + x[t]) / window.
    It never forgets: after k further bars the start still weighs about exp(-k/window), a millionth at k = 14*window.
    A value that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.

    References
    ----------
    Wilder, J. W. (1978), New Concepts in Technical Trading Systems, chapter III (volatility), where the average true range is kept
    so.
    """
    return column(_wilder(window).extend(values))


def _dema(window: int) -> Stream:
    n = bars("dema", "window", window)
    return Stream("dema", np.array(exponential(n) * 2), smooth.dema_update, smooth.dema_scan)


@streams(_dema)
def dema(values: npt.ArrayLike, window: int) -> Array:
    """Return the double exponential mean, which lags less than its EMA.

    Parameters
    ----------
    values : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of `values`; nan for the first 2*(window - 1) bars.

    Notes
    -----
    2*EMA(x) - EMA(EMA(x)), each EMA seeded by the mean of its first `window` values. Forgets its start as `ema` does.
    A value that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.

    References
    ----------
    Mulloy, P. (1994), Smoothing Data with Faster Moving Averages, Technical Analysis of Stocks & Commodities 12(1).
    """
    return column(_dema(window).extend(values))


def _tema(window: int) -> Stream:
    n = bars("tema", "window", window)
    return Stream("tema", np.array(exponential(n) * 3), smooth.tema_update, smooth.tema_scan)


@streams(_tema)
def tema(values: npt.ArrayLike, window: int) -> Array:
    """Return the triple exponential mean.

    Parameters
    ----------
    values : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of `values`; nan for the first 3*(window - 1) bars.

    Notes
    -----
    3*EMA(x) - 3*EMA(EMA(x)) + EMA(EMA(EMA(x))). Forgets its start as `ema` does.
    A value that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.

    References
    ----------
    Mulloy, P. (1994), Smoothing Data with Less Lag, Technical Analysis of Stocks & Commodities 12(2).
    """
    return column(_tema(window).extend(values))


def _kama(window: int = 10, fast: int = 2, slow: int = 30) -> Stream:
    n, quick, late = bars("kama", "window", window), bars("kama", "fast", fast), bars("kama", "slow", slow)
    moves, values = [float(n), 0.0, 0.0, *[0.0] * (2 * n)], [n + 1.0, 0.0, 0.0, *[0.0] * (2 * n + 2)]
    state = np.array([2.0 / (quick + 1.0), 2.0 / (late + 1.0), 0.0, 0.0, 0.0, *moves, *values])
    return Stream("kama", state, path.kama_update, path.kama_scan)


@streams(_kama)
def kama(values: npt.ArrayLike, window: int = 10, fast: int = 2, slow: int = 30) -> Array:
    """Return Kaufman's adaptive mean: quick where prices go straight, slow where they wander.

    Parameters
    ----------
    values : (n,) numbers
    window : int
        Bars over which the path is judged, from 1 to 2,000,000.
    fast, slow : int
        Bars of the EMA it becomes on a straight path and on a wandering one.

    Returns
    -------
    (n,) float64
        In the unit of `values`; nan for the first `window` bars.

    Notes
    -----
    efficiency = |x[t] - x[t-window]| / sum of |x[i] - x[i-1]| over the window (1 where nothing moved);
    c = (efficiency*(2/(fast + 1) - 2/(slow + 1)) + 2/(slow + 1))**2; kama[t] = kama[t-1] + c*(x[t] - kama[t-1]), starting from
    x[window-1]. It never forgets: at its slowest the start weighs (1 - (2/(slow + 1))**2)**k after k bars, with slow = 30 a
    millionth at k = 3300. A value that is not finite gives nan and starts it anew. O(n*window): the path is summed anew each bar.

    Raises
    ------
    ParameterError
        A window out of range, or `values` not one column of numbers.

    References
    ----------
    Kaufman, P. J. (1995), Smarter Trading, chapter 7.
    """
    return column(_kama(window, fast, slow).extend(values))
