"""
WebSocket: frames from bytes that were cut anywhere, messages from frames, and permessage-deflate.

``FrameReader`` tells one frame after another and keeps its bytes. ``Messages`` takes the frames of one
direction and puts messages together; a control frame between two fragments is told at once, before the
message.

With permessage-deflate the decoder's window goes on from message to message, unless ``no_context_takeover``
was agreed. So what is not decoded (too large, malformed) takes every later compressed message with it, and
whoever replaces a compressed message must send all later ones of that direction without compression.

Bounds: one frame of at most ``max_bytes``, and one message of at most ``max_bytes``, compressed and not, and
of at most ``MAX_FRAGMENTS`` frames.

Sources: RFC 6455, sections 5.2 to 5.5 and 8.1; RFC 7692, sections 7.1 and 7.2.
"""

from __future__ import annotations

import re
import zlib
from enum import IntEnum
from typing import NamedTuple

from sensor.errors import Malformed
from sensor.wire.cutting import DEFAULT_MAX_BYTES, LengthReader

__all__ = [
    "MAX_FRAGMENTS",
    "Deflate",
    "Frame",
    "FrameReader",
    "Message",
    "Messages",
    "Opcode",
    "parse_deflate",
    "write_frame",
]

MAX_FRAGMENTS = 10_000
"""Frames of one message."""
_MAX_CONTROL_BYTES = 125
_MAX_STREAMS = 64
"""DEFLATE streams that end within one message."""


class Opcode(IntEnum):
    """What a frame is (section 5.2); all others are reserved."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


_OPCODES = {int(code): code for code in Opcode}


class Frame(NamedTuple):
    """One frame."""

    raw: bytes
    opcode: Opcode = Opcode.CONTINUATION
    fin: bool = True
    rsv: int = 0
    """The three reserved bits: 4 is RSV1, which with permessage-deflate marks a compressed message."""
    masked: bool = False
    payload: bytes | None = None
    """Without its mask; ``None`` where the frame is not whole."""
    odd: str | None = None
    """
    ``websocket_incomplete``, ``websocket_too_long``, or, with all that follows, ``websocket_opcode``,
    ``websocket_control`` (a control frame that is long or a fragment) or ``websocket_length``.
    """


class FrameReader(LengthReader[Frame]):
    """Frames of one direction."""

    too_long = "websocket_too_long"
    incomplete = "websocket_incomplete"

    def _size(self, held: bytearray, start: int) -> int | None:
        have = len(held) - start
        if have < 2:
            return None
        first, second = held[start], held[start + 1]
        if first & 0x0F not in _OPCODES:
            raise Malformed("websocket_opcode")
        length = second & 0x7F
        if first & 0x08 and (length > _MAX_CONTROL_BYTES or not first & 0x80):
            # Section 5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be
            # fragmented."
            raise Malformed("websocket_control")
        head = _head_size(second)
        if have < head:
            return None
        if length > _MAX_CONTROL_BYTES:
            extended = 2 if length == 126 else 8
            length = int.from_bytes(held[start + 2 : start + 2 + extended], "big")
            # "the minimal number of bytes MUST be used to encode the length", and of eight bytes "the most
            # significant bit MUST be 0".
            if length < 126 or (extended == 8 and not 0xFFFF < length < 1 << 63):
                raise Malformed("websocket_length")
        return head + length

    def _frame(self, raw: bytes) -> Frame:
        first, second = raw[0], raw[1]
        head = _head_size(second)
        payload = raw[head:]
        masked = bool(second & 0x80)
        if masked:
            payload = _mask(payload, raw[head - 4 : head])
        return Frame(raw, _OPCODES[first & 0x0F], bool(first & 0x80), first >> 4 & 7, masked, payload)

    def _odd(self, raw: bytes, name: str) -> Frame:
        return Frame(raw, odd=name)


def _head_size(second: int) -> int:
    return 2 + {126: 2, 127: 8}.get(second & 0x7F, 0) + (4 if second & 0x80 else 0)


def _mask(payload: bytes, key: bytes) -> bytes:
    """Section 5.3: octet i of one is octet i of the other, XOR octet i mod 4 of the key."""
    size = len(payload)
    stream = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")


def write_frame(
    opcode: Opcode, payload: bytes, *, fin: bool = True, rsv: int = 0, mask: bytes | None = None
) -> bytes:
    """A frame; a client's has a ``mask`` of four bytes, which should not be foreseeable (section 5.3)."""
    size = len(payload)
    flag = 0x80 if mask is not None else 0
    if size < 126:
        length = bytes((flag | size,))
    elif size <= 0xFFFF:
        length = bytes((flag | 126,)) + size.to_bytes(2, "big")
    else:
        length = bytes((flag | 127,)) + size.to_bytes(8, "big")
    head = bytes(((0x80 if fin else 0) | rsv << 4 | opcode,)) + length
    return head + payload if mask is None else head + mask + _mask(payload, mask)


class Message(NamedTuple):
    """A message, or a control frame."""

    opcode: Opcode
    frames: tuple[Frame, ...]
    """What it came in; where it is too long, only some of it (more follows with the same oddity)."""
    data: bytes | None = None
    compressed: bool = False
    odd: str | None = None
    """
    An oddity of a frame, or ``websocket_too_long``, ``websocket_fragment`` (a continuation of nothing, or
    something new within a message), ``websocket_reserved`` (bits that nothing gives a meaning to),
    ``websocket_deflate`` (malformed), ``websocket_deflate_lost`` (a message before was not decoded), or
    ``websocket_unended``.
    """

    @property
    def text(self) -> str | None:
        """What a text message says; ``None`` where it is no UTF-8 (section 8.1: the connection fails)."""
        if self.opcode is not Opcode.TEXT or self.data is None:
            return None
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            return None


class Deflate(NamedTuple):
    """What was agreed for permessage-deflate (RFC 7692, section 7.1)."""

    client_no_context_takeover: bool = False
    server_no_context_takeover: bool = False
    client_max_window_bits: int = 15
    server_max_window_bits: int = 15


_PARAMETER = re.compile(r'[ \t]*([a-z_]+)[ \t]*(?:=[ \t]*"?([0-9]+)"?[ \t]*)?', re.IGNORECASE)


def parse_deflate(value: str) -> Deflate | None:
    """
    The permessage-deflate of a server's Sec-WebSocket-Extensions field; ``None`` where it has none.

    Raises ``Malformed`` (``websocket_extension``) where another extension or parameter was agreed, for then
    frames mean what is not known here.
    """
    if not value.strip(" \t"):
        return None
    name, *parameters = value.split(";")
    if name.strip(" \t").lower() != "permessage-deflate":
        raise Malformed("websocket_extension")
    found: dict[str, int] = {}
    for parameter in parameters:
        match = _PARAMETER.fullmatch(parameter)
        key = match[1].lower() if match else ""
        bits = int(match[2]) if match and match[2] and len(match[2]) < 3 else None
        if key not in Deflate._fields or key in found or (bits is None) != key.endswith("takeover"):
            raise Malformed("websocket_extension")
        if bits is not None and not 8 <= bits <= 15:
            raise Malformed("websocket_extension")
        found[key] = bits or 1
    return Deflate(
        "client_no_context_takeover" in found,
        "server_no_context_takeover" in found,
        found.get("client_max_window_bits", 15),
        found.get("server_max_window_bits", 15),
    )


class Messages:
    """Messages of one direction from its frames, in order."""

    def __init__(
        self, *, deflate: Deflate | None = None, from_client: bool, max_bytes: int = DEFAULT_MAX_BYTES
    ) -> None:
        self._max_bytes = max_bytes
        self._frames: list[Frame] = []
        self._size = 0
        self._passing: Opcode | None = None
        """What the rest of a message is that is too long."""
        self._inflate: _Inflate | None = None
        if deflate is not None:
            fresh = deflate.client_no_context_takeover if from_client else deflate.server_no_context_takeover
            bits = deflate.client_max_window_bits if from_client else deflate.server_max_window_bits
            self._inflate = _Inflate(fresh, bits)

    def add(self, frame: Frame) -> Message | None:
        """
        The message that this frame completes, or the control frame that it is; ``None`` where more is due.
        """
        if frame.payload is None:
            return self._drop(frame, frame.odd)
        if frame.opcode >= Opcode.CLOSE:
            if frame.rsv:
                return Message(frame.opcode, (frame,), odd="websocket_reserved")
            return Message(frame.opcode, (frame,), frame.payload)
        begins = frame.opcode is not Opcode.CONTINUATION
        if self._passing is not None and not begins:
            told = Message(self._passing, (frame,), odd="websocket_too_long")
            self._passing = None if frame.fin else self._passing
            return told
        if begins == bool(self._frames) or self._passing is not None:
            return self._drop(frame, "websocket_fragment")
        self._frames.append(frame)
        self._size += len(frame.payload)
        if self._size > self._max_bytes or len(self._frames) > MAX_FRAGMENTS:
            first = self._frames[0]
            told = self._drop(None, "websocket_too_long")
            self._passing = None if frame.fin else first.opcode
            return told
        return self._finish_message() if frame.fin else None

    def finish(self) -> Message | None:
        """The direction is over: the message whose last fragment did not come."""
        return self._drop(None, "websocket_unended") if self._frames else None

    def _drop(self, frame: Frame | None, odd: str | None) -> Message:
        """All that is held and this frame, not decoded."""
        frames = (*self._frames, frame) if frame is not None else tuple(self._frames)
        self._forget()
        self._passing = None
        if self._inflate is not None:
            self._inflate.lose()
        return Message(frames[0].opcode, frames, odd=odd)

    def _finish_message(self) -> Message:
        frames = tuple(self._frames)
        self._forget()
        opcode, rsv = frames[0].opcode, frames[0].rsv
        data = b"".join(frame.payload or b"" for frame in frames)
        # RFC 7692, section 6: only the first fragment has RSV1 set.
        if rsv & (3 if self._inflate is not None else 7) or any(frame.rsv for frame in frames[1:]):
            return Message(opcode, frames, odd="websocket_reserved")
        if not rsv or self._inflate is None:
            return Message(opcode, frames, data)
        try:
            return Message(opcode, frames, self._inflate.decode(data, self._max_bytes), True)
        except Malformed as malformed:
            return Message(opcode, frames, None, True, malformed.name)

    def _forget(self) -> None:
        self._frames = []
        self._size = 0


class _Inflate:
    """
    The decompressor of one direction.

    Source: RFC 7692, section 7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of
    the message. … Decompress the resulting data using DEFLATE."
    """

    def __init__(self, fresh: bool, bits: int) -> None:
        self._fresh = fresh
        self._bits = bits
        self._lost = False
        self._stream = zlib.decompressobj(-bits)

    def lose(self) -> None:
        """A message was passed by: unless each begins anew, what follows cannot be decoded."""
        self._lost = not self._fresh

    def decode(self, data: bytes, max_bytes: int) -> bytes:
        if self._lost:
            raise Malformed("websocket_deflate_lost")
        if self._fresh:
            self._stream = zlib.decompressobj(-self._bits)
        told, data = b"", data + b"\x00\x00\xff\xff"
        for _ in range(_MAX_STREAMS):
            try:
                told += self._stream.decompress(data, max_bytes + 1 - len(told))
            except zlib.error:
                break
            if not self._stream.eof or len(told) > max_bytes:
                return self._within(told, max_bytes)
            # A final block ends the DEFLATE stream within the message (section 7.2.3.4): the next begins.
            data = self._stream.unused_data
            self._stream = zlib.decompressobj(-self._bits)
        self.lose()
        raise Malformed("websocket_deflate")

    def _within(self, told: bytes, max_bytes: int) -> bytes:
        if len(told) > max_bytes:
            self.lose()
            raise Malformed("websocket_too_long")
        return told
