"""Warm-up: how long a history must be before the values no longer depend on where it begins, and what trades hang on that."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from lts.errors import LtsError
from lts.research.check.found import FAILED, PASSED, WARNING, Item
from lts.research.check.probe import SETTLED, UnfitError
from lts.research.check.views import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lts.research.check.market import Market
    from lts.research.check.plan import Plan
    from lts.research.check.probe import Probe
    from lts.research.result import Result

STARTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)  # of the history: where cold starts are made
TRADED = (0.2, 0.4, 0.6)  # and where trades are compared too
COARSE = 0.01  # of a feature's deviation: what is nearer will hardly change a decision
NEVER = 0.9  # of the bars after a cold start: a difference that lasts so long does not end
FIXED = 0.7  # of the longest: starts that all take so long show a window of the rule, not a state of the market
EARLY = 0.1  # share of trades that may be entered before values have settled


@dataclass(frozen=True)
class Cold:
    """What cold starts showed, in bars from the start.

    Attributes
    ----------
    begins : int
        Bars before every feature has a value; the strategy may trade from then on.
    settles : int or None
        Bars until all values are those of the whole history, to 1e-9 of the feature's size; None: they never are.
    coarse : tuple of int
        Bars until they are so to 1 % of the feature's deviation, one a start.
    exact : bool
        Whether the values are then the same to the last bit.
    slowest : str
        The feature that takes longest.
    refused : str
        What the strategy raised on a later start; empty: nothing.
    """

    begins: int
    settles: int | None
    coarse: tuple[int, ...] = ()
    exact: bool = True
    slowest: str = ""
    refused: str = ""


def cold_starts(probe: Probe, most: int) -> Cold:
    """Start the history later, and see when the values are those of the whole one."""
    size, begins = probe.size, max((_first(v) for v in probe.base.values()), default=0)
    settles, coarse, exact, slowest, never = 0, [], True, "", False
    for turn, start in enumerate(sorted({int(size * share) for share in STARTS[:most]} - {0})):
        try:
            found = probe.whole(cut(probe.bars, start, size))
        except UnfitError as error:
            return Cold(begins, None, refused=str(error))
        ends = NEVER * (size - start)
        roughly = 0
        for name, values in found.items():
            rows = slice(start, size)
            deviation = COARSE * _deviation(probe.base[name]) / probe.scale[name]
            near, rough, bits = (_last(probe.differs(name, values, rows, t)) for t in (SETTLED, max(deviation, SETTLED), 0.0))
            roughly, exact = max(roughly, rough), exact and bits == near
            if near > settles and (near <= ends or turn == 0):
                settles, slowest = near, name
            never |= near > ends and turn == 0  # a later start may be too near the end to see them meet; the first is not
        coarse += [roughly] if roughly <= ends else []
    return Cold(begins, None if never else settles, tuple(coarse), exact, slowest)


def _first(values: NDArray[np.float64]) -> int:
    """Return the first bar with a value; 0 where there is none."""
    known = ~np.isnan(values)
    return int(np.argmax(known)) if known.any() else 0


def _last(unlike: NDArray[np.bool_]) -> int:
    """Return how many bars pass until nothing differs any more."""
    where = np.flatnonzero(unlike)
    return int(where[-1]) + 1 if len(where) else 0


def _deviation(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.std()) if len(known) else 0.0


def warm_up(colds: Sequence[Cold], market: Market, plan: Plan) -> Item:
    """Return the item of all sleeves; its figure is the number of bars until values have settled."""
    refused = next((c.refused for c in colds if c.refused), "")
    begins = max(c.begins for c in colds)
    if refused:
        return Item("warm_up", WARNING, nan, f"could not be measured: started later, the strategy raised {refused}")
    trades = _trades(market, TRADED[: plan.traded])
    if any(c.settles is None for c in colds):
        worst = next(c for c in colds if c.settles is None)
        said = (
            f"feature {worst.slowest!r} depends on where the history begins, however long ago: the same numbers come only from the "
            f"same first bar, live too{trades}"
        )
        return Item("warm_up", WARNING, nan, said)
    settles = max(c.settles or 0 for c in colds)
    bits = "to the last bit" if all(c.exact for c in colds) else f"to {SETTLED:g} of their size"
    said = f"values are there from bar {begins:,} on and settled, {bits}, after {settles:,} bars{trades}"
    early = _early(market, [max(c.coarse, default=0) for c in colds])
    if early > EARLY and all(min(c.coarse, default=0) > FIXED * max(c.coarse, default=0) for c in colds):
        text = (
            f"{said}; {early:.0%} of the trades were entered on values that had not settled: set trade_from, or give more history"
        )
        return Item("warm_up", FAILED, float(settles), text)
    return Item("warm_up", PASSED if settles <= begins + 1 else WARNING if early > 0 else PASSED, float(settles), said)


def _early(market: Market, settled: Sequence[int]) -> float:
    """Return the share of trades that were entered before their features had settled."""
    log = market.result.logs["trades"]
    if not len(log["entry_row"]):
        return 0.0
    limits = np.asarray(settled)[log["instrument"]]
    return float(np.mean(log["entry_row"] <= limits))


def _trades(market: Market, shares: Sequence[float]) -> str:
    """Return what a cold start changes in trades, in words."""
    changed = compared = 0
    try:
        whole = market.features()
        for share in shares:
            when = int(market.bars[0].time[int(len(market.bars[0]) * share)])
            own = market.result.setup.options.trade_from
            if own is not None and own > when:
                continue
            bars = [cut(b, int(np.searchsorted(b.time, when)), len(b)) for b in market.bars]
            if any(len(b) == 0 for b in bars):
                continue
            warm = _entries(market.run(whole, trade_from=when))
            cold = _entries(market.run(market.features(bars), bars, trade_from=None))
            changed, compared = changed + len(warm - cold), compared + len(warm)
    except LtsError as error:
        return f"; cold starts could not be run ({error})"
    except Exception as error:  # noqa: BLE001  (the user's own features on a shorter history)
        return f"; cold starts could not be run ({type(error).__name__}: {error})"
    starts = "one cold start" if len(shares) == 1 else f"{len(shares)} cold starts"
    return f"; {starts} changed {changed:,} of {compared:,} entries" if compared else ""


def _entries(result: Result) -> set[tuple[int, int, int]]:
    """Return when, where and on which side trades were entered."""
    log = result.logs["trades"]
    found: set[tuple[int, int, int]] = set()
    for k, bars in enumerate(result.setup.bars):
        mine = log["instrument"] == k
        times, sides = bars.time[log["entry_row"][mine]].tolist(), np.sign(log["steps"][mine]).tolist()
        found |= {(k, time, side) for time, side in zip(times, sides, strict=True)}
    return found
