"""Unknown bodies: what has a language model's shape is read and scored, and ordinary services stay silent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import generic
from sensor.dialects.generic import LLM_SCORE, MAX_NODES, looks_like_llm
from sensor.dialects.lanebook import MAX_LANES
from sensor.dialects.picking import MAX_PARTS
from sensor.dialects.reading import JSON, Framing, Grow, Reading, Usage
from tests.dialects.told import Played, bodies, calls, check_frame, post

HEAD = post("/unknown")


def follow(value: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at a path, also inside JSON in strings."""
    for step in path:
        value = json.loads(value) if step == JSON and isinstance(value, str) else value[step]
    return value


def texts(reading: Reading, body: Any) -> list[tuple[str, str | None, Any]]:
    return [(part.direction.value, part.role, follow(body, part.path)) for part in reading.parts]


CHAT = {
    "model": "vendor-large-2",
    "stream": True,
    "session_id": "s1",
    "messages": [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "c1", "function": {"name": "weather", "arguments": '{"city":"Graz"}'}}],
        },
        {"role": "tool", "content": "sunny"},
        {"role": "assistant", "content": "It is sunny."},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "Tells it.",
                "parameters": {"type": "object", "properties": {}},
            },
        }
    ],
}


# Reading.


def test_a_history_is_read_with_roles_and_turns() -> None:
    reading = generic.read_request(HEAD, CHAT)
    assert texts(reading, CHAT) == [
        ("prompt", "system", "Be short."),
        ("prompt", "user", "Weather?"),
        ("answer", "assistant", "weather"),
        ("tool_call", "assistant", '{"city":"Graz"}'),
        ("tool_result", "tool", "sunny"),
        ("answer", "assistant", "It is sunny."),
        ("prompt", None, "weather"),
        ("prompt", None, "Tells it."),
    ]
    assert [part.turn for part in reading.parts] == [0, 1, 2, 2, 3, 4, None, None]


def test_model_flag_conversation_tools_and_calls_are_found_wherever_they_stand() -> None:
    for body, base in ((CHAT, ()), ({"payload": {"inner": CHAT}}, ("payload", "inner"))):
        reading = generic.read_request(HEAD, body)
        assert (reading.model, reading.streams, reading.conversation) == ("vendor-large-2", True, "s1")
        assert (reading.tools, reading.tools_path) == (("weather",), (*base, "tools"))
        assert calls(reading, body) == [("weather", '{"city":"Graz"}')]


def test_of_several_models_the_one_that_stands_highest_counts() -> None:
    body = {"a": {"model": "deep"}, "model_name": "high", "b": {"model": "deep"}}
    assert generic.read_request(HEAD, body).model == "high"


def test_an_answer_is_an_answer_and_its_tokens_are_counted() -> None:
    body = {
        "id": "x1",
        "output": {"text": "Hello", "finish_reason": "stop"},
        "usage": {"input_tokens": 3, "output_tokens": 5},
    }
    reading = generic.read_answer(HEAD, body)
    assert texts(reading, body) == [("answer", None, "Hello")]
    assert reading.usage == Usage(3, 5)


def test_names_and_marks_are_no_text() -> None:
    body = {
        "id": "a",
        "type": "b",
        "model": "c",
        "finishReason": "d",
        "created_at": "e",
        "text": "f",
        "x": "",
    }
    assert [said for _, _, said in texts(generic.read_request(HEAD, body), body)] == ["f"]


def test_json_inside_a_string_is_read_within() -> None:
    body = {"variables": json.dumps({"messages": [{"role": "user", "content": "hi"}], "model": "m"})}
    reading = generic.read_request(HEAD, body)
    assert texts(reading, body) == [("prompt", "user", "hi")]
    assert reading.parts[0].path == ("variables", JSON, "messages", 0, "content")
    assert reading.model == "m"


def test_a_text_that_only_begins_like_json_is_a_text() -> None:
    body = {"x": "{not json", "y": "[also none"}
    assert [said for _, _, said in texts(generic.read_request(HEAD, body), body)] == list(body.values())


def test_json_in_json_is_read_to_a_depth_and_then_told_as_it_stands() -> None:
    text = "secret"
    for _ in range(6):
        text = json.dumps([text])
    [part] = generic.read_request(HEAD, {"x": text}).parts
    assert part.path.count(JSON) == generic.MAX_JSON_LEVELS
    assert "secret" in follow({"x": text}, part.path)


def test_a_form_is_read() -> None:
    body = {"prompt": "hi", "tags": ["a", "b"]}
    assert [said for _, _, said in texts(generic.read_request(HEAD, body), body)] == ["hi", "a", "b"]


def test_parts_of_a_multipart_body_are_fields_and_files() -> None:
    body = [
        {"name": "prompt", "filename": None, "content_type": None, "text": "sum up", "size": 6},
        {"name": "model", "filename": None, "content_type": None, "text": "m1", "size": 2},
        {"name": "data", "filename": None, "content_type": None, "text": '{"inputs":"hi"}', "size": 15},
        {"name": "file", "filename": "a.csv", "content_type": "text/csv", "text": '{"x":"y"}', "size": 9},
        {"name": "file", "filename": "b.png", "content_type": "image/png", "text": None, "size": 9},
        {"name": None, "filename": None, "content_type": None, "text": "x", "size": 1},
    ]
    reading = generic.read_request(HEAD, body)
    assert texts(reading, body) == [
        ("prompt", None, "sum up"),
        ("prompt", None, "hi"),
        ("upload", None, '{"x":"y"}'),
        ("prompt", None, "x"),
    ]
    assert reading.model == "m1"
    assert [(f.path, f.name, f.media_type, f.coding) for f in reading.files] == [
        ((3, "text"), "a.csv", "text/csv", "text")
    ]


def test_inline_files_are_files_and_no_text() -> None:
    body = {"a": "data:image/png;base64,aGk=", "b": "A" * 2000, "c": "word " * 400, "d": "data:text,hello"}
    reading = generic.read_request(HEAD, body)
    assert [(f.path, f.media_type, f.coding) for f in reading.files] == [
        (("a",), "image/png", "data_url"),
        (("b",), None, "base64"),
    ]
    assert [part.path for part in reading.parts] == [("c",), ("d",)]


def test_a_call_with_an_object_for_arguments_is_read_leaf_by_leaf() -> None:
    body = {"role": "assistant", "tool_calls": [{"name": "f", "id": "1", "args": {"to": "a@example.test"}}]}
    reading = generic.read_answer(HEAD, body)
    assert ("tool_call", "assistant", "a@example.test") in texts(reading, body)
    assert calls(reading, body) == [("f", {"to": "a@example.test"})]


@pytest.mark.slow
def test_huge_bodies_are_read_up_to_a_bound() -> None:
    assert len(generic.read_request(HEAD, ["x"] * (MAX_PARTS + 5)).parts) == MAX_PARTS
    assert generic.read_request(HEAD, [0] * (MAX_NODES + 5) + ["x"]).parts == ()
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    assert generic.read_request(HEAD, deep).parts == ()


# Scores.

HIGH = [
    pytest.param(CHAT, None, id="a history"),
    pytest.param(
        {"data": {"history": [{"author": {"role": "user"}, "content": {"parts": ["hi"]}}]}},
        None,
        id="a history with authors",
    ),
    pytest.param({"prompt": "hi", "model": "llama-3-8b", "max_tokens": 5}, None, id="a completion"),
    pytest.param({"prompt": "a cat", "model": "dall-e-3"}, None, id="a picture"),
    pytest.param(
        {"inputs": "hi", "parameters": {"max_new_tokens": 5, "temperature": 1, "top_p": 1}},
        {"generated_text": "ho"},
        id="text generation",
    ),
    pytest.param(
        {"q": "hi"}, {"choices": [{"message": {"role": "assistant", "content": "ho"}}]}, id="choices"
    ),
    pytest.param({"q": "hi"}, {"candidates": [{"content": {"parts": [{"text": "ho"}]}}]}, id="candidates"),
    pytest.param(
        None, {"answer": "ho", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}, id="an answer"
    ),
    pytest.param(
        {"query": "hi", "stream": True},
        {"role": "assistant", "content": "ho", "stop_reason": "end"},
        id="an agent of one's own",
    ),
    pytest.param(
        {"input": "hi", "model": "text-embedding-3-small"},
        {"data": [{"embedding": [0.1]}], "usage": {"prompt_tokens": 1, "total_tokens": 1}},
        id="embeddings",
    ),
    pytest.param(
        {"question": "hi"},
        {"model": "claude-x", "delta": {"text": "h"}, "usage": {"input_tokens": 1}},
        id="a chunk",
    ),
    pytest.param(
        {"text": "hi", "model": "anthropic/claude-4", "tools": [{"name": "f", "input_schema": {}}]},
        {"delta": "h"},
        id="a gateway",
    ),
]


@pytest.mark.parametrize(("request_body", "answer_body"), HIGH)
def test_exchanges_with_a_language_model_are_recognised(request_body: Any, answer_body: Any) -> None:
    assert looks_like_llm(request_body, answer_body) >= LLM_SCORE


GITHUB_ISSUE = {
    "id": 1,
    "node_id": "I_1",
    "url": "https://api.example/repos/a/b/issues/1",
    "title": "Crash at start",
    "state": "open",
    "body": "It crashes with a long text. " * 20,
    "user": {"login": "person-a", "type": "User"},
    "labels": [{"name": "bug", "description": "Something is broken"}],
    "comments": 3,
    "author_association": "CONTRIBUTOR",
    "created_at": "2026-01-01T00:00:00Z",
}
LOW = [
    pytest.param(
        {"title": "Crash at start", "body": "It crashes. " * 50, "labels": ["bug"]},
        GITHUB_ISSUE,
        id="GitHub: create an issue",
    ),
    pytest.param(
        None,
        [
            {
                "sha": "ab",
                "commit": {"message": "Fix it", "author": {"name": "Person A"}},
                "parents": [{"sha": "cd"}],
            }
        ],
        id="GitHub: commits",
    ),
    pytest.param(
        {"message": "Fix it", "content": "aGVsbG8=", "sha": "ab", "branch": "main"},
        {"content": {"name": "a", "path": "a"}, "commit": {"sha": "x", "message": "Fix it"}},
        id="GitHub: write a file",
    ),
    pytest.param(
        {"channel": "C1", "text": "Lunch?", "blocks": [{"type": "section", "text": {"text": "Lunch?"}}]},
        {
            "ok": True,
            "channel": "C1",
            "ts": "1.2",
            "message": {"type": "message", "text": "Lunch?", "user": "U1", "bot_id": "B1"},
        },
        id="team chat: post",
    ),
    pytest.param(
        {"channel": "C1", "limit": 20},
        {
            "ok": True,
            "messages": [
                {"type": "message", "user": "U1", "text": "Lunch?", "ts": "1"},
                {"type": "message", "user": "U2", "text": "Yes", "ts": "2"},
            ],
            "has_more": False,
        },
        id="team chat: history",
    ),
    pytest.param(
        {"members": [{"role": "user", "name": "Person A"}, {"role": "admin", "name": "Person B"}]},
        {"roles": ["user", "admin"]},
        id="members with roles",
    ),
    pytest.param(
        {
            "events": [
                {"event": "click", "properties": {"text": "Buy", "model": "iPhone 15"}, "timestamp": 1}
            ],
            "context": {"device": {"model": "Pixel 8"}, "session_id": "s"},
        },
        {"status": "done"},
        id="telemetry",
    ),
    pytest.param(
        {
            "resourceSpans": [
                {
                    "scopeSpans": [
                        {
                            "spans": [
                                {
                                    "name": "GET /",
                                    "attributes": [{"key": "http.method", "value": {"stringValue": "GET"}}],
                                }
                            ]
                        }
                    ]
                }
            ]
        },
        {"partialSuccess": {}},
        id="traces",
    ),
    pytest.param(
        {
            "operationName": "Issues",
            "query": "query Issues($n: Int) { issues(first: $n) { title } }",
            "variables": {"n": 5},
        },
        {"data": {"issues": [{"title": "Crash", "text": "x"}]}},
        id="GraphQL",
    ),
    pytest.param(
        {"query": '\n# all\nmutation { add(text: "x") { id } }'},
        {"data": {"add": {"id": 1}}},
        id="GraphQL mutation",
    ),
    pytest.param(
        {"query": "red shoes", "filters": {"size": "42"}, "page": 1},
        {"hits": [{"title": "Shoe", "score": 1.5}], "total": 1, "query": "red shoes"},
        id="shop search",
    ),
    pytest.param(
        {"query": {"match": {"message": "error"}}, "size": 10, "from": 0},
        {"took": 3, "hits": {"total": {"value": 1}, "hits": [{"_source": {"message": "error"}}]}},
        id="log search",
    ),
    pytest.param(
        None,
        {
            "name": "left-pad",
            "version": "1.0.0",
            "description": "Pads",
            "dependencies": {"a": "^1"},
            "dist": {"tarball": "https://files.example/x.tgz"},
            "license": "MIT",
            "keywords": ["pad"],
        },
        id="package metadata",
    ),
    pytest.param(
        {"name": "Model 3", "model": "Model 3", "year": 2024}, {"model": "Model 3", "price": 1}, id="cars"
    ),
    pytest.param(
        {"to": ["a@example.test"], "subject": "Hi", "text": "Hello there", "html": "<p>Hello</p>"},
        {"id": "m1", "message": "Queued."},
        id="mail",
    ),
    pytest.param(
        {"client_id": "x", "prompt": "consent", "scope": "openid", "response_type": "code"},
        {"access_token": "x", "token_type": "Bearer", "expires_in": 3600},
        id="sign-in",
    ),
    pytest.param(
        {"text": "Guten Tag", "target_lang": "EN"},
        {"translations": [{"text": "Good day"}]},
        id="translation of a sentence",
    ),
    pytest.param(
        {"question": "Which colour?", "choices": [{"id": 1, "label": "red"}]},
        {"result": "saved", "choices": [{"id": 1, "votes": 3}]},
        id="a poll",
    ),
    pytest.param(
        {"temperature": 21.5, "humidity": 40, "sensor": "t1"},
        {"ok": True, "model": "T-1000"},
        id="a thermometer",
    ),
    pytest.param(
        {"candidates": [{"name": "Person A", "role": "engineer"}]},
        {"candidates": [{"id": 1}]},
        id="applicants",
    ),
    pytest.param(
        {"stream": "video1", "quality": "720p"}, {"streaming": True, "output": "rtmp://x"}, id="video"
    ),
    pytest.param(
        {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [{"input": "0x1"}]},
        {"jsonrpc": "2.0", "id": 1, "result": "0x2"},
        id="a ledger",
    ),
    pytest.param(None, None, id="nothing"),
]


@pytest.mark.parametrize(("request_body", "answer_body"), LOW)
def test_ordinary_services_stay_silent(request_body: Any, answer_body: Any) -> None:
    assert looks_like_llm(request_body, answer_body) < LLM_SCORE


def test_a_score_is_one_minus_the_product_of_the_doubts() -> None:
    assert looks_like_llm({"prompt": "x"}, None) == pytest.approx(0.3)
    assert looks_like_llm({"prompt": "x", "stream": False}, None) == pytest.approx(1 - 0.7 * 0.9)
    four = {"temperature": 1, "top_p": 1, "top_k": 1, "max_tokens": 1}
    assert looks_like_llm(four, None) == pytest.approx(1 - 0.8**3)


# Streams.


def test_deltas_are_added_by_choice_and_a_reason_ends_the_choice() -> None:
    frames: list[tuple[str | None, Any]] = [
        (None, {"choices": [{"index": index, "delta": {"content": piece}, "finish_reason": reason}]})
        for index, piece, reason in ((0, "Hel", None), (1, "Good", None), (0, "lo", None), (1, "bye", "stop"))
    ]
    played = Played(generic.stream(HEAD), frames)
    first, second = ("choices", 0, "delta", "content"), ("choices", 1, "delta", "content")
    assert played.lanes == {first: "Hello", second: "Goodbye"}
    assert played.ended == [second]
    assert not any(frame.ends_all for frame in played.frames)


def test_a_text_that_grows_from_frame_to_frame_is_a_snapshot() -> None:
    reader = generic.stream(HEAD)
    grown = [reader.read(None, {"answer": text}).texts[0].grow for text in ("He", "Hello", "Hello you")]
    assert grown == [Grow.APPEND, Grow.SNAPSHOT, Grow.SNAPSHOT]


def test_a_text_that_once_was_added_stays_one_that_is_added() -> None:
    reader = generic.stream(HEAD)
    grown = [reader.read(None, {"response": text}).texts[0].grow for text in ("ha", "ho", "hoho", "hohoho")]
    assert grown == [Grow.APPEND] * 4


@pytest.mark.parametrize(
    "frame", [{"response": "x", "done": True}, {"text": "x", "stop_reason": "end"}, {"isFinal": True}]
)
def test_a_last_frame_ends_every_lane(frame: Any) -> None:
    assert generic.stream(HEAD).read(None, frame).ends_all


def test_facts_of_a_frame_are_told() -> None:
    value = {
        "model": "m",
        "conversation_id": "c",
        "usage": {"prompt_tokens": 1},
        "error": {"text": "no"},
        "tool_calls": [{"name": "f", "arguments": '{"a"'}],
    }
    frame = generic.stream(HEAD).read(None, value)
    assert (frame.model, frame.conversation, frame.usage) == ("m", "c", Usage(1, None))
    assert frame.is_error and frame.calls == ("f",)
    assert [text.escape for text in frame.texts if text.direction == "tool_call"] == [True]


def test_what_was_held_back_goes_out_in_a_frame_with_the_same_marks() -> None:
    reader = generic.stream(HEAD)
    value = {
        "id": "x",
        "model": "m",
        "other": {"text": "no"},
        "choices": [
            {"index": 0, "text": "zero"},
            {"index": 3, "delta": {"content": "piece"}, "finish_reason": "stop"},
        ],
        "usage": {"prompt_tokens": 1},
    }
    lane = next(text.lane for text in reader.read("chunk", value).texts if text.path[-1] == "content")
    assert reader.flush(lane, "held") == (
        "chunk",
        {"id": "x", "model": "m", "choices": [{"index": 3, "delta": {"content": "held"}}]},
    )
    assert reader.flush("no lane", "x") is None


def test_a_frame_that_is_a_text_alone_says_nothing_and_lists_have_lanes() -> None:
    reader = generic.stream(HEAD)
    assert reader.read(None, "text").texts == ()
    frame = reader.read(None, [["x"]])
    assert frame.texts[0].lane == (0, 0) and reader.flush((0, 0), "y") == (None, [["y"]])


def test_lanes_are_bounded() -> None:
    reader = generic.stream(HEAD)
    for number in range(MAX_LANES + 2):
        frame = reader.read(None, {f"key {number}": "x"})
    assert frame.texts[0].lane == "…"
    assert len(reader._before) == MAX_LANES


@pytest.mark.parametrize(
    ("content_type", "framing"),
    [
        ("text/event-stream; charset=utf-8", Framing.SSE),
        ("application/x-ndjson", Framing.NDJSON),
        ("application/vnd.amazon.eventstream", Framing.EVENTSTREAM),
        ("application/connect+proto", Framing.CONNECT),
        ("application/grpc-web+proto", Framing.CONNECT),
        ("application/json", None),
        (None, None),
    ],
)
def test_the_framing_is_told_by_the_content_type(content_type: str | None, framing: Framing | None) -> None:
    assert generic.framing_of(content_type) is framing
    assert generic.stream(HEAD).framing is Framing.SSE


KEYS = (
    "role author content parts messages text model stream name arguments parameters properties tools "
    "function input_schema filename size usage prompt_tokens delta choices index finish_reason done "
    "error candidates prompt query temperature conversation_id"
).split()
STRINGS = ("user", "assistant", "tool", "gpt-4", '{"text":"x"}', "[1]", "data:image/png;base64,aGk=", "stop")


@pytest.mark.slow
@given(bodies(KEYS, STRINGS), st.lists(bodies(KEYS, STRINGS), max_size=3))
def test_any_value_gives_a_reading_and_places_that_hold_strings(value: Any, before: list[Any]) -> None:
    for reading in (generic.read_request(HEAD, value), generic.read_answer(HEAD, value)):
        assert all(isinstance(follow(value, part.path), str) for part in reading.parts)
        assert all(isinstance(follow(value, file.path), str) for file in reading.files)
    assert 0.0 <= looks_like_llm(value, None) <= 1.0 >= looks_like_llm(None, value) >= 0.0
    reader = generic.stream(HEAD)
    for frame_value in (*before, value):
        frame = reader.read(None, frame_value)
        check_frame(frame, frame_value)
        assert all(reader.flush(text.lane, "kept") is not None for text in frame.texts)


@pytest.mark.slow
@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=8))
def test_deltas_cut_anywhere_are_one_lane(pieces: list[str]) -> None:
    played = Played(generic.stream(HEAD), [(None, {"delta": {"text": piece}}) for piece in pieces])
    assert played.lanes == {("delta", "text"): "".join(pieces)}
