"""Results bent to a shape: a real run whose equity, or whose trades' profits, are replaced by given ones."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np

import lts
from tests.small import scripted, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lts.research.result import Result

FLAT = (1.1, 1.1, 1.1, 1.1)


def rows(*closes: float) -> list[tuple[float, float, float, float]]:
    """Return bars that stand still inside themselves."""
    return [(close, close, close, close) for close in closes]


def with_equity(equity: Sequence[float], prices: Sequence[float] | None = None) -> Result:
    """Return a result with this equity at hourly closes from Monday 2024-01-08 00:00 UTC; 10,000 at the start, no trade."""
    bars = table(rows(*(prices if prices is not None else [1.1] * len(equity))))
    made = copy(lts.run(scripted(), bars, stale_open="worst"))  # prices that stand still look like stale opens
    made.equity_micro = np.rint(np.asarray(equity, float) * 1e6).astype(np.int64)
    return made


def with_profits(*profits: float) -> Result:
    """Return a result of one-hour trades of 1,000 units, in turn bought and sold, with these net profits; equity follows them."""
    says = [lts.go(1_000), lts.close(), lts.go(-1_000), lts.close()] * (len(profits) // 2 + 1)
    made = copy(lts.run(scripted(*says[: 2 * len(profits)]), table([FLAT] * (2 * len(profits) + 1))))
    assert len(made.logs["trades"]["profit"]) == len(profits)
    made.logs = {name: dict(log) for name, log in made.logs.items()}
    made.logs["trades"]["profit"] = np.rint(np.asarray(profits) * 1e6).astype(np.int64)
    made.equity_micro = 10_000_000_000 + np.cumsum(
        np.bincount(made.logs["trades"]["exit_row"], made.logs["trades"]["profit"], 2 * len(profits) + 1)
    ).astype(np.int64)
    return made
