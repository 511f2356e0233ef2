"""One engine under every indicator: a flat state, a compiled `update` and a scan of that update.

`sma(values, 20)` is `stream(sma, 20).extend(values)`, so whatever a batch computes, a live continuation computes to the same byte.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from lts.errors import ParameterError, near_miss

F = TypeVar("F", bound=Callable[..., Any])
Array = npt.NDArray[np.float64]
MOST = 2_000_000  # bars in a window: a state is at most 32 MB


def kernel(function: F) -> F:
    """Compile `function` on its first call, not at import.

    Callees live in the caller's file: numba's cache looks at the stamp of one file only. No fastmath, no fused or reordered sums.
    """
    return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@dataclass
class Stream:
    """An indicator that goes on bar by bar; `state` is all it remembers.

    Build it with `stream(indicator, ...)`. A copy of `state` written back with `stream.state[:] = copy` restores it in another
    process.
    """

    name: str
    state: npt.NDArray[Any]
    kernel_update: Callable[..., Any]
    kernel_scan: Callable[..., None]
    inputs: tuple[str, ...] = ("values",)
    result: type[NamedTuple] | None = None
    finish: Callable[..., Any] | None = None
    kernel_outputs: int = 1
    whole: bool = False
    limit: float = np.inf

    def update(self, *values: float) -> Any:
        """Take the next closed bar and return the indicator's value, or a named tuple of values."""
        self._count(len(values))
        if self.whole:
            row: list[Any] = [np.int64(whole_array(v, self.name, "values", self.limit)[()]) for v in values]
        else:
            row = [np.float64(v) for v in values]
        with np.errstate(all="ignore"):
            outputs = self.kernel_update(self.state, *row)
        return self._shape([np.float64(v) for v in (outputs if self.kernel_outputs > 1 else (outputs,))], row, float)

    def extend(self, *arrays: npt.ArrayLike) -> Any:
        """Take many closed bars and return float64 arrays of their length; the same bytes as `update` one by one."""
        self._count(len(arrays))
        columns = self._columns(arrays)
        n = len(columns[0])
        out = np.empty(n if self.kernel_outputs == 1 else (self.kernel_outputs, n))
        with np.errstate(all="ignore"):
            self.kernel_scan(self.state, *columns, out)
        return self._shape([out] if self.kernel_outputs == 1 else list(out), columns, np.asarray)

    def _shape(self, outputs: list[Any], inputs: list[Any], cast_: Callable[[Any], Any]) -> Any:
        made = self.finish(*inputs, *outputs) if self.finish else outputs
        return self.result(*[cast_(v) for v in made]) if self.result else cast_(made[0])

    def _columns(self, arrays: tuple[npt.ArrayLike, ...]) -> list[npt.NDArray[Any]]:
        named = list(zip(arrays, self.inputs, strict=True))
        if self.whole:
            columns: list[npt.NDArray[Any]] = [whole_array(values, self.name, name, self.limit) for values, name in named]
        else:
            columns = [float_array(values, self.name, name) for values, name in named]
        for column, name in zip(columns, self.inputs, strict=True):
            if column.ndim != 1 or len(column) != len(columns[0]):
                raise ParameterError(
                    f"{self.name} {name}: had shape {column.shape}; it must be one column, as long as "
                    f"{self.inputs[0]} {columns[0].shape}. Give one value a bar."
                )
        return columns

    def _count(self, given: int) -> None:
        if given != len(self.inputs):
            raise ParameterError(
                f"{self.name}: was given {given} inputs; it needs {', '.join(self.inputs)}. Give them in this order."
            )


Builder = Callable[..., Stream]
BUILDERS: dict[Callable[..., Any], Builder] = {}
# Who answers in the place of an indicator: a sweep, which has computed many of them before. Nobody in an ordinary run.
ASKED: ContextVar[Callable[..., Any] | None] = ContextVar("lts_asked", default=None)


def streams(build: Builder) -> Callable[[F], F]:
    """Register `build` as the maker of live continuations of the decorated indicator."""

    def register(indicator: F) -> F:
        @wraps(indicator)
        def entry(*arrays: Any, **named: Any) -> Any:
            asked = ASKED.get()
            return indicator(*arrays, **named) if asked is None else asked(indicator, arrays, named)

        BUILDERS[entry] = build
        return cast("F", entry)

    return register


def stream(indicator: Callable[..., Any], /, *parameters: Any, **named: Any) -> Stream:
    """Return a live continuation of `indicator`.

    Parameters
    ----------
    indicator : function of `lts.indicators`
    *parameters, **named
        The indicator's parameters without its arrays: `stream(sma, 20)`, `stream(macd, fast=12, slow=26, signal=9)`. Indicators
        that sum whole points also take `whole=True`: every value is then an integer, as in a batch over an integer array.

    Raises
    ------
    ParameterError
        Not an indicator, or a parameter out of range.

    Examples
    --------
    >>> live = stream(sma, 3)
    >>> [live.update(x) for x in (1.0, 2.0, 6.0)][-1]
    3.0
    """
    if indicator not in BUILDERS:
        name = getattr(indicator, "__name__", str(indicator))
        known = sorted(f.__name__ for f in BUILDERS)
        raise ParameterError(f"stream indicator: was {name!r}; it must be one of {', '.join(known)}.{near_miss(name, known)}")
    try:
        return BUILDERS[indicator](*parameters, **named)
    except TypeError as error:
        name = indicator.__name__
        raise ParameterError(f"stream {name}: was given {parameters} {named}; {error}. Look at help({name}).") from error


def column(values: Any) -> Array:
    """Return the one array of a stream with one output, typed."""
    return cast("Array", values)


def bars(name: str, parameter: str, value: Any, least: int = 1, most: int = MOST) -> int:
    """Return `value` as a whole number of bars in [least, most] or raise ParameterError."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or not least <= value <= most:
        raise ParameterError(
            f"{name} {parameter}: was {value!r}; it must be a whole number from {least} to {most} bars. Change it."
        )
    return int(value)


def number(name: str, parameter: str, value: Any, least: float) -> float:
    """Return `value` as a finite float of at least `least` or raise ParameterError."""
    if not isinstance(value, int | float | np.integer | np.floating) or not least <= value < np.inf:
        raise ParameterError(f"{name} {parameter}: was {value!r}; it must be a finite number of at least {least:g}. Change it.")
    return float(value)


def is_whole(values: npt.ArrayLike) -> bool:
    """Return True for an integer array: whole points, summed exactly in int64."""
    return np.asarray(values).dtype.kind in "iu"


def float_array(values: npt.ArrayLike, name: str, parameter: str) -> Array:
    """Return `values` as a C-contiguous float64 array or raise ParameterError."""
    array = np.asarray(values)
    if array.dtype.kind not in "iufbO":
        raise ParameterError(f"{name} {parameter}: was {array.dtype}; it must be numbers. Convert it first.")
    try:
        return np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} {parameter}: was {array.dtype} ({error}); it must be numbers. Convert it first.") from error


def whole_array(values: npt.ArrayLike, name: str, parameter: str, limit: float) -> npt.NDArray[Any]:
    """Return `values` as a C-contiguous int32 or int64 array within +-limit or raise ParameterError."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise ParameterError(f"{name} {parameter}: was {array.dtype}; a stream with whole=True needs integers. Make it without.")
    bound = min(limit, 2.0**62)
    if array.size and float(np.iinfo(array.dtype).max) > bound:
        farthest = max(int(array.min()), int(array.max()), key=abs)
        if abs(farthest) > bound:
            raise ParameterError(
                f"{name} {parameter}: reached {farthest}; exact sums over this window hold up to {bound:.6g}. Give float64 values."
            )
    kept = array if array.dtype == np.int32 else array.astype(np.int64, copy=False)
    return np.ascontiguousarray(kept).reshape(array.shape)
