"""The random walk behind generated bars: mids, spreads by hour, and the quotes made of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from lts import calendar
from lts.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.instruments import Instrument

    Float = NDArray[np.float64]
    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]

# By hour on New York clocks, 0 to 23, relative to 9:00: London opens at 3, New York at 8, the day turns at 17.
_VOLATILITY = (
    0.55, 0.6, 0.85, 1.1, 1.05, 0.9, 0.8, 0.85, 1.15, 1.2, 1.25, 1.1,
    0.8, 0.65, 0.6, 0.55, 0.45, 0.35, 0.4, 0.6, 0.7, 0.65, 0.55, 0.5,
)  # fmt: skip
_SPREAD = (
    1.1, 1.05, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.05, 1.0, 1.0, 1.05,
    1.1, 1.15, 1.2, 1.3, 1.7, 2.9, 2.0, 1.4, 1.15, 1.1, 1.1, 1.1,
)  # fmt: skip
_OPENING = 2.5  # the week's first quarter of an hour is this much wider still
_CAP_PIPS = 40.0
_TRADED_YEAR = 260 * calendar.DAY
_UNIT = 1e-8  # of the walk's whole numbers
_GAP_LIMIT = 150 * 60  # a closure moves the price like this many traded seconds, whatever its length


@dataclass(frozen=True)
class Paths:
    """Logs of the mid relative to the first price, in units of `_UNIT` [n], and the bar's share of the usual activity [n]."""

    opens: Float
    highs: Float
    lows: Float
    closes: Float
    activity: Float


def walk(time: Int64, length: int, volatility: float, shocks_per_year: float, random: np.random.Generator) -> Paths:
    """Return the mids of bars that open at `time` and last `length` nanoseconds; `volatility` is a year's, as a fraction."""
    n = len(time)
    sigma = volatility * sqrt(length / _TRADED_YEAR) / _UNIT
    activity = _activity(time, length, random)
    scale = sigma * activity
    # Student t with 4 degrees of freedom over its deviation, sqrt(2): tails as fat as minutes have
    tail = np.zeros(n)
    for _ in range(4):
        tail += random.standard_normal(n) ** 2
    moves = scale * random.standard_normal(n) / np.sqrt(tail * 0.5)
    shock = random.random(n) < shocks_per_year * length / _TRADED_YEAR
    size = (0.005 + 0.015 * random.random(n)) * np.where(random.random(n) < 0.5, -1.0, 1.0) / _UNIT
    moves = np.rint(moves + np.where(shock, size, 0.0))
    jumps = np.rint(_jumps(time, length, scale, sigma, random))
    closes = np.cumsum(moves + jumps)
    opens = closes - moves
    # extremes of a Brownian bridge between open and close
    twice, square = opens + closes, moves * moves
    highs = 0.5 * (twice + np.sqrt(square + 2.0 * scale * scale * random.standard_exponential(n)))
    lows = 0.5 * (twice - np.sqrt(square + 2.0 * scale * scale * random.standard_exponential(n)))
    return Paths(opens, highs, lows, closes, activity)


def _activity(time: Int64, length: int, random: np.random.Generator) -> Float:
    """Return volatility relative to its mean: by hour of day, and by days that follow each other."""
    day = calendar.day_index(time)
    numbers = day - day[0]
    state = 0.0
    by_day: Float = np.empty(int(numbers[-1]) + 1)
    for i, z in enumerate(random.standard_normal(len(by_day))):
        state = 0.95 * state + 0.1 * z
        by_day[i] = state
    factor: Float = exp(by_day)[numbers]
    if length > calendar.HOUR:
        return factor
    table = np.array(_VOLATILITY) / sqrt(np.mean(np.square(_VOLATILITY)))
    return np.asarray(factor * table[calendar.hour(time)])


def _jumps(time: Int64, length: int, scale: Float, sigma: float, random: np.random.Generator) -> Float:
    """Return what happens between a close and the next open: a tick within the week, a gap after a closure."""
    n = len(time)
    pause = np.zeros(n)
    pause[1:] = np.diff(time) - length
    closed = np.minimum(pause, _GAP_LIMIT * calendar.SECOND) / length
    long = pause > 1800 * calendar.SECOND
    deviation = np.where(long, sigma * np.sqrt(np.maximum(closed, 0.0)), 0.08 * scale)
    jumps = deviation * random.standard_normal(n)
    jumps[0] = 0.0
    return np.asarray(jumps)


def spreads(time: Int64, length: int, usual: float, pair: Instrument, random: np.random.Generator) -> Int64:
    """Return spreads at the open and at the close, points, int64 [2, n]: at least 1, at most 40 pips."""
    n = len(time)
    ends = np.stack([time, time + length - calendar.SECOND])
    factor = np.array(_SPREAD)[calendar.hour(ends)]
    opening = calendar.closures(time, length) | (np.arange(n) == 0)
    factor[0] *= np.where(opening, _OPENING, 1.0)
    noise = random.standard_exponential((2, n))
    drawn = usual * factor * (0.8 + 0.18 * noise + 0.006 * noise * noise * noise)
    drawn[0] = np.where(opening, drawn[0], np.roll(drawn[1], 1))  # within the week a spread is what it was a moment ago
    return np.asarray(np.clip(np.rint(drawn), 1.0, _CAP_PIPS * pair.points_per_pip), dtype=np.int64)


def quotes(paths: Paths, spread: Int64, level: float, pair: Instrument) -> Int32:
    """Return the points matrix of mids and spreads; raise if prices leave the grid."""
    mids = [level * exp(logs * _UNIT) for logs in (paths.opens, paths.highs, paths.lows, paths.closes)]
    least = np.minimum(spread[0], spread[1])
    half = (spread[0] * 0.5, least * 0.5, least * 0.5, spread[1] * 0.5)
    bid = [np.floor(mid - h) for mid, h in zip(mids, half, strict=True)]
    ask = [b + s for b, s in zip(bid, (spread[0], least, least, spread[1]), strict=True)]
    for side in (bid, ask):
        side[1] = np.maximum(side[1], np.maximum(side[0], side[3]))
        side[2] = np.minimum(side[2], np.minimum(side[0], side[3]))
    low, high = float(bid[2].min()), float(ask[1].max())
    if low < 1 or high > np.iinfo(np.int32).max:
        raise ParameterError(
            f"synthetic_bars, price: prices of {pair.name} ran from {low / pair.scale:g} to {high / pair.scale:g}; they must "
            f"stay between one tick and {np.iinfo(np.int32).max / pair.scale:g}. State another price= or a smaller volatility=."
        )
    return np.stack([*bid, *ask]).astype(np.int32)


def exp(x: Float) -> Float:
    """Return e**x for |x| < 100 by operations that every processor rounds alike (a library's exp differs in the last bit)."""
    whole = np.rint(x * 1.4426950408889634)
    rest = x - whole * 0.6931471805599453
    total: Float = np.ones_like(x)
    for k in range(13, 0, -1):
        total = 1.0 + total * rest / k
    return np.asarray(np.ldexp(total, whole.astype(np.int32)))
