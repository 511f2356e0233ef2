"""What the statistics of one result are computed from, each fact worked out once and only when it is asked for."""

from __future__ import annotations

from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from lts.research.stats.daily import Days, days
from lts.research.stats.value import dot
from lts.sim import layout as at
from lts.words import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.result import Result

    Float64 = NDArray[np.float64]
    Int64 = NDArray[np.int64]

YEAR = 365.25 * 86_400e9  # ns
BLOCK = 1_024  # closes


class Facts:
    """A result, seen by the statistics; n closes, d days, f fills, c closed trades."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.fills, self.closed = result.logs["fills"], result.logs["trades"]
        self.initial, self.final = result.setup.terms.balance / MICRO, float(result.equity_micro[-1] / MICRO)
        self.stamps: Int64 = result.setup.stamps[result.setup.start :]
        self.first, self.last = int(self.stamps[0]), int(self.stamps[-1]) + result.bars.duration  # ns

    @property
    def years(self) -> float:
        """From the first bar's open to the last close, years of 365.25 days."""
        return (self.last - self.first) / YEAR

    @cached_property
    def days(self) -> Days:
        """The run sampled by days."""
        return days(self.result)

    @cached_property
    def why_no_returns(self) -> str:
        """Why daily returns have no mean and spread; empty where they have."""
        if self.days.ruined:
            date = np.datetime64(int(self.days.cuts[np.argmax(self.days.equity <= 0)]), "ns").astype("datetime64[D]")
            return f"equity was at or below zero on {date}; returns mean nothing from there on"
        if len(self.days.returns) < 2:
            return "there is one day only; a spread needs two"
        return "" if np.ptp(self.days.returns) > 0 else "no daily return differs from another"

    @cached_property
    def equity(self) -> Float64:
        """Equity at each close, (n,), account currency."""
        return np.asarray(self.result.equity_micro / MICRO)

    @cached_property
    def falls(self) -> Float64:
        """How far equity is below its running peak, as a fraction of that: at the start (0), then at each close, (n + 1,)."""
        equity, fall = self.result.equity_micro, np.zeros(len(self.stamps) + 1)
        peak = running_peak(equity, self.result.setup.terms.balance)
        np.divide(peak - equity, peak, out=fall[1:])
        return fall

    @cached_property
    def ulcer_index(self) -> float:
        """Root mean square of the falls at closes."""
        return sqrt(dot(self.falls, self.falls) / len(self.stamps))

    @cached_property
    def profit(self) -> Float64:
        """Net profit of each closed trade, (c,), account currency."""
        return self.closed["profit"] / MICRO

    @cached_property
    def opens(self) -> NDArray[np.bool_]:
        """Whether each fill opens its trade, (f,): the market numbers trades as they open."""
        latest = np.maximum.accumulate(self.fills["trade"])
        return np.append(True, latest[1:] > latest[:-1])[: len(latest)]

    @cached_property
    def fill_close(self) -> Int64:
        """The close at which each fill first shows, (f,), ascending."""
        setup, log = self.result.setup, self.fills
        if len(setup.bars) == 1:
            return np.asarray(log["row"] - setup.start)
        times = np.zeros(len(log["row"]), np.int64)
        for k, bars in enumerate(setup.bars):
            mine = log["instrument"] == k
            times[mine] = bars.time[log["row"][mine]]
        # A pair that has ended, or has no bar at a close-out, is closed at the stamp of the day, not of its own last bar.
        times[log["place"] == at.AT_CLOSE] = self.stamps[-1]
        return np.searchsorted(self.stamps, np.maximum.accumulate(times)) if len(times) else times

    @cached_property
    def held(self) -> tuple[Int64, Int64, NDArray[np.bool_]]:
        """After each fill: its close, the next fill's, whether a trade is open between them, (f,) each."""
        steps = np.abs(self.fills["steps"])
        np.negative(steps, where=~self.opens, out=steps)
        return self.fill_close, np.append(self.fill_close[1:], len(self.stamps)), np.cumsum(steps) > 0

    @property
    def constant_rates(self) -> bool:
        """Whether one conversion rate holds for all bars."""
        return int(self.result.setup.tape.rates.shape[1]) == 1

    def rate(self, column: int, instrument: Int64, row: Int64) -> Float64:
        """Return account currency (micro) per step and point, at rows of instruments' bars."""
        setup = self.result.setup
        factor = np.asarray(setup.instruments.factor, float)[instrument]
        if self.constant_rates:
            return np.asarray(factor * setup.tape.rates[column, 0])
        first = np.concatenate([[0], np.cumsum(setup.instruments.rows)])[instrument]
        return np.asarray(factor * setup.tape.rates[column, first + row])


def running_peak(worth: Int64, start: int) -> Int64:
    """Return the highest of `start` and all values so far, (n,).

    Block by block: only blocks that reach a new peak are walked through. 1 ms a million where peaks are rare; numpy's accumulate 3.
    """
    whole = len(worth) // BLOCK * BLOCK
    blocks = worth[:whole].reshape(-1, BLOCK)
    tops = np.maximum.accumulate(np.append(start, blocks.max(axis=1)))
    peak = np.empty_like(worth)
    inside = peak[:whole].reshape(-1, BLOCK)
    inside[:] = tops[:-1, None]
    fresh = np.flatnonzero(tops[1:] > tops[:-1])
    inside[fresh] = np.maximum(np.maximum.accumulate(blocks[fresh], axis=1), tops[fresh, None])
    peak[whole:] = np.maximum(np.maximum.accumulate(worth[whole:]), tops[-1])
    return peak
