"""The ready-made strategies: what each decides, alone with a view made by hand and in whole runs."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from math import isnan, nan
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lts
from lts.data.bars import Bars
from lts.errors import ParameterError
from lts.instruments import Instrument
from lts.sim.indicators.sides import side
from lts.strategies import Bollinger, DefaultStrategy, Donchian, EmaCross, Momentum, RsiReversion, SmaCross, Strategy, base
from tests.flat import ns

SHORT = {
    SmaCross: SmaCross(5, 20),
    EmaCross: EmaCross(5, 20),
    Donchian: Donchian(20, 10),
    Bollinger: Bollinger(20, 2),
    RsiReversion: RsiReversion(7),
    Momentum: Momentum(50, 5),
    DefaultStrategy: DefaultStrategy(stop_loss_pips=30, take_profit_pips=40),
}
WARM_UP = {SmaCross: 19, EmaCross: 19, Donchian: 19, Bollinger: 19, RsiReversion: 7, Momentum: 50, DefaultStrategy: 0}
every = pytest.mark.parametrize("strategy", SHORT.values(), ids=lambda s: type(s).__name__)


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=3000, seed=5)


def made_of(points, instrument="EUR_USD", timeframe="H1", half_range=0):
    """Bars whose bid and ask close at these points, each opening at its own close."""
    close = np.asarray(points, dtype=np.int32)
    time = ns("2014-01-06") + np.arange(len(close), dtype=np.int64) * 3600 * 10**9
    side = [close, close + half_range, close - half_range, close]
    return Bars.from_points(instrument, timeframe, time, np.array(side * 2))


def ask(strategy, now, prev=None, units=0.0, memory=None):
    """What the strategy decides, as (units, or None for stay), and its memory."""
    memory = memory or SimpleNamespace(**base._defaults(type(strategy)))
    held = SimpleNamespace(units=units)
    view = SimpleNamespace(now=SimpleNamespace(**now), prev=SimpleNamespace(**(prev or now)), position=held, memory=memory)
    made = strategy.decide(view)
    return (None if made.kind == 0 else made.units), memory


# all


def test_importing_the_strategies_loads_nothing_to_compile():
    code = "import sys, lts.strategies; print([m for m in ('numba', 'pandas', 'lts.sim.indicators') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@every
def test_a_strategy_says_what_it_does_and_where_it_comes_from(strategy):
    cls = type(strategy)
    assert isinstance(cls(), Strategy)
    assert all(p.help for p in cls.parameters.values())
    assert cls is DefaultStrategy or "References" in cls.__doc__
    assert all(name in cls.__doc__ for name in cls.parameters)


@every
def test_features_are_nan_exactly_while_warming_up(strategy, bars):
    firsts = []
    for values in strategy.features(bars).values():
        assert len(values) == len(bars)
        cold = values == 0 if isinstance(strategy, lts.SignalStrategy) else np.isnan(values)
        first = np.flatnonzero(~cold)[0]
        assert first <= WARM_UP[type(strategy)]
        assert not cold[first:].any()
        firsts.append(first)
    assert max(firsts) == WARM_UP[type(strategy)]


@every
def test_features_of_a_part_are_a_part_of_the_features(strategy, bars):
    whole, part = strategy.features(bars), strategy.features(bars[:777])
    for name in whole:
        assert np.array_equal(np.asarray(whole[name])[:777], part[name], equal_nan=True)


@every
def test_a_strategy_trades_both_sides_and_compiled_as_interpreted(strategy, bars):
    result = lts.run(strategy, bars)
    again = lts.run(strategy, bars, jit=False)
    assert (result.trades["units"] > 0).sum() > 5
    assert (result.trades["units"] < 0).sum() > 5
    assert result.trades.equals(again.trades)
    assert result.orders.equals(again.orders)


@every
def test_nothing_is_decided_before_the_features_are_there(strategy, bars):
    orders = lts.run(strategy, bars).orders
    assert orders["time"].iloc[0].value >= bars.time[WARM_UP[type(strategy)]]


@every
def test_a_market_that_stands_still_gives_no_order(strategy):
    orders = lts.run(strategy, made_of([110_000] * 99)).orders
    assert len(orders) == (1 if isinstance(strategy, DefaultStrategy) else 0)


@pytest.mark.parametrize(
    ("cls", "given_", "message"),
    [
        (SmaCross, {"fast": 20, "slow": 20}, "SmaCross fast: was 20 with slow=20"),
        (EmaCross, {"fast": 30, "slow": 20}, "EmaCross fast: was 30 with slow=20"),
        (Donchian, {"entry": 10, "leave": 11}, "Donchian leave: was 11 with entry=10"),
        (Bollinger, {"width": 0}, "Bollinger width: was 0"),
        (RsiReversion, {"oversold": 50}, "RsiReversion levels: were oversold=50, middle=50, overbought=70"),
        (RsiReversion, {"overbought": 40}, "RsiReversion levels: were oversold=30, middle=50, overbought=40"),
        (Momentum, {"hold": 0}, "Momentum hold: was 0"),
        (
            DefaultStrategy,
            {"stop_loss_pips": 0, "take_profit_pips": 0},
            "DefaultStrategy stop_loss_pips, take_profit_pips: were both 0",
        ),
        (SmaCross, {"stop_pips": -1}, "SmaCross stop_pips: was -1"),
    ],
)
def test_parameters_that_cannot_be_right_are_refused(cls, given_, message):
    with pytest.raises(ParameterError) as refused:
        cls(**given_)
    assert message in str(refused.value)


# crossing means


@pytest.mark.parametrize("cls", [SmaCross, EmaCross])
def test_a_cross_trades_when_the_side_changes_and_equality_keeps_it(cls):
    strategy = cls(5, 20, units=100)
    fast = np.array([nan, 1, 2, 3, 4, 2, 3, 2, 1, 1, 2, nan, 3.0])
    slow = np.array([nan, nan, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2.0])
    memory, decided = None, []
    for signal in side(fast, slow):
        units, memory = ask(strategy, {"signal": signal}, memory=memory)
        decided.append(units)
    assert decided == [None, None, None, 100, None, None, None, None, -100, None, None, None, 100]
    assert side(fast, slow).tolist() == [0, 0, 0, 1, 1, 1, 1, 1, -1, -1, -1, -1, 1]


def test_a_cross_states_its_protection():
    view = SimpleNamespace(now=SimpleNamespace(signal=1.0), memory=SimpleNamespace(signal=0.0))
    made = SmaCross(5, 20, stop_pips=7, target_pips=0).decide(view)
    assert (made.stop_pips, made.target_pips) == (7, 0)
    assert isnan(made.trailing_pips)
    assert isnan(made.stop_loss)


def sides(points, fast, slow):
    """Sentence 27 in plain Python: (bar, new side) for each change; sums compared by cross-multiplying whole numbers."""
    side, changes = 0, []
    for t in range(slow - 1, len(points)):
        a, b = sum(points[t - fast + 1 : t + 1]) * slow, sum(points[t - slow + 1 : t + 1]) * fast
        wanted = 1 if a > b else -1 if a < b else side
        if wanted != side:
            side = wanted
            changes.append((t, side))
    return changes


grid = st.lists(st.integers(-2, 2), min_size=20, max_size=120).map(lambda steps: (110_000 + np.cumsum(steps) * 10).tolist())


@settings(max_examples=40, deadline=None)
@given(points=grid, fast=st.integers(1, 6), more=st.integers(1, 9), stop=st.sampled_from((0, 1, 3)))
@example(points=[110_000] * 10 + [110_010] * 20 + [110_000] * 20, fast=2, more=3, stop=1)
def test_sma_cross_follows_its_sentence(points, fast, more, stop):
    strategy = SmaCross(fast, fast + more, units=1000, stop_pips=stop, target_pips=2 * stop)
    tape = made_of(points)
    result = lts.run(strategy, tape, intrabar="worst", stale_open="worst")
    orders = result.orders
    entries = orders[(orders["type"] == "MARKET") & (orders["status"] == "FILLED")]
    got = [
        (int(np.searchsorted(tape.time, t.value)), int(units)) for t, units in zip(entries["time"], entries["units"], strict=True)
    ]
    assert got == [(t, 1000 * side) for t, side in sides(points, fast, fast + more) if t < len(points) - 1]
    if stop == 0:  # always in the market: each trade ends where the next begins
        trades = result.trades
        assert trades["exit_time"].iloc[:-1].tolist() == trades["entry_time"].iloc[1:].tolist()
    else:  # taken out: nothing until the side changes
        assert len(result.trades) == len(entries)


@settings(max_examples=60, deadline=None)
@given(
    level=st.integers(1, 2**31 - 10),
    wiggle=st.lists(st.integers(0, 8), min_size=30, max_size=60),
    fast=st.integers(1, 15),
    more=st.integers(1, 15),
)
def test_means_compare_as_exact_fractions_do(level, wiggle, fast, more):
    slow = fast + more
    points = [level + w for w in wiggle]
    signal = SmaCross(fast, slow).signals(made_of(points, Instrument("EUR_USD", "EUR", "USD")))
    assert not signal[: slow - 1].any()
    last = 0
    for t in range(slow - 1, len(points)):
        a, b = Fraction(sum(points[t - fast + 1 : t + 1]), fast), Fraction(sum(points[t - slow + 1 : t + 1]), slow)
        last = (a > b) - (a < b) or last
        assert signal[t] == last


def test_means_whose_sums_leave_64_bits_are_refused():
    high = made_of([2**31 - 1] * 10)
    SmaCross(20_000, 90_000).features(high)
    with pytest.raises(ParameterError, match=r"means of 1000000 and 2000000 bars: points reach 2147483647.*Shorten"):
        SmaCross(1_000_000, 2_000_000).features(high)


# Donchian

CHANNEL = {"upper": 1.12, "lower": 1.08, "leave_upper": 1.11, "leave_lower": 1.09}


@pytest.mark.parametrize(
    ("close", "held", "expected"),
    [
        (1.121, 0, 100),
        (1.12, 0, None),  # at the line
        (1.079, 0, -100),
        (1.08, 0, None),
        (1.115, 0, None),  # the inner channel does not enter
        (1.121, 100, None),
        (1.089, 100, 0),
        (1.09, 100, None),
        (1.079, 100, -100),  # through both: turned round
        (1.111, -100, 0),
        (1.121, -100, 100),
        (1.079, -100, None),
    ],
)
def test_donchian_enters_and_leaves_through_its_channels(close, held, expected):
    decided, _ = ask(Donchian(units=100), {"bid_close": close}, CHANNEL, held)
    assert decided == expected


@pytest.mark.parametrize("close", [0.0, 9.0])
@pytest.mark.parametrize("held", [0, 100, -100])
def test_donchian_waits_for_its_channels(close, held):
    assert ask(Donchian(), {"bid_close": close}, dict.fromkeys(CHANNEL, nan), held)[0] is None


def test_donchian_looks_at_the_bars_before_this_one(bars):
    orders = lts.run(Donchian(20, 20), bars).orders
    high, low, close = bars.bid_high, bars.bid_low, bars.bid_close
    side, expected = 0, []
    for t in range(20, len(bars) - 1):
        new = 1 if close[t] > high[t - 20 : t].max() else -1 if close[t] < low[t - 20 : t].min() else side
        expected += [(t, new)] if new != side else []
        side = new
    entries = orders[orders["type"] == "MARKET"]
    assert [(bars.time[t], side) for t, side in expected] == [
        (t.value, np.sign(units)) for t, units in zip(entries["time"], entries["units"], strict=True)
    ]


# Bollinger

BAND = {"middle": 1.10, "upper": 1.12, "lower": 1.08}


@pytest.mark.parametrize(
    ("before", "close", "held", "expected"),
    [
        (1.09, 1.079, 0, 100),
        (1.08, 1.079, 0, 100),  # from the line itself
        (1.09, 1.08, 0, None),  # at the line
        (1.07, 1.075, 0, None),  # still outside: no second entry
        (1.11, 1.121, 0, -100),
        (1.13, 1.121, 0, None),
        (1.07, 1.10, 100, 0),
        (1.07, 1.099, 100, None),
        (1.13, 1.10, -100, 0),
        (1.13, 1.101, -100, None),
        (1.11, 1.121, 100, -100),
        (1.09, 1.079, -100, 100),
        (1.09, 1.079, 100, None),
    ],
)
def test_bollinger_enters_on_the_step_out_and_leaves_at_the_mean(before, close, held, expected):
    decided, _ = ask(Bollinger(units=100), {**BAND, "bid_close": close}, {**BAND, "bid_close": before}, held)
    assert decided == expected


@pytest.mark.parametrize("held", [0, 100, -100])
def test_bollinger_waits_for_its_bands(held):
    nothing = dict.fromkeys(BAND, nan)
    assert ask(Bollinger(), {**nothing, "bid_close": 9.0}, {**nothing, "bid_close": 1.0}, held)[0] is None
    assert ask(Bollinger(), {**BAND, "bid_close": 1.0}, {**nothing, "bid_close": 1.0}, 0)[0] is None


def test_bollinger_bands_are_prices(bars):
    made = Bollinger(20, 2).features(bars)
    last = bars.bid_close[-20:]
    assert made["middle"][-1] == pytest.approx(last.mean(), rel=1e-12)
    assert made["upper"][-1] == pytest.approx(last.mean() + 2 * last.std(), rel=1e-9)
    assert made["lower"][-1] == pytest.approx(last.mean() - 2 * last.std(), rel=1e-9)


# RSI


@pytest.mark.parametrize(
    ("before", "now", "held", "expected"),
    [
        (29, 30, 0, 100),
        (30, 31, 0, None),  # was not below
        (28, 29, 0, None),  # not back yet
        (29, 55, 0, None),  # over the middle at once
        (71, 70, 0, -100),
        (70, 69, 0, None),
        (71, 45, 0, None),
        (40, 50, 100, 0),
        (40, 49, 100, None),
        (60, 50, -100, 0),
        (60, 51, -100, None),
        (29, 31, -100, 100),  # turned round
        (71, 69, 100, -100),
        (nan, 31, 0, None),
        (nan, nan, 100, None),
    ],
)
def test_rsi_enters_on_the_way_back_and_leaves_at_the_middle(before, now, held, expected):
    decided, _ = ask(RsiReversion(units=100), {"rsi": now}, {"rsi": before}, held)
    assert decided == expected


# momentum


def test_momentum_looks_every_so_many_bars():
    strategy, memory, decided = Momentum(3, 2, units=100), None, []
    for change in [nan, nan, nan, 5, -5, 0, -5, -5, 5, 5, 5]:
        units, memory = ask(strategy, {"change": change}, memory=memory)
        decided.append(units)
    # looks at 5, 0, -5, 5: enters, keeps, turns, turns
    assert decided == [None, None, None, 100, None, None, None, -100, None, 100, None]


def test_momentum_is_the_change_over_its_window(bars):
    change = Momentum(50).features(bars)["change"]
    points = bars.points.bid_close.astype(np.int64)
    assert np.array_equal(change[50:], points[50:] - points[:-50])


# the default strategy


def test_default_strategy_takes_turns_and_a_buy_first(bars):
    trades = lts.run(SHORT[DefaultStrategy], bars).trades
    assert trades["units"].tolist() == [2000.0 if i % 2 == 0 else -2000.0 for i in range(len(trades))]
    assert set(trades["reason"][:-1]) == {"STOP_LOSS", "TAKE_PROFIT"}
    assert (trades["entry_time"].iloc[1:].to_numpy() > trades["exit_time"].iloc[:-1].to_numpy()).all()


def test_default_strategy_stands_at_eighty_and_a_hundred_pips(bars):
    order = lts.run(DefaultStrategy(), bars).orders.iloc[0]
    assert (order["units"], order["stop_pips"], order["target_pips"]) == (2000, 80, 100)


def test_default_strategy_counts_pips_and_lots_of_the_instrument():
    yen = lts.synthetic_bars("USD_JPY", "H1", n=3000, seed=5)
    trades = lts.run(DefaultStrategy(), yen, account=lts.Account(1_000_000, "JPY")).trades
    stopped = trades[trades["reason"] == "STOP_LOSS"]
    assert len(stopped) > 2
    assert (stopped["entry_price"] - stopped["exit_price"]).abs().min() == pytest.approx(0.80, abs=1e-9)
    gold = Instrument("XAU_USD", "XAU", "USD", precision=3, pip_location=-2, lot=100.0)
    assert set(DefaultStrategy().features(made_of([1_250_000] * 3, gold))["lot"]) == {100.0}
    decided, _ = ask(DefaultStrategy(0.5), {"lot": 100.0})
    assert decided == 50
