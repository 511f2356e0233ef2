"""Exit codes: one for each kind of trouble, the same for every verb. `MEANINGS` is what the help shows."""

from __future__ import annotations

from lts.errors import BarsError, ConfigError, InputError, LedgerError, LtsError, PluginError, RatesError, ResultError

OK, UNEXPECTED, USAGE, CONFIGURATION, DATA, BROKER, RISK_STOP, CHECK_FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 130

MEANINGS = {
    OK: "ok",
    UNEXPECTED: "unexpected",
    USAGE: "usage",
    CONFIGURATION: "configuration",
    DATA: "data",
    BROKER: "broker or network",
    RISK_STOP: "risk stop",
    CHECK_FAILED: "check failed",
    INTERRUPTED: "interrupted",
}

# The first that fits: data errors are input errors too.
CODES: tuple[tuple[type[LtsError], int], ...] = (
    (ConfigError, CONFIGURATION),
    (PluginError, CONFIGURATION),
    (BarsError, DATA),
    (RatesError, DATA),
    (ResultError, DATA),
    (LedgerError, DATA),
    (InputError, USAGE),
)


class UsageError(InputError):
    """Words on the command line that make no command."""


def exit_code(error: LtsError) -> int:
    """Return the exit code of an error."""
    return next((code for kind, code in CODES if isinstance(error, kind)), UNEXPECTED)
