"""Margin used at each close, from the fills alone, to the very number that the market itself would show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.stats.facts import Facts
from lts.research.stats.money import mid2
from lts.sim.layout import X_MARK
from lts.words import MICRO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lts.research.result import Result


def margin_used(result: Result) -> NDArray[np.float64]:
    """Return margin used at each close, (n,), account currency.

    Open units x mid close x margin rate x mid conversion, hedged units once, the larger side; at the last close after what was
    open has been closed there. Equal to `Funds.margin_used` of the market, to the micro. Source: the market's rule 13.
    """
    return margin(Facts(result))


def margin(facts: Facts) -> NDArray[np.float64]:
    """Return margin used at each close, (n,), account currency."""
    return worth(facts, facts.result.setup.instruments.margin)


def worth(facts: Facts, shares: Sequence[float]) -> NDArray[np.float64]:
    """Return a share, one an instrument, of what is held at each close, (n,), account currency."""
    setup, first = facts.result.setup, 0
    micro: Any = 0.0
    for k, bars in enumerate(setup.bars):
        rows: Any = slice(setup.start, None)
        if len(setup.bars) > 1:  # the latest bar at each stamp; before the first there is nothing to be worth anything
            rows = np.maximum(np.searchsorted(bars.time, facts.stamps, side="right") - 1, 0)
        mine = slice(first, first + len(bars))
        rates = setup.tape.rates[X_MARK]
        rate: Any = setup.instruments.factor[k] * (rates[0] if facts.constant_rates else rates[mine][rows])
        doubled = larger_side(facts, k)
        doubled *= mid2(setup.tape.bars[:, mine], rows)  # in place: eight new megabytes cost more than the product
        value = doubled * (0.5 * rate * shares[k])
        micro = np.add(np.rint(value, out=value), micro, out=value)
        first += len(bars)
    micro /= MICRO
    return np.asarray(micro)


def larger_side(facts: Facts, k: int) -> NDArray[np.int64]:
    """Return the open steps of instrument `k` at each close, (n,): long or short, the larger."""
    mine = facts.fills["instrument"] == k
    steps, opens = facts.fills["steps"][mine], facts.opens[mine]
    of_long = (steps > 0) == opens  # a buy opens a long or closes a short
    long, short = np.cumsum(np.where(of_long, steps, 0)), -np.cumsum(np.where(of_long, 0, steps))
    changes = np.concatenate([[0], facts.fill_close[mine], [len(facts.stamps)]])
    return np.repeat(np.append(0, np.maximum(long, short)), np.diff(changes))
