"""The seed's simulation broker: its parameters mean the house's bars, costs and account."""

import pytest

from lts.brokers.backtrader import SimulationBroker
from lts.errors import BarsError, InstrumentError, ParameterError
from lts.instruments import instrument
from lts.sim.costs import Costs

HOURS = "DATE_TIME,OPEN,HIGH,LOW,CLOSE\n2024-03-05 10:00:00,1.1,1.2,1.05,1.15\n2024-03-05 11:00:00,1.15,1.16,1.14,1.15\n"


def test_its_defaults_are_the_seeds_costs():
    assert SimulationBroker().costs() == Costs.seed()


def test_swap_is_paid_by_both_sides():
    costs = SimulationBroker(swap_per_lot_day=4).costs()
    assert (costs.swap_long, costs.swap_short) == (-4, -4)


def test_the_account_has_its_cash_and_leverage():
    account = SimulationBroker(initial_cash=500, leverage=30).account()
    assert (account.balance, account.leverage, account.currency) == (500, 30, "USD")


def test_pip_is_the_instruments_own_unless_stated():
    assert SimulationBroker(instrument="USD_JPY").pair() == instrument("USD_JPY")
    assert SimulationBroker(instrument="USD_JPY", pip_value=0.1).pair().pip_location == -1
    assert SimulationBroker(lot_size=1000).pair().lot == 1000


@pytest.mark.parametrize("pip", [0.0, -0.1, 0.0002, float("nan"), float("inf")])
def test_a_pip_is_a_power_of_ten(pip):
    with pytest.raises(ParameterError, match="pip_value: was .*power of ten"):
        SimulationBroker(pip_value=pip).pair()


def test_an_unknown_pair_is_answered():
    with pytest.raises(InstrumentError, match="EUR_USX"):
        SimulationBroker(instrument="EUR_USX").pair()


def test_a_file_holds_mids_between_the_stated_spread(tmp_path):
    path = tmp_path / "hours.csv"
    path.write_text(HOURS, encoding="utf-8")
    bars = SimulationBroker(csv_file=str(path)).bars()
    assert [bars.bid_open[0], bars.ask_open[0]] == [1.0999, 1.1001]
    assert len(bars) == 2


def test_columns_and_stamps_can_be_named(tmp_path):
    path = tmp_path / "hours.csv"
    path.write_text(
        HOURS.replace("DATE_TIME", "when").replace("CLOSE", "last").replace("2024-03-05", "05/03/2024"), encoding="utf-8"
    )
    broker = SimulationBroker(csv_file=str(path), datetime_column="when", close_col="last", datetime_format="%d/%m/%Y %H:%M:%S")
    assert len(broker.bars()) == 2


def test_a_time_frame_that_the_stamps_contradict_is_refused(tmp_path):
    path = tmp_path / "hours.csv"
    path.write_text(HOURS, encoding="utf-8")
    with pytest.raises(BarsError, match="timeframe: was 'D1'"):
        SimulationBroker(csv_file=str(path), timeframe="D1").bars()


def test_a_missing_file_is_a_matter_of_data(tmp_path):
    with pytest.raises(BarsError, match="nowhere.csv"):
        SimulationBroker(csv_file=str(tmp_path / "nowhere.csv")).bars()


def test_only_the_samples_pair_needs_no_file():
    with pytest.raises(ParameterError, match="csv_file: was empty; USD_JPY needs"):
        SimulationBroker(instrument="USD_JPY").bars()


def test_the_sample_takes_the_brokers_lot():
    assert len(SimulationBroker().bars()) > 1000
    assert SimulationBroker(lot_size=1000).bars().instrument.lot == 1000
