"""Many sets at once have, each, the statistics that it has alone."""

from __future__ import annotations

import numpy as np
import pytest

import lts
from lts.research.stats.tally import Tallies, headline, span_of, tally
from tests.parity import Noise

COSTS = lts.Costs(commission_per_lot=7, slippage_pips=0.3, swap_long=-6, swap_short=2)


def tallied(result):
    return tally(span_of(result.setup), result.account, result.logs["trades"]["profit"], result.equity_micro)


def joined(parts):
    """Return the tallies of several runs of one market one after the other."""

    def column(values):
        if values[0] is None:
            return None
        if isinstance(values[0], dict):
            return {name: np.concatenate([v[name] for v in values]) for name in values[0]}
        return np.concatenate(values)

    return Tallies(parts[0].span, *(column(values) for values in list(zip(*parts, strict=True))[1:]))


@pytest.mark.parametrize("days", [1, 2, 60, 700])
def test_a_row_of_many_has_the_bytes_that_it_has_alone(days):
    bars = lts.synthetic_bars("EUR_USD", "H1", n=24 * days, seed=days)
    runs = [lts.run(Noise(seed=s, units=u), bars, costs=COSTS) for s, u in ((1, 10_000), (2, 100), (3, 2_000_000), (4, 0))]
    runs.append(lts.run(lts.strategies.SmaCross(2, 5, units=1), bars))
    table = headline(joined([tallied(run) for run in runs]))
    for row, run in enumerate(runs):
        assert {name: column[row].tobytes() for name, column in table.items()} == {
            name: np.float64(value).tobytes() for name, value in run.headline.items()
        }


def test_without_days_the_ratios_are_nan_and_the_money_is_there():
    run = lts.run(Noise(seed=1), lts.synthetic_bars("EUR_USD", "H1", n=500, seed=1), costs=COSTS)
    bare = headline(tallied(run)._replace(equity=None))
    whole = headline(tallied(run))
    assert {name for name in whole if bare[name].tobytes() != whole[name].tobytes()} == {"sharpe", "sortino", "psr"}
    assert all(np.isnan(bare[name]).all() for name in ("sharpe", "sortino", "psr"))
