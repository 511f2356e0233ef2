"""`monte_carlo`: a result dealt again, by trades, by days or by quotes."""

from __future__ import annotations

import os
import sys
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError, near_miss
from lts.research.evidence.measures import deepest, drops, worth
from lts.research.monte_carlo.found import IDS, MonteCarlo
from lts.research.stats.facts import Facts
from lts.research.stats.ratios import sharpe
from lts.research.stats.resample import checked_block, drawn_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from lts.research.result import Result

    Float64 = NDArray[np.float64]

METHODS = ("shuffle", "bootstrap", "noise")
CELLS = 1 << 20  # drawn values held at a time: 8 MB an array
MOST = 10_000_000  # outcomes; three numbers are kept of each


def monte_carlo(
    result: Result,
    method: str = "shuffle",
    n: int = 1_000,
    seed: int = 0,
    *,
    block: float | None = None,
    share: float = 0.05,
    progress: bool = True,
) -> MonteCarlo:
    """Deal a result again many times: how far final balance, deepest fall and Sharpe ratio could have been other than they were.

    Parameters
    ----------
    result : Result
        Of `run`, `run_portfolio` or `replay`.
    method : "shuffle", "bootstrap" or "noise"
        "shuffle": the closed trades in another order; what changes is the drawdown, of the balance from trade to trade.
        "bootstrap": other days like those that were, by the stationary bootstrap; balance and drawdown from day to day.
        "noise": the strategy runs again on quotes that lie a little beside the true ones; drawdown at closes, as in the result.
    n : int
        How many times.
    seed : int
        Equal seeds give equal outcomes.
    block : float or None
        For "bootstrap": mean stretch of days that stay together; None: the cube root of the days.
    share : float
        For "noise": each bar is moved as a whole, both sides together so that quotes stay valid, by a normal draw. Its standard
        deviation is this share of the median bar's range, at least half a point; 0 moves nothing and gives the result itself.
    progress : bool
        For "noise": how far it is, on stderr, where that is a terminal.

    Returns
    -------
    MonteCarlo
        `table` has the quantiles, `plot()` the picture; a number that would be invented is nan, and `reasons` says why.

    Raises
    ------
    ParameterError
        No result of a run, an unknown method, a number outside its range; for "noise" a result with finer bars, which noise would
        contradict.

    Notes
    -----
    "shuffle" takes trades for independent and their size for fixed, and leaves open ones out; a fall above 1: a balance below zero.
    "noise" shakes as `lts.check` does; rates of other pairs stay as they are. A run takes as long as `run`, the other two next to
    nothing.

    References
    ----------
    "shuffle": Tomasini, E. and Jaekle, U. (2009), Trading Systems, on Monte Carlo analysis. "bootstrap": Politis, D. and Romano, J.
    (1994), The stationary bootstrap, Journal of the American Statistical Association 89, section 2.

    Examples
    --------
    >>> import lts
    >>> bars = lts.synthetic_bars("EUR_USD", "H1", n=2_000, seed=1)
    >>> found = lts.monte_carlo(lts.run(lts.strategies.SmaCross(), bars), n=200)
    >>> found.outcomes.shape
    (200, 4)
    """
    _check(result, method, n, seed, share)
    facts = Facts(result)
    deals: dict[str, Callable[..., Dealt]] = {"shuffle": _shuffled, "bootstrap": _other_days}
    deals["noise"] = partial(_noisy, progress=progress)
    own, drawn, reasons = deals[method](facts, int(n), int(seed), block, share)
    return MonteCarlo(method, int(n), int(seed), facts.initial, result.setup.options.account.currency, own, drawn, reasons)


def _check(result: object, method: str, n: Any, seed: Any, share: Any) -> None:
    from lts.research.result import Result

    if not isinstance(result, Result):
        raise ParameterError(
            f"monte_carlo, result: was {type(result).__name__}; it must be what lts.run gave. Of a saved one: lts.rerun(id).result."
        )
    if method not in METHODS:
        raise ParameterError(
            f"monte_carlo, method: was {method!r}; it must be one of {', '.join(METHODS)}.{near_miss(str(method), METHODS)}"
        )
    for name, value, low, high in (("n", n, 1, MOST), ("seed", seed, 0, 2**63 - 1)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
            raise ParameterError(f"monte_carlo, {name}: was {value!r}; it must be a whole number from {low:,} to {high:,}.")
    if not (isinstance(share, int | float) and isfinite(share) and 0 <= share <= 1) or isinstance(share, bool):
        raise ParameterError(f"monte_carlo, share: was {share!r}; it must be a number from 0 to 1, such as 0.05.")


Dealt = tuple[dict[str, float], dict[str, "Float64"], dict[str, str]]


def _shuffled(facts: Facts, n: int, seed: int, block: float | None, share: float) -> Dealt:
    del block, share
    if len(facts.profit) < 2:
        return _none(n, "an order needs two closed trades")
    random, size = np.random.default_rng(seed), len(facts.profit)

    def some(count: int) -> dict[str, Float64]:
        return _of_money(facts, random.permuted(np.broadcast_to(facts.profit, (count, size)), axis=1))

    own = _first(_of_money(facts, facts.profit[None, :]))
    # The sum is the same in every order; what rounding makes of it is no outcome.
    drawn = _dealt(some, n, size) | {"final_balance": np.full(n, own["final_balance"])}
    return own, drawn, {"sharpe": "the order of the trades says nothing about the days"}


def _other_days(facts: Facts, n: int, seed: int, block: float | None, share: float) -> Dealt:
    del share
    if facts.why_no_returns:
        return _none(n, facts.why_no_returns)
    r, random = facts.days.returns, np.random.default_rng(seed)
    length = checked_block("monte_carlo", block, len(r))

    def some(count: int) -> dict[str, Float64]:
        return _of_days(facts, r[drawn_days(len(r), count, length, random)])

    return _first(_of_days(facts, r[None, :])), _dealt(some, n, len(r)), {}


def _noisy(facts: Facts, n: int, seed: int, block: float | None, share: float, *, progress: bool) -> Dealt:
    from lts.research.check.market import Market, shaken

    del block
    market = Market(facts.result)
    if market.detail:
        raise ParameterError("monte_carlo, noise: the result has finer bars, which noise would contradict; run it without detail.")
    seeds = np.random.SeedSequence(seed).generate_state(n * len(market.bars), np.uint64).reshape(n, -1)
    drawn = {name: np.empty(n) for name in IDS}
    for row in _told(n, progress=progress):
        bars = [shaken(b, int(own), share) for b, own in zip(market.bars, seeds[row], strict=True)]
        found = market.run(market.features(bars), bars).headline
        for name in IDS:
            drawn[name][row] = found[name]
    headline = facts.result.headline
    why = {name: facts.result.reasons.get(name, "") or "no run has it" for name in IDS if np.isnan(drawn[name]).all()}
    return {name: headline[name] for name in IDS}, drawn, why


def _told(n: int, *, progress: bool) -> Iterable[int]:
    """Return 0 to n - 1; a person at a terminal sees how far it is."""
    if not (progress and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"):
        return range(n)
    from rich.console import Console
    from rich.progress import track

    return track(range(n), description="runs on shaken bars", console=Console(stderr=True), transient=True)


def _none(n: int, why: str) -> Dealt:
    return dict.fromkeys(IDS, np.nan), {name: np.full(n, np.nan) for name in IDS}, dict.fromkeys(IDS, why)


def _first(found: Mapping[str, Float64]) -> dict[str, float]:
    return {name: float(values[0]) for name, values in found.items()}


def _dealt(some: Any, n: int, size: int) -> dict[str, Float64]:
    """Return what `some(count)` deals, together n times, as many at a time as CELLS holds."""
    at_once = max(1, CELLS // size)
    parts = [some(min(at_once, n - first)) for first in range(0, n, at_once)]
    return {name: np.concatenate([part[name] for part in parts]) for name in IDS}


def _of_money(facts: Facts, profit: Float64) -> dict[str, Float64]:
    """Return the outcomes of trades one after the other, (k, c) profits in money."""
    value = np.cumsum(np.hstack([np.full((len(profit), 1), facts.initial), profit]), axis=1)
    return {**_of_values(value), "sharpe": np.full(len(profit), np.nan)}


def _of_days(facts: Facts, r: Float64) -> dict[str, Float64]:
    """Return the outcomes of daily returns, (k, d)."""
    value = facts.initial * worth(r)
    # A resample of one day again and again has no deviation beyond rounding.
    varies = np.ptp(r, axis=1) > 0
    ratio = np.full(len(r), np.nan)
    ratio[varies] = sharpe(r[varies])
    return {**_of_values(value), "sharpe": ratio}


def _of_values(value: Float64) -> dict[str, Float64]:
    """Return what values of the account, (k, m) from its start on, came to."""
    return {"final_balance": value[:, -1], "max_drawdown": deepest(value), "max_drawdown_money": drops(value).max(axis=1)}
