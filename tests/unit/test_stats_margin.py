"""Margin used and the balance where it changed, from the logs alone: the market's own numbers, to the micro."""

from __future__ import annotations

import numpy as np
import pytest

import lts
from lts.research.inputs import features_of
from lts.research.replay import interpret
from lts.research.stats import margin_used
from lts.research.stats.facts import Facts
from lts.research.stats.ledger import balances
from lts.research.stats.margin import worth
from tests.parity import Noise

COSTS = lts.Costs(commission_per_lot=7, slippage_pips=0.3, swap_long=-6, swap_short=2)


def run(pair="EUR_USD", seed=1, **options):
    bars = lts.synthetic_bars(pair, "H1", n=900, seed=seed)
    return lts.run(Noise(seed=seed, units=20_000), bars, **({"costs": COSTS} | options))


def portfolio(**options):
    pairs = {"EUR_USD": 900, "USD_JPY": 600, "AUD_USD": 750}  # they end one by one; the last has a margin rate of its own
    sleeves = {
        pair: (Noise(seed=i, units=20_000), lts.synthetic_bars(pair, "H1", n=n, seed=i))
        for i, (pair, n) in enumerate(pairs.items())
    }
    return lts.run_portfolio(sleeves, **({"costs": COSTS, "account": lts.Account(balance=50_000)} | options))


CASES = {
    "dollars": run,
    "closed at the end": lambda: run(close_at_end=True),
    "hedging": lambda: run(account=lts.Account(hedging=True)),
    "yen, converted bar by bar": lambda: run("USD_JPY", 2),
    "a fixed rate": lambda: run("EUR_GBP", 3, rates={"GBP": 1.27}),
    "leverage": lambda: run(seed=4, account=lts.Account(leverage=200)),
    "close-outs": lambda: run(seed=5, account=lts.Account(balance=900)),
    "a warm-up": lambda: run(seed=6, trade_from="2015-01-20"),
    "a portfolio": portfolio,
    "a hedged portfolio": lambda: portfolio(account=lts.Account(balance=50_000, hedging=True)),
}


def market_margin(result):
    """Return what the market itself shows as margin used at each close, asked bar by bar."""
    setup, seen = result.setup, np.full(len(result.equity_micro), np.nan)

    def watch(stamp, k, view, decision):
        del k, decision
        seen[stamp - setup.start] = view.account.margin_used

    features = [features_of(s, b) for s, b in zip(result.strategies, setup.bars, strict=True)]
    interpret(setup, result.strategies, features, result.factors, watch=watch)
    return seen


@pytest.mark.parametrize("name", CASES)
def test_margin_used_is_the_markets(name):
    result = CASES[name]()
    found, expected = margin_used(result), market_margin(result)
    assert expected.max() > 0
    assert np.array_equal(found[:-1], expected[:-1])
    # the market is asked before the last close's closing; this is after it
    assert found[-1] == (0 if result.setup.options.close_at_end else expected[-1])


@pytest.mark.parametrize("name", CASES)
def test_the_balance_changes_where_it_says(name):
    result = CASES[name]()
    closes, found = balances(Facts(result))
    curve = result.balance.to_numpy()
    assert np.array_equal(found, curve[closes])
    between = np.r_[result.setup.terms.balance / 1e6, found][np.searchsorted(closes, np.arange(len(curve)), side="right")]
    assert np.array_equal(between, curve)
    peak = np.maximum.accumulate(np.r_[result.setup.terms.balance / 1e6, curve])[1:]
    assert result.stats["balance_max_drawdown"] == pytest.approx(max(0, np.max((peak - curve) / peak)), abs=1e-15)


def test_a_portfolio_with_rates_of_its_own_has_its_exposure_too():
    result = portfolio()
    notional = worth(Facts(result), [1.0] * 3)
    assert len(set(result.setup.instruments.margin)) > 1
    assert result.stats["max_exposure"] == notional.max()
    assert result.stats["max_leverage"] == pytest.approx((notional / result.equity_micro * 1e6).max())


@pytest.mark.parametrize("name", CASES)
def test_exposure_is_the_share_of_closes_with_a_trade(name):
    result = CASES[name]()
    held = np.zeros(len(result.equity_micro) + 1)
    for _, trade in result.fills.groupby("trade"):
        begin = Facts(result).fill_close[trade.index[0]]
        end = Facts(result).fill_close[trade.index[-1]] if abs(trade["units"].sum()) < 1e-9 else len(held) - 1
        held[begin] += 1
        held[end] -= 1
    assert result.stats["exposure_time"] == pytest.approx(np.mean(np.cumsum(held)[:-1] > 0))
