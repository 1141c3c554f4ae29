"""Amazon's event streams: what botocore writes and reads is read and written here."""

from __future__ import annotations

import struct
from typing import Any
from zlib import crc32

import pytest
from botocore.eventstream import EventStreamBuffer, ParserError  # type: ignore[import-untyped]  # ships no types
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire import eventstream
from sensor.wire.eventstream import (
    EventStreamReader,
    Header,
    HeaderType,
    Message,
    replace_payload,
    text_header,
    write_message,
)
from tests.wire.framings import check, cut

ALL_TYPES = (
    Header("true", HeaderType.TRUE, True),
    Header("false", HeaderType.FALSE, False),
    Header("byte", HeaderType.BYTE, -1),
    Header("short", HeaderType.SHORT, 0x7FFF),
    Header("integer", HeaderType.INTEGER, -(2**31)),
    Header("long", HeaderType.LONG, 2**63 - 1),
    Header("bytes", HeaderType.BYTES, b"\x00\xff"),
    Header("string", HeaderType.STRING, "é"),
    Header("time", HeaderType.TIMESTAMP, 1_770_000_000_123),
    Header("uuid", HeaderType.UUID, bytes(range(16))),
)
CHUNK = (
    text_header(":event-type", "chunk"),
    text_header(":content-type", "application/json"),
    text_header(":message-type", "event"),
)


def raw_message(headers: bytes, payload: bytes, *, size: int | None = None) -> bytes:
    """A message from its parts, built apart from the code under test."""
    prelude = struct.pack(">II", 16 + len(headers) + len(payload) if size is None else size, len(headers))
    body = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return body + struct.pack(">I", crc32(body))


def test_a_message_as_the_specification_lays_it_out() -> None:
    """
    The prelude of an empty message and its checksum, and the message's; then one string header.

    From the test vectors of the SDKs (awslabs/aws-c-event-stream, tests, "empty_message": total length 16,
    prelude CRC 0x05c248eb, message CRC 0x7d98c8ff).
    """
    empty = bytes.fromhex("000000100000000005c248eb7d98c8ff")
    assert check(EventStreamReader, empty) == [Message(empty, (), b"")]
    assert write_message((), b"") == empty
    raw = raw_message(b"\x01a\x07\x00\x01b", b"{}")
    assert check(EventStreamReader, raw) == [Message(raw, (text_header("a", "b"),), b"{}")]
    assert write_message([text_header("a", "b")], b"{}") == raw


def test_botocore_reads_what_is_written() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(write_message(ALL_TYPES, b'{"a":1}') + write_message(CHUNK, b""))
    first, second = buffer
    assert first.headers == {header.name: header.value for header in ALL_TYPES}
    assert first.payload == b'{"a":1}'
    assert second.headers[":event-type"] == "chunk"


def test_all_types_are_read_back() -> None:
    (message,) = check(EventStreamReader, write_message(ALL_TYPES, b"x"))
    assert (message.headers, message.payload, message.odd) == (ALL_TYPES, b"x", None)


def test_a_header_that_is_text() -> None:
    (message,) = check(EventStreamReader, write_message((*CHUNK, *ALL_TYPES), b""))
    assert message.text(":event-type") == "chunk"
    assert message.text("integer") is None
    assert message.text("nothing") is None


def test_another_payload_and_the_headers_as_they_stood() -> None:
    raw = write_message(CHUNK, b'{"bytes":"YQ=="}')
    (message,) = check(EventStreamReader, raw)
    assert replace_payload(message, b'{"bytes":"YQ=="}') == raw
    changed = replace_payload(message, b"{}")
    buffer = EventStreamBuffer()
    buffer.add_data(changed)
    (told,) = buffer
    assert (told.payload, len(told.headers)) == (b"{}", 3)
    assert changed[12:-6] == raw[12 : 12 + len(changed[12:-6])]


GOOD = write_message(CHUNK, b"{}")
ODD: list[tuple[str, bytes, list[str | None]]] = [
    ("cut off", GOOD[:-1], ["eventstream_incomplete"]),
    ("half a prelude", GOOD[:7], ["eventstream_incomplete"]),
    ("payload changed", GOOD[:-6] + b"[]" + GOOD[-4:] + GOOD, ["eventstream_checksum", None]),
    ("length changed", b"\1" + GOOD[1:] + GOOD, ["eventstream_prelude"]),
    ("shorter than its headers", raw_message(b"\x01a\x00", b"", size=18), ["eventstream_prelude"]),
    ("a header twice", raw_message(b"\x01a\x00\x01a\x01", b""), ["eventstream_duplicate_header"]),
    ("an unknown type", raw_message(b"\x01a\x0a", b""), ["eventstream_headers"]),
    ("a header without a type", raw_message(b"\x01a", b""), ["eventstream_headers"]),
    ("a name that is too long", raw_message(b"\x09a", b""), ["eventstream_headers"]),
    ("a string that is too long", raw_message(b"\x01a\x07\x00\x02b", b""), ["eventstream_headers"]),
    ("half a length", raw_message(b"\x01a\x07\x00", b""), ["eventstream_headers"]),
    ("half a number", raw_message(b"\x01a\x04\x00", b""), ["eventstream_headers"]),
    ("half a UUID", raw_message(b"\x01a\x09" + bytes(15), b""), ["eventstream_headers"]),
    ("a name that is no UTF-8", raw_message(b"\x01\xff\x00", b""), ["eventstream_headers"]),
    ("a string that is no UTF-8", raw_message(b"\x01a\x07\x00\x01\xff", b""), ["eventstream_headers"]),
]


@pytest.mark.parametrize(("_", "data", "expected"), ODD)
def test_odd(_: str, data: bytes, expected: list[str | None]) -> None:
    """An odd message has no content; only a wrong prelude takes the rest of the stream with it."""
    told = check(EventStreamReader, data)
    assert [message.odd for message in told] == expected
    assert all((message.payload is None) == (message.odd is not None) for message in told)


def test_too_long_and_the_next_is_read() -> None:
    data = write_message((), bytes(100)) + GOOD
    told = check(lambda: EventStreamReader(len(GOOD)), data)
    assert [(message.odd, message.payload) for message in told] == [
        ("eventstream_too_long", None),
        (None, b"{}"),
    ]


def test_headers_and_payload_have_limits_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    long_headers, long_payload = write_message([text_header("a", "b" * 9)], b""), write_message((), b"12345")
    monkeypatch.setattr(eventstream, "MAX_HEADERS_BYTES", 13)
    monkeypatch.setattr(eventstream, "MAX_PAYLOAD_BYTES", 4)
    told = check(
        EventStreamReader, long_headers + long_payload + write_message([text_header("a", "b" * 8)], b"1234")
    )
    assert [message.odd for message in told] == ["eventstream_too_long", "eventstream_too_long", None]
    with pytest.raises(ValueError, match="limits"):
        write_message([text_header("a", "b" * 9)], b"")
    with pytest.raises(ValueError, match="limits"):
        replace_payload(told[2], b"12345")


@pytest.mark.parametrize(
    "header",
    [
        text_header("a" * 256, ""),
        text_header("a", "b" * 65_536),
        Header("a", HeaderType.BYTE, 128),
        Header("a", HeaderType.LONG, "1"),
        Header("a", HeaderType.STRING, 1),
        Header("a", HeaderType.UUID, b"1"),
    ],
)
def test_a_header_that_cannot_be_written(header: Header) -> None:
    with pytest.raises(ValueError, match="header|UUID"):
        write_message([header], b"")


def test_a_message_that_was_not_read_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="not read"):
        replace_payload(Message(b"", odd="eventstream_incomplete"), b"")


MESSAGE = st.builds(raw_message, st.binary(max_size=12), st.binary(max_size=8))
STREAM = st.lists(MESSAGE | st.just(GOOD) | st.binary(max_size=20), max_size=3).map(b"".join)


@pytest.mark.slow
@given(cut(STREAM), st.integers(16, 120))
def test_any_bytes_and_cuts(pieces: list[bytes], limit: int) -> None:
    check(lambda: EventStreamReader(limit), b"".join(pieces), pieces)


@pytest.mark.slow
@given(STREAM)
def test_as_botocore_reads_it(data: bytes) -> None:
    """Until the first message that botocore refuses, both tell the same."""
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    theirs: list[Any] = []
    try:
        theirs += ((message.headers, message.payload) for message in buffer)
        refused = False
    except (ParserError, KeyError, IndexError, ValueError, struct.error):
        refused = True
    ours = check(EventStreamReader, data)
    told = [({h.name: h.value for h in m.headers}, m.payload) for m in ours[: len(theirs)]]
    # botocore takes a value that runs past the headers for what is there.
    assert told == theirs or any(m.odd == "eventstream_headers" for m in ours)
    assert not refused or any(message.odd for message in ours)


VALUES = {
    HeaderType.TRUE: st.just(True),
    HeaderType.FALSE: st.just(False),
    HeaderType.BYTE: st.integers(-(2**7), 2**7 - 1),
    HeaderType.SHORT: st.integers(-(2**15), 2**15 - 1),
    HeaderType.INTEGER: st.integers(-(2**31), 2**31 - 1),
    HeaderType.LONG: st.integers(-(2**63), 2**63 - 1),
    HeaderType.BYTES: st.binary(max_size=9),
    HeaderType.STRING: st.text(max_size=9),
    HeaderType.TIMESTAMP: st.integers(0, 2**50),
    HeaderType.UUID: st.binary(min_size=16, max_size=16),
}
HEADER = st.sampled_from(HeaderType).flatmap(
    lambda kind: st.builds(Header, st.text(max_size=9), st.just(kind), VALUES[kind])
)


@pytest.mark.slow
@given(
    st.lists(HEADER, unique_by=lambda header: header.name, max_size=6),
    st.binary(max_size=30),
    st.binary(max_size=30),
)
def test_what_is_written_is_read(headers: list[Header], payload: bytes, other: bytes) -> None:
    (message,) = check(EventStreamReader, write_message(headers, payload))
    assert (list(message.headers), message.payload, message.odd) == (headers, payload, None)
    (changed,) = check(EventStreamReader, replace_payload(message, other))
    assert (changed.headers, changed.payload) == (message.headers, other)
