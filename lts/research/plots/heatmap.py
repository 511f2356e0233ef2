"""A statistic over two parameters of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize, TwoSlopeNorm
from matplotlib.patches import Rectangle

from lts.research.plots import style
from lts.research.plots.style import BLUE, INK, LINE, PAPER, QUIET, RED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

WRITTEN = 420  # cells: more are drawn without their numbers
LABELS = 24  # of an axis
SIGNED = LinearSegmentedColormap.from_list("lts signed", [RED, PAPER, BLUE])
RISING = LinearSegmentedColormap.from_list("lts rising", [PAPER, BLUE])


@style.styled
def heatmap(table: pd.DataFrame, x: str, y: str, value: str, names: Sequence[str]) -> Figure:
    """Draw a statistic by two parameters; where sets share a cell the best of them is drawn, and the title says of how many.

    Parameters
    ----------
    table : pandas.DataFrame
        Of a sweep.
    x, y, value : str
        Columns: across, upwards, shown.
    names : sequence of str
        The parameters of the sets.
    """
    across, upward, cells, most = by_cell(table, x, y, value)
    others = [name for name in names if name not in {x, y} and len(table[name].unique()) > 1]
    title = f"{value} by {x} and {y}"
    if others and most > 1:
        title += f": in each cell the {_word(value)} of {most:,} sets of {', '.join(others)}"
    figure = style.canvas(min(8.0, max(2.2, 1.3 + 0.3 * len(upward))))
    axes = figure.add_subplot()
    style.plain(axes, title)
    axes.grid(visible=False)
    if np.isnan(cells).all():
        style.empty(axes, title, f"No set has a number in {value}.")
        return figure
    axes.set_facecolor(LINE)
    image = axes.imshow(np.ma.masked_invalid(cells), cmap=_colours(cells), norm=_scale(cells), aspect="auto", origin="lower")
    _label(axes, across, upward, x, y)
    if cells.size <= WRITTEN and len(across) <= LABELS:
        _write(axes, cells, image)
    _frame(axes, cells, value)
    bar = figure.colorbar(image, ax=axes, pad=0.015, fraction=0.03)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelcolor=QUIET, labelsize=8.5)
    return figure


def by_cell(
    table: pd.DataFrame, x: str, y: str, value: str
) -> tuple[NDArray[np.generic], NDArray[np.generic], NDArray[np.float64], int]:
    """Return (values of x, values of y, the best of each cell (y, x) or nan, how many sets share a cell at most)."""
    from lts.research.sweep.ranking import merit

    across, column = np.unique(table[x].to_numpy(), return_inverse=True)
    upward, row = np.unique(table[y].to_numpy(), return_inverse=True)
    turned = merit(table[value].to_numpy(float), value)
    best = np.full((len(upward), len(across)), -np.inf)
    known = ~np.isnan(turned)
    np.maximum.at(best, (row[known], column[known]), turned[known])
    counts = np.zeros(best.shape, np.int64)
    np.add.at(counts, (row, column), 1)
    best[np.isneginf(best)] = np.nan
    return across, upward, merit(best, value), int(counts.max(initial=0))


def _word(value: str) -> str:
    from lts.research.sweep.ranking import SMALL

    return "least" if value in SMALL else "best"


def _frame(axes: Axes, cells: NDArray[np.float64], value: str) -> None:
    """Draw a frame around the best cell."""
    from lts.research.sweep.ranking import merit

    row, column = np.unravel_index(int(np.nanargmax(merit(cells, value))), cells.shape)
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=1.6, clip_on=False))


def _scale(cells: NDArray[np.float64]) -> Normalize:
    """Return white for zero where values have both signs, else for the least."""
    low, high = float(np.nanmin(cells)), float(np.nanmax(cells))
    if low < 0 < high:
        end = max(-low, high)
        return TwoSlopeNorm(0.0, -end, end)
    return Normalize(min(low, 0.0) if high <= 0 else low, high if high > low else low + 1.0)


def _colours(cells: NDArray[np.float64]) -> LinearSegmentedColormap:
    low, high = float(np.nanmin(cells)), float(np.nanmax(cells))
    if low < 0 < high:
        return SIGNED
    return RISING if low >= 0 else RISING.reversed()


def _label(axes: Axes, across: NDArray[np.generic], upward: NDArray[np.generic], x: str, y: str) -> None:
    for axis, values, name in ((axes.xaxis, across, x), (axes.yaxis, upward, y)):
        step = -(-len(values) // LABELS)
        places = range(0, len(values), step)
        axis.set_ticks(list(places), [_text(values[place]) for place in places])
        axis.set_label_text(name, fontsize=8.5, color=QUIET)
    axes.spines["bottom"].set_visible(False)


def _text(value: np.generic) -> str:
    plain = value.item()
    return style.number(plain, "g") if isinstance(plain, float) else str(plain).replace("-", style.MINUS)


def _write(axes: Axes, cells: NDArray[np.float64], image: object) -> None:
    """Write each number into its cell, light on dark."""
    largest = float(np.nanmax(np.abs(cells)))
    decimals = max(0, min(6, 2 - int(np.floor(np.log10(largest))))) if largest > 0 else 0  # three digits of the largest
    for (row, column), value in np.ndenumerate(cells):
        if np.isnan(value):
            continue
        r, g, b, _ = image.cmap(image.norm(value))  # type: ignore[attr-defined]  # an AxesImage
        dark = 0.299 * r + 0.587 * g + 0.114 * b < 0.55
        text = style.number(float(value), f",.{decimals}f")
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=PAPER if dark else INK).set_in_layout(False)
