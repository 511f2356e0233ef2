"""What a decision becomes at the close that made it: closes, openings, resting orders, amendments (rules P1-P5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.sim.book import CANCELLED, NO_GUARD, REFUSED, end_rest, guard_at, log_order
from lts.sim.jit import njit
from lts.sim.kernel import gates
from lts.sim.money import bar_at, block
from lts.words import Decision, Kind, OrderType, Reason

# isort: off
from lts.sim.layout import (
    BUSY, DURATION, FIRST, LAST, LIKE_LIMIT, LIKE_STOP, LONG, MAX_STEPS, MIN_STEPS, N_OPEN, N_REST, PER_PIP, P_HEADER,
    P_INSTRUMENT, P_SCALE, P_UNIT, REST, REST_AT, R_EXPIRY, R_INST, R_LEVEL, R_LIKE, R_ROW, R_SEQ, R_SIDE, R_STEPS, R_STOP,
    R_TYPE, SEQUENCE, SHORT, TRADE, TRADES_AT, T_ENTRY, T_INST, T_SIDE, T_STEPS, T_STOP, T_TARGET, T_TRAIL, T_TRAIL_D,
    WAIT_CLOSE_ROW, WAIT_LONG, WAIT_OPEN, WAIT_OPEN_ROW, WAIT_SHORT, WAIT_STOP, Guard,
)  # fmt: skip

if TYPE_CHECKING:
    from lts.sim.layout import Market, Real, Whole

HUGE = 10**18  # steps
MOST_POINTS, MOST_BARS, END_OF_TIME = 2.0**31 - 1.0, 1e9, 2.0**63  # beyond them whole numbers of 64 bits might wrap
GO, ADD = int(Kind.GO), int(Kind.ADD)
MARKET_ORDER, LIMIT_ORDER, TOUCH_ORDER, AMEND_ORDER = (
    int(x) for x in (OrderType.MARKET, OrderType.LIMIT, OrderType.TOUCH, OrderType.AMEND)
)
REPLACED, INVALID, BELOW, ABOVE = (
    int(x) for x in (Reason.REPLACED, Reason.UNITS_INVALID, Reason.UNITS_BELOW_MINIMUM, Reason.UNITS_ABOVE_MAXIMUM)
)
BAD_PRICE, BAD_PROTECTION, BAD_EXPIRY = (int(x) for x in (Reason.PRICE_INVALID, Reason.PROTECTION_INVALID, Reason.EXPIRY_INVALID))
STOP_SIDE, TARGET_SIDE = int(Reason.STOP_LOSS_WRONG_SIDE), int(Reason.TAKE_PROFIT_WRONG_SIDE)


@njit
def steps_of(units: Real, per_unit: Real) -> Whole:
    """Return whole steps, truncated toward zero; beyond 1e18 (and for nan) a number that is refused anyway."""
    steps = units * per_unit
    if not abs(steps) < HUGE:
        return np.int64(HUGE) if steps > 0 else np.int64(-HUGE)
    near = np.rint(steps)
    return np.int64(near if abs(steps - near) <= 1e-9 + abs(steps) * 2.0**-52 else np.trunc(steps))


@njit
def points_of(stated: Real, scale: Real) -> Whole:
    """Return a stated price or distance in points, 0 when none is stated."""
    return np.int64(0) if np.isnan(stated) else np.int64(np.rint(stated * scale))


@njit
def stands(stated: Real, scale: Real, least: Real) -> bool:
    """Tell whether a price or distance is not stated, or one that can be: `least` to 2**31 - 1 points."""
    return bool(np.isnan(stated) or (stated >= 0.0 and least <= np.rint(stated * scale) <= MOST_POINTS))


@njit
def fault(m: Market, k: Whole, row: Whole, d: Decision, wanted: Whole) -> Whole:
    """Return why a decision cannot be carried out, 0 when it can: the fault found last here stands first in P1."""
    s, at, scale, why = m.s, block(k), m.p[P_HEADER + k * P_INSTRUMENT + P_SCALE], 0
    per_pip = np.float64(s[at + PER_PIP])
    if d.expiry_bars != 0.0:  # the time is asked for only then: it lies where nothing else has been, and costs 0.2 us to fetch
        expiry = np.float64(m.t[s[at + FIRST] + row]) + (1.0 + d.expiry_bars) * np.float64(s[at + DURATION])
        if not (0.0 <= d.expiry_bars <= MOST_BARS and expiry < END_OF_TIME):
            why = BAD_EXPIRY
    prices = stands(d.stop_loss, scale, 1.0) and stands(d.take_profit, scale, 1.0)
    pips = stands(d.stop_pips, per_pip, 0.0) and stands(d.target_pips, per_pip, 0.0) and stands(d.trailing_pips, per_pip, 0.0)
    once = (np.isnan(d.stop_loss) or np.isnan(d.stop_pips)) and (np.isnan(d.take_profit) or np.isnan(d.target_pips))
    if not (prices and pips and once):
        why = BAD_PROTECTION
    if d.entry_type != MARKET_ORDER and (np.isnan(d.entry) or not stands(d.entry, scale, 1.0)):
        why = BAD_PRICE
    if abs(wanted) > s[at + MAX_STEPS]:
        why = ABOVE
    if abs(wanted) < s[at + MIN_STEPS] and (d.kind == ADD or d.units != 0.0):
        why = BELOW
    if not -np.inf < d.units < np.inf:
        why = INVALID
    return why


@njit
def cancel_waiting(m: Market, k: Whole, row: Whole) -> None:
    """End the instrument's resting orders and its waiting opening part (P2)."""
    s, at, r = m.s, block(k), np.int64(0)
    while r < s[N_REST]:
        if s[s[REST_AT] + r * REST + R_INST] == k:
            end_rest(m, r, CANCELLED, REPLACED, row)
        else:
            r += 1
    if s[at + WAIT_OPEN] != 0:
        guard, decided = guard_at(m, at + WAIT_STOP), s[at + WAIT_OPEN_ROW]
        log_order(m, k, MARKET_ORDER, s[at + WAIT_OPEN], CANCELLED, REPLACED, decided, row, 0, guard, 0)
        s[at + WAIT_OPEN] = 0


@njit
def lay(m: Market, at: Whole, guard: Guard) -> None:
    """Write protection to `at`."""
    s = m.s
    s[at], s[at + 1], s[at + 2], s[at + 3], s[at + 4] = guard


@njit
def wrong_side(side: Whole, price: Whole, stop: Whole, target: Whole) -> Whole:
    """Return why protection cannot stand around `price`, 0 when it can."""
    if stop > 0 and (price - stop) * side <= 0:
        return np.int64(STOP_SIDE)
    return np.int64(TARGET_SIDE if target > 0 and (target - price) * side <= 0 else 0)


@njit
def place(m: Market, k: Whole, row: Whole, d: Decision, wanted: Whole, guard: Guard) -> None:
    """Place a resting order, or refuse it (P4)."""
    s, b = m.s, block(k)
    g = s[b + FIRST] + row
    side, kind, bar = np.int64(1) if wanted > 0 else np.int64(-1), np.int64(d.entry_type), bar_at(m.b, m.n, g)
    level, expiry = points_of(d.entry, m.p[P_HEADER + k * P_INSTRUMENT + P_SCALE]), np.int64(0)
    if d.expiry_bars > 0.0:
        expiry = m.t[g] + np.int64((1.0 + d.expiry_bars) * np.float64(s[b + DURATION]))
    why = wrong_side(side, level, guard.stop, guard.target)
    if why != 0:
        log_order(m, k, kind, wanted, REFUSED, why, row, row, level, guard, expiry)
        return
    like = LIKE_LIMIT if kind == LIMIT_ORDER else LIKE_STOP
    if kind == TOUCH_ORDER and (level <= bar.ask_close if side > 0 else level >= bar.bid_close):
        like = LIKE_LIMIT
    at = s[REST_AT] + s[N_REST] * REST
    s[N_REST] += 1
    s[SEQUENCE] += 1
    s[at + R_INST], s[at + R_SEQ], s[at + R_SIDE], s[at + R_STEPS], s[at + R_TYPE] = k, s[SEQUENCE], side, abs(wanted), kind
    s[at + R_LIKE], s[at + R_LEVEL], s[at + R_EXPIRY], s[at + R_ROW] = like, level, expiry, row
    lay(m, at + R_STOP, guard)


@njit
def amend(m: Market, k: Whole, row: Whole, d: Decision, side: Whole, guard: Guard) -> None:
    """Give the open trades on `side` the stated protection (P5)."""
    s, bar = m.s, bar_at(m.b, m.n, m.s[block(k) + FIRST] + row)
    price = bar.bid_close if side > 0 else bar.ask_close
    new_stop = not (np.isnan(d.stop_loss) and np.isnan(d.stop_pips))
    new_target = not (np.isnan(d.take_profit) and np.isnan(d.target_pips))
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] != k or s[t + T_SIDE] != side:
            continue
        stop = max(s[t + T_ENTRY] - side * guard.stop_distance, 0) if guard.stop_distance > 0 else guard.stop
        target = max(s[t + T_ENTRY] + side * guard.target_distance, 0) if guard.target_distance > 0 else guard.target
        why = wrong_side(side, price, stop, target)
        if why != 0:
            shown = Guard(stop, target, np.int64(0), np.int64(0), np.int64(0))
            log_order(m, k, AMEND_ORDER, side * s[t + T_STEPS], REFUSED, why, row, row, 0, shown, 0)
            continue
        s[t + T_STOP] = stop if new_stop else s[t + T_STOP]
        s[t + T_TARGET] = target if new_target else s[t + T_TARGET]
        if not np.isnan(d.trailing_pips):
            s[t + T_TRAIL_D] = guard.trail_distance
            s[t + T_TRAIL] = max(price - side * guard.trail_distance, 0) if guard.trail_distance > 0 else 0


@njit
def plan(m: Market, k: Whole) -> None:
    """Turn the decision in `stated`, made at the close of instrument `k`'s latest bar, into orders (P1-P5)."""
    s, at, p, q = m.s, block(k), P_HEADER + k * P_INSTRUMENT, m.stated
    d = Decision(q[0], q[1], q[2], q[3], q[4], q[5], q[6], q[7], q[8], q[9])
    if not GO <= d.kind <= ADD:
        return
    row, kind, wanted = s[at + LAST], np.int64(d.entry_type), steps_of(d.units, m.p[p + P_UNIT])
    why = fault(m, k, row, d, wanted)
    if why != 0:
        log_order(m, k, kind, 0 if why == INVALID else wanted, REFUSED, why, row, row, 0, NO_GUARD, 0)
        return
    cancel_waiting(m, k, row)
    scale, per_pip = m.p[p + P_SCALE], np.float64(s[at + PER_PIP])
    guard = Guard(
        points_of(d.stop_loss, scale), points_of(d.take_profit, scale), points_of(d.stop_pips, per_pip),
        points_of(d.target_pips, per_pip), points_of(d.trailing_pips, per_pip),
    )  # fmt: skip
    opening, up, down = wanted, max(wanted, 0), max(-wanted, 0)
    s[at + WAIT_LONG], s[at + WAIT_SHORT], s[at + WAIT_CLOSE_ROW] = 0, 0, row
    if d.kind == GO:
        s[at + WAIT_LONG], s[at + WAIT_SHORT] = max(s[at + LONG] - up, 0), max(s[at + SHORT] - down, 0)
        opening = max(up - s[at + LONG], 0) - max(down - s[at + SHORT], 0)
    if wanted == 0 and d.kind == GO:
        s[at + BUSY] = 1  # the next bar is an event anyway, and sets the gates
        return
    if opening == 0:
        amend(m, k, row, d, np.int64(wanted > 0) - np.int64(wanted < 0), guard)
    elif abs(opening) < s[at + MIN_STEPS]:
        log_order(m, k, kind, opening, REFUSED, BELOW, row, row, 0, NO_GUARD, 0)
    elif kind == MARKET_ORDER:
        s[at + WAIT_OPEN], s[at + WAIT_OPEN_ROW] = opening, row
        lay(m, at + WAIT_STOP, guard)
        s[at + BUSY] = 1
        return
    else:
        place(m, k, row, d, opening, guard)
    gates(m, k)
