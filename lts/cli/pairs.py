"""The seed's command line: `--name value`, `--name=value`, a bare `--name` for yes; dashes and underscores are the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lts.cli.exits import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORT = {"-lc": "load_config", "-qm": "quiet_mode"}  # the seed's
OPTION = re.compile(r"--([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)


def is_seed_form(words: Sequence[str]) -> bool:
    """Tell whether the command has no verb but names a configuration file."""
    named = any(word == "-lc" or re.match(r"--load[_-]config(=|$)", word) for word in words)
    return named and words[0].startswith("-") and not {"-h", "--help"} & set(words)


def read_pairs(words: Sequence[str]) -> dict[str, str]:
    """Return names and texts of the options.

    Raises
    ------
    UsageError
        A word that belongs to no option, or an option that is stated twice.
    """
    pairs: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        found = OPTION.fullmatch(f"--{SHORT[word]}" if word in SHORT else word)
        if found is None:
            raise UsageError(f"Command line: {word!r} belongs to no option; options are --name value or --name=value.")
        name, value = found[1].replace("-", "_"), found[2]
        if value is None:
            value = rest.pop(0) if rest and not _is_option(rest[0]) else "true"
        if name in pairs:
            raise UsageError(f"Command line: --{name} was stated twice; it must be stated once. Delete one of the two.")
        pairs[name] = value
    return pairs


def named(pairs: dict[str, str]) -> dict[str, str]:
    """Return the pairs with short names written out: `--strategy` is `--strategy_plugin`.

    Raises
    ------
    UsageError
        Both names of one thing.
    """
    if "strategy" in pairs:
        if "strategy_plugin" in pairs:
            raise UsageError("Command line: --strategy and --strategy_plugin were both stated; they mean the same. Delete one.")
        pairs["strategy_plugin"] = pairs.pop("strategy")
    return pairs


def _is_option(word: str) -> bool:
    """A word like -10 is a value."""
    return word in SHORT or word.startswith("--")
