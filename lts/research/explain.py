"""What each statistic means: one sentence, its unit, its formula, what it is sampled from, its source."""

from __future__ import annotations

from lts.errors import ParameterError, near_miss
from lts.research.stats import catalog
from lts.research.stats.catalog import GROUPS, groups
from lts.research.stats.definition import Definition

__all__ = ["CONVENTIONS", "DEFINITIONS", "GROUPS", "Definition", "definitions", "explain", "groups"]

CONVENTIONS = catalog.DEFINITIONS  # convention -> id -> definition
DEFINITIONS = CONVENTIONS["lts"]


def definitions(convention: str) -> dict[str, Definition]:
    """Return the definitions of a convention by id, in the order of its groups.

    Raises
    ------
    ParameterError
        An unknown convention.
    """
    if convention not in CONVENTIONS:
        known = ", ".join(CONVENTIONS)
        raise ParameterError(f"convention: was {convention!r}; it must be one of {known}.{near_miss(str(convention), CONVENTIONS)}")
    return CONVENTIONS[convention]


def explain(id: str, convention: str | None = None) -> Definition:  # noqa: A002  (a statistic's id is what users call it)
    """Return the definition of a statistic; printed it reads well, `_asdict()` is plain text for JSON.

    Parameters
    ----------
    id : str
        As in `result.stats`.
    convention : "lts", "empyrical", "mt5" or None
        None: the first of them, in this order, that has the id.

    Raises
    ------
    ParameterError
        An unknown convention, or no statistic has this id.
    """
    places = CONVENTIONS.values() if convention is None else [definitions(convention)]
    for place in places:
        if id in place:
            return place[id]
    first = next(iter(places))
    raise ParameterError(f"explain {id!r}: is no statistic.{near_miss(str(id), first)} Known are {', '.join(first)}.")
