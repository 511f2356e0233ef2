"""A walk forward: stitched equity, its windows, and what was chosen on each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY, INK, LINE, ORANGE, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lts.research.walk_forward import WalkForward

MOST = 4  # parameters that get a panel


@style.styled
def walk(found: WalkForward) -> Figure:
    """Draw equity out of sample with every other test window shaded, and a panel for each chosen parameter (the first four)."""
    names = list(found.turns[0].parameters)[:MOST]
    figure = style.canvas(3.6 + 1.0 * len(names))
    rows = figure.add_gridspec(1 + len(names), 1, height_ratios=(3.2, *([1] * len(names))))
    top = figure.add_subplot(rows[0])
    stats, code = found.stats, style.currency(found.results[0])
    title = f"Out of sample: net profit {number(stats['net_profit'], ',.0f')} {code}, Sharpe {number(stats['sharpe'], '.2f')}, "
    title += f"efficiency {number(found.efficiency, '.2f')}"
    style.plain(top, title)
    equity = found.equity
    top.plot(equity.index, equity.to_numpy(), color=BLUE, linewidth=1.1)
    top.axhline(found.results[0].setup.options.account.balance, color=GREY, linewidth=0.8)
    top.set_ylabel(code)
    _shade(top, found)
    for place, name in enumerate(names):
        _chosen(figure.add_subplot(rows[1 + place], sharex=top), found, name)
    return figure


def _shade(axes: Axes, found: WalkForward) -> None:
    table: Any = found.windows.iloc[::2]
    for start, end in zip(table["test_start"], table["test_end"], strict=True):
        axes.axvspan(start, end, color=LINE, alpha=0.5, linewidth=0)


def _chosen(axes: Axes, found: WalkForward, name: str) -> None:
    """Draw what was chosen of one parameter, as steps over the test windows."""
    style.plain(axes, "")
    table = found.windows
    values = table[name].to_numpy(float)
    axes.step([*table["test_start"], table["test_end"].iloc[-1]], np.append(values, values[-1]), where="post", color=ORANGE)
    axes.set_ylabel(name, color=INK)
    _shade(axes, found)
