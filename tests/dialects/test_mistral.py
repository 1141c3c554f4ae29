"""Mistral: chat, agents, fill in the middle, conversations, OCR; bodies of its SDK, answers that it reads."""

import pytest
from hypothesis import given, settings

from sensor.dialects import mistral, openai_chat, openai_media
from sensor.dialects.lanebook import MAX_LANES, REST
from sensor.dialects.openai_events import EventStream
from sensor.dialects.reading import Usage
from tests.dialects.openai_checks import (
    broken,
    carried,
    check_reading,
    check_stream,
    files,
    follow,
    head,
    lanes_of,
    texts,
)
from tests.dialects.standin import always, json_answer, multipart_parts, serve, sse_answer

# The SDK imports jsonpath, which names classes of ast that Python 3.12 and 3.13 call old.
pytestmark = pytest.mark.filterwarnings("ignore:ast[.]:DeprecationWarning")

USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}], "signature": "sealed"}
CREATED = "2026-11-24T00:00:00Z"


@pytest.fixture
def ask():
    """``ask(answer, call)``: what the SDK sent, and what it made of the answer."""
    sdk = pytest.importorskip("mistralai.client")

    def run(answer, call):
        with serve(always(answer)) as (url, seen):
            with sdk.Mistral(api_key="none", server_url=url) as client:
                made = call(client)
            return seen[0], made

    return run


def said(reading, value):
    return [(way, text) for way, _, text in texts(reading, value)]


def answer(content, **more):
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    common = {"id": "c", "object": "chat.completion", "model": "mistral-1", "created": 1}
    return {**common, "choices": [choice], "usage": USAGE}


@pytest.mark.slow
def test_chat_is_read_with_its_chunks(ask):
    messages = [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": "data:image/png;base64,AA"},
            {"type": "document_url", "document_url": "https://files.example/a.pdf", "document_name": "a.pdf"},
            {"type": "file", "file_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
            {"type": "input_audio", "input_audio": "QUJD"},
        ]},
        {"role": "assistant", "content": [THINKING, {"type": "text", "text": "A sundial."}]},
        {"role": "tool", "tool_call_id": "t", "name": "look_up", "content": "found"},
        {"role": "assistant", "content": "It is", "prefix": True},
    ]  # fmt: skip
    call = {"id": "t", "type": "function", "index": 0, "function": {"name": "f", "arguments": {"q": "a"}}}
    body = answer([THINKING, {"type": "text", "text": "Yes."}], tool_calls=[call])
    seen, made = ask(
        json_answer(body), lambda client: client.chat.complete(model="mistral", messages=messages)
    )
    assert made.choices[0].message.content[1].text == "Yes."
    sent = seen.json()
    reading = mistral.read_request(seen.head(), sent)
    check_reading(reading, sent)
    assert texts(reading, sent) == [
        ("prompt", "system", "Be brief."),
        ("prompt", "user", "What is this?"),
        ("answer", "assistant", "Hm."),
        ("answer", "assistant", "A sundial."),
        ("tool_result", "tool", "found"),
        ("answer", "assistant", "It is"),
    ]
    assert [found[:4] for found in files(reading, sent)] == [
        ("data_url", None, "image/png", None),
        (None, "a.pdf", None, "https://files.example/a.pdf"),
        (None, None, None, "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
        ("base64", None, "audio", None),
    ]
    assert {"Hm.", "sealed"} <= {follow(sent, path) for path in reading.fixed}
    answered = mistral.read_answer(seen.head(), body)
    assert said(answered, body) == [("answer", "Hm."), ("answer", "Yes."), ("tool_call", "a")]
    assert answered.usage == Usage(9, 4) and answered.calls[0].name == "f"


def chunk(finish=None, **delta):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return None, {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
    }


def test_a_streamed_chat_grows_in_the_same_lanes(ask):
    events = [
        chunk(role="assistant", content=""),
        chunk(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]),
        chunk(content=[{"type": "text", "text": "Dear "}]),
        chunk(content="Bob"),
        chunk("stop", content=""),
    ]
    seen, made = ask(
        sse_answer([*events, (None, "[DONE]")]),
        lambda client: list(client.chat.stream(model="m", messages=[{"role": "user", "content": "Hello"}])),
    )
    assert [event.data.choices[0].delta.content for event in made][3:] == ["Bob", ""]
    assert mistral.read_request(seen.head(), seen.json()).streams is True
    reader = mistral.stream(seen.head())
    assert lanes_of(mistral.stream(seen.head()), events)[0] == {
        (0, "reasoning", "thinking"): "Hm", (0, "text", "content"): "Dear Bob",
    }  # fmt: skip
    assert [reader.read(*event).ends for event in events][2] == ((0, "reasoning", "thinking"),)


@pytest.mark.slow
def test_agents_and_fill_in_the_middle_are_read(ask):
    seen, _ = ask(
        json_answer(answer("Yes.")),
        lambda client: client.agents.complete(
            agent_id="ag_1", messages=[{"role": "user", "content": "Hello"}]
        ),
    )
    sent = seen.json()
    reading = mistral.read_request(seen.head(), sent)
    assert said(reading, sent) == [("prompt", "Hello")] and reading.model == "ag_1"
    seen, made = ask(
        json_answer(answer("return 1")),
        lambda client: client.fim.complete(model="codestral", prompt="def f():", suffix="# end"),
    )
    assert made.choices[0].message.content == "return 1"
    sent = seen.json()
    assert seen.path == "/v1/fim/completions"
    assert said(mistral.read_request(seen.head(), sent), sent) == [
        ("prompt", "def f():"),
        ("prompt", "# end"),
    ]
    assert isinstance(mistral.stream(seen.head()), openai_chat.ChatStream)


OUTPUTS = [
    {"type": "tool.execution", "id": "te", "name": "web_search", "arguments": '{"q":"a"}',
     "info": {"found": "a page"}, "object": "entry"},
    {"type": "message.output", "id": "mo", "role": "assistant", "object": "entry", "model": "mistral-1",
     "content": [{"type": "text", "text": "Dear Bob"},
                 {"type": "tool_reference", "tool": "web_search", "title": "A page", "url": "https://a.example"}]},
    {"type": "function.call", "id": "fc", "tool_call_id": "t", "name": "look_up", "object": "entry",
     "arguments": {"q": "b"}},
]  # fmt: skip
ANSWERED = {
    "object": "conversation.response", "conversation_id": "conv_1", "outputs": OUTPUTS, "usage": USAGE,
}  # fmt: skip


@pytest.mark.slow
def test_a_conversation_is_begun_and_goes_on(ask):
    inputs = [
        {"role": "user", "content": "Hello", "type": "message.input", "object": "entry"},
        {"type": "function.result", "tool_call_id": "t", "result": "found", "object": "entry"},
        *OUTPUTS,
    ]
    seen, made = ask(
        json_answer(ANSWERED),
        lambda client: client.beta.conversations.start(
            inputs=inputs, model="mistral", instructions="Be brief.", tools=[{"type": "web_search"}],
        ),
    )  # fmt: skip
    assert made.conversation_id == "conv_1" and made.outputs[1].content[0].text == "Dear Bob"
    sent = seen.json()
    reading = mistral.read_request(seen.head(), sent)
    check_reading(reading, sent)
    expected = [
        ("tool_call", '{"q":"a"}'), ("tool_result", "a page"), ("answer", "Dear Bob"), ("answer", "A page"),
        ("tool_call", "b"),
    ]  # fmt: skip
    assert said(reading, sent) == [
        ("prompt", "Be brief."), ("prompt", "Hello"), ("tool_result", "found"), *expected,
    ]  # fmt: skip
    assert (reading.model, reading.conversation, reading.streams) == ("mistral", None, False)
    assert reading.tools == ("web_search",) and reading.tools_path == ("tools",)
    answered = mistral.read_answer(seen.head(), ANSWERED)
    check_reading(answered, ANSWERED)
    assert said(answered, ANSWERED) == expected
    assert [(call.name, call.id) for call in answered.calls] == [("web_search", "te"), ("look_up", "t")]
    assert (
        answered.conversation == "conv_1" and answered.usage == Usage(9, 4) and answered.model == "mistral-1"
    )

    for call in (
        lambda client: client.beta.conversations.append(conversation_id="conv_1", inputs="And then?"),
        lambda client: client.beta.conversations.restart(
            conversation_id="conv_1", from_entry_id="mo", inputs="And then?"
        ),
    ):
        seen, _ = ask(json_answer(ANSWERED), call)
        sent = seen.json()
        reading = mistral.read_request(seen.head(), sent)
        assert texts(reading, sent) == [("prompt", "user", "And then?")] and reading.conversation == "conv_1"


EVENTS: list[dict] = [
    {"type": "conversation.response.started", "conversation_id": "conv_1", "created_at": CREATED},
    {"type": "tool.execution.started", "id": "te", "name": "web_search", "arguments": ""},
    {"type": "tool.execution.delta", "id": "te", "name": "web_search", "arguments": '{"q":'},
    {"type": "tool.execution.delta", "id": "te", "name": "web_search", "arguments": '"a"}'},
    {"type": "tool.execution.done", "id": "te", "name": "web_search", "info": {"found": "a page"}},
    {"type": "message.output.delta", "id": "mo", "content_index": 0, "role": "assistant",
     "model": "mistral-1", "content": {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}},
    {"type": "message.output.delta", "id": "mo", "content_index": 1, "role": "assistant", "content": "Dear "},
    {"type": "message.output.delta", "id": "mo", "content_index": 1, "role": "assistant",
     "content": {"type": "text", "text": "Bob"}},
    {"type": "message.output.delta", "id": "mo", "content_index": 2, "role": "assistant",
     "content": {"type": "tool_reference", "tool": "web_search", "title": "A page"}},
    {"type": "function.call.delta", "id": "fc", "name": "look_up", "tool_call_id": "t", "arguments": '{"q"'},
    {"type": "function.call.delta", "id": "fc", "name": "look_up", "tool_call_id": "t", "arguments": ":1}"},
    {"type": "conversation.response.done", "usage": USAGE},
]  # fmt: skip
FRAMES = [(value["type"], value) for value in EVENTS]
WHERE = head("/v1/conversations#stream")


def test_a_streamed_conversation_grows_in_lanes_and_is_carried_on(ask):
    start: dict = {"inputs": "Hello", "model": "m"}
    seen, made = ask(sse_answer(FRAMES), lambda client: list(client.beta.conversations.start_stream(**start)))
    assert [event.event for event in made] == [value["type"] for value in EVENTS]
    assert made[6].data.content == "Dear "
    sent = seen.json()
    assert mistral.read_request(seen.head(), sent).streams is True
    grown, whole = lanes_of(mistral.stream(seen.head()), FRAMES)
    assert grown == {
        ("te", "arguments"): '{"q":"a"}',
        ("mo", 0, "thinking"): "Hm",
        ("mo", 1, "text"): "Dear Bob",
        ("fc", "arguments"): '{"q":1}',
    }
    assert [text for _, text in whole] == ["a page", "A page"]
    check_stream(mistral.stream(seen.head()), FRAMES)

    reader, sent = mistral.stream(seen.head()), []
    frames = []
    for event, value in FRAMES:
        frames.append(reader.read(event, value))
        sent += [carried(reader, lane, "!") for lane in frames[-1].ends]
        sent.append((event, value))
    assert frames[4].ends == (("te", "arguments"),) and frames[2].texts[0].escape
    assert frames[-1].ends_all and frames[-1].usage == Usage(9, 4)
    assert frames[0].conversation == "conv_1" and frames[5].model == "mistral-1"
    assert [frame.calls for frame in frames if frame.calls] == [("web_search",), ("look_up",)]
    _, again = ask(sse_answer(sent), lambda client: list(client.beta.conversations.start_stream(**start)))
    assert "".join(e.data.arguments for e in again if e.event == "function.call.delta") == '{"q":1}!'
    assert [e.data.content.text for e in again if e.event == "message.output.delta"
            and getattr(e.data.content, "type", "") == "text"] == ["Bob", "!"]  # fmt: skip


def test_errors_and_ends_of_a_conversation():
    error = {"type": "conversation.response.error", "message": "no", "code": 3}
    reader = mistral.stream(WHERE)
    reader.read(*FRAMES[6])
    frame = reader.read(None, error)
    assert frame.is_error and frame.ends_all and frame.ends == (("mo", 1, "text"),)
    assert [follow(error, text.path) for text in frame.texts] == ["no"]
    reader = mistral.stream(WHERE)
    reader.read(*FRAMES[6])
    assert reader.read(None, "x").ends == ()
    assert reader.read(None, None).ends == (("mo", 1, "text"),)
    body = {"object": "error", "message": "no", "type": "invalid"}
    assert said(mistral.read_answer(WHERE, body), body) == [("answer", "no")]
    assert mistral.read_answer(WHERE, {"detail": [{"msg": "no"}]}).parts == ()
    assert mistral.read_answer(head("/v1/ocr"), {"pages": [{"images": [{"id": "i"}]}]}).files == ()


def test_a_thought_without_text_says_nothing():
    chunk = {"type": "thinking", "thinking": [{"type": "reference"}, {"type": "text", "text": "hm"}]}
    value = {"type": "message.output.delta", "id": "mo", "content_index": 0, "content": chunk}
    frame = mistral.stream(WHERE).read("message.output.delta", value)
    assert [follow(value, text.path) for text in frame.texts] == ["hm"]


def test_more_lanes_and_calls_than_are_told_apart():
    reader = mistral.stream(WHERE)
    for number in range(MAX_LANES + 1):
        call = {"type": "function.call.delta", "id": str(number), "name": "f", "arguments": "{"}
        frame = reader.read(None, call)
    assert frame.texts[0].lane == REST
    assert frame.calls == reader.read(None, call).calls == ("f",)
    assert REST in reader.read(None, None).ends


def test_an_agent_that_is_made_is_read(ask):
    made = {"id": "ag_1", "object": "agent", "name": "Clerk", "model": "m", "version": 1, "versions": [1],
            "created_at": CREATED, "updated_at": CREATED, "instructions": "Be brief.",
            "deployment_chat": False, "source": "api"}  # fmt: skip
    seen, _ = ask(
        json_answer(made),
        lambda client: client.beta.agents.create(
            model="m", name="Clerk", instructions="Be brief.", description="Writes letters",
            tools=[{"type": "function", "function": {"name": "look_up", "parameters": {}}}],
        ),
    )  # fmt: skip
    sent = seen.json()
    reading = mistral.read_request(seen.head(), sent)
    assert said(reading, sent) == [("prompt", "Be brief."), ("prompt", "Writes letters"), ("prompt", "Clerk")]
    assert reading.tools == ("look_up",) and reading.model == "m"
    assert said(mistral.read_answer(seen.head(), made), made) == [("prompt", "Be brief.")]


def test_a_document_is_an_upload_and_its_text_an_answer(ask):
    made = {"model": "ocr-1", "usage_info": {"pages_processed": 1, "doc_size_bytes": 3},
            "document_annotation": '{"sum":3}',
            "pages": [{"index": 0, "markdown": "# Invoice", "dimensions": None, "header": "top",
                       "footer": None, "tables": [{"id": "t0", "content": "a|b", "format": "markdown"}],
                       "images": [{"id": "i", "top_left_x": 0, "top_left_y": 0, "bottom_right_x": 1,
                                   "bottom_right_y": 1, "image_base64": "data:image/png;base64,AA",
                                   "image_annotation": "a stamp"}]}]}  # fmt: skip
    document = {
        "type": "document_url",
        "document_url": "data:application/pdf;base64,JVBE",
        "document_name": "a.pdf",
    }
    seen, read = ask(
        json_answer(made),
        lambda client: client.ocr.process(
            model="ocr", document=document, document_annotation_prompt="the sum"
        ),
    )
    assert read.pages[0].markdown == "# Invoice"
    sent = seen.json()
    reading = mistral.read_request(seen.head(), sent)
    assert said(reading, sent) == [("prompt", "the sum")]
    assert files(reading, sent)[0][:3] == ("data_url", "a.pdf", "application/pdf")
    answered = mistral.read_answer(seen.head(), made)
    check_reading(answered, made)
    assert [text for _, text in said(answered, made)] == ["# Invoice", "top", "a|b", "a stamp", '{"sum":3}']
    assert answered.files[0].coding == "data_url" and answered.model == "ocr-1"


MESSAGES = [{"role": "user", "content": "one"}]
CLASSIFIED = [
    ("/v1/chat/moderations", {"input": MESSAGES}),
    ("/v1/chat/moderations", {"input": [MESSAGES]}),
    ("/v1/chat/classifications", {"input": {"messages": MESSAGES}}),
    ("/v1/chat/classifications", {"input": [{"messages": MESSAGES}]}),
    ("/v1/classifications", {"input": ["one"]}),
    ("/v1/classifications", {"input": "one"}),
    ("/v1/moderations", {"input": ["one"]}),
    ("/v1/embeddings", {"input": "one"}),
    ("/v1/batch/jobs", {"requests": [{"custom_id": "1", "body": {"messages": MESSAGES}}]}),
    ("/v1/responses", {"input": "one"}),
    ("/v1/conversations", {"items": MESSAGES}),
    ("/v1/agents/completions", {"messages": MESSAGES}),
    ("/v1/unknown", {"messages": MESSAGES}),
]


@pytest.mark.parametrize(("path", "body"), CLASSIFIED)
def test_what_is_asked_is_found_under_every_path(path, body):
    assert said(mistral.read_request(head(path), body), body) == [("prompt", "one")]


def test_files_of_a_batch_are_named():
    reading = mistral.read_request(head("/v1/batch/jobs"), {"input_files": ["f1", 2], "model": "m"})
    assert [file.reference for file in reading.files] == ["f1"]


@pytest.mark.slow
def test_files_and_sound_are_read(ask):
    made = {"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "object": "file", "bytes": 3, "created_at": 1,
            "filename": "a.txt", "purpose": "ocr", "sample_type": "ocr_input",
            "source": "upload"}  # fmt: skip
    seen, _ = ask(
        json_answer(made),
        lambda client: client.files.upload(file={"file_name": "a.txt", "content": b"secret"}, purpose="ocr"),
    )
    fields = multipart_parts(seen)
    assert said(mistral.read_request(seen.head(), fields), fields) == [("upload", "secret")]
    assert mistral.read_answer(seen.head(), made).files[0].name == "a.txt"

    events = [
        ("transcription.text.delta", {"type": "transcription.text.delta", "text": "Hello "}),
        ("transcription.text.delta", {"type": "transcription.text.delta", "text": "Bob"}),
        ("transcription.done",
         {"type": "transcription.done", "model": "v", "text": "Hello Bob", "usage": USAGE, "language": "en",
          "segments": [{"text": "Hello Bob", "start": 0, "end": 1}]}),
    ]  # fmt: skip
    seen, heard = ask(
        sse_answer(events),
        lambda client: list(
            client.audio.transcriptions.stream(model="v", file={"file_name": "a.mp3", "content": b"\xff\xfb"})
        ),
    )
    assert [event.data.text for event in heard] == ["Hello ", "Bob", "Hello Bob"]
    reader = mistral.stream(seen.head())
    assert isinstance(reader, openai_media.MediaStream)
    assert lanes_of(reader, events) == (
        {("transcript",): "Hello Bob"}, [(("transcript",), "Hello Bob"), (("segments", 0), "Hello Bob")],
    )  # fmt: skip
    check_stream(mistral.stream(seen.head()), events)


def test_responses_are_read_as_openai_s():
    where = head("/v1/responses")
    assert isinstance(mistral.stream(where), EventStream)
    body = {"output": [{"type": "message", "role": "assistant", "content": [{"text": "a"}]}]}
    assert said(mistral.read_answer(where, body), body) == [("answer", "a")]
    listed = {"entries": [{"type": "message.input", "role": "user", "content": "Hello"}]}
    history = head("/v1/conversations/conv_1/history")
    assert said(mistral.read_answer(history, listed), listed) == [("prompt", "Hello")]
    assert mistral.read_answer(history, listed).conversation == "conv_1"


@pytest.mark.slow
@given(frames=broken(FRAMES))
@settings(max_examples=60)
def test_a_stream_with_anything_in_any_place_is_read(frames):
    check_stream(mistral.stream(WHERE), frames)
    for _, value in frames:
        check_reading(
            mistral.read_request(WHERE, {"inputs": [value, *OUTPUTS]}), {"inputs": [value, *OUTPUTS]}
        )
