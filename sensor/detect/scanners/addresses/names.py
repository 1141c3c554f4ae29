"""
What the readers of addresses share: the core they give, and names and numbers read forwards and backwards.

A name runs over capitalised words and the small ones between them, and ends where a unit, a greeting or
another sentence begins.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sensor.detect.lazily import lazily
from sensor.detect.scanners.addresses.patterns import Patterns
from sensor.detect.scanners.addresses.words import (
    CONNECTORS,
    LOOSE_ENDINGS,
    NO_CITY,
    SURE_ENDINGS,
    UNIT_WORDS,
)

__all__ = [
    "LOOSE", "ONLY_STREET", "STREET", "SURE", "WINDOW", "Core", "before", "is_year", "name_back",
    "number_behind", "read_name", "segment", "word_before",
]  # fmt: skip

WINDOW = 100
"""Characters looked at before a hit."""


class Core(NamedTuple):
    """The heart of an address, in characters of the text."""

    start: int
    end: int
    score: float
    why: str
    street: bool = True
    """A street or a box; otherwise a postal code and a town."""
    sure: bool = False
    """A postal code or a key stands in it already."""


SURE = tuple(sorted(SURE_ENDINGS, key=len, reverse=True))

LOOSE = tuple(LOOSE_ENDINGS)

STREET = "a street and a house number"

ONLY_STREET = "a street"

_ABBREVIATION = lazily(r"(?:^|[\s.,])[^\W\d_]{1,4}$")


def segment(text: str, low: int, end: int, look: Patterns) -> int:
    """Where the part that ends at ``end`` begins: behind the last comma, line end, quote or full stop;
    ``low`` at least."""
    stop = end
    while True:
        found = look.cut.match(text, low, stop)
        if found is None:
            return low
        cut = found.end()
        if text[cut - 1] != "." or _ABBREVIATION.search(text, max(low, cut - 6), cut - 1) is None:
            return cut
        stop = cut - 1


def before(text: str, at: int) -> int:
    """The end of what stands before a separator that ends at ``at``."""
    while at > 0 and text[at - 1] in " \t,;\n\r>|?*-":
        at -= 1
    return at - 2 if text[max(0, at - 2) : at] == "\\n" else at


def word_before(text: str, at: int) -> str:
    """The word that ends before ``at``, small."""
    end = at
    while end > 0 and text[end - 1] in " (\"'":
        end -= 1
    start = end
    while start > 0 and end - start < 20 and (text[start - 1].isalnum() or text[start - 1] in ".-"):
        start -= 1
    return text[start:end].lower()


def is_year(number: str) -> bool:
    return len(number) == 4 and number.isdigit() and "1900" <= number <= "2035"


def name_back(text: str, end: int, most: int) -> int | None:
    """Where the capitalised name that ends at ``end`` begins; small words inside it are taken along."""
    at = end
    best: int | None = None
    for _ in range(most):
        start = at
        while start > 0 and at - start < 40 and (text[start - 1].isalnum() or text[start - 1] in "'’.-/"):
            start -= 1
        word = text[start:at]
        if not word:
            break
        if (
            word[0].isupper()
            or word[0] in "'’"
            or (word[0].isdigit() and word[-1] == "." and best is not None)
        ):
            if best is not None and (word[-1] in ".:" and len(word) > 4 or word in NO_CITY):
                break
            best = start
        elif word.lower() not in CONNECTORS:
            break
        if start == 0 or text[start - 1] != " ":
            break
        at = start - 1
    return best


_DAY = lazily(
    r" (?:de |di |mai|maja|maggio|aprile|giugno|settembre|novembre|novembre|novembre|août|juillet|juin|"
    r"septembre|octobre|janvier|"
    r"Mai|Maggio|Aprile|Giugno|Settembre|Novembre|listopada|stycznia|maja|лет|мая|октября|января)",
    re.IGNORECASE,
)
"""A date that is a street's name: 8 mai 1945, 25 de Mayo, XX Settembre."""

_YEAR = lazily(r" (?:1[789]|20)\d\d(?!\w)")

_PREPOSITIONS = frozenset("à en au aux sur in na w e y a og och und".split())
"""Small words after which a small word begins the rest of the sentence."""
_STOP = frozenset(
    "a an the to for from at on with that which is are was were has have had who can will and or not all "
    "only if when "
    "et est pour avec mais qui que sont il elle je nous vous chez por para con es está hay se una un per "
    "che è ma och "
    "som med w jest się но и что это как на по к у за of tel phone my via svp merci please pls thanks thx "
    "gracias "
    "grazie obrigado danke bitte bedankt dzięki спасибо".split()
)


def read_name(text: str, at: int, look: Patterns, lowers: int) -> tuple[int, int]:
    """The end of the name that begins at ``at``, and how many words of it are capitalised."""
    end, capitals, small = 0, 0, 0
    loose = False
    for _ in range(8):
        found = look.token.match(text, at, at + 30)
        if found is None:
            break
        word = found[0]
        bare = word
        for mark in "'’":
            if mark in word[1:6]:
                bare = word.split(mark, 1)[1] or word
        if end and (word.lower() in UNIT_WORDS or word in ("N", "Nº", "N.", "N.º") or word == "n"):
            break
        if (
            bare[0].isdigit()
            and end
            and bare[-1].isdigit()
            and not _DAY.match(text, found.end(), found.end() + 14)
        ):
            break
        if bare[0].isupper() or bare[0].isdigit():
            if word.rstrip(".") in NO_CITY and end:
                break
            capitals += 1
            end = found.end()
        elif word.lower() in CONNECTORS or word.lower() in ("in", "di"):
            loose = word.lower() in _PREPOSITIONS
        elif small < lowers and not (loose and end) and word.lower() not in _STOP:
            small += 1
            end = found.end()
        else:
            break
        at = found.end()
        if word[-1] == "." and len(word) > 5:
            end -= 1
            break
        if text[at : at + 1] != " ":
            break
        at += 1
    if end and capitals > 1:
        year = _YEAR.match(text, end, end + 6)
        if year is not None and _DAY.search(text, max(0, end - 14), end):
            end = year.end()
    return end, capitals


_INNER = lazily(r" ?[-–] ?\d{1,4}(?!\w)| \d{1,4}(?=[,;\n]|\Z)")
"""A second number: Carrera 7 # 71-21, Retorno Guardado 258 613."""

_MARKS = (
    "número ", "numero ", "civico ", "Numero ", "Número ", "numer ", "núm. ", "Núm. ", "num. ", "Nro. ",
    "nro. ", "nr. ", "Nr. ", "no. ", "No. ", "дом ", "km. ", "No: ", "bl. ", "num ", "dom ", "n.º ", "N.º ",
    "n.o ", "Nro ", "d. ", "nr ", "Nr ", "n. ", "nº ", "n° ", "N° ", "Nº ", "no ", "д. ", "км ", "km ",
    "Km ", "No.", "nr.", "Nr.", "No:", "No ", "№. ", "# ", "№ ", "д.", "д ", "nº", "n°", "n.", "#", "№",
)  # fmt: skip
"""What stands before a house number, the longest first."""


_MONTH = lazily(
    r"(?i:jan|fev|feb|mar|abr|mai|may|jun|jul|ago|ag|set|sep|out|oct|nov|dez|dic)[a-zç]*(?: de)? \d{4}(?!\d)"
)


def number_behind(text: str, end: int, look: Patterns) -> tuple[int, int] | None:
    """The house number behind a name."""
    at = end
    for gap in (", ", ",", " - ", " ", ". "):
        if text.startswith(gap, at):
            at += len(gap)
            break
    else:
        return None
    if text[at : at + 3].lower() == "s/n":
        return at, at + 3
    for mark in _MARKS:
        if text.startswith(mark, at):
            at += len(mark)
            break
    found = look.number.match(text, at, at + 24)
    if found is None:
        return None
    stop = found.end()
    inner = _INNER.match(text, stop, stop + 8)
    if inner is not None:
        stop = inner.end()
    following = text[stop : stop + 1]
    digits = text[at:stop]
    if text.startswith(" de ", stop) and (
        text[stop + 4 : stop + 5].islower() or _MONTH.match(text, stop + 4)
    ):
        return None  # a date
    if (
        following.isalnum()
        or following
        and following in "%$€"
        or following in (".", ":")
        and text[stop + 1 : stop + 2].isdigit()
    ):
        return None
    if "-" in digits and digits.replace("-", "").isdigit() and look.code.fullmatch(digits):
        return None
    if (
        len(digits) == 5
        and digits.isdigit()
        and text[stop : stop + 1] == " "
        and text[stop + 1 : stop + 2].isupper()
    ):
        return None  # a postal code and its town
    return at, stop
