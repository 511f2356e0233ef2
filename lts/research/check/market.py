"""The market of a result, once more: with other costs, other features, other bars."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.data.bars import Bars
from lts.errors import DataWarning
from lts.research.inputs import features_of
from lts.research.result import Result
from lts.research.run import run_features
from lts.research.setup import prepare
from lts.sim.costs import LIMITS, AnnualSwap, Costs, PointsSwap
from lts.sim.dated import Dated
from lts.words import MICRO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Features = Mapping[str, NDArray[np.float64]]

SCALED = (
    "commission_per_lot", "slippage_pips", "commission_per_million", "commission_fraction", "commission_minimum", "slippage_spread",
    "slippage_random_pips",
)  # fmt: skip


class Money(NamedTuple):
    """What a run brought."""

    profit: float
    sharpe: float


class Market:
    """Runs a result's strategies again, something changed."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.bars = list(result.setup.bars)
        self._again = result._again  # noqa: SLF001  (the two rooms are one house)
        detail = self._again["detail"]
        self.detail: dict[str, Bars] | None = (
            detail if detail is None or isinstance(detail, dict) else {self.bars[0].instrument.name: detail}
        )

    def features(self, bars: Sequence[Bars] | None = None) -> list[Features]:
        """Return the features of every sleeve."""
        return [features_of(s, b) for s, b in zip(self.result.strategies, bars or self.bars, strict=True)]

    def run(
        self,
        features: Sequence[Features],
        bars: Sequence[Bars] | None = None,
        detail: Mapping[str, Bars] | None = None,
        **options: Any,
    ) -> Result:
        """Run on other bars or with other options; what is not given is the result's own."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # said by the run itself
            changed = replace(self.result.setup.options, **options)
            setup = prepare(bars or self.bars, changed, self._again["rates"], detail or self.detail)
        memory, equity = run_features(setup, self.result.strategies, features, self.result.factors)
        return Result(setup, self.result.strategies, self.result.factors, memory, equity, self._again, stated_costs=True)

    def at_costs(self, features: Sequence[Features], times: float) -> Result:
        """Run at so many times the costs: spread, slippage, commission, the swap that is paid; the features stay."""
        costs = scaled(self.result.setup.options.costs, times)
        if costs.spread_pips is not None:
            return self.run(features, costs=costs)
        detail = None if self.detail is None else {name: wider(b, times) for name, b in self.detail.items()}
        return self.run(features, [wider(b, times) for b in self.bars], detail, costs=costs)


def money(result: Result) -> Money:
    """Return net profit and Sharpe ratio."""
    profit = float((result.equity_micro[-1] - result.setup.terms.balance) / MICRO)
    return Money(profit, float(result.headline["sharpe"]))


def late(features: Features) -> dict[str, NDArray[np.float64]]:
    """Return features that come one bar later."""
    return {name: np.concatenate((np.full(1, np.nan), values[:-1])) for name, values in features.items()}


def scaled(costs: Costs, times: float) -> Costs:
    """Return costs times a factor; swap that is received stays as it is."""
    changes: dict[str, Any] = {name: min(getattr(costs, name) * times, LIMITS[name][1]) for name in SCALED}
    if costs.spread_pips is not None:
        changes["spread_pips"] = min(costs.spread_pips * times, LIMITS["spread_pips"][1])
    changes |= {name: _paid(getattr(costs, name), times) for name in ("swap_long", "swap_short")}
    if isinstance(costs.swap, AnnualSwap | PointsSwap):
        changes["swap"] = _swap(costs.swap, times)
    elif costs.swap is not None:
        changes["swap"] = {name: _swap(each, times) for name, each in costs.swap.items()}
    return replace(costs, **changes)


def _swap(model: AnnualSwap | PointsSwap, times: float) -> AnnualSwap | PointsSwap:
    return replace(model, long=_side(model.long, times), short=_side(model.short, times))


def _side(rate: Any, times: float) -> Any:
    return replace(rate, values=tuple(_paid(v, times) for v in rate.values)) if isinstance(rate, Dated) else _paid(rate, times)


def _paid(value: float, times: float) -> float:
    return value * times if value < 0 else value


def wider(bars: Bars, times: float) -> Bars:
    """Return bars whose spreads are so many times as wide; bids stay."""
    bid = bars.points.matrix[:4].astype(np.int64)
    spread = np.floor((bars.points.matrix[4:] - bid) * times + 0.5).astype(np.int64)
    ask = np.minimum(bid + spread, np.iinfo(np.int32).max)
    return _requoted(bars, np.concatenate((bid, ask)))


def shaken(bars: Bars, seed: int, share: float) -> Bars:
    """Return bars a little higher or lower, each by its own normal draw, `share` of the median range wide; at 0 as they are."""
    if share == 0:
        return bars
    matrix = bars.points.matrix.astype(np.int64)
    width = max(float(np.median(matrix[1] - matrix[2])) * share, 0.5)
    moves = np.rint(np.random.default_rng([SEED, seed]).normal(0.0, width, len(bars))).astype(np.int64)
    moves = np.maximum(moves, 1 - matrix.min(axis=0))
    return _requoted(bars, np.minimum(matrix + moves, np.iinfo(np.int32).max))


SEED = 7


def _requoted(bars: Bars, matrix: NDArray[np.int64]) -> Bars:
    return Bars.from_points(bars.instrument, bars.timeframe, bars.time, matrix.astype(np.int32), bars.volume, bars.notes)
