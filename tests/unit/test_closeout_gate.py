"""Between two events the close-out of one instrument at a constant rate is a price: it is never missed, nor is a drawdown."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from lts.research.run import last_look
from lts.sim import layout as at
from tests import kernel_driver
from tests.kernel_driver import facts, run_loop
from tests.naive import run
from tests.scenarios import scenario


def near_closeout(seed):
    """A scenario's first instrument at a constant rate, with little money and quotes that cross by up to 12 points."""
    market, (inst, *_), (decisions, *_) = scenario(seed)
    rng, rate, n = Random(seed), (1.0, 0.7, 1.3371)[seed % 3], len(inst.time)
    shift, margin = (0, 0, -6, -12)[seed % 4], rng.choice((1.0, 0.5, 1 / 30, 1 / 500))
    bars = [tuple(p + (shift if i > 3 and t % 3 == 1 else 0) for i, p in enumerate(bar)) for t, bar in enumerate(inst.bars)]
    rates = {
        name: [rate * part] * n for name, part in (("rate_mid", 1), ("rate_gain", 0.99), ("rate_loss", 1.01), ("rate_mark", 1))
    }
    point = 10.0 ** (6 - inst.precision - inst.units_precision) * rate
    balance = inst.max_steps * point * (bars[0][3] * margin + rng.uniform(0, 30))
    market = replace(market, balance=min(int(balance) + 1, 10**18), closeout=rng.choice((0.0, 0.5, 1.0)))
    return market, [replace(inst, bars=bars, margin_rate=margin, detail=[], **rates)], [decisions]


def test_no_close_out_and_no_drawdown_is_missed_where_bars_are_skipped(monkeypatch):
    made, memories = kernel_driver.memory_of, []
    monkeypatch.setattr(kernel_driver, "memory_of", lambda *a, **k: memories.append(made(*a, **k)) or memories[-1])
    wrong, closed_out = [], 0
    for seed in range(700):
        given = near_closeout(seed)
        wanted, got = facts(run(*given)), run_loop(*given, trades=2, rows=8)
        state = memories.pop().state
        last_look(state, got.equity[-1][1])
        worth = np.array([given[0].balance, *(value for _, value in got.equity)])
        peak = np.maximum.accumulate(worth)
        fallen = ((peak - worth).max(), ((peak - worth) / peak).max())
        if got != wanted or fallen != (state[at.FALL], state[at.SHARE_FALL] / state[at.SHARE_PEAK]):
            wrong.append(seed)
        closed_out += wanted.counters[1] > 0
    assert wrong == []
    assert closed_out > 50
