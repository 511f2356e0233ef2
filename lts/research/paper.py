"""`PaperBroker`: the compiled market behind the three calls that a bar-by-bar driver needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.sim import layout as at
from lts.words import Funds, Position

if TYPE_CHECKING:
    from lts.research.setup import Setup
    from lts.words import Decision


class PaperBroker:
    """Plays the market one stamp at a time: `step`, then `look` and `plan` for each instrument."""

    def __init__(self, setup: Setup) -> None:
        from lts.sim import loop

        self.setup, self.memory = setup, setup.memory()
        self.market: Any = loop.market()
        self._call = getattr(self.market, "ctypes", self.market)
        self._table = self.memory.table()
        self._full = self._call(at.TIGHT, self._table, 0)

    def _grow(self) -> None:
        while self._full:
            self.memory.grow()
            self._table = self.memory.table()
            self._full = self._call(at.TIGHT, self._table, 0)

    def step(self, stamp: int) -> int:
        """Let a stamp happen; return equity in micro."""
        self._grow()
        state, clock = self.memory.state, self.setup.clock
        for k in range(self.memory.count):
            state[at.HEADER + k * at.INSTRUMENT + at.ROW] = clock[stamp, k] if len(clock) else stamp
        self._full = self._call(at.STAMP, self._table, 0)
        return int(self._call(at.EQUITY, self._table, 0))

    def look(self, k: int, worth: int) -> tuple[Position, Funds]:
        """Return the position of instrument `k` and the account at this close."""
        del worth
        memory = self.memory
        self._call(at.SEE, self._table, k)
        units, price, stop, target, profit, balance, equity, used, free, *_ = memory.seen.tolist()
        trades, entry_time, reason, _ = memory.since.tolist()
        return Position(units, price, stop, target, profit, trades, entry_time, reason), Funds(balance, equity, used, free)

    def plan(self, k: int, decision: Decision) -> None:
        """Turn a decision made at this close into orders."""
        self._grow()
        self.memory.stated[:] = decision
        self._full = self._call(at.PLAN, self._table, k)
