"""
Amazon Bedrock: Converse, the models' own bodies, guardrails, agents and knowledge bases.

Which operation it is, the path says; ``bedrock_converse``, ``bedrock_native`` and ``bedrock_agents`` read the
bodies. A request signed with AWS Signature Version 4 is ``signed``: the signature covers a hash of the body,
so that it can be refused and not rewritten. With an API key (``Authorization: Bearer``) it can.

Strings of base64. A chunk of ``invoke-with-response-stream`` has JSON as ``{"bytes": base64}``, a chunk of
an agent has text, a count of tokens has a body. A path enters such a string with ``JSON``, as it enters JSON
in a string: ``("bytes", JSON, "delta", "text")``. ``open_bytes`` gives what is inside and ``close_bytes``
writes it back; where the inside is a text, nothing follows ``JSON``. Which of the two a string is, it says
itself: base64 of an object begins with a letter that no JSON object begins with.

The frames of an event stream are handed in with ``:event-type`` (of an exception ``:exception-type``) as
their event, and the payload's JSON.

Source: botocore 1.44.5 ``bedrock-runtime/2023-09-30/service-2``, ``auth.py`` (SigV4Auth, BearerAuth),
``parsers.py``, read 2026-11; docs.aws.amazon.com "Signature Version 4 signing process" (unsigned payload).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from sensor.dialects import bedrock_agents, bedrock_native
from sensor.dialects.bedrock_converse import ConverseEvents, gather_answer, gather_request
from sensor.dialects.bedrock_native import NativeStream
from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_INNER, Gathering, at, inner_json, integer, string
from sensor.dialects.reading import (
    JSON,
    Frame,
    Framing,
    Grow,
    LaneText,
    Path,
    Reading,
    RequestHead,
    Usage,
)

__all__ = [
    "UNCONFIRMED",
    "BedrockStream",
    "close_bytes",
    "is_signed",
    "open_bytes",
    "read_answer",
    "read_request",
    "region_in",
    "stream",
    "usage_in_headers",
]

UNCONFIRMED = False

_MODEL = re.compile(r"^/model/(.+)/([a-z-]+)$")
"""The model may be an ARN, and an ARN may have slashes that were not percent-coded."""
_GUARDRAIL = re.compile(r"^/guardrail/[^/]+/version/[^/]+/apply$|^/guardrail-checks/invoke$")
_ARN = re.compile(r"^arn:aws[a-z-]*:[a-z-]+:([a-z0-9-]*):(\d{12})?:")
"""Source: docs.aws.amazon.com "Amazon Resource Names (ARNs)": partition, service, region, account."""
_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/([a-z0-9-]+)/")
_HOST = re.compile(r"(?:^|\.)bedrock(?:-[a-z]+)*\.([a-z0-9-]+)\.")

_STREAMS = frozenset({"converse-stream", "invoke-with-response-stream", "invoke-with-bidirectional-stream"})


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says, of any operation."""
    model, operation = _operation(head)
    reading = _read_body(head, operation, body)
    named = model or reading.model
    found = _ARN.match(named or "")
    return replace(
        reading,
        model=named,
        account=(found and found[2])
        or head.headers.get("x-amzn-bedrock-projectidentifier")
        or reading.account,
        streams=operation in _STREAMS if model is not None else _agent_streams(head),
        signed=is_signed(head),
    )


def _read_body(head: RequestHead, operation: str, body: Any) -> Reading:
    found = Gathering()
    if operation in ("converse", "converse-stream"):
        gather_request(found, body)
    elif operation == "count-tokens":
        gather_request(found, at(body, "input", "converse"), ("input", "converse"))
        inner = open_bytes(at(body, "input", "invokeModel", "body"))
        if isinstance(inner, dict):
            reading = bedrock_native.read_request(head, inner)
            return _below(reading, ("input", "invokeModel", "body", JSON))
    elif operation == "async-invoke":
        reading = bedrock_native.read_request(head, at(body, "modelInput"))
        return replace(_below(reading, ("modelInput",)), model=string(at(body, "modelId")))
    elif operation == "guardrail":
        bedrock_agents.gather_guardrail(found, body)
    elif operation == "agent":
        bedrock_agents.gather_request(found, body)
        found.conversation = bedrock_agents.session_in(head.path) or found.conversation
    else:
        return bedrock_native.read_request(head, body)
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says."""
    operation = _operation(head)[1]
    found = Gathering()
    if operation == "converse":
        gather_answer(found, body)
    elif operation == "count-tokens":
        read = integer(at(body, "inputTokens"))
        found.usage = None if read is None else Usage(read)
    elif operation == "guardrail":
        bedrock_agents.gather_guardrail(found, {"source": "OUTPUT", "outputs": at(body, "outputs")})
    elif operation == "agent":
        bedrock_agents.gather_answer(found, body)
    else:
        return bedrock_native.read_answer(head, body)
    return found.reading()


def stream(head: RequestHead) -> BedrockStream:
    """A reader of one streamed answer."""
    return BedrockStream(head)


class BedrockStream:
    """
    Lanes of Converse are its own. Those of a model's own chunks are ``("native", …)``; of an agent
    ``("agent",)`` and of a knowledge base ``("output",)``; what comes whole is ``("whole", n)``.
    """

    framing = Framing.EVENTSTREAM

    def __init__(self, head: RequestHead) -> None:
        self._converse = ConverseEvents()
        self._native = NativeStream(head)
        self._book = LaneBook()
        self._is_agent = _operation(head)[1] == "agent"
        self._wholes = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        if event is not None and event.endswith(("Exception", "error")):
            return Frame(ends_all=True, is_error=True)
        if self._is_agent:
            return self._agent(event, value)
        inner = open_bytes(at(value, "bytes"))
        if inner is None:
            return self._converse.read(event, value)
        frame = self._native.read(inner)
        return replace(
            frame,
            texts=tuple(
                text._replace(lane=("native", text.lane), path=("bytes", JSON, *text.path))
                for text in frame.texts
            ),
            ends=tuple(("native", lane) for lane in frame.ends),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        if lane == ("agent",):
            return ("chunk", {"bytes": close_bytes(text)}) if self._book.flush(lane, text) else None
        if isinstance(lane, tuple) and lane[:1] == ("native",):
            made = self._native.flush(lane[1], text) if len(lane) == 2 else None
            return None if made is None else ("chunk", {"bytes": close_bytes(made)})
        return self._book.flush(lane, text) or self._converse.flush(lane, text)

    def _agent(self, event: str | None, value: Any) -> Frame:
        found = Gathering()
        bedrock_agents.gather_event(found, event, value)
        whole = []
        for part in found.parts:
            self._wholes += 1
            whole.append(LaneText(("whole", self._wholes), part.path, part.direction, Grow.WHOLE))
        texts: list[LaneText] = []
        if event == "chunk" and isinstance(open_bytes(at(value, "bytes")), str):
            self._book.grow(("agent",), "chunk", {"bytes": ""}, ("bytes",))
            texts.append(LaneText(("agent",), ("bytes", JSON)))
        elif event == "output" and isinstance(at(value, "text"), str):
            lane = self._book.grow(("output",), "output", {"text": ""}, ("text",))
            texts.append(LaneText(lane, ("text",)))
        return Frame(
            texts=(*texts, *whole),
            ends=tuple(text.lane for text in whole),
            ends_all=event == "flowCompletionEvent",
            calls=tuple(call.name for call in found.calls if call.name is not None),
        )


def open_bytes(text: Any) -> Any:
    """
    What is inside a string of base64: an object or a list where it is JSON, else the text; ``None`` where the
    string is no base64.

    Bytes that are no UTF-8 (a chunk may end inside a character) stand as lone surrogates, which
    ``close_bytes`` turns back.
    """
    if not isinstance(text, str) or not text or len(text) > MAX_INNER:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    inside = data.decode("utf-8", "surrogateescape")
    value = inner_json(inside) if inside[:1] in ("{", "[") else None
    return inside if value is None else value


def close_bytes(value: Any) -> str:
    """The string of base64 for what is inside it: the other way of ``open_bytes``."""
    if isinstance(value, str):
        # A lone surrogate that no byte stands behind is half a character that a client sent as an escape.
        data = value.encode("utf-8", "surrogateescape" if _is_escaped(value) else "replace")
    else:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        data = text.encode("utf-8", "backslashreplace")
    return base64.b64encode(data).decode("ascii")


def _is_escaped(text: str) -> bool:
    """Whether every lone surrogate stands for a byte (PEP 383)."""
    return not any("\ud800" <= letter < "\udc80" or "\udcff" < letter <= "\udfff" for letter in text)


def is_signed(head: RequestHead) -> bool:
    """
    Whether a signature covers the body: AWS Signature Version 4 or 4A, in a header or the query.

    It does not where the request says that the payload is not signed.
    """
    if head.headers.get("x-amz-content-sha256", "").upper().startswith("UNSIGNED-PAYLOAD"):
        return False
    authorization = head.headers.get("authorization", "")
    query = head.path.partition("?")[2]
    return (
        authorization.startswith(("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"))
        or "X-Amz-Signature=" in query
    )


def region_in(head: RequestHead) -> str | None:
    """The region that a request goes to: of the signature, else of the host, else of the model's ARN."""
    for pattern, text in ((_SCOPE, head.headers.get("authorization", "")), (_HOST, head.host or "")):
        found = pattern.search(text)
        if found is not None:
            return found[1]
    named = _ARN.match(_operation(head)[0] or "")
    return (named[1] or None) if named is not None else None


def usage_in_headers(headers: Mapping[str, str]) -> Usage | None:
    """
    Tokens as the head of an ``invoke`` answer counts them; names in lower case.

    Source: cohere 7.3 ``aws_client.py`` (``map_token_counts``).
    """
    counts = [headers.get(f"x-amzn-bedrock-{kind}-token-count", "") for kind in ("input", "output")]
    read, written = (int(text) if re.fullmatch(r"\d{1,15}", text) else None for text in counts)
    return Usage(read, written) if read is not None or written is not None else None


def _operation(head: RequestHead) -> tuple[str | None, str]:
    """The model that the path names, and the operation."""
    path = head.path.partition("?")[0]
    found = _MODEL.search(path)
    if found is not None:
        return unquote(found[1]), found[2]
    if path == "/async-invoke":
        return None, "async-invoke"
    return None, "guardrail" if _GUARDRAIL.search(path) else "agent"


def _agent_streams(head: RequestHead) -> bool:
    """Agents and flows always answer in a stream; of the rest, those that say so."""
    path = head.path.partition("?")[0]
    return path.endswith(("Stream", "/optimize-prompt")) or path.startswith(("/agents/", "/flows/"))


def _below(reading: Reading, base: Path) -> Reading:
    """A reading with all paths below a prefix."""
    return replace(
        reading,
        parts=tuple(part._replace(path=(*base, *part.path)) for part in reading.parts),
        files=tuple(file._replace(path=(*base, *file.path)) for file in reading.files),
        calls=tuple(call._replace(path=(*base, *call.path)) for call in reading.calls),
        fixed=tuple((*base, *path) for path in reading.fixed),
        tools_path=None if reading.tools_path is None else (*base, *reading.tools_path),
    )
