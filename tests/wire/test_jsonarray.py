"""One JSON array, element by element, and its bytes kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire.jsonarray import Element, JsonArrayReader, rewrite
from tests.wire.framings import check, cut, joined, read

ARRAYS: list[tuple[str, bytes, list[tuple[bytes, bytes | None]], str | None]] = [
    ("nothing", b"", [], None),
    ("empty", b"[]", [(b"[]", None)], None),
    ("empty with blanks", b" [\n] \n", [(b" [\n]", None), (b" \n", None)], None),
    ("as Gemini sends it", b'[{"a":"}"}\n,\r\n{"b":[1,2]}\n]\n',
     [(b'[{"a":"}"}', b'{"a":"}"}'), (b'\n,\r\n{"b":[1,2]}', b'{"b":[1,2]}'), (b"\n]", None), (b"\n", None)],
     None),
    ("escapes", rb'["\"]","\\",{"\\\"":1}]',
     [(rb'["\"]"', rb'"\"]"'), (rb',"\\"', rb'"\\"'), (rb',{"\\\"":1}', rb'{"\\\"":1}'), (b"]", None)], None),
    ("numbers and names", b"[1,-2.5e3 ,true]",
     [(b"[1", b"1"), (b",-2.5e3", b"-2.5e3"), (b" ,true", b"true"), (b"]", None)], None),
    ("arrays", b"[[],[[]]]", [(b"[[]", b"[]"), (b",[[]]", b"[[]]"), (b"]", None)], None),
    ("no array", b'{"a":[1]}', [(b'{"a":[1]}', None)], "jsonarray_no_array"),
    ("something behind", b"[] x", [(b"[]", None), (b" x", None)], "jsonarray_trailing"),
    ("no comma", b"[1 2]", [(b"[1", b"1"), (b" 2]", None)], "jsonarray_malformed"),
    ("no value", b"[1,,2]", [(b"[1", b"1"), (b",,2]", None)], "jsonarray_malformed"),
    ("a bracket of the other kind", b"[}", [(b"[}", None)], "jsonarray_malformed"),
    ("a string behind a scalar", b'[1"a"]', [(b"[1", b"1"), (b'"a"]', None)], "jsonarray_malformed"),
    ("a comma before the end", b"[1,]", [(b"[1", b"1"), (b",]", None)], "jsonarray_malformed"),
    ("cut off in a string", b'["a\\', [(b'["a\\', None)], "jsonarray_unended"),
    ("cut off in an object", b'[{"a":', [(b'[{"a":', None)], "jsonarray_unended"),
    ("cut off in a number", b"[1", [(b"[1", None)], "jsonarray_unended"),
    ("cut off between", b"[1,", [(b"[1", b"1"), (b",", None)], "jsonarray_unended"),
]  # fmt: skip


@pytest.mark.parametrize(("_", "data", "expected", "odd"), ARRAYS)
def test_arrays(_: str, data: bytes, expected: list[Any], odd: str | None) -> None:
    """Given this stream, these elements, however it is cut; only the last frame is odd."""
    told = check(JsonArrayReader, data)
    assert [(element.raw, element.data) for element in told] == expected
    assert [element.odd for element in told] == [*[None] * len(told[1:]), odd][: len(told)]


def test_an_element_is_told_with_its_last_byte() -> None:
    reader = JsonArrayReader()
    assert reader.feed(b'[{"a":1') == []
    assert reader.feed(b"}") == [Element(b'[{"a":1}', b'{"a":1}', 1)]
    assert reader.feed(b",{}") == [Element(b",{}", b"{}", 1)]
    assert reader.feed(b"]") == [Element(b"]")]


@pytest.mark.parametrize("long", [b'"0123456789"', b"01234567890", b'{"a":[{"b":1}]}', b" " * 20 + b"1"])
def test_an_element_that_is_too_long_is_passed_on_in_pieces(long: bytes) -> None:
    """And the next is read."""
    told = joined(check(lambda: JsonArrayReader(10), b"[1," + long + b",2]"))
    expected = [b"[1", b"," + long, b",2", b"]"]
    assert [element.raw for element in told] == expected
    assert [element.odd for element in told] == [None, "jsonarray_too_long", None, None]


def test_nothing_is_kept_of_an_element_that_never_ends() -> None:
    reader = JsonArrayReader(4)
    odd = "jsonarray_too_long"
    assert reader.feed(b'["abcd') == [Element(b'["abcd', odd=odd)]
    assert reader.feed(b"ef\\") == [Element(b"ef", odd=odd)]
    assert reader.feed(b"") == []
    assert reader.feed(b'"') == [Element(b'\\"', odd=odd)]
    assert reader.finish() == []
    assert read(JsonArrayReader(4), [b'["abcd\\']) == [Element(b'["abcd', odd=odd), Element(b"\\", odd=odd)]
    assert joined(read(JsonArrayReader(4), [b"[1,     ", b"]"])) == [
        Element(b"[1", b"1", 1), Element(b",     ", odd=odd), Element(b"]", odd="jsonarray_malformed")
    ]  # fmt: skip
    assert read(JsonArrayReader(4), [b"[       ", b"]", b"      "]) == [
        Element(b"[       ", odd=odd), Element(b"]", odd=odd), Element(b"      ", odd=odd)
    ]  # fmt: skip


def test_rewritten() -> None:
    first, end = read(JsonArrayReader(), [b'[ {"a":1}]'])
    assert rewrite(first, b"{}") == b"[ {}"
    with pytest.raises(ValueError, match="without an element"):
        rewrite(end, b"{}")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a"\\[]{},é'), max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.lists(VALUES, max_size=4), st.sampled_from([None, 1]))
def test_the_elements_of_any_array(values: list[Any], indent: int | None) -> None:
    told = check(JsonArrayReader, json.dumps(values, indent=indent, ensure_ascii=False).encode())
    assert [json.loads(element.data) for element in told if element.data is not None] == values
    assert not any(element.odd for element in told)


PIECES = st.sampled_from(
    [b"[", b"]", b"{", b"}", b",", b'"', b"\\", b" ", b"1", b'"a"', b"{}", b"[1,", b"\n"]
)
STREAM = st.lists(PIECES, max_size=20).map(lambda parts: b"[" + b"".join(parts)) | st.binary(max_size=20)


@pytest.mark.slow
@given(cut(STREAM), st.integers(1, 12))
def test_any_bytes_and_cuts(pieces: list[bytes], limit: int) -> None:
    check(JsonArrayReader, b"".join(pieces), pieces)
    frames = read(JsonArrayReader(limit), pieces)
    assert b"".join(frame.raw for frame in frames) == b"".join(pieces)
    assert all(len(frame.raw) <= limit for frame in frames if frame.data is not None)
