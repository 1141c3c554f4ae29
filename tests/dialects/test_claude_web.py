"""
The page of Claude. Bodies and events are built by hand after diegosouzapw/OmniRoute
``open-sse/executors/claude-web/payload.ts`` (commit ef3e5a4f) and ``stream.ts`` (5272ae5b),
st1vms/unofficial-claude-api ``claude_api/client.py`` (commit 78482344, 2024-12-25), cyber-wojtek/Claude-API
(commit 8b6b8d42, 2026-02-27) and KoushikNavuluri/Claude-API (commit 1436d46a, 2023-08-17).
"""

import pytest

from sensor.dialects.claude_web import UNCONFIRMED, read_answer, read_request, stream
from tests.dialects.web_checks import Played, check_every_cut, files, halves, head, texts

ORG = "11111111-2222-4333-8444-555555555555"
CHAT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
BASE = f"/api/organizations/{ORG}/chat_conversations/{CHAT}"
ASK = head(f"{BASE}/completion", "claude.ai")


def test_a_prompt_with_the_text_of_a_file():
    body = {
        "prompt": "sum it up",
        "model": "claude-sonnet-4-6",
        "system_prompt": "be brief",
        "personalized_styles": [{"type": "default", "prompt": "Normal\n", "summary": "Default"}],
        "tools": [{"type": "web_search_v0", "name": "web_search"}, {"name": 3}],
        "attachments": [
            {"file_name": "a.txt", "file_type": "text/plain", "file_size": "5", "extracted_content": "names"},
            {"file_name": "b.txt"},
        ],
        "files": ["file-uuid", {"x": 1}],
    }
    reading = read_request(ASK, body)
    assert texts(reading, body) == [
        ("prompt", "system", "be brief"),
        ("prompt", "system", "Normal\n"),
        ("prompt", "user", "sum it up"),
        ("upload", "user", "names"),
    ]
    assert files(reading, body) == [
        ("names", "a.txt", "text/plain", None, "text"),
        ("file-uuid", None, None, "file-uuid", None),
    ]
    assert (reading.account, reading.conversation) == (ORG, CHAT)
    assert (reading.model, reading.tools, reading.tools_path) == (
        "claude-sonnet-4-6",
        ("web_search",),
        ("tools",),
    )
    assert reading.streams is True and UNCONFIRMED is True


def test_a_retry_sends_no_prompt():
    body = {"prompt": "", "parent_message_uuid": CHAT}
    reading = read_request(head(f"{BASE}/retry_completion"), body)
    assert reading.parts == () and reading.streams is True and reading.conversation == CHAT


def test_the_form_before():
    body = {
        "completion": {"prompt": "hi", "model": "claude-2"},
        "organization_uuid": ORG,
        "conversation_uuid": CHAT,
        "text": "hi",
        "attachments": [],
    }
    reading = read_request(head("/api/append_message"), body)
    assert texts(reading, body) == [("prompt", "user", "hi"), ("prompt", "user", "hi")]
    assert (reading.account, reading.conversation, reading.model) == (ORG, CHAT, "claude-2")


@pytest.mark.parametrize(
    ("path", "conversation"),
    [
        (f"/api/organizations/{ORG}/conversations/{CHAT}/wiggle/upload-file", CHAT),
        (f"/api/{ORG}/upload", None),
        ("/api/convert_document", None),
    ],
)
def test_a_file_goes_up(path, conversation):
    body = [
        {"name": "file", "filename": "a.csv", "content_type": "text/csv", "text": "x,y", "size": 3},
        {"name": "file", "filename": "a.png", "content_type": "image/png", "text": None, "size": 3},
        {"name": "orgUuid", "filename": None, "content_type": None, "text": ORG, "size": 36},
    ]
    reading = read_request(head(path, "claude.ai"), body)
    assert files(reading, body) == [
        ("x,y", "a.csv", "text/csv", None, "text"),
        ("a.png", "a.png", "image/png", None, None),
    ]
    assert texts(reading, body) == [("upload", "user", "x,y")]
    assert (reading.account, reading.conversation, reading.streams) == (ORG, conversation, None)


def test_what_comes_back_of_a_file():
    body = {"file_name": "a.pdf", "file_type": "pdf", "extracted_content": "names", "file_uuid": "f-1"}
    reading = read_answer(head("/api/convert_document"), body)
    assert texts(reading, body) == [("upload", "user", "names")]
    assert files(reading, body) == [
        ("names", "a.pdf", "pdf", None, "text"),
        ("f-1", "a.pdf", None, "f-1", None),
    ]
    assert read_answer(head("/api/x"), []).files == ()


def delta(index, kind, **text):
    return "content_block_delta", {
        "type": "content_block_delta",
        "index": index,
        "delta": {"type": kind, **text},
    }


STREAM = [
    ("message_start", {"type": "message_start", "message": {"model": "claude-sonnet-4-6", "content": []}}),
    ("content_block_start", {"type": "content_block_start", "index": 0,
                             "content_block": {"type": "thinking", "thinking": ""}}),
    delta(0, "thinking_delta", thinking="hm"),
    delta(0, "thinking_summary_delta", summary={"summary": "Thinking"}),
    ("content_block_stop", {"type": "content_block_stop", "index": 0}),
    ("content_block_start", {"type": "content_block_start", "index": 1,
                             "content_block": {"type": "text", "text": ""}}),
    delta(1, "text_delta", text="Grü"),
    delta(1, "text_delta", text="ße"),
    ("content_block_stop", {"type": "content_block_stop", "index": 1}),
    ("content_block_start", {"type": "content_block_start", "index": 2,
                             "content_block": {"type": "tool_use", "name": "web_search", "input": {}}}),
    delta(2, "input_json_delta", partial_json='{"q": "a'),
    delta(2, "input_json_delta", partial_json='b"}'),
    ("content_block_stop", {"type": "content_block_stop", "index": 2}),
    ("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
    ("message_limit", {"type": "message_limit", "remaining": 1}),
    ("message_stop", {"type": "message_stop"}),
]  # fmt: skip


@pytest.mark.slow
def test_an_answer_says_the_same_wherever_it_is_cut():
    read = check_every_cut(lambda: stream(ASK), STREAM)
    assert read.said == {
        ("block", 0, "thinking"): "hm",
        ("block", 0, "summary", "summary"): "Thinking",
        ("block", 1, "text"): "Grüße",
        ("block", 2, "partial_json"): '{"q": "ab"}',
    }
    assert read.directions[("block", 2, "partial_json")] == "tool_call"
    assert read.escaped == {("block", 2, "partial_json")}
    assert len(read.ended) == 4 and read.frames[-1].ends_all
    assert read.facts("calls") == [("web_search",)]
    assert read.facts("model") == ["claude-sonnet-4-6"]
    assert set(read.facts("conversation")) == {CHAT}


@pytest.mark.parametrize(("first", "second"), halves("a b"))
def test_a_value_may_be_cut_between_any_two_events(first, second):
    frames = [delta(0, "text_delta", text=first), delta(0, "text_delta", text=second)]
    assert Played(stream(ASK), frames).all == ["a b"]


def test_completions_of_the_form_before():
    frames = [
        ("completion", {"completion": "a", "stop_reason": None, "model": "claude-2"}),
        ("completion", {"completion": "b", "stop_reason": "stop_sequence", "model": "claude-2"}),
        ("error", {"type": "error", "error": {"type": "overloaded_error"}}),
    ]
    read = Played(stream(ASK), frames, lambda: stream(ASK))
    assert read.said == {"completion": "ab"} and read.ended == ["completion"]
    assert [frame.is_error for frame in read.frames] == [False, False, True]


def test_deltas_that_are_not_known_say_nothing():
    frames = [
        delta(0, "signature_delta", signature="x"),
        delta(0, "text_delta", text=1),
        delta(0, "thinking_summary_delta"),
        delta(0, "thinking_summary_delta", text="t"),
        (None, {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "name": 1}}),
        (None, {"type": "content_block_start", "content_block": {"type": "text", "text": "x"}}),
        (None, None),
    ]
    read = Played(stream(head("/x")), frames)
    assert read.said == {("block", 0, "text"): "t"}
    assert read.facts("calls") == [] and read.facts("conversation") == []
