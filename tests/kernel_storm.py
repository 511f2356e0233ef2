"""Random markets and random orders made by compiled code: short runs by the million, each asked whether its money adds up.

A run is two instruments on one clock, 24 bars each, every bar made of two finer ones; account, costs, bars and decisions are drawn
anew. The kernel alone is under test: what must hold is an identity of its own totals, not the oracle's answer.
"""
# ruff: noqa: NPY002  (compiled code draws from numpy's old generator)

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from lts.sim import loop
from lts.sim.jit import invoke
from lts.sim.memory import Instruments, Memory, Tape, Terms

# isort: off
from lts.sim.layout import (
    BALANCE, CLOSED, COMMISSION, CONVERSION_COST, ELONG, ESHORT, FILL, FINISH, FLAG_CLOSURE, FLAG_NIGHT, FLAG_SPAN, HEADER,
    HEDGING, INSTRUMENT, LONG, N_FILLS, N_OPEN, N_TRADES, POLICY, PRICE_PROFIT, P_CLOSEOUT, P_FRACTION, P_HEADER,
    P_INSTRUMENT, P_MARGIN, P_MINIMUM, P_PER_STEP, P_SHARE, ROW, SEED, SHORT, SLIPPAGE_COST, SLIP_FIXED, SLIP_MOST, SPREAD_COST,
    STALE_WORST, STAMP, SWAP_TOTAL, TIGHT, TRADE, TRADES_AT, T_COMMISSION, T_ENTRY, T_INST, T_SIDE, T_STEPS, T_SWAP,
)  # fmt: skip

COUNT, BARS, MINUTE = 2, 24, 60_000_000_000
MONEY = (PRICE_PROFIT, SPREAD_COST, SLIPPAGE_COST, COMMISSION, SWAP_TOTAL, CONVERSION_COST)
COLUMNS = (7, 8, 9, 10, 11, 12)  # of the closed trades, in the same order


def storm_memory() -> Memory:
    """Return the memory that all runs use, one after the other."""
    n = COUNT * BARS
    time = np.tile(np.arange(BARS, dtype=np.int64) * MINUTE, COUNT)
    tape = Tape(
        np.zeros((8, n), np.int32), time, np.zeros(n, np.uint8), np.ones((4, n)), np.zeros((n, 2)), [BARS] * COUNT,
        np.zeros((8, 2 * n), np.int32), np.repeat(time, 2) + np.tile(np.array([0, MINUTE // 2]), n),
    )  # fmt: skip
    two = lambda value: [value] * COUNT  # noqa: E731  (both instruments begin alike)
    instruments = Instruments(
        two(BARS), two(MINUTE), two(1), two(60), two(10), two(10.0), two(0.0), two(0.0), two(0.0), two(0.02), two(0.0), two(1e5),
        two(1.0), two(0), two(0), two(2 * BARS), two(True),
    )  # fmt: skip
    return Memory(tape, instruments, Terms(1_000_000, 0.5, False, 0, False, 0), trades=256, rows=4096)


@numba.njit
def draw_market(bars: Any, flags: Any, rates: Any, nights: Any, detail: Any) -> None:
    """Draw bars of two finer ones each, rates, nights and flags."""
    for k in range(COUNT):
        bid, rate, night = 900 + np.random.randint(200), 0.5 + np.random.random(), k * BARS
        for g in range(k * BARS, (k + 1) * BARS):
            for q in (2 * g, 2 * g + 1):
                for tick in range(4):
                    bid = max(bid + np.random.randint(-4, 5), 50)
                    ask = bid + (np.random.randint(-1, 4) if np.random.random() < 0.9 else 9)
                    for row, price in ((0, bid), (4, ask)):
                        if tick == 0:
                            detail[row, q] = detail[row + 1, q] = detail[row + 2, q] = price
                        detail[row + 1, q], detail[row + 2, q] = max(detail[row + 1, q], price), min(detail[row + 2, q], price)
                        detail[row + 3, q] = price
            for row in (0, 4):
                bars[row, g], bars[row + 3, g] = detail[row, 2 * g], detail[row + 3, 2 * g + 1]
                bars[row + 1, g] = max(detail[row + 1, 2 * g], detail[row + 1, 2 * g + 1])
                bars[row + 2, g] = min(detail[row + 2, 2 * g], detail[row + 2, 2 * g + 1])
            rates[0, g], rates[1, g], rates[2, g], rates[3, g] = rate, rate * 0.99, rate * 1.01, rate * 1.001
            rate *= 1.001
            flags[g] = 0
            if np.random.random() < 0.2:
                flags[g] = FLAG_NIGHT | FLAG_SPAN if np.random.random() < 0.5 else FLAG_NIGHT | FLAG_CLOSURE
                nights[night, 0], nights[night, 1] = np.random.uniform(-9.0, 5.0), np.random.uniform(-9.0, 5.0)
                night += 1


@numba.njit
def draw_terms(state: Any, rules: Any) -> None:
    """Draw the account and the costs."""
    state[BALANCE] = np.random.randint(10_000, 2_000_000)
    state[HEDGING], state[POLICY], state[STALE_WORST] = np.random.randint(2), np.random.randint(4), np.random.randint(2)
    state[SEED] = np.random.randint(1_000_000)
    rules[P_CLOSEOUT] = np.random.randint(3) * 0.5
    for k in range(COUNT):
        p, at = P_HEADER + k * P_INSTRUMENT, HEADER + k * INSTRUMENT
        rules[p + P_PER_STEP], rules[p + P_FRACTION] = np.random.randint(2) * 3.7, np.random.randint(2) * 0.00031
        rules[p + P_MINIMUM], rules[p + P_SHARE] = np.random.randint(2) * 17.0, np.random.randint(3) * 0.3
        rules[p + P_MARGIN] = 0.02 + 0.03 * np.random.randint(2)
        state[at + SLIP_FIXED], state[at + SLIP_MOST] = np.random.randint(2), np.random.randint(3)


@numba.njit
def draw_decision(stated: Any, bid: int, ask: int) -> None:
    """Draw a decision, now and then a wrong one."""
    for i in range(10):
        stated[i] = np.nan
    side = 1 if np.random.random() < 0.5 else -1
    kind = np.random.randint(3)
    stated[0], stated[1], stated[2], stated[9] = 1 + (kind == 0), side * np.random.randint(0, 40), np.random.randint(4), 0.0
    price = (ask if side > 0 else bid) + np.random.randint(-6, 7)
    if stated[2] > 0:
        stated[3] = price / 1e5
        stated[9] = np.random.randint(3)
    way = np.random.random()
    if way < 0.2:
        stated[4], stated[5] = (price - side * np.random.randint(1, 12)) / 1e5, (price + side * np.random.randint(1, 12)) / 1e5
    elif way < 0.7:
        stated[6], stated[7] = np.random.randint(0, 15) / 10.0, np.random.randint(0, 15) / 10.0
    if np.random.random() < 0.3:
        stated[8] = np.random.randint(0, 12) / 10.0


@numba.njit
def adds_up(state: Any, fills: Any, trades: Any, initial: int) -> bool:
    """Tell whether balance, totals, logs and open trades say the same."""
    carried, sums = 0, np.zeros(4 * COUNT, np.int64)
    for j in range(state[N_OPEN]):
        t = state[TRADES_AT] + j * TRADE
        carried += state[t + T_SWAP] - state[t + T_COMMISSION]
        at = 4 * state[t + T_INST] + (0 if state[t + T_SIDE] > 0 else 2)
        sums[at] += state[t + T_STEPS]
        sums[at + 1] += state[t + T_STEPS] * state[t + T_ENTRY]
        if state[t + T_STEPS] <= 0:
            return False
    for k in range(COUNT):
        at = HEADER + k * INSTRUMENT
        if state[at + LONG] != sums[4 * k] or state[at + ELONG] != sums[4 * k + 1]:
            return False
        if state[at + SHORT] != sums[4 * k + 2] or state[at + ESHORT] != sums[4 * k + 3]:
            return False
    for total, column in zip(MONEY, COLUMNS):  # noqa: B905  (compiled code knows no `strict`)
        logged = 0
        for c in range(state[N_TRADES]):
            logged += trades[c * CLOSED + column]
        if logged != state[total]:
            return False
    costs = state[SPREAD_COST] + state[SLIPPAGE_COST] + state[COMMISSION] - state[SWAP_TOTAL] + state[CONVERSION_COST]
    if state[BALANCE] != initial + state[PRICE_PROFIT] - costs + carried:
        return False
    last = state[N_FILLS] - 1
    return last < 0 or state[N_OPEN] > 0 or fills[last * FILL + 7] == state[BALANCE]


@numba.njit
def storm(
    market: int, planner: int, table: int,
    pristine: Any, state: Any, rules: Any, bars: Any, flags: Any, rates: Any, nights: Any, detail: Any,
    stated: Any, fills: Any, trades: Any, first: int, last: int, counted: Any,
) -> int:  # fmt: skip
    """Play the runs `first` to `last`; return the first whose money does not add up, -1 when all do."""
    for run in range(first, last):
        np.random.seed(run)
        state[:] = pristine
        draw_market(bars, flags, rates, nights, detail)
        draw_terms(state, rules)
        initial = state[BALANCE]
        for i in range(BARS):
            if invoke(market, TIGHT, table, 0):
                return run
            for k in range(COUNT):
                state[HEADER + k * INSTRUMENT + ROW] = i
            invoke(market, STAMP, table, 0)
            for k in range(COUNT):
                if np.random.random() < 0.5:
                    draw_decision(stated, bars[3, k * BARS + i], bars[7, k * BARS + i])
                    invoke(planner, 0, table, k)
            if not adds_up(state, fills, trades, initial):
                return run
        invoke(market, FINISH, table, np.random.randint(2))
        counted[0] += state[N_FILLS]
        counted[1] += state[N_TRADES]
        if not adds_up(state, fills, trades, initial):
            return run
    return -1


def play(first: int, last: int) -> tuple[int, int, int]:
    """Return (first run whose money does not add up or -1, fills, closed trades) of the runs `first` to `last`."""
    memory, counted = storm_memory(), np.zeros(2, np.int64)
    tape = memory.tape
    failed = storm(
        loop.market().address, loop.planner().address, memory.table(),
        memory.state.copy(), memory.state, memory.rules, tape.bars, tape.flags, tape.rates,
        tape.nights, tape.detail, memory.stated, memory.fills, memory.trades, first, last, counted,
    )  # fmt: skip
    return int(failed), int(counted[0]), int(counted[1])
