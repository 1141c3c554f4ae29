"""
What the stand-in answers: the shapes of AI APIs, with a text of its own.

Each answer is a status, a content type and pieces; an answer of several pieces is streamed. The shapes are
those that the vendors' SDKs read (openai, anthropic, google-genai, ollama); the last piece of a stream is by
itself, so that whoever drives the stand-in can hold it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["PAGE", "TEXT", "Answer", "answer"]

TEXT = "A gnomon is the part of a sundial that casts the shadow you read."
"""What every API says."""

PAGE = b"<!doctype html><html lang=en><title>Ordinary</title><h1>An ordinary site</h1><p>Nothing to see here."

_WORDS = [word if not number else f" {word}" for number, word in enumerate(TEXT.split())]
_CREATED = 1_790_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    content_type: str
    pieces: tuple[bytes, ...]
    status: int = 200
    streamed: bool = False


def answer(method: str, target: str, body: bytes) -> Answer:
    """The answer to one request, by its path and what it asks for."""
    path, _, query = target.partition("?")
    if method not in ("POST", "PUT"):
        if path.endswith("/models"):
            return _json({"object": "list", "data": [{"id": "stand-in", "object": "model"}]})
        return Answer("text/html; charset=utf-8", (PAGE,))
    asked = _object(body)
    for end, make in _APIS:
        if path.endswith(end):
            return make(asked)
    if path.endswith(":generateContent"):
        return _json(_gemini(TEXT, last=True))
    if path.endswith(":streamGenerateContent"):
        return _gemini_stream(sse="alt=sse" in query)
    return _json({"ok": True})


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _json(value: Any) -> Answer:
    return Answer("application/json", (json.dumps(value).encode(),))


def _sse(events: Iterator[tuple[str | None, Any]]) -> Answer:
    pieces = tuple(
        (f"event: {name}\n" if name else "").encode()
        + b"data: "
        + (value.encode() if isinstance(value, str) else json.dumps(value).encode())
        + b"\n\n"
        for name, value in events
    )
    return Answer("text/event-stream; charset=utf-8", pieces, streamed=True)


def _model(asked: dict[str, Any]) -> str:
    model = asked.get("model")
    return model if isinstance(model, str) else "stand-in"


def _chat(asked: dict[str, Any]) -> Answer:
    usage = {"prompt_tokens": 9, "completion_tokens": len(_WORDS), "total_tokens": 9 + len(_WORDS)}
    common = {"id": "chatcmpl-standin", "created": _CREATED, "model": _model(asked)}
    if not asked.get("stream"):
        message = {"role": "assistant", "content": TEXT, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return _json({**common, "object": "chat.completion", "choices": [choice], "usage": usage})

    def events() -> Iterator[tuple[str | None, Any]]:
        for number, word in enumerate(_WORDS):
            delta = {"content": word} if number else {"role": "assistant", "content": word}
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            yield None, {**common, "object": "chat.completion.chunk", "choices": [choice]}
        choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
        yield None, {**common, "object": "chat.completion.chunk", "choices": [choice]}
        yield None, "[DONE]"

    return _sse(events())


def _responses(asked: dict[str, Any]) -> Answer:
    part = {"type": "output_text", "text": TEXT, "annotations": []}
    item = {
        "id": "msg_standin",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }
    response = {
        "id": "resp_standin", "object": "response", "created_at": _CREATED, "status": "completed",
        "model": _model(asked), "output": [item],
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        "usage": {
            "input_tokens": 9, "output_tokens": len(_WORDS), "total_tokens": 9 + len(_WORDS),
            "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0},
        },
    }  # fmt: skip
    if not asked.get("stream"):
        return _json(response)

    def events() -> Iterator[tuple[str, dict[str, Any]]]:
        place = {"item_id": "msg_standin", "output_index": 0, "content_index": 0}
        yield "response.created", {"response": {**response, "status": "in_progress", "output": []}}
        yield "response.output_item.added", {"output_index": 0, "item": {**item, "content": []}}
        yield "response.content_part.added", {**place, "part": {**part, "text": ""}}
        for word in _WORDS:
            yield "response.output_text.delta", {**place, "delta": word, "logprobs": []}
        yield "response.output_text.done", {**place, "text": TEXT, "logprobs": []}
        yield "response.content_part.done", {**place, "part": part}
        yield "response.output_item.done", {"output_index": 0, "item": item}
        yield "response.completed", {"response": response}

    return _sse(
        (name, {"type": name, "sequence_number": number, **value})
        for number, (name, value) in enumerate(events())
    )


def _messages(asked: dict[str, Any]) -> Answer:
    message = {
        "id": "msg_standin", "type": "message", "role": "assistant", "model": _model(asked),
        "content": [{"type": "text", "text": TEXT}], "stop_reason": "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": len(_WORDS)},
    }  # fmt: skip
    if not asked.get("stream"):
        return _json(message)

    def events() -> Iterator[tuple[str, dict[str, Any]]]:
        yield "message_start", {"message": {**message, "content": [], "stop_reason": None}}
        yield "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
        for word in _WORDS:
            yield "content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": word}}
        yield "content_block_stop", {"index": 0}
        stop = {"stop_reason": "end_turn", "stop_sequence": None}
        yield "message_delta", {"delta": stop, "usage": {"output_tokens": len(_WORDS)}}
        yield "message_stop", {}

    return _sse((name, {"type": name, **value}) for name, value in events())


def _gemini(text: str, *, last: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    if last:
        candidate["finishReason"] = "STOP"
    usage = {"promptTokenCount": 9, "candidatesTokenCount": len(_WORDS), "totalTokenCount": 9 + len(_WORDS)}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "stand-in"}


def _gemini_stream(*, sse: bool) -> Answer:
    chunks = [_gemini(word, last=number == len(_WORDS) - 1) for number, word in enumerate(_WORDS)]
    if sse:
        return _sse((None, chunk) for chunk in chunks)
    pieces = [("[" if not number else ",\n") + json.dumps(chunk) for number, chunk in enumerate(chunks)]
    return Answer("application/json", (*(piece.encode() for piece in pieces), b"]"), streamed=True)


def _ollama(asked: dict[str, Any]) -> Answer:
    common = {"model": _model(asked), "created_at": "2026-11-24T00:00:00Z"}
    done = {**common, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
    if asked.get("stream") is False:
        return _json({**done, "message": {"role": "assistant", "content": TEXT}})
    words = [{**common, "message": {"role": "assistant", "content": word}, "done": False} for word in _WORDS]
    lines = tuple(json.dumps(line).encode() + b"\n" for line in [*words, done])
    return Answer("application/x-ndjson", lines, streamed=True)


def _converse(asked: dict[str, Any]) -> Answer:
    usage = {"inputTokens": 9, "outputTokens": len(_WORDS), "totalTokens": 9 + len(_WORDS)}
    message = {"role": "assistant", "content": [{"text": TEXT}]}
    return _json({"output": {"message": message}, "stopReason": "end_turn", "usage": usage})


def _embeddings(asked: dict[str, Any]) -> Answer:
    data = [{"object": "embedding", "index": 0, "embedding": [0.0, 1.0]}]
    usage = {"prompt_tokens": 9, "total_tokens": 9}
    return _json({"object": "list", "data": data, "model": _model(asked), "usage": usage})


def _chatgpt_web(asked: dict[str, Any]) -> Answer:
    def events() -> Iterator[tuple[str | None, Any]]:
        yield "delta_encoding", '"v1"'
        first = {
            "message": {"author": {"role": "assistant"}, "content": {"parts": [""]}},
            "conversation_id": "1",
        }
        yield "delta", {"p": "", "o": "add", "v": first}
        for word in _WORDS:
            yield "delta", {"p": "/message/content/parts/0", "o": "append", "v": word}
        yield None, "[DONE]"

    return _sse(events())


_APIS: tuple[tuple[str, Callable[[dict[str, Any]], Answer]], ...] = (
    ("/chat/completions", _chat),
    ("/responses", _responses),
    ("/v1/messages", _messages),
    ("/embeddings", _embeddings),
    ("/api/chat", _ollama),
    ("/converse", _converse),
    ("/conversation", _chatgpt_web),
    ("/completion", _messages),
)
"""How a path ends, and what answers it."""
