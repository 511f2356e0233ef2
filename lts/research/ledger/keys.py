"""Which set: a strategy's code and its parameters in ten bytes."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.code import code_digest, code_reached
from lts.sim.reach import global_names
from lts.strategies.base import Strategy

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

SIZE = 10  # bytes; a billion sets share one by chance with probability 4e-7


class _Known(NamedTuple):
    digest: bytes
    stated: tuple[object, ...]  # what the digest was taken of, to be seen again by identity
    reached: tuple[types.FunctionType, ...]


MOST = 256  # classes whose digest is kept; a notebook makes one anew with each run of a cell
_codes: dict[type[Strategy], _Known] = {}


def keys(cls: type[Strategy], sets: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> bytes:
    """Return the keys of sets of parameters, `SIZE` bytes each; what is not named has its default.

    Parameters
    ----------
    sets : sequence of mappings, or a mapping of name to (n,) values
        A million as columns take 0.8 s; as mappings 0.3 s more for each parameter named.
    """
    columns = _columns(cls, sets)
    rows = np.stack(columns, axis=1).tobytes() if columns else b"\0" * 8 * _count(sets)
    width, began = 8 * max(1, len(columns)), hashlib.blake2b(code_of(cls), digest_size=SIZE)
    made = []
    for start in range(0, len(rows), width):
        hashed = began.copy()
        hashed.update(rows[start : start + width])
        made.append(hashed.digest())
    return b"".join(made)


def together(each: Sequence[tuple[bytes, float]]) -> bytes:
    """Return the key of strategies that share an account: (key, factor of its units) each; of one alone, its own."""
    if len(each) == 1 and each[0][1] == 1.0:
        return each[0][0]
    return hashlib.blake2b(repr(each).encode(), digest_size=SIZE).digest()


def key(strategy: Strategy) -> bytes:
    """Return the key of one strategy with its parameters, the same as `keys` gives them."""
    cls: Any = type(strategy)
    values = strategy.values
    if not values:
        return keys(cls, [values])
    try:
        row = _packing(tuple(p.type for p in cls.parameters.values()))(
            *(value + 0.0 if isinstance(value, float) else value for value in values.values())
        )
    except struct.error:  # an integer that has no 64 bits
        return keys(cls, [values])
    return hashlib.blake2b(code_of(cls) + row, digest_size=SIZE).digest()


@lru_cache(maxsize=MOST)
def _packing(kinds: tuple[type, ...]) -> Callable[..., bytes]:
    return struct.Struct("=" + "".join("d" if kind is float else "q" for kind in kinds)).pack


def code_of(cls: type[Strategy]) -> bytes:
    """Return the digest of a strategy's code; taken again (0.7 ms) only where something that it was taken of is another object."""
    kept = _codes.get(cls)
    if kept is None or not _same(kept.stated, _stated(cls, kept.reached)):
        digest = code_digest(cls) or f"{cls.__module__}:{cls.__qualname__}"  # code that cannot be told is known by its name
        reached = tuple(code_reached(cls))
        if len(_codes) >= MOST:
            del _codes[next(iter(_codes))]
        kept = _codes[cls] = _Known(digest.encode(), _stated(cls, reached), reached)
    return kept.digest


def _stated(cls: type[Strategy], reached: Sequence[types.FunctionType]) -> tuple[object, ...]:
    """Return the objects that a digest of code is taken of: what the class states, and the globals of what it reaches.

    The house's own are left out, for nobody changes them under way, and to look at each again would take longer than all else.
    """
    own = [value for owner in cls.__mro__ if issubclass(owner, Strategy) and not _ours(owner) for value in vars(owner).values()]
    return (*own, *(f.__globals__.get(name) for f in reached if not _ours(f) for name in global_names(f)))


def _ours(thing: type | types.FunctionType) -> bool:
    return thing.__module__.startswith("lts.")


def _same(a: Sequence[object], b: Sequence[object]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))


def _count(sets: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> int:
    return len(next(iter(sets.values()), ())) if isinstance(sets, Mapping) else len(sets)


def _columns(cls: type[Strategy], sets: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> list[NDArray[np.int64]]:
    """Return each parameter's values as 64 bits, equal where the parameter's type makes them equal."""
    made, count = [], _count(sets)
    for name, parameter in cls.parameters.items():
        if isinstance(sets, Mapping):
            values = sets.get(name, parameter.default)
        else:
            values = [each.get(name, parameter.default) for each in sets]
        column = np.broadcast_to(np.asarray(values, np.float64 if parameter.type is float else None), count)
        if parameter.type is not float:
            try:
                column = column.astype(np.int64)
            except (OverflowError, TypeError):  # an integer that has no 64 bits
                column = column.astype(np.float64)
        made.append((column + 0.0 if column.dtype == np.float64 else column).view(np.int64))  # -0.0 is 0.0
    return made
