"""
What parent and child say to each other over a socket: frames of a kind and a length, checked on arrival.

The parent believes nothing that comes from a child which has read a file: lengths are bounded before
anything is allocated, names must be of the fixed sets, text is decoded with replacement.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, fields

from sensor.extract.model import FORMATS, KINDS, PROBLEMS, Limits, Part

__all__ = [
    "END", "FORMAT", "HEADER", "MAX_FRAME", "PART", "Untrue", "frame", "pack_end", "pack_part",
    "pack_request",
    "unpack_end", "unpack_format", "unpack_part", "unpack_request",
]  # fmt: skip

HEADER = struct.Struct(">BI")
FORMAT, PART, END = 1, 2, 3
MAX_FRAME = 5 * 1024 * 1024
"""A part is at most a million characters of at most four bytes."""
MAX_REQUEST = 64 * 1024
_WHERE = 400
_PART = struct.Struct(">BH")


class Untrue(Exception):
    """A frame that no honest child sends."""


def frame(kind: int, body: bytes) -> bytes:
    """A frame on the wire."""
    return HEADER.pack(kind, len(body)) + body


def pack_part(part: Part) -> bytes:
    """A part as the body of a frame."""
    kind, where = part.kind.encode(), part.where.encode("utf-8", "replace")[: 4 * _WHERE]
    return b"".join((_PART.pack(len(kind), len(where)), kind, where, part.text.encode("utf-8", "replace")))


def unpack_part(body: bytes) -> Part:
    """:raises Untrue:"""
    if len(body) < _PART.size:
        raise Untrue
    kind_length, where_length = _PART.unpack_from(body)
    start = _PART.size + kind_length
    kind = body[_PART.size : start].decode("ascii", "replace")
    if kind not in KINDS or where_length > 4 * _WHERE or start + where_length > len(body):
        raise Untrue
    where = body[start : start + where_length].decode("utf-8", "replace")
    return Part(kind=kind, where=where[:_WHERE], text=body[start + where_length :].decode("utf-8", "replace"))


def unpack_format(body: bytes) -> str:
    """:raises Untrue:"""
    name = body[:20].decode("ascii", "replace")
    if name not in FORMATS:
        raise Untrue
    return name


def pack_end(truncated: bool, problems: tuple[str, ...], bytes_read: int) -> bytes:
    """The last frame's body."""
    return json.dumps([truncated, list(problems), bytes_read]).encode()


def unpack_end(body: bytes) -> tuple[bool, tuple[str, ...], int]:
    """:raises Untrue:"""
    if len(body) > 4096:
        raise Untrue
    try:
        truncated, problems, bytes_read = json.loads(body)
    except (ValueError, TypeError, RecursionError):
        raise Untrue from None
    if (
        not isinstance(truncated, bool)
        or not isinstance(problems, list)
        or not all(isinstance(problem, str) and problem in PROBLEMS for problem in problems)
        or not isinstance(bytes_read, int)
        or not 0 <= bytes_read < 2**48
    ):
        raise Untrue
    return truncated, tuple(sorted(set(problems))), bytes_read


def pack_request(limits: Limits, name: str | None, content_type: str | None, size: int) -> bytes:
    """What to read: ``size`` bytes follow, or with -1 an open file comes along."""
    values = asdict(limits)
    return json.dumps(
        {"limits": values, "name": (name or "")[:1000], "type": (content_type or "")[:1000], "size": size}
    ).encode()


def unpack_request(body: bytes) -> tuple[Limits, str | None, str | None, int]:
    """The other end of ``pack_request``."""
    told = json.loads(body)
    known = {item.name for item in fields(Limits)}
    limits = Limits(**{key: value for key, value in told["limits"].items() if key in known})
    return limits, told["name"] or None, told["type"] or None, told["size"]
