"""The Responses API, whole, streamed and over a WebSocket: bodies of the openai SDK, events that it reads."""

import contextlib
import json
import threading
from typing import Any

import openai
import pytest
from hypothesis import given, settings

from sensor.dialects import openai_responses as responses
from sensor.dialects.lanebook import MAX_LANES, REST
from sensor.dialects.openai_events import MAX_STREAMS
from sensor.dialects.reading import Framing, Usage
from sensor.wire.sse import SseReader
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
from tests.dialects.standin import always, json_answer, serve, sse_answer

HEAD = head("/v1/responses")
USAGE = {
    "input_tokens": 9, "output_tokens": 4, "total_tokens": 13,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 0},
}  # fmt: skip


def said(text, **more):
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [part],
        **more,
    }


def response(*output, **more):
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "gpt-x-1",
        "output": list(output), "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        "usage": USAGE, "instructions": None, "store": True, **more,
    }  # fmt: skip


def reasoned(text="Hm, let me see.", thought="deep"):
    return {
        "id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": text}],
        "content": [{"type": "reasoning_text", "text": thought}], "encrypted_content": "opaque",
    }  # fmt: skip


FUNCTION = {
    "id": "fc_1",
    "type": "function_call",
    "call_id": "call_1",
    "name": "look_up",
    "arguments": '{"q":"a"}',
}
CUSTOM = {"id": "ct_1", "type": "custom_tool_call", "call_id": "call_2", "name": "shell", "input": "ls -l"}
CODE = {"id": "ci_1", "type": "code_interpreter_call", "status": "completed", "container_id": "c",
        "code": "1+1", "outputs": [{"type": "logs", "logs": "2"}]}  # fmt: skip
MCP = {"id": "mcp_1", "type": "mcp_call", "name": "search", "server_label": "wiki", "arguments": "{}",
       "output": "found"}  # fmt: skip
SHELL = {"id": "sh_1", "type": "shell_call", "call_id": "c3", "status": "completed", "environment": None,
         "action": {"commands": ["ls", "pwd"], "max_output_length": 1, "timeout_ms": 1}}  # fmt: skip
SHELL_SAID = {"id": "so_1", "type": "shell_call_output", "call_id": "c3", "status": "completed",
              "output": [{"stdout": "a.txt", "stderr": "warn",
                          "outcome": {"type": "exit", "exit_code": 0}}]}  # fmt: skip
PATCH = {"id": "ap_1", "type": "apply_patch_call", "call_id": "c4", "status": "completed",
         "operation": {"type": "update_file", "path": "a.py", "diff": "-x"}}  # fmt: skip
DONE = [reasoned(), said("Dear Bob"), FUNCTION, CUSTOM, CODE, MCP, SHELL, SHELL_SAID]


def events():
    """A stream of all kinds, as ``(name, value)``."""
    made = []

    def tell(kind, **value):
        made.append((kind, {"type": kind, "sequence_number": len(made), **value}))

    tell("response.created", response=response(status="in_progress", usage=None))
    at = {"output_index": 0, "item_id": "rs_1"}
    tell(
        "response.output_item.added", output_index=0, item={"id": "rs_1", "type": "reasoning", "summary": []}
    )
    part = {"type": "summary_text", "text": ""}
    tell("response.reasoning_summary_part.added", **at, summary_index=0, part=part)
    for piece in ("Hm, let ", "me see."):
        tell("response.reasoning_summary_text.delta", **at, summary_index=0, delta=piece, obfuscation="xx")
    tell("response.reasoning_summary_text.done", **at, summary_index=0, text="Hm, let me see.")
    part = {"type": "summary_text", "text": "Hm, let me see."}
    tell("response.reasoning_summary_part.done", **at, summary_index=0, part=part)
    tell("response.reasoning_text.delta", **at, content_index=0, delta="deep")
    tell("response.reasoning_text.done", **at, content_index=0, text="deep")
    tell("response.output_item.done", output_index=0, item=reasoned())

    at = {"output_index": 1, "item_id": "msg_1", "content_index": 0}
    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    tell("response.output_item.added", output_index=1, item=said("", content=[], status="in_progress"))
    tell("response.content_part.added", **at, part=empty)
    for piece in ("Dear ", "Bob"):
        tell("response.output_text.delta", **at, delta=piece, logprobs=[])
    tell("response.output_text.done", **at, text="Dear Bob", logprobs=[])
    tell("response.content_part.done", **at, part={**empty, "text": "Dear Bob"})
    tell("response.output_item.done", output_index=1, item=said("Dear Bob"))

    at = {"output_index": 2, "item_id": "fc_1"}
    tell("response.output_item.added", output_index=2, item={**FUNCTION, "arguments": ""})
    for piece in ('{"q":', '"a"}'):
        tell("response.function_call_arguments.delta", **at, delta=piece)
    tell("response.function_call_arguments.done", **at, arguments='{"q":"a"}', name="look_up")
    tell("response.output_item.done", output_index=2, item=FUNCTION)

    at = {"output_index": 3, "item_id": "ct_1"}
    tell("response.output_item.added", output_index=3, item={**CUSTOM, "input": ""})
    tell("response.custom_tool_call_input.delta", **at, delta="ls -l")
    tell("response.custom_tool_call_input.done", **at, input="ls -l")
    tell("response.output_item.done", output_index=3, item=CUSTOM)

    at = {"output_index": 4, "item_id": "ci_1"}
    tell("response.code_interpreter_call_code.delta", **at, delta="1+1")
    tell("response.code_interpreter_call_code.done", **at, code="1+1")
    tell("response.output_item.done", output_index=4, item=CODE)

    at = {"output_index": 5, "item_id": "mcp_1"}
    tell("response.mcp_call_arguments.delta", **at, delta="{}")
    tell("response.mcp_call_arguments.done", **at, arguments="{}")
    tell("response.output_item.done", output_index=5, item=MCP)

    tell("response.shell_call_command.added", output_index=6, command_index=0, command="l")
    tell("response.shell_call_command.delta", output_index=6, command_index=0, delta="ls")
    tell("response.shell_call_command.delta", output_index=6, command_index=1, delta="pwd")
    tell("response.shell_call_command.done", output_index=6, command_index=0, command="ls")
    tell("response.output_item.done", output_index=6, item=SHELL)
    at = {"output_index": 7, "item_id": "so_1", "command_index": 0}
    tell("response.shell_call_output_content.delta", **at, delta={"stdout": "a.txt", "stderr": "warn"})
    tell("response.shell_call_output_content.done", **at, output=[*SHELL_SAID["output"], {"stdout": "more"}])
    tell("response.output_item.done", output_index=7, item=SHELL_SAID)
    tell("response.completed", response=response(*DONE))
    return made


EVENTS = events()
ONE = (None, 1)
"""The first response of a stream without an id."""


@contextlib.contextmanager
def client_of(answer):
    with serve(always(answer)) as (url, seen):
        with openai.OpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0) as client:
            yield client, seen


@pytest.mark.slow
def test_a_request_of_the_sdk_is_read_whole():
    inputs = [
        {"role": "user", "content": "What is this?"},
        {"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "And this?"},
            {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "auto"},
            {"type": "input_image", "file_id": "file-9", "detail": "auto"},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"},
            {"type": "input_file", "file_url": "https://files.example/b.pdf"},
            {"type": "input_file", "filename": "c.txt", "file_data": "QUJD"},
        ]},
        *DONE,
        {"type": "function_call_output", "call_id": "call_1", "output": "It is a gnomon."},
        {"type": "custom_tool_call_output", "call_id": "call_2", "output": [
            {"type": "input_text", "text": "a.txt"}]},
        {"type": "computer_call_output", "call_id": "c", "output": {
            "type": "computer_screenshot", "image_url": "data:image/png;base64,BB"}},
        {"type": "local_shell_call_output", "id": "l", "output": "ok"},
        PATCH,
        {"type": "item_reference", "id": "msg_0"},
        {"type": "mcp_approval_response", "approval_request_id": "a", "approve": False, "reason": "no"},
    ]  # fmt: skip
    tools = [
        {"type": "function", "name": "look_up", "parameters": {}, "strict": True},
        {"type": "custom", "name": "shell"},
        {"type": "web_search"},
        {"type": "mcp", "server_label": "wiki", "server_url": "https://mcp.example/"},
        {
            "type": "namespace",
            "name": "files",
            "description": "",
            "tools": [{"type": "function", "name": "read"}],
        },
    ]
    with client_of(json_answer(response(said("Yes.")))) as (client, seen):
        made = client.responses.create(
            model="gpt-x", instructions="Be brief.", input=inputs, tools=tools,
            previous_response_id="resp_0", safety_identifier="u-1",
            prompt={"id": "p", "variables": {"who": "Ann", "what": {"type": "input_text", "text": "cake"}}},
        )  # fmt: skip
    assert made.output_text == "Yes."
    body = seen[0].json()
    reading = responses.read_request(seen[0].head(), body)
    check_reading(reading, body)
    assert [(way, text) for way, _, text in texts(reading, body)] == [
        ("prompt", "Be brief."), ("prompt", "Ann"), ("prompt", "cake"),
        ("prompt", "What is this?"), ("prompt", "And this?"),
        ("answer", "Hm, let me see."), ("answer", "deep"), ("answer", "Dear Bob"),
        ("tool_call", '{"q":"a"}'), ("tool_call", "ls -l"), ("tool_call", "1+1"), ("tool_result", "2"),
        ("tool_call", "{}"), ("tool_result", "found"), ("tool_call", "ls"), ("tool_call", "pwd"),
        ("tool_result", "a.txt"), ("tool_result", "warn"),
        ("tool_result", "It is a gnomon."), ("tool_result", "a.txt"), ("tool_result", "ok"),
        ("tool_call", "a.py"), ("tool_call", "-x"), ("prompt", "no"),
    ]  # fmt: skip
    assert [found[:4] for found in files(reading, body)] == [
        ("data_url", None, "image/png", None),
        (None, None, None, "file-9"),
        ("data_url", "a.pdf", "application/pdf", None),
        (None, None, None, "https://files.example/b.pdf"),
        ("base64", "c.txt", None, None),
        ("data_url", None, "image/png", None),
    ]
    assert [(call.name, call.id) for call in reading.calls] == [
        ("look_up", "call_1"), ("shell", "call_2"), ("code_interpreter", "ci_1"), ("search", "mcp_1"),
        ("shell", "c3"), ("apply_patch", "c4"),
    ]  # fmt: skip
    assert reading.tools == ("look_up", "shell", "web_search", "wiki", "files", "read")
    assert reading.tools_path == ("tools",)
    assert (reading.model, reading.account, reading.streams) == ("gpt-x", "u-1", False)
    assert reading.conversation == "resp_0"
    assert [follow(body, path) for path in reading.fixed] == ["opaque"]


@pytest.mark.parametrize(
    ("path", "body", "conversation"),
    [
        ("/v1/responses", {"conversation": "conv_1"}, "conv_1"),
        ("/v1/responses", {"conversation": {"id": "conv_1"}, "previous_response_id": "r"}, "conv_1"),
        ("/v1/responses", {"input": "a"}, None),
        ("/v1/conversations/conv_2/items?include=x", {"items": []}, "conv_2"),
        ("/v1/conversations", {"items": []}, None),
    ],
)
def test_where_the_service_keeps_the_history(path, body, conversation):
    assert responses.read_request(head(path), body).conversation == conversation


def test_an_answer_is_read_whole():
    picture = {"type": "image_generation_call", "id": "ig", "status": "completed", "result": "AAAA",
               "output_format": "png", "revised_prompt": "a sundial"}  # fmt: skip
    listed = {"type": "mcp_list_tools", "id": "ml", "server_label": "wiki", "tools": [{"name": "search"}]}
    body = response(*DONE, picture, listed, {"type": "compaction", "id": "c", "encrypted_content": "sealed"})
    with client_of(json_answer(body)) as (client, seen):
        made = client.responses.create(model="gpt-x", input="hi")
    assert made.output_text == "Dear Bob" and made.output[2].arguments == '{"q":"a"}'
    reading = responses.read_answer(seen[0].head(), body)
    check_reading(reading, body)
    assert texts(reading, body)[:3] == [
        ("answer", "assistant", "Hm, let me see."), ("answer", "assistant", "deep"),
        ("answer", "assistant", "Dear Bob"),
    ]  # fmt: skip
    assert texts(reading, body)[-1] == ("answer", "assistant", "a sundial")
    assert [found[:3] for found in files(reading, body)] == [("base64", None, "image/png")]
    assert reading.tools == ("search",) and reading.usage == Usage(9, 4)
    assert (reading.model, reading.conversation) == ("gpt-x-1", "resp_1")
    assert [follow(body, path) for path in reading.fixed] == ["opaque", "sealed"]


@pytest.mark.parametrize(
    ("body", "conversation"),
    [
        (response(), "resp_1"),
        (response(store=False), None),
        (response(conversation={"id": "conv_1"}), "conv_1"),
        ({"id": "conv_2", "object": "conversation"}, "conv_2"),
        ({"id": "x", "object": "list", "data": [said("a")]}, None),
    ],
)
def test_an_answer_names_what_the_next_request_refers_to(body, conversation):
    assert responses.read_answer(HEAD, body).conversation == conversation
    told = responses.stream(HEAD).read(None, {"type": "response.completed", "response": body}).conversation
    assert told == (conversation if body["object"] == "response" else None)


def test_a_list_of_items_and_a_program_are_read():
    program = {"type": "program", "id": "p", "call_id": "c", "code": "f()", "fingerprint": "sealed"}
    body = {
        "object": "list",
        "data": [said("a"), program, {"type": "program_output", "result": "2"}, "plain"],
    }
    reading = responses.read_answer(HEAD, body)
    assert [(way, text) for way, _, text in texts(reading, body)] == [
        ("answer", "a"), ("tool_call", "f()"), ("tool_result", "2"), ("prompt", "plain"),
    ]  # fmt: skip
    assert {"f()", "sealed"} <= {follow(body, path) for path in reading.fixed}


@pytest.mark.parametrize(
    ("kind", "direction"), [("new_call", "tool_call"), ("new_output", "tool_result"), ("new", "answer")]
)
def test_an_item_of_a_type_that_is_not_known_is_read_by_all_its_strings(kind, direction):
    body = {"output": [{"type": kind, "id": "x1", "status": "done", "a": {"b": ["said"]}, "call_id": "c"}]}
    reading = responses.read_answer(HEAD, body)
    assert [(way, text) for way, _, text in texts(reading, body)] == [(direction, "said")]
    assert reading.calls == ()


@pytest.mark.slow
def test_a_stream_that_the_sdk_reads_grows_in_the_same_lanes():
    with client_of(sse_answer(EVENTS)) as (client, seen):
        with client.responses.stream(model="gpt-x", input="hi") as stream:
            kinds = [event.type for event in stream]
            final = stream.get_final_response()
    assert final.output_text == "Dear Bob" and "response.shell_call_command.delta" in kinds
    assert responses.read_request(seen[0].head(), seen[0].json()).streams is True
    grown, whole = lanes_of(responses.stream(seen[0].head()), EVENTS)
    assert grown == {
        (ONE, 0, "summary", 0): "Hm, let me see.",
        (ONE, 0, "reasoning", 0): "deep",
        (ONE, 1, "text", 0): "Dear Bob",
        (ONE, 2, "arguments", 0): '{"q":"a"}',
        (ONE, 3, "input", 0): "ls -l",
        (ONE, 4, "code", 0): "1+1",
        (ONE, 5, "arguments", 0): "{}",
        (ONE, 6, "command", 0): "ls",
        (ONE, 6, "command", 1): "pwd",
        (ONE, 7, "stdout", 0): "a.txt",
        (ONE, 7, "stderr", 0): "warn",
    }
    for lane, text in whole:
        assert grown.get(lane, text) == text, lane
    counts = {lane: sum(told == lane for told, _ in whole) for lane in grown}
    assert counts == {
        (ONE, 0, "summary", 0): 4, (ONE, 0, "reasoning", 0): 3, (ONE, 1, "text", 0): 4,
        (ONE, 2, "arguments", 0): 3, (ONE, 3, "input", 0): 3, (ONE, 4, "code", 0): 3,
        (ONE, 5, "arguments", 0): 3, (ONE, 6, "command", 0): 3, (ONE, 6, "command", 1): 2,
        (ONE, 7, "stdout", 0): 3, (ONE, 7, "stderr", 0): 3,
    }  # fmt: skip


def test_each_lane_ends_once_where_its_text_is_done():
    reader: Any = responses.stream(HEAD)
    assert reader.framing is Framing.SSE
    ends: list[Any] = []
    calls: list[str] = []
    last: Any = None
    for event, value in EVENTS:
        last = reader.read(event, value)
        ends += [(event, lane[1:]) for lane in last.ends]
        calls += last.calls
    assert [lane for _, lane in ends] == [
        (0, "summary", 0), (0, "reasoning", 0), (1, "text", 0), (2, "arguments", 0), (3, "input", 0),
        (4, "code", 0), (5, "arguments", 0), (6, "command", 0), (6, "command", 1), (7, "stdout", 0),
        (7, "stderr", 0),
    ]  # fmt: skip
    assert ends[8][0] == "response.output_item.done"
    assert calls == ["look_up", "shell"]
    assert last.ends_all and last.usage == Usage(9, 4) and last.model == "gpt-x-1"
    assert last.conversation == "resp_1"


def test_what_is_carried_on_is_an_event_that_the_sdk_reads():
    reader, sent = responses.stream(HEAD), []
    for event, value in EVENTS:
        frame = reader.read(event, value)
        sent += [carried(reader, lane, "!") for lane in frame.ends]
        sent.append((event, value))
    with client_of(sse_answer(sent)) as (client, _):
        made = list(client.responses.create(model="gpt-x", input="hi", stream=True))
    said_by = {}
    for event in made:
        if event.type in ("response.output_text.delta", "response.function_call_arguments.delta"):
            said_by[event.item_id] = said_by.get(event.item_id, "") + event.delta
    assert said_by == {"msg_1": "Dear Bob!", "fc_1": '{"q":"a"}!'}
    check_stream(responses.stream(HEAD), EVENTS)


@pytest.mark.slow
def test_lanes_are_the_same_wherever_the_bytes_of_a_stream_are_cut():
    at = {"output_index": 0, "item_id": "m", "content_index": 0}
    few = [
        ("a", {"type": "response.output_text.delta", **at, "delta": "Dé"}),
        ("b", {"type": "response.output_text.delta", **at, "delta": "ar"}),
        ("c", {"type": "response.output_text.done", **at, "text": "Déar"}),
    ]
    written = [(event, json.dumps(value, ensure_ascii=False)) for event, value in few]
    raw = "".join(f"event: {event}\ndata: {data}\n\n" for event, data in written).encode()
    expected = lanes_of(responses.stream(HEAD), few)
    for cut in range(len(raw)):
        reader = SseReader()
        frames = [*reader.feed(raw[:cut]), *reader.feed(raw[cut:]), *reader.finish()]
        got = [(frame.event, json.loads(frame.data)) for frame in frames if frame.data is not None]
        assert lanes_of(responses.stream(HEAD), got) == expected


def test_items_keep_their_lane_where_each_event_gives_them_another_id():
    rotated = json.loads(json.dumps(EVENTS))
    for number, (_, value) in enumerate(rotated):
        if "item_id" in value:
            value["item_id"] = f"sealed-{number}"
    assert lanes_of(responses.stream(HEAD), rotated) == lanes_of(responses.stream(HEAD), EVENTS)


def test_an_item_without_an_index_is_known_by_its_id():
    frames = [
        (None, {"type": "response.output_text.delta", "item_id": "m", "delta": "a"}),
        (None, {"type": "response.output_text.done", "item_id": "m", "text": "a"}),
    ]
    assert lanes_of(responses.stream(HEAD), frames) == (
        {((None, 0), "m", "text", 0): "a"}, [(((None, 0), "m", "text", 0), "a")],
    )  # fmt: skip


def test_texts_that_an_item_or_part_begins_with_have_a_lane_of_their_own():
    part = {"type": "output_text", "text": "Dear"}
    frames = [
        (None, {"type": "response.output_item.added", "output_index": 0, "item": FUNCTION}),
        (None, {"type": "response.content_part.added", "output_index": 1, "content_index": 0, "part": part}),
        (
            None,
            {
                "type": "response.shell_call_command.added",
                "output_index": 2,
                "command_index": 0,
                "command": "ls",
            },
        ),
    ]
    grown, whole = lanes_of(responses.stream(HEAD), frames)
    assert grown == {} and [lane[-2] if lane[-1] is None else lane[-1] for lane, _ in whole] == ["added"] * 3


def test_kinds_of_text_that_are_not_known_are_read_too():
    frames = [
        (None, {"type": "response.patch_diff.delta", "output_index": 0, "item_id": "i", "delta": "-x"}),
        (None, {"type": "response.patch_diff.done", "output_index": 0, "item_id": "i", "diff": "-x"}),
        (None, {"type": "response.audio.delta", "delta": "AAAA"}),
        (None, {"type": "response.patch_diff.delta", "output_index": 0, "delta": {"unknown": "y"}}),
        (None, "text"), (None, 7),
    ]  # fmt: skip
    grown, whole = lanes_of(responses.stream(HEAD), frames)
    assert list(grown.values()) == ["-x"] and [text for _, text in whole] == ["-x"]
    reader = responses.stream(HEAD)
    reader.read(*frames[0])
    assert reader.read(*frames[1]).ends == tuple(grown)


def test_a_refusal_and_a_request_that_is_repeated_are_read():
    at = {"output_index": 0, "item_id": "m", "content_index": 0}
    begin = {"type": "response.created", "response": response(instructions="Be brief.")}
    again = {
        "type": "response.in_progress",
        "response": response(instructions=[{"role": "user", "content": "Hi"}]),
    }
    frames = [
        (None, begin), (None, again),
        (None, {"type": "response.refusal.delta", **at, "delta": "No."}),
        (None, {"type": "response.refusal.done", **at, "refusal": "No."}),
        (None, {"type": "response.content_part.done", **at, "part": {"type": "refusal", "refusal": "No."}}),
    ]  # fmt: skip
    grown, whole = lanes_of(responses.stream(HEAD), frames)
    assert grown == {(ONE, 0, "refusal", 0): "No."}
    assert [text for _, text in whole] == ["Be brief.", "Hi", "No.", "No."]
    body = response(instructions="Be brief.")
    assert texts(responses.read_answer(HEAD, body), body) == [("prompt", "system", "Be brief.")]


@pytest.mark.parametrize(
    "value",
    [
        {"type": "error", "code": "x", "message": "no", "param": None, "sequence_number": 3},
        {"type": "error", "error": {"type": "x", "message": "no"}, "stream_id": "s"},
        {"type": "response.failed", "response": {"error": {"code": "x", "message": "no"}}},
        {"error": {"message": "no"}},
    ],
)
def test_errors_are_told(value):
    frame = responses.stream(HEAD).read("error", value)
    assert frame.is_error and [follow(value, text.path) for text in frame.texts] == ["no"]


def test_an_error_body_is_read():
    body = {"error": {"message": "no", "type": "x"}}
    assert texts(responses.read_answer(HEAD, body), body) == [("answer", None, "no")]


def test_the_end_of_a_stream_ends_what_is_open():
    reader = responses.stream(HEAD)
    reader.read(None, {"type": "response.output_text.delta", "output_index": 0, "delta": "a"})
    frame = reader.read(None, None)
    assert frame.ends_all and frame.ends == (((None, 0), 0, "text", 0),)


def test_more_lanes_than_are_told_apart_share_one():
    reader = responses.stream(HEAD)
    for index in range(MAX_LANES + 1):
        value = {"type": "response.output_text.delta", "output_index": index, "item_id": "i", "delta": "a"}
        (text,) = reader.read(None, value).texts
    assert text.lane == REST
    assert carried(reader, REST, "b")[1]["output_index"] == MAX_LANES
    assert REST in reader.read(None, {"type": "response.completed", "response": {}}).ends


# Over a WebSocket


def on_stream(stream_id, kind, **value):
    return None, {"type": kind, "stream_id": stream_id, **value}


def test_streams_of_one_socket_and_responses_after_another_are_told_apart():
    at = {"output_index": 0, "item_id": "m", "content_index": 0}
    frames = [
        on_stream("a", "response.created", response={}),
        on_stream("b", "response.created", response={}),
        on_stream("a", "response.output_text.delta", **at, delta="1"),
        on_stream("b", "response.output_text.delta", **at, delta="2"),
        on_stream("a", "response.completed", response={}),
        on_stream("a", "response.created", response={}),
        on_stream("a", "response.output_text.delta", **at, delta="3"),
    ]
    reader: Any = responses.stream(head("/v1/responses", upgrade="websocket"))
    assert reader.framing is Framing.WEBSOCKET
    read: list[Any] = [reader.read(*frame) for frame in frames]
    assert [text.lane[0] for frame in read for text in frame.texts] == [("a", 1), ("b", 1), ("a", 2)]
    assert [lane[0] for lane in read[4].ends] == [("a", 1)] and not read[4].ends_all
    assert carried(reader, (("b", 1), 0, "text", 0), "!")[1]["stream_id"] == "b"


def test_more_streams_than_are_counted_share_a_count():
    reader: Any = responses.stream(head("/v1/responses", upgrade="websocket"))
    for number in range(MAX_STREAMS + 2):
        reader.read(*on_stream(f"s{number}", "response.created", response={}))
    value = {"output_index": 0, "delta": "a"}
    (text,) = reader.read(*on_stream("other", "response.output_text.delta", **value)).texts
    assert text.lane[0] == ("other", 2)


def test_messages_of_a_client_are_requests_and_of_a_service_answers():
    create = {"type": "response.create", "model": "gpt-x", "input": [{"role": "user", "content": "Hi"}],
              "stream_id": "a", "previous_response_id": "resp_0"}  # fmt: skip
    reading = responses.read_message(HEAD, create, True)
    assert texts(reading, create) == [("prompt", "user", "Hi")] and reading.conversation == "resp_0"
    steer = {"type": "response.steer", "input": "Stop that", "previous_response_id": "resp_0"}
    assert texts(responses.read_message(HEAD, steer, True), steer) == [("prompt", "user", "Stop that")]
    inject = {"type": "response.inject", "input": [FUNCTION], "response_id": "r"}
    assert responses.read_message(HEAD, inject, True).calls[0].name == "look_up"
    for value in (
        {"type": "response.completed", "response": response(said("Yes."))},
        {"type": "response.output_item.done", "item": said("Yes.")},
        {"type": "error", "error": {"message": "Yes."}},
    ):
        reading = responses.read_message(HEAD, value, False)
        assert [text for _, _, text in texts(reading, value)] == ["Yes."]


# openai 3.54 opens its socket in a way that websockets 17 calls old.
@pytest.mark.filterwarnings(r"ignore:connect\(\) must be used as a context manager:DeprecationWarning")
@pytest.mark.slow
def test_the_sdk_speaks_over_a_websocket():
    websockets = pytest.importorskip("websockets.sync.server")
    arrived = []

    def handler(connection):
        arrived.append(json.loads(connection.recv()))
        for _, value in EVENTS:
            connection.send(json.dumps(value))

    with websockets.serve(handler, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.socket.getsockname()[1]}/v1"
            with openai.OpenAI(api_key="none", base_url=address) as client:
                with client.responses.connect() as connection:
                    connection.response.create(model="gpt-x", input="Hello")
                    kinds = []
                    for event in connection:
                        kinds.append(event.type)
                        if event.type == "response.completed":
                            break
        finally:
            server.shutdown()
            thread.join()
    assert kinds == [value["type"] for _, value in EVENTS]
    reading = responses.read_message(HEAD, arrived[0], True)
    assert texts(reading, arrived[0]) == [("prompt", "user", "Hello")] and reading.model == "gpt-x"


@pytest.mark.slow
@given(frames=broken(EVENTS))
@settings(max_examples=60)
def test_a_stream_with_anything_in_any_place_is_read(frames):
    check_stream(responses.stream(HEAD), frames)
    for _, value in frames:
        check_reading(responses.read_message(HEAD, value, False), value)
