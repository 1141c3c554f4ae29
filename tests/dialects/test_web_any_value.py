"""Whatever a page of an assistant sends or gets, a reading comes of it, and its places hold strings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.dialects import (
    chatgpt_web,
    claude_web,
    copilot_web,
    deepseek_web,
    gemini_web,
    grok_web,
    huggingchat,
    m365_copilot,
    meta_ai_web,
    perplexity_web,
    poe_web,
)
from sensor.dialects.lanebook import MAX_LANES
from tests.dialects.web_checks import check_flush, check_frame, check_reading, head, values

SOCKET = {"upgrade": "websocket"}
CASES = [
    (chatgpt_web, head("/backend-api/f/conversation", "chatgpt.com")),
    (chatgpt_web, head("/celsius/ws", "ws.chatgpt.com", "GET", **SOCKET)),
    (claude_web, head("/api/organizations/o/chat_conversations/c/completion", "claude.ai")),
    (gemini_web, head("/_/BardChatUi/data/x/StreamGenerate", "gemini.google.com")),
    (gemini_web, head("/_/BardChatUi/data/batchexecute", "gemini.google.com")),
    (copilot_web, head("/c/api/chat", "copilot.microsoft.com", "GET", **SOCKET)),
    (m365_copilot, head("/beta/copilot/conversations/c/chatOverStream", "graph.microsoft.com")),
    (m365_copilot, head("/m365Copilot/Chathub/u@t", "substrate.office.com", "GET", **SOCKET)),
    (perplexity_web, head("/rest/sse/perplexity_ask", "www.perplexity.ai")),
    (deepseek_web, head("/api/v0/chat/completion", "chat.deepseek.com")),
    (grok_web, head("/rest/app-chat/conversations/new", "grok.com")),
    (grok_web, head("/ws/mgw/", "grok.com", "GET", **SOCKET)),
    (poe_web, head("/api/gql_POST", "poe.com")),
    (huggingchat, head("/chat/conversation/0123456789abcdef01234567", "huggingface.co")),
    (meta_ai_web, head("/api/graphql/", "www.meta.ai")),
]
IDS = [f"{module.__name__.rpartition('.')[2]}-{number}" for number, (module, _) in enumerate(CASES)]

KEYS = (
    "v p o message messages content parts text id author role metadata attachments status type event "
    "delta index content_block completion prompt extracted_content files f.req variables arguments "
    "argument writeAtCursor item result response token modelResponse blocks diff_block patches field "
    "path value chunks answer markdown_block fragments params data node bot_response_message snippet "
    "composed_text payload messageAdded name filename reply catchups encoded_item update_content "
    "chunk session event adaptiveCards target conversation title plan_block goals query_str call "
    "parameters inputs input_message thoughts followupActions bodyText"
).split()
WORDS = (
    "append replace add patch BATCH APPEND SET /message/content/parts/0 /message/status response "
    "response/status response/fragments response/fragments/-1/content fragments/0/content "
    "finished_successfully FINISHED update content_block_delta content_block_start "
    "content_block_stop text_delta input_json_delta thinking_summary_delta message_stop appendText "
    "replaceText done send wrb.fr markdown_block /chunks/0 /chunks/3 /answer /goals stream "
    "finalAnswer tool title COMPLETED OVERALL_DONE assistant tool user all bot "
    "conversation-turn-stream chat response.chunk response.output_text.done human complete error "
    "data queryInfo f.req base64;a conversation-update"
).split()
VALUES = values(KEYS, WORDS)
EVENTS = st.none() | st.sampled_from(
    ["delta", "delta_encoding", "message", "end_of_stream", "close", "update", "end"]
)
MORE = st.dictionaries(
    st.sampled_from(KEYS),
    VALUES | st.integers(1, 7) | st.sampled_from(WORDS),
    max_size=8,
)


@pytest.mark.slow
@pytest.mark.parametrize(("module", "asked"), CASES, ids=IDS)
@given(body=VALUES | MORE | st.lists(MORE, max_size=3))
@settings(max_examples=25)
def test_any_body_gives_a_reading(module, asked, body):
    check_reading(module.read_request(asked, body), body)
    check_reading(module.read_answer(asked, body), body)
    if hasattr(module, "read_message"):
        check_reading(module.read_message(asked, body, True), body)
        check_reading(module.read_message(asked, body, False), body)


@pytest.mark.slow
@pytest.mark.parametrize(("module", "asked"), CASES, ids=IDS)
@given(frames=st.lists(st.tuples(EVENTS, VALUES | MORE | st.lists(MORE, max_size=3)), max_size=4))
@settings(max_examples=25)
def test_any_frames_are_read_and_carried_on(module, asked, frames):
    stream = module.stream(asked)
    for event, value in frames:
        frame = stream.read(event, value)
        check_frame(frame, value)
        for text in frame.texts:
            check_flush(stream, text.lane, lambda: module.stream(asked))
    assert stream.flush("no such lane", "x") is None


@pytest.mark.parametrize(("module", "asked"), CASES, ids=IDS)
def test_a_deep_body_is_read_to_a_depth_and_no_further(module, asked):
    deep = bottom = {}
    for _ in range(20_000):
        bottom["v"] = bottom["message"] = bottom["content"] = [{}]
        bottom = bottom["v"][0]
    for body in (
        deep,
        [deep],
        {"messages": [deep], "blocks": [deep], "arguments": [deep], "thoughts": [deep]},
    ):
        module.read_request(asked, body)
        module.read_answer(asked, body)
        module.stream(asked).read(None, body)
    while deep:
        deep, following = deep.pop("v", [{}])[0], deep
        following.clear()


@pytest.mark.parametrize(
    ("module", "asked", "frame"),
    [
        (chatgpt_web, CASES[0][1], lambda n: {"p": f"/message/content/parts/{n}", "o": "append", "v": "x"}),
        (claude_web, CASES[2][1], lambda n: {"type": "content_block_delta", "index": n,
                                             "delta": {"type": "text_delta", "text": "x"}}),
        (copilot_web, CASES[5][1], lambda n: {"event": "appendText", "messageId": str(n), "text": "x"}),
        (perplexity_web, CASES[8][1], lambda n: {"blocks": [{"intended_usage": str(n),
                                                             "markdown_block": {"chunks": ["x"]}}]}),
    ],
)  # fmt: skip
def test_lanes_beyond_the_bound_share_one_and_lose_nothing(module, asked, frame):
    stream = module.stream(asked)
    lanes = {text.lane for n in range(MAX_LANES + 40) for text in stream.read(None, frame(n)).texts}
    assert len(lanes) == MAX_LANES + 1
    assert stream.flush("…", "y") is not None
