"""The bars and the two rules that every engine gets. numpy and the standard library only: each peer's environment imports it.

Bars: seeded EUR/USD minutes, Sunday 22:00 to Friday 22:00 UTC, a random walk of eight steps a minute, bid open, high, low, close
and a spread for each bar, all on the grid of 0.00001.

A: be long while SMA 20 is above SMA 100, short while it is below; 100,000 units, target 30 pips, stop 20 pips, live from the bar of
entry; 3.5 USD a lot and side, 0.2 pips slippage on market and stop fills, the bar's spread, swap at 17:00 New York; equity at every
close. What a close decides is filled at the next open. Stop and target in one bar: the stop. A gap fills at the open.

C: when flat, enter where the means cross; leave by market order 15 pips behind the best close since entry, or after 240 bars.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.paths import CACHE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SEED, ALL_BARS = 7, 1_000_000

POINT, POINTS_PER_PIP = 1e-5, 10
PIP = POINT * POINTS_PER_PIP
UNITS, CASH, LEVERAGE, CLOSEOUT = 100_000, 1_000_000.0, 30.0, 0.5
COMMISSION = 3.5  # USD per lot and side; the position is one lot
SLIPPAGE_PIPS = 0.2
SWAP_LONG, SWAP_SHORT = -6.5, 2.1  # USD per lot and night
FAST, SLOW, TARGET_PIPS, STOP_PIPS = 20, 100, 30.0, 20.0
TRAIL_PIPS, MOST_BARS = 15.0, 240
USUAL_SPREAD_PIPS = 0.8

_MINUTE = 60_000_000_000  # ns
_WEEK, _STEPS, _VOLATILITY = 5 * 1440, 8, 0.08


class Data:
    """The first `n` bars. Each array is read when it is first asked for, so a process pays for what it uses.

    Attributes
    ----------
    time : int64 [n]
        Nanoseconds UTC, bar opens.
    bid : int32 [4, n]
        Points: open, high, low, close.
    spread : int32 [n]
        Points.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._file = np.load(path(n))

    @cached_property
    def time(self) -> NDArray[np.int64]:
        """Bar opens."""
        return self._file["time"]

    @cached_property
    def bid(self) -> NDArray[np.int32]:
        """Open, high, low, close in points."""
        return self._file["bid"]

    @cached_property
    def spread(self) -> NDArray[np.int32]:
        """Ask minus bid in points."""
        return self._file["spread"]

    @cached_property
    def prices(self) -> tuple[NDArray[np.float64], ...]:
        """Bid open, high, low and close as prices, float64."""
        return tuple(np.round(row * POINT, 5) for row in self.bid)

    @cached_property
    def spread_price(self) -> NDArray[np.float64]:
        """Ask minus bid as a price, float64."""
        return np.round(self.spread * POINT, 5)


def path(n: int) -> Path:
    """Return where the first `n` bars lie."""
    return CACHE / f"bars-{SEED}-{n}.npz"


def write(sizes: list[int]) -> None:
    """Write the first bars of the one series, once for each size; what lies there stays."""
    missing = [n for n in sizes if not path(n).exists()]
    if not missing:
        return
    opens, bid, spread = make(max(ALL_BARS, *missing))
    for n in missing:
        path(n).parent.mkdir(parents=True, exist_ok=True)
        part = path(n).with_suffix(".part.npz")
        np.savez(part, time=opens[:n], bid=bid[:, :n], spread=spread[:n])
        part.replace(path(n))


def make(n: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Return time, bid and spread of `n` bars."""
    random = np.random.default_rng(SEED)
    week, minute = np.divmod(np.arange(n, dtype=np.int64), _WEEK)
    opens = np.datetime64("2015-01-04T22:00", "m").astype(np.int64) + week * 7 * 1440 + minute
    steps = random.standard_normal(n * _STEPS) * (_VOLATILITY / np.sqrt(252 * 1440 * _STEPS))
    walk = (1.10 * np.exp(np.cumsum(steps))).reshape(n, _STEPS)
    bid = np.stack([walk[:, 0], walk.max(axis=1), walk.min(axis=1), walk[:, -1]])
    spread = USUAL_SPREAD_PIPS * POINTS_PER_PIP * np.exp(0.25 * random.standard_normal(n))
    of_day = opens % 1440
    spread[(of_day >= 22 * 60 - 5) & (of_day < 22 * 60 + 15)] *= 3  # the thin minutes around the day's end
    return opens * _MINUTE, np.round(bid / POINT).astype(np.int32), np.round(spread).astype(np.int32)


def nights(opens: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return the swap nights booked at each bar, the first at or after 17:00 New York: three on Wednesday, none at weekends."""
    zone, booked = ZoneInfo("America/New_York"), np.zeros(len(opens), np.int8)
    day = datetime.fromtimestamp(int(opens[0]) // 10**9, UTC).date()
    while True:
        cut = int(datetime.combine(day, time(17), zone).timestamp()) * 10**9
        row = int(np.searchsorted(opens, cut))
        if row == len(opens):
            return booked
        if cut > opens[0]:
            booked[row] += (1, 1, 3, 1, 1, 0, 0)[day.weekday()]
        day += timedelta(days=1)


def sma(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Return the rolling mean, nan for the first window - 1 values."""
    out = np.full(len(values), np.nan)
    total = np.cumsum(np.concatenate(([0.0], values - values[0])))
    out[window - 1 :] = (total[window:] - total[:-window]) / window + values[0]
    return out


def crossings(fast: NDArray[np.float64], slow: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where the fast mean crosses above the slow one, and where below."""
    apart = np.round(fast - slow, 12)
    up, down = np.zeros(len(apart), bool), np.zeros(len(apart), bool)
    with np.errstate(invalid="ignore"):
        up[1:] = (apart[1:] > 0) & (apart[:-1] <= 0)
        down[1:] = (apart[1:] < 0) & (apart[:-1] >= 0)
    return up, down


if __name__ == "__main__":  # in a process of its own: the runner stays small, for a child begins with its parent's peak memory
    write([int(n) for n in sys.argv[1:]])
