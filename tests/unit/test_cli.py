"""The command line as a person meets it: processes, what they print where, and their exit codes."""

import json
import subprocess
import sys

import pytest

import lts
from lts.cli import main
from lts.cli.exits import UsageError, exit_code
from lts.cli.pairs import is_seed_form, read_pairs
from lts.errors import BarsError, ConfigError, InstrumentError, LtsError, ParameterError, PluginError, RatesError, ResultError
from tests.done import Done

HOURS = "DATE_TIME,OPEN,HIGH,LOW,CLOSE\n" + "".join(
    f"2024-03-0{day} {hour:02}:00:00,1.1,1.2,1.05,1.15\n" for day in (4, 5) for hour in range(24)
)


def process(*words):
    """Run `lts` in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "lts", *words], capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def config(folder, **values):
    path = folder / "my_config.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


@pytest.fixture
def hours(tmp_path):
    path = tmp_path / "hours.csv"
    path.write_text(HOURS, encoding="utf-8")
    return path


# words


def test_pairs_are_names_and_texts():
    assert read_pairs(["-lc", "a.json", "--spread-pips=1", "--note="]) == {"load_config": "a.json", "spread_pips": "1", "note": ""}
    assert read_pairs(["--reverse", "-qm", "--swap", "-10"]) == {"reverse": "true", "quiet_mode": "true", "swap": "-10"}


@pytest.mark.parametrize(
    ("words", "found"), [(["x"], "'x'"), (["--a", "1", "2"], "'2'"), (["--a=1", "--a", "2"], "--a was stated twice")]
)
def test_words_that_are_no_options_are_refused(words, found):
    with pytest.raises(UsageError, match=found):
        read_pairs(words)


@pytest.mark.parametrize(
    ("words", "seed"),
    [
        (["--load_config", "x"], True),
        (["--load-config=x"], True),
        (["--spread_pips", "1", "-lc", "x"], True),
        (["backtest", "run", "--load_config", "x"], False),
        (["--help"], False),
        (["--load_config", "x", "--help"], False),
        ([], False),
    ],
)
def test_the_seeds_form_has_a_file_and_no_verb(words, seed):
    assert is_seed_form(words) is seed


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError, 2),
        (ParameterError, 2),
        (InstrumentError, 2),
        (ConfigError, 3),
        (PluginError, 3),
        (BarsError, 4),
        (RatesError, 4),
        (ResultError, 4),
        (LtsError, 1),
    ],
)
def test_each_kind_of_trouble_has_its_exit_code(error, code):
    assert exit_code(error("x")) == code


def test_an_interruption_leaves_with_130(monkeypatch):
    monkeypatch.setattr("lts.cli._dispatch", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(SystemExit) as left:
        main(["version"])
    assert left.value.code == 130


# verbs that need no market


def test_version_is_the_packages(run):
    assert run("version").out.strip() == run("--version").out.strip() == lts.__version__
    assert json.loads(run("version", "--json").out) == {"lts": lts.__version__}


def test_help_names_the_verbs_and_the_seeds_form():
    text = process("--help").out
    for word in ("backtest", "data", "demo", "doctor", "plugins", "config", "--load_config"):
        assert word in text


def test_the_exit_code_is_the_processes():
    done = process("--load_config", "nowhere.json")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("lts: Configuration 'nowhere.json'")


@pytest.mark.parametrize("words", [("nonsense",), ("data", "check"), ("backtest",), ("backtest", "run", "word"), ("--nonsense",)])
def test_words_that_make_no_command_leave_with_2(run, words):
    done = run(*words)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_plugins_are_listed_with_their_parameters(run):
    found = {(p["kind"], p["name"]): p for p in json.loads(run("plugins", "--json").out)}
    assert found["brokers", "backtrader_simulation_broker"]["parameters"]["commission_per_lot"] == 7.0
    assert ("strategies", "default_strategy") in found


def test_config_show_names_value_and_source(run, tmp_path):
    rows = json.loads(run("config", "show", "--json", "--load_config", config(tmp_path, leverage=20), "--spread_pips", "1").out)
    found = {row["key"]: (row["value"], row["source"]) for row in rows}
    assert found["leverage"] == (20.0, "file my_config.json")
    assert found["spread_pips"] == (1.0, "command line")
    assert found["slippage_pips"] == (1.0, "plug-in default")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"initial_cahs": 1}, "Did you mean 'initial_cash'"),
        ({"broker_plugin": "backtrader_simulation_brokr"}, "Did you mean 'backtrader_simulation_broker'"),
        ({"leverage": "much"}, "'leverage' (file my_config.json): was 'much'"),
        ({"instrument": "EUR_USX"}, "EUR_USX"),
        ({"initial_cash": -1}, "balance: was -1"),
        ({"jwt_secret": 1, "leverage": 0.5}, "leverage: was 0.5"),
    ],
)
def test_a_wrong_configuration_leaves_with_3_and_says_why(run, tmp_path, values, said):
    done = run("--load_config", config(tmp_path, **values))
    assert done.code == 3
    assert said in done.err
    assert done.out == ""
    assert "Traceback" not in done.err


def test_missing_prices_leave_with_4(run, tmp_path):
    done = run("--load_config", config(tmp_path, csv_file="nowhere.csv"))
    assert done.code == 4
    assert "nowhere.csv" in done.err


# data


def test_data_check_reports(run, hours):
    words = ("data", "check", hours, "--instrument", "EURUSD", "--timeframe", "H1", "--side", "mid", "--spread", "2", "--tz", "UTC")
    done = run(*words)
    assert done.code == 0, done.err
    assert "48" in done.out
    assert isinstance(json.loads(run(*words, "--json").out), dict)


def test_data_resample_writes_longer_bars(run, hours, tmp_path):
    out = tmp_path / "days.csv"
    options = ("--instrument", "EUR_USD", "--timeframe", "H1", "--side", "mid", "--spread", "2", "--tz", "UTC")
    done = run("data", "resample", hours, "H4", out, *options)
    assert (done.code, done.out) == (0, ""), done.err
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1 + 13  # twelve, cut by 17:00 New York
    assert run("data", "resample", hours, "H4", tmp_path / "days.xls", *options).code == 2


def test_a_file_without_a_side_leaves_with_4(run, hours):
    done = run("data", "check", hours, "--instrument", "EUR_USD", "--timeframe", "H1", "--tz", "UTC")
    assert done.code == 4
    assert "side" in done.err


# backtests


def test_the_seeds_quick_start_runs_on_the_sample(run, tmp_path):
    file = config(tmp_path, broker_plugin="backtrader_simulation_broker", strategy_plugin="default_strategy", global_latency=1)
    done = run("--load_config", file)
    assert done.code == 0, done.err
    assert "final_balance" in done.out
    assert "global_latency" in done.err


def test_the_seeds_form_and_the_verb_are_the_same(run, tmp_path, hours):
    file = config(tmp_path, csv_file=str(hours), initial_cash=5000)
    seed = run("--load_config", file, "--spread_pips=1", "--json", "--quiet_mode")
    verb = run("backtest", "run", "--load_config", file, "--spread_pips", "1", "--json", "--quiet_mode")
    assert seed.code == 0, seed.err
    first, second = json.loads(seed.out), json.loads(verb.out)
    assert first.pop("id") != second.pop("id")  # each run is kept
    assert (first, seed.err) == (second, "")
    assert first["initial_balance"] == 5000


def test_out_saves_the_result(run, tmp_path, hours):
    done = run("backtest", "run", "--csv_file", hours, "--out", tmp_path / "result")
    assert done.code == 0, done.err
    assert any((tmp_path / "result").iterdir())


def test_doctor_finds_this_machine_well(run):
    done = run("doctor", "--json")
    assert done.code == 0, done.out
    findings = {finding["name"]: finding["ok"] for finding in json.loads(done.out)}
    assert findings["compiler"]
    assert findings["cache"]
