"""The command line: data on stdout, log on stderr, one exit code for each kind of trouble."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from lts.cli.exits import INTERRUPTED, OK, exit_code
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
    if (
        "" not in sys.path
    ):  # a script does not look into the working folder; `python -m lts` does, and both shall find my_rules:Mine
        sys.path.append("")
    try:
        _dispatch(list(sys.argv[1:] if words is None else words))
    except LtsError as error:
        print(f"lts: {error}", file=sys.stderr)
        raise SystemExit(exit_code(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        raise SystemExit(OK) from None
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # typer's answer to it is 1
            raise SystemExit(OK) from None
        raise
    finally:
        _flush()


def _flush() -> None:
    """Write what is left. Where the reader has gone, as `head` goes, the rest goes nowhere, and the interpreter's end is quiet."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _dispatch(words: list[str]) -> None:
    """Send the seed's form (`lts --load_config FILE --name value`) to the backtest, all else to the verbs."""
    from lts.cli.pairs import is_seed_form

    if is_seed_form(words):
        from lts.cli.backtest import backtest

        backtest(words)
    else:
        from lts.cli.app import app

        app(words, prog_name="lts")
