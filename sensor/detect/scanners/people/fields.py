"""
The value of a field that holds nothing but a person's name: ``"last_name": "…"``, ``Vorname: …``.

Read from the sign between the field's name and its value, outwards: few texts have one near a hit.
"""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections.abc import Iterator

from sensor.detect.finding import Candidate
from sensor.detect.scanners.people.lexicon import Lexicon

__all__ = ["field_at"]

BEFORE = 48
"""Bytes before a hit that are read."""
AFTER = 96

_ROLES = frozenset(
    """
    assignee reporter reviewer approver author owner manager patient guest applicant sender recipient contact
    signer employee customer client tenant driver teacher doctor physician nurse beneficiary insured passenger
    attendee name
    """.split()
)
"""Fields that may hold a person's name or something else."""
_FIELDS = frozenset(
    """
    vorname vor-name nachname familienname prénom prenom prénoms prenoms apellido apellidos cognome achternaam
    voornaam nazwisko imię imie sobrenome efternamn förnamn fornamn fornavn etternavn efternavn sukunimi
    etunimi příjmení příjmeni přijmení přijmeni príjmení príjmeni prijmení prijmeni soyad soyadı soyadi
    фамилия имя отчество фио
    """.split()
) | {
    f"{whose}{joint}name{plural}"
    for joint in ("", "_", " ", "-")
    for plural in ("", "s")
    for whose in [
        *"""
        first last middle full given family sur maiden patient customer client employee contact owner legal
        holder
        """.split(),
        *(f"{what}{inner}holder" for what in ("card", "account") for inner in ("", "_", " ", "-")),
    ]
}
"""Fields that hold nothing but a person's name."""
_LABEL = re.compile(r"""\s{0,2}["']?(\w+(?:[ -]\w+){0,2})""")
"""The name of a field, backwards."""
_PART = r"[^\W\d_][^\W\d_.'’-]*\.?"
_VALUE = re.compile(
    r"""[:=>]\s{0,3}["']?"""
    rf"""(?P<value>{_PART}(?:[ '’-]{{1,2}}{_PART}){{0,4}})(?=$|[\s"'<,;}}|&)\]])"""
)
_TYPES = frozenset(
    "str string text varchar char null none undefined true false required optional the your my a an".split()
)


def field_at(data: bytes, end: int, lexicon: Lexicon, covered: list[tuple[int, int]]) -> Iterator[Candidate]:
    """The name in the field that a hit stands in, where no name in ``covered`` (in order) holds it."""
    low = max(0, end - BEFORE)
    while low < end and 0x80 <= data[low] < 0xC0:
        low += 1
    text = data[low : end + AFTER].decode("utf-8", "surrogateescape")
    edge = len(data[low:end].decode("utf-8", "surrogateescape"))
    for found in _VALUE.finditer(text):
        start, stop = found.span("value")
        if start >= edge + 2:
            return
        if edge > stop + 1:
            continue
        role = _role(text[max(0, found.start() - 32) : found.start()])
        if role is None:
            continue
        value = found["value"]
        words = value.split()
        likely = [_likely(word.strip(".'’"), lexicon) for word in words]
        if words[0].lower() in _TYPES or not any(likely):
            continue
        if role and (len(words) < 2 or not all(likely) or not words[0][0].isupper()):
            continue
        first = low + len(text[:start].encode("utf-8", "surrogateescape"))
        last = first + len(value.encode("utf-8", "surrogateescape"))
        # The last name that begins no later: the only one that may hold this one.
        index = bisect_right(covered, (first, len(data))) - 1
        if index < 0 or covered[index][1] < last:
            insort(covered, (first, last))
            yield Candidate(first, last, "person.form_field", 0.85, False, ("a field for names holds it",))


def _role(before: str) -> bool | None:
    """Whether the field whose name ends ``before`` may hold other things too; ``None`` where it is none."""
    found = _LABEL.match(before[::-1])
    if found is None:
        return None
    label = found[1][::-1].lower()
    while True:
        if label in _FIELDS:
            return False
        if label in _ROLES:
            return True
        cut = min((at for at in (label.find(" "), label.find("-")) if at >= 0), default=-1)
        if cut < 0:
            return None
        label = label[cut + 1 :]


def _likely(word: str, lexicon: Lexicon) -> bool:
    """Whether a word in a field for names is one: not ``string``, or the label of the next field."""
    if word[:1].islower():
        word = word.capitalize()
        return any(code in "FfLl" for code in lexicon.of(word))
    codes = lexicon.of(word)
    return "F" in codes or "L" in codes or not any(code in "Ccn" for code in codes)
