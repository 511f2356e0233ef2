"""Equity at the closes of a window: the lowest and highest up to an exit, and the whole path where a new peak is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts.sim.jit import near, njit
from lts.sim.lanes.money import paid_swap
from lts.sim.lanes.seek import extremes
from lts.sim.money import micro

if TYPE_CHECKING:
    from lts.sim.lanes.board import Board, Lanes, Terms, Window
    from lts.sim.layout import Real, Whole

MOST = np.int64(2**31 - 1)  # points


@near
def mark_at(b: Board, t: Terms, w: Window, row: Whole) -> Whole:
    """Return equity at the close of `row` less the balance after the entry, for a trade that is open there."""
    points = t.steps * (w.side * np.int64(w.marks[row]) - w.entry)
    return micro(points, b.mark[row * b.vary]) + paid_swap(b, w, row)


class Seen(NamedTuple):
    """What the scan of a window's marks has met in [a, row): lowest and highest, as points where `plain`, else as micro."""

    row: Whole
    low: Whole
    high: Whole


@njit
def scan(b: Board, t: Terms, w: Window, seen: Seen, row: Whole) -> Seen:
    """Go on to `row`."""
    if w.plain:
        if w.side > 0:
            low, high = extremes(w.marks, seen.row, row, seen.low, seen.high)
            return Seen(row, np.int64(low), np.int64(high))
        low, high = extremes(w.marks, seen.row, row, -seen.high, -seen.low)
        return Seen(row, -np.int64(high), -np.int64(low))
    low, high = seen.low, seen.high
    for r in range(seen.row, row):
        v = mark_at(b, t, w, r)
        low, high = min(low, v), max(high, v)
    return Seen(row, low, high)


@njit
def nothing_seen(w: Window) -> Seen:
    """Return the scan at its start."""
    return Seen(w.a, MOST, -MOST) if w.plain else Seen(w.a, np.int64(1) << 62, -(np.int64(1) << 62))


@near
def in_money(b: Board, t: Terms, w: Window, points: Whole) -> Real:
    """Return an extreme of `Seen` in micro: rounding never turns an order around, so extremes of points are those of money."""
    return np.float64(micro(t.steps * (points - w.entry), b.mark[0]) if w.plain else points)


@near
def deeper(lanes: Lanes, j: Whole, worth: Real) -> None:
    """Look at one more value of a lane's equity, as `marks.deeper`."""
    if worth > lanes.peak[j]:
        measure(lanes, j)
        lanes.peak[j] = worth
        lanes.trough[j] = worth
    elif worth < lanes.trough[j]:
        lanes.trough[j] = worth


@near
def measure(lanes: Lanes, j: Whole) -> None:
    """Measure the fall from the current peak, which is being passed or has come to its end."""
    fall = lanes.peak[j] - lanes.trough[j]
    lanes.fall[j] = max(lanes.fall[j], fall)
    lanes.share[j] = max(lanes.share[j], fall / lanes.peak[j])


@njit
def walk(b: Board, t: Terms, w: Window, lanes: Lanes, j: Whole, row: Whole, net: Real) -> None:
    """Let lane `j` live through the closes of its trade up to `row`, where it leaves, and those after it."""
    after_entry = lanes.balance[j] - np.float64(w.fee)
    for r in range(w.a, row):
        deeper(lanes, j, after_entry + np.float64(mark_at(b, t, w, r)))
    if row < w.e:
        deeper(lanes, j, lanes.balance[j] + net)
