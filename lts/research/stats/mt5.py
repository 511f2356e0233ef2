"""The statistics of MetaTrader 5's strategy tester, by its definitions, in its units (percent where its report says percent).

Known differences of the input: the tester sees equity at every tick, LTS at bar closes; the tester books an entry's commission
at the entry and swap at the exit, LTS counts all costs of a trade with its closing.
"""

from __future__ import annotations

from math import erf, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from lts import calendar
from lts.research.stats.definition import define
from lts.research.stats.margin import margin
from lts.research.stats.trades import correlation, holding_time, longest, payoff, runs
from lts.research.stats.value import NO_LOSS, NO_TRADE, NO_WIN, Value, because, dot, over, times, when
from lts.sim.layout import X_MID
from lts.words import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.facts import Facts
    from lts.research.stats.trades import Runs

    Float64 = NDArray[np.float64]
_HELP = "MetaTrader 5 Help, Strategy Testing, Testing Report"
_SERIES = "series of trades that all won or all lost; a trade without profit or loss ends a series"
DEFINITIONS = define(
    "mt5",
    "every closed trade after all its costs; balance after each closed trade; equity at bar closes",
    f"""
initial_deposit | money at the start | account currency | as given | {_HELP}
total_net_profit | result of all closed trades | account currency | sum(profit) | {_HELP}
gross_profit | sum of the profits | account currency | sum(profit > 0) | {_HELP}
gross_loss | sum of the losses | account currency, <= 0 | sum(profit < 0) | {_HELP}
profit_factor | gross profit over gross loss | ratio | gross_profit / -gross_loss | {_HELP}
expected_payoff | mean result of a trade | account currency | total_net_profit / total_trades | {_HELP}
recovery_factor | net profit over the deepest fall of equity | ratio | total_net_profit / equity_drawdown_maximal; the tester's
    printed reports divide by the equity's, though MQL5's reference names the balance's | {_HELP}; which drawdown: from printed
    reports
sharpe_ratio | mean change of equity a bar over its deviation, a year | ratio | mean(g) / std(g, ddof=0) * sqrt(252 * 1440 /
    minutes of a bar), g = log(equity / equity of the close before) at closes where equity changed | MetaQuotes 2022, MQL5
    article 9171, on the tester; the yearly factor is the article's rule, the tester's own is not published
z_score | whether wins and losses alternate (> 0) or cluster (< 0) more than chance would have them | standard deviations | (N *
    (R - 0.5) - P) / sqrt(P * (P - N) / (N - 1)), P = 2 * W * L, R {_SERIES} | MetaQuotes 2007, MQL5 article 1492
z_score_probability | confidence that the trades depend on each other | percent | 100 * erf(abs(z_score) / sqrt(2)) | MetaQuotes
    2007, MQL5 article 1492
ahpr | arithmetic mean of what a trade makes of the balance | factor, 1 = nothing | mean(balance after / balance before) |
    {_HELP}
ghpr | geometric mean of the same | factor, 1 = nothing | (last balance / initial_deposit) ** (1 / total_trades) | {_HELP}
lr_correlation | correlation of the balance with a straight line | correlation, -1 to 1 | corr(balance, number of the trade),
    the deposit first | {_HELP}; MQL5 article 1492
lr_standard_error | deviation of the balance from its straight line | account currency | sqrt(sum((balance - line)**2) / (N -
    1)), N + 1 points, least squares | {_HELP}; MQL5 article 1492
balance_drawdown_absolute | how far the balance ever was below the deposit | account currency | initial_deposit - min(balance) |
    {_HELP}
balance_drawdown_maximal | deepest fall of the balance in money | account currency | max(peak - balance) | {_HELP}
balance_drawdown_maximal_percent | that fall as a share of its peak | percent | 100 * fall / peak, at that fall | {_HELP}
balance_drawdown_relative | deepest fall of the balance as a share of its peak | percent | 100 * max((peak - balance) / peak) |
    {_HELP}
balance_drawdown_relative_money | that fall in money | account currency | peak - balance, at that fall | {_HELP}
equity_drawdown_absolute | how far equity ever was below the deposit | account currency | initial_deposit - min(equity) |
    {_HELP}
equity_drawdown_maximal | deepest fall of equity in money | account currency | max(peak - equity) | {_HELP}
equity_drawdown_maximal_percent | that fall as a share of its peak | percent | 100 * fall / peak, at that fall | {_HELP}
equity_drawdown_relative | deepest fall of equity as a share of its peak | percent | 100 * max((peak - equity) / peak) | {_HELP}
equity_drawdown_relative_money | that fall in money | account currency | peak - equity, at that fall | {_HELP}
margin_level | lowest equity over margin used while a trade was open | percent | 100 * min(equity / margin_used) | {_HELP}
total_trades | closed trades | count | rows of result.trades | {_HELP}
total_deals | fills | count | rows of result.fills | {_HELP}
short_trades | closed trades that had sold | count | units < 0 | {_HELP}
short_trades_won | share of them with a profit | percent | 100 * wins / short_trades | {_HELP}
long_trades | closed trades that had bought | count | units > 0 | {_HELP}
long_trades_won | share of them with a profit | percent | 100 * wins / long_trades | {_HELP}
profit_trades | trades with a profit | count | profit > 0 | {_HELP}
profit_trades_percent | their share of all | percent | 100 * profit_trades / total_trades | {_HELP}
loss_trades | trades with a loss | count | profit < 0 | {_HELP}
loss_trades_percent | their share of all | percent | 100 * loss_trades / total_trades | {_HELP}
largest_profit_trade | largest profit of a winner | account currency | max(profit > 0) | {_HELP}
largest_loss_trade | largest loss of a loser | account currency, <= 0 | min(profit < 0) | {_HELP}
average_profit_trade | mean profit of a winner | account currency | gross_profit / profit_trades | {_HELP}
average_loss_trade | mean loss of a loser | account currency, <= 0 | gross_loss / loss_trades | {_HELP}
maximum_consecutive_wins | longest series of winners | count | {_SERIES} | {_HELP}
maximum_consecutive_wins_money | what it earned; of equally long ones the best | account currency | sum of its profits | {_HELP}
maximum_consecutive_losses | longest series of losers | count | {_SERIES} | {_HELP}
maximum_consecutive_losses_money | what it lost; of equally long ones the worst | account currency, <= 0 | sum of its profits |
    {_HELP}
maximal_consecutive_profit | most that a series of winners earned | account currency | max of the series' profits | {_HELP}
maximal_consecutive_profit_count | how many trades that series had | count | its trades | {_HELP}
maximal_consecutive_loss | most that a series of losers lost | account currency, <= 0 | min of the series' profits | {_HELP}
maximal_consecutive_loss_count | how many trades that series had | count | its trades | {_HELP}
average_consecutive_wins | mean length of the series of winners | count, the report rounds it | profit_trades / series | {_HELP}
average_consecutive_losses | mean length of the series of losers | count, the report rounds it | loss_trades / series | {_HELP}
correlation_profits_mfe | how profit goes with the farthest move in favour | correlation, -1 to 1 | corr(profit, mfe in money) |
    {_HELP}
correlation_profits_mae | how profit goes with the farthest move against | correlation, -1 to 1 | corr(profit, -mae in money) |
    {_HELP}
correlation_mfe_mae | how the two moves go together | correlation, -1 to 1 | corr(mfe in money, -mae in money) | {_HELP}
minimal_holding_hours | shortest time from opening to closing in full | hours | min(last exit - entry), opens of bars | {_HELP}
maximal_holding_hours | longest time from opening to closing in full | hours | max(last exit - entry), opens of bars | {_HELP}
average_holding_hours | mean time from opening to closing in full | hours | mean(last exit - entry), opens of bars | {_HELP}
""",
    "mt5",
)


def values(facts: Facts) -> dict[str, Value]:
    """Return the convention's statistics."""
    profit = facts.profit
    balance = (facts.result.setup.terms.balance + np.append(0, np.cumsum(facts.closed["profit"]))) / MICRO
    equity = drawdown("equity", np.append(facts.initial, facts.equity))
    found = {
        "initial_deposit": facts.initial,
        "total_deals": len(facts.fills["trade"]),
        **counts(facts),
        **drawdown("balance", balance),
        **equity,
        "sharpe_ratio": sharpe_ratio(facts),
        "margin_level": margin_level(facts),
    }
    if len(profit) == 0:
        return because(NO_TRADE, DEFINITIONS) | found
    net, gross, lost = float(profit.sum()), float(profit[profit > 0].sum()), float(profit[profit < 0].sum())
    return {
        **found,
        "total_net_profit": net,
        "gross_profit": gross,
        "gross_loss": lost,
        "profit_factor": over(gross, -lost, NO_LOSS),
        "expected_payoff": net / len(profit),
        "recovery_factor": over(net, equity["equity_drawdown_maximal"], "equity never fell below a peak"),
        **dependence(profit),
        **growth(balance),
        **straight_line(balance),
        **single_trades(profit),
        **series(runs(profit)),
        **excursions(facts),
        **holding(facts),
    }


def drawdown(of: str, worth: Float64) -> dict[str, Value]:
    """Return the five drawdowns of a curve that begins at the deposit."""
    peak = np.maximum.accumulate(worth)
    fall, percent = peak - worth, 100 * (peak - worth) / peak
    most, deepest = int(np.argmax(fall)), int(np.argmax(percent))
    return {
        f"{of}_drawdown_absolute": float(worth[0] - worth.min()),
        f"{of}_drawdown_maximal": float(fall[most]),
        f"{of}_drawdown_maximal_percent": float(percent[most]),
        f"{of}_drawdown_relative": float(percent[deepest]),
        f"{of}_drawdown_relative_money": float(fall[deepest]),
    }


def sharpe_ratio(facts: Facts) -> Value:
    """Return the yearly Sharpe ratio of log changes of equity at closes where it changed."""
    equity = np.append(facts.initial, facts.equity)
    if equity.min() <= 0:
        return "equity was at or below zero; it has no logarithm"
    g = np.log(equity[1:] / equity[:-1])[np.diff(facts.result.equity_micro, prepend=facts.result.setup.terms.balance) != 0]
    if len(g) < 2 or np.ptp(g) == 0:
        return "equity changed at fewer than two closes, or always by the same"
    minutes = facts.result.bars.duration / (60 * calendar.SECOND)
    return float(g.mean() / g.std()) * sqrt(252 * 1440 / minutes)


def margin_level(facts: Facts) -> Value:
    """Return the lowest equity over margin used, percent."""
    used = margin(facts)
    held = used > 0
    return when(held.any(), "no close had a trade open", lambda: 100 * (facts.equity[held] / used[held]).min())


def counts(facts: Facts) -> dict[str, Value]:
    """Return how many trades there were, and how many of each side won."""
    profit, long = facts.profit, facts.closed["steps"] > 0
    won, lost, bought = int((profit > 0).sum()), int((profit < 0).sum()), int(long.sum())
    return {
        "total_trades": len(profit),
        "short_trades": len(profit) - bought,
        "short_trades_won": times(over(int((profit[~long] > 0).sum()), len(profit) - bought, "no trade had sold"), 100),
        "long_trades": bought,
        "long_trades_won": times(over(int((profit[long] > 0).sum()), bought, "no trade had bought"), 100),
        "profit_trades": won,
        "profit_trades_percent": times(over(won, len(profit), NO_TRADE), 100),
        "loss_trades": lost,
        "loss_trades_percent": times(over(lost, len(profit), NO_TRADE), 100),
    }


def dependence(profit: Float64) -> dict[str, Value]:
    """Return the Z-score and its probability: the runs test in the tester's form."""
    won, lost, seen = int((profit > 0).sum()), int((profit < 0).sum()), len(runs(profit).side)
    n, p = won + lost, 2 * won * lost
    if p <= n:
        return because("it needs at least two wins or losses beside one of the other", ("z_score", "z_score_probability"))
    z = (n * (seen - 0.5) - p) / sqrt(p * (p - n) / (n - 1))
    return {"z_score": z, "z_score_probability": 100 * erf(abs(z) / sqrt(2))}


def growth(balance: Float64) -> dict[str, Value]:
    """Return AHPR and GHPR."""
    if balance.min() <= 0:
        return because("the balance was at or below zero", ("ahpr", "ghpr"))
    each = balance[1:] / balance[:-1]
    return {"ahpr": float(each.mean()), "ghpr": float(np.exp(log(balance[-1] / balance[0]) / len(each)))}


def straight_line(balance: Float64) -> dict[str, Value]:
    """Return how the balance keeps to its least-squares line."""
    t = np.arange(len(balance)) - (len(balance) - 1) / 2
    rest = balance - balance.mean()
    rest = rest - t * (dot(t, rest) / dot(t, t))
    error = when(len(balance) > 2, "one trade lies on any line", lambda: sqrt(dot(rest, rest) / (len(balance) - 2)))
    straight = correlation(balance, t) if len(balance) > 2 else "one trade lies on any line"
    return {"lr_correlation": straight, "lr_standard_error": error}


def single_trades(profit: Float64) -> dict[str, Value]:
    """Return the largest and the average trades."""
    won, lost, mean = profit[profit > 0], profit[profit < 0], payoff(profit)
    return {
        "largest_profit_trade": when(len(won), NO_WIN, won.max),
        "largest_loss_trade": when(len(lost), NO_LOSS, lost.min),
        "average_profit_trade": mean["average_win"],
        "average_loss_trade": mean["average_loss"],
    }


def series(found: Runs) -> dict[str, Value]:
    """Return the longest, the largest and the average series of wins and losses."""
    told: dict[str, Value] = {}
    for side, wins, profit, why in ((1, "wins", "profit", NO_WIN), (-1, "losses", "loss", NO_LOSS)):
        mine = found.side == side
        ids = (f"maximum_consecutive_{wins}_money", f"maximal_consecutive_{profit}", f"maximal_consecutive_{profit}_count")
        told[f"maximum_consecutive_{wins}"], money = longest(found, side)
        told[f"average_consecutive_{wins}"] = when(mine.any(), why, found.length[mine].mean)
        if not mine.any():
            told |= because(why, ids)
            continue
        best = int(np.argmax(side * found.money[mine]))
        told |= dict(zip(ids, (money, float(found.money[mine][best]), int(found.length[mine][best])), strict=True))
    return told


def excursions(facts: Facts) -> dict[str, Value]:
    """Return the correlations of profit with the farthest moves, in money at the rate of the exit; adverse moves are negative."""
    closed = facts.closed
    money = np.abs(closed["steps"]) * facts.rate(X_MID, closed["instrument"], closed["exit_row"]) / MICRO
    mfe, mae = closed["mfe"] * money, -closed["mae"] * money
    return {
        "correlation_profits_mfe": correlation(facts.profit, mfe),
        "correlation_profits_mae": correlation(facts.profit, mae),
        "correlation_mfe_mae": correlation(mfe, mae),
    }


def holding(facts: Facts) -> dict[str, Value]:
    """Return how long positions were held until they were closed in full."""
    trade = facts.closed["trade"]
    complete = len(trade) - 1 - np.unique(trade[::-1], return_index=True)[1]  # the last part of each
    hours = holding_time(facts)[complete]
    return {
        "minimal_holding_hours": float(hours.min()),
        "maximal_holding_hours": float(hours.max()),
        "average_holding_hours": float(hours.mean()),
    }
