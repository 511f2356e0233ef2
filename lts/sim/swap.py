"""Swap, also called rollover or overnight financing: what each night pays or costs (the market's phase a).

A night belongs to the first bar that opens at or after its cut-off, 17:00 New York. Positive is received, negative is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lts.calendar import cutoffs, weekdays
from lts.errors import ParameterError
from lts.sim.checks import finite, real
from lts.sim.dated import Rate, as_dated
from lts.sim.sources import ASK_CLOSE, ASK_OPEN, BID_CLOSE, BID_OPEN, Float64, Int64

if TYPE_CHECKING:
    from lts.instruments import Instrument
    from lts.sim.costs import Costs
    from lts.sim.rates import BarsLike, Conversion


@dataclass(frozen=True)
class AnnualSwap:
    """Financing by annual rates on notional, as OANDA does.

    Parameters
    ----------
    long, short : float, mapping, pandas Series or Dated
        Fraction a year (-0.03 = three per cent paid), for each side. Dated: from date (text, date, datetime, ns; without a zone
        UTC) to rate; a rate holds from its date on.
    days : float
        Days in a year: 365 (OANDA) or 360 (MetaTrader).

    Raises
    ------
    ParameterError
        A rate that is not finite, a date stated twice or unreadable.

    Source: OANDA, "financing costs": units x price at 17:00 x rate / 365, in quote currency.
    """

    long: Rate
    short: Rate
    days: float = 365.0

    def __post_init__(self) -> None:
        _normalise(self)
        if (finite(self.days) or 0.0) <= 0:
            raise ParameterError(f"AnnualSwap days: was {self.days!r}; it must be a number above 0, usually 365 or 360.")


@dataclass(frozen=True)
class PointsSwap:
    """Financing in points (ticks) a night and unit, as MetaTrader states it.

    Parameters
    ----------
    long, short : float, mapping, pandas Series or Dated
        Points of the instrument's tick, positive = received. Dated as in `AnnualSwap`.

    Raises
    ------
    ParameterError
        A value that is not finite, a date stated twice or unreadable.

    Source: MetaTrader 5, symbol property SYMBOL_SWAP_MODE_POINTS.
    """

    long: Rate
    short: Rate

    def __post_init__(self) -> None:
        _normalise(self)


def swap_table(costs: Costs, bars: BarsLike, instrument: Instrument, conversion: Conversion) -> tuple[Int64, Float64]:
    """Return what the nights before each bar pay to each open step.

    Flat: money a lot and night. `PointsSwap`: points, at the conversion rate of the bar that books the night. `AnnualSwap`:
    rate / days of the mid at the cut-off (close of the last bar that had ended; before the first close the first bar's open, where
    no trade can be open yet), at the conversion rate known at the cut-off. What is received converts at the gain rate, what is paid
    at the loss rate.

    Parameters
    ----------
    costs : Costs
        Swap and the weights of the nights.
    bars : Bars
        Bars of `instrument`, n rows.
    instrument : Instrument
        Its lot, steps and points.
    conversion : Conversion
        Quote to account currency, for the same bars.

    Returns
    -------
    rows : int64, (m,)
        Bars with nights, ascending; none if there is no swap at all.
    weights : float64, (m, 2)
        Micro of account currency per step for long and for short, over all nights of the bar.

    Raises
    ------
    RatesError
        A night before the first dated rate, or without a conversion rate.
    """
    model = costs.swap_model(instrument)
    empty = np.empty(0, dtype=np.int64), np.empty((0, 2))
    if len(bars.time) == 0 or (model is None and costs.swap_long == 0 and costs.swap_short == 0):
        return empty
    when, weight, row, rows, first = _nights(costs, bars)
    if len(when) == 0:
        return empty
    if model is None:
        steps = instrument.lot * 10.0**instrument.units_precision
        night = np.array([costs.swap_long * 1e6 / steps, costs.swap_short * 1e6 / steps])
        return rows, np.add.reduceat(weight, first)[:, None] * night
    factor = 10.0 ** (6 - instrument.precision - instrument.units_precision)
    if isinstance(model, PointsSwap):
        amount = _stated(model, when, instrument) * factor
        _, gain, loss = conversion.rows(row)
    else:
        mid2 = _doubled_mid(costs, bars, instrument, when)
        amount = _stated(model, when, instrument) / model.days * mid2[:, None] * (0.5 * factor)
        _, gain, loss = conversion.at(when)
    nights = amount * np.where(amount >= 0, gain[:, None], loss[:, None]) * weight[:, None]
    return rows, np.add.reduceat(nights, first, axis=0)


def _nights(costs: Costs, bars: BarsLike) -> tuple[Int64, Float64, Int64, Int64, Int64]:
    """Return the cut-offs that book nights, how many each, their bars, those bars once, and where each bar's cut-offs begin.

    Stamps and weights alone say it, so it is kept with the bars: half a millisecond a million.
    """
    key = f"nights {costs.nights}"
    if key not in bars.kept:
        when = cutoffs(int(bars.time[0]), int(bars.time[-1]))
        weight = np.array(costs.nights, dtype=np.float64)[weekdays(when)]
        when, weight = when[weight > 0], weight[weight > 0]
        row = np.searchsorted(bars.time, when).astype(np.int64)
        bars.kept[key] = (when, weight, row, *np.unique(row, return_index=True))
    found: tuple[Int64, Float64, Int64, Int64, Int64] = bars.kept[key]
    return found


def _stated(model: AnnualSwap | PointsSwap, when: Int64, instrument: Instrument) -> Float64:
    """Return the stated rates (long, short) that hold at each cut-off, (k, 2)."""
    kind = type(model).__name__
    sides = (("long", model.long), ("short", model.short))
    return np.column_stack([as_dated(rate, side).at(when, f"{kind} {side} of {instrument.name}") for side, rate in sides])


def _doubled_mid(costs: Costs, bars: BarsLike, instrument: Instrument, when: Int64) -> Float64:
    """Return bid + ask in points as known at each cut-off, with the spread that the market will have."""
    matrix = bars.points.matrix
    row = np.searchsorted(bars.time + bars.duration, when, side="right") - 1
    bid: Float64 = np.where(row >= 0, matrix[BID_CLOSE][row], matrix[BID_OPEN][0]).astype(np.float64)
    spread = costs.spread_points(instrument)
    if spread is not None:
        return bid + (bid + spread)
    ask: Float64 = np.where(row >= 0, matrix[ASK_CLOSE][row], matrix[ASK_OPEN][0]).astype(np.float64)
    return bid + ask


def _normalise(model: AnnualSwap | PointsSwap) -> None:
    """Check both sides and turn dated rates into `Dated`."""
    for side in ("long", "short"):
        value = getattr(model, side)
        dated = as_dated(value, f"{type(model).__name__} {side}")
        object.__setattr__(model, side, dated if real(value) is None else float(value))
