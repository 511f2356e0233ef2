"""Monte Carlo: what else the same strategy could have shown, had luck dealt differently."""

from lts.research.monte_carlo.found import MonteCarlo
from lts.research.monte_carlo.run import monte_carlo

__all__ = ["MonteCarlo", "monte_carlo"]
