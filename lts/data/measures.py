"""Measures of bars: holes, week opens, spreads, runs and moves; what the quality report is made of.

Everything is arithmetic over whole arrays, a few passes each, so that a million bars take well under a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.calendar import CLOSE_HOUR, DAY, HOUR, WEEK, closures, holiday, hour_of_week, utc_offset
from lts.data.order import outside_week
from lts.data.spans import text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.bars import Bars

    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]
    Bool = NDArray[np.bool_]

OPEN_HOURS = 120  # of a week, Sunday 17:00 to Friday 17:00
_FRIDAY = DAY + CLOSE_HOUR * HOUR  # 1970-01-02 17:00 was a Friday's close
_SPARSE = 10  # hours per bar above which a table of all hours costs more than it saves
_CUT = 0.5  # of the usual volume: below, the last bar was probably cut short
QUANTILES = {"p5": 0.05, "median": 0.5, "p95": 0.95, "p99.9": 0.999, "max": 1.0}


@dataclass(frozen=True)
class Context:
    """Bars with what several measures share; at least one bar."""

    bars: Bars
    side: str  # what the source had

    @property
    def time(self) -> Int64:
        """Bar opens, int64 [n]."""
        return self.bars.time

    @property
    def duration(self) -> int:
        """Length of a bar, nanoseconds."""
        return self.bars.duration

    @cached_property
    def hours(self) -> Int64 | None:
        """Hour of the week of every hour from the first bar to the last, int64 [m]; None where bars are few and far between."""
        first, last = int(self.time[0]) // HOUR, int(self.time[-1]) // HOUR
        if last - first > _SPARSE * len(self.time) + 10_000:
            return None
        return hour_of_week(np.arange(first, last + 1, dtype=np.int64) * HOUR)

    @cached_property
    def cell(self) -> Int64:
        """Place of each bar in `hours`, int64 [n]."""
        return np.asarray(self.time // HOUR - int(self.time[0]) // HOUR)

    @cached_property
    def hour_of_week(self) -> Int64:
        """Hours since Sunday 17:00 New York, int64 [n]."""
        return hour_of_week(self.time) if self.hours is None else self.hours[self.cell]

    @cached_property
    def first(self) -> Bool:
        """Whether a bar is the first after a closure, bool [n]."""
        return closures(self.time, self.duration)

    @cached_property
    def steps(self) -> Int64:
        """Time between stamps, int64 [n - 1]."""
        return np.diff(self.time)

    @cached_property
    def own(self) -> Int32:
        """Prices of the source's own side (bid where it had both), int32 [4, n]."""
        matrix = self.bars.points.matrix
        return matrix[4:] if self.side == "ask" else matrix[:4]


def open_before(time: Int64) -> Int64:
    """Return how long the market had been open up to each time, nanoseconds since a Friday in 1970."""
    week, rest = np.divmod(time + utc_offset(time) - _FRIDAY, WEEK)
    return np.asarray(week * (OPEN_HOURS * HOUR) + np.maximum(rest - 48 * HOUR, 0))


def holes(context: Context) -> dict[str, Any]:
    """Count absent bars: by length of the hole, by hour of the day, the longest; closed weekends are no holes."""
    at = np.flatnonzero(context.steps > context.duration)
    start, end = context.time[at] + context.duration, context.time[at + 1]
    shut = open_before(end) - open_before(start)
    absent = shut // context.duration
    real = absent > 0
    start, end, absent, shut = start[real], end[real], absent[real], shut[real]
    festive = np.logical_or.reduce([holiday(start + (end - 1 - start) * k // 4) for k in range(5)])
    edges = np.array([1, 2, 6, 61, 1441, np.iinfo(np.int64).max])
    counts = np.histogram(absent, bins=edges)[0] if absent.size else np.zeros(5, dtype=np.int64)
    longest = np.argsort(-shut, kind="stable")[:5]
    return {
        "holes": int(absent.size),
        "absent_bars": int(absent.sum()),
        "at_holidays": int(np.count_nonzero(festive)),
        "by_length_bars": dict(zip(("1", "2-5", "6-60", "61-1440", "more"), counts.tolist(), strict=True)),
        "longest": [
            {"from": text(start[i]), "to": text(end[i]), "open_hours": round(int(shut[i]) / HOUR, 2), "holiday": bool(festive[i])}
            for i in longest
        ],
        "overlaps": int(np.count_nonzero(context.steps < context.duration)),
        **_by_hour(context, start[shut >= DAY], end[shut >= DAY]),
    }


def _by_hour(context: Context, start: Int64, end: Int64) -> dict[str, Any]:
    """Return the share of absent bars by hour of the day, UTC and New York; holidays and holes of a day or more left out."""
    if context.duration > HOUR or context.hours is None:
        return {"absent_by_hour_utc": None, "absent_by_hour_new_york": None, "days": 0}
    origin = int(context.time[0]) // HOUR
    cells = np.arange(len(context.hours), dtype=np.int64)
    counted = (context.hours < OPEN_HOURS) & ~holiday((cells + origin) * HOUR)
    for a, b in zip((start - 1) // HOUR + 1 - origin, end // HOUR - origin, strict=True):
        counted[a:b] = False
    counted[[0, -1]] = False  # cut by the ends of the data
    per_cell = np.minimum(np.bincount(context.cell, minlength=len(cells)), HOUR // context.duration)
    shares = {}
    for name, hour in (("utc", (cells + origin) % 24), ("new_york", (context.hours + CLOSE_HOUR) % 24)):
        expected = np.bincount(hour[counted], minlength=24) * (HOUR // context.duration)
        present = np.bincount(hour[counted], weights=per_cell[counted], minlength=24)
        share = np.divide(present, expected, out=np.full(24, np.nan), where=expected > 0)
        shares[f"absent_by_hour_{name}"] = [None if np.isnan(s) else round(1 - s, 4) for s in share.tolist()]
    return {**shares, "days": int(np.count_nonzero(counted)) // 24}


def week(context: Context) -> dict[str, Any]:
    """Count rows outside the week, and find the New York hour at which weeks open, in January and in July."""
    outside = int(np.count_nonzero(outside_week(context.time, context.duration))) if context.duration > HOUR else None
    if outside is None:
        outside = int(np.count_nonzero(context.hour_of_week >= OPEN_HOURS))
    return {"outside": outside, **_week_opens(context)}


def _week_opens(context: Context) -> dict[str, Any]:
    none: dict[str, Any] = {
        "weeks": 0,
        "opens_january": None,
        "opens_july": None,
        "opens_all": None,
        "share_at_17": None,
        "odd_years": {},
    }
    if context.duration > HOUR:
        return none
    place = context.hour_of_week
    shut = np.flatnonzero(context.steps - context.duration >= DAY) + 1
    # a week opens after a silence that holds a Saturday 17:00, the weekend's middle: a zone that is hours off still counts
    opens = shut[_middles(context.time[shut]) > _middles(context.time[shut - 1])]
    if opens.size == 0:
        return none
    hour = (place[opens] + CLOSE_HOUR) % 24
    months = context.time[opens].astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    years = {int(y) + 1970: hour[months // 12 == y] for y in np.unique(months // 12)}
    return {
        "weeks": int(opens.size),
        "opens_january": _mode(hour[months % 12 == 0]),
        "opens_july": _mode(hour[months % 12 == 6]),
        "opens_all": _mode(hour),
        "share_at_17": round(float(np.mean(hour == CLOSE_HOUR)), 4),
        "odd_years": {y: _mode(h) for y, h in years.items() if len(h) >= 8 and _mode(h) != CLOSE_HOUR},
    }


def _middles(time: Int64) -> Int64:
    """Count the Saturdays 17:00 New York up to each time."""
    return np.asarray((time + utc_offset(time) - _FRIDAY - DAY) // WEEK)


def _mode(hours: Int64) -> int | None:
    return int(np.bincount(hours).argmax()) if hours.size else None


def opens(context: Context) -> dict[str, Any]:
    """Return the share of opens that equal the previous close, inside weeks and at week opens."""
    if context.side == "mid":  # sides were rounded apart; one point of the sum is the same mid
        low, high = context.bars.points.matrix[:4], context.bars.points.matrix[4:]
        same = np.abs((low[0, 1:] - low[3, :-1]).astype(np.int64) + (high[0, 1:] - high[3, :-1])) <= 1
    else:
        same = context.own[0, 1:] == context.own[3, :-1]
    first = context.first[1:]
    inside, at_open = int(np.count_nonzero(~first)), int(np.count_nonzero(first))
    hits = int(np.count_nonzero(same & first))
    return {
        "inside_weeks": round((int(np.count_nonzero(same)) - hits) / inside, 4) if inside else None,
        "at_week_opens": round(hits / at_open, 4) if at_open else None,
        "compared": inside + at_open,
    }


def runs(context: Context) -> dict[str, Any]:
    """Count flat bars (high = low) and runs of bars that repeat the one before."""
    matrix = context.bars.points.matrix
    flat = context.own[1] == context.own[2]
    equal = matrix[3, 1:] == matrix[3, :-1]
    for row in (0, 1, 2, 4, 5, 6, 7):
        equal &= matrix[row, 1:] == matrix[row, :-1]
    edges = np.flatnonzero(np.diff(equal.astype(np.int8), prepend=0, append=0))
    lengths = edges[1::2] - edges[::2] + 1  # bars, the first of the run included
    longest = int(np.argmax(lengths)) if lengths.size else -1
    return {
        "flat": int(np.count_nonzero(flat)),
        "stuck_runs_of_10": int(np.count_nonzero(lengths >= 10)),
        "longest_stuck": int(lengths[longest]) if lengths.size else 1,
        "longest_stuck_from": text(context.time[edges[2 * longest]]) if lengths.size else None,
    }


def crossed(context: Context) -> dict[str, Any]:
    """Count crossed and locked quotes, as the source had them."""
    raw, matrix = context.bars.raw, context.bars.points.matrix
    below = context.bars.points.ask_close < context.bars.points.bid_close
    either = np.zeros(len(context.time), dtype=np.bool_)
    for row in range(4):
        either |= matrix[4 + row] < matrix[row]
    close, rows = int(np.count_nonzero(below)), int(np.count_nonzero(either))
    locked = int(np.count_nonzero(context.bars.points.ask_close == context.bars.points.bid_close))
    if raw is not None:
        widened = int(np.count_nonzero(raw.matrix[7] < raw.matrix[3]))
        close, rows, locked = close + widened, rows + len(raw.index), locked - widened
    return {"crossed_closes": close, "crossed_rows": rows, "locked_closes": locked}


def spreads(context: Context) -> dict[str, Any]:
    """Return quantiles of the closing spread in pips, as the source had it, overall and by hour in New York."""
    points = context.bars.points.ask_close.astype(np.int64) - context.bars.points.bid_close
    if context.bars.raw is not None:
        raw = context.bars.raw
        points[raw.index] = raw.matrix[7].astype(np.int64) - raw.matrix[3]
    unit = context.bars.instrument.points_per_pip
    hour = (context.hour_of_week + CLOSE_HOUR) % 24
    low, span = int(points.min()), int(points.max() - points.min()) + 1
    if span <= 50_000:
        table = np.bincount(hour * span + (points - low), minlength=24 * span).reshape(24, span)
        groups = [table.sum(axis=0), *table]
        found = [[(low + _at(group, q)) / unit for q in QUANTILES.values()] if group.any() else None for group in groups]
    else:
        parts = [points, *(points[hour == h] for h in range(24))]
        found = [
            [float(x) / unit for x in np.quantile(p, list(QUANTILES.values()), method="inverted_cdf")] if p.size else None
            for p in parts
        ]
    overall = found[0] or []
    by_hour = {h: {"median": group[1], "p95": group[2]} for h, group in enumerate(found[1:]) if group is not None}
    return {"pips": dict(zip(QUANTILES, overall, strict=True)), "by_hour_new_york": by_hour}


def _at(counts: NDArray[np.intp], q: float) -> int:
    """Return the place of a quantile in a table of counts: the first that reaches the share q."""
    total = np.cumsum(counts)
    return int(np.searchsorted(total, max(np.ceil(q * total[-1] - 1e-9), 1)))


def moves(context: Context) -> list[dict[str, Any]]:
    """Return the five largest changes of the closing mid, relative to the close before."""
    mid = context.bars.points.bid_close.astype(np.float64) + context.bars.points.ask_close
    if len(mid) < 2:
        return []
    change = mid[1:] / mid[:-1] - 1
    size = np.abs(change)
    count = min(5, len(size))
    top = np.argpartition(-size, count - 1)[:count]
    top = top[np.argsort(-size[top], kind="stable")]
    return [
        {
            "time": text(context.time[i + 1]),
            "percent": round(100 * float(change[i]), 3),
            "after_closure": bool(context.first[i + 1]),
        }
        for i in top
    ]


def last_bar(context: Context) -> dict[str, Any]:
    """Judge whether the last bar is finished, by its volume against up to twenty earlier bars of its hour or weekday."""
    if any("last bar is unfinished" in note for note in context.bars.notes):
        return {"state": "unfinished", "reason": "the notes of the bars say so"}
    if any(note.startswith("resampled from") for note in context.bars.notes):
        return {"state": "complete", "reason": "its source reaches its end"}
    if context.duration < HOUR:
        return {"state": "unknown", "reason": "volumes of single minutes tell nothing"}
    volume = context.bars.volume
    place = context.hour_of_week % 24 if context.duration < DAY else context.hour_of_week // 24
    recent = np.flatnonzero(place[:-1] == place[-1])[-20:] if len(place) > 1 else np.empty(0, dtype=np.int64)
    usual = volume[recent][volume[recent] > 0]
    if np.isnan(volume[-1]) or usual.size < 5:
        return {"state": "unknown", "reason": "no volumes to compare"}
    share = float(volume[-1] / np.median(usual))
    state = "looks unfinished" if share < _CUT else "unknown"
    return {"state": state, "reason": f"its volume is {share:.0%} of the usual"}
