"""Realtime sessions: messages of either side, general and beta form, and the openai SDK on a socket."""

import json
import threading

import openai
import pytest
from hypothesis import given, settings

from sensor.dialects import openai_realtime as realtime
from sensor.dialects.reading import Framing, Usage
from tests.dialects.openai_checks import (
    broken,
    check_reading,
    check_stream,
    follow,
    head,
    lanes_of,
    texts,
)
from tests.dialects.standin import always, json_answer, serve

HEAD = head("/v1/realtime?model=gpt-realtime")
SESSION: dict = {
    "type": "realtime",
    "instructions": "Be brief.",
    "prompt": {"id": "p", "variables": {"who": "Ann"}},
    "audio": {"input": {"transcription": {"model": "whisper-1", "prompt": "names: Bob"}}},
    "tools": [{"type": "function", "name": "look_up"}, {"type": "mcp", "server_label": "wiki"}],
}
USER = {"type": "message", "role": "user", "id": "u1",
        "content": [{"type": "input_text", "text": "Hello"},
                    {"type": "input_audio", "audio": "AAAA", "transcript": "spoken"}]}  # fmt: skip
SAID = {"type": "message", "role": "assistant", "id": "m1",
        "content": [{"type": "output_audio", "transcript": "Dear Bob"}]}  # fmt: skip
CALL = {"type": "function_call", "id": "f1", "call_id": "c1", "name": "look_up", "arguments": '{"q":"a"}'}


def at(**more):
    return {"event_id": "e", "response_id": "r1", "output_index": 0, **more}


EVENTS: list[dict] = [
    {"type": "session.created", "session": {**SESSION, "model": "gpt-realtime-1"}},
    {"type": "conversation.item.added", "item": USER},
    {"type": "conversation.item.input_audio_transcription.delta", "item_id": "u2", "content_index": 0,
     "delta": "My card "},
    {"type": "response.created", "response": {"id": "r1", "conversation_id": "conv_1", "output": []}},
    {"type": "response.output_item.added", **at(item={**SAID, "content": []})},
    {"type": "response.content_part.added", **at(item_id="m1", content_index=0, part={"type": "audio"})},
    {"type": "response.output_audio_transcript.delta", **at(item_id="m1", content_index=0, delta="Dear ")},
    {"type": "response.output_audio.delta", **at(item_id="m1", content_index=0, delta="AAAA")},
    {"type": "conversation.item.input_audio_transcription.delta", "item_id": "u2", "content_index": 0,
     "delta": "is 42"},
    {"type": "response.output_audio_transcript.delta", **at(item_id="m1", content_index=0, delta="Bob")},
    {"type": "response.output_audio_transcript.done",
     **at(item_id="m1", content_index=0, transcript="Dear Bob")},
    {"type": "response.content_part.done",
     **at(item_id="m1", content_index=0, part={"type": "audio", "transcript": "Dear Bob"})},
    {"type": "response.output_item.done", **at(item=SAID)},
    {"type": "response.output_item.added", **at(output_index=1, item={**CALL, "arguments": ""})},
    {"type": "response.function_call_arguments.delta", **at(output_index=1, item_id="f1", delta='{"q":"a"}')},
    {"type": "response.done", "response": {"id": "r1", "conversation_id": "conv_1", "output": [SAID, CALL],
     "usage": {"input_tokens": 3, "output_tokens": 4}}},
    {"type": "conversation.item.input_audio_transcription.completed", "item_id": "u2", "content_index": 0,
     "transcript": "My card is 42"},
    {"type": "conversation.item.input_audio_transcription.segment", "item_id": "u2", "content_index": 0,
     "id": "s1", "text": "My card"},
]  # fmt: skip
FRAMES = [(None, value) for value in EVENTS]

CLIENT = [
    ({"type": "session.update", "session": SESSION},
     [("prompt", "Be brief."), ("prompt", "Ann"), ("prompt", "names: Bob")]),
    ({"type": "transcription_session.update", "session": {"input_audio_transcription": {"prompt": "names"}}},
     [("prompt", "names")]),
    ({"type": "conversation.item.create", "item": USER}, [("prompt", "Hello"), ("prompt", "spoken")]),
    ({"type": "conversation.item.create", "item": {"type": "function_call_output", "output": "found"}},
     [("tool_result", "found")]),
    ({"type": "response.create", "response": {"instructions": "Short.", "input": [USER]}},
     [("prompt", "Short."), ("prompt", "Hello"), ("prompt", "spoken")]),
    ({"type": "response.cancel"}, []),
    ({"type": "input_audio_buffer.append", "audio": "AAAA"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("value", "said"), CLIENT)
def test_messages_of_a_client_are_read(value, said):
    reading = realtime.read_message(HEAD, value, True)
    check_reading(reading, value)
    assert [(way, text) for way, _, text in texts(reading, value)] == said
    assert reading.model == "gpt-realtime"


def test_sound_is_a_file_and_tools_are_told():
    value = {"type": "input_audio_buffer.append", "audio": "AAAA"}
    (file,) = realtime.read_message(HEAD, value, True).files
    assert (file.media_type, file.coding) == ("audio", "base64")
    reading = realtime.read_message(HEAD, {"type": "session.update", "session": SESSION}, True)
    assert reading.tools == ("look_up", "wiki") and reading.tools_path == ("session", "tools")
    (spoken,) = realtime.read_message(HEAD, {"item": USER}, True).files
    assert spoken.path == ("item", "content", 1, "audio")


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        ("/v1/realtime?model=a", {}, "a"),
        ("/openai/realtime?api-version=1&deployment=b", {}, "b"),
        ("/v1/realtime", {}, None),
        ("/v1/realtime?x=1", {"session": {"model": "c"}}, "c"),
    ],
)
def test_the_model_stands_in_the_session_or_the_query(path, body, model):
    assert realtime.read_request(head(path), body).model == model


def test_messages_of_the_service_are_read():
    done = EVENTS[15]
    reading = realtime.read_message(HEAD, done, False)
    assert [(way, text) for way, _, text in texts(reading, done)] == [
        ("answer", "Dear Bob"), ("tool_call", '{"q":"a"}'),
    ]  # fmt: skip
    assert reading.usage == Usage(3, 4) and reading.calls[0].name == "look_up"
    error = {"type": "error", "error": {"message": "no"}}
    assert texts(realtime.read_message(HEAD, error, False), error) == [("answer", None, "no")]


def test_lanes_are_items_and_what_a_person_says_goes_on_over_a_response():
    reader = realtime.stream(HEAD)
    assert reader.framing is Framing.WEBSOCKET
    frames = [reader.read(event, value) for event, value in FRAMES]
    grown, whole = lanes_of(realtime.stream(HEAD), FRAMES)
    heard, spoken = ("", "u2", "heard", 0), ("", "m1", "transcript", 0)
    arguments = ("", "f1", "arguments", 0)
    assert grown == {heard: "My card is 42", spoken: "Dear Bob", arguments: '{"q":"a"}'}
    told = [lane for lane, _ in whole]
    assert told.count(spoken) == 4 and told.count(arguments) == 1 and told.count(heard) == 1
    assert (*heard, "segment", "s1") in told
    ends = [(EVENTS[number]["type"], lane) for number, frame in enumerate(frames) for lane in frame.ends]
    assert ends == [
        ("response.output_audio_transcript.done", spoken),
        ("response.done", arguments),
        ("conversation.item.input_audio_transcription.completed", heard),
    ]
    assert frames[2].texts[0].direction.value == "prompt"
    assert frames[0].model == "gpt-realtime-1" and frames[15].usage == Usage(3, 4)
    assert frames[3].conversation == "conv_1" and frames[13].calls == ("look_up",)
    assert not any(frame.ends_all for frame in frames)
    check_stream(realtime.stream(HEAD), FRAMES)


BETA = [
    ("response.text.delta", "response.text.done", "text"),
    ("response.output_text.delta", "response.output_text.done", "text"),
    ("response.audio_transcript.delta", "response.audio_transcript.done", "transcript"),
]


@pytest.mark.parametrize(("delta", "done", "field"), BETA)
def test_names_of_the_beta_and_the_general_form_grow_alike(delta, done, field):
    frames = [
        (None, {"type": delta, **at(item_id="m1", content_index=0, delta="Dear")}),
        (None, {"type": done, **at(item_id="m1", content_index=0), field: "Dear"}),
    ]
    lane = ("", "m1", field, 0)
    assert lanes_of(realtime.stream(HEAD), frames) == ({lane: "Dear"}, [(lane, "Dear")])


def test_translations_and_what_has_no_item_id_are_lanes_too():
    frames = [
        (None, {"type": "session.input_transcript.delta", "delta": "Guten Tag"}),
        (None, {"type": "session.output_transcript.delta", "delta": "Hello"}),
        (None, {"type": "session.output_audio.delta", "delta": "AAAA"}),
        (None, {"type": "response.output_text.delta", "output_index": 3, "delta": "a"}),
        (None, {"type": "response.done", "response": {"output": []}}),
    ]
    grown, _ = lanes_of(realtime.stream(HEAD), frames)
    assert [(lane[1], lane[2], text) for lane, text in grown.items()] == [
        (None, "heard", "Guten Tag"), (None, "transcript", "Hello"), (3, "text", "a"),
    ]  # fmt: skip


@pytest.mark.slow
def test_sessions_are_opened_over_http_too():
    made = {"value": "ek_1", "expires_at": 1, "session": {**SESSION, "id": "s", "object": "realtime.session"}}
    with serve(always(json_answer(made))) as (url, seen):
        with openai.OpenAI(api_key="none", base_url=f"{url}/v1") as client:
            answer = client.realtime.client_secrets.create(session={**SESSION, "model": "gpt-realtime"})
    assert answer.value == "ek_1"
    body = seen[0].json()
    reading = realtime.read_request(seen[0].head(), body)
    assert [text for _, _, text in texts(reading, body)] == ["Be brief.", "Ann", "names: Bob"]
    assert reading.model == "gpt-realtime" and reading.tools_path == ("session", "tools")
    assert [text for _, _, text in texts(realtime.read_answer(HEAD, made), made)] == [
        "Be brief.", "Ann", "names: Bob",
    ]  # fmt: skip
    error = {"error": {"message": "no"}}
    assert texts(realtime.read_answer(HEAD, error), error) == [("answer", None, "no")]


def test_a_session_in_a_form_is_json_in_a_field():
    fields = [
        {"name": "sdp", "filename": None, "content_type": "application/sdp", "text": "v=0", "size": 3},
        {"name": "session", "filename": None, "content_type": None, "text": json.dumps(SESSION), "size": 1},
    ]
    reading = realtime.read_request(head("/v1/realtime/calls"), fields)
    check_reading(reading, fields)
    assert [follow(fields, part.path) for part in reading.parts] == ["Be brief.", "Ann", "names: Bob"]


# openai 3.54 opens its socket in a way that websockets 17 calls old.
@pytest.mark.filterwarnings(r"ignore:connect\(\) must be used as a context manager:DeprecationWarning")
@pytest.mark.slow
def test_the_sdk_speaks_over_a_websocket():
    websockets = pytest.importorskip("websockets.sync.server")
    arrived: list = []

    def handler(connection):
        arrived.append(connection.request.path)
        arrived.extend(json.loads(connection.recv()) for _ in range(2))
        for value in EVENTS:
            connection.send(json.dumps(value))

    with websockets.serve(handler, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.socket.getsockname()[1]}/v1"
            with openai.OpenAI(api_key="none", base_url=address) as client:
                with client.realtime.connect(model="gpt-realtime") as connection:
                    connection.session.update(session=SESSION)
                    connection.conversation.item.create(item=USER)
                    got = [connection.recv() for _ in EVENTS]
        finally:
            server.shutdown()
            thread.join()
    assert [event.type for event in got] == [value["type"] for value in EVENTS]
    assert got[9].delta == "Bob"
    path, update, create = arrived
    where = head(path)
    assert texts(realtime.read_message(where, update, True), update)[0] == ("prompt", "system", "Be brief.")
    assert texts(realtime.read_message(where, create, True), create)[0] == ("prompt", "user", "Hello")
    assert realtime.read_message(where, create, True).model == "gpt-realtime"


@pytest.mark.slow
@given(frames=broken(FRAMES))
@settings(max_examples=60)
def test_a_stream_with_anything_in_any_place_is_read(frames):
    check_stream(realtime.stream(HEAD), frames)
    for _, value in frames:
        check_reading(realtime.read_message(HEAD, value, False), value)
