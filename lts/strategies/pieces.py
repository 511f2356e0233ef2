"""Pieces for `decide`: sizes, exits and sessions. Plain functions of scalars; `decide` is compiled together with those it calls.

    from lts.strategies.pieces import break_even, risk_units

Import them by name: a compiled rule cannot reach through a module. Units are base currency. Where a size cannot be computed (flat,
warming up, a nan) it is 0.0, and `go(0.0)` closes: ask before you go. Nothing here rounds; the market cuts to whole units.
"""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING

from lts import calendar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lts.data.bars import Bars

HOUR = calendar.HOUR  # ns
ALMOST = 1e-6  # of a pip: prices are floats of a decimal grid, and 1.1010 - 1.1000 is a little less than 10 pips


def lot_units(lots: float, lot: float = 100_000.0) -> float:
    """Return a fixed size: lots in units; `lot` is units per lot. Signed as `lots`."""
    return lots * lot


def risk_units(equity: float, risk: float, stop_pips: float, pip_value: float, most: float = inf) -> float:
    """Return the size that loses a share of equity when its stop is reached.

    Parameters
    ----------
    equity : float
        `view.account.equity`, account currency.
    risk : float
        Share of equity, 0.01 = 1 %.
    stop_pips : float
        Distance from fill to stop. What slippage and gaps add is not counted.
    pip_value : float
        Account currency per pip and unit: the instrument's pip (0.0001) when the quote currency is the account's, else times the
        conversion rate.
    most : float
        Units at most.

    Returns
    -------
    float
        equity x risk / (stop_pips x pip_value), never negative; 0.0 unless all are above 0. Give it the side's sign yourself.
    """
    if equity > 0 and risk > 0 and stop_pips > 0 and pip_value > 0:
        return min(equity * risk / (stop_pips * pip_value), most)
    return 0.0


def volatility_units(equity: float, target: float, sigma: float, price: float, most: float = inf) -> float:
    """Return the size whose profit has a wanted standard deviation.

    Parameters
    ----------
    equity : float
        `view.account.equity`, account currency.
    target : float
        Wanted standard deviation, share of equity over some time: 0.10 = 10 % a year.
    sigma : float
        Standard deviation of the price's return over the same time, a fraction: a feature such as
        `realised_volatility(close, 60, periods=260)`, or an average true range divided by the price.
    price : float
        Account currency per unit: the close when the quote currency is the account's, else times the conversion rate.
    most : float
        Units at most.

    Returns
    -------
    float
        equity x target / (sigma x price), never negative; 0.0 unless all are above 0. Give it the side's sign yourself.

    References
    ----------
    Moskowitz, T. J., Ooi, Y. H. and Pedersen, L. H. (2012), Time series momentum, Journal of Financial Economics 104(2), 228-250,
    who hold 40 % a year divided by sigma.
    """
    if equity > 0 and target > 0 and sigma > 0 and price > 0:
        return min(equity * target / (sigma * price), most)
    return 0.0


def gained_pips(units: float, entry: float, price: float, pip: float) -> float:
    """Return a position's profit in pips, negative for a loss, nan when flat.

    Parameters
    ----------
    units, entry : float
        `view.position.units` and `.price`.
    price : float
        Where it would close: `view.now.bid_close` for a long, `view.now.ask_close` for a short.
    pip : float
        The instrument's pip as a price, above 0; a feature such as `np.full(len(bars), bars.instrument.pip)`.
    """
    if units > 0:
        return (price - entry) / pip
    if units < 0:
        return (entry - price) / pip
    return nan


def break_even(units: float, entry: float, stop_loss: float, price: float, pips: float, pip: float) -> float:
    """Return the entry price as the new stop loss once the position is `pips` ahead, else nan.

    Hand it on as `go(view.position.units, stop_loss=break_even(...))`: nan states nothing, so the stop stays as it is.

    Parameters
    ----------
    units, entry, stop_loss : float
        `view.position.units`, `.price`, `.stop_loss`. A stop at or beyond the entry is left alone; where open trades have
        different stops it is nan, and all move to the entry.
    price, pip : float
        As in `gained_pips`.
    pips : float
        Distance from the entry, above 0.
    """
    if not gained_pips(units, entry, price, pip) >= pips - ALMOST:
        return nan
    if (units > 0 and stop_loss >= entry) or (units < 0 and stop_loss <= entry):
        return nan
    return entry


def partial_target(units: float, whole: float, entry: float, price: float, pips: float, pip: float, share: float = 0.5) -> float:
    """Return where to be if a share of the position is to be closed `pips` ahead: fewer units then, else the units there are.

    It needs no memory: what has been closed is seen by comparing with the whole, and it never adds.

    Parameters
    ----------
    units, entry : float
        `view.position.units` and `.price`.
    whole : float
        Units of the full position; the sign does not matter.
    price, pip : float
        As in `gained_pips`.
    pips : float
        Distance from the entry.
    share : float
        Of the whole to be closed, 0 to 1.

    Returns
    -------
    float
        Signed target for `go`.
    """
    kept = abs(whole) * (1.0 - share)
    if gained_pips(units, entry, price, pip) >= pips - ALMOST and abs(units) > kept:
        return kept if units > 0 else -kept
    return units


def time_exit(entry_time: int, time: int, max_age: int) -> bool:
    """Tell whether the oldest open trade is old enough to leave; never when flat.

    Parameters
    ----------
    entry_time : int
        `view.position.entry_time`, ns; 0 when flat.
    time : int
        `view.now.time`, ns: both are opens of bars, so a trade that entered at this bar's open is 0 old at its close.
    max_age : int
        ns; 24 * HOUR for a day of the clock, weekends included.
    """
    return entry_time > 0 and time - entry_time >= max_age


def utc_hour(time: int) -> int:
    """Return the hour of a time in ns UTC, 0 to 23."""
    return time // HOUR % 24


def session(hour: float, start_hour: float, end_hour: float) -> bool:
    """Tell whether start_hour <= hour < end_hour; start above end goes over midnight, equal ones are the whole day; nan is outside.

    The hour is that of `utc_hour(view.now.time)`, or of the feature `new_york_hour(bars)`.
    """
    if start_hour < end_hour:
        return start_hour <= hour < end_hour
    return hour >= start_hour or hour < end_hour


def new_york_hour(bars: Bars) -> NDArray[np.float64]:
    """Return the hour on New York clocks of each bar's open, 0.0 to 23.0: a feature, daylight saving included."""
    return calendar.hour(bars.time).astype("float64")
