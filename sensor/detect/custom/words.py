"""
Words in a text: where one stands for itself, how it is folded, how far two places are apart.

Places are bytes of UTF-8; distances that people give are characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

__all__ = [
    "ByteOffsets",
    "fold",
    "is_alone",
    "places_of",
    "reach_back",
    "reach_on",
    "snap",
    "spans_in",
    "words_in",
]

TOKEN: Final = re.compile(r"[^\W_]+")
"""A run of letters and digits."""
_ASCII_TOKEN: Final = re.compile(r"[0-9a-z]+")
_BYTE_TOKEN: Final = re.compile("[0-9a-z\x80-\xff]+")


def fold(text: str) -> str:
    """As it is compared: compatibility forms made one (NFKC), no case."""
    if text.isascii():
        return text.lower()
    # Folding can undo the normal form and the normal form can bring capitals back: twice is enough
    # (Unicode Standard, section 3.13, D146: toNFKC_Casefold).
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words_in(text: str) -> list[str]:
    """Every run of letters and digits, folded."""
    if text.isascii():
        return _ASCII_TOKEN.findall(text.lower())
    # Bytes as if they were Latin-1: what is ASCII needs no more looking at.
    found = _BYTE_TOKEN.findall(text.encode("utf-8", "surrogatepass").lower().decode("latin-1"))
    words: list[str] = []
    for word in found:
        if word.isascii():
            words.append(word)
        else:
            wide = word.encode("latin-1").decode("utf-8", "surrogatepass")
            words.extend(fold(one) for one in TOKEN.findall(_lowered(wide)))
    return words


def spans_in(text: str) -> list[tuple[int, int]]:
    """Where they stand, in characters and in the same order."""
    return [match.span() for match in TOKEN.finditer(_lowered(text))]


def _lowered(text: str) -> str:
    lower = text.lower()
    if len(lower) != len(text):  # U+0130 becomes two characters
        lower = "".join(one if len(one.lower()) > 1 else one.lower() for one in text)
    return lower


class ByteOffsets:
    """Characters of a text to bytes of its UTF-8; cheap where they are asked for in about their order."""

    __slots__ = ("_byte", "_character", "_is_ascii", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_ascii = text.isascii()
        self._character = self._byte = 0

    def __call__(self, character: int) -> int:
        if self._is_ascii:
            return character
        if character >= self._character:
            self._byte += len(self._text[self._character : character].encode("utf-8", "surrogatepass"))
        else:
            self._byte -= len(self._text[character : self._character].encode("utf-8", "surrogatepass"))
        self._character = character
        return self._byte


def _before(data: bytes, at: int) -> str:
    """The character that ends before a byte; empty at the beginning or inside a character."""
    start = at - 1
    while start > max(0, at - 4) and data[start] & 0xC0 == 0x80:
        start -= 1
    return data[max(0, start) : at].decode("utf-8", "ignore")[-1:]


def _after(data: bytes, at: int) -> str:
    """The character that begins at a byte."""
    return data[at : at + 4].decode("utf-8", "ignore")[:1]


def is_alone(data: bytes, start: int, end: int) -> bool:
    """
    Whether no letter or digit touches the span where it begins or ends with one.

    Scripts that are written without spaces have no such edges: a Han, kana, Hangul or Thai character
    touches what it likes.
    """
    return not (
        (start > 0 and _joins(_before(data, start), _after(data, start)))
        or (end < len(data) and _joins(_before(data, end), _after(data, end)))
    )


def _joins(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum() and not (_is_unspaced(left) or _is_unspaced(right))


def _is_unspaced(character: str) -> bool:
    code = ord(character)
    return (
        0x0E00 <= code < 0x1000  # Thai, Lao, Tibetan
        or 0x1780 <= code < 0x1800  # Khmer
        or 0x2E80 <= code < 0xD7B0  # Han, kana, Hangul
        or 0xF900 <= code < 0xFB00
        or 0xFF66 <= code < 0xFFDD
        or code >= 0x20000
    )


def snap(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The span, with the whole of characters that it cuts."""
    while 0 < start < len(data) and data[start] & 0xC0 == 0x80:
        start -= 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return start, end


def reach_back(data: bytes, at: int, characters: int) -> int:
    """The byte that lies so many characters before another; at least 0."""
    start = max(0, at - characters)
    if data[start:at].isascii():
        return start
    tail = data[max(0, at - 4 * characters) : at].decode("utf-8", "replace")[-characters:]
    return max(0, at - len(tail.encode("utf-8", "surrogatepass")))


def reach_on(data: bytes, at: int, characters: int) -> int:
    """The byte that lies so many characters behind another; at most the end."""
    if data[at : at + characters].isascii():
        return min(len(data), at + characters)
    head = data[at : at + 4 * characters].decode("utf-8", "replace")[:characters]
    return min(len(data), at + len(head.encode("utf-8", "surrogatepass")))


def places_of(data: bytes, low: int, high: int, words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where words (folded) stand alone between two bytes; in order of the words."""
    window = data[low:high]
    if window.isascii():
        lower = window.lower()
        for raw in [word.encode() for word in words if word.isascii()]:
            at = lower.find(raw)
            while at >= 0:
                if is_alone(data, low + at, low + at + len(raw)):
                    yield low + at, low + at + len(raw)
                at = lower.find(raw, at + 1)
        return
    text = window.decode("utf-8", "replace")
    lower_text = _lowered(text)
    for word in words:
        found = lower_text.find(word)
        while found >= 0:
            start = low + len(text[:found].encode("utf-8", "surrogatepass"))
            end = start + len(text[found : found + len(word)].encode("utf-8", "surrogatepass"))
            if is_alone(data, start, end):
                yield start, end
            found = lower_text.find(word, found + 1)
