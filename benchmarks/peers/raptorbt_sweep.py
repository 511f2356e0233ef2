"""raptorbt, rule A over many sets: its batch of arrays, a long and a short half for each set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import raptorbt

from benchmarks import grids
from benchmarks import workload as w
from benchmarks.peers.raptorbt import SHARE, settings
from benchmarks.task import Outcome, Task

if TYPE_CHECKING:
    from benchmarks.grids import Set

AT_ONCE = 20  # sets a batch: each item keeps its arrays and each result its curves, so small batches are the faster ones


def batch(data: w.Data, sets: int) -> Task:
    """Batches of sets; the cores are those that the process was given."""
    chosen, volume, size = grids.some(sets), np.ones(data.n), np.full(data.n, SHARE)

    def run() -> Outcome:
        close, signals = data.prices[3], {}
        means = {window: raptorbt.sma(close, window) for window in {window for one in chosen for window in one[:2]}}
        trades, profit = 0, 0.0
        for start in range(0, sets, AT_ONCE):
            some = chosen[start : start + AT_ONCE]
            for pair in {one[:2] for one in some} - signals.keys():
                signals[pair] = w.crossings(*(means[window] for window in pair))
            items = [item for one in some for item in _halves(one, signals[one[:2]], size)]
            for _, half in raptorbt.batch_single_backtest(data.time, *data.prices, volume, items):
                trades += half.metrics.total_trades
                profit += half.metrics.expectancy * half.metrics.total_closed_trades
        return Outcome(trades, w.CASH + profit / sets)

    return Task(run)


def _halves(one: Set, signals: Any, size: Any) -> list[Any]:
    """Return the long and the short half of a set."""
    up, down = signals
    given = 1.0, "EURUSD", settings(one.stop, one.target), size
    return [raptorbt.BatchSingleItem("long", up, down, 1, *given), raptorbt.BatchSingleItem("short", down, up, -1, *given)]
