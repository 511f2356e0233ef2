"""Two sides: a missing one is made by a spread that the caller chose, two files are joined, crossed quotes are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data.bars import RawQuotes
from lts.data.faultlog import at
from lts.data.grid import HIGHEST, Quotes, require_left
from lts.data.spread import spread_points
from lts.errors import BarsError, ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.faultlog import FaultLog
    from lts.instruments import Instrument

    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]
    Float = NDArray[np.float64]


def complete(quotes: Quotes, instrument: Instrument, spread: Any, in_points: bool, log: FaultLog) -> Quotes:
    """Return quotes with bid and ask.

    A bid gets ask = bid + spread, an ask gets bid = ask - spread, a mid gets bid = mid - spread / 2 rounded down to the point and
    ask = bid + spread. The spread is that of the bar's open, rounded to the point.

    Raises
    ------
    BarsError
        One side and no spread, or a bid that would not be above 0.
    ParameterError
        Two sides and a spread.
    """
    if len(quotes.points) == 2:
        if spread is not None:
            raise ParameterError(
                f"spread: was {spread!r} and {log.where} has both sides; it must be left out, for a spread is for sources "
                "of one. To use one side only pass side='bid'."
            )
        return quotes
    side, prices = next(iter(quotes.points.items()))
    log.side = side
    width, words = _width(quotes, instrument, spread, in_points, side, log)
    if side == "ask":
        bid = prices - width
    elif side == "bid":
        bid = prices
    else:
        bid = np.floor(prices - width / 2)
    ask = bid + width
    made = {"bid": "ask made from bid", "ask": "bid made from ask", "mid": "bid and ask made from mid"}[side]
    log.notes.append(f"{made}; spread: {words}")
    low = int(np.argmin(bid.min(axis=0)))
    if bid[:, low].min() <= 0:
        raise BarsError(
            f"{log.where}, row {quotes.row[low]}: a spread of {width[low]} points leaves a bid of {bid[:, low].min():g} "
            f"{at(quotes.time[low])}; it must be above 0. Check spread and scale."
        )
    high = int(np.argmax(ask.max(axis=0)))
    if ask[:, high].max() > HIGHEST:
        raise BarsError(
            f"{log.where}, row {quotes.row[high]}: the ask would be {ask[:, high].max():,.0f} points; at most {HIGHEST:,} fit."
        )
    return Quotes(quotes.row, quotes.time, {"bid": bid, "ask": ask}, quotes.extra)


def _width(quotes: Quotes, instrument: Instrument, spread: Any, in_points: bool, side: str, log: FaultLog) -> tuple[Int64, str]:
    if spread is None:
        raise BarsError(
            f"{log.where}, spread: the source has the {side} only and no spread was named; bars need both sides. "
            "Pass spread=1.2 (pips), spread='profile' (by hour of the week), a profile from lts.spread_profile(bars), or a column."
        )
    return spread_points(spread, quotes.time, instrument, quotes.extra.get("spread"), in_points, quotes.row, log.where)


def join(bid: Quotes, ask: Quotes, instrument: Instrument, spread: Any, log: FaultLog) -> Quotes:
    """Join two files by stamp: an outer join, and a policy for the stamps that only one of them has.

    Raises
    ------
    BarsError
        By the policy "unmatched"; its "spread" needs one.
    """
    time = np.union1d(bid.time, ask.time)
    in_bid, in_ask = np.isin(time, bid.time), np.isin(time, ask.time)
    points = {s: _spread_out(q.points[s], h) for s, q, h in (("bid", bid, in_bid), ("ask", ask, in_ask))}
    row = np.empty(len(time), dtype=np.int64)
    row[in_ask], row[in_bid] = ask.row, bid.row  # a row's number is the bid file's where it has one
    extra = {"volume": _volume(bid, ask, in_bid, in_ask)}
    quotes = Quotes(row, time, points, extra)
    alone = in_bid ^ in_ask
    policy = log.judge("unmatched", alone, row, lambda i: f"stamp {at(time[i])} is in the {'bid' if in_bid[i] else 'ask'} only")
    if policy == "drop":
        quotes = quotes.take(~alone)
        require_left(len(quotes), log)
    elif policy == "spread":
        _fill(quotes, in_bid, in_ask, instrument, spread, log)
    elif spread is not None:
        raise ParameterError(f"spread: was {spread!r} and both files have every stamp; leave it out.")
    return quotes


def _spread_out(prices: Float, where: NDArray[np.bool_]) -> Float:
    out = np.full((len(prices), len(where)), np.nan)
    out[:, where] = prices
    return out


def _volume(bid: Quotes, ask: Quotes, in_bid: NDArray[np.bool_], in_ask: NDArray[np.bool_]) -> Float:
    out = np.full(len(in_bid), np.nan)
    if "volume" in ask.extra:
        out[in_ask] = ask.extra["volume"]
    if "volume" in bid.extra:
        out[in_bid] = bid.extra["volume"]
    return out


def _fill(
    quotes: Quotes, in_bid: NDArray[np.bool_], in_ask: NDArray[np.bool_], instrument: Instrument, spread: Any, log: FaultLog
) -> None:
    only_bid, only_ask = in_bid & ~in_ask, in_ask & ~in_bid
    if spread is None:
        raise BarsError(
            f"{log.where}, spread: unmatched stamps are to be filled and no spread was named. Pass spread=1.2 (pips) or 'profile'."
        )
    width, words = spread_points(spread, quotes.time, instrument, None, False, quotes.row, log.where)
    bid, ask = quotes.points["bid"], quotes.points["ask"]
    ask[:, only_bid] = (bid + width)[:, only_bid]
    bid[:, only_ask] = np.maximum((ask - width)[:, only_ask], 1)
    log.notes.append(f"{int(only_bid.sum()):,} asks and {int(only_ask.sum()):,} bids made for unmatched stamps; spread: {words}")


def judge_crossed(quotes: Quotes, instrument: Instrument, log: FaultLog) -> tuple[Quotes, RawQuotes | None]:
    """Judge quotes whose ask lies below the bid in any of their prices; widened ones keep their source's quotes in RawQuotes."""
    bid, ask = quotes.points["bid"], quotes.points["ask"]
    bad = np.asarray((ask < bid).any(axis=0))

    def value(index: int) -> str:
        k = int(np.argmax(ask[:, index] < bid[:, index]))
        b, a = float(bid[k, index]) / instrument.scale, float(ask[k, index]) / instrument.scale
        name = ("open", "high", "low", "close")[k] if len(bid) == 4 else "quote"
        return f"{name}: bid {b:.10g} and ask {a:.10g} {at(quotes.time[index])}"

    policy = log.judge("crossed", bad, quotes.row, value)
    if policy == "drop":
        quotes = quotes.take(~bad)
        require_left(len(quotes), log)
    elif policy == "widen":
        index = np.flatnonzero(bad)
        raw = RawQuotes(index, matrix_of(quotes)[:, index])
        np.maximum(ask, bid, out=ask)
        return quotes, raw
    return quotes, None


def matrix_of(quotes: Quotes) -> Int32:
    """Return bid rows, then ask rows, int32."""
    return np.concatenate([quotes.points["bid"], quotes.points["ask"]]).astype(np.int32)
