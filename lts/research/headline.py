"""The honest headline, with which every summary begins: the Sharpe ratio with its interval, and how much of it luck explains."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    Stats = Mapping[str, float | None] | pd.Series[float]

SURE, EVEN = 0.95, 0.5  # a DSR from here on is called unlikely to be luck; one below this looks like luck


class Headline(NamedTuple):
    """What is said first.

    Attributes
    ----------
    sharpe, interval : str
        "0.84", "-0.30 to 1.95"; "none" and the reason where there is no number.
    dsr, verdict, because : str
        "61 %", "could be luck" ("no edge" for what lost), and what the percentage is the probability of; "none", nothing, and the
        reason.
    """

    sharpe: str
    interval: str
    dsr: str
    verdict: str
    because: str

    def lines(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Return the two lines that a terminal begins with: (heading, text) each."""
        first = f"none: {self.interval}" if self.sharpe == "none" else f"{self.sharpe} a year; 95 % interval {self.interval}"
        head = f"{self.dsr}, {self.verdict}" if self.verdict else self.dsr
        return ("Sharpe", first), ("DSR", f"{head}: {self.because}")


def headline_of(stats: Stats, reasons: Mapping[str, str], minus: str = "-") -> Headline:
    """Return the headline of statistics, of a result or of one that was saved (where none is None).

    Parameters
    ----------
    minus : str
        The sign of negative numbers.
    """
    sharpe, low, high, dsr = (_number(stats, name) for name in ("sharpe", "sharpe_low95", "sharpe_high95", "dsr"))
    shown = "none" if isnan(sharpe) else _text(sharpe, minus)
    if isnan(sharpe):
        between = reasons.get("sharpe", "not defined")
    elif isnan(low):
        between = f"none ({reasons.get('sharpe_low95', 'not defined')})"
    else:
        between = f"{_text(low, minus)} to {_text(high, minus)}"
    if isnan(dsr):
        return Headline(shown, between, "none", "", _why_none(stats, reasons))
    return Headline(shown, between, f"{100 * dsr:.0f} %", _verdict(sharpe, dsr), _because(stats, minus))


def _verdict(sharpe: float, dsr: float) -> str:
    if sharpe <= 0:
        return "no edge"
    return "unlikely to be luck" if dsr >= SURE else "could be luck" if dsr >= EVEN else "looks like luck"


def _because(stats: Stats, minus: str) -> str:
    """Return what DSR is the probability of."""
    count = _number(stats, "trials")
    if count <= 1:
        return "probability that the true Sharpe ratio is above 0; no other set was tried on these bars"
    bar = _text(_number(stats, "sharpe_by_luck"), minus)
    luckiest = f"what the luckiest of the {count:,.0f} sets tried on these bars would show without skill"
    return f"probability that the true Sharpe ratio is above {bar}, {luckiest}"


def _why_none(stats: Stats, reasons: Mapping[str, str]) -> str:
    count, why = _number(stats, "trials"), reasons.get("dsr", "not told when this result was saved")
    if isnan(count):
        return f"{why}, so nobody knows how many sets were tried on these bars"
    return f"{why}; {count:,.0f} {'set was' if count == 1 else 'sets were'} tried on these bars"


def _number(stats: Stats, name: str) -> float:
    value = stats.get(name)
    return float("nan") if value is None else float(value)


def _text(value: float, minus: str) -> str:
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("-", minus)
