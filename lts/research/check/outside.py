"""Data that a strategy reaches beside its bars: frames, series, arrays and other bars in closures, globals and class attributes.

Cutting the bars does not cut those, so a join with tomorrow's row of another table would pass unseen. `Outside` makes a twin of the
strategy whose functions read copies, and changes in the copies what was not yet known: other bars by their close; an array with one
row a bar by that bar's close; a frame or series by its time stamps, and where its numbers are those of the bars that begin there
(`known.by_content`) by the end of those.

What is read inside `features` from files or networks, or kept deeper than two containers, is not found.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.data.bars import Bars
from lts.research.check.leaves import Leaf, leaf_of
from lts.strategies.base import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

DEEP = 2  # containers inside one another
OURS = Path(__file__).resolve().parents[2]  # the package: its functions hold nobody's data


class Slot(NamedTuple):
    """A place in the twin where data, or a container with data, lie."""

    name: str
    value: Any
    put: Callable[[Any], None]


class Outside:
    """A strategy's twin and the data it reaches.

    Attributes
    ----------
    twin : Strategy
        Says the same, from copies.
    leaves : dict of int to Leaf
        The data, by identity of the original.
    names : tuple of str
        Where they were found.
    """

    def __init__(self, strategy: Strategy, bars: Bars) -> None:
        self.bars = bars
        self.leaves: dict[int, Leaf] = {}
        self._slots: list[Slot] = []
        self._twin = _Twin(self._found)
        self.twin = self._twin.of(strategy)
        self.names = tuple(dict.fromkeys(slot.name for slot in self._slots))

    def _found(self, name: str, value: Any, put: Callable[[Any], None]) -> bool:
        """Note a place that holds data; tell whether it does."""
        held = list(_data(value))
        for each in held:
            if id(each) not in self.leaves:
                leaf = leaf_of(each, self.bars)
                if leaf is not None:
                    self.leaves[id(each)] = leaf
        mine = any(id(each) in self.leaves for each in held)
        if mine:
            self._slots.append(Slot(name, value, put))
        return mine

    def seen(self, changed: NDArray[np.bool_], *, beyond: bool) -> Strategy:
        """Return the twin with everything changed that becomes known at the closes of `changed`; `beyond`: after the last too."""
        mask = np.append(changed, beyond)
        new = {key: leaf.changed(mask) for key, leaf in self.leaves.items()}
        for slot in self._slots:
            slot.put(_replaced(slot.value, new))
        return self.twin


def outside_of(strategy: Strategy, bars: Bars) -> Outside | None:
    """Return what a strategy reaches beside its bars; None where there is nothing."""
    try:
        found = Outside(strategy, bars)
    except (TypeError, ValueError, AttributeError):  # a class that cannot be copied is judged by its bars alone
        return None
    return found if found.leaves else None


class _Twin:
    """Copies functions, so that what they reach can be put elsewhere."""

    def __init__(self, found: Callable[[str, Any, Callable[[Any], None]], bool]) -> None:
        self._found = found
        self._functions: dict[int, types.FunctionType] = {}
        self._globals: dict[int, dict[str, Any]] = {}

    def of(self, strategy: Strategy) -> Strategy:
        """Return a copy of the strategy whose class is a copy too."""
        cls = type(strategy)
        inside: dict[str, Any] = {}
        for owner in cls.__mro__:
            if owner.__module__.split(".")[0] == "lts" and owner in (Strategy, *Strategy.__subclasses__()):
                continue
            for name, value in vars(owner).items():
                if name not in inside and name not in ("parameters", "Memory") and not name.startswith("__"):
                    inside[name] = value
        copied = {name: self._copied(value) for name, value in inside.items()}
        space = {name: value for name, value in copied.items() if value is not None}
        space |= {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
        made: Any = type(cls.__name__, (cls,), space)
        for name, value in inside.items():
            self._found(f"{cls.__name__}.{name}", value, lambda new, name=name: type.__setattr__(made, name, new))  # type: ignore[misc]
        twin: Strategy = object.__new__(made)
        vars(twin).update(vars(strategy))
        return twin

    def _copied(self, value: Any) -> Any:
        """Return a copy of a method; None for what is none."""
        if isinstance(value, types.FunctionType):
            return self.function(value)
        if isinstance(value, staticmethod | classmethod):
            return type(value)(self.function(value.__func__)) if isinstance(value.__func__, types.FunctionType) else None
        if isinstance(value, property) and isinstance(value.fget, types.FunctionType):
            return property(self.function(value.fget))
        return None

    def function(self, function: types.FunctionType) -> types.FunctionType:
        """Return a copy with globals, cells and defaults of its own."""
        if id(function) in self._functions or not _users(function):
            return self._functions.get(id(function), function)
        space = self._globals.setdefault(id(function.__globals__), dict(function.__globals__))
        cells = None if function.__closure__ is None else tuple(types.CellType() for _ in function.__closure__)
        made = types.FunctionType(function.__code__, space, function.__name__, function.__defaults__, cells)
        made.__kwdefaults__ = None if function.__kwdefaults__ is None else dict(function.__kwdefaults__)
        self._functions[id(function)] = made
        self._fill_cells(function, made)
        self._fill_globals(function, space)
        self._fill_defaults(function, made)
        return made

    def _fill_cells(self, function: types.FunctionType, made: types.FunctionType) -> None:
        for name, old, new in zip(function.__code__.co_freevars, function.__closure__ or (), made.__closure__ or (), strict=True):
            try:
                value = old.cell_contents
            except ValueError:  # nothing was put there yet
                continue
            new.cell_contents = self._other(value)
            self._found(name, value, lambda v, new=new: setattr(new, "cell_contents", v))  # type: ignore[misc]

    def _fill_globals(self, function: types.FunctionType, space: dict[str, Any]) -> None:
        for name in _names(function.__code__):
            if name in function.__globals__:
                value = function.__globals__[name]
                space[name] = self._other(value)
                self._found(name, value, lambda v, name=name: space.__setitem__(name, v))  # type: ignore[misc]

    def _fill_defaults(self, function: types.FunctionType, made: types.FunctionType) -> None:
        for i, value in enumerate(function.__defaults__ or ()):
            self._found(f"{function.__name__}(default)", value, lambda v, i=i: setattr(made, "__defaults__", _put(made, i, v)))  # type: ignore[misc]
        for name, value in (function.__kwdefaults__ or {}).items():
            self._found(name, value, lambda v, name=name: (made.__kwdefaults__ or {}).__setitem__(name, v))  # type: ignore[misc]

    def _other(self, value: Any) -> Any:
        plain = getattr(value, "__wrapped__", value)  # a cache around a function would keep what it said before
        return self.function(plain) if isinstance(plain, types.FunctionType) and (plain is value or _users(plain)) else value


def _put(function: types.FunctionType, place: int, value: Any) -> tuple[Any, ...]:
    found = list(function.__defaults__ or ())
    found[place] = value
    return tuple(found)


def _users(function: types.FunctionType) -> bool:
    """Tell whether a function is the user's own: neither the library's nor Python's nor an installed package's."""
    name = function.__code__.co_filename
    if "site-packages" in name or name.startswith("<frozen"):
        return False
    path = Path(name)
    return not path.is_relative_to(OURS) and not path.is_relative_to(Path(types.__file__).parent)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _data(value: Any, deep: int = DEEP) -> Iterator[Any]:
    """Yield what may be data in a value: itself, or what its containers hold."""
    if isinstance(value, Bars | np.ndarray) or _is_frame(value):
        yield value
    elif deep and isinstance(value, dict | list | tuple | types.SimpleNamespace):
        inner = vars(value).values() if isinstance(value, types.SimpleNamespace) else value
        for each in inner.values() if isinstance(inner, dict) else inner:
            yield from _data(each, deep - 1)


def _is_frame(value: Any) -> bool:
    """Tell a pandas or polars table, without importing either."""
    for package in ("pandas", "polars"):
        module = sys.modules.get(package)
        if module is not None and isinstance(value, module.DataFrame | module.Series):
            return True
    return False


def _replaced(value: Any, new: dict[int, Any], deep: int = DEEP) -> Any:
    """Return a value with the data in it replaced."""
    if id(value) in new:
        return new[id(value)]
    if not deep:
        return value
    if isinstance(value, dict):
        return {key: _replaced(each, new, deep - 1) for key, each in value.items()}
    if isinstance(value, types.SimpleNamespace):
        return types.SimpleNamespace(**{key: _replaced(each, new, deep - 1) for key, each in vars(value).items()})
    if type(value) in (list, tuple):
        return type(value)(_replaced(each, new, deep - 1) for each in value)
    return value
