"""The folder of kept results: ids, finding them, damaged and foreign folders, two processes at once; results side by side."""

from __future__ import annotations

import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

import lts
from lts.errors import ParameterError, ResultError
from tests.small import scripted, table

NOON = datetime(2026, 11, 22, 12, 30, 15, tzinfo=UTC)
FLAT = (1.1, 1.1, 1.1, 1.1)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LTS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def result(fast=3, **more):
    return lts.run(lts.strategies.SmaCross(fast=fast, slow=9), lts.synthetic_bars("EUR_USD", "H1", n=80, seed=3), **more)


def test_an_id_says_when_what_and_on_what(home):
    folder = lts.keep(result(), now=NOON)
    assert folder.parent == home / "results"
    assert folder.name.startswith("20261122-123015-smacross-eurusd-")
    assert len(folder.name) == len("20261122-123015-smacross-eurusd-3f2a")
    assert json.loads((folder / "result.json").read_text())["created"] == "2026-11-22T12:30:15.000000+00:00"


def test_the_time_in_an_id_is_utc():
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    assert lts.keep(result(), now=berlin).name.startswith("20261122-123015")


def test_a_portfolio_says_how_many_more():
    sleeves = {p: (lts.strategies.SmaCross(), lts.synthetic_bars(p, "H1", n=50)) for p in ("EUR_USD", "GBP_USD", "AUD_USD")}
    assert "-smacross-eurusd-and-2-" in lts.keep(lts.run_portfolio(sleeves), now=NOON).name


def test_equal_results_of_one_second_get_ids_of_their_own():
    folders = {lts.keep(result(), now=NOON) for _ in range(5)}
    assert len(folders) == 5
    assert len(lts.results()) == 5


def test_the_list_is_newest_first_and_ends_where_it_is_told():
    kept = [lts.keep(result(), now=NOON + timedelta(milliseconds=300 * i)) for i in (4, 0, 1, 3, 2)]  # four in one second
    order = [kept[i].name for i in (0, 3, 4, 2, 1)]
    assert [row.id for row in lts.results()] == order
    assert [row.id for row in lts.results().newest(3)] == order[:3]
    assert lts.results().find("last") == kept[0]
    row = next(iter(lts.results()))
    assert (row.strategy, row.instrument) == ("SmaCross", "EUR_USD")
    assert row.trades == len(result().trades)
    assert list(lts.results().table(2).index) == order[:2]


def test_a_result_is_found_by_the_beginning_of_its_id():
    first, second = lts.keep(result(), now=NOON), lts.keep(result(), now=NOON + timedelta(days=1))
    assert lts.results().find("20261123") == second
    assert lts.results().find(first.name) == first
    with pytest.raises(ParameterError, match=f"'202611': fits 2 results: {second.name}, {first.name}; it must fit one"):
        lts.results().find("202611")
    with pytest.raises(ParameterError, match=f"is not among the 2 in .*Did you mean '{first.name}'"):
        lts.results().find(first.name.replace("smacross", "smacros"))
    with pytest.raises(ParameterError, match="'lsat'.*Did you mean 'last'"):
        lts.results().find("lsat")


def test_no_results_are_an_empty_list(home):
    assert list(lts.results()) == []
    with pytest.raises(ParameterError, match="holds no whole result"):
        lts.results().find("last")
    assert not home.exists()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("99991231-235959-truncated", '{"schema": 2, "rec', "result.json is damaged"),
        ("99991231-235959-newer", '{"schema": 77}', "has schema 77; this lts reads 2. Update lts"),
        ("99991231-235959-empty", '{"schema": 2, "recipe": {}, "stats": {}, "reasons": {}, "notes": []}', "KeyError 'strategies'"),
        ("99991231-235959-odd", '{"schema": 2, "recipe": {"strategies": 3}, "stats": {}, "reasons": {}, "notes": []}', "TypeError"),
        ("my holiday pictures", None, "none of LTS's results"),
    ],
)
def test_damaged_and_foreign_folders_are_listed_as_such(home, name, text, said):
    good = lts.keep(result(), now=NOON)
    (home / "results" / name).mkdir()
    (home / "results" / "a file.txt").write_text("no folder")
    if text is not None:
        (home / "results" / name / "result.json").write_text(text)
    rows = {row.id: row for row in lts.results()}
    assert set(rows) == {good.name, name}
    assert said in rows[name].fault
    assert rows[good.name].fault == ""
    assert lts.results().find("last") == good
    assert lts.results().table().loc[name, "fault"] == rows[name].fault


def test_work_in_progress_is_no_result(home):
    (home / "results" / ".20261122-x.part").mkdir(parents=True)
    assert list(lts.results()) == []


def test_a_home_that_is_a_file_is_refused(home):
    home.write_text("mine")
    with pytest.raises(ResultError, match="cannot be written"):
        lts.keep(result(), now=NOON)
    with pytest.raises(ResultError, match="cannot be read"):
        list(lts.results())
    assert home.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_refused(home):
    home.mkdir(mode=0o500)
    with pytest.raises(ResultError, match="cannot be written .Permission denied"):
        lts.keep(result(), now=NOON)


def _keep(_):
    return lts.keep(result(), now=NOON).name


def test_two_processes_keep_at_once():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        names = list(pool.map(_keep, range(8)))
    assert len(set(names)) == 8
    assert [row.fault for row in lts.results()] == [""] * 8
    assert sorted(row.id for row in lts.results()) == sorted(names)


# side by side


def test_results_are_compared_and_what_differs_is_named(tmp_path):
    cheap = lts.keep(result(), now=NOON)
    dear = result(fast=4, costs=lts.Costs(commission_per_lot=7)).save(tmp_path / "dear", report=False)
    found = lts.compare(cheap.name, dear)
    assert list(found.stats.columns) == [cheap.name, "dear"]
    assert found.stats.loc["commission", cheap.name] == 0 < found.stats.loc["commission", "dear"]
    assert set(found.recipes.index) == {
        "strategies.0.parameters.fast", "strategies.0.repr", "costs.commission_per_lot", "costs_stated",
    }  # fmt: skip
    assert found.recipes.loc["strategies.0.parameters.fast"].tolist() == [3, 4]
    assert "commission_per_lot" in str(found)


def test_equal_recipes_say_so():
    one, two = lts.keep(result(), now=NOON), lts.keep(result(), now=NOON)
    found = lts.compare(one, two)
    assert len(found.recipes) == 0
    assert str(found).endswith("what differs in the recipes:\nnothing")


def test_one_result_cannot_be_compared():
    one = lts.keep(result(), now=NOON)
    with pytest.raises(ParameterError, match="was given 1 results; it must be two or more different ones"):
        lts.compare(one, one.name, "last")


def test_a_path_that_holds_no_result_is_no_id(tmp_path):
    with pytest.raises(ParameterError, match="has no result.json"):
        lts.rerun(tmp_path)
    folder = lts.run(scripted(), table([FLAT] * 3)).save(tmp_path / "r", report=False)
    assert lts.compare(folder / "result.json", lts.keep(result(), now=NOON)).stats.shape[1] == 2


PARTS = (
    ("costs", "swap"), ("costs", "nights"), ("account",), ("data",), ("data", 0, "origin"), ("data", 0, "fingerprint"), ("detail",),
    ("rates",), ("strategies",), ("strategies", 0, "class"), ("strategies", 0, "code"), ("strategies", 0, "factor"), ("outcome",),
    ("outcome", "fills"), ("outcome", "counts", "closes"), ("versions",), ("versions", "python"), ("costs_stated",),
    ("trade_from",),
)  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_a_recipe_without_one_of_its_parts_is_said(tmp_path, part):
    folder = result().save(tmp_path / "r", report=False)
    told = json.loads((folder / "result.json").read_text())
    *path, last = ("recipe", *part)
    inner = told
    for key in path:
        inner = inner[key]
    del inner[last]
    (folder / "result.json").write_text(json.dumps(told))
    with pytest.raises(ResultError, match=f"its recipe is damaged .KeyError: '{last}'"):
        lts.rerun(folder)


@pytest.mark.parametrize("call", [lts.rerun, lambda one: lts.compare(one, "last")])
def test_what_names_no_result_is_refused_by_type(call):
    bars = lts.synthetic_bars("EUR_USD", "H1", n=20, seed=3)
    result = lts.run(lts.strategies.SmaCross(fast=2, slow=3), bars)
    for one in (result, 7, None):
        with pytest.raises(ParameterError, match="it must be an id, 'last' or a folder"):
            call(one)
