"""Trades: how the closed trades came out, how long they lasted, in which order they came."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts import calendar
from lts.research.stats.definition import define
from lts.research.stats.value import NO_LOSS, NO_TRADE, NO_WIN, Value, because, dot, over, when
from lts.words import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.stats.facts import Facts

    Float64 = NDArray[np.float64]

DEFINITIONS = define(
    "trades",
    "every closed trade, after all its costs; a part closed on its own counts as one; a profit of 0 is neither won nor lost",
    """
trades | closed trades; a part closed on its own counts as one | count | rows of result.trades
long_trades | closed trades that had bought | count | units > 0
short_trades | closed trades that had sold | count | units < 0
win_rate | share of closed trades with a profit above 0 after all costs | fraction | wins / trades
long_win_rate | the same among trades that had bought | fraction | wins among units > 0 / long_trades
short_win_rate | the same among trades that had sold | fraction | wins among units < 0 / short_trades
profit_factor | what winners earned over what losers lost | ratio | sum(profit > 0) / -sum(profit < 0)
expectancy | mean profit of a closed trade after all costs | account currency | mean(profit)
average_win | mean profit of a winner | account currency | mean(profit > 0)
average_loss | mean loss of a loser | account currency, <= 0 | mean(profit < 0)
payoff_ratio | mean win over mean loss | ratio | average_win / -average_loss
best_trade | highest profit of a trade | account currency | max(profit)
worst_trade | lowest profit of a trade | account currency | min(profit)
sqn | system quality number: mean profit over its deviation, for at most 100 trades | ratio | sqrt(min(c, 100)) * mean(profit) /
    std(profit, ddof=1) | Tharp 2008, Definitive Guide to Position Sizing; there on multiples of the first risk, here on money
kelly | share of the account to risk a trade for the fastest growth, if wins and losses were two fixed amounts | fraction |
    win_rate - (1 - win_rate) / payoff_ratio | Kelly 1956, Bell System Technical Journal 35(4); Thorp 2006, Handbook of Asset
    and Liability Management 1
max_consecutive_wins | longest run of winners, in order of closing | count | max(trades of a run of profit > 0)
max_consecutive_wins_money | what that run earned; of equally long ones the best | account currency | sum of its profits
max_consecutive_losses | longest run of losers, in order of closing | count | max(trades of a run of profit < 0)
max_consecutive_losses_money | what that run lost; of equally long ones the worst | account currency, <= 0 | sum of its profits
runs_z | whether wins and losses alternate (> 0) or cluster (< 0) more than chance would have them | standard deviations | (R -
    m) / s, R runs, w wins, l losses, n = w + l, m = 2*w*l/n + 1, s**2 = (m-1)*(m-2)/(n-1) | Wald and Wolfowitz 1940, Annals of
    Mathematical Statistics 11(2)
mean_holding_hours | mean time from the open of the bar of entry to that of exit | hours | mean(exit_time - entry_time)
winner_mean_hours | the same among winners | hours | mean
winner_median_hours | median time of winners | hours | median
winner_max_hours | longest time of a winner | hours | max
loser_mean_hours | mean time of losers | hours | mean
loser_median_hours | median time of losers | hours | median
loser_max_hours | longest time of a loser | hours | max
mae_median_pips | median of the farthest move against a trade | pips, >= 0 | median(mae) | Sweeney 1997, Maximum Adverse
    Excursion
mae_q95_pips | the move against a trade that one in twenty passes | pips, >= 0 | quantile(mae, 0.95) | Sweeney 1997, Maximum
    Adverse Excursion
mfe_median_pips | median of the farthest move in favour of a trade | pips, >= 0 | median(mfe) | Sweeney 1997, Maximum Adverse
    Excursion
mfe_q95_pips | the move in favour of a trade that one in twenty passes | pips, >= 0 | quantile(mfe, 0.95) | Sweeney 1997,
    Maximum Adverse Excursion
profit_mae_correlation | how profit goes with the farthest move against the trade | correlation, -1 to 1 | corr(profit, mae)
profit_mfe_correlation | how profit goes with the farthest move in its favour | correlation, -1 to 1 | corr(profit, mfe)
trades_per_day | closed trades a trading day | count a day | trades / trading_days
""",
)


class Runs(NamedTuple):
    """Runs of trades that all won or all lost, in order; s of them."""

    side: NDArray[np.int64]  # (s,) 1 won, -1 lost
    length: NDArray[np.int64]  # (s,) trades
    money: Float64  # (s,)


def values(facts: Facts) -> dict[str, Value]:
    """Return the group's statistics."""
    profit, long = facts.profit, facts.closed["steps"] > 0
    counts: dict[str, Value] = {"long_trades": int(long.sum()), "short_trades": int((~long).sum())}
    found = headline(facts) | counts | {"trades_per_day": len(profit) / len(facts.days.cuts)}
    if len(profit) == 0:
        return because(NO_TRADE, DEFINITIONS) | found
    return {
        **found,
        "long_win_rate": over(int((profit[long] > 0).sum()), int(long.sum()), "no trade had bought"),
        "short_win_rate": over(int((profit[~long] > 0).sum()), int((~long).sum()), "no trade had sold"),
        "best_trade": float(profit.max()),
        "worst_trade": float(profit.min()),
        "sqn": sqn(profit),
        **payoff(profit),
        **order(profit),
        **holding(facts),
        **excursions(facts),
    }


def headline(facts: Facts) -> dict[str, Value]:
    """Return trades, win_rate, profit_factor and expectancy."""
    trades, wins, won, lost = earned(facts.closed["profit"])
    if trades == 0:
        return {"trades": 0, **because(NO_TRADE, ("win_rate", "profit_factor", "expectancy"))}
    return {
        "trades": trades,
        "win_rate": wins / trades,
        "profit_factor": over(won, -lost, NO_LOSS),
        "expectancy": (won + lost) / MICRO / trades,
    }


def earned(profit: NDArray[np.int64]) -> tuple[int, int, int, int]:
    """Return (trades, wins, what they earned, what losers lost <= 0) of closed trades' profits; micro."""
    won = int(np.maximum(profit, 0).sum())
    return len(profit), int(np.count_nonzero(profit > 0)), won, int(profit.sum()) - won


def payoff(profit: Float64) -> dict[str, Value]:
    """Return average_win, average_loss, payoff_ratio and kelly."""
    won, lost = profit[profit > 0], profit[profit < 0]
    win, loss = when(len(won), NO_WIN, won.mean), when(len(lost), NO_LOSS, lost.mean)
    ratio = loss if isinstance(loss, str) else over(win, -loss, NO_LOSS)
    share = len(won) / len(profit)
    kelly = ratio if isinstance(ratio, str) else share - (1 - share) / ratio
    return {"average_win": win, "average_loss": loss, "payoff_ratio": ratio, "kelly": kelly}


def sqn(profit: Float64) -> Value:
    """Return the system quality number."""
    if len(profit) < 2 or np.ptp(profit) == 0:
        return "profits do not vary: fewer than two trades, or all alike"
    return sqrt(min(len(profit), 100)) * float(profit.mean() / profit.std(ddof=1))


def runs(profit: Float64) -> Runs:
    """Return the runs of winners and losers; a trade without profit or loss ends a run and is in none."""
    side = np.sign(profit).astype(np.int64)
    first = np.flatnonzero(np.append(True, side[1:] != side[:-1])) if len(side) else np.zeros(0, np.int64)
    count = np.diff(np.append(first, len(side)))
    money = np.add.reduceat(profit, first) if len(first) else np.zeros(0)
    some = side[first] != 0
    return Runs(side[first][some], count[some], money[some])


def longest(found: Runs, side: int) -> tuple[int, float]:
    """Return (trades, money) of the longest run of one side, of equally long ones the one with most money; (0, 0) if none."""
    mine = found.side == side
    if not mine.any():
        return 0, 0.0
    count = int(found.length[mine].max())
    return count, side * float((side * found.money[mine & (found.length == count)]).max())


def runs_z(profit: Float64) -> Value:
    """Return the Z-score of the number of runs."""
    won, lost, seen = int((profit > 0).sum()), int((profit < 0).sum()), len(runs(profit).side)
    n = won + lost
    if not (won and lost):
        return NO_WIN if lost else NO_LOSS if won else "no trade won or lost"
    mean = 2 * won * lost / n + 1
    variance = (mean - 1) * (mean - 2) / (n - 1)
    return (seen - mean) / sqrt(variance) if variance > 0 else "one win and one loss are too few to count runs"


def order(profit: Float64) -> dict[str, Value]:
    """Return what the order of the trades says."""
    found = runs(profit)
    wins, losses = longest(found, 1), longest(found, -1)
    return {
        "max_consecutive_wins": wins[0],
        "max_consecutive_wins_money": wins[1] if wins[0] else NO_WIN,
        "max_consecutive_losses": losses[0],
        "max_consecutive_losses_money": losses[1] if losses[0] else NO_LOSS,
        "runs_z": runs_z(profit),
    }


def holding_time(facts: Facts) -> Float64:
    """Return the time from each closed trade's bar of entry to its bar of exit, (c,), hours."""
    log, held = facts.closed, np.zeros(len(facts.profit))
    for k, bars in enumerate(facts.result.setup.bars):
        mine = log["instrument"] == k
        held[mine] = (bars.time[log["exit_row"][mine]] - bars.time[log["entry_row"][mine]]) / calendar.HOUR
    return held


def holding(facts: Facts) -> dict[str, Value]:
    """Return how long trades were held."""
    hours = holding_time(facts)
    found: dict[str, Value] = {"mean_holding_hours": float(hours.mean())}
    for name, mine, why in (("winner", facts.profit > 0, NO_WIN), ("loser", facts.profit < 0, NO_LOSS)):
        for what, measure in (("mean", np.mean), ("median", np.median), ("max", np.max)):
            found[f"{name}_{what}_hours"] = float(measure(hours[mine])) if mine.any() else why
    return found


def excursions(facts: Facts) -> dict[str, Value]:
    """Return how far prices moved against and in favour of the trades."""
    log = facts.closed
    per_pip = np.asarray(facts.result.setup.instruments.per_pip)[log["instrument"]]
    found: dict[str, Value] = {}
    for name in ("mae", "mfe"):
        pips = log[name] / per_pip
        found[f"{name}_median_pips"], found[f"{name}_q95_pips"] = (float(q) for q in np.quantile(pips, [0.5, 0.95]))
        found[f"profit_{name}_correlation"] = correlation(facts.profit, pips)
    return found


def correlation(x: NDArray[Any], y: NDArray[Any]) -> Value:
    """Return Pearson's correlation of two samples."""
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return "one of the two does not vary over the trades"
    x, y = x - x.mean(), y - y.mean()
    return dot(x, y) / sqrt(dot(x, x) * dot(y, y))
