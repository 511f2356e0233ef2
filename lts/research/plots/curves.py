"""Curves over time: equity with balance and margin, what was under water, the worst drawdowns, rolling ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY, INK, ORANGE, QUIET, RED, SKY, curve, number, plain
from lts.words import MICRO

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lts.research.result import Result

WORST = 5  # drawdowns that are marked
SHOWN = 0.1  # of the deepest: shallower ones bear no number
LEAST = 1e-12  # a smaller deviation of returns is the noise of the sums
QUARTER, YEAR = 65, 260  # trading days of a rolling window: a year where there are three, else a quarter


@style.styled
def equity(result: Result) -> Figure:
    """Draw equity and balance by close, and below them the margin that open trades used; account currency."""
    figure = style.canvas(4.6)
    rows = figure.add_gridspec(2, 1, height_ratios=(3.2, 1))
    top = figure.add_subplot(rows[0])
    equity_panel(top, result)
    margin_panel(figure.add_subplot(rows[1], sharex=top), result)
    return figure


class Fall(NamedTuple):
    """A drawdown; `recovery` is NaT where the peak was not reached again."""

    peak: np.datetime64  # UTC
    trough: np.datetime64
    recovery: np.datetime64
    depth: float  # fraction of the peak, > 0
    money: float  # account currency, > 0
    days: float  # from the peak to the recovery or the end


def falls(result: Result, n: int) -> list[Fall]:
    """Return the n deepest drawdowns of equity at closes, deepest first."""
    from lts.research.stats.drawdowns import drawdowns as worst

    found = worst(result, n)
    times = [found[f"{name}_time"].to_numpy("datetime64[ns]") for name in ("peak", "trough", "recovery")]
    sizes = [found[name].to_numpy(np.float64) for name in ("depth", "money", "days")]
    return [Fall(*(t[i] for t in times), *(float(size[i]) for size in sizes)) for i in range(len(found))]


@style.styled
def underwater(result: Result) -> Figure:
    """Draw how far equity was below its running peak, percent; the five worst drawdowns are numbered at their troughs."""
    figure = style.canvas(2.9)
    axes = figure.add_subplot()
    underwater_panel(axes, result, mark=False)
    low, end = float(below_peak(result).min()), style.times(result)[-1]
    for rank, fall in enumerate(falls(result, WORST), 1):
        if fall.depth < SHOWN * -low:
            break
        last = end if np.isnat(fall.recovery) else fall.recovery
        x: list[Any] = [max(fall.peak, style.times(result)[0]), last]
        axes.plot(x, [0, 0], color=INK if rank % 2 else QUIET, linewidth=3, solid_capstyle="butt", clip_on=False, zorder=3)
        place: Any = (fall.trough, -fall.depth)
        axes.annotate(
            str(rank), place, xytext=(0, -9), textcoords="offset points", ha="center", va="center", fontsize=8, color=style.PAPER,
            weight="bold", bbox={"boxstyle": "circle,pad=0.22", "facecolor": INK, "edgecolor": "none"},
        )  # fmt: skip
    if low < 0:
        axes.set_ylim(1.28 * low, 0)
    return figure


@style.styled
def drawdowns(result: Result) -> Figure:
    """Draw the worst drawdowns as spans: the fall from peak to trough, the way back up; depth in percent and money."""
    found, time = falls(result, 10), style.times(result)
    title = f"The {len(found)} worst drawdowns of equity, percent of the peak and {style.currency(result)}"
    if not found:
        return style.nothing("Drawdowns of equity, percent of the peak", "Equity was never below an earlier peak.")
    figure = style.canvas(1.25 + 0.27 * max(len(found), 2))
    axes = figure.add_subplot()
    plain(axes, title.replace("The 1 worst drawdowns", "The only drawdown"), grid="x")
    for place, fall in enumerate(found):
        end = time[-1] if np.isnat(fall.recovery) else fall.recovery
        axes.plot(fall.peak, place, "|", color=RED, markersize=8)  # also where the fall is shorter than a pixel
        for ends, colour, name in (((fall.peak, fall.trough), RED, "fall"), ((fall.trough, end), SKY, "way back")):
            axes.plot(ends, [place, place], color=colour, linewidth=8, solid_capstyle="butt", label=None if place else name)
    axes.set_yticks(range(len(found)), _depths(found))
    axes.set_ylim(len(found) - 0.4, -0.6)
    style.span(axes, time)
    style.dates(axes)
    style.legend(axes)
    return figure


class Rolling(NamedTuple):
    """Ratios of a moving window of daily returns; d days."""

    window: int
    time: NDArray[np.datetime64]  # (d,) UTC, the window's last cut-off
    sharpe: NDArray[np.float64]  # (d,) a year; nan where the window is not full, or no return in it differs
    volatility: NDArray[np.float64]  # (d,) fraction a year; nan likewise


def ratios(result: Result) -> Rolling:
    """Return what `rolling` draws."""
    from lts.research.stats.daily import DAYS, daily

    returns = daily(result)
    window = YEAR if len(returns) >= 3 * YEAR else QUARTER
    moving = returns.rolling(window)
    deviation = moving.std(ddof=1).to_numpy()
    deviation = np.where(deviation > LEAST, deviation, np.nan)
    sharpe = moving.mean().to_numpy() / deviation * np.sqrt(DAYS)
    return Rolling(window, returns.index.to_numpy("datetime64[ns]"), sharpe, deviation * np.sqrt(DAYS))


@style.styled
def rolling(result: Result) -> Figure:
    """Draw the Sharpe ratio and the volatility a year of a moving window of daily returns; nothing where it is not full."""
    found = ratios(result)
    titles = (f"Rolling Sharpe ratio a year, window {found.window} trading days", "Rolling volatility, percent a year, same window")
    if np.isnan(found.volatility).all():
        days = len(found.time)
        short = f"The window needs {found.window} trading days, the run has {days}."
        why = result.reasons.get("sharpe", "no daily return differs from another")
        return style.nothing(titles[0], short if days < found.window else f"{why[:1].upper()}{why[1:]}.")
    figure = style.canvas(4.3)
    top, bottom = figure.subplots(2, 1, sharex=True)
    for axes, title, values, colour in ((top, titles[0], found.sharpe, BLUE), (bottom, titles[1], found.volatility, ORANGE)):
        plain(axes, title)
        curve(axes, found.time, values, color=colour, linewidth=1.2)
        style.few(axes, 5)
    top.axhline(0, color=GREY, linewidth=0.8)
    bottom.set_ylim(0, None)
    bottom.yaxis.set_major_formatter(style.percent())
    style.span(bottom, found.time)
    style.dates(bottom)
    style.bare(top)
    return figure


def equity_panel(axes: Axes, result: Result) -> None:
    """Draw equity and balance on axes whose time labels stand further down."""
    time, worth = style.times(result), result.equity_micro / MICRO
    plain(axes, f"Equity and balance at the bars' closes, {style.currency(result)}")
    axes.axhline(result.setup.terms.balance / MICRO, color=GREY, linewidth=0.8, linestyle=style.DASHED)
    curve(axes, time, worth, color=BLUE, linewidth=1.1, label="equity", **_single(time))
    curve(
        axes,
        time,
        np.asarray(result.balance, np.float64),
        color=INK,
        linewidth=0.7,
        drawstyle="steps-post",
        label="balance",
        zorder=1.9,
    )
    style.few(axes, 6)
    style.legend(axes)
    style.span(axes, time)
    style.dates(axes)
    style.bare(axes)


def margin_panel(axes: Axes, result: Result) -> None:
    """Draw the margin that open trades used."""
    from lts.research.stats.margin import margin_used

    time, used = style.times(result), margin_used(result)
    plain(axes, f"Margin used, {style.currency(result)}")
    style.area(axes, time, used, BLUE, step=True)
    axes.set_ylim(0, 1.1 * max(float(used.max(initial=0.0)), 1e-9) if used.any() else 1.0)
    if used.any():
        style.few(axes, 3)
    else:
        axes.set_yticks([0])
    style.span(axes, time)
    style.dates(axes)


def underwater_panel(axes: Axes, result: Result, *, mark: bool = True) -> None:
    """Draw what was under water; `mark` writes the deepest point at its place."""
    below, time = below_peak(result), style.times(result)
    deepest = int(np.argmin(below))
    plain(axes, "Below the running peak of equity, percent of the peak")
    style.area(axes, time, below, RED)
    axes.set_ylim(min(1.35 * below[deepest], -0.001), 0)
    style.few(axes, 4)
    axes.yaxis.set_major_formatter(style.percent(hide_below=min(-1.0, below[deepest]) if below[deepest] <= -1 else None))
    if below[deepest] == 0:
        axes.set_yticks([0])
    elif mark:
        late = deepest > len(time) / 2
        axes.annotate(
            f"{number(below[deepest], '.1%')} on {time[deepest].astype('datetime64[D]')}", (time[deepest], below[deepest]),
            xytext=(-5 if late else 5, -3), textcoords="offset points", ha="right" if late else "left", va="top", fontsize=8.5,
        )  # fmt: skip
    style.span(axes, time)
    style.dates(axes)


def below_peak(result: Result) -> NDArray[np.float64]:
    """Return equity over its running peak minus 1, (n,); the peak is never below the initial balance."""
    worth = result.equity_micro
    peak = np.maximum(np.maximum.accumulate(worth), result.setup.terms.balance)
    return np.asarray(worth / peak - 1)


def _depths(found: list[Fall]) -> list[str]:
    """Return rank, depth and money of each drawdown, in columns: the font's digits and its figure space are equally wide."""
    money = [number(-fall.money, ",.0f") for fall in found]
    deep = [number(-fall.depth, ".1%") for fall in found]
    rows = enumerate(zip(deep, money, strict=True), 1)
    lines = (f"{rank:>2}  {a:>{max(map(len, deep))}}  {b:>{max(map(len, money))}}" for rank, (a, b) in rows)
    return [line.replace(" ", "\N{FIGURE SPACE}") for line in lines]


def _single(time: NDArray[Any]) -> dict[str, Any]:
    """Return a marker where a curve is one point."""
    return {"marker": "o", "markersize": 4} if len(time) == 1 else {}
