"""The exit-jump grid is the market: whatever it gives, to the byte; what it cannot give, it says."""

from __future__ import annotations

import numpy as np
import pytest

import lts
from lts.research.run import prepare_one
from lts.research.stats.tally import headline, span_of, tally
from lts.research.sweep.fast import Fast, why_not


class Given(lts.SignalStrategy):
    """Whatever signals a seed draws: sides, flat, no opinion."""

    seed: int = 0
    length: int = 10  # bars between two changes, in the mean

    def signals(self, bars):
        random = np.random.default_rng(self.seed)
        drawn = random.choice([-1.0, 0.0, 1.0, np.nan], len(bars), p=[0.35, 0.2, 0.35, 0.1])
        return np.where(random.random(len(bars)) < 1 / self.length, drawn, np.nan)


def plain(strategy, bars, options):
    run = lts.run(strategy, bars, **options)
    return headline(tally(span_of(run.setup), run.account, run.logs["trades"]["profit"], run.equity_micro)), run.equity_micro


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


@pytest.mark.parametrize("seed", range(60))
def test_the_grid_is_the_market_to_the_byte(seed):
    random = np.random.default_rng(seed)
    pair = str(random.choice(["EUR_USD", "USD_JPY", "GBP_CHF"]))
    bars, options = bars_of(random, int(random.integers(3, 1500)), pair), options_of(random, pair)
    if random.random() < 0.3:
        options["trade_from"] = str(np.datetime64(int(bars.time[len(bars) // 3]), "ns"))
    sets = [
        Given(seed=seed, length=int(random.choice([1, 3, 20])), units=units, stop_pips=stop, target_pips=target)
        for units in (1_000.0, 23_456.0) for stop in levels(random) for target in levels(random)
    ]  # fmt: skip
    sets = [one for one in sets if one.length == sets[0].length]
    setup = prepare_one(bars, options)[0]
    assert why_not(Given, setup) == ""
    fast = Fast(setup)
    found, exact = fast.tallies(fast.signals(sets[0])[0], sets, ratios=True)
    table = headline(found)
    for row, one in enumerate(sets):
        expected, _ = plain(one, bars, options)
        if exact[row]:
            got = {name: column[row].tobytes() for name, column in table.items()}
            assert got == {name: value[0].tobytes() for name, value in expected.items()}, one
        else:
            assert options["account"].balance < 100_000, f"{one!r} has money enough to be sure of its margin"
