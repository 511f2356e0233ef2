"""How far a sweep is: a bar on stderr for a person at a terminal, or a function of the caller's; silence elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_LINES = 10  # of the terminal, a second


class Progress(NamedTuple):
    """How far a sweep is."""

    done: int  # sets
    total: int
    seconds: float
    bars: int  # of a set
    by: str  # what is best by
    best: float  # so far; nan: none
    row: int  # the best one's; -1: none
    part: str = ""  # of the work, as "window 3 of 8"; empty: there is one

    @property
    def rate(self) -> float:
        """Sets a second."""
        return self.done / self.seconds

    @property
    def left(self) -> float:
        """Seconds until the end, at this rate."""
        return (self.total - self.done) / self.rate if self.done else float("inf")

    def __str__(self) -> str:
        from lts.research.sweep.plan import span

        best = "" if self.row < 0 else f", best {self.by} {self.best:.4g} (set {self.row})"
        part = f"{self.part}: " if self.part else ""
        return f"{part}{self.done:,} of {self.total:,} sets{best}, {span(self.left)} left, {self.rate:,.0f} a second"


@contextmanager
def telling(progress: Any) -> Iterator[Callable[[Progress], object]]:
    """Yield what is to be called after each chunk.

    Raises
    ------
    ParameterError
        `progress` is neither True, False nor a function.
    """
    if callable(progress):
        yield progress
    elif not isinstance(progress, bool):
        raise ParameterError(
            f"sweep, progress: was {progress!r}; it must be True, False or a function of lts.research.sweep.Progress."
        )
    elif progress and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _drawn() as draw:
            yield draw
    else:
        yield lambda _: None


@contextmanager
def _drawn() -> Iterator[Callable[[Progress], object]]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Drawing

    columns = (BarColumn(10), TextColumn("{task.description}", markup=False))
    with Drawing(*columns, console=Console(stderr=True), transient=True, refresh_per_second=MOST_LINES) as drawing:
        task = drawing.add_task("preparing", total=None)

        def draw(found: Progress) -> None:
            drawing.update(task, total=found.total, completed=found.done, description=str(found))

        yield draw
