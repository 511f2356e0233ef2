"""Instruments: tick, pip, lot, margin rate, and the arithmetic between them.

Source: the 70 currency pairs that OANDA's practice server published in 2019 (instruments reply recorded by mab05k/oanda-client,
MIT), with their grid and size limits: 5 decimals and pip 0.0001; 3 decimals and pip 0.01 where JPY, HUF or THB is quoted, except
HKD_JPY. Metals: gold 3 decimals and pip 0.01 (XAU_USD in QuantConnect Lean's symbol table, Apache-2.0); silver 5 and 0.0001, and
metals in other currencies like those in USD, are assumptions. Margin rates: the least that European rules ask of a retail account
(ESMA decision 2018/796): two of USD EUR JPY GBP CAD CHF 1/30 in OANDA's digits, other pairs 1/20, gold 1/20, silver 1/10.
"""

from __future__ import annotations

from dataclasses import dataclass

from lts.errors import InstrumentError, near_miss
from lts.sim.checks import finite, whole


@dataclass(frozen=True)
class Instrument:
    """A pair of currencies and the grid its prices and units lie on.

    Parameters
    ----------
    name : str
        Three letters, underscore, three letters: "EUR_USD".
    base, quote : str
        What is bought, and what pays for it. Empty: taken from the name.
    precision : int
        Decimals of a price, 0 to 6; the tick is 10**-precision.
    pip_location : int
        The pip is 10**pip_location; never smaller than the tick.
    units_precision : int
        Decimals of units of base currency, 0 to 6; with `precision` at most 6, for money is counted in millionths.
    min_units, max_units : float
        Smallest and largest order, base currency.
    lot : float
        Units of base currency in one lot.
    margin_rate : float
        Margin as a fraction of notional, above 0 and at most 1.

    Raises
    ------
    InstrumentError
        A value outside its range.
    """

    name: str
    base: str = ""
    quote: str = ""
    precision: int = 5
    pip_location: int = -4
    units_precision: int = 0
    min_units: float = 1.0
    max_units: float = 100_000_000.0
    lot: float = 100_000.0
    margin_rate: float = 0.03333333333333

    def __post_init__(self) -> None:
        self._require(isinstance(self.name, str), "name", self.name, "CURRENCY_CURRENCY, three capital letters each")
        base, _, quote = self.name.partition("_")
        object.__setattr__(self, "base", self.base or base)
        object.__setattr__(self, "quote", self.quote or quote)
        self._require(_is_code(base) and _is_code(quote), "name", self.name, "CURRENCY_CURRENCY, three capital letters each")
        self._require((base, quote) == (self.base, self.quote), "base and quote", (self.base, self.quote), f"those of {self.name}")
        for field in ("precision", "pip_location", "units_precision"):
            self._require(whole(getattr(self, field)) is not None, field, getattr(self, field), "a whole number")
        for field in ("min_units", "max_units", "lot", "margin_rate"):
            self._require(finite(getattr(self, field)) is not None, field, getattr(self, field), "a finite number")
        self._require(0 <= self.precision <= 6, "precision", self.precision, "0 to 6 decimals")
        self._require(-self.precision <= self.pip_location <= 3, "pip_location", self.pip_location, "from -precision to 3")
        self._require(
            0 <= self.units_precision <= 6 - self.precision, "units_precision", self.units_precision, "0 to 6 - precision"
        )
        self._require(self.min_units > 0, "min_units", self.min_units, "above 0")
        self._require(self.max_units >= self.min_units, "max_units", self.max_units, "min_units or more")
        self._require(self.lot > 0, "lot", self.lot, "above 0")
        self._require(0 < self.margin_rate <= 1, "margin_rate", self.margin_rate, "above 0 and at most 1")

    def _require(self, ok: bool, field: str, found: object, required: str) -> None:
        if not ok:
            raise InstrumentError(f"Instrument {self.name!r}, {field}: was {found!r}; it must be {required}.")

    @property
    def tick(self) -> float:
        """The smallest change of price, quote currency."""
        return 1.0 / self.scale

    @property
    def scale(self) -> float:
        """Points in 1.0 of price: 10**precision."""
        return float(10**self.precision)

    @property
    def pip(self) -> float:
        """One pip, quote currency."""
        return self.points_per_pip / self.scale

    @property
    def points_per_pip(self) -> int:
        """Ticks in one pip."""
        return int(10 ** (self.precision + self.pip_location))

    def points(self, price: float) -> int:
        """Return the price in whole points, rounded half to even; the price must be finite."""
        return round(price * self.scale)

    def price(self, points: float) -> float:
        """Return the price of a number of points."""
        return points / self.scale

    def round_price(self, price: float) -> float:
        """Return the nearest price on the tick grid."""
        return self.points(price) / self.scale

    def pips_to_points(self, pips: float) -> int:
        """Return a distance in whole points, rounded half to even."""
        return round(pips * self.points_per_pip)

    def points_to_pips(self, points: float) -> float:
        """Return a distance in pips."""
        return points / self.points_per_pip

    def pips(self, distance: float) -> float:
        """Return a price distance in pips."""
        return distance * self.scale / self.points_per_pip

    def pip_value(self, units: float, rate: float = 1.0) -> float:
        """Return what one pip is worth to a position.

        Parameters
        ----------
        units : float
            Base currency; the sign is kept.
        rate : float
            Account currency per quote currency.
        """
        return units * self.pip * rate

    def lots(self, units: float) -> float:
        """Return units as lots."""
        return units / self.lot

    def units(self, lots: float) -> float:
        """Return lots as units of base currency, cut to the unit grid."""
        return self.round_units(lots * self.lot)

    def round_units(self, units: float) -> float:
        """Return units cut toward zero to the grid, as every order is (after rounding off noise below 1e-9 of a step)."""
        steps = float(10**self.units_precision)
        return int(round(units * steps, 9)) / steps


def _is_code(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalnum() and text.isupper()


_MAJOR = frozenset({"USD", "EUR", "JPY", "GBP", "CAD", "CHF"})
_COARSE = frozenset({"JPY", "HUF", "THB"})  # quoted in hundredths
_EXCEPTIONS = frozenset({"HKD_JPY"})  # quoted in the fine grid although JPY is

_PAIRS = {  # each base with its quotes
    "EUR": "USD GBP JPY CHF AUD CAD NZD SGD SEK NOK DKK PLN HUF CZK TRY ZAR HKD",
    "GBP": "USD JPY CHF AUD CAD NZD SGD HKD PLN ZAR",
    "AUD": "USD JPY CHF CAD NZD SGD HKD",
    "NZD": "USD JPY CHF CAD SGD HKD",
    "USD": "JPY CHF CAD SGD SEK NOK DKK PLN HUF CZK TRY ZAR MXN HKD CNH THB SAR",
    "CAD": "JPY CHF SGD HKD",
    "CHF": "JPY HKD ZAR",
    "SGD": "JPY CHF HKD",
    "HKD": "JPY",
    "TRY": "JPY",
    "ZAR": "JPY",
    "XAU": "USD EUR GBP CHF AUD CAD NZD SGD HKD",
    "XAG": "USD EUR GBP CHF AUD CAD NZD SGD HKD",
}
_METALS = {  # precision, pip_location, lot in ounces, margin_rate
    "XAU": (3, -2, 100.0, 0.05),
    "XAG": (5, -4, 5_000.0, 0.10),
}


def _listed(base: str, quote: str) -> Instrument:
    name = f"{base}_{quote}"
    if base in _METALS:
        precision, pip, lot, margin = _METALS[base]
        return Instrument(name, precision=precision, pip_location=pip, lot=lot, margin_rate=margin)
    margin = 0.03333333333333 if {base, quote} <= _MAJOR else 0.05
    coarse = quote in _COARSE and name not in _EXCEPTIONS
    return Instrument(name, precision=3 if coarse else 5, pip_location=-2 if coarse else -4, margin_rate=margin)


INSTRUMENTS: dict[str, Instrument] = {
    f"{base}_{quote}": _listed(base, quote) for base, quotes in _PAIRS.items() for quote in quotes.split()
}


def instrument(name: str | Instrument) -> Instrument:
    """Return the instrument of that name.

    Parameters
    ----------
    name : str or Instrument
        "EUR_USD", "EURUSD", "EUR/USD", "eur-usd"; an Instrument is returned as it is, so a custom one serves wherever a name does.

    Raises
    ------
    InstrumentError
        The name is not in the table.
    """
    if isinstance(name, Instrument):
        return name
    letters = "".join(c for c in str(name).upper() if c.isalnum())
    wanted = f"{letters[:3]}_{letters[3:]}"
    if wanted in INSTRUMENTS:
        return INSTRUMENTS[wanted]
    raise InstrumentError(
        f"instrument: {name!r} is unknown; it must be one of the {len(INSTRUMENTS)} listed in lts.instruments.INSTRUMENTS."
        f"{near_miss(wanted, INSTRUMENTS)} For any other pair pass lts.Instrument(name, precision=..., pip_location=...) itself."
    )
