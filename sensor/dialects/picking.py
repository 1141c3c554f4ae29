"""
Picking values out of a parsed JSON body that may be anything.

Rule 1: no function here raises, whatever the value is: what is not of the wanted type is absent.
Rule 2: work is bounded. ``MAX_PARTS`` pieces are kept of one reading, ``MAX_DEPTH`` levels are walked, and a
string of JSON over ``MAX_INNER`` characters is not parsed.

``Gathering`` is what a dialect fills while it reads a body, and turns into a ``Reading``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sensor.dialects.reading import Call, File, Part, Path, Reading, Usage
from sensor.model import Direction

__all__ = [
    "MAX_DEPTH",
    "MAX_INNER",
    "MAX_PARTS",
    "Gathering",
    "at",
    "inner_json",
    "integer",
    "items",
    "leaves",
    "mapping",
    "string",
    "text_at",
]

MAX_PARTS = 10_000
"""Parts, files, calls and tools that are kept of one reading, each."""
MAX_DEPTH = 64
"""Levels that are walked."""
MAX_INNER = 16 * 1024 * 1024
"""Characters of JSON inside a string that are parsed."""


def mapping(value: Any) -> dict[str, Any]:
    """The value where it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value where it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def string(value: Any) -> str | None:
    """The value where it is a string."""
    return value if isinstance(value, str) else None


def integer(value: Any) -> int | None:
    """The value where it is a whole number. ``true`` is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def at(value: Any, *path: str | int) -> Any:
    """What stands at a path of keys and indexes; ``None`` where nothing does."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return None
        elif not isinstance(value, list) or not 0 <= step < len(value):
            return None
        value = value[step]
    return value


def text_at(value: Any, *path: str | int) -> str | None:
    """The string that stands at a path of keys and indexes."""
    return string(at(value, *path))


def inner_json(text: Any) -> Any:
    """The value of a string of JSON; ``None`` where it is none, too long or too deep."""
    if not isinstance(text, str) or len(text) > MAX_INNER:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def leaves(value: Any, base: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every string in a value with its path, in the order of the text; ``base`` is set before each path."""
    stack: list[tuple[Path, Any]] = [(base, value)]
    limit = len(base) + MAX_DEPTH
    while stack:
        path, here = stack.pop()
        if isinstance(here, str):
            yield path, here
        elif len(path) >= limit:
            continue
        elif isinstance(here, dict):
            stack.extend(((*path, key), below) for key, below in reversed(here.items()))
        elif isinstance(here, list):
            stack.extend(((*path, number), here[number]) for number in range(len(here) - 1, -1, -1))


class Gathering:
    """
    What has been read of a body so far. Each method takes a value of any type and keeps it where it fits.

    Single facts (``model``, ``conversation``, …) are plain attributes.
    """

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.files: list[File] = []
        self.tools: list[str] = []
        self.tools_path: Path | None = None
        self.calls: list[Call] = []
        self.fixed: list[Path] = []
        self.model: str | None = None
        self.usage: Usage | None = None
        self.conversation: str | None = None
        self.account: str | None = None
        self.streams: bool | None = None
        self.signed = False
        self.request_id: str | int | None = None

    def part(
        self,
        value: Any,
        path: Path,
        direction: Direction,
        role: str | None = None,
        turn: int | None = None,
    ) -> bool:
        """Keep a text, where it is one that is not empty. True where it was a string."""
        if not isinstance(value, str):
            return False
        if value and len(self.parts) < MAX_PARTS:
            self.parts.append(Part(path, direction, role, turn))
        return True

    def leaves(
        self, value: Any, path: Path, direction: Direction, role: str | None = None, turn: int | None = None
    ) -> None:
        """Keep every string below a path."""
        for where, text in leaves(value, path):
            if len(self.parts) >= MAX_PARTS:
                return
            self.part(text, where, direction, role, turn)

    def file(
        self,
        path: Path,
        *,
        name: Any = None,
        media_type: Any = None,
        reference: Any = None,
        coding: str | None = None,
    ) -> None:
        """Keep a file. What of it is no string is absent."""
        if len(self.files) < MAX_PARTS:
            self.files.append(File(path, string(name), string(media_type), string(reference), coding))

    def tool(self, name: Any) -> None:
        """Keep the name of a tool that is offered, where it is one."""
        if isinstance(name, str) and name and len(self.tools) < MAX_PARTS:
            self.tools.append(name)

    def call(self, name: Any, path: Path, identity: Any = None) -> None:
        """Keep a call of a tool."""
        if len(self.calls) < MAX_PARTS:
            self.calls.append(Call(string(name), path, string(identity)))

    def keep_fixed(self, path: Path) -> None:
        """Keep the place of what must go on as it is."""
        if len(self.fixed) < MAX_PARTS:
            self.fixed.append(path)

    def reading(self) -> Reading:
        """All of it."""
        return Reading(
            parts=tuple(self.parts),
            files=tuple(self.files),
            tools=tuple(self.tools),
            tools_path=self.tools_path,
            calls=tuple(self.calls),
            model=self.model,
            usage=self.usage,
            conversation=self.conversation,
            account=self.account,
            streams=self.streams,
            signed=self.signed,
            fixed=tuple(self.fixed),
            request_id=self.request_id,
        )
