"""Plain windows: rolling_sum, rolling_min, rolling_max, rolling_median, rolling_std, zscore, linreg_slope."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from lts.sim.indicators.kernels import extremes, path
from lts.sim.indicators.kernels import whole as exact
from lts.sim.indicators.kernels import windows as floats
from lts.sim.indicators.machine import Array, Stream, bars, column, is_whole, streams


def linear(name: str, window: int, *, whole: bool, a: int = 1, b: int = 0, divisor: int = 1, mean: bool = False) -> Stream:
    """Return the stream of sum of (a + b*i)*x[i] / divisor over a window."""
    divisor = window if mean else divisor
    if whole:
        state = np.zeros(exact.RING + window, np.int64)
        state[0], state[5], state[6], state[7] = window, a, b, divisor
        limit = 2.0**62 / (window * (abs(a) + abs(b) * window))
        return Stream(name, state, exact.linear_update, exact.linear_scan, whole=True, limit=limit)
    ring = np.zeros(floats.RING + 2 * window)
    ring[0], ring[3], ring[4], ring[5] = window, a, b, divisor
    return Stream(name, ring, floats.linear_update, floats.linear_scan)


def moments(name: str, window: int, *, whole: bool, finish: Any) -> Stream:
    """Return the stream of finish(x, mean, deviation) over a window."""
    if whole:
        state = np.zeros(exact.RING + window, np.int64)
        state[0], limit = window, sqrt(2.0**62 / window)
        update, scan = exact.moments_update, exact.moments_scan
        return Stream(name, state, update, scan, whole=True, limit=limit, kernel_outputs=2, finish=finish)
    ring = np.zeros(floats.RING + 2 * window)
    ring[0] = ring[5] = window
    return Stream(name, ring, floats.moments_update, floats.moments_scan, kernel_outputs=2, finish=finish)


def ratio(a: Any, b: Any) -> Any:
    """Return a / b, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.shape(a)), where=np.not_equal(b, 0.0))


def part(window: int) -> list[float]:
    """Return the start of one queue of extremes."""
    return [float(window), *[0.0] * (3 + 2 * window)]


def _rolling_sum(window: int, *, whole: bool = False) -> Stream:
    return linear("rolling_sum", bars("rolling_sum", "window", window), whole=whole)


@streams(_rolling_sum)
def rolling_sum(values: npt.ArrayLike, window: int) -> Array:
    """Return the sum of the last `window` values.

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
    The exact sum, rounded once; where a stream began does not matter. A value that is not finite makes the window nan until it has
    left it. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.
    """
    return column(_rolling_sum(window, whole=is_whole(values)).extend(values))


def _rolling_max(window: int) -> Stream:
    state = np.array(part(bars("rolling_max", "window", window)))
    return Stream("rolling_max", state, extremes.highest_update, extremes.highest_scan)


@streams(_rolling_max)
def rolling_max(values: npt.ArrayLike, window: int) -> Array:
    """Return the highest of the last `window` values.

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
    A value that is not finite makes the window nan until it has left it. O(n), whatever the window.

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.

    References
    ----------
    Lemire, D. (2006), Streaming maximum-minimum filter using no more than three comparisons per element, Nordic J. Computing 13(4).
    """
    return column(_rolling_max(window).extend(values))


def _rolling_min(window: int) -> Stream:
    state = np.array(part(bars("rolling_min", "window", window)))
    return Stream("rolling_min", state, extremes.lowest_update, extremes.lowest_scan)


@streams(_rolling_min)
def rolling_min(values: npt.ArrayLike, window: int) -> Array:
    """Return the lowest of the last `window` values.

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
    A value that is not finite makes the window nan until it has left it. O(n), whatever the window.

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.
    """
    return column(_rolling_min(window).extend(values))


def _rolling_median(window: int) -> Stream:
    n = bars("rolling_median", "window", window)
    state = np.zeros(3 + 2 * n)
    state[0] = n
    return Stream("rolling_median", state, path.median_update, path.median_scan)


@streams(_rolling_median)
def rolling_median(values: npt.ArrayLike, window: int) -> Array:
    """Return the middle of the last `window` values, the mean of the two middle ones for an even window.

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
    A value that is not finite makes the window nan until it has left it. O(n*window): the window is kept sorted.

    Raises
    ------
    ParameterError
        `window` out of range, or `values` not one column of numbers.
    """
    return column(_rolling_median(window).extend(values))


def _rolling_std(window: int, *, whole: bool = False) -> Stream:
    n = bars("rolling_std", "window", window)
    return moments("rolling_std", n, whole=whole, finish=lambda _x, _mean, deviation: (deviation,))


@streams(_rolling_std)
def rolling_std(values: npt.ArrayLike, window: int) -> Array:
    """Return the population standard deviation of the last `window` values.

    Parameters
    ----------
    values : (n,) numbers
        Integer arrays: sums of values and squares are exact in int64.
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of `values`, >= 0; nan for the first window - 1 bars.

    Notes
    -----
    sqrt(mean of (x - mean)**2), divided by window, not window - 1, as TA-Lib's STDDEV. A flat window gives exactly 0.
    A value that is not finite makes the window nan until it has left it. Integers O(n), floats O(n*window).

    Raises
    ------
    ParameterError
        `window` out of range, values not one column of numbers, or integers so large that int64 cannot hold the squares.
    """
    return column(_rolling_std(window, whole=is_whole(values)).extend(values))


def _zscore(window: int, *, whole: bool = False) -> Stream:
    n = bars("zscore", "window", window)
    return moments("zscore", n, whole=whole, finish=lambda x, mean, deviation: (ratio(x - mean, deviation),))


@streams(_zscore)
def zscore(values: npt.ArrayLike, window: int) -> Array:
    """Return how many standard deviations the newest value lies above the mean of its window.

    Parameters
    ----------
    values : (n,) numbers
        Integer arrays are summed exactly in int64.
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        A pure number, 0 in a flat window; nan for the first window - 1 bars.

    Notes
    -----
    (x - sma) / rolling_std, the newest value part of both. A value that is not finite makes the window nan until it has left it.
    Integers O(n), floats O(n*window).

    Raises
    ------
    ParameterError
        `window` out of range, values not one column of numbers, or integers so large that int64 cannot hold the squares.
    """
    return column(_zscore(window, whole=is_whole(values)).extend(values))


def _linreg_slope(window: int, *, whole: bool = False) -> Stream:
    n = bars("linreg_slope", "window", window, least=2, most=300_000)
    return linear("linreg_slope", n, whole=whole, a=1 - n, b=2, divisor=n * (n * n - 1) // 6)


@streams(_linreg_slope)
def linreg_slope(values: npt.ArrayLike, window: int) -> Array:
    """Return the slope of the least-squares line through the last `window` values.

    Parameters
    ----------
    values : (n,) numbers
        Integer arrays are summed exactly in int64.
    window : int
        Bars, from 2 to 300,000.

    Returns
    -------
    (n,) float64
        Unit of `values` a bar; nan for the first window - 1 bars.

    Notes
    -----
    6 * sum of (2*i - (window - 1)) * x[i] / (window*(window**2 - 1)) over i = 0 (oldest) .. window-1, rounded once.
    A value that is not finite makes the window nan until it has left it. Integers O(n), floats O(n*window).

    Raises
    ------
    ParameterError
        `window` out of range, values not one column of numbers, or integers so large that int64 cannot hold the sum.
    """
    return column(_linreg_slope(window, whole=is_whole(values)).extend(values))
