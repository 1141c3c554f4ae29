"""
What the pages of several web assistants have in common: uploads, and where a path names something.

Rule 1: a body of ``multipart/form-data`` is a list of parts, each ``{"name", "filename", "content_type",
"text", "size"}``; ``text`` is ``None`` where the content is no text. A part with a file name is a file.
Rule 2: where the whole body is the file (a ``PUT`` to a storage address), its path is ``()``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sensor.dialects.picking import MAX_PARTS, Gathering, at, items, mapping, string
from sensor.dialects.reading import Path, RequestHead
from sensor.model import Direction

__all__ = ["field", "in_path", "is_socket", "multipart", "raw_upload", "strings"]


def is_socket(head: RequestHead) -> bool:
    """Whether the request opens a WebSocket (RFC 6455, section 4.1, ``Upgrade``)."""
    return head.headers.get("upgrade", "").lower() == "websocket"


def in_path(head: RequestHead, pattern: re.Pattern[str]) -> str | None:
    """The first group of an expression that is found in the path without its query."""
    found = pattern.search(head.path.partition("?")[0])
    return found[1] if found is not None else None


def field(body: Any, name: str) -> tuple[Path, str] | None:
    """A text field of a form, multipart or not, with its path."""
    if isinstance(body, list):
        for number, part in enumerate(body[:MAX_PARTS]):
            text = at(part, "text")
            if at(part, "name") == name and not at(part, "filename") and isinstance(text, str):
                return (number, "text"), text
        return None
    value = mapping(body).get(name)
    if isinstance(value, str):
        return (name,), value
    first = at(value, 0)
    return ((name, 0), first) if isinstance(first, str) else None


def multipart(found: Gathering, body: Any) -> None:
    """Keep the files of a multipart body. What of them is text is an upload to be read."""
    for number, part in enumerate(items(body)[:MAX_PARTS]):
        name = at(part, "filename")
        if not isinstance(name, str):
            continue
        content = isinstance(at(part, "text"), str)
        found.file(
            (number, "text" if content else "filename"),
            name=name,
            media_type=at(part, "content_type"),
            coding="text" if content else None,
        )
        found.part(at(part, "text"), (number, "text"), Direction.UPLOAD, "user")


def raw_upload(found: Gathering, head: RequestHead, name: str | None = None) -> None:
    """Keep the body itself as a file."""
    found.file((), name=name, media_type=head.headers.get("content-type"))


def strings(value: Any) -> Iterator[tuple[int, str]]:
    """The strings that stand right in a list, with their indexes."""
    for number, item in enumerate(items(value)[:MAX_PARTS]):
        text = string(item)
        if text is not None:
            yield number, text
