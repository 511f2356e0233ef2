"""What has been tried: counts for the statistics, tables for people."""

from __future__ import annotations

from math import isfinite, nan, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import LedgerError
from lts.research.ledger import store
from lts.research.ledger.data import Data, data_of
from lts.research.ledger.switch import once, why_off
from lts.research.ledger.trials import Trials
from lts.research.ledger.writing import data_of_result, flush, key_of, known, per_day

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    import pandas as pd

    from lts.data.bars import Bars
    from lts.research.result import Result

COUNT = """
WITH mine AS (SELECT sharpe FROM trials WHERE data = (SELECT id FROM data WHERE fingerprint = ? AND since = ?)),
     middle AS (SELECT avg(sharpe) AS mean FROM mine)
SELECT count(*), count(sharpe), middle.mean, sum((sharpe - middle.mean) * (sharpe - middle.mean)), max(sharpe) FROM mine, middle
"""
SEEN = """
SELECT d.fingerprint, d.since, d.instrument, d.timeframe, d.bars, d.first, d.last, count(*), max(t.sharpe), min(b.at), max(b.at)
FROM trials t JOIN data d ON d.id = t.data JOIN batches b ON b.id = t.batch GROUP BY d.id ORDER BY max(b.at) DESC, d.id DESC
"""
TRIED = """
SELECT b.strategy, b.kind, count(*), max(t.sharpe), min(b.observations), max(b.observations), min(b.at), max(b.at)
FROM trials t JOIN data d ON d.id = t.data JOIN batches b ON b.id = t.batch WHERE d.fingerprint = ?
GROUP BY b.strategy, b.kind ORDER BY max(b.at) DESC, b.strategy
"""


class Seen(NamedTuple):
    """What was tried on some bars; times are seconds since 1970 UTC, `first`, `last` and `since` nanoseconds."""

    fingerprint: str
    since: int  # first stamp that trades, 0 = all do
    instrument: str
    timeframe: str
    bars: int
    first: int
    last: int
    trials: int
    best_sharpe: float  # a year
    began: int
    latest: int


class Tried(NamedTuple):
    """What was tried of one strategy on some bars by one verb."""

    strategy: str
    kind: str
    trials: int
    best_sharpe: float  # a year
    fewest_days: int
    most_days: int
    began: int
    latest: int


def trials(data: Bars | Sequence[Bars] | str | Data, trade_from: int | None = None) -> Trials:
    """Return how many sets some bars have seen; where that cannot be told, `reason` says why and the count is nan.

    Parameters
    ----------
    data : Bars or str
        Bars, those of a portfolio in its order, or a fingerprint.
    trade_from : int or None
        Stamp of the first bar that traded, ns UTC, where that is not the first of all.
    """
    return _told(lambda: _count(data_of(data, trade_from, known)))


def seen(result: Result) -> Trials:
    """Return how many sets a result's bars have seen; its own is one of them, recorded or not."""
    return _told(lambda: _with_own(result, _count(data_of_result(result))))


def table() -> pd.DataFrame:
    """Return one row for all bars that have seen trials, the latest first.

    Raises
    ------
    LedgerError
        The ledger cannot be read.
    """
    import pandas as pd

    rows = listed()
    frame = pd.DataFrame(rows, columns=list(Seen._fields))
    for name in ("since", "first", "last"):
        frame[name] = pd.to_datetime(frame[name].where(frame[name] != 0), unit="ns", utc=True)
    for name in ("began", "latest"):
        frame[name] = pd.to_datetime(frame[name], unit="s", utc=True)
    return frame.set_index("fingerprint")


def listed() -> list[Seen]:
    """Return what `table` shows, as plain values."""
    return [Seen(*row[:8], _a_year(row[8]), *row[9:]) for row in _rows(SEEN)]


def tried(fingerprint: str) -> list[Tried]:
    """Return what was tried on some bars, by strategy and verb, the latest first.

    Raises
    ------
    LedgerError
        The ledger cannot be read.
    """
    return [Tried(*row[:3], _a_year(row[3]), *row[4:]) for row in _rows(TRIED, fingerprint)]


def _told(ask: Any) -> Trials:
    why = why_off()
    if why:
        return Trials(reason=why)
    try:
        flush()
        found: Trials = ask()
    except LedgerError as error:
        once(f"{error} dsr and trials are nan until then. LTS_LEDGER=off keeps no ledger.", str(error))
        return Trials(reason=str(error))
    return found


def _count(data: Data) -> Trials:
    if not store.exists():
        return Trials(0)
    with store.session() as db:
        return _counted(db, data)


def _counted(db: sqlite3.Connection, data: Data) -> Trials:
    count, rated, _, squares, best = db.execute(COUNT, (data.fingerprint, data.since or 0)).fetchone() or (0, 0, None, None, None)
    return Trials(count, squares / (rated - 1) if rated > 1 else nan, rated, nan if best is None else best)


def _with_own(result: Result, found: Trials) -> Trials:
    """Add a result's own set where it was not recorded: it was run while the ledger was off, or bar by bar."""
    data, key = data_of_result(result), key_of(result)
    if found.count:
        with store.session() as db:
            known_one = db.execute(
                "SELECT 1 FROM trials WHERE key = ? AND data = (SELECT id FROM data WHERE fingerprint = ? AND since = ?)",
                (key, data.fingerprint, data.since or 0),
            ).fetchone()
            if known_one:
                return found
            (mean,) = db.execute(
                "SELECT avg(sharpe) FROM trials WHERE data = (SELECT id FROM data WHERE fingerprint = ? AND since = ?)",
                (data.fingerprint, data.since or 0),
            ).fetchone()
    else:
        mean = None
    own, _ = per_day(result)
    if not isfinite(own):
        return found._replace(count=found.count + 1)
    rated = found.rated + 1
    squares = (found.variance if found.rated > 1 else 0.0) * (found.rated - 1) if found.rated else 0.0
    squares += (own - mean) ** 2 * found.rated / rated if found.rated else 0.0
    variance = squares / (rated - 1) if rated > 1 else nan
    return Trials(found.count + 1, variance, rated, float(np.fmax(found.best, own)))


def _rows(query: str, *values: Any) -> list[Any]:
    flush()
    if not store.exists():
        return []
    with store.session() as db:
        return db.execute(query, values).fetchall()


def _a_year(sharpe: float | None) -> float:
    from lts.research.stats.daily import DAYS

    return nan if sharpe is None else sharpe * sqrt(DAYS)
