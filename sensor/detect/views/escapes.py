"""
Escapes undone: URL, HTML, backslash (JSON, JavaScript, C, Python), quoted-printable. Part of ``decoded``.

Each escaped character is an edit of its own, so that a finding's span is as narrow as in clear text. What
does not give printable UTF-8 stays as it is.

Hints ask for what an encoder has no reason to escape (a letter, a digit, an @ beside a name): ``%20``,
``&lt;`` and ``\\u003c`` are the daily bread of documents and open nothing.

Source: RFC 3986, section 2.1; RFC 2045, section 6.7; RFC 8259, section 7; ECMA-262, section 12.9.4; HTML
Living Standard, 13.2.5.72 (character references).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html.entities import html5

from sensor.detect.lazily import lazily
from sensor.detect.views.mapping import Edit
from sensor.detect.views.prefixes import COUNTRIES, PREFIXES, SUFFIXES, expression

__all__ = ["GATES", "ONCE", "escapes", "is_text"]

_ALNUM_HEX = "(?:2[BDEbde]|3[0-9]|4[0-9A-Fa-f]|5[0-9AFaf]|6[1-9A-Fa-f]|7[0-9Aa])"
"""Letters, digits and ``+ - . @ _`` as two hexadecimal digits."""

GATES: tuple[tuple[str, str], ...] = (
    *(
        ("decoded.url", item)
        for item in ("%3[0-9]", "%4[0-9A-Fa-f]", "%5[0-9AFaf]", "%6[1-9A-Fa-f]", "%7[0-9Aa]", "%u00[2-7]")
    ),
    ("decoded.url_number", r"[0-9A-Z]%(?:20|2[Dd]|C2%A0)[0-9]"),
    ("decoded.url_number", r"%2[Bb][0-9]"),
    (
        "decoded.html",
        r"&#0{0,4}(?:4[3-9]|5[0-7]|6[4-9]|[78][0-9]|90|9[5789]|1[01][0-9]|12[0-2]|173|820[3-7]|8288)[^0-9]",
    ),
    ("decoded.html_hex", f"&#[xX]0{{0,4}}(?:{_ALNUM_HEX}|[aA][dD]|200[bBcCdD])[^0-9A-Za-z]"),
    (
        "decoded.html_named",
        r"&(?:shy|zwn?j|ZeroWidthSpace|NoBreak|commat|period|lowbar|UnderBar|hyphen|dash|plus);"
        r"|[0-9]&(?:nbsp|thinsp|ensp|emsp|numsp|ndash|#160|#xa0|#8211);[0-9]",
    ),
    (
        "decoded.backslash",
        f"\\\\(?:u00{_ALNUM_HEX}|u00[aAc-fC-F][0-9A-Fa-f]|x{_ALNUM_HEX}\\\\x|u\\{{0{{0,4}}{_ALNUM_HEX}\\}}|U000000)",
    ),
    # Words of other alphabets as JSON writes them: a letter beside an escape, or two escapes in a row.
    ("decoded.unicode", r"[A-Za-z]\\u(?:0[0-9a-fA-F]|20)[0-9a-fA-F]{2}[A-Za-z]"),
    (
        "decoded.unicode",
        r"\\u(?:0[0-9a-fA-F]|[3-9a-eA-E][0-9a-fA-F]|[fF][bBeEfF])[0-9a-fA-F]{2}\\u(?:0[1-9a-fA-F]|[2-9a-eA-E]|[fF][eEfF])",
    ),
    ("decoded.octal", r"\\[01][0-7][0-7]\\[01][0-7][0-7]\\[01][0-7][0-7]\\[01][0-7][0-7]"),
    (
        "decoded.glued",
        f"\\\\[nrt](?:[(+]?[0-9]{{3}}|{expression(PREFIXES)}|{expression(COUNTRIES)}[0-9]{{2}}[ 0-9])",
    ),
    ("decoded.printable", r"(?:=[2-7][0-9A-F]){3}|=[CD][0-9A-F]=[89AB][0-9A-F]|[0-9A-Za-z]=\r?\n[0-9A-Za-z]"),
    ("decoded.printable_at", f"=40[0-9a-zA-Z-]{{1,30}}(?:\\.|=2E){expression(SUFFIXES)}\\b"),
)
ONCE: frozenset[str] = frozenset(name for name, _ in GATES)

_URL = lazily(rb"(?:%[0-9A-Fa-f]{2})+|%u[0-9A-Fa-f]{4}")
_HTML = lazily(rb"&(?:#(?:[xX]([0-9A-Fa-f]{1,8})|([0-9]{1,8}));?|([A-Za-z][A-Za-z0-9]{1,31};))")
_BACKSLASH = lazily(
    rb"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})"
    rb"|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})"
    rb"|(x[0-9A-Fa-f]{2}(?:\\x[0-9A-Fa-f]{2})*)|([0-3][0-7]{2}(?:\\[0-3][0-7]{2})*)|([nrtbf\"'/\\]))"
)
_PRINTABLE = lazily(rb"(=\r?\n)|(?:=[0-9A-F]{2})+")
_SHORT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b" ", b"f": b" "}

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_UNSEEN = 10
"""Of this many bytes one may be a control character in what counts as text."""


def is_text(raw: bytes) -> bool:
    """Whether bytes are UTF-8 of which at least nine in ten are printable."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return (len(raw) - len(raw.translate(None, _CONTROLS))) * _UNSEEN <= len(raw)


def escapes(data: bytes, hints: Collection[str]) -> Iterator[Edit]:
    """The edits of every kind of escape that was hinted."""
    if "decoded.url" in hints or "decoded.url_number" in hints:
        yield from _url(data)
    if "decoded.html" in hints or "decoded.html_hex" in hints or "decoded.html_named" in hints:
        yield from _html(data)
    if not _BACKSLASHES.isdisjoint(hints):
        yield from _backslash(data)
    if "decoded.printable" in hints or "decoded.printable_at" in hints:
        yield from _printable(data)


_BACKSLASHES = frozenset({"decoded.backslash", "decoded.unicode", "decoded.octal", "decoded.glued"})


def _characters(start: int, raw: bytes, width: int) -> Iterator[Edit]:
    """One edit for each character of ``raw``, of which each byte was written in ``width`` bytes."""
    if not is_text(raw):
        return
    at = 0
    while at < len(raw):
        lead = raw[at]
        size = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        yield Edit(start + at * width, start + (at + size) * width, raw[at : at + size])
        at += size


def _point(digits: bytes, base: int = 16) -> bytes | None:
    """A code point as UTF-8; ``None`` for surrogates, controls and what is beyond Unicode."""
    point = int(digits, base)
    if point > 0x10FFFF or 0xD800 <= point < 0xE000 or (point < 0x20 and point not in (9, 10, 13)):
        return None
    return chr(point).encode("utf-8")


def _url(data: bytes) -> Iterator[Edit]:
    for found in _URL.finditer(data):
        run = found[0]
        if run[1:2] == b"u":
            yield from _one(found, _point(run[2:]))
        else:
            yield from _characters(found.start(), bytes.fromhex(run.replace(b"%", b"").decode("ascii")), 3)


def _html(data: bytes) -> Iterator[Edit]:
    for found in _HTML.finditer(data):
        hexadecimal, decimal, name = found.groups()
        if name is not None:
            text = html5.get(name.decode("ascii"))
            raw = text.encode("utf-8") if text is not None else None
        elif hexadecimal is not None:
            raw = _point(hexadecimal)
        else:
            raw = _point(decimal, 10)
        yield from _one(found, raw)


def _one(found: re.Match[bytes], raw: bytes | None) -> Iterator[Edit]:
    if raw is not None:
        yield Edit(found.start(), found.end(), raw)


def _backslash(data: bytes) -> Iterator[Edit]:
    for found in _BACKSLASH.finditer(data):
        high, low, four, braces, eight, bytewise, octal, short = found.groups()
        if high is not None:
            point = 0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF)
            yield Edit(found.start(), found.end(), chr(point).encode("utf-8"))
        elif bytewise is not None:
            yield from _bytewise(
                found.start(), bytes.fromhex(bytewise.replace(b"\\x", b"")[1:].decode("ascii"))
            )
        elif octal is not None:
            yield from _bytewise(found.start(), bytes(int(item, 8) for item in octal.split(b"\\")))
        elif short is not None:
            yield Edit(found.start(), found.end(), _SHORT.get(short, short))
        else:
            yield from _one(found, _point(four or braces or eight))


def _bytewise(start: int, raw: bytes) -> Iterator[Edit]:
    """``\\xc3\\xbc`` is a character in UTF-8 in some languages, two in Latin-1 in others."""
    if is_text(raw):
        yield from _characters(start, raw, 4)
        return
    for index, byte in enumerate(raw):
        if byte >= 0xA0 or 0x20 <= byte < 0x7F:
            yield Edit(start + 4 * index, start + 4 * index + 4, chr(byte).encode("utf-8"))


def _printable(data: bytes) -> Iterator[Edit]:
    for found in _PRINTABLE.finditer(data):
        if found[1] is not None:
            yield Edit(found.start(), found.end(), b"")
        else:
            yield from _characters(
                found.start(), bytes.fromhex(found[0].replace(b"=", b"").decode("ascii")), 3
            )
