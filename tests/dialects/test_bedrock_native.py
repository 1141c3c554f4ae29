"""The makers' own bodies on Bedrock, by boto3 and by Anthropic's SDK against a stand-in."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest

from sensor.dialects import bedrock as dialect
from sensor.dialects.reading import JSON, Usage
from tests.dialects.bedrock_asking import (
    INVOKE_HEAD,
    ask,
    chunks,
    stream_answer,
    texts,
)
from tests.dialects.standin import json_answer, serve
from tests.dialects.stream_checks import (
    Played,
    check_carrying,
    check_every_cut,
    closed,
    files,
    post,
)

__all__ = ["closed"]

# ------------------------------------------------------------------------------- native bodies

CLAUDE: Any = {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "Who is Ada?"}]}
CLAUDE_EVENTS: Any = [
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
            "usage": {"input_tokens": 5, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Ada is "}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "“Adä”\n"}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 4},
    },
    {
        "type": "message_stop",
        "amazon-bedrock-invocationMetrics": {"inputTokenCount": 6, "outputTokenCount": 4},
    },
]


@pytest.mark.slow
def test_claude_on_bedrock_by_anthropics_sdk(closed):
    with serve(lambda *_: stream_answer(chunks(*CLAUDE_EVENTS))) as (url, requests):
        sdk = closed(anthropic.AnthropicBedrock(base_url=url, api_key="k", aws_region="eu-central-1"))
        with sdk.messages.stream(**CLAUDE, system="Be brief.") as stream:
            assert stream.get_final_text() == "Ada is “Adä”\n"
        seen = requests[0]
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert sorted(texts(reading, body)) == [("prompt", "Be brief."), ("prompt", "Who is Ada?")]
    assert (reading.model, reading.streams, reading.signed) == ("claude", True, False)


def test_a_stream_of_claude_has_its_lanes_inside_base64():
    frames = chunks(*CLAUDE_EVENTS)
    stream = dialect.stream(INVOKE_HEAD)
    played = Played(stream, frames)
    (lane,) = played.lanes
    assert played.lanes[lane] == "Ada is “Adä”\n"
    (text,) = played.frames[2].texts
    assert text.path == ("bytes", JSON, "delta", "text")
    assert lane in played.frames[4].ends
    assert played.usage[-1] == (6, 4) and played.frames[-1].ends_all and played.frames[0].model == "claude"


def test_a_lane_of_claude_is_carried_on_by_a_chunk_the_sdk_reads(closed):
    stream = dialect.stream(INVOKE_HEAD)
    frames = chunks(*CLAUDE_EVENTS)
    for frame in frames[:3]:
        (lane,) = [text.lane for text in stream.read(*frame).texts] or [None]
    made = stream.flush(lane, "held")
    assert made is not None and made[0] == "chunk"
    with serve(lambda *_: stream_answer([*frames[:2], made, *frames[4:]])) as (url, _):
        sdk = closed(anthropic.AnthropicBedrock(base_url=url, api_key="k", aws_region="eu-central-1"))
        with sdk.messages.stream(**CLAUDE) as again:
            assert again.get_final_text() == "held"


NOVA_EVENTS: Any = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"delta": {"text": "It is "}, "contentBlockIndex": 0}},
    {"contentBlockDelta": {"delta": {"text": "Ada"}, "contentBlockIndex": 0}},
    {"contentBlockStop": {"contentBlockIndex": 0}},
    {"messageStop": {"stopReason": "end_turn"}},
    {
        "metadata": {"usage": {"inputTokens": 5, "outputTokens": 2}},
        "amazon-bedrock-invocationMetrics": {"inputTokenCount": 5, "outputTokenCount": 2},
    },
]
OPENAI_EVENTS: Any = [
    {
        "id": "c",
        "model": "gpt",
        "choices": [{"index": 0, "delta": {"content": "It is "}, "finish_reason": None}],
    },
    {
        "id": "c",
        "model": "gpt",
        "choices": [{"index": 0, "delta": {"content": "Ada"}, "finish_reason": "stop"}],
    },
]
TITAN_EVENTS: Any = [
    {"outputText": "It is ", "index": 0, "completionReason": None, "inputTextTokenCount": 5},
    {"outputText": "Ada", "index": 0, "totalOutputTextTokenCount": 2, "completionReason": "FINISH"},
]
LLAMA_EVENTS: Any = [
    {"generation": "It is ", "prompt_token_count": 5, "generation_token_count": 1, "stop_reason": None},
    {"generation": "Ada", "prompt_token_count": None, "generation_token_count": 2, "stop_reason": "stop"},
]
MISTRAL_EVENTS: Any = [
    {"outputs": [{"text": "It is ", "stop_reason": None}]},
    {"outputs": [{"text": "Ada", "stop_reason": "stop"}]},
]
COHERE_EVENTS: Any = [
    {"is_finished": False, "event_type": "text-generation", "text": "It is "},
    {"is_finished": False, "event_type": "text-generation", "text": "Ada"},
    {
        "is_finished": True,
        "event_type": "stream-end",
        "finish_reason": "COMPLETE",
        "response": {"text": "It is Ada"},
    },
]
OLD_COHERE_EVENTS: Any = [
    {"index": 0, "is_finished": False, "text": "It is "},
    {"index": 0, "is_finished": True, "text": "Ada", "finish_reason": "COMPLETE"},
]
OLD_CLAUDE_EVENTS: Any = [
    {"type": "completion", "completion": "It is ", "stop_reason": None},
    {"type": "completion", "completion": "Ada", "stop_reason": "stop_sequence"},
]
UNTYPED_CLAUDE_EVENTS: Any = [
    {"completion": "It is ", "stop_reason": None},
    {"completion": "Ada", "stop_reason": "stop_sequence"},
]
JURASSIC_EVENTS: Any = [
    {"completions": [{"data": {"text": "It is "}}]},
    {"completions": [{"data": {"text": "Ada"}, "finishReason": {"reason": "endoftext"}}]},
]
PEGASUS_EVENTS: Any = [{"message": "It is "}, {"message": "Ada", "finishReason": "stop"}]
STREAMS = {
    "nova": NOVA_EVENTS,
    "openai": OPENAI_EVENTS,
    "titan": TITAN_EVENTS,
    "llama": LLAMA_EVENTS,
    "mistral": MISTRAL_EVENTS,
    "cohere": COHERE_EVENTS,
    "old cohere": OLD_COHERE_EVENTS,
    "old claude": OLD_CLAUDE_EVENTS,
    "untyped claude": UNTYPED_CLAUDE_EVENTS,
    "jurassic": JURASSIC_EVENTS,
    "pegasus": PEGASUS_EVENTS,
}


@pytest.mark.parametrize("events", STREAMS.values(), ids=list(STREAMS))
def test_each_makers_stream_grows_one_lane(events):
    played = Played(dialect.stream(INVOKE_HEAD), chunks(*events))
    assert list(played.lanes.values()) == ["It is Ada"]
    (lane,) = played.lanes
    assert any(frame.ends_all or lane in frame.ends for frame in played.frames)


def test_a_chunk_without_text_says_nothing_but_its_counts():
    (frame,) = Played(dialect.stream(INVOKE_HEAD), chunks({"inputTextTokenCount": 5})).frames
    assert (frame.texts, frame.usage) == ((), Usage(5, None))


def test_a_stream_that_is_repeated_at_its_end_keeps_its_lane():
    played = Played(dialect.stream(INVOKE_HEAD), chunks(*COHERE_EVENTS))
    assert played.whole == [(lane, "answer", "It is Ada") for lane in played.lanes]


@pytest.mark.parametrize(("name", "usage"), [("nova", (5, 2)), ("titan", (5, None)), ("llama", (5, 1))])
def test_makers_count_tokens_in_the_stream(name, usage):
    assert Played(dialect.stream(INVOKE_HEAD), chunks(*STREAMS[name])).usage[0] == usage


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "frames"),
    [
        (INVOKE_HEAD, chunks(*CLAUDE_EVENTS)),
        (INVOKE_HEAD, chunks(*NOVA_EVENTS)),
        (INVOKE_HEAD, chunks(*MISTRAL_EVENTS)),
    ],
)
def test_a_stream_cut_at_every_byte_has_the_same_lanes(head, frames):
    check_every_cut(lambda: dialect.stream(head), frames)
    check_carrying(lambda: dialect.stream(head), frames)


@pytest.mark.parametrize("events", STREAMS.values(), ids=list(STREAMS))
def test_each_makers_lane_is_carried_on_in_its_own_form(events):
    check_carrying(lambda: dialect.stream(INVOKE_HEAD), chunks(*events))


TASK = {"text": "a cat", "negativeText": "dogs", "maskPrompt": "tail", "image": "AA==", "images": ["AQ==", 1]}


@pytest.mark.parametrize(
    ("body", "asked", "brought"),
    [
        ({"prompt": "p", "max_gen_len": 9, "images": ["AA=="]}, [("prompt", "p")], ["AA=="]),
        ({"inputText": "p", "inputImage": "AA=="}, [("prompt", "p")], ["AA=="]),
        (
            {"prompt": "p", "suffix": "s", "negative_prompt": "n"},
            [("prompt", "p"), ("prompt", "n"), ("prompt", "s")],
            [],
        ),
        (
            {"taskType": "X", "inPaintingParams": TASK},
            [("prompt", "a cat"), ("prompt", "dogs"), ("prompt", "tail")],
            ["AA==", "AQ=="],
        ),
        ({"text_prompts": [{"text": "p", "weight": 1}]}, [("prompt", "p")], []),
        ({"inputPrompt": "p", "mediaSource": {"base64String": "AA=="}}, [("prompt", "p")], ["AA=="]),
        (
            {"inputPrompt": "p", "mediaSource": {"s3Location": {"uri": "s3://b/k"}}},
            [("prompt", "p")],
            ["s3://b/k"],
        ),
        (
            {"message": "m", "chat_history": [{"role": "USER", "message": "h"}]},
            [("prompt", "h"), ("prompt", "m")],
            [],
        ),
        ({"texts": ["t"], "input_type": "x"}, [("prompt", "t")], []),
        ({"query": "q", "documents": ["d"], "api_version": 2}, [("prompt", "q"), ("upload", "d")], []),
        ({"messages": [{"role": "user", "content": "p"}], "max_tokens": 9}, [("prompt", "p")], []),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "p"}]}]}, [("prompt", "p")], []),
        (
            {"messages": [{"role": "user", "content": [{"text": "p"}]}], "system": [{"text": "s"}]},
            [("prompt", "s"), ("prompt", "p")],
            [],
        ),
        ({"schemaVersion": "messages-v1", "messages": []}, [], []),
        (
            {"anthropic_version": "bedrock-2023-05-31", "messages": [{"role": "user", "content": "p"}]},
            [("prompt", "p")],
            [],
        ),
    ],
)
def test_each_makers_body_is_read(closed, body, asked, brought):
    _, seen = ask(closed, lambda c: c.invoke_model(modelId="m", body=json.dumps(body)), json_answer({}))
    reading = dialect.read_request(seen.head(), seen.json())
    assert texts(reading, body) == asked
    assert [what for what, *_ in files(reading, body)] == brought
    assert (reading.model, reading.streams) == ("m", False)


@pytest.mark.parametrize(
    ("body", "answered", "usage"),
    [
        ({"inputTextTokenCount": 5, "results": [{"tokenCount": 2, "outputText": "a"}]}, ["a"], Usage(5, 2)),
        ({"generation": "a", "prompt_token_count": 5, "generation_token_count": 2}, ["a"], Usage(5, 2)),
        ({"outputs": [{"text": "a", "stop_reason": "stop"}, {"text": "b"}]}, ["a", "b"], None),
        (
            {
                "choices": [{"message": {"role": "assistant", "content": "a"}}],
                "usage": {"prompt_tokens": 5, "completion_tokens": 2},
            },
            ["a"],
            Usage(5, 2),
        ),
        ({"choices": [{"text": "a", "stop_reason": "stop"}]}, ["a"], None),
        ({"completions": [{"data": {"text": "a"}}]}, ["a"], None),
        ({"text": "a", "generation_id": "g"}, ["a"], None),
        ({"generations": [{"text": "a"}]}, ["a"], None),
        (
            {
                "type": "message",
                "content": [{"type": "text", "text": "a"}],
                "usage": {"input_tokens": 5, "output_tokens": 2},
            },
            ["a"],
            Usage(5, 2),
        ),
        ({"completion": "a", "stop_reason": "stop"}, ["a"], None),
        ({"message": "a", "finishReason": "stop"}, ["a"], None),
        (
            {
                "output": {"message": {"role": "assistant", "content": [{"text": "a"}]}},
                "usage": {"inputTokens": 5, "outputTokens": 2},
            },
            ["a"],
            Usage(5, 2),
        ),
        ({"embedding": [0.1], "inputTextTokenCount": 5}, [], Usage(5, None)),
    ],
)
def test_each_makers_answer_is_read(body, answered, usage):
    reading = dialect.read_answer(post("/model/m/invoke"), body)
    assert [text for _, text in texts(reading, body)] == answered
    assert reading.usage == usage


def test_pictures_in_an_answer_are_files():
    body = {"images": ["AA=="], "artifacts": [{"base64": "AQ=="}, {"base64": 1}]}
    assert [what for what, *_ in files(dialect.read_answer(post("/model/m/invoke"), body), body)] == [
        "AA==",
        "AQ==",
    ]


def test_the_head_of_an_answer_counts_tokens():
    headers = {"x-amzn-bedrock-input-token-count": "5", "x-amzn-bedrock-output-token-count": "x"}
    assert dialect.usage_in_headers(headers) == Usage(5, None)
    assert dialect.usage_in_headers({}) is None
