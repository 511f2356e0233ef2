"""The first words about a result: what is said of the Sharpe ratio, its interval, and of luck."""

from __future__ import annotations

import math

import pytest

from lts.research.headline import headline_of

GOOD = {"sharpe": 1.234, "sharpe_low95": 0.2, "sharpe_high95": 2.3, "dsr": 0.9649, "trials": 312.0, "sharpe_by_luck": 0.951}
LUCK = "what the luckiest of the 312 sets tried on these bars would show without skill"


def test_a_good_one():
    assert headline_of(GOOD, {}).lines() == (
        ("Sharpe", "1.23 a year; 95 % interval 0.20 to 2.30"),
        ("DSR", f"96 %, unlikely to be luck: probability that the true Sharpe ratio is above 0.95, {LUCK}"),
    )


@pytest.mark.parametrize(
    ("sharpe", "dsr", "verdict"),
    [(1, 0.95, "unlikely to be luck"), (1, 0.9499, "could be luck"), (1, 0.5, "could be luck"), (1, 0.4999, "looks like luck"),
     (-1, 0.4, "no edge"), (0, 0.6, "no edge")],
)  # fmt: skip
def test_the_verdict(sharpe, dsr, verdict):
    assert headline_of(GOOD | {"sharpe": sharpe, "dsr": dsr}, {}).verdict == verdict


def test_one_set_has_no_luck_to_beat():
    told = headline_of(GOOD | {"trials": 1, "sharpe_by_luck": 0}, {})
    assert told.because == "probability that the true Sharpe ratio is above 0; no other set was tried on these bars"


def test_where_there_is_no_number_the_reason_stands():
    nothing = dict.fromkeys(GOOD, math.nan)
    reasons = {"sharpe": "there is one day only", "dsr": "the trial ledger is off"}
    assert headline_of(nothing, reasons).lines() == (
        ("Sharpe", "none: there is one day only"),
        ("DSR", "none: the trial ledger is off, so nobody knows how many sets were tried on these bars"),
    )


def test_known_trials_are_told_also_without_a_ratio():
    told = headline_of({"trials": 2}, {"sharpe": "no trade", "dsr": "no trade"})
    assert told.because == "no trade; 2 sets were tried on these bars"
    assert headline_of({"trials": 1}, {"dsr": "no trade"}).because == "no trade; 1 set was tried on these bars"


def test_a_result_of_an_older_lts_says_what_it_does_not_know():
    old = {name: value for name, value in GOOD.items() if name not in {"dsr", "trials", "sharpe_by_luck"}}
    assert headline_of(old, {}).because.startswith("not told when this result was saved")


def test_an_interval_that_cannot_be_had_says_why():
    told = headline_of(GOOD | {"sharpe_low95": None, "sharpe_high95": None}, {"sharpe_low95": "too few different days"})
    assert told.lines()[0] == ("Sharpe", "1.23 a year; 95 % interval none (too few different days)")


def test_zero_has_no_sign_and_a_page_has_a_real_minus():
    told = headline_of(GOOD | {"sharpe": -0.001, "sharpe_low95": -1.5}, {}, "\N{MINUS SIGN}")
    assert (told.sharpe, told.interval) == ("0.00", "\N{MINUS SIGN}1.50 to 2.30")
