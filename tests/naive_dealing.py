"""Quantities, the price of a fill, opening and closing: sentences Q1 to Q4, L2 to L4, O1 to O6 of the rules page."""

from __future__ import annotations

from math import ceil

from lts.words import Decision, Reason, Status
from tests.naive_parts import (
    ENTRY_REASON,
    MOST_MICRO,
    MOST_SIZE,
    Bar,
    Book,
    Fill,
    Inst,
    Market,
    Order,
    Quote,
    Trade,
    level_of,
    money,
    sign,
    splitmix64,
)


class Dealing:
    """The constants of a run, its book, and what every phase does with them."""

    def __init__(self, market: Market, insts: list[Inst], decisions: list[list[Decision]]) -> None:
        self.market, self.insts, self.decisions = market, insts, decisions
        n = len(insts)
        self.book = Book(market.balance, [[] for _ in insts], [None] * n, [None] * n)
        self.factor = [10.0 ** (6 - i.precision - i.units_precision) for i in insts]  # Q1
        self.row = [-1] * n  # each instrument's last bar
        self.here = [False] * n  # has a bar at this stamp
        self.bar: list[Bar] = [Bar(*[Quote(0, 0)] * 4)] * n
        self.is_inside = False
        self.ratcheted = [False] * n  # by the finer bars, I5
        self.walked: bool | None = None  # the walk of a path is on, through a bar that is ambiguous or not
        self.ambiguous_bars = self.closeouts = self.below_zero = 0
        self.equity: list[tuple[int, int]] = []

    # ---- quantities

    def open_trades(self, k: int, side: int = 0) -> list[Trade]:
        """Return the instrument's open trades, oldest first, of one side where asked."""
        return [t for t in self.book.trades if t.inst == k and side in (0, t.side)]

    def sums(self, k: int) -> tuple[int, int, int, int]:
        """Return L, S, EL, ES of Q3."""
        longs, shorts = self.open_trades(k, 1), self.open_trades(k, -1)
        size = [sum(t.steps for t in side) for side in (longs, shorts)]
        cost = [sum(t.steps * t.price for t in side) for side in (longs, shorts)]
        return size[0], size[1], cost[0], cost[1]

    def equity_now(self) -> int:
        """Q3."""
        total = self.book.balance
        for k, inst in enumerate(self.insts):
            long, short, cost_long, cost_short = self.sums(k)
            if long or short:
                bid, ask = self.bar[k].close
                points = (bid * long - cost_long) + (cost_short - ask * short)
                total += money(points, self.factor[k] * inst.rate_mark[self.row[k]])
        return total

    def account(self, quotes: list[tuple[Quote, Quote]]) -> tuple[int, int]:
        """Return net asset value and margin used, Q4; per instrument one quote values its longs and one its shorts."""
        nav, used = self.book.balance, 0
        for k, inst in enumerate(self.insts):
            long, short, cost_long, cost_short = self.sums(k)
            if not (long or short):
                continue
            at_long, at_short = (q.m2 for q in quotes[k])
            f = self.factor[k] * (inst.rate_mid if self.here[k] else inst.rate_mark)[self.row[k]]
            nav += money((at_long * long - 2 * cost_long) + (2 * cost_short - at_short * short), 0.5 * f)
            if long > short:
                size = long * at_long
            elif short > long:
                size = short * at_short
            else:
                size = max(long * at_long, short * at_short)
            used += money(size, (0.5 * f) * inst.margin_rate)
        return nav, used

    def open_quotes(self) -> list[tuple[Quote, Quote]]:
        """Return the opens, or the last close of an instrument without a bar at this stamp."""
        now = [self.bar[k].open if self.here[k] else self.bar[k].close for k in range(len(self.insts))]
        return [(q, q) for q in now]

    def adverse_quotes(self) -> list[tuple[Quote, Quote]]:
        """Return lows for the longs and highs for the shorts, or the last close twice."""
        return [(b.low, b.high) if here else (b.close, b.close) for b, here in zip(self.bar, self.here, strict=True)]

    def commission(self, k: int, u: int, price: int) -> int:
        """O5."""
        i = self.insts[k]
        if not (i.per_step or i.fraction or i.minimum):
            return 0
        rate = self.factor[k] * i.rate_mid[self.row[k]] * i.fraction
        return round(max(float(u) * i.per_step + float(u * price) * rate, i.minimum))

    # ---- the price of a fill

    def slipped(self, k: int, direction: int, base: int, spread: int, at_open: bool) -> Fill:
        """Add slippage against the trader, L3."""
        i = self.insts[k]
        slip = i.slip_fixed + ceil(i.slip_share * max(spread, 0) - 1e-9)
        if i.slip_most > 0:
            slip += splitmix64(self.market.seed + self.book.draws * 0x9E3779B97F4A7C15) % (i.slip_most + 1)
            self.book.draws += 1
        return Fill(base, base + direction * slip, spread, slip, 0 if at_open else 1)

    def fill(self, k: int, direction: int, bar: Bar, *, at_open: bool, level: int | None, pays: bool) -> Fill:
        """Find the price of a fill, L2 and L4; `bar` is the bar or the finer bar."""
        worst = self.market.stale_worst and self.insts[k].closure[self.row[k]]
        spread = bar.open.spread if at_open else bar.close.spread
        if worst and pays:
            base = self.bar[k].high.ask if direction > 0 else self.bar[k].low.bid
        elif level is not None and (not at_open or (worst and not pays)):
            base = level
        else:
            base = bar.open.price(direction)
        return self.slipped(k, direction, base, spread, at_open) if pays else Fill(base, base, spread, 0, 0 if at_open else 1)

    # ---- opening and closing

    def close(self, t: Trade, u: int, fill: Fill, reason: Reason) -> None:
        """Close u steps of a trade, O4 and O6."""
        k, row, b = t.inst, self.row[t.inst], self.book
        i, factor = self.insts[k], self.factor[k]
        q = u * (fill.price - t.price) * t.side
        mid = factor * i.rate_mid[row]
        profit = money(q, mid)
        conversion = profit - money(q, factor * (i.rate_gain if q >= 0 else i.rate_loss)[row])
        spread_cost = money(u * (t.spread + fill.spread), 0.5 * mid)
        slip_cost = money(u * (t.slip + fill.slip), mid)
        paid = self.commission(k, u, fill.price)
        share, swap = t.commission * u // t.steps, t.swap * u // t.steps
        b.balance += profit - conversion - paid
        self.note(k, t.id, -t.side * u, fill, reason, paid)
        if i.span[row] and t.entry_row == row:
            b.spanned.add((k, row))
        gone = (fill.price - t.price) * t.side
        mae, mfe = max(t.mae, -gone), max(t.mfe, gone)
        total = profit - conversion - (share + paid) + swap
        head = (t.id, k, t.side * u, t.entry_row, row, t.price, fill.price)
        costs = (profit + spread_cost + slip_cost, spread_cost, slip_cost, share + paid, swap, conversion, total)
        b.rows.append((*head, *costs, reason, mae, mfe, int(t.origin in b.flagged)))
        t.commission, t.swap, t.steps = t.commission - share, t.swap - swap, t.steps - u
        if t.steps == 0:
            b.trades.remove(t)

    def note(self, k: int, trade: int, steps: int, fill: Fill, reason: Reason, paid: int) -> None:
        """Write the row of a fill; in the bar as a whole, the open of a finer bar is inside."""
        row, place = self.row[k], 1 if self.is_inside else fill.place
        self.book.after_closure += self.insts[k].closure[row]
        self.book.fills.append((row, k, trade, steps, fill.price, reason, paid, self.book.balance, fill.spread, fill.slip, place))

    def enter(self, order: Order, fill: Fill, bar: Bar) -> None:
        """Fill an opening part, O1."""
        reason, rest = ENTRY_REASON[order.kind], order.steps
        if not self.market.hedging:
            for t in self.open_trades(order.inst, -sign(rest)):
                u = min(t.steps, abs(rest))
                if u:
                    self.close(t, u, fill, reason)
                    rest -= sign(rest) * u
        fault = self.open_trade(order, rest, fill, bar) if rest else Reason.NONE
        self.end_order(order, Status.REFUSED if fault else Status.FILLED, fault or reason)

    def open_trade(self, order: Order, steps: int, fill: Fill, bar: Bar) -> Reason:
        """Open a trade, O2 and O3; return why not, or NONE."""
        b, k, side, w = self.book, order.inst, sign(steps), order.wish
        path = "" if fill.at_open else "limit" if order.limit_like else "stop"
        t = Trade(
            id=b.opened + 1,
            inst=k,
            side=side,
            steps=abs(steps),
            entry_row=self.row[k],
            price=fill.price,
            spread=fill.spread,
            slip=fill.slip,
            stop=level_of(w.stop, w.stop_distance, fill.price, -side),
            target=level_of(w.target, w.target_distance, fill.price, side),
            trail=level_of(None, w.trail, fill.price, -side),
            trail_distance=w.trail or 0,
            age=b.age + 1,
            origin=order.age,
            path=path,
            fresh=self.is_inside,
        )
        size = float(sum(x.steps for x in self.open_trades(k, side)) + t.steps) * float(t.price)
        if size > MOST_SIZE or size * (self.factor[k] * self.insts[k].rate_mid[self.row[k]]) > MOST_MICRO:
            return Reason.UNITS_ABOVE_MAXIMUM
        at = bar.open.price(-side) if fill.at_open else fill.base - side * bar.close.spread
        if t.stop_reached(Quote(at, at)):
            return Reason.STOP_LOSS_ON_FILL_LOSS
        if t.target_reached(Quote(at, at)):
            return Reason.TAKE_PROFIT_ON_FILL_LOSS
        t.commission = self.commission(k, t.steps, t.price)
        b.balance -= t.commission
        b.trades.append(t)
        nav, used = self.account(self.open_quotes())
        if float(used) > float(nav):
            b.balance += t.commission
            b.trades.remove(t)
            return Reason.INSUFFICIENT_MARGIN
        b.opened, b.age = t.id, t.age
        self.note(k, t.id, steps, fill, ENTRY_REASON[order.kind], t.commission)
        if self.walked:
            b.flagged.add(t.origin)
        return Reason.NONE

    def end_order(self, order: Order, status: Status, reason: Reason) -> None:
        """Write the row of an order that ended."""
        head = (order.inst, order.kind, order.steps, status, reason, order.decided, self.row[order.inst])
        self.book.orders.append((*head, *order.stated()))

    def end_resting(self, order: Order, status: Status, reason: Reason) -> None:
        """End a resting order without a fill."""
        self.book.resting[order.inst].remove(order)
        self.end_order(order, status, reason)

    def end_all_resting(self, status: Status, reason: Reason) -> None:
        """End every resting order, oldest first."""
        for order in sorted((o for orders in self.book.resting for o in orders), key=lambda o: o.age):
            self.end_resting(order, status, reason)
