"""The kernel is the oracle, exactly; interpreted it is the same; its money adds up."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from math import nan
from pathlib import Path
from time import perf_counter

import pytest

from lts.words import Decision, Intrabar, Kind, OrderType, Reason
from tests.kernel_driver import Facts, facts, fingerprint, run_kernel, run_loop
from tests.kernel_storm import play
from tests.naive import Inst, Market, run
from tests.scenarios import STAY, scenario

ROOT = Path(__file__).resolve().parents[2]
SMALL_MEMORY = {"trades": 2, "rows": 8}  # so that growing is part of every run


def differences(market: Market, insts: list[Inst], decisions: list[list[Decision]]) -> list[str]:
    """Return what the kernel and a generated loop do otherwise than the oracle."""
    wanted = facts(run(market, insts, decisions))
    found = []
    for play_it in (run_kernel, run_loop):
        got = play_it(market, insts, decisions, **SMALL_MEMORY)
        found += [f"{play_it.__name__}: {field}" for field in Facts._fields if getattr(got, field) != getattr(wanted, field)]
    return found


def wrong_seeds(seeds: range, size: str) -> dict[int, list[str]]:
    """Return the seeds whose scenarios kernel and oracle play differently."""
    return {seed: found for seed in seeds if (found := differences(*scenario(seed, size)))}


@pytest.mark.parametrize(("size", "seeds"), [("tiny", range(1600)), ("small", range(390)), ("large", range(10))])
def test_kernel_and_loop_are_the_oracle_on_two_thousand_scenarios(size: str, seeds: range) -> None:
    assert wrong_seeds(seeds, size) == {}


@pytest.mark.long
def test_kernel_and_loop_are_the_oracle_on_a_hundred_thousand_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    began, chunks = perf_counter(), 100
    for chunk in range(chunks):
        for size, count in (("tiny", 850), ("small", 147), ("large", 3)):
            first = 1_000_000 + chunk * count
            assert wrong_seeds(range(first, first + count), size) == {}
        with capsys.disabled():
            sys.stdout.write(f"\n{(chunk + 1) * 1000} scenarios agree, {perf_counter() - began:.0f} s")


@pytest.mark.parametrize(("size", "count"), [("tiny", 40), ("small", 20)])
def test_interpreted_and_compiled_the_market_leaves_the_same_bytes(size: str, count: int) -> None:
    code = f"from tests.kernel_driver import fingerprint; print(fingerprint(range({count}), {size!r}))"
    settings = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, env=settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == fingerprint(range(count), size)


def test_money_adds_up_after_every_close_of_ten_thousand_random_runs() -> None:
    failed, fills, trades = play(0, 10_000)
    assert failed == -1
    assert fills > trades > 100_000


@pytest.mark.long
def test_money_adds_up_after_every_close_of_a_million_random_runs(capsys: pytest.CaptureFixture[str]) -> None:
    for first in range(0, 1_000_000, 100_000):
        assert play(first, first + 100_000)[0] == -1
        with capsys.disabled():
            sys.stdout.write(f"\n{first + 100_000} runs add up")


# ---- what chance rarely meets


def quiet_bars(count: int, **changes: object) -> Inst:
    """An instrument whose bars stand at bid 1000 and ask 1002, worth 10 micro a point and step."""
    ones, no = [1.0] * count, [False] * count
    plain = Inst(
        precision=5, units_precision=0, points_per_pip=10, min_steps=5, max_steps=20, margin_rate=0.02, duration=60,
        time=[60 * (t + 1) for t in range(count)], bars=[(1000, 1001, 999, 1000, 1002, 1003, 1001, 1002)] * count, rate_mid=ones,
        rate_gain=ones, rate_loss=ones, rate_mark=ones, nights={}, closure=no, span=no, detail=[], per_step=0.0, fraction=0.0,
        minimum=0.0, slip_fixed=0, slip_share=0.0, slip_most=0,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


PLAIN = Market(10_000_000, 0.5, hedging=False, intrabar=Intrabar.WORST, stale_worst=False, seed=0, close_at_end=False)


def order(kind: Kind, units: float, entry_type: OrderType = OrderType.MARKET, **fields: float) -> Decision:
    return Decision(kind, units, entry_type, nan, nan, nan, nan, nan, nan, 0.0)._replace(**fields)


def refusals(decisions: list[Decision], **changes: object) -> list[int]:
    """Play the decisions bar after bar on one instrument; kernel, loop and oracle agree; return the reasons of refusals."""
    inst = quiet_bars(len(decisions) + 2, **changes)
    script = [[*decisions, STAY, STAY]]
    assert differences(PLAIN, [inst], script) == []
    return [int(row[4]) for row in run(PLAIN, [inst], script).orders if row[3] == 3]


def test_a_target_that_is_the_position_is_still_validated() -> None:
    above = [order(Kind.ADD, 15), order(Kind.ADD, 15), order(Kind.GO, 30), order(Kind.GO, 30)]
    assert refusals(above) == [Reason.UNITS_ABOVE_MAXIMUM] * 2
    below = [order(Kind.ADD, 8), order(Kind.GO, 8), order(Kind.ADD, -5), STAY, order(Kind.GO, 3)]
    assert refusals(below) == [Reason.UNITS_BELOW_MINIMUM]


@pytest.mark.parametrize("points", [0.0, 0.4, 0.5, 2.0**31 - 0.4, 2.0**31, 1e18, 1e300 * 1e5])
def test_a_price_of_no_points_or_beyond_31_bits_is_refused(points: float) -> None:
    price = points / 1e5
    assert refusals([order(Kind.ADD, 9, OrderType.LIMIT, entry=price)]) == [Reason.PRICE_INVALID]
    assert refusals([order(Kind.ADD, 9, stop_loss=price)]) == [Reason.PROTECTION_INVALID]
    assert refusals([order(Kind.ADD, 9, take_profit=price)]) == [Reason.PROTECTION_INVALID]


@pytest.mark.parametrize("points", [2.0**31, 1e18, 1e19, 1e300])
@pytest.mark.parametrize("name", ["stop_pips", "target_pips", "trailing_pips"])
def test_a_distance_beyond_31_bits_is_refused(name: str, points: float) -> None:
    assert refusals([order(Kind.ADD, 9, **{name: points / 10})]) == [Reason.PROTECTION_INVALID]


def test_the_widest_prices_and_distances_are_taken() -> None:
    widest = 2.0**31 - 1
    assert refusals([order(Kind.ADD, -9, stop_loss=widest / 1e5, target_pips=widest / 10, trailing_pips=widest / 10)]) == []
    assert refusals([order(Kind.ADD, -9, OrderType.LIMIT, entry=widest / 1e5)]) == []


def test_an_expiry_beyond_time_is_refused() -> None:
    limit = order(Kind.ADD, 9, OrderType.LIMIT, entry=0.005)
    assert refusals([limit._replace(expiry_bars=1e9)]) == []
    assert refusals([limit._replace(expiry_bars=1e9 + 1)]) == [Reason.EXPIRY_INVALID]
    assert refusals([limit._replace(expiry_bars=1e9)], duration=604_800_000_000_000) == [Reason.EXPIRY_INVALID]
    assert refusals([limit._replace(expiry_bars=15_000)], duration=604_800_000_000_000) == []


def test_a_position_that_whole_numbers_could_not_hold_is_refused() -> None:
    most = {"max_steps": 10**15}
    assert refusals([order(Kind.ADD, 1e14)], **most) == [Reason.UNITS_ABOVE_MAXIMUM]  # 1e14 x 1002 points > 1e17
    assert refusals([order(Kind.ADD, 1e19)], **most) == [Reason.UNITS_ABOVE_MAXIMUM]
    assert refusals([order(Kind.ADD, 9e13)], **most) == [Reason.INSUFFICIENT_MARGIN]


@pytest.mark.parametrize("steps", [29, 1_234_567_890_123, 99_999_999_999])
def test_units_with_decimals_are_the_steps_they_say(steps: int) -> None:
    inst = quiet_bars(3, units_precision=2, max_steps=10**13)
    market = replace(PLAIN, balance=10**17)
    assert differences(market, [inst], [[order(Kind.GO, steps / 100), order(Kind.GO, steps / 100), STAY]]) == []
    assert run_kernel(market, [inst], [[order(Kind.GO, steps / 100), STAY, STAY]]).fills[0][3] == steps


def test_at_equal_sides_the_larger_margin_decides_about_the_close_out() -> None:
    calm, wide = (1000, 1001, 999, 1000, 1002, 1003, 1001, 1002), (1000, 1020, 980, 1000, 1002, 1022, 982, 1002)
    inst = quiet_bars(4, max_steps=100, bars=[calm, calm, calm, wide])
    script = [[order(Kind.ADD, 100), order(Kind.ADD, -100), STAY, STAY]]
    # in at 1002 and 1000; doubled mids 1962 and 2042: (196200 - 200400 + 200000 - 204200) * 5 = -42000; margins 19620 and 20420
    for balance, closeouts in ((62_000, 1), (62_421, 0)):
        market = replace(PLAIN, balance=balance, closeout=1.0, hedging=True)
        assert differences(market, [inst], script) == []
        assert run(market, [inst], script).counters[1] == closeouts


@pytest.mark.parametrize("side", [1, -1])
def test_the_close_out_is_found_where_quotes_are_crossed(side: int) -> None:
    calm = (1000, 1001, 999, 1000, 1002, 1003, 1001, 1002)
    # In at 1002 or 1000, 20 steps of 10 micro a point. Long: at bid 990, ask 970 the doubled mid is 1960, a loss of
    # (1960 - 2004) * 20 * 5 = -4400; margin 1960 * 20 * 5 * 0.02 = 3920. Short: at 1032 over 1012 (2044 - 2000) * 20 * 5, 4088.
    crossed = (1000, 1001, 990, 1000, 1002, 1003, 970, 1002) if side > 0 else (1000, 1032, 999, 1000, 1002, 1012, 1001, 1002)
    margin = 3920 if side > 0 else 4088
    inst = quiet_bars(5, bars=[calm, calm, calm, crossed, calm])
    script = [[order(Kind.ADD, 20 * side), STAY, STAY, STAY, STAY]]
    for balance, closeouts in ((4400 + margin, 1), (4400 + margin + 1, 0)):
        market = replace(PLAIN, balance=balance, closeout=1.0)
        assert run(market, [inst], script).counters[1] == closeouts
        assert differences(market, [inst], script) == []
