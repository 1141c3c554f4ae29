"""
Protocol Buffers on the wire, without a compiler and without a full schema.

``parse_fields`` cuts a message into its fields. ``read_view`` gives the few fields that a ``Shape`` names as
a plain value, as JSON would give it; ``rewrite`` puts other texts into a message at paths of that value while
every field that the shape does not name keeps its bytes, its order and its place; ``encode`` writes a value
of a shape anew.

A field that is not repeated but occurs twice is refused: by the encoding guide the last one counts and
messages are merged, and readers that stop at the first would be shown another text than those that do not.

Source: protobuf.dev "Encoding" (base 128 varints, message structure, "Last One Wins"); groups (wire types 3
and 4) are "deprecated" there, occur in no shape here, and are refused.

Bounds: ``MAX_FIELDS`` a message at every level; depth is a shape's own. ``Malformed`` is raised as
``protobuf_truncated``, ``protobuf_varint``, ``protobuf_wire_type``, ``protobuf_field_number``,
``protobuf_too_many_fields`` or ``protobuf_field_twice``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sensor.errors import Malformed

__all__ = [
    "MAX_FIELDS",
    "Field",
    "Kind",
    "Path",
    "Shape",
    "Spec",
    "encode",
    "encode_varint",
    "parse_fields",
    "read_varint",
    "read_view",
    "rewrite",
]

Path = tuple["str | int", ...]
"""Names and indexes from the root of a view."""

MAX_FIELDS = 100_000
"""Fields of one message."""

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10
_SIZES = {FIXED64: 8, FIXED32: 4}


class Field(NamedTuple):
    """One field of a message."""

    number: int
    wire_type: int
    value: int | bytes
    """A number where the wire type is 0; else the bytes, without a length."""
    start: int
    """Where its tag begins in the message."""
    end: int


class Kind(StrEnum):
    """What the shape says that a field holds."""

    STRING = "string"
    NUMBER = "number"
    """Any varint: whole numbers, booleans, enumerations."""
    MESSAGE = "message"
    HEX = "hex"
    """A string that is a message in hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One field that a shape names."""

    name: str
    kind: Kind = Kind.STRING
    shape: Shape | None = None
    """Of a message; ``None`` else."""
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a message that are read, by number."""

    fields: Mapping[int, Spec]


_WIRE = {Kind.STRING: LENGTH, Kind.NUMBER: VARINT, Kind.MESSAGE: LENGTH, Kind.HEX: LENGTH}


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A base 128 varint and where it ends. Raises ``Malformed``."""
    value = 0
    for count in range(_MAX_VARINT_BYTES):
        if at + count >= len(data):
            raise Malformed("protobuf_truncated")
        byte = data[at + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at + count + 1
    raise Malformed("protobuf_varint")


def encode_varint(value: int) -> bytes:
    """A number from 0 up as a varint; below 0 as its two's complement in 64 bits."""
    value &= 0xFFFF_FFFF_FFFF_FFFF
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def parse_fields(data: bytes) -> list[Field]:
    """The fields of a message in their order. Raises ``Malformed``."""
    fields: list[Field] = []
    at = 0
    while at < len(data):
        if len(fields) >= MAX_FIELDS:
            raise Malformed("protobuf_too_many_fields")
        start = at
        tag, at = read_varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        # "field numbers 1 through 536,870,911" (protobuf.dev, "Assigning Field Numbers")
        if not 1 <= number < 1 << 29:
            raise Malformed("protobuf_field_number")
        value: int | bytes
        if wire_type == VARINT:
            value, at = read_varint(data, at)
        else:
            if wire_type == LENGTH:
                size, at = read_varint(data, at)
            elif wire_type in _SIZES:
                size = _SIZES[wire_type]
            else:
                raise Malformed("protobuf_wire_type")
            if at + size > len(data):
                raise Malformed("protobuf_truncated")
            value = data[at : at + size]
            at += size
        fields.append(Field(number, wire_type, value, start, at))
    return fields


def read_view(data: bytes, shape: Shape) -> dict[str, Any]:
    """
    The named fields of a message: texts, numbers, dicts, and lists of these.

    A field whose wire type is not its kind's, a text that is no UTF-8 and digits that are none are left out,
    as an unknown field is. Raises ``Malformed``, also for an inner message.
    """
    view: dict[str, Any] = {}
    for field in parse_fields(data):
        spec = shape.fields.get(field.number)
        if spec is None or field.wire_type != _WIRE[spec.kind]:
            continue
        value = _value(field.value, spec)
        if value is None:
            continue
        if spec.repeated:
            view.setdefault(spec.name, []).append(value)
        elif spec.name in view:
            raise Malformed("protobuf_field_twice")
        else:
            view[spec.name] = value
    return view


def rewrite(data: bytes, shape: Shape, edits: Mapping[Path, str]) -> bytes:
    """
    The message with other texts at paths of its view. A path that leads to no text changes nothing.

    Raises ``Malformed`` as ``read_view`` does.
    """
    wanted = {path: text for path, text in edits.items() if path}
    if not wanted:
        return data
    made: list[bytes] = []
    kept = 0
    seen: dict[str, int] = {}
    for field in parse_fields(data):
        spec = shape.fields.get(field.number)
        if spec is None or field.wire_type != _WIRE[spec.kind] or _value(field.value, spec) is None:
            continue
        step: Path = (spec.name,)
        if spec.repeated:
            step = (spec.name, seen.get(spec.name, 0))
            seen[spec.name] = seen.get(spec.name, 0) + 1
        below = {path[len(step) :]: text for path, text in wanted.items() if path[: len(step)] == step}
        changed = _changed(field.value, spec, below)
        if changed is not None:
            made += (data[kept : field.start], _length_field(field.number, changed))
            kept = field.end
    return b"".join((*made, data[kept:]))


def encode(view: Mapping[str, Any], shape: Shape) -> bytes:
    """A message with what a view holds of a shape, in the shape's order."""
    made: list[bytes] = []
    for number, spec in shape.fields.items():
        held = view.get(spec.name)
        for value in held if spec.repeated and isinstance(held, list) else [held]:
            if spec.kind is Kind.NUMBER:
                if isinstance(value, int):
                    made.append(encode_varint(number << 3 | VARINT) + encode_varint(value))
            elif spec.shape is not None:
                if isinstance(value, dict):
                    inner = encode(value, spec.shape)
                    made.append(_length_field(number, inner if spec.kind is Kind.MESSAGE else _hex(inner)))
            elif isinstance(value, str):
                made.append(_length_field(number, _utf8(value)))
    return b"".join(made)


def _value(value: int | bytes, spec: Spec) -> Any:
    """What a field of the right wire type holds; ``None`` where it is no text or no digits."""
    if isinstance(value, int):
        return value
    if spec.shape is None:
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    inner = value if spec.kind is Kind.MESSAGE else _from_hex(value)
    return None if inner is None else read_view(inner, spec.shape)


def _changed(value: int | bytes, spec: Spec, edits: Mapping[Path, str]) -> bytes | None:
    """A field's new bytes; ``None`` where they stay."""
    if isinstance(value, int) or not edits:
        return None
    if spec.shape is None:
        return _utf8(edits[()]) if () in edits else None
    if spec.kind is Kind.MESSAGE:
        return rewrite(value, spec.shape, edits)
    return _hex(rewrite(_from_hex(value) or b"", spec.shape, edits))


def _utf8(text: str) -> bytes:
    """Lone surrogates cannot be written: ``?`` stands for them."""
    return text.encode("utf-8", "replace")


def _hex(data: bytes) -> bytes:
    return data.hex().encode("ascii")


def _from_hex(digits: bytes) -> bytes | None:
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return None


def _length_field(number: int, value: bytes) -> bytes:
    return encode_varint(number << 3 | LENGTH) + encode_varint(len(value)) + value
