"""
Conditions that are more than a list of words, as they are written: small enough to be read aloud.

::

    model: [gpt-4*, "*claude*"]
    risk: high                     # low, medium, high, or {at_least: 60}
    size: {at_least: 1 MB}         # or at_most, or both
    findings: secret               # or {type: [secret, iban], count: 3, validated: true, confidence: 0.8}
    time: {days: mon-fri, hours: 08:00-18:00, zone: Europe/Berlin}

Each reader gives the condition in words, for ``explain``, and its matcher; or raises ``ConfigError`` with
the place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

from sensor.policy.conditions import Words, quoted
from sensor.policy.values import (
    RISK_LEVELS,
    UTC,
    Findings,
    Globs,
    Ranges,
    Times,
    Zone,
    ZoneFinder,
    fixed_zone,
    minutes_of_week,
    parse_days,
    parse_hours,
    parse_size,
)
from sensor.yamldoc import Node, suggest

__all__ = ["findings_matcher", "globs_matcher", "risk_matcher", "size_matcher", "time_matcher"]

MAX_COUNT = 1_000_000
MAX_BYTES = 10**15

T = TypeVar("T")


def globs_matcher(node: Node) -> tuple[list[str], Globs]:
    values = []
    for item in _items(node):
        if not item.text().isprintable():
            raise item.error("a name is printable text")
        values.append(item.text())
    return values, Globs(values)


def risk_matcher(node: Node) -> tuple[list[str], Ranges]:
    if node.is_mapping:
        low, high = _bounds(node, lambda value: value.integer(0, 100))
        return [_in_words(low, high)], Ranges([(low, high)])
    values = [item.one_of(tuple(RISK_LEVELS), "risk word") for item in _items(node)]
    return values, Ranges(RISK_LEVELS[value] for value in values)


def size_matcher(node: Node) -> tuple[list[str], Ranges]:
    low, high = _bounds(node, _size)
    return [_in_words(low, high, " bytes")], Ranges([(low, high)])


def _size(node: Node) -> int:
    if not node.is_text:
        return node.integer(0, MAX_BYTES)
    return _by(node, parse_size)


def findings_matcher(node: Node, known: Callable[[], Collection[str]]) -> tuple[list[str], Findings]:
    if not node.is_mapping:
        types = [_finding(item, known()) for item in _items(node)]
        return types, Findings(types)
    keys = node.mapping(allowed=("count", "validated", "confidence"), required=("type",))
    types = [_finding(item, known()) for item in _items(keys["type"])]
    count = keys["count"].integer(1, MAX_COUNT) if "count" in keys else 1
    confidence = float(keys["confidence"].number(0, 1)) if "confidence" in keys else 0.0
    validated = "validated" in keys and keys["validated"].boolean()
    if "validated" in keys and not validated:
        raise keys["validated"].error(
            "validated: false asks for nothing", "Leave it out: without it every finding counts."
        )
    said = f"{count} or more of {' or '.join(types)}"
    said += ", validated" if validated else ""
    said += f", confidence {confidence:g} or more" if "confidence" in keys else ""
    return [said], Findings(types, count=count, validated=validated, confidence=confidence)


def _finding(node: Node, known: Collection[str]) -> str:
    text = node.text()
    wrong = Words.check(text)
    if wrong is not None:
        raise node.error(wrong)
    if known and not Words([text]).matches_any(known):
        near = suggest(text.strip("*"), known)
        raise node.error(
            f"no detector finds {quoted(text)}",
            f'Did you mean "{near}"?' if near else "'gnomon detect list' shows types and groups.",
        )
    return text


def time_matcher(node: Node, zones: ZoneFinder) -> tuple[list[str], Times]:
    keys = node.mapping(allowed=("days", "hours", "zone"))
    if "days" not in keys and "hours" not in keys:
        raise node.error("neither days: nor hours: stand here", "Write time: {days: mon-fri}.")
    days, hours, said = list(range(7)), [(0, 1440)], []
    if "days" in keys:
        days = [day for item in _items(keys["days"]) for day in _by(item, parse_days)]
        said.append(" and ".join(item.text() for item in _items(keys["days"])))
    if "hours" in keys:
        hours = [_by(item, parse_hours) for item in _items(keys["hours"])]
        said.append(" and ".join(item.text() for item in _items(keys["hours"])))
    zone = _zone(keys["zone"], zones) if "zone" in keys else UTC
    return [f"{' '.join(said)} ({zone.name})"], Times(minutes_of_week(days, hours), zone)


def _zone(node: Node, zones: ZoneFinder) -> Zone:
    text = node.text()
    zone = fixed_zone(text) or zones(text)
    if zone is None:
        raise node.error(
            f"there is no time zone {quoted(text)}",
            "Write UTC, an offset such as +01:00, or a name such as Europe/Berlin (by tzdata).",
        )
    return zone


# --- pieces -------------------------------------------------------------------------------------------


def _items(node: Node) -> Iterator[Node]:
    nodes = node.sequence() if node.is_sequence else [node]
    if not nodes:
        raise node.error("an empty list never matches", "Name at least one value, or take the key out.")
    return iter(nodes)


def _by(node: Node, read: Callable[[str], T]) -> T:
    """The value of a text by a reader of ``values``."""
    try:
        return read(node.text())
    except ValueError as error:
        raise node.error(str(error)) from None


def _bounds(node: Node, read: Callable[[Node], int]) -> tuple[int | None, int | None]:
    keys = node.mapping(allowed=("at_least", "at_most"))
    if not keys:
        raise node.error("neither at_least: nor at_most: stand here", "Write at least one of them.")
    low = read(keys["at_least"]) if "at_least" in keys else None
    high = read(keys["at_most"]) if "at_most" in keys else None
    if low is not None and high is not None and low > high:
        raise node.error("at_least is more than at_most: nothing is both", "Change one of them.")
    return low, high


def _in_words(low: int | None, high: int | None, unit: str = "") -> str:
    parts = [f"at least {low}{unit}"] if low is not None else []
    return " and ".join([*parts, *([f"at most {high}{unit}"] if high is not None else [])])
