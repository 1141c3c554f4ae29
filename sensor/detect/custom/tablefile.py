"""
The files that hold a user's exact data and fingerprints: keyed hashes, and not a piece of clear text.

::

    magic, 8 bytes      GNOMEXD1 or GNOMFPR1
    order, 4 bytes      0x01020304 as this machine writes it: a file serves machines of one byte order
    sections, 4 bytes   how many
    key check, 8 bytes  HMAC of a fixed text: whether the file was made with this home's key
    lengths, 8 bytes    of each section
    sections            each padded to 8 bytes; the first is JSON
    tag, 32 bytes       HMAC-SHA256 of all that precedes

The tag is checked before anything is believed, so a file that was cut, edited or made elsewhere is an error
and nothing worse.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

__all__ = [
    "EXACT", "FINGERPRINT", "MAX_HEADER", "TAG", "Sections", "TableError", "head", "keyed", "padding",
    "read", "tag_of",
]  # fmt: skip

EXACT: Final = b"GNOMEXD1"
FINGERPRINT: Final = b"GNOMFPR1"
MAX_HEADER: Final = 64 * 1024
"""Bytes of the first section."""
MAX_SECTIONS: Final = 16
TAG: Final = 32
_ORDER: Final = struct.pack("=I", 0x01020304)
_FIXED: Final = len(EXACT) + 4 + 4 + 8


class TableError(ValueError):
    """A file that is not one, or not this home's; the message is a sentence."""


class Sections:
    """A file that was checked: its header, and the bytes of the others."""

    __slots__ = ("header", "parts")

    def __init__(self, header: dict[str, Any], parts: Sequence[memoryview]) -> None:
        self.header = header
        self.parts = parts


def keyed(key: bytes, message: bytes) -> int:
    """64 bits of HMAC-SHA256."""
    return int.from_bytes(hmac.digest(key, message, "sha256")[:8], "big")


def padding(length: int) -> bytes:
    """What a section of so many bytes is followed by."""
    return bytes(-length % 8)


def head(magic: bytes, key: bytes, header: bytes, lengths: Iterable[int]) -> bytes:
    """Everything up to and with the first section; sections of ``lengths`` bytes follow, each padded."""
    every = [len(header), *lengths]
    check = hmac.digest(key, b"gnomon table key", "sha256")[:8]
    return b"".join(
        (magic, _ORDER, struct.pack("=I", len(every)), check, struct.pack(f"={len(every)}Q", *every), header,
         padding(len(header)))
    )  # fmt: skip


def tag_of(key: bytes, chunks: Iterable[bytes]) -> bytes:
    """What closes the file."""
    digest = hmac.new(key, b"gnomon table", hashlib.sha256)
    for chunk in chunks:
        digest.update(chunk)
    return digest.digest()


def read(magic: bytes, key: bytes, data: bytes | memoryview) -> Sections:
    """
    The sections of a file. They are views of ``data``, which may be a mapped file.

    Raises ``TableError``.
    """
    view = memoryview(data)
    if len(view) < _FIXED + TAG or bytes(view[:8]) != magic:
        known = {EXACT: "exact data", FINGERPRINT: "fingerprints"}
        raise TableError(f"not a file of {known[magic]}")
    if bytes(view[8:12]) != _ORDER:
        raise TableError("made on a machine of another byte order: make it anew here")
    check = hmac.digest(key, b"gnomon table key", "sha256")[:8]
    if not hmac.compare_digest(bytes(view[16:24]), check):
        raise TableError("made with another home's key: make it anew with this one")
    if not hmac.compare_digest(tag_of(key, _chunks(view[:-TAG])), bytes(view[-TAG:])):
        raise TableError("cut short or changed since it was made: make it anew")
    return _split(view)


def _split(view: memoryview) -> Sections:
    """The sections; what the tag vouches for can still come from another version of this program."""
    (count,) = struct.unpack("=I", view[12:16])
    at = _FIXED + 8 * min(count, MAX_SECTIONS)
    if not 1 <= count <= MAX_SECTIONS or at > len(view) - TAG:
        raise TableError("made by another version: make it anew")
    parts = []
    for length in struct.unpack(f"={count}Q", view[_FIXED:at]):
        if at + length > len(view) - TAG:
            raise TableError("made by another version: make it anew")
        parts.append(view[at : at + length])
        at += length + -length % 8
    if len(parts[0]) > MAX_HEADER:
        raise TableError("made by another version: make it anew")
    try:
        header = orjson.loads(parts[0])
    except orjson.JSONDecodeError:
        header = None
    if not isinstance(header, dict):
        raise TableError("made by another version: make it anew")
    return Sections(header, parts[1:])


def _chunks(view: memoryview) -> Iterator[bytes]:
    for at in range(0, len(view), 1 << 20):
        yield bytes(view[at : at + (1 << 20)])
