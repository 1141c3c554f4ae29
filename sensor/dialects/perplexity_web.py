"""
The page of Perplexity: ``POST /rest/sse/perplexity_ask``.

A prompt stands twice, as ``query_str`` and as ``params.dsl_query``. The history stays with the service.

An answer streams as events with ``blocks[]``. A block tells itself whole (``markdown_block``) or how it
changes (``diff_block``: operations of JSON Patch on the field that it names). Its text grows by pieces in
``chunks``; a lane is a block's ``chunks``, in order. Where pieces are told again, they are a lane that ends
with its event. The last event may hold the answer once more, as JSON in JSON in ``text``.

Sources (unofficial): xtekky/gpt4free ``g4f/Provider/Perplexity.py``, commit eef67f8c, 2026-08-21 (request,
``backend_uuid``, ``/goals``, ``related_query_items``); diegosouzapw/OmniRoute
``open-sse/executors/perplexity-web/protocol.ts``, commit f23acc5d, read 2026-11-24 (``chunks``, ``text``,
``display_model``, ``end_of_stream``).

Bounds: ``MAX_PARTS`` texts of a body, ``MAX_LANES`` lanes and counted blocks.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from typing import Any

from sensor.dialects.lanebook import MAX_LANES, LaneBook
from sensor.dialects.picking import (
    MAX_PARTS,
    Gathering,
    at,
    inner_json,
    items,
    leaves,
    mapping,
    string,
    text_at,
)
from sensor.dialects.reading import JSON, Frame, Framing, Grow, LaneText, Part, Path, Reading, RequestHead
from sensor.dialects.webforms import strings
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "PerplexityStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = True

_CHUNK = re.compile(r"^/chunks/([0-9]{1,6})$")


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says."""
    found = Gathering()
    top = mapping(body)
    params = mapping(top.get("params"))
    if head.path.partition("?")[0].endswith("/perplexity_ask"):
        found.streams = True
    found.model = string(params.get("model_preference"))
    found.conversation = string(params.get("last_backend_uuid"))
    found.part(top.get("query_str"), ("query_str",), Direction.PROMPT, "user", 0)
    found.part(params.get("dsl_query"), ("params", "dsl_query"), Direction.PROMPT, "user", 0)
    for number, address in strings(params.get("attachments")):
        found.file(("params", "attachments", number), reference=address)
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: one event's worth."""
    found = Gathering()
    said = PerplexityStream().read(None, body)
    found.conversation, found.model = said.conversation, said.model
    found.parts.extend(Part(text.path, Direction.ANSWER, "assistant") for text in said.texts)
    return found.reading()


def stream(head: RequestHead) -> PerplexityStream:
    """A reader of one streamed answer."""
    return PerplexityStream()


class PerplexityStream:
    """
    Lanes are ``("block", usage)`` for pieces that are added and ``("answer", usage)`` for an answer that is
    told so far; all else is told whole and ends at once.
    """

    framing = Framing.SSE

    def __init__(self) -> None:
        self._book = LaneBook()
        self._pieces: dict[str, int] = {}
        """Pieces of each block."""
        self._number = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        texts: list[LaneText] = []
        for number, block in enumerate(items(top.get("blocks"))[:MAX_PARTS]):
            self._block(event, mapping(block), ("blocks", number), texts)
        for number, item in enumerate(items(top.get("related_query_items"))[:MAX_PARTS]):
            if text_at(item, "text") is not None:
                texts.append(self._once(("related_query_items", number, "text")))
        if isinstance(top.get("thread_title"), str):
            texts.append(self._once(("thread_title",)))
        if isinstance(top.get("text"), str):
            self._steps(top["text"], texts)
        texts = texts[:MAX_PARTS]
        return Frame(
            texts=tuple(texts),
            ends=tuple(dict.fromkeys(one.lane for one in texts if _is_once(one.lane))),
            ends_all=event == "end_of_stream" or top.get("status") == "COMPLETED" or top.get("final") is True,
            model=string(top.get("display_model")),
            conversation=string(top.get("backend_uuid")),
            is_error=isinstance(top.get("error_message"), str) or isinstance(top.get("error_code"), str),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    def _block(self, event: str | None, block: dict[str, Any], where: Path, texts: list[LaneText]) -> None:
        usage = string(block.get("intended_usage")) or ""
        self._whole(event, usage, block.get("markdown_block"), (*where, "markdown_block"), texts)
        goals = at(block, "plan_block", "goals")
        for path, _ in leaves(goals, (*where, "plan_block", "goals")):
            if path[-1] == "description":
                texts.append(self._once(path))
        difference = mapping(block.get("diff_block"))
        named = string(difference.get("field"))
        for number, item in enumerate(items(difference.get("patches"))[:MAX_PARTS]):
            patch = mapping(item)
            path = (*where, "diff_block", "patches", number, "value")
            pointer, value = string(patch.get("path")) or "", patch.get("value")
            if pointer.startswith("/goals"):
                texts.extend(
                    self._once(below)
                    for below, _ in leaves(value, path)
                    if below[-1] in ("value", "description") or isinstance(below[-1], int)
                )
            elif named == "markdown_block":
                self._patch(event, usage, pointer, value, path, texts)

    def _patch(
        self, event: str | None, usage: str, pointer: str, value: Any, path: Path, texts: list[LaneText]
    ) -> None:
        piece = _CHUNK.search(pointer)
        if not pointer:
            self._whole(event, usage, value, path, texts)
        elif piece is not None and isinstance(value, str):
            place = int(piece[1])
            if place < self._pieces.get(usage, 0):
                texts.append(self._once(path))
            else:
                texts.append(self._add(event, usage, place, path))
        elif pointer == "/answer" and isinstance(value, str):
            texts.append(self._answer(event, usage, path))

    def _whole(self, event: str | None, usage: str, value: Any, path: Path, texts: list[LaneText]) -> None:
        """All of a block: its first pieces, or its pieces once more."""
        if usage in self._pieces:
            texts.extend(self._again(at(value, "chunks"), (*path, "chunks")))
        else:
            for place, _ in strings(at(value, "chunks")):
                texts.append(self._add(event, usage, place, (*path, "chunks", place)))
        if text_at(value, "answer") is not None:
            texts.append(self._answer(event, usage, (*path, "answer")))

    def _add(self, event: str | None, usage: str, place: int, path: Path) -> LaneText:
        if usage in self._pieces or len(self._pieces) < MAX_LANES:
            self._pieces[usage] = place + 1
        patch = {"op": "add", "path": f"/chunks/{place + 1}", "value": ""}
        lane = self._book.grow(("block", usage), event, *_form(usage, patch))
        return LaneText(lane, path)

    def _answer(self, event: str | None, usage: str, path: Path) -> LaneText:
        patch = {"op": "replace", "path": "/answer", "value": ""}
        lane = self._book.grow(("answer", usage), event, *_form(usage, patch))
        return LaneText(lane, path, grow=Grow.SNAPSHOT)

    def _again(self, chunks: Any, path: Path) -> Iterator[LaneText]:
        """Pieces that are told again, as one lane of their own."""
        self._number += 1
        for place, _ in strings(chunks):
            yield LaneText(("once", self._number), (*path, place))

    def _once(self, path: Path) -> LaneText:
        """A text that is told whole."""
        self._number += 1
        return LaneText(("once", self._number), path, grow=Grow.WHOLE)

    def _steps(self, text: str, texts: list[LaneText]) -> None:
        """The field ``text``: plain, or JSON with steps whose ``content.answer`` may be JSON again."""
        steps = inner_json(text)
        if not isinstance(steps, (list, dict)):
            texts.append(self._once(("text",)))
            return
        many = isinstance(steps, list)
        for number, step in enumerate(steps[:MAX_PARTS] if isinstance(steps, list) else [steps]):
            path: Path = ("text", JSON, number) if many else ("text", JSON)
            for below in (("content", "answer"), ("content",), ("answer",)):
                answer = text_at(step, *below)
                if answer is None:
                    continue
                inner = inner_json(answer)
                if isinstance(inner, dict):
                    if isinstance(inner.get("answer"), str):
                        texts.append(self._once((*path, *below, JSON, "answer")))
                    texts.extend(self._again(inner.get("chunks"), (*path, *below, JSON, "chunks")))
                else:
                    texts.append(self._once((*path, *below)))


def _is_once(lane: Hashable) -> bool:
    return isinstance(lane, tuple) and lane[0] == "once"


def _form(usage: str, patch: dict[str, Any]) -> tuple[Any, Path]:
    """An event with one block that changes by one operation."""
    block = {"intended_usage": usage, "diff_block": {"field": "markdown_block", "patches": [patch]}}
    return {"blocks": [block]}, ("blocks", 0, "diff_block", "patches", 0, "value")
