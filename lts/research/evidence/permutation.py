"""The permutation test of timing: whether the same positions, held at other times, would have earned as much."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts.errors import ParameterError
from lts.research.stats.facts import Facts
from lts.sim.layout import AT_OPEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.result import Result


class Permutation(NamedTuple):
    """What the permutation test found.

    Attributes
    ----------
    p : float
        Share of all rotations whose positions earned at least as much at mid prices; nan where there never was a position.
    earned : float
        What the positions earned from mid close to mid close, before costs, quote currency.
    mean, deviation : float
        Of the same over all rotations.
    rotations : int
    """

    p: float
    earned: float
    mean: float
    deviation: float
    rotations: int


def permutation_test(result: Result) -> Permutation:
    """Test whether a result's positions were timed better than chance.

    The positions in the bars are rotated against the changes of the mid close, by every number of bars. That keeps how long
    positions last, how often they change and how prices wander, and breaks only what joins the two: the timing.

    Parameters
    ----------
    result : Result
        Of one instrument.

    Returns
    -------
    Permutation

    Raises
    ------
    ParameterError
        Several instruments.

    Notes
    -----
    earned(k) = sum of position[t] * (mid[t + k] - mid[t + k - 1]), k from 0 to n - 2, indices going round; all k at once by Fourier
    transforms. position[t] is held from the open of bar t on; what its inside does to it counts from the next. p = share of k with
    earned(k) >= earned(0), k = 0 included: at least 1 / rotations, and exact where rotated changes of price are as likely.

    References
    ----------
    Aronson, D. (2006), Evidence-based technical analysis, chapter 5, permutation of positions; rotation in place of shuffling as
    Politis and Romano 1992, A circular block-resampling procedure for stationary data.
    """
    if len(result.setup.bars) > 1:
        raise ParameterError(f"permutation_test: the result has {len(result.setup.bars)} instruments; it must have one.")
    facts = Facts(result)
    change, held = moves(result), positions(facts)[1:]
    if not held.any():
        return Permutation(float("nan"), 0.0, 0.0, 0.0, len(change))
    size = len(change)
    earned = np.fft.irfft(np.fft.rfft(held).conj() * np.fft.rfft(change), size)
    own = float(np.sum(held * change))
    near = earned >= own - 1e-9 * max(float(np.abs(earned).max()), 1e-300)
    return Permutation(float(np.mean(near)), own, float(earned.mean()), float(earned.std()), size)


def moves(result: Result) -> NDArray[np.float64]:
    """Return the changes of the mid close from each close to the next, (n - 1,), quote currency per unit."""
    setup = result.setup
    points = setup.tape.bars[:, setup.start :]
    mid2 = np.add(points[3], points[7], dtype=np.int64)
    return np.asarray(np.diff(mid2) / (2 * setup.instruments.scale[0]))


def positions(facts: Facts) -> NDArray[np.float64]:
    """Return the net units in each bar after its open, (n,)."""
    change = np.zeros(len(facts.stamps) + 1)
    later = facts.fills["place"] != AT_OPEN
    np.add.at(change, facts.fill_close + later, facts.fills["steps"] / facts.result.setup.instruments.unit[0])
    return np.asarray(np.cumsum(change)[:-1])
