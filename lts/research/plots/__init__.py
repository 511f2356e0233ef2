"""Pictures of a result by name. `draw(result, "overview")` returns a matplotlib figure; nothing is registered with pyplot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lts.errors import ParameterError, near_miss
from lts.research.plots.calendars import hours, monthly
from lts.research.plots.curves import drawdowns, equity, rolling, underwater
from lts.research.plots.ohlc import candles
from lts.research.plots.paid import costs
from lts.research.plots.spreads import distribution, excursions
from lts.research.plots.stakes import exposure
from lts.research.plots.summary import overview

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from lts.research.result import Result

__all__ = ["FIGURES", "candles", "draw"]

FIGURES: dict[str, Callable[[Result], Figure]] = {
    "overview": overview,
    "equity": equity,
    "underwater": underwater,
    "drawdowns": drawdowns,
    "costs": costs,
    "candles": candles,
    "monthly": monthly,
    "hours": hours,
    "distribution": distribution,
    "rolling": rolling,
    "excursions": excursions,
    "exposure": exposure,
}


def draw(result: Result, what: str = "overview") -> Figure:
    """Return the figure of that name.

    Returns
    -------
    matplotlib.figure.Figure
        10 inches wide; save it with `figure.savefig("run.png")`. Notebooks show it as it is.

    Raises
    ------
    ParameterError
        No figure has this name.
    """
    if what not in FIGURES:
        raise ParameterError(f"plot {what!r}: is no figure; known are {', '.join(FIGURES)}.{near_miss(what, FIGURES)}")
    return FIGURES[what](result)
