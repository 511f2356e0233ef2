"""Is it a number? Answers for arguments that anybody may have typed."""

from __future__ import annotations

from math import isfinite

import numpy as np


def real(value: object) -> float | None:
    """Return a real number as a float, or None for anything else (text, True); nan is a number."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return None
    return float(value)


def finite(value: object) -> float | None:
    """Return a finite number as a float, or None for anything else (text, True, nan, infinity)."""
    found = real(value)
    return found if found is not None and isfinite(found) else None


def whole(value: object) -> int | None:
    """Return an integer as a Python int, or None for anything else (1.0 and True included)."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        return None
    return int(value)
