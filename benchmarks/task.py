"""What a benchmarked function returns: something to run, and what the run must tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(NamedTuple):
    """What a run came to, so that nobody is fast by doing something else; of a sweep, all trades and the mean final balance."""

    trades: int
    final: float  # USD
    path: str = ""  # how LTS ran a sweep's sets


class Task(NamedTuple):
    """One backtest, ready to go: `run` is timed; `before`, if any, is not, and its product is handed to `run`."""

    run: Callable[..., Outcome]
    before: Callable[[], Any] | None = None
