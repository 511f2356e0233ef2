"""Other futures: the same bars up to some bar, and from there quotes that could have been instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.research.check.views import other

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.bars import Bars, Int32

    Rows = NDArray[np.intp]

KINDS = ("random", "tenfold", "flat")
SEED = 20
JUMP = 50  # median moves from one close to the next: far from any real bar, near enough that rounding stays small
BID_CLOSE = 3


class Worlds:
    """Quotes that could have been instead of a history's own; made once, a column when it is asked for."""

    def __init__(self, bars: Bars) -> None:
        self.bars, self.size = bars, len(bars)
        self._made: dict[tuple[str, int], Int32] = {}
        close = self.row(BID_CLOSE).astype(np.int64)
        self._moves = np.diff(close)
        quarter = max(int(close.min()) // 4, 1)
        self.jump = max(min(JUMP * max(int(np.median(np.abs(self._moves))) if len(close) > 1 else 1, 1), quarter), 1)
        self._volume = self.bars.volume

    def row(self, row: int) -> Int32:
        """Return a column of the history's own points."""
        return self.bars.points._row(row)  # noqa: SLF001  (one house)

    def after(self, last: int, kind: str) -> Bars:
        """Return the history with every bar after `last` changed: "random", "tenfold" or "flat"."""

        def column(row: int) -> Int32:
            own = self.row(row)
            if kind == "flat":
                changed = np.full(self.size - last - 1, self.row(BID_CLOSE + row // 4 * 4)[last], np.int32)
            else:
                changed = self._column(kind, row)[last + 1 :]
            return np.concatenate((own[: last + 1], changed))

        volume = np.concatenate((self._volume[: last + 1], self._volume[last + 1 :] * {"flat": 0.0}.get(kind, 10.0) + 1.0))
        return other(self.bars, column, volume)

    def runs(self, starts: Rows, length: int, kind: str, since: int = 0) -> tuple[Bars, NDArray[np.bool_]]:
        """Return the history with runs of bars changed, and which bars those are.

        Parameters
        ----------
        starts : intp, (k,)
            First bars of the runs, at least 1, further apart than `length`.
        length : int
            Bars of a run; the last may reach beyond the end.
        kind : "jump" or "flat"
            "jump": against the move that really came, by `JUMP` usual moves, at a wider spread; "flat": the close before, repeated.
        since : int
            Bars before it stay as they are.
        """
        index = (starts[:, None] + np.arange(length)).ravel()
        keep = (index < self.size) & (index >= since)
        index = index[keep]
        sign = np.where(self._moves[starts - 1] > 0, -1, 1)
        move = np.repeat(sign * self.jump, length)[keep]
        anchor = np.repeat(starts - 1, length)[keep]

        def column(row: int) -> Int32:
            made = self.row(row).copy()
            if kind == "flat":
                made[index] = self.row(BID_CLOSE + row // 4 * 4)[anchor]
            else:
                made[index] = np.maximum(made[index] + move + (self.jump // 4 if row > BID_CLOSE else 0), 1)
            return made

        volume = self._volume.copy()
        volume[index] = volume[index] * {"flat": 0.0}.get(kind, 10.0) + 1.0
        changed = np.zeros(self.size, np.bool_)
        changed[index] = True
        return other(self.bars, column, volume), changed

    def _column(self, kind: str, row: int) -> Int32:
        """Return a column of a whole other history."""
        if (kind, row) not in self._made:
            made = self._tenfold(row) if kind == "tenfold" else self._random(row)
            self._made[kind, row] = made.astype(np.int32)
        return self._made[kind, row]

    def _tenfold(self, row: int) -> NDArray[np.int64]:
        most = max(int(self.row(1).max()), int(self.row(5).max()))
        own = self.row(row).astype(np.int64)
        return own * 10 if most * 10 < 2**31 else np.maximum(own // 10, 1)

    def _random(self, row: int) -> NDArray[np.int64]:
        """Return a column of a random walk with larger steps, other spreads and the same level at the beginning."""
        rng = np.random.default_rng(SEED)
        size, step = self.size, max(self.jump // 10, 2)
        first = int(self.row(BID_CLOSE)[0])
        close = first + np.cumsum(rng.integers(-step, step + 1, size))
        close = np.abs(close - 1) % (2 * first + 2) + 1  # folded back: never below one point
        opened = np.concatenate((close[:1], close[:-1]))
        low = np.maximum(np.minimum(opened, close) - rng.integers(0, step, size), 1)
        high = np.maximum(opened, close) + rng.integers(0, step, size)
        spread = rng.integers(1, step + 1, size)
        column: NDArray[np.int64] = (opened, high, low, close)[row % 4]
        return column + spread if row > BID_CLOSE else column
