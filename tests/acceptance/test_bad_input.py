"""What cannot be right is refused before anything runs, by an LtsError that shows what was given."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest

import lts
from lts.strategies import SmaCross

BARS = lts.synthetic_bars("EUR_USD", "M15", n=200, seed=1)
POUNDS = lts.synthetic_bars("EUR_GBP", "M15", n=200, seed=1)
RULE = SmaCross(fast=3, slow=8)
EUR = "EUR_USD"


def refuses(kind, message, call):
    """Hold that `call` raises this LtsError and that its message says all of this, in this order."""
    assert issubclass(kind, lts.LtsError)
    with pytest.raises(kind) as caught:
        call()
    assert re.search(message, str(caught.value), re.DOTALL), str(caught.value)


def later(name, start="2015-01-04", timeframe="M15"):
    return lts.synthetic_bars(name, timeframe, n=200, seed=2, start=start)


# --- run ------------------------------------------------------------------------------------------------------------------------

RUNS = {
    "costs, a number": ({"costs": 2.0}, lts.ParameterError, "costs: was 2.0"),
    "costs, a class": ({"costs": lts.Costs}, lts.ParameterError, "costs: was <class"),
    "account, a mapping": ({"account": {"balance": 1}}, lts.ParameterError, "account: was {'balance': 1}"),
    "intrabar": ({"intrabar": "wurst"}, lts.ParameterError, "intrabar: was 'wurst'.*Did you mean 'worst'"),
    "intrabar, none": ({"intrabar": None}, lts.ParameterError, "intrabar: was None"),
    "intrabar, a list": ({"intrabar": ["worst"]}, lts.ParameterError, "intrabar: was \\['worst'\\]"),
    "detail without bars": ({"intrabar": "detail"}, lts.ParameterError, "'detail': was given no finer bars"),
    "stale_open": ({"stale_open": "best"}, lts.ParameterError, "stale_open: was 'best'"),
    "close_at_end, text": ({"close_at_end": "no"}, lts.ParameterError, "close_at_end: was 'no'"),
    "close_at_end, none": ({"close_at_end": None}, lts.ParameterError, "close_at_end: was None"),
    "trade_from after the end": ({"trade_from": "2099-01-01"}, lts.ParameterError, "trade_from: lies after the last bar"),
    "trade_from, text": ({"trade_from": "tomorrow"}, lts.ParameterError, "trade_from: .*'tomorrow'"),
    "trade_from, no time": ({"trade_from": "NaT"}, lts.ParameterError, "trade_from: .*'NaT'"),
    "trade_from, no pandas time": ({"trade_from": pd.NaT}, lts.ParameterError, "trade_from: .*NaT"),
    "trade_from, nan": ({"trade_from": float("nan")}, lts.ParameterError, "trade_from: .*nan"),
    "detail, a number": ({"detail": 5}, lts.ParameterError, "detail: was int; it must be lts.Bars"),
    "detail, a frame": ({"detail": BARS.to_pandas()}, lts.ParameterError, "detail: was DataFrame; it must be lts.Bars"),
    "detail of another pair": (
        {"detail": later("GBP_USD", timeframe="M1")},
        lts.ParameterError,
        "detail: was GBP_USD; it must be EUR_USD",
    ),
    "detail that is coarser": ({"detail": later(EUR, timeframe="H1")}, lts.ParameterError, "detail: was H1; it must divide M15"),
    "detail that does not divide": (
        {"detail": later(EUR, timeframe="M10")},
        lts.ParameterError,
        "detail: was M10; it must divide M15",
    ),
    "swap without an entry": (
        {"costs": lts.Costs(swap={"GBP_USD": lts.PointsSwap(0, 0)})},
        lts.ParameterError,
        "swap: has no entry for 'EUR_USD'",
    ),
    "swap that begins later": (
        {"costs": lts.Costs(swap=lts.AnnualSwap(long={"2020-01-01": 0.01}, short=0))},
        lts.RatesError,
        "no rate was stated, the first holds from 2020-01-01",
    ),
}


@pytest.mark.parametrize("way", [lts.run, lts.replay], ids=["run", "replay"])
@pytest.mark.parametrize("case", RUNS)
def test_an_option_of_a_run(case, way):
    options, kind, message = RUNS[case]
    refuses(kind, message, lambda: way(RULE, BARS, **options))


def test_an_unknown_option():
    refuses(lts.ParameterError, "no parameter 'cost'.*Did you mean 'costs'", lambda: lts.replay(RULE, BARS, cost=1))
    with pytest.raises(TypeError, match="'cost'"):  # Python's own word: `run` states its parameters
        lts.run(RULE, BARS, cost=1)


@pytest.mark.parametrize(
    "when",
    [
        "2015-01-06",
        dt.date(2015, 1, 6),
        dt.datetime(2015, 1, 6),  # noqa: DTZ001  (naive on purpose)
        np.datetime64("2015-01-06"),
        "2015-01-06T00:00Z",
        dt.datetime(2015, 1, 5, 19, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
        pd.Timestamp("2015-01-06", tz="UTC"),
        pd.Timestamp("2015-01-06"),
    ],
    ids=repr,
)
def test_trade_from_takes_every_way_to_say_a_moment(when):
    assert str(lts.run(RULE, BARS, trade_from=when).equity.index[0]) == "2015-01-06 00:15:00+00:00"  # shown by closes


NOT_BARS = {"frame": BARS.to_pandas(), "none": None, "path": "EURUSD.parquet", "strategy": RULE}


@pytest.mark.parametrize("way", [lts.run, lts.replay], ids=["run", "replay"])
@pytest.mark.parametrize("given", NOT_BARS)
def test_what_is_not_bars(given, way):
    name = type(NOT_BARS[given]).__name__
    refuses(lts.ParameterError, f"bars: was {name}; it must be lts.Bars", lambda: way(RULE, NOT_BARS[given]))


@pytest.mark.parametrize("way", [lts.run, lts.replay], ids=["run", "replay"])
def test_no_bars(way):
    refuses(lts.BarsError, "EUR_USD: has no bars", lambda: way(RULE, BARS[:0]))


@pytest.mark.parametrize("intrabar", ["best", "ohlc", "wurst", ["worst"]])
def test_a_policy_beside_finer_bars(intrabar):
    call = lambda: lts.run(RULE, BARS, intrabar=intrabar, detail=later(EUR, timeframe="M1"))  # noqa: E731
    refuses(lts.ParameterError, f"intrabar: was {re.escape(repr(intrabar))}", call)


def test_no_finer_bars():
    refuses(lts.LtsError, "detail.*no bars", lambda: lts.run(RULE, BARS, detail=later(EUR, timeframe="M1")[:0]))


@pytest.mark.parametrize(
    ("given", "message"), [(SmaCross, "Write parentheses"), ("sma_cross", "was 'sma_cross'"), (None, "was None")]
)
def test_what_is_not_a_strategy(given, message):
    refuses(lts.ParameterError, f"strategy: .*{message}", lambda: lts.run(given, BARS))


# --- conversion -----------------------------------------------------------------------------------------------------------------

RATES = {
    "none at all": (None, "no rate from GBP to USD was found.*'GBP_USD': bars.*'GBP': number"),
    "of another currency": ({"CHF": 1.1}, "no rate from GBP to USD was found"),
    "negative": ({"GBP": -1}, "rates\\['GBP'\\]: was -1"),
    "nan": ({"GBP": float("nan")}, "rates\\['GBP'\\]: was nan"),
    "nothing": ({"GBP": None}, "rates\\['GBP'\\]: was a NoneType"),
    "a number for a pair": ({"GBP_USD": 1.2}, "1.2 was given for 'GBP_USD'"),
    "bars of another pair": ({"GBP_USD": BARS}, "rates\\['GBP_USD'\\]: holds bars of EUR_USD"),
    "bars that begin later": (
        {"GBP_USD": later("GBP_USD", start="2016-01-03")},
        "at 2015-01-04 22:00:00 UTC there was no rate, the GBP_USD bars begin 2016-01-03",
    ),
    "bars that ended long ago": ({"GBP_USD": later("GBP_USD", start="2014-01-05")}, "latest rate was of 2014-01-08.*days.*old"),
    "empty bars": ({"GBP_USD": later("GBP_USD")[:0]}, "the GBP_USD bars were empty"),
    "a list": ([1], "rates: was \\[1\\]"),
    "text": ("GBP", "rates: was 'GBP'"),
    "one number": (1.2, "rates: was 1.2"),
}


@pytest.mark.parametrize("case", RATES)
def test_a_rate_that_is_missing_or_cannot_be(case):
    rates, message = RATES[case]
    refuses(lts.InputError, message, lambda: lts.run(RULE, POUNDS, rates=rates))


def test_a_missing_rate_on_a_portfolio_names_the_pair():
    sleeves = {EUR: (RULE, BARS), "USD_CHF": (RULE, later("USD_CHF"))}
    account = lts.Account(currency="JPY")
    refuses(lts.RatesError, "EUR_USD on an account in JPY.*USD_JPY", lambda: lts.run_portfolio(sleeves, account=account))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mode": "middle"}, "was 'middle'.*Did you mean 'mid'"),
        ({"markup": 1.5}, "was 1.5"),
        ({"max_age": "7 fortnights"}, "was '7 fortnights'"),
        ({"max_age": -1}, "was -1"),
    ],
)
def test_settings_of_conversion(given, message):
    refuses(lts.ParameterError, message, lambda: lts.RatesSettings({"GBP": 1.2}, **given))


# --- costs, account, instruments ------------------------------------------------------------------------------------------------

COSTS = [
    ("spread_pips", -1),
    ("spread_pips", "1"),
    ("spread_pips", float("nan")),
    ("commission_per_lot", -7),
    ("commission_per_lot", True),
    ("slippage_pips", float("inf")),
    ("slippage_spread", -0.1),
    ("slippage_random_pips", -1),
    ("slippage_seed", 1.5),
    ("slippage_seed", -1),
    ("swap_long", "x"),
    ("swap_short", 1e12),
    ("commission_fraction", 1.5),
    ("commission_per_million", -1),
    ("commission_minimum", -1),
    ("nights", (1, 2)),
    ("nights", "1111111"),
    ("nights", (1, 1, -3, 1, 1, 0, 0)),
    ("nights", None),
    ("swap", 5),
]


@pytest.mark.parametrize(("name", "value"), COSTS)
def test_a_cost_that_no_broker_could_charge(name, value):
    refuses(lts.ParameterError, f"Costs {name}: was {re.escape(repr(value))}", lambda: lts.Costs(**{name: value}))


def test_swap_stated_twice():
    refuses(lts.ParameterError, "swap: was stated twice", lambda: lts.Costs(swap=lts.PointsSwap(1, 1), swap_long=2))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("x", 0), "long: was 'x'"),
        ((float("nan"), 0), "long: held nan"),
        ((0, {}), "short: had 0 rates"),
        ((0, {"someday": 1}), "short: .*'someday'"),
    ],
)
def test_a_financing_rate(given, message):
    for model in (lts.AnnualSwap, lts.PointsSwap):
        refuses(lts.ParameterError, message, lambda model=model: model(*given))


ACCOUNTS = [
    ("balance", 0),
    ("balance", -1),
    ("balance", float("nan")),
    ("balance", 1e13),
    ("balance", "10000"),
    ("balance", None),
    ("balance", True),
    ("currency", "usd"),
    ("currency", None),
    ("currency", "EURO"),
    ("currency", 5),
    ("leverage", 0),
    ("leverage", 0.5),
    ("leverage", "30"),
    ("leverage", float("inf")),
    ("leverage", True),
    ("closeout", 2),
    ("closeout", -0.1),
    ("closeout", "0.5"),
    ("closeout", None),
    ("hedging", "no"),
    ("hedging", None),
    ("hedging", 2),
]


@pytest.mark.parametrize(("name", "value"), ACCOUNTS)
def test_an_account_that_cannot_be(name, value):
    refuses(lts.ParameterError, f"Account {name}: was {re.escape(repr(value))}", lambda: lts.Account(**{name: value}))


INSTRUMENTS = [
    ({"precision": 9}, "precision: was 9"),
    ({"margin_rate": 0}, "margin_rate: was 0"),
    ({"margin_rate": "x"}, "margin_rate: was 'x'"),
    ({"min_units": 0}, "min_units: was 0"),
    ({"min_units": "1"}, "min_units: was '1'"),
    ({"max_units": 0.5}, "max_units: was 0.5"),
    ({"precision": 2.5}, "precision: was 2.5"),
    ({"units_precision": 2}, "units_precision: was 2"),
    ({"base": "GBP"}, "base and quote"),
    ({"lot": float("nan")}, "lot: was nan"),
    ({"pip_location": -6}, "pip_location: was -6"),
]


@pytest.mark.parametrize(("given", "message"), INSTRUMENTS)
def test_an_instrument_that_cannot_be(given, message):
    refuses(lts.InstrumentError, message, lambda: lts.Instrument(EUR, **given))


@pytest.mark.parametrize(
    ("given", "message"),
    [("EUR_USX", "'EUR_USX' is unknown.*Did you mean 'EUR_USD'"), ("", "'' is unknown"), (None, "None is unknown")],
)
def test_an_unknown_instrument(given, message):
    refuses(lts.InstrumentError, message, lambda: lts.instrument(given))


@pytest.mark.parametrize("name", ["EURUSD", "eur_usd", 5])
def test_a_name_that_is_none(name):
    refuses(lts.InstrumentError, f"{name!r}", lambda: lts.Instrument(name))


# --- strategies -----------------------------------------------------------------------------------------------------------------

PARAMETERS = [
    ({"fast": "x"}, "fast: was 'x'; it must be a finite int"),
    ({"fast": 2.5}, "fast: was 2.5"),
    ({"fast": True}, "fast: was True"),
    ({"fast": None}, "fast: was None"),
    ({"fast": 0}, "fast: was 0"),
    ({"fats": 3}, "no parameter 'fats'.*Did you mean 'fast'"),
    ({"units": float("inf")}, "units: was inf"),
    ({"units": -1}, "units: was -1"),
    ({"fast": 9, "slow": 8}, "fast: was 9"),
]


@pytest.mark.parametrize(("given", "message"), PARAMETERS)
def test_a_parameter_of_a_strategy(given, message):
    refuses(lts.ParameterError, f"SmaCross.*{message}", lambda: SmaCross(**given))


def test_too_many_and_twice():
    refuses(lts.ParameterError, "was given 6 positional values; it has 5", lambda: SmaCross(1, 2, 3, 4, 5, 6))
    refuses(lts.ParameterError, "fast: was given twice", lambda: SmaCross(20, fast=3))


FEATURES = {
    "none": (lambda bars: None, "features.*was NoneType|features.*None"),  # noqa: ARG005
    "a list": (lambda bars: [np.zeros(len(bars))], "features.*list"),
    "too short": (lambda bars: {"a": np.zeros(3)}, "features 'a': has shape \\(3,\\); it must be \\(200,\\)"),  # noqa: ARG005
    "two columns": (lambda bars: {"a": np.zeros((len(bars), 2))}, "features 'a': has shape \\(200, 2\\)"),
    "text": (lambda bars: {"a": ["x"] * len(bars)}, "features 'a': .*must be numbers"),
    "a number": (lambda bars: {"a": 1.0}, "features 'a': "),  # noqa: ARG005
    "nothing": (lambda bars: {"a": None}, "features 'a': "),  # noqa: ARG005
    "the bars' own name": (lambda bars: {"time": np.zeros(len(bars))}, "features 'time': is no name"),
    "two words": (lambda bars: {"a b": np.zeros(len(bars))}, "features 'a b': is no name"),
    "a keyword": (lambda bars: {"class": np.zeros(len(bars))}, "features 'class': is no name"),
    "an underscore": (lambda bars: {"_a": np.zeros(len(bars))}, "features '_a': is no name"),
    "a number for a name": (lambda bars: {1: np.zeros(len(bars))}, "features 1: is no name"),
    "complex numbers": (lambda bars: {"a": np.zeros(len(bars), complex)}, "features 'a': .*must be numbers"),
}


@pytest.mark.parametrize("case", FEATURES)
def test_features_that_cannot_be(case):
    make, message = FEATURES[case]

    class Rule(lts.Strategy):
        def features(self, bars):
            return make(bars)

        def decide(self, view):
            del view
            return lts.stay()

    refuses(lts.ParameterError, f"Rule.*{message}", lambda: lts.run(Rule(), BARS, jit=False))


# --- portfolios -----------------------------------------------------------------------------------------------------------------

ONE = {EUR: (RULE, BARS)}
PORTFOLIOS = {
    "no sleeves": (({},), {}, "was given no sleeves"),
    "a list": (([(RULE, BARS)],), {}, "sleeves: was list|run_portfolio.*list"),
    "a strategy alone": (({EUR: RULE},), {}, "'EUR_USD'.*\\(strategy, bars\\)"),
    "three things": (({EUR: (RULE, BARS, 1)},), {}, "'EUR_USD'.*\\(strategy, bars\\)"),
    "the wrong way round": (({EUR: (BARS, RULE)},), {}, "EUR_USD.*must be"),
    "no bars": (({EUR: (RULE, None)},), {}, "EUR_USD.*NoneType.*lts.Bars"),
    "empty bars": (({EUR: (RULE, BARS[:0])},), {}, "EUR_USD: has no bars"),
    "a class": (({EUR: (SmaCross, BARS)},), {}, "Write parentheses"),
    "another name": (({"GBP_USD": (RULE, BARS)},), {}, "'GBP_USD': its bars are EUR_USD"),
    "two time frames": (
        ({EUR: (RULE, BARS), "GBP_USD": (RULE, later("GBP_USD", timeframe="H1"))},),
        {},
        "timeframes: were H1, M15",
    ),
    "an unknown share": ((ONE,), {"allocation": {"GBP_USD": 1}}, "allocation: was {'GBP_USD': 1}"),
    "a negative share": ((ONE,), {"allocation": {EUR: -1}}, "allocation: was {'EUR_USD': -1}"),
    "a share that is nan": ((ONE,), {"allocation": {EUR: float("nan")}}, "allocation: was {'EUR_USD': nan}"),
    "a share in text": ((ONE,), {"allocation": {EUR: "1"}}, "allocation: was {'EUR_USD': '1'}"),
    "one number for all": ((ONE,), {"allocation": 1}, "allocation: was 1"),
    "a list of shares": ((ONE,), {"allocation": [1]}, "allocation: was \\[1\\]"),
    "finer bars alone": ((ONE,), {"detail": later(EUR, timeframe="M1")}, "detail: was .*Bars"),
    "finer bars of a stranger": ((ONE,), {"detail": {"GBP_USD": later("GBP_USD", timeframe="M1")}}, "detail"),
    "costs": ((ONE,), {"costs": 5}, "costs: was 5"),
}


@pytest.mark.parametrize("case", PORTFOLIOS)
def test_a_portfolio_that_cannot_be(case):
    args, options, message = PORTFOLIOS[case]
    refuses(lts.InputError, message, lambda: lts.run_portfolio(*args, **options))
