"""What an optimiser may choose from: a span, a span with steps, or a list of choices for each parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.errors import ParameterError, near_miss
from lts.strategies.base import Strategy
from lts.strategies.parameters import checked

if TYPE_CHECKING:
    from lts.strategies.parameters import Parameter


class Span(NamedTuple):
    """From low to high, both included; step None: any number between."""

    low: float
    high: float
    step: float | None


class Choices(NamedTuple):
    """One of these."""

    values: tuple[Any, ...]


Range = Span | Choices


def ranges_of(cls: Any, ranges: Any) -> dict[str, Range]:
    """Return the ranges of an optimisation, checked against the strategy's parameters.

    Raises
    ------
    ParameterError
        No strategy class, no ranges, an unknown parameter, a range that is none or lies outside what the parameter may be.
    """
    if not (isinstance(cls, type) and issubclass(cls, Strategy)):
        hint = " Take its class." if isinstance(cls, Strategy) else ""
        raise ParameterError(f"optimize, strategy: was {cls!r}; it must be a class, a subclass of lts.Strategy.{hint}")
    if not isinstance(ranges, Mapping) or not ranges:
        raise ParameterError(
            f"optimize, ranges: was {ranges!r}; it must map at least one parameter to its range, as {{'fast': (5, 50)}}."
        )
    for name in ranges:
        if name not in cls.parameters:
            known = ", ".join(cls.parameters) or "no parameters"
            raise ParameterError(
                f"optimize, ranges: {cls.__name__} has no parameter {name!r}; it has {known}.{near_miss(str(name), cls.parameters)}"
            )
    return {name: _range(cls, cls.parameters[name], given) for name, given in ranges.items()}


def _range(cls: type[Strategy], parameter: Parameter, given: Any) -> Range:
    where = f"optimize, ranges, {cls.__name__} {parameter.name}"
    if isinstance(given, range):
        given = list(given)
    if isinstance(given, tuple) and len(given) in {2, 3} and parameter.type is not bool:
        return _span(where, parameter, *given)
    if isinstance(given, str | bytes) or not isinstance(given, Sequence) or not given:
        raise ParameterError(f"{where}: was {given!r}; it must be (low, high), (low, high, step) or a list of choices.")
    return Choices(tuple(dict.fromkeys(checked(cls.__name__, parameter, value) for value in given)))


def _span(where: str, parameter: Parameter, low: Any, high: Any, step: Any = None) -> Span:
    ends = [checked(where, parameter._replace(name=end), value) for end, value in (("low", low), ("high", high))]
    if not ends[0] < ends[1]:
        raise ParameterError(f"{where}: was ({low!r}, {high!r}); low must be below high.")
    stride = 1 if step is None and parameter.type is int else step
    if stride is not None:
        free = parameter._replace(name="step", low=None, high=None)
        stride = checked(where, free, stride)
        if stride <= 0:
            raise ParameterError(f"{where}, step: was {step!r}; it must be above 0.")
        if stride > ends[1] - ends[0]:
            raise ParameterError(f"{where}, step: was {step!r}; it must not be above {ends[1] - ends[0]:g}, the range itself.")
    return Span(ends[0], ends[1], stride)


def distributions(ranges: Mapping[str, Range], kinds: Mapping[str, type]) -> dict[str, Any]:
    """Return the ranges as Optuna knows them."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found: dict[str, Any] = {}
    for name, one in ranges.items():
        if isinstance(one, Choices):
            found[name] = CategoricalDistribution(one.values)
        elif kinds[name] is int:
            found[name] = IntDistribution(int(one.low), int(_last(one)), step=int(one.step or 1))
        else:
            found[name] = FloatDistribution(one.low, _last(one), step=one.step)
    return found


def _last(span: Span) -> float:
    """Return the last value that the steps reach; Optuna warns of an end beyond it."""
    if span.step is None:
        return span.high
    low, high, step = (Decimal(str(value)) for value in span)
    return float(low + (high - low) // step * step)
