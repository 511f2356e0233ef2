"""Features of many sets, each computed once for all sets that agree in the parameters that it reads.

Decision: which parameters those are is observed, not declared. A strategy's twin notes what `features` reads of it; asking for
`values`, the instance's dictionary or anything else that was worked out of parameters counts as reading all. `features` is a
function of what it reads, so sets that agree in that have the same features; a different path taken for other values has its own
list of names.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.sweep.memo import Memo
from lts.sim.indicators.machine import ASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.sweep.grid import Space
    from lts.strategies.base import Strategy

    Make = Callable[[Any, Bars], dict[str, NDArray[Any]]]  # `features_of` or `signals_of`

WHOLE = frozenset({"values", "__dict__", "__getstate__", "__reduce__", "__reduce_ex__"})
_notes: dict[int, set[str]] = {}  # what twins were asked for, by identity


class Made(NamedTuple):
    """Features, or why there are none."""

    names: tuple[str, ...]
    arrays: tuple[NDArray[Any], ...]
    error: Exception | None = None


class Features:
    """The features of a sweep's sets; safe among threads."""

    def __init__(self, space: Space, bars: Bars, make: Make, room: int) -> None:
        self._space, self._bars, self._make, self._room = space, bars, make, room
        self._order = {name: slot for slot, name in enumerate(space.cls.parameters)}
        self._made: OrderedDict[Any, Made] = OrderedDict()
        self._bytes, self._lock, self._guards = 0, Lock(), dict[Any, Lock]()
        self._memo: Memo | None = Memo(bars)
        self.reads: list[tuple[str, ...]] = []  # lists of names that were read together, the first one first
        self._slots: list[tuple[int, ...]] = []

    def of(self, values: Sequence[Any]) -> Made:
        """Return the features of a set by the values of all its parameters."""
        with self._lock:
            found = self._find(values)
            if found is not None:
                return found
            expected = self._key(0, values) if self._slots else None
            guard = self._guards.setdefault(expected, Lock())
        with guard:
            with self._lock:
                found = self._find(values)
            if found is not None:
                return found
            made, read = self._compute(self._space.made(values))
            with self._lock:
                self._keep(read, values, made)
                self._guards.pop(expected, None)
        return made

    def clear(self) -> None:
        """Forget all features."""
        self._made.clear()
        self._bytes, self._memo = 0, None

    def _key(self, which: int, values: Sequence[Any]) -> Any:
        return which, tuple(values[slot] for slot in self._slots[which])

    def _find(self, values: Sequence[Any]) -> Made | None:
        for which in range(len(self._slots)):
            key = self._key(which, values)
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        return None

    def _keep(self, read: set[str], values: Sequence[Any], made: Made) -> None:
        names = tuple(name for name in self._order if name in read)
        if names not in self.reads:
            self.reads.append(names)
            self._slots.append(tuple(self._order[name] for name in names))
        self._made[self._key(self.reads.index(names), values)] = made
        self._bytes += _size(made)
        while self._bytes > self._room and len(self._made) > 1:
            self._bytes -= _size(self._made.popitem(last=False)[1])

    def _compute(self, strategy: Strategy) -> tuple[Made, set[str]]:
        """Return features and what was read for them; without the memo where they change what it gave them."""
        memo, read = self._memo, set[str]()
        if memo is not None:
            held = ASKED.set(memo)
            try:
                found = observed(strategy, self._bars, self._make, read)
                return Made(tuple(found), tuple(memo.writable(a) for a in found.values()) or (np.zeros(0),)), read
            except ValueError as error:
                if "read-only" not in str(error):
                    return Made((), (), error), read
                self._memo = None
            except Exception as error:  # noqa: BLE001  (whatever a strategy raises stands in its row)
                return Made((), (), error), read
            finally:
                ASKED.reset(held)
        try:
            found = observed(strategy, self._bars, self._make, read)
        except Exception as error:  # noqa: BLE001  (the same)
            return Made((), (), error), read
        return Made(tuple(found), tuple(found.values()) or (np.zeros(0),)), read


def observed(strategy: Strategy, bars: Bars, make: Make, read: set[str]) -> dict[str, NDArray[Any]]:
    """Return what `make` makes of a strategy; the parameters that were read for it are added to `read`."""
    kind: Any = type(strategy)
    twin = object.__new__(_twins(kind))
    vars(twin).update(vars(strategy))
    _notes[id(twin)] = read
    try:
        return make(twin, bars)
    finally:
        del _notes[id(twin)]


class _Noting:
    """Notes which parameters are read of an instance."""

    def __init_subclass__(cls) -> None:
        """Do not register a twin as a strategy of its own."""

    def __getattribute__(self, name: str) -> Any:
        read = _notes.get(id(self))
        if name == "__class__":
            return type(self).__mro__[2]
        if read is not None:
            parameters: Any = type(self).__dict__["twin_of"].parameters
            if name in parameters:
                read.add(name)
            elif name in WHOLE or name in object.__getattribute__(self, "__dict__"):
                read.update(parameters)
        return super().__getattribute__(name)


@lru_cache(maxsize=64)
def _twins(cls: Any) -> Any:
    """Return a class whose instances are those of `cls`, but note what is read of them."""
    body = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__, "twin_of": cls}
    return type(cls.__name__, (_Noting, cls), body)


def _size(made: Made) -> int:
    return sum(array.nbytes for array in made.arrays)
