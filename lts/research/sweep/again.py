"""Sets of a sweep run again: their daily returns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError
from lts.research.sweep.bench import Bench, Job
from lts.research.sweep.engines import count_of
from lts.research.sweep.grid import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lts.research.sweep.table import Sweep

MOST = 2 << 30  # bytes


def bench_of(sweep: Sweep) -> Bench:
    """Return the prepared market of a sweep that was read back."""
    return Bench(Job(build(sweep.cls, [{}], None).space, sweep.bars, sweep.given, None))


def daily(sweep: Sweep, labels: Sequence[Any]) -> NDArray[np.float64]:
    """Return daily returns of rows, (sets, days), on all cores; nan where a set has an error."""
    shared = sweep.bench
    days = len(shared.span.rows)
    if len(labels) * days * 8 > MOST:
        raise ParameterError(
            f"returns: {len(labels):,} sets x {days:,} days take {len(labels) * days * 8 / 2**30:.1f} GiB; at most 2 can be had. "
            "Name fewer rows, such as sweep.best(n=1000).index."
        )
    found = np.full((len(labels), days), np.nan)
    if not len(labels):
        return found
    sets = [dict(zip(sweep.names, row, strict=True)) for row in sweep.table.loc[list(labels), list(sweep.names)].to_numpy(object)]
    grid = build(sweep.cls, sets, None)
    bench = Bench(Job(grid.space, sweep.bars, sweep.given, None))
    workers = count_of(None, "threads")
    size = -(-len(sets) // workers)
    spans = [slice(first, first + size) for first in range(0, len(sets), size)]
    with ThreadPoolExecutor(workers) as pool:
        for rows, part in zip(spans, pool.map(lambda rows: bench.run(grid.codes(rows), returns=True), spans), strict=True):
            found[rows] = part.returns
    bench.rest()
    return found
