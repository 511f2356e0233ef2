"""The quality report as lines of text."""

from __future__ import annotations

from typing import Any


def report(found: dict[str, Any]) -> str:
    """Return the report; `found` is `Quality.as_dict()`."""
    lines = [f"{found['instrument']} {found['timeframe']}: {found['rows']:,} bars"]
    if found["rows"]:
        lines[0] += f", {found['first']} to {found['last']} UTC"
        lines += [*_reading(found), *_clock(found), *_prices(found)]
    lines += [f"  note       {note}" for note in found["notes"]]
    lines += [f"  WARNING    {warning}" for warning in found["warnings"]]
    return "\n".join(lines)


def _reading(found: dict[str, Any]) -> list[str]:
    if not found["checked"]:
        return []
    touched = [f"{f} {t['count']:,} ({t['policy']}, first in row {t['first_row']})" for f, t in found["faults"].items()]
    noise = f"; {found['rounding_noise']:,} prices with rounding noise" if found["rounding_noise"] else ""
    return [
        f"  source     {found['source']}, {found['source_rows']:,} rows, side: {found['side']}",
        f"  faults     {'; '.join(touched) or 'none'}{noise}",
    ]


def _clock(found: dict[str, Any]) -> list[str]:
    holes, week = found["holes"], found["week"]
    lengths = ", ".join(f"{n:,} of {name}" for name, n in holes["by_length_bars"].items() if n)
    lines = [
        f"  holes      {holes['absent_bars']:,} absent bars in {holes['holes']:,} holes{f' ({lengths} bars)' if lengths else ''}"
    ]
    if holes["longest"]:
        long = holes["longest"][0]
        lines.append(f"             longest {long['open_hours']:g} open hours, {long['from']} to {long['to']}")
    if holes["absent_by_hour_utc"] is not None and holes["days"]:
        worst = sorted(((s, h) for h, s in enumerate(holes["absent_by_hour_utc"]) if s), reverse=True)[:3]
        hours = ", ".join(f"{h:02d}:00 {s:.1%}" for s, h in worst)
        lines.append(f"             absent by hour, UTC: {hours or 'none'}")
    lines.append(f"  week       {week['outside']:,} rows outside Sunday 17:00 to Friday 17:00 New York")
    if week["weeks"]:
        names = {"January": week["opens_january"], "July": week["opens_july"], "all": week["opens_all"]}
        hours = ", ".join(f"{name} {h}:00" for name, h in names.items() if h is not None)
        lines.append(f"             {week['weeks']:,} weeks open at (New York): {hours}; {week['share_at_17']:.0%} at 17:00")
    return lines


def _prices(found: dict[str, Any]) -> list[str]:
    opens, runs, crossed, rows = found["opens"], found["runs"], found["crossed"], found["rows"]
    lines = [
        (
            f"  crossed    {crossed['crossed_closes']:,} closes, {crossed['crossed_rows']:,} rows in any price; "
            f"locked {crossed['locked_closes']:,} closes"
        ),
        (
            f"  opens      equal to the previous close: inside weeks {_share(opens['inside_weeks'])}, "
            f"at week opens {_share(opens['at_week_opens'])}"
        ),
        (
            f"  flat       {runs['flat']:,} bars ({runs['flat'] / rows:.1%}); "
            f"{runs['stuck_runs_of_10']:,} runs of 10 equal bars or more"
        ),
        f"  level      median {found['level']['median']:g}, plausible: {_word(found['level']['plausible'])}",
        f"  last bar   {found['last_bar']['state']}: {found['last_bar']['reason']}",
    ]
    pips = ", ".join(f"{name} {value:g}" for name, value in found["spread"]["pips"].items())
    made = "" if found["side"] == "both" else " (made, not quoted)"
    lines.append(f"  spread     pips{made}: {pips}")
    hours = found["spread"]["by_hour_new_york"]
    if len(hours) > 1:
        lines.append("             median by hour, New York: " + " ".join(f"{h}h {hours[h]['median']:g}" for h in sorted(hours)))
    moves = ", ".join(f"{m['percent']:+g} % {m['time']}" for m in found["moves"][:3])
    lines.append(f"  moves      {moves or 'none'}")
    return lines


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _word(plausible: bool | None) -> str:
    return "unknown" if plausible is None else ("yes" if plausible else "NO")
