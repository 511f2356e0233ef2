"""Frames from the logs: points become prices, micros money, rows times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.sim.layout import AT_CLOSE, FLAG_NIGHT
from lts.words import MICRO, OrderType, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from lts.research.result import Result

    Log = Mapping[str, NDArray[np.int64]]

MONEY = ("price_profit", "spread_cost", "slippage_cost", "commission", "swap", "conversion_cost", "profit")


def _named(members: Any, values: NDArray[np.int64]) -> Any:
    import pandas as pd

    names = np.empty(64, object)
    for member in members:
        names[member] = member.name
    return pd.Categorical(names[values], categories=[m.name for m in members])


def _times(result: Result, log: Log, column: str) -> Any:
    import pandas as pd

    times = np.zeros(len(log[column]), np.int64)
    for k, bars in enumerate(result.setup.bars):
        mine = log["instrument"] == k
        times[mine] = bars.time[log[column][mine]]
    return pd.to_datetime(times.view("datetime64[ns]"), utc=True)  # as stamps: of no row pandas would make seconds


def _of(log: Log, values: list[float]) -> NDArray[np.float64]:
    return np.asarray(values, float)[log["instrument"]]


def _prices(result: Result, log: Log, column: str, *, none: bool = False) -> NDArray[np.float64]:
    scale = _of(log, list(result.setup.instruments.scale))
    prices = log[column] / scale
    return np.where(log[column] > 0, prices, np.nan) if none else prices


def _pairs(result: Result, log: Log) -> Any:
    import pandas as pd

    names: Any = [b.instrument.name for b in result.setup.bars]
    return pd.Categorical.from_codes(log["instrument"], categories=names)


def trades(result: Result) -> pd.DataFrame:
    """Return the closed trades; units carry the trade's sign, pips are per unit from entry to exit, mae and mfe are pips >= 0."""
    import pandas as pd

    log = result.logs["trades"]
    per_pip = _of(log, list(result.setup.instruments.per_pip))
    side = np.sign(log["steps"])
    return pd.DataFrame(
        {
            "entry_time": _times(result, log, "entry_row"),
            "exit_time": _times(result, log, "exit_row"),
            "instrument": _pairs(result, log),
            "units": log["steps"] / _of(log, list(result.setup.instruments.unit)),
            "entry_price": _prices(result, log, "entry_price"),
            "exit_price": _prices(result, log, "exit_price"),
            **{name: log[name] / MICRO for name in MONEY},
            "pips": (log["exit_price"] - log["entry_price"]) * side / per_pip,
            "reason": _named(Reason, log["reason"]),
            "mae": log["mae"] / per_pip,
            "mfe": log["mfe"] / per_pip,
            "ambiguous": log["ambiguous"].astype(bool),
            "trade": log["trade"],
        }
    )


def fills(result: Result) -> pd.DataFrame:
    """Return the fills; units carry the fill's sign (bought > 0), time is the open of the bar, place says where in it."""
    import pandas as pd

    log = result.logs["fills"]
    per_pip = _of(log, list(result.setup.instruments.per_pip))
    return pd.DataFrame(
        {
            "time": _times(result, log, "row"),
            "instrument": _pairs(result, log),
            "trade": log["trade"],
            "units": log["steps"] / _of(log, list(result.setup.instruments.unit)),
            "price": _prices(result, log, "price"),
            "reason": _named(Reason, log["reason"]),
            "commission": log["commission"] / MICRO,
            "balance": log["balance"] / MICRO,
            "spread_pips": log["spread"] / per_pip,
            "slippage_pips": log["slippage"] / per_pip,
            "place": pd.Categorical.from_codes(log["place"], categories=PLACES),
        }
    )


def orders(result: Result) -> pd.DataFrame:
    """Return the ended orders; a refusal says why. `time` is the open of the bar at whose close it was decided."""
    import pandas as pd

    log = result.logs["orders"]
    per_pip = _of(log, list(result.setup.instruments.per_pip))
    pips = {f"{name}_pips": np.where(log[f"{name}_distance"] > 0, log[f"{name}_distance"] / per_pip, np.nan) for name in DISTANCES}
    return pd.DataFrame(
        {
            "time": _times(result, log, "decided_row"),
            "end_time": _times(result, log, "done_row"),
            "instrument": _pairs(result, log),
            "type": _named(OrderType, log["type"]),
            "units": log["steps"] / _of(log, list(result.setup.instruments.unit)),
            "status": _named(Status, log["status"]),
            "reason": _named(Reason, log["reason"]),
            "price": _prices(result, log, "level", none=True),
            "stop_loss": _prices(result, log, "stop_loss", none=True),
            "take_profit": _prices(result, log, "take_profit", none=True),
            **pips,
        }
    )


DISTANCES = ("stop", "target", "trailing")
PLACES: Any = ["open", "inside", "close"]


def closes(result: Result) -> NDArray[np.int64]:
    """Return the time of each close, ns UTC: the stamp plus the bars' length."""
    return result.setup.stamps[result.setup.start :] + result.bars.duration


def by_close(result: Result, values: NDArray[np.float64], name: str) -> pd.Series[float]:
    """Return a series by the bars' closes."""
    import pandas as pd

    return pd.Series(values, index=pd.to_datetime(closes(result), utc=True).rename("time"), name=name)


def fill_times(result: Result) -> NDArray[np.int64]:
    """Return the stamp at which each fill happened, ns UTC, ascending.

    A pair that has ended, or has no bar at a close-out, is closed at the stamp of the day, not of its own last bar.
    """
    log = result.logs["fills"]
    times = np.zeros(len(log["row"]), np.int64)
    for k, bars in enumerate(result.setup.bars):
        mine = log["instrument"] == k
        times[mine] = bars.time[log["row"][mine]]
    times[log["place"] == AT_CLOSE] = result.setup.stamps[-1]
    return np.maximum.accumulate(times) if len(times) else times


def balances(result: Result) -> NDArray[np.float64]:
    """Return the balance at each close: that of the last fill, and the swap posted since."""
    log, times = result.logs["fills"], fill_times(result)
    stamps = result.setup.stamps[result.setup.start :]
    paid = np.cumsum(_swaps(result, stamps))
    last = np.searchsorted(times, stamps, side="right") - 1
    if not len(times):
        return np.full(len(stamps), result.setup.terms.balance / MICRO)
    at_fill = paid[np.searchsorted(stamps, times)]
    since = np.where(last >= 0, log["balance"][np.maximum(last, 0)] - at_fill[np.maximum(last, 0)], result.setup.terms.balance)
    return (since + paid) / MICRO


def _swaps(result: Result, stamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the swap posted at each stamp, micro: each night's rate on the steps that a trade had then (the market's phase a)."""
    log, posted = result.logs["fills"], np.zeros(len(stamps), np.int64)
    first = night = 0
    for k, bars in enumerate(result.setup.bars):
        rows = np.flatnonzero(result.setup.tape.flags[first : first + len(bars)] & FLAG_NIGHT)
        weights = result.setup.tape.nights[night : night + len(rows)]
        first, night = first + len(bars), night + len(rows)
        mine = np.flatnonzero(log["instrument"] == k)
        order = mine[np.argsort(log["trade"][mine], kind="stable")]
        trade, row, steps = (log[name][order] for name in ("trade", "row", "steps"))
        held = np.cumsum(steps) - np.repeat(*_before(trade, steps))
        until = np.where(np.append(trade[1:] == trade[:-1], False), np.append(row[1:], 0), len(bars) - 1)
        a, b = np.searchsorted(rows, row, side="right"), np.searchsorted(rows, until, side="right")
        for i in np.flatnonzero((b > a) & (held != 0)):
            amounts = np.rint(abs(held[i]) * weights[a[i] : b[i], 0 if held[i] > 0 else 1]).astype(np.int64)
            np.add.at(posted, np.searchsorted(stamps, bars.time[rows[a[i] : b[i]]]), amounts)
    return posted


def _before(trade: NDArray[np.int64], steps: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the running sum of `steps` before each trade's first fill, and each trade's number of fills."""
    starts = np.flatnonzero(np.append(True, trade[1:] != trade[:-1])) if len(trade) else np.zeros(0, np.int64)
    before = np.concatenate([[0], np.cumsum(steps)])[starts]
    return before, np.diff(np.append(starts, len(trade)))
