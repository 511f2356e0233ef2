"""The market as one function: what compiled loops and `replay` call, stamp by stamp (see `jit.invoke`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from lts.sim.jit import float64_at, int32_at, int64_at, njit, uint8_at
from lts.sim.kernel import equity, finish, stamp, tight
from lts.sim.layout import EQUITY, FINISH, PLAN, SEE, STAMP, Market
from lts.sim.marks import funds, mark, position
from lts.sim.plan import plan
from lts.words import Decision


def attach(table: Any) -> Market:
    """Return the market's memory from a table of addresses; interpreted, from the arrays themselves."""
    return Market(*table)


@overload(attach)
def _attach(table: Any) -> Any:
    if not isinstance(table, types.Integer):
        return None

    def implementation(table: Any) -> Any:
        q = int64_at(table)
        return Market(
            int64_at(q[0]), float64_at(q[1]), int32_at(q[2]), q[3], int64_at(q[4]), uint8_at(q[5]), float64_at(q[6]), q[7], q[8],
            float64_at(q[9]), int32_at(q[10]), int64_at(q[11]), q[12], int64_at(q[13]), int64_at(q[14]), int64_at(q[15]),
            int64_at(q[16]), float64_at(q[17]), float64_at(q[18]), int64_at(q[19]),
        )  # fmt: skip

    return implementation


@njit
def decided(m, k):
    """Plan the decision that lies in `stated`."""
    d = m.stated
    plan(m, k, Decision(d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9]))


@njit
def look(m, k):
    """Write what a strategy sees of instrument `k` and the account into `seen` and `since`."""
    p, f = position(m, k, mark(m, k)), funds(m, equity(m))
    seen, since = m.seen, m.since
    seen[0], seen[1], seen[2], seen[3], seen[4] = p.units, p.price, p.stop_loss, p.take_profit, p.profit
    seen[5], seen[6], seen[7], seen[8] = f.balance, f.equity, f.margin_used, f.margin_free
    since[0], since[1], since[2] = p.trades, p.entry_time, p.reason


@njit
def operate(operation: Any, table: Any, k: Any) -> Any:
    """Do one operation of `layout` on the memory behind `table`: STAMP, PLAN and TIGHT tell whether memory must grow, EQUITY is micro."""
    m = attach(table)
    if operation == STAMP:
        stamp(m)
    elif operation == PLAN:
        decided(m, k)
    elif operation == FINISH:
        finish(m, k != 0)
    elif operation == SEE:
        look(m, k)
    elif operation == EQUITY:
        return equity(m)
    return np.int64(tight(m))
