"""Assumptions: how much of the result hangs on what bars do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lts.research.stats.definition import define

if TYPE_CHECKING:
    from lts.research.stats.facts import Facts
    from lts.research.stats.value import Value

DEFINITIONS = define(
    "assumptions",
    "every bar",
    """
ambiguous_bars | bars in which the assumed path decides a fill | count | bars where intrabar='worst' and 'best' differ
profit_worst | net profit of the complete run under intrabar='worst'; not a bound | account currency | net_profit of that run
profit_best | net profit of the complete run under intrabar='best'; not a bound | account currency | net_profit of that run
bars_below_zero | closes with a balance below zero: a gap went through the close-out | count | bars with balance < 0
same_bar_nights | bars over 17:00 New York in which a trade opened and closed without swap | count | bars
fills_after_closure | fills in the first bar after a weekend or a hole of more than a day | count | fills
""",
)


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics; the two complete runs are made here."""
    counts = {name: count for name, count in facts.result.counts.items() if name in DEFINITIONS}
    return {**counts, "profit_worst": facts.result.profit_worst, "profit_best": facts.result.profit_best}
