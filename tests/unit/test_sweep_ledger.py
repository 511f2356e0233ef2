"""A sweep writes every set that ran into the trial ledger, once."""

from __future__ import annotations

import pytest

import lts
from lts.research import ledger

GRID = {"fast": [3, 5, 30], "slow": [20, 40], "stop_pips": [0, 10]}


@pytest.fixture
def own_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("LTS_HOME", str(tmp_path))
    monkeypatch.setenv("LTS_LEDGER", "on")


@pytest.mark.usefixtures("own_ledger")
def test_sets_that_ran_are_trials_and_count_once():
    bars = lts.synthetic_bars("EUR_USD", "H1", n=1_000, seed=3)
    found = lts.sweep(lts.strategies.SmaCross, bars, GRID, progress=False)
    refused = int((found.table["error"] != "").sum())
    assert refused == 2  # 30 is not below 20
    assert ledger.trials(bars).count == 10
    lts.sweep(lts.strategies.SmaCross, bars, GRID, progress=False, costs=lts.Costs(commission_per_lot=7))
    assert ledger.trials(bars).count == 10
    result = found.run(found.best())
    assert ledger.trials(bars).count == 10
    lts.run(found.strategy(0), bars)
    assert ledger.trials(bars).count == 10
    assert result.stats["trials"] == 10
    assert result.stats["dsr"] < result.stats["psr"]


@pytest.mark.usefixtures("own_ledger")
def test_a_span_that_trades_later_is_counted_for_itself():
    bars = lts.synthetic_bars("EUR_USD", "H1", n=1_000, seed=3)
    start = bars.to_pandas().index[500]
    lts.sweep(lts.strategies.SmaCross, bars, GRID, progress=False, trade_from=start)
    assert ledger.trials(bars).count == 0
    assert lts.run(lts.strategies.SmaCross(3, 20), bars, trade_from=start).stats["trials"] == 11


@pytest.mark.usefixtures("own_ledger")
def test_with_the_ledger_off_nothing_is_written(monkeypatch, tmp_path):
    monkeypatch.setenv("LTS_LEDGER", "off")
    lts.sweep(lts.strategies.SmaCross, lts.synthetic_bars("EUR_USD", "H1", n=500, seed=3), GRID, progress=False)
    assert list(tmp_path.iterdir()) == []
