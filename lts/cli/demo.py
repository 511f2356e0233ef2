"""`lts demo`: the main job on real data. Three strategies, hours of 2017 and daily rates since 1999, and what each cost does."""

from __future__ import annotations

import time
from dataclasses import replace
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

import lts
from lts.cli.show import say
from lts.research.headline import headline_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lts.data.bars import Bars
    from lts.research.result import Result
    from lts.sim.costs import Costs
    from lts.strategies.base import Strategy

ACCOUNT = lts.Account(balance=100_000, currency="USD", leverage=30)
COSTS = lts.Costs(commission_per_lot=7.0, slippage_pips=0.2, swap_long=-7.0, swap_short=2.0)
# A row of the table; its parts add up to the last, for EUR/USD needs no conversion to USD. Heading, statistic, sign, width.
GRID = {
    "fast": range(5, 55, 5), "slow": range(60, 260, 20), "stop_pips": [20, 30, 40, 60, 0], "target_pips": [20, 40, 60, 80, 0],
    "units": [100_000],
}  # fmt: skip
COLUMNS = (
    ("at mid", "price_profit", 1, 10), ("spread", "spread_cost", -1, 10), ("slippage", "slippage_cost", -1, 10),
    ("commission", "commission", -1, 11), ("swap", "swap", 1, 11), ("net profit", "net_profit", 1, 11),
)  # fmt: skip


class Job(NamedTuple):
    """One data set, what must be said about it, and the strategies that run on it."""

    title: str
    bars: Bars
    strategies: Sequence[Strategy]


def demo(out: Path) -> None:
    """Run the demo and write each result, with its report and picture, into a folder below `out`.

    Raises
    ------
    ParameterError
        `out` is a file, or a folder below it holds something else.
    """
    began = time.perf_counter()
    if out.exists() and not out.is_dir():
        raise lts.ParameterError(f"demo --out {str(out)!r}: is a file; it must be a folder. Name another.")
    _greet()
    work = jobs()
    for job in work:
        print(f"\n{job.title}\n{job.bars!r}")
        _tell(f"Data: {'; '.join(job.bars.notes)}.")
        for strategy in job.strategies:
            _show(job.bars, strategy, out)
    search(work[0].bars, out)
    _prove(work)
    print(f"\nReports and results: {out.resolve()}")
    _tell(
        "In each folder: report.html to open in a browser, overview.png, result.json, and trades, fills, orders and equity as "
        "parquet for lts.load_result(folder); lts backtest rerun FOLDER runs it again and compares every number."
    )
    say(f"demo took {time.perf_counter() - began:.1f} s")


def jobs() -> list[Job]:
    """Return the demo's jobs: the hours only where their package is installed."""
    rules, lot = lts.strategies, 100_000
    days = (
        rules.SmaCross(fast=20, slow=100, units=lot, stop_pips=0, target_pips=0),
        rules.Donchian(units=lot),
        rules.Momentum(units=lot),
    )
    hours = (
        rules.SmaCross(fast=20, slow=100, units=lot, stop_pips=40, target_pips=80),
        rules.Donchian(entry=48, leave=24, units=lot),
        rules.RsiReversion(units=lot),
    )
    by_day = Job("Reference rates of the European Central Bank: closes only, so no stops are used", lts.samples.ecb(), days)
    try:
        return [Job("Hours of 2017, a broker's ask quotes", lts.samples.eurusd_h1(), hours), by_day]
    except lts.BarsError as error:
        print(f"\nThe hours of 2017 are left out. {error}")
        return [by_day]


def ladder(costs: Costs = COSTS) -> dict[str, Costs]:
    """Return the costs of each row: none, then one more at a time. The spread is the bars' own."""
    spread = lts.Costs()
    slippage = replace(spread, slippage_pips=costs.slippage_pips)
    commission = replace(slippage, commission_per_lot=costs.commission_per_lot)
    return {"no costs": lts.Costs.zero(), "+ spread": spread, "+ slippage": slippage, "+ commission": commission, "+ swap": costs}


def _tell(text: str) -> None:
    """Write prose, as wide as the tables."""
    print(fill(text, 80, break_long_words=False))


def _greet() -> None:
    from lts.sim.loop import cache_folder

    if not any(cache_folder().glob("*.py")):
        say("first run here: each rule is compiled once and kept on disk, 15 to 30 s in all")
    c, code = COSTS, ACCOUNT.currency
    _tell(
        f"Account: {ACCOUNT.balance:,.0f} {code}, leverage {ACCOUNT.leverage:g}; one lot a position; money in {code}. "
        f"Costs, one more in each row: the bars' spread, slippage of {c.slippage_pips:g} pips, commission of "
        f"{c.commission_per_lot:g} a lot and round turn, swap of {c.swap_long:+g} (long) or {c.swap_short:+g} (short) a "
        "lot and night. They are examples of a retail broker's, not history. Each row is a run of its own: a cost can move a "
        "stop, and so a fill."
    )


def _show(bars: Bars, strategy: Strategy, out: Path) -> None:
    """Run one strategy at each set of costs; write its table and the honest headline of the last, and keep that."""
    name = type(strategy).__name__
    began = time.perf_counter()
    results = {label: lts.run(strategy, bars, costs=costs, account=ACCOUNT) for label, costs in ladder().items()}
    say(f"{name}: {len(results)} runs over {len(bars):,} bars, {time.perf_counter() - began:.2f} s")
    print(f"\n{strategy!r}")
    print(f"{'':11}{'trades':>6}" + "".join(f"{heading:>{width}}" for heading, _, _, width in COLUMNS))
    for label, result in results.items():
        print(_row(label, result))
    last = results["+ swap"]
    _tell(_headline(last))
    folder = last.save(out / f"{bars.timeframe}_{name}")
    last.plot().savefig(folder / "overview.png")


def _row(label: str, result: Result) -> str:
    stats = result.headline
    money = "".join(f"{sign * stats[key] + 0.0:>{width},.2f}" for _, key, sign, width in COLUMNS)
    return f"{label:12}{stats['trades']:>5,.0f}{money}"


def _headline(result: Result) -> str:
    s, told = result.stats, headline_of(result.stats, result.reasons)
    hidden = int(s["ambiguous_bars"])
    path = f" (net profit {s['profit_worst']:,.2f} to {s['profit_best']:,.2f})" if hidden else ""
    tried = f" ({told.verdict}; sets tried: {s['trials']:,.0f})" if told.verdict else ""
    return (
        f"Sharpe {told.sharpe} a year (95 %: {told.interval}); DSR {told.dsr}{tried}; "
        f"return {s['total_return']:+.1%}, {s['cagr']:+.1%} a year; max drawdown "
        f"{s['max_drawdown']:.1%}; ambiguous bars {hidden}{path}"
    )


def search(bars: Bars, out: Path) -> None:
    """Sweep a rule over the data, keep the sweep with its picture, and ask whether its best set is real."""
    began = time.perf_counter()
    found = lts.sweep(lts.strategies.SmaCross, bars, GRID, costs=COSTS, account=ACCOUNT, progress=False)
    say(f"sweep: {len(found):,} sets over {len(bars):,} bars, {time.perf_counter() - began:.2f} s")
    folder = found.save(out / f"{bars.timeframe}_sweep")
    found.heatmap("fast", "slow", "sharpe").savefig(folder / "heatmap.png")
    best = found.best()
    rule, plateau = found.strategy(best), found.plateau()[best.name]
    print()
    _tell(f"{len(found):,} sets of SmaCross. The best by Sharpe ratio: {rule!r}; with its neighbours in the grid {plateau:.2f}.")
    print(found.evidence())
    began = time.perf_counter()
    print(f"\n{lts.check(rule, bars, costs=COSTS, account=ACCOUNT)}")
    say(f"check: {time.perf_counter() - began:.2f} s")


def _prove(work: Sequence[Job]) -> None:
    """Run every rule bar by bar in plain Python and compare every number."""
    began, size, fills, closes = time.perf_counter(), 0, 0, 0
    for bars, strategy in [(job.bars, strategy) for job in work for strategy in job.strategies]:
        fast = lts.run(strategy, bars, costs=COSTS, account=ACCOUNT)
        slow = lts.replay(strategy, bars, costs=COSTS, account=ACCOUNT)
        pairs = [(fast.equity_micro, slow.equity_micro)]
        pairs += [(fast.logs[log][column], slow.logs[log][column]) for log in fast.logs for column in fast.logs[log]]
        if any(a.tobytes() != b.tobytes() for a, b in pairs):
            raise lts.LtsError(f"demo: {strategy!r} compiled and replayed differ; that is a fault of LTS. Please report it.")
        size, fills, closes = size + sum(a.nbytes for a, _ in pairs), fills + len(fast.logs["fills"]["row"]), closes + len(bars)
    say(f"proof: {time.perf_counter() - began:.2f} s")
    print()
    _tell(
        f"Proof: compiled (lts.run) and bar by bar in plain Python (lts.replay) all of these runs gave the same bytes: "
        f"{fills:,} fills, equity at {closes:,} closes, {size:,} bytes in all."
    )
