"""`RsiReversion`: back from oversold and overbought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError
from lts.strategies.base import Strategy, go, param, stay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.data.bars import Bars
    from lts.words import Decision, View


class RsiReversion(Strategy):
    """Buy where the RSI of the bid close comes back from oversold, sell where it comes back from overbought, leave at the middle.

    Waiting for the way back keeps out of a move that is still running. A bar that jumps over the middle at once does not enter.
    After a stop or target the RSI must go out and come back again.

    Parameters
    ----------
    window : int
        Bars of Wilder's means.
    oversold, middle, overbought : float
        Levels of the RSI, 0 to 100, in this order.
    units : float
        Size of a position, base currency.
    stop_pips, target_pips : float
        From each fill price; 0: none.

    Raises
    ------
    ParameterError
        Levels that do not rise.

    References
    ----------
    Wilder, J. W. (1978), New Concepts in Technical Trading Systems, chapter VI: the index, 14 bars, 30 and 70.
    """

    window: int = param(14, low=1, high=2_000_000, help="bars of Wilder's means")
    oversold: float = param(30, low=0, high=100, help="RSI whose crossing from below buys")
    overbought: float = param(70, low=0, high=100, help="RSI whose crossing from above sells")
    middle: float = param(50, low=0, high=100, help="RSI at which a position closes")
    units: float = param(10_000, low=0, help="base currency")
    stop_pips: float = param(0, low=0, help="from the fill price; 0: none")
    target_pips: float = param(0, low=0, help="from the fill price; 0: none")

    def check(self) -> None:
        """Refuse levels in another order."""
        if not self.oversold < self.middle < self.overbought:
            found = f"oversold={self.oversold:g}, middle={self.middle:g}, overbought={self.overbought:g}"
            raise ParameterError(f"{type(self).__name__} levels: were {found}; they must rise in this order.")

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return the RSI, 0 to 100, nan while warming up."""
        from lts.sim.indicators import rsi

        return {"rsi": rsi(bars.points.bid_close, self.window)}

    def decide(self, view: View) -> Decision:
        """Enter on the way back from a level, leave at the middle."""
        before, now, units = view.prev.rsi, view.now.rsi, view.position.units
        if before < self.oversold <= now < self.middle and units <= 0:
            return go(self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
        if before > self.overbought >= now > self.middle and units >= 0:
            return go(-self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
        if (units > 0 and now >= self.middle) or (units < 0 and now <= self.middle):
            return go(0.0)
        return stay()
