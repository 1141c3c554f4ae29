"""
Streamed answers of ``generateContent``: what google-genai puts together out of a stream is what our reader's
lanes give; as events, as one JSON array, wrapped by Code Assist.
"""

from __future__ import annotations

import json

import hypothesis
import hypothesis.strategies as st
import pytest
from google import genai

from sensor.dialects.gemini import MAX_CANDIDATES, stream
from sensor.dialects.lanebook import MAX_LANES, REST
from sensor.dialects.picking import at
from sensor.dialects.reading import Framing, Usage
from tests.dialects.standin import always, serve, sse_answer
from tests.dialects.told import Played, bodies, byte_cuts, check_frame, cuts, flushed, framed, post

HEAD = post("/v1beta/models/m:streamGenerateContent?alt=sse")


def chunk(*parts, index=0, finish=None, **more):
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": index}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "gemini-of-the-test", "responseId": "r1", **more}


RECORDED = [
    chunk({"text": "the user ", "thought": True}),
    chunk({"text": "asks", "thought": True}),
    chunk({"text": "Bon"}, {"text": "jour, "}),
    chunk({"text": "Zoë"}, {"functionCall": {"name": "lookup", "args": {"who": ["Zoë"], "n": 1}}}),
    chunk({"executableCode": {"code": "print(1)", "language": "PYTHON"}}),
    chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}}),
    chunk(
        {"text": "", "thoughtSignature": "c2ln"},
        finish="STOP",
        usageMetadata={"promptTokenCount": 5, "candidatesTokenCount": 9, "totalTokenCount": 14},
    ),
]


def sdk_chunks(frames):
    with serve(always(sse_answer((None, frame) for frame in frames))) as (base, seen):
        client = genai.Client(api_key="none", http_options={"base_url": base, "api_version": "v1beta"})
        chunks = list(client.models.generate_content_stream(model="m", contents="x"))
        client.close()
    return seen[0], chunks


def joined(chunks, thought):
    return "".join(
        part.text
        for made in chunks
        for part in made.candidates[0].content.parts
        if part.text and bool(part.thought) is thought
    )


def test_the_lanes_of_a_stream_hold_what_the_sdk_puts_together():
    seen, chunks = sdk_chunks(RECORDED)
    reader = stream(seen.head())
    assert reader.framing is Framing.SSE
    played = Played(reader, ((None, frame) for frame in RECORDED))
    assert played.lanes == {(0, "thought"): joined(chunks, True), (0, "text"): joined(chunks, False)}
    assert played.lanes[(0, "text")] == "Bonjour, Zoë"
    assert played.whole == [("tool_call", "Zoë"), ("tool_call", "print(1)"), ("tool_result", "1\n")]
    assert played.calls == ["lookup", "code_execution"]
    assert played.fixed == {(0, "thought")}
    assert not played.escaped  # arguments are an object, not JSON in a string
    assert played.ended == [(0, "thought"), (0, "text")]
    assert played.frames[-1].usage == Usage(5, 9)
    assert played.frames[0].model == "gemini-of-the-test"


@pytest.mark.slow
@pytest.mark.parametrize("framing", [Framing.SSE, Framing.JSON_ARRAY])
def test_a_stream_says_the_same_wherever_its_bytes_are_cut(framing):
    if framing is Framing.SSE:
        _, _, pieces = sse_answer((None, frame) for frame in RECORDED)
        raw = b"".join(pieces)
    else:
        raw = json.dumps(RECORDED, indent=1, ensure_ascii=False).encode()
    whole = Played(stream(HEAD), ((None, frame) for frame in RECORDED))
    for cut in byte_cuts(raw):
        played = Played(stream(HEAD), framed(framing, cut))
        assert (played.lanes, played.whole, played.ended) == (whole.lanes, whole.whole, whole.ended)


def test_parts_of_one_chunk_and_of_the_next_go_on_in_one_lane_wherever_the_text_is_cut():
    whole = "Zoë said\n"
    for left, right in cuts(whole):
        assert Played(stream(HEAD), [(None, chunk({"text": left}, {"text": right}))]).lanes == {
            (0, "text"): whole
        }
        frames = [(None, chunk({"text": left})), (None, chunk({"text": right}))]
        assert Played(stream(HEAD), frames).lanes == {(0, "text"): whole}


def test_a_flush_is_a_chunk_that_the_sdk_takes_without_usage_and_end():
    reader = stream(HEAD)
    last = chunk({"text": "Bon"}, finish="STOP", usageMetadata={"promptTokenCount": 5})
    frame = reader.read(None, last)
    assert frame.ends == ((0, "text"),)
    name, made = flushed(reader, (0, "text"), "jour")
    assert (name, made) == (None, chunk({"text": "jour"}))
    _, chunks = sdk_chunks([chunk({"text": "Bon"}), made])
    assert joined(chunks, False) == "Bonjour"
    reader.read(None, chunk({"text": "x", "thought": True}))
    assert flushed(reader, (0, "thought"), "y")[1] == chunk({"text": "y", "thought": True})
    assert reader.flush((0, "text"), "gone") is None  # ended a frame ago


def test_candidates_have_lanes_of_their_own_and_end_on_their_own():
    two = {
        "candidates": [
            {"content": {"parts": [{"text": "a"}]}, "index": 1},
            {"content": {"parts": [{"text": "b"}]}, "finishReason": "STOP"},
            {"content": {"parts": [{"text": "c"}]}, "index": 5, "finish_reason": "STOP"},
        ]
    }
    played = Played(stream(HEAD), [(None, two), (None, chunk({"text": "d"}, index=5))])
    assert played.lanes == {(1, "text"): "ab", (5, "text"): "cd"}  # without an index the place says which
    assert played.ended == [(1, "text"), (5, "text")]


def test_one_json_array_is_framed_by_element():
    for path in ("/v1beta/models/m:streamGenerateContent", "/v1beta/models/m:streamGenerateContent?alt=json"):
        assert stream(post(path)).framing is Framing.JSON_ARRAY


def test_code_assist_wraps_each_chunk_and_a_flush_is_wrapped_too():
    """Form: google-gemini/gemini-cli, packages/core/src/code_assist/converter.ts."""
    reader = stream(post("/v1internal:streamGenerateContent?alt=sse"))
    played = Played(reader, [(None, {"response": frame, "traceId": "t"}) for frame in RECORDED[:3]])
    assert played.lanes == {(0, "thought"): "the user asks", (0, "text"): "Bonjour, "}
    assert flushed(reader, (0, "text"), "x")[1] == {"response": chunk({"text": "x"}), "traceId": "t"}


def piece(path, text, goes_on=None):
    made = {"jsonPath": path, "stringValue": text}
    return made if goes_on is None else {**made, "willContinue": goes_on}


def test_arguments_that_are_streamed_piecemeal_have_a_lane_for_each_path():
    """Form: google-genai 3.4 ``PartialArg``; Vertex AI only."""
    frames = [
        chunk({"functionCall": {"name": "write", "willContinue": True}}),
        chunk({"functionCall": {"partialArgs": [piece("$.text", "Zo", True)], "willContinue": True}}),
        chunk({"functionCall": {"partialArgs": [
            piece("$.text", "ë"), {"jsonPath": "$.n", "numberValue": 1}]}}),
        chunk({"function_call": {"name": "write", "partial_args": [
            {"json_path": "$.text", "string_value": "second", "will_continue": True},
            {"string_value": 5}, 7]}}),
    ]  # fmt: skip
    reader = stream(HEAD)
    played = Played(reader, ((None, frame) for frame in frames))
    assert played.lanes == {(0, (1, "$.text")): "Zoë", (0, (2, "$.text")): "second"}
    assert played.ended == [(0, (1, "$.text"))]
    assert played.calls == ["write", "write"]
    _, made = flushed(reader, (0, (2, "$.text")), "held")
    part = {"functionCall": {"partialArgs": [piece("$.text", "held", True)], "willContinue": True}}
    assert made == chunk(part)


def test_sources_of_an_answer_come_whole():
    grounded = chunk({"text": "Paris"})
    grounded["candidates"][0]["groundingMetadata"] = {
        "webSearchQueries": ["asked"],
        "groundingSupports": [{"segment": {"text": "Paris"}}],
    }
    played = Played(stream(HEAD), [(None, grounded)])
    assert played.whole == [("tool_call", "asked"), ("answer", "Paris")]


def test_an_error_ends_all():
    frame = stream(HEAD).read(None, {"error": {"code": 403, "message": "no"}})
    assert frame.is_error and frame.ends_all


@pytest.mark.slow
def test_lanes_and_candidates_beyond_the_bounds_share_and_no_text_is_left_out():
    reader = stream(HEAD)
    played = Played(reader, ((None, chunk({"text": str(n)}, index=n)) for n in range(MAX_LANES + 2)))
    assert played.lanes[REST] == f"{MAX_LANES}{MAX_LANES + 1}"
    assert at(flushed(reader, REST, "x")[1], "candidates", 0, "index") == MAX_LANES + 1
    many = Played(
        stream(HEAD),
        (
            (None, chunk({"functionCall": {"name": "f", "args": {"a": "b"}}}, index=n))
            for n in range(MAX_CANDIDATES + 2)
        ),
    )
    assert len(many.whole) == len(many.calls) == MAX_CANDIDATES + 2


def test_long_plain_fields_are_not_kept_for_a_flush():
    reader = stream(HEAD)
    reader.read(None, {**chunk({"text": "a"}), "responseId": "r" * 5000})
    assert "responseId" not in flushed(reader, (0, "text"), "b")[1]


KEYS = set(
    """
    candidates content parts text thought index finishReason functionCall name args partialArgs jsonPath
    stringValue willContinue executableCode code codeExecutionResult output groundingMetadata webSearchQueries
    usageMetadata promptTokenCount modelVersion response error inlineData data thoughtSignature
    """.split()
)
WORDS = {"STOP", "$.a", "model"}


@pytest.mark.slow
@hypothesis.given(
    st.lists(
        bodies(KEYS, WORDS)
        | bodies(KEYS, WORDS).map(lambda value: {"candidates": [{"content": {"parts": [value]}}, value]})
        | bodies(KEYS, WORDS).map(lambda value: chunk(value, {"functionCall": value}, {"text": value})),
        max_size=5,
    )
)
def test_any_frames_are_read_and_every_flush_is_a_frame_of_the_lane(frames):
    reader = stream(HEAD)
    for value in frames:
        frame = reader.read(None, value)
        check_frame(frame, value)
        for text in frame.texts:
            made = reader.flush(text.lane, "held")
            if made is not None:
                assert "held" in [
                    at(made[1], *grown.path) for grown in stream(HEAD).read(None, made[1]).texts
                ]
    assert reader.flush("no such lane", "x") is None


@pytest.mark.parametrize("value", [None, [], "[DONE]", {}, {"candidates": None}])
def test_a_frame_that_says_nothing_gives_nothing(value):
    frame = stream(HEAD).read(None, value)
    assert (frame.texts, frame.ends, frame.is_error) == ((), (), False)
