"""Cohere's API in both versions, by the vendor's SDK against a stand-in."""

from __future__ import annotations

import json
from typing import Any

import cohere
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import cohere as dialect
from sensor.dialects.lanebook import MAX_LANES, REST
from sensor.dialects.reading import Framing, Usage
from tests.dialects.standin import Seen, always, json_answer, ndjson_answer, serve, sse_answer
from tests.dialects.stream_checks import (
    Played,
    any_json,
    calls,
    check_any,
    check_carrying,
    check_every_cut,
    closed,
    files,
    post,
    told,
)

__all__ = ["closed"]

PICTURE = "data:image/png;base64,iVBORw0KGgo="


def ask(closed: Any, call: Any, answer: Any, client: Any = cohere.ClientV2) -> tuple[Any, Seen]:
    """What the SDK made of an answer, and what it sent."""
    with serve(always(answer)) as (url, seen):
        made = call(closed(client(api_key="k", base_url=url)))
        made = list(made) if hasattr(made, "__next__") else made
    return made, seen[0]


def texts(reading: Any, body: Any) -> list[tuple[str, str]]:
    return [(direction, text) for direction, _, _, text in told(reading, body)]


# --------------------------------------------------------------------------- version 2, whole

TOOL: Any = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}
CALL: Any = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"name": "Ada"}'}}
MESSAGES: Any = [
    {"role": "system", "content": "Be brief."},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "Who is this?"},
            {"type": "image_url", "image_url": {"url": PICTURE}},
            {"type": "image_url", "image_url": {"url": "https://pictures.example.test/1"}},
        ],
    },
    {"role": "assistant", "tool_plan": "I look it up", "tool_calls": [CALL]},
    {
        "role": "tool",
        "tool_call_id": "c1",
        "content": [{"type": "document", "document": {"data": {"text": "Ada Example"}, "id": "d1"}}],
    },
    {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Ada"}],
    },
    {"role": "user", "content": "And now?"},
]
V2_ANSWER: Any = {
    "id": "a",
    "finish_reason": "COMPLETE",
    "message": {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "It is Ada"}],
        "tool_plan": "plan",
        "tool_calls": [CALL],
        "citations": [
            {
                "text": "Ada",
                "sources": [
                    {"type": "document", "id": "d1", "document": {"id": "d1", "text": "Ada Example"}},
                    {"type": "tool", "id": "t1", "tool_output": {"name": "Ada E."}},
                ],
            }
        ],
    },
    "usage": {"billed_units": {"input_tokens": 1.0, "output_tokens": 1.0}, "tokens": {"input_tokens": 7.0}},
}


def test_a_chat_of_version_2_is_read(closed):
    made, seen = ask(
        closed,
        lambda c: c.chat(
            model="command-a",
            messages=MESSAGES,
            tools=[TOOL],
            documents=["a text", {"data": {"title": "T", "snippet": "S"}, "id": "doc"}],
        ),
        json_answer(V2_ANSWER),
    )
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert told(reading, body) == [
        ("prompt", "system", 0, "Be brief."),
        ("prompt", "user", 1, "Who is this?"),
        ("answer", "assistant", 2, "I look it up"),
        ("tool_call", "assistant", 2, '{"name": "Ada"}'),
        ("tool_result", "tool", 3, "Ada Example"),
        ("answer", "assistant", 4, "hm"),
        ("answer", "assistant", 4, "Ada"),
        ("prompt", "user", 5, "And now?"),
        ("upload", None, None, "a text"),
        ("upload", None, None, "T"),
        ("upload", None, None, "S"),
    ]
    assert files(reading, body) == [
        (PICTURE, None, None, None, "data_url"),
        ("https://pictures.example.test/1", None, None, "https://pictures.example.test/1", None),
    ]
    assert calls(reading, body) == [("find", '{"name": "Ada"}', "c1")]
    assert (reading.model, reading.tools, reading.tools_path) == ("command-a", ("find",), ("tools",))
    assert reading.streams is False
    assert made.message.content[1].text == "It is Ada"


def test_a_whole_answer_of_version_2_is_read():
    reading = dialect.read_answer(post("/v2/chat"), V2_ANSWER)
    assert texts(reading, V2_ANSWER) == [
        ("answer", "hm"),
        ("answer", "It is Ada"),
        ("answer", "plan"),
        ("tool_call", '{"name": "Ada"}'),
        ("answer", "Ada"),
        ("answer", "d1"),
        ("answer", "Ada Example"),
        ("tool_result", "Ada E."),
    ]
    assert reading.usage == Usage(7, None)


# --------------------------------------------------------------------------- version 1, whole

HISTORY: Any = [
    {"role": "SYSTEM", "message": "Be brief."},
    {"role": "USER", "message": "Who?"},
    {"role": "CHATBOT", "message": "Ada", "tool_calls": [{"name": "find", "parameters": {"q": "who"}}]},
    {
        "role": "TOOL",
        "tool_results": [{"call": {"name": "find", "parameters": {"q": "w"}}, "outputs": [{"n": "A"}]}],
    },
]
V1_ANSWER: Any = {
    "text": "It is Ada",
    "generation_id": "g",
    "citations": [{"start": 0, "end": 2, "text": "It", "document_ids": ["d"]}],
    "documents": [{"id": "d", "snippet": "Ada Example"}],
    "search_queries": [{"text": "who is ada", "generation_id": "g"}],
    "tool_calls": [{"name": "find", "parameters": {"q": "ada"}}],
    "chat_history": HISTORY[1:2],
    "prompt": "the whole prompt",
    "meta": {"billed_units": {"input_tokens": 3, "output_tokens": 4}},
}


def test_a_chat_of_version_1_is_read(closed):
    made, seen = ask(
        closed,
        lambda c: c.chat(
            model="command-r",
            message="And now?",
            preamble="You are Ada.",
            chat_history=HISTORY,
            conversation_id="talk",
            documents=[{"id": "d", "title": "T"}],
            tools=[{"name": "find", "description": "finds", "parameter_definitions": {}}],
            tool_results=[{"call": {"name": "find", "parameters": {"q": "1"}}, "outputs": [{"n": "2"}]}],
        ),
        json_answer(V1_ANSWER),
        cohere.Client,
    )
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert told(reading, body) == [
        ("prompt", "system", None, "You are Ada."),
        ("prompt", "system", 0, "Be brief."),
        ("prompt", "user", 1, "Who?"),
        ("answer", "assistant", 2, "Ada"),
        ("tool_call", "assistant", 2, "who"),
        ("tool_call", "assistant", 3, "w"),
        ("tool_result", "tool", 3, "A"),
        ("prompt", "user", 4, "And now?"),
        ("tool_call", "assistant", None, "1"),
        ("tool_result", "tool", None, "2"),
        ("upload", None, None, "T"),
    ]
    assert (reading.conversation, reading.tools, reading.model) == ("talk", ("find",), "command-r")
    assert calls(reading, body) == [("find", {"q": "who"}, None)]
    assert made.text == "It is Ada"


def test_a_whole_answer_of_version_1_is_read():
    reading = dialect.read_answer(post("/v1/chat"), V1_ANSWER)
    assert texts(reading, V1_ANSWER) == [
        ("answer", "It is Ada"),
        ("prompt", "the whole prompt"),
        ("tool_call", "ada"),
        ("answer", "It"),
        ("answer", "who is ada"),
        ("answer", "d"),
        ("answer", "Ada Example"),
        ("prompt", "Who?"),
    ]
    assert reading.usage == Usage(3, 4)


# -------------------------------------------------------------------------- other operations

V1 = cohere.Client


@pytest.mark.parametrize(
    ("client", "call", "answer", "asked", "answered"),
    [
        (
            cohere.ClientV2,
            lambda c: c.rerank(model="r", query="q", documents=["one", "two"]),
            {"id": "1", "results": [{"index": 0, "relevance_score": 0.5}]},
            [("prompt", "q"), ("upload", "one"), ("upload", "two")],
            [],
        ),
        (
            V1,
            lambda c: c.rerank(query="q", documents=[{"text": "one"}], return_documents=True),
            {"results": [{"document": {"text": "one"}, "index": 0, "relevance_score": 0.5}]},
            [("prompt", "q"), ("upload", "one")],
            [("answer", "one")],
        ),
        (
            cohere.ClientV2,
            lambda c: c.embed(
                model="e",
                input_type="search_document",
                embedding_types=["float"],
                texts=["one"],
                inputs=[{"content": [{"type": "text", "text": "two"}]}],
            ),
            {"id": "1", "embeddings": {"float": [[0.1]]}, "texts": ["one"]},
            [("prompt", "one"), ("prompt", "two")],
            [],
        ),
        (
            V1,
            lambda c: c.classify(
                inputs=["one"], examples=[{"text": "e1", "label": "x"}, {"text": "e2", "label": "y"}]
            ),
            {
                "id": "1",
                "classifications": [
                    {
                        "id": "1",
                        "input": "one",
                        "predictions": ["x"],
                        "confidences": [0.9],
                        "labels": {},
                        "classification_type": "single-label",
                    }
                ],
            },
            [("prompt", "one"), ("prompt", "e1"), ("prompt", "e2")],
            [("prompt", "one")],
        ),
        (
            V1,
            lambda c: c.summarize(text="long", additional_command="in verse"),
            {"id": "1", "summary": "short"},
            [("prompt", "long"), ("prompt", "in verse")],
            [("answer", "short")],
        ),
        (
            V1,
            lambda c: c.generate(prompt="write"),
            {"id": "1", "generations": [{"id": "1", "text": "done"}], "prompt": "write"},
            [("prompt", "write")],
            [("prompt", "write"), ("answer", "done")],
        ),
    ],
)
def test_the_other_operations_are_read(closed, client, call, answer, asked, answered):
    _, seen = ask(closed, call, json_answer(answer), client)
    body = seen.json()
    assert texts(dialect.read_request(seen.head(), body), body) == asked
    assert texts(dialect.read_answer(seen.head(), answer), answer) == answered


def test_pictures_to_embed_are_files(closed):
    _, seen = ask(
        closed,
        lambda c: c.embed(model="e", input_type="image", embedding_types=["float"], images=[PICTURE]),
        json_answer({"id": "1", "embeddings": {"float": [[0.1]]}}),
    )
    reading = dialect.read_request(seen.head(), seen.json())
    assert files(reading, seen.json()) == [(PICTURE, None, None, None, "data_url")]
    assert reading.streams is None


# --------------------------------------------------------------------------------- streams


def v2(kind: str, index: int | None = None, **message: Any) -> tuple[str, dict[str, Any]]:
    value: dict[str, Any] = {"type": kind}
    if index is not None:
        value["index"] = index
    if message:
        value["delta"] = {"message": message}
    return kind, value


SOURCE = {"type": "document", "id": "d1", "document": {"id": "d1", "text": "Ada Example"}}
V2_STREAM: Any = [
    ("message-start", {"type": "message-start", "id": "1", "delta": {"message": {"role": "assistant"}}}),
    v2("tool-plan-delta", tool_plan="I look "),
    v2("tool-plan-delta", tool_plan="it up"),
    v2("tool-call-start", 0, tool_calls={**CALL, "function": {"name": "find", "arguments": ""}}),
    v2("tool-call-delta", 0, tool_calls={"function": {"arguments": '{"name": "A'}}),
    v2("tool-call-delta", 0, tool_calls={"function": {"arguments": 'da \\"x\\""}'}}),
    v2("tool-call-end", 0),
    v2("content-start", 0, content={"type": "thinking", "thinking": ""}),
    v2("content-delta", 0, content={"thinking": "hm"}),
    v2("content-end", 0),
    v2("content-start", 1, content={"type": "text", "text": ""}),
    v2("content-delta", 1, content={"text": "It is "}),
    v2("content-delta", 1, content={"text": "Adä\n"}),
    v2("citation-start", 0, citations={"start": 0, "end": 2, "text": "It", "sources": [SOURCE]}),
    v2("citation-end", 0),
    v2("content-end", 1),
    ("debug", {"type": "debug", "prompt": "the whole prompt"}),
    (
        "message-end",
        {
            "type": "message-end",
            "delta": {
                "finish_reason": "COMPLETE",
                "usage": {"tokens": {"input_tokens": 5, "output_tokens": 6}},
            },
        },
    ),
]


def test_version_2_streams_plan_calls_thinking_and_content(closed):
    made, seen = ask(closed, lambda c: c.chat_stream(model="m", messages=MESSAGES), sse_answer(V2_STREAM))
    assert dialect.read_request(seen.head(), seen.json()).streams is True
    stream = dialect.stream(seen.head())
    assert stream.framing is Framing.SSE
    played = Played(stream, V2_STREAM)
    assert played.lanes == {
        ("plan",): "I look it up",
        ("call", 0): '{"name": "Ada \\"x\\""}',
        ("content", 0, "thinking"): "hm",
        ("content", 1, "text"): "It is Adä\n",
    }
    assert json.loads(played.lanes["call", 0]) == {"name": 'Ada "x"'}
    assert played.kinds["call", 0] == ("tool_call", True, False)
    assert [(direction, text) for _, direction, text in played.whole] == [
        ("answer", "It"),
        ("answer", "d1"),
        ("answer", "Ada Example"),
        ("prompt", "the whole prompt"),
    ]
    assert played.calls == ["find"] and played.usage == [(5, 6)]
    ended = [end for ends in played.ends for end in ends if end[0] != "whole"]
    assert ended == [("plan",), ("call", 0), ("content", 0, "thinking"), ("content", 1, "text"), "all"]
    assert [event.type for event in made] == [value["type"] for _, value in V2_STREAM]


def test_version_2_tells_an_error_at_its_end():
    frame = dialect.stream(post("/v2/chat")).read(
        "message-end", {"type": "message-end", "delta": {"error": "no"}}
    )
    assert frame.is_error and frame.ends_all


def test_a_lane_of_version_2_is_carried_on_by_an_event_the_sdk_reads(closed):
    stream = dialect.stream(post("/v2/chat"))
    stream.read(*V2_STREAM[11])
    made = stream.flush(("content", 1, "text"), "held")
    assert made == ("content-delta", v2("content-delta", 1, content={"text": "held"})[1])
    read, _ = ask(closed, lambda c: c.chat_stream(model="m", messages=MESSAGES), sse_answer([made]))
    assert read[0].delta.message.content.text == "held"
    check_carrying(lambda: dialect.stream(post("/v2/chat")), V2_STREAM)


def v1(event_type: str, **more: Any) -> tuple[None, dict[str, Any]]:
    return None, {"is_finished": event_type.startswith("stream-e"), "event_type": event_type, **more}


V1_STREAM: Any = [
    v1("stream-start", generation_id="g"),
    v1("search-queries-generation", search_queries=[{"text": "who is ada", "generation_id": "g"}]),
    v1("search-results", documents=[{"id": "d", "snippet": "Ada Example"}]),
    v1("tool-calls-chunk", tool_call_delta={"name": "find", "index": 0}),
    v1("tool-calls-chunk", tool_call_delta={"index": 0, "parameters": '{"q": '}),
    v1("tool-calls-chunk", tool_call_delta={"index": 0, "parameters": '"ada"}'}),
    v1("tool-calls-chunk", tool_call_delta={"text": "I look "}),
    v1("tool-calls-chunk", text="up", tool_call_delta={}),
    v1("tool-calls-generation", text="up", tool_calls=[{"name": "find", "parameters": {"q": "ada"}}]),
    v1("text-generation", text=" It is "),
    v1("text-generation", text="Ada"),
    v1("citation-generation", citations=[{"start": 0, "end": 2, "text": "It", "document_ids": ["d"]}]),
    v1("stream-end", finish_reason="COMPLETE", response={**V1_ANSWER, "text": "up It is Ada"}),
]


def test_version_1_streams_pieces_and_repeats_them_at_the_end(closed):
    made, seen = ask(
        closed, lambda c: c.chat_stream(message="hi"), ndjson_answer(v for _, v in V1_STREAM), cohere.Client
    )
    stream = dialect.stream(seen.head())
    assert stream.framing is Framing.NDJSON
    played = Played(stream, V1_STREAM)
    assert played.lanes == {("text", None): "up It is Ada", ("call", 0): '{"q": "ada"}', ("plan",): "I look "}
    assert played.kinds["call", 0] == ("tool_call", True, False)
    again = {lane: text for lane, _, text in played.whole if lane[0] != "whole"}
    assert again == {("text", None): "up It is Ada"}
    apart = [(direction, text) for lane, direction, text in played.whole if lane[0] == "whole"]
    assert apart[:6] == [
        ("answer", "who is ada"),
        ("answer", "d"),
        ("answer", "Ada Example"),
        ("answer", "up"),
        ("tool_call", "ada"),
        ("answer", "It"),
    ]
    assert played.calls == ["find", "find"] and played.usage == [(3, 4)]
    assert played.frames[-1].ends_all and not any(frame.ends_all for frame in played.frames[:-1])
    assert made[-1].response.text == "up It is Ada"


def generated(**more: Any) -> tuple[None, dict[str, Any]]:
    return None, {"event_type": "text-generation", "is_finished": False, **more}


GENERATE_STREAM: Any = [
    generated(index=0, text="Once"),
    generated(index=1, text="Long"),
    generated(index=0, text=" upon"),
    v1(
        "stream-end",
        finish_reason="COMPLETE",
        response={
            "id": "1",
            "generations": [
                {"id": "1", "index": 0, "text": "Once upon", "finish_reason": "COMPLETE"},
                {"id": "2", "index": 1, "text": "Long", "finish_reason": "COMPLETE"},
            ],
        },
    ),
]


def test_generate_streams_a_lane_for_each_generation(closed):
    made, _ = ask(
        closed,
        lambda c: c.generate_stream(prompt="go"),
        ndjson_answer(v for _, v in GENERATE_STREAM),
        cohere.Client,
    )
    played = Played(dialect.stream(post("/v1/generate")), GENERATE_STREAM)
    assert played.lanes == {("text", 0): "Once upon", ("text", 1): "Long"}
    assert {lane: text for lane, _, text in played.whole} == played.lanes
    assert made[0].text == "Once"


BEDROCK_STREAM: Any = [
    (None, {"index": 0, "is_finished": False, "text": "Once"}),
    (None, {"index": 0, "is_finished": True, "text": " upon", "finish_reason": "COMPLETE"}),
]


def test_pieces_of_a_generation_have_no_type_on_bedrock():
    played = Played(dialect.stream(post("/v1/generate")), BEDROCK_STREAM)
    assert played.lanes == {("text", 0): "Once upon"} and played.frames[1].ends_all


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "frames"),
    [
        ("/v2/chat", V2_STREAM),
        ("/v1/chat", V1_STREAM),
        ("/v1/generate", GENERATE_STREAM),
        ("/v1/generate", BEDROCK_STREAM),
    ],
)
def test_a_stream_cut_at_every_byte_has_the_same_lanes(path, frames):
    check_every_cut(lambda: dialect.stream(post(path)), frames)
    check_carrying(lambda: dialect.stream(post(path)), frames)


def test_version_1_is_sent_as_events_where_it_is_asked_for():
    assert dialect.stream(post("/v1/chat", accepts="text/event-stream")).framing is Framing.SSE
    assert dialect.stream(post("/v1/chat?x=/v2/")).framing is Framing.NDJSON


def test_an_error_of_version_1_is_an_error():
    for value in (v1("stream-error", err="no")[1], v1("stream-end", finish_reason="ERROR", response={})[1]):
        frame = dialect.stream(post("/v1/chat")).read(None, value)
        assert frame.is_error and frame.ends_all


def test_lanes_beyond_the_bound_share_one():
    stream = dialect.stream(post("/v2/chat"))
    for index in range(MAX_LANES):
        stream.read(*v2("content-delta", index, content={"text": "x"}))
    (text,) = stream.read(*v2("content-delta", MAX_LANES, content={"text": "y"})).texts
    assert text.lane == REST
    assert stream.flush(REST, "z") == v2("content-delta", MAX_LANES, content={"text": "z"})


def test_what_has_another_shape_is_left_out():
    message = {"role": "assistant", "tool_calls": [{"function": "f"}]}
    history = {"role": "CHATBOT", "tool_calls": ["find"]}
    body = {"images": [7], "messages": [message], "chat_history": [history], "documents": [{"id": "d"}]}
    reading = dialect.read_request(post("/v1/chat"), body)
    assert (reading.parts, reading.files, reading.calls) == ((), (), ())


def test_counts_that_are_no_numbers_are_absent():
    for tokens in ({"input_tokens": True}, {"input_tokens": float("nan")}, {"input_tokens": 1e300}, []):
        assert dialect.read_answer(post("/v2/chat"), {"usage": {"tokens": tokens}}).usage is None


KEYS = """model messages role content type text thinking image_url url document data id tool_plan tool_calls
function name arguments citations sources tool_output documents tools message preamble chat_history call
tool_results parameters outputs prompt query texts images inputs examples stream conversation_id delta
index event_type is_finished response generations tool_call_delta usage meta tokens billed_units
input_tokens results summary classifications input search_queries error finish_reason"""
ANY = any_json(
    KEYS,
    """user assistant tool system USER CHATBOT TOOL content-start content-delta content-end tool-plan-delta
    tool-call-start tool-call-delta tool-call-end citation-start message-end debug text-generation stream-end
    tool-calls-chunk tool-calls-generation search-results stream-error data:x https://a.example.test ERROR""",
)


@pytest.mark.slow
@given(
    path=st.sampled_from(["/v2/chat", "/v1/chat", "/v1/generate", "/v2/embed", ""]),
    value=ANY,
    frames=st.lists(st.tuples(st.none(), ANY), max_size=5),
)
def test_any_value_gives_a_reading_and_every_place_holds_a_string(path, value, frames):
    check_any(dialect, post(path), value, frames)
