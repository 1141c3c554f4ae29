"""
IBANs: with spaces, dashes or none; in small letters, or with a wrong check, behind the word.

Source: ISO 13616-1; SWIFT IBAN Registry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.contact.common import ALNUM, Made
from sensor.detect.validators.checksums import IBAN_LENGTHS, iban_structure, mod_97

__all__ = ["scan_ibans"]

DETECTOR = "payment.iban"

_HEAD = lazily(rb"[A-Za-z]{2}[0-9]{2}")
_WORD = lazily(rb"iban|konto|account|compte|cuenta|conto|rekening|rachun|bank", re.IGNORECASE)

MAX_SPAN = 52
"""Bytes that an IBAN takes with its separators."""
REACH = 40


def scan_ibans(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Hits: ``shape`` ends in the middle of one; others are naming words."""
    data = document.data
    made = Made()
    for tag, end in hits:
        if tag == "shape":
            low, high = max(0, end - 24), end - 10
        else:
            low, high = end, min(len(data), end + REACH)
        for found in _HEAD.finditer(data, low, high):
            if _read(data, found.start(), tag != "shape", made):
                break
    return made.all()


def _read(data: bytes, start: int, named: bool, made: Made) -> bool:
    if start > 0 and ALNUM[data[start - 1]]:
        return False
    country = data[start : start + 2].decode().upper()
    length = IBAN_LENGTHS.get(country)
    if length is None:
        return _unknown(data, start, made) if named else False
    plain, end, groups = _take(data, start, length)
    if len(plain) < length or end < len(data) and ALNUM[data[end]]:
        return False
    upper = plain.upper()
    if not named and plain != upper:
        return False
    if not iban_structure(upper):
        return False
    if mod_97(upper[4:] + upper[:4]) == 1:
        made.add(start, end, DETECTOR, 0.97, True, "length and structure of its country", "modulus 97 holds")
    elif named or _WORD.search(data, max(0, start - 48), start):
        made.add(
            start,
            end,
            DETECTOR,
            0.65,
            False,
            "length and structure of its country",
            "behind a word for accounts",
        )
    elif groups >= 4:
        made.add(start, end, DETECTOR, 0.5, False, "length and structure of its country", "in groups of four")
    else:
        return False
    return True


def _take(data: bytes, start: int, length: int) -> tuple[str, int, int]:
    """
    ``length`` letters and digits from ``start`` on, where the last ended, and in how many groups they
    stood.
    """
    run = _RUN.match(data, start, min(len(data), start + MAX_SPAN))
    if run is None:
        return "", start, 0
    end = run.end()
    taken = run[0].translate(None, b" .-\xc2\xa0")
    groups = 1
    if len(taken) > length:
        # Words stand behind it: back to where it has its length.
        end = start + length
        while (more := length - len(data[start:end].translate(None, b" .-\xc2\xa0"))) > 0:
            end += more
        taken = taken[:length]
    groups += len(_GAP.findall(data, start, end))
    return taken.decode(), end, groups


_RUN = lazily(rb"[A-Za-z0-9]+(?:(?:[ .-]|\xc2\xa0)[A-Za-z0-9]+)*")
_GAP = lazily(rb"[ .-]|\xc2\xa0")
_LOOSE = lazily(rb"[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?")


def _unknown(data: bytes, start: int, made: Made) -> bool:
    found = _LOOSE.match(data, start, min(len(data), start + MAX_SPAN))
    if found is None or found.end() < len(data) and ALNUM[data[found.end()]]:
        return False
    made.add(start, found.end(), DETECTOR, 0.6, False, "the shape of an IBAN behind the word")
    return True
