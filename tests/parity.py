"""Comparing two results to the byte, and rules that look at everything and do everything."""

from __future__ import annotations

from math import nan
from typing import NamedTuple

import numpy as np

import lts
from lts import add, go, stay
from tests.tables import FIELDS, Scripted


def assert_same(a, b):
    """Hold two results equal: every column of every log, equity at every close, sums and counts."""
    for name, log in a.logs.items():
        for column, values in log.items():
            other = b.logs[name][column]
            assert len(values) == len(other), f"{name}: {len(values)} and {len(other)} rows"
            rows = np.flatnonzero(values != other)
            assert not len(rows), f"{name}.{column} differs first in row {rows[0]}: {values[rows[0]]} and {other[rows[0]]}"
    rows = np.flatnonzero(a.equity_micro != b.equity_micro)
    assert not len(rows), f"equity differs first at close {rows[0]}: {a.equity_micro[rows[0]]} and {b.equity_micro[rows[0]]}"
    assert a.equity_micro.tobytes() == b.equity_micro.tobytes()
    assert (a.totals, a.counts, a.final_micro, a.open_trades) == (b.totals, b.counts, b.final_micro, b.open_trades)


class Noise(Scripted):
    """Decides at random from the closes on: every verb, entry, protection and expiry, now and then nonsense."""

    seed: int = 1
    eager: float = 0.2
    units: float = 2_000

    def features(self, bars):
        """Return the fields of a decision for each bar."""
        rng, n = np.random.default_rng(self.seed), len(bars)
        pip, level = bars.instrument.pip, bars.bid_close
        side = rng.choice([-1.0, 1.0], n)
        kind = np.where(rng.random(n) < self.eager, rng.choice([1.0, 1.0, 2.0], n), 0.0)
        entry_type = rng.choice([0.0, 0.0, 1.0, 2.0, 3.0], n)
        away = pip * rng.uniform(-1, 8, n) * np.where(entry_type == 1.0, -side, side)
        table = {
            "kind": kind,
            "units": side * self.units * rng.choice([0.0, 0.5, 1.0, 1.0, 3.0], n),
            "entry_type": entry_type,
            "entry": np.where(entry_type > 0, level + away, nan),
            "stop_loss": np.where(rng.random(n) < 0.2, level - side * pip * rng.uniform(1, 20, n), nan),
            "take_profit": np.where(rng.random(n) < 0.2, level + side * pip * rng.uniform(1, 20, n), nan),
            "stop_pips": rng.choice([nan, nan, 0.0, 5.0, 12.5], n),
            "target_pips": rng.choice([nan, nan, 0.0, 5.0, 17.3], n),
            "trailing_pips": rng.choice([nan, nan, nan, 8.0], n),
            "expiry_bars": rng.choice([0.0, 0.0, 1.0, 4.0], n),
        }
        odd = rng.random(n) < 0.02
        table["units"][odd] = rng.choice([nan, np.inf, 0.3, 1e12], odd.sum())
        table["entry"][rng.random(n) < 0.01] = -1.0
        return {name: table[name] for name in FIELDS}


def mixed(total, value):
    """Fold a number into a checksum below 1000; nan counts as 7."""
    folded = 7.0 if np.isnan(value) else abs(value)
    return (total * 31.0 + folded * 1009.0) % 997.0


class Watcher(lts.Strategy):
    """Trades an amount that depends on every field it can see."""

    every: int = 5
    calm: bool = False

    class Memory(NamedTuple):
        """One of each kind."""

        bars: int = 0
        total: float = 0.0
        long: bool = False

    def features(self, bars):
        """Return a feature that is nan at first."""
        return {"change": np.append(nan, np.diff(bars.bid_close))}

    def decide(self, view):
        """Fold the view, then act on the sum."""
        now, prev, p, a = view.now, view.prev, view.position, view.account
        total = view.memory.total
        total = mixed(mixed(mixed(total, now.bid_open), now.bid_high), now.bid_low)
        total = mixed(mixed(mixed(total, now.ask_open), now.ask_high), now.ask_low)
        total = mixed(mixed(mixed(total, now.bid_close), now.ask_close), now.volume)
        total = mixed(mixed(mixed(total, prev.bid_close), prev.change), now.change)
        total = mixed(mixed(total, float(now.time % 86_400_000_000_000)), float(prev.time % 86_400_000_000_000))
        total = mixed(mixed(mixed(mixed(total, p.units), p.price), p.stop_loss), p.take_profit)
        total = mixed(mixed(mixed(mixed(total, p.profit), p.trades), float(p.entry_time % 86_400_000_000_000)), p.reason)
        total = mixed(mixed(mixed(mixed(total, a.balance), a.equity), a.margin_used), a.margin_free)
        view.memory.total = total
        view.memory.bars += 1
        if view.memory.bars % self.every != 0:
            return stay()
        view.memory.long = not view.memory.long
        units = 1_000.0 + np.floor(total)
        if self.calm:
            return go(units if view.memory.long else -units)
        if total < 100:
            return go(0)
        if total < 300:
            return add(units if view.memory.long else -units, stop_pips=9.0, trailing_pips=12.0)
        return go(units if view.memory.long else -units, stop_pips=10.0, target_pips=15.0)


class Follower(lts.Strategy):
    """Says the same target on every bar, protected or not: what the market has to recognise as nothing new."""

    units: float = 1_000
    flip: int = 50
    stop_pips: float = 0

    class Memory(NamedTuple):
        """Bars seen."""

        bars: int = 0

    def decide(self, view):
        """Be long, then short, `flip` bars each."""
        view.memory.bars += 1
        side = 1.0 if (view.memory.bars // self.flip) % 2 == 0 else -1.0
        if self.stop_pips > 0:
            return go(side * self.units, stop_pips=self.stop_pips)
        return go(side * self.units)


class Ladder(lts.Strategy):
    """Adds twice, then asks for a target on every bar."""

    first: float = 0
    second: float = 0
    target: float = 0

    class Memory(NamedTuple):
        """Bars seen."""

        bars: int = 0

    def decide(self, view):
        """Add, add, go."""
        view.memory.bars += 1
        if view.memory.bars == 3:
            return add(self.first)
        if view.memory.bars == 4:
            return add(self.second)
        return go(self.target) if view.memory.bars > 6 else stay()


class Typed(lts.Strategy):
    """Writes values of another type into its memory and reads them back at once."""

    class Memory(NamedTuple):
        """One of each kind."""

        whole: int = 0
        truth: bool = False
        real: float = 0.0

    def decide(self, view):
        """Trade what was remembered."""
        view.memory.whole = view.now.bid_close * 1_000.0 + 0.7
        view.memory.truth = view.memory.whole % 3
        view.memory.real = 3
        units = view.memory.whole * 1.0 + view.memory.real / 2.0
        if view.memory.truth:
            units += 100.0
        return go(units if view.memory.truth == True else -units)  # noqa: E712  (what a remembered 2 compares equal to)


HOSTILE = (
    Noise(),
    Noise(seed=2, eager=0.9),
    Watcher(),
    Watcher(every=1),
    Watcher(every=40, calm=True),
    Follower(),
    Follower(stop_pips=6),
)
