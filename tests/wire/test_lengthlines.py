"""Lengths and JSON, as Google's web applications answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire.lengthlines import LengthLine, LengthLinesReader, rewrite, utf16_length
from tests.wire.framings import check, cut, joined, read


def write(*values: Any, guard: bytes = b")]}'\n\n") -> bytes:
    """A stream as gemini_webapi reads it: the length counts both line ends, in UTF-16 code units."""
    stream = guard
    for value in values:
        text = json.dumps(value, ensure_ascii=False)
        stream += b"%d\n" % (len(text.encode("utf-16-le")) // 2 + 2) + text.encode() + b"\n"
    return stream


def test_frames() -> None:
    assert check(LengthLinesReader, write(["wrb.fr", None, '[["a"]]'], [["di", 38]])) == [
        LengthLine(
            b')]}\'\n\n31\n["wrb.fr", null, "[[\\"a\\"]]"]', b'["wrb.fr", null, "[[\\"a\\"]]"]', 31, 9
        ),
        LengthLine(b'\n14\n[["di", 38]]', b'[["di", 38]]', 14, 4),
        LengthLine(b"\n"),
    ]


STREAMS: list[tuple[str, bytes, list[tuple[bytes | None, int, str | None]]]] = [
    ("nothing", b"", []),
    ("only the guard", b")]}'\n\n", [(None, 0, None)]),
    ("half a guard", b")]}", [(None, 0, "lengthlines_unended")]),
    ("without guard", b"4\n[]\n", [(b"[]", 4, None), (None, 0, None)]),
    ("a length without the line ends", b"2\n[]\n2\n{}", [(b"[]", 2, None), (b"{}", 2, None)]),
    ("two units for one character", '6\n["😀"]\n'.encode(), [('["😀"]'.encode(), 6, None), (None, 0, None)]),
    ("a length in bytes is told", '11\n["日日"]'.encode(), [('["日日"]'.encode(), 11, "lengthlines_length")]),
    ("CR LF and more blanks", b"4\r\n\n[]\r\n\r\n4\n[]", [(b"[]", 4, None), (b"[]", 4, None)]),
    ("JSON over several lines", b"10\n[[1],\n[2]]\n", [(b"[[1],\n[2]]", 10, None), (None, 0, None)]),
    ("only a length", b"4\n", [(None, 0, "lengthlines_unended")]),
    ("cut off in the JSON", b"9\n[[", [(None, 0, "lengthlines_unended")]),
    ("no length", b"[[]]\n4\n[]", [(None, 0, "lengthlines_malformed")]),
    ("a length too long", b"1234567890\n[]", [(None, 0, "lengthlines_malformed")]),
    ("no JSON", b"4\n[]\n4\nabc", [(b"[]", 4, None), (None, 0, "lengthlines_malformed")]),
    ("too many blanks", b"\n" * 65 + b"2\n[]", [(None, 0, "lengthlines_malformed")]),
]  # fmt: skip


@pytest.mark.parametrize(("_", "data", "expected"), STREAMS)
def test_streams(_: str, data: bytes, expected: list[Any]) -> None:
    told = check(LengthLinesReader, data)
    assert [(frame.data, frame.length, frame.odd) for frame in told] == expected


def test_a_frame_that_is_too_long_is_passed_on_in_pieces() -> None:
    """And the next is read."""
    data = b"15\n[0123456789ab]\n4\n[]"
    told = joined(check(lambda: LengthLinesReader(10), data))
    assert [(frame.raw, frame.odd) for frame in told] == [
        (b"15\n[0123456789ab]", "lengthlines_too_long"), (b"\n4\n[]", None)
    ]  # fmt: skip
    odd = "lengthlines_too_long"
    reader = LengthLinesReader(4)
    assert reader.feed(b'9\n["a\\') == [LengthLine(b'9\n["a', odd=odd)]
    assert reader.feed(b"") == []
    assert reader.finish() == [LengthLine(b"\\", odd=odd)]


REWRITTEN: list[tuple[str, bytes, bytes, bytes]] = [
    ("longer", b")]}'\n\n4\n[]", b"[1]", b")]}'\n\n5\n[1]"),
    ("line ends not counted", b"2\r\n[]", b"[1]", b"3\r\n[1]"),
    ("two units", b"4\n[]", '["😀"]'.encode(), '8\n["😀"]'.encode()),
    ("one unit of three bytes", '7\n["日"]'.encode(), b"[]", b"4\n[]"),
    ("a wrong length is put right", b"99\n[]", b"[1]", b"5\n[1]"),
]


@pytest.mark.parametrize(("_", "data", "new", "expected"), REWRITTEN)
def test_rewritten(_: str, data: bytes, new: bytes, expected: bytes) -> None:
    (frame,) = read(LengthLinesReader(), [data])
    assert rewrite(frame, new) == expected


def test_a_frame_without_data_cannot_be_rewritten() -> None:
    with pytest.raises(ValueError, match="without data"):
        rewrite(LengthLine(b"\n"), b"[]")


@given(st.text())
def test_units_are_counted_as_javascript_does(text: str) -> None:
    assert utf16_length(text.encode()) == len(text.encode("utf-16-le")) // 2


TEXTS = st.text(st.sampled_from('a"\\[]{}é日😀'), max_size=6)


@pytest.mark.slow
@given(st.lists(st.lists(TEXTS, max_size=3), max_size=4), st.lists(TEXTS, max_size=3))
def test_what_is_written_is_read_and_rewritten(values: list[Any], new: list[str]) -> None:
    told = [frame for frame in check(LengthLinesReader, write(*values)) if frame.data is not None]
    assert [json.loads(frame.data) for frame in told] == values
    assert not any(frame.odd for frame in told)
    text = json.dumps(new, ensure_ascii=False).encode()
    rewritten = b"".join(rewrite(frame, text) for frame in told) + b"\n"
    assert rewritten == (write(*[new] * len(values)) if values else b"\n")


PIECES = st.sampled_from(
    [b")]}'", b"\n", b"4\n", b"[]", b"{", b"}", b"[", b"]", b'"', b"\\", b"9", b" ", b"\r\n"]
)


@pytest.mark.slow
@given(cut(st.lists(PIECES, max_size=15).map(b"".join) | st.binary(max_size=20)), st.integers(1, 12))
def test_any_bytes_and_cuts(pieces: list[bytes], limit: int) -> None:
    check(LengthLinesReader, b"".join(pieces), pieces)
    frames = read(LengthLinesReader(limit), pieces)
    assert b"".join(frame.raw for frame in frames) == b"".join(pieces)
    assert all(len(frame.raw) <= limit for frame in frames if frame.data is not None)
