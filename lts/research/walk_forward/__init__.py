"""Walk-forward: `walk_forward` and what it leaves."""

from lts.research.walk_forward.outcome import Turn, WalkForward
from lts.research.walk_forward.run import walk_forward
from lts.research.walk_forward.windows import Window

__all__ = ["Turn", "WalkForward", "Window", "walk_forward"]
