"""Sources of conversion rates: bars of a pair or numbers, and what they say at a moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lts.errors import ParameterError, RatesError, near_miss
from lts.sim.checks import finite, real, whole

if TYPE_CHECKING:
    from lts.instruments import Instrument

Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]

MODES = ("mid", "sided", "markup")
MARKUP = 0.005  # OANDA's currency conversion fee since 2020
DAY = 86_400_000_000_000
MAX_AGE = 7 * DAY  # longer than any holiday closure of the market
AGE_UNITS = {"w": 7 * DAY, "d": DAY, "h": DAY // 24, "min": DAY // 1440, "s": DAY // 86400}
BID_OPEN, BID_CLOSE, ASK_OPEN, ASK_CLOSE = 0, 3, 4, 7  # rows of a matrix of points


class Points(Protocol):
    """The eight price columns of bars."""

    @property
    def matrix(self) -> NDArray[np.int32]:
        """Points, (8, n): bid open, high, low, close, then ask."""


class BarsLike(Protocol):
    """What this floor needs of `lts.data.bars.Bars`."""

    @property
    def time(self) -> Int64:
        """Opens, ns UTC, ascending, (n,)."""

    @property
    def duration(self) -> int:
        """Length of a bar, ns."""

    @property
    def instrument(self) -> Instrument:
        """Whose prices these are."""

    @property
    def points(self) -> Points:
        """The prices."""

    @property
    def kept(self) -> dict[str, Any]:
        """What was worked out of these bars and is wanted again."""


@dataclass(frozen=True, eq=False)
class RatesSettings:
    """Where conversion rates come from and how they are used.

    Parameters
    ----------
    sources : mapping
        Pair name to bars, ``{"GBP_USD": bars}``, or currency to the units of account currency that one unit of it is worth,
        ``{"GBP": 1.27}``.
    mode : {"mid", "sided", "markup"}
        mid: everything at mid. sided: gains and losses each at their worse side. markup: gains at mid x (1 - markup), losses at
        mid x (1 + markup), only where a conversion takes place.
    markup : float
        Fraction, in [0, 1).
    max_age : int, numpy.timedelta64, timedelta, str or None
        Age above which a rate is an error: ns, a time span, or text such as "7D", "12h", "30min". None: 7 days.

    Raises
    ------
    ParameterError, RatesError
        A setting or a source that cannot be right.
    """

    sources: Mapping[str, Any] = field(default_factory=dict)
    mode: str = "mid"
    markup: float = MARKUP
    max_age: Any = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ParameterError(
                f"conversion mode: was {self.mode!r}; it must be one of {', '.join(MODES)}.{near_miss(self.mode, MODES)}"
            )
        markup = finite(self.markup)
        if markup is None or not 0 <= markup < 1:
            raise ParameterError(
                f"conversion markup: was {self.markup!r}; it must be a fraction from 0 to below 1 (0.005 is half a per cent)."
            )
        if not isinstance(self.sources, Mapping):
            raise ParameterError(
                f"rates: was {self.sources!r}; it must be a mapping such as {{'GBP_USD': bars}} or {{'GBP': 1.27}}."
            )
        object.__setattr__(self, "max_age", _nanoseconds(self.max_age))
        object.__setattr__(self, "sources", {_key(k, v): v for k, v in dict(self.sources).items()})


@dataclass(frozen=True, eq=False)
class Leg:
    """One step of a conversion: bars of a pair (`inverse`: of the opposite pair), or a number."""

    bars: BarsLike | None = None
    inverse: bool = False
    number: float = 1.0

    def sides(self, when: Int64, max_age: int, purpose: str) -> tuple[Float64, Float64, Float64]:
        """Return (mid, bid, ask) of this leg as known at each moment, (n,) each."""
        if self.bars is None:
            fixed = np.full(len(when), self.number)
            return fixed, fixed, fixed
        bid, ask = _known_quotes(self.bars, when, max_age, purpose)
        scale = self.bars.instrument.scale
        mid = (bid + ask) * 0.5 / scale
        if self.inverse:
            return 1.0 / mid, 1.0 / (ask / scale), 1.0 / (bid / scale)
        return mid, bid / scale, ask / scale


def _known_quotes(bars: BarsLike, when: Int64, max_age: int, purpose: str) -> tuple[Float64, Float64]:
    """Return bid and ask in points, (n,): the last close that had ended, before the first one the first open."""
    name, time, matrix = bars.instrument.name, bars.time, bars.points.matrix
    where = f"conversion of {purpose} by {name}"
    if len(time) == 0:
        raise RatesError(f"{where}: the {name} bars were empty; at least one bar is required. Pass {name} bars that cover the run.")
    row = np.searchsorted(time + bars.duration, when, side="right") - 1
    seen = row >= 0
    known = np.where(seen, time[row] + bars.duration, time[0])
    age = when - known
    if len(age) and age.min() < 0:
        raise RatesError(
            f"{where}: at {_stamp(when[age < 0][0])} there was no rate, the {name} bars begin {_stamp(time[0])}; "
            f"they must begin at or before the run. Read earlier {name} bars, or cut the run to start later."
        )
    if len(age) and age.max() > max_age:
        t = int(np.argmax(age > max_age))
        raise RatesError(
            f"{where}: at {_stamp(when[t])} the latest rate was of {_stamp(known[t])}, {_span(age[t])} old; it must not be older "
            f"than {_span(max_age)}. Read {name} bars that cover this time, or state a larger max_age in RatesSettings."
        )
    bid = np.where(seen, matrix[BID_CLOSE][row], matrix[BID_OPEN][0]).astype(np.float64)
    ask = np.where(seen, matrix[ASK_CLOSE][row], matrix[ASK_OPEN][0]).astype(np.float64)
    if len(bid) and min(bid.min(), ask.min()) <= 0:
        t = int(np.argmax(np.minimum(bid, ask) <= 0))
        raise RatesError(
            f"{where}: at {_stamp(when[t])} the price was {bid[t]:.0f} / {ask[t]:.0f} points; it must be above 0. Repair the bars."
        )
    return bid, ask


def _key(key: object, value: Any) -> str:
    """Return the name of a source as the house spells it, or refuse it."""
    code = re.sub(r"[_/ -]", "", key).upper() if isinstance(key, str) else ""
    if real(value) is not None:
        if len(code) != 3 or not code.isalnum():
            raise RatesError(
                f"rates: the number {value!r} was given for {key!r}; a number belongs to one currency, as in {{'GBP': 1.27}}."
            )
        if (finite(value) or 0.0) <= 0:
            raise RatesError(f"rates[{key!r}]: was {value!r}; it must be a finite number above 0.")
        return code
    if not (hasattr(value, "points") and hasattr(value, "time") and hasattr(value, "instrument")):
        raise RatesError(f"rates[{key!r}]: was a {type(value).__name__}; it must be bars of a pair or a number for a currency.")
    base, quote, name = value.instrument.base, value.instrument.quote, value.instrument.name
    if code != f"{base}{quote}":
        raise RatesError(
            f"rates[{key!r}]: holds bars of {name}; key and bars must name the same pair. Write rates={{{name!r}: bars}}."
        )
    return f"{base}_{quote}"


def _nanoseconds(age: object) -> int:
    found: int | None = None
    if age is None:
        return MAX_AGE
    if isinstance(age, str) and (match := re.fullmatch(r"\s*(\d+)\s*(w|d|h|min|s)\s*", age, re.IGNORECASE)):
        found = int(match[1]) * AGE_UNITS[match[2].lower()]
    elif isinstance(age, np.timedelta64):
        found = int(age.astype("timedelta64[ns]").astype(np.int64))
    elif isinstance(age, timedelta):
        found = age // timedelta(microseconds=1) * 1000
    else:
        found = whole(age)
    if found is None or found < 0:
        raise ParameterError(
            f"max_age: was {age!r}; it must be whole nanoseconds, a time span, or text such as '7D', '12h' or '30min'."
        )
    return found


def _stamp(ns: int) -> str:
    return str(np.datetime64(int(ns), "ns").astype("datetime64[s]")).replace("T", " ") + " UTC"


def _span(ns: int) -> str:
    days, rest = divmod(int(ns), DAY)
    hours = f"{rest / (DAY / 24):.4g} hours"
    return f"{days} days {hours}" if days and rest else f"{days} days" if days else hours
