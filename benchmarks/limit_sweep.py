"""The yardstick of a sweep: rule A by hand, one set after the other, with nothing but what the money statistics need."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from benchmarks import grids
from benchmarks import workload as w
from benchmarks.limit import CASH, COMMISSION, MARGIN, POINT_MONEY, SLIP, STAYS, closing, leaving, means, opening, swap
from benchmarks.task import Outcome, Task


def one_by_one(data: w.Data, sets: int) -> Task:
    """Signals once a pair, then a loop over the bars for each of its exits."""
    booked, sides, rows = w.nights(data.time), np.empty(data.n, np.int8), (*data.bid, data.spread)
    chosen = grids.some(sets)

    def run() -> Outcome:
        total, trades, known = 0.0, 0, (0, 0)
        for fast, slow, target, stop in chosen:
            if (fast, slow) != known:
                means(data.bid[3], fast, slow, sides)
                known = fast, slow
            final, count, _ = loop(*rows, booked, sides, round(stop * w.POINTS_PER_PIP), round(target * w.POINTS_PER_PIP))
            total, trades = total + final, trades + count
        return Outcome(trades, total / sets)

    return Task(run)


@njit(cache=True, error_model="numpy")
def loop(
    first: Any, high: Any, low: Any, close: Any, spread: Any, nights: Any, sides: Any, stop: int, target: int
) -> tuple[float, int, float]:
    """Return final equity, trades and the deepest drawdown at the closes: `limit.loop_a` with its exits as arguments, no curve."""
    side, last_side, wanted, entry, trades = 0, 0, 0, 0, 0
    balance = worth = peak = CASH
    deepest = 0.0
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
        worth = balance
        if side != 0:
            worst, best = (low[i], high[i]) if side > 0 else (high[i], low[i])
            end, start = closing(side, close[i], spread[i]), closing(side, first[i], spread[i])
            fill = leaving(entry, start, closing(side, worst, spread[i]), closing(side, best, spread[i]), stop, target)
            worth = balance + (end - entry) * POINT_MONEY
            if fill == STAYS and worth <= MARGIN * close[i]:
                fill = end - SLIP
            if fill != STAYS:
                balance += (fill - entry) * POINT_MONEY - COMMISSION
                trades += 1
                side, worth = 0, balance
        peak = max(peak, worth)
        deepest = max(deepest, peak - worth)
        if sides[i] != last_side:
            last_side = wanted = sides[i]
    if side != 0:  # closed at the last close: the mark, less commission
        worth, trades = worth - COMMISSION, trades + 1
    return worth, trades, deepest
