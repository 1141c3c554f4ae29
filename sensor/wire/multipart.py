"""
Bodies of multipart/form-data, part by part, in bytes that were cut anywhere.

A body is told in pieces: heads, pieces of content, the closing delimiter, and what stands outside. The pieces
of content of one part joined are exactly its content; whoever rewrites a part sends other bytes in their
place and all other pieces as they are.

Strict where readers differ: lines end with CR LF, and a delimiter is followed by blanks and a line end or by
``--``. What only begins like a delimiter, or has a head that cannot be read, is malformed, with all that
follows. The content of a part that a Content-Transfer-Encoding hides is the caller's to refuse (RFC 7578,
section 4.7: "deprecated").

Bounds: ``MAX_HEAD_BYTES`` of one head and ``MAX_PARTS`` parts; of content only what may begin a delimiter is
held.

Sources: RFC 7578; RFC 2046, section 5.1.1; RFC 8187 (``filename*``); WHATWG HTML, section 4.10.21.8 (names
are escaped as ``%22``, ``%0D`` and ``%0A``).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from sensor.errors import Malformed

__all__ = ["MAX_HEAD_BYTES", "MAX_PARTS", "Kind", "MultipartReader", "PartHead", "Piece", "parse_boundary"]

MAX_HEAD_BYTES = 16_384
MAX_PARTS = 1_000

_PARAMETER = re.compile(
    r';[ \t]*([!#$%&\'+.^_`|~0-9A-Za-z-]+\*?)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^; \t]*)[ \t]*'
)
# RFC 2046: bchars, and no space at the end.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*", re.DOTALL)
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n", '\\"': '"'}
_ESCAPE = re.compile(r'%22|%0[AD]|\\"', re.IGNORECASE)


class Kind(Enum):
    """What a piece is."""

    OUTSIDE = "outside"
    """Before the first delimiter or behind the last: readers pass it over."""
    HEAD = "head"
    """A delimiter and the header fields of the part that begins with it."""
    CONTENT = "content"
    END = "end"
    """The closing delimiter."""


class PartHead(NamedTuple):
    """The header fields of a part."""

    fields: tuple[tuple[str, str], ...]
    """Names in lower case, in order."""
    name: str | None = None
    filename: str | None = None
    content_type: str | None = None


class Piece(NamedTuple):
    """Some bytes of the body."""

    raw: bytes
    kind: Kind
    part: int = -1
    """Which part it belongs to, from 0; -1 for what stands outside."""
    head: PartHead | None = None
    odd: str | None = None
    """
    With all that follows: ``multipart_delimiter``, ``multipart_head``, ``multipart_head_too_long``,
    ``multipart_too_many_parts``; or ``multipart_unended`` for the last bytes of a body that is not complete.
    """


def parse_boundary(content_type: str) -> bytes:
    """The boundary that a Content-Type field names; raises ``Malformed`` (``multipart_boundary``)."""
    try:
        media_type, parameters = _parse_value(content_type)
    except Malformed:
        raise Malformed("multipart_boundary") from None
    boundary = parameters.get("boundary", "")
    if not media_type.lower().startswith("multipart/") or not _BOUNDARY.fullmatch(boundary):
        raise Malformed("multipart_boundary")
    return boundary.encode("ascii")


class MultipartReader:
    """The pieces of one body."""

    def __init__(self, boundary: bytes) -> None:
        # The line end before a delimiter belongs to it; the first may stand at the very beginning.
        self._delimiter = b"\r\n--" + boundary
        self._held = bytearray()
        self._part = -1
        self._at_start = True
        self._in_head = False
        self._ended = False
        self._broken: str | None = None

    @property
    def complete(self) -> bool:
        """The closing delimiter has come."""
        return self._ended

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces that these bytes make."""
        told: list[Piece] = []
        self._held += data
        while self._held and self._step(told):
            pass
        return told

    def finish(self) -> list[Piece]:
        """The body is over: what may have begun a delimiter or a head. It is not ``complete`` then."""
        raw = self._take(len(self._held))
        kind = Kind.HEAD if self._in_head else Kind.OUTSIDE if self._part < 0 else Kind.CONTENT
        return [Piece(raw, kind, self._part, odd="multipart_unended")] if raw else []

    def _step(self, told: list[Piece]) -> bool:
        held = self._held
        if self._broken is not None:
            told.append(Piece(self._take(len(held)), Kind.OUTSIDE, odd=self._broken))
        elif self._ended:
            told.append(Piece(self._take(len(held)), Kind.OUTSIDE))
        elif self._in_head:
            return self._read_head(told)
        else:
            return self._read_content(told)
        return False

    def _read_content(self, told: list[Piece]) -> bool:
        held, delimiter = self._held, self._delimiter
        if self._at_start:
            if held.startswith(delimiter[2:]):
                self._at_start, self._in_head = False, True
                return True
            if delimiter.startswith(held, 2):
                return False
            self._at_start = False
        end = held.find(delimiter)
        self._in_head = end >= 0
        if end < 0:
            # The last bytes may begin a delimiter.
            end = len(held)
            begun = held.rfind(b"\r", max(0, end - len(delimiter) + 1))
            if begun >= 0 and delimiter.startswith(held[begun:]):
                end = begun
        if end:
            kind = Kind.OUTSIDE if self._part < 0 else Kind.CONTENT
            told.append(Piece(self._take(end), kind, self._part))
        return self._in_head

    def _read_head(self, told: list[Piece]) -> bool:
        """The delimiter is there; what follows says what it is."""
        held = self._held
        start = len(self._delimiter) - (0 if held.startswith(b"\r") else 2)
        if len(held) < start + 2:
            return False
        if held.startswith(b"--", start):
            told.append(Piece(self._take(start + 2), Kind.END))
            self._ended, self._in_head = True, False
            return True
        line = start
        while line < min(len(held), MAX_HEAD_BYTES) and held[line] in b" \t":
            line += 1
        if not b"\r\n".startswith(held[line : line + 2]):
            self._broken = "multipart_delimiter"
            return True
        end = held.find(b"\r\n\r\n", line)
        if end < 0 and len(held) < MAX_HEAD_BYTES + 4:
            return False
        if not 0 <= end <= MAX_HEAD_BYTES:
            self._broken = "multipart_head_too_long"
            return True
        if self._part + 1 >= MAX_PARTS:
            self._broken = "multipart_too_many_parts"
            return True
        try:
            head = _parse_head(bytes(held[line + 2 : end + 2]))
        except Malformed as malformed:
            self._broken = malformed.name
            return True
        self._part += 1
        self._in_head = False
        told.append(Piece(self._take(end + 4), Kind.HEAD, self._part, head))
        return True

    def _take(self, end: int) -> bytes:
        raw = bytes(self._held[:end])
        del self._held[:end]
        return raw


def _parse_head(data: bytes) -> PartHead:
    """Header fields of lines that each end with CR LF."""
    fields: list[tuple[str, str]] = []
    # RFC 7578, section 5.1: names may hold UTF-8.
    for line in data.decode("utf-8", "replace").split("\r\n")[:-1]:
        field = _FIELD.fullmatch(line)
        if field is None or "\r" in line or "\n" in line or "\0" in line:
            raise Malformed("multipart_head")
        fields.append((field[1].lower(), field[2]))
    known = dict(fields)
    if len(known) != len(fields):
        raise Malformed("multipart_head")
    _, parameters = _parse_value(known.get("content-disposition", ""))
    filename = parameters.get("filename")
    extended = parameters.get("filename*")
    if extended is not None:
        # RFC 7578, section 4.2: not to be sent, and some send it.
        filename = unquote_to_bytes(extended.rpartition("'")[2]).decode("utf-8", "replace")
    return PartHead(tuple(fields), parameters.get("name"), filename, known.get("content-type"))


def _parse_value(value: str) -> tuple[str, dict[str, str]]:
    """``form-data; name="a"``: what stands before the first semicolon, and the parameters."""
    kind, _, _ = value.partition(";")
    at = len(kind)
    parameters: dict[str, str] = {}
    while value[at:].strip("; \t"):
        found = _PARAMETER.match(value, at)
        key = found[1].lower() if found else ""
        if found is None or key in parameters:
            raise Malformed("multipart_head")
        text = found[2]
        parameters[key] = (
            _ESCAPE.sub(lambda match: _ESCAPED[match[0].upper()], text[1:-1]) if text[:1] == '"' else text
        )
        at = found.end()
    return kind.strip(" \t"), parameters
