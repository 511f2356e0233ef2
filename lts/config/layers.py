"""Where values come from: command line over environment over file. Each layer is a flat mapping with a name for messages."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.errors import ConfigError, near_miss

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PREFIX = "LTS_"
OTHERS = ("LTS_CACHE", "LTS_DATA", "LTS_HOME")  # read elsewhere: folders of compiled loops, of shared data, of what LTS keeps


class Layer(NamedTuple):
    """Keys and values of one source."""

    source: str
    values: Mapping[str, Any]


def environment(variables: Mapping[str, str], keys: Iterable[str]) -> Layer:
    """Return the `LTS_*` variables that name one of `keys`; those that are read elsewhere are no settings."""
    known = {name: key for key in keys if (name := PREFIX + key.upper()) not in OTHERS}
    return Layer("environment", {known[name]: value for name, value in variables.items() if name in known})


def strange_variables(variables: Mapping[str, str], keys: Iterable[str]) -> list[str]:
    """Return a remark on each `LTS_*` variable that nothing reads; it may belong to another program, so it is no error."""
    known = [*(PREFIX + key.upper() for key in keys), *OTHERS]
    return [
        f"{name!r} in the environment is no setting of this command and was left aside.{near_miss(name, known)}"
        for name in sorted(variables)
        if name.startswith(PREFIX) and name not in known
    ]


def read_file(path: Path) -> Layer:
    """Return the keys of a JSON or TOML file (by its ending; anything but .toml is JSON).

    Raises
    ------
    ConfigError
        The file is missing, cannot be read, or does not hold one object.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text, object_pairs_hook=_once)
    except FileNotFoundError:
        raise ConfigError(f"Configuration {str(path)!r}: there is no such file. Give the path of a JSON or TOML file.") from None
    except OSError as error:
        raise ConfigError(f"Configuration {str(path)!r}: cannot be read: {error.strerror}.") from error
    except ValueError as error:  # both parsers' errors, and text that is not UTF-8
        raise ConfigError(f"Configuration {str(path)!r}: {error}. It must be one JSON or TOML object in UTF-8.") from error
    if not isinstance(values, dict):
        raise ConfigError(f"Configuration {str(path)!r}: was a {type(values).__name__}; it must be one object of keys and values.")
    return Layer(f"file {path.name}", values)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that is stated twice, of which JSON would silently keep the last."""
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ConfigError(f"Configuration: key {key!r} was stated twice; it must be stated once. Delete one of the two.")
        values[key] = value
    return values
