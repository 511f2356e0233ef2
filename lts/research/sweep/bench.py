"""Where sets are run: the market is prepared once, and each worker has a seat with a memory that it uses again and again.

Decision: what a set leaves is copied out of the market's memory by one compiled pass (`harvest`); building a `Result` for each set
took longer than running 5,000 bars.
"""

from __future__ import annotations

import warnings
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import DataWarning
from lts.research.inputs import features_of, signals_of
from lts.research.result import Result
from lts.research.run import CHUNK, end_of_data, last_look, prepare_one, rule_of, volume_of
from lts.research.stats.daily import simple_returns
from lts.research.stats.tally import Tallies, headline, span_of
from lts.research.sweep.batch import Batch
from lts.research.sweep.fast import MOVED, Fast, why_not
from lts.research.sweep.features import Features, Made
from lts.sim import layout as at
from lts.sim import loop
from lts.sim.indicators.machine import kernel
from lts.sim.lint import explained
from lts.strategies.base import new_memory
from lts.words import MICRO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.sweep.grid import Grid, Space
    from lts.strategies.base import Strategy

PROFIT = at.TRADE_COLUMNS.index("profit")
LOOP_ROOM, GRID_ROOM = 32 << 20, 8 << 20  # bytes of features that are kept; signals for the grid are looked at once
PATHS = ("", "loop", "grid")  # which path ran a set; "": none


class Job(NamedTuple):
    """What a sweep asks of its workers; all of it can be sent to another process."""

    space: Space
    bars: Bars
    given: Mapping[str, Any]  # the market's arguments, as `run` takes them
    objective: Callable[[Result], float] | None
    ratios: bool = True  # whether equity by days is wanted


class Part(NamedTuple):
    """What a chunk of k sets left behind."""

    stats: dict[str, NDArray[np.float64]]  # (k,) by id
    path: NDArray[np.uint8]  # (k,) place in PATHS
    errors: dict[int, str]  # by place in the chunk
    done: int  # the first so many were run; fewer than k where somebody stopped it
    returns: NDArray[np.float64] | None  # (k, d) by days, where they were asked for
    stopped: bool  # by Ctrl-C


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
        self._seats: list[_Seat] = []
        self._lock = Lock()
        self.slow_because = "the objective wants whole results" if job.objective else why_not(job.space.cls, self.setup)
        self.fast = None if self.slow_because else Fast(self.setup)
        make: Any = features_of if self.fast is None else signals_of
        self.features = Features(job.space, self.setup.bars[0], make, LOOP_ROOM if self.fast is None else GRID_ROOM)

    def run(self, codes: NDArray[np.int32], *, stopped: Callable[[], bool] = bool, returns: bool = False) -> Part:
        """Run sets one after the other; `stopped` is asked between them, and so is Ctrl-C."""
        with self._lock:
            seat = self._seats.pop() if self._seats else _Seat(self)
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
            seat = _Seat(self)
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
                    compiled = loop.loop_for([rule])
                    loop.ready(compiled, arguments())
                self.loops[made.names] = compiled
            return self.loops[made.names]


class _Seat:
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
        left = _Left(
            len(codes), len(self.bench.span.rows) if self.bench.job.ratios else 0, scored=self.bench.job.objective is not None
        )
        rows, done = codes.tolist(), 0
        try:
            for last, places in self._batches(codes, rows, left):
                for place in places:
                    if stopped():
                        return left.part(self.bench, done, returns=returns)
                    try:
                        self._one(rows[place], left, place)
                    except Exception as error:  # noqa: BLE001  (whatever a strategy raises stands in its row; the others go on)
                        left.errors[place] = f"{type(error).__name__}: {error}"
                done = last
                if stopped():
                    break
        except KeyboardInterrupt:
            left.stopped = True
        return left.part(self.bench, done, returns=returns)

    def _batches(self, codes: NDArray[np.int32], rows: Sequence[Sequence[int]], left: _Left) -> Iterator[tuple[int, list[int]]]:
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

    def _one(self, codes: Sequence[int], left: _Left, place: int) -> None:
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


class _Left:
    """What sets left, row by row, until their statistics are made together."""

    def __init__(self, sets: int, days: int, *, scored: bool) -> None:
        self.heads = np.zeros((sets, at.HEADER), np.int64)
        self.share = np.zeros(sets)
        self.path = np.zeros(sets, np.uint8)
        self.earned = np.zeros((sets, 5), np.int64)
        self.days = np.zeros((sets, days))
        self.scores = np.full(sets if scored else 0, np.nan)
        self.errors: dict[int, str] = {}
        self.stopped = False

    def take(self, place: int, memory: Any, equity: NDArray[np.int64], start: int, span: Any) -> None:
        """Copy what one set left."""
        state = memory.state
        self.heads[place] = state[: at.HEADER]
        self.share[place] = state[at.SHARE_FALL] / state[at.SHARE_PEAK]
        self.path[place] = PATHS.index("loop")
        rows = span.rows[: self.days.shape[1]]
        harvest(memory.trades, state[at.N_TRADES], equity, start, rows, span.initial, self.earned[place], self.days[place])

    def take_batch(self, batch: Batch) -> list[int]:
        """Run a batch and copy what its sets left; return the places of those that must go bar by bar."""
        later: list[int] = []
        for exact, tallies, others in batch.run():
            self.take_many(exact, tallies)
            later += others.tolist()
        return later

    def take_many(self, places: NDArray[np.int64], tallies: Tallies) -> None:
        """Copy what sets left on the grid."""
        heads = self.heads
        heads[places, at.FALL], heads[places, at.HELD_CLOSES] = tallies.fall, tallies.held
        for of, values in ((at.TOTALS, tallies.totals), (at.COUNTS, tallies.counts)):
            for name, where in of.items():
                heads[places, where] = values[name]
        self.earned[places] = np.stack([tallies.trades, tallies.wins, tallies.won, tallies.lost, tallies.final], axis=1)
        self.share[places], self.path[places] = tallies.share, PATHS.index("grid")
        if tallies.equity is not None:
            self.days[places] = tallies.equity

    def part(self, bench: Bench, done: int, *, returns: bool) -> Part:
        """Return the statistics of the first `done` sets; nan in rows with an error."""
        heads, earned, days = self.heads[:done], self.earned[:done], self.days[:done]
        bad = sorted(place for place in self.errors if place < done)
        tallies = Tallies(
            bench.span, earned[:, 4], self.share[:done], heads[:, at.FALL], heads[:, at.HELD_CLOSES],
            earned[:, 0], earned[:, 1], earned[:, 2], earned[:, 3],
            {name: heads[:, where] for name, where in at.TOTALS.items()},
            {name: heads[:, where] for name, where in at.COUNTS.items()}, days if bench.job.ratios else None,
        )  # fmt: skip
        stats = headline(tallies)
        if len(self.scores):
            stats["objective"] = self.scores[:done]
        for values in stats.values():
            values[bad] = np.nan
        path = self.path[:done]
        path[bad] = 0
        by_day = simple_returns(days, bench.span.initial / MICRO)[1] if returns else None
        if by_day is not None:
            by_day[bad] = np.nan
        return Part(stats, path, self.errors, done, by_day, self.stopped)


@kernel
def harvest(trades: Any, count: Any, equity: Any, start: Any, rows: Any, initial: Any, earned: Any, days: Any) -> None:
    """Write what one set left: its trades, wins, what they won and lost, the last equity; equity by days, account currency."""
    wins = won = lost = 0
    for k in range(count):
        profit = trades[k * at.CLOSED + PROFIT]
        if profit > 0:
            wins += 1
            won += profit
        else:
            lost += profit
    earned[0], earned[1], earned[2], earned[3], earned[4] = count, wins, won, lost, equity[-1]
    for d in range(len(rows)):
        days[d] = (equity[start + rows[d]] if rows[d] >= 0 else initial) / 1_000_000
