"""The pictures of a result: they show what the result holds, survive what is degenerate, and disturb nothing."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import lts
from lts.research import plots
from lts.research.plots import calendars, curves, ohlc, paid, stakes, style
from lts.sim.verbs import go, stay
from tests.odd import CASES, COSTS, bars, portfolio
from tests.small import scripted, table


@pytest.fixture(scope="module")
def result():
    return lts.run(lts.strategies.EmaCross(stop_pips=40, target_pips=80), bars(), costs=COSTS)


@pytest.fixture(scope="module", params=CASES)
def odd(request):
    return CASES[request.param]()


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


@pytest.mark.parametrize("name", plots.FIGURES)
def test_every_figure_survives_every_odd_result_and_says_what_it_shows(odd, name):
    file = BytesIO()
    figure = odd.plot(name)
    figure.savefig(file, format="png")
    assert file.getvalue().startswith(b"\x89PNG")
    assert all(axes.get_title(loc="left") for axes in figure.axes if axes.axison)


@pytest.mark.parametrize("name", plots.FIGURES)
def test_labels_neither_cover_each_other_nor_leave_the_picture(result, name):
    figure = result.plot(name)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer, page = canvas.get_renderer(), figure.bbox
    for axes in (a for a in figure.axes if a.axison):
        labels = [label for label in axes.get_xticklabels() if label.get_visible() and label.get_text()]
        low, high = sorted(axes.get_xlim())
        boxes = [label.get_window_extent(renderer) for label in labels if low <= label.get_position()[0] <= high]
        assert all(a.x1 <= b.x0 + 0.5 for a, b in pairwise(sorted(boxes, key=lambda box: box.x0)))
        others = [*axes.get_yticklabels(), axes.title, axes._left_title, axes.xaxis.label]
        boxes += [text.get_window_extent(renderer) for text in others if text.get_visible() and text.get_text()]
        assert all(page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1 for box in boxes)
        key = axes.get_legend()
        if key is not None and key._loc_real == 4:  # above the picture, beside the title
            assert axes._left_title.get_window_extent(renderer).x1 < key.get_window_extent(renderer).x0


def test_an_unknown_figure_is_answered_with_the_nearest(result):
    with pytest.raises(lts.ParameterError, match="plot 'equty': is no figure; known are overview, .*Did you mean 'equity'"):
        result.plot("equty")


def test_the_waterfall_goes_from_price_profit_to_net_profit(result):
    heights = [bar.get_height() for bar in result.plot().axes[3].patches]
    assert len(heights) == 7
    assert heights[0] == result.stats["price_profit"]
    assert sum(heights[:-1]) == pytest.approx(heights[-1], abs=1e-6)
    assert heights[-1] == pytest.approx(result.stats["net_profit"], abs=1e-6)


def test_the_waterfall_shows_what_open_trades_are_worth(result):
    left = lts.run(
        lts.strategies.SmaCross(fast=5, slow=20, stop_pips=0, target_pips=0), result.bars, costs=COSTS, close_at_end=False
    )
    assert left.open_trades == 1
    heights = [bar.get_height() for bar in left.plot("costs").axes[0].patches]
    assert len(heights) == 8
    assert sum(heights[:-1]) == pytest.approx(heights[-1], abs=1e-6)
    assert heights[-1] == pytest.approx(left.stats["net_profit"], abs=1e-6)


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
    assert f"{result.stats['net_profit']:+,.2f}".replace("-", style.MINUS) in said


def test_a_portfolio_names_a_shared_strategy_once():
    said = texts(portfolio().plot())
    assert said[0].startswith("5 times SmaCross(fast=10, slow=50")


def test_the_line_over_the_spread_crosses_zero_where_the_statistic_says(result):
    spread, slope, zero = paid.spread_line(result)
    assert zero == pytest.approx(result.stats["break_even_spread"])
    assert spread == pytest.approx(result.stats["mean_spread_pips"])
    assert slope * (zero - spread) == pytest.approx(result.stats["net_profit"])  # all trades closed at the end


def test_the_break_even_spread_of_one_trade_by_hand():
    # Bought 10,000 at 1.1002, sold at 1.1010; the spread is 2 pips: mid to mid 1.1001 -> 1.1011, 10 pips; 1 pip = 1 USD.
    held = lts.run(scripted(go(10_000), stay(), go(0)), table([[1.1] * 4, [1.1] * 4, [1.1] * 4, [1.101] * 4], spread=20))
    assert paid.spread_line(held) == pytest.approx((2.0, 1.0, 10.0))


def test_months_compound_to_the_whole_return(result):
    years = calendars.month_table(result)
    assert [year for year, _ in years] == [2015]
    months = np.array([row[:12] for _, row in years])
    assert np.nanprod(1 + months) - 1 == pytest.approx(result.stats["total_return"], rel=1e-9)
    assert years[0][1][12] == pytest.approx(result.stats["total_return"], rel=1e-9)


def test_every_trade_is_in_one_hour_and_one_trading_day(result):
    hours, days, _ = calendars.by_entry(result).values()
    for groups in (hours, days):
        assert sum(n for _, _, n in groups) == len(result.trades)
        assert sum(money for _, money, _ in groups) == pytest.approx(result.trades["profit"].sum())


def test_sessions_follow_each_centres_own_clock(result):
    for (name, zone, first, last), (label, money, n) in zip(
        calendars.SESSIONS, list(calendars.by_entry(result).values())[2], strict=True
    ):
        clock = ZoneInfo(zone)
        mine = [first <= t.astimezone(clock).hour < last for t in result.trades["entry_time"]]
        assert (label, n) == (name, sum(mine))
        assert money == pytest.approx(result.trades["profit"][mine].sum())


def test_sunday_evening_belongs_to_mondays_trading_day():
    monday = int(datetime(2024, 1, 7, 22, tzinfo=UTC).timestamp()) * 10**9  # Sunday 17:00 in New York
    one = lts.run(scripted(stay(), go(1_000), go(0)), table([[1.1] * 4] * 6, start=monday - 3600 * 10**9))
    days = {name: n for name, _, n in list(calendars.by_entry(one).values())[1]}
    assert days == {"Mon": 1, "Tue": 0, "Wed": 0, "Thu": 0, "Fri": 0}


def test_rolling_ratios_are_those_of_the_window(result):
    returns = lts.research.stats.daily_returns(result)
    found = curves.ratios(result)
    assert found.window == 65
    assert np.isnan(found.sharpe[:64]).all()
    part = returns[100 - 64 : 101]
    assert found.sharpe[100] == pytest.approx(part.mean() / part.std(ddof=1) * np.sqrt(260))
    assert found.volatility[100] == pytest.approx(part.std(ddof=1) * np.sqrt(260))


def test_exposure_of_a_pair_is_base_held_and_quote_owed():
    # 10,000 EUR/GBP from the second bar's open to the fourth's; mid 0.8501 (bid 0.85, spread 2 pips); a GBP is worth 1.25 USD.
    cross = table([[0.85] * 4] * 5, pair="EUR_GBP", spread=20)
    held = lts.run(scripted(go(10_000), stay(), go(0)), cross, rates={"GBP": 1.25})
    worth = 10_000 * 0.8501 * 1.25
    found = stakes.by_currency(held)
    assert list(found) == ["EUR", "GBP"]
    np.testing.assert_allclose(found["EUR"], [0, worth, worth, 0, 0])
    np.testing.assert_allclose(found["GBP"], [0, -worth, -worth, 0, 0])
    assert stakes.in_market(held) == [("2024-01", pytest.approx(0.4))]


def test_the_share_in_market_is_the_statistic(result):
    shares, ends = stakes.in_market(result), style.times(result) - np.timedelta64(1, "ns")
    counts = np.unique(ends.astype("datetime64[M]"), return_counts=True)[1]
    whole = sum(share * n for (_, share), n in zip(shares, counts, strict=True)) / counts.sum()
    assert whole == pytest.approx(result.stats["exposure_time"])


def lines(axes):
    return {line.get_label(): line.get_xydata() for line in axes.lines}


def test_candles_show_fills_and_the_stops_that_trades_began_with():
    # Bought 1,000 at the second open, 1.1000; stop 30 and target 50 pips from there; the third bar falls through the stop.
    rows = [[1.1] * 4, [1.1, 1.101, 1.0995, 1.1], [1.1, 1.1, 1.0960, 1.0965], [1.0965] * 4]
    held = lts.run(scripted(go(1_000, stop_pips=30, target_pips=50)), table(rows))
    shown = lines(held.plot("candles").axes[0])
    np.testing.assert_allclose(shown["bought"], [[1, 1.1]])
    np.testing.assert_allclose(shown["closed"], [[2, 1.097]])
    np.testing.assert_allclose(shown["lost"][:2], [[1, 1.1], [2, 1.097]])
    np.testing.assert_allclose(shown["stop"][:2], [[1, 1.097], [2, 1.097]])
    np.testing.assert_allclose(shown["target"][:2], [[1, 1.105], [2, 1.105]])


def test_candles_of_a_span_and_of_a_long_one(result):
    part = ohlc.parts(result, "2015-03-02", "2015-03-03 23:00")[0]
    opens = result.bars.time[part.a : part.b].view("datetime64[ns]")
    assert opens[0] >= np.datetime64("2015-03-01T23:00")
    assert opens[-1] <= np.datetime64("2015-03-03T23:00")
    whole = plots.candles(result, start="2015-01-01")
    assert "15 bars a candle" in whole.axes[0].get_title(loc="left")


@pytest.mark.parametrize(
    ("start", "end", "match"),
    [
        ("yesterday-ish", None, "start: was 'yesterday-ish'"),
        ("2031-01-01", None, "holds no bar"),
        ("2015-05-01", "2015-04-01", "holds no bar"),
    ],
)
def test_impossible_spans_of_candles_are_refused(result, start, end, match):
    with pytest.raises(lts.ParameterError, match=match):
        plots.candles(result, start, end)


def test_a_thinned_curve_keeps_its_extremes_and_ends():
    values = np.random.default_rng(1).normal(size=100_003).cumsum()
    values[500:600] = np.nan
    rows = style.outline(values)
    assert len(rows) <= style.POINTS + 2
    assert np.all(np.diff(rows) > 0)
    assert {0, len(values) - 1, int(np.nanargmin(values)), int(np.nanargmax(values))} <= set(rows.tolist())


@pytest.mark.parametrize(
    ("marks", "written"),
    [
        ([0, 0.25, 0.5], ["0.00", "0.25", "0.50"]),
        ([-2_000, 0, 2_000], ["\N{MINUS SIGN}2,000", "0", "2,000"]),
        ([1.165, 1.17, 1.175], ["1.165", "1.170", "1.175"]),
        ([100.0], ["100"]),
    ],
)
def test_marks_have_the_decimals_that_tell_them_apart(marks, written):
    assert style.Ticks().format_ticks(marks) == written


def test_a_notebook_shows_it_as_it_is(result):
    assert result.plot()._repr_png_().startswith(b"\x89PNG")


def test_drawing_leaves_pyplot_and_settings_alone(tmp_path):
    code = """
import sys, lts, matplotlib
from lts.research.plots import FIGURES
settings = lambda: {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}  # loads pyplot
before = settings()
run = lts.run(lts.strategies.EmaCross(), lts.synthetic_bars("EUR_USD", "H1", n=500, seed=1))
for name in FIGURES:
    run.plot(name).savefig(sys.argv[1])
run.report(sys.argv[2])
print("matplotlib.pyplot" in sys.modules, before == settings())
"""
    out = [str(tmp_path / name) for name in ("run.png", "run.html")]
    done = subprocess.run([sys.executable, "-c", code, *out], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
