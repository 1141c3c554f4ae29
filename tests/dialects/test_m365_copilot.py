"""
Microsoft 365 Copilot. Bodies of Graph are those of Microsoft's pages (MicrosoftDocs/m365copilot-docs
``docs/api/ai-services/chat/copilotconversation-chat.md`` and ``…-chatoverstream.md``, commit 90efae84,
2026-08-21), shortened. Records of the chat hub are built by hand after microsoft/PyRIT
``pyrit/prompt_target/websocket_copilot_target.py`` (commit 0d11e3f5), yutuknown/OmniRoute
``open-sse/executors/copilot-m365-frames.ts`` (commit 2af5f44f) and HEXUXIU/M365-Copilot2API
``scripts/chathub_probe.py`` (commit 1791dd70, 2026-08-23).
"""

import pytest

from sensor.dialects.m365_copilot import UNCONFIRMED, read_answer, read_message, read_request, stream
from sensor.dialects.reading import Framing
from tests.dialects.web_checks import Played, carried, check_every_cut, files, halves, head, texts

CHAT = head("/beta/copilot/conversations/0d110e7e/chat", "graph.microsoft.com")
STREAMED = head("/beta/copilot/conversations/0d110e7e/chatOverStream", "graph.microsoft.com")
HUB = head(
    "/m365Copilot/Chathub/oid-1%40tenant-1?ConversationId=c",
    "substrate.office.com",
    "GET",
    upgrade="websocket",
)


@pytest.mark.parametrize(("asked", "streams"), [(CHAT, False), (STREAMED, True)])
def test_a_prompt_of_graph(asked, streams):
    address = "https://contoso.sharepoint.com/sites/Engineering/Business-Model.docx"
    body = {
        "message": {"text": "Summarize this document for me."},
        "additionalContext": [{"text": "for the board", "description": "audience"}],
        "locationHint": {"timeZone": "America/New_York"},
        "contextualResources": {"files": [{"uri": address}, {}], "webContext": {"isWebEnabled": False}},
    }
    reading = read_request(asked, body)
    assert texts(reading, body) == [
        ("prompt", "user", "Summarize this document for me."),
        ("prompt", "user", "for the board"),
        ("prompt", "user", "audience"),
    ]
    assert files(reading, body) == [(address, None, None, address, None)]
    assert (reading.conversation, reading.streams, reading.account) == ("0d110e7e", streams, None)


def test_a_conversation_begins():
    reading = read_request(head("/beta/copilot/conversations", "graph.microsoft.com"), {})
    assert reading.parts == () and reading.streams is None and reading.conversation is None


def conversation(*messages, name="Intermediate Conversation Update"):
    return {
        "id": "0d110e7e",
        "displayName": name,
        "state": "active",
        "turnCount": 0,
        "messages": list(messages),
    }


CARD = {
    "type": "AdaptiveCard",
    "version": "1.0",
    "body": [{"type": "TextBlock", "text": "Ä card", "wrap": True}],
}


def test_an_answer_of_graph():
    body = conversation(
        {"id": "m1", "text": "What meeting do I have?"}, {"id": "m2", "text": "One.", "adaptiveCards": [CARD]}
    )
    reading = read_answer(CHAT, body)
    assert texts(reading, body) == [
        ("answer", "assistant", "What meeting do I have?"),
        ("answer", "assistant", "One."),
        ("answer", "assistant", "Ä card"),
    ]
    assert [part.turn for part in reading.parts] == [0, 1, 1] and reading.conversation == "0d110e7e"


def test_a_streamed_answer_of_graph_says_the_same_wherever_it_is_cut():
    frames = [
        (None, conversation({"id": "m2", "text": "Yoü"})),
        (None, conversation({"id": "m2", "text": "Yoü asked", "adaptiveCards": [CARD]}, {"text": "no id"})),
        (None, conversation()),
        (None, conversation({"id": "m1", "text": "What?"}, {"id": "m2", "text": "Yoü asked."}, name="What?")),
        (None, {"error": {"code": "x"}}),
    ]
    read = check_every_cut(lambda: stream(STREAMED), frames)
    card = ("m2", "adaptiveCards", 0, "body", 0, "text")
    assert read.said == {
        ("m2", "text"): "Yoü asked.",
        card: "Ä card",
        (1, "text"): "no id",
        ("m1", "text"): "What?",
    }
    assert set(read.facts("conversation")) == {"0d110e7e"}
    assert [frame.is_error for frame in read.frames] == [False] * 4 + [True]
    made = stream(STREAMED)
    made.read(*frames[1])
    assert made.flush(card, "x") is None
    event, value = carried(made, ("m2", "text"), "x")
    assert event is None and value["messages"] == [{"id": "m2", "text": "x"}]


def test_a_prompt_on_the_chat_hub():
    note = {
        "id": "doc-1",
        "messageAnnotationMetadata": {"@type": "File", "fileName": "a.png", "fileType": "png"},
        "messageAnnotationType": "ImageFile",
    }
    record = {
        "arguments": [
            {
                "source": "officeweb",
                "conversationId": "c-1",
                "tone": "Gpt_5_5_Chat",
                "message": {
                    "author": "user",
                    "text": "hello",
                    "messageType": "Chat",
                    "messageAnnotations": [note, {}],
                },
                "plugins": [{"Id": "BingWebSearch", "Source": "BuiltIn"}],
            }
        ],
        "invocationId": "0",
        "target": "chat",
        "type": 4,
    }
    reading = read_message(HUB, record, True)
    assert texts(reading, record) == [("prompt", "user", "hello")]
    assert files(reading, record) == [("doc-1", "a.png", None, "doc-1", None)]
    assert (reading.conversation, reading.model, reading.tools) == ("c-1", "Gpt_5_5_Chat", ("BingWebSearch",))
    assert reading.account == "tenant-1" and UNCONFIRMED is True
    assert read_message(HUB, record, False).parts == ()
    assert read_message(HUB, {"type": 1, "target": "Metrics", "arguments": [{}]}, True).parts == ()
    assert read_message(head("/m365Copilot/Chathub/nobody"), {"type": 6}, True).account is None


def test_an_image_for_the_chat_hub():
    upload = head("/m365Copilot/UploadFile", "substrate.office.com")
    body = {"scenario": "UploadImage", "conversationId": "c-1", "FileBase64": "data:image/png;base64,AA=="}
    reading = read_request(upload, body)
    assert files(reading, body) == [("data:image/png;base64,AA==", None, None, None, "data_url")]
    assert reading.conversation == "c-1"
    assert read_request(upload, {"FileBase64": ["data:,x"]}).conversation is None
    told = {"docId": "doc-1"}
    assert files(read_answer(upload, told), told) == [("doc-1", None, None, "doc-1", None)]


def update(**argument):
    return None, {"type": 1, "target": "update", "arguments": [argument]}


HUB_FRAMES = [
    (None, {}),
    (None, {"type": 6}),
    update(messages=[{"author": "user", "text": "hällo"}, {"author": "bot", "text": ""}]),
    update(messages=[{"author": "bot", "messageType": "Progress", "text": "Searching"}, {"author": "bot"}]),
    update(messages=[{"author": "bot", "text": "Grü"}]),
    update(writeAtCursor="ße", throttling={}),
    update(messages=[{"author": "bot", "text": "Grüße!"}], isLastUpdate=True),
    (None, {"type": 2, "invocationId": "0", "item": {"result": {"value": "Success", "message": "Grüße!"}}}),
    (None, {"type": 3, "invocationId": "0"}),
]


def test_an_answer_on_the_chat_hub_says_the_same_wherever_it_is_cut():
    assert stream(HUB).framing is Framing.SIGNALR
    read = check_every_cut(lambda: stream(HUB), HUB_FRAMES)
    assert read.said == {("once", 1): "hällo", "answer": "Grüße!", ("once", 2): "Searching"}
    assert read.directions[("once", 1)] == "prompt"
    assert read.ended == [("once", 1), ("once", 2), "answer"]
    assert [frame.ends_all for frame in read.frames] == [False] * 8 + [True]


@pytest.mark.parametrize(("first", "second"), halves("a b"))
def test_a_value_may_be_cut_between_any_two_records(first, second):
    frames = [update(messages=[{"author": "bot", "text": first}]), update(writeAtCursor=second)]
    assert Played(stream(HUB), frames).said == {"answer": "a b"}


def test_what_is_carried_on_has_the_form_of_the_record_before():
    made = stream(HUB)
    made.read(*update(messages=[{"author": "bot", "text": "x"}]))
    assert made.flush("answer", "all") == update(messages=[{"author": "bot", "text": "all"}])
    made.read(*update(writeAtCursor="y"))
    assert made.flush("answer", "rest") == update(writeAtCursor="rest")


def test_errors_of_the_chat_hub():
    for record in ({"type": 3, "error": "denied"}, {"type": 7, "error": "closed"}, {"error": "handshake"}):
        assert stream(HUB).read(None, record).is_error is True
    assert stream(HUB).read(None, {"type": 2, "item": {}}).texts == ()
