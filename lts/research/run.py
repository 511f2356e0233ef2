"""`run` and `run_portfolio`: strategies over bars, compiled."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import CompileError, ParameterError, near_miss
from lts.research.inputs import beside_detail, check_bars, check_sleeves, features_of, options_of
from lts.research.result import Result
from lts.research.setup import Setup, prepare
from lts.sim import layout as at
from lts.strategies.base import memory_dtype, new_memory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.sim.costs import Costs
    from lts.sim.loop import Rule
    from lts.sim.memory import Memory
    from lts.sim.rates import RatesSettings
    from lts.strategies.base import Strategy
    from lts.words import Account

CHUNK = 1 << 22  # stamps between two looks at Ctrl-C


def run(
    strategy: Strategy,
    bars: Bars,
    *,
    costs: Costs | None = None,
    account: Account | None = None,
    intrabar: str = "worst",
    detail: Bars | None = None,
    stale_open: str = "open",
    close_at_end: bool = True,
    rates: RatesSettings | Mapping[str, Any] | None = None,
    trade_from: Any = None,
    jit: bool = True,
) -> Result:
    """Run a strategy over bars.

    Parameters
    ----------
    strategy : Strategy
        An instance, for example `SmaCross(fast=20, slow=100)`.
    bars : Bars
        From `read_bars`, `samples`, `synthetic_bars`.
    costs : Costs or None
        None: the bars' own spread and nothing else, and the result says so.
    account : Account or None
        None: 10,000 USD, the instrument's margin rate, netting.
    intrabar : "worst", "best", "ohlc" or "detail"
        Which path is assumed where the path inside a bar decides.
    detail : Bars or None
        Finer bars; given, ambiguous bars are decided by them.
    stale_open : "open" or "worst"
        "worst": on the first bar after a closure takers fill at the bar's worse side.
    close_at_end : bool
        Close what is open at the last close, reason END.
    rates : mapping, RatesSettings or None
        Conversion to the account's currency: `{"GBP_USD": bars}` or `{"GBP": 1.27}`.
    trade_from : str, datetime or None
        Bars before it warm the features up; nothing is decided before it.
    jit : bool
        False: `decide` runs as plain Python, under a debugger if you like; same result, to the byte.

    Returns
    -------
    Result

    Raises
    ------
    CompileError
        `decide` cannot be compiled; names the line and the cure.
    ParameterError, BarsError, RatesError
        Input that cannot be right.
    """
    given: dict[str, Any] = {"costs": costs, "account": account, "intrabar": intrabar, "detail": detail, "stale_open": stale_open}
    given |= {"close_at_end": close_at_end, "rates": rates, "trade_from": trade_from}
    setup, again, stated = prepare_one(bars, given)
    result = execute(setup, [strategy], [1.0], again, stated_costs=stated, jit=jit)
    _note(result)
    return result


def prepare_one(bars: Bars, given: Mapping[str, Any]) -> tuple[Setup, dict[str, Any], bool]:
    """Return the market of one instrument, what running again needs, and whether costs were stated."""
    known = ("costs", "account", "intrabar", "detail", "stale_open", "close_at_end", "rates", "trade_from")
    for name in given:
        if name not in known:
            raise ParameterError(f"run has no parameter {name!r}; it has {', '.join(known)}.{near_miss(name, known)}")
    detail, rates = given.get("detail"), given.get("rates")
    check_bars("bars", bars)
    policy = given.get("intrabar", "worst")
    if detail is not None:
        check_bars("detail", detail)
        policy = beside_detail(policy)
    ends = (given.get("stale_open", "open"), given.get("close_at_end", True), given.get("trade_from"))
    options = options_of(given.get("costs"), given.get("account"), policy, *ends)
    setup = prepare([bars], options, rates, None if detail is None else {bars.instrument.name: detail})
    return setup, {"rates": rates, "detail": detail}, given.get("costs") is not None


def run_portfolio(
    sleeves: Mapping[str, tuple[Strategy, Bars]],
    *,
    costs: Costs | None = None,
    account: Account | None = None,
    allocation: Mapping[str, float] | None = None,
    intrabar: str = "worst",
    detail: Mapping[str, Bars] | None = None,
    stale_open: str = "open",
    close_at_end: bool = True,
    rates: RatesSettings | Mapping[str, Any] | None = None,
    trade_from: Any = None,
    jit: bool = True,
) -> Result:
    """Run several strategies on one account and one clock; equal stamps go in the order given.

    Parameters
    ----------
    sleeves : mapping of instrument name to (strategy, bars)
        All bars of one timeframe.
    allocation : mapping of instrument name to float, or None
        Factor on the units of that sleeve's decisions; 1 where it is not named.
    detail : mapping of instrument name to finer bars, or None

    Other parameters, results and errors as in `run`.
    """
    shares = check_sleeves(sleeves, allocation, detail)
    options = options_of(costs, account, beside_detail(intrabar) if detail else intrabar, stale_open, close_at_end, trade_from)
    setup = prepare([bars for _, bars in sleeves.values()], options, rates, detail)
    factors = [float(shares.get(name, 1.0)) for name in sleeves]
    again = {"rates": rates, "detail": detail}
    result = execute(setup, [s for s, _ in sleeves.values()], factors, again, stated_costs=costs is not None, jit=jit)
    _note(result)
    return result


def _note(result: Result) -> None:
    """Count what a user has run; what LTS runs for itself (again, bar by bar, under another path) goes by `execute`."""
    from lts.research.ledger import note

    note(result)


def execute(
    setup: Setup, strategies: Sequence[Strategy], factors: Sequence[float], again: dict[str, Any], *, stated_costs: bool, jit: bool
) -> Result:
    """Run a prepared market and collect the result."""
    from lts.sim import loop

    loop.market_ahead()
    features = [features_of(s, b) for s, b in zip(strategies, setup.bars, strict=True)]
    if jit:
        memory, equity = run_features(setup, strategies, features, factors)
    else:
        from lts.research.replay import interpret

        memory, equity = interpret(setup, strategies, features, factors)
    return Result(setup, tuple(strategies), tuple(factors), memory, equity, again, stated_costs=stated_costs)


def rule_of(strategy: Strategy, features: Mapping[str, Any]) -> Rule:
    """Return what the loop's generator must know."""
    from lts.sim.lint import CURE, lint
    from lts.sim.loop import BAR_FIELDS, Rule
    from lts.sim.reach import digest

    cls = type(strategy)
    kept = memory_dtype(cls)
    memory = tuple((name, str(kept[name])) for name in kept.names or ())
    decide = vars(next(owner for owner in cls.__mro__ if "decide" in vars(owner)))["decide"]
    if not isinstance(decide, types.FunctionType):
        raise CompileError(
            f"{cls.__name__}.decide: is a {type(decide).__name__}; it must be a plain method decide(self, view). {CURE}"
        )
    kinds = tuple(p.type.__name__ for p in cls.parameters.values())
    rule = Rule(decide, tuple(cls.parameters), kinds, memory, tuple(features), digest(decide))
    lint(cls.__name__, rule, (*BAR_FIELDS, *features), tuple(name for name in dir(cls) if not name.startswith("__")))
    return rule


def run_features(
    setup: Setup, strategies: Sequence[Strategy], features: Sequence[Mapping[str, NDArray[np.float64]]], factors: Sequence[float]
) -> tuple[Memory, NDArray[np.int64]]:
    """Run a prepared market, compiled, on features that are given; return its memory and the equity at each close."""
    from lts.sim import loop
    from lts.sim.lint import explained

    rules = tuple(rule_of(s, f) for s, f in zip(strategies, features, strict=True))
    memory = setup.memory()
    equity = np.empty(len(setup.stamps), np.int64)
    volumes = tuple(volume_of(b) for b in setup.bars)
    parameters = tuple((*s.values.values(), factor) for s, factor in zip(strategies, factors, strict=True))
    remembered = tuple(new_memory(type(s)) for s in strategies)
    arrays = tuple(tuple(f.values()) or (np.zeros(0),) for f in features)
    columns = tuple(setup.tape.bars)
    fixed = (columns, setup.clock.reshape(-1), volumes, parameters, remembered, arrays, equity)
    stamp, end = setup.start, len(setup.stamps)
    with explained(strategies):
        compiled = loop.loop_for(rules)
        loop.ready(compiled, (0, 0, 0, *fixed, stamp, stamp))
    planner = loop.planner()
    market = loop.market()
    addresses = getattr(market, "address", market), getattr(planner, "address", planner)
    while stamp < end:
        stop = min(end, stamp + CHUNK)
        reached = compiled(*addresses, memory.table(), *fixed, stamp, stop)
        if reached < stop:
            memory.grow()
        stamp = reached
    finish(setup, memory, market, equity)
    last_look(memory.state, int(equity[-1]))
    return memory, equity[setup.start :]


def finish(setup: Setup, memory: Memory, market: Any, equity: NDArray[np.int64]) -> None:
    """End the data: close what is open if that is wanted; the last equity is then the final balance."""
    call = getattr(market, "ctypes", market)
    table = memory.table()
    while call(at.TIGHT, table, 0):
        memory.grow()
        table = memory.table()
    end_of_data(call, table, memory.state, equity, close=setup.options.close_at_end)


def end_of_data(call: Any, table: Any, state: NDArray[np.int64], equity: NDArray[np.int64], *, close: bool) -> None:
    """End the data of a memory that has room for it."""
    call(at.FINISH, table, int(close))
    if close:
        equity[-1] = state[at.BALANCE]


def last_look(state: NDArray[np.int64], worth: int) -> None:
    """Finish what the loop has measured up to the close before the last: drawdown (`marks.deeper`, `marks.fallen`), closes held."""
    state[at.HELD_CLOSES] += state[at.N_OPEN] > 0
    peak = int(state[at.PEAK])
    trough = int(state[at.TROUGH]) if worth > peak else min(worth, int(state[at.TROUGH]))
    state[at.FALL] = max(peak - trough, int(state[at.FALL]))
    if (peak - trough) / peak > state[at.SHARE_FALL] / state[at.SHARE_PEAK]:
        state[at.SHARE_FALL], state[at.SHARE_PEAK] = peak - trough, peak


def volume_of(bars: Bars) -> NDArray[np.float64]:
    """Return the volumes, none where the source has none; rows are many, so the answer is kept."""
    kept = bars.kept
    if "volumes" not in kept:
        kept["volumes"] = bars.volume[:0] if np.isnan(bars.volume[:1]).all() and np.isnan(bars.volume).all() else bars.volume
    found: NDArray[np.float64] = kept["volumes"]
    return found
