"""LTS on workload B: rule A over grids of sets, and rules without a fast path. Only the public names of `lts` are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import lts
from benchmarks import grids, ours
from benchmarks import workload as w
from benchmarks.task import Outcome, Task
from lts import go, stay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from benchmarks.grids import Set

MONEY: dict[str, Any] = {"ratios": False, "objective": "net_profit"}  # how a sweep is asked for the money statistics alone


class OwnCross(lts.Strategy):
    """Rule A as a user would write it: its own `decide`, so the plain compiled loop."""

    fast: int = w.FAST
    slow: int = w.SLOW
    units: float = w.UNITS
    stop_pips: float = w.STOP_PIPS
    target_pips: float = w.TARGET_PIPS

    class Memory(NamedTuple):
        """The side that was last entered."""

        side: int = 0

    def features(self, bars: lts.Bars) -> Mapping[str, np.ndarray]:
        """Return both means in points."""
        close = bars.points.bid_close
        return {"fast": lts.indicators.sma(close, self.fast), "slow": lts.indicators.sma(close, self.slow)}

    def decide(self, view: lts.View) -> lts.Decision:
        """Turn where the side changes."""
        side = view.memory.side
        if view.now.fast > view.now.slow:
            side = 1
        elif view.now.fast < view.now.slow:
            side = -1
        if side == view.memory.side:
            return stay()
        view.memory.side = side
        return go(side * self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)


def money(data: w.Data, sets: int) -> Task:
    """Profit, costs, trades and drawdown of each set."""
    return _task(data, lts.strategies.SmaCross, _grid(sets), **MONEY)


def ratios(data: w.Data, sets: int) -> Task:
    """The whole table: Sharpe and the other ratios too."""
    return _task(data, lts.strategies.SmaCross, _grid(sets))


def two_threads(data: w.Data, sets: int) -> Task:
    """The money statistics on two threads."""
    return _task(data, lts.strategies.SmaCross, _grid(sets), workers=2, **MONEY)


def own_decide(data: w.Data, sets: int) -> Task:
    """Rule A in a `decide` of its own."""
    return _task(data, OwnCross, [_named(one) for one in grids.exits(sets)])


def trailing(data: w.Data, sets: int) -> Task:
    """Rule C: trailing exits and times, five of the one for each of the other."""
    axes = {"trail": [pips * w.PIP for pips in (10, 15, 20, 30, 40)], "most_bars": [60 * (k + 1) for k in range(sets // 5)]}
    return _task(data, ours.TrailingExit, axes)


def listed(bars: lts.Bars, sets: Sequence[Set]) -> Outcome:
    """What LTS comes to on these sets, on the loop or on a fast path."""
    return _outcome(lts.sweep(lts.strategies.SmaCross, bars, [_named(one) for one in sets], **_market()))


def _grid(sets: int) -> dict[str, tuple[float, ...]]:
    return {**grids.axes(sets), "units": (w.UNITS,)}


def _named(one: Set) -> dict[str, float]:
    """Return a set by LTS's names."""
    return {"fast": one.fast, "slow": one.slow, "units": w.UNITS, "target_pips": one.target, "stop_pips": one.stop}


def _market() -> dict[str, Any]:
    return {"costs": ours.COSTS, "account": ours.ACCOUNT, "workers": 1, "progress": False, "confirm": True}


def _task(data: w.Data, cls: type[lts.Strategy], grid: Any, **asked: Any) -> Task:
    """Sweep, each time on a bars object that no sweep has seen: nothing is kept from one repetition to the next."""

    def run(bars: lts.Bars) -> Outcome:
        return _outcome(lts.sweep(cls, bars, grid, **{**_market(), **asked}))

    return Task(run, before=lambda: ours.bars_of(w.Data(data.n)))  # the file's arrays go with their Data: memory is LTS's own


def _outcome(sweep: Any) -> Outcome:
    """Read the table; a set that failed fails the job."""
    table = sweep.table
    failed = next((text for text in table["error"] if text), "")
    if failed:
        raise RuntimeError(f"a set failed: {failed}")
    return Outcome(int(table["trades"].sum()), float(table["final_balance"].mean()), "+".join(sorted(set(table["path"]))))
