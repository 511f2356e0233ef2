"""`check`: whether a strategy is causal at every bar, is warmed up, and keeps its profit under what a backtest leaves out.

Items, their figures and their thresholds:

| item | figure | passes | warns | fails |
|---|---|---|---|---|
| repeatable | 0 | same bars, same features, also after others | | otherwise |
| causality | share of bars examined | no value changed with the future | some bars were not examined | a value changed |
| warm_up | bars until values no longer depend on the first bar | settled before trading | trades were entered earlier, or values
  never settle | over a tenth of the trades were entered earlier, and any start needs about as many bars |
| costs | net profit at two times the costs | above zero | not | |
| delay | share of the profit with features one bar late | at least half | less | |
| ambiguous_bars | share of trades with an ambiguous bar | up to 5 % | more, or the path decides the sign | |
| break_even_spread | pips | at least 1.5 times what was paid | less | |
| noise | share of noisy runs with the same sign of profit | at least 80 % | less | |

`passed` = nothing failed. How causality is examined: `lts.research.check.causality`. Limits: what `decide` says is not examined,
for it is given nothing to look ahead with; data that `features` reads from files is not found; a feature that comes ready-made
from an array is believed to say at each bar what was known at its close.
"""

from __future__ import annotations

import warnings
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError
from lts.research.check import causality, combs, cuts
from lts.research.check.found import FAILED, PASSED, WARNING, CheckReport, Examined, Fault, Item
from lts.research.check.market import Market
from lts.research.check.money import items as money_items
from lts.research.check.outside import outside_of
from lts.research.check.plan import FULL, LARGE, REPORT, Plan, steps, usual_cost
from lts.research.check.probe import Difference, Probe
from lts.research.check.warm_up import Cold, cold_starts, warm_up
from lts.sim.checks import finite

if TYPE_CHECKING:
    from lts.data.bars import Bars
    from lts.research.check.causality import Study
    from lts.research.result import Result
    from lts.strategies.base import Strategy

__all__ = ["CheckReport", "Examined", "Fault", "Item", "check", "check_result", "report_check"]

SECONDS = 30.0
REPORT_SECONDS = 2.0  # a report is written often
PATIENCE = 15  # times the seconds after which a steady plan is broken off


def check(strategy: Strategy, bars: Bars, *, seconds: float = SECONDS, **market: Any) -> CheckReport:
    """Check a strategy: causality at every bar, warm-up, and what costs, delay, paths inside bars and noise do to its profit.

    Parameters
    ----------
    strategy : Strategy
        An instance.
    bars : Bars
        The history.
    seconds : float
        For causality; above 0. Where it is not enough for every bar, ends of weeks and days come first, the rest is spread over the
        data, and the report says how many bars were examined. The runs take their own time, some thirty of `run`.
    **market
        costs, account, intrabar, detail, stale_open, close_at_end, rates, trade_from as in `run`.

    Returns
    -------
    CheckReport
        Printable; `causal`, `warm_up_ok`, `passed`, `items`, `faults`.

    Raises
    ------
    ParameterError, BarsError, RatesError, CompileError
        What `run` would refuse; `seconds` that are no number above 0.
    """
    from lts.research.run import run

    given = finite(seconds)
    if given is None or given <= 0:
        raise ParameterError(f"check, seconds: was {seconds!r}; it must be a number above 0.")
    return check_result(run(strategy, bars, **market), seconds=given)


def check_result(result: Result, *, seconds: float = SECONDS, plan: Plan = FULL) -> CheckReport:
    """Check what a result was made of; `check` says what the parts mean.

    Parameters
    ----------
    result : Result
        Of `run`, `run_portfolio` or `replay`.
    seconds : float
        For causality, all sleeves together.
    plan : Plan
        How often each part is done.
    """
    began = perf_counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what a rule warns of on a short or odd history is no news
        share = seconds / len(result.strategies)
        parts = [_sleeve(strategy, bars, share, plan) for strategy, bars in zip(result.strategies, result.setup.bars, strict=True)]
        plan = min((part[4] for part in parts), key=lambda p: p.noise)
        market = Market(result)
        first = _merged([part[1] for part in parts])
        items = [
            *first,
            warm_up([part[2] for part in parts], market, plan),
            *money_items(market, [part[0].base for part in parts], plan),
        ]
    spent = perf_counter() - began
    faults = tuple(sorted((fault for part in parts for fault in part[3].faults), key=lambda f: f.row))
    names = " and ".join(repr(s) for s in result.strategies)
    return CheckReport(
        names, ", ".join(map(repr, result.setup.bars)), tuple(items), faults, _examined([part[3] for part in parts]), spent
    )


def report_check(result: Result) -> CheckReport | str:
    """Return the check that a result's report shows, made once; or why there is none.

    Its plan is fixed, not filled up to a time, so that a report keeps its bytes; what does not fit into `REPORT_SECONDS` is left
    out in large steps (`plan.steps`).
    """
    kept = vars(result)
    if "_checked" not in kept:
        try:
            kept["_checked"] = check_result(result, seconds=REPORT_SECONDS, plan=REPORT)
        except Exception as error:  # noqa: BLE001  (a strategy that ran once and raises now shall not cost its report)
            kept["_checked"] = f"{type(error).__name__}: {error}"
    found: CheckReport | str = kept["_checked"]
    return found


class Part(NamedTuple):
    """What is known of one sleeve."""

    probe: Probe
    items: list[Item]
    cold: Cold
    study: Study
    plan: Plan


def _sleeve(strategy: Strategy, bars: Bars, seconds: float, plan: Plan) -> Part:
    """Examine one strategy on its bars."""
    until = perf_counter() + seconds
    outside = outside_of(strategy, bars)
    probe = Probe(strategy, bars, outside)
    began = perf_counter()
    odd = causality.repeats(probe)
    cost = (perf_counter() - began) / 2.5
    if plan.steady:
        cost = usual_cost(cost, len(bars))
        until, plan = perf_counter() + PATIENCE * seconds, plan if steps(seconds / 2, cost) > 32 else LARGE
    study = causality.Study.of(
        probe, until, combs=steps(seconds / 2, cost) if plan.steady else None, whole=_whole(plan, seconds, cost)
    )
    cold = cold_starts(probe, plan.starts)
    if odd is None and probe.base and len(bars) > 2:
        causality.places(study, plan.places)
        _every_bar(study, cold, plan)
        odd = causality.repeats(probe)
    return Part(probe, [_repeatable(odd, probe), _causality(study, odd)], cold, study, plan)


def _whole(plan: Plan, seconds: float, cost: float) -> int:
    """Return how many bars are cut from a whole history in any case."""
    return min(cuts.WHOLE, steps(seconds / 4, cost)) if plan.steady else cuts.WHOLE


def _every_bar(study: Study, cold: Cold, plan: Plan) -> None:
    remembered = None if study.faults else combs.memory(study, plan.tried)
    if remembered is not None:
        combs.combed(study, remembered)
    if study.changed[:-1].mean() >= combs.ENOUGH:  # each bar has had another future: the cuts need not take all the time
        study.until = perf_counter() + study.left / 3
    if not study.faults:
        cuts.cuts(study, cold.settles, plan.cuts)


def _repeatable(odd: Difference | str | None, probe: Probe) -> Item:
    if odd is None:
        return Item("repeatable", PASSED, 0.0, "the same bars gave the same features, to the byte")
    if isinstance(odd, str):
        return Item("repeatable", FAILED, 1.0, f"the same bars were taken once and not again: {odd}")
    stamp = str(np.datetime64(int(probe.bars.time[odd.row]), "ns").astype("datetime64[s]")).replace("T", " ")
    said = (
        f"feature {odd.feature!r} was {odd.old:.10g}, and then {odd.new:.10g}, at {stamp} UTC (bar {odd.row:,}) for the same bars: "
        "hidden state or chance"
    )
    return Item("repeatable", FAILED, 1.0, said)


def _causality(study: Study, odd: Difference | str | None) -> Item:
    size = study.probe.size
    e = _examined([study])
    share = e.either / size
    if not study.probe.base:
        return Item("causality", PASSED, 1.0, "the strategy has no features; decide sees this and the previous closed bar only")
    if odd is not None:
        return Item(
            "causality", WARNING, nan_share(share), "could not be judged: features that do not repeat say nothing about time"
        )
    if study.faults:
        return Item("causality", FAILED, share, "; ".join(map(str, study.faults)))
    return Item("causality", *_clean(study, e, share))


def nan_share(share: float) -> float:
    """Return a share that means nothing as nan."""
    return share if share > 0 else float("nan")


def _clean(study: Study, e: Examined, share: float) -> tuple[str, float, str]:
    """Return status, figure and words of a study without faults."""
    size = e.bars
    every = e.either >= size - 1  # no future follows the last bar
    said = f"{'every bar' if every else f'{e.either:,} of {size:,} bars'} examined: "
    said += f"the future changed after {_count(e.changed, size - 1)}, cut off after {_count(e.cut, size)}"
    said += f" ({e.whole:,} with the history from its first bar)" if e.whole < e.cut else ""
    outside = study.probe.outside
    said += f"; with it what {', '.join(outside.names)} held beside the bars" if outside is not None else ""
    said += f"; differences of {study.probe.rounding:.0e} of a feature's size are rounding" if study.probe.rounding > 0 else ""
    status = PASSED if every else WARNING
    if study.unfit:
        longest = max(study.unfit)
        text = study.unfit[longest]
        if longest >= size:
            status, said = WARNING, f"{said}; on other quotes the strategy raised {text}"
        elif not study.whole[: longest - 1].any():
            status = PASSED if e.either + longest >= size - 1 else status
            said = f"{said}; histories of up to {longest:,} bars it refuses: {text}"
        else:
            return FAILED, share, f"{said}; it raised on {len(study.unfit):,} histories, the longest of {longest:,} bars: {text}"
    return status, share, said


def _count(some: int, of: int) -> str:
    return f"each of {of:,}" if some >= of else f"{some:,}"


def _merged(parts: list[list[Item]]) -> list[Item]:
    """Return the items of several sleeves as one each: the worst status, the least figure, all texts."""
    if len(parts) == 1:
        return parts[0]
    rank = (PASSED, WARNING, FAILED)
    merged = []
    for same in zip(*parts, strict=True):
        status = max((i.status for i in same), key=rank.index)
        texts = "; ".join(f"sleeve {k}: {i.text}" for k, i in enumerate(same, 1))
        merged.append(Item(same[0].name, status, min(i.figure for i in same), texts))
    return merged


def _examined(studies: list[Study]) -> Examined:
    total = [
        (
            s.probe.size,
            int(s.changed.sum()),
            int(s.cut.sum()),
            int(s.whole.sum()),
            int((s.changed | s.cut).sum()),
            s.probe.evaluations,
        )
        for s in studies
    ]
    return Examined(*(sum(column) for column in zip(*total, strict=True)))
