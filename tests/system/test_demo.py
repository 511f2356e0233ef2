"""`lts demo` does the main job on real input, as a user would start it."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from decimal import Decimal
from types import SimpleNamespace

import pytest

import lts
from lts.cli import demo

ROWS = ("no costs", "+ spread", "+ slippage", "+ commission", "+ swap")


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    pytest.importorskip("gym_anytrading", reason="the sample of real hours needs the extra 'samples'")
    out = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, "-m", "lts", "demo", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=os.environ | {"COLUMNS": "40"})
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(text=done.stdout, log=done.stderr, out=out)


def results(shown):
    """Return the folders of the results; the sweep has its own."""
    return sorted(folder for folder in shown.out.iterdir() if not folder.name.endswith("_sweep"))


def rows(text):
    """Return the numbers of each row of each table, exactly."""
    found = re.findall(rf"^({'|'.join(map(re.escape, ROWS))}) +(\d.*)$", text, re.MULTILINE)
    return [(label, [Decimal(part.replace(",", "")) for part in numbers.split()]) for label, numbers in found]


def test_each_row_of_costs_adds_up_to_the_net_profit(shown):
    table = rows(shown.text)
    assert [label for label, _ in table] == list(ROWS) * 6
    for label, (trades, *parts, net) in table:
        assert trades > 0
        assert sum(parts) == net, label


def test_each_row_adds_one_cost(shown):
    for label, (_, _, *costs, _) in rows(shown.text):
        assert all(cost == 0 for cost in costs[ROWS.index(label) :]), label
        assert all(cost < 0 for cost in costs[: ROWS.index(label)]), label  # in this demo every swap is paid


def test_the_results_are_kept_with_their_pictures(shown):
    folders = results(shown)
    assert len(folders) == 6
    for folder in folders:
        assert str(shown.out) in shown.text
        saved = lts.load_result(folder)
        assert f"{saved.stats['net_profit']:,.2f}" in shown.text
        s = json.loads((folder / "result.json").read_text())["stats"]
        parts = s["price_profit"] - s["spread_cost"] - s["slippage_cost"] - s["commission"] + s["swap"] - s["conversion_cost"]
        assert parts == pytest.approx(s["net_profit"], abs=1e-6)
        picture = (folder / "overview.png").read_bytes()
        width, height = struct.unpack(">II", picture[16:24])
        assert picture.startswith(b"\x89PNG") and width >= 1000 and height >= 800 and len(picture) > 60_000  # noqa: PT018


def test_each_result_has_its_report(shown):
    for folder in results(shown):
        assert (folder / "report.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_a_result_of_the_demo_runs_again_to_the_same_bytes(shown):
    assert all(lts.rerun(folder).equal for folder in results(shown))


def test_it_says_what_it_used_and_proves_run_equal_to_replay(shown):
    text = " ".join(shown.text.split())
    for words in ("ask quotes", "bid made from ask", "European Central Bank", "closes only", "mid widened by a spread of 2.3 pips"):
        assert words in text
    assert "gave the same bytes: 1,436 fills" in text
    assert "runs over" in shown.log


def test_tables_fit_a_terminal(shown):
    assert max(len(line) for line in shown.text.splitlines() if re.match(r"[+ ]|no costs", line)) <= 80


def test_without_the_package_of_hours_the_daily_rates_remain(monkeypatch, capsys):
    def absent():
        raise lts.BarsError("samples.eurusd_h1: the package was not found.")

    monkeypatch.setattr("lts.data.samples.eurusd_h1", absent)
    assert [job.bars.timeframe for job in demo.jobs()] == ["D1"]
    assert "hours of 2017 are left out. samples.eurusd_h1: the package was not found." in capsys.readouterr().out


def test_a_file_is_no_folder_for_results(tmp_path):
    path = tmp_path / "out"
    path.write_text("mine")
    with pytest.raises(lts.ParameterError, match="is a file; it must be a folder"):
        demo.demo(path)
    assert path.read_text() == "mine"


def test_a_sweep_is_kept_and_asked_whether_it_is_real(shown):
    found = lts.load_sweep(shown.out / "H1_sweep")
    assert len(found.table) == 2_500
    assert set(found.table["path"]) == {"grid"}
    best = found.best()
    assert f"{found.strategy(best)!r}"[:40] in shown.text.replace("\n", " ")
    assert "probability of backtest overfitting" in shown.text
    assert (shown.out / "H1_sweep" / "heatmap.png").stat().st_size > 10_000


def test_the_best_set_is_checked(shown):
    assert re.search(r"^check passed: SmaCross\(", shown.text, re.MULTILINE)
    assert "every bar examined" in shown.text
