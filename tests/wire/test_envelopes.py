"""Envelopes of Connect and gRPC."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire.envelopes import COMPRESSED, END_STREAM, TRAILERS, Envelope, EnvelopeReader, write_envelope
from tests.wire.framings import check, cut

STREAMS: list[tuple[str, bytes, list[Envelope]]] = [
    ("nothing", b"", []),
    ("an empty message", b"\0\0\0\0\0", [Envelope(b"\0\0\0\0\0", 0, b"")]),
    (
        "two, the second compressed",
        b"\0\0\0\0\2hi\1\0\0\0\1z",
        [Envelope(b"\0\0\0\0\2hi", 0, b"hi"), Envelope(b"\1\0\0\0\1z", 1, b"z")],
    ),
    ("half a head", b"\0\0\0", [Envelope(b"\0\0\0", 0, None, "envelope_incomplete")]),
    ("half a message", b"\0\0\0\0\3hi", [Envelope(b"\0\0\0\0\3hi", 0, None, "envelope_incomplete")]),
    (
        "too long, and the next is read",
        b"\0\0\0\0\5hello\2\0\0\0\2{}",
        [Envelope(b"\0\0\0\0\5hello", 0, None, "envelope_too_long"), Envelope(b"\2\0\0\0\2{}", 2, b"{}")],
    ),
]


@pytest.mark.parametrize(("_", "data", "expected"), STREAMS)
def test_envelopes(_: str, data: bytes, expected: list[Envelope]) -> None:
    assert check(lambda: EnvelopeReader(9), data) == expected


@pytest.mark.parametrize(
    ("flags", "compressed", "end_stream"),
    [(0, False, False), (COMPRESSED, True, False), (END_STREAM, False, True), (END_STREAM | 1, True, True),
     (TRAILERS, False, True)],
)  # fmt: skip
def test_flags(flags: int, compressed: bool, end_stream: bool) -> None:
    (envelope,) = check(EnvelopeReader, write_envelope(b"{}", flags))
    assert (envelope.compressed, envelope.end_stream) == (compressed, end_stream)


def test_four_gigabytes_are_not_held() -> None:
    reader = EnvelopeReader()
    assert reader.feed(b"\0\xff\xff\xff\xffab") == [
        Envelope(b"\0\xff\xff\xff\xffab", 0, None, "envelope_too_long")
    ]
    assert reader.feed(b"c") == [Envelope(b"c", 0, None, "envelope_too_long")]
    assert reader.finish() == []


@given(cut(st.binary(max_size=40)), st.integers(5, 20))
def test_any_bytes_and_cuts(pieces: list[bytes], limit: int) -> None:
    check(lambda: EnvelopeReader(limit), b"".join(pieces), pieces)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=9))))
def test_what_is_written_is_read(messages: list[tuple[int, bytes]]) -> None:
    told = check(EnvelopeReader, b"".join(write_envelope(data, flags) for flags, data in messages))
    assert [(envelope.flags, envelope.data) for envelope in told] == messages
