"""A sign of life for the person at the terminal, on stderr; nothing where stderr is a file or a pipe."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def working(text: str, *, quiet: bool = False) -> Iterator[None]:
    """Show that work goes on while the block runs; rich, which draws it, honours NO_COLOR."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
