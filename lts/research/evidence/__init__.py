"""Evidence: whether the best of many sets is more than luck. Public as `lts.evidence`.

    found = lts.sweep(lts.strategies.SmaCross, bars, grid)
    print(found.evidence())                                   all of it, for the best of a sweep
    lts.evidence.deflated_sharpe(0.16, 1250, trials=100, variance=0.002, skew=-3, kurtosis=10)

Returns of many sets are (sets, days): a row a set. Sharpe ratios here are those of one period, not of a year. What the field calls
them: PSR, DSR, minimum track record and backtest length, PBO by CSCV, White's Reality Check, Hansen's SPA.
"""

from lts.research.evidence.block import block_length
from lts.research.evidence.evidence import Evidence, evidence_of
from lts.research.evidence.intervals import intervals
from lts.research.evidence.overfit import Pbo, pbo
from lts.research.evidence.permutation import Permutation, permutation_test
from lts.research.evidence.snooping import RealityCheck, Spa, reality_check, spa
from lts.research.stats.skill import (
    deflated_sharpe,
    expected_max_normal,
    expected_max_sharpe,
    min_backtest_length,
    min_track_record,
    probabilistic_sharpe,
)

__all__ = [
    "Evidence",
    "Pbo",
    "Permutation",
    "RealityCheck",
    "Spa",
    "block_length",
    "deflated_sharpe",
    "evidence_of",
    "expected_max_normal",
    "expected_max_sharpe",
    "intervals",
    "min_backtest_length",
    "min_track_record",
    "pbo",
    "permutation_test",
    "probabilistic_sharpe",
    "reality_check",
    "spa",
]
