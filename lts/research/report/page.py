"""The page: everything that the template shows, gathered once."""

from __future__ import annotations

from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from lts._version import __version__
from lts.research.headline import headline_of
from lts.research.plots import style
from lts.research.plots.style import MINUS, number
from lts.research.plots.summary import named, paths, spanned, stated_costs
from lts.research.report import tables
from lts.research.report.badge import badge
from lts.research.report.sections import sections
from lts.research.report.words import NONE, Table, moment, money, percent, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

    from lts.research.headline import Headline
    from lts.research.result import Result


def page(result: Result, *, recipe: Mapping[str, Any] | None = None, written: str | None = None, check: bool = True) -> str:
    """Return the page of a result as text; `report` says what the arguments are."""
    from lts.research.saved import recipe as made_of

    trades, which = tables.trades(result)
    refused, said = tables.refused(result)
    return _template().render(
        title=named(result),
        subtitle=spanned(result),
        costs=stated_costs(result),
        policy=result.setup.options.intrabar,
        first=first(result),
        tiles=tiles(result),
        badge=badge(result, wanted=check),
        notes=[sentence(note) for note in _notes(result)],
        warnings=_warnings(result),
        sections=sections(result),
        groups=tables.groups(result),
        conventions=[(name, says, tables.groups(result, name)) for name, says in tables.CONVENTIONS.items()],
        trades=trades,
        which=which,
        refused=refused,
        refused_said=said,
        recipe=tables.recipe(made_of(result) if recipe is None else recipe),
        data=[_data(bars) for bars in result.setup.bars],
        version=__version__,
        written=written,
        minus=MINUS,
    )


@cache
def _template() -> Template:
    rooms = Environment(
        loader=PackageLoader("lts.research.report", "."), autoescape=select_autoescape(["j2"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return rooms.get_template("page.html.j2")


class First(NamedTuple):
    """What the page says first, and where its marks stand on a line, in percent of it; None where there is no line."""

    told: Headline
    line: Mapping[str, float] | None
    luck: str
    above: str  # the probability that it is above 0, where DSR says something else


def first(result: Result) -> First:
    """Return the Sharpe ratio with its interval, and DSR."""
    s = result.stats
    told = headline_of(s, result.reasons, MINUS)
    marks = {"low": s["sharpe_low95"], "high": s["sharpe_high95"], "at": s["sharpe"], "zero": 0.0, "luck": s["sharpe_by_luck"]}
    if not isfinite(marks["at"]) or not isfinite(marks["low"]):
        return First(told, None, "", "")
    several = bool(s["trials"] > 1) and isfinite(marks["luck"])
    if not several:
        del marks["luck"]
    left, right = min(marks.values()), max(marks.values())
    line = {name: round(4 + 92 * (value - left) / (right - left), 2) for name, value in marks.items()}
    above = f"above 0 with probability {percent(s['psr'], 0)}" if several and isfinite(s["psr"]) else ""
    return First(told, line, f"luck of {s['trials']:,.0f}: {number(s['sharpe_by_luck'], '.2f')}" if several else "", above)


def tiles(result: Result) -> list[tuple[str, str, list[str]]]:
    """Return label, value and remarks of what comes after the headline."""
    s, code = result.stats, style.currency(result)
    hidden = int(s["ambiguous_bars"])
    spread = "loses even without a spread" if s["break_even_spread"] <= 0 else "mean spread that leaves nothing"
    won = f"{percent(s['win_rate'], 0)} won" if s["trades"] else "none closed"
    return [
        ("Net profit", number(s["net_profit"], "+,.2f"), [f"{code}, from {s['initial_balance']:,.0f}"]),
        ("Return", _signed(s["total_return"]), [f"{_signed(s['cagr'])} a year"]),
        ("Max drawdown", percent(s["max_drawdown"], 1), [f"{money(s['max_drawdown_money'])} {code}"]),
        ("Trades", f"{s['trades']:,.0f}", [won, f"in market {percent(s['exposure_time'], 0)} of closes"]),
        ("Break-even spread", _pips(s["break_even_spread"]), [spread if s["trades"] else "none closed", *_paid(result)]),
        ("Ambiguous bars", f"{hidden:,}", paths(result) if hidden else ["no path was assumed"]),
    ]


def _signed(fraction: float) -> str:
    text = number(100 * fraction, "+,.1f")
    return text if text == NONE else f"{text} %"


def _pips(value: float) -> str:
    text = number(value, ".2f")
    return text if text == NONE else f"{text} pips"


def _paid(result: Result) -> list[str]:
    paid = float(result.stats["mean_spread_pips"])
    return [f"paid: {paid:.2f} pips"] if isfinite(paid) else []


def _notes(result: Result) -> list[str]:
    """Return the run's notes, each once; where instruments differ in one, with the instrument's name."""
    every = result.setup.bars
    owned = {note: [b.instrument.name for b in every if note in b.notes] for b in every for note in b.notes}
    return [
        note if len(owned.get(note, every)) == len(every) else f"{', '.join(owned[note])}: {note}"
        for note in dict.fromkeys(result.notes)
    ]


def _warnings(result: Result) -> list[str]:
    """Return what the data's quality report says first, each pair's name before its own."""
    many = len(result.setup.bars) > 1
    found = [(b.instrument.name, warning) for b in result.setup.bars for warning in b.quality.warnings]
    return [sentence(f"{name}: {warning}" if many else warning) for name, warning in found]


def _data(bars: Any) -> Table:
    """Return what the bars are and how their sides were made."""
    rows = [
        ["time frame", bars.timeframe],
        ["bars", f"{len(bars):,}"],
        ["first open, UTC", moment(int(bars.time[0]), seconds=True)],
        ["last close, UTC", moment(int(bars.time[-1]) + bars.duration, seconds=True)],
        ["source had", {"both": "bid and ask"}.get(bars.quality.side, f"{bars.quality.side} only")],
        ["notes", "; ".join(bars.notes) or NONE],
        ["fingerprint (SHA-256)", bars.fingerprint],
    ]
    return Table(bars.instrument.name, ("what", "value"), rows, frozenset({1}))
