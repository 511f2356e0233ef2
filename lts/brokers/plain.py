"""A backtest's market in the library's own words: bars of a file, a sample or the catalogue, `lts.Costs`, `lts.Account`.

Used where `data`, `sample` or `catalog` is stated, on the command line, in the environment or in a file; the names and defaults are
those of `lts.read_bars`, `lts.Costs`, `lts.Account` and `lts.run`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError, near_miss
from lts.sim.costs import Costs
from lts.words import Account

if TYPE_CHECKING:
    from lts.data.bars import Bars

SAMPLES = ("eurusd_h1", "ecb")
COSTS = (
    "spread_pips", "commission_per_lot", "slippage_pips", "swap_long", "swap_short", "commission_per_million",
    "commission_fraction", "commission_minimum", "slippage_spread", "slippage_random_pips", "slippage_seed",
)  # fmt: skip


@dataclass(frozen=True)
class PlainBroker:
    """Bars, costs, account and rules of one backtest.

    Parameters
    ----------
    data : str
        Path of bars, as `lts.read_bars` takes it.
    sample : str
        "eurusd_h1" or "ecb", instead of `data`.
    catalog : bool
        Bars of the catalogue, instead of `data`.
    instrument, timeframe : str
        Of `data` and the catalogue; "ecb" needs the instrument only.
    side, spread, tz : str or None
        As `lts.read_bars` takes them; `spread` in pips, "profile" or a column.
    start, end : str
        Span of the bars, both included, UTC; empty: all.
    detail, detail_timeframe : str
        Path of finer bars of the same instrument, and their time frame.
    rates : dict
        Conversion to the account's currency: currency to number, or pair to the path of bars of the same time frame.
    balance, currency, leverage, closeout, hedging
        The account's.
    spread_pips ... slippage_seed
        The costs'.
    intrabar, stale_open, close_at_end, trade_from
        As `lts.run` takes them.
    """

    data: str = ""
    sample: str = ""
    catalog: bool = False
    instrument: str = ""
    timeframe: str = ""
    side: str | None = None
    spread: str | None = None
    tz: str | None = None
    start: str = ""
    end: str = ""
    detail: str = ""
    detail_timeframe: str = ""
    rates: dict[str, Any] = field(default_factory=dict)
    balance: float = 10_000.0
    currency: str = "USD"
    leverage: float | None = None
    closeout: float = 0.5
    hedging: bool = False
    spread_pips: float | None = None
    commission_per_lot: float = 0.0
    slippage_pips: float = 0.0
    swap_long: float = 0.0
    swap_short: float = 0.0
    commission_per_million: float = 0.0
    commission_fraction: float = 0.0
    commission_minimum: float = 0.0
    slippage_spread: float = 0.0
    slippage_random_pips: float = 0.0
    slippage_seed: int = 0
    intrabar: str = "worst"
    stale_open: str = "open"
    close_at_end: bool = True
    trade_from: str = ""

    def bars(self) -> Bars:
        """Return the bars of the span.

        Raises
        ------
        ParameterError
            No source, or two; a source without its instrument or time frame.
        BarsError
            A file that holds no usable bars.
        """
        stated = [name for name in ("data", "sample", "catalog") if getattr(self, name)]
        if len(stated) != 1:
            raise ParameterError(f"data, sample, catalog: were {' and '.join(stated) or 'none'} stated; it must be one of them.")
        if self.catalog:
            return self._of_catalog()
        bars = self._read(self.data, self.timeframe, "timeframe") if self.data else self._of_sample()
        return bars[self.start or None : self.end or None] if self.start or self.end else bars

    def costs(self) -> Costs | None:
        """Return what trading costs here; None where nothing was stated, so that the result says so."""
        costs = Costs(**{name: getattr(self, name) for name in COSTS})
        return None if costs == Costs() else costs

    def account(self) -> Account:
        """Return the account that trades here."""
        return Account(**{f.name: getattr(self, f.name) for f in fields(Account)})

    def options(self) -> dict[str, Any]:
        """Return the other arguments of `lts.run`."""
        given = {name: getattr(self, name) for name in ("intrabar", "stale_open", "close_at_end")}
        detail = self._read(self.detail, self.detail_timeframe, "detail_timeframe") if self.detail else None
        rates = {name: self._rate(name, source) for name, source in self.rates.items()}
        return {**given, "trade_from": self.trade_from or None, "detail": detail, "rates": rates or None}

    def _of_sample(self) -> Bars:
        from lts.data import samples

        if self.sample not in SAMPLES:
            raise ParameterError(
                f"sample: was {self.sample!r}; it must be one of {', '.join(SAMPLES)}.{near_miss(self.sample, SAMPLES)}"
            )
        width = self._spread()
        if isinstance(width, str):
            raise ParameterError(f"spread: was {width!r}; of a sample it must be a number of pips.")
        given: dict[str, Any] = {} if width is None else {"spread": width}
        return samples.ecb(self.instrument or "EUR_USD", **given) if self.sample == "ecb" else samples.eurusd_h1(**given)

    def _of_catalog(self) -> Bars:
        from lts.data.catalog import Catalog

        self._need("instrument", self.instrument)
        self._need("timeframe", self.timeframe)
        found: Bars = Catalog().bars(self.instrument, self.timeframe, self.start or None, self.end or None)
        return found

    def _read(self, path: str, timeframe: str, name: str, instrument: str = "") -> Bars:
        from lts.data.read import read_bars

        pair = instrument or self.instrument
        self._need("instrument", pair)
        self._need(name, timeframe)
        return read_bars(Path(path), instrument=pair, timeframe=timeframe, side=self.side, spread=self._spread(), tz=self.tz)

    def _rate(self, name: str, source: Any) -> Any:
        return self._read(source, self.timeframe, "timeframe", name) if isinstance(source, str) else source

    def _spread(self) -> str | float | None:
        try:
            return None if self.spread is None else float(self.spread)
        except ValueError:
            return self.spread

    def _need(self, name: str, value: str) -> None:
        if not value:
            raise ParameterError(f"{name}: was not stated; bars need it. Add --{name}.")
