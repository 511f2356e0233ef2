"""`lts sweep` as a person meets it."""

from __future__ import annotations

import io
import json
import re

import matplotlib as mpl
import pandas as pd
import pytest

import lts
from lts.strategies import SmaCross

SAMPLE = ("sweep", "--sample", "eurusd_h1", "--strategy", "sma_cross", "--workers", "1")


def test_a_sweep_shows_the_best_sets_keeps_them_and_draws_them(run, tmp_path):
    grid = ("--grid", "fast=5:20:5", "--grid", "slow=50,100", "--units", "2000", "--commission_per_lot", "7")
    code, out, err = run(*SAMPLE, *grid, "--top", "3", "--out", tmp_path / "kept", "--heatmap", tmp_path / "map.png")
    assert code == 0
    lines = [line.split() for line in out.partition("\n\n")[0].splitlines()]
    assert lines[0] == ["set", "fast", "slow", "units", "sharpe", "net_profit", "max_drawdown", "trades", "profit_factor"]
    assert len(lines) == 4
    kept = lts.load_sweep(tmp_path / "kept")
    assert len(kept) == 8
    assert lines[1][0] == str(kept.best().name)
    assert kept.table["commission"].min() > 0
    assert mpl.image.imread(tmp_path / "map.png").std() > 0.02
    assert "SmaCross over fast, slow, units on Bars(EUR_USD H1" in err
    assert f"kept in {tmp_path / 'kept'}" in err


def test_a_sweep_says_whether_its_best_is_luck(run):
    code, out, _ = run(*SAMPLE, "--grid", "fast=3:12", "--grid", "slow=50,100")
    table, _, evidence = out.partition("\n\n")
    assert code == 0
    assert len(table.splitlines()) == 11
    assert evidence.startswith("sets                    20 over 260 days")
    for named in ("by luck alone", "DSR", "PBO", "Reality Check"):
        assert named in evidence
    found = json.loads(run(*SAMPLE, "--grid", "fast=3:12", "--grid", "slow=50,100", "--json")[1])
    assert 0 <= found["evidence"]["dsr"] <= 1


def test_the_evidence_of_very_many_sets_is_left_to_python(run, monkeypatch):
    monkeypatch.setattr("lts.cli.sweep.WEIGHED", 3)
    _, out, err = run(*SAMPLE, "--grid", "fast=3:6", "--grid", "slow=50")
    assert "DSR" not in out
    assert "the evidence of 4 sets takes a while: load_sweep(folder).evidence()" in err


def test_a_sweep_writes_json_and_csv_on_stdout_alone(run):
    grid = ("--grid", "fast=5,10,200", "--objective", "net_profit", "--quiet_mode")
    code, out, err = run(*SAMPLE, *grid, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["sets"], found["run"], found["failed"], found["objective"]) == (3, 3, 1, "net_profit")
    assert [row["fast"] for row in found["best"]] in ([5, 10], [10, 5])
    code, out, err = run(*SAMPLE, *grid, "--csv")
    table = pd.read_csv(io.StringIO(out))
    assert (code, err) == (0, "")
    assert table["fast"].tolist() == [5, 10, 200]
    assert "fast must be below slow" in table["error"][2]
    assert table["net_profit"][0] == lts.run(SmaCross(fast=5), lts.samples.eurusd_h1()).headline["net_profit"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "--grid was not stated; it must be, as --grid fast=1:10:1"),
        (("--grid", "fats=5"), 2, "--grid names 'fats'; SmaCross has fast, .* Did you mean 'fast'"),
        (("--grid", "fast"), 2, "--grid was 'fast'; it must be a parameter and its values"),
        (("--grid", "fast=a"), 2, "--grid fast: was 'a'; it must be a number, or a span first:last:step"),
        (("--grid", "fast=1:5:0"), 2, "the step must be above 0"),
        (("--grid", "fast=5:1"), 2, "first must not be above last"),
        (("--grid", "fast=1:2:0.5"), 2, "its values must be whole numbers"),
        (("--grid", "fast=1:9000000"), 2, "which is 9,000,000 values; at most 1,000,000"),
        (("--grid", "fast=5", "--grid", "fast=6"), 2, "states fast twice"),
        (("--grid", "fast=5", "--fast", "6"), 2, "fast was stated by --grid and by command line"),
        (("--grid", "fast=5", "--objective", "sharp"), 2, "objective: was 'sharp'.*'sharpe'"),
        (("--grid", "fast=5", "--engine", "tasks"), 2, "engine: was 'tasks'"),
        (("--grid", "fast=5", "--slwo", "6"), 3, "'slwo'.*Did you mean 'slow'"),
        (("--grid", "fast=5,6", "--heatmap", "x.png"), 2, "--heatmap needs two varied parameters; fast was varied"),
        (("--grid", "fast=200"), 2, "no set of 1 has a number.*fast must be below slow"),
        (("--grid", "fast=1:1000000", "--grid", "slow=2:1000", "--grid", "units=1:1000"), 2, "with --yes"),
    ],
)
def test_words_that_make_no_sweep_are_refused(run, words, code, said):
    left, out, err = run(*SAMPLE, *words)
    assert (left, out) == (code, "")
    assert re.search(said, err), err


def test_spans_include_both_ends_and_are_exact(run):
    _, out, _ = run(*SAMPLE, "--grid", "stop_pips=0.1:0.3:0.1,5", "--grid", "fast=3:4", "--csv", "--quiet_mode")
    table = pd.read_csv(io.StringIO(out))
    assert sorted(set(table["stop_pips"])) == [0.1, 0.2, 0.3, 5.0]
    assert sorted(set(table["fast"])) == [3, 4]


def test_help_has_an_example(run):
    _, out, _ = run("sweep", "--help")
    assert "lts sweep --sample eurusd_h1 --strategy sma_cross --grid fast=5:50:5" in " ".join(out.split())


def test_an_interrupted_sweep_shows_what_is_done_and_leaves_with_130(run, monkeypatch):
    from lts.research.sweep.bench import Bench

    once, first = Bench.run, []

    def interrupted(self, codes, **how):
        if first:
            raise KeyboardInterrupt
        first.append(1)
        return once(self, codes, **how)

    monkeypatch.setattr(Bench, "run", interrupted)
    code, out, err = run(*SAMPLE, "--grid", "fast=5:45:5")
    assert code == 130
    assert len(out.splitlines()) > 1
    assert "of 9 sets, interrupted" in err


def test_an_interrupted_sweep_that_varies_too_little_for_its_heatmap_still_shows_what_is_done(run, monkeypatch, tmp_path):
    from lts.research.sweep.run import frame

    monkeypatch.setattr("lts.research.sweep.run.frame", lambda made, found, once=frame: once(made, found).head(1))
    grid = ("--grid", "slow=100,200", "--grid", "fast=5,10")
    code, out, err = run(*SAMPLE, *grid, "--heatmap", tmp_path / "map.png")
    assert code == 130
    assert len(out.splitlines()) > 1
    assert "no heatmap is drawn: the sets that are done do not vary two parameters" in err


@pytest.mark.parametrize("path", ["missing/map.png", "map.xyz", "."])
@pytest.mark.parametrize(
    "words",
    [
        (*SAMPLE, "--grid", "fast=5,10", "--grid", "slow=50,100", "--heatmap"),
        ("optimize", *SAMPLE[1:], "--range", "fast=5:10", "--plot"),
        ("walkforward", *SAMPLE[1:], "--grid", "fast=5,10", "--train", "4M", "--test", "2M", "--plot"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused_before_anything_is_run(run, monkeypatch, tmp_path, words, path):
    monkeypatch.setattr("lts.research.sweep.run.run_all", lambda *_: pytest.fail("it was run"))
    code, out, err = run(*words, tmp_path / path)
    assert (code, out) == (2, "")
    assert re.search(f"{words[-1]} .* cannot be written", err), err
