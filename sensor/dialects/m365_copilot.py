"""
Microsoft 365 Copilot: the chat API of Microsoft Graph, and the chat hub of its page.

Graph: ``POST /copilot/conversations/{id}/chat`` and ``…/chatOverStream`` with ``message.text``,
``additionalContext[]`` and files by address. An answer is a conversation whose ``messages[]`` have texts and
cards (the first message may tell the prompt back: nothing in it says so); streamed, each event is such a
conversation with all of a message so far.

Page: SignalR over a WebSocket, ``substrate.office.com/m365Copilot/Chathub/{user}@{tenant}``. A prompt is the
client's invocation (type 4) of ``chat``; images go up before as a form with ``FileBase64``. Answers come as
type 1 ``update``: ``messages[].text`` tells all so far, ``writeAtCursor`` adds to it; type 2 repeats it
whole, type 3 ends the call. Type 7 closes (SignalR).

Sources: Graph is documented by Microsoft (MicrosoftDocs/m365copilot-docs ``docs/api/ai-services/chat/``,
commit 90efae84, 2026-08-21; pages dated 2025-09-26). The page is not: microsoft/PyRIT
``pyrit/prompt_target/websocket_copilot_target.py``, commit 0d11e3f5, read 2026-11-24 (address, invocation,
upload, type 2); yutuknown/OmniRoute ``open-sse/executors/copilot-m365-frames.ts``, commit 2af5f44f, read
2026-11-24 (type 1, ``tone``); HEXUXIU/M365-Copilot2API ``scripts/chathub_probe.py``, commit 1791dd70,
2026-08-23. Hence ``UNCONFIRMED``, which says nothing against the part on Graph.

Bounds: ``MAX_PARTS`` texts of a body, ``MAX_LANES`` lanes.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any
from urllib.parse import unquote

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, items, leaves, mapping, string, text_at
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.dialects.webforms import field, in_path
from sensor.model import Direction

__all__ = [
    "UNCONFIRMED",
    "ChatHubStream",
    "GraphStream",
    "read_answer",
    "read_message",
    "read_request",
    "stream",
]

UNCONFIRMED = True

_GRAPH_CONVERSATION = re.compile(r"/copilot/conversations/([^/]{1,128})(?:/|$)", re.IGNORECASE)
_HUB = re.compile(r"^/m365Copilot/Chathub/([^/]{1,256})$", re.IGNORECASE)


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request over HTTP says: a prompt of the Graph API, or an image for the page."""
    found = Gathering()
    found.account = _tenant(head)
    found.conversation = in_path(head, _GRAPH_CONVERSATION)
    image, conversation = field(body, "FileBase64"), field(body, "conversationId")
    if image is not None:
        found.file(image[0], coding="data_url")
        found.conversation = conversation[1] if conversation is not None else None
        return found.reading()
    operation = head.path.partition("?")[0].rpartition("/")[2].lower()
    if operation in ("chat", "chatoverstream"):
        found.streams = operation == "chatoverstream"
    top = mapping(body)
    found.part(at(top, "message", "text"), ("message", "text"), Direction.PROMPT, "user", 0)
    for number, context in enumerate(items(top.get("additionalContext"))[:MAX_PARTS]):
        for key in ("text", "description"):
            found.part(at(context, key), ("additionalContext", number, key), Direction.PROMPT, "user")
    for number, file in enumerate(items(at(top, "contextualResources", "files"))[:MAX_PARTS]):
        address = text_at(file, "uri")
        if address is not None:
            found.file(("contextualResources", "files", number, "uri"), reference=address)
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: the messages of a turn, or the id of an image."""
    found = Gathering()
    found.conversation = in_path(head, _GRAPH_CONVERSATION)
    top = mapping(body)
    for number, message in enumerate(items(top.get("messages"))[:MAX_PARTS]):
        for path in _graph_texts(message):
            found.part(at(message, *path), ("messages", number, *path), Direction.ANSWER, "assistant", number)
    if isinstance(top.get("docId"), str):
        found.file(("docId",), reference=top["docId"])
    return found.reading()


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """What a client's record on the chat hub says; the service's are read by the stream."""
    found = Gathering()
    found.account = _tenant(head)
    top = mapping(value)
    if not from_client or top.get("target") != "chat":
        return found.reading()
    for number, argument in enumerate(items(top.get("arguments"))[:MAX_PARTS]):
        found.conversation = text_at(argument, "conversationId") or found.conversation
        found.model = text_at(argument, "tone") or found.model
        where = ("arguments", number, "message")
        found.part(at(argument, "message", "text"), (*where, "text"), Direction.PROMPT, "user", 0)
        for place, note in enumerate(items(at(argument, "message", "messageAnnotations"))[:MAX_PARTS]):
            identity = text_at(note, "id")
            if identity is not None:
                found.file(
                    (*where, "messageAnnotations", place, "id"),
                    name=at(note, "messageAnnotationMetadata", "fileName"),
                    reference=identity,
                )
        for plugin in items(at(argument, "plugins"))[:MAX_PARTS]:
            found.tool(at(plugin, "Id"))
    return found.reading()


def stream(head: RequestHead) -> GraphStream | ChatHubStream:
    """A reader of one streamed answer of Graph, or of one connection of the chat hub."""
    if in_path(head, _HUB) is not None:
        return ChatHubStream()
    return GraphStream(in_path(head, _GRAPH_CONVERSATION))


class GraphStream:
    """Lanes are ``(message, *path)`` of a text in a message; all are snapshots. Cards are not carried on."""

    framing = Framing.SSE

    def __init__(self, conversation: str | None = None) -> None:
        self._book = LaneBook()
        self._conversation = conversation

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        texts: list[LaneText] = []
        for number, message in enumerate(items(top.get("messages"))[:MAX_PARTS]):
            identity = text_at(message, "id")
            for path in _graph_texts(message)[: MAX_PARTS - len(texts)]:
                lane: Hashable = (identity if identity is not None else number, *path)
                if path == ("text",):
                    lane = self._book.grow(lane, event, *self._form(top, identity))
                texts.append(LaneText(lane, ("messages", number, *path), grow=Grow.SNAPSHOT))
        return Frame(
            texts=tuple(texts),
            conversation=string(top.get("id")) or self._conversation,
            is_error="error" in top,
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    @staticmethod
    def _form(top: dict[str, Any], identity: str | None) -> tuple[Any, Path]:
        """A conversation that has one message."""
        same = {key: top[key] for key in ("id", "state", "displayName") if isinstance(top.get(key), str)}
        message = {"text": ""} if identity is None else {"id": identity, "text": ""}
        return {**same, "messages": [message]}, ("messages", 0, "text")


class ChatHubStream:
    """
    Lanes are ``"answer"``, and one for each text that is told whole: the prompt told back, progress,
    suggestions.
    """

    framing = Framing.SIGNALR

    def __init__(self) -> None:
        self._book = LaneBook()
        self._number = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        kind = top.get("type")
        texts: list[LaneText] = []
        ends: list[Hashable] = []
        if kind == 1 and top.get("target") == "update":
            for number, argument in enumerate(items(top.get("arguments"))[:MAX_PARTS]):
                self._argument(argument, ("arguments", number), texts, ends)
        elif kind == 2:
            where = ("item", "result", "message")
            if text_at(top, *where) is not None:
                lane = self._book.grow("answer", None, *_cursor())
                texts.append(LaneText(lane, where, grow=Grow.WHOLE))
            ends.extend(self._book.end("answer"))
        return Frame(
            texts=tuple(texts),
            ends=tuple(ends),
            ends_all=kind in (3, 7),
            is_error=isinstance(top.get("error"), str),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    def _argument(self, argument: Any, where: Path, texts: list[LaneText], ends: list[Hashable]) -> None:
        for number, message in enumerate(items(at(argument, "messages"))[:MAX_PARTS]):
            if text_at(message, "text") is None or len(texts) >= MAX_PARTS:
                continue
            path = (*where, "messages", number, "text")
            author = at(message, "author")
            if author == "bot" and not at(message, "messageType"):
                form = {"type": 1, "target": "update", "arguments": [{"messages": [{"author": "bot"}]}]}
                lane = self._book.grow("answer", None, form, ("arguments", 0, "messages", 0, "text"))
                texts.append(LaneText(lane, path, grow=Grow.SNAPSHOT))
                continue
            self._number += 1
            direction = Direction.PROMPT if author == "user" else Direction.ANSWER
            texts.append(LaneText(("once", self._number), path, direction, Grow.WHOLE))
            ends.append(("once", self._number))
        if text_at(argument, "writeAtCursor") is not None and len(texts) < MAX_PARTS:
            lane = self._book.grow("answer", None, *_cursor())
            texts.append(LaneText(lane, (*where, "writeAtCursor")))


def _cursor() -> tuple[Any, Path]:
    """A record that adds to the answer."""
    form = {"type": 1, "target": "update", "arguments": [{"writeAtCursor": ""}]}
    return form, ("arguments", 0, "writeAtCursor")


def _graph_texts(message: Any) -> list[Path]:
    """Where the texts of a message of Graph stand: its text, and the texts of its cards."""
    found: list[Path] = [("text",)] if text_at(message, "text") is not None else []
    for path, _ in leaves(at(message, "adaptiveCards"), ("adaptiveCards",)):
        if path[-1] == "text":
            found.append(path)
    return found


def _tenant(head: RequestHead) -> str | None:
    """The tenant that the hub's path names after the user."""
    named = in_path(head, _HUB)
    return unquote(named).partition("@")[2] or None if named is not None else None
