"""What the ledger says about some bars."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan


@dataclass(frozen=True)
class Trials:
    """How many sets some bars have seen, and how their Sharpe ratios spread.

    Attributes
    ----------
    count : float
        Different sets; nan where `reason` says why it cannot be told.
    variance : float
        Of their Sharpe ratios a day, ddof=1; nan where fewer than two have one.
    rated : int
        Sets that have a Sharpe ratio; one that never traded has none.
    best : float
        Highest Sharpe ratio a day; nan where none has one.
    reason : str
        Why nothing can be told: the ledger is off, locked, damaged; else empty.
    """

    count: float = nan
    variance: float = nan
    rated: int = 0
    best: float = nan
    reason: str = ""
