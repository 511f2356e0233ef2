"""How good each set was on a training window, also where that is in pieces."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError, near_miss
from lts.research.stats.ratios import sharpe, sortino
from lts.research.sweep.neighbours import plateau
from lts.research.sweep.table import HEADLINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lts.research.sweep import Sweep
    from lts.research.walk_forward.windows import Window

PLATEAU = "plateau"
POOLED = ("sharpe", "sortino", "net_profit", PLATEAU)  # what can be told of a training window in pieces


def check(objective: Any, *, in_pieces: bool) -> None:
    """Refuse an objective that nothing can be chosen by."""
    known = (*HEADLINE, PLATEAU)
    if not callable(objective) and objective not in known:
        raise ParameterError(
            f"walk_forward, objective: was {objective!r}; it must be a function of a Result, or one of {', '.join(known)}."
            f"{near_miss(str(objective), known)}"
        )
    if in_pieces and objective not in POOLED:
        raise ParameterError(
            f"walk_forward, objective: was {objective!r} beside an embargo, which leaves training windows in pieces; it must be "
            f"one of {', '.join(POOLED)}. Take one of these, or no embargo."
        )


def scores(found: Sequence[Sweep], objective: Any) -> tuple[NDArray[np.float64], str]:
    """Return the objective of every set over all pieces of a training window, and what it is better by."""
    if objective != PLATEAU:
        by = found[0].objective
        values: Any = pooled(found, by) if len(found) > 1 else found[0].table[by].to_numpy(float)
        return values, by
    table = found[0].table if len(found) == 1 else found[0].table.assign(sharpe=pooled(found, "sharpe"))
    smooth: Any = plateau(table, found[0].names, "sharpe").to_numpy(float)
    return smooth, "sharpe"


def pooled(found: Sequence[Sweep], by: str) -> NDArray[np.float64]:
    """Return a statistic of every set over all pieces: of their profits, or of their daily returns one after the other."""
    if by == "net_profit":
        return np.sum([one.table["net_profit"].to_numpy(float) for one in found], axis=0)  # type: ignore[no-any-return]
    r = np.concatenate([one.returns() for one in found], axis=1)
    usable = np.flatnonzero((np.ptp(r, axis=1) > 0) & (r > -1).all(axis=1))  # as in `tally.ratios`: nan, steady and ruined are not
    many = np.full(len(r), np.nan)
    if by == "sharpe":
        many[usable] = sharpe(np.ascontiguousarray(r[usable]))
    else:
        many[usable] = [nan if isinstance(value, str) else value for value in map(sortino, r[usable])]
    return many


def nothing(window: Window, word: str, found: Sequence[Sweep]) -> ParameterError:
    """Return the error of a training window in which no set has a number."""
    table, count = found[-1].table, sum(tail - head for head, tail in window.train)
    wrong = table["error"][table["error"] != ""]
    why = f"{len(wrong):,} of {len(table):,} have an error, the first: {wrong.iloc[0]}" if len(wrong) else "Take longer windows."
    last = np.datetime64(int(found[-1].bars.time[-1]), "ns").astype("datetime64[D]")
    return ParameterError(
        f"walk_forward: on the {count:,} bars that train, the last of {last}, no set has a number in {word!r}; one must. {why}"
    )
