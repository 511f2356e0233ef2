"""Spread models: where a source has one side only, what stands in for the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.calendar import hour_of_week
from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.instruments import Instrument

    Int64 = NDArray[np.int64]
    Float = NDArray[np.float64]

HOURS = 168

# Spread against that of 9:00, by the hour on New York clocks. Our own round numbers, made to have the shape that 53 bar files of
# OANDA, FXCM and Dukascopy (2007 to 2018) had: flat by day, a little wider in Asia, 1.3 to 3.8 times at 17:00.
_SHAPE = (
    1.1, 1.1, 1.05, 1.0, 1.0, 1.0, 1.0, 1.0, 1.05, 1.0, 1.0, 1.0, 1.0, 1.05, 1.1, 1.15, 1.4, 2.5, 1.8, 1.4, 1.2, 1.15, 1.1, 1.1,
)  # fmt: skip
_OPENING = 2.0  # Sunday's first two hours are wider again
_WEEKEND = 5.0  # outside the trading week
# Pips at 9:00: round numbers of our own, near the medians of those files (EUR_USD 1.2, EUR_GBP 2.0, USD_SGD 2.4)
_PIPS = {
    "EUR_USD": 1.2, "USD_JPY": 1.4, "GBP_USD": 1.8, "AUD_USD": 1.5, "USD_CHF": 1.7, "USD_CAD": 1.9, "NZD_USD": 1.9,
    "EUR_GBP": 2.0, "EUR_JPY": 1.9, "USD_SGD": 2.4,
}  # fmt: skip
_OTHER_PIPS = 3.0


@dataclass(frozen=True, eq=False)
class SpreadProfile:
    """Spread by hour of the trading week.

    Parameters
    ----------
    pips : float64 [168]
        Hour 0 begins on Sunday 17:00 New York; nan where unknown: the median of the others stands in.
    source : str
        Where it comes from, for the notes of the bars made with it.
    """

    pips: Float
    source: str

    def __post_init__(self) -> None:
        pips = np.array(self.pips, dtype=np.float64)
        usable = pips[np.isfinite(pips)] if pips.shape == (HOURS,) else pips[:0]
        if usable.size == 0 or usable.min() < 0:
            raise ParameterError(
                f"SpreadProfile pips: were {pips.shape} numbers; they must be {HOURS}, at least one known and none negative."
            )
        object.__setattr__(self, "pips", np.where(np.isfinite(pips), pips, np.median(usable)))

    def at(self, time: Int64) -> Float:
        """Return pips for stamps, float64 [n]."""
        return np.asarray(self.pips[hour_of_week(time)])


def built_in(instrument: Instrument) -> SpreadProfile:
    """Return the house's own plausible profile; it is nobody's quote, and the bars' notes say that it was used."""
    level = _PIPS.get(instrument.name, _OTHER_PIPS)
    shape = np.array([_SHAPE[(17 + h) % 24] for h in range(HOURS)])
    shape[:2] *= _OPENING
    shape[120:] = _WEEKEND
    return SpreadProfile(np.round(level * shape, 1), f"the built-in profile, {level:g} pips at 9:00 New York")


def spread_profile(bars: Bars) -> SpreadProfile:
    """Measure the median closing spread by hour of the week.

    Parameters
    ----------
    bars : Bars
        With two sides of its own.

    Raises
    ------
    BarsError
        No bars, or a side that was itself made by a spread.
    """
    if len(bars) == 0 or bars.quality.side != "both":
        raise BarsError(
            f"spread_profile: the bars have {'no rows' if len(bars) == 0 else f'the {bars.quality.side} only'}; "
            "they must have both sides as quoted. Measure on a source with two sides."
        )
    points = bars.points.ask_close.astype(np.int64) - bars.points.bid_close
    place = hour_of_week(bars.time)
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(HOURS + 1))
    pips = np.full(HOURS, np.nan)
    for h in range(HOURS):
        part = points[order[edges[h] : edges[h + 1]]]
        if part.size:
            pips[h] = max(float(np.median(part)), 0.0) / bars.instrument.points_per_pip
    return SpreadProfile(pips, f"the spreads of {bars!r}")


def spread_points(
    spread: Any, time: Int64, instrument: Instrument, column: Float | None, in_points: bool, rows: Int64, where: str
) -> tuple[Int64, str]:
    """Return the spread of each row in whole points, and words for the notes.

    Parameters
    ----------
    spread : float, "profile", SpreadProfile, or a column's name
        A number is pips.
    column : float64 [n] or None
        The column's values, when `spread` names one.
    in_points : bool
        The column counts points, not pips.

    Raises
    ------
    ParameterError
        Nothing that is a spread.
    BarsError
        A negative or missing value in the column; names the row.
    """
    if isinstance(spread, str) and spread == "profile":
        spread = built_in(instrument)
    if isinstance(spread, SpreadProfile):
        pips, words = spread.at(time), spread.source
    elif column is not None:
        bad = ~(np.isfinite(column) & (column >= 0))
        if bad.any():
            first = int(np.argmax(bad))
            raise BarsError(f"{where}, row {rows[first]}, spread: was {column[first]!r}; it must be a number of at least 0.")
        pips = column / instrument.points_per_pip if in_points else column
        words = f"column {spread!r}, in {'points' if in_points else 'pips'}"
    elif isinstance(spread, (int, float, np.number)) and not isinstance(spread, bool) and np.isfinite(spread) and spread >= 0:
        pips, words = np.full(len(time), float(spread)), f"{spread:g} pips"
    else:
        raise ParameterError(
            f"spread: was {spread!r}; it must be pips of at least 0, 'profile', a SpreadProfile or a column."
            f"{near_miss(str(spread), ['profile'])}"
        )
    return np.floor(pips * instrument.points_per_pip + 0.5).astype(np.int64), words
