"""Candles with fills: what the market did, where trades were entered and left, and the stops and targets they began with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError
from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY, INK, PAPER, QUIET, RED, plain
from lts.words import Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.result import Result

BARS = 150  # that are shown when no span is asked for, a few of them after the last exit
AFTER = 8
LEAST = 20  # places across, so that few candles do not become boxes
MOST = 400  # candles that can be told apart; longer spans join several bars to one
ARROW: dict[str, Any] = {"color": INK, "markersize": 7, "markeredgecolor": PAPER, "markeredgewidth": 0.7, "zorder": 5}
RING: dict[str, Any] = {"markerfacecolor": "none", "markersize": 8.5, "markeredgecolor": INK, "markeredgewidth": 1.1, "zorder": 4}
FLAT = 0.9  # share of bars without a range from which on they are closes only, and a line says more
PANELS = 4  # instruments of a portfolio that are shown


class Part(NamedTuple):
    """The rows a .. b - 1 of one instrument's bars, `each` of them a candle."""

    k: int
    bars: Bars
    a: int
    b: int
    each: int


@style.styled
def candles(result: Result, start: Any = None, end: Any = None) -> Figure:
    """Draw bid candles with every fill.

    Parameters
    ----------
    start, end : str, datetime or None
        First and last moment shown, UTC. None for both: the last 150 bars that end shortly after the last exit.

    Returns
    -------
    matplotlib.figure.Figure
        A panel an instrument, at most four. Closed hours take no room. Spans of more than 400 bars join bars to longer candles.

    Raises
    ------
    ParameterError
        Not a time, or no bar lies between.
    """
    shown = parts(result, start, end)
    figure = style.canvas(0.5 + (4.2 if len(shown) == 1 else 2.8 * len(shown)))
    for axes, part in zip(figure.subplots(len(shown), 1, squeeze=False)[:, 0], shown, strict=True):
        _panel(axes, result, part)
        if part is shown[0] and axes.get_legend_handles_labels()[1]:
            style.legend(axes, 7)
    return figure


def parts(result: Result, start: Any = None, end: Any = None) -> list[Part]:
    """Return what is shown of each instrument; at most four, none that has no bar there.

    Raises
    ------
    ParameterError
        Not a time, or no bar lies between.
    """
    found = [_part(result, k, start, end) for k in range(min(len(result.setup.bars), PANELS))]
    shown = [part for part in found if part.b > part.a]
    if not shown:
        first, last = (str(np.datetime64(int(t), "ns").astype("datetime64[s]")) for t in result.setup.stamps[[0, -1]])
        raise ParameterError(f"candles {start!r} to {end!r}: holds no bar; it must lie within {first} and {last} UTC.")
    return shown


def _part(result: Result, k: int, start: Any, end: Any) -> Part:
    bars = result.setup.bars[k]
    if start is None and end is None:
        exits = result.logs["trades"]["exit_row"][result.logs["trades"]["instrument"] == k]
        b = min(len(bars), int(exits[-1]) + 1 + AFTER) if len(exits) else len(bars)
        b = max(b, min(len(bars), BARS))
        return Part(k, bars, max(0, b - BARS), b, 1)
    a = 0 if start is None else int(np.searchsorted(bars.time + bars.duration, _ns("start", start), side="right"))
    b = len(bars) if end is None else int(np.searchsorted(bars.time, _ns("end", end), side="right"))
    return Part(k, bars, a, b, max(1, -(-(b - a) // MOST)))


def _ns(name: str, moment: Any) -> int:
    import pandas as pd

    try:
        stamp = pd.Timestamp(moment)
        return int((stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp).as_unit("ns").value)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"candles, {name}: was {moment!r}; it must be a UTC time such as '2014-05-06 13:00'.") from error


def _panel(axes: Axes, result: Result, part: Part) -> None:
    each = "" if part.each == 1 else f", {part.each} bars a candle"
    name = part.bars.instrument.name.replace("_", "/")
    points = part.bars.points
    closes_only = bool(np.mean(points.bid_high[part.a : part.b] == points.bid_low[part.a : part.b]) > FLAT)
    what = "bid closes" if closes_only else "bid candles"
    plain(axes, f"{name} {part.bars.timeframe}, {what}{each}, price in {part.bars.instrument.quote}")
    if closes_only:
        axes.plot(np.arange(part.a, part.b), part.bars.bid_close[part.a : part.b], color=GREY, linewidth=1.2)
    else:
        _bodies(axes, part)
    _stops(axes, result, part)
    _fills(axes, result, part)
    axes.yaxis.set_major_formatter(style.Ticks())
    _times(axes, part)
    axes.set_ylim(*_prices(axes, part))
    room = max(1.0, (LEAST - (part.b - part.a)) / 2)
    axes.set_xlim(part.a - room, part.b - 1 + room)


def _bodies(axes: Axes, part: Part) -> None:
    """Draw candles: hollow where the close is not below the open, filled where it is."""
    first = np.arange(part.a, part.b, part.each)
    last = np.minimum(first + part.each, part.b) - 1
    opens, closes = part.bars.bid_open[first], part.bars.bid_close[last]
    highs = np.maximum.reduceat(part.bars.bid_high[part.a : part.b], first - part.a)
    lows = np.minimum.reduceat(part.bars.bid_low[part.a : part.b], first - part.a)
    low, high = np.minimum(opens, closes), np.maximum(opens, closes)
    middle = (first + last) / 2
    axes.vlines(middle, lows, low, color=QUIET, linewidth=0.7)
    axes.vlines(middle, high, highs, color=QUIET, linewidth=0.7)
    for mask, colour in ((closes >= opens, PAPER), (closes < opens, GREY)):
        axes.bar(middle[mask], (high - low)[mask], 0.66 * part.each, low[mask], color=colour, edgecolor=QUIET, linewidth=0.6)


def _stops(axes: Axes, result: Result, part: Part) -> None:
    """Draw each trade's way from entry to exit, and the stop and target it began with."""
    log, scale = result.logs["trades"], part.bars.instrument.scale
    mine = np.flatnonzero((log["instrument"] == part.k) & (log["exit_row"] >= part.a) & (log["entry_row"] < part.b))
    levels = _levels(result, part.k)
    groups: dict[str, tuple[list[Any], list[Any], dict[str, Any]]] = {
        "won": ([], [], {"color": BLUE, "linewidth": 1.3}),
        "lost": ([], [], {"color": RED, "linewidth": 1.3}),
        "stop": ([], [], {"color": RED, "linewidth": 1.0, "linestyle": style.DOTTED}),
        "target": ([], [], {"color": BLUE, "linewidth": 1.0, "linestyle": style.DOTTED}),
    }
    for i in mine:
        rows = [int(log["entry_row"][i]), int(log["exit_row"][i])]
        entry, side = int(log["entry_price"][i]), 1 if log["steps"][i] > 0 else -1
        stop, target = levels.get((rows[0], side), lambda _: (0, 0))(entry)
        prices = {"won" if log["profit"][i] > 0 else "lost": [entry, int(log["exit_price"][i])]}
        prices |= {name: [level, level] for name, level in (("stop", stop), ("target", target)) if level > 0}
        for name, ends in prices.items():
            groups[name][0].extend([*rows, np.nan])
            groups[name][1].extend([end / scale for end in ends] + [np.nan])
    for name, (x, y, look) in groups.items():
        if x:
            axes.plot(x, y, label=name, zorder=3, **look)


def _levels(result: Result, k: int) -> dict[tuple[int, int], Any]:
    """Return by (row, side) of an entry what gives its stop and target from its price, points."""
    log = result.logs["orders"]
    rows = np.flatnonzero((log["instrument"] == k) & (log["status"] == Status.FILLED))

    def from_entry(i: int, side: int) -> Any:
        stop, target = int(log["stop_distance"][i]), int(log["target_distance"][i])
        stated = int(log["stop_loss"][i]), int(log["take_profit"][i])
        return lambda entry: (entry - side * stop if stop else stated[0], entry + side * target if target else stated[1])

    sides = np.where(log["steps"] > 0, 1, -1)
    return {(int(log["done_row"][i]), int(sides[i])): from_entry(int(i), int(sides[i])) for i in rows}


def _fills(axes: Axes, result: Result, part: Part) -> None:
    log, scale = result.logs["fills"], part.bars.instrument.scale
    opening = np.diff(np.maximum.accumulate(log["trade"]), prepend=0) > 0  # trades are numbered as they open
    inside = (log["instrument"] == part.k) & (log["row"] >= part.a) & (log["row"] < part.b)
    for name, mask, marker in (
        ("bought", opening & (log["steps"] > 0), "^"), ("sold short", opening & (log["steps"] < 0), "v"), ("closed", ~opening, "o"),
    ):  # fmt: skip
        x, y = log["row"][inside & mask], log["price"][inside & mask] / scale
        if len(x):
            look = RING if marker == "o" else ARROW
            axes.plot(x, y, marker, label=name, **look)


def _prices(axes: Axes, part: Part) -> tuple[float, float]:
    """Return the prices to show: the bars', and what stops, targets and fills lie within half their range of them."""
    low, high = float(part.bars.bid_low[part.a : part.b].min()), float(part.bars.bid_high[part.a : part.b].max())
    room = 0.5 * (high - low) or 10.0**part.bars.instrument.pip_location
    drawn = np.concatenate([[low, high], *(np.asarray(line.get_ydata(), float) for line in axes.lines)])
    near = drawn[(drawn >= low - room) & (drawn <= high + room)]
    edge = 0.06 * (float(np.ptp(near)) or room)
    return float(near.min()) - edge, float(near.max()) + edge


def _times(axes: Axes, part: Part) -> None:
    """Label about eight bars with their opens: the date, and the time of day on bars shorter than one."""
    rows = np.arange(part.a, part.b, max(-(-(part.b - part.a) // 8), 2))
    short = part.bars.duration < 86_400_000_000_000
    axes.set_xticks(rows, [_when(part.bars.time[rows], i, short=short) for i in range(len(rows))])


def _when(times: NDArray[np.int64], i: int, *, short: bool) -> str:
    text = str(np.datetime64(int(times[i]), "ns").astype("datetime64[m]"))
    date, clock = text.split("T")
    return f"{clock}\n{date}" if short else date
