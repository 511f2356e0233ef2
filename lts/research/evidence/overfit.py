"""The probability of backtest overfitting: how often the best half of the past is a bad choice for the other half."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import comb
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError
from lts.research.evidence.matrix import returns_of, sharpes
from lts.sim.checks import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

CELLS = 1 << 21  # splits x sets looked at together: 16 MB an array


class Pbo(NamedTuple):
    """What combinatorially symmetric cross-validation found, over c splits.

    Attributes
    ----------
    pbo : float
        Share of splits in which the set that was best in one half lay below the median of the other: 0.5 for noise; nan where no
        set's returns vary. On the median counts half, else an odd number of sets, or sets that are all one, would be overfitted.
    loss : float
        Share of splits in which it lost in the other half.
    slope : float
        Of the chosen set's Sharpe ratio in the other half over that in its own: below 0, the better it looked the worse it did.
        nan where it was the same in all.
    logits : float64, (c,)
        log(w / (1 - w)), w its relative rank in the other half.
    chosen : int64, (c,)
        Which set it was.
    inside, outside : float64, (c,)
        Its Sharpe ratio a day in its own half and in the other.
    """

    pbo: float
    loss: float
    slope: float
    logits: Float64
    chosen: NDArray[np.int64]
    inside: Float64
    outside: Float64


def pbo(returns: Any, splits: int = 16) -> Pbo:
    """Return the probability of backtest overfitting by combinatorially symmetric cross-validation.

    Parameters
    ----------
    returns : (s, d)
        Of s sets on d days, at least 2 sets.
    splits : int
        Parts that the days are cut into, even, 2 to 20: 16 give 12,870 ways to take half of them.

    Raises
    ------
    ParameterError
        Fewer than two days a part, one set, an odd number of parts.

    References
    ----------
    Bailey, D., Borwein, J., Lopez de Prado, M. and Zhu, Q. (2017), The probability of backtest overfitting, Journal of
    Computational Finance 20(4), section 2.
    """
    if whole(splits) is None or splits not in range(2, 21, 2):
        raise ParameterError(f"pbo, splits: was {splits!r}; it must be an even number from 2 to 20.")
    table = returns_of("pbo", returns, sets=2, days=2 * splits)
    half = _halves(splits)
    count, total, square = _parts(table, splits)
    chosen, rank = np.empty(len(half), np.int64), np.empty(len(half))
    inside, outside = np.empty(len(half)), np.empty(len(half))
    at_once = max(1, CELLS // len(table))
    for first in range(0, len(half), at_once):
        span = slice(first, first + at_once)
        own, other = (_sharpe(taken @ count, taken @ total, taken @ square) for taken in (half[span], 1 - half[span]))
        best = own.argmax(axis=1)
        rows = np.arange(len(best))
        there = other[rows, best]
        chosen[span], inside[span], outside[span] = best, own[rows, best], there
        below, equal = (other < there[:, None]).sum(axis=1), (other == there[:, None]).sum(axis=1)
        rank[span] = (below + (equal + 1) / 2) / (len(table) + 1)
    logits = np.log(rank / (1 - rank))
    spread = np.var(inside)
    slope = float(np.mean((inside - inside.mean()) * outside) / spread) if spread > 0 else float("nan")
    share = float(np.mean(logits < 0) + np.mean(logits == 0) / 2) if np.ptp(table, axis=1).any() else float("nan")
    return Pbo(share, float(np.mean(outside < 0)), slope, logits, chosen, inside, outside)


def _halves(splits: int) -> Float64:
    """Return every way to take half of the parts, (c, splits) of 0 and 1."""
    half = np.zeros((comb(splits, splits // 2), splits))
    for row, taken in enumerate(combinations(range(splits), splits // 2)):
        half[row, list(taken)] = 1
    return half


def _parts(table: Float64, splits: int) -> tuple[Float64, Float64, Float64]:
    """Return days (splits, 1), sums and sums of squares (splits, s) of each part: those of any half are their sums."""
    edges = np.linspace(0, table.shape[1], splits + 1).astype(int)
    parts = [table[:, a:b] for a, b in pairwise(edges)]
    square = np.array([np.einsum("sd,sd->s", part, part) for part in parts])  # without a second table
    return np.diff(edges)[:, None].astype(float), np.array([part.sum(axis=1) for part in parts]), square


def _sharpe(count: Float64, total: Float64, square: Float64) -> Float64:
    """Return Sharpe ratios a day, (c, s), of days (c, 1), sums and sums of squares."""
    return sharpes(total / count, (square - total**2 / count) / (count - 1))
