"""Plateaus: how good a set is together with its neighbours in the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def plateau(table: pd.DataFrame, names: Sequence[str], by: str) -> pd.Series[float]:
    """Return the mean of a statistic over each set and its neighbours: those one step away in one parameter.

    Parameters
    ----------
    table : pandas.DataFrame
        Of a sweep.
    names : sequence of str
        The varied parameters; a step leads to the next larger or smaller value that occurs.
    by : str
        A column; where a set has no number, neither it nor the mean around it has one, and its neighbours do not count it.
    """
    values = table[by].to_numpy(float)
    places = [np.unique(table[name].to_numpy(), return_inverse=True)[1] for name in names]
    total, number = np.where(np.isnan(values), 0.0, values), (~np.isnan(values)).astype(float)
    mean_total, mean_number = total.copy(), number.copy()
    for axis in range(len(names)):
        others = [place for k, place in enumerate(places) if k != axis]
        _add_neighbours(_line(others, len(values)), places[axis], total, number, mean_total, mean_number)
    mean = np.full(len(values), np.nan)
    np.divide(mean_total, mean_number, out=mean, where=number > 0)
    return pd.Series(mean, index=table.index, name=f"plateau of {by}")


def _line(places: Sequence[NDArray[Any]], rows: int) -> NDArray[np.int64]:
    """Return which line of the grid each set lies on: sets on one line agree in all these places."""
    line = np.zeros(rows, np.int64)
    for place in places:
        line = np.unique(line * (int(place.max(initial=0)) + 1) + place, return_inverse=True)[1]
    return line


def _add_neighbours(
    line: NDArray[np.int64],
    place: NDArray[Any],
    total: NDArray[np.float64],
    number: NDArray[np.float64],
    mean_total: NDArray[np.float64],
    mean_number: NDArray[np.float64],
) -> None:
    """Add the sets one place before and after on the same line."""
    order = np.lexsort((place, line))
    a, b = order[:-1], order[1:]
    near = (line[a] == line[b]) & (place[b] - place[a] == 1)
    for here, there in ((a[near], b[near]), (b[near], a[near])):
        mean_total[here] += total[there]
        mean_number[here] += number[there]
