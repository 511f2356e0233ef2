"""On prices without a drift no rule earns anything: the simplest proof that the engine gives nothing away, and takes nothing.

Prices go up or down by half a pip with equal chance, thirty times a bar. Positions are decided on what is past, so at zero cost the
profit of any rule is a martingale, stops included: they are whole half pips away, hence hit exactly. A mean that differs from zero
would be knowledge of the future, or a fill at a price that was gone.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest

import lts
from lts.words import MICRO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PATHS, LENGTH, TICKS, TICK = 10_000, 200, 30, 5  # bars a path, steps a bar, points a step
RULES = {
    "momentum": lts.strategies.Momentum(window=20, hold=5),
    "reversal": lts.strategies.Bollinger(window=20, width=1.0, stop_pips=10),
}


def driftless(count: int, seed: int) -> Iterator[NDArray[np.int32]]:
    """Return open, high, low and close of random walks, (4, LENGTH) each, points."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        steps = random.integers(0, 2, LENGTH * TICKS, dtype=np.int8).astype(np.int32) * (2 * TICK) - TICK
        prices = (110_000 + np.cumsum(steps, dtype=np.int32)).reshape(LENGTH, TICKS)
        yield np.stack([prices[:, 0], prices.max(axis=1), prices.min(axis=1), prices[:, -1]])


def stale(prices: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return bars whose first quote is not their own: the close of the bar before the last, so an order is filled in the past."""
    wrong = prices.copy()
    wrong[0, 2:] = prices[3, :-2]
    wrong[1], wrong[2] = np.maximum(wrong[0], wrong[1]), np.minimum(wrong[0], wrong[2])
    return wrong


def profits(paths: Iterator[NDArray[np.int32]]) -> tuple[dict[str, NDArray[np.float64]], int]:
    """Return the profit on every path by rule, and how many trades there were."""
    time, found, trades = lts.synthetic_bars("EUR_USD", "H1", n=LENGTH, seed=1).time, {name: [] for name in RULES}, 0
    for prices in paths:
        bars = lts.Bars.from_points("EUR_USD", "H1", time, np.concatenate([prices, prices]))
        for name, rule in RULES.items():
            result = lts.run(rule, bars, costs=lts.Costs.zero())
            found[name].append((result.equity_micro[-1] - 10_000 * MICRO) / MICRO)
            trades += len(result.logs["trades"]["trade"])
    return {name: np.array(values) for name, values in found.items()}, trades


def student(profit: NDArray[np.float64]) -> float:
    """Return the mean over its standard error."""
    return float(profit.mean() / profit.std(ddof=1) * sqrt(len(profit)))


def test_momentum_and_reversal_earn_nothing_on_driftless_prices():
    found, trades = profits(driftless(PATHS, seed=1953))
    for name, profit in found.items():
        t = student(profit)
        print(f"{name}: {len(profit):,} paths, mean {profit.mean():+.4f} USD, deviation {profit.std(ddof=1):.2f}, t {t:+.2f}")  # noqa: T201
        assert abs(t) < 3
        assert (profit != 0).mean() > 0.95  # it traded
    assert trades > 10 * PATHS


@pytest.mark.parametrize(("name", "sign"), [("momentum", 1), ("reversal", -1)])
def test_a_stale_quote_is_found_out(name, sign):
    found, _ = profits(map(stale, driftless(500, seed=1953)))
    t = student(found[name])
    print(f"{name} on stale quotes: mean {found[name].mean():+.2f} USD, t {t:+.1f}")  # noqa: T201
    assert sign * t > 10
