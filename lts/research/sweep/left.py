"""What sets leave behind, and the statistics of many of them made together.

Decision: what a set leaves is copied out of the market's memory by one compiled pass (`harvest`); building a `Result` for each set
took longer than running 5,000 bars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.stats.daily import simple_returns
from lts.research.stats.tally import Tallies, headline
from lts.sim import layout as at
from lts.sim.indicators.machine import kernel
from lts.words import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.tally import Span
    from lts.research.sweep.batch import Batch

PROFIT = at.TRADE_COLUMNS.index("profit")
PATHS = ("", "loop", "grid")  # which path ran a set; "": none


class Part(NamedTuple):
    """What a chunk of k sets left behind."""

    stats: dict[str, NDArray[np.float64]]  # (k,) by id
    path: NDArray[np.uint8]  # (k,) place in PATHS
    errors: dict[int, str]  # by place in the chunk
    done: int  # the first so many were run; fewer than k where somebody stopped it
    returns: NDArray[np.float64] | None  # (k, d) by days, where they were asked for
    stopped: bool  # by Ctrl-C


class Left:
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

    def take(self, place: int, memory: Any, equity: NDArray[np.int64], start: int, span: Span) -> None:
        """Copy what one set left."""
        state = memory.state
        self.heads[place] = state[: at.HEADER]
        self.share[place] = state[at.SHARE_FALL] / state[at.SHARE_PEAK]
        self.path[place] = PATHS.index("loop")
        rows = span.rows[: self.days.shape[1]]
        harvest(memory.trades, state[at.N_TRADES], equity, start, rows, span.initial, self.earned[place], self.days[place])

    def take_batch(self, batch: Batch) -> list[int]:
        """Run a batch and copy what its sets left; return the places of those that must go bar by bar."""
        exact, tallies, others = batch.run()
        self.take_many(exact, tallies)
        return [int(place) for place in others]

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

    def part(self, span: Span, done: int, *, returns: bool) -> Part:
        """Return the statistics of the first `done` sets; nan in rows with an error."""
        heads, earned, days = self.heads[:done], self.earned[:done], self.days[:done]
        bad = sorted(place for place in self.errors if place < done)
        tallies = Tallies(
            span, earned[:, 4], self.share[:done], heads[:, at.FALL], heads[:, at.HELD_CLOSES],
            earned[:, 0], earned[:, 1], earned[:, 2], earned[:, 3],
            {name: heads[:, where] for name, where in at.TOTALS.items()},
            {name: heads[:, where] for name, where in at.COUNTS.items()}, days if self.days.shape[1] else None,
        )  # fmt: skip
        stats = headline(tallies)
        if len(self.scores):
            stats["objective"] = self.scores[:done]
        for values in stats.values():
            values[bad] = np.nan
        path = self.path[:done]
        path[bad] = 0
        by_day = simple_returns(days, span.initial / MICRO)[1] if returns else None
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
