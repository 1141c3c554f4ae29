"""
The page of Grok. Bodies, lines and messages are built by hand after xtekky/gpt4free
``g4f/Provider/needs_auth/Grok.py`` (commit eef67f8c, 2026-08-21) and chenyme/grok2api
``backend/internal/infra/provider/web/chat.go``, ``gateway.go``, ``protocol_test.go`` (commit d6f6e9f5,
2026-08-20) and ``app/dataplane/reverse/transport/asset_upload.py`` (commit 13fadd54).
"""

import pytest

from sensor.dialects.grok_web import UNCONFIRMED, read_answer, read_message, read_request, stream
from sensor.dialects.reading import Framing
from tests.dialects.web_checks import Played, check_every_cut, files, halves, head, texts

NEW = head("/rest/app-chat/conversations/new", "grok.com")
MORE = head("/rest/app-chat/conversations/conv_1/responses", "grok.com")
SOCKET = head("/ws/mgw/?uid=u", "grok.com", "GET", upgrade="websocket")


@pytest.mark.parametrize(("asked", "conversation"), [(NEW, None), (MORE, "conv_1")])
def test_a_prompt_with_files(asked, conversation):
    body = {
        "temporary": True,
        "message": "what is this",
        "fileAttachments": ["f-1", 2],
        "imageAttachments": ["i-1"],
        "modeId": "auto",
    }
    reading = read_request(asked, body)
    assert texts(reading, body) == [("prompt", "user", "what is this")]
    assert [file[0] for file in files(reading, body)] == ["f-1", "i-1"]
    assert (reading.conversation, reading.model, reading.streams) == (conversation, "auto", True)
    assert UNCONFIRMED is True


def test_files_go_up_as_json_or_as_a_form():
    body = {"fileName": "a.txt", "fileMimeType": "text/plain", "content": "bmFtZXM="}
    reading = read_request(head("/rest/app-chat/upload-file"), body)
    assert files(reading, body) == [("bmFtZXM=", "a.txt", "text/plain", None, "base64")]
    parts = [{"name": "file", "filename": "a.png", "content_type": "image/png", "text": None, "size": 3}]
    reading = read_request(head("/http/upload-file-v2/direct"), parts)
    assert files(reading, parts) == [("a.png", "a.png", "image/png", None, None)] and reading.streams is None
    for told in ({"fileMetadataId": "f-1"}, {"fileMetadata": {"fileMetadataId": "f-1"}}):
        assert [file[0] for file in files(read_answer(NEW, told), told)] == ["f-1"]


def token(text, thinking=False, tag="final"):
    return None, {"result": {"response": {"token": text, "isThinking": thinking, "messageTag": tag}}}


STREAM = [
    (None, {"result": {"conversation": {"conversationId": "conv_1"}}}),
    (None, {"result": {"response": {"userResponse": {"responseId": "up_1"}}}}),
    token("thinkíng ", True, "analysis"),
    token("<xai:tool>", False, "tool_usage_card"),
    token("Grü"),
    token("ße"),
    (None, {"result": {"response": {"modelResponse": {"message": "Grüße"}}}}),
    (None, {"result": {"title": {"newTitle": "Greeting"}}}),
]


def test_an_answer_says_the_same_wherever_it_is_cut():
    assert stream(NEW).framing is Framing.NDJSON
    read = check_every_cut(lambda: stream(NEW), STREAM)
    assert read.said == {"thinking": "thinkíng ", "tool": "<xai:tool>", "token": "Grüße", "title": "Greeting"}
    assert read.directions["tool"] == "tool_call"
    assert read.ended == ["token", "thinking", "tool", "title"]
    assert read.facts("conversation") == ["conv_1"]


@pytest.mark.parametrize(("first", "second"), halves("a b"))
def test_a_value_may_be_cut_between_any_two_lines_with_thinking_in_between(first, second):
    frames = [token(first), token("x", True), token(second)]
    assert Played(stream(NEW), frames).said["token"] == "a b"


def test_later_turns_have_no_response_around_them():
    frames = [
        (None, {"result": {"token": "a", "isThinking": False}}),
        (None, {"result": {"token": "b"}}),
        (None, {"result": {"modelResponse": {"message": "ab"}}}),
        (None, {"error": {"code": 8, "message": "Too many requests"}}),
        (None, {"result": {"response": {"error": {"code": "x"}}}}),
        (None, 5),
    ]
    read = Played(stream(MORE), frames, lambda: stream(MORE))
    assert read.said == {"token": "ab"} and read.ended == ["token"]
    assert [frame.is_error for frame in read.frames] == [False] * 3 + [True, True, False]
    made = stream(MORE)
    made.read(*frames[0])
    assert made.flush("token", "x") == (None, {"result": {"token": "x", "isThinking": False}})


def test_a_prompt_on_the_websocket():
    item = {
        "type": "message",
        "role": "user",
        "x_grok": {"input_chunks": [{"mention": {"target": {}}}, {"text": {"text": "what is this"}}]},
        "file_attachment_ids": ["f-1"],
    }
    body = {"session_id": "conv_1", "event": {"type": "conversation.item.create", "item": item}}
    reading = read_message(SOCKET, body, True)
    assert texts(reading, body) == [("prompt", "user", "what is this")]
    assert [file[0] for file in files(reading, body)] == ["f-1"] and reading.conversation == "conv_1"
    assert read_message(SOCKET, body, False).parts == ()
    begun = {"event": {"type": "session.create", "session": {"model": "grok-4"}}}
    assert read_message(SOCKET, begun, True).model == "grok-4"


def said(kind, **more):
    return None, {"session_id": "conv_1", "event": {"type": kind, **more}}


def test_an_answer_on_the_websocket():
    frames = [
        said("conversation.attached", conversation={"id": "conv_1"}),
        said("response.chunk", chunk={"text": {"text": "hm", "channel": "analysis"}}),
        said("response.chunk", chunk={"text": {"text": "a"}}),
        said("response.chunk", chunk={"text": {"text": "b"}}),
        said("response.chunk", chunk={"tool_result": {}}),
        said("response.output_text.delta", delta="c"),
        said("response.output_text.delta", delta=1),
        said("response.output_text.done", text="cd"),
        said("response.done", response={"id": "r"}),
        (None, {"event": {"type": "error", "error": {"code": "anti_bot"}}}),
        (None, {"event": {"type": "response.output_text.delta", "delta": "e"}}),
    ]
    made = stream(SOCKET)
    assert made.framing is Framing.WEBSOCKET
    read = Played(made, frames, lambda: stream(SOCKET))
    assert read.said == {("chunk", "analysis"): "hm", ("chunk", None): "ab", "text": "e"}
    assert read.ended == ["text"] and read.frames[8].ends_all and read.frames[9].is_error
    assert read.facts("conversation") == ["conv_1"]
    assert made.flush(("chunk", None), "x") == said("response.chunk", chunk={"text": {"text": "x"}})
