"""Statistics: `headline` is what a run computes on its way, `statistics` everything, by convention, each nan with its reason.

Ratios sample equity at 17:00 New York, Monday to Friday; drawdown looks at every close. A group is a file: its definitions above,
the formulas below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lts.errors import ParameterError, near_miss
from lts.research.stats import custom, tally
from lts.research.stats.catalog import COMPUTE, DEFINITIONS
from lts.research.stats.daily import daily, daily_returns, monthly
from lts.research.stats.facts import Facts
from lts.research.stats.margin import margin_used
from lts.research.stats.value import split

if TYPE_CHECKING:
    import pandas as pd

    from lts.research.result import Result

__all__ = ["daily", "daily_returns", "headline", "margin_used", "monthly", "statistics"]
_asked: set[int] = set()  # results whose registered statistics are being computed


def headline(result: Result) -> dict[str, float]:
    """Return the headline statistics of a result, by id; nan where a number would be invented.

    Costs no pass over the bars beyond `result.drawdown`.
    """
    one = tally.tally(tally.span_of(result.setup), result.account, result.logs["trades"]["profit"], result.equity_micro)
    return {name: float(value[0]) for name, value in tally.headline(one).items()}


def statistics(result: Result, convention: str = "lts") -> tuple[pd.Series[float], dict[str, str]]:
    """Return all statistics of a convention.

    Parameters
    ----------
    result : Result
        Of `run`, `run_portfolio` or `replay`.
    convention : "lts", "empyrical" or "mt5"
        Whose names and formulas; `lts.explain(id, convention)` defines each.

    Returns
    -------
    pandas.Series
        float64 by id, in the order of the groups; nan where a number would be invented.
    dict of str
        Why, for each id that is nan.

    Raises
    ------
    ParameterError
        An unknown convention.
    """
    import pandas as pd

    if convention not in COMPUTE:
        raise ParameterError(
            f"convention: was {convention!r}; it must be one of {', '.join(COMPUTE)}.{near_miss(convention, COMPUTE)}"
        )
    facts = Facts(result)
    found = {name: value for compute in COMPUTE[convention] for name, value in compute(facts).items()}
    values = {name: found[name] for name in DEFINITIONS[convention] if name not in custom.CUSTOM}
    # A registered statistic may look at result.stats; it then sees the others.
    if convention == "lts" and id(result) not in _asked:
        _asked.add(id(result))
        try:
            values |= custom.values(result)
        finally:
            _asked.discard(id(result))
    numbers, reasons = split(values)
    return pd.Series(numbers, dtype=float, name="value"), reasons
