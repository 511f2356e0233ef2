"""One stamp of the market: open, inside, close, phase by phase (rules a-e, Inside, Close, P6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.sim.inside import passed_at_open, ratchet, taker
from lts.sim.jit import njit
from lts.sim.money import bar_at, block, closed_out, factor_of, slippage, unrealised
from lts.sim.path import inside_bar
from lts.words import OrderType, Reason

# isort: off
from lts.sim.book import (
    CANCELLED, FILLED, NO_GUARD, PENDING, REFUSED, close_part, end_rest, enter, excursion, guard_at, log_order, reduce, tighter,
)  # fmt: skip
from lts.sim.layout import (
    AT_CLOSE, AT_OPEN, BALANCE, BELOW_ZERO, BUSY, CAP_FILLS, CAP_OPEN, CAP_ORDERS, CAP_REST, CAP_TRADES, CLOSEOUTS,
    COMMON_STOP, COMMON_TARGET, COUNT, CROSSED, ELONG, ESHORT, EXACT, FIRST, FLAG_NIGHT, GATE_ASK_HIGH, GATE_ASK_LOW,
    GATE_BID_HIGH, GATE_BID_LOW, HELD, INSIDE, LAST, LIKE_LIMIT, LONG, NEVER, NIGHT, N_FILLS, N_OPEN, N_ORDERS, N_REST,
    N_TRADES, OLDEST_ROW, P_CLOSEOUT, P_HEADER, P_MARGIN, REST, REST_AT, ROW, R_EXPIRY, R_INST, R_LEVEL, R_LIKE, R_SIDE,
    SETTLED, SHORT, SINCE, TRADE, TRADES_AT, T_INSIDE, T_INST, T_PLACE, T_ROW, T_SIDE, T_STEPS, T_STOP, T_SWAP, T_TARGET,
    T_TRAIL, T_TRAIL_D, WAIT_CLOSE_ROW, WAIT_LONG, WAIT_OPEN, WAIT_OPEN_ROW, WAIT_SHORT, WAIT_STOP, X_MARK, X_MID, Deal,
    Reach,
)  # fmt: skip

if TYPE_CHECKING:
    from lts.sim.layout import Market, PointBar, Whole

MARKET, EXPIRED, CLOSEOUT = int(Reason.MARKET), int(Reason.EXPIRED), int(Reason.MARGIN_CLOSEOUT)
NOTHING_LEFT, END, NONE = int(Reason.NOTHING_LEFT), int(Reason.END), int(Reason.NONE)
MARKET_ORDER, CLOSE_ORDER = int(OrderType.MARKET), int(OrderType.CLOSE)
FAR = 1e15  # points: beyond every price


@njit
def swap(m: Market, k: Whole, row: Whole) -> None:
    """Post the nights since the previous bar to each open trade (phase a)."""
    s, at = m.s, block(k)
    if not m.f[s[at + FIRST] + row] & FLAG_NIGHT:
        return
    night = s[at + NIGHT]
    s[at + NIGHT] += 1
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] == k:
            weight = m.w[2 * night] if s[t + T_SIDE] > 0 else m.w[2 * night + 1]
            amount = np.int64(np.rint(np.float64(s[t + T_STEPS]) * weight))
            s[t + T_SWAP] += amount
            s[BALANCE] += amount


@njit
def expire(m: Market, k: Whole, row: Whole) -> None:
    """End the resting orders whose time has come (phase b)."""
    s, r = m.s, np.int64(0)
    now = m.t[s[block(k) + FIRST] + row]
    while r < s[N_REST]:
        at = s[REST_AT] + r * REST
        if s[at + R_INST] == k and 0 < s[at + R_EXPIRY] <= now:
            end_rest(m, r, CANCELLED, EXPIRED, row)
        else:
            r += 1


@njit
def close_everything(m: Market, adverse: Whole) -> None:
    """Close all trades, oldest first, and cancel all resting orders (phase c and the close-out inside the bar)."""
    s = m.s
    s[CLOSEOUTS] += 1
    while s[N_OPEN] > 0:
        t = s[TRADES_AT]
        k, side, steps = s[t + T_INST], s[t + T_SIDE], s[t + T_STEPS]
        at = block(k)
        row = s[at + ROW] if s[at + ROW] >= 0 else s[at + LAST]
        bar, place = bar_at(m.b, m.n, s[at + FIRST] + row), np.int64(INSIDE)
        spread = bar.ask_close - bar.bid_close
        if s[at + ROW] < 0:
            raw = bar.bid_close if side > 0 else bar.ask_close
        elif adverse:
            raw = bar.bid_low if side > 0 else bar.ask_high
        else:
            place, spread = np.int64(AT_OPEN), bar.ask_open - bar.bid_open
            raw = taker(m, k, row, -side, bar.bid_open if side > 0 else bar.ask_open)
        slip = slippage(m, k, spread)
        close_part(m, np.int64(0), steps, raw - side * slip, CLOSEOUT, Deal(row, spread, slip, place))
    while s[N_REST] > 0:
        at = block(s[s[REST_AT] + R_INST])
        end_rest(m, 0, CANCELLED, CLOSEOUT, s[at + ROW] if s[at + ROW] >= 0 else s[at + LAST])


@njit
def waiting_close(m: Market, k: Whole, row: Whole) -> None:
    """Execute the closing part of the last decision (phase e)."""
    s, at = m.s, block(k)
    longs, shorts = s[at + WAIT_LONG], s[at + WAIT_SHORT]
    if longs == 0 and shorts == 0:
        return
    bar = bar_at(m.b, m.n, s[at + FIRST] + row)
    s[at + WAIT_LONG], s[at + WAIT_SHORT] = 0, 0
    spread, done = bar.ask_open - bar.bid_open, np.int64(0)
    for side in range(1, -2, -2):
        held, most = (s[at + LONG], longs) if side > 0 else (s[at + SHORT], shorts)
        if most > 0 and held > 0:
            slip = slippage(m, k, spread)
            price = taker(m, k, row, -side, bar.bid_open if side > 0 else bar.ask_open) - side * slip
            done += reduce(m, k, side, most, price, MARKET, Deal(row, spread, slip, np.int64(AT_OPEN)))
    status, why = (FILLED, MARKET) if done > 0 else (CANCELLED, NOTHING_LEFT)
    log_order(m, k, CLOSE_ORDER, shorts - longs, status, why, s[at + WAIT_CLOSE_ROW], row, 0, NO_GUARD, 0)


@njit
def waiting_open(m: Market, k: Whole, row: Whole) -> None:
    """Execute the opening part of the last decision (phase e)."""
    s, at = m.s, block(k)
    wanted = s[at + WAIT_OPEN]
    if wanted == 0:
        return
    bar = bar_at(m.b, m.n, s[at + FIRST] + row)
    s[at + WAIT_OPEN] = 0
    side, spread, guard = np.int64(1) if wanted > 0 else np.int64(-1), bar.ask_open - bar.bid_open, guard_at(m, at + WAIT_STOP)
    slip = slippage(m, k, spread)
    price = taker(m, k, row, side, bar.ask_open if side > 0 else bar.bid_open) + side * slip
    closing = bar.bid_open if side > 0 else bar.ask_open
    why = enter(m, k, side, abs(wanted), price, closing, guard, MARKET, Deal(row, spread, slip, np.int64(AT_OPEN)), 0)
    log_order(m, k, MARKET_ORDER, wanted, REFUSED if why else FILLED, why or MARKET, s[at + WAIT_OPEN_ROW], row, 0, guard, 0)


@njit
def bar_end(m: Market, k: Whole, row: Whole, bar: PointBar) -> None:
    """Excursions, then trailing stops (Close)."""
    s, at = m.s, block(k)
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] == k:
            if s[t + T_ROW] == row and s[t + T_PLACE] == INSIDE:
                excursion(m, t, Reach(bar.bid_close, bar.bid_close, bar.ask_close, bar.ask_close))
            else:
                excursion(m, t, Reach(bar.bid_low, bar.bid_high, bar.ask_low, bar.ask_high))
    if s[at + SETTLED] == 0:
        ratchet(m, k, bar)
    s[at + SETTLED], s[at + SINCE] = 0, row + 1
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] == k:
            s[t + T_INSIDE] = 0


@njit
def lowest(m: Market, start: Whole, count: Whole) -> Whole:
    """Return the smallest of `count` points from `start` on."""
    found = m.b[start]
    for i in range(start + 1, start + count):
        found = min(found, m.b[i])
    return np.int64(found)


@njit
def highest(m: Market, start: Whole, count: Whole) -> Whole:
    """Return the largest of `count` points from `start` on."""
    found = m.b[start]
    for i in range(start + 1, start + count):
        found = max(found, m.b[i])
    return np.int64(found)


@njit
def flush(m: Market, k: Whole, end: Whole) -> None:
    """Give the extremes of the quiet bars [SINCE, end) to the open trades; none was opened or closed during them."""
    s, at = m.s, block(k)
    first, count = s[at + FIRST] + s[at + SINCE], end - s[at + SINCE]
    if count <= 0 or s[N_OPEN] == 0:
        return
    low_bid, high_bid, low_ask, high_ask = np.int64(NEVER), np.int64(-NEVER), np.int64(NEVER), np.int64(-NEVER)
    if s[at + LONG] > 0:
        low_bid, high_bid = lowest(m, 2 * m.n + first, count), highest(m, m.n + first, count)
    if s[at + SHORT] > 0:
        low_ask, high_ask = lowest(m, 6 * m.n + first, count), highest(m, 5 * m.n + first, count)
    reach = Reach(low_bid, high_bid, low_ask, high_ask)
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] == k:
            excursion(m, t, reach)


@njit
def closeout_gate(m: Market, k: Whole) -> None:
    """Move the gates to where the close-out comes near; on the safe side, for the exact test is the kernel's (K = 1, rule Q4).

    One-sided and at a constant rate, net asset value less what is needed is linear in the price: value + price2 * slope, with
    price2 the doubled mid, which the doubled bid low of a long's bar bounds from below, and the doubled ask high of a short's from
    above, where quotes do not cross.
    """
    s, at = m.s, block(k)
    held_long, held_short = s[at + LONG], s[at + SHORT]
    s[at + EXACT] = np.int64(m.xs != 0 or s[at + CROSSED] != 0 or (held_long > 0 and held_short > 0))
    if s[COUNT] > 1 or s[at + HELD] == 0 or s[at + EXACT] != 0:
        return
    half, least = 0.5 * factor_of(m, k, X_MID, np.int64(0)), m.p[P_CLOSEOUT] * m.p[P_HEADER + P_MARGIN]
    sums = np.float64(2 * (s[at + ELONG] + s[at + ESHORT])) * half
    slack = 16.0 + 1e-9 * (abs(np.float64(s[BALANCE])) + sums)
    if held_long > 0:
        slope = np.float64(held_long) * half * (1.0 - least)
        if slope <= 0.0:
            s[at + BUSY] = 1
            return
        price2 = (slack - np.float64(s[BALANCE]) + sums) / slope
        s[at + GATE_BID_LOW] = max(s[at + GATE_BID_LOW], np.int64(min(max(0.5 * price2, -FAR), FAR)) + 2)
    else:
        slope = np.float64(held_short) * half * (1.0 + least)
        price2 = (np.float64(s[BALANCE]) + sums - slack) / slope
        s[at + GATE_ASK_HIGH] = min(s[at + GATE_ASK_HIGH], np.int64(min(max(0.5 * price2, -FAR), FAR)) - 2)


@njit
def gates(m: Market, k: Whole) -> None:
    """Say which prices would make anything happen in instrument `k`, and what its trades have in common."""
    s, at = m.s, block(k)
    low_bid, high_bid, low_ask, high_ask = np.int64(-NEVER), np.int64(NEVER), np.int64(-NEVER), np.int64(NEVER)
    held, oldest, stop0, target0 = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    busy = s[at + WAIT_LONG] != 0 or s[at + WAIT_SHORT] != 0 or s[at + WAIT_OPEN] != 0 or s[BALANCE] < 0
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] != k:
            continue
        stop, target = tighter(s[t + T_SIDE], s[t + T_STOP], s[t + T_TRAIL]), s[t + T_TARGET]
        if held == 0:
            oldest, stop0, target0 = s[t + T_ROW], stop, target
        held += 1
        stop0, target0 = (stop0 if stop0 == stop else np.int64(0)), (target0 if target0 == target else np.int64(0))
        busy = busy or s[t + T_TRAIL_D] > 0
        if s[t + T_SIDE] > 0:
            low_bid = max(low_bid, stop)
            high_bid = min(high_bid, target) if target > 0 else high_bid
        else:
            high_ask = min(high_ask, stop) if stop > 0 else high_ask
            low_ask = max(low_ask, target)
    for r in range(s[N_REST]):
        t = s[REST_AT] + r * REST
        if s[t + R_INST] != k:
            continue
        busy = busy or s[t + R_EXPIRY] > 0
        wanted, like_limit = s[t + R_LEVEL], s[t + R_LIKE] == LIKE_LIMIT
        if s[t + R_SIDE] > 0:
            low_ask, high_ask = (max(low_ask, wanted), high_ask) if like_limit else (low_ask, min(high_ask, wanted))
        else:
            low_bid, high_bid = (low_bid, min(high_bid, wanted)) if like_limit else (max(low_bid, wanted), high_bid)
    s[at + GATE_BID_LOW], s[at + GATE_BID_HIGH], s[at + GATE_ASK_LOW], s[at + GATE_ASK_HIGH] = low_bid, high_bid, low_ask, high_ask
    s[at + BUSY], s[at + HELD], s[at + OLDEST_ROW] = np.int64(busy), held, oldest
    s[at + COMMON_STOP], s[at + COMMON_TARGET] = stop0, target0
    closeout_gate(m, k)


@njit
def here(m: Market, k: Whole) -> Whole:
    """Return the row of instrument `k` at this stamp, -1 for none."""
    return m.s[block(k) + ROW]


@njit
def passing(m: Market) -> None:
    """Do the phases a to d: swap, expiry, close-out, what the open has passed; instrument by instrument in each."""
    s = m.s
    for k in range(s[COUNT]):
        if here(m, k) >= 0:
            flush(m, k, here(m, k))
            swap(m, k, here(m, k))
    for k in range(s[COUNT] if s[N_REST] > 0 else 0):
        if here(m, k) >= 0:
            expire(m, k, here(m, k))
    if closed_out(m, 0):
        close_everything(m, 0)
    for k in range(s[COUNT] if s[N_OPEN] + s[N_REST] > 0 else 0):
        if here(m, k) >= 0:
            passed_at_open(m, k, here(m, k), bar_at(m.b, m.n, s[block(k) + FIRST] + here(m, k)))


@njit
def dealing(m: Market) -> None:
    """Do phase e: the closing parts of the decisions, then the opening parts."""
    for k in range(m.s[COUNT]):
        if here(m, k) >= 0:
            waiting_close(m, k, here(m, k))
    for k in range(m.s[COUNT]):
        if here(m, k) >= 0:
            waiting_open(m, k, here(m, k))


@njit
def stamp(m: Market) -> None:
    """Let one stamp of the clock happen; each instrument's ROW says which of its bars, or -1."""
    s = m.s
    passing(m)
    dealing(m)
    if s[N_OPEN] + s[N_REST] > 0:
        for k in range(s[COUNT]):
            at = block(k)
            if s[at + ROW] >= 0:
                inside_bar(m, k, s[at + ROW], bar_at(m.b, m.n, s[at + FIRST] + s[at + ROW]))
        if closed_out(m, 1):
            close_everything(m, 1)
    for k in range(s[COUNT]):
        at = block(k)
        if s[at + ROW] >= 0:
            bar_end(m, k, s[at + ROW], bar_at(m.b, m.n, s[at + FIRST] + s[at + ROW]))
            s[at + LAST] = s[at + ROW]
            gates(m, k)
    s[BELOW_ZERO] += np.int64(s[BALANCE] < 0)


@njit
def equity(m: Market) -> Whole:
    """Return balance plus unrealised profit at the closing sides, each instrument at its last close (Q3)."""
    s = m.s
    total = s[BALANCE]
    for k in range(s[COUNT]):
        at = block(k)
        if s[at + HELD] > 0:
            g = s[at + FIRST] + s[at + LAST]
            bar = bar_at(m.b, m.n, g)
            total += unrealised(m, k, bar.bid_close, bar.ask_close, factor_of(m, k, X_MARK, g))
    return total


@njit
def tight(m: Market) -> bool:
    """Tell whether the logs or the book might not hold what one more stamp and its plans can bring."""
    s = m.s
    book = s[N_OPEN] + s[N_REST] + s[COUNT]
    rows = 4 * (book + 3 * s[COUNT]) + 16
    full = s[N_FILLS] + rows > s[CAP_FILLS] or s[N_TRADES] + rows > s[CAP_TRADES] or s[N_ORDERS] + rows > s[CAP_ORDERS]
    return bool(full or book + 1 > s[CAP_OPEN] or book + 1 > s[CAP_REST])


@njit
def finish(m: Market, close_at_end: Whole) -> None:
    """End of the data (P6)."""
    s = m.s
    for k in range(s[COUNT]):
        flush(m, k, s[block(k) + LAST] + 1)
    while s[N_REST] > 0:
        end_rest(m, 0, PENDING, NONE, s[block(s[s[REST_AT] + R_INST]) + LAST])
    while close_at_end and s[N_OPEN] > 0:
        t = s[TRADES_AT]
        k, side, steps = s[t + T_INST], s[t + T_SIDE], s[t + T_STEPS]
        at = block(k)
        bar = bar_at(m.b, m.n, s[at + FIRST] + s[at + LAST])
        deal = Deal(s[at + LAST], bar.ask_close - bar.bid_close, np.int64(0), np.int64(AT_CLOSE))
        close_part(m, np.int64(0), steps, bar.bid_close if side > 0 else bar.ask_close, END, deal)
    for k in range(s[COUNT]):
        gates(m, k)
