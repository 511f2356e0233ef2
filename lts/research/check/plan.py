"""How much a check does: all that the time allows, or a fixed share that a report can afford."""

from __future__ import annotations

from typing import NamedTuple

STEPS = (0, 2, 8, 32, 128, 512, 2048)
FEW = 20_000  # bars whose check takes no time worth saving


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


def usual_cost(measured: float, bars: int) -> float:
    """Return what an evaluation of features is taken to cost, seconds: the same on a busy machine, for a report keeps its bytes.

    Usual is 0.1 ms and 15 ns a bar, or 16 or 256 times that; only what took four times less or more than one of them is taken for
    another, and of few bars nothing is.
    """
    usual = 1e-4 + bars * 15e-9
    for factor in (1, 16) if bars > FEW else ():
        if measured <= 4 * factor * usual:
            return factor * usual
    return 256 * usual if bars > FEW else usual
