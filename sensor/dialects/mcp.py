"""
The Model Context Protocol over HTTP: JSON-RPC 2.0 in bodies and in server-sent events.

Read are the revisions 2024-11-05 (two endpoints: a stream by GET, messages by POST), 2025-03-26 (one
endpoint, batches), 2025-06-18 (structured results, elicitation), 2025-11-25 (tasks, tools in sampling) and
2026-07-28 (no session, ``server/discover``, ``inputRequests`` and ``inputResponses``).

Rule 1: a message says what it is. A request names its method, an answer is known by its keys: the request
that it answers may have gone by another connection (2024-11-05), and a body may hold several messages
(2025-03-26). So the same reading serves both ways, and what a client answers to a server (sampling,
elicitation) is read too.
Rule 2: no text of MCP grows over several events. Every text is a lane of its own that is over with its frame
(``WHOLE``), so nothing is ever held back and ``flush`` has nothing to carry. The lane's key begins with the
id of the request that is answered, or with the frame's number for notifications.

Directions. What a tool is called with, and the address of a resource that is read, is TOOL_CALL; arguments of
prompts, what a person fills in (elicitation) and the messages of a sampling request are PROMPT; the model's
answer to sampling is ANSWER; all else that a server says (results, descriptions of tools, instructions,
progress) is TOOL_RESULT.

Source: github.com/modelcontextprotocol/modelcontextprotocol, ``schema/<revision>/schema.ts`` and
``docs/specification/<revision>`` of the five revisions, SEP-2663 for tasks of 2026-07-28 (commit b0f60ba,
2026-08-22); bodies of mcp 2.3.0 in the tests.
Not read: methods that no revision defines; ``_meta`` beyond the names of client and server.

Bounds: ``MAX_MESSAGES`` of a batch; parts as in ``picking``; the stream's state is one number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

from sensor.dialects.picking import Gathering, at, inner_json, items, mapping, string, text_at
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Part, Path, Reading, RequestHead
from sensor.model import Direction

__all__ = [
    "MAX_MESSAGES",
    "UNCONFIRMED",
    "Implementation",
    "client_of",
    "read_answer",
    "read_request",
    "server_of",
    "stream",
]

UNCONFIRMED = False

MAX_MESSAGES = 1_000
"""Messages of a batch that are read."""

_SESSION = re.compile(r"[?&]session_id=([\w-]{1,128})")
_META = "io.modelcontextprotocol/"
_MAX_NESTING = 4
"""Messages inside messages: a task's result, an input request in a result."""


class Implementation(NamedTuple):
    """A client or a server, as it names itself."""

    name: str
    version: str | None = None


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a client posts: requests, notifications, and answers to the server's requests."""
    return _read(head, body)


def read_answer(head: RequestHead, body: Any) -> Reading:
    """A whole answer (``application/json``)."""
    return _read(head, body)


def stream(head: RequestHead) -> McpStream:
    """A reader of the events of one stream: of a POST's answer, of a GET, or of the 2024-11-05 endpoint."""
    return McpStream(head)


def client_of(body: Any) -> Implementation | None:
    """The client: ``clientInfo`` of ``initialize``, or of ``_meta`` in every request (2026-07-28)."""
    for message, _ in _messages(body):
        found = _implementation(at(message, "params", "clientInfo")) or _implementation(
            at(message, "params", "_meta", _META + "clientInfo")
        )
        if found is not None:
            return found
    return None


def server_of(body: Any) -> Implementation | None:
    """The server: ``serverInfo`` of the answer to ``initialize``, or of ``_meta`` in results (2026-07-28)."""
    for message, _ in _messages(body):
        found = _implementation(at(message, "result", "serverInfo")) or _implementation(
            at(message, "result", "_meta", _META + "serverInfo")
        )
        if found is not None:
            return found
    return None


class McpStream:
    """The messages of one stream of events."""

    framing = Framing.SSE

    def __init__(self, head: RequestHead) -> None:
        self._head = head
        self._frames = 0

    def read(self, event: str | None, value: Any) -> Frame:
        """One event. ``endpoint`` (2024-11-05) has an address for data, which is no JSON: it says nothing."""
        self._frames += 1
        reading = _read(self._head, value)
        texts = []
        for part in reading.parts:
            message, prefix = _message_at(value, part.path)
            texts.append(
                LaneText(
                    lane=(self._key(message), *part.path[prefix:]),
                    path=part.path,
                    direction=part.direction,
                    grow=Grow.WHOLE,
                    escape=_is_mirror(message, value, part),
                )
            )
        return Frame(
            texts=tuple(texts),
            calls=tuple(call.name for call in reading.calls if call.name is not None),
            model=reading.model,
            conversation=reading.conversation,
            is_error=any("error" in message for message, _ in _messages(value)),
        )

    def flush(self, lane: Hashable, text: str) -> None:
        """Nothing is held back in a lane that is over with its only frame."""
        return None

    def _key(self, message: dict[str, Any]) -> Hashable:
        identity = message.get("id")
        if isinstance(identity, str | int):
            return "request" if "method" in message else "answer", identity
        return "frame", self._frames


def _read(head: RequestHead, body: Any) -> Reading:
    found = Gathering()
    # 2024-11-05 leaves the form of the address to the server; the Python SDK names its session so.
    in_path = _SESSION.search(head.path)
    found.conversation = head.headers.get("mcp-session-id") or (in_path[1] if in_path is not None else None)
    ids: list[str | int] = []
    for message, path in _messages(body):
        _read_message(found, message, path)
        identity = message.get("id")
        if "method" in message and isinstance(identity, str | int) and not isinstance(identity, bool):
            ids.append(identity)
    # An error answers one request: a batch of several has no id that a refusal could carry.
    if len(ids) == 1:
        found.request_id = ids[0]
    return found.reading()


def _messages(body: Any) -> Iterator[tuple[dict[str, Any], Path]]:
    """The messages of a body: one object, or a batch."""
    if isinstance(body, dict):
        yield body, ()
    for number, message in enumerate(items(body)[:MAX_MESSAGES]):
        if isinstance(message, dict):
            yield message, (number,)


def _message_at(body: Any, path: Path) -> tuple[dict[str, Any], int]:
    """The message that a path leads into, and how many steps lead to it."""
    return (mapping(at(body, path[0])), 1) if isinstance(body, list) else (mapping(body), 0)


def _is_mirror(message: dict[str, Any], value: Any, part: Part) -> bool:
    """
    Whether a text repeats a structured result as JSON, so that what is put in has to be escaped.

    "a tool that returns structured content SHOULD also return the serialized JSON in a TextContent block"
    (2025-06-18, server/tools, "Structured Content").
    """
    if "structuredContent" not in mapping(message.get("result")) or "content" not in part.path:
        return False
    text = text_at(value, *part.path)
    return text is not None and text[:1] in ("{", "[") and inner_json(text) is not None


def _implementation(value: Any) -> Implementation | None:
    name = text_at(value, "name")
    return Implementation(name, text_at(value, "version")) if name else None


def _read_message(found: Gathering, message: dict[str, Any], path: Path, nesting: int = 0) -> None:
    method = string(message.get("method"))
    if method is not None:
        params = mapping(message.get("params"))
        reader = _METHODS.get(method)
        if reader is not None:
            reader(found, params, (*path, "params"), message.get("id"))
        _read_input_responses(found, params, (*path, "params"))
    if isinstance(message.get("result"), dict):
        _read_result(found, message["result"], (*path, "result"), nesting)
    error = mapping(message.get("error"))
    found.part(error.get("message"), (*path, "error", "message"), Direction.TOOL_RESULT)
    found.leaves(error.get("data"), (*path, "error", "data"), Direction.TOOL_RESULT)


# What is asked.


def _tools_call(found: Gathering, params: dict[str, Any], path: Path, identity: Any) -> None:
    if "arguments" in params:
        found.leaves(params["arguments"], (*path, "arguments"), Direction.TOOL_CALL, "assistant")
        found.call(params.get("name"), (*path, "arguments"), None if identity is None else str(identity))
    else:
        found.call(params.get("name"), path, None if identity is None else str(identity))


def _prompts_get(found: Gathering, params: dict[str, Any], path: Path, identity: Any) -> None:
    found.leaves(params.get("arguments"), (*path, "arguments"), Direction.PROMPT, "user")


def _resource(found: Gathering, params: dict[str, Any], path: Path, identity: Any) -> None:
    if found.part(params.get("uri"), (*path, "uri"), Direction.TOOL_CALL, "assistant"):
        found.file((*path, "uri"), reference=params["uri"])


def _complete(found: Gathering, params: dict[str, Any], path: Path, identity: Any) -> None:
    found.part(at(params, "argument", "value"), (*path, "argument", "value"), Direction.PROMPT, "user")
    found.leaves(
        at(params, "context", "arguments"), (*path, "context", "arguments"), Direction.PROMPT, "user"
    )


def _sampling(found: Gathering, params: dict[str, Any], path: Path, identity: Any) -> None:
    """A server asks the client's model. Whichever way it goes, its messages are a prompt."""
    found.part(params.get("systemPrompt"), (*path, "systemPrompt"), Direction.PROMPT, "system")
    for turn, message in enumerate(items(params.get("messages"))):
        _read_message_content(found, message, (*path, "messages", turn), turn)
    _read_tools(found, params.get("tools"), (*path, "tools"))


def _elicitation(found: Gathering, params: dict[str, Any], path: Path, identity: Any) -> None:
    found.part(params.get("message"), (*path, "message"), Direction.TOOL_RESULT)
    found.part(params.get("url"), (*path, "url"), Direction.TOOL_RESULT)
    for name, schema in mapping(at(params, "requestedSchema", "properties")).items():
        where: Path = (*path, "requestedSchema", "properties", name)
        for key in ("title", "description", "default"):
            found.part(mapping(schema).get(key), (*where, key), Direction.TOOL_RESULT)


def _said(*keys: str) -> Callable[[Gathering, dict[str, Any], Path, Any], None]:
    """A notification whose text stands at keys of its parameters."""

    def read(found: Gathering, params: dict[str, Any], path: Path, identity: Any) -> None:
        for key in keys:
            found.leaves(params.get(key), (*path, key), Direction.TOOL_RESULT)

    return read


_METHODS: dict[str, Callable[[Gathering, dict[str, Any], Path, Any], None]] = {
    "tools/call": _tools_call,
    "prompts/get": _prompts_get,
    "resources/read": _resource,
    "resources/subscribe": _resource,
    "resources/unsubscribe": _resource,
    "completion/complete": _complete,
    "sampling/createMessage": _sampling,
    "elicitation/create": _elicitation,
    "notifications/progress": _said("message"),
    "notifications/message": _said("data"),
    "notifications/cancelled": _said("reason"),
    "notifications/tasks/status": _said("statusMessage"),
    # SEP-2663: the notification carries the task, with its result where it is complete.
    "notifications/tasks": lambda found, params, path, identity: _read_result(found, params, path, 0),
}


def _read_input_responses(found: Gathering, params: dict[str, Any], path: Path) -> None:
    """What a client brings when it repeats a request (2026-07-28, basic/patterns/mrtr)."""
    for name, response in mapping(params.get("inputResponses")).items():
        if isinstance(response, dict):
            _read_client_result(found, response, (*path, "inputResponses", name))
    _keep_state(found, params, path)


def _keep_state(found: Gathering, holder: dict[str, Any], path: Path) -> None:
    # "the client MUST echo back the exact value of that field" (2026-07-28, basic/patterns/mrtr)
    if isinstance(holder.get("requestState"), str):
        found.keep_fixed((*path, "requestState"))


# What is answered.


def _read_result(found: Gathering, result: dict[str, Any], path: Path, nesting: int) -> None:
    _read_client_result(found, result, path)
    _read_tools(found, result.get("tools"), (*path, "tools"))
    for key in ("prompts", "resources", "resourceTemplates"):
        for number, entry in enumerate(items(result.get(key))):
            for name in ("name", "title", "description", "uri", "uriTemplate"):
                found.part(mapping(entry).get(name), (*path, key, number, name), Direction.TOOL_RESULT)
    for number, content in enumerate(items(result.get("contents"))):
        _read_resource_contents(found, content, (*path, "contents", number))
    for turn, message in enumerate(items(result.get("messages"))):
        _read_message_content(found, message, (*path, "messages", turn), turn, Direction.TOOL_RESULT)
    found.leaves(result.get("structuredContent"), (*path, "structuredContent"), Direction.TOOL_RESULT, "tool")
    found.leaves(at(result, "completion", "values"), (*path, "completion", "values"), Direction.TOOL_RESULT)
    found.part(result.get("instructions"), (*path, "instructions"), Direction.TOOL_RESULT, "system")
    found.part(result.get("description"), (*path, "description"), Direction.TOOL_RESULT)
    found.part(result.get("statusMessage"), (*path, "statusMessage"), Direction.TOOL_RESULT)
    _keep_state(found, result, path)
    if nesting < _MAX_NESTING:
        for name, request in mapping(result.get("inputRequests")).items():
            _read_message(found, mapping(request), (*path, "inputRequests", name), nesting + 1)
        # A task that is complete holds the result (or error) of the request that began it (SEP-2663).
        if isinstance(result.get("result"), dict) or isinstance(result.get("error"), dict):
            inner: dict[str, Any] = {key: result[key] for key in ("result", "error") if key in result}
            _read_message(found, inner, path, nesting + 1)


def _read_client_result(found: Gathering, result: dict[str, Any], path: Path) -> None:
    """What sampling, elicitation and roots give; ``content`` of a tool's result has the same blocks."""
    role = string(result.get("role"))
    if role is not None:
        found.model = found.model or string(result.get("model"))
        _read_blocks(found, result.get("content"), (*path, "content"), Direction.ANSWER, role, None)
    elif string(result.get("action")) is not None:
        found.leaves(result.get("content"), (*path, "content"), Direction.PROMPT, "user")
    else:
        _read_blocks(found, result.get("content"), (*path, "content"), Direction.TOOL_RESULT, "tool", None)
    for number, root in enumerate(items(result.get("roots"))):
        for key in ("uri", "name"):
            found.part(mapping(root).get(key), (*path, "roots", number, key), Direction.PROMPT)


def _read_message_content(
    found: Gathering, message: Any, path: Path, turn: int, direction: Direction | None = None
) -> None:
    role = text_at(message, "role")
    if direction is None:
        direction = Direction.ANSWER if role == "assistant" else Direction.PROMPT
    _read_blocks(found, mapping(message).get("content"), (*path, "content"), direction, role, turn)


def _read_tools(found: Gathering, tools: Any, path: Path) -> None:
    if not isinstance(tools, list):
        return
    found.tools_path = path
    for number, tool in enumerate(tools):
        where: Path = (*path, number)
        found.tool(mapping(tool).get("name"))
        for key in ("title", "description"):
            found.part(mapping(tool).get(key), (*where, key), Direction.TOOL_RESULT)
        for name, schema in mapping(at(tool, "inputSchema", "properties")).items():
            found.part(
                mapping(schema).get("description"),
                (*where, "inputSchema", "properties", name, "description"),
                Direction.TOOL_RESULT,
            )


def _read_blocks(
    found: Gathering, content: Any, path: Path, direction: Direction, role: str | None, turn: int | None
) -> None:
    """Content: one block, or a list of them."""
    if isinstance(content, dict):
        _read_block(found, content, path, direction, role, turn)
    for number, block in enumerate(items(content)):
        _read_block(found, mapping(block), (*path, number), direction, role, turn)


def _read_block(
    found: Gathering,
    block: dict[str, Any],
    path: Path,
    direction: Direction,
    role: str | None,
    turn: int | None,
) -> None:
    kind = block.get("type")
    if kind == "text":
        found.part(block.get("text"), (*path, "text"), direction, role, turn)
    elif kind in ("image", "audio"):
        if isinstance(block.get("data"), str):
            found.file((*path, "data"), media_type=block.get("mimeType"), coding="base64")
    elif kind == "resource":
        _read_resource_contents(found, block.get("resource"), (*path, "resource"), direction, role, turn)
    elif kind == "resource_link":
        if isinstance(block.get("uri"), str):
            found.file(
                (*path, "uri"),
                name=block.get("name"),
                media_type=block.get("mimeType"),
                reference=block["uri"],
            )
        found.part(block.get("description"), (*path, "description"), direction, role, turn)
    elif kind == "tool_use":
        found.leaves(block.get("input"), (*path, "input"), Direction.TOOL_CALL, role, turn)
        if "input" in block:
            found.call(block.get("name"), (*path, "input"), block.get("id"))
    elif kind == "tool_result":
        found.leaves(
            block.get("structuredContent"), (*path, "structuredContent"), Direction.TOOL_RESULT, "tool", turn
        )
        for number, inner in enumerate(items(block.get("content"))):
            # A result holds no further results (``ContentBlock``): what claims to be one is not entered.
            if at(inner, "type") != "tool_result":
                where: Path = (*path, "content", number)
                _read_block(found, mapping(inner), where, Direction.TOOL_RESULT, "tool", turn)


def _read_resource_contents(
    found: Gathering,
    content: Any,
    path: Path,
    direction: Direction = Direction.TOOL_RESULT,
    role: str | None = None,
    turn: int | None = None,
) -> None:
    """A resource's content: text, or base64 in ``blob``."""
    here = mapping(content)
    for key, coding in (("text", "text"), ("blob", "base64")):
        if isinstance(here.get(key), str):
            found.file((*path, key), name=here.get("uri"), media_type=here.get("mimeType"), coding=coding)
    found.part(here.get("text"), (*path, "text"), direction, role, turn)
