"""Strategies: `Strategy` to write one, the verbs it answers with, `pieces` to build it from, and ready-made rules, one a file.

A ready-made rule is a starting point that says where it comes from, not a promise of profit.
"""

from lts.strategies import pieces
from lts.strategies.base import SignalStrategy, Strategy, add, close, go, param, stay
from lts.strategies.bollinger import Bollinger
from lts.strategies.default import DefaultStrategy
from lts.strategies.donchian import Donchian
from lts.strategies.ema_cross import EmaCross
from lts.strategies.momentum import Momentum
from lts.strategies.rsi_reversion import RsiReversion
from lts.strategies.sma_cross import SmaCross

__all__ = [
    "Bollinger",
    "DefaultStrategy",
    "Donchian",
    "EmaCross",
    "Momentum",
    "RsiReversion",
    "SignalStrategy",
    "SmaCross",
    "Strategy",
    "add",
    "close",
    "go",
    "param",
    "pieces",
    "stay",
]
