"""The Optuna study behind an optimisation: made or continued, and never mixed with another one."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError
from lts.research.code import code_digest
from lts.research.recipe import about_market

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lts.data.bars import Bars
    from lts.research.optimize.ranges import Range
    from lts.research.sweep.bench import Bench
    from lts.strategies.base import Strategy

ABOUT = "lts"  # the user attribute that says what a study is of


def library() -> Any:
    """Return Optuna, or say how to get it.

    Raises
    ------
    ParameterError
    """
    try:
        import optuna
    except ImportError as error:
        raise ParameterError(
            "optimize: the package optuna is not installed; it must be there. Run `pip install lts[optimize]`, or take lts.sweep."
        ) from error
    return optuna


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna's own log to its errors while the block runs."""
    optuna = library()
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def about(cls: type[Strategy], bars: Bars, ranges: Mapping[str, Range], objective: str, bench: Bench) -> dict[str, str]:
    """Return what a study is of, in words that can be compared."""
    market = about_market(bench.setup, bench.again, stated=bench.stated)
    del market["data"]  # told beside it
    return {
        "strategy": f"{cls.__module__}:{cls.__qualname__}",
        "code": str(code_digest(cls)),
        "data": bars.fingerprint,
        "ranges": json.dumps({name: list(one) for name, one in ranges.items()}, sort_keys=True, default=str),
        "objective": objective,
        "market": json.dumps(market, sort_keys=True, default=str),
    }


def study_of(storage: str | Path | None, name: str | None, sampler: Any, told: dict[str, str], *, best_is_least: bool) -> Any:
    """Return the study: a new one, or the one of this name that the storage holds.

    Raises
    ------
    ParameterError
        A storage that cannot be opened; a study of this name that is of something else.
    """
    optuna = library()
    place = None if storage is None else f"sqlite:///{Path(storage)}" if "://" not in str(storage) else str(storage)
    direction = "minimize" if best_is_least else "maximize"
    try:
        study = optuna.create_study(
            storage=place, study_name=name or ("lts" if place else None), sampler=sampler, direction=direction, load_if_exists=True
        )
    except Exception as error:
        why = str(getattr(error, "orig", None) or error)  # of SQLite; SQLAlchemy's own text is three lines of statement and link
        raise ParameterError(
            f"optimize, storage: {str(storage)!r} cannot be used ({why}); it must be an SQLite file of Optuna's, or a new name in "
            "a folder that can be written."
        ) from error
    known = study.user_attrs.get(ABOUT)
    if known is None:
        study.set_user_attr(ABOUT, told)
    elif known != told:
        other = ", ".join(key for key in told if known.get(key) != told[key])
        raise ParameterError(
            f"optimize, study: {study.study_name!r} in {str(storage)!r} has another {other}; to continue a study all must be the "
            "same. Give this one a name of its own with study=."
        )
    return study
