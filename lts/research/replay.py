"""`replay`: the same run bar by bar in plain Python, through a paper broker that plays the same compiled market."""

from __future__ import annotations

from collections import namedtuple
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import StrategyError
from lts.research.paper import PaperBroker, new
from lts.research.run import execute, finish, prepare_one
from lts.sim import layout as at
from lts.strategies.base import Strategy, _defaults
from lts.words import Decision, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.result import Result
    from lts.research.setup import Setup
    from lts.sim.memory import Memory

    Watch = Callable[[int, int, View, Decision], None]


def replay(strategy: Strategy, bars: Bars, **options: Any) -> Result:
    """Run a strategy bar by bar in plain Python through `PaperBroker`.

    Parameters and result as in `run` (without `jit`); the result has the same bytes. This is the road that paper and live
    trading take.
    """
    setup, again, stated = prepare_one(bars, options)
    return execute(setup, [strategy], [1.0], again, stated_costs=stated, jit=False)


def interpret(
    setup: Setup,
    strategies: Sequence[Strategy],
    features: Sequence[Mapping[str, NDArray[np.float64]]],
    factors: Sequence[float],
    watch: Watch | None = None,
    until: int | None = None,
) -> tuple[Memory, NDArray[np.int64]]:
    """Drive a prepared market stamp by stamp; `watch(stamp, k, view, decision)` sees every decision; `until` stops early."""
    broker = PaperBroker(setup)
    equity = np.zeros(len(setup.stamps), np.int64)
    sleeves = [_Sleeve(s, b, f, setup, k) for k, (s, b, f) in enumerate(zip(strategies, setup.bars, features, strict=True))]
    many = len(sleeves) > 1
    held = 0
    for stamp in range(setup.start, len(setup.stamps) if until is None else until):
        held += broker.holds
        worth = broker.step(stamp)
        equity[stamp] = worth
        for k, sleeve in enumerate(sleeves):
            if many and setup.clock[stamp, k] < 0:
                continue
            view = sleeve.view(broker, k)
            decision = sleeve.decide(view)
            if watch is not None:
                watch(stamp, k, view, decision)
            if decision.kind != 0.0:
                broker.plan(k, decision if factors[k] == 1.0 else decision._replace(units=decision.units * factors[k]))
    finish(setup, broker.memory, broker.market, equity)
    broker.memory.state[at.HELD_CLOSES] = held + broker.holds
    _measure(broker.memory.state, equity[setup.start :], setup.terms.balance)
    return broker.memory, equity[setup.start :]


def _measure(state: NDArray[np.int64], equity: NDArray[np.int64], initial: int) -> None:
    """Store the drawdown that a compiled loop measures on its way."""
    worth = np.concatenate([[initial], equity])
    peak = np.maximum.accumulate(worth)
    fall = peak - worth
    deepest = int(np.argmax(fall / peak))
    state[at.FALL], state[at.SHARE_FALL], state[at.SHARE_PEAK] = fall.max(), fall[deepest], peak[deepest]


def _record(name: str, fields: Iterable[str]) -> Any:
    """Return a named tuple type; its fields are known only here, so it cannot be written as a class."""
    make: Any = namedtuple  # noqa: PYI024
    return make(name, list(fields))


class _Sleeve:
    """One strategy on its bars, with its memory, in plain Python."""

    def __init__(self, strategy: Strategy, bars: Bars, features: Mapping[str, NDArray[np.float64]], setup: Setup, k: int) -> None:
        from lts.sim.loop import BAR_FIELDS

        self.strategy, self.rule = strategy, strategy.decide
        self.memory = _memory(type(strategy))
        fields = (*BAR_FIELDS, *features)
        self.now: Any = _record("Now", fields)
        first = int(np.searchsorted(bars.time, setup.stamps[setup.start]))
        self.rows = self._rows(bars, features, setup, k, max(first - 1, 0))
        nothing = self.now(0, *[np.nan] * (len(fields) - 1))
        self.last = next(self.rows) if first > 0 else nothing

    def _rows(self, bars: Bars, features: Mapping[str, NDArray[np.float64]], setup: Setup, k: int, first: int) -> Iterator[Any]:
        begin = sum(setup.instruments.rows[:k])
        points = setup.tape.bars[:, begin + first : begin + len(bars)]
        columns = [column.tolist() for column in points / float(setup.instruments.scale[k])]
        others = [bars.volume[first:].tolist(), *(values[first:].tolist() for values in features.values())]
        return map(partial(new, self.now), zip(bars.time[first:].tolist(), *columns, *others, strict=True))

    def view(self, broker: PaperBroker, k: int) -> View:
        """Return what the strategy sees at this close."""
        now = next(self.rows)
        previous, self.last = self.last, now
        made: View = new(View, (now, previous, *broker.look(k), self.memory))
        return made

    def decide(self, view: View) -> Decision:
        """Ask the strategy, and insist on a decision."""
        decision = self.rule(view)
        if type(decision) is not Decision:
            where = f"{type(self.strategy).__name__}.decide, bar {np.datetime64(view.now.time, 'ns')}"
            raise StrategyError(f"{where}: returned {decision!r}; it must return go(...), add(...) or stay() on every path.")
        return decision


def _whole(value: float) -> int:
    """Return what compiled code stores in an int64: truncated toward zero, the smallest integer where there is none."""
    return int(value) if value == value and abs(value) < 2.0**63 else -(2**63)  # noqa: PLR0124


def _memory(cls: type[Strategy]) -> Any:
    """Return a mutable memory with the declared fields, as compiled code has it."""
    defaults = _defaults(cls)
    kinds: dict[type, Callable[[Any], Any]] = {bool: bool, int: _whole, float: float}
    casts = {name: kinds[type(value)] for name, value in defaults.items()}
    names = tuple(defaults)

    class Memory:
        __slots__ = names

        def __setattr__(self, name: str, value: Any) -> None:
            object.__setattr__(self, name, casts[name](value) if name in casts else value)

    made = Memory()
    for name, value in defaults.items():
        setattr(made, name, value)
    return made
