"""Profit by the calendar: months of years, hours of the day, days of the week, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts import calendar
from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY, INK, QUIET, RED, number, plain
from lts.words import MICRO

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lts.research.result import Result

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Decision: nine hours by each centre's own clocks, so that summer time moves each on its own dates. They overlap.
SESSIONS = (
    ("Sydney", "Australia/Sydney", 7, 16), ("Tokyo", "Asia/Tokyo", 9, 18), ("London", "Europe/London", 8, 17),
    ("New York", "America/New_York", 8, 17),
)  # fmt: skip


@style.styled
def monthly(result: Result) -> Figure:
    """Draw the return of each month, percent, with the year's in the last column; the first and last month may be parts."""
    table = month_table(result)
    figure = style.canvas(0.8 + 0.29 * len(table))
    axes = figure.add_subplot()
    plain(axes, "Return by month (New York days), percent of equity at the month's start")
    axes.grid(visible=False)
    values = np.array([row for _, row in table])
    known = np.abs(values[:, :12][np.isfinite(values[:, :12])])
    full = float(np.quantile(known, 0.95)) if known.size and known.max() > 0 else 1.0
    for y, (_, row) in enumerate(table):
        for x, value in enumerate(row):
            _cell(axes, x + 0.35 * (x == 12), y, value, full)
    axes.set_xticks([*range(12), 12.35], [*MONTHS, "Year"])
    axes.set_yticks(range(len(table)), [str(year) for year, _ in table])
    axes.tick_params(labeltop=True, labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(-0.5, 12.95)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_title(axes.get_title(loc="left"), fontsize=9.5, loc="left", color=INK, weight="bold", pad=20)
    return figure


def month_table(result: Result) -> list[tuple[int, list[float]]]:
    """Return (year, its twelve monthly returns and the whole year's) by year; nan where the run has no such month."""
    from lts.research.stats.daily import monthly as by_month

    found = by_month(result)
    months = zip(found.index.year, found.index.month, found.to_numpy(np.float64), strict=True)  # type: ignore[attr-defined]  # periods
    table: dict[int, list[float]] = {}
    for year, month, value in months:
        row = table.setdefault(int(year), [float("nan")] * 12 + [0.0])
        row[int(month) - 1] = float(value)
        row[12] = (1 + row[12]) * (1 + float(value)) - 1
    return list(table.items())


def _cell(axes: Axes, x: float, y: int, value: float, full: float) -> None:
    if np.isnan(value):
        return
    if x <= 11:
        shade = 0.55 * min(abs(value) / full, 1.0)
        axes.bar(x, 0.9, 0.94, y - 0.45, color=BLUE if value > 0 else RED, alpha=shade, linewidth=0, clip_on=False)
    decimals = 1 if abs(value) < 0.9995 else 0
    text = number(100 * value, f"+.{decimals}f")
    text = text if text.strip(style.MINUS + "+0.") else "0.0"
    axes.text(x, y, text, ha="center", va="center", fontsize=8, weight="normal" if x <= 11 else "bold").set_in_layout(False)


@style.styled
def hours(result: Result) -> Figure:
    """Draw net profit by hour of day (New York), weekday and session of the entry, with the number of trades."""
    if not len(result.logs["trades"]["profit"]):
        return style.nothing("Net profit by hour, trading day and session of entry", "There is no closed trade.")
    figure = style.canvas(4.7)
    rows = figure.add_gridspec(2, 2, width_ratios=(1.35, 1))
    places = (figure.add_subplot(rows[0, :]), figure.add_subplot(rows[1, 0]), figure.add_subplot(rows[1, 1]))
    for axes, (title, groups) in zip(places, by_entry(result).items(), strict=True):
        _bars(axes, title, groups)
    return figure


def by_entry(result: Result) -> dict[str, list[tuple[str, float, int]]]:
    """Return (label, net profit, trades) by hour, trading day and session of the entry's bar; sessions overlap."""
    code = style.currency(result)
    time = result.trades["entry_time"].to_numpy("datetime64[ns]").astype(np.int64)
    profit = result.logs["trades"]["profit"] / MICRO
    hour, day = calendar.hour(time), calendar.day_weekday(calendar.day_index(time))
    days = [d for d in range(7) if d < 5 or np.any(day == d)]
    sessions = [(name, _in_session(time, zone, first, last)) for name, zone, first, last in SESSIONS]
    return {
        f"Net profit by hour of entry, New York, {code} (trades)": [(str(h), *_sum(profit, hour == h)) for h in range(24)],
        f"By trading day of entry, from 17:00 the evening before, {code}": [(WEEKDAYS[d], *_sum(profit, day == d)) for d in days],
        f"By session of entry, {code}; they overlap": [(name, *_sum(profit, mask)) for name, mask in sessions],
    }


def _in_session(time: NDArray[np.int64], zone: str, first: int, last: int) -> NDArray[np.bool_]:
    local = (time + calendar.utc_offset(time, zone)) // calendar.HOUR % 24
    return np.asarray((local >= first) & (local < last) & calendar.in_week(time))


def _sum(profit: NDArray[np.float64], mask: NDArray[np.bool_]) -> tuple[float, int]:
    return float(profit[mask].sum()), int(np.count_nonzero(mask))


def _bars(axes: Axes, title: str, groups: list[tuple[str, float, int]]) -> None:
    plain(axes, title)
    money = np.array([value for _, value, _ in groups])
    axes.bar(range(len(groups)), money, 0.66, color=[BLUE if value > 0 else RED for value in money])
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks(range(len(groups)), [f"{name}\n{_count(n)}" for name, _, n in groups])
    for label in axes.get_xticklabels():
        label.set(color=QUIET, linespacing=1.35)
    axes.set_xlim(-0.6, len(groups) - 0.4)
    style.few(axes, 5)


def _count(trades: int) -> str:
    return f"({trades:,})" if trades < 10_000 else f"({trades / 1000:.0f}k)"
