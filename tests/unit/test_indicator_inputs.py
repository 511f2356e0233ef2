"""Indicators: what they accept and refuse, and what numba may not change."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lts.errors import ParameterError
from lts.sim import indicators as ind
from tests.indicator_cases import CASES, call, cut, digests, floats, table, walk

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("n", [0, 1, 2])
def test_short_arrays_give_arrays_of_their_length(name, n):
    made = table(call(name, cut(walk(5), slice(0, n))))
    assert made.dtype == np.float64
    assert made.shape[1] == n
    if name != "session_vwap" and n:
        assert np.isnan(made[:, 0]).all()


def test_a_window_longer_than_the_array_is_all_nan():
    assert np.isnan(ind.sma(np.arange(5), 6)).all()
    assert np.isnan(ind.rsi(np.arange(5.0), 5)).all()
    assert ind.sma([], 3).shape == (0,)


def test_columns_of_any_library_and_layout_are_read_alike():
    points = walk(50)["close"]
    wanted = ind.sma(points, 4).tobytes()
    frozen = points.copy()
    frozen.flags.writeable = False
    for column in (
        frozen,
        np.repeat(points, 2)[::2],
        pd.Series(points),
        pl.Series(points),
        points.tolist(),
        points.astype(np.uint64),
    ):
        assert ind.sma(column, 4).tobytes() == wanted
    assert np.isnan(ind.sma(pl.Series([1.0, None, 2.0]), 1)).tolist() == [False, True, False]
    assert np.isnan(ind.ema(pd.Series([1, None, 2], dtype="Int64"), 1)).tolist() == [False, True, False]


def test_state_written_back_goes_on_elsewhere():
    close = floats(walk(60))["close"]
    one, two = ind.stream(ind.macd), ind.stream(ind.macd)
    one.extend(close[:40])
    two.state[:] = np.frombuffer(one.state.tobytes())
    assert two.update(close[40]) == one.update(close[40])
    assert isinstance(two.update(close[41]), ind.Macd)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: ind.sma([1.0], 0), r"sma window: was 0; .* from 1 to"),
        (lambda: ind.sma([1.0], 2.5), r"sma window: was 2\.5"),
        (lambda: ind.sma([1.0], True), r"sma window: was True"),
        (lambda: ind.linreg_slope([1.0], 1), r"linreg_slope window: was 1; .* from 2 to"),
        (lambda: ind.bollinger([1.0], 5, -1.0), r"bollinger width: was -1\.0"),
        (lambda: ind.bollinger([1.0], 5, math.nan), r"bollinger width: was nan"),
        (lambda: ind.realised_volatility([1.0], 5, "year"), r"realised_volatility periods: was 'year'"),
        (lambda: ind.macd([1.0], 26, 12), r"macd fast: was 26; it must be below slow, which was 12"),
        (lambda: ind.momentum([1.0], -3), r"momentum lag: was -3"),
        (lambda: ind.atr([1.0, 2.0], [1.0], [1.0, 2.0], 2), r"atr low: had shape \(1,\).*high \(2,\)"),
        (lambda: ind.ema([[1.0]], 2), r"ema values: had shape \(1, 1\)"),
        (lambda: ind.ema(["a"], 2), r"ema values: was <U1"),
        (lambda: ind.ema(np.array([object()]), 2), r"ema values: was object"),
        (lambda: ind.rolling_std(np.array([2**40]), 5), r"rolling_std values: reached 1099511627776; .*float64"),
        (lambda: ind.stream(ind.sma, 5, whole=True).extend([1.5]), r"sma values: was float64; .*whole=True"),
        (lambda: ind.stream(ind.atr, 5).update(1.0), r"atr: was given 1 inputs; it needs high, low, close"),
        (lambda: ind.stream(np.mean, 5), r"stream indicator: was 'mean'"),
        (lambda: ind.stream(ind.sma, fats=5), r"stream sma: was given \(\) \{'fats': 5\}"),
    ],
)
def test_a_bad_parameter_is_named_with_its_value(act, words):
    with pytest.raises(ParameterError, match=words):
        act()


def python(code: str, **environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **environment}
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_interpreted_code_gives_the_same_bytes():
    assert python("from tests.indicator_cases import digests; print(digests())", NUMBA_DISABLE_JIT="1") == digests()


def test_import_compiles_nothing_and_lts_alone_does_not_load_numba():
    code = (
        "import sys, lts; assert 'numba' not in sys.modules\n"
        "from lts.sim.indicators.kernels import extremes, path, smooth, whole, windows\n"
        "rooms = (extremes, path, smooth, whole, windows)\n"
        "made = [f for m in rooms for f in vars(m).values() if hasattr(f, 'py_func')]\n"
        "assert len(made) > 60 and not any(f.signatures for f in made)\n"
    )
    python(code, NUMBA_DISABLE_JIT="0")
