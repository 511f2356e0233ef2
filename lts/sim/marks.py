"""What a strategy sees of the book and the account at a close, and the cheap test that lets quiet bars pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.sim.jit import near
from lts.sim.money import at_mids, bar_at, block, factor_of, unrealised
from lts.words import MICRO, Funds, Position

# isort: off
from lts.sim.layout import (
    BALANCE, BUSY, COMMON_STOP, COMMON_TARGET, COUNT, ELONG, ESHORT, FIRST, GATE_ASK_HIGH, GATE_ASK_LOW, GATE_BID_HIGH,
    GATE_BID_LOW, HELD, HIGH_ASK, HIGH_BID, LAST, LAST_REASON, LONG, LOW_ASK, LOW_BID, OLDEST_ROW, P_CLOSEOUT, P_HEADER,
    P_INSTRUMENT, P_MARGIN, P_SCALE, P_UNIT, SEEN, SHORT, X_MARK, X_MID,
)  # fmt: skip

if TYPE_CHECKING:
    from lts.sim.layout import Market, Real, Whole
    from lts.words import Decision


@near
def quiet(m: Market, g: Whole) -> bool:
    """Tell whether the bar at `g` of the only instrument can touch nothing: no event, no level, no close-out near (K = 1)."""
    s, at, n = m.s, block(np.int64(0)), m.n
    if s[at + BUSY] or m.f[g]:
        return False
    bid_high, bid_low, ask_high, ask_low = m.b[n + g], m.b[2 * n + g], m.b[5 * n + g], m.b[6 * n + g]
    if bid_low <= s[at + GATE_BID_LOW] or bid_high >= s[at + GATE_BID_HIGH]:
        return False
    if ask_low <= s[at + GATE_ASK_LOW] or ask_high >= s[at + GATE_ASK_HIGH]:
        return False
    if s[at + HELD] == 0:
        return True
    low2, high2 = np.int64(bid_low) + ask_low, np.int64(bid_high) + ask_high
    held_long, held_short = s[at + LONG], s[at + SHORT]
    half = 0.5 * factor_of(m, np.int64(0), X_MID, g)
    profit = np.float64((low2 * held_long - 2 * s[at + ELONG]) + (2 * s[at + ESHORT] - high2 * held_short)) * half
    need = m.p[P_CLOSEOUT] * (np.float64(max(low2 * held_long, high2 * held_short)) * (half * m.p[P_HEADER + P_MARGIN]))
    # The exact test is the kernel's; this one errs on the side of asking it.
    slack = 16.0 + 1e-12 * (abs(np.float64(s[BALANCE])) + abs(profit) + need)
    if np.float64(s[BALANCE]) + profit - need <= slack:
        return False
    if s[at + SEEN]:
        s[at + LOW_BID], s[at + HIGH_BID] = min(s[at + LOW_BID], bid_low), max(s[at + HIGH_BID], bid_high)
        s[at + LOW_ASK], s[at + HIGH_ASK] = min(s[at + LOW_ASK], ask_low), max(s[at + HIGH_ASK], ask_high)
    else:
        s[at + SEEN], s[at + LOW_BID], s[at + HIGH_BID], s[at + LOW_ASK], s[at + HIGH_ASK] = 1, bid_low, bid_high, ask_low, ask_high
    return True


@near
def mark_one(m: Market, g: Whole) -> Whole:
    """Return the unrealised profit of the only instrument at the close of the bar at `g`, in micro (K = 1)."""
    if m.s[block(np.int64(0)) + HELD] == 0:
        return np.int64(0)
    n = m.n
    factor = factor_of(m, np.int64(0), X_MARK, g)
    return unrealised(m, np.int64(0), np.int64(m.b[3 * n + g]), np.int64(m.b[7 * n + g]), factor)


@near
def mark(m: Market, k: Whole) -> Whole:
    """Return the unrealised profit of instrument `k` at its last close, in micro."""
    s, at = m.s, block(k)
    if s[at + HELD] == 0:
        return np.int64(0)
    g = s[at + FIRST] + s[at + LAST]
    bar = bar_at(m.b, m.n, g)
    return unrealised(m, k, bar.bid_close, bar.ask_close, factor_of(m, k, X_MARK, g))


@near
def position(m: Market, k: Whole, profit: Whole) -> Position:
    """Return the net position of instrument `k`; `profit` is its unrealised profit in micro."""
    s, at, p = m.s, block(k), P_HEADER + k * P_INSTRUMENT
    net, scale = s[at + LONG] - s[at + SHORT], m.p[p + P_SCALE]
    price = np.nan
    if net > 0:
        price = np.float64(s[at + ELONG]) / np.float64(s[at + LONG]) / scale
    elif net < 0:
        price = np.float64(s[at + ESHORT]) / np.float64(s[at + SHORT]) / scale
    held = s[at + HELD]
    stop = np.float64(s[at + COMMON_STOP]) / scale if held > 0 and s[at + COMMON_STOP] > 0 else np.nan
    target = np.float64(s[at + COMMON_TARGET]) / scale if held > 0 and s[at + COMMON_TARGET] > 0 else np.nan
    since: Whole = m.t[s[at + FIRST] + s[at + OLDEST_ROW]] if held > 0 else np.int64(0)
    return Position(
        np.float64(net) / m.p[p + P_UNIT], price, stop, target, np.float64(profit) / MICRO, held, since, s[at + LAST_REASON]
    )


@near
def margins(m: Market) -> tuple[Whole, Whole]:
    """Return (net asset value at mid, margin used) at the last closes, in micro."""
    s = m.s
    value, margin = s[BALANCE], np.int64(0)
    for k in range(s[COUNT]):
        at = block(k)
        if s[at + HELD] > 0:
            g = s[at + FIRST] + s[at + LAST]
            bar = bar_at(m.b, m.n, g)
            mid2 = bar.bid_close + bar.ask_close
            profit, used = at_mids(m, k, mid2, mid2, factor_of(m, k, X_MARK, g))
            value += profit
            margin += used
    return value, margin


@near
def funds(m: Market, worth: Whole) -> Funds:
    """Return the account as `decide` sees it; `worth` is its equity in micro."""
    value, margin = margins(m)
    return Funds(
        np.float64(m.s[BALANCE]) / MICRO, np.float64(worth) / MICRO, np.float64(margin) / MICRO, np.float64(value - margin) / MICRO
    )


@near
def funds_without_margin(m: Market, worth: Whole) -> Funds:
    """Return the account for a `decide` that does not look at margin."""
    return Funds(np.float64(m.s[BALANCE]) / MICRO, np.float64(worth) / MICRO, np.nan, np.nan)


@near
def state(stated: Real, d: Decision) -> None:
    """Lay a decision where `plan` reads it."""
    stated[0], stated[1], stated[2], stated[3], stated[4] = d.kind, d.units, d.entry_type, d.entry, d.stop_loss
    stated[5], stated[6], stated[7], stated[8], stated[9] = (
        d.take_profit,
        d.stop_pips,
        d.target_pips,
        d.trailing_pips,
        d.expiry_bars,
    )
