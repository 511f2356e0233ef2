"""The one switch: `LTS_LEDGER` in the environment; `paused` for a block."""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from lts.errors import LedgerWarning
from lts.research.setup import callers_level

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "LTS_LEDGER"
ON, OFF = ("", "on", "1", "true", "yes"), ("off", "0", "false", "no")
_stated: ContextVar[str | None] = ContextVar("stated", default=None)  # why not; empty: on, whatever the environment says
_said: set[str] = set()  # what has been warned of in this process


def why_off() -> str:
    """Return why nothing is recorded or counted; empty where the ledger is on."""
    stated = _stated.get()
    if stated is not None:
        return stated
    found = os.environ.get(VARIABLE, "").strip().lower()
    if found in OFF:
        return f"the trial ledger is off ({VARIABLE}={found})"
    if found not in ON:
        once(f"{VARIABLE}: was {found!r}; it must be on or off. The ledger stays on.")
    return ""


@contextmanager
def paused(why: str = "the trial ledger is paused") -> Iterator[None]:
    """Record and count nothing while the block runs, in this thread.

    Parameters
    ----------
    why : str
        What `result.reasons` says about `dsr` and `trials` of a result whose statistics are asked for inside the block.
    """
    token = _stated.set(why)
    try:
        yield
    finally:
        _stated.reset(token)


def once(text: str, about: str = "") -> None:
    """Warn of something, once in a process. Where warnings are errors it is logged instead: no run fails for the ledger."""
    if (about or text) in _said:
        return
    _said.add(about or text)
    try:
        warnings.warn(text, LedgerWarning, stacklevel=callers_level())
    except LedgerWarning:
        logging.getLogger("lts.ledger").warning(text)
