"""The command line: data on stdout, log on stderr, one exit code for each kind of trouble."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lts.cli.exits import INTERRUPTED, exit_code
from lts.errors import LtsError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code.

    Parameters
    ----------
    words : sequence of str or None
        What follows `lts`; None is the process's own.
    """
    try:
        _dispatch(list(sys.argv[1:] if words is None else words))
    except LtsError as error:
        print(f"lts: {error}", file=sys.stderr)
        raise SystemExit(exit_code(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        sys.stderr.close()
        raise SystemExit(0) from None


def _dispatch(words: list[str]) -> None:
    """Send the seed's form (`lts --load_config FILE --name value`) to the backtest, all else to the verbs."""
    from lts.cli.pairs import is_seed_form

    if is_seed_form(words):
        from lts.cli.backtest import backtest

        backtest(words)
    else:
        from lts.cli.app import app

        app(words, prog_name="lts")
