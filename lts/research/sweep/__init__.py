"""Sweeps: one strategy, many sets of parameters, one compiled loop.

grid -> bench (features, memo, the market's memory) -> engines (cluster, processes) -> collect -> table.
"""

from lts.research.sweep.progress import Progress
from lts.research.sweep.run import sweep
from lts.research.sweep.saved import load_sweep
from lts.research.sweep.table import Sweep

__all__ = ["Progress", "Sweep", "load_sweep", "sweep"]
