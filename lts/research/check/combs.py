"""Combs: one evaluation that changes the future of many bars at once, for features that forget.

Runs of `RUN` bars are changed at equal distances; between two runs lie as many bars as the features remember, and a few more that
must then have their true values again although what comes next is changed. Moving the comb by one bar from evaluation to evaluation
gives every bar a changed next bar, after as many evaluations as a period has bars: some hundred for an hourly rule with a memory of
four days, over a million bars as over a thousand.

A value in the gap that is not its true one is a fault or a memory longer than measured. Which, is settled by changing the later
bars alone; if it was memory, the bar counts as not examined.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from lts.research.check.causality import Study, blame, look
from lts.research.check.probe import SETTLED, Difference, UnfitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUN, GAP = 24, 8
TRIED = (0.15, 0.3, 0.45, 0.6, 0.75)  # of the history: where the memory is measured
DEEPEST = 0.9  # a difference that lasts over so much of the rest never ends
WIDENED, ENOUGH = 3, 0.99  # times that a comb is widened, until so many bars could be judged
MOST_SETTLED = 40  # suspicions that are settled one by one, in all


def memory(study: Study, tried: int) -> int | None:
    """Return for how many bars a change is remembered; None where it is never forgotten, or a change cannot be evaluated."""
    size, longest = study.probe.size, 0
    for share in TRIED[:tried]:
        start = int(size * share)
        if start < 1 or start + RUN >= size:
            continue
        bars, changed = study.worlds.runs(np.array([start]), RUN, "jump")
        try:
            found = study.probe.whole(bars, changed)
        except UnfitError:
            return None
        last = start + RUN - 1
        for name, values in found.items():
            unlike = np.flatnonzero(study.probe.differs(name, values[start:], slice(start, size), SETTLED))
            last = max(last, start + int(unlike[-1]) if len(unlike) else 0)
        if last - start - RUN <= DEEPEST * (size - start - RUN):
            longest = max(longest, last - (start + RUN - 1))
        elif share == TRIED[0]:  # a later place may be too near the end to see the memory end; this one is not
            return None
    return longest


def combed(study: Study, remembered: int) -> None:
    """Move both combs over the history; where too many bars could not be judged, for they remember more, once more."""
    for _ in range(WIDENED):
        if not comb(study, remembered, "jump", perf_counter() + study.left * 0.5):
            return
        if study.changed[:-1].mean() >= ENOUGH:
            break
        remembered = max(2 * remembered, RUN)
    comb(study, remembered, "flat", perf_counter() + study.left * 0.5)


def comb(study: Study, remembered: int, kind: str, until: float) -> bool:
    """Move a comb over the history until every bar has had its turn, or the time is over; tell whether it came to the end."""
    size = study.probe.size
    period = RUN + GAP + int(remembered * 1.3) + 4
    if period > size // 2:
        return False
    done = np.zeros(size, np.bool_)
    settled = 0
    for turn in range(period):
        if study.faults or perf_counter() > until or study.combs == 0:
            study.changed |= done
            return False
        study.combs = None if study.combs is None else study.combs - 1
        starts = np.arange(1 + (turn * _stride(period)) % period, size, period)
        try:
            suspects = _suspects(study, starts, kind)
        except UnfitError as error:
            study.unfit[size] = str(error)
            return False
        kept = np.ones(len(starts), np.bool_)
        kept[[place for place, _ in suspects]] = False
        done[starts[kept] - 1] = True
        for place, different in suspects[:2]:
            if settled < MOST_SETTLED:
                settled += 1
                _settle(study, int(starts[place]) - 1, different, kind)
    study.changed |= done
    return True


def _stride(period: int) -> int:
    """Return a step that is coprime to the period and visits it evenly: an unfinished comb is spread over the history."""
    step = max(int(period * 0.6180339887498949), 1)
    while np.gcd(step, period) != 1:
        step += 1
    return step


def _suspects(study: Study, starts: NDArray[np.intp], kind: str) -> list[tuple[int, Difference]]:
    """Return the runs before which a value is not its true one, with the first such value of each."""
    probe = study.probe
    bars, changed = study.worlds.runs(starts, RUN, kind)
    found = probe.whole(bars, changed)
    rows = (starts[:, None] - np.arange(min(GAP, int(starts[0])), 0, -1)).clip(0)
    said: dict[int, Difference] = {}
    for name, values in found.items():
        old, new = probe.base[name][rows], values[rows]
        odd = (old != new) & ~(np.isnan(old) & np.isnan(new))
        if not odd.any():
            continue
        with np.errstate(invalid="ignore"):
            odd &= ~(np.abs(new - old) <= SETTLED * probe.scale[name])
        for place in np.flatnonzero(odd.any(axis=1)):
            column = int(np.argmax(odd[place]))
            row = int(rows[place, column])
            said.setdefault(int(place), Difference(name, row, float(probe.base[name][row]), float(values[row])))
    return sorted(said.items())


def _settle(study: Study, row: int, different: Difference, kind: str) -> None:
    """Find out whether a value was changed by the later bars alone, or by what lies before."""
    if look(study, row, kind):
        return
    probe = study.probe
    try:
        found = probe.whole(*study.worlds.runs(np.array([row + 1]), RUN, kind))
    except UnfitError:
        return
    again = [d for d in probe.first(found, row + 1) if d.feature == different.feature]
    if again:
        blame(study, again[0], kind)
