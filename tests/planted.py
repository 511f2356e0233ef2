"""Rules for `lts check`: thirty that know the future, each in its own way, and more than thirty that do not.

Each is a function from bars to one value a bar; `rule` makes a strategy of it. Outside data lie in closures, as they would in a
notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
from scipy import signal as filters

import lts
from lts import indicators
from lts.strategies.base import Strategy, go, stay

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = 3_600_000_000_000
BARS = lts.synthetic_bars("EUR_USD", "H1", n=2_400, seed=5)
ODD_BAR = 1_777  # where the fault at a single bar sits


class Planted(Strategy):
    """Long above the feature's usual level, short below."""

    units: float = 10_000

    def decide(self, view):
        """Follow the sign."""
        if np.isnan(view.now.x) or view.now.x == 0:
            return stay()
        side = 1.0 if view.now.x > 0 else -1.0
        if side * view.position.units > 0:
            return stay()
        return go(side * self.units, stop_pips=30, target_pips=30)


def rule(say: Callable[[Any], Any]) -> Strategy:
    """Return a strategy whose one feature is what `say` makes of the bars."""
    return type("Planted", (Planted,), {"features": lambda _, bars: {"x": say(bars)}, "__module__": __name__})()


def series(bars):
    return pd.Series(bars.bid_close, index=bars.to_pandas().index)


def move(bars):
    return np.diff(bars.bid_close, prepend=bars.bid_close[:1])


# ---- faults -----------------------------------------------------------------------------------------------------------------


def shifted_by_minus_one(bars):
    return series(bars).diff().shift(-1)


def centred_window(bars):
    s = series(bars)
    return s - s.rolling(21, center=True).mean()


def full_sample_scaling(bars):
    s = series(bars)
    return (s - s.mean()) / s.std()


def back_fill(bars):
    s = series(bars).diff()
    return s.where(s.abs() > 0.0015).bfill()


def resampled_to_the_left_edge(bars):
    s = series(bars)
    four = s.resample("4h", label="left").last().dropna().diff()
    return four.reindex(s.index, method="ffill")


def todays_high(bars):
    frame = bars.to_pandas()
    high = frame["bid_high"].groupby(frame.index.floor("D")).transform("max")
    return frame["bid_close"] - high + 0.002


def unfinished_higher_timeframe_bar(bars):
    day = bars.resample("D1")
    row = np.searchsorted(day.time, bars.time, side="right") - 1
    return day.bid_close[row] - bars.bid_close


_OTHER = lts.synthetic_bars("GBP_USD", "H1", n=2_400, seed=6)
_OTHER_DAYS = _OTHER.resample("D1")


def future_join(bars):
    row = np.searchsorted(_OTHER_DAYS.time, bars.time, side="right") - 1  # by its open: today's close is known in the morning
    return np.where(row >= 0, _OTHER_DAYS.bid_close[row] - _OTHER_DAYS.bid_open[row], np.nan)


def argmax_over_the_whole_sample(bars):
    return np.where(np.arange(len(bars)) < np.argmax(bars.bid_close), 1.0, -1.0)


def gradient(bars):
    return np.gradient(bars.bid_close)


def smoothed_there_and_back(bars):
    b, a = filters.butter(2, 0.1)
    return bars.bid_close - filters.filtfilt(b, a, bars.bid_close)


def interpolated_gaps(bars):
    s = series(bars)
    s[np.arange(len(s)) % 7 == 3] = np.nan
    return s.interpolate() - s.shift(2).ffill()


def quantile_of_the_whole_sample(bars):
    return np.where(bars.bid_close > np.quantile(bars.bid_close, 0.5), 1.0, -1.0)


def regression_on_all_data(bars):
    x = np.arange(len(bars))
    slope, level = np.polyfit(x, bars.bid_close, 1)
    return bars.bid_close - slope * x - level


def sorted_values(bars):
    return np.sort(bars.bid_close) - bars.bid_close


def filled_after_reversing(bars):
    s = series(bars).diff()
    return s.where(s.abs() > 0.002)[::-1].ffill()[::-1]


def least_of_the_next_bars_on_fridays(bars):
    s = series(bars)
    ahead = s[::-1].rolling(5, min_periods=1).min()[::-1]
    friday = (s.index.day_of_week == 4) & (s.index.hour >= 19)
    return np.where(friday, ahead - s, s.diff())


def a_single_bar(bars):
    x = move(bars)
    if len(bars) > ODD_BAR + 1:
        x[ODD_BAR] = x[ODD_BAR + 1]
    return x


_CAPTURED = BARS


def bars_captured_in_a_closure(bars):
    return np.append(_CAPTURED.bid_close, np.nan)[1 : len(bars) + 1] - bars.bid_close


def length_of_the_data(bars):
    return np.where(np.arange(len(bars)) < 0.8 * len(bars), 1.0, -1.0)


def last_bar_is_special(bars):
    x = move(bars)
    x[-1] = 0.0
    return x


def summed_from_the_end(bars):
    return np.cumsum(move(bars)[::-1])[::-1]


def divided_by_the_final_value(bars):
    return bars.bid_close / bars.bid_close[-1] - 1


_STAMPS = BARS.to_pandas().index[::9] + pd.Timedelta("25min")
_NEWS = pd.DataFrame({"time": _STAMPS, "value": np.sin(np.arange(len(_STAMPS)))})


def merged_forward(bars):
    left = pd.DataFrame({"time": bars.to_pandas().index + pd.Timedelta("1h")})
    return pd.merge_asof(left, _NEWS, on="time", direction="forward")["value"].to_numpy()


def label_of_the_next_session(bars):
    s = series(bars)
    day = s.groupby(s.index.floor("D")).agg(["first", "last"])
    up = np.sign(day["last"] - day["first"]).shift(-1)
    return up.reindex(s.index.floor("D")).to_numpy()


_CALLS: list[int] = []


def hidden_state(bars):
    _CALLS.append(1)
    return move(bars) + 1e-4 * (len(_CALLS) % 2)


def future_volume(bars):
    volume = np.append(bars.volume[1:], np.nan)
    return volume - bars.volume


def spread_of_the_next_bar(bars):
    spread = bars.points.ask_open - bars.points.bid_open
    return np.append(spread[1:], spread[-1:]) - 8.0


def rank_over_the_whole_sample(bars):
    return series(bars).rank(pct=True) - 0.5


def fourier_filter(bars):
    spectrum = np.fft.rfft(bars.bid_close)
    spectrum[40:] = 0
    return bars.bid_close - np.fft.irfft(spectrum, len(bars))


def chance(bars):
    return move(bars) + np.random.default_rng().normal(0, 1e-5, len(bars))


def next_gap_in_time(bars):
    ahead = np.append(np.diff(bars.time), HOUR)
    return np.where(ahead > 24 * HOUR, 1.0, -1.0)  # the last bar of a week knows that it is the last


def polars_shift(bars):
    return pl.Series(bars.bid_close).diff().shift(-2).to_numpy()


def unsettled_zigzag(bars):
    """Pivots drawn on the bar of the turn, which is known only five bars later."""
    s = series(bars)
    top = s == s.rolling(11, center=True, min_periods=6).max()
    return np.where(top, -1.0, np.sign(s.diff()))


_TODAY = BARS.to_pandas()["bid_close"].resample("D").last().dropna().to_frame("close")


def table_of_days_joined_by_its_open(bars):
    day = bars.to_pandas().index.floor("D")
    return _TODAY["close"].reindex(day).to_numpy() - bars.bid_close


_LABELS = np.append(np.sign(np.diff(BARS.bid_close)), 0.0)


def array_of_labels_read_one_bar_early(bars):
    return np.append(_LABELS, 0.0)[1 : len(bars) + 1]


FAULTS = (
    shifted_by_minus_one, centred_window, full_sample_scaling, back_fill, resampled_to_the_left_edge, todays_high,
    unfinished_higher_timeframe_bar, future_join, argmax_over_the_whole_sample, gradient, smoothed_there_and_back,
    interpolated_gaps, quantile_of_the_whole_sample, regression_on_all_data, sorted_values, filled_after_reversing,
    least_of_the_next_bars_on_fridays, a_single_bar, bars_captured_in_a_closure, length_of_the_data, last_bar_is_special,
    summed_from_the_end, divided_by_the_final_value, merged_forward, label_of_the_next_session, hidden_state, future_volume,
    spread_of_the_next_bar, rank_over_the_whole_sample, fourier_filter, chance, next_gap_in_time, polars_shift,
    unsettled_zigzag, table_of_days_joined_by_its_open, array_of_labels_read_one_bar_early,
)  # fmt: skip


# ---- clean ------------------------------------------------------------------------------------------------------------------


def one_bar_return(bars):
    return move(bars)


def pandas_rolling(bars):
    s = series(bars)
    return s - s.rolling(50).mean()


def pandas_rolling_from_the_first_bar(bars):
    s = series(bars)
    return s - s.rolling(50, min_periods=1).mean()


def pandas_zscore(bars):
    s = series(bars)
    return (s - s.rolling(60).mean()) / s.rolling(60).std()


def pandas_exponential(bars):
    s = series(bars)
    return s - s.ewm(span=30, adjust=False).mean()


def pandas_expanding(bars):
    s = series(bars)
    return s - s.expanding(20).mean()


def pandas_running_rank(bars):
    return series(bars).rolling(100).rank(pct=True) - 0.5


def polars_rolling(bars):
    s = pl.Series(bars.bid_close)
    return (s - s.rolling_mean(40)).to_numpy()


def polars_exponential(bars):
    s = pl.Series(bars.bid_close)
    return (s - s.ewm_mean(span=30, adjust=False)).to_numpy()


def numpy_convolution(bars):
    x = np.full(len(bars), np.nan)
    if len(bars) >= 25:
        x[24:] = bars.bid_close[24:] - np.convolve(bars.bid_close, np.full(25, 1 / 25), "valid")
    return x


def numpy_windows(bars):
    x = np.full(len(bars), np.nan)
    if len(bars) >= 30:
        x[29:] = bars.bid_close[29:] - np.median(np.lib.stride_tricks.sliding_window_view(bars.bid_close, 30), axis=1)
    return x


def filtered_forward(bars):
    b, a = filters.butter(2, 0.1)
    return bars.bid_close - filters.lfilter(b, a, bars.bid_close - bars.bid_close[0]) - bars.bid_close[0]


def hour_of_day(bars):
    return np.where(bars.time // HOUR % 24 < 12, 1.0, -1.0)


def weekday(bars):
    return np.where(bars.to_pandas().index.day_of_week < 2, 1.0, -1.0)


def resampled_days_that_are_over(bars):
    day = bars.resample("D1")
    row = np.searchsorted(day.time, bars.time, side="right") - 2
    return np.where(row >= 0, bars.bid_close - day.bid_close[np.maximum(row, 0)], np.nan)


def pandas_resample_shifted(bars):
    s = series(bars)
    four = s.resample("4h", label="left").last().dropna().diff().shift(1)
    return four.reindex(s.index, method="ffill")


def high_of_today_so_far(bars):
    frame = bars.to_pandas()
    return frame["bid_high"].groupby(frame.index.floor("D")).cummax() - frame["bid_close"] - 0.001


def merged_backward(bars):
    left = pd.DataFrame({"time": bars.to_pandas().index + pd.Timedelta("1h")})
    return pd.merge_asof(left, _NEWS, on="time", direction="backward")["value"].to_numpy()


_YESTERDAY = _TODAY.shift(1)


def table_of_days_shifted_by_one(bars):
    day = bars.to_pandas().index.floor("D")
    return bars.bid_close - _YESTERDAY["close"].reindex(day).to_numpy()


def joined_when_it_is_over(bars):
    row = np.searchsorted(_OTHER_DAYS.time + _OTHER_DAYS.duration, bars.time + bars.duration, side="right") - 1
    return np.where(row >= 0, _OTHER_DAYS.bid_close[row] - _OTHER_DAYS.bid_open[row], np.nan)


def other_pair_on_the_same_clock(bars):
    row = np.searchsorted(_OTHER.time, bars.time, side="right") - 1
    return np.where(row >= 1, _OTHER.bid_close[row] - _OTHER.bid_close[row - 1], np.nan)


_MADE_BEFORE = np.sign(np.diff(BARS.bid_close, prepend=BARS.bid_close[0]))


def array_made_before(bars):
    return _MADE_BEFORE[: len(bars)]


def cumulative_sum(bars):
    return np.cumsum(np.sign(move(bars)))


def every_tenth_bar(bars):
    return np.where(np.arange(len(bars)) % 10 == 0, np.sign(move(bars)), np.nan)


def held_until_the_next_signal(bars):
    s = series(bars).diff()
    return np.sign(s.where(s.abs() > 0.0015)).ffill().to_numpy()


def drawdown_from_the_peak(bars):
    return bars.bid_close / np.maximum.accumulate(bars.bid_close) - 0.98


def own_volume(bars):
    return bars.volume - series(bars).rolling(3).mean().to_numpy()


def own_spread(bars):
    return bars.points.ask_close - bars.points.bid_close - 8.0


def refuses_short_histories(bars):
    if len(bars) < 120:
        raise ValueError(f"needs 120 bars, was given {len(bars)}")
    return indicators.momentum(bars.points.bid_close, 100)


def adaptive_mean(bars):
    return bars.bid_close - indicators.kama(bars.bid_close, 10)


def wilder(bars):
    return bars.bid_close - indicators.wilder(bars.bid_close, 14)


def channel(bars):
    frame = bars.to_pandas()
    high, low = frame["bid_high"].rolling(48).max(), frame["bid_low"].rolling(48).min()
    return frame["bid_close"] - (high + low) / 2


def constant(bars):
    return np.ones(len(bars))


CLEAN = (
    one_bar_return, pandas_rolling, pandas_rolling_from_the_first_bar, pandas_zscore, pandas_exponential, pandas_expanding,
    pandas_running_rank, polars_rolling, polars_exponential, numpy_convolution, numpy_windows, filtered_forward, hour_of_day,
    weekday, resampled_days_that_are_over, pandas_resample_shifted, high_of_today_so_far, merged_backward,
    table_of_days_shifted_by_one, joined_when_it_is_over, other_pair_on_the_same_clock, array_made_before, cumulative_sum,
    every_tenth_bar, held_until_the_next_signal, drawdown_from_the_peak, own_volume, own_spread, refuses_short_histories,
    adaptive_mean, wilder, channel, constant,
)  # fmt: skip
SHIPPED = (
    lts.strategies.SmaCross(), lts.strategies.SmaCross(fast=5, slow=200), lts.strategies.EmaCross(),
    lts.strategies.EmaCross(40, 90), lts.strategies.Donchian(), lts.strategies.Donchian(entry=55, leave=55),
    lts.strategies.Bollinger(), lts.strategies.Bollinger(window=80, width=1.5), lts.strategies.RsiReversion(),
    lts.strategies.RsiReversion(window=40), lts.strategies.Momentum(), lts.strategies.Momentum(window=24, hold=5),
    lts.strategies.DefaultStrategy(),
)  # fmt: skip
