"""
Ollama's own API: ``/api/chat``, ``/api/generate``, ``/api/embed`` and what stands beside them.

A body is read by its keys, whatever the path: no key means two things. Answers stream as one JSON object a
line until ``done``, and do so unless the request says ``"stream": false`` (the SDK always says one or the
other). Images stand in base64 without a media type. Thinking carries no signature and may be changed.

Tool calls arrive whole, as objects, in one frame: each of their strings is a lane of its own that ends with
that frame.

Source: ollama 0.6.3 (``_types.py``, ``_client.py``), read 2026-11; github.com/ollama/ollama ``docs/api.md``
for the default of ``stream``.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, integer, items, leaves, mapping, string
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Path, Reading, RequestHead, Usage
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "OllamaStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = False

_STREAMING = frozenset({"chat", "generate", "create", "pull", "push"})

_DIRECTIONS = {"assistant": Direction.ANSWER, "tool": Direction.TOOL_RESULT}


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says: chat, generate, embed, embeddings, create, web search and fetch, systemone."""
    found = Gathering()
    top = mapping(body)
    found.model = string(top.get("model")) or string(top.get("name"))
    operation = head.path.partition("?")[0].rstrip("/").rpartition("/")[2]
    if operation in _STREAMING:
        found.streams = top.get("stream") is not False
    for number, message in enumerate(items(top.get("messages"))[:MAX_PARTS]):
        _message(found, message, ("messages", number), number)
    found.part(top.get("system"), ("system",), Direction.PROMPT, "system")
    found.part(top.get("template"), ("template",), Direction.PROMPT, "system")
    for key in ("prompt", "suffix", "query", "url"):
        found.part(top.get(key), (key,), Direction.PROMPT, "user")
    found.leaves(top.get("input"), ("input",), Direction.PROMPT, "user")
    _images(found, top.get("images"), ("images",))
    _systemone(found, top)
    if isinstance(top.get("tools"), list):
        found.tools_path = ("tools",)
        for tool in top["tools"][:MAX_PARTS]:
            found.tool(at(tool, "function", "name"))
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says."""
    found = Gathering()
    top = mapping(body)
    found.model = string(top.get("model"))
    found.usage = _usage(top)
    _message(found, top.get("message"), ("message",), None, "assistant")
    for key in ("thinking", "response", "content", "title"):
        found.part(top.get(key), (key,), Direction.ANSWER, "assistant")
    if isinstance(top.get("image"), str):
        found.file(("image",), coding="base64")
    for number, result in enumerate(items(top.get("results"))[:MAX_PARTS]):
        for key in ("title", "url", "content"):
            found.part(at(result, key), ("results", number, key), Direction.ANSWER, "assistant")
    found.leaves(top.get("links"), ("links",), Direction.ANSWER, "assistant")
    for name, answer in mapping(top.get("answers")).items():
        found.part(at(answer, "choice"), ("answers", name, "choice"), Direction.ANSWER, "assistant")
    return found.reading()


def stream(head: RequestHead) -> OllamaStream:
    """A reader of one streamed answer."""
    return OllamaStream()


class OllamaStream:
    """Lanes are ``content``, ``thinking`` (of a chat), ``response`` and ``("generate", "thinking")``."""

    framing = Framing.NDJSON

    def __init__(self) -> None:
        self._book = LaneBook()
        self._calls = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        message = mapping(top.get("message"))
        texts: list[LaneText] = []
        same = {key: top[key] for key in ("model", "created_at") if isinstance(top.get(key), str)}
        for key in ("content", "thinking"):
            if isinstance(message.get(key), str):
                form = {**same, "message": {"role": "assistant", "content": "", key: ""}, "done": False}
                lane = self._book.grow(key, None, form, ("message", key))
                texts.append(LaneText(lane, ("message", key)))
        for key, name in (("response", "response"), ("thinking", ("generate", "thinking"))):
            if isinstance(top.get(key), str):
                form = {**same, "response": "", key: "", "done": False}
                lane = self._book.grow(name, None, form, (key,))
                texts.append(LaneText(lane, (key,)))
        names, ended = self._tool_calls(message, texts)
        done = top.get("done") is True
        return Frame(
            texts=tuple(texts),
            ends=ended,
            ends_all=done,
            calls=names,
            model=string(top.get("model")),
            usage=_usage(top) if done else None,
            is_error=isinstance(top.get("error"), str),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    def _tool_calls(
        self, message: dict[str, Any], texts: list[LaneText]
    ) -> tuple[tuple[str, ...], tuple[Hashable, ...]]:
        names: list[str] = []
        ended: list[Hashable] = []
        for number, call in enumerate(items(message.get("tool_calls"))[:MAX_PARTS]):
            name = at(call, "function", "name")
            if isinstance(name, str):
                names.append(name)
            base = ("message", "tool_calls", number, "function", "arguments")
            for path, _ in leaves(at(call, "function", "arguments"), base):
                if len(texts) >= MAX_PARTS:
                    break
                lane = ("call", self._calls, *path[len(base) :])
                texts.append(LaneText(lane, path, Direction.TOOL_CALL, Grow.WHOLE))
                ended.append(lane)
            self._calls += 1
        return tuple(names), tuple(ended)


def _message(
    found: Gathering, message: Any, path: Path, turn: int | None, default: str | None = None
) -> None:
    message = mapping(message)
    role = string(message.get("role")) or default
    direction = _DIRECTIONS.get(role or "", Direction.PROMPT)
    found.part(message.get("content"), (*path, "content"), direction, role, turn)
    found.part(message.get("thinking"), (*path, "thinking"), Direction.ANSWER, role, turn)
    _images(found, message.get("images"), (*path, "images"))
    for number, call in enumerate(items(message.get("tool_calls"))[:MAX_PARTS]):
        where = (*path, "tool_calls", number, "function", "arguments")
        if not isinstance(at(call, "function"), dict):
            continue
        found.call(at(call, "function", "name"), where, at(call, "id"))
        found.leaves(at(call, "function", "arguments"), where, Direction.TOOL_CALL, role, turn)


def _images(found: Gathering, images: Any, path: Path) -> None:
    for number, image in enumerate(items(images)[:MAX_PARTS]):
        if isinstance(image, str):
            found.file((*path, number), coding="base64")


def _systemone(found: Gathering, top: dict[str, Any]) -> None:
    """``/v1/systemone``: a state, and questions about it with instructions and criteria."""
    found.leaves(top.get("state"), ("state",), Direction.PROMPT, "user")
    for name, question in mapping(top.get("questions")).items():
        for key in ("instructions", "criteria"):
            found.leaves(at(question, key), ("questions", name, key), Direction.PROMPT, "user")


def _usage(top: dict[str, Any]) -> Usage | None:
    usage = mapping(top.get("usage"))
    read, written = integer(top.get("prompt_eval_count")), integer(top.get("eval_count"))
    read = read if read is not None else integer(usage.get("input_tokens"))
    written = written if written is not None else integer(usage.get("output_tokens"))
    return Usage(read, written) if read is not None or written is not None else None
