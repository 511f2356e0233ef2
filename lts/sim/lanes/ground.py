"""From the market's memory to the grid's columns, and why a market cannot be had there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts.sim import layout as at
from lts.sim.lanes.board import Terms
from lts.sim.lanes.entry import Columns
from lts.words import Intrabar

if TYPE_CHECKING:
    from lts.sim.memory import Instruments, Tape
    from lts.sim.memory import Terms as Account

PAST = 16  # elements from a row on that the search reads
SLACK = 1e3  # micro: what rounding could add up to at one test of the margin
LARGEST = 2.0**51  # micro: whole numbers of float64, with room to add


def why_not(tape: Tape, instruments: Instruments, account: Account) -> str:
    """Return why no set of this market can run in the grid; empty if sets can."""
    bid, ask = tape.bars[:4], tape.bars[4:]
    reasons = {
        "several instruments share the account": len(instruments.rows) > 1,
        "the account hedges": account.hedging,
        "intrabar is neither 'worst' nor 'best'": account.policy not in {Intrabar.WORST, Intrabar.BEST},
        "stale_open='worst' fills at other prices than the open": account.stale_worst,
        "slippage is drawn": instruments.slip_most[0] > 0,
        "quotes cross": bool((ask < bid).any()),
        "an open or close lies outside its bar": _outside(bid) or _outside(ask),
        "the balance is too large": account.balance > LARGEST,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _outside(side: np.ndarray[tuple[int, int], np.dtype[np.int32]]) -> bool:
    low, high = np.minimum(side[0], side[3]), np.maximum(side[0], side[3])
    return bool((low < side[2]).any() or (high > side[1]).any())


def columns_of(tape: Tape, instruments: Instruments) -> Columns:
    """Return the columns of a market; its `swap` is that of no steps (`with_swap`)."""
    few = max(0, PAST - tape.bars.shape[1])  # else what the search reads past an ask's low lies in the ask's closes
    bars = np.ascontiguousarray(np.pad(tape.bars, ((0, 0), (0, few))) if few else tape.bars)
    night = np.flatnonzero(tape.flags & at.FLAG_NIGHT).astype(np.int64)
    rates = np.ascontiguousarray(tape.rates * instruments.factor[0])
    mid, gain, loss, mark = (rates[which] for which in (at.X_MID, at.X_GAIN, at.X_LOSS, at.X_MARK))
    swap = np.zeros(2, np.int64)
    return Columns._make((*bars, night, swap, tape.flags.copy(), mid, gain, loss, mark))


def with_swap(columns: Columns, tape: Tape, steps: int) -> Columns:
    """Return the columns with the swap of so many steps: running sums of whole micro, longs then shorts."""
    paid = np.rint(float(steps) * tape.nights).astype(np.int64)
    return columns._replace(swap=np.concatenate([np.append(0, np.cumsum(paid[:, side])) for side in (0, 1)]))


class Bounds(NamedTuple):
    """What no price and no factor of a market exceeds."""

    lowest: int  # bid, points
    highest: int  # ask, points
    slip: int  # points
    dearest: float  # micro per step and point


def bounds_of(tape: Tape, instruments: Instruments, columns: Columns) -> Bounds:
    """Return the bounds of a market."""
    widest = max(int((ask - bid).max(initial=0)) for bid, ask in zip(tape.bars[:4], tape.bars[4:], strict=True))
    slip = int(instruments.slip_fixed[0] + np.ceil(instruments.share[0] * widest))
    dearest = max(float(rate.max()) for rate in (columns.mid, columns.mark, columns.gain, columns.loss))
    return Bounds(int(tape.bars[2].min()), int(tape.bars[5].max()), slip, dearest)


def terms_of(instruments: Instruments, account: Account, bounds: Bounds, steps: int) -> Terms:
    """Return what a trade of so many steps costs and needs."""
    margin = float(steps) * float(bounds.highest) * bounds.dearest * instruments.margin[0]
    return Terms(
        steps, int(instruments.slip_fixed[0]), float(instruments.share[0]), float(instruments.per_step[0]),
        float(instruments.fraction[0]), float(instruments.minimum[0]), int(account.policy == Intrabar.BEST),
        max(1.0, account.closeout) * margin + SLACK, bounds.dearest,
    )  # fmt: skip


def why_not_this(instruments: Instruments, bounds: Bounds, steps: int, farthest: int) -> str:
    """Return why a set of so many steps whose levels lie up to `farthest` points away cannot run here; empty if it can."""
    if not instruments.min_steps[0] <= steps <= instruments.max_steps[0]:
        return "units are below the minimum or above the maximum"
    if bounds.lowest - farthest - bounds.slip <= 0 or bounds.highest + farthest + bounds.slip >= 2**31 - 1:
        return "a level lies beyond the smallest or largest price"
    if float(steps) * bounds.highest * max(1.0, bounds.dearest) > LARGEST:
        return "units are too many for exact sums"
    return ""
