"""2,127 simple rules on real hours: the best of them looks like a find, and is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lts
from tests.rules_2127 import UNIVERSE, universe

SHOWN = ("sets", "sharpe", "sharpe_by_luck", "naive_p", "reality_check", "spa", "psr", "dsr")


def returns_of(bars: lts.Bars) -> dict[str, np.ndarray]:
    """Return the daily returns of every family, (sets, days) each."""
    return {cls.__name__: lts.sweep(cls, bars, sets, progress=False).returns() for cls, sets in universe()}


def side_by_side(found: dict[str, np.ndarray]) -> tuple[lts.evidence.Evidence, pd.DataFrame]:
    """Return the evidence for all rules together, and a table of it by family."""
    rows = {name: lts.evidence.evidence_of(returns) for name, returns in found.items() if len(found) > 1}
    rows["all"] = lts.evidence.evidence_of(np.concatenate(list(found.values())))
    table = pd.DataFrame({name: {id_: getattr(e, id_) for id_ in SHOWN} for name, e in rows.items()}).T
    print("\n" + table.to_string(float_format="{:,.3f}".format, formatters={"sets": "{:,.0f}".format}))  # noqa: T201
    return rows["all"], table


@pytest.fixture(scope="module")
def year() -> dict[str, np.ndarray]:
    return returns_of(lts.samples.eurusd_h1())


def test_the_universe_has_2_127_rules_and_none_twice():
    rules = [cls(**values) for cls, sets in universe() for values in sets]
    assert len(set(rules)) == len(rules) == UNIVERSE


def test_a_set_of_the_universe_earns_what_a_run_of_it_earns(year):
    cls, sets = universe()[2]
    best = int((year[cls.__name__].mean(axis=1) / year[cls.__name__].std(axis=1)).argmax())
    alone = lts.run(cls(**sets[best]), lts.samples.eurusd_h1())
    from lts.research.stats import daily_returns

    assert daily_returns(alone).tobytes() == year[cls.__name__][best].tobytes()


def test_the_best_rule_of_2017_is_a_find_until_the_others_are_counted(year):
    found, table = side_by_side(year)
    assert (found.sets, found.days) == (UNIVERSE, 260)
    assert found.naive_p < 0.05
    assert found.psr > 0.95
    assert min(found.reality_check, found.spa) > 0.3
    assert found.dsr < 0.5
    assert found.sharpe < found.sharpe_by_luck
    assert (table["naive_p"] <= table["reality_check"]).all()


def test_a_rule_that_does_know_something_survives_the_other_2_127(year):
    days = np.concatenate(list(year.values()))
    knowing = days[0] - days[0].mean() + 0.4 * days[0].std()  # a Sharpe ratio of 6.4 a year
    found = lts.evidence.evidence_of(np.vstack([days, knowing]))
    assert found.best == UNIVERSE
    assert found.dsr > 0.99
    assert found.spa < 0.01
    assert found.pbo < 0.05


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::lts.DataWarning")
def test_eight_years_of_hours(shared_data):
    file = shared_data / "bars" / "EURUSD_H1_oanda.parquet"
    if not file.exists():
        pytest.skip("no hours of EUR/USD in the folder of market data")
    bars = lts.read_bars(file, instrument="EUR_USD", timeframe="H1")
    found, _ = side_by_side(returns_of(bars))
    assert found.sets == UNIVERSE
    assert found.dsr <= found.psr
    assert found.naive_p <= found.reality_check
