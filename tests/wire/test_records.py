"""Records that end with a byte: lines of NDJSON, and SignalR's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire import ndjson
from sensor.wire.cutting import Record
from sensor.wire.ndjson import NdjsonReader
from sensor.wire.signalr import SignalrReader
from tests.wire.framings import check, cut, read

LINES: list[tuple[str, bytes, list[Record]]] = [
    ("nothing", b"", []),
    ("two lines", b'{"a":1}\n2\n', [Record(b'{"a":1}\n', b'{"a":1}'), Record(b"2\n", b"2")]),
    ("CR LF", b"1\r\n2\r\n", [Record(b"1\r\n", b"1\r"), Record(b"2\r\n", b"2\r")]),
    ("an empty line", b"\n1\n", [Record(b"\n", b""), Record(b"1\n", b"1")]),
    ("no end", b"1\n2", [Record(b"1\n", b"1"), Record(b"2", b"2", "ndjson_unended")]),
    ("as long as allowed", b"1234567\n", [Record(b"1234567\n", b"1234567")]),
    ("too long", b"12345678\n1\n", [Record(b"12345678\n", None, "ndjson_too_long"), Record(b"1\n", b"1")]),
]  # fmt: skip


@pytest.mark.parametrize(("_", "data", "expected"), LINES)
def test_lines(_: str, data: bytes, expected: list[Record]) -> None:
    assert check(lambda: NdjsonReader(8), data) == expected


def test_a_line_that_never_ends_is_passed_on_in_pieces() -> None:
    """And nothing is kept of it."""
    reader = NdjsonReader(4)
    odd = "ndjson_too_long"
    assert reader.feed(b"12") == []
    assert reader.feed(b"345") == [Record(b"12345", None, odd)]
    assert reader.feed(b"6") == [Record(b"6", None, odd)]
    assert reader.feed(b"7\n8\n") == [Record(b"7\n", None, odd), Record(b"8\n", b"8")]
    assert reader.finish() == []


def test_signalr() -> None:
    told = check(lambda: SignalrReader(9), b'{}\x1e{"type":6}\x1e{}\x1e{"type"')
    odd = "signalr_too_long"
    assert told == [
        Record(b"{}\x1e", b"{}"),
        Record(b'{"type":6}\x1e', None, odd),
        Record(b"{}\x1e", b"{}"),
        Record(b'{"type"', b'{"type"', "signalr_unended"),
    ]


@pytest.mark.parametrize("data", [b"1\n", b"1\r\n", b"1"])
def test_a_rewritten_line_keeps_its_end(data: bytes) -> None:
    (record,) = read(NdjsonReader(), [data])
    assert ndjson.rewrite(record, b"2") == data.replace(b"1", b"2")


@given(
    cut(st.lists(st.sampled_from([b"\n", b"\x1e", b"a", b"\r", b"\n\n", b"bcdef"])).map(b"".join)),
    st.integers(1, 9),
)
def test_any_bytes_and_cuts(pieces: list[bytes], limit: int) -> None:
    for told in (
        check(lambda: NdjsonReader(limit), b"".join(pieces), pieces),
        check(lambda: SignalrReader(limit), b"".join(pieces), pieces),
    ):
        assert all(len(record.data or b"") <= limit for record in told)
