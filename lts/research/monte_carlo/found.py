"""`MonteCarlo`: what many deals of one result came to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from lts.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

IDS = ("final_balance", "max_drawdown", "max_drawdown_money", "sharpe")
SMALL = ("max_drawdown", "max_drawdown_money")  # the smaller the better
QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
RUIN = 0.5  # of the peak
WORDS = {
    "shuffle": "its trades in other orders",
    "bootstrap": "other days like its own (stationary bootstrap)",
    "noise": "its strategy on quotes a little beside the true ones",
}
LABELS = {
    "final_balance": ("final balance", ",.2f"),
    "max_drawdown": ("deepest fall", ".2%"),
    "max_drawdown_money": ("in money", ",.2f"),
    "sharpe": ("Sharpe, a year", ".2f"),
}


@dataclass(frozen=True, eq=False, repr=False)
class MonteCarlo:
    """The outcome of `monte_carlo`.

    Attributes
    ----------
    method, n, seed
        As they were given.
    initial, currency
        Balance at the start, and the account's currency.
    own : dict of float
        What the result itself comes to, measured as the deals are: drawdown of the balance by trades ("shuffle"), of equity by days
        ("bootstrap"), of equity at closes ("noise").
    drawn : dict of float64, (n,)
        final_balance, max_drawdown (fraction of the peak), max_drawdown_money (the deepest fall in money, which may be another
        one), Sharpe ratio a year of every deal, in order; money in the account's currency.
    reasons : dict of str
        Why a number is nan.
    """

    method: str
    n: int
    seed: int
    initial: float
    currency: str
    own: dict[str, float]
    drawn: dict[str, NDArray[np.float64]]
    reasons: dict[str, str]

    @property
    def outcomes(self) -> pd.DataFrame:
        """A row a deal: final_balance, max_drawdown, max_drawdown_money, sharpe."""
        import pandas as pd

        return pd.DataFrame(self.drawn)

    @cached_property
    def table(self) -> pd.DataFrame:
        """By id: own, mean, q05 to q95, `worse` (share of the deals at least as bad as the result's own), reason."""
        import pandas as pd

        rows = {name: self._row(name) for name in IDS}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["own", "mean", *QUANTILES, "worse", "reason"]).rename_axis(
            "id"
        )

    def quantile(self, name: str, share: float) -> float:
        """Return what this share of the deals stays at or below; deals without a number are left out.

        Raises
        ------
        ParameterError
            No such number, or a share outside 0 to 1.
        """
        if name not in IDS:
            raise ParameterError(f"quantile: {name!r} is not dealt; it must be one of {', '.join(IDS)}.")
        if not 0 <= share <= 1:
            raise ParameterError(f"quantile, share: was {share!r}; it must lie between 0 and 1, such as 0.95.")
        known = self._known(name)
        return float(np.quantile(known, share)) if len(known) else float("nan")

    @property
    def probability_of_loss(self) -> float:
        """Share of the deals that end below the initial balance; nan where there is none."""
        known = self._known("final_balance")
        return float(np.mean(known < self.initial)) if len(known) else float("nan")

    def probability_of_ruin(self, fall: float = RUIN) -> float:
        """Return the share of the deals that fall from their peak by at least this fraction of it; nan where there is none.

        Raises
        ------
        ParameterError
            A fraction that is not above 0 and at most 1.
        """
        if not 0 < fall <= 1:
            raise ParameterError(f"probability_of_ruin, fall: was {fall!r}; it must lie above 0 and at most at 1, such as 0.5.")
        known = self._known("max_drawdown")
        return float(np.mean(known >= fall)) if len(known) else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """Return `table`, a copy."""
        return self.table.copy()

    def plot(self) -> Figure:
        """Return a picture: how often final balances, falls and Sharpe ratios of each size came, and the result's own."""
        from lts.research.plots.chances import chances

        return chances(self)

    def _known(self, name: str) -> NDArray[np.float64]:
        values = self.drawn[name]
        return values[np.isfinite(values)]

    def _row(self, name: str) -> list[object]:
        known, own = self._known(name), self.own[name]
        if not len(known):
            return [own, *[np.nan] * (len(QUANTILES) + 2), self.reasons.get(name, "no deal has it")]
        bad = known >= own if name in SMALL else known <= own
        worse = float("nan") if isnan(own) else float(np.mean(bad))
        return [own, float(known.mean()), *(float(q) for q in np.quantile(known, list(QUANTILES.values()))), worse, ""]

    def __str__(self) -> str:
        lines = [f"{self.n:,} deals of one result: {WORDS[self.method]}"]
        lines.append(f"{'':<16}" + "".join(f"{head:>13}" for head in ("own", "mean", "5 %", "median", "95 %", "as bad")))
        for name, (label, form) in LABELS.items():
            row = self.table.loc[name]
            if row["reason"]:
                lines.append(f"{label:<16}none: {row['reason']}")
                continue
            cells = [f"{row[column]:{form}}" for column in ("own", "mean", "q05", "median", "q95")]
            lines.append(f"{label:<16}" + "".join(f"{cell:>13}" for cell in [*cells, f"{row['worse']:.1%}"]))
        odds = {"ends in a loss": self.probability_of_loss, f"falls by {RUIN:.0%}": self.probability_of_ruin()}
        lines += [f"{label:<16}" + ("none" if isnan(share) else f"{share:>13.1%}") for label, share in odds.items()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"MonteCarlo({self.method}, n={self.n:,}, seed={self.seed}: {self.probability_of_loss:.1%} end in a loss)"
