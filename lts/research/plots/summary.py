"""One picture of a result: the honest headline, equity, what was under water, and what each cost took."""

from __future__ import annotations

from math import isnan
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

from lts._version import __version__
from lts.research.plots import style
from lts.research.plots.curves import equity_panel, underwater_panel
from lts.research.plots.paid import waterfall_panel
from lts.research.plots.style import INK, MINUS, QUIET, RED, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lts.research.result import Result


@style.styled
def overview(result: Result) -> Figure:
    """Draw the headline, equity and balance, drawdown, and the way from price profit to net profit."""
    figure = style.canvas(8.6)
    rows = figure.add_gridspec(5, 1, height_ratios=(1.5, 3.2, 1.2, 2.1, 0.36))
    _head(figure.add_subplot(rows[0]), result)
    top = figure.add_subplot(rows[1])
    equity_panel(top, result)
    underwater_panel(figure.add_subplot(rows[2], sharex=top), result)
    style.bare(top)
    waterfall_panel(figure.add_subplot(rows[3]), result)
    _foot(figure.add_subplot(rows[4]), result)
    return figure


def _head(axes: Axes, result: Result) -> None:
    axes.axis("off")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    _text(axes, 0, 0.88, named(result), 94, fontsize=11.5, weight="bold")
    _text(axes, 0, 0.73, f"{spanned(result)}. Costs: {stated_costs(result)}.", 136, color=QUIET)
    for place, (label, value, remarks) in enumerate(tiles(result)):
        x = place / 6
        _text(axes, x, 0.50, label, 40, color=QUIET, fontsize=8.0)
        _text(axes, x, 0.31, value, 40, fontsize=13.0, color=RED if value.startswith(MINUS) else INK)
        for line, remark in enumerate(remarks):
            _text(axes, x, 0.18 - 0.12 * line, remark, 40, color=QUIET, fontsize=8.0)


def _text(axes: Axes, x: float, y: float, text: str, most: int, **look: Any) -> None:
    """Write one line that takes no part in the layout; a dollar sign is a dollar sign."""
    axes.text(x, y, shorten(text, most, placeholder=" ..."), va="baseline", parse_math=False, **look).set_in_layout(False)


def named(result: Result) -> str:
    """Return the strategies of a run; one that several instruments share is named once."""
    names = list(map(repr, result.strategies))
    return ", ".join(f"{names.count(name)} times {name}" if names.count(name) > 1 else name for name in dict.fromkeys(names))


def spanned(result: Result) -> str:
    """Return what was run over, in words."""
    first, last = result.equity.index[0], result.equity.index[-1]
    span = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    return f"{style.pairs(result)} {result.bars.timeframe}, {span}, {len(result.equity):,} closes"


def stated_costs(result: Result) -> str:
    """Return the costs of the run in words."""
    costs = result.setup.options.costs
    said = ["the bars' own spread" if costs.spread_pips is None else f"spread {costs.spread_pips:g} pips"]
    said += [f"slippage {costs.slippage_pips:g} pips"] if costs.slippage_pips else []
    said += [f"commission {costs.commission_per_lot:g} a lot"] if costs.commission_per_lot else []
    said += (
        [f"swap {number(costs.swap_long, '+g')} / {number(costs.swap_short, '+g')}"] if costs.swap_long or costs.swap_short else []
    )
    said += [f"swap {costs.swap!r}"] if costs.swap is not None else []
    other = costs.commission_per_million or costs.commission_fraction or costs.commission_minimum
    said += ["commission on notional"] if other else []
    said += ["further slippage"] if costs.slippage_spread or costs.slippage_random_pips else []
    return ", ".join(said)


def tiles(result: Result) -> Iterable[tuple[str, str, list[str]]]:
    """Return label, value and remarks of the six numbers that an honest headline has."""
    s, code = result.stats, style.currency(result)
    hidden = int(s["ambiguous_bars"])
    won = [f"{s['win_rate']:.0%} won"] if s["trades"] else []
    between = f"95%: {number(s['sharpe_low95'], '.2f')} to {number(s['sharpe_high95'], '.2f')}"
    sharpe = [between, f"above 0: {number(s['psr'], '.0%')} probable"]
    return (
        ("net profit", number(s["net_profit"], "+,.2f"), [f"{code}, from {s['initial_balance']:,.0f}"]),
        ("return", number(s["total_return"], "+.1%"), [f"{number(s['cagr'], '+.1%')} a year"]),
        ("Sharpe ratio", number(s["sharpe"], ".2f"), ["daily returns do not vary"] if isnan(s["sharpe"]) else sharpe),
        ("max drawdown", number(s["max_drawdown"], ".1%"), [f"{s['max_drawdown_money']:,.0f} {code}"]),
        ("trades", f"{s['trades']:,.0f}", [*won, f"{s['exposure_time']:.0%} in market"]),
        ("ambiguous bars", f"{hidden:,}", paths(result) if hidden else ["no path assumed"]),
    )


def paths(result: Result) -> list[str]:
    """Return the net profit of the complete run under the worst and under the best path, in words."""
    return [f"{name}: {number(value, ',.0f')}" for name, value in (("worst", result.profit_worst), ("best", result.profit_best))]


def _foot(axes: Axes, result: Result) -> None:
    axes.axis("off")
    notes = ". ".join(note[:1].upper() + note[1:] for note in result.notes)
    said = f"LTS {__version__}, data {result.bars.fingerprint[:12]}, times UTC" + (f". {notes}" if notes else "") + "."
    lines = "\n".join(wrap(said, 160)[:2])
    axes.text(0, 1, lines, color=QUIET, fontsize=7.5, va="top", transform=axes.transAxes, parse_math=False).set_in_layout(False)
