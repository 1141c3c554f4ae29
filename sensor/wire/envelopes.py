"""
Envelopes of Connect and gRPC: a byte of flags, a length of four bytes (big-endian), and a message.

What is inside (protobuf, JSON, compressed or not) is the caller's: ``compressed`` messages go through
``codings`` with the coding that the head names (``connect-content-encoding``, ``grpc-encoding``).

Bounds: one envelope of at most ``max_bytes`` with its five bytes is held.

Sources: connectrpc.com/docs/protocol, "Enveloped-Message" and "EndStreamResponse" (read 2026-08);
github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message", and doc/PROTOCOL-WEB.md for trailers
in the body.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from sensor.wire.cutting import LengthReader

__all__ = ["COMPRESSED", "END_STREAM", "TRAILERS", "Envelope", "EnvelopeReader", "write_envelope"]

COMPRESSED = 0x01
"""Connect: the least significant bit of the flags; gRPC: the Compressed-Flag."""
END_STREAM = 0x02
"""Connect: the message is the EndStreamResponse, always JSON."""
TRAILERS = 0x80
"""gRPC-Web: the most significant bit: the message is a block of trailers."""

_HEAD = struct.Struct(">BI")


class Envelope(NamedTuple):
    """One envelope."""

    raw: bytes
    flags: int
    data: bytes | None
    """The message as it stands there; ``None`` where it is not whole."""
    odd: str | None = None
    """``envelope_too_long`` or ``envelope_incomplete``."""

    @property
    def compressed(self) -> bool:
        return bool(self.flags & COMPRESSED)

    @property
    def end_stream(self) -> bool:
        """The last message: Connect's EndStreamResponse, or gRPC-Web's trailers."""
        return bool(self.flags & (END_STREAM | TRAILERS))


class EnvelopeReader(LengthReader[Envelope]):
    """Envelopes from bytes that were cut anywhere."""

    too_long = "envelope_too_long"
    incomplete = "envelope_incomplete"

    def _size(self, held: bytearray, start: int) -> int | None:
        if len(held) - start < _HEAD.size:
            return None
        return _HEAD.size + int(_HEAD.unpack_from(held, start)[1])

    def _frame(self, raw: bytes) -> Envelope:
        return Envelope(raw, raw[0], raw[_HEAD.size :])

    def _odd(self, raw: bytes, name: str) -> Envelope:
        return Envelope(raw, 0, None, name)


def write_envelope(data: bytes, flags: int = 0) -> bytes:
    """A message in its envelope."""
    return _HEAD.pack(flags, len(data)) + data
