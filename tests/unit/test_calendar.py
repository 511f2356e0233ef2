"""The calendar against the standard library's clocks, one stamp at a time."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lts import calendar
from lts.calendar import DAY, HOUR, WEEK
from lts.errors import ParameterError

NEW_YORK = ZoneInfo("America/New_York")
SECOND = 1_000_000_000
stamps = st.integers(0, 4_000_000_000).map(lambda s: s * SECOND)  # 1970 to 2096


def local(time: int) -> datetime:
    return datetime.fromtimestamp(time // SECOND, NEW_YORK)


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[misc,arg-type]


def close_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 17, tzinfo=NEW_YORK).timestamp()) * SECOND


def oracle_cutoffs(start: int, end: int) -> list[int]:
    """Return each calendar day's 17:00 with start < c <= end, by counting days."""
    day, found = local(start).date() - timedelta(days=2), []
    while close_of(day) <= end:
        if close_of(day) > start:
            found.append(close_of(day))
        day += timedelta(days=1)
    return found


@given(st.lists(stamps, min_size=1, max_size=20), st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Sydney", "UTC"]))
def test_offsets_are_those_of_the_zone(times: list[int], zone: str) -> None:
    expected = [datetime.fromtimestamp(t // SECOND, ZoneInfo(zone)).utcoffset() for t in times]
    found = calendar.utc_offset(times, zone)
    assert [timedelta(seconds=int(x) // SECOND) for x in found] == expected


@pytest.mark.parametrize(
    ("before", "winter"),
    [
        (utc(2014, 3, 9, 6, 59, 59), True),
        (utc(2014, 3, 9, 7), False),
        (utc(2014, 11, 2, 5, 59, 59), False),
        (utc(2014, 11, 2, 6), True),
    ],
)
def test_new_york_clocks_change_at_two_on_a_sunday_of_march_and_of_november(before: int, winter: bool) -> None:
    assert calendar.utc_offset([before])[0] == (-5 if winter else -4) * HOUR


@pytest.mark.parametrize(("day", "hour"), [((2014, 3, 7), 22), ((2014, 3, 10), 21), ((2014, 10, 31), 21), ((2014, 11, 3), 22)])
def test_the_day_ends_at_21_utc_in_summer_and_22_in_winter(day: tuple[int, int, int], hour: int) -> None:
    assert calendar.cutoffs(utc(*day), utc(*day) + DAY).tolist() == [utc(*day, hour)]


@settings(max_examples=50)
@given(stamps, st.integers(0, 60 * 86_400).map(lambda s: s * SECOND))
def test_cutoffs_are_every_days_1700_after_the_start_to_the_end(start: int, length: int) -> None:
    assert calendar.cutoffs(start, start + length).tolist() == oracle_cutoffs(start, start + length)


def test_a_cutoff_at_the_start_is_past_and_one_at_the_end_is_due() -> None:
    first, last = utc(2014, 5, 6, 21), utc(2014, 5, 7, 21)
    assert calendar.cutoffs(first, last).tolist() == [last]
    assert calendar.cutoffs(last, last).tolist() == []


@given(stamps)
def test_a_days_start_is_its_first_instant(time: int) -> None:
    day = calendar.day_index([time])
    start = int(calendar.day_start(day)[0])
    assert start <= time < int(calendar.day_start(day + 1)[0])
    assert local(start).hour == 17
    assert local(start).minute == 0
    assert date(1970, 1, 1) + timedelta(days=int(day[0])) == local(start).date() + timedelta(days=1)


@given(stamps)
def test_hours_and_weekdays_are_those_on_new_york_clocks(time: int) -> None:
    there = local(time)
    assert calendar.hour([time])[0] == there.hour
    assert calendar.weekdays([time])[0] == there.weekday()
    since_open = ((there.weekday() + 1) % 7 * 24 + there.hour - 17) % 168
    assert calendar.hour_of_week([time])[0] == since_open


@given(stamps)
def test_the_week_is_open_from_sunday_1700_to_friday_1700(time: int) -> None:
    there = local(time)
    weekday, late = there.weekday(), there.hour >= 17
    is_open = weekday < 4 or (weekday == 4 and not late) or (weekday == 6 and late)
    assert bool(calendar.in_week([time])[0]) == is_open
    assert is_open == (calendar.hour_of_week([time])[0] < 120)


@pytest.mark.parametrize("step", [HOUR, 4 * HOUR, DAY])
def test_every_week_of_twenty_years_has_seven_nights(step: int) -> None:
    time = np.arange(utc(2005, 1, 2, 0), utc(2026, 1, 4, 0), step, dtype=np.int64)
    nights = calendar.nights(time)
    week = calendar.week_index(time)
    sums = np.bincount(week - week[0], weights=nights)
    inner = sums[1:-1]
    assert len(inner) > 1090
    if step < DAY:
        assert (inner == 7).all()
    else:  # a bar from 00:00 UTC carries the cut-off of the evening before, so Friday's night may fall on Saturday's bar
        assert nights[1:].sum() == sum(
            (1, 1, 3, 1, 1, 0, 0)[local(c).weekday()] for c in oracle_cutoffs(int(time[0]), int(time[-1]))
        )


@settings(max_examples=50)
@given(stamps, st.lists(st.integers(1, 4 * 86_400), min_size=1, max_size=30), st.lists(st.integers(0, 7), min_size=7, max_size=7))
def test_nights_are_the_weights_of_the_cutoffs_between_bars(start: int, steps: list[int], weights: list[int]) -> None:
    time = start + np.concatenate([[0], np.cumsum(steps)]).astype(np.int64) * SECOND
    expected = [0] + [sum(weights[local(c).weekday()] for c in oracle_cutoffs(int(a), int(b))) for a, b in itertools.pairwise(time)]
    assert calendar.nights(time, weights).tolist() == expected


def test_wednesday_counts_three_nights_and_the_weekend_none() -> None:
    week = [utc(2014, 5, day, 22) for day in range(4, 12)]  # an hour after each cut-off, Sunday to Sunday
    assert calendar.nights(week).tolist() == [0, 1, 1, 3, 1, 1, 0, 0]


def test_a_bar_opening_at_1700_pays_the_night_that_just_ended() -> None:
    assert calendar.nights([utc(2014, 5, 6, 20), utc(2014, 5, 6, 21), utc(2014, 5, 6, 22)]).tolist() == [0, 1, 0]


@pytest.mark.parametrize("weights", [(1, 1, 3, 1, 1, 0), (1, 1, -3, 1, 1, 0, 0)])
def test_nights_need_seven_weights_none_negative(weights: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="seven numbers of nights"):
        calendar.nights([0, 1], weights)


@settings(max_examples=50)
@given(stamps, st.lists(st.integers(1, 12 * 24), min_size=1, max_size=30), st.sampled_from([60 * SECOND, HOUR, DAY]))
def test_a_closure_is_a_fridays_close_or_a_hole_of_more_than_a_day(start: int, steps: list[int], duration: int) -> None:
    time = start + np.concatenate([[0], np.cumsum(steps)]).astype(np.int64) * HOUR
    expected = [False]
    for before, now in itertools.pairwise(time):
        fridays = [c for c in oracle_cutoffs(int(before), int(now)) if local(c).weekday() == 4]
        expected.append(bool(fridays) or now - (before + duration) > DAY)
    assert calendar.closures(time, duration).tolist() == expected


def test_weeks_are_closed_once_whatever_the_bar() -> None:
    for step in (HOUR, 4 * HOUR, DAY):
        time = np.arange(utc(2012, 1, 2), utc(2014, 1, 2), step, dtype=np.int64)
        time = time[calendar.in_week(time) | (step == DAY)]
        fridays = [c for c in oracle_cutoffs(int(time[0]), int(time[-1])) if local(c).weekday() == 4]
        assert calendar.closures(time, step).sum() == len(fridays)


def test_no_closure_without_bars() -> None:
    assert calendar.closures(np.empty(0, dtype=np.int64), HOUR).tolist() == []
    assert calendar.nights(np.empty(0, dtype=np.int64)).tolist() == []
    assert calendar.closures([5], HOUR).tolist() == [False]


def test_christmas_and_new_year_are_new_york_days() -> None:
    assert calendar.holiday(
        [utc(2013, 12, 24, 21, 59), utc(2013, 12, 24, 22), utc(2013, 12, 25, 21, 59), utc(2013, 12, 25, 22)]
    ).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert calendar.holiday([utc(2014, 1, 1, 3), utc(2014, 1, 2, 3), utc(2014, 6, 1, 3)]).tolist() == [True, False, False]


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(ParameterError, match="'Europe/Nowhere' is unknown"):
        calendar.utc_offset([0], "Europe/Nowhere")


def test_a_week_has_seven_days_of_one_number() -> None:
    time = np.arange(utc(2014, 1, 3, 22), utc(2014, 1, 3, 22) + 8 * WEEK, DAY, dtype=np.int64)  # winter: all Fridays 17:00 + n days
    assert np.bincount(calendar.week_index(time) - calendar.week_index(time)[0]).tolist() == [7] * 8
