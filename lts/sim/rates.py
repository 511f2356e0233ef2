"""Rates from an instrument's quote currency to the account's currency, one for every bar.

A rate is the close of the last conversion bar that had *ended* by the moment it is asked for: a bar's open for its events, a bar's
close for its mark. Until its first bar has ended, a source answers with that bar's open, a quote known at its time, so that the
run's own bars can convert its first bar. Nothing else is assumed: a rate that is missing or too old is an error, never 1, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError, RatesError
from lts.sim.checks import real
from lts.sim.sources import MARKUP, BarsLike, Float64, Int64, Leg, RatesSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["BarsLike", "Conversion", "RatesSettings", "conversion"]

# Which of two currencies the market quotes as base: only used to name the pair that a user will find.
BASES = ("XAU", "XAG", "EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF", "JPY")


@dataclass(frozen=True, eq=False)
class Conversion:
    """Account currency per unit of quote currency, for each bar of a run.

    Parameters
    ----------
    mid, gain, loss : float64, (n,) or (1,)
        Known at each bar's open; `gain` for amounts received, `loss` for amounts paid.
    mark : float64, (n,) or (1,)
        Mid known at each bar's close.
    constant : bool
        True: the arrays have one element that holds for every bar.
    legs, settings, purpose
        What the rates were made of; `at` asks it again.
    """

    mid: Float64
    gain: Float64
    loss: Float64
    mark: Float64
    constant: bool
    legs: tuple[Leg, ...] = field(default=(), repr=False)
    settings: RatesSettings = field(default_factory=RatesSettings, repr=False)
    purpose: str = field(default="", repr=False)

    def rows(self, rows: Int64) -> tuple[Float64, Float64, Float64]:
        """Return (mid, gain, loss) that hold for the events of the given bars."""
        at = np.zeros_like(rows) if self.constant else rows
        return self.mid[at], self.gain[at], self.loss[at]

    def at(self, when: Int64) -> tuple[Float64, Float64, Float64]:
        """Return (mid, gain, loss) known at any moments, ns UTC."""
        return _rates(self.legs, when, self.settings, self.purpose)


def conversion(
    bars: BarsLike,
    currency: str,
    rates: RatesSettings | Mapping[str, Any] | None = None,
    mode: str = "mid",
    *,
    markup: float = MARKUP,
    max_age: Any = None,
    extra: Iterable[BarsLike] = (),
) -> Conversion:
    """Return the rates that turn the quote currency of `bars` into the account's currency.

    Looked for in this order: a number for the currency, then bars of the direct pair, then of the inverse pair, first in
    `rates`, next in the run's own bars; else one cross through USD, each leg found the same way.

    Parameters
    ----------
    bars : Bars
        The bars to be converted; they also serve as a source.
    currency : str
        The account's currency.
    rates : RatesSettings, mapping or None
        See `RatesSettings`, which also carries the three settings below.
    mode, markup, max_age
        See `RatesSettings`; only with a mapping or None.
    extra : iterable of Bars
        The other bars of the run (a portfolio). Of two with the same pair the first is used.

    Raises
    ------
    RatesError
        No source, or a rate older than `max_age`; names instrument, time, age and what is required.

    Source: the market's rule Q1; OANDA, "currency conversion" (mid x 0.995 and mid x 1.005).
    """
    if isinstance(rates, RatesSettings):
        if (mode, markup, max_age) != ("mid", MARKUP, None):
            raise ParameterError(
                "conversion: mode, markup or max_age was stated beside a RatesSettings; state it inside the RatesSettings."
            )
        settings = rates
    else:
        settings = RatesSettings(rates or {}, mode, markup, max_age)
    quote, purpose = bars.instrument.quote, bars.instrument.name
    if quote == currency:
        one = np.ones(1)
        return Conversion(one, one, one, one, True, (), settings, purpose)
    legs = _route(quote, currency, settings, [bars, *extra], purpose)
    constant = all(leg.bars is None for leg in legs)
    opens = bars.time[:1] if constant else bars.time
    mid, gain, loss = _rates(legs, opens, settings, purpose)
    mark = mid if constant else _rates(legs, bars.time + bars.duration, settings, purpose)[0]
    return Conversion(mid, gain, loss, mark, constant, legs, settings, purpose)


def _rates(legs: tuple[Leg, ...], when: Int64, settings: RatesSettings, purpose: str) -> tuple[Float64, Float64, Float64]:
    mid = np.ones(len(when))
    bid, ask = mid, mid
    for leg in legs:
        leg_mid, leg_bid, leg_ask = leg.sides(when, settings.max_age, purpose)
        mid, bid, ask = mid * leg_mid, bid * leg_bid, ask * leg_ask
    if settings.mode == "sided":
        return mid, bid, ask
    if settings.mode == "markup" and legs:
        return mid, mid * (1 - settings.markup), mid * (1 + settings.markup)
    return mid, mid, mid


def _route(quote: str, account: str, settings: RatesSettings, own: list[BarsLike], purpose: str) -> tuple[Leg, ...]:
    numbers = {k: float(v) for k, v in settings.sources.items() if real(v) is not None}
    given = {k: v for k, v in settings.sources.items() if k not in numbers}
    ours = {f"{b.instrument.base}_{b.instrument.quote}": b for b in reversed(own)}

    def find(one: str, other: str) -> Leg | None:
        pairs = [(source, name) for source in (given, ours) for name in (f"{one}_{other}", f"{other}_{one}")]
        found = [Leg(source[name], inverse=name.startswith(other)) for source, name in pairs if name in source]
        if other == account and one in numbers:
            if found and found[0].bars in given.values():
                raise RatesError(
                    f"rates: {one} to {account} was given as a number and as bars; it must be given once. Remove one of the two."
                )
            return Leg(number=numbers[one])
        return found[0] if found else None

    direct = find(quote, account)
    if direct is not None:
        return (direct,)
    cross = (find(quote, "USD"), find("USD", account)) if "USD" not in (quote, account) else (None, None)
    if cross[0] is not None and cross[1] is not None:
        return (cross[0], cross[1])
    missing = [_pair(quote, account)] if "USD" in (quote, account) else [_pair(quote, "USD"), _pair("USD", account)]
    wanted = ", ".join(f"{name!r}: bars" for leg, name in zip(cross, missing, strict=False) if leg is None)
    raise RatesError(
        f"{purpose} on an account in {account}: no rate from {quote} to {account} was found; its profits require one. "
        f"Pass rates={{{wanted}}}, or rates={{{quote!r}: number}} with the {account} that one {quote} is worth."
    )


def _pair(one: str, other: str) -> str:
    """Return the pair of two currencies as the market names it."""
    order = {code: place for place, code in enumerate(BASES)}
    base, quote = sorted((one, other), key=lambda code: order.get(code, len(order)))
    return f"{base}_{quote}"
