"""How answers look: aligned columns or JSON on stdout, remarks on stderr."""

from __future__ import annotations

import json
import math
import sys
import warnings
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


def say(text: str) -> None:
    """Write a remark for the person at the terminal."""
    print(f"lts: {text}", file=sys.stderr)


@contextmanager
def remarks(*, quiet: bool = False) -> Iterator[None]:
    """Write warnings as remarks while the block runs, without the place in our own code that Python would name; or not at all."""

    def shown(message: Warning | str, *_: Any, **__: Any) -> None:
        if not quiet:
            say(str(message))

    with warnings.catch_warnings():
        warnings.showwarning = shown
        yield


def table(rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as aligned columns."""
    texts = [[cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def as_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write JSON: nan and infinity become null, numpy's and pandas' values plain ones, moments ISO 8601."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """Return a value of plain JSON types."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):  # a moment is one too
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def cell(value: Any) -> str:
    """Return a value as a person reads it."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        if math.isnan(value):
            return "none"
        return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.6g}"
    return str(value)
