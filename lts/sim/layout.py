"""Where everything lies in the market's memory: one flat int64 state, one flat float64 table of rules, three logs.

State = account header, then one block an instrument, then resting orders, then open trades (both kept oldest first, without gaps).
A decision recorded: one flat array costs about 10 ns a bar in a full book; a structured record passed between functions cost 16
to 18.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

Whole: TypeAlias = Any  # a whole number inside the market: int64 when compiled, numpy's int64 when interpreted
Real: TypeAlias = Any  # a float64, likewise

# --- state: account header ------------------------------------------------------------------------------------------------------
BALANCE, SEQUENCE, TRADE_IDS, N_OPEN, N_REST, N_FILLS, N_TRADES, N_ORDERS, DRAWN = range(9)
AMBIGUOUS, CLOSEOUTS, COUNT, TRADES_AT, REST_AT, CAP_OPEN, CAP_REST, CAP_FILLS, CAP_TRADES, CAP_ORDERS = range(9, 19)
HEDGING, POLICY, STALE_WORST, SEED = range(19, 23)
PRICE_PROFIT, SPREAD_COST, SLIPPAGE_COST, COMMISSION, SWAP_TOTAL, CONVERSION_COST = range(23, 29)
SPANNED, BELOW_ZERO, AFTER_CLOSURE = range(29, 32)  # bars with a same-bar trade over 17:00; closes below zero; fills on first bars
MARK_NEW = 32  # trades opened now are ambiguous (a path is being walked through an ambiguous bar)
# Drawdown so far: the peak of equity, the lowest since, the latest equity (not yet looked at); the deepest fall in money; the
# deepest one as a share of its peak, as fall and peak.
PEAK, TROUGH, WORTH, FALL, SHARE_FALL, SHARE_PEAK = range(33, 39)
HELD_CLOSES = 39  # closes at which a trade was open, the last one not yet
HEADER = 40
TOTALS = {
    "price_profit": PRICE_PROFIT, "spread_cost": SPREAD_COST, "slippage_cost": SLIPPAGE_COST, "commission": COMMISSION,
    "swap": SWAP_TOTAL, "conversion_cost": CONVERSION_COST,
}  # fmt: skip
COUNTS = {
    "ambiguous_bars": AMBIGUOUS, "margin_closeouts": CLOSEOUTS, "bars_below_zero": BELOW_ZERO, "same_bar_nights": SPANNED,
    "fills_after_closure": AFTER_CLOSURE,
}  # fmt: skip

# --- state: one block an instrument ----------------------------------------------------------------------------------------------
FIRST, ROWS, ROW, LAST = range(4)  # where its bars start in the table, how many, this stamp's bar (-1 none), latest bar seen
LONG, SHORT, ELONG, ESHORT = range(4, 8)  # open steps and sums of steps x entry
WAIT_LONG, WAIT_SHORT, WAIT_CLOSE_ROW = range(8, 11)  # closing part waiting for the next open
WAIT_OPEN, WAIT_OPEN_ROW, WAIT_STOP, WAIT_TARGET, WAIT_STOP_D, WAIT_TARGET_D, WAIT_TRAIL_D = range(11, 18)
LAST_REASON, MIN_STEPS, MAX_STEPS, PER_PIP, DURATION, SLIP_FIXED, SLIP_MOST, NIGHT = range(18, 26)
SINCE = 26  # the first bar whose extremes the open trades have not been given yet: quiet bars are caught up at the next event
EXACT = 27  # no price tells whether the close-out is near (rates vary, both sides are held, quotes cross): reckoned at each bar
CROSSED = 28  # some bar's low or high ask lies below the bid's
GATE_BID_LOW, GATE_BID_HIGH, GATE_ASK_LOW, GATE_ASK_HIGH, BUSY = range(31, 36)
COMMON_STOP, COMMON_TARGET, OLDEST_ROW, HELD, SPAN_ROW, DETAIL_AT, DETAIL_ROWS, SETTLED = range(36, 44)
INSTRUMENT = 48

# --- state: a resting order ------------------------------------------------------------------------------------------------------
R_INST, R_SEQ, R_SIDE, R_STEPS, R_TYPE, R_LIKE, R_LEVEL, R_EXPIRY, R_ROW = range(9)
R_STOP, R_TARGET, R_STOP_D, R_TARGET_D, R_TRAIL_D = range(9, 14)
REST = 16
LIKE_LIMIT, LIKE_STOP = 1, 2

# --- state: an open trade --------------------------------------------------------------------------------------------------------
T_INST, T_ID, T_SEQ, T_SIDE, T_STEPS, T_ENTRY, T_SPREAD, T_SLIP, T_COMMISSION, T_SWAP = range(10)
T_STOP, T_TARGET, T_TRAIL_D, T_TRAIL, T_MAE, T_MFE, T_ROW, T_INSIDE, T_AMBIGUOUS, T_PLACE = range(10, 20)
TRADE = 20

# --- rules (float64) --------------------------------------------------------------------------------------------------------------
P_CLOSEOUT = 0
P_HEADER = 2
P_F, P_PER_STEP, P_FRACTION, P_MINIMUM, P_MARGIN, P_SHARE, P_SCALE, P_UNIT = range(8)
P_INSTRUMENT = 8

# --- rates: rows of the (4, n) table
# ------------------------------------------------------------------------------------------------
X_MID, X_GAIN, X_LOSS, X_MARK = range(4)

# --- flags of a bar (uint8) -------------------------------------------------------------------------------------------------------
FLAG_NIGHT, FLAG_CLOSURE, FLAG_SPAN = 1, 2, 4

# --- logs: columns ----------------------------------------------------------------------------------------------------------------
FILL_COLUMNS = ("row", "instrument", "trade", "steps", "price", "reason", "commission", "balance", "spread", "slippage", "place")
TRADE_COLUMNS = (
    "trade", "instrument", "steps", "entry_row", "exit_row", "entry_price", "exit_price", "price_profit", "spread_cost",
    "slippage_cost",
    "commission", "swap", "conversion_cost", "profit", "reason", "mae", "mfe", "ambiguous",
)  # fmt: skip
ORDER_COLUMNS = (
    "instrument", "type", "steps", "status", "reason", "decided_row", "done_row", "level", "stop_loss", "take_profit",
    "stop_distance", "target_distance", "trailing_distance", "expiry",
)  # fmt: skip
FILL, CLOSED, ORDER = len(FILL_COLUMNS), len(TRADE_COLUMNS), len(ORDER_COLUMNS)
AT_OPEN, INSIDE, AT_CLOSE = 0, 1, 2  # place of a fill in its bar

STAMP, FINISH, TIGHT, SEE, EQUITY, STEP = range(6)  # what the compiled market can be asked to do; STEP: STAMP and SEE

NEVER = 1 << 60  # a level that no price reaches


class Market(NamedTuple):
    """Pointers to the market's memory (interpreted: the flat arrays themselves)."""

    s: Any  # int64 state
    p: Any  # float64 rules
    b: Any  # int32 bars, 8 columns of `n` rows, points
    n: int
    t: Any  # int64 time, (n,)
    f: Any  # uint8 flags, (n,)
    x: Any  # float64 rates, 4 columns of `xn` rows
    xn: int
    xs: int  # 1, or 0 when all rates are constant and the table has one row
    w: Any  # float64 nights: (long, short) micro per step, in the order of the flagged bars
    d: Any  # int32 finer bars, 8 columns of `dn` rows
    dt: Any  # int64 time of the finer bars
    dn: int
    z: Any  # int64 scratch, as long as the state
    fills: Any
    trades: Any
    orders: Any
    stated: Any  # float64, the ten fields of a decision on its way to `plan`
    seen: Any  # float64, what `replay` sees of the position and the account
    since: Any  # int64, the whole numbers of the same


class PointBar(NamedTuple):
    """One bar in points."""

    bid_open: Whole
    bid_high: Whole
    bid_low: Whole
    bid_close: Whole
    ask_open: Whole
    ask_high: Whole
    ask_low: Whole
    ask_close: Whole


class Reach(NamedTuple):
    """The prices that a bar, an open or a leg of a path reaches, points."""

    low_bid: Whole
    high_bid: Whole
    low_ask: Whole
    high_ask: Whole


class Guard(NamedTuple):
    """Protection in points, 0 where there is none; the order of R_STOP to R_TRAIL_D and of WAIT_STOP to WAIT_TRAIL_D."""

    stop: Whole
    target: Whole
    stop_distance: Whole
    target_distance: Whole
    trail_distance: Whole


class Deal(NamedTuple):
    """The circumstances of a fill."""

    row: Whole
    spread: Whole
    slip: Whole
    place: Whole
