"""
The page of DeepSeek: ``chat.deepseek.com/api/v0/chat/completion``, and ``/file/upload_file`` (multipart).

A prompt is ``prompt``, its files are ``ref_file_ids``. The history stays with the service. A proof of work in
a header covers the path, not the body.

An answer streams as operations on one document: ``p`` a path, ``o`` the operation (``APPEND``, ``SET``,
``BATCH``, a list with paths below ``p``), ``v`` the value. A text lies in the ``content`` of a fragment;
``-1`` is the last fragment. A bare ``{"v": "…"}`` goes on with the text before. A lane is a fragment, by its
number.

Sources (unofficial): xtekky/gpt4free ``g4f/Provider/needs_auth/DeepSeek.py``, commit eef67f8c, 2026-08-21
(request, upload, document, fragments, ``BATCH``, status); diegosouzapw/OmniRoute
``open-sse/executors/deepseek-web.ts``, commit 001e4db1, read 2026-11-24 (a fragment that is no list, errors).

Bounds: ``MAX_PARTS`` texts of a frame, ``MAX_LANES`` lanes.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, integer, items, mapping, string
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.dialects.webforms import multipart, strings
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "DeepSeekStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = True

_CONTENT = re.compile(r"^(?:response/)?fragments/(-?[0-9]{1,6})/content$")


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says: a prompt, or a file that goes up."""
    found = Gathering()
    multipart(found, body)
    top = mapping(body)
    if head.path.partition("?")[0].endswith("/chat/completion"):
        found.streams = True
    found.conversation = string(top.get("chat_session_id"))
    found.part(top.get("prompt"), ("prompt",), Direction.PROMPT, "user", 0)
    for number, identity in strings(top.get("ref_file_ids")):
        found.file(("ref_file_ids", number), reference=identity)
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: the id of a file, or of a session."""
    found = Gathering()
    for path in (("data", "id"), ("data", "biz_data", "id")):
        identity = string(at(body, *path))
        if identity is None:
            continue
        if "/file/" in head.path:
            found.file(path, reference=identity)
        else:
            found.conversation = identity
    return found.reading()


def stream(head: RequestHead) -> DeepSeekStream:
    """A reader of one streamed answer."""
    return DeepSeekStream()


class DeepSeekStream:
    """Lanes are ``("fragment", number)``, and ``("path", p)`` for a text at a path that names no fragment."""

    framing = Framing.SSE

    def __init__(self) -> None:
        self._book = LaneBook()
        self._path = ""
        self._fragments = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        texts: list[LaneText] = []
        ends: list[Hashable] = []
        over = False
        if "v" in top:
            path, operation = string(top.get("p")), string(top.get("o"))
            if path is not None:
                self._path = path
                over = self._apply(event, path, operation or "SET", top["v"], ("v",), texts, ends)
            elif operation == "BATCH":
                over = self._apply(event, "", operation, top["v"], ("v",), texts, ends)
            else:
                over = self._apply(event, self._path, operation or "APPEND", top["v"], ("v",), texts, ends)
        return Frame(
            texts=tuple(texts[:MAX_PARTS]),
            ends=tuple(dict.fromkeys(ends)),
            ends_all=over or event == "close",
            is_error=bool(integer(top.get("code"))) or bool(integer(at(top, "data", "biz_code"))),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    def _apply(
        self,
        event: str | None,
        path: str,
        operation: str,
        value: Any,
        where: Path,
        texts: list[LaneText],
        ends: list[Hashable],
    ) -> bool:
        """One operation; true where it says that the answer is over."""
        if operation == "BATCH":
            over = False
            for number, item in enumerate(items(value)[:MAX_PARTS]):
                one = mapping(item)
                below = "/".join(step for step in (path, string(one.get("p")) or "") if step)
                how = string(one.get("o")) or "SET"
                if how != "BATCH":
                    place = (*where, number, "v")
                    over = self._apply(event, below, how, one.get("v"), place, texts, ends) or over
            return over
        if path == "response/status":
            return bool(value == "FINISHED")
        if isinstance(value, str):
            self._text(event, path, operation, where, texts)
        elif path == "response/fragments":
            self._open(event, value, where, texts, ends)
        elif isinstance(value, dict):
            self._fragments = 0 if isinstance(value.get("response"), dict) else self._fragments
            fragments = at(value, "response", "fragments")
            self._open(event, fragments, (*where, "response", "fragments"), texts, ends)
        return False

    def _open(
        self, event: str | None, value: Any, where: Path, texts: list[LaneText], ends: list[Hashable]
    ) -> None:
        """Fragments begin: those of a list, or the one that a value is."""
        several = isinstance(value, list)
        for number, fragment in enumerate(items(value)[:MAX_PARTS] if several else [value]):
            if not isinstance(fragment, dict):
                continue
            ends.extend(self._book.end(("fragment", self._fragments - 1)))
            self._fragments += 1
            if isinstance(fragment.get("content"), str):
                path = (*where, number, "content") if several else (*where, "content")
                texts.append(self._grow(event, self._fragments - 1, path))

    def _text(self, event: str | None, path: str, operation: str, where: Path, texts: list[LaneText]) -> None:
        named = _CONTENT.search(path)
        if named is not None:
            place = int(named[1])
            number = self._fragments + place if place < 0 else place
        elif path.endswith("content"):
            form = {"p": path, "o": "APPEND", "v": ""}
            lane = self._book.grow(("path", path), event, form, ("v",))
            texts.append(LaneText(lane, where, grow=Grow.APPEND if operation == "APPEND" else Grow.SNAPSHOT))
            return
        elif where == ("v",) and operation == "APPEND":
            number = self._fragments - 1
        else:
            return
        texts.append(self._grow(event, number, where, operation))

    def _grow(self, event: str | None, number: int, path: Path, operation: str = "APPEND") -> LaneText:
        place = -1 if number == self._fragments - 1 else number
        form = {"p": f"response/fragments/{place}/content", "o": "APPEND", "v": ""}
        lane = self._book.grow(("fragment", number), event, form, ("v",))
        return LaneText(lane, path, grow=Grow.APPEND if operation == "APPEND" else Grow.SNAPSHOT)
