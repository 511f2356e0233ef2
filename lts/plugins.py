"""Plug-ins: what a name in a configuration stands for, found by entry points (`lts.strategies`, `lts.brokers`).

A package adds one by declaring it, for example `[project.entry-points."lts.strategies"] my_rule = "my_package:MyRule"`. A plug-in
is a class that declares typed parameters with defaults: a `Strategy`, or a dataclass.
"""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar, NamedTuple, get_origin, get_type_hints

from lts.errors import PluginError, near_miss

KINDS = ("strategies", "brokers")


class Parameter(NamedTuple):
    """One parameter of a plug-in."""

    type: Any
    default: Any


def known(kind: str) -> dict[str, EntryPoint]:
    """Return the plug-ins of a kind by name, sorted.

    Raises
    ------
    PluginError
        An unknown kind, or a name that two packages claim.
    """
    if kind not in KINDS:
        raise PluginError(f"Plug-ins have no kind {kind!r}; the kinds are {', '.join(KINDS)}.{near_miss(kind, KINDS)}")
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=f"lts.{kind}")):
        if entry.name in found and found[entry.name].value != entry.value:
            twice = f"{found[entry.name].value} and as {entry.value}"
            raise PluginError(
                f"Plug-in {entry.name!r} of lts.{kind}: was declared twice, as {twice}; a name must belong to one package. "
                "Uninstall one of them."
            )
        found[entry.name] = entry
    return found


def load(kind: str, name: str) -> type[Any]:
    """Return the class behind a plug-in's name, or behind "module:Class" for a class that no package declares.

    Raises
    ------
    PluginError
        An unknown name, or one whose class cannot be loaded.
    """
    names = known(kind)
    if ":" in name and name not in names:
        names = {name: EntryPoint(name, name, f"lts.{kind}")}
    if name not in names:
        listed = ", ".join(names) or "none, as if LTS were not installed (pip install --editable .)"
        raise PluginError(f"There is no plug-in {name!r} in lts.{kind}; known are {listed}.{near_miss(name, names)}")
    entry = names[name]
    try:
        found = entry.load()
    except Exception as error:
        raise PluginError(
            f"Plug-in {name!r} of lts.{kind} ({entry.value}): loading it failed with {type(error).__name__}: {error}."
        ) from error
    if not isinstance(found, type):
        raise PluginError(f"Plug-in {name!r} of lts.{kind} ({entry.value}): was {found!r}; it must be a class.")
    return found


def parameters(plugin: type[Any]) -> dict[str, Parameter]:
    """Return a plug-in's parameters: what a strategy collected, or the public annotated attributes of any other class."""
    collected = getattr(plugin, "parameters", None)
    if isinstance(collected, dict):
        return {name: Parameter(parameter.type, parameter.default) for name, parameter in collected.items()}
    hints = get_type_hints(plugin)
    made = {f.name: f.default_factory for f in fields(plugin) if f.default_factory is not MISSING} if is_dataclass(plugin) else {}
    return {
        name: Parameter(hint, made[name]() if name in made else getattr(plugin, name))
        for name, hint in hints.items()
        if not name.startswith("_") and get_origin(hint) is not ClassVar and (name in made or hasattr(plugin, name))
    }
