"""Real prices to begin with: one year of EUR/USD hours, and the European Central Bank's daily reference rates since 1999."""

from __future__ import annotations

from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lts import calendar
from lts.data.bars import Bars
from lts.data.faultlog import FaultLog
from lts.data.origin import made_by
from lts.errors import BarsError, InstrumentError, ParameterError, near_miss
from lts.instruments import Instrument, instrument

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float = NDArray[np.float64]
    Int64 = NDArray[np.int64]

__all__ = ["ecb", "eurusd_h1"]

_ECB_FILE = "ecb_reference_rates.parquet"


def eurusd_h1(spread: float = 1.0) -> Bars:
    """Return EUR/USD hours of 2017: real asks, and bids that lie a stated spread below.

    The file lies inside the package gym-anytrading (MIT) and is read from there; nothing of the package is run. Its stamps are UTC:
    weeks begin at 22:00 in winter and at 21:00 in summer, 17:00 New York in both. Its opens are quotes of their own.

    Parameters
    ----------
    spread : float
        Pips. The file has no bids; asks lie 0.4 pips (median of 2017) above the bids of another source, a usual retail spread is 1.

    Raises
    ------
    BarsError
        The package is not installed.
    """
    from lts.data.read import read_bars

    bars = read_bars(_hours_file(), instrument="EUR_USD", timeframe="H1", side="ask", spread=spread, tz="UTC")
    bars.origin = made_by("sample", sample="eurusd_h1", spread=spread)  # the file's place is this machine's own
    return bars


def ecb(name: str | Instrument = "EUR_USD", spread: float | None = None) -> Bars:
    """Return daily bars of the European Central Bank's reference rates, any pair of its currencies by way of the euro.

    Each bar is one price: open, high, low and close are the day's rate, between a bid and an ask a stated spread apart. Its stamp
    is that of the New York day, 17:00 of the date before, so it is known at 17:00 New York, well after publication (about 16:00
    Frankfurt). What is decided on it is filled at the next day's rate. Ranges are empty: stops fill only at daily rates.

    Parameters
    ----------
    name : str or Instrument
        Two of EUR USD JPY GBP CHF AUD CAD NZD SEK NOK DKK SGD. A pair that no broker lists is given a grid of its own.
    spread : float or None
        Pips; None: 2 parts in 10,000 of the median rate.

    Raises
    ------
    InstrumentError
        A currency that the table does not have.
    ParameterError
        A spread that is negative or not finite.

    Source: European Central Bank euro foreign exchange reference rates.
    """
    if spread is not None and not (isfinite(spread) and spread >= 0):
        raise ParameterError(f"samples.ecb, spread: was {spread!r}; it must be None or a number of pips of at least 0.")
    days, rates = _ecb_rates()
    base, quote = _currencies(name, rates)
    price = rates[quote] / rates[base]
    known = np.isfinite(price)
    days, price = days[known], price[known]
    pair = _pair(name, base, quote, float(np.median(price)))
    points = max(1, round(float(np.median(price)) * 2e-4 * pair.scale)) if spread is None else pair.pips_to_points(spread)
    bid = np.floor(price * pair.scale - 0.5 * points + 1e-6)  # a rate published on the grid stays on it
    matrix = np.repeat(np.stack([bid, bid + points]), 4, axis=0).astype(np.int32)
    notes = (
        "European Central Bank euro foreign exchange reference rates; one price a day, known at 17:00 New York",
        f"mid widened by a spread of {pair.points_to_pips(points):g} pips",
    )
    log = FaultLog(side="mid", where="samples.ecb", rows=len(days))
    origin = made_by("sample", sample="ecb", name=name, spread=spread)
    return Bars.from_points(pair, "D1", calendar.day_start(days), matrix, notes=notes, quality=log, origin=origin)


def _hours_file() -> Path:
    found = find_spec("gym_anytrading")  # finds the folder without importing the package
    if found is not None and found.origin is not None:
        path = Path(found.origin).parent / "datasets" / "data" / "FOREX_EURUSD_1H_ASK.csv"
        if path.is_file():
            return path
    raise BarsError(
        "samples.eurusd_h1: the package gym-anytrading, which carries the file, was not found; it must be installed. "
        "Run: pip install gym-anytrading. Without it lts.samples.ecb('EUR_USD') has real daily rates."
    )


def _ecb_rates() -> tuple[Int64, dict[str, Float]]:
    """Return days since 1970, and rates per euro with nan where there is none, EUR itself included."""
    import pyarrow.parquet as pq

    table = pq.read_table(_ecb_path())
    days = table["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    rates = {code: np.asarray(table[code].to_numpy(), dtype=np.float64) for code in table.column_names if code != "date"}
    return days, {**rates, "EUR": np.ones(table.num_rows)}


def _ecb_path() -> Path:
    package = Path(__file__).parents[1]
    for folder in (package / "datasets", package.parent / "datasets"):  # an installed wheel; a checkout
        if (folder / _ECB_FILE).is_file():
            return folder / _ECB_FILE
    raise BarsError(
        f"samples.ecb: {_ECB_FILE} was not found in lts/datasets or beside lts; it must come with LTS. Install LTS again."
    )


def _currencies(name: str | Instrument, rates: dict[str, Float]) -> tuple[str, str]:
    letters = "".join(c for c in (name.name if isinstance(name, Instrument) else str(name)).upper() if c.isalpha())
    codes = sorted(rates)
    pair = letters[:3], letters[3:]
    for code in pair:
        if code not in codes:
            raise InstrumentError(
                f"samples.ecb: {name!r} has {code!r}; the table has {', '.join(codes)}. Name two of them.{near_miss(code, codes)}"
            )
    if pair[0] == pair[1]:
        raise InstrumentError(f"samples.ecb: {name!r} is one currency; a pair needs two of {', '.join(codes)}. Name two of them.")
    return pair


def _pair(name: str | Instrument, base: str, quote: str, usual: float) -> Instrument:
    """Return the listed pair, or one with a grid that suits its usual rate."""
    try:
        return instrument(name)
    except InstrumentError:
        precision = 3 if usual >= 20 else 5 if usual >= 0.05 else 6
        return Instrument(f"{base}_{quote}", precision=precision, pip_location=1 - precision, margin_rate=0.05)
