"""The windows of one stream of signals, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.sim.jit import near, njit, soon
from lts.sim.lanes.board import SUMS, Board, Exits, Lanes, Levels, Terms, Window
from lts.sim.lanes.exits import all_exits
from lts.sim.lanes.money import fee_of, open_of, open_spread, slippage
from lts.sim.lanes.paths import measure
from lts.sim.lanes.rows import sample, settle_all, share_out, wait
from lts.sim.lanes.seek import extremes

if TYPE_CHECKING:
    from lts.sim.layout import Real, Whole


AHEAD = 3  # windows between asking for prices and reading them


@njit
def window(b: Board, t: Terms, a: Whole, e: Whole, side: Whole, night: Whole) -> Window:
    """Fill the entry: a taker at the open of row a; `night` nights have been booked by then."""
    long = side > 0
    opens, marks = (b.bid_open, b.bid_close) if long else (b.ask_open, b.ask_close)
    favour, against = (b.bid_high, b.bid_low) if long else (b.ask_low, b.ask_high)
    spread = open_spread(b, a)
    slip = slippage(t, spread)
    entry = slip + side * np.int64(b.ask_open[a] if long else b.bid_open[a])
    fee, last = fee_of(t, entry * side, b.mid[a * b.vary]), booked(b, night, e)
    plain = np.int64(b.vary == 0 and last == night)
    return Window(a, e, side, opens, favour, against, marks, entry, spread, slip, fee, night, last - night, plain)


@near
def booked(b: Board, night: Whole, row: Whole) -> Whole:
    """Return how many nights are booked up to and including `row`, `night` of them before."""
    while night < b.nights and b.night[night] <= row:
        night += 1
    return night


@near
def fetch(b: Board, row: Whole, side: Whole) -> None:
    """Ask for what a coming window will read: it lies where nothing has been read, and waiting for it took half the time."""
    high, low, close = (b.bid_high, b.bid_low, b.bid_close) if side > 0 else (b.ask_high, b.ask_low, b.ask_close)
    soon(b.bid_open, row)
    soon(b.ask_open, row)
    for next_line in range(row, row + 96, 16):
        soon(high, next_line)
        soon(low, next_line)
        soon(close, next_line)


@njit
def refused(w: Window, levels: Levels) -> Whole:
    """Return how many stops lie within the spread of the fill: their entries are refused (O2)."""
    gap, s = w.entry - open_of(w, w.a), np.int64(0)
    while s < levels.some_stops and levels.stops[s] <= gap:
        s += 1
    return s


@njit
def least_balance(b: Board, t: Terms, w: Window) -> Real:
    """Return a balance before the entry from which on the margin cannot bite in this window; on the safe side."""
    at_entry, end = w.against[w.a], min(w.e + 1, b.rows)
    low, high = extremes(w.against, w.a, end, at_entry, at_entry)
    worst = w.side * np.int64(low if w.side > 0 else high)
    half = np.int64(0) if w.side > 0 else b.nights + 1
    swap: Whole = np.int64(0)
    for night in range(w.night, w.night + w.nights):
        swap += min(b.swap[half + night + 1] - b.swap[half + night], 0)
    dip = np.float64(t.steps * min(worst - w.entry, 0)) * t.dearest
    return t.need - dip - np.float64(swap) + np.float64(w.fee)


@njit
def trade(b: Board, t: Terms, w: Window, levels: Levels, stops: Exits, targets: Exits, lanes: Lanes, d: Whole) -> Whole:
    """Let one window happen; `d` is the next day to be sampled, and returned."""
    first = refused(w, levels) if w.side != 0 else levels.ns
    hit = first
    if first < levels.ns:
        hit, won = all_exits(b, t, w, levels, first, stops, targets)
        share_out(levels, t, first, hit, won, stops, targets, lanes)
    while d < lanes.day_count and lanes.days[d] < w.e:
        if lanes.days[d] >= w.a:
            sample(b, t, w, levels, first, hit, stops, targets, lanes, d)
        d += 1
    if first > 0:
        wait(lanes, first * levels.nt)
    if first < levels.ns:
        settle_all(b, t, w, levels, first, hit, stops, targets, lanes, least_balance(b, t, w))
    return d


@njit
def collect(levels: Levels, lanes: Lanes, out: Any) -> None:
    """Add up what `share_out` wrote into the sums of each lane, (lanes, SUMS)."""
    ns, nt = levels.ns, levels.nt
    for j in range(ns * nt):
        s = j // nt
        i = j - s * nt
        for q in range(SUMS):
            total = np.int64(0)
            total += out[(j - 1) * SUMS + q] if i > 0 else 0
            out[j * SUMS + q] = total + lanes.by_stop[(s * (nt + 1) + i) * SUMS + q]
    for i in range(nt):
        for q in range(SUMS):
            total = np.int64(0)
            for s in range(ns):
                total += lanes.by_target[(i * ns + s) * SUMS + q]
                out[(s * nt + i) * SUMS + q] += total


@njit
def play(
    b: Board, t: Terms, levels: Levels, event: Any, side: Any, count: Whole, until: Whole, cursor: Any,
    stops: Exits, targets: Exits, lanes: Lanes,
) -> None:  # fmt: skip
    """Run the windows that begin before row `until`; `cursor` says how far the windows, days and nights have come."""
    k, d, night = cursor[0], cursor[1], cursor[2]
    while k < count and event[k] + 1 < until:
        a = event[k] + 1
        if k + AHEAD < count:
            fetch(b, event[k + AHEAD] + 1, side[k + AHEAD])
        e = min(event[k + 1] + 1, b.rows) if k + 1 < count else b.rows
        night = booked(b, night, a)
        d = trade(b, t, window(b, t, a, e, side[k], night), levels, stops, targets, lanes, d)
        k += 1
    cursor[0], cursor[1], cursor[2] = k, d, night


@njit
def finish(levels: Levels, lanes: Lanes, out: Any) -> None:
    """Measure the last fall of each lane, and add up its sums."""
    for j in range(levels.ns * levels.nt):
        measure(lanes, j)
    collect(levels, lanes, out)
