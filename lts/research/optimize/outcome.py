"""`Optimization`: the sets that a search has run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.research.sweep.table import Sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure

    from lts.data.bars import Bars
    from lts.strategies.base import Strategy


class Optimization(Sweep):
    """The outcome of `optimize`: a `Sweep` over the sets that were chosen, in the order in which they were.

    Attributes
    ----------
    table : pandas.DataFrame
        As a sweep's, with the number of Optuna's trial in front.
    study : optuna.Study
    """

    def __init__(
        self, cls: type[Strategy], bars: Bars, given: Mapping[str, Any], table: pd.DataFrame, *, names: tuple[str, ...],
        by: str, study: Any, sets: int,
    ) -> None:  # fmt: skip
        super().__init__(cls, table, names=names, objective=by, sets=sets, bars=bars, given=given)
        self.study = study

    def strategy(self, row: Any = None) -> Strategy:
        """Return the strategy of a row, of the best one unless another is named."""
        return super().strategy(self.best() if row is None else row)

    def plot(self) -> Figure:
        """Return a picture: the objective of each set as it was found, and the best so far."""
        from lts.research.plots.search import search

        return search(self.table[self.objective].to_numpy(float), self.objective)

    def __repr__(self) -> str:
        return "Optimization" + super().__repr__().removeprefix("Sweep")
