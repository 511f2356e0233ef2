"""The picture of a result: what it shows is what the result holds, and drawing it disturbs nothing."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest

import lts
from lts.research import plots


@pytest.fixture(scope="module")
def result():
    bars = lts.synthetic_bars("GBP_USD", "H1", n=6_000, seed=3)
    costs = lts.Costs(commission_per_lot=7, slippage_pips=0.2, swap_long=-7, swap_short=2)
    return lts.run(lts.strategies.EmaCross(), bars, costs=costs)


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_the_waterfall_goes_from_price_profit_to_net_profit(result):
    heights = [bar.get_height() for bar in result.plot().axes[3].patches]
    assert len(heights) == 7
    assert heights[0] == result.stats["price_profit"]
    assert sum(heights[:-1]) == pytest.approx(heights[-1], abs=1e-6)
    assert heights[-1] == pytest.approx(result.stats["net_profit"], abs=1e-6)


def test_the_headline_says_what_was_run_and_at_what_cost(result):
    said = " ".join(texts(result.plot()))
    for words in (
        "EmaCross(fast=12",
        "GBP/USD H1",
        "6,000 closes",
        "slippage 0.2 pips",
        "commission 7 a lot",
        "swap \N{MINUS SIGN}7 / +2",
        "generated",
    ):
        assert words.lower() in said.lower()
    assert f"{result.stats['net_profit']:+,.2f}".replace("-", plots.MINUS) in said


@pytest.mark.parametrize("strategy", [lts.strategies.Donchian(entry=5_999), lts.strategies.SmaCross(units=200_000)])
def test_a_run_without_trades_and_a_ruin_can_be_drawn(result, strategy):
    file = BytesIO()
    lts.run(strategy, result.bars).plot().savefig(file, format="png")
    assert len(file.getvalue()) > 20_000


def test_a_thinned_curve_keeps_its_extremes_and_ends():
    values = np.random.default_rng(1).normal(size=100_003).cumsum()
    rows = plots._outline(values)
    assert len(rows) <= plots.POINTS + 2
    assert np.all(np.diff(rows) > 0)
    assert {0, len(values) - 1, int(values.argmin()), int(values.argmax())} <= set(rows.tolist())


def test_a_notebook_shows_it_as_it_is(result):
    assert result.plot()._repr_png_().startswith(b"\x89PNG")


def test_drawing_leaves_pyplot_and_settings_alone(tmp_path):
    code = """
import sys, lts, matplotlib
settings = lambda: {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}  # loads pyplot
before = settings()
lts.run(lts.strategies.EmaCross(), lts.synthetic_bars("EUR_USD", "H1", n=500, seed=1)).plot().savefig(sys.argv[1])
print("matplotlib.pyplot" in sys.modules, before == settings())
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "run.png")], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
