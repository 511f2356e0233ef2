"""Bars written as small tables, and strategies that say what a table of decisions says."""

from __future__ import annotations

import numpy as np

import lts
from lts.data.timeframes import duration
from lts.words import Decision

FIELDS = Decision._fields
HOUR = 3_600_000_000_000


def ns(text):
    """ISO text, UTC, to nanoseconds."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def bars(rows, spread=0.0, *, instrument="EUR_USD", timeframe="H1", start="2024-01-09T12:00"):
    """Make bars of (open, high, low, close) bids, ask = bid + spread; `start` is the first stamp (text or ns), or all stamps."""
    pair = lts.instrument(instrument)
    bid = np.rint(np.array(rows, float).reshape(-1, 4).T * pair.scale).astype(np.int32)
    matrix = np.concatenate([bid, bid + np.int32(round(spread * pair.scale))])
    if isinstance(start, list):
        time = np.array([ns(text) for text in start], np.int64)
    else:
        time = (start if isinstance(start, int) else ns(start)) + np.arange(len(rows), dtype=np.int64) * duration(timeframe)
    return lts.Bars.from_points(pair, timeframe, time, matrix)


def mirrored(rows, about=1.1):
    """Turn (open, high, low, close) upside down: what a long saw, a short sees."""
    return [tuple(round(2 * about - row[i], 6) for i in (0, 2, 1, 3)) for row in rows]


class Scripted(lts.Strategy):
    """Decides what stands in its columns; `scripted` makes one."""

    def decide(self, view):
        """Say what the table says."""
        now = view.now
        return Decision(
            now.kind, now.units, now.entry_type, now.entry, now.stop_loss, now.take_profit, now.stop_pips, now.target_pips,
            now.trailing_pips, now.expiry_bars,
        )  # fmt: skip


def scripted(decisions):
    """Return a strategy that says `decisions[row]` at the close of that row, and stays otherwise."""

    class Script(Scripted):
        def features(self, bars):
            table = np.array([decisions.get(row, lts.stay()) for row in range(len(bars))], float)
            return dict(zip(FIELDS, table.T, strict=True))

    return Script()


def run(decisions, market, **options):
    """Run decisions by row on bars without costs, under an account that margin does not trouble."""
    given = {"costs": lts.Costs(), "account": lts.Account(1_000_000, market.instrument.quote, closeout=0), **options}
    return lts.run(scripted(decisions), market, **given)


def exits(result):
    """Return (row of entry, row of exit, exit price, reason) of each closed trade, from the logs."""
    log = result.logs["trades"]
    scale = result.bars.instrument.scale
    rows = zip(log["entry_row"], log["exit_row"], log["exit_price"], log["reason"], strict=True)
    return [(int(a), int(b), float(p / scale), lts.Reason(int(r)).name) for a, b, p, r in rows]


def refusals(result):
    """Return the reasons of all refused orders."""
    log = result.logs["orders"]
    return [lts.Reason(int(r)).name for r, status in zip(log["reason"], log["status"], strict=True) if status == lts.Status.REFUSED]
