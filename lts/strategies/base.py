"""`Strategy`: a trading rule as one object, the same for research, replay and live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from lts.errors import ParameterError
from lts.sim.verbs import add, go, stay
from lts.strategies.parameters import TYPES, Parameter, bind, collect, param

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.data.bars import Bars
    from lts.words import Decision, View

__all__ = ["SignalStrategy", "Strategy", "add", "close", "go", "param", "stay"]


def close() -> Decision:
    """Close the position: the same as `go(0)`."""
    return go(0.0)


class Nothing(NamedTuple):
    """The memory of a strategy that remembers nothing."""

    nothing: int = 0


class Strategy:
    """A trading rule.

    Subclass it, state parameters as annotated class attributes (int, float, bool), compute `features` from whole arrays, and let
    `decide` say where to be. `decide` is compiled from the very method: it sees `view.now` and `view.prev` (the last two closed
    bars and the features by name), `view.position`, `view.account`, `view.memory`, and `self` for the parameters; it may call plain
    functions of its module; it may not call methods, import, or index arrays.

    A decision is a target. After a stop or target the position is flat until the strategy decides again, and a rule that repeats
    its target on every bar re-enters on the next: keep the last side in `Memory`, or look at `view.position.reason`.

    Compiled, numbers follow numpy: 1 / 0.0 is inf and the square root of -1 is nan. In plain Python both
    raise; test before you divide.

    Raises
    ------
    ParameterError
        An unknown parameter, or a value of the wrong type or out of range.
    """

    parameters: ClassVar[dict[str, Parameter]] = {}
    Memory: ClassVar[type] = Nothing

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.parameters = collect(cls)
        _check_memory(cls)

    def __init__(self, *args: Any, **given: Any) -> None:
        vars(self).update(bind(type(self).__name__, self.parameters, args, given))
        self.check()

    def check(self) -> None:
        """Refuse parameters that are right one by one and wrong together; called last at construction."""

    @property
    def values(self) -> dict[str, Any]:
        """The parameters' values by name."""
        return {name: getattr(self, name) for name in self.parameters}

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return arrays of one value a bar, by name; each value may depend on its bar and earlier ones only."""
        del bars
        return {}

    def decide(self, view: View) -> Decision:
        """Return where to be, from what is known at this close."""
        raise NotImplementedError(f"{type(self).__name__} has no decide(self, view); write one.")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name}: a strategy does not change; make a new one with {name}={value!r}.")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.values == getattr(other, "values", None)

    def __hash__(self) -> int:
        return hash((type(self), *self.values.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.values.items())})"

    def __getstate__(self) -> dict[str, Any]:
        return self.values

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)


def _check_memory(cls: type[Strategy]) -> None:
    memory = cls.Memory
    fields = getattr(memory, "_fields", None)
    defaults = getattr(memory, "_field_defaults", {})
    if fields is None or set(fields) - set(defaults):
        raise ParameterError(f"{cls.__name__}.Memory: must be a NamedTuple whose fields all have defaults, as `side: int = 0`.")
    for name, value in defaults.items():
        kind = _remembered(memory, name, value)
        if kind is None or (kind is not float and not isinstance(value, kind)):
            raise ParameterError(
                f"{cls.__name__}.Memory.{name}: was {value!r}; only int, float and bool can be remembered, by their own defaults."
            )


def _remembered(memory: type, name: str, value: Any) -> type | None:
    """Return the type of a remembered scalar: what it is annotated with, so that `level: float = 0` remembers fractions."""
    annotation = getattr(memory, "__annotations__", {}).get(name, type(value))
    kind = TYPES.get(getattr(annotation, "__forward_arg__", annotation))
    return kind if isinstance(value, bool | int | float) else None


def memory_dtype(cls: type[Strategy]) -> np.dtype[Any]:
    """Return the numpy type of a strategy's memory."""
    kinds = {bool: "?", int: "i8", float: "f8"}
    return np.dtype([(name, kinds[type(value)]) for name, value in _defaults(cls).items()], align=True)


def new_memory(cls: type[Strategy]) -> np.ndarray[Any, Any]:
    """Return a strategy's memory at the start: one record with the declared defaults, its fields reached by name."""
    return np.array([tuple(_defaults(cls).values())], memory_dtype(cls)).view(np.recarray)


def _defaults(cls: type[Strategy]) -> dict[str, Any]:
    memory: Any = cls.Memory
    return {name: (_remembered(memory, name, value) or float)(value) for name, value in memory._field_defaults.items()}


class SignalStrategy(Strategy):
    """A strategy whose whole rule is an array: `signals(bars)` of -1, 0, +1, or nan for "no opinion".

    Entries happen on a change of signal, at the next open; after a stop or target it stays flat until the signal changes.
    """

    units: float = param(10_000, low=0, help="base currency")
    stop_pips: float = param(0, low=0, help="0: none")
    target_pips: float = param(0, low=0, help="0: none")

    class Memory(NamedTuple):
        """The signal that was last acted on."""

        signal: float = 0.0

    def signals(self, bars: Bars) -> Any:
        """Return one signal a bar, causal: -1, 0, +1 or nan; int8, which has no nan, is the fastest."""
        raise NotImplementedError(f"{type(self).__name__} has no signals(self, bars); write one.")

    def features(self, bars: Bars) -> Mapping[str, Any]:
        """Return the signals."""
        return {"signal": np.asarray(self.checked_signals(bars), float)}

    def checked_signals(self, bars: Bars) -> np.ndarray[Any, Any]:
        """Return the signals as an array, int8 if they are that and else float64, or say which of them cannot be."""
        from lts.sim.indicators.sides import odd

        given = np.asarray(self.signals(bars))
        signal = given if given.dtype == np.int8 else np.asarray(given, float)
        row = odd(signal) if signal.ndim == 1 else None
        if row is not None:
            raise ParameterError(f"{type(self).__name__}.signals, bar {row}: was {signal[row]!r}; it must be -1, 0, 1 or nan.")
        return signal

    def decide(self, view: View) -> Decision:
        """Follow the signal when it changes."""
        signal = view.now.signal
        if np.isnan(signal) or signal == view.memory.signal:
            return stay()
        view.memory.signal = signal
        return go(signal * self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
