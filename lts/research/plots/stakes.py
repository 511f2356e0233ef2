"""What was at stake: net exposure by currency over time, and the share of closes with a trade open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.frames import closes
from lts.research.plots import style
from lts.research.plots.style import BLUE, GREY, number, plain
from lts.sim import layout as at
from lts.words import MICRO

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lts.research.result import Result

MOST = 6  # currencies that are drawn
MONTHS = 60  # bars; beyond them years


@style.styled
def exposure(result: Result) -> Figure:
    """Draw net exposure by currency at each close, in the account's currency, and the share of closes with a trade open."""
    amounts, own = by_currency(result), style.currency(result)
    largest = sorted(amounts, key=lambda code: -float(np.abs(amounts[code]).mean()))[:MOST]
    if not any(amounts[code].any() for code in largest):
        return style.nothing(f"Net exposure by currency at closes, worth {own}", "No position was held at any close.")
    heights = [1.6 if len(largest) == 1 else 1.0] * len(largest) + [1.0]
    figure = style.canvas(0.3 + 1.35 * sum(heights))
    rows = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    shared = None
    for place, (code, colour) in enumerate(zip(largest, style.SERIES, strict=False)):
        shared = figure.add_subplot(rows[place], sharex=shared)
        left_out = f"; the {MOST} largest of {len(amounts)}" if len(amounts) > MOST and not place else ""
        plain(shared, f"Net exposure to {code} at closes, worth {own}{left_out}")
        _held(shared, style.times(result), amounts[code], colour, alone=len(largest) == 1)
        if place + 1 < len(largest):
            style.bare(shared)
    _time_in_market(figure.add_subplot(rows[len(largest)]), result)
    return figure


def by_currency(result: Result) -> dict[str, NDArray[np.float64]]:
    """Return by currency the net amount held at each close, (n,), worth account currency at mid; the account's own left out.

    Units of an instrument are an amount of its base, and as much less of its quote.
    """
    from lts.research.stats.facts import Facts

    facts, own = Facts(result), style.currency(result)
    amounts: dict[str, NDArray[np.float64]] = {}
    for k, bars in enumerate(result.setup.bars):
        mine = facts.fills["instrument"] == k
        if not mine.any():
            continue
        change = np.zeros(len(facts.stamps), np.int64)
        np.add.at(change, facts.fill_close[mine], facts.fills["steps"][mine])
        held = np.cumsum(change)
        rows = np.maximum(np.searchsorted(bars.time, facts.stamps, side="right") - 1, 0)
        middle = (bars.points.bid_close[rows].astype(np.float64) + _ask(result, k)[rows]) / 2
        worth = held * middle * facts.rate(at.X_MID, np.full(len(rows), k), rows) / MICRO
        for code, sign in ((bars.instrument.base, 1), (bars.instrument.quote, -1)):
            if code != own:
                amounts[code] = amounts.get(code, 0.0) + sign * worth
    return amounts


def _ask(result: Result, k: int) -> NDArray[np.int32]:
    """Return the ask closes of an instrument, points: those that were traded on, stated spreads included."""
    first = sum(result.setup.instruments.rows[:k])
    return result.setup.tape.bars[7, first : first + result.setup.instruments.rows[k]]


def _held(axes: Axes, time: NDArray[Any], amount: NDArray[np.float64], colour: str, *, alone: bool) -> None:
    style.area(axes, time, amount, colour, step=True, points=style.POINTS if alone else style.POINTS // 2)
    axes.axhline(0, color=GREY, linewidth=0.8)
    style.few(axes, 4)
    style.span(axes, time)
    style.dates(axes)


def in_market(result: Result) -> list[tuple[str, float]]:
    """Return (month or year, share of its closes with a trade open); years where there are more than sixty months."""
    from lts.research.stats.facts import Facts

    facts = Facts(result)
    change = np.zeros(len(facts.stamps) + 1, np.int64)
    steps = np.abs(facts.fills["steps"])
    np.add.at(change, facts.fill_close, np.where(facts.opens, steps, -steps))
    held = np.cumsum(change[:-1]) > 0
    ends = (closes(result) - 1).astype("datetime64[ns]")
    unit = "M" if len(np.unique(ends.astype("datetime64[M]"))) <= MONTHS else "Y"
    names, place = np.unique(ends.astype(f"datetime64[{unit}]"), return_inverse=True)
    share = np.bincount(place, weights=held) / np.bincount(place)
    return [(str(name), float(part)) for name, part in zip(names, share, strict=True)]


def _time_in_market(axes: Axes, result: Result) -> None:
    shares = in_market(result)
    whole = number(result.headline["exposure_time"], ".1%")
    plain(axes, f"Closes with a trade open, percent of the {'month' if len(shares[0][0]) > 4 else 'year'}'s; of all {whole}")
    axes.bar(range(len(shares)), [share for _, share in shares], 0.7, color=BLUE)
    step = -(-len(shares) // 14)
    axes.set_xticks(range(0, len(shares), step), [name for name, _ in shares[::step]])
    axes.set_xlim(-0.6, len(shares) - 0.4)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(style.percent())
    style.few(axes, 3)
