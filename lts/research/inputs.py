"""What a run was given: each argument checked, in the user's words."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import BarsError, ParameterError
from lts.research.setup import Options
from lts.sim.checks import finite
from lts.sim.costs import Costs
from lts.sim.dated import moment
from lts.strategies.base import SignalStrategy, Strategy
from lts.words import Account

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.data.bars import Bars

SHADOWED = ("count", "index")  # a named tuple has methods of these names


def check_bars(name: str, bars: Any) -> None:
    """Refuse what is no Bars, or has none."""
    if not hasattr(bars, "points") or not hasattr(bars, "timeframe"):
        raise ParameterError(f"{name}: was {type(bars).__name__}; it must be lts.Bars. Use lts.read_bars(...).")
    if len(bars) == 0:
        raise BarsError(f"{name}: {bars.instrument.name}: has no bars; it must have at least one.")


def check_strategy(strategy: Any) -> None:
    """Refuse what is no strategy."""
    if not isinstance(strategy, Strategy):
        hint = " Write parentheses: a class is not yet a strategy." if isinstance(strategy, type) else ""
        raise ParameterError(f"strategy: was {strategy!r}; it must be an instance of lts.Strategy.{hint}")


def check_sleeves(sleeves: Any, allocation: Any, detail: Any) -> dict[str, float]:
    """Refuse impossible sleeves; return the factor of each."""
    if not isinstance(sleeves, Mapping):
        raise ParameterError(f"sleeves: was {type(sleeves).__name__}; it must be a mapping of instrument name to (strategy, bars).")
    if not sleeves:
        raise ParameterError("run_portfolio: was given no sleeves; it must have at least one.")
    for name, sleeve in sleeves.items():
        if not isinstance(sleeve, tuple | list) or len(sleeve) != 2:
            raise ParameterError(f"run_portfolio {name!r}: was {sleeve!r}; it must be (strategy, bars).")
        check_strategy(sleeve[0])
        check_bars(f"run_portfolio {name!r}, bars", sleeve[1])
        if sleeve[1].instrument.name != name:
            raise ParameterError(f"run_portfolio {name!r}: its bars are {sleeve[1].instrument.name}; key and bars must agree.")
    for word, given in (("allocation", allocation), ("detail", detail)):
        if given is not None and (not isinstance(given, Mapping) or set(given) - set(sleeves)):
            raise ParameterError(f"{word}: was {given!r}; it must be a mapping with keys among {', '.join(sleeves)}.")
    for name, bars in (detail or {}).items():
        check_bars(f"detail {name!r}", bars)
    shares = {name: finite(value) for name, value in (allocation or {}).items()}
    if any(value is None or value < 0 for value in shares.values()):
        raise ParameterError(f"allocation: was {allocation!r}; it must hold finite numbers of at least 0.")
    return {name: float(value or 0.0) for name, value in shares.items()}


def beside_detail(intrabar: Any) -> str:
    """Return the policy of a run with finer bars; another one beside them would be a contradiction."""
    if intrabar not in ("worst", "detail"):
        raise ParameterError(
            f"intrabar: was {intrabar!r} beside finer bars; it must be 'detail' (or left out), or detail= left out."
        )
    return "detail"


def options_of(costs: Any, account: Any, intrabar: str, stale_open: str, close_at_end: Any, trade_from: Any) -> Options:
    """Return the options of a run."""
    if costs is not None and not isinstance(costs, Costs):
        raise ParameterError(f"costs: was {costs!r}; it must be lts.Costs(...) or None.")
    if account is not None and not isinstance(account, Account):
        raise ParameterError(f"account: was {account!r}; it must be lts.Account(...) or None.")
    if not isinstance(close_at_end, bool):
        raise ParameterError(f"close_at_end: was {close_at_end!r}; it must be True or False.")
    if isinstance(trade_from, int) or (trade_from is not None and trade_from != trade_from):  # noqa: PLR0124  (not a time)
        raise ParameterError(f"trade_from: was {trade_from!r}; it must be a UTC time such as '2015-01-01', a date or a datetime.")
    start = None if trade_from is None else moment(trade_from, "trade_from")
    return Options(costs or Costs(), account or Account(), intrabar, stale_open, close_at_end, start)


def features_of(strategy: Strategy, bars: Bars) -> dict[str, NDArray[np.float64]]:
    """Return a strategy's features as float64 arrays, one value a bar, or say what is wrong with them."""
    from lts.sim.loop import BAR_FIELDS

    check_strategy(strategy)
    owner, given = f"{type(strategy).__name__}.features", strategy.features(bars)
    if not isinstance(given, Mapping):
        raise ParameterError(f"{owner}: returned {type(given).__name__}; it must return a dict of names and arrays.")
    made: dict[str, NDArray[np.float64]] = {}
    for name, values in given.items():
        where = f"{owner} {name!r}"
        text = str(name)
        if not text.isidentifier() or keyword.iskeyword(text) or text.startswith("_") or text in (*BAR_FIELDS, *SHADOWED):
            taken = ", ".join((*BAR_FIELDS, *SHADOWED))
            raise ParameterError(
                f"{where}: is no name for a feature; it must be an identifier other than {taken}, without a leading _."
            )
        array = np.asarray(values)
        if array.dtype.kind not in "biuf":
            raise ParameterError(
                f"{where}: was {type(values).__name__} of {array.dtype}; it must be numbers, real ones, one a bar."
            )
        if array.shape != (len(bars),):
            raise ParameterError(f"{where}: has shape {array.shape}; it must be ({len(bars)},), one value a bar.")
        made[text] = np.ascontiguousarray(array, dtype=np.float64)
    return made


def signals_of(strategy: SignalStrategy, bars: Bars) -> dict[str, NDArray[Any]]:
    """Return a strategy's signals as the feature "signal", int8 or float64, one a bar, or say what is wrong with them."""
    signal = np.ascontiguousarray(strategy.checked_signals(bars))
    if signal.shape != (len(bars),):
        raise ParameterError(
            f"{type(strategy).__name__}.signals: has shape {signal.shape}; it must be ({len(bars)},), one value a bar."
        )
    return {"signal": signal}
