"""Compiled loops on disk: found again by the next process wherever the strategy was written, never served after a change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lts

ROOT = Path(__file__).resolve().parents[2]
BARS = lts.synthetic_bars("EUR_USD", "M1", n=50, seed=1)

# Defines one rule in itself, one as a notebook does and one in a module that it imports; prints what each traded and what numba
# had to compile for it.
DRIVER = '''
import json
from numba.core import event
import lts
from lts import Strategy, go, stay
from lts_installed_rule import Installed

class Heard(event.Listener):
    def __init__(self):
        self.names = []

    def on_start(self, ev):
        self.names.append(ev.data["dispatcher"].py_func.__qualname__)

    def on_end(self, ev):
        pass

def plus(x):
    return x + 2.0

class Script(Strategy):
    units: float = 1000

    def decide(self, view):
        if view.position.units == 0:
            return go(plus(self.units))
        return stay()

CELL = """
from lts import Strategy, go, stay

def times(x):
    return x * 3.0

class Cell(Strategy):
    units: float = 1000

    def decide(self, view):
        if view.position.units == 0:
            return go(times(self.units))
        return stay()
"""
notebook = {"__name__": "__main__"}
exec(compile(CELL, "<ipython-input-1-0123456789ab>", "exec"), notebook)
bars = lts.synthetic_bars("EUR_USD", "M1", n=50, seed=1)
found = {}
for strategy in (Script(), notebook["Cell"](), Installed()):
    heard = Heard()
    with event.install_listener("numba:compile", heard):
        units = float(lts.run(strategy, bars).fills["units"][0])
    found[type(strategy).__name__] = [units, heard.names]
print(json.dumps(found))
'''

INSTALLED = """
from lts import Strategy, go, stay

def less(x):
    return x - 1.0

class Installed(Strategy):
    units: float = 1000

    def decide(self, view):
        if view.position.units == 0:
            return go(less(self.units))
        return stay()
"""


def python(script, *paths, **environment):
    """Run a script in a process of its own, with these folders on its path; return the finished process."""
    path = os.pathsep.join([*map(str, paths), str(ROOT)])
    env = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=env, check=False)


def answer(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_second_process_compiles_nothing(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(DRIVER)
    (tmp_path / "lts_installed_rule.py").write_text(INSTALLED)
    first, second = (answer(python(script, tmp_path)) for _ in range(2))
    assert {name: units for name, (units, _) in first.items()} == {"Script": 1002, "Cell": 3000, "Installed": 999}
    assert second == {name: [units, []] for name, (units, _) in first.items()}


# --- nothing stale --------------------------------------------------------------------------------------------------------------

RULE = """
import json
import lts
from lts import Strategy, go, stay
from lts_helper_of_a_rule import size

class Rule(Strategy):
    units: float = 1000

    def decide(self, view):
        if view.position.units == 0:
            return go(size(self.units))
        return stay()

bars = lts.synthetic_bars("EUR_USD", "M1", n=50, seed=1)
print(json.dumps(float(lts.run(Rule(), bars).fills["units"][0])))
"""


def test_an_edited_helper_in_another_file_is_used(tmp_path):
    script, helper = tmp_path / "rule.py", tmp_path / "lts_helper_of_a_rule.py"
    script.write_text(RULE)
    traded = []
    for number in (11, 12):
        helper.write_text(f"def size(x):\n    return x + {number}.0\n")
        os.utime(helper, (number, number))  # two writes within a second must not look alike to Python's own cache
        traded.append(answer(python(script, tmp_path)))
    assert traded == [1011, 1012]


NOTEBOOK = """
import math
from enum import Enum, IntEnum
from math import ceil, floor
from typing import NamedTuple
import numba
import numpy as np
from lts import Strategy, go, stay

{given}

class Cell(Strategy):
    units: float = 1000.5

    def decide(self, view):
        if view.position.units == 0:
            return go({units})
        return stay()
"""


def cell(given, units):
    """Define a strategy as a notebook's cell does and return an instance."""
    space = {"__name__": "__main__"}
    exec(compile(NOTEBOOK.format(given=given, units=units), "<ipython-input-2-abcdef>", "exec"), space)  # noqa: S102
    return space["Cell"]()


# What is defined, with @ for what changes, and what the rule then trades.
CHANGES = {
    "a helper's body": ("def h(x):\n    return x + @", "h(self.units)"),
    "a helper of a helper": ("def g(x):\n    return x + @\n\ndef h(x):\n    return g(x)", "h(self.units)"),
    "a function inside": ("def h(x):\n    def i(y):\n        return y + @\n    return i(x)", "h(self.units)"),
    "a closure": ("def m(k):\n    def h(x):\n        return x + k\n    return h\n\nh = m(@)", "h(self.units)"),
    "a lambda": ("h = lambda x: x + @", "h(self.units)"),
    "a compiled helper": ("h = numba.njit(lambda x: x + @)", "h(self.units)"),
    "a default": ("def h(x, y=@):\n    return x + y", "h(self.units)"),
    "a constant": ("K = @", "self.units + K"),
    "a numpy constant": ("K = np.float64(@)", "self.units + K"),
    "a tuple": ("K = (@, 5)", "self.units + K[0]"),
    "an array": ("K = np.array([@, 5.0])", "self.units + K[0]"),
    "a named tuple": ("class T(NamedTuple):\n    a: float\n\nK = T(@)", "self.units + K.a"),
    "an enum's value": ("class K(Enum):\n    A = @", "self.units + K.A.value"),
    "a whole enum's value": ("class K(IntEnum):\n    A = @ - 1", "self.units + (2 if view.position.reason == K.A else 1)"),
    "what a name imports": ("h = (floor, ceil)[@ - 1]", "h(self.units)"),
    "the expression itself": ("", "self.units + @"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_cell_is_compiled_anew(change):
    texts = [[text.replace("@", number) for text in CHANGES[change]] for number in "12"]
    rules = [cell(*text) for text in texts]
    compiled = [float(lts.run(rule, BARS).fills["units"][0]) for rule in rules]
    interpreted = [float(lts.run(rule, BARS, jit=False).fills["units"][0]) for rule in rules]
    assert compiled == interpreted
    assert compiled[0] != compiled[1]


# --- one loop for all values ----------------------------------------------------------------------------------------------------


def test_other_parameters_and_a_subclass_with_other_defaults_share_the_loop(monkeypatch):
    from lts.research.run import rule_of
    from lts.sim import loop

    base = cell("", "self.units")
    child = type("Child", (type(base),), {"__annotations__": {"units": float}, "units": 2_000.0})
    keys = {loop.key([rule_of(rule, {})], "") for rule in (base, type(base)(3_000), child(), child(1))}
    assert len(keys) == 1
    assert float(lts.run(child(), BARS).fills["units"][0]) == 2_000
    monkeypatch.setattr(loop, "load", lambda *_: pytest.fail("a loop was written again"))
    assert float(lts.run(child(4_000), BARS).fills["units"][0]) == 4_000


def test_a_stated_spread_and_missing_volume_share_the_loop():
    from lts.research.run import rule_of
    from lts.sim import loop

    rule, silent = cell("", "self.units + 123.0"), lts.synthetic_bars("EUR_USD", "M1", n=50, seed=1, volume="none")
    for bars in (BARS, silent):
        for costs in (None, lts.Costs(spread_pips=1.0)):
            lts.run(rule, bars, costs=costs)
    assert len(loop.loop_for((rule_of(rule, {}),)).overloads) == 1


# --- where nothing can be written -----------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    # A file stands where the folder should be: this stops root as well, whom permissions do not.
    (tmp_path / "lts_installed_rule.py").write_text(INSTALLED)
    (tmp_path / "occupied").write_text("")
    script = tmp_path / "script.py"
    script.write_text(DRIVER)
    done = python(script, tmp_path, LTS_CACHE=str(tmp_path / "occupied"))
    assert done.returncode != 0
    last = done.stderr.splitlines()[-1]
    assert last.startswith("lts.errors.ConfigError: cache folder ")
    assert "LTS_CACHE" in last
