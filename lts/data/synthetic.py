"""Seeded bars with the microstructure measured on real files, and a switch for each fault that real files have.

The price is a random walk in whole units of 1e-8, so that sums are exact; the exponential is made of additions and multiplications
alone. A seed therefore gives the same bytes wherever numpy's generator gives the same numbers.
"""

from __future__ import annotations

from dataclasses import fields
from math import isfinite
from typing import Any

import numpy as np

from lts import calendar
from lts.data import faults as made_faults
from lts.data.bars import Bars, RawQuotes
from lts.data.clock import bar_opens
from lts.data.origin import made_by
from lts.data.timeframes import duration
from lts.data.walk import quotes, spreads, walk
from lts.errors import ParameterError, near_miss
from lts.instruments import Instrument, instrument

# What one unit was worth in USD, about 2015 to 2019: where a walk begins.
_USD = {
    "AUD": 0.75, "CAD": 0.77, "CHF": 1.02, "CNH": 0.15, "CZK": 0.043, "DKK": 0.155, "EUR": 1.15, "GBP": 1.35, "HKD": 0.128,
    "HUF": 0.0036, "JPY": 0.009, "MXN": 0.054, "NOK": 0.12, "NZD": 0.69, "PLN": 0.26, "SAR": 0.267, "SEK": 0.114, "SGD": 0.735,
    "THB": 0.03, "TRY": 0.3, "USD": 1.0, "XAG": 16.5, "XAU": 1250.0, "ZAR": 0.073,
}  # fmt: skip


def synthetic_bars(
    instrument: str | Instrument = "EUR_USD",
    timeframe: str = "M1",
    n: int = 1_000_000,
    seed: int = 7,
    start: str = "2015-01-04",
    *,
    price: float | None = None,
    volatility: float = 0.08,
    spread_pips: float | None = None,
    missing: float = 0.015,
    shocks_per_year: float = 6.0,
    **switches: Any,
) -> Bars:
    """Generate bars: trading week, volatility and spread by New York hour, fat tails, weekend gaps, missing minutes, shocks.

    Parameters
    ----------
    instrument, timeframe : str
        As everywhere. Bars up to H1 lie on UTC hours, longer ones count from 17:00 New York.
    n : int
        Number of bars, at least 1.
    seed : int
        Equal seeds give equal bytes.
    start : str
        First day, UTC.
    price : float or None
        First mid; None: near the pair's level of 2015 to 2019.
    volatility : float
        Standard deviation of a year's log return.
    spread_pips : float or None
        Usual spread at 9:00 New York; None: 1/10,000 of the price.
    missing : float
        Share of bars left out, as minutes without a quote are; used up to M15.
    shocks_per_year : float
        Jumps of one half to two percent inside one bar. They are true prices.
    **switches
        Faults, all off by default; see `lts.data.faults.Faults`.

    Raises
    ------
    ParameterError
        A value outside its range, an unknown switch, or prices that leave the range of the grid.
    """
    pair = _instrument(instrument)
    faults = _switched(switches)
    _check(n, missing=missing, volatility=volatility, shocks=shocks_per_year, spread=spread_pips, price=price)
    random = np.random.Generator(np.random.PCG64(seed))
    length = duration(timeframe)
    _require_effect(faults, timeframe, length)
    time = bar_opens(timeframe, n, _day(start), faults, missing=missing if length <= 15 * 60 * calendar.SECOND else 0.0, seed=seed)
    level = _level(pair) if price is None else price
    spread = (level * 1e-4 if spread_pips is None else spread_pips * pair.pip) * pair.scale
    paths = walk(time, length, volatility, shocks_per_year, random)
    matrix = quotes(paths, spreads(time, length, spread, pair, random), level * pair.scale, pair)
    volume = np.floor(20.0 + 180.0 * paths.activity * random.standard_exponential(n)) * (length / (60 * calendar.SECOND))
    stated = {
        "price": price,
        "volatility": volatility,
        "spread_pips": spread_pips,
        "missing": missing,
        "shocks_per_year": shocks_per_year,
    }
    call = ", ".join(f"{name}={value!r}" for name, value in {"n": n, "seed": seed, "start": start, **stated}.items())
    notes = (f"generated: synthetic_bars({pair.name!r}, {timeframe!r}, {call})",)
    faulty = made_faults.apply(faults, time, matrix, np.maximum(np.floor(volume), 1.0), pair=pair, random=random)
    raw = None if faulty.crossed is None else RawQuotes(*faulty.crossed)
    origin = made_by("synthetic", instrument=pair, timeframe=timeframe, n=n, seed=seed, start=start, **stated, **switches)
    said = (*notes, *faulty.notes)
    return Bars.from_points(pair, timeframe, faulty.time, faulty.matrix, faulty.volume, said, raw=raw, origin=origin)


def _instrument(name: str | Instrument) -> Instrument:
    return instrument(name)


def _level(pair: Instrument) -> float:
    base, quote = _USD.get(pair.base), _USD.get(pair.quote)
    if base is not None and quote is not None:
        return base / quote
    raise ParameterError(
        f"synthetic_bars, price: was None; it must be stated for {pair.name}, whose usual level is not known. Pass price=."
    )


def _day(start: str) -> int:
    try:
        day = np.datetime64(start, "ns")
    except ValueError as error:
        raise ParameterError(f"synthetic_bars, start: was {start!r}; it must be a date such as '2015-01-04' (UTC).") from error
    if not np.datetime64("1970-01-01") <= day < np.datetime64("2200-01-01"):
        raise ParameterError(f"synthetic_bars, start: was {start!r}; it must lie in the years 1970 to 2199.")
    return int(day.astype(np.int64))


def _switched(switches: dict[str, Any]) -> made_faults.Faults:
    known = [field.name for field in fields(made_faults.Faults)]
    for name in switches:
        if name not in known:
            raise ParameterError(
                f"synthetic_bars: {name!r} is no switch; it must be one of {', '.join(known)}.{near_miss(name, known)}"
            )
    return made_faults.Faults(**switches)


def _require_effect(faults: made_faults.Faults, timeframe: str, length: int) -> None:
    """Refuse a switch that this time frame cannot show."""
    if faults.utc_days and length <= calendar.HOUR:
        raise ParameterError(f"synthetic_bars, utc_days: {timeframe} bars lie on UTC hours anyway; it needs H2 to W1.")
    if faults.missing_hour and length > calendar.HOUR:
        raise ParameterError(f"synthetic_bars, missing_hour: {timeframe} bars are too long; the switch needs H1 or shorter.")


def _check(n: int, *, missing: float, volatility: float, shocks: float, spread: float | None, price: float | None) -> None:
    required = (
        ("n", n, n >= 1, "at least 1"),
        ("missing", missing, 0 <= missing < 1, "from 0 to below 1"),
        ("volatility", volatility, isfinite(volatility) and volatility >= 0, "0 or more"),
        ("shocks_per_year", shocks, isfinite(shocks) and shocks >= 0, "0 or more"),
        ("spread_pips", spread, spread is None or (isfinite(spread) and spread > 0), "None or above 0"),
        ("price", price, price is None or (isfinite(price) and price > 0), "None or above 0"),
    )
    for name, found, ok, words in required:
        if not ok:
            raise ParameterError(f"synthetic_bars, {name}: was {found!r}; it must be {words}.")
