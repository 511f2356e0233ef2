"""The words of the house: each domain type once, as a named tuple with documented fields.

Conventions everywhere: time is int64 nanoseconds UTC and marks a bar's open; units are signed base currency; prices are quote
currency per base currency; money is the account's currency; nan means "none" or "not stated". Inside the market prices are whole
points of the instrument's tick and money is whole millionths of the account's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import isfinite
from typing import Any, NamedTuple

from lts.errors import ParameterError

MICRO = 1_000_000  # money inside the market is counted in whole millionths


class Reason(IntEnum):
    """Why a fill happened, or why an order ended without one. 0 is "nothing happened yet"."""

    NONE = 0
    # fills
    MARKET = 1  # a market order of the strategy
    LIMIT = 2  # a resting limit order
    STOP = 3  # a resting stop order
    TOUCH = 4  # a resting market-if-touched order
    STOP_LOSS = 5
    TAKE_PROFIT = 6
    TRAILING_STOP = 7
    MARGIN_CLOSEOUT = 8
    END = 9  # the data ended
    # ends without a fill
    REPLACED = 20  # a newer decision cancelled the resting order
    EXPIRED = 21
    NOTHING_LEFT = 22  # a close that found nothing to close
    # refusals
    UNITS_INVALID = 40  # nan or infinite
    UNITS_BELOW_MINIMUM = 41
    UNITS_ABOVE_MAXIMUM = 42
    PRICE_INVALID = 43
    PROTECTION_INVALID = 44  # negative, infinite, or stated both as price and as pips
    EXPIRY_INVALID = 45
    STOP_LOSS_WRONG_SIDE = 46
    TAKE_PROFIT_WRONG_SIDE = 47
    STOP_LOSS_ON_FILL_LOSS = 48  # already reached at the fill: the spread is wider than the stop
    TAKE_PROFIT_ON_FILL_LOSS = 49
    INSUFFICIENT_MARGIN = 50


class OrderType(IntEnum):
    """How an order enters: at once, or resting at a level."""

    MARKET = 0
    LIMIT = 1
    STOP = 2
    TOUCH = 3  # market-if-touched
    CLOSE = 4  # the reduce-only part of a decision
    AMEND = 5  # new protection for open trades (only refusals become rows)


class Status(IntEnum):
    """How an order ended."""

    FILLED = 1
    CANCELLED = 2
    REFUSED = 3
    PENDING = 4  # still resting when the data ended


class Intrabar(IntEnum):
    """Which path inside a bar is assumed when the path decides."""

    WORST = 0
    BEST = 1
    OHLC = 2
    DETAIL = 3  # finer bars decide


class Kind(IntEnum):
    """What a decision asks for."""

    STAY = 0
    GO = 1
    ADD = 2


class Decision(NamedTuple):
    """Where to be, and what protects it. Made by `go`, `add` and `stay`, never by hand.

    All fields are floats, so that every path of a compiled `decide` returns one type. nan is "not stated".
    """

    kind: float  # Kind
    units: float  # GO: target position; ADD: change; signed base currency
    entry_type: float  # OrderType of the opening part
    entry: float  # level of a resting entry, price
    stop_loss: float  # price
    take_profit: float  # price
    stop_pips: float  # distance from the fill price; 0 removes or sets none
    target_pips: float
    trailing_pips: float
    expiry_bars: float  # life of a resting entry in bars; 0 = until cancelled


class Position(NamedTuple):
    """The net position of one instrument at a bar's close."""

    units: float  # signed, base currency; long minus short
    price: float  # unit-weighted entry price of the net side, nan when flat
    stop_loss: float  # the trades' common stop loss, nan when none or when trades differ
    take_profit: float
    profit: float  # unrealised, at the closing side, account currency
    trades: int  # open trades
    entry_time: int  # of the oldest open trade, 0 when flat
    reason: int  # Reason of the latest exit in this instrument, 0 when there was none


class Funds(NamedTuple):
    """The account at a bar's close, in its own currency."""

    balance: float
    equity: float  # balance + unrealised profit at the closing side
    margin_used: float
    margin_free: float  # net asset value at mid minus margin_used


class View(NamedTuple):
    """All that `decide` may see; `now` and `prev` are the last and the previous closed bar, with the features by name."""

    now: Any
    prev: Any
    position: Position
    account: Funds
    memory: Any


@dataclass(frozen=True)
class Account:
    """An account to trade on.

    Parameters
    ----------
    balance : float
        Opening balance in `currency`, above 0 and at most 1e12.
    currency : str
        ISO code, three letters.
    leverage : float or None
        None: each instrument's own margin rate. A number L replaces it by 1/L for all instruments.
    closeout : float
        The broker closes everything when net asset value <= closeout x margin used. In [0, 1].
    hedging : bool
        False: opposite units reduce trades, oldest first. True: every opening fill is a ticket of its own.

    Raises
    ------
    ParameterError
        A value outside its range.
    """

    balance: float = 10_000.0
    currency: str = "USD"
    leverage: float | None = None
    closeout: float = 0.5
    hedging: bool = False

    def __post_init__(self) -> None:
        _require(_number(self.balance) and 0 < self.balance <= 1e12, "balance", self.balance, "a number above 0 and at most 1e12")
        code: object = self.currency
        _require(
            isinstance(code, str) and len(code) == 3 and code.isalpha() and code.isupper(),
            "currency",
            code,
            "three capital letters",
        )
        if self.leverage is not None:
            _require(_number(self.leverage) and self.leverage >= 1, "leverage", self.leverage, "None or a number of at least 1")
        _require(isinstance(self.hedging, bool), "hedging", self.hedging, "True or False")
        _require(_number(self.closeout) and 0 <= self.closeout <= 1, "closeout", self.closeout, "a fraction from 0 to 1")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _require(ok: bool, name: str, found: object, required: str) -> None:
    if not ok:
        raise ParameterError(f"Account {name}: was {found!r}; it must be {required}.")
