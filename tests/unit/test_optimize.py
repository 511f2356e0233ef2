"""Optimisation: seeded, resumable, never the same set twice."""

from __future__ import annotations

import signal
import sys
import threading
import time

import pytest

import lts
from lts.errors import ParameterError
from lts.research.optimize.study import quiet

RANGES = {"fast": (2, 12), "slow": (20, 60, 5), "stop_pips": [0, 15, 30]}
HOW = {"n": 40, "progress": False, "workers": 1, "costs": lts.Costs(commission_per_lot=7)}


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=1_500, seed=6)


@pytest.fixture(scope="module")
def found(bars):
    return lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW)


def test_each_row_is_what_run_says(bars, found):
    assert len(found.table) == 40
    row = found.best()
    alone = lts.run(found.strategy(), bars, costs=HOW["costs"]).headline
    assert {name: row[name] for name in alone} == pytest.approx(alone, rel=0, abs=0, nan_ok=True)
    assert found.run(row).headline["sharpe"] == row["sharpe"]
    assert found.table["fast"].between(2, 12).all()
    assert set(found.table["slow"] % 5) == {0}
    assert set(found.table["stop_pips"]) <= {0, 15, 30}


def test_the_same_seed_gives_the_same_table_whatever_the_workers(bars, found):
    again = lts.optimize(lts.strategies.SmaCross, bars, RANGES, **(HOW | {"workers": 2}))
    assert again.table.equals(found.table)
    other = lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, seed=1)
    assert not other.table.equals(found.table)


def test_no_set_runs_twice(found):
    assert not found.table[list(RANGES)].duplicated().any()


def test_few_sets_are_exhausted_and_the_search_ends(bars):
    found = lts.optimize(lts.strategies.SmaCross, bars, {"fast": [3, 5], "slow": [20, 30]}, **HOW)
    assert len(found.table) == 4


def test_it_learns(bars):
    class Bowl(lts.SignalStrategy):
        x: float = 0.0

        def signals(self, bars):
            up = bars.points.bid_close[-1] > bars.points.bid_close[0]
            held = int(len(bars) * max(0.0, 1 - abs(self.x - 3.3) / 10))  # in the market longest at 3.3
            signal = bars.points.bid_close * 0.0
            signal[: max(held, 1)] = 1 if up else -1
            return signal

    found = lts.optimize(Bowl, bars, {"x": (-10.0, 10.0)}, objective="exposure_time", n=60, progress=False)
    assert found.best()["x"] == pytest.approx(3.3, abs=0.5)


def test_a_study_goes_on_where_it_was(bars, tmp_path, found):
    file = tmp_path / "study.sqlite"
    first = lts.optimize(lts.strategies.SmaCross, bars, RANGES, **(HOW | {"n": 16}), storage=file)
    assert first.table.equals(found.table.head(16))
    whole = lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, storage=file)
    assert whole.table.head(16).equals(first.table)
    assert len(whole.table) == 40
    assert len(lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, storage=file).table) == 40


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"costs": lts.Costs()}, "another market"),
        ({"ranges": RANGES | {"fast": (2, 13)}}, "another ranges"),
        ({"objective": "net_profit"}, "another objective"),
        ({"bars": lts.synthetic_bars("EUR_USD", "H1", n=1_500, seed=7)}, "another data"),
        ({"cls": lts.strategies.EmaCross}, "another strategy, code"),
    ],
)
def test_a_study_of_something_else_is_refused(bars, tmp_path, change, what):
    file = tmp_path / "study.sqlite"
    given = {"cls": lts.strategies.SmaCross, "bars": bars, "ranges": RANGES, "storage": file, **HOW, "n": 2}
    lts.optimize(**given)
    with pytest.raises(ParameterError, match=f"study: 'lts' in .* has {what}"):
        lts.optimize(**(given | change))
    assert len(lts.optimize(**(given | change), study="own").table) == 2


def test_sets_that_are_not_meant_do_not_run(bars):
    found = lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, where=lambda p: p["fast"] % 2 == 0)
    assert set(found.table["fast"] % 2) == {0}


def test_a_search_without_any_set_says_why(bars):
    with pytest.raises(ParameterError, match="no set was run.*where= kept none"):
        lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, where=lambda p: p["fast"] > 99)
    with pytest.raises(ParameterError, match="where: raised ZeroDivisionError.*it must answer for every set"):
        lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, where=lambda p: 1 / (p["fast"] - p["fast"]))


def test_sets_that_fail_carry_their_error(bars):
    found = lts.optimize(lts.strategies.SmaCross, bars, {"fast": (15, 40), "slow": (20, 30)}, **HOW)
    failed = found.table[found.table["error"] != ""]
    assert (failed["fast"] >= failed["slow"]).all()
    assert found.table.loc[found.table["error"] == "", "sharpe"].notna().any()


def test_ctrl_c_keeps_what_is_done(bars):
    def interrupt(told):
        if told.done >= 16:
            raise KeyboardInterrupt

    found = lts.optimize(lts.strategies.SmaCross, bars, RANGES, **(HOW | {"progress": interrupt}))
    assert 16 <= len(found.table) < 40
    assert not found.complete
    assert f"{len(found.table)} of 40 sets, interrupted" in repr(found)


class Pressed(lts.strategies.SmaCross):
    """Somebody presses Ctrl-C once, while a worker has a set of the second batch."""

    def signals(self, bars):
        if TOLD and not PRESSED and threading.current_thread() is not threading.main_thread():
            PRESSED.append(True)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(0.2)
        return super().signals(bars)


TOLD, PRESSED = [], []


def test_ctrl_c_ends_the_search_also_where_the_batch_is_finished_all_the_same(bars):
    found = lts.optimize(Pressed, bars, RANGES, **(HOW | {"workers": 2, "progress": TOLD.append}))
    assert PRESSED
    assert 16 <= len(found.table) <= 32
    assert not found.complete


def test_ctrl_c_before_the_first_set_leaves_nothing(bars):
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, where=interrupt)


def test_costs_are_made_small(bars):
    found = lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, objective="max_drawdown")
    assert found.best()["max_drawdown"] == found.table["max_drawdown"].min()


def test_the_evidence_counts_every_set(found):
    assert found.evidence().sets == 40


def test_the_picture_shows_the_search(found):
    axes = found.plot().axes[0]
    assert len(axes.collections[0].get_offsets()) == 40
    assert repr(found).startswith("Optimization(SmaCross over fast, slow, stop_pips: 40 sets, best sharpe")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ranges": {"fats": (1, 2)}}, "no parameter 'fats'.*Did you mean 'fast'"),
        ({"ranges": {}}, "must map at least one parameter"),
        ({"ranges": {"fast": (9, 3)}}, r"was \(9, 3\); low must be below high"),
        ({"ranges": {"fast": (3, 9, 7)}}, "fast, step: was 7; it must not be above 6"),
        ({"seed": -1}, "seed: was -1; it must be a whole number from 0 to 4294967295"),
        ({"seed": 2**32}, "seed: was 4294967296"),
        ({"seed": "x"}, "seed: was 'x'"),
        ({"ranges": {"fast": (2, 9, -1)}}, "step: was -1; it must be above 0"),
        ({"ranges": {"fast": []}}, r"was \[\]; it must be \(low, high\)"),
        ({"ranges": {"fast": (2.5, 9)}}, "low: was 2.5; it must be a finite int"),
        ({"cls": lts.strategies.SmaCross()}, "must be a class.*Take its class"),
        ({"objective": "sharp"}, "objective: was 'sharp'.*Did you mean 'sharpe'"),
        ({"n": 0}, "n: was 0"),
        ({"cost": None}, "no parameter 'cost'.*Did you mean 'costs'"),
        ({"storage": "."}, "storage: '.' cannot be used"),
    ],
)
def test_what_cannot_be_is_refused(bars, change, message):
    given = {"cls": lts.strategies.SmaCross, "bars": bars, "ranges": RANGES, **HOW}
    with pytest.raises(ParameterError, match=message):
        lts.optimize(**(given | change))


def test_without_the_library_it_is_said_how_to_get_it(bars, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ParameterError, match=r"optuna is not installed.*pip install lts\[optimize\]"):
        lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW)


def test_optunas_log_is_as_loud_as_before(bars):
    import optuna

    before = optuna.logging.get_verbosity()
    with quiet():
        assert optuna.logging.get_verbosity() == optuna.logging.ERROR
    assert optuna.logging.get_verbosity() == before
    del bars


def test_a_range_that_its_steps_do_not_fill_ends_at_the_last_of_them(bars, recwarn):
    given = {"fast": (2, 12, 4), "stop_pips": (10, 11, 0.3)}
    found = lts.optimize(lts.strategies.SmaCross, bars, given, **HOW)
    assert set(found.table["fast"]) == {2, 6, 10}
    assert set(found.table["stop_pips"]) == {10, 10.3, 10.6, 10.9}
    assert not [one for one in recwarn if "divisible" in str(one.message)]


def test_a_file_that_is_no_study_is_refused_in_one_line(bars, tmp_path):
    (tmp_path / "no.db").write_text("this is no database, and long enough to be read as one")
    with pytest.raises(ParameterError, match="file is not a database") as caught:
        lts.optimize(lts.strategies.SmaCross, bars, RANGES, **HOW, storage=tmp_path / "no.db")
    assert "\n" not in str(caught.value)
    assert "sqlalche" not in str(caught.value)
