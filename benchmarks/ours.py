"""LTS on the common bars: rules A and C, compiled and replayed. Only the public names of `lts` are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import lts
from benchmarks import workload as w
from benchmarks.task import Outcome, Task
from lts import go, stay

if TYPE_CHECKING:
    from collections.abc import Mapping

COSTS = lts.Costs(
    commission_per_lot=2 * w.COMMISSION, slippage_pips=w.SLIPPAGE_PIPS, swap_long=w.SWAP_LONG, swap_short=w.SWAP_SHORT
)
ACCOUNT = lts.Account(balance=w.CASH, leverage=w.LEVERAGE, closeout=w.CLOSEOUT)
REVERSAL = lts.strategies.SmaCross(fast=w.FAST, slow=w.SLOW, units=w.UNITS, stop_pips=w.STOP_PIPS, target_pips=w.TARGET_PIPS)


class TrailingExit(lts.Strategy):
    """Rule C: enter where the means cross, leave behind the best close or after so many bars."""

    fast: int = w.FAST
    slow: int = w.SLOW
    units: float = w.UNITS
    trail: float = w.TRAIL_PIPS * w.PIP  # price
    most_bars: int = w.MOST_BARS

    class Memory(NamedTuple):
        """The side of the means, the best close since the entry's signal, and bars held."""

        side: int = 0
        best: float = 0.0
        held: int = 0

    def features(self, bars: lts.Bars) -> Mapping[str, np.ndarray]:
        """Return both means in points."""
        close = bars.points.bid_close
        return {"fast": lts.indicators.sma(close, self.fast), "slow": lts.indicators.sma(close, self.slow)}

    def decide(self, view: lts.View) -> lts.Decision:
        """Trail, count, enter."""
        memory, close, units = view.memory, view.now.bid_close, view.position.units
        before = memory.side
        if view.now.fast > view.now.slow:
            memory.side = 1
        elif view.now.fast < view.now.slow:
            memory.side = -1
        if units != 0:
            memory.held += 1
            memory.best = max(memory.best, close) if units > 0 else min(memory.best, close)
            behind = memory.best - close if units > 0 else close - memory.best
            if behind >= self.trail - 1e-9 or memory.held >= self.most_bars:
                return go(0)
            return stay()
        if before * memory.side < 0:
            memory.best, memory.held = close, 0
            return go(memory.side * self.units)
        return stay()


def bars_of(data: w.Data) -> lts.Bars:
    """Return the common bars as LTS's: bid and bid + spread."""
    return lts.Bars.from_points("EUR_USD", "M1", data.time, np.concatenate([data.bid, data.bid + data.spread]))


def outcome(result: lts.Result) -> Outcome:
    """Read the headline, which computes it."""
    headline = result.headline
    return Outcome(int(headline["trades"]), float(headline["final_balance"]))


def run(strategy: lts.Strategy, bars: lts.Bars) -> Outcome:
    """Backtest with every cost, equity and headline."""
    return outcome(lts.run(strategy, bars, costs=COSTS, account=ACCOUNT))


def same_bars(data: w.Data) -> Task:
    """Rule A on one bars object: what it keeps from the first run on is kept."""
    bars = bars_of(data)
    return Task(lambda: run(REVERSAL, bars))


def new_bars(data: w.Data) -> Task:
    """Rule A, each time on a bars object that no run has seen."""
    return Task(lambda bars: run(REVERSAL, bars), before=lambda: bars_of(data))


def trailing(data: w.Data) -> Task:
    """Rule C, compiled."""
    bars = bars_of(data)
    return Task(lambda: run(TrailingExit(), bars))


def replayed(data: w.Data) -> Task:
    """Rule C bar by bar in plain Python, the road that live trading takes."""
    bars = bars_of(data)
    return Task(lambda: outcome(lts.replay(TrailingExit(), bars, costs=COSTS, account=ACCOUNT)))
