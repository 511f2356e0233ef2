"""Tables in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.summary import Ratio, Row


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column stands left, the others right. A | would end its cell and is written as a slash."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    cells = [head, marks, *([cell.replace("|", "/") for cell in line] for line in lines)]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def steady(rows: Sequence[Row], ours: Mapping[str, Sequence[float]]) -> str:
    """Return the table of a rule.

    Parameters
    ----------
    ours : mapping of number of bars to (trades, final balance)
        What LTS comes to on as many bars, shown in brackets.
    """
    names = (
        "engine",
        "bars",
        "time",
        "fastest",
        "ns a bar",
        "bars a second",
        "to LTS",
        "trades (LTS)",
        "balance (LTS)",
        "peak MiB",
    )
    return table(names, [_line(row, ours.get(str(row.bars))) for row in rows])


def _line(row: Row, ours: Sequence[float] | None) -> Sequence[str]:
    if row.failed:
        return [row.name, f"{row.bars:,}", f"failed: {row.failed}", *[""] * 7]
    return [
        row.name, f"{row.bars:,}", duration(row.median_s), duration(row.min_s), figure(row.ns_a_bar), three(1e9 / row.ns_a_bar),
        times(row.ratio), *_beside(row, ours), f"{row.peak_mib:,.0f}",
    ]  # fmt: skip


def swept(rows: Sequence[Row], ours: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Return the table of the sweep.

    Parameters
    ----------
    ours : mapping of job to mapping of number of bars to (trades, mean final balance)
        What LTS comes to on the same sets and bars, shown in brackets.
    """
    names = ("engine", "sets x bars", "time", "ns", "bar-sets a second", "to LTS", "trades (LTS)", "mean balance (LTS)", "peak MiB")
    return table(names, [_swept(row, ours.get(row.name, {}).get(str(row.bars))) for row in rows])


def _swept(row: Row, ours: Sequence[float] | None) -> Sequence[str]:
    name, size = row.name + (f" [{row.path}]" if row.path else ""), f"{row.sets:,} x {row.bars:,}"
    if row.failed:
        return [name, size, f"failed: {row.failed}", *[""] * 6]
    return [
        name, size, duration(row.median_s), small(row.ns_a_bar), three(1e9 / row.ns_a_bar), times(row.ratio),
        *_beside(row, ours), f"{row.peak_mib:,.0f}",
    ]  # fmt: skip


def _beside(row: Row, ours: Sequence[float] | None) -> list[str]:
    """Return trades and balance, each with LTS's in brackets."""
    return [f"{x:,.0f}" + (f" ({ours[k]:,.0f})" if ours else "") for k, x in enumerate((row.trades, row.final))]


def cold(found: Mapping[str, Mapping[str, Any]], base: str) -> str:
    """Return the table of whole processes; ratios to the row named `base`."""
    ours = found.get(base, {})
    lines = []
    for name, one in found.items():
        if "failed" in one:
            lines.append([name, "", f"failed: {one['failed']}", "", "", "", ""])
            continue
        against = [f"{figure(one[key] / ours[key])}x" if key in ours else "" for key in ("warm_s", "empty_s")]
        seconds = [f"{one['warm_s']:.2f} s", against[0], f"{one['empty_s']:.2f} s", against[1]]
        lines.append([name, f"{one['bars']:,}", *seconds, f"{one['peak_mib']:,.0f}"])
    return table(("engine", "bars", "warm cache", "to LTS", "empty cache", "to LTS", "peak MiB"), lines)


def parts(found: Mapping[str, Any], unit: str) -> str:
    """Return a table of figures by name; what could not be measured says so."""
    lines = [[name, figure(value) if isinstance(value, int | float) else str(value)] for name, value in found.items()]
    return table(("what", unit), lines)


def duration(seconds: float) -> str:
    """Return seconds in words: 7.25 ms, 1.31 s."""
    return f"{figure(seconds)} s" if seconds >= 1 else f"{figure(seconds * 1e3)} ms"


def figure(value: float) -> str:
    """Return a number with three figures, whole from 100 on, with commas."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def small(value: float) -> str:
    """Return a number with three figures also below one: 0.00731 is not 0.01."""
    return figure(value) if value >= 1 else f"{value:.3g}"


def three(value: float) -> str:
    """Return a large number cut to three figures: 146,743,368 is 147,000,000."""
    return f"{float(f'{value:.3g}'):,.0f}"


def times(ratio: Ratio | None) -> str:
    """Return a ratio and, in brackets, the lowest and highest round where they differ from it."""
    if ratio is None:
        return ""
    middle, low, high = (figure(value) for value in ratio)
    return f"{middle}x" if low == high else f"{middle}x ({low} to {high})"
