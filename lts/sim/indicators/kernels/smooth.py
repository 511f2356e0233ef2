"""Exponential smoothing and what is made of it: EMA, Wilder, DEMA, TEMA, MACD, true range, ATR, NATR, Keltner, RSI, ADX.

A smoother is four floats [window, count, value, factor]: the mean of the first `window` values, then value += (x - value)*factor
(Appel's EMA, factor 2/(window + 1)) or, for factor 0, value = (value*(window - 1) + x)/window (Wilder 1978, 1/window). The order of
operations is TA-Lib's. `at` is where a part's floats begin in the state.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lts.sim.indicators.machine import kernel


@kernel
def _smooth(state: Any, at: int, x: float) -> float:
    """Feed one smoother."""
    if x - x != 0.0:
        state[at + 1] = 0.0
        return np.nan
    window, count = state[at], state[at + 1]
    value: float = state[at + 2]
    if count >= window:
        factor = state[at + 3]
        value = (x - value) * factor + value if factor > 0.0 else (value * (window - 1.0) + x) / window
        state[at + 2] = value
        return value
    total = x if count == 0.0 else value + x
    count += 1.0
    state[at + 1] = count
    if count < window:
        state[at + 2] = total
        return np.nan
    value = total / window
    state[at + 2] = value
    return value


@kernel
def smooth_update(state: Any, x: float) -> float:
    """Feed an EMA or Wilder's average."""
    return _smooth(state, 0, x)


@kernel
def smooth_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `smooth_update`."""
    for t in range(x.size):
        out[t] = _smooth(state, 0, x[t])


@kernel
def dema_update(state: Any, x: float) -> float:
    """Return 2*EMA - EMA(EMA)."""
    one = _smooth(state, 0, x)
    return 2.0 * one - _smooth(state, 4, one)


@kernel
def dema_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `dema_update`."""
    for t in range(x.size):
        out[t] = dema_update(state, x[t])


@kernel
def tema_update(state: Any, x: float) -> float:
    """Return 3*EMA - 3*EMA(EMA) + EMA(EMA(EMA))."""
    one = _smooth(state, 0, x)
    two = _smooth(state, 4, one)
    return 3.0 * one - 3.0 * two + _smooth(state, 8, two)


@kernel
def tema_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `tema_update`."""
    for t in range(x.size):
        out[t] = tema_update(state, x[t])


@kernel
def macd_update(state: Any, x: float) -> tuple[float, float, float]:
    """Return line, signal, histogram; state: fast, slow and signal smoother, count. Both EMAs end their seed on the same bar."""
    finite = x - x == 0.0
    state[12] = state[12] + 1.0 if finite else 0.0
    slow = _smooth(state, 4, x)
    fast = _smooth(state, 0, x if state[12] > state[4] - state[0] else np.nan)
    line = fast - slow
    signal = _smooth(state, 8, line)
    if signal - signal != 0.0:
        return np.nan, np.nan, np.nan
    return line, signal, line - signal


@kernel
def macd_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `macd_update`."""
    for t in range(x.size):
        out[0, t], out[1, t], out[2, t] = macd_update(state, x[t])


@kernel
def _range(state: Any, at: int, high: float, low: float, close: float) -> float:
    """Return the true range; two floats [seen, previous close]."""
    total = high + low + close
    if total - total != 0.0:
        state[at] = 0.0
        return np.nan
    seen, before = state[at], state[at + 1]
    state[at], state[at + 1] = 1.0, close
    if seen == 0.0:
        return np.nan
    reach: float = max(high - low, abs(high - before), abs(low - before))
    return reach


@kernel
def range_update(state: Any, high: float, low: float, close: float) -> float:
    """Return the true range."""
    return _range(state, 0, high, low, close)


@kernel
def range_scan(state: Any, high: Any, low: Any, close: Any, out: Any) -> None:
    """Scan `range_update`."""
    for t in range(close.size):
        out[t] = _range(state, 0, high[t], low[t], close[t])


@kernel
def atr_update(state: Any, high: float, low: float, close: float) -> float:
    """Return Wilder's average of the true range; state: smoother, range."""
    return _smooth(state, 0, _range(state, 4, high, low, close))


@kernel
def atr_scan(state: Any, high: Any, low: Any, close: Any, out: Any) -> None:
    """Scan `atr_update`."""
    for t in range(close.size):
        out[t] = atr_update(state, high[t], low[t], close[t])


@kernel
def keltner_update(state: Any, high: float, low: float, close: float) -> tuple[float, float, float]:
    """Return middle, upper, lower; state: ATR smoother, range, width, 0, EMA."""
    atr = atr_update(state, high, low, close)
    total = high + low + close
    middle = _smooth(state, 8, close if total - total == 0.0 else np.nan)
    reach = state[6] * atr
    if reach + middle - (reach + middle) != 0.0:
        return np.nan, np.nan, np.nan
    return middle, middle + reach, middle - reach


@kernel
def keltner_scan(state: Any, high: Any, low: Any, close: Any, out: Any) -> None:
    """Scan `keltner_update`."""
    for t in range(close.size):
        out[0, t], out[1, t], out[2, t] = keltner_update(state, high[t], low[t], close[t])


@kernel
def rsi_update(state: Any, x: float) -> float:
    """Return the share of rises in all moves, 0 to 100; state: rises, falls, [seen, previous]."""
    if x - x != 0.0:
        state[8] = 0.0
        state[1] = 0.0
        state[5] = 0.0
        return np.nan
    seen, move = state[8], x - state[9]
    state[8], state[9] = 1.0, x
    if seen == 0.0:
        return np.nan
    rise = _smooth(state, 0, max(move, 0.0))
    fall = _smooth(state, 4, max(-move, 0.0))
    return 100.0 * (rise / (rise + fall)) if rise + fall != 0.0 else 0.0


@kernel
def rsi_scan(state: Any, x: Any, out: Any) -> None:
    """Scan `rsi_update`."""
    for t in range(x.size):
        out[t] = rsi_update(state, x[t])


@kernel
def _running(state: Any, at: int, x: float) -> float:
    """Feed Wilder's running sum [window, count, sum]: window - 1 values, then sum - sum/window + x."""
    window = state[at]
    total: float = state[at + 2]
    if state[at + 1] < window - 1.0:
        state[at + 2] = x if state[at + 1] == 0.0 else total + x
        state[at + 1] += 1.0
        return np.nan
    if window == 1.0:
        return x
    total = total - total / window + x
    state[at + 2] = total
    return total


@kernel
def adx_update(state: Any, high: float, low: float, close: float) -> tuple[float, float, float]:
    """Return ADX, +DI, -DI; state: DX smoother, range, previous high and low, running sums of +DM, -DM and range."""
    reach = _range(state, 4, high, low, close)
    rise, fall = high - state[6], state[7] - low
    state[6], state[7] = high, low
    if reach - reach != 0.0:
        state[1] = state[9] = state[12] = state[15] = 0.0
        return np.nan, np.nan, np.nan
    up = _running(state, 8, rise if rise > 0.0 and rise > fall else 0.0)
    down = _running(state, 11, fall if fall > 0.0 and fall > rise else 0.0)
    whole = _running(state, 14, reach)
    if whole - whole != 0.0:
        return np.nan, np.nan, np.nan
    plus = 100.0 * (up / whole) if whole != 0.0 else 0.0
    minus = 100.0 * (down / whole) if whole != 0.0 else 0.0
    if plus + minus != 0.0:
        return _smooth(state, 0, 100.0 * (abs(minus - plus) / (minus + plus))), plus, minus
    return state[2] if state[1] >= state[0] else _smooth(state, 0, 0.0), plus, minus


@kernel
def adx_scan(state: Any, high: Any, low: Any, close: Any, out: Any) -> None:
    """Scan `adx_update`."""
    for t in range(close.size):
        out[0, t], out[1, t], out[2, t] = adx_update(state, high[t], low[t], close[t])
