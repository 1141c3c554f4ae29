"""
Newline-delimited JSON: one value a line.

A line ends with LF; a CR before it is a blank to JSON and stays in the data. Lines without a value
(keep-alives) are records with empty data. What a line says is the caller's to parse.

Bounds: one line of at most ``max_bytes`` is held.

Source: the NDJSON specification 1.0 (github.com/ndjson/ndjson-spec), section 3: lines end with LF, a CR
before it is let pass, and parsers may pass over empty lines.
"""

from __future__ import annotations

from sensor.wire.cutting import DEFAULT_MAX_BYTES, Record, RecordReader

__all__ = ["NdjsonReader", "rewrite"]


class NdjsonReader(RecordReader):
    """Lines; oddities are ``ndjson_too_long`` and ``ndjson_unended``."""

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        super().__init__(b"\n", "ndjson", max_bytes)


def rewrite(record: Record, data: bytes) -> bytes:
    """
    The record's bytes with another value: with the line end that it had, and with none where it had none.
    """
    line_end = b"\r\n" if record.raw.endswith(b"\r\n") else b"\n" if record.raw.endswith(b"\n") else b""
    return data + line_end
