"""Cost: what each cost took, and how much spread the strategy can bear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.research.stats.definition import define
from lts.research.stats.value import NO_TRADE, Value, over
from lts.sim.layout import X_MID
from lts.words import MICRO

if TYPE_CHECKING:
    from lts.research.stats.facts import Facts

DEFINITIONS = define(
    "cost",
    "every fill",
    """
price_profit | what prices alone did, mid to mid, before any cost | account currency | profit + spread_cost + slippage_cost,
    before commission, swap, conversion
spread_cost | half the spread at each fill | account currency, positive = paid | units * (ask - bid) / 2, at the open if filled
    there, else at the close
slippage_cost | what takers lost beside the spread | account currency, positive = paid | units * slippage
commission | fees | account currency, positive = paid | half of commission_per_lot at each fill, per million, or a fraction of
    notional
swap | overnight financing at 17:00 New York | account currency, positive = received | rate of the side * nights
conversion_cost | what converting profit to the account currency took beside the mid rate | account currency, positive = paid |
    profit at mid - profit at the rate used
total_cost | all costs together | account currency, positive = paid | spread_cost + slippage_cost + commission - swap +
    conversion_cost
cost_share | costs as a share of what winners won before costs | fraction | total_cost / sum of the trades' price_profit > 0
turnover | how often a year the account's worth was bought or sold | times a year | sum of the fills' notional at mid rates /
    mean equity / years
break_even_spread | the mean spread at which net profit would be zero, the same trades at the same mids and all other costs as
    they were: wider, and this strategy loses | pips, negative = it loses even without a spread | mean_spread_pips + net profit
    of closed trades / (what one pip of spread costs over them)
""",
)


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    took = taken(facts)
    total = took["spread_cost"] + took["slippage_cost"] + took["commission"] - took["swap"] + took["conversion_cost"]
    price_profit = facts.closed["price_profit"]
    won = float(price_profit[price_profit > 0].sum()) / MICRO
    return {
        **took,
        "total_cost": total,
        "cost_share": over(total, won, "no trade won before costs") if len(price_profit) else NO_TRADE,
        "turnover": turnover(facts),
        "break_even_spread": break_even_spread(facts),
    }


def taken(facts: Facts) -> dict[str, float]:
    """Return the six totals of the market's own books."""
    return {name: total / MICRO for name, total in facts.result.totals.items()}


def turnover(facts: Facts) -> Value:
    """Return notional bought and sold a year, over mean equity."""
    log = facts.fills
    notional = np.abs(log["steps"]) * log["price"] * facts.rate(X_MID, log["instrument"], log["row"]) / MICRO
    mean = float(facts.result.equity_micro.mean()) / MICRO
    return over(float(notional.sum()) / facts.years, mean, "mean equity is not above zero")


def pip_of_spread(facts: Facts) -> float:
    """Return what one pip of spread costs over all closed trades: half at each of two fills, at the exit's rate."""
    log = facts.closed
    per_pip = np.asarray(facts.result.setup.instruments.per_pip)[log["instrument"]]
    rate = facts.rate(X_MID, log["instrument"], log["exit_row"])
    return float((np.abs(log["steps"]) * per_pip * rate).sum()) / MICRO


def mean_spread_pips(facts: Facts) -> Value:
    """Return the mean spread that closed trades paid, weighted by what a pip was worth to each."""
    return over(float(facts.closed["spread_cost"].sum()) / MICRO, pip_of_spread(facts), NO_TRADE)


def break_even_spread(facts: Facts) -> Value:
    """Return the mean spread at which the closed trades' net profit is zero."""
    before_spread = float((facts.closed["profit"] + facts.closed["spread_cost"]).sum()) / MICRO
    return over(before_spread, pip_of_spread(facts), NO_TRADE)
