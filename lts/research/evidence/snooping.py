"""Data snooping: whether the best of many sets earns more than nothing, given that many were looked at."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError
from lts.research.evidence.block import block_length
from lts.research.evidence.matrix import drawn_by, returns_of
from lts.research.stats.resample import checked_block, times_drawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

RESAMPLES, SEED = 1_000, 2000
CELLS = 1 << 21  # resamples x sets looked at together: 16 MB an array


class Spa(NamedTuple):
    """Hansen's three p-values: lower <= consistent <= upper.

    Attributes
    ----------
    lower, consistent, upper : float
        Taking no, the hopeless, or all poor sets for as good as the benchmark. `consistent` is the one to quote.
    statistic : float
        Largest mean over its error, at least 0.
    best : int
        The set that has it.
    """

    lower: float
    consistent: float
    upper: float
    statistic: float
    best: int


class RealityCheck(NamedTuple):
    """White's p-value, the statistic (largest mean times the root of the days) and the set that has it."""

    p: float
    statistic: float
    best: int


def reality_check(
    returns: Any, *, benchmark: Any = 0.0, block: float | None = None, resamples: int = RESAMPLES, seed: int = SEED
) -> RealityCheck:
    """Test whether the best of many sets has a mean return above the benchmark's (White's Reality Check).

    Parameters
    ----------
    returns : (s, d)
        Of s sets on d days.
    benchmark : float or (d,)
        What a set must beat each day; 0 is doing nothing.
    block : float or None
        Mean stretch of the stationary bootstrap, days; None: `block_length(returns)`.
    resamples, seed : int

    Returns
    -------
    RealityCheck
        p: probability of so large a best mean if no set had any edge; at least 1 / (resamples + 1).

    Raises
    ------
    ParameterError

    References
    ----------
    White, H. (2000), A reality check for data snooping, Econometrica 68(5), section 2.
    """
    table, weights, _ = _prepared("reality_check", returns, benchmark, block, resamples, seed)
    days, mean = table.shape[1], table.mean(axis=1)
    best = int(mean.argmax())
    found = np.full(resamples, -np.inf)
    for sets, drawn in _means(weights, table):
        np.maximum(found, (drawn - mean[sets]).max(axis=1), out=found)
    return RealityCheck(_p(found >= mean[best]), float(sqrt(days) * mean[best]), best)


def spa(returns: Any, *, benchmark: Any = 0.0, block: float | None = None, resamples: int = RESAMPLES, seed: int = SEED) -> Spa:
    """Test whether the best of many sets beats the benchmark (Hansen's test of superior predictive ability).

    Means are divided by their errors, and sets that are clearly worse than the benchmark do not weigh the test down, as they do in
    the Reality Check. Sets whose returns never differ from the benchmark are left out.

    Parameters
    ----------
    returns, benchmark, block, resamples, seed
        As `reality_check`.

    Raises
    ------
    ParameterError

    References
    ----------
    Hansen, P. R. (2005), A test for superior predictive ability, Journal of Business and Economic Statistics 23(4), sections 2
    and 3; the errors by the stationary bootstrap's own kernel, Politis and Romano 1994, lemma 1.
    """
    table, weights, length = _prepared("spa", returns, benchmark, block, resamples, seed)
    days = table.shape[1]
    error = np.sqrt(long_run_variance(table, length))
    alive = np.flatnonzero(error > 1e-12 * np.abs(table).max(initial=1e-300))
    if not len(alive):
        return Spa(float("nan"), float("nan"), float("nan"), 0.0, 0)
    if len(alive) < len(table):
        table, error = table[alive], error[alive]
    mean = table.mean(axis=1)
    ratio = sqrt(days) * mean / error
    statistic = max(0.0, float(ratio.max()))
    hopeless = -sqrt(2 * log(log(days))) if days > 15 else -np.inf
    centres = (np.maximum(mean, 0), np.where(ratio >= hopeless, mean, 0), mean)
    found = np.zeros((len(centres), resamples))
    for sets, drawn in _means(weights, table):
        for largest, centre in zip(found, centres, strict=True):
            np.maximum(largest, (sqrt(days) * (drawn - centre[sets]) / error[sets]).max(axis=1), out=largest)
    lower, consistent, upper = (_p(f >= statistic) if statistic > 0 else 1.0 for f in found)
    return Spa(lower, consistent, upper, statistic, int(alive[ratio.argmax()]))


def _p(reached: NDArray[np.bool_]) -> float:
    """Return the p-value of resamples that reached what was found, itself counted among them: it is never 0.

    Davison, A. and Hinkley, D. (1997), Bootstrap methods and their application, equation 4.11.
    """
    return float((1 + np.count_nonzero(reached)) / (1 + len(reached)))


def _means(weights: Float64, table: Float64) -> Iterator[tuple[slice, Float64]]:
    """Yield (some sets, their means in every resample (r, k)): memory is O(resamples), however many sets there are."""
    at_once = max(1, CELLS // len(weights))
    for first in range(0, len(table), at_once):
        sets = slice(first, first + at_once)
        yield sets, weights @ table[sets].T / table.shape[1]


def long_run_variance(table: Float64, block: float) -> Float64:
    """Return the variance of the root of d times each mean under the stationary bootstrap, (s,).

    autocovariance(0) + 2 * sum over i of kernel(i) * autocovariance(i), kernel(i) = (1 - i/d) * (1 - 1/block)**i + i/d * (1 -
    1/block)**(d - i). All lags at once by Fourier transforms.
    """
    days = table.shape[1]
    lag = np.arange(1, days)
    keep = 1 - 1 / block
    kernel = (1 - lag / days) * keep**lag + lag / days * keep ** (days - lag)
    found = np.empty(len(table))
    for row, values in enumerate(table):
        spectrum = np.fft.rfft(values - values.mean(), 2 * days)
        covariance = np.fft.irfft(spectrum * spectrum.conj(), 2 * days)[:days] / days
        found[row] = covariance[0] + 2 * float(np.sum(kernel * covariance[1:]))
    return np.maximum(found, 0)


def _prepared(
    owner: str, returns: Any, benchmark: Any, block: float | None, resamples: int, seed: int
) -> tuple[Float64, Float64, float]:
    """Return (returns beyond the benchmark, how often each resample has each day, the mean stretch of days)."""
    table = returns_of(owner, returns)
    random = drawn_by(owner, resamples, seed)
    beside = np.asarray(benchmark, dtype=np.float64)
    if beside.shape not in {(), (table.shape[1],)} or not np.isfinite(beside).all():
        raise ParameterError(f"{owner}, benchmark: has shape {beside.shape}; it must be a finite number or ({table.shape[1]},).")
    table, days = table - beside, table.shape[1]
    length = block_length(table) if block is None else checked_block(owner, block, days)
    return table, times_drawn(days, resamples, length, random), length
