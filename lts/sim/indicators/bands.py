"""Bands: bollinger, donchian, keltner."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lts.sim.indicators.averages import exponential, smoother
from lts.sim.indicators.kernels import extremes, smooth
from lts.sim.indicators.machine import Array, Stream, bars, is_whole, number, streams
from lts.sim.indicators.windows import moments, part


class Bands(NamedTuple):
    """A middle line and the lines about it, each (n,) float64 in the unit of the prices."""

    middle: Array
    upper: Array
    lower: Array


def _bollinger(window: int = 20, width: float = 2.0, *, whole: bool = False) -> Stream:
    n, wide = bars("bollinger", "window", window), number("bollinger", "width", width, 0.0)
    made = moments("bollinger", n, whole=whole, finish=lambda _x, mean, dev: (mean, mean + wide * dev, mean - wide * dev))
    made.result = Bands
    return made


@streams(_bollinger)
def bollinger(values: npt.ArrayLike, window: int = 20, width: float = 2.0) -> Bands:
    """Return the mean and the lines `width` standard deviations above and below it.

    Parameters
    ----------
    values : (n,) numbers
        Integer arrays are summed exactly in int64.
    window : int
        Bars, from 1 to 2,000,000.
    width : float
        Standard deviations, at least 0.

    Returns
    -------
    Bands of (n,) float64
        middle, upper, lower in the unit of `values`; nan for the first window - 1 bars.

    Notes
    -----
    sma +- width * rolling_std (population). A value that is not finite makes the window nan until it has left it.
    Integers O(n), floats O(n*window).

    Raises
    ------
    ParameterError
        A parameter out of range, values not one column of numbers, or integers so large that int64 cannot hold the squares.

    References
    ----------
    Bollinger, J. (2001), Bollinger on Bollinger Bands, part II.
    """
    made: Bands = _bollinger(window, width, whole=is_whole(values)).extend(values)
    return made


def _donchian(window: int = 20) -> Stream:
    state = np.array(part(bars("donchian", "window", window)) * 2)
    return Stream(
        "donchian", state, extremes.donchian_update, extremes.donchian_scan, ("high", "low"), result=Bands, kernel_outputs=3
    )


@streams(_donchian)
def donchian(high: npt.ArrayLike, low: npt.ArrayLike, window: int = 20) -> Bands:
    """Return the highest high and the lowest low of the last `window` bars, this one included, and their middle.

    Parameters
    ----------
    high, low : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000.

    Returns
    -------
    Bands of (n,) float64
        middle, upper, lower in the unit of the prices; nan for the first window - 1 bars.

    Notes
    -----
    A breakout compares the close with the channel of the bar before: this bar's own high is part of this bar's channel.
    A bar with a value that is not finite makes the window nan until it has left it. O(n), whatever the window.

    Raises
    ------
    ParameterError
        `window` out of range, or columns of different length.

    References
    ----------
    Donchian, R. D. (1960), High finance in copper, Financial Analysts Journal 16(6), gives the four-week rule its name.
    """
    made: Bands = _donchian(window).extend(high, low)
    return made


def _keltner(window: int = 20, *, width: float = 2.0, atr_window: int = 10) -> Stream:
    n, m = bars("keltner", "window", window), bars("keltner", "atr_window", atr_window)
    wide = number("keltner", "width", width, 0.0)
    state = np.array([*smoother(m), 0.0, 0.0, wide, 0.0, *exponential(n)])
    names = ("high", "low", "close")
    return Stream("keltner", state, smooth.keltner_update, smooth.keltner_scan, names, result=Bands, kernel_outputs=3)


@streams(_keltner)
def keltner(
    high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, window: int = 20, *, width: float = 2.0, atr_window: int = 10
) -> Bands:
    """Return the EMA of the close and the lines `width` average true ranges above and below it.

    Parameters
    ----------
    high, low, close : (n,) numbers
    window : int
        Bars of the EMA, from 1 to 2,000,000.
    width : float
        Average true ranges, at least 0.
    atr_window : int
        Bars of the average true range, from 1 to 2,000,000.

    Returns
    -------
    Bands of (n,) float64
        middle, upper, lower in the unit of the prices; nan for the first max(window - 1, atr_window) bars.

    Notes
    -----
    ema(close, window) +- width * atr(high, low, close, atr_window). Forgets its start as `ema` and `wilder` do.
    A bar with a value that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        A parameter out of range, or columns of different length.

    References
    ----------
    Keltner, C. W. (1960), How to Make Money in Commodities, had means of the typical price and the range; this is the later form
    with EMA and ATR of Raschke, L. B. and Connors, L. (1995), Street Smarts.
    """
    made: Bands = _keltner(window, width=width, atr_window=atr_window).extend(high, low, close)
    return made
