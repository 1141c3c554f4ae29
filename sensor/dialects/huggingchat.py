"""
HuggingChat: ``POST /chat/conversation/{id}``, multipart with JSON in the field ``data``.

A prompt is ``inputs``; files stand beside it, named ``base64;NAME`` (their text is base64) or ``hash;NAME``
(their text is the id of a file that the service has). ``POST /chat/conversation`` begins a conversation with
a model and a ``preprompt``; ``…/elicitation`` answers a question that a tool asked.

An answer is one JSON object a line (or, taken up again at ``…/stream``, an event each): tokens, reasoning,
calls of tools and their results, at last all of the text. The service fills every token with ``\\0`` to 16
characters, so that its length does not show: between two pieces of a text there may be such characters, and
who joins pieces takes them out.

Source: the service's own code, huggingface/chat-ui ``src/routes/conversation/[id]/+server.ts``, its
``elicitation`` and ``stream`` routes, ``src/routes/conversation/+server.ts``,
``src/lib/types/MessageUpdate.ts``, ``src/lib/types/Tool.ts``, ``src/lib/utils/messageUpdates.ts``, commit
c100c162, 2026-08-21.

Bounds: ``MAX_PARTS`` texts of a body, ``MAX_LANES`` lanes.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import (
    MAX_PARTS,
    Gathering,
    at,
    inner_json,
    items,
    leaves,
    mapping,
    string,
    text_at,
)
from sensor.dialects.reading import JSON, Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.dialects.webforms import field, in_path, strings
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "HuggingChatStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = False

_CONVERSATION = re.compile(r"/conversation/([0-9a-fA-F]{8,64})(?:/|$)")


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says: a prompt with files, a new conversation, an answer to a tool's question."""
    found = Gathering()
    found.conversation = in_path(head, _CONVERSATION)
    form = field(body, "data")
    if form is not None and isinstance(body, list):
        found.streams = True
        settings = inner_json(form[1])
        where = (*form[0], JSON)
        found.part(at(settings, "inputs"), (*where, "inputs"), Direction.PROMPT, "user", 0)
        for _, name in strings(at(settings, "selectedMcpServerNames")):
            found.tool(name)
    for number, part in enumerate(items(body)[:MAX_PARTS]):
        kind, mark, name = (text_at(part, "filename") or "").partition(";")
        if mark and at(part, "name") == "files":
            _file(found, part, number, kind, name)
    top = mapping(body)
    found.model = string(top.get("model"))
    found.part(top.get("preprompt"), ("preprompt",), Direction.PROMPT, "system")
    if isinstance(top.get("elicitationId"), str):
        found.leaves(top.get("content"), ("content",), Direction.TOOL_RESULT, "user")
    return found.reading()


def _file(found: Gathering, part: Any, number: int, kind: str, name: str) -> None:
    content = text_at(part, "text")
    path = (number, "filename" if content is None else "text")
    found.file(
        path,
        name=name,
        media_type=at(part, "content_type"),
        reference=content if kind == "hash" else None,
        coding="base64" if kind == "base64" and content is not None else None,
    )


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: which conversation begins."""
    return Reading(conversation=text_at(body, "conversationId") or in_path(head, _CONVERSATION))


def stream(head: RequestHead) -> HuggingChatStream:
    """A reader of one streamed answer."""
    again = head.path.partition("?")[0].endswith("/stream")
    return HuggingChatStream(Framing.SSE if again else Framing.NDJSON, in_path(head, _CONVERSATION))


class HuggingChatStream:
    """Lanes are ``"token"`` and ``"reasoning"``; all else is told whole and ends at once."""

    def __init__(self, framing: Framing = Framing.NDJSON, conversation: str | None = None) -> None:
        self.framing = framing
        self._conversation = conversation
        self._book = LaneBook()
        self._number = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        kind = top.get("type")
        texts: list[LaneText] = []
        ends: tuple[Hashable, ...] = ()
        calls: tuple[str, ...] = ()
        if kind in ("stream", "reasoning") and isinstance(top.get("token"), str):
            form = {"type": kind, "token": ""}
            if isinstance(top.get("subtype"), str):
                form["subtype"] = top["subtype"]
            name = "token" if kind == "stream" else "reasoning"
            texts.append(LaneText(self._book.grow(name, event, form, ("token",)), ("token",)))
        elif kind == "finalAnswer" and isinstance(top.get("text"), str):
            lane = self._book.grow("token", event, {"type": "stream", "token": ""}, ("token",))
            texts.append(LaneText(lane, ("text",), grow=Grow.WHOLE))
            ends = self._book.end("token", "reasoning")
        elif kind == "title" and isinstance(top.get("title"), str):
            texts.append(self._once(("title",)))
        elif kind == "tool":
            calls = self._tool(top, texts)
        return Frame(
            texts=tuple(texts[:MAX_PARTS]),
            ends=ends
            or tuple(one.lane for one in texts[:MAX_PARTS] if one.lane not in ("token", "reasoning")),
            ends_all=event == "end" or (kind == "status" and top.get("status") in ("finished", "error")),
            calls=calls,
            model=string(top.get("model")) if kind == "routerMetadata" else None,
            conversation=self._conversation,
            is_error=kind == "status" and top.get("status") == "error",
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    def _tool(self, top: dict[str, Any], texts: list[LaneText]) -> tuple[str, ...]:
        """A call with its arguments as an object (and once more as JSON), or a result."""
        call = mapping(top.get("call"))
        asked: tuple[Path, ...] = (("call", "parameters"), ("result", "call", "parameters"))
        for where in asked:
            for path, _ in leaves(at(top, *where), where):
                texts.append(self._once(path, Direction.TOOL_CALL))
        if isinstance(top.get("argumentsRaw"), str):
            texts.append(self._once(("argumentsRaw",), Direction.TOOL_CALL, escape=True))
        for key in ("reasoning", "content"):
            if isinstance(top.get(key), str):
                texts.append(self._once((key,)))
        results: tuple[Path, ...] = (("result", "outputs"), ("result", "message"), ("message",))
        for where in results:
            for path, _ in leaves(at(top, *where), where):
                texts.append(self._once(path, Direction.TOOL_RESULT))
        name = string(call.get("name"))
        return (name,) if name is not None else ()

    def _once(self, path: Path, direction: Direction = Direction.ANSWER, escape: bool = False) -> LaneText:
        self._number += 1
        return LaneText(("once", self._number), path, direction, Grow.WHOLE, escape)
