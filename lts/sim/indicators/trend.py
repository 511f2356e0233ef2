"""Trend and sessions: adx with +DI and -DI, aroon, session_vwap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lts.sim.indicators.averages import smoother
from lts.sim.indicators.kernels import extremes, path, smooth
from lts.sim.indicators.machine import Array, Stream, bars, column, streams
from lts.sim.indicators.windows import part


class DirectionalMovement(NamedTuple):
    """Strength of the trend, and of its two directions, each (n,) float64 from 0 to 100."""

    adx: Array
    plus_di: Array
    minus_di: Array


class Aroon(NamedTuple):
    """Freshness of the highest high and of the lowest low, each (n,) float64 from 0 to 100."""

    up: Array
    down: Array


def _adx(window: int = 14) -> Stream:
    n = bars("adx", "window", window)
    running = [float(n), 0.0, 0.0]
    state = np.array([*smoother(n), 0.0, 0.0, 0.0, 0.0, *running * 3])
    names = ("high", "low", "close")
    return Stream("adx", state, smooth.adx_update, smooth.adx_scan, names, result=DirectionalMovement, kernel_outputs=3)


@streams(_adx)
def adx(high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, window: int = 14) -> DirectionalMovement:
    """Return Wilder's directional movement: ADX, +DI and -DI.

    Parameters
    ----------
    high, low, close : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000 (TA-Lib's ADX: from 2).

    Returns
    -------
    DirectionalMovement of (n,) float64
        0 to 100. plus_di and minus_di are nan for the first `window` bars, adx for the first 2*window - 1.

    Notes
    -----
    A rise of the high above the fall of the low is +DM, the reverse -DM, else both are 0. Running sums s = s - s/window + new of
    +DM, -DM and true range, begun with the plain sum of the first window - 1; DI = 100 * DM/range; dx = 100 * |+DI - -DI|/(+DI +
    -DI); adx = wilder(dx, window). Where both DI are 0 the ADX stays. Forgets its start as `wilder` does, twice. A bar with a value
    that is not finite gives nan and starts it anew. O(n).

    Raises
    ------
    ParameterError
        `window` out of range, or columns of different length.

    References
    ----------
    Wilder, J. W. (1978), New Concepts in Technical Trading Systems, chapter IV.
    """
    made: DirectionalMovement = _adx(window).extend(high, low, close)
    return made


def _aroon(window: int = 14) -> Stream:
    state = np.array(part(bars("aroon", "window", window) + 1) * 2)
    return Stream("aroon", state, extremes.aroon_update, extremes.aroon_scan, ("high", "low"), result=Aroon, kernel_outputs=2)


@streams(_aroon)
def aroon(high: npt.ArrayLike, low: npt.ArrayLike, window: int = 14) -> Aroon:
    """Return how fresh the highest high and the lowest low of the last window + 1 bars are.

    Parameters
    ----------
    high, low : (n,) numbers
    window : int
        Bars, from 1 to 2,000,000 (TA-Lib: from 2).

    Returns
    -------
    Aroon of (n,) float64
        up and down: 100 = this bar, 0 = `window` bars ago; nan for the first `window` bars. The oscillator is up - down.

    Notes
    -----
    100 * (window - age)/window; of equal extremes the latest counts. A bar with a value that is not finite makes the window nan
    until it has left it. O(n), whatever the window.

    Raises
    ------
    ParameterError
        `window` out of range, or columns of different length.

    References
    ----------
    Chande, T. S. (1995), A Time Price Oscillator, Technical Analysis of Stocks & Commodities 13(9).
    """
    made: Aroon = _aroon(window).extend(high, low)
    return made


def _session_vwap() -> Stream:
    return Stream("session_vwap", np.zeros(5), path.vwap_update, path.vwap_scan, ("price", "volume", "session"))


@streams(_session_vwap)
def session_vwap(price: npt.ArrayLike, volume: npt.ArrayLike, session: npt.ArrayLike) -> Array:
    """Return the mean price by volume since the session began.

    Parameters
    ----------
    price : (n,) numbers
    volume : (n,) numbers
        Ticks or units, at least 0. With forex, one broker's count of ticks, not the market's turnover.
    session : (n,) numbers
        An id that changes where a new session begins, for instance the number of the trading day.

    Returns
    -------
    (n,) float64
        In the unit of `price`; nan while the session's volume is 0. No warm-up.

    Notes
    -----
    sum of price*volume / sum of volume, both from the session's first bar in order. A price or volume that is missing, not finite
    or below 0 (volume) gives nan for the rest of the session. O(n).

    Raises
    ------
    ParameterError
        Columns of different length, or not numbers.

    References
    ----------
    Berkowitz, S. A., Logue, D. E. and Noser, E. A. (1988), The Total Cost of Transactions on the NYSE, Journal of Finance 43(1).
    """
    return column(_session_vwap().extend(price, volume, session))
