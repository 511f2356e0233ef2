"""Where bars of the catalogue came from: what reading them touched, kept as plain values and given back with the bars."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lts._version import __version__
from lts.data.faultlog import FaultLog, Touch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lts.data.bars import Bars
    from lts.data.catalog_rows import Added


def entry(bars: Bars, counts: Added) -> dict[str, Any]:
    """Return what is kept about bars that are added: notes, origin, side, faults and policies, and what became of them."""
    log = bars._log  # noqa: SLF001  (the rooms of data share it; `quality` shows it)
    made = {
        "fingerprint": bars.fingerprint, "bars": len(bars), "first": int(bars.time[0]), "last": int(bars.time[-1]),
        **counts._asdict(), "notes": list(bars.notes), "origin": bars.origin, "lts": __version__,
        "side": log.side, "where": log.where, "rows": log.rows, "noise": log.noise, "checked": log.checked,
        "policies": log.policies, "touched": {fault: asdict(touch) for fault, touch in log.touched.items()},
    }  # fmt: skip
    plain: dict[str, Any] = json.loads(json.dumps(made, default=str))
    return plain


def name(source: dict[str, Any]) -> str:
    """Return a few words for a source: its file, else the first note, else that it came from memory."""
    notes = source["notes"]
    return str(source["where"] or (notes[0].partition("(")[0].strip(" :") if notes else "memory"))


def within(sources: Sequence[dict[str, Any]], first: int, last: int) -> list[dict[str, Any]]:
    """Return the sources whose bars lie in a span, both ends included, nanoseconds UTC."""
    return [source for source in sources if source["first"] <= last and source["last"] >= first]


def notes(sources: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the notes of all sources, each once, in order."""
    return tuple(dict.fromkeys(note for source in sources for note in source["notes"]))


def log(sources: Sequence[dict[str, Any]], where: str) -> FaultLog:
    """Return the log of all sources as one: counts added, the first row and policy where several differ.

    The side is "both" where the sources' sides differ: then the prices of bid and ask are all there is to look at.
    """
    made = FaultLog(where=where, checked=all(source["checked"] for source in sources))
    sides = {source["side"] for source in sources}
    made.side = sides.pop() if len(sides) == 1 else "both"
    for source in sources:
        made.rows += source["rows"]
        made.noise += source["noise"]
        made.policies.update(source["policies"])
        for fault, found in source["touched"].items():
            touch, before = Touch(**found), made.touched.get(fault)
            made.touched[fault] = touch if before is None else _sum(before, touch)
    return made


def _sum(a: Touch, b: Touch) -> Touch:
    return Touch(a.policy, a.count + b.count, a.first_row, a.first)
