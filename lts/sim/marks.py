"""What a strategy sees of the book and the account at a close, and the cheap test that lets quiet bars pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts.sim.jit import near
from lts.sim.money import at_mids, bar_at, block, factor_of, micro, unrealised
from lts.words import MICRO, Funds, Position

# isort: off
from lts.sim.layout import (
    BALANCE, BUSY, COMMON_STOP, COMMON_TARGET, COUNT, ELONG, ESHORT, EXACT, FALL, FIRST, GATE_ASK_HIGH, GATE_ASK_LOW,
    GATE_BID_HIGH, GATE_BID_LOW, HELD, LAST, LAST_REASON, LONG, NEVER, OLDEST_ROW, PEAK, P_CLOSEOUT, P_HEADER, P_INSTRUMENT,
    P_MARGIN, P_SCALE, P_UNIT, SHARE_FALL, SHARE_PEAK, SHORT, TROUGH, WORTH, X_MARK, X_MID,
)  # fmt: skip

if TYPE_CHECKING:
    from lts.sim.layout import Market, Real, Whole
    from lts.words import Decision


class Gate(NamedTuple):
    """What the loop of one instrument keeps at hand between two events: nothing in it changes while bars are quiet (K = 1)."""

    busy: Whole
    bids: Whole  # whether any bid matters
    asks: Whole
    bid_low: Whole
    bid_high: Whole
    ask_low: Whole
    ask_high: Whole
    balance: Whole
    held: Whole
    exact: Whole
    long: Whole
    short: Whole
    entries: Whole  # sum of steps x entry of the shorts less that of the longs
    factor: Real  # of the mark, where rates are constant


@near
def gate_of(m: Market) -> Gate:
    """Load the gates of the only instrument and what its mark is made of."""
    s, at = m.s, block(np.int64(0))
    bid_low, bid_high, ask_low, ask_high = s[at + GATE_BID_LOW], s[at + GATE_BID_HIGH], s[at + GATE_ASK_LOW], s[at + GATE_ASK_HIGH]
    return Gate(
        s[at + BUSY], np.int64(bid_low > -NEVER or bid_high < NEVER), np.int64(ask_low > -NEVER or ask_high < NEVER),
        bid_low, bid_high, ask_low, ask_high, s[BALANCE], s[at + HELD], s[at + EXACT], s[at + LONG], s[at + SHORT],
        s[at + ESHORT] - s[at + ELONG], factor_of(m, np.int64(0), X_MARK, np.int64(0)),
    )  # fmt: skip


@near
def eventful(m: Market, gate: Gate, bid_high: Whole, bid_low: Whole, ask_high: Whole, ask_low: Whole, i: Whole) -> bool:
    """Tell whether bar `i` of the only instrument can touch anything: an event, a level, the close-out (K = 1).

    The columns are pointers, so that a side on which nothing can be touched is not even loaded.
    """
    if gate.busy or m.f[i]:
        return True
    if gate.bids and (bid_low[i] <= gate.bid_low or bid_high[i] >= gate.bid_high):
        return True
    if gate.asks and (ask_low[i] <= gate.ask_low or ask_high[i] >= gate.ask_high):
        return True
    return bool(gate.exact and gate.held and near_closeout(m, i))


@near
def near_closeout(m: Market, g: Whole) -> bool:
    """Tell whether the bar at `g` may come near the close-out; on the safe side, for the exact test is the kernel's."""
    s, at, n = m.s, block(np.int64(0)), m.n
    low2, high2 = np.int64(m.b[2 * n + g]) + m.b[6 * n + g], np.int64(m.b[n + g]) + m.b[5 * n + g]
    held_long, held_short = s[at + LONG], s[at + SHORT]
    half = 0.5 * factor_of(m, np.int64(0), X_MID, g)
    profit = np.float64((low2 * held_long - 2 * s[at + ELONG]) + (2 * s[at + ESHORT] - high2 * held_short)) * half
    need = m.p[P_CLOSEOUT] * (np.float64(max(low2 * held_long, high2 * held_short)) * (half * m.p[P_HEADER + P_MARGIN]))
    slack = 16.0 + 1e-12 * (abs(np.float64(s[BALANCE])) + abs(profit) + need)
    return bool(np.float64(s[BALANCE]) + profit - need <= slack)


@near
def mark_one(m: Market, gate: Gate, bid_close: Whole, ask_close: Whole, i: Whole) -> Whole:
    """Return the unrealised profit of the only instrument at the close of bar `i`, in micro (K = 1)."""
    if gate.held == 0:
        return np.int64(0)
    points = gate.entries
    if gate.long:
        points += np.int64(bid_close[i]) * gate.long
    if gate.short:
        points -= np.int64(ask_close[i]) * gate.short
    return micro(points, factor_of(m, np.int64(0), X_MARK, i) if m.xs else gate.factor)


class Water(NamedTuple):
    """The drawdown so far, micro: see `layout.PEAK`."""

    peak: Whole
    trough: Whole
    fall: Whole
    share_fall: Whole
    share_peak: Whole


@near
def water_of(m: Market) -> Water:
    """Load the drawdown so far."""
    s = m.s
    return Water(s[PEAK], s[TROUGH], s[FALL], s[SHARE_FALL], s[SHARE_PEAK])


@near
def keep_water(m: Market, water: Water, worth: Whole) -> None:
    """Store the drawdown so far and the latest equity, which is looked at when the next one is known: the last may yet change."""
    s = m.s
    s[PEAK], s[TROUGH], s[FALL], s[WORTH] = water.peak, water.trough, water.fall, worth
    s[SHARE_FALL], s[SHARE_PEAK] = water.share_fall, water.share_peak


@near
def deeper(water: Water, worth: Whole) -> Water:
    """Look at one more value of equity. A fall is measured when its peak is passed, for within a peak the deepest is the lowest."""
    if worth > water.peak:
        fall, share_fall, share_peak = fallen(water)
        return Water(worth, worth, fall, share_fall, share_peak)
    return Water(water.peak, min(worth, water.trough), water.fall, water.share_fall, water.share_peak)


@near
def fallen(water: Water) -> tuple[Whole, Whole, Whole]:
    """Return (deepest fall, and the deepest as a share: its fall and peak), the current one included."""
    fall = water.peak - water.trough
    if np.float64(fall) / np.float64(water.peak) > np.float64(water.share_fall) / np.float64(water.share_peak):
        return max(fall, water.fall), fall, water.peak
    return max(fall, water.fall), water.share_fall, water.share_peak


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
def position(m: Market, k: Whole, net: Whole, profit: Whole) -> Position:
    """Return the position of instrument `k`: `net` steps with an unrealised profit in micro."""
    s, at, p = m.s, block(k), P_HEADER + k * P_INSTRUMENT
    scale = m.p[p + P_SCALE]
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
def net(m: Market, k: Whole) -> Whole:
    """Return the net steps of instrument `k`."""
    return m.s[block(k) + LONG] - m.s[block(k) + SHORT]


@near
def with_profit(p: Position, profit: Whole) -> Position:
    """Return a position whose book is as it was, with another unrealised profit in micro."""
    return Position(p.units, p.price, p.stop_loss, p.take_profit, np.float64(profit) / MICRO, p.trades, p.entry_time, p.reason)


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
