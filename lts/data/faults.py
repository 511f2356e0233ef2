"""The faults of real files, put into good bars on purpose: one function each, named after what it does to the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts import calendar
from lts.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.instruments import Instrument

    Float = NDArray[np.float64]
    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]

VOLUMES = ("ticks", "millions", "none")


@dataclass(frozen=True)
class Faults:
    """Switches of `synthetic_bars`, all off by default.

    Two faults of real files cannot exist in bars and have no switch: several ticks with one stamp, and layouts of text files.
    Prices off the tick grid cannot either; what a wrong scale leaves behind can.

    Parameters
    ----------
    stale_opens : bool
        Each open equals the close before it, on Sundays too, so that gaps lie inside the week's first bar.
    zone_change : bool
        Stamps are a server's clock taken for UTC: Central European time in the first half, Eastern European in the second.
    missing_hour : bool
        Nothing from 00:00 to 00:59 UTC on any day; below H1 and at H1.
    outage : bool
        Nothing in the third week; three Fridays cut at 03:00 New York.
    crossed : float
        Share of bars with an ask below the bid; widened to zero spread, raw quotes kept, as reading does.
    outside_week : bool
        Quotes from 14:00 New York on every other Sunday.
    utc_days : bool
        H2 to W1 count from 00:00 UTC, so that a week has six daily bars, the first of two or three hours.
    wrong_scale : bool
        Prices 100 times too large: a file of three decimals read as one of five.
    one_side : bool
        One side taken for both: no spread at all.
    flat : float
        Share of bars without any movement.
    stuck : float
        Share of bars that repeat the bar before, in runs of ten.
    spread_regimes : bool
        First half: one spread for a day, 10 pips in the week's first and last two hours. Second half: as measured.
    shock : float
        A true jump of this fraction (-0.166 is the Swiss franc's) inside one bar in the middle.
    volume : "ticks", "millions" or "none"
        What volume counts.
    unfinished : bool
        The last bar breaks off: its close is its open, with hardly any volume.

    Raises
    ------
    ParameterError
        A value outside its range.
    """

    stale_opens: bool = False
    zone_change: bool = False
    missing_hour: bool = False
    outage: bool = False
    crossed: float = 0.0
    outside_week: bool = False
    utc_days: bool = False
    wrong_scale: bool = False
    one_side: bool = False
    flat: float = 0.0
    stuck: float = 0.0
    spread_regimes: bool = False
    shock: float = 0.0
    volume: str = "ticks"
    unfinished: bool = False

    def __post_init__(self) -> None:
        for name in ("crossed", "flat", "stuck"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(f"synthetic_bars, {name}: was {getattr(self, name)!r}; it must be a share from 0 to 1.")
        if not -0.9 <= self.shock <= 9:
            raise ParameterError(f"synthetic_bars, shock: was {self.shock!r}; it must be a fraction from -0.9 to 9.")
        if self.volume not in VOLUMES:
            raise ParameterError(f"synthetic_bars, volume: was {self.volume!r}; it must be one of {', '.join(VOLUMES)}.")


class Faulty(NamedTuple):
    """Bars' arrays with their faults, and one note for each."""

    time: Int64
    matrix: Int32
    volume: Float
    crossed: tuple[Int64, Int32] | None  # places and raw points of crossed bars
    notes: tuple[str, ...]


def apply(faults: Faults, time: Int64, matrix: Int32, volume: Float, *, pair: Instrument, random: np.random.Generator) -> Faulty:
    """Return the arrays with the faults that are switched on; those of the clock are in `time` already."""
    points = matrix.astype(np.int64)
    if faults.shock:
        _shock(points, faults.shock)
    if faults.spread_regimes:
        _spread_regimes(points, time, pair)
    if faults.flat:
        _flatten(points, random.random(len(time)) < faults.flat)
    if faults.stuck:
        points = points[:, _runs(len(time), faults.stuck, random)]
    if faults.stale_opens:
        _stale(points)
    if faults.unfinished:
        points[[1, 2, 3], -1], points[[5, 6, 7], -1] = points[0, -1], points[4, -1]
        volume[-1] = 1.0
    if faults.one_side:
        points[4:] = points[:4]
    crossed = _cross(points, faults.crossed, random) if faults.crossed else None
    if faults.wrong_scale:
        points *= 100
        crossed = None if crossed is None else (crossed[0], crossed[1] * 100)
    _require_range(points, pair)
    raw = None if crossed is None else (crossed[0], crossed[1].astype(np.int32))
    stamps = _server_clock(time) if faults.zone_change else time
    return Faulty(stamps, points.astype(np.int32), _counted(volume, faults.volume), raw, _notes(faults))


def _notes(faults: Faults) -> tuple[str, ...]:
    usual = Faults()
    return tuple(f"fault put in: {name}={value!r}" for name, value in vars(faults).items() if value != getattr(usual, name))


def _enclose(points: Int64) -> None:
    """Widen each bar's range to hold its open and close."""
    for side in (0, 4):
        ends = points[[side, side + 3]]
        np.maximum(points[side + 1], ends.max(axis=0), out=points[side + 1])
        np.minimum(points[side + 2], ends.min(axis=0), out=points[side + 2])


def _shock(points: Int64, size: float) -> None:
    """Move everything after the middle bar's open by a fraction, as one jump."""
    middle = points.shape[1] // 2
    spread = points[4:] - points[:4]
    opens = points[[0, 4], middle]
    points[:4, middle:] = np.rint(points[:4, middle:] * (1.0 + size)).astype(np.int64)
    points[4:] = points[:4] + spread
    points[[0, 4], middle] = opens
    _enclose(points)


def _spread_regimes(points: Int64, time: Int64, pair: Instrument) -> None:
    """Replace the first half's spreads by steps: one value a day, 10 pips at the week's ends."""
    half = len(time) // 2
    day = calendar.day_index(time[:half])
    pips = np.where(day % 5 == 0, 1.4, 1.0)
    hour = calendar.hour_of_week(time[:half])
    edge = (hour < 2) | (hour >= 118)
    spread = np.rint(np.where(edge, 10.0, pips) * pair.points_per_pip).astype(np.int64)
    points[4:, :half] = points[:4, :half] + spread


def _flatten(points: Int64, which: NDArray[np.bool_]) -> None:
    for side in (0, 4):
        points[side + 1 : side + 4, which] = points[side, which]


def _runs(n: int, share: float, random: np.random.Generator) -> Int64:
    """Return for each bar the bar that it repeats: whole tens of bars are stuck at their first."""
    tens = np.arange(n) // 10
    stuck = (random.random(int(tens[-1]) + 1) < share)[tens]
    return np.where(stuck, tens * 10, np.arange(n))


def _stale(points: Int64) -> None:
    for side in (0, 4):
        points[side, 1:] = points[side + 3, :-1]
    _enclose(points)


def _cross(points: Int64, share: float, random: np.random.Generator) -> tuple[Int64, Int64]:
    """Cross some bars by one to three points; return where and the raw quotes, and leave them widened to zero spread."""
    index = np.flatnonzero(random.random(points.shape[1]) < share)
    raw = points[:, index]
    raw[4:] = raw[:4] - random.integers(1, 4, len(index))
    points[4:, index] = raw[:4]
    return index.astype(np.int64), raw


def _require_range(points: Int64, pair: Instrument) -> None:
    low, high = int(points.min()), int(points.max())
    if low < 1 or high > np.iinfo(np.int32).max:
        raise ParameterError(
            f"synthetic_bars: the faults moved prices of {pair.name} to {low / pair.scale:g} ... {high / pair.scale:g}; they must "
            f"stay between one tick and {np.iinfo(np.int32).max / pair.scale:g}. State another price= or a smaller shock=."
        )


def _counted(volume: Float, kind: str) -> Float:
    if kind == "none":
        return np.full(len(volume), np.nan)
    return volume if kind == "ticks" else np.asarray(np.rint(volume * 75.0) / 100.0)


def _server_clock(time: Int64) -> Int64:
    """Return what a server's clock showed, read as if it were UTC: the zone changes in the middle of the file."""
    half = len(time) // 2
    return np.concatenate(
        [
            time[:half] + calendar.utc_offset(time[:half], "Europe/Berlin"),
            time[half:] + calendar.utc_offset(time[half:], "Europe/Athens"),
        ]
    )
