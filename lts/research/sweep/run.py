"""`sweep`: a strategy over a grid of parameters."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError, near_miss
from lts.research import ledger
from lts.research.inputs import check_bars
from lts.research.stats.daily import DAYS
from lts.research.sweep import plan
from lts.research.sweep.bench import Bench, Job
from lts.research.sweep.collect import Collected, collect
from lts.research.sweep.engines import count_of, crew
from lts.research.sweep.grid import Grid, build, count
from lts.research.sweep.progress import telling
from lts.research.sweep.table import HEADLINE, Sweep, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lts.data.bars import Bars
    from lts.research.result import Result
    from lts.research.sweep.progress import Progress
    from lts.sim.costs import Costs
    from lts.sim.rates import RatesSettings
    from lts.strategies.base import Strategy
    from lts.words import Account

TRIED = 16  # sets whose features are looked at beforehand, until one has any


def sweep(
    cls: type[Strategy],
    bars: Bars,
    grid: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    where: Callable[[dict[str, Any]], Any] | None = None,
    objective: str | Callable[[Result], float] | None = None,
    costs: Costs | None = None,
    account: Account | None = None,
    intrabar: str = "worst",
    detail: Bars | None = None,
    stale_open: str = "open",
    close_at_end: bool = True,
    rates: RatesSettings | Mapping[str, Any] | None = None,
    trade_from: Any = None,
    ratios: bool = True,
    workers: Any = None,
    engine: str = "threads",
    progress: bool | Callable[[Progress], object] = True,
    confirm: bool = False,
) -> Sweep:
    """Run a strategy with many sets of parameters; each row of the table is what `run` would say, to the byte.

    Parameters
    ----------
    cls : type
        A strategy class, such as `lts.strategies.SmaCross`.
    bars : Bars
    grid : mapping of str to list, or list of mappings
        `{"fast": range(5, 50, 5), "slow": [50, 100]}`: every combination, the last parameter fastest. A list holds the sets one by
        one. Parameters that are not named keep their defaults.
    where : function of a dict, or None
        Which sets of the grid are meant: `lambda p: p["fast"] < p["slow"]`.
    objective : str, function of a Result, or None
        What `best` looks at. None: "sharpe". An id of the headline statistics. A function makes a number of each `Result`; it
        stands in the column `objective`, and each set then leaves a whole result for it, which takes longer.
    costs, account, intrabar, detail, stale_open, close_at_end, rates, trade_from
        As `run` takes them.
    ratios : bool
        False: sharpe, sortino and psr are nan; a large sweep on the fast path then takes half the time.
    workers : int, or None
        None: the cores that this process may use. With engine "dask" also a `distributed.Client` or the address of a scheduler.
    engine : "threads", "processes" or "dask"
        Who runs the sets; the table does not depend on it.
    progress : bool or function of `lts.research.sweep.Progress`
        True: a line on stderr where that is a terminal. A function is called after each chunk of sets.
    confirm : bool
        True lets a sweep begin that may take more than half a day or 4 GiB.

    Returns
    -------
    Sweep
        Ctrl-C returns what is done by then; `complete` is False, and rows that were not run are absent.

    Raises
    ------
    ParameterError
        An empty grid, an unknown parameter, a value of the wrong type, an enormous grid that was not confirmed. A set that the
        strategy itself refuses is no error of the sweep: its row carries the text in the column `error`.
    CompileError
        `decide` cannot be compiled.

    Examples
    --------
    >>> import lts
    >>> bars = lts.synthetic_bars("EUR_USD", "H1", n=2_000, seed=1)
    >>> found = lts.sweep(lts.strategies.SmaCross, bars, {"fast": [5, 10], "slow": [20, 40]}, progress=False)
    >>> len(found.table)
    4
    """
    check_bars("bars", bars)
    sets = count(cls, grid)
    wanted = count_of(workers, engine)
    by = _objective(objective)
    if not confirm and where is None:
        plan.refuse_enormous(plan.estimate(sets, len(bars), wanted))
    if not confirm and where is not None:
        plan.refuse_enormous(plan.estimate(sets, 1, wanted))  # all are looked at, whatever is kept
    made = build(cls, grid, where)
    if not confirm:
        plan.refuse_enormous(plan.estimate(made.size, len(bars), wanted))
    given: dict[str, Any] = {"costs": costs, "account": account, "intrabar": intrabar, "detail": detail, "stale_open": stale_open}
    given |= {"close_at_end": close_at_end, "rates": rates, "trade_from": trade_from}
    job = Job(made.space, bars, given, objective if callable(objective) else None, ratios)
    with telling(progress) as tell:
        bench = Bench(job, quiet=False)
        found = run_all(job, bench, made, engine, workers, by, tell)
    left = Sweep(cls, frame(made, found), names=made.space.names, objective=by, sets=made.size, bars=bars, given=given, bench=bench)
    left.stopped = found.stopped
    note(left, bench)
    return left


def note(found: Sweep, bench: Bench) -> None:
    """Write the sets that ran into the trial ledger."""
    ran = found.table[found.table["error"] == ""]
    sets: Any = {name: ran[name].to_numpy() for name in found.names} or [{}] * len(ran)
    start = int(bench.setup.stamps[bench.setup.start]) if bench.setup.start else None
    sharpe = ran["sharpe"].to_numpy(float) / sqrt(DAYS)
    ledger.record(found.bars, found.cls, sets, sharpe, len(bench.span.rows), kind="sweep", trade_from=start)


def run_all(job: Job, bench: Bench, grid: Grid, engine: str, workers: Any, by: str, tell: Any) -> Collected:
    """Have all sets run by workers of one kind."""
    reads = bench.look(grid, TRIED)
    count = count_of(workers, engine)
    own, together = job.objective is not None, bench.fast is not None
    cut = plan.chunks(grid, reads, len(bench.setup.stamps), len(bench.span.rows), count, own=own, together=together)
    hands = crew(job, bench, engine, workers)
    try:
        return collect(hands, grid, cut, len(bench.setup.stamps), by, tell)
    finally:
        hands.close()
        bench.rest()


def _objective(given: Any) -> str:
    """Return the column that tells which set is best."""
    if given is None:
        return "sharpe"
    if callable(given):
        return "objective"
    if given not in HEADLINE:
        raise ParameterError(
            f"sweep, objective: was {given!r}; it must be a function of a Result, or one of {', '.join(HEADLINE)}."
            f"{near_miss(str(given), HEADLINE)}"
        )
    return str(given)
