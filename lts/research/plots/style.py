"""The house's look: colours, fonts, grids and numbers that every picture shares. Nothing here touches pyplot."""

from __future__ import annotations

from functools import wraps
from io import BytesIO
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import to_rgba
from matplotlib.dates import UTC, AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from lts.research.frames import closes

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

P = ParamSpec("P")
T = TypeVar("T")

# Okabe and Ito's colours, told apart by colour-blind readers too; what counts also has a sign, a shape or a number.
BLUE, RED, ORANGE, GREEN, PURPLE, SKY = "#0072B2", "#D55E00", "#E69F00", "#009E73", "#CC79A7", "#56B4E9"
GREY, QUIET, LINE, INK, PAPER = "#8A94A0", "#5B6672", "#E6E9EC", "#1F262E", "#FFFFFF"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED)
FONT = "DejaVu Sans"
STYLE: Any = {"font.family": FONT, "font.size": 9.0, "text.color": INK, "axes.unicode_minus": True}
DASHED, DOTTED = (0, (4, 3)), (0, (1.2, 1.6))
MINUS = "\N{MINUS SIGN}"
POINTS = 2_400  # of a curve that are drawn: a highest and a lowest for each pixel across
MOST_DOTS = 900  # of a scatter


class Picture(Figure):
    """A figure that looks the same wherever it is saved, and that notebooks show without being asked to."""

    def savefig(self, *args: Any, **options: Any) -> None:
        """Save in the house's look; arguments are matplotlib's."""
        with rc_context(STYLE):
            super().savefig(*args, **options)

    def _repr_png_(self) -> bytes:
        file = BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def styled(draw: Callable[P, T]) -> Callable[P, T]:
    """Draw in the house's look, whatever the user's settings are; they are as before afterwards."""

    @wraps(draw)
    def drawn(*args: P.args, **options: P.kwargs) -> T:
        with rc_context(STYLE):
            return draw(*args, **options)

    return drawn


def canvas(height: float, width: float = 10.0) -> Picture:
    """Return an empty picture of so many inches."""
    figure = Picture(figsize=(width, height), dpi=110, layout="constrained", facecolor=PAPER)
    figure.get_layout_engine().set(w_pad=0.14, h_pad=0.08, hspace=0.03)  # type: ignore[union-attr, call-arg]  # this one has them
    return figure


def number(value: float, form: str) -> str:
    """Return a number with a real minus sign, zero without any sign; "none" for nan."""
    if value == 0:
        value, form = 0.0, form.removeprefix("+")
    return "none" if isnan(value) else f"{value:{form}}".replace("-", MINUS)


class Ticks(Formatter):
    """Numbers along an axis, all with as many decimals as the step between them needs."""

    def __init__(self, form: str = ",", scale: float = 1.0, unit: str = "", hide_below: float | None = None) -> None:
        self.form, self.scale, self.unit, self.hide_below = form, scale, unit, hide_below
        self.decimals = 0

    def format_ticks(self, values: Any) -> list[str]:
        """Return the labels of all marks."""
        marks = np.asarray(values, float) * self.scale
        room = 1e-6 * (float(np.ptp(marks)) if len(marks) > 1 else 1.0)
        self.decimals = next((d for d in range(7) if np.all(np.abs(np.round(marks, d) - marks) <= room)), 6)
        return [self(x) for x in values]

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return one label."""
        del pos
        if self.hide_below is not None and x < self.hide_below:
            return ""
        return number(round(x * self.scale, self.decimals), f"{self.form}.{self.decimals}f") + self.unit


def percent(hide_below: float | None = None) -> Ticks:
    """Return ticks for fractions, shown as percent."""
    return Ticks(scale=100, unit="%", hide_below=hide_below)


def plain(axes: Axes, title: str, grid: str = "y") -> None:
    """Give axes the house's look: grey grid, no box, a title that names the unit."""
    axes.set_title(title, fontsize=9.5, loc="left", color=INK, weight="bold", pad=9)
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis=grid, color=LINE, linewidth=0.8)  # type: ignore[arg-type]
    axes.tick_params(length=0, labelcolor=QUIET, labelsize=8.5, labelfontfamily=FONT)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(GREY)
    axes.yaxis.set_major_formatter(Ticks())


def dates(axes: Axes) -> None:
    """Label the time axis, UTC."""
    locator = AutoDateLocator(tz=UTC, minticks=4, maxticks=12)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))  # type: ignore[no-untyped-call]
    axes.xaxis.get_offset_text().set(color=QUIET, fontsize=8.5)
    axes.margins(x=0.0)


def span(axes: Axes, time: NDArray[np.datetime64]) -> None:
    """Show the whole of a time axis, also where it is one moment."""
    first, last = time[0], time[-1]
    room = np.timedelta64(12, "h") if first == last else np.timedelta64(0, "h")
    axes.set_xlim(first - room, last + room)


def bare(axes: Axes) -> None:
    """Take the labels off an axis that shares its time with the one below."""
    axes.tick_params(labelbottom=False)
    axes.xaxis.get_offset_text().set_visible(False)
    axes.spines["bottom"].set_visible(False)


def empty(axes: Axes, title: str, why: str) -> None:
    """Say in the place of a picture why there is none."""
    plain(axes, title)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.text(0, 0.86, why, transform=axes.transAxes, color=QUIET, va="top", wrap=True).set_in_layout(False)


def nothing(title: str, why: str) -> Picture:
    """Return a small picture that says why there is none."""
    figure = canvas(1.0)
    empty(figure.add_subplot(), title, why)
    return figure


def legend(axes: Axes, columns: int = 2) -> None:
    """Name the curves above the picture, on the right."""
    axes.legend(
        loc="lower right", bbox_to_anchor=(1, 1.0), frameon=False, ncols=columns, fontsize=8.5, borderpad=0, labelcolor=QUIET,
        handlelength=1.6, columnspacing=1.4,
    )  # fmt: skip


def outline(values: NDArray[np.floating[Any]], points: int = POINTS) -> NDArray[np.intp]:
    """Return the rows that draw a curve: all, or of each of many pieces its lowest and highest; nan is neither."""
    n = len(values)
    if n <= points:
        return np.arange(n)
    edges = np.linspace(0, n, points // 2 + 1).astype(int)
    sides = [(np.where(np.isnan(values), fill, values), pick) for fill, pick in ((np.inf, np.argmin), (-np.inf, np.argmax))]
    rows = [edges[:-1] + [pick(side[a:b]) for a, b in pairwise(edges)] for side, pick in sides]
    return np.unique(np.concatenate([[0, n - 1], *rows]))


def curve(axes: Axes, time: NDArray[Any], values: NDArray[np.float64], **look: Any) -> None:
    """Draw a curve, thinned to what can be seen."""
    rows = outline(values)
    axes.plot(time[rows], values[rows], **look)


def area(
    axes: Axes, time: NDArray[Any], values: NDArray[np.float64], colour: str, *, step: bool = False, points: int = POINTS
) -> None:
    """Draw a curve and fill what lies between it and zero; `step` keeps each value until the next moment."""
    rows = outline(values, points)
    x, y = time[rows], values[rows]
    if step:
        x, y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    around = np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[0.0], y, [0.0]])
    axes.fill(*around, facecolor=to_rgba(colour, 0.3), edgecolor="none")
    axes.plot(x, y, color=colour, linewidth=0.7)


def few(axes: Axes, ticks: int) -> None:
    """Ask for about so many marks on the value axis."""
    axes.yaxis.set_major_locator(MaxNLocator(ticks, min_n_ticks=2, steps=[1, 2, 2.5, 5, 10]))


def across(axes: Axes, ticks: int, name: str = "") -> None:
    """Ask for about so many marks on an axis of numbers across, and name it."""
    axes.xaxis.set_major_locator(MaxNLocator(ticks, min_n_ticks=2, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(Ticks())
    axes.set_xlabel(name, fontsize=8.5, color=QUIET, loc="right")


def times(result: Any) -> NDArray[np.datetime64]:
    """Return the moment of each close, (n,) UTC, as axes take it."""
    return closes(result).view("datetime64[ns]")


def pairs(result: Any) -> str:
    """Return the instruments of a run as people write them."""
    return ", ".join(b.instrument.name.replace("_", "/") for b in result.setup.bars)


def currency(result: Any) -> str:
    """Return the account's currency."""
    return str(result.setup.options.account.currency)
