"""`Donchian`: breakouts of a channel of highs and lows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError
from lts.strategies.base import Strategy, go, param, stay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.data.bars import Bars
    from lts.words import Decision, View


class Donchian(Strategy):
    """Enter where the bid close breaks out of the channel of the bars before it, leave through a narrower channel.

    Long above the highest bid high, short below the lowest bid low; a close at the line itself is no breakout. With leave = entry
    it is the four-week rule, which turns round at each opposite breakout. After a stop or target the next breakout enters again, on
    either side.

    Parameters
    ----------
    entry, leave : int
        Bars of the two channels, leave <= entry.
    units : float
        Size of a position, base currency.
    stop_pips, target_pips : float
        From each fill price; 0: none.

    Raises
    ------
    ParameterError
        leave > entry.

    References
    ----------
    Donchian, R. D. (1960), High finance in copper, Financial Analysts Journal 16(6), 133-142, gives the rule its name; 20 bars in
    and 10 out are system 1 of Faith, C. M. (2007), Way of the Turtle.
    """

    entry: int = param(20, low=1, high=2_000_000, help="bars of the channel whose breakout enters")
    leave: int = param(10, low=1, high=2_000_000, help="bars of the channel whose breakout leaves")
    units: float = param(10_000, low=0, help="base currency")
    stop_pips: float = param(0, low=0, help="from the fill price; 0: none")
    target_pips: float = param(0, low=0, help="from the fill price; 0: none")

    def check(self) -> None:
        """Refuse a wider channel for leaving than for entering."""
        if self.leave > self.entry:
            raise ParameterError(
                f"{type(self).__name__} leave: was {self.leave} with entry={self.entry}; it must not be above entry."
            )

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return both channels, each with its own bar in it, as prices."""
        from lts.sim.indicators import donchian

        outer = donchian(bars.bid_high, bars.bid_low, self.entry)
        inner = donchian(bars.bid_high, bars.bid_low, self.leave)
        return {"upper": outer.upper, "lower": outer.lower, "leave_upper": inner.upper, "leave_lower": inner.lower}

    def decide(self, view: View) -> Decision:
        """Compare this close with the channels as they stood one bar before."""
        close, units = view.now.bid_close, view.position.units
        if close > view.prev.upper and units <= 0:
            return go(self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
        if close < view.prev.lower and units >= 0:
            return go(-self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
        if (units > 0 and close < view.prev.leave_lower) or (units < 0 and close > view.prev.leave_upper):
            return go(0.0)
        return stay()
