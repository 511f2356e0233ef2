"""Which bars train and which test: spans of time or of bars, one after the other."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from lts.data.bars import Bars

UNITS = {"y": "years", "M": "months", "w": "weeks", "D": "days", "d": "days", "h": "hours", "min": "minutes"}
SPAN = re.compile(r"(\d+)\s*(y|M|w|D|d|h|min)")


class Window(NamedTuple):
    """One turn: rows of bars, each span without its end."""

    train: tuple[tuple[int, int], ...]  # pieces, in order; several where an embargo lies between
    test: tuple[int, int]


class Span(NamedTuple):
    """A length: so many bars, or units of time."""

    length: int
    unit: str  # "bars", or a word of `pandas.DateOffset`
    text: str  # as it was given


class Mark(NamedTuple):
    """A place in the data: a moment, and the first row at or after it."""

    row: int
    moment: pd.Timestamp


def windows(bars: Bars, train: Any, test: Any, *, anchored: bool, purge: Any, embargo: Any) -> list[Window]:
    """Return the windows of a walk through bars.

    Test windows follow each other from `train` after the first bar on; the last one ends with the data and may be shorter. The
    training window before a test window is `train` long (anchored: it begins at the first bar), without its last `purge`, and
    without the `embargo` after each earlier test window that it holds. A test window without any bar (a hole) is left out.

    Raises
    ------
    ParameterError
        A span that is none, or too long for the data.
    """
    spans = {name: _span(name, value) for name, value in zip(("train", "test"), (train, test), strict=True)}
    for name, span in spans.items():
        if span.length == 0:
            raise ParameterError(f"walk_forward, {name}: was {span.text}; it must be above 0.")
    spans |= {"purge": _span("purge", purge), "embargo": _span("embargo", embargo)}
    ruler = _Ruler(bars)
    found = list(_walk(ruler, spans, anchored=anchored))
    if not found:
        raise ParameterError(
            f"walk_forward: {len(bars):,} bars from {ruler.told(0)} to {ruler.told(ruler.rows)} hold no test window after "
            f"train={spans['train'].text}; train and test must be shorter than the data together. Take shorter ones or more data."
        )
    return found


def _walk(ruler: _Ruler, spans: dict[str, Span], *, anchored: bool) -> Iterator[Window]:
    begin, past, k = ruler.move(ruler.begin, spans["train"], 1), list[Mark](), 0
    while True:
        start, end = ruler.move(begin, spans["test"], k), ruler.move(begin, spans["test"], k + 1)
        k += 1
        if start.row >= ruler.rows:
            return
        if end.row > start.row:
            yield Window(_train(ruler, spans, start, past, anchored=anchored), (start.row, end.row))
            past.append(end)


def _train(ruler: _Ruler, spans: dict[str, Span], start: Mark, past: list[Mark], *, anchored: bool) -> tuple[tuple[int, int], ...]:
    """Return the rows that may train for a test window, in pieces.

    Raises
    ------
    ParameterError
        There are none.
    """
    head = 0 if anchored else ruler.move(start, spans["train"], -1).row
    tail = ruler.move(start, spans["purge"], -1).row
    closed = [(mark.row, ruler.move(mark, spans["embargo"], 1).row) for mark in past]
    pieces = tuple(_pieces(head, tail, closed))
    if not pieces:
        held = f"the training window of train={spans['train'].text} before {ruler.told(start.row)} holds {start.row - head:,} bars"
        name = "purge" if tail <= head else "embargo"
        if start.row == head:
            raise ParameterError(
                f"walk_forward, train: {held}; it must hold one at least. Walk on the bars before or after the hole."
            )
        raise ParameterError(f"walk_forward, {name}: was {spans[name].text}, and {held}: none is left; it must be shorter.")
    return pieces


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
    """Goes from one place in the data to another."""

    def __init__(self, bars: Bars) -> None:
        self.rows, self._time, self._end = len(bars), bars.time, int(bars.time[-1]) + bars.duration

    @property
    def begin(self) -> Mark:
        return Mark(0, self.stamp(0))

    def move(self, mark: Mark, span: Span, times: int) -> Mark:
        """Return the place so many spans on."""
        import pandas as pd

        if span.length == 0 or times == 0:
            return mark
        if span.unit == "bars":
            row = min(max(mark.row + span.length * times, 0), self.rows)
            return Mark(row, self.stamp(row))
        try:
            step: Any = pd.DateOffset(**{span.unit: span.length * times})  # type: ignore[arg-type]
            moment: pd.Timestamp = (mark.moment + step).as_unit("ns")
        except (OverflowError, ValueError):  # beyond what a moment can be
            row = self.rows if times > 0 else 0
            return Mark(row, self.stamp(row))
        return Mark(int(np.searchsorted(self._time, moment.value)), moment)

    def stamp(self, row: int) -> pd.Timestamp:
        """Return when a row begins; of the row after the last, when the data end."""
        import pandas as pd

        return pd.Timestamp(int(self._time[row]) if row < self.rows else self._end, tz="UTC")

    def told(self, row: int) -> str:
        """Return the moment of a row as people write it."""
        return f"{self.stamp(row):%Y-%m-%d %H:%M}"


def _span(name: str, given: Any) -> Span:
    """Return a length, or refuse what is none."""
    matched = SPAN.fullmatch(given.strip()) if isinstance(given, str) else None
    if matched is not None:
        return Span(int(matched[1]), UNITS[matched[2]], repr(given))
    try:
        length = -1 if isinstance(given, bool) else operator.index(given)
    except TypeError:
        length = -1
    if length < 0:
        raise ParameterError(
            f"walk_forward, {name}: was {given!r}; it must be a number of bars, or a span such as '2y', '6M', '3w', '90D' or '12h'."
        )
    return Span(length, "bars", str(length))
