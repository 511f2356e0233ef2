"""What a check found: items, faults, and the report that shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

PASSED, WARNING, FAILED = "passed", "warning", "failed"
WIDTH = 92  # of the texts in a printed table
GATES = ("repeatable", "causality", "warm_up")  # the items that decide; the others inform


class Item(NamedTuple):
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        "repeatable", "causality", "warm_up", "costs", "delay", "ambiguous_bars", "break_even_spread" or "noise".
    status : str
        "passed", "warning" or "failed".
    figure : float
        What was measured; nan where there is nothing to measure. `lts.research.check` says what it is for each item.
    text : str
        The figure in words.
    """

    name: str
    status: str
    figure: float
    text: str


class Fault(NamedTuple):
    """A feature that knew the future.

    Attributes
    ----------
    feature : str
        Its name.
    row, time : int, str
        The first bar where it was seen, and that bar's open, UTC.
    ahead : int or None
        How many later bars must be as they were for the value to stay; None where it could not be found.
    whole : bool
        True: nothing short of all later bars restores the value.
    old, new : float
        The value with the true future, and with another one or none.
    how : str
        What had been done to the future.
    """

    feature: str
    row: int
    time: str
    ahead: int | None
    whole: bool
    old: float
    new: float
    how: str

    def __str__(self) -> str:
        if self.ahead is None:
            reach = "knows the future"
        elif self.whole:
            reach = f"looks ahead to the end of the data ({self.ahead:,} bars)"
        else:
            reach = f"looks {self.ahead:,} bar{'s' if self.ahead != 1 else ''} ahead"
        where = f"at {self.time} UTC (bar {self.row:,})"
        return f"{self.feature!r} {reach}: {where} it was {self.old:.10g}, and {self.new:.10g} {self.how}"


@dataclass(frozen=True)
class Examined:
    """How much of a history was looked at.

    Attributes
    ----------
    bars : int
        Bars of the history.
    changed : int
        Bars whose future was changed while they had to keep their values.
    cut : int
        Bars at which the history was ended.
    whole : int
        Of those, with the history from its very beginning.
    either : int
        Bars that had at least one of them.
    evaluations : int
        How often features were evaluated.
    """

    bars: int
    changed: int = 0
    cut: int = 0
    whole: int = 0
    either: int = 0
    evaluations: int = 0


@dataclass(frozen=True)
class CheckReport:
    """What `lts.check` found; printable.

    Attributes
    ----------
    strategy, bars : str
        What was checked, in words.
    items : tuple of Item
        Each thing that was looked at.
    faults : tuple of Fault
        The features that knew the future, earliest first.
    examined : Examined
        How many bars were looked at, and how.
    seconds : float
        How long it took.
    """

    strategy: str
    bars: str
    items: tuple[Item, ...]
    faults: tuple[Fault, ...] = ()
    examined: Examined = field(default_factory=lambda: Examined(0))
    seconds: float = 0.0

    def item(self, name: str) -> Item:
        """Return an item by name; KeyError where there is none."""
        for each in self.items:
            if each.name == name:
                return each
        raise KeyError(name)

    @property
    def causal(self) -> bool:
        """Whether no feature knew the future, and the same bars gave the same features."""
        return all(i.status != FAILED for i in self.items if i.name in GATES[:2])

    @property
    def warm_up_ok(self) -> bool:
        """Whether trading begins on values that have settled; at most a tenth of the trades may be earlier."""
        return self.item("warm_up").status != FAILED

    @property
    def passed(self) -> bool:
        """Whether no item failed."""
        return all(i.status != FAILED for i in self.items)

    def __str__(self) -> str:
        e = self.examined
        warned = sum(i.status == WARNING for i in self.items)
        verdict = PASSED if self.passed else FAILED
        said = (
            f"check {verdict}{f', {warned} warning' if warned else ''}{'s' if warned > 1 else ''}: {self.strategy} on {self.bars}"
        )
        size = max(len(i.name) for i in self.items)
        lines = [said, ""]
        for item in self.items:
            first, *rest = wrap(item.text, WIDTH) or [""]
            lines.append(f"{title(item.name):{size}}  {item.status:7}  {first}")
            lines += [f"{'':{size}}  {'':7}  {text}" for text in rest]
        lines += ["", f"{e.evaluations:,} evaluations of the features in {self.seconds:.1f} s"]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return the items as a table: name, status, figure, text."""
        import pandas as pd

        return pd.DataFrame(list(self.items), columns=list(Item._fields)).set_index("name")

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        items = [i._asdict() | {"figure": i.figure if isfinite(i.figure) else None} for i in self.items]
        verdict = {"passed": self.passed, "causal": self.causal, "warm_up_ok": self.warm_up_ok}
        about = {"strategy": self.strategy, "bars": self.bars, "seconds": self.seconds}
        return {**about, **verdict, "items": items, "faults": [f._asdict() for f in self.faults], "examined": vars(self.examined)}


def title(name: str) -> str:
    """Return an item's name as words."""
    return name.replace("_", " ").replace("break even", "break-even")
