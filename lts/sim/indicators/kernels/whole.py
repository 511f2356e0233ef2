"""Exact sums over a window of whole numbers: rolling sum, SMA, WMA, regression slope; mean and standard deviation. O(1) a bar.

States are int64. Linear, sum of (a + b*i)*x[i] / divisor with i = 0 the oldest: [window, at, full, sum, sum of i*x, a, b, divisor,
ring]. Moments: [window, at, full, sum, sum of squares, 0, 0, 0, ring]. The sums are exact, so where a stream began does not matter;
results are rounded once (the deviation: at the root and the division). `Stream.limit` keeps the sums inside int64.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from lts.sim.indicators.machine import kernel

RING = 8
BLOCK = 1024  # sums that are converted and divided together, many to a register, while they are in the nearest cache


@kernel
def linear_update(state: Any, x: Any) -> float:
    """Exchange the oldest whole number for `x`."""
    window, at, total = state[0], state[1], state[3]
    old = state[RING + at]
    state[RING + at] = x
    if state[6] != 0:
        state[4] += (window - 1) * x - (total - old)
    state[3] = total + (x - old)
    at += 1
    if at == window:
        at = 0
        state[2] = 1
    state[1] = at
    if state[2] == 0:
        return np.nan
    return float((state[5] * state[3] + state[6] * state[4]) / state[7])


@kernel
def linear_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `linear_update`; plain sums whose window lies inside `x` keep their sum in a register (exact, hence equal)."""
    window, n = state[0], x.size
    head = n if state[6] != 0 else min(n, window)
    for t in range(head):
        out[t] = linear_update(state, np.int64(x[t]))
    if head == n:
        return
    total, divisor = state[3], float(state[7])
    sums, done = np.empty(BLOCK, np.int64), window
    while done < n:
        count = min(BLOCK, n - done)
        new, old, means = x[done : done + count], x[done - window : done - window + count], out[done : done + count]
        for t in range(count):
            total += np.int64(new[t]) - np.int64(old[t])
            sums[t] = total
        for t in range(count):
            means[t] = float(sums[t]) / divisor
        done += count
    for i in range(window):
        state[RING + i] = x[n - window + i]
    state[1], state[2], state[3] = 0, 1, total


@kernel
def moments_update(state: Any, x: Any) -> tuple[float, float]:
    """Exchange the oldest whole number for `x`; return mean and population standard deviation.

    With S = q*n + r the squares about q are E = sum of x*x - q*(S + r), and n*n*variance = n*E - r*r, which cannot cancel.
    """
    window, at = state[0], state[1]
    old = state[RING + at]
    state[RING + at] = x
    state[3] += x - old
    state[4] += x * x - old * old
    at += 1
    if at == window:
        at = 0
        state[2] = 1
    state[1] = at
    if state[2] == 0:
        return np.nan, np.nan
    q = state[3] // window
    r = state[3] - q * window
    about = state[4] - q * (state[3] + r)
    n = float(window)
    return float(state[3]) / n, sqrt(n * float(about) - float(r) * float(r)) / n


@kernel
def moments_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `moments_update`."""
    for t in range(x.size):
        out[0, t], out[1, t] = moments_update(state, np.int64(x[t]))
