"""A search: what each set gave in the order in which they were tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY
from lts.research.sweep.ranking import SMALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


@style.styled
def search(values: NDArray[np.float64], name: str) -> Figure:
    """Draw a statistic by the number of the set, and the best so far as a line."""
    figure = style.canvas(3.2)
    axes = figure.add_subplot()
    title = f"{name} of {len(values):,} sets as they were tried"
    style.plain(axes, title)
    if not np.isfinite(values).any():
        style.empty(axes, title, f"No set has a number in {name}.")
        return figure
    running = np.fmin.accumulate(values) if name in SMALL else np.fmax.accumulate(values)
    place = np.arange(1, len(values) + 1)
    axes.scatter(place, values, s=9, color=GREY, linewidths=0, label="set")
    axes.plot(place, running, color=BLUE, linewidth=1.4, label="best so far", drawstyle="steps-post")
    axes.set_xlabel("set", fontsize=8.5, color=style.QUIET)
    axes.set_ylabel(name, fontsize=8.5, color=style.QUIET)
    style.legend(axes)
    return figure
