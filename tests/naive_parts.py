"""The records of `naive.py` and its smallest helpers: plain data, points, steps and micros."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite, isnan, trunc
from typing import NamedTuple

from lts.words import Decision, Kind, OrderType, Reason

MASK = 2**64 - 1
ENTRY_REASON = {
    OrderType.MARKET: Reason.MARKET,
    OrderType.LIMIT: Reason.LIMIT,
    OrderType.STOP: Reason.STOP,
    OrderType.TOUCH: Reason.TOUCH,
}
Row8 = tuple[int, int, int, int, int, int, int, int]
OrderRow = tuple[int, ...]  # instrument, type, steps, status, reason, bar of the decision, bar of the end; then `Order.stated`
MOST_POINTS, MOST_STEPS, MOST_BARS, END_OF_TIME, MOST_SIZE, MOST_MICRO = 2**31 - 1, 10**18, 10**9, 2.0**63, 1e17, 1e18


@dataclass
class Inst:
    """One instrument: its steps and points, its bars, rates and costs, all ready for use."""

    precision: int
    units_precision: int
    points_per_pip: int
    min_steps: int
    max_steps: int
    margin_rate: float
    duration: int
    time: list[int]
    bars: list[Row8]
    rate_mid: list[float]
    rate_gain: list[float]
    rate_loss: list[float]
    rate_mark: list[float]
    nights: dict[int, tuple[float, float]]
    closure: list[bool]
    span: list[bool]  # 17:00 New York lies inside the bar
    detail: list[tuple[int, Row8]]
    per_step: float
    fraction: float
    minimum: float
    slip_fixed: int
    slip_share: float
    slip_most: int


@dataclass
class Market:
    """The account and the policies of a run."""

    balance: int
    closeout: float
    hedging: bool
    intrabar: int
    stale_worst: bool
    seed: int
    close_at_end: bool


class Quote(NamedTuple):
    """A bid and an ask of the same moment (or two extremes of the same kind)."""

    bid: int
    ask: int

    @property
    def spread(self) -> int:
        """Return ask minus bid."""
        return self.ask - self.bid

    @property
    def m2(self) -> int:
        """Return the doubled mid."""
        return self.bid + self.ask

    def price(self, direction: int) -> int:
        """Return what a buyer (direction > 0) pays or a seller gets, L1."""
        return self.ask if direction > 0 else self.bid


class Bar(NamedTuple):
    """A bar as four quotes."""

    open: Quote
    high: Quote
    low: Quote
    close: Quote


class Wish(NamedTuple):
    """The protection a decision states, in points; None is "not stated"."""

    stop: int | None
    target: int | None
    stop_distance: int | None
    target_distance: int | None
    trail: int | None


class Fill(NamedTuple):
    """A price found for a fill: base before slippage, price after it."""

    base: int
    price: int
    spread: int
    slip: int
    place: int  # 0 at the open, 1 inside, 2 at the close

    @property
    def at_open(self) -> bool:
        """Tell whether the price was found at the open."""
        return self.place == 0


@dataclass(eq=False)
class Order:
    """An opening part that waits or rests."""

    inst: int
    kind: OrderType
    steps: int
    wish: Wish
    decided: int
    age: int
    level: int = 0
    limit_like: bool = False
    expiry: int = 0

    @property
    def falling(self) -> bool:
        """Tell whether a falling price reaches the level: buy limits and sell stops."""
        return (self.steps > 0) == self.limit_like

    def reached(self, quote: Quote) -> bool:
        """Tell whether the quote reaches the level, L1."""
        price = quote.price(self.steps)
        return price <= self.level if self.falling else price >= self.level

    def stated(self) -> tuple[int, ...]:
        """Return what the row of the order says of levels: level, stop, target, three distances, expiry."""
        return (self.level, *(x or 0 for x in self.wish), self.expiry)


@dataclass(eq=False)
class Trade:
    """An open trade; levels of 0 are none; `path` and `fresh` are forgotten when the bar ends."""

    id: int
    inst: int
    side: int
    steps: int
    entry_row: int
    price: int
    spread: int
    slip: int
    stop: int
    target: int
    trail: int
    trail_distance: int
    age: int
    origin: int  # age of the order that opened it: the same trade has the same origin however a bar is done
    path: str  # "" there at the open of this (finer) bar; "limit" or "stop": opened inside it
    fresh: bool  # opened by a resting order inside this bar
    commission: int = 0
    swap: int = 0
    mae: int = 0
    mfe: int = 0

    def governing(self) -> tuple[int, Reason]:
        """Return the tighter stop and its reason; at a tie the stop loss."""
        if self.trail and (not self.stop or self.side * (self.trail - self.stop) > 0):
            return self.trail, Reason.TRAILING_STOP
        return self.stop, Reason.STOP_LOSS

    def stop_reached(self, quote: Quote) -> bool:
        """Tell whether the quote's closing side reaches the tighter stop, L1."""
        level, _ = self.governing()
        return level > 0 and self.side * (quote.price(-self.side) - level) <= 0

    def target_reached(self, quote: Quote) -> bool:
        """Tell whether the quote's closing side reaches the target, L1."""
        return self.target > 0 and self.side * (quote.price(-self.side) - self.target) >= 0


@dataclass
class Closing:
    """The reduce-only part of a decision."""

    long: int
    short: int
    decided: int


@dataclass
class Book:
    """All that changes during a run."""

    balance: int
    resting: list[list[Order]]
    waiting_close: list[Closing | None]
    waiting_open: list[Order | None]
    trades: list[Trade] = field(default_factory=list)  # open, by age
    age: int = 0
    opened: int = 0
    draws: int = 0
    flagged: set[int] = field(default_factory=set)  # origins of ambiguous trades
    after_closure: int = 0  # fills in the first bar after a closure
    spanned: set[tuple[int, int]] = field(default_factory=set)  # (instrument, bar) over 17:00 in which a trade came and went
    fills: list[tuple[int, ...]] = field(default_factory=list)
    rows: list[tuple[int | Reason, ...]] = field(default_factory=list)
    orders: list[OrderRow] = field(default_factory=list)


@dataclass
class Outcome:
    """What a run leaves behind; `open` are the trades still open."""

    fills: list[tuple[int, ...]]
    trades: list[tuple[int | Reason, ...]]
    orders: list[OrderRow]
    equity: list[tuple[int, int]]
    balance: int
    counters: tuple[int, ...]  # ambiguous bars, close-outs, closes below zero, fills after a closure, bars spanned
    open: list[Trade]


def as_bar(row: Row8) -> Bar:
    """Sort eight points into four quotes."""
    return Bar(Quote(row[0], row[4]), Quote(row[1], row[5]), Quote(row[2], row[6]), Quote(row[3], row[7]))


def money(x: int, f: float) -> int:
    """Q2."""
    return round(float(x) * f)


def sign(x: int) -> int:
    """Return -1, 0 or 1."""
    return (x > 0) - (x < 0)


def splitmix64(z: int) -> int:
    """L3."""
    z &= MASK
    z ^= z >> 30
    z = z * 0xBF58476D1CE4E5B9 & MASK
    z ^= z >> 27
    z = z * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def level_of(given: int | None, distance: int | None, price: int, direction: int) -> int:
    """Return a level as given or at a distance from the price; 0 for none, O2."""
    if given is not None:
        return max(given, 0)
    return max(price + direction * distance, 0) if distance else 0


def wish_of(d: Decision, inst: Inst) -> Wish:
    """Turn the stated prices and pips of a decision into points, P4."""

    def points(price: float) -> int | None:
        return None if isnan(price) else round(price * 10.0**inst.precision)

    def distance(pips: float) -> int | None:
        return None if isnan(pips) else round(pips * inst.points_per_pip)

    distances = [distance(pips) for pips in (d.stop_pips, d.target_pips, d.trailing_pips)]
    return Wish(points(d.stop_loss), points(d.take_profit), *distances)


def steps_of(units: float, inst: Inst) -> int:
    """P1: whole steps of finite units; beyond 1e18 it is no longer asked how many."""
    x = units * 10.0**inst.units_precision
    if abs(x) >= MOST_STEPS:
        return MOST_STEPS * (1 if x > 0 else -1)
    return round(x) if abs(x - round(x)) <= 1e-9 + abs(x) * 2.0**-52 else trunc(x)


def fault_of(d: Decision, steps: int, inst: Inst, now: int) -> Reason:
    """P1 after the check of nan and infinite units."""
    if (d.kind == Kind.ADD and steps == 0) or 0 < abs(steps) < inst.min_steps or (d.units != 0 and steps == 0):
        return Reason.UNITS_BELOW_MINIMUM
    if abs(steps) > inst.max_steps:
        return Reason.UNITS_ABOVE_MAXIMUM

    def price_wrong(price: float) -> bool:
        points = price * 10.0**inst.precision
        return not isfinite(points) or not 1 <= round(points) <= MOST_POINTS

    def pips_wrong(pips: float) -> bool:
        points = pips * inst.points_per_pip
        return not isfinite(points) or points < 0 or round(points) > MOST_POINTS

    if d.entry_type != OrderType.MARKET and price_wrong(d.entry):
        return Reason.PRICE_INVALID
    bad_pips = any(not isnan(pips) and pips_wrong(pips) for pips in (d.stop_pips, d.target_pips, d.trailing_pips))
    bad_price = any(not isnan(price) and price_wrong(price) for price in (d.stop_loss, d.take_profit))
    twice = any(not (isnan(a) or isnan(b)) for a, b in ((d.stop_loss, d.stop_pips), (d.take_profit, d.target_pips)))
    if bad_pips or bad_price or twice:
        return Reason.PROTECTION_INVALID
    late = d.expiry_bars != 0 and float(now) + (1 + d.expiry_bars) * inst.duration >= END_OF_TIME
    if not 0 <= d.expiry_bars <= MOST_BARS or late:
        return Reason.EXPIRY_INVALID
    return Reason.NONE
