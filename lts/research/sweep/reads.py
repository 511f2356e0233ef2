"""Which of its parameters a method of a strategy looks at: sets that agree in them share what it returns."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from lts.strategies.base import Strategy

WHOLE = ("values", "__dict__", "__getstate__", "__hash__", "__eq__")  # looking at these is looking at every parameter


@cache
def _watched(cls: Any) -> type[Strategy]:
    """Return a subclass whose instances write down which parameters are looked at."""

    def look(self: Any, name: str) -> Any:
        if name in cls.parameters or name in WHOLE:
            object.__getattribute__(self, "__dict__")["_seen"].add(name)
        return object.__getattribute__(self, name)

    return type(cls.__name__, (cls,), {"__getattribute__": look, "__module__": cls.__module__, "__qualname__": cls.__qualname__})


def reads(strategy: Strategy, method: str, *args: Any) -> tuple[Any, frozenset[str]]:
    """Call a method of a strategy; return (what it returned, the parameters that it looked at)."""
    cls: Any = type(strategy)
    watched = object.__new__(_watched(cls))
    seen: set[str] = set()
    object.__getattribute__(watched, "__dict__").update(vars(strategy), _seen=seen)
    call: Callable[..., Any] = getattr(watched, method)
    returned = call(*args)
    return returned, frozenset(cls.parameters) if seen & set(WHOLE) else frozenset(seen)
