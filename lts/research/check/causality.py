"""Causality at every bar: another future, or none, must leave every value up to that bar as it was.

Four passes, each cheaper a bar than the one before or better at what that one cannot see:

1. *twice*: the same bars must give the same features (`repeatable`); hidden state and chance end here.
2. *places*: at some two dozen bars the whole future is replaced by a random one, by tenfold prices, by a standstill, or cut off,
   and **all** values up to there are compared. Almost every real fault falls here.
3. *combs* (`combs.py`): where features forget, many bars have their future changed in one evaluation, and some hundred evaluations
   give every bar of the history a changed next bar: against the true move, and a standstill.
4. *cuts* (`cuts.py`): the history ends at a bar and its last value is compared; ends of weeks first, then of days, then the rest
   spread over the data, until each bar has had its turn or the time is over.

Nothing is called a fault before bars *after* it alone, changed or cut, have changed a value: there are no false alarms from long
memories. A difference below 1e-12 of the feature's size is the order of a sum (`ROUNDING`), and is said, not failed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from lts.research.check.found import Fault
from lts.research.check.probe import Difference, Probe, UnfitError
from lts.research.check.views import cut
from lts.research.check.worlds import KINDS, Worlds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from lts.data.bars import Bars

    Mask = NDArray[np.bool_]
    Again = Callable[[int], float]

FEWEST_PLACES = 8  # are looked at whatever the time
FIRST_ROWS = 1_500  # bars that are cut one after the other to find the first fault
FIRST_SECONDS = 1.5
HOW = {
    "random": "with another future",
    "tenfold": "with a tenfold future",
    "flat": "with a future that stands still",
    "jump": "with a jump in the next bar",
    "cut": "with the future cut off",
}


@dataclass
class Study:
    """What is known so far about one strategy on one history."""

    probe: Probe
    worlds: Worlds
    until: float  # perf_counter at which the time is over
    changed: Mask
    cut: Mask
    whole: Mask
    faults: list[Fault] = field(default_factory=list)
    combs: int | None = None  # evaluations that combs may take; None: as many as go into the time
    most_whole: int = 0  # bars that are cut from a whole history in any case
    unfit: dict[int, str] = field(default_factory=dict)  # length of a history on which the strategy raised, and what

    @classmethod
    def of(cls, probe: Probe, until: float, combs: int | None, whole: int) -> Study:
        """Begin."""
        changed, ended, begun = (np.zeros(probe.size, np.bool_) for _ in range(3))
        return cls(probe, Worlds(probe.bars), until, changed, ended, begun, combs=combs, most_whole=whole)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.until - perf_counter()


def repeats(probe: Probe) -> Difference | str | None:
    """Return what differs when the same bars are given again, also after others; None where nothing does."""
    bars = probe.bars
    try:
        for between in (None, cut(bars, 0, max(len(bars) - 1, 1))):
            if between is not None:
                probe.last(between)
            found = probe.whole(cut(bars, 0, len(bars)))
            different = probe.first(found, probe.size, 0.0)
            if different:
                return different[0]
    except UnfitError as error:
        return None if len(bars) < 3 else _if_again(probe, str(error))
    return None


def _if_again(probe: Probe, said: str) -> str | None:
    """Return what the strategy raised on bars that it had taken before; None where it only refuses a shorter history."""
    try:
        found = probe.whole(cut(probe.bars, 0, probe.size))
    except UnfitError:
        return said
    return "the same bars gave other values" if probe.first(found, probe.size, 0.0) else None


def places(study: Study, most: int) -> None:
    """Change or cut the whole future at some bars, and compare all values up to there."""
    size, kinds = study.probe.size, (*KINDS, "cut")
    rows = spread_rows(study.probe.bars, most)
    for turn, row in enumerate(rows):
        if turn >= FEWEST_PLACES and study.left < 0:
            break
        kind = kinds[turn % len(kinds)]
        if not 0 <= row < size - 1:
            continue
        look(study, int(row), kind)
        if study.faults:
            break


def spread_rows(bars: Bars, most: int) -> NDArray[np.intp]:
    """Return rows spread over the history, later ones first: evenly, every other one moved to the end of its day."""
    size = len(bars)
    rows = np.unique(np.linspace(min(size - 2, max(size // 50, 1)), size - 2, min(most, max(size - 1, 1))).astype(np.intp))
    ends = np.flatnonzero(np.diff(bars.time // 86_400_000_000_000) > 0)
    if len(ends):
        near = ends[np.minimum(np.searchsorted(ends, rows), len(ends) - 1)]
        rows = np.where(np.arange(len(rows)) % 2 == 0, rows, near)
    order = np.argsort((np.arange(len(rows)) * 0.6180339887498949) % 1.0)
    return np.asarray(rows[order][::-1])


def other_future(study: Study, row: int, kind: str, keep: int = 0) -> dict[str, NDArray[np.float64]]:
    """Return the features, up to row + keep, of a history that changes or ends after bar row + keep."""
    probe, last = study.probe, row + keep
    if kind == "cut":
        return probe.whole(cut(probe.bars, 0, last + 1))
    after = np.arange(probe.size) > last
    if kind in KINDS:
        return probe.whole(study.worlds.after(last, kind), after, beyond=True)
    bars, changed = study.worlds.runs(np.array([row + 1]), probe.size, kind, since=last + 1)
    return probe.whole(bars, changed, beyond=True)


def look(study: Study, row: int, kind: str) -> bool:
    """Look at one bar with one other future; note and return whether values up to it changed."""
    try:
        found = other_future(study, row, kind)
    except UnfitError as error:
        study.unfit[row + 1 if kind == "cut" else study.probe.size] = str(error)
        return False
    different = study.probe.first(found, row + 1)
    if kind == "cut":
        study.cut[row] = study.whole[row] = True
    else:
        study.changed[row] = True
    for each in different:
        blame(study, each, kind)
    return bool(different)


def blame(study: Study, different: Difference, kind: str) -> None:
    """Note a fault: the first bar where it shows, and how far it looks."""
    if any(f.feature == different.feature for f in study.faults):
        return
    different = _earlier(study, different, kind)
    ahead = _reach(study, different, "cut") or _reach(study, different, kind)
    stamp = str(np.datetime64(int(study.probe.bars.time[different.row]), "ns").astype("datetime64[s]")).replace("T", " ")
    whole = ahead is not None and different.row + ahead >= study.probe.size - 1 and ahead > 1
    name, at, old, new = different
    study.faults.append(Fault(name, at, stamp, ahead, whole, old, new, HOW[kind]))
    study.faults.sort(key=lambda f: f.row)


def _earlier(study: Study, different: Difference, kind: str) -> Difference:
    """Return the first bar at which the feature differs when the history ends or changes after it, if that is soon found."""
    probe, name, stop = study.probe, different.feature, perf_counter() + FIRST_SECONDS
    known = np.flatnonzero(np.isfinite(probe.base[name]))
    first = int(known[0]) if len(known) else 0
    kind = "cut" if _changes(study, different.row, name, "cut") is not None else kind
    for row in range(first, min(different.row, first + FIRST_ROWS)):
        if perf_counter() > stop:
            break
        new = _changes(study, row, name, kind)
        if new is not None:
            return Difference(name, row, float(probe.base[name][row]), new)
    return different


def _changes(study: Study, row: int, name: str, kind: str, keep: int = 0) -> float | None:
    """Return the value that a feature has at a bar with another future after it; None where it stays."""
    try:
        found = other_future(study, row, kind, keep)[name][row : row + 1]
    except UnfitError:
        return None
    return float(found[0]) if study.probe.differs(name, found, slice(row, row + 1))[0] else None


def _reach(study: Study, different: Difference, kind: str) -> int | None:
    """Return how many bars after this one must stay for its value to stay; None where that is not to be found."""
    probe, row, name = study.probe, different.row, different.feature

    def stays(keep: int) -> bool:
        return _changes(study, row, name, kind, keep) is None

    most = probe.size - 1 - row
    if stays(0):
        return None
    low, high = 0, 1
    while high < most and not stays(high):
        low, high = high, high * 2
    high = min(high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if stays(middle) else (middle, high)
    return high
