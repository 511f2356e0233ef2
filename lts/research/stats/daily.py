"""Equity by the day: sampled at 17:00 New York, Monday to Friday, from the initial balance; a day without a bar returns 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts import calendar
from lts.words import MICRO

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from lts.research.result import Result
    from lts.research.setup import Setup

DAYS = 260  # trading days a year
SAMPLING = "daily: equity at 17:00 New York, Monday to Friday, from the initial balance; 260 days a year, no risk-free rate"


class Days(NamedTuple):
    """The sampled days of a run; d of them."""

    cuts: NDArray[np.int64]  # (d,) ns UTC, 17:00 New York
    rows: NDArray[np.int64]  # (d,) the last close at or before each; -1 before the first
    equity: NDArray[np.float64]  # (d,)
    before: NDArray[np.float64]  # (d,) equity of the day before; first the initial balance
    returns: NDArray[np.float64]  # (d,) equity / before - 1; nan once nothing was left to earn a return on

    @property
    def ruined(self) -> bool:
        """Tell whether equity was ever sampled at or below zero."""
        return bool(self.equity.min(initial=1.0) <= 0)


def days(result: Result) -> Days:
    """Return the run by days: from the first cut-off after the first bar's open to the first one not before the last close.

    They are worked out once for a result, for the ledger, the headline and the statistics want the same.
    """
    whose, kept = (result.setup, result.equity_micro), vars(result).get("_days")
    if kept is not None and all(a is b for a, b in zip(kept[0], whose, strict=True)):
        found: Days = kept[1]
        return found
    cuts, rows = cuts_of(result.setup)
    equity = at_cuts(result.equity_micro, rows, result.setup.terms.balance)
    made = Days(cuts, rows, equity, *simple_returns(equity, result.setup.terms.balance / MICRO))
    for array in made:
        array.setflags(write=False)
    vars(result)["_days"] = whose, made
    return made


def cuts_of(setup: Setup) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return `cut_rows` of a prepared market; those of one pair's bars are kept with them."""
    stamps, duration = setup.stamps[setup.start :], setup.bars[0].duration
    if len(setup.bars) > 1:
        return cut_rows(stamps, duration)
    kept = setup.bars[0].kept
    if kept.get("cuts", (None,))[0] != setup.start:
        kept["cuts"] = setup.start, cut_rows(stamps, duration)
    found: tuple[NDArray[np.int64], NDArray[np.int64]] = kept["cuts"][1]
    return found


def cut_rows(stamps: NDArray[np.int64], duration: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (cut-offs, the last close at or before each; -1 before the first) of a run with these stamps, (d,) each."""
    end = int(stamps[-1]) + duration
    cuts = calendar.cutoffs(int(stamps[0]), end + 4 * calendar.DAY)
    cuts = cuts[calendar.weekdays(cuts) < 5]
    cuts = cuts[: int(np.searchsorted(cuts, end)) + 1]
    return cuts, np.searchsorted(stamps, cuts - duration, side="right") - 1


def at_cuts(equity_micro: NDArray[np.int64], rows: NDArray[np.int64], balance: int) -> NDArray[np.float64]:
    """Return equity at the cut-offs, (d,), account currency, from equity at closes and a start in micro."""
    return np.asarray(np.where(rows >= 0, equity_micro[np.maximum(rows, 0)], balance) / MICRO)


def simple_returns(equity: NDArray[np.float64], start: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (equity of the day before, simple returns) of equity by days, (..., d) each; nan where nothing was left."""
    before = np.concatenate([np.full((*equity.shape[:-1], 1), start), equity[..., :-1]], axis=-1)
    returns = np.full(equity.shape, np.nan)
    np.divide(equity, before, out=returns, where=before > 0)
    return before, returns - 1


def daily_returns(result: Result) -> NDArray[np.float64]:
    """Return simple returns between the cut-offs, (days,); nan from the day after equity fell to zero or below."""
    return days(result).returns


def daily(result: Result) -> pd.Series[float]:
    """Return the daily returns by cut-off, UTC."""
    import pandas as pd

    sampled = days(result)
    return pd.Series(sampled.returns, index=pd.to_datetime(sampled.cuts, utc=True).rename("time"), name="return")


def months(sampled: Days) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return (months since 1970-01, simple returns of equity over each), from the cut-offs; nan where nothing was left."""
    date = (calendar.day_index(sampled.cuts) - 1).astype(
        "datetime64[D]"
    )  # a cut-off begins the next day; its own is the one before
    month = date.astype("datetime64[M]").astype(np.int64)
    last = np.flatnonzero(np.append(month[1:] != month[:-1], True))
    equity = sampled.equity[last]
    before = np.append(sampled.before[:1], equity[:-1])
    returns = np.full(len(last), np.nan)
    np.divide(equity, before, out=returns, where=before > 0)
    return month[last], returns - 1


def monthly(result: Result) -> pd.Series[float]:
    """Return the returns of calendar months (New York days that end at 17:00), by month; the first and last may be parts."""
    import pandas as pd

    month, returns = months(days(result))
    return pd.Series(returns, index=pd.DatetimeIndex(month.astype("datetime64[M]"), name="month").to_period("M"), name="return")
