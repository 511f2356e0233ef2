"""How results scatter: daily returns and trades against the normal curve, and how far trades went for and against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY, INK, RED, SKY, number, plain
from lts.words import MICRO

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lts.research.result import Result

BINS = (8, 50)  # fewest, most


@style.styled
def distribution(result: Result) -> Figure:
    """Draw how often daily returns (percent) and net profits of trades (money) of each size came, and the normal curve."""
    from lts.research.stats.daily import daily

    returns, profit = 100 * np.asarray(daily(result), np.float64), result.logs["trades"]["profit"] / MICRO
    code = style.currency(result)
    figure = style.canvas(1.0 if same(returns) and same(profit) else 3.5)
    left, right = figure.subplots(1, 2)
    _histogram(left, f"Daily returns, percent (days: {len(returns):,})", returns[np.isfinite(returns)], "days", ".3f")
    _histogram(right, f"Net profit of trades, {code} (trades: {len(profit):,})", profit, "trades", ",.2f")
    return figure


def _histogram(axes: Axes, title: str, values: NDArray[np.float64], noun: str, form: str) -> None:
    if same(values):
        style.empty(axes, title, f"A distribution needs two {noun} that differ.")
        return
    plain(axes, f"{title}, {noun} a bin")
    counts, edges = np.histogram(values, bins(values))
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=SKY, edgecolor=style.PAPER, linewidth=0.6)
    mean, deviation = float(values.mean()), float(values.std(ddof=1))
    x = np.linspace(edges[0], edges[-1], 160)
    density = np.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * np.sqrt(2 * np.pi))
    axes.plot(x, density * len(values) * (edges[1] - edges[0]), color=INK, linewidth=1.1, label="normal")
    axes.axvline(mean, color=RED, linewidth=1.0, linestyle=style.DASHED, label="mean")
    axes.margins(x=0.01)
    axes.set_ylim(0, 1.24 * float(counts.max()))
    style.few(axes, 5)
    style.across(axes, 8, f"mean {number(mean, form)}, standard deviation {number(deviation, form)}")
    axes.legend(loc="upper right", frameon=False, fontsize=8.5, labelcolor=style.QUIET, handlelength=1.6, borderpad=0.1)


def same(values: NDArray[np.float64]) -> bool:
    """Tell whether there are no two values that differ."""
    known = values[np.isfinite(values)]
    return len(known) < 2 or not np.ptp(known) > 0


def bins(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bins' edges after Freedman and Diaconis, between BINS[0] and BINS[1] of them."""
    low, high = float(values.min()), float(values.max())
    quarter = float(np.subtract(*np.quantile(values, [0.75, 0.25])))
    wanted = (high - low) / (2 * quarter / len(values) ** (1 / 3)) if quarter > 0 else BINS[1]
    return np.linspace(low, high, int(np.clip(round(wanted), *BINS)) + 1)


@style.styled
def excursions(result: Result) -> Figure:
    """Draw how far each trade went against (MAE) and for it (MFE) by what it made in the end; pips, before other costs."""
    trades = result.trades
    pips = trades["pips"].to_numpy()
    if not len(pips):
        return style.nothing("Result over MAE and MFE, pips", "There is no closed trade.")
    figure = style.canvas(3.7)
    left, right = figure.subplots(1, 2)
    for axes, name, way, sign in ((left, "mae", "against", -1), (right, "mfe", "for", 1)):
        plain(axes, f"Result over {name.upper()}, pips")
        far = trades[name].to_numpy()
        _dots(axes, far, pips)
        edge = max(float(far.max()), 1e-9)
        axes.plot([0, edge], [0, sign * edge], color=GREY, linewidth=0.8, linestyle=style.DASHED)
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.set_xlim(-0.02 * edge, 1.04 * edge)
        axes.margins(y=0.08)
        style.across(axes, 8, f"{name.upper()}: how far prices went {way} the trade, pips")
        style.few(axes, 6)
    style.legend(right)
    return figure


def _dots(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Draw winners and losers; of dots that would cover each other, one."""
    rows = np.arange(len(x))
    if len(x) > style.MOST_DOTS:
        grid = [np.round(v / (np.ptp(v) or 1.0) * cells) for v, cells in ((x, 130), (y, 90))]
        rows = np.unique(np.stack([*grid, y > 0]), axis=1, return_index=True)[1]
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), style.MOST_DOTS)).astype(int)]
    for name, mask, colour, marker in (("won", y[rows] > 0, BLUE, "o"), ("lost", y[rows] <= 0, RED, "s")):
        axes.plot(
            x[rows][mask], y[rows][mask], marker, color=colour, markersize=3.4, alpha=0.65, markeredgewidth=0, label=name, zorder=3
        )
