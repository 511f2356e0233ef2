"""Errors say what, where, what was found, what is required, and what to do.

LtsError
  InputError (ValueError)     ParameterError, BarsError, RatesError, InstrumentError, ResultError,
                              LedgerError
  StrategyError               a strategy that answered with something other than a decision
  CompileError                a strategy that numba cannot compile; names the line and the cure
  ConfigError                 configuration files, environment, command line
  PluginError                 unknown or broken plug-ins
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class LtsError(Exception):
    """Root of all errors that LTS raises on purpose."""


class InputError(LtsError, ValueError):
    """What the caller gave cannot be right."""


class ParameterError(InputError):
    """A parameter's name or value."""


class BarsError(InputError):
    """Bars or ticks: names the row and the value."""


class RatesError(InputError):
    """A conversion rate is missing or too old."""


class InstrumentError(InputError):
    """An unknown or impossible instrument."""


class ResultError(InputError):
    """A kept result that is damaged, or a folder of results that cannot be written."""


class LedgerError(InputError):
    """The trial ledger cannot be read or written."""


class CompileError(LtsError):
    """A strategy's `decide` cannot be compiled."""


class StrategyError(LtsError):
    """A strategy that answered with something other than a decision."""


class ConfigError(LtsError):
    """A configuration key or value."""


class PluginError(LtsError):
    """A plug-in that is unknown, ambiguous or broken."""


class DataWarning(UserWarning):
    """Data that can be used, but that says less than it seems to."""


class LedgerWarning(UserWarning):
    """The trial ledger could not be written; the run itself is whole."""


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the closest known name, or an empty string."""
    close = get_close_matches(str(name), list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
