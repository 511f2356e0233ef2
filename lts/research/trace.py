"""`trace`: why one bar did what it did. The run is replayed up to that bar, so what is shown is what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError
from lts.words import Intrabar, Kind, OrderType, Reason, View

if TYPE_CHECKING:
    import pandas as pd

    from lts.research.result import Result
    from lts.words import Decision


@dataclass(frozen=True)
class Seen:
    """One sleeve at the close of the bar: what it saw and what it said."""

    instrument: str
    view: View
    decision: Decision


@dataclass(frozen=True)
class Trace:
    """One bar explained; print it.

    Attributes
    ----------
    time : pandas.Timestamp
        The bar's open, UTC.
    seen : list of Seen
        View and decision of each sleeve with a bar.
    fills, orders : pandas.DataFrame
        What happened in this bar, before the decision; orders that ended in it.
    next_fills : pandas.DataFrame
        What the decision became in the following bar.
    """

    time: Any
    seen: list[Seen]
    fills: pd.DataFrame
    orders: pd.DataFrame
    next_fills: pd.DataFrame
    policy: Intrabar = field(default=Intrabar.WORST)

    def __str__(self) -> str:
        lines = [f"bar {self.time:%Y-%m-%d %H:%M:%S} UTC (intrabar={self.policy.name.lower()})"]
        lines += _table("fills in this bar", self.fills, ["instrument", "units", "price", "reason", "place", "balance"])
        lines += _table("orders that ended in it", self.orders, ["instrument", "type", "units", "status", "reason"])
        for seen in self.seen:
            lines += _sleeve(seen)
        lines += _table("fills in the next bar", self.next_fills, ["instrument", "units", "price", "reason", "place", "balance"])
        return "\n".join(lines)


def trace(result: Result, when: Any) -> Trace:
    """Explain one bar of a result: view, decision, orders, fills, margin.

    Parameters
    ----------
    when : str, datetime or int
        A time inside the bar, UTC ("2014-05-06 13:00"), or nanoseconds.

    Raises
    ------
    ParameterError
        No bar of the run holds this time.
    """
    import pandas as pd

    from lts.research.inputs import features_of
    from lts.research.replay import interpret

    setup = result.setup
    stamp = _stamp(result, when)
    seen: list[Seen] = []

    def watch(at: int, k: int, view: View, decision: Decision) -> None:
        if at == stamp:
            memory = {name: getattr(view.memory, name) for name in view.memory.__slots__}
            seen.append(Seen(setup.bars[k].instrument.name, view._replace(memory=memory), decision))

    features = [features_of(s, b) for s, b in zip(result.strategies, setup.bars, strict=True)]
    interpret(setup, result.strategies, features, result.factors, watch, until=stamp + 1)
    time = pd.Timestamp(int(setup.stamps[stamp]), tz="UTC")
    later = pd.Timestamp(int(setup.stamps[min(stamp + 1, len(setup.stamps) - 1)]), tz="UTC")
    fills, orders = result.fills, result.orders
    after = fills[fills["time"] == later] if later != time else fills[:0]
    policy = Intrabar(setup.terms.policy)
    return Trace(time, seen, fills[fills["time"] == time], orders[orders["end_time"] == time], after, policy)


def _stamp(result: Result, when: Any) -> int:
    try:
        wanted = when if isinstance(when, int) else int(np.datetime64(_naive(when), "ns").astype(np.int64))
    except (TypeError, ValueError) as error:
        raise ParameterError(f"trace: was {when!r}; it must be a UTC time such as '2014-05-06 13:00'.") from error
    stamps = result.setup.stamps
    at = int(np.searchsorted(stamps, wanted, side="right")) - 1
    if at < result.setup.start or wanted >= stamps[at] + result.bars.duration:
        near = np.datetime64(int(stamps[max(at, result.setup.start)]), "ns")
        raise ParameterError(f"trace: no bar of the run holds {when!r} (UTC); the nearest earlier one opens at {near}.")
    return at


def _naive(when: Any) -> Any:
    """Return a moment as numpy takes it: zoned times become UTC."""
    zone = getattr(when, "tzinfo", None)
    if zone is None:
        return when
    import pandas as pd

    return pd.Timestamp(when).tz_convert("UTC").tz_localize(None).to_datetime64()


def _sleeve(seen: Seen) -> list[str]:
    view, d = seen.view, seen.decision
    kind = Kind(int(d.kind)).name
    said = kind.lower() if d.kind == Kind.STAY else _said(d)
    rows = [f"{seen.instrument}:"]
    for name, part in (("now", view.now), ("prev", view.prev), ("position", view.position), ("account", view.account)):
        rows.append(f"  {name:9s}" + "  ".join(_shown(key, value) for key, value in part._asdict().items()))
    rows.append("  memory   " + "  ".join(f"{key}={value!r}" for key, value in view.memory.items()) + " (after the decision)")
    rows.append(f"  decision {said}")
    return rows


def _shown(name: str, value: float) -> str:
    if name.endswith("time"):
        return f"{name}={np.datetime64(int(value), 'ns').astype('datetime64[s]')}Z" if value else f"{name}=none"
    if name == "reason":
        return f"reason={Reason(int(value)).name}"
    return f"{name}={value:.10g}"


def _said(d: Decision) -> str:
    shown = ((name, value) for name, value in d._asdict().items() if name not in {"kind", "entry_type"})
    stated = {name: value for name, value in shown if not np.isnan(value) and value != 0.0}
    stated["units"] = d.units
    entry = OrderType(int(d.entry_type)).name.lower()
    return f"{Kind(int(d.kind)).name.lower()} ({entry}) " + "  ".join(f"{name}={value:.10g}" for name, value in stated.items())


def _table(title: str, frame: pd.DataFrame, columns: list[str]) -> list[str]:
    if frame.empty:
        return [f"{title}: none"]
    return [f"{title}:", *("  " + line for line in frame[columns].to_string(index=False).splitlines())]
