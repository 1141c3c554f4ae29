"""
The view ``plain``: what folds character by character.

Styled letters and digits (full-width, mathematical, circled, tags), digits of any script, dashes and spaces
of any width, ligatures become ASCII; characters that are not seen go; letters of other scripts that stand
for ASCII ones are replaced in words that mix scripts; marks strewn over a text go, and letters that were
written in two characters become one.

Accented Latin, Russian, Chinese and emoji are not folded and give no view: what opens one is a hint of the
gate that asks for something odd beside ASCII, or for a run of it.

Bound: a replacement is never longer than what it stands for.

Source: UAX 15 (NFKC), UTS 39 (confusables), UTS 51 (tags), Unicode 16 DerivedCoreProperties
(Default_Ignorable_Code_Point).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sensor.detect.lazily import lazily
from sensor.detect.views.lookalikes import DIGITS, STRONG, WEAK
from sensor.detect.views.mapping import Edit, View, settle, splice
from sensor.detect.views.utf8 import code_points, one_of

__all__ = ["GATES", "ONCE", "fold", "plain"]

_HIDDEN = code_points(
    "00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0"
    " FFF9-FFFB 1D173-1D17A E0001 E007F E0100-E01EF"
)
"""Characters that are not seen. Default_Ignorable_Code_Point, and what bidirectional text is steered with."""
_COMMON_HIDDEN = code_points("00AD 200B-200F 202A-202E 2060-2064 FEFF")
_SPACES = code_points("00A0 1680 2000-200A 2028-2029 202F 205F 2800 3000")
_DASHES = code_points("02D7 058A 2010-2015 2043 2212 FE58 FE63 FF0D")
_STYLED = code_points(
    "00AA 00B2-00B3 00B9-00BA 02B0-02B8 02E0-02E3 1D2C-1D6A 2070-2071 2074-209C 2100-214F 2160-217F"
    " 2460-24FF 2776-2793 3002 FB00-FB06 FE52 FE6B FF01-FF0C FF0E-FF5E FF61 1D400-1D7FF 1F100-1F189"
    " 1FBF0-1FBF9"
    " E0020-E007E"
)
_DECIMALS = code_points(
    "0660-0669 06F0-06F9 07C0-07C9 0966-096F 09E6-09EF 0A66-0A6F 0AE6-0AEF 0B66-0B6F 0BE6-0BEF 0C66-0C6F"
    " 0CE6-0CEF 0D66-0D6F 0DE6-0DEF 0E50-0E59 0ED0-0ED9 0F20-0F29 1040-1049 1090-1099 17E0-17E9 1810-1819"
    " 1946-194F 19D0-19D9 1A80-1A99 1B50-1B59 1BB0-1BB9 1C40-1C49 1C50-1C59 A620-A629 A8D0-A8D9 A900-A909"
    " A9D0-A9D9 A9F0-A9F9 AA50-AA59 ABF0-ABF9 104A0-104A9 10D30-10D39 11066-1106F 110F0-110F9 11136-1113F"
    " 111D0-111D9 112F0-112F9 11450-11459 114D0-114D9 11650-11659 116C0-116C9 11730-11739 118E0-118E9"
    " 11C50-11C59 16A60-16A69 16B50-16B59 1E140-1E149 1E2F0-1E2F9 1E950-1E959"
)
"""General category Nd."""
_NUMERALS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
"""Chinese digits; folded only in long runs."""
_MARKS = code_points("0300-034E 0350-036F 0483-0487 1AB0-1ACE 1DC0-1DFF 20D0-20F0 FE20-FE2F")
_OTHER_DASHES = code_points("2010-2015 2212 FE58 FE63 FF0D")

_ASCII = "[0-9A-Za-z@._+-]"
_H, _D, _N = one_of(_HIDDEN), one_of(_DECIMALS), one_of((ord(c), ord(c)) for c in _NUMERALS)
_COMMON = one_of(code_points("0660-0669 06F0-06F9 0966-096F 09E6-09EF 0E50-0E59"))
_M = one_of(_MARKS)
_U = one_of(_SPACES + _OTHER_DASHES)
_LETTERS = [(ord(character), ord(character)) for character in STRONG]
_WIDE = one_of(code_points("FF0B FF0D-FF0F FF10-FF19 FF20-FF3A FF3F FF41-FF5A"))
_WIDE_LETTERS = one_of(code_points("FF10-FF19 FF20-FF3A FF3F FF41-FF5A FB00-FB06 FE6B"))
_FANCY = one_of(code_points("1D400-1D7FF 1F100-1F189 1FBF0-1FBF9"))
_TAGS = one_of(code_points("E0020-E007E"))

_LONG_DIGITS = f"(?:{_D}[ ./-]?){{8}}{_D}|{_D}{{2}} {_D}{{2}} {_D}{{2}}"


def _rows(ranges: Iterable[tuple[int, int]]) -> list[str]:
    """Characters whose first bytes are the same in one expression: the gate finds it by a literal."""
    rows: dict[bytes, list[tuple[int, int]]] = {}
    for low, high in ranges:
        for point in range(low, high + 1):
            rows.setdefault(chr(point).encode("utf-8")[:2][: -1 if point < 0x800 else 2], []).append(
                (point, point)
            )
    return [one_of(row) for row in rows.values()]


def _three(*places: str) -> tuple[tuple[str, str], ...]:
    """Three characters of one block in a row."""
    return tuple(("plain.raised", place * 3) for place in places)


# Every expression has a literal that ordinary text has not, or asks for one beside ASCII: what has neither
# costs the gate a walk over each byte.
GATES: tuple[tuple[str, str], ...] = (
    # Something unseen inside a word or number: emoji, Persian and Hebrew carry the same characters elsewhere.
    *(("plain.hidden", f"{_ASCII}{row}{_ASCII}") for row in _rows(_HIDDEN)),
    *(("plain.hidden", f"[0-9]{row} [0-9]") for row in _rows(_COMMON_HIDDEN)),
    *(("plain.hidden", f"[0-9] {row}[0-9]") for row in _rows(_COMMON_HIDDEN)),
    ("plain.hidden", r"[0-9A-Za-z@](?:\xe2\x80[\x8b-\x8f\xaa-\xae]){2}"),
    ("plain.hidden", r"[0-9A-Za-z@](?:\xe2\x81[\xa0-\xaf]){2}"),
    ("plain.hidden", r"[0-9A-Za-z@]\xf3\xa0[\x84-\x87][\x80-\xbf]\xf3\xa0"),
    ("plain.hidden", r"(?:\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf])[+][0-9]"),
    ("plain.tags", f"{_TAGS}{{3}}"),
    ("plain.wide", f"{_WIDE}{{6}}"),
    ("plain.wide", f"{_WIDE}{{2}} {_WIDE}{{2}}"),
    ("plain.wide_beside", f"(?:[0-9A-Za-z_]{_WIDE_LETTERS}|{_WIDE_LETTERS}[0-9A-Za-z_])"),
    ("plain.fancy", _FANCY),
    # Circled, subscript, superscript, dingbat, phonetic.
    *_three(r"\xe2\x91[\xa0-\xbf]", r"\xe2\x93[\x80-\xbf]", r"\xe2\x82[\x80-\x9c]", r"\xe2\x81[\xb0-\xbb]"),
    *_three(r"\xe2\x9d[\xb6-\xbf]", r"\xe2\x92[\x80-\xbf]", r"\xe1\xb4[\xac-\xbf]", r"\xe1\xb5[\x80-\xaa]"),
    # Arabic, Persian, the scripts of India, Thai, Burmese and Khmer digits; nine are asked for below.
    ("plain.digits", r"(?:\xd9[\xa0-\xa9]){3}"),
    ("plain.digits", r"(?:\xdb[\xb0-\xb9]){3}"),
    ("plain.digits", r"(?:\xd9[\xa0-\xa9]){2} (?:\xd9[\xa0-\xa9]){2} (?:\xd9[\xa0-\xa9]){2}"),
    ("plain.digits", r"(?:\xdb[\xb0-\xb9]){2} (?:\xdb[\xb0-\xb9]){2} (?:\xdb[\xb0-\xb9]){2}"),
    (
        "plain.digits",
        r"\xe0[\xa5\xa7\xa9\xab\xad\xaf\xb1\xb3\xb5][\xa6-\xaf]\xe0[\xa5\xa7\xa9\xab\xad\xaf\xb1\xb3\xb5][\xa6-\xaf]\xe0",
    ),
    ("plain.digits", r"(?:\xe0\xb9[\x90-\x99]){3}"),
    ("plain.digits", r"(?:\xe1\x81[\x80-\x89]){3}"),
    ("plain.digits", r"(?:\xe1\x9f[\xa0-\xa9]){3}"),
    ("plain.digits_beside", f"[A-Za-z_]{_COMMON}"),
    ("plain.digits_beside", f"{_COMMON}[A-Za-z_]"),
    ("plain.numerals", f"{_N}{{9}}"),
    ("plain.keycaps", r"(?:[0-9](?:\xef\xb8\x8f)?\xe2\x83\xa3){4}"),
    # A dash or space of another width, where numbers of people and accounts have one; not "1939–1945".
    (
        "plain.parted",
        f"(?:[0-9]{{4}}{_U}[0-9]{{2,6}}{_U}[0-9]{{2}}|[0-9]{{3}}{_U}[0-9]{{2,3}}{_U}[0-9]{{3}}"
        f"|[A-Z]{{2}}[0-9]{{2}}{_U}[0-9A-Z]{{4}}{_U}|\\+[0-9]{{1,3}}{_U}[0-9(]|[A-Z]{{2}}{_U}[0-9]{{2}}{_U}[0-9]{{2}}"
        f"|[0-9]{{2}}{_U}[0-9]{{2}}{_U}[0-9]{{2}}{_U}|[0-9]{{2}}{_U}[0-9]{{3}}{_U}[0-9]{{3}}{_U}[0-9]{{3}})",
    ),
    ("plain.stop", r"[0-9A-Za-z](?:\xe3\x80\x82|\xef\xbd\xa1|\xef\xbc\x8e)[a-z]"),
    *(("plain.marks", f"[0-9A-Za-z_@-]{row}") for row in _rows(_MARKS)),
    *(("plain.mixed", f"[0-9A-Za-z_]{row}") for row in _rows(_LETTERS)),
    *(("plain.mixed", f"{row}[0-9A-Za-z_]") for row in _rows(_LETTERS)),
)
ONCE: frozenset[str] = frozenset(name for name, _ in GATES if name != "plain.mixed")

_BEYOND_ASCII = lazily(rb"[\x80-\xff]+")
_FOLDABLE = lazily(
    f"((?:{_H})+)|{one_of(_SPACES + _DASHES + _STYLED + _DECIMALS)}|({_N}{{9,}})".encode("ascii")
)
_MANY_DIGITS = lazily(_LONG_DIGITS.encode("ascii"))
_MARK_RUN = lazily(f"(?:{_M}|\\xef\\xb8\\x8f)+".encode("ascii"))
"""With the variation selector of keycaps."""
_WORD_BYTE = lazily(rb"(?:[0-9A-Za-z_@.+-]|[\xc9-\xd6][\x80-\xbf]|[\xe1\xea][\x80-\xbf][\x80-\xbf])+")
_WORD_TAIL = lazily(rb"(?:[0-9A-Za-z_@.+-]|[\xc9-\xd6][\x80-\xbf]|[\xe1\xea][\x80-\xbf][\x80-\xbf])*\Z")
_LONE = lazily(f"(?: ?[0-9]{{1,6}}){{1,4}} ?({one_of(_LETTERS)})(?![0-9A-Za-z\x80-\xff])".encode("latin-1"))
"""A single look-alike behind groups of digits that follow a mixed word."""
_REACH = 256
"""Bytes of a mixed word that are looked at, before and behind the place that was hinted."""
_MAX_MARKED = 64
"""Bytes of marks on one letter that are tried to be composed with it."""

_SPACE_CHARS = {chr(point) for low, high in _SPACES for point in range(low, high + 1)}
_DASH_CHARS = {chr(point) for low, high in _DASHES for point in range(low, high + 1)}


def plain(data: bytes, hints: Mapping[str, Sequence[int]]) -> View | None:
    """The view, where a hint of this module holds what it promised."""
    if hints.keys() == {"plain.digits"} and not _MANY_DIGITS.search(data):
        return None
    edits = list(_folded(data))
    if "plain.marks" in hints or "plain.keycaps" in hints:
        edits.extend(_unmarked(data))
    if "plain.mixed" in hints:
        edits.extend(_unmixed(data, hints["plain.mixed"]))
    return splice("plain", data, settle(edits))


class _Folds(dict[bytes, bytes | None]):
    """What a character folds to, worked out once; as large as the tables above at most."""

    def __missing__(self, raw: bytes) -> bytes | None:
        self[raw] = found = fold(raw.decode("utf-8"))
        return found


def fold(character: str) -> bytes | None:
    """The ASCII that a character of the tables reads as; ``None`` where there is none, or a longer one."""
    point = ord(character)
    if character in _SPACE_CHARS:
        return b" "
    if character in _DASH_CHARS:
        return b"-"
    if 0xE0020 <= point <= 0xE007E:
        return bytes((point - 0xE0000,))
    if 0x1F150 <= point <= 0x1F189:  # negative circled and squared letters, which NFKC leaves alone
        offset = (point - 0x1F150) % 32
        return bytes((0x41 + offset,)) if offset < 26 else None
    if character in "\u3002\uff61":
        return b"."
    digit = unicodedata.digit(character, None)
    text = str(digit) if digit is not None else unicodedata.normalize("NFKC", character)
    raw = text.encode("utf-8")
    return raw if raw.isascii() and len(raw) <= len(character.encode("utf-8")) else None


_FOLDS = _Folds()


def _folded(data: bytes) -> Iterator[Edit]:
    for run in _BEYOND_ASCII.finditer(data):
        yield from _folded_run(data, run.start(), run.end())


def _folded_run(data: bytes, low: int, high: int) -> Iterator[Edit]:
    for found in _FOLDABLE.finditer(data, low, high):
        if found.lastindex == 1:
            yield Edit(found.start(), found.end(), b"")
        elif found.lastindex == 2:
            for offset, character in enumerate(found[0].decode("utf-8")):
                at = found.start() + 3 * offset
                yield Edit(at, at + 3, _NUMERALS[character].encode("ascii"))
        else:
            folded = _FOLDS[found[0]]
            if folded is not None:
                yield Edit(found.start(), found.end(), folded)


def _unmarked(data: bytes) -> Iterator[Edit]:
    """
    Combining marks: composed with their letter where the two are one letter of a language, dropped otherwise.

    Four marked characters in a row are no language's spelling: all their marks go.
    """
    group: list[tuple[int, int]] = []
    for found in _MARK_RUN.finditer(data):
        start, end = found.span()
        if group and start != group[-1][1] + 1:
            yield from _unmarked_group(data, group)
            group = []
        group.append((start, end))
    yield from _unmarked_group(data, group)


def _unmarked_group(data: bytes, group: Sequence[tuple[int, int]]) -> Iterator[Edit]:
    for start, end in group:
        base = data[start - 1 : start]
        if len(group) < 4 and base.isalpha() and end - start <= _MAX_MARKED:
            whole = unicodedata.normalize("NFC", data[start - 1 : end].decode("utf-8"))
            if len(whole) == 1:
                yield Edit(start - 1, end, whole.encode("utf-8"))
                continue
        if base < b"\x80":  # the marks of a script that needs them stay
            yield Edit(start, end, b"")


def _unmixed(data: bytes, ends: Sequence[int]) -> Iterator[Edit]:
    """Letters that stand for ASCII ones, in the words around ``ends``."""
    done = 0
    for place in ends:
        if place <= done:
            continue
        low = max(done, place - _REACH)
        while low < place and data[low] & 0xC0 == 0x80:
            low += 1
        tail = _WORD_TAIL.search(data, low, place)
        start = tail.start() if tail is not None else place
        word = _WORD_BYTE.match(data, start, place + _REACH)
        if word is None:
            continue
        done = word.end()
        yield from _unmixed_word(start, word[0].decode("utf-8"))
        lone = _LONE.match(data, done)
        if lone is not None:
            yield Edit(lone.start(1), lone.end(1), STRONG[lone[1].decode("utf-8")].encode("ascii"))


def _unmixed_word(start: int, word: str) -> Iterator[Edit]:
    """
    The edits of one word, which begins at byte ``start``.

    None where a letter of another script has no look-alike (the word is of that script), or where nothing
    but digits stands beside it ("5 см" written without the space).
    """
    ascii_letters = sum(character.isascii() and character.isalpha() for character in word)
    foreign = [character for character in word if not character.isascii()]
    if any(character not in STRONG and character not in WEAK for character in foreign):
        return
    if not ascii_letters and len(word) < 8:
        return
    if sum(character in WEAK for character in foreign) > ascii_letters + len(foreign) / 2:
        return
    at = start
    for character in word:
        size = len(character.encode("utf-8"))
        if size > 1:
            like = DIGITS.get(character) if not ascii_letters else None
            yield Edit(at, at + size, (like or STRONG.get(character) or WEAK[character]).encode("ascii"))
        at += size
