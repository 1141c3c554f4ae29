"""
The page of ChatGPT: ``/backend-api/`` and, without an account, ``/backend-anon/``.

A prompt is ``messages[]`` of ``…/conversation`` or ``…/f/conversation``: text in ``content.parts``, files as
``asset_pointer`` in a part or as ``metadata.attachments``. A file goes up in three steps: ``…/files`` names
it, a ``PUT`` to a storage address carries it (Azure blob), ``…/files/{id}/uploaded`` ends it.

An answer streams as server-sent events in the delta encoding ``v1``: operations ``add``, ``append``,
``replace`` and ``patch`` (a list of operations) on one document, each with a JSON Pointer. An event that
leaves out path or operation repeats the last one. A lane is the path of a text in a message. Without the
encoding, every event holds the message so far. ``…/conversation/resume`` streams in the same form.

Long turns are handed over to a WebSocket, whose frames hold events as *text* in ``encoded_item``. Such an
event has no path here, so each ``encoded_item`` is a lane of its own: what is cut between two is not joined.

Rule: what is carried on in a lane must not change what the page takes as the last path and operation. Where
the next event relies on others than the lane's own, ``flush`` gives ``None``.

Sources (unofficial, none by the vendor):
xtekky/gpt4free ``g4f/Provider/needs_auth/OpenaiChat.py``, commit eef67f8c, 2026-08-21 (request, attachments,
upload, sticky path, thoughts, ``error``, ``conversation-update`` on the WebSocket);
ratacat/pro-query ``docs/chatgpt-web-api-handbook.md``, commit 7962ca2e, as observed on 2026-05-08 (events,
``resume``, model of a message);
ypibsvanderdev/yahiaroute ``open-sse/utils/chatgptWebDeltaV1.ts`` and ``chatgptWebTransport.ts``, commit
0999ce4b, read 2026-11-24 (the four operations, ``encoded_item``, ``catchups``);
kymuco/chatgpt-web-adapter ``src/chatgpt_web_adapter/client.py``, commit 5f6a8ee2, 2026-08-22 (WebSocket);
diegosouzapw/OmniRoute ``open-sse/executors/chatgpt-web/sse.ts``, commit ef2f0961, read 2026-11-24 (events
without the encoding); lanqian528/chat2api ``chatgpt/ChatService.py`` and ``README.md``, commit e8a2fbb7,
2024-10-07 (``chatgpt-account-id``, upload).

Bounds: ``MAX_PARTS`` texts of a frame, ``MAX_LANES`` lanes, one message's metadata.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, items, leaves, mapping, string, text_at
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.dialects.webforms import in_path, is_socket, raw_upload
from sensor.model import Direction

__all__ = [
    "UNCONFIRMED",
    "ChatGptSocket",
    "ChatGptStream",
    "read_answer",
    "read_message",
    "read_request",
    "stream",
]

UNCONFIRMED = True

_CONVERSATION = re.compile(r"/(?:f/)?conversation(?:/resume)?$")
_CONVERSATION_ID = re.compile(r"/conversation/([0-9a-fA-F-]{8,64})(?:/|$)")
_STORAGE = re.compile(r"(?:^|\.)(?:oaiusercontent\.com|blob\.core\.windows\.net)$")

_DIRECTIONS = {
    "assistant": Direction.ANSWER,
    "tool": Direction.TOOL_RESULT,
}
_TEXT_KEYS = frozenset({"text", "content", "summary", "result"})
_OVER = frozenset({"finished_successfully", "finished_partial_completion", "finished"})


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says: a prompt, a file that is announced, or a file's content."""
    found = Gathering()
    found.account = head.headers.get("chatgpt-account-id") or None
    host = (head.host or "").lower().partition(":")[0]
    if head.method == "PUT" and _STORAGE.search(host) is not None:
        raw_upload(found, head)
        return found.reading()
    top = mapping(body)
    found.model = string(top.get("model"))
    found.conversation = string(top.get("conversation_id"))
    if head.method == "POST" and _CONVERSATION.search(head.path.partition("?")[0]) is not None:
        found.streams = True
    for number, message in enumerate(items(top.get("messages"))[:MAX_PARTS]):
        _message(found, message, ("messages", number), number)
    if isinstance(top.get("file_name"), str):
        found.file(("file_name",), name=top["file_name"], media_type=top.get("mime_type"))
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: a message, a conversation's history (``mapping``), or a file's address."""
    found = Gathering()
    top = mapping(body)
    found.conversation = string(top.get("conversation_id")) or in_path(head, _CONVERSATION_ID)
    _message(found, top.get("message"), ("message",), None)
    for number, (name, node) in enumerate(list(mapping(top.get("mapping")).items())[:MAX_PARTS]):
        _message(found, at(node, "message"), ("mapping", name, "message"), number)
    if isinstance(top.get("file_id"), str):
        found.file(("file_id",), reference=top["file_id"])
    found.part(top.get("title"), ("title",), Direction.ANSWER, "assistant")
    return found.reading()


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """A client's WebSocket message: it subscribes to topics and says nothing else."""
    return Reading(account=head.headers.get("chatgpt-account-id") or None)


def stream(head: RequestHead) -> ChatGptStream | ChatGptSocket:
    """A reader of one streamed answer."""
    return ChatGptSocket() if is_socket(head) else ChatGptStream()


class ChatGptStream:
    """Lanes are ``(message, pointer)``, and ``("title", n)`` for the title of a conversation."""

    framing = Framing.SSE

    def __init__(self) -> None:
        self._book = LaneBook()
        self._path = ""
        self._operation = "append"
        self._relies: tuple[str | None, str | None] = (None, None)
        """Last path and operation, as far as the event just read relied on them."""
        self._number = 0
        self._message = ""
        self._identity: str | None = None
        self._role: str | None = None
        self._recipient = "all"
        self._language: str | None = None
        self._grown: dict[str, int] = {}
        """Lists of the message's content, with their lengths."""

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        self._relies = (None, None)
        if value is None:
            return Frame(ends_all=True)
        top = mapping(value)
        out = _Out()
        out.conversation = string(top.get("conversation_id"))
        out.is_error = bool(top.get("error"))
        if event == "delta_encoding":
            self._path, self._operation = "", "append"
        elif "v" in top:
            self._delta(event, top, out)
        elif "message" in top:
            self._document(event, top, (), out, snapshot=True)
        elif isinstance(top.get("input_message"), dict):
            self._echo(top["input_message"], ("input_message",), out)
        elif isinstance(top.get("title"), str):
            self._number += 1
            out.texts.append(LaneText(("title", self._number), ("title",), grow=Grow.WHOLE))
            out.ends.append(("title", self._number))
        out.ends_all = top.get("type") == "message_stream_complete"
        return out.frame()

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        made = self._book.flush(lane, text)
        if made is None:
            return None
        event, form = made
        if "p" not in form:
            return event, form
        for said in (form, {"p": "", "o": "patch", "v": [form]}):
            path, operation = self._relies
            if path in (None, said["p"]) and operation in (None, said["o"]):
                return event, said
        return None

    def _delta(self, event: str | None, top: dict[str, Any], out: _Out) -> None:
        path, operation = string(top.get("p")), string(top.get("o"))
        self._relies = (
            self._path if path is None else None,
            self._operation if operation is None else None,
        )
        self._path = self._path if path is None else path
        self._operation = self._operation if operation is None else operation
        value = top["v"]
        if self._operation == "patch" or (isinstance(value, list) and not self._path):
            for number, item in enumerate(items(value)[:MAX_PARTS]):
                one = mapping(item)
                pointer, how = string(one.get("p")) or "", string(one.get("o")) or "append"
                self._apply(event, pointer, how, one.get("v"), ("v", number, "v"), out)
            return
        self._apply(event, self._path, self._operation, value, ("v",), out)

    def _apply(
        self, event: str | None, pointer: str, operation: str, value: Any, where: Path, out: _Out
    ) -> None:
        if not pointer:
            if isinstance(value, dict):
                out.conversation = string(value.get("conversation_id")) or out.conversation
                self._document(event, value, where, out)
            elif isinstance(value, str) and value:
                self._grow(event, "/message/content/parts/0", value, where, out)
            return
        if pointer == "/message/status" and string(value) in _OVER:
            out.ends.extend(self._book.end_under(self._message))
        elif pointer == "/message/recipient":
            self._recipient = string(value) or self._recipient
        elif pointer == "/conversation_id":
            out.conversation = string(value) or out.conversation
        elif pointer.startswith("/message/content/"):
            self._content(event, pointer, operation, value, where, out)

    def _content(
        self, event: str | None, pointer: str, operation: str, value: Any, where: Path, out: _Out
    ) -> None:
        """An operation somewhere in a message's content: on a text, or on a list or object with texts."""
        if isinstance(value, str):
            steps = pointer.split("/")
            if steps[-2] in ("parts", "chunks") or steps[-1] in _TEXT_KEYS:
                self._grow(event, pointer, value, where, out, replace=operation != "append")
            return
        first = 0
        if isinstance(value, list) and operation == "append":
            first = self._grown.get(pointer, 0)
            self._lengthen(pointer, first + len(value))
        for path, text in leaves(value):
            start = path[0]
            shown = (first + start, *path[1:]) if isinstance(start, int) else path
            if _is_text(path):
                below = pointer + "".join(f"/{step}" for step in shown)
                self._grow(event, below, text, (*where, *path), out, replace=operation != "append")

    def _document(
        self, event: str | None, document: dict[str, Any], where: Path, out: _Out, snapshot: bool = False
    ) -> None:
        """A new document at the root: a message begins (or, without the encoding, is told so far)."""
        message = mapping(document.get("message"))
        if not message:
            return
        identity = string(message.get("id"))
        if not (snapshot and identity is not None and identity == self._identity):
            out.ends.extend(self._book.end_under(self._message))
            self._number += 1
            self._message = identity or f"#{self._number}"
            self._identity = identity
            self._grown = {}
        self._role = text_at(message, "author", "role")
        self._recipient = string(message.get("recipient")) or "all"
        self._language = text_at(message, "content", "language")
        if self._role == "assistant":
            out.model = text_at(message, "metadata", "model_slug") or out.model
            if self._recipient != "all":
                out.calls.append(self._recipient)
        for key, below in mapping(message.get("content")).items():
            if isinstance(below, list):
                self._lengthen(f"/message/content/{key}", len(below))
            for path, text in leaves(below, (key,)):
                if _is_text(path):
                    pointer = "/message/content" + "".join(f"/{step}" for step in path)
                    self._grow(
                        event, pointer, text, (*where, "message", "content", *path), out, told_so_far=snapshot
                    )
        if string(message.get("status")) in _OVER:
            out.ends.extend(self._book.end_under(self._message))

    def _echo(self, message: dict[str, Any], where: Path, out: _Out) -> None:
        """The prompt, told back whole."""
        self._number += 1
        for path, _ in leaves(message.get("content"), ("content",)):
            if _is_text(path) and len(out.texts) < MAX_PARTS:
                lane = ("echo", self._number, *path)
                out.texts.append(LaneText(lane, (*where, *path), Direction.PROMPT, Grow.WHOLE))
                out.ends.append(lane)

    def _grow(
        self,
        event: str | None,
        pointer: str,
        text: str,
        where: Path,
        out: _Out,
        replace: bool = False,
        told_so_far: bool = False,
    ) -> None:
        if len(out.texts) >= MAX_PARTS:
            return
        lane = self._book.grow((self._message, pointer), event, *self._form(pointer, told_so_far))
        direction = _DIRECTIONS.get(self._role or "assistant", Direction.PROMPT)
        if direction is Direction.ANSWER and self._recipient != "all":
            direction = Direction.TOOL_CALL
        out.texts.append(
            LaneText(
                lane,
                where,
                direction,
                Grow.SNAPSHOT if replace or told_so_far else Grow.APPEND,
                escape=direction is Direction.TOOL_CALL and self._language == "json",
            )
        )

    def _form(self, pointer: str, told_so_far: bool) -> tuple[Any, Path]:
        """An event for a text: an operation or, without the encoding, a message told so far."""
        if not told_so_far:
            return {"p": pointer, "o": "append", "v": ""}, ("v",)
        message: dict[str, Any] = {
            "content": {"content_type": "text", "parts": [""]},
            "status": "in_progress",
        }
        if self._identity is not None:
            message["id"] = self._identity
        if self._role is not None:
            message["author"] = {"role": self._role}
        return {"message": message}, ("message", "content", "parts", 0)

    def _lengthen(self, pointer: str, length: int) -> None:
        if len(self._grown) < MAX_PARTS:
            self._grown[pointer] = length


class ChatGptSocket:
    """
    Frames of the shared WebSocket. Lanes are ``("item", n)``, one for each ``encoded_item``, and
    ``(message, part)`` for a message that is told so far.
    """

    framing = Framing.WEBSOCKET

    def __init__(self) -> None:
        self._number = 0

    def read(self, event: str | None, value: Any) -> Frame:
        out = _Out()
        if isinstance(value, list):
            for number, item in enumerate(value[:MAX_PARTS]):
                self._item(item, (number,), out)
        else:
            self._item(value, (), out)
        return out.frame()

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return None

    def _item(self, item: Any, where: Path, out: _Out) -> None:
        catchups = at(item, "reply", "catchups")
        for number, caught in enumerate(items(catchups)[:MAX_PARTS]):
            self._payload(at(caught, "payload"), (*where, "reply", "catchups", number, "payload"), out)
        self._payload(at(item, "payload"), (*where, "payload"), out)
        if at(item, "type") == "conversation-update":
            self._update(at(item, "payload"), (*where, "payload"), out)

    def _payload(self, payload: Any, where: Path, out: _Out) -> None:
        if at(payload, "type") != "conversation-turn-stream":
            return
        if text_at(payload, "payload", "encoded_item") is not None and len(out.texts) < MAX_PARTS:
            self._number += 1
            lane = ("item", self._number)
            out.texts.append(
                LaneText(lane, (*where, "payload", "encoded_item"), grow=Grow.WHOLE, escape=True)
            )
            out.ends.append(lane)

    def _update(self, payload: Any, where: Path, out: _Out) -> None:
        out.conversation = text_at(payload, "conversation_id") or out.conversation
        message = at(payload, "update_content", "message")
        identity = text_at(message, "id")
        for number, part in enumerate(items(at(message, "content", "parts"))[:MAX_PARTS]):
            if isinstance(part, str) and len(out.texts) < MAX_PARTS:
                path = (*where, "update_content", "message", "content", "parts", number)
                out.texts.append(LaneText((identity, number), path, grow=Grow.SNAPSHOT))
                if text_at(message, "status") in _OVER:
                    out.ends.append((identity, number))


class _Out:
    """A frame's reading, while it is made."""

    def __init__(self) -> None:
        self.texts: list[LaneText] = []
        self.ends: list[Hashable] = []
        self.calls: list[str] = []
        self.ends_all = False
        self.model: str | None = None
        self.conversation: str | None = None
        self.is_error = False

    def frame(self) -> Frame:
        """All of it."""
        return Frame(
            texts=tuple(self.texts),
            ends=tuple(dict.fromkeys(self.ends)),
            ends_all=self.ends_all,
            calls=tuple(self.calls),
            model=self.model,
            conversation=self.conversation,
            is_error=self.is_error,
        )


def _is_text(path: Path) -> bool:
    """Whether a string in a message's ``content`` is said by someone: ``parts`` and texts, not names."""
    return path[-1] in _TEXT_KEYS or isinstance(path[-1], int)


def _message(found: Gathering, message: Any, path: Path, turn: int | None) -> None:
    role = text_at(message, "author", "role")
    direction = _DIRECTIONS.get(role or "", Direction.PROMPT)
    if role == "assistant" and string(at(message, "recipient")) not in (None, "all"):
        direction = Direction.TOOL_CALL
    content = mapping(at(message, "content"))
    for number, part in enumerate(items(content.get("parts"))[:MAX_PARTS]):
        where = (*path, "content", "parts", number)
        found.part(part, where, direction, role, turn)
        found.part(at(part, "text"), (*where, "text"), direction, role, turn)
        pointer = text_at(part, "asset_pointer")
        if pointer is not None:
            found.file((*where, "asset_pointer"), reference=pointer)
    for key in ("text", "result", "content"):
        found.part(content.get(key), (*path, "content", key), direction, role, turn)
    for path_of, text in leaves(content.get("thoughts"), (*path, "content", "thoughts")):
        if path_of[-1] in _TEXT_KEYS:
            found.part(text, path_of, Direction.ANSWER, role, turn)
    for number, attachment in enumerate(items(at(message, "metadata", "attachments"))[:MAX_PARTS]):
        identity = text_at(attachment, "id")
        if identity is not None:
            where = (*path, "metadata", "attachments", number, "id")
            found.file(
                where,
                name=at(attachment, "name"),
                media_type=at(attachment, "mimeType"),
                reference=identity,
            )
