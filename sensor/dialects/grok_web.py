"""
The page of Grok: ``grok.com/rest/app-chat/conversations/new`` and ``…/{id}/responses``, or a WebSocket,
``/ws/mgw/``.

Over HTTP a prompt is ``message``; files are named in ``fileAttachments`` and ``imageAttachments``, after they
went up to ``/rest/app-chat/upload-file`` (JSON with base64) or ``/http/upload-file-v2/direct`` (multipart).
The answer is one JSON object a line: a token of thinking, of a tool's card or of the answer, at last
``modelResponse`` with all of the text.

On the WebSocket a prompt is an event ``conversation.item.create``; the answer comes as ``response.chunk`` or
``response.output_text.delta``, until ``response.done``. One connection holds many turns.

Sources (unofficial): xtekky/gpt4free ``g4f/Provider/needs_auth/Grok.py``, commit eef67f8c, 2026-08-21
(request, token, title); chenyme/grok2api ``backend/internal/infra/provider/web/chat.go``, ``gateway.go`` and
``protocol_test.go``, commit d6f6e9f5, 2026-08-20 (``modelResponse``, ``messageTag``, errors, WebSocket,
multipart), ``app/dataplane/reverse/transport/asset_upload.py``, commit 13fadd54, read 2026-11-24 (base64).

Bounds: ``MAX_PARTS`` texts of a body, ``MAX_LANES`` lanes.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, items, mapping, string, text_at
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.dialects.webforms import in_path, is_socket, multipart, strings
from sensor.model import Direction

__all__ = [
    "UNCONFIRMED",
    "GrokSocket",
    "GrokStream",
    "read_answer",
    "read_message",
    "read_request",
    "stream",
]

UNCONFIRMED = True

_CONVERSATION = re.compile(r"/conversations/([^/]{1,128})/responses$")
_ASKS = re.compile(r"/conversations/(?:new|[^/]+/responses)$")


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says: a prompt, or a file that goes up."""
    found = Gathering()
    multipart(found, body)
    top = mapping(body)
    if isinstance(top.get("content"), str) and isinstance(top.get("fileName"), str):
        name, media_type = top["fileName"], top.get("fileMimeType")
        found.file(("content",), name=name, media_type=media_type, coding="base64")
        return found.reading()
    if _ASKS.search(head.path.partition("?")[0]) is not None:
        found.streams = True
    found.conversation = in_path(head, _CONVERSATION)
    found.model = string(top.get("modeId"))
    found.part(top.get("message"), ("message",), Direction.PROMPT, "user", 0)
    for key in ("fileAttachments", "imageAttachments"):
        for number, identity in strings(top.get(key)):
            found.file((key, number), reference=identity)
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: the id of a file."""
    found = Gathering()
    for path in (("fileMetadataId",), ("fileMetadata", "fileMetadataId")):
        identity = string(at(body, *path))
        if identity is not None:
            found.file(path, reference=identity)
    return found.reading()


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """What a client's message says; the service's are read by the stream."""
    found = Gathering()
    if not from_client:
        return found.reading()
    found.model = text_at(value, "event", "session", "model")
    found.conversation = text_at(value, "session_id")
    item = at(value, "event", "item")
    for number, chunk in enumerate(items(at(item, "x_grok", "input_chunks"))[:MAX_PARTS]):
        path = ("event", "item", "x_grok", "input_chunks", number, "text", "text")
        found.part(at(chunk, "text", "text"), path, Direction.PROMPT, "user", 0)
    for number, identity in strings(at(item, "file_attachment_ids")):
        found.file(("event", "item", "file_attachment_ids", number), reference=identity)
    return found.reading()


def stream(head: RequestHead) -> GrokStream | GrokSocket:
    """A reader of one streamed answer, or of one connection."""
    return GrokSocket() if is_socket(head) else GrokStream()


class GrokStream:
    """Lanes are ``"token"``, ``"thinking"`` and ``"tool"``; a title ends at once."""

    framing = Framing.NDJSON

    def __init__(self) -> None:
        self._book = LaneBook()

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        result = mapping(at(value, "result"))
        nested = isinstance(result.get("response"), dict)
        said = mapping(result["response"]) if nested else result
        base: Path = ("result", "response") if nested else ("result",)
        texts: list[LaneText] = []
        ends: tuple[Hashable, ...] = ()
        if isinstance(said.get("token"), str):
            name, direction = _kind(said)
            same = {
                key: said[key]
                for key in ("isThinking", "messageTag")
                if isinstance(said.get(key), (str, bool))
            }
            form = _nest(base, {"token": "", **same})
            lane = self._book.grow(name, None, form, (*base, "token"))
            texts.append(LaneText(lane, (*base, "token"), direction))
        if text_at(said, "modelResponse", "message") is not None:
            path = (*base, "modelResponse", "message")
            lane = self._book.grow(
                "token", None, _nest(base, {"token": "", "isThinking": False}), (*base, "token")
            )
            texts.append(LaneText(lane, path, grow=Grow.WHOLE))
            ends = self._book.end("token", "thinking", "tool")
        if text_at(result, "title", "newTitle") is not None:
            texts.append(LaneText("title", ("result", "title", "newTitle"), grow=Grow.WHOLE))
            ends = (*ends, "title")
        return Frame(
            texts=tuple(texts),
            ends=ends,
            conversation=text_at(result, "conversation", "conversationId"),
            is_error=isinstance(at(value, "error"), dict) or isinstance(said.get("error"), dict),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)


class GrokSocket:
    """Lanes are ``("chunk", channel)`` and ``"text"``."""

    framing = Framing.WEBSOCKET

    def __init__(self) -> None:
        self._book = LaneBook()

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        said = mapping(at(value, "event"))
        kind = said.get("type")
        same = {"session_id": value["session_id"]} if text_at(value, "session_id") is not None else {}
        texts: tuple[LaneText, ...] = ()
        ends: tuple[Hashable, ...] = ()
        path: Path
        if kind == "response.chunk" and text_at(said, "chunk", "text", "text") is not None:
            channel = text_at(said, "chunk", "text", "channel")
            below = {"text": ""} if channel is None else {"text": "", "channel": channel}
            form = {**same, "event": {"type": kind, "chunk": {"text": below}}}
            path = ("event", "chunk", "text", "text")
            texts = (LaneText(self._book.grow(("chunk", channel), None, form, path), path),)
        elif kind in ("response.output_text.delta", "response.output_text.done"):
            key = "delta" if kind == "response.output_text.delta" else "text"
            if isinstance(said.get(key), str):
                form = {**same, "event": {"type": "response.output_text.delta", "delta": ""}}
                lane = self._book.grow("text", None, form, ("event", "delta"))
                grow = Grow.APPEND if key == "delta" else Grow.WHOLE
                texts = (LaneText(lane, ("event", key), grow=grow),)
            ends = self._book.end("text") if key == "text" else ()
        return Frame(
            texts=texts,
            ends=ends,
            ends_all=kind == "response.done",
            conversation=text_at(said, "conversation", "id"),
            is_error=kind == "error",
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)


def _kind(said: dict[str, Any]) -> tuple[str, Direction]:
    """The lane of a token: a tool's card is XML of the page's own, with what is asked of the tool."""
    if said.get("messageTag") == "tool_usage_card":
        return "tool", Direction.TOOL_CALL
    return ("thinking" if said.get("isThinking") is True else "token"), Direction.ANSWER


def _nest(path: Path, value: Any) -> Any:
    for step in reversed(path):
        value = {step: value}
    return value
