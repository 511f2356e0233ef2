"""What a strategy's code was: a digest of the bytecode of all its methods and of what they reach.

Decision: bytecode, like `lts.sim.reach`, for it exists in notebooks too and does not change with a comment. It differs between
versions of Python, so digests are compared only within one.
"""

from __future__ import annotations

import dis
import types
from typing import TYPE_CHECKING, Any

from lts.errors import CompileError
from lts.sim.reach import CONSTANTS, codes, digest, plain, reached
from lts.strategies.base import Strategy, memory_dtype

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREIGN = ("numba", "numpy", "math", "builtins", "pandas", "polars", "scipy", "talib")


def code_digest(cls: type[Strategy]) -> str | None:
    """Return a hex digest of a strategy's own methods and the Python functions that they reach; None where that cannot be told."""
    try:
        return digest(*_found(cls), extra=(str(memory_dtype(cls)), cls.Memory._field_defaults, _constants(cls)))  # type: ignore[attr-defined]
    except (CompileError, ValueError, TypeError):  # an empty closure, an odd global: a digest is a remark, never a reason to fail
        return None


def code_reached(cls: type[Strategy]) -> list[types.FunctionType]:
    """Return the functions that the digest is taken of; none where they cannot be told."""
    try:
        return _found(cls)
    except (CompileError, ValueError, TypeError):
        return []


def _found(cls: type[Strategy]) -> list[types.FunctionType]:
    found: list[types.FunctionType] = []
    waiting = list(_methods(cls))
    while waiting:
        for function in reached(waiting.pop(0)):
            if function not in found:
                found.append(function)
                waiting += _by_attribute(function)
    return found


def _methods(cls: type[Strategy]) -> Iterator[types.FunctionType]:
    """Yield the functions that a class and its parents define, below `Strategy` itself."""
    for owner in cls.__mro__:
        if issubclass(owner, Strategy) and owner is not Strategy:
            for _, value in sorted(vars(owner).items()):
                inner = getattr(value, "fget", None) or getattr(value, "__func__", value)
                function = plain(inner)
                if function is not None:
                    yield function


def _constants(cls: type[Strategy]) -> list[tuple[str, str]]:
    """Return the plain values that a class and its parents state beside their parameters."""
    stated = {name: value for owner in reversed(cls.__mro__) if issubclass(owner, Strategy) for name, value in vars(owner).items()}
    own = {name: value for name, value in stated.items() if name not in cls.parameters and not name.startswith("__")}
    return sorted((name, repr(value)) for name, value in own.items() if isinstance(value, (*CONSTANTS, tuple)))


def _by_attribute(function: types.FunctionType) -> list[types.FunctionType]:
    """Return the functions that a function reaches as `module.name`, which `reached` does not follow."""
    found: list[types.FunctionType] = []
    for code in codes(function.__code__):
        owner: Any = None
        for step in dis.get_instructions(code):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                owner = function.__globals__.get(step.argval)
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                owner = getattr(owner, step.argval, None) if isinstance(owner, types.ModuleType) else None
                reached_one = plain(owner)
                if reached_one is not None and reached_one.__module__.split(".")[0] not in FOREIGN:
                    found.append(reached_one)
            else:
                owner = None
    return found
