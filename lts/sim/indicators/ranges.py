"""Ranges and variability: true_range, atr, natr, log_returns, realised_volatility."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lts.sim.indicators.averages import smoother
from lts.sim.indicators.kernels import path, smooth
from lts.sim.indicators.machine import Array, Stream, bars, column, number, streams
from lts.sim.indicators.windows import ratio

BAR = ("high", "low", "close")


def _true_range() -> Stream:
    return Stream("true_range", np.zeros(2), smooth.range_update, smooth.range_scan, BAR)


@streams(_true_range)
def true_range(high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike) -> Array:
    """Return the range of each bar, the gap from the previous close included.

    Parameters
    ----------
    high, low, close : (n,) numbers

    Returns
    -------
    (n,) float64
        In the unit of the prices; nan on the first bar, which has no previous close.

    Notes
    -----
    max(high - low, |high - previous close|, |low - previous close|). A bar with a value that is not finite gives nan, and so does
    the bar after it. O(n).

    Raises
    ------
    ParameterError
        Columns of different length, or not numbers.

    References
    ----------
    Wilder, J. W. (1978), New Concepts in Technical Trading Systems, chapter III.
    """
    return column(_true_range().extend(high, low, close))


def _atr(window: int = 14) -> Stream:
    state = np.array([*smoother(bars("atr", "window", window)), 0.0, 0.0])
    return Stream("atr", state, smooth.atr_update, smooth.atr_scan, BAR)


@streams(_atr)
def atr(high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, window: int = 14) -> Array:
    """Return Wilder's mean of the true range.

    Parameters
    ----------
    high, low, close : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        In the unit of the prices; nan for the first `window` bars.

    Notes
    -----
    wilder(true_range, window). Forgets its start as `wilder` does: a millionth of it is left after 14*window bars.
    A bar with a value that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or columns of different length.

    References
    ----------
    Wilder, J. W. (1978), New Concepts in Technical Trading Systems, chapter III.
    """
    return column(_atr(window).extend(high, low, close))


def _natr(window: int = 14) -> Stream:
    state = np.array([*smoother(bars("natr", "window", window)), 0.0, 0.0])
    return Stream(
        "natr", state, smooth.atr_update, smooth.atr_scan, BAR, finish=lambda _h, _l, close, mean: (ratio(100.0 * mean, close),)
    )


@streams(_natr)
def natr(high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, window: int = 14) -> Array:
    """Return the average true range in per cent of the close.

    Parameters
    ----------
    high, low, close : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        Per cent; nan for the first `window` bars; 0 where the close is 0.

    Notes
    -----
    100 * atr / close. Forgets its start as `wilder` does. A bar with a value that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or columns of different length.

    References
    ----------
    Forman, J. (2006), Cross-Market Evaluations With Normalized Average True Range, Technical Analysis of Stocks & Commodities
    24(5).
    """
    return column(_natr(window).extend(high, low, close))


def _log_returns(lag: int = 1) -> Stream:
    state = np.zeros(3 + bars("log_returns", "lag", lag))
    state[0] = lag
    return Stream("log_returns", state, path.log_update, path.log_scan)


@streams(_log_returns)
def log_returns(values: npt.ArrayLike, lag: int = 1) -> Array:
    """Return the logarithm of each value over the one `lag` bars before.

    Parameters
    ----------
    values : (n,) numbers
        Prices above 0.
    lag : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    (n,) float64
        A pure number, 0.01 = about 1 %; nan for the first `lag` bars.

    Notes
    -----
    log(x[t] / x[t-lag]). A value <= 0 or not finite gives nan and starts it anew: nan until `lag` good values stand before this
    one. O(n).

    Raises
    ------
    ParameterError
        `lag` out of range, or `values` not one column of numbers.
    """
    return column(_log_returns(lag).extend(values))


def _realised_volatility(window: int, periods: float = 1.0) -> Stream:
    n = bars("realised_volatility", "window", window)
    state = np.zeros(8 + 2 * n)
    state[0], state[4], state[5] = 1.0, number("realised_volatility", "periods", periods, 0.0), n
    return Stream("realised_volatility", state, path.volatility_update, path.volatility_scan)


@streams(_realised_volatility)
def realised_volatility(values: npt.ArrayLike, window: int, periods: float = 1.0) -> Array:
    """Return the root mean square of the last `window` log returns, scaled to `periods` bars.

    Parameters
    ----------
    values : (n,) numbers
        Prices above 0.
    window : int
        Returns, from 1 to 2,000,000.
    periods : float
        Bars to scale to: 1 leaves it per bar; bars a year make it annual (252 for daily bars).

    Returns
    -------
    (n,) float64
        A pure number; nan for the first `window` bars.

    Notes
    -----
    sqrt(periods/window * sum of r**2), r = log_returns(values, 1); no mean is taken off.
    A value <= 0 or not finite gives nan and starts it anew. O(n*window): the squares are summed anew each bar.

    Raises
    ------
    ParameterError
        A parameter out of range, or `values` not one column of numbers.

    References
    ----------
    Andersen, T. G., Bollerslev, T., Diebold, F. X. and Labys, P. (2003), Modeling and Forecasting Realized Volatility, Econometrica
    71(2).
    """
    return column(_realised_volatility(window, periods).extend(values))
