"""
The page of Claude: ``claude.ai/api/organizations/{id}/chat_conversations/{id}/completion``, and beside it
``…/retry_completion``, which sends no prompt.

A prompt is ``prompt``; the text of a file stands in ``attachments[].extracted_content``, other files in
``files[]`` by their id. Files go up as multipart: ``…/wiggle/upload-file``, ``…/upload``, and
``/api/convert_document``, which gives their text back. The history stays with the service: organisation and
conversation stand in the path.

An answer streams as events like those of the Messages API, with a few of the page's own. The form that was
used before them (``completion`` events, ``/api/append_message``) is read as well. Thinking is not sent back
by the page, so nothing in it is fixed by a signature.

Sources (unofficial): diegosouzapw/OmniRoute ``open-sse/executors/claude-web.ts`` (commit 47e9ee66),
``claude-web/payload.ts`` (ef3e5a4f), ``claude-web/stream.ts`` (5272ae5b), read 2026-11-24;
st1vms/unofficial-claude-api ``claude_api/client.py``, commit 78482344, 2024-12-25 (attachments, ``/upload``);
cyber-wojtek/Claude-API ``claude_webapi/client.py``, commit 8b6b8d42, 2026-02-27 (``wiggle``,
``system_prompt``); KoushikNavuluri/Claude-API ``claude-api/claude_api.py``, commit 1436d46a, 2023-08-17
(``convert_document``, ``append_message``).

Bounds: ``MAX_PARTS`` texts of a body, ``MAX_LANES`` lanes.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, integer, items, mapping, string, text_at
from sensor.dialects.reading import Frame, Framing, LaneText, Reading, RequestHead
from sensor.dialects.webforms import field, in_path, multipart, strings
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "ClaudeWebStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = True

_ORGANISATION = re.compile(r"^/api/(?:organizations/)?([0-9a-fA-F-]{36})(?:/|$)")
_CONVERSATION = re.compile(r"/(?:chat_)?conversations/([0-9a-fA-F-]{36})(?:/|$)")
_STREAMING = re.compile(r"/(?:retry_)?completion$|/append_message$")


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says: a prompt with its attachments, or a file that goes up."""
    found = Gathering()
    found.account = in_path(head, _ORGANISATION)
    found.conversation = in_path(head, _CONVERSATION)
    if _STREAMING.search(head.path.partition("?")[0]) is not None:
        found.streams = True
    multipart(found, body)
    organisation = field(body, "orgUuid")
    if organisation is not None:
        found.account = found.account or organisation[1]
    top = mapping(body)
    found.model = string(top.get("model")) or text_at(top, "completion", "model")
    found.account = found.account or string(top.get("organization_uuid"))
    found.conversation = found.conversation or string(top.get("conversation_uuid"))
    found.part(top.get("system_prompt"), ("system_prompt",), Direction.PROMPT, "system")
    for number, style in enumerate(items(top.get("personalized_styles"))[:MAX_PARTS]):
        where = ("personalized_styles", number, "prompt")
        found.part(at(style, "prompt"), where, Direction.PROMPT, "system")
    for key in ("prompt", "text"):
        found.part(top.get(key), (key,), Direction.PROMPT, "user")
    found.part(at(top, "completion", "prompt"), ("completion", "prompt"), Direction.PROMPT, "user")
    for number, attachment in enumerate(items(top.get("attachments"))[:MAX_PARTS]):
        content = text_at(attachment, "extracted_content")
        if content is not None:
            path = ("attachments", number, "extracted_content")
            name, media_type = at(attachment, "file_name"), at(attachment, "file_type")
            found.file(path, name=name, media_type=media_type, coding="text")
            found.part(content, path, Direction.UPLOAD, "user")
    for number, identity in strings(top.get("files")):
        found.file(("files", number), reference=identity)
    if isinstance(top.get("tools"), list):
        found.tools_path = ("tools",)
        for tool in top["tools"][:MAX_PARTS]:
            found.tool(at(tool, "name"))
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: the text of a file that was converted, or its id."""
    found = Gathering()
    found.account = in_path(head, _ORGANISATION)
    found.conversation = in_path(head, _CONVERSATION)
    top = mapping(body)
    content = string(top.get("extracted_content"))
    if content is not None:
        path = ("extracted_content",)
        found.file(path, name=top.get("file_name"), media_type=top.get("file_type"), coding="text")
        found.part(content, path, Direction.UPLOAD, "user")
    if isinstance(top.get("file_uuid"), str):
        found.file(("file_uuid",), name=top.get("file_name"), reference=top["file_uuid"])
    return found.reading()


def stream(head: RequestHead) -> ClaudeWebStream:
    """A reader of one streamed answer."""
    return ClaudeWebStream(in_path(head, _CONVERSATION))


_DELTAS = {
    "text_delta": ("text",),
    "thinking_delta": ("thinking", "text"),
    "thinking_summary_delta": ("text", "thinking"),
    "input_json_delta": ("partial_json",),
}
"""Types of a delta, with the names under which its text may stand."""


class ClaudeWebStream:
    """Lanes are ``("block", index, name)`` with the name of the text's key, and ``"completion"``."""

    framing = Framing.SSE

    def __init__(self, conversation: str | None = None) -> None:
        self._book = LaneBook()
        self._conversation = conversation

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        kind = string(top.get("type")) or event
        texts: tuple[LaneText, ...] = ()
        ends: tuple[Hashable, ...] = ()
        calls: tuple[str, ...] = ()
        model = string(top.get("model")) or text_at(top, "message", "model")
        index = integer(top.get("index"))
        if kind == "content_block_start" and index is not None:
            block = mapping(top.get("content_block"))
            name = string(block.get("name"))
            calls = (name,) if block.get("type") == "tool_use" and name is not None else ()
            texts = tuple(
                self._grow(event, index, f"{key}_delta", (key,), ("content_block", key))
                for key in ("text", "thinking")
                if isinstance(block.get(key), str)
            )
        elif kind == "content_block_delta" and index is not None:
            texts = self._delta(event, index, mapping(top.get("delta")))
        elif kind == "content_block_stop" and index is not None:
            ends = self._book.end_under("block", index)
        elif isinstance(top.get("completion"), str):
            form = {"type": "completion", "completion": "", "stop_reason": None}
            lane = self._book.grow("completion", event, form, ("completion",))
            texts = (LaneText(lane, ("completion",)),)
            ends = self._book.end("completion") if isinstance(top.get("stop_reason"), str) else ()
        return Frame(
            texts=texts,
            ends=ends,
            ends_all=kind == "message_stop",
            calls=calls,
            model=model,
            conversation=self._conversation,
            is_error=kind == "error" or isinstance(top.get("error"), dict),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    def _delta(self, event: str | None, index: int, delta: dict[str, Any]) -> tuple[LaneText, ...]:
        kind = string(delta.get("type")) or ""
        if kind == "thinking_summary_delta":
            for below in (("summary",), ("summary", "summary"), ("summary", "text"), ("summary", "thinking")):
                if text_at(delta, *below) is not None:
                    return (self._grow(event, index, kind, below, ("delta", *below)),)
        for key in _DELTAS.get(kind, ()):
            if isinstance(delta.get(key), str):
                return (self._grow(event, index, kind, (key,), ("delta", key)),)
        return ()

    def _grow(
        self, event: str | None, index: int, kind: str, below: tuple[str, ...], path: tuple[str, ...]
    ) -> LaneText:
        text: Any = ""
        for key in reversed(below):
            text = {key: text}
        form = {"type": "content_block_delta", "index": index, "delta": {"type": kind, **text}}
        said = None if event is None else "content_block_delta"
        lane = self._book.grow(("block", index, *below), said, form, ("delta", *below))
        if kind == "input_json_delta":
            return LaneText(lane, path, Direction.TOOL_CALL, escape=True)
        return LaneText(lane, path)
