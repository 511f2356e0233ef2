"""How numba is used: one `njit` and raw pointers in place of arrays.

Decision: the market's memory is a few flat arrays, and compiled functions receive *pointers* to them. Measured here (Python 3.11,
numba 0.68, a step function called once a bar with seven arrays): 75 ns a bar with arrays (numba counts references at each call),
9.7 ns with pointers, 8.2 ns with pointers and forced inlining. So only what runs on every bar is forced inline. Interpreted,
`pointer` returns the array itself, so the same code runs under `NUMBA_DISABLE_JIT=1`.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload
from numba.np import arrayobj

from lts.sim.parts import part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": False, "boundscheck": False}


def interpreted() -> bool:
    """Tell whether numba compiles nothing (`NUMBA_DISABLE_JIT=1`)."""
    return bool(vars(numba.config)["DISABLE_JIT"])


@contextmanager
def unswept() -> Iterator[None]:
    """Compile without Python's cyclic garbage collector looking in between: a tenth of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def njit(function: Callable[..., Any]) -> Any:
    """Compile a part of the market with the house's options: no fastmath, no interpreter lock, numpy's division."""
    return part(function, **OPTIONS)


def near(function: Callable[..., Any]) -> Any:
    """Compile a part so that LLVM must inline it: for what runs on every bar."""
    return part(function, forceinline=True, **OPTIONS)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a strategy's function so that LLVM must inline it into its loop.

    Left to LLVM's judgement a `decide` stayed a call that lays a view of forty fields on the stack: 56 ns a bar instead of 15.
    """
    return numba.njit(forceinline=True, **OPTIONS)(function)


def pointer(array: Any) -> Any:
    """Return the address of a contiguous array's first element, indexable like the flat array; interpreted: the array."""
    return array


@intrinsic
def _address(_typing: Any, array: Any) -> Any:
    signature = types.CPointer(array.dtype)(array)  # type: ignore[no-untyped-call]

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        struct = arrayobj.make_array(signature.args[0])(  # type: ignore[no-untyped-call]
            context, builder, args[0]
        )
        return builder.bitcast(struct.data, context.get_value_type(signature.return_type))

    return signature, generate


@overload(pointer)
def _pointer(array: Any) -> Any:
    if not isinstance(array, types.Array):
        return None

    def implementation(array: Any) -> Any:
        return _address(array)  # type: ignore[call-arg]  # numba passes the typing context

    return implementation


@intrinsic
def _on_stack(_typing: Any, record: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        place = cgutils.alloca_once(builder, args[0].type.pointee)  # type: ignore[no-untyped-call]
        place.align = 8
        cgutils.raw_memcpy(builder, place, args[0], ir.Constant(ir.IntType(64), record.size), 1)  # type: ignore[no-untyped-call]
        return place

    return record(record), generate


@intrinsic
def _put_back(_typing: Any, record: Any, copy: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        cgutils.raw_memcpy(builder, args[0], args[1], ir.Constant(ir.IntType(64), record.size), 1)  # type: ignore[no-untyped-call]
        return context.get_dummy_value()

    return types.none(record, copy), generate


def _itself(record: Any, *_: Any) -> Any:
    return record


# Decision: `on_stack(record)` copies a strategy's memory onto the stack, where LLVM keeps its fields in registers, and
# `put_back(record, copy)` writes it back. Reached through its array it was loaded and stored at every bar, and each store made the
# compiler load all else anew, for it might have changed: 1 of 9 ns a bar. The loop must call them itself: a function in between
# would lend its own stack.
on_stack: Any = _itself if interpreted() else _on_stack
put_back: Any = _itself if interpreted() else _put_back


def soon(array: Any, i: Any) -> None:
    """Tell the processor that element `i` behind a pointer will be wanted; interpreted, nothing."""


@intrinsic
def _prefetch(_typing: Any, array: Any, i: Any) -> Any:  # noqa: ARG001  (numba looks at the names)
    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        place = builder.bitcast(builder.gep(args[0], [args[1]]), byte)
        builder.call(fetch, [place, *(ir.Constant(word, flag) for flag in (0, 3, 1))])  # to read, to keep, data
        return context.get_dummy_value()

    return types.none(array, types.int64), generate


@overload(soon)
def _soon(array: Any, i: Any) -> Any:
    def implementation(array: Any, i: Any) -> Any:
        return _prefetch(array, i)  # type: ignore[call-arg]  # numba passes the typing context

    return implementation if isinstance(array, types.CPointer) and isinstance(i, types.Integer) else None


def invoke(function: Any, operation: Any, table: Any, k: Any) -> Any:
    """Call the compiled market by its address: (operation, table, instrument) -> int64. Interpreted: call the function itself.

    Decision: the market is compiled once for all strategies and called through its address. Compiled into every strategy's loop it
    cost 16 s a strategy; a loop alone takes about 2 s, and the call about 2 ns.
    """
    return int(function(operation, table, k))


@intrinsic
def _call(_typing: Any, function: Any, operation: Any, table: Any, k: Any) -> Any:  # noqa: ARG001  (numba looks at the names)
    signature = types.int64(types.int64, types.int64, types.int64, types.int64)

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        whole = ir.IntType(64)
        target = builder.inttoptr(args[0], ir.FunctionType(whole, [whole, whole, whole]).as_pointer())
        return builder.call(target, args[1:])

    return signature, generate


@overload(invoke)
def _invoke(function: Any, operation: Any, table: Any, k: Any) -> Any:  # noqa: ARG001  (numba looks at the types only)
    def implementation(function: Any, operation: Any, table: Any, k: Any) -> Any:
        return _call(function, operation, table, k)  # type: ignore[call-arg]  # numba passes the typing context

    return implementation
