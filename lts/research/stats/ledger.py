"""The balance where it changed: after fills, and after the swap of each night. `Result.balance` has the same by every close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.sim.layout import FLAG_NIGHT
from lts.words import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.facts import Facts

    Int64 = NDArray[np.int64]


def balances(facts: Facts) -> tuple[Int64, NDArray[np.float64]]:
    """Return (closes at which the balance changed, ascending, some twice; the balance there), (b,) each."""
    nights, amount = swaps(facts)
    paid = np.cumsum(np.append(0, amount))
    filled = facts.fill_close
    changed = np.sort(np.append(filled, nights), kind="stable")
    after = facts.fills["balance"] - paid[np.searchsorted(nights, filled, side="right")]  # what a fill left, without any swap
    base = np.append(facts.result.setup.terms.balance, after)[np.searchsorted(filled, changed, side="right")]
    return changed, (base + paid[np.searchsorted(nights, changed, side="right")]) / MICRO


def swaps(facts: Facts) -> tuple[Int64, Int64]:
    """Return (closes whose bar began with swap, ascending; micro posted there): each night's rate on the steps a trade had then."""
    setup, log = facts.result.setup, facts.fills
    posted = np.zeros(0, np.int64), np.zeros(0, np.int64)
    if len(setup.tape.nights) == 0:
        return posted
    first = night = 0
    for k, bars in enumerate(setup.bars):
        rows = np.flatnonzero(setup.tape.flags[first : first + len(bars)] & FLAG_NIGHT)
        weights = setup.tape.nights[night : night + len(rows)]
        first, night = first + len(bars), night + len(rows)
        mine = np.flatnonzero(log["instrument"] == k)
        order = mine[np.argsort(log["trade"][mine], kind="stable")]
        where, amount = _booked(rows, weights, *(log[name][order] for name in ("trade", "row", "steps")), last=len(bars) - 1)
        posted = np.append(posted[0], np.searchsorted(facts.stamps, bars.time[rows[where]])), np.append(posted[1], amount)
    closes, place = np.unique(posted[0], return_inverse=True)
    total = np.zeros(len(closes), np.int64)
    np.add.at(total, place, posted[1])
    return closes, total


def _booked(rows: Int64, weights: NDArray[np.float64], trade: Int64, row: Int64, steps: Int64, *, last: int) -> tuple[Int64, Int64]:
    """Return (night, micro) of every night that every trade had, its fills given trade by trade in order."""
    begins = np.append(True, trade[1:] != trade[:-1])[: len(trade)]
    total = np.cumsum(steps)
    before = (total - steps)[begins]
    held = total - np.repeat(before, np.diff(np.append(np.flatnonzero(begins), len(trade))))
    until = np.append(np.where(begins[1:], last, row[1:]), last)[: len(trade)]
    a, b = np.searchsorted(rows, row, side="right"), np.searchsorted(rows, until, side="right")
    count = np.where(held != 0, np.maximum(b - a, 0), 0)
    held, night = np.repeat(held, count), np.repeat(a - np.cumsum(count) + count, count) + np.arange(count.sum())
    return night, np.rint(np.abs(held) * weights[night, np.where(held > 0, 0, 1)]).astype(np.int64)
