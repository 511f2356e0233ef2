"""Sides of crossing means, as `SignalStrategy.signals` wants them: 1 above, -1 below, int8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError
from lts.sim.indicators.kernels import sides

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.sim.indicators.machine import Array

    Side = NDArray[np.int8]


def sma_side(points: Any, fast: int, slow: int) -> Side:
    """Return which of two simple means of whole points is higher.

    Parameters
    ----------
    points : (n,) int32 or int64
    fast, slow : int
        Bars, 1 <= fast < slow.

    Returns
    -------
    (n,) int8
        1 where the fast mean is above the slow one, -1 below; where they are equal the side before, 0 until there is one.

    Notes
    -----
    Exact: fast sum x slow against slow sum x fast in int64. One pass, O(n); two means and their comparison would take three.

    Raises
    ------
    ParameterError
        Windows so long that int64 cannot hold the products.
    """
    most = int(points.max(initial=0))
    if most * fast * slow >= 2**62:
        raise ParameterError(
            f"means of {fast} and {slow} bars: points reach {most}; their product must stay below 2**62 to be compared exactly. "
            "Shorten the windows."
        )
    out = np.empty(len(points), np.int8)
    sides.sma_side_scan(points, fast, slow, out)
    return out


def side(fast: Array, slow: Array) -> Side:
    """Return 1 where `fast` is above `slow`, -1 below, (n,) int8; where neither is, the side before, 0 at first."""
    out = np.empty(len(fast), np.int8)
    sides.side_scan(fast, slow, out)
    return out


def odd(signal: Array | Side) -> int | None:
    """Return the first bar whose signal is none of -1, 0, 1, nan; None where all are."""
    if signal.dtype == np.int8 and -1 <= signal.min(initial=0) <= signal.max(initial=0) <= 1:
        return None
    found = int(sides.first_odd(signal))
    return found if found < len(signal) else None
