"""
Bedrock's Converse: one form of messages for every model, and its events.

A content block is an object with one key that says what it is. All kinds of the service model are read:
text, image, document, video, audio, toolUse, toolResult, guardContent, reasoningContent, citationsContent,
searchResult, toolAddition and toolRemoval; cachePoint says nothing. What is not of a known kind is left out.

Reasoning with a signature must go back as it came; in a stream the signature follows the text, so that all
streamed reasoning counts as signed. Amazon Nova's own body, on ``invoke``, has the same form, and its stream
the same events with the event's name as a key.

Source: botocore 1.44.5, ``bedrock-runtime/2023-09-30/service-2``, shapes ``ConverseRequest``,
``ConverseResponse``, ``ContentBlock``, ``ConverseStreamOutput``, ``ConverseTokensRequest``;
docs.aws.amazon.com/nova/latest/nova2-userguide/request-response-schema.html and streaming-responses.html,
read 2026-11.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, integer, items, leaves, mapping, string
from sensor.dialects.reading import Frame, Grow, LaneText, Path, Usage
from sensor.model import Direction

__all__ = ["EVENTS", "ConverseEvents", "gather_answer", "gather_blocks", "gather_request", "usage_of"]

_D = Direction

EVENTS = frozenset(
    {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
)
"""Names of the events that are no exception."""

_DIRECTIONS = {"assistant": _D.ANSWER}

_MEDIA_TYPES = {
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What a document's ``format`` says; those of pictures, films and sounds are subtypes as they are."""

_FORMATS = {"mkv": "x-matroska", "three_gp": "3gpp", "mov": "quicktime", "mp3": "mpeg"}


def gather_request(found: Gathering, body: Any, base: Path = ()) -> None:
    """What a Converse request says; ``base`` is where it stands."""
    top = mapping(body)
    for number, block in enumerate(items(top.get("system"))[:MAX_PARTS]):
        _block(found, mapping(block), (*base, "system", number), "system", None)
    for number, message in enumerate(items(top.get("messages"))[:MAX_PARTS]):
        role = string(at(message, "role"))
        gather_blocks(found, at(message, "content"), (*base, "messages", number, "content"), role, number)
    for name, value in mapping(top.get("promptVariables")).items():
        found.part(at(value, "text"), (*base, "promptVariables", name, "text"), _D.PROMPT, "user")
    tools = at(top, "toolConfig", "tools")
    if isinstance(tools, list):
        found.tools_path = (*base, "toolConfig", "tools")
        for tool in tools[:MAX_PARTS]:
            found.tool(at(tool, "toolSpec", "name") or at(tool, "systemTool", "name"))
    found.account = found.account or string(top.get("projectIdentifier"))


def gather_answer(found: Gathering, body: Any, base: Path = ()) -> None:
    """What a Converse answer says."""
    message: Path = (*base, "output", "message", "content")
    gather_blocks(found, at(body, "output", "message", "content"), message, "assistant", None)
    guarded = at(body, "trace", "guardrail", "modelOutput")
    found.leaves(guarded, (*base, "trace", "guardrail", "modelOutput"), _D.ANSWER, "assistant")
    found.model = found.model or string(at(body, "trace", "promptRouter", "invokedModelId"))
    found.usage = usage_of(at(body, "usage"))


def usage_of(value: Any) -> Usage | None:
    """``TokenUsage``."""
    read, written = integer(at(value, "inputTokens")), integer(at(value, "outputTokens"))
    return Usage(read, written) if read is not None or written is not None else None


def gather_blocks(found: Gathering, blocks: Any, path: Path, role: str | None, turn: int | None) -> None:
    """The blocks of one message."""
    for number, block in enumerate(items(blocks)[:MAX_PARTS]):
        _block(found, mapping(block), (*path, number), role, turn)


def _block(found: Gathering, block: dict[str, Any], path: Path, role: str | None, turn: int | None) -> None:
    direction = _DIRECTIONS.get(role or "", _D.PROMPT)
    found.part(block.get("text"), (*path, "text"), direction, role, turn)
    _media(found, block, path, _D.UPLOAD, role, turn)
    _guard(found, block.get("guardContent"), (*path, "guardContent"), direction, role, turn)
    _search_result(found, block.get("searchResult"), (*path, "searchResult"), _D.UPLOAD, role, turn)
    if isinstance(block.get("toolUse"), dict):
        use, where = block["toolUse"], (*path, "toolUse", "input")
        found.call(use.get("name"), where, use.get("toolUseId"))
        found.leaves(use.get("input"), where, _D.TOOL_CALL, role, turn)
    for number, result in enumerate(items(at(block, "toolResult", "content"))[:MAX_PARTS]):
        _tool_result(found, mapping(result), (*path, "toolResult", "content", number), turn)
    _reasoning(found, block.get("reasoningContent"), (*path, "reasoningContent"), role, turn)
    _cited(found, block.get("citationsContent"), (*path, "citationsContent"), role, turn)
    found.tool(at(block, "toolAddition", "tool", "name"))


def _tool_result(found: Gathering, result: dict[str, Any], path: Path, turn: int | None) -> None:
    found.part(result.get("text"), (*path, "text"), _D.TOOL_RESULT, "tool", turn)
    found.leaves(result.get("json"), (*path, "json"), _D.TOOL_RESULT, "tool", turn)
    _media(found, result, path, _D.TOOL_RESULT, "tool", turn)
    _search_result(found, result.get("searchResult"), (*path, "searchResult"), _D.TOOL_RESULT, "tool", turn)


def _media(
    found: Gathering,
    block: dict[str, Any],
    path: Path,
    direction: Direction,
    role: str | None,
    turn: int | None,
) -> None:
    """Image, document, video and audio blocks, inline, as text or in S3."""
    for kind in ("image", "document", "video", "audio"):
        medium = mapping(block.get(kind))
        source = mapping(medium.get("source"))
        where: Path = (*path, kind)
        there: Path
        name, media_type = string(medium.get("name")), _media_type(kind, medium.get("format"))
        if isinstance(source.get("bytes"), str):
            found.file((*where, "source", "bytes"), name=name, media_type=media_type, coding="base64")
        uri = at(source, "s3Location", "uri")
        if isinstance(uri, str):
            found.file(
                (*where, "source", "s3Location", "uri"), name=name, media_type=media_type, reference=uri
            )
        if found.part(source.get("text"), (*where, "source", "text"), direction, role, turn):
            found.file((*where, "source", "text"), name=name, media_type=media_type, coding="text")
        for number, piece in enumerate(items(source.get("content"))[:MAX_PARTS]):
            there = (*where, "source", "content", number, "text")
            if found.part(at(piece, "text"), there, direction, role, turn):
                found.file(there, name=name, media_type=media_type, coding="text")
        found.part(medium.get("context"), (*where, "context"), direction, role, turn)
        found.part(at(medium, "error", "message"), (*where, "error", "message"), _D.ANSWER, role, turn)


def _media_type(kind: str, form: Any) -> str | None:
    if not isinstance(form, str):
        return None
    return _MEDIA_TYPES.get(form) if kind == "document" else f"{kind}/{_FORMATS.get(form, form)}"


def _guard(
    found: Gathering, guard: Any, path: Path, direction: Direction, role: str | None, turn: int | None
) -> None:
    """What a guardrail is to look at: a text, or an image."""
    found.part(at(guard, "text", "text"), (*path, "text", "text"), direction, role, turn)
    if isinstance(at(guard, "image", "source", "bytes"), str):
        media_type = _media_type("image", at(guard, "image", "format"))
        found.file((*path, "image", "source", "bytes"), media_type=media_type, coding="base64")


def _search_result(
    found: Gathering, result: Any, path: Path, direction: Direction, role: str | None, turn: int | None
) -> None:
    for key in ("title", "source"):
        found.part(at(result, key), (*path, key), direction, role, turn)
    for number, piece in enumerate(items(at(result, "content"))[:MAX_PARTS]):
        found.part(at(piece, "text"), (*path, "content", number, "text"), direction, role, turn)


def _reasoning(found: Gathering, reasoning: Any, path: Path, role: str | None, turn: int | None) -> None:
    where: Path = (*path, "reasoningText", "text")
    if found.part(at(reasoning, "reasoningText", "text"), where, _D.ANSWER, role, turn) and isinstance(
        at(reasoning, "reasoningText", "signature"), str
    ):
        found.keep_fixed(where)
    if isinstance(at(reasoning, "redactedContent"), str):
        found.keep_fixed((*path, "redactedContent"))


def _cited(found: Gathering, cited: Any, path: Path, role: str | None, turn: int | None) -> None:
    for number, piece in enumerate(items(at(cited, "content"))[:MAX_PARTS]):
        found.part(at(piece, "text"), (*path, "content", number, "text"), _D.ANSWER, role, turn)
    for number, citation in enumerate(items(at(cited, "citations"))[:MAX_PARTS]):
        for where in _citation_places(citation):
            found.part(at(citation, *where), (*path, "citations", number, *where), _D.ANSWER, role, turn)


def _citation_places(citation: Any) -> list[Path]:
    """Where a citation has text."""
    count = min(len(items(at(citation, "sourceContent"))), MAX_PARTS)
    return [("title",), ("source",), *(("sourceContent", number, "text") for number in range(count))]


class ConverseEvents:
    """
    The events of one Converse stream. A lane is ``("block", index, kind)``.

    ``nested`` says that the event's name is a key of the payload (Amazon Nova on ``invoke``): then frames
    that carry a lane on have it there too.
    """

    def __init__(self, *, nested: bool = False) -> None:
        self._nested = nested
        self._book = LaneBook()
        self._wholes = 0

    def read(self, event: str | None, payload: Any) -> Frame:
        """One event. Paths begin below the payload."""
        self._book.turn()
        index = integer(at(payload, "contentBlockIndex"))
        if event == "contentBlockDelta":
            return self._delta(mapping(at(payload, "delta")), index)
        if event == "contentBlockStart":
            name = at(payload, "start", "toolUse", "name")
            return Frame(calls=(name,) if isinstance(name, str) else ())
        if event == "contentBlockStop":
            return Frame(ends=self._book.end_under("block", index))
        if event == "messageStop":
            return Frame(ends_all=True)
        if event == "metadata":
            model = string(at(payload, "trace", "promptRouter", "invokedModelId"))
            return Frame(usage=usage_of(at(payload, "usage")), model=model)
        return Frame()

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    def _delta(self, delta: dict[str, Any], index: int | None) -> Frame:
        texts = [
            *self._grow(delta, ("text",), index, "text", _D.ANSWER),
            *self._grow(delta, ("toolUse", "input"), index, "toolUse", _D.TOOL_CALL, escape=True),
            *self._grow(delta, ("reasoningContent", "text"), index, "reasoning", _D.ANSWER, fixed=True),
        ]
        whole: list[LaneText] = []
        for number, result in enumerate(items(delta.get("toolResult"))[:MAX_PARTS]):
            path: Path = ("toolResult", number, "text")
            texts += self._grow(delta, path, index, f"toolResult {number}", _D.TOOL_RESULT)
            for where, _ in leaves(at(result, "json"), ("toolResult", number, "json")):
                whole.append(self._whole(where, _D.TOOL_RESULT))
                if len(whole) >= MAX_PARTS:
                    break
        citation = delta.get("citation")
        for where in _citation_places(citation):
            if isinstance(at(citation, *where), str):
                whole.append(self._whole(("citation", *where), _D.ANSWER))
        if isinstance(at(delta, "image", "error", "message"), str):
            whole.append(self._whole(("image", "error", "message"), _D.ANSWER))
        return Frame(texts=(*texts, *whole), ends=tuple(text.lane for text in whole))

    def _grow(
        self,
        delta: dict[str, Any],
        path: Path,
        index: int | None,
        kind: str,
        direction: Direction,
        *,
        escape: bool = False,
        fixed: bool = False,
    ) -> list[LaneText]:
        """A piece of text in a delta, carried on by a frame with that piece alone."""
        if not isinstance(at(delta, *path), str):
            return []
        # A list in a path (toolResult) has one element in the frame that carries the lane on.
        places: Path = tuple(0 if isinstance(step, int) else step for step in path)
        inner: Any = ""
        for step in reversed(places):
            inner = [inner] if isinstance(step, int) else {step: inner}
        form: dict[str, Any] = {"contentBlockIndex": index or 0, "delta": inner}
        where: Path = ("delta", *places)
        event: str | None = "contentBlockDelta"
        if self._nested:
            form, where, event = {"contentBlockDelta": form}, ("contentBlockDelta", *where), None
        lane = self._book.grow(("block", index, kind), event, form, where)
        return [LaneText(lane, ("delta", *path), direction, Grow.APPEND, escape, fixed)]

    def _whole(self, path: Path, direction: Direction) -> LaneText:
        """Text that comes whole: a lane of its own that ends with this frame."""
        self._wholes += 1
        return LaneText(("whole", self._wholes), ("delta", *path), direction, Grow.WHOLE)
