"""Which bars train and which test: spans of time or of bars, one after the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lts.data.bars import Bars

UNITS = {"y": "years", "M": "months", "w": "weeks", "D": "days", "h": "hours", "min": "minutes"}
SPAN = re.compile(r"(\d+)\s*(y|M|w|D|d|h|min)")


class Window(NamedTuple):
    """One turn: rows of bars, each span without its end."""

    train: tuple[tuple[int, int], ...]  # pieces, in order; several where an embargo lies between
    test: tuple[int, int]


def windows(bars: Bars, train: Any, test: Any, *, anchored: bool, purge: Any, embargo: Any) -> list[Window]:
    """Return the windows of a walk through bars.

    Test windows follow each other from `train` after the first bar on; the last one ends with the data and may be shorter. The
    training window before a test window is `train` long (anchored: it begins at the first bar), without its last `purge`, and
    without the `embargo` after each earlier test window that it holds.

    Raises
    ------
    ParameterError
        A span that is none, or too long for the data.
    """
    given = {"train": train, "test": test, "purge": purge, "embargo": embargo}
    spans = {name: _span(name, value) for name, value in given.items()}
    for name in ("train", "test"):
        if spans[name].length == 0:
            raise ParameterError(f"walk_forward, {name}: was {given[name]!r}; it must be above 0.")
    counted = spans["train"].unit == "bars"
    if any(span.length and (span.unit == "bars") != counted for span in spans.values()):
        raise ParameterError(
            f"walk_forward: {', '.join(f'{name}={value!r}' for name, value in given.items())}; they must all be spans of time, or "
            "all numbers of bars."
        )
    ruler = _Ruler(bars, counted=counted)
    found = list(_walk(ruler, spans, anchored=anchored))
    if not found:
        raise ParameterError(
            f"walk_forward: {bars!r} hold no test window after train={train!r}; train and test must be "
            "shorter than the data together."
        )
    return found


def _walk(ruler: _Ruler, spans: dict[str, _Span], *, anchored: bool) -> Iterator[Window]:
    past: list[int] = []
    begin, k = spans["train"].on(ruler.begin), 0
    while True:
        start = spans["test"].on(begin, k)
        first, end = ruler.row(start), ruler.row(spans["test"].on(begin, k + 1))
        k += 1
        if first >= ruler.rows:
            return
        if end <= first:  # a hole in the data
            continue
        head = 0 if anchored else ruler.row(spans["train"].on(start, -1))
        tail = ruler.row(spans["purge"].on(start, -1))
        if tail <= head:
            raise ParameterError(
                f"walk_forward, purge: leaves none of the training rows {head:,} to {first:,}; it must be shorter than them."
            )
        closed = [(b, ruler.row(spans["embargo"].on(ruler.at(b)))) for b in past]
        yield Window(tuple(_pieces(head, tail, closed)), (first, end))
        past.append(end)


def _pieces(head: int, tail: int, closed: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield [head, tail) without the spans that are closed, which are in order."""
    for a, b in closed:
        if b > a and a < tail and b > head:
            if a > head:
                yield head, a
            head = max(head, b)
    if tail > head:
        yield head, tail


class _Ruler:
    """Rows by time, or by their own number."""

    def __init__(self, bars: Bars, *, counted: bool) -> None:
        import pandas as pd

        self.rows, self.lengthed, self._time = len(bars), counted, bars.time
        self.begin: Any = 0 if counted else pd.Timestamp(int(bars.time[0]), tz="UTC")

    def row(self, moment: Any) -> int:
        """Return the first row at or after a moment."""
        found = moment if self.lengthed else int(np.searchsorted(self._time, moment.as_unit("ns").value))
        return min(max(int(found), 0), self.rows)

    def at(self, row: int) -> Any:
        """Return the moment of a row."""
        import pandas as pd

        return row if self.lengthed else pd.Timestamp(int(self._time[min(row, self.rows - 1)]), tz="UTC")


class _Span(NamedTuple):
    """A length: so many bars, or units of time."""

    length: int
    unit: str  # "bars", or a word of `pandas.DateOffset`

    def on(self, moment: Any, times: int = 1) -> Any:
        """Return the moment so many spans on."""
        import pandas as pd

        if self.length == 0 or times == 0:
            return moment
        step: Any = self.length * times if self.unit == "bars" else pd.DateOffset(**{self.unit: self.length * times})  # type: ignore[arg-type]
        return moment + step


def _span(name: str, given: Any) -> _Span:
    """Return a length, or refuse what is none."""
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return _Span(given, "bars")
    matched = SPAN.fullmatch(given.strip()) if isinstance(given, str) else None
    if matched is None:
        raise ParameterError(
            f"walk_forward, {name}: was {given!r}; it must be a number of bars, or a span such as '2y', '6M', '3w', '90D' or '12h'."
        )
    return _Span(int(matched[1]), UNITS[matched[2].replace("d", "D")])
