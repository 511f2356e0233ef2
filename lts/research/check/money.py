"""The items about money: what costs, a late decision, the path inside bars and a little noise do to the profit.

They inform. Each warns at a threshold stated beside it; none makes a check fail.
"""

from __future__ import annotations

from functools import partial
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from lts.errors import LtsError
from lts.research.check.found import PASSED, WARNING, Item
from lts.research.check.market import late, money, shaken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lts.research.check.market import Features, Market
    from lts.research.check.plan import Plan

SURVIVES = 0.5  # share of the profit that one bar of delay should leave
AMBIGUOUS = 0.05  # share of trades whose exit the bars do not settle
CUSHION = 1.5  # break-even spread over the spread that was paid
NOISE, STEADY = 0.05, 0.8  # standard deviation in median ranges of a bar, share that must keep the sign


def items(market: Market, features: Sequence[Features], plan: Plan) -> list[Item]:
    """Return the items about money; one that cannot be computed says why."""
    found = []
    for name, look in (("costs", _costs), ("delay", _delay), ("ambiguous_bars", _ambiguous), ("break_even_spread", _break_even),
                       ("noise", partial(_noise, runs=plan.noise))):  # fmt: skip
        if not len(market.result.logs["trades"]["trade"]):
            found.append(Item(name, WARNING, nan, "no trade was closed, so there is nothing to measure"))
            continue
        try:
            found.append(look(market, features))
        except LtsError as error:
            found.append(Item(name, WARNING, nan, f"could not be run: {error}"))
    return found


def _costs(market: Market, features: Sequence[Features]) -> Item:
    """Net profit and Sharpe ratio at half, one and two times the costs; the figure is the profit at two times."""
    half, once, twice = (money(market.at_costs(features, times)) for times in (0.5, 1.0, 2.0))
    said = ", ".join(
        f"{m.profit:,.2f} (Sharpe {_number(m.sharpe)}) at {word}"
        for m, word in ((half, "half"), (once, "one"), (twice, "two times the costs"))
    )
    if once.profit <= 0:
        return Item("costs", WARNING, twice.profit, f"net profit {said}: it loses at the stated costs")
    lost = twice.profit <= 0
    return Item(
        "costs", WARNING if lost else PASSED, twice.profit, f"net profit {said}{': twice the costs take it all' if lost else ''}"
    )


def _delay(market: Market, features: Sequence[Features]) -> Item:
    """The share of the profit that is left when features come one bar later."""
    if not any(features):
        return Item("delay", PASSED, nan, "the strategy has no features that could be late")
    profit = money(market.result).profit
    after = money(market.run([late(f) for f in features])).profit
    said = f"net profit {profit:,.2f}, with features one bar late {after:,.2f}"
    if profit <= 0:
        return Item("delay", PASSED, nan, said)
    share = after / profit
    weak = share < SURVIVES
    return Item(
        "delay",
        WARNING if weak else PASSED,
        share,
        f"{said}: {share:.0%} survives{'; the edge is in the first bar' if weak else ''}",
    )


def _ambiguous(market: Market, features: Sequence[Features]) -> Item:
    """The share of trades with an ambiguous bar, and the profit by the worst and the best path."""
    del features
    result = market.result
    share = float(np.mean(result.logs["trades"]["ambiguous"] != 0))
    worst, best = result.profit_worst, result.profit_best
    paths = f"net profit {worst:,.2f} (worst) to {best:,.2f} (best path)"
    said = f"{share:.1%} of trades met a bar that does not say what came first; {paths}"
    turns = worst <= 0 < best
    bad = share > AMBIGUOUS or turns
    return Item("ambiguous_bars", WARNING if bad else PASSED, share, f"{said}{': the path decides the sign' if turns else ''}")


def _break_even(market: Market, features: Sequence[Features]) -> Item:
    """The mean spread at which nothing is left, in pips."""
    del features
    from lts.research.stats.cost import break_even_spread, mean_spread_pips
    from lts.research.stats.facts import Facts
    from lts.research.stats.value import split

    facts = Facts(market.result)
    numbers, reasons = split({"zero": break_even_spread(facts), "paid": mean_spread_pips(facts)})
    zero, paid = float(numbers["zero"]), float(numbers["paid"])
    if not isfinite(zero):
        return Item("break_even_spread", WARNING, nan, f"none: {reasons.get('zero', 'not defined')}")
    said = f"nothing would be left at a mean spread of {zero:.2f} pips; {paid:.2f} pips were paid"
    if zero <= 0:
        return Item("break_even_spread", WARNING, zero, "it loses even without a spread")
    return Item("break_even_spread", WARNING if zero < CUSHION * paid else PASSED, zero, said)


def _noise(market: Market, features: Sequence[Features], runs: int) -> Item:
    """The share of runs on slightly shaken bars whose net profit has the same sign."""
    del features
    profit = money(market.result).profit
    profits = []
    for seed in range(runs):
        bars = [shaken(b, seed, NOISE) for b in market.bars]
        try:
            profits.append(money(market.run(market.features(bars), bars)).profit)
        except LtsError:
            raise
        except Exception as error:  # noqa: BLE001  (the user's features on bars of ours)
            return Item("noise", WARNING, nan, f"features could not be computed on shaken bars: {type(error).__name__}: {error}")
    same = float(np.mean([(p > 0) == (profit > 0) for p in profits]))
    low, middle, high = np.quantile(profits, (0.0, 0.5, 1.0))
    said = (
        f"{runs} runs on bars moved by {NOISE:.0%} of a usual range: net profit {low:,.2f} to {high:,.2f}, median {middle:,.2f}; "
        f"{same:.0%} have the sign of {profit:,.2f}"
    )
    return Item("noise", PASSED if same >= STEADY else WARNING, same, said)


def _number(value: float) -> str:
    return f"{value:.2f}" if isfinite(value) else "none"
