"""Exit codes: 0 ok, 1 unexpected, 2 usage, 3 configuration, 4 data, 5 broker or network, 6 risk stop, 7 check failed."""

from __future__ import annotations

from lts.errors import BarsError, ConfigError, InputError, LtsError, PluginError, RatesError

UNEXPECTED, USAGE, CONFIGURATION, DATA, CHECK_FAILED, INTERRUPTED = 1, 2, 3, 4, 7, 130

# The first that fits: data errors are input errors too.
CODES: tuple[tuple[type[LtsError], int], ...] = (
    (ConfigError, CONFIGURATION),
    (PluginError, CONFIGURATION),
    (BarsError, DATA),
    (RatesError, DATA),
    (InputError, USAGE),
)


class UsageError(InputError):
    """Words on the command line that make no command."""


def exit_code(error: LtsError) -> int:
    """Return the exit code of an error."""
    return next((code for kind, code in CODES if isinstance(error, kind)), UNEXPECTED)
