"""`optimize`: parameters chosen by Optuna, batch by batch, each batch one sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError, near_miss
from lts.research.inputs import check_bars
from lts.research.optimize.outcome import Optimization
from lts.research.optimize.ranges import distributions, ranges_of
from lts.research.optimize.search import Search
from lts.research.optimize.study import about, library, quiet, study_of
from lts.research.sweep.bench import Bench, Job
from lts.research.sweep.grid import build
from lts.research.sweep.progress import Progress, telling
from lts.research.sweep.ranking import SMALL
from lts.research.sweep.run import sweep
from lts.research.sweep.table import HEADLINE
from lts.sim.checks import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lts.data.bars import Bars
    from lts.strategies.base import Strategy

BATCH = 16  # sets asked for at a time: whatever the workers, so that the same seed gives the same table
SEEDS = 2**32 - 1  # the largest that Optuna's sampler takes
USUAL = {
    "costs": None, "account": None, "intrabar": "worst", "detail": None, "stale_open": "open", "close_at_end": True, "rates": None,
    "trade_from": None,
}  # fmt: skip


def optimize(
    cls: type[Strategy],
    bars: Bars,
    ranges: Mapping[str, Any],
    *,
    objective: str = "sharpe",
    n: int = 200,
    batch: int = BATCH,
    seed: int = 0,
    storage: str | Path | None = None,
    study: str | None = None,
    sampler: Any = None,
    where: Callable[[dict[str, Any]], Any] | None = None,
    workers: Any = None,
    engine: str = "threads",
    progress: bool | Callable[[Progress], object] = True,
    **market: Any,
) -> Optimization:
    """Search for the best parameters where a grid would be too large.

    Parameters
    ----------
    cls, bars, workers, engine
        As `sweep` takes them.
    ranges : mapping
        Of parameters: (low, high), (low, high, step), a range, or a list of choices; ends included. Whole numbers step by 1.
    objective : str
        An id of the headline statistics; the direction is known.
    n : int
        Different sets to run in all, those of a continued study included.
    batch : int
        Sets asked for at a time. Small batches learn sooner, large ones use more workers; the table depends on it.
    seed : int
        Of the sampler: the same seed, the same table.
    storage, study : path and name
        Keep the study in an SQLite file, and continue it there; the name is "lts" unless stated.
    sampler : optuna sampler or None
        None: Optuna's tree-structured Parzen estimator.
    where : function of a set, or None
        Which sets are meant; the others are told to Optuna as failed, and do not count.
    progress : bool or function
        As `sweep` takes it; told after each batch.
    **market
        costs, account, intrabar, detail, stale_open, close_at_end, rates, trade_from as in `run`.

    Returns
    -------
    Optimization
        Ctrl-C returns what is done by then; `complete` is False.

    Raises
    ------
    ParameterError
        Ranges, objective or numbers that cannot be; optuna is not installed; a study of something else.

    References
    ----------
    Akiba, T. et al. (2019), Optuna: a next-generation hyperparameter optimization framework, KDD; Bergstra, J. et al. (2011),
    Algorithms for hyper-parameter optimization, NIPS.
    """
    check_bars("bars", bars)
    checked = ranges_of(cls, ranges)
    _check(objective, n=n, batch=batch)
    if (whole(seed) is None or not 0 <= seed <= SEEDS) and sampler is None:
        raise ParameterError(f"optimize, seed: was {seed!r}; it must be a whole number from 0 to {SEEDS}.")
    given = {name: market.pop(name, default) for name, default in USUAL.items()}
    if market:
        name, known = next(iter(market)), ", ".join(USUAL)
        raise ParameterError(f"optimize has no parameter {name!r}; of the market it has {known}.{near_miss(name, USUAL)}")
    optuna = library()
    bench = Bench(Job(build(cls, [{}], None).space, bars, given, None), quiet=False)
    told = about(cls, bars, checked, objective, bench)
    with quiet(), telling(progress) as tell:
        kept = study_of(storage, study, sampler or optuna.samplers.TPESampler(seed=seed), told, best_is_least=objective in SMALL)
        kinds = {name: cls.parameters[name].type for name in checked}
        search = Search(kept, distributions(checked, kinds), where, objective)
        how = {"objective": objective, "workers": workers, "engine": engine, "progress": False, **given}
        search.go(lambda sets: sweep(cls, bars, sets, **how), n, batch, len(bench.setup.stamps), tell)
    asked = n if search.stopped else len(search.rows)
    return Optimization(cls, bars, given, search.table(), names=tuple(checked), by=objective, study=kept, sets=asked)


def _check(objective: Any, **numbers: Any) -> None:
    if objective not in HEADLINE:
        raise ParameterError(
            f"optimize, objective: was {objective!r}; it must be one of {', '.join(HEADLINE)}.{near_miss(str(objective), HEADLINE)}"
        )
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ParameterError(f"optimize, {name}: was {value!r}; it must be a whole number of at least 1.")
