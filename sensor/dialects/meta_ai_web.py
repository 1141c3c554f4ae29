"""
The page of Meta AI: GraphQL at ``meta.ai/api/graphql``.

A request is a form with JSON in ``variables`` (the prompt is ``message.sensitive_string_value``), or, in the
page's later form, JSON with ``variables.content``. An answer is one JSON object a line, each with all of the
answer so far (a snapshot): as ``snippet``, and in pieces as ``composed_text``.

Sources (unofficial): xtekky/gpt4free ``g4f/Provider/needs_auth/MetaAI.py``, commit eef67f8c, 2026-08-21;
Strvm/meta-ai-api ``src/meta_ai_api/main.py`` and ``utils.py``, commit 89655182, 2024-11-11
(``composed_text``, ids); diegosouzapw/OmniRoute ``open-sse/executors/muse-spark-web.ts``, commit 10df4e10,
read 2026-11-24 (JSON with ``variables.content``).

Not read: the WebSocket of the later page (frames in a binary form of its own).

Bounds: ``MAX_PARTS`` texts of a frame, ``MAX_LANES`` lanes.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, inner_json, items, string, text_at
from sensor.dialects.reading import JSON, Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.dialects.webforms import field
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "MetaAiStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = True

_MESSAGE = ("data", "node", "bot_response_message")


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says."""
    found = Gathering()
    form = field(body, "variables")
    where: Path = ("variables",)
    variables = at(body, "variables")
    if form is not None:
        where, variables = (*form[0], JSON), inner_json(form[1])
    path = ("message", "sensitive_string_value")
    found.part(at(variables, *path), (*where, *path), Direction.PROMPT, "user", 0)
    found.part(at(variables, "content"), (*where, "content"), Direction.PROMPT, "user", 0)
    found.conversation = text_at(variables, "externalConversationId") or text_at(variables, "conversationId")
    found.model = text_at(variables, "mode")
    if found.parts:
        found.streams = True
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says."""
    found = Gathering()
    for path in _texts(body):
        found.part(at(body, *path), path, Direction.ANSWER, "assistant")
    return found.reading()


def stream(head: RequestHead) -> MetaAiStream:
    """A reader of one streamed answer."""
    return MetaAiStream()


class MetaAiStream:
    """Lanes are ``(message, *path)`` of a text in the message; all are snapshots."""

    framing = Framing.NDJSON

    def __init__(self) -> None:
        self._book = LaneBook()

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        message = at(value, *_MESSAGE)
        identity = text_at(message, "id")
        texts: list[LaneText] = []
        for path in _texts(value):
            form = {"data": {"node": {"bot_response_message": _form(message, path[len(_MESSAGE) :])}}}
            lane = self._book.grow((identity, *path[len(_MESSAGE) :]), None, form, path)
            texts.append(LaneText(lane, path, grow=Grow.SNAPSHOT))
        over = at(message, "streaming_state") == "OVERALL_DONE"
        return Frame(
            texts=tuple(texts),
            ends=self._book.end_under(identity) if over else (),
            conversation=(identity or "").partition("_")[0] or None,
            is_error=bool(items(at(value, "errors"))),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)


def _texts(value: Any) -> list[Path]:
    """Where the texts of the answer stand: the snippet, and the pieces of the composed text."""
    found: list[Path] = []
    if text_at(value, *_MESSAGE, "snippet") is not None:
        found.append((*_MESSAGE, "snippet"))
    for number, piece in enumerate(items(at(value, *_MESSAGE, "composed_text", "content"))[:MAX_PARTS]):
        if text_at(piece, "text") is not None:
            found.append((*_MESSAGE, "composed_text", "content", number, "text"))
    return found


def _form(message: Any, path: Path) -> dict[str, Any]:
    """A message with its id and a place for one text."""
    same = {key: message[key] for key in ("id", "fetch_id") if string(at(message, key)) is not None}
    made: dict[str, Any] = {**same, "streaming_state": "STREAMING"}
    if path[0] == "snippet":
        return {**made, "snippet": ""}
    number = path[2]
    pieces = [{"text": ""} for _ in range(number + 1 if isinstance(number, int) else 1)]
    return {**made, "composed_text": {"content": pieces}}
