"""
Bodies of application/x-www-form-urlencoded whose fields can be replaced while all other bytes stay.

Bounds: ``MAX_FIELDS``; work and memory are linear in the body, whose size is the caller's. ``Malformed`` is
raised as ``form_too_many_fields``.

Source: WHATWG URL, section 5.1 "application/x-www-form-urlencoded parsing" and 5.2 "serializing".
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote_plus, unquote_to_bytes

from sensor.errors import Malformed

__all__ = ["MAX_FIELDS", "Form"]

MAX_FIELDS = 10_000


class Form:
    """A form: its fields in order, duplicates among them, and the bytes it came in."""

    __slots__ = ("_pieces", "_places", "fields")

    def __init__(self, pieces: list[bytes], places: list[int], fields: list[tuple[str, str]]) -> None:
        self._pieces = pieces
        self._places = places
        self.fields = fields
        """Name and value, decoded; what is no UTF-8 is replaced by U+FFFD."""

    @classmethod
    def parse(cls, raw: bytes) -> Form:
        """Read a body. Any bytes are a form; empty pieces between two ``&`` are no fields."""
        if raw.count(b"&") >= MAX_FIELDS:
            raise Malformed("form_too_many_fields")
        pieces = raw.split(b"&")
        places = [at for at, piece in enumerate(pieces) if piece]
        fields = []
        for at in places:
            name, _, value = pieces[at].partition(b"=")
            fields.append((_decode(name), _decode(value)))
        return cls(pieces, places, fields)

    def replace(self, values: Mapping[int, str], names: Mapping[int, str] | None = None) -> bytes:
        """
        The body with other values, and other names, by the fields' indexes; all other bytes as they were.

        Raises ``IndexError`` for an index that no field has.
        """
        pieces = list(self._pieces)
        for index in sorted({*values, *(names or {})}):
            if not 0 <= index < len(self._places):
                raise IndexError(index)
            name, equals, value = pieces[self._places[index]].partition(b"=")
            if names and index in names:
                name = _encode(names[index])
            if index in values:
                equals, value = b"=", _encode(values[index])
            pieces[self._places[index]] = name + equals + value
        return b"&".join(pieces)


def _decode(data: bytes) -> str:
    return unquote_to_bytes(data.replace(b"+", b" ")).decode("utf-8", "replace")


def _encode(text: str) -> bytes:
    return quote_plus(text, safe="*", errors="replace").encode("ascii")
