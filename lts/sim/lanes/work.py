"""Lanes at work: a block of stops x targets on one stream of changes, run from tile to tile of the market.

Decision: blocks share the market's columns, which are larger than the caches. Run one after the other from the first bar to the
last, each waits for memory again: 360 ns a window of 84 bars and 10 lanes. Run tile by tile, all blocks through one before the
next, only the first waits: 240 ns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.sim.lanes.board import SUMS
from lts.sim.lanes.entry import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lts.sim.lanes.board import Terms
    from lts.sim.lanes.entry import Columns

    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]
    Float64 = NDArray[np.float64]

TILE = 1 << 17  # rows: 4 MiB of columns
NONE = int(np.iinfo(np.int32).max)  # the distance of no stop, no target


class Moves(NamedTuple):
    """Where a signal changes, and to which side."""

    event: Int64
    side: NDArray[np.int8]


class Found(NamedTuple):
    """What a block of lanes left behind, lane = stop * nt + target; money in micro."""

    sums: Int64  # (lanes, SUMS)
    balance: Float64  # (lanes,), at the end
    fall: Float64
    share: Float64
    unsure: NDArray[np.uint8]
    ambiguous: Int64
    equity: Float64  # (lanes, d)


class Room:
    """Where one thread writes the changes of several signals, one behind the other: all of one signal, and `more`."""

    def __init__(self, rows: int, more: int) -> None:
        self._whole = Moves(np.empty(rows + 1 + more, np.int64), np.empty(rows + 1 + more, np.int8))
        self._rows, self._used = rows, 0

    def clear(self) -> None:
        """Forget all changes; what `moves` returned is written over."""
        self._used = 0

    def full(self) -> bool:
        """Tell whether the changes of one more signal might not find room."""
        return len(self._whole.event) - self._used <= self._rows

    def moves(self, signal: NDArray[Any], start: int) -> Moves:
        """Return where a signal (int8 or float64) changes from row `start` on; there must be room (`full`)."""
        event, side = self._whole.event[self._used :], self._whole.side[self._used :]
        find = compiled().find_sides if signal.dtype == np.int8 else compiled().find
        count = int(find(signal, start, event, side))
        self._used += count
        return Moves(event[:count], side[:count])


class Work:
    """One block and how far it has come.

    Parameters
    ----------
    columns : Columns
    terms : Terms
    stops, targets : int32, (ns,), (nt,)
        Distances in points, ascending; none is the largest int32, last.
    moved : Moves
    days : int64, (d,)
        Rows at which equity is sampled, ascending; before the first entry it is the balance.
    start : int
        Micro, the balance.
    """

    def __init__(self, columns: Columns, terms: Terms, stops: Int32, targets: Int32, moved: Moves, days: Int64, start: int) -> None:
        ns, nt = len(stops), len(targets)
        lanes = self.lanes = ns * nt
        money = np.full((3, lanes), float(start))  # balance, peak, trough
        self._state = (
            *money, np.zeros(lanes), np.zeros(lanes), np.zeros(lanes, np.uint8), np.zeros(lanes, np.int64),
            np.zeros(ns * (nt + 1) * SUMS, np.int64), np.zeros(nt * ns * SUMS, np.int64), np.zeros(ns, np.int64),
        )  # fmt: skip
        self._wanted = days, np.full((lanes, len(days)), float(start)), np.zeros((lanes, SUMS), np.int64)
        some = int((stops < NONE).sum()), int((targets < NONE).sum())
        self.rows = len(columns.flags)
        self._given = (
            tuple(columns), self.rows, tuple(terms), (stops, targets), some, (*moved, np.zeros(3, np.int64)),
            (days, *(array.reshape(-1) for array in self._wanted[1:])), self._state, (_exits(ns + 1), _exits(nt)),
        )  # fmt: skip

    def advance(self, until: int) -> None:
        """Run the windows that begin before row `until`."""
        compiled().run_block(*self._given, until)

    def found(self) -> Found:
        """Return what the lanes left, once they have come to the last row."""
        _, equity, sums = self._wanted
        balance, _, _, fall, share, unsure, ambiguous = self._state[:7]
        return Found(sums, balance, fall, share, unsure, ambiguous, equity)


def run(several: Sequence[Work]) -> None:
    """Run blocks of one market to its end, tile by tile."""
    rows = max((one.rows for one in several), default=0)
    for first in range(0, rows, TILE):
        for one in several:
            one.advance(min(first + TILE, rows))


def _exits(count: int) -> tuple[Any, ...]:
    whole, real = np.zeros((2, count), np.int64), np.zeros((3, count))
    return whole[0], whole[1], real[0], real[1], real[2], np.zeros(count * SUMS, np.int64)
