"""Workload B: the sets of rule A that are swept. The standard library only: each peer's environment imports it.

A set is (fast, slow, target, stop): 100 pairs of means, for each 10 exits, or 240 in the dense grid; all else is rule A's. An
engine that is too slow for all of them gets every k-th.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

FASTS = (5, 10, 15, 20, 25, 30, 35, 40, 45, 50)
SLOWS = (60, 80, 100, 120, 150, 180, 200, 250, 300, 400)
TARGETS = (10.0, 20.0, 30.0, 40.0, 60.0)  # pips
STOPS = (10.0, 20.0)
DENSE_TARGETS = tuple(5.0 + k for k in range(40))
DENSE_STOPS = tuple(5.0 + k for k in range(6))
ALL, DENSE = 1_000, 24_000


class Set(NamedTuple):
    """One of the strategies."""

    fast: int
    slow: int
    target: float  # pips
    stop: float


def axes(count: int) -> dict[str, tuple[float, ...]]:
    """Return a grid of so many sets by LTS's names: all exits, and as many pairs as it takes; above `ALL`, the dense exits."""
    exits = (TARGETS, STOPS) if count <= ALL else (DENSE_TARGETS, DENSE_STOPS)
    a_slow = len(FASTS) * len(exits[0]) * len(exits[1])
    if count % a_slow or not 0 < count <= a_slow * len(SLOWS):
        raise ValueError(f"axes: was asked for {count} sets; a grid holds a multiple of {a_slow}, at most {a_slow * len(SLOWS)}.")
    return {"fast": FASTS, "slow": SLOWS[: count // a_slow], "target_pips": exits[0], "stop_pips": exits[1]}


def some(count: int) -> list[Set]:
    """Return so many sets, spread evenly over the thousand."""
    every = [Set(*one) for one in product(FASTS, SLOWS, TARGETS, STOPS)]
    return [every[k * len(every) // count] for k in range(count)]


def exits(count: int) -> list[Set]:
    """Return so many sets, ten exits a pair as in the thousand."""
    return [Set(*one) for one in product(FASTS, SLOWS[2:3], TARGETS, STOPS)][:count]


def square(count: int) -> list[Set]:
    """Return so many sets as a product of means with rule A's exits: what an optimiser that knows only products can be given."""
    side = round(count**0.5)
    return [Set(fast, slow, 30.0, 20.0) for fast, slow in product(FASTS[:side], SLOWS[: count // side])]
