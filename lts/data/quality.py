"""The quality report: what bars are made of, printable, and a dict for programs. Each part is computed when first asked for."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.calendar import CLOSE_HOUR
from lts.data import measures
from lts.data.faultlog import FaultLog
from lts.data.levels import plausible
from lts.data.spans import text

if TYPE_CHECKING:
    from lts.data.bars import Bars, RawQuotes

_MOST = 0.9  # share of opens equal to the previous close from which on they are no quotes
_GONE = 0.9  # share of absent bars from which on an hour of the day is missing as a whole
_MANY = 0.01  # share of crossed closes or rows outside the week that is worth a warning
_WIDE_DAYS = 5
_OUTAGE_HOURS = 12


class Quality:
    """What was found in bars; `str()` prints it, `as_dict()` holds the same as plain numbers.

    Attributes
    ----------
    side : str
        "both", or the one side that the source had.
    faults : dict
        Fault to what its policy touched while reading (of the whole source, also for a slice of its bars).
    warnings : tuple of str
        What a person should look at before trusting a backtest.
    """

    def __init__(self, bars: Bars, log: FaultLog | None = None) -> None:
        self._bars, self._log = bars, FaultLog() if log is None else log
        self.side = self._log.side
        self.faults = dict(self._log.touched)
        self._context = measures.Context(bars, self.side)

    @property
    def rows(self) -> int:
        """Number of bars."""
        return len(self._bars)

    @property
    def raw(self) -> RawQuotes | None:
        """Crossed quotes as the source had them."""
        return self._bars.raw

    @cached_property
    def holes(self) -> dict[str, Any]:
        """Absent bars by length and by hour; closed weekends are no holes."""
        return measures.holes(self._context) if self.rows else {}

    @cached_property
    def week(self) -> dict[str, Any]:
        """Rows outside the trading week, and the New York hour at which weeks open."""
        return measures.week(self._context) if self.rows else {}

    @cached_property
    def crossed(self) -> dict[str, Any]:
        """Crossed and locked quotes of the source."""
        return measures.crossed(self._context) if self.rows else {}

    @cached_property
    def opens(self) -> dict[str, Any]:
        """Share of opens equal to the previous close."""
        return measures.opens(self._context) if self.rows else {}

    @cached_property
    def runs(self) -> dict[str, Any]:
        """Flat bars and stuck runs."""
        return measures.runs(self._context) if self.rows else {}

    @cached_property
    def spread(self) -> dict[str, Any]:
        """Quantiles of the closing spread, pips."""
        return measures.spreads(self._context) if self.rows else {}

    @cached_property
    def moves(self) -> list[dict[str, Any]]:
        """Largest changes of the closing mid."""
        return measures.moves(self._context) if self.rows else []

    @cached_property
    def last_bar(self) -> dict[str, Any]:
        """Whether the last bar is finished, as far as it shows."""
        return measures.last_bar(self._context) if self.rows else {}

    @cached_property
    def level(self) -> dict[str, Any]:
        """Median closing bid, and whether the instrument can cost that."""
        if not self.rows:
            return {}
        median = float(np.median(self._bars.points.bid_close)) / self._bars.instrument.scale
        limits = plausible(self._bars.instrument)
        return {"median": median, "plausible": None if limits is None else bool(limits[0] <= median <= limits[1])}

    def as_dict(self) -> dict[str, Any]:
        """Return the whole report as plain dicts, lists, numbers and texts."""
        bars, log = self._bars, self._log
        span = {"first": text(bars.time[0]), "last": text(bars.time[-1])} if self.rows else {}
        return {
            "instrument": bars.instrument.name, "timeframe": bars.timeframe, "rows": self.rows, **span,
            "source": log.where, "source_rows": log.rows, "side": self.side, "checked": log.checked,
            "policies": dict(log.policies) if log.checked else {},
            "faults": {fault: asdict(touch) for fault, touch in self.faults.items()}, "rounding_noise": log.noise,
            "holes": self.holes, "week": self.week, "crossed": self.crossed, "opens": self.opens, "runs": self.runs,
            "spread": self.spread, "moves": self.moves, "last_bar": self.last_bar, "level": self.level,
            "warnings": list(self.warnings), "notes": list(bars.notes),
        }  # fmt: skip

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a person should look at first."""
        if not self.rows:
            return ("there are no bars",)
        return (*self._clock_warnings(), *self._price_warnings())

    def _clock_warnings(self) -> list[str]:
        found, week = [], self.week
        hours = {name: week[f"opens_{name}"] for name in ("january", "july")}
        wrong = [f"{name.capitalize()} at {h}:00" for name, h in hours.items() if h not in (None, CLOSE_HOUR)]
        if wrong:
            found.append(
                f"weeks open in {' and in '.join(wrong)} New York, not 17:00: the zone is wrong, or quotes begin before the open"
            )
        elif week["opens_all"] not in (None, CLOSE_HOUR):
            found.append(
                f"weeks open at {week['opens_all']}:00 New York, not 17:00: the zone is wrong, or quotes begin before the open"
            )
        if week["odd_years"] and len(week["odd_years"]) < week["weeks"] / 26:
            years = ", ".join(f"{y} at {h}:00" for y, h in week["odd_years"].items())
            found.append(
                f"weeks of some years open at another hour ({years}): the zone changes inside the source, or the broker's week did"
            )
        if week["outside"] > _MANY * self.rows and self._bars.duration < 86_400_000_000_000:
            found.append(f"{week['outside']:,} rows lie outside the trading week; orders would fill in a closed market")
        holes = self.holes
        for name, zone in (("utc", "UTC"), ("new_york", "New York")):
            shares = holes[f"absent_by_hour_{name}"] or []
            gone = [h for h, s in enumerate(shares) if s is not None and s >= _GONE]
            if 0 < len(gone) <= 6 and holes["days"] >= _WIDE_DAYS:
                found.append(f"hour {', '.join(map(str, gone))} {zone} is missing on all days: a systematic hole")
        if holes["overlaps"]:
            found.append(f"{holes['overlaps']:,} steps are shorter than {self._bars.timeframe}")
        outages = [hole for hole in holes["longest"] if hole["open_hours"] >= _OUTAGE_HOURS and not hole["holiday"]]
        found += [f"an outage of {hole['open_hours']:g} open hours from {hole['from']} to {hole['to']}" for hole in outages]
        return found

    def _price_warnings(self) -> list[str]:
        found, opens = [], self.opens
        inside, first = opens["inside_weeks"] or 0.0, opens["at_week_opens"] or 0.0
        if opens["compared"] >= 10 and max(inside, first) > _MOST:
            found.append(
                f"{inside:.0%} of opens inside weeks and {first:.0%} at week opens equal the previous close: they are no quotes, "
                "and weekend gaps lie inside the first bar; consider stale_open='worst'"
            )
        if self.crossed["crossed_closes"] > _MANY * self.rows:
            found.append(f"{self.crossed['crossed_closes']:,} closes are crossed (ask below bid)")
        if self.level["plausible"] is False:
            found.append(f"a median price of {self.level['median']:g} is no level of {self._bars.instrument.name}")
        if self.runs["stuck_runs_of_10"]:
            found.append(
                f"{self.runs['stuck_runs_of_10']:,} runs of 10 equal bars or more, the longest of {self.runs['longest_stuck']:,}"
            )
        if self.last_bar["state"].endswith("unfinished"):
            found.append(
                f"the last bar {'is' if self.last_bar['state'] == 'unfinished' else 'looks'} unfinished: {self.last_bar['reason']}"
            )
        return found

    def __repr__(self) -> str:
        return f"<Quality of {self._bars!r}: {len(self.warnings)} warnings; print() shows all>"

    def __str__(self) -> str:
        from lts.data.printing import report

        return report(self.as_dict())
