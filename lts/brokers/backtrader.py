"""The seed's `backtrader_simulation_broker`: its parameters, translated into the house's bars, costs and account.

Names and defaults are the seed's; the market is the house's (`lts/sim`), so its known faults are not kept: no trade is tested
against the bar that opened it, gaps fill at the open, margin is checked, swap is booked at 17:00 New York, quote money is
converted. What stays the same: 2 pips of spread between selling and buying, 7 a lot round turn, 1 pip slippage, 10 a lot and
night paid by both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, log10
from pathlib import Path
from typing import TYPE_CHECKING

from lts.errors import ParameterError
from lts.instruments import Instrument, instrument
from lts.sim.costs import Costs
from lts.words import Account

if TYPE_CHECKING:
    from lts.data.bars import Bars

SAMPLE = "EUR_USD"


@dataclass(frozen=True)
class SimulationBroker:
    """A simulated broker for one backtest.

    Parameters
    ----------
    initial_cash : float
        Opening balance, USD.
    leverage : float
        Units of notional that one unit of money carries, at least 1.
    spread_pips : float
        Ask less bid. Files hold mid prices, as in the seed; the sample's own spread is replaced.
    commission_per_lot : float
        USD a lot, round turn.
    slippage_pips : float
        Against the trader, at every fill that pays slippage.
    swap_per_lot_day : float
        USD a lot and night, paid by long and short alike; negative is received.
    pip_value : float or None
        Size of a pip in price, a power of ten; None is the instrument's own.
    lot_size : float
        Units of base currency in a lot.
    instrument : str
        Name of the pair.
    csv_file : str
        Path of the prices; empty is the real EUR_USD H1 sample.
    datetime_column, open_col, high_col, low_col, close_col : str
        Columns of the file.
    datetime_format : str
        Format of the file's stamps, strftime's letters.
    timezone : str
        Zone of the file's stamps where they do not say it.
    timeframe : str
        "M1" ... "D1" of the file. The seed's own files are hourly; stamps that contradict it are refused.
    """

    initial_cash: float = 10_000.0
    leverage: float = 100.0
    spread_pips: float = 2.0
    commission_per_lot: float = 7.0
    slippage_pips: float = 1.0
    swap_per_lot_day: float = 10.0
    pip_value: float | None = None
    lot_size: float = 100_000.0
    instrument: str = SAMPLE
    csv_file: str = ""
    datetime_column: str = "DATE_TIME"
    datetime_format: str = "%Y-%m-%d %H:%M:%S"
    open_col: str = "OPEN"
    high_col: str = "HIGH"
    low_col: str = "LOW"
    close_col: str = "CLOSE"
    timezone: str = "UTC"
    timeframe: str = "H1"

    def pair(self) -> Instrument:
        """Return the instrument with this broker's lot and pip.

        Raises
        ------
        InstrumentError, ParameterError
            An unknown pair, or a pip that no price can have.
        """
        known = instrument(self.instrument)
        if self.pip_value is None:
            return replace(known, lot=self.lot_size)
        place = log10(self.pip_value) if self.pip_value > 0 and isfinite(self.pip_value) else 0.5
        if abs(place - round(place)) > 1e-9:
            raise ParameterError(
                f"pip_value: was {self.pip_value!r}; it must be a power of ten, as 0.0001. None is the instrument's own."
            )
        return replace(known, lot=self.lot_size, pip_location=round(place))

    def bars(self) -> Bars:
        """Return the bars of `csv_file`, or the sample.

        Raises
        ------
        ParameterError
            No file and an instrument that the sample is not.
        BarsError
            A file that holds no usable bars.
        """
        if self.csv_file:
            return self._read()
        pair = self.pair()
        if pair.name != SAMPLE:
            raise ParameterError(
                f"csv_file: was empty; {pair.name} needs a file of prices, the sample is {SAMPLE}. State csv_file."
            )
        from lts.data.bars import Bars
        from lts.data.samples import eurusd_h1

        sample = eurusd_h1()
        if sample.instrument == pair:
            return sample
        return Bars.from_points(pair, sample.timeframe, sample.time, sample.points.matrix, sample.volume, sample.notes)

    def _read(self) -> Bars:
        from lts.data.read import read_bars

        columns = dict(
            zip(("open", "high", "low", "close"), (self.open_col, self.high_col, self.low_col, self.close_col), strict=True)
        )
        return read_bars(
            Path(self.csv_file),
            instrument=self.pair(),
            timeframe=self.timeframe,
            side="mid",
            spread=self.spread_pips,
            tz=self.timezone,
            columns={"time": self.datetime_column, **columns},
            layout={"stamp": self.datetime_format},
        )

    def costs(self) -> Costs:
        """Return what trading costs here."""
        return Costs(
            spread_pips=self.spread_pips,
            commission_per_lot=self.commission_per_lot,
            slippage_pips=self.slippage_pips,
            swap_long=-self.swap_per_lot_day,
            swap_short=-self.swap_per_lot_day,
        )

    def account(self) -> Account:
        """Return the account that trades here."""
        return Account(balance=self.initial_cash, currency="USD", leverage=self.leverage)
