"""
HuggingChat. Bodies and lines are built by hand after the service's own code, huggingface/chat-ui, commit
c100c162, 2026-08-21: ``src/routes/conversation/[id]/+server.ts``, ``src/lib/types/MessageUpdate.ts``,
``src/lib/utils/messageUpdates.ts``.
"""

import json

import pytest

from sensor.dialects.huggingchat import UNCONFIRMED, read_answer, read_request, stream
from sensor.dialects.reading import Framing
from tests.dialects.web_checks import Played, check_every_cut, files, halves, head, texts

CHAT = "0123456789abcdef01234567"
ASK = head(f"/chat/conversation/{CHAT}", "huggingface.co")
AGAIN = head(f"/chat/conversation/{CHAT}/stream?generationId=g", "huggingface.co", "GET")


def part(name, text, filename=None, content_type=None):
    return {"name": name, "filename": filename, "content_type": content_type, "text": text, "size": 3}


def test_a_prompt_with_files():
    data = {"inputs": "what is this", "id": "m", "is_retry": False, "selectedMcpServerNames": ["search", 1]}
    body = [
        part("files", "QUJD", "base64;a.png", "image/png"),
        part("files", "sha-1", "hash;b.png", "image/png"),
        part("files", None, "base64;c.png", "image/png"),
        part("data", json.dumps(data)),
    ]
    reading = read_request(ASK, body)
    assert texts(reading, body) == [("prompt", "user", "what is this")]
    assert files(reading, body) == [
        ("QUJD", "a.png", "image/png", None, "base64"),
        ("sha-1", "b.png", "image/png", "sha-1", None),
        ("base64;c.png", "c.png", "image/png", None, None),
    ]
    assert (reading.conversation, reading.tools, reading.streams) == (CHAT, ("search",), True)
    assert UNCONFIRMED is False


def test_a_conversation_begins():
    new = head("/chat/conversation", "huggingface.co")
    body = {"model": "meta-llama/Llama", "preprompt": "be kind"}
    reading = read_request(new, body)
    assert texts(reading, body) == [("prompt", "system", "be kind")]
    assert reading.model == "meta-llama/Llama" and reading.streams is None
    assert read_answer(new, {"conversationId": CHAT}).conversation == CHAT
    assert read_answer(ASK, None).conversation == CHAT


def test_a_question_of_a_tool_is_answered():
    body = {"elicitationId": "e", "action": "accept", "content": {"name": "Ada", "age": 3, "tags": ["x"]}}
    reading = read_request(head(f"/chat/conversation/{CHAT}/elicitation"), body)
    assert texts(reading, body) == [("tool_result", "user", "Ada"), ("tool_result", "user", "x")]


def line(kind, **more):
    return None, {"type": kind, **more}


CALL = {"name": "search", "parameters": {"q": "a b", "n": 3}}
STREAM = [
    line("status", status="started"),
    line("title", title="Greeting"),
    line("reasoning", subtype="stream", token="hm"),
    line("tool", subtype="call", uuid="u", call=CALL, argumentsRaw='{"q":"a b"}', content="Let me check"),
    line(
        "tool",
        subtype="result",
        uuid="u",
        result={"status": "success", "call": CALL, "outputs": [{"text": "found"}]},
    ),
    line("tool", subtype="error", uuid="v", message="failed"),
    line("stream", token="Grü\0\0"),
    line("stream", token="ße\0"),
    line("routerMetadata", route="r", model="omni"),
    line("file", name="x.png", sha="s", mime="image/png"),
    line("finalAnswer", text="Grüße", interrupted=False),
    line("status", status="finished"),
]


@pytest.mark.parametrize("asked", [ASK, AGAIN])
def test_an_answer_says_the_same_wherever_it_is_cut(asked):
    read = check_every_cut(lambda: stream(asked), STREAM)
    assert stream(asked).framing is (Framing.NDJSON if asked is ASK else Framing.SSE)
    assert read.said["token"] == "Grüße" and read.said["reasoning"] == "hm"
    once = [(read.directions[lane], text) for lane, text in read.said.items() if lane[0] == "once"]
    assert once == [
        ("answer", "Greeting"),
        ("tool_call", "a b"),
        ("tool_call", '{"q":"a b"}'),
        ("answer", "Let me check"),
        ("tool_call", "a b"),
        ("tool_result", "found"),
        ("tool_result", "failed"),
    ]
    assert read.escaped == {("once", 3)}
    assert set(read.ended) == set(read.said)
    assert read.facts("calls") == [("search",)] and read.facts("model") == ["omni"]
    assert [frame.ends_all for frame in read.frames] == [False] * 11 + [True]
    assert set(read.facts("conversation")) == {CHAT}


@pytest.mark.parametrize(("first", "second"), halves("a b"))
def test_a_value_may_be_cut_between_any_two_lines(first, second):
    read = Played(stream(ASK), [line("stream", token=first), line("stream", token=second)])
    assert read.said == {"token": "a b"}


def test_taken_up_again_a_line_is_an_event_with_a_name():
    made = stream(AGAIN)
    made.read("update", {"type": "reasoning", "subtype": "stream", "token": "x"})
    assert made.flush("reasoning", "y") == (
        "update",
        {"type": "reasoning", "subtype": "stream", "token": "y"},
    )
    assert made.read("end", {"status": "done"}).ends_all is True


def test_errors_and_lines_without_text():
    assert stream(ASK).read(*line("status", status="error", message="x")).is_error is True
    for one in (
        line("stream", token=1),
        line("finalAnswer"),
        line("title"),
        line("reasoning", status="x"),
        line(1),
    ):
        assert stream(ASK).read(*one).texts == ()
