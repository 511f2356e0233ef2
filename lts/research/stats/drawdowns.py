"""Drawdown: how far equity and balance fell from their highest point so far, and for how long. Every bar close counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts import calendar
from lts.research.stats.definition import define
from lts.research.stats.facts import Facts
from lts.research.stats.ledger import balances
from lts.research.stats.value import Value, over
from lts.words import MICRO

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from lts.research.result import Result

    Int64 = NDArray[np.int64]
    Float64 = NDArray[np.float64]

_NONE = "equity never fell below a peak"
DEFINITIONS = define(
    "drawdown",
    "equity or balance at every bar close, from the initial balance",
    """
max_drawdown | deepest fall from the running peak of equity at bar closes | fraction of that peak, >= 0 | max((peak - equity) /
    peak) | Magdon-Ismail and Atiya 2004, Risk 17(10)
max_drawdown_money | deepest fall in money | account currency, >= 0 | max(peak - equity)
balance_max_drawdown | deepest fall of the balance from its running peak: what closed trades and swap alone did | fraction of
    that peak, >= 0 | max((peak - balance) / peak)
balance_max_drawdown_money | deepest fall of the balance in money | account currency, >= 0 | max(peak - balance)
absolute_drawdown | how far equity ever was below the initial balance | account currency, >= 0 | initial_balance - min_equity
average_drawdown | mean depth of the drawdowns, each from a peak to the close that reaches it again | fraction, > 0 | mean of
    each drawdown's deepest (peak - equity) / peak | Burke 1994, Futures 23(3), for the episodes
drawdowns | how many drawdowns there were | count | stretches of closes below the running peak
longest_drawdown_days | longest time from a peak to the close that reached it again, or to the end | calendar days |
    max(recovery - peak)
time_under_water | share of closes below the running peak | fraction | closes with equity < peak / closes
ulcer_index | root mean square of the drawdown: depth and duration in one number | fraction (Martin's index is in percent) |
    sqrt(mean(((peak - equity) / peak)**2)) | Martin and McCann 1989, The Investor's Guide to Fidelity Funds; here at every
    close
recovery_factor | net profit over the deepest fall in money | ratio | net_profit / max_drawdown_money
current_drawdown | fall from the peak at the last close | fraction, >= 0 | (peak - equity) / peak at the end
""",
)


class Episodes(NamedTuple):
    """The drawdowns of a run, e of them; places count closes from 1, 0 is the start."""

    peak: Int64  # (e,) where equity was highest before
    end: Int64  # (e,) the close that reached the peak again; closes + 1 where none did
    depth: Float64  # (e,) fraction of the peak


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    fall, spells = facts.falls, episodes(facts)
    lasted = _time(facts, spells.end) - _time(facts, spells.peak)
    return {
        **headline(facts),
        **balance_drawdown(facts),
        "absolute_drawdown": max(0.0, facts.initial - float(facts.result.equity_micro.min() / MICRO)),
        "average_drawdown": float(spells.depth.mean()) if len(spells.depth) else _NONE,
        "drawdowns": len(spells.depth),
        "longest_drawdown_days": float(lasted.max(initial=0)) / calendar.DAY,
        "time_under_water": np.count_nonzero(fall) / len(facts.stamps),
        "ulcer_index": facts.ulcer_index,
        "recovery_factor": over(facts.final - facts.initial, facts.result.drawdown[1], _NONE),
        "current_drawdown": float(fall[-1]),
    }


def headline(facts: Facts) -> dict[str, Value]:
    """Return the deepest fall of equity."""
    fraction, drop = facts.result.drawdown
    return {"max_drawdown": fraction, "max_drawdown_money": drop}


def balance_drawdown(facts: Facts) -> dict[str, Value]:
    """Return the deepest fall of the balance."""
    worth = np.append(facts.initial, balances(facts)[1])
    peak = np.maximum.accumulate(worth)
    return {
        "balance_max_drawdown": float(np.max((peak - worth) / peak)),
        "balance_max_drawdown_money": float(np.max(peak - worth)),
    }


def episodes(facts: Facts) -> Episodes:
    """Return the drawdowns in order of time."""
    edges = np.flatnonzero(np.diff(facts.falls > 0, append=False))  # the start is at its own peak, so edges come in pairs
    peak, last = edges[0::2], edges[1::2]
    depth = np.maximum.reduceat(facts.falls, peak + 1) if len(peak) else np.zeros(0)
    return Episodes(peak, last + 1, depth)


def _time(facts: Facts, place: Int64) -> Int64:
    """Return the moment of each place, ns: the first open, then the closes; past the end, the last close."""
    close = facts.stamps[np.clip(place - 1, 0, len(facts.stamps) - 1)] + facts.result.bars.duration
    return np.where(place > 0, close, facts.first)


def drawdowns(result: Result, n: int = 5) -> pd.DataFrame:
    """Return the n deepest drawdowns of equity, deepest first.

    Returns
    -------
    pandas.DataFrame
        peak_time, trough_time, recovery_time (NaT where the peak was not reached again), depth (fraction of the peak), money
        (peak - trough, account currency), days (calendar, from the peak to the recovery or the end).
    """
    import pandas as pd

    facts = Facts(result)
    spells = episodes(facts)
    worst = np.argsort(-spells.depth, kind="stable")[:n]
    peak, end = spells.peak[worst], spells.end[worst]
    trough = np.array([p + np.argmax(facts.falls[p:e]) for p, e in zip(peak, end, strict=True)], np.int64)
    worth = np.append(facts.initial, facts.equity)
    recovered = end < len(facts.falls)
    times = {"peak_time": peak, "trough_time": trough, "recovery_time": end}
    table = pd.DataFrame({name: pd.to_datetime(_time(facts, place), utc=True) for name, place in times.items()})
    table["recovery_time"] = table["recovery_time"].where(recovered)
    table["depth"], table["money"] = spells.depth[worst], worth[peak] - worth[trough]
    table["days"] = (_time(facts, end) - _time(facts, peak)) / calendar.DAY
    return table
