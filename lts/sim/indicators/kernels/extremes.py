"""Highest and lowest over a window and what is made of them: rolling extremes, Donchian, Williams %R, stochastic, Aroon.

A part is [window, count, head, size, values, stamps]: a queue that holds only values not yet beaten by a later one, so its front is
the extreme (Lemire 2006). O(1) a bar on average; of equal extremes the latest stays. The lowest is the highest of -x.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lts.sim.indicators.machine import kernel


@kernel
def _highest(state: Any, at: int, x: float) -> float:
    """Feed one part; return the highest of its window."""
    if x - x != 0.0:
        state[at + 1] = state[at + 3] = 0.0
        return np.nan
    window, head, size = int(state[at]), int(state[at + 2]), int(state[at + 3])
    count, values = state[at + 1], at + 4
    stamps = values + window
    if size > 0 and state[stamps + head] <= count - window:
        head = head + 1 if head + 1 < window else 0
        size -= 1
    back = head + size if head + size < window else head + size - window
    while size > 0:
        last = back - 1 if back > 0 else window - 1
        if state[values + last] > x:
            break
        back = last
        size -= 1
    state[values + back], state[stamps + back] = x, count
    state[at + 1], state[at + 2], state[at + 3] = count + 1.0, float(head), float(size + 1)
    return state[values + head] if count + 1.0 >= window else np.nan


@kernel
def _age(state: Any, at: int) -> float:
    """Return how many bars ago the extreme of a part was."""
    window = int(state[at])
    age: float = state[at + 1] - 1.0 - state[at + 4 + window + int(state[at + 2])]
    return age


@kernel
def highest_update(state: Any, x: float) -> float:
    """Return the highest of the window."""
    return _highest(state, 0, x)


@kernel
def highest_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `highest_update`."""
    for t in range(x.size):
        out[t] = _highest(state, 0, x[t])


@kernel
def lowest_update(state: Any, x: float) -> float:
    """Return the lowest of the window."""
    return 0.0 - _highest(state, 0, 0.0 - x)


@kernel
def lowest_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `lowest_update`."""
    for t in range(x.size):
        out[t] = 0.0 - _highest(state, 0, 0.0 - x[t])


@kernel
def donchian_update(state: Any, high: float, low: float) -> tuple[float, float, float]:
    """Return middle, upper, lower; state: part of the highs, part of the lows."""
    if (high + low) - (high + low) != 0.0:
        high = low = np.nan
    upper = _highest(state, 0, high)
    lower = 0.0 - _highest(state, 4 + 2 * int(state[0]), 0.0 - low)
    return 0.5 * (upper + lower), upper, lower


@kernel
def donchian_scan(state: Any, high: Any, low: Any, out: Any) -> None:
    """Scan `donchian_update`."""
    for t in range(high.size):
        out[0, t], out[1, t], out[2, t] = donchian_update(state, high[t], low[t])


@kernel
def _place(state: Any, high: float, low: float, close: float) -> float:
    """Return where the close lies between the lowest low (0) and the highest high (1); 0 where both are equal."""
    total = high + low + close
    if total - total != 0.0:
        high = low = np.nan
    upper = _highest(state, 0, high)
    lower = 0.0 - _highest(state, 4 + 2 * int(state[0]), 0.0 - low)
    if upper == lower:
        return 0.0
    return (close - lower) / (upper - lower)


@kernel
def williams_update(state: Any, high: float, low: float, close: float) -> float:
    """Return -100*(highest - close)/(highest - lowest)."""
    total = high + low + close
    if total - total != 0.0:
        high = low = np.nan
    upper = _highest(state, 0, high)
    lower = 0.0 - _highest(state, 4 + 2 * int(state[0]), 0.0 - low)
    if upper == lower:
        return 0.0
    return -100.0 * ((upper - close) / (upper - lower))


@kernel
def williams_scan(state: Any, high: Any, low: Any, close: Any, out: Any) -> None:
    """Scan `williams_update`."""
    for t in range(close.size):
        out[t] = williams_update(state, high[t], low[t], close[t])


@kernel
def _mean(state: Any, at: int, x: float) -> float:
    """Feed a short mean [window, count, place, ring], summed anew from the oldest."""
    if x - x != 0.0:
        state[at + 1] = 0.0
        return np.nan
    window, place = int(state[at]), int(state[at + 2])
    state[at + 3 + place] = x
    place = place + 1 if place + 1 < window else 0
    state[at + 1] += 1.0
    state[at + 2] = float(place)
    if state[at + 1] < window:
        return np.nan
    total = 0.0
    for i in range(place, window):
        total += state[at + 3 + i]
    for i in range(place):
        total += state[at + 3 + i]
    return total / window


@kernel
def stochastic_update(state: Any, high: float, low: float, close: float) -> tuple[float, float]:
    """Return %K and %D; state: highs, lows, mean for %K, mean for %D."""
    smooth = 8 + 4 * int(state[0])
    k = _mean(state, smooth, 100.0 * _place(state, high, low, close))
    d = _mean(state, smooth + 3 + int(state[smooth]), k)
    return (k, d) if d - d == 0.0 else (np.nan, np.nan)


@kernel
def stochastic_scan(state: Any, high: Any, low: Any, close: Any, out: Any) -> None:
    """Scan `stochastic_update`."""
    for t in range(close.size):
        out[0, t], out[1, t] = stochastic_update(state, high[t], low[t], close[t])


@kernel
def aroon_update(state: Any, high: float, low: float) -> tuple[float, float]:
    """Return up and down; the parts look at window + 1 bars."""
    if (high + low) - (high + low) != 0.0:
        high = low = np.nan
    most, second = state[0] - 1.0, 4 + 2 * int(state[0])
    upper = _highest(state, 0, high)
    _highest(state, second, 0.0 - low)
    if upper - upper != 0.0:
        return np.nan, np.nan
    return 100.0 * (most - _age(state, 0)) / most, 100.0 * (most - _age(state, second)) / most


@kernel
def aroon_scan(state: Any, high: Any, low: Any, out: Any) -> None:
    """Scan `aroon_update`."""
    for t in range(high.size):
        out[0, t], out[1, t] = aroon_update(state, high[t], low[t])
