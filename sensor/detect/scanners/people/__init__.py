"""
Names of persons, in many languages, by a lexicon and a small model of our own.

Rule 1: nothing is read but windows around hits of the gate, each to the ends of its lines or ``REACH``
bytes. Rule 2: the lexicon and the weights are texts that the shell hands in (``provide``); without them
nothing is found. Rule 3: a word of a text is remembered by nobody: not in a cache, not in a reason.

What happens in a window: tokens; the words that could be names; the probability of each being part of one
(``model``); names out of neighbours (``spans``). A last name that stood behind a first name is one wherever
else it stands in the same text. Work is bounded: windows do not overlap, and ``MAX_ECHOES`` names are
looked for elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from sensor.detect.finding import Candidate, Document, Hit, Scanner
from sensor.detect.scanners.people.fields import field_at
from sensor.detect.scanners.people.lexicon import Lexicon
from sensor.detect.scanners.people.model import Model, Sighting, Word, items_of
from sensor.detect.scanners.people.spans import NEXT, SURE, names_of
from sensor.detect.scanners.people.words import CLASSES, OFFICES, TITLES

__all__ = ["DATA", "SCANNERS", "provide", "scan_people"]

DATA = ("data/person_lexicon.txt", "data/person_model.txt")
"""What ``provide`` wants, by its place under ``detectors/``."""
REACH = 120
"""Bytes of a line that are read before and behind a hit."""
SHORT_REACH = 56
"""The same in technical text, where no long sentence needs to be understood."""
WORD = 48
"""Bytes of a word that is looked up before its surroundings are."""
MAX_WINDOW = 4096
"""Bytes of a window; hits beyond them open the next."""
BLOCK = 512
"""Bytes that are judged at once: technical text, or prose."""
TITLED = 0.75
"""Probability of a word behind a title."""
DOUBTED = 0.6
"""Probability that a common word needs."""
CAUTION = -1.0
"""What is added to every score in technical text."""
MAX_ECHOES = 64
"""Last names that are looked for elsewhere in a text."""

_given: dict[str, str] = {}
_made: list[tuple[Lexicon, Model]] = []


def provide(name: str, text: str) -> None:
    """Hand in one of ``DATA``; read when the first text wants it."""
    if name in DATA and _given.get(name) != text:
        _given[name] = text
        _made.clear()


def _recogniser() -> tuple[Lexicon, Model] | None:
    if not _made:
        if len(_given) < len(DATA):
            return None
        lexicon = Lexicon.parse(_given[DATA[0]])
        _made.append((lexicon, Model.parse(_given[DATA[1]], lexicon)))
    return _made[0]


def scan_people(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """The names of persons around the hits."""
    made = _recogniser()
    if made is None:
        return
    lexicon, model = made
    data = document.data
    covered: list[tuple[int, int]] = []
    echoes: dict[bytes, None] = {}
    fresh: dict[str, Word] = {}
    for low, high in _windows(data, hits, model, fresh):
        raw = data[low:high]
        text = raw.decode("utf-8", "surrogateescape")
        sighting = items_of(text, lexicon)
        if not sighting.items:
            continue
        judged = model.marginals(sighting, CAUTION if _is_technical(raw) else 0.0, fresh)
        if max(judged) < SURE and not sighting.titled:
            continue
        _settle(sighting, judged, lexicon)
        for start, end, sure in names_of(sighting, judged):
            name = text[start:end]
            if len(text) == len(raw):
                first, last = low + start, low + end
            else:
                first = low + len(text[:start].encode("utf-8", "surrogateescape"))
                last = first + len(name.encode("utf-8", "surrogateescape"))
            score = 0.5 + 0.45 * (sure - SURE) / (1 - SURE)
            detector, reason = _evidence(text, start)
            if detector == "person.name" and _is_thing(name, text[end : end + 20], lexicon):
                continue
            covered.append((first, last))
            yield Candidate(first, last, detector, score, False, (reason,))
            if sure > 0.7 and len(echoes) < MAX_ECHOES:
                parts = name.split()
                if len(parts) > 1:
                    for part in (parts[0], parts[-1]):
                        if len(part) > 3 and part[0].isupper() and _CPn.isdisjoint(lexicon.of(part)):
                            echoes[part.encode("utf-8", "surrogateescape")] = None
    covered.sort()
    for tag, end in hits:
        if tag == "field":
            yield from field_at(data, end, lexicon, covered)
    if echoes:
        yield from _echoes(data, echoes, covered)


_CPn = frozenset("CPn")


def _windows(data: bytes, hits: Sequence[Hit], model: Model, fresh: dict[str, Word]) -> list[tuple[int, int]]:
    """Where to look, in order and apart: each hit's line, or ``REACH`` bytes of it to either side."""
    windows: list[tuple[int, int]] = []
    size = len(data)
    done = -1
    block = -1
    technical = False
    for tag, end in hits:
        if end <= done:
            continue
        if end // BLOCK != block:
            block = end // BLOCK
            technical = _is_technical(data[block * BLOCK : (block + 1) * BLOCK])
        if tag == "lone" and (technical or not _worth(data, end, model.lexicon)):
            continue
        if tag == "name":
            refused = _silent(data, end, model, fresh)
            if refused:
                done = refused
                continue
        reach = SHORT_REACH if technical else REACH
        first = max(0, end - reach - 24)
        line = data.rfind(b"\n", first, max(first, end - 24))
        # The line before is taken along: a greeting or a field's name may stand there.
        before = data.rfind(b"\n", first, line) if line >= 0 else -1
        low = before + 1 if before >= 0 else _word_start(data, first)
        high = min(size, end + reach)
        line = data.find(b"\n", end, high)
        high = line if line >= 0 else _word_end(data, high)
        if windows and low <= windows[-1][1] and high - windows[-1][0] <= MAX_WINDOW:
            windows[-1] = (windows[-1][0], max(high, windows[-1][1]))
        else:
            windows.append((max(low, windows[-1][1] if windows else 0), high))
        done = high - reach // 2 if high - end >= reach // 2 and line < 0 else high
    return windows


def _is_technical(block: bytes) -> bool:
    """Whether a piece of text looks like code, markup or data; prose has hardly one sign in it."""
    signs = len(block) - len(block.translate(None, _SIGNS))
    return signs > 5 and signs * 80 > len(block)


def _silent(data: bytes, end: int, model: Model, fresh: dict[str, Word]) -> int:
    """
    The end of the word that a hit stands in, where it is no name: the ``Jan`` of ``January``, and alone.

    0 where there may be one.
    """
    start = end - len(_NO_LETTERS.split(data[max(0, end - WORD) : end])[-1])
    stop = _run_end(data, end)
    word = _text(data[start:stop])
    if not word or word.islower():
        # The hit goes beyond the word that it is about.
        return 0
    if model.speaks(word, fresh):
        return 0
    if data[stop : stop + 1] == b" " and model.speaks(
        _text(data[stop + 1 : _run_end(data, stop + 1)]), fresh
    ):
        return 0
    if data[max(0, start - 1) : start] != b" ":
        return stop
    before = _NO_LETTERS.split(data[max(0, start - WORD) : start - 1].rstrip(b".,"))[-1]
    return 0 if model.speaks(_text(before), fresh) else stop


def _run_end(data: bytes, at: int) -> int:
    """Where the letters end that begin here."""
    found = _NO_LETTERS.search(data, at, at + WORD)
    return found.start() if found else min(len(data), at + WORD)


def _text(word: bytes) -> str:
    return word.decode("utf-8", "surrogateescape")


_NO_LETTERS = re.compile(rb"[^\w\x80-\xff]+")
_SIGNS = b"{}[]<>=_;/\\|`#$*~^+@"
_LONE = re.compile(rb"([A-Z\xc3-\xc5][a-z\x80-\xbf\xc3-\xc5]+)(?:[,:.]? ?[a-z(]?)?\Z")
_NO_WORD = re.compile(rb"[^A-Za-z\x80-\xff'-]")
_NO_NAME = ("ung", "heit", "keit", "schaft", "ion", "tät", "ismus", "ungen", "ionen", "ment", "ing", "ness")


def _worth(data: bytes, end: int, lexicon: Lexicon) -> bool:
    """Whether the word with a capital that a hit ends at, or in, may be a name at all."""
    found = _LONE.search(data, max(0, end - 24), end)
    if found is None:
        return False
    start = found.start()
    word = _NO_WORD.split(data[start : start + 48], maxsplit=1)[0].decode("utf-8", "surrogateescape")
    if not word[1:].islower() and "-" not in word and not word.startswith(("Mc", "Mac", "De", "O'")):
        return False
    codes = lexicon.of(word)
    if not codes:
        return not word.endswith(_NO_NAME)
    if "C" in codes or "n" in codes or "M" in codes:
        return False
    return "F" in codes or "L" in codes or ("f" in codes or "l" in codes) and "c" not in codes


def _word_start(data: bytes, at: int) -> int:
    """The place behind the next blank, so that no word and no character is cut."""
    if at == 0:
        return 0
    blank = data.find(b" ", at, at + 24)
    if blank >= 0:
        return blank + 1
    while at < len(data) and 0x80 <= data[at] < 0xC0:
        at += 1
    return at


def _word_end(data: bytes, at: int) -> int:
    if at >= len(data):
        return at
    blank = data.rfind(b" ", max(0, at - 24), at)
    if blank >= 0:
        return blank
    while at > 0 and 0x80 <= data[at] < 0xC0:
        at -= 1
    return at


def _settle(sighting: Sighting, judged: list[float], lexicon: Lexicon) -> None:
    """
    A word with a capital behind ``Mrs.`` or ``Herr`` is a name, unless it is a common word; a common word
    that the model is not sure of is none.
    """
    tokens = sighting.tokens
    items = sighting.items
    for place, value in enumerate(judged):
        if NEXT <= value < DOUBTED:
            token = tokens[items[place][2]]
            codes = lexicon.of(token)
            if "C" in codes and "F" not in codes or CLASSES.get(token.lower()) == "H":
                judged[place] = 0.0
                continue
        if sighting.titled and value < TITLED:
            index = items[place][2]
            back = index - 2 if index and tokens[index - 1] == "." else index - 1
            if back >= 0 and tokens[back] in TITLES and _is_titled(tokens[index], lexicon):
                judged[place] = TITLED


def _is_titled(word: str, lexicon: Lexicon) -> bool:
    """Whether what stands behind a title may be a name."""
    small = word.lower()
    if len(word) < 3 or not word.istitle() or small in CLASSES or small in OFFICES:
        return False
    codes = lexicon.of(word)
    return "F" in codes or "L" in codes or not any(code in "CMc" for code in codes)


_HEADS = frozenset("from to cc bcc von an de para da van aan reply-to sender attn".split())


def _evidence(text: str, start: int) -> tuple[str, str]:
    """(detector, reason): what stands before a name says which detector found it."""
    before = text[max(0, start - 40) : start]
    words = before.replace('"', " ").replace(":", " : ").rsplit(None, 2)
    if words:
        last = words[-1].lower().rstrip(".")
        if CLASSES.get(last) == "T":
            return "person.titled", "a title stands before it"
        if last == ":" and len(words) > 1:
            field = words[-2].lower().strip("'_-[{(").rpartition("_")[2]
            if field in _HEADS:
                return "person.email_header", "a line of a message's head names it"
            if CLASSES.get(field) in ("D", "R") or field.endswith("name"):
                return "person.form_field", "a field for names holds it"
        if "\n" in before[-2:] and CLASSES.get(words[-1].lower().strip(",")) == "H":
            return "person.signature", "it stands below a closing formula"
    return "person.name", "the words around it speak for a name"


def _is_thing(name: str, after: str, lexicon: Lexicon) -> bool:
    """Whether a single word is an abbreviation, or part of the name of a thing: ``Huffman coding``."""
    if name.isupper():
        return len(name) < 7 and name.isascii() and name.isalpha() and not lexicon.of(name)
    return name in _EPONYMS and _THING.match(after) is not None


_EPONYMS = frozenset(
    """
    Bayes Bernoulli Boole Cauchy Dijkstra Euclid Euler Fermat Fibonacci Fourier Galois Gauss Gregorian Hamming
    Hilbert Horner Huffman Jaro Julian Kalman Laplace Levenshtein Luhn Markov Mersenne Miller Newton Pareto
    Pascal Poisson Taylor Turing Voronoi Weibull Winkler
    """.split()
)
_THING = re.compile(
    r"(?:['’]s)?[ \n](?:days?|calendar|dates?|coding|codes?|trees?|complete|machines?|methods?|algorithms?"
    r"|numbers?|distributions?|transforms?|series|filters?|law|theorem|sequences?|distance|chains?)\b"
)


def _echoes(data: bytes, parts: dict[bytes, None], covered: list[tuple[int, int]]) -> Iterator[Candidate]:
    for part in parts:
        at = data.find(part)
        while at >= 0:
            end = at + len(part)
            # The last name that begins before the end of this place: the only one that may reach into it.
            index = bisect_left(covered, (end, 0)) - 1
            if (index < 0 or covered[index][1] <= at) and _alone(data, at, end):
                yield Candidate(at, end, "person.name", 0.6, False, ("part of a full name found elsewhere",))
            at = data.find(part, end)


def _alone(data: bytes, start: int, end: int) -> bool:
    return not (start and data[start - 1] in _JOINS_BEFORE or end < len(data) and data[end] in _JOINS_BEHIND)


_WORDS = frozenset(byte for byte in range(256) if bytes((byte,)).isalnum())
_JOINS_BEFORE = _WORDS | frozenset(b"_-/.@") | frozenset(range(0x80, 0x100))
_JOINS_BEHIND = _WORDS | frozenset(b"_-/@") | frozenset(range(0x80, 0xE2))


SCANNERS: dict[str, Scanner] = {"people": scan_people}
