"""The command line where a person trips: closed pipes, settings that lie in files, thresholds with slips, answers of odd types."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import lts

RUN = ("backtest", "run", "--strategy", "sma_cross", "--fast", "3", "--slow", "9")


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def hours(tmp_path):
    path = tmp_path / "hours.parquet"
    lts.synthetic_bars("EUR_USD", "H1", n=400, seed=3).to_pandas().to_parquet(path)
    return ("--data", path, "--instrument", "EUR_USD", "--timeframe", "H1")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("stats", "list"), ("version",), ("--help",), ("config", "show")])
def test_a_reader_that_leaves_is_no_trouble(words, unbuffered):
    """As `lts ... | true`: nothing on stderr, and not one of the codes that mean trouble."""
    read, write = os.pipe()
    os.close(read)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        [sys.executable, "-m", "lts", *words], stdout=write, stderr=subprocess.PIPE, text=True, check=False, env=environment
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("source", ["file", "environment"])
def test_data_named_in_a_file_or_the_environment_choose_the_market_as_on_the_command_line(run, tmp_path, monkeypatch, source):
    stated = {"sample": "ecb", "instrument": "EUR_USD", "strategy_plugin": "sma_cross", "fast": 3, "slow": 9}
    typed = json.loads(run(*RUN, "--sample", "ecb", "--instrument", "EUR_USD", "--json").out)
    if source == "file":
        path = tmp_path / "my.json"
        path.write_text(json.dumps(stated))
        done = run("--load_config", path, "--json")
    else:
        for key, value in stated.items():
            monkeypatch.setenv(f"LTS_{key.upper()}", str(value))
        done = run("backtest", "run", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["net_profit"] == typed["net_profit"]


def test_the_folder_of_shared_data_is_no_setting(run, monkeypatch):
    monkeypatch.setenv("LTS_DATA", "/nowhere")
    done = run(*RUN, "--sample", "ecb", "--json")
    assert done.code == 0, done.err


def test_a_stated_broker_is_not_replaced(run, tmp_path):
    path = tmp_path / "my.json"
    path.write_text(json.dumps({"sample": "ecb", "broker_plugin": "backtrader_simulation_broker"}))
    done = run("--load_config", path)
    assert done.code == 3
    assert "'sample'" in done.err


@pytest.mark.parametrize(
    ("limit", "said"), [("sharp=0.5", "Did you mean 'sharpe'?"), ("sharpe=nan", "'sharpe=nan'"), ("sharpe=1,sharpe=2", "twice")]
)
def test_a_slip_in_a_threshold_is_said_before_anything_runs(run, hours, limit, said):
    done = run(*RUN, *hours, "--fail-under", limit)
    assert (done.code, done.out, len(lts.results())) == (2, "", 0)
    assert said in done.err
    assert "SmaCross" not in done.err


def test_a_report_that_cannot_be_written_does_not_hide_the_kept_result(run, hours, tmp_path):
    done = run(*RUN, *hours, "--report", tmp_path / "none" / "page.html")
    assert done.code != 0
    (row,) = lts.results()
    assert row.id in done.out
    assert f"kept in {row.folder}" in done.err
    assert "its folder was not found" in done.err


def test_the_installed_command_finds_a_strategy_of_the_working_folder(hours, tmp_path):
    """As `python -m lts` does: a script's own sys.path starts at the folder of the script."""
    (tmp_path / "my_rules.py").write_text("import lts\nclass Mine(lts.strategies.SmaCross):\n    pass\n")
    start = "import sys; del sys.path[0]; from lts.cli import main; main()"
    words = [sys.executable, "-c", start, "backtest", "run", "--strategy", "my_rules:Mine", *map(str, hours)]
    environment = {**os.environ, "PYTHONPATH": str(Path(lts.__file__).parents[1])}
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr


def test_sql_answers_of_any_type_become_json(run):
    words = "[1, 2] as l, {'a': [1.5, 'nan'::double]} as s, date '2020-01-02' as d, timestamptz '2020-01-02 03:04:05+00' as t"
    done = run("data", "sql", f"select {words}, 'x'::blob as b, null as n, [] as e", "--json")
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)
    assert (row["l"], row["s"], row["n"], row["e"]) == ([1, 2], {"a": [1.5, None]}, None, [])
    assert pd.Timestamp(row["t"]) == pd.Timestamp("2020-01-02 03:04:05", tz="UTC")
    assert "T" in row["t"]


@pytest.mark.filterwarnings("default")
def test_a_warning_of_the_market_is_said_once(run, tmp_path):
    """The statistics run the market again, under the other paths inside a bar; that is nothing new to say."""
    frame = lts.synthetic_bars("EUR_USD", "H1", n=400, seed=3).to_pandas()
    for side in ("bid", "ask"):
        opens = frame[f"{side}_close"].shift(1).fillna(frame[f"{side}_open"])
        frame[f"{side}_open"] = opens
        frame[f"{side}_high"] = frame[[f"{side}_high", f"{side}_open"]].max(axis=1)
        frame[f"{side}_low"] = frame[[f"{side}_low", f"{side}_open"]].min(axis=1)
    path = tmp_path / "stale.parquet"
    frame.to_parquet(path)
    words = (*RUN, "--stop_pips", 5, "--target_pips", 5, "--data", path, "--instrument", "EUR_USD", "--timeframe", "H1")
    done = run(*words, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["ambiguous_bars"] > 0
    assert done.err.count("stale_open='worst' fills") == 1


def test_resample_says_json(run, hours, tmp_path):
    where = tmp_path / "days.csv"
    done = run("data", "resample", hours[1], "D1", where, *hours[2:], "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["file"], told["timeframe"]) == (str(where), "D1")


@pytest.mark.parametrize("verb", ["run", "list", "show", "compare", "rerun"])
def test_the_help_of_a_verb_shows_an_example(run, verb):
    assert f"lts backtest {verb} " in run("backtest", verb, "--help").out.partition("Example")[2]


def test_sql_answers_of_any_type_become_a_table(run):
    done = run("data", "sql", "select [1, 2] as l, 0.5 as f")
    assert (done.code, done.out.split("\n")[1].split("  ")) == (0, ["[1, 2]", "0.5"])


def test_a_statistic_that_is_none_is_called_so_in_a_table(run, tmp_path):
    path = tmp_path / "hour.csv"
    path.write_text("time,open,high,low,close\n2020-01-06 00:00,1.1,1.2,1.0,1.15\n")
    words = ("--data", path, "--instrument", "EUR_USD", "--timeframe", "H1", "--side", "mid", "--spread", 1, "--tz", "UTC")
    done = run(*RUN, *words)
    assert done.code == 0, done.err
    assert ["sharpe", "none"] in [line.split() for line in done.out.splitlines()]


def test_reports_of_the_command_line_hold_its_words(run, tmp_path):
    """Written at once or later, they are the same page."""
    done = run(*RUN, "--sample", "ecb", "--report", tmp_path / "now it is.html")
    assert done.code == 0, done.err
    assert run("report", "last", "--out", tmp_path / "later.html").code == 0
    now, later = ((tmp_path / name).read_text() for name in ("now it is.html", "later.html"))
    typed = f"lts backtest run --fast 3 --slow 9 --strategy=sma_cross --sample=ecb '--report={tmp_path / 'now it is.html'}'"
    shown = " ".join(html.unescape(re.sub("<[^>]*>", " ", now)).split())
    assert typed in shown
    assert typed in run("backtest", "show", "last").out
    assert now == later


def test_statistics_of_other_conventions_are_explained_and_listed(run):
    assert "252 * 1440" in run("stats", "explain", "sharpe_ratio", "--convention", "mt5").out
    assert "empyrical" in run("stats", "explain", "sharpe_ratio").out
    ids = [one["id"] for one in json.loads(run("stats", "list", "--convention", "mt5", "--json").out)]
    assert ids == [line.split()[0] for line in run("stats", "list", "--convention", "mt5").out.splitlines()]
    assert "margin_level" in ids
    wrong = run("stats", "list", "--convention", "mt4")
    assert (wrong.code, wrong.out) == (2, "")
    assert "it must be one of lts, empyrical, mt5. Did you mean 'mt5'?" in wrong.err
