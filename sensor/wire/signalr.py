"""
SignalR's JSON protocol: records of JSON that each end with the byte 0x1e, the handshake included.

Several records may stand in one WebSocket message, and a message may end within one. What a record says is
the caller's to parse.

Bounds: one record of at most ``max_bytes`` is held.

Source: github.com/dotnet/aspnetcore, src/SignalR/docs/specs/HubProtocol.md, "JSON Encoding": the record
separator of ASCII ends each message.
"""

from __future__ import annotations

from sensor.wire.cutting import DEFAULT_MAX_BYTES, RecordReader

__all__ = ["RECORD_END", "SignalrReader"]

RECORD_END = b"\x1e"


class SignalrReader(RecordReader):
    """Records; oddities are ``signalr_too_long`` and ``signalr_unended``."""

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        super().__init__(RECORD_END, "signalr", max_bytes)
