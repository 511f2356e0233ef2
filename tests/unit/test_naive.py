"""The oracle against hand-computed cases, and the scenarios against what they promise.

In the small cases a point and step is worth F = 10**(6 - 5 - 0) = 10 micro, a pip is 10 points, ask = bid + 2, and every decision
at bar 0 fills at the open of bar 1. Tables give the bid: open, high, low, close.
"""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from lts.words import Decision, Intrabar, Kind, OrderType, Reason, Status
from tests.naive import Inst, Market, Outcome, run
from tests.naive_parts import splitmix64
from tests.scenarios import STAY, scenario

MINUTE = 60_000_000_000
Bid = tuple[int, int, int, int]
CALM: Bid = (1000, 1004, 998, 1000)


def inst(*bids: Bid, **changes: object) -> Inst:
    n, ones = len(bids), [1.0] * len(bids)
    plain = Inst(
        precision=5,
        units_precision=0,
        points_per_pip=10,
        min_steps=1,
        max_steps=1000,
        margin_rate=0.02,
        duration=MINUTE,
        time=[MINUTE * (t + 1) for t in range(n)],
        bars=[(*b, *[x + 2 for x in b]) for b in bids],  # type: ignore[misc]
        rate_mid=ones,
        rate_gain=ones,
        rate_loss=ones,
        rate_mark=ones,
        nights={},
        closure=[False] * n,
        span=[False] * n,
        detail=[],
        per_step=0.0,
        fraction=0.0,
        minimum=0.0,
        slip_fixed=0,
        slip_share=0.0,
        slip_most=0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def market(**changes: object) -> Market:
    plain = Market(
        balance=1_000_000, closeout=0.5, hedging=False, intrabar=Intrabar.WORST, stale_worst=False, seed=0, close_at_end=True
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def order(units: float, **fields: float) -> Decision:
    plain = Decision(Kind.GO, units, OrderType.MARKET, nan, nan, nan, nan, nan, nan, 0.0)
    prices = {name: value / 100_000 if name in {"entry", "stop_loss", "take_profit"} else value for name, value in fields.items()}
    return plain._replace(**prices)


def play(m: Market, i: Inst, *decisions: Decision) -> Outcome:
    return run(m, [i], [[*decisions, *[STAY] * (len(i.time) - len(decisions))]])


def exits(o: Outcome) -> list[tuple[int, int, int | Reason]]:
    return [(row[4], row[6], row[14]) for row in o.trades]


def ends(o: Outcome) -> list[tuple[OrderType, int, Status, Reason, int, int]]:
    return [row[1:7] for row in o.orders]  # type: ignore[misc]


def test_a_gap_through_the_stop_fills_at_the_open() -> None:
    o = play(market(), inst(CALM, (1000, 1004, 998, 1001), (980, 985, 975, 982)), order(10, stop_loss=990))
    # in at the ask 1002, out at the bid 980: q = 10 * -22 = -220 points, * 10 = -2200 micro.
    # spread 2 in and 2 out: 10 * 4 * 5 = 200; so at mid the prices cost -2000.
    # adverse: the exit, 22; favourable: bar 1's high 1004 - 1002 = 2.
    loss = (1, 0, 10, 1, 2, 1002, 980, -2000, 200, 0, 0, 0, 0, -2200, Reason.STOP_LOSS, 22, 2, 0)
    assert o.trades == [loss]
    assert [f[:8] for f in o.fills] == [
        (1, 0, 1, 10, 1002, Reason.MARKET, 0, 1_000_000),
        (2, 0, 1, -10, 980, Reason.STOP_LOSS, 0, 997_800),
    ]
    # bar 1 closes at 1001: 10 * (1001 - 1002) * 10 = -100
    assert o.equity == [(MINUTE, 1_000_000), (2 * MINUTE, 999_900), (3 * MINUTE, 997_800)]


BOTH: Bid = (1000, 1012, 987, 1000)  # 12 up, 13 down: the high is nearer
FINE_UP = [(1000, 1012, 999, 1005), (1005, 1006, 987, 1000)]
FINE_DOWN = [(1000, 1003, 987, 999), (1001, 1012, 999, 1000)]
FINE_SHORT = [(1000, 1012, 999, 1005), (1005, 1006, 988, 1000)]  # the low is missing


@pytest.mark.parametrize(
    ("policy", "fine", "price", "reason"),
    [
        (Intrabar.WORST, [], 990, Reason.STOP_LOSS),
        (Intrabar.BEST, [], 1010, Reason.TAKE_PROFIT),
        (Intrabar.OHLC, [], 1010, Reason.TAKE_PROFIT),
        (Intrabar.DETAIL, FINE_UP, 1010, Reason.TAKE_PROFIT),
        (Intrabar.DETAIL, FINE_DOWN, 990, Reason.STOP_LOSS),
        (Intrabar.DETAIL, FINE_SHORT, 990, Reason.STOP_LOSS),
        (Intrabar.DETAIL, [], 990, Reason.STOP_LOSS),
    ],
)
def test_the_policy_decides_a_bar_with_both_levels(policy: Intrabar, fine: list[Bid], price: int, reason: Reason) -> None:
    detail = [(2 * MINUTE + j * MINUTE // 2, (*b, *[x + 2 for x in b])) for j, b in enumerate(fine)]
    o = play(market(intrabar=policy), inst(CALM, BOTH, detail=detail), order(10, stop_loss=990, take_profit=1010))
    # in at 1002; the stop pays 10 * -12 * 10 = -1200, the target 10 * 8 * 10 = 800
    assert exits(o) == [(1, price, reason)]
    assert o.balance == 1_000_000 + (800 if reason == Reason.TAKE_PROFIT else -1200)
    assert (o.counters[0], o.trades[0][17]) == (1, 1)


def test_at_a_tie_of_distances_the_extreme_worse_for_the_oldest_trade_comes_first() -> None:
    tie: Bid = (1000, 1012, 988, 1000)
    o = play(market(intrabar=Intrabar.OHLC), inst(CALM, tie), order(10, stop_loss=990, take_profit=1010))
    assert exits(o) == [(1, 990, Reason.STOP_LOSS)]
    # short at the bid 1000; ask 988 + 2 = 990 reaches the target 992, ask 1014 the stop 1010
    o = play(market(intrabar=Intrabar.OHLC), inst(CALM, tie), order(-10, stop_loss=1010, take_profit=992))
    assert exits(o) == [(1, 1010, Reason.STOP_LOSS)]


def test_the_target_of_a_limit_entry_is_only_perhaps_reached_in_its_bar() -> None:
    i = inst(CALM, (1000, 1006, 994, 1001), (1001, 1003, 1000, 1001))
    d = order(10, entry_type=OrderType.LIMIT, entry=998, take_profit=1004)
    # ask low 996 <= 998: in at 998. Worst does not take the target: END at 1001, 10 * 3 * 10 = 300.
    # its own bar counts with the close (3), the next with its high 1003 - 998 = 5 and its low, which is no loss
    o = play(market(), i, d)
    assert exits(o) == [(2, 1001, Reason.END)]
    assert (o.trades[0][13], *o.trades[0][15:]) == (300, 0, 5, 1)
    # best takes it: 10 * 6 * 10 = 600
    o = play(market(intrabar=Intrabar.BEST), i, d)
    assert exits(o) == [(1, 1004, Reason.TAKE_PROFIT)]
    assert (o.trades[0][13], *o.trades[0][15:]) == (600, 0, 6, 1)


def test_the_stop_of_a_limit_entry_works_in_its_bar() -> None:
    d = order(10, entry_type=OrderType.LIMIT, entry=998, stop_loss=994, take_profit=1005)
    o = play(market(), inst(CALM, (1000, 1004, 994, 1001)), d)  # the high 1004 is short of the target: nothing ambiguous
    assert (exits(o), o.counters[0]) == ([(1, 994, Reason.STOP_LOSS)], 0)


def test_a_partial_close_takes_its_share_of_commission_and_swap() -> None:
    i = inst(CALM, CALM, CALM, CALM, per_step=7.0, nights={2: (-1.5, 9.0)})
    o = play(market(), i, order(10), order(7))
    # in: 10 * 7 = 70. Night before bar 2: 10 * -1.5 = -15. Then 3 of 10 close at 1000:
    # share of commission 70 * 3 // 10 = 21, own 3 * 7 = 21; share of swap -15 * 3 // 10 = -5 (floor of -4.5)
    # profit 3 * -2 * 10 = -60 - 42 - 5 = -107. The last 7: 49 + 49, -10, 7 * -2 * 10 = -140: -248.
    assert [row[10:14] for row in o.trades] == [(42, -5, 0, -107), (98, -10, 0, -248)]
    assert o.balance == 1_000_000 - 107 - 248
    assert ends(o) == [
        (OrderType.MARKET, 10, Status.FILLED, Reason.MARKET, 0, 1),
        (OrderType.CLOSE, -3, Status.FILLED, Reason.MARKET, 1, 2),
    ]


def test_an_opposite_entry_reduces_the_oldest_trade_first_on_a_netting_account_only() -> None:
    add = [order(10, kind=Kind.ADD), order(5, kind=Kind.ADD), order(-12, kind=Kind.ADD)]
    o = play(market(), inst(CALM, CALM, CALM, CALM, CALM), *add)
    assert [(row[0], row[2], row[14]) for row in o.trades] == [(1, 10, Reason.MARKET), (2, 2, Reason.MARKET), (2, 3, Reason.END)]
    o = play(market(hedging=True, close_at_end=False), inst(CALM, CALM, CALM, CALM, CALM), *add)
    assert [(t.id, t.side * t.steps) for t in o.open] == [(1, 10), (2, 5), (3, -12)]


def test_the_margin_close_out_at_the_open_fills_at_the_open() -> None:
    o = play(market(balance=25_000), inst(CALM, CALM, (980, 985, 975, 982), CALM), order(100))
    # bar 2: doubled mid 980 + 982 = 1962; net asset value 25000 + (1962*100 - 2*100*1002) * 5 = 25000 - 21000 = 4000
    # margin 100 * 1962 * 5 * 0.02 = 19620; 4000 <= 9810. Out at 980: 100 * -22 * 10 = -22000.
    assert exits(o) == [(2, 980, Reason.MARGIN_CLOSEOUT)]
    assert (o.balance, o.counters[1]) == (3_000, 1)


def test_the_margin_close_out_inside_fills_at_the_extreme_less_slippage() -> None:
    d = order(-5, entry_type=OrderType.LIMIT, entry=2000)._replace(kind=Kind.ADD)
    o = play(market(balance=25_000), inst(CALM, CALM, (1000, 1001, 980, 990), CALM, slip_fixed=1), order(100), d)
    # in at 1003. Lows 980 and 982: 25000 + (196200 - 200600) * 5 = 3000 <= 9810. Out at 979: 100 * -24 * 10 = -24000, of which
    # slippage 100 * (1 + 1) * 10 = 2000. The resting order goes too.
    assert exits(o) == [(2, 979, Reason.MARGIN_CLOSEOUT)]
    assert (o.balance, o.trades[0][9]) == (1_000, 2_000)
    assert ends(o)[1] == (OrderType.LIMIT, -5, Status.CANCELLED, Reason.MARGIN_CLOSEOUT, 1, 2)


def test_too_little_margin_refuses_and_charges_nothing() -> None:
    # 100 steps need 100 * 2002 * 5 * 0.02 = 20020; the net asset value is 20000 - 10 * 100 (half the spread) - 7 * 100 (commission)
    o = play(market(balance=20_000), inst(CALM, CALM, per_step=7.0), order(100))
    assert ends(o) == [(OrderType.MARKET, 100, Status.REFUSED, Reason.INSUFFICIENT_MARGIN, 0, 1)]
    assert (o.balance, o.fills) == (20_000, [])
    # 21720 - 1000 - 700 = 20020: not above, so it fills
    assert len(play(market(balance=21_720), inst(CALM, CALM, per_step=7.0), order(100)).fills) == 2


def test_a_triple_swap_is_rounded_once_half_to_even() -> None:
    nights = {1: (-99.0, -99.0), 2: (3 * -2.75, 3 * 1.25), 3: (0.25, 0.25)}
    # bar 1's night is before the fill. Long 10: 10 * -8.25 = -82.5 -> -82; 10 * 0.25 = 2.5 -> 2. Short 10: 37.5 -> 38, and 2.
    o = play(market(), inst(CALM, CALM, CALM, CALM, nights=nights), order(10))
    assert (o.trades[0][11], o.balance) == (-80, 1_000_000 - 200 - 80)
    o = play(market(), inst(CALM, CALM, CALM, CALM, nights=nights), order(-10))
    assert (o.trades[0][11], o.balance) == (40, 1_000_000 - 200 + 40)


def test_a_stop_inside_the_spread_is_refused_and_the_closing_part_stays() -> None:
    o = play(market(), inst(CALM, CALM, CALM), order(-10), order(10, stop_pips=0.1))
    # in at the ask 1002, stop 1001; the bid stands at 1000
    assert ends(o)[1:] == [
        (OrderType.CLOSE, 10, Status.FILLED, Reason.MARKET, 1, 2),
        (OrderType.MARKET, 10, Status.REFUSED, Reason.STOP_LOSS_ON_FILL_LOSS, 1, 2),
    ]
    assert exits(o) == [(2, 1002, Reason.MARKET)]


def test_a_trailing_stop_ratchets_at_the_bars_end() -> None:
    # in at 1002, trail 997; bar 1's high 1010 lifts it to 1005; bar 2's low 1003 reaches it: 10 * 3 * 10 = 300
    o = play(market(), inst(CALM, (1000, 1010, 998, 1009), (1009, 1009, 1003, 1004)), order(10, trailing_pips=0.5))
    assert (exits(o), o.balance) == ([(2, 1005, Reason.TRAILING_STOP)], 1_000_300)


def test_random_slippage_is_the_published_sequence() -> None:
    # with seed 0 the draws are splitmix64's finaliser of n golden gammas: n = 0 gives 0, then the generator's first outputs
    golden = 0x9E3779B97F4A7C15
    assert [splitmix64(n * golden) for n in range(3)] == [0, 0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]
    o = play(market(), inst(CALM, CALM, CALM, slip_fixed=1, slip_share=0.3, slip_most=3), order(10), order(0))
    # 1 + ceil(0.6) + 0 = 2 over the ask 1002; 1 + 1 + (0x...F mod 4 = 3) = 5 under the bid 1000
    assert [f[4] for f in o.fills] == [1004, 995]


def test_a_stale_open_fills_market_orders_at_the_worst_price_of_the_bar() -> None:
    i = inst(CALM, (1000, 1009, 996, 1001), closure=[False, True])
    assert play(market(stale_worst=True), i, order(10)).fills[0][4] == 1011
    assert play(market(stale_worst=True), i, order(-10)).fills[0][4] == 996
    assert play(market(), i, order(10)).fills[0][4] == 1002
    # a limit passed by the open fills at its level
    d = order(10, entry_type=OrderType.LIMIT, entry=1005)
    assert [play(market(stale_worst=x), i, d).fills[0][4] for x in (True, False)] == [1005, 1002]


def test_profit_converts_at_the_mid_and_the_side_costs() -> None:
    rates: dict[str, object] = {"rate_mid": [1.25] * 3, "rate_gain": [1.24] * 3, "rate_loss": [1.26] * 3}
    o = play(market(), inst(CALM, CALM, (1010, 1010, 1010, 1010), **rates), order(10, take_profit=1009))
    # the open 1010 has passed the target: q = 10 * 8 = 80; at mid 80 * 12.5 = 1000, at gain 80 * 12.4 = 992
    # spread 10 * (2 + 2) * 0.5 * 12.5 = 250
    assert o.trades[0][7:14] == (1250, 250, 0, 0, 0, 8, 992)
    o = play(market(), inst(CALM, CALM, (990, 990, 990, 990), **rates), order(10, stop_loss=995))
    # q = -120: -1500 at mid, -1512 at loss
    assert (o.trades[0][12], o.trades[0][13]) == (12, -1512)


def test_a_resting_order_lives_for_its_bars() -> None:
    i = inst(CALM, CALM, (1000, 1004, 990, 1000))
    d = order(10, entry_type=OrderType.LIMIT, entry=995, expiry_bars=1.0)
    assert ends(play(market(), i, d)) == [(OrderType.LIMIT, 10, Status.CANCELLED, Reason.EXPIRED, 0, 2)]
    assert ends(play(market(), i, d._replace(expiry_bars=2.0))) == [(OrderType.LIMIT, 10, Status.FILLED, Reason.LIMIT, 0, 2)]


SEEDS = range(300)


def test_the_scenarios_keep_every_promise_and_meet_every_reason() -> None:
    met = set()
    for seed in SEEDS:
        m, insts, decisions = scenario(seed)
        o = run(m, insts, decisions)
        met |= {f[5] for f in o.fills} | {row[4] for row in o.orders}
        for row in o.trades:
            price_profit, spread, slippage, commission, swap, conversion, profit = row[7:14]
            assert price_profit - spread - slippage - conversion - commission + swap == profit
            assert min(row[15:17]) >= 0
        left = sum(t.swap - t.commission for t in o.open)
        assert o.balance == m.balance + sum(int(row[13]) for row in o.trades) + left
        assert not (m.close_at_end and (o.open or o.equity[-1][1] != o.balance))
        assert [t for t, _ in o.equity] == sorted({t for i in insts for t in i.time})
    assert met == set(Reason)


def test_the_scenarios_are_bars_and_the_same_every_time() -> None:
    for seed in SEEDS:
        _, insts, decisions = scenario(seed)
        assert repr(scenario(seed)[1:]) == repr((insts, decisions))
        for i, d in zip(insts, decisions, strict=True):
            assert len(d) == len(i.bars) == len(i.time) == len(set(i.time))
            for row in i.bars + [x for _, x in i.detail]:
                for o, h, l, c in (row[:4], row[4:]):
                    assert 50 < l <= min(o, c)
                    assert max(o, c) <= h
