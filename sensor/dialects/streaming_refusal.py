"""
How each dialect says no inside an answer that is already running.

Rule 1: the status line has gone out, so a refusal here is a last frame in the stream's own framing. It stands
after a whole frame, never inside one, and the caller closes the stream after it.
Rule 2: every pair of dialect and framing gives bytes. Where a dialect has no word for an error, the bytes end
the stream as its own end does, and where that is not known they are empty: the stream just ends.
Rule 3: the message is the policy author's and is never what was found.

Bytes for ``Framing.WEBSOCKET`` and ``Framing.SIGNALR`` are the payload of one text message; the caller
frames it. gRPC ends with trailers, which are no bytes of a stream: ``grpc_trailers`` gives them.

What the vendors' SDKs make of it, tried with openai 3.54, anthropic 2.12, google-genai 3.4, boto3 1.44,
mistralai 3.7, ollama 0.6.3 and cohere 7.3 in 2026-11:

* OpenAI Chat and Responses, Anthropic, Gemini (server-sent events), Bedrock and Ollama raise their own error,
  which shows the message; anthropic 0.125 raises a ValueError that does for Bedrock's exception frame.
* A Responses error event is no error to the openai SDK, it hands it on as an event. So the event carries an
  ``error`` object as well, which makes the SDK raise, and is still a ``ResponseErrorEvent``.
* Cohere's SDK raises for nothing inside a stream: version 2 tells it in ``delta.error`` of ``message-end``,
  version 1 in ``finish_reason``, and in a text that goes before it.
* mistralai has no error event: it raises its own ResponseValidationError, with the message in its ``body``.

Sources beside the SDKs: the Model Context Protocol and A2A for JSON-RPC over server-sent events;
connectrpc.com "Connect Protocol Reference" (end-of-stream message); grpc/grpc ``doc/PROTOCOL-HTTP2.md``;
dotnet/aspnetcore SignalR ``HubProtocol.md`` (Close message); botocore 1.44 ``eventstream.py`` and
``parsers.py`` for the exception of Amazon's event stream. No client has judged the forms for JSON-RPC,
Connect, gRPC and SignalR.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sensor.dialects.names import FAMILIES, Dialect, Family
from sensor.dialects.reading import Framing
from sensor.dialects.refuse import JSONRPC_BLOCKED
from sensor.wire.envelopes import END_STREAM, TRAILERS, write_envelope
from sensor.wire.eventstream import text_header, write_message

__all__ = ["CODE", "MAX_MESSAGE", "StreamHint", "grpc_trailers", "refuse_in_stream"]

CODE = "blocked_by_policy"
"""What a program may look for."""

MAX_MESSAGE = 4_096
"""Characters of a message that go out."""

_DEFAULT = "This answer was stopped: your organisation's policy does not allow it."


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHint:
    """What of the running stream its last frame has to fit."""

    frames: int = 0
    """How many frames have gone out."""
    sequence_number: int | None = None
    """OpenAI Responses: the number of this frame, one more than the last."""
    stream_id: str | None = None
    """OpenAI Responses over WebSocket: which of several answers."""
    request_id: str | int | None = None
    """JSON-RPC: the id of the request."""
    version: int = 2
    """Cohere: the version of its API."""
    is_generate: bool = False
    """Cohere version 1: the stream answers ``generate``, not ``chat``."""
    is_grpc_web: bool = False
    """gRPC in a browser: the trailers are a last envelope of the body."""


def refuse_in_stream(
    dialect: Dialect | None, framing: Framing, message: str, *, stream_hint: StreamHint | None = None
) -> bytes:
    """
    The bytes that end a running stream with a refusal; ``None`` for the dialect gives OpenAI's form.

    Empty where nothing is known that the client would understand.
    """
    hint = stream_hint or StreamHint()
    text = message.strip()[:MAX_MESSAGE] or _DEFAULT
    family = Family.OPENAI if dialect is None else FAMILIES[dialect]
    if framing is Framing.EVENTSTREAM:
        return _eventstream(text)
    if framing is Framing.SIGNALR:
        return _dump({"type": 7, "error": text}) + b"\x1e"
    if framing is Framing.CONNECT:
        return _connect_end(text) if family is not Family.GRPC else _grpc_end(text, hint)
    if family is Family.WEB:
        return b"data: [DONE]\n\n" if dialect is Dialect.CHATGPT_WEB and framing is Framing.SSE else b""
    if family is Family.COHERE:
        return b"".join(_frame(framing, event, value, hint) for event, value in _cohere(text, hint))
    event, value = _last_word(dialect, family, text, hint)
    made = _frame(framing, event, value, hint)
    # The SDK stops at [DONE]; without it a client that passes over the error would wait for more.
    done = framing is Framing.SSE and family is Family.OPENAI and dialect not in _NO_DONE
    return made + b"data: [DONE]\n\n" if done else made


def grpc_trailers(message: str) -> tuple[tuple[str, str], ...]:
    """
    The trailers that end a gRPC stream: status 7 (PERMISSION_DENIED) and the message, percent-coded.

    Source: grpc/grpc ``doc/PROTOCOL-HTTP2.md``, "Responses".
    """
    text = message.strip()[:MAX_MESSAGE] or _DEFAULT
    said = quote(text.encode("utf-8", "replace"), safe=_UNCODED)
    return (("grpc-status", "7"), ("grpc-message", said))


_UNCODED = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""What stands in a grpc-message as it is: space to tilde without the percent sign."""

_NO_DONE = frozenset({Dialect.OPENAI_RESPONSES, Dialect.OPENAI_REALTIME})


def _last_word(
    dialect: Dialect | None, family: Family, text: str, hint: StreamHint
) -> tuple[str | None, dict[str, Any]]:
    """The name of the event, where it has one, and what it says."""
    if dialect is Dialect.OPENAI_RESPONSES:
        return "error", _responses(text, hint)
    if dialect is Dialect.OPENAI_REALTIME:
        error = {"type": "policy_violation", "code": CODE, "message": text, "param": None, "event_id": None}
        return None, {"type": "error", "event_id": "event_" + CODE, "error": error}
    if family is Family.ANTHROPIC:
        return "error", {"type": "error", "error": {"type": "permission_error", "message": text}}
    if family is Family.GOOGLE:
        # The first key must be "error": google-genai tests how the chunk begins.
        return None, {"error": {"code": 403, "message": text, "status": "PERMISSION_DENIED"}}
    if family is Family.JSONRPC:
        return None, {
            "jsonrpc": "2.0",
            "id": hint.request_id,
            "error": {"code": JSONRPC_BLOCKED, "message": text},
        }
    if family is Family.OLLAMA:
        return None, {"error": text}
    if family in (Family.CONNECT, Family.CONNECT_STREAM, Family.GRPC):
        return None, {"code": "permission_denied", "message": text}
    if family is Family.AWS:
        return "validationException", {"message": text}
    return None, {"error": {"message": text, "type": "policy_violation", "code": CODE, "param": None}}


def _responses(text: str, hint: StreamHint) -> dict[str, Any]:
    """A ResponseErrorEvent, and the ``error`` object for which the SDK raises."""
    made: dict[str, Any] = {
        "type": "error",
        "code": CODE,
        "message": text,
        "param": None,
        "sequence_number": hint.frames if hint.sequence_number is None else hint.sequence_number,
        "error": {"message": text, "type": "policy_violation", "code": CODE, "param": None},
    }
    return made if hint.stream_id is None else {**made, "stream_id": hint.stream_id}


def _cohere(text: str, hint: StreamHint) -> list[tuple[str | None, dict[str, Any]]]:
    """
    Version 2: the end of the message with an error. Version 1: ``generate`` has an error event, ``chat`` only
    a reason, so that its text carries the message.

    Source: cohere 7.3 ``ChatMessageEndEventDelta.error``, ``GenerateStreamError``, ``ChatStreamEndEvent``.
    """
    if hint.version == 2:
        return [("message-end", {"type": "message-end", "delta": {"error": text, "finish_reason": "ERROR"}})]
    if hint.is_generate:
        error = {"event_type": "stream-error", "is_finished": True, "finish_reason": "ERROR", "err": text}
        return [(None, error)]
    said = {
        "event_type": "text-generation",
        "is_finished": False,
        "text": ("\n" if hint.frames else "") + text,
    }
    end = {"event_type": "stream-end", "is_finished": True, "finish_reason": "ERROR"}
    return [(None, said), (None, {**end, "response": {"text": text, "finish_reason": "ERROR"}})]


def _frame(framing: Framing, event: str | None, value: dict[str, Any], hint: StreamHint) -> bytes:
    """One frame; empty in a framing in which a value cannot stand."""
    data = _dump(value)
    if framing is Framing.SSE:
        return (f"event: {event}\n".encode() if event else b"") + b"data: " + data + b"\n\n"
    if framing is Framing.NDJSON:
        return data + b"\n"
    if framing is Framing.JSON_ARRAY:
        return (b"," if hint.frames else b"[") + data + b"]"
    return data if framing is Framing.WEBSOCKET else b""


def _connect_end(text: str) -> bytes:
    """The end-of-stream envelope: flag 2, the error as JSON."""
    return write_envelope(_dump({"error": {"code": "permission_denied", "message": text}}), END_STREAM)


def _grpc_end(text: str, hint: StreamHint) -> bytes:
    """The trailers as an envelope in gRPC-Web (grpc/grpc ``doc/PROTOCOL-WEB.md``); else no bytes."""
    if not hint.is_grpc_web:
        return b""
    lines = "".join(f"{name}: {value}\r\n" for name, value in grpc_trailers(text))
    return write_envelope(lines.encode("ascii"), TRAILERS)


def _eventstream(text: str) -> bytes:
    """
    An exception message of Amazon's event stream.

    ``validationException`` says that the request is at fault. The others of the service model say that the
    service is, and invite another try.
    """
    headers = (
        text_header(":exception-type", "validationException"),
        text_header(":content-type", "application/json"),
        text_header(":message-type", "exception"),
    )
    return write_message(headers, _dump({"message": text}))


def _dump(value: dict[str, Any]) -> bytes:
    """JSON on one line; what is no text (half of a surrogate pair) is escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
