"""Malformed bar sets by the thousand: each is refused with its row and value, or repaired by the policy named, with a count."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lts.errors import BarsError
from tests.bar_sets import PRICES, good, read


def sort_rows(columns, random):
    n = len(columns["time"])
    a, b = np.sort(random.choice(n, 2, replace=False))
    columns["time"][[a, b]] = columns["time"][[b, a]]
    return "unsorted", "sort", "stamp"


def repeat_stamp(columns, random):
    row = int(random.integers(1, len(columns["time"])))
    columns["time"][row] = columns["time"][row - 1]
    return "duplicates", str(random.choice(["first", "last"])), "stamp"


def price(columns, random, value):
    name = str(random.choice(PRICES))
    columns[name][int(random.integers(len(columns["time"])))] = value
    return "impossible", "drop", name


def nan(columns, random):
    return price(columns, random, np.nan)


def infinite(columns, random):
    return price(columns, random, random.choice([np.inf, -np.inf]))


def zero(columns, random):
    return price(columns, random, 0.0)


def negative(columns, random):
    return price(columns, random, -1.35)


def inverted(columns, random):
    side = str(random.choice(["bid", "ask"]))
    row = int(random.integers(len(columns["time"])))
    high, low = columns[f"{side}_high"], columns[f"{side}_low"]
    high[row], low[row] = low[row], high[row]
    return "impossible", "drop", f"{side} open, high, low, close"


def off_grid(columns, random):
    name = str(random.choice(PRICES))
    columns[name][int(random.integers(len(columns["time"])))] += 3e-6
    return "off_grid", "round", name


def text(columns, random):
    name = str(random.choice(PRICES))
    values = [repr(float(v)) for v in columns[name]]
    values[int(random.integers(len(values)))] = str(random.choice(["abc", "1.3.5", "--", "1,35"]))
    columns[name] = values
    return "unreadable", "drop", name


def missing_price(columns, random):
    name = str(random.choice(PRICES))
    values = columns[name].tolist()
    values[int(random.integers(len(values)))] = None
    columns[name] = values
    return "nulls", "drop", name


def missing_stamp(columns, random):
    columns["time"][int(random.integers(len(columns["time"])))] = np.datetime64("NaT")
    return "nulls", "drop", "time"


def crossed(columns, random):
    row = int(random.integers(len(columns["time"])))
    for name in PRICES[4:]:
        columns[name][row] -= 0.01
    return "crossed", str(random.choice(["widen", "drop", "keep"])), "bid"


def at_weekend(columns, _random):
    last = columns["time"][-1].astype("datetime64[D]")
    saturday = last + (5 - (last.astype(np.int64) + 3) % 7) % 7 + 7
    columns["time"][-1] = saturday.astype("datetime64[ns]")
    return "outside_week", "drop", "stamp"


FAULTS = (
    sort_rows, repeat_stamp, nan, infinite, zero, negative, inverted, off_grid, text, missing_price, missing_stamp, crossed,
    at_weekend,
)  # fmt: skip


def check(seed):
    """Put one fault into good bars and see it refused by row and value, then repaired and counted."""
    random = np.random.default_rng(seed)
    make = FAULTS[seed % len(FAULTS)]
    n = int(random.integers(3, 40))
    columns = good(n, seed=seed)
    fault, policy, value = make(columns, random)
    strict = {fault: "error"} if fault != "outside_week" else {}
    if strict:
        with pytest.raises(BarsError) as caught:
            read(columns, **strict)
        message = str(caught.value)
        assert re.search(r"row \d+: ", message), message
        assert value in message
        assert int(re.search(r"row (\d+)", message)[1]) < n
    bars = read(columns, **{fault: policy})
    touch = bars.quality.faults[fault]
    assert touch.policy == policy
    assert touch.count >= 1
    assert len(bars) == n - (touch.count if policy in {"drop", "first", "last"} else 0)
    assert (np.diff(bars.time) > 0).all()
    o, h, low, c = bars.points.matrix.reshape(2, 4, -1).swapaxes(0, 1)
    assert (low > 0).all()
    assert (np.minimum(o, c) >= low).all()
    assert (np.maximum(o, c) <= h).all()
    if policy != "keep":
        assert (bars.points.matrix[4:] >= bars.points.matrix[:4]).all()
    str(bars.quality)


def whole(seed):
    """Sets that are wrong as a whole are refused, and a single row is a set."""
    columns = good(2 + seed % 9, seed=seed)
    with pytest.raises(BarsError, match="stamps have no zone"):
        read(columns, tz=None)
    with pytest.raises(BarsError, match="was empty"):
        read({k: v[:0] for k, v in columns.items()})
    with pytest.raises(BarsError, match=r"row \d+: .* was 'x'"):
        read({**columns, "bid_open": ["x"] * len(columns["time"])})
    assert len(read({k: v[:1] for k, v in columns.items()})) == 1


@pytest.mark.parametrize("fault", range(len(FAULTS)), ids=[f.__name__ for f in FAULTS])
def test_malformed_bars_are_refused_by_row_or_repaired_by_name(fault):
    for seed in range(fault, 500, len(FAULTS)):
        check(seed)


def test_sets_that_are_wrong_as_a_whole_are_refused():
    for seed in range(20):
        whole(seed)


@pytest.mark.long
def test_ten_thousand_malformed_sets():
    for seed in range(500, 10_500):
        check(seed)
        if seed % 50 == 0:
            whole(seed)
