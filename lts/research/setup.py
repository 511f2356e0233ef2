"""From bars, costs and account to the market's memory: everything that can be refused is refused here."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lts import calendar
from lts.errors import BarsError, DataWarning, ParameterError, near_miss
from lts.sim import layout as at
from lts.sim.costs import Costs, apply_spread, commission_rates, margin_rate, slippage_points, swap_table
from lts.sim.memory import Instruments, Memory, Tape, Terms
from lts.sim.rates import Conversion, RatesSettings, conversion
from lts.words import MICRO, Account, Intrabar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lts.data.bars import Bars

STALE_BARS = 100  # fewer bars say nothing
STALE_SHARE = 0.9  # of opens that copy the previous close: from here on they are taken for no quotes


@dataclass(frozen=True)
class Options:
    """How a run behaves; the arguments of `run` other than strategy and bars."""

    costs: Costs
    account: Account
    intrabar: str = "worst"
    stale_open: str = "open"
    close_at_end: bool = True
    trade_from: int | None = None  # ns UTC

    def __post_init__(self) -> None:
        _one_of("intrabar", self.intrabar, [p.name.lower() for p in Intrabar])
        _one_of("stale_open", self.stale_open, ["open", "worst"])


@dataclass
class Setup:
    """A market ready to run, and what is needed to read it afterwards."""

    bars: tuple[Bars, ...]
    options: Options
    tape: Tape
    instruments: Instruments
    terms: Terms
    clock: NDArray[np.int32]  # (stamps, K) rows, -1 where an instrument has no bar
    stamps: NDArray[np.int64]
    start: int  # first stamp that trades
    notes: tuple[str, ...]

    def memory(self) -> Memory:
        """Return a fresh memory, its night counters moved to the first stamp that trades."""
        made = Memory(self.tape, self.instruments, self.terms, rows=min(max(1024, len(self.stamps) // 16), 1 << 16))
        first = 0
        for k, bars in enumerate(self.bars):
            skipped = int(np.searchsorted(bars.time, self.stamps[self.start])) if self.start else 0
            flags = self.tape.flags[first : first + skipped]
            made.state[at.HEADER + k * at.INSTRUMENT + at.NIGHT] += np.count_nonzero(flags & at.FLAG_NIGHT)
            first += len(bars)
        return made


def prepare(
    bars: Sequence[Bars],
    options: Options,
    rates: RatesSettings | Mapping[str, Any] | None,
    detail: Mapping[str, Bars] | None = None,
) -> Setup:
    """Build the market's inputs.

    Raises
    ------
    BarsError, ParameterError, RatesError
        No bars, mixed timeframes, one instrument twice, finer bars that do not fit, impossible costs, a missing conversion rate.
    """
    _check(bars)
    costs, account = options.costs, options.account
    matrices = [apply_spread(b.points.matrix, costs, b.instrument) for b in bars]
    for matrix in matrices:
        matrix.setflags(write=False)  # like the bars' own: for arrays of another kind numba would compile once more
    converted = [conversion(b, account.currency, rates, extra=[o for o in bars if o is not b]) for b in bars]
    swaps = [swap_table(costs, b, b.instrument, c) for b, c in zip(bars, converted, strict=True)]
    finer = [(detail or {}).get(b.instrument.name) for b in bars]
    stamps, clock = _clock(bars)
    start = 0
    if options.trade_from is not None:
        start = int(np.searchsorted(stamps, options.trade_from))
        if start == len(stamps):
            raise ParameterError("trade_from: lies after the last bar; it must leave bars to trade on.")
    tape = Tape(
        bars=matrices[0] if len(bars) == 1 else np.ascontiguousarray(np.concatenate(matrices, axis=1)),
        time=_joined([b.time for b in bars]),
        flags=_joined([_flags(b, rows) for b, (rows, _) in zip(bars, swaps, strict=True)]),
        rates=_rates(converted, [len(b) for b in bars]),
        nights=np.concatenate([w for _, w in swaps]) if swaps else np.zeros((0, 2)),
        night_rows=[len(rows) for rows, _ in swaps],
        detail=_detail_matrix(bars, finer, costs),
        detail_time=np.concatenate([np.zeros(0, np.int64), *(f.time for f in finer if f is not None)]),
    )
    _check_detail(bars, finer, options)
    notes = tuple(note for b in bars for note in (*_notes(b, several=len(bars) > 1), *_stale(b, options)))
    policy = Intrabar[options.intrabar.upper()]
    terms = Terms(
        round(account.balance * MICRO),
        account.closeout,
        account.hedging,
        int(policy),
        options.stale_open == "worst",
        costs.slippage_seed,
    )
    return Setup(tuple(bars), options, tape, _instruments(bars, finer, options), terms, clock, stamps, start, notes)


def _one_of(name: str, found: str, known: Sequence[str]) -> None:
    if found not in known:
        raise ParameterError(f"{name}: was {found!r}; it must be one of {', '.join(known)}.{near_miss(str(found), known)}")


def _check(bars: Sequence[Bars]) -> None:
    for b in bars:
        if len(b) == 0:
            raise BarsError(f"{b.instrument.name}: has no bars; a run needs at least one.")
    frames = {b.timeframe for b in bars}
    if len(frames) > 1:
        raise BarsError(
            f"timeframes: were {', '.join(sorted(frames))}; on one clock they must be equal, else a coarse bar's close "
            "would be known before it has ended. Resample to one, and bring coarser values in as features."
        )
    names = [b.instrument.name for b in bars]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise BarsError(f"instruments: {', '.join(sorted(twice))} was given twice; each must be given once.")


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return arrays one after the other; one alone as it is."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _clock(bars: Sequence[Bars]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    if len(bars) == 1:
        return bars[0].time, np.zeros((0, 1), np.int32)  # stamp = row; no table is needed
    stamps = np.unique(np.concatenate([b.time for b in bars]))
    clock = np.full((len(stamps), len(bars)), -1, np.int32)
    for k, b in enumerate(bars):
        clock[np.searchsorted(stamps, b.time), k] = np.arange(len(b), dtype=np.int32)
    return stamps, clock


def _flags(bars: Bars, night_rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return a bar's events: what its stamps alone say is kept with the bars, for it takes a pass over all of them."""
    if "flags" not in bars.kept:
        bars.kept["flags"] = _stamped(bars)
    flags: NDArray[np.uint8] = bars.kept["flags"].copy()
    flags[night_rows] |= at.FLAG_NIGHT
    return flags


def _stamped(bars: Bars) -> NDArray[np.uint8]:
    flags = np.zeros(len(bars), np.uint8)
    flags[calendar.closures(bars.time, bars.duration)] = at.FLAG_CLOSURE
    cuts = calendar.cutoffs(int(bars.time[0]), int(bars.time[-1]) + bars.duration)
    rows = np.searchsorted(bars.time, cuts, side="left") - 1  # the bar that opened before the cut-off
    rows = rows[rows >= 0]
    spans = bars.time[rows] + bars.duration > cuts[-len(rows) :] if len(rows) else np.zeros(0, bool)
    flags[rows[spans]] |= at.FLAG_SPAN
    return flags


def _rates(converted: Sequence[Conversion], lengths: Sequence[int]) -> NDArray[np.float64]:
    if all(c.constant for c in converted) and len(converted) == 1:
        c = converted[0]
        return np.array([c.mid, c.gain, c.loss, c.mark])
    columns = [
        [np.broadcast_to(column, n) for column in (c.mid, c.gain, c.loss, c.mark)] for c, n in zip(converted, lengths, strict=True)
    ]
    return np.ascontiguousarray(np.concatenate([np.array(c) for c in columns], axis=1))


def _instruments(bars: Sequence[Bars], finer: Sequence[Bars | None], options: Options) -> Instruments:
    costs = options.costs
    pairs = [b.instrument for b in bars]
    units = [10.0**p.units_precision for p in pairs]
    commissions = [commission_rates(costs, p) for p in pairs]
    slips = [slippage_points(costs, p) for p in pairs]
    return Instruments(
        rows=[len(b) for b in bars],
        duration=[b.duration for b in bars],
        min_steps=[max(1, round(p.min_units * u)) for p, u in zip(pairs, units, strict=True)],
        max_steps=[round(p.max_units * u) for p, u in zip(pairs, units, strict=True)],
        per_pip=[p.points_per_pip for p in pairs],
        factor=[10.0 ** (6 - p.precision - p.units_precision) for p in pairs],
        per_step=[c[0] for c in commissions],
        fraction=[c[1] for c in commissions],
        minimum=[c[2] for c in commissions],
        margin=[margin_rate(options.account, p) for p in pairs],
        share=[s[1] for s in slips],
        scale=[10.0**p.precision for p in pairs],
        unit=units,
        slip_fixed=[s[0] for s in slips],
        slip_most=[s[2] for s in slips],
        detail_rows=[0 if f is None else len(f) for f in finer],
        crossed=[_crossed(b, costs) for b in bars],
    )


def _crossed(bars: Bars, costs: Costs) -> bool:
    """Tell whether an ask's low or high lies below the bid's anywhere; only the policy that keeps such quotes lets them in."""
    if costs.spread_pips is not None:
        return False
    if "crossed" not in bars.kept:
        p = bars.points
        bars.kept["crossed"] = bool((p.ask_low < p.bid_low).any() or (p.ask_high < p.bid_high).any())
    found: bool = bars.kept["crossed"]
    return found


def _detail_matrix(bars: Sequence[Bars], finer: Sequence[Bars | None], costs: Costs) -> NDArray[np.int32]:
    parts = [apply_spread(f.points.matrix, costs, b.instrument) for b, f in zip(bars, finer, strict=True) if f is not None]
    return np.ascontiguousarray(np.concatenate([np.zeros((8, 0), np.int32), *parts], axis=1))


def _check_detail(bars: Sequence[Bars], finer: Sequence[Bars | None], options: Options) -> None:
    if options.intrabar == "detail" and not any(f is not None for f in finer):
        raise ParameterError("intrabar='detail': was given no finer bars; pass detail=bars of a finer timeframe.")
    for b, f in zip(bars, finer, strict=True):
        if f is None:
            continue
        if f.instrument != b.instrument:
            raise ParameterError(f"detail: was {f.instrument.name}; it must be {b.instrument.name}, like the bars.")
        if f.duration >= b.duration or b.duration % f.duration:
            raise ParameterError(f"detail: was {f.timeframe}; it must divide {b.timeframe}.")


def callers_level() -> int:
    """Return the stack level of the first caller outside the package, where the warning is of use."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__", "")).split(".")[0] == "lts":
        level, frame = level + 1, frame.f_back
    return level


def _notes(bars: Bars, *, several: bool) -> tuple[str, ...]:
    """Return what is to be said about bars; among others, which bars are meant."""
    return tuple(f"{bars.instrument.name}: {note}" for note in bars.notes) if several else bars.notes


def _stale(bars: Bars, options: Options) -> tuple[str, ...]:
    """Warn when opens are copies of the previous close, which hides weekend gaps."""
    if len(bars) < STALE_BARS:
        return ()
    if "stale" not in bars.kept:
        bars.kept["stale"] = float(np.mean(bars.points.bid_open[1:] == bars.points.bid_close[:-1]))
    share = bars.kept["stale"]
    if share <= STALE_SHARE:
        return ()
    note = f"{bars.instrument.name}: {share:.1%} of opens copy the previous close, so they are no quotes and hide weekend gaps"
    if options.stale_open == "open":
        hint = "stale_open='worst' fills first bars after a closure at their worse side."
        warnings.warn(f"{note}; {hint}", DataWarning, stacklevel=callers_level())
    return (f"{note} (stale_open={options.stale_open!r})",)
