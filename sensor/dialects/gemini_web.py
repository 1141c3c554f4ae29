"""
The page of Gemini: ``gemini.google.com/_/BardChatUi/data/…StreamGenerate`` and ``…/batchexecute``.

A request is a form; ``f.req`` is JSON that holds JSON in a string. In it ``[0][0]`` is the prompt,
``[0][3]`` the files (each ``[[address, kind], name]``), ``[2][0]`` the conversation. ``batchexecute`` calls
procedures by id, each with JSON in a string: all texts of it are read as a prompt, for what they mean is
each procedure's.
Files go up to ``content-push.googleapis.com/upload``, as multipart or, in two steps, as the body itself.

An answer streams as JSON with its length before it; texts stand in JSON in the string of ``["wrb.fr", …]``,
at ``[4][i][1]`` for candidate ``i``. Every frame tells all of a candidate so far (a snapshot), so ``flush``
gives all of it too. The host is shared with all of Google: match the path.

Sources (unofficial): xtekky/gpt4free ``g4f/Provider/needs_auth/Gemini.py`` and ``gemini_utils.py``, commit
eef67f8c, 2026-08-21 (request fields, upload in steps, candidates, thoughts at ``[37][0][0]``, routed model at
``[42]``, title, error code, model header); HanaokaYuzu/Gemini-API ``src/gemini_webapi/client.py``,
``types/grpc.py``, ``utils/upload_file.py``, commit fbe07905, 2026-04-13 (``batchexecute``, multipart upload).

Bounds: ``MAX_PARTS`` texts of a body, ``MAX_LANES`` lanes, ``MAX_INNER`` characters of inner JSON.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, inner_json, integer, items, string, text_at
from sensor.dialects.reading import JSON, Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.dialects.webforms import field, multipart, raw_upload
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "GeminiWebStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = True

_MODEL_HEADER = "x-goog-ext-525001261-jspb"
"""A list whose fifth item is the model's id."""

_MAX_INDEX = 64
"""Candidates of one answer that are told apart."""


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says: a prompt, calls of procedures, or a file that goes up."""
    found = Gathering()
    path = head.path.partition("?")[0]
    found.model = text_at(inner_json(head.headers.get(_MODEL_HEADER)), 4)
    if "upload" in head.headers.get("x-goog-upload-command", ""):
        raw_upload(found, head)
        return found.reading()
    multipart(found, body)
    form = field(body, "f.req")
    if form is None:
        return found.reading()
    where, text = form
    outer = inner_json(text)
    if path.endswith("/batchexecute"):
        for number, call in enumerate(items(at(outer, 0))[:MAX_PARTS]):
            below = (*where, JSON, 0, number, 1)
            found.leaves(inner_json(at(call, 1)), (*below, JSON), Direction.PROMPT)
        return found.reading()
    found.streams = path.endswith("/StreamGenerate")
    inner = inner_json(at(outer, 1))
    below = (*where, JSON, 1, JSON)
    found.part(at(inner, 0, 0), (*below, 0, 0), Direction.PROMPT, "user", 0)
    for number, file in enumerate(items(at(inner, 0, 3))[:MAX_PARTS]):
        address = text_at(file, 0, 0)
        if address is not None:
            found.file((*below, 0, 3, number, 0, 0), name=at(file, 1), reference=address)
    found.conversation = text_at(inner, 2, 0) or None
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says: candidates, or what a procedure gave back."""
    found = Gathering()
    for path, payload in _payloads(body):
        if isinstance(at(payload, 4), list):
            for lane, below in _texts(payload):
                found.part(at(payload, *below), (*path, *below), Direction.ANSWER, "assistant", _turn(lane))
            found.conversation = text_at(payload, 1, 0) or found.conversation
            found.model = text_at(payload, 42) or found.model
        else:
            found.leaves(payload, path, Direction.ANSWER)
    return found.reading()


def stream(head: RequestHead) -> GeminiWebStream:
    """A reader of one streamed answer."""
    return GeminiWebStream()


class GeminiWebStream:
    """Lanes are ``("candidate", i)``, ``("thoughts", i)`` and ``"title"``; all are snapshots."""

    framing = Framing.LENGTH_LINES

    def __init__(self) -> None:
        self._book = LaneBook()

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        texts: list[LaneText] = []
        conversation = model = None
        for path, payload in _payloads(value):
            conversation = text_at(payload, 1, 0) or conversation
            model = text_at(payload, 42) or model
            for name, below in _texts(payload):
                lane = self._book.grow(name, None, *_form(payload, below))
                texts.append(LaneText(lane, (*path, *below), grow=Grow.SNAPSHOT))
        return Frame(
            texts=tuple(texts[:MAX_PARTS]),
            conversation=conversation,
            model=model,
            is_error=any(integer(at(entry, 5, 2, 0, 1, 0)) is not None for _, entry in _entries(value)),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        made = self._book.flush(lane, text)
        if made is None:
            return None
        inner = json.dumps(made[1], ensure_ascii=False, separators=(",", ":"))
        return None, [["wrb.fr", None, inner]]


def _entries(value: Any) -> Iterator[tuple[Path, Any]]:
    """The entries ``["wrb.fr", …]`` of a frame, with their paths: the frame itself, or items of it."""
    if at(value, 0) == "wrb.fr":
        yield (), value
        return
    for number, entry in enumerate(items(value)[:MAX_PARTS]):
        if at(entry, 0) == "wrb.fr":
            yield (number,), entry


def _payloads(value: Any) -> Iterator[tuple[Path, Any]]:
    """The JSON that stands in the entries of a frame, with the path into it."""
    for path, entry in _entries(value):
        payload = inner_json(at(entry, 2))
        if payload is not None:
            yield (*path, 2, JSON), payload


def _texts(payload: Any) -> Iterator[tuple[Hashable, Path]]:
    """The texts of an answer's payload: their lanes and where in the payload they stand."""
    for number, candidate in enumerate(items(at(payload, 4))[:_MAX_INDEX]):
        said = at(candidate, 1)
        if isinstance(said, str):
            yield ("candidate", number), (4, number, 1)
        for piece, text in enumerate(items(said)[:_MAX_INDEX]):
            if isinstance(text, str):
                name = ("candidate", number) if piece == 0 else ("candidate", number, piece)
                yield name, (4, number, 1, piece)
        if text_at(candidate, 37, 0, 0) is not None:
            yield ("thoughts", number), (4, number, 37, 0, 0)
    title = at(payload, 2)
    if isinstance(title, dict) and isinstance(title.get("11"), str):
        yield "title", (2, "11")


def _turn(lane: Hashable) -> int | None:
    """The candidate of a lane, as the turn of a whole answer."""
    return lane[1] if isinstance(lane, tuple) else None


def _form(payload: Any, path: Path) -> tuple[Any, Path]:
    """A payload that holds nothing but the ids of an answer, and a place for one text."""
    made: list[Any] = [None, [string(one) for one in items(at(payload, 1))[:2]]]
    if path[0] == 2:
        return [*made, {"11": ""}], path
    made.extend([None, None])
    number, *rest = path[1:]
    candidates: list[Any] = [None] * (number if isinstance(number, int) else 0)
    candidate: list[Any] = [text_at(payload, 4, number, 0)]
    if rest[0] == 37:
        candidate.extend([None] * 36 + [[[""]]])
    elif len(rest) == 1:
        candidate.append("")
    else:
        candidate.append([""] * (rest[1] + 1 if isinstance(rest[1], int) else 1))
    return [*made, [*candidates, candidate]], path
