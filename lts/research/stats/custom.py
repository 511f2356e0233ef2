"""Statistics of your own: register a function of a result, and it stands in `result.stats` and in `lts.explain`."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from lts.errors import ParameterError
from lts.research.stats.catalog import DEFINITIONS, GROUPS
from lts.research.stats.definition import Definition

if TYPE_CHECKING:
    from collections.abc import Callable

    from lts.research.result import Result
    from lts.research.stats.value import Value

    Measure: TypeAlias = Callable[[Result], float]
    F = TypeVar("F", bound=Measure)

GROUP = "custom"
CUSTOM: dict[str, Measure] = {}


def statistic(id: str, *, unit: str, formula: str, meaning: str, source: str = "") -> Callable[[F], F]:  # noqa: A002
    """Register the decorated function as a statistic.

    Parameters
    ----------
    id : str
        Lower-case letters, digits and underscores, a letter first; not the id of another statistic.
    unit, formula, meaning, source : str
        What `lts.explain(id)` says.

    Returns
    -------
    callable
        A decorator; the function takes a `Result` and returns a float. If it raises or returns no finite number, the statistic is
        nan and `result.reasons` says why. Results that have computed their `stats` before keep them. The same function registered
        again, as a notebook's cell does, takes its own place.

    Raises
    ------
    ParameterError
        The id is taken or malformed, or a text is missing.

    Examples
    --------
    >>> import lts
    >>> @lts.statistic("pain", unit="fraction", formula="mean((peak - equity) / peak)", meaning="mean drawdown")
    ... def pain(result):
    ...     return float((1 - result.equity / result.equity.cummax()).mean())
    """
    _check(id, {"unit": unit, "formula": formula, "meaning": meaning})
    if id not in CUSTOM:
        _check_free(id)

    def register(function: F) -> F:
        if id in CUSTOM and _place(CUSTOM[id]) == _place(function):  # a notebook's cell that runs again
            forget(id)
        _check_free(id)
        CUSTOM[id] = function
        DEFINITIONS["lts"][id] = Definition(id, meaning, unit, formula, source, "lts", GROUP, "whatever the function looks at")
        GROUPS[GROUP] = (*GROUPS.get(GROUP, ()), id)
        return function

    return register


def forget(id: str) -> None:  # noqa: A002
    """Take a registered statistic out again.

    Raises
    ------
    ParameterError
        No registered statistic has this id; those of the house cannot be taken out.
    """
    if id not in CUSTOM:
        raise ParameterError(f"forget {id!r}: is not a registered statistic; registered are {', '.join(CUSTOM) or 'none'}.")
    del CUSTOM[id], DEFINITIONS["lts"][id]
    GROUPS[GROUP] = tuple(other for other in GROUPS[GROUP] if other != id)
    if not GROUPS[GROUP]:
        del GROUPS[GROUP]


def values(result: Result) -> dict[str, Value]:
    """Return the registered statistics of a result."""
    return {name: _ask(function, result) for name, function in CUSTOM.items()}


def _ask(function: Measure, result: Result) -> Value:
    try:
        value = float(function(result))
    except Exception as error:  # noqa: BLE001  (a user's function may raise anything; the other statistics must not suffer)
        return f"its function raised {type(error).__name__}: {error}"
    return value if isfinite(value) else f"its function returned {value}"


def _check(id: str, texts: dict[str, str]) -> None:  # noqa: A002
    if not re.fullmatch("[a-z][a-z0-9_]*", str(id)):
        raise ParameterError(f"statistic id: was {id!r}; it must be lower-case letters, digits and underscores, a letter first.")
    for name, text in texts.items():
        if not str(text or "").strip():
            raise ParameterError(f"statistic {id!r}, {name}: was {text!r}; it must say something.")


def _check_free(id: str) -> None:  # noqa: A002
    if id in DEFINITIONS["lts"]:
        raise ParameterError(f"statistic {id!r}: is taken ({DEFINITIONS['lts'][id].meaning}); choose another id.")


def _place(function: Measure) -> tuple[str, str]:
    return getattr(function, "__module__", ""), getattr(function, "__qualname__", repr(function))
