"""
The view ``joined``: what stands between the pieces of one value goes.

Characters spelled out (``spelled``), groups parted by what no one parts them with, values broken over lines
(mails, comments and shell lines included), string concatenation, emphasis inside a word, and values dealt out
over the fields of a record.

Each rule is a hint of the gate and an expression that is looked for around its events; what its groups named
``x`` hold is dropped. Nothing is joined that only looks like a list: a rule wants a naming word before it, a
known beginning, or a checksum.

Bound: windows of one rule that touch are made one, so each byte is read once by each rule that was hinted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from sensor.detect.lazily import lazily
from sensor.detect.views.flipped import luhn_holds
from sensor.detect.views.mapping import Edit, View, merged, settle, splice
from sensor.detect.views.prefixes import COUNTRIES, PREFIXES, SUFFIXES, expression
from sensor.detect.views.spelled import GATES as SPELLED_GATES
from sensor.detect.views.spelled import spelled

__all__ = ["GATES", "ONCE", "joined"]

_BEGINNING = expression(PREFIXES)
_COUNTRY = expression(COUNTRIES)
_SUFFIX = expression(SUFFIXES)
_BREAK = r"\\?\r?\n[ \t>#*/|]{0,8}"
"""A line's end and what mails, comments and shells put around it."""
_PART = r"(?: [-/|.*] |[./_|*,:+~;])"
"""What parts groups of digits in disguise."""
_WIDE = r"(?:\xc2[\xa0\xb7]|\xe2\x80[\x80-\x8a\x90-\x95\xa2\xaf]|\xe2\x81\x9f|\xe2\x88\x92|\xe3\x80\x80)"
"""No-break and other spaces, dashes, dots in the middle."""
_TOKEN = "[0-9A-Za-z.@_+ -]"
_TAGS = r"(?:</?(?:b|i|em|strong|span|wbr|u|code|s|mark)(?: [^<>]{0,40})?/?>|<!--.{0,16}-->)"


def _pairs(*literals: str) -> str:
    """Between two characters of a value."""
    escaped = ("".join(c if c.isalnum() or c == " " else "\\" + c for c in item) for item in literals)
    return f"[0-9A-Za-z_@.+=/-](?:{'|'.join(escaped)})[0-9A-Za-z_@.+=/-]"


_EMPHASIS = ("b", "i", "em", "strong", "code", "span")
_OPENED = "|".join([*(f"<{tag}>" for tag in _EMPHASIS), "<wbr>", "<wbr/>", "<!--", "<span "])
_CLOSED = "|".join(f"</{tag}>" for tag in _EMPHASIS)
_BETWEEN = "|".join(f"</{tag}><{tag}>" for tag in _EMPHASIS)
_PIECE = "[0-9A-Za-z_@.+=/-]"
_ODD = "[./_|:+~;]"
_ODD_OR_DASH = "[./_|:+~;-]"

# Each has a literal that is rare, or is so short an automaton that the gate runs it beside others.
GATES: tuple[tuple[str, str], ...] = (
    *SPELLED_GATES,
    ("joined.groups", f"{_TOKEN}{{4}}{_WIDE}{_TOKEN}{{4}}{_WIDE}[0-9A-Za-z.@_+]"),
    ("joined.parted", f"\\b[0-9]{{3,4}}{_ODD}[0-9]{{2,6}}{_ODD}[0-9]{{4}}"),
    ("joined.parted", r"\b[0-9]{3,4} [-/|.] [0-9]{2,6} [-/|.] [0-9]{4}"),
    (
        "joined.parted",
        f"[0-9]{{2}}{_ODD_OR_DASH}[0-9A-Z]{{4}}{_ODD_OR_DASH}[0-9A-Z]{{4}}{_ODD_OR_DASH}",
    ),
    ("joined.secret", f"{_BEGINNING}[0-9A-Za-z]{{0,3}} [0-9A-Za-z]{{4}} [0-9A-Za-z]{{4}}"),
    ("joined.email", f"[0-9A-Za-z] @ ?[0-9A-Za-z-]{{1,40}} ?\\. ?{_SUFFIX}\\b"),
    ("joined.email", f"[0-9A-Za-z]@ [0-9A-Za-z-]{{1,40}} ?\\. ?{_SUFFIX}\\b"),
    ("joined.email", f"[0-9a-z] \\. (?:{_SUFFIX})\\b"),
    ("joined.line", r"[0-9A-Z-]\n[0-9]"),
    ("joined.line", r"[0-9A-Z-]\r\n[0-9]"),
    ("joined.line", r"[0-9A-Z-] ?\\\n"),
    ("joined.line", r"[0-9A-Z-] \n[0-9]"),
    ("joined.line", r"[0-9A-Z-]\n [0-9]"),
    ("joined.line", r"[0-9A-Z-]\n  [0-9]"),
    ("joined.line", r"[0-9A-Z-]\n    [0-9]"),
    ("joined.line", r"[0-9A-Z-]\n> [0-9]"),
    ("joined.line", r"[0-9A-Z-]\n>[0-9]"),
    ("joined.line", r"[0-9A-Z-]\n# [0-9]"),
    ("joined.line", r"[0-9A-Z-]\n// [0-9]"),
    ("joined.line", r"[0-9A-Z-]\n \* [0-9]"),
    ("joined.line_secret", f"{_BEGINNING}[0-9A-Za-z_.-]{{0,60}}\\\\?\r?\n"),
    ("joined.line_email", f"\\n@[0-9a-z-]{{2,30}}\\.{_SUFFIX}\\b"),
    ("joined.line_email", f"\\n[>#*] @[0-9a-z-]{{2,30}}\\.{_SUFFIX}\\b"),
    ("joined.line_email", r"[0-9a-z]@\n[a-z>#*]"),
    ("joined.line_email", r"[0-9a-z]@\r\n[a-z>#*]"),
    ("joined.line_email", f"[0-9a-z]\\n[0-9a-z-]{{1,16}}\\.{_SUFFIX}\\b"),
    (
        "joined.strings",
        _pairs('"+"', '" + "', '"."', '" . "', '"&"', '" & "', '" || "', '"||"', '" "', '"~"', '" ~ "'),
    ),
    (
        "joined.strings",
        _pairs("'+'", "' + '", "'.'", "' . '", "'||'", "' || '", "' '", "'&'", "' & '", "'}{'", '"}{"'),
    ),
    ("joined.strings", r"""[0-9A-Za-z_@+/-][0-9A-Za-z_@.+/-](?:""|'')[0-9A-Za-z_@+/-]"""),
    ("joined.strings", r"""[0-9] (?:" \+ "|' \+ '|"\+"|'\+'|" "|' '|" \. "|' \. ')[0-9A-Za-z]"""),
    ("joined.strings", _pairs('" f"', "' f'", '" b"', "' b'", '" +f"', "`+`", "` + `", '" + f"', "' + f'")),
    ("joined.strings", r'[0-9A-Za-z_@.+=/-]"\n {1,24}"[0-9A-Za-z_@.+=/-]'),
    ("joined.strings", r"[0-9A-Za-z_@.+=/-]'\n {1,24}'[0-9A-Za-z_@.+=/-]"),
    (
        "joined.strings",
        r"""[0-9A-Za-z_@.+=/-](?:" \+\n|' \+\n|" \\\n|' \\\n|" \.\n|' \.\n)\s{0,24}["'][0-9A-Za-z_@.+=/-]""",
    ),
    (
        "joined.strings",
        f"""{_PIECE}(?:"\\n {{1,24}}[+.] ?"|'\\n {{1,24}}[+.] ?'){_PIECE}""",
    ),
    ("joined.list", r"""(?:join|concat|CONCAT|implode)\(\s?[\[(]?\s?["'][0-9A-Za-z_@.+-]"""),
    ("joined.list", r"""["'],? ?\]\.join\("""),
    (
        "joined.fields",
        r"""(?:1": "|1":"|1': '|1 = "|1 = '|1: "|_a": "|_a":"|first": "|first":")"""
        r"""[0-9A-Za-z_@.+/= -]{2,48}["'][,;]?\s{0,8}["']?[A-Za-z_]{3}""",
    ),
    ("joined.emphasis", r"[0-9A-Za-z_@-]\*\*[0-9A-Za-z@._-]{1,40}\*\*[0-9A-Za-z@._-]"),
    ("joined.emphasis", r"[0-9]{2}\*\*[0-9]{2,12}\*\*"),
    ("joined.emphasis", r"\*\*[0-9A-Za-z@._-]{1,16}\*\*[0-9][0-9]"),
    ("joined.emphasis", r"\*\*(?:AKIA|ghp_|xox[bp]-)\*\*"),
    ("joined.emphasis", r"[0-9]~~[0-9A-Za-z@._-]{0,40}~~[0-9]"),
    ("joined.tags", f"[0-9A-Za-z@_-](?:{_OPENED})"),
    ("joined.tags", f"[0-9A-Za-z@_-](?:{_CLOSED})[0-9A-Za-z@_-]"),
    ("joined.tags", f"[0-9A-Za-z@_-](?:{_BETWEEN})[0-9A-Za-z@_-]"),
)
ONCE: frozenset[str] = frozenset({"joined.line"})

Cut = Callable[[re.Match[bytes]], Iterator[Edit]]


def _drop(inner: str) -> Cut:
    """Drops every place of an expression within a match."""
    found = re.compile(inner.encode("ascii"))

    def cut(match: re.Match[bytes]) -> Iterator[Edit]:
        for piece in found.finditer(match[0]):
            yield Edit(match.start() + piece.start(), match.start() + piece.end(), b"")

    return cut


def _drop_card(match: re.Match[bytes]) -> Iterator[Edit]:
    """Parts between groups of digits, where the whole is a card's number."""
    digits = re.sub(rb"[^0-9]", b"", match[0])
    if luhn_holds(digits) and digits[:1] in b"3456" + b"2":
        yield from _drop_parts(match)


_BREAK_PLACE = lazily(_BREAK.encode("ascii"))


def _drop_breaks(match: re.Match[bytes]) -> Iterator[Edit]:
    """Line ends go; a blank stays where a group of four ended there, among groups parted by blanks."""
    for piece in _BREAK_PLACE.finditer(match[0]):
        head = match[0][max(0, piece.start() - 64) : piece.start()].rpartition(b" ")
        blank = head[1] and len(head[2]) == 4 and head[2].isalnum() and len(head[0].rpartition(b" ")[2]) == 4
        yield Edit(match.start() + piece.start(), match.start() + piece.end(), b" " if blank else b"")


_LEAST_DIGITS = 9
"""Digits of a number that is broken over lines: a house number and the postcode below it have fewer."""


def _drop_breaks_of_a_number(match: re.Match[bytes]) -> Iterator[Edit]:
    if len(re.sub(rb"[^0-9]", b"", match[0])) >= _LEAST_DIGITS:
        yield from _drop_breaks(match)


_drop_parts = _drop("[^0-9A-Za-z]+")
_drop_wide = _drop(_WIDE)
_drop_blanks = _drop(" ")
_drop_emphasis = _drop(r"\*\*|__|~~")


def _dash(match: re.Match[bytes]) -> Iterator[Edit]:
    """Three groups of digits as they are written: with dashes."""
    for group in (1, 2):
        yield Edit(match.start(group), match.end(group), b"-")


def _drop_all(match: re.Match[bytes]) -> Iterator[Edit]:
    yield Edit(match.start(), match.end(), b"")


def _glue(match: re.Match[bytes]) -> Iterator[Edit]:
    yield Edit(match.start(1), match.end(1), b"")


_QUOTE = lazily(rb"""["'`]\s*,\s*["'`]""")


def _unlist(match: re.Match[bytes]) -> Iterator[Edit]:
    """The commas and quotes between the strings of a list that is joined."""
    for piece in _QUOTE.finditer(match[0]):
        yield Edit(match.start() + piece.start(), match.start() + piece.end(), b"")


_FIELD = lazily(
    rb"""(["']?[A-Za-z_]{0,24}(?:[0-9]|_[a-f]|first[a-z_]{0,12}|second[a-z_]{0,12}|third[a-z_]{0,12})["']?\s?[:=]\s?["'])"""
    rb"""([^"'\n]{1,60})(["'])[,;]?\s{0,32}"""
)


def _unfield(match: re.Match[bytes]) -> Iterator[Edit]:
    """Between the values of numbered fields nothing stays, or a blank where the pieces have some."""
    fields = list(_FIELD.finditer(match[0]))
    for one, two in zip(fields, fields[1:], strict=False):
        glue = b" " if b" " in one[2].strip() and b" " in two[2].strip() else b""
        yield Edit(match.start() + one.start(3), match.start() + two.start(2), glue)


class _Rule:
    """What is looked for around the events of a hint, and what is dropped of it."""

    __slots__ = ("after", "before", "cut", "pattern")

    def __init__(self, before: int, after: int, pattern: str, cut: Cut) -> None:
        self.before = before
        self.after = after
        self.pattern = re.compile(pattern.encode("ascii"))
        self.cut = cut


_RULES: tuple[tuple[str, _Rule], ...] = (
    (
        "joined.groups",
        _Rule(64, 256, f"{_TOKEN}{{4}}(?:{_WIDE}{_TOKEN}{{4}})*{_WIDE}{_TOKEN}{{1,4}}", _drop_wide),
    ),
    (
        "joined.parted",
        _Rule(
            64,
            32,
            f"(?<![0-9A-Za-z])[0-9]{{4}}(?:{_PART}[0-9]{{4,6}}){{2,3}}(?:{_PART}[0-9]{{1,3}})?(?![0-9])",
            _drop_card,
        ),
    ),
    (
        "joined.parted",
        _Rule(24, 8, f"(?<![0-9A-Za-z])[0-9]{{3}}({_PART})[0-9]{{2}}({_PART})[0-9]{{4}}(?![0-9])", _dash),
    ),
    (
        "joined.parted",
        _Rule(
            32,
            64,
            f"{_COUNTRY}[0-9]{{2}}(?:(?:{_PART}|-)[0-9A-Z]{{4}}){{2,8}}(?:(?:{_PART}|-)[0-9A-Z]{{1,3}})?",
            _drop_parts,
        ),
    ),
    (
        "joined.secret",
        _Rule(
            64,
            512,
            f"{_BEGINNING}[0-9A-Za-z]{{0,3}}(?: [0-9A-Za-z_-]{{4}})+(?: [0-9A-Za-z_-]{{1,3}}\\b)?",
            _drop_blanks,
        ),
    ),
    (
        "joined.email",
        _Rule(
            128,
            16,
            f"[0-9A-Za-z_-]{{1,64}}(?: ?[.] ?[0-9A-Za-z_-]{{1,64}}){{0,4}} ?@ ?[0-9A-Za-z-]{{1,64}}"
            f"(?: ?[.] ?[0-9A-Za-z-]{{1,64}}){{0,4}}? ?[.] ?{_SUFFIX}\\b",
            _drop_blanks,
        ),
    ),
    (
        "joined.line_secret",
        _Rule(
            128,
            512,
            f"{_BEGINNING}[0-9A-Za-z_.-]*"
            f"(?:{_BREAK}[0-9A-Za-z_.-]{{4,512}}(?![0-9A-Za-z_.-]| [a-z]|[,:=(]))+",
            _drop_breaks,
        ),
    ),
    (
        "joined.line_email",
        _Rule(
            128,
            16,
            f"[0-9A-Za-z_.+-]{{1,64}}(?:{_BREAK})?@(?:{_BREAK})?[0-9A-Za-z.-]{{1,64}}"
            f"(?:{_BREAK}[0-9A-Za-z.-]{{1,64}})?",
            _drop_breaks,
        ),
    ),
    (
        "joined.strings",
        _Rule(
            64,
            16,
            # Possessive: blanks are read once.
            r"""(?<=[0-9A-Za-z_@.+=/ -])(["'`]\s{0,32}+(?:[+.&~]|\|\|)?\s{0,32}+(?:\\\r?\n\s{0,32}+)?"""
            r"""[fbruFBRU]?["'`]|['"]\}\{['"])(?=[0-9A-Za-z_@.+=/ -])""",
            _glue,
        ),
    ),
    (
        "joined.list",
        _Rule(
            512, 512, r"""["'`][^"'`\n]{1,64}["'`](?:\s{0,24},\s{0,24}["'`][^"'`\n]{1,64}["'`])+""", _unlist
        ),
    ),
    ("joined.fields", _Rule(160, 512, f"(?:{_FIELD.pattern.decode('ascii')}){{2,16}}", _unfield)),
    (
        "joined.emphasis",
        _Rule(
            64,
            128,
            r"(?<![0-9A-Za-z@._*~-])[0-9A-Za-z@._~-]{0,64}(?:\*\*|__|~~)[0-9A-Za-z@._*~ -]{0,128}",
            _drop_emphasis,
        ),
    ),
    ("joined.tags", _Rule(64, 64, f"(?<=[0-9A-Za-z@._+-]){_TAGS}+(?=[0-9A-Za-z@._+-])", _drop_all)),
)
_LABEL = r"""[A-Za-z#)\]][:=]{0,2}[ \t"']{1,3}"""
_NO_ROW = r"(?![0-9]| ?[|\t]|[,;][^ \n])"
"""What follows the rest of a value, and not the first cell of a row."""
_LINE_RULES: tuple[_Rule, ...] = (
    _Rule(
        64,
        64,
        f"{_LABEL}[+]?[0-9][0-9 .-]{{2,18}}(?:{_BREAK}[0-9-][0-9 .-]{{0,18}}){{1,3}}{_NO_ROW}",
        _drop_breaks_of_a_number,
    ),
    _Rule(
        64,
        64,
        f"\\b{_COUNTRY}[0-9]{{2}}[0-9A-Z ]{{2,34}}"
        f"(?:{_BREAK}[0-9A-Z]{{2,4}}[0-9A-Z ]{{0,34}}){{1,3}}{_NO_ROW}",
        _drop_breaks,
    ),
    _Rule(64, 64, f"\\b[A-Z]{{2}}[0-9 ]{{1,10}}{_BREAK}[0-9 ]{{1,10}}[A-D]\\b", _drop_breaks),
    _Rule(64, 64, f"[+][0-9][0-9 ().-]{{2,20}}{_BREAK}[0-9][0-9 ().-]{{0,20}}{_NO_ROW}", _drop_breaks),
    _Rule(
        64, 64, f"(?<![0-9]\n)(?<![0-9])[0-9]{{4}}(?:{_BREAK}[0-9]{{4}}){{3}}(?![0-9]|\n[0-9])", _drop_card
    ),
)
"""What may be broken over lines, where any line ends between a letter or digit and a digit."""
_MAX_BREAKS = 256
"""Line ends that are looked at; a table of numbers has more of them."""
_BREAKS = lazily(f"[0-9A-Z -]{_BREAK}[0-9]".encode("ascii"))

_BY_HINT: dict[str, list[_Rule]] = {}
for _hint, _rule in _RULES:
    _BY_HINT.setdefault(_hint, []).append(_rule)


def joined(data: bytes, hints: Mapping[str, Sequence[int]]) -> View | None:
    """The view, where a hint of this module holds what it promised."""
    edits: list[Edit] = []
    for hint, ends in hints.items():
        if hint == "joined.spelled":
            edits.extend(spelled(data, ends))
        elif hint == "joined.line":
            breaks = [found.end() for found in islice(_BREAKS.finditer(data), _MAX_BREAKS)]
            for rule in _LINE_RULES:
                edits.extend(_apply(rule, data, breaks))
        for rule in _BY_HINT.get(hint, ()):
            edits.extend(_apply(rule, data, ends))
    return splice("joined", data, settle(edits))


def _apply(rule: _Rule, data: bytes, ends: Sequence[int]) -> Iterator[Edit]:
    for low, high in merged(ends, rule.before, rule.after, len(data)):
        for match in rule.pattern.finditer(data, low, high):
            yield from rule.cut(match)
