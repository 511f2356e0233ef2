"""One picture of a result: equity, what was under water, and what each cost took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lts.research.result import Result

# Okabe and Ito's colours, told apart by colour-blind readers too.
BLUE, RED, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#B0B7BF", "#20262E"
STYLE: Any = {
    "font.family": "DejaVu Sans", "font.size": 9.0, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": GREY,
    "xtick.color": INK, "ytick.color": INK, "axes.grid": True, "grid.color": "#E6E9EC", "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10.0, "axes.titlelocation": "left",
}  # fmt: skip
COSTS = (
    ("spread", "spread_cost", -1), ("slippage", "slippage_cost", -1), ("commission", "commission", -1), ("swap", "swap", 1),
    ("conversion", "conversion_cost", -1),
)  # fmt: skip


def overview(result: Result) -> Figure:
    """Draw equity, drawdown and the way from price profit to net profit.

    Returns
    -------
    matplotlib.figure.Figure
        10 x 7.2 inches; save it with `figure.savefig("run.png")`.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(10, 7.2), dpi=120, layout="constrained")
        rows = figure.add_gridspec(3, 1, height_ratios=(3.0, 1.15, 2.0))
        top = figure.add_subplot(rows[0])
        _equity(top, result)
        _underwater(figure.add_subplot(rows[1], sharex=top), result)
        _waterfall(figure.add_subplot(rows[2]), result)
        figure.suptitle(_title(result), x=0.01, ha="left", fontsize=10.5)
    return figure


def _title(result: Result) -> str:
    stats = result.stats
    rules = ", ".join(map(repr, result.strategies))
    pairs = ", ".join(b.instrument.name for b in result.setup.bars)
    first, last = result.equity.index[0], result.equity.index[-1]
    sharpe = "none" if np.isnan(stats["sharpe"]) else f"{stats['sharpe']:.2f}"
    code = result.setup.options.account.currency
    return (
        f"{rules if len(rules) < 118 else rules[:115] + '...'}\n"
        f"{pairs} {result.bars.timeframe}, {first:%Y-%m-%d} to {last:%Y-%m-%d} UTC\nnet profit {stats['net_profit']:+,.2f} {code} "
        f"({stats['total_return']:+.1%})   Sharpe {sharpe}   max drawdown {stats['max_drawdown']:.1%}   "
        f"{int(stats['trades']):,} trades   {int(stats['ambiguous_bars']):,} ambiguous bars"
    )


def _thousands(axis: Any) -> None:
    from matplotlib.ticker import StrMethodFormatter

    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def _equity(axes: Axes, result: Result) -> None:
    time = result.equity.index.to_numpy()
    axes.plot(time, result.balance.to_numpy(), color=GREY, linewidth=0.9, label="balance")
    axes.plot(time, result.equity.to_numpy(), color=BLUE, linewidth=1.2, label="equity")
    axes.axhline(result.stats["initial_balance"], color=INK, linewidth=0.7, linestyle=(0, (4, 4)))
    axes.set_title(f"Equity and balance, {result.setup.options.account.currency}")
    axes.legend(loc="best", frameon=False, ncols=2)
    axes.tick_params(labelbottom=False)
    _thousands(axes.yaxis)


def _underwater(axes: Axes, result: Result) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import PercentFormatter

    equity = result.equity.to_numpy()
    peak = np.maximum(np.maximum.accumulate(equity), result.stats["initial_balance"])
    axes.fill_between(result.equity.index.to_numpy(), equity / peak - 1, 0, color=RED, alpha=0.35, linewidth=0)
    axes.set_title("Below the running peak")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if np.min(equity / peak) < 0.95 else 1))
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.margins(x=0.01)


def _waterfall(axes: Axes, result: Result) -> None:
    stats = result.stats
    steps = [(name, sign * stats[key]) for name, key, sign in COSTS]
    level, start = float(stats["price_profit"]), 0.0
    bars = [("price profit\nat mid", start, level, BLUE)]
    for name, amount in steps:
        bars.append((name, level, amount, GREEN if amount > 0 else RED))
        level += amount
    bars.append(("net profit", 0.0, level, INK))
    for i, (_, bottom, height, colour) in enumerate(bars):
        axes.bar(i, height, bottom=bottom, color=colour, width=0.6)
    span = max(abs(b + h) for _, b, h, _ in bars) or 1.0
    for i, (_, bottom, height, _) in enumerate(bars):
        above = max(bottom, bottom + height, 0.0)
        axes.annotate(f"{height:+,.2f}" if height else "0", (i, above), xytext=(0, 3), textcoords="offset points", ha="center")
    axes.axhline(0, color=INK, linewidth=0.7)
    axes.set_xticks(range(len(bars)), [name for name, *_ in bars])
    axes.grid(visible=False, axis="x")
    low = min(min(b, b + h) for _, b, h, _ in bars)
    axes.set_ylim(min(low * 1.08, -0.02 * span), max(max(b, b + h) for _, b, h, _ in bars) + 0.16 * span)
    axes.set_title(f"From what prices did to what was earned, {result.setup.options.account.currency}")
    _thousands(axes.yaxis)
