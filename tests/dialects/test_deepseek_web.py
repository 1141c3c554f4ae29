"""
The page of DeepSeek. Bodies and events are built by hand after xtekky/gpt4free
``g4f/Provider/needs_auth/DeepSeek.py`` (commit eef67f8c, 2026-08-21) and diegosouzapw/OmniRoute
``open-sse/executors/deepseek-web.ts`` (commit 001e4db1).
"""

import pytest

from sensor.dialects.deepseek_web import UNCONFIRMED, read_answer, read_request, stream
from tests.dialects.web_checks import Played, carried, check_every_cut, files, halves, head, texts

ASK = head("/api/v0/chat/completion", "chat.deepseek.com")


def test_a_prompt_with_a_file():
    body = {
        "chat_session_id": "s-1",
        "prompt": "sum it up",
        "ref_file_ids": ["file-1", 2],
        "thinking_enabled": True,
        "client_stream_id": "20261124-00",
    }
    reading = read_request(ASK, body)
    assert texts(reading, body) == [("prompt", "user", "sum it up")]
    assert files(reading, body) == [("file-1", None, None, "file-1", None)]
    assert (reading.conversation, reading.streams, reading.signed) == ("s-1", True, False)
    assert UNCONFIRMED is True


def test_a_file_goes_up():
    upload = head("/api/v0/file/upload_file", "chat.deepseek.com")
    parts = [{"name": "file", "filename": "a.txt", "content_type": "text/plain", "text": "names", "size": 5}]
    reading = read_request(upload, parts)
    assert files(reading, parts) == [("names", "a.txt", "text/plain", None, "text")]
    assert texts(reading, parts) == [("upload", "user", "names")] and reading.streams is None
    for told in ({"data": {"id": "file-1"}}, {"data": {"biz_data": {"id": "file-1"}}}):
        assert [file[0] for file in files(read_answer(upload, told), told)] == ["file-1"]
    begun = head("/api/v0/chat_session/create", "chat.deepseek.com")
    assert read_answer(begun, {"data": {"biz_data": {"id": "s-1"}}}).conversation == "s-1"


def opened(*fragments):
    return None, {"v": {"response": {"message_id": 2, "role": "ASSISTANT", "fragments": list(fragments)}}}


def fragment(text, kind="RESPONSE", number=1):
    return {"id": number, "type": kind, "content": text}


STREAM = [
    ("ready", {"request_message_id": 1, "response_message_id": 2}),
    opened(fragment("We", "THINK")),
    (None, {"p": "response/fragments/-1/content", "o": "APPEND", "v": " thínk"}),
    (None, {"v": "."}),
    (None, {"p": "response/fragments/-1/elapsed_secs", "o": "SET", "v": 0.9}),
    (None, {"p": "response/fragments", "o": "APPEND", "v": [fragment("Grü", number=2)]}),
    (None, {"v": "ße"}),
    (None, {"p": "response/fragments/-1/content", "o": "APPEND", "v": " an"}),
    (None, {"p": "response", "o": "BATCH", "v": [{"p": "accumulated_token_usage", "v": 41},
                                                 {"p": "quasi_status", "v": "FINISHED"}]}),
    (None, {"p": "response/status", "o": "SET", "v": "FINISHED"}),
    ("close", {}),
]  # fmt: skip


def test_an_answer_says_the_same_wherever_it_is_cut():
    read = check_every_cut(lambda: stream(ASK), STREAM)
    assert read.said == {("fragment", 0): "We thínk.", ("fragment", 1): "Grüße an"}
    assert read.ended == [("fragment", 0)]
    assert [frame.ends_all for frame in read.frames] == [False] * 9 + [True, True]


@pytest.mark.parametrize(("first", "second"), halves("a b"))
def test_a_value_may_be_cut_between_any_two_events(first, second):
    frames = [opened(fragment(first)), (None, {"v": second})]
    assert Played(stream(ASK), frames, lambda: stream(ASK)).all == ["a b"]


def test_fragments_of_a_batch():
    frames = [
        opened(),
        (None, {"p": "response", "o": "BATCH", "v": [
            {"p": "fragments", "o": "APPEND", "v": [fragment("a")]},
            {"p": "fragments/0/content", "o": "APPEND", "v": "b"},
            {"p": "fragments", "o": "BATCH", "v": []},
            {"p": "has_pending_fragment", "o": "SET", "v": False},
            5,
        ]}),
        (None, {"v": "c"}),
        (None, {"p": "response/fragments/0/content", "o": "APPEND", "v": "!"}),
        (None, {"p": "response/fragments", "o": "APPEND", "v": fragment("d")}),
        (None, {"o": "BATCH", "v": [{"p": "response/status", "v": "FINISHED"}]}),
    ]  # fmt: skip
    read = Played(stream(ASK), frames)
    assert read.said == {("fragment", 0): "abc!", ("fragment", 1): "d"}
    assert read.frames[-1].ends_all


def test_what_is_carried_on_names_the_fragment():
    made = stream(ASK)
    made.read(*opened(fragment("a")))
    made.read(None, {"p": "response/fragments", "o": "APPEND", "v": [fragment("b")]})
    event, value = carried(made, ("fragment", 0), "x")
    assert (event, value) == (None, {"p": "response/fragments/-1/content", "o": "APPEND", "v": "x"})


def test_texts_at_other_paths():
    frames = [
        (None, {"p": "response/content", "o": "APPEND", "v": "a"}),
        (None, {"p": "response/content", "v": "b"}),
        (None, {"p": "response/thinking_content", "o": "APPEND", "v": "c"}),
        (None, {"p": "response/search_status", "v": "FINISHED"}),
        (None, {"o": "SET", "v": "FINISHED"}),
        (None, {"p": "response/fragments", "o": "APPEND", "v": [1, {"type": "SEARCH"}]}),
        (None, {"p": "response/fragments/-1/content", "v": "whole"}),
        (None, {"p": 7, "v": 8}),
    ]
    read = Played(stream(ASK), frames)
    assert read.said == {
        ("path", "response/content"): "b",
        ("path", "response/thinking_content"): "c",
        ("fragment", 0): "whole",
    }


@pytest.mark.parametrize("value", [{"code": 40003, "msg": "x"}, {"code": 0, "data": {"biz_code": 9}}])
def test_errors(value):
    assert stream(ASK).read(None, value).is_error is True
    assert stream(ASK).read(None, {"code": 0, "data": {"biz_code": 0}}).is_error is False
