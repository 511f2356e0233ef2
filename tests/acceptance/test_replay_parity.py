"""The same strategy, compiled over arrays and asked bar by bar in plain Python: the same bytes, whatever the market does.

The normal lane takes the first bars of two files and a synthetic market with every cost switched on; `-m long` takes every file of
the shared data, whole.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import lts
from lts import strategies
from lts.research.paper import PaperBroker
from lts.sim.layout import BALANCE
from tests.parity import HOSTILE, Follower, Ladder, Noise, Typed, Watcher, assert_same

pytestmark = pytest.mark.filterwarnings("ignore::lts.errors.DataWarning")  # what these files are known for

ABSTRACT = (lts.Strategy, lts.SignalStrategy)
SHIPPED = [
    cls
    for cls in (getattr(strategies, name) for name in strategies.__all__)
    if isinstance(cls, type) and issubclass(cls, lts.Strategy) and cls not in ABSTRACT
]
FOLDER = Path(os.environ.get("LTS_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data") / "bars"
FILES = sorted(path.stem for path in FOLDER.glob("*.parquet"))
SAMPLE = {"EURUSD_M1_oanda": 3_000, "USDJPY_H1_mt5": 3_000}


def instances(cls):
    """The shipped strategy as it comes, and with its exits switched on where it has any."""
    exits = {name: pips for name, pips in (("stop_pips", 15), ("target_pips", 25)) if name in cls.parameters}
    return [cls(), cls(**exits)] if exits else [cls()]


SHIPPED_INSTANCES = [strategy for cls in SHIPPED for strategy in instances(cls)]


def read(folder, name):
    """Read one file of the shared data; files with bids alone get a pip of spread."""
    pair, timeframe, source = name.split("_")
    sides = {"spread": 1.0} if source in {"mt", "mt5"} else {}
    return lts.read_bars(folder / "bars" / f"{name}.parquet", instrument=pair, timeframe=timeframe, **sides)


def rates_for(bars):
    """Conversion to USD where the bars themselves cannot say it."""
    worth = {"GBP": 1.3, "JPY": 0.009}
    own, quote = bars.instrument.base, bars.instrument.quote
    return {quote: worth[quote]} if quote in worth and own != "USD" else None


def assert_parity(strategy, bars, **options):
    compiled = lts.run(strategy, bars, **options)
    assert_same(compiled, lts.replay(strategy, bars, **options))
    return compiled


@pytest.fixture(scope="module")
def samples(shared_data):
    return {name: read(shared_data, name)[:rows] for name, rows in SAMPLE.items()}


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("strategy", SHIPPED_INSTANCES, ids=repr)
def test_a_shipped_strategy_on_real_bars(strategy, name, samples):
    assert_parity(strategy, samples[name], rates=rates_for(samples[name]))


@pytest.mark.parametrize("strategy", HOSTILE, ids=repr)
def test_a_hostile_strategy_on_real_bars(strategy, samples):
    result = assert_parity(strategy, samples["EURUSD_M1_oanda"])
    assert len(result.fills) > 20  # or the test says nothing


# --- every cost, every policy ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def minutes():
    return lts.synthetic_bars("EUR_USD", "M1", n=36_000, seed=3, start="2024-02-25")


@pytest.fixture(scope="module")
def market(minutes):
    return minutes.resample("M15")


@pytest.fixture(scope="module")
def pounds():
    return lts.synthetic_bars("GBP_USD", "M15", n=2_900, seed=4, start="2024-02-25")


COSTS = lts.Costs(
    commission_per_lot=7, commission_per_million=3, commission_fraction=1e-6, commission_minimum=0.05, slippage_pips=0.2,
    slippage_spread=0.3, slippage_random_pips=0.7, slippage_seed=11,
    swap=lts.AnnualSwap(long={"2024-01-01": -0.03, "2024-03-05": -0.02}, short=0.01),
)  # fmt: skip
MARKETS = {
    "netting": {},
    "hedging": {"account": lts.Account(hedging=True)},
    "best": {"intrabar": "best"},
    "ohlc, hedging": {"intrabar": "ohlc", "account": lts.Account(hedging=True)},
    "detail": {"detail": True},
    "stale worst, open at the end": {"stale_open": "worst", "close_at_end": False},
    "trade from": {"trade_from": "2024-03-06"},
    "pounds, sided": {"account": lts.Account(currency="GBP"), "mode": "sided"},
    "pounds, markup, hedging": {"account": lts.Account(currency="GBP", hedging=True), "mode": "markup"},
    "a number": {"account": lts.Account(currency="CHF"), "rates": {"USD": 0.9}},
    "tight margin": {"account": lts.Account(400, leverage=10, closeout=1.0)},
    "flat swap, wide spread": {"costs": lts.Costs.seed()},
    "points, no spread": {"costs": lts.Costs(spread_pips=0, swap=lts.PointsSwap(-7.1, 2.3))},
}


@pytest.mark.parametrize("strategy", HOSTILE, ids=repr)
@pytest.mark.parametrize("name", MARKETS)
def test_a_hostile_strategy_with_every_cost(strategy, name, market, minutes, pounds):
    options = {"costs": COSTS, **MARKETS[name]}
    mode = options.pop("mode", None)
    if mode is not None:
        options["rates"] = lts.RatesSettings({"GBP_USD": pounds}, mode=mode)
    if options.get("detail"):
        options["detail"] = minutes
    result = assert_parity(strategy, market, **options)
    assert len(result.fills) > 20


@pytest.mark.parametrize("strategy", SHIPPED_INSTANCES, ids=repr)
def test_a_shipped_strategy_with_every_cost(strategy, market, minutes):
    options = {"costs": COSTS, "detail": minutes, "stale_open": "worst", "account": lts.Account(hedging=True)}
    assert_parity(strategy, market, **options)


@pytest.mark.parametrize("strategy", [HOSTILE[1], HOSTILE[3], SHIPPED_INSTANCES[-1]], ids=repr)
def test_interpreted_is_replayed(strategy, market):
    assert_same(lts.run(strategy, market, costs=COSTS, jit=False), lts.replay(strategy, market, costs=COSTS))


def test_two_runs_are_one(market):
    assert_same(lts.run(Watcher(), market, costs=COSTS), lts.run(Watcher(), market, costs=COSTS))


# --- what the compiled loop takes short cuts around -----------------------------------------------------------------------------


def test_margin_is_that_of_this_close_also_where_nothing_happens(market):
    # Forty calm bars between decisions: nothing can be reached in them, and the margin moves with the mid all the same.
    assert_parity(Watcher(every=40, calm=True), market)


@pytest.mark.parametrize(("least", "most", "steps"), [(1, 10, (6, 6, 12)), (3, 100, (5, -3, 2))])
def test_a_target_beyond_the_limits_is_refused_also_when_it_is_the_position(least, most, steps, market):
    # Two additions reach a position above the largest order (or below the smallest); asking for it again is refused every time.
    pair = lts.Instrument("EUR_USD", min_units=least, max_units=most)
    bars = lts.Bars.from_points(pair, "M15", market.time[:100], market.points.matrix[:, :100])
    result = assert_parity(Ladder(*steps), bars)
    assert len(result.orders) > 80


def test_memory_has_its_declared_types_at_once(market):
    # A whole number that is given 1149.7 holds 1149, a truth that is given 2 is true: in the same decision, not from the next on.
    result = assert_parity(Typed(), market[:300])
    assert len(result.fills) > 20


# --- portfolios -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pairs():
    made = {
        name: lts.synthetic_bars(name, "M15", n=1_500, seed=k, start="2024-02-25", missing=0.05) for k, name in enumerate(PAIRS)
    }
    assert len({bars.time.tobytes() for bars in made.values()}) == len(PAIRS)  # no two clocks agree
    return made


PAIRS = ("EUR_USD", "USD_JPY", "EUR_GBP")
PORTFOLIOS = {
    "dollars": {"costs": COSTS},
    "tight margin": {"costs": COSTS, "account": lts.Account(900, leverage=20, closeout=1.0)},
    "hedging in pounds": {"costs": COSTS, "account": lts.Account(currency="GBP", hedging=True), "intrabar": "ohlc"},
    "one and a half": {"allocation": {"EUR_USD": 0.5, "EUR_GBP": 1.5}},
    "later": {"trade_from": "2024-03-04", "close_at_end": False, "intrabar": "best"},
}


@pytest.mark.parametrize("name", PORTFOLIOS)
def test_a_portfolio_of_three_pairs(name, pairs):
    rules = (Noise(eager=0.4), Watcher(every=3), Follower(stop_pips=8, flip=9))
    sleeves = {pair: (rule, pairs[pair]) for pair, rule in zip(PAIRS, rules, strict=True)}
    options = {"rates": {"GBP_USD": lts.synthetic_bars("GBP_USD", "M15", n=1_600, seed=9, start="2024-02-25")}, **PORTFOLIOS[name]}
    compiled = lts.run_portfolio(sleeves, **options)
    assert_same(compiled, lts.run_portfolio(sleeves, **options, jit=False))
    assert set(np.unique(compiled.logs["fills"]["instrument"])) == {0, 1, 2}


def test_a_portfolio_of_one_is_a_run(pairs):
    alone = lts.run(Watcher(), pairs["EUR_USD"], costs=COSTS)
    assert_same(alone, lts.run_portfolio({"EUR_USD": (Watcher(), pairs["EUR_USD"])}, costs=COSTS))


def test_allocation_counts_on_a_portfolio_of_one(pairs):
    sleeves = {"EUR_USD": (Follower(units=1_000), pairs["EUR_USD"])}
    whole, half = (lts.run_portfolio(sleeves, allocation={"EUR_USD": share}) for share in (1.0, 0.5))
    assert list(half.fills["units"]) == list(whole.fills["units"] / 2)


# --- the balance by close -------------------------------------------------------------------------------------------------------


@pytest.fixture
def booked(monkeypatch):
    """What the market's balance was at the close of every stamp, micro."""
    seen, step = [], PaperBroker.step

    def recorded(self, stamp):
        worth = step(self, stamp)
        seen.append(int(self.memory.state[BALANCE]))
        return worth

    monkeypatch.setattr(PaperBroker, "step", recorded)
    return seen


def assert_balances(result, booked):
    """Hold the series equal to what was booked; at the last close what is open may have been closed."""
    shown = np.rint(result.balance.to_numpy() * 1e6).astype(np.int64)
    assert list(shown[:-1]) == booked[:-1]
    assert shown[-1] == result.final_micro


@pytest.mark.parametrize("strategy", [Noise(), Watcher(), Follower(stop_pips=6)], ids=repr)
@pytest.mark.parametrize("name", ["netting", "hedging", "trade from", "stale worst, open at the end", "flat swap, wide spread"])
def test_the_balance_of_every_close_is_the_markets(strategy, name, market, booked):
    result = lts.replay(strategy, market, **{"costs": COSTS, **MARKETS[name]})
    assert_balances(result, booked)


@pytest.mark.parametrize("name", PORTFOLIOS)
def test_the_balance_of_a_portfolio_whose_pairs_end_one_by_one(name, pairs, booked):
    rules = (Noise(eager=0.4), Watcher(every=3), Follower(stop_pips=8, flip=9))
    sleeves = {pair: (rule, pairs[pair][: 1_500 - 200 * k]) for k, (pair, rule) in enumerate(zip(PAIRS, rules, strict=True))}
    options = {"rates": {"GBP_USD": lts.synthetic_bars("GBP_USD", "M15", n=1_600, seed=9, start="2024-02-25")}, **PORTFOLIOS[name]}
    assert_balances(lts.run_portfolio(sleeves, **options, jit=False), booked)


# --- everything -----------------------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
def test_every_shipped_strategy_on_every_file(name, shared_data):
    bars = read(shared_data, name)
    for strategy in [*SHIPPED_INSTANCES, Watcher(), Noise()]:
        assert_parity(strategy, bars, rates=rates_for(bars), costs=lts.Costs(commission_per_lot=7, slippage_pips=0.1))
