"""`lts optimize` and `lts walkforward` as a person meets them."""

from __future__ import annotations

import io
import json
import re

import matplotlib as mpl
import pandas as pd
import pytest

import lts
from lts.research import ledger
from lts.strategies.base import Strategy, go

WORDS = ("--sample", "eurusd_h1", "--strategy", "sma_cross", "--workers", "1", "--commission_per_lot", "7")


def test_a_search_shows_the_best_sets_and_their_evidence(run, tmp_path):
    words = ("optimize", *WORDS, "--range", "fast=5:20", "--range", "slow=50,100", "--n", "12", "--top", "2", "--stop_pips", "30")
    code, out, err = run(*words, "--storage", tmp_path / "study.sqlite", "--plot", tmp_path / "search.png")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0].split() == [
        "set",
        "fast",
        "slow",
        "stop_pips",
        "sharpe",
        "net_profit",
        "max_drawdown",
        "trades",
        "profit_factor",
    ]
    assert "probability of backtest overfitting" in out
    assert "12 sets, best sharpe" in err
    assert mpl.image.imread(tmp_path / "search.png").std() > 0.02
    code, out, _ = run(*words, "--storage", tmp_path / "study.sqlite", "--csv")
    assert len(pd.read_csv(io.StringIO(out))) == 12
    code, out, _ = run(*words, "--storage", tmp_path / "study.sqlite", "--json", "--quiet_mode")
    told = json.loads(out)
    assert (told["run"], len(told["best"]), told["evidence"]["sets"]) == (12, 2, 12)


def test_a_walk_shows_its_windows(run, tmp_path):
    words = (
        "walkforward",
        *WORDS,
        "--grid",
        "fast=5:15:5",
        "--grid",
        "slow=60,120",
        "--train",
        "4M",
        "--test",
        "2M",
        "--purge",
        "1D",
    )
    code, out, err = run(*words, "--plot", tmp_path / "walk.png", "--out", tmp_path / "kept")
    assert code == 0, err
    assert f"kept in {tmp_path / 'kept'}" in err
    kept = json.loads((tmp_path / "kept" / "walk.json").read_text())
    assert "4 windows, out of sample 2017-05-01 to 2017-12-29" in out
    assert "4M to choose, 2M to trade" in err
    assert mpl.image.imread(tmp_path / "walk.png").std() > 0.02
    code, out, err = run(*words, "--json", "--quiet_mode")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert len(told["windows"]) == 4
    assert set(told["stability"]) == {"fast", "slow"}
    assert (told["complete"], told["notes"], told["stats"]) == (True, [], kept["stats"])


def test_a_walk_that_was_interrupted_leaves_with_130(run, monkeypatch):
    from lts.research.walk_forward.run import Walk

    once, done = Walk.turn, []

    def interrupted(self, *window, **how):
        if done:
            raise KeyboardInterrupt
        done.append(1)
        return once(self, *window, **how)

    monkeypatch.setattr(Walk, "turn", interrupted)
    code, out, _ = run("walkforward", *WORDS, "--grid", "fast=5:15:5", "--train", "4M", "--test", "2M")
    assert code == 130
    assert "interrupted: 1 of 4 windows are done" in out


def test_numbers_of_bars_and_a_plateau_may_be_asked_for(run):
    words = (
        "walkforward",
        *WORDS,
        "--grid",
        "fast=5:15:5",
        "--train",
        "2000",
        "--test",
        "1M",
        "--anchored",
        "--objective",
        "plateau",
    )
    code, out, err = run(*words, "--json")
    assert (code, err.count("2000 to choose, 1M to trade")) == (0, 1), err
    assert len({window["train_start"] for window in json.loads(out)["windows"]}) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("optimize", *WORDS), "--range was not stated; it must be, as --range fast=1:10"),
        (("optimize", *WORDS, "--range", "fats=1:2"), "names 'fats'.*Did you mean 'fast'"),
        (("optimize", *WORDS, "--range", "fast"), "--range was 'fast'; it must be a parameter and its range"),
        (("optimize", *WORDS, "--range", "fast=a:b"), "it must hold numbers"),
        (("optimize", *WORDS, "--range", "fast=9:3"), "low must be below high"),
        (("optimize", *WORDS, "--range", "fast=5:50:5:5"), "it must hold numbers, as fast=5:50:5"),
        (("optimize", *WORDS, "--range", "fast=5:9", "--seed", "-1"), "optimize, seed: was -1; it must be a whole number from 0"),
        (("optimize", *WORDS, "--range", "fast=5:9", "--fast", "6"), "fast was stated by --range and by command line"),
        (("optimize", *WORDS[:2], "--strategy", f"{__name__}:Long", "--range", "up=maybe"), "its values must be true and false"),
        (("walkforward", *WORDS), "--grid was not stated"),
        (("walkforward", *WORDS, "--grid", "fast=5", "--train", "4y"), "hold no test window after train='4y'"),
        (("walkforward", *WORDS, "--grid", "fast=5", "--trade_from", "2017-05-01"), "trade_from was stated"),
        (("walkforward", *WORDS, "--grid", "fast=5", "--close_at_end", "false"), "close_at_end was stated"),
        (
            ("walkforward", *WORDS, "--grid", "fast=5", "--train", "4M", "--test", "2M", "--plot", "w.xyz"),
            "--plot 'w.xyz' cannot be written",
        ),
    ],
)
def test_what_cannot_be_is_said_with_exit_code_2(run, words, message):
    code, _, err = run(*words)
    assert code == 2
    assert re.search(message, err), err


class Long(Strategy):
    """Long, or not."""

    up: bool = True

    def decide(self, view):  # noqa: ARG002  (the interface)
        return go(1_000.0 * self.up)


@pytest.mark.parametrize(
    "words",
    [
        ("sweep", *WORDS, "--grid", "fast=5,6"),
        ("optimize", *WORDS, "--range", "fast=5,6", "--n", "2"),
        ("walkforward", *WORDS, "--grid", "fast=5,6", "--train", "4M", "--test", "2M"),
    ],
)
def test_every_verb_counts_its_sets_unless_the_ledger_is_switched_off(run, monkeypatch, words):
    monkeypatch.setenv("LTS_LEDGER", "on")
    counted = []
    for more in (("--ledger", "false"), ()):
        code, _, err = run(*words, *more)
        assert code == 0, err
        counted.append(ledger.trials(lts.samples.eurusd_h1()).count)
    assert counted == [0, 2]
