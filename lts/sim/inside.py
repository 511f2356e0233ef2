"""What happens inside a bar: resting entries, protection, and the path when the path decides (rules I1-I5, L1, L2, L4)."""

from __future__ import annotations

import numpy as np

from lts.sim.book import (
    CANCELLED, FILLED, REFUSED, close_part, enter, level, log_rest, remove_rest, tighter,
)  # fmt: skip
from lts.sim.jit import njit
from lts.sim.layout import (
    AT_OPEN, DETAIL_AT, DETAIL_ROWS, DURATION, FIRST, FLAG_CLOSURE, INSIDE, LIKE_LIMIT, N_OPEN, N_REST, NEVER, R_INST, R_LEVEL, R_LIKE,
    R_SEQ, R_SIDE, R_STEPS, R_STOP, R_STOP_D, R_TARGET, R_TARGET_D, R_TRAIL_D, R_TYPE, REST, REST_AT, SEQUENCE, SETTLED, STALE_WORST,
    T_AMBIGUOUS, T_INSIDE, T_INST, T_SEQ, T_SIDE, T_STEPS, T_STOP, T_TARGET, T_TRAIL, T_TRAIL_D, TRADE, TRADES_AT, PointBar,
)  # fmt: skip
from lts.sim.money import block, point_bar, slippage
from lts.words import Intrabar, OrderType, Reason

WORST, BEST, OHLC, DETAIL = (int(x) for x in (Intrabar.WORST, Intrabar.BEST, Intrabar.OHLC, Intrabar.DETAIL))
STOP_LOSS, TAKE_PROFIT, TRAILING_STOP = int(Reason.STOP_LOSS), int(Reason.TAKE_PROFIT), int(Reason.TRAILING_STOP)
LIMIT_ORDER = int(OrderType.LIMIT)
ENTRY_REASON = int(Reason.LIMIT) - int(OrderType.LIMIT)  # order types and their fill reasons run in parallel
PATH = 9  # judge like a leg of a path: whatever is reached is sure


@njit
def worst_price(m, k, row):
    """Tell whether takers fill at the worse extreme of this bar (L4)."""
    return m.s[STALE_WORST] != 0 and (m.f[m.s[block(k) + FIRST] + row] & FLAG_CLOSURE) != 0


@njit
def taker(m, k, row, bar, side, price):
    """Return what a taker on `side` (+1 buys) pays before slippage where the plain rule says `price`."""
    if worst_price(m, k, row):
        return bar.ask_high if side > 0 else bar.bid_low
    return price


@njit
def fill_rest(m, r, row, bar, raw, spread, place, closing_open):
    """Fill resting order `r` at `raw` points; `closing_open` is the open of the closing side, 0 when filled inside."""
    s, at = m.s, m.s[REST_AT] + r * REST
    k, side, kind = s[at + R_INST], s[at + R_SIDE], s[at + R_TYPE]
    slip = np.int64(0)
    if kind != LIMIT_ORDER:
        raw = taker(m, k, row, bar, side, raw)
        slip = slippage(m, k, spread)
    elif place == AT_OPEN and worst_price(m, k, row):
        raw = s[at + R_LEVEL]
    closing = closing_open if place == AT_OPEN else raw - side * spread
    inside = s[at + R_LIKE] if place == INSIDE else np.int64(0)
    refused = enter(
        m, k, side, s[at + R_STEPS], raw + side * slip, spread, slip, closing, s[at + R_STOP], s[at + R_TARGET], s[at + R_STOP_D],
        s[at + R_TARGET_D], s[at + R_TRAIL_D], kind + ENTRY_REASON, row, place, inside,
    )  # fmt: skip
    if refused:
        log_rest(m, r, np.int64(REFUSED), refused, row)
    else:
        log_rest(m, r, np.int64(FILLED), kind + ENTRY_REASON, row)
    remove_rest(m, r)


@njit
def rest_reached(m, r, low_bid, high_bid, low_ask, high_ask):
    """Tell whether these prices reach the level of resting order `r` (L1)."""
    s, at = m.s, m.s[REST_AT] + r * REST
    wanted = s[at + R_LEVEL]
    if s[at + R_SIDE] > 0:
        return low_ask <= wanted if s[at + R_LIKE] == LIKE_LIMIT else high_ask >= wanted
    return high_bid >= wanted if s[at + R_LIKE] == LIKE_LIMIT else low_bid <= wanted


@njit
def nearest_rest(m, k, bid, ask, low_bid, high_bid, low_ask, high_ask):
    """Return the reached resting order of instrument `k` nearest to its side's start, the oldest at a tie; -1 when none is reached."""
    s, best, distance = m.s, np.int64(-1), np.int64(NEVER)
    for r in range(s[N_REST]):
        at = s[REST_AT] + r * REST
        if s[at + R_INST] != k or not rest_reached(m, r, low_bid, high_bid, low_ask, high_ask):
            continue
        away = abs(s[at + R_LEVEL] - (ask if s[at + R_SIDE] > 0 else bid))
        if away < distance:
            best, distance = np.int64(r), away
    return best


@njit
def reached(m, j, low_bid, high_bid, low_ask, high_ask):
    """Return (stop reached, target reached) of trade `j` by these prices (L1)."""
    s, at = m.s, m.s[TRADES_AT] + j * TRADE
    stop, target = tighter(s[at + T_SIDE], s[at + T_STOP], s[at + T_TRAIL]), s[at + T_TARGET]
    if s[at + T_SIDE] > 0:
        return stop > 0 and low_bid <= stop, target > 0 and high_bid >= target
    return stop > 0 and high_ask >= stop, target > 0 and low_ask <= target


@njit
def exit_at(m, j, row, bar, raw_stop, raw_target, by_stop, spread, place):
    """Close trade `j` by its stop (a taker) or its target (a limit)."""
    s, at = m.s, m.s[TRADES_AT] + j * TRADE
    k, side = s[at + T_INST], s[at + T_SIDE]
    if not by_stop:
        price = s[at + T_TARGET] if place == AT_OPEN and worst_price(m, k, row) else raw_target
        close_part(m, j, s[at + T_STEPS], price, spread, np.int64(0), np.int64(TAKE_PROFIT), row, place)
        return
    stop, trail = s[at + T_STOP], s[at + T_TRAIL]
    reason = np.int64(STOP_LOSS)
    if trail > 0 and tighter(side, stop, trail) == trail and trail != stop:
        reason = np.int64(TRAILING_STOP)
    slip = slippage(m, k, spread)
    price = taker(m, k, row, bar, -side, raw_stop) - side * slip
    close_part(m, j, s[at + T_STEPS], price, spread, slip, reason, row, place)


@njit
def judge(inside, stop, target, policy):
    """Return (exit by: 0 none, 1 stop, 2 target; whether worst and best differ) from what was reached (I1, I2)."""
    stop_sure, stop_maybe, target_sure, target_maybe = stop, stop, target, target
    if policy != PATH and inside != 0:
        if inside == LIKE_LIMIT:
            target_sure = False
        else:
            stop_sure = False
    worst = 1 if stop_maybe else (2 if target_sure else 0)
    best = 2 if target_maybe else (1 if stop_sure else 0)
    return (best if policy == BEST else worst), worst != best


@njit
def inside_pass(m, k, row, bar, bid, ask, low_bid, high_bid, low_ask, high_ask, policy):
    """Resting entries, then protections, over one bar or leg; tell whether any trade was ambiguous."""
    s = m.s
    spread = bar.ask_close - bar.bid_close
    r = nearest_rest(m, k, bid, ask, low_bid, high_bid, low_ask, high_ask)
    while r >= 0:
        fill_rest(m, r, row, bar, s[s[REST_AT] + r * REST + R_LEVEL], spread, np.int64(INSIDE), np.int64(0))
        r = nearest_rest(m, k, bid, ask, low_bid, high_bid, low_ask, high_ask)
    ambiguous, j = False, np.int64(0)
    while j < s[N_OPEN]:
        at = s[TRADES_AT] + j * TRADE
        if s[at + T_INST] != k:
            j += 1
            continue
        stop, target = reached(m, j, low_bid, high_bid, low_ask, high_ask)
        way, differs = judge(s[at + T_INSIDE], stop, target, policy)
        if differs and policy != PATH:
            ambiguous = True
            s[at + T_AMBIGUOUS] = 1
        if way == 0:
            j += 1
            continue
        raw = tighter(s[at + T_SIDE], s[at + T_STOP], s[at + T_TRAIL])
        exit_at(m, j, row, bar, raw, s[at + T_TARGET], way == 1, spread, np.int64(INSIDE))
    return ambiguous


@njit
def whole_bar(m, k, row, bar, policy):
    """Run `inside_pass` over the whole range of a bar."""
    return inside_pass(m, k, row, bar, bar.bid_open, bar.ask_open, bar.bid_low, bar.bid_high, bar.ask_low, bar.ask_high, policy)


@njit
def next_by_age(m, k, last, top):
    """Return (age, what, index) of the next trade (1) or resting order (2) of `k` older than `top` and younger than `last`."""
    s, age, what, index = m.s, top + 1, 0, np.int64(0)
    for j in range(s[N_OPEN]):
        at = s[TRADES_AT] + j * TRADE
        if s[at + T_INST] == k and last < s[at + T_SEQ] < age:
            age, what, index = s[at + T_SEQ], 1, np.int64(j)
    for r in range(s[N_REST]):
        at = s[REST_AT] + r * REST
        if s[at + R_INST] == k and last < s[at + R_SEQ] < age:
            age, what, index = s[at + R_SEQ], 2, np.int64(r)
    return age, what, index


@njit
def passed_at_open(m, k, row, bar):
    """Fill what the open has reached or passed, oldest first (phase d)."""
    s = m.s
    top, last = s[SEQUENCE], np.int64(-1)
    bid, ask = bar.bid_open, bar.ask_open
    spread = ask - bid
    while True:
        age, what, index = next_by_age(m, k, last, top)
        if what == 0:
            return
        last = age
        if what == 1:
            at = s[TRADES_AT] + index * TRADE
            stop, target = reached(m, index, bid, bid, ask, ask)
            if stop or target:
                price = bid if s[at + T_SIDE] > 0 else ask
                exit_at(m, index, row, bar, price, price, stop, spread, np.int64(AT_OPEN))
        elif rest_reached(m, index, bid, bid, ask, ask):
            side = s[s[REST_AT] + index * REST + R_SIDE]
            raw, closing = (ask, bid) if side > 0 else (bid, ask)
            fill_rest(m, index, row, bar, raw, spread, np.int64(AT_OPEN), closing)


@njit
def ratchet(m, k, bar):
    """Tighten trailing stops by this bar's extreme; a trade opened inside the bar by its close alone (I5)."""
    s = m.s
    for j in range(s[N_OPEN]):
        at = s[TRADES_AT] + j * TRADE
        if s[at + T_INST] != k or s[at + T_TRAIL_D] == 0:
            continue
        distance, old, inside = s[at + T_TRAIL_D], s[at + T_TRAIL], s[at + T_INSIDE] != 0
        if s[at + T_SIDE] > 0:
            s[at + T_TRAIL] = max(old, level((bar.bid_close if inside else bar.bid_high) - distance))
        else:
            new = level((bar.ask_close if inside else bar.ask_low) + distance)
            s[at + T_TRAIL] = min(old, new) if old > 0 else new


@njit
def any_reached(m, k, bar):
    """Tell cheaply whether anything of instrument `k` is reached inside this bar."""
    s = m.s
    for r in range(s[N_REST]):
        if s[s[REST_AT] + r * REST + R_INST] == k and rest_reached(m, r, bar.bid_low, bar.bid_high, bar.ask_low, bar.ask_high):
            return True
    for j in range(s[N_OPEN]):
        if s[s[TRADES_AT] + j * TRADE + T_INST] == k:
            stop, target = reached(m, j, bar.bid_low, bar.bid_high, bar.ask_low, bar.ask_high)
            if stop or target:
                return True
    return False
