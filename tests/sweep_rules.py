"""Strategies that sweeps are tested with; here, so that other processes can import them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.strategies.base import Strategy, go, param, stay

if TYPE_CHECKING:
    from lts.data.bars import Bars
    from lts.words import Decision, View

CALLS: list[tuple[Any, ...]] = []  # what features were computed for


class Counted(Strategy):
    """Follows the mean; notes each time its features are computed."""

    window: int = param(20, low=1)
    wide: bool = False
    band: float = param(1.0, low=0)
    units: float = param(10_000, low=0)
    stop_pips: float = param(0, low=0)

    class Memory(NamedTuple):
        """The side."""

        side: int = 0

    def features(self, bars: Bars) -> dict[str, Any]:
        """Return the mean; the band is looked at only if it is wide."""
        from lts.sim.indicators import sma

        CALLS.append((self.window, self.band if self.wide else None))
        mean = sma(bars.bid_close, self.window)
        return {"mean": mean + self.band * 1e-4 if self.wide else mean}

    def decide(self, view: View) -> Decision:
        """Be on the mean's side."""
        side = 1 if view.now.bid_close > view.now.mean else -1
        if np.isnan(view.now.mean) or side == view.memory.side:
            return stay()
        view.memory.side = side
        return go(side * self.units, stop_pips=self.stop_pips)


class Whole(Counted):
    """Reads all its parameters, as a whole."""

    def features(self, bars: Bars) -> dict[str, Any]:
        """Return the mean."""
        CALLS.append(tuple(self.values.values()))
        return {"mean": np.cumsum(bars.bid_close) / (1 + np.arange(len(bars)))}


class Writing(Counted):
    """Writes into what an indicator returned, as it may."""

    def features(self, bars: Bars) -> dict[str, Any]:
        """Return the mean, zero while warming up."""
        from lts.sim.indicators import ema, sma

        mean = sma(bars.points.bid_close, self.window) / bars.instrument.scale
        slow = ema(bars.points.bid_close, 5)
        slow[: self.window] = 0.0
        mean[: self.window] = 0.0
        return {"mean": mean + 0.0 * slow}


class Failing(Counted):
    """Raises in features for some sets, and in its check for others."""

    def check(self) -> None:
        """Refuse a width of 13."""
        if self.window == 13:
            raise ValueError("thirteen is refused")

    def features(self, bars: Bars) -> dict[str, Any]:
        """Raise for a window of 7."""
        if self.window == 7:
            raise RuntimeError("seven is unlucky")
        return super().features(bars)


class Derived(Counted):
    """Keeps something that was worked out of a parameter."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        vars(self)["half"] = max(self.window // 2, 1)

    def features(self, bars: Bars) -> dict[str, Any]:
        """Return the mean over half the window."""
        from lts.sim.indicators import sma

        CALLS.append((self.half,))  # type: ignore[attr-defined]
        return {"mean": sma(bars.bid_close, self.half)}  # type: ignore[attr-defined]


def trade_count(result: Any) -> float:
    """Return the number of trades: an objective."""
    return float(len(result.trades))
