"""From rounds to rows: medians of medians, and ratios that are taken round by round."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.jobs import Job

Round = dict[str, Any]  # what a worker printed, or {"failed": why}


class Ratio(NamedTuple):
    """How many times as long a peer took for a bar (and set): the median of the rounds, and the lowest and highest of them."""

    middle: float
    low: float
    high: float


class Row(NamedTuple):
    """One job over all rounds.

    Attributes
    ----------
    median_s, min_s : float
        Median of the rounds' medians; the fastest run of all.
    ns_a_bar : float
        median_s for one bar, of a sweep for one bar and set.
    first_s : float
        The first run in a process with a warm cache (the last round's).
    peak_mib : float
        Peak memory of a process after one run (the last round's).
    sets : int
        Of a sweep, else 1.
    path : str
        How LTS ran a sweep's sets.
    failed : str
        Why there are no figures; then all others are 0.
    """

    name: str
    bars: int
    median_s: float = 0.0
    min_s: float = 0.0
    ns_a_bar: float = 0.0
    first_s: float = 0.0
    peak_mib: float = 0.0
    trades: int = 0
    final: float = 0.0
    failed: str = ""
    ratio: Ratio | None = None
    sets: int = 1
    path: str = ""


def row(job: Job, bars: int, rounds: Sequence[Round], base: Sequence[Round] = ()) -> Row:
    """Summarise one job's rounds; one failed round fails the job.

    Parameters
    ----------
    rounds : sequence of dict
        One a round: bars, sets of a sweep, runs' median_s and min_s, first_s, peak_mib, trades, final, or failed.
    base : sequence of dict
        The rounds of the job that this one is compared with; none: no ratio.
    """
    failed = next((found["failed"] for found in rounds if "failed" in found), "")
    if failed:
        return Row(job.name, bars, failed=failed, sets=rounds[-1].get("sets", 1))
    middle, last = median(found["median_s"] for found in rounds), rounds[-1]
    sets = last.get("sets", 1)
    return Row(
        job.name,
        bars,
        middle,
        min(found["min_s"] for found in rounds),
        middle / bars / sets * 1e9,
        last["first_s"],
        last["peak_mib"],
        last["trades"],
        last["final"],
        ratio=ratio(rounds, base),
        sets=sets,
        path=last.get("path", ""),
    )


def ratio(rounds: Sequence[Round], base: Sequence[Round]) -> Ratio | None:
    """Return seconds a bar and set divided by the base's, round by round: neighbours in time share the machine's moods."""
    if not base or any("failed" in found for found in (*rounds, *base)):
        return None
    each = [_a_bar(found) / _a_bar(other) for found, other in zip(rounds, base, strict=True)]
    return Ratio(median(each), min(each), max(each))


def _a_bar(found: Mapping[str, Any]) -> float:
    return float(found["median_s"] / found["bars"] / found.get("sets", 1))


def rows(jobs: Sequence[Job], measured: Mapping[str, Sequence[Round]], bases: Mapping[str, str]) -> list[Row]:
    """Return a row for every job, in order.

    Parameters
    ----------
    measured : mapping of job name to rounds
    bases : mapping of job name to the job it is divided by
    """
    return [
        row(job, measured[job.name][-1].get("bars", job.bars), measured[job.name], measured.get(bases.get(job.name, ""), ()))
        for job in jobs
    ]
