"""
The Interactions API: bodies and streams of google-genai 3.x against a stand-in on loopback.
"""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest
from google import genai

from sensor.dialects.gemini import read_answer, read_request, stream
from sensor.dialects.picking import at
from sensor.dialects.reading import Framing, Usage
from tests.dialects.standin import always, json_answer, serve, sse_answer
from tests.dialects.told import (
    Played,
    bodies,
    byte_cuts,
    calls,
    check_frame,
    check_reading,
    cuts,
    files,
    fixed,
    framed,
    post,
    texts,
)

HEAD = post("/v1beta/interactions")

needs_sdk = pytest.mark.skipif(int(genai.__version__.split(".")[0]) < 3, reason="the form is that of 3.x")

STEPS = [
    {"type": "thought", "signature": "c2ln", "summary": [{"type": "text", "text": "hm"}]},
    {"type": "function_call", "id": "c1", "name": "lookup", "arguments": {"who": "Zoë"}},
    {"type": "model_output", "content": [{"type": "text", "text": "Bonjour", "annotations": [
        {"type": "url_citation", "title": "Wiki", "url": "https://u"}]}]},
]  # fmt: skip

ANSWER = {
    "id": "i2",
    "object": "interaction",
    "status": "completed",
    "model": "gemini-of-the-test",
    "steps": STEPS,
    "usage": {
        "total_input_tokens": 5,
        "total_tool_use_tokens": 1,
        "total_output_tokens": 3,
        "total_thought_tokens": 4,
        "total_tokens": 13,
    },
}


def send(answer, **request):
    with serve(always(answer)) as (base, seen):
        client = genai.Client(api_key="none", http_options={"base_url": base, "api_version": "v1beta"})
        made = client.interactions.create(**request)
        result = list(made) if request.get("stream") else made
        client.close()
    return seen[0], result


@pytest.mark.slow
@needs_sdk
def test_a_string_as_input_is_read_as_the_sdk_writes_it():
    seen, result = send(
        json_answer(ANSWER),
        model="gemini-of-the-test",
        input="hello",
        system_instruction="be brief",
        previous_interaction_id="i1",
        tools=[{"type": "function", "name": "lookup"}, {"type": "google_search"}],
    )
    assert result.steps[2].content[0].text == "Bonjour"  # the SDK takes the stand-in's answer
    body = seen.json()
    reading = read_request(seen.head(), body)
    assert texts(reading, body) == [("prompt", "system", "be brief"), ("prompt", "user", "hello")]
    assert (reading.model, reading.conversation, reading.streams) == ("gemini-of-the-test", "i1", False)
    assert (reading.tools, reading.tools_path) == (("lookup", "google_search"), ("tools",))


@pytest.mark.slow
@needs_sdk
def test_steps_as_input_are_read_as_the_sdk_writes_them():
    seen, _ = send(
        json_answer(ANSWER),
        model="gemini-of-the-test",
        input=[
            {"type": "user_input", "content": [
                {"type": "text", "text": "what is this?"},
                {"type": "image", "data": "eHg=", "mime_type": "image/png"},
                {"type": "document", "uri": "https://f.example/files/abc", "mime_type": "application/pdf"},
            ]},
            *STEPS,
            {"type": "function_result", "call_id": "c1", "name": "lookup", "result": "found"},
        ],
    )  # fmt: skip
    body = seen.json()
    reading = read_request(seen.head(), body)
    assert texts(reading, body) == [
        ("prompt", "user", "what is this?"),
        ("answer", "assistant", "hm"),
        ("tool_call", "assistant", "Zoë"),
        ("answer", "assistant", "Bonjour"),
        ("answer", "assistant", "Wiki"),
        ("tool_result", "tool", "found"),
    ]
    assert [part.turn for part in reading.parts] == [0, 1, 2, 3, 3, 4]
    assert fixed(reading, body) == ["c2ln", "hm"]
    assert calls(reading, body) == [("lookup", {"who": "Zoë"})]
    assert files(reading, body) == [
        ("eHg=", None, "image/png", None, "base64"),
        ("https://f.example/files/abc", None, "application/pdf", "https://f.example/files/abc", None),
    ]


def event(kind, **fields):
    return kind, {"event_type": kind, **fields}


def delta(index, **fields):
    return event("step.delta", index=index, delta=fields)


RECORDED = [
    event(
        "interaction.created",
        interaction={"id": "i2", "status": "in_progress", "model": "gemini-of-the-test"},
    ),
    event("step.start", index=0, step={"type": "thought"}),
    delta(0, type="thought_summary", content={"type": "text", "text": "h"}),
    delta(0, type="thought_summary", content={"type": "text", "text": "m"}),
    delta(0, type="thought_signature", signature="c2ln"),
    event("step.stop", index=0),
    event(
        "step.start", index=1, step={"type": "function_call", "id": "c1", "name": "lookup", "arguments": {}}
    ),
    delta(1, type="arguments_delta", arguments='{"who": "Z'),
    delta(1, type="arguments_delta", arguments='oë"}'),
    event("step.stop", index=1),
    event("step.start", index=2, step={"type": "model_output"}),
    delta(2, type="text", text="Bon"),
    delta(2, type="text", text="jour"),
    delta(2, type="text_annotation_delta", annotations=[{"type": "url_citation", "title": "Wiki"}]),
    event("step.stop", index=2, usage={"total_output_tokens": 2}),
    event("interaction.completed", interaction={**ANSWER}),
    (None, "[DONE]"),
]


@pytest.mark.slow
@needs_sdk
def test_the_lanes_of_a_stream_hold_what_the_sdk_is_given():
    seen, events = send(sse_answer(RECORDED), model="gemini-of-the-test", input="x", stream=True)
    assert seen.json()["stream"] is True
    assert read_request(seen.head(), seen.json()).streams is True
    said = "".join(
        made.delta.text for made in events if made.event_type == "step.delta" and made.delta.type == "text"
    )
    reader = stream(seen.head())
    assert reader.framing is Framing.SSE
    played = Played(reader, RECORDED)
    assert played.lanes == {
        (0, "thought_summary"): "hm",
        (1, "arguments_delta"): '{"who": "Zoë"}',
        (2, "text"): said,
    }
    assert said == "Bonjour"
    assert played.escaped == {(1, "arguments_delta")}
    assert (0, "thought_summary") in played.fixed
    assert played.ended == [(0, "thought_summary"), (1, "arguments_delta"), (2, "text")]
    assert played.calls == ["lookup"]
    # what is repeated at the end is whole, in lanes of its own
    assert [text for _, text in played.whole] == ["Wiki", "hm", "Zoë", "Bonjour", "Wiki"]
    done = played.frames[-2]
    assert (done.ends_all, done.usage, done.conversation) == (True, Usage(6, 7), "i2")
    assert played.frames[0].conversation == "i2"
    assert played.frames[0].model == "gemini-of-the-test"


@pytest.mark.slow
def test_a_stream_says_the_same_wherever_its_bytes_are_cut():
    _, _, pieces = sse_answer(RECORDED)
    raw = b"".join(pieces)
    whole = Played(stream(HEAD), RECORDED)
    for cut in byte_cuts(raw):
        played = Played(stream(HEAD), framed(Framing.SSE, cut))
        assert (played.lanes, played.whole, played.ended) == (whole.lanes, whole.whole, whole.ended)


GROWING = [
    ("text", {"text": "?"}),
    ("arguments_delta", {"arguments": "?"}),
    ("thought_summary", {"content": {"type": "text", "text": "?"}}),
    ("code_execution_call", {"arguments": {"code": "?"}}),
    ("code_execution_result", {"result": "?"}),
    ("function_result", {"result": "?"}),
    ("mcp_server_tool_result", {"result": "?"}),
]


def filled(value, text):
    if isinstance(value, dict):
        return {key: filled(below, text) for key, below in value.items()}
    return text if value == "?" else value


@pytest.mark.parametrize(("kind", "fields"), GROWING, ids=[kind for kind, _ in GROWING])
def test_a_lane_is_the_same_wherever_its_text_is_cut_and_a_flush_goes_on_in_it(kind, fields):
    for left, right in cuts("Zoë\n"):
        reader = stream(HEAD)
        played = Played(reader, [delta(0, type=kind, **filled(fields, text)) for text in (left, right)])
        assert played.lanes == {(0, kind): "Zoë\n"}
        assert reader.read(*event("step.stop", index=0)).ends == ((0, kind),)
        assert reader.flush((0, kind), "held") == delta(0, type=kind, **filled(fields, "held"))


def test_deltas_that_come_whole_have_lanes_of_their_own():
    played = Played(stream(HEAD), [
        delta(0, type="mcp_server_tool_call", name="q", server_name="w", arguments={"a": "asked"}),
        delta(1, type="google_search_call", arguments={"queries": ["looked for"]}),
        delta(2, type="function_result", result=[{"type": "text", "text": "a part"}]),
        delta(3, type="url_context_result", result=[{"url": "https://u", "status": "success"}]),
        delta(4, type="text"),
        delta(5),
        event("step.start", index=6, step={"type": "code_execution_call", "arguments": {"code": "1"}}),
        event("interaction.status_update", interaction_id="i", usage={"total_input_tokens": 2}),
        (None, {"event_type": "step.delta", "index": 7, "delta": {}, "metadata": {
            "total_usage": {"total_output_tokens": 1}}}),
    ])  # fmt: skip
    assert played.whole == [
        ("tool_call", "asked"),
        ("tool_call", "looked for"),
        ("tool_result", "a part"),
        ("tool_result", "https://u"),
        ("tool_call", "1"),
    ]
    assert played.calls == ["code_execution"]
    assert [frame.usage for frame in played.frames if frame.usage] == [Usage(2), Usage(None, 1)]


def test_an_error_ends_all():
    frame = stream(HEAD).read(*event("error", error={"message": "no"}))
    assert frame.is_error and frame.ends_all


def test_a_whole_interaction_is_read_with_its_input_where_it_has_one():
    value = {**ANSWER, "input": "hello"}
    reading = read_answer(HEAD, value)
    assert texts(reading, value) == [
        ("answer", "assistant", "hm"),
        ("tool_call", "assistant", "Zoë"),
        ("answer", "assistant", "Bonjour"),
        ("answer", "assistant", "Wiki"),
        ("prompt", "user", "hello"),
    ]
    assert (reading.model, reading.conversation, reading.usage) == ("gemini-of-the-test", "i2", Usage(6, 7))


def test_inputs_of_every_form_agents_environments_and_caches_are_read():
    for given, said in (
        ({"type": "text", "text": "one"}, ["one"]),
        ([{"type": "text", "text": "a"}, "b", 5], ["a", "b"]),
        ({"type": "user_input", "content": {"type": "text", "text": "c"}}, ["c"]),
        ({"type": "function_result", "result": {"rows": [{"id": "1", "who": "d"}], "type": "x"}}, ["d"]),
        ({"type": "function_result", "result": {"type": "text", "text": "e"}}, ["e"]),
    ):
        body: dict = {"input": given}
        assert [text for _, _, text in texts(read_request(HEAD, body), body)] == said
    body = {
        "agent": "deep-research",
        "cached_content": "cachedContents/1",
        "environment": {"sources": [
            {"type": "inline", "content": "print(1)", "target": "a.py"},
            {"type": "inline", "content": "eHg=", "encoding": "base64", "target": "b.bin"},
            {"type": "gcs", "source": "gs://b/o", "target": "c"},
            {"type": "gcs"},
        ]},
        "tools": [{"type": "mcp_server", "name": "w", "url": "https://w"}],
    }  # fmt: skip
    reading = read_request(post("/v1beta1/projects/proj-1/locations/l/interactions"), body)
    assert (reading.model, reading.account, reading.tools) == ("deep-research", "proj-1", ("w",))
    assert texts(reading, body) == [("upload", None, "print(1)")]
    assert files(reading, body) == [
        ("cachedContents/1", None, None, "cachedContents/1", None),
        ("print(1)", "a.py", None, None, "text"),
        ("eHg=", "b.bin", None, None, "base64"),
        ("gs://b/o", "c", None, "gs://b/o", None),
    ]


def test_results_that_stand_deeper_than_is_walked_are_left_out():
    deep: object = "deep"
    for _ in range(100):
        deep = [deep]
    body = {"input": [{"type": "function_result", "result": deep}]}
    assert read_request(HEAD, body).parts == ()


KEYS = set(
    """
    input type content text data uri summary signature arguments result steps step delta index interaction
    usage event_type total_input_tokens code environment sources source annotations title tools name id model
    metadata total_usage cached_content system_instruction
    """.split()
)
WORDS = set(
    """
    text image thought model_output user_input function_call function_result code_execution_call
    arguments_delta thought_summary step.delta step.start step.stop interaction.completed error
    text_annotation_delta
    """.split()
)


@pytest.mark.slow
@hypothesis.given(bodies(KEYS, WORDS))
def test_any_body_gives_a_reading_whose_places_hold_strings(value):
    for body in (
        value,
        {"input": value},
        {"steps": value, "usage": value},
        {"input": [value, {"content": value}]},
    ):
        check_reading(read_request(HEAD, body), body)
        check_reading(read_answer(HEAD, body), body)


@pytest.mark.slow
@hypothesis.given(
    st.lists(st.tuples(st.none() | st.sampled_from(sorted(WORDS)), bodies(KEYS, WORDS)), max_size=5),
    st.booleans(),
)
def test_any_frames_are_read_and_every_flush_is_a_frame_of_the_lane(events, as_delta):
    reader = stream(HEAD)
    for name, value in events:
        payload = {"event_type": "step.delta", "index": 0, "delta": value} if as_delta else value
        frame = reader.read(name, payload)
        check_frame(frame, payload)
        for text in frame.texts:
            made = reader.flush(text.lane, "held")
            if made is not None:
                (grown,) = stream(HEAD).read(*made).texts
                assert (grown.lane, at(made[1], *grown.path)) == (text.lane, "held")
