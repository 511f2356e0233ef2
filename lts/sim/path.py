"""The path inside a bar, when the path decides: legs of open-high-low-close, or finer bars (rules I3, I4)."""

from __future__ import annotations

import numpy as np

from lts.sim.inside import BEST, DETAIL, OHLC, PATH, WORST, any_reached, inside_pass, passed_at_open, ratchet, whole_bar
from lts.sim.jit import njit
from lts.sim.layout import (
    AMBIGUOUS, CLOSED, DETAIL_AT, DETAIL_ROWS, DURATION, FIRST, MARK_NEW, N_OPEN, N_TRADES, NEVER, POLICY, SETTLED, T_AMBIGUOUS, T_ID,
    T_INSIDE, T_INST, T_SIDE, TRADE, TRADE_COLUMNS, TRADES_AT, PointBar,
)  # fmt: skip
from lts.sim.money import block

AMBIGUOUS_COLUMN = TRADE_COLUMNS.index("ambiguous")


@njit
def leg(m, k, row, bar, bid, ask, bid_end, ask_end, rising):
    """Run `inside_pass` over one leg of a path: only levels in its direction can be reached (I3)."""
    low, high = np.int64(NEVER), np.int64(-NEVER)
    if rising:
        inside_pass(m, k, row, bar, bid, ask, low, bid_end, low, ask_end, np.int64(PATH))
    else:
        inside_pass(m, k, row, bar, bid, ask, bid_end, high, ask_end, high, np.int64(PATH))


@njit
def low_first(m, k, bar):
    """Tell which extreme the path visits first: the nearer; at a tie the one that is worse for the oldest trade (I3)."""
    start = bar.bid_open + bar.ask_open
    up, down = bar.bid_high + bar.ask_high - start, start - bar.bid_low - bar.ask_low
    if up != down:
        return down < up
    for j in range(m.s[N_OPEN]):
        at = m.s[TRADES_AT] + j * TRADE
        if m.s[at + T_INST] == k:
            return m.s[at + T_SIDE] > 0
    return True


@njit
def walk(m, k, row, bar):
    """Walk open, nearer extreme, farther extreme, close."""
    if low_first(m, k, bar):
        leg(m, k, row, bar, bar.bid_open, bar.ask_open, bar.bid_low, bar.ask_low, False)
        leg(m, k, row, bar, bar.bid_low, bar.ask_low, bar.bid_high, bar.ask_high, True)
        leg(m, k, row, bar, bar.bid_high, bar.ask_high, bar.bid_close, bar.ask_close, False)
    else:
        leg(m, k, row, bar, bar.bid_open, bar.ask_open, bar.bid_high, bar.ask_high, True)
        leg(m, k, row, bar, bar.bid_high, bar.ask_high, bar.bid_low, bar.ask_low, False)
        leg(m, k, row, bar, bar.bid_low, bar.ask_low, bar.bid_close, bar.ask_close, True)


@njit
def first_finer(m, k, start):
    """Return the index of the first finer bar of `k` at or after `start`."""
    low = m.s[block(k) + DETAIL_AT]
    high = low + m.s[block(k) + DETAIL_ROWS]
    while low < high:
        middle = (low + high) // 2
        if m.dt[middle] < start:
            low = middle + 1
        else:
            high = middle
    return low


@njit
def finer_bar(m, q):
    """Load finer bar `q`."""
    d, n = m.d, m.dn
    return PointBar(
        np.int64(d[q]), np.int64(d[n + q]), np.int64(d[2 * n + q]), np.int64(d[3 * n + q]),
        np.int64(d[4 * n + q]), np.int64(d[5 * n + q]), np.int64(d[6 * n + q]), np.int64(d[7 * n + q]),
    )  # fmt: skip


@njit
def finer_range(m, k, row, bar):
    """Return (first, after the last) finer bar if they contain `bar`, else an empty range (I4)."""
    at = block(k)
    start = m.t[m.s[at + FIRST] + row]
    first = first_finer(m, k, start)
    last = first
    end = m.s[at + DETAIL_AT] + m.s[at + DETAIL_ROWS]
    low_bid, high_bid, low_ask, high_ask = np.int64(NEVER), np.int64(-NEVER), np.int64(NEVER), np.int64(-NEVER)
    while last < end and m.dt[last] < start + m.s[at + DURATION]:
        fine = finer_bar(m, last)
        low_bid, high_bid = min(low_bid, fine.bid_low), max(high_bid, fine.bid_high)
        low_ask, high_ask = min(low_ask, fine.ask_low), max(high_ask, fine.ask_high)
        last += 1
    if low_bid <= bar.bid_low and high_bid >= bar.bid_high and low_ask <= bar.ask_low and high_ask >= bar.ask_high:
        return first, last
    return first, first


@njit
def walk_detail(m, k, row, first, last):
    """Walk the finer bars: what their opens have passed, then inside with "worst", then trailing stops (I4)."""
    s = m.s
    for q in range(first, last):
        for j in range(s[N_OPEN]):
            if s[s[TRADES_AT] + j * TRADE + T_INST] == k:
                s[s[TRADES_AT] + j * TRADE + T_INSIDE] = 0
        fine = finer_bar(m, np.int64(q))
        passed_at_open(m, k, row, fine)
        whole_bar(m, k, row, fine, np.int64(WORST))
        ratchet(m, k, fine)
    s[block(k) + SETTLED] = 1


@njit
def save_state(m):
    """Keep a copy of the state; the logs need none, for their lengths are part of it."""
    for i in range(m.s[TRADES_AT] + m.s[N_OPEN] * TRADE):
        m.z[i] = m.s[i]


@njit
def found_ambiguous(m, trade):
    """Tell whether the pass since `save_state` found the trade with this id ambiguous, open or closed by now."""
    s = m.s
    for j in range(s[N_OPEN]):
        at = s[TRADES_AT] + j * TRADE
        if s[at + T_ID] == trade:
            return s[at + T_AMBIGUOUS] != 0
    for c in range(m.z[N_TRADES], s[N_TRADES]):
        if m.trades[c * CLOSED] == trade and m.trades[c * CLOSED + AMBIGUOUS_COLUMN]:
            return True
    return False


@njit
def restore_state(m, k):
    """Go back to the saved state, keeping which of its trades are ambiguous."""
    s, z = m.s, m.z
    for j in range(z[N_OPEN]):
        at = z[TRADES_AT] + j * TRADE
        if z[at + T_INST] == k and found_ambiguous(m, z[at + T_ID]):
            z[at + T_AMBIGUOUS] = 1
    for i in range(z[TRADES_AT] + z[N_OPEN] * TRADE):
        s[i] = z[i]


@njit
def inside_bar(m, k, row, bar):
    """Do all that happens inside the bar of instrument `k` under the run's policy."""
    s = m.s
    if not any_reached(m, k, bar):
        return
    policy = s[POLICY]
    if policy == WORST or policy == BEST:
        s[AMBIGUOUS] += whole_bar(m, k, row, bar, policy)
        return
    save_state(m)
    ambiguous = whole_bar(m, k, row, bar, np.int64(WORST))
    first, last = np.int64(0), np.int64(0)
    if policy == DETAIL and ambiguous:
        first, last = finer_range(m, k, row, bar)
    if policy == OHLC or last > first:
        restore_state(m, k)
        s[MARK_NEW] = np.int64(ambiguous)
        if policy == OHLC:
            walk(m, k, row, bar)
        else:
            walk_detail(m, k, row, first, last)
        s[MARK_NEW] = 0
    s[AMBIGUOUS] += ambiguous
