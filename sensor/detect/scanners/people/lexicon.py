"""
What is known of a word: is it a first name, a last name, a place, a common word.

``Lexicon.parse`` reads ``person_lexicon.txt``: sections that begin with ``= codes``, one word a line. Codes
of a word with a capital: ``F``/``f`` first name (often/seldom), ``L``/``l`` last name, ``P``/``p`` place,
``Q`` part of a place's name of several words, ``M`` month or weekday, ``N`` language or people, ``n`` word
of user interfaces. Codes of a word in small letters: ``C``/``c`` a common word (often/seldom).
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Lexicon", "coarse", "title_of"]

_ENDINGS = """
s= owskiego=owski skiego=ski skiemu=ski skim=ski skich=ski ckiego=cki ckiemu=cki ckim=cki skiej=ska,ski
ską=ska,ski ska=ski cka=cki owi=,o iem=,y,i em=,a,o,ek ego=y,i emu=y,i ém=,ý ého=ý ové= ová=,a ou=a,
ovi= ą=a ę=a y=a, i=a,,ia ie=a,,ia a=,o u=,a e=,a o=a, ii=ia ię=ia ią=ia ом=,о ем=,й,ь ым=,ый им=ий,
ой=а,ая, ого=ый,ий,ой его=ий ому=ый,ий у=,а ю=й,ь,я я=й,ь а=,о е=,а и=а,я,й, ы=а, ей=я,й ии=ия ию=ия
ией=ия ові= єві=й ову=ов ова=ов ева=ев ина=ин ую=ая
"""
"""Endings of oblique cases, and what stands in their place in the nominative (en de pl cs sk hr ru uk)."""
_BY_LAST: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
for _item in _ENDINGS.split():
    _ending, _, _bases = _item.partition("=")
    _BY_LAST.setdefault(_ending[-1], []).append((_ending, tuple(_bases.split(","))))
for _list in _BY_LAST.values():
    _list.sort(key=lambda item: -len(item[0]))


_SOUNDS = dict(
    (item[0], item[2:])
    for item in """
    а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts
    ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya і=i ї=i є=e ґ=g
    """.split()
)


def _table(changes: dict[str, str]) -> dict[int, str]:
    made = {**_SOUNDS, **changes}
    return str.maketrans({**made, **{letter.upper(): sound for letter, sound in made.items()}})


_LATIN = (
    _table({}),
    _table({"к": "c", "э": "a", "х": "h", "й": "i"}),
    _table({"х": "j", "в": "w", "к": "k", "у": "u"}),
    _table({"э": "a", "в": "w", "х": "h", "ц": "c", "ж": "j"}),
)
"""How Cyrillic letters may have been written in the language that a name comes from."""


def title_of(word: str) -> str:
    """As a name is written: ``SMITH`` and ``smith`` to ``Smith``."""
    return word[:1].upper() + word[1:].lower()


def coarse(codes: str) -> str:
    """The codes of a word, made few: what pairs of words are judged by."""
    if not codes:
        return "U"
    made = ""
    if "F" in codes:
        made = "F"
    elif "f" in codes:
        made = "f"
    if "L" in codes:
        made += "L"
    elif "l" in codes:
        made += "l"
    if "P" in codes or "p" in codes:
        made += "P"
    elif "Q" in codes:
        made += "Q"
    if "C" in codes or "n" in codes:
        made += "C"
    elif "c" in codes:
        made += "c"
    if "M" in codes or "N" in codes:
        made += "M"
    return made


class Lexicon:
    """Words and their codes."""

    __slots__ = ("_codes",)

    def __init__(self, codes: dict[str, str]) -> None:
        self._codes = codes

    @classmethod
    def parse(cls, text: str) -> Lexicon:
        """From sections of ``= codes`` and words, one a line; what stands before the first is a comment."""
        codes: dict[str, str] = {}
        for section in text.split("\n= ")[1:]:
            of_it, _, words = section.partition("\n")
            codes.update(dict.fromkeys(words.split("\n"), of_it))
        codes.pop("", None)
        return cls(codes)

    def of(self, word: str) -> str:
        """
        The codes of a word with a capital (or all in capitals), its small form's with them.

        An inflected name has the codes of its nominative and ``~``; one in Cyrillic letters that is known
        in Latin ``*``.
        """
        codes = self._codes
        small = codes.get(word.lower(), "")
        found = codes.get(word, "")
        return found + small if found else self.of_other(word, small)

    def of_other(self, word: str, small: str = "") -> str:
        """The codes of a word that is not in the lexicon as it is written, its small form's given."""
        codes = self._codes
        name = word
        found = ""
        if not word[1:].islower() and len(word) > 1:
            name = title_of(word)
            found = codes.get(name, "")
        if found or small:
            return found + small
        for candidate in _nominatives(name):
            found = codes.get(candidate, "")
            if found:
                return found + "~"
        if "\u0400" <= name[0] <= "\u04ff":
            return self._in_latin(name)
        return ""

    def _in_latin(self, name: str) -> str:
        """The codes of a foreign name in Cyrillic letters, by its likely Latin spellings; ``*`` says so."""
        codes = self._codes
        for candidate in (name, *_nominatives(name)):
            for table in _LATIN:
                spelt = candidate.translate(table).capitalize()
                found = codes.get(spelt, "")
                if "F" in found or "L" in found or "f" in found:
                    return "".join(code for code in found if code in "FfLl") + "*"
        return ""

    def exact(self, word: str) -> str:
        """The codes of a word just as it is written."""
        return self._codes.get(word, "")

    def names(self, word: str) -> bool:
        """Whether the word stands in the lexicon as it is written."""
        return word in self._codes

    def small(self, word: str) -> str:
        """The codes of a word in small letters."""
        return self._codes.get(word, "")


def _nominatives(name: str) -> Iterator[str]:
    if len(name) < 4:
        return
    for ending, bases in _BY_LAST.get(name[-1], ()):
        if len(name) - len(ending) >= 2 and name.endswith(ending):
            stem = name[: -len(ending)]
            for base in bases:
                yield stem + base
