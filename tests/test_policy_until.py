"""Until when: dates hold to the end of their day, times end at their moment."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.policy import parse_until

UTC = datetime.UTC


@given(st.dates(min_value=datetime.date(1, 1, 1), max_value=datetime.date(9999, 12, 30)))
def test_a_date_holds_to_its_end(date: datetime.date) -> None:
    next_day = datetime.datetime.combine(date + datetime.timedelta(days=1), datetime.time(), UTC)
    assert parse_until(date.isoformat()) == next_day.timestamp()


@given(
    st.datetimes(min_value=datetime.datetime(1000, 1, 1), max_value=datetime.datetime(9000, 1, 1)),
    st.integers(min_value=-23 * 60, max_value=23 * 60),
)
def test_a_time_is_what_the_standard_library_says(moment: datetime.datetime, offset: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=offset))
    aware = moment.replace(tzinfo=zone)
    assert parse_until(aware.isoformat()) == pytest.approx(aware.timestamp(), abs=1e-4)


@pytest.mark.parametrize(
    ("text", "ts"),
    [
        ("1970-01-01", 86400.0),
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01t01:00z", 3600.0),
        ("1970-01-01 01:00:00.5+01:00", 0.5),
        ("1970-01-01T01:00:00-00:30", 5400.0),
        ("2024-02-29", 1709251200.0),
        ("2000-02-29", 951868800.0),
    ],
)
def test_times(text: str, ts: float) -> None:
    assert parse_until(text) == ts


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected a date"),
        ("next year", "expected a date"),
        ("2027-6-30", "expected a date"),
        ("30.06.2027", "expected a date"),
        ("２027-06-30", "expected a date"),
        ("2027-06-30T18:00:00Z\n", "expected a date"),
        ("2027-02-29", "there is no day 2027-02-29"),
        ("1900-02-29", "there is no day"),
        ("2027-04-31", "there is no day"),
        ("2027-13-01", "there is no day"),
        ("2027-00-01", "there is no day"),
        ("2027-01-00", "there is no day"),
        ("2027-01-01T24:00Z", "no such time of day"),
        ("2027-01-01T23:60Z", "no such time of day"),
        ("2027-01-01T23:59:60Z", "no such time of day"),
        ("2027-01-01T18:00:00", "does not say its offset"),
        ("2027-01-01T18:00+24:00", "no such offset"),
        ("2027-01-01T18:00+01:60", "no such offset"),
    ],
)
def test_what_is_no_time_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_until(text)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_until(text), float)
    except ValueError as error:
        assert str(error)
