"""One worker's memory, in which it runs set after set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.result import Result
from lts.research.run import CHUNK, end_of_data, last_look
from lts.research.sweep.batch import Batch
from lts.research.sweep.left import Left
from lts.sim import layout as at
from lts.sim import loop
from lts.strategies.base import new_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from lts.research.sweep.bench import Bench
    from lts.research.sweep.features import Made
    from lts.research.sweep.left import Part


class Seat:
    """One worker's memory; runs a set at a time."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.setup = bench, bench.setup
        self.memory = self.setup.memory()
        self.start = self.memory.state.copy()
        self.table = self.memory.table()
        self.equity = np.empty(len(self.setup.stamps), np.int64)
        cls = bench.space.cls
        self.remembered = new_memory(cls)
        self.told, self.blank = (np.asarray(m).view(np.ndarray).view(np.uint8) for m in (self.remembered, new_memory(cls)))
        self.columns, self.clock = tuple(self.setup.tape.bars), self.setup.clock.reshape(-1)
        market, planner = loop.market(), loop.planner()
        self.addresses = getattr(market, "address", market), getattr(planner, "address", planner)
        self.call = getattr(market, "ctypes", market)

    def run(self, codes: NDArray[np.int32], stopped: Callable[[], bool], *, returns: bool) -> Part:
        """Run sets, and turn what they left into statistics together."""
        left = Left(
            len(codes), len(self.bench.span.rows) if self.bench.job.ratios else 0, scored=self.bench.job.objective is not None
        )
        rows, done = codes.tolist(), 0
        try:
            for last, places in self._batches(codes, rows, left):
                for place in places:
                    if stopped():
                        return left.part(self.bench.span, done, returns=returns)
                    try:
                        self._one(rows[place], left, place)
                    except Exception as error:  # noqa: BLE001  (whatever a strategy raises stands in its row; the others go on)
                        left.errors[place] = f"{type(error).__name__}: {error}"
                done = last
                if stopped():
                    break
        except KeyboardInterrupt:
            left.stopped = True
        return left.part(self.bench.span, done, returns=returns)

    def _batches(self, codes: NDArray[np.int32], rows: Sequence[Sequence[int]], left: Left) -> Iterator[tuple[int, list[int]]]:
        """Run sets on the grid, as many at once as there is room for; yield (past the last, which must go bar by bar)."""
        if self.bench.fast is None:
            yield from ((place + 1, [place]) for place in range(len(rows)))
            return
        batch, later = Batch(self.bench.fast, ratios=self.bench.job.ratios), list[int]()
        for first, last in self.bench.groups(codes):
            for made, places, sizes in self._alike(rows, range(first, last), later):
                if batch.full():
                    later += left.take_batch(batch)
                batch.ask(places, made.arrays[0], sizes)
            if last == len(rows) or batch.full():
                later += left.take_batch(batch)
                yield last, sorted(later)
                later.clear()

    def _alike(
        self, rows: Sequence[Sequence[int]], places: Iterable[int], later: list[int]
    ) -> Iterable[tuple[Made, list[int], list[Any]]]:
        """Return (signals, places, sizes) of sets that share their signals; those that have none are put to `later`."""
        space = self.bench.space
        alike: dict[int, tuple[Made, list[int], list[Any]]] = {}
        made: Made | None = None
        for place in places:
            try:
                values = space.accepted(rows[place])
            except Exception:  # noqa: BLE001  (it raises again where it is written down)
                later.append(place)
                continue
            if made is None or len(self.bench.features.reads) > 1:  # else all agree in what is read
                made = self.bench.features.of(values)
            if made.error is not None:
                later.append(place)
                continue
            _, mine, sizes = alike.setdefault(id(made), (made, [], []))
            mine.append(place)
            sizes.append(tuple(float(values[slot]) for slot in self.bench.sizes))
        return alike.values()

    def _one(self, codes: Sequence[int], left: Left, place: int) -> None:
        bench = self.bench
        values = bench.space.accepted(codes)
        made = bench.features.of(values)
        if made.error is not None:
            raise made.error
        if bench.job.objective is not None:
            self.memory = self.setup.memory()  # a result keeps its memory and equity
            self.equity = np.empty(len(self.setup.stamps), np.int64)
            self.table = self.memory.table()
        self._play(values, made)
        left.take(place, self.memory, self.equity, self.setup.start, bench.span)
        if bench.job.objective is not None:
            strategy = bench.space.made(values)
            result = Result(
                self.setup,
                (strategy,),
                (1.0,),
                self.memory,
                self.equity[self.setup.start :],
                bench.again,
                stated_costs=bench.stated,
            )
            left.scores[place] = float(bench.job.objective(result))

    def compiled(self, values: Sequence[Any], made: Made) -> Any:
        """Return the compiled loop of a set."""
        fixed, stamp = self._fixed(values, made), self.setup.start
        return self.bench.loop_of(self.bench.space.made(values), made, lambda: (0, 0, 0, *fixed, stamp, stamp))

    def _fixed(self, values: Sequence[Any], made: Made) -> tuple[Any, ...]:
        """Return what the loop takes beside addresses and stamps."""
        arrays = tuple(np.asarray(array, float) for array in made.arrays)  # signals may be int8
        return self.columns, self.clock, self.bench.volumes, ((*values, 1.0),), (self.remembered,), (arrays,), self.equity

    def _play(self, values: Sequence[Any], made: Made) -> None:
        """Run one set through the market; memory and equity hold what it left."""
        bench, setup, memory = self.bench, self.setup, self.memory
        kept = self.start
        self.start = memory.rewind(kept)
        if self.start is not kept:
            self.table = memory.table()
        self.told[:] = self.blank  # as bytes: assigning records costs 4 us
        fixed = self._fixed(values, made)
        stamp, end = setup.start, len(setup.stamps)
        compiled = bench.loops.get(made.names) or self.compiled(values, made)
        while stamp < end:
            stop = min(end, stamp + CHUNK)
            reached = compiled(*self.addresses, self.table, *fixed, stamp, stop)
            if reached < stop:
                self._grow()
            stamp = reached
        while self.call(at.TIGHT, self.table, 0):
            self._grow()
        end_of_data(self.call, self.table, memory.state, self.equity, close=setup.options.close_at_end)
        last_look(memory.state, int(self.equity[-1]))

    def _grow(self) -> None:
        self.memory.grow()
        self.table = self.memory.table()
