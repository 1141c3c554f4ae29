"""
The page of ChatGPT. Bodies and events are built by hand after xtekky/gpt4free
``g4f/Provider/needs_auth/OpenaiChat.py`` (commit eef67f8c, 2026-08-21), ratacat/pro-query
``docs/chatgpt-web-api-handbook.md`` (observed 2026-05-08), ypibsvanderdev/yahiaroute
``open-sse/utils/chatgptWebDeltaV1.ts`` and ``chatgptWebTransport.ts`` (commit 0999ce4b) and
diegosouzapw/OmniRoute ``chatgpt-web/sse.ts`` (commit ef2f0961).
"""

import pytest

from sensor.dialects import chatgpt_web
from sensor.dialects.chatgpt_web import read_answer, read_message, read_request, stream
from sensor.dialects.reading import Framing
from tests.dialects.web_checks import Played, check_every_cut, files, halves, head, texts

ASK = head("/backend-api/f/conversation", "chatgpt.com", chatgpt_account_id="acc-1")
PROMPT = {
    "action": "next",
    "parent_message_id": "client-created-root",
    "model": "gpt-5-5-pro",
    "conversation_id": "conv-1",
    "supported_encodings": ["v1"],
    "messages": [
        {
            "id": "m-1",
            "author": {"role": "user"},
            "content": {
                "content_type": "multimodal_text",
                "parts": [
                    {"asset_pointer": "file-service://file-1", "height": 1, "size_bytes": 2, "width": 1},
                    "what is this",
                ],
            },
            "metadata": {
                "attachments": [
                    {"id": "file-1", "mimeType": "image/png", "name": "a.png", "size": 2},
                    {"name": "b"},
                ]
            },
        }
    ],
}


def test_a_prompt_with_a_picture():
    reading = read_request(ASK, PROMPT)
    assert texts(reading, PROMPT) == [("prompt", "user", "what is this")]
    assert files(reading, PROMPT) == [
        ("file-service://file-1", None, None, "file-service://file-1", None),
        ("file-1", "a.png", "image/png", "file-1", None),
    ]
    assert (reading.model, reading.conversation, reading.account) == ("gpt-5-5-pro", "conv-1", "acc-1")
    assert reading.streams is True
    assert chatgpt_web.UNCONFIRMED is True


@pytest.mark.parametrize(
    ("path", "streams"),
    [
        ("/backend-anon/f/conversation", True),
        ("/backend-api/conversation", True),
        ("/backend-api/f/conversation/resume?x=1", True),
        ("/backend-api/f/conversation/prepare", None),
        ("/backend-api/files", None),
    ],
)
def test_which_requests_ask_for_a_stream(path, streams):
    assert read_request(head(path, "chatgpt.com"), {"action": "next"}).streams is streams
    assert read_request(head(path, "chatgpt.com"), {}).account is None


def test_a_history_has_the_roles_of_its_messages():
    def message(role, recipient="all", **content):
        return {"author": {"role": role}, "recipient": recipient, "content": content}

    body = {
        "messages": [
            message("system", parts=["be kind"]),
            message("assistant", parts=["hello", {"text": "spoken"}]),
            message("assistant", "python", content_type="code", text="print(1)"),
            message("tool", content_type="execution_output", text="1"),
            message(
                "assistant", content_type="thoughts", thoughts=[{"summary": "s", "content": "c", "id": "i"}]
            ),
        ]
    }
    assert texts(read_request(ASK, body), body) == [
        ("prompt", "system", "be kind"),
        ("answer", "assistant", "hello"),
        ("answer", "assistant", "spoken"),
        ("tool_call", "assistant", "print(1)"),
        ("tool_result", "tool", "1"),
        ("answer", "assistant", "s"),
        ("answer", "assistant", "c"),
    ]


def test_a_file_goes_up_in_three_steps():
    announced = {"file_name": "plan.pdf", "file_size": 3, "use_case": "my_files"}
    assert files(read_request(head("/backend-api/files"), announced), announced) == [
        ("plan.pdf", "plan.pdf", None, None, None)
    ]
    told = {"file_id": "file-9", "upload_url": "https://files.oaiusercontent.com/x"}
    assert files(read_answer(head("/backend-api/files"), told), told) == [
        ("file-9", None, None, "file-9", None)
    ]
    put = head("/x?sig=1", "sdmntpr.oaiusercontent.com:443", "PUT", content_type="application/pdf")
    assert files(read_request(put, None), None) == [(None, None, "application/pdf", None, None)]
    assert read_request(head("/files/file-9/uploaded"), {}).files == ()


def test_a_conversation_is_read_whole():
    body = {
        "title": "Trip",
        "mapping": {
            "a": {"message": {"author": {"role": "user"}, "content": {"parts": ["where"]}}},
            "b": {"message": {"author": {"role": "assistant"}, "content": {"parts": ["there"]}}},
            "c": {"message": None},
        },
    }
    reading = read_answer(
        head("/backend-api/conversation/68f0a1b2-0000-4000-8000-000000000001", method="GET"), body
    )
    assert texts(reading, body) == [
        ("prompt", "user", "where"),
        ("answer", "assistant", "there"),
        ("answer", "assistant", "Trip"),
    ]
    assert reading.conversation == "68f0a1b2-0000-4000-8000-000000000001"


def document(identity, role, text, status="in_progress", **more):
    message = {
        "id": identity,
        "author": {"role": role},
        "content": {"content_type": "text", "parts": [text]},
        "status": status,
        "metadata": {"model_slug": "gpt-5-5"},
        **more,
    }
    return {"message": message, "conversation_id": "conv-1", "error": None}


STREAM = [
    ("delta_encoding", "v1"),
    (None, {"type": "resume_conversation_token", "token": "t", "conversation_id": "conv-1"}),
    ("delta", {"p": "", "o": "add", "v": document("m-1", "user", "héllo", "finished_successfully"), "c": 0}),
    (None, {"type": "input_message", "input_message": document("m-1", "user", "héllo")["message"]}),
    ("delta", {"v": document("m-2", "assistant", ""), "c": 1}),
    ("delta", {"p": "/message/content/parts/0", "o": "append", "v": "Gr"}),
    ("delta", {"v": "üße"}),
    ("delta", {"p": "", "o": "patch", "v": [
        {"p": "/message/content/parts/0", "o": "append", "v": " an"},
        {"p": "/message/metadata/x", "o": "replace", "v": "quiet"},
    ]}),
    ("delta", {"v": [{"p": "/message/content/parts/0", "o": "append", "v": " dich"}]}),
    ("delta", {"p": "/message/status", "o": "replace", "v": "finished_successfully"}),
    (None, {"type": "title_generation", "title": "Greeting", "conversation_id": "conv-1"}),
    (None, {"type": "message_stream_complete", "conversation_id": "conv-1"}),
    (None, None),
]  # fmt: skip


@pytest.mark.slow
def test_an_answer_in_the_delta_encoding_says_the_same_wherever_it_is_cut():
    read = check_every_cut(lambda: stream(ASK), STREAM)
    assert read.said[("m-2", "/message/content/parts/0")] == "Grüße an dich"
    assert read.said[("m-1", "/message/content/parts/0")] == "héllo"
    assert read.directions[("m-1", "/message/content/parts/0")] == "prompt"
    assert read.directions[("m-2", "/message/content/parts/0")] == "answer"
    assert sorted(read.said.values()) == ["Greeting", "Grüße an dich", "héllo", "héllo"]
    assert ("m-2", "/message/content/parts/0") in read.ended
    assert read.frames[-1].ends_all and read.frames[-2].ends_all
    assert set(read.facts("conversation")) == {"conv-1"}
    assert read.facts("model") == ["gpt-5-5"]


@pytest.mark.parametrize(("first", "second"), halves("a b"))
def test_a_value_may_be_cut_between_any_two_events(first, second):
    frames = [
        ("delta", {"p": "", "o": "add", "v": document("m", "assistant", "")}),
        ("delta", {"p": "/message/content/parts/0", "o": "append", "v": first}),
        (
            "delta",
            {"o": "patch", "p": "", "v": [{"p": "/message/content/parts/0", "o": "append", "v": second}]},
        ),
    ]
    assert Played(stream(ASK), frames).said == {("m", "/message/content/parts/0"): "a b"}


def test_a_bare_list_and_a_bare_text_at_the_root_are_the_answer():
    frames = [(None, {"v": "one"}), (None, {"v": [{"o": "append", "v": " two"}, {"v": 3}, 4]})]
    assert list(Played(stream(ASK), frames).said.values()) == ["one two"]


def test_thoughts_grow_in_lists_that_are_added_to():
    frames = [
        ("delta", {"p": "", "o": "add", "v": {"message": {"author": {"role": "assistant"},
                   "content": {"content_type": "thoughts", "thoughts": []}}}}),
        ("delta", {"p": "/message/content/thoughts", "o": "append", "v": [{"summary": "A", "content": "x"}]}),
        ("delta", {"p": "/message/content/thoughts/0/content", "o": "append", "v": "y"}),
        ("delta", {"p": "/message/content/thoughts", "v": [{"summary": "B", "content": "", "id": "n"}]}),
        ("delta", {"p": "/message/content/thoughts/0/summary", "o": "replace", "v": "C"}),
        ("delta", {"p": "/message/content/thoughts", "o": "replace", "v": {"summary": "D"}}),
    ]  # fmt: skip
    read = Played(stream(ASK), frames, lambda: stream(ASK))
    assert read.said == {
        ("#1", "/message/content/thoughts/0/summary"): "C",
        ("#1", "/message/content/thoughts/0/content"): "xy",
        ("#1", "/message/content/thoughts/1/summary"): "B",
        ("#1", "/message/content/thoughts/1/content"): "",
        ("#1", "/message/content/thoughts/summary"): "D",
    }


def test_what_is_said_to_a_tool_is_a_call_and_what_it_says_a_result():
    call = {"content_type": "code", "language": "json", "text": '{"q": "'}
    frames = [
        (None, {"v": {"message": {"id": "c", "author": {"role": "assistant"}, "recipient": "web.search",
                                  "content": call, "status": "in_progress"}}}),
        (None, {"p": "/message/content/text", "o": "append", "v": 'x"}'}),
        (None, {"p": "/message/recipient", "o": "replace", "v": "web.run"}),
        (None, {"p": "", "o": "add", "v": {"message": {"id": "t", "author": {"role": "tool"},
                "content": {"parts": ["found"]}, "status": "finished_successfully"}}}),
    ]  # fmt: skip
    read = Played(stream(ASK), frames)
    assert read.said == {
        ("c", "/message/content/text"): '{"q": "x"}',
        ("t", "/message/content/parts/0"): "found",
    }
    assert read.directions == {
        ("c", "/message/content/text"): "tool_call",
        ("t", "/message/content/parts/0"): "tool_result",
    }
    assert read.escaped == {("c", "/message/content/text")}
    assert read.facts("calls") == [("web.search",)]
    assert read.ended == [("c", "/message/content/text"), ("t", "/message/content/parts/0")]


def test_without_the_encoding_each_event_tells_all_of_a_message():
    frames = [(None, document("m", "assistant", text)) for text in ("He", "Hello")]
    frames.append((None, document("m", "assistant", "Hello!", "finished_successfully")))
    frames.append((None, {"message": None, "conversation_id": "conv-1", "error": "overloaded"}))
    read = Played(stream(ASK), frames, lambda: stream(ASK))
    assert read.said == {("m", "/message/content/parts/0"): "Hello!"}
    assert read.ended == [("m", "/message/content/parts/0")]
    assert [frame.is_error for frame in read.frames] == [False, False, False, True]
    made = stream(ASK)
    made.read(None, {"message": {"content": {"parts": ["x"]}}})
    assert made.flush(("#1", "/message/content/parts/0"), "y") == (
        None,
        {"message": {"content": {"content_type": "text", "parts": ["y"]}, "status": "in_progress"}},
    )


def test_what_is_carried_on_leaves_the_last_path_and_operation_as_the_next_event_needs_them():
    lane = ("m", "/message/content/parts/0")
    append = {"p": lane[1], "o": "append", "v": "rest"}

    def after(*frames):
        made = stream(ASK)
        made.read("delta", {"p": "", "o": "add", "v": document("m", "assistant", "x")})
        for frame in frames:
            made.read("delta", frame)
        return made.flush(lane, "rest")

    patch = {"p": "", "o": "patch", "v": [{"p": lane[1], "o": "append", "v": "y"}]}
    finished = {"p": "/message/status", "o": "replace", "v": "finished_successfully"}
    assert after({"p": lane[1], "o": "append", "v": "y"}, finished) == ("delta", append)
    assert after({"p": lane[1], "o": "append", "v": "y"}, {"v": "z"}) == ("delta", append)
    assert after(patch, {"v": [finished]}) == ("delta", {"p": "", "o": "patch", "v": [append]})
    assert after({"v": document("n", "assistant", "")}) is None
    assert after({"p": "/message/content/parts/1", "v": "y"}) is None


def test_values_of_other_places_are_no_texts():
    frames = [
        (None, {"p": "/message/status", "o": "replace", "v": ["x"]}),
        (None, {"p": "/message/recipient", "o": "replace", "v": 1}),
        (None, {"p": "/conversation_id", "o": "add", "v": "conv-2"}),
        (None, {"p": "/message/content/content_type", "o": "replace", "v": "text"}),
        (None, {"p": "/message/content/parts/0/asset_pointer", "o": "add", "v": "file-service://x"}),
        (None, {"p": "/message/metadata/finished_text", "o": "add", "v": "Thought for 7s"}),
        (None, {"p": "", "o": "add", "v": {"message": {}}}),
        (None, {"type": "server_ste_metadata", "metadata": {}}),
        (None, {"type": "input_message", "input_message": {"content": {"content_type": "text"}}}),
    ]  # fmt: skip
    read = Played(stream(ASK), frames)
    assert read.said == {} and read.facts("conversation") == ["conv-2"]


SOCKET = head("/celsius/ws", "ws.chatgpt.com", "GET", upgrade="websocket", chatgpt_account_id="acc-1")


def test_on_the_websocket_each_encoded_item_is_a_lane_of_its_own():
    item = 'event: delta\ndata: {"p":"/message/content/parts/0","o":"append","v":"hi"}\n\n'

    def turn(text):
        inner = {"type": "stream-item", "stream_item_id": "1", "encoded_item": text}
        return {"type": "conversation-turn-stream", "payload": inner}

    made = stream(SOCKET)
    assert made.framing is Framing.WEBSOCKET
    frames = [
        (
            None,
            [
                {"type": "message", "topic_id": "t", "payload": turn(item)},
                {"type": "presence", "payload": {}},
            ],
        ),
        (None, [{"type": "reply", "id": 2, "reply": {"catchups": [{"payload": turn("data: 1\n\n")}]}}]),
    ]
    frames.append((None, [{"type": "message", "payload": {**turn("x"), "payload": {"type": "done"}}}]))
    read = Played(made, frames)
    assert read.all == [item, "data: 1\n\n"]
    assert read.ended == [("item", 1), ("item", 2)] and read.escaped == {("item", 1), ("item", 2)}
    assert made.flush(("item", 1), "x") is None
    assert read_message(SOCKET, [{"id": 1, "command": {"type": "subscribe"}}], True).account == "acc-1"


def test_on_the_websocket_a_message_is_told_so_far():
    def update(text, status):
        message = {"id": "m", "content": {"parts": [text, {"asset_pointer": "x"}]}, "status": status}
        payload = {"conversation_id": "conv-1", "update_content": {"message": message}}
        return None, {"type": "conversation-update", "payload": payload}

    read = Played(stream(SOCKET), [update("a", "in_progress"), update("ab", "finished_successfully")])
    assert read.said == {("m", 0): "ab"} and read.ended == [("m", 0)]
    assert read.facts("conversation") == ["conv-1", "conv-1"]


def test_texts_beyond_the_bound_are_left_out(monkeypatch):
    monkeypatch.setattr(chatgpt_web, "MAX_PARTS", 2)
    many = {
        "message": {
            "id": "m",
            "author": {"role": "assistant"},
            "content": {"parts": ["a", "b", "c"], "x": [], "y": []},
        }
    }
    read = Played(stream(ASK), [(None, {"p": "", "o": "add", "v": many})])
    assert read.all == ["a", "b"]
