"""
Streamed answers of Anthropic's APIs: what the SDK puts together out of a stream is what our reader's lanes
give.
"""

from __future__ import annotations

import json

import anthropic
import hypothesis
import hypothesis.strategies as st
import pytest

from sensor.dialects.anthropic_messages import stream
from sensor.dialects.lanebook import MAX_LANES, REST
from sensor.dialects.picking import at
from sensor.dialects.reading import Framing, Usage
from tests.dialects.standin import always, serve, sse_answer
from tests.dialects.told import Played, bodies, byte_cuts, check_frame, cuts, flushed, framed, post

HEAD = post("/v1/messages")

Event = tuple[str | None, dict]


def delta(index: int, kind: str, **fields) -> Event:
    payload = {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}
    return "content_block_delta", payload


def begin(index: int, **block) -> Event:
    return "content_block_start", {"type": "content_block_start", "index": index, "content_block": block}


def stop(index: int) -> Event:
    return "content_block_stop", {"type": "content_block_stop", "index": index}


MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-of-the-test", "content": [],
    "stop_reason": None, "stop_sequence": None,
    "usage": {"input_tokens": 5, "cache_read_input_tokens": 20, "output_tokens": 1},
}  # fmt: skip

START: Event = ("message_start", {"type": "message_start", "message": MESSAGE})
END: list[Event] = [
    ("message_delta", {
        "type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None},
        "usage": {"output_tokens": 30},
    }),
    ("message_stop", {"type": "message_stop"}),
]  # fmt: skip

RECORDED: list[Event] = [
    START,
    begin(0, type="thinking", thinking="", signature=""),
    ("ping", {"type": "ping"}),
    delta(0, "thinking_delta", thinking="the user "),
    delta(0, "thinking_delta", thinking="asks"),
    delta(0, "signature_delta", signature="c2ln"),
    stop(0),
    begin(1, type="text", text=""),
    delta(1, "text_delta", text="Bonn"),
    delta(1, "text_delta", text="jour, Zoë"),
    delta(1, "citations_delta", citation={
        "type": "char_location", "cited_text": "a passage", "document_index": 0, "document_title": "Atlas",
        "start_char_index": 0, "end_char_index": 9,
    }),
    stop(1),
    begin(2, type="tool_use", id="toolu_1", name="lookup", input={}),
    delta(2, "input_json_delta", partial_json='{"who": "Z'),
    delta(2, "input_json_delta", partial_json='oë \\"x\\""}'),
    stop(2),
    begin(3, type="server_tool_use", id="srvtoolu_1", name="code_execution", input={}),
    delta(3, "input_json_delta", partial_json='{"code": "1"}'),
    stop(3),
    begin(4, type="code_execution_tool_result", tool_use_id="srvtoolu_1", content={
        "type": "code_execution_result", "stdout": "1\n", "stderr": "", "return_code": 0, "content": [],
    }),
    stop(4),
    *END,
]  # fmt: skip


def test_the_lanes_of_a_stream_hold_what_the_sdk_puts_together():
    with serve(always(sse_answer(RECORDED))) as (base, seen):
        client = anthropic.Anthropic(api_key="none", base_url=base, max_retries=0)
        with client, client.messages.stream(
            model="claude-of-the-test", max_tokens=9, messages=[{"role": "user", "content": "x"}]
        ) as live:  # fmt: skip
            final = live.get_final_message()
    assert seen[0].json()["stream"] is True
    played = Played(stream(seen[0].head()), RECORDED)
    thinking, text, tool, *_ = final.content
    assert played.lanes[(0, "thinking_delta")] == thinking.thinking
    assert played.lanes[(1, "text_delta")] == text.text
    assert json.loads(played.lanes[(2, "input_json_delta")]) == tool.input == {"who": 'Zoë "x"'}
    assert played.whole == [("answer", "a passage"), ("answer", "Atlas"), ("tool_result", "1\n")]
    assert played.fixed == {(0, "thinking_delta")}
    assert played.escaped == {(2, "input_json_delta"), (3, "input_json_delta")}
    assert played.calls == ["lookup", "code_execution"]
    assert played.ended == [
        (0, "thinking_delta"),
        (1, "text_delta"),
        (2, "input_json_delta"),
        (3, "input_json_delta"),
    ]
    assert [frame.model for frame in played.frames if frame.model] == ["claude-of-the-test"]
    usages = [frame.usage for frame in played.frames if frame.usage]
    assert usages == [Usage(25, None), Usage(None, 30)]
    assert [frame.ends_all for frame in played.frames[-2:]] == [True, True]
    assert not any(frame.is_error for frame in played.frames)


@pytest.mark.slow
def test_a_stream_says_the_same_wherever_its_bytes_are_cut():
    _, _, pieces = sse_answer(RECORDED)
    raw = b"".join(pieces)
    whole = Played(stream(HEAD), RECORDED)
    for cut in byte_cuts(raw):
        played = Played(stream(HEAD), framed(Framing.SSE, cut))
        assert (played.lanes, played.whole, played.ended) == (whole.lanes, whole.whole, whole.ended)


@pytest.mark.parametrize(
    ("kind", "field", "block"),
    [
        ("text_delta", "text", {"type": "text", "text": ""}),
        ("input_json_delta", "partial_json", {"type": "tool_use", "id": "t", "name": "f", "input": {}}),
        ("thinking_delta", "thinking", {"type": "thinking", "thinking": "", "signature": ""}),
        ("compaction_delta", "content", {"type": "compaction", "content": None}),
    ],
)
def test_a_lane_is_the_same_wherever_its_text_is_cut_and_a_flush_goes_on_in_it(kind, field, block):
    whole = '{"a": "é\\"\\n"}'
    for left, right in cuts(whole):
        reader = stream(HEAD)
        events = [START, begin(0, **block), delta(0, kind, **{field: left}), delta(0, kind, **{field: right})]
        played = Played(reader, events)
        assert played.lanes == {(0, kind): whole}
        ended = reader.read(*stop(0))
        assert ended.ends == ((0, kind),)
        made = reader.flush((0, kind), "held")
        assert made == delta(0, kind, **{field: "held"})


def test_the_sdk_takes_a_flushed_frame_before_the_end_of_its_block():
    reader = stream(HEAD)
    events: list[Event] = [START, begin(0, type="text", text=""), delta(0, "text_delta", text="Bon")]
    Played(reader, events)
    reader.read(*stop(0))
    held = flushed(reader, (0, "text_delta"), "jour")
    with serve(always(sse_answer([*events, held, stop(0), *END]))) as (base, _):
        client = anthropic.Anthropic(api_key="none", base_url=base, max_retries=0)
        with client, client.messages.stream(
            model="claude-of-the-test", max_tokens=9, messages=[{"role": "user", "content": "x"}]
        ) as live:  # fmt: skip
            assert live.get_final_text() == "Bonjour"


def test_a_flush_has_no_event_name_where_the_stream_has_none():
    reader = stream(HEAD)
    reader.read(None, delta(0, "text_delta", text="x")[1])
    assert reader.flush((0, "text_delta"), "y") == (None, delta(0, "text_delta", text="y")[1])


def test_a_block_that_begins_with_text_begins_its_lane_with_it():
    played = Played(
        stream(HEAD),
        [
            begin(0, type="text", text="Bon"),
            delta(0, "text_delta", text="jour"),
            stop(0),
            begin(1, type="thinking", thinking="h", signature="s"),
            begin(2, type="tool_use", name="f", input={"a": "whole"}),
            begin(3, type="web_search_tool_result", content=[{"title": "T", "encrypted_content": "ZQ=="}]),
            begin(4, type="compaction", content="so far", signature="s"),
        ],
    )
    assert played.lanes == {(0, "text_delta"): "Bonjour", (1, "thinking_delta"): "h"}
    assert played.whole == [("tool_call", "whole"), ("tool_result", "T"), ("answer", "so far")]
    assert (1, "thinking_delta") in played.fixed
    assert len(played.fixed) == 2  # the thought, and the summary that is signed


def test_a_message_that_begins_with_content_tells_it():
    begun = {**MESSAGE, "content": [{"type": "text", "text": "prefilled"}]}
    played = Played(stream(HEAD), [("message_start", {"type": "message_start", "message": begun})])
    assert played.whole == [("answer", "prefilled")]


def test_an_error_in_the_stream_ends_it_as_the_sdk_does():
    payload = {"type": "error", "error": {"type": "permission_error", "message": "no"}}
    frame = stream(HEAD).read("error", payload)
    assert frame.is_error and frame.ends_all


@pytest.mark.skipif(not hasattr(anthropic.Anthropic, "completions"), reason="2.x has no completions")
def test_the_old_sdk_reads_the_stream_of_completions_that_we_read():
    events = [("completion", piece) for piece in COMPLETIONS]
    with serve(always(sse_answer(events))) as (base, seen):
        client = anthropic.Anthropic(api_key="none", base_url=base, max_retries=0)
        with client:
            made = client.completions.create(model="m", max_tokens_to_sample=4, prompt="x", stream=True)
            said = "".join(piece.completion for piece in made)
    assert Played(stream(seen[0].head()), events).lanes == {"completion": said}


COMPLETIONS = [
    {"type": "completion", "id": "c", "completion": " Bon", "stop_reason": None, "model": "m"},
    {"type": "completion", "id": "c", "completion": "jour", "stop_reason": "stop_sequence", "model": "m"},
]


def test_completions_of_the_old_api_are_one_lane():
    reader = stream(HEAD)
    played = Played(reader, [("completion", piece) for piece in COMPLETIONS])
    assert played.lanes == {"completion": " Bonjour"}
    assert [frame.ends_all for frame in played.frames] == [False, True]
    name, payload = flushed(reader, "completion", "!")
    assert (name, payload["completion"], payload["stop_reason"], payload["model"]) == (
        "completion",
        "!",
        None,
        "m",
    )
    assert reader.read("completion", {"type": "completion"}).texts == ()


def test_results_of_a_batch_are_lines_with_whole_messages():
    head = post("/v1/messages/batches/msgbatch_1/results")
    content = [{"type": "text", "text": "one"}, {"type": "tool_use", "name": "f", "input": {"a": "b"}}]
    line = {"custom_id": "1", "result": {"type": "succeeded", "message": {**MESSAGE, "content": content}}}
    reader = stream(head)
    assert reader.framing is Framing.NDJSON
    played = Played(
        reader, [(None, line), (None, {"custom_id": "2", "result": {"type": "expired"}}), (None, 5)]
    )
    assert played.whole == [("answer", "one"), ("tool_call", "b")]
    assert played.calls == ["f"]
    assert (played.frames[0].model, played.frames[0].usage) == ("claude-of-the-test", Usage(25, 1))
    assert reader.flush(("whole", 0), "x") is None
    assert stream(HEAD).framing is Framing.SSE


def test_events_of_managed_agents_are_walked_by_who_speaks():
    agent = {"type": "agent.message", "id": "e", "content": [{"type": "text", "text": "done"}]}
    person = {"type": "user.message", "content": [{"type": "text", "text": "do it"}]}
    played = Played(stream(HEAD), [("message", agent), ("message", person), (None, {}), (None, "[DONE]")])
    assert played.whole == [("answer", "done"), ("prompt", "do it")]


def test_lanes_beyond_the_bound_share_one_and_no_text_is_left_out():
    events = [delta(index, "text_delta", text=str(index)) for index in range(MAX_LANES + 3)]
    reader = stream(HEAD)
    played = Played(reader, events)
    assert len(played.lanes) == MAX_LANES + 1
    assert played.lanes[REST] == f"{MAX_LANES}{MAX_LANES + 1}{MAX_LANES + 2}"
    _, payload = flushed(reader, REST, "held")
    assert at(payload, "delta", "text") == "held"
    assert payload["index"] == MAX_LANES + 2
    assert reader.flush((MAX_LANES + 1, "text_delta"), "x") is None


def test_pieces_that_hold_no_string_grow_no_lane():
    odd = [delta(0, "text_delta", text=7), delta(0, "unheard_of", text="x"), ("content_block_stop", {})]
    played = Played(stream(HEAD), odd)
    assert (played.lanes, played.whole, played.ended) == ({}, [], [])


KEYS = set(
    """
    type index delta content_block message content text partial_json thinking citation cited_text title input
    name usage input_tokens output_tokens stop_reason completion model result signature stdout
    encrypted_content
    """.split()
)
WORDS = set(
    """
    content_block_start content_block_delta content_block_stop message_start message_delta message_stop error
    completion text_delta input_json_delta thinking_delta citations_delta compaction_delta text thinking
    tool_use web_search_tool_result compaction user.message
    """.split()
)


@pytest.mark.slow
@hypothesis.given(
    st.lists(st.tuples(st.none() | st.sampled_from(sorted(WORDS)), bodies(KEYS, WORDS)), max_size=6),
    st.sampled_from(["/v1/messages", "/v1/messages/batches/b/results"]),
)
def test_any_frames_are_read_and_every_flush_is_a_frame_of_the_lane(events, path):
    reader = stream(post(path))
    for event, value in events:
        frame = reader.read(event, value)
        check_frame(frame, value)
        for text in frame.texts:
            made = reader.flush(text.lane, "held")
            if made is not None:
                again = reader.read(*made)
                assert [at(made[1], *grown.path) for grown in again.texts] == ["held"]
                assert [grown.lane for grown in again.texts] == [text.lane]
    assert reader.flush("no such lane", "x") is None
