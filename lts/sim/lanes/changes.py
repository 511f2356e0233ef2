"""Where a signal changes: most of its values are like the one before, so thirty-two are looked at together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from lts.sim.jit import njit
from lts.sim.lanes.seek import lowest_bit

if TYPE_CHECKING:
    from lts.sim.layout import Whole

RUN = 32


def differing(signal: Any, i: Any) -> Any:
    """Return a bit for each of the thirty-two int8 from `i` on that differs from the one before it, the first in the lowest."""
    return sum(int(signal[i + k] != signal[i + k - 1]) << k for k in range(RUN))


@intrinsic
def _differing(_typing: Any, signal: Any, i: Any) -> Any:  # noqa: ARG001  (numba looks at the names)
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        vector, one = ir.VectorType(ir.IntType(8), RUN), ir.Constant(ir.IntType(64), 1)
        here, before = (
            builder.load(builder.bitcast(builder.gep(args[0], [at]), vector.as_pointer()), align=1)
            for at in (args[1], builder.sub(args[1], one))
        )
        bits = builder.icmp_signed("!=", here, before)
        return builder.zext(builder.bitcast(bits, ir.IntType(RUN)), ir.IntType(64))

    return types.int64(types.CPointer(types.int8), types.int64), generate  # type: ignore[no-untyped-call]


@overload(differing)
def _overload_differing(signal: Any, i: Any) -> Any:  # noqa: ARG001  (numba looks at the types only)
    def implementation(signal: Any, i: Any) -> Any:
        return _differing(signal, np.int64(i))  # type: ignore[call-arg]  # numba passes the typing context

    return implementation


@njit
def changes(signal: Any, none: Any, start: Whole, rows: Whole, event: Any, side: Any) -> Whole:
    """Write the rows from `start` on at which a signal differs from the last one, at first `none`; nan is none. Say how many."""
    count, last = np.int64(0), none
    for i in range(start, rows):
        s = signal[i]
        if s != last and s == s:  # noqa: PLR0124  (nan differs from itself)
            event[count], side[count] = i, np.int64(s)
            last = s
            count += 1
    return count


@njit
def changes_of_sides(signal: Any, start: Whole, rows: Whole, event: Any, side: Any) -> Whole:
    """Do what `changes` does for int8, which has no nan."""
    count = np.int64(0)
    if start < rows and signal[start] != 0:
        event[0], side[0] = start, signal[start]
        count += 1
    first: Whole = start + 1
    while first + RUN <= rows:
        mask = differing(signal, first)
        while mask != 0:
            i = first + lowest_bit(mask)
            event[count], side[count] = i, signal[i]
            count += 1
            mask &= mask - 1
        first += RUN
    for i in range(first, rows):
        if signal[i] != signal[i - 1]:
            event[count], side[count] = i, signal[i]
            count += 1
    return count
