"""
Cursor and Windsurf: the fields that public sources describe are read, the rest is opaque and stays as it is.

No SDK makes these messages: they are built here from the field numbers of the sources that the module names.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import connect_agents as agents
from sensor.dialects.connect_agents import END
from sensor.dialects.picking import at
from sensor.dialects.reading import NOTHING, Framing, Grow, Reading, Usage
from sensor.errors import Malformed
from sensor.wire.envelopes import EnvelopeReader, write_envelope
from sensor.wire.protobuf import encode_varint
from tests.dialects.told import Played, bodies, calls, check_frame, check_reading, files, fixed, post, texts

CURSOR = post("/aiserver.v1.ChatService/StreamUnifiedChatWithTools")
PLAIN = post("/aiserver.v1.ChatService/StreamUnifiedChat")
APPEND = post("/aiserver.v1.BidiService/BidiAppend")
RUN = post("/agent.v1.AgentService/RunSSE?x=1")
WINDSURF = post("/_route/api_server/exa.api_server_pb.ApiServerService/GetChatMessage")
IDEMPOTENT = post("/aiserver.v1.ChatService/StreamUnifiedChatWithToolsIdempotentSSE")
UNKNOWN = post("/other.v1.Service/Call")


def field(number: int, value: bytes | str | int) -> bytes:
    """One field, written by hand so that the tests do not lean on the reader's shapes."""
    if isinstance(value, int):
        return encode_varint(number << 3) + encode_varint(value)
    data = value.encode() if isinstance(value, str) else value
    return encode_varint(number << 3 | 2) + encode_varint(len(data)) + data


def chat(text: str) -> bytes:
    return (
        field(1, field(1, text) + field(2, 1) + field(13, "b1") + field(3, b"\x0a\x01x"))
        + field(1, field(1, "Done") + field(2, 2) + field(45, field(1, "hm") + field(2, "sig")))
        + field(1, field(1, "?") + field(2, 9))
        + field(5, field(1, "some-model"))
        + field(23, "conv-1")
        + field(34, field(1, "mcp_search") + field(2, "Searches."))
        + field(99, "unknown")
    )


CHAT = chat("Fix the bug for Person A")


@pytest.mark.parametrize(
    ("head", "message", "base"),
    [(CURSOR, field(1, CHAT), ("stream_unified_chat_request",)), (PLAIN, CHAT, ())],
)
def test_a_cursor_chat_is_read(head: Any, message: bytes, base: tuple[str, ...]) -> None:
    view = agents.view(head, message, True)
    reading = agents.read_request(head, message)
    assert texts(reading, view) == [
        ("prompt", "user", "Fix the bug for Person A"),
        ("answer", "assistant", "Done"),
        ("answer", "assistant", "hm"),
        ("prompt", None, "?"),
    ]
    assert fixed(reading, view) == ["hm"]
    assert (reading.model, reading.conversation, reading.tools) == ("some-model", "conv-1", ("mcp_search",))
    assert reading.streams and not reading.signed
    assert reading.parts[0].path == (*base, "conversation", 0, "text")
    assert agents.read_request(head, view) == reading


def test_a_prompt_is_rewritten_and_all_else_stays() -> None:
    path = ("stream_unified_chat_request", "conversation", 0, "text")
    made = agents.rewrite(CURSOR, field(1, CHAT), True, {path: "Fix the bug for TOKEN"})
    assert made == field(1, chat("Fix the bug for TOKEN"))


def test_cursors_agent_sends_its_message_in_hexadecimal_digits() -> None:
    action = field(1, field(1, field(1, "Fix it") + field(2, "m1")))
    tools = field(4, field(1, field(1, "t1") + field(2, "Does it.")))
    client = field(1, field(2, action) + field(3, field(1, "m-1")) + tools + field(5, "conv"))
    for inner, wanted in ((client, ("m-1", "conv", ("t1",))), (field(4, action), (None, None, ()))):
        message = field(1, inner.hex()) + field(2, field(1, "request"))
        view = agents.view(APPEND, message, True)
        reading = agents.read_request(APPEND, message)
        assert texts(reading, view) == [("prompt", "user", "Fix it")]
        assert (reading.model, reading.conversation, reading.tools) == wanted
        made = agents.rewrite(APPEND, message, True, {reading.parts[0].path: "Fix TOKEN"})
        assert texts(agents.read_request(APPEND, made), agents.view(APPEND, made, True))[0][2] == "Fix TOKEN"
    direct = agents.read_message(post("/agent.v1.AgentService/Run"), client, True)
    assert direct.parts[0].path[0] == "run_request"


def test_cursors_answer_grows_in_lanes() -> None:
    frames: list[tuple[str | None, Any]] = [
        (None, agents.view(CURSOR, message, False))
        for message in (
            field(2, field(25, field(1, "hm"))),
            field(2, field(1, "Hel")),
            field(2, field(1, "lo")),
            field(1, field(3, "c1") + field(9, "read") + field(10, '{"pa')),
            field(1, field(3, "c1") + field(10, 'th":1}')),
        )
    ]
    played = Played(agents.stream(CURSOR), [*frames, (END, {})])
    assert played.lanes == {"thinking": "hm", "text": "Hello", ("call", "c1"): '{"path":1}'}
    assert played.fixed == {"thinking"} and played.escaped == {("call", "c1")}
    assert played.calls == ["read"] and played.frames[-1].ends_all


def test_cursors_agent_answers_in_updates() -> None:
    reader = agents.stream(RUN)
    said = [
        reader.read(None, field(1, update))
        for update in (
            field(1, field(1, "Hel")),
            field(8, field(1, "tok")),
            field(7, field(1, "c1") + field(3, "{")),
            field(14, b""),
        )
    ]
    assert [[text.lane for text in frame.texts] for frame in said] == [
        ["text"],
        ["token"],
        [("call", "c1")],
        [],
    ]
    assert [frame.ends_all for frame in said] == [False, False, False, True]


HISTORY = (
    field(1, field(1, "windsurf") + field(3, "secret key"))
    + field(2, "You are an agent.")
    + field(3, field(2, 1) + field(3, "Mail Person A") + field(10, field(1, "aGk=") + field(2, "image/png")))
    + field(3, field(2, 2) + field(3, "Doing it") + field(11, "hm") + field(12, "sig")
            + field(6, field(1, "c1") + field(2, "mail") + field(3, '{"to":"a"}')))
    + field(3, field(2, 4) + field(3, "sent") + field(7, "c1"))
    + field(10, field(1, "mail") + field(2, "Mails.") + field(3, "{}"))
    + field(16, "conv")
    + field(21, "MODEL_X")
)  # fmt: skip


def test_a_windsurf_request_is_read_without_its_credentials() -> None:
    view = agents.view(WINDSURF, HISTORY, True)
    reading = agents.read_request(WINDSURF, HISTORY)
    assert texts(reading, view) == [
        ("prompt", "system", "You are an agent."),
        ("prompt", "user", "Mail Person A"),
        ("answer", "assistant", "Doing it"),
        ("answer", "assistant", "hm"),
        ("tool_call", "assistant", '{"to":"a"}'),
        ("tool_result", "tool", "sent"),
    ]
    assert calls(reading, view) == [("mail", '{"to":"a"}')]
    assert files(reading, view) == [("aGk=", None, "image/png", None, "base64")]
    assert fixed(reading, view) == ["hm"]
    assert (reading.model, reading.conversation, reading.tools) == ("MODEL_X", "conv", ("mail",))
    assert reading.tools_path == ("tools",)
    assert "secret key" not in str(view)


def test_a_windsurf_answer_is_read() -> None:
    frames: list[tuple[str | None, Any]] = [
        (None, agents.view(WINDSURF, message, False))
        for message in (
            field(1, "m1") + field(9, "hm"),
            field(1, "m1") + field(3, "Hel"),
            field(3, "lo"),
            field(6, field(1, "c1") + field(2, "mail") + field(3, '{"to":"a"}')) + field(5, 10),
            field(7, field(2, 5) + field(3, 7)) + field(23, "MODEL_Y"),
        )
    ]
    played = Played(agents.stream(WINDSURF), frames)
    assert played.lanes == {"thinking": "hm", "text": "Hello"}
    assert played.whole == [("tool_call", '{"to":"a"}')]
    assert played.calls == ["mail"]
    assert (played.frames[-1].usage, played.frames[-1].model) == (Usage(5, 7), "MODEL_Y")


def test_a_stream_of_envelopes_cut_at_every_byte_says_the_same() -> None:
    messages = [field(9, "hm"), field(3, "Hel"), field(3, "lo é"), field(6, field(1, "c") + field(3, "{}"))]
    data = b"".join(map(write_envelope, messages)) + write_envelope(b"{}", 2)
    for cut in range(len(data) + 1):
        reader = EnvelopeReader()
        frames: list[tuple[str | None, Any]] = []
        for envelope in [*reader.feed(data[:cut]), *reader.feed(data[cut:]), *reader.finish()]:
            assert envelope.data is not None
            message = agents.view(WINDSURF, envelope.data, False)
            frames.append((END, {}) if envelope.end_stream else (None, message))
        played = Played(agents.stream(WINDSURF), frames)
        assert played.lanes == {"thinking": "hm", "text": "Hello é"}
        assert played.whole == [("tool_call", "{}")] and played.frames[-1].ends_all


def test_what_was_held_back_goes_out_in_a_message_of_the_same_form() -> None:
    reader = agents.stream(WINDSURF)
    assert reader.framing is Framing.CONNECT
    reader.read(None, field(1, "m1") + field(3, "Hel") + field(5, 3))
    flushed = reader.flush("text", "held")
    assert flushed == (None, {"message_id": "m1", "delta_text": "held"})
    assert agents.encode(WINDSURF, flushed[1]) == field(1, "m1") + field(3, "held")
    assert reader.flush("no lane", "x") is None
    assert agents.encode(UNKNOWN, {"a": "b"}) == b""


def test_calls_and_images_without_content_say_nothing() -> None:
    empty = field(3, field(6, field(2, "mail")) + field(10, field(2, "image/png")))
    reading = agents.read_request(WINDSURF, empty)
    assert reading.parts == reading.files == ()
    frame = agents.stream(WINDSURF).read(None, field(6, field(1, "c1")) + field(6, field(3, "{}")))
    assert [text.path for text in frame.texts] == [("delta_tool_calls", 1, "arguments_json")]
    assert frame.calls == ()


def test_a_whole_answer_is_read() -> None:
    message = field(9, "hm") + field(3, "Hello")
    reading = agents.read_answer(WINDSURF, message)
    view = agents.view(WINDSURF, message, False)
    assert texts(reading, view) == [("answer", "assistant", "Hello"), ("answer", "assistant", "hm")]
    assert fixed(reading, view) == ["hm"]


@pytest.mark.parametrize("head", [IDEMPOTENT, UNKNOWN])
def test_an_encrypted_or_unknown_message_is_opaque(head: Any) -> None:
    assert agents.is_opaque(head) and not agents.is_opaque(CURSOR)
    assert agents.read_request(head, field(1, "text")) == Reading(signed=True)
    assert agents.view(head, b"", True) is None
    assert agents.stream(head).read(None, field(1, "text")) == NOTHING
    with pytest.raises(Malformed, match="protobuf_shape_unknown"):
        agents.rewrite(head, b"", True, {("a",): "b"})


def test_bytes_that_break_the_rules_are_opaque() -> None:
    assert agents.read_request(CURSOR, b"\x0b") == Reading(signed=True)
    assert agents.stream(CURSOR).read(None, b"\x0b") == NOTHING


def test_json_of_an_unknown_call_is_read_by_its_shape() -> None:
    body = {"messages": [{"role": "user", "content": "hi"}]}
    assert texts(agents.read_request(UNKNOWN, body), body) == [("prompt", "user", "hi")]
    assert texts(agents.read_answer(UNKNOWN, body), body) == [("prompt", "user", "hi")]


@pytest.mark.parametrize(
    ("value", "is_error"), [({"error": {"code": "internal"}}, True), ({"metadata": {}}, False), (None, False)]
)
def test_the_end_of_a_stream_ends_every_lane(value: Any, is_error: bool) -> None:
    frame = agents.stream(CURSOR).read(END, value)
    assert frame.ends_all and frame.is_error is is_error


HEADS = st.sampled_from([CURSOR, PLAIN, APPEND, RUN, WINDSURF, IDEMPOTENT, UNKNOWN])
KEYS = (
    "stream_unified_chat_request conversation text type thinking signature model_details model_name "
    "mcp_tools name data run_request action user_message_action user_message conversation_action "
    "prompt source chat_message_prompts tool_calls arguments_json images base64_data tools delta_text "
    "delta_thinking usage delta_tool_calls stream_unified_chat_response client_side_tool_v2_call "
    "raw_args interaction_update text_delta turn_ended id"
).split()


@pytest.mark.slow
@given(HEADS, st.binary(max_size=40) | bodies(KEYS, ["x"]))
def test_any_value_gives_a_reading_and_places_that_hold_strings(head: Any, value: Any) -> None:
    for from_client in (True, False):
        told = agents.view(head, value, from_client) if isinstance(value, bytes) else value
        reading = agents.read_message(head, value, from_client)
        if not agents.is_opaque(head):
            check_reading(reading, told)
    reader = agents.stream(head)
    frame = reader.read(None, value)
    check_frame(frame, agents.view(head, value, False) if isinstance(value, bytes) else value)
    for text in frame.texts:
        flushed = reader.flush(text.lane, "kept")
        if text.grow is Grow.APPEND:
            assert flushed is not None and at(flushed[1], *text.path) == "kept"
    reader.read(END, value)
