"""`walk_forward`: choose on the past, earn on what comes after, again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research import ledger
from lts.research.inputs import check_bars
from lts.research.run import execute, prepare_one
from lts.research.stats.daily import DAYS
from lts.research.sweep.progress import telling
from lts.research.sweep.ranking import ranked
from lts.research.sweep.run import sweep
from lts.research.walk_forward.choice import PLATEAU, check, nothing, scores
from lts.research.walk_forward.outcome import Turn, WalkForward
from lts.research.walk_forward.windows import windows
from lts.words import MICRO, Account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lts.data.bars import Bars
    from lts.research.result import Result
    from lts.research.sweep import Sweep
    from lts.research.sweep.progress import Progress
    from lts.research.walk_forward.windows import Window
    from lts.sim.costs import Costs
    from lts.sim.rates import RatesSettings
    from lts.strategies.base import Strategy


def walk_forward(
    cls: type[Strategy],
    bars: Bars,
    grid: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    train: str | int = "2y",
    test: str | int = "6M",
    anchored: bool = False,
    purge: str | int = 0,
    embargo: str | int = 0,
    objective: str | Callable[[Result], float] = "sharpe",
    where: Callable[[dict[str, Any]], Any] | None = None,
    costs: Costs | None = None,
    account: Account | None = None,
    intrabar: str = "worst",
    detail: Bars | None = None,
    stale_open: str = "open",
    rates: RatesSettings | Mapping[str, Any] | None = None,
    workers: Any = None,
    engine: str = "threads",
    progress: bool | Callable[[Progress], object] = True,
) -> WalkForward:
    """Choose parameters on each training window and trade them on the test window after it.

    Parameters
    ----------
    cls, bars, grid, where, workers, engine
        As `sweep` takes them.
    train, test : str or int
        Length of the windows: "2y", "6M", "3w", "90D", "12h" by the calendar, or a number of bars. Test windows follow each other;
        the last one may be shorter.
    anchored : bool
        True: every training window begins at the first bar. False: it is `train` long and moves on.
    purge : str or int
        What is left out at the end of each training window, so that nothing of it reaches into the test window.
    embargo : str or int
        What is left out of later training windows after each test window. A training window is then in pieces, each traded for
        itself; the objective must be sharpe, sortino, net_profit or plateau, of all pieces together.
    objective : str or function of a Result
        An id of the headline statistics, or a function, as `sweep` takes it; or "plateau": the best mean Sharpe ratio of a set and
        its neighbours.
    costs, account, intrabar, detail, stale_open, rates
        As `run` takes them; the account's balance is that of the first test window.
    progress : bool or function of `lts.research.sweep.Progress`
        A line on stderr, for each training window anew, where that is a terminal; or a function, as `sweep` takes it.

    Returns
    -------
    WalkForward
        The balance goes on from one test window to the next; positions close at the end of each. A balance that is lost ends the
        walk, and Ctrl-C leaves the windows that are done; `notes` says so.

    Raises
    ------
    ParameterError
        Spans that do not fit the data, an unknown objective, what `sweep` refuses; a training window in which no set has a number.

    Notes
    -----
    Features of a window see all bars before it, none after it, so that no test window begins cold. In training every set begins
    with the balance that the test window after it will begin with. Source: Pardo, R. (2008), The evaluation and optimization of
    trading strategies, chapter 11; purge and embargo: Lopez de Prado, M. (2018), Advances in financial machine learning, 7.4.

    Examples
    --------
    >>> import lts
    >>> bars = lts.synthetic_bars("EUR_USD", "H1", n=2_000, seed=1)
    >>> walk = lts.walk_forward(
    ...     lts.strategies.SmaCross, bars, {"fast": [5, 10], "slow": [20, 40]}, train=1_000, test=500, progress=False
    ... )
    >>> len(walk.windows)
    2
    """
    check_bars("bars", bars)
    plan = windows(bars, train, test, anchored=anchored, purge=purge, embargo=embargo)
    check(objective, in_pieces=any(len(window.train) > 1 for window in plan))
    market = {"costs": costs, "intrabar": intrabar, "detail": detail, "stale_open": stale_open, "rates": rates}
    how = {"where": where, "workers": workers, "engine": engine}
    with telling(progress) as tell:
        walk = Walk(cls, bars, grid, objective, market, how, tell)
        turns, note, complete = walk.go(plan, Account() if account is None else account)
    varied = tuple(name for name in turns[0].parameters if _count(grid, name) > 1)
    return WalkForward(cls, bars, turns, objective=walk.word, varied=varied, complete=complete, notes=(note,) if note else ())


def _count(grid: Any, name: str) -> int:
    """Return how many values of a parameter a grid holds."""
    values = grid[name] if isinstance(grid, Mapping) else [one[name] for one in grid]
    return len(set(np.asarray(values).tolist()))


class Walk(NamedTuple):
    """What every window is chosen and traded with."""

    cls: type[Strategy]
    bars: Bars
    grid: Any
    objective: Any
    market: dict[str, Any]  # of `run`, but for the account
    how: dict[str, Any]  # of `sweep`
    tell: Callable[[Progress], object]

    @property
    def word(self) -> str:
        """The objective's name."""
        return getattr(self.objective, "__name__", "objective") if callable(self.objective) else str(self.objective)

    def go(self, plan: Sequence[Window], account: Account) -> tuple[tuple[Turn, ...], str, bool]:
        """Return what was done, why it is not all, and whether it went on until nothing was left to do."""
        turns: list[Turn] = []
        for window in plan:
            part = f"window {len(turns) + 1} of {len(plan)}"
            try:
                turns.append(self.turn(window, account, part, first=not turns))
            except KeyboardInterrupt:
                if not turns:
                    raise
                return tuple(turns), f"interrupted: {len(turns)} of {len(plan)} windows are done", False
            left = turns[-1].result.final_micro
            if left <= 0:
                lost = f"the balance was {left / MICRO:,.2f} after window {len(turns)} of {len(plan)}; the walk ends there"
                return tuple(turns), lost, True
            account = replace(account, balance=left / MICRO)
        return tuple(turns), "", True

    def turn(self, window: Window, account: Account, part: str, *, first: bool) -> Turn:
        """Choose on the training window, trade on the test window."""
        market = {**self.market, "account": account}
        with ledger.paused("a walk forward records its sets once, on all bars"):
            found = [self.trained(piece, market, part) for piece in window.train]
        if first:
            record(self.bars, found[0])
        values, by = scores(found, self.objective)
        order = ranked(values, by)
        if not len(order):
            raise nothing(window, self.word, found)
        best = int(order[0])
        rule = found[0].strategy(found[0].table.index[best])
        chosen = {name: rule.values[name] for name in found[0].names}
        profit = sum(float(one.table["net_profit"].iloc[best]) for one in found)
        setup, again, stated = prepare_one(self.bars[: window.test[1]], {**market, "trade_from": self.opens(window.test[0])})
        result = execute(setup, [rule], [1.0], again, stated_costs=stated, jit=True)
        return Turn(window, chosen, float(values[best]), profit, result)

    def trained(self, piece: tuple[int, int], market: dict[str, Any], part: str) -> Sweep:
        """Sweep over a piece of a training window; nothing after it is there."""
        head, tail = piece
        by = "sharpe" if self.objective == PLATEAU else self.objective

        def tell(found: Progress) -> None:
            self.tell(found._replace(part=part))

        asked = {"objective": by, "trade_from": self.opens(head), "progress": tell, **market, **self.how}
        found = sweep(self.cls, self.bars[:tail], self.grid, **asked)
        if found.stopped:
            raise KeyboardInterrupt
        return found

    def opens(self, row: int) -> np.datetime64 | None:
        """Return when a row opens; None for the first."""
        return np.datetime64(int(self.bars.time[row]), "ns") if row else None


def record(bars: Bars, found: Sweep) -> None:
    """Write the sets into the trial ledger, with their Sharpe ratios of the first training window."""
    ran = found.table[found.table["error"] == ""]
    daily = ran["sharpe"].to_numpy(float) / sqrt(DAYS)
    sets: Any = {name: ran[name].to_numpy() for name in found.names} or [{}] * len(ran)
    ledger.record(bars, found.cls, sets, daily, len(found.bench.span.rows), kind="walk_forward")
