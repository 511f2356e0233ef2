"""`lts config show` and `lts plugins`: what is set, by whom, and what there is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lts.cli.pairs import named, read_pairs
from lts.cli.show import as_json, say, table
from lts.plugins import KINDS, known, load, parameters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.metadata import EntryPoint


def show_config(words: Sequence[str], *, wants_json: bool) -> None:
    """Write every setting with its value and source; secrets are masked."""
    from lts.config import resolve

    config = resolve(named(read_pairs(words)), os.environ)
    for note in config.notes:
        say(note)
    rows = config.rows()
    if wants_json:
        as_json([dict(zip(("section", "key", "value", "source"), row, strict=True)) for row in rows])
    else:
        table(rows)


def show_plugins(*, wants_json: bool) -> None:
    """Write every plug-in: kind, name, where it lives, its parameters with their defaults."""
    found = [_described(kind, name, entry) for kind in KINDS for name, entry in known(kind).items()]
    if wants_json:
        as_json(found)
    else:
        table((p["kind"], p["name"], p["package"], ", ".join(f"{k}={v!r}" for k, v in p["parameters"].items())) for p in found)


def _described(kind: str, name: str, entry: EntryPoint) -> dict[str, Any]:
    package = entry.dist.name if entry.dist else ""
    defaults = {key: parameter.default for key, parameter in parameters(load(kind, name)).items()}
    return {"kind": kind, "name": name, "package": package, "class": entry.value, "parameters": defaults}
