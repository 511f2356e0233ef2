"""The report: one page that holds everything, fetches nothing, and is the same bytes for the same result."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

import lts
from lts.research.report import page, tables
from lts.research.report.charts import inline
from lts.research.report.words import amount
from lts.research.stats import custom
from lts.sim.verbs import go
from tests.odd import CASES, COSTS
from tests.small import scripted

VOID = {"meta", "link", "br", "path", "use"}


def run(n=6_000, **options):
    strategy = lts.strategies.EmaCross(stop_pips=40, target_pips=80)
    return lts.run(strategy, lts.synthetic_bars("GBP_USD", "H1", n=n, seed=3), costs=COSTS, **options)


@pytest.fixture(scope="module")
def result():
    return run()


@pytest.fixture(scope="module")
def text(result):
    return page(result)


class Element(NamedTuple):
    tag: str
    attributes: dict[str, str | None]


class Reader(HTMLParser):
    """Collects elements and the words between them, and refuses what is not closed in order."""

    def __init__(self):
        super().__init__()
        self.elements, self.open, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def found(reader, tag):
    return [e.attributes for e in reader.elements if e.tag == tag]


def test_the_same_result_gives_the_same_bytes(result, tmp_path):
    again = run()
    first, second = result.report(tmp_path / "a.html"), again.report(tmp_path / "b.html")
    assert first == tmp_path / "a.html"
    assert first.read_bytes() == second.read_bytes()


def test_nothing_is_fetched_and_nothing_runs(text):
    reader = read(text)
    assert not {"script", "iframe", "object", "embed", "img", "form", "base"} & {e.tag for e in reader.elements}
    assert "://" not in text
    assert "@import" not in text
    assert [e.tag for e in reader.elements for name in e.attributes if name.startswith("on")] == []
    links = [value for e in reader.elements for name, value in e.attributes.items() if name in {"href", "src", "xlink:href"}]
    assert [link for link in links if not link.startswith("#") and link != "data:,"] == []
    assert set(re.findall(r"url\((.)", text)) == {"#"}


def test_ids_are_unique_and_every_reference_finds_its_own(text):
    reader = read(text)
    ids = Counter(e.attributes["id"] for e in reader.elements if "id" in e.attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    wanted = {e.attributes["href"][1:] for e in reader.elements if (e.attributes.get("href") or "").startswith("#")}
    assert (wanted | set(re.findall(r"url\(#([^)]+)\)", text))) - set(ids) == set()


def test_figures_of_one_page_share_no_style(text):
    sheets = re.findall(r"<svg[^>]*><style>(.*?)</style>", text)
    names = [re.findall(r"\.([\w-]+)\{", sheet) for sheet in sheets]
    assert len(sheets) == 11
    assert len({name for group in names for name in group}) == sum(map(len, names))


def test_headings_are_in_order_and_each_chart_says_what_it_shows_and_has_its_numbers(text):
    reader = read(text)
    levels = [int(e.tag[1]) for e in reader.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert found(reader, "html") == [{"lang": "en"}]
    charts = found(reader, "svg")
    assert len(charts) == 11
    assert all(chart["role"] == "img" and len(chart["aria-label"]) > 40 for chart in charts)
    for section in text.split("<section ")[1:]:
        if "<svg" in section:
            assert "<details" in section.split("</section>")[0]
            assert "<table" in section.split("</section>")[0]


def test_texts_in_charts_are_as_they_were_drawn(result):
    drawn = result.plot("candles")
    marks = {label.get_text() for label in drawn.axes[0].get_yticklabels()}
    shown = set(re.findall(r"<text[^>]*>([^<]*)</text>", inline(drawn, "candles", "")))
    low, high = drawn.axes[0].get_ylim()
    assert any(re.fullmatch(r"\d\.\d{3,}", mark) for mark in shown)  # 1.345 must not become 1.3
    assert {mark for mark in marks if low <= float(mark) <= high} <= shown


def test_paths_in_tenths_end_where_they_were_drawn(result):
    path = re.findall(r' d="([^"]*)"', inline(result.plot("rolling"), "rolling", ""))
    longest = max(path, key=len)
    numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", longest)]
    steps = np.array(numbers).reshape(-1, 2)
    ends = steps.cumsum(axis=0)
    assert longest.startswith("M")
    assert longest.count("M") == 1
    assert 700 < ends[-1][0] <= 720  # the right edge of a picture of 720 points
    assert (ends[:, 1] > 0).all()


def test_every_statistic_stands_there_with_its_formula(result, text):
    for name in result.stats.index:
        assert f"<code>{name}</code>" in text
    assert amount(result.stats["max_drawdown"], "fraction") in text
    for convention in ("empyrical", "mt5"):
        for name in result.statistics(convention)[0].index:
            assert f"<code>{name}</code>" in text


def test_what_is_none_says_why():
    none = lts.run(lts.strategies.Donchian(entry=1_999), lts.synthetic_bars("GBP_USD", "H1", n=2_000, seed=3))
    words = " ".join(read(page(none)).words)
    assert none.reasons
    for reason in set(none.reasons.values()):
        assert reason in words
    assert "The market refused no order." in words
    assert "nan" not in re.split(r"\W+", words)


@pytest.mark.parametrize("name", CASES)
def test_every_odd_result_has_a_whole_page(name):
    odd = CASES[name]()
    text = page(odd)
    reader = read(text)
    assert len(found(reader, "svg")) == 11
    assert len(text.encode()) < 1_000_000
    assert {"nan", "inf"} & set(re.split(r"\W+", " ".join(reader.words))) == set()


def test_a_registered_statistic_stands_there_too(result):
    lts.statistic("hurt", unit="fraction", formula="mean((peak - equity) / peak)", meaning="mean <drawdown>")(lambda _: 0.125)
    try:
        text = page(run())
    finally:
        custom.forget("hurt")
    assert "mean &lt;drawdown&gt;" in text
    assert "12.50 %" in text
    assert "hurt" not in page(result)


def test_names_and_texts_from_outside_are_escaped(result):
    class Wicked(type(result.strategies[0])):
        def __repr__(self):
            return "<script>alert('&')</script>\"'{{ 7 * 7 }}$\\frac{1}{"

    wicked = lts.run(Wicked(), result.bars, costs=COSTS)
    wicked.plot().savefig(BytesIO(), format="png")
    text = page(wicked, recipe={"command": "<b onclick=x>", "<i>": {"</td>": None}}, written="<today>")
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#39;&amp;&#39;)" in text
    assert "{{ 7 * 7 }}" in text
    assert "written &lt;today&gt;" in text
    assert "&lt;b onclick=x&gt;" in text
    read(text)


def test_few_trades_are_all_there_and_many_are_not(result):
    table, said = tables.trades(result)
    assert len(table.rows) == len(result.trades) == int(result.stats["trades"])
    assert said == f"All {len(table.rows)} closed trades, in order of closing."
    bars = lts.synthetic_bars("EUR_USD", "H1", n=900, seed=1)
    many = lts.run(scripted(*[go((-1) ** i * 1_000) for i in range(800)]), bars)
    table, said = tables.trades(many)
    count = len(many.trades)
    assert count > 700
    assert [row[0] for row in table.rows] == [str(t) for t in [*many.trades["trade"][:100], *many.trades["trade"][-100:]]]
    assert said.startswith(f"The first 100 and the last 100 of {count} closed trades. The others are in result.trades")


def test_a_trades_row_adds_up(result):
    table, _ = tables.trades(result)
    for row in table.rows:
        price, *costs, profit = (float(cell.replace(",", "").replace("\N{MINUS SIGN}", "-")) for cell in row[8:14])
        assert price + sum(costs) == pytest.approx(profit, abs=0.031)  # six roundings to a cent


def test_refused_orders_are_counted_by_reason():
    bars = lts.synthetic_bars("EUR_USD", "H1", n=300, seed=1)
    greedy = lts.run(scripted(*[go((-1) ** i * 90_000_000) for i in range(150)]), bars)
    table, said = tables.refused(greedy)
    refused = int(greedy.stats["refused_orders"])
    assert refused > 100
    assert len(table.rows) == 100
    assert said.startswith(f"{refused} refused: insufficient margin {refused}. The first 100 are shown")


def test_the_recipe_names_what_the_result_was_made_of(result, text):
    words = read(text).words
    assert result.bars.fingerprint in words
    for word in ("GBP_USD", "H1", "6,000", "worst", "commission_per_lot", "0.2", "leverage", "USD", lts.__version__):
        assert any(word in part for part in words), word
    assert any("generated" in part.lower() for part in words)


def test_a_nested_recipe_is_written_out():
    made = {
        "lts": "1", "seed": 7, "command": ["lts", "backtest", "run"], "versions": {"numpy": "2.4", "machine": {"cpu": "x"}},
        "data": [{"instrument": "EUR_USD", "origin": None, "blocks": [str(i) for i in range(64)]}, {"instrument": "GBP_USD"}],
        "nothing": {},
    }  # fmt: skip
    run_, versions, first, second = tables.recipe(made)
    assert [list(row) for row in run_.rows] == [["lts", "1"], ["seed", "7"], ["command", "lts, backtest, run"]]
    assert versions.rows == [["numpy", "2.4"], ["machine, cpu", "x"]]
    assert (first.caption, second.caption) == ("data 1", "data 2")
    assert first.rows == [["instrument", "EUR_USD"], ["origin", "none"], ["blocks", "64 values, from 0 to 63"]]


def test_no_date_is_written_unless_one_is_stated(result, tmp_path):
    from lts.research.report import report

    assert "written" not in result.report(tmp_path / "a.html").read_text(encoding="utf-8")
    assert ", written 2026-01-02" in report(result, tmp_path / "b.html", written="2026-01-02").read_text(encoding="utf-8")


def test_a_report_goes_into_a_file_in_a_folder_that_is_there(result, tmp_path):
    with pytest.raises(lts.ParameterError, match=r"is a folder; it must be a file\. Add a name"):
        result.report(tmp_path)
    with pytest.raises(lts.ParameterError, match="its folder was not found; it must be there. Make .*missing"):
        result.report(tmp_path / "missing" / "a.html")
    with pytest.raises(lts.ParameterError, match="report: was None; it must be the path of a file"):
        result.report(None)
    result.report(tmp_path / "a.html")
    result.report(str(tmp_path / "a.html"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]


def _contrast(a, b):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return sum(
            w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
            for w, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
        )

    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_texts_contrast_with_the_paper_by_day_and_by_night(text):
    themes = [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL)]
    assert len(themes) == 2
    for theme in themes:
        for name in ("ink", "quiet", "blue", "loss"):
            assert min(_contrast(theme[name], theme[ground]) for ground in ("paper", "shade")) >= 4.5, name
        for name in ("red", "grey"):  # lines and marks
            assert _contrast(theme[name], theme["paper"]) >= 3.0, name


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (-0.0251, "fraction", "\N{MINUS SIGN}2.51 %"),
        (1234.5, "account currency, >= 0", "1,234.50"),
        (89.0, "count", "89"),
        (0.3416, "count a day", "0.342"),
        (float("nan"), "ratio", "none"),
        (-0.0, "ratio", "0.00"),
        (0.00123, "ratio", "0.0012"),
    ],
)
def test_a_statistic_is_written_as_its_unit_asks(value, unit, written):
    assert amount(value, unit) == written


def test_a_million_bars_stay_under_a_megabyte(tmp_path):
    bars = lts.synthetic_bars("EUR_USD", "M1", n=1_000_000, seed=7)
    long = lts.run(lts.strategies.SmaCross(units=10_000, stop_pips=0, target_pips=0), bars, account=lts.Account(balance=1_000_000))
    assert len(long.trades) > 10_000
    assert long.report(tmp_path / "a.html").stat().st_size < 1_000_000


def test_an_ordinary_report_is_small(text):
    assert len(text.encode()) < 600_000
