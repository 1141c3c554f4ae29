"""Files, batches, embeddings, images, sound, assistants: bodies of the openai SDK, answers that it reads."""

import json
from typing import Any

import openai
import pytest
from hypothesis import given, settings

from sensor.dialects import openai_chat
from sensor.dialects import openai_media as media
from sensor.dialects.lanebook import MAX_LANES, REST
from sensor.dialects.openai_events import EventStream
from sensor.dialects.picking import MAX_PARTS
from sensor.dialects.reading import Usage
from tests.dialects.openai_checks import (
    broken,
    check_reading,
    check_stream,
    files,
    follow,
    head,
    lanes_of,
    texts,
)
from tests.dialects.standin import always, json_answer, multipart_parts, serve, sse_answer

FILE = {"id": "file-1", "object": "file", "bytes": 3, "created_at": 1, "filename": "a.txt",
        "purpose": "assistants", "status": "processed"}  # fmt: skip
MESSAGE = {
    "id": "msg_1", "object": "thread.message", "created_at": 1, "thread_id": "thread_1", "role": "assistant",
    "status": "completed", "assistant_id": "asst_1", "run_id": "run_1", "attachments": [], "metadata": {},
    "content": [{"type": "text", "text": {"value": "Dear Bob", "annotations": []}}],
}  # fmt: skip
RUN = {
    "id": "run_1", "object": "thread.run", "created_at": 1, "thread_id": "thread_1", "assistant_id": "asst_1",
    "status": "requires_action", "model": "gpt-x-1", "instructions": "Be brief.", "tools": [], "metadata": {},
    "required_action": {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"q":"a"}'}}]}},
}  # fmt: skip


@pytest.fixture
def ask():
    """``ask(answer, call)``: what the SDK sent, and what it made of the answer."""

    def run(answer, call, make=openai.OpenAI, **more):
        with serve(always(answer)) as (url, seen):
            address = {"azure_endpoint": url, "api_version": "1"} if more else {"base_url": f"{url}/v1"}
            with make(api_key="none", max_retries=0, **address, **more) as client:
                made = call(client)
            return seen[0], made

    return run


def said(reading, value):
    return [(way, text) for way, _, text in texts(reading, value)]


@pytest.mark.slow
def test_a_file_of_text_is_an_upload(ask):
    seen, made = ask(
        json_answer(FILE),
        lambda client: client.files.create(file=("Liste.csv", b"name;iban\nBob;DE1"), purpose="assistants"),
    )
    assert made.id == "file-1"
    fields = multipart_parts(seen)
    reading = media.read_request(seen.head(), fields)
    check_reading(reading, fields)
    assert texts(reading, fields) == [("upload", "user", "name;iban\nBob;DE1")]
    (found,) = files(reading, fields)
    assert found[:2] == ("text", "Liste.csv")
    answered = media.read_answer(seen.head(), FILE)
    assert files(answered, FILE) == [(None, "a.txt", None, "file-1", "file-1")]


def test_a_file_that_is_no_text_is_told_by_its_name(ask):
    seen, _ = ask(
        json_answer(FILE),
        lambda client: client.files.create(file=("a.bin", b"\xff\xfe\x00"), purpose="vision"),
    )
    fields = multipart_parts(seen)
    reading = media.read_request(seen.head(), fields)
    assert reading.parts == ()
    ((coding, name, _, _, there),) = files(reading, fields)
    assert (coding, name, there) == (None, "a.bin", "a.bin")
    (number, _) = reading.files[0].path
    assert fields[int(number)]["size"] == 3
    odd = [{"name": "file", "filename": 7, "text": None}, {"filename": 7}, "x", {"name": "file"}]
    assert [file.path for file in media.read_request(head("/v1/files"), odd).files] == [(0, "name")]


def test_parts_of_an_upload_are_uploads(ask):
    part = {"id": "part_1", "object": "upload.part", "created_at": 1, "upload_id": "upload_1"}
    seen, made = ask(
        json_answer(part), lambda client: client.uploads.parts.create("upload_1", data=b"a piece")
    )
    assert made.id == "part_1" and seen.path == "/v1/uploads/upload_1/parts"
    fields = multipart_parts(seen)
    assert said(media.read_request(seen.head(), fields), fields) == [("upload", "a piece")]
    upload = {"id": "upload_1", "object": "upload", "bytes": 9, "created_at": 1, "expires_at": 2,
              "filename": "a.pdf", "purpose": "vision", "status": "pending"}  # fmt: skip
    seen, _ = ask(
        json_answer(upload),
        lambda client: client.uploads.create(
            bytes=9, filename="a.pdf", mime_type="application/pdf", purpose="vision"
        ),
    )
    (found,) = files(media.read_request(seen.head(), seen.json()), seen.json())
    assert found[:3] == (None, "a.pdf", "application/pdf")


def line(url, body):
    return json.dumps({"custom_id": "1", "method": "POST", "url": url, "body": body})


CHAT = {
    "model": "gpt-x",
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "one"},
                                     {"type": "file", "file": {"file_id": "file-7"}}]},
        {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
    ],
    "tools": [{"type": "function", "function": {"name": "f"}}],
}  # fmt: skip


def test_a_batch_is_read_as_the_requests_in_it(ask):
    content = "\n".join(
        [
            line("/v1/chat/completions", CHAT),
            "",
            line("/v1/responses", {"model": "gpt-y", "input": "two"}),
            line("/v1/embeddings", {"model": "e", "input": ["three"]}),
            line("/v1/chat/completions", CHAT),
            json.dumps({"custom_id": "2", "body": {"messages": [{"role": "user", "content": "four"}]}}),
            "",
        ]
    )
    seen, _ = ask(
        json_answer({**FILE, "purpose": "batch"}),
        lambda client: client.files.create(file=("b.jsonl", content.encode()), purpose="batch"),
    )
    fields = multipart_parts(seen)
    reading = media.read_request(seen.head(), fields)
    check_reading(reading, fields)
    assert said(reading, fields) == [
        ("prompt", "one"), ("tool_call", "{}"), ("prompt", "two"), ("prompt", "three"), ("prompt", "one"),
        ("tool_call", "{}"), ("prompt", "four"),
    ]  # fmt: skip
    assert reading.model == "gpt-x" and reading.tools == ("f",)
    assert [call.name for call in reading.calls] == ["f", "f"]
    assert [file.reference for file in reading.files] == [None, "file-7", "file-7"]


@pytest.mark.parametrize("odd", ["not json", "[1]", '{"body": 1}', '{"text": "a training line"}'])
def test_a_line_that_is_no_request_makes_the_file_an_upload_too(odd):
    text = line("/v1/responses", {"input": "one"}) + "\n" + odd
    fields = [{"name": "file", "filename": "b.jsonl", "content_type": None, "text": text, "size": 1}]
    reading = media.read_request(head("/v1/files"), fields)
    assert [part.direction.value for part in reading.parts] == ["prompt", "upload"]


@pytest.mark.slow
def test_a_batch_with_more_lines_and_parts_than_are_read_is_an_upload_too():
    text = "\n".join([line("/v1/responses", {"input": "a"})] * (media.MAX_LINES + 1))
    fields = [{"name": "file", "filename": "b.jsonl", "text": text}]
    reading = media.read_request(head("/v1/files"), fields)
    assert len(reading.parts) == MAX_PARTS and reading.files[0].coding == "text"
    few = "\n".join([line("/v1/responses", {"input": ["a"] * 6000})] * 2)
    reading = media.read_request(head("/v1/files"), [{"name": "f", "filename": "b", "text": few}])
    assert len(reading.parts) == MAX_PARTS


def test_a_batch_names_its_file(ask):
    made = {"id": "batch_1", "object": "batch", "endpoint": "/v1/responses", "input_file_id": "file-1",
            "completion_window": "24h", "status": "validating", "created_at": 1}  # fmt: skip
    seen, _ = ask(
        json_answer(made),
        lambda client: client.batches.create(
            completion_window="24h", endpoint="/v1/responses", input_file_id="file-1"
        ),
    )
    assert [file.reference for file in media.read_request(seen.head(), seen.json()).files] == ["file-1"]


def test_embeddings_are_read(ask):
    vector = {"object": "embedding", "index": 0, "embedding": [0.5]}
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    made = {"object": "list", "model": "e-1", "data": [vector], "usage": usage}
    seen, answer = ask(
        json_answer(made),
        lambda client: client.embeddings.create(
            model="e", input=["one", "two"], encoding_format="float", user="u-1"
        ),
    )
    assert answer.data[0].embedding == [0.5]
    body = seen.json()
    reading = media.read_request(seen.head(), body)
    assert said(reading, body) == [("prompt", "one"), ("prompt", "two")]
    assert (reading.model, reading.account, reading.streams) == ("e", "u-1", None)
    answered = media.read_answer(seen.head(), made)
    assert answered.parts == () and answered.usage == Usage(3, None) and answered.model == "e-1"
    assert media.read_request(head("/v1/embeddings"), {"input": [[1, 2], 3]}).parts == ()
    seen, _ = ask(
        json_answer(made),
        lambda client: client.embeddings.create(model="e", input="x", encoding_format="float"),
        make=openai.AzureOpenAI,
        azure_deployment="our-e",
    )
    assert media.read_request(seen.head(), {"input": "x"}).model == "our-e"


def test_moderations_are_read(ask):
    parts = [
        {"type": "text", "text": "one"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,A"}},
    ]
    made = {"id": "modr-1", "model": "omni", "results": []}
    seen, _ = ask(json_answer(made), lambda client: client.moderations.create(input=parts, model="omni"))
    body = seen.json()
    reading = media.read_request(seen.head(), body)
    assert said(reading, body) == [("prompt", "one")] and reading.files[0].media_type == "image/png"


def test_images_are_read(ask):
    made = {"created": 1, "data": [{"b64_json": "AAAA", "revised_prompt": "a sundial"},
                                   {"url": "https://pictures.example/1"}]}  # fmt: skip
    seen, answer = ask(
        json_answer(made), lambda client: client.images.generate(prompt="a clock", model="img", stream=False)
    )
    assert answer.data[0].revised_prompt == "a sundial"
    body = seen.json()
    reading = media.read_request(seen.head(), body)
    assert said(reading, body) == [("prompt", "a clock")] and reading.streams is False
    answered = media.read_answer(seen.head(), made)
    assert said(answered, made) == [("answer", "a sundial")]
    assert [file.coding for file in answered.files] == ["base64", None]

    seen, _ = ask(
        json_answer(made),
        lambda client: client.images.edit(image=[("a.png", b"\x89PNG")], prompt="a hat", model="img"),
    )
    fields = multipart_parts(seen)
    reading = media.read_request(seen.head(), fields)
    assert said(reading, fields) == [("prompt", "a hat")] and reading.model == "img"
    assert [file.name for file in reading.files] == ["a.png"]


def test_sound_is_read(ask):
    verbose = {
        "text": "Hello Bob.",
        "language": "en",
        "duration": 1.0,
        "usage": None,
        "segments": [{"id": 0, "text": "Hello Bob."}],
        "words": [{"word": "Hello", "start": 0, "end": 1}],
    }
    seen, answer = ask(
        json_answer(verbose),
        lambda client: client.audio.transcriptions.create(
            file=("a.mp3", b"\xff\xfb"), model="whisper-1", prompt="names: Bob",
            response_format="verbose_json", timestamp_granularities=["word"],
        ),
    )  # fmt: skip
    assert answer.text == "Hello Bob."
    fields = multipart_parts(seen)
    reading = media.read_request(seen.head(), fields)
    assert said(reading, fields) == [("prompt", "names: Bob")] and reading.model == "whisper-1"
    assert [text for _, text in said(media.read_answer(seen.head(), verbose), verbose)] == [
        "Hello Bob.", "Hello Bob.", "Hello",
    ]  # fmt: skip
    seen, _ = ask(
        json_answer({"text": "x"}),
        lambda client: client.audio.speech.create(
            input="Say it", model="tts", voice="ash", instructions="calmly"
        ),
    )
    body = seen.json()
    assert said(media.read_request(seen.head(), body), body) == [("prompt", "calmly"), ("prompt", "Say it")]
    text = "1\n00:00 --> 00:01\nHello"
    assert said(media.read_answer(head("/v1/audio/transcriptions"), text), text) == [("answer", text)]


def test_a_streamed_transcription_grows_and_is_carried_on(ask):
    events: list[Any] = [
        (None, {"type": "transcript.text.delta", "delta": "Hello ", "logprobs": []}),
        (None, {"type": "transcript.text.delta", "delta": "Bob"}),
        (None, {"type": "transcript.text.segment", "id": "s", "start": 0, "end": 1, "speaker": "A",
                "text": "Hello"}),
        (None, {"type": "transcript.text.done", "text": "Hello Bob",
                "usage": {"type": "tokens", "input_tokens": 1, "output_tokens": 2, "total_tokens": 3}}),
    ]  # fmt: skip
    seen, made = ask(
        sse_answer([*events, (None, "[DONE]")]),
        lambda client: list(
            client.audio.transcriptions.create(file=("a.wav", b"RIFF"), model="t", stream=True)
        ),
    )
    assert [event.type for event in made] == [value["type"] for _, value in events]
    assert media.read_request(seen.head(), multipart_parts(seen)).streams is True
    grown, whole = lanes_of(media.stream(seen.head()), events)
    assert grown == {("transcript",): "Hello Bob"}
    assert whole == [(("segment", "s"), "Hello"), (("transcript",), "Hello Bob")]
    check_stream(media.stream(seen.head()), events)
    reader = media.stream(seen.head())
    frames = [reader.read(*event) for event in events]
    assert frames[-1].ends == (("transcript",),) and frames[-1].usage == Usage(1, 2)


def test_a_question_to_decide_is_read(ask):
    if not hasattr(openai.OpenAI, "decisions"):
        pytest.skip("this version of the SDK has no decisions")
    question = {"type": "predicate", "instructions": "Is it rude?"}
    made = {"id": "d", "object": "decision", "created_at": 1, "model": "m", "answers": [], "usage": None}
    seen, _ = ask(
        json_answer(made),
        lambda client: client.decisions.create(model="m", input="You fool", questions=[question]),
    )
    body = seen.json()
    assert said(media.read_request(seen.head(), body), body) == [
        ("prompt", "You fool"),
        ("prompt", "Is it rude?"),
    ]


def test_a_video_is_read():
    body = {"prompt": "a cat", "model": "v", "input_reference": {"file_id": "file-2"},
            "images": [{"image_url": "https://a.example/x"}]}  # fmt: skip
    reading = media.read_request(head("/v1/videos"), body)
    assert said(reading, body) == [("prompt", "a cat")]
    assert [file.reference for file in reading.files] == ["https://a.example/x", "file-2"]


def test_a_store_of_vectors_is_read(ask):
    made = {"id": "vs_1", "object": "vector_store", "created_at": 1, "name": "n", "usage_bytes": 0,
            "file_counts": {}, "status": "completed", "last_active_at": 1, "metadata": {}}  # fmt: skip
    seen, _ = ask(
        json_answer(made), lambda client: client.vector_stores.create(name="Salaries", file_ids=["file-1"])
    )
    body = seen.json()
    reading = media.read_request(seen.head(), body)
    assert said(reading, body) == [("prompt", "Salaries")] and reading.files[0].reference == "file-1"
    page = {"object": "vector_store.search_results.page", "search_query": ["q"], "has_more": False,
            "next_page": None, "data": [{"file_id": "file-1", "filename": "a", "score": 1, "attributes": {},
                                         "content": [{"type": "text", "text": "found"}]}]}  # fmt: skip
    seen, _ = ask(
        json_answer(page), lambda client: list(client.vector_stores.search("vs_1", query="who earns"))
    )
    body = seen.json()
    assert said(media.read_request(seen.head(), body), body) == [("prompt", "who earns")]
    assert said(media.read_answer(seen.head(), page), page) == [("answer", "found")]


# OpenAI has announced the end of this API: the SDK says so at every call.
@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
@pytest.mark.slow
def test_assistants_and_threads_are_read(ask):
    made = {"id": "asst_1", "object": "assistant", "created_at": 1, "model": "m", "tools": [], "metadata": {},
            "instructions": "Be brief.", "name": None, "description": None}  # fmt: skip
    seen, _ = ask(
        json_answer(made),
        lambda client: client.beta.assistants.create(
            model="m", instructions="Be brief.", name="Clerk", tools=[{"type": "file_search"}],
            tool_resources={"code_interpreter": {"file_ids": ["file-1"]}},
        ),
    )  # fmt: skip
    body = seen.json()
    reading = media.read_request(seen.head(), body)
    assert said(reading, body) == [("prompt", "Be brief."), ("prompt", "Clerk")]
    assert reading.tools == ("file_search",) and reading.files[0].reference == "file-1"

    content = [{"type": "text", "text": "Hello"}, {"type": "image_file", "image_file": {"file_id": "file-3"}}]
    attached = [{"file_id": "file-2", "tools": [{"type": "file_search"}]}]
    seen, message = ask(
        json_answer(MESSAGE),
        lambda client: client.beta.threads.messages.create(
            "thread_1", role="user", content=content, attachments=attached
        ),
    )
    assert message.content[0].text.value == "Dear Bob"
    body = seen.json()
    reading = media.read_request(seen.head(), body)
    assert texts(reading, body) == [("prompt", "user", "Hello")] and reading.conversation == "thread_1"
    assert [file.reference for file in reading.files] == ["file-3", "file-2"]
    answered = media.read_answer(seen.head(), MESSAGE)
    assert texts(answered, MESSAGE) == [("answer", "assistant", "Dear Bob")]
    assert answered.conversation == "thread_1"

    seen, _ = ask(
        json_answer({"id": "thread_2", "object": "thread", "created_at": 1, "metadata": {}}),
        lambda client: client.beta.threads.create(messages=[{"role": "user", "content": "one"}]),
    )
    body = seen.json()
    assert texts(media.read_request(seen.head(), body), body) == [("prompt", "user", "one")]

    seen, run = ask(
        json_answer(RUN),
        lambda client: client.beta.threads.runs.create(
            "thread_1", assistant_id="asst_1", additional_instructions="Hurry.", model="m",
            additional_messages=[{"role": "user", "content": "two"}], stream=False,
        ),
    )  # fmt: skip
    assert run.required_action.submit_tool_outputs.tool_calls[0].function.name == "look_up"
    body = seen.json()
    reading = media.read_request(seen.head(), body)
    assert said(reading, body) == [("prompt", "Hurry."), ("prompt", "two")]
    assert reading.conversation == "thread_1"
    answered = media.read_answer(seen.head(), RUN)
    assert said(answered, RUN) == [("prompt", "Be brief."), ("tool_call", '{"q":"a"}')]
    assert answered.calls[0].name == "look_up"

    seen, _ = ask(
        json_answer(RUN),
        lambda client: client.beta.threads.runs.submit_tool_outputs(
            "run_1", thread_id="thread_1", tool_outputs=[{"tool_call_id": "call_1", "output": "found"}]
        ),
    )
    body = seen.json()
    assert said(media.read_request(seen.head(), body), body) == [("tool_result", "found")]

    thread = {"messages": [{"role": "user", "content": "three"}],
              "tool_resources": {"code_interpreter": {"file_ids": ["file-4", 5]}}}  # fmt: skip
    seen, _ = ask(
        json_answer(RUN),
        lambda client: client.beta.threads.create_and_run(assistant_id="asst_1", thread=thread),
    )
    body = seen.json()
    reading = media.read_request(seen.head(), body)
    assert said(reading, body) == [("prompt", "three")] and reading.conversation is None
    assert [file.reference for file in reading.files] == ["file-4"]
    assert media.read_answer(head("/v1/threads/thread_1/messages"), {"data": [MESSAGE]}).parts != ()


def message_delta(text, index=0):
    part = {"index": index, "type": "text", "text": {"value": text, "annotations": []}}
    return "thread.message.delta", {
        "id": "msg_1",
        "object": "thread.message.delta",
        "delta": {"content": [part]},
    }


def step_delta(**call):
    details = {"type": "tool_calls", "tool_calls": [{"index": 0, **call}]}
    value = {"id": "step_1", "object": "thread.run.step.delta", "delta": {"step_details": details}}
    return "thread.run.step.delta", value


STEP = {
    "id": "step_1", "object": "thread.run.step", "status": "completed", "thread_id": "thread_1",
    "step_details": {"type": "tool_calls", "tool_calls": [
        {"id": "c", "type": "function",
         "function": {"name": "f", "arguments": '{"q":1}', "output": "found"}}]},
}  # fmt: skip
THREAD_EVENTS = [
    ("thread.created", {"id": "thread_1", "object": "thread", "created_at": 1, "metadata": {}}),
    ("thread.run.created", {**RUN, "status": "queued", "required_action": None}),
    step_delta(type="function", id="c", function={"name": "f", "arguments": "", "output": None}),
    step_delta(type="function", function={"arguments": '{"q":'}),
    step_delta(type="function", function={"arguments": "1}"}),
    step_delta(type="code_interpreter", code_interpreter={"input": "1+1"}),
    step_delta(type="code_interpreter",
               code_interpreter={"outputs": [{"index": 0, "type": "logs", "logs": "2"}]}),
    ("thread.run.step.completed", STEP),
    message_delta("Dear "),
    message_delta("Bob"),
    message_delta("P.S.", 1),
    ("thread.message.completed", MESSAGE),
    ("thread.run.requires_action", RUN),
    ("done", "[DONE]"),
]  # fmt: skip


# OpenAI has announced the end of this API: the SDK says so at every call.
@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_a_streamed_run_grows_and_is_carried_on(ask):
    seen, made = ask(
        sse_answer(THREAD_EVENTS),
        lambda client: list(client.beta.threads.runs.create("thread_1", assistant_id="asst_1", stream=True)),
    )
    assert [event.event for event in made] == [name for name, _ in THREAD_EVENTS[:-1]]
    frames = [(name, None if value == "[DONE]" else value) for name, value in THREAD_EVENTS]
    grown, whole = lanes_of(media.stream(seen.head()), frames)
    arguments = ("step_1", "function", "arguments", 0)
    assert grown == {
        arguments: '{"q":1}',
        ("step_1", "code_interpreter", "input", 0): "1+1",
        ("msg_1", "text", 0): "Dear Bob",
        ("msg_1", "text", 1): "P.S.",
    }
    assert (arguments, '{"q":1}') in whole and (("msg_1", "text", 0), "Dear Bob") in whole
    assert (("step_1", "logs", 0, 0), "2") in whole
    check_stream(media.stream(seen.head()), frames)
    reader = media.stream(seen.head())
    read = [reader.read(*frame) for frame in frames]
    assert read[0].conversation == "thread_1" and read[1].model == "gpt-x-1"
    assert read[2].calls == ("f",) and read[3].texts[0].escape
    assert set(read[7].ends) == {arguments, ("step_1", "code_interpreter", "input", 0)}
    assert set(read[11].ends) == {("msg_1", "text", 0), ("msg_1", "text", 1)}
    assert read[12].calls == ("look_up",) and read[13].ends_all


def test_what_a_stream_or_a_message_leaves_out_is_left_out():
    reader = media.stream(head("/v1/audio/transcriptions"))
    assert reader.read(None, {"type": "transcript.text.done", "segments": [{}]}).texts == ()
    outputs = step_delta(type="code_interpreter", code_interpreter={"outputs": [{"type": "image"}]})
    assert media.stream(head("/v1/threads/t/runs")).read(*outputs).texts == ()
    body = {"role": "user", "content": "a", "attachments": [{"tools": []}]}
    assert media.read_request(head("/v1/threads/t/messages"), body).files == ()


def test_refusals_and_errors_of_a_run_are_read():
    part = {"index": 0, "type": "refusal", "refusal": "No."}
    frames = [
        ("thread.message.delta", {"id": "m", "delta": {"content": [part]}}),
        (
            "thread.message.completed",
            {"id": "m", "status": "completed", "role": "assistant", "content": [part]},
        ),
    ]
    assert lanes_of(media.stream(head("/v1/threads/t/runs")), frames) == (
        {("m", "refusal", 0): "No."}, [(("m", "refusal", 0), "No.")],
    )  # fmt: skip
    error = ("error", {"message": "no", "code": "x"})
    frame = media.stream(head("/v1/threads/t/runs")).read(*error)
    assert frame.is_error and [follow(error[1], text.path) for text in frame.texts] == ["no"]
    body = {"error": {"message": "no"}}
    assert texts(media.read_answer(head("/v1/files"), body), body) == [("answer", None, "no")]


def test_pictures_and_sound_that_come_in_a_stream_hold_no_text():
    frames = [
        (None, {"type": "image_generation.partial_image", "b64_json": "AAAA", "partial_image_index": 0}),
        (None, {"type": "speech.audio.delta", "audio": "AAAA"}), (None, "x"), (None, None),
    ]  # fmt: skip
    assert lanes_of(media.stream(head("/v1/images/generations")), frames) == ({}, [])


def test_more_lanes_than_are_told_apart_share_one():
    reader = media.stream(head("/v1/threads/t/runs"))
    for index in range(MAX_LANES + 1):
        (text,) = reader.read(*message_delta("a", index)).texts
    assert text.lane == REST and REST in reader.read(None, None).ends


def test_what_another_module_reads_is_handed_on():
    assert isinstance(media.stream(head("/v1/completions")), openai_chat.ChatStream)
    assert isinstance(media.stream(head("/v1/conversations/c/items")), EventStream)
    body: Any = {"prompt": "def f", "model": "m"}
    assert media.read_request(head("/v1/completions"), body).streams is False
    chat = {"object": "chat.completion", "choices": [{"message": {"content": "a"}}]}
    assert said(media.read_answer(head("/v1/x"), chat), chat) == [("answer", "a")]
    item = {"type": "message", "role": "user", "content": "Hi"}
    body = {"items": [item]}
    reading = media.read_request(head("/v1/conversations/conv_1/items"), body)
    assert said(reading, body) == [("prompt", "Hi")] and reading.conversation == "conv_1"
    made = {"object": "conversation", "id": "conv_1"}
    assert media.read_answer(head("/v1/conversations"), made).conversation == "conv_1"


def test_fields_of_a_form_are_read_by_their_name():
    fields: list[dict] = [
        {"name": "name", "filename": None, "text": "Clerk"}, {"name": "keywords[]", "text": "Bob"},
        {"name": "size", "text": "1x1"}, {"name": None, "text": "x"}, {"name": "stream", "text": "false"},
    ]  # fmt: skip
    reading = media.read_request(head("/v1/audio/transcriptions"), fields)
    assert said(reading, fields) == [("prompt", "Clerk"), ("prompt", "Bob")] and reading.streams is False


@pytest.mark.slow
@given(frames=broken(THREAD_EVENTS))
@settings(max_examples=60)
def test_a_stream_with_anything_in_any_place_is_read(frames):
    where = head("/v1/threads/thread_1/runs")
    check_stream(media.stream(where), frames)
    for _, value in frames:
        check_reading(media.read_answer(where, value), value)
