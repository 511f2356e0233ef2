"""The tick grid: prices of a source become whole points, and bars that cannot be are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data.faultlog import at
from lts.data.levels import find_scale
from lts.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lts.data.faultlog import FaultLog
    from lts.data.rows import Rows
    from lts.instruments import Instrument

    Int64 = NDArray[np.int64]
    Float = NDArray[np.float64]
    Bool = NDArray[np.bool_]

NOISE = 1e-3  # ticks; nearer to the grid than this is rounding noise
HIGHEST = 2**31 - 1  # points are int32


@dataclass
class Quotes:
    """Prices by side in points.

    Attributes
    ----------
    row, time : int64 [n]
        Number in the source; nanoseconds UTC.
    points : dict of float64 [k, n]
        By side: open, high, low, close of bars (k = 4), the quote of ticks (k = 1). Whole, except that mids may lie between.
    extra : dict of float64 [n]
        Volumes and spreads by role, nan where none.
    """

    row: Int64
    time: Int64
    points: dict[str, Float]
    extra: dict[str, Float]

    def take(self, which: Any) -> Quotes:
        """Return the rows of a mask or of an index."""
        points = {side: p[:, which] for side, p in self.points.items()}
        return Quotes(self.row[which], self.time[which], points, {role: v[which] for role, v in self.extra.items()})

    def __len__(self) -> int:
        return len(self.time)


def scale_of(prices: Float, instrument: Instrument, stated: float | None, log: FaultLog) -> float:
    """Return what a source's prices must be divided by, and note it when it was found out."""
    usable = prices[np.isfinite(prices) & (prices > 0)]
    middle = float(np.median(usable[:: max(1, len(usable) // 10_000)])) if usable.size else np.nan
    whole = bool((np.abs(usable - np.rint(usable)) <= 1e-6).all())  # tighter than NOISE: 1.0003 is a price
    scale = find_scale(middle, instrument, stated, log.where, whole=whole)
    if scale != 1.0 and stated is None:
        log.notes.append(f"prices divided by {scale:,.0f}, for their median was {middle:,.6g}")
    return scale


def to_grid(rows: Rows, sides: Mapping[str, Sequence[str]], instrument: Instrument, scale: float, log: FaultLog) -> Quotes:
    """Return prices in points, after judging the ones that no price can be and the ones off the grid.

    Parameters
    ----------
    sides : mapping
        Side to the roles of its prices.
    scale : float
        What the source's numbers must be divided by.

    Raises
    ------
    BarsError
        By policy; or a price beyond int32 points.
    """
    rows = _usable(rows, [role for roles in sides.values() for role in roles], log)
    factor = instrument.scale / scale
    points: dict[str, Float] = {}
    off = np.zeros(len(rows), dtype=np.bool_)
    for side, roles in sides.items():
        grid = np.empty((len(roles), len(rows)))
        for k, role in enumerate(roles):
            raw = rows.values[role] * factor
            whole = np.rint(raw) if side != "mid" else np.rint(2 * raw) / 2
            far = np.abs(raw - whole) > NOISE
            if far.any():
                if side == "mid":  # a mean of two sides may lie anywhere
                    whole = np.where(far, raw, whole)
                else:
                    off |= far
            log.noise += int(np.count_nonzero(~far & ((whole * scale) / instrument.scale != rows.values[role])))
            grid[k] = whole
        points[side] = grid
    _require_range(points, rows, sides, log)
    used = {role for roles in sides.values() for role in roles}
    quotes = Quotes(rows.row, rows.time, points, {r: v for r, v in rows.values.items() if r not in used})

    def value(index: int) -> str:
        found = next(r for roles in sides.values() for r in roles if _is_off(float(rows.values[r][index]) * factor))
        return (
            f"{found} was {rows.values[found][index]!s} {at(rows.time[index])}, between ticks of {instrument.tick / (1 / scale):g}"
        )

    log.judge("off_grid", off, rows.row, value)
    return quotes


def _is_off(raw: float) -> bool:
    return abs(raw - round(raw)) > NOISE


def _usable(rows: Rows, roles: Sequence[str], log: FaultLog) -> Rows:
    """Judge prices that are nan, infinite, zero or negative, and volumes that are infinite or negative."""
    good = np.ones(len(rows), dtype=np.bool_)
    for role in roles:
        v = rows.values[role]
        good &= (v > 0) & (v < np.inf)
    volumes = [r for r in rows.values if r.endswith("volume")]
    for role in volumes:
        v = rows.values[role]
        good &= np.isnan(v) | ((v >= 0) & (v < np.inf))

    def value(index: int) -> str:
        for role in roles:
            v = float(rows.values[role][index])
            if not 0 < v < np.inf:
                return f"{role} was {v} {at(rows.time[index])}"
        role = next(r for r in volumes if rows.values[r][index] < 0 or np.isinf(rows.values[r][index]))
        return f"{role} was {rows.values[role][index]!s} {at(rows.time[index])}"

    if log.judge("impossible", ~good, rows.row, value) is not None:
        rows = rows.take(good)
        require_left(len(rows), log)
    return rows


def _require_range(points: Mapping[str, Float], rows: Rows, sides: Mapping[str, Sequence[str]], log: FaultLog) -> None:
    for side, grid in points.items():
        if grid.size and grid.max() > HIGHEST:
            k, index = np.unravel_index(int(np.argmax(grid)), grid.shape)
            role = sides[side][int(k)]
            raise BarsError(
                f"{log.where}, row {rows.row[index]}: {role} was {rows.values[role][index]!s}, {grid[k, index]:,.0f} points; "
                f"at most {HIGHEST:,} points fit. Check instrument and scale, or pass an Instrument of fewer decimals."
            )


def judge_ranges(quotes: Quotes, instrument: Instrument, log: FaultLog) -> Quotes:
    """Judge bars whose high or low does not hold their open and close, or whose price rounds to 0."""
    good = np.ones(len(quotes), dtype=np.bool_)
    for o, h, low, c in quotes.points.values():
        good &= (low <= o) & (low <= c) & (o <= h) & (c <= h) & (low > 0)

    def value(index: int) -> str:
        for side, (o, h, low, c) in quotes.points.items():
            if not (0 < low[index] <= min(o[index], c[index]) and max(o[index], c[index]) <= h[index]):
                p = [float(x[index]) / instrument.scale for x in (o, h, low, c)]
                shown = ", ".join(f"{price:.10g}" for price in p)
                return f"{side} open, high, low, close were {shown} {at(quotes.time[index])}"
        return ""

    if log.judge("impossible", ~good, quotes.row, value) is not None:
        quotes = quotes.take(good)
        require_left(len(quotes), log)
    return quotes


def require_left(count: int, log: FaultLog) -> None:
    """Refuse when policies dropped every row."""
    if count == 0:
        touched = ", ".join(f"{fault}: {touch.count:,}" for fault, touch in log.touched.items())
        raise BarsError(
            f"{log.where}: no row is left of {log.rows:,} ({touched}); at least one must be. "
            "Choose other policies, or mend the source."
        )
