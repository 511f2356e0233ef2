"""The path inside a bar, when the path decides: legs of open-high-low-close, or finer bars (rules I3, I4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.sim.inside import PATH, any_reached, inside_pass, passed_at_open, ratchet, whole_bar
from lts.sim.jit import njit
from lts.sim.money import bar_at, block
from lts.words import Intrabar

# isort: off
from lts.sim.layout import (
    AMBIGUOUS, DETAIL_AT, DETAIL_ROWS, DURATION, FIRST, MARK_NEW, NEVER, N_OPEN, POLICY, SETTLED, TRADE, TRADES_AT, T_INSIDE,
    T_INST, T_SIDE, Reach,
)  # fmt: skip

if TYPE_CHECKING:
    from lts.sim.layout import Market, PointBar, Whole

WORST, OHLC, DETAIL = int(Intrabar.WORST), int(Intrabar.OHLC), int(Intrabar.DETAIL)


@njit
def low_first(m: Market, k: Whole, bar: PointBar) -> bool:
    """Tell which extreme the path visits first: the nearer; at a tie the one that is worse for the oldest trade (I3)."""
    start = bar.bid_open + bar.ask_open
    up, down = bar.bid_high + bar.ask_high - start, start - bar.bid_low - bar.ask_low
    if up != down:
        return bool(down < up)
    for j in range(m.s[N_OPEN]):
        at = m.s[TRADES_AT] + j * TRADE
        if m.s[at + T_INST] == k:
            return bool(m.s[at + T_SIDE] > 0)
    return True


@njit
def walk(m: Market, k: Whole, row: Whole, bar: PointBar) -> None:
    """Walk open, nearer extreme, farther extreme, close; on a leg only levels in its direction can be reached (I3)."""
    falls_first = low_first(m, k, bar)
    bid, ask = bar.bid_open, bar.ask_open
    for number in range(3):
        falls = falls_first if number != 1 else not falls_first
        to_bid, to_ask = (bar.bid_low, bar.ask_low) if falls else (bar.bid_high, bar.ask_high)
        if number == 2:
            to_bid, to_ask = bar.bid_close, bar.ask_close
        low_bid, low_ask = (to_bid, to_ask) if falls else (np.int64(NEVER), np.int64(NEVER))
        high_bid, high_ask = (np.int64(-NEVER), np.int64(-NEVER)) if falls else (to_bid, to_ask)
        inside_pass(m, k, row, bar, bid, ask, Reach(low_bid, high_bid, low_ask, high_ask), PATH)
        bid, ask = to_bid, to_ask


@njit
def finer_range(m: Market, k: Whole, row: Whole, bar: PointBar) -> tuple[Whole, Whole]:
    """Return (first, after the last) finer bar if they contain `bar`, else an empty range (I4)."""
    at = block(k)
    start, end = m.t[m.s[at + FIRST] + row], m.s[at + DETAIL_AT] + m.s[at + DETAIL_ROWS]
    first, above = m.s[at + DETAIL_AT], end
    while first < above:
        middle = (first + above) // 2
        if m.dt[middle] < start:
            first = middle + 1
        else:
            above = middle
    last = first
    low_bid, high_bid, low_ask, high_ask = np.int64(NEVER), np.int64(-NEVER), np.int64(NEVER), np.int64(-NEVER)
    while last < end and m.dt[last] < start + m.s[at + DURATION]:
        fine = bar_at(m.d, m.dn, last)
        low_bid, high_bid = min(low_bid, fine.bid_low), max(high_bid, fine.bid_high)
        low_ask, high_ask = min(low_ask, fine.ask_low), max(high_ask, fine.ask_high)
        last += 1
    if low_bid <= bar.bid_low and high_bid >= bar.bid_high and low_ask <= bar.ask_low and high_ask >= bar.ask_high:
        return first, last
    return first, first


@njit
def walk_detail(m: Market, k: Whole, row: Whole, first: Whole, last: Whole) -> None:
    """Walk the finer bars: what their opens have passed, then inside with "worst", then trailing stops (I4)."""
    s = m.s
    for q in range(first, last):
        for j in range(s[N_OPEN]):
            if s[s[TRADES_AT] + j * TRADE + T_INST] == k:
                s[s[TRADES_AT] + j * TRADE + T_INSIDE] = 0
        fine = bar_at(m.d, m.dn, q)
        passed_at_open(m, k, row, fine)
        whole_bar(m, k, row, fine, WORST)
        ratchet(m, k, fine)
    s[block(k) + SETTLED] = 1


@njit
def inside_bar(m: Market, k: Whole, row: Whole, bar: PointBar) -> None:
    """Do all that happens inside the bar of instrument `k` under the run's policy."""
    s, z = m.s, m.z
    if not any_reached(m, k, Reach(bar.bid_low, bar.bid_high, bar.ask_low, bar.ask_high)):
        return
    policy = s[POLICY]
    if policy < OHLC:
        s[AMBIGUOUS] += whole_bar(m, k, row, bar, policy)
        return
    # The logs need no copy: their lengths are part of the state.
    for i in range(s[TRADES_AT] + s[N_OPEN] * TRADE):
        z[i] = s[i]
    ambiguous = whole_bar(m, k, row, bar, WORST)
    first, last = np.int64(0), np.int64(0)
    if policy == DETAIL and ambiguous:
        first, last = finer_range(m, k, row, bar)
    if policy == OHLC or last > first:
        for i in range(z[TRADES_AT] + z[N_OPEN] * TRADE):
            s[i] = z[i]
        s[MARK_NEW] = np.int64(ambiguous)
        if policy == OHLC:
            walk(m, k, row, bar)
        else:
            walk_detail(m, k, row, first, last)
        s[MARK_NEW] = 0
    s[AMBIGUOUS] += ambiguous
