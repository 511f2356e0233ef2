"""The benchmarks' own arithmetic, and that what is timed is the same work; no clock is looked at."""

import numpy as np
import pytest

from benchmarks import environments, jobs, limit, ours, processes, summary, tables, workload
from benchmarks.page import page

JOB = jobs.Job("engine", "lts", "ours:same_bars", 100, 10)
QUICK = {"median_s": 2.0, "min_s": 1.5, "bars": 100, "first_s": 9.0, "peak_mib": 50.0, "trades": 7, "final": 990.5}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bars")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workload, "path", lambda n: folder / f"{n}.npz")
        patch.setattr(workload, "ALL_BARS", 20_000)
        workload.write([20_000, 500])
        yield workload.Data(20_000)


def slower(factor):
    return {**QUICK, "median_s": QUICK["median_s"] * factor}


@pytest.mark.parametrize(("by_hand", "compiled"), [(limit.reversal, ours.same_bars), (limit.trailing, ours.trailing)])
def test_the_loop_by_hand_and_lts_come_to_the_same_cent(data, by_hand, compiled):
    expected, found = by_hand(data).run(), compiled(data).run()
    assert found.trades == expected.trades > 100
    assert found.final == pytest.approx(expected.final, abs=1e-6)


def test_new_bars_are_new_each_time_and_bring_the_same(data):
    task = ours.new_bars(data)
    first, second = task.before(), task.before()
    assert first is not second
    assert task.run(first) == task.run(second) == ours.same_bars(data).run()


def test_a_replay_comes_to_the_compiled_result(data):
    assert ours.replayed(data).run() == ours.trailing(data).run()


def test_a_shorter_series_is_the_beginning_of_the_longer(data):
    few = workload.Data(500)
    for name in ("time", "bid", "spread"):
        assert np.array_equal(getattr(few, name), getattr(data, name)[..., :500])
    first, high, low, close = data.bid
    assert (low <= np.minimum(first, close)).all()
    assert (high >= np.maximum(first, close)).all()
    assert data.spread.min() > 0


def test_nights_are_booked_at_seventeen_new_york():
    hours = np.arange("2015-01-06T20", "2015-01-09T00", dtype="datetime64[h]")  # from Tuesday; winter, so 22:00 UTC
    booked = workload.nights(hours.astype("datetime64[ns]").astype(np.int64))
    assert dict(zip(hours[booked > 0].astype(str), booked[booked > 0].tolist(), strict=True)) == {
        "2015-01-06T22": 1,
        "2015-01-07T22": 3,
        "2015-01-08T22": 1,
    }


def test_a_mean_and_its_crossings_by_hand():
    values = np.array([1.0, 2.0, 3.0, 2.0, 0.0])
    assert workload.sma(values, 2).tolist() == pytest.approx([np.nan, 1.5, 2.5, 2.5, 1.0], nan_ok=True)
    up, down = workload.crossings(np.array([1.0, 3.0, 3.0, 1.0]), np.array([2.0, 2.0, 2.0, 2.0]))
    assert (up.tolist(), down.tolist()) == ([False, True, False, False], [False, False, False, True])


def test_the_last_line_of_json_is_the_reply():
    assert processes.reply('a peer says hello\n{"old": 1}\n{"bars": 2}\n', "", 0) == {"bars": 2}


@pytest.mark.parametrize(("stdout", "code"), [("", 0), ('{"bars": 2}', 1)])
def test_a_process_that_fails_or_says_nothing_is_a_failure(stdout, code):
    stderr = "Traceback ...\n  File x\nValueError: cannot read /somewhere/deep/file.txt\n"
    assert processes.reply(stdout, stderr, code) == {"failed": f"exit {code}: ValueError: cannot read ..."}


def test_of_a_complaint_the_last_error_is_told():
    text = "WARNING: slow\nERROR: no matching distribution found for x==1\nnote: more above\n"
    assert environments.complaint(text) == "ERROR: no matching distribution found for x==1"
    assert environments.complaint("") == "said nothing"


def test_a_row_is_the_median_of_medians_and_the_fastest_run_of_all():
    row = summary.row(JOB, 100, [slower(1), slower(4), {**slower(2), "min_s": 0.5}])
    assert (row.median_s, row.min_s, row.ns_a_bar) == (4.0, 0.5, 4e7)


def test_a_ratio_is_taken_round_by_round_and_per_bar():
    base = [slower(1), slower(10), slower(1)]
    peer = [{**slower(1), "bars": 10}, {**slower(10), "bars": 10}, {**slower(3), "bars": 10}]
    assert summary.ratio(peer, base) == (10.0, 10.0, pytest.approx(30.0))
    assert summary.ratio(peer, []) is None
    assert summary.ratio([*peer[:2], {"failed": "x"}], base) is None


def test_one_failed_round_fails_the_row_and_it_stays_in_the_table():
    row = summary.row(JOB, 100, [slower(1), {"failed": "exit 1: a | b"}])
    assert row.failed
    lines = tables.steady([row], {}).splitlines()
    assert "| engine | 100 | failed: exit 1: a / b |" in lines[2]
    assert len({line.count("|") for line in lines}) == 1


def test_figures_carry_three_digits():
    assert [tables.figure(x) for x in (0.123, 1.234, 12.34, 123.4, 12_345.6)] == ["0.12", "1.23", "12.3", "123", "12,346"]
    assert (tables.duration(0.00725), tables.duration(1.3061)) == ("7.25 ms", "1.31 s")
    assert tables.three(146_743_368) == "147,000,000"
    assert tables.times(summary.Ratio(2.0, 1.5, 3.0)) == "2.00x (1.50 to 3.00)"
    assert tables.times(summary.Ratio(2.0, 2.0, 2.0)) == "2.00x"


def test_the_page_names_every_engine_also_the_one_that_did_not_install():
    rounds = {job.name: [QUICK] for job in (*jobs.RULE_A, *jobs.RULE_B, *jobs.RULE_C)}
    rounds["backtrader"] = [{"failed": "not installed: no wheel", "bars": 5}]
    run = dict.fromkeys(("lts", "commit", "date", "mode", "load_before", "load_after", "core", "again"), "1")
    machine = dict.fromkeys(("processor", "cores", "memory", "system", "python"), "1")
    one = {"bars": 5, "empty_s": 2.0, "warm_s": 1.0, "peak_mib": 9.0}
    text = page(
        {
            "run": {**run, "rounds": 1, "seconds": 1.0},
            "machine": machine,
            "environments": {"backtrader": {"versions": {}, "failure": "no wheel"}},
            "cold": {jobs.BASE_A: one, "slow": {**one, "warm_s": 3.0}, "backtrader": {"failed": "not installed"}},
            "rule_a": rounds,
            "rule_b": {**rounds, "raptorbt batch": [{**QUICK, "sets": 50, "bars": 10}]},
            "rule_c": rounds,
            "same_sets": {"parts": {"raptorbt batch": {"10": [8, 991.0]}}},
            "parts": {
                "same": {"parts": {"A": {"100": [8, 991.0]}}},
                "limit": {"parts": {"simulation": 4.0}},
                "run": {"failed": "exit 1"},
                "rules": {"parts": {"SmaCross": 20.0}},
                "frames": {"parts": {"trades": 13_880, "result.report": "not in this version"}},
            },
            "start": {"import lts": 16.0},
        }
    )
    for job in (*jobs.RULE_A, *jobs.RULE_B, *jobs.RULE_C):
        assert f"| {job.name} |" in text
    assert "| raptorbt batch | 50 x 10 | 2.00 s | 4,000,000 | 250 | 0.20x | 7 (8) | 990 (991) | 50 |" in text
    assert "| backtrader | 5 | failed: not installed: no wheel |" in text
    assert "| backtrader | not installed: no wheel |" in text
    assert "| slow | 5 | 3.00 s | 3.00x | 2.00 s | 1.00x | 9 |" in text
    assert "| 7 (8) | 990 (991) |" in text
    assert "{" not in text


def test_a_page_of_the_sweep_alone_is_made():
    run = dict.fromkeys(("lts", "commit", "date", "mode", "load_before", "load_after", "core", "again"), "1")
    machine = dict.fromkeys(("processor", "cores", "memory", "system", "python"), "1")
    rounds = {job.name: [QUICK] for job in jobs.RULE_B}
    text = page({"run": {**run, "rounds": 1, "seconds": 1.0}, "machine": machine, "environments": {}, "rule_b": rounds})
    assert "## A sweep" in text
    assert "## One backtest" not in text
