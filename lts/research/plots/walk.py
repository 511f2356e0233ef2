"""A walk forward: stitched equity, its windows, and what was chosen on each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY, LINE, ORANGE, QUIET, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lts.research.walk_forward import WalkForward

MOST = 4  # parameters that get a panel
POINTS = 20_000  # of the curve: enough that the flat stretches between trades stay flat


@style.styled
def walk(found: WalkForward) -> Figure:
    """Draw equity out of sample with every other test window shaded, and a panel for each varied parameter (the first four)."""
    names = found.varied[:MOST]
    figure = style.canvas(3.6 + 0.9 * len(names))
    rows = figure.add_gridspec(1 + len(names), 1, height_ratios=(3.2, *([0.8] * len(names))))
    top = figure.add_subplot(rows[0])
    _equity(top, found)
    panels = [top]
    for place, name in enumerate(names):
        panels.append(figure.add_subplot(rows[1 + place], sharex=top))
        _chosen(panels[-1], found, name)
    for axes in panels:
        _shade(axes, found)
    style.dates(panels[-1])
    for axes in panels[:-1]:
        style.bare(axes)
    return figure


def _equity(axes: Axes, found: WalkForward) -> None:
    stats, code = found.stats, style.currency(found.results[0])
    title = f"{style.pairs(found.results[0])}, out of sample, {len(found.turns)} windows: net profit "
    title += f"{number(stats['net_profit'], ',.0f')} {code}, Sharpe {number(stats['sharpe'], '.2f')}, "
    style.plain(axes, f"{title}efficiency {number(found.efficiency, '.2f')}")
    values: Any = found.equity.to_numpy(float)
    time: Any = found.equity.index.tz_localize(None).to_numpy()  # type: ignore[attr-defined]  # moments
    rows = style.outline(values, POINTS)
    axes.axhline(stats["initial_balance"], color=GREY, linewidth=0.8)
    axes.plot(time[rows], values[rows], color=BLUE, linewidth=1.1)
    axes.set_ylabel(f"equity, {code}", color=QUIET, fontsize=8.5)


def _shade(axes: Axes, found: WalkForward) -> None:
    table: Any = found.windows.iloc[::2]
    for start, end in zip(table["test_start"], table["test_end"], strict=True):
        axes.axvspan(start.tz_localize(None), end.tz_localize(None), color=LINE, alpha=0.5, linewidth=0)


def _chosen(axes: Axes, found: WalkForward, name: str) -> None:
    """Draw what was chosen of one parameter, as steps over the test windows."""
    style.plain(axes, "")
    table = found.windows
    values = table[name].to_numpy(float)
    moments: Any = [*table["test_start"], table["test_end"].iloc[-1]]
    axes.step([m.tz_localize(None) for m in moments], np.append(values, values[-1]), where="post", color=ORANGE, linewidth=1.4)
    axes.margins(y=0.2)
    style.few(axes, 3)
    axes.set_ylabel(name, color=QUIET, fontsize=8.5)
