"""backtrader: one `next()` a bar in Python, bracket orders, a drawdown analyser."""

from __future__ import annotations

from typing import Any

import backtrader as bt
import pandas as pd

from benchmarks import workload as w
from benchmarks.task import Outcome, Task


def reversal(data: w.Data) -> Task:
    """Rule A."""
    return _task(data, Reversal)


def trailing(data: w.Data) -> Task:
    """Rule C."""
    return _task(data, Trailing)


class Reversal(bt.Strategy):
    """Rule A; stop and target count from the close that decides."""

    def __init__(self) -> None:
        fast = bt.indicators.SMA(self.data.close, period=w.FAST)
        slow = bt.indicators.SMA(self.data.close, period=w.SLOW)
        self.cross = bt.indicators.CrossOver(fast, slow)
        self.bracket: list[Any] = []
        self.closed, self.best, self.held = 0, 0.0, 0

    def notify_trade(self, trade: Any) -> None:
        """Count what was closed."""
        self.closed += trade.isclosed

    def next(self) -> None:
        """Turn where the means cross."""
        side = self.cross[0]
        if side == 0:
            return
        for order in self.bracket:
            if order.alive():
                self.cancel(order)
        if self.position:
            self.close()
        close = self.data.close[0]
        levels = {"stopprice": close - side * w.STOP_PIPS * w.PIP, "limitprice": close + side * w.TARGET_PIPS * w.PIP}
        enter = self.buy_bracket if side > 0 else self.sell_bracket
        self.bracket = enter(size=w.UNITS, exectype=bt.Order.Market, **levels)


class Trailing(Reversal):
    """Rule C."""

    def next(self) -> None:
        """Trail, count, enter."""
        close, units, side = self.data.close[0], self.position.size, self.cross[0]
        if units:
            self.held += 1
            self.best = max(self.best, close) if units > 0 else min(self.best, close)
            behind = self.best - close if units > 0 else close - self.best
            if behind >= w.TRAIL_PIPS * w.PIP - 1e-9 or self.held >= w.MOST_BARS:
                self.close()
        elif side:
            self.best, self.held = close, 0
            (self.buy if side > 0 else self.sell)(size=w.UNITS)


COMMISSION = {
    "commission": w.COMMISSION / w.UNITS, "commtype": bt.CommInfoBase.COMM_FIXED, "margin": None, "mult": 1.0,
    "leverage": w.LEVERAGE, "stocklike": True,
}  # fmt: skip


def _task(data: w.Data, rule: type[bt.Strategy]) -> Task:
    columns = dict(zip(("Open", "High", "Low", "Close"), data.prices, strict=True))
    frame = pd.DataFrame({**columns, "Volume": 1.0}, index=pd.DatetimeIndex(data.time.astype("datetime64[ns]")))

    def run() -> Outcome:
        cerebro = bt.Cerebro(stdstats=False)
        cerebro.adddata(bt.feeds.PandasData(dataname=frame))
        cerebro.addstrategy(rule)
        cerebro.broker.setcash(w.CASH)
        cerebro.broker.setcommission(**COMMISSION)
        cerebro.broker.set_slippage_fixed((w.USUAL_SPREAD_PIPS / 2 + w.SLIPPAGE_PIPS) * w.PIP, slip_open=True, slip_out=True)
        cerebro.addanalyzer(bt.analyzers.DrawDown)
        found = cerebro.run()
        return Outcome(int(found[0].closed), float(cerebro.broker.getvalue()))

    return Task(run)
