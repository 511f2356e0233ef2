"""`report`: one HTML page of a result that needs nothing else: no script, no network, no file beside it.

The same result gives the same bytes; no date is written unless the caller states one.
"""

from __future__ import annotations

import secrets
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError
from lts.research.report.page import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lts.research.result import Result

__all__ = ["page", "report"]


def report(
    result: Result, path: str | Path, *, recipe: Mapping[str, Any] | None = None, written: str | None = None, check: bool = True
) -> Path:
    """Write a result as one HTML file and return its path.

    Parameters
    ----------
    path : str or Path
        The file; one that is there is replaced. Its folder must be there.
    recipe : mapping or None
        What the page says the result was made of; None: `lts.research.saved.recipe(result)`.
    written : str or None
        A date that the page names as its own; None: none, so that the same result gives the same bytes.
    check : bool
        Check the strategy too (`lts.check`, in about two seconds) and show what was found; False: the page says that it was not.

    Raises
    ------
    ParameterError
        The path is a folder, or lies in a folder that is not there or cannot be written.
    """
    if not isinstance(path, str | PathLike):
        raise ParameterError(f"report: was {path!r}; it must be the path of a file, as 'report.html'.")
    target = Path(path)
    if target.is_dir():
        raise ParameterError(f"report {str(path)!r}: is a folder; it must be a file. Add a name such as report.html.")
    if not target.parent.is_dir():
        raise ParameterError(
            f"report {str(path)!r}: its folder was not found; it must be there. Make {str(target.parent)!r} first."
        )
    text = page(result, recipe=recipe, written=written, check=check)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")  # complete or not at all
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ParameterError(f"report {str(path)!r}: was not written ({error.strerror}); it must be writable.") from error
    return target
