"""Chat Completions and Completions: bodies of the openai SDK, answers it reads, other vendors' fields."""

import json

import openai
import pydantic
import pytest
from hypothesis import given, settings

from sensor.dialects import openai_chat as chat
from sensor.dialects.lanebook import MAX_LANES, REST
from sensor.dialects.picking import MAX_PARTS
from sensor.dialects.reading import Framing, Usage
from sensor.wire.sse import SseReader
from tests.dialects.openai_checks import (
    broken,
    carried,
    check_reading,
    check_stream,
    files,
    follow,
    head,
    lanes_of,
    texts,
)
from tests.dialects.standin import always, json_answer, serve, sse_answer

HEAD = head("/v1/chat/completions")
PNG = "data:image/png;base64,iVBORw0KGgo="


def message(**more):
    return {"role": "assistant", "content": None, "refusal": None, **more}


def completion(*messages, **more):
    choices = [
        {"index": number, "message": said, "finish_reason": "stop", "logprobs": None}
        for number, said in enumerate(messages)
    ]
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    common = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-x-1"}
    return {**common, "choices": choices, "usage": usage, **more}


def chunk(index=0, finish=None, more=None, **delta):
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x-1"}
    return None, {**common, "choices": [choice], **(more or {})}


def called(index, arguments, name=None, identity=None):
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return {"index": index, "function": function} | ({"id": identity, "type": "function"} if identity else {})


STREAM = [
    chunk(role="assistant", content="", more={"obfuscation": "xyz"}),
    chunk(content="Dear "),
    chunk(content="Ann", index=1),
    chunk(content="Bob"),
    chunk(tool_calls=[called(0, "", "look_up", "call_1")]),
    chunk(tool_calls=[called(0, '{"q": "a\\')]),
    chunk(tool_calls=[called(1, '{"x":', "other", "call_2"), called(0, '"b"}')]),
    chunk(tool_calls=[called(1, "1}")]),
    chunk(finish="tool_calls"),
    chunk(finish="stop", index=1),
    (None, {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x-1",
            "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}}),
]  # fmt: skip


@pytest.fixture
def ask():
    """``ask(answer, call)``: what the SDK sent, and what it made of the answer."""

    def run(answer, call, make=openai.OpenAI, **more):
        with serve(always(answer)) as (url, seen):
            address = (
                {"azure_endpoint": url, "api_version": "2025-04-01"} if more else {"base_url": f"{url}/v1"}
            )
            with make(api_key="none", max_retries=0, **address, **more) as client:
                made = call(client)
            return seen[0], made

    return run


@pytest.mark.slow
def test_a_request_of_the_sdk_is_read_whole(ask):
    class Person(pydantic.BaseModel):
        name: str

    history = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "name": "ann", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": PNG}},
            {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBE", "filename": "a.pdf"}},
            {"type": "file", "file": {"file_id": "file-1"}},
        ]},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"q":"a"}'}},
            {"id": "call_2", "type": "custom", "custom": {"name": "shell", "input": "ls"}},
        ]},
        {"role": "tool", "tool_call_id": "call_1", "content": "It is a gnomon."},
        {"role": "assistant", "content": None, "refusal": "No."},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "Never."}]},
        {"role": "assistant", "function_call": {"name": "old", "arguments": "{}"}, "content": None},
        {"role": "function", "name": "old", "content": "done"},
    ]  # fmt: skip
    tools = [
        {"type": "function", "function": {"name": "look_up", "parameters": {}, "strict": True}},
        {"type": "custom", "custom": {"name": "shell"}},
    ]
    said = completion(message(content='{"name": "Bob"}'))
    seen, made = ask(
        json_answer(said),
        lambda client: client.chat.completions.parse(
            model="gpt-x", messages=history, tools=tools[:1], response_format=Person,
            prediction={"type": "content", "content": "def f(): pass"}, user="u-1",
        ),
    )  # fmt: skip
    assert made.choices[0].message.parsed == Person(name="Bob")
    body = seen.json()
    body["tools"] = tools
    reading = chat.read_request(seen.head(), body)
    check_reading(reading, body)
    assert texts(reading, body) == [
        ("prompt", "developer", "Be brief."),
        ("prompt", "user", "What is this?"),
        ("answer", "assistant", "Let me see."),
        ("tool_call", "assistant", '{"q":"a"}'),
        ("tool_call", "assistant", "ls"),
        ("tool_result", "tool", "It is a gnomon."),
        ("answer", "assistant", "No."),
        ("answer", "assistant", "Never."),
        ("tool_call", "assistant", "{}"),
        ("tool_result", "function", "done"),
        ("prompt", "user", "def f(): pass"),
    ]
    assert [part.turn for part in reading.parts][:4] == [0, 1, 2, 2]
    assert files(reading, body) == [
        ("data_url", None, "image/png", None, PNG),
        (None, None, None, "https://pictures.example/a.png", "https://pictures.example/a.png"),
        ("base64", None, "audio/wav", None, "AAAA"),
        ("data_url", "a.pdf", "application/pdf", None, "data:application/pdf;base64,JVBE"),
        (None, None, None, "file-1", "file-1"),
    ]
    assert reading.tools == ("look_up", "shell") and reading.tools_path == ("tools",)
    assert [(call.name, call.id) for call in reading.calls] == [
        ("look_up", "call_1"), ("shell", "call_2"), ("old", None),
    ]  # fmt: skip
    assert (reading.model, reading.account, reading.streams) == ("gpt-x", "u-1", False)
    assert reading.conversation is None and not reading.signed


def test_an_answer_that_the_sdk_reads_is_read_whole(ask):
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    spoken = {"id": "a", "data": "AAAA", "expires_at": 1, "transcript": "Hello."}
    body = completion(
        message(content="Yes.", tool_calls=[call]), message(refusal="No."), message(audio=spoken)
    )
    seen, made = ask(
        json_answer(body), lambda client: client.chat.completions.create(model="gpt-x", messages=[])
    )
    assert made.choices[0].message.content == "Yes." and made.choices[2].message.audio.transcript == "Hello."
    reading = chat.read_answer(seen.head(), body)
    check_reading(reading, body)
    assert texts(reading, body) == [
        ("answer", "assistant", "Yes."),
        ("tool_call", "assistant", '{"a":1}'),
        ("answer", "assistant", "No."),
        ("answer", "assistant", "Hello."),
    ]
    assert [(file.media_type, file.coding) for file in reading.files] == [("audio", "base64")]
    assert reading.model == "gpt-x-1" and reading.usage == Usage(9, 4)
    assert reading.calls[0].name == "f"


def test_a_stream_that_the_sdk_reads_grows_in_the_same_lanes(ask):
    def call(client):
        made = client.chat.completions.create(
            model="gpt-x", messages=[{"role": "user", "content": "hi"}], n=2, stream=True,
            stream_options={"include_usage": True},
        )  # fmt: skip
        return list(made)

    seen, chunks = ask(sse_answer([*STREAM, (None, "[DONE]")]), call)
    assert chat.read_request(seen.head(), seen.json()).streams is True
    text, arguments = {}, {}
    for made in chunks:
        for choice in made.choices:
            text[choice.index] = text.get(choice.index, "") + (choice.delta.content or "")
            for piece in choice.delta.tool_calls or []:
                arguments[piece.index] = arguments.get(piece.index, "") + piece.function.arguments
    assert (text, arguments) == ({0: "Dear Bob", 1: "Ann"}, {0: '{"q": "a\\"b"}', 1: '{"x":1}'})

    grown, whole = lanes_of(chat.stream(HEAD), STREAM)
    assert grown == {
        (0, "text", "content"): text[0],
        (1, "text", "content"): text[1],
        (0, "tool", 0, "arguments"): arguments[0],
        (0, "tool", 1, "arguments"): arguments[1],
    }
    assert whole == []


def test_lanes_end_where_a_choice_moves_on_or_finishes():
    reader = chat.stream(HEAD)
    assert reader.framing is Framing.SSE
    frames = [reader.read(event, value) for event, value in STREAM]
    assert [frame.ends for frame in frames] == [
        (), (), (), (),
        (),  # a call begins, without a piece of its arguments
        ((0, "text", "content"),), (), (),
        ((0, "tool", 0, "arguments"), (0, "tool", 1, "arguments")), ((1, "text", "content"),), (),
    ]  # fmt: skip
    assert [name for frame in frames for name in frame.calls] == ["look_up", "other"]
    assert frames[-1].usage == Usage(9, 4) and frames[0].model == "gpt-x-1"
    last = reader.read(None, None)
    assert last.ends_all and last.ends == ()


def test_the_end_of_a_stream_ends_what_is_open():
    reader = chat.stream(HEAD)
    reader.read(*chunk(content="a"))
    assert reader.read(None, None).ends == ((0, "text", "content"),)
    assert carried(reader, (0, "text", "content"), "b") is not None
    assert reader.read(None, None).ends == ()
    assert reader.flush((0, "text", "content"), "b") is None


def test_what_is_carried_on_is_a_chunk_that_the_sdk_reads(ask):
    reader = chat.stream(HEAD)
    sent = []
    for event, value in STREAM:
        frame = reader.read(event, value)
        sent += [carried(reader, lane, "!") for lane in frame.ends]
        sent.append((event, value))
    seen, chunks = ask(
        sse_answer([*sent, (None, "[DONE]")]),
        lambda client: list(client.chat.completions.create(model="m", messages=[], stream=True)),
    )
    said = "".join(c.delta.content or "" for made in chunks for c in made.choices if c.index == 0)
    assert said == "Dear Bob!"
    pieces = [p for made in chunks for c in made.choices for p in c.delta.tool_calls or [] if p.index == 1]
    assert "".join(piece.function.arguments for piece in pieces) == '{"x":1}!'
    assert all("obfuscation" not in value for _, value in sent[1:])


@pytest.mark.slow
def test_lanes_are_the_same_wherever_the_bytes_of_a_stream_are_cut():
    few = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in ("Dé", "ar")]
    raw = b": OPENROUTER PROCESSING\n\n"
    raw += b"".join(f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode() for value in few)
    raw += b"data: [DONE]\n\n"
    expected = lanes_of(chat.stream(HEAD), [(None, value) for value in few])
    assert expected == ({(0, "text", "content"): "Déar"}, [])
    for cut in range(len(raw)):
        reader = SseReader()
        frames = [*reader.feed(raw[:cut]), *reader.feed(raw[cut:]), *reader.finish()]
        data = [frame.data for frame in frames if frame.data is not None]
        values = [None if text == "[DONE]" else json.loads(text) for text in data]
        assert lanes_of(chat.stream(HEAD), [(None, value) for value in values]) == expected


def test_completions_of_the_sdk_are_read(ask):
    body = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "text": "return 1", "finish_reason": "stop", "logprobs": None}],
            }  # fmt: skip
    seen, made = ask(
        json_answer(body),
        lambda client: client.completions.create(
            model="m", prompt=["def f():", "x"], suffix="# end", stream=False
        ),
    )
    assert made.choices[0].text == "return 1"
    sent = seen.json()
    reading = chat.read_request(seen.head(), sent)
    assert texts(reading, sent) == [
        ("prompt", "user", "def f():"), ("prompt", "user", "x"), ("prompt", "user", "# end"),
    ]  # fmt: skip
    assert texts(chat.read_answer(seen.head(), body), body) == [("answer", "assistant", "return 1")]
    assert texts(chat.read_request(HEAD, {"prompt": "p"}), {"prompt": "p"}) == [("prompt", "user", "p")]
    assert chat.read_request(HEAD, {"prompt": [[1, 2], [3]]}).parts == ()


def test_streamed_completions_are_read_and_carried_on(ask):
    events = [
        (None, {"id": "c", "object": "text_completion", "created": 1, "model": "m",
                "choices": [{"index": 0, "text": text, "finish_reason": finish, "logprobs": None}]})
        for text, finish in (("re", None), ("turn", None), ("", "stop"))
    ]  # fmt: skip
    seen, made = ask(
        sse_answer([*events, (None, "[DONE]")]),
        lambda client: list(client.completions.create(model="m", prompt="p", stream=True)),
    )
    assert "".join(piece.choices[0].text for piece in made) == "return"
    reader = chat.stream(seen.head())
    assert lanes_of(chat.stream(HEAD), events) == ({(0, "text", "text"): "return"}, [])
    ends = [reader.read(*event).ends for event in events]
    assert ends[-1] == ((0, "text", "text"),)
    assert carried(reader, ends[-1][0], "!")[1]["choices"][0] == {
        "index": 0,
        "text": "!",
        "finish_reason": None,
    }


def test_azure_names_its_model_in_the_path(ask):
    body = completion(message(content="Yes."))
    filtered = {"hate": {"filtered": False, "severity": "safe"}}
    body["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": filtered}]
    body["choices"][0]["content_filter_results"] = filtered
    seen, made = ask(
        json_answer(body),
        lambda client: client.chat.completions.create(
            model="ignored", messages=[{"role": "user", "content": "hi"}]
        ),
        make=openai.AzureOpenAI,
        azure_deployment="our-gpt",
    )
    assert made.choices[0].message.content == "Yes."
    assert seen.path.startswith("/openai/deployments/our-gpt/chat/completions?")
    sent = seen.json()
    del sent["model"]
    assert chat.read_request(seen.head(), sent).model == "our-gpt"
    assert texts(chat.read_answer(seen.head(), body), body) == [("answer", "assistant", "Yes.")]
    first = (None, {"id": "", "model": "", "choices": [], "prompt_filter_results": []})
    assert chat.stream(HEAD).read(*first).model is None


@pytest.mark.parametrize(
    ("headers", "body", "account"),
    [
        ({"openai_organization": "org-1", "openai_project": "proj-1"}, {}, "org-1"),
        ({"openai_project": "proj-1"}, {"user": "u"}, "proj-1"),
        ({"chatgpt_account_id": "acc"}, {}, "acc"),
        ({}, {"user": "u"}, "u"),
        ({}, {"safety_identifier": "s"}, "s"),
        ({}, {"user": ""}, None),
        ({}, [], None),
    ],
)
def test_whose_account_it_is(headers, body, account):
    assert chat.read_request(head("/v1/chat/completions", **headers), body).account == account


def test_an_error_is_read_before_and_in_a_stream(ask):
    error = {"error": {"message": "Invalid: 'abc'", "type": "invalid_request_error", "code": None}}
    assert texts(chat.read_answer(HEAD, error), error) == [("answer", None, "Invalid: 'abc'")]
    frame = chat.stream(HEAD).read(None, error)
    assert frame.is_error and [follow(error, text.path) for text in frame.texts] == ["Invalid: 'abc'"]
    with pytest.raises(openai.APIError, match="Invalid"):
        ask(
            sse_answer([(None, error)]),
            lambda client: list(client.chat.completions.create(model="m", messages=[], stream=True)),
        )
    for value, said in (({"error": "no"}, "no"), ({"detail": "no"}, "no"), ({"message": "no"}, "no")):
        assert texts(chat.read_answer(HEAD, value), value) == [("answer", None, said)]


DELTAS = [
    ({"reasoning_content": "Hm."}, {(0, "reasoning", "reasoning_content"): "Hm."}),
    ({"reasoning": "Hm."}, {(0, "reasoning", "reasoning"): "Hm."}),
    ({"refusal": "No."}, {(0, "text", "refusal"): "No."}),
    (
        {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {(0, "text", "content"): "ab"},
    ),
    (
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}], "closed": True}]},
        {(0, "reasoning", "thinking"): "Hm"},
    ),
    (
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "Hm", "index": 2}]},
        {(0, "reasoning", "details", 2, "summary"): "Hm"},
    ),
    (
        {"reasoning_details": [{"type": "reasoning.text", "text": "Hm", "signature": "s"}]},
        {(0, "reasoning", "details", 0, "text"): "Hm"},
    ),
    ({"audio": {"transcript": "Hi"}}, {(0, "audio", "transcript"): "Hi"}),
    ({"function_call": {"name": "f", "arguments": "{"}}, {(0, "tool", "call"): "{"}),
    ({"tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}, {(0, "tool", 0, "arguments"): "{"}),
    ({"tool_calls": [{"index": 3, "custom": {"name": "f", "input": "x"}}]}, {(0, "tool", 3, "input"): "x"}),
]


@pytest.mark.parametrize(("delta", "lanes"), DELTAS)
def test_fields_of_a_delta_are_lanes_and_are_carried_on_in_their_own_form(delta, lanes):
    frames = [chunk(**delta), chunk(finish="stop")]
    assert lanes_of(chat.stream(HEAD), frames)[0] == lanes
    check_stream(chat.stream(HEAD), frames)
    reader = chat.stream(HEAD)
    reader.read(*frames[0])
    (lane,) = reader.read(*frames[1]).ends
    event, made = carried(reader, lane, "more")
    assert lanes_of(chat.stream(HEAD), [(event, made)])[0] == {lane: "more"}
    assert "usage" not in made and made["choices"][0]["finish_reason"] is None


def test_signed_reasoning_is_fixed():
    signed = {"type": "reasoning.text", "text": "Hm", "format": "anthropic-claude-v1", "index": 0}
    sealed = {"type": "reasoning.encrypted", "data": "opaque"}
    chunk_signed = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}], "signature": "s"}]
    for delta in ({"reasoning_details": [signed]}, {"content": chunk_signed}):
        (text,) = chat.stream(HEAD).read(*chunk(**delta)).texts
        assert text.fixed
    plain = {"type": "reasoning.summary", "summary": "Hm"}
    said = [{"role": "assistant", "content": chunk_signed, "reasoning_details": [signed, sealed, plain]}]
    body = {"messages": said}
    reading = chat.read_request(HEAD, body)
    check_reading(reading, body)
    kept = [follow(body, path) for path in reading.fixed]
    assert {"Hm", "s", "opaque", "anthropic-claude-v1"} <= set(kept)
    assert ("messages", 0, "reasoning_details", 2, "summary") not in reading.fixed


def test_calls_name_themselves_once_where_every_chunk_repeats_the_name():
    reader = chat.stream(HEAD)
    frames = [reader.read(*chunk(tool_calls=[called(0, "{", "f", "c")])) for _ in range(3)]
    assert [frame.calls for frame in frames] == [("f",), (), ()]


def test_arguments_may_be_an_object():
    call = {"id": "c", "function": {"name": "f", "arguments": {"q": "a", "n": {"m": ["b"]}}}}
    body = completion(message(tool_calls=[call]))
    reading = chat.read_answer(HEAD, body)
    assert texts(reading, body) == [("tool_call", "assistant", "a"), ("tool_call", "assistant", "b")]
    grown, whole = lanes_of(chat.stream(HEAD), [chunk(tool_calls=[call])])
    assert grown == {} and [said for _, said in whole] == ["a", "b"]


def test_text_so_far_beside_a_delta_is_a_snapshot_of_its_lane():
    event, value = chunk(content="Dear ")
    value["choices"][0]["message"] = {"role": "assistant", "content": "Dear "}
    frame = chat.stream(HEAD).read(event, value)
    assert [(text.lane, text.grow.value) for text in frame.texts] == [
        ((0, "text", "content"), "append"), ((0, "text", "content"), "snapshot"),
    ]  # fmt: skip


def test_what_a_service_found_or_ran_by_itself_is_a_result():
    extra = {
        "executed_tools": [{"index": 0, "type": "search", "arguments": '{"q":"x"}', "output": "found"}],
        "context": {
            "citations": [{"content": "cited", "title": "Report", "filepath": "r.pdf"}],
            "messages": [{"role": "tool", "content": "older"}],
        },
        "images": [{"type": "image_url", "image_url": {"url": PNG}}],
    }
    expected = [
        ("tool_result", "older"), ("tool_result", "cited"), ("tool_result", "Report"),
        ("tool_call", '{"q":"x"}'), ("tool_result", "found"),
    ]  # fmt: skip
    body = completion(message(**extra))
    reading = chat.read_answer(HEAD, body)
    assert [(way, said) for way, _, said in texts(reading, body)] == expected
    assert reading.files[0].coding == "data_url"
    event, value = chunk(**extra)
    frame = chat.stream(HEAD).read(event, value)
    assert [(text.direction.value, follow(value, text.path)) for text in frame.texts] == expected
    assert [text.escape for text in frame.texts] == [False, False, False, True, False]


def test_groq_tells_its_usage_apart_and_documents_are_uploads():
    value = {"choices": [], "x_groq": {"id": "r", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}}
    assert chat.stream(HEAD).read(None, value).usage == Usage(1, 2)
    body = {"documents": [{"id": "d1", "source": {"type": "text", "text": "secret"}}], "agent_id": "ag"}
    reading = chat.read_request(HEAD, body)
    assert texts(reading, body) == [("upload", "user", "secret")] and reading.model == "ag"
    assert chat.read_answer(HEAD, {"choices": [], "usage": {"prompt_tokens": "9"}}).usage is None


def test_mistral_answers_with_steps_on_the_way():
    body = {"choices": [{"index": 0, "messages": [{"content": "one"}, {"role": "tool", "content": "two"}]}]}
    assert texts(chat.read_answer(HEAD, body), body) == [
        ("answer", "assistant", "one"), ("tool_result", "tool", "two"),
    ]  # fmt: skip


def test_functions_are_tools_and_the_list_of_tools_is_told_first():
    body = {"functions": [{"name": "old"}], "tools": [{"type": "function", "function": {"name": "new"}}]}
    reading = chat.read_request(HEAD, body)
    assert reading.tools == ("new", "old") and reading.tools_path == ("tools",)
    assert chat.read_request(HEAD, {"functions": [{"name": "f"}]}).tools_path == ("functions",)


@pytest.mark.slow
def test_more_lanes_than_are_told_apart_share_one_and_none_is_lost():
    reader = chat.stream(HEAD)
    for index in range(MAX_LANES):
        reader.read(*chunk(index=index, content="a"))
    event, value = chunk(index=MAX_LANES + 5, content="rest")
    (text,) = reader.read(event, value).texts
    assert text.lane == REST
    _, made = carried(reader, REST, "more")
    assert made["choices"][0]["index"] == MAX_LANES + 5
    assert REST in reader.read(None, None).ends


@pytest.mark.slow
def test_parts_are_bounded():
    body = {"messages": [{"role": "user", "content": "a"}] * (MAX_PARTS + 5)}
    assert len(chat.read_request(HEAD, body).parts) == MAX_PARTS


@pytest.mark.slow
def test_a_name_beyond_the_bound_is_told_again():
    reader = chat.stream(HEAD)
    for index in range(MAX_PARTS):
        reader.read(*chunk(index=index, tool_calls=[called(0, "", "f", "c")]))
    again = chunk(index=MAX_PARTS, tool_calls=[called(0, "", "f", "c")])
    assert [reader.read(*again).calls for _ in range(2)] == [("f",), ("f",)]


@pytest.mark.slow
@given(frames=broken([*STREAM, *(chunk(**delta) for delta, _ in DELTAS)]))
@settings(max_examples=60)
def test_a_stream_with_anything_in_any_place_is_read(frames):
    check_stream(chat.stream(HEAD), frames)
    for _, value in frames:
        check_reading(chat.read_answer(HEAD, value), value)
