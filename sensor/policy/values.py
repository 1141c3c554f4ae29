"""
The matchers of conditions whose values are more than words: globs, ranges, times, findings.

Each keeps ``conditions.Matcher``'s contract. The readers beside them (``parse_size``, ``parse_duration``,
``parse_days``, ``parse_hours``) take text that a person wrote and raise ``ValueError`` with a sentence for
that person.

Work is bounded: a glob is looked for once from left to right, a time is one bit of a week's minutes, and
findings are counted in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from sensor.model import Found
from sensor.policy.conditions import Words

__all__ = [
    "DAYS",
    "MAX_MODEL",
    "RISK_LEVELS",
    "UTC",
    "Findings",
    "Globs",
    "Ranges",
    "Times",
    "Zone",
    "ZoneFinder",
    "fixed_zone",
    "minutes_of_week",
    "parse_days",
    "parse_duration",
    "parse_hours",
    "parse_size",
]

# --- globs --------------------------------------------------------------------------------------------

MAX_MODEL = 512
"""Characters of a name that a glob is tried on; a longer one matches none."""


class Globs:
    """Text without regard to case, in which each ``*`` stands for anything."""

    __slots__ = ("_patterns",)

    def __init__(self, values: Iterable[str]) -> None:
        # "a**b" is "a*b".
        self._patterns = frozenset(re.sub(r"\*+", "*", value.lower()) for value in values)

    def matches(self, value: str | None) -> bool:
        if value is None or len(value) > MAX_MODEL:
            return False
        folded = value.lower()
        return any(_fits(pattern, folded) for pattern in self._patterns)

    def covers(self, other: Self) -> bool:
        # A star of theirs stands for anything: only a star of ours can take the letter in its place.
        return all(
            any(_fits(pattern, theirs.replace("*", "\0")) for pattern in self._patterns)
            for theirs in other._patterns
        )

    def canonical(self) -> list[str]:
        return sorted(self._patterns)


def _fits(pattern: str, text: str) -> bool:
    """Whether the whole text is of the pattern: first piece in front, last at the end, the rest in order."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


# --- ranges -------------------------------------------------------------------------------------------

RISK_LEVELS = {"low": (0, 39), "medium": (40, 69), "high": (70, 100)}
"""The words for a risk of 0 to 100. A judgement: thirds, of which the highest begins a little early."""

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) ?([kmg]?i?b)?\Z", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(r"(\d{1,6}) ?([smhd])\Z", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Ranges:
    """Numbers within one of several ranges, both ends included; an end may be open."""

    __slots__ = ("_ranges",)

    def __init__(self, ranges: Iterable[tuple[int | None, int | None]]) -> None:
        self._ranges = tuple(ranges)

    def matches(self, value: float | None) -> bool:
        if value is None:
            return False
        return any(
            (low is None or value >= low) and (high is None or value <= high) for low, high in self._ranges
        )

    def covers(self, other: Self) -> bool:
        return all(
            any(
                (low is None or (their_low is not None and low <= their_low))
                and (high is None or (their_high is not None and high >= their_high))
                for low, high in self._ranges
            )
            for their_low, their_high in other._ranges
        )

    def canonical(self) -> list[str]:
        return sorted(
            f"{'' if low is None else low}..{'' if high is None else high}" for low, high in self._ranges
        )


def parse_size(text: str) -> int:
    """Bytes, from ``500``, ``1.5 MB`` or ``64 KiB``; letters in any case."""
    found = _SIZE.match(text)
    unit = (found[2] or "").lower() if found is not None else "?"
    if found is None or unit not in _UNITS:
        raise ValueError("expected a size: 500 kB, 1.5 MB, 64 KiB (units are B, kB, MB, GB, KiB, MiB, GiB)")
    whole, _, part = found[1].partition(".")
    # In whole numbers: 0.1 has no exact float.
    return (int(whole) * 10**6 + int(part.ljust(6, "0"))) * _UNITS[unit] // 10**6


def parse_duration(text: str) -> int:
    """Seconds, from ``30s``, ``1m``, ``12h`` or ``1d``."""
    found = _DURATION.match(text)
    if found is None or not int(found[1]):
        raise ValueError("expected a time span: 30s, 1m, 12h, 1d")
    return int(found[1]) * _SECONDS[found[2]]


# --- times --------------------------------------------------------------------------------------------

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 1440
_WEEK = 7 * _DAY
_EPOCH = 3 * _DAY
"""Minute of the week in which the epoch lies: 1970-01-01 was a Thursday."""
_HOURS = re.compile(r"(\d{1,2}):(\d{2}) ?- ?(\d{1,2}):(\d{2})\Z", re.ASCII)
_OFFSET = re.compile(r"([-+])(\d{2}):(\d{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: its name, and how far it is ahead of UTC at a time."""

    name: str
    offset: Callable[[float], float]
    """Seconds since the epoch to seconds ahead of UTC."""


ZoneFinder = Callable[[str], Zone | None]
"""The zone of an IANA name; the shell has the database. ``None`` where there is none of that name."""

UTC = Zone("UTC", lambda _: 0.0)


def fixed_zone(text: str) -> Zone | None:
    """The zone that ``UTC``, ``Z`` or ``+01:00`` says; ``None`` for any other text."""
    if text.upper() in ("UTC", "Z"):
        return UTC
    found = _OFFSET.match(text)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        return None
    ahead = (int(found[2]) * 3600.0 + int(found[3]) * 60.0) * (1 if found[1] == "+" else -1)
    return Zone(text, lambda _: ahead)


def parse_days(text: str) -> tuple[int, ...]:
    """Days of the week, Monday 0, from ``mon`` or ``mon-fri``; ``sat-mon`` goes over the week's end."""
    names = text.lower().split("-")
    if not 1 <= len(names) <= 2 or any(name not in DAYS for name in names):
        raise ValueError("expected a day or days: mon, mon-fri (days are mon, tue, wed, thu, fri, sat, sun)")
    first, last = DAYS.index(names[0]), DAYS.index(names[-1])
    return tuple(day % 7 for day in range(first, (last if last >= first else last + 7) + 1))


def parse_hours(text: str) -> tuple[int, int]:
    """
    Minutes of the day, from ``08:00-18:00``: the first that is meant, and the first that is no more.

    Where the end is before the beginning, it is the next day's: the second is then above 1440.
    """
    found = _HOURS.match(text)
    hours = [int(part) for part in found.groups()] if found is not None else [99] * 4
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if hours[1] > 59 or hours[3] > 59 or start >= _DAY or end > _DAY or start == end:
        raise ValueError("expected hours: 08:00-18:00, 22:00-06:00 (over midnight), 00:00-24:00")
    return start, end if end > start else end + _DAY


def minutes_of_week(days: Iterable[int], hours: Iterable[tuple[int, int]]) -> int:
    """The minutes that are meant, as the bits of a number; bit 0 is Monday 00:00."""
    spans = list(hours)
    bits = 0
    for day in days:
        for start, end in spans:
            bits |= ((1 << (end - start)) - 1) << (day * _DAY + start)
    # What Sunday night has of Monday.
    return (bits | bits >> _WEEK) & ((1 << _WEEK) - 1)


class Times:
    """Minutes of the week in a time zone."""

    __slots__ = ("_minutes", "_zone")

    def __init__(self, minutes: int, zone: Zone) -> None:
        self._minutes = minutes
        self._zone = zone

    def matches(self, value: int) -> bool:
        """``value`` is minutes since the epoch."""
        local = value + round(self._zone.offset(value * 60.0) / 60.0)
        return bool(self._minutes >> ((local + _EPOCH) % _WEEK) & 1)

    def covers(self, other: Self) -> bool:
        whole_week = self._minutes == (1 << _WEEK) - 1
        return whole_week or (self._zone.name == other._zone.name and not other._minutes & ~self._minutes)

    def canonical(self) -> list[str]:
        return [self._zone.name, *_runs(self._minutes)]


def _runs(minutes: int) -> list[str]:
    """Each run of minutes as ``mon 08:00-mon 18:00``, the end not included."""
    runs, at = [], 0
    while minutes >> at:
        rest = minutes >> at
        start = at + (rest & -rest).bit_length() - 1
        open_end = ~(minutes >> start)
        at = start + (open_end & -open_end).bit_length() - 1
        runs.append(f"{_clock(start)}-{_clock(at)}")
    return runs


def _clock(minute: int) -> str:
    day, of_day = divmod(minute % _WEEK, _DAY)
    return f"{DAYS[day]} {of_day // 60:02}:{of_day % 60:02}"


# --- findings -----------------------------------------------------------------------------------------


class Findings:
    """So many findings of some types or groups, each sure enough."""

    __slots__ = ("_confidence", "_count", "_types", "_validated")

    def __init__(
        self, types: Iterable[str], *, count: int = 1, validated: bool = False, confidence: float = 0.0
    ) -> None:
        self._types = Words(types)
        self._count = count
        self._validated = validated
        self._confidence = confidence

    def matches(self, value: Sequence[Found] | None) -> bool:
        if value is None:
            return False
        counted = sum(each.count for each in value if self._counts(each))
        return counted >= self._count

    def _counts(self, found: Found) -> bool:
        return (
            found.score >= self._confidence
            and (found.validated or not self._validated)
            and (self._types.matches(found.type) or self._types.matches(found.group))
        )

    def covers(self, other: Self) -> bool:
        return (
            self._count <= other._count
            and self._confidence <= other._confidence
            and (other._validated or not self._validated)
            and self._types.covers(other._types)
        )

    def canonical(self) -> list[str]:
        said = [f"count {self._count}", f"confidence {self._confidence:g}"]
        return [*self._types.canonical(), *said, *(["validated"] if self._validated else [])]
