"""The fast path of a sweep: sets of a `SignalStrategy` on the exit-jump grid (`lts.sim.lanes`).

Sets whose signals agree are run together, whatever their units, stops and targets. What the grid cannot give to the byte it does
not give: `Fast.tallies` says which rows are exact, and the others run on the loop.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.stats.tally import Span, Tallies, joined, span_of
from lts.sim import layout as at
from lts.sim import plan
from lts.sim.lanes import board, ground, work
from lts.sim.reach import plain
from lts.strategies.base import SignalStrategy
from lts.words import MICRO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lts.research.setup import Setup
    from lts.strategies.base import Strategy

    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]
    Lane = tuple[int, int, int]
    Sizes = tuple[float, float, float]

points_of: Any = plain(plan.points_of)  # in Python
steps_of: Any = plain(plan.steps_of)
MOVED = ("units", "stop_pips", "target_pips")  # what `SignalStrategy.decide` reads itself; `Sizes` are their values


class Block(NamedTuple):
    """Lanes of one size whose stops and targets make a full product, lane = stop * targets + target."""

    steps: int
    stops: Int32
    targets: Int32


def why_not(cls: type[Strategy], setup: Setup) -> str:
    """Return why sets of this strategy cannot take the fast path on this market; empty if they can."""
    if not issubclass(cls, SignalStrategy):
        return f"{cls.__name__} is no SignalStrategy"
    if cls.decide is not SignalStrategy.decide or cls.features is not SignalStrategy.features:
        return f"{cls.__name__} has a decide or features of its own"
    if not setup.options.close_at_end:
        return "open trades stay open at the end"
    return ground.why_not(setup.tape, setup.instruments, setup.terms)


class Asked(NamedTuple):
    """Sets on one stream of signals, ready to run."""

    blocks: tuple[Block, ...]
    works: tuple[work.Work, ...]  # one a block
    lanes: tuple[Lane | None, ...]  # one a set; None: the grid cannot have it
    bytes: int  # that they hold until they have been told


class Fast:
    """One market's grid; threads may share it."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.span = setup, span_of(setup)
        self.columns = ground.columns_of(setup.tape, setup.instruments)
        self.bounds = ground.bounds_of(setup.tape, setup.instruments, self.columns)
        self.days = np.where(self.span.rows >= 0, self.span.rows + setup.start, -1)
        self._own = threading.local()
        self._known: dict[Sizes, Lane | None] = {}

    def ask(self, signal: NDArray[Any], sets: Sequence[Sizes], *, ratios: bool) -> Asked:
        """Prepare sets on one stream of signals.

        Parameters
        ----------
        signal : int8 or float64, (n,)
        sets : sequence of (units, stop_pips, target_pips), s of them
        ratios : bool
            Whether equity by days is wanted.
        """
        moved = work.moves(signal, self.setup.start, self._scratch())
        lanes = tuple(self._known[one] if one in self._known else self._lane(one) for one in sets)
        blocks = tuple(self._blocks({lane for lane in lanes if lane is not None}))
        works = tuple(self._work(block, moved, ratios=ratios) for block in blocks)
        days = len(self.days) if ratios else 0
        return Asked(blocks, works, lanes, moved.event.nbytes + sum(one.lanes for one in works) * 8 * (days + 4 * board.SUMS))

    def tell(self, several: Sequence[Asked], *, ratios: bool) -> Iterator[tuple[Tallies, NDArray[np.bool_]]]:
        """Run what was asked, all through the market together; yield for each the tallies of the exact sets, and which these are.

        Sets keep their order.
        """
        work.run([one for asked in several for one in asked.works])
        for asked in several:
            parts: list[tuple[Tallies, NDArray[np.bool_]]] = []
            place: dict[Lane, int] = {}
            for block, one in zip(asked.blocks, asked.works, strict=True):
                parts.append(self._found(one.found(), ratios=ratios))
                place |= {(block.steps, stop, target): len(place) + j for j, (stop, target) in enumerate(_product(block))}
            order = np.array([-1 if lane is None else place[lane] for lane in asked.lanes])
            sure = np.concatenate([*(sure for _, sure in parts), [False]])[order]
            yield taken(joined([part for part, _ in parts] or [self._nothing(ratios=ratios)]), order[sure]), sure

    def _nothing(self, *, ratios: bool) -> Tallies:
        """Return the tallies of no sets."""
        none = np.zeros(0, np.int32)
        moved = work.Moves(np.zeros(0, np.int64), np.zeros(0, np.int8))
        return self._found(self._work(Block(1, none, none), moved, ratios=ratios).found(), ratios=ratios)[0]

    def _lane(self, one: Sizes) -> Lane | None:
        """Return (steps, points of the stop, of the target) of a set; None if the grid cannot have it."""
        setup, per_pip, unit = self.setup, float(self.setup.instruments.per_pip[0]), float(self.setup.instruments.unit[0])
        steps, (stop, target) = int(steps_of(one[0], unit)), (int(points_of(pips, per_pip)) for pips in one[1:])
        why = ground.why_not_this(setup.instruments, self.bounds, steps, max(stop, target))
        lane = self._known[one] = None if why else (steps, stop or work.NONE, target or work.NONE)
        return lane

    def _terms(self, steps: int) -> board.Terms:
        return ground.terms_of(self.setup.instruments, self.setup.terms, self.bounds, steps)

    def _blocks(self, lanes: set[Lane]) -> Iterator[Block]:
        """Yield the lanes as products: stops that share their targets go together."""
        of_stop: dict[tuple[int, int], list[int]] = {}
        for steps, stop, target in sorted(lanes):
            of_stop.setdefault((steps, stop), []).append(target)
        alike: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        for (steps, stop), targets in of_stop.items():
            alike.setdefault((steps, tuple(targets)), []).append(stop)
        for (steps, shared), stops in alike.items():
            yield Block(steps, np.array(stops, np.int32), np.array(shared, np.int32))

    def _work(self, block: Block, moved: work.Moves, *, ratios: bool) -> work.Work:
        columns, start = ground.with_swap(self.columns, self.setup.tape, block.steps), self.setup.terms.balance
        days = self.days if ratios else self.days[:0]
        return work.Work(columns, self._terms(block.steps), block.stops, block.targets, moved, days, start)

    def _found(self, found: work.Found, *, ratios: bool) -> tuple[Tallies, NDArray[np.bool_]]:
        """Return the tallies of a block and which of its lanes are exact."""
        sure = (found.unsure == 0) & (np.abs(found.balance) < ground.LARGEST)
        return tallied(self.span, found, self.setup.terms.balance, ratios=ratios), sure

    def _scratch(self) -> work.Moves:
        if not hasattr(self._own, "scratch"):
            self._own.scratch = work.scratch(len(self.columns.flags))
        own: work.Moves = self._own.scratch
        return own


def _product(block: Block) -> Iterator[tuple[int, int]]:
    return ((int(stop), int(target)) for stop in block.stops for target in block.targets)


def tallied(span: Span, found: work.Found, start: int, *, ratios: bool) -> Tallies:
    """Return what a block left behind as tallies, one a lane."""
    s = found.sums.T
    final, conversion, fees, swap = found.balance.astype(np.int64), s[board.CONVERSION], s[board.FEES], s[board.SWAP]
    spread, slippage = s[board.SPREAD], s[board.SLIPPAGE]
    none = np.zeros(len(final), np.int64)
    totals = {
        "price_profit": final - start + conversion + fees - swap + spread + slippage, "spread_cost": spread,
        "slippage_cost": slippage, "commission": fees, "swap": swap, "conversion_cost": conversion,
    }  # fmt: skip
    counts = {
        "ambiguous_bars": found.ambiguous, "margin_closeouts": none, "bars_below_zero": none, "same_bar_nights": s[board.SPANNED],
        "fills_after_closure": s[board.CLOSURE],
    }  # fmt: skip
    return Tallies(
        span, final, found.share, found.fall.astype(np.int64), s[board.HELD], s[board.TAKEN], s[board.WINS], s[board.WON],
        s[board.PROFIT] - s[board.WON], totals, {name: counts[name] for name in at.COUNTS},
        found.equity / MICRO if ratios else None,
    )  # fmt: skip


def taken(t: Tallies, order: Int64) -> Tallies:
    """Return the tallies at these places."""

    def column(value: Any) -> Any:
        if value is None:
            return None
        return {name: v[order] for name, v in value.items()} if isinstance(value, dict) else value[order]

    return Tallies(t.span, *(column(value) for value in t[1:]))
