"""
A JSON array that is streamed element by element: Gemini's answer without ``alt=sse``.

A frame is an element with whatever stands before it (the opening bracket, the comma, blanks), and is told
when its last byte has come: an object or array at its closing bracket, a number at the byte behind it. The
closing bracket of the array is a frame without an element.

Bounds: one element of at most ``max_bytes`` is held.

Source: RFC 8259, sections 2 and 5; ai.google.dev/api, "streamGenerateContent" (read 2026-09).
"""

from __future__ import annotations

from typing import NamedTuple

from sensor.wire.cutting import DEFAULT_MAX_BYTES
from sensor.wire.jsonscan import BLANKS, ValueScanner

__all__ = ["Element", "JsonArrayReader", "rewrite"]

_OPEN, _FIRST, _VALUE, _NEXT, _AFTER = range(5)


class Element(NamedTuple):
    """One element and what stands before it."""

    raw: bytes
    data: bytes | None = None
    """The element; ``None`` for the end of the array, and for what cannot be read."""
    start: int = 0
    """Where in ``raw`` the element begins; it ends with it."""
    odd: str | None = None
    """
    ``jsonarray_unended``, ``jsonarray_too_long``, ``jsonarray_no_array`` (and all that follows),
    ``jsonarray_malformed`` (the same) or ``jsonarray_trailing`` (the same).
    """


class JsonArrayReader:
    """Elements from bytes that were cut anywhere."""

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._state = _OPEN
        self._at = 0
        self._scanner: ValueScanner | None = None
        self._start = 0
        self._passing = False
        self._broken: str | None = None

    def feed(self, data: bytes) -> list[Element]:
        """The elements that these bytes complete."""
        told: list[Element] = []
        self._held += data
        while self._held and self._step(told):
            pass
        if self._broken is None and len(self._held) > self._max_bytes or self._passing:
            self._pass(told)
        return told

    def finish(self) -> list[Element]:
        """The stream is over: what has begun and not ended."""
        raw = bytes(self._held)
        self._held.clear()
        if not raw:
            return []
        odd = None if self._state == _AFTER else "jsonarray_unended"
        return [Element(raw, odd="jsonarray_too_long" if self._passing else odd)]

    def _step(self, told: list[Element]) -> bool:
        """Go one byte or value on; whether there is more to do."""
        held = self._held
        if self._broken is not None:
            told.append(Element(self._take(len(held)), odd=self._broken))
            return False
        if self._scanner is not None:
            end = self._scanner.find_end(held)
            if end is None:
                return False
            self._tell(end, told)
            return True
        blanks = BLANKS.match(held, self._at)
        self._at = blanks.end() if blanks else self._at
        if self._at == len(held):
            return False
        byte = held[self._at]
        if byte == 0x5D and self._state in (_FIRST, _NEXT):  # ]
            odd = "jsonarray_too_long" if self._passing else None
            told.append(Element(self._take(self._at + 1), odd=odd))
            self._state, self._passing = _AFTER, False
        elif self._state == _OPEN:
            self._expect(byte == 0x5B, _FIRST, "jsonarray_no_array")  # [
        elif self._state == _NEXT:
            self._expect(byte == 0x2C, _VALUE, "jsonarray_malformed")  # ,
        elif self._state == _AFTER or byte in b",:]}":
            self._broken = "jsonarray_trailing" if self._state == _AFTER else "jsonarray_malformed"
        else:
            self._start = self._at
            self._scanner = ValueScanner(self._at)
        return True

    def _expect(self, fits: bool, state: int, otherwise: str) -> None:
        if fits:
            self._state = state
            self._at += 1
        else:
            self._broken = otherwise

    def _tell(self, end: int, told: list[Element]) -> None:
        start = self._start
        raw = self._take(end)
        if self._passing or len(raw) > self._max_bytes:
            # Of a number that is too long, all may have gone before its end was seen.
            told += [Element(raw, odd="jsonarray_too_long")] if raw else []
        else:
            told.append(Element(raw, raw[start:], start))
        self._passing, self._scanner, self._state = False, None, _NEXT

    def _pass(self, told: list[Element]) -> None:
        """Give up what has been looked at of an element that is too long."""
        self._passing = True
        scanned = self._scanner.at if self._scanner is not None else self._at
        raw = self._take(scanned)
        if self._scanner is not None:
            self._scanner.at = 0
        if raw:
            told.append(Element(raw, odd="jsonarray_too_long"))

    def _take(self, end: int) -> bytes:
        raw = bytes(self._held[:end])
        del self._held[:end]
        self._at = 0
        return raw


def rewrite(element: Element, data: bytes) -> bytes:
    """The frame's bytes with another element; raises ``ValueError`` where it has none."""
    if element.data is None:
        raise ValueError("a frame without an element")
    return element.raw[: element.start] + data
