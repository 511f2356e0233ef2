"""What trading cost: the way from price profit to net profit, and the spread at which nothing would be left."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY, INK, QUIET, RED, number, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lts.research.result import Result

COSTS = (
    ("spread", "spread_cost", -1), ("slippage", "slippage_cost", -1), ("commission", "commission", -1), ("swap", "swap", 1),
    ("conversion", "conversion_cost", -1),
)  # fmt: skip


@style.styled
def costs(result: Result) -> Figure:
    """Draw the waterfall of costs, and net profit as a straight line over the mean spread: where it dies, and what was paid."""
    if not len(result.logs["fills"]["row"]):
        return style.nothing(f"From what prices did to what was earned, {style.currency(result)}", "There was no fill.")
    figure = style.canvas(5.4)
    rows = figure.add_gridspec(2, 1, height_ratios=(1.25, 1))
    waterfall_panel(figure.add_subplot(rows[0]), result)
    _break_even_panel(figure.add_subplot(rows[1]), result)
    return figure


def spread_line(result: Result) -> tuple[float, float, float]:
    """Return (mean spread paid, money that a pip of spread costs over all closed trades, spread that leaves nothing); pips.

    Entries and exits are taken as they were: at another spread, stops would have been met elsewhere. nan where no trade closed.
    """
    from lts.research.stats.cost import break_even_spread, mean_spread_pips, pip_of_spread
    from lts.research.stats.facts import Facts

    facts = Facts(result)
    paid, zero = (nan if isinstance(value, str) else value for value in (mean_spread_pips(facts), break_even_spread(facts)))
    return paid, pip_of_spread(facts), zero


def waterfall_panel(axes: Axes, result: Result) -> None:
    """Draw price profit, each cost, and net profit."""
    stats = result.headline
    level = float(stats["price_profit"])
    bars = [("price profit\nat mid", 0.0, level, QUIET)]
    for name, key, sign in COSTS:
        amount = sign * float(stats[key])
        bars.append((name, level, amount, BLUE if amount > 0 else RED))
        level += amount
    still = float(stats["net_profit"]) - level  # what open trades are worth; the parts above are closed trades' alone
    if result.open_trades:
        bars.append(("open trades", level, still, BLUE if still > 0 else RED))
        level += still
    bars.append(("net profit", 0.0, level, INK))
    ends = [end for _, bottom, height, _ in bars for end in (bottom, bottom + height)]
    low, high = min(*ends, 0.0), max(*ends, 0.0)
    plain(axes, f"From what prices did to what was earned, {style.currency(result)}")
    for i, (_, bottom, height, colour) in enumerate(bars):
        axes.bar(i, height, bottom=bottom, color=colour, width=0.62)
        if i + 1 < len(bars):
            axes.plot([i - 0.31, i + 1.31], [bottom + height] * 2, color=GREY, linewidth=0.7)
        edge, down = (min(bottom, bottom + height), True) if height < 0 else (max(bottom, bottom + height), False)
        axes.annotate(
            number(height, "+,.2f") if height else "0", (i, edge), xytext=(0, -3 if down else 3), textcoords="offset points",
            ha="center", va="top" if down else "bottom", fontsize=8.5,
        )  # fmt: skip
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.spines["bottom"].set_visible(False)
    style.few(axes, 6)
    if low == high:
        axes.set_yticks([0])
    axes.set_xticks(range(len(bars)), [name for name, *_ in bars])
    room = 0.16 * ((high - low) or 1.0)
    axes.set_ylim(low - room * (low < 0), high + room * (high > 0 or low == 0))
    axes.set_xlim(-0.5, len(bars) - 0.5)


def _break_even_panel(axes: Axes, result: Result) -> None:
    paid, slope, zero = spread_line(result)
    title = f"Net profit of closed trades by the mean spread, same entries and exits, {style.currency(result)}"
    if not (isfinite(paid) and isfinite(zero)) or slope <= 0:
        style.empty(axes, title, "There is no closed trade.")
        return
    plain(axes, title)
    net = slope * (zero - paid)
    right = max(2.0 * paid, 1.4 * zero, 1.0)
    ends = np.array([0.0, right])
    axes.plot(ends, slope * (zero - ends), color=BLUE, linewidth=1.4)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.plot([paid, paid], [0, net], color=INK, linewidth=0.8, linestyle=style.DOTTED)
    axes.plot(paid, net, "o", color=INK, markersize=5)
    _point(axes, paid / right, (paid, net), f"paid {paid:.2f} pips: {number(net, '+,.0f')}", up=net >= 0)
    if zero > 0:
        axes.plot(zero, 0, "D", color=RED, markersize=5.5, clip_on=False)
        _point(axes, zero / right, (zero, 0.0), f"dies at {zero:.2f} pips", up=net < 0)
    else:
        axes.annotate(
            "loses even without a spread", (right, 0), xytext=(0, -5), textcoords="offset points", ha="right", va="top",
            fontsize=8.5,
        )  # fmt: skip
    axes.set_xlim(0, right)
    axes.margins(y=0.18)
    style.few(axes, 5)
    style.across(axes, 9, "mean spread, pips")


def _point(axes: Axes, place: float, at_point: tuple[float, float], text: str, *, up: bool) -> None:
    """Write beside a point of a falling line: above it on the right, or below it on the left where that is the free side."""
    left = place > 0.8 or (not up and place > 0.25)
    axes.annotate(
        text, at_point, xytext=(-8 if left else 8, 7 if up else -7), textcoords="offset points", ha="right" if left else "left",
        va="bottom" if up else "top", fontsize=8.5,
    )  # fmt: skip
