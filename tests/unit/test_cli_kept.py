"""The command line around kept results: run, list, show, compare, rerun, report, stats; where words go and how it leaves."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import warnings

import pandas as pd
import pytest

import lts
from lts.cli.exits import MEANINGS

RUN = ("backtest", "run", "--strategy", "sma_cross", "--fast", "3", "--slow", "9")


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def hours(tmp_path):
    path = tmp_path / "hours.parquet"
    lts.synthetic_bars("EUR_USD", "H1", n=400, seed=3).to_pandas().to_parquet(path)
    return ("--data", path, "--instrument", "EUR_USD", "--timeframe", "H1")


def kept(run, *words):
    done = run(*words, "--json", "--quiet_mode")
    assert (done.code, done.err) == (0, ""), done.err
    return json.loads(done.out)


# run


def test_a_file_and_a_strategy_are_enough(run, hours, home):
    done = run(*RUN, *hours, "--commission_per_lot", 7)
    assert done.code == 0, done.err
    (row,) = lts.results()
    assert done.out.splitlines()[0].split() == ["id", row.id]
    assert f"kept in {home / 'results' / row.id}" in done.err
    told = json.loads((row.folder / "result.json").read_text())["recipe"]
    assert told["costs"]["commission_per_lot"] == 7
    assert told["strategies"][0]["parameters"]["fast"] == 3
    assert told["data"][0]["origin"]["source"] == str(hours[1])
    assert told["command"][:3] == ["lts", "backtest", "run"]
    assert "--fast" in told["command"]


def test_the_run_is_the_librarys_own(run, hours):
    words = ("--spread_pips", "1.5", "--balance=50000", "--leverage", "20", "--start", "2015-01-06", "--end", "2015-01-16")
    found = kept(run, *RUN, *hours, *words, "--trade_from", "2015-01-08", "--intrabar", "best", "--close_at_end", "false")
    bars = lts.read_bars(hours[1], instrument="EUR_USD", timeframe="H1")["2015-01-06":"2015-01-16"]
    expected = lts.run(
        lts.strategies.SmaCross(fast=3, slow=9), bars, costs=lts.Costs(spread_pips=1.5), account=lts.Account(50_000, leverage=20),
        trade_from="2015-01-08", intrabar="best", close_at_end=False,
    )  # fmt: skip
    again = lts.rerun(found["id"])
    assert again.equal
    assert again.result.equity_micro.tobytes() == expected.equity_micro.tobytes()
    assert found["net_profit"] == expected.stats["net_profit"]


def test_finer_bars_and_rates_come_from_files(run, tmp_path):
    fine = lts.synthetic_bars("EUR_GBP", "M5", n=5_000, seed=3, price=0.85)
    paths = {"fine": fine, "hours": fine.resample("H1"), "rates": lts.synthetic_bars("GBP_USD", "H1", n=500, seed=5)}
    for name, bars in paths.items():
        bars.to_pandas().to_parquet(tmp_path / f"{name}.parquet")
    data = ("--data", tmp_path / "hours.parquet", "--instrument", "EUR_GBP", "--timeframe", "H1")
    detail = ("--detail", tmp_path / "fine.parquet", "--detail_timeframe", "M5")
    rates = ("--rates", json.dumps({"GBP_USD": str(tmp_path / "rates.parquet")}))
    found = kept(run, *RUN, *data, *detail, *rates)
    told = lts.load_result(lts.results().find(found["id"])).recipe
    assert (told["detail"]["EUR_GBP"]["timeframe"], told["intrabar"]) == ("M5", "detail")
    assert told["rates"]["sources"]["GBP_USD"]["bars"] == 500
    assert lts.rerun("last").equal
    assert run(*RUN, *data, "--rates", '{"GBP": 1.3}').code == 0


def test_a_sample_needs_no_file(run):
    assert kept(run, *RUN, "--sample", "ecb", "--instrument", "USD_JPY", "--rates", '{"JPY": 0.009}')["trades"] > 0
    done = run(*RUN, "--sample", "eurusd_h2")
    assert done.code == 3
    assert "Did you mean 'eurusd_h1'" in done.err


def test_the_catalogue_needs_no_file(run, hours):
    assert run("data", "import", *hours[1:]).code == 0
    words = ("--catalog", "--instrument", "EUR_USD", "--timeframe", "H1")
    whole = kept(run, *RUN, *words)
    part = kept(run, *RUN, *words, "--start", "2015-01-07", "--end", "2015-01-14")
    origin = lts.load_result(lts.results().find(part["id"])).recipe["data"][0]["origin"]
    assert (origin["kind"], origin["start"]) == ("catalog", "2015-01-07 00:00")
    assert whole["id"] != part["id"]
    assert run("backtest", "rerun", part["id"]).code == 0
    assert run(*RUN, "--catalog", "--instrument", "EUR_USD", "--timeframe", "M1").code == 4


def test_a_strategy_that_no_package_declares_is_named_by_its_module(run, hours, tmp_path, monkeypatch):
    (tmp_path / "own_rules_for_cli.py").write_text("import lts\nclass Mine(lts.strategies.SmaCross):\n    wide: int = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    words = ("backtest", "run", "--strategy", "own_rules_for_cli:Mine", "--wide", "5", "--fast", "4", *hours)
    kept(run, *words)
    assert lts.load_result(lts.results().find("last")).recipe["strategies"][0]["parameters"]["wide"] == 5
    done = run("backtest", "run", "--strategy", "own_rules_for_cli:Other", *hours)
    assert done.code == 3
    assert "own_rules_for_cli:Other" in done.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--data", "nowhere.csv", "--instrument", "EUR_USD", "--timeframe", "H1"), 4, "nowhere.csv"),
        (("--data", "nowhere.csv", "--timeframe", "H1"), 3, "Add --instrument"),
        (("--data", "nowhere.csv", "--instrument", "EUR_USD"), 3, "Add --timeframe"),
        (("--data", "x.csv", "--sample", "ecb"), 3, "were data and sample stated"),
        (("--sample", "ecb", "--comission_per_lot", "7"), 3, "Did you mean 'commission_per_lot'"),
        (("--sample", "ecb", "--units", "many"), 3, "'units' (command line): was 'many'"),
        (("--sample", "ecb", "--commission_per_lot", "-1"), 3, "commission_per_lot: was -1"),
        (("--sample", "ecb", "--strategy_plugin", "donchian"), 2, "both stated"),
        (("--sample", "ecb", "--fail-under", "sharp=1"), 2, "Did you mean 'sharpe'"),
        (("--sample", "ecb", "--fail-under", "sharpe"), 2, "as sharpe=0.5"),
        (("--sample", "ecb", "--out"), 2, "--out"),
        (("--sample", "ecb", "--rates", "{"), 3, "'rates'"),
    ],
)
def test_what_cannot_be_right_is_said_and_nothing_is_kept(run, words, code, said):
    done = run(*RUN, *words)
    assert done.code == code, done
    assert said in done.err
    assert (done.out, list(lts.results())) == ("", [])


def test_a_threshold_that_is_missed_leaves_with_7_and_the_result_is_kept(run, hours):
    assert run(*RUN, *hours, "--fail-under", "trades=1,max_drawdown=0").code == 0
    done = run(*RUN, *hours, "--fail-under", "trades=100000")
    assert done.code == 7
    assert "trades was" in done.err
    assert "it must be at least 100000" in done.err
    assert len(lts.results()) == 2
    flat = run("backtest", "run", "--strategy", "sma_cross", "--slow", "500", *hours, "--fail-under", "sharpe=-9")
    assert flat.code == 7  # no trade, so no Sharpe ratio: nothing was shown to be above -9
    assert "sharpe was nan" in flat.err


def test_out_keeps_it_elsewhere_and_csv_beside_parquet(run, hours, tmp_path, home):
    done = run(*RUN, *hours, "--out", tmp_path / "mine", "--csv")
    assert done.code == 0, done.err
    assert (tmp_path / "mine" / "trades.csv").is_file()
    assert not (home / "results").exists()
    assert run("backtest", "rerun", tmp_path / "mine").code == 0


def test_secrets_are_not_kept(run, hours):
    kept(run, *RUN, *hours, "--jwt_secret", "abc123", "--prediction_provider_api_key=xyz789")
    text = (lts.results().find("last") / "result.json").read_text()
    assert "abc123" not in text
    assert "xyz789" not in text
    assert "--jwt_secret" in text


def test_a_home_that_cannot_be_written_shows_the_numbers_all_the_same(run, hours, home):
    home.write_text("a file")
    done = run(*RUN, *hours)
    assert done.code == 4
    assert "final_balance" in done.out
    assert "cannot be written" in done.err
    assert run("backtest", "list").code == 4


def test_json_has_null_and_the_reason_for_what_is_none(run, hours):
    found = kept(run, "backtest", "run", "--strategy", "sma_cross", "--slow", "500", *hours)  # no trade at all
    assert found["sharpe"] is None
    told = json.loads((lts.results().find("last") / "result.json").read_text())
    assert told["reasons"]["sharpe"]


# list, show, compare, rerun


@pytest.fixture
def two(run, hours):
    return [kept(run, *RUN, *hours, "--commission_per_lot", cost)["id"] for cost in (0, 7)]


def test_the_list_is_newest_first(run, two):
    done = run("backtest", "list")
    lines = done.out.splitlines()
    assert lines[0].split() == ["id", "when", "strategy", "instrument", "net_profit", "sharpe", "max_drawdown", "trades"]
    assert [line.split()[0] for line in lines[1:]] == two[::-1]
    assert [row["id"] for row in json.loads(run("backtest", "list", "--limit", 1, "--json").out)] == two[1:]
    assert run("backtest", "list", "--limit", 0).code == 2


def test_an_empty_list_says_how_to_fill_it(run):
    done = run("backtest", "list")
    assert (done.code, done.out) == (0, "")
    assert "no results in" in done.err
    assert json.loads(run("backtest", "list", "--json").out) == []


def test_a_warning_of_the_market_is_a_remark(run, tmp_path):
    path = tmp_path / "stale.parquet"
    lts.synthetic_bars("EUR_USD", "H1", n=400, seed=3, stale_opens=True).to_pandas().to_parquet(path)
    words = (*RUN, "--data", path, "--instrument", "EUR_USD", "--timeframe", "H1")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        done = run(*words)
        assert "lts: EUR_USD: 100.0% of opens copy the previous close" in done.err
        assert ".py:" not in done.err
        assert run(*words, "--quiet_mode").err == ""


def test_config_show_knows_the_short_names(run):
    rows = json.loads(run("config", "show", "--json", "--sample", "ecb", "--strategy", "donchian", "--balance", "500").out)
    found = {row["key"]: (row["value"], row["source"]) for row in rows}
    assert found["balance"] == (500.0, "command line")
    assert found["strategy_plugin"] == ("donchian", "command line")


def test_a_damaged_result_is_in_the_list(run, two, home):
    (home / "results" / two[0] / "result.json").write_text("{")
    done = run("backtest", "list")
    assert done.code == 0
    assert "result.json is damaged" in done.out
    assert run("backtest", "show", two[0]).code == 4
    assert run("backtest", "show", "last").code == 0


def test_show_writes_recipe_and_statistics(run, two):
    done = run("backtest", "show", two[1])
    assert "SmaCross(fast=3, slow=9" in done.out
    assert re.search(r"^sharpe +\S", done.out, re.MULTILINE)
    assert re.search(r"^command +lts backtest run", done.out, re.MULTILINE)
    told = json.loads(run("backtest", "show", "last", "--json").out)
    assert (told["id"], told["schema"]) == (two[1], 2)


def test_show_writes_a_table_as_csv(run, two):
    for name in ("trades", "fills", "orders"):
        frame = pd.read_csv(io.StringIO(run("backtest", "show", two[1], "--csv", name).out))
        assert len(frame) == len(getattr(lts.load_result(lts.results().find(two[1])), name))
    assert run("backtest", "show", "last", "--csv", "equity").out.startswith("time,equity,balance\n")
    assert run("backtest", "show", "last", "--csv", "trades", "--json").code == 2
    done = run("backtest", "show", "last", "--csv", "trade")
    assert done.code == 2
    assert "Did you mean 'trades'" in done.err


def test_compare_shows_both_and_what_differs(run, two):
    done = run("backtest", "compare", *two)
    assert done.code == 0
    lines = {line.split()[0]: line.split()[1:] for line in done.out.splitlines() if line}
    assert lines["statistic"] == two
    assert lines["commission"][0] == "0"
    assert lines["costs.commission_per_lot"] == ["0", "7"]
    assert set(json.loads(run("backtest", "compare", *two, "--json").out)) == {"stats", "recipes"}
    assert run("backtest", "compare", two[0]).code == 2


@pytest.mark.parametrize("verb", ["show", "rerun", "compare"])
def test_an_unknown_or_ambiguous_id_leaves_with_2(run, two, verb):
    more = ["last"] if verb == "compare" else []
    unknown = run("backtest", verb, "nothing-like-it", *more)
    assert (unknown.code, unknown.out) == (2, "")
    assert "is not among the 2" in unknown.err
    ambiguous = run("backtest", verb, two[0][:4], *more)
    assert ambiguous.code == 2
    assert "fits 2 results" in ambiguous.err


def test_rerun_says_equal_changed_or_different(run, two, hours, home):
    done = run("backtest", "rerun", two[0])
    assert done.code == 0
    assert done.out.startswith(f"{two[0]}: equal to the byte: 400 closes")
    path = home / "results" / two[1] / "result.json"
    path.write_text(path.read_text().replace('"commission_per_lot": 7.0', '"commission_per_lot": 8.0'))
    assert run("backtest", "rerun", two[1]).code == 7
    lts.synthetic_bars("EUR_USD", "H1", n=400, seed=4).to_pandas().to_parquet(hours[1])
    done = run("backtest", "rerun", two[0])
    assert (done.code, done.out) == (4, "")
    assert "columns that differ" in done.err


# reports


def test_the_report_of_a_kept_result_is_written(run, two, tmp_path, home):
    done = run("report", "last")
    assert done.code == 0, done.err
    assert done.out.strip() == str(home / "results" / two[1] / "report.html")
    assert run("report", two[1], "--out", tmp_path / "r.html").out.strip() == str(tmp_path / "r.html")
    assert run("report", two[0], "--out", tmp_path / "s.html").code == 0
    assert (tmp_path / "r.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert str(home / "results" / two[0] / "report.html") in run("backtest", "show", two[0], "--report").out
    assert json.loads(run("report", two[0], "--json").out) == {"report": str(home / "results" / two[0] / "report.html")}
    assert json.loads(run("backtest", "show", two[0], "--report", "--json").out)["report"].endswith("report.html")
    assert run("report", two[0], "--out", tmp_path / "nowhere" / "r.html").code == 4


def test_there_is_no_report_of_other_numbers(run, two, home):
    path = home / "results" / two[1] / "result.json"
    path.write_text(path.read_text().replace('"commission_per_lot": 7.0', '"commission_per_lot": 8.0'))
    done = run("report", two[1])
    assert (done.code, done.out) == (4, "")
    assert "gave other numbers" in done.err
    assert not (path.parent / "report.html").exists()


def test_run_writes_a_report_where_it_is_told(run, hours, tmp_path):
    assert run(*RUN, *hours, "--report", tmp_path / "r.html").code == 0
    assert (tmp_path / "r.html").is_file()


# stats


def test_statistics_are_explained(run):
    assert "std(r, ddof=1)" in run("stats", "explain", "sharpe").out
    assert json.loads(run("stats", "explain", "sharpe", "--json").out)["id"] == "sharpe"
    done = run("stats", "explain", "sharp")
    assert done.code == 2
    assert "Did you mean 'sharpe'" in done.err
    listed = [definition["id"] for definition in json.loads(run("stats", "list", "--json").out)]
    assert "max_drawdown" in listed
    assert len(run("stats", "list").out.splitlines()) == len(listed)


# the terminal


def test_exit_codes_are_in_the_help(run):
    text = " ".join(run("--help").out.split())
    for code, meaning in MEANINGS.items():
        assert f"{code} {meaning}" in text


def complete(words):
    variables = {"_LTS_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    done = subprocess.run([sys.executable, "-m", "lts"], env=os.environ | variables, capture_output=True, text=True, check=False)
    return done.stdout.split()


def test_the_shell_completes_verbs_ids_and_strategies(two):
    assert complete("lts backtest re") == ["rerun"]
    first, *rest = complete("lts backtest show ")
    assert (first, sorted(rest)) == ("last", sorted(two))
    assert complete("lts backtest run --strategy sma") == ["sma_cross"]
    assert "sharpe" in complete("lts stats explain shar")


def test_nothing_but_plain_text_goes_into_a_pipe(hours):
    words = [str(word) for word in (*RUN, *hours)]
    done = subprocess.run([sys.executable, "-m", "lts", *words], capture_output=True, text=True, check=True)
    assert "\x1b" not in done.stdout + done.stderr
    # what runs, what must be said about it, where it is kept
    assert [line.split()[1] for line in done.stderr.splitlines()] == ["SmaCross(fast=3,", "costs:", "kept"]


def test_help_and_lists_load_nothing_heavy(two):
    del two
    heavy = ("numba", "pandas", "polars", "pyarrow", "matplotlib", "rich")
    for words in (["--help"], ["backtest", "--help"], ["stats", "explain", "sharpe"]):
        code = "import sys\nfrom lts.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        code += f"print([m for m in {heavy!r} if m in sys.modules])"
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]", words
