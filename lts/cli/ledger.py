"""`lts ledger`: what was tried, on which bars, and where that is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lts.cli.exits import UsageError
from lts.cli.show import as_json, cell, remarks, say, table
from lts.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lts.research.ledger import Seen, Tried

COLUMNS = ("fingerprint", "instrument", "timeframe", "bars", "from", "to", "trials", "best sharpe", "latest")
INNER = ("strategy", "by", "trials", "best sharpe", "days", "began", "latest")


def show(which: str | None, *, wants_json: bool) -> None:
    """Write the bars that have seen trials, or what was tried on some of them."""
    from lts.research.ledger import path, table_rows, tried
    from lts.research.ledger.switch import why_off

    with remarks():
        off = why_off()
    if off:
        say(f"{off}; nothing is recorded")
    rows = table_rows()
    if which is None:
        if wants_json:
            as_json([_plain_seen(row) for row in rows])
        elif rows:
            table([COLUMNS, *(_seen(row) for row in rows)])
        else:
            say(f"no trials in {path()}; `lts backtest run` records one, a sweep all of its sets")
        return
    row = _one(rows, which)
    found = tried(row.fingerprint)
    if wants_json:
        as_json({**_plain_seen(row), "tried": [_plain_tried(t) for t in found]})
    else:
        table([*zip(COLUMNS, _seen(row, whole=True), strict=True)])
        print()
        table([INNER, *(_tried(t) for t in found)])


def where(*, wants_json: bool) -> None:
    """Write the path of the ledger."""
    from lts.research.ledger import path

    if wants_json:
        as_json({"ledger": str(path())})
    else:
        print(path())


def clear(which: str | None, *, yes: bool) -> None:
    """Forget the trials on some bars, or all of them.

    Raises
    ------
    UsageError
        Without --yes.
    """
    from lts.research.ledger import clear as forget
    from lts.research.ledger import table_rows

    rows = table_rows()
    one = None if which is None else _one(rows, which)
    count = sum(row.trials for row in rows) if one is None else sum(r.trials for r in rows if r.fingerprint == one.fingerprint)
    if not yes:
        raise UsageError(
            f"Command line: ledger clear was stated without --yes; it must be meant, for {count:,} trials would be forgotten and "
            "no DSR would count them any more. Add --yes."
        )
    print(f"{forget(None if one is None else one.fingerprint, confirm=True):,} trials forgotten")


def aside() -> None:
    """Move the file out of the way."""
    from lts.research.ledger import aside as move

    moved = move()
    if moved is None:
        say("there is no ledger; nothing was moved")
    else:
        print(moved)


def _one(rows: list[Seen], which: str) -> Seen:
    """Return the row that a fingerprint, or its beginning, names."""
    found = [row for row in rows if which and row.fingerprint.startswith(which)]
    if len({row.fingerprint for row in found}) != 1:
        raise ParameterError(
            f"ledger {which!r}: fits {len(found)} of the {len(rows)} fingerprints; it must fit one. See `lts ledger show`."
        )
    return found[0]


def _seen(row: Seen, *, whole: bool = False) -> tuple[Any, ...]:
    first = _day(row.since or row.first) + (" (trade_from)" if row.since else "")
    return (
        row.fingerprint if whole else row.fingerprint[:12], row.instrument or "unknown", row.timeframe or "unknown",
        f"{row.bars:,}", first, _day(row.last), f"{row.trials:,}", cell(row.best_sharpe), _moment(row.latest),
    )  # fmt: skip


def _tried(row: Tried) -> tuple[Any, ...]:
    days = f"{row.fewest_days:,}" if row.fewest_days == row.most_days else f"{row.fewest_days:,} to {row.most_days:,}"
    return (row.strategy, row.kind, f"{row.trials:,}", cell(row.best_sharpe), days, _moment(row.began), _moment(row.latest))


def _plain_seen(row: Seen) -> dict[str, Any]:
    return _told(row._asdict(), _iso_ns, ("since", "first", "last"))


def _plain_tried(row: Tried) -> dict[str, Any]:
    return _told(row._asdict(), _iso_ns, ())


def _told(row: dict[str, Any], iso: Callable[[int], str | None], names: tuple[str, ...]) -> dict[str, Any]:
    return {**row, **{name: iso(row[name]) for name in names}, **{name: _iso(row[name]) for name in ("began", "latest")}}


def _iso_ns(stamp: int) -> str | None:
    return _iso(stamp // 1_000_000_000) if stamp else None


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


def _day(stamp: int) -> str:
    return f"{datetime.fromtimestamp(stamp // 1_000_000_000, UTC):%Y-%m-%d}" if stamp else "unknown"
