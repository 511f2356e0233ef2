"""What cannot be compiled is refused with strategy, line and cure, and still runs as plain Python where Python can."""

from __future__ import annotations

import re

import pytest

import lts
from tests.forms import ALLOWED, REFUSED, defined

BARS = lts.synthetic_bars("EUR_USD", "M1", n=50, seed=1)
by_name = {"ids": lambda form: form.name}


def refusal(rule):
    with pytest.raises(lts.CompileError) as caught:
        lts.run(rule, BARS)
    return str(caught.value)


@pytest.mark.parametrize("form", REFUSED, **by_name)
def test_it_is_refused_in_the_users_words(form):
    rule, line = defined(form.body)
    message = refusal(rule)
    assert re.search(form.said, message), message
    assert "Rule.decide" in message
    assert "nopython mode" not in message
    assert line is None or re.search(rf"line {line}\b", message), f"line {line} is not in: {message}"


@pytest.mark.parametrize("form", REFUSED, **by_name)
def test_what_it_promises_for_plain_python_is_true(form):
    rule, _ = defined(form.body)
    if form.error is not None:
        assert "still runs" not in refusal(rule)
        with pytest.raises(form.error):
            lts.run(rule, BARS, jit=False)
        return
    for result in (lts.run(rule, BARS, jit=False), lts.replay(rule, BARS)):
        assert list(result.fills["units"])[:1] == [1000]


@pytest.mark.parametrize("form", ALLOWED, **by_name)
def test_it_runs_both_ways(form):
    rule, _ = defined(form.body)
    compiled, plain = lts.run(rule, BARS), lts.replay(rule, BARS)
    assert list(compiled.fills["units"]) == list(plain.fills["units"])
    assert compiled.fills["units"][0] == 1000


def test_an_error_of_the_strategys_own_is_passed_on():
    rule, _ = defined(OWN_ERROR)
    for way in (lts.run, lts.replay):
        with pytest.raises(ValueError, match="my own"):
            way(rule, BARS)


OWN_ERROR = """
def decide(self, view):
    if view.now.bid_close > 0:
        raise ValueError("my own")
    return stay()
"""


def test_a_rule_that_ran_is_looked_at_again_when_what_it_reaches_has_changed():
    space = {"__name__": "__main__"}
    text = "from lts import Strategy, go\nK = 1.0\nclass Rule(Strategy):\n    def decide(self, view):\n        return go(1e3 * K)\n"
    exec(compile(text, "<ipython-input-3-abcdef>", "exec"), space)  # noqa: S102
    rule = space["Rule"]()
    lts.run(rule, BARS)
    space["K"] = [1.0]
    assert "K is a list" in refusal(rule)
    space["K"] = 2.0
    assert float(lts.run(rule, BARS).fills["units"][0]) == 2_000
