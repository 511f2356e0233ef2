"""Forms of `decide` that cannot be compiled, and forms that look forbidden and can be."""

from __future__ import annotations

import builtins
from textwrap import indent
from typing import NamedTuple

import lts

HEAD = """
import json
import math
from enum import IntEnum
from typing import NamedTuple
import numpy as np
import lts
from lts import Strategy, add, go, stay

TABLE = {"a": 1.0}
LIST = [1.0, 2.0]

class Thing:
    size = 1.0

THING = Thing()

class Level(IntEnum):
    LOW = 1

class Pair(NamedTuple):
    a: float = 1.0

def imports(x):
    import math
    return math.floor(x)

def formats(x):
    return f"{x:.3f}"

def endless(x):
    return endless(x - 1.0) if x > 0 else x

class Rule(Strategy):
    units: float = 1000
    fast: int = 3

    def size(self):
        return 1000.0

"""

# === name | pattern of the message | what plain Python raises (nothing: it trades 1,000 units); the guilty line is marked.
REFUSED_TEXT = r"""
=== a method | self.size is not a parameter.*plain function
def decide(self, view):
    return go(self.size())  # <-
=== an import | imports math; import it at the top
def decide(self, view):
    import math  # <-
    return go(math.floor(self.units))
=== an import from | imports math; import it at the top
def decide(self, view):
    from math import floor  # <-
    return go(floor(self.units))
=== a path without a decision | return stay() | LtsError
def decide(self, view):
    if view.position.units == 0:  # <-
        return go(self.units)
=== a bare return | return stay() | LtsError
def decide(self, view):
    if view.position.units == 0:
        return go(self.units)
    return  # <-
=== no return at all | return stay() | LtsError
def decide(self, view):
    go(self.units)  # <-
=== an unknown parameter | self.unit is not a parameter.*units, fast.*Did you mean 'units' | AttributeError
def decide(self, view):
    return go(self.unit)  # <-
=== an unknown field of the view | view.positon does not exist.*Did you mean 'position' | AttributeError
def decide(self, view):
    return go(view.positon.units)  # <-
=== an unknown field of the position | view.position.unit does not exist.*Did you mean 'units' | AttributeError
def decide(self, view):
    return go(view.position.unit)  # <-
=== an unknown field of the account | view.account.equitty does not exist.*Did you mean 'equity' | AttributeError
def decide(self, view):
    return go(view.account.equitty)  # <-
=== an unknown feature | view.now.bidclose does not exist.*Did you mean 'bid_close' | AttributeError
def decide(self, view):
    return go(view.now.bidclose)  # <-
=== an unknown field of what was remembered | view.memory.side does not exist | AttributeError
def decide(self, view):
    view.memory.side = 1.0  # <-
    return stay()
=== an unknown field by another name | bidclose | AttributeError
def decide(self, view):
    now = view.now
    return go(now.bidclose)  # <-
=== a formatted text | format
def decide(self, view):
    text = f"{view.now.bid_close:.5f}"  # <-
    return go(self.units if len(text) > 3 else 1.0)
=== a module's attribute | lts.go reaches into a module; .*from lts import go
def decide(self, view):
    return lts.go(self.units)  # <-
=== a dict of the module | TABLE is a dict
def decide(self, view):
    return go(self.units * TABLE["a"])  # <-
=== a list of the module | LIST is a list
def decide(self, view):
    return go(self.units * LIST[0])  # <-
=== an object of the module | THING is a Thing
def decide(self, view):
    return go(self.units * THING.size)  # <-
=== an unknown name | 'goo' is not defined.*Did you mean 'go' | NameError
def decide(self, view):
    return goo(self.units)  # <-
=== an assignment to self | self.fast|fast | AttributeError
def decide(self, view):
    self.fast = 4  # <-
    return go(self.units)
=== a new attribute of self | self.count is not a parameter | AttributeError
def decide(self, view):
    self.count = 4  # <-
    return go(self.units)
=== an assignment to the position | position | AttributeError
def decide(self, view):
    view.position.units = 3.0  # <-
    return go(self.units)
=== an unknown argument | stop_pip | TypeError
def decide(self, view):
    return go(self.units, stop_pip=3.0)  # <-
=== a mapping of arguments | DICT_MERGE|arguments|\*\*
def decide(self, view):
    return go(self.units, **{"stop_pips": 3.0})  # <-
=== a number in place of a decision | go\(...\), add\(...\) or stay\(\) | LtsError
def decide(self, view):
    return self.units
=== a number on one path | go\(...\), add\(...\) or stay\(\) | LtsError
def decide(self, view):
    if view.position.units == 0:
        return go(self.units)
    return 0.0
=== a variable of two types | one type
def decide(self, view):
    x = 1.0
    if view.position.units == 0:
        x = "a"
    return go(self.units) if x == "a" else stay()
=== a try | cannot be compiled
def decide(self, view):
    try:
        x = 1 / view.position.units
    except ZeroDivisionError:
        x = 1.0
    return go(self.units * x)
=== a global statement | COUNT|STORE_GLOBAL
def decide(self, view):
    global COUNT
    COUNT = 1  # <-
    return go(self.units)
=== a helper that imports | imports
def decide(self, view):
    return go(imports(self.units))
=== a helper that formats | format
def decide(self, view):
    return go(self.units if len(formats(self.units)) > 1 else 1.0)
=== a helper that calls itself | endless calls itself
def decide(self, view):
    return go(self.units + endless(3.0))
=== an index into a price | cannot be compiled | TypeError
def decide(self, view):
    return go(view.now.bid_close[0])  # <-
=== a float and a whole enum | IntEnum|Level
def decide(self, view):
    return go(self.units + Level.LOW - 1)  # <-
=== a named tuple's defaults | cannot be compiled
def decide(self, view):
    return go(self.units * Pair().a)
=== a third argument | takes 3 arguments; it must be decide\(self, view\)
def decide(self, view, more=1):  # <-
    return go(self.units)
=== a static method | is a staticmethod; it must be a plain method
@staticmethod
def decide(view):
    return go(1000.0)
"""

ALLOWED_TEXT = r"""
=== a list
def decide(self, view):
    seen = [1.0]
    seen.append(view.now.bid_close)
    return go(self.units * seen[0])
=== a comprehension
def decide(self, view):
    return go(self.units * sum([x * 1.0 for x in range(2)]))
=== a dict
def decide(self, view):
    table = {"a": 1.0}
    return go(self.units * table["a"])
=== a text
def decide(self, view):
    text = f"{view.position.trades}"
    return go(self.units if len(text) > 0 else 1.0)
=== an array
def decide(self, view):
    a = np.ones(3)
    return go(self.units * a[0])
=== a tuple of arguments
def decide(self, view):
    args = (self.units, 1.0)
    return go(*args)
=== an own error
def decide(self, view):
    if view.now.bid_close > 100.0:
        raise ValueError("no")
    return go(self.units)
=== math
def decide(self, view):
    return go(math.floor(self.units + 0.5))
=== an enum
def decide(self, view):
    return go(self.units if view.position.reason != Level.LOW else 1.0)
=== a feature
def features(self, bars):
    return {'one': np.ones(len(bars))}

def decide(self, view):
    return go(self.units * view.now.one)
"""


class Form(NamedTuple):
    """A body with its guilty line marked; a pattern of the message; the error that plain Python raises, or None."""

    name: str
    body: str
    said: str
    error: type[Exception] | None


def forms(text):
    """Read forms from their text."""
    found = []
    for part in text.strip().split("=== ")[1:]:
        head, body = part.split("\n", 1)
        name, said, error = (*head.split(" | "), "", "")[:3]
        found.append(Form(name, body, said, lts.LtsError if error == "LtsError" else getattr(builtins, error, None)))
    return found


REFUSED, ALLOWED = forms(REFUSED_TEXT), forms(ALLOWED_TEXT)


def defined(body):
    """Define the rule as a notebook does; return an instance and the number of its marked line, or None."""
    text = HEAD + indent(body, "    ")
    space = {"__name__": "__main__"}
    exec(compile(text, "<strategy>", "exec"), space)  # noqa: S102
    marked = [number for number, line in enumerate(text.splitlines(), 1) if "# <-" in line]
    return space["Rule"](), marked[0] if marked else None
