"""Parameters of a strategy: annotated class attributes, collected once per class, checked at construction."""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

from lts.errors import ParameterError, near_miss

TYPES = {"int": int, "float": float, "bool": bool, int: int, float: float, bool: bool}
RESERVED = ("Memory", "check", "decide", "features", "parameters", "signals", "values")


class Parameter(NamedTuple):
    """One parameter: what `param` stated, with its name and type."""

    name: str
    type: type
    default: Any
    low: float | None
    high: float | None
    help: str


class Stated(NamedTuple):
    """A default with its range and help, as `param` returns it."""

    default: Any
    low: float | None
    high: float | None
    help: str


def param(default: float, low: float | None = None, high: float | None = None, help: str = "") -> Any:  # noqa: A002  (the field's word)
    """State a parameter's default, range (ends included) and help text: `fast: int = param(20, low=1, help="bars")`."""
    return Stated(default, low, high, help)


def collect(cls: type) -> dict[str, Parameter]:
    """Return the parameters of a strategy class: its own new ones first, then what it inherits, in the parent's order.

    Raises
    ------
    ParameterError
        A parameter without a default, without a type, of a type other than int, float and bool, or with a name that strategies use.
    """
    inherited: dict[str, Parameter] = {}
    found: dict[str, Parameter] = {}
    for base in cls.__mro__[1:]:
        inherited |= {name: p for name, p in vars(base).get("parameters", {}).items() if name not in inherited}
    for owner in cls.__mro__:
        for name, annotation in vars(owner).get("__annotations__", {}).items():
            if name.startswith("_") or name in found or str(annotation).startswith(("ClassVar", "typing.ClassVar")):
                continue
            if annotation not in TYPES:
                raise ParameterError(
                    f"{cls.__name__}.{name}: was annotated {annotation!r}; a parameter must be int, float or bool. "
                    "Write ClassVar[...] around what is no parameter."
                )
            if name in RESERVED:
                raise ParameterError(
                    f"{cls.__name__}.{name}: was declared a parameter; every strategy has its own {name}. Rename it."
                )
            if not hasattr(cls, name):
                raise ParameterError(f"{cls.__name__}.{name}: has no default; write `{name}: {annotation} = ...`.")
            found[name] = _parameter(cls, name, TYPES[annotation], inherited.get(name))
    for name, value in vars(cls).items():
        if isinstance(value, Stated):
            raise ParameterError(f"{cls.__name__}.{name}: has no type; write `{name}: float = param(...)`, or int, or bool.")
    return {name: found[name] for name in (*(n for n in found if n not in inherited), *inherited)}


def _parameter(cls: type, name: str, kind: type, inherited: Parameter | None) -> Parameter:
    value = getattr(cls, name)
    if isinstance(value, Stated):
        made = Parameter(name, kind, value.default, value.low, value.high, value.help)
    elif inherited is not None and name not in vars(cls):
        return inherited
    else:
        low, high, text = (inherited.low, inherited.high, inherited.help) if inherited else (None, None, "")
        made = Parameter(name, kind, value, low, high, text)
    setattr(cls, name, checked(cls.__name__, made, made.default))
    return made._replace(default=getattr(cls, name))


def checked(owner: str, parameter: Parameter, value: Any) -> Any:
    """Return `value` as the parameter's type, or refuse it."""
    kind = parameter.type
    fits = isinstance(value, bool) if kind is bool else _number(value) and (kind is float or float(value) == int(value))
    if not fits:
        raise ParameterError(f"{owner} {parameter.name}: was {value!r}; it must be a finite {kind.__name__}.")
    made = kind(value)
    if (parameter.low is not None and made < parameter.low) or (parameter.high is not None and made > parameter.high):
        low, high = (("" if end is None else f"{end:g}") for end in (parameter.low, parameter.high))
        raise ParameterError(f"{owner} {parameter.name}: was {value!r}; it must lie in [{low}, {high}].")
    return made


def _number(value: Any) -> bool:
    try:
        return not isinstance(value, bool | str) and isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def bind(owner: str, parameters: dict[str, Parameter], args: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
    """Return all parameters' values from positional and named arguments."""
    names = list(parameters)
    if len(args) > len(names):
        raise ParameterError(
            f"{owner}: was given {len(args)} positional values; it has {len(names)}: {', '.join(names) or 'none'}."
        )
    values = dict(zip(names, args, strict=False))
    for name, value in given.items():
        if name not in parameters:
            known = ", ".join(names) or "no parameters"
            raise ParameterError(f"{owner} has no parameter {name!r}; it has {known}.{near_miss(name, names)}")
        if name in values:
            raise ParameterError(f"{owner} {name}: was given twice, by position and by name.")
        values[name] = value
    return {name: checked(owner, p, values.get(name, p.default)) for name, p in parameters.items()}
