"""The exit-jump grid is the market: whatever it gives, to the byte; what it cannot give, it says."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lts
from lts.research.run import prepare_one
from lts.research.stats.tally import headline
from lts.research.sweep.batch import Batch, taken
from lts.research.sweep.fast import Fast, why_not
from lts.sim.lanes import work

ROOT = Path(__file__).resolve().parent.parent.parent


class Given(lts.SignalStrategy):
    """Whatever signals a seed draws: sides, flat, no opinion."""

    seed: int = 0
    length: int = 10  # bars between two changes, in the mean

    def signals(self, bars):
        random = np.random.default_rng(self.seed)
        drawn = random.choice([-1.0, 0.0, 1.0, np.nan], len(bars), p=[0.35, 0.2, 0.35, 0.1])
        return np.where(random.random(len(bars)) < 1 / self.length, drawn, np.nan)


def sizes(sets):
    return [(one.units, one.stop_pips, one.target_pips) for one in sets]


def told(fast, bars, *several):
    """Run several lists of sets together; return (tallies of the first list's exact sets, which these are)."""
    batch, first = Batch(fast, ratios=True), 0
    for sets in several:
        batch.ask(range(first, first + len(sets)), sets[0].signals(bars), sizes(sets))
        first += len(sets)
    exact, tallies, others = batch.run()
    assert sorted([*exact, *others]) == list(range(first))
    mine = exact < len(several[0])
    return taken(tallies, np.flatnonzero(mine)), np.isin(np.arange(len(several[0])), exact)


def bars_of(random, n, pair):
    frame = str(random.choice(["M1", "M15", "H1", "H4"]))
    made = lts.synthetic_bars(pair, frame, n=n, seed=int(random.integers(1 << 30)))
    keep = random.random(n) > random.choice([0.0, 0.05, 0.3])  # holes: closures, spans, gaps through levels
    keep[0] = True
    step = np.int32(random.choice([1, 1, 7]))  # a coarse grid brings ties
    points = np.sort((made.points.matrix[:, keep] // step * step).reshape(2, 4, -1), axis=0).reshape(8, -1)
    return lts.Bars.from_points(pair, frame, made.time[keep], np.ascontiguousarray(points))


def options_of(random, pair):
    costs = lts.Costs(
        spread_pips=random.choice([None, 0.0, 1.3]), commission_per_lot=random.choice([0, 7.3]),
        slippage_pips=random.choice([0, 0.35]), slippage_spread=random.choice([0, 0.4]),
        swap_long=random.choice([0, -6.6]), swap_short=random.choice([0, 2.2, -3.1]),
        commission_fraction=random.choice([0, 2e-5]), commission_minimum=random.choice([0, 1.1]),
    )  # fmt: skip
    rates = {"EUR_USD": None, "USD_JPY": None, "GBP_CHF": {"CHF": 1.127}}[pair]
    if rates is not None and random.random() < 0.5:
        rates = lts.RatesSettings(rates, "markup")
    account = lts.Account(balance=float(random.choice([3_000, 100_000, 1e6])), leverage=random.choice([None, 30.0]))
    return {"costs": costs, "account": account, "rates": rates, "intrabar": str(random.choice(["worst", "best"]))}


def levels(random):
    count = int(random.integers(1, 5))
    return [0.0, *np.round(random.choice([0.3, 1, 4, 15, 60], count) * random.uniform(0.5, 2, count), 1)]


def scenario(seed):
    """Return bars, options and sets with one stream of signals, drawn from a seed."""
    random = np.random.default_rng(seed)
    pair = str(random.choice(["EUR_USD", "USD_JPY", "GBP_CHF"]))
    bars, options = bars_of(random, int(random.integers(3, 1500)), pair), options_of(random, pair)
    if random.random() < 0.3:
        options["trade_from"] = str(np.datetime64(int(bars.time[len(bars) // 3]), "ns"))
    length = int(random.choice([1, 3, 20]))
    sets = [
        Given(seed=seed, length=length, units=units, stop_pips=stop, target_pips=target)
        for units in (1_000.0, 23_456.0)
        for stop in levels(random)
        for target in levels(random)
    ]
    return bars, options, sets


def agree(seed):
    """Hold the grid against the market; return (sets that the grid gave, sets)."""
    bars, options, sets = scenario(seed)
    setup = prepare_one(bars, options)[0]
    assert why_not(Given, setup) == ""
    fast = Fast(setup)
    found, exact = told(fast, bars, sets)
    table = headline(found)
    row = -1
    for sure, one in zip(exact, sets, strict=True):
        row += sure
        run = lts.run(one, bars, **options)
        met = run.counts["margin_closeouts"] > 0 or (run.logs["orders"]["reason"] == lts.Reason.INSUFFICIENT_MARGIN).any()
        assert not (sure and met), f"{one!r} met the margin unseen"
        assert sure or options["account"].balance < 100_000, f"{one!r} has money enough to be sure of its margin"
        if sure:
            expected = {name: np.float64(value).tobytes() for name, value in run.headline.items()}
            assert {name: column[row].tobytes() for name, column in table.items()} == expected, one
    return int(exact.sum()), len(sets)


@pytest.mark.filterwarnings("ignore::lts.DataWarning")  # coarse grids make opens that copy closes
@pytest.mark.parametrize("first", range(0, 80, 20))
def test_the_grid_is_the_market_to_the_byte(first):
    given, asked = np.array([agree(seed) for seed in range(first, first + 20)]).sum(axis=0)
    assert given > 0.9 * asked


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::lts.DataWarning")
@pytest.mark.parametrize("first", range(1_000, 6_000, 500))
def test_the_grid_is_the_market_on_many_more(first):
    for seed in range(first, first + 500):
        agree(seed)


@pytest.mark.filterwarnings("ignore::lts.DataWarning")
@pytest.mark.parametrize("tile", [1, 7, 100])
def test_where_a_tile_ends_nothing_shows(monkeypatch, tile):
    bars, options, sets = scenario(7)
    fast = Fast(prepare_one(bars, options)[0])
    others = [Given(**{**one.values, "seed": 99}) for one in sets]
    alone = headline(told(fast, bars, sets)[0])
    monkeypatch.setattr(work, "TILE", tile)
    together = headline(told(fast, bars, sets, others)[0])
    assert {name: column.tobytes() for name, column in together.items()} == {k: v.tobytes() for k, v in alone.items()}


@given(
    st.lists(st.sampled_from([-1, 0, 1]), max_size=200).map(lambda kinds: np.array(kinds, np.int8)),
    st.integers(0, 210),
    st.integers(1, 40),
)
def test_a_change_is_where_a_side_differs_from_the_one_before(sides, start, each):
    sides = np.repeat(sides, each)
    start = min(start, len(sides))
    before = np.concatenate([np.zeros(1, np.int8), sides[start:]])
    rows = start + np.flatnonzero(before[1:] != before[:-1])
    for signal in (sides, sides.astype(float)):
        found = work.Room(len(signal), 0).moves(signal, start)
        assert found.event.tolist() == rows.tolist()
        assert found.side.tolist() == sides[rows].tolist()


def test_interpreted_and_compiled_the_grid_leaves_the_same_bytes():
    code = "from tests.unit.test_lanes import digest\nprint(digest())"
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == digest()


def digest():
    """Return a digest of all that the grid gives for some seeds."""
    hashed = hashlib.blake2b()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lts.DataWarning)
        for seed in range(100, 106):
            bars, options, sets = scenario(seed)
            fast = Fast(prepare_one(bars, options)[0])
            for column in headline(told(fast, bars, sets)[0]).values():
                hashed.update(column.tobytes())
    return hashed.hexdigest()


class Deciding(Given):
    """Signals, and a decide of its own."""

    def decide(self, view):
        return lts.go(self.units) if view.now.signal > 0 else lts.stay()


@pytest.mark.parametrize(
    ("cls", "options", "why"),
    [
        (lts.strategies.Donchian, {}, "Donchian is no SignalStrategy"),
        (Deciding, {}, "Deciding has a decide or features of its own"),
        (Given, {"close_at_end": False}, "open trades stay open"),
        (Given, {"account": lts.Account(hedging=True)}, "hedges"),
        (Given, {"intrabar": "ohlc"}, "neither 'worst' nor 'best'"),
        (Given, {"stale_open": "worst"}, "stale_open='worst'"),
        (Given, {"costs": lts.Costs(slippage_random_pips=1)}, "slippage is drawn"),
        (Given, {"account": lts.Account(balance=1e10)}, "balance is too large"),
    ],
)
def test_the_grid_says_what_it_cannot_have(cls, options, why):
    assert why in why_not(cls, prepare_one(lts.synthetic_bars("EUR_USD", "H1", n=50, seed=1), options)[0])


def test_quotes_that_cross_are_not_for_the_grid():
    made = lts.synthetic_bars("EUR_USD", "H1", n=50, seed=1)
    points = made.points.matrix.copy()
    points[4:, 7] -= 100
    crossed = lts.Bars.from_points("EUR_USD", "H1", made.time, points)
    assert why_not(Given, prepare_one(crossed, {})[0]) == "quotes cross"


@pytest.mark.parametrize(
    "wrong", [{"units": 0.5}, {"units": 1e12}, {"units": 0}, {"stop_pips": 20_000}, {"target_pips": 3e8}, {"units": 9e7}]
)
def test_sets_that_the_grid_cannot_have_are_left_to_the_loop(wrong):
    bars = lts.synthetic_bars("EUR_USD", "H1", n=300, seed=1)
    fast = Fast(prepare_one(bars, {})[0])
    sets = [Given(**wrong), Given()]
    found, exact = told(fast, bars, sets)
    assert exact.tolist() == [False, True]
    assert len(found.final) == 1
    assert len(told(fast, bars, sets[:1])[0].final) == 0
