"""Time frames by name, and their length."""

from __future__ import annotations

from lts.errors import ParameterError, near_miss

_SECOND = 1_000_000_000
_UNITS = {"S": _SECOND, "M": 60 * _SECOND, "H": 3600 * _SECOND, "D": 86_400 * _SECOND, "W": 604_800 * _SECOND}

_COUNTS = {"S": (5, 10, 15, 30), "M": (1, 2, 3, 4, 5, 10, 15, 30), "H": (1, 2, 3, 4, 6, 8, 12), "D": (1,), "W": (1,)}

NAMES: dict[str, int] = {f"{unit}{count}": count * _UNITS[unit] for unit, counts in _COUNTS.items() for count in counts}


def duration(timeframe: str) -> int:
    """Return a time frame's length in nanoseconds (days and weeks: 24 and 168 hours, whatever the clocks do).

    Raises
    ------
    ParameterError
        An unknown name.
    """
    if timeframe in NAMES:
        return NAMES[timeframe]
    raise ParameterError(
        f"timeframe: {timeframe!r} is unknown; it must be one of {', '.join(NAMES)}.{near_miss(str(timeframe).upper(), NAMES)}"
    )
