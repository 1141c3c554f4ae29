"""Server-sent events: read as a browser reads them, and written back with only the data changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire.sse import SseFrame, SseReader, rewrite, write_event
from tests.wire.framings import check, cut, joined, read

STREAMS: list[tuple[str, bytes, list[Any]]] = [
    ("nothing", b"", []),
    ("one event", b"data: a\n\n", [(None, "a")]),
    ("an event's name", b"event: x\ndata: a\n\n", [("x", "a")]),
    ("CR LF", b"event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n", [("x", "a"), (None, "b")]),
    ("CR", b"event: x\rdata: a\r\rdata: b\r\r", [("x", "a"), (None, "b")]),
    ("line ends mixed", b"data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\r", [(None, "a\nb\nc"), (None, "d")]),
    # The examples of WHATWG HTML, section 9.2.6.
    (
        "stock",
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        [(None, "YHOO\n+2\n10")],
    ),
    (
        "comment, id, no id, leading space",
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [(None, None), (None, "first event"), (None, "second event"), (None, " third event")],
    ),
    ("empty data", b"data\n\ndata\ndata\n\n", [(None, ""), (None, "\n")]),
    ("with and without a space", b"data:test\n\ndata: test\n\n", [(None, "test"), (None, "test")]),
    ("an empty name is none", b"event:\ndata: a\n\n", [(None, "a")]),
    ("a comment and unknown fields", b":hi\nfoo: bar\nDATA: no\ndata: a\n\n", [(None, "a")]),
    ("a mark at the beginning", b"\xef\xbb\xbfdata: a\n\n", [(None, "a")]),
    ("a mark later is part of a name", b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [(None, "a"), (None, None)]),
    ("a mark and an empty line", b"\xef\xbb\xbf\ndata: a\n\n", [(None, None), (None, "a")]),
    ("only a mark", b"\xef\xbb\xbf", [(None, None)]),
    ("half a mark", b"\xef\xbb", [(None, None)]),
    ("empty lines between", b"\n\ndata: a\n\n\n", [(None, None), (None, None), (None, "a"), (None, None)]),
    ("no UTF-8 is replaced", b"data: \xff\n\n", [(None, "\ufffd")]),
    ("a line end of Unicode is none", "data: a\u2028b\u0085\n\n".encode(), [(None, "a\u2028b\u0085")]),
    ("NUL in data", b"data: a\0b\n\n", [(None, "a\0b")]),
]  # fmt: skip


@pytest.mark.parametrize(("_", "data", "expected"), STREAMS)
def test_events(_: str, data: bytes, expected: list[Any]) -> None:
    """Given this stream, these events, however it is cut."""
    whole = read(SseReader(), [data])
    assert [(frame.event, frame.data) for frame in whole] == expected
    assert b"".join(frame.raw for frame in whole) == data
    for pieces in [[data[:at], data[at:]] for at in range(len(data))] + [[bytes((b,)) for b in data]]:
        frames = read(SseReader(), pieces)
        assert b"".join(frame.raw for frame in frames) == data
        # An LF whose CR was told before it is the next frame's, or a frame of its own at the end.
        assert [(f.event, f.data) for f in frames if f.raw != b"\n"] == [
            (f.event, f.data) for f in whole if f.raw != b"\n"
        ]


def test_id_and_retry() -> None:
    frames = read(SseReader(), [b"id: 1\nid: 2\nretry: 10\nretry: x\ndata\n\nid: 3\0\nid:\nretry: 1.5\n\n"])
    assert [(frame.id, frame.retry) for frame in frames] == [("2", 10), ("", None)]
    assert read(SseReader(), [b"id: 1\nid: 2\0\n\n"])[0].id == "1"


def test_an_event_is_told_at_once_and_a_late_line_feed_changes_nothing() -> None:
    reader = SseReader()
    assert reader.feed(b"data: a\r\n\r") == [SseFrame(b"data: a\r\n\r", data="a")]
    assert reader.feed(b"\n") == []
    assert reader.feed(b"data: b\r\r") == [SseFrame(b"\ndata: b\r\r", data="b", lead=1)]
    assert reader.feed(b"\n") == []
    assert reader.finish() == [SseFrame(b"\n", lead=1)]


def test_an_event_that_the_end_cuts_off() -> None:
    (frame,) = read(SseReader(), [b"data: a\n"])
    assert (frame.data, frame.odd) == ("a", "sse_event_unended")


def test_an_event_that_is_too_long_is_passed_on_in_pieces() -> None:
    """And the next is read."""
    odd = "sse_event_too_long"
    data = b"data: 0123456789\n\ndata: a\n\n"
    assert check(lambda: SseReader(10), data) == [
        SseFrame(b"data: 0123456789\n\n", odd=odd), SseFrame(b"data: a\n\n", data="a")
    ]  # fmt: skip
    reader = SseReader(10)
    assert reader.feed(b"data: 0123456789") == [SseFrame(b"data: 0123456", odd=odd)]
    assert reader.feed(b"abc\r") == [SseFrame(b"789a", odd=odd)]
    assert reader.feed(b"\n") == [SseFrame(b"b", odd=odd)]
    assert reader.feed(b"\r") == [SseFrame(b"c\r\n\r", odd=odd)]
    assert reader.feed(b"\ndata\n\n") == [SseFrame(b"\ndata\n\n", data="", lead=1)]
    assert joined(read(SseReader(0), [b"abc", b"def"])) == [SseFrame(b"abcdef", odd=odd)]


REWRITTEN: list[tuple[str, bytes, str, bytes]] = [
    ("one line", b"data: a\n\n", "b", b"data: b\n\n"),
    ("no space", b"data:a\n\n", "b", b"data:b\n\n"),
    ("a space that is needed", b"data:a\n\n", " b", b"data:  b\n\n"),
    ("all else stays", b": c\r\ndata: a\r\nid:  x\r\n\r\n", "b", b": c\r\ndata: b\r\nid:  x\r\n\r\n"),
    ("fewer lines", b"data: a\nid: 1\ndata: b\n\n", "c", b"data: c\nid: 1\n\n"),
    ("more lines", b"data: a\rid: 1\r\r", "b\nc\r\nd", b"data: b\rdata: c\rdata: d\rid: 1\r\r"),
    ("nothing", b"data: a\n\n", "", b"data: \n\n"),
    ("a field without a colon", b"data\n\n", "b", b"data: b\n\n"),
    ("a lone surrogate", b"data: a\n\n", "\ud800", b"data: ?\n\n"),
]  # fmt: skip


@pytest.mark.parametrize(("_", "data", "new", "expected"), REWRITTEN)
def test_rewritten(_: str, data: bytes, new: str, expected: bytes) -> None:
    (frame,) = read(SseReader(), [data])
    assert rewrite(frame, new) == expected


def test_what_stands_before_the_first_line_stays() -> None:
    (frame,) = read(SseReader(), [b"\xef\xbb\xbfdata: a\n\n"])
    assert rewrite(frame, "b") == b"\xef\xbb\xbfdata: b\n\n"
    late = read(SseReader(), [b"data: a\r\r", b"\ndata: b\r\r"])[1]
    assert rewrite(late, "c") == b"\ndata: c\r\r"


def test_an_event_without_end_is_rewritten_without_end() -> None:
    (frame,) = read(SseReader(), [b"data: a"])
    assert rewrite(frame, "b\nc") == b"data: b\ndata: c"


def test_a_frame_without_data_cannot_be_rewritten() -> None:
    with pytest.raises(ValueError, match="without data"):
        rewrite(SseFrame(b": c\n\n"), "a")


def test_written() -> None:
    assert write_event("a\nb", "x") == b"event: x\ndata: a\ndata: b\n\n"
    assert write_event("\ud800", line_end=b"\r\n") == b"data: ?\r\n\r\n"


PIECES = [
    b"\r", b"\n", b"data", b":", b" ", b"a", b"id", b"retry: 5", b"event: x", b"\xef\xbb\xbf", b"\xff",
    b"data: abc\n\n",
]  # fmt: skip
STREAM = st.lists(st.sampled_from(PIECES), max_size=20).map(b"".join) | st.binary(max_size=30)


@given(cut(STREAM), st.integers(4, 30))
def test_any_bytes_and_cuts(pieces: list[bytes], limit: int) -> None:
    """The bytes are the stream; and what is said is the same, but for an LF that comes after its CR."""
    data = b"".join(pieces)
    frames = read(SseReader(limit), pieces)
    assert b"".join(frame.raw for frame in frames) == data
    unlimited = read(SseReader(), pieces)
    said = [(f.event, f.data, f.id, f.retry) for f in unlimited if f.data is not None and not f.odd]
    assert said == plain_events(data)
    short = [f for f in frames if not f.odd and f.data is not None]
    assert all(len(f.raw) <= limit for f in short)


def plain_events(data: bytes) -> list[tuple[Any, ...]]:
    """The algorithm of section 9.2.6 over a whole stream, written plainly."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")[:-1]
    told: list[tuple[Any, ...]] = []
    found: dict[str, Any] = {}
    for line in lines:
        if not line:
            if "data" in found:
                told.append((found.get("event"), found["data"], found.get("id"), found.get("retry")))
            found = {}
            continue
        name, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if name == "data":
            found["data"] = found["data"] + "\n" + value if "data" in found else value
        elif name == "event":
            found["event"] = value or None
        elif name == "id" and "\0" not in value:
            found["id"] = value
        elif name == "retry" and value.isascii() and value.isdigit():
            found["retry"] = int(value)
    return told


@given(STREAM, st.text())
def test_a_rewritten_event_says_the_new_data_and_all_else_as_before(stream: bytes, new: str) -> None:
    for frame in read(SseReader(), [stream]):
        if frame.data is None or frame.odd:
            continue
        # Behind another frame: at the beginning of a stream a byte order mark would be passed over.
        again = read(SseReader(), [b"\n", rewrite(frame, new)[frame.lead :]])[1]
        expected = new.replace("\r\n", "\n").replace("\r", "\n")
        assert (again.event, again.data, again.id, again.retry) == (
            frame.event,
            expected,
            frame.id,
            frame.retry,
        )
        assert read(SseReader(), [write_event(new, "x")])[0][1:3] == ("x", expected)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_long_lines(line_end: bytes) -> None:
    """Wherever an event's end lies, it is found."""
    for size in range(4_080, 4_100):
        data = b"data: " + b"a" * size + line_end + b"data: b" + line_end * 2
        (frame,) = read(SseReader(), [data])
        assert frame.data == "a" * size + "\nb"
        assert read(SseReader(), [data[:4_096], data[4_096:]]) == [frame]
