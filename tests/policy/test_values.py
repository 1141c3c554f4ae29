"""Globs, ranges, times and findings: what they match, and that what one covers the other matches as well."""

from __future__ import annotations

import datetime
import fnmatch
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sensor.model import Found
from sensor.policy.values import (
    DAYS,
    UTC,
    Findings,
    Globs,
    Ranges,
    Times,
    Zone,
    fixed_zone,
    minutes_of_week,
    parse_days,
    parse_duration,
    parse_hours,
    parse_size,
)

letters = st.text("ab*", min_size=1, max_size=7)
plain = st.text("ab", max_size=9)


@given(letters, plain)
def test_a_glob_matches_as_a_regular_expression_does(pattern: str, text: str) -> None:
    expression = ".*".join(re.escape(piece) for piece in pattern.split("*"))
    assert Globs([pattern]).matches(text) is (re.fullmatch(expression, text) is not None)
    assert Globs([pattern]).matches(text) is fnmatch.fnmatchcase(text, pattern)


@given(st.lists(letters, min_size=1, max_size=3), st.lists(letters, min_size=1, max_size=3), plain)
def test_a_glob_matches_what_it_covers(ours: list[str], theirs: list[str], text: str) -> None:
    one, other = Globs(ours), Globs(theirs)
    assert one.covers(one)
    if one.covers(other) and other.matches(text):
        assert one.matches(text)


def test_what_a_glob_is_not_tried_on() -> None:
    assert not Globs(["*"]).matches(None)
    assert not Globs(["*"]).matches("x" * 513)
    assert Globs(["**a**"]).canonical() == ["*a*"]


ends = st.one_of(st.none(), st.integers(0, 9))
ranges = st.lists(st.tuples(ends, ends), min_size=1, max_size=3)


@given(ranges, ranges, st.one_of(st.none(), st.integers(-1, 10)))
def test_ranges_match_what_they_cover(
    ours: list[tuple[int | None, int | None]],
    theirs: list[tuple[int | None, int | None]],
    value: int | None,
) -> None:
    one, other = Ranges(ours), Ranges(theirs)
    if value is not None:
        inside = [(low is None or low <= value) and (high is None or value <= high) for low, high in ours]
        assert one.matches(value) is any(inside)
    else:
        assert not one.matches(value)
    if one.covers(other) and other.matches(value):
        assert one.matches(value)
    assert len(one.canonical()) == len(ours)


@pytest.mark.parametrize(
    ("text", "bytes"),
    [
        ("0", 0),
        ("500", 500),
        ("500 B", 500),
        ("1kB", 1000),
        ("1.5 MB", 1_500_000),
        ("0.1 GB", 100_000_000),
        ("64 KiB", 65536),
        ("1 mib", 1048576),
        ("2 GIB", 2 * 1024**3),
        ("0.0000001", None),
        ("1 TB", None),
        ("1 ib", None),
        ("MB", None),
        ("-1", None),
        ("٣", None),
    ],
)
def test_sizes(text: str, bytes: int | None) -> None:
    if bytes is not None:
        assert parse_size(text) == bytes
    else:
        with pytest.raises(ValueError, match="expected a size"):
            parse_size(text)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("1m", 60), ("12 h", 43200), ("1d", 86400)])
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


def test_days_and_hours() -> None:
    assert parse_days("mon") == (0,)
    assert parse_days("MON-fri") == (0, 1, 2, 3, 4)
    assert parse_days("sat-mon") == (5, 6, 0)
    assert parse_hours("08:00-18:30") == (480, 1110)
    assert parse_hours("22:00 - 6:00") == (1320, 1800)
    assert parse_hours("00:00-24:00") == (0, 1440)


moments = st.datetimes(min_value=datetime.datetime(1971, 1, 1), max_value=datetime.datetime(2200, 1, 1))


@given(
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(0, 1440),
    moments,
    st.integers(-12 * 60, 14 * 60),
)
def test_a_time_matches_as_the_calendar_says(
    days: set[int], start: int, end: int, moment: datetime.datetime, ahead: int
) -> None:
    assume(start != end)
    span = (start, end if end > start else end + 1440)
    times = Times(minutes_of_week(days, [span]), Zone("x", lambda _: ahead * 60.0))
    ts = moment.replace(tzinfo=datetime.UTC).timestamp()
    local = moment + datetime.timedelta(minutes=ahead)
    minute = local.hour * 60 + local.minute
    today = local.weekday() in days and span[0] <= minute < span[1]
    since_yesterday = (local.weekday() - 1) % 7 in days and span[0] <= minute + 1440 < span[1]
    assert times.matches(int(ts // 60)) is (today or since_yesterday)


def test_times_in_one_form() -> None:
    times = Times(minutes_of_week([0, 6], [(480, 1080), (1320, 1800)]), UTC)
    assert times.canonical() == [
        "UTC", "mon 00:00-mon 06:00", "mon 08:00-mon 18:00", "mon 22:00-tue 06:00", "sun 08:00-sun 18:00",
        "sun 22:00-mon 00:00",
    ]  # fmt: skip
    assert len(DAYS) == 7


def test_zones_that_need_no_database() -> None:
    assert fixed_zone("UTC") is UTC
    assert fixed_zone("z") is UTC
    assert UTC.offset(0.0) == 0.0
    for text, ahead in (("+05:30", 19800.0), ("-08:00", -28800.0)):
        zone = fixed_zone(text)
        assert zone is not None and zone.offset(0.0) == ahead
    assert [fixed_zone(text) for text in ("+24:00", "+01:60", "Europe/Berlin", "")] == [None] * 4


found = st.builds(
    Found,
    type=st.sampled_from(["iban", "bic", "github_token"]),
    group=st.sampled_from(["payment", "secret"]),
    score=st.sampled_from([0.4, 0.8, 1.0]),
    validated=st.booleans(),
    count=st.integers(1, 4),
)
wanted = st.builds(
    Findings,
    st.lists(st.sampled_from(["iban", "payment", "b*", "*", "*_token"]), min_size=1, max_size=2),
    count=st.integers(1, 5),
    validated=st.booleans(),
    confidence=st.sampled_from([0.0, 0.5, 0.9]),
)


@given(wanted, wanted, st.lists(found, max_size=5))
def test_findings_match_what_they_cover(one: Findings, other: Findings, value: list[Found]) -> None:
    assert one.covers(one)
    if one.covers(other) and other.matches(value):
        assert one.matches(value)
    assert not one.matches(None)
    assert not one.matches(())


def test_findings_in_one_form() -> None:
    assert Findings(["B", "a"], count=2, validated=True, confidence=0.8).canonical() == [
        "a", "b", "count 2", "confidence 0.8", "validated",
    ]  # fmt: skip
    assert Findings(["a"]).canonical() == ["a", "count 1", "confidence 0"]
