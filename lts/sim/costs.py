"""What trading costs besides the bars' own spread, and the numbers that the market makes of it (L3, O5, phase a)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from lts.errors import ParameterError, near_miss
from lts.sim.checks import finite, whole
from lts.sim.swap import AnnualSwap, PointsSwap, swap_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.instruments import Instrument
    from lts.words import Account

__all__ = ["AnnualSwap", "Costs", "PointsSwap", "apply_spread", "commission_rates", "margin_rate", "slippage_points", "swap_table"]

# What each number may be: smallest, largest. The largest are far beyond any broker and keep the market's integers from overflowing.
PIPS, MONEY, FRACTION = 100_000.0, 1e9, 1.0
LIMITS = {
    "spread_pips": (0.0, PIPS),
    "commission_per_lot": (0.0, MONEY),
    "slippage_pips": (0.0, PIPS),
    "swap_long": (-MONEY, MONEY),
    "swap_short": (-MONEY, MONEY),
    "commission_per_million": (0.0, 1e6),
    "commission_fraction": (0.0, FRACTION),
    "commission_minimum": (0.0, MONEY),
    "slippage_spread": (0.0, 1000.0),
    "slippage_random_pips": (0.0, PIPS),
}


@dataclass(frozen=True)
class Costs:
    """Costs of trading. `Costs()` is the bars' own spread and nothing else.

    Parameters
    ----------
    spread_pips : float or None
        None: the bars' own ask. A number replaces every ask by bid + spread.
    commission_per_lot : float
        Account currency per lot, round turn: half of it at each fill.
    slippage_pips : float
        Against the trader, at every fill that pays slippage.
    swap_long, swap_short : float
        Account currency per lot and night, positive = received. Not together with `swap`.
    commission_per_million : float
        Account currency per million of notional (in account currency), per fill.
    commission_fraction : float
        Fraction of notional, per fill; adds to the two others.
    commission_minimum : float
        Account currency, least commission of a fill.
    slippage_spread : float
        Slippage as a share of the spread, on top of `slippage_pips`.
    slippage_random_pips : float
        Further slippage, drawn evenly from 0 to this.
    slippage_seed : int
        Seed of what is drawn.
    swap : AnnualSwap, PointsSwap, mapping or None
        Instead of `swap_long` and `swap_short`; a mapping holds one for each instrument's name.
    nights : seven int
        Nights booked at 17:00 New York of Monday ... Sunday.

    Raises
    ------
    ParameterError
        Costs that no broker could charge: negative, nan, infinite, or swap stated in two ways.
    """

    spread_pips: float | None = None
    commission_per_lot: float = 0.0
    slippage_pips: float = 0.0
    swap_long: float = 0.0
    swap_short: float = 0.0
    _: KW_ONLY
    commission_per_million: float = 0.0
    commission_fraction: float = 0.0
    commission_minimum: float = 0.0
    slippage_spread: float = 0.0
    slippage_random_pips: float = 0.0
    slippage_seed: int = 0
    swap: AnnualSwap | PointsSwap | Mapping[str, AnnualSwap | PointsSwap] | None = field(default=None, hash=False)
    nights: tuple[int, ...] = (1, 1, 3, 1, 1, 0, 0)

    def __post_init__(self) -> None:
        for name, (least, most) in LIMITS.items():
            self._check(name, getattr(self, name), least, most)
        seed = whole(self.slippage_seed)
        if seed is None or not 0 <= seed < 2**63:
            raise ParameterError(f"Costs slippage_seed: was {self.slippage_seed!r}; it must be a whole number from 0 to 2**63 - 1.")
        object.__setattr__(self, "nights", _nights(self.nights))
        if self.swap is not None:
            self._check_swap()

    def _check(self, name: str, value: object, least: float, most: float) -> None:
        if value is None and name == "spread_pips":
            return
        found = finite(value)
        if found is None or not least <= found <= most:
            raise ParameterError(f"Costs {name}: was {value!r}; it must be a finite number from {least:g} to {most:g}.")

    def _check_swap(self) -> None:
        if self.swap_long or self.swap_short:
            raise ParameterError(
                f"Costs swap: was stated twice, as swap_long={self.swap_long!r}, swap_short={self.swap_short!r} and as "
                f"swap={self.swap!r}; it must be stated once. Leave one of the two out."
            )
        if isinstance(self.swap, Mapping):
            object.__setattr__(self, "swap", dict(self.swap))
        models = self.swap.values() if isinstance(self.swap, Mapping) else [self.swap]
        for model in models:
            if not isinstance(model, (AnnualSwap, PointsSwap)):
                raise ParameterError(
                    f"Costs swap: was {model!r}; it must be AnnualSwap(long, short), PointsSwap(long, short), or a mapping with "
                    "one of them for each instrument's name."
                )

    @classmethod
    def seed(cls) -> Costs:
        """Return the seed's costs: 2 pips, 7 USD a lot, 1 pip slippage, 10 USD a lot and night paid by both sides."""
        return cls(spread_pips=2.0, commission_per_lot=7.0, slippage_pips=1.0, swap_long=-10.0, swap_short=-10.0)

    @classmethod
    def zero(cls) -> Costs:
        """Return no costs at all: ask = bid."""
        return cls(spread_pips=0.0)

    def spread_points(self, instrument: Instrument) -> int | None:
        """Return the stated spread in points, rounded up (against the trader); None = the bars' own."""
        return None if self.spread_pips is None else _up(self.spread_pips, instrument)

    def swap_model(self, instrument: Instrument) -> AnnualSwap | PointsSwap | None:
        """Return the swap of an instrument, None = the flat `swap_long` and `swap_short`."""
        if not isinstance(self.swap, Mapping):
            return self.swap
        if instrument.name not in self.swap:
            raise ParameterError(
                f"Costs swap: has no entry for {instrument.name!r}; it must have one for every instrument of the run "
                f"(PointsSwap(0, 0) = none).{near_miss(instrument.name, self.swap)}"
            )
        return self.swap[instrument.name]


def apply_spread(matrix: NDArray[np.int32], costs: Costs, instrument: Instrument) -> NDArray[np.int32]:
    """Return the prices that the market will use.

    Parameters
    ----------
    matrix : int32, (8, n)
        Points: bid open, high, low, close, then ask.
    costs, instrument
        Whose spread, in whose points.

    Returns
    -------
    int32, (8, n)
        With ask = bid + spread, or `matrix` itself when no spread is stated.

    Raises
    ------
    ParameterError
        A price beyond the market's integers.
    """
    points = costs.spread_points(instrument)
    if points is None:
        return matrix
    bid = matrix[:4]
    if int(bid.max(initial=0)) + points > np.iinfo(np.int32).max:
        raise ParameterError(
            f"Costs spread_pips: {costs.spread_pips!r} lifts {instrument.name} above 2**31 points; it must be smaller."
        )
    return np.concatenate((bid, bid + np.int32(points)))


def slippage_points(costs: Costs, instrument: Instrument) -> tuple[int, float, int]:
    """Return (fixed points, share of the spread, largest drawn points) as L3 wants them."""
    most = floor(costs.slippage_random_pips * instrument.points_per_pip + 1e-9)
    return _up(costs.slippage_pips, instrument), float(costs.slippage_spread), most


def commission_rates(costs: Costs, instrument: Instrument) -> tuple[float, float, float]:
    """Return (micro per step, fraction of notional, least micro) of one fill, as O5 wants them."""
    steps = instrument.lot * 10.0**instrument.units_precision
    fraction = costs.commission_fraction + costs.commission_per_million / 1e6
    return costs.commission_per_lot * 0.5e6 / steps, float(fraction), costs.commission_minimum * 1e6


def margin_rate(account: Account, instrument: Instrument) -> float:
    """Return margin as a fraction of notional: 1 / leverage, or the instrument's own rate."""
    return instrument.margin_rate if account.leverage is None else 1.0 / account.leverage


def _up(pips: float, instrument: Instrument) -> int:
    """Return pips in points, rounded up; 1e-9 forgives the noise of the product."""
    return ceil(pips * instrument.points_per_pip - 1e-9)


def _nights(nights: object) -> tuple[int, ...]:
    """Return the weights as seven Python integers, or refuse them."""
    found = [whole(n) for n in nights] if isinstance(nights, (tuple, list, np.ndarray)) else []
    weights = tuple(n for n in found if n is not None and 0 <= n <= 366)
    if len(found) != 7 or len(weights) != 7:
        raise ParameterError(f"Costs nights: was {nights!r}; it must be seven whole numbers from 0 to 366, Monday to Sunday.")
    return weights
