"""Features evaluated on other histories, and what differs from those of the whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts.research.inputs import features_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.check.outside import Outside
    from lts.strategies.base import Strategy

    Float = NDArray[np.float64]
    Mask = NDArray[np.bool_]

ROUNDING = 1e-12  # of a feature's size: differences below are the order of a sum, nothing from the future
SETTLED = 1e-9  # of a feature's size: an exponential memory that is down to this has forgotten


class UnfitError(Exception):
    """A strategy that could not say its features on some history."""


class Difference(NamedTuple):
    """A value of a feature that did not stay."""

    feature: str
    row: int
    old: float
    new: float


class Probe:
    """A strategy's features on one history, held against those on others.

    Attributes
    ----------
    base : dict of str to float64 (n,)
        The features of the whole history.
    rounding : float
        The largest difference, relative to the feature's size, that was taken for rounding.
    evaluations : int
        How often features have been evaluated.
    """

    def __init__(self, strategy: Strategy, bars: Bars, outside: Outside | None = None) -> None:
        self.strategy, self.bars, self.outside = strategy, bars, outside
        self.size = len(bars)
        self.base = {name: values.copy() for name, values in features_of(strategy, bars).items()}
        self.scale = {name: _size(values) for name, values in self.base.items()}
        self.evaluations, self.rounding = 1, 0.0

    def whole(self, bars: Bars, changed: Mask | None = None, *, beyond: bool = False) -> dict[str, Float]:
        """Return the features of another history.

        Parameters
        ----------
        bars : Bars
            The history.
        changed : bool (n,) or None
            Bars at whose close outside data that become known then are changed too; None: outside data stay.
        beyond : bool
            Change outside data that become known after the last bar too.

        Raises
        ------
        UnfitError
            The strategy raised, or gave other features, or not one value a bar.
        """
        self.evaluations += 1
        strategy = self.strategy
        if changed is not None and self.outside is not None:
            strategy = self.outside.seen(changed, beyond=beyond)
        try:
            found = features_of(strategy, bars)
        except Exception as error:  # whatever a user's code raises is an answer here
            raise UnfitError(f"{type(error).__name__}: {error}") from error
        if found.keys() != self.base.keys():
            raise UnfitError(f"features were {', '.join(found) or 'none'}; on the whole history {', '.join(self.base) or 'none'}")
        return found

    def last(self, bars: Bars) -> list[float]:
        """Return the features' last values; quicker than `whole`, for it looks at nothing else."""
        self.evaluations += 1
        try:
            given = self.strategy.features(bars)
            arrays = [np.asarray(given[name]) for name in self.base]
        except Exception as error:
            raise UnfitError(f"{type(error).__name__}: {error}") from error
        if any(a.shape != (len(bars),) for a in arrays):
            raise UnfitError(f"features have shapes {', '.join(str(a.shape) for a in arrays)}; they must have ({len(bars)},)")
        return [float(a[-1]) for a in arrays]

    def differs(self, name: str, found: Float, rows: slice, tolerance: float = ROUNDING) -> Mask:
        """Return where a feature's values over `rows` are not those of the whole history, but for `tolerance` of its size."""
        return self._unlike(name, self.base[name][rows], found, tolerance)

    def first(self, found: Mapping[str, Float], stop: int, tolerance: float = ROUNDING) -> list[Difference]:
        """Return each feature's first difference before bar `stop`, earliest first."""
        said = []
        for name, values in found.items():
            unlike = self.differs(name, values[:stop], slice(0, stop), tolerance)
            if unlike.any():
                row = int(np.argmax(unlike))
                said.append(Difference(name, row, float(self.base[name][row]), float(values[row])))
        return sorted(said, key=lambda d: d.row)

    def at(self, values: list[float], row: int, tolerance: float = ROUNDING) -> list[Difference]:
        """Return which features' values at one bar are not those of the whole history."""
        said = []
        for (name, base), new in zip(self.base.items(), values, strict=True):
            old = float(base[row])
            if old == new or (old != old and new != new):  # noqa: PLR0124  (nan is the one value unlike itself)
                continue
            if self._unlike(name, np.array([old]), np.array([new]), tolerance)[0]:
                said.append(Difference(name, row, old, new))
        return said

    def _unlike(self, name: str, old: Float, new: Float, tolerance: float) -> Mask:
        unlike: Mask = (old != new) & ~(np.isnan(old) & np.isnan(new))
        if not unlike.any():
            return unlike
        gap = np.abs(new[unlike] - old[unlike]) / self.scale[name]
        with np.errstate(invalid="ignore"):
            small = gap <= tolerance  # nan and infinity are not small
        if tolerance == ROUNDING:
            self.rounding = max(self.rounding, float(gap[small].max(initial=0.0)))
        unlike[unlike] = ~small
        return unlike


def _size(values: Float) -> float:
    """Return the size of a feature's values: their largest, 1 where there is none."""
    known = np.abs(values[np.isfinite(values)])
    most = float(known.max(initial=0.0))
    return most if most > 0 else 1.0
