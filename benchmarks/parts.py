"""Where LTS's time goes, and what its frames, statistics and report cost: figures by name, each the median of five."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import lts
from benchmarks import grids, jobs, ours, ours_sweep
from benchmarks import limit as by_hand
from benchmarks import workload as w

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = 5


def same(data: w.Data) -> dict[str, dict[str, tuple[int, float]]]:
    """What LTS comes to on the bars that each engine gets: (trades, final balance) by rule and number of bars."""
    bars = ours.bars_of(data)
    pairs = (("A", ours.REVERSAL, jobs.RULE_A), ("C", ours.TrailingExit(), jobs.RULE_C))
    return {
        name: {str(n): tuple(ours.run(rule, bars[:n])) for n in sorted({n for job in several for n in (job.bars, job.quick_bars)})}
        for name, rule, several in pairs
    }


def same_sets(data: w.Data) -> dict[str, dict[str, Any]]:
    """What LTS comes to on the sets and bars of each other engine: (trades, mean final balance) by job and number of bars."""
    bars, found = ours.bars_of(data), {}
    for job in (job for job in jobs.RULE_B if not job.target.startswith("ours_sweep")):
        chosen = grids.square if job.where == "backtesting" else grids.some
        each = {(job.bars, job.sets), (job.quick_bars, job.quick_sets)}
        found[job.name] = {str(n): tuple(ours_sweep.listed(bars[:n], chosen(sets)))[:2] for n, sets in each if n <= data.n}
    return found


def limit(data: w.Data) -> dict[str, float]:
    """The hand-written loop's two passes, ms."""
    sides, equity = np.empty(data.n, np.int8), np.empty(data.n)
    booked, rows = w.nights(data.time), (*data.bid, data.spread)
    return {
        "means and sides": _ms(lambda _: by_hand.means(data.bid[3], by_hand.FAST, by_hand.SLOW, sides)),
        "simulation": _ms(lambda _: by_hand.loop_a(*rows, booked, sides, equity)),
    }


def run(data: w.Data) -> dict[str, float]:
    """What `lts.run(...).headline` is made of, ms."""
    bars = ours.bars_of(data)
    ours.run(ours.REVERSAL, bars)
    features = _ms(lambda _: ours.REVERSAL.features(bars))
    whole = _ms(lambda _: _backtest(bars))
    return {
        "features": features,
        "market, decide, equity and logs": whole - features,
        "headline": _ms(lambda result: result.headline, lambda: _backtest(bars)),
    }


def rules(data: w.Data) -> dict[str, float]:
    """Other rules of the house over the same bars, run and headline, ns a bar."""
    bars, found = ours.bars_of(data), {}
    for rule in (lts.strategies.SmaCross(), lts.strategies.Donchian(), lts.strategies.RsiReversion()):
        trades = ours.run(rule, bars).trades
        found[f"{type(rule).__name__}, {trades:,} trades"] = _ms(lambda _, rule=rule: ours.run(rule, bars)) * 1e6 / data.n
    return found


def frames(data: w.Data) -> dict[str, Any]:
    """What is made on demand from the result of rule A: ms, and the report's size."""
    bars = ours.bars_of(data)
    found: dict[str, Any] = {"trades": len(_backtest(bars).trades)}
    for name in ("trades", "fills", "orders", "equity", "balance"):
        found[f"result.{name}"] = _ms(lambda result, name=name: getattr(result, name), lambda: _backtest(bars))
    result = _backtest(bars)
    found["result.stats, first"] = _timed(lambda: result.stats)
    found["result.stats"] = _ms(lambda result: result.stats, lambda: _backtest(bars))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        try:
            found["result.report, first"] = _timed(lambda: result.report(page))
        except ImportError:
            return found | {"result.report": "not in this version"}
        found["result.report"] = _timed(lambda: result.report(page))
        found["report, MB"] = page.stat().st_size / 1e6
    return found


def _backtest(bars: lts.Bars) -> lts.Result:
    return lts.run(ours.REVERSAL, bars, costs=ours.COSTS, account=ours.ACCOUNT)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def _ms(work: Callable[[Any], object], before: Callable[[], Any] = lambda: None) -> float:
    """Return the median of some runs, ms; the first, which may compile, is not counted, nor is what comes before."""
    taken = []
    for _ in range(TIMES + 1):
        given = before()
        taken.append(_timed(lambda given=given: work(given)))
    return statistics.median(taken[1:])
