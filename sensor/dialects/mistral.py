"""
Mistral's API: chat, agents, fill in the middle, conversations whose history the service keeps, agents that
are made, OCR, classifiers, batches. Chat is OpenAI's with chunks of content; files, embeddings and audio are
read by ``openai_media``, ``/v1/responses`` by ``openai_responses``.

A conversation's request holds ``inputs`` (a string or entries) and only the new turn; its id stands in the
path and in every answer. Its stream has an event for each kind: ``message.output.delta`` with a string or a
chunk, ``function.call.delta``, ``tool.execution.*``, ``conversation.response.*``.

A lane of a conversation's stream is the entry's id, the index of the content and the kind of chunk.

A thinking chunk that has a ``signature`` is fixed.

Bounds: those of ``picking`` and ``lanebook``.

Sources: mistralai 3.7 ``client/models/`` (``conversationrequest.py``, ``conversationappendrequest.py``,
``conversationrestartrequest.py``, ``inputentries.py``, ``conversationresponse.py``,
``conversationevents.py``, ``ssetypes.py``, ``createagentrequest.py``, ``ocrrequest.py``, ``ocrresponse.py``,
``chatmoderationrequest.py``, ``createbatchjobrequest.py``, ``transcriptionstreamevents.py``) and the paths in
``client/*.py`` (2026-11).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sensor.dialects import openai_chat, openai_media, openai_responses
from sensor.dialects.lanebook import REST, LaneBook
from sensor.dialects.openai_parts import (
    DIRECTIONS,
    account_in,
    plain,
    read_content,
    read_error,
    read_fields,
    read_tools,
    reads_error,
    usage_in,
)
from sensor.dialects.picking import Gathering, at, integer, items, mapping, string, text_at
from sensor.dialects.reading import (
    NOTHING,
    Frame,
    Framing,
    Grow,
    LaneText,
    Path,
    Reading,
    RequestHead,
    Stream,
)
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "ConversationStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = False

_CALL, _RESULT, _ANSWER = Direction.TOOL_CALL, Direction.TOOL_RESULT, Direction.ANSWER


def _path_of(head: RequestHead) -> str:
    return head.path[:4096].partition("?")[0].partition("#")[0]


def _speaks_openai(path: str) -> bool:
    """Paths that are OpenAI's, in form too."""
    return path.endswith(("/embeddings", "/moderations", "/responses")) or any(
        part in path for part in ("/files", "/audio/", "/documents", "/models")
    )


def _conversation_in(path: str) -> str | None:
    before, found, after = path.partition("/conversations/")
    return after.partition("/")[0] or None if found else None


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a call asks."""
    path = _path_of(head)
    if path.endswith("/responses") or isinstance(at(body, "items"), list):
        return openai_responses.read_request(head, body)
    if path.endswith("/completions"):
        return openai_chat.read_request(head, body)
    if isinstance(body, list) or (_speaks_openai(path) and not path.endswith("/chat/moderations")):
        return openai_media.read_request(head, body)
    found = Gathering()
    _read_body(found, mapping(body))
    found.account = account_in(head)
    found.conversation = _conversation_in(path)
    return found.reading()


def _read_body(found: Gathering, body: dict[str, Any]) -> None:
    found.model = string(body.get("model")) or string(body.get("agent_id"))
    found.streams = body["stream"] is True if "stream" in body else None
    for key in (
        "instructions",
        "description",
        "name",
        "document_annotation_prompt",
        "bbox_annotation_prompt",
    ):
        found.part(body.get(key), (key,), Direction.PROMPT, "system")
    _read_entries(found, body.get("inputs"), ("inputs",))
    _read_classified(found, body.get("input"), ("input",))
    openai_chat.read_messages(found, body.get("messages"), ("messages",))
    read_content(found, body.get("document"), ("document",), Direction.UPLOAD, "user")
    for number, request in enumerate(items(body.get("requests"))):  # POST /v1/batch/jobs
        openai_chat.read_chat(found, at(request, "body"), ("requests", number, "body"))
    for number, identity in enumerate(items(body.get("input_files"))):
        if isinstance(identity, str):
            found.file(("input_files", number), reference=identity)
    if isinstance(body.get("tools"), list):
        found.tools_path = ("tools",)
        read_tools(found, body["tools"])


def _read_classified(found: Gathering, value: Any, path: Path) -> None:
    """What is to be classified: texts, messages, lists of messages, or objects with ``messages``."""
    if found.part(value, path, Direction.PROMPT, "user"):
        return
    if "messages" in mapping(value):
        openai_chat.read_messages(found, value["messages"], (*path, "messages"))
    for number, item in enumerate(items(value)):
        where = (*path, number)
        if isinstance(item, list):
            openai_chat.read_messages(found, item, where)
        elif "messages" in mapping(item):
            openai_chat.read_messages(found, item["messages"], (*where, "messages"))
        elif "role" in mapping(item):
            openai_chat.read_turn(found, item, where, number)
        else:
            found.part(item, where, Direction.PROMPT, "user")


def _read_entries(found: Gathering, value: Any, path: Path) -> None:
    """Entries of a conversation, of either side; each is a turn."""
    if found.part(value, path, Direction.PROMPT, "user", 0):
        return
    for number, entry in enumerate(items(value)):
        _read_entry(found, mapping(entry), (*path, number), number)


def _read_entry(found: Gathering, entry: dict[str, Any], path: Path, turn: int) -> None:
    kind = string(entry.get("type")) or ""
    role = string(entry.get("role")) or ("assistant" if kind == "message.output" else None)
    direction = DIRECTIONS.get(role or "", Direction.PROMPT)
    read_content(found, entry.get("content"), (*path, "content"), direction, role, turn)
    found.part(entry.get("result"), (*path, "result"), _RESULT, "tool", turn)
    if "arguments" in entry:
        where = (*path, "arguments")
        found.call(entry.get("name"), where, entry.get("tool_call_id") or entry.get("id"))
        found.leaves(entry["arguments"], where, _CALL, "assistant", turn)
    read_fields(found, entry.get("info"), (*path, "info"), _RESULT, "tool", turn)
    found.model = found.model or string(entry.get("model"))


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says."""
    path = _path_of(head)
    if path.endswith("/responses"):
        return openai_responses.read_answer(head, body)
    if "choices" in mapping(body):
        return openai_chat.read_answer(head, body)
    if _speaks_openai(path):
        return openai_media.read_answer(head, body)
    found = Gathering()
    found.model = text_at(body, "model")
    for key in ("outputs", "entries", "messages"):
        _read_entries(found, items(at(body, key)), (key,))
    for number, page in enumerate(items(at(body, "pages"))):  # OCR
        for key in ("markdown", "header", "footer"):
            found.part(at(page, key), ("pages", number, key), _ANSWER)
        for key in ("tables", "blocks"):
            read_fields(found, at(page, key), ("pages", number, key), _ANSWER)
        for place, image in enumerate(items(at(page, "images"))):
            where: Path = ("pages", number, "images", place)
            if text_at(image, "image_base64"):
                found.file((*where, "image_base64"), media_type="image", coding="data_url")
            found.part(at(image, "image_annotation"), (*where, "image_annotation"), _ANSWER)
    found.part(at(body, "document_annotation"), ("document_annotation",), _ANSWER)
    found.part(at(body, "instructions"), ("instructions",), Direction.PROMPT, "system")
    found.usage = usage_in(at(body, "usage"))
    found.conversation = text_at(body, "conversation_id") or _conversation_in(path)
    if reads_error(body) or "detail" in mapping(body) or "message" in mapping(body):
        read_error(found, body)
    return found.reading()


def stream(head: RequestHead) -> Stream:
    """A reader of a streamed answer."""
    path = _path_of(head)
    if path.endswith("/responses"):
        return openai_responses.stream(head)
    if "/conversations" in path:
        return ConversationStream()
    if "/audio/" in path:
        return openai_media.MediaStream()
    return openai_chat.stream(head)


class ConversationStream:
    """Reads the events of a conversation's answer."""

    framing = Framing.SSE

    def __init__(self) -> None:
        self._book = LaneBook()
        self._called: set[str] = set()

    def read(self, event: str | None, value: Any) -> Frame:
        """One event."""
        self._book.turn()
        if not isinstance(value, dict):
            if value is not None:
                return NOTHING
            return Frame(ends=self._all(), ends_all=True)
        kind = string(value.get("type")) or event or ""
        own = string(value.get("id")) or ""
        texts: list[LaneText] = []
        ends: tuple[Hashable, ...] = ()
        if kind == "message.output.delta":
            self._read_output(texts, event, value, own)
        elif isinstance(value.get("arguments"), str):
            if value["arguments"]:
                form = {**plain(value), "arguments": ""}
                lane = self._book.grow((own, "arguments"), event, form, ("arguments",))
                texts.append(LaneText(lane, ("arguments",), _CALL, Grow.APPEND, True))
        elif kind == "tool.execution.done":
            ends = self._book.end_under(own)
            found = Gathering()
            read_fields(found, value.get("info"), ("info",), _RESULT)
            texts.extend(LaneText((own, *part.path), part.path, _RESULT, Grow.WHOLE) for part in found.parts)
        over = kind in ("conversation.response.done", "conversation.response.error")
        if kind == "conversation.response.error" or reads_error(value):
            found = Gathering()
            read_error(found, value)
            texts.extend(LaneText(part.path, part.path, grow=Grow.WHOLE) for part in found.parts)
        return Frame(
            texts=tuple(texts),
            ends=self._all() if over else ends,
            ends_all=over,
            calls=self._calls(value, kind, own),
            model=string(value.get("model")),
            usage=usage_in(value.get("usage")),
            conversation=string(value.get("conversation_id")),
            is_error=kind == "conversation.response.error" or reads_error(value),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """An event that carries ``text`` on."""
        return self._book.flush(lane, text)

    def _all(self) -> tuple[Hashable, ...]:
        return (*self._book.end_under(), *self._book.end(REST))

    def _calls(self, value: dict[str, Any], kind: str, own: str) -> tuple[str, ...]:
        name = string(value.get("name"))
        begins = kind in ("function.call.delta", "tool.execution.started")
        if not begins or not name or own in self._called:
            return ()
        if len(self._called) < 1024:
            self._called.add(own)
        return (name,)

    def _read_output(self, texts: list[LaneText], event: str | None, value: dict[str, Any], own: str) -> None:
        """A string, or a chunk: text, thinking, a reference of a tool."""
        index = integer(value.get("content_index")) or 0
        content = value.get("content")
        head = plain(value, ("content",))
        if isinstance(content, str) and content:
            form = {**head, "content": ""}
            lane = self._book.grow((own, index, "text"), event, form, ("content",))
            texts.append(LaneText(lane, ("content",)))
        chunk = mapping(content)
        fixed = isinstance(chunk.get("signature"), str)
        if text_at(chunk, "text"):
            form = {**head, "content": {"type": "text", "text": ""}}
            lane = self._book.grow((own, index, "text"), event, form, ("content", "text"))
            texts.append(LaneText(lane, ("content", "text"), fixed=fixed))
        for number, thought in enumerate(items(chunk.get("thinking"))):
            if text_at(thought, "text"):
                inner = [{"type": "text", "text": ""}]
                form = {**head, "content": {"type": "thinking", "thinking": inner}}
                place: Path = ("content", "thinking", 0, "text")
                lane = self._book.grow((own, index, "thinking"), event, form, place)
                where: Path = ("content", "thinking", number, "text")
                texts.append(LaneText(lane, where, fixed=fixed))
        for key in ("title", "description"):
            if text_at(chunk, key):
                texts.append(LaneText((own, index, key), ("content", key), _RESULT, Grow.WHOLE))
