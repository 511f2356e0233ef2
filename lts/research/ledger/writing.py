"""Sets written: at once where the file is free, else kept in memory until it is."""

from __future__ import annotations

import atexit
import os
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import LedgerError
from lts.research.ledger import store
from lts.research.ledger.data import Data, data_of, each_of
from lts.research.ledger.keys import SIZE, key, keys, together
from lts.research.ledger.switch import once, why_off
from lts.sim.dated import moment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from lts.research.ledger.data import What
    from lts.research.result import Result
    from lts.strategies.base import Strategy

CHUNK = 20_000  # sets a transaction, some 50 ms: others get their turn between two
FAREWELL = 2.0  # seconds that a process waits at its end for a lock, if sets are left
ADD = (
    "INSERT INTO trials VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET sharpe = excluded.sharpe, batch = excluded.batch "
    "WHERE trials.sharpe IS NULL AND excluded.sharpe IS NOT NULL"
)


class Batch(NamedTuple):
    """Sets that were run together."""

    data: Data
    keys: bytes  # SIZE each
    sharpe: NDArray[np.float64]  # (n,) a day
    strategy: str
    kind: str
    observations: int
    at: int  # seconds since 1970, UTC


class _Waiting:
    """Sets that could not be written yet."""

    lock = threading.RLock()
    batches: list[Batch] = []  # noqa: RUF012  (one process, one list)
    lost: tuple[Path, str] | None = None  # where and why the last sets could not be recorded: a count without them is too low


def record(
    data: What,
    cls: type[Strategy],
    sets: Sequence[Mapping[str, Any]] | Mapping[str, Any],
    sharpe: NDArray[np.float64] | Sequence[float],
    observations: int,
    kind: str = "sweep",
    *,
    trade_from: Any = None,
) -> None:
    """Record sets that were run on some bars. A set counts once; a failure of the ledger is warned of once and never raised.

    Parameters
    ----------
    data : Bars or str
        What was run on, or its fingerprint; of bars the ledger also keeps what they are called.
    cls : type
        The strategy's class.
    sets : sequence of mappings, or mapping of name to (n,) values
        Parameters; what is not named has its default. Columns are quicker than a million mappings.
    sharpe : (n,) floats
        Sharpe ratio a **day** (a year's / sqrt(260)); nan where a set has none, and it counts all the same.
    observations : int
        Days that the Sharpe ratios were taken of.
    kind : str
        What ran them: "run", "sweep", "optimize", "walk_forward".
    trade_from : str, datetime, int or None
        As `run` was given it; with a fingerprint the stamp of the first bar that traded, ns UTC.
    """
    if why_off():
        return
    values = np.ascontiguousarray(sharpe, dtype=np.float64)
    if not len(values):
        return
    _write(Batch(data_of_what(data, trade_from), keys(cls, sets), values, cls.__name__, kind, int(observations), int(time.time())))


def note(result: Result, kind: str = "run") -> None:
    """Record the set of one result."""
    if why_off():
        return
    sharpe, observations = per_day(result)
    name = "+".join(dict.fromkeys(type(s).__name__ for s in result.strategies))
    _write(Batch(data_of_result(result), key_of(result), np.array([sharpe]), name, kind, observations, int(time.time())))


def flush(patience: float | None = None) -> None:
    """Write what waits.

    Raises
    ------
    LedgerError
        It cannot be written; it goes on waiting.
    """
    with _Waiting.lock:
        while _Waiting.batches:
            with store.session(patience) as db:
                _insert(db, _Waiting.batches[0])
            del _Waiting.batches[0]


def waiting() -> int:
    """Return how many sets could not be written yet."""
    return sum(len(batch.sharpe) for batch in _Waiting.batches)


def lost() -> str:
    """Return why the last sets could not be recorded; empty where they were, or wait."""
    return _Waiting.lost[1] if _Waiting.lost and _Waiting.lost[0] == store.path() else ""


def key_of(result: Result) -> bytes:
    """Return the key of a result's strategies and their parameters."""
    return together([(key(s), float(f)) for s, f in zip(result.strategies, result.factors, strict=True)])


def data_of_result(result: Result) -> Data:
    """Return what a result's trials are counted under."""
    setup = result.setup
    return data_of(setup.bars, int(setup.stamps[setup.start]) if setup.start else None, known)


def per_day(result: Result) -> tuple[float, int]:
    """Return the Sharpe ratio a day, nan where there is none, and the days that it was taken of."""
    from lts.research.stats.daily import daily_returns

    r = daily_returns(result)
    spread = float(r.std(ddof=1)) if len(r) > 1 else 0.0
    return (float(r.mean()) / spread if spread > 0 else np.nan), len(r)


def known(quick: bytes) -> str:
    """Return the fingerprint that the ledger knows of a quick key, empty where there is none."""
    try:
        if not store.exists():
            return ""
        with store.session() as db:
            found = db.execute("SELECT fingerprint FROM data WHERE quick = ?", (quick,)).fetchone()
    except LedgerError:
        return ""
    return str(found[0]) if found else ""


def data_of_what(data: What, trade_from: Any = None) -> Data:
    """Return what trials on some bars are counted under."""
    since = trade_from if trade_from is None or isinstance(trade_from, int) else moment(trade_from, "trade_from")
    if since is not None and not isinstance(data, str | Data):
        stamps = (b.time[int(np.searchsorted(b.time, since)) :] for b in each_of(data))
        since = min((int(time[0]) for time in stamps if len(time)), default=since)  # the bar it leads to is what counts
    return data_of(data, since, known)


def _write(batch: Batch) -> None:
    with _Waiting.lock:
        _Waiting.batches.append(batch)
        try:
            flush()
            _Waiting.lost = None
        except store.BusyError as error:
            once(
                f"{error} Sets wait in memory and are written when it is free, at the latest at the end of the process.",
                "busy",
            )
        except LedgerError as error:
            _Waiting.lost = store.path(), str(error)
            _Waiting.batches.clear()  # what cannot be written now will not be later, and memory is not for hoarding it
            once(f"{error} The run is whole, but its trials are not counted. LTS_LEDGER=off keeps no ledger.", str(error))


def _insert(db: sqlite3.Connection, batch: Batch) -> None:
    """Write a batch; sets that are there already leave nothing behind."""
    if len(batch.sharpe) == 1 and _there(db, batch):
        return
    began = _begin(db, batch)
    changed, before = began, db.total_changes
    order = np.argsort(np.frombuffer(batch.keys, np.dtype([("a", ">u8"), ("b", ">u2")]))["a"], kind="stable")
    for start in range(0, len(order), CHUNK):
        if start:
            db.execute("COMMIT")
            time.sleep(0.001)
            db.execute("BEGIN IMMEDIATE")
        db.executemany(ADD, _rows(batch, order[start : start + CHUNK], *began))
    if db.total_changes == before:
        db.execute("DELETE FROM batches WHERE id = ?", (changed[1],))
    db.execute("COMMIT")


def _rows(batch: Batch, order: NDArray[np.int64], data: int, number: int) -> Iterator[tuple[int, bytes, int, float | None]]:
    for i, sharpe in zip(order.tolist(), batch.sharpe[order].tolist(), strict=True):
        yield data, batch.keys[i * SIZE : (i + 1) * SIZE], number, sharpe  # nan becomes NULL


def _there(db: sqlite3.Connection, batch: Batch) -> bool:
    """Tell whether a single set is known already, with all that is known of it now."""
    found = db.execute(
        "SELECT sharpe FROM trials WHERE key = ? AND data = (SELECT id FROM data WHERE fingerprint = ? AND since = ?)",
        (batch.keys, batch.data.fingerprint, batch.data.since or 0),
    ).fetchone()
    return found is not None and (found[0] is not None or bool(np.isnan(batch.sharpe[0])))


def _begin(db: sqlite3.Connection, batch: Batch) -> tuple[int, int]:
    """Begin a transaction with the rows that a batch hangs on; return the ids of its data and of itself."""
    d = batch.data
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "INSERT INTO data (fingerprint, since, instrument, timeframe, bars, first, last, quick) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET instrument = excluded.instrument, timeframe = excluded.timeframe, bars = excluded.bars, "
        "first = excluded.first, last = excluded.last WHERE data.bars = 0 AND excluded.bars > 0",
        (d.fingerprint, d.since or 0, d.instrument, d.timeframe, d.bars, d.first, d.last, d.quick),
    )
    (data,) = db.execute("SELECT id FROM data WHERE fingerprint = ? AND since = ?", (d.fingerprint, d.since or 0)).fetchone()
    made = db.execute(
        "INSERT INTO batches (data, strategy, kind, observations, at) VALUES (?, ?, ?, ?, ?)",
        (data, batch.strategy, batch.kind, batch.observations, batch.at),
    ).lastrowid
    return int(data), int(made or 0)


def _farewell() -> None:
    """Write what waits, at the end of the process."""
    try:
        flush(FAREWELL)
    except LedgerError as error:
        once(f"{error} {waiting():,} sets were not recorded.", "lost")


def _leave() -> None:
    """Leave to the parent what it has to write, in a child that was forked."""
    _Waiting.lock = threading.RLock()
    _Waiting.batches, _Waiting.lost = [], None


os.register_at_fork(after_in_child=_leave)
atexit.register(_farewell)
