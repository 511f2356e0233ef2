"""Rates that carry dates: each holds from its date on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lts.errors import ParameterError, RatesError
from lts.sim.checks import finite, real, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Items(Protocol):
    """A pandas Series, as far as it is needed here."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Return pairs of date and rate."""


@dataclass(frozen=True)
class Dated:
    """Rates that hold from their dates on: `values[i]` from `times[i]` (ns UTC) until `times[i + 1]`."""

    times: tuple[int, ...]
    values: tuple[float, ...]

    def at(self, when: NDArray[np.int64], name: str) -> NDArray[np.float64]:
        """Return the value that holds at each moment; RatesError before the first date."""
        row = np.searchsorted(np.array(self.times, dtype=np.int64), when, side="right") - 1
        if len(row) and row.min() < 0:
            first, asked = (np.datetime64(int(t), "ns").astype("datetime64[m]") for t in (self.times[0], when[row < 0][0]))
            raise RatesError(
                f"{name}: at {asked} UTC no rate was stated, the first holds from {first}; every night of the run requires one. "
                "Add an earlier rate, or start the run later."
            )
        return np.array(self.values)[row]


Rate = float | Mapping[Any, float] | Items | Dated


def as_dated(rate: Any, name: str) -> Dated:
    """Return a number, a mapping or a Series as `Dated`; ParameterError names what cannot be right."""
    if isinstance(rate, Dated):
        pairs = sorted(zip(rate.times, rate.values, strict=True))
    elif real(rate) is not None:
        pairs = [(np.iinfo(np.int64).min, rate)]
    elif hasattr(rate, "items"):
        pairs = sorted(((moment(when, name), value) for when, value in rate.items()), key=lambda pair: pair[0])
    else:
        raise ParameterError(f"{name}: was {rate!r}; it must be a number, or a mapping or Series from date to number.")
    times, values = [p[0] for p in pairs], [p[1] for p in pairs]
    if not pairs or len(set(times)) < len(times):
        raise ParameterError(
            f"{name}: had {len(pairs)} rates for {len(set(times))} dates; it must have one rate for each date, at least one."
        )
    if bad := [v for v in values if finite(v) is None]:
        raise ParameterError(f"{name}: held {bad[0]!r}; every rate must be a finite number (positive = received).")
    return Dated(tuple(times), tuple(float(v) for v in values))


def moment(when: Any, name: str) -> int:
    """Return a date as ns UTC; a plain date is its first moment, a stamp without a zone is UTC."""
    try:
        if (ns := whole(when)) is not None:
            return ns
        if isinstance(when, np.datetime64) and not np.isnat(when):
            return int(when.astype("datetime64[ns]").astype(np.int64))
        if isinstance(when, str):
            when = datetime.fromisoformat(when)
        if isinstance(when, date) and not isinstance(when, datetime):
            when = datetime(when.year, when.month, when.day, tzinfo=UTC)
        if isinstance(when, datetime):
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
            return int((when - EPOCH) // timedelta(microseconds=1)) * 1000
    except ValueError:
        pass  # the sentence below says it better than fromisoformat does
    raise ParameterError(f"{name}: the date was {when!r}; it must be ISO text ('2024-01-31'), a date, a datetime or ns UTC.")
