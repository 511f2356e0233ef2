"""`Bollinger`: back to the mean from outside the bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.strategies.base import Strategy, go, param, stay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.data.bars import Bars
    from lts.words import Decision, View


class Bollinger(Strategy):
    """Buy where the bid close falls out of the lower band, sell where it rises out of the upper one, leave at the mean.

    Only the step out of the band enters: after a stop or target the close must come back inside and leave again. The opposite
    band turns the position round.

    Parameters
    ----------
    window : int
        Bars of mean and deviation.
    width : float
        Population standard deviations between mean and band, above 0.
    units : float
        Size of a position, base currency.
    stop_pips, target_pips : float
        From each fill price; 0: none.

    References
    ----------
    Bollinger, J. (2001), Bollinger on Bollinger Bands, McGraw-Hill: the bands. He asks for confirmation by another indicator; this
    rule has none.
    """

    window: int = param(20, low=2, high=2_000_000, help="bars of mean and deviation")
    width: float = param(2.0, low=0.01, help="standard deviations")
    units: float = param(10_000, low=0, help="base currency")
    stop_pips: float = param(0, low=0, help="from the fill price; 0: none")
    target_pips: float = param(0, low=0, help="from the fill price; 0: none")

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return the bands as prices; their sums are of whole points, hence exact."""
        from lts.sim.indicators import bollinger

        made, scale = bollinger(bars.points.bid_close, self.window, self.width), bars.instrument.scale
        return {"middle": made.middle / scale, "upper": made.upper / scale, "lower": made.lower / scale}

    def decide(self, view: View) -> Decision:
        """Enter on the step out of a band, leave at the mean."""
        close, before, units = view.now.bid_close, view.prev.bid_close, view.position.units
        if close < view.now.lower and before >= view.prev.lower and units <= 0:
            return go(self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
        if close > view.now.upper and before <= view.prev.upper and units >= 0:
            return go(-self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
        if (units > 0 and close >= view.now.middle) or (units < 0 and close <= view.now.middle):
            return go(0.0)
        return stay()
