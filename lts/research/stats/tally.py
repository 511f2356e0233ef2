"""The headline of many sets at once: `Result.headline` and every row of a sweep are made here, by the same arithmetic.

Letters: s sets of parameters that ran on one market, d days. A number that would have to be invented is nan; `Result.reasons` of
the set says why.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.stats.daily import DAYS, at_cuts, cuts_of, simple_returns
from lts.research.stats.evidence import spread
from lts.research.stats.facts import YEAR
from lts.research.stats.money import growth_a_year
from lts.research.stats.ratios import sharpe
from lts.research.stats.risk import downside
from lts.research.stats.skill import above
from lts.research.stats.trades import earned
from lts.sim import layout as at
from lts.words import MICRO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lts.research.setup import Setup

    Float64 = NDArray[np.float64]
    Int64 = NDArray[np.int64]


class Span(NamedTuple):
    """What all sets on one market share."""

    initial: int  # micro
    years: float  # from the first open to the last close
    closes: int
    rows: Int64  # (d,) the close that each day's equity is taken at; -1: none yet


class Tallies(NamedTuple):
    """What s sets left behind; money in micro."""

    span: Span
    final: Int64  # (s,) last equity
    share: Float64  # (s,) deepest fall of equity as a fraction of its peak
    fall: Int64  # (s,) deepest fall in money
    held: Int64  # (s,) closes at which a trade was open
    trades: Int64
    wins: Int64
    won: Int64  # (s,) what winners earned
    lost: Int64  # (s,) what losers lost, <= 0
    totals: Mapping[str, Int64]  # of layout.TOTALS, (s,) each
    counts: Mapping[str, Int64]  # of layout.COUNTS, (s,) each
    equity: Float64 | None  # (s, d) by days, account currency; None where ratios are not asked for


def span_of(setup: Setup) -> Span:
    """Return what all sets that run on this market share."""
    stamps = setup.stamps[setup.start :]
    duration = setup.bars[0].duration
    years = (int(stamps[-1]) + duration - int(stamps[0])) / YEAR
    return Span(setup.terms.balance, years, len(stamps), cuts_of(setup)[1])


def tally(span: Span, state: Int64, profit: Int64, equity: Int64) -> Tallies:
    """Return the tally of one set.

    Parameters
    ----------
    span : Span
    state : int64, the market's state after the run (`lts.sim.layout`)
    profit : int64, (c,), of each closed trade, micro
    equity : int64, (n,), at every close, micro
    """
    numbers = (equity[-1], state[at.FALL], state[at.HELD_CLOSES], *earned(profit))
    final, fall, held, trades, wins, won, lost = (np.array([n], np.int64) for n in numbers)
    share = np.array([state[at.SHARE_FALL] / state[at.SHARE_PEAK]])
    totals, counts = ({name: state[[where]] for name, where in of.items()} for of in (at.TOTALS, at.COUNTS))
    days = at_cuts(equity, span.rows, span.initial)[None, :]
    return Tallies(span, final, share, fall, held, trades, wins, won, lost, totals, counts, days)


def headline(t: Tallies) -> dict[str, Float64]:
    """Return the headline statistics of s sets by id, (s,) each; ratios are nan where there are no days."""
    final, initial = t.final / MICRO, t.span.initial / MICRO
    growth = [growth_a_year(value, initial, t.span.years) for value in final.tolist()]
    cagr = np.array([np.nan if isinstance(g, str) else g for g in growth])
    return {
        "initial_balance": np.full(len(final), initial),
        "final_balance": final,
        "net_profit": final - initial,
        "total_return": final / initial - 1,
        "cagr": cagr,
        "calmar": over(cagr, t.share),
        **ratios(t),
        "max_drawdown": t.share,
        "max_drawdown_money": t.fall / MICRO,
        "trades": t.trades.astype(float),
        "win_rate": over(t.wins, t.trades),
        "profit_factor": over(t.won, -t.lost),
        "expectancy": over((t.won + t.lost) / MICRO, t.trades),
        "exposure_time": t.held / t.span.closes,
        **{name: total / MICRO for name, total in t.totals.items()},
        **{name: count.astype(float) for name, count in t.counts.items()},
    }


def over(top: NDArray[Any], bottom: NDArray[Any]) -> Float64:
    """Return top / bottom, nan where the bottom is not above 0 or the quotient is too large to be written."""
    found = np.full(len(top), np.nan)
    with np.errstate(over="ignore"):
        np.divide(top, bottom, out=found, where=bottom > 0)
    return np.where(np.isfinite(found), found, np.nan)


def ratios(t: Tallies) -> dict[str, Float64]:
    """Return sharpe, sortino and psr; nan where daily returns have no mean and spread (`Facts.why_no_returns`)."""
    found = {name: np.full(len(t.final), np.nan) for name in ("sharpe", "sortino", "psr")}
    if t.equity is None or t.equity.shape[1] < 2:
        return found
    r = simple_returns(t.equity, t.span.initial / MICRO)[1]
    usable = np.flatnonzero((t.equity.min(axis=1) > 0) & (np.ptp(r, axis=1) > 0))
    r = np.ascontiguousarray(r[usable])
    found["sharpe"][usable] = sharpe(r)
    found["sortino"][usable] = over(r.mean(-1) * sqrt(DAYS), downside(r))
    sr, variance = (x.tolist() for x in spread(r))
    found["psr"][usable] = [above(s, v, r.shape[1]) if v > 0 else np.nan for s, v in zip(sr, variance, strict=True)]
    return found
