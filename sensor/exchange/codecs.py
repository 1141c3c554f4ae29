"""
The framings of ``wire`` in one form, for ``Lanes``: bytes to frames, frames with another payload, new frames.

Every frame keeps the bytes it came in; what no framing can make anew (a compressed envelope, Google's length
lines) is said by ``None``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sensor.dialects.reading import Framing
from sensor.exchange.lanes import Codec, Piece
from sensor.wire import envelopes, eventstream, jsonarray, lengthlines, ndjson, signalr, sse
from sensor.wire.cutting import Record

__all__ = ["codec_for"]


class _Sse:
    def __init__(self) -> None:
        self._reader = sse.SseReader()

    def feed(self, data: bytes) -> list[Piece]:
        return [_event(frame) for frame in self._reader.feed(data)]

    def finish(self) -> list[Piece]:
        # Readers drop an event that the end cuts off (WHATWG HTML, section 9.2.6); some clients do not.
        return [_event(frame) for frame in self._reader.finish()]

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return sse.rewrite(piece.frame, data.decode("utf-8"))

    def build(self, event: str | None, data: bytes) -> bytes | None:
        return sse.write_event(data.decode("utf-8"), event)


def _event(frame: sse.SseFrame) -> Piece:
    data = frame.data.encode("utf-8", "replace") if frame.data is not None else None
    return Piece(frame.raw, frame.event, data, frame, frame.odd if data is None else None)


class _Lines:
    def __init__(self) -> None:
        self._reader = ndjson.NdjsonReader()

    def feed(self, data: bytes) -> list[Piece]:
        return [_record(record) for record in self._reader.feed(data)]

    def finish(self) -> list[Piece]:
        return [_record(record) for record in self._reader.finish()]

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return ndjson.rewrite(piece.frame, data)

    def build(self, event: str | None, data: bytes) -> bytes | None:
        return data + b"\n"


def _record(record: Record) -> Piece:
    # A line's CR belongs to its end, which stays; an empty line says nothing.
    data = (record.data.strip() or None) if record.data is not None else None
    return Piece(record.raw, None, data, record, record.odd if record.data is None else None)


class _Array:
    def __init__(self) -> None:
        self._reader = jsonarray.JsonArrayReader()

    def feed(self, data: bytes) -> list[Piece]:
        return [_element(element) for element in self._reader.feed(data)]

    def finish(self) -> list[Piece]:
        return [_element(element) for element in self._reader.finish()]

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return jsonarray.rewrite(piece.frame, data)

    def build(self, event: str | None, data: bytes) -> bytes | None:
        # A lane grew before it ends, so an element stands before this one.
        return b"," + data


def _element(element: jsonarray.Element) -> Piece:
    return Piece(element.raw, None, element.data, element, element.odd)


class _Messages:
    """application/vnd.amazon.eventstream; the event is the ``:event-type``."""

    def __init__(self) -> None:
        self._reader = eventstream.EventStreamReader()

    def feed(self, data: bytes) -> list[Piece]:
        return [_message(message) for message in self._reader.feed(data)]

    def finish(self) -> list[Piece]:
        return [_message(message) for message in self._reader.finish()]

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return eventstream.replace_payload(piece.frame, data)

    def build(self, event: str | None, data: bytes) -> bytes | None:
        headers = [
            eventstream.text_header(":event-type", event or "chunk"),
            eventstream.text_header(":content-type", "application/json"),
            eventstream.text_header(":message-type", "event"),
        ]
        return eventstream.write_message(headers, data)


def _message(message: eventstream.Message) -> Piece:
    event = message.text(":event-type") or message.text(":exception-type")
    return Piece(message.raw, event, message.payload or None, message, message.odd)


class _Envelopes:
    """Connect and gRPC. A compressed message is opaque here."""

    def __init__(self) -> None:
        self._reader = envelopes.EnvelopeReader()

    def feed(self, data: bytes) -> list[Piece]:
        return [_envelope(envelope) for envelope in self._reader.feed(data)]

    def finish(self) -> list[Piece]:
        return [_envelope(envelope) for envelope in self._reader.finish()]

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return envelopes.write_envelope(data, piece.frame.flags)

    def build(self, event: str | None, data: bytes) -> bytes | None:
        return envelopes.write_envelope(data)


def _envelope(envelope: envelopes.Envelope) -> Piece:
    odd = envelope.odd or ("envelope_compressed" if envelope.compressed else None)
    data = None if odd else envelope.data
    return Piece(envelope.raw, "end" if envelope.end_stream else None, data, envelope, odd)


class _LengthLines:
    def __init__(self) -> None:
        self._reader = lengthlines.LengthLinesReader()

    def feed(self, data: bytes) -> list[Piece]:
        return [_line(line) for line in self._reader.feed(data)]

    def finish(self) -> list[Piece]:
        return [_line(line) for line in self._reader.finish()]

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return lengthlines.rewrite(piece.frame, data)

    def build(self, event: str | None, data: bytes) -> bytes | None:
        return None


def _line(line: lengthlines.LengthLine) -> Piece:
    return Piece(line.raw, None, line.data, line, line.odd if line.data is None else None)


class _Whole:
    """A WebSocket's text message is one frame."""

    def feed(self, data: bytes) -> list[Piece]:
        return [Piece(data, None, data or None)]

    def finish(self) -> list[Piece]:
        return []

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return data

    def build(self, event: str | None, data: bytes) -> bytes | None:
        # A message of its own: the caller sends it as one.
        return None


class _Records:
    """SignalR's JSON records; a message may hold several."""

    def __init__(self) -> None:
        self._reader = signalr.SignalrReader()

    def feed(self, data: bytes) -> list[Piece]:
        return [_record(record) for record in self._reader.feed(data)]

    def finish(self) -> list[Piece]:
        return [_record(record) for record in self._reader.finish()]

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return data + signalr.RECORD_END

    def build(self, event: str | None, data: bytes) -> bytes | None:
        return data + signalr.RECORD_END


_CODECS: dict[Framing, Callable[[], Any]] = {
    Framing.SSE: _Sse,
    Framing.NDJSON: _Lines,
    Framing.JSON_ARRAY: _Array,
    Framing.EVENTSTREAM: _Messages,
    Framing.CONNECT: _Envelopes,
    Framing.WEBSOCKET: _Whole,
    Framing.SIGNALR: _Records,
    Framing.LENGTH_LINES: _LengthLines,
}


def codec_for(framing: Framing) -> Codec:
    """A fresh reader and writer of one stream."""
    codec: Codec = _CODECS[framing]()
    return codec
