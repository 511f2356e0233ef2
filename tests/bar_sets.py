"""Good bars as plain columns, to put faults into."""

from __future__ import annotations

import numpy as np

from lts import calendar
from lts.data.read import read_bars

PRICES = ("bid_open", "bid_high", "bid_low", "bid_close", "ask_open", "ask_high", "ask_low", "ask_close")


def stamps(n, *, start="2014-01-06", step=3600):
    """Return n stamps inside trading weeks, int64 nanoseconds UTC."""
    first = np.datetime64(start, "ns").astype(np.int64)
    time = first + np.arange(3 * n + 200, dtype=np.int64) * step * 1_000_000_000
    return time[calendar.in_week(time)][:n]


def good(n=200, *, seed=1, start="2014-01-06", step=3600, level=135_000, spread=12):
    """Return columns of bars that have no fault: `time` datetime64[ns] (UTC, unzoned), eight prices, volume."""
    random = np.random.default_rng(seed)
    close = level + np.cumsum(random.integers(-40, 41, n))
    opens = np.concatenate([[level], close[:-1]]) + random.integers(-3, 4, n)
    high = np.maximum(opens, close) + random.integers(1, 30, n)
    low = np.minimum(opens, close) - random.integers(1, 30, n)
    columns = {"time": stamps(n, start=start, step=step).astype("datetime64[ns]")}
    for side, shift in (("bid", 0), ("ask", spread)):
        for part, points in zip(("open", "high", "low", "close"), (opens, high, low, close), strict=True):
            columns[f"{side}_{part}"] = (points + shift) / 1e5
    return {**columns, "volume": random.integers(1, 500, n).astype(np.float64)}


def plain(columns, side="bid"):
    """Return one side's columns as open, high, low, close."""
    return {"time": columns["time"], **{part: columns[f"{side}_{part}"].copy() for part in ("open", "high", "low", "close")}}


def read(columns, /, **options):
    """Read columns as EUR/USD hours in UTC unless said otherwise."""
    return read_bars(columns, **{"instrument": "EUR_USD", "timeframe": "H1", "tz": "UTC", **options})
