"""An interval around every ratio: what other orders of the same days, and other draws of the same trades, would have given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts import calendar
from lts.errors import ParameterError
from lts.research.evidence.matrix import drawn_by, returns_of
from lts.research.evidence.measures import DAILY, TRADES, months_ratio
from lts.research.stats.facts import Facts
from lts.research.stats.money import benchmark_returns
from lts.research.stats.ratios import sharpe
from lts.research.stats.resample import checked_block, drawn_days

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from lts.research.result import Result

    Float64 = NDArray[np.float64]

SEED = 1994
MORE = {"gain_to_pain": "days without dates have no months", "information_ratio": "days without dates have no benchmark"}
CELLS = 1 << 20  # drawn days held at a time: 8 MB an array


def intervals(
    result: Result | Any, *, resamples: int = 1_000, level: float = 0.95, block: float | None = None, seed: int = SEED
) -> pd.DataFrame:
    """Return a bootstrap interval for every ratio of a result, or of daily returns alone.

    Parameters
    ----------
    result : Result or (d,)
        A result, or the daily returns of one set; of returns alone what needs trades, dates or a benchmark is nan.
    resamples : int
    level : float
        Share of the resamples between the ends.
    block : float or None
        Mean stretch of days that stay together; None: the cube root of the days.
    seed : int

    Returns
    -------
    pandas.DataFrame
        By id: value, low, high, and reason where there are none. The ratios of daily returns by the stationary bootstrap: sharpe,
        sortino, omega, calmar, gain_to_pain, information_ratio, ulcer_performance_index, linear_correlation, k_ratio, tail_ratio,
        recovery_factor, and volatility, cagr, max_drawdown; `value` too is taken at days here, 260 a year. Those of trades drawn
        one by one: win_rate, profit_factor, payoff_ratio, expectancy, sqn, kelly. A resample without a number (no day lost) is left
        out.

    Raises
    ------
    ParameterError
        A level that is not between 0 and 1, a block longer than the days, returns that are no row of finite numbers.

    References
    ----------
    Politis, D. and Romano, J. (1994), The stationary bootstrap; Efron, B. (1979), Bootstrap methods, Annals of Statistics 7(1), for
    the trades, and his percentile interval.
    """
    import pandas as pd

    if not 0 < level < 1:
        raise ParameterError(f"intervals, level: was {level!r}; it must lie between 0 and 1, such as 0.95.")
    known, random = _known(result), drawn_by("intervals", resamples, seed)
    rows = {**_daily(known, resamples, level, block, random), **_trades(known.profit, resamples, level, random)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high", "reason"]).rename_axis("id")


class Known(NamedTuple):
    """What the ratios are taken of; d days."""

    days: Float64  # (d,) returns
    why: str  # why they have no ratios; empty where they have
    active: Float64 | None  # (d,) returns beyond the benchmark's; None: there is none
    months: NDArray[np.intp] | None  # the first day of each; None: days without dates
    profit: Float64 | None  # of each trade; None: there are none to be known


def _known(given: Any) -> Known:
    """Return what is known of a result, or of daily returns."""
    from lts.research.result import Result

    if isinstance(given, Result):
        facts = Facts(given)
        r, why = facts.days.returns, facts.why_no_returns
        return Known(r, why, None if why else r - benchmark_returns(facts), None if why else _months(facts), facts.profit)
    table = returns_of("intervals", given)
    if len(table) > 1:
        raise ParameterError(f"intervals, returns: has shape {table.shape}; it must be the days of one set. Give it one row.")
    return Known(table[0], "" if np.ptp(table) > 0 else "no daily return differs from another", None, None, None)


def _daily(known: Known, resamples: int, level: float, block: float | None, random: np.random.Generator) -> dict[str, Any]:
    names = (*DAILY, *MORE)
    if known.why:
        return dict.fromkeys(names, (np.nan, np.nan, np.nan, known.why))
    r, active = known.days, known.active
    measures = DAILY if known.months is None else DAILY | {"gain_to_pain": months_ratio(known.months)}
    length, at_once = checked_block("intervals", block, len(r)), max(1, CELLS // len(r))

    def of(days: NDArray[np.int64]) -> dict[str, Float64]:
        drawn = r[days]
        found = {name: measure(drawn) for name, measure in measures.items()}
        return found if active is None else found | {"information_ratio": sharpe(active[days])}

    with np.errstate(divide="ignore", invalid="ignore"):
        own = of(np.arange(len(r))[None, :])
        parts = [of(drawn_days(len(r), min(at_once, resamples - n), length, random)) for n in range(0, resamples, at_once)]
    rows = {name: _row(own[name], np.concatenate([part[name] for part in parts]), level) for name in own}
    return {name: rows.get(name, (np.nan, np.nan, np.nan, MORE.get(name, ""))) for name in names}


def _months(facts: Facts) -> NDArray[np.intp]:
    """Return the first day of each month of the run, as the statistics count months."""
    month = (calendar.day_index(facts.days.cuts) - 1).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.flatnonzero(np.append(True, month[1:] != month[:-1]))


def _trades(profit: Float64 | None, resamples: int, level: float, random: np.random.Generator) -> dict[str, Any]:
    if profit is None:
        return dict.fromkeys(TRADES, (np.nan, np.nan, np.nan, "daily returns have no trades"))
    if len(profit) < 2:
        return dict.fromkeys(TRADES, (np.nan, np.nan, np.nan, "an interval needs two closed trades"))
    drawn = profit[random.integers(0, len(profit), (resamples, len(profit)))]
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: _row(measure(profit[None, :]), measure(drawn), level) for name, measure in TRADES.items()}


def _row(own: Float64, drawn: Float64, level: float) -> tuple[float, float, float, str]:
    value = float(own[0]) if np.isfinite(own[0]) else np.nan
    usable = drawn[np.isfinite(drawn)]
    if len(usable) < 0.95 * len(drawn):
        return value, np.nan, np.nan, "most resamples have no such number"
    low, high = np.quantile(usable, [(1 - level) / 2, (1 + level) / 2])
    return value, float(low), float(high), ""
