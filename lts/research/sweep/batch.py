"""Sets that go through the market together on the grid, whatever their signals: what prices they read, they read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.stats.tally import Tallies
from lts.research.sweep.fast import Block, blocks, product
from lts.sim.lanes import board, work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lts.research.sweep.fast import Fast, Lane, Sizes

HELD = 4 << 20  # bytes that sets may hold while they wait
AT_ONCE = 1_024  # sets that are asked for together


class _Asked(NamedTuple):
    """Sets on one stream of signals, ready to run."""

    places: NDArray[np.int64]
    lanes: tuple[Lane | None, ...]
    blocks: tuple[Block, ...]
    works: tuple[work.Work, ...]


class Batch:
    """Sets that wait, and then run; a thread has one at a time."""

    def __init__(self, fast: Fast, *, ratios: bool) -> None:
        self._fast, self._ratios, self._room = fast, ratios, fast.room()
        self._asked: list[_Asked] = []
        self._bytes = 0

    def ask(self, places: Sequence[int], signal: NDArray[Any], sets: Sequence[Sizes]) -> None:
        """Let sets wait.

        Parameters
        ----------
        places : sequence of int, s of them
            Comes back with what they left.
        signal : int8 or float64, (n,)
            The signals that all follow.
        sets : sequence of (units, stop_pips, target_pips), s of them
        """
        moved = self._room.moves(signal, self._fast.setup.start)
        for k in range(0, len(sets), AT_ONCE):
            lanes = self._fast.lanes(sets[k : k + AT_ONCE])
            made = tuple(blocks({lane for lane in lanes if lane is not None}))
            works = tuple(self._fast.work(block, moved, ratios=self._ratios) for block in made)
            self._asked.append(_Asked(np.array(places[k : k + AT_ONCE]), lanes, made, works))
            days = len(self._fast.days) if self._ratios else 0
            self._bytes += sum(one.lanes for one in works) * 8 * (days + 4 * board.SUMS)

    def full(self) -> bool:
        """Tell whether it is time to run."""
        return self._bytes >= HELD or self._room.full()

    def run(self) -> tuple[NDArray[np.int64], Tallies, NDArray[np.int64]]:
        """Run all that wait; return (places of the exact sets, their tallies, places of the others)."""
        works = [one for asked in self._asked for one in asked.works]
        work.run(works)
        tallies, exact = self._fast.tallies([one.found() for one in works], ratios=self._ratios)
        order, places, first = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
        for asked in self._asked:
            order.append(_rows(asked, first))
            places.append(asked.places)
            first += sum(one.lanes for one in asked.works)
        self._asked, self._bytes = [], 0
        self._room.clear()
        rows, here = np.concatenate(order), np.concatenate(places)
        sure = np.append(exact, False)[rows]
        return here[sure], taken(tallies, rows[sure]), here[~sure]


def _rows(asked: _Asked, first: int) -> NDArray[np.int64]:
    """Return the lane of each set, counted from `first` on; -1 for none."""
    place = {lane: first + j for j, lane in enumerate(lane for block in asked.blocks for lane in product(block))}
    return np.array([-1 if lane is None else place[lane] for lane in asked.lanes], np.int64)


def taken(t: Tallies, order: NDArray[np.int64]) -> Tallies:
    """Return the tallies at these places."""

    def column(value: Any) -> Any:
        if value is None:
            return None
        return {name: v[order] for name, v in value.items()} if isinstance(value, dict) else value[order]

    return Tallies(t.span, *(column(value) for value in t[1:]))
