"""What a window does to its lanes: who leaves where, their sums, their equity by days, their deepest fall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.sim.jit import near, njit
from lts.sim.lanes.board import SUMS
from lts.sim.lanes.paths import deeper, mark_at, walk

if TYPE_CHECKING:
    from lts.sim.lanes.board import Board, Exits, Lanes, Levels, Terms, Window
    from lts.sim.layout import Real, Whole


@near
def gain(to: Any, at: Whole, sums: Any, of: Whole) -> None:
    """Add the sums of one exit."""
    for q in range(SUMS):
        to[at * SUMS + q] += sums[of * SUMS + q]


@njit
def share_out(levels: Levels, t: Terms, first: Whole, hit: Whole, won: Whole, stops: Exits, targets: Exits, lanes: Lanes) -> None:
    """Give every exit to the lanes that take it, and say how many targets come before each stop.

    Keys ascend with the distance. So the targets that come before stop s are the first `cut` of them, and `cut` ascends with s: the
    lanes of a stop from `cut` on leave by the stop, and target i is taken from the first stop on whose `cut` is above i. Each exit
    is therefore written once, not once a lane (`play.collect` adds them up).
    """
    cut = np.int64(0)
    for s in range(first, levels.ns):
        of = s if s < hit else levels.ns
        key = stops.key[of]
        while cut < won and (targets.key[cut] < key or (t.best == 1 and targets.key[cut] == key)):
            gain(lanes.by_target, cut * levels.ns + s, targets.sums, cut)
            cut += 1
        gain(lanes.by_stop, s * (levels.nt + 1) + cut, stops.sums, of)
        lanes.cuts[s] = cut
        i = cut - 1 if t.best == 1 else cut
        while 0 <= i < won and targets.key[i] == key:  # stop and target reached inside one bar
            lanes.ambiguous[s * levels.nt + i] += 1
            i += -1 if t.best == 1 else 1


@njit
def sample(b: Board, t: Terms, w: Window, levels: Levels, first: Whole, hit: Whole, stops: Exits, targets: Exits, lanes: Lanes,
           d: Whole) -> None:  # fmt: skip
    """Write the equity of day `d`, whose row lies in the window, for all lanes; they still have the balance before the entry."""
    row = lanes.days[d]
    held = np.float64(mark_at(b, t, w, row)) - np.float64(w.fee) if first < levels.ns else 0.0
    for j in range(levels.ns * levels.nt):
        s = j // levels.nt
        i = j - s * levels.nt
        worth = lanes.balance[j]
        if s >= first:
            of = s if s < hit else levels.ns
            by_target = i < lanes.cuts[s]
            left = targets.row[i] if by_target else stops.row[of]
            worth += held if left > row else (targets.net[i] if by_target else stops.net[of])
        lanes.equity[j * lanes.day_count + d] = worth


@near
def busy(lanes: Lanes, at: Whole, count: Whole, high: Real, least: Real) -> Whole:
    """Tell whether any of `count` lanes that leave together makes a new peak, or comes near the margin."""
    found = np.int64(0)
    for j in range(at, at + count):
        found |= np.int64(lanes.balance[j] + high > lanes.peak[j]) | np.int64(lanes.balance[j] < least)
    return found


@near
def busy_targets(lanes: Lanes, at: Whole, count: Whole, high: Any, least: Real) -> Whole:
    """Tell the same of lanes that leave at their targets."""
    found = np.int64(0)
    for i in range(count):
        found |= np.int64(lanes.balance[at + i] + high[i] > lanes.peak[at + i]) | np.int64(lanes.balance[at + i] < least)
    return found


@near
def settle_together(lanes: Lanes, at: Whole, count: Whole, net: Real, low: Real) -> None:
    """Let quiet lanes leave together."""
    for j in range(at, at + count):
        worth = lanes.balance[j]
        lanes.trough[j] = min(lanes.trough[j], worth + low)
        lanes.balance[j] = worth + net


@near
def settle_targets(lanes: Lanes, at: Whole, count: Whole, net: Any, low: Any) -> None:
    """Let quiet lanes leave at their targets."""
    for i in range(count):
        worth = lanes.balance[at + i]
        lanes.trough[at + i] = min(lanes.trough[at + i], worth + low[i])
        lanes.balance[at + i] = worth + net[i]


@njit
def settle_one(b: Board, t: Terms, w: Window, lanes: Lanes, j: Whole, x: Exits, of: Whole, least: Real) -> None:
    """Let one lane leave by exit `of`, whatever it makes of its peak."""
    if lanes.balance[j] < least:
        lanes.unsure[j] = 1
    if lanes.balance[j] + x.high[of] > lanes.peak[j]:
        walk(b, t, w, lanes, j, x.row[of], x.net[of])
    else:
        lanes.trough[j] = min(lanes.trough[j], lanes.balance[j] + x.low[of])
    lanes.balance[j] += x.net[of]


@njit
def settle_all(
    b: Board, t: Terms, w: Window, levels: Levels, first: Whole, hit: Whole, stops: Exits, targets: Exits, lanes: Lanes, least: Real
) -> None:  # fmt: skip
    """Let all lanes that entered leave."""
    for s in range(first, levels.ns):
        of, cut, at = s if s < hit else levels.ns, lanes.cuts[s], s * levels.nt
        rest = levels.nt - cut
        quiet = busy_targets(lanes, at, cut, targets.high, least) == 0
        if quiet and (rest == 0 or busy(lanes, at + cut, rest, stops.high[of], least) == 0):
            settle_targets(lanes, at, cut, targets.net, targets.low)
            settle_together(lanes, at + cut, rest, stops.net[of], stops.low[of])
            continue
        for i in range(levels.nt):
            if i < cut:
                settle_one(b, t, w, lanes, at + i, targets, i, least)
            else:
                settle_one(b, t, w, lanes, at + i, stops, of, least)


@njit
def wait(lanes: Lanes, count: Whole) -> None:
    """Let the first `count` lanes, which have no trade in this window, be seen at their balance."""
    for j in range(count):
        deeper(lanes, j, lanes.balance[j])
