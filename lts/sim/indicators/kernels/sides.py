"""Which of two means is higher: scans that write 1, -1, or nan for neither. Every callee lives here (`machine.kernel`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lts.sim.indicators.machine import kernel


@kernel
def sma_side_scan(x: Any, fast: int, slow: int, out: Any) -> None:
    """Compare the means of the last `fast` and `slow` whole points: their sums times each other's window, exactly."""
    n, first, second = len(x), np.int64(0), np.int64(0)
    for i in range(min(slow - 1, n)):
        second += x[i]
        if i >= slow - fast:
            first += x[i]
        out[i] = np.nan
    for i in range(slow - 1, n):
        first += x[i]
        second += x[i]
        ahead = first * slow - second * fast
        out[i] = 1.0 if ahead > 0 else (-1.0 if ahead < 0 else np.nan)
        first -= x[i - fast + 1]
        second -= x[i - slow + 1]


@kernel
def side_scan(fast: Any, slow: Any, out: Any) -> None:
    """Compare two arrays; nan where either is nan."""
    for i in range(len(out)):
        out[i] = 1.0 if fast[i] > slow[i] else (-1.0 if fast[i] < slow[i] else np.nan)


@kernel
def first_odd(signal: Any) -> int:
    """Return the first place that holds none of -1, 0, 1, nan; the length where there is none."""
    for i in range(len(signal)):
        s = signal[i]
        if not (s == 0.0 or s == 1.0 or s == -1.0 or s != s):  # noqa: PLR0124, PLR1714  (nan differs from itself; a tuple is slower)
            return i
    return len(signal)
