"""Why a `decide` cannot be compiled, said before numba says it: the line, what stands there, what to write instead."""

from __future__ import annotations

import builtins
import dis
import re
import types
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import CompileError, LtsError, near_miss
from lts.sim.reach import plain
from lts.words import Funds, Position, View

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from lts.sim.loop import Rule

DRESSING = ("During", "File", "-", "There are", ">>>", "Failed in")  # lines of numba's errors that do not say what is wrong
CURE = "It still runs in lts.replay and with jit=False."
MAYBE = "It may still run in lts.replay and with jit=False."
OPCODES = {  # what numba names by its byte code, in words; the names differ between Python versions
    "IMPORT_NAME": "it imports inside a function; import at the top of the module.",
    "FORMAT_": "a text format with a format spec is not supported.",
}
MODULES = {"math", "numpy"}  # whose functions numba knows
FIELDS = {"position": Position._fields, "account": Funds._fields}


@lru_cache(maxsize=1024)  # reading bytecode took 0.5 ms a run, a twentieth of a million bars
def lint(owner: str, rule: Rule, bar_fields: tuple[str, ...], methods: tuple[str, ...] = ()) -> None:
    """Refuse what numba would refuse, in the user's words.

    Raises
    ------
    CompileError
        Names strategy, line, what was found, what is required.
    """
    decide: Any = rule.decide
    known = {"now": bar_fields, "prev": bar_fields, "memory": tuple(name for name, _ in rule.memory), **FIELDS}
    names, line = decide.__code__.co_varnames[:2], decide.__code__.co_firstlineno
    if decide.__code__.co_argcount != 2:
        found = f"takes {decide.__code__.co_argcount} arguments"
        raise CompileError(f"{owner}.decide, line {line}: {found}; it must be decide(self, view).")
    steps = list(dis.get_instructions(decide))
    for i, step in enumerate(steps):
        line = _line(step, line)
        where = f"{owner}.decide, line {line}"
        if step.opname in {"IMPORT_NAME", "IMPORT_FROM"}:
            raise CompileError(f"{where}: imports {step.argval}; import it at the top of the module. {CURE}")
        if step.opname.startswith("LOAD_GLOBAL"):
            _global(where, decide, step.argval, steps[i + 1] if i + 1 < len(steps) else None)
        if i and step.opname in {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR"}:
            _attribute(where, rule, names, steps[:i], step.argval, known, methods)
            if step.opname == "STORE_ATTR":
                _assignment(where, names, steps[:i], step.argval)
        if step.opname == "RETURN_CONST" or (i and step.opname == "RETURN_VALUE" and steps[i - 1].opname == "LOAD_CONST"):
            _returned(where, (step if step.opname == "RETURN_CONST" else steps[i - 1]).argval)


def _returned(where: str, value: object) -> None:
    if value is None:
        raise CompileError(f"{where}: a path ends without a decision; end it with `return stay()`.")
    raise CompileError(f"{where}: returns {value!r}; it must return go(...), add(...) or stay().")


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
    if isinstance(value, types.BuiltinFunctionType | types.ModuleType | type | np.ufunc) or plain(value) is not None:
        return
    if not isinstance(value, int | float | str | tuple | bool | type(None)) and not hasattr(value, "dtype"):
        raise CompileError(
            f"{where}: {name} is a {type(value).__name__}; a compiled rule can use numbers, tuples and plain functions. {CURE}"
        )


def _assignment(where: str, names: tuple[str, ...], before: Sequence[dis.Instruction], name: str) -> None:
    """Refuse to set anything but what `view.memory` holds."""
    source = _last(before[-1])
    if source in names:
        raise CompileError(f"{where}: sets {source}.{name}; a strategy does not change. Declare what it remembers in Memory.")
    if len(before) > 1 and _last(before[-2]) == names[1] and source != "memory":
        raise CompileError(f"{where}: sets view.{source}.{name}; only view.memory can be set. Declare what it remembers in Memory.")


def _attribute(
    where: str,
    rule: Rule,
    names: tuple[str, ...],
    before: Sequence[dis.Instruction],
    name: str,
    known: dict[str, tuple[str, ...]],
    methods: Collection[str],
) -> None:
    source = _last(before[-1])
    if source == names[0] and name not in rule.parameters:
        near, listed = near_miss(name, rule.parameters), ", ".join(rule.parameters) or "no parameters"
        cure = (
            f" A method must become a plain function of the module that is given what it needs. {CURE}" if name in methods else ""
        )
        raise CompileError(f"{where}: self.{name} is not a parameter; compiled, self holds {listed}.{near}{cure}")
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
    """Turn whatever numba says while it compiles into one error that names the strategy, the line and the cure."""
    owners = ", ".join(type(s).__name__ for s in strategies)
    try:
        yield
    except CompileError as error:
        raise CompileError(f"{owners}.decide: {error}") from error
    except LtsError:
        raise
    except Exception as error:  # numba also fails with plain errors of its own, and they say even less
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [repr(error)]
        what = next((line for line in lines[1:] if not line.startswith(DRESSING)), lines[0])
        what = next((words for opcode, words in OPCODES.items() if opcode in what), what)
        raise CompileError(
            f"{owners}.decide, {_place(str(error))}: cannot be compiled: {what} "
            "Every path must return go(...), add(...) or stay(); variables must keep one type; only numbers, plain functions, math "
            f"and numpy scalars can be used. {MAYBE}"
        ) from error


def _place(text: str) -> str:
    """Return the user's line that numba's text names last: the innermost one that is not LTS's own."""
    own = str(Path(__file__).resolve().parents[1])
    named = re.findall(r'File "([^"]+)", line (\d+)', text) + re.findall(r"(<[^>]+>|\S+\.py) \((\d+)\)", text)
    theirs = [(file, line) for file, line in named if own not in str(Path(file).resolve()) and "loop_" not in file]
    return f"{theirs[-1][0]}, line {theirs[-1][1]}" if theirs else "no line known"
