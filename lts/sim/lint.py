"""Why a `decide` cannot be compiled, said before numba says it: the line, what stands there, what to write instead."""

from __future__ import annotations

import builtins
import dis
import types
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lts.errors import CompileError, LtsError, near_miss
from lts.sim.reach import plain
from lts.words import Funds, Position, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lts.sim.loop import Rule

DRESSING = ("During", "File", "-", "There are", ">>>", "Failed in")  # lines of numba's errors that do not say what is wrong
CURE = "It still runs in lts.replay and with jit=False."
MODULES = {"math", "numpy"}  # whose functions numba knows
FIELDS = {"position": Position._fields, "account": Funds._fields}


def lint(owner: str, rule: Rule, bar_fields: tuple[str, ...]) -> None:
    """Refuse what numba would refuse, in the user's words.

    Raises
    ------
    CompileError
        Names strategy, line, what was found, what is required.
    """
    decide: Any = rule.decide
    known = {"now": bar_fields, "prev": bar_fields, "memory": tuple(name for name, _ in rule.memory), **FIELDS}
    names = decide.__code__.co_varnames[:2]
    if decide.__code__.co_argcount != 2:
        raise CompileError(f"{owner}.decide: takes {decide.__code__.co_argcount} arguments; it must be decide(self, view).")
    steps = list(dis.get_instructions(decide))
    line = decide.__code__.co_firstlineno
    for i, step in enumerate(steps):
        line = _line(step, line)
        where = f"{owner}.decide, line {line}"
        if step.opname in {"IMPORT_NAME", "IMPORT_FROM"}:
            raise CompileError(f"{where}: imports {step.argval}; import it at the top of the module. {CURE}")
        if step.opname.startswith("LOAD_GLOBAL"):
            _global(where, decide, step.argval, steps[i + 1] if i + 1 < len(steps) else None)
        if i and step.opname in {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR"}:
            _attribute(where, rule, names, steps[:i], step.argval, known)
        returned = step.opname == "RETURN_CONST" or (i and step.opname == "RETURN_VALUE" and steps[i - 1].opname == "LOAD_CONST")
        if returned and (step if step.opname == "RETURN_CONST" else steps[i - 1]).argval is None:
            raise CompileError(f"{where}: a path ends without a decision; end it with `return stay()`. {CURE}")


def _line(step: dis.Instruction, last: int) -> int:
    positions = getattr(step, "positions", None)
    return positions.lineno if positions is not None and positions.lineno is not None else last


def _global(where: str, decide: types.FunctionType, name: str, after: dis.Instruction | None) -> None:
    if name not in decide.__globals__:
        if not hasattr(builtins, name):
            near = near_miss(name, decide.__globals__)
            raise CompileError(f"{where}: the name {name!r} is not defined in {decide.__module__}.{near}")
        return
    value = decide.__globals__[name]
    if isinstance(value, types.ModuleType) and value.__name__.split(".")[0] not in MODULES and after is not None:
        raise CompileError(
            f"{where}: {name}.{after.argval} reaches into a module; import the name itself "
            f"(from {value.__name__} import {after.argval}). {CURE}"
        )
    if isinstance(value, types.BuiltinFunctionType | types.ModuleType | type) or plain(value) is not None:
        return
    if not isinstance(value, int | float | str | tuple | bool | type(None)) and not hasattr(value, "dtype"):
        raise CompileError(
            f"{where}: {name} is a {type(value).__name__}; a compiled rule can use numbers, tuples and plain functions. {CURE}"
        )


def _attribute(
    where: str, rule: Rule, names: tuple[str, ...], before: Sequence[dis.Instruction], name: str, known: dict[str, tuple[str, ...]]
) -> None:
    source = _last(before[-1])
    if source == names[0] and name not in rule.parameters:
        near = near_miss(name, rule.parameters)
        listed = ", ".join(rule.parameters) or "no parameters"
        raise CompileError(
            f"{where}: self.{name} is not a parameter; compiled, self holds {listed}.{near} A method must become a plain "
            f"function of the module that is given what it needs. {CURE}"
        )
    if source == names[1] and name not in View._fields:
        raise CompileError(
            f"{where}: view.{name} does not exist; a view has {', '.join(View._fields)}.{near_miss(name, View._fields)}"
        )
    if len(before) > 1 and _last(before[-2]) == names[1] and source in known and name not in known[source]:
        fields = known[source]
        raise CompileError(f"{where}: view.{source}.{name} does not exist; it has {', '.join(fields)}.{near_miss(name, fields)}")


def _last(step: dis.Instruction) -> Any:
    """Return what an instruction puts on top of the stack, by name; some load two variables at once."""
    return step.argval[-1] if isinstance(step.argval, tuple) and step.argval else step.argval


@contextmanager
def explained(strategies: Sequence[Any]) -> Iterator[None]:
    """Turn numba's errors into one that names the strategy, the line and the cure."""
    try:
        yield
    except LtsError:
        raise
    except Exception as error:  # numba also fails with plain errors of its own, and they say even less
        owners = ", ".join(type(s).__name__ for s in strategies)
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [repr(error)]
        place = next((line for line in lines if line.startswith("File ") and "lts_loop" not in line and "loop_" not in line), "")
        what = next((line for line in lines[1:] if not line.startswith(DRESSING)), lines[0])
        raise CompileError(
            f"{owners}.decide cannot be compiled: {what} {place} Every path must return go(...), add(...) or stay(); "
            f"variables must keep one type; only numbers, plain functions, math and numpy scalars can be used. {CURE}"
        ) from error
