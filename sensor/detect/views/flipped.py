"""
The views ``reversed`` and ``rot13``: values whose letters were turned round or moved by thirteen.

Only the value is turned, so that the word that names it stays what it is; where the naming word itself is
turned, its whole line is. What is turned is known by how secrets, e-mail addresses, IBANs and numbers with
a check digit look in that state. What a right-to-left override governs is shown from its end by every
screen, and is read so here.

Bounds: a token ends after ``LONGEST`` bytes; each byte is turned once at most.

Source: UAX 9, section 2.2 (explicit directional overrides).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from sensor.detect.lazily import lazily
from sensor.detect.views.mapping import EVEN, MIRROR, Edit, View, settle, splice
from sensor.detect.views.prefixes import COUNTRIES, PREFIXES, SUFFIXES, expression, reverse, rot13

__all__ = ["GATES", "LONGEST", "ONCE", "flipped", "luhn_holds", "rotated"]

LONGEST = 512
"""Bytes of a value, and of a line that is turned whole."""

_NAMES = ("password", "passwd", "secret", "token", "email", "e-mail", "number", "account", "iban", "phone")
"""Naming words that are looked for turned round or moved themselves."""

# Those of them that are countries again would open it for every IBAN.
_ROT_COUNTRIES = expression(tuple(rot13(item) for item in COUNTRIES if rot13(item) not in COUNTRIES))
_ROT_SUFFIXES = expression(tuple(rot13(item) for item in SUFFIXES if rot13(item) not in SUFFIXES))
_LONG_NAMES = tuple(item for item in _NAMES if len(item) > 5)

GATES: tuple[tuple[str, str], ...] = (
    ("reversed.override", r"\xe2\x80\xae"),
    (
        "reversed.token",
        f"[0-9A-Za-z]{{8}}{expression(tuple(reverse(item) for item in PREFIXES if len(item) > 3))}",
    ),
    ("reversed.token", r"[0-9A-Za-z]{16}(?:-ks|_fh|-yek|_8r)\b"),
    (
        "reversed.token",
        f"\\b{expression(tuple(reverse(item) for item in SUFFIXES))}\\.[0-9A-Za-z.-]{{1,40}}@[0-9A-Za-z]",
    ),
    ("reversed.grouped", r"\b[0-9]{4} ?[0-9]{2}[A-Z]{2}\b"),
    ("reversed.grouped", r"[0-9]{8}[0-9]{2}[A-Z]{2}\b"),
    ("reversed.grouped", r"\b[0-9]{4}-[0-9]{2}-[0-9]{3}\b"),
    ("reversed.grouped", r"[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Z]{2}\b"),
    ("reversed.grouped", r"[0-9][0-9 ().-]{7}[0-9]{1,2}\+(?:[^0-9A-Za-z+=]|$)"),
    ("reversed.number", r"\b[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3}[2-6]\b"),
    ("reversed.number", r"\b[0-9]{5}[ -]?[0-9]{6}[ -]?[0-9]{2}[47]3\b"),
    ("reversed.tax", r"\b[0-9]{3} ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}\b"),
    ("reversed.line", f"(?i)\\b{expression(tuple(reverse(item) for item in _LONG_NAMES))}\\b"),
    (
        "rot13.token",
        f"\\b{expression(tuple(rot13(item) for item in PREFIXES if len(item) > 3))}[0-9A-Za-z]{{6}}",
    ),
    ("rot13.token", r"\b(?:fx-|us_|xrl-|e8_)[0-9A-Za-z]{16}"),
    (
        "rot13.token",
        f"[0-9A-Za-z]@[0-9A-Za-z.-]{{1,40}}\\.{_ROT_SUFFIXES}\\b",
    ),
    ("rot13.grouped", f"\\b{_ROT_COUNTRIES}[0-9]{{2}} ?[0-9A-Z]{{4}} ?[0-9A-Z]{{4}} ?[0-9]"),
    ("rot13.grouped", r"[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[NOPQ]\b"),
    ("rot13.line", f"(?i)\\b{expression(tuple(rot13(item) for item in _LONG_NAMES))}\\b"),
)
ONCE: frozenset[str] = frozenset({"reversed.override"})

_TURN = bytes(range(256)).translate(
    bytes.maketrans(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        b"NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm",
    )
)
_OVERRIDDEN = lazily(rb"\xe2\x80\xae((?:(?!\xe2\x80[\xac\xae])[^\n])*)(\xe2\x80\xac)?")


class _Kind:
    """How far a value reaches from the place that was hinted."""

    __slots__ = ("after", "before")

    def __init__(self, before: bytes, after: bytes) -> None:
        self.before = re.compile(before + rb"\Z")
        self.after = re.compile(after)

    def around(self, data: bytes, low: int, end: int) -> tuple[int, int]:
        """The value that holds the byte before ``end``; not before ``low``, no blanks or stops around it."""
        found = self.before.search(data, max(low, end - LONGEST), end)
        tail = self.after.match(data, end, end + LONGEST)
        if found is None or tail is None:
            return end, end
        start, stop = found.start(), tail.end()
        while start < stop and data[start] in b" .-":
            start += 1
        while start < stop and not (
            data[stop - 1] >= 0x80 or data[stop - 1 : stop].isalnum() or data[stop - 1] in b"+)=_"
        ):
            stop -= 1
        return start, stop


_TOKEN = _Kind(rb"[0-9A-Za-z@._+/=-]*", rb"[0-9A-Za-z@._+/=-]*")
_LINE = _Kind(rb"[^\r\n]*", rb"[^\r\n]*")
_KINDS: dict[str, _Kind] = {
    "reversed.token": _TOKEN,
    # The hint ends where the value does; it begins at its last group, which has a digit.
    "reversed.grouped": _Kind(rb"(?<![0-9A-Za-z])[A-D]? ?[0-9][0-9A-Z ()+.-]*[^0-9A-Za-z\x80-\xff]?", rb""),
    "reversed.number": _Kind(rb"[0-9 -]*", rb"[0-9 -]*"),
    "reversed.tax": _Kind(rb"[0-9 ]*", rb"[0-9 ]*"),
    "reversed.line": _LINE,
    "rot13.token": _TOKEN,
    "rot13.grouped": _Kind(rb"(?<![0-9A-Za-z])[A-Z]{2} ?[0-9][0-9A-Z ]*", rb"[0-9A-Z ]*"),
    "rot13.line": _LINE,
}


def luhn_holds(digits: bytes) -> bool:
    """Whether a card's last digit is right (ISO/IEC 7812-1, annex B); ``digits`` are ASCII digits."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = (digit - 48) << (index & 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _iso7064_holds(digits: bytes) -> bool:
    """ISO 7064, MOD 11,10: the check digit of the German tax number."""
    rest = 10
    for digit in digits[:-1]:
        rest = ((rest + digit - 48) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == digits[-1] - 48


def _is_card(raw: bytes) -> bool:
    digits = re.sub(rb"[^0-9]", b"", raw)
    turned = digits[::-1]
    return 13 <= len(digits) <= 19 and luhn_holds(turned) and not luhn_holds(digits)


def _is_tax(raw: bytes) -> bool:
    digits = raw.replace(b" ", b"")
    turned = digits[::-1]
    return len(digits) == 11 and turned[:1] != b"0" and _iso7064_holds(turned) and not _iso7064_holds(digits)


_CHECKS: dict[str, Callable[[bytes], bool]] = {"reversed.number": _is_card, "reversed.tax": _is_tax}


def flipped(data: bytes, hints: Mapping[str, Sequence[int]]) -> View | None:
    """The view ``reversed``."""
    edits = list(_overridden(data)) if "reversed.override" in hints else []
    if not edits:
        spans = _values(data, hints, "reversed")
        edits = [Edit(start, end, _backwards(data[start:end]), MIRROR) for start, end in spans]
    return splice("reversed", data, settle(edits))


def rotated(data: bytes, hints: Mapping[str, Sequence[int]]) -> View | None:
    """The view ``rot13``."""
    edits = [
        Edit(start, end, data[start:end].translate(_TURN), EVEN)
        for start, end in _values(data, hints, "rot13")
    ]
    return splice("rot13", data, settle(edits))


def _values(data: bytes, hints: Mapping[str, Sequence[int]], family: str) -> Iterator[tuple[int, int]]:
    """The values that the hints of a family stand in."""
    for hint, ends in hints.items():
        if not hint.startswith(family) or hint not in _KINDS:
            continue
        kind, check = _KINDS[hint], _CHECKS.get(hint)
        done = 0
        for end in ends:
            if end <= done:
                continue
            start, stop = kind.around(data, done, end)
            done = max(stop, end)
            if start < stop and (check is None or check(data[start:stop])):
                yield start, stop


def _backwards(raw: bytes) -> bytes:
    """The characters from the last to the first; bytes where they are not UTF-8."""
    if raw.isascii():
        return raw[::-1]
    try:
        return raw.decode("utf-8", "surrogatepass")[::-1].encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw[::-1]


def _overridden(data: bytes) -> Iterator[Edit]:
    """What stands between an override and its end is turned; both go."""
    for found in _OVERRIDDEN.finditer(data):
        start, end = found.span(1)
        yield Edit(found.start(), start, b"")
        if start < end:
            yield Edit(start, end, _backwards(data[start:end]), MIRROR)
        if found[2] is not None:
            yield Edit(end, found.end(), b"")
