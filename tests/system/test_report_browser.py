"""A report in a real browser, without a network: nothing is asked for, nothing complains, it reads on a phone and prints."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import lts

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PRINTED = 695  # CSS pixels across a page of A4 inside the margins
TALLEST = 1010  # and down


def _chromium():
    known = ["/usr/bin/chromium", *filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))]
    return next((path for path in known if Path(path).exists()), None)


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; install the extra 'dev'")
    path = _chromium()
    if path is None:
        pytest.skip("no chromium was found here: a report in a browser was not looked at")
    with api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    costs = lts.Costs(commission_per_lot=7, slippage_pips=0.2, swap_long=-7, swap_short=2)
    bars = {name: lts.synthetic_bars(name, "H1", n=3_000, seed=seed) for seed, name in enumerate(("GBP_USD", "EUR_USD", "AUD_USD"))}
    cross = lts.strategies.SmaCross(stop_pips=40, target_pips=80)
    results = {
        "one": lts.run(cross, bars["GBP_USD"], costs=costs),
        "portfolio": lts.run_portfolio({name: (cross, own) for name, own in bars.items()}, costs=costs),
        "nothing": lts.run(lts.strategies.Donchian(entry=2_999), bars["GBP_USD"], costs=costs),
    }
    tried = lts.run(cross, bars["EUR_USD"], costs=costs)
    tried.study = {"trials": 1_234_567.0, "sharpe_by_luck": 3.3, "dsr": 0.02}
    results["tried"] = tried
    return {name: result.report(folder / f"{name}.html") for name, result in results.items()}


class Visit:
    """A page that is open, and what the browser had to say about it."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(offline=True, **options)
        self.said, self.asked = [], []
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("requestfailed", lambda request: self.said.append(request.url))
        self.page.goto(path.as_uri())

    def _route(self, route):
        self.asked.append(route.request.url)
        route.continue_() if route.request.url.startswith(("file:", "data:")) else route.abort()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.mark.parametrize("name", ["one", "portfolio", "nothing", "tried"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_opens_without_a_network_or_a_complaint_and_never_scrolls_sideways(browser, pages, name, width):
    with Visit(browser, pages[name], viewport={"width": width, "height": 900}) as visit:
        assert visit.said == []
        assert [url for url in visit.asked if url not in {pages[name].as_uri(), "data:,"}] == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        sizes = visit.page.evaluate(
            "[...document.querySelectorAll('svg')].map(s => [s.getBoundingClientRect().width, s.getBBox().height])"
        )
        assert len(sizes) == 11
        assert all(across >= 600 and down > 20 for across, down in sizes)


@pytest.mark.parametrize("name", ["one", "portfolio", "nothing"])
def test_no_text_leaves_its_chart(browser, pages, name):
    outside = """[...document.querySelectorAll('svg')].flatMap(s => {
        const a = s.getBoundingClientRect();
        return [...s.querySelectorAll('text')].filter(t => {
            const b = t.getBoundingClientRect();
            return b.left < a.left - 1 || b.right > a.right + 1 || b.top < a.top - 1 || b.bottom > a.bottom + 1;
        }).map(t => t.textContent);
    })"""
    with Visit(browser, pages[name], viewport={"width": 1200, "height": 900}) as visit:
        assert visit.page.evaluate(outside) == []


@pytest.mark.parametrize("width", [390, 1200])
def test_the_headline_is_seen_first_and_its_marks_stay_inside(browser, pages, width):
    with Visit(browser, pages["tried"], viewport={"width": width, "height": 900}) as visit:
        boxes = visit.page.evaluate("""() => {
            const box = e => { const b = e.getBoundingClientRect(); return [b.left, b.right, b.top, b.bottom]; };
            return [box(document.querySelector('.first')), [...document.querySelectorAll('.gauge span')].map(box)];
        }""")
        (left, right, top, bottom), marks = boxes
        assert len(marks) == 7
        assert all(left < a and b < right and top < c and d < bottom for a, b, c, d in marks)
        assert bottom < visit.page.evaluate("document.querySelector('.tiles').getBoundingClientRect().top")
        assert top < 600  # on the first screen, also of a phone
        assert "1,234,567 sets" in visit.page.inner_text(".first")


def test_it_is_dark_where_the_reader_wants_it_dark(browser, pages):
    look = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('svg text')).fill]"
    seen = {}
    for scheme in ("light", "dark"):
        with Visit(browser, pages["one"], color_scheme=scheme) as visit:
            seen[scheme] = visit.page.evaluate(look)
    assert seen["light"][0] == "rgb(255, 255, 255)"
    assert all(seen["light"][i] != seen["dark"][i] for i in (0, 1))


def test_the_keyboard_reaches_everything(browser, pages):
    with Visit(browser, pages["one"], viewport={"width": 1200, "height": 900}) as visit:
        page = visit.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.focus("summary")
        page.keyboard.press("Enter")
        assert page.evaluate("document.querySelector('details').open")
        unreachable = (
            """[...document.querySelectorAll('.scroll')].filter(e => e.tabIndex < 0 || !e.getAttribute('aria-label')).length"""
        )
        assert page.evaluate(unreachable) == 0


@pytest.mark.parametrize("name", ["one", "portfolio"])
def test_it_prints_on_paper_without_cutting_anything(browser, pages, name):
    with Visit(browser, pages[name], viewport={"width": PRINTED, "height": 900}, color_scheme="dark") as visit:
        page = visit.page
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"  # paper is never dark
        cut = f"f => f.scrollWidth > {PRINTED} || f.offsetHeight > {TALLEST}"
        assert page.evaluate(f"[...document.querySelectorAll('figure')].filter({cut}).length") == 0
        wide = f"[...document.querySelectorAll('section:not(.sheet) table')].filter(t => t.offsetWidth > {PRINTED}).length"
        assert page.evaluate(wide) == 0
        page.set_viewport_size({"width": 1031, "height": 700})  # A4 on its side, for the trades
        assert page.evaluate("document.querySelector('.trades table').offsetWidth") <= 1031
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert printed.startswith(b"%PDF")
    assert 8 <= sheets <= 40
    assert printed.count(b"/Font") > 5  # text is printed as text
