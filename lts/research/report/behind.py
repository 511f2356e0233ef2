"""The tables behind the charts: what each picture shows, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lts.research.plots import calendars, curves, ohlc, spreads, stakes, style
from lts.research.plots.paid import COSTS, spread_line
from lts.research.plots.style import number
from lts.research.report.words import Table, day, lower, moment, money, percent
from lts.words import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.result import Result

MOST = 120  # rows of a table over time: by day if so many suffice, else by month, else by year
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def over_time(time: NDArray[np.datetime64]) -> tuple[str, NDArray[np.intp]]:
    """Return ("day", "month" or "year", the last row of each): the finest that takes at most 120 rows."""
    for name in ("day", "month"):
        last = _last(time, name[0].upper())
        if len(last) <= MOST:
            return name, last
    return "year", _last(time, "Y")


def _last(time: NDArray[np.datetime64], unit: str) -> NDArray[np.intp]:
    periods = (time - np.timedelta64(1, "ns")).astype(f"datetime64[{unit}]")
    return np.flatnonzero(np.append(periods[1:] != periods[:-1], True))


def equity(result: Result) -> list[Table]:
    """Return equity, balance and margin at the ends of days, months or years."""
    from lts.research.stats.margin import margin_used

    time = style.times(result)
    name, rows = over_time(time)
    columns = (result.equity_micro / MICRO, result.balance.to_numpy(), margin_used(result))
    cells = [[moment(time[i]), *(money(float(column[i])) for column in columns)] for i in rows]
    code = style.currency(result)
    return [Table(f"At the last close of each {name} (UTC), {code}", ("close, UTC", "equity", "balance", "margin used"), cells)]


def drawdowns(result: Result) -> list[Table]:
    """Return the ten worst drawdowns."""
    rows = [
        [str(rank), *map(day, fall[:3]), percent(-fall.depth), money(-fall.money), number(fall.days, ",.1f")]
        for rank, fall in enumerate(curves.falls(result, 10), 1)
    ]
    head = ("rank", "peak", "trough", "recovery", "depth", style.currency(result), "days")
    return [Table("The worst drawdowns of equity at closes, deepest first (UTC)", head, rows)] if rows else []


def costs(result: Result) -> list[Table]:
    """Return the waterfall, and the line over the mean spread."""
    stats, code = result.headline, style.currency(result)
    rows = [["price profit at mid", money(stats["price_profit"])]]
    rows += [[name, money(sign * stats[key])] for name, key, sign in COSTS]
    rows += [["net profit", money(stats["net_profit"])]]
    paid, slope, zero = spread_line(result)
    line = [
        ["mean spread that closed trades paid", f"{number(paid, '.3f')} pips"],
        ["mean spread that leaves nothing", f"{number(zero, '.3f')} pips"],
        [f"what a pip of spread costs over all closed trades, {code}", money(slope)],
    ]
    return [Table(f"From price profit to net profit, {code}", ("part", code), rows), Table("Spread", ("what", "value"), line)]


def fills(result: Result) -> list[Table]:
    """Return the bars and the fills that the candles show."""
    found: list[Table] = []
    frame = result.fills
    for part in ohlc.parts(result):
        bars, name = part.bars, part.bars.instrument.name
        mine = (result.logs["fills"]["instrument"] == part.k) & (result.logs["fills"]["row"] >= part.a)
        mine &= result.logs["fills"]["row"] < part.b
        form = f".{bars.instrument.precision}f"
        rows = [
            [
                _opened(bars, row.time),
                number(row.units, "+,.15g"),
                f"{row.price:{form}}",
                lower(row.reason),
                str(row.place),
                str(row.trade),
            ]
            for row in frame[mine].itertuples()
        ]
        head = ("bar, UTC", "units bought (+) or sold", "price", "reason", "place in the bar", "trade")
        found += [Table(f"{name}: fills in these bars", head, rows, frozenset({3, 4}))] if rows else []
        prices = [getattr(bars, f"bid_{p}")[part.a : part.b] for p in ("open", "high", "low", "close")]
        cells = [
            [_opened(bars, bars.time[part.a + i]), *(f"{column[i]:{form}}" for column in prices)] for i in range(part.b - part.a)
        ]
        found.append(Table(f"{name}: bid prices of these bars", ("bar, UTC", "open", "high", "low", "close"), cells))
    return found


def _opened(bars: Any, time: Any) -> str:
    stamp = time.tz_localize(None).to_datetime64() if hasattr(time, "tz_localize") else np.datetime64(int(time), "ns")
    return moment(stamp, seconds=bars.duration < 60 * 10**9)


def months(result: Result) -> list[Table]:
    """Return the months' returns."""
    rows = [[str(year), *("" if np.isnan(v) else percent(v, 1) for v in row)] for year, row in calendars.month_table(result)]
    return [Table("Return by month", ("year", *calendars.MONTHS, "year's"), rows)]


def hours(result: Result) -> list[Table]:
    """Return profit and trades by hour, trading day and session."""
    if not len(result.logs["trades"]["profit"]):
        return []
    return [
        Table(
            title.removesuffix(" (trades)"),
            ("entry", "net profit", "trades"),
            [[name, money(v), f"{n:,}"] for name, v, n in groups],
        )
        for title, groups in calendars.by_entry(result).items()
    ]


def distribution(result: Result) -> list[Table]:
    """Return the bins."""
    from lts.research.stats.daily import daily

    found = []
    profit = result.logs["trades"]["profit"] / MICRO
    sides: tuple[tuple[str, NDArray[np.float64], str, str], ...] = (
        ("Daily returns, percent", 100 * np.asarray(daily(result), np.float64), "days", ",.3f"),
        (f"Net profit of trades, {style.currency(result)}", profit, "trades", ",.2f"),
    )
    for title, values, noun, form in sides:
        known = values[np.isfinite(values)]
        if spreads.same(known):
            continue
        counts, edges = np.histogram(known, spreads.bins(known))
        rows = [[number(a, form), number(b, form), f"{n:,}"] for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)]
        found.append(Table(title, ("from", "to", noun), rows))
    return found


def rolling(result: Result) -> list[Table]:
    """Return the rolling ratios at the ends of days, months or years."""
    found = curves.ratios(result)
    name, rows = over_time(found.time)
    cells = [[day(found.time[i]), number(found.sharpe[i], ".2f"), percent(found.volatility[i])] for i in rows]
    cells = [row for row in cells if row[2] != "none"]
    title = f"Window {found.window} trading days, at the last cut-off of each {name}"
    return [Table(title, ("day", "Sharpe ratio a year", "volatility a year"), cells)] if cells else []


def excursions(result: Result) -> list[Table]:
    """Return quantiles of how far winners and losers went."""
    trades = result.trades
    rows = []
    for name, mine in (("won", trades["pips"] > 0), ("lost or even", trades["pips"] <= 0)):
        for column in ("mae", "mfe"):
            if mine.any():
                cells = [number(float(q), ",.1f") for q in trades.loc[mine, column].quantile(list(QUANTILES))]
                rows.append([f"{name}: {column.upper()}", f"{int(mine.sum()):,}", *cells])
    head = ("trades that", "number", *(f"{q:.0%} below" for q in QUANTILES))
    return [Table("How far prices went against (MAE) and for trades (MFE), pips", head, rows)] if rows else []


def exposures(result: Result) -> list[Table]:
    """Return exposure at the ends of days, months or years, and the share of closes with a trade open."""
    amounts, time = stakes.by_currency(result), style.times(result)
    name, rows = over_time(time)
    found = []
    if amounts:
        cells = [[moment(time[i]), *(money(float(values[i])) for values in amounts.values())] for i in rows]
        title = f"Net exposure at the last close of each {name} (UTC), worth {style.currency(result)}"
        found.append(Table(title, ("close, UTC", *amounts), cells))
    shares = [[when, percent(share, 1)] for when, share in stakes.in_market(result)]
    return [*found, Table("Closes with a trade open", ("period", "share of closes"), shares)]
