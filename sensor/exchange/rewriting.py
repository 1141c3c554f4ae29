"""
Strings of a JSON text replaced at their paths, everything else byte for byte as it was.

A path may lead through a string that is JSON itself, or base64 of JSON (``reading.JSON``): the inner text is
rewritten, then the string around it, in the coding that it had. A path that ends there is base64 of a text.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from sensor.dialects.reading import JSON, Path
from sensor.errors import Malformed
from sensor.wire.jsontext import JsonText

__all__ = ["string_at", "with_strings"]

MAX_NESTED = 4
"""JSON in strings of JSON, so deep."""


def string_at(value: Any, path: Path) -> str | None:
    """The string at a path of a parsed body; ``None`` where there is none."""
    for at, step in enumerate(path):
        if step == JSON and isinstance(value, str):
            if at == len(path) - 1:
                return _text_in(value)
            inner = _inner(value)
            return None if inner is None else string_at(_loads(inner[0]), path[at + 1 :])
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value if isinstance(value, str) else None


def with_strings(raw: bytes, changes: Mapping[Path, str], depth: int = 0) -> bytes:
    """
    ``raw`` with the strings at these paths replaced.

    Raises ``Malformed`` where it is no JSON, or a path leads to no string: then nothing may go on as if it
    had been changed.
    """
    if depth > MAX_NESTED:
        raise Malformed("json_nested_too_deep")
    text = JsonText.parse(raw)
    places = {path: index for index, (path, _, is_key) in enumerate(text.strings()) if not is_key}
    new: dict[int, str] = {}
    nested: dict[Path, dict[Path, str]] = {}
    for path, string in changes.items():
        if JSON in path:
            at = path.index(JSON)
            nested.setdefault(path[:at], {})[path[at + 1 :]] = string
        elif path in places:
            new[places[path]] = string
        else:
            raise Malformed("json_path_without_string")
    for path, inner_changes in nested.items():
        outer = string_at(text.value, path)
        if outer is not None and path in places and () in inner_changes:
            if _text_in(outer) is None:
                raise Malformed("json_path_without_string")
            new[places[path]] = base64.b64encode(inner_changes[()].encode("utf-8", "surrogatepass")).decode()
            continue
        inner = _inner(outer) if outer is not None else None
        if inner is None or path not in places:
            raise Malformed("json_path_without_string")
        made = with_strings(inner[0], inner_changes, depth + 1)
        new[places[path]] = base64.b64encode(made).decode() if inner[1] else made.decode("utf-8")
    return text.replace(new)


def _inner(text: str) -> tuple[bytes, bool] | None:
    """The JSON in a string, and whether it stands there as base64; ``None`` where there is none."""
    raw = text.encode("utf-8", "surrogatepass")
    if _loads(raw) is not None:
        return raw, False
    try:
        decoded = base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        return None
    return (decoded, True) if _loads(decoded) is not None else None


def _text_in(text: str) -> str | None:
    """The text whose base64 this is."""
    try:
        return base64.b64decode(text.encode("utf-8", "surrogatepass"), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _loads(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except ValueError:
        return None
