"""What a command leaves, be it run in this process or in one of its own."""

from __future__ import annotations

from typing import NamedTuple


class Done(NamedTuple):
    """Exit code and both streams."""

    code: int
    out: str
    err: str
