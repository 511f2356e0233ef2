"""Every statistic there is: by convention, by group; the registered ones join the convention "lts"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lts.research.stats import assumptions, cost, drawdowns, empyrical, evidence, fx, money, mt5, period, ratios, risk, trades

if TYPE_CHECKING:
    from collections.abc import Callable

    from lts.research.stats.definition import Definition
    from lts.research.stats.facts import Facts
    from lts.research.stats.value import Value

LTS = (money, period, ratios, evidence, drawdowns, risk, trades, cost, fx, assumptions)  # as a report tells them
COMPUTE: dict[str, tuple[Callable[[Facts], dict[str, Value]], ...]] = {
    "lts": tuple(room.values for room in LTS),
    "empyrical": (empyrical.values,),
    "mt5": (mt5.values,),
}
DEFINITIONS: dict[str, dict[str, Definition]] = {
    "lts": {name: definition for room in LTS for name, definition in room.DEFINITIONS.items()},
    "empyrical": empyrical.DEFINITIONS,
    "mt5": mt5.DEFINITIONS,
}


def groups(convention: str = "lts") -> dict[str, tuple[str, ...]]:
    """Return the ids of each group, in the order of a report."""
    found: dict[str, tuple[str, ...]] = {}
    for definition in DEFINITIONS[convention].values():
        found[definition.group] = (*found.get(definition.group, ()), definition.id)
    return found


GROUPS = groups()  # of "lts"; registering a statistic keeps it
