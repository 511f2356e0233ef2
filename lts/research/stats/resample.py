"""The stationary bootstrap: resamples of days that keep what neighbouring days have in common.

A resample is made of stretches that begin anywhere, go round the end, and have geometric lengths with a mean of `block`. Source:
Politis, D. and Romano, J. (1994), The stationary bootstrap, Journal of the American Statistical Association 89, section 2.
"""

from __future__ import annotations

from math import cbrt, sqrt
from typing import TYPE_CHECKING

import numpy as np

from lts.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]
    Int64 = NDArray[np.int64]


def usual_block(days: int) -> int:
    """Return the mean length of a stretch, in days, that is used unless another is stated: the cube root of the days."""
    return max(1, round(cbrt(days)))


def stretches(days: int, resamples: int, block: float, random: np.random.Generator) -> tuple[Int64, Int64]:
    """Return (first day, length) of the stretches of each resample, (resamples, columns) each; a row's lengths add up to `days`."""
    columns = int(days / block + 6 * sqrt(days / block)) + 8
    length = random.geometric(1 / block, (resamples, columns))
    while int(length.sum(axis=1).min()) < days:
        length = np.hstack([length, random.geometric(1 / block, (resamples, columns))])
    ends = np.minimum(np.cumsum(length, axis=1), days)
    length = np.diff(ends, axis=1, prepend=0)
    return random.integers(0, days, length.shape), length


def drawn_days(days: int, resamples: int, block: float, random: np.random.Generator) -> Int64:
    """Return the days of each resample in order, (resamples, days)."""
    start, length = stretches(days, resamples, block, random)
    flat = length.reshape(-1)
    within = np.arange(resamples * days) - np.repeat(np.cumsum(flat) - flat, flat)
    return ((np.repeat(start.reshape(-1), flat) + within) % days).reshape(resamples, days)


def times_drawn(days: int, resamples: int, block: float, random: np.random.Generator) -> Float64:
    """Return how often each resample has each day, (resamples, days): what its sums are made of."""
    drawn = drawn_days(days, resamples, block, random)
    found = np.empty((resamples, days))
    for row in range(resamples):
        found[row] = np.bincount(drawn[row], minlength=days)
    return found


def checked_block(owner: str, block: float | None, days: int) -> float:
    """Return the mean length of a stretch, or refuse it."""
    if block is None:
        return usual_block(days)
    if not 1 <= block <= days:
        raise ParameterError(f"{owner}, block: was {block!r}; it must lie between 1 and the {days:,} days there are.")
    return float(block)
