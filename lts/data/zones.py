"""Zones: local clocks to UTC, with clocks that show an hour twice or skip one, and files whose zone changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np

from lts.calendar import DAY, HOUR, utc_offset
from lts.data.spans import text
from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.faultlog import FaultLog

    Int64 = NDArray[np.int64]
    Bool = NDArray[np.bool_]

_FIXED = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?")
_SHIFTED = re.compile(r"([A-Za-z_]+(?:/[A-Za-z_+\-]+)*?)([+-]\d{1,2}(?::?\d{2})?)")


@dataclass(frozen=True)
class Zone:
    """Clocks: those of an IANA zone (None: UTC), set ahead by `shift` nanoseconds."""

    name: str | None
    shift: int

    def ahead(self, time: Int64) -> Int64:
        """Return how far these clocks are ahead of UTC at times in UTC, nanoseconds."""
        if self.name is None:
            return np.full(time.shape, self.shift, dtype=np.int64)
        return utc_offset(time, self.name) + self.shift


Periods = list[tuple[int | None, Zone]]


def periods(tz: Any, where: str) -> Periods:
    """Return the zones of a file, each with the local stamp it starts at.

    Parameters
    ----------
    tz : str, tzinfo, timedelta, or sequence of (start, zone)
        "UTC", "UTC-5", "+02:00", an IANA zone, an IANA zone with a fixed shift ("America/New_York-05:00": New York's clocks less
        five hours). A sequence names what holds from each start on: [(None, "Europe/Berlin"), ("2014-11-24", "Europe/Athens")];
        starts are in the file's own clock, ascending.

    Raises
    ------
    ParameterError
        No zone, an unknown one, or starts out of order.
    """
    if not isinstance(tz, (list, tuple)):
        return [(None, _zone(tz, where))]
    found: Periods = []
    for number, entry in enumerate(tz):
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise ParameterError(f"tz, entry {number}: was {entry!r}; it must be (start, zone).")
        found.append((_start(entry[0], number), _zone(entry[1], where)))
    starts = [start for start, _ in found if start is not None]
    if not found or any(start is None for start, _ in found[1:]) or starts != sorted(set(starts)):
        raise ParameterError(f"tz: was {tz!r}; it must be a list of (start, zone) with ascending starts, None only for the first.")
    return found


def _start(start: Any, number: int) -> int | None:
    if start is None:
        return None
    try:
        return int(np.datetime64(start).astype("datetime64[ns]").astype(np.int64))
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"tz, entry {number}: its start was {start!r}; it must be a time such as '2014-11-24' or None."
        ) from error


def _zone(tz: Any, where: str) -> Zone:
    if isinstance(tz, tzinfo):
        tz = getattr(tz, "key", None) or getattr(tz, "zone", None) or tz.utcoffset(None)
    if isinstance(tz, timedelta):
        return Zone(None, round(tz.total_seconds()) * 1_000_000_000)
    if not isinstance(tz, str):
        raise ParameterError(
            f"{where}, tz: was {tz!r}; it must be 'UTC', 'UTC-5', '+02:00', an IANA zone or a table of (start, zone)."
        )
    name = tz.strip()
    found = _named(name)
    if found is None:
        hint = near_miss(name, available_timezones())
        raise ParameterError(f"{where}, tz: {tz!r} is unknown; it must be 'UTC', 'UTC-5', '+02:00' or an IANA zone.{hint}")
    return found


def _named(name: str) -> Zone | None:
    if name.upper() in ("UTC", "GMT", "Z"):
        return Zone(None, 0)
    if _FIXED.fullmatch(name):
        return Zone(None, _offset(name))
    if _known(name):
        return Zone(name, 0)
    match = _SHIFTED.fullmatch(name)
    return Zone(match.group(1), _offset(match.group(2))) if match and _known(match.group(1)) else None


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _offset(spelt: str) -> int:
    match = _FIXED.fullmatch(spelt)
    if match is None:
        raise ParameterError(f"tz: {spelt!r} is no offset; it must be like '+02:00' or 'UTC-5'.")
    sign, hours, minutes = match.groups()
    ahead = int(hours) * HOUR + int(minutes or 0) * (HOUR // 60)
    if ahead > 26 * HOUR:
        raise ParameterError(f"tz: {spelt!r} is more than a day; an offset must be like '+02:00' or 'UTC-5'.")
    return -ahead if sign == "-" else ahead


def to_utc(local: Int64, zones: Periods, rows: Int64, log: FaultLog) -> tuple[Int64, Bool]:
    """Return stamps in UTC, and which rows to keep.

    Parameters
    ----------
    local : int64 [n]
        What the file's clocks showed, nanoseconds since 1970-01-01 00:00 of that clock.
    rows : int64 [n]
        Row numbers for messages.

    Raises
    ------
    BarsError
        A stamp before the first period; one that clocks showed twice or never, under the policy "error".
    """
    out = np.empty_like(local)
    keep = np.ones(len(local), dtype=np.bool_)
    starts = [start for start, _ in zones]
    if starts[0] is not None and len(local) and int(local.min()) < starts[0]:
        first = int(np.argmax(local < starts[0]))
        raise BarsError(
            f"{log.where}, row {rows[first]}: {text(local[first])} lies before tz's first start; tz must cover all rows. "
            "Add (None, zone)."
        )
    for number, (start, zone) in enumerate(zones):
        end = starts[number + 1] if number + 1 < len(zones) else None
        part = np.ones(len(local), dtype=np.bool_)
        if start is not None:
            part &= local >= start
        if end is not None:
            part &= local < end
        if len(zones) == 1:
            return _convert(local, zone, rows, log)
        out[part], keep[part] = _convert(local[part], zone, rows[part], log)
    return out, keep


def _convert(local: Int64, zone: Zone, rows: Int64, log: FaultLog) -> tuple[Int64, Bool]:
    keep = np.ones(len(local), dtype=np.bool_)
    if zone.name is None:
        return local - zone.shift, keep
    # the offsets a day before and after: they differ only near a change of the clocks
    before, after = zone.ahead(local - DAY), zone.ahead(local + DAY)
    out = local - before
    near = np.flatnonzero(before != after)
    if near.size == 0:
        return out, keep
    early, late = local[near] - before[near], local[near] - after[near]
    early_fits, late_fits = zone.ahead(early) == before[near], zone.ahead(late) == after[near]
    out[near] = np.where(early_fits, early, late)
    twice, never = np.zeros(len(local), dtype=np.bool_), np.zeros(len(local), dtype=np.bool_)
    twice[near] = early_fits & late_fits
    never[near] = ~early_fits & ~late_fits

    def shown(index: int) -> str:
        return f"{text(local[index])} in {zone.name}"

    policy = log.judge("ambiguous", twice, rows, shown)
    if policy == "drop":
        keep &= ~twice
    elif policy is not None:
        second = _second_pass(local, twice) if policy == "order" else np.full(len(local), policy == "later")
        out[twice] = (local - np.where(second, np.minimum(before, after), np.maximum(before, after)))[twice]
    policy = log.judge("nonexistent", never, rows, shown)
    if policy == "drop":
        keep &= ~never
    elif policy == "forward":
        out[never] = (local - before)[never]
    return out, keep


def _second_pass(local: Int64, twice: Bool) -> Bool:
    """Return which doubtful rows come after the clocks went back: those from the first stamp on that does not ascend."""
    second = np.zeros(len(local), dtype=np.bool_)
    places = np.flatnonzero(twice)
    for run in np.split(places, np.flatnonzero(np.diff(local[places]) > DAY) + 1):
        back = np.flatnonzero(np.diff(local[run]) <= 0)
        if back.size:
            second[run[back[0] + 1 :]] = True
    return second
