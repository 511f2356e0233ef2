"""Period: how long was traded, how much of it is in the data, how much of it had a trade open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts import calendar
from lts.research.stats.definition import define

if TYPE_CHECKING:
    from lts.research.stats.facts import Facts
    from lts.research.stats.value import Value

DEFINITIONS = define(
    "period",
    "every bar from the first that trades to the last",
    """
bars | closes of the run | count | closes from trade_from on
days | length of the run in calendar days | days | (last close - first open) / 24 hours
years | length of the run in years | years | days / 365.25
trading_days | days at whose end equity was sampled | count | cut-offs at 17:00 New York, Monday to Friday, to the first not
    before the last close
coverage | share of the bars that the trading week would hold and that the data have; holidays count as missing | fraction,
    above 1 where bars lie outside the week | bars / (open time between first open and last close / length of a bar), the week
    open from Sunday 17:00 to Friday 17:00 New York; bars longer than a day: calendar time
exposure_time | share of closes at which a trade was open | fraction | closes with a trade / closes
""",
)


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    span = facts.last - facts.first
    return {
        "bars": len(facts.stamps),
        "days": span / calendar.DAY,
        "years": facts.years,
        "trading_days": len(facts.days.cuts),
        "coverage": coverage(facts),
        "exposure_time": exposure_time(facts),
    }


def coverage(facts: Facts) -> float:
    """Return bars present over bars expected, all instruments together."""
    pairs = facts.result.setup.bars
    present = sum(len(bars) - int(np.searchsorted(bars.time, facts.first)) for bars in pairs)
    duration = pairs[0].duration
    time = facts.last - facts.first if duration > calendar.DAY else open_time(facts.first, facts.last)
    return present * duration / (len(pairs) * max(time, duration))


def open_time(start: int, end: int) -> int:
    """Return how long the market is open between two times, ns: trading days are Monday to Friday, 17:00 to 17:00 New York."""
    first, last = (int(day) for day in calendar.day_index([start, end]))
    day = np.arange(first, last + 2)
    edges = np.clip(calendar.day_start(day), start, end)
    return int(np.diff(edges)[calendar.day_weekday(day[:-1]) < 5].sum())


def exposure_time(facts: Facts) -> float:
    """Return the share of closes at which any trade was open."""
    return facts.result.held_closes / len(facts.stamps)
