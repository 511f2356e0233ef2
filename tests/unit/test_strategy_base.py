"""What every strategy has: parameters, memory, and that it does not change."""

from __future__ import annotations

import pickle
from typing import ClassVar, NamedTuple

import numpy as np
import pytest

import lts
from lts.errors import ParameterError
from lts.strategies import DefaultStrategy, SignalStrategy, SmaCross, Strategy, param
from lts.strategies.base import memory_dtype, new_memory
from tests.flat import flat_bars


class Rule(Strategy):
    window: int = param(10, low=2, high=500, help="bars")
    width: float = 2
    both: bool = True
    kind: ClassVar[str] = "no parameter"
    _hidden: int = 3


class Wider(Rule):
    width: float = 3


class Sooner(Rule):
    window = 5


class Later(Sooner):
    hold: int = 4


def declare(annotations=None, **body):
    return type("Made", (Strategy,), {"__annotations__": annotations or {}, **body})


# parameters


def test_parameters_have_type_default_range_and_help():
    window = Rule.parameters["window"]
    assert (window.name, window.type, window.default, window.low, window.high, window.help) == ("window", int, 10, 2, 500, "bars")
    assert list(Rule.parameters) == ["window", "width", "both"]
    assert Rule.parameters["width"].default == 2.0
    assert type(Rule.parameters["width"].default) is float


def test_values_are_given_by_position_and_by_name():
    rule = Rule(20, 1.5, both=False)
    assert (rule.window, rule.width, rule.both) == (20, 1.5, False)
    assert rule.values == {"window": 20, "width": 1.5, "both": False}


def test_an_unknown_parameter_is_answered_with_the_nearest():
    with pytest.raises(
        ParameterError, match=r"Rule has no parameter 'windw'; it has window, width, both\. Did you mean 'window'\?"
    ):
        Rule(windw=20)


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(ParameterError, match="Rule window: was given twice"):
        Rule(20, window=30)


def test_too_many_positions_are_refused():
    with pytest.raises(ParameterError, match="was given 4 positional values; it has 3: window, width, both"):
        Rule(20, 1.0, True, 4)


@pytest.mark.parametrize("value", ["20", None, True, 20.5, np.nan, np.inf, [20], 1j])
def test_a_whole_number_must_be_one(value):
    with pytest.raises(ParameterError, match="Rule window: was .*finite int"):
        Rule(window=value)


@pytest.mark.parametrize("value", ["2", None, False, np.nan, -np.inf])
def test_a_number_must_be_finite(value):
    with pytest.raises(ParameterError, match="Rule width: was .*finite float"):
        Rule(width=value)


@pytest.mark.parametrize("value", [0, 1, "yes", None])
def test_yes_or_no_must_be_said_as_such(value):
    with pytest.raises(ParameterError, match="Rule both: was .*bool"):
        Rule(both=value)


@pytest.mark.parametrize("value", [20, 20.0, np.int64(20), np.float32(20)])
def test_a_value_becomes_the_parameters_own_type(value):
    rule = Rule(value, value)
    assert type(rule.window) is int
    assert type(rule.width) is float
    assert rule == Rule(20, 20.0)


@pytest.mark.parametrize("value", [1, 501])
def test_a_value_out_of_range_is_refused_with_the_range(value):
    with pytest.raises(ParameterError, match=rf"Rule window: was {value}; it must lie in \[2, 500\]"):
        Rule(window=value)


@pytest.mark.parametrize("value", [2, 500])
def test_the_ends_of_a_range_belong_to_it(value):
    assert Rule(window=value).window == value


# subclasses


def test_a_subclass_may_change_a_default_and_keeps_order_and_range():
    assert Wider().values == {"window": 10, "width": 3.0, "both": True}
    assert Sooner().values == {"window": 5, "width": 2.0, "both": True}
    with pytest.raises(ParameterError, match="Sooner window: was 1;"):
        Sooner(window=1)
    assert Rule().values == {"window": 10, "width": 2.0, "both": True}


def test_a_changed_default_is_inherited():
    assert Later().values == {"hold": 4, "window": 5, "width": 2.0, "both": True}


def test_a_default_out_of_the_inherited_range_is_refused():
    with pytest.raises(ParameterError, match="Wrong window: was 1;"):
        type("Wrong", (Rule,), {"window": 1})


def test_a_strategy_that_changes_only_parameters_shares_its_rule():
    cls = type("MyCross", (SmaCross,), {"fast": 5, "slow": 50})
    assert cls.decide is SmaCross.decide
    assert list(cls.parameters) == list(SmaCross.parameters)
    assert repr(cls()) == "MyCross(fast=5, slow=50, units=10000.0, stop_pips=20.0, target_pips=30.0)"


# mistakes in a class


@pytest.mark.parametrize(
    ("annotations", "body", "message"),
    [
        ({"fast": "int"}, {}, "Made.fast: has no default; write `fast: int = ...`"),
        ({"fast": "str"}, {"fast": "a"}, "Made.fast: was annotated 'str'; a parameter must be int, float or bool"),
        ({"fast": "int"}, {"fast": 2.5}, "Made fast: was 2.5"),
        ({"fast": "int"}, {"fast": param(2.5)}, "Made fast: was 2.5"),
        ({"fast": "int"}, {"fast": param(2, low=3)}, "Made fast: was 2; it must lie in [3, ]"),
        ({}, {"fast": param(2)}, "Made.fast: has no type; write `fast: float = param(...)`"),
        ({"values": "int"}, {"values": 2}, "Made.values: was declared a parameter; every strategy has its own values"),
    ],
)
def test_a_wrong_declaration_is_refused_with_the_class(annotations, body, message):
    with pytest.raises(ParameterError) as refused:
        declare(annotations, **body)
    assert message in str(refused.value)


def test_parameters_wrong_together_are_refused_at_construction():
    with pytest.raises(ParameterError, match="SmaCross fast: was 100 with slow=20; fast must be below slow"):
        SmaCross(100, 20)


# an object that does not change


@pytest.mark.parametrize("rule", [Rule(), Rule(20, 0.1 + 0.2, both=False), Wider(width=1e-7), DefaultStrategy(), Strategy()])
def test_a_strategy_prints_as_its_constructor(rule):
    names = {cls.__name__: cls for cls in (Rule, Wider, DefaultStrategy, Strategy)}
    assert eval(repr(rule), names) == rule  # noqa: S307  (its own text)


@pytest.mark.parametrize("rule", [Strategy(), SmaCross(5, 50, stop_pips=0), DefaultStrategy(0.1)])
def test_a_strategy_survives_pickling(rule):
    again = pickle.loads(pickle.dumps(rule))  # noqa: S301  (its own bytes)
    assert again == rule
    assert repr(again) == repr(rule)


def test_equal_strategies_have_one_class_and_equal_values():
    assert Rule(20) == Rule(window=20)
    assert hash(Rule(20)) == hash(Rule(window=20))
    assert Rule(20) != Rule(21)
    assert Rule(10) != Sooner(10)
    assert Rule() != "Rule()"
    assert len({Rule(20), Rule(20), Rule(21)}) == 2


def test_a_strategy_does_not_change():
    rule = Rule()
    with pytest.raises(AttributeError, match="make a new one with window=30"):
        rule.window = 30
    assert rule.window == 10


# memory


def test_a_strategy_without_memory_has_an_empty_one():
    assert new_memory(Rule).shape == (1,)


def test_memory_has_the_declared_types_and_defaults():
    class Remembers(Strategy):
        class Memory(NamedTuple):
            level: float = 0  # a fraction can be remembered here, although the default is whole
            side: int = -1
            armed: bool = True

    kinds = memory_dtype(Remembers)
    assert [kinds[name].kind for name in ("level", "side", "armed")] == ["f", "i", "b"]
    assert new_memory(Remembers)[0].item() == (0.0, -1, True)


def test_each_run_begins_with_fresh_memory():
    new_memory(SmaCross)["signal"] = 1
    assert new_memory(SmaCross)["signal"][0] == 0


@pytest.mark.parametrize("value", ["a", None, (1,)])
def test_only_scalars_can_be_remembered(value):
    class Memory(NamedTuple):
        what: object = value

    with pytest.raises(ParameterError, match=r"Made\.Memory\.what: was .*only int, float and bool"):
        declare(Memory=Memory)


def test_a_whole_number_does_not_remember_a_fraction():
    class Memory(NamedTuple):
        level: int = 0.5

    with pytest.raises(ParameterError, match=r"Made\.Memory\.level: was 0\.5"):
        declare(Memory=Memory)


def test_memory_needs_defaults():
    class Memory(NamedTuple):
        side: int

    with pytest.raises(ParameterError, match=r"Made\.Memory: must be a NamedTuple whose fields all have defaults"):
        declare(Memory=Memory)
    with pytest.raises(ParameterError, match=r"Made\.Memory: must be a NamedTuple"):
        declare(Memory=dict)


# what must be written


def test_a_strategy_without_a_rule_says_so():
    with pytest.raises(NotImplementedError, match="Rule has no decide"):
        Rule().decide(None)
    assert dict(Rule().features(None)) == {}


# signals


class Given(SignalStrategy):
    """Follows the signals that the class was given."""

    given: ClassVar[list[float]] = []

    def signals(self, bars):
        assert len(bars) == len(self.given)
        return self.given


def follow(signals, prices=None, **parameters):
    cls = type("Given", (Given,), {"given": signals})
    bars = flat_bars("EUR_USD", "H1", "2014-01-06", prices or [1.1] * len(signals))
    return lts.run(cls(**parameters), bars).orders


def test_a_signal_is_acted_on_when_it_changes_and_only_then():
    nan = np.nan
    orders = follow([nan, 0, 1, 1, nan, 1, -1, -1, nan, 0, 0, nan, 1, 1])
    got = [(int(t.hour), kind, units) for t, kind, units in zip(orders["time"], orders["type"], orders["units"], strict=True)]
    assert got == [
        (2, "MARKET", 10_000),
        (6, "CLOSE", -10_000),
        (6, "MARKET", -10_000),
        (9, "CLOSE", 10_000),
        (12, "MARKET", 10_000),
    ]


def test_after_a_stop_a_signal_waits_for_its_next_change():
    prices = [1.1, 1.1, 1.1, 1.0980, 1.1, 1.1, 1.1, 1.1]
    orders = follow([0, 1, 1, 1, 1, 0, 1, 1], prices, stop_pips=10)
    assert [(int(t.hour), kind) for t, kind in zip(orders["time"], orders["type"], strict=True)] == [(1, "MARKET"), (6, "MARKET")]


def test_a_signal_out_of_its_values_is_refused_with_its_bar():
    with pytest.raises(ParameterError, match=r"signals, bar 2: was .*0\.5.*must be -1, 0, 1 or nan"):
        follow([0, 1, 0.5])


def test_signals_must_be_written():
    with pytest.raises(NotImplementedError, match="Bare has no signals"):
        type("Bare", (SignalStrategy,), {})().features(None)
