"""
Requests and whole answers of Anthropic's APIs: bodies made by its SDK against a stand-in on loopback, and
every kind of block of its types.
"""

from __future__ import annotations

import base64
import json

import anthropic
import hypothesis
import pytest

from sensor.dialects.anthropic_messages import (
    MAX_ACCOUNT,
    UNCONFIRMED,
    account_of_user_id,
    read_answer,
    read_request,
)
from sensor.dialects.reading import Usage
from tests.dialects.standin import always, json_answer, multipart_parts, serve
from tests.dialects.told import bodies, calls, check_reading, files, fixed, post, texts

MESSAGES = post("/v1/messages")

ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-of-the-test",
    "content": [
        {"type": "thinking", "thinking": "let me see", "signature": "c2ln"},
        {
            "type": "text",
            "text": "Paris",
            "citations": [
                {
                    "type": "char_location",
                    "cited_text": "Paris is",
                    "document_index": 0,
                    "document_title": "Atlas",
                    "start_char_index": 0,
                    "end_char_index": 8,
                }
            ],
        },
        {"type": "tool_use", "id": "toolu_1", "name": "lookup", "input": {"city": "Paris"}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 3,
        "output_tokens": 9,
        "cache_read_input_tokens": 40,
        "cache_creation_input_tokens": 7,
    },
}


def send(call, answer=ANSWER):
    """What the SDK sends in a call: the request that the stand-in saw, and the SDK's result."""
    with serve(always(json_answer(answer))) as (base, seen):
        client = anthropic.Anthropic(api_key="none", base_url=base, max_retries=0)
        with client:
            result = call(client)
    return seen[0], result


def test_the_dialect_is_confirmed_by_the_vendors_sdk():
    assert UNCONFIRMED is False


@pytest.mark.slow
def test_system_history_tools_and_files_of_a_message_are_read_as_the_sdk_writes_them():
    history = [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "what is this?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "eHg="}},
                {"type": "document", "title": "Notes", "context": "mine",
                 "source": {"type": "text", "media_type": "text/plain", "data": "plain notes"}},
                {"type": "document", "source": {"type": "file", "file_id": "file_011"}},
                {"type": "document", "source": {"type": "url", "url": "https://files.example/a.pdf"}},
                {"type": "document", "source": {"type": "content", "content": [
                    {"type": "text", "text": "first chunk"}]}},
                {"type": "document", "source": {"type": "base64", "media_type": "application/pdf",
                                                "data": base64.b64encode(b"%PDF").decode()}},
                {"type": "search_result", "title": "Found", "source": "https://s.example",
                 "content": [{"type": "text", "text": "a passage"}]},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "b3BhcXVl"},
                {"type": "text", "text": "I look it up"},
                {"type": "tool_use", "id": "t1", "name": "lookup", "input": {"who": ["Ann", {"x": "y"}]}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [
                    {"type": "text", "text": "a result"},
                    {"type": "image", "source": {"type": "url", "url": "https://i.example/p.png"}},
                    {"type": "document", "source": {"type": "text", "media_type": "text/plain",
                                                    "data": "from a tool"}}]},
                {"type": "tool_result", "tool_use_id": "t2", "content": "short"},
            ],
        },
    ]  # fmt: skip
    seen, result = send(
        lambda client: client.messages.create(
            model="claude-of-the-test",
            max_tokens=16,
            system=[{"type": "text", "text": "be brief"}],
            messages=history,
            tools=[
                {"name": "lookup", "description": "d", "input_schema": {"type": "object"}},
                {"type": "web_search_20250305", "name": "web_search"},
            ],
            metadata={"user_id": "user-17"},
        )
    )
    assert result.content[1].text == "Paris"  # the SDK takes the stand-in's answer
    body = seen.json()
    reading = read_request(seen.head(), body)
    assert texts(reading, body) == [
        ("prompt", "system", "be brief"),
        ("prompt", "user", "what is this?"),
        ("upload", "user", "Notes"),
        ("upload", "user", "mine"),
        ("upload", "user", "plain notes"),
        ("upload", "user", "first chunk"),
        ("upload", "user", "Found"),
        ("upload", "user", "https://s.example"),
        ("upload", "user", "a passage"),
        ("answer", "assistant", "hm"),
        ("answer", "assistant", "I look it up"),
        ("tool_call", "assistant", "Ann"),
        ("tool_call", "assistant", "y"),
        ("tool_result", "tool", "a result"),
        ("tool_result", "tool", "from a tool"),
        ("tool_result", "tool", "short"),
    ]
    assert [part.turn for part in reading.parts] == [None, *[0] * 8, *[1] * 4, *[2] * 3]
    assert fixed(reading, body) == ["hm", "c2ln", "b3BhcXVl"]
    assert files(reading, body) == [
        ("eHg=", None, "image/png", None, "base64"),
        ("plain notes", "Notes", "text/plain", None, "text"),
        ("file_011", None, None, "file_011", None),
        ("https://files.example/a.pdf", None, None, "https://files.example/a.pdf", None),
        ("JVBERg==", None, "application/pdf", None, "base64"),
        ("https://i.example/p.png", None, None, "https://i.example/p.png", None),
        ("from a tool", None, "text/plain", None, "text"),
    ]
    assert calls(reading, body) == [("lookup", {"who": ["Ann", {"x": "y"}]})]
    assert reading.calls[0].id == "t1"
    assert reading.tools == ("lookup", "web_search")
    assert reading.tools_path == ("tools",)
    assert (reading.model, reading.account, reading.streams) == ("claude-of-the-test", "user-17", False)


@pytest.mark.slow
def test_servers_toolsets_and_edits_of_the_beta_are_read_as_the_sdk_writes_them():
    seen, _ = send(
        lambda client: client.beta.messages.create(
            model="m",
            max_tokens=16,
            betas=["mcp-client-2025-11-20"],
            system="plain system",
            messages=[{"role": "user", "content": "hello"}],
            mcp_servers=[
                {"type": "url", "name": "wiki", "url": "https://w.example"},
                {"type": "url", "name": "mail", "url": "https://m.example"},
            ],
            tools=[{"type": "mcp_toolset", "mcp_server_name": "wiki"}],
            context_management={"edits": [{"type": "compact_20260112", "instructions": "keep the names"}]},
            container={"skills": [{"type": "anthropic", "skill_id": "pptx", "version": "latest"}]},
        )
    )
    body = seen.json()
    reading = read_request(seen.head(), body)
    assert texts(reading, body) == [
        ("prompt", "system", "plain system"),
        ("prompt", "user", "hello"),
        ("prompt", "system", "keep the names"),
    ]
    assert reading.tools == ("wiki", "mail")


def test_a_count_of_tokens_is_read_like_a_message():
    seen, result = send(
        lambda client: client.messages.count_tokens(model="m", messages=[{"role": "user", "content": "hi"}]),
        {"input_tokens": 12},
    )
    assert result.input_tokens == 12
    body = seen.json()
    assert texts(read_request(seen.head(), body), body) == [("prompt", "user", "hi")]
    assert read_answer(seen.head(), {"input_tokens": 12}).usage == Usage(12)


BATCH = {
    "id": "msgbatch_1", "type": "message_batch", "processing_status": "in_progress",
    "request_counts": {"canceled": 0, "errored": 0, "expired": 0, "processing": 2, "succeeded": 0},
    "created_at": "2026-11-20T00:00:00Z", "expires_at": "2026-11-21T00:00:00Z", "ended_at": None,
    "archived_at": None, "cancel_initiated_at": None, "results_url": None,
}  # fmt: skip


@pytest.mark.parametrize(("many", "path"), [(1, ("requests", 0, "params", "tools")), (2, None)])
def test_every_request_of_a_batch_is_read_and_tools_have_a_path_only_where_it_is_one(many, path):
    tool = {"name": "f", "input_schema": {"type": "object"}}
    entries = [
        {
            "custom_id": str(number),
            "params": {
                "model": "m",
                "max_tokens": 4,
                "messages": [{"role": "user", "content": f"q{number}"}],
                "metadata": {"user_id": "u"},
                "tools": [tool],
            },
        }
        for number in range(many)
    ]
    seen, result = send(lambda client: client.messages.batches.create(requests=entries), BATCH)
    assert result.id == "msgbatch_1"
    body = seen.json()
    reading = read_request(seen.head(), body)
    assert [text for _, _, text in texts(reading, body)] == [f"q{number}" for number in range(many)]
    assert (reading.model, reading.account, reading.tools_path) == ("m", "u", path)
    assert read_answer(seen.head(), BATCH).parts == ()


def test_a_file_is_read_from_the_form_that_the_sdk_sends_and_its_id_from_the_answer():
    about = {
        "id": "file_011", "type": "file", "filename": "a.txt", "mime_type": "text/plain",
        "size_bytes": 5, "created_at": "2026-11-20T00:00:00Z",
    }  # fmt: skip
    seen, result = send(
        lambda client: getattr(client, "files", client.beta.files).upload(
            file=("a.txt", b"hello", "text/plain")
        ),
        about,
    )
    assert result.id == "file_011"
    form = multipart_parts(seen)
    reading = read_request(seen.head(), form)
    assert texts(reading, form) == [("upload", None, "hello")]
    assert files(reading, form) == [("hello", "a.txt", "text/plain", None, "text")]
    told = read_answer(seen.head(), about)
    assert files(told, about) == [("file_011", "a.txt", "text/plain", "file_011", None)]


def test_of_a_form_files_that_are_no_text_and_names_are_told_and_other_fields_are_not():
    form = [
        {"name": "display_title", "filename": None, "content_type": None, "text": "Slides", "size": 6},
        {"name": "expires_in_seconds", "filename": None, "content_type": None, "text": "60", "size": 2},
        {"name": "files[]", "filename": "s/x.bin", "content_type": None, "text": None, "size": 9},
        "stray",
    ]
    reading = read_request(post("/v1/skills"), form)
    assert texts(reading, form) == [("upload", None, "Slides")]
    assert [(file.path, file.name, file.coding) for file in reading.files] == [((2,), "s/x.bin", None)]


@pytest.mark.skipif(not hasattr(anthropic.Anthropic, "completions"), reason="2.x has no completions")
def test_the_old_completion_is_read_as_the_old_sdk_writes_it():
    answer = {
        "id": "c",
        "type": "completion",
        "completion": " Hi",
        "stop_reason": "stop_sequence",
        "model": "m",
    }
    seen, result = send(
        lambda client: client.completions.create(model="m", max_tokens_to_sample=4, prompt="\n\nHuman: x"),
        answer,
    )
    assert result.completion == " Hi"
    body = seen.json()
    assert texts(read_request(seen.head(), body), body) == [("prompt", "user", "\n\nHuman: x")]


def test_a_prompt_and_a_completion_of_the_old_api_are_read():
    body = {"model": "m", "prompt": "\n\nHuman: x", "max_tokens_to_sample": 4, "stream": True}
    reading = read_request(post("/v1/complete"), body)
    assert texts(reading, body) == [("prompt", "user", "\n\nHuman: x")]
    assert reading.streams is True
    answer = {"type": "completion", "completion": " Hi", "model": "m"}
    assert texts(read_answer(post("/v1/complete"), answer), answer) == [("answer", "assistant", " Hi")]


def vertex(call):
    with serve(always(json_answer(ANSWER))) as (base, seen):
        client = anthropic.AnthropicVertex(
            project_id="proj-1",
            region="europe-west1",
            access_token="none",
            base_url=f"{base}/v1",
            max_retries=0,
        )
        with client:
            call(client)
    return seen[0]


@pytest.mark.parametrize("streams", [False, True])
def test_vertex_ai_names_model_and_project_in_the_path(streams):
    pytest.importorskip("google.auth")

    def call(client):
        made = client.messages.create(
            model="claude-sonnet-4@20250514",
            max_tokens=4,
            messages=[{"role": "user", "content": "hi"}],
            metadata={"user_id": "u"},
            stream=streams,
        )
        if streams:
            made.close()

    seen = vertex(call)
    body = seen.json()
    assert "anthropic_version" in body
    reading = read_request(seen.head(), body)
    assert texts(reading, body) == [("prompt", "user", "hi")]
    assert (reading.model, reading.account, reading.streams) == (
        "claude-sonnet-4@20250514",
        "proj-1",
        streams,
    )


def test_the_model_of_a_count_on_vertex_ai_stands_in_the_body():
    pytest.importorskip("google.auth")
    with serve(always(json_answer({"input_tokens": 2}))) as (base, seen):
        client = anthropic.AnthropicVertex(
            project_id="p", region="r", access_token="none", base_url=f"{base}/v1", max_retries=0
        )
        with client:
            client.messages.count_tokens(model="claude-x", messages=[{"role": "user", "content": "hi"}])
    assert "count-tokens" in seen[0].path
    assert read_request(seen[0].head(), seen[0].json()).model == "claude-x"


def test_a_whole_answer_has_its_texts_calls_thinking_and_all_tokens_that_were_read():
    reading = read_answer(MESSAGES, ANSWER)
    assert texts(reading, ANSWER) == [
        ("answer", "assistant", "let me see"),
        ("answer", "assistant", "Paris"),
        ("answer", "assistant", "Paris is"),
        ("answer", "assistant", "Atlas"),
        ("tool_call", "assistant", "Paris"),
    ]
    assert fixed(reading, ANSWER) == ["let me see", "c2ln"]
    assert calls(reading, ANSWER) == [("lookup", {"city": "Paris"})]
    assert (reading.model, reading.usage) == ("claude-of-the-test", Usage(50, 9))


@pytest.mark.parametrize(
    ("block", "told", "sealed", "references"),
    [
        ({"type": "web_search_tool_result", "tool_use_id": "s", "content": [
            {"type": "web_search_result", "title": "T", "url": "https://u", "encrypted_content": "ZW5j"}]},
         [("tool_result", "T"), ("tool_result", "https://u")], ["ZW5j"], []),
        ({"type": "web_search_tool_result", "content": {"type": "e", "error_code": "unavailable"}},
         [], [], []),
        ({"type": "web_fetch_tool_result", "content": {"type": "web_fetch_result", "url": "https://u",
            "content": {"type": "document", "title": "D", "source": {"type": "text", "data": "page"}}}},
         [("tool_result", "https://u"), ("tool_result", "D"), ("tool_result", "page")], [], []),
        ({"type": "code_execution_tool_result", "content": {"type": "code_execution_result", "stdout": "out",
            "stderr": "err", "return_code": 0,
            "content": [{"type": "code_execution_output", "file_id": "f1"}]}},
         [("tool_result", "out"), ("tool_result", "err")], [], ["f1"]),
        ({"type": "code_execution_tool_result", "content": {"type": "encrypted_code_execution_result",
            "encrypted_stdout": "ZW5j", "stderr": "", "content": []}}, [], ["ZW5j"], []),
        ({"type": "web_search_tool_result", "content": [{"encrypted_content": 7}]},
         [], [], []),
        ({"type": "bash_code_execution_tool_result", "content": {"stdout": "o", "stderr": "e"}},
         [("tool_result", "o"), ("tool_result", "e")], [], []),
        ({"type": "text_editor_code_execution_tool_result", "content": {"content": "seen", "lines": ["l"]}},
         [("tool_result", "seen"), ("tool_result", "l")], [], []),
        ({"type": "mcp_tool_result", "content": [{"type": "text", "text": "m"}]},
         [("tool_result", "m")], [], []),
        ({"type": "advisor_tool_result", "content": {"type": "advisor_result", "text": "a"}},
         [("tool_result", "a")], [], []),
        ({"type": "tool_search_tool_result", "content": {"tool_references": [
            {"type": "tool_reference", "tool_name": "x"}]}}, [], [], []),
        ({"type": "tool_result", "content": [{"type": "browser_state", "tabs": [
            {"tab_id": "1", "title": "Bank", "url": "https://b"}]}]},
         [("tool_result", "Bank"), ("tool_result", "https://b")], [], []),
        ({"type": "server_tool_use", "name": "bash_code_execution", "id": "s", "input": {"command": "ls"}},
         [("tool_call", "ls")], [], []),
        ({"type": "mcp_tool_use", "name": "q", "server_name": "w", "input": {"a": "b"}},
         [("tool_call", "b")], [], []),
        ({"type": "container_upload", "file_id": "f2"}, [], [], ["f2"]),
        ({"type": "compaction", "content": "so far", "encrypted_content": "ZQ==", "signature": "cw=="},
         [("prompt", "so far")], ["so far", "ZQ==", "cw=="], []),
        ({"type": "compaction", "content": None}, [], [], []),
        ({"type": "thinking", "thinking": 5}, [], [], []),
        ({"type": "redacted_thinking"}, [], [], []),
        ({"type": "document", "source": {"type": "content", "content": "as a string"}},
         [("upload", "as a string")], [], []),
        ({"type": "hologram", "caption": "new", "id": "h"}, [("prompt", "new")], [], []),
        ({"text": "no type"}, [("prompt", "no type")], [], []),
    ],
    ids=lambda value: value.get("type", "none") if isinstance(value, dict) else "",
)  # fmt: skip
def test_each_kind_of_block_tells_its_text_its_sealed_parts_and_its_files(block, told, sealed, references):
    body = {"messages": [{"role": "user", "content": [block]}]}
    reading = read_request(MESSAGES, body)
    assert [(direction, text) for direction, _, text in texts(reading, body)] == told
    assert fixed(reading, body) == sealed
    assert [file.reference for file in reading.files if file.reference] == references


def test_tools_that_come_and_go_within_a_history_are_offered():
    body: dict = {
        "system": {"type": "text", "text": "one block"},
        "messages": [
            {"role": "system", "content": [
                {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {"name": "new"}}},
                {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "known"}},
                {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "gone"}},
                {"type": "mcp_tool_listing", "mcp_server_name": "w", "tools": [{"name": "listed"}]},
                {"type": "compaction", "tool_changes": [
                    {"type": "tool_addition", "tool": {"definition": {"name": "kept"}}}]},
                "a string",
            ]},
        ],
        "tools": [{"type": "browser_toolset_20260801"},
                  {"type": "mcp_toolset", "mcp_server_name": "w", "tools": [{"name": "t"}]}],
        "compaction": {"type": "summarize", "instructions": "short"},
        "thread": {"type": "continue", "previous_message_id": "msg_0"},
    }  # fmt: skip
    reading = read_request(MESSAGES, body)
    assert reading.tools == ("new", "known", "listed", "kept", "browser_toolset_20260801", "w", "t")
    assert reading.conversation == "msg_0"
    assert [text for _, _, text in texts(reading, body)] == ["one block", "a string", "short"]


UUID = "57a121ec-f78c-48c3-a745-e3036a3ecc33"


@pytest.mark.parametrize(
    ("user_id", "account"),
    [
        (f"user_{'0a' * 32}_account_{UUID}_session_{UUID}", UUID),
        (f"user_{'0a' * 32}_account__session_{UUID}", None),
        (json.dumps({"device_id": "d", "account_uuid": UUID, "session_id": "s"}), UUID),
        (json.dumps({"device_id": "d", "account_uuid": "", "session_id": "s"}), None),
        ("[1]", "[1]"),
        ("customer 7", "customer 7"),
        ("", None),
        (None, None),
        ("x" * (MAX_ACCOUNT + 1), None),
        ("x" * (4 * MAX_ACCOUNT + 1), None),
    ],
)
def test_the_account_is_taken_out_of_what_claude_code_writes(user_id, account):
    assert account_of_user_id(user_id) == account


def test_a_workspace_in_the_head_goes_before_what_the_body_says():
    body = {"messages": [], "metadata": {"user_id": "u"}}
    assert read_request(post("/v1/messages", anthropic_workspace_id="wrkspc_1"), body).account == "wrkspc_1"
    assert read_request(MESSAGES, body).account == "u"


def test_bodies_of_managed_agents_are_walked_and_those_of_other_resources_are_not():
    body = {
        "events": [{"type": "user.message", "content": [{"type": "text", "text": "do it"}]}],
        "model": "m",
    }
    assert [t for _, _, t in texts(read_request(post("/v1/sessions/s1/events"), body), body)] == ["do it"]
    assert read_request(post("/v1/organizations/invites"), body).parts == ()


def test_blocks_that_stand_deeper_than_is_walked_are_left_out():
    block: dict = {"type": "text", "text": "deep"}
    for _ in range(40):
        block = {"type": "document", "source": {"type": "content", "content": [block]}}
    body = {"messages": [{"role": "user", "content": [block]}]}
    assert read_request(MESSAGES, body).parts == ()
    nested: object = "deep"
    for _ in range(100):
        nested = [nested]
    deep = {"messages": [{"role": "user", "content": [{"type": "tool_result", "content": nested}]}]}
    assert read_request(MESSAGES, deep).parts == ()


KEYS = set(
    """
    messages role content type text source data url file_id system tools name input requests params
    metadata user_id citations cited_text title context prompt context_management edits instructions
    compaction thread previous_message_id mcp_servers mcp_server_name usage input_tokens
    output_tokens completion filename encrypted_content signature thinking tool_changes tool
    definition
    """.split()
)
WORDS = set(
    """
    text image document search_result tool_use tool_result web_search_tool_result thinking
    redacted_thinking compaction tool_addition mcp_tool_listing container_upload base64 content file
    user assistant
    """.split()
)
PATHS = [
    "/v1/messages",
    "/v1/sessions/s",
    "/v1/files",
    "/v1/projects/p/locations/l/publishers/anthropic/models/m:x",
]


@pytest.mark.slow
@hypothesis.given(bodies(KEYS, WORDS), hypothesis.strategies.sampled_from(PATHS))
def test_any_body_gives_a_reading_whose_places_hold_strings(body, path):
    check_reading(read_request(post(path), body), body)
    check_reading(read_answer(post(path), body), body)


@pytest.mark.slow
@hypothesis.given(bodies(KEYS, WORDS))
def test_any_message_gives_a_reading_whose_places_hold_strings(content):
    for body in (
        {"messages": [{"role": "user", "content": content}], "system": content, "tools": content},
        {"messages": content, "requests": content, "mcp_servers": content, "context_management": content},
    ):
        check_reading(read_request(MESSAGES, body), body)
    answer = {"type": "message", "content": content, "usage": content}
    check_reading(read_answer(MESSAGES, answer), answer)
