"""A2A: what the SDK's client and agent said is read, in 0.3 and 1.0, by JSON-RPC and by plain HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import a2a
from sensor.dialects.lanebook import MAX_LANES, REST
from sensor.dialects.picking import at
from sensor.dialects.reading import Framing, Grow
from sensor.wire.sse import SseReader, write_event
from tests.dialects.told import Played, bodies, check_frame, check_reading, files, fixed, post, texts

RECORDED = json.loads((Path(__file__).parent / "recorded" / "a2a.json").read_text())
HEAD = post("/rpc")

SEND = {
    ("1.0", "jsonrpc"): ("/rpc", "SendMessage"),
    ("1.0", "http"): ("/message:send", None),
    ("0.3", "jsonrpc"): ("/rpc", "message/send"),
    ("0.3", "http"): ("/v1/message:send", None),
}
STREAM = {
    ("1.0", "jsonrpc"): ("/rpc", "SendStreamingMessage"),
    ("1.0", "http"): ("/message:stream", None),
    ("0.3", "jsonrpc"): ("/rpc", "message/stream"),
    ("0.3", "http"): ("/v1/message:stream", None),
}
FORMS = list(SEND)


def exchange(version: str, path: str, method: str | None) -> dict[str, Any]:
    found: dict[str, Any] = next(
        e for e in RECORDED[version] if e["path"] == path and (e["request"] or {}).get("method") == method
    )
    return found


@pytest.mark.parametrize("form", FORMS)
def test_a_message_is_a_prompt_with_its_data_and_files(form: tuple[str, str]) -> None:
    said = exchange(form[0], *SEND[form])
    body = said["request"]
    reading = a2a.read_request(post(said["path"]), body)
    assert texts(reading, body) == [
        ("prompt", "user", "Plan a trip for Person A."),
        ("prompt", "user", "300 euro"),
    ]
    (content, *csv), (_, *picture) = files(reading, body)
    # The package writes base64 of the base64 where version 0.3 goes over HTTP.
    double = form == ("0.3", "http")
    assert content == ("Ym1GdFpUdGphWFI1Q2c9PQ==" if double else "bmFtZTtjaXR5Cg==")
    assert csv == ["list.csv", "text/csv", None, "base64"]
    assert picture == [None, "image/png", "https://files.example/a.png", None]
    assert reading.streams is False
    assert (reading.request_id is not None) == (form[1] == "jsonrpc")


@pytest.mark.parametrize("form", FORMS)
def test_a_task_is_read_with_its_history_status_and_artifacts(form: tuple[str, str]) -> None:
    answer = exchange(form[0], *SEND[form])["answer"]
    reading = a2a.read_answer(HEAD, answer)
    assert texts(reading, answer) == [
        ("prompt", "user", "Plan a trip for Person A."),
        ("prompt", "user", "300 euro"),
        ("answer", "assistant", "Looking."),
        ("answer", "assistant", "Done."),
        ("answer", "assistant", "plan"),
        ("answer", "assistant", "The trip to "),
        ("answer", "assistant", "Vienna costs "),
        ("answer", "assistant", "300."),
        ("answer", "assistant", "Vienna"),
    ]
    assert [name for _, name, *_ in files(reading, answer)] == ["list.csv", None, "trip.pdf"]
    assert reading.conversation is not None and reading.conversation.startswith("id-")


@pytest.mark.parametrize("form", FORMS)
def test_an_artifact_that_comes_in_pieces_is_one_lane(form: tuple[str, str]) -> None:
    said = exchange(form[0], *STREAM[form])
    assert a2a.read_request(post(said["path"]), said["request"]).streams is True
    played = Played(a2a.stream(HEAD), said["answer"])
    [(lane, text)] = played.lanes.items()
    assert text == "The trip to Vienna costs 300."
    assert played.ended == [lane]
    assert [said for _, said in played.whole] == [
        "Plan a trip for Person A.", "300 euro", "Looking.", "Vienna", "Done."
    ]  # fmt: skip
    assert [frame.ends_all for frame in played.frames] == [False] * 6 + [True]
    assert played.frames[2].conversation == played.frames[0].conversation is not None


@pytest.mark.parametrize("form", FORMS)
def test_what_was_held_back_goes_out_in_an_update_that_appends(form: tuple[str, str]) -> None:
    said = exchange(form[0], *STREAM[form])
    reader = a2a.stream(HEAD)
    assert reader.framing is Framing.SSE
    for event, value in said["answer"][:4]:
        frame = reader.read(event, value)
    [piece] = frame.texts
    flushed = reader.flush(piece.lane, "held")
    assert flushed is not None
    event, made = flushed
    again = a2a.stream(HEAD)
    for name, value in said["answer"][:3]:
        again.read(name, value)
    told = again.read(event, made)
    assert [(text.lane, text.grow, at(made, *text.path)) for text in told.texts] == [
        (piece.lane, Grow.APPEND, "held")
    ]
    assert reader.flush("no lane", "x") is None


@pytest.mark.parametrize("version", ["1.0", "0.3"])
def test_a_webhook_is_where_content_will_go_and_its_token_stays(version: str) -> None:
    found = [e for e in RECORDED[version] if "hooks.example" in json.dumps(e["request"])]
    assert len(found) == 2
    for said in found:
        body = said["request"]
        reading = a2a.read_request(post(said["path"]), body)
        assert texts(reading, body) == [("tool_call", None, "https://hooks.example/a2a")]
        assert fixed(reading, body) == ["secret-token"]


def test_a_webhook_in_the_configuration_of_a_message_is_read() -> None:
    config = {"url": "https://hooks.example/", "authentication": {"schemes": ["Bearer"], "credentials": "c"}}
    message = {"role": "user", "parts": [{"kind": "text", "text": "hi"}]}
    params = {"message": message, "configuration": {"pushNotificationConfig": config}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": params}
    reading = a2a.read_request(HEAD, body)
    assert [said for _, _, said in texts(reading, body)] == ["hi", "https://hooks.example/"]
    assert fixed(reading, body) == ["c"]


@pytest.mark.parametrize("version", ["1.0", "0.3"])
def test_a_card_tells_skills_as_tools(version: str) -> None:
    card = exchange(version, "/.well-known/agent-card.json", None)["answer"]
    reading = a2a.read_answer(HEAD, card)
    assert reading.tools == ("Plan a trip",)
    assert reading.tools_path == ("skills",)
    assert ("tool_result", None, "Plans a trip to a city.") in texts(reading, card)
    assert not reading.signed
    assert a2a.read_answer(HEAD, {**card, "signatures": [{"protected": "x"}]}).signed


def test_a_push_notification_is_a_request_that_holds_an_answer() -> None:
    """1.0 specification, 4.3.3: "one of" task, message, statusUpdate, artifactUpdate; 0.3: a task."""
    message = {"role": "ROLE_AGENT", "parts": [{"text": "Done."}], "contextId": "c"}
    artifact = {"artifactId": "a", "parts": [{"text": "Done."}]}
    for body in (
        {"message": message},
        {"kind": "message", **message},
        {"task": {"id": "t", "contextId": "c", "status": {"state": "x", "message": message}}},
        {"statusUpdate": {"contextId": "c", "status": {"message": message}}},
        {"artifactUpdate": {"contextId": "c", "artifact": artifact}},
        {"id": "t", "kind": "task", "contextId": "c", "status": {}, "artifacts": [artifact]},
    ):
        reading = a2a.read_request(post("/webhook"), body)
        assert texts(reading, body) == [("answer", "assistant", "Done.")]
        assert reading.conversation == "c"


def test_tasks_of_a_list_and_errors_are_read() -> None:
    task = {"id": "t", "status": {}, "artifacts": [{"parts": [{"text": "x"}]}]}
    body = {"jsonrpc": "2.0", "id": True, "result": {"tasks": [task, task]}}
    reading = a2a.read_answer(HEAD, body)
    assert [said for _, _, said in texts(reading, body)] == ["x", "x"]
    assert reading.request_id is None
    listed = {"jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": {"contextId": "c"}}
    assert a2a.read_request(HEAD, listed).conversation == "c"
    error = {"jsonrpc": "2.0", "id": 1, "error": {"message": "no", "data": [{"reason": "why"}]}}
    assert [said for _, _, said in texts(a2a.read_answer(HEAD, error), error)] == ["no", "why"]
    frame = a2a.stream(HEAD).read(None, error)
    assert frame.is_error and frame.ends_all and len(frame.texts) == 2


@pytest.mark.slow
@pytest.mark.parametrize("form", [("1.0", "http"), ("0.3", "jsonrpc")])
def test_a_recorded_stream_cut_at_every_byte_says_the_same(form: tuple[str, str]) -> None:
    events = exchange(form[0], *STREAM[form])["answer"]
    data = b"".join(write_event(json.dumps(value), event) for event, value in events)
    whole = Played(a2a.stream(HEAD), events)
    for cut in range(0, len(data) + 1):
        reader = SseReader()
        frames = [*reader.feed(data[:cut]), *reader.feed(data[cut:]), *reader.finish()]
        values = [(frame.event, json.loads(frame.data)) for frame in frames if frame.data is not None]
        played = Played(a2a.stream(HEAD), values)
        assert (played.lanes, played.whole, played.ended) == (whole.lanes, whole.whole, whole.ended)


def update(text: str, **more: Any) -> dict[str, Any]:
    return {
        "artifactUpdate": {"taskId": "t", "artifact": {"artifactId": "a", "parts": [{"text": text}]}, **more}
    }


def test_an_artifact_that_replaces_another_is_a_new_lane() -> None:
    reader = a2a.stream(HEAD)
    first = reader.read(None, update("a")).texts[0].lane
    assert reader.read(None, update("b", append=True)).texts[0].lane == first
    assert reader.read(None, update("c")).texts[0].lane != first


def test_an_artifact_that_is_complete_in_one_frame_is_whole() -> None:
    frame = a2a.stream(HEAD).read(None, update("all", lastChunk=True))
    assert [text.grow for text in frame.texts] == [Grow.WHOLE] and frame.ends == ()


@pytest.mark.parametrize("key", ["statusUpdate", "status_update"])
@pytest.mark.parametrize(
    ("state", "over"),
    [
        ("TASK_STATE_COMPLETED", True),
        ("TASK_STATE_FAILED", True),
        ("canceled", True),
        ("TASK_STATE_WORKING", False),
    ],
)
def test_a_task_in_its_last_state_ends_every_lane(key: str, state: str, over: bool) -> None:
    assert a2a.stream(HEAD).read(None, {key: {"status": {"state": state}}}).ends_all is over


def test_lanes_are_bounded_and_nothing_is_lost_beyond() -> None:
    reader = a2a.stream(HEAD)
    told = []
    for number in range(MAX_LANES + 3):
        value = update("x")
        value["artifactUpdate"]["artifact"]["artifactId"] = str(number)
        told.append(reader.read(None, value).texts[0].lane)
    assert len(set(told)) == MAX_LANES + 1 and told[-1] == REST
    assert reader.flush(REST, "y") is not None


KEYS = (
    "jsonrpc id method params result error message data request task status state history artifacts "
    "artifact artifactId parts content kind role text file bytes uri raw url name filename contextId "
    "context_id taskId append lastChunk final statusUpdate artifactUpdate artifact_update skills "
    "examples signatures tasks configuration pushNotificationConfig token authentication credentials"
).split()
STRINGS = (
    "message",
    "task",
    "status-update",
    "artifact-update",
    "ROLE_AGENT",
    "user",
    "completed",
    "message/send",
)


@pytest.mark.slow
@given(bodies(KEYS, STRINGS), st.lists(bodies(KEYS, STRINGS), max_size=3))
def test_any_value_gives_a_reading_and_places_that_hold_strings(value: Any, before: list[Any]) -> None:
    check_reading(a2a.read_request(HEAD, value), value)
    check_reading(a2a.read_answer(HEAD, value), value)
    reader = a2a.stream(HEAD)
    for frame_value in (*before, value):
        frame = reader.read(None, frame_value)
        check_frame(frame, frame_value)
        for text in frame.texts:
            flushed = reader.flush(text.lane, "kept")
            if text.grow is Grow.APPEND:
                assert flushed is not None and "kept" in json.dumps(flushed[1])


@pytest.mark.slow
@given(st.lists(st.text(max_size=4), min_size=1, max_size=6), st.booleans())
def test_a_text_cut_anywhere_is_the_same_lane(pieces: list[str], jsonrpc: bool) -> None:
    frames: list[tuple[str | None, Any]] = []
    for number, piece in enumerate(pieces):
        value = update(piece, append=number > 0, lastChunk=number == len(pieces) - 1 > 0)
        frames.append((None, {"jsonrpc": "2.0", "id": 1, "result": value} if jsonrpc else value))
    played = Played(a2a.stream(HEAD), frames)
    assert list(played.lanes.values()) == ["".join(pieces)]
