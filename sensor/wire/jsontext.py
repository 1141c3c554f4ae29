"""
JSON bodies whose strings can be replaced while every other byte stays as it was.

A parser tells what the strings are, but not where they stand, and writing the value again would change
blanks, escapes and numbers: signatures break, prompt caches go cold. Here both are had. Rule 1: the n-th
string token of the source is the n-th string (key or value) of a walk through the parsed value in document
order. That holds unless an object has a key twice, for then the value has lost one: the counts differ, and
the body is refused (readers do not agree on which of the two counts; RFC 8259, section 4: "behavior of
software that receives such an object is unpredictable"). Rule 2: what replaces a string is escaped only where
it must be.

Where the tokens stand. In JSON a backslash occurs only inside strings, and two characters that begin with it
are one escape. So after two substitutions of equal length, first of ``\\\\``, then of ``\\"``, every
quotation mark left is the beginning or the end of a token. Splitting there is all that is needed: odd pieces
are strings, even pieces are what stands between them. No character is looked at by Python.

What ``orjson`` refuses though it is JSON (lone surrogates such as a text cut inside an emoji, numbers beyond
a double) is read with ``json``. A byte order mark is passed over and kept (RFC 8259, section 8.1: "MAY ignore
the presence of a byte order mark rather than treating it as an error").

Bounds: ``MAX_DEPTH`` and ``MAX_STRINGS``; work and memory are linear in the body, whose size is the caller's
(beside value and strings one copy of a body that has escapes is kept). ``Malformed`` is raised as
``not_utf8``, ``not_json``, ``too_deep``, ``duplicate_key`` or ``too_many_strings``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, NoReturn

import orjson

from sensor.errors import Malformed

__all__ = ["MAX_DEPTH", "MAX_STRINGS", "JsonText", "Path", "escape"]

Path = tuple["str | int", ...]
"""Keys and indexes from the root."""

MAX_DEPTH = 64
"""Objects and arrays inside each other."""
MAX_STRINGS = 200_000
"""Keys and string values in a body."""

_BOM = b"\xef\xbb\xbf"
_NUMBER = re.compile(rb"-?[0-9][0-9.eE+-]*")


class JsonText:
    """A body of JSON: its value, its strings, and the bytes it came in."""

    __slots__ = ("_neutral", "_raw", "_strings", "value")

    def __init__(self, raw: bytes, neutral: bytes, value: Any, strings: list[tuple[Path, str, bool]]) -> None:
        self._raw = raw
        self._neutral = neutral
        self._strings = strings
        self.value = value
        """What the body says: dict, list, str, int, float, bool or None."""

    @classmethod
    def parse(cls, raw: bytes) -> JsonText:
        """Read a body; raises ``Malformed`` by one of the names above."""
        value = _load(raw[3:] if raw.startswith(_BOM) else raw)
        neutral = _neutral(raw)
        marks = neutral.count(b'"')
        if marks > 2 * MAX_STRINGS:
            raise Malformed("too_many_strings")
        strings: list[tuple[Path, str, bool]] = []
        if type(value) is str:
            strings.append(((), value, False))
        elif type(value) is dict or type(value) is list:
            _walk(value, (), strings, 1)
        if 2 * len(strings) != marks:
            raise Malformed("duplicate_key")
        return cls(raw, neutral, value, strings)

    def strings(self) -> list[tuple[Path, str, bool]]:
        """
        Every string in document order, as path, text and whether it is a key.

        A key has the path of its value. The list is the body's own: it is not to be changed.
        """
        return self._strings

    def numbers(self, min_length: int = 1) -> list[tuple[Path, str]]:
        """
        Every bare number in document order, as path and text, the text as it was written.

        Only those of at least ``min_length`` characters: few bodies have a long one, and then there is
        nothing to walk for.
        """
        between = b'"'.join(self._neutral.split(b'"')[::2])
        written = [token.decode("ascii") for token in _NUMBER.findall(between)]
        if not any(len(text) >= min_length for text in written):
            return []
        paths: list[Path] = []
        _walk_numbers(self.value, (), paths)
        return [pair for pair in zip(paths, written, strict=True) if len(pair[1]) >= min_length]

    def replace(self, texts: Mapping[int, str]) -> bytes:
        """
        The body with some strings replaced, by their index in ``strings()``; all other bytes as they were.

        Raises ``IndexError`` for an index that no string has. A key that becomes equal to another is not
        noticed.
        """
        if not texts:
            return self._raw
        # The n-th piece ends before the n-th mark, and every mark before that takes a byte.
        ends = list(accumulate(map(len, self._neutral.split(b'"'))))
        pieces: list[bytes] = []
        done = 0
        for index in sorted(texts):
            if not 0 <= index < len(self._strings):
                raise IndexError(index)
            first = 2 * index
            pieces += (self._raw[done : ends[first] + first + 1], escape(texts[index]))
            done = ends[first + 1] + first + 1
        pieces.append(self._raw[done:])
        return b"".join(pieces)


def escape(text: str) -> bytes:
    """
    What stands between the quotation marks of a JSON string with this text.

    Escaped are quotation marks, backslashes, controls (RFC 8259, section 7) and lone surrogates, which UTF-8
    cannot say.
    """
    try:
        return orjson.dumps(text)[1:-1]
    except TypeError:
        return json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "backslashreplace")


def _neutral(raw: bytes) -> bytes:
    """The same length, and every quotation mark in it begins or ends a string. Only for valid JSON."""
    if b"\\" not in raw:
        return raw
    return raw.replace(b"\\\\", b"__").replace(b'\\"', b"__")


def _load(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("not_utf8") from None
    try:
        return json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except RecursionError:
        raise Malformed("too_deep") from None
    except ValueError:
        raise Malformed("not_json") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN, Infinity and -Infinity, which json reads by itself


def _integer(text: str) -> int | float:
    # Python refuses to read an integer of more than 4,300 digits, and so long a one is infinite anyway.
    return int(text) if len(text) < 400 else float(text)


def _walk(value: Any, path: Path, strings: list[tuple[Path, str, bool]], depth: int) -> None:
    """Every string below an object or array, in document order."""
    if depth > MAX_DEPTH:
        raise Malformed("too_deep")
    append = strings.append
    if type(value) is dict:
        for key, item in value.items():
            here = (*path, key)
            append((here, key, True))
            kind = type(item)
            if kind is str:
                append((here, item, False))
            elif kind is dict or kind is list:
                _walk(item, here, strings, depth + 1)
    else:
        for index, item in enumerate(value):
            kind = type(item)
            if kind is str:
                append(((*path, index), item, False))
            elif kind is dict or kind is list:
                _walk(item, (*path, index), strings, depth + 1)


def _walk_numbers(value: Any, path: Path, paths: list[Path]) -> None:
    kind = type(value)
    if kind is int or kind is float:
        paths.append(path)
    elif kind is dict:
        for key, item in value.items():
            _walk_numbers(item, (*path, key), paths)
    elif kind is list:
        for index, item in enumerate(value):
            _walk_numbers(item, (*path, index), paths)
