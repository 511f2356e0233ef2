"""Indicators that a sweep has computed before: `sma(bars.points.bid_close, 20)` is worked out once for all pairs of means.

Only calls over memory that nobody may change are remembered: the bars' own columns, and what was remembered before. An answer is
read-only; where a strategy writes into it, its features are computed again without this room (`lts.research.sweep.features`).
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from lts.data.bars import Bars

ROOM = 64 << 20  # bytes of answers; the oldest goes first
SCALARS = (bool, int, float, str, type(None), np.generic)


class Memo:
    """Answers of indicators over one market's bars, for `lts.sim.indicators.machine.ASKED`; safe among threads."""

    def __init__(self, bars: Bars, room: int = ROOM) -> None:
        self._bars, self._room, self._lock = bars, room, Lock()
        self._answers: OrderedDict[Any, Any] = OrderedDict()
        self._roots: dict[int, Any] = {}  # who owns the answers' memory, by identity
        self._parts: dict[Any, np.ndarray[Any, Any]] = {}  # the answers' arrays by place
        self._bytes = 0

    def __call__(self, indicator: Callable[..., Any], arrays: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Return the indicator's answer, remembered or new."""
        key = self._key(indicator, arrays, named)
        if key is None:
            return indicator(*arrays, **named)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key][0]
        answer = indicator(*arrays, **named)
        parts = answer if isinstance(answer, tuple) else (answer,)
        if not all(type(part) is np.ndarray and part.flags.writeable for part in parts):
            return answer
        views = [_read_only(part) for part in parts]
        shown = type(answer)(*views) if isinstance(answer, tuple) else views[0]
        with self._lock:
            self._keep(key, shown, parts, arrays)
        return shown

    def writable(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the array behind an answer: compiled code takes read-only arrays for another type, and would compile once more."""
        with self._lock:
            return self._parts.get(_place(array), array)

    def _key(self, indicator: Any, arrays: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Return what tells a call from others; None where it cannot be remembered."""
        words: list[Any] = [indicator, len(arrays)]
        seen = 0
        for value in (*arrays, *(part for item in sorted(named.items()) for part in item)):
            if isinstance(value, np.ndarray):
                if not self._lasting(value):
                    return None
                seen += 1
                words.append(_place(value))
            elif isinstance(value, SCALARS):
                words.append((type(value), value))
            else:
                return None
        return tuple(words) if seen else None

    def _lasting(self, array: np.ndarray[Any, Any]) -> bool:
        """Tell whether an array shows memory that stays as it is while this memo lives."""
        if array.flags.writeable:
            return False
        root = _root(array)
        if self._roots.get(id(root)) is root:
            return True
        bars = self._bars
        owned: tuple[Any, ...] = (bars.points.matrix, bars.time, bars.volume, *bars.kept.values())
        return any(isinstance(own, np.ndarray) and _root(own) is root for own in owned)

    def _keep(self, key: Any, shown: Any, parts: tuple[Any, ...], inputs: tuple[Any, ...]) -> None:
        if key in self._answers:  # another thread was here at the same time
            return
        self._answers[key] = (shown, parts, inputs)  # the inputs stay alive, so that their addresses stay theirs
        for part in parts:
            self._roots[id(_root(part))] = _root(part)
            self._parts[_place(part)] = part
            self._bytes += part.nbytes
        while self._bytes > self._room and len(self._answers) > 1:
            _, (_, old, _) = self._answers.popitem(last=False)
            for part in old:
                self._roots.pop(id(_root(part)), None)
                self._parts.pop(_place(part), None)
                self._bytes -= part.nbytes


def _place(array: np.ndarray[Any, Any]) -> Any:
    """Return where an array lies and what it is."""
    return array.__array_interface__["data"][0], array.shape, array.strides, array.dtype.str


def _root(array: np.ndarray[Any, Any]) -> Any:
    """Return who owns an array's memory."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _read_only(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    view = array.view()
    view.setflags(write=False)
    return view
