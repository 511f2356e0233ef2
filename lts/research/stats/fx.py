"""FX: pips, what was paid for them, nights of swap, margin, and what the broker refused or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts import calendar
from lts.research.stats.cost import mean_spread_pips, pip_of_spread
from lts.research.stats.definition import define
from lts.research.stats.margin import margin, worth
from lts.research.stats.value import NO_TRADE, Value, over, when
from lts.words import MICRO, Reason, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.facts import Facts

DEFINITIONS = define(
    "fx",
    "every closed trade; margin at every bar close, at mid",
    """
pips | pips won, a unit for a unit, before commission, swap and conversion | pips | sum((exit - entry) * side / pip)
mean_pips | mean pips of a closed trade | pips | mean of the same
mean_spread_pips | mean spread that closed trades paid, half at each of their two fills | pips | spread_cost / (what one pip of
    spread costs over them), of closed trades
mean_slippage_pips | mean slippage of a fill, fills without any included | pips | slippage_cost / (what one pip at each fill
    costs), of closed trades
swap_nights | nights over which a trade was open, as swap counts them: Wednesday three, no matter how many trades | nights |
    weights of the 17:00 New York cut-offs with a trade open before and after
max_margin_used | most margin in use at a close | account currency | max(units * mid * margin rate * conversion), hedged units
    once, the larger side
min_margin_level | lowest equity over margin used at a close with a trade open; the broker closes all at the account's closeout,
    0.5 unless stated | ratio | min(equity / margin_used)
max_exposure | most that open units were worth at a close | account currency | max(units * mid * conversion), hedged units once,
    the larger side
max_leverage | most exposure over equity at a close | ratio | max(exposure / equity)
margin_closeouts | how often the broker closed everything | count | closes at NAV <= closeout * margin used
refused_orders | orders that the market refused, for any reason; result.orders says why each | count | rows with status REFUSED
refused_for_margin | orders refused because free margin did not suffice | count | rows with reason INSUFFICIENT_MARGIN
""",
)
_FLAT = "no close had a trade open"


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    orders, pips = facts.result.logs["orders"], trade_pips(facts)
    slippage = float(facts.closed["slippage_cost"].sum()) / MICRO
    return {
        "pips": when(len(pips), NO_TRADE, pips.sum),
        "mean_pips": when(len(pips), NO_TRADE, pips.mean),
        "mean_spread_pips": mean_spread_pips(facts),
        "mean_slippage_pips": over(slippage, 2 * pip_of_spread(facts), NO_TRADE),
        "swap_nights": swap_nights(facts),
        **at_closes(facts),
        "margin_closeouts": facts.result.counts["margin_closeouts"],
        "refused_orders": int((orders["status"] == Status.REFUSED).sum()),
        "refused_for_margin": int((orders["reason"] == Reason.INSUFFICIENT_MARGIN).sum()),
    }


def trade_pips(facts: Facts) -> NDArray[np.float64]:
    """Return the pips of each closed trade, (c,), per unit."""
    log = facts.closed
    per_pip = np.asarray(facts.result.setup.instruments.per_pip)[log["instrument"]]
    return np.asarray((log["exit_price"] - log["entry_price"]) * np.sign(log["steps"]) / per_pip)


def swap_nights(facts: Facts) -> int:
    """Return the nights over which any trade was open."""
    cuts = calendar.cutoffs(facts.first, int(facts.stamps[-1]))
    weights = np.asarray(facts.result.setup.options.costs.nights)[calendar.weekdays(cuts)]
    booked = np.append(0, np.cumsum(weights))
    start, _, held = facts.held
    until_fill = booked[np.searchsorted(cuts, facts.stamps[start], side="right")]
    return int((np.diff(until_fill, append=booked[-1]) * held).sum())


def at_closes(facts: Facts) -> dict[str, Value]:
    """Return the extremes of margin and exposure."""
    used, shares = margin(facts), facts.result.setup.instruments.margin
    exposure = used if len(set(shares)) == 1 else worth(facts, [1.0] * len(shares))
    unit = shares[0] if exposure is used else 1.0  # with one margin rate for all, exposure is margin over it
    most = float(exposure.max()) / unit
    found: dict[str, Value] = {"max_margin_used": float(used.max()), "max_exposure": most}
    if most == 0:
        return found | {"min_margin_level": _FLAT, "max_leverage": 0.0}
    thin = _thinnest(facts.equity, exposure)
    leverage = over(float(exposure[thin]) / unit, float(facts.equity[thin]), "equity was at or below zero with a trade open")
    thin = thin if exposure is used else _thinnest(facts.equity, used)
    return found | {"min_margin_level": float(facts.equity[thin] / used[thin]), "max_leverage": leverage}


def _thinnest(equity: NDArray[np.float64], load: NDArray[np.float64]) -> int:
    """Return the close at which equity / load was lowest, of those that carry any."""
    if equity.min() > 0:
        return int(np.argmax(load / equity))
    loaded = np.flatnonzero(load)
    return int(loaded[np.argmin(equity[loaded] / load[loaded])])
