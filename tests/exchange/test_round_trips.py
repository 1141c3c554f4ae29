"""
What was taken out of a prompt comes back in the answer, whatever way the answer is cut.

Six dialects, text and arguments of a tool, values with quotes, line ends and letters of other alphabets;
events cut at random, and their bytes cut again at random. The fuzzed figure of the documentation is the long
test's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

import pytest

from sensor.detect.restoring import StreamRestorer, restore
from sensor.dialects import anthropic_messages, bedrock, chatgpt_web, gemini, openai_chat, openai_responses
from sensor.dialects.reading import Framing, Grow, LaneText, RequestHead
from sensor.exchange.codecs import codec_for
from sensor.exchange.lanes import Lanes
from sensor.exchange.rewriting import string_at
from sensor.wire import eventstream

VALUES = {
    "PII_EM_bcdfghjkmnpqrtvw": "zoë.example@example.org",
    "PII_PN_cdfghjkmnpqrtvwb": 'Anna "Ännchen" O\'Neil\\',
    "PII_AD_dfghjkmnpqrtvwbc": "1 Example Row\nXX1 1XX\tTown",
    "PII_XX_fghjkmnpqrtvwbcd": "值 \u2028 😀",
}
WORDS = (
    *VALUES,
    "SEC_SK_bcdfghjkmnpqrtvw",
    "PII_",
    "PII_EM_bcd",
    "P",
    "Sec",
    " and ",
    ".\n",
    "ü",
    "😀",
    '"q"',
    "a",
)


class Talk(NamedTuple):
    """One dialect's stream of a text and of a call's arguments."""

    module: Any
    head: RequestHead
    events: Callable[[list[str], list[str]], Iterator[bytes]]


def sse(value: Any, event: str | None = None) -> bytes:
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def chat(texts: list[str], arguments: list[str]) -> Iterator[bytes]:
    def chunk(delta: Any, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": None, **more}
        return sse({"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for text in texts:
        yield chunk({"content": text})
    call = {"index": 0, "id": "t", "type": "function", "function": {"name": "find", "arguments": ""}}
    yield chunk({"tool_calls": [call]})
    for text in arguments:
        yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": text}}]})
    yield chunk({}, finish_reason="tool_calls")
    yield b"data: [DONE]\n\n"


def responses(texts: list[str], arguments: list[str]) -> Iterator[bytes]:
    number = 0

    def event(kind: str, **more: Any) -> bytes:
        nonlocal number
        number += 1
        return sse({"type": kind, "sequence_number": number, **more}, kind)

    spoken, called = "".join(texts), "".join(arguments)
    place: dict[str, Any] = {"item_id": "m1", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": spoken, "annotations": []}
    message = {"id": "m1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    call = {"id": "f1", "type": "function_call", "call_id": "c1", "name": "find", "arguments": called}
    yield event("response.created", response={"id": "r", "model": "m", "output": []})
    yield event("response.output_item.added", output_index=0, item={**message, "content": []})
    for text in texts:
        yield event("response.output_text.delta", **place, delta=text)
    yield event("response.output_text.done", **place, text=spoken)
    yield event("response.content_part.done", **place, part=part)
    yield event("response.output_item.done", output_index=0, item=message)
    yield event("response.output_item.added", output_index=1, item={**call, "arguments": ""})
    for text in arguments:
        yield event("response.function_call_arguments.delta", item_id="f1", output_index=1, delta=text)
    yield event("response.function_call_arguments.done", item_id="f1", output_index=1, arguments=called)
    yield event("response.output_item.done", output_index=1, item=call)
    yield event("response.completed", response={"id": "r", "model": "m", "output": [message, call]})


def anthropic(texts: list[str], arguments: list[str]) -> Iterator[bytes]:
    def event(kind: str, **more: Any) -> bytes:
        return sse({"type": kind, **more}, kind)

    yield event(
        "message_start", message={"id": "m", "model": "c", "content": [], "usage": {"input_tokens": 3}}
    )
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for text in texts:
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})
    yield event("content_block_stop", index=0)
    block = {"type": "tool_use", "id": "t", "name": "find", "input": {}}
    yield event("content_block_start", index=1, content_block=block)
    for text in arguments:
        yield event("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": text})
    yield event("content_block_stop", index=1)
    yield event("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 5})
    yield event("message_stop")


def google(texts: list[str], arguments: list[str]) -> Iterator[bytes]:
    def chunk(parts: list[Any], **more: Any) -> bytes:
        content = {"role": "model", "parts": parts}
        return sse({"candidates": [{"index": 0, "content": content, **more}], "modelVersion": "g"})

    for text in texts:
        yield chunk([{"text": text}])
    # A call comes whole: its arguments are an object.
    yield chunk(
        [{"functionCall": {"name": "find", "args": json.loads("".join(arguments))}}], finishReason="STOP"
    )


def converse(texts: list[str], arguments: list[str]) -> Iterator[bytes]:
    def event(kind: str, value: Any) -> bytes:
        headers = [
            eventstream.text_header(":event-type", kind),
            eventstream.text_header(":content-type", "application/json"),
            eventstream.text_header(":message-type", "event"),
        ]
        return eventstream.write_message(headers, json.dumps(value).encode())

    yield event("messageStart", {"role": "assistant"})
    for text in texts:
        yield event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})
    yield event("contentBlockStop", {"contentBlockIndex": 0})
    start = {"toolUse": {"toolUseId": "t", "name": "find"}}
    yield event("contentBlockStart", {"contentBlockIndex": 1, "start": start})
    for text in arguments:
        yield event("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolUse": {"input": text}}})
    yield event("contentBlockStop", {"contentBlockIndex": 1})
    yield event("messageStop", {"stopReason": "tool_use"})


def page(texts: list[str], arguments: list[str]) -> Iterator[bytes]:
    message = {
        "id": "m", "author": {"role": "assistant"}, "status": "in_progress",
        "content": {"content_type": "text", "parts": [""]},
    }  # fmt: skip
    yield sse("v1", "delta_encoding")
    yield sse({"p": "", "o": "add", "v": {"message": message, "conversation_id": "c"}, "c": 0}, "delta")
    for at, text in enumerate(texts):
        sticky = {} if at else {"p": "/message/content/parts/0", "o": "append"}
        yield sse({**sticky, "v": text}, "delta")
    over = {"p": "/message/status", "o": "replace", "v": "finished_successfully"}
    yield sse({"p": "", "o": "patch", "v": [over]}, "delta")
    yield b"data: [DONE]\n\n"


def head(host: str, path: str) -> RequestHead:
    return RequestHead(method="POST", host=host, path=path, headers={"authorization": "Bearer x"})


TALKS = {
    "chat": Talk(openai_chat, head("api.openai.com", "/v1/chat/completions"), chat),
    "responses": Talk(openai_responses, head("api.openai.com", "/v1/responses"), responses),
    "anthropic": Talk(anthropic_messages, head("api.anthropic.com", "/v1/messages"), anthropic),
    "gemini": Talk(
        gemini,
        head("generativelanguage.googleapis.com", "/v1beta/models/g:streamGenerateContent?alt=sse"),
        google,
    ),
    "bedrock": Talk(
        bedrock, head("bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse-stream"), converse
    ),
    "chatgpt": Talk(chatgpt_web, head("chatgpt.com", "/backend-api/f/conversation"), page),
}


def escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def filtered(talk: Talk, pieces: list[bytes]) -> tuple[bytes, Lanes]:
    def whole(told: LaneText, text: str) -> str:
        return restore(text, VALUES, escaped if told.escape else None)

    def make(told: LaneText) -> StreamRestorer:
        return StreamRestorer(VALUES, escaped if told.escape else None)

    stream = talk.module.stream(talk.head)
    lanes = Lanes(stream, codec_for(stream.framing), make, whole)
    return b"".join(map(lanes.feed, pieces)) + lanes.finish(), lanes


def said(talk: Talk, raw: bytes) -> tuple[dict[Hashable, str], list[str]]:
    """What a client reads: the text of every lane, and every repetition."""
    stream = talk.module.stream(talk.head)
    codec = codec_for(stream.framing)
    lanes: dict[Hashable, str] = {}
    repeated: list[str] = []
    for piece in [*codec.feed(raw), *codec.finish()]:
        if piece.data is None:
            continue
        try:
            value = json.loads(piece.data)
        except ValueError:
            value = None
        for told in stream.read(piece.event, value).texts:
            text = string_at(value, told.path)
            assert text is not None
            if told.grow is Grow.APPEND:
                lanes[told.lane] = lanes.get(told.lane, "") + text
            else:
                repeated.append(text)
    return {lane: text for lane, text in lanes.items() if text}, repeated


def cut(draw: random.Random, text: str) -> list[str]:
    pieces: list[str] = []
    at = 0
    while at < len(text):
        end = at + draw.choice((1, 1, 2, 3, 5, 9, 20))
        pieces.append(text[at:end])
        at = end
    return pieces


def trip(name: str, draw: random.Random) -> None:
    talk = TALKS[name]
    text = "".join(draw.choices(WORDS, k=draw.randint(1, 8)))
    asked = {"q": "".join(draw.choices(WORDS, k=draw.randint(0, 5))), "n": [1, draw.choice(WORDS)]}
    arguments = json.dumps(asked, ensure_ascii=draw.random() < 0.5)
    raw = b"".join(talk.events(cut(draw, text), cut(draw, arguments)))
    pieces: list[bytes] = []
    at = 0
    while at < len(raw):
        end = at + draw.choice((1, 7, 40, 200, 4000))
        pieces.append(raw[at:end])
        at = end
    made, lanes = filtered(talk, pieces)
    assert not lanes.odd, lanes.odd
    grown, repeated = said(talk, made)
    expected = restore(text, VALUES)
    assert expected in grown.values()
    if name != "chatgpt":
        wanted = {"q": restore(asked["q"], VALUES), "n": [1, restore(asked["n"][1], VALUES)]}
        calls = [json.loads(found) for lane, found in grown.items() if found != expected] or repeated
        if name == "gemini":
            assert {wanted["q"], wanted["n"][1]} - {""} <= {*repeated, *grown.values()}
        else:
            assert wanted in calls or json.loads(expected) == wanted
    if name == "responses":
        assert repeated and all(one == expected or json.loads(one) == wanted for one in repeated if one)


@pytest.mark.parametrize("name", TALKS)
def test_values_come_back_in_their_lanes(name: str) -> None:
    for seed in range(60):
        trip(name, random.Random(seed))


@pytest.mark.long
@pytest.mark.parametrize("name", TALKS)
def test_100_000_splits_bring_every_value_back(name: str) -> None:
    for seed in range(100_000 // len(TALKS) + 1):
        trip(name, random.Random(1_000_000 + seed))


@pytest.mark.parametrize("name", TALKS)
def test_an_answer_without_tokens_goes_through_byte_for_byte(name: str) -> None:
    talk = TALKS[name]
    raw = b"".join(talk.events(["Hello ", "wörld", "."], ['{"q":', ' "x"}']))
    for size in (1, 17, len(raw)):
        made, _ = filtered(talk, [raw[at : at + size] for at in range(0, len(raw), size)])
        assert made == raw


def test_every_framing_has_a_reader() -> None:
    assert all(codec_for(framing) for framing in Framing)
