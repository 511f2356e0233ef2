"""The fast path of a sweep: sets of a `SignalStrategy` on the exit-jump grid (`lts.sim.lanes`).

Sets whose signals agree are run together, whatever their units, stops and targets. What the grid cannot give to the byte it does
not give: `Fast.tallies` says which rows are exact, and the others run on the loop.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.stats.tally import Span, Tallies, span_of
from lts.sim import layout as at
from lts.sim import plan
from lts.sim.lanes import board, ground
from lts.sim.lanes.work import NONE, Found, Moves, Room, Work
from lts.sim.reach import plain
from lts.strategies.base import SignalStrategy
from lts.words import MICRO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lts.research.setup import Setup
    from lts.sim.lanes.entry import Columns
    from lts.strategies.base import Strategy

    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]
    Lane = tuple[int, int, int]
    Sizes = tuple[float, float, float]

points_of: Any = plain(plan.points_of)  # in Python
steps_of: Any = plain(plan.steps_of)
MOVED = ("units", "stop_pips", "target_pips")  # what `SignalStrategy.decide` reads itself; `Sizes` are their values
SIZES = 16  # whose swap is kept
ROOM = 1 << 19  # changes that are kept at a time: 4.5 MB


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


class Fast:
    """One market's grid; threads may share it."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.span = setup, span_of(setup)
        self.columns = ground.columns_of(setup.tape, setup.instruments)
        self.bounds = ground.bounds_of(setup.tape, setup.instruments, self.columns)
        self.days = np.where(self.span.rows >= 0, self.span.rows + setup.start, -1)
        self._own = threading.local()
        self._known: dict[Sizes, Lane | None] = {}
        self._markets: dict[int, tuple[Columns, board.Terms]] = {}

    def lanes(self, sets: Sequence[Sizes]) -> tuple[Lane | None, ...]:
        """Return the lane of each set, (steps, points of the stop, of the target); None if the grid cannot have it."""
        return tuple(self._known[one] if one in self._known else self._lane(one) for one in sets)

    def _lane(self, one: Sizes) -> Lane | None:
        setup, per_pip, unit = self.setup, float(self.setup.instruments.per_pip[0]), float(self.setup.instruments.unit[0])
        steps, (stop, target) = int(steps_of(one[0], unit)), (int(points_of(pips, per_pip)) for pips in one[1:])
        why = ground.why_not_this(setup.instruments, self.bounds, steps, max(stop, target))
        lane = self._known[one] = None if why else (steps, stop or NONE, target or NONE)
        return lane

    def _market(self, steps: int) -> tuple[Columns, board.Terms]:
        """Return the market of so many steps; the swap of a few sizes is kept."""
        found = self._markets.get(steps)
        if found is None:
            terms = ground.terms_of(self.setup.instruments, self.setup.terms, self.bounds, steps)
            found = ground.with_swap(self.columns, self.setup.tape, steps), terms
            if len(self._markets) < SIZES:
                self._markets[steps] = found
        return found

    def work(self, block: Block, moved: Moves, *, ratios: bool) -> Work:
        """Return a block on one stream of changes, ready to run."""
        columns, terms = self._market(block.steps)
        return Work(
            columns, terms, block.stops, block.targets, moved, self.days if ratios else self.days[:0], self.setup.terms.balance
        )

    def tallies(self, several: Sequence[Found], *, ratios: bool) -> tuple[Tallies, NDArray[np.bool_]]:
        """Return the tallies of blocks that have run, lane by lane, and which lanes are exact."""
        left = Found(*(np.concatenate(field) for field in zip(*(several or [self._nothing(ratios=ratios)]), strict=True)))
        sure = (left.unsure == 0) & (np.abs(left.balance) < ground.LARGEST)
        return tallied(self.span, left, self.setup.terms.balance, ratios=ratios), sure

    def _nothing(self, *, ratios: bool) -> Found:
        """Return what no lanes leave."""
        none, moved = np.zeros(0, np.int32), Moves(np.zeros(0, np.int64), np.zeros(0, np.int8))
        return self.work(Block(1, none, none), moved, ratios=ratios).found()

    def room(self) -> Room:
        """Return this thread's room, cleared."""
        if not hasattr(self._own, "room"):
            self._own.room = Room(len(self.columns.flags), ROOM)
        own: Room = self._own.room
        own.clear()
        return own


def blocks(lanes: set[Lane]) -> Iterator[Block]:
    """Yield lanes as products: stops that share their targets go together."""
    of_stop: dict[tuple[int, int], list[int]] = {}
    for steps, stop, target in sorted(lanes):
        of_stop.setdefault((steps, stop), []).append(target)
    alike: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for (steps, stop), targets in of_stop.items():
        alike.setdefault((steps, tuple(targets)), []).append(stop)
    for (steps, shared), stops in alike.items():
        yield Block(steps, np.array(stops, np.int32), np.array(shared, np.int32))


def product(block: Block) -> Iterator[Lane]:
    """Yield the lanes of a block in its order."""
    return ((block.steps, int(stop), int(target)) for stop in block.stops for target in block.targets)


def tallied(span: Span, found: Found, start: int, *, ratios: bool) -> Tallies:
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
