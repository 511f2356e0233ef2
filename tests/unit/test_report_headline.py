"""What a report says first: the Sharpe ratio between its ends, and what luck explains; the same in words and as a line."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lts
from lts.research import ledger
from lts.research.ledger import store
from lts.research.report import page
from lts.research.report.page import first

SmaCross = lts.strategies.SmaCross


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LTS_LEDGER", "on")
    yield
    store.close()


@pytest.fixture(scope="module")
def bars():
    return lts.synthetic_bars("EUR_USD", "H1", n=2_500, seed=4)


def words(text):
    """Return the words of the headline."""
    block = re.search(r'<section class="first".*?</section>', text, re.DOTALL)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", block).split())


def run(bars, **parameters):
    return lts.run(SmaCross(fast=5, slow=30, **parameters), bars)


def test_a_page_begins_with_the_interval_and_the_luck_of_all_that_was_tried(bars):
    ledger.record(bars, SmaCross, {"fast": np.arange(1, 400)}, np.linspace(-0.1, 0.1, 399), 105)
    result = run(bars)
    s, text = result.stats, page(result)
    said = words(text)
    ends = f"95 % interval {s['sharpe_low95']:.2f} to {s['sharpe_high95']:.2f} above 0 with probability {100 * s['psr']:.0f} %"
    assert said.startswith(f"Sharpe ratio, a year {s['sharpe']:.2f} {ends} DSR".replace("-", "\N{MINUS SIGN}"))
    assert f"{100 * s['dsr']:.0f} %" in said
    assert f"is above {s['sharpe_by_luck']:.2f}, what the luckiest of the 400 sets tried on these bars would show" in said
    assert said.endswith(f"0 luck of 400: {s['sharpe_by_luck']:.2f}")
    assert text.index('class="first"') < text.index('class="tiles"') < text.index("<svg")


def test_the_marks_stand_in_the_order_of_their_numbers(bars):
    ledger.record(bars, SmaCross, {"fast": np.arange(1, 400)}, np.linspace(-0.1, 0.1, 399), 105)
    result = run(bars)
    s, line = result.stats, first(result).line
    values = {"low": s["sharpe_low95"], "high": s["sharpe_high95"], "at": s["sharpe"], "zero": 0.0, "luck": s["sharpe_by_luck"]}
    assert sorted(line, key=line.get) == sorted(values, key=values.get)
    assert (min(line.values()), max(line.values())) == (4.0, 96.0)


def test_one_set_alone_has_no_mark_of_luck(bars):
    result = run(bars)
    assert "no other set was tried on these bars" in words(page(result))
    assert set(first(result).line) == {"low", "high", "at", "zero"}


def test_without_a_ledger_the_page_says_that_nobody_counted(bars, monkeypatch):
    monkeypatch.setenv("LTS_LEDGER", "off")
    said = words(page(run(bars)))
    assert "tried none the trial ledger is off (LTS_LEDGER=off), so nobody knows how many sets were tried on these bars" in said


def test_without_trades_there_is_no_line_and_a_reason(bars):
    result = lts.run(lts.strategies.Donchian(entry=2_499), bars)
    assert first(result).line is None
    said = words(page(result))
    assert said.startswith("Sharpe ratio, a year none no daily return differs from another DSR")
    assert said.endswith("no daily return differs from another; 1 set was tried on these bars")
    assert 'class="gauge"' not in page(result)


def test_a_report_of_a_kept_result_says_what_the_result_said(bars, tmp_path):
    folder = run(bars).save(tmp_path / "kept")
    run(bars, stop_pips=0)
    again = lts.rerun(folder).result.report(tmp_path / "again.html").read_text(encoding="utf-8")
    assert words(again) == words((folder / "report.html").read_text(encoding="utf-8"))
