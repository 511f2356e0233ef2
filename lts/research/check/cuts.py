"""Cuts: the history ends at a bar, and the last value must be the one that the whole history gave."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from lts.research.check.causality import Study, look
from lts.research.check.plan import usual_cost
from lts.research.check.probe import ROUNDING, SETTLED, UnfitError
from lts.research.check.views import cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.bars import Bars

    Rows = NDArray[np.intp]

DAY = 86_400_000_000_000
TRIALS = 5  # evaluations that a cost is estimated by
BATCH = 64  # cuts between two looks at the clock
WHOLE = 200  # bars that are cut from a whole history in any case
STRAYED = 0.002  # share of windows that are not enough, from which on windows are given up
GOLDEN = 0.6180339887498949


def order(bars: Bars) -> Rows:
    """Return all rows in the order of looking: ends of weeks, ends of days, then the rest, each spread over the data."""
    size = len(bars)
    gap = np.append(np.diff(bars.time), bars.duration)
    next_day = np.append(np.diff(bars.time // DAY) > 0, False)
    week = gap > max(DAY, 2 * bars.duration)
    if week.mean() > 0.25:  # bars of a day or more: each is the end of its day
        week, next_day = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    group = np.where(week, 0, np.where(next_day, 1, 2))
    spread = (np.arange(size) * GOLDEN) % 1.0
    return np.lexsort((spread, group))


def cuts(study: Study, window: int | None, most: int | None = None) -> None:
    """End the history at one bar after the other until all have had their turn, or the time is over.

    Parameters
    ----------
    window : int or None
        Bars that a cold start needs; then a history may begin so many before its end, where that is much quicker.
    most : int or None
        At most so many bars; None: all.
    """
    rows = order(study.probe.bars)
    missed = ~study.changed[rows]
    rows = np.concatenate((rows[missed], rows[~missed]))  # what no comb could judge comes first
    _walk(study, rows[: study.most_whole], None, perf_counter() + study.left / 5)
    long = study.probe.size if window is None else int(window * 1.3) + 8
    while not study.faults and study.left > 0 and long < study.probe.size // 2 and _much_quicker(study, long):
        if _walk(study, rows[:most], long, study.until):
            return
        long *= 2  # some bars remember more than the cold starts showed
    if most is not None and study.cut.sum() >= min(most, study.most_whole):
        return
    if not study.faults:
        _walk(study, rows[:most], None, study.until)


def _much_quicker(study: Study, window: int) -> bool:
    size = study.probe.size
    if study.combs is not None:  # a report, which keeps its bytes: no clock decides
        return 3 * usual_cost(0.0, window) < usual_cost(0.0, size // 2)
    return 3 * _cost(study, size - window, size) < _cost(study, 0, size // 2)


def _cost(study: Study, start: int, stop: int) -> float:
    """Return seconds of an evaluation."""
    began = perf_counter()
    try:
        for _ in range(TRIALS):
            study.probe.last(cut(study.probe.bars, start, stop))
    except UnfitError:
        return float("inf")
    return (perf_counter() - began) / TRIALS


def _walk(study: Study, rows: Rows, window: int | None, until: float) -> bool:
    """End the history at each row that has not been cut yet; tell whether all were, or the time was over: False asks for more."""
    probe, bars = study.probe, study.probe.bars
    strayed = 0
    tolerance = ROUNDING if window is None else SETTLED
    todo = rows[~study.cut[rows]].tolist()
    for turn, row in enumerate(todo):
        if turn % BATCH == 0 and (perf_counter() > until or study.faults):
            return True
        start = 0 if window is None else max(0, row + 1 - window)
        try:
            values = probe.last(cut(bars, start, row + 1))
        except UnfitError as error:
            if start == 0:
                study.unfit[row + 1] = str(error)
                continue
            values = [float("nan")] * len(probe.base)
        if probe.at(values, row, ROUNDING if start == 0 else tolerance):
            if look(study, row, "cut"):
                return True
            strayed += 1
            if strayed > max(STRAYED * turn, 20):
                return False
        study.cut[row] = True
        study.whole[row] |= start == 0
    return True
