"""The badge: what a check of the strategy found, in a word, and its items below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lts.research.plots.style import MINUS
from lts.research.report.words import sentence

if TYPE_CHECKING:
    from lts.research.result import Result

MARKS = {"passed": "\N{CHECK MARK}", "warning": "!", "failed": "\N{MULTIPLICATION SIGN}", "not run": "?"}


class Line(NamedTuple):
    """An item on the page."""

    name: str
    status: str
    mark: str
    says: str


class Badge(NamedTuple):
    """The verdict, what to say about it, and the items."""

    verdict: str
    mark: str
    says: str
    lines: list[Line]


def badge(result: Result, *, wanted: bool) -> Badge:
    """Return the badge of a result; "not run" where it is not wanted or could not be made."""
    from lts.research.check import report_check
    from lts.research.check.found import title

    if not wanted:
        return Badge("not run", MARKS["not run"], "This report was written without a check. `lts.check` makes one.", [])
    found = report_check(result)
    if isinstance(found, str):
        return Badge("not run", MARKS["not run"], sentence(f"the check could not be run: {found}"), [])
    lines = [Line(title(i.name), i.status, MARKS[i.status], _set(sentence(i.text))) for i in found.items]
    verdict = "passed" if found.passed else "failed"
    warned = sum(line.status == "warning" for line in lines)
    failed = [line.name for line in lines if line.status == "failed"]
    says = f"Failed: {', '.join(failed)}." if failed else "Nothing failed."
    if warned:
        says += f" {warned} warning{'s' if warned > 1 else ''}: warnings inform, they do not fail a check."
    return Badge(verdict, MARKS[verdict], says, lines)


def _set(text: str) -> str:
    """Return a text as the page writes numbers: a real minus, a space before per cent."""
    return re.sub(r"(?<=\d)%", " %", re.sub(r"(?<![\w-])-(?=\d)", MINUS, text))
