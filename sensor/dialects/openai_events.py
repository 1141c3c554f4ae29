"""
Events of the Responses API and of Realtime: streams in which each text grows by ``*.delta`` and stands whole
again in ``*.done``, in its part, in its item, and in the response.

A lane is: which response, which item in it, which kind of text, which part of the item. The item is known by
its ``output_index``, not by its ``item_id``: GitHub Copilot gives the item another id in every event
(BerriAI/litellm pull request 30072, 2026-06). Where an event has no index, its id stands for it.

Repetitions are told as ``WHOLE`` in the lane that they repeat. A text that an item already has when it is
added is told in a lane of its own, for some services then send it in pieces too.

Bounds: those of ``picking`` and ``lanebook``; the counts of responses are kept for ``MAX_STREAMS`` streams of
one WebSocket, and later streams share one.

Sources: openai 3.54 ``types/responses/response_stream_event.py``, ``responses_server_event.py``,
``types/realtime/realtime_server_event.py`` (2026-11).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from sensor.dialects.lanebook import REST, LaneBook
from sensor.dialects.openai_items import ESCAPED, call_name, read_input, read_item
from sensor.dialects.openai_parts import plain, read_error, read_fields, reads_error, usage_in
from sensor.dialects.picking import Gathering, at, integer, items, mapping, string, text_at
from sensor.dialects.reading import NOTHING, Frame, Framing, Grow, LaneText, Path
from sensor.model import Direction

__all__ = ["MAX_STREAMS", "EventStream", "Grows"]

MAX_STREAMS = 256

_CALL, _RESULT, _ANSWER = Direction.TOOL_CALL, Direction.TOOL_RESULT, Direction.ANSWER


class Grows(NamedTuple):
    """How a kind of text grows."""

    kind: str
    whole: str
    """The field of the ``done`` event that holds all of it."""
    direction: Direction = _ANSWER
    escape: bool = False


_TEXT = Grows("text", "text")
_SPOKEN = Grows("transcript", "transcript")
_ARGUMENTS = Grows("arguments", "arguments", _CALL, True)

_GROWS: dict[str, Grows] = {
    "response.output_text": _TEXT,
    "response.text": _TEXT,
    "response.refusal": Grows("refusal", "refusal"),
    "response.reasoning_text": Grows("reasoning", "text"),
    "response.reasoning_summary_text": Grows("summary", "text"),
    "response.function_call_arguments": _ARGUMENTS,
    "response.mcp_call_arguments": _ARGUMENTS,
    "response.mcp_call.arguments": _ARGUMENTS,
    "response.custom_tool_call_input": Grows("input", "input", _CALL),
    "response.code_interpreter_call_code": Grows("code", "code", _CALL),
    "response.shell_call_command": Grows("command", "command", _CALL),
    "response.audio.transcript": _SPOKEN,
    "response.audio_transcript": _SPOKEN,
    "response.output_audio_transcript": _SPOKEN,
    "conversation.item.input_audio_transcription": Grows("heard", "transcript", Direction.PROMPT),
    "session.input_transcript": Grows("heard", "transcript", Direction.PROMPT),
    "session.output_transcript": _SPOKEN,
}
"""Events by their name without ``.delta`` or ``.done``, those of the beta of Realtime and of early versions
among them."""

_MUTE = frozenset({"response.audio", "response.output_audio", "session.output_audio"})
"""Sound, in base64."""

_INDEXES = ("content_index", "summary_index", "command_index")
_ENDINGS = ("done", "completed")
_WHOLE = (*_ENDINGS, "segment", "added")
_OVER = frozenset(
    {"response.completed", "response.incomplete", "response.failed", "response.done", "session.closed"}
)

_KINDS = {"text": "text", "refusal": "refusal", "transcript": "transcript", "arguments": "arguments",
          "input": "input", "code": "code"}  # fmt: skip


class EventStream:
    """Reads the events of one response after another."""

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self._book = LaneBook()
        self._count: dict[str | None, int] = {}

    def read(self, event: str | None, value: Any) -> Frame:
        """One event; its ``type`` says which, else the framing's name of it."""
        self._book.turn()
        if not isinstance(value, dict):
            return NOTHING if value is not None else self._over()
        kind = string(value.get("type")) or event or ""
        if kind == "response.created":
            self._begin(string(value.get("stream_id")))
        base = self._base(value)
        name, _, step = kind.rpartition(".")
        texts: list[LaneText] = []
        ends: tuple[Hashable, ...] = ()
        if step == "delta" and name not in _MUTE:
            self._read_delta(texts, event, value, name, base)
        elif name in _GROWS and step in _WHOLE:
            ends = self._read_whole(texts, value, _GROWS[name], base, step)
        elif "part" in value:
            ends = self._read_part(texts, value, base, step, name)
        elif isinstance(value.get("item"), dict):
            ends = self._read_item(texts, value, base, step)
        elif isinstance(value.get("output"), list):
            ends = self._read_outputs(texts, value, base)
        elif step == "done" and "response" not in value:
            ends = self._read_unknown(texts, value, name, base)
        response = mapping(value.get("response"))
        self._read_response(texts, response, base)
        self._read_rest(texts, value)
        over = kind in _OVER or kind == "error"
        if over:
            ends = (*ends, *self._close(response, base))
        return Frame(
            texts=tuple(texts),
            ends=tuple(dict.fromkeys(ends)),
            ends_all=over and self.framing is Framing.SSE,
            calls=_calls(value, step),
            model=string(response.get("model")) or text_at(value, "session", "model"),
            usage=usage_in(response.get("usage")),
            conversation=_conversation(response, value),
            is_error=kind in ("error", "response.failed") or reads_error(value),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """A ``delta`` event that carries ``text`` on."""
        return self._book.flush(lane, text)

    def _over(self) -> Frame:
        return Frame(ends=(*self._book.end_under(), *self._book.end(REST)), ends_all=True)

    def _close(self, response: dict[str, Any], base: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
        """End what a response that is over has open."""
        return (*self._book.end_under(*base[:1]), *self._book.end(REST))

    def _begin(self, stream: str | None) -> None:
        """A new response: its indexes begin again."""
        if stream not in self._count and len(self._count) >= MAX_STREAMS:
            stream = REST
        self._count[stream] = self._count.get(stream, 0) + 1

    def _base(self, value: dict[str, Any]) -> tuple[Hashable, ...]:
        """What begins the keys of lanes: the response, and the item where the event tells one."""
        stream = string(value.get("stream_id"))
        response = (stream, self._count.get(stream, self._count.get(REST, 0)))
        return (response, self._item(value, value.get("item_id")))

    def _item(self, value: dict[str, Any], identity: Any) -> Hashable:
        """Which item an event is about."""
        index = integer(value.get("output_index"))
        return string(identity) if index is None else index

    def _read_delta(
        self,
        texts: list[LaneText],
        event: str | None,
        value: dict[str, Any],
        name: str,
        base: tuple[Hashable, ...],
    ) -> None:
        grows = _GROWS.get(name, Grows(name, "text"))
        index = _index(value)
        head = plain(value, ("obfuscation",))
        if isinstance(value.get("logprobs"), list):
            head["logprobs"] = []
        delta = value.get("delta")
        if isinstance(delta, str) and delta:
            form = {**head, "delta": ""}
            lane = self._book.grow((*base, grows.kind, index), event, form, ("delta",))
            texts.append(LaneText(lane, ("delta",), grows.direction, Grow.APPEND, grows.escape))
        for key in ("stdout", "stderr"):
            if text_at(delta, key):
                form = {**head, "delta": {key: ""}}
                lane = self._book.grow((*base, key, index), event, form, ("delta", key))
                texts.append(LaneText(lane, ("delta", key), _RESULT))

    def _read_whole(
        self,
        texts: list[LaneText],
        value: dict[str, Any],
        grows: Grows,
        base: tuple[Hashable, ...],
        step: str,
    ) -> tuple[Hashable, ...]:
        lane: tuple[Hashable, ...] = (*base, grows.kind, _index(value))
        for key in dict.fromkeys((grows.whole, "text")):
            if text_at(value, key):
                own = lane if step in _ENDINGS else (*lane, step, value.get("id"))
                texts.append(LaneText(_hashable(own), (key,), grows.direction, Grow.WHOLE, grows.escape))
        return self._book.end(lane) if step in _ENDINGS else ()

    def _read_part(
        self,
        texts: list[LaneText],
        value: dict[str, Any],
        base: tuple[Hashable, ...],
        step: str,
        name: str,
    ) -> tuple[Hashable, ...]:
        """A part that is added or done."""
        part = mapping(value.get("part"))
        index = _index(value)
        ends: list[Hashable] = []
        for key in ("text", "refusal", "transcript"):
            kind = _part_kind(key, string(part.get("type")) or "", name)
            lane = (*base, kind, index)
            if text_at(part, key):
                own = lane if step == "done" else (*lane, step)
                texts.append(LaneText(own, ("part", key), grow=Grow.WHOLE))
            if step == "done":
                ends.extend(self._book.end(lane))
        return tuple(ends)

    def _read_item(
        self, texts: list[LaneText], value: dict[str, Any], base: tuple[Hashable, ...], step: str
    ) -> tuple[Hashable, ...]:
        """An item that is added, done, or told again."""
        item = mapping(value.get("item"))
        own = (base[0], self._item(value, item.get("id")))
        done = step == "done"
        self._repeat(texts, item, ("item",), own, () if done else (step,))
        return self._book.end_under(*own) if done else ()

    def _read_response(
        self, texts: list[LaneText], response: dict[str, Any], base: tuple[Hashable, ...]
    ) -> None:
        """A response as a whole: its output, and what it repeats of the request."""
        path: Path = ("response",)
        for number, item in enumerate(items(response.get("output"))):
            own = (base[0], self._item({"output_index": number}, at(item, "id")))
            self._repeat(texts, mapping(item), (*path, "output", number), own, ())
        if response:
            found = Gathering()
            found.part(response.get("instructions"), (*path, "instructions"), Direction.PROMPT)
            if isinstance(response.get("instructions"), list):
                read_input(found, response["instructions"], (*path, "instructions"))
            found.part(at(response, "error", "message"), (*path, "error", "message"), _ANSWER)
            _whole(texts, found, base[:1])

    def _read_rest(self, texts: list[LaneText], value: dict[str, Any]) -> None:
        """Errors, and what a session repeats."""
        found = Gathering()
        if reads_error(value) or value.get("type") == "error":
            read_error(found, value)
        found.part(at(value, "session", "instructions"), ("session", "instructions"), Direction.PROMPT)
        _whole(texts, found, ("rest",))

    def _read_outputs(
        self, texts: list[LaneText], value: dict[str, Any], base: tuple[Hashable, ...]
    ) -> tuple[Hashable, ...]:
        """What a shell said, whole."""
        index = _index(value)
        ends: list[Hashable] = []
        for number, output in enumerate(items(value.get("output"))):
            for key in ("stdout", "stderr"):
                lane: tuple[Hashable, ...] = (*base, key, index)
                if text_at(output, key):
                    own = (*lane, number) if number else lane
                    texts.append(LaneText(own, ("output", number, key), _RESULT, Grow.WHOLE))
                ends.extend(self._book.end(lane))
        return tuple(ends)

    def _read_unknown(
        self, texts: list[LaneText], value: dict[str, Any], name: str, base: tuple[Hashable, ...]
    ) -> tuple[Hashable, ...]:
        """The end of a kind of text that is not known."""
        found = Gathering()
        read_fields(found, value, (), _ANSWER)
        _whole(texts, found, (*base, name, _index(value)))
        return self._book.end((*base, name, _index(value)))

    def _repeat(
        self,
        texts: list[LaneText],
        item: dict[str, Any],
        path: Path,
        own: tuple[Hashable, ...],
        mark: tuple[Hashable, ...],
    ) -> None:
        """Every text of an item, in the lane that it repeats; ``mark`` makes it a lane of its own."""
        found = Gathering()
        read_item(found, item, path)
        kind = string(item.get("type")) or ""
        for part in found.parts:
            inner = part.path[len(path) :]
            lane = (*own, *_lane_of(kind, inner), *mark)
            escape = inner == ("arguments",) and kind in ESCAPED
            texts.append(LaneText(lane, part.path, part.direction, Grow.WHOLE, escape))


def _lane_of(kind: str, inner: Path) -> tuple[Hashable, ...]:
    """The end of a lane's key, by where its text stands in an item."""
    match inner:
        case ("content", int() as index, str() as key):
            return ("reasoning" if kind == "reasoning" else _KINDS.get(key, key), index)
        case ("summary", int() as index, _):
            return ("summary", index)
        case ("action", "commands", int() as index):
            return ("command", index)
        case ("output", int() as index, "stdout" | "stderr" as key):
            return (key, index)
        case (str() as key,) if key in _KINDS:
            return (_KINDS[key], 0)
        case _:
            return ("whole", *inner)


def _part_kind(key: str, kind: str, name: str) -> str:
    if key != "text":
        return key
    if "summary" in name:
        return "summary"
    return "reasoning" if kind == "reasoning_text" else "text"


def _whole(texts: list[LaneText], found: Gathering, own: tuple[Hashable, ...]) -> None:
    texts.extend(
        LaneText((*own, "whole", *part.path), part.path, part.direction, Grow.WHOLE) for part in found.parts
    )


def _index(value: dict[str, Any]) -> int:
    """The part of an item that an event is about."""
    for key in _INDEXES:
        index = integer(value.get(key))
        if index is not None:
            return index
    return 0


def _hashable(lane: tuple[Any, ...]) -> tuple[Hashable, ...]:
    return tuple(step if isinstance(step, str | int | tuple | None) else "" for step in lane)


def _calls(value: dict[str, Any], step: str) -> tuple[str, ...]:
    name = call_name(mapping(value.get("item"))) if step == "added" else None
    return (name,) if name else ()


def _conversation(response: dict[str, Any], value: dict[str, Any]) -> str | None:
    """
    The conversation that a response belongs to; where it belongs to none and the service stores it, its own
    id, which the next request names as ``previous_response_id``.
    """
    named = (
        text_at(response, "conversation", "id")
        or text_at(response, "conversation_id")
        or text_at(value, "conversation", "id")
    )
    if named or response.get("store") is False or "object" not in response:
        return named
    return text_at(response, "id") if response.get("object") == "response" else None
