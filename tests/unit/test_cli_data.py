"""`lts data` as a person meets it: files into the catalogue, and what comes out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import lts
from lts.data.catalog import Catalog

WORDS = ("--instrument", "EUR_USD", "--timeframe", "H1")
MID = ("--side", "mid", "--spread", "2", "--tz", "UTC")


@pytest.fixture
def run(run):
    """Run `lts data` in this process."""
    return lambda *words: run("data", *words)


def day(folder: Path, number: int, price: float = 1.1) -> Path:
    """Write the hours of a day in March 2024, all with one close, as text."""
    path = folder / f"day {number}.csv"
    rows = "".join(f"2024-03-{number:02} {hour:02}:00:00,1.1,1.2,1.05,{price}\n" for hour in range(20))
    path.write_text("DATE_TIME,OPEN,HIGH,LOW,CLOSE\n" + rows, encoding="utf-8")
    return path


def usual(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "home" / "bars")


# import


def test_import_puts_files_into_the_usual_folder_and_counts(run, tmp_path):
    done = run("import", day(tmp_path, 4), day(tmp_path, 5), *WORDS, *MID)
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["file", "rows", "bars", "new", "identical", "kept", "replaced"]
    assert [line[-6:] for line in lines[1:]] == [["20", "20", "20", "0", "0", "0"]] * 2
    assert "40 rows of 2 files" in done.err
    assert len(usual(tmp_path).bars("EUR_USD", "H1")) == 40


def test_import_expands_patterns_that_the_shell_left(run, tmp_path):
    (tmp_path / "deep").mkdir()
    day(tmp_path, 4), day(tmp_path / "deep", 5)
    done = run("import", tmp_path / "**" / "*.csv", day(tmp_path, 4), *WORDS, *MID, "--json", "--into", tmp_path / "own")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["folder"] == str(tmp_path / "own")
    assert [(Path(file["file"]).name, file["new"]) for file in found["files"]] == [("day 4.csv", 20), ("day 5.csv", 20)]
    assert not (tmp_path / "home").exists()


def test_one_bad_file_among_many_is_told_and_the_others_are_in(run, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("time,open,high,low,close\n2024-03-06 00:00,1.1,1.0,1.2,1.1\n", encoding="utf-8")
    words = ("import", day(tmp_path, 4), bad, tmp_path / "none.csv", day(tmp_path, 5), *WORDS, *MID)
    done = run(*words)
    assert done.code == 4
    assert "2 of 4 files were not imported, the others are in the catalogue" in done.err
    assert "bad.csv, row 0" in done.err
    assert "none.csv: does not exist" in done.err
    assert "Traceback" not in done.err
    assert len(usual(tmp_path).bars("EUR_USD", "H1")) == 40
    again = run(*words, "--json")
    assert again.code == 4
    files = json.loads(again.out)["files"]
    assert [file.get("identical") for file in files] == [20, None, None, 20]
    assert "row 0" in files[1]["error"]


def test_import_refuses_a_conflict_unless_told_which_bar_stays(run, tmp_path):
    assert run("import", day(tmp_path, 4), *WORDS, *MID).code == 0
    words = ("import", day(tmp_path, 4, price=1.15), *WORDS, *MID)
    done = run(*words)
    assert done.code == 4
    assert "2024-03-04 00:00 UTC: the new bar was bid 1.09990" in done.err
    assert run(*words, "--on-conflict", "replace").code == 0
    assert usual(tmp_path).bars("EUR_USD", "H1").bid_close[0] == 1.1499


def test_fault_policies_are_options(run, tmp_path):
    path = day(tmp_path, 4)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[-1]]), encoding="utf-8")
    assert run("import", path, *WORDS, *MID).code == 4
    done = run("import", path, *WORDS, *MID, "--on-fault", "duplicates=first", "--on_fault", "unsorted=sort", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["files"][0]["faults"] == {"duplicates": 1}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--on-fault", "duplicates"), "FAULT=POLICY"),
        (("--on-fault", "duplicate=first"), "Did you mean 'duplicates'"),
        (("--on-conflict", "replac"), "Did you mean 'replace'"),
        (("--timeframe", "H5"), "'H5' is unknown"),
        (("--instrument", "EUR_USX"), "Did you mean"),
        (("--spread", "much"), "'much'"),
    ],
)
def test_wrong_words_leave_with_2_and_nothing_is_read(run, tmp_path, words, said):
    done = run("import", day(tmp_path, 4), *WORDS, *MID, *words)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "home" / "bars" / "instrument=EUR_USD").exists()


def test_a_folder_that_cannot_be_written_leaves_with_4(run, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = run("import", day(tmp_path, 4), *WORDS, *MID, "--into", tmp_path / "file" / "bars")
    assert done.code == 4
    assert "cannot be written" in done.err
    assert run("list", "--catalog", tmp_path / "file").code == 2


# list and check


def test_list_shows_what_is_stored_in_utc(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert run("import", day(tmp_path, 4), day(tmp_path, 6), *WORDS, *MID).code == 0
    done = run("list")
    assert done.code == 0, done.err
    head, row = done.out.splitlines()
    assert "first (UTC)" in head
    assert row.split()[:4] == ["EUR_USD", "H1", "40", "2024-03-04"]
    assert "2024-03-04 00:00  2024-03-06 19:00" in row
    assert "day 4.csv, day 6.csv" in row
    found = json.loads(run("list", "--json").out)
    assert found[0]["first"] == "2024-03-04T00:00:00+00:00"
    assert (found[0]["bars"], found[0]["gaps"], found[0]["sources"]) == (40, 1, ["day 4.csv", "day 6.csv"])
    assert found[0]["coverage"] == pytest.approx(40 / 68)


def test_an_empty_catalogue_is_said(run):
    done = run("list")
    assert (done.code, done.out) == (0, "")
    assert "holds no bars yet" in done.err
    assert json.loads(run("list", "--json").out) == []
    assert run("check", *WORDS).code == 4


def test_check_looks_at_the_catalogue_as_at_the_file(run, tmp_path):
    file = day(tmp_path, 4)
    assert run("import", file, *WORDS, *MID).code == 0
    of_file = json.loads(run("check", file, *WORDS, *MID, "--json").out)
    stored = json.loads(run("check", *WORDS, "--json").out)
    assert {**stored, "source": ""} == {**of_file, "source": ""}
    assert "EUR_USD H1: 20 bars" in run("check", *WORDS).out


def test_options_of_files_are_refused_for_the_catalogue(run, tmp_path):
    done = run("check", *WORDS, "--tz", "UTC")
    assert (done.code, "--tz: is for reading files" in done.err) == (2, True)
    done = run("check", day(tmp_path, 4), *WORDS, *MID, "--catalog", tmp_path)
    assert (done.code, "stands beside the file" in done.err) == (2, True)


# resample


def test_resampling_the_catalogue_is_resampling_the_file(run, tmp_path):
    file, first, second = day(tmp_path, 4), tmp_path / "a.parquet", tmp_path / "b.csv"
    assert run("import", file, *WORDS, *MID).code == 0
    assert run("resample", file, "H4", first, *WORDS, *MID).code == 0
    assert run("resample", "catalog", "H4", second, *WORDS).code == 0
    bars = [lts.read_bars(path, instrument="EUR_USD", timeframe="H4", tz="UTC") for path in (first, second)]
    assert bars[0].fingerprint == bars[1].fingerprint
    done = run("resample", "catalog", "H4", *WORDS)
    assert done.code == 0, done.err
    assert usual(tmp_path).bars("EUR_USD", "H4").fingerprint == bars[0].fingerprint
    assert run("resample", file, "H4", *WORDS, *MID, "--into", tmp_path / "other").code == 0
    assert Catalog(tmp_path / "other").bars("EUR_USD", "H4").fingerprint == bars[0].fingerprint


def test_days_of_utc_are_another_anchor(run, tmp_path):
    file, out = day(tmp_path, 4), tmp_path / "days.csv"
    assert run("resample", file, "D1", out, *WORDS, *MID, "--anchor", "utc").code == 0
    assert pd.read_csv(out)["time"].tolist() == ["2024-03-04 00:00:00+00:00"]


@pytest.mark.parametrize("out", ["days.xls", "nowhere/days.csv", "nowhere/days.parquet"])
def test_a_place_that_cannot_be_written_leaves_with_2(run, tmp_path, out):
    done = run("resample", day(tmp_path, 4), "D1", tmp_path / out, *WORDS, *MID)
    assert done.code == 2
    assert "it must" in done.err


def test_two_places_to_write_to_are_refused(run, tmp_path):
    words = ("--into", tmp_path / "own")
    assert run("resample", day(tmp_path, 4), "D1", tmp_path / "a.csv", *WORDS, *MID, *words).code == 2
    assert run("sample", "ecb", "--out", tmp_path / "a.csv", *words).code == 2
    assert not (tmp_path / "own").exists()


# samples


def test_samples_are_listed(run):
    found = json.loads(run("sample", "--json").out)
    assert [row["name"] for row in found] == ["eurusd_h1", "ecb", "synthetic"]
    assert "synthetic" in run("sample").out


def test_a_sample_goes_into_the_catalogue_or_a_file(run, tmp_path):
    done = run("sample", "ecb", "--instrument", "GBP_JPY", "--json")
    assert done.code == 0, done.err
    bars = lts.samples.ecb("GBP_JPY")
    assert json.loads(done.out)["new"] == len(bars)
    assert usual(tmp_path).bars("GBP_JPY", "D1").fingerprint == bars.fingerprint
    out = tmp_path / "made.csv"
    words = ("--instrument", "USD_JPY", "--timeframe", "M5", "--n", "500", "--seed", "3", "--spread", "1.5")
    assert run("sample", "synthetic", *words, "--out", out).code == 0
    made = lts.synthetic_bars("USD_JPY", "M5", 500, 3, spread_pips=1.5)
    assert lts.read_bars(out, instrument="USD_JPY", timeframe="M5").fingerprint == made.fingerprint


def test_generated_bars_need_a_folder_of_their_own(run, tmp_path):
    done = run("sample", "synthetic", "--n", "100")
    assert (done.code, "must not lie among real ones" in done.err) == (2, True)
    assert run("sample", "synthetic", "--n", "100", "--into", tmp_path / "made").code == 0
    assert len(Catalog(tmp_path / "made").bars("EUR_USD", "M1")) == 100


def test_an_unknown_sample_is_answered_with_the_nearest(run):
    done = run("sample", "eurusd_h")
    assert (done.code, "Did you mean 'eurusd_h1'" in done.err) == (2, True)


# sql


def test_sql_answers_as_table_json_and_csv(run, tmp_path):
    assert run("import", day(tmp_path, 4), *WORDS, *MID).code == 0
    query = "select instrument, max(time) as last, count(*) as n, max(bid_close) as top, sum(volume) as v from bars group by all"
    assert json.loads(run("sql", query, "--json").out) == [
        {"instrument": "EUR_USD", "last": "2024-03-04T19:00:00+00:00", "n": 20, "top": 1.0999, "v": None}
    ]
    assert run("sql", query, "--csv").out.splitlines() == [
        "instrument,last,n,top,v",
        "EUR_USD,2024-03-04 19:00:00+00:00,20,1.0999,",
    ]
    assert run("sql", query).out.split() == [
        "instrument", "last", "n", "top", "v", "EUR_USD", "2024-03-04", "19:00:00+00:00", "20", "1.0999",
    ]  # fmt: skip
    assert run("sql", query, "--csv", "--json").code == 2


def test_sql_writes_no_file(run, tmp_path):
    done = run("sql", f"copy bars to '{tmp_path / 'out.csv'}'")
    assert (done.code, done.out) == (2, "")
    assert "one SELECT" in done.err
    assert not (tmp_path / "out.csv").exists()


# all of them


@pytest.mark.parametrize("verb", ["import", "list", "check", "resample", "sample", "sql"])
def test_help_of_each_verb_has_an_example(run, verb):
    done = run(verb, "--help")
    assert done.code == 0
    assert f"lts data {verb}" in " ".join(done.out.split()).partition("Example")[2]


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom lts.cli import main\ntry:\n    main(['data', 'import', '--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy', 'pandas', 'polars', 'duckdb', 'pyarrow', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_real_minutes_come_back_as_they_are(run, tmp_path, shared_data):
    files = sorted((shared_data / "bars").glob("USDSGD_M1_dukascopy*.parquet"))
    if not files:
        pytest.skip("no minute files of USD/SGD in the folder of market data")
    done = run("import", shared_data / "bars" / "USDSGD_M1_dukascopy*.parquet", "--instrument", "USD_SGD", "--timeframe", "M1")
    assert done.code == 0, done.err
    catalog = usual(tmp_path)
    for file in files:
        bars = lts.read_bars(file, instrument="USD_SGD", timeframe="M1")
        stored = catalog.bars("USD_SGD", "M1", bars.to_pandas().index[0], bars.to_pandas().index[-1])
        assert stored.fingerprint == bars.fingerprint
        assert stored.resample("H1").fingerprint == bars.resample("H1").fingerprint


def test_crossed_quotes_of_a_real_file_come_back(tmp_path, shared_data):
    file = shared_data / "bars" / "EURUSD_H1_fxcm.parquet"
    if not file.exists():
        pytest.skip("no hours of EUR/USD in the folder of market data")
    bars = lts.read_bars(file, instrument="EUR_USD", timeframe="H1")
    catalog = usual(tmp_path)
    catalog.add(bars)
    stored = catalog.bars("EUR_USD", "H1")
    assert {**stored.quality.as_dict(), "source": ""} == {**bars.quality.as_dict(), "source": ""}
