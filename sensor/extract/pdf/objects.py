"""
PDF objects from bytes, and where each stands in a file.

The file is scanned for ``N G obj`` from front to back, without its cross-reference table: a table can be
broken, or leave out what somebody took back, and what it leaves out is just what is looked for. Of several
objects of one number the last in the file is the current one, as incremental updates have it; the others
are older revisions. Bodies of streams are passed over in the scan.

Source: ISO 32000-2 7.2 (lexical conventions), 7.3 (objects), 7.5.6 (incremental updates), 7.5.7 (object
streams), 7.5.8 (cross-reference streams).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sensor.extract.budget import Budget, Stop

__all__ = ["Name", "Place", "Ref", "Scan", "Stream", "Value", "parse", "scan"]


class Name(str):
    """A name object, without its slash."""

    __slots__ = ()


class Ref(NamedTuple):
    """An indirect reference."""

    number: int
    generation: int


class Stream(NamedTuple):
    """A stream: its dictionary, its bytes as they stand, and the object it is (for decryption)."""

    attributes: dict[str, Value]
    raw: bytes
    ref: Ref
    encrypted: bool = True


Value = None | bool | int | float | bytes | Name | Ref | Stream | list["Value"] | dict[str, "Value"]

_DEPTH = 64
_ITEMS = 60_000
_STRING = 16 * 1024 * 1024
_WHITE = rb"\x00\t\n\x0c\r "
_TOKEN = re.compile(
    rb"[\x00\t\n\x0c\r ]*+(?:%[^\r\n]*+[\x00\t\n\x0c\r ]*+)*+(?:"
    rb"(?P<ref>(\d{1,10})[\x00\t\n\x0c\r ]{1,20}(\d{1,5})[\x00\t\n\x0c\r ]{1,20}R(?![A-Za-z0-9]))"
    rb"|(?P<number>[+-]?(?:\d[\d.]*|\.\d+)-?\d*)"
    rb"|/(?P<name>[^\x00\t\n\x0c\r ()<>\[\]{}/%]*+)"
    rb"|(?P<open><<)|(?P<close>>>)|(?P<left>\[)|(?P<right>\])"
    rb"|<(?P<hex>[0-9A-Fa-f\x00\t\n\x0c\r ]*+)>?"
    rb"|\((?P<text>(?:[^()\\\r]++)?)\)"
    rb"|(?P<paren>\()"
    rb"|(?P<word>[A-Za-z][A-Za-z0-9*]*+)"
    rb"|(?P<other>.)|(?P<end>))",
    re.DOTALL,
)
_HASH = re.compile(r"#([0-9A-Fa-f]{2})")
_PAREN = re.compile(rb"[()\\]")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|\r|\n)|(.))|\r\n?", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _unescape(found: re.Match[bytes]) -> bytes:
    octal, fold, char = found.groups()
    if octal is not None:
        return bytes((int(octal, 8) & 0xFF,))
    if fold is not None:
        return b""
    if char is not None:
        return _ESCAPED.get(char, char)
    return b"\n"


def string_at(data: bytes, at: int, stop: int | None = None) -> tuple[bytes, int]:
    """The literal string whose opening parenthesis stands before ``at``, and where it ends."""
    depth = 1
    position = at
    limit = min(len(data) if stop is None else stop, at + _STRING)
    while True:
        found = _PAREN.search(data, position, limit)
        if found is None:
            return data[at:limit], limit
        position = found.end()
        mark = found[0]
        if mark == b"\\":
            position += 1
        elif mark == b"(":
            depth += 1
        else:
            depth -= 1
            if not depth:
                raw = data[at : position - 1]
                if b"\\" in raw or b"\r" in raw:
                    raw = _ESCAPE.sub(_unescape, raw)
                return raw, position


def hex_string(digits: bytes) -> bytes:
    """The bytes of a hexadecimal string; an odd last digit counts as if a zero followed."""
    digits = digits.translate(None, _SPACES)
    if len(digits) % 2:
        digits += b"0"
    return bytes.fromhex(digits.decode("ascii"))


_SPACES = b"\x00\t\n\x0c\r "


def number(raw: bytes) -> int | float:
    """A number, however oddly written (``--5``, ``1.2.3``, ``12-34``)."""
    try:
        return int(raw) if len(raw) < 40 else 0
    except ValueError:
        pass
    try:
        return float(raw)
    except ValueError:
        found = re.match(rb"[+-]?\d*\.?\d*", raw)
        try:
            return float(found[0]) if found and len(found[0]) < 400 else 0
        except ValueError:
            return 0


def name(raw: bytes) -> Name:
    """A name, its ``#xx`` escapes decoded."""
    text = raw.decode("latin-1")
    if "#" in text:
        text = _HASH.sub(lambda found: chr(int(found[1], 16)), text)
    return Name(text)


def parse(
    data: bytes, at: int, decrypt: Callable[[bytes], bytes] | None = None, stop: int | None = None
) -> tuple[Value, int, str]:
    """
    The object at ``at`` (before ``stop``), where it ends, and the keyword behind it where that is ``stream``.

    ``None`` stands for null and for what cannot be read.

    :raises Stop: ``too_deep``, ``too_many``
    """
    stack: list[tuple[list[Value], bool]] = []
    items = 0
    stop = len(data) if stop is None else min(stop, len(data))
    while True:
        found = _TOKEN.match(data, at, stop)
        if found is None:
            return None, len(data), ""
        at = found.end()
        kind = found.lastgroup
        value: Value
        if kind in ("open", "left"):
            if len(stack) >= _DEPTH:
                raise Stop("too_deep")
            stack.append(([], kind == "open"))
            continue
        if kind in ("close", "right"):
            if not stack:
                return None, at, ""
            things, is_dict = stack.pop()
            value = _dictionary(things) if is_dict else things
        elif kind == "name":
            value = name(found["name"])
        elif kind == "ref":
            value = Ref(int(found[2]), int(found[3]))
        elif kind == "number":
            value = number(found["number"])
        elif kind == "text":
            value = found["text"]
            value = decrypt(value) if decrypt is not None else value
        elif kind == "paren":
            text, at = string_at(data, at, stop)
            value = decrypt(text) if decrypt is not None else text
        elif kind == "hex":
            text = hex_string(found["hex"])
            value = decrypt(text) if decrypt is not None else text
        elif kind == "word":
            word = found["word"]
            if word in (b"true", b"false", b"null"):
                value = {b"true": True, b"false": False, b"null": None}[word]
            elif word in (b"endobj", b"stream", b"endstream", b"xref", b"obj", b"trailer", b"startxref"):
                value = None
                while stack:  # a dictionary that was never closed ends here
                    things, is_dict = stack.pop()
                    value = _dictionary(things) if is_dict else things
                return value, found.start("word"), ""
            else:
                continue
        elif kind == "end":
            value = None
            while stack:
                things, is_dict = stack.pop()
                value = _dictionary(things) if is_dict else things
            return value, at, ""
        else:
            continue
        if not stack:
            break
        items += 1
        if items > _ITEMS:
            raise Stop("too_many")
        stack[-1][0].append(value)
    return value, at, "stream" if isinstance(value, dict) and _STREAM.match(data, at) else ""


_STREAM = re.compile(rb"[\x00\t\n\x0c\r ]*+(?:%[^\r\n]*+[\x00\t\n\x0c\r ]*+)*+stream(?:\r\n|\n|\r)?")


def _dictionary(things: list[Value]) -> dict[str, Value]:
    made: dict[str, Value] = {}
    at = 0
    while at + 1 < len(things):
        key = things[at]
        if isinstance(key, Name):
            made[key] = things[at + 1]
            at += 2
        else:
            at += 1
    return made


class Place(NamedTuple):
    """Where an object's value begins."""

    number: int
    generation: int
    start: int
    """Behind ``obj``, or in the object stream's bytes."""
    stop: int
    """Where the next object begins at the latest."""
    inside: int = -1
    """Index in ``Scan.packs``, where it stands in an object stream; else -1."""


class Scan:
    """Every object of a file, by number, the last one current."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self.data = data
        self.budget = budget
        self.places: dict[int, Place] = {}
        """The newest object of each number."""
        self.older: list[Place] = []
        """Every object that a later one replaced."""
        self.packs: list[bytes] = []
        """The bytes of object streams, decoded."""
        self.pack_places: list[Place] = []
        """Objects that look like object streams, in order."""
        self.tables: list[int] = []
        """Where dictionaries of trailers and cross-reference streams begin."""

    def add(self, place: Place) -> None:
        """One more object of its number, newer than those before."""
        before = self.places.get(place.number)
        if before is not None:
            self.older.append(before)
        self.places[place.number] = place


_HEAD = re.compile(rb"(?<!\d)(\d{1,10}+)[\x00\t\n\x0c\r ]{1,20}(\d{1,5})[\x00\t\n\x0c\r ]{1,20}obj")
_HEAD_LENGTH = 10 + 20 + 5 + 20
_CLOSE = 64
_BEFORE = re.compile(rb">>[\x00\t\n\x0c\r ]*(?:%[^\r\n]*[\r\n]+)?$")
_LENGTH = re.compile(
    rb"/Length[\x00\t\n\x0c\r ]{0,20}(\d{1,10})(?![\d\x00\t\n\x0c\r ]*\d+[\x00\t\n\x0c\r ]+R)"
)
_ENDSTREAM = re.compile(rb"[\x00\t\n\x0c\r ]{0,10}endstream")
_FRONT = 16 * 1024
"""Bytes between ``obj`` and ``stream`` of a dictionary that is looked into by the scan."""
_OBJECTS = 100_000
_place = tuple.__new__
"""Half the time of ``Place(…)``, which is a function in Python; a file may have a hundred thousand."""


class _Finder:
    """``bytes.find`` for a search that only goes forward: each byte is looked at once."""

    def __init__(self, data: bytes, word: bytes) -> None:
        self.data = data
        self.word = word
        self.at = data.find(word)

    def after(self, position: int) -> int:
        """The first place at or behind ``position``; the end where there is none."""
        if 0 <= self.at < position:
            self.at = self.data.find(self.word, position)
        return self.at if self.at >= 0 else len(self.data)


def scan(data: bytes, budget: Budget) -> Scan:
    """
    Where the objects of a file stand.

    :raises Stop: ``damaged`` where there is none
    """
    found = Scan(data, budget)
    places, older = found.places, found.older
    closes = _Finder(data, b"endstream")
    end, size = data.find(b"endobj"), len(data)
    body = data.find(b"stream")
    at, count = 0, 0
    last: Place | None = None
    near, find = _HEAD.search, data.find
    # Most often the next one is close by.
    while (head := near(data, at, at + _CLOSE) or _far_head(data, at)) is not None:
        begin, at = head.span()
        if last is not None and last[3] > begin:
            # No endobj stands between: the object ends where the next begins.
            places[last[0]] = _place(Place, (last[0], last[1], last[2], begin, -1))
        count += 1
        if not count & 63:
            budget.tick(64)
        if count > _OBJECTS:
            budget.problem("too_many")
            break
        # Searches that only go forward: each byte is looked at once.
        if 0 <= end < at:
            end = find(b"endobj", at)
        stop = end if end >= 0 else size
        digits, generation = head.groups()
        number = int(digits)
        last = _place(Place, (number, int(generation), at, stop, -1))
        if number in places:
            older.append(places[number])
        places[number] = last
        if 0 <= body < at:
            body = find(b"stream", at)
        while 0 <= body < stop and not _BEFORE.search(data, max(at, body - 40), body):
            body = find(b"stream", body + 6)  # the word in a string ("HP Exstream")
        if body < 0 or body >= stop or body - at > _FRONT:
            continue
        front = data[at:body]
        if b"ObjStm" in front:
            found.pack_places.append(last)
        if b"XRef" in front:
            found.tables.append(at)
        at = _behind(data, body, front, closes)
    trailer = data.find(b"trailer")
    while trailer >= 0 and len(found.tables) < 2_000:
        found.tables.append(trailer + 7)
        trailer = data.find(b"trailer", trailer + 7)
    found.tables.sort()
    if last is None:
        raise Stop("damaged")
    return found


def _far_head(data: bytes, at: int) -> re.Match[bytes] | None:
    """The next ``N G obj``, by the word ``obj``: what stands before it is not read byte for byte."""
    head = None
    mark = at - 3
    while head is None:
        mark = data.find(b"obj", mark + 3)
        if mark < 0:
            return None
        if data[mark - 1] in _SPACES:
            head = _HEAD.search(data, max(at, mark - _HEAD_LENGTH), mark + 3)
    return head


def _behind(data: bytes, body: int, front: bytes, closes: _Finder) -> int:
    """Where to go on behind a stream's body."""
    end = closes.after(body)
    if end >= len(data):
        return body + 6
    length = _LENGTH.search(front)
    if length is not None:
        begin = body + 6
        begin += 2 if data[begin : begin + 2] == b"\r\n" else 1
        stop = begin + int(length[1])
        if stop <= len(data) and _ENDSTREAM.match(data, stop):
            return stop
    return end


def body_of(data: bytes, at: int, length: Value) -> bytes:
    """A stream's bytes: by its length where that holds, else up to ``endstream``."""
    start = _STREAM.match(data, at)
    if start is None:
        return b""
    begin = start.end()
    if (
        isinstance(length, int)
        and 0 <= length <= len(data) - begin
        and _ENDSTREAM.match(data, begin + length)
    ):
        return data[begin : begin + length]
    end = data.find(b"endstream", begin)
    if end < 0:
        end = data.find(b"endobj", begin)
        end = len(data) if end < 0 else end
    if data[end - 2 : end] == b"\r\n":
        return data[begin : end - 2]
    return data[begin : end - 1] if data[end - 1 : end] in (b"\n", b"\r") and end > begin else data[begin:end]
