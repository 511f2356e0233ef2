"""A kept result runs again to the same bytes: ten different ones, in this process and in another; changed data are refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import lts
from tests.small import table

COSTS = lts.Costs(commission_per_lot=7, slippage_pips=0.3, swap_long=-6, swap_short=2)
DATED = lts.AnnualSwap({"2015-01-01": -0.02, "2015-02-01": -0.031}, {"2015-01-01": 0.001, "2015-01-20": 0.004}, days=360)
RULES = lts.strategies


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("LTS_HOME", str(tmp_path / "home"))


def hours(pair="EUR_USD", n=900, seed=4, timeframe="H1", **more):
    return lts.synthetic_bars(pair, timeframe, n=n, seed=seed, **more)


def in_file(folder, bars):
    path = folder / "bars.parquet"
    bars.to_pandas().to_parquet(path)
    return path


def synthetic(_):
    return lts.run(RULES.SmaCross(fast=5, slow=30), hours(), costs=COSTS)


def dated_swap(_):
    costs = lts.Costs(
        swap=DATED, slippage_random_pips=0.7, slippage_seed=11, commission_fraction=0.00002, nights=(1, 1, 1, 1, 3, 0, 0)
    )
    return lts.run(RULES.Donchian(units=50_000), hours(), costs=costs, account=lts.Account(50_000, leverage=20, hedging=True))


def of_file(folder):
    bars = lts.read_bars(str(in_file(folder, hours())), instrument="EUR_USD", timeframe="H1")
    return lts.run(RULES.RsiReversion(), bars, costs=lts.Costs.seed(), intrabar="best", close_at_end=False)


def cut_and_resampled(folder):
    bars = lts.read_bars(in_file(folder, hours(n=3_000)), instrument="EUR_USD", timeframe="H1")["2015-01-20":]
    return lts.run(RULES.Momentum(), bars.resample("H4", anchor="utc")[50:400], costs=COSTS)


def from_memory(_):
    rows = [(p, p + 0.0012, p - 0.0011, p + 0.0004) for p in 1.1 + 0.004 * np.sin(np.arange(300) / 7)]
    return lts.run(RULES.SmaCross(fast=2, slow=9), table(np.round(rows, 5), spread=12), costs=COSTS)


def finer_bars(_):
    minutes = hours(n=20_000, timeframe="M5")
    return lts.run(RULES.SmaCross(fast=3, slow=9, stop_pips=5, target_pips=6), minutes.resample("H1"), detail=minutes)


def converted(folder):
    rates = lts.read_bars(in_file(folder, hours("GBP_USD")), instrument="GBP_USD", timeframe="H1")
    settings = lts.RatesSettings({"GBP_USD": rates, "USD": 1.0}, mode="markup", markup=0.004, max_age="9D")
    return lts.run(RULES.EmaCross(), hours("EUR_GBP", price=0.85), costs=COSTS, rates=settings)


def converted_by_number(_):
    costs = lts.Costs(swap={"GBP_JPY": lts.PointsSwap(-3.5, {"2015-01-01": 1, "2015-01-15": 2.5})})
    account = lts.Account(balance=1_000_000, currency="JPY")
    return lts.run(RULES.Bollinger(), hours("GBP_JPY", price=150.0), costs=costs, account=account, trade_from="2015-01-15 07:00")


def portfolio(_):
    sleeves = {pair: (RULES.SmaCross(fast=4 + i, slow=20), hours(pair, seed=i)) for i, pair in enumerate(("EUR_USD", "GBP_USD"))}
    return lts.run_portfolio(sleeves, costs=COSTS, allocation={"GBP_USD": 0.25}, account=lts.Account(30_000), stale_open="worst")


def sample(_):
    return lts.run(RULES.DefaultStrategy(), lts.samples.ecb("USD_CHF")["2008":"2012"], account=lts.Account(currency="CHF"))


TEN = (
    synthetic, dated_swap, of_file, cut_and_resampled, from_memory, finer_bars, converted, converted_by_number, portfolio, sample,
)  # fmt: skip


@pytest.mark.parametrize("make", TEN, ids=lambda make: make.__name__)
def test_a_kept_result_runs_again_to_the_same_bytes(make, tmp_path):
    first = make(tmp_path)
    assert len(first.logs["trades"]["trade"]) > 0
    done = lts.rerun(lts.keep(first))
    second = done.result
    assert done.equal
    assert (done.differences, done.changes) == ((), ())
    assert second.equity_micro.tobytes() == first.equity_micro.tobytes()
    for name, log in first.logs.items():
        assert {c: v.tobytes() for c, v in log.items()} == {c: v.tobytes() for c, v in second.logs[name].items()}
    assert second.notes == first.notes
    assert lts.load_result(lts.keep(second)).recipe == lts.load_result(lts.keep(first)).recipe


def command(*words, **variables):
    done = subprocess.run(
        [sys.executable, "-m", "lts", *words], capture_output=True, text=True, check=False, env=os.environ | variables
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("make", [portfolio, from_memory], ids=lambda make: make.__name__)
def test_another_process_gets_the_same_bytes(make, tmp_path):
    folder = lts.keep(make(tmp_path))
    code, said, log = command("backtest", "rerun", folder.name, "--json")
    assert code == 0, log
    assert json.loads(said) == {"id": folder.name, "equal": True, "differences": [], "changes": []}


def test_changed_data_are_refused_with_what_changed(tmp_path):
    folder = lts.keep(of_file(tmp_path))
    frame = hours().to_pandas()
    frame.loc[frame.index[500], ["bid_close", "bid_high"]] += 0.001
    frame.loc[frame.index[500], "ask_high"] += 0.002
    frame.loc[frame.index[500], "ask_close"] += 0.001
    frame.to_parquet(tmp_path / "bars.parquet")
    with pytest.raises(lts.BarsError) as refused:
        lts.rerun(folder)
    text = str(refused.value)
    assert "was refused, for its data have changed" in text
    assert str(tmp_path / "bars.parquet") in text
    assert "columns that differ: bid_high, bid_close, ask_high, ask_close" in text
    # 900 rows are 15 blocks of 64: row 500 lies in the block of rows 448 to 511
    assert f"between {frame.index[448]:%Y-%m-%dT%H:%M:%S}.000000000Z and {frame.index[511]:%Y-%m-%dT%H:%M:%S}" in text
    assert "bars was" not in text
    code, said, log = command("backtest", "rerun", folder.name)
    assert (code, said) == (4, "")
    assert "columns that differ" in log


def test_bars_that_were_added_cut_off_or_lost_are_named(tmp_path):
    folder = lts.keep(of_file(tmp_path))
    whole = hours(n=910).to_pandas()
    whole.to_parquet(tmp_path / "bars.parquet")
    with pytest.raises(lts.BarsError, match=r"bars was 900, is 910; last was .*, is "):
        lts.rerun(folder)
    whole[5:900].to_parquet(tmp_path / "bars.parquet")
    with pytest.raises(lts.BarsError, match=r"bars was 900, is 895; first was "):
        lts.rerun(folder)
    (tmp_path / "bars.parquet").unlink()
    with pytest.raises(lts.BarsError, match=r"cannot be had again: .*does not exist"):
        lts.rerun(folder)


def test_rates_and_finer_bars_are_compared_like_the_bars(tmp_path):
    rates = tmp_path / "rates"
    rates.mkdir()
    fine = hours("EUR_GBP", n=9_000, timeframe="M5", price=0.85)
    path = in_file(tmp_path, fine)
    detail = lts.read_bars(path, instrument="EUR_GBP", timeframe="M5")
    source = lts.read_bars(in_file(rates, hours("GBP_USD")), instrument="GBP_USD", timeframe="H1")
    first = lts.run(RULES.SmaCross(fast=3, slow=9), fine.resample("H1"), detail=detail, rates={"GBP_USD": source})
    folder = lts.keep(first)
    assert lts.rerun(folder).equal
    fine[:8_999].to_pandas().to_parquet(path)
    (rates / "bars.parquet").unlink()
    with pytest.raises(lts.BarsError) as refused:
        lts.rerun(folder)
    assert "EUR_GBP M5 (file" in str(refused.value)
    assert "bars was 9000, is 8999" in str(refused.value)
    assert "GBP_USD H1 (file" in str(refused.value)  # both at once
    assert "does not exist" in str(refused.value)


def test_bars_kept_beside_a_result_are_compared_too(tmp_path):
    folder = lts.keep(from_memory(tmp_path))
    (kept,) = (folder / "bars").iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(lts.BarsError, match="kept beside the result.: cannot be had again"):
        lts.rerun(folder)
    kept.unlink()
    with pytest.raises(lts.BarsError, match="kept beside the result.: cannot be had again"):
        lts.rerun(folder)


def test_numbers_that_differ_are_named_with_the_first_fill(tmp_path):
    folder = lts.keep(synthetic(tmp_path))
    path = folder / "result.json"
    about = json.loads(path.read_text())
    about["recipe"]["costs"]["slippage_pips"] = 0.4  # as a market would, whose slippage has changed
    path.write_text(json.dumps(about))
    done = lts.rerun(folder)
    assert not done.equal
    old = lts.load_result(folder).fills.price[0]
    assert any(text.startswith("fills: ") and f"row 0: price was {old}" in text for text in done.differences)
    assert any(text.startswith("final balance was") for text in done.differences)
    code, said, _ = command("backtest", "rerun", folder.name)
    assert code == 7
    assert "the numbers differ" in said
    (folder / "fills.parquet").unlink()
    assert any("fills.parquet is gone or damaged" in text for text in lts.rerun(folder).differences)


RULE = """
import lts

def widened(bars):
    return {"wide": bars.bid_close + 0.0}

class Mine(lts.strategies.SmaCross):
    def features(self, bars):
        return {**super().features(bars), **widened(bars)}
"""


def test_changed_code_is_reported_even_where_the_numbers_stay_equal(tmp_path, monkeypatch):
    path = tmp_path / "my_rule_for_rerun.py"
    path.write_text(RULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two texts of one length in one second look the same to its cache
    import my_rule_for_rerun

    folder = lts.keep(lts.run(my_rule_for_rerun.Mine(), hours()))
    assert lts.rerun(folder).changes == ()
    path.write_text(RULE.replace("0.0", "1.0"))  # a helper of `features`, in a column that `decide` does not look at
    monkeypatch.delitem(sys.modules, "my_rule_for_rerun")
    done = lts.rerun(folder)
    assert done.equal
    assert done.changes == ("code of my_rule_for_rerun:Mine: has changed",)
    path.unlink()
    monkeypatch.delitem(sys.modules, "my_rule_for_rerun")
    with pytest.raises(lts.PluginError, match="my_rule_for_rerun:Mine.*cannot be imported"):
        lts.rerun(folder)


def test_a_class_that_cannot_be_imported_is_said_so():
    class Local(lts.strategies.SmaCross):
        pass

    with pytest.raises(lts.PluginError, match="Local' was made in a function"):
        lts.rerun(lts.keep(lts.run(Local(), hours())))
    Local.__qualname__, Local.__module__ = "Local", "__main__"
    with pytest.raises(lts.PluginError, match="__main__:Local' was made in a script or notebook"):
        lts.rerun(lts.keep(lts.run(Local(), hours())))
