"""One picture of a result: the honest headline, equity, what was under water, and what each cost took."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from math import isnan
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.dates import UTC, AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lts._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from lts.research.result import Result

# Blue and vermilion of Okabe and Ito, told apart by colour-blind readers too; every bar also carries its number.
BLUE, RED, GREY, QUIET, LINE, INK = "#0072B2", "#D55E00", "#8A94A0", "#5B6672", "#E6E9EC", "#1F262E"
STYLE: Any = {"font.family": "DejaVu Sans", "font.size": 9.0, "text.color": INK, "axes.unicode_minus": True}
COSTS = (
    ("spread", "spread_cost", -1), ("slippage", "slippage_cost", -1), ("commission", "commission", -1), ("swap", "swap", 1),
    ("conversion", "conversion_cost", -1),
)  # fmt: skip
MINUS = "\N{MINUS SIGN}"
POINTS = 4_000  # of a curve that are drawn: more than the picture has pixels across


class Picture(Figure):
    """A figure that notebooks show as it is, whether or not they asked for matplotlib."""

    def _repr_png_(self) -> bytes:
        file = BytesIO()
        with rc_context(STYLE):
            self.savefig(file, format="png")
        return file.getvalue()


def draw(result: Result, what: str = "overview") -> Figure:
    """Return the figure of that name."""
    del what
    return overview(result)


def overview(result: Result) -> Figure:
    """Draw the headline, equity and balance, drawdown, and the way from price profit to net profit.

    Returns
    -------
    matplotlib.figure.Figure
        10 x 8.4 inches; save it with `figure.savefig("run.png")`. Nothing is registered with pyplot.
    """
    with rc_context(STYLE):
        figure = Picture(figsize=(10, 8.4), dpi=110, layout="constrained", facecolor="white")
        figure.get_layout_engine().set(w_pad=0.14, h_pad=0.08, hspace=0.03)  # type: ignore[union-attr, call-arg]  # this one has them
        rows = figure.add_gridspec(5, 1, height_ratios=(1.3, 3.2, 1.2, 2.1, 0.36))
        _head(figure.add_subplot(rows[0]), result)
        top = figure.add_subplot(rows[1])
        _equity(top, result)
        _underwater(figure.add_subplot(rows[2], sharex=top), result)
        _waterfall(figure.add_subplot(rows[3]), result)
        _foot(figure.add_subplot(rows[4]), result)
    return figure


def _head(axes: Axes, result: Result) -> None:
    axes.axis("off")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    first, last = result.equity.index[0], result.equity.index[-1]
    pairs = ", ".join(b.instrument.name.replace("_", "/") for b in result.setup.bars)
    span = f"{pairs} {result.bars.timeframe}, {first:%Y-%m-%d} to {last:%Y-%m-%d}, {len(result.equity):,} closes"
    _text(axes, 0, 0.86, ", ".join(map(repr, result.strategies)), 94, fontsize=11.5, weight="bold")
    _text(axes, 0, 0.69, f"{span}. Costs: {_stated(result)}.", 136, color=QUIET)
    for place, (label, value, remark) in enumerate(_tiles(result)):
        x = place / 6
        _text(axes, x, 0.42, label, 40, color=QUIET, fontsize=8.0)
        _text(axes, x, 0.22, value, 40, fontsize=13.0, color=RED if value.startswith(MINUS) else INK)
        _text(axes, x, 0.06, remark, 40, color=QUIET, fontsize=8.0)


def _text(axes: Axes, x: float, y: float, text: str, most: int, **look: Any) -> None:
    """Write one line that takes no part in the layout."""
    axes.text(x, y, shorten(text, most, placeholder=" ..."), va="baseline", **look).set_in_layout(False)


def _stated(result: Result) -> str:
    """Return the costs of the run in words."""
    costs = result.setup.options.costs
    said = ["the bars' own spread" if costs.spread_pips is None else f"spread {costs.spread_pips:g} pips"]
    said += [f"slippage {costs.slippage_pips:g} pips"] if costs.slippage_pips else []
    said += [f"commission {costs.commission_per_lot:g} a lot"] if costs.commission_per_lot else []
    said += (
        [f"swap {_number(costs.swap_long, '+g')} / {_number(costs.swap_short, '+g')}"]
        if costs.swap_long or costs.swap_short
        else []
    )
    said += [f"swap {costs.swap!r}"] if costs.swap is not None else []
    other = costs.commission_per_million or costs.commission_fraction or costs.commission_minimum
    said += ["commission on notional"] if other else []
    said += ["further slippage"] if costs.slippage_spread or costs.slippage_random_pips else []
    return ", ".join(said)


def _tiles(result: Result) -> Iterable[tuple[str, str, str]]:
    """Return label, value and remark of the six numbers that an honest headline has."""
    s = result.stats
    code = result.setup.options.account.currency
    hidden = int(s["ambiguous_bars"])
    best, worst = (_number(s[name], ",.0f") for name in ("profit_best", "profit_worst"))
    return (
        ("net profit", f"{_number(s['net_profit'], '+,.2f')}", f"{code}, from {s['initial_balance']:,.0f}"),
        ("return", _number(s["total_return"], "+.1%"), f"{_number(s['cagr'], '+.1%')} a year"),
        (
            "Sharpe ratio",
            _number(s["sharpe"], ".2f"),
            "no daily returns vary" if isnan(s["psr"]) else f"above 0: {s['psr']:.0%} probable",
        ),
        ("max drawdown", _number(s["max_drawdown"], ".1%"), f"{s['max_drawdown_money']:,.0f} {code}"),
        ("trades", f"{s['trades']:,.0f}", f"{_number(s['win_rate'], '.0%')} won, {s['exposure_time']:.0%} in market"),
        ("ambiguous bars", f"{hidden:,}", f"profit {worst} to {best}" if hidden else "no path assumed"),
    )


def _number(value: float, form: str) -> str:
    """Return a number with a real minus sign; 'none' for nan."""
    return "none" if isnan(value) else f"{value:{form}}".replace("-", MINUS)


def _plain(axes: Axes, title: str) -> None:
    """Give axes the house's look: grey grid, no box, a title that names the unit."""
    axes.set_title(title, fontsize=9.5, loc="left", color=INK, weight="bold", pad=9)
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis="y", color=LINE, linewidth=0.8)
    axes.tick_params(length=0, labelcolor=QUIET, labelsize=8.5, labelfontfamily="DejaVu Sans")
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(GREY)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: _number(x, ",.0f")))


def _outline(values: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    """Return the rows that draw a curve: all, or of each of many pieces its lowest and highest."""
    n = len(values)
    if n <= POINTS:
        return np.arange(n)
    edges = np.linspace(0, n, POINTS // 2 + 1).astype(int)
    rows = [edges[:-1] + [f(values[a:b]) for a, b in pairwise(edges)] for f in (np.argmin, np.argmax)]
    return np.unique(np.concatenate([[0, n - 1], *rows]))


def _equity(axes: Axes, result: Result) -> None:
    time, equity, balance = result.equity.index.to_numpy(), result.equity.to_numpy(), result.balance.to_numpy()
    _plain(axes, f"Equity and balance at the bars' closes, {result.setup.options.account.currency}")
    axes.axhline(result.stats["initial_balance"], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    rows = _outline(equity)
    axes.plot(time[rows], equity[rows], color=BLUE, linewidth=1.1, label="equity")
    rows = _outline(balance)
    axes.plot(time[rows], balance[rows], color=INK, linewidth=0.7, drawstyle="steps-post", label="balance", zorder=1.9)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), frameon=False, ncols=2, fontsize=8.5, borderpad=0, labelcolor=QUIET)
    axes.tick_params(labelbottom=False)
    axes.spines["bottom"].set_visible(False)


def _underwater(axes: Axes, result: Result) -> None:
    equity = result.equity.to_numpy()
    peak = np.maximum(np.maximum.accumulate(equity), result.stats["initial_balance"])
    below = equity / peak - 1
    time, rows, deepest = result.equity.index.to_numpy(), _outline(below), int(np.argmin(below))
    _plain(axes, "Below the running peak")
    axes.fill_between(time[rows], below[rows], 0, color=RED, alpha=0.3, linewidth=0)
    axes.plot(time[rows], below[rows], color=RED, linewidth=0.7)
    axes.set_ylim(min(1.35 * below[deepest], -0.001), 0)
    form, most = ".0%" if below[deepest] < -0.05 else ".1%", min(-1.0, below[deepest])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: "" if x < most else _number(x, form)))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    if below[deepest] == 0:
        axes.set_yticks([0])
    else:
        late = deepest > len(time) / 2
        axes.annotate(
            f"{_number(below[deepest], '.1%')} on {result.equity.index[deepest]:%Y-%m-%d}", (time[deepest], below[deepest]),
            xytext=(-5 if late else 5, -3), textcoords="offset points", ha="right" if late else "left", va="top", fontsize=8.5,
        )  # fmt: skip
    locator = AutoDateLocator(tz=UTC)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))  # type: ignore[no-untyped-call]
    axes.margins(x=0.0)


def _waterfall(axes: Axes, result: Result) -> None:
    stats = result.stats
    level = float(stats["price_profit"])
    bars = [("price profit\nat mid", 0.0, level, QUIET)]
    for name, key, sign in COSTS:
        amount = sign * float(stats[key])
        bars.append((name, level, amount, BLUE if amount > 0 else RED))
        level += amount
    bars.append(("net profit", 0.0, level, INK))
    ends = [end for _, bottom, height, _ in bars for end in (bottom, bottom + height)]
    low, high = min(*ends, 0.0), max(*ends, 0.0)
    _plain(axes, f"From what prices did to what was earned, {result.setup.options.account.currency}")
    for i, (_, bottom, height, colour) in enumerate(bars):
        axes.bar(i, height, bottom=bottom, color=colour, width=0.62)
        if i + 1 < len(bars):
            axes.plot([i - 0.31, i + 1.31], [bottom + height] * 2, color=GREY, linewidth=0.7)
        edge, down = (min(bottom, bottom + height), True) if height < 0 else (max(bottom, bottom + height), False)
        axes.annotate(
            _number(height, "+,.2f") if height else "0", (i, edge), xytext=(0, -3 if down else 3), textcoords="offset points",
            ha="center", va="top" if down else "bottom", fontsize=8.5,
        )  # fmt: skip
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.spines["bottom"].set_visible(False)
    if low == high:
        axes.set_yticks([0])
    axes.set_xticks(range(len(bars)), [name for name, *_ in bars])
    room = 0.16 * ((high - low) or 1.0)
    axes.set_ylim(low - room * (low < 0), high + room * (high > 0 or low == 0))
    axes.set_xlim(-0.5, len(bars) - 0.5)


def _foot(axes: Axes, result: Result) -> None:
    axes.axis("off")
    notes = ". ".join(note[:1].upper() + note[1:] for note in result.notes)
    said = f"LTS {__version__}, data {result.bars.fingerprint[:12]}, times UTC" + (f". {notes}" if notes else "") + "."
    text = axes.text(0, 1, "\n".join(wrap(said, 160)[:2]), color=GREY, fontsize=7.5, va="top", transform=axes.transAxes)
    text.set_in_layout(False)
