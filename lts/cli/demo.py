"""`lts demo`: the main job on real data. Three strategies, hours of 2017 and daily rates since 1999, and what each cost does."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import lts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lts.data.bars import Bars
    from lts.research.result import Result
    from lts.sim.costs import Costs
    from lts.strategies.base import Strategy

COLUMNS = ("no costs", "+ spread", "+ slippage", "+ commission", "+ swap")


class Job(NamedTuple):
    """One data set, its costs, and the strategies that run on it."""

    title: str
    bars: Bars
    costs: Costs
    strategies: Sequence[Strategy]


def jobs() -> list[Job]:
    """Return the demo's two jobs."""
    rules = lts.strategies
    hours, days = lts.samples.eurusd_h1(), lts.samples.ecb("EUR_USD")
    costs = lts.Costs(commission_per_lot=7.0, slippage_pips=0.2, swap_long=-7.0, swap_short=2.0)
    by_hour = (
        rules.SmaCross(fast=20, slow=100, units=100_000, stop_pips=40, target_pips=80),
        rules.Donchian(entry=48, leave=24, units=100_000),
        rules.RsiReversion(units=100_000),
    )
    by_day = (
        rules.SmaCross(fast=20, slow=100, units=100_000, stop_pips=0, target_pips=0),
        rules.Donchian(units=100_000),
        rules.Momentum(units=100_000),
    )
    return [
        Job("EUR/USD hours of 2017, ask side of a broker's quotes, bid 1.0 pip below (stated)", hours, costs, by_hour),
        Job("EUR/USD daily reference rates of the European Central Bank, closes only, spread stated", days, costs, by_day),
    ]


def ladder(costs: Costs) -> list[Costs]:
    """Return the costs of each column: nothing, then one more cost at a time. None of the spread is the bars' own."""
    spread = lts.Costs()
    slippage = replace(spread, slippage_pips=costs.slippage_pips)
    commission = replace(slippage, commission_per_lot=costs.commission_per_lot)
    return [lts.Costs.zero(), spread, slippage, commission, costs]


def demo(out: Path) -> None:
    """Run the demo and write its reports into `out`."""
    began = time.perf_counter()
    account = lts.Account(balance=100_000, currency="USD", leverage=30)
    _note("Compiling the market and three rules; the first time this takes about half a minute, later it is read from disk.")
    for number, job in enumerate(jobs(), 1):
        _heading(job, account)
        for strategy in job.strategies:
            _note(f"  {type(strategy).__name__} on {len(job.bars):,} bars, five sets of costs ...")
            results = [lts.run(strategy, job.bars, costs=costs, account=account) for costs in ladder(job.costs)]
            _row(strategy, results)
            _keep(results[-1], out / f"{number}_{job.bars.timeframe}_{type(strategy).__name__}")
    _prove(jobs()[0], account)
    print(f"\nPlots, trades, fills, orders and equity of all six runs: {out.resolve()}")
    _note(f"{time.perf_counter() - began:.1f} s")


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _heading(job: Job, account: Any) -> None:
    c = job.costs
    print(f"\n{job.title}\n{job.bars!r}")
    print(
        f"net profit in {account.currency} on {account.balance:,.0f}, one lot; slippage {c.slippage_pips} pips, commission "
        f"{c.commission_per_lot:g} a lot, swap {c.swap_long:+g} / {c.swap_short:+g} a lot and night (long / short)"
    )
    print(f"{'':16}" + "".join(f"{name:>14}" for name in COLUMNS) + f"{'trades':>8}{'max dd':>8}{'Sharpe':>8}{'ambiguous':>11}")


def _row(strategy: Strategy, results: Sequence[Result]) -> None:
    last = results[-1].stats
    profits = "".join(f"{r.stats['net_profit']:>14,.2f}" for r in results)
    print(
        f"{type(strategy).__name__:16}{profits}{int(last['trades']):>8,}{last['max_drawdown']:>8.1%}{last['sharpe']:>8.2f}"
        f"{int(last['ambiguous_bars']):>11,}"
    )


def _keep(result: Result, folder: Path) -> None:
    result.save(folder)
    result.plot().savefig(folder / "overview.png")


def _prove(job: Job, account: Any) -> None:
    """Run one rule bar by bar in plain Python and compare every number."""
    strategy = job.strategies[0]
    fast = lts.run(strategy, job.bars, costs=job.costs, account=account)
    slow = lts.replay(strategy, job.bars, costs=job.costs, account=account)
    same = fast.equity_micro.tobytes() == slow.equity_micro.tobytes() and all(
        fast.logs[name][column].tobytes() == slow.logs[name][column].tobytes() for name in fast.logs for column in fast.logs[name]
    )
    if not same:
        raise lts.LtsError("demo: the compiled run and the bar-by-bar replay differ; that is a fault of LTS, please report it.")
    name = type(strategy).__name__
    print(f"\nProof: {name} compiled, and replayed bar by bar in plain Python, gave the same bytes: every fill, every mark.")
