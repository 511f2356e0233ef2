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
