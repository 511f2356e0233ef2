"""The market once more, in plain Python: slow, obvious, written from the rules page alone and held equal to the kernel.

Integers and Python floats only. Letters in docstrings (Q1, L3, P5, ...) are the sentences of the page in `lts/sim/__init__.py`.
This file walks the phases and the plan; `naive_dealing.py` opens and closes; `naive_parts.py` holds the records.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from math import isfinite

from lts.words import Decision, Intrabar, Kind, OrderType, Reason, Status
from tests.naive_dealing import Dealing
from tests.naive_parts import (
    Bar,
    Closing,
    Fill,
    Inst,
    Market,
    Order,
    Outcome,
    Row8,
    Trade,
    Wish,
    as_bar,
    fault_of,
    level_of,
    sign,
    steps_of,
    wish_of,
)

__all__ = ["Inst", "Market", "Outcome", "Row8", "run"]


class _Run(Dealing):
    """One run, phase by phase."""

    # ---- the clock

    def run(self) -> Outcome:
        """Walk the union of the stamps, then end."""
        index = [{t: row for row, t in enumerate(i.time)} for i in self.insts]
        for now in sorted({t for i in self.insts for t in i.time}):
            for k, rows in enumerate(index):
                self.here[k] = now in rows
                if self.here[k]:
                    self.row[k] = rows[now]
                    self.bar[k] = as_bar(self.insts[k].bars[rows[now]])
                    self.ratcheted[k] = False
            self.stamp(now, [k for k in range(len(self.insts)) if self.here[k]])
        self.end()
        b = self.book
        counters = (self.ambiguous_bars, self.closeouts, self.below_zero, b.after_closure, len(b.spanned))
        return Outcome(b.fills, b.rows, b.orders, self.equity, b.balance, counters, b.trades)

    def stamp(self, now: int, turn: list[int]) -> None:
        """Do one stamp: open, inside, close, equity, decisions."""
        for k in turn:
            self.post_swap(k)
        for k in turn:
            for order in [o for o in self.book.resting[k] if 0 < o.expiry <= now]:
                self.end_resting(order, Status.CANCELLED, Reason.EXPIRED)
        self.margin_closeout()
        for k in turn:
            self.step_d(k, self.bar[k])
        for k in turn:
            self.closing_part(k)
        for k in turn:
            self.opening_part(k)
        self.is_inside = True
        for k in turn:
            self.inside(k)
        self.margin_closeout()
        self.is_inside = False
        for k in turn:
            self.bar_end(k)
        self.equity.append((now, self.equity_now()))
        self.below_zero += self.book.balance < 0
        for k in turn:
            self.plan(k, self.row[k], self.decisions[k][self.row[k]])

    def end(self) -> None:
        """P6."""
        self.book.waiting_close = [None] * len(self.insts)
        self.book.waiting_open = [None] * len(self.insts)
        self.end_all_resting(Status.PENDING, Reason.NONE)
        if not self.market.close_at_end:
            return
        for t in list(self.book.trades):
            quote = self.bar[t.inst].close
            price = quote.price(-t.side)
            self.close(t, t.steps, Fill(price, price, quote.spread, 0, 2), Reason.END)
        if self.equity:
            self.equity[-1] = (self.equity[-1][0], self.book.balance)

    # ---- the open

    def post_swap(self, k: int) -> None:
        """Phase a."""
        for t in self.open_trades(k):
            if self.row[k] in self.insts[k].nights:
                w_long, w_short = self.insts[k].nights[self.row[k]]
                posted = round(float(t.steps) * (w_long if t.side > 0 else w_short))
                t.swap += posted
                self.book.balance += posted

    def margin_closeout(self) -> None:
        """Phase c, and the same after Inside with every trade at its adverse extreme."""
        if not self.book.trades:
            return
        nav, used = self.account(self.adverse_quotes() if self.is_inside else self.open_quotes())
        if float(nav) > self.market.closeout * float(used):
            return
        self.closeouts += 1
        for t in list(self.book.trades):
            bar, direction = self.bar[t.inst], -t.side
            if not self.here[t.inst]:
                fill = self.slipped(t.inst, direction, bar.close.price(direction), bar.close.spread, False)
            elif self.is_inside:
                base = bar.high.ask if direction > 0 else bar.low.bid
                fill = self.slipped(t.inst, direction, base, bar.close.spread, False)
            else:
                fill = self.fill(t.inst, direction, bar, at_open=True, level=None, pays=True)
            self.close(t, t.steps, fill, Reason.MARGIN_CLOSEOUT)
        self.end_all_resting(Status.CANCELLED, Reason.MARGIN_CLOSEOUT)

    def step_d(self, k: int, bar: Bar) -> None:
        """Phase d: what the open has reached or passed fills at the open, by age."""
        b = self.book
        things: list[Trade | Order] = sorted([*self.open_trades(k), *b.resting[k]], key=lambda x: x.age)
        for x in things:
            if isinstance(x, Trade) and x in b.trades:
                if x.stop_reached(bar.open):
                    self.exit_stop(x, bar, True)
                elif x.target_reached(bar.open):
                    self.exit_target(x, bar, True)
            elif isinstance(x, Order) and x in b.resting[k] and x.reached(bar.open):
                self.fill_resting(x, bar, True)

    def exit_stop(self, t: Trade, bar: Bar, at_open: bool) -> None:
        """Close a trade at its tighter stop."""
        level, reason = t.governing()
        self.close(t, t.steps, self.fill(t.inst, -t.side, bar, at_open=at_open, level=level, pays=True), reason)

    def exit_target(self, t: Trade, bar: Bar, at_open: bool) -> None:
        """Close a trade at its target."""
        self.close(t, t.steps, self.fill(t.inst, -t.side, bar, at_open=at_open, level=t.target, pays=False), Reason.TAKE_PROFIT)

    def fill_resting(self, order: Order, bar: Bar, at_open: bool) -> None:
        """Fill a resting order at the open or at its level."""
        self.book.resting[order.inst].remove(order)
        pays = order.kind != OrderType.LIMIT
        self.enter(order, self.fill(order.inst, sign(order.steps), bar, at_open=at_open, level=order.level, pays=pays), bar)

    def closing_part(self, k: int) -> None:
        """Phase e, first half."""
        part, self.book.waiting_close[k] = self.book.waiting_close[k], None
        if part is None:
            return
        closed = 0
        for side, wanted in ((1, part.long), (-1, part.short)):
            there, left = self.open_trades(k, side), wanted
            fill = self.fill(k, -side, self.bar[k], at_open=True, level=None, pays=True) if left and there else None
            for t in there:
                u = min(left, t.steps)
                if u and fill:
                    self.close(t, u, fill, Reason.MARKET)
                    left -= u
                    closed += u
        status, reason = (Status.FILLED, Reason.MARKET) if closed else (Status.CANCELLED, Reason.NOTHING_LEFT)
        steps = part.short - part.long
        self.book.orders.append((k, OrderType.CLOSE, steps, status, reason, part.decided, self.row[k], *[0] * 7))

    def opening_part(self, k: int) -> None:
        """Phase e, second half."""
        order, self.book.waiting_open[k] = self.book.waiting_open[k], None
        if order is not None:
            self.enter(order, self.fill(k, sign(order.steps), self.bar[k], at_open=True, level=None, pays=True), self.bar[k])

    # ---- inside the bar

    def inside(self, k: int) -> None:
        """Do the inside of a bar under the policy, I2 to I4."""
        bar, policy = self.bar[k], self.market.intrabar
        before = deepcopy(self.book) if policy in (Intrabar.OHLC, Intrabar.DETAIL) else self.book
        ambiguous = self.small_bar(k, bar, policy == Intrabar.BEST, judge=True)
        self.ambiguous_bars += ambiguous
        finer = self.finer_bars(k) if policy == Intrabar.DETAIL and ambiguous else []
        if policy != Intrabar.OHLC and not finer:
            return
        there = {t.origin for t in before.trades}
        before.flagged |= self.book.flagged & there
        self.book, self.walked = before, ambiguous  # done again
        if policy == Intrabar.OHLC:
            self.legs(k, bar)
        else:
            self.fine_walk(k, finer)
        self.walked = None

    def fine_walk(self, k: int, finer: list[Bar]) -> None:
        """I4, after the judgement."""
        for fine in finer:
            self.step_d(k, fine)
            self.small_bar(k, fine, best=False, judge=False)
            self.ratchet(k, fine)
            for t in self.open_trades(k):
                t.path = ""
        self.ratcheted[k] = True

    def small_bar(self, k: int, bar: Bar, best: bool, judge: bool) -> bool:
        """Fill resting orders, then protections, I1 and I2; return whether worst and best differ for any trade."""
        orders = sorted(self.book.resting[k], key=lambda o: (abs(o.level - bar.open.price(o.steps)), o.age))
        for order in orders:
            if order.reached(bar.low if order.falling else bar.high):
                self.fill_resting(order, bar, False)
        ambiguous = False
        for t in self.open_trades(k):
            adverse, favourable = (bar.low, bar.high) if t.side > 0 else (bar.high, bar.low)
            stop, target = t.stop_reached(adverse), t.target_reached(favourable)
            in_worst = "stop" if stop else "target" if target and t.path != "limit" else ""
            in_best = "target" if target else "stop" if stop and t.path != "stop" else ""
            if judge and in_worst != in_best:
                ambiguous = True
                self.book.flagged.add(t.origin)
            chosen = in_best if best else in_worst
            if chosen == "stop":
                self.exit_stop(t, bar, False)
            elif chosen == "target":
                self.exit_target(t, bar, False)
        return ambiguous

    def legs(self, k: int, bar: Bar) -> None:
        """I3."""
        up, down = bar.high.m2 - bar.open.m2, bar.open.m2 - bar.low.m2
        there = self.open_trades(k)
        low_first = down < up or (down == up and (not there or there[0].side > 0))
        extremes = (bar.low, bar.high) if low_first else (bar.high, bar.low)
        start = bar.open
        for falling, end in ((low_first, extremes[0]), (not low_first, extremes[1]), (low_first, bar.close)):
            begin = start  # bound now: the key below is used inside this leg only
            for order in sorted(self.book.resting[k], key=lambda o, q=begin: (abs(o.level - q.price(o.steps)), o.age)):  # type: ignore[misc]
                if order.falling == falling and order.reached(end):
                    self.fill_resting(order, bar, False)
            for t in self.open_trades(k):
                if falling == (t.side > 0):
                    if t.stop_reached(end):
                        self.exit_stop(t, bar, False)
                elif t.target_reached(end):
                    self.exit_target(t, bar, False)
            start = end

    def finer_bars(self, k: int) -> list[Bar]:
        """Return the finer bars of the present bar if they contain it, else none, I4."""
        i, bar = self.insts[k], self.bar[k]
        begin = i.time[self.row[k]]
        fine = [as_bar(x) for time, x in i.detail if begin <= time < begin + i.duration]
        if not fine:
            return []
        low = min(x.low.bid for x in fine) <= bar.low.bid and min(x.low.ask for x in fine) <= bar.low.ask
        high = max(x.high.bid for x in fine) >= bar.high.bid and max(x.high.ask for x in fine) >= bar.high.ask
        return fine if low and high else []

    # ---- the close

    def bar_end(self, k: int) -> None:
        """Count excursions (O6), ratchet trailing stops (I5), forget what belongs to this bar."""
        bar = self.bar[k]
        for t in self.open_trades(k):
            for quote in (bar.close,) if t.fresh else (bar.high, bar.low):
                gone = (quote.price(-t.side) - t.price) * t.side
                t.mae, t.mfe = max(t.mae, -gone), max(t.mfe, gone)
        if not self.ratcheted[k]:
            self.ratchet(k, bar)
        for t in self.open_trades(k):
            t.path, t.fresh = "", False

    def ratchet(self, k: int, bar: Bar) -> None:
        """I5 for a bar or a finer bar."""
        for t in self.open_trades(k):
            if t.trail_distance:
                quote = bar.close if t.path else bar.high if t.side > 0 else bar.low
                level = quote.price(-t.side) - t.side * t.trail_distance
                t.trail = max(t.trail, level) if t.side > 0 else min(t.trail, level)

    # ---- the plan

    def plan(self, k: int, row: int, d: Decision) -> None:
        """P1 to P5."""
        if d.kind == Kind.STAY:
            return
        i, kind = self.insts[k], OrderType(int(d.entry_type))
        if not isfinite(d.units):
            self.refuse(k, kind, 0, Reason.UNITS_INVALID)
            return
        target = steps_of(d.units, i)
        fault = fault_of(d, target, i, i.time[row])
        if fault:
            self.refuse(k, kind, target, fault)
            return
        self.cancel_previous(k)
        opening, closing = self.parts(k, d, target)
        self.book.waiting_close[k] = closing if closing.long or closing.short else self.book.waiting_close[k]
        wish = wish_of(d, i)
        if opening:
            self.book.age += 1
            self.place(d, Order(k, kind, opening, wish, row, self.book.age))
        elif any(x is not None for x in wish):
            self.amend(k, sign(target), wish)

    def cancel_previous(self, k: int) -> None:
        """P2."""
        for order in list(self.book.resting[k]):
            self.end_resting(order, Status.CANCELLED, Reason.REPLACED)
        waiting, self.book.waiting_open[k] = self.book.waiting_open[k], None
        if waiting is not None:
            self.end_order(waiting, Status.CANCELLED, Reason.REPLACED)

    def refuse(self, k: int, kind: OrderType, steps: int, reason: Reason, stop: int = 0, target: int = 0) -> None:
        """Write the row of a refusal at the deciding close."""
        stated = (0, stop, target, 0, 0, 0, 0)
        self.book.orders.append((k, kind, steps, Status.REFUSED, reason, self.row[k], self.row[k], *stated))

    def parts(self, k: int, d: Decision, target: int) -> tuple[int, Closing]:
        """P3."""
        if d.kind == Kind.ADD:
            return target, Closing(0, 0, self.row[k])
        long, short, _, _ = self.sums(k)
        want_long, want_short = max(target, 0), max(-target, 0)
        opening = max(want_long - long, 0) - max(want_short - short, 0)
        return opening, Closing(max(long - want_long, 0), max(short - want_short, 0), self.row[k])

    def place(self, d: Decision, order: Order) -> None:
        """P4 for the opening part."""
        k, i, side, close = order.inst, self.insts[order.inst], sign(order.steps), self.bar[order.inst].close
        if abs(order.steps) < i.min_steps:
            self.refuse(k, order.kind, order.steps, Reason.UNITS_BELOW_MINIMUM)
            return
        if order.kind == OrderType.MARKET:
            self.book.waiting_open[k] = order
            return
        level = round(d.entry * 10.0**i.precision)
        touch_limit = order.kind == OrderType.TOUCH and side * (level - close.price(side)) <= 0
        limit_like = order.kind == OrderType.LIMIT or touch_limit
        expiry = i.time[self.row[k]] + int((1 + d.expiry_bars) * i.duration) if d.expiry_bars else 0
        order = replace(order, level=level, limit_like=limit_like, expiry=expiry)
        if order.wish.stop and side * (order.wish.stop - level) >= 0:
            self.end_order(order, Status.REFUSED, Reason.STOP_LOSS_WRONG_SIDE)
        elif order.wish.target and side * (order.wish.target - level) <= 0:
            self.end_order(order, Status.REFUSED, Reason.TAKE_PROFIT_WRONG_SIDE)
        else:
            self.book.resting[k].append(order)

    def amend(self, k: int, side: int, w: Wish) -> None:
        """P5."""
        for t in self.open_trades(k, side) if side else []:
            close = self.bar[k].close.price(-side)
            new_stop = w.stop is not None or w.stop_distance is not None
            new_target = w.target is not None or w.target_distance is not None
            stop = level_of(w.stop, w.stop_distance, t.price, -side) if new_stop else t.stop
            target = level_of(w.target, w.target_distance, t.price, side) if new_target else t.target
            shown = (stop if new_stop else 0, target if new_target else 0)
            if new_stop and stop and side * (stop - close) >= 0:
                self.refuse(k, OrderType.AMEND, side * t.steps, Reason.STOP_LOSS_WRONG_SIDE, *shown)
            elif new_target and target and side * (target - close) <= 0:
                self.refuse(k, OrderType.AMEND, side * t.steps, Reason.TAKE_PROFIT_WRONG_SIDE, *shown)
            else:
                t.stop, t.target = stop, target
                if w.trail is not None:
                    t.trail_distance, t.trail = w.trail, level_of(None, w.trail, close, -side)


def run(market: Market, insts: list[Inst], decisions: list[list[Decision]]) -> Outcome:
    """Run the market over the bars with `decisions[k][t]` made at the close of bar t of instrument k."""
    return _Run(market, insts, decisions).run()
