"""`EmaCross`: two exponential means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lts.errors import ParameterError
from lts.strategies.base import Strategy, go, param, stay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.data.bars import Bars
    from lts.words import Decision, View


class EmaCross(Strategy):
    """Be long while the fast exponential mean of the bid close is above the slow one, short while it is below.

    Trades when the side changes; after a stop or target it is flat until then. Equal means keep the side. An exponential mean never
    quite forgets where it began: `lts.indicators.ema` says how fast.

    Parameters
    ----------
    fast, slow : int
        Bars of the two means (factor 2/(bars + 1)), fast < slow.
    units : float
        Size of a position, base currency.
    stop_pips, target_pips : float
        From each fill price; 0: none.

    Raises
    ------
    ParameterError
        fast >= slow.

    References
    ----------
    Appel, G. (2005), Technical Analysis: Power Tools for Active Investors; the crossing rule as in Brock, W., Lakonishok, J. and
    LeBaron, B. (1992), Journal of Finance 47(5), 1731-1764, with exponential for simple means.
    """

    fast: int = param(12, low=1, high=2_000_000, help="bars of the fast mean")
    slow: int = param(26, low=2, high=2_000_000, help="bars of the slow mean")
    units: float = param(10_000, low=0, help="base currency")
    stop_pips: float = param(20, low=0, help="from the fill price; 0: none")
    target_pips: float = param(30, low=0, help="from the fill price; 0: none")

    class Memory(NamedTuple):
        """The side that was last entered."""

        side: int = 0

    def check(self) -> None:
        """Refuse a fast mean that is not the faster one."""
        if self.fast >= self.slow:
            raise ParameterError(f"{type(self).__name__} fast: was {self.fast} with slow={self.slow}; fast must be below slow.")

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return both means in points, nan while warming up."""
        from lts.sim.indicators import ema

        close = bars.points.bid_close
        return {"fast": ema(close, self.fast), "slow": ema(close, self.slow)}

    def decide(self, view: View) -> Decision:
        """Trade when the side changes."""
        side = view.memory.side
        if view.now.fast > view.now.slow:
            side = 1
        elif view.now.fast < view.now.slow:
            side = -1
        if side == view.memory.side:
            return stay()
        view.memory.side = side
        return go(side * self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
