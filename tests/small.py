"""Small hand-written markets for tests: bars from a table of prices, and a rule that says what a script tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data.bars import Bars
from lts.sim.verbs import stay
from lts.strategies.base import Strategy
from lts.words import Decision, View

if TYPE_CHECKING:
    from collections.abc import Sequence

MONDAY = np.datetime64("2024-01-08T00:00", "ns").astype(np.int64)  # after the week's first hours: no closure, no cut-off near


def table(
    rows: Sequence[Sequence[float]], *, pair: str = "EUR_USD", timeframe: str = "H1", start: int = MONDAY, spread: int = 0
) -> Bars:
    """Return bars from rows of bid open, high, low, close (prices); the ask lies `spread` points above."""
    from lts.data.timeframes import duration
    from lts.instruments import instrument

    bid = np.rint(np.array(rows, float).T * 10 ** instrument(pair).precision).astype(np.int32)
    time = start + duration(timeframe) * np.arange(len(rows), dtype=np.int64)
    return Bars.from_points(pair, timeframe, time, np.ascontiguousarray(np.concatenate([bid, bid + np.int32(spread)])))


class Scripted(Strategy):
    """Says at bar i what `says[i]` holds; made by `scripted`."""

    def features(self, bars: Bars) -> dict[str, Any]:
        """Return the ten columns of the script's decisions."""
        said = [*type(self).says, *[stay()] * (len(bars) - len(type(self).says))]  # type: ignore[attr-defined]
        return {f"d_{name}": np.array([getattr(d, name) for d in said]) for name in Decision._fields}

    def decide(self, view: View) -> Decision:
        """Say it."""
        now = view.now
        return Decision(
            now.d_kind, now.d_units, now.d_entry_type, now.d_entry, now.d_stop_loss, now.d_take_profit, now.d_stop_pips,
            now.d_target_pips, now.d_trailing_pips, now.d_expiry_bars,
        )  # fmt: skip


def scripted(*says: Decision) -> Strategy:
    """Return a strategy that makes these decisions, one a bar, then stays."""
    made = type("Scripted", (Scripted,), {"says": says, "__module__": __name__})
    return made()  # type: ignore[no-any-return]
