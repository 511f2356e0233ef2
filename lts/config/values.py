"""Values as their parameters want them: text from a shell becomes numbers, yes and no, None; secrets are masked when shown."""

from __future__ import annotations

import json
import re
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from lts.errors import ConfigError

SECRET = re.compile(r"secret|token|password|passwd|api_key|private_key|credential", re.IGNORECASE)
MASK = "********"


class Setting(NamedTuple):
    """A value and the layer that stated it."""

    value: Any
    source: str


def convert(key: str, value: Any, wanted: Any, source: str) -> Any:
    """Return `value` as the type `wanted`.

    Raises
    ------
    ConfigError
        A value that is not one of that type. Secrets are not repeated.
    """
    from pydantic import TypeAdapter, ValidationError

    none_allowed = NoneType in get_args(wanted) and get_origin(wanted) in {Union, UnionType}
    if none_allowed and isinstance(value, str) and value.strip().lower() in {"", "none", "null"}:
        return None
    if isinstance(value, bool) and bool not in {wanted, *get_args(wanted)}:
        raise ConfigError(f"Configuration {key!r} ({source}): was {value!r}; it must be {_name(wanted)}, not true or false.")
    try:
        if get_origin(wanted) is dict and isinstance(value, str):
            value = json.loads(value)
        return TypeAdapter(wanted).validate_python(value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
    except ValueError as error:
        reason = f"It is no JSON object: {error}"
    raise ConfigError(f"Configuration {key!r} ({source}): was {masked(key, value)!r}; it must be {_name(wanted)}. {reason}.")


def masked(key: str, value: Any) -> Any:
    """Return `value`, or a mask where the key, or a key inside the value, names a secret."""
    if SECRET.search(key) and value not in {None, ""}:
        return MASK
    if isinstance(value, dict):
        return {name: masked(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(key, inner) for inner in value]
    return value


def _name(wanted: Any) -> str:
    return getattr(wanted, "__name__", str(wanted)) if get_origin(wanted) is None else str(wanted)
