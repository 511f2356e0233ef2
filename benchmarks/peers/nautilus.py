"""nautilus_trader: bid and ask bars, a netting margin account, bracket orders, one `on_bar` a bar."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.backtest.models import FillModel
from nautilus_trader.config import LoggingConfig, RiskEngineConfig, StrategyConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

from benchmarks import workload as w
from benchmarks.task import Outcome, Task

VENUE = Venue("SIM")
PAIR = TestInstrumentProvider.default_fx_ccy("EUR/USD", VENUE)
BID, ASK = (BarType.from_str(f"{PAIR.id}-1-MINUTE-{side}-EXTERNAL") for side in ("BID", "ASK"))


def reversal(data: w.Data) -> Task:
    """Rule A."""
    return _task(data, Reversal)


def trailing(data: w.Data) -> Task:
    """Rule C."""
    return _task(data, Trailing)


class Reversal(Strategy):
    """Rule A; stop and target count from the close that decides."""

    def __init__(self) -> None:
        super().__init__(StrategyConfig(strategy_id="RULE-1"))
        self.fast, self.slow = SimpleMovingAverage(w.FAST), SimpleMovingAverage(w.SLOW)
        self.units = Quantity.from_int(w.UNITS)
        self.last, self.best, self.held, self.closed = 0, 0.0, 0, 0

    def on_start(self) -> None:
        """Ask for bid bars and let them feed both means."""
        self.register_indicator_for_bars(BID, self.fast)
        self.register_indicator_for_bars(BID, self.slow)
        self.subscribe_bars(BID)

    def on_position_closed(self, _event: Any) -> None:
        """Count what was closed."""
        self.closed += 1

    def crossed(self) -> int:
        """Return 1 or -1 where the means crossed, else 0."""
        if not self.slow.initialized:
            return 0
        apart, before = self.fast.value - self.slow.value, self.last
        self.last = 1 if apart > 0 else (-1 if apart < 0 else before)
        return self.last if before not in {0, self.last} else 0

    def on_bar(self, bar: Bar) -> None:
        """Turn where the means cross."""
        side = self.crossed()
        if side == 0:
            return
        self.cancel_all_orders(PAIR.id)
        self.close_all_positions(PAIR.id)
        close = float(bar.close)
        self.submit_order_list(
            self.order_factory.bracket(
                instrument_id=PAIR.id,
                order_side=_side(side),
                quantity=self.units,
                sl_trigger_price=PAIR.make_price(close - side * w.STOP_PIPS * w.PIP),
                tp_price=PAIR.make_price(close + side * w.TARGET_PIPS * w.PIP),
            )
        )


class Trailing(Reversal):
    """Rule C."""

    def on_bar(self, bar: Bar) -> None:
        """Trail, count, enter."""
        side, units, close = self.crossed(), float(self.portfolio.net_position(PAIR.id)), float(bar.close)
        if units:
            self.held += 1
            self.best = max(self.best, close) if units > 0 else min(self.best, close)
            behind = self.best - close if units > 0 else close - self.best
            if behind >= w.TRAIL_PIPS * w.PIP - 1e-9 or self.held >= w.MOST_BARS:
                self.close_all_positions(PAIR.id)
        elif side:
            self.best, self.held = close, 0
            self.submit_order(self.order_factory.market(PAIR.id, _side(side), self.units))


def _side(side: int) -> Any:
    return OrderSide.BUY if side > 0 else OrderSide.SELL


def _task(data: w.Data, rule: type[Strategy]) -> Task:
    index = pd.DatetimeIndex(data.time.astype("datetime64[ns]")).tz_localize("UTC")
    bid = pd.DataFrame(dict(zip(("open", "high", "low", "close"), data.prices, strict=True)), index=index)
    ask = bid.add(data.spread_price, axis=0).round(5)
    bars = [
        bar for kind, frame in ((BID, bid), (ASK, ask)) for bar in BarDataWrangler(kind, PAIR).process(frame.assign(volume=1e6))
    ]

    def run() -> Outcome:
        quiet, unchecked = LoggingConfig(bypass_logging=True), RiskEngineConfig(bypass=True)
        engine = BacktestEngine(BacktestEngineConfig(logging=quiet, risk_engine=unchecked, run_analysis=True))
        engine.add_venue(
            VENUE, OmsType.NETTING, AccountType.MARGIN, [Money(w.CASH, USD)], base_currency=USD,
            default_leverage=Decimal(int(w.LEVERAGE)), fill_model=FillModel(prob_slippage=0.0), bar_execution=True,
        )  # fmt: skip
        engine.add_instrument(PAIR)
        engine.add_data(bars)
        strategy = rule()
        engine.add_strategy(strategy)
        engine.run()
        final = engine.portfolio.account(VENUE).balance_total(USD).as_double()
        engine.get_result()  # its statistics
        engine.dispose()
        return Outcome(strategy.closed, final)

    return Task(run)
