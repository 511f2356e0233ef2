"""What a statistic means: the record, and the tables that the rooms write their definitions in."""

from __future__ import annotations

from textwrap import fill
from typing import NamedTuple

WIDTH = 100  # of a printed definition, characters


class Definition(NamedTuple):
    """A statistic's meaning; every field is text."""

    id: str
    meaning: str
    unit: str
    formula: str
    source: str
    convention: str
    group: str
    sampling: str  # of what, and how often

    def __str__(self) -> str:
        """Return the definition as a terminal shows it."""
        named = [(name, getattr(self, name)) for name in ("unit", "formula", "sampling", "source", "group", "convention")]
        return "\n".join([_line(f"{self.id}: ", self.meaning), *(_line(f"  {name:<11}", text) for name, text in named if text)])


def _line(head: str, text: str) -> str:
    return fill(text, WIDTH, initial_indent=head, subsequent_indent=" " * 13, break_long_words=False, break_on_hyphens=False)


def define(group: str, sampling: str, table: str, convention: str = "lts") -> dict[str, Definition]:
    """Return the definitions of a table, by id.

    Parameters
    ----------
    group, sampling, convention : str
        What holds for every row.
    table : str
        A row a statistic: ``id | meaning | unit | formula | source``; four blanks continue a row; the source may be left out.
    """
    found = {}
    for line in table.strip().replace("\n    ", " ").splitlines():
        id_, meaning, unit, formula, source = [*(cell.strip() for cell in line.split(" | ")), ""][:5]
        found[id_] = Definition(id_, meaning, unit, formula, source, convention, group, sampling)
    return found
