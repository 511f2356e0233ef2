"""backtesting.py: one `next()` a bar in Python."""

from __future__ import annotations

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

from benchmarks import workload as w
from benchmarks.task import Outcome, Task


def reversal(data: w.Data) -> Task:
    """Rule A."""
    return _task(data, Reversal)


def trailing(data: w.Data) -> Task:
    """Rule C."""
    return _task(data, Trailing)


class Reversal(Strategy):
    """Rule A; stop and target count from the close that decides."""

    fast_bars = w.FAST
    slow_bars = w.SLOW

    def init(self) -> None:
        """Compute both means."""
        self.fast = self.I(_sma, self.data.Close, self.fast_bars)
        self.slow = self.I(_sma, self.data.Close, self.slow_bars)

    def next(self) -> None:
        """Turn where the means cross."""
        close = self.data.Close[-1]
        if crossover(self.fast, self.slow):
            self.position.close()
            self.buy(size=w.UNITS, sl=close - w.STOP_PIPS * w.PIP, tp=close + w.TARGET_PIPS * w.PIP)
        elif crossover(self.slow, self.fast):
            self.position.close()
            self.sell(size=w.UNITS, sl=close + w.STOP_PIPS * w.PIP, tp=close - w.TARGET_PIPS * w.PIP)


class Trailing(Reversal):
    """Rule C."""

    best = 0.0
    held = 0

    def next(self) -> None:
        """Trail, count, enter."""
        close = self.data.Close[-1]
        if self.position:
            self.held += 1
            long = self.position.is_long
            self.best = max(self.best, close) if long else min(self.best, close)
            behind = self.best - close if long else close - self.best
            if behind >= w.TRAIL_PIPS * w.PIP - 1e-9 or self.held >= w.MOST_BARS:
                self.position.close()
        elif crossover(self.fast, self.slow):
            self.best, self.held = close, 0
            self.buy(size=w.UNITS)
        elif crossover(self.slow, self.fast):
            self.best, self.held = close, 0
            self.sell(size=w.UNITS)


def _sma(values: np.ndarray, window: int) -> np.ndarray:
    return w.sma(np.asarray(values, float), window)


def _task(data: w.Data, rule: type[Strategy]) -> Task:
    test = test_of(data, rule)

    def run() -> Outcome:
        found = test.run()
        return Outcome(int(found["# Trades"]), float(found["Equity Final [$]"]))

    return Task(run)


def test_of(data: w.Data, rule: type[Strategy]) -> Backtest:
    """Return the rule on the bars with the costs that it can be given."""
    columns = dict(zip(("Open", "High", "Low", "Close"), data.prices, strict=True))
    frame = pd.DataFrame({**columns, "Volume": 1.0}, index=pd.DatetimeIndex(data.time.astype("datetime64[ns]")))
    spread = (w.USUAL_SPREAD_PIPS + 2 * w.SLIPPAGE_PIPS) * w.PIP / 1.08  # a share of the price, for every bar the same
    return Backtest(
        frame, rule, cash=w.CASH, spread=spread, commission=(w.COMMISSION, 0.0), margin=1 / w.LEVERAGE, finalize_trades=True
    )
