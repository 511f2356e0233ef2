"""Saved results: complete or not there, JSON without nan, the recipe in plain values; what is damaged is said."""

from __future__ import annotations

import json
import math
import multiprocessing
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import lts
from lts.errors import ParameterError, ResultError
from lts.research.code import code_digest
from lts.research.loaded import kept_bars
from lts.research.recipe import iso, recipe, stamp_of
from lts.sim.dated import Dated
from tests.small import scripted, table

FLAT = (1.1, 1.1, 1.1, 1.1)


def result(n=300, **more):
    return lts.run(lts.strategies.SmaCross(fast=3, slow=9), lts.synthetic_bars("EUR_USD", "H1", n=n, seed=3), **more)


def about(folder):
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def strict(text):
    """Parse JSON as others do: without nan and infinity."""

    def refuse(word):
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


def test_a_number_that_is_none_is_null_with_its_reason(tmp_path):
    empty = lts.run(scripted(), table([FLAT] * 60))
    folder = empty.save(tmp_path / "r")
    told = strict((folder / "result.json").read_text(encoding="utf-8"))
    assert told["stats"]["sharpe"] is None
    assert set(told["reasons"]) == {name for name, value in told["stats"].items() if value is None}
    assert all(told["reasons"].values())
    loaded = lts.load_result(folder)
    assert math.isnan(loaded.stats["sharpe"])
    assert loaded.reasons == told["reasons"]


def test_the_recipe_is_plain_and_complete():
    swap = lts.AnnualSwap({"2015-01-01": np.float64(-0.02), "2015-02-01": -0.03}, 0.01)
    costs = lts.Costs(spread_pips=np.float64(1.5), swap={"EUR_USD": swap, "USD_JPY": lts.PointsSwap(1, 2)}, slippage_seed=9)
    made = recipe(result(costs=costs, rates={"GBP": 1.3}, trade_from="2015-01-08 09:00:00.000001"), command=["lts", "x"])
    assert strict(json.dumps(made)) == made
    (rule,) = made["strategies"]
    assert rule["class"] == "lts.strategies.sma_cross:SmaCross"
    assert rule["parameters"] == {"fast": 3, "slow": 9, "units": 10_000.0, "stop_pips": 20.0, "target_pips": 30.0}
    assert rule["code"] == code_digest(lts.strategies.SmaCross)
    # 2015-01-01 and 2015-02-01 are 16,436 and 16,467 days after 1970-01-01
    dated = {"times": [16_436 * 86_400 * 10**9, 16_467 * 86_400 * 10**9], "values": [-0.02, -0.03]}
    assert made["costs"]["swap"]["EUR_USD"] == {"kind": "AnnualSwap", "long": dated, "short": 0.01, "days": 365.0}
    assert made["costs"]["spread_pips"] == 1.5
    assert made["seed"] == 9
    assert made["rates"]["sources"] == {"GBP": 1.3}
    assert made["trade_from"] == "2015-01-08T09:00:00.000001000Z"
    assert made["command"] == ["lts", "x"]
    assert {"lts", "python", "numpy", "numba", "pandas"} <= set(made["versions"])
    (data,) = made["data"]
    assert (data["bars"], data["instrument"], data["timeframe"]) == (300, "EUR_USD", "H1")
    assert set(data["columns"]) == {
        "time",
        "volume",
        *(f"{s}_{p}" for s in ("bid", "ask") for p in ("open", "high", "low", "close")),
    }
    assert data["origin"]["kind"] == "synthetic"
    assert set(made["outcome"]) == {"equity", "fills", "trades", "orders", "counts", "final_balance"}


def test_rates_of_somebody_elses_making_are_named(tmp_path):
    bars = lts.synthetic_bars("GBP_USD", "H1", n=300, seed=3)
    foreign = SimpleNamespace(time=bars.time, duration=bars.duration, points=bars.points, instrument=bars.instrument)
    own = lts.synthetic_bars("EUR_GBP", "H1", n=300, seed=4, price=0.85)
    folder = lts.run(lts.strategies.SmaCross(), own, rates={"GBP_USD": foreign}).save(tmp_path / "r", report=False)
    assert "namespace(" in about(folder)["recipe"]["rates"]["sources"]["GBP_USD"]
    with pytest.raises(lts.RatesError, match="GBP_USD"):
        lts.rerun(folder)


def test_stamps_are_written_to_the_nanosecond():
    for stamp in (0, 1_489_000_000_123_456_789, -1):
        assert stamp_of(iso(stamp)) == stamp


def test_equal_runs_have_equal_outcomes_and_others_have_not():
    first, second, other = (recipe(result(costs=lts.Costs(commission_per_lot=c)))["outcome"] for c in (7, 7, 8))
    assert first == second
    assert all(first[name] != other[name] for name in ("equity", "fills", "trades"))


def test_the_code_digest_follows_helpers_methods_and_constants():
    def rule(text):
        space = {"lts": lts, "__name__": "made_up"}
        exec(text, space)  # noqa: S102  (a class as a notebook makes it)
        return code_digest(space["Rule"])

    text = """
from lts import indicators
WIDTH = 3
def helper(x): return x + 1
class Rule(lts.strategies.SmaCross):
    LEVEL = 2
    def features(self, bars): return {"a": helper(self.own(bars)) * WIDTH}
    def own(self, bars): return bars.bid_close + self.LEVEL
"""
    base = rule(text)
    assert base == rule(text + "# a remark\n")
    changes = (("x + 1", "x + 2"), ("WIDTH = 3", "WIDTH = 4"), ("LEVEL = 2", "LEVEL = 5"), ("bid_close", "ask_close"))
    assert len({base, *(rule(text.replace(*change)) for change in changes)}) == 5


def test_the_code_digest_follows_functions_of_modules():
    def rule(step):
        tools = ModuleType("tools")
        exec(f"def inner(x): return x + {step}\ndef outer(x): return inner(x)", vars(tools))  # noqa: S102
        space = {"lts": lts, "tools": tools, "__name__": "made_up"}
        exec("class R(lts.SignalStrategy):\n    def signals(self, bars): return tools.outer(bars.bid_close)", space)  # noqa: S102
        return code_digest(space["R"])

    assert rule(1) == rule(1) != rule(2)


def test_a_digest_that_cannot_be_told_is_none():
    def outer():
        if math.isnan(1.0):
            empty = 1

        class Odd(lts.strategies.SmaCross):
            def own(self):
                return empty

        return Odd

    assert code_digest(outer()) is None
    assert recipe(lts.run(outer()(), lts.synthetic_bars("EUR_USD", "H1", n=50)))["strategies"][0]["code"] is None


def test_csv_on_request(tmp_path):
    made = result()
    folder = made.save(tmp_path / "r", formats=("csv",), report=False)
    assert {p.suffix for p in folder.iterdir()} == {".json", ".parquet", ".csv"}
    assert len(pd.read_csv(folder / "trades.csv")) == len(made.trades)
    equity = pd.read_csv(folder / "equity.csv")
    assert list(equity) == ["time", "equity", "balance"]
    with pytest.raises(ParameterError, match="'cvs'.*Did you mean 'csv'"):
        made.save(tmp_path / "r", formats=("cvs",))


def test_saving_again_replaces_the_result_and_nothing_else(tmp_path):
    folder = result().save(tmp_path / "r", formats=("csv",), report=False)
    (folder / "mine.txt").write_text("keep me")
    result(n=200).save(folder, report=False)
    assert (folder / "mine.txt").read_text() == "keep me"
    assert about(folder)["recipe"]["data"][0]["bars"] == 200
    assert not (folder / "trades.csv").exists()  # it was the old result's
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_a_crash_in_the_middle_leaves_the_old_result_and_no_other(tmp_path, monkeypatch):
    folder = result().save(tmp_path / "r", report=False)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lts.research.saved._keep_bars", full)
    from_memory = lts.run(scripted(lts.go(1_000)), table([FLAT] * 9))
    for target in (folder, tmp_path / "new"):
        with pytest.raises(ResultError, match="cannot be written .No space left on device."):
            from_memory.save(target, report=False)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["r"]

    def stopped(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("lts.research.saved._keep_bars", stopped)
    with pytest.raises(KeyboardInterrupt):
        from_memory.save(tmp_path / "new", report=False)
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_a_report_that_fails_leaves_the_result_whole(tmp_path, monkeypatch):
    def broken(_result, path, **_how):
        path.write_text("<!doc")
        raise ZeroDivisionError

    monkeypatch.setattr("lts.research.report.report", broken)
    with pytest.raises(ZeroDivisionError):
        result().save(tmp_path / "r", report=True)
    assert not any(p.suffix == ".html" for p in (tmp_path / "r").iterdir())
    assert lts.rerun(tmp_path / "r").equal


KILLED = """
import os, signal, sys
import lts
from lts.research import saved
saved._keep_bars = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
bars = lts.synthetic_bars("EUR_USD", "H1", n=60)
bars.origin = None
lts.keep(lts.run(lts.strategies.SmaCross(fast=3, slow=9), bars))
"""


def test_a_process_killed_in_the_middle_leaves_no_half_result(tmp_path, monkeypatch):
    monkeypatch.setenv("LTS_HOME", str(tmp_path))
    assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == -signal.SIGKILL
    assert any((tmp_path / "results").iterdir())  # what it had written so far, under a hidden name
    assert list(lts.results()) == []
    assert lts.rerun(lts.keep(result())).equal


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ParameterError, match="holds no result"):
        result().save(tmp_path / "file")
    with pytest.raises(ResultError, match="cannot be written"):
        result().save(tmp_path / "file" / "below")


def test_bars_without_an_origin_lie_beside_the_result(tmp_path):
    bars = table([FLAT] * 30)
    folder = lts.run(scripted(lts.go(1_000)), bars).save(tmp_path / "r")
    entry = about(folder)["recipe"]["data"][0]
    assert entry["origin"] is None
    again = kept_bars(folder, entry)
    assert again.fingerprint == bars.fingerprint
    assert again.instrument == bars.instrument


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "result.json is damaged"),
        ("", "result.json is damaged"),
        ("[1]", "has schema None"),
        ('{"schema": 1}', "has schema 1; this lts reads 2. Run it again"),
        ('{"schema": 99}', "has schema 99; this lts reads 2. Update lts"),
        ('{"schema": 2, "stats": {}}', "has no right recipe, reasons, notes"),
        ('{"schema": 2, "recipe": 3, "stats": {}, "reasons": {}, "notes": 4}', "has no right recipe, notes"),
    ],
)
def test_a_damaged_result_says_what_is_wrong(tmp_path, text, said):
    folder = result().save(tmp_path / "r", report=False)
    (folder / "result.json").write_text(text)
    with pytest.raises(ResultError, match=said):
        lts.load_result(folder)


def test_a_truncated_or_missing_table_is_named(tmp_path):
    folder = result().save(tmp_path / "r", report=False)
    path = folder / "fills.parquet"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(ResultError, match="fills.parquet cannot be read"):
        lts.load_result(folder)
    path.unlink()
    with pytest.raises(ResultError, match="fills.parquet cannot be read"):
        lts.load_result(folder)


def _save(folder):
    return str(result(n=60).save(folder, report=False))


def test_two_processes_may_save_to_one_place(tmp_path):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert set(pool.map(_save, [tmp_path / "r"] * 6)) == {str(tmp_path / "r")}
    assert len(lts.load_result(tmp_path / "r").equity) == 60
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_dated_rates_read_back_exactly():
    from lts.research.restore import options_of

    long = Dated((1, 10**18 + 1), (0.1 + 0.2, -1 / 3))
    costs = lts.Costs(swap=lts.AnnualSwap(long, {"2015-01-01": 0.0}, days=360), commission_per_lot=7, nights=(1, 0, 3, 1, 1, 0, 0))
    made = lts.run(scripted(), table([FLAT] * 3), costs=costs, account=lts.Account(5, leverage=30.5, hedging=True))
    again = options_of(strict(json.dumps(recipe(made))))
    assert again == made.setup.options


def test_empty_tables_come_back_as_they_were(tmp_path):
    first = lts.run(lts.strategies.SmaCross(fast=3, slow=9), lts.synthetic_bars("EUR_USD", "H1", n=1, seed=3))
    first.save(tmp_path / "one", report=False)
    again = lts.load_result(tmp_path / "one")
    for name in ("trades", "fills", "orders"):
        found, made = (getattr(one, name).dtypes for one in (again, first))
        plain = made[made != "category"]  # of an empty column parquet keeps no categories
        pd.testing.assert_series_equal(found[plain.index], plain)
