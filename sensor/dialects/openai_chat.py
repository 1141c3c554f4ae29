"""
Chat Completions and the older Completions, as OpenAI and those that follow it speak them: Azure OpenAI, Groq,
OpenRouter, DeepSeek, xAI, Together, Fireworks, Mistral, Perplexity's API, GitHub Copilot, vLLM, Ollama's
``/v1``.

Read beyond OpenAI's own fields: ``reasoning_content`` (DeepSeek and others), ``reasoning`` and
``executed_tools`` (Groq), ``reasoning_details`` (OpenRouter), content as a list of chunks with ``thinking``
(Mistral), ``context.citations`` (Azure OpenAI on your data), ``x_groq.usage``, ``agent_id`` (Mistral),
``prompt`` with ``suffix`` (completions, fill in the middle). Azure's ``content_filter_results`` and
``prompt_filter_results`` hold no text. The comment lines that OpenRouter sends are no events.

A lane is one field of one choice; of a call's arguments, one index of one choice. A choice that goes on in
another kind of field (reasoning, text, calls) ends the lanes of the kind that it leaves; ``finish_reason``
ends all.

Not read: ``logprobs``, which repeat an answer token by token and which a client has to ask for, and audio.

Bounds: those of ``picking`` and ``lanebook``.

Sources: openai 3.54 ``types/chat/completion_create_params.py``, ``chat_completion_chunk.py``,
``chat_completion_message.py``, ``types/completion.py``; mistralai 3.7 ``client/models/deltamessage.py``,
``fimcompletionrequest.py`` (2026-11); groq/groq-python ``types/chat/chat_completion_chunk.py``;
learn.microsoft.com "Azure OpenAI On Your Data API Reference" (2024-05-01-preview). From open code that talks
to them only: ``reasoning_content``, ``reasoning_details``, ``images`` and ``documents``. From memory only:
Perplexity's ``message`` beside ``delta``, with all of the text so far.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import REST, LaneBook
from sensor.dialects.openai_parts import (
    DIRECTIONS,
    account_in,
    deployment_in,
    plain,
    read_content,
    read_error,
    read_fields,
    read_tools,
    reads_error,
    usage_in,
)
from sensor.dialects.picking import MAX_PARTS, Gathering, at, integer, items, leaves, mapping, string, text_at
from sensor.dialects.reading import (
    NOTHING,
    Frame,
    Framing,
    Grow,
    LaneText,
    Path,
    Reading,
    RequestHead,
    Stream,
    Usage,
)
from sensor.model import Direction

__all__ = [
    "UNCONFIRMED",
    "ChatStream",
    "read_answer",
    "read_chat",
    "read_messages",
    "read_request",
    "read_turn",
    "stream",
]

UNCONFIRMED = False

_REASONING = ("reasoning_content", "reasoning")
_TEXTS = ("content", "refusal", *_REASONING)
_KINDS = ("text", "reasoning", "audio", "tool")
_SIGNED_FORMATS = ("anthropic", "google")
"""OpenRouter's ``reasoning_details[].format`` where the maker signs its reasoning."""


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a request asks: messages or a prompt, files, tools, the calls of a history."""
    found = Gathering()
    read_chat(found, body)
    found.model = found.model or deployment_in(head)
    found.account = account_in(head, body)
    return found.reading()


def read_chat(found: Gathering, body: Any, base: Path = ()) -> None:
    """Keep what a body of either API asks; ``base`` is where it stands."""
    if not isinstance(body, dict):
        return
    found.model = string(body.get("model")) or string(body.get("agent_id"))
    found.streams = body.get("stream") is True
    read_messages(found, body.get("messages"), (*base, "messages"))
    _read_prompts(found, body.get("prompt"), (*base, "prompt"))
    found.part(body.get("suffix"), (*base, "suffix"), Direction.PROMPT, "user")
    read_content(
        found, at(body, "prediction", "content"), (*base, "prediction", "content"), Direction.PROMPT, "user"
    )
    read_fields(found, body.get("documents"), (*base, "documents"), Direction.UPLOAD, "user")
    for key in ("tools", "functions"):
        if isinstance(body.get(key), list):
            found.tools_path = found.tools_path or (*base, key)
            read_tools(found, body[key])


def _read_prompts(found: Gathering, value: Any, path: Path) -> None:
    """A prompt, or several; lists of token numbers say nothing."""
    if not found.part(value, path, Direction.PROMPT, "user"):
        for number, prompt in enumerate(items(value)):
            found.part(prompt, (*path, number), Direction.PROMPT, "user")


def read_messages(found: Gathering, value: Any, path: Path, *, first: int = 0) -> None:
    """Keep a history; ``first`` is the turn of its first message."""
    for number, message in enumerate(items(value)):
        read_turn(found, message, (*path, number), first + number)


def read_turn(found: Gathering, value: Any, path: Path, turn: int | None = None) -> None:
    """Keep one message of either side."""
    message = mapping(value)
    role = string(message.get("role"))
    direction = DIRECTIONS.get(role or "", Direction.PROMPT)
    read_content(found, message.get("content"), (*path, "content"), direction, role, turn)
    for key in ("refusal", *_REASONING):
        found.part(message.get(key), (*path, key), direction, role, turn)
    found.part(at(message, "audio", "transcript"), (*path, "audio", "transcript"), direction, role, turn)
    if isinstance(at(message, "audio", "data"), str):
        found.file((*path, "audio", "data"), media_type="audio", coding="base64")
    for number, detail in enumerate(items(message.get("reasoning_details"))):
        _read_detail(found, mapping(detail), (*path, "reasoning_details", number), direction, role, turn)
    _read_calls(found, message, path, role, turn)
    _read_extras(found, message, path, role, turn)


def _read_extras(
    found: Gathering, message: dict[str, Any], path: Path, role: str | None, turn: int | None
) -> None:
    """What comes whole, in a message and in a delta alike: pictures, sources, tools that the service ran."""
    for number, picture in enumerate(items(message.get("images"))):  # OpenRouter, made by the model
        read_content(found, picture, (*path, "images", number), Direction.ANSWER, role, turn)
    for where, text in leaves(at(message, "context", "messages"), (*path, "context", "messages")):
        if where[-1] == "content":
            found.part(text, where, Direction.TOOL_RESULT, role, turn)
    for number, source in enumerate(items(at(message, "context", "citations"))):
        where = (*path, "context", "citations", number)
        found.part(at(source, "content"), (*where, "content"), Direction.TOOL_RESULT, role, turn)
        found.part(at(source, "title"), (*where, "title"), Direction.TOOL_RESULT, role, turn)
    for number, tool in enumerate(items(message.get("executed_tools"))):  # Groq
        where = (*path, "executed_tools", number)
        found.part(at(tool, "arguments"), (*where, "arguments"), Direction.TOOL_CALL, role, turn)
        found.part(at(tool, "output"), (*where, "output"), Direction.TOOL_RESULT, role, turn)


def _read_detail(
    found: Gathering,
    detail: dict[str, Any],
    path: Path,
    direction: Direction,
    role: str | None,
    turn: int | None,
) -> None:
    """OpenRouter: a piece of reasoning, which has to come back as it was where its maker signs it."""
    for key in ("text", "summary"):
        found.part(detail.get(key), (*path, key), direction, role, turn)
    if _is_signed(detail):
        for where, _ in leaves(detail, path):
            found.keep_fixed(where)


def _is_signed(detail: dict[str, Any]) -> bool:
    form = string(detail.get("format")) or ""
    return (
        isinstance(detail.get("signature"), str)
        or isinstance(detail.get("data"), str)
        or form.startswith(_SIGNED_FORMATS)
    )


def _read_calls(
    found: Gathering, message: dict[str, Any], path: Path, role: str | None, turn: int | None
) -> None:
    for number, call in enumerate(items(message.get("tool_calls"))):
        for kind, key in (("function", "arguments"), ("custom", "input")):
            inner = at(call, kind)
            if isinstance(inner, dict):
                where = (*path, "tool_calls", number, kind, key)
                found.call(inner.get("name"), where, at(call, "id"))
                _read_arguments(found, inner.get(key), where, role, turn)
    old = message.get("function_call")
    if isinstance(old, dict):
        where = (*path, "function_call", "arguments")
        found.call(old.get("name"), where)
        _read_arguments(found, old.get("arguments"), where, role, turn)


def _read_arguments(found: Gathering, value: Any, path: Path, role: str | None, turn: int | None) -> None:
    """A call's arguments: a string of JSON, or (Mistral) an object."""
    found.leaves(value, path, Direction.TOOL_CALL, role, turn)


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says."""
    found = Gathering()
    if reads_error(body) or "choices" not in mapping(body):
        read_error(found, body)
    found.model = text_at(body, "model")
    found.usage = _usage(body)
    for number, choice in enumerate(items(at(body, "choices"))):
        path: Path = ("choices", number)
        message = mapping(at(choice, "message"))
        read_turn(found, {"role": "assistant", **message}, (*path, "message"), number)
        # Mistral: what an agent said on the way.
        for place, step in enumerate(items(at(choice, "messages"))):
            read_turn(found, {"role": "assistant", **mapping(step)}, (*path, "messages", place), number)
        found.part(at(choice, "text"), (*path, "text"), Direction.ANSWER, "assistant", number)
    return found.reading()


def _usage(value: Any) -> Usage | None:
    return usage_in(at(value, "usage")) or usage_in(at(value, "x_groq", "usage"))


def stream(head: RequestHead) -> Stream:
    """A reader of a streamed answer."""
    return ChatStream()


class _Chunk:
    """One frame while it is read."""

    def __init__(self, event: str | None, value: dict[str, Any]) -> None:
        self.event = event
        self.head = plain(value, ("obfuscation",))
        self.texts: list[LaneText] = []
        self.calls: list[str] = []


class ChatStream:
    """Reads chunks of either API."""

    framing = Framing.SSE

    def __init__(self) -> None:
        self._book = LaneBook()
        self._called: set[Hashable] = set()

    def read(self, event: str | None, value: Any) -> Frame:
        """One chunk; ``None`` is ``[DONE]``, after which nothing comes."""
        self._book.turn()
        if not isinstance(value, dict):
            if value is not None:
                return NOTHING
            return Frame(ends=(*self._book.end_under(), *self._book.end(REST)), ends_all=True)
        chunk = _Chunk(event, value)
        ends: list[Hashable] = []
        for number, choice in enumerate(items(value.get("choices"))):
            ends.extend(self._read_choice(chunk, mapping(choice), ("choices", number), number))
        error = reads_error(value)
        if error:
            found = Gathering()
            read_error(found, value)
            chunk.texts.extend(LaneText(part.path, part.path, grow=Grow.WHOLE) for part in found.parts)
        return Frame(
            texts=tuple(chunk.texts),
            ends=tuple(dict.fromkeys(ends)),
            calls=tuple(chunk.calls),
            model=string(value.get("model")) or None,
            usage=_usage(value),
            is_error=error,
        )

    def _read_choice(
        self, chunk: _Chunk, choice: dict[str, Any], path: Path, number: int
    ) -> tuple[Hashable, ...]:
        """Read a choice; the lanes that are over."""
        given = integer(choice.get("index"))
        index = number if given is None else given
        before = len(chunk.texts)
        self._read_delta(chunk, mapping(choice.get("delta")), (*path, "delta"), index)
        if text := text_at(choice, "text"):
            form = {**chunk.head, "choices": [{"index": index, "text": "", "finish_reason": None}]}
            self._grow(chunk, (index, "text", "text"), text, (*path, "text"), form, ("choices", 0, "text"))
        said = {text.lane[1] for text in chunk.texts[before:] if isinstance(text.lane, tuple)}
        message = mapping(choice.get("message"))
        for key in _TEXTS:
            if text_at(message, key):
                lane = (index, _kind(key), key)
                chunk.texts.append(LaneText(lane, (*path, "message", key), grow=Grow.SNAPSHOT))
        if choice.get("finish_reason"):
            return self._book.end_under(index)
        left = [kind for kind in _KINDS if said and kind not in said]
        return tuple(lane for kind in left for lane in self._book.end_under(index, kind))

    def _read_delta(self, chunk: _Chunk, delta: dict[str, Any], path: Path, index: int) -> None:
        for key in _TEXTS:
            self._say(chunk, (index, _kind(key), key), delta.get(key), path, (key,))
        for number, part in enumerate(items(delta.get("content"))):  # Mistral
            where: Path = ("content", number, "text")
            self._say(chunk, (index, "text", "content"), at(part, "text"), path, where)
            fixed = isinstance(at(part, "signature"), str)
            for place, thought in enumerate(items(at(part, "thinking"))):
                where = ("content", number, "thinking", place, "text")
                lane = (index, "reasoning", "thinking")
                self._say(chunk, lane, at(thought, "text"), path, where, fixed=fixed)
        for number, value in enumerate(items(delta.get("reasoning_details"))):
            self._read_detail(chunk, mapping(value), path, index, number)
        spoken = at(delta, "audio", "transcript")
        self._say(chunk, (index, "audio", "transcript"), spoken, path, ("audio", "transcript"))
        for number, call in enumerate(items(delta.get("tool_calls"))):
            self._read_call(chunk, call, path, index, number)
        old = delta.get("function_call")
        self._name(chunk, at(old, "name"), (index, "call"))
        where = ("function_call", "arguments")
        old_lane = (index, "tool", "call")
        self._say(chunk, old_lane, at(old, "arguments"), path, where, Direction.TOOL_CALL, escape=True)
        found = Gathering()
        _read_extras(found, delta, path, None, None)
        for part in found.parts:
            own = (index, "whole", *part.path[len(path) :])
            escape = part.path[-1] == "arguments"
            chunk.texts.append(LaneText(own, part.path, part.direction, Grow.WHOLE, escape))

    def _read_detail(
        self, chunk: _Chunk, detail: dict[str, Any], path: Path, index: int, number: int
    ) -> None:
        """OpenRouter: a piece of reasoning, in the form in which it is to come back."""
        for key in ("text", "summary"):
            lane = (index, "reasoning", "details", _index(detail, number), key)
            extra = plain(detail, ("text", "summary", "signature", "data"))
            self._say(
                chunk, lane, detail.get(key), path, ("reasoning_details", number, key),
                fixed=_is_signed(detail), extra=extra,
            )  # fmt: skip

    def _read_call(self, chunk: _Chunk, call: Any, path: Path, index: int, number: int) -> None:
        place = _index(call, number)
        for kind, key in (("function", "arguments"), ("custom", "input")):
            inner = at(call, kind)
            self._name(chunk, at(inner, "name"), (index, place))
            where: Path = ("tool_calls", number, kind, key)
            lane = (index, "tool", place, key)
            given = at(inner, key)
            self._say(
                chunk, lane, given, path, where, Direction.TOOL_CALL,
                escape=key == "arguments", extra={"index": place},
            )  # fmt: skip
            if isinstance(given, dict):  # Mistral may give an object: whole, and no piece of JSON
                for inside, _ in leaves(given, (*path, *where)):
                    chunk.texts.append(LaneText((*lane, inside), inside, Direction.TOOL_CALL, Grow.WHOLE))

    def _name(self, chunk: _Chunk, name: Any, call: Hashable) -> None:
        """Tell a call's name once: some services repeat it in every chunk."""
        if isinstance(name, str) and name and call not in self._called:
            if len(self._called) < MAX_PARTS:
                self._called.add(call)
            chunk.calls.append(name)

    def _say(
        self,
        chunk: _Chunk,
        lane: tuple[Any, ...],
        text: Any,
        path: Path,
        where: Path,
        direction: Direction = Direction.ANSWER,
        *,
        escape: bool = False,
        fixed: bool = False,
        extra: dict[str, Any] | None = None,
    ) -> None:
        """Text at ``where`` in the delta at ``path``; ``extra`` are keys that its list's item has too."""
        if isinstance(text, str) and text:
            delta, inner = _delta(where, extra or {})
            choice = {"index": lane[0], "delta": delta, "finish_reason": None}
            form = {**chunk.head, "choices": [choice]}
            place = ("choices", 0, "delta", *inner)
            self._grow(chunk, lane, text, (*path, *where), form, place, direction, escape, fixed)

    def _grow(
        self,
        chunk: _Chunk,
        lane: Hashable,
        text: str,
        path: Path,
        form: Any,
        inner: Path,
        direction: Direction = Direction.ANSWER,
        escape: bool = False,
        fixed: bool = False,
    ) -> None:
        key = self._book.grow(lane, chunk.event, form, inner)
        chunk.texts.append(LaneText(key, path, direction, Grow.APPEND, escape, fixed))

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """A chunk that carries ``text`` on."""
        return self._book.flush(lane, text)


def _index(value: Any, number: int) -> int:
    """The ``index`` that an item of a list names, else its place."""
    given = integer(at(value, "index"))
    return number if given is None else given


def _kind(key: str) -> str:
    return "reasoning" if key in _REASONING else "text"


def _delta(where: Path, extra: dict[str, Any]) -> tuple[Any, Path]:
    """The smallest delta that has a string at ``where``, with first items only, and its path there."""
    inner = tuple(0 if isinstance(step, int) else step for step in where)
    value: Any = ""
    for place in range(len(inner) - 1, -1, -1):
        step = inner[place]
        if isinstance(step, str):
            value = {step: value}
        else:
            if inner[0] == "content":  # a chunk of content has a type
                value = {"type": next(iter(value)), **value}
            else:
                value = {**extra, **value}
            value = [value]
    return value, inner
