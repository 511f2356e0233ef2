"""What happens inside a bar: resting entries and protection over one range of prices (rules d, Inside, I1, I2, I5, L1, L2, L4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.sim.book import FILLED, REFUSED, close_part, end_rest, enter, guard_at, tighter
from lts.sim.jit import njit
from lts.sim.money import block, slippage
from lts.words import Intrabar, OrderType, Reason

# isort: off
from lts.sim.layout import (
    AT_OPEN, FIRST, FLAG_CLOSURE, INSIDE, LIKE_LIMIT, LIKE_STOP, MARK_NEW, NEVER, N_OPEN, N_REST, REST, REST_AT, R_INST, R_LEVEL,
    R_LIKE, R_SEQ, R_SIDE, R_STEPS, R_STOP, R_TYPE, SEQUENCE, STALE_WORST, TRADE, TRADES_AT, T_AMBIGUOUS, T_ID, T_INSIDE, T_INST,
    T_SEQ, T_SIDE, T_STEPS, T_STOP, T_TARGET, T_TRAIL, T_TRAIL_D, Deal, Reach,
)  # fmt: skip

if TYPE_CHECKING:
    from lts.sim.layout import Market, PointBar, Whole

BEST = int(Intrabar.BEST)
STOP_LOSS, TAKE_PROFIT, TRAILING_STOP = int(Reason.STOP_LOSS), int(Reason.TAKE_PROFIT), int(Reason.TRAILING_STOP)
LIMIT_ORDER = int(OrderType.LIMIT)
ENTRY_REASON = int(Reason.LIMIT) - int(OrderType.LIMIT)  # order types and their fill reasons run in parallel
PATH = 9  # judge like a leg of a path: whatever is reached is sure


@njit
def worst_price(m: Market, k: Whole, row: Whole) -> bool:
    """Tell whether takers fill at the worse extreme of this bar (L4)."""
    return bool(m.s[STALE_WORST] != 0 and (m.f[m.s[block(k) + FIRST] + row] & FLAG_CLOSURE) != 0)


@njit
def taker(m: Market, k: Whole, row: Whole, side: Whole, price: Whole) -> Whole:
    """Return what a taker on `side` (+1 buys) pays before slippage where the plain rule says `price`; L4 looks at the whole bar."""
    if worst_price(m, k, row):
        g = m.s[block(k) + FIRST] + row
        return np.int64(m.b[5 * m.n + g] if side > 0 else m.b[2 * m.n + g])
    return price


@njit
def fill_rest(m: Market, r: Whole, row: Whole, bar: PointBar, place: Whole) -> None:
    """Fill resting order `r` at the open or inside, and end it."""
    s, at = m.s, m.s[REST_AT] + r * REST
    k, side, kind, raw, slip = s[at + R_INST], s[at + R_SIDE], s[at + R_TYPE], s[at + R_LEVEL], np.int64(0)
    spread = bar.ask_open - bar.bid_open if place == AT_OPEN else bar.ask_close - bar.bid_close
    if place == AT_OPEN and (kind != LIMIT_ORDER or not worst_price(m, k, row)):
        raw = bar.ask_open if side > 0 else bar.bid_open
    if kind != LIMIT_ORDER:
        raw = taker(m, k, row, side, raw)
        slip = slippage(m, k, spread)
    closing = raw - side * spread
    if place == AT_OPEN:
        closing = bar.bid_open if side > 0 else bar.ask_open
    inside = s[at + R_LIKE] if place == INSIDE else np.int64(0)
    deal, guard, reason = Deal(row, spread, slip, place), guard_at(m, at + R_STOP), kind + ENTRY_REASON
    why = enter(m, k, side, s[at + R_STEPS], raw + side * slip, closing, guard, reason, deal, inside)
    end_rest(m, r, REFUSED if why else FILLED, why or reason, row)


@njit
def rest_reached(m: Market, r: Whole, reach: Reach) -> bool:
    """Tell whether these prices reach the level of resting order `r` (L1)."""
    s, at = m.s, m.s[REST_AT] + r * REST
    level, like_limit = s[at + R_LEVEL], s[at + R_LIKE] == LIKE_LIMIT
    if s[at + R_SIDE] > 0:
        return bool(reach.low_ask <= level if like_limit else reach.high_ask >= level)
    return bool(reach.high_bid >= level if like_limit else reach.low_bid <= level)


@njit
def nearest_rest(m: Market, k: Whole, bid: Whole, ask: Whole, reach: Reach) -> Whole:
    """Return the reached resting order of instrument `k` nearest to its side's start, the oldest at a tie; -1 for none."""
    s, best, distance = m.s, np.int64(-1), np.int64(NEVER)
    for r in range(s[N_REST]):
        at = s[REST_AT] + r * REST
        if s[at + R_INST] == k and rest_reached(m, r, reach):
            away = abs(s[at + R_LEVEL] - (ask if s[at + R_SIDE] > 0 else bid))
            if away < distance:
                best, distance = np.int64(r), away
    return best


@njit
def reached(m: Market, j: Whole, reach: Reach) -> tuple[bool, bool]:
    """Return (stop reached, target reached) of trade `j` by these prices (L1)."""
    s, at = m.s, m.s[TRADES_AT] + j * TRADE
    stop, target = tighter(s[at + T_SIDE], s[at + T_STOP], s[at + T_TRAIL]), s[at + T_TARGET]
    if s[at + T_SIDE] > 0:
        return stop > 0 and reach.low_bid <= stop, target > 0 and reach.high_bid >= target
    return stop > 0 and reach.high_ask >= stop, target > 0 and reach.low_ask <= target


@njit
def exit_at(m: Market, j: Whole, row: Whole, bar: PointBar, by_stop: Whole, place: Whole) -> None:
    """Close trade `j` by its stop (a taker) or its target (a limit), at the open or inside."""
    s, at = m.s, m.s[TRADES_AT] + j * TRADE
    k, side, stop, trail, steps = s[at + T_INST], s[at + T_SIDE], s[at + T_STOP], s[at + T_TRAIL], s[at + T_STEPS]
    spread = bar.ask_open - bar.bid_open if place == AT_OPEN else bar.ask_close - bar.bid_close
    opened = bar.bid_open if side > 0 else bar.ask_open
    if not by_stop:
        price = opened if place == AT_OPEN and not worst_price(m, k, row) else s[at + T_TARGET]
        close_part(m, j, steps, price, TAKE_PROFIT, Deal(row, spread, np.int64(0), place))
        return
    level, slip = tighter(side, stop, trail), slippage(m, k, spread)
    price = taker(m, k, row, -side, opened if place == AT_OPEN else level) - side * slip
    close_part(m, j, steps, price, TRAILING_STOP if level != stop else STOP_LOSS, Deal(row, spread, slip, place))


@njit
def judge(inside: Whole, stop: bool, target: bool, policy: Whole) -> tuple[Whole, bool]:
    """Return (exit by: 0 none, 1 stop, 2 target; whether worst and best differ) from what was reached (I1, I2)."""
    stop_sure = stop and (policy == PATH or inside != LIKE_STOP)
    target_sure = target and (policy == PATH or inside != LIKE_LIMIT)
    worst = 1 if stop else (2 if target_sure else 0)
    best = 2 if target else (1 if stop_sure else 0)
    return (best if policy == BEST else worst), worst != best


@njit
def flag(m: Market, at: Whole) -> None:
    """Mark the trade at `at` ambiguous, also in the saved state in case the bar is done again."""
    m.s[at + T_AMBIGUOUS] = 1
    for j in range(m.z[N_OPEN]):
        to = m.z[TRADES_AT] + j * TRADE
        if m.z[to + T_ID] == m.s[at + T_ID]:
            m.z[to + T_AMBIGUOUS] = 1


@njit
def inside_pass(m: Market, k: Whole, row: Whole, bar: PointBar, bid: Whole, ask: Whole, reach: Reach, policy: Whole) -> bool:
    """Resting entries, then protections, over one bar or leg from `bid` and `ask`; tell whether any trade was ambiguous."""
    s = m.s
    r = nearest_rest(m, k, bid, ask, reach)
    while r >= 0:
        fill_rest(m, r, row, bar, INSIDE)
        r = nearest_rest(m, k, bid, ask, reach)
    ambiguous, j = False, np.int64(0)
    while j < s[N_OPEN]:
        at = s[TRADES_AT] + j * TRADE
        if s[at + T_INST] == k:
            stop, target = reached(m, j, reach)
            way, differs = judge(s[at + T_INSIDE], stop, target, policy)
            if differs and policy != PATH and s[MARK_NEW] == 0:
                ambiguous = True
                flag(m, at)
            if way != 0:
                exit_at(m, j, row, bar, way == 1, INSIDE)
                continue
        j += 1
    return ambiguous


@njit
def whole_bar(m: Market, k: Whole, row: Whole, bar: PointBar, policy: Whole) -> bool:
    """Run `inside_pass` over the whole range of a bar."""
    reach = Reach(bar.bid_low, bar.bid_high, bar.ask_low, bar.ask_high)
    return bool(inside_pass(m, k, row, bar, bar.bid_open, bar.ask_open, reach, policy))


@njit
def any_reached(m: Market, k: Whole, reach: Reach) -> bool:
    """Tell cheaply whether anything of instrument `k` is reached by these prices."""
    s, found = m.s, False
    for r in range(s[N_REST]):
        if s[s[REST_AT] + r * REST + R_INST] == k and rest_reached(m, r, reach):
            found = True
    for j in range(s[N_OPEN]):
        if s[s[TRADES_AT] + j * TRADE + T_INST] == k:
            stop, target = reached(m, j, reach)
            found = found or stop or target
    return found


@njit
def next_by_age(m: Market, k: Whole, last: Whole, top: Whole) -> tuple[Whole, Whole, Whole]:
    """Return (age, what, index) of the oldest trade (1) or resting order (2) of `k` with `last` < age <= `top`; what 0: none."""
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
def passed_at_open(m: Market, k: Whole, row: Whole, bar: PointBar) -> None:
    """Fill what the open has reached or passed, oldest first (phase d)."""
    reach = Reach(bar.bid_open, bar.bid_open, bar.ask_open, bar.ask_open)
    if not any_reached(m, k, reach):
        return
    top = m.s[SEQUENCE]
    age, what, index = next_by_age(m, k, np.int64(-1), top)
    while what != 0:
        if what == 2:
            if rest_reached(m, index, reach):
                fill_rest(m, index, row, bar, AT_OPEN)
        else:
            stop, target = reached(m, index, reach)
            if stop or target:
                exit_at(m, index, row, bar, stop, AT_OPEN)
        age, what, index = next_by_age(m, k, age, top)


@njit
def ratchet(m: Market, k: Whole, bar: PointBar) -> None:
    """Tighten trailing stops by this bar's extreme; a trade opened inside the bar by its close alone (I5)."""
    s = m.s
    for j in range(s[N_OPEN]):
        at = s[TRADES_AT] + j * TRADE
        if s[at + T_INST] != k or s[at + T_TRAIL_D] == 0:
            continue
        distance, old, inside = s[at + T_TRAIL_D], s[at + T_TRAIL], s[at + T_INSIDE] != 0
        if s[at + T_SIDE] > 0:
            s[at + T_TRAIL] = max(old, (bar.bid_close if inside else bar.bid_high) - distance)
        else:
            new = (bar.ask_close if inside else bar.ask_low) + distance
            s[at + T_TRAIL] = min(old, new) if old > 0 else new
