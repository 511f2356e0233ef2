"""The answers of all sets, put in the grid's order as they come in: memory for the sets, never for their curves."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from lts.research.sweep.left import PATHS
from lts.research.sweep.progress import Progress
from lts.research.sweep.ranking import first_best

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from lts.research.sweep.engines import Crew
    from lts.research.sweep.grid import Grid
    from lts.research.sweep.left import Part


class Collected:
    """What n sets have left so far."""

    def __init__(self, sets: int) -> None:
        self.stats: dict[str, NDArray[np.float64]] = {}
        self.path = np.zeros(sets, np.uint8)
        self.errors: dict[int, str] = {}
        self.run = np.zeros(sets, bool)
        self.stopped = False  # by Ctrl-C, however much was done

    def take(self, rows: NDArray[np.int64], part: Part) -> None:
        """Put a part in its place."""
        rows = rows[: part.done]
        for name, values in part.stats.items():
            if name not in self.stats:
                self.stats[name] = np.full(len(self.run), np.nan)
            self.stats[name][rows] = values
        self.path[rows], self.run[rows] = part.path, True
        self.errors |= {int(rows[place]): text for place, text in part.errors.items() if place < part.done}

    def paths(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Return the names of the paths that ran sets."""
        return np.array(PATHS, object)[self.path[rows]]


def collect(
    crew: Crew, grid: Grid, chunks: Sequence[NDArray[np.int64]], bars: int, by: str, tell: Callable[[Progress], object]
) -> Collected:
    """Have all chunks run; Ctrl-C ends it, and what is done by then is returned. A second one ends that too."""
    found, watch = Collected(grid.size), _Watch(grid.size, bars, by, tell)
    waiting, given = iter(enumerate(chunks)), 0
    while True:
        try:
            while not found.stopped and given < crew.room and (one := next(waiting, None)) is not None:
                crew.give(one[0], grid.codes(one[1]))
                given += 1
            parts = crew.finished()
            if not parts:
                break
            given -= len(parts)
            for key, part in parts:
                found.take(chunks[key], part)
            if not found.stopped and any(part.stopped for _, part in parts):
                raise KeyboardInterrupt  # noqa: TRY301  (it came to a worker)
            for key, part in [] if found.stopped else parts:  # nobody waits for what comes in after Ctrl-C
                watch.see(chunks[key], part)
        except KeyboardInterrupt:
            if found.stopped:
                raise
            found.stopped = True
            crew.stop()
    return found


class _Watch:
    """Counts what is done and tells it."""

    def __init__(self, sets: int, bars: int, by: str, tell: Callable[[Progress], object]) -> None:
        self.sets, self.bars, self.by, self.tell = sets, bars, by, tell
        self.begin, self.done = perf_counter(), 0
        self.best, self.row = np.nan, -1

    def see(self, rows: NDArray[np.int64], part: Part) -> None:
        """Take note of a part."""
        self.done += part.done
        place = first_best(part.stats[self.by], self.by) if part.done else None
        if place is not None:
            both = np.array([self.best, part.stats[self.by][place]])
            if first_best(both, self.by) == 1:
                self.best, self.row = float(both[1]), int(rows[place])
        seconds = max(perf_counter() - self.begin, 1e-9)
        self.tell(Progress(self.done, self.sets, seconds, self.bars, self.by, self.best, self.row))
