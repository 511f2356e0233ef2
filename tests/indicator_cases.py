"""Every indicator with its inputs and small parameters, and random walks to feed it."""

from __future__ import annotations

import hashlib

import numpy as np

from lts.sim import indicators as ind

BAR = ("high", "low", "close")
CASES = {  # name: (inputs, parameters)
    "sma": (("close",), {"window": 5}),
    "wma": (("close",), {"window": 5}),
    "ema": (("close",), {"window": 5}),
    "wilder": (("close",), {"window": 5}),
    "dema": (("close",), {"window": 4}),
    "tema": (("close",), {"window": 3}),
    "kama": (("close",), {"window": 4}),
    "rolling_sum": (("close",), {"window": 6}),
    "rolling_min": (("close",), {"window": 6}),
    "rolling_max": (("close",), {"window": 6}),
    "rolling_median": (("close",), {"window": 4}),
    "rolling_std": (("close",), {"window": 7}),
    "zscore": (("close",), {"window": 5}),
    "linreg_slope": (("close",), {"window": 6}),
    "bollinger": (("close",), {"window": 5, "width": 1.7}),
    "donchian": (("high", "low"), {"window": 5}),
    "keltner": (BAR, {"window": 4, "width": 1.5, "atr_window": 6}),
    "true_range": (BAR, {}),
    "atr": (BAR, {"window": 5}),
    "natr": (BAR, {"window": 5}),
    "log_returns": (("close",), {"lag": 3}),
    "realised_volatility": (("close",), {"window": 5, "periods": 252.0}),
    "momentum": (("close",), {"lag": 4}),
    "roc": (("close",), {"lag": 4}),
    "rsi": (("close",), {"window": 5}),
    "macd": (("close",), {"fast": 3, "slow": 7, "signal": 4}),
    "stochastic": (BAR, {"window": 5, "smooth_k": 3, "smooth_d": 2}),
    "williams_r": (BAR, {"window": 5}),
    "cci": (BAR, {"window": 5}),
    "adx": (BAR, {"window": 4}),
    "aroon": (("high", "low"), {"window": 5}),
    "session_vwap": (("close", "volume", "session"), {}),
}


def walk(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Whole points of a random walk with flat stretches and ties."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(-9, 10, n) * (rng.random(n) < 0.7)
    close = (110_000 + np.cumsum(steps)).astype(np.int32)
    high = close + rng.integers(0, 6, n).astype(np.int32)
    low = close - rng.integers(0, 6, n).astype(np.int32)
    return {"high": high, "low": low, "close": close, "volume": rng.integers(0, 9, n), "session": np.arange(n) // 13}


def floats(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: column / 1e5 if name in BAR else column.astype(float) for name, column in columns.items()}


def call(name: str, columns: dict[str, np.ndarray]):
    inputs, parameters = CASES[name]
    return getattr(ind, name)(*[columns[i] for i in inputs], **parameters)


def table(made) -> np.ndarray:
    return np.atleast_2d(np.array(made, dtype=float))


def cut(columns: dict[str, np.ndarray], part: slice) -> dict[str, np.ndarray]:
    return {name: column[part] for name, column in columns.items()}


def live(name: str, columns: dict[str, np.ndarray], first: int, second: int, *, whole: bool) -> np.ndarray:
    """A batch up to `first`, bar by bar up to `second`, a batch to the end."""
    inputs, parameters = CASES[name]
    stream = ind.stream(getattr(ind, name), **parameters, **({"whole": True} if whole else {}))
    rows = [columns[i] for i in inputs]
    head = table(stream.extend(*[r[:first] for r in rows]))
    middle = [table(stream.update(*[r[t] for r in rows])).reshape(-1, 1) for t in range(first, second)]
    return np.hstack([head, *middle, table(stream.extend(*[r[second:] for r in rows]))])


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def digests() -> str:
    """Hash every case on points, on prices and on prices with holes."""
    lines = []
    for name in CASES:
        points = walk(140, 11)
        holes = floats(points)
        holes["close"][[50, 51, 90]] = np.nan, np.inf, np.nan
        made = [table(call(name, columns)) for columns in (points, floats(points), holes)]
        lines += [f"{name} {hashlib.sha256(m.tobytes()).hexdigest()}" for m in made]
    return "\n".join(lines)
