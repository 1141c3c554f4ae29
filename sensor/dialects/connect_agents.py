"""
Coding agents that speak Connect or gRPC-Web with Protocol Buffers: Cursor and Windsurf.

Neither vendor documents its messages, and none here was seen in traffic of our own. Read are the fields that
the public sources below name, some of them only one; of everything else only length and direction are known.
An opaque or unknown message is told as ``signed``: it can be refused, not rewritten.

A message is handed in without its envelope and without compression, as ``bytes`` or as the ``view`` of it: a
plain value of the fields that are known, into which the paths of a reading lead. ``rewrite`` puts other texts
into the bytes at such paths; ``encode`` makes the bytes of a frame that ``flush`` gives. A JSON body (Connect
allows it) is read by shape, as an unknown one. The end-of-stream message is handed in with the event ``END``.

Sources (commits with their dates):
Cursor chat (``aiserver.v1.ChatService``): github.com/zhengwenj/cursor-api ``src/core/aiserver/v1/lite.proto``
(280c2d7, 2025-08-21). Conversation, model and answer text stand alike in github.com/Distracted-E421/
nixos-cursor ``tools/cursor-agent-tui/proto/aiserver.proto`` (86f7989, 2026-01-17); whether the two are
independent is not known. Calls, thinking and tools stand so in the first alone.
Cursor agent (``agent.v1.AgentService``, ``aiserver.v1.BidiService``), one source: github.com/kremovtort/
yet-another-opencode-cursor-auth ``src/lib/api/proto/agent-messages.ts``, ``bidi.ts``, ``interaction.ts``
(9647d6d, 2026-01-17).
Windsurf (``exa.api_server_pb.ApiServerService/GetChatMessage``): github.com/CaiJingLong/devin-gateway
``src/proto.ts`` (be5a0b7, 2026-08-06); history, tools and model stand alike in "Windsurf/Codeium Protocol
Analysis" (2026-02-25), which says that it was made from captured traffic.
That the ``Idempotent`` variant is encrypted is said by open code that talks to it; nixos-cursor gives it a
plain shape. It is held to be opaque.
Not read: Cursor's older ``AiService/StreamChat`` (its description was withdrawn), results of tools in Cursor
chat (the sources differ), Windsurf's local language server (it stays on the machine), completions while
typing.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

from sensor.dialects import generic
from sensor.dialects.lanebook import LaneBook
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
    Usage,
)
from sensor.errors import Malformed
from sensor.model import Direction
from sensor.wire.protobuf import Kind, Shape, Spec, read_view
from sensor.wire.protobuf import encode as encode_view
from sensor.wire.protobuf import rewrite as rewrite_message

__all__ = [
    "END",
    "UNCONFIRMED",
    "encode",
    "is_opaque",
    "read_answer",
    "read_message",
    "read_request",
    "rewrite",
    "stream",
    "view",
]

UNCONFIRMED = True

END = "end"
"""The event of an end-of-stream message, whose value is its JSON (``None`` for gRPC-Web's trailers)."""


def _message(name: str, shape: Shape, *, repeated: bool = False) -> Spec:
    return Spec(name, Kind.MESSAGE, shape, repeated)


def _number(name: str) -> Spec:
    return Spec(name, Kind.NUMBER)


_THINKING = Shape({1: Spec("text"), 2: Spec("signature")})
_CURSOR_CHAT = Shape(
    {
        1: _message(
            "conversation",
            Shape(
                {
                    1: Spec("text"),
                    2: _number("type"),
                    13: Spec("bubble_id"),
                    45: _message("thinking", _THINKING),
                }
            ),
            repeated=True,
        ),
        5: _message("model_details", Shape({1: Spec("model_name")})),
        23: Spec("conversation_id"),
        34: _message("mcp_tools", Shape({1: Spec("name"), 2: Spec("description")}), repeated=True),
    }
)
_CURSOR_REQUEST = Shape({1: _message("stream_unified_chat_request", _CURSOR_CHAT)})
_CURSOR_TEXT = Shape({1: Spec("text"), 25: _message("thinking", _THINKING)})
_CURSOR_ANSWER = Shape(
    {
        1: _message(
            "client_side_tool_v2_call",
            Shape(
                {3: Spec("tool_call_id"), 9: Spec("name"), 10: Spec("raw_args"), 14: _number("is_streaming")}
            ),
        ),
        2: _message("stream_unified_chat_response", _CURSOR_TEXT),
    }
)

_USER_ACTION = Shape(
    {1: _message("user_message_action", Shape({1: _message("user_message", Shape({1: Spec("text")}))}))}
)
_AGENT_CLIENT = Shape(
    {
        1: _message(
            "run_request",
            Shape(
                {
                    2: _message("action", _USER_ACTION),
                    3: _message("model_details", Shape({1: Spec("model_id")})),
                    4: _message(
                        "mcp_tools",
                        Shape(
                            {
                                1: _message(
                                    "tools", Shape({1: Spec("name"), 2: Spec("description")}), repeated=True
                                )
                            }
                        ),
                    ),
                    5: Spec("conversation_id"),
                }
            ),
        ),
        4: _message("conversation_action", _USER_ACTION),
    }
)
_BIDI_APPEND = Shape({1: Spec("data", Kind.HEX, _AGENT_CLIENT)})
_AGENT_SERVER = Shape(
    {
        1: _message(
            "interaction_update",
            Shape(
                {
                    1: _message("text_delta", Shape({1: Spec("text")})),
                    7: _message("partial_tool_call", Shape({1: Spec("call_id"), 3: Spec("args_text_delta")})),
                    8: _message("token_delta", Shape({1: Spec("text")})),
                    14: _message("turn_ended", Shape({})),
                }
            ),
        )
    }
)

_CALL = Shape({1: Spec("id"), 2: Spec("name"), 3: Spec("arguments_json")})
_WINDSURF_REQUEST = Shape(
    {
        2: Spec("prompt"),
        3: _message(
            "chat_message_prompts",
            Shape(
                {
                    2: _number("source"),
                    3: Spec("prompt"),
                    6: _message("tool_calls", _CALL, repeated=True),
                    7: Spec("tool_call_id"),
                    10: _message(
                        "images", Shape({1: Spec("base64_data"), 2: Spec("mime_type")}), repeated=True
                    ),
                    11: Spec("thinking"),
                    12: Spec("signature"),
                }
            ),
            repeated=True,
        ),
        10: _message(
            "tools", Shape({1: Spec("name"), 2: Spec("description"), 3: Spec("json_schema")}), repeated=True
        ),
        16: Spec("cascade_id"),
        21: Spec("chat_model_uid"),
    }
)
_WINDSURF_ANSWER = Shape(
    {
        1: Spec("message_id"),
        3: Spec("delta_text"),
        5: _number("stop_reason"),
        6: _message("delta_tool_calls", _CALL, repeated=True),
        7: _message("usage", Shape({2: _number("input_tokens"), 3: _number("output_tokens")})),
        9: Spec("delta_thinking"),
        10: Spec("delta_signature"),
        23: Spec("actual_model_uid"),
    }
)

_EMPTY = Shape({})
_SHAPES: tuple[tuple[re.Pattern[str], Shape, Shape], ...] = (
    (
        re.compile(r"/aiserver\.v1\.ChatService/StreamUnifiedChatWithTools(?:SSE)?$"),
        _CURSOR_REQUEST,
        _CURSOR_ANSWER,
    ),
    (re.compile(r"/aiserver\.v1\.ChatService/StreamUnifiedChat$"), _CURSOR_CHAT, _CURSOR_TEXT),
    (re.compile(r"/aiserver\.v1\.BidiService/BidiAppend$"), _BIDI_APPEND, _EMPTY),
    (re.compile(r"/agent\.v1\.AgentService/RunSSE$"), _EMPTY, _AGENT_SERVER),
    (re.compile(r"/agent\.v1\.AgentService/Run$"), _AGENT_CLIENT, _AGENT_SERVER),
    (
        re.compile(r"/exa\.api_server_pb\.ApiServerService/GetChatMessage$"),
        _WINDSURF_REQUEST,
        _WINDSURF_ANSWER,
    ),
)
"""Path, what the client sends, what the server sends."""

_OPAQUE = re.compile(r"/aiserver\.v1\.ChatService/\w*Idempotent\w*$")
"""Encrypted above TLS."""


def is_opaque(head: RequestHead) -> bool:
    """Whether a call's messages are encrypted, or of no known shape."""
    return _shape(head, True) is None


def view(head: RequestHead, message: bytes, from_client: bool) -> dict[str, Any] | None:
    """The known fields of a message; ``None`` where its shape is not known or its bytes do not have it."""
    shape = _shape(head, from_client)
    if shape is None:
        return None
    try:
        return read_view(message, shape)
    except Malformed:
        return None


def rewrite(head: RequestHead, message: bytes, from_client: bool, edits: Mapping[Path, str]) -> bytes:
    """The message with other texts at paths of its view. Raises ``Malformed`` where it has no view."""
    shape = _shape(head, from_client)
    if shape is None:
        raise Malformed("protobuf_shape_unknown")
    return rewrite_message(message, shape, edits)


def encode(head: RequestHead, value: Mapping[str, Any], from_client: bool = False) -> bytes:
    """The bytes of a view, for a frame that did not come from the service."""
    return encode_view(value, _shape(head, from_client) or _EMPTY)


def read_request(head: RequestHead, body: Any) -> Reading:
    """A unary call, or the first message of a stream."""
    return read_message(head, body, True)


def read_answer(head: RequestHead, body: Any) -> Reading:
    """A unary answer."""
    return read_message(head, body, False)


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """One message of either side."""
    if isinstance(value, bytes):
        value = view(head, value, from_client)
        if value is None:
            return Reading(signed=True)
    elif _shape(head, from_client) is None:
        return generic.read_request(head, value) if from_client else generic.read_answer(head, value)
    found = Gathering()
    if from_client:
        _read_client(found, value)
        found.streams = True
    else:
        for text in _texts(value):
            found.part(at(value, *text.path), text.path, text.direction, "assistant")
            if text.fixed:
                found.keep_fixed(text.path)
        found.model, found.usage = _facts(value)
    return found.reading()


def stream(head: RequestHead) -> Stream:
    """A reader of the server's messages."""
    return ConnectStream(head)


class ConnectStream:
    """The server's messages of one call."""

    framing = Framing.CONNECT

    def __init__(self, head: RequestHead) -> None:
        self._head = head
        self._lanes = LaneBook()

    def read(self, event: str | None, value: Any) -> Frame:
        """One message (bytes or its view), or the end of the stream."""
        self._lanes.turn()
        if event == END:
            return Frame(ends_all=True, is_error=bool(at(value, "error")))
        if isinstance(value, bytes):
            value = view(self._head, value, False)
        if _shape(self._head, False) is None or not isinstance(value, dict):
            return NOTHING
        texts = []
        for text in _texts(value):
            form: Any = _form(value, text.path)
            lane = text.lane
            if text.grow is Grow.APPEND and form is not None:
                lane = self._lanes.grow(lane, None, *form)
            texts.append(text._replace(lane=lane))
        model, usage = _facts(value)
        return Frame(
            texts=tuple(texts),
            ends_all="turn_ended" in mapping(value.get("interaction_update")),
            calls=tuple(name for name in _call_names(value) if name),
            model=model,
            usage=usage,
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """A view of a message that carries the text on; ``encode`` gives its bytes."""
        return self._lanes.flush(lane, text)


def _shape(head: RequestHead, from_client: bool) -> Shape | None:
    path = head.path.partition("?")[0]
    if _OPAQUE.search(path) is None:
        for pattern, request, answer in _SHAPES:
            if pattern.search(path) is not None:
                return request if from_client else answer
    return None


# What a client sends.

_CURSOR_ROLES = {1: ("user", Direction.PROMPT), 2: ("assistant", Direction.ANSWER)}
_WINDSURF_ROLES = {
    1: ("user", Direction.PROMPT),
    # assistant turns are replayed under SYSTEM
    2: ("assistant", Direction.ANSWER),
    4: ("tool", Direction.TOOL_RESULT),
    5: ("system", Direction.PROMPT),
}


def _read_client(found: Gathering, value: Any) -> None:
    """All shapes have names of their own, so that each is looked for."""
    chat = at(value, "stream_unified_chat_request")
    if chat is None:
        _read_cursor_chat(found, value, ())
    else:
        _read_cursor_chat(found, chat, ("stream_unified_chat_request",))
    appended = at(value, "data")
    _read_agent(found, value if appended is None else appended, () if appended is None else ("data",))
    _read_windsurf(found, value)


def _read_cursor_chat(found: Gathering, chat: Any, base: Path) -> None:
    for turn, message in enumerate(items(at(chat, "conversation"))):
        where: Path = (*base, "conversation", turn)
        role, direction = _CURSOR_ROLES.get(integer(at(message, "type")) or 0, (None, Direction.PROMPT))
        found.part(at(message, "text"), (*where, "text"), direction, role, turn)
        path: Path = (*where, "thinking", "text")
        if found.part(at(message, "thinking", "text"), path, Direction.ANSWER, "assistant", turn):
            found.keep_fixed(path)
    for tool in items(at(chat, "mcp_tools")):
        found.tool(at(tool, "name"))
    found.model = found.model or text_at(chat, "model_details", "model_name")
    found.conversation = found.conversation or text_at(chat, "conversation_id")


def _read_agent(found: Gathering, sent: Any, base: Path) -> None:
    for where in (("run_request", "action"), ("conversation_action",)):
        path: Path = (*where, "user_message_action", "user_message", "text")
        found.part(at(sent, *path), (*base, *path), Direction.PROMPT, "user")
    for tool in items(at(sent, "run_request", "mcp_tools", "tools")):
        found.tool(at(tool, "name"))
    found.model = found.model or text_at(sent, "run_request", "model_details", "model_id")
    found.conversation = found.conversation or text_at(sent, "run_request", "conversation_id")


def _read_windsurf(found: Gathering, value: Any) -> None:
    found.part(at(value, "prompt"), ("prompt",), Direction.PROMPT, "system")
    for turn, message in enumerate(items(at(value, "chat_message_prompts"))):
        where: Path = ("chat_message_prompts", turn)
        role, direction = _WINDSURF_ROLES.get(integer(at(message, "source")) or 0, (None, Direction.PROMPT))
        found.part(at(message, "prompt"), (*where, "prompt"), direction, role, turn)
        thinking: Path = (*where, "thinking")
        if found.part(at(message, "thinking"), thinking, Direction.ANSWER, "assistant", turn):
            found.keep_fixed(thinking)
        for number, call in enumerate(items(at(message, "tool_calls"))):
            path: Path = (*where, "tool_calls", number, "arguments_json")
            found.part(at(call, "arguments_json"), path, Direction.TOOL_CALL, "assistant", turn)
            found.call(at(call, "name"), path, at(call, "id"))
        for number, image in enumerate(items(at(message, "images"))):
            if isinstance(at(image, "base64_data"), str):
                path = (*where, "images", number, "base64_data")
                found.file(path, media_type=at(image, "mime_type"), coding="base64")
    for tool in items(at(value, "tools")):
        found.tool(at(tool, "name"))
    if isinstance(at(value, "tools"), list):
        found.tools_path = ("tools",)
    found.model = found.model or text_at(value, "chat_model_uid")
    found.conversation = found.conversation or text_at(value, "cascade_id")


# What a server sends.

_LANES: tuple[tuple[str, Path, bool], ...] = (
    ("text", ("stream_unified_chat_response", "text"), False),
    ("thinking", ("stream_unified_chat_response", "thinking", "text"), True),
    ("text", ("text",), False),
    ("thinking", ("thinking", "text"), True),
    ("text", ("interaction_update", "text_delta", "text"), False),
    ("token", ("interaction_update", "token_delta", "text"), False),
    ("text", ("delta_text",), False),
    ("thinking", ("delta_thinking",), True),
)
"""Lane, place, and whether a signature covers it."""


def _texts(value: Any) -> list[LaneText]:
    texts = [
        LaneText(lane, path, fixed=fixed) for lane, path, fixed in _LANES if isinstance(at(value, *path), str)
    ]
    for holder, key, identity in (
        (("client_side_tool_v2_call",), "raw_args", "tool_call_id"),
        (("interaction_update", "partial_tool_call"), "args_text_delta", "call_id"),
    ):
        if isinstance(at(value, *holder, key), str):
            lane = ("call", text_at(value, *holder, identity))
            texts.append(LaneText(lane, (*holder, key), Direction.TOOL_CALL, escape=True))
    for number, call in enumerate(items(at(value, "delta_tool_calls"))):
        if isinstance(at(call, "arguments_json"), str):
            path: Path = ("delta_tool_calls", number, "arguments_json")
            lane = ("call", text_at(call, "id"))
            texts.append(LaneText(lane, path, Direction.TOOL_CALL, Grow.WHOLE, escape=True))
    return texts


def _call_names(value: Any) -> list[str | None]:
    calls = [at(value, "client_side_tool_v2_call"), *items(at(value, "delta_tool_calls"))]
    return [text_at(call, "name") for call in calls]


def _facts(value: Any) -> tuple[str | None, Usage | None]:
    usage = mapping(at(value, "usage"))
    counted = (
        Usage(integer(usage.get("input_tokens")), integer(usage.get("output_tokens"))) if usage else None
    )
    return string(at(value, "actual_model_uid")), counted


def _form(value: dict[str, Any], path: Path) -> tuple[dict[str, Any], Path] | None:
    """The frame with this lane's place alone, and the ids beside it."""
    holder = mapping(at(value, *path[:-1]))
    kept = {key: holder[key] for key in ("message_id", "tool_call_id", "name", "call_id") if key in holder}
    made: Any = {**kept, path[-1]: ""}
    for step in reversed(path[:-1]):
        made = {step: made}
    return made, path
