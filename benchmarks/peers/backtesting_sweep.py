"""backtesting.py, rule A over many sets: `optimize`, which shares the sets out to as many processes as the machine has cores."""

from __future__ import annotations

from typing import Any

from benchmarks import grids
from benchmarks import workload as w
from benchmarks.peers.backtesting import Reversal, test_of
from benchmarks.task import Outcome, Task


def optimize(data: w.Data, sets: int) -> Task:
    """All pairs of means, exits as in rule A; as its way is, the best is run once more."""
    test, chosen = test_of(data, Reversal), grids.square(sets)
    fast, slow = ({one[k] for one in chosen} for k in (0, 1))

    def run() -> Outcome:
        trades, finals = [], []

        def value(found: Any) -> float:
            trades.append(int(found["# Trades"]))
            finals.append(float(found["Equity Final [$]"]))
            return finals[-1]

        test.optimize(fast_bars=sorted(fast), slow_bars=sorted(slow), maximize=value)
        return Outcome(sum(trades), sum(finals) / len(finals))

    return Task(run)
