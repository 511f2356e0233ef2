"""All that speaks for and against the best of many sets, side by side."""

from __future__ import annotations

from math import inf, isnan, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import ParameterError
from lts.research.evidence.matrix import returns_of, sharpes
from lts.research.evidence.overfit import pbo
from lts.research.evidence.snooping import reality_check, spa
from lts.research.stats.daily import DAYS
from lts.research.stats.evidence import NO_ERROR, interval
from lts.research.stats.risk import moments
from lts.research.stats.skill import (
    deflated_sharpe,
    expected_max_sharpe,
    min_backtest_length,
    min_track_record,
    probabilistic_sharpe,
)
from lts.sim.checks import finite

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

SPLITS = 16
ROWS = 256  # sets of a table that are copied at a time
OF_LUCK = ("sharpe_by_luck", "dsr", "dsr_effective")
OF_BEST = ("sharpe", "sharpe_low", "sharpe_high", "psr", "min_track_record", *OF_LUCK)
FLAT = "no set's daily returns differ from another day's"
NAN = float("nan")


class Evidence(NamedTuple):
    """What speaks for the best of many sets. A number that would be invented is nan; `reasons` says why.

    Attributes
    ----------
    sets, days : int
        What was looked at.
    trials : float
        Sets that were tried in all.
    effective_trials : float
        How many independent ones they amount to: rho + (1 - rho) * trials, rho their mean correlation.
    best : int
        The set with the highest Sharpe ratio, of those whose returns vary.
    sharpe, sharpe_low, sharpe_high : float
        Its Sharpe ratio a year, and the 95 % interval.
    sharpe_by_luck : float
        What the best of `trials` sets without skill would show, a year; the spread of Sharpe ratios is that of the sets looked at.
    psr, dsr, dsr_effective : float
        Probability that its true Sharpe ratio is above 0; above luck among all trials; among the effective ones.
    min_track_record : float
        Days needed to call it above 0 with 95 % confidence.
    min_backtest_length : float
        Years that a search of so many trials needs lest luck shows a Sharpe ratio of 1.
    pbo : float
        Probability of backtest overfitting.
    reality_check, spa_lower, spa, spa_upper : float
        p-values of the best mean return: White's, Hansen's three.
    naive_p : float
        p-value of the set with the best mean alone, as if no other had been looked at.
    reasons : dict
        Why a number is nan.

    References
    ----------
    Effective trials: Bailey and Lopez de Prado 2014, Journal of Portfolio Management 40(5), appendix 3. The rest: `lts.evidence`.
    """

    sets: int
    days: int
    trials: float
    effective_trials: float
    best: int
    sharpe: float
    sharpe_low: float
    sharpe_high: float
    sharpe_by_luck: float
    psr: float
    dsr: float
    dsr_effective: float
    min_track_record: float
    min_backtest_length: float
    pbo: float
    reality_check: float
    spa_lower: float
    spa: float
    spa_upper: float
    naive_p: float
    reasons: dict[str, str]

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers as a table: value, and the reason where there is none."""
        import pandas as pd

        numbers = {name: float(value) for name, value in self._asdict().items() if name != "reasons"}
        return pd.DataFrame({"value": numbers, "reason": {name: self.reasons.get(name, "") for name in numbers}})

    def __str__(self) -> str:
        return "\n".join(f"{label:<24}{text}" for label, text in _lines(self))


def evidence_of(returns: Any, trials: float | None = None) -> Evidence:
    """Return the evidence for the best of many sets.

    Parameters
    ----------
    returns : (s, d)
        Daily returns of s sets on d days, such as `Sweep.returns()`.
    trials : float or None
        Sets that were tried in all, these included; None: these. Fewer than there are here count as these.

    Raises
    ------
    ParameterError
        No table of finite returns, or trials that are no number of at least 1.
    """
    table = returns_of("evidence", returns)
    sets, days = table.shape
    tried = max(_counted(trials), float(sets))
    daily = sharpes(table.mean(axis=1), table.var(axis=1, ddof=1))
    varies = np.ptp(table, axis=1) > 0  # a set that did nothing has no ratio, and would make luck look smaller
    best = int(np.where(varies, daily, -np.inf).argmax())
    reasons: dict[str, str] = {}
    found = {**_of_best(table[best], daily[varies], tried, _alike(table), reasons), **_of_all(table, reasons)}
    found["min_backtest_length"] = min_backtest_length(tried)
    return Evidence(sets=sets, days=days, trials=tried, best=best, reasons=reasons, **found)


def _counted(trials: Any) -> float:
    if trials is None:
        return 1.0
    found = finite(trials)
    if found is None or found < 1:
        raise ParameterError(f"evidence, trials: was {trials!r}; it must be None or a finite number of at least 1.")
    return found


def _alike(table: Float64) -> float:
    """Return the mean correlation of all pairs of sets that vary, 0 to 1; 0 for one set."""
    total, m = np.zeros(table.shape[1]), 0
    for first in range(0, len(table), ROWS):
        part = table[first : first + ROWS]
        centred = part - part.mean(axis=1, keepdims=True)
        size = np.linalg.norm(centred, axis=1)
        vary = np.ptp(part, axis=1) > 0
        total += (centred[vary] / size[vary, None]).sum(axis=0)
        m += int(np.count_nonzero(vary))
    return float(np.clip((total @ total - m) / (m * (m - 1)), 0, 1)) if m > 1 else 0.0


def _of_best(r: Float64, daily: Float64, trials: float, rho: float, reasons: dict[str, str]) -> dict[str, float]:
    """Return what the best set alone says, and what luck would have."""
    effective = rho + (1 - rho) * trials
    found = dict.fromkeys(OF_BEST, NAN) | {"effective_trials": effective}
    if not len(daily):
        reasons |= dict.fromkeys(OF_BEST, FLAT)
        return found
    ends = interval(r)
    low, high = (NAN if isinstance(end, str) else float(end) for end in ends.values())
    if isnan(low):
        reasons |= dict.fromkeys(("sharpe_low", "sharpe_high"), str(ends["sharpe_low95"]))
    sharpe, spread = float(daily.max()), float(np.var(daily, ddof=1)) if len(daily) > 1 else NAN
    if trials == 1:
        spread = 0.0  # no other set, no luck
    skew, kurtosis = (float(m) for m in moments(r))
    shape = {"skew": skew, "kurtosis": kurtosis}
    found |= {
        "sharpe": sharpe * sqrt(DAYS),
        "sharpe_low": low,
        "sharpe_high": high,
        "psr": probabilistic_sharpe(sharpe, len(r), **shape),
        "min_track_record": min_track_record(sharpe, **shape),
    }
    if found["min_track_record"] == inf:
        found["min_track_record"], reasons["min_track_record"] = NAN, "the Sharpe ratio is not above 0, so no length would do"
    if isnan(spread):
        why = f"of {trials:,.0f} sets tried only one is known here, so the spread of their Sharpe ratios is not"
        reasons |= dict.fromkeys(OF_LUCK, why)
    else:
        found |= {
            "sharpe_by_luck": expected_max_sharpe(trials, spread) * sqrt(DAYS),
            "dsr": deflated_sharpe(sharpe, len(r), trials=trials, variance=spread, **shape),
            "dsr_effective": deflated_sharpe(sharpe, len(r), trials=max(1.0, effective), variance=spread, **shape),
        }
    reasons |= {name: NO_ERROR for name in OF_BEST if name not in reasons and isnan(found[name])}
    return found


def _of_all(table: Float64, reasons: dict[str, str]) -> dict[str, float]:
    """Return what all sets together say."""
    sets, days = table.shape
    if not np.ptp(table, axis=1).any():
        reasons["pbo"] = FLAT
    if sets < 2 or days < 2 * SPLITS:
        reasons["pbo"] = f"needs two sets and {2 * SPLITS} days; there are {sets} and {days}"
    check, three = reality_check(table), spa(table)
    if isnan(three.consistent):
        reasons |= dict.fromkeys(("spa_lower", "spa", "spa_upper"), FLAT)
    alone = reality_check(table[check.best])
    return {
        "pbo": NAN if "pbo" in reasons else pbo(table, SPLITS).pbo,
        "reality_check": check.p,
        "spa_lower": three.lower,
        "spa": three.consistent,
        "spa_upper": three.upper,
        "naive_p": alone.p,
    }


def _lines(e: Evidence) -> list[tuple[str, str]]:
    """Return labels and texts as a terminal shows them."""

    def number(name: str, form: str, after: str = "") -> str:
        value = getattr(e, name)
        return f"none: {e.reasons.get(name, 'not defined')}" if isnan(value) else f"{value:{form}}{after}"

    between = "" if isnan(e.sharpe_low) else f"; 95 % interval {e.sharpe_low:.2f} to {e.sharpe_high:.2f}"
    return [
        ("sets", f"{e.sets:,} over {e.days:,} days; {e.trials:,.0f} tried, as good as {e.effective_trials:,.0f} independent ones"),
        ("best Sharpe", number("sharpe", ".2f", " a year") + between),
        ("by luck alone", number("sharpe_by_luck", ".2f", " a year would be expected of the best")),
        ("PSR", number("psr", ".1%", " that it is above 0, had it been the only one")),
        ("DSR", number("dsr", ".1%", f" that it is above luck; {e.dsr_effective:.1%} among the independent ones")),
        ("track record", number("min_track_record", ",.0f", " days needed for 95 % confidence")),
        ("backtest length", number("min_backtest_length", ".1f", " years needed lest luck shows a Sharpe ratio of 1")),
        ("PBO", number("pbo", ".1%", " probability of backtest overfitting; 50 % is noise")),
        ("Reality Check", f"{number('reality_check', '.3f', ' p-value')}; naive, the best alone: {number('naive_p', '.3f')}"),
        ("SPA", number("spa", ".3f", f" p-value ({e.spa_lower:.3f} to {e.spa_upper:.3f})")),
    ]
