"""One stamp of the market: open, inside, close, phase by phase (rules a-e, Inside, Close, P6)."""

from __future__ import annotations

import numpy as np

from lts.sim.book import CANCELLED, FILLED, PENDING, REFUSED, close_part, enter, excursion, log_order, log_rest, reduce, remove_rest
from lts.sim.inside import passed_at_open, ratchet, taker
from lts.sim.jit import njit
from lts.sim.layout import (
    AT_CLOSE, AT_OPEN, BALANCE, BELOW_ZERO, BUSY, CAP_FILLS, CAP_OPEN, CAP_ORDERS, CAP_REST, CAP_TRADES, CLOSEOUTS, COMMON_STOP, COMMON_TARGET, COUNT, FIRST, FLAG_NIGHT, GATE_ASK_HIGH,
    GATE_ASK_LOW, GATE_BID_HIGH, GATE_BID_LOW, HELD, HIGH_ASK, HIGH_BID, INSIDE, LAST, LIKE_LIMIT, LONG, LOW_ASK, LOW_BID, N_FILLS, N_OPEN,
    N_ORDERS, N_REST, N_TRADES, NEVER, NIGHT, OLDEST_ROW, R_EXPIRY, R_INST, R_LEVEL, R_LIKE, R_SIDE, REST, REST_AT, ROW, SEEN, SETTLED, SHORT, T_INSIDE, T_INST, T_PLACE,
    T_ROW, T_SIDE, T_STEPS, T_STOP, T_SWAP, T_TARGET, T_TRAIL, T_TRAIL_D, TRADE, TRADES_AT, WAIT_CLOSE_ROW, WAIT_LONG, WAIT_OPEN,
    WAIT_OPEN_ROW, WAIT_SHORT, WAIT_STOP, WAIT_STOP_D, WAIT_TARGET, WAIT_TARGET_D, WAIT_TRAIL_D,
)  # fmt: skip
from lts.sim.money import block, closed_out, mark_factor, point_bar, slippage, unrealised
from lts.sim.path import inside_bar
from lts.sim.inside import tighter
from lts.words import OrderType, Reason

MARKET, EXPIRED, CLOSEOUT = int(Reason.MARKET), int(Reason.EXPIRED), int(Reason.MARGIN_CLOSEOUT)
NOTHING_LEFT, END, NONE = int(Reason.NOTHING_LEFT), int(Reason.END), int(Reason.NONE)
MARKET_ORDER, CLOSE_ORDER = int(OrderType.MARKET), int(OrderType.CLOSE)


@njit
def swap(m, k, row):
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
def expire(m, k, row):
    """End the resting orders whose time has come (phase b)."""
    s, r = m.s, np.int64(0)
    now = m.t[s[block(k) + FIRST] + row]
    while r < s[N_REST]:
        at = s[REST_AT] + r * REST
        if s[at + R_INST] == k and 0 < s[at + R_EXPIRY] <= now:
            log_rest(m, r, np.int64(CANCELLED), np.int64(EXPIRED), row)
            remove_rest(m, r)
        else:
            r += 1


@njit
def close_everything(m, adverse):
    """Close all trades, oldest first, and cancel all resting orders (phase c and the close-out inside the bar)."""
    s = m.s
    s[CLOSEOUTS] += 1
    while s[N_OPEN] > 0:
        t = s[TRADES_AT]
        k, side = s[t + T_INST], s[t + T_SIDE]
        at = block(k)
        row = s[at + ROW] if s[at + ROW] >= 0 else s[at + LAST]
        bar = point_bar(m, s[at + FIRST] + row)
        place = np.int64(INSIDE)
        if s[at + ROW] < 0:
            raw = bar.bid_close if side > 0 else bar.ask_close
        elif adverse:
            raw = bar.bid_low if side > 0 else bar.ask_high
        else:
            place = np.int64(AT_OPEN)
            raw = taker(m, k, row, bar, -side, bar.bid_open if side > 0 else bar.ask_open)
        spread = bar.ask_open - bar.bid_open if place == AT_OPEN else bar.ask_close - bar.bid_close
        slip = slippage(m, k, spread)
        close_part(m, np.int64(0), s[t + T_STEPS], raw - side * slip, spread, slip, np.int64(CLOSEOUT), row, place)
    while s[N_REST] > 0:
        at = block(s[s[REST_AT] + R_INST])
        row = s[at + ROW] if s[at + ROW] >= 0 else s[at + LAST]
        log_rest(m, np.int64(0), np.int64(CANCELLED), np.int64(CLOSEOUT), row)
        remove_rest(m, np.int64(0))


@njit
def waiting_close(m, k, row, bar):
    """Execute the closing part of the last decision (phase e)."""
    s, at = m.s, block(k)
    longs, shorts = s[at + WAIT_LONG], s[at + WAIT_SHORT]
    if longs == 0 and shorts == 0:
        return
    s[at + WAIT_LONG], s[at + WAIT_SHORT] = 0, 0
    spread, done = bar.ask_open - bar.bid_open, np.int64(0)
    reason, place = np.int64(MARKET), np.int64(AT_OPEN)
    for side, most in ((1, longs), (-1, shorts)):
        held = s[at + LONG] if side > 0 else s[at + SHORT]
        if most == 0 or held == 0:
            continue
        slip = slippage(m, k, spread)
        price = taker(m, k, row, bar, -side, bar.bid_open if side > 0 else bar.ask_open) - side * slip
        done += reduce(m, k, np.int64(side), most, price, spread, slip, reason, row, place)
    status, why = (FILLED, MARKET) if done > 0 else (CANCELLED, NOTHING_LEFT)
    zero = np.int64(0)
    log_order(m, k, np.int64(CLOSE_ORDER), shorts - longs, np.int64(status), np.int64(why), s[at + WAIT_CLOSE_ROW], row,
              zero, zero, zero, zero, zero, zero, zero)  # fmt: skip


@njit
def waiting_open(m, k, row, bar):
    """Execute the opening part of the last decision (phase e)."""
    s, at = m.s, block(k)
    wanted = s[at + WAIT_OPEN]
    if wanted == 0:
        return
    s[at + WAIT_OPEN] = 0
    side, spread, zero = (np.int64(1) if wanted > 0 else np.int64(-1)), bar.ask_open - bar.bid_open, np.int64(0)
    slip = slippage(m, k, spread)
    price = taker(m, k, row, bar, side, bar.ask_open if side > 0 else bar.bid_open) + side * slip
    closing = bar.bid_open if side > 0 else bar.ask_open
    stop, target, stop_d, target_d = s[at + WAIT_STOP], s[at + WAIT_TARGET], s[at + WAIT_STOP_D], s[at + WAIT_TARGET_D]
    refused = enter(
        m, k, side, abs(wanted), price, spread, slip, closing, stop, target, stop_d, target_d, s[at + WAIT_TRAIL_D], np.int64(MARKET),
        row, np.int64(AT_OPEN), zero,
    )  # fmt: skip
    status = np.int64(REFUSED) if refused else np.int64(FILLED)
    why = refused if refused else np.int64(MARKET)
    log_order(m, k, np.int64(MARKET_ORDER), wanted, status, why, s[at + WAIT_OPEN_ROW], row, zero, stop, target, stop_d, target_d,
              s[at + WAIT_TRAIL_D], zero)  # fmt: skip


@njit
def bar_end(m, k, row, bar):
    """Excursions, then trailing stops (Close)."""
    s = m.s
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] != k:
            continue
        if s[t + T_ROW] == row and s[t + T_PLACE] == INSIDE:
            excursion(m, np.int64(j), bar.bid_close if s[t + T_SIDE] > 0 else bar.ask_close)
        elif s[t + T_SIDE] > 0:
            excursion(m, np.int64(j), bar.bid_low)
            excursion(m, np.int64(j), bar.bid_high)
        else:
            excursion(m, np.int64(j), bar.ask_high)
            excursion(m, np.int64(j), bar.ask_low)
    if s[block(k) + SETTLED]:
        s[block(k) + SETTLED] = 0
    else:
        ratchet(m, k, bar)
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] == k:
            s[t + T_INSIDE] = 0


@njit
def flush(m, k):
    """Give the extremes of the quiet bars to the open trades; none was opened or closed during them."""
    s, at = m.s, block(k)
    if not s[at + SEEN]:
        return
    s[at + SEEN] = 0
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] == k:
            long = s[t + T_SIDE] > 0
            excursion(m, np.int64(j), s[at + LOW_BID] if long else s[at + HIGH_ASK])
            excursion(m, np.int64(j), s[at + HIGH_BID] if long else s[at + LOW_ASK])


@njit
def gates(m, k):
    """Say which prices would make anything happen in instrument `k`, and what its trades have in common."""
    s, at = m.s, block(k)
    low_bid, high_bid, low_ask, high_ask, busy = np.int64(-NEVER), np.int64(NEVER), np.int64(-NEVER), np.int64(NEVER), np.int64(0)
    held, oldest, stop0, target0 = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for j in range(s[N_OPEN]):
        t = s[TRADES_AT] + j * TRADE
        if s[t + T_INST] != k:
            continue
        stop, target = tighter(s[t + T_SIDE], s[t + T_STOP], s[t + T_TRAIL]), s[t + T_TARGET]
        if held == 0:
            oldest, stop0, target0 = s[t + T_ROW], stop, target
        held += 1
        stop0, target0 = (stop0 if stop0 == stop else np.int64(0)), (target0 if target0 == target else np.int64(0))
        busy |= s[t + T_TRAIL_D] > 0
        if s[t + T_SIDE] > 0:
            low_bid = max(low_bid, stop) if stop > 0 else low_bid
            high_bid = min(high_bid, target) if target > 0 else high_bid
        else:
            high_ask = min(high_ask, stop) if stop > 0 else high_ask
            low_ask = max(low_ask, target) if target > 0 else low_ask
    for r in range(s[N_REST]):
        t = s[REST_AT] + r * REST
        if s[t + R_INST] != k:
            continue
        busy |= s[t + R_EXPIRY] > 0
        wanted, like_limit = s[t + R_LEVEL], s[t + R_LIKE] == LIKE_LIMIT
        if s[t + R_SIDE] > 0:
            low_ask, high_ask = (max(low_ask, wanted), high_ask) if like_limit else (low_ask, min(high_ask, wanted))
        else:
            low_bid, high_bid = (low_bid, min(high_bid, wanted)) if like_limit else (max(low_bid, wanted), high_bid)
    busy |= (s[at + WAIT_LONG] != 0) | (s[at + WAIT_SHORT] != 0) | (s[at + WAIT_OPEN] != 0)
    s[at + GATE_BID_LOW], s[at + GATE_BID_HIGH], s[at + GATE_ASK_LOW], s[at + GATE_ASK_HIGH] = low_bid, high_bid, low_ask, high_ask
    s[at + BUSY], s[at + HELD], s[at + OLDEST_ROW], s[at + COMMON_STOP], s[at + COMMON_TARGET] = busy, held, oldest, stop0, target0


@njit
def here(m, k):
    """Return the table row of this stamp's bar of instrument `k`, -1 when it has none."""
    at = block(k)
    return m.s[at + FIRST] + m.s[at + ROW] if m.s[at + ROW] >= 0 else np.int64(-1)


@njit
def open_phases(m):
    """Phases a to e of all instruments with a bar at this stamp."""
    s = m.s
    for k in range(s[COUNT]):
        if here(m, k) >= 0:
            flush(m, k)
            swap(m, k, s[block(k) + ROW])
    for k in range(s[COUNT]):
        if here(m, k) >= 0:
            expire(m, k, s[block(k) + ROW])
    if closed_out(m, False):
        close_everything(m, False)
    for k in range(s[COUNT]):
        if here(m, k) >= 0:
            passed_at_open(m, k, s[block(k) + ROW], point_bar(m, here(m, k)))
    for k in range(s[COUNT]):
        if here(m, k) >= 0:
            waiting_close(m, k, s[block(k) + ROW], point_bar(m, here(m, k)))
    for k in range(s[COUNT]):
        if here(m, k) >= 0:
            waiting_open(m, k, s[block(k) + ROW], point_bar(m, here(m, k)))


@njit
def stamp(m):
    """Let one stamp of the clock happen; each instrument's ROW says which of its bars, or -1."""
    s = m.s
    open_phases(m)
    for k in range(s[COUNT]):
        if here(m, k) >= 0:
            inside_bar(m, k, s[block(k) + ROW], point_bar(m, here(m, k)))
    if closed_out(m, True):
        close_everything(m, True)
    for k in range(s[COUNT]):
        if here(m, k) >= 0:
            bar_end(m, k, s[block(k) + ROW], point_bar(m, here(m, k)))
            s[block(k) + LAST] = s[block(k) + ROW]
            gates(m, k)
    s[BELOW_ZERO] += s[BALANCE] < 0


@njit
def equity(m):
    """Return balance plus unrealised profit at the closing sides, each instrument at its last close (Q3)."""
    s = m.s
    total = s[BALANCE]
    for k in range(s[COUNT]):
        at = block(k)
        if s[at + HELD] > 0:
            g = s[at + FIRST] + s[at + LAST]
            bar = point_bar(m, g)
            total += unrealised(m, k, bar.bid_close, bar.ask_close, mark_factor(m, k, g))
    return total


@njit
def tight(m):
    """Tell whether the logs or the book might not hold what one more stamp and its plans can bring."""
    s = m.s
    book = s[N_OPEN] + s[N_REST] + s[COUNT]
    rows = 4 * (book + 3 * s[COUNT]) + 16
    return (
        s[N_FILLS] + rows > s[CAP_FILLS]
        or s[N_TRADES] + rows > s[CAP_TRADES]
        or s[N_ORDERS] + rows > s[CAP_ORDERS]
        or book + 1 > s[CAP_OPEN]
        or book + 1 > s[CAP_REST]
    )


@njit
def finish(m, close_at_end):
    """End of the data (P6)."""
    s = m.s
    for k in range(s[COUNT]):
        flush(m, k)
    while s[N_REST] > 0:
        log_rest(m, np.int64(0), np.int64(PENDING), np.int64(NONE), s[block(s[s[REST_AT] + R_INST]) + LAST])
        remove_rest(m, np.int64(0))
    while close_at_end and s[N_OPEN] > 0:
        t = s[TRADES_AT]
        k, side = s[t + T_INST], s[t + T_SIDE]
        at = block(k)
        bar = point_bar(m, s[at + FIRST] + s[at + LAST])
        price, spread = (bar.bid_close if side > 0 else bar.ask_close), bar.ask_close - bar.bid_close
        close_part(m, np.int64(0), s[t + T_STEPS], price, spread, np.int64(0), np.int64(END), s[at + LAST], np.int64(AT_CLOSE))
    for k in range(s[COUNT]):
        gates(m, k)
