"""`WalkForward`: what a walk found, window by window and stitched together."""

from __future__ import annotations

from functools import cached_property
from math import nan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.research.stats.daily import at_cuts, cut_rows
from lts.research.stats.facts import YEAR
from lts.research.stats.tally import Span, Tallies, headline
from lts.research.stats.trades import earned

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.result import Result
    from lts.research.walk_forward.windows import Window
    from lts.strategies.base import Strategy


class Turn(NamedTuple):
    """One window: what was chosen on it, and what that did after it."""

    window: Window
    parameters: dict[str, Any]
    inside: float  # the objective on the training window
    profit: float  # net profit on the training window
    result: Result  # of the test window


class WalkForward:
    """The outcome of `walk_forward`.

    Attributes
    ----------
    windows : pandas.DataFrame
        One row a window: its times (UTC), the chosen parameters, objective and net profit on the training window (`inside`,
        `inside_profit`), Sharpe ratio, net profit and trades on the test window.
    equity : pandas.Series
        Out of sample, by bar close, one window after the other.
    stats : pandas.Series
        The headline statistics of the stitched equity.
    stability : pandas.DataFrame
        By varied parameter: mean, deviation, how many values were chosen, share of windows that chose what the one before did.
    efficiency : float
        Net profit a bar of all test windows over that of all training windows (so each a year, for a year has as many bars there
        as here); nan where nothing was earned in training.
    rank_correlation : float
        Spearman's, of net profit a bar in sample and out of sample over the windows: whether good windows stay good.
    results : tuple of Result
        Of each test window.
    complete : bool
        False where Ctrl-C ended the walk.
    notes : tuple of str
        Why windows are missing: Ctrl-C, or a balance that was lost.
    """

    def __init__(
        self,
        cls: type[Strategy],
        bars: Bars,
        turns: tuple[Turn, ...],
        *,
        objective: str,
        varied: tuple[str, ...],
        complete: bool,
        notes: tuple[str, ...],
    ) -> None:
        self.cls, self.bars, self.turns, self.objective = cls, bars, turns, objective
        self.varied, self.complete, self.notes = varied, complete, notes

    @property
    def results(self) -> tuple[Result, ...]:
        """The result of each test window."""
        return tuple(turn.result for turn in self.turns)

    @cached_property
    def windows(self) -> pd.DataFrame:
        """One row a window."""
        import pandas as pd

        rows = []
        for turn in self.turns:
            (head, tail), (first, end) = (turn.window.train[0][0], turn.window.train[-1][1]), turn.window.test
            stats = turn.result.headline
            times = {"train_start": head, "train_end": tail, "test_start": first, "test_end": end}
            rows.append(
                {name: self._time(row) for name, row in times.items()}
                | turn.parameters
                | {"inside": turn.inside, "inside_profit": turn.profit}
                | {name: stats[name] for name in ("sharpe", "net_profit", "trades")}
            )
        return pd.DataFrame(rows)

    def _time(self, row: int) -> pd.Timestamp:
        import pandas as pd

        last = len(self.bars)
        stamp = int(self.bars.time[row]) if row < last else int(self.bars.time[-1]) + self.bars.duration
        return pd.Timestamp(stamp, tz="UTC")

    @cached_property
    def equity(self) -> pd.Series[float]:
        """Equity out of sample, by bar close."""
        import pandas as pd

        return pd.concat([result.equity for result in self.results])

    @cached_property
    def _micro(self) -> NDArray[np.int64]:
        return np.concatenate([result.equity_micro for result in self.results])

    @cached_property
    def stats(self) -> pd.Series[float]:
        """The headline statistics of the stitched equity, by the arithmetic of `Result.headline`."""
        import pandas as pd

        stamps = np.concatenate([r.setup.stamps[r.setup.start :] for r in self.results])
        start, micro = self.results[0].setup.terms.balance, self._micro
        years = (int(stamps[-1]) + self.bars.duration - int(stamps[0])) / YEAR
        span = Span(start, years, len(stamps), cut_rows(stamps, self.bars.duration)[1])
        share, fall = deepest(micro, start)
        counted = earned(np.concatenate([r.logs["trades"]["profit"] for r in self.results]))
        final, held = int(micro[-1]), sum(r.held_closes for r in self.results)
        numbers: list[Any] = [np.array([n]) for n in (fall, held, *counted)]
        totals, counts = (
            {name: np.array([sum(getattr(r, of)[name] for r in self.results)]) for name in getattr(self.results[0], of)}
            for of in ("totals", "counts")
        )
        days = at_cuts(micro, span.rows, start)[None, :]
        one = Tallies(span, np.array([final]), np.array([share]), *numbers, totals, counts, days)  # type: ignore[call-arg]
        return pd.Series({name: float(value[0]) for name, value in headline(one).items()}, name="value")

    @cached_property
    def stability(self) -> pd.DataFrame:
        """How steady the choice was, by parameter."""
        import pandas as pd

        rows = {}
        for name in self.varied:
            values = np.array([float(turn.parameters[name]) for turn in self.turns])
            kept = float(np.mean(values[1:] == values[:-1])) if len(values) > 1 else nan
            rows[name] = (values.mean(), values.std(ddof=1) if len(values) > 1 else nan, len(set(values)), kept)
        return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "deviation", "values", "kept"])

    @cached_property
    def _both(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Net profit and bars of each window, (windows, 2): in training, in the test."""
        bars = np.array([[sum(b - a for a, b in t.window.train), t.window.test[1] - t.window.test[0]] for t in self.turns])
        return np.array([[t.profit, t.result.headline["net_profit"]] for t in self.turns]), bars

    @property
    def efficiency(self) -> float:
        """Net profit a bar out of sample over that in sample."""
        money, bars = self._both
        inside, outside = (money.sum(axis=0) / bars.sum(axis=0)).tolist()
        return float(outside / inside) if inside > 0 else nan

    @property
    def rank_correlation(self) -> float:
        """Spearman's correlation of profit in sample and out of sample."""
        import pandas as pd

        money, bars = self._both
        inside, outside = (pd.Series(rate).rank() for rate in (money / bars).T)
        if len(inside) < 3 or inside.nunique() < 2 or outside.nunique() < 2:
            return nan
        return float(inside.corr(outside))

    def save(self, folder: str | Path) -> Path:
        """Write windows and equity (parquet) and all else that is told (walk.json) into a folder, and return it.

        Raises
        ------
        ParameterError, ResultError
            The folder holds something else, or cannot be written.
        """
        from lts.research.walk_forward.saved import save

        return save(self, folder)

    def plot(self) -> Figure:
        """Return a picture: stitched equity with the windows shaded, and the chosen parameters below."""
        from lts.research.plots.walk import walk

        return walk(self)

    def __str__(self) -> str:
        stats = self.stats
        head = (
            f"{self!r}\nout of sample: net profit {stats['net_profit']:,.2f}, Sharpe {stats['sharpe']:.2f}, max drawdown "
            f"{stats['max_drawdown']:.1%}; efficiency {self.efficiency:.2f}, rank correlation {self.rank_correlation:.2f}"
        )
        shown: Any = self.windows.drop(columns=["train_start", "train_end"])
        for name in ("test_start", "test_end"):
            shown[name] = shown[name].dt.strftime("%Y-%m-%d %H:%M")
        tables = [shown.to_string(index=False, float_format=_short)]
        tables += [self.stability.to_string(float_format=_short)] if self.varied else []
        return "\n\n".join(["\n".join([head, *self.notes]), *tables])

    def __repr__(self) -> str:
        first, last = self.windows["test_start"].iloc[0], self.windows["test_end"].iloc[-1]
        return f"WalkForward({self.cls.__name__}: {len(self.turns)} windows, out of sample {first:%Y-%m-%d} to {last:%Y-%m-%d})"


def _short(value: float) -> str:
    """Return a number as a person reads it in a table."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}" if abs(value) >= 0.1 else f"{value:.3g}"


def deepest(micro: NDArray[np.int64], start: int) -> tuple[float, int]:
    """Return the deepest fall of equity from its running peak: as a fraction of that peak, and in micro."""
    peak = np.maximum(np.maximum.accumulate(micro), start)
    return float(((peak - micro) / peak).max()), int((peak - micro).max())
