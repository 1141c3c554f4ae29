"""Amazon Bedrock: signatures, Converse, strings of base64, any value; by boto3 against a stand-in."""

from __future__ import annotations

import base64
import io
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]  # ships no types
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import bedrock as dialect
from sensor.dialects.bedrock import close_bytes, open_bytes
from sensor.dialects.picking import MAX_PARTS
from sensor.dialects.reading import Framing, RequestHead, Usage
from tests.dialects.bedrock_asking import (
    CONVERSE_HEAD,
    DATA,
    ENCODED,
    INVOKE_HEAD,
    PROFILE,
    SESSION,
    ask,
    client,
    stream_answer,
    texts,
)
from tests.dialects.standin import json_answer, serve
from tests.dialects.stream_checks import (
    Played,
    any_json,
    calls,
    check_any,
    check_carrying,
    check_every_cut,
    closed,
    eventstream,
    files,
    post,
    told,
    written,
)

__all__ = ["closed"]

# ----------------------------------------------------------------------------------- Converse

S3: Any = {"s3Location": {"uri": "s3://bucket/film"}}
BLOCKS: Any = [
    {"text": "Who is this?"},
    {"image": {"format": "png", "source": {"bytes": DATA}}},
    {
        "document": {
            "format": "pdf",
            "name": "contract",
            "source": {"bytes": DATA},
            "context": "about the contract",
        }
    },
    {"document": {"format": "txt", "name": "note", "source": {"text": "a note"}}},
    {"document": {"name": "pieces", "source": {"content": [{"text": "one"}, {"text": "two"}]}}},
    {"video": {"format": "mkv", "source": S3}},
    {"audio": {"format": "mp3", "source": {"bytes": DATA}}},
    {"guardContent": {"text": {"text": "guarded", "qualifiers": ["query"]}}},
    {"guardContent": {"image": {"format": "png", "source": {"bytes": DATA}}}},
    {
        "searchResult": {
            "source": "https://a.example.test",
            "title": "Found",
            "content": [{"text": "a result"}],
            "citations": {"enabled": True},
        }
    },
    {"cachePoint": {"type": "default"}},
]
ASSISTANT: Any = [
    {"reasoningContent": {"reasoningText": {"text": "thought", "signature": "c2ln"}}},
    {"reasoningContent": {"reasoningText": {"text": "unsigned"}}},
    {"reasoningContent": {"redactedContent": b"sealed"}},
    {"text": "I look it up"},
    {"toolUse": {"toolUseId": "t1", "name": "find", "input": {"name": "Ada"}}},
    {
        "citationsContent": {
            "content": [{"text": "cited"}],
            "citations": [{"title": "T", "source": "S", "sourceContent": [{"text": "passage"}]}],
        }
    },
]
RESULTS: Any = [
    {
        "toolResult": {
            "toolUseId": "t1",
            "content": [
                {"text": "Ada Example"},
                {"json": {"name": "Ada E.", "tags": ["x"]}},
                {"image": {"format": "jpeg", "source": {"bytes": DATA}}},
                {"document": {"format": "csv", "name": "rows", "source": {"text": "a,b"}}},
                {
                    "searchResult": {
                        "source": "u",
                        "title": "t",
                        "content": [{"text": "c"}],
                        "citations": {"enabled": True},
                    }
                },
            ],
        }
    },
    {"toolAddition": {"tool": {"type": "toolReference", "name": "late", "serverName": "s"}}},
]
TOOLS: Any = {
    "tools": [
        {"toolSpec": {"name": "find", "description": "finds", "inputSchema": {"json": {"type": "object"}}}},
        {"systemTool": {"name": "nova_grounding"}},
        {"cachePoint": {"type": "default"}},
    ]
}
CONVERSE: Any = {
    "modelId": PROFILE,
    "system": [{"text": "Be brief."}, {"guardContent": {"text": {"text": "guarded system"}}}],
    "messages": [
        {"role": "user", "content": BLOCKS},
        {"role": "assistant", "content": ASSISTANT},
        {"role": "user", "content": RESULTS},
    ],
    "toolConfig": TOOLS,
    "promptVariables": {"who": {"text": "Ada"}},
}
ANSWER: Any = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"text": "It is Ada"},
                {"toolUse": {"toolUseId": "t", "name": "mail", "input": {"to": "ada@example.test"}}},
                {"image": {"format": "png", "error": {"message": "no picture"}}},
            ],
        }
    },
    "stopReason": "end_turn",
    "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10},
    "metrics": {"latencyMs": 1},
    "trace": {"guardrail": {"modelOutput": ["as the model said"]}, "promptRouter": {"invokedModelId": "m2"}},
}


def test_converse_tells_every_kind_of_block(closed):
    made, seen = ask(closed, lambda c: c.converse(**CONVERSE), json_answer(ANSWER))
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert told(reading, body) == [
        ("prompt", "system", None, "Be brief."),
        ("prompt", "system", None, "guarded system"),
        ("prompt", "user", 0, "Who is this?"),
        ("upload", "user", 0, "about the contract"),
        ("upload", "user", 0, "a note"),
        ("upload", "user", 0, "one"),
        ("upload", "user", 0, "two"),
        ("prompt", "user", 0, "guarded"),
        ("upload", "user", 0, "Found"),
        ("upload", "user", 0, "https://a.example.test"),
        ("upload", "user", 0, "a result"),
        ("answer", "assistant", 1, "thought"),
        ("answer", "assistant", 1, "unsigned"),
        ("answer", "assistant", 1, "I look it up"),
        ("tool_call", "assistant", 1, "Ada"),
        ("answer", "assistant", 1, "cited"),
        ("answer", "assistant", 1, "T"),
        ("answer", "assistant", 1, "S"),
        ("answer", "assistant", 1, "passage"),
        ("tool_result", "tool", 2, "Ada Example"),
        ("tool_result", "tool", 2, "Ada E."),
        ("tool_result", "tool", 2, "x"),
        ("tool_result", "tool", 2, "a,b"),
        ("tool_result", "tool", 2, "t"),
        ("tool_result", "tool", 2, "u"),
        ("tool_result", "tool", 2, "c"),
        ("prompt", "user", None, "Ada"),
    ]
    assert files(reading, body) == [
        (ENCODED, None, "image/png", None, "base64"),
        (ENCODED, "contract", "application/pdf", None, "base64"),
        ("a note", "note", "text/plain", None, "text"),
        ("one", "pieces", None, None, "text"),
        ("two", "pieces", None, None, "text"),
        ("s3://bucket/film", None, "video/x-matroska", "s3://bucket/film", None),
        (ENCODED, None, "audio/mpeg", None, "base64"),
        (ENCODED, None, "image/png", None, "base64"),
        (ENCODED, None, "image/jpeg", None, "base64"),
        ("a,b", "rows", "text/csv", None, "text"),
    ]
    assert calls(reading, body) == [("find", {"name": "Ada"}, "t1")]
    assert reading.tools == ("late", "find", "nova_grounding")
    assert reading.tools_path == ("toolConfig", "tools")
    assert [path[-2:] for path in reading.fixed] == [
        ("reasoningText", "text"),
        ("reasoningContent", "redactedContent"),
    ]
    assert made["output"]["message"]["content"][0]["text"] == "It is Ada"


def test_the_path_names_model_account_and_region(closed):
    _, seen = ask(closed, lambda c: c.converse(**CONVERSE), json_answer(ANSWER))
    reading = dialect.read_request(seen.head(), seen.json())
    assert (reading.model, reading.account, reading.streams) == (PROFILE, "123456789012", False)
    assert dialect.region_in(seen.head()) == "eu-central-1"


@pytest.mark.parametrize(
    ("head", "region"),
    [
        (post("/model/m/converse", host="bedrock-runtime.us-west-2.amazonaws.com"), "us-west-2"),
        (post("/model/m/converse", host="bedrock-runtime-fips.us-east-1.amazonaws.com"), "us-east-1"),
        (post("/agents/s", host="bedrock-agent-runtime.eu-west-1.amazonaws.com:443"), "eu-west-1"),
        (post("/model/m/converse", host="vpce-1.bedrock-runtime.eu-west-3.vpce.amazonaws.com"), "eu-west-3"),
        (post(f"/model/{PROFILE}/converse"), "eu-central-1"),
        (post("/model/arn:aws:bedrock:::foundation-model/m/converse"), None),
        (post("/model/m/converse"), None),
    ],
)
def test_the_region_is_read_from_host_or_arn(head, region):
    assert dialect.region_in(head) == region


def test_a_request_without_account_may_name_a_project():
    head = post("/model/m/converse", x_amzn_bedrock_projectidentifier="p1")
    assert dialect.read_request(head, {}).account == "p1"
    assert dialect.read_request(post("/model/m/converse"), {"projectIdentifier": "p2"}).account == "p2"
    assert dialect.read_request(post("/model/m/converse"), {}).account is None


class Kept(io.BytesIO):
    """An answer that was never sent."""

    def stream(self, *_: Any, **__: Any) -> Any:
        return iter([self.read()])


@pytest.mark.parametrize(
    ("token", "signed", "beginning"), [(None, True, "AWS4-HMAC-SHA256 "), ("key", False, "Bearer key")]
)
def test_signature_version_4_covers_the_body_and_an_api_key_does_not(monkeypatch, token, signed, beginning):
    """boto3 sends an API key over TLS only: so the request is taken where it would go out."""
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)
    if token is not None:
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", token)
    secret = {} if token else {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
    sdk = SESSION.client("bedrock-runtime", "eu-central-1", **secret)
    sent: list[Any] = []

    def keep(request: Any, **_: Any) -> AWSResponse:
        sent.append(request)
        return AWSResponse(request.url, 200, {}, Kept(json.dumps(ANSWER).encode()))

    sdk.meta.events.register("before-send.bedrock-runtime", keep)
    sdk.converse(**CONVERSE)
    sdk.close()
    (request,) = sent
    url = urlsplit(request.url)
    headers = {
        name.lower(): value if isinstance(value, str) else value.decode()
        for name, value in request.headers.items()
    }
    head = RequestHead(method="POST", host=url.hostname, path=url.path, headers=headers)
    assert headers["authorization"].startswith(beginning)
    reading = dialect.read_request(head, json.loads(request.body))
    assert (reading.signed, reading.model, reading.account) == (signed, PROFILE, "123456789012")
    assert dialect.region_in(head) == "eu-central-1"


@pytest.mark.parametrize(
    ("head", "signed"),
    [
        (post("/model/m/invoke", authorization="AWS4-ECDSA-P256-SHA256 Credential=x"), True),
        (post("/model/m/invoke?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"), True),
        (
            post(
                "/model/m/invoke",
                authorization="AWS4-HMAC-SHA256 Credential=x",
                x_amz_content_sha256="UNSIGNED-PAYLOAD",
            ),
            False,
        ),
        (post("/model/m/invoke"), False),
    ],
)
def test_other_ways_to_sign(head, signed):
    assert dialect.is_signed(head) is signed


def test_what_has_another_shape_is_left_out():
    document = {"document": {"format": 1, "source": {"content": [{"text": 1}], "bytes": 1}, "name": []}}
    body = {"messages": [{"role": "user", "content": [document, {"toolUse": "x"}, {"image": []}]}]}
    reading = dialect.read_request(post("/model/m/converse"), body)
    assert (reading.parts, reading.files, reading.calls) == ((), (), ())


def test_a_whole_converse_answer_is_read():
    reading = dialect.read_answer(post("/model/m/converse"), ANSWER)
    assert texts(reading, ANSWER) == [
        ("answer", "It is Ada"),
        ("tool_call", "ada@example.test"),
        ("answer", "no picture"),
        ("answer", "as the model said"),
    ]
    assert (reading.usage, reading.model) == (Usage(7, 3), "m2")
    assert calls(reading, ANSWER) == [("mail", {"to": "ada@example.test"}, "t")]


def delta(index: int, **what: Any) -> tuple[str, dict[str, Any]]:
    return "contentBlockDelta", {"contentBlockIndex": index, "delta": what, "p": "abc"}


def stop(index: int) -> tuple[str, dict[str, Any]]:
    return "contentBlockStop", {"contentBlockIndex": index, "p": "ab"}


TOOL_START: Any = {"start": {"toolUse": {"toolUseId": "t", "name": "mail"}}, "contentBlockIndex": 2}
CITATION: Any = {"title": "T", "source": "S", "sourceContent": [{"text": "passage"}]}
CONVERSE_STREAM: Any = [
    ("messageStart", {"role": "assistant", "p": "a"}),
    delta(0, reasoningContent={"text": "tho"}),
    delta(0, reasoningContent={"text": "ught"}),
    delta(0, reasoningContent={"signature": "c2ln"}),
    stop(0),
    delta(1, text="It is "),
    delta(1, text="Adä\n"),
    delta(1, citation=CITATION),
    stop(1),
    ("contentBlockStart", TOOL_START),
    delta(2, toolUse={"input": '{"to": "a'}),
    delta(2, toolUse={"input": 'da \\"x\\""}'}),
    stop(2),
    ("contentBlockStart", {"start": {"toolResult": {"toolUseId": "t"}}, "contentBlockIndex": 3}),
    delta(3, toolResult=[{"text": "sent"}, {"json": {"id": "m1"}}]),
    stop(3),
    delta(4, image={"error": {"message": "no picture"}}),
    ("messageStop", {"stopReason": "end_turn", "p": "abcd"}),
    (
        "metadata",
        {
            "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10},
            "metrics": {"latencyMs": 1},
            "trace": {"promptRouter": {"invokedModelId": "m2"}},
        },
    ),
]


def test_converse_streams_text_reasoning_calls_and_results(closed):
    with serve(lambda *_: stream_answer(CONVERSE_STREAM)) as (url, requests):
        answer = closed(client(url)).converse_stream(**CONVERSE)
        made = list(closed(answer["stream"]))
        seen = requests[0]
    assert dialect.read_request(seen.head(), seen.json()).streams is True
    stream = dialect.stream(seen.head())
    assert stream.framing is Framing.EVENTSTREAM
    played = Played(stream, CONVERSE_STREAM)
    assert played.lanes == {
        ("block", 0, "reasoning"): "thought",
        ("block", 1, "text"): "It is Adä\n",
        ("block", 2, "toolUse"): '{"to": "ada \\"x\\""}',
        ("block", 3, "toolResult 0"): "sent",
    }
    assert played.kinds["block", 0, "reasoning"] == ("answer", False, True)
    assert played.kinds["block", 2, "toolUse"] == ("tool_call", True, False)
    assert [(direction, text) for _, direction, text in played.whole] == [
        ("answer", "T"),
        ("answer", "S"),
        ("answer", "passage"),
        ("tool_result", "m1"),
        ("answer", "no picture"),
    ]
    assert played.calls == ["mail"] and played.usage == [(7, 3)]
    assert played.frames[-1].model == "m2" and played.frames[-2].ends_all
    ended = [end for ends in played.ends for end in ends if end[0] == "block"]
    assert ended == list(played.lanes)
    assert [next(iter(event)) for event in made] == [name for name, _ in CONVERSE_STREAM]


def test_a_lane_of_converse_is_carried_on_by_an_event_boto3_reads(closed):
    stream = dialect.stream(CONVERSE_HEAD)
    stream.read(*CONVERSE_STREAM[5])
    made = stream.flush(("block", 1, "text"), "held")
    assert made == ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "held"}})
    with serve(lambda *_: stream_answer([made])) as (url, _):
        (event,) = closed(closed(client(url)).converse_stream(**CONVERSE)["stream"])
    assert event["contentBlockDelta"]["delta"]["text"] == "held"


def test_an_exception_frame_is_an_error_and_ends_all():
    for name in ("validationException", "modelStreamErrorException", "error"):
        frame = dialect.stream(CONVERSE_HEAD).read(name, {"message": "no"})
        assert frame.is_error and frame.ends_all


@pytest.mark.slow
def test_a_stream_cut_at_every_byte_has_the_same_lanes():
    check_every_cut(lambda: dialect.stream(CONVERSE_HEAD), CONVERSE_STREAM)
    check_carrying(lambda: dialect.stream(CONVERSE_HEAD), CONVERSE_STREAM)


# --------------------------------------------------------------------------- strings of base64


@pytest.mark.parametrize(
    "value", [{"a": "“x”\n"}, [1, "x"], "a text", "half \udcc3 a letter", {"a": "\ud83d"}]
)
def test_what_is_inside_base64_goes_back_as_it_was(value):
    assert open_bytes(close_bytes(value)) == value


def test_bytes_of_half_a_letter_go_back_as_they_were():
    halves = "Adä".encode()[:3], "Adä".encode()[3:]
    for half in halves:
        encoded = base64.b64encode(half).decode()
        assert close_bytes(open_bytes(encoded)) == encoded


def test_what_is_no_base64_has_no_inside():
    assert [open_bytes(value) for value in ("{}", "a b", "=", "", 7, None, "ä")] == [None] * 7
    assert open_bytes("AAA" + "\n") is None


def test_half_a_pair_put_into_a_text_is_replaced():
    assert open_bytes(close_bytes("x\ud83d")) == "x?"


def test_whole_texts_of_a_frame_are_bounded():
    frame = dialect.stream(CONVERSE_HEAD).read(*delta(0, toolResult=[{"json": ["x"] * (MAX_PARTS + 5)}]))
    assert len(frame.texts) == MAX_PARTS


def test_lanes_of_other_forms_are_not_carried_on():
    stream = dialect.stream(INVOKE_HEAD)
    for lane in (("native",), ("native", 1), ("native", ("flat", 1)), ("native", ("x", 1)), ("agent",), 7):
        assert stream.flush(lane, "x") is None


def test_the_stand_in_writes_what_the_readers_read():
    assert written(Framing.EVENTSTREAM, [("chunk", {})]) == eventstream("chunk", {})


KEYS = """system messages role content text image document video audio source bytes s3Location uri format name
context citations toolUse toolResult input json toolUseId guardContent reasoningContent reasoningText
signature redactedContent citationsContent searchResult title sourceContent toolAddition tool toolConfig
tools toolSpec promptVariables output message usage inputTokens trace contentBlockIndex delta start
toolUse citation error contentBlockDelta contentBlockStop messageStop metadata prompt inputText
outputText generation completion outputs results choices completions data type event_type is_finished
index anthropic_version texts query images text_prompts mediaSource inPaintingParams modelInput converse
invokeModel body inputs sessionState files conversationHistory attribution invocationInputs
functionInvocationInput parameters optimizedPrompt textPrompt document retrievedReferences row
columnValue outputs queries sources citations"""
ANY = any_json(
    KEYS,
    """assistant user OUTPUT pdf png mkv message content_block_delta text_delta text-generation stream-end
    eyJvdXRwdXRUZXh0IjoieCJ9 eyJ0eXBlIjoiY29tcGxldGlvbiIsImNvbXBsZXRpb24iOiJ4In0= W10= eA== {"a":"b"}""",
)
EVENTS = st.sampled_from(
    """chunk contentBlockDelta contentBlockStart contentBlockStop messageStop metadata validationException
    trace returnControl files citation output flowOutputEvent flowCompletionEvent
    optimizedPromptEvent""".split()
)
PATHS = """/model/m/converse /model/m/converse-stream /model/m/invoke /model/m/invoke-with-response-stream
/model/m/count-tokens /async-invoke /guardrail/g/version/1/apply /guardrail-checks/invoke /agents/s
/agents/a/agentAliases/b/sessions/s/text /flows/f/aliases/a /retrieveAndGenerateStream /"""


@pytest.mark.slow
@given(
    path=st.sampled_from(PATHS.split()),
    value=ANY,
    frames=st.lists(st.tuples(st.none() | EVENTS, ANY), max_size=5),
)
def test_any_value_gives_a_reading_and_every_place_holds_a_string(path, value, frames):
    check_any(dialect, post(path), value, frames)
