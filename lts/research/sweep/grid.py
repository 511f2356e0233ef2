"""Which sets a sweep runs: the product of lists of values, or sets one by one; counted before they are built.

Letters: n sets, p varied parameters. A set is a row of codes, (p,) int32, the places of its values in their lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError, near_miss
from lts.strategies.base import Strategy
from lts.strategies.parameters import checked

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from lts.strategies.parameters import Parameter

MOST_VALUES = 10_000_000  # of one parameter that has no length: an endless source is no list


class Space:
    """A strategy class, its varied parameters and their values; makes strategies of codes."""

    def __init__(self, cls: type[Strategy], axes: Mapping[str, Sequence[Any]]) -> None:
        self.cls, self.names = cls, tuple(axes)
        self.axes: dict[str, list[Any]] = {}
        self.faults: dict[str, dict[int, str]] = {}  # values out of range: why
        for name, values in axes.items():
            self.axes[name], self.faults[name] = _axis(cls, name, values)
        order = tuple(cls.parameters)
        self._slots = [order.index(name) for name in self.names]
        self._lists = list(self.axes.values())
        self._bad = [self.faults[name] for name in self.names]
        self._any_bad = any(self._bad)
        self._default = [p.default for p in cls.parameters.values()]
        # What the constructor would do: each value is checked once, here, not once a set.
        self._plain = cls.__init__ is Strategy.__init__ and cls.__new__ is object.__new__
        self._checks = cls.check is not Strategy.check

    def values(self, codes: Sequence[int]) -> list[Any]:
        """Return the values of all parameters, in the class's order."""
        found = self._default.copy()
        for slot, values, code in zip(self._slots, self._lists, codes, strict=True):
            found[slot] = values[code]
        return found

    def strategy(self, codes: Sequence[int]) -> Strategy:
        """Return the strategy of a set, through its own constructor; ParameterError where that refuses it."""
        return self.cls(**dict(zip(self.names, (v[c] for v, c in zip(self._lists, codes, strict=True)), strict=True)))

    def accepted(self, codes: Sequence[int]) -> list[Any]:
        """Return the values of all parameters, or raise what the constructor raises."""
        if not self._plain or (self._any_bad and any(c in bad for c, bad in zip(codes, self._bad, strict=True))):
            return list(self.strategy(codes).values.values())
        values = self.values(codes)
        if self._checks:
            self.bare(values).check()
        return values

    def bare(self, values: Sequence[Any]) -> Strategy:
        """Return a strategy of values that have been checked."""
        made = object.__new__(self.cls)
        vars(made).update(zip(self.cls.parameters, values, strict=True))
        return made

    def made(self, values: Sequence[Any]) -> Strategy:
        """Return the strategy of accepted values, as its constructor makes it."""
        if self._plain:
            return self.bare(values)
        return self.cls(**dict(zip(self.cls.parameters, values, strict=True)))


class Grid:
    """The sets of a sweep, in their order."""

    def __init__(self, space: Space, codes: NDArray[np.int32] | None, kept: NDArray[np.int64] | None = None) -> None:
        self.space, self._codes, self._kept = space, codes, kept
        self._shape = tuple(len(values) for values in space.axes.values())
        self.size = len(codes) if codes is not None else len(kept) if kept is not None else prod(self._shape)

    def codes(self, rows: NDArray[np.int64] | slice) -> NDArray[np.int32]:
        """Return the codes of sets, (k, p)."""
        if self._codes is not None:
            return self._codes[rows]
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(self.size))
        flat = rows if self._kept is None else self._kept[rows]
        if not self._shape:
            return np.zeros((len(flat), 0), np.int32)
        return np.stack(np.unravel_index(flat, self._shape), axis=1).astype(np.int32)

    def column(self, name: str, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return the values of a parameter in sets, (k,): of its type, or as they were given where one is out of range."""
        space = self.space
        kind = object if space.faults[name] else {int: np.int64, float: np.float64, bool: np.bool_}[space.cls.parameters[name].type]
        values: NDArray[Any]
        try:
            values = np.array(space.axes[name], kind)
        except OverflowError:  # an int beyond 64 bits; its set says so
            values = np.array(space.axes[name], object)
        return values[self.codes(rows)[:, space.names.index(name)]]


def count(cls: Any, grid: Any) -> int:
    """Return how many sets a grid has, before any `where`, without building one; refuse what is no grid.

    Raises
    ------
    ParameterError
        No strategy class; no grid, or an empty one; an unknown parameter; values that are no list.
    """
    if not (isinstance(cls, type) and issubclass(cls, Strategy)):
        hint = " Take its class: sweep varies the parameters itself." if isinstance(cls, Strategy) else ""
        raise ParameterError(f"sweep, strategy: was {cls!r}; it must be a class, a subclass of lts.Strategy.{hint}")
    if isinstance(grid, Mapping):
        for name in grid:
            _check_name(cls, name)
        return prod(_length(cls, name, values) for name, values in grid.items()) if grid else _empty(cls, "no parameter")
    if not isinstance(grid, Sequence) or isinstance(grid, str | bytes):
        raise ParameterError(
            f"sweep, grid: was {grid!r}; it must be a mapping of parameters to lists of values, such as "
            '{"fast": range(5, 50, 5)}, or a list of such sets.'
        )
    for row, given in enumerate(grid):
        if not isinstance(given, Mapping):
            raise ParameterError(f'sweep, grid, set {row}: was {given!r}; it must be a mapping such as {{"fast": 5, "slow": 50}}.')
        for name in given:
            _check_name(cls, name)
    return len(grid) or _empty(cls, "no set")


def build(cls: type[Strategy], grid: Any, where: Callable[[dict[str, Any]], Any] | None) -> Grid:
    """Return the sets of a grid that has been counted.

    Raises
    ------
    ParameterError
        A value of the wrong type; `where` is no function, raises, or keeps no set.
    """
    if where is not None and not callable(where):
        raise ParameterError(
            f"sweep, where: was {where!r}; it must be a function of a set, such as lambda p: p['fast'] < p['slow']."
        )
    made = _product(cls, grid) if isinstance(grid, Mapping) else _listed(cls, grid)
    return made if where is None else _filtered(made, where)


def _product(cls: type[Strategy], grid: Mapping[str, Any]) -> Grid:
    return Grid(Space(cls, {name: list(values) for name, values in grid.items()}), None)


def _listed(cls: type[Strategy], sets: Sequence[Mapping[str, Any]]) -> Grid:
    """Return sets that were given one by one; a parameter that one of them leaves out has its default there."""
    names = list(dict.fromkeys(name for given in sets for name in given))
    axes: dict[str, list[Any]] = {}
    codes = np.zeros((len(sets), len(names)), np.int32)
    for place, name in enumerate(names):
        known: dict[Any, int] = {}
        for row, given in enumerate(sets):
            value = given.get(name, cls.parameters[name].default)
            try:
                codes[row, place] = known.setdefault((type(value), value), len(known))
            except TypeError as error:
                raise ParameterError(_wrong(cls, cls.parameters[name], value)) from error
        axes[name] = [value for _, value in known]
    return Grid(Space(cls, axes), codes)


def _filtered(grid: Grid, where: Callable[[dict[str, Any]], Any]) -> Grid:
    space, kept = grid.space, []
    for first in range(0, grid.size, 65_536):
        rows = range(first, min(first + 65_536, grid.size))
        for row, codes in zip(rows, grid.codes(slice(rows.start, rows.stop)).tolist(), strict=True):
            values = {name: space.axes[name][code] for name, code in zip(space.names, codes, strict=True)}
            try:
                if where(values):
                    kept.append(row)
            except Exception as error:
                raise ParameterError(
                    f"sweep, where: raised {type(error).__name__}: {error} for {values}; it must answer for every set."
                ) from error
    if not kept:
        raise ParameterError(f"sweep, where: kept none of {grid.size:,} sets; it must keep at least one.")
    rows_kept = np.array(kept, np.int64)
    return Grid(space, grid.codes(rows_kept)) if grid._codes is not None else Grid(space, None, rows_kept)  # noqa: SLF001


def _check_name(cls: type[Strategy], name: Any) -> None:
    if name not in cls.parameters:
        known = ", ".join(cls.parameters) or "no parameters"
        raise ParameterError(
            f"sweep, grid: {cls.__name__} has no parameter {name!r}; it has {known}.{near_miss(str(name), cls.parameters)}"
        )


def _length(cls: type[Strategy], name: str, values: Any) -> int:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise ParameterError(
            f"sweep, grid, {cls.__name__} {name}: was {values!r}; it must be a list of values. Write [{values!r}] for a single one."
        )
    if not hasattr(values, "__len__"):
        raise ParameterError(
            f"sweep, grid, {cls.__name__} {name}: was {type(values).__name__}, which has no length; it must be a list of values. "
            "Write list(...) around it."
        )
    return len(values) or _empty(cls, f"no value of {name}")  # type: ignore[arg-type]  # it has a length


def _empty(cls: type[Strategy], what: str) -> int:
    raise ParameterError(
        f"sweep, grid: holds {what}; it must hold at least one set of {', '.join(cls.parameters) or 'no parameters'}."
    )


def _axis(cls: type[Strategy], name: str, values: Sequence[Any]) -> tuple[list[Any], dict[int, str]]:
    """Return the values as the parameter's type, and why some are out of range; another type is refused at once."""
    parameter = cls.parameters[name]
    free = parameter._replace(low=None, high=None)
    found, faults = [], {}
    for place, value in enumerate(islice(values, MOST_VALUES)):
        try:
            made = checked(cls.__name__, free, bool(value) if isinstance(value, np.bool_) else value)
        except ParameterError as error:
            raise ParameterError(_wrong(cls, parameter, value)) from error
        try:
            found.append(checked(cls.__name__, parameter, made))
        except ParameterError as error:
            faults[place] = str(error)
            found.append(made)
    return found, faults


def _wrong(cls: type[Strategy], parameter: Parameter, value: Any) -> str:
    return f"sweep, grid, {cls.__name__} {parameter.name}: was {value!r}; it must be a finite {parameter.type.__name__}."
