"""Optimisation: `optimize` and what it leaves."""

from lts.research.optimize.outcome import Optimization
from lts.research.optimize.run import optimize

__all__ = ["Optimization", "optimize"]
