"""What each statistic means: one sentence, its unit, its formula."""

from __future__ import annotations

from typing import NamedTuple

from lts.errors import ParameterError, near_miss


class Definition(NamedTuple):
    """A statistic's meaning."""

    id: str
    meaning: str
    unit: str
    formula: str

    def __str__(self) -> str:
        return f"{self.id}: {self.meaning}\n  unit     {self.unit}\n  formula  {self.formula}"


_DAILY = "r = simple returns of equity between 17:00 New York cut-offs, Monday to Friday, 260 a year"
_TEXT = """
initial_balance | money at the start | account currency | as given
final_balance | equity at the last close; the balance when open trades were closed there | account currency | last equity
net_profit | what was earned or lost, all costs paid | account currency | final_balance - initial_balance
total_return | net profit as a share of the start | fraction | final_balance / initial_balance - 1
cagr | growth a year | fraction | (final / initial) ** (1 / years) - 1, years = span from the first open to the last close /
    365.25 days
sharpe | mean daily return over its deviation, a year | ratio | mean(r) / std(r, ddof=1) * sqrt(260); {daily}
sortino | mean daily return over its downside deviation, a year | ratio | mean(r) / sqrt(mean(min(r, 0)**2)) * sqrt(260); {daily}
psr | probability that the true Sharpe ratio is above 0 | probability | normal cdf of SR*sqrt(n-1)/sqrt(1 - skew*SR +
    (kurtosis-1)/4*SR**2), SR a day; Bailey and Lopez de Prado 2012
calmar | growth a year over the deepest drawdown | ratio | cagr / max_drawdown
max_drawdown | deepest fall from the running peak of equity at bar closes | fraction of that peak, >= 0 | max((peak - equity) /
    peak)
max_drawdown_money | deepest fall in money | account currency, >= 0 | max(peak - equity)
trades | closed trades; a part closed on its own counts as one | count | rows of result.trades
win_rate | share of closed trades with a profit above 0 after all costs | fraction | wins / trades
profit_factor | what winners earned over what losers lost | ratio | sum(profit > 0) / -sum(profit < 0)
expectancy | mean profit of a closed trade after all costs | account currency | mean(profit)
exposure_time | share of closes at which a trade was open | fraction | closes with a trade / closes
price_profit | what prices alone did, mid to mid, before any cost | account currency | profit + spread_cost + slippage_cost,
    before commission, swap, conversion
spread_cost | half the spread at each fill | account currency, positive = paid | units * (ask - bid) / 2, at the open if filled
    there, else at the close
slippage_cost | what takers lost beside the spread | account currency, positive = paid | units * slippage
commission | fees | account currency, positive = paid | half of commission_per_lot at each fill, per million, or a fraction of
    notional
swap | overnight financing at 17:00 New York | account currency, positive = received | rate of the side * nights
conversion_cost | what converting profit to the account currency took beside the mid rate | account currency, positive = paid |
    profit at mid - profit at the rate used
ambiguous_bars | bars in which the assumed path decides a fill | count | bars where intrabar='worst' and 'best' differ
margin_closeouts | how often the broker closed everything | count | closes at NAV <= closeout * margin used
bars_below_zero | closes with a balance below zero: a gap went through the close-out | count | bars with balance < 0
same_bar_nights | bars over 17:00 New York in which a trade opened and closed without swap | count | bars
fills_after_closure | fills in the first bar after a weekend or a hole of more than a day | count | fills
profit_worst | net profit of the complete run under intrabar='worst'; not a bound | account currency | net_profit of that run
profit_best | net profit of the complete run under intrabar='best'; not a bound | account currency | net_profit of that run
"""


def _definitions() -> dict[str, Definition]:
    rows = (line.split(" | ") for line in _TEXT.strip().replace("\n    ", " ").splitlines())
    return {name: Definition(name, meaning, unit, formula.format(daily=_DAILY)) for name, meaning, unit, formula in rows}


DEFINITIONS = _definitions()


def explain(id: str) -> Definition:  # noqa: A002  (a statistic's id is what users call it)
    """Return the definition of a statistic.

    Raises
    ------
    ParameterError
        No statistic has this id.
    """
    if id not in DEFINITIONS:
        raise ParameterError(f"explain {id!r}: is no statistic; known are {', '.join(DEFINITIONS)}.{near_miss(id, DEFINITIONS)}")
    return DEFINITIONS[id]
