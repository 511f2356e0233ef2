"""Drive the kernel over a scenario: stamp by stamp through the market's address, or through a generated loop.

Both give the same `Facts` that `facts` takes from the oracle's outcome, so that `==` says whether they agree.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.sim import layout as at
from lts.sim import loop
from lts.sim.jit import interpreted
from lts.sim.memory import Instruments, Memory, Tape, Terms
from lts.sim.reach import digest
from lts.words import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tests.naive import Inst, Market, Outcome

FIELDS = Decision._fields
RATES = ("rate_mid", "rate_gain", "rate_loss", "rate_mark")
LOGS = ("fills", "trades", "orders")
COUNTERS = (at.AMBIGUOUS, at.CLOSEOUTS, at.BELOW_ZERO, at.AFTER_CLOSURE, at.SPANNED)
OPEN = (at.T_ID, at.T_INST, at.T_SIDE, at.T_STEPS, at.T_ENTRY, at.T_STOP, at.T_TARGET, at.T_TRAIL, at.T_TRAIL_D)
PAID = (at.T_COMMISSION, at.T_SWAP, at.T_MAE, at.T_MFE)


class Facts(NamedTuple):
    """What a run leaves behind, as plain integers."""

    fills: list[tuple[int, ...]]
    trades: list[tuple[int, ...]]
    orders: list[tuple[int, ...]]
    equity: list[tuple[int, int]]
    balance: int
    counters: tuple[int, ...]
    open: list[tuple[int, ...]]


def facts(outcome: Outcome) -> Facts:
    """Return the facts of the oracle's outcome."""
    logs = ([tuple(map(int, row)) for row in log] for log in (outcome.fills, outcome.trades, outcome.orders))
    left = [
        (t.id, t.inst, t.side, t.steps, t.price, t.stop, t.target, t.trail, t.trail_distance, t.commission, t.swap, t.mae, t.mfe)
        for t in outcome.open
    ]
    return Facts(*logs, outcome.equity, outcome.balance, outcome.counters, left)


def memory_of(market: Market, insts: list[Inst], **sizes: int) -> Memory:
    """Lay a scenario out as the market's memory."""
    nights = [i.nights[row] for i in insts for row in sorted(i.nights)]
    rates = np.array([[r for i in insts for r in getattr(i, name)] for name in RATES])
    if len(insts) == 1 and (rates == rates[:, :1]).all():
        rates = np.ascontiguousarray(rates[:, :1])  # as `setup` lays constant rates out: the close-out is then a price
    tape = Tape(
        bars=np.ascontiguousarray(np.array([row for i in insts for row in i.bars], np.int32).T),
        time=np.array([t for i in insts for t in i.time], np.int64),
        flags=np.array([flags for i in insts for flags in flags_of(i)], np.uint8),
        rates=rates,
        nights=np.array(nights, float).reshape(-1, 2),
        night_rows=[len(i.nights) for i in insts],
        detail=np.ascontiguousarray(np.array([row for i in insts for _, row in i.detail], np.int32).reshape(-1, 8).T),
        detail_time=np.array([t for i in insts for t, _ in i.detail], np.int64),
    )
    instruments = Instruments(
        rows=[len(i.time) for i in insts],
        duration=[i.duration for i in insts],
        min_steps=[i.min_steps for i in insts],
        max_steps=[i.max_steps for i in insts],
        per_pip=[i.points_per_pip for i in insts],
        factor=[10.0 ** (6 - i.precision - i.units_precision) for i in insts],
        per_step=[i.per_step for i in insts],
        fraction=[i.fraction for i in insts],
        minimum=[i.minimum for i in insts],
        margin=[i.margin_rate for i in insts],
        share=[i.slip_share for i in insts],
        scale=[10.0**i.precision for i in insts],
        unit=[10.0**i.units_precision for i in insts],
        slip_fixed=[i.slip_fixed for i in insts],
        slip_most=[i.slip_most for i in insts],
        detail_rows=[len(i.detail) for i in insts],
        crossed=[any(bar[5] < bar[1] or bar[6] < bar[2] for bar in i.bars) for i in insts],
    )
    terms = Terms(market.balance, market.closeout, market.hedging, int(market.intrabar), market.stale_worst, market.seed)
    return Memory(tape, instruments, terms, **sizes)


def flags_of(inst: Inst) -> list[int]:
    """Return the flags of an instrument's bars."""
    return [
        at.FLAG_NIGHT * (t in inst.nights) + at.FLAG_CLOSURE * inst.closure[t] + at.FLAG_SPAN * inst.span[t]
        for t in range(len(inst.time))
    ]


def clock_of(insts: list[Inst]) -> tuple[list[int], NDArray[np.int32]]:
    """Return the stamps, and the row of each instrument at each stamp, -1 without a bar."""
    stamps = sorted({t for i in insts for t in i.time})
    index = [{t: row for row, t in enumerate(i.time)} for i in insts]
    return stamps, np.array([[rows.get(t, -1) for rows in index] for t in stamps], np.int32)


def operator() -> Any:
    """Return the market as a plain Python callable."""
    return loop.market() if interpreted() else loop.market().ctypes


def planner() -> Any:
    """Return what turns decisions into orders as a plain Python callable."""
    return loop.planner() if interpreted() else loop.planner().ctypes


def run_kernel(market: Market, insts: list[Inst], decisions: list[list[Decision]], **sizes: int) -> Facts:
    """Run the market stamp by stamp, as a replay does, growing its memory when told."""
    memory, operate, plan = memory_of(market, insts, **sizes), operator(), planner()
    stamps, rows = clock_of(insts)
    table, equity = memory.table(), []
    for now, here in zip(stamps, rows, strict=True):
        while operate(at.TIGHT, table, 0):
            memory.grow()
            table = memory.table()
        memory.state[at.HEADER + np.arange(len(insts)) * at.INSTRUMENT + at.ROW] = here
        operate(at.STAMP, table, 0)
        equity.append((now, int(operate(at.EQUITY, table, 0))))
        for k, row in enumerate(here):
            if row >= 0:
                memory.stated[:] = decisions[k][row]
                plan(0, table, k)
    return finished(memory, market, equity)


def finished(memory: Memory, market: Market, equity: list[tuple[int, int]]) -> Facts:
    """End the run (P6) and read what it left."""
    operator()(at.FINISH, memory.table(), int(market.close_at_end))
    s = memory.state
    if market.close_at_end and equity:
        equity[-1] = (equity[-1][0], int(s[at.BALANCE]))
    logs = ([tuple(row) for row in np.column_stack(list(memory.log(name).values())).tolist()] for name in LOGS)
    trades = s[s[at.TRADES_AT] :][: s[at.N_OPEN] * at.TRADE].reshape(-1, at.TRADE)
    left = [tuple(row) for row in trades[:, (*OPEN, *PAID)].tolist()]
    return Facts(*logs, equity, int(s[at.BALANCE]), tuple(int(s[c]) for c in COUNTERS), left)


def scripted(self: Any, view: Any) -> Decision:  # noqa: ARG001  (a decide has two parameters)
    """Decide what the features say."""
    now = view.now
    return Decision(
        now.kind, now.units, now.entry_type, now.entry, now.stop_loss, now.take_profit, now.stop_pips, now.target_pips,
        now.trailing_pips, now.expiry_bars,
    )  # fmt: skip


@cache
def scripted_loop(count: int) -> Any:
    """Return the loop of `count` instruments whose strategies read their decisions from features."""
    return loop.loop_for((loop.Rule(scripted, (), (), (), FIELDS, digest(scripted)),) * count)


def run_loop(market: Market, insts: list[Inst], decisions: list[list[Decision]], **sizes: int) -> Facts:
    """Run the scenario through a generated loop."""
    count, memory = len(insts), memory_of(market, insts, **sizes)
    stamps, rows = clock_of(insts)
    callbacks = (loop.market(), loop.planner())
    addresses = callbacks if interpreted() else tuple(callback.address for callback in callbacks)
    features = tuple(tuple(np.ascontiguousarray(np.array(d, float).reshape(-1, len(FIELDS)).T)) for d in decisions)
    volume, parameters = (np.zeros(0),) * count, ((1.0,),) * count
    remembered = (np.zeros(1, np.dtype([("nothing", "i8")], align=True)),) * count
    out, i, n = np.zeros(len(stamps), np.int64), 0, len(stamps)
    while i < n:
        table = memory.table()
        columns = tuple(memory.tape.bars)
        i = scripted_loop(count)(*addresses, table, columns, rows.reshape(-1), volume, parameters, remembered, features, out, i, n)
        if i < n:
            memory.grow()
    return finished(memory, market, list(zip(stamps, out.tolist(), strict=True)))


def fingerprint(seeds: Iterable[int], size: str) -> str:
    """Return a digest of everything that kernel and loop leave behind on the scenarios of these seeds."""
    from tests.scenarios import scenario

    digest = blake2b(digest_size=16)
    for seed in seeds:
        for run in (run_kernel, run_loop):
            digest.update(repr(run(*scenario(seed, size), trades=2, rows=8)).encode())
    return digest.hexdigest()
