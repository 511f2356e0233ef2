"""What has been tried: counts for the statistics, tables for people."""

from __future__ import annotations

from math import isfinite, nan, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.errors import LedgerError
from lts.research.ledger import store
from lts.research.ledger.switch import once, why_off
from lts.research.ledger.trials import Trials
from lts.research.ledger.writing import data_of_result, data_of_what, flush, key_of, lost, per_day

if TYPE_CHECKING:
    import pandas as pd

    from lts.research.ledger.data import Data, What
    from lts.research.result import Result

# One pass; the Sharpe ratios are taken from one of them, so that no digits are lost where they are close together.
COUNT = """
WITH mine AS (SELECT id FROM data WHERE fingerprint = ? AND since = ?),
     one AS (SELECT coalesce((SELECT sharpe FROM trials, mine WHERE data = id AND sharpe IS NOT NULL LIMIT 1), 0.0) AS base)
SELECT count(trials.key), count(sharpe), base, total(sharpe - base), total((sharpe - base) * (sharpe - base)), max(sharpe)
FROM one LEFT JOIN trials ON data = (SELECT id FROM mine)
"""
KNOWN = "SELECT 1 FROM trials WHERE data = (SELECT id FROM data WHERE fingerprint = ? AND since = ?) AND key = ?"
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


def trials(data: What, trade_from: Any = None) -> Trials:
    """Return how many sets some bars have seen; where that cannot be told, `reason` says why and the count is nan.

    Parameters
    ----------
    data : Bars or str
        Bars, those of a portfolio in its order, or a fingerprint.
    trade_from : str, datetime, int or None
        As `run` was given it; with a fingerprint the stamp of the first bar that traded, ns UTC.
    """
    return _told(lambda: _count(data_of_what(data, trade_from)))


def seen(result: Result) -> Trials:
    """Return how many sets a result's bars have seen; its own is one of them, recorded or not."""
    return _told(lambda: _count(data_of_result(result), key_of(result), per_day(result)[0]))


def table() -> pd.DataFrame:
    """Return one row for all bars that have seen trials, the latest first.

    Raises
    ------
    LedgerError
        The ledger cannot be read.
    """
    import pandas as pd

    rows = table_rows()
    frame = pd.DataFrame(rows, columns=list(Seen._fields))
    for name in ("since", "first", "last"):
        frame[name] = pd.to_datetime(frame[name].where(frame[name] != 0), unit="ns", utc=True)
    for name in ("began", "latest"):
        frame[name] = pd.to_datetime(frame[name], unit="s", utc=True)
    return frame.set_index("fingerprint")


def table_rows() -> list[Seen]:
    """Return what `table` shows, as plain values."""
    return [Seen(*row)._replace(best_sharpe=_a_year(row[8])) for row in _rows(SEEN)]


def tried(fingerprint: str) -> list[Tried]:
    """Return what was tried on some bars, by strategy and verb, the latest first.

    Raises
    ------
    LedgerError
        The ledger cannot be read.
    """
    return [Tried(*row)._replace(best_sharpe=_a_year(row[3])) for row in _rows(TRIED, fingerprint)]


def _told(ask: Any) -> Trials:
    why = why_off() or lost()
    if why:
        return Trials(reason=why)
    try:
        flush()
        found: Trials = ask()
    except LedgerError as error:
        about = "busy" if isinstance(error, store.BusyError) else str(error)
        once(f"{error} dsr and trials are nan until then. LTS_LEDGER=off keeps no ledger.", about)
        return Trials(reason=str(error))
    return found


def _count(data: Data, key: bytes | None = None, own: float = nan) -> Trials:
    """Return what the ledger says of some bars, with a set of their own where it does not know that."""
    count, rated, base, first, second, best = 0, 0, 0.0, 0.0, 0.0, None
    if store.exists():
        with store.session() as db:
            count, rated, base, first, second, best = db.execute(COUNT, (data.fingerprint, data.since or 0)).fetchone()
            key = None if key and db.execute(KNOWN, (data.fingerprint, data.since or 0, key)).fetchone() else key
    if key is not None:
        count += 1
        if isfinite(own):
            rated, first, second, best = (
                rated + 1,
                first + own - base,
                second + (own - base) ** 2,
                own if best is None else max(best, own),
            )
    variance = (second - first * first / rated) / (rated - 1) if rated > 1 else nan
    return Trials(count, max(variance, 0.0) if rated > 1 else nan, rated, nan if best is None else best)


def _rows(query: str, *values: Any) -> list[Any]:
    flush()
    if not store.exists():
        return []
    with store.session() as db:
        return db.execute(query, values).fetchall()


def _a_year(sharpe: float | None) -> float:
    from lts.research.stats.daily import DAYS

    return nan if sharpe is None else sharpe * sqrt(DAYS)
