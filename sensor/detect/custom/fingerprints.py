"""
Fingerprints of a user's documents: a copied paragraph is known, whatever stands around it.

A text is cut into folded words, and every run of ``SHINGLE`` words gets a number. Of each ``WINDOW``
numbers in a row the smallest is chosen ("winnowing"), so that any ``SHINGLE + WINDOW - 1`` words in a row
that two texts share give a common choice, and on average one of (``WINDOW`` + 1) / 2 is kept. What is kept
of a document is the HMAC of the chosen runs under the home's key: no word of it can be read back or guessed
without the key.

Source: S. Schleimer, D. S. Wilkerson, A. Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting" (SIGMOD 2003).
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Final

import orjson

from sensor.detect.custom.tablefile import FINGERPRINT, TableError, read
from sensor.detect.custom.words import ByteOffsets, spans_in, words_in
from sensor.detect.detector import Detector
from sensor.detect.finding import Candidate, Document

__all__ = [
    "MAX_DOCUMENTS", "MAX_WORDS", "SHINGLE", "WINDOW", "FingerprintRule", "FingerprintTable", "Fingerprints",
    "choices", "header_of", "prints_of", "read_fingerprints",
]  # fmt: skip

SHINGLE: Final = 6
"""Words of a run."""
WINDOW: Final = 10
"""Runs of which one is chosen."""
MAX_DOCUMENTS: Final = 60_000
MAX_WORDS: Final = 100_000
"""Words of a text that are looked at."""
MAX_APART: Final = 4 * WINDOW
"""Words between two common runs of one copied passage."""

_MIX: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
"""Odd numbers without a pattern."""
_MASK: Final = (1 << 64) - 1


def choices(words: Sequence[str]) -> list[int]:
    """Which runs of ``SHINGLE`` words are chosen, by their first word's place."""
    count = len(words) - SHINGLE + 1
    if count < 1:
        return []
    # Not kept anywhere, so it need not be hard to undo: only which run is chosen depends on it.
    sums = [zlib.crc32(raw) for raw in "\n".join(words).encode("utf-8", "surrogatepass").split(b"\n")]
    pairs = [a * _MIX[0] ^ b for a, b in pairwise(sums)]
    numbers = [
        ((a * _MIX[1] ^ b) * _MIX[2] ^ c) & _MASK
        for a, b, c in zip(pairs, pairs[2:], pairs[4:], strict=False)
    ]
    chosen = []
    best = -1
    for end in range(min(WINDOW, count) - 1, count):
        first = max(0, end - WINDOW + 1)
        if best < first:
            # The rightmost of the smallest.
            best = first
            for at in range(first + 1, end + 1):
                if numbers[at] <= numbers[best]:
                    best = at
            chosen.append(best)
        elif numbers[end] <= numbers[best]:
            best = end
            chosen.append(best)
    return chosen


def _print(key: bytes, words: Sequence[str], at: int) -> int:
    run = " ".join(words[at : at + SHINGLE]).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(run, digest_size=8, key=key).digest(), "big")


def prints_of(key: bytes, text: str) -> list[int]:
    """The fingerprint of one document: hashes in order, each once. Empty where it has too few words."""
    words = words_in(text)
    return sorted({_print(key, words, at) for at in choices(words)})


def header_of(sizes: Sequence[int]) -> bytes:
    """The header: how many documents, in which section their sizes stand is fixed."""
    return orjson.dumps({"form": 1, "documents": len(sizes)})


class FingerprintTable:
    """Fingerprints that were read: hashes in order, the document of each, and the size of each document."""

    __slots__ = ("documents", "hashes", "sizes")

    def __init__(self, parts: Sequence[memoryview]) -> None:
        self.hashes = parts[0].cast("Q")
        self.documents = parts[1].cast("H")
        self.sizes = parts[2].cast("I")

    def find(self, value: int) -> Iterator[int]:
        """The documents that hold a run."""
        at = bisect_left(self.hashes, value)
        while at < len(self.hashes) and self.hashes[at] == value:
            yield self.documents[at]
            at += 1


def read_fingerprints(key: bytes, data: bytes | memoryview) -> FingerprintTable:
    """The fingerprints in a file. Raises ``TableError``."""
    sections = read(FINGERPRINT, key, data)
    sizes = [len(part) for part in sections.parts]
    header: Mapping[str, Any] = sections.header
    if header.get("form") != 1 or len(sizes) != 3:
        raise TableError("made by another version: make it anew")
    hashes, documents = sizes[0] // 8, header.get("documents")
    if not isinstance(documents, int) or sizes != [8 * hashes, 2 * hashes, 4 * documents]:
        raise TableError("its parts do not fit: make it anew")
    table = FingerprintTable(sections.parts)
    if any(document >= documents for document in table.documents):
        raise TableError("its parts do not fit: make it anew")
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerprintRule:
    """What is asked of fingerprints."""

    detector: Detector
    at_least: int = 4
    """Common runs of one passage; or, where a document has fewer in all, ``contained`` of them."""
    contained: float = 0.5
    """The share of a short document's runs that suffices."""


class Fingerprints:
    """All fingerprints of a user."""

    __slots__ = ("_key", "_rules")

    def __init__(self, rules: Sequence[tuple[FingerprintRule, FingerprintTable]], key: bytes) -> None:
        self._rules = rules
        self._key = key

    def scan(self, document: Document) -> list[Candidate]:
        words = words_in(document.text)[:MAX_WORDS]
        common = [(at, _print(self._key, words, at)) for at in choices(words)]
        made: list[Candidate] = []
        spans: list[tuple[int, int]] = []
        byte = ByteOffsets(document.text)
        for rule, table in self._rules:
            hits: dict[int, list[int]] = {}
            for at, value in common:
                for number in table.find(value):
                    hits.setdefault(number, []).append(at)
            for number, places in hits.items():
                spans = spans or spans_in(document.text)
                made.extend(_passages(rule, table.sizes[number], places, spans, byte))
        return _widest(made)


def _passages(
    rule: FingerprintRule,
    size: int,
    places: Sequence[int],
    spans: Sequence[tuple[int, int]],
    byte: ByteOffsets,
) -> Iterator[Candidate]:
    """The passages of a text that come from one document."""
    wanted = min(rule.at_least, max(1, round(rule.contained * size)))
    passage: list[int] = []
    for place in [*places, 1 << 62]:
        if passage and place - passage[-1] > MAX_APART:
            if len(passage) >= wanted:
                share = min(1.0, len(set(passage)) / size)
                start = byte(spans[passage[0]][0])
                end = byte(spans[passage[-1] + SHINGLE - 1][1])
                sure = min(1.0, rule.detector.score + 0.2 * share)
                reasons = (f"a passage of {rule.detector.name}", f"{_tenths(share)} of the document is here")
                yield Candidate(start, end, rule.detector.id, round(sure, 3), True, reasons)
            passage = []
        passage.append(place)


def _tenths(share: float) -> str:
    tenths = int(share * 10)
    return "all" if share == 1.0 else f"about {tenths}0 %" if tenths else "less than 10 %"


def _widest(made: Iterable[Candidate]) -> list[Candidate]:
    """Of passages inside each other of one rule (drafts of one document), the widest."""
    kept: list[Candidate] = []
    for item in sorted(made, key=lambda item: (item.detector, item.start, -item.end, -item.score)):
        if not kept or kept[-1].detector != item.detector or item.end > kept[-1].end:
            kept.append(item)
    return kept
