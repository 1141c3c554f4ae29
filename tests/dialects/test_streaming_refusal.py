"""Refusals inside a running stream, judged by the vendors' own SDKs."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import cohere
import mistralai.client
import ollama
import openai
import pytest
from botocore.exceptions import EventStreamError  # type: ignore[import-untyped]  # ships no types
from google import genai
from google.genai import errors as genai_errors
from google.genai import types as genai_types
from hypothesis import given
from hypothesis import strategies as st
from mistralai.client.errors import ResponseValidationError
from openai.types.realtime import RealtimeErrorEvent
from openai.types.responses import ResponseErrorEvent

from sensor.dialects import Dialect
from sensor.dialects.names import FAMILIES, Family
from sensor.dialects.reading import Framing
from sensor.dialects.streaming_refusal import (
    CODE,
    MAX_MESSAGE,
    StreamHint,
    grpc_trailers,
    refuse_in_stream,
)
from sensor.wire.envelopes import EnvelopeReader
from sensor.wire.eventstream import EventStreamReader
from tests.dialects.bedrock_asking import client as boto
from tests.dialects.standin import serve
from tests.dialects.stream_checks import closed, eventstream

__all__ = ["closed"]

SAID = 'Stopped by the rule "no-secrets": ask Ä. 100 %.'

SSE, NDJSON, ARRAY = Framing.SSE, Framing.NDJSON, Framing.JSON_ARRAY


def refusal(dialect: Dialect | None, framing: Framing, **hint: Any) -> bytes:
    return refuse_in_stream(dialect, framing, SAID, stream_hint=StreamHint(**hint))


def sse(*values: Any, named: bool = False) -> bytes:
    lines = []
    for value in values:
        event = f"event: {value['type']}\n" if named else ""
        lines.append(f"{event}data: {json.dumps(value)}\n\n")
    return "".join(lines).encode()


def running(content_type: str, *pieces: bytes) -> Callable[..., tuple[int, dict[str, str], Iterator[bytes]]]:
    """A stand-in that answers with a stream: what came before, then the refusal."""
    return lambda method, path, headers, body: (200, {"content-type": content_type}, iter(pieces))


EVENT_STREAM = "text/event-stream"


# ------------------------------------------------------------------------------------- OpenAI

CHUNK = {
    "id": "c",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "delta": {"role": "assistant", "content": "The key is "}, "finish_reason": None}
    ],
}


@pytest.mark.slow
def test_openai_chat_raises_api_error_with_the_message(closed):
    last = refusal(Dialect.OPENAI_CHAT, SSE)
    with serve(running(EVENT_STREAM, sse(CHUNK), last)) as (url, _):
        client = closed(openai.OpenAI(base_url=url + "/v1", api_key="k", max_retries=0))
        stream = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        seen = []
        with pytest.raises(openai.APIError) as raised:
            for chunk in stream:
                seen.append(chunk.choices[0].delta.content)
    assert seen == ["The key is "]
    assert SAID in str(raised.value) and raised.value.code == CODE
    assert last.endswith(b"data: [DONE]\n\n")


RESPONSE_DELTA = {
    "type": "response.output_text.delta",
    "item_id": "i",
    "output_index": 0,
    "content_index": 0,
    "delta": "The key is ",
    "logprobs": [],
    "sequence_number": 4,
}


@pytest.mark.slow
def test_openai_responses_raises_api_error_with_the_message(closed):
    last = refusal(Dialect.OPENAI_RESPONSES, SSE, sequence_number=5)
    with serve(running(EVENT_STREAM, sse(RESPONSE_DELTA, named=True), last)) as (url, _):
        client = closed(openai.OpenAI(base_url=url + "/v1", api_key="k", max_retries=0))
        with pytest.raises(openai.APIError, match="no-secrets"):
            for _ in client.responses.create(model="m", input="hi", stream=True):
                pass
    assert last.startswith(b"event: error\n") and b"[DONE]" not in last


def test_the_responses_error_is_the_event_of_the_api_too():
    value = json.loads(refusal(Dialect.OPENAI_RESPONSES, Framing.WEBSOCKET, frames=3, stream_id="s1"))
    event = ResponseErrorEvent.model_validate(value, strict=True)
    assert (event.message, event.code, event.sequence_number) == (SAID, CODE, 3)
    assert value["stream_id"] == "s1"


def test_the_realtime_error_is_the_event_of_the_api():
    value = json.loads(refusal(Dialect.OPENAI_REALTIME, Framing.WEBSOCKET))
    event = RealtimeErrorEvent.model_validate(value, strict=True)
    assert (event.error.message, event.error.code) == (SAID, CODE)


@pytest.mark.slow
def test_mistral_raises_its_own_error_with_the_message_in_its_body(closed):
    last = refusal(Dialect.MISTRAL, SSE)
    with serve(running(EVENT_STREAM, sse(CHUNK), last)) as (url, _):
        client = closed(mistralai.client.Mistral(api_key="k", server_url=url))
        with pytest.raises(ResponseValidationError) as raised:
            for _ in client.chat.stream(model="m", messages=[{"role": "user", "content": "hi"}]):
                pass
    assert json.loads(raised.value.body)["data"]["error"]["message"] == SAID


# ---------------------------------------------------------------------------------- Anthropic

ANTHROPIC_EVENTS = (
    {
        "type": "message_start",
        "message": {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": "claude",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "The key is "}},
)
PROMPT: Any = {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.slow
@pytest.mark.parametrize("dialect", [Dialect.ANTHROPIC_MESSAGES, Dialect.VERTEX_ANTHROPIC])
def test_anthropic_raises_api_status_error_with_the_message(closed, dialect):
    last = refusal(dialect, SSE)
    with serve(running(EVENT_STREAM, sse(*ANTHROPIC_EVENTS, named=True), last)) as (url, _):
        client = closed(anthropic.Anthropic(base_url=url, api_key="k", max_retries=0))
        with pytest.raises(anthropic.APIStatusError) as raised:
            for _ in client.messages.create(**PROMPT, stream=True):
                pass
    assert "no-secrets" in str(raised.value) and "permission_error" in str(raised.value)


# ------------------------------------------------------------------------------------- Gemini

CANDIDATE = {"candidates": [{"content": {"role": "model", "parts": [{"text": "The key is "}]}, "index": 0}]}


@pytest.mark.slow
def test_gemini_raises_client_error_with_the_message(closed):
    last = refusal(Dialect.GEMINI, SSE)
    with serve(running(EVENT_STREAM, sse(CANDIDATE), last)) as (url, _):
        client = closed(genai.Client(api_key="k", http_options=genai_types.HttpOptions(base_url=url)))
        with pytest.raises(genai_errors.ClientError) as raised:
            for _ in client.models.generate_content_stream(model="m", contents="hi"):
                pass
    assert (raised.value.code, raised.value.message, raised.value.status) == (403, SAID, "PERMISSION_DENIED")


@pytest.mark.parametrize("before", [b"", b"[" + json.dumps(CANDIDATE).encode()])
def test_a_json_array_ends_as_one_with_the_error_as_its_last_element(before):
    last = refusal(Dialect.GEMINI, ARRAY, frames=1 if before else 0)
    value = json.loads(before + last)
    assert value[-1] == {"error": {"code": 403, "message": SAID, "status": "PERMISSION_DENIED"}}


# ------------------------------------------------------------------------------------ Bedrock

DELTA = eventstream("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "The key is "}})
AMAZON = "application/vnd.amazon.eventstream"


@pytest.mark.slow
def test_bedrock_converse_raises_event_stream_error_with_the_message(closed):
    last = refusal(Dialect.BEDROCK, Framing.EVENTSTREAM)
    with serve(running(AMAZON, DELTA, last)) as (url, _):
        answer = closed(boto(url)).converse_stream(
            modelId="m", messages=[{"role": "user", "content": [{"text": "hi"}]}]
        )
        with contextlib.closing(answer["stream"]) as stream, pytest.raises(EventStreamError) as raised:
            for _ in stream:
                pass
    assert raised.value.response["Error"] == {"Code": "validationException", "Message": SAID}
    assert SAID in str(raised.value)


def test_bedrock_invoke_raises_event_stream_error_with_the_message(closed):
    last = refusal(Dialect.BEDROCK, Framing.EVENTSTREAM)
    with serve(running(AMAZON, eventstream("chunk", {"bytes": "e30="}), last)) as (url, _):
        answer = closed(boto(url)).invoke_model_with_response_stream(modelId="m", body="{}")
        with (
            contextlib.closing(answer["body"]) as stream,
            pytest.raises(EventStreamError, match="no-secrets"),
        ):
            for _ in stream:
                pass


# anthropic 0.125, which Python 3.11 resolves to, has no error of its own for an exception frame.
EXCEPTION_FRAME = ValueError if anthropic.__version__.startswith("0.") else anthropic.APIStatusError


def test_anthropic_on_bedrock_raises_with_the_message(closed):
    last = refusal(Dialect.BEDROCK, Framing.EVENTSTREAM)
    with serve(running(AMAZON, last)) as (url, _):
        client = closed(
            anthropic.AnthropicBedrock(base_url=url, api_key="k", aws_region="eu-central-1", max_retries=0)
        )
        with pytest.raises(EXCEPTION_FRAME, match="no-secrets"):
            for _ in client.messages.create(**PROMPT, stream=True):
                pass


def test_the_exception_message_has_right_checksums():
    (message,) = EventStreamReader().feed(refusal(Dialect.BEDROCK, Framing.EVENTSTREAM))
    assert message.odd is None and message.text(":message-type") == "exception"
    assert json.loads(message.payload or b"") == {"message": SAID}


# ------------------------------------------------------------------------------------- Cohere


@pytest.mark.slow
def test_cohere_version_2_tells_the_message_in_its_last_event(closed):
    start = {"type": "message-start", "id": "1", "delta": {"message": {"role": "assistant"}}}
    last = refusal(Dialect.COHERE, SSE)
    with serve(running(EVENT_STREAM, sse(start, named=True), last)) as (url, _):
        client = closed(cohere.ClientV2(api_key="k", base_url=url))
        events = list(client.chat_stream(model="m", messages=[{"role": "user", "content": "hi"}]))
    assert events[-1].type == "message-end"
    assert (events[-1].delta.error, events[-1].delta.finish_reason) == (SAID, "ERROR")


@pytest.mark.parametrize("frames", [0, 2])
def test_cohere_version_1_tells_the_message_as_text_and_ends_with_an_error(closed, frames):
    last = refusal(Dialect.COHERE, NDJSON, version=1, frames=frames)
    with serve(running("application/stream+json", last)) as (url, _):
        client = closed(cohere.Client(api_key="k", base_url=url))
        events = list(client.chat_stream(model="m", message="hi"))
    assert [event.event_type for event in events] == ["text-generation", "stream-end"]
    assert events[0].text.strip() == SAID and events[1].finish_reason == "ERROR"
    assert events[0].text.startswith("\n") is bool(frames)


def test_cohere_generate_has_an_error_event_of_its_own(closed):
    last = refusal(Dialect.COHERE, NDJSON, version=1, is_generate=True)
    with serve(running("application/stream+json", last)) as (url, _):
        events = list(closed(cohere.Client(api_key="k", base_url=url)).generate_stream(prompt="hi"))
    assert [(event.event_type, event.err) for event in events] == [("stream-error", SAID)]


# ------------------------------------------------------------------------------------- Ollama


def test_ollama_raises_response_error_with_the_message(closed):
    line = json.dumps({"model": "m", "message": {"role": "assistant", "content": "The "}, "done": False})
    last = refusal(Dialect.OLLAMA, NDJSON)
    with serve(running("application/x-ndjson", line.encode() + b"\n", last)) as (url, _):
        client = closed(ollama.Client(host=url))
        with pytest.raises(ollama.ResponseError) as raised:
            for _ in client.chat("m", [{"role": "user", "content": "hi"}], stream=True):
                pass
    assert raised.value.error == SAID


# --------------------------------------------------------------------- protocols and web pages


@pytest.mark.parametrize("dialect", [Dialect.MCP, Dialect.A2A])
def test_json_rpc_streams_end_with_an_error_of_the_same_id(dialect):
    last = refusal(dialect, SSE, request_id=7)
    value = json.loads(last.removeprefix(b"data: "))
    assert value == {"jsonrpc": "2.0", "id": 7, "error": {"code": -32010, "message": SAID}}


@pytest.mark.parametrize("dialect", [Dialect.CONNECT_STREAM, Dialect.CONNECT])
def test_a_connect_stream_ends_with_an_error_envelope(dialect):
    (envelope,) = EnvelopeReader().feed(refusal(dialect, Framing.CONNECT))
    assert envelope.flags == 2
    assert json.loads(envelope.data) == {"error": {"code": "permission_denied", "message": SAID}}


def test_grpc_ends_with_trailers_and_no_bytes():
    assert refusal(Dialect.GRPC, Framing.CONNECT) == b""
    status, message = grpc_trailers(SAID)
    assert status == ("grpc-status", "7")
    # grpc/grpc doc/PROTOCOL-HTTP2.md: percent-coded is "%" and what is outside space to tilde
    assert message == ("grpc-message", SAID.replace("%", "%25").replace("Ä", "%C3%84"))


def test_grpc_web_ends_with_trailers_in_an_envelope():
    (envelope,) = EnvelopeReader().feed(refusal(Dialect.GRPC, Framing.CONNECT, is_grpc_web=True))
    assert envelope.flags == 0x80 and envelope.data.startswith(b"grpc-status: 7\r\ngrpc-message: Stopped")


def test_a_signalr_connection_is_closed_with_the_message():
    last = refusal(Dialect.M365_COPILOT, Framing.SIGNALR)
    assert json.loads(last.removesuffix(b"\x1e")) == {"type": 7, "error": SAID}


def test_claude_web_is_told_as_the_api_is():
    assert refusal(Dialect.CLAUDE_WEB, SSE) == refusal(Dialect.ANTHROPIC_MESSAGES, SSE)


@pytest.mark.parametrize("dialect", [d for d in Dialect if FAMILIES[d] is Family.WEB])
@pytest.mark.parametrize("framing", [SSE, NDJSON, Framing.WEBSOCKET, Framing.LENGTH_LINES])
def test_web_pages_see_a_stream_that_ends(dialect, framing):
    ends = b"data: [DONE]\n\n" if (dialect, framing) == (Dialect.CHATGPT_WEB, SSE) else b""
    assert refusal(dialect, framing) == ends


def test_an_unknown_dialect_ends_in_openai_form():
    assert refusal(None, SSE) == refusal(Dialect.OPENAI_CHAT, SSE)


@pytest.mark.parametrize(
    ("dialect", "value"),
    [
        (Dialect.GRPC, {"code": "permission_denied", "message": SAID}),
        (Dialect.CONNECT, {"code": "permission_denied", "message": SAID}),
        (Dialect.BEDROCK, {"message": SAID}),
    ],
)
def test_a_strange_framing_carries_the_error_body_of_the_dialect(dialect, value):
    assert json.loads(refusal(dialect, NDJSON)) == value


def test_a_framing_in_which_no_value_can_stand_just_ends():
    assert refusal(Dialect.OPENAI_CHAT, Framing.LENGTH_LINES) == b""


def test_without_words_the_reason_is_told_in_general_and_long_words_are_cut():
    assert b"organisation's policy" in refuse_in_stream(Dialect.OLLAMA, NDJSON, "  ")
    assert b"organisation's policy" in grpc_trailers("")[1][1].encode()
    long = refuse_in_stream(Dialect.OLLAMA, NDJSON, "x" * 100_000)
    assert len(long) == MAX_MESSAGE + len(b'{"error":""}\n')


hints = st.builds(
    StreamHint,
    frames=st.integers(0, 5),
    sequence_number=st.none() | st.integers(),
    stream_id=st.none() | st.text(),
    request_id=st.none() | st.integers() | st.text(),
    version=st.sampled_from([1, 2]),
    is_generate=st.booleans(),
    is_grpc_web=st.booleans(),
)


@pytest.mark.slow
@given(
    dialect=st.none() | st.sampled_from(Dialect),
    framing=st.sampled_from(Framing),
    message=st.text(),
    hint=st.none() | hints,
)
def test_any_text_gives_bytes_that_are_whole_in_every_framing(dialect, framing, message, hint):
    made = refuse_in_stream(dialect, framing, message, stream_hint=hint)
    assert isinstance(made, bytes)
    if framing is NDJSON:
        assert all(isinstance(json.loads(line), dict) for line in made.splitlines())
    elif framing is SSE:
        assert made == b"" or made.endswith(b"\n\n")
    elif framing is Framing.EVENTSTREAM:
        (read,) = EventStreamReader().feed(made)
        assert read.odd is None
