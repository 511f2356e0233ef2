"""Configuration: who wins, what is refused, what is shown."""

import json
from dataclasses import dataclass

import pytest

import lts.config
from lts.brokers.backtrader import SimulationBroker
from lts.config import resolve
from lts.config.values import MASK, convert, masked
from lts.errors import ConfigError, ParameterError, PluginError


@dataclass(frozen=True)
class Rule:
    """A strategy as far as configuration is concerned."""

    position_size: float = 0.02
    reverse: bool = False
    stop_loss_pips: int = 80
    api_key: str | None = None

    def __post_init__(self):
        if self.position_size <= 0:
            raise ParameterError(f"position_size: was {self.position_size!r}; it must be above 0.")


@dataclass(frozen=True)
class Twin(Rule):
    """Shares a key with the broker."""

    leverage: float = 1.0


@pytest.fixture(autouse=True)
def plugins(monkeypatch):
    known = {"rule": Rule, "twin": Twin, "default_strategy": Rule, "backtrader_simulation_broker": SimulationBroker}

    def load(kind, name):
        if name not in known:
            raise PluginError(f"There is no plug-in {name!r} in lts.{kind}.")
        return known[name]

    monkeypatch.setattr(lts.config, "load", load)


@pytest.fixture
def written(tmp_path):
    def write(values, name="my_config.json"):
        path = tmp_path / name
        path.write_text(values if isinstance(values, str) else json.dumps(values), encoding="utf-8")
        return {"load_config": str(path)}

    return write


def test_the_seeds_own_example_is_accepted_and_says_what_it_does_not_read(written):
    config = resolve(
        written({"broker_plugin": "backtrader_simulation_broker", "strategy_plugin": "default_strategy", "global_latency": 1}), {}
    )
    assert config.make("broker") == SimulationBroker()
    assert config.notes == ("'global_latency' has no effect on this command and was left aside.",)


def test_command_line_beats_environment_beats_file_beats_default(written):
    file = written({"initial_cash": 1, "leverage": 2, "spread_pips": 3})
    found = resolve({**file, "initial_cash": "30"}, {"LTS_INITIAL_CASH": "20", "LTS_LEVERAGE": "50"}).settings["broker"]
    assert [found[key] for key in ("initial_cash", "leverage", "spread_pips", "slippage_pips")] == [
        (30.0, "command line"),
        (50.0, "environment"),
        (3.0, "file my_config.json"),
        (1.0, "plug-in default"),
    ]


def test_a_plugins_own_object_holds_its_keys(written):
    config = resolve(written({"strategy_config": {"stop_loss_pips": 20}, "broker_config": {"leverage": 5}}), {})
    assert config.make("strategy").stop_loss_pips == 20
    assert config.make("broker").leverage == 5.0


def test_a_key_of_two_plugins_must_say_whose_it_is(written):
    with pytest.raises(ConfigError, match="'leverage'.*strategy_config or broker_config"):
        resolve({**written({}), "strategy_plugin": "twin", "leverage": "3"}, {})
    config = resolve({"strategy_plugin": "twin", "strategy_config": '{"leverage": 3}'}, {})
    assert (config.make("strategy").leverage, config.make("broker").leverage) == (3.0, 100.0)


@pytest.mark.parametrize(
    ("text", "value"), [("false", False), ("true", True), ("0", False), ("1", True), ("no", False), ("yes", True)]
)
def test_yes_and_no_are_understood(text, value):
    assert resolve({"reverse": text}, {}).make("strategy").reverse is value


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("reverse", "maybe", "bool"),
        ("initial_cash", "much", "float"),
        ("stop_loss_pips", "2.5", "int"),
        ("spread_pips", "", "float"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(key, text, reason):
    with pytest.raises(ConfigError, match=f"'{key}' .command line.: was '{text}'; it must be {reason}"):
        resolve({key: text}, {})


def test_a_number_is_not_a_yes(written):
    with pytest.raises(ConfigError, match=r"'leverage' .*was True; it must be float"):
        resolve(written({"leverage": True}), {})


def test_an_unknown_key_is_refused_with_the_nearest(written):
    with pytest.raises(ConfigError, match=r"'initial_cahs' .file my_config.json.*Did you mean 'initial_cash'"):
        resolve(written({"initial_cahs": 1}), {})
    with pytest.raises(ConfigError, match=r"broker_config.levrage .*Did you mean 'leverage'"):
        resolve(written({"broker_config": {"levrage": 1}}), {})


def test_a_misspelt_variable_is_remarked_on_and_others_are_not():
    notes = resolve({}, {"LTS_INITIAL_CAHS": "5", "LTS_DATA": "x", "PATH": "y"}).notes
    assert len(notes) == 1
    assert "'LTS_INITIAL_CAHS'" in notes[0]
    assert "Did you mean 'LTS_INITIAL_CASH'" in notes[0]


def test_toml_is_read_too(written):
    assert resolve(written("initial_cash = 5\n[strategy_config]\nreverse = true\n", "c.toml"), {}).make("strategy").reverse is True


@pytest.mark.parametrize("text", ["{", "[1]", '{"leverage": 1, "leverage": 2}', "\udcff"])
def test_a_file_that_is_no_object_is_refused(tmp_path, text):
    path = tmp_path / "broken.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match="must be"):
        resolve({"load_config": str(path)}, {})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match="nowhere.json.*no such file"):
        resolve({"load_config": str(tmp_path / "nowhere.json")}, {})


def test_what_the_plugin_refuses_is_the_configurations_fault():
    with pytest.raises(ConfigError, match="default_strategy: position_size: was -1.0"):
        resolve({"position_size": "-1"}, {}).make("strategy")


def test_secrets_are_masked_when_shown_and_when_wrong(written):
    rows = resolve(written({"api_key": "abc123"}), {}).rows()
    assert ("strategy", "api_key", MASK, "file my_config.json") in rows
    assert masked("outer", {"access_token": "abc123", "open": [1]}) == {"access_token": MASK, "open": [1]}
    with pytest.raises(ConfigError) as caught:
        convert("access_token", "abc123", int, "environment")
    assert "abc123" not in str(caught.value)


def test_none_is_a_value_where_it_may_be():
    assert resolve({"pip_value": "none"}, {}).make("broker").pip_value is None
    assert resolve({"pip_value": "0.01"}, {}).make("broker").pip_value == 0.01
