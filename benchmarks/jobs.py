"""What is measured: one line a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        Module (in `benchmarks`) and function, which takes the bars (and the number of sets, of a sweep) and returns a Task, or its
        own figures.
    bars, quick_bars : int
        Slow engines get fewer: their figures are per bar. `quick_bars` with --quick.
    cold : bool
        Also timed as a whole process with 100,000 bars, or with `bars` if those are fewer.
    sets, quick_sets : int
        Of parameters, if it is a sweep; slow engines get fewer: their figures are per bar and set.
    cores : int
        What the process may use.
    """

    name: str
    where: str
    target: str
    bars: int
    quick_bars: int
    cold: bool = False
    sets: int = 0
    quick_sets: int = 0
    cores: int = 1


MILLION = 1_000_000
BASE_A, BASE_C, BASE_BARS = "LTS, same bars object", "LTS, compiled", "LTS, replay in plain Python"  # what peers are divided by
BASE_B = "LTS, money statistics"
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
RULE_B = (
    Job(
        "limit: the rule by hand in numba, set by set", "lts", "limit_sweep:one_by_one", MILLION, 100_000, sets=100, quick_sets=100
    ),
    Job(BASE_B, "lts", "ours_sweep:money", MILLION, 100_000, sets=1_000, quick_sets=1_000),
    Job("LTS, Sharpe and all other statistics", "lts", "ours_sweep:ratios", MILLION, 100_000, sets=1_000, quick_sets=1_000),
    Job("LTS, money statistics, 240 exits a pair", "lts", "ours_sweep:money", MILLION, 100_000, sets=24_000, quick_sets=2_400),
    Job(
        "LTS, money statistics, two threads",
        "lts",
        "ours_sweep:two_threads",
        MILLION,
        100_000,
        sets=1_000,
        quick_sets=1_000,
        cores=2,
    ),
    Job("LTS, the same rule in its own decide", "lts", "ours_sweep:own_decide", MILLION, 100_000, sets=20, quick_sets=20),
    Job("LTS, rule C", "lts", "ours_sweep:trailing", MILLION, 100_000, sets=20, quick_sets=20),
    Job("raptorbt batch", "raptorbt", "peers.raptorbt_sweep:batch", 100_000, 20_000, sets=200, quick_sets=20),
    Job("raptorbt batch, two cores", "raptorbt", "peers.raptorbt_sweep:batch", 100_000, 20_000, sets=200, quick_sets=20, cores=2),
    Job("vectorbt Rust, one set a call", "vectorbt", "peers.vectorbt_sweep:rust_loop", MILLION, 100_000, sets=20, quick_sets=10),
    Job("vectorbt Rust, 100 columns a call", "vectorbt", "peers.vectorbt_sweep:rust", 100_000, 20_000, sets=200, quick_sets=20),
    Job(
        "vectorbt numba, one set a call", "vectorbt", "peers.vectorbt_sweep:compiled_loop", MILLION, 100_000, sets=20, quick_sets=5
    ),
    Job(
        "vectorbt numba, 100 columns a call", "vectorbt", "peers.vectorbt_sweep:compiled", 100_000, 20_000, sets=200, quick_sets=20
    ),
    Job("backtesting.py optimize", "backtesting", "peers.backtesting_sweep:optimize", 50_000, 20_000, sets=9, quick_sets=4),
    Job(
        "backtesting.py optimize, two cores",
        "backtesting",
        "peers.backtesting_sweep:optimize",
        50_000,
        20_000,
        sets=9,
        quick_sets=4,
        cores=2,
    ),
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
SAME_SETS = Job("same sets", "lts", "parts:same_sets", MILLION, 100_000)  # what LTS comes to on the sets and bars of each peer
COLD_BARS = 100_000
SLOW_TO_COMPILE = ("vectorbt, numba engine",)  # half a minute with an empty cache: not with --quick


def rules(only: Sequence[str]) -> dict[str, tuple[Job, ...]]:
    """Return the rules that are asked for: their jobs by name, in the page's order."""
    return {f"rule_{name.lower()}": several for name, several in (("A", RULE_A), ("C", RULE_C), ("B", RULE_B)) if name in only}


def sizes(several: Iterable[Job], *, quick: bool) -> list[int]:
    """Return all numbers of bars that are needed, the largest first."""
    return sorted({job.quick_bars if quick else job.bars for job in several} | {COLD_BARS}, reverse=True)
