"""`lts ledger`, the configuration key `ledger`, and the lines that a backtest's summary begins with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import lts
from lts.research import ledger
from lts.research.ledger import store

SmaCross = lts.strategies.SmaCross


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def backtest(run, tmp_path):
    path = tmp_path / "hours.parquet"
    lts.synthetic_bars("EUR_USD", "H1", n=900, seed=3).to_pandas().to_parquet(path)
    market = ("--data", path, "--instrument", "EUR_USD", "--timeframe", "H1", "--strategy", "sma_cross", "--slow", "20")
    return lambda fast, *more: run("backtest", "run", *market, "--fast", fast, *more)


def rows(text):
    return [re.split(r"\s{2,}", line) for line in text.splitlines()]


# the first lines


def test_a_summary_begins_with_the_interval_and_the_luck(run, backtest):
    for fast in (3, 4, 5):
        done = backtest(fast)
    assert done.code == 0, done.err
    (name, key), sharpe, dsr = rows(done.out)[:3]
    assert name == "id"
    stats = json.loads(run("backtest", "show", "last", "--json").out)["stats"]
    assert stats["trials"] == 3
    low, high = stats["sharpe_low95"], stats["sharpe_high95"]
    assert sharpe == ["Sharpe", f"{stats['sharpe']:.2f} a year; 95 % interval {low:.2f} to {high:.2f}"]
    assert dsr[1].startswith(f"{100 * stats['dsr']:.0f} %, ")
    assert f"above {stats['sharpe_by_luck']:.2f}, what the luckiest of the 3 sets tried on these bars would show" in dsr[1]
    shown = rows(run("backtest", "show", key).out)
    assert shown[1:3] == [sharpe, dsr]


def test_one_set_alone_is_said_to_be_alone(backtest):
    assert "is above 0; no other set was tried on these bars" in backtest(3).out


def test_a_kept_result_says_what_it_said_then(run, backtest):
    backtest(3)
    before = run("backtest", "show", "last").out
    ledger.record(lts.load_result(lts.results().find("last")).recipe["data"][0]["fingerprint"], SmaCross, [{}], [0.4], 40)
    assert run("backtest", "show", "last").out == before
    (page,) = run("report", "last").out.split()
    assert "no other set was tried on these bars" in Path(page).read_text(encoding="utf-8")
    assert "2 sets tried" in backtest(3).out


@pytest.mark.parametrize(("words", "why"), [(("--ledger", "false"), "ledger, command line"), ((), "ledger, environment")])
def test_the_configuration_turns_it_off(backtest, home, monkeypatch, words, why):
    if not words:
        monkeypatch.setenv("LTS_LEDGER", "off")
    done = backtest(3, *words)
    assert done.code == 0, done.err
    assert f"none: the trial ledger is off ({why}), so nobody knows how many sets were tried on these bars" in done.out
    assert not (home / store.NAME).exists()


def test_the_command_line_is_above_the_environment(backtest, monkeypatch):
    monkeypatch.setenv("LTS_LEDGER", "off")
    assert "no other set was tried" in backtest(3, "--ledger", "true").out


def test_a_word_that_is_neither_is_refused(backtest):
    done = backtest(3, "--ledger", "perhaps")
    assert done.code == 3
    assert "'ledger' (command line): was 'perhaps'" in done.err


def test_the_doctor_counts_nothing(run, home):
    assert run("doctor", "--warm", "--json").code == 0
    assert not (home / store.NAME).exists()


# the verbs


@pytest.fixture
def two():
    bars = lts.synthetic_bars("EUR_USD", "H1", n=900, seed=3)
    ledger.record(bars, SmaCross, [{"fast": n} for n in range(3, 1_503)], [0.05] * 1_500, 38)
    ledger.record(bars[:500], SmaCross, [{}], [0.1], 21, "run")
    return bars.fingerprint, bars[:500].fingerprint


def test_show_lists_the_bars_and_what_they_have_seen(run, two):
    head, *lines = rows(run("ledger", "show").out)
    assert head[:2] == ["fingerprint", "instrument"]
    assert {line[0]: (line[1], line[2], line[6]) for line in lines} == {
        two[0][:12]: ("EUR_USD", "H1", "1,500"),
        two[1][:12]: ("EUR_USD", "H1", "1"),
    }
    told = json.loads(run("ledger", "show", "--json").out)
    assert {row["fingerprint"]: row["trials"] for row in told} == {two[0]: 1_500, two[1]: 1}
    assert told[0]["first"] == "2015-01-04T22:00:00+00:00"
    assert told[0]["since"] is None


def test_show_of_one_tells_by_strategy(run, two):
    out = run("ledger", "show", two[0][:6]).out
    assert two[0] in out
    assert rows(out)[-1][:3] == ["SmaCross", "sweep", "1,500"]
    told = json.loads(run("ledger", "show", two[0], "--json").out)
    assert (told["tried"][0]["strategy"], told["tried"][0]["trials"], told["tried"][0]["most_days"]) == ("SmaCross", 1_500, 38)


def test_show_of_nothing_says_so(run, home):
    done = run("ledger", "show")
    assert (done.code, done.out) == (0, "")
    assert f"no trials in {home / store.NAME}" in done.err
    assert run("ledger", "show", "--json").out == "[]\n"


def test_a_fingerprint_must_fit_one(run, two):
    done = run("ledger", "show", "zz")
    assert (done.code, "fits 0 of the 2 fingerprints" in done.err) == (2, True)
    assert run("ledger", "clear", "", "--yes").code == 2
    assert two


def test_path_says_where(run, home):
    assert run("ledger", "path").out == f"{home / store.NAME}\n"
    assert json.loads(run("ledger", "path", "--json").out) == {"ledger": str(home / store.NAME)}


def test_clear_must_be_meant(run, two):
    done = run("ledger", "clear")
    assert done.code == 2
    assert "for 1,501 trials would be forgotten" in done.err
    assert run("ledger", "clear", two[0][:8], "--yes").out == "1,500 trials forgotten\n"
    assert run("ledger", "clear", "--yes").out == "1 trials forgotten\n"
    assert run("ledger", "show", "--json").out == "[]\n"


def test_a_damaged_file_is_an_error_of_data_until_it_is_moved_aside(run, home):
    home.mkdir()
    (home / store.NAME).write_bytes(b"garbage" * 1_000)
    for words in (["show"], ["clear", "--yes"]):
        done = run("ledger", *words)
        assert done.code == 4
        assert "`lts ledger aside`" in done.err
    assert run("ledger", "aside").out == f"{home / 'ledger.aside-1.sqlite'}\n"
    assert run("ledger", "show").code == 0
    assert "nothing was moved" in run("ledger", "aside").err


def test_a_backtest_beside_a_damaged_ledger_is_whole_and_says_what_to_do(backtest, home):
    home.mkdir()
    (home / store.NAME).write_bytes(b"garbage" * 1_000)
    done = backtest(3)
    assert done.code == 0
    assert re.search(r"DSR +none: Trial ledger .* is damaged .*`lts ledger aside`", done.out)
