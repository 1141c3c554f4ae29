"""
The answers of Google's web applications: a guard, then again and again a length, a line end and JSON.

::

    )]}'

    105
    [["wrb.fr",null,"[…]"]]
    26
    [["di",1234],["e",4]]

What the length counts: UTF-16 code units, as JavaScript counts a string, from right behind its last digit to
right before the next length: the line ends before and behind the JSON are in it. That is how the web client
gemini_webapi reads it (github.com/HanaokaYuzu/Gemini-API, src/gemini_webapi/utils/parsing.py, commit 092d75e,
read 2026-09). It is not documented, and others take it for bytes (github.com/pndurette/pybatchexecute,
docs/response-formats.md) or leave the line ends out. So here the end of a frame is where its JSON ends,
whatever the length says; a length that none of the two ways of counting line ends explains is told as odd,
and the frame has its data all the same. What is written anew has the length that it had, plus the units that
came and minus those that went.

Bounds: one frame of at most ``max_bytes`` is held.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sensor.wire.cutting import DEFAULT_MAX_BYTES
from sensor.wire.jsonscan import ValueScanner

__all__ = ["LengthLine", "LengthLinesReader", "rewrite", "utf16_length"]

_GUARD = rb"[ \t\r\n]{0,64}(?:\)\]\}'[ \t\r\n]{0,64})?"
_HEAD = re.compile(_GUARD + rb"([0-9]{1,9})\r?\n[ \t\r\n]{0,64}(?=[\[{])")
_HEAD_BEGUN = re.compile(
    rb"[ \t\r\n]{0,64}(?:\)|\)\]|\)\]\}|\)\]\}'[ \t\r\n]{0,64})?(?:[0-9]{1,9}(?:\r|\r?\n[ \t\r\n]{0,64})?)?"
)
_BLANK = re.compile(rb"[ \t\r\n]*(?:\)\]\}'[ \t\r\n]*)?")

_CONTINUATIONS = bytes(range(0x80, 0xC0))
_BUT_PAIRS = bytes(byte for byte in range(256) if not 0xF0 <= byte <= 0xF7)


class LengthLine(NamedTuple):
    """One frame: a length and its JSON, and what stands before."""

    raw: bytes
    data: bytes | None = None
    """The JSON; ``None`` where it is not whole."""
    length: int = 0
    """As it stands there."""
    start: int = 0
    """Where in ``raw`` the JSON begins; it ends with it."""
    odd: str | None = None
    """
    ``lengthlines_unended``, ``lengthlines_too_long``, ``lengthlines_malformed`` (and all that follows), or
    ``lengthlines_length`` where the length is another.
    """


class LengthLinesReader:
    """Frames from bytes that were cut anywhere."""

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._scanner: ValueScanner | None = None
        self._start = 0
        self._length = 0
        self._passing = False
        self._broken = False

    def feed(self, data: bytes) -> list[LengthLine]:
        """The frames that these bytes complete."""
        told: list[LengthLine] = []
        held = self._held
        held += data
        while held:
            if self._broken:
                told.append(LengthLine(self._take(len(held)), odd="lengthlines_malformed"))
                break
            if self._scanner is None:
                head = _HEAD.match(held)
                if head is None:
                    if _HEAD_BEGUN.fullmatch(held):
                        break
                    self._broken = True
                    continue
                self._start, self._length = head.end(), int(head[1])
                self._scanner = ValueScanner(self._start)
            end = self._scanner.find_end(held)
            if end is None:
                break
            self._tell(end, told)
        if self._scanner is not None and (self._passing or len(held) > self._max_bytes):
            raw = self._take(self._scanner.at)
            self._scanner.at = 0
            self._passing = True
            if raw:
                told.append(LengthLine(raw, odd="lengthlines_too_long"))
        return told

    def finish(self) -> list[LengthLine]:
        """The stream is over: what has begun and not ended."""
        raw = self._take(len(self._held))
        if not raw:
            return []
        if self._passing:
            return [LengthLine(raw, odd="lengthlines_too_long")]
        return [LengthLine(raw, odd=None if _BLANK.fullmatch(raw) else "lengthlines_unended")]

    def _tell(self, end: int, told: list[LengthLine]) -> None:
        raw = self._take(end)
        if self._passing or len(raw) > self._max_bytes:
            told.append(LengthLine(raw, odd="lengthlines_too_long"))
        else:
            data = raw[self._start :]
            odd = None if self._length - utf16_length(data) in (0, 1, 2) else "lengthlines_length"
            told.append(LengthLine(raw, data, self._length, self._start, odd))
        self._passing, self._scanner = False, None

    def _take(self, end: int) -> bytes:
        raw = bytes(self._held[:end])
        del self._held[:end]
        return raw


def rewrite(frame: LengthLine, data: bytes) -> bytes:
    """
    The frame's bytes with other JSON and the length that goes with it.

    Raises ``ValueError`` where the frame has none.
    """
    if frame.data is None:
        raise ValueError("a frame without data")
    over = 2 if frame.odd else frame.length - utf16_length(frame.data)
    lead = frame.raw[: frame.start]
    digits = lead.rstrip(b" \t\r\n")
    guard = digits.rstrip(b"0123456789")
    return b"".join((guard, b"%d" % (utf16_length(data) + over), lead[len(digits) :], data))


def utf16_length(data: bytes) -> int:
    """The UTF-16 code units of a text in UTF-8: one for each character, two beyond U+FFFF."""
    if data.isascii():
        return len(data)
    return len(data.translate(None, _CONTINUATIONS)) + len(data.translate(None, _BUT_PAIRS))
