"""
The Responses API: over HTTP, as server-sent events, and over a WebSocket; also Codex signed in with ChatGPT
(``chatgpt.com/backend-api/codex/responses``), ``/responses/compact``, ``/responses/input_tokens``,
``/conversations``, Azure OpenAI, and what xAI, Mistral, GitHub Copilot and gateways offer under the same
path.

A history may stand in ``input``, or with the service: ``conversation`` or ``previous_response_id`` then names
it, and only the new turn is in the body. Answers name ``conversation``, else their own id where the service
keeps it (``store``), which is the ``previous_response_id`` of the next request.

Over a WebSocket a client sends ``response.create`` (a request), ``response.steer`` and ``response.inject``
(more input for a response that runs); the service sends the events of the stream, several at a time told
apart by ``stream_id``.

Bounds: those of ``openai_events``.

Sources: openai 3.54 ``types/responses/`` (``response_create_params.py``, ``response_compact_params.py``,
``responses_client_event.py``, ``response_steer_event.py``), ``types/beta/beta_response_inject_event.py`` and
``types/conversations/`` (2026-11).
"""

from __future__ import annotations

from typing import Any

from sensor.dialects.openai_events import EventStream
from sensor.dialects.openai_items import read_input, read_item, read_prompt
from sensor.dialects.openai_parts import (
    account_in,
    deployment_in,
    read_error,
    read_tools,
    reads_error,
    usage_in,
)
from sensor.dialects.picking import Gathering, at, items, mapping, string, text_at
from sensor.dialects.reading import Framing, Path, Reading, RequestHead, Stream
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "read_answer", "read_message", "read_request", "stream"]

UNCONFIRMED = False


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request asks."""
    found = Gathering()
    _read_request(found, body)
    found.model = found.model or deployment_in(head)
    found.account = account_in(head, body)
    found.conversation = found.conversation or _conversation_in(head)
    return found.reading()


def _read_request(found: Gathering, value: Any) -> None:
    body = mapping(value)
    if not body:
        return
    found.model = string(body.get("model"))
    found.streams = body.get("stream") is True
    found.conversation = (
        text_at(body, "conversation")
        or text_at(body, "conversation", "id")
        or text_at(body, "previous_response_id")
    )
    if not found.part(body.get("instructions"), ("instructions",), Direction.PROMPT, "system"):
        read_input(found, body.get("instructions"), ("instructions",))
    read_prompt(found, body.get("prompt"), ("prompt",))
    read_input(found, body.get("input"), ("input",))
    # POST /conversations and /conversations/{id}/items
    read_input(found, body.get("items"), ("items",))
    if isinstance(body.get("tools"), list):
        found.tools_path = ("tools",)
        read_tools(found, body["tools"])


def _conversation_in(head: RequestHead) -> str | None:
    """The conversation in a path of ``/conversations/{id}/items``."""
    before, found, after = head.path[:4096].partition("?")[0].partition("/conversations/")
    return after.partition("/")[0] or None if found else None


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: a response, a compacted one, a conversation's items."""
    found = Gathering()
    _read_response(found, body, ())
    if reads_error(body) or not isinstance(at(body, "output"), list):
        read_error(found, body)
    return found.reading()


def _read_response(found: Gathering, value: Any, path: Path) -> None:
    response = mapping(value)
    found.model = string(response.get("model"))
    found.usage = usage_in(response.get("usage"))
    found.conversation = text_at(response, "conversation", "id") or _stored(response)
    for key in ("output", "data"):
        for number, item in enumerate(items(response.get(key))):
            read_item(found, item, (*path, key, number), number)
    # The service repeats what was asked.
    if not found.part(response.get("instructions"), (*path, "instructions"), Direction.PROMPT, "system"):
        read_input(found, response.get("instructions"), (*path, "instructions"))


def _stored(response: dict[str, Any]) -> str | None:
    """The id under which the service keeps a response, or a conversation that was made."""
    if response.get("object") == "response" and response.get("store") is False:
        return None
    kept = response.get("object") in ("response", "response.compaction", "conversation")
    return string(response.get("id")) if kept else None


def stream(head: RequestHead) -> Stream:
    """A reader of a streamed answer; of a WebSocket's messages where the head asks for one."""
    upgrade = head.headers.get("upgrade", "").lower() == "websocket" or ":protocol" in head.headers
    return EventStream(Framing.WEBSOCKET if upgrade else Framing.SSE)


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """What one message of a WebSocket says."""
    if from_client:
        return read_request(head, value)
    found = Gathering()
    _read_response(found, at(value, "response"), ("response",))
    item = at(value, "item")
    if isinstance(item, dict):
        read_item(found, item, ("item",))
    if reads_error(value):
        read_error(found, value)
    return found.reading()
