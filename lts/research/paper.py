"""`PaperBroker`: the compiled market behind the three calls that a bar-by-bar driver needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.sim import layout as at
from lts.words import Funds, Position

if TYPE_CHECKING:
    from lts.research.setup import Setup
    from lts.words import Decision


new: Any = tuple.__new__  # a named tuple from values in order, without the detour of its own constructor


class PaperBroker:
    """Plays the market one stamp at a time: `step`, then `look` and `plan` for each instrument."""

    def __init__(self, setup: Setup) -> None:
        from lts.sim import loop

        self.setup, self.memory = setup, setup.memory()
        self.market: Any = loop.market()
        planner: Any = loop.planner()
        self._call, self._arrange = getattr(self.market, "ctypes", self.market), getattr(planner, "ctypes", planner)
        self._rows = [at.HEADER + k * at.INSTRUMENT + at.ROW for k in range(self.memory.count)]
        self._attach()

    def _attach(self) -> None:
        memory = self.memory
        self._state, self._seen, self._since, self._table = memory.state, memory.seen, memory.since, memory.table()
        self._full = self._call(at.TIGHT, self._table, 0)

    def _grow(self) -> None:
        while self._full:
            self.memory.grow()
            self._attach()

    @property
    def holds(self) -> bool:
        """Whether any trade is open."""
        return bool(self._state[at.N_OPEN] > 0)

    def step(self, stamp: int) -> int:
        """Let a stamp happen; return equity in micro."""
        if self._full:
            self._grow()
        if len(self._rows) == 1:  # one instrument has a bar at every stamp, and all that is to be seen comes at once
            self._state[self._rows[0]] = stamp
            self._full = self._call(at.STEP, self._table, 0)
            return int(self._since[3])
        for row, place in zip(self.setup.clock[stamp], self._rows, strict=True):
            self._state[place] = row
        self._full = self._call(at.STAMP, self._table, 0)
        return int(self._call(at.EQUITY, self._table, 0))

    def look(self, k: int) -> tuple[Position, Funds]:
        """Return the position of instrument `k` and the account at this close."""
        if len(self._rows) > 1:
            self._call(at.SEE, self._table, k)
        units, price, stop, target, profit, balance, equity, used, free, _, _, _ = self._seen.tolist()
        trades, entry_time, reason, _ = self._since.tolist()
        position = new(Position, (units, price, stop, target, profit, trades, entry_time, reason))
        return position, new(Funds, (balance, equity, used, free))

    def plan(self, k: int, decision: Decision) -> None:
        """Turn a decision made at this close into orders."""
        if self._full:
            self._grow()
        self.memory.stated[:] = decision
        self._full = self._arrange(0, self._table, k)
