"""How much a check does: all that the time allows, or a fixed share that a report can afford."""

from __future__ import annotations

from typing import NamedTuple

STEPS = (0, 2, 8, 32, 128, 512, 2048)


class Plan(NamedTuple):
    """How often each part of a check is done.

    Attributes
    ----------
    places, starts, tried, traded, noise : int
        Bars whose whole future is replaced, cold starts, places where the memory is measured, cold starts that are traded, noisy
        runs.
    cuts : int or None
        Bars at which the history is ended; None: all.
    steady : bool
        Do a number of evaluations that hardly depends on how busy the machine is, so that the same result gives the same report.
    """

    places: int = 24
    starts: int = 7
    tried: int = 5
    traded: int = 3
    noise: int = 10
    cuts: int | None = None
    steady: bool = False


FULL = Plan()
REPORT = Plan(places=12, noise=5, cuts=500, steady=True)
LARGE = Plan(places=8, starts=3, tried=2, traded=1, noise=3, cuts=500, steady=True)  # a report on features that take long


def steps(seconds: float, cost: float) -> int:
    """Return how many evaluations of a cost go into some seconds, in steps of four: small differences in speed change nothing."""
    return max(step for step in STEPS if step * cost <= seconds or step == 0)
