"""
The page of Perplexity. Bodies and events are built by hand after xtekky/gpt4free
``g4f/Provider/Perplexity.py`` (commit eef67f8c, 2026-08-21) and diegosouzapw/OmniRoute
``open-sse/executors/perplexity-web/protocol.ts`` (commit f23acc5d).
"""

import json

import pytest

from sensor.dialects import perplexity_web
from sensor.dialects.perplexity_web import UNCONFIRMED, read_answer, read_request, stream
from tests.dialects.web_checks import Played, check_every_cut, files, halves, head, texts

ASK = head("/rest/sse/perplexity_ask", "www.perplexity.ai")


def test_a_prompt_stands_twice():
    body = {
        "params": {
            "attachments": ["https://files.example.test/a.pdf", {}],
            "model_preference": "turbo",
            "last_backend_uuid": "b-1",
            "dsl_query": "who",
        },
        "query_str": "who",
    }
    reading = read_request(ASK, body)
    assert texts(reading, body) == [("prompt", "user", "who"), ("prompt", "user", "who")]
    assert [part.path for part in reading.parts] == [("query_str",), ("params", "dsl_query")]
    assert [file[0] for file in files(reading, body)] == ["https://files.example.test/a.pdf"]
    assert (reading.model, reading.conversation, reading.streams) == ("turbo", "b-1", True)
    assert read_request(head("/rest/thread"), {}).streams is None and UNCONFIRMED is True


def block(*patches, usage="ask_text", field="markdown_block"):
    return {"intended_usage": usage, "diff_block": {"field": field, "patches": list(patches)}}


def patch(path, value, op="add"):
    return {"op": op, "path": path, "value": value}


ANSWER = json.dumps({"answer": "Grüße an", "chunks": ["Grüße ", "an"]})
FINAL = [{"step_type": "FINAL", "content": {"answer": ANSWER}}]
STREAM = [
    ("message", {"backend_uuid": "b-1", "blocks": [block(patch("/goals/0", {"description": "Looking"}),
                                                         patch("/progress", "DONE"), field="plan_block")]}),
    ("message", {"blocks": [block(patch("", {"chunks": ["Grü"], "progress": "IN_PROGRESS"}, "replace"))]}),
    ("message", {"blocks": [block(patch("/chunks/1", "ße "), patch("/progress", "DONE")), None]}),
    ("message", {"blocks": [block(patch("/chunks/2", "an"), patch("/chunks/2", "AN", "replace"))]}),
    ("message", {"thread_title": "Greeting", "display_model": "turbo", "text": json.dumps(FINAL),
                 "final": True, "status": "COMPLETED", "related_query_items": [{"text": "And?"}, {}],
                 "blocks": [{"intended_usage": "ask_text",
                             "markdown_block": {"answer": "Grüße an", "chunks": ["Grüße ", "an"]}}]}),
    ("end_of_stream", {}),
]  # fmt: skip


def test_an_answer_says_the_same_wherever_it_is_cut():
    read = check_every_cut(lambda: stream(ASK), STREAM)
    assert read.said[("block", "ask_text")] == "Grüße an"
    assert read.said[("answer", "ask_text")] == "Grüße an"
    assert sorted(text for lane, text in read.said.items() if lane[0] == "once") == sorted(
        ["Looking", "AN", "Grüße an", "And?", "Greeting", "Grüße an", "Grüße an"]
    )
    assert {lane for lane in read.said if lane[0] == "once"} == set(read.ended)
    assert [frame.ends_all for frame in read.frames] == [False] * 4 + [True, True]
    assert (read.facts("conversation"), read.facts("model")) == (["b-1"], ["turbo"])


@pytest.mark.parametrize(("first", "second"), halves("a b"))
def test_a_value_may_be_cut_between_any_two_pieces_of_a_block(first, second):
    frames = [
        (None, {"blocks": [block(patch("", {"chunks": ["x", first]}))]}),
        (None, {"blocks": [block(patch("/chunks/2", second))]}),
    ]
    read = Played(stream(ASK), frames, lambda: stream(ASK))
    assert read.said == {("block", "ask_text"): "xa b"}


def test_what_is_carried_on_comes_after_the_last_piece():
    made = stream(ASK)
    made.read("message", {"blocks": [block(patch("", {"chunks": ["x", "y"]}))]})
    assert made.flush(("block", "ask_text"), "z") == ("message", {"blocks": [block(patch("/chunks/2", "z"))]})


def test_answers_that_are_told_so_far():
    frames = [
        (None, {"blocks": [block(patch("/answer", "He", "replace"))]}),
        (
            None,
            {"blocks": [block(patch("/answer", "Hello", "replace"), patch("/answer", 1), patch("/x", "y"))]},
        ),
        (None, {"blocks": [block(patch("/goals/0/description", "Reading", "replace"), field="plan_block")]}),
        (None, {"blocks": [block(patch("/chunks/0", "z"), usage="other", field="sources")]}),
        (None, {"blocks": [{"plan_block": {"goals": [{"description": "Planning", "id": "g"}]}}]}),
        (None, {"error_code": "QUOTA", "error_message": "no"}),
    ]
    read = Played(stream(ASK), frames, lambda: stream(ASK))
    assert read.said == {("answer", "ask_text"): "Hello", ("once", 1): "Reading", ("once", 2): "Planning"}
    assert read.frames[-1].is_error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain words", ["plain words"]),
        (json.dumps({"answer": "one"}), ["one"]),
        (json.dumps([{"content": "two"}, {"content": {"answer": "three"}}, 4]), ["two", "three"]),
        (json.dumps([{"content": json.dumps({"answer": "four"})}]), ["four"]),
        (json.dumps([{"content": {"answer": json.dumps({"chunks": ["fi", "ve"]})}}]), ["five"]),
    ],
)
def test_the_field_text_is_plain_or_json_in_json(text, said):
    body = {"text": text, "backend_uuid": "b-1", "display_model": "turbo"}
    read = Played(stream(ASK), [(None, body)])
    assert read.all == said
    reading = read_answer(ASK, body)
    assert "".join(one for _, _, one in texts(reading, body)) == "".join(said)
    assert (reading.conversation, reading.model) == ("b-1", "turbo")


def test_blocks_beyond_the_bound_are_not_counted_and_yet_read(monkeypatch):
    monkeypatch.setattr(perplexity_web, "MAX_LANES", 1)
    frames = [
        (None, {"blocks": [block(patch("", {"chunks": [usage]}), usage=usage)]}) for usage in ("a", "b", "b")
    ]
    read = Played(stream(ASK), frames)
    assert read.said == {("block", "a"): "a", ("block", "b"): "bb"}
