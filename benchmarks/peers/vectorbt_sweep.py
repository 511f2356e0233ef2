"""vectorbt, rule A over many sets: a column for each set, a hundred a call, or one call a set; in its Rust and its numba engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks import grids
from benchmarks import workload as w
from benchmarks.task import Outcome, Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.grids import Set

LEVEL = 1.08  # a price of the series
EXITS = {"sl_stop": "stop", "tp_stop": "target"}
COLUMNS = 100  # a call; with all thousand at once it wants more than 15 GiB


def rust(data: w.Data, sets: int) -> Task:
    """A hundred sets a call, Rust."""
    return _task(data, sets, "rust", COLUMNS)


def compiled(data: w.Data, sets: int) -> Task:
    """A hundred sets a call, numba."""
    return _task(data, sets, "numba", COLUMNS)


def rust_loop(data: w.Data, sets: int) -> Task:
    """One set a call, Rust."""
    return _task(data, sets, "rust", 1)


def compiled_loop(data: w.Data, sets: int) -> Task:
    """One set a call, numba."""
    return _task(data, sets, "numba", 1)


def _task(data: w.Data, count: int, engine: str, columns: int) -> Task:
    vbt.settings["engine"] = engine
    sets, close, bars = grids.some(count), data.prices[3], _bars(data)
    index = pd.DatetimeIndex(data.time.astype("datetime64[ns]"))

    def run() -> Outcome:
        means = _means(pd.Series(close, index=index), sets)
        finals, trades = 0.0, 0
        for some, ups, downs in _columns(means, sets, columns):
            priced = np.broadcast_to(close[:, None], ups.shape)
            portfolio = _portfolio(bars, pd.DataFrame(priced, index=index), some, ups, downs)
            portfolio.max_drawdown()
            finals += float(np.sum(portfolio.final_value()))
            trades += int(np.sum(portfolio.trades.count()))
        return Outcome(trades, finals / len(sets))

    return Task(run)


def _means(close: Any, sets: Sequence[Set]) -> dict[int, np.ndarray]:
    """Return each mean that the sets need, once."""
    windows = sorted({window for one in sets for window in one[:2]})
    found = vbt.MA.run(close, windows).ma.to_numpy()
    return {window: found[:, k] for k, window in enumerate(windows)}


def _columns(means: dict[int, np.ndarray], sets: Sequence[Set], columns: int) -> Iterator[tuple[list[Set], np.ndarray, np.ndarray]]:
    """Go through the sets, so many at once, with their crossings a bar later: what a close decides is filled at the next open."""
    made: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    for start in range(0, len(sets), columns):
        some = list(sets[start : start + columns])
        for pair in {one[:2] for one in some} - made.keys():
            made[pair] = tuple(np.append(False, on[:-1]) for on in w.crossings(*(means[window] for window in pair)))
        ups, downs = (np.column_stack([made[one[:2]][k] for one in some]) for k in (0, 1))
        yield some, ups, downs


def _bars(data: w.Data) -> dict[str, Any]:
    """Return prices, and slippage with half the spread as a share of the open, each as one column for all sets."""
    first, high, low = (row[:, None] for row in data.prices[:3])
    slippage = (data.spread_price[:, None] / 2 + w.SLIPPAGE_PIPS * w.PIP) / first
    return {"price": first, "open": first, "high": high, "low": low, "slippage": slippage}


def _portfolio(bars: dict[str, Any], close: Any, some: Sequence[Set], ups: np.ndarray, downs: np.ndarray) -> Any:
    """Simulate rule A; fees and exits are shares of one price, a number a column: an array over the bars would cost it more."""
    exits = {name: np.array([[getattr(one, which) * w.PIP / LEVEL for one in some]]) for name, which in EXITS.items()}
    return vbt.Portfolio.from_signals(
        close, ups, short_entries=downs, size=w.UNITS, fees=w.COMMISSION / w.UNITS / LEVEL, init_cash=w.CASH,
        upon_opposite_entry="reverse", stop_entry_price="FillPrice", stop_exit_price="StopLimit", freq="1min",
        max_orders=max(1000, len(close) * len(some) // 6), **bars, **exits,
    )  # fmt: skip
