"""Lags, paths and sorted windows: momentum, rate of change, log returns, realised volatility, KAMA, CCI, median, session VWAP."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np

from lts.sim.indicators.machine import kernel


@kernel
def _lagged(state: Any, x: float) -> float:
    """Keep `x` in [lag, count, at, ring]; return the value `lag` bars ago, nan while there is none."""
    if x - x != 0.0:
        state[1] = 0.0
        return np.nan
    at = int(state[2])
    old = state[3 + at] if state[1] >= state[0] else np.nan
    state[3 + at] = x
    state[1] += 1.0
    state[2] = float(at + 1) if at + 1 < state[0] else 0.0
    return old


@kernel
def momentum_update(state: Any, x: float) -> float:
    """Return x less the value `lag` bars ago."""
    return x - _lagged(state, x)


@kernel
def momentum_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `momentum_update`."""
    for t in range(x.size):
        out[t] = momentum_update(state, x[t])


@kernel
def roc_update(state: Any, x: float) -> float:
    """Return the change over `lag` bars in per cent; 0 after a 0."""
    old = _lagged(state, x)
    return 0.0 if old == 0.0 else 100.0 * ((x - old) / old)


@kernel
def roc_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `roc_update`."""
    for t in range(x.size):
        out[t] = roc_update(state, x[t])


@kernel
def log_update(state: Any, x: float) -> float:
    """Return log(x / value `lag` bars ago); a value <= 0 counts as missing."""
    x = x if x > 0.0 else np.nan
    old = _lagged(state, x)
    return log(x / old) if old - old == 0.0 else np.nan


@kernel
def log_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `log_update`."""
    for t in range(x.size):
        out[t] = log_update(state, x[t])


@kernel
def _ring(state: Any, at: int, x: float) -> int:
    """Keep `x` in [window, count, place, ring, ring]; return where the last `window` values start, -1 while there are too few."""
    if x - x != 0.0:
        state[at + 1] = 0.0
        return -1
    window, place = int(state[at]), int(state[at + 2])
    state[at + 3 + place] = x
    state[at + 3 + window + place] = x
    place += 1
    state[at + 2] = 0.0 if place == window else float(place)
    state[at + 1] += 1.0
    return at + 3 + place if state[at + 1] >= window else -1


@kernel
def _total(state: Any, first: int, window: int) -> float:
    """Sum a window in four columns."""
    s0 = s1 = s2 = s3 = 0.0
    fours = first + window // 4 * 4
    for i in range(first, fours, 4):
        s0, s1, s2, s3 = s0 + state[i], s1 + state[i + 1], s2 + state[i + 2], s3 + state[i + 3]
    for i in range(fours, first + window):
        s0 += state[i]
    return (s0 + s1) + (s2 + s3)


@kernel
def volatility_update(state: Any, x: float) -> float:
    """Return sqrt(periods/window * sum of squared log returns); state: lag of 1 [1, count, 0, ring], periods, ring of squares."""
    x = x if x > 0.0 else np.nan
    old = _lagged(state, x)
    move = log(x / old) if old - old == 0.0 else np.nan
    first = _ring(state, 5, move * move)
    return sqrt(state[4] * (_total(state, first, int(state[5])) / state[5])) if first >= 0 else np.nan


@kernel
def volatility_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `volatility_update`."""
    for t in range(x.size):
        out[t] = volatility_update(state, x[t])


@kernel
def kama_update(state: Any, x: float) -> float:
    """Return the adaptive mean; state: [fast, slow, value, started, previous], ring of moves, ring of values."""
    window = int(state[5])
    start = 8 + 2 * window
    if x - x != 0.0:
        state[3] = state[6] = state[start + 1] = 0.0
        return np.nan
    before = state[4]
    state[4] = x
    moves = _ring(state, 5, abs(x - before) if state[start + 1] > 0.0 else np.nan)
    values = _ring(state, start, x)
    if moves < 0:
        return np.nan
    noise = _total(state, moves, window)
    way = abs(x - state[values])
    efficiency = way / noise if noise > way else 1.0
    share = efficiency * (state[0] - state[1]) + state[1]
    value: float = state[2] if state[3] > 0.0 else before
    value += (x - value) * (share * share)
    state[2], state[3] = value, 1.0
    return value


@kernel
def kama_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `kama_update`."""
    for t in range(x.size):
        out[t] = kama_update(state, x[t])


@kernel
def cci_update(state: Any, high: float, low: float, close: float) -> float:
    """Return the channel index of high + low + close, by differences from the newest; flat prices give 0."""
    x = high + low + close
    first = _ring(state, 0, x)
    if first < 0:
        return np.nan
    window = int(state[0])
    n, total, spread = state[0], 0.0, 0.0
    for i in range(first, first + window):
        total += state[i] - x
    for i in range(first, first + window):
        spread += abs(n * (state[i] - x) - total)
    return (0.0 - total) / (0.015 * (spread / n)) if spread > 0.0 else 0.0


@kernel
def cci_scan(state: Any, high: Any, low: Any, close: Any, out: Any) -> None:
    """Scan `cci_update`."""
    for t in range(close.size):
        out[t] = cci_update(state, high[t], low[t], close[t])


@kernel
def median_update(state: Any, x: float) -> float:
    """Return the middle of the window; state: [window, count, at, ring, sorted]."""
    if x - x != 0.0:
        state[1] = 0.0
        return np.nan
    window, count, at = int(state[0]), int(state[1]), int(state[2])
    ordered = 3 + window
    if count >= window:
        count = window - 1
        hole, old = ordered, state[3 + at]
        while state[hole] != old:
            hole += 1
        for i in range(hole, ordered + count):
            state[i] = state[i + 1]
    hole = ordered + count
    while hole > ordered and state[hole - 1] > x:
        state[hole] = state[hole - 1]
        hole -= 1
    state[hole] = state[3 + at] = x
    state[1] = float(count + 1)
    state[2] = float(at + 1) if at + 1 < window else 0.0
    if count + 1 < window:
        return np.nan
    middle: float = 0.5 * (state[ordered + (window - 1) // 2] + state[ordered + window // 2])
    return middle


@kernel
def median_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `median_update`."""
    for t in range(x.size):
        out[t] = median_update(state, x[t])


@kernel
def vwap_update(state: Any, price: float, volume: float, session: float) -> float:
    """Return the session's mean price by volume; state: [session, started, price*volume, volume, spoilt]."""
    if state[1] == 0.0 or session != state[0]:
        state[0], state[1], state[2], state[3], state[4] = session, 1.0, 0.0, 0.0, 0.0
    if not (price - price == 0.0 and volume - volume == 0.0 and volume >= 0.0):
        state[4] = 1.0
    if state[4] > 0.0:
        return np.nan
    state[2] += price * volume
    state[3] += volume
    return state[2] / state[3] if state[3] > 0.0 else np.nan


@kernel
def vwap_scan(state: Any, price: Any, volume: Any, session: Any, out: Any) -> None:
    """Scan `vwap_update`."""
    for t in range(price.size):
        out[t] = vwap_update(state, price[t], volume[t], session[t])
