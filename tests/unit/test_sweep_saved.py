"""Sweeps kept: read back whole, run again where class and bars can be had; pictures of them."""

from __future__ import annotations

import json

import matplotlib as mpl
import numpy as np
import pytest

import lts
from lts.errors import BarsError, ParameterError, PluginError, ResultError
from lts.research.plots.heatmap import by_cell
from lts.strategies import SmaCross
from tests.sweep_rules import Counted, Failing, trade_count

MARKET = {
    "costs": lts.Costs(commission_per_lot=7, swap_long=-3), "account": lts.Account(5_000), "trade_from": "2010-01-11",
    "rates": {"JPY": 0.0065}, "close_at_end": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def bars():
    made = lts.synthetic_bars("USD_JPY", "H1", n=1500, seed=3)
    return lts.Bars.from_points("USD_JPY", "H1", made.time, made.points.matrix)  # of no origin: they are kept beside the sweep


@pytest.fixture(scope="module")
def found(bars):
    return lts.sweep(SmaCross, bars, {"fast": [3, 5, 30], "slow": [10, 20], "stop_pips": [0, 9.5]}, progress=False)


def test_a_saved_sweep_reads_back_and_runs_again(bars, tmp_path):
    start = str(bars.time[200].astype("datetime64[ns]"))
    made = lts.sweep(Failing, bars, {"window": [5, 7, 9]}, progress=False, **MARKET | {"trade_from": start})
    assert made.save(tmp_path / "kept") == tmp_path / "kept"
    read = lts.load_sweep(tmp_path / "kept")
    assert read.table.equals(made.table)
    assert repr(read) == repr(made)
    assert (read.names, read.objective, read.complete) == (made.names, made.objective, True)
    assert read.best().equals(made.best())
    assert read.plateau().equals(made.plateau())
    assert read.strategy(2) == made.strategy(2)
    assert read.run(0).headline == made.run(0).headline
    assert read.returns().tobytes() == made.returns().tobytes()
    read.save(tmp_path / "again")
    assert lts.load_sweep(tmp_path / "again").run(2).headline == made.run(2).headline


def test_bars_with_an_origin_are_not_copied(tmp_path):
    made = lts.sweep(SmaCross, lts.samples.eurusd_h1(), {"fast": [5, 9]}, progress=False)
    made.save(tmp_path / "kept")
    assert not (tmp_path / "kept" / "bars").exists()
    assert lts.load_sweep(tmp_path / "kept").run(1).headline == made.run(1).headline


def test_saving_replaces_a_sweep_and_nothing_else(found, tmp_path):
    folder = found.save(tmp_path / "kept")
    (folder / "notes.txt").write_text("mine")
    found.save(folder)
    assert (folder / "notes.txt").read_text() == "mine"
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    with pytest.raises(ParameterError, match="holds no sweep"):
        found.save(other)


def test_what_is_no_saved_sweep_is_refused(found, tmp_path):
    with pytest.raises(ParameterError, match="has no sweep.json"):
        lts.load_sweep(tmp_path)
    folder = found.save(tmp_path / "kept")
    about = json.loads((folder / "sweep.json").read_text())
    for text, said in (
        ("{", "sweep.json is damaged"),
        (json.dumps({**about, "schema": 9}), "schema 9; this lts reads 1. Update lts"),
        (json.dumps({**about, "names": ["window"]}), "the table has no 'window'"),
        (json.dumps({**about, "names": 5}), "is damaged .TypeError"),
    ):
        (folder / "sweep.json").write_text(text)
        with pytest.raises(ResultError, match=said):
            lts.load_sweep(folder)
    found.save(folder)
    (folder / "table.parquet").write_bytes(b"none")
    with pytest.raises(ResultError, match="is damaged"):
        lts.load_sweep(folder)


def test_without_class_or_bars_the_table_stays_readable(bars, found, tmp_path):
    class Local(Counted):
        pass

    folder = lts.sweep(Local, bars, {"window": [5, 9]}, progress=False).save(tmp_path / "local")
    read = lts.load_sweep(folder)
    assert read.best()["window"] in {5, 9}
    with pytest.raises(PluginError, match="Local' cannot be imported"):
        read.run(0)
    folder = found.save(tmp_path / "kept")
    next((folder / "bars").iterdir()).unlink()
    read = lts.load_sweep(folder)
    assert read.table.equals(found.table)
    with pytest.raises(BarsError, match="cannot be had again"):
        read.run(0)


def test_an_objective_of_ones_own_is_kept_as_a_column(bars, tmp_path):
    made = lts.sweep(Counted, bars, {"window": [30, 3]}, objective=trade_count, progress=False)
    read = lts.load_sweep(made.save(tmp_path / "kept"))
    assert read.best()["window"] == 3


# pictures


def test_a_cell_shows_the_best_of_its_sets(found):
    across, upward, cells, most = by_cell(found.table, "fast", "slow", "sharpe")
    assert (across.tolist(), upward.tolist(), most) == ([3, 5, 30], [10, 20], 2)
    table = found.table.pivot_table(index="slow", columns="fast", values="sharpe", aggfunc="max")
    assert np.array_equal(cells[:, :2], table.to_numpy()[:, :2])
    assert np.isnan(cells[:, 2]).all()  # fast above slow: errors
    fall = by_cell(found.table, "fast", "slow", "max_drawdown")[2]
    assert fall[0, 0] == found.table.query("fast == 3 and slow == 10")["max_drawdown"].min()


@pytest.mark.parametrize("value", ["sharpe", "max_drawdown", "trades", "commission"])
def test_a_heatmap_is_a_picture_that_says_what_it_shows(found, value, tmp_path):
    figure = found.heatmap("fast", "slow", value)
    word = "least" if value in {"max_drawdown", "commission"} else "best"
    axes = figure.axes[0]
    assert axes.get_title(loc="left") == f"{value} by fast and slow: in each cell the {word} of 2 sets of stop_pips"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["3", "5", "30"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["10", "20"]
    written = [text.get_text() for text in axes.texts]
    assert len(written) == 4
    figure.savefig(tmp_path / "map.png")
    image = mpl.image.imread(tmp_path / "map.png")
    assert image.shape[1] > 1000
    assert image.std() > 0.02


def test_a_parameter_of_one_value_is_no_part_of_what_a_cell_is_best_of(bars):
    made = lts.sweep(SmaCross, bars, {"fast": [3, 5], "slow": [10, 20], "stop_pips": [0, 9.5], "units": [1_000]}, progress=False)
    assert made.heatmap("fast", "slow").axes[0].get_title(loc="left").endswith("the best of 2 sets of stop_pips")


def test_a_heatmap_of_nothing_says_so(bars):
    made = lts.sweep(Counted, bars, {"window": [1600, 1700], "stop_pips": [0, 5]}, progress=False)
    figure = made.heatmap("window", "stop_pips")
    assert figure.axes[0].texts[0].get_text() == "No set has a number in sharpe."


def test_a_heatmap_of_what_was_not_varied_is_refused(found):
    with pytest.raises(ParameterError, match="heatmap: 'units' was not varied; it must be one of fast, slow, stop_pips"):
        found.heatmap("fast", "units")
    with pytest.raises(ParameterError, match="both sides were 'fast'"):
        found.heatmap("fast", "fast")
    with pytest.raises(ParameterError, match="no statistic 'sharp'"):
        found.heatmap("fast", "slow", "sharp")
