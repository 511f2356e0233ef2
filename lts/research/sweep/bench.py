"""Where sets are run: the market is prepared once, and each worker has a seat with a memory that it uses again and again."""

from __future__ import annotations

import warnings
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import DataWarning
from lts.research.inputs import features_of, signals_of
from lts.research.run import prepare_one, rule_of, volume_of
from lts.research.stats.tally import span_of
from lts.research.sweep.fast import MOVED, Fast, why_not
from lts.research.sweep.features import Features, Made
from lts.research.sweep.seat import Seat
from lts.sim import loop
from lts.sim.lint import explained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.result import Result
    from lts.research.sweep.grid import Grid, Space
    from lts.research.sweep.left import Part
    from lts.strategies.base import Strategy

LOOP_ROOM, GRID_ROOM = 32 << 20, 8 << 20  # bytes of features that are kept; signals for the grid are looked at once


class Job(NamedTuple):
    """What a sweep asks of its workers; all of it can be sent to another process."""

    space: Space
    bars: Bars
    given: Mapping[str, Any]  # the market's arguments, as `run` takes them
    objective: Callable[[Result], float] | None
    ratios: bool = True  # whether equity by days is wanted


class Bench:
    """A prepared market and what its seats share; `run` may be called by several threads at once."""

    def __init__(self, job: Job, *, quiet: bool = True) -> None:
        with warnings.catch_warnings():
            if quiet:  # the coordinator has said it
                warnings.simplefilter("ignore", DataWarning)
            self.setup, self.again, self.stated = prepare_one(job.bars, job.given)
        self.job, self.space, self.span = job, job.space, span_of(self.setup)
        self.volumes = (volume_of(self.setup.bars[0]),)
        self.sizes = [list(job.space.cls.parameters).index(name) for name in MOVED if name in job.space.cls.parameters]
        self.loops: dict[tuple[str, ...], Any] = {}
        self._seats: list[Seat] = []
        self._lock = Lock()
        self.slow_because = "the objective wants whole results" if job.objective else why_not(job.space.cls, self.setup)
        self.fast = None if self.slow_because else Fast(self.setup)
        make: Any = features_of if self.fast is None else signals_of
        self.features = Features(job.space, self.setup.bars[0], make, LOOP_ROOM if self.fast is None else GRID_ROOM)

    def run(self, codes: NDArray[np.int32], *, stopped: Callable[[], bool] = bool, returns: bool = False) -> Part:
        """Run sets one after the other; `stopped` is asked between them, and so is Ctrl-C."""
        with self._lock:
            seat = self._seats.pop() if self._seats else Seat(self)
        try:
            return seat.run(codes, stopped, returns=returns)
        finally:
            with self._lock:
                self._seats.append(seat)

    def groups(self, codes: NDArray[np.int32]) -> Iterator[tuple[int, int]]:
        """Yield (first, past the last) of sets that come together: with a fast path those that share their signals."""
        if self.fast is None or not (self.features.reads or self.learn(codes.tolist())):
            yield from ((place, place + 1) for place in range(len(codes)))
            return
        slots = [self.space.names.index(name) for name in self.features.reads[0] if name in self.space.names]
        edges = np.flatnonzero((np.diff(codes[:, slots], axis=0) != 0).any(axis=1)) + 1
        yield from zip([0, *edges.tolist()], [*edges.tolist(), len(codes)], strict=True)

    def learn(self, rows: Sequence[Sequence[int]]) -> list[Any] | None:
        """Compute the features of the first of some sets that has any; return its values. What they read is known then."""
        for row in rows:
            try:
                values = self.space.accepted(row)
            except Exception:  # noqa: BLE001, S112  (its own row will say so)
                continue
            if self.features.of(values).error is None:
                return values
        return None

    def look(self, grid: Grid, most: int) -> tuple[str, ...]:
        """Return which parameters features read, and compile the loop, by the first set of the grid that has features.

        Raises
        ------
        CompileError
            `decide` cannot be compiled.
        """
        values = self.learn(grid.codes(slice(0, most)).tolist())
        if values is None:
            return self.space.names
        if self.fast is None:  # else it is compiled when a set needs it
            seat = Seat(self)
            self._seats.append(seat)
            seat.compiled(values, self.features.of(values))
        return self.features.reads[0]

    def rest(self) -> None:
        """Let go of what only running needs: seats know their bench, and such circles wait for Python's collector."""
        self._seats.clear()
        self.features.clear()
        self.fast = None

    def loop_of(self, strategy: Strategy, made: Made, arguments: Callable[[], tuple[Any, ...]]) -> Any:
        """Return the compiled loop for features of these names.

        Raises
        ------
        CompileError
            `decide` cannot be compiled.
        """
        with self._lock:
            if made.names not in self.loops:
                rule = rule_of(strategy, dict.fromkeys(made.names))
                with explained([strategy]):
                    compiled = loop.loop_for((rule,))
                    loop.ready(compiled, arguments())
                self.loops[made.names] = compiled
            return self.loops[made.names]
