"""Where a picture goes: looked at before hours are spent on what it shows."""

from __future__ import annotations

from pathlib import Path

from lts.cli.exits import UsageError


def drawable(option: str, path: str | None, such_as: str) -> None:
    """Do nothing where a picture can be drawn there, or where none is wanted.

    Raises
    ------
    UsageError
        A folder that is not there, or an ending that is none of a picture.
    """
    if path is None:
        return
    from matplotlib.backend_bases import FigureCanvasBase

    file, known = Path(path), FigureCanvasBase.get_supported_filetypes()
    if not file.parent.is_dir():
        raise unwritable(option, path, f"its folder {str(file.parent)!r} was not found", such_as)
    if file.is_dir():
        raise unwritable(option, path, "it is a folder", such_as)
    if file.suffix and file.suffix[1:].lower() not in known:
        raise unwritable(option, path, f"{file.suffix} is no picture's ending", such_as)


def unwritable(option: str, path: str, why: object, such_as: str) -> UsageError:
    """Return what says that a picture cannot be drawn there."""
    return UsageError(f"Command line: {option} {path!r} cannot be written ({why}); it must be a file such as {such_as}.")
