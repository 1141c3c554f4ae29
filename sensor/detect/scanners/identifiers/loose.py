"""
What looks like an identifier by nothing but its letters and digits, and what only looks so: dates, times,
prices, versions, addresses of the network, standards, licences of software.

Rule: a value holds a digit, so where none stands, nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sensor.detect.lazily import lazily
from sensor.detect.scanners.identifiers.kinds import LOOSE

__all__ = [
    "LEAD", "LEAD_OF_PLATE", "finder_of_loose", "is_loose", "is_something_else", "loose_at", "loose_values",
]  # fmt: skip

LEAD = 12
"""Characters that may stand in a value before its first digit."""
LEAD_OF_PLATE = 112
"""The same for a plate: a whole window."""

_LETTERS = "A-ZÀ-ÖØ-ÞŁŚŹŻČĆĐŠŽŘŇŤĎĚŮŐŰȘȚĂΑ-ΩА-ЯЁІЇЄҐ"
_FOREIGN = "\u05d0-\u05ea\u0621-\u064a\u0e01-\u0e2e\u3040-\u309f\u4e00-\u9fff\uac00-\ud7a3"
_LEFT = "(?<![0-9A-Za-zÀ-ɏА-я])(?<![$€£@+.])"
_RIGHT = r"(?![0-9A-Za-zÀ-ɏА-я])(?!\.[0-9])"
_RUN = f"[0-9{_LETTERS}]{{1,24}}(?:[-./·•_*][0-9{_LETTERS}]{{1,24}}){{0,8}}"
_TOKEN = lazily(
    f"{_LEFT}(?:(?=[{_LETTERS} ./-]{{0,10}}[0-9])"
    f"{_RUN}(?:[ \u00a0](?:(?=[{_LETTERS}]{{0,4}}[0-9]){_RUN}|[{_LETTERS}]{{1,3}}(?![^\\W_])))"
    "{0,6}[a-z]?"
    f"|(?=[a-z-]{{0,{LEAD}}}[0-9])[0-9a-z]{{1,24}}(?:-[0-9a-z]{{1,12}}){{0,4}}){_RIGHT}(?![@:]\\S)"
)
_PLATE = lazily(
    f"{_LEFT}(?:(?:[{_FOREIGN}]{{1,5}}|(?:[\u0621-\u064a] ){{1,3}}|"
    f"[\u0980-\u09ff]{{2,16}}-[\u0980-\u09ff]{{1,2}} )"
    f"[ ·-]?[A-Z]?[ ·-]?[\\dA-Z]{{1,7}}(?:[ ·・-]{{0,3}}(?:[{_FOREIGN}]{{1,3}}|[\\dA-Z]{{1,5}})){{0,3}}"
    f"|\\d{{1,3}}[ -]?[{_FOREIGN}]{{1,5}}[ -]?\\d{{1,6}}(?:[ -]?\\d{{1,3}})?"
    f"|{_RUN}(?:[ \u00a0](?!AND |OR )[0-9{_LETTERS}]{{1,5}}(?:[-.·][0-9{_LETTERS}]{{1,5}})?(?![^\\W_]))"
    "{0,4}"
    r"|[a-z]{1,3}-?[0-9]{1,4}(?:[ -]?[a-z]{1,3})?|[0-9]{1,4}[ -]?[a-z]{2,3}(?:[ -]?[0-9]{1,4})?)"
    f"{_RIGHT}"
)
_DIGIT = lazily(r"\d")
_SOMETHING_ELSE = lazily(
    r"(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])[-/. ](?:0?[1-9]|[12]\d|3[01])(?!\d)|"
    r"\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d|\d{1,2}-\d{1,2}-(?:19|20)\d\d|\d{1,2}:\d\d|\d+\.\d{1,2}|(?:\d{1,3}\.){3}\d{1,3}|v?\d{1,2}\.\d{1,2}\.\d{1,2}|"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-.*|(?:19|20)\d\d(?:[-–/](?:19|20)?\d\d)?|0x[0-9a-f]+"
)
_STANDARD = lazily(
    r"(?:UTF|ISO|RFC|SHA|MD|ES|CVE|HTTP|IEC|IEEE|ANSI|EN|DIN|X|H|V|Q|COVID|PEP)[- ]?[0-9.-]{1,6}"
    r"(?:[- ][0-9]{1,4})?"
)
"""Names of standards; where a plate is asked for they may be plates."""
_SOFTWARE = lazily(
    r"(?:[A-Z][0-9A-Z]{0,7}[- ]){1,5}[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?[a-z]?(?:[/ ].*)?"
    r"|(?:W3C|DFS|HPND)[- ](?:19|20)[0-9]{2,6}"
)
"""
Licences of software by their short names: ``CC0-1.0``, ``W3C-20150513``, ``MPL 1.1/GPL 2.0``.

Source: SPDX License List 3.25 (spdx.org/licenses).
"""


def loose_values(
    text: str, loose: str, start: int = 0, end: int | None = None, shortest: int = 0
) -> Iterator[tuple[int, int]]:
    """What looks like an identifier of a family, by nothing but its letters and digits."""
    stop = len(text) if end is None else end
    first = _DIGIT.search(text, start, stop)
    if first is not None:
        start = max(start, first.start() - (LEAD_OF_PLATE if loose == "plate" else LEAD))
        for found in finder_of_loose(loose).finditer(text, start, stop):
            if found.end() - found.start() >= shortest and is_loose(found[0], loose):
                yield found.span()


def loose_at(text: str, loose: str, start: int) -> int:
    """Where a value of a family that begins at ``start`` ends; -1 where none begins."""
    found = finder_of_loose(loose).match(text, start)
    return found.end() if found is not None and is_loose(found[0], loose) else -1


def finder_of_loose(loose: str) -> re.Pattern[str]:
    """What finds runs of letters and digits that may be a value of a family."""
    return _PLATE if loose == "plate" else _TOKEN


def is_loose(value: str, loose: str) -> bool:
    """Whether the letters and digits of a value are as many as its family asks, and it is nothing else."""
    shortest, longest, least = LOOSE[loose]
    if value.isdigit():
        signs = digits = len(value)
    else:
        signs = len(value) if value.isalnum() else sum(map(str.isalnum, value))
        digits = sum(map(str.isdigit, value))
    if not shortest <= signs <= longest:
        return False
    if digits < least and not (
        loose == "code" and digits > 1 and signs > 5 and value.isupper() and " " not in value
    ):
        return False
    if is_something_else(value):
        return False
    if loose == "plate":
        return _could_be_plate(value, digits)
    if signs == digits:
        return True
    return not (_STANDARD.fullmatch(value) or loose == "document" and _SOFTWARE.fullmatch(value))


def is_something_else(value: str) -> bool:
    """A date, a time, a price, a version or an address of the network."""
    return not (len(value) > 4 and value.isdigit()) and _SOMETHING_ELSE.fullmatch(value) is not None


def _could_be_plate(value: str, digits: int) -> bool:
    if value.islower():
        return 2 <= digits <= 5 and not value.isdigit() and len(value) >= 5
    return digits < len(value) or 4 <= digits <= 8
