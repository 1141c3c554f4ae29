"""
IPv4 and IPv6 addresses.

Four numbers with points are as often a version. Refused: longer runs (object identifiers), numbers behind a
letter, a slash or a dash that belongs to a name, and behind words for versions. Addresses that say nothing of
anybody (loopback, netmasks, documentation) score below what is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.contact.common import ALNUM, Made
from sensor.detect.validators.contact import ip_score

__all__ = ["scan_ip"]

_V4 = re.compile(rb"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_V6_BYTE = bytes(1 if chr(byte) in "0123456789abcdefABCDEF:." else 0 for byte in range(256))
_PREFIX = lazily(rb"/[0-9]{1,3}(?![0-9]|\.[0-9])")
_ZONE = lazily(rb"%[A-Za-z0-9]{1,15}")
_VERSION = lazily(
    rb"(?:versi(?:o|\xc3\xb3)?[a-z]{0,4}|\bver|\brev(?:ision)?|release|firmware|build|(?:upgrad|updat|"
    rb"bump)[a-z]{0,3}(?: [a-z0-9_-]{1,30})? (?:to|from)|\bv|\boid|assembly|"
    rb"[=~><^]=|[~^])[\"']?[ :=v(\"']{0,4}\Z",
    re.IGNORECASE,
)
_SECTION = lazily(
    rb"(?:sections?|sect?|\xc2\xa7|chapters?|clauses?|appendix|paragraph|figure|table|abschnitt|kapitel|"
    rb"rfc ?[0-9]{3,5},?)"
    rb"[ .:-]{0,2}\Z|#[A-Za-z][^\s#]{0,40}\Z",
    re.IGNORECASE,
)
"""A section of a document, or the fragment of a URL that names one."""
_DOUBT = lazily(
    rb"ver|rev|rele|firm|build|grad|updat|bump|oid|assem|sec|chap|clau|append|parag|figur|table|absch|"
    rb"kapit|rfc|[#\xa7]"
)
"""Pieces of the words of the two above, small: where none stands, neither has to be asked."""
_VERSION_END = frozenset(b"v=~^")
_NET_WORD = lazily(
    rb"addr|host|server|client|network|ping|ssh|from|gateway|dns|subnet|router|proxy|firewall|connect|"
    rb"http|port|"
    rb"login|adresse|direcci|\bip|\blog|:[0-9]{2,5}\b|/[0-9]{2}\b"
)
_NUMBERS = lazily(rb" -?[0-9]*\.[0-9]")
_OF_V4 = b"0123456789."
MAX_V6 = 45


def scan_ip(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Hits: ``v4`` ends behind the last number; ``v6`` ends at a colon or the character after it."""
    data = document.data
    made = Made()
    reached = -1
    for tag, end in hits:
        if tag == "v4":
            _v4(data, end, made)
        elif end > reached:
            reached = _v6(data, end, made)
    return made.all()


def _v4(data: bytes, end: int, made: Made) -> None:
    row = data[max(0, end - 16) : end]
    start = end - len(row) + len(row.rstrip(_OF_V4))
    if _V4.fullmatch(data, start, end) is None:
        return
    if start > 0:
        before = data[start - 1]
        if ALNUM[before] or before in b".@+":
            return
        if before in b"/-" and start > 1 and ALNUM[data[start - 2]]:
            # Chrome/120.0.0.0 and name-1.2.3.4; not http://10.0.0.1, nor 10.0.0.1-10.0.0.9's second.
            if not (before == 0x2D and data[start - 2 : start - 1].isdigit()):
                return
    after = data[end : end + 2]
    if after[:1] in (b".", b"-", b"_", b"+") and len(after) > 1 and ALNUM[after[1]]:
        if not (after[:1] == b"-" and _V4.match(data, end + 1)):
            return
    value = data[start:end].decode()
    score = ip_score(value)
    if score is None:
        return
    if score >= 0.5:
        score = _weighed(data, start, end, value, score)
    prefix = _PREFIX.match(data, end)
    made.add(start, prefix.end() if prefix else end, "network.ipv4", score, False, "an IPv4 address")


def _weighed(data: bytes, start: int, end: int, value: str, score: float) -> float:
    """The score with what stands beside it: a version, a section, a row of numbers."""
    before = data[max(0, start - 48) : start].lower()
    if not _VERSION_END.isdisjoint(before[-7:]) or _DOUBT.search(before):
        if _VERSION.search(data, max(0, start - 24), start) or _SECTION.search(before):
            return 0.2
    if len(value) < 12 and all(len(part) < 3 and int(part) < 32 for part in value.split(".")):
        # 4.2.11.2 is a section or a version more often than a place on the net.
        if value.startswith("10.") or _of_network(data, start, end):
            return score
        return min(score, 0.4)
    if (
        data[end : end + 1] == b" "
        and _NUMBERS.match(data, end)
        and data[max(0, start - 2) : start][:1].isdigit()
    ):
        return 0.3
    return score


def _of_network(data: bytes, start: int, end: int) -> bool:
    """A word for networks stands near."""
    around = (data[max(0, start - 48) : start] + b" " + data[end : end + 24]).lower()
    return _NET_WORD.search(around) is not None


def _v6(data: bytes, end: int, made: Made) -> int:
    """Where the address that an event lies in ends."""
    start = end
    floor = max(0, end - MAX_V6)
    while start > floor and _V6_BYTE[data[start - 1]]:
        start -= 1
    last = end
    ceiling = min(len(data), start + MAX_V6 + 1)
    while last < ceiling and _V6_BYTE[data[last]]:
        last += 1
    reached = last
    while last > start and data[last - 1] in b".:" and data[last - 2 : last] != b"::":
        last -= 1
    while start < last and data[start] in b".:" and data[start : start + 2] != b"::":
        start += 1
    if (
        start > 0
        and (ALNUM[data[start - 1]] or data[start - 1] == 0x5F)
        or last < len(data)
        and ALNUM[data[last]]
    ):
        return reached
    value = data[start:last].decode()
    if value.count(":") < 2:
        return reached
    score = ip_score(value)
    if score is not None:
        extra = _ZONE.match(data, last) or _PREFIX.match(data, last)
        made.add(start, extra.end() if extra else last, "network.ipv6", score, False, "an IPv6 address")
    return reached
