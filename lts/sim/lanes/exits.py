"""When and how a window's trade leaves: at each stop, at each target, at the window's end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.sim.jit import near, njit
from lts.sim.lanes.money import close_spread, open_of, open_spread, settle, slippage
from lts.sim.lanes.paths import in_money, nothing_seen, scan
from lts.sim.lanes.seek import first_at_least, first_at_most

if TYPE_CHECKING:
    from lts.sim.lanes.board import Board, Exits, Levels, Terms, Window
    from lts.sim.lanes.paths import Seen
    from lts.sim.layout import Real, Whole


@njit
def stop_rows(w: Window, stops: Any, first: Whole, count: Whole, x: Exits) -> Whole:
    """Write when each stop from `first` on is reached; return how many are, from the nearest on."""
    row = w.a
    for s in range(first, count):
        level = w.entry - stops[s]
        row = first_at_most(w.against, row, w.e, level) if w.side > 0 else first_at_least(w.against, row, w.e, -level)
        if row >= w.e:
            return np.int64(s)
        x.row[s] = row
        x.key[s] = 2 * row + np.int64(open_of(w, row) > level)
    return np.int64(max(first, count))


@njit
def target_rows(b: Board, w: Window, targets: Any, count: Whole, end: Whole, x: Exits) -> Whole:
    """Write when each target is reached before `end`, or at the open of row e; return how many are, from the nearest on."""
    row, i = w.a, np.int64(0)
    while i < count:
        level = w.entry + targets[i]
        row = first_at_least(w.favour, row, end, level) if w.side > 0 else first_at_most(w.favour, row, end, -level)
        if row >= end:
            break
        x.row[i] = row
        x.key[i] = 2 * row + np.int64(open_of(w, row) < level)
        i += 1
    while i < count and end == w.e < b.rows and open_of(w, w.e) >= w.entry + targets[i]:
        x.row[i], x.key[i] = w.e, 2 * w.e
        i += 1
    return i


@near
def write(b: Board, t: Terms, w: Window, x: Exits, at: Whole, price: Whole, spread: Whole, slip: Whole, seen: Seen) -> None:
    """Write what the exit `at` does to balance and equity; `seen` are the closes before it."""
    row = x.row[at]
    net = settle(b, t, w, x.sums, at, row, price - slip, spread, slip)
    fee = np.float64(w.fee)
    low: Real = np.float64(net)
    high: Real = low
    if row >= w.e:  # no close of this window lies after it
        low, high = np.inf, -np.inf
    if row > w.a:
        low = min(low, in_money(b, t, w, seen.low) - fee)
        high = max(high, in_money(b, t, w, seen.high) - fee)
    x.net[at], x.low[at], x.high[at] = np.float64(net), low, high


@njit
def write_stop(b: Board, t: Terms, w: Window, x: Exits, s: Whole, distance: Whole, seen: Seen) -> None:
    """Write a stop: a taker, at its level or at an open that has passed it."""
    row, inside = x.row[s], x.key[s] & 1
    spread = close_spread(b, row) if inside else open_spread(b, row)
    price = w.entry - distance if inside else open_of(w, row)
    write(b, t, w, x, s, price, spread, slippage(t, spread), seen)


@njit
def write_target(b: Board, t: Terms, w: Window, x: Exits, i: Whole, distance: Whole, seen: Seen) -> None:
    """Write a target: a limit, at its level or at an open that has passed it."""
    row, inside = x.row[i], x.key[i] & 1
    spread = close_spread(b, row) if inside else open_spread(b, row)
    price = w.entry + distance if inside else open_of(w, row)
    write(b, t, w, x, i, price, spread, np.int64(0), seen)


@njit
def write_end(b: Board, t: Terms, w: Window, x: Exits, at: Whole, seen: Seen) -> Seen:
    """Write the exit by the next signal, or by the end of the data."""
    if w.e < b.rows:
        x.row[at] = w.e
        seen, spread = scan(b, t, w, seen, w.e), open_spread(b, w.e)
        write(b, t, w, x, at, open_of(w, w.e), spread, slippage(t, spread), seen)
    else:
        x.row[at] = b.rows - 1
        seen = scan(b, t, w, seen, b.rows - 1)
        write(b, t, w, x, at, w.side * np.int64(w.marks[b.rows - 1]), close_spread(b, b.rows - 1), np.int64(0), seen)
    return seen


@njit
def all_exits(b: Board, t: Terms, w: Window, levels: Levels, first: Whole, stops: Exits, targets: Exits) -> tuple[Whole, Whole]:
    """Write every exit that a lane can take; return (stops, targets) reached. Stops before `first` were refused."""
    stops.key[levels.ns] = 2 * w.e + 1
    hit = stop_rows(w, levels.stops, first, levels.some_stops, stops)
    end = w.e if hit < levels.ns else min(w.e, stops.row[hit - 1] + 1)  # where all stops are hit, nothing lives on
    won = target_rows(b, w, levels.targets, levels.some_targets, end, targets)
    seen, s, i = nothing_seen(w), first, np.int64(0)
    while s < hit or i < won:
        if i >= won or (s < hit and stops.row[s] <= targets.row[i]):
            if i >= levels.nt:
                break  # all targets are hit: nothing lives on
            seen = scan(b, t, w, seen, stops.row[s])
            write_stop(b, t, w, stops, s, levels.stops[s], seen)
            s += 1
        else:
            seen = scan(b, t, w, seen, targets.row[i])
            write_target(b, t, w, targets, i, levels.targets[i], seen)
            i += 1
    if hit < levels.ns and won < levels.nt:
        write_end(b, t, w, stops, levels.ns, seen)
    return hit, won
