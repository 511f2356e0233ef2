"""Search and extremes of whole prices, sixteen at a time. Up to 15 elements past `end` are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from lts.sim.jit import njit

if TYPE_CHECKING:
    from lts.sim.layout import Whole

WIDE = 16
HALF = ir.IntType(32)


def at_least(column: Any, i: Any, value: Any) -> Any:
    """Return a bit for each of the sixteen elements from `i` on that is at least `value`, the first in the lowest."""
    return sum((column[i + k] >= value) << k for k in range(WIDE) if i + k < len(column))


def at_most(column: Any, i: Any, value: Any) -> Any:
    """Return a bit for each of the sixteen elements from `i` on that is at most `value`."""
    return sum((column[i + k] <= value) << k for k in range(WIDE) if i + k < len(column))


def lowest_bit(mask: Any) -> Any:
    """Return the place of the lowest bit that is set."""
    return (int(mask) & -int(mask)).bit_length() - 1


def _compare(sign: str) -> Any:
    @intrinsic
    def compare(_typing: Any, column: Any, i: Any, value: Any) -> Any:  # noqa: ARG001  (numba looks at the names)
        def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            vector = ir.VectorType(HALF, WIDE)
            place = builder.bitcast(builder.gep(args[0], [args[1]]), vector.as_pointer())
            loaded = builder.load(place, align=4)
            one = builder.insert_element(ir.Constant(vector, ir.Undefined), args[2], ir.Constant(HALF, 0))
            spread = builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), ir.Constant(vector, [0] * WIDE))
            bits = builder.icmp_signed(sign, loaded, spread)
            return builder.zext(builder.bitcast(bits, ir.IntType(WIDE)), ir.IntType(64))

        column_type: Any = types.CPointer(types.int32)  # type: ignore[no-untyped-call]
        return types.int64(column_type, types.int64, types.int32), generate

    return compare


_at_least, _at_most = _compare(">="), _compare("<=")


@intrinsic
def _cttz(_typing: Any, mask: Any) -> Any:  # noqa: ARG001
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(word, [word, ir.IntType(1)])
        count = cgutils.get_or_insert_function(builder.module, kind, "llvm.cttz.i64")  # type: ignore[no-untyped-call]
        return builder.call(count, [args[0], ir.Constant(ir.IntType(1), 1)])

    return types.int64(types.int64), generate


@overload(at_least)
def _overload_at_least(column: Any, i: Any, value: Any) -> Any:  # noqa: ARG001  (numba looks at the types only)
    def implementation(column: Any, i: Any, value: Any) -> Any:
        return _at_least(column, np.int64(i), np.int32(value))

    return implementation


@overload(at_most)
def _overload_at_most(column: Any, i: Any, value: Any) -> Any:  # noqa: ARG001
    def implementation(column: Any, i: Any, value: Any) -> Any:
        return _at_most(column, np.int64(i), np.int32(value))

    return implementation


@overload(lowest_bit)
def _overload_lowest_bit(mask: Any) -> Any:  # noqa: ARG001
    def implementation(mask: Any) -> Any:
        return _cttz(np.int64(mask))  # type: ignore[call-arg]  # numba passes the typing context

    return implementation


@njit
def first_at_least(column: Any, start: Whole, end: Whole, value: Whole) -> Whole:
    """Return the first place in [start, end) with at least `value`, `end` where there is none."""
    i = start
    while i < end:
        mask = at_least(column, i, value)
        if mask != 0:
            return min(i + lowest_bit(mask), end)
        i += WIDE
    return end


@njit
def first_at_most(column: Any, start: Whole, end: Whole, value: Whole) -> Whole:
    """Return the first place in [start, end) with at most `value`, `end` where there is none."""
    i = start
    while i < end:
        mask = at_most(column, i, value)
        if mask != 0:
            return min(i + lowest_bit(mask), end)
        i += WIDE
    return end


@njit
def extremes(column: Any, start: Whole, end: Whole, low: Whole, high: Whole) -> tuple[Whole, Whole]:
    """Return (lowest, highest) of `low`, `high` and the elements in [start, end)."""
    least, most = np.int32(low), np.int32(high)
    for i in range(start, end):
        least, most = min(least, column[i]), max(most, column[i])
    return least, most
