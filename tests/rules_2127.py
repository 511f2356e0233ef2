"""A universe of 2,127 simple rules, of the families and the size of Qi and Wu's; every rule once, without stops.

Qi, M. and Wu, Y. (2006), Technical trading-rule profitability, data snooping, and reality check: evidence from the foreign exchange
market, Journal of Money, Credit and Banking 38(8), have filters, moving averages, support and resistance, channel breakouts, on
days. These are hours, the parameters are this file's own, and momentum and reversal are added.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

import lts
from lts.strategies import Bollinger, Donchian, EmaCross, Momentum, RsiReversion, SmaCross, param

UNIVERSE = 2_127
SPANS = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 30, 36, 48, 60, 72, 96, 120, 150, 180, 240, 300, 360, 480, 600)  # hours
PLAIN = {"stop_pips": 0.0, "target_pips": 0.0}


class Filter(lts.SignalStrategy):
    """Buy after a rise by `points` from the lowest close since the last turn, sell after such a fall from the highest.

    Alexander, S. S. (1961), Price movements in speculative markets: trends or random walks, Industrial Management Review 2(2).
    """

    points: int = param(50, low=1, help="points of the tick")

    def signals(self, bars: lts.Bars) -> Any:
        """Return the side of the last move that was large enough."""
        return turns(bars.points.bid_close, self.points)


@njit
def turns(close: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, Any]:
    """Return the side of the last move of at least `size`, (n,); 0 before the first."""
    found = np.zeros(len(close), np.int8)
    low = high = close[0]
    side = 0
    for row in range(len(close)):
        low, high = min(low, close[row]), max(high, close[row])
        if side <= 0 and close[row] - low >= size:
            side, high = 1, close[row]
        elif side >= 0 and high - close[row] >= size:
            side, low = -1, close[row]
        found[row] = side
    return found


def universe() -> list[tuple[type[lts.Strategy], list[dict[str, Any]]]]:
    """Return (class, parameter sets) of each family; filters make up the number."""
    pairs = [(fast, slow) for slow in SPANS for fast in (1, *SPANS) if fast < slow]
    families: list[tuple[type[lts.Strategy], list[dict[str, Any]]]] = [
        (SmaCross, [{"fast": fast, "slow": slow} | PLAIN for fast, slow in pairs]),
        (EmaCross, [{"fast": fast, "slow": slow} | PLAIN for fast, slow in pairs]),
        (Momentum, [{"window": window, "hold": hold} for window in SPANS for hold in (1, 2, 4, 6, 8, 12, 24, 48, 72, 120)]),
        (Donchian, [{"entry": entry, "leave": leave} for entry in SPANS for leave in SPANS if leave <= entry]),
        (Bollinger, [{"window": window, "width": width} for window in SPANS[4:] for width in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)]),
        (
            RsiReversion,
            [
                {"window": window, "oversold": 50.0 - away, "overbought": 50.0 + away}
                for window in (2, 3, 5, 7, 9, 14, 21, 28, 42, 56)
                for away in (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0)
            ],
        ),
    ]
    rest = UNIVERSE - sum(len(sets) for _, sets in families)
    return [*families, (Filter, [{"points": 20 + 4 * step} for step in range(rest)])]
