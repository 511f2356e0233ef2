"""Money: where the account began and ended, what it earned, and what holding the first instrument would have earned."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from lts.research.stats.daily import DAYS
from lts.research.stats.definition import define
from lts.research.stats.value import NO_TRADE, Value, because, when
from lts.words import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.facts import Facts

DEFINITIONS = define(
    "money",
    "equity at bar closes; alpha and beta daily, at 17:00 New York",
    """
initial_balance | money at the start | account currency | as given
final_balance | equity at the last close; the balance when open trades were closed there | account currency | last equity
net_profit | what was earned or lost, all costs paid | account currency | final_balance - initial_balance
total_return | net profit as a share of the start | fraction | final_balance / initial_balance - 1
cagr | growth a year | fraction | (final / initial) ** (1 / years) - 1, years = span from the first open to the last close /
    365.25 days | CFA Institute, Global Investment Performance Standards 2020: annualised time-weighted return
peak_equity | highest equity at a close, the initial balance included | account currency | max(equity)
min_equity | lowest equity at a close, the initial balance included | account currency | min(equity)
gross_profit | what trades with a profit earned together | account currency | sum(profit > 0)
gross_loss | what trades with a loss lost together | account currency, <= 0 | sum(profit < 0)
benchmark_return | what holding the first instrument would have returned, without costs and leverage | fraction, in its quote
    currency | last mid close / first mid close - 1
beta | how much of the benchmark's daily return shows in the strategy's | ratio | cov(r, b) / var(b), b = daily returns of the
    first instrument's mid | Sharpe 1964, Journal of Finance 19(3), capital asset prices
alpha | return a year that beta does not explain | fraction a year | (mean(r) - beta * mean(b)) * 260 | Jensen 1968, Journal of
    Finance 23(2), performance of mutual funds, with no risk-free rate
""",
)


def growth(facts: Facts) -> dict[str, Value]:
    """Return where the account began and ended."""
    return {
        "initial_balance": facts.initial,
        "final_balance": facts.final,
        "net_profit": facts.final - facts.initial,
        "total_return": facts.final / facts.initial - 1,
        "cagr": cagr(facts),
    }


def cagr(facts: Facts) -> Value:
    """Return growth a year."""
    return growth_a_year(facts.final, facts.initial, facts.years)


def growth_a_year(final: float, initial: float, years: float) -> Value:
    """Return what growth from `initial` to `final` in so many years is in one."""
    if final <= 0:
        return "the final balance is not above zero"
    rate = log(final / initial) / years
    return exp(rate) - 1 if rate < 700 else "the run is too short to speak of growth a year"


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    profit, some = facts.profit, len(facts.profit) > 0
    return {
        **growth(facts),
        "peak_equity": max(facts.initial, float(facts.result.equity_micro.max() / MICRO)),
        "min_equity": min(facts.initial, float(facts.result.equity_micro.min() / MICRO)),
        "gross_profit": when(some, NO_TRADE, profit[profit > 0].sum),
        "gross_loss": when(some, NO_TRADE, profit[profit < 0].sum),
        **against_benchmark(facts),
    }


def against_benchmark(facts: Facts) -> dict[str, Value]:
    """Return benchmark_return, beta and alpha."""
    mid = benchmark(facts)
    found: dict[str, Value] = {"benchmark_return": mid[-1] / mid[0] - 1}
    if facts.why_no_returns:
        return found | because(facts.why_no_returns, ("beta", "alpha"))
    r, b = facts.days.returns, benchmark_returns(facts)
    if np.ptp(b) == 0:
        return found | because("the first instrument's daily returns do not differ", ("beta", "alpha"))
    beta = float(np.mean((b - b.mean()) * r) / np.var(b))
    return found | {"beta": beta, "alpha": float(r.mean() - beta * b.mean()) * DAYS}


def benchmark(facts: Facts) -> NDArray[np.float64]:
    """Return the first instrument's mid closes that matter: the first, one a day, the last; (d + 2,), doubled points."""
    setup = facts.result.setup
    bars = setup.bars[0]
    asked = np.concatenate([[0], facts.days.rows, [len(facts.stamps) - 1]])
    row = np.searchsorted(bars.time, facts.stamps[np.maximum(asked, 0)], side="right") - 1
    return mid2(setup.tape.bars, np.maximum(row, 0)).astype(float)


def mid2(points: NDArray[np.int32], rows: NDArray[np.int64] | slice) -> NDArray[np.int64]:
    """Return bid close + ask close of rows of the market's bars, points."""
    return np.asarray(np.add(points[3][rows], points[7][rows], dtype=np.int64))


def benchmark_returns(facts: Facts) -> NDArray[np.float64]:
    """Return the first instrument's daily returns at the same cut-offs, (d,)."""
    mid = benchmark(facts)[:-1]
    return np.asarray(mid[1:] / mid[:-1] - 1)
