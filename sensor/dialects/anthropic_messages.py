"""
Anthropic's Messages API: ``/v1/messages``, its token count and batches, files, and the old ``/v1/complete``;
the same bodies on Vertex AI (``rawPredict``, ``streamRawPredict``), where the path names model and project.

Sources: anthropic 2.12 ``types/`` and ``types/beta/`` (2026-11), and 0.125 for ``/v1/complete``, which 2.x no
longer has; ``lib/vertex`` of both for Vertex AI. What Claude Code writes into ``metadata.user_id`` is from
public threads that show its traffic (coder/aibridge pull request 241, ding113/claude-code-hub pull request
939, both 2026-03), and only a hint.

Signed, and therefore fixed: ``thinking`` with its ``signature``, ``redacted_thinking``, compaction blocks,
encrypted results. "Thinking blocks must be passed back unmodified and in their original order; a modified
block results in a 400 invalid_request_error" (anthropic 2.12, ``thinking_block_param.py``).

A block of a type that is not known here, and a body or event of managed agents (``/v1/sessions`` and others),
is walked: its strings are told as they stand, ids and names of types left out. What is told of tools is their
names; their descriptions and schemas are strings of the body like all others.

Bounds: those of ``picking`` for a body, those of ``lanebook`` for a stream.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import (
    MAX_DEPTH,
    Gathering,
    at,
    inner_json,
    integer,
    items,
    mapping,
    string,
    text_at,
)
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
    Usage,
)
from sensor.dialects.recognise import model_in_path
from sensor.model import Direction

__all__ = [
    "MAX_ACCOUNT",
    "UNCONFIRMED",
    "account_of_user_id",
    "read_answer",
    "read_request",
    "stream",
]

UNCONFIRMED = False

MAX_ACCOUNT = 256
"""Characters of an account's name; a longer one is none."""

_PROJECT = re.compile(r"/projects/([^/?]{1,256})/locations/")
_RESULTS = re.compile(r"/batches/[^/?]+/results(?:\?|$)")
_STREAMS = re.compile(r":stream\w+(?:\?|$)")
_AGENTS = re.compile(r"/v1/(?:agents|deployments|dreams|memory_stores|sessions)(?:[/?]|$)")
"""Resources of managed agents, whose bodies are walked."""
_COUNTS = "count-tokens"
"""The model that Vertex AI's path names for a count of tokens; the body names the real one."""

_CLAUDE_CODE = re.compile(r"user_[0-9a-f]{64}_account_([0-9A-Za-z-]*)_session_[0-9A-Za-z-]*")
"""``metadata.user_id`` of Claude Code before 2.1.78; later ones write a JSON object into it."""


class _Where(NamedTuple):
    """What holds for all text below a place."""

    direction: Direction
    role: str | None = None
    turn: int | None = None


_ANSWER = _Where(Direction.ANSWER, "assistant")


# ---------------------------------------------------------------- requests


def read_request(head: RequestHead, body: Any) -> Reading:
    """
    A request. ``body`` is a JSON value, or the list of parts of a multipart form (files, skills).

    ``conversation`` is set where the service keeps the history (``thread``). ``tools_path`` is none for a
    batch of several requests, each of which has tools of its own.
    """
    gathered = Gathering()
    project = _PROJECT.search(head.path)
    workspace = head.headers.get("anthropic-workspace-id")
    if isinstance(body, list):
        _form(gathered, body)
    request = mapping(body)
    batch = items(request.get("requests"))
    for number, entry in enumerate(batch):
        _request(gathered, mapping(at(entry, "params")), ("requests", number, "params"))
    if len(batch) > 1:
        gathered.tools_path = None
    _request(gathered, request, ())
    if _AGENTS.search(head.path):
        _walk_fields(gathered, request, (), _Where(Direction.PROMPT, "user"))
    named = model_in_path(head.path)
    if named is not None and named != _COUNTS:
        gathered.model = named
    gathered.account = (project[1] if project else None) or workspace or gathered.account
    gathered.streams = request.get("stream") is True or _STREAMS.search(head.path) is not None
    return gathered.reading()


def _request(gathered: Gathering, body: dict[str, Any], base: Path) -> None:
    gathered.model = gathered.model or string(body.get("model"))
    gathered.account = gathered.account or account_of_user_id(text_at(body, "metadata", "user_id"))
    thread = mapping(body.get("thread"))
    gathered.conversation = gathered.conversation or string(thread.get("previous_message_id"))
    gathered.part(body.get("prompt"), (*base, "prompt"), Direction.PROMPT, "user")
    system = _Where(Direction.PROMPT, "system")
    _blocks(gathered, body.get("system"), (*base, "system"), system)
    for turn, message in enumerate(items(body.get("messages"))):
        role = text_at(message, "role")
        direction = Direction.ANSWER if role == "assistant" else Direction.PROMPT
        where = _Where(direction, role, turn)
        _blocks(gathered, mapping(message).get("content"), (*base, "messages", turn, "content"), where)
    for number, edit in enumerate(items(at(body, "context_management", "edits"))):
        path: Path = (*base, "context_management", "edits", number, "instructions")
        gathered.part(mapping(edit).get("instructions"), path, *system)
    instructions = at(body, "compaction", "instructions")
    gathered.part(instructions, (*base, "compaction", "instructions"), *system)
    _tools(gathered, body, base)


def _tools(gathered: Gathering, body: dict[str, Any], base: Path) -> None:
    """
    Names of the offered tools. A toolset is named by its server or its type; so is a server that no toolset
    names, as clients of the first MCP beta write it.
    """
    tools = items(body.get("tools"))
    if tools and gathered.tools_path is None:
        gathered.tools_path = (*base, "tools")
    servers: set[str] = set()
    for tool in map(mapping, tools):
        server = string(tool.get("mcp_server_name"))
        if server:
            servers.add(server)
        gathered.tool(string(tool.get("name")) or server or string(tool.get("type")))
        for listed in items(tool.get("tools")):
            gathered.tool(text_at(listed, "name"))
    for entry in items(body.get("mcp_servers")):
        name = text_at(entry, "name")
        if name not in servers:
            gathered.tool(name)


def account_of_user_id(user_id: str | None) -> str | None:
    """
    The account in ``metadata.user_id``: of Claude Code's two forms its account uuid, if that is not empty; of
    any other the text itself.
    """
    if not user_id or len(user_id) > 4 * MAX_ACCOUNT:
        return None
    legacy = _CLAUDE_CODE.fullmatch(user_id)
    if legacy is not None:
        account: str | None = legacy[1]
    else:
        fields = inner_json(user_id)
        account = text_at(fields, "account_uuid") if isinstance(fields, dict) else user_id
    return account if account and len(account) <= MAX_ACCOUNT else None


def _form(gathered: Gathering, parts: list[Any]) -> None:
    """``/v1/files`` and ``/v1/skills``: each part with a file name is a file."""
    for number, part in enumerate(parts):
        fields = mapping(part)
        text = string(fields.get("text"))
        path: Path = (number,) if text is None else (number, "text")
        if isinstance(fields.get("filename"), str):
            gathered.file(
                path,
                name=fields["filename"],
                media_type=fields.get("content_type"),
                coding="text" if text is not None else None,
            )
            gathered.part(text, path, Direction.UPLOAD)
        elif fields.get("name") in ("display_name", "display_title"):
            gathered.part(text, path, Direction.UPLOAD)


# ---------------------------------------------------------------- blocks


def _blocks(gathered: Gathering, value: Any, path: Path, where: _Where) -> None:
    """Content: a string, a list of blocks, or (lenient) one block."""
    if not gathered.part(value, path, *where):
        if isinstance(value, dict):
            _block(gathered, value, path, where)
        for number, block in enumerate(items(value)):
            if not gathered.part(block, (*path, number), *where):
                _block(gathered, mapping(block), (*path, number), where)


def _block(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    if len(path) > MAX_DEPTH:
        return
    kind = string(block.get("type")) or ""
    reader = _READERS.get(kind)
    if reader is not None:
        reader(gathered, block, path, where)
    elif kind.endswith("tool_use"):
        gathered.call(block.get("name"), (*path, "input"), block.get("id"))
        gathered.leaves(block.get("input"), (*path, "input"), Direction.TOOL_CALL, where.role, where.turn)
    elif kind.endswith("tool_result"):
        result = _Where(Direction.TOOL_RESULT, "tool", where.turn)
        _walk(gathered, block.get("content"), (*path, "content"), result)
    else:
        _walk_fields(gathered, block, path, where)


def _text(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    gathered.part(block.get("text"), (*path, "text"), *where)
    for number, citation in enumerate(items(block.get("citations"))):
        _citation(gathered, mapping(citation), (*path, "citations", number), where)


def _citation(gathered: Gathering, citation: dict[str, Any], path: Path, where: _Where) -> None:
    for key in ("cited_text", "document_title", "title"):
        gathered.part(citation.get(key), (*path, key), *where)


def _image(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    _source(gathered, mapping(block.get("source")), (*path, "source"), None, where)


def _document(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    where = _given(where)
    for key in ("title", "context"):
        gathered.part(block.get(key), (*path, key), *where)
    _source(gathered, mapping(block.get("source")), (*path, "source"), block.get("title"), where)


def _given(where: _Where) -> _Where:
    """Of a document that a person or application gives, as against one that a tool brought."""
    return where if where.direction is Direction.TOOL_RESULT else where._replace(direction=Direction.UPLOAD)


def _source(gathered: Gathering, source: dict[str, Any], path: Path, name: Any, where: _Where) -> None:
    kind = source.get("type")
    media_type = source.get("media_type")
    if kind == "base64":
        gathered.file((*path, "data"), name=name, media_type=media_type, coding="base64")
    elif kind == "text":
        gathered.file((*path, "data"), name=name, media_type=media_type, coding="text")
        gathered.part(source.get("data"), (*path, "data"), *where)
    elif kind == "content":
        _blocks(gathered, source.get("content"), (*path, "content"), where)
    else:
        for key in ("url", "file_id"):
            if isinstance(source.get(key), str):
                gathered.file((*path, key), name=name, reference=source[key])


def _search_result(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    where = _given(where)
    for key in ("title", "source"):
        gathered.part(block.get(key), (*path, key), *where)
    _blocks(gathered, block.get("content"), (*path, "content"), where)


def _sealed(*keys: str) -> Callable[[Gathering, dict[str, Any], Path, _Where], None]:
    """The reader of a block that must go back as it came: its first key is text, the others are opaque."""

    def read(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
        gathered.part(block.get(keys[0]), (*path, keys[0]), *where)
        for key in keys:
            if isinstance(block.get(key), str):
                gathered.keep_fixed((*path, key))
        for change in items(block.get("tool_changes")):
            _tool_change(gathered, mapping(change), path, where)

    return read


def _redacted(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    if isinstance(block.get("data"), str):
        gathered.keep_fixed((*path, "data"))


def _tool_change(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    """A tool offered from here on."""
    if block.get("type") == "tool_addition":
        gathered.tool(text_at(block, "tool", "definition", "name") or text_at(block, "tool", "name"))


def _listing(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    for tool in items(block.get("tools")):
        gathered.tool(text_at(tool, "name"))


def _upload(gathered: Gathering, block: dict[str, Any], path: Path, where: _Where) -> None:
    gathered.file((*path, "file_id"), reference=block.get("file_id"))


_READERS: dict[str, Callable[[Gathering, dict[str, Any], Path, _Where], None]] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "search_result": _search_result,
    "thinking": _sealed("thinking", "signature"),
    "redacted_thinking": _redacted,
    "compaction": _sealed("content", "encrypted_content", "signature"),
    "tool_addition": _tool_change,
    "tool_removal": _tool_change,
    "mcp_tool_listing": _listing,
    "container_upload": _upload,
}

_NO_TEXT = frozenset(
    {
        "cache_control", "caller", "custom_id", "data", "download_id", "error_code", "file_type", "id",
        "media_type", "mime_type", "model", "page_age", "retrieved_at", "role", "signature", "stop_reason",
        "tab_id", "tool_name", "tool_use_id", "toolset_name", "type",
    }
)  # fmt: skip
"""Fields of results, and of blocks that are not known, that name or identify."""

_ENCRYPTED = frozenset({"encrypted_content", "encrypted_index", "encrypted_stdout"})


def _walk(gathered: Gathering, value: Any, path: Path, where: _Where) -> None:
    """What a tool brought, in whatever form: blocks where they are known, else all of its strings."""
    if len(path) > MAX_DEPTH or gathered.part(value, path, *where):
        return
    if isinstance(value, dict):
        if value.get("type") in ("text", "image", "document", "search_result"):
            _block(gathered, value, path, where)
        else:
            _walk_fields(gathered, value, path, where)
    for number, below in enumerate(items(value)):
        _walk(gathered, below, (*path, number), where)


def _walk_fields(gathered: Gathering, value: dict[str, Any], path: Path, where: _Where) -> None:
    for key, below in value.items():
        if key in _ENCRYPTED:
            if isinstance(below, str):
                gathered.keep_fixed((*path, key))
        elif key == "file_id":
            gathered.file((*path, key), reference=below)
        elif key not in _NO_TEXT:
            _walk(gathered, below, (*path, key), where)


# ---------------------------------------------------------------- answers


def read_answer(head: RequestHead, body: Any) -> Reading:
    """
    A whole answer: a message, a completion, a count of tokens, or what is told of a file.

    ``usage.input`` counts all that was read, from the cache too.
    """
    gathered = Gathering()
    answer = mapping(body)
    gathered.model = string(answer.get("model"))
    gathered.usage = _usage(mapping(answer.get("usage") or answer))
    gathered.part(answer.get("completion"), ("completion",), *_ANSWER)
    if answer.get("type") == "file":
        name, media_type = answer.get("filename"), answer.get("mime_type")
        gathered.file(("id",), name=name, media_type=media_type, reference=answer.get("id"))
    _blocks(gathered, answer.get("content"), ("content",), _ANSWER)
    return gathered.reading()


_READ = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def _usage(usage: dict[str, Any]) -> Usage | None:
    read = [count for count in (integer(usage.get(key)) for key in _READ) if count is not None]
    written = integer(usage.get("output_tokens"))
    return Usage(sum(read) if read else None, written) if read or written is not None else None


# ---------------------------------------------------------------- streams


def stream(head: RequestHead) -> Stream:
    """A reader of a streamed message or completion; of a batch's results where the path says so."""
    return _Results() if _RESULTS.search(head.path) else _Messages()


_DELTAS = {
    "text_delta": ("text", Direction.ANSWER),
    "input_json_delta": ("partial_json", Direction.TOOL_CALL),
    "thinking_delta": ("thinking", Direction.ANSWER),
    "compaction_delta": ("content", Direction.ANSWER),
}
"""Type of a delta: where its text stands, and the direction. The type is also the lane's second key."""

_SIGNED = frozenset({"thinking_delta", "compaction_delta"})

_STARTS = {("text", "text"): "text_delta", ("thinking", "thinking"): "thinking_delta"}
"""A block's type and the field in which its first event may hold a beginning: the lane that it begins."""


class _Messages:
    """
    The events of one message. A lane is ``(index of the block, type of its deltas)``. What comes whole
    (results of tools, citations) has a lane of its own, which is over with its event.
    """

    framing = Framing.SSE

    def __init__(self) -> None:
        self._lanes = LaneBook()
        self._whole = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._lanes.turn()
        payload = mapping(value)
        kind = string(payload.get("type")) or event or ""
        reader = _EVENTS.get(kind)
        return reader(self, event, payload) if reader is not None else self._other(kind, payload)

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._lanes.flush(lane, text)

    def _message_start(self, event: str | None, payload: dict[str, Any]) -> Frame:
        message = mapping(payload.get("message"))
        begun = Gathering()
        _blocks(begun, message.get("content"), ("message", "content"), _ANSWER)
        usage = _usage(mapping(message.get("usage")))
        return Frame(
            texts=self._apart(begun),
            model=string(message.get("model")),
            usage=usage and usage._replace(output=None),
        )

    def _start(self, event: str | None, payload: dict[str, Any]) -> Frame:
        block = mapping(payload.get("content_block"))
        begun = Gathering()
        _block(begun, block, ("content_block",), _ANSWER)
        index = integer(payload.get("index"))
        texts = []
        for text in self._apart(begun):
            delta = _STARTS.get((str(block.get("type")), str(text.path[-1]))) if len(text.path) == 2 else None
            if delta is not None:
                lane = self._lane(event, index, delta, _DELTAS[delta][0])
                text = text._replace(lane=lane, grow=Grow.APPEND)
            texts.append(text)
        return Frame(texts=tuple(texts), calls=_names(begun))

    def _delta(self, event: str | None, payload: dict[str, Any]) -> Frame:
        delta = mapping(payload.get("delta"))
        kind = string(delta.get("type")) or ""
        if kind not in _DELTAS:
            cited = Gathering()
            _citation(cited, mapping(delta.get("citation")), ("delta", "citation"), _ANSWER)
            return Frame(texts=self._apart(cited))
        key, direction = _DELTAS[kind]
        if not isinstance(delta.get(key), str):
            return NOTHING
        lane = self._lane(event, integer(payload.get("index")), kind, key)
        escape = kind == "input_json_delta"
        return Frame(texts=(LaneText(lane, ("delta", key), direction, escape=escape, fixed=kind in _SIGNED),))

    def _stop(self, event: str | None, payload: dict[str, Any]) -> Frame:
        return Frame(ends=self._lanes.end_under(integer(payload.get("index"))))

    def _message_delta(self, event: str | None, payload: dict[str, Any]) -> Frame:
        stops = text_at(payload, "delta", "stop_reason") is not None
        return Frame(usage=_usage(mapping(payload.get("usage"))), ends_all=stops)

    def _message_stop(self, event: str | None, payload: dict[str, Any]) -> Frame:
        return Frame(ends_all=True)

    def _error(self, event: str | None, payload: dict[str, Any]) -> Frame:
        return Frame(is_error=True, ends_all=True)

    def _completion(self, event: str | None, payload: dict[str, Any]) -> Frame:
        model = string(payload.get("model"))
        texts: tuple[LaneText, ...] = ()
        if isinstance(payload.get("completion"), str):
            form = {"type": "completion", "completion": "", "stop_reason": None, "model": model}
            lane = self._lanes.grow("completion", event, form, ("completion",))
            texts = (LaneText(lane, ("completion",)),)
        return Frame(texts=texts, model=model, ends_all=payload.get("stop_reason") is not None)

    def _other(self, kind: str, payload: dict[str, Any]) -> Frame:
        """An event of another resource: what it holds is whole."""
        where = _Where(Direction.PROMPT, "user") if kind.startswith("user") else _ANSWER
        walked = Gathering()
        _walk_fields(walked, payload, (), where)
        return Frame(texts=self._apart(walked))

    def _lane(self, event: str | None, index: int | None, kind: str, key: str) -> Hashable:
        form = {"type": "content_block_delta", "index": index, "delta": {"type": kind, key: ""}}
        named = event and "content_block_delta"
        return self._lanes.grow((index, kind), named, form, ("delta", key))

    def _apart(self, gathered: Gathering) -> tuple[LaneText, ...]:
        texts = _whole(gathered, self._whole)
        self._whole += len(texts)
        return texts


_EVENTS: dict[str, Callable[[_Messages, str | None, dict[str, Any]], Frame]] = {
    "message_start": _Messages._message_start,
    "content_block_start": _Messages._start,
    "content_block_delta": _Messages._delta,
    "content_block_stop": _Messages._stop,
    "message_delta": _Messages._message_delta,
    "message_stop": _Messages._message_stop,
    "error": _Messages._error,
    "completion": _Messages._completion,
}


class _Results:
    """The lines of a batch's results, each with a whole message."""

    framing = Framing.NDJSON

    def __init__(self) -> None:
        self._whole = 0

    def read(self, event: str | None, value: Any) -> Frame:
        message = mapping(at(value, "result", "message"))
        gathered = Gathering()
        _blocks(gathered, message.get("content"), ("result", "message", "content"), _ANSWER)
        texts = _whole(gathered, self._whole)
        self._whole += len(texts)
        return Frame(
            texts=texts,
            calls=_names(gathered),
            model=string(message.get("model")),
            usage=_usage(mapping(message.get("usage"))),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return None


def _whole(gathered: Gathering, number: int) -> tuple[LaneText, ...]:
    """What came whole, each text in a lane of its own, numbered from ``number``."""
    fixed = set(gathered.fixed)
    return tuple(
        LaneText(("whole", place), part.path, part.direction, Grow.WHOLE, fixed=part.path in fixed)
        for place, part in enumerate(gathered.parts, number)
    )


def _names(gathered: Gathering) -> tuple[str, ...]:
    return tuple(call.name for call in gathered.calls if call.name)
