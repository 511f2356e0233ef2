"""The tables of a report: statistics with their definitions, trades, refused orders, the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.research.plots import style
from lts.research.plots.style import number
from lts.research.report.words import NONE, Table, amount, lower, moment, money
from lts.words import Status

if TYPE_CHECKING:
    import pandas as pd

    from lts.research.result import Result

MOST_TRADES, ENDS = 300, 100  # all trades up to so many, else so many of the first and of the last
MOST_REFUSED = 100
LONG = 8  # items of a list in the recipe that are written out
TITLES = {"fx": "FX"}  # of groups that are no words
CONVENTIONS = {"empyrical": "as empyrical defines them", "mt5": "as the MetaTrader 5 tester's report does"}


class Line(NamedTuple):
    """A statistic on the page."""

    id: str
    name: str
    value: str
    meaning: str
    unit: str
    formula: str
    source: str
    reason: str  # why there is no number; empty where there is


def groups(result: Result, convention: str = "lts") -> list[tuple[str, list[Line]]]:
    """Return (title, statistics) by group; registered ones are a group of their own."""
    from lts.research.stats.catalog import DEFINITIONS
    from lts.research.stats.catalog import groups as ids_by_group

    stats, reasons = (result.stats, result.reasons) if convention == "lts" else result.statistics(convention)
    found, code = [], style.currency(result)
    for title, ids in ids_by_group(convention).items():
        lines = []
        for name in (name for name in ids if name in stats.index):
            d = DEFINITIONS[convention][name]
            value = amount(float(stats[name]), d.unit)
            why = reasons.get(name, "")
            lines.append(
                Line(
                    name,
                    name.replace("_", " "),
                    value,
                    d.meaning,
                    d.unit.replace("account currency", code),
                    d.formula,
                    d.source,
                    why,
                )
            )
        if lines:
            found.append((TITLES.get(title, title.capitalize()), lines))
    return found


def trades(result: Result) -> tuple[Table, str]:
    """Return the closed trades, and the sentence that says which are shown."""
    frame = result.trades
    shown = frame if len(frame) <= MOST_TRADES else _ends(frame)
    code = style.currency(result)
    head = (
        "trade", "entry, UTC", "exit, UTC", "instrument", "units", "entry price", "exit price", "pips", "price profit",
        "spread and slippage", "commission", "swap", "conversion", "profit", "reason", "MAE", "MFE", "ambiguous",
    )  # fmt: skip
    precision = {b.instrument.name: b.instrument.precision for b in result.setup.bars}
    rows = [_trade(row, precision[str(row.instrument)]) for row in shown.itertuples()]
    said = f"All {len(frame):,} closed trades, in order of closing."
    if len(shown) < len(frame):
        said = (
            f"The first {ENDS} and the last {ENDS} of {len(frame):,} closed trades. The others are in result.trades, and after "
            "result.save(folder) in trades.parquet."
        )
    return Table(
        f"Closed trades; money in {code}, costs as they changed the profit", head, rows, frozenset({1, 2, 3, 14, 17})
    ), said


def _ends(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(index=frame.index[ENDS:-ENDS])


def _trade(row: Any, precision: int) -> list[str]:
    times = [moment(time.tz_localize(None).to_datetime64()) for time in (row.entry_time, row.exit_time)]
    prices = [f"{price:.{precision}f}" for price in (row.entry_price, row.exit_price)]
    paid = (row.price_profit, -row.spread_cost - row.slippage_cost, -row.commission, row.swap, -row.conversion_cost, row.profit)
    return [
        str(row.trade), *times, row.instrument, number(row.units, "+,.15g"), *prices, number(row.pips, "+,.1f"), *map(money, paid),
        lower(row.reason), f"{row.mae:,.1f}", f"{row.mfe:,.1f}", "yes" if row.ambiguous else "",
    ]  # fmt: skip


def refused(result: Result) -> tuple[Table | None, str]:
    """Return the refused orders and how many of each reason; None where the market refused none."""
    frame = result.orders[result.logs["orders"]["status"] == Status.REFUSED]
    if frame.empty:
        return None, "The market refused no order."
    count = frame["reason"].value_counts()
    reasons = ", ".join(f"{lower(name)} {n:,}" for name, n in count[count > 0].items())
    rows = [
        [
            moment(row.time.tz_localize(None).to_datetime64()),
            row.instrument,
            lower(row.type),
            number(row.units, "+,.15g"),
            lower(row.reason),
        ]
        for row in frame.iloc[:MOST_REFUSED].itertuples()
    ]
    rest = f" The first {MOST_REFUSED} are shown; all are in result.orders." if len(frame) > MOST_REFUSED else ""
    said = f"{len(frame):,} refused: {reasons}.{rest}"
    return Table(
        "Refused orders",
        ("decided at the close of the bar, UTC", "instrument", "type", "units", "reason"),
        rows,
        frozenset({1, 2, 4}),
    ), said


def recipe(made_of: Mapping[str, Any]) -> list[Table]:
    """Return a recipe as tables: one of its plain values, one of each part that holds several."""
    plain = [[key, _text(value)] for key, value in made_of.items() if not _deep(value)]
    found = [Table("settings", ("key", "value"), plain, frozenset({1}))] if plain else []
    for key, value in made_of.items():
        if isinstance(value, Mapping):
            rows = list(_flat(value))
            found += [Table(key, ("key", "value"), rows, frozenset({1}))] if rows else []
        elif _deep(value):
            several = len(value) > 1
            for place, item in enumerate(value, 1):
                name = f"{key} {place}" if several else key
                found.append(Table(name, ("key", "value"), list(_flat({"": item})), frozenset({1})))
    return found


def _deep(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value))


def _flat(value: Mapping[str, Any], before: str = "") -> Any:
    """Yield (path, text) of each plain value in nested mappings."""
    for key, inner in value.items():
        path = ", ".join(part for part in (before, str(key)) if part)
        if isinstance(inner, Mapping):
            yield from _flat(inner, path)
        elif _deep(inner):
            for place, item in enumerate(inner, 1):
                yield from _flat({f"{key} {place}": item}, before)
        else:
            yield [path or "value", _text(inner)]


def _text(value: Any) -> str:
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        shown = [_text(item) for item in value]
        if len(shown) > LONG:
            return f"{len(shown):,} values, from {shown[0]} to {shown[-1]}"
        return ", ".join(shown) if shown else NONE
    return f"{value:.15g}" if isinstance(value, float) else str(value)
