"""raptorbt: its array path, one direction a run (a reversal takes a long and a short run), and its class path."""

from __future__ import annotations

from typing import Any

import numpy as np
import raptorbt

from benchmarks import workload as w
from benchmarks.task import Outcome, Task

LEVEL = 1.08  # a price of the series: raptorbt wants costs and stops as shares of the price
SHARE = w.UNITS * LEVEL / w.CASH  # a position's size, of equity


def arrays(data: w.Data) -> Task:
    """Rule A: the long half and the short half, each a run of its own."""
    volume, size = np.ones(data.n), np.full(data.n, SHARE)
    protected = settings(w.STOP_PIPS, w.TARGET_PIPS)

    def run() -> Outcome:
        close = data.prices[3]
        up, down = w.crossings(raptorbt.sma(close, w.FAST), raptorbt.sma(close, w.SLOW))
        halves = [
            raptorbt.run_single_backtest(data.time, *data.prices, volume, *on, side, 1.0, "EURUSD", protected, size).metrics
            for on, side in (((up, down), 1), ((down, up), -1))
        ]
        # Not end_value: the short half's (1,042,207) contradicts the profit of its own trades (-141,538).
        profit = sum(half.expectancy * half.total_closed_trades for half in halves)
        return Outcome(sum(half.total_trades for half in halves), w.CASH + profit)

    return Task(run)


def bars(data: w.Data) -> Task:
    """Rule C: a strategy class, one call a bar."""
    volume, plain = np.ones(data.n), settings()

    def run() -> Outcome:
        found = raptorbt.run_strategy_backtest(Trailing(), data.time, *data.prices, volume, symbol="EURUSD", config=plain)
        return Outcome(found.metrics.total_trades, w.CASH + found.metrics.expectancy * found.metrics.total_closed_trades)

    return Task(run)


class Trailing(raptorbt.Strategy):
    """Rule C."""

    def on_start(self, ctx: Any) -> None:
        """Compute both means."""
        self.close, self.side, self.best, self.held = ctx.close, 0, 0.0, 0
        self.up, self.down = w.crossings(raptorbt.sma(ctx.close, w.FAST), raptorbt.sma(ctx.close, w.SLOW))

    def on_bar(self, ctx: Any) -> None:
        """Trail, count, enter."""
        i = ctx.idx
        close = self.close[i]
        if ctx.position is not None:
            self.held += 1
            self.best = max(self.best, close) if self.side > 0 else min(self.best, close)
            if self.side * (self.best - close) >= w.TRAIL_PIPS * w.PIP - 1e-9 or self.held >= w.MOST_BARS:
                self.close_position()
        elif self.up[i]:
            self.side, self.best, self.held = 1, close, 0
            self.enter_long(SHARE)
        elif self.down[i]:
            self.side, self.best, self.held = -1, close, 0
            self.enter_short(SHARE)


def settings(stop: float = 0.0, target: float = 0.0) -> Any:
    """Return its configuration: costs as shares of the price, half the usual spread as slippage; exits in pips, 0: none."""
    slippage = (w.USUAL_SPREAD_PIPS / 2 + w.SLIPPAGE_PIPS) * w.PIP / LEVEL
    made = raptorbt.BacktestConfig(
        initial_capital=w.CASH, fees=w.COMMISSION / w.UNITS / LEVEL, slippage=slippage, fill_timing="next_bar_open"
    )
    if stop:
        made.set_fixed_stop(stop * w.PIP / LEVEL)
    if target:
        made.set_fixed_target(target * w.PIP / LEVEL)
    return made
