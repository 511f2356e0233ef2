"""How the work is cut: sets that share features come together, a chunk takes a tenth of a second; and what all may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lts.research.sweep.grid import Grid

CHUNK_BARS = 20_000_000  # bars x sets of a chunk: a tenth of a second
CHUNK_SETS = 4_096
CHUNK_DAYS = 2_000_000  # days x sets of a chunk: 16 MB until their statistics are made
OWN_CHUNK = 8  # sets, where each is given to a function of the user's
PER_BAR, PER_SET = 10e-9, 60e-6  # seconds: what the compiled loop takes a bar and set (5 to 15 ns), and around it a set
ROW_BYTES = 700  # of a set in the table, while it is made
MOST_SECONDS, MOST_BYTES = 12 * 3600.0, 4 << 30


class Estimate(NamedTuple):
    """What a sweep may take."""

    sets: int
    bars: int
    workers: int
    seconds: float
    bytes: float

    def __str__(self) -> str:
        return (
            f"{self.sets:,} sets x {self.bars:,} bars: up to {span(self.seconds)} on {self.workers} workers "
            f"(at {PER_BAR * 1e9:.0f} ns a bar and set) and {_size(self.bytes)} of memory"
        )


def estimate(sets: int, bars: int, workers: int) -> Estimate:
    """Return what a sweep may take by the rate of the compiled loop; the grid's fast path takes less."""
    return Estimate(sets, bars, workers, sets * (bars * PER_BAR + PER_SET) / workers, float(sets) * ROW_BYTES)


def refuse_enormous(found: Estimate) -> None:
    """Refuse a sweep that takes more than half a day or more memory than most machines have.

    Raises
    ------
    ParameterError
    """
    if found.seconds > MOST_SECONDS or found.bytes > MOST_BYTES:
        raise ParameterError(
            f"sweep, grid: was {found}; more than {span(MOST_SECONDS)} or {_size(MOST_BYTES)} must be asked for with confirm=True. "
            "Vary fewer parameters, take wider steps, or let lts.optimize choose."
        )


def chunks(
    grid: Grid, reads: Sequence[str], bars: int, days: int, workers: int, *, own: bool, together: bool
) -> list[NDArray[np.int64]]:
    """Return rows of the grid, chunk by chunk; sets that agree in the parameters of `reads` come one after the other.

    `own`: each set is given to a function of the user's. `together`: those that agree run together, on the fast path, and are not
    torn apart unless they are very many.
    """
    rows = order(grid, reads)
    if together:
        return _whole_groups(grid, reads, rows, max(1, min(CHUNK_SETS, CHUNK_DAYS // max(days, 1), -(-grid.size // (4 * workers)))))
    most = min(CHUNK_SETS, CHUNK_BARS // max(bars, 1), CHUNK_DAYS // max(days, 1), -(-grid.size // (4 * workers)))
    most = max(1, min(most, OWN_CHUNK) if own else most)
    return [rows[first : first + most] for first in range(0, grid.size, most)]


def _whole_groups(grid: Grid, reads: Sequence[str], rows: NDArray[np.int64], most: int) -> list[NDArray[np.int64]]:
    """Return the rows in chunks of about `most`, cut between groups that agree in `reads`, and inside those above CHUNK_SETS."""
    places = [grid.space.names.index(name) for name in reads if name in grid.space.names]
    codes = grid.codes(rows)[:, places]
    edges = np.append(np.flatnonzero((np.diff(codes, axis=0) != 0).any(axis=1)) + 1, len(rows))
    cuts, last = [0], 0
    for edge in edges.tolist():
        while edge - cuts[-1] > CHUNK_SETS:
            cuts.append(max(last, cuts[-1]) if last > cuts[-1] else cuts[-1] + CHUNK_SETS)
        if edge - cuts[-1] >= most:
            cuts.append(edge)
        last = edge
    return [rows[a:b] for a, b in zip(cuts, [*cuts[1:], len(rows)], strict=True) if a < b]


def order(grid: Grid, reads: Sequence[str]) -> NDArray[np.int64]:
    """Return the rows of the grid, those that share features together, in the grid's order otherwise."""
    places = [grid.space.names.index(name) for name in reads if name in grid.space.names]
    if not places:
        return np.arange(grid.size)
    codes = grid.codes(slice(None))
    return np.lexsort(codes[:, places[::-1]].T)


def span(seconds: float) -> str:
    """Return a time as people say it."""
    for size, name in ((365.25 * 86_400, "years"), (86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:,.0f} {name}"
    return f"{seconds:.2g} seconds"


def _size(count: Any) -> str:
    for size, name in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB")):
        if count >= size:
            return f"{count / size:,.1f} {name}"
    return f"{count / 1024:,.0f} KiB"
