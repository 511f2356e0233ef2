"""What a result could have been, by `monte_carlo`: final balance, deepest fall, Sharpe ratio."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from lts.research.plots import style
from lts.research.plots.spreads import bins, same
from lts.research.plots.style import INK, QUIET, RED, SKY, number, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lts.research.monte_carlo.found import MonteCarlo

TITLES = {
    "final_balance": "Final balance",
    "max_drawdown": "Deepest fall, percent of the peak",
    "max_drawdown_money": "Deepest fall in money",
    "sharpe": "Sharpe ratio, a year",
}
FORMS = {"final_balance": ",.0f", "max_drawdown": ".1f", "max_drawdown_money": ",.0f", "sharpe": ".2f"}
ROOM = 0.78  # of the height; above it stands the legend


@style.styled
def chances(found: MonteCarlo) -> Figure:
    """Draw how often values of each size were dealt, where nine of ten lie, and the result's own.

    Other orders of the trades have no Sharpe ratio; in its place stands the fall in money.
    """
    absent = "sharpe" if found.method == "shuffle" else "max_drawdown_money"
    names = [name for name in TITLES if name != absent]
    widths = [0.45 if same(found.drawn[name]) else 1.0 for name in names]
    figure = style.canvas(1.0 if max(widths) < 1 else 3.4)
    for axes, name in zip(figure.subplots(1, len(names), width_ratios=widths), names, strict=True):
        _histogram(axes, found, name)
    return figure


def _histogram(axes: Axes, found: MonteCarlo, name: str) -> None:
    scale, title = 100.0 if name == "max_drawdown" else 1.0, TITLES[name]
    title += f", {found.currency}" if name in {"final_balance", "max_drawdown_money"} else ""
    values = scale * found.drawn[name][np.isfinite(found.drawn[name])]
    own = scale * found.own[name]
    if same(values):
        why = found.reasons.get(name) or f"it is {number(own, FORMS[name])} in every deal"
        style.empty(axes, title.split(", ", maxsplit=1)[0], fill(why[:1].upper() + why[1:] + ".", 24))
        return
    plain(axes, title)
    counts, edges = np.histogram(values, bins(values))
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=SKY, edgecolor=style.PAPER, linewidth=0.6)
    low, high = (float(q) for q in np.quantile(values, [0.05, 0.95]))
    for place, label in ((low, "5 and 95 %"), (high, None)):
        axes.axvline(place, color=INK, linewidth=1.0, linestyle=style.DOTTED, ymax=ROOM, label=label)
    if np.isfinite(own):
        axes.axvline(own, color=RED, linewidth=1.3, linestyle=style.DASHED, ymax=ROOM, label="the result")
    axes.margins(x=0.01)
    axes.set_ylim(0, float(counts.max()) / (ROOM - 0.02))
    style.few(axes, 5)
    form = FORMS[name]
    said = f"median {number(float(np.median(values)), form)}; nine of ten {number(low, form)} to {number(high, form)}"
    style.across(axes, 5, said)
    axes.legend(loc="upper right", frameon=False, fontsize=8, labelcolor=QUIET, handlelength=1.6, borderpad=0.1, labelspacing=0.25)
