"""On prices without a drift no rule earns anything: the simplest proof that the engine gives nothing away, and takes nothing.

Prices go up or down by half a pip with equal chance, twenty times a bar; 10,000 paths of 100 bars lie end to end, each going on
where the last one ended. Positions are decided on what is past, so at zero cost the profit of any rule is a martingale. So it is
with stops and targets: they are whole half pips away, hence hit exactly, and too far apart for one bar to reach both, so no
policy has to guess which came first. A mean that differs from zero would be knowledge of the future, or a fill at a price that
was gone; that either is found out is tested too.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import lts
from lts.words import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATHS, LENGTH, TICKS, TICK = 10_000, 100, 20, 5  # bars a path, steps a bar, points a step
START, QUARTER = 800_000_000_000_000_000, 900_000_000_000  # ns: of the first bar (1995), of each
LEVEL, SCALE = 1_000_000, 100_000  # points: so far from zero that a million bars do not reach it; points of a dollar


def last_change(bars: lts.Bars) -> NDArray[np.int8]:
    """Return the sign of the last change from close to close."""
    close = bars.points.bid_close
    return np.sign(np.diff(close, prepend=close[:1])).astype(np.int8)


class Follow(lts.SignalStrategy):
    """On the side of the last change."""

    def signals(self, bars: lts.Bars) -> NDArray[np.int8]:
        """Return the sides."""
        return last_change(bars)


class Oppose(lts.SignalStrategy):
    """Against the last change."""

    def signals(self, bars: lts.Bars) -> NDArray[np.int8]:
        """Return the sides."""
        return -last_change(bars)


SIGNS = {"follow": Follow(), "oppose": Oppose()}
RULES = SIGNS | {
    "follow, with stops": Follow(stop_pips=6, target_pips=9),
    "momentum": lts.strategies.Momentum(window=20, hold=5),
    "reversal": lts.strategies.Bollinger(window=20, width=1.0, stop_pips=10),
}
FOLLOWING = ("follow", "follow, with stops", "momentum")


@pytest.fixture(scope="module")
def walk() -> NDArray[np.int32]:
    """Return open, high, low and close of the paths end to end, (4, PATHS * LENGTH), points."""
    random = np.random.default_rng(1953)
    steps = random.integers(0, 2, PATHS * LENGTH * TICKS, dtype=np.int8) * np.int8(2 * TICK) - np.int8(TICK)
    prices = (LEVEL + np.cumsum(steps, dtype=np.int32)).reshape(-1, TICKS)
    assert prices.min() > LEVEL / 2
    return np.stack([prices[:, 0], prices.max(axis=1), prices.min(axis=1), prices[:, -1]])


def trades(rule: lts.Strategy, prices: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    """Return the closed trades of a rule that trades at no cost."""
    time = START + QUARTER * np.arange(prices.shape[1], dtype=np.int64)
    bars = lts.Bars.from_points("EUR_USD", "M15", time, np.concatenate([prices, prices]))
    result = lts.run(rule, bars, costs=lts.Costs.zero(), account=lts.Account(balance=1_000_000))
    return result.logs["trades"]


def by_path(log: dict[str, NDArray[Any]], profit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the trades that each path entered earned together, USD."""
    return np.bincount(log["entry_row"] // LENGTH, profit, PATHS)


def student(profit: NDArray[np.float64]) -> float:
    """Return the mean over its standard error."""
    return float(profit.mean() / profit.std(ddof=1) * sqrt(len(profit)))


@pytest.mark.parametrize("name", RULES)
def test_no_rule_earns_or_loses_anything_on_driftless_prices(walk, name):
    log = trades(RULES[name], walk)
    profit = by_path(log, log["profit"] / MICRO)
    assert (profit != 0).mean() > 0.9  # it traded
    assert abs(student(profit)) < 3, f"mean {profit.mean():+.4f} USD a path, t {student(profit):+.2f}"


@pytest.mark.parametrize("name", SIGNS)
@pytest.mark.parametrize("quote", ["the close before the deciding one", "the open of the deciding bar"])
def test_profits_counted_from_a_price_that_was_gone_are_found_out(walk, name, quote):
    log = trades(RULES[name], walk)
    row, dollars = log["entry_row"], log["steps"] * 10.0 ** -lts.instrument("EUR_USD").units_precision / SCALE  # of a point
    gone = (
        walk[3][row - 2] if quote.startswith("the close") else walk[0][row - 1]
    )  # a market order is filled a bar after its decision
    t = student(by_path(log, log["profit"] / MICRO + dollars * (walk[0][row] - gone)))
    assert t > 10 if name == "follow" else t < -10, f"t {t:+.2f}"


@pytest.mark.parametrize("name", RULES)
def test_an_engine_that_fills_at_a_stale_quote_is_found_out(walk, name):
    wrong = walk.copy()
    wrong[0, 2:] = walk[3, :-2]  # the first quote of a bar is the close of the bar before the last
    wrong[1], wrong[2] = np.maximum(wrong[0], wrong[1]), np.minimum(wrong[0], wrong[2])
    log = trades(RULES[name], wrong)
    t = student(by_path(log, log["profit"] / MICRO))
    assert t > 10 if name in FOLLOWING else t < -10, f"t {t:+.2f}"
