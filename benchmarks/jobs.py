"""What is measured: one line a job."""

from __future__ import annotations

from typing import NamedTuple

PEERS = ("vectorbt", "raptorbt", "backtesting", "backtrader", "nautilus")  # each has peers/NAME.txt, and an environment made of it


class Job(NamedTuple):
    """One function on so many bars, in one environment.

    Attributes
    ----------
    name : str
        As the tables call it.
    where : str
        A peer, or "lts" for the environment that `make` built.
    target : str
        Module (in `benchmarks`) and function, which takes the bars and returns a Task, or its own figures.
    bars, quick_bars : int
        Slow engines get fewer: their figures are per bar. `quick_bars` with --quick.
    cold : bool
        Also timed as a whole process with 100,000 bars, or with `bars` if those are fewer.
    """

    name: str
    where: str
    target: str
    bars: int
    quick_bars: int
    cold: bool = False


MILLION = 1_000_000
BASE_A, BASE_C, BASE_BARS = "LTS, same bars object", "LTS, compiled", "LTS, replay in plain Python"  # what peers are divided by
LIMIT = "limit: the rule by hand in numba"

RULE_A = (
    Job(LIMIT, "lts", "limit:reversal", MILLION, MILLION, cold=True),
    Job(BASE_A, "lts", "ours:same_bars", MILLION, MILLION, cold=True),
    Job("LTS, new bars object each time", "lts", "ours:new_bars", MILLION, MILLION),
    Job("raptorbt arrays (two runs)", "raptorbt", "peers.raptorbt:arrays", MILLION, MILLION, cold=True),
    Job("vectorbt, Rust engine", "vectorbt", "peers.vectorbt:rust", MILLION, MILLION, cold=True),
    Job("vectorbt, numba engine", "vectorbt", "peers.vectorbt:compiled", MILLION, MILLION, cold=True),
    Job("backtesting.py", "backtesting", "peers.backtesting:reversal", 100_000, 20_000, cold=True),
    Job("nautilus_trader", "nautilus", "peers.nautilus:reversal", 20_000, 5_000, cold=True),
    Job("backtrader", "backtrader", "peers.backtrader:reversal", 20_000, 5_000, cold=True),
)
RULE_C = (
    Job(LIMIT, "lts", "limit:trailing", MILLION, MILLION),
    Job(BASE_C, "lts", "ours:trailing", MILLION, MILLION),
    Job("vectorbt from_order_func (numba)", "vectorbt", "peers.vectorbt:callback", MILLION, MILLION),
    Job(BASE_BARS, "lts", "ours:replayed", 100_000, 20_000),
    Job("raptorbt class", "raptorbt", "peers.raptorbt:bars", 50_000, 20_000),
    Job("backtesting.py next()", "backtesting", "peers.backtesting:trailing", 100_000, 20_000),
    Job("nautilus_trader on_bar", "nautilus", "peers.nautilus:trailing", 20_000, 5_000),
    Job("backtrader next()", "backtrader", "peers.backtrader:trailing", 20_000, 5_000),
)
PARTS = (
    Job("same", "lts", "parts:same", MILLION, MILLION),
    Job("limit", "lts", "parts:limit", MILLION, MILLION),
    Job("run", "lts", "parts:run", MILLION, MILLION),
    Job("rules", "lts", "parts:rules", MILLION, MILLION),
    Job("frames", "lts", "parts:frames", MILLION, MILLION),
)
COLD_BARS = 100_000
SLOW_TO_COMPILE = ("vectorbt, numba engine",)  # half a minute with an empty cache: not with --quick


def sizes(*, quick: bool) -> list[int]:
    """Return all numbers of bars that are needed, the largest first."""
    found = {job.quick_bars if quick else job.bars for job in (*RULE_A, *RULE_C, *PARTS)}
    return sorted(found | {COLD_BARS}, reverse=True)
