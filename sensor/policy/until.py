"""
Until when something holds, from text a person wrote.

No clock and no calendar module: a date is turned into seconds by arithmetic alone.
"""

from __future__ import annotations

import re

__all__ = ["parse_until"]

_FORM = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:([Zz])|([-+])(\d{2}):(\d{2}))?)?\Z",
    re.ASCII,
)


def parse_until(text: str) -> float:
    """
    The moment at which it ends, in seconds UTC.

    A date holds to the end of that day (UTC). A time (RFC 3339, section 5.6; seconds may be left out) ends at
    that moment, and must say its offset. Raises ``ValueError`` with a sentence for the person who wrote it.
    """
    found = _FORM.match(text)
    if found is None:
        raise ValueError("expected a date (2027-06-30) or a time (2027-06-30T18:00:00Z)")
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not 1 <= month <= 12 or not 1 <= day <= _days_in(year, month):
        raise ValueError(f"there is no day {found[1]}-{found[2]}-{found[3]}")
    midnight = _day_number(year, month, day) * 86400.0
    if found[4] is None:
        return midnight + 86400.0
    hour, minute, second = int(found[4]), int(found[5]), int(found[6] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"there is no such time of day in {text}")
    if found[8] is None and found[9] is None:
        raise ValueError("the time does not say its offset: add Z for UTC, or for example +02:00")
    offset = 0
    if found[9] is not None:
        if int(found[10]) > 23 or int(found[11]) > 59:
            raise ValueError(f"there is no such offset as {found[9]}{found[10]}:{found[11]}")
        offset = (int(found[10]) * 3600 + int(found[11]) * 60) * (1 if found[9] == "+" else -1)
    return midnight + hour * 3600 + minute * 60 + second + float(f"0.{found[7] or 0}") - offset


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01; years are counted from March, so that 29 February is a year's last day."""
    year -= month <= 2
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + of_year - 719468
