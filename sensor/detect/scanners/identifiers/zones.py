"""
Machine readable zones of passports, identity cards and visas (ICAO 9303, parts 4 to 7).

The gate finds what all of them share: birth date, check digit, sex, expiry date, check digit. Where both
check digits hold, the lines around it are the zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.validators.national.documents import mrz_holds

__all__ = ["scan_zones"]

CORE = 15
"""Signs from the birth date to the check digit behind the expiry date."""
_CORE = lazily(rb"[0-9]{7}[MFX<][0-9]{7}")
_ZONE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
_LINE = lazily(rb"[A-Z0-9<]{28,44}")
_BREAKS = lazily(rb"(?:\\r)?\\n|[ \t]*\r?\n[ \t>]*|[ ]{1,2}|(?:\\n)|\|")


def scan_zones(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Zones around the hits, each whole block one span."""
    data = document.data
    made: list[Candidate] = []
    for _, end in hits:
        core = data[max(0, end - CORE) : end]
        if not _CORE.fullmatch(core) or not mrz_holds(core.decode()):
            continue
        start, stop = _line_around(data, end)
        if stop - start < 28:
            continue
        start = _lines_before(data, start)
        stop = _line_after(data, stop)
        made.append(Candidate(start, stop, "travel.mrz", 0.98, True, ("its check digits hold",)))
    return made


def _line_around(data: bytes, at: int) -> tuple[int, int]:
    start = stop = at
    while start > 0 and at - start < 44 and data[start - 1] in _ZONE:
        start -= 1
    while stop < len(data) and stop - at < 44 and data[stop] in _ZONE:
        stop += 1
    # ``\n`` written out: the n is none of the zone, a backslash neither.
    return start, stop


def _lines_before(data: bytes, start: int) -> int:
    """Where the line above begins, if it is one of the zone: the core stands in the second line."""
    low = max(0, start - 52)
    for found in _LINE.finditer(data, low, start):
        if _BREAKS.fullmatch(data, found.end(), start):
            return found.start()
    return start


def _line_after(data: bytes, stop: int) -> int:
    """Where the line below ends, if it is one of the zone (TD1 has the name there)."""
    breaks = _BREAKS.match(data, stop)
    found = _LINE.match(data, breaks.end()) if breaks is not None else None
    return found.end() if found is not None and b"<<" in found[0] else stop
