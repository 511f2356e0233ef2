"""What a function reaches: its helpers compiled with it, and a digest of all their bytecode.

Decision: the digest is taken of bytecode, not of source files, because bytecode also exists in notebooks and under `exec`, and
because
numba's own cache keeps serving old code when a helper in another file changes.
"""

from __future__ import annotations

import dis
import enum
import hashlib
import types
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import CompileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERBS = "lts.sim.verbs"
CONSTANTS = (int, float, str, bytes, bool, type(None), complex, enum.Enum, np.generic)


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield a code object and those nested in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def global_names(function: types.FunctionType) -> tuple[str, ...]:
    """Return the global names that a function loads, each once, in order."""
    return _loads(function.__code__)


@lru_cache(maxsize=4096)  # reading bytecode took 8 ms a run, longer than the run's loop
def _loads(code: types.CodeType) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in codes(code):
        for step in dis.get_instructions(part):
            if step.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
                found[step.argval] = None
    return tuple(found)


def plain(value: object) -> types.FunctionType | None:
    """Return the Python function behind a function or a numba dispatcher, else None."""
    inner = getattr(value, "py_func", value)
    return inner if isinstance(inner, types.FunctionType) else None


def reached(function: types.FunctionType) -> list[types.FunctionType]:
    """Return `function` and every Python function that it reaches through globals and closures, each once."""
    found: list[types.FunctionType] = []
    waiting = [function]
    while waiting:
        current = waiting.pop(0)
        if current in found:
            continue
        found.append(current)
        waiting += [f for f in map(plain, _values(current).values()) if f is not None and not _foreign(f)]
    return found


def _foreign(function: types.FunctionType) -> bool:
    return function.__module__.split(".")[0] in {"numba", "numpy", "math", "builtins"}


def _values(function: types.FunctionType) -> dict[str, Any]:
    values = {name: function.__globals__[name] for name in global_names(function) if name in function.__globals__}
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return values | {name: cell.cell_contents for name, cell in cells}


def digest(*functions: Callable[..., Any], extra: tuple[object, ...] = ()) -> str:
    """Return a hex digest of the bytecode, constants, defaults and closures that the functions reach, and of `extra`."""
    hashed = hashlib.blake2b(digest_size=12)
    seen: list[types.FunctionType] = []
    for root in functions:
        start = plain(root)
        if start is None:
            raise CompileError(f"digest: was {root!r}; it must be a Python function.")
        for function in reached(start):
            if function not in seen:
                seen.append(function)
                hashed.update(_verb(function) if function.__module__ == VERBS else _described(function))
    hashed.update(repr(extra).encode())
    return hashed.hexdigest()


def _described(function: types.FunctionType) -> bytes:
    """Return a function's bytecode and all that it names, as bytes."""
    parts: list[bytes] = []
    for code in codes(function.__code__):
        named = (code.co_names, code.co_varnames, code.co_freevars, code.co_argcount, [_shown(c) for c in code.co_consts])
        parts += [code.co_code, repr(named).encode()]
    held = [_shown(d) for d in function.__defaults__ or ()], {name: _shown(value) for name, value in _values(function).items()}
    return b"".join([*parts, repr(held).encode()])


_verb = cache(_described)  # every rule reaches the verbs, which do not change while a process lives


def _shown(value: object) -> object:  # noqa: PLR0911  (one line a kind of value)
    """Describe a value that compiled code may freeze, without addresses."""
    if isinstance(value, types.CodeType):
        return value.co_name
    if isinstance(value, CONSTANTS):
        return (type(value).__name__, repr(value))
    if isinstance(value, tuple | frozenset):
        return [_shown(item) for item in (value if isinstance(value, tuple) else sorted(value, key=repr))]
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, hashlib.blake2b(np.ascontiguousarray(value).tobytes()).hexdigest())
    if isinstance(value, types.ModuleType):
        return (value.__name__, getattr(value, "__version__", ""))
    function = plain(value)
    if function is not None:
        return ("function", function.__qualname__)
    if isinstance(value, enum.EnumType):
        members: Any = value.__members__
        return (value.__qualname__, [(name, repr(member.value)) for name, member in members.items()])
    if isinstance(value, type):
        return (value.__qualname__, getattr(value, "_fields", ()))
    if isinstance(value, types.BuiltinFunctionType | np.ufunc):
        return (getattr(value, "__module__", ""), getattr(value, "__qualname__", repr(value)))
    return (type(value).__qualname__,)


def compiled(function: types.FunctionType, njit: Callable[..., Any], _open: tuple[types.FunctionType, ...] = ()) -> Any:
    """Return `function` compiled together with the plain helpers that it reaches, by rebinding their names."""
    if function in _open:
        raise CompileError(f"{function.__qualname__} calls itself through its helpers; write the repetition as a loop.")
    replaced: dict[str, Any] = {}
    for name, value in _values(function).items():
        if isinstance(value, types.FunctionType) and not _foreign(value):
            replaced[name] = compiled(value, njit, (*_open, function))
    cells = tuple(
        types.CellType(replaced.get(name, cell.cell_contents))
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    )
    known = {name: function.__globals__[name] for name in global_names(function) if name in function.__globals__}
    namespace = {"__builtins__": function.__globals__.get("__builtins__", __builtins__), "__name__": __name__} | known | replaced
    bound = types.FunctionType(function.__code__, namespace, function.__name__, function.__defaults__, cells or None)
    bound.__qualname__ = function.__qualname__
    return njit(bound)
