"""
A user's keyword lists: ten thousand words in one pass.

Each keyword is a literal of a gate of its own, so that a pass costs microseconds whatever their number; an
event then has to stand alone (``words.is_alone``) where the list asks for whole words. Letters outside
ASCII match in either case by their bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sensor.detect.custom.gates import BoundedGate
from sensor.detect.custom.words import fold, is_alone, snap
from sensor.detect.detector import Detector
from sensor.detect.finding import Candidate, Document

__all__ = ["MAX_EVENTS", "MAX_KEYWORD", "KeywordList", "Keywords", "entries_of"]

MAX_EVENTS: Final = 40_000
"""Keywords told in one text, those inside others counted; what follows is taken whole."""
MAX_KEYWORD: Final = 200
"""Characters of one."""
_MAX_FORMS: Final = 64
_BLANKS: Final = {9: " ", 10: " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordList:
    """One list."""

    detector: Detector
    words: tuple[str, ...]
    caseless: bool = True
    whole: bool = True
    """Only where no letter or digit touches it."""


def entries_of(lists: Sequence[KeywordList]) -> list[tuple[str, bool]]:
    """What the gate is compiled from: one entry for every word of every list, in order."""
    return [(_expression(word, one.caseless), one.caseless) for one in lists for word in one.words]


def _expression(word: str, caseless: bool) -> str:
    """The bytes of a word; a letter outside ASCII in each of its cases."""
    parts = []
    for character in word:
        if character == " ":
            parts.append("[ \\x09\\x0a]")  # A line may end here.
            continue
        forms = _forms(character) if caseless else [character]
        raw = [_escaped(form) for form in forms]
        parts.append(raw[0] if len(raw) == 1 else f"(?:{'|'.join(raw)})")
    return "".join(parts)


def _forms(character: str) -> list[str]:
    if character < "\x80":
        return [character]
    return list(dict.fromkeys((character, character.lower(), character.upper(), character.casefold())))


def _escaped(text: str) -> str:
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"\\x{byte:02x}"
        for byte in text.encode("utf-8", "surrogatepass")
    )


def _lengths(word: str, caseless: bool) -> tuple[int, ...]:
    """In how many bytes it may be written, the longest first."""
    lengths = {0}
    for character in word:
        forms = _forms(character) if caseless else [character]
        each = {len(form.encode("utf-8", "surrogatepass")) for form in forms}
        lengths = {length + more for length in lengths for more in each}
        if len(lengths) > _MAX_FORMS:
            lengths = set(sorted(lengths)[-_MAX_FORMS:])
    return tuple(sorted(lengths, reverse=True))


class Keywords:
    """All lists of a user."""

    __slots__ = ("_gate", "_lists", "_of", "_spans")

    def __init__(
        self, lists: Sequence[KeywordList], open_gate: Callable[[list[tuple[str, bool]]], BoundedGate]
    ) -> None:
        self._lists = lists
        self._of = [number for number, one in enumerate(lists) for _ in one.words]
        self._spans = [(_lengths(word, one.caseless), fold(word)) for one in lists for word in one.words]
        self._gate = open_gate(entries_of(lists))

    def scan(self, document: Document) -> list[Candidate]:
        data = document.data
        events, whole = self._gate.scan(data, MAX_EVENTS)
        best: dict[tuple[int, int], int] = {}
        for number, end in events:
            place = self._of[number]
            one = self._lists[place]
            start = self._start(data, number, end)
            if one.whole and not is_alone(data, start, end):
                continue
            # Of keywords that end together, the longest.
            best[place, end] = min(start, best.get((place, end), start))
        made = []
        for (place, end), start in best.items():
            detector = self._lists[place].detector
            made.append(
                Candidate(start, end, detector.id, detector.score, False, (f"a keyword of {detector.name}",))
            )
        if not whole:
            start, end = snap(data, events[-1][1], len(data))
            for place in sorted({self._of[number] for number, _ in events}):
                detector = self._lists[place].detector
                reason = f"more keywords of {detector.name} than are looked at: the rest is taken whole"
                if start < end:
                    made.append(Candidate(start, end, detector.id, detector.score, False, (reason,)))
        return made

    def _start(self, data: bytes, number: int, end: int) -> int:
        lengths, word = self._spans[number]
        for length in lengths[:-1]:
            # Which of its forms it is.
            if length <= end:
                text = data[end - length : end].decode("utf-8", "ignore")
                if fold(text.translate(_BLANKS)) == word:
                    return end - length
        return max(0, end - lengths[-1])
