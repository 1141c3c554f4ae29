"""
The page of Poe: GraphQL at ``poe.com/api/gql_POST``, answers on a WebSocket.

A prompt is ``variables.query`` of a mutation, or the same in the field ``queryInfo`` of a multipart body
(``gql_upload_POST``) with files. The header ``poe-tag-id`` is a digest of the body and of secrets of the
page: such a body is ``signed``, to be refused and not rewritten.

The WebSocket's frames hold JSON in strings: subscription updates with all of a message so far (a snapshot).

Sources (unofficial): snowby666/poe-api-wrapper ``poe_api_wrapper/api.py`` and ``queries.py``, commit
bbb6831e, 2025-08-31; ading2210/poe-api ``src/poe/__init__.py``, commit 9286c020, 2023-09-18 (the message told
back, ``suggestedReplies``).

Bounds: ``MAX_PARTS`` texts of a frame; no state is held.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sensor.dialects.picking import (
    MAX_PARTS,
    Gathering,
    at,
    inner_json,
    integer,
    items,
    mapping,
    string,
    text_at,
)
from sensor.dialects.reading import JSON, Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.dialects.webforms import field, multipart, strings
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "PoeStream", "read_answer", "read_message", "read_request", "stream"]

UNCONFIRMED = True


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says: a mutation's query, with files where the body is multipart."""
    found = Gathering()
    found.signed = "poe-tag-id" in head.headers
    where: Path = ()
    query = body
    form = field(body, "queryInfo")
    if form is not None:
        where, query = (*form[0], JSON), inner_json(form[1])
        multipart(found, body)
    variables = mapping(at(query, "variables"))
    found.model = string(variables.get("bot"))
    found.conversation = _identity(variables.get("chatId"))
    found.part(variables.get("query"), (*where, "variables", "query"), Direction.PROMPT, "user", 0)
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: which chat it is, and the prompt told back."""
    found = Gathering()
    edge = at(body, "data", "messageEdgeCreate")
    found.conversation = _identity(at(edge, "chat", "chatId"))
    where = ("data", "messageEdgeCreate")
    told = ("message", "node", "text")
    found.part(at(edge, *told), (*where, *told), Direction.PROMPT, "user")
    found.part(at(edge, "chat", "title"), (*where, "chat", "title"), Direction.ANSWER, "assistant")
    return found.reading()


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """A client's WebSocket message: it says nothing."""
    return Reading()


def stream(head: RequestHead) -> PoeStream:
    """A reader of one connection."""
    return PoeStream()


class PoeStream:
    """
    Lanes are ``("message", id)``, ``("title", n)`` and ``("reply", id, …)`` for what is suggested. Each frame
    tells all of a text, so nothing is carried on.
    """

    framing = Framing.WEBSOCKET

    def read(self, event: str | None, value: Any) -> Frame:
        texts: list[LaneText] = []
        ends: list[Hashable] = []
        conversation = None
        is_error = False
        for number, inner in strings(at(value, "messages")):
            update = mapping(inner_json(inner))
            payload = mapping(update.get("payload"))
            path: Path = ("messages", number, JSON, "payload", "data")
            added = at(payload, "data", "messageAdded")
            identity = _identity(at(added, "messageId"))
            if text_at(added, "text") is not None:
                direction = Direction.PROMPT if at(added, "author") == "human" else Direction.ANSWER
                lane = ("message", identity)
                texts.append(LaneText(lane, (*path, "messageAdded", "text"), direction, Grow.SNAPSHOT))
                if at(added, "state") == "complete":
                    ends.append(lane)
            for below in _replies(added):
                texts.append(
                    LaneText(("reply", identity, *below), (*path, "messageAdded", *below), grow=Grow.WHOLE)
                )
                ends.append(("reply", identity, *below))
            if text_at(payload, "data", "chatTitleUpdated", "title") is not None:
                texts.append(
                    LaneText(("title", number), (*path, "chatTitleUpdated", "title"), grow=Grow.WHOLE)
                )
                ends.append(("title", number))
            topic = (string(payload.get("unique_id")) or "").rpartition(":")[2]
            conversation = topic or conversation
            is_error = is_error or (text_at(added, "state") or "").startswith("error")
        return Frame(
            texts=tuple(texts[:MAX_PARTS]),
            ends=tuple(dict.fromkeys(ends)),
            conversation=conversation,
            is_error=is_error,
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return None


def _replies(message: Any) -> list[Path]:
    """Where the texts of suggested replies stand."""
    found: list[Path] = [
        ("suggestedReplies", number) for number, _ in strings(at(message, "suggestedReplies"))
    ]
    for number, action in enumerate(items(at(message, "followupActions"))[:MAX_PARTS]):
        if text_at(action, "bodyText") is not None:
            found.append(("followupActions", number, "bodyText"))
    return found


def _identity(value: Any) -> str | None:
    """An id that is a number or a string."""
    number = integer(value)
    return string(value) if number is None else str(number)
