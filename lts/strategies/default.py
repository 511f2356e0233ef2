"""`DefaultStrategy`: buys and sells by turns, to try the machinery out; the plug-in `default_strategy`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError
from lts.strategies.base import Strategy, go, param, stay
from lts.strategies.pieces import lot_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.data.bars import Bars
    from lts.words import Decision, View


class DefaultStrategy(Strategy):
    """Whenever flat, enter on the other side than last time, a buy first; stop loss and take profit end each position.

    It has no view of the market and loses its costs. It trades at the bars' prices and counts pips of the instrument.

    Parameters
    ----------
    position_size : float
        Lots of the instrument (0.02 = 2,000 units of EUR_USD), as the simulation broker counts volume. Not a share of the balance.
    stop_loss_pips, take_profit_pips : float
        From each fill price; 0: none, but not both, or the first position would never end.

    Raises
    ------
    ParameterError
        Neither stop nor target.

    Notes
    -----
    An entry that the market refused also counts as a turn.
    """

    position_size: float = param(0.02, low=0, help="lots")
    stop_loss_pips: float = param(80, low=0, help="from the fill price; 0: none")
    take_profit_pips: float = param(100, low=0, help="from the fill price; 0: none")

    class Memory(NamedTuple):
        """The side of the last entry; the first is a buy."""

        side: int = -1

    def check(self) -> None:
        """Refuse a position that nothing would end."""
        if self.stop_loss_pips == 0 and self.take_profit_pips == 0:
            raise ParameterError(f"{type(self).__name__} stop_loss_pips, take_profit_pips: were both 0; one must end the position.")

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return the instrument's lot in units, the same at every bar."""
        return {"lot": np.full(len(bars), bars.instrument.lot)}

    def decide(self, view: View) -> Decision:
        """Take the other side when flat."""
        if view.position.units != 0:
            return stay()
        view.memory.side = -view.memory.side
        units = view.memory.side * lot_units(self.position_size, view.now.lot)
        return go(units, stop_pips=self.stop_loss_pips, target_pips=self.take_profit_pips)
