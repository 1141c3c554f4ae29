"""
The page of Microsoft Copilot for consumers: a WebSocket, ``copilot.microsoft.com/c/api/chat``.

The client's ``send`` holds ``content[]``: texts, images by address, documents by id. Files go up before, to
``/c/api/attachments``, as the body itself or as multipart. The service's messages are events: ``appendText``
and ``replaceText`` for a part of a message, ``partCompleted``, ``done``. One connection holds many turns.

Sources (unofficial): xtekky/gpt4free ``g4f/Provider/Copilot.py``, commit eef67f8c, 2026-08-21;
savevsgames/AI-PII-Sanitizer-Chrome-Extension ``docs/platforms/COPILOT_WEBSOCKET_PLAN.md``, network capture of
2025-11-03 (``messageId``, ``partId``); sums001/Windows-Copilot-API ``copilot/protocol.py`` and ``driver.py``,
commit 84389bf8, 2026-06-27 (order of the client's messages, ``challenge``, ``error``). A later version of
the last (its branch ``master``, read 2026-11-24) says that the page now is copilot.com and speaks to the
chat hub of ``m365_copilot``.

Bounds: ``MAX_PARTS`` texts of a message, ``MAX_LANES`` lanes.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, items, mapping, string, text_at
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Reading, RequestHead
from sensor.dialects.webforms import multipart, raw_upload, strings
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "CopilotStream", "read_answer", "read_message", "read_request", "stream"]

UNCONFIRMED = True


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request over HTTP says: a file that goes up, or nothing."""
    found = Gathering()
    if head.path.partition("?")[0].endswith("/c/api/attachments"):
        if isinstance(body, list):
            multipart(found, body)
        else:
            raw_upload(found, head)
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: where a file is, or which conversation begins."""
    found = Gathering()
    top = mapping(body)
    found.conversation = string(top.get("currentConversationId"))
    if head.path.partition("?")[0].endswith("/c/api/attachments"):
        for key in ("url", "id"):
            if isinstance(top.get(key), str):
                found.file((key,), reference=top[key])
    return found.reading()


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """What a client's message says; the service's are read by the stream."""
    found = Gathering()
    top = mapping(value)
    if not from_client or top.get("event") != "send":
        return found.reading()
    found.conversation = string(top.get("conversationId"))
    found.model = string(top.get("mode"))
    for number, part in enumerate(items(top.get("content"))[:MAX_PARTS]):
        if found.part(at(part, "text"), ("content", number, "text"), Direction.PROMPT, "user", 0):
            continue
        for key in ("url", "attachmentId"):
            reference = text_at(part, key)
            if reference is not None:
                found.file(("content", number, key), reference=reference)
    return found.reading()


def stream(head: RequestHead) -> CopilotStream:
    """A reader of one connection."""
    return CopilotStream()


class CopilotStream:
    """Lanes are ``(message, part)`` and ``(message, "thought")``; titles and suggestions end at once."""

    framing = Framing.WEBSOCKET

    def __init__(self) -> None:
        self._book = LaneBook()
        self._number = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        kind = top.get("event")
        message, part = string(top.get("messageId")), string(top.get("partId"))
        texts: list[LaneText] = []
        ends: tuple[Hashable, ...] = ()
        if kind in ("appendText", "replaceText", "chainOfThought") and isinstance(top.get("text"), str):
            form = {
                key: top[key] for key in ("event", "messageId", "partId") if isinstance(top.get(key), str)
            }
            name = (message, "thought" if kind == "chainOfThought" else part)
            lane = self._book.grow(name, None, {**form, "text": ""}, ("text",))
            grow = Grow.SNAPSHOT if kind == "replaceText" else Grow.APPEND
            texts.append(LaneText(lane, ("text",), grow=grow))
        elif kind == "partCompleted":
            ends = self._book.end((message, part))
        elif kind == "done":
            ends = self._book.end_under(message)
        elif kind == "titleUpdate" and isinstance(top.get("title"), str):
            texts.append(self._once(("title",)))
        elif kind == "generatingImage" and isinstance(top.get("prompt"), str):
            texts.append(self._once(("prompt",)))
        elif kind == "suggestedFollowups":
            texts.extend(self._once(("suggestions", number)) for number, _ in strings(top.get("suggestions")))
        return Frame(
            texts=tuple(texts),
            ends=ends or tuple(text.lane for text in texts if text.grow is Grow.WHOLE),
            conversation=string(top.get("conversationId")),
            is_error=kind == "error",
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    def _once(self, path: tuple[str | int, ...]) -> LaneText:
        """A text that is told whole."""
        self._number += 1
        return LaneText(("once", self._number), path, grow=Grow.WHOLE)
