"""Which of two means is higher: scans that write 1, -1, and where neither is, the side before; 0 until one was.

Every callee lives here (`machine.kernel`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lts.sim.indicators.machine import kernel

TILE = 512


@kernel
def sma_side_scan(x: Any, fast: int, slow: int, out: Any) -> None:
    """Compare the means of the last `fast` and `slow` whole points: their sums times each other's window, exactly.

    One running number says it: fast sum x slow - slow sum x fast. Its steps are worked out a tile at a time, eight together, and
    only their sum is a chain: 1.8 to 0.9 ns a bar.
    """
    n, f, s = len(x), np.int64(fast), np.int64(slow)
    steps, ahead, side = np.empty(TILE, np.int64), np.int64(0), np.int8(0)
    head: Any = min(s, n)
    for i in range(head):
        ahead += (s - f) * x[i] if i >= s - f else -f * x[i]
        if i < s - 1:
            out[i] = 0
    if n >= s:
        side = np.int8(ahead > 0) - np.int8(ahead < 0)
        out[s - 1] = side
    for first in range(s, n, TILE):
        end: Any = min(first + TILE, n)
        now, left_fast, left_slow, sides = x[first:end], x[first - f : end - f], x[first - s : end - s], out[first:end]
        for k in range(end - first):
            steps[k] = (s - f) * np.int64(now[k]) - s * np.int64(left_fast[k]) + f * np.int64(left_slow[k])
        for k in range(end - first):
            ahead += steps[k]
            steps[k] = ahead
        ties = 0
        for k in range(end - first):
            sides[k] = np.int8(steps[k] > 0) - np.int8(steps[k] < 0)
            ties += steps[k] == 0
        if ties > 0 or sides[0] == 0:
            side = out[first - 1]
            for k in range(end - first):
                side = sides[k] if sides[k] != 0 else side
                sides[k] = side


@kernel
def side_scan(fast: Any, slow: Any, out: Any) -> None:
    """Compare two arrays; where either is nan nothing is said."""
    side = np.int8(0)
    for i in range(len(out)):
        if fast[i] > slow[i]:
            side = np.int8(1)
        elif fast[i] < slow[i]:
            side = np.int8(-1)
        out[i] = side


@kernel
def first_odd(signal: Any) -> int:
    """Return the first place that holds none of -1, 0, 1, nan; the length where there is none."""
    for i in range(len(signal)):
        s = signal[i]
        if not (s == 0.0 or s == 1.0 or s == -1.0 or s != s):  # noqa: PLR0124, PLR1714  (nan differs from itself; a tuple is slower)
            return i
    return len(signal)
