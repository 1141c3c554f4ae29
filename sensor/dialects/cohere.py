"""
Cohere: chat of both versions, rerank, embed, generate, classify, summarise, tokenise.

A request's body is read by its keys, whatever the path, so that the same bodies are read on Amazon Bedrock,
where the path does not name the operation. ``inputs`` are texts to classify where they are strings, and
pieces to embed where they are objects.

Version 2 streams server-sent events whose ``type`` stands in the payload; version 1 streams one JSON object a
line with an ``event_type``, or server-sent events where the request's ``Accepts`` header asks for them. The
end of a version 1 stream repeats the whole answer, and a chat's whole history where it is asked for.

What comes whole in one frame (citations, documents, calls as objects) is a lane of its own that ends with
that frame. A tool plan is over where the first call begins.

Source: cohere 7.3 (``types/``, ``v2/raw_client.py``, ``raw_base_client.py``, ``aws_client.py``), read
2026-11.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, items, leaves, mapping, string
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Path, Reading, RequestHead, Usage
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "CohereStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = False

_D = Direction

_ROLES = {"chatbot": "assistant"}
_DIRECTIONS = {"assistant": _D.ANSWER, "tool": _D.TOOL_RESULT}

_PROMPTS = (
    ("prompt", "user"),
    ("text", "user"),
    ("query", "user"),
    ("preamble", "system"),
    ("additional_command", "system"),
)
"""Keys of a request with one text: generate, summarise and tokenise, rerank, chat of version 1."""


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request says, of any of the operations."""
    found = Gathering()
    top = mapping(body)
    found.model = string(top.get("model"))
    found.conversation = string(top.get("conversation_id"))
    if "stream" in top or _plain(head).endswith(("/chat", "/generate")):
        found.streams = top.get("stream") is True
    for key, role in _PROMPTS:
        found.part(top.get(key), (key,), _D.PROMPT, role)
    _history(found, top.get("chat_history"), ("chat_history",))
    found.part(top.get("message"), ("message",), _D.PROMPT, "user", len(items(top.get("chat_history"))))
    for number, message in enumerate(items(top.get("messages"))[:MAX_PARTS]):
        _message(found, mapping(message), ("messages", number), number)
    _tool_results(found, top.get("tool_results"), ("tool_results",), None)
    _documents(found, top.get("documents"), ("documents",))
    found.leaves(top.get("texts"), ("texts",), _D.PROMPT, "user")
    for number, image in enumerate(items(top.get("images"))[:MAX_PARTS]):
        if isinstance(image, str):
            found.file(("images", number), coding="data_url")
    for number, given in enumerate(items(top.get("inputs"))[:MAX_PARTS]):
        found.part(given, ("inputs", number), _D.PROMPT, "user")
        _content(found, at(given, "content"), ("inputs", number, "content"), _D.PROMPT, "user", None)
    for number, example in enumerate(items(top.get("examples"))[:MAX_PARTS]):
        found.part(at(example, "text"), ("examples", number, "text"), _D.PROMPT, "user")
    if isinstance(top.get("tools"), list):
        found.tools_path = ("tools",)
        for tool in top["tools"][:MAX_PARTS]:
            found.tool(at(tool, "function", "name") or at(tool, "name"))
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says."""
    found = Gathering()
    _answer(found, mapping(body), ())
    return found.reading()


def stream(head: RequestHead) -> CohereStream:
    """A reader of one streamed answer; the path and ``Accepts`` tell the framing."""
    lines = "/v1/" in _plain(head) and "event-stream" not in head.headers.get("accepts", "")
    return CohereStream(Framing.NDJSON if lines else Framing.SSE)


class CohereStream:
    """Lanes are tuples: ``("content", index, key)``, ``("plan",)``, ``("call", n)``, ``("text", index)``."""

    def __init__(self, framing: Framing = Framing.SSE) -> None:
        self.framing = framing
        self._book = LaneBook()
        self._wholes = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._book.turn()
        top = mapping(value)
        kind = string(top.get("type")) or string(top.get("event_type"))
        if kind is None:
            # Bedrock's Cohere Command sends pieces of a generation without a type.
            kind = "text-generation" if isinstance(top.get("text"), str) else ""
        return (self._version_2 if "type" in top else self._version_1)(kind, top)

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._book.flush(lane, text)

    # Version 2

    def _version_2(self, kind: str, top: dict[str, Any]) -> Frame:
        index = _index(top)
        if kind in ("content-start", "content-delta"):
            return Frame(texts=tuple(self._pieces(top, index)))
        if kind == "content-end":
            return Frame(ends=self._book.end_under("content", index))
        if kind == "tool-plan-delta":
            path: Path = ("delta", "message", "tool_plan")
            return Frame(texts=self._grow(top, ("plan",), kind, index, path))
        if kind in ("tool-call-start", "tool-call-delta"):
            return self._call(kind, top, index)
        if kind == "tool-call-end":
            return Frame(ends=self._book.end_under("call", index))
        if kind == "citation-start":
            return self._whole(_citation(at(top, "delta", "message", "citations"), ("delta", "message")))
        if kind == "message-end":
            error = at(top, "delta", "error")
            return Frame(
                ends_all=True,
                usage=_usage(at(top, "delta", "usage")),
                is_error=isinstance(error, str) or at(top, "delta", "finish_reason") == "ERROR",
            )
        return self._whole(_prompt(top)) if kind == "debug" else Frame()

    def _pieces(self, top: dict[str, Any], index: int | None) -> Iterable[LaneText]:
        for key in ("text", "thinking"):
            path: Path = ("delta", "message", "content", key)
            yield from self._grow(top, ("content", index, key), "content-delta", index, path)

    def _call(self, kind: str, top: dict[str, Any], index: int | None) -> Frame:
        base: Path = ("delta", "message", "tool_calls", "function")
        name = at(top, *base, "name")
        texts = self._grow(top, ("call", index), "tool-call-delta", index, (*base, "arguments"))
        return Frame(
            texts=tuple(text._replace(direction=_D.TOOL_CALL, escape=True) for text in texts),
            ends=self._book.end_under("plan") if kind == "tool-call-start" else (),
            calls=(name,) if isinstance(name, str) else (),
        )

    def _grow(
        self, top: dict[str, Any], lane: Hashable, kind: str, index: int | None, path: Path
    ) -> tuple[LaneText, ...]:
        """A piece of text at a path, which is carried on by a frame of a kind."""
        if not isinstance(at(top, *path), str):
            return ()
        form: dict[str, Any] = {"type": kind} if index is None else {"type": kind, "index": index}
        here = form
        for step in path[:-1]:
            here[str(step)] = here = {}
        here[str(path[-1])] = ""
        return (LaneText(self._book.grow(lane, kind, form, path), path),)

    # Version 1

    def _version_1(self, kind: str, top: dict[str, Any]) -> Frame:
        if kind in ("text-generation", "tool-calls-chunk"):
            frame = self._version_1_piece(kind, top)
        elif kind == "stream-end":
            frame = self._version_1_end(top)
        elif kind == "stream-error":
            return Frame(ends_all=True, is_error=True)
        else:
            found = Gathering()
            _answer(found, top, ())
            frame = self._whole(found.parts, tuple(call.name for call in found.calls if call.name))
        if top.get("is_finished") is True:
            return replace(frame, ends_all=True)
        return frame

    def _version_1_piece(self, kind: str, top: dict[str, Any]) -> Frame:
        index = _index(top)
        named: dict[str, Any] = {"event_type": kind} if "event_type" in top else {}
        texts = []
        if isinstance(top.get("text"), str):
            form = {"is_finished": False, **named, "text": ""}
            if index is not None:
                form["index"] = index
            if named:
                form["event_type"] = "text-generation"
            texts.append(LaneText(self._book.grow(("text", index), None, form, ("text",)), ("text",)))
        delta = mapping(top.get("tool_call_delta"))
        number = _index(delta)
        for key in ("parameters", "text"):
            if isinstance(delta.get(key), str):
                form = {"is_finished": False, **named, "tool_call_delta": {"index": number, key: ""}}
                lane: Hashable = ("call", number) if key == "parameters" else ("plan",)
                lane = self._book.grow(lane, None, form, ("tool_call_delta", key))
                direction = _D.TOOL_CALL if key == "parameters" else _D.ANSWER
                texts.append(LaneText(lane, ("tool_call_delta", key), direction, escape=key == "parameters"))
        name = delta.get("name")
        return Frame(texts=tuple(texts), calls=(name,) if isinstance(name, str) else ())

    def _version_1_end(self, top: dict[str, Any]) -> Frame:
        """The whole answer again: a chat's text is that of its lane; all else stands for itself."""
        found = Gathering()
        response = mapping(top.get("response"))
        _answer(found, response, ("response",))
        again: dict[Path, Hashable] = {("response", "text"): ("text", None)}
        for number, generation in enumerate(items(response.get("generations"))[:MAX_PARTS]):
            again[("response", "generations", number, "text")] = ("text", _index(mapping(generation)))
        frame = self._whole(found.parts)
        return replace(
            frame,
            texts=tuple(text._replace(lane=again.get(text.path, text.lane)) for text in frame.texts),
            ends=(),
            ends_all=True,
            usage=found.usage,
            is_error=top.get("finish_reason") == "ERROR",
        )

    def _whole(self, parts: Iterable[Any], calls: tuple[str, ...] = ()) -> Frame:
        """Texts that come whole, each a lane that ends with this frame."""
        texts = []
        for part in parts:
            texts.append(LaneText(("whole", self._wholes), part.path, part.direction, Grow.WHOLE))
            self._wholes += 1
        return Frame(texts=tuple(texts), ends=tuple(text.lane for text in texts), calls=calls)


def _message(found: Gathering, message: dict[str, Any], path: Path, turn: int | None) -> None:
    """A message of version 2."""
    role = _role(message)
    direction = _DIRECTIONS.get(role or "", _D.PROMPT)
    _content(found, message.get("content"), (*path, "content"), direction, role, turn)
    found.part(message.get("tool_plan"), (*path, "tool_plan"), _D.ANSWER, role, turn)
    for number, call in enumerate(items(message.get("tool_calls"))[:MAX_PARTS]):
        where: Path = (*path, "tool_calls", number, "function", "arguments")
        if isinstance(at(call, "function"), dict):
            found.call(at(call, "function", "name"), where, at(call, "id"))
            found.part(at(call, "function", "arguments"), where, _D.TOOL_CALL, role, turn)
    for number, citation in enumerate(items(message.get("citations"))[:MAX_PARTS]):
        _citations(found, citation, (*path, "citations", number), turn)


def _content(
    found: Gathering, content: Any, path: Path, direction: Direction, role: str | None, turn: int | None
) -> None:
    """A string, or pieces: text, thinking, image_url, document."""
    found.part(content, path, direction, role, turn)
    for number, piece in enumerate(items(content)[:MAX_PARTS]):
        where: Path = (*path, number)
        found.part(piece, where, direction, role, turn)
        found.part(at(piece, "text"), (*where, "text"), direction, role, turn)
        found.part(at(piece, "thinking"), (*where, "thinking"), _D.ANSWER, role, turn)
        url = at(piece, "image_url", "url")
        if isinstance(url, str):
            inline = url.startswith("data:")
            found.file(
                (*where, "image_url", "url"),
                reference=None if inline else url,
                coding="data_url" if inline else None,
            )
        _document(found, at(piece, "document"), (*where, "document"), direction, role, turn)


def _document(
    found: Gathering, document: Any, path: Path, direction: Direction, role: str | None, turn: int | None
) -> None:
    """``{"data": {…}, "id": …}``: in a user's message what is brought along, in a tool's what it gave."""
    given = direction if direction is _D.TOOL_RESULT else _D.UPLOAD
    found.leaves(at(document, "data"), (*path, "data"), given, role, turn)


def _documents(found: Gathering, documents: Any, path: Path) -> None:
    """Texts, ``{"data": …}`` of version 2, free objects of version 1."""
    for number, document in enumerate(items(documents)[:MAX_PARTS]):
        for where, text in leaves(document, (*path, number)):
            if where[-1] not in ("id", "_excludes"):
                found.part(text, where, _D.UPLOAD)


def _history(found: Gathering, history: Any, path: Path) -> None:
    """``chat_history`` of version 1."""
    for number, message in enumerate(items(history)[:MAX_PARTS]):
        message = mapping(message)
        role = _role(message)
        direction = _DIRECTIONS.get(role or "", _D.PROMPT)
        found.part(message.get("message"), (*path, number, "message"), direction, role, number)
        _calls(found, message.get("tool_calls"), (*path, number, "tool_calls"), number)
        _tool_results(found, message.get("tool_results"), (*path, number, "tool_results"), number)


def _calls(found: Gathering, calls: Any, path: Path, turn: int | None) -> None:
    """Calls of version 1, whose parameters are an object."""
    for number, call in enumerate(items(calls)[:MAX_PARTS]):
        if isinstance(call, dict):
            found.call(call.get("name"), (*path, number, "parameters"))
            found.leaves(
                call.get("parameters"), (*path, number, "parameters"), _D.TOOL_CALL, "assistant", turn
            )


def _tool_results(found: Gathering, results: Any, path: Path, turn: int | None) -> None:
    for number, result in enumerate(items(results)[:MAX_PARTS]):
        where: Path = (*path, number)
        call = at(result, "call", "parameters")
        found.leaves(call, (*where, "call", "parameters"), _D.TOOL_CALL, "assistant", turn)
        found.leaves(at(result, "outputs"), (*where, "outputs"), _D.TOOL_RESULT, "tool", turn)


def _answer(found: Gathering, top: dict[str, Any], base: Path) -> None:
    """An answer of any operation, or the like in the events of a version 1 stream."""
    for key in ("text", "summary"):
        found.part(top.get(key), (*base, key), _D.ANSWER, "assistant")
    found.part(top.get("prompt"), (*base, "prompt"), _D.PROMPT, "user")
    message = mapping(top.get("message"))
    _message(found, {"role": "assistant", **message}, (*base, "message"), None)
    _calls(found, top.get("tool_calls"), (*base, "tool_calls"), None)
    for number, citation in enumerate(items(top.get("citations"))[:MAX_PARTS]):
        _citations(found, citation, (*base, "citations", number), None)
    for number, generation in enumerate(items(top.get("generations"))[:MAX_PARTS]):
        where: Path = (*base, "generations", number, "text")
        found.part(at(generation, "text"), where, _D.ANSWER, "assistant")
    for number, query in enumerate(items(top.get("search_queries"))[:MAX_PARTS]):
        found.part(at(query, "text"), (*base, "search_queries", number, "text"), _D.ANSWER, "assistant")
    for number, result in enumerate(items(top.get("results"))[:MAX_PARTS]):
        where = (*base, "results", number, "document", "text")
        found.part(at(result, "document", "text"), where, _D.ANSWER)
    for number, label in enumerate(items(top.get("classifications"))[:MAX_PARTS]):
        found.part(at(label, "input"), (*base, "classifications", number, "input"), _D.PROMPT, "user")
    found.leaves(top.get("documents"), (*base, "documents"), _D.ANSWER)
    _history(found, top.get("chat_history"), (*base, "chat_history"))
    found.usage = _usage(top.get("usage")) or _usage(top.get("meta"))


def _citations(found: Gathering, citation: Any, path: Path, turn: int | None) -> None:
    found.part(at(citation, "text"), (*path, "text"), _D.ANSWER, "assistant", turn)
    for number, source in enumerate(items(at(citation, "sources"))[:MAX_PARTS]):
        for key, direction in (("document", _D.ANSWER), ("tool_output", _D.TOOL_RESULT)):
            found.leaves(at(source, key), (*path, "sources", number, key), direction, None, turn)


def _citation(citation: Any, path: Path) -> Iterable[Any]:
    found = Gathering()
    _citations(found, citation, (*path, "citations"), None)
    return found.parts


def _prompt(top: dict[str, Any]) -> Iterable[Any]:
    found = Gathering()
    found.part(top.get("prompt"), ("prompt",), _D.PROMPT, "user")
    return found.parts


def _role(message: dict[str, Any]) -> str | None:
    role = string(message.get("role"))
    return None if role is None else _ROLES.get(role.lower(), role.lower())


def _index(top: dict[str, Any]) -> int | None:
    return _count(top.get("index"))


def _count(value: Any) -> int | None:
    """A number that counts; the SDK reads them all as floating point."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if value == value and abs(value) < 2**53 else None


def _usage(value: Any) -> Usage | None:
    """Of ``tokens``, else of what is billed."""
    for key in ("tokens", "billed_units"):
        read, written = _count(at(value, key, "input_tokens")), _count(at(value, key, "output_tokens"))
        if read is not None or written is not None:
            return Usage(read, written)
    return None


def _plain(head: RequestHead) -> str:
    return head.path.partition("?")[0].rstrip("/")
