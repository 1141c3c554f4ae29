"""
Street addresses.

The gate finds a number beside a street word, a postal code beside a town, a post office box, or a key; this
scanner reads the address around it (``streets`` and ``places``: the heart; ``join``: the rest, both ways)
and says how sure it is. A town alone is never an address.

Rule 1: nothing is read but a few hundred characters around a hit. Street words come first; a postal code, a
unit or a key inside an address that they gave is passed over.
Rule 2: offsets become characters once, in one walk over the hits, and bytes again in one walk over what
was found.

Bounds: at most ``MAX_HITS`` hits of one text are looked at; each costs a bounded number of matches over at
most 160 characters.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sensor.detect.finding import Candidate, Document, Hit, Scanner
from sensor.detect.scanners.addresses import places, streets
from sensor.detect.scanners.addresses.join import fields_behind, join
from sensor.detect.scanners.addresses.names import Core
from sensor.detect.scanners.addresses.patterns import Patterns, patterns
from sensor.detect.scanners.addresses.words import PUBLISHED

__all__ = ["SCANNERS", "scan_addresses"]

MAX_HITS = 20_000
MAX_FRUITLESS = 300
"""Places of one kind that may be no address (one that is makes up for four) before the rest are passed over:
such a text is a table of numbers."""
SAME = 4
"""Characters between two hits that tell of the same postal code."""
STREET = "address.street"
POSTCODE = "address.postcode_city"
WORTH = 0.45
"""What a candidate has to score to be told at all."""
NEAR = 80
"""Characters between a word that leads to an address and a postal code with its town."""

_Reader = Callable[[str, int, Patterns], Core | None]
_FIRST: dict[str, _Reader] = {
    "en": streets.english,
    "after": streets.name_first,
    "before": streets.street_word,
    "french": streets.street_word,
    "box": places.box,
    "corner": streets.corner,
}
"""Hits that tell a street by its word."""
_THEN: dict[str, _Reader] = {
    "post": places.by_code,
    "unit": places.by_unit,
    "key": places.by_key,
    "town": places.town,
    "country": places.country,
    "zip": places.zip_code,
}
"""Hits that tell one by what stands beside it; looked at where no street was found."""


class _Found(NamedTuple):
    """One candidate, in characters."""

    start: int
    end: int
    score: float
    detector: str
    reasons: tuple[str, ...]


def scan_addresses(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """The addresses at the gate's hits, and postal codes with a town beside a word that leads to them."""
    look = patterns()
    text = document.text
    ends = _characters(document, hits)
    found: list[_Found] = []
    words: list[int] = []
    later: list[tuple[str, int]] = []
    fruitless: dict[str, int] = {}
    for (tag, _), at in zip(hits[:MAX_HITS], ends, strict=True):
        if tag in _FIRST:
            if not found or at > found[-1].end:
                _read(text, tag, at, look, found, words, fruitless)
        elif tag in _THEN:
            later.append((tag, at))
        else:
            words.append(at)
    found.sort()
    before = ("", 0)
    for tag, at in later:
        index = bisect_right(found, (at,))
        if index and at <= found[index - 1].end or tag == before[0] and at - before[1] < SAME:
            continue
        before = (tag, at)
        _read(text, tag, at, look, found, words, fruitless)
    return _candidates(document, found)


def _read(
    text: str,
    tag: str,
    at: int,
    look: Patterns,
    found: list[_Found],
    words: list[int],
    fruitless: dict[str, int],
) -> None:
    """Read one place; what it gives is put in order into ``found``, what gives nothing is counted."""
    misses = fruitless.get(tag, 0)
    if misses > MAX_FRUITLESS:
        return
    core = (_FIRST.get(tag) or _THEN[tag])(text, at, look)
    if core is None:
        fruitless[tag] = misses + 1
        return
    start, end, score, reasons = join(text, core, look)
    detector = STREET
    if not core.street:
        detector = POSTCODE
        index = bisect_right(words, start)
        near = index > 0 and start - words[index - 1] <= NEAR
        score = min(0.9, core.score + (0.3 if near else 0.0))
    if text.startswith(PUBLISHED, core.start):
        score = 0.0
    elif score < WORTH:
        fruitless[tag] = misses + 1
        return
    fruitless[tag] = max(0, misses - 4)
    index = bisect_right(found, (start,))
    first = last = index
    if index and found[index - 1].end > start:
        first -= 1
    while last < len(found) and found[last].start < end:
        last += 1
    new = _Found(start, end, score, detector, reasons)
    if first < last:
        # Several readings of one place: the surest one, over all of them.
        best = max((new, *found[first:last]), key=lambda item: item.score)
        new = best._replace(
            start=min(start, found[first].start), end=max(end, *(item.end for item in found[first:last]))
        )
    found[first:last] = [new]
    if detector == STREET and first == last:
        at = first + 1
        for low, high in fields_behind(text, end, look):
            found.insert(at, _Found(low, high, score, POSTCODE, ("a field of an address",)))
            at += 1


def _characters(document: Document, hits: Sequence[Hit]) -> list[int]:
    """The hits' ends as characters; an end inside a character is the end of that character."""
    if document.is_ascii:
        return [end for _, end in hits[:MAX_HITS]]
    data = document.data
    size = len(data)
    places: list[int] = []
    last = characters = 0
    for _, end in hits[:MAX_HITS]:
        if end <= last:
            places.append(characters)
            continue
        while end < size and data[end] & 0xC0 == 0x80:
            end += 1
        passed = data[last:end]
        characters += len(passed) if passed.isascii() else len(passed.decode("utf-8", "surrogatepass"))
        last = end
        places.append(characters)
    return places


def _candidates(document: Document, found: list[_Found]) -> Iterable[Candidate]:
    """The spans in bytes."""
    text = document.text
    last = size = 0
    for start, end, score, detector, reasons in found:
        if score < WORTH:
            continue
        if document.is_ascii:
            first, stop = start, end
        else:
            first = size + len(text[last:start].encode("utf-8", "surrogatepass"))
            stop = first + len(text[start:end].encode("utf-8", "surrogatepass"))
            last, size = end, stop
        yield Candidate(first, stop, detector, round(score, 2), False, reasons)


SCANNERS: dict[str, Scanner] = {"addresses": scan_addresses}
"""By the name that a detector file gives under ``scanner:``."""
