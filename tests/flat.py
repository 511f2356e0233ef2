"""Bars that stand still inside themselves: open = high = low = close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.data.bars import Bars
from lts.data.timeframes import duration
from lts.instruments import instrument

if TYPE_CHECKING:
    from lts.instruments import Instrument


def ns(text: str) -> int:
    """ISO text, UTC, to nanoseconds."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def flat_bars(
    name: str | Instrument, timeframe: str, start: str | list[str], bid: list[float], ask: list[float] | None = None
) -> Bars:
    """Bars at prices `bid` and `ask` (bid if left out), one after the other from `start`, or at the stamps given."""
    pair = instrument(name)
    sides = [np.rint(np.array(side) * pair.scale).astype(np.int32) for side in (bid, bid if ask is None else ask)]
    if isinstance(start, str):
        time = ns(start) + np.arange(len(bid), dtype=np.int64) * duration(timeframe)
    else:
        time = np.array([ns(text) for text in start], dtype=np.int64)
    return Bars.from_points(pair, timeframe, time, np.array([sides[0]] * 4 + [sides[1]] * 4, dtype=np.int32))
