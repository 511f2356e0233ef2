"""Results that are hard to draw: nothing, one of something, ruin, no prices that move, many instruments."""

from __future__ import annotations

import lts
from lts.sim.verbs import go
from tests.small import scripted, table

COSTS = lts.Costs(commission_per_lot=7, slippage_pips=0.2, swap_long=-7, swap_short=2)


def bars(n=6_000, pair="GBP_USD", seed=3):
    """Return generated hours."""
    return lts.synthetic_bars(pair, "H1", n=n, seed=seed)


def portfolio():
    """Return a run of one rule on five pairs."""
    sma = lts.strategies.SmaCross(fast=10, slow=50)
    sleeves = {
        name: (sma, bars(2_000, name, seed)) for seed, name in enumerate(("EUR_USD", "GBP_USD", "AUD_USD", "NZD_USD", "USD_CAD"))
    }
    return lts.run_portfolio(sleeves, costs=COSTS)


CASES = {
    "no trades": lambda: lts.run(lts.strategies.Donchian(entry=1_999), bars(2_000), costs=COSTS),
    "one trade": lambda: lts.run(scripted(go(10_000)), bars(200), costs=COSTS),
    "one bar": lambda: lts.run(scripted(go(10_000)), bars()[:1], costs=COSTS),
    "two bars": lambda: lts.run(scripted(go(10_000)), bars()[:2], costs=COSTS),
    "one day": lambda: lts.run(lts.strategies.SmaCross(fast=2, slow=4), bars()[10:22], costs=COSTS),
    "all losses": lambda: lts.run(scripted(*[go(s * 10_000) for s in (1, -1) * 20]), bars(300), costs=lts.Costs(spread_pips=200)),
    "ruin": lambda: lts.run(lts.strategies.SmaCross(units=250_000), bars(), costs=COSTS),
    "no costs": lambda: lts.run(lts.strategies.SmaCross(), bars(2_000), costs=lts.Costs.zero()),
    "flat prices": lambda: lts.run(scripted(go(10_000)), table([[1.1] * 4] * 40), costs=lts.Costs.zero()),
    "open at the end": lambda: lts.run(scripted(go(10_000)), bars(300), costs=COSTS, close_at_end=False),
    "portfolio": portfolio,
}
