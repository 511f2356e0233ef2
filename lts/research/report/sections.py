"""The charts of a report: in what order, what is said beside each, what is said to those who do not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lts.research.plots import FIGURES, style
from lts.research.plots.paid import spread_line
from lts.research.plots.style import number
from lts.research.report import behind
from lts.research.report.charts import inline
from lts.research.report.words import money, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup

    from lts.research.report.words import Table
    from lts.research.result import Result


class Plan(NamedTuple):
    """A section before it is drawn."""

    id: str
    title: str
    says: str
    figures: tuple[tuple[str, str], ...]  # name in FIGURES, what it shows
    tables: Callable[[Result], list[Table]]


class Section(NamedTuple):
    """A section as the page takes it."""

    id: str
    title: str
    says: str
    charts: list[Markup]
    tables: list[Table]


PLANS = (
    Plan(
        "equity",
        "Equity",
        "The balance with what open trades were worth at each close; the margin they used below.",
        (("equity", "Curves of equity and balance over time, and the margin used below them. {equity}"),),
        behind.equity,
    ),
    Plan(
        "drawdowns",
        "Drawdowns",
        "How far equity was below its highest close so far. Numbers mark the deepest falls; the bars below show how long each "
        "took, down and up again.",
        (
            ("underwater", "Curve of equity below its running peak. {drawdown}"),
            ("drawdowns", "The worst drawdowns as bars from peak to trough to recovery. {drawdown}"),
        ),
        behind.drawdowns,
    ),
    Plan(
        "costs",
        "Costs and the break-even spread",
        "What prices alone brought, what each cost took, and what the same entries and exits would have earned at "
        "another mean spread.",
        (("costs", "Waterfall from price profit to net profit, and net profit as a falling line over the mean spread. {costs}"),),
        behind.costs,
    ),
    Plan(
        "candles",
        "Candles with fills",
        "The bars up to the last exit. Filled candles closed below their open. Stops and targets are those that each trade "
        "began with.",
        (("candles", "Candles of the bid with entries, exits, stops and targets of the last trades."),),
        behind.fills,
    ),
    Plan(
        "months",
        "Months",
        "Months of New York trading days; the first and the last may be parts.",
        (("monthly", "Monthly returns as a coloured grid: blue gains, red losses, each with its number."),),
        behind.months,
    ),
    Plan(
        "hours",
        "Hours, days and sessions",
        "By the entry of each trade; numbers in brackets are trades. Sessions run by their own clocks: Sydney 7 to 16, Tokyo 9 to "
        "18, London and New York 8 to 17.",
        (("hours", "Bars of net profit by hour of entry in New York, by trading day and by session."),),
        behind.hours,
    ),
    Plan(
        "distribution",
        "Distribution",
        "Daily returns between 17:00 New York cut-offs, and the net profit of closed trades; the line is the normal curve of the "
        "same mean and deviation.",
        (("distribution", "Histograms of daily returns and of net profits of trades with a normal curve."),),
        behind.distribution,
    ),
    Plan(
        "rolling",
        "Rolling ratios",
        "Nothing is drawn where the window is not full.",
        (("rolling", "Curves of the rolling Sharpe ratio and of the rolling volatility."),),
        behind.rolling,
    ),
    Plan(
        "excursions",
        "Excursions",
        "Each dot is a closed trade: what it made, by how far prices had gone against it (MAE) or for it (MFE) on the way. On the "
        "dashed line a trade ended at its extreme.",
        (("excursions", "Scatter of the result of each trade over its largest excursions against and for it, in pips."),),
        behind.excursions,
    ),
    Plan(
        "exposure",
        "Exposure",
        "Units of a pair are an amount of its base currency, and as much less of its quote currency, at mid.",
        (("exposure", "Curves of the net exposure by currency, and bars of the share of closes with a trade open. {market}"),),
        behind.exposures,
    ),
)


def sections(result: Result) -> list[Section]:
    """Draw every section."""
    facts = _facts(result)
    return [
        Section(
            plan.id,
            plan.title,
            plan.says,
            [inline(FIGURES[name](result), name, says.format_map(facts)) for name, says in plan.figures],
            plan.tables(result),
        )
        for plan in PLANS
    ]


def _facts(result: Result) -> dict[str, str]:
    """Return what the descriptions of the charts say in numbers."""
    s, code = result.headline, style.currency(result)
    _, _, zero = spread_line(result)
    dies = f"; nothing would be left at a mean spread of {number(zero, '.2f')} pips" if np.isfinite(zero) else ""
    return {
        "equity": f"From {money(s['initial_balance'])} to {money(s['final_balance'])} {code}.",
        "drawdown": f"The deepest fall is {percent(s['max_drawdown'], 1)}, {money(s['max_drawdown_money'])} {code}.",
        "costs": f"Price profit {money(s['price_profit'])}, net profit {money(s['net_profit'])} {code}{dies}.",
        "market": f"A trade was open at {percent(s['exposure_time'], 1)} of the closes.",
    }
