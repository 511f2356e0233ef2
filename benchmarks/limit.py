"""The yardstick: rules A and C written by hand as one numba loop each, with nothing but what the rule needs.

Prices are whole points, as in LTS. A position is looked at in signed points (side x price), so long and short are one piece of
code. No orders, no logs of fills and trades, no counts of ambiguous bars, no choice of anything: what LTS costs above this is
their price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from benchmarks import workload as w
from benchmarks.task import Outcome, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

CASH, COMMISSION, SWAP_LONG, SWAP_SHORT = w.CASH, w.COMMISSION, w.SWAP_LONG, w.SWAP_SHORT
POINT_MONEY = w.UNITS * w.POINT  # USD a point
MARGIN = w.CLOSEOUT / w.LEVERAGE * w.UNITS * w.POINT  # USD of equity below which all is closed, per point of price
SLIP = round(w.SLIPPAGE_PIPS * w.POINTS_PER_PIP)
STOP, TARGET, TRAIL = (round(pips * w.POINTS_PER_PIP) for pips in (w.STOP_PIPS, w.TARGET_PIPS, w.TRAIL_PIPS))
STAYS, LEAVE = -(2**62), 2
FAST, SLOW, MOST_BARS = w.FAST, w.SLOW, w.MOST_BARS


def reversal(data: w.Data) -> Task:
    """Rule A: signals and simulation."""
    return _task(loop_a, data)


def trailing(data: w.Data) -> Task:
    """Rule C: signals and simulation."""
    return _task(loop_c, data)


def _task(loop: Any, data: w.Data) -> Task:
    booked = w.nights(data.time)
    equity, sides = np.empty(data.n), np.empty(data.n, np.int8)
    rows = *data.bid, data.spread

    def run() -> Outcome:
        means(data.bid[3], FAST, SLOW, sides)
        final, trades, *_ = loop(*rows, booked, sides, equity)
        return Outcome(int(trades), float(final))

    return Task(run)


@njit(cache=True, error_model="numpy")
def means(close: NDArray[np.int32], fast_bars: int, slow_bars: int, sides: NDArray[np.int8]) -> None:
    """Write the side at each close: the sign of fast mean minus slow mean; equal means keep it; 0 while warming up."""
    fast, slow, side = np.int64(0), np.int64(0), 0
    for i in range(len(close)):
        fast += close[i]
        slow += close[i]
        if i >= fast_bars:
            fast -= close[i - fast_bars]
        if i >= slow_bars:
            slow -= close[i - slow_bars]
        if i >= slow_bars - 1:
            apart = fast * slow_bars - slow * fast_bars
            side = 1 if apart > 0 else (-1 if apart < 0 else side)
        sides[i] = side


@njit(cache=True, error_model="numpy")
def swap(side: int, night: int) -> float:
    """Return what the nights bring, USD."""
    return night * (SWAP_LONG if side > 0 else SWAP_SHORT)


@njit(cache=True, error_model="numpy")
def opening(side: int, price: int, spread: int) -> int:
    """Return the signed points of a market entry: long at ask, short at bid, slipped."""
    return (price + spread if side > 0 else -price) + SLIP


@njit(cache=True, error_model="numpy")
def closing(side: int, price: int, spread: int) -> int:
    """Return a bid price in signed points of the side on which the position closes: long at bid, short at ask."""
    return price if side > 0 else -(price + spread)


@njit(cache=True, error_model="numpy")
def leaving(entry: int, start: int, worst: int, best: int, stop: int, target: int) -> int:
    """Return the signed points at which stop or target fill in this bar, else `STAYS`."""
    if worst <= entry - stop:
        return min(entry - stop, start) - SLIP
    if best >= entry + target:
        return max(entry + target, start)
    return STAYS


@njit(cache=True, error_model="numpy")
def loop_a(
    first: Any, high: Any, low: Any, close: Any, spread: Any, nights: Any, sides: Any, equity: Any
) -> tuple[float, int, float, float, float]:
    """Return final equity, trades, deepest drawdown, and sum and sum of squares of the changes of equity; write equity."""
    side, last_side, wanted, entry, trades = 0, 0, 0, 0, 0
    balance = worth = peak = CASH
    deepest = total = squares = 0.0
    for i in range(len(first)):
        if side != 0 and nights[i] != 0:
            balance += swap(side, nights[i])
        if wanted != 0:
            if side != 0:
                balance += (closing(side, first[i], spread[i]) - SLIP - entry) * POINT_MONEY - COMMISSION
                trades += 1
            side, wanted = wanted, 0
            entry = opening(side, first[i], spread[i])
            balance -= COMMISSION
        now = balance
        if side != 0:
            worst, best = (low[i], high[i]) if side > 0 else (high[i], low[i])
            end = closing(side, close[i], spread[i])
            start = closing(side, first[i], spread[i])
            fill = leaving(entry, start, closing(side, worst, spread[i]), closing(side, best, spread[i]), STOP, TARGET)
            now = balance + (end - entry) * POINT_MONEY
            if fill == STAYS and now <= MARGIN * close[i]:
                fill = end - SLIP
            if fill != STAYS:
                balance += (fill - entry) * POINT_MONEY - COMMISSION
                trades += 1
                side, now = 0, balance
        change = now - worth
        total += change
        squares += change * change
        worth = now
        peak = max(peak, worth)
        deepest = max(deepest, peak - worth)
        equity[i] = worth
        if sides[i] != last_side:
            last_side = wanted = sides[i]
    if side != 0:  # closed at the last close: the mark, less commission
        worth, trades = worth - COMMISSION, trades + 1
    return worth, trades, deepest, total, squares


@njit(cache=True, error_model="numpy")
def loop_c(
    first: Any, _high: Any, _low: Any, close: Any, spread: Any, nights: Any, sides: Any, equity: Any
) -> tuple[float, int, float, float, float]:
    """Return as `loop_a`."""
    side, last_side, wanted, entry, best, held, trades = 0, 0, 0, 0, 0, 0, 0
    balance = worth = peak = CASH
    deepest = total = squares = 0.0
    for i in range(len(first)):
        if side != 0 and nights[i] != 0:
            balance += swap(side, nights[i])
        if wanted == LEAVE:
            balance += (closing(side, first[i], spread[i]) - SLIP - entry) * POINT_MONEY - COMMISSION
            trades += 1
            side = 0
        elif wanted != 0:
            side = wanted
            entry = opening(side, first[i], spread[i])
            balance -= COMMISSION
        wanted, now = 0, balance
        if side != 0:
            now = balance + (closing(side, close[i], spread[i]) - entry) * POINT_MONEY
            held += 1
            best = max(best, side * close[i])
            if side * close[i] <= best - TRAIL or held >= MOST_BARS:
                wanted = LEAVE
        elif sides[i] != last_side and last_side != 0:
            wanted, best, held = sides[i], sides[i] * close[i], 0
        last_side = sides[i]
        change = now - worth
        total += change
        squares += change * change
        worth = now
        peak = max(peak, worth)
        deepest = max(deepest, peak - worth)
        equity[i] = worth
    if side != 0:  # closed at the last close: the mark, less commission
        worth, trades = worth - COMMISSION, trades + 1
    return worth, trades, deepest, total, squares
