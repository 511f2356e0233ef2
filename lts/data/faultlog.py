"""Fault policies by name, and the log of what each of them touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lts.data.spans import text
from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

# fault: its policies, the default first. What cannot be right is an error, what can is kept and counted.
POLICIES: dict[str, tuple[str, ...]] = {
    "nulls": ("error", "drop"),
    "unreadable": ("error", "drop"),
    "ambiguous": ("error", "earlier", "later", "order", "drop"),
    "nonexistent": ("error", "forward", "drop"),
    "unsorted": ("error", "sort"),
    "duplicates": ("error", "first", "last"),
    "impossible": ("error", "drop"),
    "off_grid": ("error", "round"),
    "unmatched": ("error", "drop", "spread"),
    "outside_week": ("keep", "drop"),
    "crossed": ("widen", "keep", "drop", "error"),
}

REQUIRED = {
    "nulls": "every bar needs a stamp and all its prices",
    "unreadable": "stamps must be times and prices must be numbers",
    "ambiguous": "a local time must be one moment, and clocks showed this one twice",
    "nonexistent": "clocks never showed this local time",
    "unsorted": "stamps must ascend",
    "duplicates": "a stamp may occur once",
    "impossible": "prices must be finite and above 0, and low <= open, close <= high",
    "off_grid": "prices must lie on the instrument's tick grid",
    "unmatched": "each stamp needs both sides",
    "outside_week": "the market is open from Sunday 17:00 to Friday 17:00, New York",
    "crossed": "the ask must not be below the bid",
}


@dataclass(frozen=True)
class Touch:
    """What one policy touched."""

    policy: str
    count: int  # rows, or values for off_grid
    first_row: int  # counted from 0 in the source
    first: str  # what was found there


@dataclass
class FaultLog:
    """The policies of one reading and what they touched; `Bars.quality` shows it.

    Attributes
    ----------
    policies : dict
        Fault to policy, all of POLICIES.
    touched : dict
        Fault to Touch, only for faults that occurred.
    side : str
        "both", or the one side the source had: "bid", "ask", "mid".
    rows : int
        Rows of the source, before any policy.
    noise : int
        Prices moved by less than 0.001 tick to the grid (rounding noise of the source).
    """

    policies: dict[str, str] = field(default_factory=lambda: {fault: known[0] for fault, known in POLICIES.items()})
    touched: dict[str, Touch] = field(default_factory=dict)
    side: str = "both"
    where: str = ""
    rows: int = 0
    noise: int = 0
    checked: bool = False
    notes: list[str] = field(default_factory=list)

    def said(self) -> list[str]:
        """Return words for the notes of what policies changed."""
        return [f"{fault}: {touch.policy}, {touch.count:,} rows" for fault, touch in self.touched.items() if touch.policy != "keep"]

    def judge(self, fault: str, bad: NDArray[np.bool_], rows: NDArray[np.int64], found: Callable[[int], str]) -> str | None:
        """Count a fault and apply the policy "error"; return the policy, or None when nothing is bad.

        Parameters
        ----------
        bad : bool [n]
            The touched rows.
        rows : int64 [n]
            Their numbers in the source.
        found : callable
            Index into `bad` to the words for what stands there.

        Raises
        ------
        BarsError
            The policy is "error"; names the first row and its value.
        """
        count = int(np.count_nonzero(bad))
        if count == 0:
            return None
        first = int(np.argmax(bad))
        policy = self.policies[fault]
        if policy == "error":
            raise BarsError(
                f"{self.where}, row {int(rows[first])}: {found(first)}; {REQUIRED[fault]}.{_more(count)} {_cure(fault)}"
            )
        before = self.touched.get(fault)
        if before is None:
            self.touched[fault] = Touch(policy, count, int(rows[first]), found(first))
        else:
            self.touched[fault] = Touch(policy, before.count + count, before.first_row, before.first)
        return policy


def policies(on_fault: Mapping[str, str] | None, keywords: Mapping[str, object]) -> dict[str, str]:
    """Return the policy of every fault: the defaults, then `on_fault`, then keywords.

    Raises
    ------
    ParameterError
        An unknown fault or policy.
    """
    chosen = {fault: known[0] for fault, known in POLICIES.items()}
    if on_fault is not None and not hasattr(on_fault, "items"):
        raise ParameterError(f"on_fault: was {on_fault!r}; it must be a dict such as {{'duplicates': 'first'}}.")
    for fault, policy in [*(on_fault or {}).items(), *keywords.items()]:
        if fault not in POLICIES:
            raise ParameterError(
                f"on_fault: {fault!r} is no fault; it must be one of {', '.join(POLICIES)}.{near_miss(fault, POLICIES)}"
            )
        if policy not in POLICIES[fault]:
            choices = ", ".join(POLICIES[fault])
            raise ParameterError(
                f"on_fault, {fault}: was {policy!r}; it must be one of {choices}.{near_miss(str(policy), POLICIES[fault])}"
            )
        chosen[fault] = str(policy)
    return chosen


def at(stamp: int) -> str:
    """Return "at 2014-05-06 13:00 UTC" for a message."""
    return f"at {text(stamp)} UTC"


def _more(count: int) -> str:
    return f" {count:,} rows have this fault." if count > 1 else ""


def _cure(fault: str) -> str:
    others = " or ".join(repr(policy) for policy in POLICIES[fault] if policy != "error")
    return f"Mend the source, or choose on_fault={{{fault!r}: {others}}}."
