"""Money: factors, postings, slippage, commission, net asset value and margin (rules Q1-Q4, L3, O5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lts.sim.jit import njit

# isort: off
from lts.sim.layout import (
    BALANCE, COUNT, DRAWN, ELONG, ESHORT, FIRST, HEADER, INSTRUMENT, LAST, LONG, N_OPEN, P_CLOSEOUT, P_F, P_FRACTION, P_HEADER,
    P_INSTRUMENT, P_MARGIN, P_MINIMUM, P_PER_STEP, P_SHARE, ROW, SEED, SHORT, SLIP_FIXED, SLIP_MOST, X_MARK, X_MID, PointBar,
)  # fmt: skip

if TYPE_CHECKING:
    from lts.sim.layout import Market, Real, Whole

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
S30, S27, S31 = np.uint64(30), np.uint64(27), np.uint64(31)


@njit
def micro(x: Whole, factor: Real) -> Whole:
    """Round an amount to whole micros, half to even (Q2)."""
    return np.int64(np.rint(np.float64(x) * factor))


@njit
def bar_at(b: Whole, n: Whole, g: Whole) -> PointBar:
    """Load row `g` of a table of bars with `n` rows."""
    return PointBar(
        np.int64(b[g]), np.int64(b[n + g]), np.int64(b[2 * n + g]), np.int64(b[3 * n + g]),
        np.int64(b[4 * n + g]), np.int64(b[5 * n + g]), np.int64(b[6 * n + g]), np.int64(b[7 * n + g]),
    )  # fmt: skip


@njit
def block(k: Whole) -> Whole:
    """Return where the state of instrument `k` begins."""
    return HEADER + k * INSTRUMENT


@njit
def factor_of(m: Market, k: Whole, column: Whole, g: Whole) -> Real:
    """Return F times the conversion rate in `column` at row `g`: micro per step and point (Q1)."""
    return m.p[P_HEADER + k * P_INSTRUMENT + P_F] * m.x[column * m.xn + g * m.xs]


@njit
def slippage(m: Market, k: Whole, spread: Whole) -> Whole:
    """Return the points a taker loses: fixed, a share of the spread, drawn (L3)."""
    s, at = m.s, block(k)
    points = s[at + SLIP_FIXED]
    share = m.p[P_HEADER + k * P_INSTRUMENT + P_SHARE]
    if share > 0.0 and spread > 0:
        points += np.int64(np.ceil(share * np.float64(spread) - 1e-9))
    most = s[at + SLIP_MOST]
    if most > 0:
        z = np.uint64(s[SEED]) + np.uint64(s[DRAWN]) * GOLDEN
        z = (z ^ (z >> S30)) * MIX_1
        z = (z ^ (z >> S27)) * MIX_2
        z ^= z >> S31
        s[DRAWN] += 1
        points += np.int64(z % np.uint64(most + 1))
    return points


@njit
def commission(m: Market, k: Whole, steps: Whole, price: Whole, factor: Real) -> Whole:
    """Return the commission of one fill of `steps` > 0 at `price` points (O5)."""
    at = P_HEADER + k * P_INSTRUMENT
    per_step, fraction, minimum = m.p[at + P_PER_STEP], m.p[at + P_FRACTION], m.p[at + P_MINIMUM]
    if per_step == 0.0 and fraction == 0.0 and minimum == 0.0:
        return np.int64(0)
    amount = np.float64(steps) * per_step + np.float64(steps * price) * (factor * fraction)
    return np.int64(np.rint(max(amount, minimum)))


@njit
def unrealised(m: Market, k: Whole, bid: Whole, ask: Whole, factor: Real) -> Whole:
    """Return the profit of an instrument's open trades at the closing sides (Q3)."""
    s, at = m.s, block(k)
    points = (bid * s[at + LONG] - s[at + ELONG]) + (s[at + ESHORT] - ask * s[at + SHORT])
    return micro(points, factor)


@njit
def at_mids(m: Market, k: Whole, low2: Whole, high2: Whole, factor: Real) -> tuple[Whole, Whole]:
    """Return (unrealised, margin) with longs at the doubled mid `low2` and shorts at `high2` (Q4)."""
    s, at = m.s, block(k)
    held_long, held_short = s[at + LONG], s[at + SHORT]
    half = 0.5 * factor
    points = (low2 * held_long - 2 * s[at + ELONG]) + (2 * s[at + ESHORT] - high2 * held_short)
    margin_rate = half * m.p[P_HEADER + k * P_INSTRUMENT + P_MARGIN]
    margin = micro(held_long * low2, margin_rate) if held_long >= held_short else np.int64(0)
    if held_short >= held_long:
        margin = max(margin, micro(held_short * high2, margin_rate))
    return micro(points, half), margin


@njit
def worth(m: Market, adverse: Whole) -> tuple[Whole, Whole]:
    """Return (net asset value, margin used): at open mids, or with every trade at its adverse extreme (Q4)."""
    s = m.s
    value, margin = s[BALANCE], np.int64(0)
    for k in range(s[COUNT]):
        at = block(k)
        if s[at + LONG] == 0 and s[at + SHORT] == 0:
            continue
        here = s[at + ROW] >= 0
        g = s[at + FIRST] + (s[at + ROW] if here else s[at + LAST])
        bar = bar_at(m.b, m.n, g)
        low2 = high2 = bar.bid_open + bar.ask_open
        if not here:
            low2 = high2 = bar.bid_close + bar.ask_close
        elif adverse:
            low2, high2 = bar.bid_low + bar.ask_low, bar.bid_high + bar.ask_high
        profit, used = at_mids(m, k, low2, high2, factor_of(m, k, X_MID if here else X_MARK, g))
        value += profit
        margin += used
    return value, margin


@njit
def closed_out(m: Market, adverse: Whole) -> bool:
    """Tell whether the broker closes everything now."""
    if m.s[N_OPEN] == 0:
        return False
    value, margin = worth(m, adverse)
    return bool(np.float64(value) <= m.p[P_CLOSEOUT] * np.float64(margin))
