"""
Encodings undone: base64, base32, hexadecimal, gzip and zlib within. Part of ``decoded``.

A token is replaced whole, since only whole it can be replaced. The gate asks for more than the alphabet:
ASCII text leaves its mark on the digits of its encoding (no byte has its highest bit set, few are below
32), so that of random tokens of twelve letters about one in three thousand is looked at, and of identifiers
fewer.

Bounds: a token is decoded once; ``INFLATED`` bytes at most come out of one compressed token and of all
tokens of a text together, and ``RATIO`` times its length.

Source: RFC 4648, sections 4 to 8; RFC 2045, section 6.8 (line breaks); RFC 1950 to 1952.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from sensor.detect.lazily import lazily
from sensor.detect.views.escapes import is_text
from sensor.detect.views.mapping import Edit

__all__ = ["GATES", "INFLATED", "ONCE", "RATIO", "encodings"]

INFLATED = 65536
"""Bytes that may come out of compressed tokens."""
RATIO = 100
"""How many times its length a compressed token may grow; text grows by twenty at most."""
_SHORTEST = 6
"""Bytes that a decoded token has at least."""

# Three printable ASCII bytes as four base64 digits: 001xxx-011xxx, xx 0010-0111, xxxx 0x, any. The classes
# follow from RFC 4648, table 1.
_GROUP = "[I-Za-f][C-HS-Xi-nyz0-3][AEIMQUYcgkosw048BFJNRVZdhlptx159][0-9A-Za-z+/_-]"
# Five of them as eight base32 digits: 0010x-0111x, xxx0x, any, x001x-x011x, xxxx0, 01xxx-11xxx,
# xx001-xx011, any.
_GROUP32 = "[E-P][ABEFIJMNQRUVYZ45][A-Z2-7][C-HS-X][ACEGIKMOQSUWY246][I-Z2-7][B-DJ-LR-TZ23][A-Z2-7]"
# UTF-16, little end first: letter, nought, letter | nought, letter, nought.
_GROUP16 = "[I-Za-f][AQgw][AB][0-9A-Za-z+/]A[C-H][AEIMQUYcgkosw048]A"
_PAIR = "[2-7][0-9A-Fa-f]"

GATES: tuple[tuple[str, str], ...] = (
    ("decoded.base64", f"\\b{_GROUP}{_GROUP}{_GROUP}"),
    ("decoded.base64", f"\\b{_GROUP16}{_GROUP16}"),
    ("decoded.base64", "H4sIA[0-9A-Za-z+/_-]{7}"),
    *(
        ("decoded.base64", f"\\b{magic}[0-9A-Za-z+/_-]{{13}}")
        for magic in ("eJ[w-z]", "eN[o-r]", "eA[E-H]", "eF[4-7]")
    ),
    ("decoded.base32", f"\\b{_GROUP32}{_GROUP32}"),
    ("decoded.hex", f"\\b(?:{_PAIR}){{8}}"),
    ("decoded.hex", f"(?:0x|\\\\x)(?:{_PAIR}){{8}}"),
    ("decoded.hex_apart", f"\\b(?:{_PAIR}[ :]){{7}}{_PAIR}"),
    ("decoded.hex_list", f"0x{_PAIR}(?:, ?0x{_PAIR}){{5}}"),
)
ONCE: frozenset[str] = frozenset()

_REACH = 64
"""How far before the end of a hint its token may begin."""
_BASE64_START = re.compile(rb"[0-9A-Za-z+/_-]*\Z")
_BASE64 = re.compile(rb"[0-9A-Za-z+/_-]+")
_BREAK = lazily(rb"(?:\r?\n|\\r\\n|\\n)[ \t>]{0,8}(?=[0-9A-Za-z+/])")
_PADDING = lazily(rb"(?:=|%3[Dd]){0,2}")
_BASE32 = re.compile(rb"([A-Z2-7]{16,})={0,6}(?![0-9A-Za-z_])")
_HEX = lazily(rb"((?:[0-9A-Fa-f]{2}){8,})(?![0-9A-Fa-f])")
_HEX_APART = lazily(rb"((?:[0-9A-Fa-f]{2}[ :])+[0-9A-Fa-f]{2})(?![0-9A-Fa-f])")
_HEX_LIST = lazily(rb"(0x[0-9A-Fa-f]{2}(?:,? ?0x[0-9A-Fa-f]{2})+)")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_MAGIC = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class _Inflater:
    """Decompresses until its allowance is spent."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = INFLATED

    def inflate(self, raw: bytes, whole: bool) -> bytes | None:
        """What gzip or zlib hold, or its beginning; ``None`` for others, or if ``whole`` and more follows."""
        allowed = min(self.left, RATIO * len(raw))
        if not allowed:
            return None
        inflater = zlib.decompressobj(47)
        try:
            out = inflater.decompress(raw, allowed)
        except zlib.error:
            return None
        if whole and inflater.unused_data:
            return None
        self.left -= len(out)
        return out.decode("utf-8", "ignore").encode("utf-8") if len(out) == allowed else out


def encodings(data: bytes, hints: Mapping[str, Sequence[int]]) -> Iterator[Edit]:
    """The edits of every encoded token that was hinted and says something readable."""
    if "decoded.base64" in hints:
        yield from _base64_tokens(data, hints["decoded.base64"])
    for hint, size, pattern, decode in _PLAIN:
        if hint in hints:
            yield from _plain_tokens(data, hints[hint], size, pattern, decode)


def _base64_tokens(data: bytes, ends: Sequence[int]) -> Iterator[Edit]:
    inflater = _Inflater()
    done = 0
    for end in ends:
        if end <= done:
            continue
        found = _BASE64_START.search(data, max(done, end - _REACH), end)
        token = _BASE64.match(data, found.start()) if found is not None else None
        if token is None:
            continue
        done = token.end()
        lines, stop = _lines(data, token)
        for text, last in ((lines, stop), (token[0], token.end())):
            said = _base64(text, inflater, text is lines)
            if said is not None:
                padding = _PADDING.match(data, last)
                done = padding.end() if padding is not None else last
                yield Edit(token.start(), done, said)
                break


def _lines(data: bytes, token: re.Match[bytes]) -> tuple[bytes, int]:
    """
    The digits of a token that goes on over line ends, and where they end.

    RFC 2045, section 6.8: "The encoded output stream must be represented in lines of no more than 76
    characters each." All lines but the last are equally long, and whole groups.
    """
    size = len(token[0])
    end = token.end()
    lines = [token[0]]
    while size % 4 == 0:
        gap = _BREAK.match(data, end)
        following = _BASE64.match(data, gap.end()) if gap is not None else None
        if following is None or len(following[0]) > size:
            break
        lines.append(following[0])
        end = following.end()
        if len(following[0]) < size:
            break
    return b"".join(lines), end


def _base64(text: bytes, inflater: _Inflater, whole: bool) -> bytes | None:
    """What base64 digits say, with or without padding, in either alphabet."""
    size = len(text) - (len(text) % 4 == 1)
    raw = binascii.a2b_base64(text[:size].translate(_URL_SAFE) + b"=" * (-size % 4))
    if raw.startswith(_MAGIC):
        inflated = inflater.inflate(raw, whole)
        if inflated is not None:
            raw = inflated
    return _readable(raw)


def _readable(raw: bytes) -> bytes | None:
    """The bytes as UTF-8, where they are text in that or in UTF-16 with the little end first."""
    if raw[1::2].count(0) * 2 > len(raw[1::2]):
        raw = raw.decode("utf-16-le", "ignore").encode("utf-8")
    return raw if len(raw) >= _SHORTEST and is_text(raw) else None


def _plain_tokens(
    data: bytes,
    ends: Sequence[int],
    size: int,
    pattern: re.Pattern[bytes],
    decode: Callable[[bytes], bytes | None],
) -> Iterator[Edit]:
    """Tokens that begin ``size`` bytes before the hint's end; the pattern's group is what is decoded."""
    done = 0
    for end in ends:
        if end <= done:
            continue
        token = pattern.match(data, max(done, end - size))
        if token is None:
            continue
        done = token.end()
        raw = decode(token[1])
        said = _readable(raw) if raw is not None else None
        if said is not None:
            start = token.start()
            if data[start - 2 : start] in (b"0x", b"\\x"):
                start -= 2
            yield Edit(start, done, said)


def _base32(text: bytes) -> bytes | None:
    try:
        return base64.b32decode(text + b"=" * (-len(text) % 8))
    except binascii.Error:
        return None


_NOT_HEX = lazily(rb"0x|[ :,]")


def _hex(text: bytes) -> bytes | None:
    return bytes.fromhex(_NOT_HEX.sub(b"", text).decode("ascii"))


_PLAIN: tuple[tuple[str, int, re.Pattern[bytes], Callable[[bytes], bytes | None]], ...] = (
    ("decoded.base32", 16, _BASE32, _base32),
    ("decoded.hex", 16, _HEX, _hex),
    ("decoded.hex_apart", 23, _HEX_APART, _hex),
    ("decoded.hex_list", 34, _HEX_LIST, _hex),
    ("decoded.hex_list", 29, _HEX_LIST, _hex),
)
"""Hint, bytes from the token's beginning to the hint's end, the token, its meaning."""
