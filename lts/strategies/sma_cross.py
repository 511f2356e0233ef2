"""`SmaCross`: two simple means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lts.errors import ParameterError
from lts.strategies.base import Strategy, go, param, stay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.data.bars import Bars
    from lts.words import Decision, View


class SmaCross(Strategy):
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
    Equality is exact. `sma` sums whole points in int64 and rounds once, which never turns an order around; different means are at
    least 1/(fast x slow) apart, numbers that round to one float at most points x 2**-52. So equal floats are equal means as long as
    points x fast x slow < 2**52 (EUR_USD: fast x slow < 2e10); `features` refuses more with a ParameterError.

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

    class Memory(NamedTuple):
        """The side that was last entered."""

        side: int = 0

    def check(self) -> None:
        """Refuse a fast mean that is not the faster one."""
        if self.fast >= self.slow:
            raise ParameterError(f"{type(self).__name__} fast: was {self.fast} with slow={self.slow}; fast must be below slow.")

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return both means in points, nan while warming up."""
        from lts.sim.indicators import sma

        close = bars.points.bid_close
        most = int(close.max(initial=0))
        if most * self.fast * self.slow >= 2**52:
            raise ParameterError(f"{self!r}: has windows too long to compare means of {most} points exactly. Shorten them.")
        return {"fast": sma(close, self.fast), "slow": sma(close, self.slow)}

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
