"""The market's memory as numpy arrays: allocation, growth, and reading the logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.sim import layout as at
from lts.sim.jit import interpreted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

I64 = np.int64


class Instruments(NamedTuple):
    """What the market must know of each of the K instruments; every field is a sequence of K."""

    rows: Sequence[int]  # bars
    duration: Sequence[int]  # ns
    min_steps: Sequence[int]
    max_steps: Sequence[int]
    per_pip: Sequence[int]  # points
    factor: Sequence[float]  # micro per step and point at a rate of 1
    per_step: Sequence[float]  # commission, micro
    fraction: Sequence[float]
    minimum: Sequence[float]
    margin: Sequence[float]
    share: Sequence[float]  # slippage as a share of the spread
    scale: Sequence[float]  # 10**precision
    unit: Sequence[float]  # steps per unit
    slip_fixed: Sequence[int]
    slip_most: Sequence[int]
    detail_rows: Sequence[int]
    crossed: Sequence[bool]  # whether an ask's low or high lies below the bid's anywhere


class Terms(NamedTuple):
    """What holds for the whole account."""

    balance: int  # micro
    closeout: float
    hedging: bool
    policy: int  # words.Intrabar
    stale_worst: bool
    seed: int


class Tape(NamedTuple):
    """The market's inputs, bars of all instruments one after the other."""

    bars: NDArray[np.int32]  # (8, n) points
    time: NDArray[I64]  # (n,)
    flags: NDArray[np.uint8]  # (n,)
    rates: NDArray[np.float64]  # (4, n), or (4, 1) when all are constant
    nights: NDArray[np.float64]  # (nights, 2) micro per step
    night_rows: Sequence[int]  # K: how many of the nights belong to each instrument
    detail: NDArray[np.int32]  # (8, q)
    detail_time: NDArray[I64]  # (q,)


class Memory:
    """State, rules and logs of one run; `table()` is what compiled code takes."""

    def __init__(self, tape: Tape, instruments: Instruments, terms: Terms, *, trades: int = 64, rows: int = 1024) -> None:
        self.tape = tape
        self.count = len(instruments.rows)
        self.rules = _rules(instruments, terms)
        self.caps = (trades, trades, rows, rows, rows)
        self.state = np.zeros(self._size(), I64)
        self._fill(instruments, terms)
        self.scratch = np.zeros_like(self.state)
        self.stated, self.seen, self.since = np.zeros(10), np.zeros(12), np.zeros(4, I64)
        # Not zeroed: rows are read only as far as they were written, and clearing the room for more took 2 ms a million bars.
        self.fills, self.trades, self.orders = (np.empty(rows * width, I64) for width in (at.FILL, at.CLOSED, at.ORDER))

    def _size(self) -> int:
        return at.HEADER + self.count * at.INSTRUMENT + self.caps[1] * at.REST + self.caps[0] * at.TRADE

    def _place(self) -> None:
        s = self.state
        s[at.REST_AT] = at.HEADER + self.count * at.INSTRUMENT
        s[at.TRADES_AT] = s[at.REST_AT] + self.caps[1] * at.REST
        s[[at.CAP_OPEN, at.CAP_REST, at.CAP_FILLS, at.CAP_TRADES, at.CAP_ORDERS]] = self.caps

    def _fill(self, instruments: Instruments, terms: Terms) -> None:
        s = self.state
        s[at.BALANCE], s[at.COUNT] = terms.balance, self.count
        s[[at.PEAK, at.TROUGH, at.WORTH, at.SHARE_PEAK]] = terms.balance
        s[at.HEDGING], s[at.POLICY], s[at.STALE_WORST] = terms.hedging, terms.policy, terms.stale_worst
        s[at.SEED] = np.uint64(terms.seed & 0xFFFFFFFFFFFFFFFF).astype(I64)
        self._place()
        first = night = detail = 0
        for k in range(self.count):
            block = s[at.HEADER + k * at.INSTRUMENT :]
            block[at.FIRST], block[at.ROWS], block[at.ROW], block[at.LAST] = first, instruments.rows[k], -1, 0
            block[at.MIN_STEPS], block[at.MAX_STEPS] = instruments.min_steps[k], instruments.max_steps[k]
            block[at.PER_PIP], block[at.DURATION] = instruments.per_pip[k], instruments.duration[k]
            block[at.SLIP_FIXED], block[at.SLIP_MOST] = instruments.slip_fixed[k], instruments.slip_most[k]
            block[at.NIGHT], block[at.SPAN_ROW], block[at.CROSSED] = night, -1, instruments.crossed[k]
            block[at.DETAIL_AT], block[at.DETAIL_ROWS] = detail, instruments.detail_rows[k]
            block[at.GATE_BID_LOW] = block[at.GATE_ASK_LOW] = -at.NEVER
            block[at.GATE_BID_HIGH] = block[at.GATE_ASK_HIGH] = at.NEVER
            first, night, detail = first + instruments.rows[k], night + self.tape.night_rows[k], detail + instruments.detail_rows[k]

    def grow(self) -> None:
        """Double what is nearly full: the logs, the open trades, the resting orders."""
        old, s = self.caps, self.state
        used = (s[at.N_OPEN], s[at.N_REST], s[at.N_FILLS], s[at.N_TRADES], s[at.N_ORDERS])
        rows = 4 * (used[0] + used[1] + 4 * self.count) + 16  # as the kernel's `tight` reckons
        need = (used[0] + used[1] + self.count + 1, used[0] + used[1] + self.count + 1, *(u + rows for u in used[2:]))
        self.caps = tuple(int(max(n + 2, cap * 2) if n + 2 > cap else cap) for n, cap in zip(need, old, strict=True))  # type: ignore[assignment]
        rest, trades = s[at.REST_AT] + np.arange(old[1] * at.REST), s[at.TRADES_AT] + np.arange(old[0] * at.TRADE)
        kept_rest, kept_trades = s[rest].copy(), s[trades].copy()
        self.state = np.zeros(self._size(), I64)
        self.state[: len(s) - len(rest) - len(trades)] = s[: len(s) - len(rest) - len(trades)]
        self._place()
        self.state[self.state[at.REST_AT] : self.state[at.REST_AT] + len(kept_rest)] = kept_rest
        self.state[self.state[at.TRADES_AT] : self.state[at.TRADES_AT] + len(kept_trades)] = kept_trades
        self.scratch = np.zeros_like(self.state)
        self.fills, self.trades, self.orders = (
            np.concatenate([log, np.empty(cap * width - len(log), I64)])
            for log, cap, width in zip(
                (self.fills, self.trades, self.orders), self.caps[2:], (at.FILL, at.CLOSED, at.ORDER), strict=True
            )
        )

    def rewind(self, start: NDArray[I64]) -> NDArray[I64]:
        """Begin anew from `start`, a copy of the first state; room that was grown stays. Return `start` for that room."""
        if len(start) != len(self.state):
            head = at.HEADER + self.count * at.INSTRUMENT
            self.state[:head], self.state[head:] = start[:head], 0
            self._place()
            start = self.state.copy()
        self.state[:] = start
        for array in (self.scratch, self.stated, self.seen, self.since):
            array[:] = 0
        return start

    def trim(self) -> None:
        """Give back the room that the logs did not need; a run that goes on grows it again."""
        s = self.state
        self.caps = (*self.caps[:2], *(int(s[count]) for count in (at.N_FILLS, at.N_TRADES, at.N_ORDERS)))  # type: ignore[assignment]
        for log, cap, width in zip(
            (self.fills, self.trades, self.orders), self.caps[2:], (at.FILL, at.CLOSED, at.ORDER), strict=True
        ):
            log.resize(cap * width, refcheck=False)
        s[[at.CAP_FILLS, at.CAP_TRADES, at.CAP_ORDERS]] = self.caps[2:]

    def arrays(self) -> list[object]:
        """Return the fields of `layout.Market` as flat arrays and numbers."""
        tape = self.tape
        return [
            self.state, self.rules, tape.bars.reshape(-1), len(tape.time), tape.time, tape.flags, tape.rates.reshape(-1),
            tape.rates.shape[1], int(tape.rates.shape[1] > 1), tape.nights.reshape(-1), tape.detail.reshape(-1), tape.detail_time,
            len(tape.detail_time), self.scratch, self.fills, self.trades, self.orders, self.stated, self.seen, self.since,
        ]  # fmt: skip

    def table(self) -> Any:
        """Return what compiled code takes: the address of a table of the arrays' addresses; interpreted, the arrays."""
        arrays = self.arrays()
        if interpreted():
            return arrays
        self._table = np.array([a.ctypes.data if isinstance(a, np.ndarray) else a for a in arrays], I64)
        return int(self._table.ctypes.data)

    def log(self, name: str) -> Columns:
        """Return the log `fills`, `trades` or `orders` as columns."""
        array, count, columns = {
            "fills": (self.fills, at.N_FILLS, at.FILL_COLUMNS),
            "trades": (self.trades, at.N_TRADES, at.TRADE_COLUMNS),
            "orders": (self.orders, at.N_ORDERS, at.ORDER_COLUMNS),
        }[name]
        return Columns(array[: self.state[count] * len(columns)].reshape(-1, len(columns)), columns)


class Columns(Mapping[str, "NDArray[I64]"]):
    """A log by column, each (rows,) int64; a column is taken out of the rows when it is first asked for."""

    def __init__(self, rows: NDArray[I64], names: Sequence[str]) -> None:
        self.rows, self.names = rows, tuple(names)
        self._made: dict[str, NDArray[I64]] = {}

    def __getitem__(self, name: str) -> NDArray[I64]:
        """Return a column."""
        if name not in self._made:
            if name not in self.names:
                raise KeyError(name)
            self._made[name] = self.rows[:, self.names.index(name)].copy()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        """Return the number of columns, as of any mapping; rows: `len(log["row"])`."""
        return len(self.names)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Columns, (self.rows.copy(), self.names))


def _rules(instruments: Instruments, terms: Terms) -> NDArray[np.float64]:
    rules = np.zeros(at.P_HEADER + len(instruments.rows) * at.P_INSTRUMENT)
    rules[at.P_CLOSEOUT] = terms.closeout
    columns = (
        instruments.factor, instruments.per_step, instruments.fraction, instruments.minimum, instruments.margin, instruments.share,
        instruments.scale, instruments.unit,
    )  # fmt: skip
    rules[at.P_HEADER :].reshape(-1, at.P_INSTRUMENT)[:] = np.array(columns, float).T
    return rules
