"""`SmaCross`: two simple means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError
from lts.strategies.base import SignalStrategy, param

if TYPE_CHECKING:
    from lts.data.bars import Bars


class SmaCross(SignalStrategy):
    """Be long while the fast mean of the bid close is above the slow one, short while it is below.

    Always in the market from the first unequal means on, unless a stop or target took it out: then flat until the side changes.
    Equal means keep the side.

    Parameters
    ----------
    fast, slow : int
        Bars of the two means, fast < slow.
    units : float
        Size of a position, base currency.
    stop_pips, target_pips : float
        From each fill price; 0: none.

    Notes
    -----
    Equality is exact: sums of whole points are compared in int64 (`sma_side`).

    References
    ----------
    Brock, W., Lakonishok, J. and LeBaron, B. (1992), Simple technical trading rules and the stochastic properties of stock
    returns, Journal of Finance 47(5), 1731-1764: the variable-length moving average without a band.
    """

    fast: int = param(20, low=1, high=2_000_000, help="bars of the fast mean")
    slow: int = param(100, low=2, high=2_000_000, help="bars of the slow mean")
    units: float = param(10_000, low=0, help="base currency")
    stop_pips: float = param(20, low=0, help="from the fill price; 0: none")
    target_pips: float = param(30, low=0, help="from the fill price; 0: none")

    def check(self) -> None:
        """Refuse a fast mean that is not the faster one."""
        if self.fast >= self.slow:
            raise ParameterError(f"{type(self).__name__} fast: was {self.fast} with slow={self.slow}; fast must be below slow.")

    def signals(self, bars: Bars) -> Any:
        """Return the side of the fast mean; equal means keep the side, and while they warm up it is 0."""
        from lts.sim.indicators.sides import sma_side

        return sma_side(bars.points.bid_close, self.fast, self.slow)
