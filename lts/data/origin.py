"""Where bars come from, in plain JSON values, and how to have the same bars again.

An origin is a dict: `kind` ("file", "ticks", "sample", "synthetic", "catalog"), the arguments of that reader, and under `then` what
was done afterwards, in order: ["cut", start, stop] (ns UTC, stop excluded), ["rows", start, stop] (ticks), ["resample", "D1",
{"anchor": ...}], ["to_bars", "H1", {...}]. Bars of frames and arrays have no origin (None), nor have those that were read with an
argument JSON cannot hold. An origin is a direction, no promise: whoever reads bars again compares `Bars.fingerprint`.
"""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from lts.errors import BarsError, InstrumentError, near_miss
from lts.instruments import Instrument, instrument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lts.data.bars import Bars

Origin = dict[str, Any]


def made_by(kind: str, **given: Any) -> Origin | None:
    """Return the origin of a reader's bars; None where an argument is no plain value. What was not stated (None) is left out."""
    try:
        return {"kind": kind, **{name: _plain(value) for name, value in given.items() if value is not None}}
    except TypeError:
        return None


def of_files(kind: str, source: Any, **given: Any) -> Origin | None:
    """Return the origin of what was read from a path, or from a path of bids and one of asks; None for anything else."""
    two = dict(zip(("bid", "ask"), source, strict=True)) if isinstance(source, (tuple, list)) and len(source) == 2 else source
    if isinstance(two, dict):
        if not all(isinstance(path, (str, Path)) for path in two.values()):
            return None
        return made_by(kind, source={str(side).lower(): _absolute(path) for side, path in two.items()}, **given)
    return made_by(kind, source=_absolute(two), **given) if isinstance(two, (str, Path)) else None


def then(origin: Origin | None, *step: Any) -> Origin | None:
    """Return the origin of what one more step made of its bars."""
    return None if origin is None else {**origin, "then": [*origin.get("then", []), list(step)]}


def reopen(origin: Mapping[str, Any]) -> Bars:
    """Return the bars of an origin, as the source has them today.

    Raises
    ------
    BarsError
        The source is gone or cannot be read, or the origin is none that this LTS knows.
    """
    given = dict(origin)
    kind, steps = given.pop("kind", None), given.pop("then", [])
    openers: dict[Any, Callable[..., Any]] = {
        "file": _file, "ticks": _ticks, "sample": _sample, "synthetic": _synthetic, "catalog": _catalog,
    }  # fmt: skip
    if kind not in openers:
        raise BarsError(f"origin: was of kind {kind!r}; it must be one of {', '.join(openers)}.{near_miss(str(kind), openers)}")
    try:
        made: Any = openers[kind](**{name: _named(name, value) for name, value in given.items()})
        for step in steps:
            made = _step(made, *step)
    except TypeError as error:
        raise BarsError(
            f"origin of kind {kind!r}: cannot be read ({error}); a newer LTS may have written it. Update lts."
        ) from error
    found: Bars = made
    return found


def _file(source: Any, **given: Any) -> Any:
    from lts.data.read import read_bars

    return read_bars(source, **given)


def _ticks(source: Any, **given: Any) -> Any:
    from lts.data.ticks import read_ticks

    return read_ticks(source, **given)


def _sample(sample: str, **given: Any) -> Any:
    from lts.data import samples

    if sample not in samples.__all__:
        raise BarsError(f"origin: was of sample {sample!r}; it must be one of {', '.join(samples.__all__)}. Update lts.")
    return getattr(samples, sample)(**given)


def _synthetic(**given: Any) -> Any:
    from lts.data.synthetic import synthetic_bars

    return synthetic_bars(**given)


def _catalog(folder: str | None = None, **given: Any) -> Any:
    from lts.data.catalog import Catalog

    return Catalog(folder).bars(**given)


def _step(made: Any, what: str, *how: Any) -> Any:
    if what == "cut":
        what, how = "rows", tuple(np.searchsorted(made.time, how).tolist())
    if what == "rows":
        return made[how[0] : how[1]]
    if what in ("resample", "to_bars"):
        return getattr(made, what)(how[0], **how[1])
    raise BarsError(f"origin: has the step {what!r}; it must be cut, rows, resample or to_bars. Update lts.")


def _absolute(path: str | Path) -> str:
    return str(Path(path).expanduser().resolve())


def _plain(value: Any) -> Any:
    """Return an argument as plain JSON values; TypeError where it is none."""
    from lts.data.layouts import Layout
    from lts.data.spread import SpreadProfile

    if isinstance(value, Instrument):
        return value.name if _is_listed(value) else asdict(value)
    if isinstance(value, SpreadProfile):
        return {"pips": value.pips.tolist(), "source": value.source}
    value = asdict(value) if isinstance(value, Layout) else value
    if hasattr(value, "items"):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        value = value.item()
    value = value.key if isinstance(value, ZoneInfo) else value
    if value is None or isinstance(value, (bool, int, str)) or (isinstance(value, float) and isfinite(value)):
        return value
    raise TypeError(f"was a {type(value).__name__}")


def _named(name: str, value: Any) -> Any:
    """Return an argument as its reader takes it."""
    from lts.data.spread import SpreadProfile

    if name in ("instrument", "name") and isinstance(value, dict):
        return Instrument(**value)
    if name == "spread" and isinstance(value, dict):
        return SpreadProfile(np.array(value["pips"], np.float64), value["source"])
    return value


def _is_listed(pair: Instrument) -> bool:
    try:
        return instrument(pair.name) == pair
    except InstrumentError:
        return False
