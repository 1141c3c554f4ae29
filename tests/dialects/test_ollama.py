"""Ollama's own API, by the vendor's SDK against a stand-in."""

from __future__ import annotations

import base64
from typing import Any

import ollama
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import ollama as dialect
from sensor.dialects.picking import MAX_PARTS
from sensor.dialects.reading import Framing, Usage
from tests.dialects.standin import Seen, always, json_answer, ndjson_answer, serve
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

PICTURE = b"\x89PNG\r\n\x1a\n"
ENCODED = base64.b64encode(PICTURE).decode()

CHAT = {
    "model": "qwen3",
    "created_at": "2026-11-01T00:00:00Z",
    "message": {
        "role": "assistant",
        "content": "Hello Ada",
        "thinking": "greet her",
        "tool_calls": [{"function": {"name": "mail", "arguments": {"to": "ada@example.test", "cc": ["b"]}}}],
    },
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 11,
    "eval_count": 5,
}


def ask(closed: Any, call: Any, answer: Any) -> tuple[Any, Seen]:
    """What the SDK made of an answer, and what it sent."""
    with serve(always(answer)) as (url, seen):
        made = call(closed(ollama.Client(host=url)))
        made = list(made) if hasattr(made, "__next__") else made
    return made, seen[0]


def mail(to: str) -> str:
    """Send a mail.

    Args:
      to: whom
    """
    return to


MESSAGES: Any = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Who is this?", "images": [PICTURE]},
    {
        "role": "assistant",
        "content": "",
        "thinking": "look it up",
        "tool_calls": [{"function": {"name": "find", "arguments": {"name": "Ada"}}}],
    },
    {"role": "tool", "content": "Ada Example", "tool_name": "find"},
]


def test_a_chat_tells_turns_pictures_tools_and_calls(closed):
    made, seen = ask(
        closed,
        lambda c: c.chat("qwen3", MESSAGES, tools=[mail], format={"type": "object"}),
        json_answer(CHAT),
    )
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert told(reading, body) == [
        ("prompt", "system", 0, "Be brief."),
        ("prompt", "user", 1, "Who is this?"),
        ("answer", "assistant", 2, "look it up"),
        ("tool_call", "assistant", 2, "Ada"),
        ("tool_result", "tool", 3, "Ada Example"),
    ]
    assert files(reading, body) == [(ENCODED, None, None, None, "base64")]
    assert calls(reading, body) == [("find", {"name": "Ada"}, None)]
    assert (reading.tools, reading.tools_path) == (("mail",), ("tools",))
    assert (reading.model, reading.streams, reading.signed) == ("qwen3", False, False)
    assert made.message.content == "Hello Ada"


def test_a_whole_chat_answer_is_read(closed):
    ask(closed, lambda c: c.chat("qwen3", MESSAGES), json_answer(CHAT))
    reading = dialect.read_answer(post("/api/chat"), CHAT)
    assert told(reading, CHAT) == [
        ("answer", "assistant", None, "Hello Ada"),
        ("answer", "assistant", None, "greet her"),
        ("tool_call", "assistant", None, "ada@example.test"),
        ("tool_call", "assistant", None, "b"),
    ]
    assert (reading.model, reading.usage) == ("qwen3", Usage(11, 5))
    assert calls(reading, CHAT)[0][0] == "mail"


def test_generate_tells_prompt_suffix_system_template_and_pictures(closed):
    answer = {"model": "m", "response": "Hi", "thinking": "t", "image": ENCODED, "done": True}
    made, seen = ask(
        closed,
        lambda c: c.generate("m", "Write", "end", system="sys", template="{{ .Prompt }}", images=[PICTURE]),
        json_answer(answer),
    )
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert told(reading, body) == [
        ("prompt", "system", None, "sys"),
        ("prompt", "system", None, "{{ .Prompt }}"),
        ("prompt", "user", None, "Write"),
        ("prompt", "user", None, "end"),
    ]
    assert files(reading, body) == [(ENCODED, None, None, None, "base64")]
    whole = dialect.read_answer(seen.head(), answer)
    assert told(whole, answer) == [("answer", "assistant", None, "t"), ("answer", "assistant", None, "Hi")]
    assert files(whole, answer) == [(ENCODED, None, None, None, "base64")]
    assert made.response == "Hi"


@pytest.mark.parametrize(
    ("call", "texts"),
    [
        (lambda c: c.embed("m", ["one", "two"]), ["one", "two"]),
        (lambda c: c.embed("m", "one"), ["one"]),
        (lambda c: c.embeddings("m", "one"), ["one"]),
    ],
)
def test_texts_to_embed_are_prompts(closed, call, texts):
    answer = {"model": "m", "embeddings": [[0.1]], "embedding": [0.1], "prompt_eval_count": 3}
    _, seen = ask(closed, call, json_answer(answer))
    reading = dialect.read_request(seen.head(), seen.json())
    assert told(reading, seen.json()) == [("prompt", "user", None, text) for text in texts]
    assert reading.streams is None
    assert dialect.read_answer(seen.head(), answer).usage == Usage(3, None)


@pytest.mark.parametrize(
    ("call", "model"),
    [
        (lambda c: c.pull("llama3", stream=True), "llama3"),
        (lambda c: c.push("me/mine", stream=True), "me/mine"),
    ],
)
def test_pull_and_push_name_a_model_and_stream_nothing_to_read(closed, call, model):
    lines = [{"status": "pulling", "digest": "sha256:0", "total": 2, "completed": 1}, {"status": "success"}]
    made, seen = ask(closed, call, ndjson_answer(lines))
    reading = dialect.read_request(seen.head(), seen.json())
    assert (reading.model, reading.streams, reading.parts) == (model, True, ())
    assert Played(dialect.stream(seen.head()), [(None, line) for line in lines]).lanes == {}
    assert made[-1].status == "success"


def test_create_brings_a_system_text_and_messages(closed):
    _, seen = ask(
        closed,
        lambda c: c.create("mine", from_="llama3", system="You are Ada.", messages=[MESSAGES[0]]),
        json_answer({"status": "success"}),
    )
    reading = dialect.read_request(seen.head(), seen.json())
    assert [text for *_, text in told(reading, seen.json())] == ["Be brief.", "You are Ada."]
    assert (reading.model, reading.streams) == ("mine", False)


def test_systemone_tells_state_and_questions(closed):
    question = {"type": "choice", "instructions": "Is it mail?", "criteria": {"yes": "mail", "no": None}}
    answer = {
        "model": "s",
        "answers": {
            "q": {"type": "choice", "choice": "yes", "probabilities": {"yes": 1.0}, "confidence": 1.0}
        },
        "usage": {"input_tokens": 4, "output_tokens": 2},
    }
    made, seen = ask(
        closed, lambda c: c.systemone("s", {"text": "Dear Ada"}, {"q": question}), json_answer(answer)
    )
    reading = dialect.read_request(seen.head(), seen.json())
    assert [text for *_, text in told(reading, seen.json())] == ["Dear Ada", "Is it mail?", "mail"]
    whole = dialect.read_answer(seen.head(), answer)
    assert [text for *_, text in told(whole, answer)] == ["yes"]
    assert whole.usage == Usage(4, 2) == Usage(made.usage.input_tokens, made.usage.output_tokens)


def test_web_search_and_fetch_are_read():
    asked = dialect.read_request(post("/api/web_search"), {"query": "who is Ada"})
    assert told(asked, {"query": "who is Ada"}) == [("prompt", "user", None, "who is Ada")]
    found = {"results": [{"title": "T", "url": "U", "content": "C"}]}
    assert [text for *_, text in told(dialect.read_answer(post("/"), found), found)] == ["T", "U", "C"]
    page = {"title": "T", "content": "C", "links": ["L"]}
    assert [text for *_, text in told(dialect.read_answer(post("/"), page), page)] == ["C", "T", "L"]


def test_a_stream_is_meant_where_nothing_is_said():
    assert dialect.read_request(post("/api/chat"), {"model": "m"}).streams is True
    assert dialect.read_request(post("/api/generate?x"), {"model": "m"}).streams is True


def line(**message: Any) -> tuple[None, dict[str, Any]]:
    role = {"role": "assistant", **message}
    return None, {"model": "m", "created_at": "2026-11-01T00:00:00Z", "message": role, "done": False}


CHAT_STREAM: Any = [
    line(content="", thinking="gre"),
    line(content="", thinking="et “her”"),
    line(content="Hello "),
    line(content="Ada\n"),
    line(content="", tool_calls=CHAT["message"]["tool_calls"]),  # type: ignore[index]  # a dictionary
    (None, {**CHAT, "message": {"role": "assistant", "content": ""}}),
]


def test_a_chat_streams_content_thinking_and_whole_calls(closed):
    made, seen = ask(
        closed,
        lambda c: c.chat("m", MESSAGES, stream=True, think=True),
        ndjson_answer(value for _, value in CHAT_STREAM),
    )
    assert dialect.read_request(seen.head(), seen.json()).streams is True
    stream = dialect.stream(seen.head())
    assert stream.framing is Framing.NDJSON
    played = Played(stream, CHAT_STREAM)
    assert played.lanes == {"thinking": "greet “her”", "content": "Hello Ada\n"}
    assert played.lanes["content"] == "".join(part.message.content or "" for part in made)
    assert played.kinds["thinking"] == ("answer", False, False)
    assert [(direction, text) for _, direction, text in played.whole] == [
        ("tool_call", "ada@example.test"),
        ("tool_call", "b"),
    ]
    assert played.calls == ["mail"]
    assert played.usage == [(11, 5)]
    assert played.frames[-1].ends_all and not any(frame.ends_all for frame in played.frames[:-1])
    assert played.frames[4].ends == tuple(lane for lane, *_ in played.whole)
    assert played.frames[0].model == "m"


GENERATE_STREAM: Any = [
    (None, {"model": "m", "response": "", "thinking": "hm", "done": False}),
    (None, {"model": "m", "response": "Once", "done": False}),
    (None, {"model": "m", "response": " upon", "done": True, "eval_count": 2}),
]


def test_generate_streams_response_and_thinking(closed):
    made, _ = ask(
        closed, lambda c: c.generate("m", "go", stream=True), ndjson_answer(v for _, v in GENERATE_STREAM)
    )
    played = Played(dialect.stream(post("/api/generate")), GENERATE_STREAM)
    assert played.lanes == {"response": "Once upon", ("generate", "thinking"): "hm"}
    assert "".join(part.response for part in made) == "Once upon"
    assert played.usage == [(None, 2)] and played.frames[-1].ends_all


def test_a_lane_is_carried_on_without_end_or_counts(closed):
    stream = dialect.stream(post("/api/chat"))
    stream.read(*CHAT_STREAM[2])
    event, value = stream.flush("content", "held") or (None, None)
    assert event is None and value == {
        "model": "m",
        "created_at": "2026-11-01T00:00:00Z",
        "message": {"role": "assistant", "content": "held"},
        "done": False,
    }
    made, _ = ask(
        closed, lambda c: c.chat("m", MESSAGES, stream=True), ndjson_answer([value, CHAT_STREAM[-1][1]])
    )
    assert made[0].message.content == "held"
    for frames in (CHAT_STREAM, GENERATE_STREAM):
        check_carrying(lambda: dialect.stream(post("/api/chat")), frames)


def test_an_error_line_is_an_error():
    assert dialect.stream(post("/api/chat")).read(None, {"error": "no"}).is_error


@pytest.mark.parametrize("frames", [CHAT_STREAM, GENERATE_STREAM])
def test_a_stream_cut_at_every_byte_has_the_same_lanes(frames):
    check_every_cut(lambda: dialect.stream(post("/api/chat")), frames)


def test_parts_are_bounded():
    many: Any = {
        "message": {"tool_calls": [{"function": {"name": "f", "arguments": ["x"] * (MAX_PARTS + 1)}}]}
    }
    frame = dialect.stream(post("/api/chat")).read(None, many)
    assert len(frame.texts) == MAX_PARTS


def test_what_has_another_shape_is_left_out():
    message = {
        "role": "assistant",
        "images": [7],
        "tool_calls": [{"function": "f"}, {"function": {"name": 1}}],
    }
    reading = dialect.read_request(post("/api/chat"), {"messages": [message]})
    assert (reading.files, [call.name for call in reading.calls]) == ((), [None])
    frame = dialect.stream(post("/api/chat")).read(None, {"message": message})
    assert (frame.texts, frame.calls) == ((), ())


KEYS = """model name messages role content thinking images tool_calls function arguments id tools system
template prompt suffix query url input response message done error results title links answers choice image
stream state questions instructions criteria usage prompt_eval_count eval_count input_tokens"""
ANY = any_json(KEYS, "assistant user tool system /api/chat")


@pytest.mark.slow
@given(
    path=st.sampled_from(["/api/chat", "/api/generate", "/api/embed", "/api/create/", "/v1/systemone", ""]),
    value=ANY,
    frames=st.lists(st.tuples(st.none(), ANY), max_size=5),
)
def test_any_value_gives_a_reading_and_every_place_holds_a_string(path, value, frames):
    check_any(dialect, post(path), value, frames)
