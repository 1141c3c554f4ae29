"""
Google's Interactions API: ``/v1beta/interactions``, of the Gemini API and of Vertex AI.

A history is a list of steps (``user_input``, ``model_output``, ``thought``, calls and their results); the
service keeps it and goes on from ``previous_interaction_id``. A stream has events ``step.start``,
``step.delta``, ``step.stop`` with the step's index. Keys are in snake_case alone.

Fixed: the summary of a ``thought`` step (its signature is sent back with it; that a changed one is refused is
an inference), and every ``signature``.

Source: google-genai 3.4 ``_gaos/types/interactions/`` (2026-11). That deltas of one kind in one step continue
each other is said of text; of ``function_result`` and ``code_execution_call`` it is assumed, which is right
for whole ones too.

Bounds: those of ``picking`` and ``lanebook``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects.gemini_content import ANSWER, PROMPT, Where, apart, call_names, model_name
from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_DEPTH, Gathering, at, integer, items, mapping, string, text_at
from sensor.dialects.reading import Frame, Framing, LaneText, Path, Reading, RequestHead, Stream, Usage
from sensor.model import Direction

__all__ = ["is_one", "read_answer", "read_request", "stream"]

_PATH = re.compile(r"^/v\w+/(?:projects/([^/?]{1,256})/locations/[^/?]+/)?interactions(?:[/?]|$)")

_SYSTEM = Where(Direction.PROMPT, "system")
_RESULT = Where(Direction.TOOL_RESULT, "tool")

_NO_TEXT = frozenset({"type", "id", "call_id", "mime_type", "status", "event_id", "language", "place_id"})


def is_one(head: RequestHead) -> bool:
    """Whether a path is that of an interaction."""
    return _PATH.search(head.path) is not None


def read_request(head: RequestHead, body: Any) -> Reading:
    """A request for an interaction, of a model or of an agent (told as the model)."""
    gathered = Gathering()
    request = mapping(body)
    project = _PATH.search(head.path)
    gathered.account = (project[1] if project else None) or head.headers.get("x-goog-user-project")
    gathered.model = model_name(request.get("model")) or string(request.get("agent"))
    gathered.conversation = string(request.get("previous_interaction_id"))
    gathered.streams = request.get("stream") is True
    gathered.part(request.get("system_instruction"), ("system_instruction",), *_SYSTEM)
    _input(gathered, request.get("input"), ("input",))
    if isinstance(request.get("cached_content"), str):
        gathered.file(("cached_content",), reference=request["cached_content"])
    for number, source in enumerate(items(at(request, "environment", "sources"))):
        path: Path = ("environment", "sources", number)
        about = mapping(source)
        if isinstance(about.get("content"), str):
            plain = about.get("encoding") != "base64"
            coding = "text" if plain else "base64"
            gathered.file((*path, "content"), name=about.get("target"), coding=coding)
            if plain:
                gathered.part(about["content"], (*path, "content"), Direction.UPLOAD)
        elif isinstance(about.get("source"), str):
            gathered.file((*path, "source"), name=about.get("target"), reference=about["source"])
    _tools(gathered, request)
    return gathered.reading()


def _tools(gathered: Gathering, request: dict[str, Any]) -> None:
    tools = items(request.get("tools"))
    if tools:
        gathered.tools_path = ("tools",)
    for tool in tools:
        gathered.tool(text_at(tool, "name") or text_at(tool, "type"))


def _input(gathered: Gathering, value: Any, path: Path) -> None:
    """A string, one content, a list of contents, or a list of steps."""
    if gathered.part(value, path, *PROMPT):
        return
    if isinstance(value, dict):
        _step(gathered, value, path, None)
    for number, entry in enumerate(items(value)):
        if not gathered.part(entry, (*path, number), *PROMPT):
            _step(gathered, mapping(entry), (*path, number), number)


def _step(gathered: Gathering, step: dict[str, Any], path: Path, turn: int | None) -> None:
    """A step; a content where it is one."""
    kind = string(step.get("type")) or ""
    if isinstance(step.get("signature"), str):
        gathered.keep_fixed((*path, "signature"))
    if kind == "model_output":
        _contents(gathered, step.get("content"), (*path, "content"), ANSWER._replace(turn=turn))
    elif kind == "thought":
        thoughts = Gathering()
        _contents(thoughts, step.get("summary"), (*path, "summary"), ANSWER._replace(turn=turn))
        for part in thoughts.parts:
            gathered.part(at(step, *part.path[len(path) :]), *part)
            gathered.keep_fixed(part.path)
    elif kind.endswith("_call"):
        gathered.call(_call_name(step, kind), (*path, "arguments"), step.get("id"))
        where = Where(Direction.TOOL_CALL, "assistant", turn)
        gathered.leaves(step.get("arguments"), (*path, "arguments"), *where)
    elif kind.endswith("_result"):
        _result(gathered, step.get("result"), (*path, "result"), _RESULT._replace(turn=turn))
    elif kind == "user_input":
        _contents(gathered, step.get("content"), (*path, "content"), PROMPT._replace(turn=turn))
    else:
        _content(gathered, step, path, PROMPT)


def _call_name(step: dict[str, Any], kind: str) -> str:
    """The function's name; of the service's own tools the tool's."""
    return string(step.get("name")) or kind.removesuffix("_call")


def _contents(gathered: Gathering, value: Any, path: Path, where: Where) -> None:
    if isinstance(value, dict):
        _content(gathered, value, path, where)
    for number, content in enumerate(items(value)):
        _content(gathered, mapping(content), (*path, number), where)


def _content(gathered: Gathering, content: dict[str, Any], path: Path, where: Where) -> None:
    """Text, or a file by value or by address."""
    gathered.part(content.get("text"), (*path, "text"), *where)
    for number, annotation in enumerate(items(content.get("annotations"))):
        title = mapping(annotation).get("title")
        gathered.part(title, (*path, "annotations", number, "title"), *where)
    name, media_type = content.get("name"), content.get("mime_type")
    if isinstance(content.get("data"), str):
        gathered.file((*path, "data"), name=name, media_type=media_type, coding="base64")
    if isinstance(content.get("uri"), str):
        gathered.file((*path, "uri"), name=name, media_type=media_type, reference=content["uri"])


def _result(gathered: Gathering, value: Any, path: Path, where: Where) -> None:
    """What a tool gave: a string, contents, or an object of its own."""
    if len(path) > MAX_DEPTH or gathered.part(value, path, *where):
        return
    if isinstance(value, dict):
        if isinstance(value.get("type"), str) and value.keys() & {"text", "data", "uri"}:
            _content(gathered, value, path, where)
            return
        for key, below in value.items():
            if key not in _NO_TEXT:
                _result(gathered, below, (*path, key), where)
    for number, below in enumerate(items(value)):
        _result(gathered, below, (*path, number), where)


# ---------------------------------------------------------------- answers


def read_answer(head: RequestHead, body: Any) -> Reading:
    """A whole interaction; with its input, where the client asked for it again."""
    gathered = Gathering()
    _interaction(gathered, mapping(body), ())
    _input(gathered, mapping(body).get("input"), ("input",))
    return gathered.reading()


def _interaction(gathered: Gathering, value: dict[str, Any], base: Path) -> None:
    gathered.conversation = string(value.get("id"))
    gathered.model = model_name(value.get("model")) or string(value.get("agent"))
    gathered.usage = _usage(value.get("usage"))
    for number, step in enumerate(items(value.get("steps"))):
        _step(gathered, mapping(step), (*base, "steps", number), None)


def _usage(value: Any) -> Usage | None:
    """``input`` with what tools read, ``output`` with thoughts."""
    usage = mapping(value)
    read = _sum(usage, "total_input_tokens", "total_tool_use_tokens")
    written = _sum(usage, "total_output_tokens", "total_thought_tokens")
    return Usage(read, written) if read is not None or written is not None else None


def _sum(usage: dict[str, Any], *names: str) -> int | None:
    known = [count for count in (integer(usage.get(name)) for name in names) if count is not None]
    return sum(known) if known else None


# ---------------------------------------------------------------- streams


def stream(head: RequestHead) -> Stream:
    """A reader of a streamed interaction."""
    return _Steps()


_GROWING: dict[str, tuple[Path, Direction]] = {
    "text": (("text",), Direction.ANSWER),
    "arguments_delta": (("arguments",), Direction.TOOL_CALL),
    "thought_summary": (("content", "text"), Direction.ANSWER),
    "code_execution_call": (("arguments", "code"), Direction.TOOL_CALL),
    "code_execution_result": (("result",), Direction.TOOL_RESULT),
    "function_result": (("result",), Direction.TOOL_RESULT),
    "mcp_server_tool_result": (("result",), Direction.TOOL_RESULT),
}
"""Type of a delta whose string continues the one before: where it stands, and its direction."""


class _Steps:
    """
    Lanes: ``(index of the step, type of the delta)``. What comes whole has a lane of its own; so has the
    repetition of all steps in ``interaction.completed``.
    """

    framing = Framing.SSE

    def __init__(self) -> None:
        self._lanes = LaneBook()
        self._number = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._lanes.turn()
        payload = mapping(value)
        kind = string(payload.get("event_type")) or event or ""
        index = integer(payload.get("index"))
        if kind == "step.delta":
            return self._delta(event, index, payload)
        whole = Gathering()
        if kind == "step.start":
            _step(whole, mapping(payload.get("step")), ("step",), None)
            return Frame(texts=self._apart(whole), calls=call_names(whole))
        if kind == "step.stop":
            return Frame(ends=self._lanes.end_under(index), usage=_usage(payload.get("usage")))
        if kind == "error":
            return Frame(is_error=True, ends_all=True)
        interaction = mapping(payload.get("interaction"))
        _interaction(whole, interaction, ("interaction",))
        return Frame(
            texts=self._apart(whole),
            ends_all=kind == "interaction.completed",
            model=whole.model,
            usage=whole.usage or _usage(payload.get("usage")),
            conversation=whole.conversation,
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._lanes.flush(lane, text)

    def _delta(self, event: str | None, index: int | None, payload: dict[str, Any]) -> Frame:
        delta = mapping(payload.get("delta"))
        kind = string(delta.get("type")) or ""
        usage = _usage(at(payload, "metadata", "total_usage"))
        if kind in _GROWING:
            path, direction = _GROWING[kind]
            if text_at(delta, *path) is not None:
                form = {"event_type": "step.delta", "index": index, "delta": _form(kind, path)}
                lane = self._lanes.grow((index, kind), event, form, ("delta", *path))
                grown = LaneText(
                    lane,
                    ("delta", *path),
                    direction,
                    escape=kind == "arguments_delta",
                    fixed=kind == "thought_summary",
                )
                return Frame(texts=(grown,), usage=usage)
        whole = Gathering()
        if kind == "text_annotation_delta":
            _content(whole, {"annotations": delta.get("annotations")}, ("delta",), ANSWER)
        else:
            _step(whole, delta, ("delta",), None)
        return Frame(texts=self._apart(whole), usage=usage)

    def _apart(self, whole: Gathering) -> tuple[LaneText, ...]:
        texts = apart(whole, self._number)
        self._number += len(texts)
        return texts


def _form(kind: str, path: Path) -> dict[str, Any]:
    """A delta without text."""
    if kind == "thought_summary":
        return {"type": kind, "content": {"type": "text", "text": ""}}
    if len(path) == 1:
        return {"type": kind, str(path[0]): ""}
    return {"type": kind, str(path[0]): {str(path[1]): ""}}
