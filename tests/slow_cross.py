"""`SmaCross` with a decide of its own: the same rule, and no fast path."""

from __future__ import annotations

import numpy as np

from lts import go, stay
from lts.strategies import SmaCross


class SlowCross(SmaCross):
    """Trade when the side changes."""

    def decide(self, view):
        """Follow the signal."""
        signal = view.now.signal
        if np.isnan(signal) or signal == view.memory.signal:
            return stay()
        view.memory.signal = signal
        return go(signal * self.units, stop_pips=self.stop_pips, target_pips=self.target_pips)
