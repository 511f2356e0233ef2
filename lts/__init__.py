"""LTS: one strategy object, backtested fast, replayed bar by bar, traded live. The public names, each loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lts._version import __version__

if TYPE_CHECKING:  # the same names for type checkers and editors; tests/test_house.py holds both lists equal
    from lts.data import samples as samples
    from lts.data.bars import Bars as Bars
    from lts.data.catalog import Catalog as Catalog
    from lts.data.read import read_bars as read_bars
    from lts.data.spread import spread_profile as spread_profile
    from lts.data.synthetic import synthetic_bars as synthetic_bars
    from lts.data.ticks import Ticks as Ticks
    from lts.data.ticks import read_ticks as read_ticks
    from lts.errors import BarsError as BarsError
    from lts.errors import CompileError as CompileError
    from lts.errors import ConfigError as ConfigError
    from lts.errors import DataWarning as DataWarning
    from lts.errors import InputError as InputError
    from lts.errors import InstrumentError as InstrumentError
    from lts.errors import LedgerError as LedgerError
    from lts.errors import LedgerWarning as LedgerWarning
    from lts.errors import LtsError as LtsError
    from lts.errors import ParameterError as ParameterError
    from lts.errors import PluginError as PluginError
    from lts.errors import RatesError as RatesError
    from lts.errors import ResultError as ResultError
    from lts.errors import StrategyError as StrategyError
    from lts.instruments import Instrument as Instrument
    from lts.instruments import instrument as instrument
    from lts.research import evidence as evidence
    from lts.research import ledger as ledger
    from lts.research.again import rerun as rerun
    from lts.research.check import CheckReport as CheckReport
    from lts.research.check import check as check
    from lts.research.compare import compare as compare
    from lts.research.explain import explain as explain
    from lts.research.kept import keep as keep
    from lts.research.kept import results as results
    from lts.research.loaded import load_result as load_result
    from lts.research.monte_carlo import MonteCarlo as MonteCarlo
    from lts.research.monte_carlo import monte_carlo as monte_carlo
    from lts.research.optimize import Optimization as Optimization
    from lts.research.optimize import optimize as optimize
    from lts.research.replay import replay as replay
    from lts.research.result import Result as Result
    from lts.research.run import run as run
    from lts.research.run import run_portfolio as run_portfolio
    from lts.research.stats.custom import statistic as statistic
    from lts.research.sweep import Sweep as Sweep
    from lts.research.sweep import load_sweep as load_sweep
    from lts.research.sweep import sweep as sweep
    from lts.research.trace import trace as trace
    from lts.research.walk_forward import WalkForward as WalkForward
    from lts.research.walk_forward import walk_forward as walk_forward
    from lts.sim import indicators as indicators
    from lts.sim.costs import AnnualSwap as AnnualSwap
    from lts.sim.costs import Costs as Costs
    from lts.sim.costs import PointsSwap as PointsSwap
    from lts.sim.rates import RatesSettings as RatesSettings
    from lts.strategies.base import SignalStrategy as SignalStrategy
    from lts.strategies.base import Strategy as Strategy
    from lts.strategies.base import add as add
    from lts.strategies.base import close as close
    from lts.strategies.base import go as go
    from lts.strategies.base import stay as stay
    from lts.words import Account as Account
    from lts.words import Decision as Decision
    from lts.words import Funds as Funds
    from lts.words import Intrabar as Intrabar
    from lts.words import OrderType as OrderType
    from lts.words import Position as Position
    from lts.words import Reason as Reason
    from lts.words import Status as Status
    from lts.words import View as View

    from . import strategies as strategies

_MODULES = {
    "evidence": "lts.research.evidence",
    "indicators": "lts.sim.indicators",
    "ledger": "lts.research.ledger",
    "samples": "lts.data.samples",
    "strategies": "lts.strategies",
}
_ROOMS = {
    "lts.data.bars": ("Bars",),
    "lts.data.catalog": ("Catalog",),
    "lts.data.read": ("read_bars",),
    "lts.data.spread": ("spread_profile",),
    "lts.data.synthetic": ("synthetic_bars",),
    "lts.data.ticks": ("Ticks", "read_ticks"),
    "lts.errors": (
        "BarsError",
        "CompileError",
        "ConfigError",
        "DataWarning",
        "InputError",
        "InstrumentError",
        "LedgerError",
        "LedgerWarning",
        "LtsError",
        "ParameterError",
        "PluginError",
        "RatesError",
        "ResultError",
        "StrategyError",
    ),
    "lts.instruments": ("Instrument", "instrument"),
    "lts.research.again": ("rerun",),
    "lts.research.check": ("CheckReport", "check"),
    "lts.research.compare": ("compare",),
    "lts.research.explain": ("explain",),
    "lts.research.kept": ("keep", "results"),
    "lts.research.loaded": ("load_result",),
    "lts.research.monte_carlo": ("MonteCarlo", "monte_carlo"),
    "lts.research.optimize": ("Optimization", "optimize"),
    "lts.research.replay": ("replay",),
    "lts.research.result": ("Result",),
    "lts.research.run": ("run", "run_portfolio"),
    "lts.research.stats.custom": ("statistic",),
    "lts.research.sweep": ("Sweep", "load_sweep", "sweep"),
    "lts.research.trace": ("trace",),
    "lts.research.walk_forward": ("WalkForward", "walk_forward"),
    "lts.sim.costs": ("AnnualSwap", "Costs", "PointsSwap"),
    "lts.sim.rates": ("RatesSettings",),
    "lts.strategies.base": ("SignalStrategy", "Strategy", "add", "close", "go", "stay"),
    "lts.words": ("Account", "Decision", "Funds", "Intrabar", "OrderType", "Position", "Reason", "Status", "View"),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = ["__version__", *_HOME, *_MODULES]  # noqa: PLE0604  (names, all of them text)


def __getattr__(name: str) -> Any:
    """Load a public name from its room, once."""
    if name in _MODULES:
        value: Any = import_module(_MODULES[name])
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    else:
        from lts.errors import near_miss

        raise AttributeError(f"lts has no name {name!r}.{near_miss(name, __all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
