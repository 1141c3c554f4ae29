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

_AT_END = lazily(rb"[0-9](?:[ .-]?[0-9]){11,22}")
_BEHIND_WORD = lazily(rb"[0-9](?:(?:[ .-]| - )?[0-9]){11,18}")
_MASKED = lazily(
    rb"(?:[0-9]{4}[ -]?(?:[xX*#]{2,4}[ -]?){2,4}|(?:[xX*#]{4}[ -]?){3})[0-9]{2,4}|[xX*#]{4,12}[0-9]{4}"
)
_CARD_WORD = lazily(
    rb"card|visa|mastercard|amex|american express|maestro|\bpan\b|\bcc\b|karte|kort\b|carte\b|tarjeta|"
    rb"carta\b|" + "cartão|karta|karty|kártya|kartı|карт|カード|卡|카드|بطاقة".encode(),
    re.IGNORECASE,
)
_ID_WORD = lazily(
    rb"(?:\bid|_id|[a-z]Id|uuid|barcode|timestamp|nonce|hash|seed|offset|build|commit|snowflake|trace|span|"
    rb"tweet|isbn|ean|gtin)"
    rb"[\"']?\s{0,2}[:=]?\s{0,2}[\"']?\Z"
)

REACH = 64
"""Bytes behind a naming word in which its number may begin."""


def scan_cards(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """
    Hits: ``grouped`` and ``run`` end at the last digit or one behind it; ``digit`` ends at the first digit
    behind a word; ``column`` ends behind a header cell; others are naming words.
    """
    data = document.data
    made = Made()
    for tag, end in hits:
        if tag in ("grouped", "run"):
            last = end if data[end - 1 : end].isdigit() else end - 1
            _at(data, last, tag == "grouped", made)
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
        value = data[start:end].decode()
        if not payment_card(value) or not edge(data, start, end) or not _regular(value):
            _side_by_side(data, last, made)
            return
        size = sum(letter.isdigit() for letter in value)
        score = 0.9 if grouped else 0.75 if size in (15, 16) else 0.55 if size > 13 else 0.5
        reasons = ["in a scheme's range", "Luhn holds"]
        around = data[max(0, start - 64) : start] + b" " + data[end : end + 32]
        if _CARD_WORD.search(around):
            score = 0.97
            reasons.append("a word for cards is near")
        elif not grouped and _ID_WORD.search(data, max(0, start - 24), start):
            score -= 0.4
        made.add(start, end, DETECTOR, score, True, *reasons)
        return


_RUN = lazily(rb"[0-9](?:[ .-]?[0-9]){16,400}")
_PIECE = lazily(
    rb"(?:[0-9]{4}([ .-])[0-9]{4}\1[0-9]{4}\1[0-9]{4}|3[47][0-9]{2}([ .-])[0-9]{6}\2[0-9]{5}|[0-9]{13,19})"
    rb"(?:[ .-]|\Z)"
)
_DIGITS = [b"%d" % digit for digit in range(10)]
_AFTER = 8
"""Digits that may follow the last number: expiry and verification code."""


def _side_by_side(data: bytes, last: int, made: Made) -> None:
    """Several numbers with one separator between them: taken where all of the run is card numbers."""
    low = max(0, last - 80)
    while low > 0 and last - low < 400 and data[low - 1] in b"0123456789 .-":
        low -= 1
    for run in _RUN.finditer(data, low, min(len(data), last + 400)):
        if not run.start() < last <= run.end():
            continue
        at = run.start()
        pieces: list[tuple[int, int]] = []
        while at < run.end():
            piece = _PIECE.match(data, at, run.end())
            end = piece.end() - (not data[piece.end() - 1 : piece.end()].isdigit()) if piece else at
            if piece is None or not payment_card(data[at:end].decode()):
                rest = data[at : run.end()]
                if pieces and data[at - 1 : at] == b" " and sum(map(rest.count, _DIGITS)) <= _AFTER:
                    break
                return
            pieces.append((at, end))
            at = piece.end()
        for start, end in pieces:
            made.add(start, end, DETECTOR, 0.9, True, "in a scheme's range", "Luhn holds", "beside others")


def _regular(value: str) -> bool:
    """Separators are all the same and part groups of four or more digits; the last may be shorter."""
    marks = {letter for letter in value if not letter.isdigit()}
    if not marks:
        return True
    groups = re.split(r"[ .-]", value)
    return len(marks) == 1 and all(len(group) >= 4 for group in groups[:-1])


def _column(document: Document, end: int, made: Made) -> None:
    data = document.data
    at = end - 1 if data[end - 1] in b",;\t|" else end
    for start, last in column_cells(document, at - 1):
        if _BEHIND_WORD.fullmatch(data, start, last):
            sure = payment_card(data[start:last].decode())
            made.add(start, last, DETECTOR, 0.97 if sure else 0.6, sure, "in a column of card numbers")


def _behind_word(data: bytes, end: int, made: Made) -> None:
    found = _BEHIND_WORD.search(data, end, min(len(data), end + REACH + 24))
    if found is not None and found.start() <= end + REACH and edge(data, *found.span()):
        value = found[0].decode()
        plain = re.sub("[^0-9]", "", value)
        if payment_card(value):
            made.add(*found.span(), DETECTOR, 0.97, True, "a word for cards is near", "Luhn holds")
        elif luhn(plain) and len(plain) >= 12:
            made.add(*found.span(), DETECTOR, 0.75, False, "a word for cards is near", "Luhn holds")
        elif card_scheme(plain) is not None and len(plain) >= 14:
            made.add(*found.span(), DETECTOR, 0.65, False, "a word for cards is near", "in a scheme's range")
        elif 13 <= len(plain) <= 19 and _regular(value):
            made.add(*found.span(), DETECTOR, 0.55, False, "a word for cards is near")
        return
    masked = _MASKED.search(data, end, min(len(data), end + REACH))
    if masked is not None:
        made.add(*masked.span(), DETECTOR, 0.55, False, "a masked number behind a word for cards")
