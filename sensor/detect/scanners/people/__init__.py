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
from sensor.detect.scanners.people.lexicon import Lexicon
from sensor.detect.scanners.people.model import Model, Sighting, items_of
from sensor.detect.scanners.people.spans import NEXT, SURE, names_of
from sensor.detect.scanners.people.words import CLASSES, OFFICES, TITLES

__all__ = ["DATA", "SCANNERS", "provide", "scan_people"]

DATA = ("data/person_lexicon.txt", "data/person_model.txt")
"""What ``provide`` wants, by its place under ``detectors/``."""
REACH = 120
"""Bytes of a line that are read before and behind a hit."""
SHORT_REACH = 56
"""The same in technical text, where no long sentence needs to be understood."""
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
    for low, high in _windows(data, hits, lexicon):
        raw = data[low:high]
        text = raw.decode("utf-8", "surrogateescape")
        sighting = items_of(text, lexicon)
        if not sighting.items:
            continue
        judged = model.marginals(sighting, CAUTION if _is_technical(raw) else 0.0)
        _settle(sighting, judged, lexicon)
        for start, end, sure in names_of(sighting, judged):
            name = text[start:end]
            if len(text) == len(raw):
                first, last = low + start, low + end
            else:
                first = low + len(text[:start].encode("utf-8", "surrogateescape"))
                last = first + len(name.encode("utf-8", "surrogateescape"))
            score = 0.5 + 0.45 * (sure - SURE) / (1 - SURE)
            detector, reason = _evidence(sighting, start)
            covered.append((first, last))
            yield Candidate(first, last, detector, score, False, (reason,))
            parts = name.split()
            if len(parts) > 1 and sure > 0.7 and len(echoes) < MAX_ECHOES:
                for part in (parts[0], parts[-1]):
                    codes = lexicon.of(part)
                    if (
                        len(part) > 3
                        and part[0].isupper()
                        and "C" not in codes
                        and "P" not in codes
                        and "n" not in codes
                    ):
                        echoes[part.encode("utf-8", "surrogateescape")] = None
    for tag, end in hits:
        if tag == "field":
            yield from _field(data, end, lexicon, covered)
    yield from _echoes(data, echoes, covered)


def _windows(data: bytes, hits: Sequence[Hit], lexicon: Lexicon) -> list[tuple[int, int]]:
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
        if tag == "lone" and (technical or not _worth(data, end, lexicon)):
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
    for place, (_, _, index, _) in enumerate(sighting.items):
        value = judged[place]
        if value >= TITLED:
            continue
        if NEXT <= value < DOUBTED:
            codes = lexicon.of(tokens[index])
            if "C" in codes and "F" not in codes or CLASSES.get(tokens[index].lower()) == "H":
                judged[place] = 0.0
                continue
        if index == 0:
            continue
        back = index - 2 if tokens[index - 1] == "." else index - 1
        if back >= 0 and tokens[back] in TITLES:
            word = tokens[index]
            small = word.lower()
            if len(word) < 3 or not word.istitle() or small in CLASSES or small in OFFICES:
                continue
            codes = lexicon.of(word)
            if "F" in codes or "L" in codes or not any(code in "CMc" for code in codes):
                judged[place] = TITLED


def _field(data: bytes, end: int, lexicon: Lexicon, covered: list[tuple[int, int]]) -> Iterator[Candidate]:
    """The value of a field that holds nothing but a person's name: ``"last_name": "…"``, ``Vorname: …``."""
    low = max(0, end - 48)
    while low < end and 0x80 <= data[low] < 0xC0:
        low += 1
    text = data[low : end + 96].decode("utf-8", "surrogateescape")
    edge = len(data[low:end].decode("utf-8", "surrogateescape"))
    for found in _NAME_FIELD.finditer(text):
        if not found.start("value") < edge + 2 <= found.end("value") + 3:
            continue
        words = found["value"].split()
        likely = [_likely(word.strip(".'’"), lexicon) for word in words]
        if words[0].lower() in _TYPES or not any(likely):
            continue
        if found["role"] and (len(words) < 2 or not all(likely) or not words[0][0].isupper()):
            continue
        first = low + len(text[: found.start("value")].encode("utf-8", "surrogateescape"))
        last = first + len(found["value"].encode("utf-8", "surrogateescape"))
        if not any(start <= first and last <= stop for start, stop in covered):
            covered.append((first, last))
            yield Candidate(first, last, "person.form_field", 0.85, False, ("a field for names holds it",))


def _likely(word: str, lexicon: Lexicon) -> bool:
    """Whether a word in a field for names is one: not ``string``, or the label of the next field."""
    if word[:1].islower():
        word = word.capitalize()
        return any(code in "FfLl" for code in lexicon.of(word))
    codes = lexicon.of(word)
    return "F" in codes or "L" in codes or not any(code in "Ccn" for code in codes)


_FIELDS = """
(?:first|last|middle|full|given|family|sur|maiden|patient|customer|client|employee)[_\\x20-]?names?
(?:contact|owner|legal|(?:(?:card|account)[_\\x20-]?)?holder)[_\\x20-]?names?
vor-?name nachname familienname pr[ée]noms? apellidos? cognome achternaam voornaam nazwisko imi[ęe] sobrenome
efternamn f[öo]rnamn fornavn etternavn efternavn sukunimi etunimi p[řr][íi]jmen[íi] soyad[ıi]? фамилия имя
отчество фио
"""
_ROLES = """
assignee|reporter|reviewer|approver|author|owner|manager|patient|guest|applicant|sender|recipient|contact|signer
|employee|customer|client|tenant|driver|teacher|doctor|physician|nurse|beneficiary|insured|passenger|attendee|name
"""
_PART = r"[^\W\d_][^\W\d_.'’-]*\.?"
_NAME_FIELD = re.compile(
    rf"""(?i:["'<]?(?:(?P<role>\b(?:{"".join(_ROLES.split())}))|\b(?:{"|".join(_FIELDS.split())})))"""
    r"""["']?\s{0,2}[:=>]\s{0,3}["']?"""
    rf"""(?P<value>{_PART}(?:[ '’-]{{1,2}}{_PART}){{0,4}})(?=$|[\s"'<,;}}|&)\]])"""
)
_TYPES = frozenset(
    "str string text varchar char null none undefined true false required optional the your my a an".split()
)


_HEADS = frozenset("from to cc bcc von an de para da van aan reply-to sender attn".split())


def _evidence(sighting: Sighting, start: int) -> tuple[str, str]:
    """(detector, reason): what stands before a name says which detector found it."""
    before = sighting.text[max(0, start - 40) : start]
    words = before.replace('"', " ").replace(":", " : ").split()
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


def _echoes(data: bytes, parts: dict[bytes, None], covered: list[tuple[int, int]]) -> Iterator[Candidate]:
    covered.sort()
    for part in parts:
        at = data.find(part)
        while at >= 0:
            end = at + len(part)
            if _alone(data, at, end):
                # The last name that begins before the end of this place: the only one that may reach into it.
                index = bisect_left(covered, (end, 0)) - 1
                if index < 0 or covered[index][1] <= at:
                    yield Candidate(
                        at, end, "person.name", 0.6, False, ("part of a full name found elsewhere",)
                    )
            at = data.find(part, end)


def _alone(data: bytes, start: int, end: int) -> bool:
    before = data[start - 1 : start]
    after = data[end : end + 1]
    return not (before.isalnum() or before >= b"\x80" or before in (b"_", b"-", b"/", b".", b"@")) and not (
        after.isalnum() or after >= b"\x80" and after < b"\xe2" or after in (b"_", b"-", b"/", b"@")
    )


SCANNERS: dict[str, Scanner] = {"people": scan_people}
