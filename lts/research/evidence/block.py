"""How long the stretches of days should be that the bootstrap keeps together."""

from __future__ import annotations

from math import ceil, log10, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.evidence.matrix import returns_of
from lts.research.stats.resample import usual_block

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

LEAST = 30  # days; fewer tell nothing of how days hang together
LOOKED_AT = 500  # sets


def block_length(returns: Any) -> float:
    """Return the mean stretch of the stationary bootstrap that suits returns, days, at least 1.

    Parameters
    ----------
    returns : (s, d)
        Of s sets on d days: the median of what suits each set that varies, of 500 of them spread evenly where there are more.

    Raises
    ------
    ParameterError
        No table of finite returns.

    Notes
    -----
    Days that have nothing to do with each other get 1 to 2. Too long a stretch makes means look surer than they are: on 250 such
    days, 20 sets and the cube root, 6, Hansen's test errs in 8 of 100 cases where it says 5; at this length in 5 to 6 (600 tables
    each). Fewer than 30 days: the cube root.

    References
    ----------
    Politis, D. and White, H. (2004), Automatic block-length selection for the dependent bootstrap, Econometric Reviews 23(1), with
    the correction of Patton, A., Politis, D. and White, H. (2009), Econometric Reviews 28(4).
    """
    table = returns_of("block_length", returns)
    days = table.shape[1]
    table = table[np.ptp(table, axis=1) > 0]
    if days < LEAST or not len(table):
        return float(usual_block(days))
    rows = np.unique(np.linspace(0, len(table) - 1, min(len(table), LOOKED_AT)).astype(int))
    return max(1.0, float(np.median([suited(table[row]) for row in rows])))


def suited(r: Float64) -> float:
    """Return what suits one series that varies, not rounded, above 0."""
    days, x = len(r), (r - r.mean()) / r.std()
    near = max(5, int(log10(days)))
    most = ceil(sqrt(days)) + near
    covariance = np.array([x[lag:] @ x[: days - lag] for lag in range(most + 1)]) / days
    square = np.concatenate([[0.0], np.cumsum(x * x)])
    after = np.arange(1, most + 2)
    correlation = np.abs(covariance) * days / np.sqrt((square[-1] - square[after]) * square[days - after])
    small = correlation < 2 * sqrt(log10(days) / days)
    first = next((lag for lag in range(most + 1 - near) if small[lag : lag + near].all()), None)
    lags = most if first is None else min(2 * max(first, 1), most)
    k = np.arange(1, lags + 1)
    window = np.where(2 * k <= lags, 1.0, 2 * (1 - k / lags))
    level = covariance[0] + 2 * float(np.sum(window * covariance[1 : lags + 1]))
    slope = 2 * float(np.sum(window * k * covariance[1 : lags + 1]))
    longest = ceil(min(3 * sqrt(days), days / 3))
    return min(float(np.cbrt(slope**2 / level**2 * days)), longest) if level != 0 else float(longest)
