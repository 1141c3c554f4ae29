"""
The page of Microsoft Copilot for consumers. Messages are built by hand after xtekky/gpt4free
``g4f/Provider/Copilot.py`` (commit eef67f8c, 2026-08-21), savevsgames/AI-PII-Sanitizer-Chrome-Extension
``docs/platforms/COPILOT_WEBSOCKET_PLAN.md`` (capture of 2025-11-03) and sums001/Windows-Copilot-API
``copilot/protocol.py`` (commit 84389bf8, 2026-06-27).
"""

import pytest

from sensor.dialects.copilot_web import UNCONFIRMED, read_answer, read_message, read_request, stream
from sensor.dialects.reading import Framing
from tests.dialects.web_checks import Played, files, halves, head, texts

CHAT = head("/c/api/chat?api-version=2", "copilot.microsoft.com", "GET", upgrade="websocket")
FILES = head("/c/api/attachments", "copilot.microsoft.com", content_type="image/png")


def test_what_is_sent():
    body = {
        "event": "send",
        "conversationId": "H9b72",
        "content": [
            {"type": "image", "url": "https://copilot.example.test/i"},
            {"type": "document", "attachmentId": "doc-1"},
            {"type": "text", "text": "what is this"},
            {"type": "other"},
        ],
        "mode": "smart",
        "context": {},
    }
    reading = read_message(CHAT, body, True)
    assert texts(reading, body) == [("prompt", "user", "what is this")]
    assert [file[0] for file in files(reading, body)] == ["https://copilot.example.test/i", "doc-1"]
    assert (reading.conversation, reading.model) == ("H9b72", "smart")
    assert read_message(CHAT, body, False).parts == ()
    assert read_message(CHAT, {"event": "setOptions", "supportedFeatures": ["x"]}, True).parts == ()
    assert UNCONFIRMED is True


def test_files_go_up_as_the_body_or_as_a_form():
    assert files(read_request(FILES, None), None) == [(None, None, "image/png", None, None)]
    parts = [{"name": "file", "filename": "b.txt", "content_type": "text/plain", "text": "names", "size": 5}]
    reading = read_request(FILES, parts)
    assert files(reading, parts) == [("names", "b.txt", "text/plain", None, "text")]
    told = {"url": "https://copilot.example.test/i", "id": "doc-1"}
    assert [file[0] for file in files(read_answer(FILES, told), told)] == [told["url"], "doc-1"]
    assert [file[0] for file in files(read_answer(FILES, {"id": "doc-1"}), {"id": "doc-1"})] == ["doc-1"]
    start = head("/c/api/start", "copilot.microsoft.com")
    assert read_request(start, {"timeZone": "x"}).files == ()
    assert read_answer(start, {"currentConversationId": "H9b72", "id": "x"}).conversation == "H9b72"


def append(text, message="m1", part="p1"):
    return None, {"event": "appendText", "messageId": message, "partId": part, "text": text}


def test_an_answer():
    frames = [
        (None, {"event": "connected"}),
        (None, {"event": "startMessage", "messageId": "m1", "conversationId": "H9b72"}),
        (None, {"event": "chainOfThought", "messageId": "m1", "text": "hm"}),
        append("Want to"),
        append(" try"),
        append("B", part="p2"),
        (None, {"event": "replaceText", "messageId": "m1", "partId": "p2", "text": "C"}),
        (None, {"event": "partCompleted", "messageId": "m1", "partId": "p1"}),
        (None, {"event": "done", "messageId": "m1"}),
        (None, {"event": "titleUpdate", "conversationId": "H9b72", "title": "Palindromes"}),
        (None, {"event": "generatingImage", "prompt": "a cat"}),
        (None, {"event": "suggestedFollowups", "suggestions": ["one", 2]}),
        (None, {"event": "error", "errorCode": "invalid-event"}),
        (None, {"event": "appendText", "text": 1}),
        (None, {"event": "titleUpdate"}),
    ]
    made = stream(CHAT)
    assert made.framing is Framing.WEBSOCKET
    read = Played(made, frames, lambda: stream(CHAT))
    assert read.said == {
        ("m1", "thought"): "hm",
        ("m1", "p1"): "Want to try",
        ("m1", "p2"): "C",
        ("once", 1): "Palindromes",
        ("once", 2): "a cat",
        ("once", 3): "one",
    }
    assert read.ended == [
        ("m1", "p1"),
        ("m1", "thought"),
        ("m1", "p2"),
        ("once", 1),
        ("once", 2),
        ("once", 3),
    ]
    assert [frame.is_error for frame in read.frames].index(True) == 12
    assert read.facts("conversation") == ["H9b72", "H9b72"]


@pytest.mark.parametrize(("first", "second"), halves("a b"))
def test_a_value_may_be_cut_between_any_two_messages_and_other_parts_in_between(first, second):
    read = Played(stream(CHAT), [append(first), append("x", part="p2"), append(second)])
    assert read.said[("m1", "p1")] == "a b"


def test_what_is_carried_on_goes_out_before_the_message_that_ends_it():
    made = stream(CHAT)
    made.read(*append("x"))
    made.read(None, {"event": "done", "messageId": "m1"})
    assert made.flush(("m1", "p1"), "rest") == append("rest")
    made.read(None, {"event": "ping"})
    assert made.flush(("m1", "p1"), "rest") is None
