"""Headline statistics. Ratios sample equity at 17:00 New York, Monday to Friday; drawdown looks at every close."""

from __future__ import annotations

from math import erf, nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

from lts import calendar
from lts.research.frames import closes, fill_times
from lts.words import MICRO

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from lts.research.result import Result

DAYS = 260  # trading days a year
YEAR = 365.25 * 86_400e9  # ns


def headline(result: Result) -> dict[str, float]:
    """Return the headline statistics of a result, by id; nan where a number would be invented."""
    initial, final = result.setup.terms.balance / MICRO, float(result.equity_micro[-1] / MICRO)
    years = float(closes(result)[-1] - result.setup.stamps[result.setup.start]) / YEAR
    fraction, drop = result.drawdown
    cagr = (final / initial) ** (1 / years) - 1 if final > 0 and years > 0 else nan
    return {
        "initial_balance": initial,
        "final_balance": final,
        "net_profit": final - initial,
        "total_return": final / initial - 1,
        "cagr": cagr,
        **ratios(daily_returns(result)),
        "calmar": cagr / fraction if fraction > 0 else nan,
        "max_drawdown": fraction,
        "max_drawdown_money": drop,
        **_trades(result.logs["trades"]["profit"] / MICRO),
        "exposure_time": exposure(result),
        **{name: total / MICRO for name, total in result.totals.items()},
        **{name: float(count) for name, count in result.counts.items()},
    }


def statistics(result: Result, convention: str = "lts") -> tuple[pd.Series[float], dict[str, str]]:
    """Return all statistics by id, and why some are nan."""
    import pandas as pd

    del convention
    values = {**result.headline, "profit_worst": result.profit_worst, "profit_best": result.profit_best}
    return pd.Series(values, dtype=float, name="value"), {}


def daily_returns(result: Result) -> NDArray[np.float64]:
    """Return simple returns between 17:00 New York cut-offs, Monday to Friday, from the initial balance; a day without a bar is 0.

    Shape (days,). The first day ends at the first cut-off after the first bar's open, the last at the first one that is not
    before the
    last close.
    """
    ends = closes(result)
    start = int(result.setup.stamps[result.setup.start])
    cuts = calendar.cutoffs(start, int(ends[-1]) + 4 * 86_400 * 10**9)
    cuts = cuts[calendar.weekdays(cuts) < 5]
    cuts = cuts[: int(np.searchsorted(cuts, ends[-1])) + 1]
    last = np.searchsorted(ends, cuts, side="right") - 1
    equity = np.where(last >= 0, result.equity_micro[np.maximum(last, 0)], result.setup.terms.balance) / MICRO
    before = np.concatenate([[result.setup.terms.balance / MICRO], equity[:-1]])
    return np.asarray(equity / before - 1)


def ratios(returns: NDArray[np.float64]) -> dict[str, float]:
    """Return sharpe, sortino (a year of 260 days, no risk-free rate) and psr, the probability that the Sharpe ratio is above 0."""
    n = len(returns)
    spread = float(np.std(returns, ddof=1)) if n > 1 else 0.0
    if n < 2 or spread == 0:
        return {"sharpe": nan, "sortino": nan, "psr": nan}
    mean = float(np.mean(returns))
    below = sqrt(float(np.mean(np.minimum(returns, 0) ** 2)))
    one = mean / spread
    z = (returns - mean) / float(np.std(returns))
    skew, kurtosis = float(np.mean(z**3)), float(np.mean(z**4))
    variance = 1 - skew * one + (kurtosis - 1) / 4 * one**2
    psr = 0.5 * (1 + erf(one * sqrt(n - 1) / sqrt(variance) / sqrt(2))) if variance > 0 else nan
    return {"sharpe": one * sqrt(DAYS), "sortino": mean / below * sqrt(DAYS) if below > 0 else nan, "psr": psr}


def _trades(profit: NDArray[np.float64]) -> dict[str, float]:
    won, lost = profit[profit > 0], profit[profit < 0]
    return {
        "trades": len(profit),
        "win_rate": len(won) / len(profit) if len(profit) else nan,
        "profit_factor": float(won.sum() / -lost.sum()) if len(lost) else nan,
        "expectancy": float(profit.mean()) if len(profit) else nan,
    }


def exposure(result: Result) -> float:
    """Return the share of closes at which any trade was open."""
    stamps = result.setup.stamps[result.setup.start :]
    steps, log = np.zeros(len(stamps) + 1, np.int64), result.logs["fills"]
    np.add.at(steps, np.searchsorted(stamps, fill_times(result)), _openings(log["trade"], log["steps"]))
    return float(np.mean(np.cumsum(steps)[:-1] > 0))


def _openings(trade: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the change of open units (without sign) that each fill makes: its trade's first fill opens, the others close."""
    first = np.zeros(len(trade), bool)
    first[np.unique(trade, return_index=True)[1]] = True
    return np.where(first, np.abs(steps), -np.abs(steps))
