"""`EmaCross`: two exponential means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError
from lts.strategies.base import SignalStrategy, param

if TYPE_CHECKING:
    from lts.data.bars import Bars


class EmaCross(SignalStrategy):
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

    def check(self) -> None:
        """Refuse a fast mean that is not the faster one."""
        if self.fast >= self.slow:
            raise ParameterError(f"{type(self).__name__} fast: was {self.fast} with slow={self.slow}; fast must be below slow.")

    def signals(self, bars: Bars) -> Any:
        """Return the side of the fast mean; equal means keep the side, and while they warm up it is 0."""
        from lts.sim.indicators import ema
        from lts.sim.indicators.sides import side

        close = bars.points.bid_close
        return side(ema(close, self.fast), ema(close, self.slow))
