"""Money: factors, postings, slippage, commission, net asset value and margin (rules Q1-Q4, L3, O5)."""

from __future__ import annotations

import numpy as np

from lts.sim.jit import njit
from lts.sim.layout import (
    COUNT, DRAWN, ELONG, ESHORT, FIRST, HEADER, INSTRUMENT, LAST, LONG, N_OPEN, P_CLOSEOUT, P_F, P_FRACTION, P_HEADER,
    P_INSTRUMENT, P_MARGIN, P_MINIMUM, P_PER_STEP, P_SHARE, ROW, SEED, SHORT, SLIP_FIXED, SLIP_MOST, X_MARK, X_MID, BALANCE,
    PointBar,
)  # fmt: skip

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
S30, S27, S31 = np.uint64(30), np.uint64(27), np.uint64(31)


@njit
def micro(x, factor):
    """Round an amount to whole micros, half to even (Q2)."""
    return np.int64(np.rint(np.float64(x) * factor))


@njit
def point_bar(m, g):
    """Load the bar at row `g` of the table."""
    b, n = m.b, m.n
    return PointBar(
        np.int64(b[g]), np.int64(b[n + g]), np.int64(b[2 * n + g]), np.int64(b[3 * n + g]),
        np.int64(b[4 * n + g]), np.int64(b[5 * n + g]), np.int64(b[6 * n + g]), np.int64(b[7 * n + g]),
    )  # fmt: skip


@njit
def block(k):
    """Return where the state of instrument `k` begins."""
    return HEADER + k * INSTRUMENT


@njit
def rate(m, column, g):
    """Return the conversion rate in `column` at row `g`."""
    return m.x[column * m.xn + g * m.xs]


@njit
def event_factor(m, k, g):
    """Return F * rate_mid, micro per step and point, for events of the bar at `g`."""
    return m.p[P_HEADER + k * P_INSTRUMENT + P_F] * rate(m, np.int64(X_MID), g)


@njit
def mark_factor(m, k, g):
    """Return F * rate_mark for the close of the bar at `g`."""
    return m.p[P_HEADER + k * P_INSTRUMENT + P_F] * rate(m, np.int64(X_MARK), g)


@njit
def mixed(z):
    """One step of splitmix64, all in unsigned 64 bits."""
    z = (z ^ (z >> S30)) * MIX_1
    z = (z ^ (z >> S27)) * MIX_2
    return z ^ (z >> S31)


@njit
def slippage(m, k, spread):
    """Return the points a taker loses: fixed, a share of the spread, drawn (L3)."""
    s, at = m.s, block(k)
    points = s[at + SLIP_FIXED]
    share = m.p[P_HEADER + k * P_INSTRUMENT + P_SHARE]
    if share > 0.0 and spread > 0:
        points += np.int64(np.ceil(share * np.float64(spread) - 1e-9))
    most = s[at + SLIP_MOST]
    if most > 0:
        drawn = mixed(np.uint64(s[SEED]) + np.uint64(s[DRAWN]) * GOLDEN)
        s[DRAWN] += 1
        points += np.int64(drawn % np.uint64(most + 1))
    return points


@njit
def commission(m, k, steps, price, factor):
    """Return the commission of one fill of `steps` > 0 at `price` points (O5)."""
    at = P_HEADER + k * P_INSTRUMENT
    per_step, fraction, minimum = m.p[at + P_PER_STEP], m.p[at + P_FRACTION], m.p[at + P_MINIMUM]
    if per_step == 0.0 and fraction == 0.0 and minimum == 0.0:
        return np.int64(0)
    amount = np.float64(steps) * per_step + np.float64(steps * price) * (factor * fraction)
    return np.int64(np.rint(max(amount, minimum)))


@njit
def unrealised(m, k, bid, ask, factor):
    """Return the profit of an instrument's open trades at the closing sides (Q3)."""
    s, at = m.s, block(k)
    points = (bid * s[at + LONG] - s[at + ELONG]) + (s[at + ESHORT] - ask * s[at + SHORT])
    return micro(points, factor)


@njit
def at_mids(m, k, low2, high2, factor):
    """Return (unrealised, margin) with longs at the doubled mid `low2` and shorts at `high2` (Q4)."""
    s, at = m.s, block(k)
    held_long, held_short = s[at + LONG], s[at + SHORT]
    half = 0.5 * factor
    points = (low2 * held_long - 2 * s[at + ELONG]) + (2 * s[at + ESHORT] - high2 * held_short)
    margin_rate = m.p[P_HEADER + k * P_INSTRUMENT + P_MARGIN]
    margin = np.int64(0)
    if held_long >= held_short:
        margin = micro(held_long * low2, half * margin_rate)
    if held_short >= held_long:
        margin = max(margin, micro(held_short * high2, half * margin_rate))
    return micro(points, half), margin


@njit
def worth(m, adverse):
    """Return (net asset value, margin used): at open mids, or with every trade at its adverse extreme (Q4)."""
    s = m.s
    value, margin = s[BALANCE], np.int64(0)
    for k in range(s[COUNT]):
        at = block(k)
        if s[at + LONG] == 0 and s[at + SHORT] == 0:
            continue
        if s[at + ROW] >= 0:
            g = s[at + FIRST] + s[at + ROW]
            bar = point_bar(m, g)
            factor = event_factor(m, k, g)
            low2 = bar.bid_low + bar.ask_low if adverse else bar.bid_open + bar.ask_open
            high2 = bar.bid_high + bar.ask_high if adverse else low2
        else:
            g = s[at + FIRST] + s[at + LAST]
            bar = point_bar(m, g)
            factor = mark_factor(m, k, g)
            low2 = bar.bid_close + bar.ask_close
            high2 = low2
        profit, used = at_mids(m, k, low2, high2, factor)
        value += profit
        margin += used
    return value, margin


@njit
def closed_out(m, adverse):
    """Tell whether the broker closes everything now."""
    if m.s[N_OPEN] == 0:
        return False
    value, margin = worth(m, adverse)
    return np.float64(value) <= m.p[P_CLOSEOUT] * np.float64(margin)
