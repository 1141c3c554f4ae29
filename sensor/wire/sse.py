"""
Server-sent events: a stream of text/event-stream to frames, and frames with other data back to bytes.

A frame is everything up to and with the empty line that ends an event: comments and unknown fields stay in
its bytes. Lines end with CR LF, LF or CR, as the stream likes. An event is told at the CR of its last line
end, for the LF may never come; where it does come it begins the next frame's bytes, which changes nothing for
a reader.

Bounds: one event of at most ``max_bytes`` is held (and three bytes, while one that is longer passes).

Source: WHATWG HTML, section 9.2.5 "Parsing an event stream" and 9.2.6 "Interpreting an event stream".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sensor.wire.cutting import DEFAULT_MAX_BYTES

__all__ = ["SseFrame", "SseReader", "rewrite", "write_event"]

_BOM = b"\xef\xbb\xbf"
# end-of-line = ( cr lf / cr / lf ). Atomic: a CR LF is never taken for two.
_LINE_END = re.compile(rb"(?>\r\n|[\r\n])")
_EVENT_END = re.compile(rb"(?>\r\n|[\r\n])(?>\r\n|[\r\n])")
_END_LENGTH = 4
_WINDOW = 4_096
_DIGITS = re.compile(r"[0-9]{1,18}")


class SseFrame(NamedTuple):
    """One event, or what stands between two (comments, empty lines)."""

    raw: bytes
    event: str | None = None
    """The ``event`` field; ``None`` stands for ``message``."""
    data: str | None = None
    """The lines of data, joined with LF; ``None`` where there is none, and readers dispatch no event."""
    id: str | None = None
    """The ``id`` field of this frame, if it has one; it holds for later frames too."""
    retry: int | None = None
    """Milliseconds."""
    odd: str | None = None
    """
    ``sse_event_too_long``, or ``sse_event_unended`` (readers drop an event that the stream's end cuts off).
    """
    lead: int = 0
    """Bytes before the first line: a byte order mark, or the LF of the line end before."""


_EMPTY = SseFrame(b"\n")


class SseReader:
    """Events from bytes that were cut anywhere."""

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._max_bytes = max(max_bytes, _END_LENGTH)
        self._held = bytearray()
        self._passing = False
        """In the middle of an event that is too long."""
        self._first = True
        self._after_cr = False
        """The last frame ended with CR: an LF right behind it belongs to that line end."""

    def feed(self, data: bytes) -> list[SseFrame]:
        """The events that these bytes complete."""
        told: list[SseFrame] = []
        held = self._held
        scanned = max(0, len(held) - _END_LENGTH + 1)
        held += data
        start = 0
        while (end := self._find_end(start, max(start, scanned))) is not None:
            raw = bytes(held[start:end])
            if self._passing or end - start > self._max_bytes:
                told.append(SseFrame(raw, odd="sse_event_too_long"))
            else:
                told.append(_read(raw, self._lead(raw)))
            self._passing = self._first = False
            self._after_cr = raw.endswith(b"\r")
            start = end
            if not self._after_cr:
                # Bare LFs by the thousand cost nothing but their frames.
                while held[start : start + 1] == b"\n":
                    told.append(_EMPTY)
                    start += 1
        del held[:start]
        if len(held) > self._max_bytes or (self._passing and len(held) >= _END_LENGTH):
            # The last bytes may begin the end of the event.
            cut = len(held) - _END_LENGTH + 1
            told.append(SseFrame(bytes(held[:cut]), odd="sse_event_too_long"))
            self._passing = True
            del held[:cut]
        return told

    def finish(self) -> list[SseFrame]:
        """The stream is over: the event whose empty line did not come."""
        raw = bytes(self._held)
        self._held.clear()
        if not raw:
            return []
        if self._passing:
            return [SseFrame(raw, odd="sse_event_too_long")]
        lead = self._lead(raw)
        return [_read(raw, lead)._replace(odd="sse_event_unended" if len(raw) > lead else None)]

    def _lead(self, raw: bytes | bytearray, start: int = 0) -> int:
        """Where the first line of the frame at ``start`` begins."""
        if self._after_cr and raw[start : start + 1] == b"\n":
            return start + 1
        return start + 3 if self._first and raw.startswith(_BOM, start) else start

    def _find_end(self, start: int, scanned: int) -> int | None:
        held = self._held
        if not self._passing:
            # An empty line at the beginning of a frame is the whole of it.
            lead = self._lead(held, start)
            empty = _LINE_END.match(held, lead)
            if empty is not None:
                return empty.end()
            scanned = max(lead, scanned)
        return _event_end(held, scanned)


def _event_end(held: bytearray, at: int) -> int | None:
    """
    Behind the first two line ends in a row; window by window, for what is not found is looked for to the end.
    """
    while at < len(held):
        stop = at + _WINDOW
        lf = held.find(b"\n", at, stop)
        cr = held.find(b"\r", at, stop if lf < 0 else lf)
        if lf < 0 and cr < 0:
            at = stop
            continue
        at = lf if cr < 0 else cr
        end = _EVENT_END.match(held, at)
        if end is not None:
            return end.end()
        at += 2 if held.startswith(b"\r\n", at) else 1
    return None


def _read(raw: bytes, lead: int) -> SseFrame:
    event = identifier = retry = None
    data: list[str] | None = None
    # "Streams must be decoded using the UTF-8 decode algorithm", which replaces what is no UTF-8.
    for line in _split(raw[lead:].decode("utf-8", "replace")):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            if data is None:
                data = []
            data.append(value)
        elif name == "event":
            event = value or None
        elif name == "id":
            # "If the field value does not contain U+0000 NULL … Otherwise, ignore the field."
            identifier = identifier if "\0" in value else value
        elif name == "retry":
            retry = int(value) if _DIGITS.fullmatch(value) else retry
    joined = None if data is None else "\n".join(data)
    return SseFrame(raw, event, joined, identifier, retry, None, lead)


def _split(text: str) -> list[str]:
    return (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text).split("\n")


def write_event(data: str, event: str | None = None, line_end: bytes = b"\n") -> bytes:
    """An event of its own."""
    lines = ([f"event: {event}"] if event is not None else []) + [f"data: {line}" for line in _split(data)]
    return b"".join(line.encode("utf-8", "replace") + line_end for line in [*lines, ""])


def rewrite(frame: SseFrame, data: str) -> bytes:
    """
    The frame's bytes with other data; every line that is no data stays as it was.

    The new data stands where the first line of data stood. Line ends in it become lines of data. What UTF-8
    cannot say (lone surrogates) becomes ``?``. Raises ``ValueError`` where the frame has no data.
    """
    if frame.data is None:
        raise ValueError("a frame without data")
    lines = _lines(frame.raw[frame.lead :])
    fields = [line.rstrip(b"\r\n") for line in lines]
    places = [at for at, field in enumerate(fields) if field == b"data" or field.startswith(b"data:")]
    first, field = places[0], fields[places[0]]
    line_end = lines[first][len(field) :]
    spaced = not field.startswith(b"data:") or field.startswith(b"data: ")
    new = (line_end or b"\n").join(_data_line(line, spaced) for line in _split(data)) + line_end
    kept = [line for at, line in enumerate(lines) if at not in places]
    return b"".join([frame.raw[: frame.lead], *kept[:first], new, *kept[first:]])


def _data_line(text: str, spaced: bool) -> bytes:
    # One space behind the colon is not part of the value, so a value that begins with one needs another.
    mark = b"data: " if spaced or text.startswith(" ") else b"data:"
    return mark + text.encode("utf-8", "replace")


def _lines(raw: bytes) -> list[bytes]:
    """The lines of a frame, each with its end."""
    lines: list[bytes] = []
    start = 0
    for end in _LINE_END.finditer(raw):
        lines.append(raw[start : end.end()])
        start = end.end()
    return [*lines, raw[start:]] if start < len(raw) else lines
