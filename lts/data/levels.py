"""Levels: what an instrument may plausibly cost, to find wrong scales, sides and symbols.

Source: own reading of the published reference rates of 1999 to 2025, widened by about a third; a guard against factors of ten,
not a filter of prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.errors import BarsError, ParameterError

if TYPE_CHECKING:
    from lts.instruments import Instrument

# US dollars for one unit, lowest and highest
_DOLLARS = {
    "USD": (1.0, 1.0), "EUR": (0.7, 1.8), "GBP": (0.9, 2.4), "JPY": (0.005, 0.0145), "CHF": (0.45, 1.6), "CAD": (0.55, 1.2),
    "AUD": (0.4, 1.25), "NZD": (0.33, 1.0), "SGD": (0.45, 0.95), "HKD": (0.115, 0.145), "SEK": (0.07, 0.19), "NOK": (0.07, 0.23),
    "DKK": (0.095, 0.24), "PLN": (0.17, 0.6), "CZK": (0.022, 0.08), "HUF": (0.002, 0.0085), "MXN": (0.035, 0.125),
    "ZAR": (0.045, 0.2), "TRY": (0.015, 1.0), "CNH": (0.11, 0.18), "THB": (0.018, 0.042), "SAR": (0.24, 0.29),
    "XAU": (200.0, 8000.0), "XAG": (3.0, 120.0),
}  # fmt: skip


def plausible(instrument: Instrument) -> tuple[float, float] | None:
    """Return the lowest and highest plausible price, or None where a currency is not in the table."""
    base, quote = _DOLLARS.get(instrument.base), _DOLLARS.get(instrument.quote)
    if base is None or quote is None:
        return None
    return base[0] / quote[1], base[1] / quote[0]


def find_scale(median: float, instrument: Instrument, stated: float | None, where: str, *, whole: bool) -> float:
    """Return what prices must be divided by.

    Parameters
    ----------
    median : float
        Median of the source's prices; nan when none is usable.
    stated : float or None
        The caller's word; it wins.
    whole : bool
        All prices are whole numbers, so that they may be points.

    Raises
    ------
    BarsError
        No scale or more than one gives a plausible level.
    ParameterError
        A stated scale that is no positive number.
    """
    if stated is not None:
        number: object = stated
        if isinstance(number, (bool, str)) or not np.isscalar(number) or not (np.isfinite(stated) and stated > 0):
            raise ParameterError(f"scale: was {stated!r}; it must be None or a number above 0, such as {10**instrument.precision}.")
        return float(stated)
    if not np.isfinite(median) or median <= 0:
        return 1.0  # the impossible prices are judged row by row
    limits = plausible(instrument)
    if limits is None:
        if median < 1000 or instrument.precision == 0 or not whole:
            return 1.0
        raise BarsError(
            f"{where}, scale: the median price is {median:,.6g} and nothing is known of {instrument.name}'s level; the scale "
            f"must be stated. Pass scale=1 for prices, scale={10**instrument.precision} for points."
        )
    candidates = [10.0**k for k in range(8 if whole else 1)]
    fits = [s for s in candidates if limits[0] <= median / s <= limits[1]]
    if 1.0 in fits:
        return 1.0
    if len(fits) == 1:
        return fits[0]
    points = 10.0**instrument.precision
    if points in fits:
        return points
    raise BarsError(
        f"{where}, scale: the median price is {median:,.6g}; {instrument.name} must lie between {limits[0]:.6g} and "
        f"{limits[1]:.6g}, or be in points. Check instrument and columns; pass scale=1 to accept the prices as they are."
    )
