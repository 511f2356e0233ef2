"""`Sweep`: what a sweep found, one row a set."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError, near_miss
from lts.research.sweep.ranking import SMALL, ranked
from lts.sim import layout as at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.evidence import Evidence
    from lts.research.result import Result
    from lts.research.sweep.bench import Bench
    from lts.research.sweep.collect import Collected
    from lts.research.sweep.grid import Grid
    from lts.strategies.base import Strategy

HEADLINE = (
    "initial_balance", "final_balance", "net_profit", "total_return", "cagr", "calmar", "sharpe", "sortino", "psr", "max_drawdown",
    "max_drawdown_money", "trades", "win_rate", "profit_factor", "expectancy", "exposure_time", *at.TOTALS, *at.COUNTS,
)  # fmt: skip
OTHERS = ("objective", "path", "error")
CACHED = 64 << 20  # bytes of daily returns that are kept


def frame(grid: Grid, found: Collected) -> pd.DataFrame:
    """Return the table of the sets that were run, in the grid's order."""
    import pandas as pd

    taken = [name for name in grid.space.names if name in (*HEADLINE, *OTHERS)]
    if taken:
        raise ParameterError(f"sweep, grid: parameter {taken[0]!r} has the name of a column; rename the parameter.")
    rows = np.flatnonzero(found.run)
    columns: dict[str, Any] = {name: grid.column(name, rows) for name in grid.space.names}
    empty = np.full(len(found.run), np.nan)
    ids = (*HEADLINE, *(name for name in found.stats if name not in HEADLINE))
    columns |= {name: found.stats.get(name, empty)[rows] for name in ids}
    columns["path"] = found.paths(rows)
    columns["error"] = np.array([found.errors.get(row, "") for row in rows.tolist()], object)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)) if len(rows) == grid.size else pd.Index(rows))


class Sweep:
    """The outcome of `sweep`.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a set, its index the set's place in the grid: the varied parameters, the headline statistics (as `Result.headline`),
        `objective` where a function was given, `path` ("grid": the fast path, "loop": the compiled loop) and `error`.
    names : tuple of str
        The varied parameters.
    objective : str
        The column that `best` looks at unless it is told another.
    complete : bool
        False where Ctrl-C ended it; the sets that were not run are absent.
    stopped : bool
        True where Ctrl-C came, be it while the last sets ran.
    """

    def __init__(
        self,
        cls: type[Strategy] | None,
        table: pd.DataFrame,
        *,
        names: tuple[str, ...],
        objective: str,
        sets: int,
        bars: Bars | None,
        given: Mapping[str, Any],
        bench: Bench | None = None,
    ) -> None:
        self._cls, self.table, self.names, self.objective, self.sets = cls, table, names, objective, sets
        self._bars, self._given, self._bench = bars, given, bench
        self._name = "?" if cls is None else cls.__name__
        self._days: dict[Any, NDArray[np.float64]] = {}
        self.stopped = False

    @property
    def complete(self) -> bool:
        """Whether all sets of the grid were run."""
        return len(self.table) == self.sets

    def best(self, by: str | None = None, n: int | None = None) -> Any:
        """Return the best row as a Series, or the `n` best as a DataFrame; of equal ones the first in the grid.

        Parameters
        ----------
        by : str or None
            A column of numbers; None is the sweep's objective. Of drawdowns, costs and counts of trouble the smaller is better.
        n : int or None
            None: one row.

        Raises
        ------
        ParameterError
            No such column, or no row has a number in it.
        """
        name = self._column(by)
        rows = ranked(self.table[name].to_numpy(float), name)
        if not len(rows):
            raise ParameterError(f"best: no set of {len(self.table):,} has a number in {name!r}; one must. {self._trouble()}")
        if n is None:
            return self.table.iloc[int(rows[0])]
        count: Any = n
        if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
            raise ParameterError(f"best, n: was {n!r}; it must be None or a whole number of at least 1.")
        return self.table.iloc[rows[:count]]

    def strategy(self, row: Any) -> Strategy:
        """Return the strategy of a row: its label in the table, or the row itself, as `best` gives it.

        Raises
        ------
        ParameterError
            No such row; a set that the strategy refuses.
        """
        values = self._row(row)
        return self.cls(**{name: _plain(values[name]) for name in self.names})

    def run(self, row: Any) -> Result:
        """Return the whole result of a row, run again.

        Raises
        ------
        ParameterError
            As `strategy`.
        """
        from lts.research.run import execute

        bench = self.bench
        return execute(bench.setup, [self.strategy(row)], [1.0], bench.again, stated_costs=bench.stated, jit=True)

    def returns(self, rows: Iterable[Any] | None = None) -> NDArray[np.float64]:
        """Return daily returns (17:00 New York) of rows, float64 (sets, days), run again; nan where a set has an error.

        Parameters
        ----------
        rows : labels of the table, or None
            None: all of them.

        Raises
        ------
        ParameterError
            No such row, or so many that 2 GiB would not hold their returns.
        """
        from lts.research.sweep.again import daily

        labels = self.table.index.tolist() if rows is None else [self._label(row) for row in rows]
        key = None if rows is None else tuple(labels)
        if key not in self._days:
            made = daily(self, labels)
            if made.nbytes > CACHED:
                return made
            self._days = {key: made}
        return self._days[key].copy()

    def heatmap(self, x: str, y: str, value: str | None = None) -> Figure:
        """Return a picture of a statistic over two parameters; of the others the best is shown, and the title says so.

        Raises
        ------
        ParameterError
            A parameter that was not varied, twice the same, or no such column.
        """
        from lts.research.plots.heatmap import heatmap

        for name in (x, y):
            if name not in self.names:
                raise ParameterError(
                    f"heatmap: {name!r} was not varied; it must be one of {', '.join(self.names)}."
                    f"{near_miss(str(name), self.names)}"
                )
        if x == y:
            raise ParameterError(f"heatmap: both sides were {x!r}; they must be two parameters.")
        return heatmap(self.table, x, y, self._column(value), self.names)

    def plateau(self, by: str | None = None) -> pd.Series[float]:
        """Return for each row the mean of a statistic over the set and its neighbours in the grid.

        Neighbours differ in one parameter, by one step of the values that were swept. A neighbour that was not run, was filtered
        out or has no number does not count; a set without a number has none here. A high peak on a low plateau is luck.

        Raises
        ------
        ParameterError
            No such column.
        """
        from lts.research.sweep.neighbours import plateau

        name = self._column(by)
        return plateau(self.table, self.names, name)

    def evidence(self) -> Evidence:
        """Return what speaks for the set with the best Sharpe ratio being more than luck.

        Its `best` counts the sets that ran and were not ruined, in the order of the table. Trials are all that the ledger has seen
        on these bars, these sets at least.

        Raises
        ------
        ParameterError
            Sets whose returns do not fit into memory; no set that ran to its end.
        """
        from lts.research.evidence import evidence_of

        returns = self.returns()
        ran = returns[~np.isnan(returns).any(axis=1)]
        if not len(ran):
            why = self._trouble("All were ruined.")
            raise ParameterError(f"evidence: no set of {len(self.table):,} has daily returns; one must. {why}")
        return evidence_of(ran, trials=self._tried())

    def save(self, folder: str | Path) -> Path:
        """Write the table and its recipe into a folder and return it; `lts.load_sweep` reads it, and its sets can run again.

        Raises
        ------
        ParameterError, ResultError
            The folder holds something else, or cannot be written.
        """
        from lts.research.sweep.saved import save

        return save(self, folder)

    @property
    def cls(self) -> type[Strategy]:
        """The strategy's class."""
        if self._cls is None:
            self._restore()
        assert self._cls is not None  # noqa: S101  (restored, or an error was raised)
        return self._cls

    @property
    def bars(self) -> Bars:
        """The bars that were swept over."""
        if self._bars is None:
            self._restore()
        assert self._bars is not None  # noqa: S101  (the same)
        return self._bars

    @cached_property
    def bench(self) -> Bench:
        """The prepared market."""
        if self._bench is None:
            from lts.research.sweep.again import bench_of

            self._bench = bench_of(self)
        return self._bench

    @property
    def given(self) -> Mapping[str, Any]:
        """The market's arguments, as `run` takes them."""
        if self._bars is None:
            self._restore()
        return self._given

    def _restore(self) -> None:
        """Bring back class and bars; a sweep that was read from a folder knows how."""

    def _tried(self) -> float:
        """Return how many sets these bars have seen."""
        from lts.research import ledger

        setup = self.bench.setup
        known = ledger.trials(self.bars, int(setup.stamps[setup.start]) if setup.start else None).count
        return max(float(len(self.table)), 0.0 if np.isnan(known) else known)

    def _column(self, by: str | None) -> str:
        name = self.objective if by is None else by
        known = [column for column in self.table.columns if column not in {*self.names, "path", "error"}]
        if name not in known:
            raise ParameterError(f"sweep has no statistic {name!r}; it has {', '.join(known)}.{near_miss(str(name), known)}")
        return name

    def _label(self, row: Any) -> Any:
        label = row.name if hasattr(row, "name") else row
        if isinstance(label, bool) or not isinstance(label, int | np.integer) or label not in self.table.index:
            raise ParameterError(f"sweep has no row {label!r}; its table has {len(self.table):,} of {self.sets:,} sets, from 0 on.")
        return int(label)

    def _row(self, row: Any) -> Any:
        if hasattr(row, "index") and hasattr(row, "name"):  # a Series
            missing = [name for name in self.names if name not in row.index]
            if missing:
                raise ParameterError(f"row: has no {missing[0]!r}; it must be a row of the sweep's table.")
            return row
        return self.table.loc[self._label(row)]

    def _trouble(self, other: str = "Take another statistic.") -> str:
        errors = self.table["error"]
        wrong = errors[errors != ""]
        return f"The first error: {wrong.iloc[0]}" if len(wrong) else other

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        wrong = int((self.table["error"] != "").sum())
        said = f"{len(self.table):,} sets" if self.complete else f"{len(self.table):,} of {self.sets:,} sets, interrupted"
        said += f", {wrong:,} with an error" if wrong else ""
        rows = ranked(self.table[self.objective].to_numpy(float), self.objective)
        if len(rows):
            best = self.table.iloc[int(rows[0])]
            values = ", ".join(f"{name}={best[name]}" for name in self.names)
            said += f", {'least' if self.objective in SMALL else 'best'} {self.objective} {best[self.objective]:.4g} at {values}"
        return f"Sweep({self._name} over {', '.join(self.names)}: {said})"


def _plain(value: Any) -> Any:
    """Return numpy's scalars as Python's."""
    return value.item() if isinstance(value, np.generic) else value
