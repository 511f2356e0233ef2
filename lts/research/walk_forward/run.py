"""`walk_forward`: choose on the past, earn on what comes after, again and again."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError
from lts.research import ledger
from lts.research.inputs import check_bars
from lts.research.run import execute, prepare_one
from lts.research.stats.daily import DAYS
from lts.research.stats.ratios import sharpe, sortino
from lts.research.sweep.ranking import ranked
from lts.research.sweep.run import sweep
from lts.research.walk_forward.outcome import Turn, WalkForward
from lts.research.walk_forward.windows import windows
from lts.words import MICRO, Account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lts.data.bars import Bars
    from lts.research.sweep import Sweep
    from lts.research.walk_forward.windows import Window
    from lts.strategies.base import Strategy

POOLED = ("sharpe", "sortino", "net_profit")  # what can be told of a training window in pieces


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
    objective: str = "sharpe",
    where: Callable[[dict[str, Any]], Any] | None = None,
    workers: Any = None,
    engine: str = "threads",
    progress: bool = True,
    **market: Any,
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
        itself; the objective must be sharpe, sortino or net_profit, of all pieces together.
    objective : str
        An id of the headline statistics, or "plateau": the best mean Sharpe ratio of a set and its neighbours.
    progress : bool
        A line on stderr where that is a terminal.
    **market
        costs, account, intrabar, detail, stale_open, rates as in `run`.

    Returns
    -------
    WalkForward
        The balance goes on from one test window to the next; positions close at the end of each.

    Raises
    ------
    ParameterError
        Spans that do not fit the data, an unknown objective, what `sweep` refuses; a training window in which no set has a number.

    Notes
    -----
    Features of a window see all bars before it, none after it. Source: Pardo, R. (2008), The evaluation and optimization of trading
    strategies, chapter 11; purge and embargo: Lopez de Prado, M. (2018), Advances in financial machine learning, section 7.4.
    """
    check_bars("bars", bars)
    for name in ("trade_from", "close_at_end"):
        if name in market:
            raise ParameterError(f"walk_forward: {name} was stated; the windows say when trading begins and ends. Leave it out.")
    plan = windows(bars, train, test, anchored=anchored, purge=purge, embargo=embargo)
    account = market.pop("account", None) or Account()
    how = {"where": where, "workers": workers, "engine": engine, "progress": progress, **market}
    turns: list[Turn] = []
    for window in plan:
        with ledger.paused("a walk forward records its sets once, on all bars"):
            found = [_trained(cls, bars, grid, piece, objective, {**how, "account": account}) for piece in window.train]
        if not turns:
            _record(bars, found[0])
        turns.append(_test(cls, bars, window, _choose(found, window, objective), {**market, "account": account}))
        account = replace(account, balance=max(turns[-1].result.final_micro, 1) / MICRO)
    return WalkForward(cls, bars, tuple(turns), objective)


def _record(bars: Bars, found: Sweep) -> None:
    """Write the sets into the trial ledger, with their Sharpe ratios of the first training window."""
    ran = found.table[found.table["error"] == ""]
    daily = ran["sharpe"].to_numpy(float) / sqrt(DAYS)
    sets: Any = {name: ran[name].to_numpy() for name in found.names} or [{}] * len(ran)
    ledger.record(bars, found.cls, sets, daily, len(found.bench.span.rows), kind="walk_forward")


def _choose(found: Sequence[Sweep], window: Window, objective: str) -> tuple[dict[str, Any], float, float]:
    """Return (parameters, objective, net profit) of the set that is best on the training window."""
    scores: Any = found[0].plateau("sharpe").to_numpy(float) if objective == "plateau" else _scores(found, objective)
    order = ranked(scores, "sharpe" if objective == "plateau" else objective)
    if not len(order):
        raise ParameterError(
            f"walk_forward: on rows {window.train[0][0]:,} to {window.train[-1][1]:,} no set has a number in {objective!r}; one "
            "must. Take a longer training window or another objective."
        )
    best = int(order[0])
    row = found[0].table.iloc[best]
    parameters = {name: row[name].item() if hasattr(row[name], "item") else row[name] for name in found[0].names}
    return parameters, float(scores[best]), float(sum(one.table["net_profit"].iloc[best] for one in found))


def _trained(cls: type[Strategy], bars: Bars, grid: Any, piece: tuple[int, int], objective: str, how: dict[str, Any]) -> Sweep:
    head, tail = piece
    by = objective if objective != "plateau" else "sharpe"
    since = np.datetime64(int(bars.time[head]), "ns") if head else None
    found = sweep(cls, bars[:tail], grid, objective=by, trade_from=since, **how)
    if not found.complete:
        raise KeyboardInterrupt
    return found


def _scores(found: Sequence[Sweep], objective: str) -> Any:
    """Return the objective of every set over all pieces of a training window."""
    if len(found) == 1:
        return found[0].table[objective].to_numpy(float)
    if objective not in POOLED:
        raise ParameterError(
            f"walk_forward, objective: was {objective!r} beside an embargo; it must be one of {', '.join(POOLED)}."
        )
    if objective == "net_profit":
        return sum(one.table["net_profit"].to_numpy(float) for one in found)
    r = np.concatenate([one.returns() for one in found], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        many = sharpe(r) if objective == "sharpe" else np.array([_number(sortino(row)) for row in r])
    return np.where(np.ptp(r, axis=1) > 0, many, np.nan)


def _number(value: float | str) -> float:
    return np.nan if isinstance(value, str) else value


def _test(
    cls: type[Strategy], bars: Bars, window: Window, chosen: tuple[dict[str, Any], float, float], market: dict[str, Any]
) -> Turn:
    first, end = window.test
    since = np.datetime64(int(bars.time[first]), "ns")
    setup, again, stated = prepare_one(bars[:end], {**market, "trade_from": since})
    result = execute(setup, [cls(**chosen[0])], [1.0], again, stated_costs=stated, jit=True)
    return Turn(window, chosen[0], chosen[1], chosen[2], result)
