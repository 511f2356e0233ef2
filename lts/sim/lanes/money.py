"""What an exit does to the account: `book.close_part` for a trade that closes whole (rules O4, O5, L3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.sim.jit import near, njit
from lts.sim.lanes.board import CLOSURE, CONVERSION, FEES, HELD, PROFIT, SLIPPAGE, SPANNED, SPREAD, SUMS, SWAP, TAKEN, WINS, WON
from lts.sim.layout import FLAG_CLOSURE, FLAG_SPAN
from lts.sim.money import micro

if TYPE_CHECKING:
    from lts.sim.lanes.board import Board, Terms, Window
    from lts.sim.layout import Whole


@njit
def slippage(t: Terms, spread: Whole) -> Whole:
    """Return the points that a taker loses (L3, nothing drawn)."""
    points: Whole = t.slip
    if t.share > 0.0 and spread > 0:
        points += np.int64(np.ceil(t.share * np.float64(spread) - 1e-9))
    return points


@njit
def fee_of(t: Terms, price: Whole, factor: float) -> Whole:
    """Return the commission of one fill at `price` points (O5)."""
    if t.per_step == 0.0 and t.fraction == 0.0 and t.minimum == 0.0:
        return np.int64(0)
    amount = np.float64(t.steps) * t.per_step + np.float64(t.steps * price) * (factor * t.fraction)
    return np.int64(np.rint(max(amount, t.minimum)))


@njit
def open_spread(b: Board, row: Whole) -> Whole:
    """Return ask - bid at the open of a row."""
    return np.int64(b.ask_open[row]) - np.int64(b.bid_open[row])


@near
def open_of(w: Window, row: Whole) -> Whole:
    """Return the signed open of a row, at which the window's trade would leave."""
    return w.side * np.int64(w.opens[row])


@njit
def close_spread(b: Board, row: Whole) -> Whole:
    """Return ask - bid at the close of a row."""
    return np.int64(b.ask_close[row]) - np.int64(b.bid_close[row])


@njit
def paid_swap(b: Board, w: Window, row: Whole) -> Whole:
    """Return the swap of the window's trade, if it is still there when the nights of `row` are booked."""
    if w.nights == 0:
        return np.int64(0)
    half, last = np.int64(0) if w.side > 0 else b.nights + 1, w.night
    while last < w.night + w.nights and b.night[last] <= row:
        last += 1
    return b.swap[half + last] - b.swap[half + w.night]


@njit
def settle(
    b: Board, t: Terms, w: Window, sums: Any, at: Whole, row: Whole, price: Whole, spread: Whole, slip: Whole
) -> Whole:  # fmt: skip
    """Write the sums of one trade that leaves in `row` at the signed `price`; return what it changed the balance by."""
    r = row * b.vary
    factor, points = b.mid[r], t.steps * (price - w.entry)
    profit = micro(points, factor)
    conversion = profit - micro(points, b.gain[r] if points >= 0 else b.loss[r])
    fees, swap = w.fee + fee_of(t, price * w.side, factor), paid_swap(b, w, row)
    net = profit - conversion - fees + swap
    z = at * SUMS
    sums[z + PROFIT], sums[z + WON], sums[z + WINS], sums[z + TAKEN] = net, max(net, 0), np.int64(net > 0), 1
    sums[z + SPREAD] = micro(t.steps * (w.spread + spread), 0.5 * factor)
    sums[z + SLIPPAGE], sums[z + FEES] = micro(t.steps * (w.slip + slip), factor), fees
    sums[z + SWAP], sums[z + CONVERSION], sums[z + HELD] = swap, conversion, row - w.a
    sums[z + SPANNED] = np.int64(row == w.a and (b.flags[row] & FLAG_SPAN) != 0)
    sums[z + CLOSURE] = np.int64((b.flags[row] & FLAG_CLOSURE) != 0) + np.int64((b.flags[w.a] & FLAG_CLOSURE) != 0)
    return net
