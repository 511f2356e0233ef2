"""What the grid is given, and where it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lts.sim.layout import Whole

# A lane's sums. PROFIT: balance changes; TAKEN: trades; the others as the names of `layout.TOTALS` and `layout.COUNTS` say.
PROFIT, WON, WINS, TAKEN, SPREAD, SLIPPAGE, FEES, SWAP, CONVERSION, HELD, SPANNED, CLOSURE = range(12)
SUMS = 12
FAR = 1 << 62  # a key that no exit has


class Board(NamedTuple):
    """The market. Pointers; behind a pointer to a high or low the search may read fifteen elements past the last row."""

    bid_open: Any  # int32 (n,), points
    bid_high: Any
    bid_low: Any
    bid_close: Any
    ask_open: Any
    ask_high: Any
    ask_low: Any
    ask_close: Any
    rows: Whole  # n
    night: Any  # int64 (nights,), the rows that book a night, ascending
    swap: Any  # int64 (2 * (nights + 1),), micro that a trade has been paid after so many nights: longs, then shorts
    nights: Whole
    flags: Any  # uint8 (n,)
    mid: Any  # float64, micro per step and point at a row's events; gain and loss for what is received and paid
    gain: Any
    loss: Any
    mark: Any  # float64, the same at a row's close
    vary: Whole  # 1, or 0 where one rate holds for all rows


class Terms(NamedTuple):
    """What a trade costs and needs."""

    steps: Whole
    slip: Whole  # points
    share: float  # slippage as a share of the spread
    per_step: float
    fraction: float
    minimum: float
    best: Whole  # 1 for intrabar="best"
    need: float  # micro: above it neither the margin test nor the close-out can bite
    dearest: float  # largest factor of any row, micro per step and point


class Levels(NamedTuple):
    """Distances in points, ascending; none is the last, if it is among them."""

    stops: Any  # int32 (ns,)
    targets: Any  # int32 (nt,)
    ns: Whole
    nt: Whole
    some_stops: Whole  # without none
    some_targets: Whole


class Window(NamedTuple):
    """The trade of one window: row a of the fill, row e of the next, what it was entered at.

    Its prices are signed: times `side`, so that more is better for longs (at the bid) and shorts (at the ask).
    """

    a: Whole
    e: Whole
    side: Whole
    opens: Any  # of the side at which the trade leaves; points, not signed
    favour: Any  # the extreme in favour of the trade
    against: Any
    marks: Any  # closes
    entry: Whole  # signed points
    spread: Whole
    slip: Whole
    fee: Whole
    night: Whole  # how many nights were booked up to and including row a
    nights: Whole  # how many are booked after it, up to and including row e
    plain: Whole  # 1: no night is booked and one rate holds for all rows, so equity follows the closes


class Exits(NamedTuple):
    """Where the exits of one window are written: stops from 0, the window's own end at `ns`, targets from 0 apart."""

    key: Any  # int64
    row: Any  # int64, of the exit
    net: Any  # float64, balance after the exit less balance before the entry
    low: Any  # float64, lowest equity at a close of the window, relative to the balance before the entry
    high: Any  # float64
    sums: Any  # int64 (count, SUMS)


class Lanes(NamedTuple):
    """The state of all lanes, lane = stop * nt + target."""

    balance: Any  # float64 (lanes,)
    peak: Any
    trough: Any
    fall: Any
    share: Any
    unsure: Any  # uint8, 1: the margin may have mattered
    ambiguous: Any  # int64
    by_stop: Any  # int64 (ns, nt + 1, SUMS): what lanes of a stop gain from this target on
    by_target: Any  # int64 (nt, ns, SUMS): what lanes of a target gain from this stop on
    cuts: Any  # int64 (ns,), scratch: how many targets come before the stop
    days: Any  # int64 (d,), rows
    equity: Any  # float64 (lanes, d), micro
    day_count: Whole
