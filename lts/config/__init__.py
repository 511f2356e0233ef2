"""Configuration: command line over `LTS_*` environment over file over plug-in defaults over the house's defaults.

Keys are flat, as in the seed; `strategy_config` and `broker_config` hold a plug-in's own keys where a flat one would be ambiguous.
Every key works, or is refused with the nearest known one, or is one of the seed's that this version does not read, and is reported
as such.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.config.keys import SEED_KEYS
from lts.config.layers import Layer, environment, read_file, strange_variables
from lts.config.values import Setting, convert, masked
from lts.errors import ConfigError, ParameterError, near_miss
from lts.plugins import Parameter, load, parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HOUSE", "Config", "resolve"]

HOUSE = {
    "load_config": Parameter(str, ""),  # JSON or TOML file
    "strategy_plugin": Parameter(str, "default_strategy"),
    "broker_plugin": Parameter(str, "backtrader_simulation_broker"),
    "strategy_config": Parameter(dict[str, Any], {}),
    "broker_config": Parameter(dict[str, Any], {}),
    "quiet_mode": Parameter(bool, default=False),
    "ledger": Parameter(bool, default=True),  # count what is run; LTS_LEDGER does the same for the library
}
KINDS = {"strategy": "strategies", "broker": "brokers"}
SOURCES = ("data", "sample", "catalog")  # each of them calls for the market in the library's own words
PLAIN = "lts.brokers.plain:PlainBroker"


class Config(NamedTuple):
    """What was decided: the house's settings, each plug-in with its own, and what deserves a remark."""

    house: dict[str, Setting]
    plugins: dict[str, type[Any]]
    settings: dict[str, dict[str, Setting]]
    notes: tuple[str, ...]

    def make(self, role: str) -> Any:
        """Return the plug-in of a role ("strategy", "broker"), built with its settings.

        Raises
        ------
        ConfigError
            The plug-in refuses a value.
        """
        values = {key: setting.value for key, setting in self.settings[role].items()}
        try:
            return self.plugins[role](**values)
        except ParameterError as error:
            raise ConfigError(f"Configuration of {self.house[f'{role}_plugin'].value}: {error}") from error

    def rows(self) -> list[tuple[str, str, Any, str]]:
        """Return (section, key, value, source) of everything, secrets masked."""
        sections = {
            "house": {k: s for k, s in self.house.items() if not k.endswith("_config") or k == "load_config"},
            **self.settings,
        }
        return [(name, key, masked(key, s.value), s.source) for name, found in sections.items() for key, s in found.items()]


def resolve(command: Mapping[str, Any], variables: Mapping[str, str]) -> Config:
    """Return the configuration that command line, environment and file make together.

    Parameters
    ----------
    command : mapping
        Keys and values from the command line; text is converted.
    variables : mapping
        The process environment.

    Raises
    ------
    ConfigError, PluginError
        An unknown key, name or file, or a value of the wrong type.
    """
    layers = [Layer("command line", command), environment(variables, (*HOUSE, *SOURCES))]
    path = _house(layers)["load_config"].value
    if path:
        layers.append(read_file(Path(path)))
    called = next((name for name in SOURCES if any(name in layer.values for layer in layers)), None)
    if called:
        layers.append(Layer(f"because of {called!r}", {"broker_plugin": PLAIN}))
    house = _house(layers)
    plugins = {role: load(kind, house[f"{role}_plugin"].value) for role, kind in KINDS.items()}
    declared = {role: parameters(plugin) for role, plugin in plugins.items()}
    keys = {key for section in (HOUSE, *declared.values()) for key in section}
    layers[1] = environment(variables, keys)
    notes = [f"{key!r} has no effect on this command and was left aside." for key in _check_keys(layers, declared)]
    notes += strange_variables(variables, keys)
    settings = {role: _section(role, layers, wanted) for role, wanted in declared.items()}
    return Config(house, plugins, settings, tuple(notes))


def _house(layers: list[Layer]) -> dict[str, Setting]:
    return _pick(HOUSE, layers, "default")


def _section(role: str, layers: list[Layer], wanted: dict[str, Parameter]) -> dict[str, Setting]:
    """Return a plug-in's settings; within one layer its own object says more than a flat key."""
    own = f"{role}_config"
    merged = []
    for source, values in layers:
        inner = convert(own, values.get(own, {}), dict[str, Any], source)
        for key in inner:
            if key not in wanted:
                hint = near_miss(key, wanted)
                raise ConfigError(
                    f"Configuration {own}.{key} ({source}): there is no such key; known are {', '.join(wanted)}.{hint}"
                )
        merged.append(Layer(source, {**{key: values[key] for key in wanted if key in values}, **inner}))
    return _pick(wanted, merged, "plug-in default")


def _pick(wanted: Mapping[str, Parameter], layers: list[Layer], otherwise: str) -> dict[str, Setting]:
    """Return the first layer's word on every key, converted, or the default."""
    picked = {}
    for key, parameter in wanted.items():
        source, values = next((layer for layer in layers if key in layer.values), (otherwise, {}))
        value = convert(key, values[key], parameter.type, source) if values else parameter.default
        picked[key] = Setting(value, source)
    return picked


def _check_keys(layers: list[Layer], declared: dict[str, dict[str, Parameter]]) -> list[str]:
    """Refuse unknown and ambiguous keys; return those of the seed that nothing reads."""
    flat = {key for keys in declared.values() for key in keys}
    unread = []
    for source, values in layers:
        for key in values:
            owners = [role for role, keys in declared.items() if key in keys]
            if len(owners) > 1:
                places = " or ".join(f"{role}_config" for role in owners)
                raise ConfigError(f"Configuration {key!r} ({source}): several plug-ins have it; state it in {places}.")
            if owners or key in HOUSE:
                continue
            if key not in SEED_KEYS:
                raise ConfigError(
                    f"Configuration {key!r} ({source}): there is no such key; see `lts config show` for all of them."
                    f"{near_miss(key, flat | HOUSE.keys() | SEED_KEYS)}"
                )
            unread.append(key)
    return unread
