"""The market as two functions that compiled loops and `replay` call by address, stamp by stamp (see `jit.invoke`).

Decision: `arrange`, which turns decisions into orders, is a function of its own, so that two processes share the first compilation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.sim.jit import interpreted, njit
from lts.sim.kernel import equity, finish, stamp, tight
from lts.sim.layout import EQUITY, FINISH, SEE, STAMP, STEP
from lts.sim.marks import funds, mark, net, position
from lts.sim.plan import plan
from lts.sim.table import attach

if TYPE_CHECKING:
    from lts.sim.layout import Market, Whole

__all__ = ["arrange", "attach", "operate"]


@njit
def look(m: Market, k: Whole) -> None:
    """Write what a strategy sees of instrument `k` and the account into `seen` and `since`, and the equity in micro."""
    worth = equity(m)
    p, f = position(m, k, net(m, k), mark(m, k)), funds(m, worth)
    seen, since = m.seen, m.since
    seen[0], seen[1], seen[2], seen[3], seen[4] = p.units, p.price, p.stop_loss, p.take_profit, p.profit
    seen[5], seen[6], seen[7], seen[8] = f.balance, f.equity, f.margin_used, f.margin_free
    since[0], since[1], since[2], since[3] = p.trades, p.entry_time, p.reason, worth


@njit
def operate(operation: Any, table: Any, k: Any) -> Any:
    """Do one operation of `layout` on the memory behind `table`: EQUITY returns micro, all else whether memory must grow."""
    m = attach(table)
    if operation in (STAMP, STEP):
        stamp(m)
    if operation in (SEE, STEP):
        look(m, k)
    elif operation == FINISH:
        finish(m, k)
    elif operation == EQUITY:
        return equity(m)
    return np.int64(tight(m))


@njit
def arrange(_: Any, table: Any, k: Any) -> Any:
    """Turn the decision in `stated` into orders of instrument `k`; return whether memory must grow."""
    m = attach(table)
    plan(m, k)
    return np.int64(tight(m))


if interpreted():  # unsigned 64 bits wrap on purpose (L3); numpy's scalars would warn each time
    operate = np.errstate(over="ignore")(operate)
