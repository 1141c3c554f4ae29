"""
application/vnd.amazon.eventstream: messages with typed headers and two checksums, both ways.

A message is a prelude (length of all, length of the headers, CRC32 of these eight bytes), headers, a payload,
and a CRC32 of everything before it; all numbers are big-endian. What is written has both checksums right, so
a payload can be replaced and the headers stay byte for byte what they were.

A wrong checksum of a message makes that message odd. A wrong prelude makes its length worthless, and with it
all that follows.

Bounds: one message of at most ``max_bytes`` is held; headers and payload have the limits of the SDKs.

Sources: smithy.io/2.0/aws/amazon-eventstream.html (the encoding, and its ten types of header values);
botocore 1.44 ``eventstream.py`` (the limits, duplicate headers refused), read 2026-09.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple
from zlib import crc32

from sensor.errors import Malformed
from sensor.wire.cutting import LengthReader

__all__ = [
    "MAX_HEADERS_BYTES",
    "MAX_MESSAGE_BYTES",
    "MAX_PAYLOAD_BYTES",
    "EventStreamReader",
    "Header",
    "HeaderType",
    "Message",
    "replace_payload",
    "text_header",
    "write_message",
]

MAX_HEADERS_BYTES = 128 * 1024
MAX_PAYLOAD_BYTES = 24 * 1024 * 1024

_PRELUDE = struct.Struct(">III")
_CRC = struct.Struct(">I")
_OVERHEAD = _PRELUDE.size + _CRC.size
MAX_MESSAGE_BYTES = _OVERHEAD + MAX_HEADERS_BYTES + MAX_PAYLOAD_BYTES


class HeaderType(IntEnum):
    """The type of a header's value, as the byte before it says."""

    TRUE = 0
    FALSE = 1
    BYTE = 2
    SHORT = 3
    INTEGER = 4
    LONG = 5
    BYTES = 6
    STRING = 7
    TIMESTAMP = 8
    """Milliseconds since the epoch."""
    UUID = 9
    """16 bytes."""


class Header(NamedTuple):
    """One header."""

    name: str
    type: HeaderType
    value: bool | int | bytes | str
    """By its type; ``bytes`` for ``BYTES`` and ``UUID``."""


_INTEGERS = {
    HeaderType.BYTE: struct.Struct(">b"),
    HeaderType.SHORT: struct.Struct(">h"),
    HeaderType.INTEGER: struct.Struct(">i"),
    HeaderType.LONG: struct.Struct(">q"),
    HeaderType.TIMESTAMP: struct.Struct(">q"),
}
_UUID_BYTES = 16


class Message(NamedTuple):
    """One message."""

    raw: bytes
    headers: tuple[Header, ...] = ()
    payload: bytes | None = None
    """``None`` where the message is not whole, or not what its checksum says."""
    odd: str | None = None
    """
    ``eventstream_incomplete``, ``eventstream_too_long``, ``eventstream_prelude`` (and all that follows),
    ``eventstream_checksum``, ``eventstream_headers`` or ``eventstream_duplicate_header``.
    """

    def text(self, name: str) -> str | None:
        """The value of a header that is a string, such as ``:event-type`` or ``:message-type``."""
        for header in self.headers:
            if header.name == name and isinstance(header.value, str):
                return header.value
        return None


class EventStreamReader(LengthReader[Message]):
    """Messages from bytes that were cut anywhere."""

    too_long = "eventstream_too_long"
    incomplete = "eventstream_incomplete"

    def __init__(self, max_bytes: int = MAX_MESSAGE_BYTES) -> None:
        super().__init__(max_bytes)

    def _size(self, held: bytearray, start: int) -> int | None:
        if len(held) - start < _PRELUDE.size:
            return None
        size: int
        size, headers, checksum = _PRELUDE.unpack_from(held, start)
        if crc32(held[start : start + 8]) != checksum or size < _OVERHEAD + headers:
            raise Malformed("eventstream_prelude")
        return size

    def _frame(self, raw: bytes) -> Message:
        if crc32(raw[: -_CRC.size]) != _CRC.unpack_from(raw, len(raw) - _CRC.size)[0]:
            return Message(raw, odd="eventstream_checksum")
        end = _PRELUDE.size + _PRELUDE.unpack_from(raw)[1]
        payload = raw[end : -_CRC.size]
        if end - _PRELUDE.size > MAX_HEADERS_BYTES or len(payload) > MAX_PAYLOAD_BYTES:
            return Message(raw, odd=self.too_long)
        try:
            headers = _read_headers(raw[_PRELUDE.size : end])
        except Malformed as malformed:
            return Message(raw, odd=malformed.name)
        return Message(raw, headers, payload)

    def _odd(self, raw: bytes, name: str) -> Message:
        return Message(raw, odd=name)


def _read_headers(data: bytes) -> tuple[Header, ...]:
    headers: dict[str, Header] = {}
    at = 0
    try:
        while at < len(data):
            name_end = at + 1 + data[at]
            name = data[at + 1 : name_end].decode("utf-8")
            kind = HeaderType(data[name_end])
            value, at = _read_value(kind, data, name_end + 1)
            if name in headers:
                raise Malformed("eventstream_duplicate_header")
            headers[name] = Header(name, kind, value)
    except (IndexError, ValueError, struct.error):
        raise Malformed("eventstream_headers") from None
    return tuple(headers.values())


def _read_value(kind: HeaderType, data: bytes, at: int) -> tuple[bool | int | bytes | str, int]:
    """A value, and where it ends."""
    if kind in (HeaderType.TRUE, HeaderType.FALSE):
        return kind is HeaderType.TRUE, at
    number = _INTEGERS.get(kind)
    if number is not None:
        return int(number.unpack_from(data, at)[0]), at + number.size
    if kind is HeaderType.UUID:
        end = at + _UUID_BYTES
    else:
        at += 2
        end = at + (data[at - 2] << 8 | data[at - 1])
    if end > len(data):
        raise IndexError
    value = data[at:end]
    return (value.decode("utf-8") if kind is HeaderType.STRING else value), end


def text_header(name: str, value: str) -> Header:
    """A header with a string."""
    return Header(name, HeaderType.STRING, value)


def write_message(headers: Sequence[Header], payload: bytes) -> bytes:
    """
    A message with its checksums.

    Raises ``ValueError`` where a header or the payload is beyond what the format or its readers take.
    """
    return _assemble(b"".join(_write_header(header) for header in headers), payload)


def replace_payload(message: Message, payload: bytes) -> bytes:
    """The message with another payload and the headers as they stood; checksums are made anew."""
    if message.payload is None:
        raise ValueError("a message that was not read")
    end = len(message.raw) - _CRC.size - len(message.payload)
    return _assemble(message.raw[_PRELUDE.size : end], payload)


def _assemble(headers: bytes, payload: bytes) -> bytes:
    if len(headers) > MAX_HEADERS_BYTES or len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError("a message beyond the limits of its readers")
    sizes = struct.pack(">II", _OVERHEAD + len(headers) + len(payload), len(headers))
    body = b"".join((sizes, _CRC.pack(crc32(sizes)), headers, payload))
    return body + _CRC.pack(crc32(body))


def _write_header(header: Header) -> bytes:
    name = header.name.encode("utf-8")
    if len(name) > 255:
        raise ValueError("a header's name of more than 255 bytes")
    return b"".join((bytes((len(name),)), name, bytes((header.type,)), _write_value(header)))


def _write_value(header: Header) -> bytes:
    kind, value = header.type, header.value
    number = _INTEGERS.get(kind)
    if kind in (HeaderType.TRUE, HeaderType.FALSE):
        return b""
    if number is not None and isinstance(value, int):
        try:
            return number.pack(value)
        except struct.error as error:
            raise ValueError(f"a header's number out of range: {error}") from None
    data = value.encode("utf-8") if isinstance(value, str) else value
    if not isinstance(data, bytes) or number is not None:
        raise ValueError("a header's value of another type")
    if kind is HeaderType.UUID:
        if len(data) != _UUID_BYTES:
            raise ValueError("a UUID of not 16 bytes")
        return data
    if len(data) > 65_535:
        raise ValueError("a header's value of more than 65,535 bytes")
    return len(data).to_bytes(2, "big") + data
