"""Indicators: one arithmetic for whole arrays and for the next bar. Public as `lts.indicators`.

    fast = lts.indicators.sma(bars.points.bid_close, 20)     whole arrays: float64, same length, nan while warming up
    live = lts.indicators.stream(lts.indicators.sma, 20, whole=True)
    live.extend(history); live.update(next_close)            the same bytes, wherever the series is cut

Meaning is TA-Lib's: where the first value stands, how means are seeded, the population deviation. On purpose different: a nan or an
infinite value never spoils what comes after it (the indicator starts anew); sums over windows are functions of their window alone,
so it does not matter where a series began; zero is zero (TA-Lib takes small numbers for zero); MACD refuses fast >= slow; windows
of 1 are allowed. Values beyond 1e150 are outside every promise. Inputs: numpy arrays, pandas or polars columns, lists; their unit
is the output's unit.
"""

from lts.sim.indicators.averages import dema, ema, kama, sma, tema, wilder, wma
from lts.sim.indicators.bands import Bands, bollinger, donchian, keltner
from lts.sim.indicators.machine import Stream, stream
from lts.sim.indicators.oscillators import Macd, Stochastic, cci, macd, momentum, roc, rsi, stochastic, williams_r
from lts.sim.indicators.ranges import atr, log_returns, natr, realised_volatility, true_range
from lts.sim.indicators.trend import Aroon, DirectionalMovement, adx, aroon, session_vwap
from lts.sim.indicators.windows import linreg_slope, rolling_max, rolling_median, rolling_min, rolling_std, rolling_sum, zscore

__all__ = [
    "Aroon",
    "Bands",
    "DirectionalMovement",
    "Macd",
    "Stochastic",
    "Stream",
    "adx",
    "aroon",
    "atr",
    "bollinger",
    "cci",
    "dema",
    "donchian",
    "ema",
    "kama",
    "keltner",
    "linreg_slope",
    "log_returns",
    "macd",
    "momentum",
    "natr",
    "realised_volatility",
    "roc",
    "rolling_max",
    "rolling_median",
    "rolling_min",
    "rolling_std",
    "rolling_sum",
    "rsi",
    "session_vwap",
    "sma",
    "stochastic",
    "stream",
    "tema",
    "true_range",
    "wilder",
    "williams_r",
    "wma",
    "zscore",
]
