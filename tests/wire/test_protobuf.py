"""Protocol Buffers: fields, views of the few that are known, and texts put into messages whose rest stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.wire.protobuf import (
    MAX_FIELDS,
    Field,
    Kind,
    Shape,
    Spec,
    encode,
    encode_varint,
    parse_fields,
    read_varint,
    read_view,
    rewrite,
)

INNER = Shape({1: Spec("text"), 2: Spec("notes", repeated=True)})
SHAPE = Shape(
    {
        1: Spec("name"),
        2: Spec("number", Kind.NUMBER),
        3: Spec("turns", Kind.MESSAGE, INNER, repeated=True),
        4: Spec("last", Kind.MESSAGE, INNER),
        5: Spec("packed", Kind.HEX, INNER),
        6: Spec("numbers", Kind.NUMBER, repeated=True),
    }
)


def test_the_examples_of_the_encoding_guide() -> None:
    """protobuf.dev, "Encoding": 150 in field 1, and "testing" in field 2."""
    assert parse_fields(bytes.fromhex("089601")) == [Field(1, 0, 150, 0, 3)]
    assert parse_fields(bytes.fromhex("120774657374696e67")) == [Field(2, 2, b"testing", 0, 9)]
    assert parse_fields(bytes.fromhex("0d01000000" + "110200000000000000")) == [
        Field(1, 5, b"\1\0\0\0", 0, 5),
        Field(2, 1, b"\2\0\0\0\0\0\0\0", 5, 14),
    ]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("08", "protobuf_truncated"),
        ("0880", "protobuf_truncated"),
        ("1205aa", "protobuf_truncated"),
        ("0d0102", "protobuf_truncated"),
        ("08" + "ff" * 10 + "01", "protobuf_varint"),
        ("0b", "protobuf_wire_type"),
        ("0f", "protobuf_wire_type"),
        ("0001", "protobuf_field_number"),
        ("8080808010" + "00", "protobuf_field_number"),
        ("12ffffffffffffffffff01", "protobuf_truncated"),
    ],
)
def test_bytes_that_break_the_rules_have_a_name(data: str, name: str) -> None:
    with pytest.raises(Malformed, match=name):
        parse_fields(bytes.fromhex(data))


@pytest.mark.slow
def test_a_message_has_a_bounded_number_of_fields() -> None:
    assert len(parse_fields(b"\x08\x01" * MAX_FIELDS)) == MAX_FIELDS
    with pytest.raises(Malformed, match="protobuf_too_many_fields"):
        parse_fields(b"\x08\x01" * (MAX_FIELDS + 1))


@given(st.integers(0, 2**64 - 1), st.binary(max_size=3))
def test_a_varint_reads_back(number: int, before: bytes) -> None:
    made = encode_varint(number)
    assert read_varint(before + made, len(before)) == (number, len(before) + len(made))


def test_a_number_below_zero_takes_ten_bytes() -> None:
    assert encode_varint(-1) == b"\xff" * 9 + b"\x01"


def test_a_view_has_what_the_shape_names_and_nothing_else() -> None:
    view = {
        "name": "a",
        "number": 7,
        "turns": [{"text": "one"}, {"notes": ["x", "y"]}],
        "last": {},
        "packed": {"text": "two"},
        "numbers": [1, 2],
    }
    data = encode(view, SHAPE)
    assert read_view(data, SHAPE) == view
    unknown = b"\x7a\x01z" + b"\x7d\0\0\0\0"
    assert read_view(unknown + data, SHAPE) == view


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(b"\x08\x01", id="a number where a text is named"),
        pytest.param(b"\x0a\x01\xff", id="no UTF-8"),
        pytest.param(b"\x2a\x03abz", id="no hexadecimal digits"),
        pytest.param(b"\x12\x01a", id="a text where a number is named"),
    ],
)
def test_what_is_not_of_its_kind_is_left_out_and_stays_in_the_bytes(field: bytes) -> None:
    assert read_view(field, SHAPE) == {}
    paths = {("name",): "x", ("number",): "x", ("packed", "text"): "x"}
    assert rewrite(field, SHAPE, paths) == field


def test_a_single_field_that_occurs_twice_is_refused() -> None:
    with pytest.raises(Malformed, match="protobuf_field_twice"):
        read_view(b"\x0a\x01a\x0a\x01b", SHAPE)


def test_texts_are_replaced_at_their_places_and_every_other_byte_stays() -> None:
    data = encode(
        {"name": "Person A", "number": 3, "turns": [{"text": "a"}, {"text": "b", "notes": ["c", "d"]}]}, SHAPE
    )
    unknown = b"\xa2\x06\x05other"
    made = rewrite(
        unknown + data + unknown,
        SHAPE,
        {("name",): "TOKEN", ("turns", 1, "notes", 1): "longer than before", ("turns", 0, "text"): "é"},
    )
    assert made[: len(unknown)] == unknown == made[-len(unknown) :]
    assert read_view(made, SHAPE) == {
        "name": "TOKEN",
        "number": 3,
        "turns": [{"text": "é"}, {"text": "b", "notes": ["c", "longer than before"]}],
    }


def test_a_text_inside_hexadecimal_digits_is_replaced_too() -> None:
    data = encode({"packed": {"text": "Person A"}}, SHAPE)
    assert read_view(rewrite(data, SHAPE, {("packed", "text"): "x"}), SHAPE) == {"packed": {"text": "x"}}


@pytest.mark.parametrize(
    "path", [(), ("turns",), ("turns", 9, "text"), ("number",), ("name", "x"), ("last",)]
)
def test_a_path_that_leads_to_no_text_changes_nothing(path: tuple[str | int, ...]) -> None:
    data = encode({"name": "a", "number": 1, "turns": [{"text": "b"}]}, SHAPE)
    assert rewrite(data, SHAPE, {path: "x"}) == data
    assert rewrite(data, SHAPE, {}) == data


def test_what_a_view_holds_of_another_type_is_not_written() -> None:
    odd: dict[str, Any] = {"name": 1, "number": "x", "turns": ["x", {"text": "a"}], "last": "x", "numbers": 5}
    assert read_view(encode(odd, SHAPE), SHAPE) == {"turns": [{"text": "a"}], "numbers": [5]}
    assert encode({"name": "\ud800"}, SHAPE) == b"\x0a\x01?"


@given(st.binary(max_size=60))
def test_any_bytes_give_fields_or_malformed_and_the_fields_are_all_of_the_bytes(data: bytes) -> None:
    try:
        fields = parse_fields(data)
    except Malformed:
        return
    assert [field.start for field in fields] == [0, *(field.end for field in fields[:-1])][: len(fields)]
    assert (fields[-1].end if fields else 0) == len(data)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INNERS = st.fixed_dictionaries({}, optional={"text": TEXT, "notes": st.lists(TEXT, min_size=1, max_size=3)})
VIEWS = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "number": st.integers(0, 2**64 - 1),
        "turns": st.lists(INNERS, min_size=1, max_size=3),
        "last": INNERS,
        "packed": INNERS,
    },
)


@pytest.mark.slow
@given(VIEWS, st.binary(max_size=30), TEXT)
def test_a_rewritten_message_reads_back_with_the_new_texts(
    view: dict[str, Any], noise: bytes, text: str
) -> None:
    unknown = encode_varint(900 << 3 | 2) + encode_varint(len(noise)) + noise
    data = encode(view, SHAPE) + unknown
    assert read_view(data, SHAPE) == view
    edits: dict[tuple[str | int, ...], str] = {}
    wanted = dict(view)
    if "name" in view:
        edits["name",] = wanted["name"] = text
    if "text" in view.get("packed", {}):
        edits["packed", "text"] = text
        wanted["packed"] = {**view["packed"], "text": text}
    made = rewrite(data, SHAPE, edits)
    assert read_view(made, SHAPE) == wanted
    assert made.endswith(unknown)


@given(st.binary(max_size=60), TEXT)
def test_rewriting_any_bytes_gives_bytes_or_malformed(data: bytes, text: str) -> None:
    try:
        made = rewrite(data, SHAPE, {("name",): text, ("turns", 0, "text"): text})
        read_view(made, SHAPE)
    except Malformed:
        return
