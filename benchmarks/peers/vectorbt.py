"""vectorbt: `from_signals` with its Rust and its numba engine, and `from_order_func` with a compiled callback (numba only)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pandas as pd
import vectorbt as vbt
from vectorbt.portfolio import nb

from benchmarks import workload as w
from benchmarks.task import Outcome, Task

COMMISSION, UNITS, TRAIL, MOST_BARS = w.COMMISSION, w.UNITS, w.TRAIL_PIPS * w.PIP, w.MOST_BARS


def rust(data: w.Data) -> Task:
    """Rule A in the Rust engine."""
    return _signals(data, "rust")


def compiled(data: w.Data) -> Task:
    """Rule A in the numba engine."""
    return _signals(data, "numba")


def _signals(data: w.Data, engine: str) -> Task:
    vbt.settings["engine"] = engine
    first, high, low, close, slippage = _inputs(data)

    def run() -> Outcome:
        fast, slow = vbt.MA.run(close, w.FAST), vbt.MA.run(close, w.SLOW)
        portfolio = vbt.Portfolio.from_signals(
            close, _next(fast.ma_crossed_above(slow)), short_entries=_next(fast.ma_crossed_below(slow)), size=UNITS, price=first,
            open=first, high=high, low=low, sl_stop=w.STOP_PIPS * w.PIP / first, tp_stop=w.TARGET_PIPS * w.PIP / first,
            slippage=slippage, fees=COMMISSION / UNITS / first, init_cash=w.CASH, upon_opposite_entry="reverse",
            stop_entry_price="FillPrice", stop_exit_price="StopLimit", freq="1min",
        )  # fmt: skip
        return _headline(portfolio)

    return Task(run)


def callback(data: w.Data) -> Task:
    """Rule C as an order function compiled by numba."""
    vbt.settings["engine"] = "auto"
    first, _, _, close, slippage = _inputs(data)

    def run() -> Outcome:
        up, down = w.crossings(w.sma(data.prices[3], w.FAST), w.sma(data.prices[3], w.SLOW))
        signal = up.astype(np.int8) - down.astype(np.int8)
        given = signal, data.prices[3], first, slippage, np.zeros(2)
        return _headline(vbt.Portfolio.from_order_func(close, order, *given, init_cash=w.CASH, freq="1min"))

    return Task(run)


@numba.njit
def order(context: Any, signal: Any, close: Any, first: Any, slippage: Any, memory: Any) -> Any:
    """Decide at the last close, fill at this open; memory: best close, bars held."""
    i = context.i
    if i == 0:
        return nb.order_nothing_nb()
    last, units = close[i - 1], context.position_now
    if units != 0:
        memory[1] += 1
        memory[0] = max(memory[0], last) if units > 0 else min(memory[0], last)
        behind = memory[0] - last if units > 0 else last - memory[0]
        if behind >= TRAIL - 1e-9 or memory[1] >= MOST_BARS:
            return nb.order_nb(size=-units, price=first[i], slippage=slippage[i], fixed_fees=COMMISSION)
    elif signal[i - 1] != 0:
        memory[0], memory[1] = last, 0
        return nb.order_nb(size=signal[i - 1] * UNITS, price=first[i], slippage=slippage[i], fixed_fees=COMMISSION)
    return nb.order_nothing_nb()


def _inputs(data: w.Data) -> tuple[Any, Any, Any, Any, Any]:
    """Return open, high, low, close as a series, and slippage: half the spread and the slippage, as a share of the open."""
    first, high, low, close = data.prices
    index = pd.DatetimeIndex(data.time.astype("datetime64[ns]"))
    return first, high, low, pd.Series(close, index=index), (data.spread_price / 2 + w.SLIPPAGE_PIPS * w.PIP) / first


def _next(signal: Any) -> Any:
    """Return the signals one bar later: what a close decides is filled at the next open."""
    later = np.zeros(len(signal), bool)
    later[1:] = signal.to_numpy()[:-1]
    return later


def _headline(portfolio: Any) -> Outcome:
    """Compute the headline: final value, drawdown, Sharpe, trades."""
    portfolio.max_drawdown()
    portfolio.sharpe_ratio()
    return Outcome(int(portfolio.trades.count()), float(portfolio.final_value()))
