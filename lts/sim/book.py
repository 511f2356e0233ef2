"""The book: where a fill becomes a trade and a trade becomes money (rules O1-O6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.sim.jit import njit
from lts.sim.money import block, commission, factor_of, micro, worth
from lts.words import Reason, Status

# isort: off
from lts.sim.layout import (
    AFTER_CLOSURE, BALANCE, CLOSED, COMMISSION, CONVERSION_COST, ELONG, ESHORT, FILL, FIRST, FLAG_CLOSURE, FLAG_SPAN, HEDGING,
    INSIDE, LAST_REASON, LONG, MARK_NEW, N_FILLS, N_OPEN, N_ORDERS, N_REST, N_TRADES, ORDER, PRICE_PROFIT, REST, REST_AT, R_EXPIRY,
    R_INST, R_LEVEL, R_ROW, R_SIDE, R_STEPS, R_STOP, R_TYPE, SEQUENCE, SHORT, SLIPPAGE_COST, SPANNED, SPAN_ROW, SPREAD_COST,
    SWAP_TOTAL, TRADE, TRADES_AT, TRADE_IDS, T_AMBIGUOUS, T_COMMISSION, T_ENTRY, T_ID, T_INSIDE, T_INST, T_MAE, T_MFE, T_PLACE,
    T_ROW, T_SEQ, T_SIDE, T_SLIP, T_SPREAD, T_STEPS, T_STOP, T_SWAP, T_TARGET, T_TRAIL, T_TRAIL_D, X_GAIN, X_LOSS, X_MID, Guard,
)  # fmt: skip

if TYPE_CHECKING:
    from lts.sim.layout import Deal, Market, Reach, Whole

FILLED, CANCELLED, REFUSED, PENDING = (int(x) for x in (Status.FILLED, Status.CANCELLED, Status.REFUSED, Status.PENDING))
STOP_ON_FILL, TARGET_ON_FILL = int(Reason.STOP_LOSS_ON_FILL_LOSS), int(Reason.TAKE_PROFIT_ON_FILL_LOSS)
NO_MARGIN, TOO_MANY = int(Reason.INSUFFICIENT_MARGIN), int(Reason.UNITS_ABOVE_MAXIMUM)
MOST_UNITS, MOST_MICRO = 1e17, 1e18  # steps x points, and micro, of one side of one instrument: a tenth of what 64 bits hold
NO_GUARD = Guard(np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0))


@njit
def guard_at(m: Market, at: Whole) -> Guard:
    """Read the protection that lies at `at`."""
    s = m.s
    return Guard(s[at], s[at + 1], s[at + 2], s[at + 3], s[at + 4])


@njit
def log_order(
    m: Market, k: Whole, kind: Whole, steps: Whole, status: Whole, why: Whole, decided: Whole, done: Whole, level: Whole,
    guard: Guard, expiry: Whole,
) -> None:  # fmt: skip
    """Write one ended order."""
    o, at = m.orders, m.s[N_ORDERS] * ORDER
    o[at], o[at + 1], o[at + 2], o[at + 3], o[at + 4], o[at + 5], o[at + 6] = k, kind, steps, status, why, decided, done
    o[at + 7], o[at + 8], o[at + 9], o[at + 10] = level, guard.stop, guard.target, guard.stop_distance
    o[at + 11], o[at + 12], o[at + 13] = guard.target_distance, guard.trail_distance, expiry
    m.s[N_ORDERS] += 1


@njit
def end_rest(m: Market, r: Whole, status: Whole, why: Whole, done: Whole) -> None:
    """Write the end of resting order `r`, take it out and close the gap."""
    s, at = m.s, m.s[REST_AT] + r * REST
    steps, guard = s[at + R_SIDE] * s[at + R_STEPS], guard_at(m, at + R_STOP)
    log_order(m, s[at + R_INST], s[at + R_TYPE], steps, status, why, s[at + R_ROW], done, s[at + R_LEVEL], guard, s[at + R_EXPIRY])
    s[N_REST] -= 1
    for i in range(at, s[REST_AT] + s[N_REST] * REST):
        s[i] = s[i + REST]


@njit
def log_fill(m: Market, k: Whole, trade: Whole, steps: Whole, price: Whole, reason: Whole, fee: Whole, deal: Deal) -> None:
    """Write one fill; the balance is the one after it. In the bar as a whole the open of a finer bar lies inside."""
    s, o, at = m.s, m.fills, m.s[N_FILLS] * FILL
    place = INSIDE if s[MARK_NEW] else deal.place
    o[at], o[at + 1], o[at + 2], o[at + 3], o[at + 4], o[at + 5] = deal.row, k, trade, steps, price, reason
    o[at + 6], o[at + 7], o[at + 8], o[at + 9], o[at + 10] = fee, s[BALANCE], deal.spread, deal.slip, place
    s[N_FILLS] += 1
    if m.f[s[block(k) + FIRST] + deal.row] & FLAG_CLOSURE:
        s[AFTER_CLOSURE] += 1


@njit
def share(whole: Whole, part: Whole, steps: Whole) -> Whole:
    """Return floor(whole * part / steps), also where the product would need more than 64 bits."""
    if part == steps:
        return whole
    quotient = whole // steps
    left = whole - quotient * steps
    near = np.int64(np.float64(left) * np.float64(part) / np.float64(steps))
    # Both products may wrap, but their difference is small and therefore right.
    return quotient * part + near + (left * part - near * steps) // steps


@njit
def hold(m: Market, k: Whole, side: Whole, steps: Whole, entry: Whole) -> None:
    """Add `steps` (negative: take away) entered at `entry` to the instrument's sums."""
    s, at = m.s, block(k)
    if side > 0:
        s[at + LONG] += steps
        s[at + ELONG] += steps * entry
    else:
        s[at + SHORT] += steps
        s[at + ESHORT] += steps * entry


@njit
def excursion(m: Market, at: Whole, reach: Reach) -> None:
    """Let the trade at `at` remember how far these prices are against and for it (O6)."""
    s = m.s
    entry = s[at + T_ENTRY]
    if s[at + T_SIDE] > 0:
        s[at + T_MAE], s[at + T_MFE] = max(s[at + T_MAE], entry - reach.low_bid), max(s[at + T_MFE], reach.high_bid - entry)
    else:
        s[at + T_MAE], s[at + T_MFE] = max(s[at + T_MAE], reach.high_ask - entry), max(s[at + T_MFE], entry - reach.low_ask)


@njit
def log_closed(m: Market, at: Whole, part: Whole, price: Whole, reason: Whole, row: Whole) -> None:
    """Write what identifies the closed part of the trade at `at`; its money is written by `close_part`."""
    s, o, to = m.s, m.trades, m.s[N_TRADES] * CLOSED
    o[to], o[to + 1], o[to + 2] = s[at + T_ID], s[at + T_INST], s[at + T_SIDE] * part
    o[to + 3], o[to + 4], o[to + 5], o[to + 6] = s[at + T_ROW], row, s[at + T_ENTRY], price
    # The exit counts in this row alone: a trade that stays open does not remember it (O6).
    move = (price - s[at + T_ENTRY]) * s[at + T_SIDE]
    o[to + 14], o[to + 15], o[to + 16] = reason, max(s[at + T_MAE], -move), max(s[at + T_MFE], move)
    o[to + 17] = s[at + T_AMBIGUOUS]
    s[N_TRADES] += 1
    b = block(s[at + T_INST])
    s[b + LAST_REASON] = reason
    # A trade that came and went inside one bar over 17:00 New York paid no swap; such bars are counted once.
    if s[at + T_ROW] == row and s[b + SPAN_ROW] != row and m.f[s[b + FIRST] + row] & FLAG_SPAN:
        s[b + SPAN_ROW] = row
        s[SPANNED] += 1


@njit
def close_part(m: Market, j: Whole, part: Whole, price: Whole, reason: Whole, deal: Deal) -> None:
    """Close `part` steps of trade `j` at `price` points (O4)."""
    s, at = m.s, m.s[TRADES_AT] + j * TRADE
    k, side, steps = s[at + T_INST], s[at + T_SIDE], s[at + T_STEPS]
    g = s[block(k) + FIRST] + deal.row
    factor = factor_of(m, k, X_MID, g)
    points = part * (price - s[at + T_ENTRY]) * side
    profit = micro(points, factor)
    conversion = profit - micro(points, factor_of(m, k, X_GAIN if points >= 0 else X_LOSS, g))
    spread_cost = micro(part * (s[at + T_SPREAD] + deal.spread), 0.5 * factor)
    slippage_cost = micro(part * (s[at + T_SLIP] + deal.slip), factor)
    fee = commission(m, k, part, price, factor)
    fee_in, swap = share(s[at + T_COMMISSION], part, steps), share(s[at + T_SWAP], part, steps)
    price_profit = profit + spread_cost + slippage_cost
    s[BALANCE] += profit - conversion - fee
    log_fill(m, k, s[at + T_ID], -side * part, price, reason, fee, deal)
    o, to = m.trades, s[N_TRADES] * CLOSED
    o[to + 7], o[to + 8], o[to + 9], o[to + 10], o[to + 11] = price_profit, spread_cost, slippage_cost, fee + fee_in, swap
    o[to + 12], o[to + 13] = conversion, profit - conversion - fee - fee_in + swap
    log_closed(m, at, part, price, reason, deal.row)
    s[PRICE_PROFIT] += price_profit
    s[SPREAD_COST] += spread_cost
    s[SLIPPAGE_COST] += slippage_cost
    s[CONVERSION_COST] += conversion
    s[COMMISSION] += fee + fee_in
    s[SWAP_TOTAL] += swap
    s[at + T_COMMISSION] -= fee_in
    s[at + T_SWAP] -= swap
    s[at + T_STEPS] -= part
    hold(m, k, side, -part, s[at + T_ENTRY])
    if part == steps:
        s[N_OPEN] -= 1
        for i in range(at, s[TRADES_AT] + s[N_OPEN] * TRADE):
            s[i] = s[i + TRADE]


@njit
def reduce(m: Market, k: Whole, side: Whole, most: Whole, price: Whole, reason: Whole, deal: Deal) -> Whole:
    """Close up to `most` steps of the instrument's trades on `side`, oldest first; return what was closed."""
    s, j, done = m.s, np.int64(0), np.int64(0)
    while j < s[N_OPEN] and done < most:
        at = s[TRADES_AT] + j * TRADE
        held = s[at + T_STEPS]
        part = min(most - done, held)
        if s[at + T_INST] == k and s[at + T_SIDE] == side:
            close_part(m, j, part, price, reason, deal)
            done += part
            if part == held:
                continue
        j += 1
    return done


@njit
def tighter(side: Whole, stop: Whole, trail: Whole) -> Whole:
    """Return the stop nearer to the price; 0 is none."""
    if stop == 0 or trail == 0:
        return stop + trail
    return max(stop, trail) if side > 0 else min(stop, trail)


@njit
def enter(
    m: Market, k: Whole, side: Whole, steps: Whole, price: Whole, closing: Whole, guard: Guard, reason: Whole, deal: Deal,
    inside: Whole,
) -> Whole:  # fmt: skip
    """Fill an entry (O1-O3): on a netting account opposite trades go first. Return 0 or the reason of a refusal."""
    s = m.s
    if s[HEDGING] == 0:
        steps -= reduce(m, k, -side, steps, price, reason, deal)
        if steps == 0:
            return np.int64(0)
    stop = max(price - side * guard.stop_distance, 0) if guard.stop_distance > 0 else guard.stop
    target = max(price + side * guard.target_distance, 0) if guard.target_distance > 0 else guard.target
    trail = max(price - side * guard.trail_distance, 0) if guard.trail_distance > 0 else np.int64(0)
    factor = factor_of(m, k, X_MID, s[block(k) + FIRST] + deal.row)
    size = np.float64(s[block(k) + (LONG if side > 0 else SHORT)] + steps) * np.float64(price)
    if size > MOST_UNITS or size * factor > MOST_MICRO:
        return np.int64(TOO_MANY)
    tight = tighter(side, stop, trail)
    if tight > 0 and (closing - tight) * side <= 0:
        return np.int64(STOP_ON_FILL)
    if target > 0 and (closing - target) * side >= 0:
        return np.int64(TARGET_ON_FILL)
    fee = commission(m, k, steps, price, factor)
    s[BALANCE] -= fee
    hold(m, k, side, steps, price)
    value, margin = worth(m, 0)
    if np.float64(margin) > np.float64(value):
        s[BALANCE] += fee
        hold(m, k, side, -steps, price)
        return np.int64(NO_MARGIN)
    at = s[TRADES_AT] + s[N_OPEN] * TRADE
    s[N_OPEN] += 1
    s[TRADE_IDS] += 1
    s[SEQUENCE] += 1
    s[at + T_INST], s[at + T_ID], s[at + T_SEQ], s[at + T_SIDE], s[at + T_STEPS] = k, s[TRADE_IDS], s[SEQUENCE], side, steps
    s[at + T_ENTRY], s[at + T_SPREAD], s[at + T_SLIP], s[at + T_COMMISSION], s[at + T_SWAP] = price, deal.spread, deal.slip, fee, 0
    s[at + T_STOP], s[at + T_TARGET], s[at + T_TRAIL_D], s[at + T_TRAIL] = stop, target, guard.trail_distance, trail
    s[at + T_MAE], s[at + T_MFE], s[at + T_ROW], s[at + T_INSIDE] = 0, 0, deal.row, inside
    s[at + T_AMBIGUOUS], s[at + T_PLACE] = s[MARK_NEW], INSIDE if s[MARK_NEW] else deal.place
    log_fill(m, k, s[TRADE_IDS], side * steps, price, reason, fee, deal)
    return np.int64(0)
