"""`Momentum`: the sign of the past return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.strategies.base import Strategy, go, param, stay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.data.bars import Bars
    from lts.words import Decision, View


class Momentum(Strategy):
    """Be long if the bid close is above that of `window` bars ago, short if below; look again every `hold` bars.

    Trades when the side changes; no change keeps the side; after a stop or target it is flat until the side changes.

    Parameters
    ----------
    window : int
        Bars of the past return.
    hold : int
        Bars from one look to the next; the first look is at the first return.
    units : float
        Size of a position, base currency.
    stop_pips, target_pips : float
        From each fill price; 0: none.

    References
    ----------
    Moskowitz, T. J., Ooi, Y. H. and Pedersen, L. H. (2012), Time series momentum, Journal of Financial Economics 104(2), 228-250.
    Theirs are excess returns over twelve months, held for one, sized to equal volatility (`pieces.volatility_units`); the defaults
    here are those times in daily bars, the return is the price's alone, the size is fixed.
    """

    window: int = param(260, low=1, high=2_000_000, help="bars of the past return")
    hold: int = param(21, low=1, help="bars from one look to the next")
    units: float = param(10_000, low=0, help="base currency")
    stop_pips: float = param(0, low=0, help="from the fill price; 0: none")
    target_pips: float = param(0, low=0, help="from the fill price; 0: none")

    class Memory(NamedTuple):
        """The side that was last entered, and the bars until the next look."""

        side: int = 0
        wait: int = 0

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return the change over `window` bars in points, nan while warming up."""
        from lts.sim.indicators import momentum

        return {"change": momentum(bars.points.bid_close, self.window)}

    def decide(self, view: View) -> Decision:
        """Look at the sign when it is time, trade when it changed."""
        change = view.now.change
        if np.isnan(change):
            return stay()
        if view.memory.wait > 0:
            view.memory.wait -= 1
            return stay()
        view.memory.wait = self.hold - 1
        side = 1 if change > 0 else -1
        if change == 0 or side == view.memory.side:
            return stay()
        view.memory.side = side
        return go(side * self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
