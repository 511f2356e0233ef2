"""The book: where a fill becomes a trade and a trade becomes money (rules O1-O6)."""

from __future__ import annotations

import numpy as np

from lts.sim.jit import njit
from lts.sim.layout import (
    AFTER_CLOSURE, BALANCE, CLOSED, COMMISSION, CONVERSION_COST, ELONG, ESHORT, FILL, FIRST, FLAG_CLOSURE, FLAG_SPAN, HEDGING,
    INSIDE, LAST_REASON, LONG, MARK_NEW, N_FILLS, N_OPEN, N_ORDERS, N_REST, N_TRADES, ORDER, P_F, P_HEADER, P_INSTRUMENT, PRICE_PROFIT, R_INST, R_LEVEL,
    R_EXPIRY, R_ROW, R_SIDE, R_STEPS, R_STOP, R_STOP_D, R_TARGET, R_TARGET_D, R_TRAIL_D, R_TYPE, REST, REST_AT, SEQUENCE, SHORT,
    SLIPPAGE_COST, SPAN_ROW, SPANNED, SPREAD_COST, SWAP_TOTAL, T_AMBIGUOUS, T_COMMISSION, T_ENTRY, T_ID, T_INSIDE, T_INST, T_MAE, T_MFE,
    T_PLACE, T_ROW, T_SEQ, T_SIDE, T_SLIP, T_SPREAD, T_STEPS, T_STOP, T_SWAP, T_TARGET, T_TRAIL, T_TRAIL_D, TRADE, TRADE_IDS, TRADES_AT, X_GAIN,
    X_LOSS,
)  # fmt: skip
from lts.sim.money import block, commission, event_factor, micro, rate, worth
from lts.words import Reason, Status

FILLED, CANCELLED, REFUSED, PENDING = (int(x) for x in (Status.FILLED, Status.CANCELLED, Status.REFUSED, Status.PENDING))
STOP_ON_FILL, TARGET_ON_FILL = int(Reason.STOP_LOSS_ON_FILL_LOSS), int(Reason.TAKE_PROFIT_ON_FILL_LOSS)
NO_MARGIN = int(Reason.INSUFFICIENT_MARGIN)


@njit
def log_order(m, k, kind, steps, status, reason, decided, done, level, stop, target, stop_d, target_d, trail_d, expiry):
    """Write one ended order."""
    s, at = m.s, m.s[N_ORDERS] * ORDER
    o = m.orders
    o[at], o[at + 1], o[at + 2], o[at + 3], o[at + 4], o[at + 5], o[at + 6] = k, kind, steps, status, reason, decided, done
    o[at + 7], o[at + 8], o[at + 9], o[at + 10], o[at + 11], o[at + 12], o[at + 13] = (
        level,
        stop,
        target,
        stop_d,
        target_d,
        trail_d,
        expiry,
    )
    s[N_ORDERS] += 1


@njit
def log_rest(m, r, status, reason, done):
    """Write the end of a resting order."""
    s, at = m.s, m.s[REST_AT] + r * REST
    log_order(
        m, s[at + R_INST], s[at + R_TYPE], s[at + R_SIDE] * s[at + R_STEPS], status, reason, s[at + R_ROW], done, s[at + R_LEVEL],
        s[at + R_STOP], s[at + R_TARGET], s[at + R_STOP_D], s[at + R_TARGET_D], s[at + R_TRAIL_D], s[at + R_EXPIRY],
    )  # fmt: skip


@njit
def remove_rest(m, r):
    """Take resting order `r` out and close the gap."""
    s = m.s
    s[N_REST] -= 1
    for i in range(s[REST_AT] + r * REST, s[REST_AT] + s[N_REST] * REST):
        s[i] = s[i + REST]


@njit
def remove_trade(m, j):
    """Take open trade `j` out and close the gap."""
    s = m.s
    s[N_OPEN] -= 1
    for i in range(s[TRADES_AT] + j * TRADE, s[TRADES_AT] + s[N_OPEN] * TRADE):
        s[i] = s[i + TRADE]


@njit
def log_fill(m, row, k, trade, steps, price, reason, fee, spread, slip, place):
    """Write one fill; the balance is the one after it."""
    s, o, at = m.s, m.fills, m.s[N_FILLS] * FILL
    o[at], o[at + 1], o[at + 2], o[at + 3], o[at + 4], o[at + 5] = row, k, trade, steps, price, reason
    o[at + 6], o[at + 7], o[at + 8], o[at + 9], o[at + 10] = fee, s[BALANCE], spread, slip, place
    s[N_FILLS] += 1
    if m.f[s[block(k) + FIRST] + row] & FLAG_CLOSURE:
        s[AFTER_CLOSURE] += 1


@njit
def share(whole, part, steps):
    """Return floor(whole * part / steps) without overflow."""
    if part == steps:
        return whole
    quotient = whole // steps
    return quotient * part + ((whole - quotient * steps) * part) // steps


@njit
def hold(m, k, side, steps, entry):
    """Add `steps` (negative: take away) entered at `entry` to the instrument's sums."""
    s, at = m.s, block(k)
    if side > 0:
        s[at + LONG] += steps
        s[at + ELONG] += steps * entry
    else:
        s[at + SHORT] += steps
        s[at + ESHORT] += steps * entry


@njit
def excursion(m, j, price):
    """Let trade `j` remember how far `price` is against and for it (O6)."""
    s, at = m.s, m.s[TRADES_AT] + j * TRADE
    move = (price - s[at + T_ENTRY]) * s[at + T_SIDE]
    s[at + T_MAE] = max(s[at + T_MAE], -move)
    s[at + T_MFE] = max(s[at + T_MFE], move)


@njit
def log_closed(m, at, row, part, price, price_profit, spread_cost, slippage_cost, fee, swap, conversion, profit, reason):
    """Write the closed part of the trade whose slot begins at `at`."""
    s, o, to = m.s, m.trades, m.s[N_TRADES] * CLOSED
    o[to], o[to + 1], o[to + 2] = s[at + T_ID], s[at + T_INST], s[at + T_SIDE] * part
    o[to + 3], o[to + 4], o[to + 5], o[to + 6] = s[at + T_ROW], row, s[at + T_ENTRY], price
    o[to + 7], o[to + 8], o[to + 9], o[to + 10], o[to + 11] = price_profit, spread_cost, slippage_cost, fee, swap
    o[to + 12], o[to + 13], o[to + 14] = conversion, profit, reason
    o[to + 15], o[to + 16], o[to + 17] = s[at + T_MAE], s[at + T_MFE], s[at + T_AMBIGUOUS]
    s[N_TRADES] += 1


@njit
def count_span(m, k, row, at):
    """Count bars over 17:00 New York in which a trade lived and died without paying swap."""
    s, b = m.s, block(k)
    if s[at + T_ROW] == row and s[b + SPAN_ROW] != row and m.f[s[b + FIRST] + row] & FLAG_SPAN:
        s[b + SPAN_ROW] = row
        s[SPANNED] += 1


@njit
def close_part(m, j, part, price, spread, slip, reason, row, place):
    """Close `part` steps of trade `j` at `price` points (O4)."""
    s, at = m.s, m.s[TRADES_AT] + j * TRADE
    k, side, steps = s[at + T_INST], s[at + T_SIDE], s[at + T_STEPS]
    b = block(k)
    g = s[b + FIRST] + row
    factor = event_factor(m, k, g)
    points = part * (price - s[at + T_ENTRY]) * side
    profit = micro(points, factor)
    sided = rate(m, np.int64(X_GAIN), g) if points >= 0 else rate(m, np.int64(X_LOSS), g)
    conversion = profit - micro(points, m.p[P_HEADER + k * P_INSTRUMENT + P_F] * sided)
    spread_cost = micro(part * (s[at + T_SPREAD] + spread), 0.5 * factor)
    slippage_cost = micro(part * (s[at + T_SLIP] + slip), factor)
    fee = commission(m, k, part, price, factor)
    fee_in, swap = share(s[at + T_COMMISSION], part, steps), share(s[at + T_SWAP], part, steps)
    s[BALANCE] += profit - conversion - fee
    excursion(m, j, price)
    price_profit = profit + spread_cost + slippage_cost
    net = profit - conversion - fee - fee_in + swap
    log_fill(m, row, k, s[at + T_ID], -side * part, price, reason, fee, spread, slip, place)
    log_closed(m, at, row, part, price, price_profit, spread_cost, slippage_cost, fee + fee_in, swap, conversion, net, reason)
    s[PRICE_PROFIT] += price_profit
    s[SPREAD_COST] += spread_cost
    s[SLIPPAGE_COST] += slippage_cost
    s[CONVERSION_COST] += conversion
    s[COMMISSION] += fee + fee_in
    s[SWAP_TOTAL] += swap
    count_span(m, k, row, at)
    s[at + T_COMMISSION] -= fee_in
    s[at + T_SWAP] -= swap
    s[at + T_STEPS] -= part
    hold(m, k, side, -part, s[at + T_ENTRY])
    s[b + LAST_REASON] = reason
    if part == steps:
        remove_trade(m, j)


@njit
def reduce(m, k, side, most, price, spread, slip, reason, row, place):
    """Close up to `most` steps of the instrument's trades on `side`, oldest first; return what was closed."""
    s, j, done = m.s, np.int64(0), np.int64(0)
    while j < s[N_OPEN] and done < most:
        at = s[TRADES_AT] + j * TRADE
        if s[at + T_INST] != k or s[at + T_SIDE] != side:
            j += 1
            continue
        part = min(most - done, s[at + T_STEPS])
        whole = part == s[at + T_STEPS]
        close_part(m, j, part, price, spread, slip, reason, row, place)
        done += part
        if not whole:
            j += 1
    return done


@njit
def tighter(side, stop, trail):
    """Return the stop nearer to the price; 0 is none."""
    if stop == 0 or trail == 0:
        return stop + trail
    return max(stop, trail) if side > 0 else min(stop, trail)


@njit
def level(price):
    """Return a level, or 0 when it lies where no price can go."""
    return max(price, np.int64(0))


@njit
def open_trade(
    m, k, side, steps, price, spread, slip, closing, stop, target, stop_d, target_d, trail_d, reason, row, place, inside
):
    """Open a trade, or return the reason of its refusal (O2, O3); 0 when it was opened."""
    s = m.s
    if stop_d > 0:
        stop = level(price - side * stop_d)
    if target_d > 0:
        target = level(price + side * target_d)
    trail = level(price - side * trail_d) if trail_d > 0 else np.int64(0)
    tight = tighter(side, stop, trail)
    if tight > 0 and (closing - tight) * side <= 0:
        return np.int64(STOP_ON_FILL)
    if target > 0 and (closing - target) * side >= 0:
        return np.int64(TARGET_ON_FILL)
    factor = event_factor(m, k, s[block(k) + FIRST] + row)
    fee = commission(m, k, steps, price, factor)
    s[BALANCE] -= fee
    hold(m, k, side, steps, price)
    value, margin = worth(m, False)
    if np.float64(margin) > np.float64(value):
        s[BALANCE] += fee
        hold(m, k, side, -steps, price)
        return np.int64(NO_MARGIN)
    at = s[TRADES_AT] + s[N_OPEN] * TRADE
    s[N_OPEN] += 1
    s[TRADE_IDS] += 1
    s[SEQUENCE] += 1
    s[at + T_INST], s[at + T_ID], s[at + T_SEQ], s[at + T_SIDE], s[at + T_STEPS] = k, s[TRADE_IDS], s[SEQUENCE], side, steps
    s[at + T_ENTRY], s[at + T_SPREAD], s[at + T_SLIP], s[at + T_COMMISSION], s[at + T_SWAP] = price, spread, slip, fee, 0
    s[at + T_STOP], s[at + T_TARGET], s[at + T_TRAIL_D], s[at + T_TRAIL] = stop, target, trail_d, trail
    s[at + T_MAE], s[at + T_MFE], s[at + T_ROW], s[at + T_INSIDE] = 0, 0, row, inside
    s[at + T_AMBIGUOUS], s[at + T_PLACE] = s[MARK_NEW], INSIDE if s[MARK_NEW] else place
    log_fill(m, row, k, s[TRADE_IDS], side * steps, price, reason, fee, spread, slip, place)
    return np.int64(0)


@njit
def enter(m, k, side, steps, price, spread, slip, closing, stop, target, stop_d, target_d, trail_d, reason, row, place, inside):
    """Fill an entry: on a netting account opposite trades go first (O1). Return 0 or the reason of a refusal."""
    left = steps
    if not m.s[HEDGING]:
        left -= reduce(m, k, -side, steps, price, spread, slip, reason, row, place)
    if left == 0:
        return np.int64(0)
    return open_trade(
        m, k, side, left, price, spread, slip, closing, stop, target, stop_d, target_d, trail_d, reason, row, place, inside
    )
