"""
Payment card numbers: scheme, length, Luhn, and what stands around them.

A number in its scheme's range with Luhn and the usual groups needs no word; one without groups is an id one
time in ten, so an id's key lowers it and a card's word raises it. Behind a word that says "card number" the
check digit may be wrong: people mistype and change digits.

Source: ISO/IEC 7812-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.columns import column_cells
from sensor.detect.scanners.contact.common import Made, edge
from sensor.detect.validators.checksums import card_scheme, luhn, payment_card

__all__ = ["scan_cards"]

DETECTOR = "payment.card"
SURE = 0.97
"""What a number has that holds beside a word for cards: nothing makes it surer."""

_AT_END = lazily(rb"[0-9](?:[ .-]?[0-9]){11,22}")
_BEHIND_WORD = lazily(rb"[0-9](?:(?:[ .-]| - )?[0-9]){11,18}")
_WIDE = lazily(
    rb"(?<![0-9A-Za-z])(?<![0-9][ \t])"
    rb"(?:[2-69][0-9]{3}([ ]{2,3}|\t)[0-9]{4}\1[0-9]{4}\1[0-9]{4}|3[47][0-9]{2}([ ]{2,3}|"
    rb"\t)[0-9]{6}\2[0-9]{5})"
    rb"(?![0-9A-Za-z]|[ ]{0,3}\t?[0-9])"
)
"""Groups with two blanks or a tab between them, and no further column on either side."""
_COMMA = rb",[ \r\n\t]{0,24}"
_PIECES = lazily(
    rb"[\[(][ \r\n\t]{0,24}([\"'])"
    rb"(?:[2-69][0-9]{3}\1(?:" + _COMMA + rb"\1[0-9]{4}\1){2}" + _COMMA + rb"\1[0-9]{4}|"
    rb"3[47][0-9]{2}\1" + _COMMA + rb"\1[0-9]{6}\1" + _COMMA + rb"\1[0-9]{5})\1[ \r\n\t]{0,24}[\])]"
)  # fmt: skip
"""A list of strings that are the groups of one number."""
_MASKED = lazily(
    rb"(?:[0-9]{4}[ -]?(?:[xX*#]{2,4}[ -]?){2,4}|(?:[xX*#]{4}[ -]?){3})[0-9]{2,4}|[xX*#]{4,12}[0-9]{4}"
)
_MASKS = frozenset(b"xX*#")
_WORDS = (
    b"card",
    b"visa",
    b"amex",
    b"american express",
    b"maestro",
    b"karte",
    b"tarjeta",
    b"karta",
    b"karty",
)
_HINTS = (b"pan", b"cc", b"kort", b"cart")
_SHORT_WORD = lazily(rb"kort\b|carte\b|carta\b|\bpan\b|\bcc\b")
_SCRIPTS = lazily("cartão|kártya|kartı|карт|カード|卡|카드|بطاقة".encode())
_NO_DIGITS = bytes(byte for byte in range(256) if not 0x30 <= byte <= 0x39)
_ID_WORD = lazily(
    rb"(?:\bid|_id|[a-z]Id|uuid|barcode|timestamp|nonce|hash|seed|offset|build|commit|snowflake|trace|span|"
    rb"tweet|isbn|ean|gtin)"
    rb"[\"']?\s{0,2}[:=]?\s{0,2}[\"']?\Z"
)

REACH = 64
"""Bytes behind a naming word in which its number may begin."""


def scan_cards(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """
    Hits: ``grouped`` and ``run`` end at the last digit or one behind it; ``wide`` ends in the last group,
    ``pieces`` in the last of a list's strings; ``digit`` ends at the first digit behind a word; ``column``
    ends behind a header cell; others are naming words.
    """
    data = document.data
    made = Made()
    for tag, end in hits:
        if tag in ("grouped", "run"):
            last = end if data[end - 1 : end].isdigit() else end - 1
            _at(data, last, tag == "grouped", made)
        elif tag == "wide":
            _spread(data, _WIDE.search(data, max(0, end - 32), end + 8), "in wide groups", made)
        elif tag == "pieces":
            _spread(data, _PIECES.search(data, max(0, end - 128), end + 32), "in pieces", made)
        elif tag == "digit":
            _behind_word(data, end - 1, made)
        elif tag == "column":
            _column(document, end, made)
        else:
            _behind_word(data, end, made)
    return made.all()


def _at(data: bytes, last: int, grouped: bool, made: Made) -> None:
    low = max(0, last - 32)
    for found in _AT_END.finditer(data, low, min(len(data), last + 8)):
        start, end = found.span()
        if not start < last <= end:
            continue
        end = _whole(data, start, end)
        if made.score(start, end, DETECTOR) >= SURE:
            return
        value = data[start:end].decode()
        if not payment_card(value) or not edge(data, start, _rest(data, end)) or not _regular(value):
            _side_by_side(data, last, made)
            return
        size = len(value) if value.isdigit() else sum(map(str.isdigit, value))
        score = 0.9 if grouped else 0.75 if size in (15, 16) else 0.55 if size > 13 else 0.5
        reasons = ["in a scheme's range", "Luhn holds"]
        if _named(data, start, end):
            score = SURE
            reasons.append("a word for cards is near")
        elif not grouped and _ID_WORD.search(data, max(0, start - 24), start):
            score -= 0.4
        made.add(start, end, DETECTOR, score, True, *reasons)
        return


def _named(data: bytes, start: int, end: int) -> bool:
    """A word for cards stands near."""
    around = (data[max(0, start - 64) : start] + b" " + data[end : end + 32]).lower()
    if any(map(around.__contains__, _WORDS)):
        return True
    if any(map(around.__contains__, _HINTS)) and _SHORT_WORD.search(around):
        return True
    return not around.isascii() and _SCRIPTS.search(around) is not None


def _whole(data: bytes, start: int, end: int) -> int:
    """The end of a number without the ``.0`` that a table of floating point numbers puts behind it."""
    return end - 2 if data[end - 2 : end] == b".0" and data[start : end - 2].isdigit() else end


def _rest(data: bytes, end: int) -> int:
    return end + 2 if data[end : end + 2] == b".0" else end


def _spread(data: bytes, found: re.Match[bytes] | None, how: str, made: Made) -> None:
    """A number whose groups stand further apart than people write them."""
    if found is None:
        return
    start, end = found.span()
    raw = found[0]
    if how == "in pieces":
        start += raw.index(found[1]) + 1
        end = start + len(data[start:end].rstrip(b")] \r\n\t\"'"))
    if payment_card(raw.translate(None, _NO_DIGITS).decode()):
        score = SURE if _named(data, start, end) else 0.6
        made.add(start, end, DETECTOR, score, True, "in a scheme's range", "Luhn holds", how)


_RUN = lazily(rb"[0-9](?:[ .-]?[0-9]){16,400}")
_PIECE = lazily(
    rb"(?:[0-9]{4}([ .-])[0-9]{4}\1[0-9]{4}\1[0-9]{4}|3[47][0-9]{2}([ .-])[0-9]{6}\2[0-9]{5}|[0-9]{13,19})"
    rb"(?:[ .-]|\Z)"
)
_DIGITS = b"0123456789"
_OF_RUN = b"0123456789 .-"
_LONGEST = 400
"""Bytes of such a run that are looked at on either side."""
_AFTER = 8
"""Digits that may follow the last number: expiry and verification code."""


def _side_by_side(data: bytes, last: int, made: Made) -> None:
    """Several numbers with one separator between them: taken where all of the run is card numbers."""
    before = data[max(0, last - _LONGEST) : last]
    behind = data[last : last + _LONGEST]
    low = last - len(before) + len(before.rstrip(_OF_RUN))
    high = last + len(behind) - len(behind.lstrip(_OF_RUN))
    if len(data[low:high].translate(None, _NO_DIGITS)) < 17:
        return
    for run in _RUN.finditer(data, low, high):
        if not run.start() < last <= run.end():
            continue
        at = run.start()
        pieces: list[tuple[int, int]] = []
        while at < run.end():
            piece = _PIECE.match(data, at, run.end())
            end = piece.end() - (not data[piece.end() - 1 : piece.end()].isdigit()) if piece else at
            if piece is None or not payment_card(data[at:end].decode()):
                rest = data[at : run.end()]
                if pieces and data[at - 1 : at] == b" " and len(rest.translate(None, _NO_DIGITS)) <= _AFTER:
                    break
                return
            pieces.append((at, end))
            at = piece.end()
        for start, end in pieces:
            made.add(start, end, DETECTOR, 0.9, True, "in a scheme's range", "Luhn holds", "beside others")


def _regular(value: str) -> bool:
    """Separators are all the same and part groups of four or more digits; the last may be shorter."""
    marks = value.encode().translate(None, _DIGITS).decode()
    if not marks:
        return True
    if marks != marks[0] * len(marks):
        return False
    return all(len(group) >= 4 for group in value.split(marks[0])[:-1])


def _column(document: Document, end: int, made: Made) -> None:
    data = document.data
    at = end - 1 if data[end - 1] in b",;\t|" else end
    for start, last in column_cells(document, at - 1):
        last = _whole(data, start, last)
        if _BEHIND_WORD.fullmatch(data, start, last):
            sure = payment_card(data[start:last].decode())
            made.add(start, last, DETECTOR, SURE if sure else 0.6, sure, "in a column of card numbers")


def _behind_word(data: bytes, end: int, made: Made) -> None:
    found = _BEHIND_WORD.search(data, end, min(len(data), end + REACH + 24))
    if found is not None and found.start() <= end + REACH:
        start = found.start()
        last = _whole(data, start, found.end())
        if made.score(start, last, DETECTOR) >= SURE:
            return
        if edge(data, start, _rest(data, last)):
            value = data[start:last].decode()
            plain = data[start:last].translate(None, _NO_DIGITS).decode()
            if payment_card(value):
                made.add(start, last, DETECTOR, SURE, True, "a word for cards is near", "Luhn holds")
            elif luhn(plain) and len(plain) >= 12:
                made.add(start, last, DETECTOR, 0.75, False, "a word for cards is near", "Luhn holds")
            elif card_scheme(plain) is not None and len(plain) >= 14:
                made.add(
                    start, last, DETECTOR, 0.65, False, "a word for cards is near", "in a scheme's range"
                )
            elif 13 <= len(plain) <= 19 and _regular(value):
                made.add(start, last, DETECTOR, 0.55, False, "a word for cards is near")
            return
    if _MASKS.isdisjoint(data[end : end + REACH]):
        return
    masked = _MASKED.search(data, end, min(len(data), end + REACH))
    if masked is not None:
        made.add(*masked.span(), DETECTOR, 0.55, False, "a masked number behind a word for cards")
