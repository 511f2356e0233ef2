"""Seeded small markets that stress every rule: few points, many exact touches, gaps, crossed quotes, tight margin.

Everything comes from one `random.Random(seed)`; the same seed and size give the same scenario on every machine.
"""

from __future__ import annotations

from math import inf, nan
from random import Random
from typing import NamedTuple

from lts.words import Decision, Intrabar, Kind, OrderType
from tests.naive import Inst, Market, Row8

BARS = {"tiny": (3, 10), "small": (20, 80), "large": (300, 500)}
START = 1_600_000_000_000_000_000
SECOND = 1_000_000_000
STAY = Decision(float(Kind.STAY), nan, 0.0, nan, nan, nan, nan, nan, nan, 0.0)
Tick = tuple[int, int]


def scenario(seed: int, size: str = "small") -> tuple[Market, list[Inst], list[list[Decision]]]:
    """Make a market, its instruments and a decision for every bar.

    Parameters
    ----------
    seed : int
        Any whole number.
    size : str
        "tiny" (3 to 10 bars), "small" (20 to 80) or "large" (300 to 500).
    """
    rng = Random(seed)
    tight = rng.random() < 0.4
    rich = not tight and rng.random() < 0.05
    intrabar = rng.choice(list(Intrabar))
    wild = intrabar in {Intrabar.OHLC, Intrabar.DETAIL} and rng.random() < 0.7  # many bars that a path decides
    insts: list[Inst] = []
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        insts.append(_inst(rng, size, insts[0] if insts and rng.random() < 0.5 else None, tight=tight, rich=rich, wild=wild))
    market = Market(
        balance=10**18 if rich else _balance(rng, insts, tight=tight),
        closeout=rng.choice((0.5, 0.9, 1.0)) if tight else rng.choice((0.0, 0.5)),
        hedging=rng.random() < 0.4,
        intrabar=intrabar,
        stale_worst=rng.random() < 0.3,
        seed=rng.choice((0, 1, 7, rng.getrandbits(63))),
        close_at_end=rng.random() < 0.6,
    )
    return market, insts, [_decisions(rng, i, tight=tight, wild=wild) for i in insts]


def _balance(rng: Random, insts: list[Inst], *, tight: bool) -> int:
    """Return a balance of a few full positions' margin, or plenty."""
    i = insts[0]
    full = i.max_steps * i.bars[0][3] * 10.0 ** (6 - i.precision - i.units_precision) * i.rate_mid[0] * i.margin_rate
    return int(full * rng.uniform(0.3, 1.6)) + 1 if tight else int(full * rng.uniform(5, 100)) + 10_000_000


def _inst(rng: Random, size: str, same_clock: Inst | None, *, tight: bool, rich: bool, wild: bool) -> Inst:
    precision, units_precision = rng.choice(((5, 0), (5, 0), (5, 0), (3, 0), (3, 2), (2, 1), (5, 2)))
    duration = same_clock.duration if same_clock else rng.choice((60, 60, 300)) * SECOND
    times = same_clock.time[rng.choice((0, 0, 1)) :] if same_clock else _times(rng, rng.randint(*BARS[size]), duration)
    ticks = _ticks(rng, len(times), wild=wild)
    bars = [_bar(x) for x in ticks]
    n, point = len(bars), 10.0 ** (6 - precision - units_precision)
    rates = _rates(rng, n)
    return Inst(
        precision=precision,
        units_precision=units_precision,
        points_per_pip=rng.choice((1, 10, 10)),
        min_steps=rng.choice((1, 1, 3)),
        max_steps=10**15 if rich else rng.choice((20, 60)),
        margin_rate=rng.choice((0.02, 0.05, 1 / 30)) if tight else rng.choice((0.02, 0.1)),
        duration=duration,
        time=times,
        bars=bars,
        rate_mid=rates[0],
        rate_gain=rates[1],
        rate_loss=rates[2],
        rate_mark=rates[3],
        nights=_nights(rng, n),
        closure=[t > 0 and rng.random() < (0.9 if times[t] - times[t - 1] > 2 * duration else 0.08) for t in range(n)],
        span=[t % 5 == 2 for t in range(n)],
        detail=_detail(rng, ticks, times, duration, wild=wild),
        per_step=rng.choice((0.0, 0.0, 0.37, 2.5)) * point,
        fraction=rng.choice((0.0, 0.0, 0.00031)),
        minimum=rng.choice((0.0, 0.0, 17.0)) * point,
        slip_fixed=rng.choice((0, 0, 1, 2)),
        slip_share=rng.choice((0.0, 0.0, 0.3, 0.5, 1.0)),
        slip_most=rng.choice((0, 0, 1, 3)),
    )


def _times(rng: Random, n: int, duration: int) -> list[int]:
    """Return n stamps, mostly without holes."""
    out = [START + rng.choice((0, 0, 60)) * SECOND]
    while len(out) < n:
        out.append(out[-1] + duration * rng.choice((1, 1, 1, 1, 1, 1, 2, 5)))
    return out


def _ticks(rng: Random, n: int, *, wild: bool) -> list[list[Tick]]:
    """Walk in small points: per bar 3 to 8 ticks of (bid, ask); gaps between bars; spreads from crossed to wide."""
    bid, gaps = rng.choice((300, 1000, 5000)), rng.choice((0.05, 0.2))
    usual, violent = rng.choice((0, 0, 1, 1, 3)), 0.5 if wild else rng.choice((0.05, 0.3))
    out = []
    for _ in range(n):
        if rng.random() < gaps:
            bid += rng.choice((-1, 1)) * rng.randint(5, 25)
        bar, step = [], rng.choice((3, 5)) if rng.random() < violent else 1
        for _ in range(rng.randint(3, 8)):
            bid = max(bid + step * rng.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2, 3)), 100)
            spread = usual if rng.random() < 0.8 else rng.choice((-2, -1, 0, 0, 1, 2, 3, 9))
            bar.append((bid, bid + spread))
        out.append(bar)
    return out


def _bar(ticks: list[Tick]) -> Row8:
    bid, ask = [t[0] for t in ticks], [t[1] for t in ticks]
    return (bid[0], max(bid), min(bid), bid[-1], ask[0], max(ask), min(ask), ask[-1])


def _detail(rng: Random, ticks: list[list[Tick]], times: list[int], duration: int, *, wild: bool) -> list[tuple[int, Row8]]:
    """Cut the bars' ticks into finer bars of 1 to 3 ticks; some are missing, some reach less far, some bars have none."""
    if rng.random() < 0.2 and not wild:
        return []
    out = []
    for bar, time in zip(ticks, times, strict=True):
        size, kind = rng.choice((1, 2, 2, 3)), rng.uniform(0.15 if wild else 0.0, 1.0)
        parts = [bar[j : j + size] for j in range(0, len(bar), size)]
        for j, part in enumerate(parts):
            lost = kind < 0.1 or (kind < 0.2 and rng.random() < 0.4)
            shift = rng.choice((-1, 1)) if 0.2 < kind < 0.3 else 0
            if not lost:
                out.append((time + j * (duration // len(parts)), _bar([(b + shift, a + shift) for b, a in part])))
    return out


def _rates(rng: Random, n: int) -> list[list[float]]:
    """Return rates mid, gain, loss and mark per bar: all 1, a walk, or a walk with a mark-up."""
    kind = rng.randrange(3)
    if kind == 0:
        return [[1.0] * n for _ in range(4)]
    rate, mid, mark = rng.uniform(0.6, 1.6), [], []
    for _ in range(n):
        mid.append(rate)
        rate *= 1 + rng.uniform(-0.01, 0.01)
        mark.append(rate)
    up = rng.choice((0.005, 0.02)) if kind == 2 else 0.0
    return [mid, [r * (1 - up) for r in mid], [r * (1 + up) for r in mid], mark]


def _nights(rng: Random, n: int) -> dict[int, tuple[float, float]]:
    """Return swaps at some rows: either sign, sometimes threefold, changing once with the date."""
    if rng.random() < 0.3:
        return {}
    rates = [(rng.uniform(-9, 5), rng.uniform(-9, 5)) for _ in range(2)]
    out = {}
    for t in range(n):
        if rng.random() < 0.2:
            weight = rng.choice((1, 1, 1, 3, 2))
            long, short = rates[t > n // 2]
            out[t] = (long * weight, short * weight)
    return out


class Style(NamedTuple):
    """How one instrument is traded."""

    eager: float  # share of bars with a decision
    bracket: float  # share of those that are well-formed brackets
    far: int  # factor of protective distances
    bare: float  # share of decisions without a stop, and without a target
    trailing: float  # share of decisions with a trailing stop
    tight: bool  # sizes near the maximum


def _decisions(rng: Random, i: Inst, *, tight: bool, wild: bool) -> list[Decision]:
    """Return a decision per bar: mostly none, often the last target again, now and then nonsense."""
    style = Style(
        eager=rng.choice((0.5, 0.8)) if wild else rng.choice((0.15, 0.25, 0.5, 0.8)),
        bracket=rng.choice((0.5, 0.9)) if wild else rng.choice((0.0, 0.5, 0.9)),
        far=rng.choice((1, 1, 1, 3)),
        bare=rng.choice((0.4, 0.9)) if tight else rng.choice((0.1, 0.35)),
        trailing=rng.choice((0.0, 0.25, 0.25, 0.8)),
        tight=tight,
    )
    last, out = 0.0, []
    for row in i.bars:
        if rng.random() > style.eager:
            out.append(STAY)
        elif rng.random() < style.bracket:
            out.append(_bracket(rng, i, row, style))
        elif rng.random() < 0.35:
            out.append(_decision(rng, i, row, _units(rng, i, style, zero=0.02), style)._replace(kind=float(Kind.ADD)))
        else:
            last = last if rng.random() < 0.35 else _units(rng, i, style, zero=0.2)
            out.append(_decision(rng, i, row, last, style))
    return out


def _units(rng: Random, i: Inst, style: Style, *, zero: float) -> float:
    step, most = 10.0**-i.units_precision, i.max_steps
    if rng.random() < 0.06:
        return rng.choice((nan, inf, -inf, 0.4 * step, 1e-12, (most + 1) * step, -1e9, -2 * step, -0.0, 5 * step - 1e-12))
    sizes = (10, most // 2, most - 1, most, most) if style.tight else (2, 5, 10, 17, most // 2, most)
    if most > 10**9:  # near the end of what 64 bits hold
        sizes = (most, most // 10, most // 20, most // 70, most // 1000, 12_345_678_901, 29)
    return 0.0 if rng.random() < zero else rng.choice((1, -1)) * rng.choice(sizes) * step


def _decision(rng: Random, i: Inst, row: Row8, units: float, style: Style) -> Decision:
    entry_type = rng.choice((OrderType.MARKET, OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.TOUCH))
    scale, side = 10.0**i.precision, 1 if units > 0 else -1
    base, level = row[7] if side > 0 else row[3], nan
    if entry_type != OrderType.MARKET or rng.random() < 0.02:
        usual = {OrderType.LIMIT: -side, OrderType.STOP: side}.get(entry_type, rng.choice((-1, 1)))
        base += usual * rng.choice((-2, 0, 1, 1, 2, 2, 3, 5, 9))
        level = base / scale
    stop, stop_pips = _protection(rng, i, base, -side, style)
    target, target_pips = _protection(rng, i, base, side, style)
    trail = rng.choice((1, 2, 3, 5, 8, 12)) / i.points_per_pip if rng.random() < style.trailing else nan
    fields = [level, stop, target, stop_pips, target_pips, trail, float(rng.choice((0, 0, 1, 1, 2, 5)))]
    if rng.random() < 0.05:
        fields[rng.randrange(7)] = rng.choice((inf, -inf, -1.0, nan, 0.0, 0.04, *_extremes(rng, i)))
    return Decision(float(Kind.GO), units, float(entry_type), *fields)


def _extremes(rng: Random, i: Inst) -> tuple[float, float]:
    """Return a finite number that is too large for anything, and one at the edge of some limit."""
    points = rng.choice((0.4, 0.5, 0.6, 2.0**31 - 1.5, 2.0**31 - 1, 2.0**31))
    edges = (points / 10.0**i.precision, points / i.points_per_pip, 1e9, 1e9 + 1, 2.0**63 / i.duration, 7.6e18 / i.duration)
    return rng.choice((1e10, 1e18, 1e19, 1e300)), rng.choice(edges)


def _bracket(rng: Random, i: Inst, row: Row8, style: Style) -> Decision:
    """Return a small well-formed entry with a near stop and a near target: bars that reach both are common."""
    entry_type = rng.choice((OrderType.MARKET, OrderType.LIMIT, OrderType.STOP))
    side = rng.choice((-1, 1))
    away = {OrderType.LIMIT: -side, OrderType.STOP: side}.get(entry_type, 0) * rng.choice((1, 2, 3))
    level = ((row[7] if side > 0 else row[3]) + away) / 10.0**i.precision if away else nan
    stop, target, trail = (rng.choice((4, 5, 6, 8, 12)) / i.points_per_pip for _ in range(3))
    trail = trail if rng.random() < style.trailing else nan
    units = side * rng.choice((3, 4, 7)) * 10.0**-i.units_precision
    return Decision(float(Kind.ADD), units, float(entry_type), level, nan, nan, stop, target, trail, float(rng.choice((0, 2))))


def _protection(rng: Random, i: Inst, base: int, direction: int, style: Style) -> tuple[float, float]:
    """Return a price and pips: mostly one or none stated, sometimes on the wrong side, touching, removed, or both stated."""
    chance = rng.random()
    points = rng.choice((1, 2, 3, 4, 6, 10, 15)) * style.far
    away = points if rng.random() < 0.93 else rng.choice((0, -1, -3))
    price = (base + direction * away + rng.choice((0, 0, 0, 0.5))) / 10.0**i.precision
    if chance < style.bare:
        return nan, nan
    if chance < (1 + style.bare) / 2:
        return price, nan
    if chance < 0.97:
        return nan, (points + rng.choice((0, 0, 0.5))) / i.points_per_pip
    return (nan, 0.0) if chance < 0.99 else (price, 1.0)
