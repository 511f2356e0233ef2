"""24,000 sets over a year of real USD/SGD minutes: any row is what the market says, to the byte."""

from __future__ import annotations

import numpy as np
import pytest

import lts
from tests.slow_cross import SlowCross

GRID = {
    "fast": range(5, 55, 5), "slow": range(60, 360, 30), "stop_pips": range(5, 65, 10), "target_pips": range(10, 130, 3),
}  # fmt: skip
HOW = {
    "costs": lts.Costs(commission_per_lot=7, slippage_pips=0.2, swap_long=-5, swap_short=1),
    "account": lts.Account(balance=50_000), "progress": False,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::lts.DataWarning")
def test_500_of_24_000_sets_are_the_plain_engines(shared_data):
    file = shared_data / "bars" / "USDSGD_M1_dukascopy2015.parquet"
    if not file.exists():
        pytest.skip("no minutes of USD/SGD in the folder of market data")
    bars = lts.read_bars(file, instrument="USD_SGD", timeframe="M1")
    found = lts.sweep(lts.strategies.SmaCross, bars, GRID, **HOW)
    assert len(found.table) == 24_000
    assert (found.table["path"] == "grid").mean() > 0.9
    rows = np.random.default_rng(2015).choice(24_000, 500, replace=False)
    sets = found.table.loc[rows, list(found.names)].to_dict("records")
    plain = lts.sweep(SlowCross, bars, sets, **HOW).table
    assert set(plain["path"]) == {"loop"}
    chosen = found.table.loc[rows].reset_index(drop=True).drop(columns=["path"])
    assert {name: column.to_numpy().tobytes() for name, column in chosen.drop(columns="error").items()} == {
        name: column.to_numpy().tobytes() for name, column in plain.drop(columns=["path", "error"]).items()
    }
    alone = lts.run(lts.strategies.SmaCross(**sets[0]), bars, costs=HOW["costs"], account=HOW["account"]).headline
    assert {name: chosen[name][0] for name in alone} == pytest.approx(alone, rel=0, abs=0, nan_ok=True)
