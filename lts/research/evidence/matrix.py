"""Returns of many sets, checked once: (s, d), a row a set, a column a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError
from lts.sim.checks import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1e-12  # of the squared mean: what sums of squares leave of no variance at all


def returns_of(owner: str, returns: Any, *, sets: int = 1, days: int = 2) -> NDArray[np.float64]:
    """Return returns as float64, (s, d); refuse what is no table of finite numbers with enough sets and days.

    Raises
    ------
    ParameterError
    """
    try:
        table = np.ascontiguousarray(returns, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{owner}, returns: was {type(returns).__name__} ({error}); it must hold numbers.") from error
    if table.ndim == 1:
        table = table[None, :]
    if table.ndim != 2 or table.shape[0] < sets or table.shape[1] < days:
        raise ParameterError(
            f"{owner}, returns: has shape {table.shape}; it must be (sets, days), sets at least {sets}, days at least {days}. "
            "A row is a set; transpose what has days in rows."
        )
    bad = ~np.isfinite(table)
    if bad.any():
        row, day = (int(i[0]) for i in np.nonzero(bad))
        raise ParameterError(
            f"{owner}, returns, set {row}, day {day}: was {table[row, day]}; it must be a finite number. "
            "Leave out sets that have errors or were ruined."
        )
    return table


def sharpes(mean: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean over deviation, a day; 0 for a set whose returns vary by rounding alone, for it has no ratio."""
    found = np.zeros(np.broadcast(mean, variance).shape)
    varies = (variance > 1e-300) & (variance > ROUNDING * mean**2)
    np.divide(mean, np.sqrt(np.maximum(variance, 0)), out=found, where=varies)
    return found


def drawn_by(owner: str, resamples: Any, seed: Any) -> np.random.Generator:
    """Return the random numbers of a bootstrap, or refuse what cannot be their number or seed.

    Raises
    ------
    ParameterError
    """
    for name, value, least in (("resamples", resamples, 1), ("seed", seed, 0)):
        found = whole(value)
        if found is None or found < least:
            raise ParameterError(f"{owner}, {name}: was {value!r}; it must be a whole number of at least {least}.")
    return np.random.default_rng(int(seed))
