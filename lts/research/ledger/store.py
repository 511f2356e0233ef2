"""The file: opened once in a process, shared with others, never harmed.

Write-ahead log, so that readers and a writer do not wait for each other, with synchronous=NORMAL: what is written survives a killed
process; a power cut may take the last runs, never the file. A process that forks leaves its connection behind in the child.

Decision: SQLite, not DuckDB, for DuckDB lets one process at a time write. Keys of ten bytes in a table without row ids: 33 bytes a
set. The price of a new set, 0.06 ms; of one known already, 0.01.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from lts.data.home import home
from lts.errors import LedgerError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME, SCHEMA, APPLICATION = "ledger.sqlite", 1, 0x4C545354
BESIDE = ("", "-wal", "-shm")  # what SQLite keeps of one file
PATIENCE = 0.25  # seconds that a run waits for a lock, once; others that write keep it for some 50 ms
TABLES = """
CREATE TABLE data (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, since INTEGER NOT NULL, instrument TEXT NOT NULL,
    timeframe TEXT NOT NULL, bars INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, quick BLOB,
    UNIQUE (fingerprint, since));
CREATE INDEX quick ON data (quick) WHERE quick IS NOT NULL;
CREATE TABLE batches (id INTEGER PRIMARY KEY, data INTEGER NOT NULL REFERENCES data, strategy TEXT NOT NULL, kind TEXT NOT NULL,
    observations INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE trials (data INTEGER NOT NULL REFERENCES data, key BLOB NOT NULL, batch INTEGER NOT NULL REFERENCES batches,
    sharpe REAL, PRIMARY KEY (data, key)) WITHOUT ROWID;
"""


class BusyError(LedgerError):
    """Another program holds the file; it may be free the next time."""


class _Open:
    """What this process has open."""

    lock = threading.RLock()
    path: Path | None = None
    file: tuple[int, int] | None = None  # device and inode: a file may be moved aside and another made
    db: sqlite3.Connection | None = None
    waits = 0.0  # seconds that the connection waits for a lock
    patience = PATIENCE  # and that it should


def path() -> Path:
    """Return where the ledger is or would be."""
    return _path(os.environ.get("LTS_HOME"), os.environ.get("HOME"))


@lru_cache(maxsize=8)  # to put a path together took longer than to ask SQLite
def _path(*_: str | None) -> Path:
    return home() / NAME


@contextmanager
def session(patience: float | None = None) -> Iterator[sqlite3.Connection]:
    """Lend the connection, opened where it is not; whatever goes wrong inside becomes a `LedgerError` that says what to do.

    Parameters
    ----------
    patience : float or None
        Seconds to wait for a lock. None: `PATIENCE`, but nothing as long as the last wait was in vain.
    """
    with _Open.lock:
        where = path()
        wait = _Open.patience if patience is None else patience
        try:
            db = _connection(where, wait)
            yield db
        except (sqlite3.Error, OSError) as error:
            fault = _fault(where, error)
            if isinstance(fault, BusyError):
                _Open.patience = 0.0
                _roll_back()
            else:
                close()
            raise fault from error
        except BaseException:  # Ctrl-C in the middle
            _roll_back()
            raise
        _Open.patience = PATIENCE


def exists() -> bool:
    """Tell whether there is a file, or something in its place; no file has seen no trials."""
    try:
        path().lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True  # opening it will say what is wrong
    return True


def close() -> None:
    """Close the connection; the next to ask opens it again."""
    with _Open.lock:
        if _Open.db is not None:
            with suppress(sqlite3.Error):
                _Open.db.close()
        _Open.db = _Open.path = _Open.file = None


def _roll_back() -> None:
    if _Open.db is not None and _Open.db.in_transaction:
        with suppress(sqlite3.Error):
            _Open.db.rollback()


def _leave() -> None:
    """Leave the connection as it is, open until the process ends: to close it would harm others.

    In a child that was forked it is the parent's, with the parent's locks. Where the file was moved aside it would take the log of
    the new one with it, for SQLite removes that by name.
    """
    if _Open.db is not None:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_Open.db))
    _Open.db = _Open.path = _Open.file = None


def _leave_to_parent() -> None:
    _Open.lock = threading.RLock()
    _leave()


def aside() -> Path | None:
    """Move the file out of the way, whatever is in it, and return its new path; None where there is none.

    Raises
    ------
    LedgerError
        It cannot be moved.
    """
    with _Open.lock:
        close()
        old = path()
        if not exists():
            return None
        new = next(p for n in range(1, 1_000_000) if not (p := old.with_name(f"ledger.aside-{n}.sqlite")).exists())
        try:
            for end in BESIDE:
                part = old.with_name(old.name + end)
                if part.exists():
                    part.rename(new.with_name(new.name + end))
        except OSError as error:
            raise _fault(old, error) from error
        return new


def clear(fingerprint: str | None = None, *, confirm: bool = False) -> int:
    """Forget the trials on some bars, or all; return how many were forgotten.

    Parameters
    ----------
    fingerprint : str or None
        Of the bars; None: everything.
    confirm : bool
        Must be True: a number of trials that was cleared is no longer counted, and `dsr` says too much from then on.

    Raises
    ------
    ParameterError
        Not confirmed.
    LedgerError
        The file cannot be read or written.
    """
    if confirm is not True:
        raise ParameterError(f"ledger.clear: confirm was {confirm!r}; it must be True, for what is forgotten is counted no more.")
    if not exists():
        return 0
    which, values = (
        ("", ()) if fingerprint is None else (" WHERE data IN (SELECT id FROM data WHERE fingerprint = ?)", (fingerprint,))
    )
    with session(2.0) as db:
        db.execute("BEGIN IMMEDIATE")
        gone = db.execute(f"DELETE FROM trials{which}", values).rowcount  # noqa: S608  (two texts of our own)
        db.execute(f"DELETE FROM batches{which}", values)  # noqa: S608
        db.execute(f"DELETE FROM data{which.replace('data IN', 'id IN')}", values)  # noqa: S608
        db.execute("COMMIT")
        with suppress(sqlite3.OperationalError):  # somebody reads; the room is used again
            db.execute("VACUUM")
    return gone


def _connection(where: Path, wait: float) -> sqlite3.Connection:
    """Return the connection to the file that is there now."""
    if _Open.db is not None and _Open.path != where:
        close()
    if _Open.db is not None and _Open.file != _identity(where):
        _leave()
    if _Open.db is None:
        where.parent.mkdir(parents=True, exist_ok=True)
        _refuse_short(where)
        db = sqlite3.connect(where, timeout=wait, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db, where, wait)
        except BaseException:
            db.close()
            raise
        _Open.db, _Open.path, _Open.file, _Open.waits = db, where, _identity(where), wait
    if _Open.waits != wait:
        _Open.db.execute(f"PRAGMA busy_timeout={int(1000 * wait)}")
        _Open.waits = wait
    return _Open.db


def _identity(where: Path) -> tuple[int, int] | None:
    try:
        found = where.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _refuse_short(where: Path) -> None:
    """Refuse a file that was cut: SQLite takes a stump for empty, and half a last page for whole, and would write over them."""
    if not _cut(where):
        return
    time.sleep(0.02)  # another process may be writing it just now
    size = _cut(where)
    if size:
        raise LedgerError(f"Trial ledger {str(where)!r}: is damaged ({size:,} bytes, cut short); it must be whole. {_MOVE}")


def _cut(where: Path) -> int:
    """Return the size of a file that is shorter than it says of itself, else 0."""
    if not where.is_file() or where.with_name(where.name + "-wal").exists():  # what the log holds the file may lack
        return 0
    with where.open("rb") as file:
        head, size = file.read(32), os.fstat(file.fileno()).st_size
    page, pages = int.from_bytes(head[16:18]), int.from_bytes(head[28:32])
    short = 0 < size < 512 or (head.startswith(b"SQLite format 3") and page > 1 and (size % page or size < page * pages))
    return size if short else 0


def _prepare(db: sqlite3.Connection, where: Path, wait: float) -> None:
    """See that the file is a ledger that this LTS knows; make it one where it is empty."""
    if _stamp(db, where) == 0:
        until = time.monotonic() + wait
        while True:  # SQLite does not wait while it changes to a write-ahead log
            try:
                db.execute("PRAGMA journal_mode=WAL").fetchone()
                break
            except sqlite3.OperationalError:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.005)
        db.execute("BEGIN IMMEDIATE")
        if _stamp(db, where) == 0:  # nobody was quicker
            for statement in TABLES.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA application_id={APPLICATION}")
            db.execute(f"PRAGMA user_version={SCHEMA}")
        db.execute("COMMIT")
    db.execute("PRAGMA synchronous=NORMAL")


def _stamp(db: sqlite3.Connection, where: Path) -> int:
    """Return the schema of a file, 0 of an empty one; refuse others."""
    alone = not db.in_transaction
    if alone:
        db.execute("BEGIN")  # what is read belongs together: another process may be making the file just now
    asked = ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    schema, owner, tables = (db.execute(question).fetchone()[0] for question in asked)
    if alone:
        db.execute("COMMIT")
    if owner == APPLICATION and schema == SCHEMA:
        return SCHEMA
    if owner == 0 and schema == 0 and not tables:
        return 0
    if owner != APPLICATION:
        raise LedgerError(f"Trial ledger {str(where)!r}: is a database of another program; it must be LTS's own. {_MOVE}")
    cure = "Update lts." if schema > SCHEMA else _MOVE
    raise LedgerError(f"Trial ledger {str(where)!r}: has schema {schema}; this lts knows {SCHEMA}. {cure}")


_MOVE = "`lts ledger aside` moves it out of the way, and a new one begins."
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _fault(where: Path, error: Exception) -> LedgerError:
    """Return what a failure of SQLite or of the system means for the ledger."""
    name = f"Trial ledger {str(where)!r}"
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _HELD:
        return BusyError(f"{name}: is locked by another program; it must be free for a moment. Close what holds it.")
    if code in _DAMAGED:
        return LedgerError(f"{name}: is damaged ({error}); it must be a whole SQLite file. {_MOVE}")
    why = error.strerror if isinstance(error, OSError) else str(error)
    return LedgerError(
        f"{name}: cannot be opened or written ({why}); it must be a file of yours with room beside it. Set LTS_HOME to a "
        "folder that you can write."
    )


os.register_at_fork(after_in_child=_leave_to_parent)
atexit.register(close)
