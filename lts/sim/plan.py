"""What a decision becomes at the close that made it: closes, openings, resting orders, amendments (rules P1-P5)."""

from __future__ import annotations

import numpy as np

from lts.sim.book import CANCELLED, REFUSED, level, log_order, log_rest, remove_rest
from lts.sim.jit import njit
from lts.sim.kernel import gates
from lts.sim.layout import (
    DURATION, FIRST, LAST, LIKE_LIMIT, LIKE_STOP, LONG, MAX_STEPS, MIN_STEPS, N_OPEN, N_REST, P_HEADER, P_INSTRUMENT, P_SCALE, P_UNIT,
    PER_PIP, R_EXPIRY, R_INST, R_LEVEL, R_LIKE, R_ROW, R_SEQ, R_SIDE, R_STEPS, R_STOP, R_STOP_D, R_TARGET, R_TARGET_D, R_TRAIL_D, R_TYPE,
    REST, REST_AT, SEQUENCE, SHORT, T_ENTRY, T_INST, T_SIDE, T_STEPS, T_STOP, T_TARGET, T_TRAIL, T_TRAIL_D, TRADE, TRADES_AT,
    WAIT_CLOSE_ROW, WAIT_LONG, WAIT_OPEN, WAIT_OPEN_ROW, WAIT_SHORT, WAIT_STOP, WAIT_STOP_D, WAIT_TARGET, WAIT_TARGET_D, WAIT_TRAIL_D,
)  # fmt: skip
from lts.sim.money import block, point_bar
from lts.words import Kind, OrderType, Reason

HUGE = 10**18
GO, ADD = int(Kind.GO), int(Kind.ADD)
MARKET_ORDER, LIMIT_ORDER, STOP_ORDER, AMEND_ORDER = (
    int(x) for x in (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.AMEND)
)
REPLACED, INVALID, BELOW, ABOVE = (
    int(x) for x in (Reason.REPLACED, Reason.UNITS_INVALID, Reason.UNITS_BELOW_MINIMUM, Reason.UNITS_ABOVE_MAXIMUM)
)
BAD_PRICE, BAD_PROTECTION, BAD_EXPIRY = (int(x) for x in (Reason.PRICE_INVALID, Reason.PROTECTION_INVALID, Reason.EXPIRY_INVALID))
STOP_SIDE, TARGET_SIDE = int(Reason.STOP_LOSS_WRONG_SIDE), int(Reason.TAKE_PROFIT_WRONG_SIDE)


@njit
def bad_price(price):
    """Tell whether a stated price cannot be one."""
    return not np.isnan(price) and not 0.0 < price < np.inf


@njit
def bad_pips(pips):
    """Tell whether a stated distance cannot be one."""
    return not np.isnan(pips) and not 0.0 <= pips < np.inf


@njit
def fault(d, wanted, least, most):
    """Return why a decision cannot be carried out, 0 when it can (P1)."""
    if not -np.inf < d.units < np.inf:
        return INVALID
    size = abs(wanted)
    if size < least and (d.kind == ADD or d.units != 0.0):
        return BELOW
    if size > most:
        return ABOVE
    if d.entry_type != MARKET_ORDER and not 0.0 < d.entry < np.inf:
        return BAD_PRICE
    if (
        bad_price(d.stop_loss)
        or bad_price(d.take_profit)
        or bad_pips(d.stop_pips)
        or bad_pips(d.target_pips)
        or bad_pips(d.trailing_pips)
    ):
        return BAD_PROTECTION
    if not (np.isnan(d.stop_loss) or np.isnan(d.stop_pips)) or not (np.isnan(d.take_profit) or np.isnan(d.target_pips)):
        return BAD_PROTECTION
    if not 0.0 <= d.expiry_bars < np.inf:
        return BAD_EXPIRY
    return 0


@njit
def steps_of(units, per_unit):
    """Return whole steps, truncated toward zero; beyond 1e18 (and for nan) a number that is refused anyway."""
    steps = units * per_unit
    if not abs(steps) < 1e18:
        return np.int64(HUGE) if steps > 0 else np.int64(-HUGE)
    near = np.rint(steps)
    return np.int64(near if abs(steps - near) <= 1e-9 else np.trunc(steps))


@njit
def points_of(price, scale):
    """Return a stated price in points, 0 when none is stated."""
    return np.int64(0) if np.isnan(price) else np.int64(np.rint(price * scale))


@njit
def distance_of(pips, per_pip):
    """Return a stated distance in points, 0 when none is stated."""
    return np.int64(0) if np.isnan(pips) else np.int64(np.rint(pips * np.float64(per_pip)))


@njit
def cancel_waiting(m, k, row):
    """End the instrument's resting orders and its waiting opening part (P2)."""
    s, at, r, zero = m.s, block(k), np.int64(0), np.int64(0)
    while r < s[N_REST]:
        if s[s[REST_AT] + r * REST + R_INST] == k:
            log_rest(m, r, np.int64(CANCELLED), np.int64(REPLACED), row)
            remove_rest(m, r)
        else:
            r += 1
    if s[at + WAIT_OPEN] != 0:
        log_order(m, k, np.int64(MARKET_ORDER), s[at + WAIT_OPEN], np.int64(CANCELLED), np.int64(REPLACED), s[at + WAIT_OPEN_ROW], row,
                  zero, zero, zero, zero, zero, zero, zero)  # fmt: skip
        s[at + WAIT_OPEN] = 0


@njit
def wrong_side(side, price, stop, target):
    """Return why protection cannot stand around `price`, 0 when it can."""
    if stop > 0 and (price - stop) * side <= 0:
        return np.int64(STOP_SIDE)
    if target > 0 and (target - price) * side <= 0:
        return np.int64(TARGET_SIDE)
    return np.int64(0)


@njit
def place(m, k, row, d, wanted, bar, scale, per_pip):
    """Place a resting order, or refuse it (P4)."""
    s = m.s
    side = np.int64(1) if wanted > 0 else np.int64(-1)
    wanted_level = points_of(d.entry, scale)
    stop, target = points_of(d.stop_loss, scale), points_of(d.take_profit, scale)
    stop_d, target_d = distance_of(d.stop_pips, per_pip), distance_of(d.target_pips, per_pip)
    trail_d, kind = distance_of(d.trailing_pips, per_pip), np.int64(d.entry_type)
    start = s[block(k) + FIRST] + row
    expiry = np.int64(0)
    if d.expiry_bars > 0.0:
        expiry = m.t[start] + np.int64((1.0 + d.expiry_bars) * np.float64(s[block(k) + DURATION]))
    refused = wrong_side(side, wanted_level, stop, target)
    if refused:
        log_order(
            m, k, kind, wanted, np.int64(REFUSED), refused, row, row, wanted_level, stop, target, stop_d, target_d, trail_d, expiry
        )
        return
    like = np.int64(LIKE_LIMIT) if kind == LIMIT_ORDER else np.int64(LIKE_STOP)
    if kind != LIMIT_ORDER and kind != STOP_ORDER:
        beyond = wanted_level <= bar.ask_close if side > 0 else wanted_level >= bar.bid_close
        like = np.int64(LIKE_LIMIT) if beyond else np.int64(LIKE_STOP)
    at = s[REST_AT] + s[N_REST] * REST
    s[N_REST] += 1
    s[SEQUENCE] += 1
    s[at + R_INST], s[at + R_SEQ], s[at + R_SIDE], s[at + R_STEPS], s[at + R_TYPE] = k, s[SEQUENCE], side, abs(wanted), kind
    s[at + R_LIKE], s[at + R_LEVEL], s[at + R_EXPIRY], s[at + R_ROW] = like, wanted_level, expiry, row
    s[at + R_STOP], s[at + R_TARGET], s[at + R_STOP_D], s[at + R_TARGET_D], s[at + R_TRAIL_D] = (
        stop,
        target,
        stop_d,
        target_d,
        trail_d,
    )


@njit
def restated(stated, pips, per_pip, old, entry, way, scale):
    """Return a protection level after an amendment: as stated, from the entry price, or as it was. `way` is -1 below the entry."""
    if not np.isnan(stated):
        return points_of(stated, scale)
    if np.isnan(pips):
        return old
    away = distance_of(pips, per_pip)
    return level(entry + way * away) if away > 0 else np.int64(0)


@njit
def amend(m, k, row, d, side, bar, scale, per_pip):
    """Give the open trades on `side` the stated protection (P5)."""
    s, zero = m.s, np.int64(0)
    price = bar.bid_close if side > 0 else bar.ask_close
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] != k or s[t + T_SIDE] != side:
            continue
        entry = s[t + T_ENTRY]
        stop = restated(d.stop_loss, d.stop_pips, per_pip, s[t + T_STOP], entry, -side, scale)
        target = restated(d.take_profit, d.target_pips, per_pip, s[t + T_TARGET], entry, side, scale)
        stop_new = stop if not (np.isnan(d.stop_loss) and np.isnan(d.stop_pips)) else zero
        target_new = target if not (np.isnan(d.take_profit) and np.isnan(d.target_pips)) else zero
        refused = wrong_side(side, price, stop_new, target_new)
        if refused:
            log_order(m, k, np.int64(AMEND_ORDER), side * s[t + T_STEPS], np.int64(REFUSED), refused, row, row, zero, stop_new, target_new,
                      zero, zero, zero, zero)  # fmt: skip
            continue
        s[t + T_STOP], s[t + T_TARGET] = stop, target
        if not np.isnan(d.trailing_pips):
            away = distance_of(d.trailing_pips, per_pip)
            s[t + T_TRAIL_D] = away
            s[t + T_TRAIL] = level(price - side * away) if away > 0 else zero


@njit
def wait(m, k, row, d, wanted, scale, per_pip):
    """Let a market opening part wait for the next open."""
    s, at = m.s, block(k)
    s[at + WAIT_OPEN], s[at + WAIT_OPEN_ROW] = wanted, row
    s[at + WAIT_STOP], s[at + WAIT_TARGET] = points_of(d.stop_loss, scale), points_of(d.take_profit, scale)
    s[at + WAIT_STOP_D], s[at + WAIT_TARGET_D] = distance_of(d.stop_pips, per_pip), distance_of(d.target_pips, per_pip)
    s[at + WAIT_TRAIL_D] = distance_of(d.trailing_pips, per_pip)


@njit
def parts(m, k, go, wanted):
    """Return (close long, close short, open) of a target, or of a change (P3)."""
    s, at, zero = m.s, block(k), np.int64(0)
    if not go:
        return zero, zero, wanted
    held_long, held_short, up, down = s[at + LONG], s[at + SHORT], max(wanted, zero), max(-wanted, zero)
    opening = max(up - held_long, zero) - max(down - held_short, zero)
    return max(held_long - up, zero), max(held_short - down, zero), opening


@njit
def plan(m, k, d):
    """Turn the decision made at the close of instrument `k`'s latest bar into orders (P1-P5)."""
    if d.kind != GO and d.kind != ADD:
        return
    s, at, p, zero = m.s, block(k), P_HEADER + k * P_INSTRUMENT, np.int64(0)
    row, least, most = s[at + LAST], s[at + MIN_STEPS], s[at + MAX_STEPS]
    scale, per_pip = m.p[p + P_SCALE], s[at + PER_PIP]
    wanted = steps_of(d.units, m.p[p + P_UNIT])
    wrong = fault(d, wanted, least, most)
    if wrong:
        shown = zero if wrong == INVALID else wanted
        log_order(
            m,
            k,
            np.int64(d.entry_type),
            shown,
            np.int64(REFUSED),
            np.int64(wrong),
            row,
            row,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
        )
        return
    cancel_waiting(m, k, row)
    bar = point_bar(m, s[at + FIRST] + row)
    s[at + WAIT_LONG], s[at + WAIT_SHORT], opening = parts(m, k, d.kind == GO, wanted)
    s[at + WAIT_CLOSE_ROW] = row
    if opening == 0:
        stated = not (np.isnan(d.stop_loss) and np.isnan(d.take_profit) and np.isnan(d.stop_pips) and np.isnan(d.target_pips))
        if wanted != 0 and (stated or not np.isnan(d.trailing_pips)):
            amend(m, k, row, d, np.int64(1) if wanted > 0 else np.int64(-1), bar, scale, per_pip)
    elif abs(opening) < least:
        log_order(m, k, np.int64(d.entry_type), opening, np.int64(REFUSED), np.int64(BELOW), row, row, zero, zero, zero, zero, zero, zero,
                  zero)  # fmt: skip
    elif d.entry_type == MARKET_ORDER:
        wait(m, k, row, d, opening, scale, per_pip)
    else:
        place(m, k, row, d, opening, bar, scale, per_pip)
    gates(m, k)
