"""`Result`: what a run left behind. Everything beyond the logs is computed when it is first asked for."""

from __future__ import annotations

import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lts.errors import DataWarning
from lts.research import frames
from lts.sim import layout as at
from lts.words import MICRO

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.setup import Setup
    from lts.research.trace import Trace
    from lts.sim.memory import Memory
    from lts.strategies.base import Strategy


class Result:
    """The outcome of `run`, `run_portfolio` or `replay`.

    Attributes
    ----------
    stats : pandas.Series
        Statistics by id; `lts.explain(id)` defines each.
    trades, fills, orders : pandas.DataFrame
        One row a closed part of a trade, a fill, an ended order (refusals with their reason included).
    equity, balance : pandas.Series
        By bar close, UTC; account currency. Equity is marked at the closing side.
    headline : dict
        The statistics that cost next to nothing; `reasons` says why a statistic is nan.
    drawdown : (float, float)
        Deepest fall of equity from its running peak at bar closes: as a fraction of that peak, and in money; both >= 0.
    notes : tuple of str
        What the data and the settings call for saying.
    """

    def __init__(
        self,
        setup: Setup,
        strategies: tuple[Strategy, ...],
        factors: tuple[float, ...],
        memory: Memory,
        equity: NDArray[np.int64],
        again: dict[str, Any],
        *,
        stated_costs: bool,
    ) -> None:
        self.setup, self.strategies, self.factors, self._again = setup, strategies, factors, again
        self.equity_micro = equity
        memory.trim()
        self.logs = {name: memory.log(name) for name in ("fills", "trades", "orders")}
        state = memory.state
        self.totals = {name: int(state[where]) for name, where in at.TOTALS.items()}
        self.counts = {name: int(state[where]) for name, where in at.COUNTS.items()}
        self.final_micro = int(state[at.BALANCE])
        self.account = state[: at.HEADER].copy()  # the market's account header (`lts.sim.layout`)
        self.drawdown = float(state[at.SHARE_FALL] / state[at.SHARE_PEAK]), float(state[at.FALL] / MICRO)
        self.open_trades = int(state[at.N_OPEN])
        self.held_closes = int(state[at.HELD_CLOSES])
        self._stated_costs = stated_costs

    @property
    def bars(self) -> Bars:
        """The bars of the run (the first sleeve's, on a portfolio)."""
        return self.setup.bars[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said about this result."""
        said = list(self.setup.notes)
        if not self._stated_costs:
            said.append("costs: none stated, so the bars' own spread and nothing else")
        if self.counts["bars_below_zero"]:
            said.append(
                f"the balance was below zero at {self.counts['bars_below_zero']} closes: a gap went through the margin close-out"
            )
        if self.open_trades:
            said.append(f"{self.open_trades} trades are still open and marked, not closed")
        if self.counts["same_bar_nights"]:
            said.append(
                f"{self.counts['same_bar_nights']} bars over 17:00 New York hold a trade opened and closed inside: it paid no swap"
            )
        return tuple(said)

    @cached_property
    def headline(self) -> dict[str, float]:
        """The statistics that cost next to nothing, by id: what a run computes on its way. Complete: `stats`."""
        from lts.research.stats import headline

        return headline(self)

    @cached_property
    def stats(self) -> pd.Series[float]:
        """All statistics by id, `lts.explain(id)` defines each; nan where a number would be invented: `reasons` says why."""
        return self._statistics[0]

    @property
    def reasons(self) -> dict[str, str]:
        """Why a statistic is nan, by id."""
        return self._statistics[1]

    @cached_property
    def _statistics(self) -> tuple[pd.Series[float], dict[str, str]]:
        return self.statistics()

    @cached_property
    def study(self) -> dict[str, float | str]:
        """What is told about the search that this result came from: trials, sharpe_by_luck, dsr; text says why there is no number.

        The ledger is asked once, when the statistics first are; a saved result that is run again keeps what it said.
        """
        from lts.research.stats.evidence import study
        from lts.research.stats.facts import Facts

        return study(Facts(self))

    def statistics(self, convention: str = "lts") -> tuple[pd.Series[float], dict[str, str]]:
        """Return (statistics, why some are nan) as "lts", "empyrical" or "mt5" defines them."""
        from lts.research.stats import statistics

        return statistics(self, convention)

    @cached_property
    def trades(self) -> pd.DataFrame:
        """Closed trades, one row a closed part, in order of closing."""
        return frames.trades(self)

    @cached_property
    def fills(self) -> pd.DataFrame:
        """Fills in order."""
        return frames.fills(self)

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Ended orders in order of ending."""
        return frames.orders(self)

    @cached_property
    def equity(self) -> pd.Series[float]:
        """Balance plus unrealised profit at the closing side, by bar close."""
        return frames.by_close(self, self.equity_micro / MICRO, "equity")

    @cached_property
    def balance(self) -> pd.Series[float]:
        """Balance by bar close, swap and commission included."""
        return frames.by_close(self, frames.balances(self), "balance")

    @cached_property
    def profit_worst(self) -> float:
        """Net profit of the complete run under intrabar='worst'; not a bound."""
        return self._profit_under("worst")

    @cached_property
    def profit_best(self) -> float:
        """Net profit of the complete run under intrabar='best'; not a bound."""
        return self._profit_under("best")

    def _profit_under(self, policy: str) -> float:
        if self.setup.options.intrabar == policy or self.counts["ambiguous_bars"] == 0:
            return float((self.equity_micro[-1] - self.setup.terms.balance) / MICRO)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # said by the run itself
            other = self.rerun(intrabar=policy)
        return float((other.equity_micro[-1] - other.setup.terms.balance) / MICRO)

    def rerun(self, **changes: Any) -> Result:
        """Run again with some options changed (costs, account, intrabar, stale_open, close_at_end)."""
        from dataclasses import replace

        from lts.research.run import execute
        from lts.research.setup import prepare

        detail = self._again["detail"]
        finer = detail if detail is None or isinstance(detail, dict) else {self.bars.instrument.name: detail}
        setup = prepare(self.setup.bars, replace(self.setup.options, **changes), self._again["rates"], finer)
        stated = self._stated_costs or "costs" in changes
        return execute(setup, self.strategies, self.factors, self._again, stated_costs=stated, jit=True)

    def trace(self, when: Any) -> Trace:
        """Explain one bar; see `lts.trace`."""
        from lts.research.trace import trace

        return trace(self, when)

    def plot(self, what: str = "overview") -> Figure:
        """Return a figure; `what` is a name of `lts.research.plots.FIGURES`."""
        from lts.research.plots import draw

        return draw(self, what)

    def report(self, path: str | Path, *, check: bool = True) -> Path:
        """Write one self-contained HTML page, with a short `lts.check` of the strategy unless that is refused; return its path."""
        from lts.research.report import report

        return report(self, path, check=check)

    def save(self, folder: str | Path, **how: Any) -> Path:
        """Write the result into a folder, `lts.load_result` reads it back; for `how` see `lts.research.saved.save`."""
        from lts.research.saved import save

        return save(self, folder, **how)

    def __repr__(self) -> str:
        names = ", ".join(b.instrument.name for b in self.setup.bars)
        rules = ", ".join(map(repr, self.strategies))
        money, code = self.equity_micro[-1] / MICRO, self.setup.options.account.currency
        return f"Result({rules} on {names}: {len(self.logs['trades']['trade'])} trades, {money:,.2f} {code})"
