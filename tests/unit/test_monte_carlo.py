"""A result dealt again: trades in other orders, other days, other quotes."""

from __future__ import annotations

from io import StringIO
from itertools import product
from math import isnan

import numpy as np
import pytest

import lts
from lts.research.check.market import shaken
from lts.research.stats import daily_returns
from tests.small import MONDAY, scripted, table

OUT = lts.go(0)
IN = lts.go(10_000)
METHODS = ("shuffle", "bootstrap", "noise")


@pytest.fixture(scope="module")
def result():
    return lts.run(lts.strategies.SmaCross(5, 20), lts.synthetic_bars("EUR_USD", "H1", n=3_000, seed=2))


@pytest.fixture(scope="module")
def three_trades():
    """Return a run whose trades make +100, -50 and -30 USD."""
    prices = (1.1, 1.1, 1.11, 1.11, 1.105, 1.105, 1.102)
    return lts.run(scripted(IN, OUT, IN, OUT, IN, OUT), table([[price] * 4 for price in prices]))


def test_three_trades_in_all_orders_by_hand(three_trades):
    found = lts.monte_carlo(three_trades, "shuffle", n=3_000, seed=1)
    falls, counts = np.unique(found.drawn["max_drawdown"].round(12), return_counts=True)
    # -30 first, then +100: 50 of 10,070. -50 first, then +100: 50 of 10,000. +100 first: 80 of 10,100. +100 last: 80 of 10,000.
    assert falls == pytest.approx([50 / 10_070, 50 / 10_000, 80 / 10_100, 80 / 10_000], abs=1e-12)
    assert counts / 3_000 == pytest.approx([1 / 6, 1 / 6, 1 / 3, 1 / 3], abs=0.03)
    money, counts = np.unique(found.drawn["max_drawdown_money"].round(6), return_counts=True)
    assert money.tolist() == [50, 80]
    assert counts / 3_000 == pytest.approx([1 / 3, 2 / 3], abs=0.03)
    assert found.own["max_drawdown_money"] == pytest.approx(80)
    assert found.own["max_drawdown"] == pytest.approx(80 / 10_100)
    assert found.table.loc["max_drawdown", "worse"] == pytest.approx(2 / 3, abs=0.03)
    assert set(found.drawn["final_balance"]) == {10_020}
    assert found.probability_of_loss == 0


def test_the_order_of_the_trades_has_no_sharpe_ratio(three_trades):
    found = lts.monte_carlo(three_trades)
    assert np.isnan(found.drawn["sharpe"]).all()
    assert found.table.loc["sharpe", "reason"] == found.reasons["sharpe"] == "the order of the trades says nothing about the days"
    assert "none: the order of the trades" in str(found)


def test_days_drawn_again_by_hand():
    """Few days, so that everything that can be drawn is counted out."""
    prices = [1.1] * 24 + [1.111] * 24 + [1.0999] * 12
    run = lts.run(scripted(lts.go(10_000 / 1.1)), table([[price] * 4 for price in prices], start=MONDAY))
    r = daily_returns(run)
    found = lts.monte_carlo(run, "bootstrap", n=400, block=1)
    values = np.unique(found.drawn["final_balance"].round(6))
    whole = sorted({round(10_000 * float(np.prod(days)), 6) for days in product(1 + r, repeat=len(r))})
    assert values == pytest.approx(whole)
    assert found.own["final_balance"] == pytest.approx(run.headline["final_balance"])


def test_what_the_result_itself_comes_to(result):
    days, quotes = (lts.monte_carlo(result, method, n=2) for method in ("bootstrap", "noise"))
    assert days.own["final_balance"] == pytest.approx(result.headline["final_balance"])
    assert days.own["sharpe"] == pytest.approx(result.headline["sharpe"])
    assert days.own["max_drawdown_money"] <= result.headline["max_drawdown_money"]
    assert days.own["max_drawdown"] <= result.headline["max_drawdown"]  # days see less than closes
    assert quotes.own == {name: result.headline[name] for name in quotes.own}


def test_resampled_days_grow_as_the_days_did(result):
    found = lts.monte_carlo(result, "bootstrap", n=4_000)
    growth, own = np.log(found.drawn["final_balance"] / found.initial), np.log(found.own["final_balance"] / found.initial)
    assert growth.mean() == pytest.approx(own, abs=4 * growth.std() / 4_000**0.5)
    low, high = (found.quantile("sharpe", share) for share in (0.025, 0.975))
    assert [low, high] == pytest.approx(result.stats[["sharpe_low95", "sharpe_high95"]].tolist(), abs=0.25)


def test_noise_runs_the_strategy_on_shaken_bars(result):
    found = lts.monte_carlo(result, "noise", n=3, seed=5, share=0.2)
    seeds = np.random.SeedSequence(5).generate_state(3, np.uint64)
    for row, seed in enumerate(seeds):
        alone = lts.run(result.strategies[0], shaken(result.bars, int(seed), 0.2)).headline
        assert found.outcomes.loc[row].to_dict() == {name: alone[name] for name in found.drawn}
    assert len(set(found.drawn["final_balance"])) == 3


def test_noise_of_nothing_gives_the_result_itself(result):
    found = lts.monte_carlo(result, "noise", n=2, share=0)
    for name, values in found.drawn.items():
        assert set(values) == {result.headline[name]} == {found.own[name]}


def test_noisy_runs_are_no_trials(result, monkeypatch, tmp_path):
    monkeypatch.setenv("LTS_LEDGER", "on")
    monkeypatch.setenv("LTS_HOME", str(tmp_path))
    lts.monte_carlo(result, "noise", n=2)
    assert not len(lts.ledger.table())
    lts.run(result.strategies[0], result.bars)
    assert len(lts.ledger.table()) == 1


def test_shaken_bars_are_valid_quotes_near_the_true_ones(result):
    own, moved = result.bars.points.matrix.astype(int), shaken(result.bars, 3, 0.1).points.matrix.astype(int)
    assert (moved[1] >= moved[[0, 2, 3]]).all()
    assert (moved[2] <= moved[[0, 1, 3]]).all()
    assert (moved[4:] - moved[:4] == own[4:] - own[:4]).all()  # the spread is paid as it was
    away = (moved - own)[0]
    assert away.std() == pytest.approx(0.1 * np.median(own[1] - own[2]), rel=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_equal_seeds_give_equal_outcomes(result, method):
    first, again, other = (lts.monte_carlo(result, method, n=20, seed=seed).outcomes for seed in (3, 3, 4))
    assert first.equals(again)
    assert not first.equals(other)


def test_many_are_dealt_a_few_at_a_time(result, monkeypatch):
    from lts.research.monte_carlo import run

    whole = lts.monte_carlo(result, "shuffle", n=50).outcomes
    monkeypatch.setattr(run, "CELLS", 7)
    assert lts.monte_carlo(result, "shuffle", n=50).outcomes.equals(whole)
    assert lts.monte_carlo(result, "bootstrap", n=50).outcomes.notna().all(axis=None)


def test_quantiles_are_in_order_and_inside(result):
    found = lts.monte_carlo(result, "bootstrap", n=300)
    rows = found.table[["q05", "q25", "median", "q75", "q95"]].to_numpy(float)
    assert (np.diff(rows, axis=1) >= 0).all()
    for name, values in found.drawn.items():
        assert values.min() <= found.quantile(name, 0.05) <= found.quantile(name, 0.95) <= values.max()
        assert found.quantile(name, 0.05) == found.table.loc[name, "q05"]
    assert found.probability_of_loss == (found.drawn["final_balance"] < 10_000).mean()
    assert found.to_frame().equals(found.table)


def test_a_portfolio_is_shaken_pair_by_pair():
    pairs = {name: lts.synthetic_bars(name, "H1", n=600, seed=seed) for seed, name in enumerate(("EUR_USD", "AUD_USD"))}
    run = lts.run_portfolio({name: (lts.strategies.SmaCross(5, 20), bars) for name, bars in pairs.items()})
    found = lts.monte_carlo(run, "noise", n=2, seed=1)
    seeds = np.random.SeedSequence(1).generate_state(4, np.uint64).reshape(2, 2)
    moved = {name: shaken(bars, int(seed), 0.05) for (name, bars), seed in zip(pairs.items(), seeds[1], strict=True)}
    again = lts.run_portfolio({name: (lts.strategies.SmaCross(5, 20), bars) for name, bars in moved.items()})
    assert found.drawn["final_balance"][1] == again.headline["final_balance"]


@pytest.mark.parametrize(
    ("method", "why"), [("shuffle", "an order needs two closed trades"), ("bootstrap", "no daily return differs")]
)
def test_without_trades_there_is_nothing_to_deal(method, why):
    quiet = lts.run(lts.strategies.SmaCross(5, 20, units=0), lts.synthetic_bars("EUR_USD", "H1", n=300, seed=2))
    found = lts.monte_carlo(quiet, method, n=10)
    assert found.outcomes.isna().all(axis=None)
    assert found.table["reason"].str.startswith(why).all()
    assert isnan(found.probability_of_loss)
    assert isnan(found.probability_of_ruin())
    assert isnan(found.quantile("sharpe", 0.5))
    assert "none" in str(found)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"method": "suffle"}, "method: was 'suffle'; .* Did you mean 'shuffle'"),
        ({"n": 0}, "n: was 0; it must be a whole number from 1"),
        ({"n": True}, "n: was True"),
        ({"n": 2.5}, "n: was 2.5"),
        ({"seed": -1}, "seed: was -1"),
        ({"method": "noise", "share": -0.1}, "share: was -0.1"),
        ({"method": "noise", "share": float("nan")}, "share: was nan"),
        ({"method": "bootstrap", "block": 0}, "block: was 0"),
    ],
)
def test_what_cannot_be_is_refused(result, given, message):
    with pytest.raises(lts.ParameterError, match=message):
        lts.monte_carlo(result, **given)


def test_days_that_are_all_alike_have_no_sharpe_ratio():
    """Two days, dealt once: some seed draws the same one twice."""
    prices = [1.1] * 24 + [1.111] * 24
    run = lts.run(scripted(IN), table([[price] * 4 for price in prices], start=MONDAY))
    deals = (lts.monte_carlo(run, "bootstrap", n=1, seed=seed, block=1) for seed in range(20))
    found = next(deal for deal in deals if np.isnan(deal.drawn["sharpe"]).all())
    assert found.table.loc["sharpe", "reason"] == "no deal has it"


def test_what_is_no_result_is_refused(result):
    with pytest.raises(lts.ParameterError, match="result: was Bars; it must be what lts.run gave"):
        lts.monte_carlo(result.bars)


def test_ruin_is_a_fall_by_a_fraction_of_the_peak(result):
    found = lts.monte_carlo(result, "bootstrap", n=300)
    falls = found.drawn["max_drawdown"]
    middle = float(np.median(falls))
    assert found.probability_of_ruin(middle) == (falls >= middle).mean()
    assert found.probability_of_ruin() == (falls >= 0.5).mean()
    with pytest.raises(lts.ParameterError, match="fall: was 0"):
        found.probability_of_ruin(0)


@pytest.mark.parametrize("progress", [True, False])
def test_a_terminal_is_told_how_far_the_runs_are_and_only_if_it_wants(result, monkeypatch, progress):
    class Terminal(StringIO):
        def isatty(self):
            return True

    shown = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", shown)
    told = lts.monte_carlo(result, "noise", n=3, progress=progress)
    assert ("runs on shaken bars" in shown.getvalue()) == progress
    assert told.outcomes.equals(lts.monte_carlo(result, "noise", n=3, progress=False).outcomes)


def test_noise_beside_finer_bars_is_refused():
    minutes = lts.synthetic_bars("EUR_USD", "M30", n=400, seed=1)
    run = lts.run(lts.strategies.SmaCross(5, 20), minutes.resample("H1"), detail=minutes)
    with pytest.raises(lts.ParameterError, match="finer bars"):
        lts.monte_carlo(run, "noise", n=1)


def test_only_what_was_dealt_has_quantiles(result):
    found = lts.monte_carlo(result, n=5)
    with pytest.raises(lts.ParameterError, match="'cagr' is not dealt"):
        found.quantile("cagr", 0.5)
    with pytest.raises(lts.ParameterError, match="share: was 1.5"):
        found.quantile("sharpe", 1.5)


def test_the_picture_shows_what_varies(result, three_trades):
    for run, method, drawn in ((result, "bootstrap", 3), (three_trades, "shuffle", 2)):
        figure = lts.monte_carlo(run, method, n=200).plot()
        assert sum(bool(axes.patches) for axes in figure.axes) == drawn
        assert len(figure._repr_png_()) > 5_000
